//! The steps of a rounding to blocks one by one, for what is built over them.

use super::chop::{BlockChop, slice_tiling};
use crate::rounding::random::Given;
use crate::storage::Storage;

impl BlockChop {
    /// The scale of a block by the format's rule, s·g: NaN for a NaN block.
    pub(crate) fn scale_of<T: Storage>(&self, block: &[T]) -> f64 {
        self.scaler().product(block)
    }

    /// A positive number rounded to the scale format, to nearest even; infinity saturates.
    pub(crate) fn scale_near(&self, scale: f64) -> f64 {
        self.scaler().given(scale)
    }

    /// A scale rounded down, to a power of two.
    pub(crate) fn scale_below(&self, scale: f64) -> f64 {
        self.scaler().below(scale)
    }

    /// The elements of values in a deterministic mode by the scales of their blocks, which lie one after
    /// another.
    pub(crate) fn elements_by(&self, scales: &[f64], values: &[f64], to: &mut [f64]) {
        let tiling = slice_tiling(&self.format(), values.len());
        self.engine().elements(&tiling, scales, &mut Given(&[]), 0, values, |rounded| {
            to[rounded.start..][..rounded.elements.len()].copy_from_slice(rounded.elements);
        });
    }
}
