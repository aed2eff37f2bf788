//! Parallel slices on rayon's threads: the same bits as the sequential calls, never used unasked.

use rayon::prelude::*;

use crate::chop::{Chop, run_with};
use crate::kernel::Span;
use crate::storage::Storage;
use crate::stream::Stream;

/// Values a task rounds: a whole number of random blocks, and enough work to pay for the hand-over.
const TASK: usize = 1 << 15;

/// Parallel rounding (feature `rayon`).
impl Chop {
    /// Rounds every value in place on rayon's threads. Stochastic modes draw from each thread's own
    /// generator.
    pub fn par_chop_slice<T: Storage>(&self, values: &mut [T]) {
        values.par_chunks_mut(TASK).for_each(|chunk| self.chop_slice(chunk));
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
        let chop = self.rounding();
        if !chop.rounding().is_stochastic() {
            return chop.par_chop_slice(values);
        }
        let start = self.advance(values.len() as u64);
        let source = self.reader();
        values.par_chunks_mut(TASK).enumerate().for_each(|(task, chunk)| {
            let origin = start.wrapping_add((task * TASK) as u64);
            run_with(&chop, &mut source.clone(), origin, Span::InPlace(chunk));
        });
    }
}
