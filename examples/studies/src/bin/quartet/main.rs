//! How a network is trained in four bits: Quartet's two quantizations to MXFP4, and why they differ.
//!
//! Source: Castro, Panferov, Tabesh, Sieberling, Chen, Nikdan, Ashkboos, Alistarh, "Quartet: Native FP4
//! training can be optimal for large language models", arXiv 2505.14669.
//!
//! Order of operations, for every block of 32 neighbours of a row:
//!
//! - *forward*, clipped where N(0, 1) loses least: Hadamard transform; scale = 2.92247·σ/6, σ the root of the mean square,
//!   rounded down to a power of two (or to the nearest, or kept); element = x / scale to nearest even, saturating;
//! - *backward*, without bias: random signs; Hadamard transform; scale = 2^(⌊log2 max|x|⌋ - 2); element =
//!   ¾·x / scale, rounded stochastically; the product of two operands × 16/9;
//! - *plain MXFP4*, for comparison: scale as backward, element = x / scale to nearest even, saturating.
//!
//! A gradient is g = A·Bᵀ, its estimate ĝ the product of the quantized matrices; both are sums in `f32`.
//! Alignment is ⟨ĝ, g⟩ / ⟨g, g⟩: 1 for an estimate without bias. Each estimate has signs and random bits of
//! its own.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin quartet                          # the tables, seconds
//! cargo run --release -p lowprec-studies --bin quartet -- --picture docs/images  # and quartet.{svg,png}
//! ```
//!
//! Ends with an error unless its figures are the paper's: the least error 0.0126849 at the clip 2.92248,
//! and alignment 1 ± 0.005 with stochastic rounding, below 0.99 with nearest.

mod experiment;
mod figures;
mod picture;
mod tables;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use figures::Figures;
use lowprec_studies::failure::Failure;

/// Quantizes as Quartet does (arXiv 2505.14669) and prints errors and alignments.
#[derive(Parser)]
struct Arguments {
    /// Draw DIR/quartet.svg and .png
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,

    /// Where all random numbers begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let figures = Figures::measure(arguments.seed);
    io::stdout().lock().write_all(tables::report(&figures).as_bytes())?;
    if let Some(directory) = &arguments.picture {
        let files = picture::draw(directory, &figures).map_err(Failure::Output)?;
        writeln!(io::stdout().lock(), "\nDrawn: {}", files.join(", "))?;
    }
    figures.check().map_err(Failure::Output)
}
