//! `block_formats`: its table and its picture; the figures it tells of are asserted by the program itself.

use std::fs;
use std::process::Command;

use lowprec::BlockFormat;

#[test]
fn every_format_stands_in_the_table_and_in_the_picture() {
    let place = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_block_formats"));
    let ran = command.args(["--picture", "out"]).current_dir(&place).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let text = String::from_utf8(ran.stdout).unwrap();
    for (name, _) in BlockFormat::PRESETS {
        assert!(text.lines().any(|line| line.starts_with(&format!("{name} "))), "{name}\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let picture = fs::read_to_string(place.path().join("out/block_formats.svg")).unwrap();
    assert!(picture.contains("mxfp4, least-squares") && picture.contains("8.25 bits"));
    assert!(fs::metadata(place.path().join("out/block_formats.png")).unwrap().len() > 10_000);
}
