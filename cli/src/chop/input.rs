//! Where numbers come from: a file, standard input or the shipped data set; text or `.npy`.

use std::io::{self, Write};

use lowprec_cli::file::{self, Kind, NewFile, NewTensor, Nibbles, Reading, TensorFile, Values};

use super::args::{Args, Held};
use super::decimal::Residue;
use super::number::Number;
use super::text::Text;
use crate::failure::Failure;
use crate::progress::Progress;

/// Embedded, so that the program runs from any directory.
const SHIPPED: &str = include_str!("../../data/wdbc.csv");

/// What was read, and the name to call it by.
pub(crate) struct Source {
    name: String,
    content: Content,
    shipped: bool,
}

enum Content {
    Text(Vec<u8>),
    Array { values: Values, shape: Vec<usize>, fortran_order: bool },
}

impl Source {
    pub(crate) fn open(args: &Args) -> Result<Self, Failure> {
        let Some(path) = &args.file else {
            let content = Content::Text(SHIPPED.into());
            return Ok(Self { name: "wdbc.csv".into(), content, shipped: true });
        };
        let source = file::Source::open(path)?;
        let name = source.name().to_owned();
        let content = match source.kind() {
            Kind::Npy if args.hex => {
                return Err(Failure::input(format!(
                    "{name}: --hex reads text, this is a .npy file"
                )));
            }
            Kind::Npy => Self::array(&source.into_tensors()?)?,
            _ => Content::Text(source.into_text()?),
        };
        Ok(Self { name, content, shipped: false })
    }

    /// The elements of a `.npy` file of f4 or f8.
    fn array(file: &TensorFile) -> Result<Content, Failure> {
        let tensor = &file.tensors()[0];
        if tensor.dtype().format().is_none_or(|format| format.total_bits() < Some(32)) {
            return Err(Failure::input(format!(
                "{}: elements of type {}; f4 and f8 can be rounded",
                file.name(),
                tensor.dtype()
            )));
        }
        let elements = file.elements(tensor, &Reading::default())?;
        Ok(Content::Array {
            values: elements.values()?,
            shape: tensor.shape().to_vec(),
            fortran_order: tensor.fortran_order(),
        })
    }

    /// The storage type: the one asked for, else the `.npy` file's, else f64.
    pub(crate) fn held(&self, asked: Option<Held>) -> Result<Held, Failure> {
        let own = match self.content {
            Content::Text(_) => return Ok(asked.unwrap_or(Held::F64)),
            Content::Array { values: Values::F32(_), .. } => Held::F32,
            Content::Array { values: Values::F64(_), .. } => Held::F64,
        };
        match (own, asked) {
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
    body: Body,
}

enum Body {
    Text(Text),
    Array { shape: Vec<usize>, fortran_order: bool },
}

impl<T: Number> Document<T> {
    pub(crate) fn read(source: Source, args: &Args, progress: &Progress) -> Result<Self, Failure> {
        let Source { name, content, shipped } = source;
        let bytes = match content {
            Content::Text(bytes) => bytes,
            Content::Array { values, shape, fortran_order } => {
                // `held` has seen to it that no f64 becomes an f32.
                let narrow = |x: f64| T::narrow(x).expect("a storage type at least as wide");
                let numbers = match values {
                    Values::F32(values) => values.into_iter().map(|x| narrow(x.into())).collect(),
                    Values::F64(values) => values.into_iter().map(narrow).collect(),
                };
                let body = Body::Array { shape, fortran_order };
                return Ok(Self { name, shipped, numbers, residues: vec![], body });
            }
        };
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
            Body::Array { shape, fortran_order } => {
                let data = T::data(numbers);
                let tensors = vec![NewTensor { name: "", shape, fortran_order, data }];
                let (kind, nibbles) = (Kind::Npy, Nibbles::default());
                let file = NewFile { kind, tensors, metadata: vec![], nibbles };
                file.write(out)
            }
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
            Body::Array { shape, .. } => format!("of shape {shape:?}"),
        }
    }
}
