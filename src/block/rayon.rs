//! Blocks on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use super::chop::{self, BlockChop, Blocks};
use super::fast;
use super::scale::Steps;
use super::tiling::Tiling;
use crate::chop::{Random, Seeded};
use crate::error::ShapeError;
use crate::rounding::random::{Given, Source};
use crate::slices::{self, same_length};
use crate::storage::Storage;

/// Fewer values are rounded on the calling thread: waking another takes 30 to 40 µs, in which one rounds some 2^17
/// values to MXFP4 at AVX2 or AVX-512, and fewer at the portable level or to other formats.
const LEAST: usize = 1 << 17;

/// Values that a task rounds, about.
const TASK: usize = 1 << 15;

/// What is known of the scales of a part before it is looked at.
#[derive(Clone, Copy)]
enum Known<'a> {
    Nothing,
    /// g.
    Tensor(f32),
    /// All.
    Steps(&'a Steps),
}

/// Rounds a part in place, with the random bits from a source, of which its first value's are those at `origin`.
fn part<T: Storage>(
    chop: &BlockChop,
    tiling: &Tiling,
    known: Known<'_>,
    source: &mut dyn Source,
    origin: u64,
    values: &mut [T],
) {
    let engine = chop.engine();
    engine.with_shared(source, |source| match known {
        Known::Nothing => match chop.fast::<T>(tiling) {
            Some(plan) => fast::chop(&engine, plan, source, origin, None, values),
            None => {
                let steps = engine.scaler.steps(tiling, values);
                chop::by_steps(chop, tiling, &steps, source, origin, values);
            }
        },
        Known::Tensor(tensor) => {
            let steps = engine.scaler.steps_by(Some(tensor), tiling, values);
            chop::by_steps(chop, tiling, &steps, source, origin, values);
        }
        Known::Steps(steps) => chop::by_steps(chop, tiling, steps, source, origin, values),
    });
}

/// Rounds in place what lies in blocks of one array.
fn run<T: Storage>(blocks: &impl Blocks, tiling: &Tiling, values: &mut [T]) {
    if values.len() < LEAST {
        return chop::chop(blocks, tiling, None, values);
    }
    let rounder = *blocks.block_chop();
    let format = rounder.format();
    let steps = (tiling.blocks() == 1).then(|| rounder.scaler().steps(tiling, values));
    let largest = || {
        let chunks = values.par_chunks(TASK).map(|part| super::scale::largest_finite(part).0);
        chunks.reduce(|| 0.0, f64::max)
    };
    let tensor = format.has_tensor_scale().then(|| rounder.scaler().tensor(largest()));
    let known = match (&steps, tensor) {
        (Some(steps), _) => Known::Steps(steps),
        (None, Some(tensor)) => Known::Tensor(tensor),
        (None, None) => Known::Nothing,
    };
    // A deterministic mode takes no positions.
    let stochastic = rounder.rounding().is_stochastic();
    let shared = stochastic.then(|| blocks.draws().share(values.len() as u64));
    let mut parts = Vec::new();
    let (mut rest, mut start) = (values, 0_u64);
    for part in tiling.parts(TASK) {
        let (head, tail) = rest.split_at_mut(part.values());
        rest = tail;
        parts.push((start, part, head));
        start += part.values() as u64;
    }
    parts.into_par_iter().for_each(|(start, part, values)| match &shared {
        Some((source, origin)) => {
            let position = origin.wrapping_add(start);
            self::part(&rounder, &part, known, &mut source(), position, values);
        }
        None => self::part(&rounder, &part, known, &mut Given(&[]), 0, values),
    });
}

macro_rules! parallel_methods {
    ($blocks:ty) => {
        /// Rounding values on rayon's threads (feature `rayon`).
        impl $blocks {
            /// Rounds every value in place on rayon's threads, in blocks along the slice (feature `rayon`): to the bits of
            /// `chop_slice`, but for a stochastic mode without a seed, in which each thread draws from its own generator.
            /// Fewer than 2^17 values are rounded on the calling thread.
            ///
            /// ```
            /// use lowprec::{BlockChop, BlockFormat, Rounding};
            /// let fp4 = BlockChop::new(BlockFormat::NVFP4, Rounding::Stochastic);
            /// let mut a: Vec<f32> = (0..200_000).map(|i| (i as f32).sin()).collect();
            /// let mut b = a.clone();
            /// fp4.stream(1).chop_slice(&mut a);
            /// fp4.stream(1).par_chop_slice(&mut b);
            /// assert_eq!(a, b);
            /// ```
            pub fn par_chop_slice<T: Storage>(&self, values: &mut [T]) {
                let tiling = chop::slice_tiling(&self.block_chop().format(), values.len());
                run(self, &tiling, values);
            }

            /// Rounds every value of `from` into `to` on rayon's threads, as `par_chop_slice` does (feature `rayon`).
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn par_chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
                same_length(from.len(), to.len());
                slices::copy(from, to);
                self.par_chop_slice(to);
            }

            /// Rounds every value of an array in place on rayon's threads: to the bits of `chop_shaped`, as
            /// `par_chop_slice` does (feature `rayon`).
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_shaped`. Nothing is rounded then.
            pub fn par_chop_shaped<T: Storage>(
                &self,
                values: &mut [T],
                shape: &[usize],
                axis: usize,
            ) -> Result<(), ShapeError> {
                let tiling = chop::tiling(&self.block_chop().format(), values.len(), shape, axis)?;
                run(self, &tiling, values);
                Ok(())
            }
        }
    };
}

parallel_methods!(BlockChop);
parallel_methods!(Seeded<BlockChop>);
