//! The report: a table of what rounding did, one row a format.

use std::fmt;

use comfy_table::{CellAlignment, Table};
use lowprec::Chop;

use super::args::Args;
use super::input::Document;
use super::number::{Number, grouped};
use super::tally::Tally;

/// A heading, and the rows so far.
#[derive(Debug)]
pub(crate) struct Report {
    heading: String,
    rows: Vec<(Chop, Tally)>,
}

impl Report {
    pub(crate) fn new<T: Number>(document: &Document<T>, args: &Args, seed: u64) -> Self {
        let mut heading = heading(document);
        heading += &format!(
            "rounding {}, overflow {}, underflow {}",
            args.rounding, args.overflow, args.underflow
        );
        if args.rounding.is_stochastic() {
            let fresh = if args.seed.is_none() { " (fresh)" } else { "" };
            heading += &format!(", seed {seed}{fresh}");
        }
        Self { heading, rows: Vec::new() }
    }

    pub(crate) fn add(&mut self, chop: Chop, tally: Tally) {
        self.rows.push((chop, tally));
    }
}

/// What was rounded.
fn heading<T: Number>(document: &Document<T>) -> String {
    let count = document.numbers.len();
    let plural = if count == 1 { "" } else { "s" };
    let mut heading = format!(
        "{}: {} number{plural} {}, held as {}",
        document.name,
        grouped(count as u64),
        document.shape(),
        T::NAME
    );
    let nans = document.numbers.iter().filter(|x| x.is_nan()).count();
    let infinities = document.numbers.iter().filter(|x| x.is_infinite()).count();
    for (number, name) in [(nans, "NaN"), (infinities, "infinite")] {
        if number > 0 {
            heading += &format!(", {} {name}", grouped(number as u64));
        }
    }
    heading += "\n";
    if document.shipped {
        heading += "Breast Cancer Wisconsin (Diagnostic), shipped with this program; - reads standard \
                    input\n";
    }
    heading
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_value = self.rows.iter().any(|(_, tally)| tally.without_value > 0);
        let mut header = vec![
            "format",
            "changed",
            "above\nlargest",
            "overflowed",
            "below\nsmallest",
            "became\nzero",
            "now\nsubnormal",
            "largest\nrel. error",
            "mean\nrel. error",
        ];
        if without_value {
            header.push("no value\n→ NaN");
        }
        let mut table = table();
        table.set_header(header);
        for (chop, tally) in &self.rows {
            let mut cells = cells(chop, tally);
            if without_value {
                cells.push(grouped(tally.without_value));
            }
            table.add_row(cells);
        }
        align_right(&mut table);
        writeln!(f, "{}\n\n{}\n", self.heading, trimmed(&table))?;
        writeln!(f, "{}", footnote(&self.rows))
    }
}

fn cells(chop: &Chop, tally: &Tally) -> Vec<String> {
    vec![
        chop.format().to_string(),
        grouped(tally.changed),
        grouped(tally.beyond),
        overflow(tally),
        grouped(tally.below),
        grouped(tally.zero),
        grouped(tally.subnormal),
        tally.mean_error().map_or("–".into(), |_| error(tally.largest_error)),
        tally.mean_error().map_or("–".into(), error),
    ]
}

/// How many overflowed, and what they became.
fn overflow(tally: &Tally) -> String {
    let count = grouped(tally.overflowed);
    match tally.overflowed {
        0 => count,
        n if n == tally.became_infinite => format!("{count} → inf"),
        n if n == tally.became_nan => format!("{count} → NaN"),
        _ if tally.became_infinite == 0 && tally.became_nan == 0 => format!("{count} → max"),
        _ => count,
    }
}

fn footnote(rows: &[(Chop, Tally)]) -> String {
    let mut note = String::from(
        "largest, smallest: the format's largest finite and smallest positive number. → what it became.\n\
         Relative errors: over nonzero numbers with finite results; one that became zero counts 1.",
    );
    if let [(chop, _)] = rows {
        let bound = if chop.rounding().is_nearest() { 1.0 } else { 2.0 };
        note += &format!(
            "\nIn the normal range no relative error exceeds {}.",
            error(bound * chop.format().unit_roundoff())
        );
    }
    note
}

/// A line below the header and no other.
const RULES: &str = "     ─             ";

/// An empty table in the style of this program. Columns are as wide as they must be: a number
/// broken over two lines is worse than a long line.
pub(crate) fn table() -> Table {
    let mut table = Table::new();
    table.load_preset(RULES);
    table
}

/// Every column but the first.
fn align_right(table: &mut Table) {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

/// Without the blanks at line ends.
pub(crate) fn trimmed(table: &Table) -> String {
    let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
    lines.join("\n")
}

/// Three significant digits.
fn error(x: f64) -> String {
    if x == 0.0 || x == 1.0 {
        x.to_string()
    } else if (1e-3..1e3).contains(&x) {
        let digits = (2 - x.log10().floor() as i32).max(0) as usize;
        format!("{x:.digits$}")
    } else {
        format!("{x:.2e}")
    }
}
