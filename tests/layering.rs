//! The floors of ARCHITECTURE.md, held: a source file imports from lower floors only, from files to
//! its left on its own floor, and from its own directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Where each top-level module stands: floor, and place from the left. Modules joined with `+` share
/// a place.
fn ranks() -> BTreeMap<String, (usize, usize)> {
    let text = read("ARCHITECTURE.md");
    let floors = text.lines().filter_map(|line| line.strip_prefix("floor "));
    let mut ranks = BTreeMap::new();
    for (floor, line) in floors.enumerate() {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(floor.to_string().as_str()), "floors in order: {line}");
        let name = words.next().expect("a floor has a name");
        for (place, modules) in words.enumerate() {
            for module in modules.split('+') {
                let module = module.trim_end_matches("/*").to_owned();
                let twice = ranks.insert(module, (floor, place));
                assert!(twice.is_none(), "{modules} stands twice, at last on floor {name}");
            }
        }
    }
    assert!(!ranks.is_empty(), "ARCHITECTURE.md has no line that begins with \"floor \"");
    ranks
}

/// Every source file but the root, as its module path.
fn sources() -> Vec<(String, Vec<String>)> {
    let mut sources = Vec::new();
    let mut folders = vec!["src".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(Path::new(ROOT).join(&folder)).expect("a folder of sources") {
            let entry = entry.expect("a readable folder");
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            let path = format!("{folder}/{name}");
            if entry.file_type().expect("a file type").is_dir() {
                folders.push(path);
            } else if path != "src/lib.rs" && path.ends_with(".rs") {
                let module = path.trim_start_matches("src/").trim_end_matches(".rs");
                let module = module.trim_end_matches("/mod").split('/').map(str::to_owned);
                let module = module.collect();
                sources.push((path, module));
            }
        }
    }
    sources.sort();
    sources
}

/// Words and `::`, braces and the rest one by one; comments, texts and test modules left out.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut rest = source.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            text_length(rest)
        } else if let Some(escape) = rest.strip_prefix("'\\") {
            2 + escape.find('\'').map_or(0, |end| end + 1)
        } else if first == '\'' && rest.chars().nth(2) == Some('\'') {
            rest.chars().take(3).map(char::len_utf8).sum()
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            tokens.push(rest[..end].to_owned());
            end
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Length of the text literal that `rest` begins with, quotes included.
fn text_length(rest: &str) -> usize {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return index + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The paths that begin at `tokens[0]`: one, or one for each leaf of a braced group.
fn paths(tokens: &[String]) -> Vec<Vec<String>> {
    let head = vec![tokens[0].clone()];
    if tokens.get(1).map(String::as_str) != Some("::") {
        return vec![head];
    }
    let prefixed = |tails: Vec<Vec<String>>| {
        tails.into_iter().map(|tail| [head.clone(), tail].concat()).collect()
    };
    match tokens.get(2).map(String::as_str) {
        Some("{") => {
            // Elements of the group begin after its brace and after each comma at its level.
            let (mut depth, mut begins, mut leaves) = (0, false, Vec::new());
            for (index, token) in tokens.iter().enumerate().skip(2) {
                let inside = depth == 1 && begins && token != "}";
                if inside {
                    leaves.extend(paths(&tokens[index..]));
                }
                match token.as_str() {
                    "{" => depth += 1,
                    "}" => depth -= 1,
                    _ => {}
                }
                begins = matches!(token.as_str(), "{" | ",") && depth == 1;
                if depth == 0 {
                    break;
                }
            }
            prefixed(leaves)
        }
        Some(next) if next.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            prefixed(paths(&tokens[2..]))
        }
        _ => vec![head],
    }
}

/// Every path of a file that begins with `crate`, `super` or `self`, from the crate's root.
fn imports(module: &[String], source: &str) -> BTreeSet<Vec<String>> {
    let tokens = tokens(source);
    let mut imports = BTreeSet::new();
    // Names of the inline modules around, and nothing for other braces.
    let mut braces: Vec<Option<String>> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let before = |n: usize| index.checked_sub(n).map(|i| tokens[i].as_str());
        match token.as_str() {
            "{" => {
                braces.push((before(2) == Some("mod")).then(|| tokens[index - 1].clone()));
            }
            "}" => {
                braces.pop();
            }
            "crate" | "super" | "self"
                if before(1) != Some("::")
                    && tokens.get(index + 1).map(String::as_str) == Some("::") =>
            {
                let inline = braces.iter().flatten().cloned();
                let here: Vec<String> = module.iter().cloned().chain(inline).collect();
                let found = paths(&tokens[index..]);
                imports.extend(found.into_iter().map(|path| resolved(&here, path)));
            }
            _ => {}
        }
    }
    imports
}

/// A path from the crate's root, for one written inside the module `here`.
fn resolved(here: &[String], path: Vec<String>) -> Vec<String> {
    let mut base = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => here.to_vec(),
    };
    let mut rest = path.into_iter().peekable();
    while let Some(step) = rest.next_if(|step| matches!(step.as_str(), "crate" | "self" | "super"))
    {
        if step == "super" {
            assert!(base.pop().is_some(), "super beyond the root in {here:?}");
        }
    }
    base.into_iter().chain(rest).collect()
}

/// What the root re-exports: name to module.
fn re_exports() -> BTreeMap<String, String> {
    let tokens = tokens(&read("src/lib.rs"));
    let uses = (0..tokens.len()).filter(|&i| tokens[i] == "use");
    uses.flat_map(|i| paths(&tokens[i + 1..]))
        .filter(|path| path.len() > 1)
        .map(|path| (path[path.len() - 1].clone(), path[0].clone()))
        .collect()
}

#[test]
fn files_import_from_lower_floors_only() {
    let (ranks, re_exports) = (ranks(), re_exports());
    let mut complaints = Vec::new();
    for (file, module) in sources() {
        let Some(own) = ranks.get(&module[0]) else {
            complaints.push(format!("{file} stands on no floor"));
            continue;
        };
        for path in imports(&module, &read(&file)) {
            let shown = path.join("::");
            let Some(first) = path.first() else { continue };
            let target =
                if ranks.contains_key(first) { Some(first) } else { re_exports.get(first) };
            match target.and_then(|target| Some((target, ranks.get(target)?))) {
                None => complaints.push(format!("{file}: crate::{shown} is in no module known")),
                Some((target, rank)) if *target != module[0] && rank > own => {
                    complaints.push(format!("{file} imports crate::{shown} from above"));
                }
                Some(_) => {}
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_name_in_the_floors_is_a_module() {
    let modules: BTreeSet<String> =
        sources().into_iter().map(|(_, module)| module[0].clone()).collect();
    let named: BTreeSet<String> = ranks().into_keys().collect();
    assert_eq!(
        named, modules,
        "the floors of ARCHITECTURE.md, left, and the modules of src, right"
    );
}

/// What follows each `unsafe` of a source.
fn after_unsafe(source: &str) -> Vec<String> {
    let tokens = tokens(source);
    let places = (0..tokens.len()).filter(|&i| tokens[i] == "unsafe");
    places.map(|i| tokens.get(i + 1).cloned().unwrap_or_default()).collect()
}

/// Unsafe code, blocks above all, stands in one file. In another a foreign trait demands functions that
/// are declared `unsafe fn`: that asks something of their callers, while in their bodies, since edition
/// 2024, an unsafe operation would take a block, which this test would find.
#[test]
fn unsafe_code_stays_in_one_file() {
    let mut elsewhere = Vec::new();
    for (file, _) in sources() {
        let uses = after_unsafe(&read(&file));
        if file != "src/level.rs" && !uses.is_empty() {
            elsewhere.push((file, uses));
        }
    }
    let demanded = ("src/number/nalgebra.rs".to_owned(), vec!["fn".to_owned(); 2]);
    assert_eq!(elsewhere, [demanded]);
    assert!(after_unsafe(&read("src/level.rs")).iter().any(|next| next == "{"));
}

#[test]
fn unsafe_blocks_are_told_from_unsafe_functions() {
    let source =
        "unsafe fn f() {}\nfn g() { unsafe { f() } } // unsafe { }\nunsafe impl Sync for S {}";
    assert_eq!(after_unsafe(source), ["fn", "{", "impl"]);
}

/// The reader of imports itself.
#[test]
fn imports_are_read_as_rust_reads_them() {
    let source = r#"
use crate::{a::b::{C, D as E}, f};
pub(crate) use super::g::H;
// use crate::commented::Out;
fn i(x: &str) -> crate::j::K {
    let y = '"';
    let z = "crate::quoted::Text \" crate::more";
    crate::l::<u8>(y)
}
mod inner {
    use super::Own;
    use super::super::M;
}
#[cfg(test)]
mod tests {
    use crate::test::Only;
}
"#;
    let here = ["dir".to_owned(), "file".to_owned()];
    let found: Vec<String> =
        imports(&here, source).into_iter().map(|path| path.join("::")).collect();
    let expected =
        ["a::b::C", "a::b::D", "dir::M", "dir::file::Own", "dir::g::H", "f", "j::K", "l"];
    assert_eq!(found, expected);
}
