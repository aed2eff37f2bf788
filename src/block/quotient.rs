//! Quotients for the exact path: x/s as a binary64 number rounded to odd.
//!
//! Rounded to odd, a quotient of 53 digits still says on which side of every number of at most 51
//! digits, and of every midpoint between two, the exact quotient lies (Boldo and Melquiond, 2008).
//! What is rounded or compared after that is as if the exact quotient had been.

use crate::format::Datum;

/// The first 53 binary digits of x/s, the last one set where others follow. `s` is positive and
/// finite, |s| within 2^±512. Zero, infinity and NaN stay.
pub(super) fn to_odd(x: f64, s: f64) -> f64 {
    let near = 2f64.powi(-400)..2f64.powi(400);
    if near.contains(&x.abs()) && near.contains(&s) {
        // Neither quotient nor remainder leaves the normal range: the remainder is exact, and has the
        // sign of the quotient's error.
        let quotient = x / s;
        let rest = (-quotient).mul_add(s, x);
        let beyond = rest != 0.0 && (rest < 0.0) != (x < 0.0);
        let bits = quotient.to_bits() - u64::from(beyond);
        return f64::from_bits(bits | u64::from(rest != 0.0));
    }
    by_integers(x, s)
}

fn by_integers(x: f64, s: f64) -> f64 {
    let (
        Datum::Finite { negative, significand, exponent },
        Datum::Finite { significand: by, exponent: less, .. },
    ) = (Datum::of_f64(x), Datum::of_f64(s))
    else {
        return x;
    };
    // Both with their leading bit at the top, the dividend 63 places further up: the integer quotient
    // has 63 or 64 digits.
    let (up, down) = (significand.leading_zeros(), by.leading_zeros());
    let dividend = u128::from(significand << up) << 63;
    let divisor = u128::from(by << down);
    let (whole, rest) = ((dividend / divisor) as u64, dividend % divisor);
    let exponent = exponent - up as i32 - 63 - (less - down as i32);
    let magnitude = assemble(whole, rest != 0, exponent);
    if negative { -magnitude } else { magnitude }
}

/// whole·2^exponent rounded to odd, `more` telling whether digits follow. Beyond the normal range of
/// binary64 a number that is as far beyond those of any element: 2^±1000.
fn assemble(whole: u64, more: bool, exponent: i32) -> f64 {
    let cut = 64 - whole.leading_zeros() - 53;
    let kept = whole >> cut | u64::from(more || whole << (64 - cut) != 0);
    let leading = exponent + cut as i32 + 52;
    match leading {
        ..-1000 => f64::from_bits((1023 - 1000) << 52),
        -1000..=1000 => f64::from_bits(((leading + 1023) as u64) << 52 | kept & ((1 << 52) - 1)),
        _ => f64::from_bits((1023 + 1000) << 52),
    }
}

#[cfg(test)]
mod tests {
    use super::{by_integers, to_odd};

    #[test]
    fn both_ways_are_the_same() {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let bits = state >> 1 & !(0x7ff << 52) | (1023 - 20 + (state >> 33) % 40) << 52;
            // Some with few digits, so that there are exact quotients too.
            f64::from_bits(if state >> 40 & 1 == 0 { bits } else { bits >> 48 << 48 })
        };
        for _ in 0..100_000 {
            let (x, s) = (next(), next());
            assert_eq!(to_odd(x, s).to_bits(), by_integers(x, s).to_bits(), "{x:e} / {s:e}");
            assert_eq!(to_odd(-x, s).to_bits(), by_integers(-x, s).to_bits(), "{x:e} / {s:e}");
        }
    }

    #[test]
    fn exact_quotients_are_exact_and_others_odd() {
        assert_eq!(to_odd(-1.5, 0.25), -6.0);
        assert_eq!(to_odd(5e-324, 2f64.powi(-127)), 2f64.powi(-947));
        let third = to_odd(1.0, 3.0);
        assert_eq!(third.to_bits(), (1.0_f64 / 3.0).to_bits());
        // Two thirds end in …0101|01: to nearest down, to odd the same; five thirds …1010|10: up.
        assert_eq!(to_odd(5.0, 3.0).to_bits() & 1, 1);
        assert!(to_odd(5.0, 3.0) < 5.0 / 3.0 + f64::EPSILON);
        assert_eq!(to_odd(f64::MAX, 2f64.powi(-200)), 2f64.powi(1000));
        assert_eq!(to_odd(-5e-324, 2f64.powi(200)), -2f64.powi(-1000));
        assert_eq!(to_odd(0.0, 3.0).to_bits(), 0);
        assert_eq!(to_odd(f64::NEG_INFINITY, 3.0), f64::NEG_INFINITY);
    }
}
