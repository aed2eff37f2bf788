//! The other traits of num-traits.

use num_traits::{
    Bounded, Float, FromPrimitive, Inv, MulAdd, MulAddAssign, Num, NumCast, Pow, Signed,
    ToPrimitive,
};

use super::Number;
use super::context::Context;
use crate::error::ParseError;

/// Smallest and largest finite number.
impl<C: Context> Bounded for Number<C> {
    #[track_caller]
    fn min_value() -> Self {
        Float::min_value()
    }

    #[track_caller]
    fn max_value() -> Self {
        Float::max_value()
    }
}

impl<C: Context> Num for Number<C> {
    type FromStrRadixErr = ParseError;

    /// Decimal text as `from_str` reads it, rounded once.
    ///
    /// # Errors
    ///
    /// If the text is not a number, or the radix not 10.
    fn from_str_radix(text: &str, radix: u32) -> Result<Self, ParseError> {
        match radix {
            10 => text.parse(),
            _ => Err(ParseError::new("radix", &radix.to_string(), "10")),
        }
    }
}

impl<C: Context> Signed for Number<C> {
    fn abs(&self) -> Self {
        Number::abs(*self)
    }

    #[track_caller]
    fn abs_sub(&self, other: &Self) -> Self {
        Float::abs_sub(*self, *other)
    }

    #[track_caller]
    fn signum(&self) -> Self {
        Float::signum(*self)
    }

    fn is_positive(&self) -> bool {
        Float::is_sign_positive(*self)
    }

    fn is_negative(&self) -> bool {
        Float::is_sign_negative(*self)
    }
}

macro_rules! to_integers {
    ($($method:ident $type:ty;)*) => {$(
        fn $method(&self) -> Option<$type> {
            ToPrimitive::$method(&Number::to_f64(*self))
        }
    )*};
}

/// Integers by truncation, `None` where it is none of the type; `f32` by rounding to nearest.
impl<C: Context> ToPrimitive for Number<C> {
    to_integers! {
        to_i8 i8; to_i16 i16; to_i32 i32; to_i64 i64; to_i128 i128; to_isize isize;
        to_u8 u8; to_u16 u16; to_u32 u32; to_u64 u64; to_u128 u128; to_usize usize;
    }

    fn to_f32(&self) -> Option<f32> {
        Some(Number::to_f32(*self))
    }

    fn to_f64(&self) -> Option<f64> {
        Some(Number::to_f64(*self))
    }
}

/// Always some number: the value rounded once.
impl<C: Context> FromPrimitive for Number<C> {
    #[track_caller]
    fn from_i64(x: i64) -> Option<Self> {
        Some(Self::from_wide(x.into()))
    }

    #[track_caller]
    fn from_u64(x: u64) -> Option<Self> {
        Some(Self::from_wide(x.into()))
    }

    #[track_caller]
    fn from_i128(x: i128) -> Option<Self> {
        Some(Self::from_wide(x))
    }

    #[track_caller]
    fn from_u128(x: u128) -> Option<Self> {
        Some(Self::from_magnitude(false, x))
    }

    #[track_caller]
    fn from_f32(x: f32) -> Option<Self> {
        Some(Number::from_f32(x))
    }

    #[track_caller]
    fn from_f64(x: f64) -> Option<Self> {
        Some(Number::from_f64(x))
    }
}

/// Integers that `f64` may not hold begin here.
const WIDE: f64 = 9_007_199_254_740_992.0;

impl<C: Context> NumCast for Number<C> {
    /// The value rounded once, where its type tells it as an `f64` or an integer of 128 bits; a type with
    /// more bits than these has rounded before.
    #[track_caller]
    fn from<T: ToPrimitive>(x: T) -> Option<Self> {
        let rough = x.to_f64()?;
        if rough.abs() < WIDE || !rough.is_finite() {
            return Some(Number::from_f64(rough));
        }
        if let Some(wide) = x.to_i128() {
            return Some(Self::from_wide(wide));
        }
        Some(match x.to_u128() {
            Some(wide) => Self::from_magnitude(false, wide),
            None => Number::from_f64(rough),
        })
    }
}

/// The reciprocal, rounded once.
impl<C: Context> Inv for Number<C> {
    type Output = Self;

    #[track_caller]
    fn inv(self) -> Self {
        Float::recip(self)
    }
}

/// self·factor + term, rounded once.
impl<C: Context> MulAdd for Number<C> {
    type Output = Self;

    #[inline]
    #[track_caller]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Number::mul_add(self, factor, term)
    }
}

impl<C: Context> MulAddAssign for Number<C> {
    #[inline]
    #[track_caller]
    fn mul_add_assign(&mut self, factor: Self, term: Self) {
        *self = Number::mul_add(*self, factor, term);
    }
}

macro_rules! powers {
    ($($exponent:ty, |$x:ident, $n:ident| $value:expr;)*) => {$(
        impl<C: Context> Pow<$exponent> for Number<C> {
            type Output = Self;

            #[track_caller]
            fn pow(self, $n: $exponent) -> Self {
                let $x = self;
                $value
            }
        }

        impl<C: Context> Pow<$exponent> for &Number<C> {
            type Output = Number<C>;

            #[track_caller]
            fn pow(self, $n: $exponent) -> Number<C> {
                Pow::pow(*self, $n)
            }
        }
    )*};
}

powers! {
    Number<C>, |x, n| Float::powf(x, n);
    i8, |x, n| Float::powi(x, n.into());
    u8, |x, n| Float::powi(x, n.into());
    i16, |x, n| Float::powi(x, n.into());
    u16, |x, n| Float::powi(x, n.into());
    i32, |x, n| Float::powi(x, n);
}
