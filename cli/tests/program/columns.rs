//! Text with columns that hold no numbers, fields that are none, and doubtful first rows.

use super::Workplace;

const TABLE: &str = "id,mass,note,length\nx1,0.3,fine,5.1\nx2,2.2,,0.3\nx3,?,-,9\n";

#[test]
fn columns_by_name_and_number_are_rounded_and_the_others_kept() {
    let place = Workplace::new();
    place.file("t.csv", TABLE).file("bare.csv", "x1,0.3,5.1\nx2,2.2,9\n");
    let out = place.run("t.csv --columns length -f e2m1fn -q").succeeded();
    assert_eq!(out, TABLE.replace("5.1", "6").replace(",,0.3", ",,0.5").replace("-,9", "-,6"));
    let out = place.run("t.csv --columns mass,4 -f e2m1fn --skip-bad -q").succeeded();
    assert_eq!(out, "id,mass,note,length\nx1,0.5,fine,6\nx2,2,,0.5\nx3,?,-,6\n");
    let out = place.run("bare.csv --columns 2-3 -f e2m1fn -q").succeeded();
    assert_eq!(out, "x1,0.5,6\nx2,2,6\n");
    let blanks = place.run_with_input("- --columns 2 -f e2m1fn -q", "a  0.3   b\nc 5.1 d\n");
    assert_eq!(blanks.succeeded(), "a  0.5   b\nc 6 d\n");
    let message = place.run("t.csv --columns weight -f e2m1fn").refused(2);
    assert!(
        message.contains("no column \"weight\"; the header has id, mass, note, length"),
        "{message}"
    );
    for bad in ["0", "3-2", "1,,2"] {
        let message = place.run(&format!("t.csv --columns {bad} -f e2m1fn")).refused(2);
        assert!(message.contains("column"), "{message}");
    }
}

#[test]
fn bad_fields_are_kept_and_counted_if_asked() {
    let place = Workplace::new();
    place.file("t.csv", TABLE);
    let ran = place.run("t.csv --columns mass -f e2m1fn --skip-bad");
    assert!(ran.stderr.contains("1 field is no number: kept"), "{ran:?}");
    assert!(ran.stderr.contains("2 numbers in 3 rows"), "{ran:?}");
    let message = place.run("t.csv --columns mass -f e2m1fn").refused(2);
    assert!(message.contains("line 4, column 4: \"?\" is not a number"), "{message}");
    assert!(message.contains("--skip-bad"), "{message}");
    let all = place.run_with_input("- -f e2m1fn --skip-bad -q", "1 two 3.3\n").succeeded();
    assert_eq!(all, "1 two 3\n");
}

#[test]
fn doubtful_rows_are_said_to_be_so() {
    let place = Workplace::new();
    // Prices are no header.
    let message = place.run_with_input("- -f e2m1fn", "$5,$6\n$7,$8\n").refused(2);
    assert!(message.contains("line 1, column 1: \"$5\" is not a number"), "{message}");
    assert!(!message.contains("--header"), "{message}");
    let ran = place.run_with_input("- -f e2m1fn", "1,5\n2,25\n");
    assert!(ran.stderr.contains("two numbers in every row, a comma between"), "{ran:?}");
    assert_eq!(ran.stdout, "1,4\n2,6\n");
    let ran = place.run_with_input("- -f e2m1fn", "1.0,5\n2.5,2\n");
    assert!(!ran.stderr.contains("comma between"), "{ran:?}");
    // Of a long field only its beginning is repeated.
    let long = format!("1\n{}\n", "x".repeat(100_000));
    let message = place.run_with_input("- -f e2m1fn", &long).refused(2);
    assert!(message.len() < 400, "{}", message.len());
}

#[test]
fn shortest_is_shortest_in_the_format() {
    let place = Workplace::new();
    let given = "0.1,3.14159\n-65504,nan\n";
    let out = place.run_with_input("- -f bfloat16 --shortest -q", given).succeeded();
    assert_eq!(out, "0.1,3.14\n-65500,NaN\n");
    // And it reads back as the same numbers.
    let full = place.run_with_input("- -f bfloat16 -q", given).succeeded();
    assert_eq!(place.run_with_input("- -f bfloat16 -q", &out).succeeded(), full);
    assert_eq!(full, "0.10009765625,3.140625\n-65536,NaN\n");
}

#[test]
fn options_of_the_other_kind_of_file_are_refused() {
    let place = Workplace::new();
    place.file("t.csv", TABLE);
    for (arguments, expected) in [
        ("t.csv -f e5m2 --codes", "--codes is for files of tensors"),
        ("t.csv -f e5m2 -t a", "--tensor is for files of tensors"),
        ("t.csv --columns 2 -f e5m2 -o x.npy", "text comes out"),
        ("--columns 2", "--columns needs a FILE"),
        ("--codes -f e5m2", "--codes needs a FILE"),
    ] {
        let message = place.run(arguments).refused(2);
        assert!(message.contains(expected), "{arguments}: {message}");
    }
}

#[test]
fn help_fits_eighty_columns_and_completions_name_the_jobs() {
    let place = Workplace::new();
    for job in ["", "chop", "blocks", "codes", "table", "formats", "completions"] {
        let help = place.run(&format!("{job} --help")).succeeded();
        for line in help.lines() {
            assert!(line.chars().count() <= 80, "{job}: {line}");
        }
        assert!(help.contains("EXAMPLES"), "{job}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = place.run(&format!("completions {shell}")).succeeded();
        for word in ["blocks", "codes", "table", "formats", "rounding"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}
