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

    /// The storage's result to nearest, of which an exact zero has the sign that it has to have and NaN any; its
    /// error, or, unless `sized`, what has the error's sign; and all ones where they are not sure.
    fn with_error<T: Storage>(self, args: [T; N], sized: bool) -> (T, T, Bits<T>);
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
    /// Magnitudes from here on, less than so many, lie between normal numbers of the format. The start is moved by half
    /// the integers' range, so that signed comparison serves.
    start: Bits<T>,
    length: Bits<T>,
    /// All ones where the carry into infinity is the overflow, so that all results are right.
    natural: Bits<T>,
    /// All ones where a zero sum stays one.
    zero: Bits<T>,
    /// 2^(16 - count).
    unit: T,
    /// All ones in `StochasticEqual`.
    coin: Bits<T>,
}

impl<T: Storage> Ready<T> {
    /// For a plan that cuts off so little.
    #[inline(always)]
    pub(crate) fn of(plan: &Plan, drawing: Option<Drawing>) -> Self {
        let one = Bits::<T>::ONE;
        let mask = (one << plan.cut).wrapping_sub(one);
        let span = if plan.signed { plan.span } else { 0 };
        Self {
            facts: Facts::of(&plan.bias),
            count: plan.cut,
            mask,
            cuts: Bits::<T>::mask(plan.cut > 0),
            start: Bits::<T>::from_u64(plan.regular).wrapping_add(sign_bit::<T>()),
            length: Bits::<T>::from_u64(span).wrapping_add(sign_bit::<T>()),
            natural: Bits::<T>::mask(plan.cut == 0 && plan.finish == Finish::Natural),
            zero: Bits::<T>::mask(plan.finish != Finish::Full),
            unit: T::from_bits(Bits::<T>::from_u64(power_of_two_bits::<T>(16 - plan.cut as i32))),
            coin: Bits::<T>::mask(drawing == Some(Drawing::Equal)),
        }
    }

    /// All ones where the mode takes the other of its pair, by the sign or the parity of what it would round down to.
    #[inline(always)]
    fn turned(&self, z: T, lower: Bits<T>) -> Bits<T> {
        let parity = Bits::<T>::ZERO.wrapping_sub(lower & Bits::<T>::ONE);
        z.bits().highest() & self.facts.by_sign | parity & self.facts.by_parity
    }

    /// All ones where a magnitude lies between normal numbers of the format.
    #[inline(always)]
    fn is_regular(&self, magnitude: Bits<T>) -> Bits<T> {
        // Below the start it wraps round to beyond the length.
        magnitude.wrapping_sub(self.start).less(self.length)
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

/// Error, result and what they say, as masks.
struct Parts<T: Storage> {
    sign: Bits<T>,
    magnitude: Bits<T>,
    inexact: Bits<T>,
    /// The error has the result's sign, or the other.
    same: Bits<T>,
    opposed: Bits<T>,
}

impl<T: Storage> Parts<T> {
    #[inline(always)]
    fn of(z: T, error: T) -> Self {
        let bits = z.bits();
        let sign = bits & sign_bit::<T>();
        let inexact = Bits::<T>::mask(error.abs() > T::zero());
        let opposed = (bits ^ error.bits()).highest() & inexact;
        Self { sign, magnitude: bits ^ sign, inexact, same: inexact & !opposed, opposed }
    }

    #[inline(always)]
    fn signed(&self, magnitude: Bits<T>) -> T {
        canonical(T::from_bits(magnitude | self.sign))
    }

    /// All ones where a result may be none of the format's normal numbers, nor what takes care of itself.
    #[inline(always)]
    fn beyond(&self, sum: bool, rounded: Bits<T>, ready: &Ready<T>) -> Bits<T> {
        let zero = Bits::<T>::ZERO;
        let stays = if sum { ready.zero & Bits::<T>::mask(self.magnitude == zero) } else { zero };
        let regular = ready.is_regular(self.magnitude) & ready.is_regular(rounded);
        !(regular | stays | ready.natural)
    }
}

/// The exact result rounded in a deterministic mode that asks only whether anything is cut off, of which nothing
/// is cut off z; and all ones where it may be wrong.
#[inline(always)]
fn direct<T: Storage>(sum: bool, z: T, error: T, ready: &Ready<T>) -> (T, Bits<T>) {
    let parts = Parts::of(z, error);
    let away = ready.turned(z, parts.magnitude.wrapping_add(parts.opposed)) ^ !ready.facts.flips;
    let rounded =
        parts.magnitude.wrapping_sub(parts.same & away).wrapping_add(parts.opposed & !away);
    (parts.signed(rounded), parts.beyond(sum, rounded, ready))
}

/// The exact result rounded in a nearest mode, of which at most one bit is cut off z; and all ones where it may
/// be wrong.
#[inline(always)]
fn nearest<T: Storage>(
    (known, sum): (Known, bool),
    z: T,
    error: T,
    ready: &Ready<T>,
) -> (T, Bits<T>) {
    let one = Bits::<T>::ONE;
    let parts = Parts::of(z, error);
    let Parts { magnitude, same, opposed, .. } = parts;
    // Where nothing is cut off the mode chooses between z and its neighbour if the two are as near.
    let away = ready.turned(z, magnitude.wrapping_add(opposed)) ^ ready.facts.flips;
    let twice = error + error;
    let tie = if known == Known::NoTie {
        Bits::<T>::ZERO
    } else {
        Bits::<T>::mask((z + twice) - z == twice)
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
    (parts.signed(rounded), parts.beyond(sum, rounded, ready) | unsure)
}

/// By one or the other.
#[inline(always)]
fn settle<T: Storage, O: WithError<N>, const N: usize>(
    directed: bool,
    op: O,
    args: [T; N],
    ready: &Ready<T>,
) -> (T, Bits<T>) {
    let (z, error, unsure) = op.with_error(args, false);
    let (y, open) = if directed {
        direct(O::SUM, z, error, ready)
    } else {
        nearest((O::KNOWN, O::SUM), z, error, ready)
    };
    (y, unsure | open)
}

/// The exact result rounded stochastically by its first 16 random bits, and all ones where that may be wrong.
#[inline(always)]
fn draw<T: Storage>(sum: bool, z: T, error: T, word: u32, ready: &Ready<T>) -> (T, Bits<T>) {
    let (zero, one) = (Bits::<T>::ZERO, Bits::<T>::ONE);
    let Parts { sign, magnitude, inexact, opposed, .. } = Parts::of(z, error);
    let low = magnitude & ready.mask;
    // |e| in units of z's last place, or the smaller ones below a power of two.
    let exponent = magnitude >> T::MANTISSA;
    let most = 2 * (T::EMAX as u32) + T::MANTISSA;
    let scale = Bits::<T>::from_u64(u64::from(most)).wrapping_sub(exponent) << T::MANTISSA;
    let fraction = (one << T::MANTISSA).wrapping_sub(one);
    let halved = Bits::<T>::mask(magnitude & fraction == zero) & opposed & one << T::MANTISSA;
    let scale = T::from_bits(scale.wrapping_add(halved) & inexact);
    let part = T::from_bits((error.abs() * scale).bits() | opposed & sign_bit::<T>());
    // ν in units of 2^-16, off by far less than `slack`.
    let place = small_integer::<T>(low) + part;
    // Not by the place's sign, for the error may be too small to be had in these units.
    let borrows = opposed & Bits::<T>::mask(low == zero);
    let whole = T::from_bits(power::<T>(16) & borrows);
    let nu = place * ready.unit + whole;
    let random = small_integer::<T>(Bits::<T>::from_u64(u64::from(word >> 16)));
    let distance = nu - random;
    let slack = T::from_bits(power::<T>(21 - T::PRECISION as i32));
    let below = Bits::<T>::mask(distance >= T::one() + slack);
    let above = Bits::<T>::mask(distance <= -slack);
    let coin = zero.wrapping_sub(Bits::<T>::from_u64(u64::from(word >> 31)));
    let coin = coin & (inexact | !Bits::<T>::mask(low == zero));
    let away = select(ready.coin, coin, below);
    let step = ready.mask.wrapping_add(one);
    let lower = magnitude.wrapping_sub(low).wrapping_sub(step & borrows);
    let rounded = lower.wrapping_add(step & away);
    let is_zero = if sum { Bits::<T>::mask(magnitude == zero) } else { zero };
    let regular = ready.is_regular(magnitude) & ready.is_regular(lower) & ready.is_regular(rounded);
    // Where z's last place is too small to divide by, the error is unknown.
    let scaled = !inexact | !exponent.less(Bits::<T>::from_u64(u64::from(T::MANTISSA)));
    let settled = (below & scaled | above & scaled | ready.coin) & regular;
    let open = !(settled | is_zero & ready.zero);
    (T::from_bits(select(is_zero, magnitude, rounded) | sign), open)
}

#[inline(always)]
fn power<T: Storage>(exponent: i32) -> Bits<T> {
    Bits::<T>::from_u64(power_of_two_bits::<T>(exponent))
}

/// An integer with no more bits than the storage has mantissa: in the last places of a power of two, less that.
#[inline(always)]
fn small_integer<T: Storage>(n: Bits<T>) -> T {
    let high = power::<T>(T::MANTISSA as i32);
    T::from_bits(n | high) - T::from_bits(high)
}

/// One result in a deterministic mode, if it is sure.
#[inline(always)]
pub(crate) fn settle_one<T: Storage, O: WithError<N>, const N: usize>(
    op: O,
    args: [T; N],
    plan: &Plan,
) -> Option<T> {
    let (y, open) = settle(!plan.bias.nearest, op, args, &Ready::of(plan, None));
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
    let (z, error, unsure) = op.with_error(args, true);
    let (y, open) = draw(O::SUM, z, error, word, &Ready::of(plan, Some(drawing)));
    (unsure | open == Bits::<T>::ZERO).then_some(y)
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
        let (z, error, unsure) = op.with_error(operands([a[i], b[i], c[i], d[i]]), true);
        let (y, open) = draw(O::SUM, z, error, words[i], ready);
        to[i] = y;
        count = count.wrapping_sub(unsure | open);
    }
    count != Bits::<T>::ZERO
}
