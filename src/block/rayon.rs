//! Blocks on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use super::chop::{self, Blocks, Known};
use super::tiling::Tiling;
use crate::chop::Random;
use crate::rounding::random::Given;
use crate::storage::Storage;

/// Fewer values are rounded on the calling thread: waking another takes 30 to 40 µs, in which one rounds some 2^17
/// values to MXFP4 at AVX2 or AVX-512, and fewer at the portable level or to other formats.
const LEAST: usize = 1 << 17;

/// Values that a task rounds, about.
const TASK: usize = 1 << 15;

/// Rounds in place what lies in blocks of one array.
pub(super) fn chop<T: Storage>(blocks: &impl Blocks, tiling: &Tiling, values: &mut [T]) {
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
            chop::chop_part(&rounder, &part, known, &mut source(), position, values);
        }
        None => chop::chop_part(&rounder, &part, known, &mut Given(&[]), 0, values),
    });
}
