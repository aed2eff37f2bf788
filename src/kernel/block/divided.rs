//! Blocks with scales of any kind, to nearest: values times the reciprocal of their scale, with a certificate.
//!
//! q = x·r, where r is the scale's reciprocal rounded, is the quotient but for a little more than one unit in its last
//! place. In the nearest modes that matters only beside the middle between two elements: where |q| rounded to nearest
//! lies no further from |q| than half a quantum less a few of these units, the quotient rounds as q does, in every
//! nearest mode. All others, ties among them, are left open.

use core::ops::Range;

use super::element::{Drawn, Element, Moved, power, saturated};
use super::shaped::{Run, Runs, Shape};
use crate::format::power_of_two;
use crate::kernel::draw::Exact;
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

/// How many values are rounded at once: all of them, or none if one of them is left open.
pub(crate) const PART: usize = 16;

/// Rounds values in place up to the first part of at most [`PART`] of which one is left open: how many are rounded then.
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
            reach: half - half * unknown,
            largest: number(ends.largest),
            zero: number(ends.zero),
            common,
            ready,
        }
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
        let (element, open) = Drawn(Exact).round(x * reciprocal, word, self.moved, &self.ready);
        let element = if element > self.largest { self.largest } else { element } + self.zero;
        (element * factor * self.common, open)
    }

    /// The element nearest to q, how far from that |q| lies, and the power of two that was added.
    #[inline(always)]
    pub(super) fn nearest(&self, q: T) -> (T, T, T) {
        let q = saturated(q, self.moved);
        let size = q.magnitude;
        let c = T::from_bits(power(size.bits(), self.moved, self.ready.lift));
        let rounded = (size + c) - c;
        let element = T::from_bits(rounded.bits() | q.sign);
        let element = if element > self.largest { self.largest } else { element } + self.zero;
        (element, (size - rounded).abs(), c)
    }
}

/// A way to round parts: to nearest, or with random words.
trait Parts<T: Storage>: Copy {
    const DRAWS: bool;
    fn round(self, x: T, reciprocal: T, factor: T, word: u32) -> (T, bool);

    /// Those of a part, where they are wanted.
    #[inline(always)]
    fn words(words: &[[u32; PART]], index: usize) -> &[u32; PART] {
        if Self::DRAWS { words.get(index).unwrap_or(&[0; PART]) } else { &[0; PART] }
    }

    /// Those from a value on, and others that leave no zero open.
    #[inline(always)]
    fn padded(words: &[u32], first: usize) -> [u32; PART] {
        if Self::DRAWS { padded(words, first, 1 << 31) } else { [0; PART] }
    }
}

#[derive(Clone, Copy)]
struct Nearest<'a, T: Storage>(&'a Constants<T>);

#[derive(Clone, Copy)]
struct WithWords<'a, T: Storage>(&'a Constants<T>);

impl<T: Storage> Parts<T> for Nearest<'_, T> {
    const DRAWS: bool = false;

    #[inline(always)]
    fn round(self, x: T, reciprocal: T, factor: T, _: u32) -> (T, bool) {
        self.0.round(x, reciprocal, factor)
    }
}

impl<T: Storage> Parts<T> for WithWords<'_, T> {
    const DRAWS: bool = true;

    #[inline(always)]
    fn round(self, x: T, reciprocal: T, factor: T, word: u32) -> (T, bool) {
        self.0.drawn(x, reciprocal, factor, word)
    }
}

/// Rounds a part, unless a value of it is left open; whether one is.
#[inline(always)]
fn part<T: Storage>(
    way: impl Parts<T>,
    values: &mut [T; PART],
    words: &[u32; PART],
    reciprocals: &[T; PART],
    factors: &[T; PART],
) -> bool {
    let (mut rounded, mut any) = ([T::zero(); PART], Bits::<T>::ZERO);
    for i in 0..PART {
        let (y, open) = way.round(values[i], reciprocals[i], factors[i], words[i]);
        rounded[i] = y;
        any = any | Bits::<T>::mask(open);
    }
    if any != Bits::<T>::ZERO {
        return true;
    }
    *values = rounded;
    false
}

/// Puts what blocks have, from the number `first` on, into some places of a part: each the next, or all the first.
#[inline(always)]
fn fill<T: Storage>(
    part: &mut [T; PART],
    places: Range<usize>,
    each: bool,
    of_blocks: &[T],
    first: usize,
) {
    // Never out of range, and no call that says so in the loop.
    let of_blocks = of_blocks.get(first..).unwrap_or(&[]);
    let one = of_blocks.first().copied().unwrap_or(T::zero());
    if places.len() == PART {
        *part = if each { padded(of_blocks, 0, one) } else { [one; PART] };
        return;
    }
    let places = part.get_mut(places).unwrap_or(&mut []).iter_mut();
    if each {
        places.zip(of_blocks).for_each(|(place, x)| *place = *x);
    } else {
        places.for_each(|place| *place = one);
    }
}

/// What there is of a part from `first` on, and else something in its place.
#[inline(always)]
fn padded<A: Copy>(given: &[A], first: usize, place: A) -> [A; PART] {
    let given = given.get(first..).unwrap_or(&[]);
    if let Some(whole) = given.first_chunk::<PART>() {
        return *whole;
    }
    let mut to = [place; PART];
    to.iter_mut().zip(given).for_each(|(to, x)| *to = *x);
    to
}

impl<T: Storage> Work for Divided<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let Self { plan, digits, shape, start, divisors, ends, values, words } = self;
        let constants = Constants::<T>::of(plan, digits, ends, divisors.common);
        match words {
            Some(words) => all(WithWords(&constants), shape, start, divisors, values, words),
            None => all(Nearest(&constants), shape, start, divisors, values, &[]),
        }
    }
}

/// Run by run; how many values are rounded then.
#[inline(always)]
fn all<T: Storage, P: Parts<T>>(
    way: P,
    shape: Shape,
    start: usize,
    Divisors { reciprocals, factors, .. }: Divisors<'_, T>,
    values: &mut [T],
    words: &[u32],
) -> usize {
    let (count, each) = (values.len(), shape.tile_columns == 1);
    let whole = shape.whole_blocks(start);
    if whole >= PART && count.is_multiple_of(whole) {
        let first = start / whole;
        let divisors = reciprocals.iter().zip(factors).skip(first);
        let (words, _) = words.as_chunks::<PART>();
        let mut index = 0;
        for (block, (r, f)) in values.chunks_exact_mut(whole).zip(divisors) {
            let (r, f) = ([*r; PART], [*f; PART]);
            for values in block.as_chunks_mut::<PART>().0 {
                if part(way, values, P::words(words, index), &r, &f) {
                    return index * PART;
                }
                index += 1;
            }
        }
        return count;
    }
    let mut runs = Runs::new(shape, start, count);
    let mut run = Run { at: 0, end: 0, block: 0 };
    let mut done = 0;
    while done < count {
        if run.at == run.end {
            // Never without one more.
            let Some(next) = runs.next() else { return done };
            run = next;
        }
        let (mut r, mut f) = ([T::zero(); PART], [T::zero(); PART]);
        if run.end - run.at >= PART {
            // Parts of one run.
            let end = run.end - (run.end - run.at) % PART;
            let Some(values) = values.get_mut(run.at..end) else { return done };
            fill(&mut r, 0..PART, each, reciprocals, run.block);
            fill(&mut f, 0..PART, each, factors, run.block);
            for values in values.as_chunks_mut::<PART>().0 {
                if part(way, values, &P::padded(words, done), &r, &f) {
                    return done;
                }
                done += PART;
                if each {
                    run.block += PART;
                    fill(&mut r, 0..PART, true, reciprocals, run.block);
                    fill(&mut f, 0..PART, true, factors, run.block);
                }
            }
            run.at = end;
            continue;
        }
        // A part of several short ones.
        let mut filled = 0;
        while filled < PART && run.end - run.at < PART {
            let of_run = (run.end - run.at).min(PART - filled);
            let places = filled..filled + of_run;
            fill(&mut r, places.clone(), each, reciprocals, run.block);
            fill(&mut f, places, each, factors, run.block);
            run.block += if each { of_run } else { 0 };
            run.at += of_run;
            filled += of_run;
            if run.at == run.end {
                let Some(next) = runs.next() else { break };
                run = next;
            }
        }
        let Some(values) = values.get_mut(done..done + filled) else { return done };
        let mut mixed = padded(values, 0, T::zero());
        if part(way, &mut mixed, &P::padded(words, done), &r, &f) {
            return done;
        }
        values.iter_mut().zip(mixed).for_each(|(to, x)| *to = x);
        done += filled;
    }
    count
}
