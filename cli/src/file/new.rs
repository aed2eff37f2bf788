//! Files of tensors that are to be written.

use std::collections::HashSet;
use std::io::{self, Write};
use std::path::Path;

use lowprec::Format;

use super::dtype::Dtype;
use super::elements::{Codes, Nibbles, transposed};
use super::error::{WriteError, escaped};
use super::kind::Kind;
use super::tensor::{AXES, brackets, bytes_of, count};
use super::{json, npy, npz, safetensors};

/// A file that is to be written.
#[derive(Clone, Debug)]
pub struct NewFile<'a> {
    /// [`Kind::Npy`], [`Kind::Npz`] or [`Kind::Safetensors`].
    pub kind: Kind,
    /// In this order; a safetensors file has those with wide elements first, so that all are aligned.
    pub tensors: Vec<NewTensor<'a>>,
    /// Strings by name. A `.npy` file has no room for them.
    pub metadata: Vec<(String, String)>,
    /// Where the first of two codes in a byte goes.
    pub nibbles: Nibbles,
}

/// A tensor that is to be written.
#[derive(Clone, Debug)]
pub struct NewTensor<'a> {
    /// Of no account in a `.npy` file.
    pub name: &'a str,
    /// The lengths of its axes.
    pub shape: Vec<usize>,
    /// Whether the first axis is to be the fastest in the file; safetensors files have no such order.
    pub fortran_order: bool,
    /// Its elements in row-major order.
    pub data: Data<'a>,
}

/// Elements in row-major order.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// Written as `F32`, `f4`.
    F32(&'a [f32]),
    /// Written as `F64`, `f8`.
    F64(&'a [f64]),
    /// Written as `U8`, `u1`.
    U8(&'a [u8]),
    /// Written as `U64`, `u8`.
    U64(&'a [u64]),
    /// Written in the type that the kind of file has for the format, else as unsigned integers; then
    /// the format's name stands in the metadata, under the tensor's name and `.format`.
    Codes(Format, &'a Codes),
    /// Of another file, as [`TensorFile::kept`](super::TensorFile::kept) gives them: in the same type, if files of the
    /// kind have it.
    Kept(&'a Dtype, &'a [u8]),
}

impl NewFile<'_> {
    /// Writes the file to `path`, by [`replace`](super::replace()).
    ///
    /// # Errors
    ///
    /// For the reasons of [`NewFile::check`], before anything is opened; if it cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), WriteError> {
        self.check().map_err(|what| {
            let path = escaped(&path.display().to_string());
            WriteError::Refused(format!("cannot write {path}: {what}"))
        })?;
        super::replace(path, |out| self.write(out))
    }

    /// Whether there can be such a file.
    ///
    /// # Errors
    ///
    /// If the kind is none of the three; if a `.npy` file is to hold other than one tensor; if a shape
    /// does not fit its data, a name is there twice or cannot be a member of an archive; if codes are not
    /// in the integer type of their format's width, or one has more bits; if codes of four bits end
    /// within a byte.
    pub fn check(&self) -> Result<(), String> {
        if !matches!(self.kind, Kind::Npy | Kind::Npz | Kind::Safetensors) {
            return Err(format!(
                "{} is not written; .npy, .npz and .safetensors are",
                self.kind.what()
            ));
        }
        if self.kind == Kind::Npy && self.tensors.len() != 1 {
            let given = self.tensors.len();
            return Err(format!("a .npy file holds one tensor, {given} given; .npz holds several"));
        }
        let mut names = HashSet::new();
        for tensor in &self.tensors {
            let name = tensor.name;
            let refuse = |what: String| match self.kind {
                Kind::Npy => what,
                _ => format!("tensor {}: {what}", super::shown(name)),
            };
            tensor.check(self.kind).map_err(refuse)?;
            if !names.insert(name) {
                return Err(refuse("the name is there twice".into()));
            }
        }
        let mut keys = HashSet::new();
        match self.metadata().iter().find(|pair| !keys.insert(pair.0.as_str())) {
            Some(pair) => Err(format!("metadata {:?} is there twice", super::shown(&pair.0))),
            None => Ok(()),
        }
    }

    /// Writes the bytes of a file that has been [checked](NewFile::check).
    ///
    /// # Errors
    ///
    /// If writing fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.kind {
            Kind::Safetensors => self.write_safetensors(out),
            Kind::Npz => self.write_npz(out),
            _ => self.tensors.iter().try_for_each(|tensor| tensor.write_npy(out)),
        }
    }

    /// The strings given, and the formats that no type states.
    fn metadata(&self) -> Vec<(String, String)> {
        let unstated = |tensor: &NewTensor<'_>| match tensor.data {
            Data::Codes(format, _) if !tensor.states_format(self.kind) => {
                Some((format!("{}.format", tensor.name), format.to_string()))
            }
            _ => None,
        };
        let mut metadata = self.metadata.clone();
        if self.kind != Kind::Npy {
            metadata.extend(self.tensors.iter().filter_map(unstated));
        }
        metadata
    }

    fn write_safetensors(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut tensors: Vec<&NewTensor<'_>> = self.tensors.iter().collect();
        tensors.sort_by_key(|tensor| std::cmp::Reverse(tensor.bits(self.kind)));
        let mut rows = Vec::with_capacity(tensors.len());
        for tensor in &tensors {
            let bytes = bytes_of(tensor.data.len(), tensor.bits(self.kind));
            let dtype = tensor.dtype(self.kind).to_string();
            rows.push((tensor.name, dtype, &tensor.shape[..], bytes.map_err(io::Error::other)?));
        }
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, dtype, shape, bytes)| (*name, dtype.as_str(), *shape, *bytes))
            .collect();
        out.write_all(&safetensors::table(&rows, &self.metadata()))?;
        tensors.iter().try_for_each(|tensor| tensor.write_row_major(self.nibbles, out))
    }

    fn write_npz(&self, out: &mut dyn Write) -> io::Result<()> {
        type Written<'a> = (String, Box<dyn Fn(&mut dyn Write) -> io::Result<()> + 'a>);
        let mut members: Vec<Written<'_>> = Vec::new();
        for tensor in &self.tensors {
            let write = move |out: &mut dyn Write| tensor.write_npy(out);
            members.push((format!("{}.npy", tensor.name), Box::new(write)));
        }
        let metadata = self.metadata();
        if !metadata.is_empty() {
            let text = json::object(&metadata);
            let write = move |out: &mut dyn Write| out.write_all(text.as_bytes());
            members.push((npz::METADATA.to_owned(), Box::new(write)));
        }
        npz::write(out, members.into_iter())
    }
}

impl NewTensor<'_> {
    fn check(&self, kind: Kind) -> Result<(), String> {
        if self.shape.len() > AXES {
            return Err(format!("{} axes given, at most {AXES} allowed", self.shape.len()));
        }
        let (needed, given) = (count(&self.shape)?, self.data.len());
        if needed != given {
            let shape = brackets(&self.shape);
            return Err(format!("shape {shape} needs {needed} elements, {given} given"));
        }
        if let Data::Codes(format, codes) = self.data {
            check_codes(&format, codes)?;
        }
        bytes_of(given, self.bits(kind))?;
        match kind {
            _ if matches!(self.data, Data::Kept(dtype, _) if dtype.spelled_for(kind).is_none()) => {
                Err(format!(
                    "elements of type {} stay as they are, which {} cannot hold; choose tensors by name",
                    self.dtype(kind),
                    kind.what()
                ))
            }
            Kind::Npz if !npz::keeps_name(&format!("{}.npy", self.name)) => {
                Err("the name is no plain path, as those within an archive are".into())
            }
            Kind::Safetensors if self.name == "__metadata__" => {
                Err("the name is that of the file's own metadata".into())
            }
            _ => Ok(()),
        }
    }

    /// How many bytes its elements take in a file of the kind.
    #[must_use]
    pub fn size_in_bytes(&self, kind: Kind) -> usize {
        (self.data.len() as u128 * u128::from(self.bits(kind))).div_ceil(8) as usize
    }

    /// NumPy's type and safetensors'.
    fn types(&self, kind: Kind) -> (&'static str, &'static str) {
        match self.data {
            Data::F32(_) => ("<f4", "F32"),
            Data::F64(_) => ("<f8", "F64"),
            Data::U8(_) => ("|u1", "U8"),
            Data::U64(_) => ("<u8", "U64"),
            // Spelled in its own words.
            Data::Kept(..) => ("", ""),
            Data::Codes(format, codes) => {
                let (npy, safetensors) = match codes {
                    Codes::U8(_) => ("|u1", "U8"),
                    Codes::U16(_) => ("<u2", "U16"),
                    Codes::U32(_) => ("<u4", "U32"),
                    Codes::U64(_) => ("<u8", "U64"),
                };
                let own = [
                    (Format::BINARY16, "<f2"),
                    (Format::BINARY32, "<f4"),
                    (Format::BINARY64, "<f8"),
                ];
                let npy = own.iter().find(|row| row.0 == format).map_or(npy, |row| row.1);
                match Dtype::safetensors_name(&format) {
                    Some(name) if kind == Kind::Safetensors => (npy, name),
                    _ => (npy, safetensors),
                }
            }
        }
    }

    /// The type of the elements in the file.
    fn dtype(&self, kind: Kind) -> Dtype {
        if let Data::Kept(dtype, _) = self.data {
            return dtype.spelled_for(kind).unwrap_or_else(|| dtype.clone());
        }
        let (npy, safetensors) = self.types(kind);
        match kind {
            Kind::Safetensors => Dtype::of_safetensors(safetensors),
            _ => Dtype::of_npy(npy),
        }
    }

    fn states_format(&self, kind: Kind) -> bool {
        self.dtype(kind).format().is_some()
    }

    fn bits(&self, kind: Kind) -> u32 {
        self.dtype(kind).bits().unwrap_or(0)
    }

    fn write_npy(&self, out: &mut dyn Write) -> io::Result<()> {
        let descr = self.dtype(Kind::Npy).to_string();
        // Of one axis both orders are the same, and NumPy calls that the usual one.
        let turned = self.fortran_order && self.shape.len() > 1;
        out.write_all(&npy::header(&descr, turned, &self.shape))?;
        if !turned {
            return self.data.write(out);
        }
        // Elements with the first axis fastest are in row-major order of the axes turned round.
        let shape: Vec<usize> = self.shape.iter().rev().copied().collect();
        let mut bytes = Vec::new();
        self.data.write(&mut bytes)?;
        out.write_all(&transposed(&bytes, self.bits(Kind::Npy) as usize / 8, &shape))
    }

    fn write_row_major(&self, nibbles: Nibbles, out: &mut dyn Write) -> io::Result<()> {
        match self.data {
            Data::Codes(format, Codes::U8(codes)) if format == Format::OCP_E2M1 => {
                let pack = |pair: &[u8; 2]| match nibbles {
                    Nibbles::LowFirst => pair[0] | pair[1] << 4,
                    Nibbles::HighFirst => pair[0] << 4 | pair[1],
                };
                let bytes: Vec<u8> = codes.as_chunks().0.iter().map(pack).collect();
                out.write_all(&bytes)
            }
            data => data.write(out),
        }
    }
}

impl Data<'_> {
    fn len(&self) -> usize {
        match self {
            Self::F32(x) => x.len(),
            Self::F64(x) => x.len(),
            Self::U8(x) => x.len(),
            Self::U64(x) => x.len(),
            Self::Codes(_, codes) => codes.len(),
            Self::Kept(dtype, bytes) => match dtype.bits() {
                Some(bits @ 1..) => (8 * bytes.len() as u64 / u64::from(bits)) as usize,
                _ => 0,
            },
        }
    }

    /// One after the other, the least significant byte first.
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::F32(x) => in_pieces(x, |x| x.to_le_bytes(), out),
            Self::F64(x) => in_pieces(x, |x| x.to_le_bytes(), out),
            Self::U8(x) | Self::Kept(_, x) => out.write_all(x),
            Self::Codes(_, Codes::U8(x)) => out.write_all(x),
            Self::U64(x) => in_pieces(x, |x| x.to_le_bytes(), out),
            Self::Codes(_, Codes::U16(x)) => in_pieces(x, |x| x.to_le_bytes(), out),
            Self::Codes(_, Codes::U32(x)) => in_pieces(x, |x| x.to_le_bytes(), out),
            Self::Codes(_, Codes::U64(x)) => in_pieces(x, |x| x.to_le_bytes(), out),
        }
    }
}

fn in_pieces<T: Copy, const N: usize>(
    elements: &[T],
    bytes: impl Fn(T) -> [u8; N],
    out: &mut dyn Write,
) -> io::Result<()> {
    for piece in elements.chunks(1 << 13) {
        let piece: Vec<u8> = piece.iter().flat_map(|x| bytes(*x)).collect();
        out.write_all(&piece)?;
    }
    Ok(())
}

/// Codes in the integer type of the format's width, and none with more bits.
fn check_codes(format: &Format, codes: &Codes) -> Result<(), String> {
    let Some(bits) = format.total_bits() else {
        return Err(format!("{format} given, whose numbers have no codes"));
    };
    let (given, wide) = match codes {
        Codes::U8(codes) => (8, too_wide(bits, codes)),
        Codes::U16(codes) => (16, too_wide(bits, codes)),
        Codes::U32(codes) => (32, too_wide(bits, codes)),
        Codes::U64(codes) => (64, too_wide(bits, codes)),
    };
    let needed = bits.next_power_of_two().max(8);
    if given != needed {
        return Err(format!("codes of {format} in {given} bits given, in {needed} needed"));
    }
    match wide {
        Some((index, code)) => {
            Err(format!("element {index}: code {code:#x} given, at most {bits} bits allowed"))
        }
        None => Ok(()),
    }
}

/// The first code with more bits, and where it is.
fn too_wide<C: Copy + Into<u64>>(bits: u32, codes: &[C]) -> Option<(usize, u64)> {
    let codes = codes.iter().map(|&code| code.into());
    codes.enumerate().find(|(_, code)| bits < 64 && code >> bits > 0)
}
