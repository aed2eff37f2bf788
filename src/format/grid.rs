//! `Grid`: the values that a format and a storage type share, in exact integers.
//!
//! A format wider than its storage type is the intersection of the two: the largest finite number is
//! the largest of p digits that the storage holds, no quantum is below the storage's, and storage
//! subnormals are the normalised numbers that they are.

use core::cmp::Ordering;

use super::{Datum, Format};
use crate::decision::Fraction;
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
    pub(crate) fn leading(self) -> i32 {
        self.exponent + 63 - self.significand.leading_zeros() as i32
    }

    pub(crate) fn cmp(self, other: Self) -> Ordering {
        match (self.significand, other.significand) {
            (0, 0) => Ordering::Equal,
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            _ => {
                let aligned = |x: Self| x.significand << x.significand.leading_zeros();
                (self.leading(), aligned(self)).cmp(&(other.leading(), aligned(other)))
            }
        }
    }

    /// The number in storage type `T`; infinity where that does not hold it.
    pub(crate) fn in_storage<T: Storage>(self) -> T {
        self.signed(false).to_f64().and_then(T::narrow).unwrap_or_else(T::infinity)
    }

    pub(crate) fn signed(self, negative: bool) -> Datum {
        Datum::finite(negative, self.significand, self.exponent)
    }

    /// The largest multiple of 2^quantum not above self.
    pub(crate) fn truncated(self, quantum: i32) -> Self {
        let cut = quantum - self.exponent;
        match cut {
            ..=0 => self,
            1..=63 => Self { significand: self.significand >> cut, exponent: quantum },
            _ => Self::ZERO,
        }
    }
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
    pub(crate) fn of<T: Storage>(format: &Format) -> Self {
        let precision = format.precision().min(T::PRECISION) as i32;
        let storage_quantum = T::EMIN - (T::PRECISION as i32 - 1);
        let (emin, emax) = format.raw_range();
        let last_place = format.precision() as i32 - 1;
        let quantum = (emin - last_place).max(storage_quantum);
        // The largest number of both: digits that the storage lacks are cut off.
        let largest = Exact { significand: format.top(), exponent: emax - last_place };
        let storage_top =
            Exact { significand: (1 << precision) - 1, exponent: T::EMAX + 1 - precision };
        let largest = if largest.leading() > T::EMAX {
            storage_top.truncated(quantum)
        } else {
            largest.truncated((emax - (precision - 1)).max(storage_quantum))
        };
        let one_ulp = |exponent: i32| Exact { significand: 1, exponent };
        let smallest = if format.zero_takes_a_normal_code() && emin >= storage_quantum {
            // 2^emin is the code of zero; the next number is one quantum above it.
            let ulp = (emin - (precision - 1)).max(storage_quantum);
            Exact { significand: (1 << (emin - ulp)) + 1, exponent: ulp }
        } else if format.has_subnormals() {
            one_ulp(quantum)
        } else {
            one_ulp(emin.max(storage_quantum))
        };
        // A format whose every number is beyond the storage type leaves zero alone.
        let largest = if smallest.cmp(storage_top).is_gt() { Exact::ZERO } else { largest };
        Self { format: *format, precision, quantum, emin, storage_quantum, smallest, largest }
    }

    /// The smallest number with all p digits, as far as the storage type has them.
    pub(crate) fn smallest_normal(&self) -> Exact {
        let normal = Exact { significand: 1, exponent: self.emin.max(self.storage_quantum) };
        if normal.cmp(self.smallest).is_lt() { self.smallest } else { normal }
    }

    /// The lower neighbour k·2^q of x on the grid, as k and q, and the fraction cut off. Below the
    /// smallest positive number the grid is its multiples 0 and 1, whatever its exponent.
    pub(crate) fn split(&self, x: Exact) -> (u64, Exact, Fraction) {
        if x.cmp(self.smallest).is_lt() {
            let shift = self.smallest.exponent - x.exponent;
            let (numerator, denominator) = (x.significand, self.smallest.significand);
            let nu = if shift >= 0 {
                Fraction::of_quotient(numerator, denominator, shift as u32)
            } else {
                Fraction::of_quotient(numerator << -shift, denominator, 0)
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
        (k, step, Fraction::of_quotient(x.significand - (k << cut), 1, cut as u32))
    }

    /// Whether the code of k·2^q is odd: the last bit of k, but the last bit of the exponent field
    /// where there is one bit of precision (P3109 4.7.4).
    pub(crate) fn odd(&self, k: u64, step: Exact) -> bool {
        if self.precision == 1 && k == 1 {
            self.format.one_bit_parity(step.exponent)
        } else {
            k & 1 == 1
        }
    }

    /// Whether the code of the largest finite number is odd, counting the digits that the storage
    /// type holds.
    pub(crate) fn largest_is_odd(&self) -> bool {
        if self.largest.significand == 0 {
            return false;
        }
        let (k, step, _) = self.split(self.largest);
        self.odd(k, step)
    }
}
