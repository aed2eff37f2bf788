//! Delayed scaling: a tensor's scale from the largest magnitudes of earlier ones.

use std::collections::VecDeque;

use super::chop::{BlockChop, chop_by};
use super::format::{BlockShape, ScaleRule};
use super::scale::Scales;
use super::tensor::BlockTensor;
use super::tiling::Tiling;
use crate::error::FormatError;
use crate::storage::Storage;

/// FP8 with delayed scaling: the scale of a tensor is that of the largest magnitude among the last
/// few tensors before it, so that one pass is enough; what lies beyond saturates. Without history, or
/// with zeros alone, the scale is 1.
///
/// s = amax·2^margin / max rounded to the scale format, as Transformer Engine's `DelayedScaling` has
/// it (there as its reciprocal, in `f32`).
///
/// ```
/// use lowprec::{BlockChop, BlockFormat, Rounding, block::DelayedScaling};
/// let fp8 = BlockChop::new(BlockFormat::FP8_E4M3_TENSOR, Rounding::NearestEven);
/// let mut scaling = DelayedScaling::new(fp8, 16, 0)?;
/// let mut first = [1.03_f32, 896.0];
/// scaling.chop_slice(&mut first);
/// assert_eq!(first, [1.0, 448.0]);                    // scale 1
/// assert_eq!(scaling.scale(), 2.0);
/// # Ok::<(), lowprec::error::FormatError>(())
/// ```
#[derive(Clone, Debug)]
pub struct DelayedScaling {
    chop: BlockChop,
    length: usize,
    margin: i32,
    history: VecDeque<f64>,
}

impl DelayedScaling {
    /// Scales from the last `length` tensors, with `margin` binades to spare.
    ///
    /// # Errors
    ///
    /// Unless the format has one scale for all and the rule `Absmax`, no second-level scale, no minimum,
    /// `length` is at least 1 and `margin` within ±64.
    pub fn new(chop: BlockChop, length: usize, margin: i32) -> Result<Self, FormatError> {
        let format = chop.format();
        if format.minimum().is_some() {
            return Err(FormatError::switch("minimum", true, "only no"));
        }
        if format.block() != BlockShape::Tensor || format.has_tensor_scale() {
            return Err(FormatError::switch("one scale a tensor", false, "only yes"));
        }
        if format.rule() != ScaleRule::Absmax {
            return Err(FormatError::switch("scale rule absmax", false, "only yes"));
        }
        if length == 0 {
            return Err(FormatError::integer("history length", 0, "at least 1"));
        }
        if !(-64..=64).contains(&margin) {
            return Err(FormatError::integer("margin", margin.into(), "-64..=64"));
        }
        Ok(Self { chop, length, margin, history: VecDeque::new() })
    }

    /// The scale that the next tensor gets.
    #[must_use]
    pub fn scale(&self) -> f64 {
        let amax = self.history.iter().copied().fold(0.0, f64::max);
        let scaler = self.chop.scaler();
        if amax == 0.0 {
            return scaler.given(1.0);
        }
        scaler.scale(amax * 2f64.powi(self.margin), 1.0, &[])
    }

    /// The largest magnitudes kept, the latest last.
    pub fn history(&self) -> impl Iterator<Item = f64> + '_ {
        self.history.iter().copied()
    }

    fn scales(&self) -> Scales {
        self.chop.scaler().coded(1.0, vec![self.scale()], Vec::new())
    }

    fn remember<T: Storage>(&mut self, values: &[T]) {
        let finite = values.iter().map(|x| x.widen().abs()).filter(|x| x.is_finite());
        if self.history.len() == self.length {
            self.history.pop_front();
        }
        self.history.push_back(finite.fold(0.0, f64::max));
    }

    /// Rounds every value in place by the scale of the history, to which these are then added. NaN and
    /// infinities are rounded by the element format, saturating.
    pub fn chop_slice<T: Storage>(&mut self, values: &mut [T]) {
        let scales = self.scales();
        self.remember(values);
        chop_by(&self.chop, &Tiling::whole(values.len()), &scales, values);
    }

    /// The codes of all values by the scale of the history, to which these are then added.
    #[must_use]
    pub fn quantize<T: Storage>(&mut self, values: &[T]) -> BlockTensor {
        let scales = self.scales();
        self.remember(values);
        BlockTensor::from_scales(&self.chop, &Tiling::whole(values.len()), scales, values)
    }
}
