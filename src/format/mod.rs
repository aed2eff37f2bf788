//! `Format`: a set of values and their codes, as a handful of primitive facts.
//!
//! Everything else (`largest_finite`, `contains`, `encode` …) is derived from the facts, here and in
//! the sibling files: `custom` builds formats from parameters, `named` is the catalogue, `p3109`
//! the IEEE P3109 family, `name` reads and prints names, `code` goes between values and codes,
//! `query` answers questions about values, `grid` is what format and storage type have in common, `datum`
//! the exact value they all speak of.

mod code;
mod custom;
mod datum;
mod grid;
mod name;
mod named;
mod p3109;
mod peers;
mod query;
#[cfg(feature = "serde")]
mod serde;

pub(crate) use code::sealed::Each as EachCode;
pub use code::{Code, Values};
pub use datum::Datum;
pub(crate) use datum::power_of_two;
pub(crate) use grid::{Exact, Grid};
pub use named::Entry;
pub use p3109::Domain;

/// A number format: which values there are, and which code (bit pattern) each has.
///
/// `Copy`, comparable, hashable and `const`. Two formats with the same facts are equal, whatever
/// their names; how values get into a format (rounding, overflow, underflow) lives beside it, in
/// [`Chop`](crate::Chop).
///
/// ```
/// use lowprec::Format;
/// let fp16 = Format::new(5, 10)?;
/// assert_eq!(fp16, Format::BINARY16);
/// assert_eq!(fp16, "fp16".parse()?);
/// assert_eq!(fp16, Format::from_range(11, -14, 15)?);
/// assert_eq!(fp16.to_string(), "binary16");
/// assert_eq!(fp16.largest_finite(), 65504.0);
/// assert_eq!(fp16.encode(-2.0)?, 0xc000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Formats may be wider than `f64`: the one-bit-precision members of the P3109 family reach
/// 2^32767. Queries that answer in `f64` then speak of the values that binary64 holds;
/// [`Format::decode_exact`] gives the exact value of every code.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Format {
    /// p: significand bits, the leading one included, 1..=53.
    precision: u8,
    /// Width of the exponent field.
    exponent: ExponentField,
    /// Exponent of the smallest normal binade.
    emin: i32,
    /// Exponent of the largest finite number.
    emax: i32,
    /// Significand of the largest finite number, as an integer of p bits.
    top: u64,
    /// Whether there is a sign bit.
    signedness: Signedness,
    /// What lies below the normal numbers.
    low: Low,
    /// Whether minus zero is a value of its own.
    negative_zero: bool,
    /// Whether there are infinities (one in an unsigned format).
    infinity: bool,
    /// Which codes are NaN.
    nan: Nan,
    /// What an overflow becomes under `Overflow::Ieee`.
    overflow: OverflowValue,
}

/// Whether a format has a sign bit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Signedness {
    /// One bit of sign.
    Signed,
    /// No negative values.
    Unsigned,
}

/// Width of the exponent field, or none: the exponent has no limit but the storage type's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum ExponentField {
    Bits(u8),
    Unbounded,
}

/// What lies below the normal numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Low {
    /// Exponent field 0 holds zero and the subnormal numbers.
    Subnormals,
    /// Exponent field 0 holds zero alone; its other codes stand for nothing.
    ZeroField,
    /// Exponent field 0 is a normal binade whose first code is zero (DLFloat16).
    ZeroSlot,
    /// Exponent field 0 is a normal binade, and there is no zero (E8M0).
    NoZero,
}

/// Which codes are NaN.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Nan {
    /// The all-ones exponent field with a nonzero trailing significand (IEEE 754-2019 3.4).
    TopField,
    /// All ones below the sign bit (OCP E4M3, E8M0, unsigned P3109).
    AllOnes,
    /// The code that would be minus zero (FNUZ, signed P3109).
    NegativeZero,
    /// None.
    None,
}

/// What an overflow becomes under `Overflow::Ieee`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum OverflowValue {
    Infinity,
    Nan,
    Largest,
}

/// Exponents an unbounded format is given: beyond those of every storage type and every sum or
/// product of two.
const UNBOUNDED: i32 = 1 << 20;

/// Facts as other layers see them.
impl Format {
    pub(crate) const fn overflow_value(&self) -> OverflowValue {
        self.overflow
    }

    /// Exponents of the smallest normal and the largest finite number, unbounded ones as large
    /// numbers.
    pub(crate) const fn raw_range(&self) -> (i32, i32) {
        (self.emin, self.emax)
    }

    /// Significand of the largest finite number as an integer of p bits.
    pub(crate) const fn top(&self) -> u64 {
        self.top
    }

    /// Whether zero is one of the values.
    #[must_use]
    pub const fn has_zero(&self) -> bool {
        !matches!(self.low, Low::NoZero)
    }

    /// Whether exponent field 0 is a normal binade whose first code is zero: the smallest positive
    /// number is then 2^emin·(1 + 2^(1-p)), not 2^emin.
    pub(crate) const fn zero_takes_a_normal_code(&self) -> bool {
        matches!(self.low, Low::ZeroSlot)
    }

    /// Whether the code of 2^e is odd in a format of one-bit precision, where each code is one
    /// binade; without codes, whether e is odd.
    pub(crate) const fn one_bit_parity(&self, e: i32) -> bool {
        let field = match self.exponent {
            ExponentField::Unbounded => e,
            ExponentField::Bits(_) => e - self.emin + self.first_field(),
        };
        field & 1 != 0
    }

    /// The exponent field of 2^emin.
    const fn first_field(&self) -> i32 {
        match self.low {
            Low::Subnormals | Low::ZeroField => 1,
            Low::ZeroSlot | Low::NoZero => 0,
        }
    }
}

/// The format's name in brackets.
impl core::fmt::Debug for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Format({self})")
    }
}
