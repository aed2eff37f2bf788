//! `lowprec blocks`: what block formats do to the tensors of a file.

mod packed;

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use lowprec::block::{BlockReport, BlockTensor, ScaleRule};
use lowprec::error::{ParseError, ShapeError};
use lowprec::{BlockChop, BlockFormat, Format, Rounding, Storage};
use lowprec_cli::file::{self, Kind, Nibbles, Reading, Source, Tensor, Values, shown};

use crate::failure::Failure;
use crate::help::wrapped;
use crate::progress::Progress;
use crate::{selection, shipped};
use packed::Packed;

const AFTER_HELP: &str = "\
Reads safetensors (F64 F32 F16 BF16 F8_E4M3 F8_E5M2 F8_E8M0 F4), .npy and .npz
files; - is standard input; without FILE the shipped data set, 569 tumours of 30
measurements, blocks along the tumours. Of several tensors those of floating
point are taken. For each tensor and block format:
  bits      bits a value, scales included
  SNR       signal to noise in decibels: inf without error, -inf where values
            are lost
  error     the largest error, in magnitude
  clipped   values beyond the largest element times the scale: they saturate
  to zero   nonzero values that became zero
  lost      finite values that became NaN or infinite

WHAT IS WRITTEN
  --write takes one block format and writes .npz or .safetensors: of each tensor
  NAME its codes (NAME.codes, in the elements' type where the file has one, else
  one a byte), the blocks' scales (NAME.scales) and, where the format has
  them, minima and the tensor's own scale (NAME.minima, NAME.tensor_scale);
  NAME.block_format, NAME.shape and NAME.axis stand in the metadata. Other
  tensors are kept as they are.

EXAMPLES
  lowprec blocks                                       the shipped data
  lowprec blocks model.safetensors                     every tensor
  lowprec blocks model.safetensors -t '*.weight'       some, by pattern
  lowprec blocks weights.npy -f mxfp4,nvfp4 -r stochastic
  lowprec blocks weights.npy -f 'mxfp4, rceil, 16'     a rule, blocks of 16
  lowprec blocks codes.npy --code-format e4m3fn        bytes that are codes
  lowprec blocks model.safetensors -f mxfp4 --write packed.safetensors

EXIT CODES
  0 done; 1 the output cannot be written; 2 something given cannot be understood";

/// Block formats that are compared where none is named.
const USUAL: [&str; 9] =
    ["mxfp8_e4m3", "mxfp6_e2m3", "mxfp4", "nvfp4", "mxint8", "bfp16", "q8_0", "q4_0", "q4_1"];

/// The command line of the job.
pub(crate) fn command() -> Command {
    let option = |name, value, help| {
        Arg::new(name).long(name).value_name(value).help(wrapped(help)).hide_default_value(true)
    };
    let blocks = "\
Block formats with commas between, or one with its own
block, rule or treatment of NaN; nine usual ones if none
is given";
    let rule = "\
Scale rule in the place of each format's own: floor, ceil,
rceil, even, max-abs, absmax, extreme, least-squares";
    Command::new("blocks")
        .about("Compares block formats on the tensors of a file, and packs them")
        .after_help(AFTER_HELP)
        .args([
            Arg::new("file")
                .value_name("FILE")
                .help("safetensors, .npy or .npz file; - is standard input")
                .value_parser(value_parser!(PathBuf)),
            option("tensor", "PATTERN", "Names, with * and ? for what may be there")
                .short('t')
                .requires("file")
                .action(ArgAction::Append),
            option("blocks", "LIST", blocks)
                .short('f')
                .action(ArgAction::Append)
                .value_parser(value_parser!(BlockList)),
            option("rule", "RULE", rule).value_parser(scale_rule),
            option("rounding", "MODE", "Rounding mode of the elements; nearest-even if not given")
                .short('r')
                .default_value("nearest-even")
                .value_parser(value_parser!(Rounding)),
            option("seed", "SEED", "Seed of the stochastic modes; 1 if not given")
                .default_value("1")
                .value_parser(value_parser!(u64)),
            option("axis", "AXIS", "Axis along which blocks lie, from 0; else the last")
                .value_parser(value_parser!(usize)),
            option("code-format", "FORMAT", "Format of codes whose type does not say it")
                .alias("format")
                .value_parser(value_parser!(Format)),
            option(
                "nibbles",
                "ORDER",
                "Order of two F4 codes: low-first (if not given), high-first",
            )
            .default_value("low-first")
            .value_parser(value_parser!(Nibbles)),
            option("write", "FILE", "Write codes and scales, .npz or .safetensors")
                .short('w')
                .value_parser(value_parser!(PathBuf)),
        ])
}

fn scale_rule(text: &str) -> Result<ScaleRule, String> {
    let found = ScaleRule::ALL.into_iter().find(|rule| rule.name() == text);
    found.ok_or_else(|| {
        let names = ScaleRule::ALL.map(|rule| rule.name()).join(", ");
        format!("{text:?} given, {names} allowed")
    })
}

/// Block formats of one argument, with the names they were given by.
#[derive(Clone, Debug)]
struct BlockList(Vec<(String, BlockFormat)>);

impl FromStr for BlockList {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        // With parts of its own one has commas too.
        if let Ok(format) = text.parse() {
            return Ok(Self(vec![(text.trim().to_owned(), format)]));
        }
        let one = |name: &str| Ok((name.trim().to_owned(), name.trim().parse()?));
        text.split(',').map(one).collect::<Result<_, _>>().map(Self)
    }
}

/// What is asked for.
struct Job {
    formats: Vec<(String, BlockFormat)>,
    rounding: Rounding,
    seed: u64,
    axis: Option<usize>,
    reading: Reading,
}

impl Job {
    fn of(given: &ArgMatches) -> Self {
        let lists: Vec<&BlockList> = given.get_many("blocks").unwrap_or_default().collect();
        let mut formats: Vec<(String, BlockFormat)> =
            lists.into_iter().flat_map(|list| list.0.clone()).collect();
        if formats.is_empty() {
            let usual = |name: &str| name.parse().ok().map(|format| (name.to_owned(), format));
            formats.extend(USUAL.iter().filter_map(|name| usual(name)));
        }
        if let Some(rule) = given.get_one::<ScaleRule>("rule") {
            for (name, format) in &mut formats {
                if format.rule() != *rule {
                    *name = format!("{name}, {rule}");
                }
                *format = format.with_rule(*rule);
            }
        }
        Self {
            formats,
            rounding: given.get_one("rounding").copied().unwrap_or_default(),
            seed: given.get_one("seed").copied().unwrap_or(1),
            axis: given.get_one("axis").copied(),
            reading: Reading {
                format: given.get_one("code-format").copied(),
                nibbles: given.get_one("nibbles").copied().unwrap_or_default(),
            },
        }
    }

    fn axis(&self, shape: &[usize]) -> usize {
        self.axis.unwrap_or(shape.len() - 1)
    }
}

pub(crate) fn run(given: &ArgMatches) -> Result<(), Failure> {
    let mut job = Job::of(given);
    let write = given.get_one::<PathBuf>("write");
    let lists = given.get_many::<BlockList>("blocks").unwrap_or_default();
    let count: usize = lists.map(|list| list.0.len()).sum();
    if write.is_some() && count != 1 {
        return Err(Failure::input(format_args!("--write takes one block format, {count} given")));
    }
    let kind = write.and_then(|path| Kind::of_path(path));
    if write.is_some() && !matches!(kind, Some(Kind::Npz | Kind::Safetensors)) {
        let message = "--write: a name that ends in .npz or .safetensors needed";
        return Err(Failure::input(message));
    }
    let source = match given.get_one::<PathBuf>("file") {
        Some(path) => Source::open(path)?,
        None => {
            job.axis = job.axis.or(Some(0));
            shipped::as_npy()
        }
    };
    let tensors = source.into_tensors()?;
    let patterns: Vec<String> = given.get_many("tensor").unwrap_or_default().cloned().collect();
    let wanted = selection::wanted(&tensors, &patterns)?;
    let all = patterns.is_empty() && tensors.kind() != Kind::Npy;
    let mut out = String::new();
    let mut totals = vec![Total::default(); job.formats.len()];
    let (mut read, mut skipped) = (0, Vec::new());
    let mut packed = Packed::new(job.reading.nibbles);
    let progress = Progress::new();
    progress.stage("quantizing", wanted.len());
    for tensor in tensors.tensors() {
        let asked = wanted.iter().any(|wanted| std::ptr::eq(*wanted, tensor));
        progress.advance(usize::from(asked));
        let coded = job.reading.format.is_some() && tensor.dtype().takes_format();
        let known = tensor.dtype().format().is_some() || coded;
        if !asked || !known && (all || !tensor.dtype().is_readable()) {
            if asked {
                skipped.push(format!("{} ({})", shown(tensor.name()), tensor.dtype()));
            }
            if write.is_some() {
                let (dtype, bytes) = tensors.kept(tensor)?;
                packed.keep(tensor, dtype, bytes);
            }
            continue;
        }
        let values = tensors.elements(tensor, &job.reading)?.values()?;
        read += 1;
        let reports = match &values {
            Values::F32(values) => job.reports(values, tensor)?,
            Values::F64(values) => job.reports(values, tensor)?,
        };
        if write.is_some() {
            let tensor_of = match &values {
                Values::F32(values) => job.quantized(values, tensor)?,
                Values::F64(values) => job.quantized(values, tensor)?,
            };
            packed.add(tensor.name(), &job.formats[0].0, &tensor_of)?;
        }
        out += &format!("{}\n{HEAD}\n", heading(tensor));
        for (((name, _), report), total) in job.formats.iter().zip(&reports).zip(&mut totals) {
            out += &format!("{}\n", row(name, report));
            total.add(report);
        }
        out += "\n";
    }
    progress.finish();
    if read > 1 {
        out += &format!("all {read} tensors\n{HEAD}\n");
        for ((name, _), total) in job.formats.iter().zip(&totals) {
            out += &format!("{}\n", row(name, &total.0));
        }
    }
    if !skipped.is_empty() {
        out += &format!("Not floating point, not read: {}\n", skipped.join(", "));
    }
    if let (Some(path), Some(kind)) = (write, kind) {
        let bytes = packed.save(path, kind, tensors.metadata())?;
        let name = path.display();
        out += &format!("{name}: {bytes} bytes of codes, scales and what was kept\n");
    }
    Ok(file::to_stdout(|to| to.write_all(out.as_bytes()))?)
}

impl Job {
    fn reports<T: Storage>(
        &self,
        values: &[T],
        tensor: &Tensor,
    ) -> Result<Vec<BlockReport>, Failure> {
        let shape = at_least_one_axis(tensor);
        let report = |(_, format): &(String, BlockFormat)| {
            let stream = BlockChop::new(*format, self.rounding).stream(self.seed);
            stream.report(values, shape, self.axis(shape)).map_err(|error| refused(tensor, &error))
        };
        self.formats.iter().map(report).collect()
    }

    /// In the first format.
    fn quantized<T: Storage>(&self, values: &[T], tensor: &Tensor) -> Result<BlockTensor, Failure> {
        let shape = at_least_one_axis(tensor);
        let stream = BlockChop::new(self.formats[0].1, self.rounding).stream(self.seed);
        let quantized = stream.quantize_shaped(values, shape, self.axis(shape));
        quantized.map_err(|error| refused(tensor, &error))
    }
}

/// A single value is an array of one.
fn at_least_one_axis(tensor: &Tensor) -> &[usize] {
    if tensor.shape().is_empty() { &[1] } else { tensor.shape() }
}

fn refused(tensor: &Tensor, error: &ShapeError) -> Failure {
    match tensor.name() {
        "" => Failure::input(error),
        name => Failure::input(format_args!("tensor {}: {error}", shown(name))),
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
    let name = if tensor.name().is_empty() { "array".to_owned() } else { shown(tensor.name()) };
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
