//! `lowprec chop`: rounds the numbers of a file to a low-precision format and reports what that did to
//! them.
//!
//! Without arguments the file is a real data set shipped with the program, and eight formats stand
//! side by side: which of them could hold 17,070 measurements of tumours, from 0 to 4254? binary16
//! and wider ones lose digits only. OCP's E4M3 ends at 448: 874 measurements lie beyond it, and 848
//! of them become NaN (the other 26 round down to 448); 116 lie below its smallest subnormal.

mod args;
pub(crate) mod catalogue;
mod columns;
mod input;
mod number;
mod report;
mod round;
mod tally;
mod tensors;
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
use input::{Document, Source, TextSource};
use number::Number;
use report::{Heading, Report};

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
        return Ok(file::to_stdout(|out| catalogue::print(out))?);
    }
    args.check()?;
    match Source::open(args)? {
        Source::Tensors(file) => tensors::process(args, &file),
        Source::Text(text) if args.storage == Some(Held::F32) => process::<f32>(args, text),
        Source::Text(text) => process::<f64>(args, text),
    }
}

/// Reads, rounds to every format asked for, writes, reports.
fn process<T: Number>(args: &Args, source: TextSource) -> Result<(), Failure> {
    let progress = Progress::new();
    let document = Document::<T>::read(source, args, &progress)?;
    let seed = args.seed.unwrap_or_else(rand::random);
    let mut report = Report::new(&Heading::of(&document).to_string(), args, seed);
    let mut rounded = Vec::new();
    for chop in args.chops() {
        let (values, tally) = round::document(&document, &chop, seed, &progress);
        assert_shipped_figures(&document, &chop, &tally);
        report.add(chop, tally);
        rounded = values;
    }
    let shortest = args.chops().pop().filter(|_| args.shortest).map(|chop| chop.format());
    let write = |out: &mut dyn Write| document.text.write(&rounded, shortest, out, &progress);
    let to_stdout = args.output.is_none() && args.format_count() == 1 && !document.shipped;
    if let Some(path) = &args.output {
        file::replace(path, write)?;
    } else if to_stdout {
        file::to_stdout(write)?;
    }
    progress.finish();
    print(&report, args, to_stdout)
}

/// Prints the report wherever it does not get among the values.
fn print(report: &Report, args: &Args, values_on_stdout: bool) -> Result<(), Failure> {
    if args.quiet {
        return Ok(());
    }
    let report = report.to_string();
    if values_on_stdout {
        // Standard error may be closed; the values are what was asked for.
        let _ = io::stderr().write_all(report.as_bytes());
        return Ok(());
    }
    Ok(file::to_stdout(|out| out.write_all(report.as_bytes()))?)
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
