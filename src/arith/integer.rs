//! Integers to numbers of the format and back, rounded once.

use super::scalar::defined;
use crate::chop::{Draws, one};
use crate::definition::real::Real;
use crate::definition::reference;
use crate::error::IntegerError;
use crate::flags::Flags;
use crate::format::{Datum, Exact};
use crate::kernel;
use crate::rounding::decision;
use crate::storage::{Storage, canonical, narrowed};

/// An integer type: `i8` to `i64`, `u8` to `u64`. Sealed.
pub trait Integer: Copy + sealed::Integer {}

pub(crate) mod sealed {
    pub trait Integer: Sized {
        const NAME: &'static str;
        fn to_wide(self) -> i128;
        fn from_wide(x: i128) -> Option<Self>;
        fn limits() -> (i128, i128);
    }
}

macro_rules! integers {
    ($($type:ident)*) => {$(
        impl Integer for $type {}
        impl sealed::Integer for $type {
            const NAME: &'static str = stringify!($type);
            fn to_wide(self) -> i128 {
                self.into()
            }
            fn from_wide(x: i128) -> Option<Self> {
                Self::try_from(x).ok()
            }
            fn limits() -> (i128, i128) {
                (Self::MIN.into(), Self::MAX.into())
            }
        }
    )*};
}

integers! { i8 i16 i32 i64 u8 u16 u32 u64 }

/// An integer of any of the types.
pub(crate) fn wide_integer(integer: impl Integer) -> i128 {
    integer.to_wide()
}

/// The number of the format for an integer.
pub(crate) fn from_integer<T: Storage, I: Integer>(rounder: &impl Draws, integer: I) -> T {
    let wide = integer.to_wide();
    let (negative, magnitude) = (wide < 0, wide.unsigned_abs() as u64);
    if magnitude >> T::PRECISION == 0 {
        // The storage type has it.
        return one(rounder, <T as num_traits::NumCast>::from(wide as i64).unwrap_or_else(T::nan));
    }
    let rule = rounder.chop_ref().rule();
    if !rule.rounding.is_stochastic() {
        let exact = Exact { significand: magnitude, exponent: 0 };
        return reference::round_exact(negative, exact, &rule);
    }
    let exact = Real::of(Datum::finite(negative, magnitude, 0));
    defined(rounder, |rule, bits| reference::round_drawing(exact, rule, bits))
}

/// No integer type reaches beyond 2^64; the storage's next number below has 64 bits.
const TOO_LARGE: f64 = 18_446_744_073_709_549_568.0;

/// The integer that a value is rounded to in the rounding's mode.
pub(crate) fn to_integer<T: Storage, I: Integer>(
    rounder: &impl Draws,
    x: T,
) -> Result<I, IntegerError> {
    to_integer_flags(rounder, x).0
}

/// With what happened: inexact, or invalid where there is no such integer.
pub(crate) fn to_integer_flags<T: Storage, I: Integer>(
    rounder: &impl Draws,
    x: T,
) -> (Result<I, IntegerError>, Flags) {
    let error = || {
        let (least, most) = I::limits();
        IntegerError::new(x.widen(), I::NAME, least, most)
    };
    let wide = whole(rounder, x, TOO_LARGE);
    match wide.and_then(|(wide, inexact)| Some((I::from_wide(wide)?, inexact))) {
        Some((integer, inexact)) => (Ok(integer), Flags { inexact, ..Flags::NONE }),
        None => (Err(error()), Flags::INVALID),
    }
}

/// The integer that a finite value up to `most` in magnitude is rounded to, and whether it was none. In a stochastic
/// mode every value takes a position, what is no integer's too.
fn whole<T: Storage>(rounder: &impl Draws, x: T, most: f64) -> Option<(i128, bool)> {
    defined(rounder, |rule, bits| match Real::of(Datum::from_f64(x.widen())) {
        Real::Nan | Real::Infinite { .. } => None,
        Real::Zero { .. } => Some((0, false)),
        Real::Number { .. } if x.abs().widen() > most => None,
        Real::Number { negative, magnitude } => {
            let one = Exact { significand: 1, exponent: 0 };
            let (k, nu) = magnitude.in_steps(one);
            let odd = k & 1 == 1;
            let away = decision::rounds_away(rule.rounding, negative, odd, &nu, bits);
            let k = i128::from(k) + i128::from(away);
            Some((if negative { -k } else { k }, !nu.is_zero()))
        }
    })
}

/// Beyond this every number of the storage types is an integer.
const ALL_WHOLE: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;

/// The integer that a value is rounded to in the rounding's mode, in the storage type, and whether it was none.
pub(crate) fn to_integral_inexact<T: Storage>(rounder: &impl Draws, x: T) -> (T, bool) {
    let wide = x.widen();
    let chop = rounder.chop_ref();
    if let Some(y) = kernel::whole_number(&chop.rule(), chop.plan::<f64>(), wide) {
        return (narrowed(y), y != wide);
    }
    match whole(rounder, x, ALL_WHOLE) {
        // A sum with zero would lose the sign of a negative value that becomes zero.
        Some((integer, inexact)) => (narrowed((integer as f64).abs().copysign(wide)), inexact),
        None => (canonical(x), false),
    }
}

/// The integer that a value is rounded to in the rounding's mode, in the storage type.
#[inline]
pub(crate) fn to_integral<T: Storage>(rounder: &impl Draws, x: T) -> T {
    to_integral_inexact(rounder, x).0
}
