//! Slices in chunks of whole blocks; operands and results by way of `f64`.

use crate::kernel::BLOCK;
use crate::rounding::random::CHUNK;
use crate::slices::{self, Buffer};
use crate::storage::Storage;

/// Values that go through a loop that leaves nothing for another: many, since a call of it costs what
/// some hundred values do.
pub(super) const LONG: usize = 8 * CHUNK;

/// A chunk of ones.
pub(super) fn ones<T: Storage>() -> Buffer<T, CHUNK> {
    Buffer([T::one(); CHUNK])
}

/// Operands of a part of a block as an integer: what is missing at the end is padded with ones, of
/// which no operation leaves anything open.
struct Whole<T, const N: usize> {
    args: [Buffer<T, BLOCK>; N],
}

impl<T: Storage, const N: usize> Whole<T, N> {
    fn of(args: [&[T]; N]) -> Self {
        let mut whole = Self { args: core::array::from_fn(|_| Buffer([T::one(); BLOCK])) };
        for (buffer, values) in whole.args.iter_mut().zip(args) {
            slices::copy(values, &mut buffer.0[..values.len()]);
        }
        whole
    }

    fn block(&self) -> [&[T]; N] {
        self.args.each_ref().map(|buffer| buffer.0.as_slice())
    }
}

/// What is done with a chunk: where it stands, its operands and its places.
type OnChunk<'a, T, const N: usize> = &'a mut dyn FnMut(usize, [&[T]; N], &mut [T]);

/// What is done with a chunk in `f64`: its operands and its places.
type OnWide<'a, const N: usize> = &'a mut dyn FnMut([&[f64]; N], &mut [f64]);

/// Calls `round` with operands and places of chunks of a length, as whole blocks, and where they stand: by a
/// pointer, so that this is compiled once for all operations.
pub(super) fn in_chunks<T: Storage, const N: usize>(
    length: usize,
    args: [&[T]; N],
    to: &mut [T],
    round: OnChunk<'_, T, N>,
) {
    for (index, to) in to.chunks_mut(length).enumerate() {
        let start = index * length;
        let whole = to.len() / BLOCK * BLOCK;
        let part = |from: usize, count: usize| args.map(|values| &values[start + from..][..count]);
        if whole > 0 {
            round(start, part(0, whole), &mut to[..whole]);
        }
        let rest = to.len() - whole;
        if rest > 0 {
            let padded = Whole::of(part(whole, rest));
            let mut places = [T::one(); BLOCK];
            round(start + whole, padded.block(), &mut places);
            to[whole..].copy_from_slice(&places[..rest]);
        }
    }
}

pub(super) fn one_by_one<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    mut result: impl FnMut([T; N]) -> T,
) {
    for (i, y) in to.iter_mut().enumerate() {
        *y = result(args.map(|values| values[i]));
    }
}

/// Operands and results by way of `f64`.
pub(super) fn widened<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    run: OnWide<'_, N>,
) {
    let mut wide: [Buffer<f64, CHUNK>; N] = core::array::from_fn(|_| ones());
    let mut results = ones::<f64>();
    for (index, to) in to.chunks_mut(CHUNK).enumerate() {
        let count = to.len();
        for (buffer, values) in wide.iter_mut().zip(args) {
            slices::widen(&values[index * CHUNK..][..count], &mut buffer.0[..count]);
        }
        let results = &mut results.0[..count];
        run(wide.each_ref().map(|buffer| &buffer.0[..count]), results);
        slices::narrow(results, to);
    }
}

/// Calls `exact` with the operands and places of each chunk, which it fills with results that the storage type
/// has, then `round` with them and where they stand.
pub(super) fn exact_chunks<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    exact: impl Fn([&[T]; N], &mut [T]),
    mut round: impl FnMut(usize, &mut [T]),
) {
    for (index, to) in to.chunks_mut(CHUNK).enumerate() {
        let start = index * CHUNK;
        exact(args.map(|values| &values[start..][..to.len()]), to);
        round(start, to);
    }
}
