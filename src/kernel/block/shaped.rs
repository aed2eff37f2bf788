//! Blocks of any shape: rows of any length, columns, tiles, all values. One loop finds the largest magnitudes, one
//! rounds, both row by row in the order of memory; of blocks one value wide each column has its own constants.

use super::element::{Element, Moved};
use super::plan::PowerPlan;
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::ready::Ready;
use crate::level::Work;
use crate::storage::{Storage, Word};

/// Where blocks lie: an array seen as matrices of so many rows and columns, each cut into tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) tile_rows: usize,
    pub(crate) tile_columns: usize,
}

/// The blocks of a run of neighbours in a row: one, or one each from the first on.
enum Blocks {
    One(usize),
    Each(usize),
}

impl Shape {
    /// Hands the runs of `count` values from the value `start` on to `take`: where they begin, counted from there,
    /// how long they are, and their blocks.
    #[inline(always)]
    fn walk(self, start: usize, count: usize, mut take: impl FnMut(usize, usize, Blocks)) {
        let Self { rows, columns, tile_rows, tile_columns } = self;
        if count == 0 {
            return;
        }
        let across = columns.div_ceil(tile_columns);
        let (line, mut column) = (start / columns, start % columns);
        let mut row = line % rows;
        let (tile, mut row_of_tile) = (row / tile_rows, row % tile_rows);
        let mut first = (line / rows * rows.div_ceil(tile_rows) + tile) * across;
        let mut at = 0;
        loop {
            let end = at + (columns - column).min(count - at);
            if tile_columns == 1 {
                take(at, end - at, Blocks::Each(first + column));
            } else {
                let (mut block, mut used) = (first, 0);
                if column > 0 {
                    (block, used) = (first + column / tile_columns, column % tile_columns);
                }
                while at < end {
                    let length = (tile_columns - used).min(end - at);
                    take(at, length, Blocks::One(block));
                    at += length;
                    (block, used) = (block + 1, 0);
                }
            }
            at = end;
            if at == count {
                return;
            }
            column = 0;
            (row, row_of_tile) = (row + 1, row_of_tile + 1);
            if row == rows || row_of_tile == tile_rows {
                row_of_tile = 0;
                row = if row == rows { 0 } else { row };
                first += across;
            }
        }
    }
}

/// The largest magnitude of each block, by the bits; of what is not finite as of all others, or not at all.
pub(super) struct Largest<'a, T: Storage> {
    pub(super) shape: Shape,
    pub(super) values: &'a [T],
    pub(super) finite: bool,
    pub(super) largest: &'a mut [Bits<T>],
}

impl<T: Storage> Work for Largest<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { shape, values, finite, largest } = self;
        let end = if finite { T::infinity().bits() } else { !Bits::<T>::ZERO };
        let magnitude = |x: T| {
            let bits = x.abs().bits();
            // All magnitudes are below the end of them all, compared as signed numbers too.
            let end = end & (!Bits::<T>::ZERO >> 1);
            bits & (bits.less(end) | Bits::<T>::mask(!finite))
        };
        shape.walk(0, values.len(), |at, length, blocks| {
            let part = &values[at..at + length];
            match blocks {
                Blocks::One(block) => {
                    let most =
                        part.iter().fold(Bits::<T>::ZERO, |most, x| most.signed_max(magnitude(*x)));
                    largest[block] = largest[block].signed_max(most);
                }
                Blocks::Each(first) => {
                    for (most, x) in largest[first..first + length].iter_mut().zip(part) {
                        *most = most.signed_max(magnitude(*x));
                    }
                }
            }
        });
    }
}

/// Rounds values in place by the scales of their blocks; whether any is left open.
pub(super) struct Rounds<'a, T: Storage, E> {
    pub(super) plan: &'a Plan,
    pub(super) shape: Shape,
    /// Which value is the first.
    pub(super) start: usize,
    /// Exponents of the scales.
    pub(super) exponents: &'a [i32],
    pub(super) values: &'a mut [T],
    pub(super) words: Option<&'a [u32]>,
    pub(super) element: E,
}

impl<T: Storage, E: Element> Work for Rounds<'_, T, E> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { plan, shape, start, exponents, values, words, element } = self;
        let ready = Ready::<T>::of(plan);
        let (low, largest) = (ready.low.bits(), ready.largest.bits());
        let one = |x: T, word: u32, exponent: i32| {
            let step = Bits::<T>::from_u64(i64::from(exponent).cast_unsigned()) << T::MANTISSA;
            let moved: Moved<T> =
                Moved { low: low.wrapping_add(step), largest: largest.wrapping_add(step) };
            // What is beyond twice the largest saturates as that does; a larger sum might not be finite.
            let twice = moved.largest.wrapping_add(Bits::<T>::ONE << T::MANTISSA);
            let sign = x.bits() & Bits::<T>::ONE << (Bits::<T>::BITS - 1);
            let near = T::from_bits((x.bits() ^ sign).signed_min(twice) | sign);
            element.round(near, word, moved, &ready)
        };
        let mut any = Bits::<T>::ZERO;
        shape.walk(start, values.len(), |at, length, blocks| {
            let part = &mut values[at..at + length];
            let words = words.map(|words| &words[at..at + length]);
            match (blocks, words) {
                (Blocks::One(block), None) => {
                    let exponent = exponents[block];
                    part.iter_mut().for_each(|x| *x = one(*x, 0, exponent).0);
                }
                (Blocks::Each(first), None) => {
                    let exponents = &exponents[first..first + length];
                    part.iter_mut().zip(exponents).for_each(|(x, e)| *x = one(*x, 0, *e).0);
                }
                (Blocks::One(block), Some(words)) => {
                    let exponent = exponents[block];
                    for (x, word) in part.iter_mut().zip(words) {
                        let (y, open) = one(*x, *word, exponent);
                        *x = y;
                        any = any | Bits::<T>::mask(open);
                    }
                }
                (Blocks::Each(first), Some(words)) => {
                    let exponents = &exponents[first..first + length];
                    for ((x, word), e) in part.iter_mut().zip(words).zip(exponents) {
                        let (y, open) = one(*x, *word, *e);
                        *x = y;
                        any = any | Bits::<T>::mask(open);
                    }
                }
            }
        });
        any != Bits::<T>::ZERO
    }
}

impl PowerPlan {
    /// The element format in a storage type.
    pub(super) fn plan<T: Storage>(&self) -> &Plan {
        if T::PRECISION == f64::MANTISSA_DIGITS { &self.double } else { &self.single }
    }
}
