//! The steps of a rounding to blocks one by one, for what is built over them.

use super::chop::{BlockChop, slice_tiling};
use super::tiling::Spread;
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

    /// The elements of a chunk of values in a deterministic mode, by the scales of their blocks, which lie
    /// one after another.
    pub(crate) fn elements_by<'r>(
        &self,
        room: &'r mut [&mut [f64]; 4],
        scales: &[f64],
        values: &[f64],
    ) -> &'r [f64] {
        let tiling = slice_tiling(&self.format(), values.len());
        let mut spread = Spread::new(tiling.segments());
        self.engine().chunk(room, &mut spread, scales, &mut Given(&[]), 0, values).0
    }
}
