//! The table: a row for each format.

use std::io::{self, Write};

use lowprec::{BlockFormat, block::BlockReport};

use crate::args::Args;
use crate::input::Array;

/// A format and what it does.
pub(crate) struct Row {
    pub(crate) format: BlockFormat,
    pub(crate) report: BlockReport,
}

impl Row {
    /// The name, with the rule where it is not the format's own.
    pub(crate) fn name(&self) -> String {
        let own = BlockFormat::PRESETS.iter().any(|row| row.1 == self.format);
        let preset = BlockFormat::PRESETS
            .iter()
            .find(|row| row.1.with_rule(self.format.rule()) == self.format);
        match preset {
            Some(row) if own => row.0.to_owned(),
            Some(row) => format!("{}, {}", row.0, self.format.rule()),
            None => self.format.to_string(),
        }
    }
}

/// A share of a whole in percent; nothing for none.
fn percent(part: usize, whole: usize) -> String {
    match part {
        0 => "-".to_owned(),
        _ => format!("{:.2} %", 100.0 * part as f64 / whole as f64),
    }
}

fn decibels(snr: f64) -> String {
    if snr.is_nan() { "-".to_owned() } else { format!("{snr:.2}") }
}

pub(crate) fn print(
    out: &mut impl Write,
    array: &Array,
    axis: usize,
    args: &Args,
    rows: &[Row],
) -> io::Result<()> {
    let lengths: Vec<String> = array.shape.iter().map(usize::to_string).collect();
    let bits = array.bits();
    writeln!(
        out,
        "{}: {} values of f{bits}, blocks along axis {axis}, {}\n",
        array.name,
        lengths.join(" x "),
        args.rounding,
    )?;
    let head = ["bits", "bytes", "SNR, dB", "clipped", "vanished", "largest error"];
    write!(out, "{:26}", "format")?;
    for (name, width) in head.iter().zip(WIDTHS) {
        write!(out, "{name:>width$}")?;
    }
    writeln!(out)?;
    let mut strange = 0;
    for row in rows {
        let report = &row.report;
        let cells = [
            format!("{:.3}", report.bits_per_value()),
            report.bits.div_ceil(8).to_string(),
            decibels(report.snr_db()),
            percent(report.clipped, report.values),
            percent(report.vanished, report.values),
            format!("{:.4e}", report.largest_error),
        ];
        write!(out, "{:26}", row.name())?;
        for (cell, width) in cells.iter().zip(WIDTHS) {
            write!(out, "{cell:>width$}")?;
        }
        writeln!(out)?;
        strange = strange.max(report.values - report.finite);
    }
    if strange > 0 {
        writeln!(
            out,
            "\nup to {strange} values are NaN or infinite, before or after, and left out"
        )?;
    }
    Ok(())
}

const WIDTHS: [usize; 6] = [8, 10, 10, 10, 11, 15];
