//! Blocks with scales of any kind, to nearest: values times the reciprocal of their scale, with a certificate.
//!
//! q = x·r, where r is the scale's reciprocal rounded, is the quotient but for a little more than one unit in its last
//! place. In the nearest modes that matters only beside the middle between two elements: where |q| rounded to nearest
//! lies no further from |q| than half a quantum less a few of these units, the quotient rounds as q does, in every
//! nearest mode. All others, ties among them, are left open.

use super::element::{Drawn, Element, Moved, power};
use super::shaped::{Run, Runs, Shape};
use crate::format::power_of_two;
use crate::kernel::draw::Exact;
use crate::kernel::mode::Signed;
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::ready::Ready;
use crate::level::Work;
use crate::storage::{Storage, Word};

/// What is known of blocks: the reciprocals of s·g, and two factors of which s·g is the product, so that element times
/// the first is exact, and that times the second rounded once.
#[derive(Clone, Copy)]
pub(crate) struct Divisors<'a, T> {
    pub(crate) reciprocals: &'a [T],
    pub(crate) factors: &'a [T],
    pub(crate) common: T,
}

/// What elements become after they have been rounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    /// The largest there is a code for.
    pub(crate) largest: f64,
    /// Added: 0 where there is one zero, else -0.
    pub(crate) zero: f64,
}

/// Whether the first 16 random bits settle what they have to, two units in the last place of a quotient being unknown.
pub(crate) const fn draws(precision: u32, digits: u32) -> bool {
    digits + 16 + 3 <= precision
}

/// How many bits of the quotient lie below half a quantum, less the few that are not known.
const fn known(mantissa: u32, digits: u32) -> u32 {
    (mantissa + 1).saturating_sub(digits + 5)
}

/// Whether a format with so many digits can be rounded this way in the storage type: enough bits are known for hardly
/// any value to be left open.
pub(crate) const fn divides(precision: u32, digits: u32) -> bool {
    known(precision - 1, digits) >= 8
}

/// Rounds values in place; whether any is left open.
pub(super) struct Divided<'a, T: Storage> {
    pub(super) plan: &'a Plan,
    pub(super) digits: u32,
    pub(super) shape: Shape,
    /// Which value is the first.
    pub(super) start: usize,
    pub(super) divisors: Divisors<'a, T>,
    pub(super) ends: Ends,
    pub(super) values: &'a mut [T],
    /// For `Stochastic`, one for each value.
    pub(super) words: Option<&'a [u32]>,
}

/// What the loop has at hand.
#[derive(Clone, Copy)]
pub(super) struct Constants<T: Storage> {
    ready: Ready<T>,
    moved: Moved<T>,
    twice: T,
    /// Times the power of two that is added: how far from a middle |q| has to be rounded.
    pub(super) reach: T,
    largest: T,
    zero: T,
    common: T,
}

impl<T: Storage> Constants<T> {
    #[inline(always)]
    pub(super) fn of(plan: &Plan, digits: u32, ends: Ends, common: T) -> Self {
        let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
        let half = number(power_of_two(-(T::PRECISION as i32)));
        let unknown = number(power_of_two(-(known(T::MANTISSA, digits) as i32)));
        let ready = Ready::<T>::of(plan);
        Self {
            moved: Moved { low: ready.low, largest: ready.largest },
            twice: ready.largest + ready.largest,
            reach: half - half * unknown,
            largest: number(ends.largest),
            zero: number(ends.zero),
            common,
            ready,
        }
    }

    /// Blocks of a multiple of sixteen values, one after another.
    #[inline(always)]
    fn blocks(&self, whole: usize, values: &mut [T], reciprocals: &[T], factors: &[T]) -> bool {
        let mut any = Bits::<T>::ZERO;
        if whole == 16 {
            let blocks = values.as_chunks_mut::<16>().0.iter_mut();
            for ((block, reciprocal), factor) in blocks.zip(reciprocals).zip(factors) {
                for x in block {
                    let (y, open) = self.round(*x, *reciprocal, *factor);
                    *x = y;
                    any = any | Bits::<T>::mask(open);
                }
            }
            return any != Bits::<T>::ZERO;
        }
        let blocks = values.chunks_exact_mut(whole);
        for ((block, reciprocal), factor) in blocks.zip(reciprocals).zip(factors) {
            for part in block.as_chunks_mut::<16>().0 {
                for x in part {
                    let (y, open) = self.round(*x, *reciprocal, *factor);
                    *x = y;
                    any = any | Bits::<T>::mask(open);
                }
            }
        }
        any != Bits::<T>::ZERO
    }

    #[inline(always)]
    fn round(&self, x: T, reciprocal: T, factor: T) -> (T, bool) {
        let (element, distance, c) = self.nearest(x * reciprocal);
        (element * factor * self.common, distance > c * self.reach)
    }

    /// By the first 16 random bits. The quotient's are known but for less than half of the last of them, which the
    /// rounding to them leaves room for: the draw is open where they are equal or one more.
    #[inline(always)]
    fn drawn(&self, x: T, reciprocal: T, factor: T, word: u32) -> (T, bool) {
        let q = Signed::of(x * reciprocal);
        let size = if q.magnitude < self.twice { q.magnitude } else { self.twice };
        let q = T::from_bits(size.bits() | q.sign);
        let (element, open) = Drawn(Exact).round(q, word, self.moved, &self.ready);
        let element = if element > self.largest { self.largest } else { element } + self.zero;
        (element * factor * self.common, open)
    }

    /// Blocks of sixteen values, one after another, each value with its word.
    #[inline(always)]
    fn drawn_blocks(
        &self,
        values: &mut [T],
        words: &[u32],
        reciprocals: &[T],
        factors: &[T],
    ) -> bool {
        let mut any = Bits::<T>::ZERO;
        let blocks = values.as_chunks_mut::<16>().0.iter_mut().zip(words.as_chunks::<16>().0);
        for (((block, words), reciprocal), factor) in blocks.zip(reciprocals).zip(factors) {
            for (x, word) in block.iter_mut().zip(words) {
                let (y, open) = self.drawn(*x, *reciprocal, *factor, *word);
                *x = y;
                any = any | Bits::<T>::mask(open);
            }
        }
        any != Bits::<T>::ZERO
    }

    /// The element nearest to q, how far from that |q| lies, and the power of two that was added.
    #[inline(always)]
    pub(super) fn nearest(&self, q: T) -> (T, T, T) {
        let q = Signed::of(q);
        // NaN, too, is as what is beyond twice the largest.
        let size = if q.magnitude < self.twice { q.magnitude } else { self.twice };
        let c = T::from_bits(power(size.bits(), self.moved, self.ready.lift));
        let rounded = (size + c) - c;
        let element = if rounded < self.moved.largest { rounded } else { self.moved.largest };
        let element = T::from_bits(element.bits() | q.sign);
        let element = if element > self.largest { self.largest } else { element } + self.zero;
        (element, (size - rounded).abs(), c)
    }
}

impl<T: Storage> Work for Divided<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { plan, digits, shape, start, divisors, ends, values, words } = self;
        let Divisors { reciprocals, factors, common } = divisors;
        let constants = Constants::<T>::of(plan, digits, ends, common);
        let whole = shape.whole_blocks(start);
        if let Some(words) = words {
            return run_drawn(&constants, shape, (start, whole), divisors, values, words);
        }
        if whole >= 16 && values.len().is_multiple_of(whole) {
            let first = start / whole;
            let reciprocals = reciprocals.get(first..).unwrap_or(&[]);
            let factors = factors.get(first..).unwrap_or(&[]);
            return constants.blocks(whole, values, reciprocals, factors);
        }
        let mut any = Bits::<T>::ZERO;
        let mut runs = Runs::new(shape, start, values.len());
        while let Some(Run { at, end, block }) = runs.next() {
            // Never out of range, and no call that says so in the loop.
            let (reciprocals, factors) = (reciprocals.get(block..), factors.get(block..));
            let (Some(part), Some(reciprocals), Some(factors)) =
                (values.get_mut(at..end), reciprocals, factors)
            else {
                return true;
            };
            if shape.tile_columns == 1 {
                let divisors = reciprocals.iter().zip(factors);
                for (x, (reciprocal, factor)) in part.iter_mut().zip(divisors) {
                    let (y, open) = constants.round(*x, *reciprocal, *factor);
                    *x = y;
                    any = any | Bits::<T>::mask(open);
                }
            } else if let (Some(reciprocal), Some(factor)) = (reciprocals.first(), factors.first())
            {
                for x in part {
                    let (y, open) = constants.round(*x, *reciprocal, *factor);
                    *x = y;
                    any = any | Bits::<T>::mask(open);
                }
            }
        }
        any != Bits::<T>::ZERO
    }
}

#[inline(always)]
fn run_drawn<T: Storage>(
    constants: &Constants<T>,
    shape: Shape,
    (start, whole): (usize, usize),
    Divisors { reciprocals, factors, .. }: Divisors<'_, T>,
    values: &mut [T],
    words: &[u32],
) -> bool {
    if whole == 16 && values.len().is_multiple_of(whole) {
        let reciprocals = reciprocals.get(start / whole..).unwrap_or(&[]);
        let factors = factors.get(start / whole..).unwrap_or(&[]);
        return constants.drawn_blocks(values, words, reciprocals, factors);
    }
    let mut any = Bits::<T>::ZERO;
    let mut runs = Runs::new(shape, start, values.len());
    while let Some(Run { at, end, block }) = runs.next() {
        // Never out of range, and no call that says so in the loop.
        let (part, words) = (values.get_mut(at..end), words.get(at..end));
        let (reciprocals, factors) = (reciprocals.get(block..), factors.get(block..));
        let (Some(part), Some(words), Some(reciprocals), Some(factors)) =
            (part, words, reciprocals, factors)
        else {
            return true;
        };
        if shape.tile_columns == 1 {
            let divisors = reciprocals.iter().zip(factors);
            for ((x, word), (reciprocal, factor)) in part.iter_mut().zip(words).zip(divisors) {
                let (y, open) = constants.drawn(*x, *reciprocal, *factor, *word);
                *x = y;
                any = any | Bits::<T>::mask(open);
            }
        } else if let (Some(reciprocal), Some(factor)) = (reciprocals.first(), factors.first()) {
            for (x, word) in part.iter_mut().zip(words) {
                let (y, open) = constants.drawn(*x, *reciprocal, *factor, *word);
                *x = y;
                any = any | Bits::<T>::mask(open);
            }
        }
    }
    any != Bits::<T>::ZERO
}
