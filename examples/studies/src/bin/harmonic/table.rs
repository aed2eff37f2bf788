//! The table: a row for each mode, a column for each format.

use comfy_table::{CellAlignment, Table, presets};
use lowprec::{Format, Rounding};

use crate::series::{self, DRAWN, Ending, Run, TERMS};

pub(crate) fn report(formats: &[Format], seed: u64) -> String {
    format!(
        "The harmonic series, each quotient and each sum rounded once: where it ends\n\n{}\n\n\
         s at n: from the n-th term on the sum s does not change.\n\
         s at n, overflow: s is the last finite sum, the next term overflows.\n\
         Stochastic modes: the sum after {DRAWN} terms, seed {seed}; exact it is {:.4}.\n\
         up, twice: the mode up, but applied to the sum that binary64 has rounded to nearest.\n",
        table(formats, seed),
        series::exact(DRAWN),
    )
}

fn table(formats: &[Format], seed: u64) -> Table {
    let mut table = Table::new();
    let names = formats.iter().map(Format::to_string);
    table
        .load_preset(presets::UTF8_FULL_CONDENSED)
        .set_header(std::iter::once("mode".to_owned()).chain(names));
    let modes = Rounding::DETERMINISTIC.into_iter();
    for mode in modes.chain([Rounding::Stochastic, Rounding::StochasticEqual]) {
        let cells = formats.iter().map(|&format| cell(&series::sum(format, mode, seed)));
        table.add_row(std::iter::once(mode.to_string()).chain(cells));
    }
    let twice = formats.iter().map(|&format| cell(&series::twice_rounded(format)));
    table.add_row(std::iter::once("up, twice".to_owned()).chain(twice));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cell(run: &Run) -> String {
    let sum = number(run.sum);
    match run.ending {
        Ending::Still => format!("{sum} at {}", run.n),
        Ending::Overflow => format!("{sum} at {}, overflow", run.n),
        Ending::Open if run.n == TERMS => format!("{sum} at {}, goes on", run.n),
        Ending::Open => sum,
    }
}

/// Four places, or four digits of a large number.
fn number(x: f64) -> String {
    if x < 1e6 { format!("{x:.4}") } else { format!("{x:.3e}") }
}
