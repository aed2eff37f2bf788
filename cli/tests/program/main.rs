//! The program as a user meets it: the compiled program, its files, its messages.

mod codes;
mod columns;
mod decimals;
mod npy;
mod tensors;

use std::fs;
use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use lowprec::{Format, Rounding, chop};
use tempfile::TempDir;

/// A directory of its own for each test, in which the program runs.
struct Workplace(TempDir);

impl Workplace {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> &Self {
        fs::write(self.path(name), content).unwrap();
        self
    }

    fn content(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_lowprec"));
        command.args(arguments.split_whitespace()).current_dir(&self.0).stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    fn run_with_input(&self, arguments: &str, input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }
}

#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The standard output of a run that went well.
    #[track_caller]
    fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The message of a run that was refused, with nothing on standard output.
    #[track_caller]
    fn refused(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!(self.stdout, "");
        self.stderr
    }
}

/// The words of a report's row.
#[track_caller]
fn row(report: &str, format: &str) -> Vec<String> {
    let line = report.lines().find(|line| line.split_whitespace().next() == Some(format));
    line.unwrap_or_else(|| panic!("no row {format} in\n{report}"))
        .split_whitespace()
        .map(str::to_owned)
        .collect()
}

fn shipped_values() -> Vec<f64> {
    let text = include_str!("../../data/wdbc.csv");
    text.lines().skip(1).flat_map(|line| line.split(',')).map(|x| x.parse().unwrap()).collect()
}

fn to_e4m3(x: f64) -> f64 {
    chop(x, Format::OCP_E4M3, Rounding::NearestEven)
}

#[test]
fn the_default_run_tells_the_story_of_the_shipped_data() {
    let report = Workplace::new().run("").succeeded();
    assert!(report.contains("17,070 numbers in 569 rows"), "{report}");
    assert!(report.lines().all(|line| line.chars().count() <= 80), "{report}");

    let values = shipped_values();
    let count = |wanted: fn(f64) -> bool| values.iter().filter(|x| wanted(**x)).count();
    assert_eq!(count(|x| x > 448.0), 874);
    assert_eq!(count(|x| to_e4m3(x).is_nan()), 848);
    assert_eq!(count(|x| x > 0.0 && x < 1.0 / 512.0), 116);
    let e4m3 = row(&report, "e4m3fn");
    assert_eq!(e4m3[2..7], ["874", "848", "→", "NaN", "116"]);
    assert_eq!(e4m3[1].replace(',', ""), count(|x| to_e4m3(x) != x).to_string());
    assert_eq!(e4m3[7], count(|x| x > 0.0 && to_e4m3(x) == 0.0).to_string());
    let subnormal = count(|x| to_e4m3(x) > 0.0 && to_e4m3(x) < 1.0 / 64.0);
    assert_eq!(e4m3[8].replace(',', ""), subnormal.to_string());
    assert_eq!(row(&report, "binary16")[2..6], ["0", "0", "0", "0"]);
}

#[test]
fn the_name_of_the_job_may_be_left_out() {
    let place = Workplace::new();
    let named = place.run("chop -f e5m2 -r up").succeeded();
    assert_eq!(named, place.run("-f e5m2 -r up").succeeded());
    assert!(place.run("-f e5m2 chop").refused(2).contains("chop"));
}

#[test]
fn the_errors_are_those_of_the_values() {
    let report = Workplace::new().run("-f binary16").succeeded();
    let errors: Vec<f64> = shipped_values()
        .into_iter()
        .filter(|x| *x != 0.0)
        .map(|x| ((chop(x, Format::BINARY16, Rounding::NearestEven) - x) / x).abs())
        .collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    let largest = errors.iter().copied().fold(0.0, f64::max);
    let cells = row(&report, "binary16");
    assert_eq!(cells[7..], [format!("{largest:.2e}"), format!("{mean:.2e}")]);
}

#[test]
fn hex_goes_in_and_out_as_bit_patterns() {
    let place = Workplace::new();
    let spread = |i: u32| i.wrapping_mul(0x9e37_79b9) ^ 0x3f80_0000;
    let patterns: Vec<u32> = (0..2000).map(spread).chain([0, 1, 1 << 31, 0x7f80_0000]).collect();
    let text: String = patterns.iter().map(|p| format!("{p:08x}\n")).collect();
    place.file("in.txt", &text);
    for (name, format) in
        [("binary16", Format::BINARY16), ("e5m2", Format::OCP_E5M2), ("tf32", Format::TF32)]
    {
        let out = place.run(&format!("in.txt --hex --storage f32 -f {name}")).succeeded();
        let wanted: String = patterns
            .iter()
            .map(|p| chop(f32::from_bits(*p), format, Rounding::NearestEven).to_bits())
            .map(|p| format!("{p:08x}\n"))
            .collect();
        assert_eq!(out, wanted, "{name}");
    }
    let numbers = "3ff0000000000000\n0000000000000001\n8000000000000000\n7ff0000000000000\n";
    let same = place.run_with_input("- --hex -f binary64 -q", numbers).succeeded();
    assert_eq!(same, numbers);
    let short = place.run_with_input("- --hex --storage f32 -f binary32 -q", "0x1\n").succeeded();
    assert_eq!(short, "00000001\n");
}

#[test]
fn bad_patterns_are_refused_where_they_stand() {
    let place = Workplace::new();
    place.file("in.txt", "3f800000\n  3g800000\n").file("long.txt", "3ff0000000000000\n");
    let message = place.run("in.txt --hex --storage f32 -f e5m2").refused(2);
    assert!(message.contains("in.txt, line 2, column 3: \"3g800000\""), "{message}");
    let message = place.run("long.txt --hex --storage f32 -f e5m2").refused(2);
    assert!(message.contains("1 to 8 hexadecimal digits"), "{message}");
    assert!(place.run("--hex -f e5m2").refused(2).contains("FILE"));
}

#[test]
fn everything_around_the_numbers_is_kept() {
    let place = Workplace::new();
    let cases = [
        (
            "a,b,c\n0.3,,5.1\n\n# note, 0.3\n-0.3, 2.2 ,inf\n",
            "a,b,c\n0.5,,6\n\n# note, 0.3\n-0.5, 2 ,6\n",
        ),
        ("x;y\r\n0.3;\"5.1\"\r\n;1\r\n", "x;y\r\n0.5;\"6\"\r\n;1\r\n"),
        ("0.3\t5.1\n\t\n1\t2", "0.5\t6\n\t\n1\t2"),
        ("  0.3   5.1 \n1 2\n", "  0.5   6 \n1 2\n"),
        ("some header\n0.3,5.1\n", "some header\n0.5,6\n"),
        ("\"a, b\",c\n\"0.3\",5.1\n", "\"a, b\",c\n\"0.5\",6\n"),
        ("\u{feff}x,y\n0.3,5.1\n", "\u{feff}x,y\n0.5,6\n"),
        ("", ""),
    ];
    for (given, wanted) in cases {
        let out = place.file("in.csv", given).run("in.csv -f e2m1fn -q").succeeded();
        assert_eq!(out, wanted);
    }
    // Not UTF-8, as old spreadsheets write it.
    place.file("latin1.csv", b"gr\xf6\xdfe,y\n0.3,5.1\n");
    assert_eq!(place.run("latin1.csv -f e2m1fn -o out.csv -q").succeeded(), "");
    assert_eq!(fs::read(place.path("out.csv")).unwrap(), b"gr\xf6\xdfe,y\n0.5,6\n");
}

#[test]
fn a_first_row_with_numbers_is_a_header_only_if_told() {
    let place = Workplace::new();
    place.file("years.csv", "country,1999,2000\n1.2,3.3,4.4\n");
    let message = place.run("years.csv -f e2m1fn").refused(2);
    assert!(message.contains("line 1, column 1: \"country\""), "{message}");
    assert!(message.contains("--header"), "{message}");
    let out = place.run("years.csv -f e2m1fn --header -q").succeeded();
    assert_eq!(out, "country,1999,2000\n1,3,4\n");
}

#[test]
fn a_bad_number_is_named_with_file_line_and_column() {
    let place = Workplace::new();
    place.file("bad.csv", "x,y\n1.5,2\n3,  4.5.6\n");
    let message = place.run("bad.csv -f binary16").refused(2);
    assert!(message.contains("bad.csv, line 3, column 5: \"4.5.6\" is not a number"), "{message}");
    place.file("comma.csv", "x;y\n1;2,5\n");
    let message = place.run("comma.csv -f binary16").refused(2);
    assert!(message.contains("comma.csv, line 2, column 3"), "{message}");
    assert!(message.contains("point"), "{message}");
    let message = place.run_with_input("- -f binary16", "1\ntwo\n").refused(2);
    assert!(message.contains("standard input, line 2, column 1: \"two\""), "{message}");
    let message = place.run_with_input("- -f binary16", "nothing\n").refused(2);
    assert!(message.contains("line 1, column 1: \"nothing\""), "{message}");
    let empty = place.run_with_input("- -f binary16 --header -q", "x,y\n").succeeded();
    assert_eq!(empty, "x,y\n");
    assert!(place.run("absent.csv").refused(2).contains("absent.csv"));
}

#[test]
fn unknown_names_are_answered_with_the_known_ones() {
    let place = Workplace::new();
    for (arguments, expected) in [
        ("--format fp9", ["\"fp9\"", "binary16"]),
        ("--format e4m3", ["e4m3fn", "e4m3_ieee"]),
        ("--rounding sideways", ["\"sideways\"", "nearest-even"]),
        ("--overflow wrap", ["\"wrap\"", "saturate-finite"]),
        ("--underflow sudden", ["\"sudden\"", "flush-to-zero"]),
        ("--storage f16", ["f32", "f64"]),
        ("-f binary16,fp9", ["\"fp9\"", "bfloat16"]),
        ("-f e5m2,e4m3fn -o out.csv", ["--output", "2 given"]),
        ("-o out.csv", ["--output", "0 given"]),
    ] {
        let message = place.run(arguments).refused(2);
        assert!(expected.iter().all(|part| message.contains(part)), "{arguments}: {message}");
    }
    // A comma inside brackets belongs to the name.
    let printed = Format::OCP_E4M3.with_largest_finite(416.0).unwrap().to_string();
    assert!(printed.contains(','), "{printed}");
    let report = place.run(&format!("-f {printed},e5m2")).succeeded();
    row(&report, &printed);
    row(&report, "e5m2");
}

#[test]
fn standard_input_goes_to_standard_output_and_the_report_beside_it() {
    let place = Workplace::new();
    let ran = place.run_with_input("- -f e2m1fn", "0.3 5.1 nan -inf 1e400\n");
    let heading = "standard input: 5 numbers in 1 row, held as f64, 1 NaN, 2 infinite";
    assert!(ran.stderr.contains(heading), "{ran:?}");
    assert_eq!(row(&ran.stderr, "e2m1fn")[2..5], ["1", "1", "→"]);
    assert_eq!(ran.succeeded(), "0.5 6 NaN -6 6\n");
    let quiet = place.run_with_input("- -f e2m1fn --quiet", "0.3\n");
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("0.5\n", ""));
    let report = place.run_with_input("-", "0.3\n").succeeded();
    assert!(report.contains("1 number in 1 row") && report.contains("bfloat16"), "{report}");
}

#[test]
fn an_output_file_is_replaced_only_by_a_complete_one() {
    let place = Workplace::new();
    place.file("in.csv", "0.3,5.1\n").file("bad.csv", "0.3\nx\n").file("out.csv", "precious");
    place.run("bad.csv -f e2m1fn -o out.csv").refused(2);
    assert_eq!(place.content("out.csv"), "precious");
    let report = place.run("in.csv -f e2m1fn -o out.csv").succeeded();
    assert!(report.contains("2 numbers"), "{report}");
    assert_eq!(place.content("out.csv"), "0.5,6\n");
    place.run("in.csv -f e2m1fn -o in.csv").succeeded();
    assert_eq!(place.content("in.csv"), "0.5,6\n");
    let message = place.run("in.csv -f e2m1fn -o nowhere/out.csv").refused(1);
    assert!(message.contains("nowhere"), "{message}");
    let entries = fs::read_dir(&place.0).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["bad.csv", "in.csv", "out.csv"], "no temporary file is left");
}

#[cfg(unix)]
#[test]
fn an_output_file_keeps_its_permissions_and_links_and_devices_stay() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    let place = Workplace::new();
    place.file("in.csv", "0.3\n").file("out.csv", "");
    fs::set_permissions(place.path("out.csv"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("out.csv", place.path("link.csv")).unwrap();
    // A second name of the old file: it keeps the old content if the new one was renamed into place.
    fs::hard_link(place.path("out.csv"), place.path("old.csv")).unwrap();
    place.run("in.csv -f e2m1fn -o link.csv").succeeded();
    assert_eq!(place.content("out.csv"), "0.5\n");
    assert_eq!(place.content("old.csv"), "");
    assert_eq!(fs::metadata(place.path("out.csv")).unwrap().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(place.path("link.csv")).unwrap().is_symlink());
    place.run("in.csv -f e2m1fn -o /dev/null").succeeded();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_ends_the_program_quietly() {
    let place = Workplace::new();
    place.file("long.txt", "0.123456789\n".repeat(100_000));
    let mut command = place.command("long.txt -f binary64");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 4];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), vec![]));
}

#[test]
fn a_seed_repeats_a_stochastic_run_and_a_fresh_one_is_reported() {
    let place = Workplace::new();
    let text: String = (0..200).map(|i| format!("{}\n", 1.0 + f64::from(i) / 201.0)).collect();
    place.file("in.txt", &text);
    let run = |options: &str| place.run(&format!("in.txt -f e5m2 -r stochastic {options}"));
    let first = run("--seed 5").succeeded();
    assert_eq!(first, run("--seed 5").succeeded());
    assert_ne!(first, run("--seed 6").succeeded());
    let fresh = run("");
    let seed = fresh.stderr.split("seed ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let seed = seed.unwrap_or_else(|| panic!("no seed in {}", fresh.stderr));
    assert_eq!(fresh.stdout, run(&format!("--seed {seed}")).succeeded());
    assert_ne!(fresh.stdout, run("").succeeded());
}

#[test]
fn saturated_results_count_as_overflow_only_if_rounding_went_beyond() {
    let place = Workplace::new();
    let cells = |options: &str| {
        let report = place.run(&format!("-f e4m3fn {options}")).succeeded();
        row(&report, "e4m3fn")[2..6].to_vec()
    };
    assert_eq!(cells("--overflow saturate"), ["874", "848", "→", "max"]);
    assert_eq!(cells("-r up --overflow saturate"), ["874", "874", "→", "max"]);
    // Toward zero 449 becomes 448, and 490 becomes 480 before it saturates.
    let past = shipped_values().iter().filter(|x| **x >= 480.0).count().to_string();
    assert_eq!(cells("-r toward-zero"), ["874", past.as_str(), "→", "max"]);
    let count = |x: f64| (448.0..480.0).contains(&x) && x != 448.0;
    let doubtful = shipped_values().into_iter().filter(|x| count(*x)).count();
    let overflowed: usize = cells("-r stochastic --seed 1 --overflow saturate")[1].parse().unwrap();
    assert_eq!(
        cells("-r stochastic --seed 1")[1],
        overflowed.to_string(),
        "the same draws whatever the policy"
    );
    assert!((874 - doubtful + 1..874).contains(&overflowed), "{overflowed}");

    let given = "0 -1 1 3e38\n";
    let report = place.run_with_input("- -f e8m0fnu,e2m1fn", given).succeeded();
    assert!(report.contains("no value"), "{report}");
    assert_eq!(row(&report, "e8m0fnu").last().unwrap(), "2");
}

#[test]
fn the_list_has_every_format_in_eighty_columns() {
    let place = Workplace::new();
    let list = place.run("--list").succeeded();
    for entry in Format::CATALOGUE {
        let cells = row(&list, entry.name);
        assert_eq!(cells[2], entry.format.precision().to_string());
    }
    assert!(list.lines().all(|line| line.chars().count() <= 80), "{list}");
    let help = place.run("--help").succeeded();
    assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
}
