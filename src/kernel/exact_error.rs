//! Results of the storage's own precision, or a few bits less, rounded by the error of the storage's operation.
//!
//! A format as wide as the storage leaves no bit for a result rounded to odd. But the exact result is z + e, z being
//! the storage's result to nearest and e its error, of which an operation can tell the sign and, within a
//! few units in its last place, the size. Where e has z's sign, z is the number next to the exact result on zero's
//! side, else the one beyond. What is cut off then follows: the last bits of z, and e in units of their last.
//!
//! Bit patterns are counted like numbers: one more or less is the neighbour, over the ends of binades too. Below a
//! power of two units are half as large, so that there e counts twice.

use super::cut::Facts;
use super::fused::{four, operands};
use super::loops::BLOCK;
use crate::kernel::plan::{Bits, Finish, Plan, power_of_two_bits};
use crate::level::{self, Specialized, Work};
use crate::rounding::Draw as Drawing;
use crate::storage::{Storage, Word, canonical, select, sign_bit};

/// What is known of an operation's error.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Known {
    /// Its value.
    Value,
    /// Its sign, and its size but for a few units in the last place: it may look like half of a unit of the result
    /// where it is not.
    Size,
    /// That too, and that it is never half of a unit: quotients and roots.
    NoTie,
}

/// An operation of which the error is known.
pub(crate) trait WithError<const N: usize>: Copy + Send + Sync {
    const KNOWN: Known;
    /// Whether it is a sum: exact where it is zero.
    const SUM: bool;

    /// The storage's result to nearest, of which an exact zero has the sign that it has to have and NaN any; and its
    /// error, or, unless `sized`, what has the error's sign.
    fn with_error<T: Storage>(self, args: [T; N], sized: bool) -> (T, T);

    /// Magnitudes of results whose error is known: from the one to below the other.
    fn range<T: Storage>() -> [Bits<T>; 2];

    /// All ones where the error may not be, though the result is in that range.
    fn is_unsure<T: Storage>(self, args: [T; N]) -> Bits<T>;

    /// All ones where no operand is infinite or NaN, nor one a zero that makes the result zero or infinite: where
    /// one is, the storage's result is the exact one.
    fn is_ordinary<T: Storage>(self, args: [T; N]) -> Bits<T>;
}

/// What is cut off at most: with one bit more there is room for 16 random bits below a result rounded to odd.
pub(crate) const MOST: u32 = 17;

/// The plan and mode as the loops need them.
#[derive(Clone, Copy)]
pub(crate) struct Ready<T: Storage> {
    facts: Facts<Bits<T>>,
    count: u32,
    /// What is cut off.
    mask: Bits<T>,
    /// All ones where something is cut off.
    cuts: Bits<T>,
    /// Magnitudes from here on, less than so many, have a known error, and lie so far within the format's normal
    /// numbers that what they are rounded to does. The start is moved by half the integers' range, so that signed
    /// comparison serves.
    start: Bits<T>,
    length: Bits<T>,
    /// All ones where infinities, NaN and zeros are the format's: its range is the storage's.
    natural: Bits<T>,
    /// All ones where a zero sum stays one.
    zero: Bits<T>,
    /// What a magnitude's exponent is less in the bits of a unit of the format's last place.
    unit: Bits<T>,
    /// All ones in `StochasticEqual`.
    coin: Bits<T>,
}

impl<T: Storage> Ready<T> {
    /// For a plan that cuts off so little.
    #[inline(always)]
    pub(crate) fn of<O: WithError<N>, const N: usize>(
        plan: &Plan,
        drawing: Option<Drawing>,
    ) -> Self {
        let one = Bits::<T>::ONE;
        let mask = (one << plan.cut).wrapping_sub(one);
        let natural = plan.cut == 0 && plan.finish == Finish::Natural && drawing.is_none();
        // An unsigned format's numbers are few.
        let span = if plan.signed { plan.span } else { 0 };
        // Rounding moves by one last place at most, what is done before it by one more.
        let margin = 2 * (mask.to_u64() + 1);
        let [mut from, mut to] = O::range::<T>().map(Word::to_u64);
        if !natural {
            from = from.max(plan.regular + margin);
            to = to.min((plan.regular + span).saturating_sub(margin));
        }
        if drawing.is_some() {
            // A unit's 2^-64th has to be a number too.
            from = from.max(power_of_two_bits::<T>(T::EMIN + T::PRECISION as i32 + 64));
        }
        let length = to.saturating_sub(from);
        Self {
            facts: Facts::of(&plan.bias),
            count: plan.cut,
            mask,
            cuts: Bits::<T>::mask(plan.cut > 0),
            start: Bits::<T>::from_u64(from).wrapping_add(sign_bit::<T>()),
            length: Bits::<T>::from_u64(length).wrapping_add(sign_bit::<T>()),
            natural: Bits::<T>::mask(natural),
            zero: Bits::<T>::mask(plan.finish != Finish::Full),
            unit: Bits::<T>::from_u64(u64::from(T::MANTISSA - plan.cut)) << T::MANTISSA,
            coin: Bits::<T>::mask(drawing == Some(Drawing::Equal)),
        }
    }

    /// All ones where the mode takes the other of its pair, by the sign or the parity of what it would round down to.
    #[inline(always)]
    fn turned(&self, z: T, lower: Bits<T>) -> Bits<T> {
        let parity = Bits::<T>::ZERO.wrapping_sub(lower & Bits::<T>::ONE);
        z.bits().highest() & self.facts.by_sign | parity & self.facts.by_parity
    }

    /// All ones where a result may be wrong, but for what the operands say: it is none of those whose error is known and
    /// that are rounded to normal numbers, nor a zero that stays.
    #[inline(always)]
    fn beyond(&self, sum: bool, magnitude: Bits<T>) -> Bits<T> {
        let zero = Bits::<T>::ZERO;
        let stays = if sum { self.zero & Bits::<T>::mask(magnitude == zero) } else { zero };
        // Below the start it wraps round to beyond the length.
        !(magnitude.wrapping_sub(self.start).less(self.length) | stays)
    }
}

/// Whether a wider storage type has room for what this one has none for: then these loops are not compiled for it.
pub(crate) const fn has_wider<T: Storage>() -> bool {
    T::PRECISION < f64::PRECISION
}

/// Whether a mode and its plan are for these loops.
#[inline(always)]
pub(crate) const fn serves(plan: &Plan, drawing: Option<Drawing>) -> bool {
    match drawing {
        Some(Drawing::Exact | Drawing::Equal) => plan.cut <= MOST,
        Some(_) => false,
        // Where more is cut off there is room for a result rounded to odd.
        None => plan.cut == 0 || plan.cut == 1 && plan.bias.nearest,
    }
}

/// A result as sign and magnitude, and its error, positive where it has that sign.
struct Parts<T: Storage> {
    sign: Bits<T>,
    magnitude: Bits<T>,
    error: T,
}

impl<T: Storage> Parts<T> {
    #[inline(always)]
    fn of(z: T, error: T) -> Self {
        let sign = z.bits() & sign_bit::<T>();
        Self { sign, magnitude: z.bits() ^ sign, error: T::from_bits(error.bits() ^ sign) }
    }

    #[inline(always)]
    fn signed(&self, magnitude: Bits<T>) -> T {
        canonical(T::from_bits(magnitude | self.sign))
    }
}

/// The exact result rounded in a deterministic mode that asks only whether anything is cut off, of which nothing
/// is cut off z.
#[inline(always)]
fn direct<T: Storage>(z: T, parts: &Parts<T>, ready: &Ready<T>) -> T {
    let one = Bits::<T>::ONE;
    let error = parts.error;
    let inexact = Bits::<T>::mask(error.abs() > T::zero());
    let lower = parts.magnitude.wrapping_add(Bits::<T>::mask(error < T::zero()));
    let negative = z.bits() >> (Bits::<T>::BITS - 1);
    let turned = negative & ready.facts.by_sign | lower & (ready.facts.by_parity & one);
    let away = turned ^ !ready.facts.flips & one;
    parts.signed(lower.wrapping_add(away & inexact))
}

/// The exact result rounded in a nearest mode, of which at most one bit is cut off z; and all ones where it may
/// be wrong.
#[inline(always)]
fn nearest<T: Storage>(known: Known, z: T, parts: &Parts<T>, ready: &Ready<T>) -> (T, Bits<T>) {
    let one = Bits::<T>::ONE;
    let &Parts { magnitude, error, .. } = parts;
    let same = Bits::<T>::mask(error > T::zero());
    let opposed = Bits::<T>::mask(error < T::zero());
    // Where nothing is cut off the mode chooses between z and its neighbour if the two are as near.
    let away = ready.turned(z, magnitude.wrapping_add(opposed)) ^ ready.facts.flips;
    let tie = if known == Known::NoTie {
        Bits::<T>::ZERO
    } else {
        let (size, twice) = (T::from_bits(magnitude), error + error);
        Bits::<T>::mask((size + twice) - size == twice)
    };
    // Where one bit is cut off, and z has it, z is a tie but for the error, which decides.
    let odd = Bits::<T>::ZERO.wrapping_sub(magnitude & one);
    let raised = same & select(ready.cuts, odd, tie & away);
    let lowered = opposed & select(ready.cuts, odd, tie & !away);
    let moved = magnitude.wrapping_sub(raised).wrapping_add(lowered);
    let bias = (ready.turned(z, moved >> ready.count) ^ ready.facts.flips) & ready.mask;
    let rounded = moved.wrapping_add(bias) & !ready.mask;
    let unsure =
        if known == Known::Size { tie & !ready.cuts & (same | opposed) } else { Bits::<T>::ZERO };
    (parts.signed(rounded), unsure)
}

/// By one or the other; and all ones where the result may be wrong.
#[inline(always)]
fn settle<T: Storage, O: WithError<N>, const N: usize>(
    directed: bool,
    op: O,
    args: [T; N],
    ready: &Ready<T>,
) -> (T, Bits<T>) {
    let (z, error) = op.with_error(args, false);
    let parts = Parts::of(z, error);
    let (y, unsure) = if directed {
        (direct(z, &parts, ready), Bits::<T>::ZERO)
    } else {
        nearest(O::KNOWN, z, &parts, ready)
    };
    let unsure = unsure | op.is_unsure(args) | ready.beyond(O::SUM, parts.magnitude);
    (y, unsure & (op.is_ordinary(args) | !ready.natural))
}

/// An operation's exact result rounded stochastically by its first 16 random bits, and all ones where that may be
/// wrong.
///
/// A fraction ν of the pair's distance u, of which the random number's next bits are unknown, is above it for sure
/// where ν u is above the middle of those that it may be by more than half of 2^-16 u. All is in the storage's
/// arithmetic, whose errors, and that of the error itself, are far less than the `slack` of 2^-48 u.
#[inline(always)]
fn draw<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    args: [T; N],
    word: u32,
    ready: &Ready<T>,
) -> (T, Bits<T>) {
    let (z, error) = op.with_error(args, true);
    let Parts { sign, magnitude, error } = Parts::of(z, error);
    let word = Bits::<T>::from_u64(u64::from(word));
    let cleared = magnitude & !ready.mask;
    // What is beyond the number that is left, and that number where this is below it.
    let rest = (T::from_bits(magnitude) - T::from_bits(cleared)) + error;
    let inexact = Bits::<T>::mask(rest.abs() > T::zero());
    let borrows = Bits::<T>::mask(rest < T::zero());
    let exponent = magnitude.wrapping_add(borrows) & T::INFINITY;
    let unit = T::from_bits(exponent.wrapping_sub(ready.unit));
    let part = rest + T::from_bits(unit.bits() & borrows);
    // The middle of the random numbers that begin so: an integer in the last places of a power of two, less that
    // but for 2^-17.
    let high = power::<T>(T::MANTISSA as i32 - 16);
    let [half, slack] = [17, 48].map(|n| T::from_bits(power::<T>(-n)));
    let random = T::from_bits(word >> 16 | high) - (T::from_bits(high) - half);
    let above = random.mul_add(unit, -part);
    let settled = Bits::<T>::mask(above.abs() >= unit * (half + slack)) | ready.coin;
    let coin = word << (Bits::<T>::BITS - 32);
    let away = select(ready.coin, coin, above.bits()).highest() & inexact;
    // Up or down by a step, or neither.
    let step = borrows.wrapping_sub(away) << ready.count;
    let rounded = cleared.wrapping_add(step);
    let is_zero =
        if O::SUM { Bits::<T>::mask(magnitude == Bits::<T>::ZERO) } else { Bits::<T>::ZERO };
    let open = !settled & !is_zero | ready.beyond(O::SUM, magnitude) | op.is_unsure(args);
    (T::from_bits(rounded & !is_zero | sign), open)
}

#[inline(always)]
fn power<T: Storage>(exponent: i32) -> Bits<T> {
    Bits::<T>::from_u64(power_of_two_bits::<T>(exponent))
}

/// One result in a deterministic mode, if it is sure.
#[inline(always)]
pub(crate) fn settle_one<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    args: [T; N],
    plan: &Plan,
) -> Option<T> {
    let (y, open) = settle(!plan.bias.nearest, op, args, &Ready::of::<O, N>(plan, None));
    (open == Bits::<T>::ZERO).then_some(y)
}

/// One result in a stochastic mode, if its first random bits settle it.
#[inline(always)]
pub(crate) fn draw_by_error<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    args: [T; N],
    plan: &Plan,
    drawing: Drawing,
    word: u32,
) -> Option<T> {
    let (y, open) = draw(op, args, word, &Ready::of::<O, N>(plan, Some(drawing)));
    (open == Bits::<T>::ZERO).then_some(y)
}

/// Whole blocks of operands and places; of operands that there are not, the last ones again.
pub(crate) struct Settled<'a, T: Storage, O, const N: usize> {
    pub(crate) op: O,
    pub(crate) args: [&'a [[T; BLOCK]]; N],
    pub(crate) to: &'a mut [[T; BLOCK]],
    /// Those in which some results are not sure.
    pub(crate) open: &'a mut [bool],
    pub(crate) ready: Ready<T>,
    /// A word for each result in a stochastic mode.
    pub(crate) words: Option<&'a [[u32; BLOCK]]>,
}

impl<T: Storage, O: WithError<N>, const N: usize> Work for Settled<'_, T, O, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { op, args, to, open, ready, words } = self;
        if let Some(words) = words {
            for (index, ((to, open), words)) in to.iter_mut().zip(open).zip(words).enumerate() {
                let [a, b, c, d] = four(args, index);
                *open = draw_block(op, a, b, c, d, words, to, &ready);
            }
            return;
        }
        let directed = ready.facts.nearest == Bits::<T>::ZERO;
        for (index, (to, open)) in to.iter_mut().zip(open).enumerate() {
            let [a, b, c, d] = four(args, index);
            *open = if directed {
                settle_block::<_, _, true, N>(op, a, b, c, d, to, &ready)
            } else {
                settle_block::<_, _, false, N>(op, a, b, c, d, to, &ready)
            };
        }
    }
}

/// Nothing settled.
pub(crate) struct AllOpen;

impl Work for AllOpen {
    type Output = ();

    #[inline(always)]
    fn run(self) {}
}

impl<T: Storage, O: WithError<N>, const N: usize> Specialized for Settled<'_, T, O, N> {
    /// Without the instructions for a fused multiply-add the errors of products, quotients and roots take longer
    /// than the exact results.
    type General = AllOpen;

    #[inline(always)]
    fn general(self) -> AllOpen {
        AllOpen
    }
}

/// Runs whole blocks at the CPU's level; `open` has to say "all" before.
pub(crate) fn settle_blocks<T: Storage, O: WithError<N>, const N: usize>(
    work: Settled<'_, T, O, N>,
) {
    level::run_specialized(work);
}

#[inline(always)]
#[allow(clippy::many_single_char_names)]
fn settle_block<T: Storage, O: WithError<N>, const DIRECTED: bool, const N: usize>(
    op: O,
    a: &[T; BLOCK],
    b: &[T; BLOCK],
    c: &[T; BLOCK],
    d: &[T; BLOCK],
    to: &mut [T; BLOCK],
    ready: &Ready<T>,
) -> bool {
    let mut count = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let (y, open) = settle(DIRECTED, op, operands([a[i], b[i], c[i], d[i]]), ready);
        to[i] = y;
        // Counted, for of a disjunction of conditions the compiler makes branches.
        count = count.wrapping_sub(open);
    }
    count != Bits::<T>::ZERO
}

#[inline(always)]
#[allow(clippy::many_single_char_names, clippy::too_many_arguments)]
fn draw_block<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    a: &[T; BLOCK],
    b: &[T; BLOCK],
    c: &[T; BLOCK],
    d: &[T; BLOCK],
    words: &[u32; BLOCK],
    to: &mut [T; BLOCK],
    ready: &Ready<T>,
) -> bool {
    let mut count = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let (y, open) = draw(op, operands([a[i], b[i], c[i], d[i]]), words[i], ready);
        to[i] = y;
        count = count.wrapping_sub(open);
    }
    count != Bits::<T>::ZERO
}
