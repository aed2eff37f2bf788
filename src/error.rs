//! One small error type per concept; every message names what was given and what is allowed.

use core::error::Error;
use core::fmt;

/// A format that cannot be built: which field, which value, which limit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormatError {
    field: &'static str,
    given: Given,
    allowed: &'static str,
}

/// The offending value. `Real` keeps the bits so that errors stay `Eq`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Given {
    Integer(i128),
    Real(u64),
    Switch(bool),
}

impl FormatError {
    pub(crate) const fn integer(field: &'static str, given: i128, allowed: &'static str) -> Self {
        Self { field, given: Given::Integer(given), allowed }
    }

    pub(crate) const fn real(field: &'static str, given: f64, allowed: &'static str) -> Self {
        Self { field, given: Given::Real(given.to_bits()), allowed }
    }

    pub(crate) const fn switch(field: &'static str, given: bool, allowed: &'static str) -> Self {
        Self { field, given: Given::Switch(given), allowed }
    }

    /// The field that was refused, in words (`"exponent bits"`, `"largest finite"` …).
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for FormatError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.field)?;
        match self.given {
            Given::Integer(n) => write!(f, "{n}")?,
            Given::Real(bits) => write!(f, "{}", Number(f64::from_bits(bits)))?,
            Given::Switch(on) => f.write_str(if on { "yes" } else { "no" })?,
        }
        // "only no, for a reason,": the reason comes last.
        match self.allowed.strip_suffix(',').and_then(|allowed| allowed.split_once(", ")) {
            Some((allowed, reason)) => write!(f, " given, {allowed} allowed, {reason}"),
            None => write!(f, " given, {} allowed", self.allowed),
        }
    }
}

/// A number in a message: as one writes it, with an exponent where it is very large or small.
pub(crate) struct Number(pub(crate) f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(x) = *self;
        if x == 0.0 || (1e-5..1e16).contains(&x.abs()) || !x.is_finite() {
            write!(f, "{x}")
        } else {
            write!(f, "{x:e}")
        }
    }
}

impl Error for FormatError {}

/// A rounding mode that does not exist.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoundingError {
    /// More than 32 random bits asked of a P3109 stochastic mode.
    RandomBits(u8),
    /// Not a rounding code of MATLAB chop.
    ChopCode(i32),
    /// Not a rounding code of Pychop.
    PychopCode(i32),
    /// Not a rounding code of CPFloat.
    CpfloatCode(i32),
}

impl fmt::Display for RoundingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RandomBits(n) => write!(f, "random bits: {n} given, 0..=32 allowed"),
            Self::ChopCode(c) => write!(f, "MATLAB chop rounding code: {c} given, 1..=6 allowed"),
            Self::PychopCode(c) => write!(f, "Pychop rounding code: {c} given, 1..=10 allowed"),
            Self::CpfloatCode(8) => f.write_str(
                "CPFloat rounding code: 8 given, which means no rounding: leave the values as they \
                 are; -1..=7 allowed",
            ),
            Self::CpfloatCode(c) => write!(f, "CPFloat rounding code: {c} given, -1..=7 allowed"),
        }
    }
}

impl Error for RoundingError {}

/// A name that could not be read: what it should have named, the text, and what is allowed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ParseError {
    what: &'static str,
    given: String,
    allowed: String,
}

impl ParseError {
    pub(crate) fn new(what: &'static str, given: &str, allowed: impl Into<String>) -> Self {
        Self { what, given: given.to_owned(), allowed: allowed.into() }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {:?}; try {}", self.what, self.given, self.allowed)
    }
}

impl Error for ParseError {}

/// Values that have no code, or codes that do not fit: what, and at which index of the slice.
#[derive(Clone, PartialEq, Debug)]
pub struct CodeError {
    index: Option<usize>,
    kind: CodeErrorKind,
}

/// Why a value has no code or a code no value.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum CodeErrorKind {
    /// The value is not one of the format's: round it first.
    NotAMember(f64),
    /// A NaN, and the format has none.
    NoNan,
    /// The format's exponent is unbounded: its values have no codes.
    NoCodes,
    /// The code has bits beyond the format's width (given here).
    TooWide {
        /// The code.
        code: u64,
        /// The format's total bits.
        bits: u32,
    },
    /// The code is within the width but stands for nothing.
    Unassigned(u64),
    /// The code's value exists but the storage type cannot hold it.
    OutOfStorage(u64),
    /// The rounding's format is not that of the destination type.
    OtherFormat,
    /// The codes were packed without saying which format they belong to.
    NoFormat,
    /// The integer type for codes (its bits given first) is narrower than the format (second).
    NarrowType {
        /// Bits of the integer type.
        given: u32,
        /// Bits the format needs.
        needed: u32,
    },
}

impl CodeError {
    pub(crate) const fn new(kind: CodeErrorKind) -> Self {
        Self { index: None, kind }
    }

    pub(crate) const fn at(mut self, index: usize) -> Self {
        self.index = Some(index);
        self
    }

    /// The position in the slice, where a slice was given.
    #[must_use]
    pub const fn index(&self) -> Option<usize> {
        self.index
    }

    /// What was wrong.
    #[must_use]
    pub const fn kind(&self) -> CodeErrorKind {
        self.kind
    }
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.index {
            write!(f, "element {index}: ")?;
        }
        match self.kind {
            CodeErrorKind::NotAMember(x) => {
                write!(f, "{} is not a value of the format; chop it first", Number(x))
            }
            CodeErrorKind::NoNan => f.write_str("NaN given, and the format has no NaN"),
            CodeErrorKind::NoCodes => {
                f.write_str("the format's exponent is unbounded, so its values have no codes")
            }
            CodeErrorKind::TooWide { code, bits } => {
                write!(f, "code {code:#x} given, at most {bits} bits allowed")
            }
            CodeErrorKind::Unassigned(code) => {
                write!(f, "code {code:#x} stands for no value of the format")
            }
            CodeErrorKind::OutOfStorage(code) => {
                write!(f, "code {code:#x} stands for a value that the storage type cannot hold")
            }
            CodeErrorKind::OtherFormat => {
                f.write_str("the rounding's format is not that of the destination type")
            }
            CodeErrorKind::NoFormat => {
                f.write_str("the codes are of no known format; say which with with_format")
            }
            CodeErrorKind::NarrowType { given, needed } => {
                write!(f, "code type of {given} bits given, at least {needed} bits needed")
            }
        }
    }
}

impl Error for CodeError {}

/// A value that, once rounded, is no number of an integer type.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct IntegerError {
    given: f64,
    name: &'static str,
    least: i128,
    most: i128,
}

impl IntegerError {
    pub(crate) const fn new(given: f64, name: &'static str, least: i128, most: i128) -> Self {
        Self { given, name, least, most }
    }

    /// The value.
    #[must_use]
    pub const fn given(&self) -> f64 {
        self.given
    }
}

impl fmt::Display for IntegerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, name, least, most } = self;
        let given = Number(*given);
        write!(f, "{given} given, {least}..={most} allowed for {name} once rounded")
    }
}

impl Error for IntegerError {}
/// Packed codes that cannot be made, or bytes that are not what they are said to be.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PackedError {
    /// Bits of a code outside 1..=16.
    Bits(u32),
    /// A shape of more elements or bytes than memory can have.
    Shape(Vec<usize>),
    /// Another number of codes than the shape has elements.
    Count {
        /// Codes given.
        given: usize,
        /// Elements of the shape.
        needed: usize,
    },
    /// Another number of bytes than the shape needs.
    Length {
        /// Bytes given.
        given: usize,
        /// Bytes that the shape needs.
        needed: usize,
    },
    /// The last byte, given here, has bits set that belong to no code.
    Padding(u8),
    /// A code with bits beyond the width.
    TooWide {
        /// Its position.
        index: usize,
        /// The code.
        code: u64,
        /// Bits of a code.
        bits: u32,
    },
    /// A code that stands for nothing.
    Unassigned {
        /// Its position.
        index: usize,
        /// The code.
        code: u64,
    },
    /// The format has no codes: its exponent is unbounded.
    NoCodes,
    /// The format's codes have another width.
    OtherWidth {
        /// Bits of the codes at hand.
        given: u32,
        /// Bits of the format's codes.
        needed: u32,
    },
    /// A range that does not lie in the array.
    Range {
        /// Its first code.
        start: usize,
        /// The code behind its last.
        end: usize,
        /// How many codes there are.
        length: usize,
    },
    /// A range that does not begin and end with a byte.
    PartOfByte {
        /// Its first code.
        start: usize,
        /// The code behind its last.
        end: usize,
        /// Bits of a code.
        bits: u32,
    },
}

impl fmt::Display for PackedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bits(bits) => write!(f, "bits of a code: {bits} given, 1..=16 allowed"),
            Self::Shape(shape) => {
                write!(f, "shape: {shape:?} given, at most {} bytes allowed", usize::MAX)
            }
            Self::Count { given, needed } => {
                write!(f, "codes: {given} given, {needed} needed by the shape")
            }
            Self::Length { given, needed } => {
                write!(f, "packed bytes: {given} given, {needed} needed by the shape")
            }
            Self::Padding(last) => {
                write!(f, "last byte: {last:#04x} given, zeros needed in the bits behind all codes")
            }
            Self::TooWide { index, code, bits } => {
                write!(f, "element {index}: code {code:#x} given, at most {bits} bits allowed")
            }
            Self::Unassigned { index, code } => {
                write!(f, "element {index}: code {code:#x} given, which stands for nothing here")
            }
            Self::NoCodes => {
                f.write_str("format: unbounded exponent given, a format with codes needed")
            }
            Self::OtherWidth { given, needed } => {
                write!(f, "codes of {given} bits given, {needed} needed by the format")
            }
            Self::Range { start, end, length } => {
                write!(f, "range: {start}..{end} given, within 0..{length} allowed")
            }
            Self::PartOfByte { start, end, bits } => write!(
                f,
                "range: {start}..{end} given, of codes of {bits} bits that is not whole bytes"
            ),
        }
    }
}

impl Error for PackedError {}

/// A shape that values or blocks cannot have.
#[non_exhaustive]
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShapeError {
    /// An axis that the array does not have.
    Axis {
        /// The axis, counted from 0.
        given: usize,
        /// How many axes there are.
        axes: usize,
    },
    /// Tiles lie in the last two axes, and there are fewer.
    Tiles {
        /// How many axes there are.
        axes: usize,
    },
    /// Another number of values than the shape has elements.
    Count {
        /// Values given.
        given: usize,
        /// Elements of the shape.
        needed: usize,
    },
    /// A shape of more elements than memory can have.
    TooLarge(Vec<usize>),
    /// Codes or scales of a block tensor that do not fit its format and shape.
    Part {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        error: PackedError,
    },
    /// A format without a layout in GGUF files.
    Layout,
    /// Rows that end within a block, where blocks have to be whole.
    Rows {
        /// Values of a row.
        given: usize,
        /// Values of a block.
        block: usize,
    },
    /// A second-level scale that is none: not positive, not finite, or not 1 where the format has
    /// none. The bits of the `f32`.
    TensorScale(u32),
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Axis { given, axes } => match axes {
                0 => write!(f, "axis: {given} given, but a single value has no axis"),
                _ => write!(f, "axis: {given} given, below {axes} allowed"),
            },
            Self::Tiles { axes } => write!(f, "axes: {axes} given, at least 2 needed by tiles"),
            Self::Count { given, needed } => {
                write!(f, "values: {given} given, {needed} needed by the shape")
            }
            Self::TooLarge(shape) => {
                write!(f, "shape: {shape:?} given, at most {} elements allowed", usize::MAX)
            }
            Self::Part { part, error } => write!(f, "{part}: {error}"),
            Self::Rows { given, block } => {
                write!(f, "values of a row: {given} given, multiples of {block} allowed")
            }
            Self::Layout => f.write_str(
                "block format: another given, only blocks of 32 with binary16 scales and integers of 8 or 4 \
                 bits (q8_0, q4_0, q4_1) allowed in GGUF's layout",
            ),
            Self::TensorScale(bits) => write!(
                f,
                "tensor scale: {} given, a positive finite number allowed, and only 1 where the \
                 format has none",
                Number(f64::from(f32::from_bits(*bits)))
            ),
        }
    }
}

impl Error for ShapeError {}

/// A shard that does not lie in its whole.
#[cfg(feature = "ndarray")]
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShardError {
    /// The whole shape or the origin has another number of axes than the shard.
    Dimensions {
        /// Axes given.
        given: usize,
        /// Axes of the shard.
        needed: usize,
    },
    /// The shard reaches beyond the whole.
    Beyond {
        /// The axis.
        axis: usize,
        /// Where the shard would end.
        end: usize,
        /// Length of the whole.
        length: usize,
    },
}

#[cfg(feature = "ndarray")]
impl fmt::Display for ShardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions { given, needed } => {
                write!(f, "shape or origin: {given} axes given, {needed} needed as the shard has")
            }
            Self::Beyond { axis, end, length } => {
                write!(f, "axis {axis}: shard ends at {end}, whole has length {length}")
            }
        }
    }
}

#[cfg(feature = "ndarray")]
impl Error for ShardError {}
