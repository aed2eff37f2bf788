//! `Grid`: the values that a format and a storage type share, in exact integers.
//!
//! A format wider than its storage type is the intersection of the two: the largest finite number is
//! the largest of p bits that the storage holds, no quantum is below the storage's, and storage
//! subnormals are the normalised numbers that they are.

use super::{Datum, Format};
use crate::rounding::decision::Fraction;
use crate::storage::Storage;

/// A positive number significand·2^exponent, or zero.
#[derive(Clone, Copy)]
pub(crate) struct Exact {
    pub(crate) significand: u64,
    pub(crate) exponent: i32,
}

impl Exact {
    pub(crate) const ZERO: Self = Self { significand: 0, exponent: 0 };

    /// e with 2^e ≤ self < 2^(e+1).
    #[inline(always)]
    pub(crate) const fn leading(self) -> i32 {
        self.exponent + 63 - self.significand.leading_zeros() as i32
    }

    #[inline(always)]
    pub(crate) const fn is_less_than(self, other: Self) -> bool {
        if self.significand == 0 || other.significand == 0 {
            return other.significand != 0;
        }
        let (leading, others) = (self.leading(), other.leading());
        leading < others || leading == others && self.aligned() < other.aligned()
    }

    #[inline(always)]
    pub(crate) const fn equals(self, other: Self) -> bool {
        !self.is_less_than(other) && !other.is_less_than(self)
    }

    /// The significand with its leading bit at the top.
    #[inline(always)]
    const fn aligned(self) -> u64 {
        self.significand << self.significand.leading_zeros()
    }

    /// The number in storage type `T`; infinity where that does not hold it.
    pub(crate) fn in_storage<T: Storage>(self) -> T {
        self.signed(false).to_f64().and_then(T::narrow).unwrap_or_else(T::infinity)
    }

    pub(crate) fn signed(self, negative: bool) -> Datum {
        Datum::finite(negative, self.significand, self.exponent)
    }

    /// The largest multiple of 2^quantum not above self.
    #[inline(always)]
    pub(crate) const fn truncated(self, quantum: i32) -> Self {
        let cut = quantum - self.exponent;
        match cut {
            ..=0 => self,
            1..=63 => Self { significand: self.significand >> cut, exponent: quantum },
            _ => Self::ZERO,
        }
    }
}

#[inline(always)]
const fn least(a: i32, b: i32) -> i32 {
    if a < b { a } else { b }
}

#[inline(always)]
const fn most(a: i32, b: i32) -> i32 {
    if a > b { a } else { b }
}

/// The values that both the format and the storage type have: a format wider than its storage is
/// the intersection of the two.
pub(crate) struct Grid {
    format: Format,
    /// Significand bits: the fewer of the two.
    pub(crate) precision: i32,
    /// Exponent of the smallest quantum.
    pub(crate) quantum: i32,
    /// Exponent of the smallest normal number.
    pub(crate) emin: i32,
    /// Exponent of the storage type's smallest number.
    pub(crate) storage_quantum: i32,
    /// The smallest positive number; beyond the storage type's range where the format's all are.
    pub(crate) smallest: Exact,
    /// The largest finite number; zero where there is no other.
    pub(crate) largest: Exact,
}

impl Grid {
    #[inline(always)]
    pub(crate) const fn of<T: Storage>(format: &Format) -> Self {
        let precision = least(format.precision() as i32, T::PRECISION as i32);
        let storage_quantum = T::EMIN - (T::PRECISION as i32 - 1);
        let (emin, emax) = format.raw_range();
        let last_place = format.precision() as i32 - 1;
        let quantum = most(emin - last_place, storage_quantum);
        // The largest number of both: bits that the storage lacks are cut off.
        let largest = Exact { significand: format.top(), exponent: emax - last_place };
        let storage_top =
            Exact { significand: (1 << precision) - 1, exponent: T::EMAX + 1 - precision };
        let largest = if largest.leading() > T::EMAX {
            storage_top.truncated(quantum)
        } else {
            largest.truncated(most(emax - (precision - 1), storage_quantum))
        };
        let smallest = if format.zero_takes_a_normal_code() && emin >= storage_quantum {
            // 2^emin is the code of zero; the next number is one quantum above it.
            let ulp = most(emin - (precision - 1), storage_quantum);
            Exact { significand: (1 << (emin - ulp)) + 1, exponent: ulp }
        } else if format.has_subnormals() {
            Exact { significand: 1, exponent: quantum }
        } else {
            Exact { significand: 1, exponent: most(emin, storage_quantum) }
        };
        // A format whose every number is beyond the storage type leaves zero alone.
        let largest = if storage_top.is_less_than(smallest) { Exact::ZERO } else { largest };
        Self { format: *format, precision, quantum, emin, storage_quantum, smallest, largest }
    }

    /// The smallest number with all p bits, as far as the storage type has them.
    pub(crate) fn smallest_normal(&self) -> Exact {
        let normal = Exact { significand: 1, exponent: self.emin.max(self.storage_quantum) };
        if normal.is_less_than(self.smallest) { self.smallest } else { normal }
    }

    /// The lower neighbour k·2^q of x on the grid, as k and q, and the fraction cut off. Below the
    /// smallest positive number the grid is its multiples 0 and 1, whatever its exponent.
    pub(crate) fn split(&self, x: Exact) -> (u64, Exact, Fraction) {
        if x.is_less_than(self.smallest) {
            let shift = self.smallest.exponent - x.exponent;
            let (numerator, denominator) = (x.significand, self.smallest.significand);
            let nu = if shift >= 0 {
                Fraction::from_quotient(numerator, denominator, shift as u32)
            } else {
                Fraction::from_quotient(numerator << -shift, denominator, 0)
            };
            return (0, self.smallest, nu);
        }
        let q = (x.leading() - (self.precision - 1)).max(self.quantum);
        let step = Exact { significand: 1, exponent: q };
        let cut = q - x.exponent;
        if cut <= 0 {
            return (x.significand << -cut, step, Fraction::ZERO);
        }
        let k = x.significand >> cut;
        (k, step, Fraction::from_quotient(x.significand - (k << cut), 1, cut as u32))
    }

    /// Whether the code of k·2^q is odd: the last bit of k, but the last bit of the exponent field
    /// where there is one bit of precision (P3109 4.7.4).
    #[inline(always)]
    pub(crate) const fn odd(&self, k: u64, step: Exact) -> bool {
        if self.precision == 1 && k == 1 {
            self.format.one_bit_parity(step.exponent)
        } else {
            k & 1 == 1
        }
    }

    /// Whether the code of the largest finite number is odd, counting the bits that the storage
    /// type holds.
    #[inline(always)]
    pub(crate) const fn largest_is_odd(&self) -> bool {
        let Exact { significand, exponent } = self.largest;
        if significand == 0 {
            return false;
        }
        if self.largest.is_less_than(self.smallest) {
            return false;
        }
        // As k·2^q on the grid.
        let q = most(self.largest.leading() - (self.precision - 1), self.quantum);
        let cut = q - exponent;
        let k = if cut >= 0 { significand >> cut } else { significand << -cut };
        self.odd(k, Exact { significand: 1, exponent: q })
    }
}
