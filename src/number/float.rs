//! `Float`, and what of it `FloatCore` shares.

use core::num::FpCategory;

use num_traits::Float;
use num_traits::float::{FloatCore, TotalOrder};

use super::Number;
use super::context::Context;
use crate::math;

impl<C: Context> Number<C> {
    /// A function of `f64` values, its result rounded.
    #[inline]
    #[track_caller]
    fn by(self, function: impl Fn(f64) -> f64) -> Self {
        Self::of(C::round_f64(function(self.to_f64())))
    }

    #[inline]
    #[track_caller]
    fn by_two(self, other: Self, function: impl Fn(f64, f64) -> f64) -> Self {
        Self::of(C::round_f64(function(self.to_f64(), other.to_f64())))
    }
}

/// What the format decides.
macro_rules! from_format {
    () => {
        #[track_caller]
        fn infinity() -> Self {
            Self::from_f64(f64::INFINITY)
        }

        #[track_caller]
        fn neg_infinity() -> Self {
            Self::from_f64(f64::NEG_INFINITY)
        }

        fn nan() -> Self {
            Self::of(<C::Storage as Float>::nan())
        }

        #[track_caller]
        fn neg_zero() -> Self {
            Self::from_f64(-0.0)
        }

        #[track_caller]
        fn min_value() -> Self {
            let chop = C::chop();
            match (chop.format().has_sign(), chop.format().has_zero()) {
                (true, _) => Self::of(-chop.largest_finite::<C::Storage>()),
                (false, true) => Self::of(C::plain(0.0)),
                (false, false) => Self::of(chop.smallest_positive()),
            }
        }

        #[track_caller]
        fn max_value() -> Self {
            Self::of(C::chop().largest_finite())
        }

        #[track_caller]
        fn min_positive_value() -> Self {
            Self::of(C::chop().smallest_normal())
        }

        #[track_caller]
        fn epsilon() -> Self {
            Self::from_f64(C::chop().format().epsilon())
        }

        #[track_caller]
        fn classify(self) -> FpCategory {
            C::chop().format().classify(self.to_f64())
        }

        #[track_caller]
        fn to_degrees(self) -> Self {
            self.by(math::to_degrees)
        }

        #[track_caller]
        fn to_radians(self) -> Self {
            self.by(math::to_radians)
        }

        fn integer_decode(self) -> (u64, i16, i8) {
            Float::integer_decode(self.to_f64())
        }
    };
}

macro_rules! functions {
    ($($name:ident = $function:path;)*) => {$(
        #[inline]
        #[track_caller]
        fn $name(self) -> Self {
            self.by($function)
        }
    )*};
}

/// `sqrt`, `mul_add`, `recip`, and `abs_sub` are rounded once; elementary functions twice, see the
/// [module](super). Where the format lacks infinities, `infinity` is what an overflow becomes; where it
/// lacks NaN, `nan` marks that there is no value.
/// `min_positive_value` is the smallest normal number. `integer_decode` is that of the value in `f64`.
impl<C: Context> Float for Number<C> {
    from_format!();

    functions! {
        floor = f64::floor;
        ceil = f64::ceil;
        round = f64::round;
        trunc = f64::trunc;
        fract = f64::fract;
        exp = math::exp;
        exp2 = math::exp2;
        exp_m1 = math::exp_m1;
        ln = math::ln;
        log2 = math::log2;
        log10 = math::log10;
        ln_1p = math::ln_1p;
        cbrt = math::cbrt;
        sin = math::sin;
        cos = math::cos;
        tan = math::tan;
        asin = math::asin;
        acos = math::acos;
        atan = math::atan;
        sinh = math::sinh;
        cosh = math::cosh;
        tanh = math::tanh;
        asinh = math::asinh;
        acosh = math::acosh;
        atanh = math::atanh;
        signum = f64::signum;
    }

    #[inline]
    fn is_nan(self) -> bool {
        self.value.is_nan()
    }

    #[inline]
    fn is_infinite(self) -> bool {
        self.value.is_infinite()
    }

    #[inline]
    fn is_finite(self) -> bool {
        self.value.is_finite()
    }

    #[track_caller]
    fn is_normal(self) -> bool {
        Float::classify(self) == FpCategory::Normal
    }

    #[track_caller]
    fn is_subnormal(self) -> bool {
        Float::classify(self) == FpCategory::Subnormal
    }

    #[inline]
    fn abs(self) -> Self {
        Self::of(self.value.abs())
    }

    #[inline]
    fn is_sign_positive(self) -> bool {
        self.value.is_sign_positive()
    }

    #[inline]
    fn is_sign_negative(self) -> bool {
        self.value.is_sign_negative()
    }

    #[inline]
    #[track_caller]
    fn mul_add(self, factor: Self, term: Self) -> Self {
        Self::of(C::fma(self.value, factor.value, term.value))
    }

    #[inline]
    #[track_caller]
    fn recip(self) -> Self {
        Self::of(C::div(C::plain(1.0), self.value))
    }

    #[track_caller]
    fn powi(self, exponent: i32) -> Self {
        self.by(|x| math::pow(x, exponent.into()))
    }

    #[track_caller]
    fn powf(self, exponent: Self) -> Self {
        self.by_two(exponent, math::pow)
    }

    #[inline]
    #[track_caller]
    fn sqrt(self) -> Self {
        Self::of(C::sqrt(self.value))
    }

    #[track_caller]
    fn log(self, base: Self) -> Self {
        self.by_two(base, math::log)
    }

    #[track_caller]
    fn hypot(self, other: Self) -> Self {
        self.by_two(other, math::hypot)
    }

    #[track_caller]
    fn atan2(self, x: Self) -> Self {
        self.by_two(x, math::atan2)
    }

    #[track_caller]
    fn sin_cos(self) -> (Self, Self) {
        (Float::sin(self), Float::cos(self))
    }

    #[inline]
    fn max(self, other: Self) -> Self {
        Self::of(self.value.max(other.value))
    }

    #[inline]
    fn min(self, other: Self) -> Self {
        Self::of(self.value.min(other.value))
    }

    #[track_caller]
    fn abs_sub(self, other: Self) -> Self {
        if self <= other { Self::of(C::plain(0.0)) } else { self - other }
    }

    #[inline]
    #[track_caller]
    fn copysign(self, sign: Self) -> Self {
        if self.value.is_sign_negative() == sign.value.is_sign_negative() { self } else { -self }
    }
}

impl<C: Context> FloatCore for Number<C> {
    from_format!();
}

impl<C: Context> TotalOrder for Number<C> {
    fn total_cmp(&self, other: &Self) -> core::cmp::Ordering {
        Number::total_cmp(self, other)
    }
}
