//! The lane: one value rounded without a branch, generic over storage type and mode.
//!
//! A storage number's magnitude is rounded in its bit pattern. With s bits to cut off, adding a
//! *bias* below 2^s and clearing the last s bits moves to the upper neighbour exactly where the sum
//! carries; a carry out of the significand raises the exponent, as it should. Only s and the bias
//! depend on the value:
//!
//! - s = max(storage significand bits - p, quantum - unit), the second winning in the format's
//!   subnormal range, where the quantum stays and the value's last bit (unit) shrinks;
//! - the bias is 0 to truncate, 2^s - 1 to go away whenever inexact, and half of 2^s, less one unless
//!   ties go away, to go to nearest.
//!
//! Below the smallest positive number ("the gap") both neighbours have other exponents, and a
//! comparison with a threshold decides instead. Everything is selects and masks; the compiler makes
//! vector code of a loop over it.

use crate::plan::{Bits, Plan};
use crate::storage::{Storage, Word};

/// The bias that a deterministic mode adds: `mask` is 2^s - 1, `odd` the last kept bit, `negative`
/// all ones for negative numbers.
pub(crate) trait Bias: Copy + Send + Sync {
    fn bias<W: Word>(mask: W, odd: W, negative: W) -> W;
}

macro_rules! modes {
    ($($(#[$doc:meta])* $name:ident: |$mask:ident, $odd:ident, $negative:ident| $bias:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name;
        impl Bias for $name {
            #[inline(always)]
            fn bias<W: Word>($mask: W, $odd: W, $negative: W) -> W {
                $bias
            }
        }
    )*};
}

modes! {
    /// Half, less one unless the last kept bit is odd. The final mask is for s = 0, where half is 0.
    NearestEven: |mask, odd, _negative| ((mask >> 1) + odd) & mask;
    NearestOdd: |mask, odd, _negative| ((mask >> 1) + (W::ONE - odd)) & mask;
    NearestAway: |mask, _odd, _negative| ((mask >> 1) + W::ONE) & mask;
    NearestZero: |mask, _odd, _negative| mask >> 1;
    Inward: |_mask, _odd, _negative| W::ZERO;
    Outward: |mask, _odd, _negative| mask;
    Up: |mask, _odd, negative| mask & !negative;
    Down: |mask, _odd, negative| mask & negative;
    /// Away unless the last kept bit is odd already.
    ToOdd: |mask, odd, _negative| mask & odd.wrapping_sub(W::ONE);
}

/// `yes` where the mask is all ones, `no` where it is zero.
#[inline(always)]
fn select<W: Word>(mask: W, yes: W, no: W) -> W {
    (yes & mask) | (no & !mask)
}

/// `x << n`, zero for n ≥ the width.
#[inline(always)]
fn shl<W: Word>(x: W, n: W) -> W {
    let n = n.to_u32();
    if n < W::BITS { x << n } else { W::ZERO }
}

/// `x >> n`, zero for n ≥ the width.
#[inline(always)]
fn shr<W: Word>(x: W, n: W) -> W {
    let n = n.to_u32();
    if n < W::BITS { x >> n } else { W::ZERO }
}

/// a - b, or 0 where that would be negative.
#[inline(always)]
fn monus<W: Word>(a: W, b: W) -> W {
    if a > b { a - b } else { W::ZERO }
}

/// A storage number taken apart.
struct Parts<W> {
    /// The sign bit alone.
    sign: W,
    /// All ones for negative numbers.
    negative: W,
    /// Everything but the sign.
    magnitude: W,
    /// Exponent of the last bit, counted from the storage's smallest.
    unit: W,
    /// Bits to cut off.
    cut: W,
    /// Exponent of the leading bit, counted likewise.
    leading: W,
}

#[inline(always)]
fn take_apart<T: Storage, const DEEP: bool>(x: T, plan: &Plan<T>) -> Parts<Bits<T>> {
    let sign_bit = Bits::<T>::ONE << (Bits::<T>::BITS - 1);
    let mantissa = Bits::<T>::from_u64(u64::from(T::MANTISSA));
    let bits = x.bits();
    let sign = bits & sign_bit;
    let magnitude = bits ^ sign;
    let field = magnitude >> T::MANTISSA;
    let unit = monus(field, Bits::<T>::ONE);
    let mut leading = unit + mantissa;
    let mut cut = plan.cut;
    if DEEP {
        // A storage subnormal is the integer `magnitude`; written behind 2^m as a significand and
        // with 2^m subtracted again, its exponent comes out as a float's.
        let one = T::one().bits();
        let exponent_of_one = one >> T::MANTISSA;
        let scale = (exponent_of_one + mantissa) << T::MANTISSA;
        let integer =
            T::of_bits(magnitude & ((Bits::<T>::ONE << T::MANTISSA) - Bits::<T>::ONE) | scale)
                - T::of_bits(scale);
        let exponent = monus(integer.bits() >> T::MANTISSA, exponent_of_one);
        let subnormal = Bits::<T>::mask(field == Bits::<T>::ZERO);
        leading = select(subnormal, exponent, leading);
        cut = select(subnormal, monus(exponent + plan.cut, mantissa), cut);
    }
    let floor = monus(plan.quantum, unit);
    Parts {
        sign,
        negative: Bits::<T>::mask(sign != Bits::<T>::ZERO),
        magnitude,
        unit,
        cut: if floor > cut { floor } else { cut },
        leading,
    }
}

/// Parity of the lower neighbour's code: the last bit kept, or the exponent's last bit where there
/// is one bit of precision.
#[inline(always)]
fn odd<T: Storage>(parts: &Parts<Bits<T>>, cut: Bits<T>, plan: &Plan<T>) -> Bits<T> {
    // The hidden bit is the last one kept of the smallest subnormal numbers.
    let last = shr(parts.magnitude | Bits::<T>::ONE << T::MANTISSA, cut);
    select(plan.one_bit, parts.leading ^ plan.parity, last) & Bits::<T>::ONE
}

/// What follows rounding: underflow, overflow, the special values, the sign.
#[inline(always)]
fn finish<T: Storage>(rounded: Bits<T>, parts: &Parts<Bits<T>>, plan: &Plan<T>) -> T {
    type B<T> = Bits<T>;
    let zero = B::<T>::ZERO;
    let by_sign = |pair: [B<T>; 2]| select(parts.negative, pair[1], pair[0]);
    let mut r = select(B::<T>::mask(rounded < plan.flush), zero, rounded);
    let lost = parts.negative & !plan.signed & B::<T>::mask(r != zero);
    r = select(B::<T>::mask(r > plan.largest), by_sign(plan.overflow), r);
    r = select(lost, plan.negative, r);
    r = select(B::<T>::mask(parts.magnitude == zero), plan.zero, r);
    let infinite = B::<T>::mask(parts.magnitude == T::INFINITY);
    r = select(infinite, by_sign(plan.infinity), r);
    let quiet = T::INFINITY | B::<T>::ONE << (T::MANTISSA - 1);
    r = select(B::<T>::mask(parts.magnitude > T::INFINITY), quiet, r);
    let is_nan = B::<T>::mask(r > T::INFINITY);
    let keeps_sign = select(B::<T>::mask(r == zero), plan.negative_zero, plan.signed) | is_nan;
    T::of_bits(r | parts.sign & keeps_sign)
}

/// One value, deterministic mode.
#[inline(always)]
pub(crate) fn deterministic<T: Storage, M: Bias, const DEEP: bool>(x: T, plan: &Plan<T>) -> T {
    let parts = take_apart::<T, DEEP>(x, plan);
    let mantissa = Bits::<T>::from_u64(u64::from(T::MANTISSA));
    let cut = if parts.cut < mantissa { parts.cut } else { mantissa };
    let mask = shl(Bits::<T>::ONE, cut) - Bits::<T>::ONE;
    let bias = M::bias(mask, odd::<T>(&parts, cut, plan), parts.negative);
    let regular = parts.magnitude.wrapping_add(bias) & !mask;
    let threshold = select(parts.negative, plan.threshold[1], plan.threshold[0]);
    let gap = plan.smallest & Bits::<T>::mask(parts.magnitude >= threshold);
    let in_gap = Bits::<T>::mask(parts.magnitude < plan.smallest);
    finish(select(in_gap, gap, regular), &parts, plan)
}

/// How a stochastic mode compares: the left-aligned fraction `nu`, with `sticky` all ones where
/// digits of it lie beyond the word, against the element's first random bits at the top of `word`.
/// The answers are masks: away from zero, and undecided by these bits.
pub(crate) trait Compare: Copy + Send + Sync {
    fn compare<W: Word>(self, nu: W, sticky: W, word: u32) -> (W, W);
}

/// `Stochastic` with 16 or 32 known random bits: away where they are below ν's, undecided where they
/// equal ν's and ν goes on.
#[derive(Clone, Copy)]
pub(crate) struct Exact<const KNOWN: u32>;

impl<const KNOWN: u32> Compare for Exact<KNOWN> {
    #[inline(always)]
    fn compare<W: Word>(self, nu: W, sticky: W, word: u32) -> (W, W) {
        let random = W::from_u64(u64::from(word >> (32 - KNOWN)));
        let fraction = nu >> (W::BITS - KNOWN);
        (W::mask(random < fraction), W::mask(random == fraction) & rest(nu, sticky, KNOWN))
    }
}

/// `StochasticEqual`: the first bit.
#[derive(Clone, Copy)]
pub(crate) struct Coin;

impl Compare for Coin {
    #[inline(always)]
    fn compare<W: Word>(self, _nu: W, _sticky: W, word: u32) -> (W, W) {
        (W::mask(word >> 31 == 1), W::ZERO)
    }
}

/// The P3109 modes of at most 16 random bits: away where R and ν·2ⁿ, rounded down (A), to nearest
/// with halves up (B) or to even (C), make 2ⁿ.
#[derive(Clone, Copy)]
pub(crate) struct Counted<const RULE: char> {
    bits: u32,
}

impl<const RULE: char> Counted<RULE> {
    /// With `n` random bits, at most 16.
    pub(crate) fn of(n: u8) -> Self {
        Self { bits: u32::from(n) }
    }
}

impl<const RULE: char> Compare for Counted<RULE> {
    #[inline(always)]
    fn compare<W: Word>(self, nu: W, sticky: W, word: u32) -> (W, W) {
        let n = self.bits;
        let doubled = nu >> (W::BITS - 1 - n);
        let (floor, half) = (doubled >> 1, doubled & W::ONE);
        let up = match RULE {
            'A' => W::ZERO,
            'B' => half,
            _ => half & (rest(nu, sticky, n + 1) | floor),
        };
        let random = W::from_u64(u64::from(word) >> (32 - n));
        (W::mask(floor + up + random >= W::ONE << n), W::ZERO)
    }
}

/// With more than 16 random bits the sums need not fit a lane: the definition settles them.
#[derive(Clone, Copy)]
pub(crate) struct Unsettled;

impl Compare for Unsettled {
    #[inline(always)]
    fn compare<W: Word>(self, _nu: W, _sticky: W, _word: u32) -> (W, W) {
        (W::ZERO, !W::ZERO)
    }
}

/// All ones where ν has digits after the first `n`.
#[inline(always)]
fn rest<W: Word>(nu: W, sticky: W, n: u32) -> W {
    let after = if n < W::BITS { nu << n } else { W::ZERO };
    W::mask(after != W::ZERO) | sticky
}

/// One value, stochastic mode, with its first random bits at the top of `word`; the second result is
/// all ones where those bits do not settle it.
#[inline(always)]
pub(crate) fn stochastic<T: Storage, C: Compare, const DEEP: bool>(
    x: T,
    word: u32,
    compare: C,
    plan: &Plan<T>,
) -> (T, Bits<T>) {
    type B<T> = Bits<T>;
    let parts = take_apart::<T, DEEP>(x, plan);
    let in_gap = B::<T>::mask(parts.magnitude < plan.smallest);
    let hidden = B::<T>::mask(parts.magnitude >> T::MANTISSA != B::<T>::ZERO);
    let significand = parts.magnitude & ((B::<T>::ONE << T::MANTISSA) - B::<T>::ONE)
        | hidden & B::<T>::ONE << T::MANTISSA;
    // In the gap ν = x / smallest, so all of x is cut off.
    let gap_cut = monus(plan.gap_exponent.unwrap_or(B::<T>::ZERO), parts.unit);
    let cut = select(in_gap, gap_cut, parts.cut);
    let width = B::<T>::from_u64(u64::from(B::<T>::BITS));
    // ν as a fraction of the word, and whether digits of it lie beyond.
    let nu = select(
        B::<T>::mask(cut > width),
        shr(significand, monus(cut, width)),
        shl(significand, monus(width, cut)),
    );
    let beyond = monus(cut, width);
    let sticky = B::<T>::mask(
        significand & (shl(B::<T>::ONE, beyond).wrapping_sub(B::<T>::ONE)) != B::<T>::ZERO,
    ) & B::<T>::mask(beyond != B::<T>::ZERO);
    let (away, undecided) = compare.compare::<B<T>>(nu, sticky, word);
    let inexact = B::<T>::mask(nu != B::<T>::ZERO) | sticky;
    let mantissa = B::<T>::from_u64(u64::from(T::MANTISSA));
    let kept = if parts.cut < mantissa { parts.cut } else { mantissa };
    let step = shl(B::<T>::ONE, kept);
    let regular = (parts.magnitude & !(step - B::<T>::ONE)).wrapping_add(step & away & inexact);
    let no_zero = B::<T>::mask(plan.zero != B::<T>::ZERO);
    let gap = plan.smallest & (away & inexact | no_zero);
    let finite =
        B::<T>::mask(parts.magnitude < T::INFINITY) & B::<T>::mask(parts.magnitude != B::<T>::ZERO);
    let unknown_gap = in_gap & B::<T>::mask(plan.gap_exponent.is_none());
    let open = (undecided & inexact | unknown_gap) & finite;
    (finish(select(in_gap, gap, regular), &parts, plan), open)
}
