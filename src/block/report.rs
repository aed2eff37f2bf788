//! `BlockReport`: what rounding to a block format does to values.

use super::chop::{BlockChop, Blocks, elements, tiling};
use super::lane::value;
use super::minimum;
use super::tiling::Tiling;
use crate::chop::Seeded;
use crate::error::ShapeError;
use crate::storage::Storage;

/// Errors of a rounding to a block format, made by `report`. Values that are not finite are left out; a finite one
/// that became NaN or infinite is counted as lost, and its error is infinite.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct BlockReport {
    /// Values in all.
    pub values: usize,
    /// Blocks in all.
    pub blocks: usize,
    /// Finite values that became finite ones.
    pub finite: usize,
    /// Finite values that became NaN or infinite.
    pub lost: usize,
    /// Values beyond the largest element times the scales: they saturate.
    pub clipped: usize,
    /// Blocks with such values.
    pub clipped_blocks: usize,
    /// Nonzero values that became zero.
    pub vanished: usize,
    /// Sum of squares of the values.
    pub signal: f64,
    /// Sum of squares of the errors.
    pub noise: f64,
    /// The largest error, in magnitude.
    pub largest_error: f64,
    /// Bits of all codes and scales, the tensor scale among them.
    pub bits: u64,
}

impl BlockReport {
    pub(super) fn of<T: Storage>(blocks: &impl Blocks, tiling: &Tiling, values: &[T]) -> Self {
        let chop = blocks.block_chop();
        let format = chop.format();
        let steps = chop.scaler().steps(tiling, values);
        let max = format.element.largest_finite();
        let tensor = if format.tensor_scale { f32::MANTISSA_DIGITS + 8 } else { 0 };
        let mut report = Self {
            values: values.len(),
            blocks: tiling.blocks(),
            bits: values.len() as u64 * u64::from(format.element_bits())
                + tiling.blocks() as u64 * u64::from(format.scale_bits() + format.minimum_bits())
                + u64::from(tensor),
            ..Self::default()
        };
        elements(blocks, tiling, &steps, values, |rounded| {
            let parts = rounded.elements.iter().zip(rounded.products);
            for (i, (x, (q, product))) in values[rounded.start..].iter().zip(parts).enumerate() {
                let y: T = match rounded.minima.get(i) {
                    Some(minimum) => minimum::value(*q, *product, *minimum),
                    None => value(*q, *product),
                };
                report.add(x.widen(), y.widen());
            }
        });
        let least = format.lowest_element();
        let mut clipped_blocks = vec![false; steps.products.len()];
        for segment in tiling.segments() {
            let product = steps.products[segment.block];
            let m = steps.minima.get(segment.block).copied().unwrap_or(0.0);
            let ends = [least * product + m, max * product + m];
            let [low, high] = if product < 0.0 { [ends[1], ends[0]] } else { ends };
            let clips = |x: f64| x.is_finite() && (x < low || x > high);
            let part = &values[segment.start..segment.start + segment.length];
            let count = part.iter().filter(|x| clips(x.widen())).count();
            report.clipped += count;
            clipped_blocks[segment.block] |= count > 0;
        }
        report.clipped_blocks = clipped_blocks.iter().filter(|&&clipped| clipped).count();
        report
    }

    fn add(&mut self, x: f64, y: f64) {
        let error = y - x;
        if !x.is_finite() {
            return;
        }
        if !y.is_finite() {
            self.lost += 1;
            self.signal += x * x;
            (self.noise, self.largest_error) = (f64::INFINITY, f64::INFINITY);
            return;
        }
        self.finite += 1;
        self.vanished += usize::from(x != 0.0 && y == 0.0);
        self.signal += x * x;
        self.noise += error * error;
        self.largest_error = self.largest_error.max(error.abs());
    }

    /// Noise over signal: 0 without noise, infinite where values are lost.
    #[must_use]
    pub fn relative_mse(&self) -> f64 {
        if self.noise == 0.0 { 0.0 } else { self.noise / self.signal }
    }

    /// Signal to noise in decibels: 10·log10(signal/noise). Infinite without noise, -∞ where values are lost.
    #[must_use]
    pub fn snr_db(&self) -> f64 {
        -10.0 * self.relative_mse().log10()
    }

    /// Bits a value, scales included; 0 where there are no values.
    #[must_use]
    pub fn bits_per_value(&self) -> f64 {
        self.bits as f64 / self.values.max(1) as f64
    }
}

macro_rules! report {
    ($($blocks:ty)*) => {$(
        /// What rounding does.
        impl $blocks {
            /// What rounding does to the values of an array: errors, what saturates, and the size.
            /// Takes the positions that rounding takes.
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_shaped`.
            pub fn report<T: Storage>(
                &self,
                values: &[T],
                shape: &[usize],
                axis: usize,
            ) -> Result<BlockReport, ShapeError> {
                let tiling = tiling(&self.block_chop().format(), values.len(), shape, axis)?;
                Ok(BlockReport::of(self, &tiling, values))
            }
        }
    )*};
}

report!(BlockChop Seeded<BlockChop>);
