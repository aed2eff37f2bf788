//! `--list`: the catalogue of formats as a table.

use std::io::{self, Write};

use comfy_table::CellAlignment;
use lowprec::{Entry, Format, Overflow, Rounding, Underflow};

use crate::report::{table, trimmed};

pub(crate) fn print(out: &mut dyn Write) -> io::Result<()> {
    let mut table = table();
    table.set_header([
        "format",
        "bits",
        "p",
        "emin",
        "emax",
        "largest",
        "smallest\nnormal",
        "smallest\nsubnormal",
        "unit\nroundoff",
        "also has",
        "source",
    ]);
    for entry in Format::CATALOGUE {
        table.add_row(row(entry));
    }
    for column in table.column_iter_mut().skip(1).take(8) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(out, "{}", trimmed(&table))?;
    writeln!(out, "{}", notes())
}

fn row(entry: &Entry) -> Vec<String> {
    let format = entry.format;
    vec![
        entry.name.to_owned(),
        format.total_bits().map_or("–".into(), |bits| bits.to_string()),
        format.precision().to_string(),
        format.emin().to_string(),
        format.emax().to_string(),
        short(format.largest_finite()),
        short(format.smallest_normal()),
        format.smallest_subnormal().map_or("none".into(), short),
        format!("2^-{}", format.precision()),
        specials(&format),
        entry.source.to_owned(),
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
        (!format.has_sign(), "no sign"),
        (!format.has_zero(), "no 0"),
    ];
    let names: Vec<&str> = facts.iter().filter(|fact| fact.0).map(|fact| fact.1).collect();
    names.join(" ")
}

fn notes() -> String {
    format!(
        "p: precision in bits, the leading one included; emin, emax: exponents of the smallest normal\n\
         and the largest finite number.\n\n\
         Other names: fp16, half, bf16, single, fp4 … Also: binary8p4se, the IEEE P3109 family (K bits,\n\
         precision P, s or u for signed or unsigned, e or f for extended or finite); e5m10 (IEEE rules,\n\
         exponent and mantissa bits); p11e-14:15 (precision, emin:emax); p11 (unbounded exponent).\n\n\
         Rounding:  {}\n\
         Overflow:  {}\n\
         Underflow: {}",
        wrapped(&Rounding::NAMES),
        Overflow::NAMES.join(", "),
        Underflow::NAMES.join(", "),
    )
}

/// Names over lines of at most 100 columns, the later ones indented below the first.
fn wrapped(names: &[&str]) -> String {
    let mut text = String::new();
    let mut column = 11;
    for (index, name) in names.iter().enumerate() {
        if column + name.len() + 2 > 100 {
            text += "\n           ";
            column = 11;
        }
        text += name;
        column += name.len() + 2;
        if index + 1 < names.len() {
            text += ", ";
        }
    }
    text
}
