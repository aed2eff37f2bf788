//! Parallel slices on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use crate::chop::{Chop, Rounder, Stream, run_with};
use crate::kernel::Span;
use crate::slices::same_length;
use crate::storage::Storage;

/// How the work is cut. Waking a thread took 30 to 40 µs where `benches/parallel` was run, on two virtual
/// processors: there stochastic modes gained from `least` values on (1.6 times), deterministic ones, which
/// one thread does at the speed of memory, broke even from there.
struct Cut {
    /// Fewer values are rounded on the calling thread.
    least: usize,
    /// Values a task rounds, some 20 µs; in a stochastic mode a whole number of random blocks.
    task: usize,
}

fn cut(rounder: &impl Rounder) -> Cut {
    if rounder.rule().rounding.is_stochastic() {
        Cut { least: 1 << 17, task: 1 << 15 }
    } else {
        Cut { least: 1 << 21, task: 1 << 17 }
    }
}

/// Hands each task's values, with the number of the first, to `round`; few to the calling thread.
fn in_place<T: Storage>(values: &mut [T], cut: Cut, round: impl Fn(usize, &mut [T]) + Sync) {
    let Cut { least, task } = cut;
    if values.len() < least {
        return round(0, values);
    }
    let tasks = values.par_chunks_mut(task).enumerate();
    tasks.for_each(|(number, values)| round(number * task, values));
}

fn into<T: Storage>(
    from: &[T],
    to: &mut [T],
    cut: Cut,
    round: impl Fn(usize, &[T], &mut [T]) + Sync,
) {
    let Cut { least, task } = cut;
    if from.len() < least {
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
        in_place(values, cut(self), |_, values| self.chop_slice(values));
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
        into(from, to, cut(self), |_, from, to| self.chop_into(from, to));
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
    /// let (mut a, mut b) = (vec![0.1_f32; 200_000], vec![0.1_f32; 200_000]);
    /// sr.stream(42).chop_slice(&mut a);
    /// sr.stream(42).par_chop_slice(&mut b);
    /// assert_eq!(a, b);
    /// ```
    pub fn par_chop_slice<T: Storage>(&self, values: &mut [T]) {
        if values.len() < cut(self).least {
            return self.chop_slice(values);
        }
        let (chop, start, source) = (self.rounding(), self.start(values.len()), self.reader());
        in_place(values, cut(self), |offset, values| {
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
        if from.len() < cut(self).least {
            return self.chop_into(from, to);
        }
        let (chop, start, source) = (self.rounding(), self.start(from.len()), self.reader());
        into(from, to, cut(self), |offset, from, to| {
            let origin = start.wrapping_add(offset as u64);
            run_with(&chop, &mut source.clone(), origin, Span::Into(from, to));
        });
    }

    /// The position that a parallel call begins at, taken.
    fn start(&self, count: usize) -> u64 {
        let stochastic = self.rule().rounding.is_stochastic();
        self.advance(if stochastic { count as u64 } else { 0 })
    }
}
