//! Where numbers come from: a file, standard input or the shipped data set; text or `.npy`.

use std::io::{self, Read, Write};

use ndarray::ArrayD;

use super::args::{Args, Held};
use super::decimal::Residue;
use super::npy;
use super::number::Number;
use super::text::Text;
use crate::failure::Failure;
use crate::progress::Progress;

/// Embedded, so that the program runs from any directory.
const SHIPPED: &str = include_str!("../../data/wdbc.csv");

/// The bytes and the name to call them by.
pub(crate) struct Source {
    name: String,
    bytes: Vec<u8>,
    shipped: bool,
}

impl Source {
    pub(crate) fn open(args: &Args) -> Result<Self, Failure> {
        let Some(path) = &args.file else {
            return Ok(Self { name: "wdbc.csv".into(), bytes: SHIPPED.into(), shipped: true });
        };
        let standard_input = path.as_os_str() == "-";
        let name =
            if standard_input { "standard input".into() } else { path.display().to_string() };
        let mut bytes = Vec::new();
        let read = if standard_input {
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        } else {
            std::fs::read(path)
        };
        match read {
            Ok(bytes) => Ok(Self { name, bytes, shipped: false }),
            Err(error) => Err(Failure::input(format!("cannot read {name}: {error}"))),
        }
    }

    /// The storage type: the one asked for, else the `.npy` file's, else f64.
    pub(crate) fn held(&self, asked: Option<Held>) -> Result<Held, Failure> {
        if !npy::is_npy(&self.bytes) {
            return Ok(asked.unwrap_or(Held::F64));
        }
        match (npy::held(&self.name, &self.bytes)?, asked) {
            (Held::F64, Some(Held::F32)) => Err(Failure::input(format!(
                "{}: holds f64, and --storage f32 would round it twice",
                self.name
            ))),
            (own, asked) => Ok(asked.unwrap_or(own)),
        }
    }
}

/// The numbers of a source, and what is needed to write others in their places.
pub(crate) struct Document<T> {
    pub(crate) name: String,
    pub(crate) shipped: bool,
    /// In order of reading; logical (row-major) order for arrays.
    pub(crate) numbers: Vec<T>,
    /// What parsing cut off; empty where nothing was parsed.
    pub(crate) residues: Vec<Residue>,
    body: Body<T>,
}

enum Body<T> {
    Text(Text),
    Array(ArrayD<T>),
}

impl<T: Number> Document<T> {
    pub(crate) fn read(source: Source, args: &Args, progress: &Progress) -> Result<Self, Failure> {
        let Source { name, bytes, shipped } = source;
        if npy::is_npy(&bytes) {
            if args.hex {
                return Err(Failure::input(format!(
                    "{name}: --hex reads text, this is a .npy file"
                )));
            }
            let array = npy::read(&name, &bytes)?;
            let numbers = array.iter().copied().collect();
            return Ok(Self { name, shipped, numbers, residues: vec![], body: Body::Array(array) });
        }
        let (text, parsed) = if args.hex {
            Text::hex::<T>(&name, bytes, progress)?
        } else {
            Text::decimal(&name, bytes, args.header, progress)?
        };
        let (numbers, residues) = parsed.into_iter().unzip();
        Ok(Self { name, shipped, numbers, residues, body: Body::Text(text) })
    }

    /// The document with other numbers.
    pub(crate) fn write(
        self,
        numbers: &[T],
        out: &mut dyn Write,
        progress: &Progress,
    ) -> io::Result<()> {
        match self.body {
            Body::Text(text) => text.write(numbers, out, progress),
            Body::Array(array) => npy::write(array, numbers, out),
        }
    }

    pub(crate) fn is_text(&self) -> bool {
        matches!(self.body, Body::Text(_))
    }

    /// How the numbers are arranged, in words.
    pub(crate) fn shape(&self) -> String {
        match &self.body {
            Body::Text(text) if text.rows == 1 => "in 1 row".into(),
            Body::Text(text) => format!("in {} rows", super::number::grouped(text.rows as u64)),
            Body::Array(array) => format!("of shape {:?}", array.shape()),
        }
    }
}
