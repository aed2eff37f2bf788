//! Into the number types and out of them.

use core::error::Error;
use core::fmt;

use num_bigint::BigUint;
use num_traits::Float;

use super::context::Context;
use super::fixed::{StaticFormat, StaticRounding};
use super::{Lp, Number};
use crate::arith::Integer;
use crate::definition::real::Real;
use crate::error::{CodeError, CodeErrorKind};
use crate::format::Format;
use crate::storage::Storage;

/// A value that is no number of the format.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ExactError {
    given: f64,
    format: Format,
}

impl ExactError {
    /// The value.
    #[must_use]
    pub const fn given(&self) -> f64 {
        self.given
    }
}

impl fmt::Display for ExactError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { given, format } = self;
        write!(
            f,
            "{} given, only values of {format} allowed: round it with from_f64",
            crate::error::Number(*given)
        )
    }
}

impl Error for ExactError {}

/// Lossy conversions: the value rounded once. In a stochastic mode each takes one position.
impl<C: Context> Number<C> {
    /// `x` rounded.
    ///
    /// ```
    /// use lowprec::{Lp, number::{Binary16, Up}};
    /// assert_eq!(Lp::<Binary16>::from_f64(0.1).to_f64(), 0.0999755859375);
    /// assert_eq!(Lp::<Binary16, Up>::from_f64(0.1).to_f64(), 0.10003662109375);
    /// ```
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn from_f64(x: f64) -> Self {
        Self::of(C::round_f64(x))
    }

    /// `x` rounded.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn from_f32(x: f32) -> Self {
        Self::of(C::round_f64(f64::from(x)))
    }

    /// An integer rounded, from all of its bits.
    ///
    /// ```
    /// use lowprec::{Lp, number::{Binary32, Up}};
    /// // One more than a number of binary32; binary64 does not have it either.
    /// assert_eq!(Lp::<Binary32, Up>::from_integer((1_u64 << 62) + 1).to_f64(), 2f64.powi(62) + 2f64.powi(39));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn from_integer<I: Integer>(integer: I) -> Self {
        Self::from_wide(crate::arith::wide_integer(integer))
    }

    #[track_caller]
    pub(super) fn from_wide(integer: i128) -> Self {
        Self::from_magnitude(integer < 0, integer.unsigned_abs())
    }

    #[track_caller]
    pub(super) fn from_magnitude(negative: bool, magnitude: u128) -> Self {
        if magnitude >> f64::MANTISSA_DIGITS == 0 {
            let size = magnitude as f64;
            return Self::of(C::round_f64(if negative { -size } else { size }));
        }
        let one = BigUint::from(1_u32);
        Self::of(C::round_real(Real::number(negative, magnitude.into(), one, 0)))
    }

    /// This number in another format, mode or storage type, rounded once.
    ///
    /// ```
    /// use lowprec::{Lp, number::{Binary16, OcpE5m2}};
    /// let x = Lp::<Binary16>::from_f64(0.1);
    /// let y: Lp<OcpE5m2> = x.convert();
    /// assert_eq!(y.to_f64(), 0.09375);
    /// ```
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn convert<D: Context>(self) -> Number<D> {
        Number::of(D::round_f64(self.to_f64()))
    }
}

/// Exact conversions.
impl<C: Context> Number<C> {
    /// The number `x`, if it is one of the format.
    ///
    /// # Errors
    ///
    /// If it is not.
    ///
    /// ```
    /// use lowprec::{Lp, number::OcpE4m3};
    /// assert_eq!(Lp::<OcpE4m3>::try_exact(0.25)?.to_f64(), 0.25);
    /// let error = Lp::<OcpE4m3>::try_exact(0.1).unwrap_err();
    /// assert_eq!(error.to_string(), "0.1 given, only values of e4m3fn allowed: round it with from_f64");
    /// # Ok::<(), lowprec::number::ExactError>(())
    /// ```
    #[track_caller]
    pub fn try_exact(x: f64) -> Result<Self, ExactError> {
        let format = C::chop().format();
        match C::Storage::narrow(x) {
            Some(value) if format.contains(x) => Ok(Self::of(value)),
            _ => Err(ExactError { given: x, format }),
        }
    }

    /// The value.
    #[must_use]
    #[inline]
    pub fn to_f64(self) -> f64 {
        self.value.widen()
    }

    /// The value in the type that holds it.
    #[must_use]
    #[inline]
    pub const fn value(self) -> C::Storage {
        self.value
    }

    /// The code: the bits by which the format stands for the number. Every NaN has the canonical one.
    ///
    /// # Errors
    ///
    /// Where the format has no codes, for a NaN in a format without, and for a [`Scoped`](super::Scoped)
    /// number that is no number of its scope's format.
    ///
    /// ```
    /// use lowprec::{Lp, number::Binary16};
    /// assert_eq!(Lp::<Binary16>::from_f64(-1.5).to_bits()?, 0xbe00);
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    #[track_caller]
    pub fn to_bits(self) -> Result<u64, CodeError> {
        C::chop().format().encode(self.to_f64())
    }

    /// The number of a code.
    ///
    /// # Errors
    ///
    /// Where the code has too many bits or stands for nothing, or for nothing that the storage type
    /// holds, and where the format has no codes.
    ///
    /// ```
    /// use lowprec::{Lp, number::OcpE4m3};
    /// assert_eq!(Lp::<OcpE4m3>::from_bits(0x7e)?.to_f64(), 448.0);
    /// assert!(Lp::<OcpE4m3>::from_bits(0x100).is_err());
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    #[track_caller]
    pub fn from_bits(code: u64) -> Result<Self, CodeError> {
        let format = C::chop().format();
        let refused = |kind| Err(CodeError::new(kind));
        let Some(bits) = format.total_bits() else {
            return refused(CodeErrorKind::NoCodes);
        };
        if bits < u64::BITS && code >> bits != 0 {
            return refused(CodeErrorKind::TooWide { code, bits });
        }
        let Some(exact) = format.decode_exact(code) else {
            return refused(CodeErrorKind::Unassigned(code));
        };
        match exact.to_f64().and_then(C::Storage::narrow) {
            Some(value) => Ok(Self::of(value)),
            None => refused(CodeErrorKind::OutOfStorage(code)),
        }
    }
}

/// Lossy: the nearest `f32`, ties to even. Exact for every format within binary32.
impl<C: Context> Number<C> {
    /// The nearest `f32`.
    #[must_use]
    #[inline]
    pub fn to_f32(self) -> f32 {
        self.to_f64() as f32
    }
}

/// What needs no trait in scope.
impl<C: Context> Number<C> {
    /// √x, rounded once.
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn sqrt(self) -> Self {
        Self::of(C::sqrt(self.value))
    }

    /// self·factor + term, rounded once.
    ///
    /// ```
    /// use lowprec::{Lp, number::Bfloat16};
    /// let [x, y] = [1.0 + 1.0 / 128.0, 1.0 - 1.0 / 128.0].map(Lp::<Bfloat16>::from_f64);
    /// let one = Lp::from_f64(1.0);
    /// assert_eq!((x * y - one).to_f64(), 0.0);
    /// assert_eq!(x.mul_add(y, -one).to_f64(), -2f64.powi(-14));
    /// ```
    #[must_use]
    #[inline]
    #[track_caller]
    pub fn mul_add(self, factor: Self, term: Self) -> Self {
        Self::of(C::fma(self.value, factor.value, term.value))
    }

    /// The IEEE 754 remainder: x - n·y with n = x/y rounded to the nearest integer, ties to even. `%`
    /// truncates instead.
    #[must_use]
    #[track_caller]
    pub fn remainder(self, divisor: Self) -> Self {
        Self::of(C::remainder(self.value, divisor.value))
    }

    /// The magnitude.
    #[must_use]
    #[inline]
    pub fn abs(self) -> Self {
        Self::of(self.value.abs())
    }

    /// Whether this is NaN.
    #[must_use]
    #[inline]
    pub fn is_nan(self) -> bool {
        self.value.is_nan()
    }

    /// Whether this is neither infinite nor NaN.
    #[must_use]
    #[inline]
    pub fn is_finite(self) -> bool {
        self.value.is_finite()
    }

    /// The total order of IEEE 754-2019 5.10: as `<`, with -0 before +0 and NaN at the ends by its sign.
    #[must_use]
    pub fn total_cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.to_f64().total_cmp(&other.to_f64())
    }
}

/// Exact.
impl<C: Context> From<Number<C>> for f64 {
    #[inline]
    fn from(number: Number<C>) -> Self {
        number.to_f64()
    }
}

/// Exact.
impl<F: StaticFormat<Storage = f32>, R: StaticRounding> From<Lp<F, R>> for f32 {
    #[inline]
    fn from(number: Lp<F, R>) -> Self {
        number.value
    }
}
