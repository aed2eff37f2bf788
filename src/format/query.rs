//! Questions about a format and about values in it.

use core::num::FpCategory;

use super::datum::{Datum, power_of_two};
use super::{ExponentField, Format, Grid, Low, Nan, Signedness};

/// The derived facts.
impl Format {
    /// p: significand bits, the leading one included.
    #[must_use]
    pub const fn precision(&self) -> u32 {
        self.precision as u32
    }

    /// m = p - 1: bits of the trailing significand.
    #[must_use]
    pub const fn mantissa_bits(&self) -> u32 {
        self.precision as u32 - 1
    }

    /// Bits of the exponent field; `None` where the exponent is unbounded.
    #[must_use]
    pub const fn exponent_bits(&self) -> Option<u32> {
        match self.exponent {
            ExponentField::Bits(bits) => Some(bits as u32),
            ExponentField::Unbounded => None,
        }
    }

    /// Bits of a code, sign included; `None` where the exponent is unbounded.
    #[must_use]
    pub const fn total_bits(&self) -> Option<u32> {
        match self.exponent_bits() {
            Some(e) => Some(e + self.mantissa_bits() + self.has_sign() as u32),
            None => None,
        }
    }

    /// What is subtracted from the exponent field of a normal number; `None` where the exponent is
    /// unbounded.
    #[must_use]
    pub const fn bias(&self) -> Option<i32> {
        match self.exponent {
            ExponentField::Bits(_) => Some(self.first_field() - self.emin),
            ExponentField::Unbounded => None,
        }
    }

    /// Whether the exponent has no limit but the storage type's.
    #[must_use]
    pub const fn is_unbounded(&self) -> bool {
        matches!(self.exponent, ExponentField::Unbounded)
    }

    /// Exponent of the smallest normal number; -1074, binary64's last bit, for an unbounded format.
    #[must_use]
    pub const fn emin(&self) -> i32 {
        if self.is_unbounded() { -1074 } else { self.emin }
    }

    /// Exponent of the largest finite number; 1023, binary64's, for an unbounded format.
    #[must_use]
    pub const fn emax(&self) -> i32 {
        if self.is_unbounded() { 1023 } else { self.emax }
    }

    /// The largest finite number that binary64 holds.
    #[must_use]
    pub fn largest_finite(&self) -> f64 {
        Grid::of::<f64>(self).largest.in_storage()
    }

    /// The smallest positive normal number that binary64 holds; infinity where it holds none.
    #[must_use]
    pub fn smallest_normal(&self) -> f64 {
        Grid::of::<f64>(self).smallest_normal().in_storage()
    }

    /// The smallest positive subnormal number; `None` where there is none, or none that binary64
    /// holds.
    #[must_use]
    pub fn smallest_subnormal(&self) -> Option<f64> {
        let smallest = self.smallest_positive();
        (self.has_subnormals() && smallest < self.smallest_normal()).then_some(smallest)
    }

    /// The smallest positive number that binary64 holds, subnormal where there are subnormals;
    /// infinity where it holds none.
    #[must_use]
    pub fn smallest_positive(&self) -> f64 {
        Grid::of::<f64>(self).smallest.in_storage()
    }

    /// Machine epsilon 2^(1-p): the distance from 1 to the next larger number of p bits.
    #[must_use]
    pub const fn epsilon(&self) -> f64 {
        power_of_two(1 - self.precision as i32)
    }

    /// Unit roundoff u = 2^-p: the largest relative error of rounding to nearest.
    #[must_use]
    pub const fn unit_roundoff(&self) -> f64 {
        power_of_two(-(self.precision as i32))
    }

    /// Whether there are infinities.
    #[must_use]
    pub const fn has_infinity(&self) -> bool {
        self.infinity
    }

    /// Whether there is a NaN.
    #[must_use]
    pub const fn has_nan(&self) -> bool {
        !matches!(self.nan, Nan::None)
    }

    /// Whether minus zero is a value of its own.
    #[must_use]
    pub const fn has_negative_zero(&self) -> bool {
        self.negative_zero
    }

    /// Whether there are negative values.
    #[must_use]
    pub const fn has_sign(&self) -> bool {
        matches!(self.signedness, Signedness::Signed)
    }

    /// Whether there are subnormal numbers. One bit of precision leaves no room for them, and an
    /// unbounded exponent no need.
    #[must_use]
    pub const fn has_subnormals(&self) -> bool {
        matches!(self.low, Low::Subnormals) && self.precision > 1 && !self.is_unbounded()
    }

    /// Whether `x` is one of the format's values. Minus zero, NaN and the infinities
    /// are only where the format has them.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert!(Format::OCP_E4M3.contains(448.0));
    /// assert!(!Format::OCP_E4M3.contains(449.0));
    /// assert!(!Format::OCP_E2M1.contains(f64::NAN));
    /// ```
    #[must_use]
    pub fn contains(&self, x: f64) -> bool {
        match Datum::from_f64(x) {
            Datum::Zero { negative } => self.has_zero() && (!negative || self.negative_zero),
            Datum::Infinite { negative } => self.infinity && (!negative || self.has_sign()),
            Datum::Nan { .. } => self.has_nan(),
            Datum::Finite { negative, significand, exponent } => {
                (!negative || self.has_sign()) && self.holds(significand, exponent)
            }
        }
    }

    /// Whether the positive number significand·2^exponent (significand odd) is a value.
    pub(super) fn holds(&self, significand: u64, exponent: i32) -> bool {
        let length = 64 - significand.leading_zeros() as i32;
        let leading = exponent + length - 1;
        let m = self.mantissa_bits() as i32;
        if length > m + 1 || leading > self.emax {
            return false;
        }
        if leading < self.emin {
            return matches!(self.low, Low::Subnormals) && exponent >= self.emin - m;
        }
        let zero_slot = matches!(self.low, Low::ZeroSlot) && leading == self.emin && length == 1;
        !zero_slot && (leading < self.emax || significand << (m + 1 - length) <= self.top)
    }

    /// What kind of number `x` would be in this format, by its magnitude: below the smallest normal
    /// number it is subnormal.
    ///
    /// ```
    /// use std::num::FpCategory;
    /// use lowprec::Format;
    /// assert_eq!(Format::BINARY16.classify(1e-5), FpCategory::Subnormal);
    /// assert_eq!(Format::BFLOAT16.classify(1e-5), FpCategory::Normal);
    /// ```
    #[must_use]
    pub fn classify(&self, x: f64) -> FpCategory {
        match x.classify() {
            FpCategory::Subnormal | FpCategory::Normal => {
                if !self.is_unbounded() && x.abs() < self.smallest_normal() {
                    FpCategory::Subnormal
                } else {
                    FpCategory::Normal
                }
            }
            other => other,
        }
    }

    /// The distance between the neighbours around `x`: 2^(max(e, emin) - m) with e the exponent of
    /// `x`. That of the largest finite number beyond the range and for infinities; NaN for NaN;
    /// below the smallest normal number of a format without subnormals, that number.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::BINARY16.ulp(1.0), 2f64.powi(-10));
    /// assert_eq!(Format::OCP_E2M1.ulp(5.0), 2.0);
    /// ```
    #[must_use]
    pub fn ulp(&self, x: f64) -> f64 {
        let m = self.mantissa_bits() as i32;
        let exponent = match Datum::from_f64(x) {
            Datum::Nan { .. } => return f64::NAN,
            Datum::Zero { .. } => return self.smallest_positive(),
            Datum::Infinite { .. } => self.emax,
            Datum::Finite { significand, exponent, .. } => {
                (exponent + 63 - significand.leading_zeros() as i32).min(self.emax)
            }
        };
        if exponent < self.emin && !self.has_subnormals() {
            return self.smallest_positive();
        }
        power_of_two((exponent.max(self.emin) - m).clamp(-1074, 1023))
    }

    /// The smallest value above `x`; NaN where there is none. Plus infinity stays.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::BINARY16.next_up(1.0), 1.0009765625);
    /// assert_eq!(Format::BINARY16.next_up(65504.0), f64::INFINITY);
    /// assert_eq!(Format::OCP_E2M1.next_up(0.1), 0.5);
    /// assert!(Format::OCP_E2M1.next_up(6.0).is_nan());
    /// ```
    #[must_use]
    pub fn next_up(&self, x: f64) -> f64 {
        if x.is_nan() || (x == f64::INFINITY && self.infinity) {
            return x;
        }
        if x < 0.0 && !self.has_sign() {
            return if self.has_zero() { 0.0 } else { self.smallest_positive() };
        }
        self.settled(if x < 0.0 { -self.below(-x) } else { self.above(x) })
    }

    /// The largest value below `x`; NaN where there is none. Minus infinity stays.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::BINARY16.next_down(1.0), 0.99951171875);
    /// assert_eq!(Format::OCP_E4M3.next_down(f64::INFINITY), 448.0);
    /// ```
    #[must_use]
    pub fn next_down(&self, x: f64) -> f64 {
        if x.is_nan() || (x == f64::NEG_INFINITY && self.infinity && self.has_sign()) {
            return x;
        }
        self.settled(if x > 0.0 { self.below(x) } else { -self.above(-x) })
    }

    /// A neighbour as this format has it: no minus zero, no negative value where there is none.
    fn settled(&self, x: f64) -> f64 {
        if x == 0.0 && !self.negative_zero {
            0.0
        } else if x < 0.0 && !self.has_sign() {
            f64::NAN
        } else {
            x
        }
    }

    /// The smallest value of magnitude above `x` ≥ 0.
    fn above(&self, x: f64) -> f64 {
        if x >= self.largest_finite() {
            return if self.infinity && x.is_finite() { f64::INFINITY } else { f64::NAN };
        }
        if x < self.smallest_positive() {
            return self.smallest_positive();
        }
        // Both the sum and the truncation are exact: x is finite and its quantum a power of two.
        let quantum = self.ulp(x);
        self.truncated(x, quantum) + quantum
    }

    /// The largest value of magnitude below `x` > 0; zero counts, where there is one.
    fn below(&self, x: f64) -> f64 {
        if x <= self.smallest_positive() {
            return if self.has_zero() { 0.0 } else { f64::NAN };
        }
        if x > self.largest_finite() {
            return self.largest_finite();
        }
        // Just below x: at a power of two the quantum is that of the binade below.
        let under = x.next_down();
        self.truncated(under, self.ulp(under)).max(self.smallest_positive())
    }

    /// ⌊x / quantum⌋·quantum.
    fn truncated(&self, x: f64, quantum: f64) -> f64 {
        // A quotient that overflows or a quantum at binary64's last bit means no bit is cut off.
        let quotient = x / quantum;
        if quotient >= 2f64.powi(53) { x } else { quotient.trunc() * quantum }
    }
}
