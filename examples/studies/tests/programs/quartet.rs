//! `quartet`, which asserts its figures itself.

use std::fs;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quartet"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

#[test]
fn the_papers_figures_are_printed_and_drawn() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("new");
    let output = run(&["--picture", path.to_str().expect("a UTF-8 path")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report = String::from_utf8(output.stdout).expect("tables are UTF-8");
    for part in ["2.92247  least", "0.0126849", "stochastic   1.0000", "nearest      0.98"] {
        assert!(report.contains(part), "{part}: {report}");
    }
    let png = fs::read(path.join("quartet.png")).unwrap();
    assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"));
    let svg = fs::read_to_string(path.join("quartet.svg")).unwrap();
    assert!(svg.trim_end().ends_with("</svg>") && svg.contains("alignment 1.0000"));
}

#[test]
fn another_seed_has_the_same_figures() {
    let output = run(&["--seed", "1000000"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(run(&["--seed", "none"]).status.code(), Some(2));
    assert!(run(&["--help"]).status.success());
}
