//! Elements of a tensor: bytes to codes and values.

use std::borrow::Cow;
use std::str::FromStr;

use lowprec::{Format, Storage, format::Code};

use super::dtype::{Dtype, Element};
use super::error::Error;
use super::tensor::Tensor;

/// What a file does not say about its elements.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// The format of which `u1`, `u2`, `V1`, `V2` … are codes. Types that name a format keep theirs.
    pub format: Option<Format>,
    /// Which half of a byte holds the first of two codes.
    pub nibbles: Nibbles,
}

/// Which half of a byte holds the first of two codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Nibbles {
    /// The less significant one, as PyTorch's `float4_e2m1fn_x2` and OCP MX have it.
    #[default]
    LowFirst,
    /// The more significant one.
    HighFirst,
}

impl FromStr for Nibbles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "low-first" => Ok(Self::LowFirst),
            "high-first" => Ok(Self::HighFirst),
            _ => Err(format!("{text:?} given, low-first or high-first allowed")),
        }
    }
}

/// Values in the narrower type that holds them all.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Of formats within binary32, and integers of at most 16 bits.
    F32(Vec<f32>),
    /// Of all others.
    F64(Vec<f64>),
}

/// Codes, one an element, in the integer type of the elements' width.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// At most 8 bits.
    U8(Vec<u8>),
    /// 16 bits.
    U16(Vec<u16>),
    /// 32 bits.
    U32(Vec<u32>),
    /// 64 bits.
    U64(Vec<u64>),
}

impl Codes {
    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        match self {
            Self::U8(codes) => codes.len(),
            Self::U16(codes) => codes.len(),
            Self::U32(codes) => codes.len(),
            Self::U64(codes) => codes.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A tensor's elements in row-major order, whatever the file's.
#[derive(Debug)]
pub struct Elements<'a> {
    file: &'a str,
    tensor: Box<str>,
    count: usize,
    dtype: Dtype,
    format: Option<Format>,
    nibbles: Nibbles,
    bytes: Cow<'a, [u8]>,
}

/// The format of a tensor's codes; `None` for integers.
pub(super) fn format_of<'a>(
    tensor: &Tensor,
    reading: &Reading,
    noted: impl FnOnce() -> Option<&'a str>,
) -> Result<Option<Format>, String> {
    let dtype = &tensor.dtype;
    if let Some(format) = dtype.format() {
        return Ok(Some(format));
    }
    let given = match (reading.format, dtype.element) {
        (given @ Some(_), _) => given,
        (None, Element::Void(_) | Element::Unsigned(_)) => {
            noted().map(str::parse).transpose().map_err(|error| format!("its format: {error}"))?
        }
        (None, _) => None,
    };
    match (dtype.element, given) {
        (Element::Void(bytes) | Element::Unsigned(bytes), Some(format)) => {
            let bits = 8 * u32::from(bytes);
            match format.total_bits() {
                Some(needed) if needed <= bits && needed > bits / 2 || bits == 8 && needed <= 8 => {
                    Ok(Some(format))
                }
                Some(needed) => Err(format!(
                    "elements of type {dtype}, {bits} bits each, given; codes of {format} have {needed}"
                )),
                None => Err(format!("{format} given, whose numbers have no codes")),
            }
        }
        (Element::Void(bytes), None) => {
            let usual = match (bytes, dtype.to_string().contains('f')) {
                (1, true) => "e5m2, which ml_dtypes writes so",
                (1, false) => "e4m3fn",
                (2, _) => "bfloat16",
                _ => "binary32",
            };
            let bits = 8 * u32::from(bytes);
            Err(format!(
                "elements of type {dtype}, {bits} bits of no known meaning; --code-format says which \
                 format's codes they are (such as {usual})"
            ))
        }
        (Element::Bool | Element::Opaque(_) | Element::Unknown, _) => Err(format!(
            "elements of type {dtype} given; read are floating-point types of 64, 32, 16, 8 and 4 \
             bits, integers, and codes with --code-format"
        )),
        // Signed integers are no codes, whatever the format.
        _ => Ok(None),
    }
}

impl<'a> Elements<'a> {
    pub(super) fn new(
        file: &'a str,
        tensor: &Tensor,
        format: Option<Format>,
        nibbles: Nibbles,
        bytes: Cow<'a, [u8]>,
    ) -> Self {
        let Tensor { name, shape, dtype, fortran_order, .. } = tensor.clone();
        let count = shape.iter().product();
        let bytes = match dtype.bits() {
            Some(bits) if fortran_order => transposed(&bytes, bits as usize / 8, &shape).into(),
            _ => bytes,
        };
        Self { file, tensor: name, count, dtype, format, nibbles, bytes }
    }

    /// The format of the codes; `None` where the elements are integers.
    #[must_use]
    pub const fn format(&self) -> Option<Format> {
        self.format
    }

    /// Values, exactly: an `f32` for each where the type or format promises that there is one, else an
    /// `f64`.
    ///
    /// # Errors
    ///
    /// At a code that stands for nothing or an integer of 64 bits that is no `f64`, with its index.
    pub fn values(&self) -> Result<Values, Error> {
        let narrow = match (self.format, self.dtype.element) {
            (Some(format), _) => within_binary32(&format),
            (None, Element::Signed(bytes) | Element::Unsigned(bytes)) => bytes <= 2,
            (None, _) => false,
        };
        if narrow { Ok(Values::F32(self.decoded()?)) } else { Ok(Values::F64(self.decoded()?)) }
    }

    /// The values in `f64`, whatever their type.
    ///
    /// # Errors
    ///
    /// For the reasons of [`Elements::values`].
    pub fn values_f64(&self) -> Result<Vec<f64>, Error> {
        self.decoded()
    }

    /// Codes.
    ///
    /// # Errors
    ///
    /// If the elements are integers of which no format is known.
    pub fn codes(&self) -> Result<Codes, Error> {
        if self.format.is_none() {
            return Err(self.refuse(format!(
                "elements of type {} are numbers, no codes; --code-format says of which format they are",
                self.dtype
            )));
        }
        Ok(match self.dtype.bits() {
            Some(4) => Codes::U8(self.unpacked()),
            Some(8) => Codes::U8(self.bytes.to_vec()),
            Some(16) => Codes::U16(self.words(u16::from_le_bytes, u16::from_be_bytes)),
            Some(32) => Codes::U32(self.words(u32::from_le_bytes, u32::from_be_bytes)),
            _ => Codes::U64(self.words(u64::from_le_bytes, u64::from_be_bytes)),
        })
    }

    fn refuse(&self, what: impl std::fmt::Display) -> Error {
        Error::of_tensor(self.file, &self.tensor, what)
    }

    fn decoded<T: Held>(&self) -> Result<Vec<T>, Error> {
        match (self.format, self.dtype.element) {
            // Bits as they are, those of a NaN too.
            (_, Element::F32) => Ok(self
                .words(u32::from_le_bytes, u32::from_be_bytes)
                .into_iter()
                .map(|bits| T::of_f32(f32::from_bits(bits)))
                .collect()),
            (_, Element::F64) => Ok(self
                .words(u64::from_le_bytes, u64::from_be_bytes)
                .into_iter()
                .map(|bits| T::of_f64(f64::from_bits(bits)))
                .collect()),
            (Some(format), Element::F4) if self.nibbles == Nibbles::LowFirst => {
                let mut values = vec![T::of_f32(0.0); self.count];
                let done = format.decode_packed(&self.bytes, &mut values);
                done.map_err(|error| self.refuse(error))?;
                Ok(values)
            }
            (Some(format), _) if self.dtype.bits() == Some(8) => {
                self.of_codes(&format, &self.bytes)
            }
            (Some(format), _) => match self.codes()? {
                Codes::U8(codes) => self.of_codes(&format, &codes),
                Codes::U16(codes) => self.of_codes(&format, &codes),
                Codes::U32(codes) => self.of_codes(&format, &codes),
                Codes::U64(codes) => self.of_codes(&format, &codes),
            },
            (None, Element::Signed(bytes)) => self.integers(bytes.into(), true),
            (None, Element::Unsigned(bytes)) => self.integers(bytes.into(), false),
            // Refused when asked for.
            (None, _) => Err(self.refuse("no numbers")),
        }
    }

    fn of_codes<C: Code, T: Held>(&self, format: &Format, codes: &[C]) -> Result<Vec<T>, Error> {
        let mut values = vec![T::of_f32(0.0); codes.len()];
        format.decode_slice(codes, &mut values).map_err(|error| self.refuse(error))?;
        Ok(values)
    }

    /// Integers as values; 64 bits hold some that no `f64` equals.
    fn integers<T: Held>(&self, width: usize, signed: bool) -> Result<Vec<T>, Error> {
        let big = self.dtype.is_big_endian();
        let exact = |(index, bytes): (usize, &[u8])| {
            let integer = integer(bytes, signed, big);
            let value = integer as f64;
            if value as i128 == integer {
                return Ok(T::of_f64(value));
            }
            Err(self.refuse(format_args!(
                "element {index}: {integer} given, which no f64 equals; integers to 2^53 have one"
            )))
        };
        self.bytes.chunks_exact(width).enumerate().map(exact).collect()
    }

    fn words<const N: usize, I>(&self, little: fn([u8; N]) -> I, big: fn([u8; N]) -> I) -> Vec<I> {
        let read = if self.dtype.is_big_endian() { big } else { little };
        self.bytes.as_chunks().0.iter().map(|bytes| read(*bytes)).collect()
    }

    /// Two codes a byte, one a byte.
    fn unpacked(&self) -> Vec<u8> {
        let halves = |byte: &u8| match self.nibbles {
            Nibbles::LowFirst => [byte & 15, byte >> 4],
            Nibbles::HighFirst => [byte >> 4, byte & 15],
        };
        self.bytes.iter().flat_map(halves).collect()
    }
}

/// An integer of at most 8 bytes.
fn integer(bytes: &[u8], signed: bool, big_endian: bool) -> i128 {
    let append = |word: u64, byte: &u8| word << 8 | u64::from(*byte);
    let word = match big_endian {
        true => bytes.iter().fold(0, append),
        false => bytes.iter().rev().fold(0, append),
    };
    let unused = 64 - 8 * bytes.len();
    if signed { ((word << unused).cast_signed() >> unused).into() } else { word.into() }
}

/// The storage types.
trait Held: Storage {
    fn of_f32(x: f32) -> Self;
    /// Of a value that is known to be of this type.
    fn of_f64(x: f64) -> Self;
}

impl Held for f32 {
    fn of_f32(x: f32) -> Self {
        x
    }

    fn of_f64(x: f64) -> Self {
        x as f32
    }
}

impl Held for f64 {
    fn of_f32(x: f32) -> Self {
        x.into()
    }

    fn of_f64(x: f64) -> Self {
        x
    }
}

/// Whether every value of a format is an `f32`.
fn within_binary32(format: &Format) -> bool {
    let single = Format::BINARY32;
    let smallest = format.smallest_positive();
    format.precision() <= single.precision()
        && format.emax() <= single.emax()
        // Its last digit, for the numbers with the smallest exponent.
        && format.emin() - format.mantissa_bits().cast_signed() >= -149
        && smallest >= f64::from(f32::from_bits(1))
}

/// Elements of so many bytes in row-major order, of those with the first axis fastest. With the lengths
/// turned round it is its own inverse.
pub(super) fn transposed(bytes: &[u8], width: usize, shape: &[usize]) -> Vec<u8> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = width;
    for length in shape {
        strides.push(stride);
        stride *= length;
    }
    let mut turned = Vec::with_capacity(bytes.len());
    let mut index = vec![0; shape.len()];
    let mut place = 0;
    while turned.len() < bytes.len() {
        turned.extend_from_slice(&bytes[place..place + width]);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= strides[axis] * shape[axis];
            index[axis] = 0;
        }
    }
    turned
}
