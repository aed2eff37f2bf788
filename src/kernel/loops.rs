//! The loops themselves, written once; `dispatch` compiles them for each CPU level.

use super::lane::{self, Bias, Compare};
use crate::plan::{Bits, Plan};
use crate::random::CHUNK;
use crate::storage::{Storage, Word};

/// Where the values of a loop come from and go to.
pub(crate) enum Span<'a, T> {
    InPlace(&'a mut [T]),
    Into(&'a [T], &'a mut [T]),
}

impl<T> Span<'_, T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::InPlace(values) => values.len(),
            Self::Into(from, _) => from.len(),
        }
    }

    pub(super) fn source(&self) -> &[T] {
        match self {
            Self::InPlace(values) => values,
            Self::Into(from, _) => from,
        }
    }

    pub(super) fn destination(&mut self) -> &mut [T] {
        match self {
            Self::InPlace(values) => values,
            Self::Into(_, to) => to,
        }
    }
}

/// One deterministic mode over a span.
#[inline(always)]
pub(super) fn each<T: Storage, M: Bias, const DEEP: bool>(plan: &Plan<T>, span: Span<'_, T>) {
    match span {
        Span::InPlace(values) => {
            for x in values {
                *x = lane::deterministic::<T, M, DEEP>(*x, plan);
            }
        }
        Span::Into(from, to) => {
            for (x, y) in from.iter().zip(to) {
                *y = lane::deterministic::<T, M, DEEP>(*x, plan);
            }
        }
    }
}

/// A chunk of values with their first random bits, and the results.
pub(super) struct Chunk<T> {
    pub(super) values: [T; CHUNK],
    pub(super) words: [u32; CHUNK],
    pub(super) rounded: [T; CHUNK],
}

/// Rounds a chunk; whether any element's first random bits did not settle it.
#[inline(always)]
pub(super) fn each_drawn<T: Storage, C: Compare, const DEEP: bool>(
    plan: &Plan<T>,
    compare: C,
    chunk: &mut Chunk<T>,
) -> bool {
    let mut any = Bits::<T>::ZERO;
    for i in 0..CHUNK {
        let (y, open) =
            lane::stochastic::<T, C, DEEP>(chunk.values[i], chunk.words[i], compare, plan);
        chunk.rounded[i] = y;
        any = any | open;
    }
    any != Bits::<T>::ZERO
}
