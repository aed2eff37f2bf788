//! Operations on slices on rayon's threads: the same bits as the sequential calls, never used unasked.

use core::cell::Cell;

use rayon::prelude::*;

use super::operation::{self, Operation, OperationInPlace, lengths};
use crate::chop::{Chop, Draws, Random};
use crate::rounding::random::Source;
use crate::storage::Storage;

/// Fewer results are made on the calling thread: waking another takes 30 to 40 µs, in which one makes some 2^16 of them
/// in the fastest modes at AVX2 or AVX-512.
const LEAST: usize = 1 << 16;

/// Results of a task; in a stochastic mode an integer of random blocks.
const TASK: usize = 1 << 14;

/// The rounder of one task: a rounding whose random bits go on from a position of a call's.
struct Shard<'a, F> {
    chop: &'a Chop,
    source: &'a F,
    position: Cell<u64>,
}

impl<'a, S: Source, F: Fn() -> S + Sync> Random for Shard<'a, F> {
    type Source = S;

    fn draw<R>(&self, count: u64, run: impl FnOnce(&mut S, u64) -> R) -> R {
        let position = self.position.get();
        self.position.set(position.wrapping_add(count));
        run(&mut (self.source)(), position)
    }

    fn share(&self, count: u64) -> (impl Fn() -> S + Sync + use<'a, S, F>, u64) {
        let position = self.position.get();
        self.position.set(position.wrapping_add(count));
        (self.source, position)
    }
}

impl<S: Source, F: Fn() -> S + Sync> Draws for Shard<'_, F> {
    fn chop_ref(&self) -> &Chop {
        self.chop
    }
}

/// Calls `run` for each task with its rounder, the number of its first result, and the places.
macro_rules! for_tasks {
    ($rounder:ident, $to:ident, |$shard:ident, $start:ident, $part:ident| $run:expr) => {{
        let chop = *$rounder.chop_ref();
        let count = $to.len();
        let tasks = $to.par_chunks_mut(TASK).enumerate();
        if chop.rounding().is_stochastic() {
            let (source, origin) = $rounder.share(count as u64);
            tasks.for_each(|(number, $part)| {
                let $start = number * TASK;
                let position = Cell::new(origin.wrapping_add($start as u64));
                let $shard = &Shard { chop: &chop, source: &source, position };
                $run;
            });
        } else {
            tasks.for_each(|(number, $part)| {
                let ($start, $shard) = (number * TASK, &chop);
                $run;
            });
        }
    }};
}

#[track_caller]
pub(super) fn map<const N: usize, O: Operation<N>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    operands: [&[T]; N],
    to: &mut [T],
) {
    if to.len() < LEAST {
        return operation::map(rounder, op, operands, to);
    }
    lengths(&operands, to.len());
    for_tasks!(rounder, to, |shard, start, part| {
        op.map(shard, operands.map(|values| &values[start..][..part.len()]), part)
    });
}

#[track_caller]
pub(super) fn map_inplace<const M: usize, O: OperationInPlace<M>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    x: &mut [T],
    others: [&[T]; M],
) {
    if x.len() < LEAST {
        return operation::map_inplace(rounder, op, x, others);
    }
    lengths(&others, x.len());
    for_tasks!(rounder, x, |shard, start, part| {
        op.map_inplace(shard, part, others.map(|values| &values[start..][..part.len()]))
    });
}
