//! Elementary functions: the one file they all go through.
//!
//! Each is computed in `f64` by `libm`, a translation of the C library musl into Rust, and rounded to
//! the format afterwards. That is two roundings. The functions of `libm` err by about one unit in the
//! last of 53 places; a result of p ≤ 24 bits is therefore wrong only where the exact value lies
//! within some 2^-52, relative, of what the mode compares with: a midpoint of two numbers in the modes
//! to nearest, a number in the directed modes and to odd. In the second case that does happen: sin x of
//! a tiny x is x here, also in `TowardZero`. In a stochastic mode the probability is off by as much.
//! Formats of nearly 53 bits get what `libm` gives. Powers, roots and trigonometric values that are
//! exact numbers of the format come out exact where `libm` has them so.
//!
//! Numbers are `f64` here, whatever the storage type, so a function has one accuracy.

use crate::storage::canonical;

macro_rules! functions {
    ($($name:ident($($x:ident),+) = $function:ident;)*) => {$(
        pub(crate) fn $name($($x: f64),+) -> f64 {
            canonical(libm::$function($($x),+))
        }
    )*};
}

functions! {
    exp(x) = exp;
    exp2(x) = exp2;
    exp_m1(x) = expm1;
    ln(x) = log;
    log2(x) = log2;
    log10(x) = log10;
    ln_1p(x) = log1p;
    pow(x, y) = pow;
    cbrt(x) = cbrt;
    hypot(x, y) = hypot;
    sin(x) = sin;
    cos(x) = cos;
    tan(x) = tan;
    asin(x) = asin;
    acos(x) = acos;
    atan(x) = atan;
    atan2(y, x) = atan2;
    sinh(x) = sinh;
    cosh(x) = cosh;
    tanh(x) = tanh;
    asinh(x) = asinh;
    acosh(x) = acosh;
    atanh(x) = atanh;
}

/// The logarithm to any base: the quotient of two, so with their errors and its own.
pub(crate) fn log(x: f64, base: f64) -> f64 {
    if base == 2.0 {
        return log2(x);
    }
    if base == 10.0 {
        return log10(x);
    }
    canonical(ln(x) / ln(base))
}

/// x·180/π, the factor in two parts.
pub(crate) fn to_degrees(x: f64) -> f64 {
    scaled(x, 57.295_779_513_082_32, -1.987_849_567_057_628e-15)
}

/// x·π/180, the factor in two parts.
pub(crate) fn to_radians(x: f64) -> f64 {
    scaled(x, 0.017_453_292_519_943_295, 2.948_652_270_870_687e-19)
}

/// x·(high + low), wrong by little more than half a unit in the last place.
fn scaled(x: f64, high: f64, low: f64) -> f64 {
    if x.is_infinite() {
        return x;
    }
    canonical(x.mul_add(high, x * low))
}
