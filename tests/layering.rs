//! The house, held: ARCHITECTURE.md names the floors and what stands on each. A source file imports from lower
//! floors, from rooms to its left on its own floor, and from its own room; and the files themselves form
//! no circle. An import counts for the file in which the name is defined, not for a `mod.rs` that passes
//! it on.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Files above all floors, which say what is public.
const ABOVE: [&str; 2] = ["src/lib.rs", "src/prelude.rs"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Where each top-level module stands: floor, and place from the left.
fn ranks() -> BTreeMap<String, (usize, usize)> {
    let text = read("ARCHITECTURE.md");
    let floors = text.lines().filter_map(|line| line.strip_prefix("floor "));
    let mut ranks = BTreeMap::new();
    for (floor, line) in floors.enumerate() {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some(floor.to_string().as_str()), "floors in order: {line}");
        let name = words.next().expect("a floor has a name");
        for (place, module) in words.enumerate() {
            let module = module.trim_end_matches('/').to_owned();
            let twice = ranks.insert(module, (floor, place));
            assert!(twice.is_none(), "{line} names a module twice, at last on floor {name}");
        }
    }
    assert!(!ranks.is_empty(), "ARCHITECTURE.md has no line that begins with \"floor \"");
    ranks
}

/// Every source file but those above, as its module path.
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
            } else if !ABOVE.contains(&path.as_str()) && path.ends_with(".rs") {
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

/// Paths that a file uses, from the crate's root: those that begin with `crate`, `super` or `self`, with the
/// name of a module below, or with that of a module imported.
struct Paths {
    /// What it uses itself.
    used: BTreeSet<Vec<String>>,
    /// What it passes on, by name (`pub use`, `pub(crate) use`).
    passed: BTreeMap<String, Vec<String>>,
}

fn paths_of(module: &[String], source: &str, is_module: &dyn Fn(&[String]) -> bool) -> Paths {
    let tokens = tokens(source);
    let at = |index: usize| tokens.get(index).map_or("", String::as_str);
    let (mut used, mut passed) = (BTreeSet::new(), BTreeMap::new());
    let (mut others, mut words) = (BTreeMap::new(), BTreeSet::new());
    // Names of the inline modules around, and nothing for other braces.
    let mut braces: Vec<Option<String>> = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let token = at(index);
        let here: Vec<String> =
            module.iter().cloned().chain(braces.iter().flatten().cloned()).collect();
        let before = |n: usize| index.checked_sub(n).map_or("", at);
        if token == "use" {
            let end = (index..tokens.len()).find(|&i| at(i) == ";").unwrap_or(tokens.len());
            let passes_on = matches!(before(1), "pub" | ")");
            for path in paths(&tokens[index + 1..end]) {
                let mut child = here.clone();
                child.push(path[0].clone());
                let starts = matches!(path[0].as_str(), "crate" | "super" | "self");
                if !starts && !is_module(&child) {
                    continue;
                }
                let path =
                    if starts { resolved(&here, path) } else { [here.clone(), path].concat() };
                let Some(name) = path.last().cloned() else { continue };
                if passes_on {
                    passed.insert(name, path);
                } else {
                    if is_module(&path) {
                        others.insert(name, path.clone());
                    }
                    used.insert(path);
                }
            }
            index = end;
            continue;
        }
        match token {
            "{" => braces.push((before(2) == "mod").then(|| tokens[index - 1].clone())),
            "}" => {
                braces.pop();
            }
            _ if before(1) == "::" || at(index + 1) != "::" => {
                words.insert(token.to_owned());
            }
            "crate" | "super" | "self" => {
                used.extend(paths(&tokens[index..]).into_iter().map(|path| resolved(&here, path)));
            }
            _ => {
                words.insert(token.to_owned());
                let mut child = here.clone();
                child.push(token.to_owned());
                let from = if is_module(&child) { Some(&child) } else { others.get(token) };
                if let Some(from) = from {
                    let tails = paths(&tokens[index..]);
                    used.extend(tails.into_iter().map(|tail| [from, &tail[1..]].concat()));
                }
            }
        }
        index += 1;
    }
    // What is passed on and used as well is an import like others.
    used.extend(
        passed.iter().filter(|(name, _)| words.contains(*name)).map(|(_, path)| path.clone()),
    );
    Paths { used, passed }
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

/// The source files by module, each with its paths.
struct House {
    files: BTreeMap<Vec<String>, (String, Paths)>,
}

impl House {
    fn read() -> Self {
        let sources = sources();
        let modules: BTreeSet<Vec<String>> =
            sources.iter().map(|(_, module)| module.clone()).collect();
        let is_module = |path: &[String]| modules.contains(path);
        let root = (String::from("src/lib.rs"), Vec::new());
        let files = sources.into_iter().chain([root]).map(|(file, module)| {
            let paths = paths_of(&module, &read(&file), &is_module);
            (module, (file, paths))
        });
        Self { files: files.collect() }
    }

    /// The module in which the thing at a path is defined.
    fn home(&self, path: &[String]) -> Option<&Vec<String>> {
        let depth = (0..=path.len()).rev().find(|&n| self.files.contains_key(&path[..n]))?;
        let (module, (_, paths)) = self.files.get_key_value(&path[..depth])?;
        match path.get(depth).and_then(|name| paths.passed.get(name)) {
            Some(on) => self.home(on),
            None => Some(module),
        }
    }

    /// Each file but the root, with the homes of what it imports.
    fn arrows(&self) -> Arrows<'_> {
        let mut arrows = BTreeMap::new();
        for (module, (_, paths)) in self.files.iter().filter(|(module, _)| !module.is_empty()) {
            let homes = paths.used.iter().filter_map(|path| self.home(path));
            arrows.insert(module, homes.filter(|home| *home != module).collect());
        }
        arrows
    }

    fn file(&self, module: &[String]) -> &str {
        &self.files[module].0
    }
}

#[test]
fn files_import_from_lower_floors_only() {
    let (ranks, house) = (ranks(), House::read());
    let mut complaints = Vec::new();
    for (module, homes) in house.arrows() {
        let file = house.file(module);
        let Some(own) = ranks.get(&module[0]) else {
            complaints.push(format!("{file} stands on no floor"));
            continue;
        };
        for home in homes {
            let target = house.file(home);
            match home.first().map(|room| (room, ranks.get(room))) {
                Some((room, Some(rank))) if *room != module[0] && rank > own => {
                    complaints.push(format!("{file} imports {target} from above"));
                }
                Some((_, Some(_))) => {}
                _ => complaints
                    .push(format!("{file} imports from the root, or from no floor: {target}")),
            }
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

type Arrows<'a> = BTreeMap<&'a Vec<String>, BTreeSet<&'a Vec<String>>>;

/// All that arrows lead to from a file, in any number of steps.
fn reached<'a>(arrows: &Arrows<'a>, from: &Vec<String>) -> BTreeSet<&'a Vec<String>> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        let homes = arrows.get(module).into_iter().flatten().copied();
        let new: Vec<_> = homes.filter(|home| reached.insert(*home)).collect();
        next.extend(new);
    }
    reached
}

/// The arrows that lie on circles: those from whose head their tail is reached.
fn circles<'a>(arrows: &Arrows<'a>) -> Vec<[&'a Vec<String>; 2]> {
    let reach: BTreeMap<_, _> =
        arrows.keys().map(|module| (*module, reached(arrows, module))).collect();
    let closes = |module: &Vec<String>, home: &Vec<String>| {
        reach.get(home).is_some_and(|homes| homes.contains(module))
    };
    let all = arrows.iter().flat_map(|(module, homes)| homes.iter().map(|home| [*module, *home]));
    all.filter(|[module, home]| closes(module, home)).collect()
}

#[test]
fn files_form_no_circle() {
    let house = House::read();
    let circles = circles(&house.arrows());
    let shown = |[module, home]: &[&Vec<String>; 2]| {
        format!("{} imports {}", house.file(module), house.file(home))
    };
    let lines: Vec<String> = circles.iter().map(shown).collect();
    assert!(lines.is_empty(), "circles of\n{}\n", lines.join("\n"));
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
pub use child::{J, K};
use child::L;
// use crate::commented::Out;
fn i(x: &str) -> crate::j::K {
    let y = '"';
    let z = "crate::quoted::Text \" crate::more";
    f::call(child::deep(y));
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
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let modules = ["f", "dir::file::child"].map(path);
    let found = paths_of(&path("dir::file"), source, &|path| modules.iter().any(|m| m == path));
    let used: Vec<String> = found.used.into_iter().map(|path| path.join("::")).collect();
    let expected = [
        "a::b::C",
        "a::b::D",
        "dir::M",
        "dir::file::Own",
        "dir::file::child::K",
        "dir::file::child::L",
        "dir::file::child::deep",
        "f",
        "f::call",
        "j::K",
        "l",
    ];
    assert_eq!(used, expected);
    let passed: Vec<String> = found.passed.into_values().map(|path| path.join("::")).collect();
    assert_eq!(passed, ["dir::g::H", "dir::file::child::J", "dir::file::child::K"]);
}

/// The finder of circles itself.
#[test]
fn circles_are_found() {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| vec![name.to_owned()]);
    let arrows = BTreeMap::from([
        (&a, BTreeSet::from([&b, &d])),
        (&b, BTreeSet::from([&c])),
        (&c, BTreeSet::from([&b])),
        (&d, BTreeSet::new()),
    ]);
    assert_eq!(circles(&arrows), [[&b, &c], [&c, &b]]);
    let straight = arrows.into_iter().filter(|(module, _)| **module != c).collect();
    assert!(circles(&straight).is_empty());
}
