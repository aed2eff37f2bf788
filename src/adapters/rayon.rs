//! Parallel slices on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use crate::chop::{Chop, Rounder, run_with, same_length};
use crate::kernel::Span;
use crate::storage::Storage;
use crate::stream::Stream;

/// Values a task rounds in a deterministic mode: some 20 µs, twice what handing it over costs.
const TASK: usize = 1 << 17;

/// Values a task rounds in a stochastic mode: as long, and a whole number of random blocks.
const DRAWN_TASK: usize = 1 << 15;

fn task(rounder: &impl Rounder) -> usize {
    if rounder.rounding().rounding().is_stochastic() { DRAWN_TASK } else { TASK }
}

/// Hands each task's values, with the number of the first, to `round`; a single task to the calling
/// thread.
fn in_place<T: Storage>(values: &mut [T], task: usize, round: impl Fn(usize, &mut [T]) + Sync) {
    if values.len() <= task {
        return round(0, values);
    }
    let tasks = values.par_chunks_mut(task).enumerate();
    tasks.for_each(|(number, values)| round(number * task, values));
}

fn into<T: Storage>(
    from: &[T],
    to: &mut [T],
    task: usize,
    round: impl Fn(usize, &[T], &mut [T]) + Sync,
) {
    if from.len() <= task {
        return round(0, from, to);
    }
    let tasks = from.par_chunks(task).zip(to.par_chunks_mut(task)).enumerate();
    tasks.for_each(|(number, (from, to))| round(number * task, from, to));
}

/// Parallel rounding (feature `rayon`).
impl Chop {
    /// Rounds every value in place on rayon's threads. Stochastic modes draw from each thread's own
    /// generator. Slices too short to gain are rounded on the calling thread.
    pub fn par_chop_slice<T: Storage>(&self, values: &mut [T]) {
        in_place(values, task(self), |_, values| self.chop_slice(values));
    }

    /// Rounds every value of `from` into `to` on rayon's threads, as
    /// [`par_chop_slice`](Chop::par_chop_slice) does in place.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn par_chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
        same_length(from.len(), to.len());
        into(from, to, task(self), |_, from, to| self.chop_into(from, to));
    }
}

/// Parallel rounding (feature `rayon`).
impl Stream {
    /// Rounds every value in place on rayon's threads, to the same bits as
    /// [`chop_slice`](Stream::chop_slice).
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    /// let (mut a, mut b) = (vec![0.1_f32; 100_000], vec![0.1_f32; 100_000]);
    /// sr.stream(42).chop_slice(&mut a);
    /// sr.stream(42).par_chop_slice(&mut b);
    /// assert_eq!(a, b);
    /// ```
    pub fn par_chop_slice<T: Storage>(&self, values: &mut [T]) {
        if values.len() <= task(self) {
            return self.chop_slice(values);
        }
        let (chop, start, source) = (self.rounding(), self.start(values.len()), self.reader());
        in_place(values, task(self), |offset, values| {
            let origin = start.wrapping_add(offset as u64);
            run_with(&chop, &mut source.clone(), origin, Span::InPlace(values));
        });
    }

    /// Rounds every value of `from` into `to` on rayon's threads, to the same bits as
    /// [`chop_into`](Stream::chop_into).
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn par_chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
        same_length(from.len(), to.len());
        if from.len() <= task(self) {
            return self.chop_into(from, to);
        }
        let (chop, start, source) = (self.rounding(), self.start(from.len()), self.reader());
        into(from, to, task(self), |offset, from, to| {
            let origin = start.wrapping_add(offset as u64);
            run_with(&chop, &mut source.clone(), origin, Span::Into(from, to));
        });
    }

    /// The position that a parallel call begins at, taken.
    fn start(&self, count: usize) -> u64 {
        let stochastic = self.rounding().rounding().is_stochastic();
        self.advance(if stochastic { count as u64 } else { 0 })
    }
}
