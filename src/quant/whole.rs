//! Rounding to integers, by a `Chop`: they are the subnormal numbers of a format with quantum one.

use crate::chop::Chop;
use crate::format::Format;
use crate::rounding::{Overflow, Rounding};

/// To integers of so many bits, 2 to 53; larger ones, and infinities, become the largest.
pub(super) const fn saturating(bits: u32, rounding: Rounding) -> Chop {
    chop(bits, bits as i32 - 1, rounding).with_overflow(Overflow::Saturate)
}

/// To all integers that `f64` has.
pub(super) const fn unlimited(rounding: Rounding) -> Chop {
    chop(f64::MANTISSA_DIGITS, f64::MAX_EXP - 1, rounding)
}

/// To multiples of 2^`quantum` of so many bits; larger ones, and infinities, become the largest. Of more than 53 bits
/// as of 53.
pub(super) const fn multiples(bits: u32, quantum: i32, rounding: Rounding) -> Chop {
    let digits = if bits < f64::MANTISSA_DIGITS { bits } else { f64::MANTISSA_DIGITS };
    let exponent = quantum + digits as i32 - 1;
    match Format::from_range(digits, exponent, exponent) {
        Ok(format) => Chop::new(format, rounding).with_overflow(Overflow::Saturate),
        Err(_) => panic!("digits of multiples"),
    }
}

const fn chop(digits: u32, emax: i32, rounding: Rounding) -> Chop {
    match Format::from_range(digits, digits as i32 - 1, emax) {
        Ok(format) => Chop::new(format, rounding),
        Err(_) => panic!("digits of whole numbers"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_what_is_left() {
        let up = saturating(2, Rounding::Up);
        assert_eq!(
            [0.1, 1.0, 1.5, 2.5, 9.0, -0.9].map(|x| up.chop(x)),
            [1.0, 1.0, 2.0, 3.0, 3.0, -0.0]
        );
        for bits in [3, 17, 53] {
            let nearest = saturating(bits, Rounding::NearestEven);
            assert_eq!([0.5, 1.5, 2.5].map(|x| nearest.chop(x)), [0.0, 2.0, 2.0]);
            assert_eq!(nearest.chop(f64::INFINITY), 2f64.powi(bits as i32) - 1.0);
        }
        let all = unlimited(Rounding::Up);
        assert_eq!(all.chop(f64::from_bits(1)), 1.0);
        for x in [2f64.powi(52) + 1.0, f64::MAX, f64::NEG_INFINITY] {
            assert_eq!(all.chop(x), x);
        }
    }
}
