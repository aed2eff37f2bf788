//! Which numbers does a format have, and where do they lie?
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin format_table                            # FP4 complete, then the catalogue
//! cargo run --release -p lowprec-studies --bin format_table -- e2m1fn binary4p2sf      # value by value, side by side
//! cargo run --release -p lowprec-studies --bin format_table -- bf16 fp16 p11e-14:15    # wider ones: their facts
//! cargo run --release -p lowprec-studies --bin format_table -- --picture docs/images   # values.{svg,png}, eight_bit.{svg,png}
//! ```
//!
//! A format of at most 8 bits is printed code by code, its bits split into sign, exponent and
//! mantissa; every format with the facts derived from its definition. Each code printed is first
//! encoded again from its value: a table that does not read back is never shown.
//!
//! The pictures show the idea behind floating point at a glance: on a logarithmic axis the values of
//! a format are evenly spread from the smallest normal number to the largest and thin out below, in
//! the subnormal range; on a linear axis they crowd around zero, and each binade has half the density
//! of the one before.

mod axis;
mod number;
mod picture;
mod strip;
mod table;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lowprec::Format;

/// Prints the values of small formats and the facts of wide ones, and draws where values lie.
#[derive(Parser)]
struct Arguments {
    /// Formats by name: e2m1fn, bf16, binary8p4se, e5m10, p11e-14:15 … (none: FP4 and the catalogue)
    #[arg(value_name = "FORMAT")]
    formats: Vec<Format>,

    /// Draw the values of the formats given as DIR/values.svg and .png; without formats those of a
    /// selection, and those of the 8-bit formats as DIR/eight_bit.svg and .png
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = if arguments.formats.is_empty() { story() } else { tables(&arguments.formats) };
    let mut written = print(&report);
    if let (Ok(()), Some(directory)) = (&written, &arguments.picture) {
        written = picture::draw_all(directory, &arguments.formats)
            .and_then(|files| print(&format!("\nDrawn: {}\n", files.join(", "))));
    }
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// What to show someone who asked for nothing in particular.
fn story() -> String {
    format!(
        "{}\n\
         From 1 on the gap to the next value doubles with every power of two; below 1, the smallest\n\
         normal number, it stays what it is there. Those are the two rules of all formats here:\n\n\
         {}\n\
         u: unit roundoff, the largest relative error of rounding to nearest in the normal range.\n\
         Also: binary{{K}}p{{P}}{{s|u}}{{e|f}} (IEEE P3109, K 3..=16), e5m10 (IEEE rules), \
         p11e-14:15 (precision and\nrange), p11 (no range limit). Name formats to see them alone; \
         --picture DIR draws where their values lie.\n",
        tables(&[Format::OCP_E2M1]),
        table::catalogue(),
    )
}

/// Values of the formats small enough for that, side by side, then the facts of all.
fn tables(formats: &[Format]) -> String {
    let small: Vec<Format> = formats.iter().copied().filter(table::is_small).collect();
    let mut report = String::new();
    if !small.is_empty() {
        report += &format!("{}\n", table::values(&small));
    }
    report += &table::facts(formats);
    report
}

/// To standard output; a reader that stops early (`| head`) is no error.
fn print(text: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}
