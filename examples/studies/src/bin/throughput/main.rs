//! What does rounding cost beside moving the data?
//!
//! Rounds 16,384 values, which stay in cache, and 8,000,000, which do not, in every mode, to six
//! formats, in both storage types, and sets the time of each beside a copy of the same bytes. Out of
//! cache the memory is the limit and deterministic rounding costs what the copy costs.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin throughput                                # the tables, half a minute
//! cargo run --release -p lowprec-studies --bin throughput -- -f e4m3fn --storage f32     # a part of them
//! cargo run --release -p lowprec-studies --bin throughput -- --level portable            # without AVX
//! cargo run --release -p lowprec-studies --bin throughput -- --picture docs/images       # throughput.{svg,png}
//! cargo run --release -p lowprec-studies --features rayon --bin throughput -- --results benches/RESULTS.md
//! ```
//!
//! A time is the smallest of many samples, taken in several passes over all rows, so that a busy
//! moment of the machine does not fall on one row alone. Every run compares what it timed with the
//! definition.

mod args;
mod claims;
mod codes;
mod figures;
mod measure;
mod picture;
mod results;
mod rows;
mod scalar;
#[path = "../../../../../benches/support/mod.rs"]
mod support;
mod tables;
#[cfg(feature = "rayon")]
mod threads;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use args::Args;
use figures::Figures;
use lowprec_studies::failure::Failure;
use measure::Meter;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    args.check()?;
    if let Some(path) = &args.results {
        results::head(path)?;
    }
    if cfg!(debug_assertions) {
        eprintln!("not a release build: its times say nothing (cargo run --release)");
    }
    let figures = if args.processes > 1 { results::several(args)? } else { measured(args) };
    if args.raw {
        return Ok(write!(io::stdout().lock(), "{figures}")?);
    }
    let report = tables::report(args, &figures);
    if let Some(path) = &args.results {
        results::replace_tables(path, &report)?;
    } else {
        io::stdout().lock().write_all(report.as_bytes())?;
    }
    if let Some(directory) = &args.picture {
        let files = picture::draw(directory, args, &figures).map_err(Failure::Output)?;
        writeln!(io::stdout().lock(), "\nDrawn: {}", files.join(", "))?;
    }
    Ok(())
}

/// Everything that was asked for, measured in this process.
fn measured(args: &Args) -> Figures {
    let mut meter = Meter::new(args.passes);
    if args.measures("f64") {
        rows::measure::<f64>(args, &mut meter);
    }
    if args.measures("f32") {
        rows::measure::<f32>(args, &mut meter);
    }
    if args.everything() {
        claims::measure_more(args, &mut meter);
        scalar::measure(args, &mut meter);
        codes::measure(args, &mut meter);
        #[cfg(feature = "rayon")]
        threads::measure(args, &mut meter);
    }
    meter.finish()
}
