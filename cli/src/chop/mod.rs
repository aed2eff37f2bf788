//! `lowprec chop`: rounds the numbers of a file to a low-precision format and reports what that did to
//! them.
//!
//! Without arguments the file is a real data set shipped with the program, and eight formats stand
//! side by side: which of them could hold 17,070 measurements of tumours, from 0 to 4254? binary16
//! and wider ones lose digits only. OCP's E4M3 ends at 448: 874 measurements lie beyond it, and 848
//! of them become NaN (the other 26 round down to 448); 116 lie below its smallest subnormal.

mod args;
pub(crate) mod catalogue;
mod decimal;
mod input;
mod number;
mod output;
mod report;
mod round;
mod tally;
mod text;
#[cfg(test)]
mod untrusted;

use std::io::{self, Write};

use lowprec::{Chop, Format, Overflow, Rounding, Underflow};

use lowprec_cli::file;

use crate::failure::Failure;
use crate::progress::Progress;
pub(crate) use args::Args;
use args::Held;
use input::{Document, Source};
use number::Number;
use report::Report;

/// What stands side by side where no format is asked for.
const FORMATS: [Format; 8] = [
    Format::TF32,
    Format::BINARY16,
    Format::BFLOAT16,
    Format::OCP_E5M2,
    Format::OCP_E4M3,
    BINARY8P4SE,
    Format::OCP_E3M2,
    Format::OCP_E2M1,
];

const BINARY8P4SE: Format = match Format::p3109(
    8,
    4,
    lowprec::format::Signedness::Signed,
    lowprec::format::Domain::Extended,
) {
    Ok(format) => format,
    Err(_) => panic!("a member of the P3109 family"),
};

/// Does what the arguments say.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if args.list {
        return Ok(catalogue::print(&mut io::stdout().lock())?);
    }
    args.check()?;
    let source = Source::open(args)?;
    match source.held(args.storage)? {
        Held::F32 => process::<f32>(args, source),
        Held::F64 => process::<f64>(args, source),
    }
}

/// Reads, rounds to every format asked for, writes, reports.
fn process<T: Number>(args: &Args, source: Source) -> Result<(), Failure> {
    let progress = Progress::new();
    let document = Document::<T>::read(source, args, &progress)?;
    let seed = args.seed.unwrap_or_else(rand::random);
    let formats = if args.format.is_empty() { FORMATS.to_vec() } else { args.formats() };
    let mut report = Report::new(&document, args, seed);
    let mut rounded = Vec::new();
    for format in &formats {
        let chop = Chop::new(*format, args.rounding)
            .with_overflow(args.overflow)
            .with_underflow(args.underflow);
        let (values, tally) = round::round(&document, &chop, seed, &progress);
        assert_shipped_figures(&document, &chop, &tally);
        report.add(chop, tally);
        rounded = values;
    }
    deliver(args, document, &rounded, &report, &progress)
}

/// Values to the file or to standard output; the report wherever it does not get among them.
fn deliver<T: Number>(
    args: &Args,
    document: Document<T>,
    rounded: &[T],
    report: &Report,
    progress: &Progress,
) -> Result<(), Failure> {
    let values_to_stdout = args.output.is_none() && args.format_count() == 1 && !document.shipped;
    if let Some(path) = &args.output {
        file::replace(path, |out| document.write(rounded, out, progress))?;
    } else if values_to_stdout {
        output::to_stdout(document, rounded, progress)?;
    }
    progress.finish();
    if args.quiet {
        return Ok(());
    }
    let report = report.to_string();
    if values_to_stdout {
        // Standard error may be closed; the values are what was asked for.
        let _ = io::stderr().write_all(report.as_bytes());
    } else {
        io::stdout().lock().write_all(report.as_bytes())?;
    }
    Ok(())
}

/// The figures that the story above tells.
fn assert_shipped_figures<T: Number>(document: &Document<T>, chop: &Chop, tally: &tally::Tally) {
    let told = Chop::new(Format::OCP_E4M3, Rounding::NearestEven)
        .with_overflow(Overflow::Ieee)
        .with_underflow(Underflow::Gradual);
    if document.shipped && *chop == told {
        assert_eq!((tally.beyond, tally.overflowed, tally.below), (874, 848, 116));
    }
}
