//! Exact results of operations on two or three finite numbers, none of them zero, cut to 64 bits of
//! which the last one is set where anything was cut off: all that a deterministic rounding to at most
//! 53 bits can look at. In integers, so that no exponent is too large or too small.

use crate::format::{Datum, Exact};

/// A number other than zero: ±significand·2^exponent, with the leading bit at the top.
#[derive(Clone, Copy)]
pub(super) struct Wide {
    negative: bool,
    significand: u128,
    exponent: i32,
}

/// Sign and number; nothing where the result is zero.
pub(super) type Rounded = Option<(bool, Exact)>;

impl Wide {
    fn new(negative: bool, significand: u128, exponent: i32) -> Self {
        let zeros = significand.leading_zeros();
        Self { negative, significand: significand << zeros, exponent: exponent - zeros as i32 }
    }

    /// A finite number other than zero.
    pub(super) fn of(x: f64) -> Option<Self> {
        match Datum::from_f64(x) {
            Datum::Finite { negative, significand, exponent } => {
                Some(Self::new(negative, significand.into(), exponent))
            }
            _ => None,
        }
    }

    /// The leading 64 bits. That is all of a number straight from `f64`, which has 53; what was added or
    /// multiplied before has more, and must not come here.
    fn head(self) -> u64 {
        (self.significand >> 64) as u64
    }

    /// The exact product of two numbers of at most 64 bits.
    pub(super) fn times(self, other: Self) -> Self {
        let product = u128::from(self.head()) * u128::from(other.head());
        Self::new(self.negative != other.negative, product, self.exponent + other.exponent + 128)
    }

    pub(super) fn rounded(self) -> Rounded {
        Some((self.negative, cut(self.significand, 0, self.exponent)))
    }

    /// The sum, in 256 bits.
    pub(super) fn plus(self, other: Self) -> Rounded {
        let (a, b) = if (self.exponent, self.significand) < (other.exponent, other.significand) {
            (other, self)
        } else {
            (self, other)
        };
        let (high, low) = shifted(b.significand, (a.exponent - b.exponent) as u32);
        let exponent = a.exponent;
        let exact = if a.negative == b.negative {
            let (sum, carry) = a.significand.overflowing_add(high);
            if carry {
                // One bit to the right; what leaves at the end stays visible.
                let low = sum << 127 | low >> 1 | low & 1;
                cut(sum >> 1 | 1 << 127, low, exponent + 1)
            } else {
                cut(sum, low, exponent)
            }
        } else {
            let borrow = u128::from(low != 0);
            let (high, low) = (a.significand - high - borrow, low.wrapping_neg());
            if high == 0 && low == 0 {
                return None;
            }
            cut(high, low, exponent)
        };
        Some((a.negative, exact))
    }

    /// The quotient of two numbers of at most 64 bits.
    pub(super) fn over(self, other: Self) -> Rounded {
        let (numerator, denominator) = (u128::from(self.head()) << 63, u128::from(other.head()));
        let (quotient, rest) = (numerator / denominator, numerator % denominator);
        let exponent = self.exponent - other.exponent - 63;
        let significand = quotient << 64 | u128::from(rest != 0);
        let exact = Self::new(self.negative != other.negative, significand, exponent - 64);
        Some((exact.negative, cut(exact.significand, 0, exact.exponent)))
    }

    /// The root of a positive number of at most 64 bits.
    pub(super) fn root(self) -> Rounded {
        let odd = self.exponent & 1;
        let square = self.significand >> odd;
        let root = square.isqrt();
        let significand = root as u64 | u64::from(root * root != square);
        Some((false, Exact { significand, exponent: (self.exponent + odd) / 2 }))
    }
}

/// A significand moved right by n bits into 256; what leaves at the end stays visible in the last bit.
fn shifted(significand: u128, n: u32) -> (u128, u128) {
    match n {
        0 => (significand, 0),
        1..128 => (significand >> n, significand << (128 - n)),
        128 => (0, significand),
        129..256 => {
            let (kept, lost) = (significand >> (n - 128), significand << (256 - n));
            (0, kept | u128::from(lost != 0))
        }
        _ => (0, 1),
    }
}

/// The 64 leading bits of a number of 256 bits, not zero, whose upper half counts 2^exponent.
fn cut(high: u128, low: u128, exponent: i32) -> Exact {
    let (high, low, exponent) =
        if high == 0 { (low, 0, exponent - 128) } else { (high, low, exponent) };
    let zeros = high.leading_zeros();
    let (high, low) =
        if zeros == 0 { (high, low) } else { (high << zeros | low >> (128 - zeros), low << zeros) };
    let rest = high as u64 != 0 || low != 0;
    let significand = (high >> 64) as u64 | u64::from(rest);
    Exact { significand, exponent: exponent - zeros as i32 + 64 }
}
