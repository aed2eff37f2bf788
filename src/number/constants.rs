//! The constants of `FloatConst`, each rounded once.

use num_traits::FloatConst;

use super::Number;
use super::context::Context;

macro_rules! constants {
    ($($name:ident = $high:literal, $low:literal;)*) => {
        /// Each constant is rounded once, from 107 digits or so: the nearest `f64` and the nearest `f64` to
        /// what that lacks. In a stochastic mode each call takes one position.
        impl<C: Context> FloatConst for Number<C> {
            $(
                #[inline]
                #[track_caller]
                #[allow(non_snake_case)]
                fn $name() -> Self {
                    Self::of(C::round_sum($high, $low))
                }
            )*
        }
    };
}

// The clippy lints want std's constants in place of these digits, which then would not show their
// other half.
#[allow(clippy::approx_constant, clippy::excessive_precision)]
mod digits {
    use super::*;

    constants! {
        E = 2.718281828459045, 1.4456468917292502e-16;
        FRAC_1_PI = 0.3183098861837907, -1.9678676675182486e-17;
        FRAC_1_SQRT_2 = 0.7071067811865476, -4.833646656726457e-17;
        FRAC_2_PI = 0.6366197723675814, -3.935735335036497e-17;
        FRAC_2_SQRT_PI = 1.1283791670955126, 1.533545961316588e-17;
        FRAC_PI_2 = 1.5707963267948966, 6.123233995736766e-17;
        FRAC_PI_3 = 1.0471975511965979, -1.072081766451091e-16;
        FRAC_PI_4 = 0.7853981633974483, 3.061616997868383e-17;
        FRAC_PI_6 = 0.5235987755982989, -5.360408832255455e-17;
        FRAC_PI_8 = 0.39269908169872414, 1.5308084989341915e-17;
        LN_10 = 2.302585092994046, -2.1707562233822494e-16;
        LN_2 = 0.6931471805599453, 2.3190468138462996e-17;
        LOG10_E = 0.4342944819032518, 1.098319650216765e-17;
        LOG2_E = 1.4426950408889634, 2.0355273740931033e-17;
        PI = 3.141592653589793, 1.2246467991473532e-16;
        SQRT_2 = 1.4142135623730951, -9.667293313452913e-17;
        TAU = 6.283185307179586, 2.4492935982947064e-16;
        LOG10_2 = 0.3010299956639812, -2.8037281277851704e-18;
        LOG2_10 = 3.321928094887362, 1.661617516973592e-16;
    }
}
