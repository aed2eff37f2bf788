//! `lowprec blocks`: what block formats do to the tensors of a file.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use lowprec::block::BlockReport;
use lowprec::{BlockChop, BlockFormat, Format, Rounding, Storage};
use lowprec_cli::file::{self, Nibbles, Reading, Source, Tensor, Values};

use crate::failure::Failure;
use crate::progress::Progress;
use crate::selection;

const AFTER_HELP: &str = "\
Reads safetensors (F64 F32 F16 BF16 F8_E4M3 F8_E5M2 F8_E8M0 F4), .npy and .npz
files; - is standard input. Blocks lie along the last axis. For each tensor and
block format:
  bits      bits a value, scales included
  SNR       signal to noise in decibels: inf without error, -inf where values
            are lost
  error     the largest error, in magnitude
  clipped   values beyond the largest element times the scale: they saturate
  to zero   nonzero values that became zero
  lost      finite values that became NaN or infinite

EXAMPLES
  lowprec blocks model.safetensors                     every tensor
  lowprec blocks model.safetensors -t '*.weight'       some, by pattern
  lowprec blocks weights.npy -f mxfp4,nvfp4 -r stochastic
  lowprec blocks codes.npy --format e4m3fn             bytes that are codes

EXIT CODES
  0 done; 1 the output cannot be written; 2 something given cannot be understood";

/// The command line of the job.
pub(crate) fn command() -> Command {
    let option = |name, value, help| Arg::new(name).long(name).value_name(value).help(help);
    Command::new("blocks")
        .about("Compares block formats on the tensors of a file")
        .after_help(AFTER_HELP)
        .args([
            Arg::new("file")
                .value_name("FILE")
                .required(true)
                .help("safetensors, .npy or .npz file; - is standard input")
                .value_parser(value_parser!(PathBuf)),
            option("tensor", "PATTERN", "Names, with * and ? for what may be there")
                .short('t')
                .action(ArgAction::Append),
            option("blocks", "LIST", "Block formats; five usual ones if not given")
                .hide_default_value(true)
                .short('f')
                .default_value("mxfp8_e4m3,mxfp6_e2m3,mxfp4,nvfp4,mxint8"),
            option("rounding", "MODE", "Rounding mode of the elements")
                .short('r')
                .default_value("nearest-even")
                .value_parser(value_parser!(Rounding)),
            option("seed", "SEED", "Seed of the stochastic modes")
                .default_value("1")
                .value_parser(value_parser!(u64)),
            option("format", "FORMAT", "Format of codes whose type does not say it")
                .value_parser(value_parser!(Format)),
            option("nibbles", "ORDER", "Order of two F4 codes")
                .default_value("low-first")
                .value_parser(value_parser!(Nibbles)),
        ])
}

/// What is asked for.
struct Job {
    formats: Vec<(String, BlockFormat)>,
    rounding: Rounding,
    seed: u64,
    reading: Reading,
}

pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    let text = given.get_one::<String>("blocks").map_or("", String::as_str);
    let formats = text
        .split(',')
        .map(str::trim)
        .map(|name| Ok((name.to_owned(), name.parse().map_err(Failure::input)?)))
        .collect::<Result<Vec<_>, Failure>>()?;
    let job = Job {
        formats,
        rounding: given.get_one("rounding").copied().unwrap_or_default(),
        seed: given.get_one("seed").copied().unwrap_or(1),
        reading: Reading {
            format: given.get_one("format").copied(),
            nibbles: given.get_one("nibbles").copied().unwrap_or_default(),
        },
    };
    let path = given.get_one::<PathBuf>("file").expect("required");
    let tensors = Source::open(path)?.into_tensors()?;
    let patterns: Vec<String> = given.get_many("tensor").unwrap_or_default().cloned().collect();
    let wanted = selection::wanted(&tensors, &patterns)?;
    let mut out = io::stdout().lock();
    let mut totals = vec![Total::default(); job.formats.len()];
    let (mut read, mut skipped) = (0, Vec::new());
    let progress = Progress::new();
    progress.stage("quantizing", wanted.len());
    for tensor in &wanted {
        progress.advance(1);
        if !tensor.dtype().is_readable() && job.reading.format.is_none() {
            skipped.push(format!("{} ({})", file::shown(tensor.name()), tensor.dtype()));
            continue;
        }
        let values = tensors.elements(tensor, &job.reading)?.values()?;
        read += 1;
        let heading = heading(tensor);
        let reports = match &values {
            Values::F32(values) => job.reports(values, tensor.shape())?,
            Values::F64(values) => job.reports(values, tensor.shape())?,
        };
        writeln!(out, "{heading}\n{HEAD}")?;
        for (((name, _), report), total) in job.formats.iter().zip(&reports).zip(&mut totals) {
            writeln!(out, "{}", row(name, report))?;
            total.add(report);
        }
        writeln!(out)?;
    }
    progress.finish();
    if read > 1 {
        writeln!(out, "all {read} tensors\n{HEAD}")?;
        for ((name, _), total) in job.formats.iter().zip(&totals) {
            writeln!(out, "{}", row(name, &total.0))?;
        }
    }
    if !skipped.is_empty() {
        writeln!(
            out,
            "Not read, being no numbers or codes of unknown format: {}",
            skipped.join(", ")
        )?;
    }
    Ok(())
}

impl Job {
    fn reports<T: Storage>(
        &self,
        values: &[T],
        shape: &[usize],
    ) -> Result<Vec<BlockReport>, Failure> {
        // A single value is an array of one.
        let shape = if shape.is_empty() { &[1][..] } else { shape };
        let report = |(_, format): &(String, BlockFormat)| {
            let stream = BlockChop::new(*format, self.rounding).stream(self.seed);
            stream.report(values, shape, shape.len() - 1).map_err(Failure::input)
        };
        self.formats.iter().map(report).collect()
    }
}

/// Reports of several tensors as one.
#[derive(Clone, Default)]
struct Total(BlockReport);

impl Total {
    fn add(&mut self, report: &BlockReport) {
        let total = &mut self.0;
        total.values += report.values;
        total.finite += report.finite;
        total.lost += report.lost;
        total.clipped += report.clipped;
        total.vanished += report.vanished;
        total.signal += report.signal;
        total.noise += report.noise;
        total.bits += report.bits;
        total.largest_error = total.largest_error.max(report.largest_error);
    }
}

fn heading(tensor: &Tensor) -> String {
    let name =
        if tensor.name().is_empty() { "array".to_owned() } else { file::shown(tensor.name()) };
    let shape: Vec<String> = tensor.shape().iter().map(usize::to_string).collect();
    format!("{name}  [{}]  {}", shape.join(", "), tensor.dtype())
}

const HEAD: &str =
    "  block format          bits      SNR       error    clipped    to zero     lost";

fn row(name: &str, report: &BlockReport) -> String {
    format!(
        "  {name:<18} {:>7.3} {:>8.2} {:>11} {:>10} {:>10} {:>8}",
        report.bits_per_value(),
        report.snr_db(),
        number(report.largest_error),
        report.clipped,
        report.vanished,
        report.lost,
    )
}

/// Three digits.
fn number(x: f64) -> String {
    if x == 0.0 || (0.001..1e5).contains(&x) || !x.is_finite() {
        format!("{x:.4}")
    } else {
        format!("{x:.2e}")
    }
}
