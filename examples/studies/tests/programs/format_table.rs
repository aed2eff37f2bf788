//! `format_table`: its tables and pictures.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_format_table"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("tables are UTF-8")
}

/// The cells of a table's rows, rules and borders left out.
fn rows(table: &str) -> Vec<Vec<String>> {
    let lines = table.lines().filter(|line| line.starts_with('│'));
    let cells =
        |line: &str| line.trim_matches('│').split('┆').map(|c| c.trim().to_owned()).collect();
    lines.map(cells).collect()
}

fn row<'a>(rows: &'a [Vec<String>], first: &str) -> &'a [String] {
    rows.iter().find(|row| row[0] == first).unwrap_or_else(|| panic!("no row {first}"))
}

#[test]
fn fp4_has_its_sixteen_codes() {
    let magnitudes = [
        ("00|0", "0", "zero"),
        ("00|1", "0.5", "subnormal"),
        ("01|0", "1", "normal"),
        ("01|1", "1.5", "normal"),
        ("10|0", "2", "normal"),
        ("10|1", "3", "normal"),
        ("11|0", "4", "normal"),
        ("11|1", "6", "normal"),
    ];
    let rows = rows(&printed(&["e2m1fn"]));
    for code in 0..16 {
        let (bits, value, kind) = magnitudes[code % 8];
        let (sign, minus) = if code < 8 { ("0", "") } else { ("1", "-") };
        let expected = [format!("{sign}|{bits}"), format!("{minus}{value}"), kind.to_owned()];
        assert_eq!(row(&rows, &format!("0x{code:x}"))[1..], expected);
    }
    let is_code = |row: &&Vec<String>| row[0].starts_with("0x");
    assert_eq!(rows.iter().filter(is_code).count(), 16);
}

#[test]
fn formats_of_different_width_stand_side_by_side() {
    let rows = rows(&printed(&["e2m1fn", "e4m3fn", "binary4p2uf"]));
    let expected = ["0x07", "0|11|1", "6", "normal", "0|0000|111", "1.75·2^-7", "subnormal"];
    assert_eq!(row(&rows, "0x07")[..7], expected);
    assert_eq!(row(&rows, "0x7e")[1..7], ["", "", "", "0|1111|110", "448", "normal"]);
    assert_eq!(row(&rows, "0x7f")[4..7], ["0|1111|111", "NaN", "NaN"]);
    assert_eq!(row(&rows, "0x0f")[7..], ["111|1", "NaN", "NaN"]);
}

#[test]
fn facts_of_wide_formats_are_exact() {
    let rows = rows(&printed(&["fp16", "bf16", "e15m10", "p11", "dlfloat16"]));
    let cells = |name| row(&rows, name)[1..].join(" ");
    assert_eq!(cells("precision p = m + 1"), "11 8 11 11 10");
    assert_eq!(cells("emin"), "-14 -126 -16382 unbounded -31");
    let largest = "65504 1.9921875·2^127 (2 - 2^-10)·2^16383 unbounded 8573157376";
    assert_eq!(cells("largest finite"), largest);
    assert_eq!(cells("smallest subnormal"), "2^-24 2^-133 2^-16392 none none");
    assert_eq!(cells("infinity"), "yes yes yes yes no");
    assert!(!rows.iter().any(|row| row[0].starts_with("0x")), "wide formats have no value table");
}

#[test]
fn no_arguments_tell_the_catalogue() {
    let rows = rows(&printed(&[]));
    for entry in lowprec::Format::CATALOGUE {
        let bits = entry.format.total_bits().expect("named formats have codes");
        assert_eq!(row(&rows, entry.name)[1], bits.to_string());
    }
}

#[test]
fn names_that_are_none_are_answered_with_those_that_are() {
    for (name, suggestion) in
        [("fp9", "bfloat16"), ("e4m3", "e4m3_ieee"), ("binary17p3se", "3..=16")]
    {
        let output = run(&["e2m1fn", name]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(name) && message.contains(suggestion), "{message}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn pictures_are_drawn_as_svg_and_png_and_those_committed_are_up_to_date() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("new/images");
    printed(&["--picture", path.to_str().expect("a UTF-8 path")]);
    let mut files: Vec<_> = fs::read_dir(&path).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["eight_bit.png", "eight_bit.svg", "values.png", "values.svg"]);
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/images");
    for name in ["eight_bit", "values"] {
        let png = fs::read(path.join(name).with_extension("png")).unwrap();
        assert!(png.starts_with(b"\x89PNG") && png.ends_with(b"IEND\xaeB`\x82"), "{name}.png");
        let svg = fs::read_to_string(path.join(name).with_extension("svg")).unwrap();
        assert!(svg.trim_end().ends_with("</svg>") && svg.contains("e4m3fn"), "{name}.svg");
        let same = fs::read_to_string(committed.join(name).with_extension("svg")).ok() == Some(svg);
        assert!(
            same,
            "run `cargo run --release -p lowprec-studies --bin format_table -- --picture docs/images`"
        );
    }
}

#[test]
fn a_picture_of_the_formats_named() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    printed(&["e3m4", "p11", "--picture", directory.path().to_str().expect("a UTF-8 path")]);
    let svg = fs::read_to_string(directory.path().join("values.svg")).unwrap();
    assert!(svg.contains("e3m4") && svg.contains("p11") && !svg.contains("bfloat16"));
    assert!(!directory.path().join("eight_bit.svg").exists());
}

#[test]
fn what_cannot_be_drawn_or_written_is_an_error() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let file = directory.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let output = run(&["--picture", file.to_str().expect("a UTF-8 path")]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("file"));
    let output = run(&["p2e5000:5009", "--picture", directory.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("nothing to draw"));
}
