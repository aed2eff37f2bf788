//! `--list`: the catalogue of formats as a table.

use std::io::{self, Write};

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement};
use lowprec::{Format, Overflow, Rounding, Underflow, format::Entry};

use super::report::{table, trimmed};

/// Columns of a terminal that tables are made for.
const WIDTH: u16 = 80;

pub(crate) fn print(out: &mut dyn Write) -> io::Result<()> {
    let mut table = table();
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH)
        .set_header(HEADER)
        .set_constraints([ColumnConstraint::ContentWidth; HEADER.len() - 1]);
    for entry in Format::CATALOGUE {
        table.add_row(row(entry));
    }
    for column in table.column_iter_mut().skip(1).take(7) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for column in table.column_iter_mut() {
        column.set_padding((1, 0));
    }
    writeln!(out, "{}\n", trimmed(&table))?;
    writeln!(out, "{}", notes())
}

const HEADER: [&str; 9] = [
    "format",
    "bits",
    "p",
    "emin",
    "emax",
    "largest\nfinite",
    "smallest\nnormal",
    "smallest\nsubnormal",
    "also has",
];

fn row(entry: &Entry) -> [String; HEADER.len()] {
    let format = entry.format;
    [
        entry.name.to_owned(),
        format.total_bits().map_or("–".into(), |bits| bits.to_string()),
        format.precision().to_string(),
        format.emin().to_string(),
        format.emax().to_string(),
        short(format.largest_finite()),
        short(format.smallest_normal()),
        format.smallest_subnormal().map_or("none".into(), short),
        specials(&format),
    ]
}

/// Every digit where they are few, else three.
fn short(x: f64) -> String {
    let plain = x.to_string();
    if plain.len() <= 7 { plain } else { format!("{x:.2e}") }
}

fn specials(format: &Format) -> String {
    let facts = [
        (format.has_infinity(), "inf"),
        (format.has_nan(), "NaN"),
        (format.has_negative_zero(), "-0"),
        (!format.has_sign() && !format.has_zero(), "only > 0"),
    ];
    let names: Vec<&str> = facts.iter().filter(|fact| fact.0).map(|fact| fact.1).collect();
    names.join(" ")
}

const NOTES: &str = "\
p: precision in bits, the leading one included; unit roundoff 2^-p, machine
epsilon 2^(1-p). emin, emax: exponents of the smallest normal and the largest
finite number. lowprec formats NAME says more, and where it is defined.

Other names: fp16, half, bf16, single, fp4 … Further formats, by name alone:
  binary8p4se     IEEE P3109: K bits, precision P, s(igned) or u(nsigned),
                  e(xtended) or f(inite)
  e5m10           IEEE rules: exponent bits, mantissa bits
  p11e-14:15      precision, emin:emax
  p11             precision alone, the exponent unbounded
";

fn notes() -> String {
    format!(
        "{NOTES}\nRounding:  {}\nOverflow:  {}\nUnderflow: {}",
        wrapped(&Rounding::NAMES),
        Overflow::NAMES.join(", "),
        Underflow::NAMES.join(", "),
    )
}

/// Names in lines of five, the later lines indented below the first.
fn wrapped(names: &[&str]) -> String {
    let lines: Vec<String> = names.chunks(5).map(|line| line.join(", ")).collect();
    lines.join(",\n           ")
}
