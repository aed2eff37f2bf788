//! `throughput` on few values: its tables and pictures are complete. No test asserts a time.

use std::fs;
use std::process::{Command, Output};

use lowprec::{Level, Rounding};

/// Few values, one pass.
const LITTLE: &str = "--elements 70 --large 300 --passes 1";

const FORMATS: [&str; 6] = ["binary16", "bfloat16", "e4m3fn", "e2m1fn", "p20e-100:100", "p11"];

fn run(arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_throughput"))
        .args(arguments.split(' '))
        .output()
        .expect("the program starts")
}

#[track_caller]
fn printed(arguments: &str) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("tables are UTF-8")
}

/// The message of a run that was refused.
#[track_caller]
fn refused(arguments: &str, code: i32) -> String {
    let output = run(arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
    assert_eq!(output.stdout, b"");
    message
}

fn modes() -> Vec<String> {
    let deterministic = Rounding::DETERMINISTIC.iter().map(ToString::to_string);
    let others = "stochastic stochastic-equal stochastic-a:8 stochastic-b:8 stochastic-c:8";
    deterministic.chain(others.split(' ').map(str::to_owned)).collect()
}

/// The cells of each line of a Markdown section's table.
fn rows<'a>(report: &'a str, title: &str) -> Vec<Vec<&'a str>> {
    let section = report.split("### ").find(|section| section.starts_with(title));
    let section = section.unwrap_or_else(|| panic!("no section {title} in\n{report}"));
    let lines = section.lines().filter(|line| line.starts_with('|'));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// Numbers at the beginning of a cell and after a slash.
fn are_times(cell: &str, count: usize) -> bool {
    let numbers: Vec<_> = cell.split('/').map(|part| part.split_whitespace().next()).collect();
    let positive = |x: &Option<&str>| x.and_then(|x| x.parse().ok()).is_some_and(|x: f64| x > 0.0);
    numbers.len() == count && numbers.iter().all(positive)
}

#[test]
fn every_mode_has_a_figure_for_every_format_storage_and_level() {
    let report = printed(&format!("{LITTLE} --markdown"));
    let mut sections: Vec<(String, usize)> = Vec::new();
    for storage in ["f64", "f32"] {
        sections.push((format!("{storage}, 300 values, out of cache"), 2));
        for level in Level::available() {
            sections.push((format!("{storage}, 70 values, in cache, {level}"), 1));
        }
    }
    for (title, numbers) in sections {
        let rows = rows(&report, &title);
        assert_eq!(rows[0][1..], FORMATS, "{title}");
        let copy = &rows[2];
        assert!(copy[0] == "copy" && copy[1..].iter().all(|cell| are_times(cell, 1)), "{copy:?}");
        let names: Vec<&str> = rows[3..].iter().map(|row| row[0]).collect();
        assert_eq!(names, modes(), "{title}");
        for row in &rows[3..] {
            assert!(row[1..].iter().all(|cell| are_times(cell, numbers)), "{title}: {row:?}");
        }
    }
    let codes = rows(&report, "Codes, and other crates");
    assert_eq!(codes[0][1..].len(), 4);
    assert!(codes[2..].iter().all(|row| are_times(row[1], 1)), "{codes:?}");
    let scalar = rows(&report, "One value at a time");
    assert!(scalar[2..].iter().all(|row| are_times(row[2], 2)), "{scalar:?}");
    let aims = rows(&report, "What was to be reached");
    assert!(aims.len() > 20);
    for row in &aims[2..] {
        assert!(["yes", "no"].contains(&row[3]), "{row:?}");
    }
}

#[test]
fn a_part_is_measured_and_drawn() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("new");
    let path = path.to_str().expect("a UTF-8 path");
    let what = "-f e5m2,p9e-20:20 --storage f32 --level portable";
    let report = printed(&format!("{LITTLE} {what} --picture {path}"));
    assert!(report.contains("f32, 70 values, in cache, portable"), "{report}");
    assert!(report.contains("p9e-20:20") && !report.contains("bfloat16"), "{report}");
    assert!(!report.contains("f64") && !report.contains("to reach"), "{report}");
    let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["throughput.png", "throughput.svg"]);
    let png = fs::read(directory.path().join("new/throughput.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"));
    let svg = fs::read_to_string(directory.path().join("new/throughput.svg")).unwrap();
    assert!(svg.trim_end().ends_with("</svg>"));
    for word in modes().iter().map(String::as_str).chain(["e5m2", "p9e-20:20", "f32"]) {
        assert!(svg.contains(word), "{word}");
    }
}

#[test]
fn the_tables_of_a_results_file_are_replaced() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("RESULTS.md");
    let head = "# Results\n\n<!-- generated from here on -->\n";
    fs::write(&path, format!("{head}\nold tables\n")).unwrap();
    let shown = path.to_str().expect("a UTF-8 path");
    let arguments = format!("{LITTLE} -f e5m2 -s f32 --processes 2 --results {shown}");
    assert_eq!(printed(&arguments), "");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(head) && !text.contains("old tables"), "{text}");
    assert!(rows(&text, "f32, 300 values, out of cache").len() > 14);

    fs::write(&path, "no mark").unwrap();
    assert!(refused(&arguments, 2).contains("generated from here on"));
    assert_eq!(fs::read_to_string(&path).unwrap(), "no mark");
    // The real one can be replaced too.
    let real = concat!(env!("CARGO_MANIFEST_DIR"), "/../../benches/RESULTS.md");
    assert!(fs::read_to_string(real).unwrap().contains("\n<!-- generated from here on -->\n"));
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    for (arguments, expected) in [
        ("--format fp9", ["\"fp9\"", "binary16"]),
        ("--storage f16", ["f32", "f64"]),
        ("--level avx9000", ["\"avx9000\"", "portable"]),
        ("--elements 0", ["--elements", "from 1 on"]),
        ("--passes none", ["--passes", "from 1 on"]),
    ] {
        let message = refused(&format!("{arguments} --large 0"), 2);
        assert!(expected.iter().all(|part| message.contains(part)), "{arguments}: {message}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let shown = file.path().to_str().expect("a UTF-8 path");
    let output = run(&format!("{LITTLE} -f e5m2 -s f32 --picture {shown}"));
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains(shown));
}
