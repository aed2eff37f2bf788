//! The loops around the lanes, as work for the CPU levels.
//!
//! They run over whole blocks: a constant number of values, so that the vector loop has no remainder.
//! What is left at the end of a slice is padded to a block on the stack.

use core::marker::PhantomData;

use super::draw::{Digits, DrawnLane};
use super::lane::Lane;
use super::ready::Ready;
use crate::kernel::plan::{Bits, Plan};
use crate::level::{self, Specialized, Work};
use crate::rounding::Draw as Drawing;
use crate::rounding::random::CHUNK;
use crate::slices;
use crate::storage::{Storage, Word};

/// Values that go through a loop's body together.
pub(crate) const BLOCK: usize = 32;

pub(super) type Block<T> = [T; BLOCK];

/// One deterministic lane from blocks to blocks.
struct Each<'a, T, L> {
    plan: &'a Plan,
    from: &'a [Block<T>],
    to: &'a mut [Block<T>],
    lane: PhantomData<L>,
}

impl<T: Storage, L: Lane> Work for Each<'_, T, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ready = Ready::<T>::of(self.plan);
        for (from, to) in self.from.iter().zip(self.to) {
            level::prefetch(from);
            level::prefetch(to);
            block::<T, L>(from, to, &ready);
        }
    }
}

impl<'a, T: Storage, L: Lane> Specialized for Each<'a, T, L> {
    type General = Each<'a, T, L::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        Each { plan: self.plan, from: self.from, to: self.to, lane: PhantomData }
    }
}

/// A function of its own because the compiler believes of parameters that they do not overlap: within
/// `run` it would test each block for that, and keep a second loop that takes one value at a time.
#[inline(always)]
fn block<T: Storage, L: Lane>(from: &Block<T>, to: &mut Block<T>, ready: &Ready<T>) {
    for i in 0..BLOCK {
        to[i] = L::round(from[i], ready);
    }
}

/// One deterministic lane over blocks in place: a loop of its own, for a copy of each block costs a quarter of its time.
struct EachInPlace<'a, T, L> {
    plan: &'a Plan,
    values: &'a mut [Block<T>],
    lane: PhantomData<L>,
}

impl<T: Storage, L: Lane> Work for EachInPlace<'_, T, L> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ready = Ready::<T>::of(self.plan);
        for block in self.values {
            level::prefetch(block);
            for x in block {
                *x = L::round(*x, &ready);
            }
        }
    }
}

impl<'a, T: Storage, L: Lane> Specialized for EachInPlace<'a, T, L> {
    type General = EachInPlace<'a, T, L::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        EachInPlace { plan: self.plan, values: self.values, lane: PhantomData }
    }
}

/// A lane's loops over whole blocks, from slice to slice, or over one in place.
pub(super) type Blocks<T> = fn(&Plan, Option<&[Block<T>]>, &mut [Block<T>]);

/// Blocks that are copied together, where a lane has only the loop in place: they stay in the nearest cache.
const COPIED: usize = 16;

/// [`Blocks`] of a deterministic lane.
pub(super) fn blocks<T: Storage, L: Lane>(
    plan: &Plan,
    from: Option<&[Block<T>]>,
    to: &mut [Block<T>],
) {
    let lane = PhantomData::<L>;
    match from {
        Some(from) if L::COPIES => {
            for (from, to) in from.chunks(COPIED).zip(to.chunks_mut(COPIED)) {
                slices::copy(from, to);
                level::run_specialized(EachInPlace { plan, values: to, lane });
            }
        }
        Some(from) => level::run_specialized(Each { plan, from, to, lane }),
        None => level::run_specialized(EachInPlace { plan, values: to, lane }),
    }
}

/// Any number of values by a lane's loops.
pub(super) fn each<T: Storage>(plan: &Plan, blocks: Blocks<T>, from: Option<&[T]>, to: &mut [T]) {
    let (to, places) = to.as_chunks_mut();
    let (from, rest) = match from.map(<[T]>::as_chunks) {
        Some((from, rest)) => (Some(from), rest),
        None => (None, &*places),
    };
    if !to.is_empty() {
        blocks(plan, from, to);
    }
    if !rest.is_empty() {
        let mut padded = [[T::zero(); BLOCK]];
        padded[0][..rest.len()].copy_from_slice(rest);
        blocks(plan, None, &mut padded);
        places.copy_from_slice(&padded[0][..places.len()]);
    }
}

/// Which blocks have elements that their first random bits did not settle.
pub(crate) type Open = [bool; CHUNK / BLOCK];

/// One stochastic lane over blocks, at most [`CHUNK`] elements.
struct EachDrawn<'a, T, L, D> {
    plan: &'a Plan,
    /// The mode twice: as what the other form is made of, and as what the lane wants of it.
    drawing: Drawing,
    draw: D,
    words: &'a [Block<u32>],
    from: &'a [Block<T>],
    to: &'a mut [Block<T>],
    open: &'a mut [bool],
    lane: PhantomData<L>,
}

impl<'a, T: Storage, L: DrawnLane<D> + DrawnLane<D::General>, D: Digits> Specialized
    for EachDrawn<'a, T, L, D>
{
    type General = EachDrawn<'a, T, L, D::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, drawing, words, from, to, open, .. } = self;
        let draw = D::General::of(drawing);
        EachDrawn { plan, drawing, draw, words, from, to, open, lane: PhantomData }
    }
}

impl<T: Storage, L: DrawnLane<D>, D: Digits> Work for EachDrawn<'_, T, L, D> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ready = Ready::<T>::of(self.plan);
        let blocks = self.from.iter().zip(self.words).zip(self.to).zip(self.open);
        for (((from, words), to), open) in blocks {
            level::prefetch(from);
            level::prefetch(to);
            *open = block_drawn::<T, L, D>(from, words, to, self.draw, &ready);
        }
    }
}

/// One block through a stochastic lane; whether any element is left open. A function of its own for the
/// reason that [`block`] gives.
#[inline(always)]
fn block_drawn<T: Storage, L: DrawnLane<D>, D: Digits>(
    from: &Block<T>,
    words: &Block<u32>,
    to: &mut Block<T>,
    draw: D,
    ready: &Ready<T>,
) -> bool {
    let mut any = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let (y, open) = L::round(from[i], words[i], draw, ready);
        to[i] = y;
        any = any | open;
    }
    any != Bits::<T>::ZERO
}

/// A stochastic lane's loop over whole blocks with their words, from slice to slice; which blocks it leaves
/// open.
pub(super) type DrawnBlocks<T> =
    fn(&Plan, Drawing, &[Block<u32>], &[Block<T>], &mut [Block<T>], &mut [bool]);

/// [`DrawnBlocks`] of a lane.
pub(super) fn drawn_blocks<T, L, D>(
    plan: &Plan,
    drawing: Drawing,
    words: &[Block<u32>],
    from: &[Block<T>],
    to: &mut [Block<T>],
    open: &mut [bool],
) where
    T: Storage,
    L: DrawnLane<D> + DrawnLane<D::General>,
    D: Digits,
{
    let (draw, lane) = (D::of(drawing), PhantomData::<L>);
    level::run_specialized(EachDrawn { plan, drawing, draw, words, from, to, open, lane });
}

/// At most [`CHUNK`] values by a stochastic lane's loop.
pub(super) fn each_drawn<T: Storage>(
    plan: &Plan,
    drawing: Drawing,
    blocks: DrawnBlocks<T>,
    words: &[u32],
    from: &[T],
    to: &mut [T],
) -> Open {
    let mut open = [false; CHUNK / BLOCK];
    let (words, rest_words) = words.as_chunks();
    let (from, rest) = from.as_chunks();
    let (to, places) = to.as_chunks_mut();
    let (whole, last) = open.split_at_mut(from.len());
    if !from.is_empty() {
        blocks(plan, drawing, words, from, to, whole);
    }
    if !rest.is_empty() {
        let (mut values, mut rounded) = ([[T::zero(); BLOCK]], [[T::zero(); BLOCK]]);
        // A word that leaves the zeros of the padding settled.
        let mut words = [[1 << 31; BLOCK]];
        values[0][..rest.len()].copy_from_slice(rest);
        words[0][..rest.len()].copy_from_slice(rest_words);
        blocks(plan, drawing, &words, &values, &mut rounded, &mut last[..1]);
        places.copy_from_slice(&rounded[0][..rest.len()]);
    }
    open
}
