//! Values in parts, each rounded as a whole, or left as it is if one of its values is open: what blocks of any shape and
//! scales of any kind have in common. Two constants of its block go with each value.

use crate::kernel::plan::Bits;
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

/// How many values are rounded at once.
pub(crate) const PART: usize = 16;

/// A way to round a value with two constants of its block and, where it draws, a word.
pub(super) trait Way<T: Storage>: Copy {
    const DRAWS: bool;
    /// The value, and whether it is left open.
    fn round(self, x: T, of_block: [T; 2], word: u32) -> (T, bool);

    /// Never, of no block; but the compiler must not foresee that of a way that leaves nothing open: else it takes eight
    /// blocks of one vector side by side, which it has to transpose.
    #[inline(always)]
    fn ends(self, _block: usize) -> bool {
        false
    }

    /// The words of a part, where they are wanted.
    #[inline(always)]
    fn words<const N: usize>(words: &[[u32; N]], index: usize) -> &[u32; N] {
        if Self::DRAWS { words.get(index).unwrap_or(&[0; N]) } else { &[0; N] }
    }
}

/// Rounds a part, unless a value of it is left open; whether one is.
#[inline(always)]
fn part<T: Storage, const N: usize>(
    way: impl Way<T>,
    values: &mut [T; N],
    words: &[u32; N],
    [one, other]: [&[T; N]; 2],
) -> bool {
    let (mut rounded, mut any) = ([T::zero(); N], Bits::<T>::ZERO);
    for i in 0..N {
        let (y, open) = way.round(values[i], [one[i], other[i]], words[i]);
        rounded[i] = y;
        any = any | Bits::<T>::mask(open);
    }
    if any != Bits::<T>::ZERO {
        return true;
    }
    *values = rounded;
    false
}

/// Rounds values in place, of which the first is value `start` of an array, up to the first part of at most [`PART`] of
/// which one is left open: how many are rounded then.
#[inline(always)]
pub(super) fn all<T: Storage, W: Way<T>>(
    way: W,
    shape: Shape,
    start: usize,
    of_blocks: [&[T]; 2],
    values: &mut [T],
    words: &[u32],
) -> usize {
    // Of ways that draw, of which a value takes longer than to find its block, there is only the loop over runs.
    let whole = if W::DRAWS { 0 } else { shape.whole_blocks(start) };
    if whole == 0 || !values.len().is_multiple_of(whole) {
        let width = shape.tile_columns.min(shape.columns);
        if !W::DRAWS && width > 1 && width < PART {
            return in_short_runs(way, shape, start, of_blocks, values);
        }
        return in_runs(way, shape, start, of_blocks, values, words);
    }
    let first = start / whole;
    let [one, other] = of_blocks.map(|of| of.get(first..).unwrap_or(&[]));
    let blocks = one.iter().zip(other);
    let mut done = 0;
    if whole == 8 {
        for (index, (values, (a, b))) in
            values.as_chunks_mut::<8>().0.iter_mut().zip(blocks).enumerate()
        {
            let open = part(way, values, &[0; 8], [&[*a; 8], &[*b; 8]]);
            if way.ends(first + index) || open {
                return done;
            }
            done += 8;
        }
        return done;
    }
    for (block, (a, b)) in values.chunks_exact_mut(whole).zip(blocks) {
        for values in block.as_chunks_mut::<PART>().0 {
            if part(way, values, &[0; PART], [&[*a; PART], &[*b; PART]]) {
                return done;
            }
            done += PART;
        }
    }
    done
}

/// Run by run: parts, then what is left one by one.
#[inline(always)]
fn in_runs<T: Storage, W: Way<T>>(
    way: W,
    shape: Shape,
    start: usize,
    [one, other]: [&[T]; 2],
    values: &mut [T],
    words: &[u32],
) -> usize {
    let each = shape.tile_columns == 1;
    let mut runs = Runs::new(shape, start, values.len());
    while let Some(Run { mut at, end, block }) = runs.next() {
        let words = if W::DRAWS { words.get(at..end) } else { Some(&[][..]) };
        // Never out of range, and no call that says so in the loop.
        let (Some(run), Some(words), Some(a), Some(b)) =
            (values.get_mut(at..end), words, one.get(block..), other.get(block..))
        else {
            return at;
        };
        let (parts, rest) = run.as_chunks_mut::<PART>();
        let (words, last_words) = words.as_chunks::<PART>();
        let (last_words, _) = last_words.as_chunks::<1>();
        let (rest, _) = rest.as_chunks_mut::<1>();
        if each {
            let (a, b) = (a.as_chunks::<PART>().0, b.as_chunks::<PART>().0);
            for (i, ((values, a), b)) in parts.iter_mut().zip(a).zip(b).enumerate() {
                if part(way, values, W::words(words, i), [a, b]) {
                    return at;
                }
                at += PART;
            }
        } else if let (Some(a), Some(b)) = (a.first(), b.first()) {
            for (i, values) in parts.iter_mut().enumerate() {
                if part(way, values, W::words(words, i), [&[*a; PART], &[*b; PART]]) {
                    return at;
                }
                at += PART;
            }
        }
        let (first, step) = if each { (parts.len() * PART, 1) } else { (0, 0) };
        for (i, values) in rest.iter_mut().enumerate() {
            let (Some(a), Some(b)) = (a.get(first + i * step), b.get(first + i * step)) else {
                return at;
            };
            if part(way, values, W::words(last_words, i), [&[*a], &[*b]]) {
                return at;
            }
            at += 1;
        }
    }
    values.len()
}

/// How many values have their blocks' constants laid beside them at once.
const LAID: usize = 16 * PART;

/// Constants that are laid beside values at once: a run's last ones may go so far beyond it.
const STRIDE: usize = 8;

/// For runs shorter than a part, of ways that do not draw: the constants of its block are laid beside each value first.
#[inline(always)]
fn in_short_runs<T: Storage, W: Way<T>>(
    way: W,
    shape: Shape,
    start: usize,
    of_blocks: [&[T]; 2],
    values: &mut [T],
) -> usize {
    let mut laid = [[T::zero(); LAID + STRIDE]; 2];
    let mut layer = Layer { runs: Runs::new(shape, start, values.len()), run: None };
    let mut done = 0;
    for values in values.chunks_mut(LAID) {
        layer.lay(of_blocks, values.len(), &mut laid);
        let (parts, rest) = values.as_chunks_mut::<PART>();
        let [one, other] = &laid;
        let mut constants = one.as_chunks::<PART>().0.iter().zip(other.as_chunks::<PART>().0);
        for (values, (a, b)) in parts.iter_mut().zip(&mut constants) {
            if part(way, values, &[0; PART], [a, b]) {
                return done;
            }
            done += PART;
        }
        if let Some((a, b)) = constants.next() {
            let constants = a.as_chunks::<1>().0.iter().zip(b.as_chunks::<1>().0);
            for (values, (a, b)) in rest.as_chunks_mut::<1>().0.iter_mut().zip(constants) {
                if part(way, values, &[0], [a, b]) {
                    return done;
                }
                done += 1;
            }
        }
    }
    done
}

/// Lays the constants of blocks beside values, run by run.
struct Layer {
    runs: Runs,
    /// What the last values left of their run.
    run: Option<Run>,
}

impl Layer {
    /// For the next `count` values, at most [`LAID`].
    #[inline(always)]
    fn lay<T: Storage>(
        &mut self,
        [one, other]: [&[T]; 2],
        count: usize,
        [laid, others]: &mut [[T; LAID + STRIDE]; 2],
    ) {
        let mut at = 0;
        while at < count {
            let Some(Run { at: begin, end, block }) = self.run.take().or_else(|| self.runs.next())
            else {
                return;
            };
            let stop = at + (end - begin).min(count - at);
            let (Some(a), Some(b)) = (one.get(block), other.get(block)) else { return };
            let mut place = at;
            while place < stop {
                let places = place..place + STRIDE;
                if let (Some(x), Some(y)) = (laid.get_mut(places.clone()), others.get_mut(places)) {
                    x.copy_from_slice(&[*a; STRIDE]);
                    y.copy_from_slice(&[*b; STRIDE]);
                }
                place += STRIDE;
            }
            let next = begin + stop - at;
            if next < end {
                self.run = Some(Run { at: next, end, block });
            }
            at = stop;
        }
    }
}
