//! `blocks`, `codes`, `table` and `formats`.

use super::Workplace;

#[test]
fn values_to_codes_and_back() {
    let place = Workplace::new();
    let rows =
        place.run("codes e4m3fn 0.1 465 -1e-9 0x1.8p-3 nan -inf --overflow saturate").succeeded();
    let fields: Vec<Vec<&str>> = rows.lines().map(|row| row.split_whitespace().collect()).collect();
    assert_eq!(fields[0], ["0.1", "0x1d", "0.1", "(0.1015625)", "inexact"]);
    assert_eq!(fields[1], ["465", "0x7e", "450", "(448)", "overflow", "inexact"]);
    assert_eq!(fields[2][..3], ["-1e-9", "0x80", "-0"]);
    assert_eq!(fields[3], ["0x1.8p-3", "0x24", "0.19", "(0.1875)", "exact"]);
    assert_eq!((fields[4][1], fields[5][1]), ("0x7f", "0xfe"));
    let rows = place.run("codes e4m3fn --decode 1d 0x7e 0b11111111").succeeded();
    assert_eq!(rows.lines().next().unwrap().split_whitespace().nth(1), Some("0.1"));
    assert!(rows.lines().nth(2).unwrap().ends_with("NaN"));
    let rows = place.run_with_input("codes bfloat16 --binary", "0.1 3\n-2\n").succeeded();
    assert_eq!(rows.lines().count(), 3);
    assert!(rows.starts_with("0.1              0 01111011 1001101 0.1"), "{rows}");
    let bytes = place.run("codes binary16 --bytes --big-endian 1 -2").succeeded();
    assert!(bytes.contains(" 3c 00 ") && bytes.contains(" c0 00 "), "{bytes}");
    let bytes = place.run("codes binary16 --bytes 1").succeeded();
    assert!(bytes.contains(" 00 3c "), "{bytes}");
}

#[test]
fn what_cannot_be_understood_is_named() {
    let place = Workplace::new();
    for (arguments, message) in [
        ("codes e4m3fn 1_0", r#""1_0""#),
        ("codes e4m3fn --decode 1ff", "up to 8 bits"),
        ("codes p11 1", "without codes"),
        ("codes e99 1", "e99"),
        ("table bfloat16", "--range FROM..TO or --around VALUE"),
        ("table bfloat16 --range 5..1", "the lower one first"),
        ("table e4m3fn --range 0..1ff", "up to 0xff"),
        ("formats e99", "e99"),
    ] {
        let refused = place.run(arguments).refused(2);
        assert!(refused.contains(message), "{arguments}: {refused}");
    }
}

#[test]
fn tables_have_a_line_for_every_code() {
    let place = Workplace::new();
    let rows = place.run("table e2m1fn").succeeded();
    assert_eq!(rows.lines().count(), 17);
    assert!(rows.contains("0x7  0 11 1  6"), "{rows}");
    let rows = place.run("table binary16 --around -1e-3").succeeded();
    assert_eq!(rows.lines().count(), 18);
    let rows = place.run("table bfloat16 --range 0x3f80..0x3f80").succeeded();
    assert!(rows.contains("0x3f80  0 01111111 0000000  1 "), "{rows}");
    let rows = place.run("table e8m0fnu").succeeded();
    assert!(rows.lines().count() == 257 && rows.contains("0xff  11111111   NaN"), "{rows}");
}

#[test]
fn formats_are_listed_and_described() {
    let place = Workplace::new();
    let all = place.run("formats").succeeded();
    assert!(all.contains("e4m3fn") && all.contains("nvfp4") && all.contains("nearest-up"), "{all}");
    let one = place.run("formats e6m9").succeeded();
    assert!(
        one.contains("precision p          10") && one.contains("emin, emax           -30, 31"),
        "{one}"
    );
}

#[test]
fn help_fits_a_terminal() {
    let place = Workplace::new();
    for job in ["blocks", "codes", "table", "formats"] {
        let help = place.run(&format!("{job} --help")).succeeded();
        assert!(help.contains("EXAMPLES"));
        let long = help.lines().find(|line| line.chars().count() > 80);
        assert_eq!(long, None, "{job}");
    }
}

#[test]
fn blocks_of_every_tensor_and_of_some() {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
    let place = Workplace::new();
    let all = place.run(&format!("blocks {data}/formats.safetensors")).succeeded();
    assert!(all.contains("f32  [3, 4]  F32") && all.contains("bf16  [3, 4]  BF16"), "{all}");
    assert!(all.contains("\nall "), "{all}");
    // Infinities and NaN among the values: their blocks are lost, and said to be.
    assert!(all.contains("-inf         inf"), "{all}");
    let long = all.lines().find(|line| line.chars().count() > 80);
    assert_eq!(long, None);
    let some =
        place.run(&format!("blocks {data}/formats.safetensors -t f3? -t b* -f mxfp4")).succeeded();
    let names: Vec<&str> = some.lines().filter(|line| line.contains('[')).collect();
    assert_eq!(names, ["f32  [3, 4]  F32", "bf16  [3, 4]  BF16"]);
    let one = place.run(&format!("blocks {data}/scalar.npy -f mxfp4")).succeeded();
    assert!(one.contains("array  []"), "{one}");
    let bytes =
        place.run(&format!("blocks {data}/e4m3fn.npy --format e4m3fn -f mxfp8_e4m3")).succeeded();
    assert!(bytes.contains("mxfp8_e4m3"), "{bytes}");
    for (arguments, message) in [
        (format!("blocks {data}/formats.safetensors -t none*"), "it has: f64, empty, f32"),
        (format!("blocks {data}/e4m3fn.npy"), "--code-format"),
        (format!("blocks {data}/make.py"), "is text"),
        (format!("blocks {data}/f4.npy -f mxfp5"), "mxfp5"),
        ("blocks missing.npy".to_owned(), "missing.npy"),
    ] {
        let refused = place.run(&arguments).refused(2);
        assert!(refused.contains(message), "{arguments}: {refused}");
    }
}

#[test]
fn wide_formats_say_what_is_inexact_and_block_formats_are_described() {
    let place = Workplace::new();
    for (arguments, expected) in [
        ("codes binary64 0.1", "inexact"),
        ("codes binary64 0.5", "exact"),
        ("codes binary64 1e400", "overflow inexact"),
        ("codes binary64 1e-320", "underflow inexact"),
        ("codes binary16 0.1", "inexact"),
        ("formats nvfp4", "4.5"),
        ("formats q4_1", "minimum              binary16"),
        ("formats e6m9", "precision p          10"),
    ] {
        let out = place.run(arguments).succeeded();
        assert!(out.contains(expected), "{arguments}: {out}");
        assert!(expected != "exact" || !out.contains("inexact"), "{out}");
    }
    assert!(place.run("formats fp9").refused(2).contains("binary16"));
}
