//! nalgebra: the traits that its matrices ask of a scalar, through `simba`.
//!
//! `SimdValue` demands two `unsafe fn`; their bodies are safe, a number being one lane.

use approx::{AbsDiffEq, RelativeEq, UlpsEq};
use num_traits::{Float, FloatConst, One, Signed, Zero};
use simba::scalar::{ComplexField, Field, RealField, SubsetOf};
use simba::simd::SimdValue;

use super::Number;
use super::context::Context;

impl<C: Context> AbsDiffEq for Number<C> {
    type Epsilon = Self;

    #[track_caller]
    fn default_epsilon() -> Self {
        Float::epsilon()
    }

    #[track_caller]
    fn abs_diff_eq(&self, other: &Self, epsilon: Self) -> bool {
        self.to_f64().abs_diff_eq(&other.to_f64(), epsilon.to_f64())
    }
}

/// Judged in `f64`, where the difference is not rounded to the format.
impl<C: Context> RelativeEq for Number<C> {
    #[track_caller]
    fn default_max_relative() -> Self {
        Float::epsilon()
    }

    #[track_caller]
    fn relative_eq(&self, other: &Self, epsilon: Self, max_relative: Self) -> bool {
        self.to_f64().relative_eq(&other.to_f64(), epsilon.to_f64(), max_relative.to_f64())
    }
}

/// Units in the last place of the format: of the larger of the two.
impl<C: Context> UlpsEq for Number<C> {
    fn default_max_ulps() -> u32 {
        4
    }

    #[track_caller]
    fn ulps_eq(&self, other: &Self, epsilon: Self, max_ulps: u32) -> bool {
        if self.abs_diff_eq(other, epsilon) {
            return true;
        }
        let (x, y) = (self.to_f64(), other.to_f64());
        let ulp = C::chop().format().ulp(x.abs().max(y.abs()));
        x.signum() == y.signum() && (x - y).abs() <= f64::from(max_ulps) * ulp
    }
}

// The trait's safety condition, an index below the number of lanes, is one that the safe bodies check.
#[allow(unsafe_code)]
impl<C: Context> SimdValue for Number<C> {
    const LANES: usize = 1;
    type Element = Self;
    type SimdBool = bool;

    #[inline]
    fn splat(value: Self) -> Self {
        value
    }

    #[inline]
    fn extract(&self, lane: usize) -> Self {
        assert!(lane == 0, "lane {lane} of a number, which is one lane");
        *self
    }

    #[inline]
    unsafe fn extract_unchecked(&self, _lane: usize) -> Self {
        *self
    }

    #[inline]
    fn replace(&mut self, lane: usize, value: Self) {
        assert!(lane == 0, "lane {lane} of a number, which is one lane");
        *self = value;
    }

    #[inline]
    unsafe fn replace_unchecked(&mut self, _lane: usize, value: Self) {
        *self = value;
    }

    #[inline]
    fn select(self, condition: bool, other: Self) -> Self {
        if condition { self } else { other }
    }
}

impl<C: Context> Field for Number<C> {}

impl<C: Context> SubsetOf<Self> for Number<C> {
    fn to_superset(&self) -> Self {
        *self
    }

    fn from_superset_unchecked(element: &Self) -> Self {
        *element
    }

    fn is_in_subset(_: &Self) -> bool {
        true
    }
}

macro_rules! floats {
    ($($float:ty, $to:ident, $from:ident;)*) => {$(
        /// Between real numbers, as simba takes them to be: into the format with one rounding.
        impl<C: Context> SubsetOf<Number<C>> for $float {
            #[track_caller]
            fn to_superset(&self) -> Number<C> {
                Number::$from(*self)
            }

            fn from_superset_unchecked(element: &Number<C>) -> Self {
                Number::$to(*element)
            }

            fn is_in_subset(_: &Number<C>) -> bool {
                true
            }
        }

        /// Between real numbers, as simba takes them to be: into the format with one rounding.
        impl<C: Context> SubsetOf<$float> for Number<C> {
            fn to_superset(&self) -> $float {
                Number::$to(*self)
            }

            #[track_caller]
            fn from_superset_unchecked(element: &$float) -> Self {
                Number::$from(*element)
            }

            fn is_in_subset(_: &$float) -> bool {
                true
            }
        }
    )*};
}

floats! {
    f32, to_f32, from_f32;
    f64, to_f64, from_f64;
}

macro_rules! by_float {
    ($($name:ident($($x:ident)*);)*) => {$(
        #[inline]
        #[track_caller]
        fn $name(self $(, $x: Self)*) -> Self {
            Float::$name(self $(, $x)*)
        }
    )*};
}

/// A complex number without imaginary part.
impl<C: Context> ComplexField for Number<C> {
    type RealField = Self;

    fn from_real(re: Self) -> Self {
        re
    }

    fn real(self) -> Self {
        self
    }

    fn imaginary(self) -> Self {
        Self::zero()
    }

    fn modulus(self) -> Self {
        Number::abs(self)
    }

    #[track_caller]
    fn modulus_squared(self) -> Self {
        self * self
    }

    #[track_caller]
    fn argument(self) -> Self {
        if self >= Self::zero() { Self::zero() } else { FloatConst::PI() }
    }

    fn norm1(self) -> Self {
        Number::abs(self)
    }

    #[track_caller]
    fn scale(self, factor: Self) -> Self {
        self * factor
    }

    #[track_caller]
    fn unscale(self, factor: Self) -> Self {
        self / factor
    }

    #[track_caller]
    fn to_exp(self) -> (Self, Self) {
        if self >= Self::zero() { (self, Self::one()) } else { (-self, -Self::one()) }
    }

    fn abs(self) -> Self {
        Number::abs(self)
    }

    fn conjugate(self) -> Self {
        self
    }

    #[track_caller]
    fn sin_cos(self) -> (Self, Self) {
        Float::sin_cos(self)
    }

    #[track_caller]
    fn powi(self, n: i32) -> Self {
        Float::powi(self, n)
    }

    #[track_caller]
    fn powc(self, n: Self) -> Self {
        Float::powf(self, n)
    }

    fn is_finite(&self) -> bool {
        Number::is_finite(*self)
    }

    #[track_caller]
    fn try_sqrt(self) -> Option<Self> {
        (self >= Self::zero()).then(|| Number::sqrt(self))
    }

    by_float! {
        floor(); ceil(); round(); trunc(); fract(); mul_add(factor term); hypot(other); recip();
        sin(); cos(); tan(); asin(); acos(); atan(); sinh(); cosh(); tanh(); asinh(); acosh(); atanh();
        log(base); log2(); log10(); ln(); ln_1p(); sqrt(); exp(); exp2(); exp_m1(); powf(n); cbrt();
    }
}

macro_rules! constants {
    ($($name:ident = $constant:ident;)*) => {$(
        #[track_caller]
        fn $name() -> Self {
            FloatConst::$constant()
        }
    )*};
}

impl<C: Context> RealField for Number<C> {
    fn is_sign_positive(&self) -> bool {
        Signed::is_positive(self)
    }

    fn is_sign_negative(&self) -> bool {
        Signed::is_negative(self)
    }

    #[track_caller]
    fn min_value() -> Option<Self> {
        Some(Float::min_value())
    }

    #[track_caller]
    fn max_value() -> Option<Self> {
        Some(Float::max_value())
    }

    by_float! { copysign(sign); max(other); min(other); atan2(other); }

    fn clamp(self, min: Self, max: Self) -> Self {
        Float::max(Float::min(self, max), min)
    }

    constants! {
        pi = PI; two_pi = TAU; frac_pi_2 = FRAC_PI_2; frac_pi_3 = FRAC_PI_3; frac_pi_4 = FRAC_PI_4;
        frac_pi_6 = FRAC_PI_6; frac_pi_8 = FRAC_PI_8; frac_1_pi = FRAC_1_PI; frac_2_pi = FRAC_2_PI;
        frac_2_sqrt_pi = FRAC_2_SQRT_PI; e = E; log2_e = LOG2_E; log10_e = LOG10_E; ln_2 = LN_2;
        ln_10 = LN_10;
    }
}
