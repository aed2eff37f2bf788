//! What the deterministic modes do to a value, once for each of the two ways to round: by a *bias*
//! added to the bit pattern before its last bits are cleared, and by a *correction* of the sum that
//! the hardware has rounded to nearest even.
//!
//! A mode is a type, of which the compiler makes a loop that does what this mode needs and no more. One of
//! the types, [`Any`], is all modes as data: one loop does for all of them, with some operations more. It
//! serves where these are few beside the rest of the loop, or the loop is seldom run.

use super::cut::{Cut, Facts};
use super::ready::Ready;
use crate::kernel::plan::Bits;
use crate::storage::{Storage, Word, sign_bit};

/// A value with its magnitude and its sign bit.
#[derive(Clone, Copy)]
pub(super) struct Signed<T: Storage> {
    pub(super) value: T,
    pub(super) magnitude: T,
    pub(super) sign: Bits<T>,
    /// All ones for negative numbers.
    pub(super) negative: Bits<T>,
}

impl<T: Storage> Signed<T> {
    #[inline(always)]
    pub(super) fn of(x: T) -> Self {
        let bits = x.bits();
        let sign = bits & Bits::<T>::ONE << (Bits::<T>::BITS - 1);
        let magnitude = T::from_bits(bits ^ sign);
        Self { value: x, magnitude, sign, negative: bits.highest() }
    }
}

/// |x| + c as the hardware rounds it, with c so large that the sum's last bit is the quantum wanted.
#[derive(Clone, Copy)]
pub(super) struct Sum<T: Storage> {
    /// |x|.
    magnitude: T,
    /// A power of two, at least four times |x|.
    c: T,
    /// Half a quantum.
    half: T,
    sum: T,
    /// One in the last place; see `Plan::one`.
    one: Bits<T>,
    facts: Facts<Bits<T>>,
}

impl<T: Storage> Sum<T> {
    #[inline(always)]
    pub(super) fn new(magnitude: T, c: T, ready: &Ready<T>) -> Self {
        let binades = Bits::<T>::from_u64(u64::from(T::MANTISSA + 1));
        let half = T::from_bits(c.bits().wrapping_sub(binades << T::MANTISSA));
        Self::with_half(magnitude, c, half, ready)
    }

    /// With half of the quantum given, where it is below the normal numbers.
    #[inline(always)]
    pub(super) fn with_half(magnitude: T, c: T, half: T, ready: &Ready<T>) -> Self {
        Self { magnitude, c, half, sum: magnitude + c, one: ready.one, facts: ready.facts }
    }

    /// What was rounded to: exact, by Sterbenz' lemma.
    #[inline(always)]
    fn rounded(self) -> T {
        self.sum - self.c
    }

    /// What was rounded to, with the sign of x.
    #[inline(always)]
    fn signed(self, x: Signed<T>) -> T {
        T::from_bits(self.rounded().bits() | x.sign)
    }

    #[inline(always)]
    fn bits(self) -> Bits<T> {
        self.sum.bits()
    }

    /// One less where the sum was rounded up: |x| truncated.
    #[inline(always)]
    pub(super) fn truncated(self) -> Bits<T> {
        self.bits().wrapping_add(Bits::<T>::mask(self.rounded() > self.magnitude))
    }

    /// One more where it was rounded down.
    #[inline(always)]
    fn raised(self) -> Bits<T> {
        self.bits().wrapping_sub(Bits::<T>::mask(self.rounded() < self.magnitude))
    }

    /// All ones where a tie was rounded down: its upper neighbour has the odd last bit.
    #[inline(always)]
    fn tie_went_down(self) -> Bits<T> {
        Bits::<T>::mask(self.magnitude - self.rounded() == self.half)
    }

    #[inline(always)]
    fn tie_went_up(self) -> Bits<T> {
        Bits::<T>::mask(self.rounded() - self.magnitude == self.half)
    }
}

/// What a mode makes of numbers beyond the largest finite one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Beyond {
    /// What it makes of infinity.
    LikeInfinity,
    /// One value for plus and minus.
    Alike,
    /// One value for plus, another for minus.
    BySign,
}

/// A deterministic mode.
pub(super) trait Mode: Copy + Send + Sync {
    /// What it makes of numbers beyond the largest: with the policies for which the finish `Plain` is.
    const BEYOND: Beyond;

    /// The mode where loops are to be few: itself, or as data.
    type General: Mode;

    /// What to add to a bit pattern of which `mask` is cut off: `half` is mask/2, `odd` the last kept
    /// bit, `negative` all ones for negative numbers.
    fn bias<W: Word>(mask: W, half: W, odd: W, negative: W, facts: &Facts<W>) -> W;

    /// What to add where many values have as many bits cut off. `bits` is the pattern with its sign.
    fn bias_at<W: Word>(bits: W, cut: &Cut<W>) -> W;

    /// The bits of the sum, corrected in its last place.
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T>;

    /// |x| rounded to a multiple of the last place of |x| + c.
    #[inline(always)]
    fn round<T: Storage>(x: Signed<T>, c: T, ready: &Ready<T>) -> T {
        T::from_bits(Self::correct(Sum::new(x.magnitude, c, ready), x)) - c
    }
}

/// x + 1.5·c, for c at least four times |x|: the sum stays among numbers with one last place, whatever
/// the sign of x, so that a correction by one is a step upwards.
#[inline(always)]
fn signed_sum<T: Storage>(x: Signed<T>, c: T) -> (T, T) {
    let c = above(c);
    (x.value + c, c)
}

/// 1.5·c of a power of two.
#[inline(always)]
fn above<T: Storage>(c: T) -> T {
    T::from_bits(c.bits().wrapping_add(Bits::<T>::ONE << (T::MANTISSA - 1)))
}

macro_rules! modes {
    ($(
        $(#[$doc:meta])*
        $name:ident, general $general:ident, beyond $beyond:ident:
            |$mask:ident, $half:ident, $odd:ident, $negative:ident| $bias:expr;
            $(at |$bits:ident, $cut:ident| $at:expr;)?
            |$sum:ident, $x:ident| $correct:expr;
            $(|$y:ident, $c:ident| $round:expr;)?
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        impl Mode for $name {
            const BEYOND: Beyond = Beyond::$beyond;
            type General = $general;
            #[inline(always)]
            fn bias<W: Word>($mask: W, $half: W, $odd: W, $negative: W, _: &Facts<W>) -> W {
                $bias
            }
            modes! { @at $name $($bits $cut $at)? }
            #[inline(always)]
            fn correct<T: Storage>($sum: Sum<T>, $x: Signed<T>) -> Bits<T> {
                $correct
            }
            $(#[inline(always)]
            fn round<T: Storage>($y: Signed<T>, $c: T, _: &Ready<T>) -> T {
                $round
            })?
        }
    )*};
    (@at $name:ident) => {
        #[inline(always)]
        fn bias_at<W: Word>(bits: W, cut: &Cut<W>) -> W {
            let odd = bits >> cut.count & W::ONE;
            let mask = cut.mask;
            // Of no use to a mode with a type of its own.
            let facts = Facts { by_sign: mask, by_parity: mask, flips: mask, nearest: mask, halves: 0 };
            Self::bias(mask, cut.half, odd, bits.highest(), &facts)
        }
    };
    (@at $name:ident $bits:ident $cut:ident $at:expr) => {
        #[inline(always)]
        fn bias_at<W: Word>($bits: W, $cut: &Cut<W>) -> W {
            $at
        }
    };
}

modes! {
    /// Half, less one unless the last kept bit is odd. The masks are for nothing cut off.
    NearestEven, general NearestEven, beyond LikeInfinity:
        |mask, half, odd, _negative| half.wrapping_add(odd & mask);
        at |bits, cut| cut.half.wrapping_add(bits >> cut.count & cut.one);
        |sum, _x| sum.bits();
    /// Counted from one quantum above c, what is odd is even.
    NearestOdd, general Ties, beyond LikeInfinity:
        |mask, half, odd, _negative| half.wrapping_add(!odd & W::ONE & mask);
        at |bits, cut| cut.half.wrapping_add(!(bits >> cut.count) & cut.one);
        |sum, _x| sum.bits()
            .wrapping_sub(sum.tie_went_down())
            .wrapping_add(sum.tie_went_up());
        |x, c| {
            let c = T::from_bits(c.bits().wrapping_add(Bits::<T>::ONE));
            (x.magnitude + c) - c
        };
    NearestAway, general Ties, beyond LikeInfinity:
        |mask, half, _odd, _negative| half.wrapping_add(W::ONE & mask);
        |sum, _x| sum.bits().wrapping_sub(sum.tie_went_down());
    NearestZero, general Ties, beyond LikeInfinity:
        |_mask, half, _odd, _negative| half;
        |sum, _x| sum.bits().wrapping_add(sum.tie_went_up());
    Inward, general Any, beyond Alike:
        |_mask, _half, _odd, _negative| W::ZERO;
        |sum, _x| sum.truncated();
    Outward, general Any, beyond Alike:
        |mask, _half, _odd, _negative| mask;
        |sum, _x| sum.raised();
    Up, general Any, beyond BySign:
        |mask, _half, _odd, negative| mask & !negative;
        |sum, x| sum.bits()
            .wrapping_add(Bits::<T>::mask(sum.signed(x) < x.value) & (x.negative | Bits::<T>::ONE));
        |x, c| {
            let (sum, c) = signed_sum(x, c);
            let low = Bits::<T>::mask(sum - c < x.value);
            (T::from_bits(sum.bits().wrapping_sub(low)) - c).abs()
        };
    Down, general Any, beyond BySign:
        |mask, _half, _odd, negative| mask & negative;
        |sum, x| sum.bits()
            .wrapping_sub(Bits::<T>::mask(sum.signed(x) > x.value) & (x.negative | Bits::<T>::ONE));
        |x, c| {
            let (sum, c) = signed_sum(x, c);
            let high = Bits::<T>::mask(sum - c > x.value);
            (T::from_bits(sum.bits().wrapping_add(high)) - c).abs()
        };
    /// Away unless the last kept bit is odd already: truncated, with the last bit set if inexact.
    ToOdd, general Any, beyond Alike:
        |mask, _half, odd, _negative| mask & odd.wrapping_sub(W::ONE);
        |sum, _x| sum.truncated()
            | (Bits::<T>::mask(sum.rounded() != sum.magnitude) & sum.one);
}

/// Any mode as data: the plan's.
#[derive(Clone, Copy)]
pub(super) struct Any;

impl Mode for Any {
    // Overflow by sign is right for all: modes that make the same of both have it twice.
    const BEYOND: Beyond = Beyond::BySign;
    type General = Self;

    #[inline(always)]
    fn bias<W: Word>(mask: W, _: W, odd: W, negative: W, facts: &Facts<W>) -> W {
        let parity = W::ZERO.wrapping_sub(odd);
        let turned = negative & facts.by_sign | parity & facts.by_parity;
        (turned ^ facts.flips) & mask ^ mask >> facts.halves
    }

    #[inline(always)]
    fn bias_at<W: Word>(bits: W, cut: &Cut<W>) -> W {
        // The bit that decides, moved to the top, as a mask.
        (bits << cut.place).highest() & cut.turned ^ cut.base
    }

    /// The sum is one of the two neighbours already: where it is the lower one and the mode takes the upper,
    /// one more; where it is the upper one and the mode takes the lower, one less. The nearest modes differ
    /// from the hardware in ties only, so that for them the difference must be half a quantum.
    #[inline(always)]
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T> {
        let (facts, bits) = (sum.facts, sum.bits());
        // The number before half a quantum, or zero. Of infinity, less itself, neither is true: it stays.
        let below = T::from_bits(sum.half.bits().wrapping_sub(Bits::<T>::ONE) & facts.nearest);
        let short = sum.magnitude - sum.rounded();
        let low = Bits::<T>::mask(short > below);
        let high = Bits::<T>::mask(short < -below);
        // Whether the mode takes the upper neighbour, if the sum is the lower one: by the sign, or by the
        // last bit of the lower neighbour, which is the sum's, or else the other.
        let parity = Bits::<T>::ZERO.wrapping_sub(bits & Bits::<T>::ONE);
        let turned = x.negative & facts.by_sign | parity & facts.by_parity;
        let raised = turned ^ facts.flips ^ !facts.nearest;
        let kept = raised ^ facts.by_parity;
        bits.wrapping_sub(low & raised).wrapping_add(high & !kept)
    }
}

/// Any of the directed modes as data: all are rounding upwards, once the sign says whether that is away from zero.
#[derive(Clone, Copy)]
pub(super) struct Directed;

impl Mode for Directed {
    const BEYOND: Beyond = Beyond::BySign;
    type General = Any;

    #[inline(always)]
    fn bias<W: Word>(mask: W, _: W, _: W, negative: W, facts: &Facts<W>) -> W {
        mask & !(negative & facts.by_sign ^ facts.flips)
    }

    #[inline(always)]
    fn bias_at<W: Word>(bits: W, cut: &Cut<W>) -> W {
        Any::bias_at(bits, cut)
    }

    #[inline(always)]
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T> {
        let toward = x.negative & sum.facts.by_sign ^ sum.facts.flips;
        let low = Bits::<T>::mask(sum.rounded() < sum.magnitude);
        let high = Bits::<T>::mask(sum.rounded() > sum.magnitude);
        sum.bits().wrapping_sub(low & !toward).wrapping_add(high & toward)
    }

    #[inline(always)]
    fn round<T: Storage>(x: Signed<T>, c: T, ready: &Ready<T>) -> T {
        let Facts { by_sign, flips, .. } = ready.facts;
        // Negative where upwards is toward zero.
        let sign = x.sign & by_sign ^ flips & sign_bit::<T>();
        let value = T::from_bits(x.magnitude.bits() | sign);
        let c = above(c);
        let sum = value + c;
        let low = Bits::<T>::mask(sum - c < value);
        (T::from_bits(sum.bits().wrapping_sub(low)) - c).abs()
    }
}

/// Any of the nearest modes as data, which is less to do where it is the sum that is corrected.
#[derive(Clone, Copy)]
pub(super) struct Ties;

impl Mode for Ties {
    const BEYOND: Beyond = Beyond::LikeInfinity;
    type General = Self;

    #[inline(always)]
    fn bias<W: Word>(mask: W, half: W, odd: W, negative: W, facts: &Facts<W>) -> W {
        Any::bias(mask, half, odd, negative, facts)
    }

    #[inline(always)]
    fn bias_at<W: Word>(bits: W, cut: &Cut<W>) -> W {
        Any::bias_at(bits, cut)
    }

    /// Of a tie the sum is even. To the odd neighbour it goes up or down, away up only, toward zero down only; up
    /// and down as away or toward zero, by the sign.
    #[inline(always)]
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T> {
        let Facts { by_sign, by_parity, flips, .. } = sum.facts;
        let away = x.negative & by_sign ^ flips;
        sum.bits()
            .wrapping_sub(sum.tie_went_down() & away)
            .wrapping_add(sum.tie_went_up() & !(away ^ by_parity))
    }
}
