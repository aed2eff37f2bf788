//! What a file of tensors holds.

use std::borrow::Cow;
use std::io;
use std::ops::Range;

use super::dtype::Dtype;
use super::elements::{Elements, Reading};
use super::error::Error;
use super::kind::Kind;
use super::metadata::Metadata;
use super::npz;
use super::source::{Backing, Source};

/// A file of tensors, of which the headers have been read and held against the data's length.
#[derive(Debug)]
pub struct TensorFile {
    pub(super) source: Source,
    pub(super) tensors: Vec<Tensor>,
    pub(super) metadata: Metadata,
}

/// A tensor's name, shape and type, and where its elements lie.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub(super) name: Box<str>,
    pub(super) shape: Box<[usize]>,
    pub(super) dtype: Dtype,
    pub(super) fortran_order: bool,
    pub(super) place: Place,
}

/// Where a tensor's bytes are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// In the file as they are.
    Plain(Range<u64>),
    /// In a member of a zip archive.
    Member(Box<npz::Member>),
}

impl TensorFile {
    /// What to call the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.source.name
    }

    /// Its kind: [`Kind::Npy`], [`Kind::Npz`] or [`Kind::Safetensors`].
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.source.kind
    }

    /// The tensors in the order of their data; of an archive's, of its directory.
    #[must_use]
    pub fn tensors(&self) -> &[Tensor] {
        &self.tensors
    }

    /// The strings beside the tensors; a `.npy` file has none.
    #[must_use]
    pub const fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// A tensor's elements, read now if the file is on disk.
    ///
    /// # Errors
    ///
    /// If elements of its type are not read, or only with a format, or that format is not of its
    /// elements' width; if the file cannot be read.
    pub fn elements(&self, tensor: &Tensor, reading: &Reading) -> Result<Elements<'_>, Error> {
        let refuse = |what: String| Error::of_tensor(self.name(), &tensor.name, what);
        let noted = || self.metadata.get(&format!("{}.format", tensor.name));
        let format = super::elements::format_of(tensor, reading, noted).map_err(refuse)?;
        let bytes =
            self.bytes(tensor).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        Ok(Elements::new(self.name(), tensor, format, reading.nibbles, bytes))
    }

    /// A tensor's type and bytes for [`Data::Kept`](super::Data::Kept): in row-major order, the least significant byte of
    /// each number first.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or has a type that is not known here.
    pub fn kept(&self, tensor: &Tensor) -> Result<(Dtype, Vec<u8>), Error> {
        let refuse = |what: String| Error::of_tensor(self.name(), &tensor.name, what);
        if tensor.dtype.bits().is_none() {
            let what = format!("elements of type {}, which are not copied", tensor.dtype);
            return Err(refuse(what));
        }
        let bytes =
            self.bytes(tensor).map_err(|error| refuse(format!("cannot be read: {error}")))?;
        let mut bytes = bytes.into_owned();
        let width = tensor.dtype.bits().map_or(0, |bits| bits as usize / 8);
        if tensor.fortran_order && width > 0 {
            bytes = super::elements::transposed(&bytes, width, &tensor.shape);
        }
        if tensor.dtype.is_big_endian() && tensor.dtype.is_number() && width > 1 {
            bytes.chunks_exact_mut(width).for_each(<[u8]>::reverse);
        }
        Ok((tensor.dtype.clone(), bytes))
    }

    fn bytes(&self, tensor: &Tensor) -> io::Result<Cow<'_, [u8]>> {
        match (&tensor.place, &self.source.backing) {
            (Place::Plain(range), backing) => backing.read(range.clone()),
            (Place::Member(member), Backing::Archive(archive)) => npz::data(archive, member),
            // A tensor of another file.
            (Place::Member(_), _) => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

impl Tensor {
    /// Its name, as the file has it: print it by [`shown`](super::shown). Empty for a `.npy` file's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The lengths of its axes.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many elements it has.
    #[must_use]
    pub fn count(&self) -> usize {
        // Held against the file's length when it was opened.
        self.shape.iter().product()
    }

    /// The type of its elements.
    #[must_use]
    pub const fn dtype(&self) -> &Dtype {
        &self.dtype
    }

    /// Whether the file has its elements with the first axis fastest.
    #[must_use]
    pub const fn fortran_order(&self) -> bool {
        self.fortran_order
    }
}

/// NumPy's limit for twenty years (64 since version 2). A table of more axes, two letters each, would
/// take more than four times its length.
pub(super) const AXES: usize = 32;

/// The product of the lengths, if it can be one: an empty tensor has no lengths beyond `usize`'s range
/// either, so that products of some of them stay in it.
pub(super) fn count(shape: &[usize]) -> Result<usize, String> {
    let nonzero = shape.iter().filter(|&&length| length > 0);
    let whole = nonzero.clone().try_fold(1_usize, |product, &length| product.checked_mul(length));
    match whole {
        None => Err(format!("shape {} is larger than any memory", brackets(shape))),
        Some(_) if shape.contains(&0) => Ok(0),
        Some(count) => Ok(count),
    }
}

/// How many bytes so many elements fill, if they fill whole ones.
pub(super) fn bytes_of(count: usize, bits: u32) -> Result<u64, String> {
    let bits = count as u128 * u128::from(bits);
    match u64::try_from(bits / 8) {
        Ok(bytes) if bits.is_multiple_of(8) => Ok(bytes),
        Ok(_) => Err(format!("{count} elements end within a byte")),
        Err(_) => Err(format!("{count} elements are larger than any memory")),
    }
}

/// A shape as Python prints it.
pub(super) fn brackets(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", lengths.join(", "))
}
