//! Elements that are integers times a power of two, and their codes.

use super::format::{BlockFormat, Coding};
use crate::format::power_of_two;

/// How integers are coded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Integers {
    bits: u32,
    /// The distance of neighbours.
    quantum: f64,
    /// What is added to an integer for its code.
    offset: i32,
}

impl Integers {
    pub(super) fn of(format: &BlockFormat) -> Self {
        let bits = format.element_bits();
        let last = format.element.emin() - format.element.mantissa_bits() as i32;
        let offset = if format.coding == Coding::Offset { 1 << (bits - 1) } else { 0 };
        Self { bits, quantum: power_of_two(last), offset }
    }

    /// The code of an element.
    pub(super) fn code(self, element: f64) -> u16 {
        let integer = (element / self.quantum) as i32 + self.offset;
        (integer & ((1 << self.bits) - 1)) as u16
    }

    /// The element of a code.
    pub(super) fn element(self, code: u16) -> f64 {
        let integer = if self.offset == 0 {
            let unused = u16::BITS - self.bits;
            i32::from((code << unused).cast_signed() >> unused)
        } else {
            i32::from(code) - self.offset
        };
        f64::from(integer) * self.quantum
    }
}
