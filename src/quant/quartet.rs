//! The two quantizations of Quartet, with which networks are trained in MXFP4: Castro, Panferov, Tabesh,
//! Sieberling, Chen, Nikdan, Ashkboos, Alistarh, "Quartet: Native FP4 training can be optimal for large
//! language models", arXiv 2505.14669, algorithm 1.
//!
//! Both transform blocks of 32 by Hadamard's matrix, give every block a scale and round its elements to
//! FP4 (e2m1fn). Results stay transformed: a product of two operands along the transformed axis is the
//! product of what they were before.
//!
//! - [`Forward`] wants the least error: the scale follows the deviation of the block, so that values beyond
//!   [`CLIP`] deviations are clipped, and elements are rounded to nearest.
//! - [`Backward`] wants no bias: the scale follows the largest magnitude, values are multiplied by 3/4 so
//!   that none is clipped, and elements are rounded stochastically, after random signs. The product of two
//!   operands is then multiplied by [`UNSCALE`] = 16/9.
//!
//! NaN or an infinity makes its block NaN.

use super::error::QuantError;
use super::hadamard::Hadamard;
use super::lane;
use crate::block::{BlockChop, BlockFormat, largest_finite, log2};
use crate::chop::{Chop, Stream};
use crate::format::{Format, power_of_two};
use crate::rounder::Rounder;
use crate::rounding::random::CHUNK;
use crate::rounding::{Overflow, Rounding};
use crate::slices::Room;
use crate::storage::Storage;

/// Values that share a scale.
pub const BLOCK: usize = 32;

/// How many deviations the largest FP4 number stands for: the clip with the least mean squared error on
/// N(0, 1), 0.0126849, as [`clip::search_normal`](super::clip::search_normal) finds it.
pub const CLIP: f64 = 2.922_474_9;

/// What a product of two backward operands is multiplied by: (4/3)².
pub const UNSCALE: f64 = 16.0 / 9.0;

/// Elements rounded to nearest even, saturating.
pub const NEAREST: Chop = elements(Rounding::NearestEven);

/// Elements rounded stochastically, saturating.
pub const STOCHASTIC: Chop = elements(Rounding::Stochastic);

const fn elements(rounding: Rounding) -> Chop {
    Chop::new(Format::OCP_E2M1, rounding).with_overflow(Overflow::Saturate)
}

/// The blocks that both round to: elements to nearest, the scale from the largest magnitude.
const MXFP4: BlockChop = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);

/// The largest element, 6.
const LARGEST: f64 = 6.0;

/// How the scale clip·σ/6 is rounded.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Scales {
    /// Down to a power of two from 2^-127 to 2^127, as the authors' kernels do. Up to half of the scale is
    /// lost, and values beyond half the clip with it.
    #[default]
    Down,
    /// To the nearest of these powers.
    Nearest,
    /// Not at all: the error that the clip was chosen for, but not MXFP4.
    Real,
}

/// The forward quantization: transform, scale from the deviation, to nearest.
///
/// For each block of 32: x ← H·x (in the storage type); σ = √(mean of x²), the deviation from zero, in
/// `f64`; scale = clip·σ/6, rounded down to a power of two; element = x / scale, rounded once to nearest
/// even, saturating; value = element·scale. A block of zeros stays zero.
///
/// The authors' kernels subtract the block's mean before they square, and add 1e-8 to the scale: there a
/// block whose transform is constant loses its values.
///
/// ```
/// use lowprec::quant::quartet::Forward;
/// let mut block = [1.0_f32; 32];
/// block[3] = 30.0;
/// Forward::new().quantize(&mut block);
/// assert_eq!(block[..4], [12.0, -6.0, -6.0, 6.0]);       // in the transformed domain
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Forward {
    clip: f64,
    scales: Scales,
}

impl Default for Forward {
    fn default() -> Self {
        Self::new()
    }
}

impl Forward {
    /// With [`CLIP`], scales rounded down.
    #[must_use]
    pub const fn new() -> Self {
        Self { clip: CLIP, scales: Scales::Down }
    }

    /// This quantization with another clip, in deviations.
    ///
    /// # Errors
    ///
    /// Unless it is from 2^-10 to 2^10.
    pub fn with_clip(self, clip: f64) -> Result<Self, QuantError> {
        if !(1.0 / 1024.0..=1024.0).contains(&clip) {
            let allowed = "2^-10 to 2^10";
            return Err(QuantError::Real { field: "clip", given: clip, allowed });
        }
        Ok(Self { clip, ..self })
    }

    /// This quantization with scales rounded otherwise.
    #[must_use]
    pub const fn with_scales(self, scales: Scales) -> Self {
        Self { scales, ..self }
    }

    /// Transforms and quantizes a row. What the storage type cannot hold afterwards is infinite.
    ///
    /// # Panics
    ///
    /// If the row is no multiple of 32 values.
    #[track_caller]
    pub fn quantize<T: Storage>(&self, row: &mut [T]) {
        within_range(row, |row| self.within(row), |block| self.within(block));
    }

    /// Of blocks whose transform the storage type holds.
    #[track_caller]
    fn within<T: Storage>(&self, row: &mut [T]) {
        hadamard().transform(row);
        let (mut mine, mut theirs) = (Room::<3, CHUNK>::new(), Room::<4, CHUNK>::new());
        let ([x, units, zeros], mut theirs) = (mine.of(row.len()), theirs.of(row.len()));
        let (mut scales, mut squares) = ([0.0; CHUNK / BLOCK], [0.0; CHUNK / BLOCK]);
        for part in row.chunks_mut(CHUNK) {
            let (n, count) = (part.len(), part.len() / BLOCK);
            let (x, blocks) = (&mut x[..n], part.chunks(BLOCK));
            for ((block, x), unit) in blocks.zip(x.chunks_mut(BLOCK)).zip(&mut scales) {
                *unit = near_one(block, x);
            }
            sums_of_squares(x, &mut squares);
            let places = units.chunks_mut(BLOCK).zip(&mut scales).zip(&squares);
            for ((units, scale), squares) in places.take(count) {
                let unit = *scale;
                *scale = self.scale(*squares, unit);
                // Beyond binary64 a zero element would make NaN.
                let product = *scale * unit;
                units.fill(if product == f64::INFINITY { f64::MAX } else { product });
            }
            let elements = MXFP4.elements_by(&mut theirs, &scales[..count], x);
            lane::multiplied(elements, zeros, units, part);
        }
    }

    /// The scale of a block that was divided by a unit, from the sum of its squares then.
    fn scale(&self, squares: f64, unit: f64) -> f64 {
        if unit.is_nan() || squares == 0.0 {
            return unit;
        }
        let scale = self.clip * (squares / BLOCK as f64).sqrt() / LARGEST;
        match self.scales {
            Scales::Down => MXFP4.scale_below(scale * unit) / unit,
            Scales::Nearest => MXFP4.scale_near(scale * unit) / unit,
            Scales::Real => scale,
        }
    }
}

/// Runs over a row, `wide` over its blocks that the transform, √32 times as large at most, may take beyond the storage
/// type: in `f64`, divided by 2^8 where that is the storage type. There every element saturates with or without
/// that division, the largest scale being 2^127. What the storage type cannot hold afterwards is infinite.
#[track_caller]
fn within_range<T: Storage>(
    row: &mut [T],
    within: impl Fn(&mut [T]),
    wide: impl Fn(&mut [f64; BLOCK]),
) {
    let limit = T::max_value().widen() / 64.0;
    let beyond = |block: &[T]| largest_finite(block).0 > limit;
    if !beyond(row) {
        return within(row);
    }
    let (blocks, rest) = row.as_chunks_mut::<BLOCK>();
    if !rest.is_empty() {
        // Refused as any such row is.
        return within(row);
    }
    for block in blocks {
        if !beyond(block) || block.iter().any(|x| !x.is_finite()) {
            within(block);
            continue;
        }
        let factor = if T::PRECISION == f64::MANTISSA_DIGITS { 1.0 / 256.0 } else { 1.0 };
        let mut values = block.map(|x| x.widen() * factor);
        wide(&mut values);
        for (place, value) in block.iter_mut().zip(values) {
            *place = T::from(value).unwrap_or_else(T::nan);
        }
    }
}

/// Divides a block by a power of two that brings it near 1, where squares neither overflow nor vanish. The
/// power; 1 for a block of zeros, NaN for one with NaN or an infinity.
fn near_one<T: Storage>(block: &[T], to: &mut [f64]) -> f64 {
    let (maximum, all_finite) = largest_finite(block);
    if !all_finite {
        to.fill(0.0);
        return f64::NAN;
    }
    let exponent = if maximum == 0.0 { 0 } else { log2(maximum).0.max(f64::MIN_EXP - 1) };
    lane::scaled(block, power_of_two(-exponent), to);
    power_of_two(exponent)
}

/// The sum of squares of each block, in the order of its values. Four blocks at a time, for the processor to
/// add to four sums while it waits for none of them.
fn sums_of_squares(x: &[f64], sums: &mut [f64]) {
    const TOGETHER: usize = 4;
    let (blocks, _) = x.as_chunks::<BLOCK>();
    let (fours, rest) = blocks.as_chunks::<TOGETHER>();
    let (of_fours, of_rest) = sums.split_at_mut(fours.len() * TOGETHER);
    for (blocks, sums) in fours.iter().zip(of_fours.as_chunks_mut::<TOGETHER>().0) {
        *sums = [0.0; TOGETHER];
        for i in 0..BLOCK {
            for (sum, block) in sums.iter_mut().zip(blocks) {
                *sum += block[i] * block[i];
            }
        }
    }
    for (block, sum) in rest.iter().zip(of_rest) {
        *sum = block.iter().map(|x| x * x).sum();
    }
}

/// The backward quantization: random signs and transform, scale from the largest magnitude, 3/4,
/// stochastic.
///
/// For each block of 32: x ← H·D·x (in the storage type), D random signs; scale = 2^(⌊log2 max|x|⌋ - 2),
/// from 2^-127 to 2^127; element = ¾·x / scale, at most 6 in magnitude, rounded stochastically; value =
/// element·scale, of which the expectation is ¾·x. (In `f64` storage ¾·x is rounded to `f64` first.)
///
/// ```
/// use lowprec::quant::quartet::{Backward, UNSCALE};
/// // The same signs and transform for both operands of a product.
/// let backward = Backward::seeded(1);
/// let exact: f64 = (0..32).map(|i| f64::from(i * i)).sum();
/// let mut mean = 0.0;
/// for _ in 0..1000 {
///     let mut a: [f64; 32] = std::array::from_fn(|i| i as f64);
///     let mut b = a;
///     backward.quantize(&mut a);
///     backward.quantize(&mut b);
///     mean += UNSCALE * a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>() / 1000.0;
/// }
/// assert!((mean / exact - 1.0).abs() < 0.01);
/// ```
#[derive(Debug)]
pub struct Backward<R = Stream> {
    hadamard: Hadamard,
    elements: R,
}

impl Backward {
    /// Signs and random bits from one seed; each independent of the other.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { hadamard: hadamard().with_signs(seed), elements: STOCHASTIC.stream(seed) }
    }
}

impl<R: Rounder> Backward<R> {
    /// Signs from a seed, elements rounded by a [`Chop`] or [`Stream`]: [`STOCHASTIC`] is Quartet's,
    /// [`NEAREST`] what it is compared with.
    ///
    /// # Errors
    ///
    /// If it rounds to another format than e2m1fn.
    pub fn new(signs: u64, elements: R) -> Result<Self, QuantError> {
        if elements.format() != Format::OCP_E2M1 {
            return Err(QuantError::Contradiction { field: "elements", needed: "format e2m1fn" });
        }
        Ok(Self { hadamard: hadamard().with_signs(signs), elements })
    }

    /// What elements are rounded by: of a stream, where it stands is its [`state`](Stream::state).
    #[must_use]
    pub const fn elements(&self) -> &R {
        &self.elements
    }

    /// Transforms and quantizes a row. A stream of random bits moves on by the row's length. What the storage
    /// type cannot hold afterwards is infinite.
    ///
    /// # Panics
    ///
    /// If the row is no multiple of 32 values.
    #[track_caller]
    pub fn quantize<T: Storage>(&self, row: &mut [T]) {
        self.hadamard.flip(row);
        within_range(row, |row| self.within(row), |block| self.within(block));
    }

    /// Of blocks with their signs, whose transform the storage type holds.
    #[track_caller]
    fn within<T: Storage>(&self, row: &mut [T]) {
        hadamard().transform(row);
        let mut room = Room::<4, CHUNK>::new();
        let [x, y, units, zeros] = room.of(row.len());
        for part in row.chunks_mut(CHUNK) {
            let places = x.chunks_mut(BLOCK).zip(y.chunks_mut(BLOCK)).zip(units.chunks_mut(BLOCK));
            for (block, ((x, y), units)) in part.chunks(BLOCK).zip(places) {
                let scale = MXFP4.scale_of(block);
                units.fill(scale);
                if scale.is_nan() {
                    y.fill(0.0);
                    continue;
                }
                lane::scaled(block, 0.75, x);
                // Exact, the scale being a power of two.
                lane::scaled(x, 1.0 / scale, y);
            }
            let elements = &mut y[..part.len()];
            self.elements.chop_slice(elements);
            lane::multiplied(elements, zeros, units, part);
        }
    }
}

fn hadamard() -> Hadamard {
    match Hadamard::new(BLOCK) {
        Ok(hadamard) => hadamard,
        Err(_) => unreachable!("32 is a power of two"),
    }
}
