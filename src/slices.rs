//! What calls on slices have in common: lengths that are equal, copies, and room on the stack for a chunk.

use crate::level::{self, Work};
use crate::storage::{Storage, compiled_here, single_mut};

/// Refuses slices that differ in length.
#[track_caller]
pub(crate) fn same_length(from: usize, to: usize) {
    assert!(from == to, "source has {from} elements, destination {to}");
}

/// Copies a slice to the beginning of one at least as long, in pieces of a kilobyte.
///
/// `memcpy` may move what is longer than a few kilobytes by `rep movsb`, as glibc 2.36 does on Zen 3; there that takes
/// twenty times as long when destination and source begin at nearly the same place of their pages, as any two large
/// allocations do (measured in benches/RESULTS.md; described at <https://lunnova.dev/articles/ryzen-slow-short-rep-mov>).
pub(crate) fn copy<T: Copy>(from: &[T], to: &mut [T]) {
    let piece = (1024 / size_of::<T>()).max(1);
    for (from, to) in from.chunks(piece).zip(to[..from.len()].chunks_mut(piece)) {
        to.copy_from_slice(from);
    }
}

/// A copy of a slice, made as [`copy`] does.
#[cfg(feature = "ndarray")]
pub(crate) fn copied<T: Storage>(from: &[T]) -> Vec<T> {
    let mut to = vec![T::zero(); from.len()];
    copy(from, &mut to);
    to
}

struct Widened<'a, T> {
    from: &'a [T],
    to: &'a mut [f64],
}

impl<T: Storage> Work for Widened<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.from.iter().zip(self.to).for_each(|(x, wide)| *wide = x.widen());
    }
}

struct Narrowed<'a> {
    from: &'a [f64],
    to: &'a mut [f32],
}

impl Work for Narrowed<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        const SIGN: u32 = 1 << 31;
        for (wide, x) in self.from.iter().zip(self.to) {
            // Without a branch; and a cast may give a NaN of any sign.
            let nan = 0x7fc0_0000 | (wide.to_bits() >> 32) as u32 & SIGN;
            let is_nan = u32::from(wide.is_nan()).wrapping_neg();
            *x = f32::from_bits((*wide as f32).to_bits() & !is_nan | nan & is_nan);
        }
    }
}

compiled_here! {
    /// Values as `f64`.
    pub(crate) fn widen<T>(from: &[T], to: &mut [f64]) = run_widened;

    /// Numbers of `f64` that the storage type has; NaN keeps its sign.
    pub(crate) fn narrow<T>(from: &[f64], to: &mut [T]) = run_narrowed;
}

#[inline(always)]
fn run_widened<T: Storage>(from: &[T], to: &mut [f64]) {
    level::run(Widened { from, to });
}

#[inline(always)]
fn run_narrowed<T: Storage>(from: &[f64], to: &mut [T]) {
    match single_mut(to) {
        Some(to) => level::run(Narrowed { from, to }),
        None => {
            let numbers = from.iter().map(|wide| T::from(*wide).unwrap_or_else(T::nan));
            to.iter_mut().zip(numbers).for_each(|(x, number)| *x = number);
        }
    }
}

/// Room for a chunk, aligned to cache lines, which vectors may fill.
#[repr(align(64))]
pub(crate) struct Buffer<T, const N: usize>(pub(crate) [T; N]);

/// Values up to which a call is short.
const SHORT: usize = 32;

/// Room for K numbers for each value of a chunk of N. It is cleared when it is asked for, and a short call
/// gets a small one: clearing a large one would take longer than all that such a call does.
pub(crate) struct Room<const K: usize, const N: usize> {
    short: Option<[Buffer<f64, SHORT>; K]>,
    long: Option<[Buffer<f64, N>; K]>,
}

impl<const K: usize, const N: usize> Room<K, N> {
    pub(crate) const fn new() -> Self {
        Self { short: None, long: None }
    }

    /// For a call on so many values: K slices, each of at least as many numbers, or of N.
    pub(crate) fn of(&mut self, count: usize) -> [&mut [f64]; K] {
        if count <= SHORT {
            let room = self.short.insert([const { Buffer([0.0; SHORT]) }; K]);
            room.each_mut().map(|buffer| buffer.0.as_mut_slice())
        } else {
            let room = self.long.insert([const { Buffer([0.0; N]) }; K]);
            room.each_mut().map(|buffer| buffer.0.as_mut_slice())
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn copies_are_whole_and_end_where_the_source_does() {
        for count in [0, 1, 127, 128, 129, 1000, 5000] {
            let from: Vec<f64> = (0..count).map(|i| i as f64 + 1.0).collect();
            let mut to = vec![0.0; count + 3];
            super::copy(&from, &mut to);
            assert_eq!((&to[..count], &to[count..]), (&from[..], &[0.0; 3][..]));
        }
    }
}
