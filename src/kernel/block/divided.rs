//! Blocks with scales of any kind, to nearest: values times the reciprocal of their scale, with a certificate.
//!
//! q = x·r, where r is the scale's reciprocal rounded, is the quotient but for a little more than one unit in its last
//! place. In the nearest modes that matters only beside the middle between two elements: where |q| rounded to nearest
//! lies no further from |q| than half a quantum less a few of these units, the quotient rounds as q does, in every
//! nearest mode. All others, ties among them, are left open.

use super::element::{Drawn, Element, Moved, power, saturated};
use super::parts::{Shape, Way, all};
use crate::format::power_of_two;
use crate::kernel::draw::Exact;
use crate::kernel::plan::Plan;
use crate::kernel::ready::Ready;
use crate::level::Work;
use crate::storage::Storage;

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

/// Rounds values in place as [`all`] does.
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

/// To nearest, with a reciprocal and a factor.
#[derive(Clone, Copy)]
struct Nearest<'a, T: Storage>(&'a Constants<T>);

impl<T: Storage> Way<T> for Nearest<'_, T> {
    const DRAWS: bool = false;

    #[inline(always)]
    fn round(self, x: T, [reciprocal, factor]: [T; 2], _: u32) -> (T, bool) {
        self.0.round(x, reciprocal, factor)
    }
}

/// With a random word.
#[derive(Clone, Copy)]
struct WithWords<'a, T: Storage>(&'a Constants<T>);

impl<T: Storage> Way<T> for WithWords<'_, T> {
    const DRAWS: bool = true;

    #[inline(always)]
    fn round(self, x: T, [reciprocal, factor]: [T; 2], word: u32) -> (T, bool) {
        self.0.drawn(x, reciprocal, factor, word)
    }
}

impl<T: Storage> Work for Divided<'_, T> {
    type Output = usize;

    #[inline(always)]
    fn run(self) -> usize {
        let Self { plan, digits, shape, start, divisors, ends, values, words } = self;
        let Divisors { reciprocals, factors, common } = divisors;
        let constants = Constants::<T>::of(plan, digits, ends, common);
        let of_blocks = [reciprocals, factors];
        match words {
            Some(words) => all(WithWords(&constants), shape, start, of_blocks, values, words),
            None => all(Nearest(&constants), shape, start, of_blocks, values, &[]),
        }
    }
}
