//! Blocks of any shape: rows of any length, columns, tiles, all values. One loop finds the largest magnitudes, one
//! rounds, both row by row in the order of memory; of blocks one value wide each column has its own constants.

use core::hint::black_box;

use super::element::{Element, Moved};
use super::plan::{PowerPlan, Powers, SPOILED};
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::ready::Ready;
use crate::level::{Specialized, Work};
use crate::storage::{Storage, Word};

/// Where blocks lie: an array seen as matrices of so many rows and columns, each cut into tiles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) tile_rows: usize,
    pub(crate) tile_columns: usize,
}

impl Shape {
    /// How many values a block has, where that is eight or a multiple of sixteen, they follow each other, and one begins
    /// at the value `start`; else 0.
    #[inline(always)]
    pub(super) fn whole_blocks(self, start: usize) -> usize {
        let Self { columns, tile_rows, tile_columns, .. } = self;
        let usual = tile_rows == 1 && (tile_columns == 8 || tile_columns.is_multiple_of(16));
        let whole = columns.is_multiple_of(tile_columns) && start.is_multiple_of(tile_columns);
        if usual && whole { tile_columns } else { 0 }
    }
}

/// Values next to each other in a row: where they begin, where they end, and the block of the first; they lie in one
/// block or, where blocks are one value wide, each in the next.
pub(super) struct Run {
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) block: usize,
}

/// Goes through the runs of some values. A loop over them calls nothing but [`Runs::next`], so that its body is compiled
/// for the CPU level whose it is.
pub(super) struct Runs {
    shape: Shape,
    count: usize,
    at: usize,
    column: usize,
    row: usize,
    row_of_tile: usize,
    /// The first block of the row of tiles.
    first: usize,
    block: usize,
    /// What is used up of the block's width.
    used: usize,
    across: usize,
}

impl Runs {
    /// Of `count` values from the value `start` of the array on.
    #[inline(always)]
    pub(super) fn new(shape: Shape, start: usize, count: usize) -> Self {
        let Shape { rows, columns, tile_rows, tile_columns } = shape;
        if count == 0 {
            let (at, column, row, row_of_tile, first, block, used, across) =
                (0, 0, 0, 0, 0, 0, 0, 0);
            return Self { shape, count, at, column, row, row_of_tile, first, block, used, across };
        }
        let across = columns.div_ceil(tile_columns);
        let (line, column) = (start / columns, start % columns);
        let row = line % rows;
        let (tile, row_of_tile) = (row / tile_rows, row % tile_rows);
        let first = (line / rows * rows.div_ceil(tile_rows) + tile) * across;
        let (block, used) = (first + column / tile_columns, column % tile_columns);
        Self { shape, count, at: 0, column, row, row_of_tile, first, block, used, across }
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<Run> {
        if self.at == self.count {
            return None;
        }
        let Shape { rows, columns, tile_rows, tile_columns } = self.shape;
        let width = if tile_columns == 1 { columns } else { tile_columns - self.used };
        let length = width.min(columns - self.column).min(self.count - self.at);
        let run = Run { at: self.at, end: self.at + length, block: self.block };
        (self.at, self.column) = (run.end, self.column + length);
        (self.block, self.used) = (self.block + 1, 0);
        if self.column == columns {
            self.column = 0;
            (self.row, self.row_of_tile) = (self.row + 1, self.row_of_tile + 1);
            if self.row == rows || self.row_of_tile == tile_rows {
                self.row_of_tile = 0;
                self.row = if self.row == rows { 0 } else { self.row };
                self.first += self.across;
            }
            self.block = self.first;
        }
        Some(run)
    }
}

/// The bits of a magnitude, which are those of a positive signed number too; zero for what is not finite, if `FINITE`.
#[inline(always)]
fn magnitude<T: Storage, const FINITE: bool>(x: T) -> Bits<T> {
    let bits = x.abs().bits();
    if FINITE { bits & bits.less(T::infinity().bits()) } else { bits }
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
        if finite {
            return largest_in_runs::<T, true>(shape, values, largest);
        }
        match shape.whole_blocks(0) {
            8 => largest_of_eights(values, largest),
            16 => largest_of::<T, 16>(values, largest),
            32 => largest_of::<T, 32>(values, largest),
            _ => largest_in_runs::<T, false>(shape, values, largest),
        }
    }
}

/// Of blocks of any shape.
#[inline(always)]
fn largest_in_runs<T: Storage, const FINITE: bool>(
    shape: Shape,
    values: &[T],
    largest: &mut [Bits<T>],
) {
    let mut runs = Runs::new(shape, 0, values.len());
    while let Some(Run { at, end, block }) = runs.next() {
        // Never out of range, and no call that says so in the loop.
        let (Some(part), Some(largest)) = (values.get(at..end), largest.get_mut(block..)) else {
            return;
        };
        if shape.tile_columns == 1 {
            for (most, x) in largest.iter_mut().zip(part) {
                *most = most.signed_max(magnitude::<T, FINITE>(*x));
            }
        } else if let Some(place) = largest.first_mut() {
            let mut most = *place;
            for x in part {
                most = most.signed_max(magnitude::<T, FINITE>(*x));
            }
            *place = most;
        }
    }
}

/// Of blocks of eight values: of each the larger ones of its halves, then across these.
#[inline(always)]
fn largest_of_eights<T: Storage>(values: &[T], to: &mut [Bits<T>]) {
    const HALF: usize = 4;
    const SOME: usize = 32;
    let never = black_box(!Bits::<T>::ZERO);
    let mut halves = [[Bits::<T>::ZERO; HALF]; SOME];
    for (blocks, to) in values.as_chunks::<8>().0.chunks(SOME).zip(to.chunks_mut(SOME)) {
        for (block, half) in blocks.iter().zip(&mut halves) {
            for i in 0..HALF {
                let [x, y] = [block[i], block[i + HALF]].map(magnitude::<T, false>);
                half[i] = x.signed_max(y);
            }
            // See `largest_of`.
            if half[0] == never {
                return;
            }
        }
        for (most, [a, b, c, d]) in to.iter_mut().zip(&halves) {
            *most = a.signed_max(*b).signed_max(c.signed_max(*d));
        }
    }
}

/// Of blocks of N values, one after another.
#[inline(always)]
fn largest_of<T: Storage, const N: usize>(values: &[T], to: &mut [Bits<T>]) {
    const LANES: usize = 8;
    let never = black_box(!Bits::<T>::ZERO);
    for (block, most) in values.as_chunks::<N>().0.iter().zip(to) {
        let mut lanes = [Bits::<T>::ZERO; LANES];
        for part in block.as_chunks::<LANES>().0 {
            for (lane, x) in lanes.iter_mut().zip(part) {
                *lane = lane.signed_max(magnitude::<T, false>(*x));
            }
        }
        *most = lanes.into_iter().fold(*most, Bits::<T>::signed_max);
        // Never: none has a sign. Without an end of the loop that it does not foresee, the compiler takes eight
        // blocks side by side and gathers their values one by one.
        if *most == never {
            return;
        }
    }
}

/// The exponents of scales by the largest magnitudes; whether that is all there is to say. It is not where one is
/// subnormal, or not finite and does not spoil its block.
pub(super) struct Exponents<'a, T: Storage> {
    pub(super) powers: &'a Powers,
    pub(super) largest: &'a [Bits<T>],
    pub(super) exponents: &'a mut [i32],
}

impl<T: Storage> Work for Exponents<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { powers, largest, exponents } = self;
        let &Powers { nudge, emax, scales: [least, most], of_zeros, spoils } = powers;
        let nudge = Bits::<T>::from_u64(nudge >> (f64::MANTISSA_DIGITS - 1 - T::MANTISSA));
        let (offset, normal) = (T::EMAX + emax, Bits::<T>::ONE << T::MANTISSA);
        // Of magnitudes the largest, and of all bits of those that are not zero the complements' largest.
        let (mut greatest, mut smallest) = (Bits::<T>::ZERO, !(T::INFINITY | normal));
        for (largest, to) in largest.iter().zip(exponents) {
            let exponent = (largest.wrapping_add(nudge) >> T::MANTISSA).to_u32() as i32 - offset;
            let exponent = if exponent < least { least } else { exponent };
            let exponent = if exponent > most { most } else { exponent };
            let zero = *largest == Bits::<T>::ZERO;
            let exponent = if zero { of_zeros } else { exponent };
            *to = if T::from_bits(*largest) < T::infinity() { exponent } else { SPOILED };
            greatest = greatest.signed_max(*largest);
            smallest = smallest.signed_max(!(*largest | Bits::<T>::mask(zero) & normal));
        }
        let finite = greatest < T::INFINITY;
        !smallest >= normal && (finite || spoils)
    }
}

/// What the loops have at hand.
#[derive(Clone, Copy)]
struct Constants<T: Storage> {
    ready: Ready<T>,
    low: Bits<T>,
    largest: Bits<T>,
    zero: T,
}

impl<T: Storage> Constants<T> {
    #[inline(always)]
    fn of(plan: &Plan, zero: f64) -> Self {
        let ready = Ready::<T>::of(plan);
        let zero = if zero.is_sign_negative() { -T::zero() } else { T::zero() };
        Self { low: ready.low.bits(), largest: ready.largest.bits(), zero, ready }
    }

    /// Whole blocks, one after another, in a deterministic mode.
    #[inline(always)]
    fn blocks<E: Element>(&self, element: E, whole: usize, values: &mut [T], exponents: &[i32]) {
        // Some blocks' constants first, so that a block finds its own in memory, from where a vector is filled at once.
        const SOME: usize = 64;
        let (mut low, mut largest) = ([T::zero(); SOME], [T::zero(); SOME]);
        for (values, exponents) in values.chunks_mut(SOME * whole).zip(exponents.chunks(SOME)) {
            for ((e, low), largest) in exponents.iter().zip(&mut low).zip(&mut largest) {
                (*low, *largest) = self.moved(*e);
            }
            let constants = low.iter().zip(&largest);
            if whole == 8 {
                let never = black_box(i32::MIN);
                let blocks = values.as_chunks_mut::<8>().0.iter_mut().zip(constants);
                for ((block, (low, largest)), e) in blocks.zip(exponents) {
                    // See `largest_of`.
                    if *e == never {
                        return;
                    }
                    for x in block {
                        *x = self.round(element, *x, 0, *low, *largest).0;
                    }
                }
                continue;
            }
            for (block, (low, largest)) in values.chunks_exact_mut(whole).zip(constants) {
                for part in block.as_chunks_mut::<16>().0 {
                    for x in part {
                        *x = self.round(element, *x, 0, *low, *largest).0;
                    }
                }
            }
        }
    }

    /// 2^emin and the largest number, times the scale of an exponent.
    #[inline(always)]
    fn moved(&self, exponent: i32) -> (T, T) {
        let step = Bits::<T>::from_u64(i64::from(exponent).cast_unsigned()) << T::MANTISSA;
        (T::from_bits(self.low.wrapping_add(step)), T::from_bits(self.largest.wrapping_add(step)))
    }

    #[inline(always)]
    fn round<E: Element>(&self, element: E, x: T, word: u32, low: T, largest: T) -> (T, bool) {
        let (y, open) = element.round(x, word, Moved { low, largest }, &self.ready);
        (y + self.zero, open)
    }

    #[inline(always)]
    fn round_by<E: Element>(&self, element: E, x: T, word: u32, exponent: i32) -> (T, bool) {
        let (low, largest) = self.moved(exponent);
        self.round(element, x, word, low, largest)
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
    /// Added: 0 where there is one zero, else -0.
    pub(super) zero: f64,
    pub(super) element: E,
}

impl<T: Storage, E: Element> Work for Rounds<'_, T, E> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { plan, shape, start, exponents, values, words, zero, element } = self;
        let constants = Constants::<T>::of(plan, zero);
        let each = shape.tile_columns == 1;
        if !E::DRAWS {
            let whole = shape.whole_blocks(start);
            if whole > 0 && values.len().is_multiple_of(whole) {
                let exponents = exponents.get(start / whole..).unwrap_or(&[]);
                constants.blocks(element, whole, values, exponents);
                return false;
            }
        }
        let mut any = Bits::<T>::ZERO;
        let words = words.unwrap_or(&[]);
        let mut runs = Runs::new(shape, start, values.len());
        while let Some(Run { at, end, block }) = runs.next() {
            // Never out of range, and no call that says so in the loop.
            let (Some(part), Some(exponents)) = (values.get_mut(at..end), exponents.get(block..))
            else {
                return true;
            };
            if E::DRAWS {
                let Some(words) = words.get(at..end) else { return true };
                if each {
                    for ((x, word), e) in part.iter_mut().zip(words).zip(exponents) {
                        let (y, open) = constants.round_by(element, *x, *word, *e);
                        *x = y;
                        any = any | Bits::<T>::mask(open);
                    }
                } else if let Some(&e) = exponents.first() {
                    for (x, word) in part.iter_mut().zip(words) {
                        let (y, open) = constants.round_by(element, *x, *word, e);
                        *x = y;
                        any = any | Bits::<T>::mask(open);
                    }
                }
            } else if each {
                for (x, e) in part.iter_mut().zip(exponents) {
                    *x = constants.round_by(element, *x, 0, *e).0;
                }
            } else if let Some(&e) = exponents.first() {
                for x in part {
                    *x = constants.round_by(element, *x, 0, e).0;
                }
            }
        }
        any != Bits::<T>::ZERO
    }
}

impl<'a, T: Storage, E: Element> Specialized for Rounds<'a, T, E> {
    type General = Rounds<'a, T, E::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, shape, start, exponents, values, words, zero, element } = self;
        let element = element.general();
        Rounds { plan, shape, start, exponents, values, words, zero, element }
    }
}

impl PowerPlan {
    /// The element format in a storage type.
    pub(super) fn plan<T: Storage>(&self) -> &Plan {
        if T::PRECISION == f64::MANTISSA_DIGITS { &self.double } else { &self.single }
    }
}
