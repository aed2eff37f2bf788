//! The table: a row for each format.

use std::io::{self, Write};

use lowprec::{BlockFormat, block::BlockReport};

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

/// Four digits.
fn number(x: f64) -> String {
    if x == 0.0 || (0.01..1e5).contains(&x) { format!("{x:.3}") } else { format!("{x:.3e}") }
}

pub(crate) fn print(out: &mut impl Write, shape: &[usize; 2], rows: &[Row]) -> io::Result<()> {
    let [tumours, quantities] = shape;
    writeln!(
        out,
        "wdbc.csv: {tumours} x {quantities} values of f64, blocks along axis 0, nearest-even\n"
    )?;
    let head = ["bits", "bytes", "SNR, dB", "clipped", "vanished", "largest error"];
    write!(out, "{:22}", "format")?;
    for (name, width) in head.iter().zip(WIDTHS) {
        write!(out, "{name:>width$}")?;
    }
    writeln!(out)?;
    for row in rows {
        let report = &row.report;
        let cells = [
            format!("{:.3}", report.bits_per_value()),
            report.bits.div_ceil(8).to_string(),
            decibels(report.snr_db()),
            percent(report.clipped, report.values),
            percent(report.vanished, report.values),
            number(report.largest_error),
        ];
        write!(out, "{:22}", row.name())?;
        for (cell, width) in cells.iter().zip(WIDTHS) {
            write!(out, "{cell:>width$}")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

const WIDTHS: [usize; 6] = [7, 8, 9, 9, 10, 15];
