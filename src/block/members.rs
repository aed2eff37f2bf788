//! What rules see of blocks besides their largest magnitude: their finite values, and between which two these lie.

use super::tiling::{Segment, Tiling};
use crate::level::{self, Work};
use crate::storage::{Storage, compiled_here};

/// The finite values of all blocks, block after block.
pub(super) struct Members {
    values: Vec<f64>,
    /// Where each block begins, and where the last ends.
    bounds: Vec<usize>,
}

impl Members {
    pub(super) fn of<T: Storage>(tiling: &Tiling, values: &[T]) -> Self {
        let part = |segment: &Segment| &values[segment.start..segment.start + segment.length];
        let mut bounds = vec![0; tiling.blocks() + 1];
        for segment in tiling.segments() {
            let finite = part(&segment).iter().map(|x| usize::from(x.is_finite()));
            bounds[segment.block + 1] += finite.sum::<usize>();
        }
        for block in 0..tiling.blocks() {
            bounds[block + 1] += bounds[block];
        }
        let mut members = vec![0.0; bounds[tiling.blocks()]];
        let mut ends = bounds.clone();
        for segment in tiling.segments() {
            let (part, block) = (part(&segment), segment.block);
            let to = &mut members[ends[block]..bounds[block + 1]];
            if part.iter().all(|x| x.is_finite()) {
                to.iter_mut().zip(part).for_each(|(to, x)| *to = x.widen());
                ends[block] += part.len();
            } else {
                let finite = part.iter().map(|x| x.widen()).filter(|x| x.is_finite());
                for (to, x) in to.iter_mut().zip(finite) {
                    *to = x;
                    ends[block] += 1;
                }
            }
        }
        Self { values: members, bounds }
    }

    pub(super) fn of_block(&self, block: usize) -> &[f64] {
        &self.values[self.bounds[block]..self.bounds[block + 1]]
    }

    /// Changes the values of a block.
    pub(super) fn map(&mut self, block: usize, change: impl Fn(f64) -> f64) {
        let members = &mut self.values[self.bounds[block]..self.bounds[block + 1]];
        members.iter_mut().for_each(|x| *x = change(*x));
    }
}

/// Between which two finite values those of a block lie; the wrong way round where there is none.
pub(super) type Range = [f64; 2];

struct Ranges<'a, T> {
    tiling: &'a Tiling,
    values: &'a [T],
    to: &'a mut [Range],
}

impl<T: Storage> Work for Ranges<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { tiling, values, to } = self;
        for Segment { start, length, block } in tiling.segments() {
            let (parts, rest) = values[start..start + length].as_chunks::<SIDE>();
            let (mut least, mut most) = ([T::infinity(); SIDE], [-T::infinity(); SIDE]);
            for part in parts {
                for i in 0..SIDE {
                    [least[i], most[i]] = wider([least[i], most[i]], part[i]);
                }
            }
            for x in rest {
                [least[0], most[0]] = wider([least[0], most[0]], *x);
            }
            let [low, high] = &mut to[block];
            *low = least.iter().fold(*low, |low, x| low.min(x.widen()));
            *high = most.iter().fold(*high, |high, x| high.max(x.widen()));
        }
    }
}

/// A range with one more value in it, if that is finite.
#[inline(always)]
fn wider<T: Storage>([least, most]: [T; 2], x: T) -> [T; 2] {
    let finite = x.abs() < T::infinity();
    let (low, high) = if finite { (x, x) } else { (T::infinity(), -T::infinity()) };
    [if low < least { low } else { least }, if high > most { high } else { most }]
}

/// Values compared side by side.
const SIDE: usize = 16;

compiled_here! {
    /// The range of each block.
    pub(super) fn ranges<T>(tiling: &Tiling, values: &[T]) -> Vec<Range> = run_ranges;
}

#[inline(always)]
fn run_ranges<T: Storage>(tiling: &Tiling, values: &[T]) -> Vec<Range> {
    let mut ranges = vec![[f64::INFINITY, f64::NEG_INFINITY]; tiling.blocks()];
    level::run(Ranges { tiling, values, to: &mut ranges });
    ranges
}
