//! How far does the harmonic series get?
//!
//! s ← s + 1/n for n = 1, 2, 3 …, the quotient and the sum rounded to a format, until s does not change
//! any more. The exact sum grows for ever; in low precision the terms soon fall below half a unit in the
//! last place of s. Rounded up the sum must grow until it overflows; it does here, since the exact sum is
//! rounded once. Where a library rounds the sum that binary64 has rounded before, it stalls.
//!
//! ```text
//! cargo run --release -p lowprec-studies --bin harmonic                              # every mode, five formats
//! cargo run --release -p lowprec-studies --bin harmonic -- -f bf16,p8e-20:20         # others
//! cargo run --release -p lowprec-studies --bin harmonic -- --picture docs/images     # harmonic.{svg,png}
//! ```
//!
//! After N. J. Higham and `demo_harmonic` of MATLAB chop.

mod picture;
mod series;
mod table;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use lowprec::Format;

use lowprec_studies::failure::Failure;
use lowprec_studies::format_list::FormatList;

/// Sums the harmonic series in low precision, in every mode, until the sum stands still or overflows.
#[derive(Parser)]
struct Arguments {
    /// Formats, separated by commas: bf16, fp16, e4m3fn, p11e-14:15 …
    #[arg(short, long, value_name = "LIST", default_value = "fp16,bf16,tf32,e5m2,e4m3fn")]
    formats: FormatList,

    /// Seed of the stochastic modes
    #[arg(long, default_value_t = 1)]
    seed: u64,

    /// Draw the sums as DIR/harmonic.svg and .png
    #[arg(long, value_name = "DIR")]
    picture: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(),
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    check();
    if let Some(format) = arguments.formats.0.iter().find(|format| !format.has_zero()) {
        return Err(Failure::input(format_args!("{format} has no zero to begin from")));
    }
    let mut out = io::stdout().lock();
    write!(out, "{}", table::report(&arguments.formats.0, arguments.seed))?;
    if let Some(directory) = &arguments.picture {
        let files = picture::draw(directory).map_err(Failure::Output)?;
        writeln!(out, "\nDrawn: {}", files.join(", "))?;
    }
    Ok(())
}

/// The known figures: an example that shows others is wrong.
fn check() {
    use lowprec::Rounding::{NearestEven, TowardZero, Up};
    use series::{Ending, sum};
    let ends = |format, mode| {
        let run = sum(format, mode, 0, 0);
        (run.ending, run.n, run.sum)
    };
    let (half, brain) = (Format::BINARY16, Format::BFLOAT16);
    assert_eq!(ends(half, NearestEven), (Ending::Still, 513, 7.0859375));
    assert_eq!(ends(brain, NearestEven), (Ending::Still, 65, 5.0625));
    assert_eq!(ends(half, TowardZero), (Ending::Still, 257, 5.74609375));
    assert_eq!(ends(half, Up), (Ending::Overflow, 13_909, 65504.0));
    assert_eq!(ends(brain, Up), (Ending::Overflow, 16_147, brain.largest_finite()));
    let stalled = series::twice_rounded(brain);
    assert_eq!((stalled.ending, stalled.n), (Ending::Still, 5_013));
    assert_eq!(format!("{:.3e}", stalled.sum), "2.199e12");
}
