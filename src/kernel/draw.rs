//! The stochastic modes in the lanes: each is a rounding of ν to n bits, then the addition of n
//! random bits, whose carry is the answer (P3109 4.7.4; `Stochastic` goes on where 16 bits tie).

use super::cut::Cut;
use super::finish::{Finish, Full};
use super::lane::{
    Add, Mask, Scale, Shift, ShiftDeep, is_regular, kept_cut, monus, power, scaled, shl, shr,
    take_apart,
};
use super::mode::{self, Beyond, Inward, Mode, NearestAway, NearestEven, Signed, Sum, ToOdd};
use super::ready::Ready;
use crate::kernel::plan::{Bits, Plan};
use crate::rounding::Draw as Drawing;
use crate::storage::{Storage, Word, select};

/// How many random bits a mode takes at once, at the top of a 32-bit word.
pub(super) trait Digits: Copy + Send + Sync {
    /// The mode where loops are to be few: itself, or as data.
    type General: Digits;
    /// That of a mode, for which it is.
    fn of(drawing: Drawing) -> Self;
    /// n.
    fn digits(self) -> u32;
}

/// A stochastic mode as a type, for the lanes that round ν to n bits in the value's own bits.
pub(super) trait Draw: Digits {
    /// How ν is rounded to n bits.
    type Fine: Mode;
    /// Whether ν goes on behind its n bits, so that some words leave the answer open.
    const OPEN: bool;
}

macro_rules! draws {
    ($($(#[$doc:meta])* $name:ty, $fine:ty, open $open:literal, general $general:ty,
        |$drawing:ident| $of:expr, |$mode:ident| $digits:expr;
    )*) => {$(
        impl Digits for $name {
            type General = $general;
            #[inline(always)]
            fn of(drawing: Drawing) -> Self {
                let $drawing = drawing;
                $of
            }
            #[inline(always)]
            fn digits(self) -> u32 {
                let $mode = self;
                $digits
            }
        }
        $(#[$doc])*
        impl Draw for $name {
            type Fine = $fine;
            const OPEN: bool = $open;
        }
    )*};
}

/// `Stochastic`, by its first 16 bits: away where they are below ν's, open where they are equal and ν
/// goes on.
#[derive(Clone, Copy)]
pub(super) struct Exact;

/// `StochasticEqual`: half of anything inexact, plus the first bit.
#[derive(Clone, Copy)]
pub(super) struct Coin;

/// The P3109 modes, where there is room for all their random bits: away where R and ν·2ⁿ, rounded down (A), to nearest
/// with halves up (B) or to even (C), make 2ⁿ.
#[derive(Clone, Copy)]
pub(super) struct Counted<const RULE: char> {
    digits: u32,
}

/// Those modes of which the first random bits settle every value, as data: how ν is rounded to n bits is
/// the plan's to say.
#[derive(Clone, Copy)]
pub(super) struct Settled {
    digits: u32,
}

draws! {
    Exact, NearestEven, open true, general Self, |_drawing| Self, |_mode| 16;
    Coin, ToOdd, open false, general Settled, |_drawing| Self, |_mode| 1;
    Counted<'A'>, Inward, open false, general Settled,
        |drawing| Self { digits: drawing.all_digits() }, |mode| mode.digits;
    Counted<'B'>, NearestAway, open false, general Settled,
        |drawing| Self { digits: drawing.all_digits() }, |mode| mode.digits;
    Counted<'C'>, NearestEven, open false, general Settled,
        |drawing| Self { digits: drawing.all_digits() }, |mode| mode.digits;
    Settled, mode::Any, open false, general Self,
        |drawing| Self { digits: drawing.all_digits() }, |mode| mode.digits;
}

/// Any stochastic mode as data: the sum of ν's first n bits, a rounding of them and n random bits,
/// with masks for what a mode leaves out.
#[derive(Clone, Copy)]
pub(super) struct Any {
    digits: u32,
    /// Turned over in the random bits: all for `Stochastic`, which rounds away where R is *below* ν.
    flip: u32,
    /// Whether a half behind the bits counts at all (B and C), and without more behind it (B).
    halves: bool,
    halves_up: bool,
    /// Whether the bits of ν count (not for `StochasticEqual`, for which they are a half).
    counts: bool,
    /// Whether ν goes on behind its n bits.
    goes_on: bool,
    /// With more than 16 random bits the sums need not fit this lane: the definition settles them.
    settles: bool,
}

impl Any {
    /// The left-aligned fraction `nu`, with `sticky` all ones where bits of it lie beyond the word,
    /// against the random bits. The answers are masks: away from zero, and open.
    #[inline(always)]
    fn compare<W: Word>(self, nu: W, sticky: W, word: u32) -> (W, W) {
        let n = self.digits;
        let doubled = nu >> (W::BITS - 1 - n);
        let counted = doubled >> 1;
        let floor = select(W::mask(self.counts), counted, W::ONE);
        let more = rest(nu, sticky, n + 1) | floor | W::mask(self.halves_up);
        let half = doubled & W::ONE & more & W::mask(self.halves);
        let random = random::<W>(word, n) ^ W::from_u64(u64::from(self.flip));
        let sum = floor.wrapping_add(half).wrapping_add(random);
        let (all, last) = (W::ONE << n, (W::ONE << n).wrapping_sub(W::ONE));
        let open = W::mask(sum == last) & rest(nu, sticky, n) & W::mask(self.goes_on);
        (!sum.less(all), open | W::mask(!self.settles))
    }
}

impl Digits for Any {
    type General = Self;

    #[inline(always)]
    fn of(drawing: Drawing) -> Self {
        let exact = drawing == Drawing::Exact;
        Self {
            digits: drawing.digits(),
            flip: if exact { 0xffff } else { 0 },
            halves: matches!(drawing, Drawing::HalfUp(_) | Drawing::HalfEven(_)),
            halves_up: matches!(drawing, Drawing::HalfUp(_)),
            counts: drawing != Drawing::Equal,
            goes_on: exact,
            settles: !drawing.is_wide(),
        }
    }

    #[inline(always)]
    fn digits(self) -> u32 {
        self.digits
    }
}

/// All ones where ν has bits after the first `n`.
#[inline(always)]
fn rest<W: Word>(nu: W, sticky: W, n: u32) -> W {
    let after = if n < W::BITS { nu << n } else { W::ZERO };
    !W::mask(after == W::ZERO) | sticky
}

/// A way to round one value in a stochastic mode, with random bits at the top of `word`; the second
/// result is all ones where those do not settle it.
pub(super) trait DrawnLane<D>: Copy + Send + Sync {
    fn round<T: Storage>(x: T, word: u32, draw: D, ready: &Ready<T>) -> (T, Bits<T>);
}

/// The random bits as an integer below 2ⁿ.
#[inline(always)]
fn random<W: Word>(word: u32, n: u32) -> W {
    W::from_u64(u64::from(word.checked_shr(32 - n).unwrap_or(0)))
}

/// By a sum with n bits more than the format has.
impl<D: Draw, F: Finish> DrawnLane<D> for Add<Exact, F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, draw: D, ready: &Ready<T>) -> (T, Bits<T>) {
        let n = draw.digits();
        let x = Signed::of(x);
        let lift = ready.lift.wrapping_sub(Bits::<T>::from_u64(u64::from(n)) << T::MANTISSA);
        let c = T::from_bits(power::<T, F>(x.magnitude, ready).bits().wrapping_add(lift));
        let sum = D::Fine::correct(Sum::new(x.magnitude, c, ready), x);
        let one = Bits::<T>::ONE << n;
        let (sum, open) = if D::OPEN {
            // Away where the bits are more than R. They may be one too many, being rounded: open
            // where they are R or R + 1, which the last n bits show as 0 or 1.
            let sum = sum.wrapping_add(one.wrapping_sub(random(word, n)));
            let close = sum & (one - Bits::<T>::ONE - Bits::<T>::ONE);
            (sum, Bits::<T>::mask(close == Bits::<T>::ZERO))
        } else {
            (sum.wrapping_add(random(word, n)), Bits::<T>::ZERO)
        };
        let rounded = T::from_bits(sum & !(one - Bits::<T>::ONE)) - c;
        (F::finish(rounded, x, Beyond::LikeInfinity, ready), open)
    }
}

/// By ν as a number of its own, for `Stochastic` where the sum has no room for 16 more bits.
#[derive(Clone, Copy)]
pub(super) struct Residual<F>(core::marker::PhantomData<F>);

impl<F: Finish> DrawnLane<Exact> for Residual<F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, _draw: Exact, ready: &Ready<T>) -> (T, Bits<T>) {
        let x = Signed::of(x);
        let power = power::<T, F>(x.magnitude, ready);
        let c = T::from_bits(power.bits().wrapping_add(ready.lift));
        let truncated = Sum::new(x.magnitude, c, ready).truncated();
        // Exact: fewer bits than x, and a power of two.
        let residual = x.magnitude - (T::from_bits(truncated) - c);
        let nu = residual * T::from_bits(ready.reciprocal.wrapping_sub(power.bits()));
        // R·2^-16 as a number.
        let base = ready.fine;
        let random = T::from_bits(base.bits() | random(word, 16)) - base;
        // Its sign is that of the exact difference, and where that is below 2^-16 it is exact.
        // Compared as an integer, like all numbers of one sign may be: a comparison of numbers makes a branch
        // here. Of infinity it is NaN, whose sign differs from processor to processor; it is not away.
        let difference = (nu - random).bits();
        let last = T::one().bits().wrapping_sub(Bits::<T>::from_u64(16) << T::MANTISSA);
        let away = Bits::<T>::ZERO.less(difference) & difference.less(T::INFINITY);
        let rounded = T::from_bits(truncated.wrapping_sub(away)) - c;
        let open = away & difference.less(last);
        (F::finish(rounded, x, Beyond::LikeInfinity, ready), open)
    }
}

/// By an addition to the bit pattern.
#[inline(always)]
fn masked<T: Storage, D: Draw>(magnitude: T, word: u32, draw: D, ready: &Ready<T>) -> (T, Bits<T>) {
    let bits = magnitude.bits();
    let (bits, open) = if D::OPEN {
        with_random(bits, word, draw.digits(), ready.cut)
    } else {
        // Of more random bits than are cut off the first are as good as all: what follows them carries nothing.
        let n = draw.digits().min(ready.cut);
        let left = ready.cut - n;
        let cut = Cut::of(left, &ready.facts);
        let digits = bits.wrapping_add(D::Fine::bias_at(bits, &cut)) & !cut.mask;
        (digits.wrapping_add(random::<Bits<T>>(word, n) << left), Bits::<T>::ZERO)
    };
    (T::from_bits(bits & !ready.at.mask), open)
}

/// One value between two normal numbers of the format, if it is one, by `Stochastic`.
#[inline(always)]
pub(super) fn regular<T: Storage>(x: T, word: u32, plan: &Plan) -> Option<(T, Bits<T>)> {
    let bits = is_regular(x, plan)?;
    let mask = (Bits::<T>::ONE << plan.cut).wrapping_sub(Bits::<T>::ONE);
    let (sum, open) = with_random(bits, word, 16, plan.cut);
    Some((T::from_bits(sum & !mask | bits ^ x.bits()), open))
}

/// Whether all numbers within half of x's last place have the first 16 digits of ν that x has, of those between two
/// normal numbers of the format: where a digit behind these is one.
#[inline(always)]
pub(super) fn keeps_digits<T: Storage>(x: T, plan: &Plan) -> bool {
    let rest = (Bits::<T>::ONE << plan.cut.saturating_sub(16)).wrapping_sub(Bits::<T>::ONE);
    x.bits() & rest != Bits::<T>::ZERO
}

/// Bits plus R's complement, in the place of the first n of the `cut` last bits; all ones where these
/// were R, so that it is the bits behind them, if any, that decide. With fewer than n bits to cut the
/// last random ones are behind all of ν's bits.
#[inline(always)]
fn with_random<W: Word>(bits: W, word: u32, n: u32, cut: u32) -> (W, W) {
    let (left, right) = (cut.saturating_sub(n), n.saturating_sub(cut));
    let last = (W::ONE << n).wrapping_sub(W::ONE);
    let sum = bits.wrapping_add(last.wrapping_sub(random(word, n)) << left >> right);
    let digits = if left > 0 { last << left } else { W::ZERO };
    let all = if left > 0 { digits } else { W::ONE };
    (sum, W::mask(sum & digits == all))
}

impl<D: Draw, F: Finish> DrawnLane<D> for Mask<Exact, F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, draw: D, ready: &Ready<T>) -> (T, Bits<T>) {
        let x = Signed::of(x);
        let (r, open) = masked::<T, D>(x.operand::<F>(), word, draw, ready);
        (F::finish(r, x, Beyond::LikeInfinity, ready), open)
    }
}

impl<D: Draw, F: Finish> DrawnLane<D> for Scale<Exact, F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, draw: D, ready: &Ready<T>) -> (T, Bits<T>) {
        let x = Signed::of(x);
        let (r, open) = scaled(x.operand::<F>(), |up| masked::<T, D>(up, word, draw, ready));
        (F::finish(r, x, Beyond::LikeInfinity, ready), open)
    }
}

#[inline(always)]
fn shifted<T: Storage, const DEEP: bool>(
    x: T,
    word: u32,
    draw: Any,
    ready: &Ready<T>,
) -> (T, Bits<T>) {
    type B<T> = Bits<T>;
    let x = Signed::of(x);
    let magnitude = x.magnitude.bits();
    let parts = take_apart::<T, DEEP>(magnitude, ready);
    let in_gap = magnitude.less(ready.smallest);
    let hidden = !B::<T>::mask(magnitude >> T::MANTISSA == B::<T>::ZERO);
    let significand = magnitude & ((B::<T>::ONE << T::MANTISSA) - B::<T>::ONE)
        | hidden & B::<T>::ONE << T::MANTISSA;
    // In the gap ν = x / smallest, so all of x is cut off.
    let gap_cut = monus(ready.gap_exponent, parts.unit);
    let cut = select(in_gap, gap_cut, parts.cut);
    let width = B::<T>::from_u64(u64::from(B::<T>::BITS));
    // ν as a fraction of the word, and whether bits of it lie beyond.
    let beyond = monus(cut, width);
    let nu = select(width.less(cut), shr(significand, beyond), shl(significand, monus(width, cut)));
    let low = shl(B::<T>::ONE, beyond).wrapping_sub(B::<T>::ONE);
    let sticky = !B::<T>::mask(significand & low == B::<T>::ZERO);
    let sticky = sticky & !B::<T>::mask(beyond == B::<T>::ZERO);
    let (away, open) = draw.compare(nu, sticky, word);
    let inexact = rest(nu, sticky, 0);
    let step = shl(B::<T>::ONE, kept_cut::<T>(&parts));
    let regular = (magnitude & !step.wrapping_sub(B::<T>::ONE)).wrapping_add(step & away & inexact);
    let no_zero = !B::<T>::mask(ready.zero == T::zero());
    let gap = ready.smallest & (away & inexact | no_zero);
    let finite = magnitude.less(T::INFINITY) & !B::<T>::mask(magnitude == B::<T>::ZERO);
    let unknown_gap = in_gap & !ready.gap_known;
    let open = (open & inexact | unknown_gap) & finite;
    let rounded = T::from_bits(select(in_gap, gap, regular));
    (Full::finish(rounded, x, Beyond::LikeInfinity, ready), open)
}

impl<F: Finish> DrawnLane<Any> for Shift<Exact, F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, draw: Any, ready: &Ready<T>) -> (T, Bits<T>) {
        shifted::<T, false>(x, word, draw, ready)
    }
}

impl<F: Finish> DrawnLane<Any> for ShiftDeep<Exact, F> {
    #[inline(always)]
    fn round<T: Storage>(x: T, word: u32, draw: Any, ready: &Ready<T>) -> (T, Bits<T>) {
        shifted::<T, true>(x, word, draw, ready)
    }
}
