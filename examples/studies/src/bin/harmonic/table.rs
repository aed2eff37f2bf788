//! Two tables, a row for each mode, a column for each format: after how many terms, and with which sum.

use comfy_table::{CellAlignment, Table, presets};
use lowprec::{Format, Rounding};

use crate::series::{self, DRAWN, Ending, Run, TERMS};

pub(crate) fn report(formats: &[Format], seed: u64) -> String {
    let rows = rows(formats, seed);
    format!(
        "The harmonic series, each quotient and each sum rounded once\n\n\
         After how many terms the sum stands still; with ∞, overflows\n{}\n\n\
         The last finite sum\n{}\n\n\
         Stochastic modes: the sum after {DRAWN} terms, seed {seed}; exact it is {:.4}.\n\
         up, twice: the mode up, but applied to the sum that binary64 has rounded to nearest.\n",
        table(formats, &rows, ending),
        table(formats, &rows, |run| number(run.sum)),
        series::exact(DRAWN),
    )
}

/// The sums of a mode in every format, with its name.
type Row = (String, Vec<Run>);

fn rows(formats: &[Format], seed: u64) -> Vec<Row> {
    let sums = |mode: Rounding| {
        let runs = formats.iter().map(|&format| series::sum(format, mode, seed, DRAWN)).collect();
        (mode.to_string(), runs)
    };
    let modes = Rounding::DETERMINISTIC.into_iter();
    let mut rows: Vec<Row> =
        modes.chain([Rounding::Stochastic, Rounding::StochasticEqual]).map(sums).collect();
    rows.push((
        "up, twice".to_owned(),
        formats.iter().copied().map(series::twice_rounded).collect(),
    ));
    rows
}

fn table(formats: &[Format], rows: &[Row], cell: fn(&Run) -> String) -> Table {
    let mut table = Table::new();
    let names = formats.iter().map(Format::to_string);
    table
        .load_preset(presets::UTF8_BORDERS_ONLY)
        .set_header(std::iter::once("mode".to_owned()).chain(names));
    for (mode, runs) in rows {
        table.add_row(std::iter::once(mode.clone()).chain(runs.iter().map(cell)));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn ending(run: &Run) -> String {
    match run.ending {
        Ending::Still => run.n.to_string(),
        Ending::Overflow => format!("∞ {}", run.n),
        Ending::Open if run.n == TERMS => format!("goes on at {}", run.n),
        Ending::Open => "-".to_owned(),
    }
}

/// Four places, or four digits of a large number.
fn number(x: f64) -> String {
    if x < 1e6 { format!("{x:.4}") } else { format!("{x:.3e}") }
}
