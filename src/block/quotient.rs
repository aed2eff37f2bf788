//! Quotients for the exact path: x/s as a binary64 number rounded to odd.
//!
//! Rounded to odd, a quotient of 53 digits still says on which side of every number of at most 51
//! digits, and of every midpoint between two, the exact quotient lies (Boldo and Melquiond, 2008).
//! What is rounded or compared after that is as if the exact quotient had been.

use crate::format::Datum;

/// The first 53 binary digits of x/s, the last one set where others follow. `s` is positive and
/// finite, |s| within 2^±512. Zero, infinity and NaN stay.
pub(super) fn to_odd(x: f64, s: f64) -> f64 {
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
    use super::to_odd;

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
