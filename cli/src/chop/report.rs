//! The report: a table of what rounding did, one row a format.

use std::fmt;

use comfy_table::{CellAlignment, Table};
use lowprec::Chop;

use super::args::Args;
use super::input::Document;
use super::number::{Number, grouped};
use super::tally::Tally;
use super::tensors;

/// A heading, and the rows so far.
#[derive(Debug)]
pub(crate) struct Report {
    heading: String,
    rows: Vec<(Chop, Tally)>,
}

impl Report {
    pub(crate) fn new(heading: &str, args: &Args, seed: u64) -> Self {
        let mut heading = heading.to_owned();
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
#[derive(Debug, Default)]
pub(crate) struct Heading {
    name: String,
    numbers: usize,
    nans: usize,
    infinities: usize,
    /// How the numbers of the only tensor, or of a text, are arranged.
    pub(crate) shape: String,
    pub(crate) tensors: usize,
    /// Tensors that stay as they are.
    pub(crate) kept: usize,
    pub(crate) storage: Vec<&'static str>,
    /// Lines below.
    notes: String,
}

impl Heading {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    pub(crate) fn of<T: Number>(document: &Document<T>) -> Self {
        let text = &document.text;
        let mut heading = Self::new(&document.name);
        heading.count(&document.numbers);
        heading.tensors = 1;
        heading.shape = match text.rows {
            1 => "in 1 row".into(),
            n => format!("in {} rows", grouped(n as u64)),
        };
        heading.storage.push(T::NAME);
        if document.shipped {
            heading.notes += "Breast Cancer Wisconsin (Diagnostic), shipped with this program;\n\
                              - reads standard input\n";
        }
        if text.bad > 0 {
            let (count, is) = (grouped(text.bad as u64), if text.bad == 1 { "is" } else { "are" });
            heading.notes += &format!("{count} field{} {is} no number: kept\n", plural(text.bad));
        }
        if text.decimal_commas {
            heading.notes += "two numbers in every row, a comma between; decimals would be written \
                              with a point\n";
        }
        heading
    }

    pub(crate) fn count<T: Number>(&mut self, numbers: &[T]) {
        self.numbers += numbers.len();
        self.nans += numbers.iter().filter(|x| x.is_nan()).count();
        self.infinities += numbers.iter().filter(|x| x.is_infinite()).count();
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

impl fmt::Display for Heading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers = grouped(self.numbers as u64);
        write!(f, "{}: {numbers} number{}", self.name, plural(self.numbers))?;
        if self.tensors > 0 {
            write!(f, " {}", tensors::places(self.tensors, &self.shape))?;
            write!(f, ", held as {}", self.storage.join(" and "))?;
        }
        for (number, name) in [(self.nans, "NaN"), (self.infinities, "infinite")] {
            if number > 0 {
                write!(f, ", {} {name}", grouped(number as u64))?;
            }
        }
        if self.kept > 0 {
            write!(f, "\n{} tensor{} not rounded", grouped(self.kept as u64), plural(self.kept))?;
        }
        write!(f, "\n{}", self.notes)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let without_value = self.rows.iter().any(|(_, tally)| tally.without_value > 0);
        let mut header = vec![
            "format",
            "changed",
            "above\nmax",
            "overflowed",
            "below\nmin",
            "became\nzero",
            "now sub-\nnormal",
            "largest\nerror",
            "mean\nerror",
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
        "max, min: the format's largest finite and smallest positive number. What\n\
         overflowed became what stands behind the arrow. Errors: relative, over nonzero\n\
         numbers with finite results; one that became zero counts 1.",
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

/// Every column but the first; all of them close together, for 80 columns in all.
fn align_right(table: &mut Table) {
    for (index, column) in table.column_iter_mut().enumerate() {
        if index > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
        column.set_padding((1, 0));
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
