//! Parallel slices on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use super::chop::Chop;
use super::values::{Draws, run, run_with};
use crate::kernel::Span;
use crate::rounding::random::Given;
use crate::slices::same_length;
use crate::storage::Storage;

/// How the work is cut. Waking a thread took 30 to 40 µs where `benches/parallel` was run, on two virtual
/// processors: there stochastic modes gained from `least` values on (1.6 times), deterministic ones, which
/// one thread does at the speed of memory, broke even from there.
struct Cut {
    /// Fewer values are rounded on the calling thread.
    least: usize,
    /// Values a task rounds, some 20 µs; in a stochastic mode an integer of random blocks.
    task: usize,
}

fn cut(chop: &Chop) -> Cut {
    if chop.rounding().is_stochastic() {
        Cut { least: 1 << 17, task: 1 << 15 }
    } else {
        Cut { least: 1 << 21, task: 1 << 17 }
    }
}

/// Rounds one task's span, of which the first value has this number in the whole.
trait Task<T>: Fn(u64, Span<'_, T>) + Sync {}
impl<T, F: Fn(u64, Span<'_, T>) + Sync> Task<T> for F {}

/// Takes the random bits of a call on `count` values; what rounds the span of a task with its own of them.
fn tasks<T: Storage>(rounder: &impl Draws, count: usize) -> impl Task<T> {
    let chop = *rounder.chop_ref();
    // A deterministic mode takes no positions.
    let shared = chop.rounding().is_stochastic().then(|| rounder.share(count as u64));
    move |offset, span| match &shared {
        Some((source, start)) => run_with(&chop, &mut source(), start.wrapping_add(offset), span),
        None => run_with(&chop, &mut Given(&[]), 0, span),
    }
}

/// Rounds every value in place.
pub(crate) fn in_place<T: Storage>(rounder: &impl Draws, values: &mut [T]) {
    let Cut { least, task } = cut(rounder.chop_ref());
    if values.len() < least {
        return run(rounder, Span::InPlace(values));
    }
    let round = tasks(rounder, values.len());
    let tasks = values.par_chunks_mut(task).enumerate();
    tasks.for_each(|(number, values)| round((number * task) as u64, Span::InPlace(values)));
}

/// Rounds every value of one slice into another.
#[track_caller]
pub(crate) fn into<T: Storage>(rounder: &impl Draws, from: &[T], to: &mut [T]) {
    same_length(from.len(), to.len());
    let Cut { least, task } = cut(rounder.chop_ref());
    if from.len() < least {
        return run(rounder, Span::Into(from, to));
    }
    let round = tasks(rounder, from.len());
    let tasks = from.par_chunks(task).zip(to.par_chunks_mut(task)).enumerate();
    tasks.for_each(|(number, (from, to))| round((number * task) as u64, Span::Into(from, to)));
}
