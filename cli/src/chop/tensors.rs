//! `lowprec chop` on a file of tensors: values to values, or to codes, in a file of tensors.

use std::io::{self, IsTerminal};

use lowprec::{Chop, Format};
use lowprec_cli::file::{
    self, Codes, Data, Dtype, Kind, NewFile, NewTensor, Tensor, TensorFile, Values, shown,
};

use super::args::{Args, Held};
use super::number::{Number, grouped};
use super::report::{Heading, Report};
use super::round;
use super::tally::Tally;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::selection;

/// What becomes of a tensor in the file that is written.
enum New {
    F32(Vec<f32>),
    F64(Vec<f64>),
    Codes(Format, Codes),
    Kept(Dtype, Vec<u8>),
}

/// What is done with each tensor, and counted over all.
struct Job<'a> {
    args: &'a Args,
    chops: Vec<Chop>,
    seed: u64,
    tallies: Vec<Tally>,
    heading: Heading,
    position: u64,
    /// Whether rounded values are wanted, and not the report alone.
    writes: bool,
}

/// Reads, rounds to every format asked for, writes, reports.
pub(crate) fn process(args: &Args, source: &TensorFile) -> Result<(), Failure> {
    let to_stdout = args.output.is_none() && args.format_count() == 1;
    if to_stdout && io::stdout().is_terminal() {
        let what = source.kind().what();
        let message = format!("{what} is not for reading on a terminal; give --output");
        return Err(Failure::input(message));
    }
    let seed = args.seed.unwrap_or_else(rand::random);
    let chops = args.chops();
    let mut job = Job {
        args,
        tallies: vec![Tally::default(); chops.len()],
        chops,
        seed,
        heading: Heading::new(source.name()),
        position: 0,
        writes: args.output.is_some() || to_stdout,
    };
    let wanted = selection::wanted(source, &args.tensors)?;
    let by_name = !args.tensors.is_empty() || source.kind() == Kind::Npy;
    let progress = Progress::new();
    progress.stage("rounding", source.tensors().len());
    let mut new = Vec::new();
    for tensor in source.tensors() {
        progress.advance(1);
        let asked = wanted.iter().any(|wanted| std::ptr::eq(*wanted, tensor));
        if asked && (by_name || is_floating(tensor, args)) {
            new.push((tensor, job.rounded(source, tensor)?));
        } else if job.writes {
            let (dtype, bytes) = source.kept(tensor)?;
            job.heading.kept += 1;
            new.push((tensor, New::Kept(dtype, bytes)));
        } else {
            job.heading.kept += 1;
        }
    }
    progress.finish();
    job.deliver(source, &new, to_stdout)
}

/// Whether a tensor holds floating-point numbers, or codes of which the format is given.
fn is_floating(tensor: &Tensor, args: &Args) -> bool {
    let codes = args.reading().format.is_some() && tensor.dtype().takes_format();
    tensor.dtype().format().is_some() || codes
}

impl Job<'_> {
    fn rounded(&mut self, source: &TensorFile, tensor: &Tensor) -> Result<New, Failure> {
        let values = source.elements(tensor, &self.args.reading())?.values()?;
        let new = match (values, self.args.storage) {
            (Values::F64(_), Some(Held::F32)) => {
                return Err(Failure::input(format_args!(
                    "{}, tensor {}: holds f64, and --storage f32 would round it twice",
                    source.name(),
                    if tensor.name().is_empty() {
                        "the only one".into()
                    } else {
                        shown(tensor.name())
                    }
                )));
            }
            (Values::F32(values), Some(Held::F64)) => {
                let wide: Vec<f64> = values.into_iter().map(f64::from).collect();
                self.values(source, tensor, &wide, New::F64)?
            }
            (Values::F32(values), _) => self.values(source, tensor, &values, New::F32)?,
            (Values::F64(values), _) => self.values(source, tensor, &values, New::F64)?,
        };
        Ok(new)
    }

    fn values<T: Number>(
        &mut self,
        source: &TensorFile,
        tensor: &Tensor,
        values: &[T],
        new: impl Fn(Vec<T>) -> New,
    ) -> Result<New, Failure> {
        self.heading.add(values, tensor.shape());
        let mut last = Vec::new();
        for (chop, tally) in self.chops.iter().zip(&mut self.tallies) {
            last = round::values(values, chop, [self.seed, self.position], tally);
        }
        self.position += values.len() as u64;
        match self.chops.last() {
            Some(chop) if self.args.codes && self.writes => {
                let format = chop.format();
                let codes = codes_of(&format, &last).map_err(|error| {
                    Failure::input(format_args!(
                        "{}, tensor {}: {error}",
                        source.name(),
                        shown(tensor.name())
                    ))
                })?;
                Ok(New::Codes(format, codes))
            }
            _ => Ok(new(last)),
        }
    }

    fn deliver(
        self,
        source: &TensorFile,
        new: &[(&Tensor, New)],
        to_stdout: bool,
    ) -> Result<(), Failure> {
        if self.writes {
            // What was said of the old codes is not true of the new ones.
            let stale = |key: &str| {
                new.iter().any(|(tensor, new)| {
                    let own = key.strip_prefix(tensor.name()) == Some(".format");
                    own && !matches!(new, New::Kept(..))
                })
            };
            let metadata = source.metadata().iter().filter(|(key, _)| !stale(key));
            let path = self.args.output.as_deref();
            let kind = path.and_then(Kind::of_path).unwrap_or(source.kind());
            let file = NewFile {
                kind,
                tensors: new.iter().map(|(tensor, new)| written(tensor, new)).collect(),
                metadata: metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
                nibbles: self.args.reading().nibbles,
            };
            match path {
                Some(path) => file.save(path)?,
                None => {
                    file.check().map_err(Failure::input)?;
                    file::to_stdout(|out| file.write(out))?;
                }
            }
        }
        let mut report = Report::new(&self.heading.to_string(), self.args, self.seed);
        for (chop, tally) in self.chops.into_iter().zip(self.tallies) {
            report.add(chop, tally);
        }
        super::print(&report, self.args, to_stdout)
    }
}

fn written<'a>(tensor: &'a Tensor, new: &'a New) -> NewTensor<'a> {
    let data = match new {
        New::F32(values) => Data::F32(values),
        New::F64(values) => Data::F64(values),
        New::Codes(format, codes) => Data::Codes(*format, codes),
        New::Kept(dtype, bytes) => Data::Kept(dtype, bytes),
    };
    let (name, shape) = (tensor.name(), tensor.shape().to_vec());
    NewTensor { name, shape, fortran_order: tensor.fortran_order(), data }
}

/// Codes in the integer type of the format's width.
fn codes_of<T: Number>(format: &Format, values: &[T]) -> Result<Codes, lowprec::error::CodeError> {
    fn of<T: Number, C: lowprec::format::Code + Default>(
        format: &Format,
        values: &[T],
    ) -> Result<Vec<C>, lowprec::error::CodeError> {
        let mut codes = vec![C::default(); values.len()];
        format.encode_slice(values, &mut codes)?;
        Ok(codes)
    }
    Ok(match format.total_bits() {
        Some(0..=8) => Codes::U8(of(format, values)?),
        Some(9..=16) => Codes::U16(of(format, values)?),
        Some(17..=32) => Codes::U32(of(format, values)?),
        _ => Codes::U64(of(format, values)?),
    })
}

impl Heading {
    /// Counts the values of a tensor.
    fn add<T: Number>(&mut self, values: &[T], shape: &[usize]) {
        self.count(values);
        self.tensors += 1;
        self.shape = format!("of shape {shape:?}");
        let storage = T::NAME;
        if !self.storage.contains(&storage) {
            self.storage.push(storage);
        }
    }
}

/// In how many tensors, in words.
pub(crate) fn places(tensors: usize, shape: &str) -> String {
    match tensors {
        1 => shape.to_owned(),
        n => format!("in {} tensors", grouped(n as u64)),
    }
}
