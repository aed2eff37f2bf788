//! What the deterministic modes do to a value, once for each of the two ways to round: by a *bias*
//! added to the bit pattern before its last bits are cleared, and by a *correction* of the sum that
//! the hardware has rounded to nearest even.

use super::ready::Ready;
use crate::kernel::plan::Bits;
use crate::storage::{Storage, Word};

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
        let magnitude = T::of_bits(bits ^ sign);
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
}

impl<T: Storage> Sum<T> {
    #[inline(always)]
    pub(super) fn new(magnitude: T, c: T, ready: &Ready<T>) -> Self {
        let binades = Bits::<T>::from_u64(u64::from(T::MANTISSA + 1));
        let half = T::of_bits(c.bits().wrapping_sub(binades << T::MANTISSA));
        Self::with_half(magnitude, c, half, ready)
    }

    /// With half of the quantum given, where it is below the normal numbers.
    #[inline(always)]
    pub(super) fn with_half(magnitude: T, c: T, half: T, ready: &Ready<T>) -> Self {
        Self { magnitude, c, half, sum: magnitude + c, one: ready.one }
    }

    /// What was rounded to: exact, by Sterbenz' lemma.
    #[inline(always)]
    fn rounded(self) -> T {
        self.sum - self.c
    }

    /// What was rounded to, with the sign of x.
    #[inline(always)]
    fn signed(self, x: Signed<T>) -> T {
        T::of_bits(self.rounded().bits() | x.sign)
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

    /// What to add to a bit pattern of which `mask` is cut off: `half` is mask/2, `odd` the last kept
    /// bit, `negative` all ones for negative numbers.
    fn bias<W: Word>(mask: W, half: W, odd: W, negative: W) -> W;

    /// The bits of the sum, corrected in its last place.
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T>;

    /// |x| rounded to a multiple of the last place of |x| + c.
    #[inline(always)]
    fn round<T: Storage>(x: Signed<T>, c: T, ready: &Ready<T>) -> T {
        T::of_bits(Self::correct(Sum::new(x.magnitude, c, ready), x)) - c
    }
}

/// x + 1.5·c, for c at least four times |x|: the sum stays among numbers with one last place, whatever
/// the sign of x, so that a correction by one is a step upwards.
#[inline(always)]
fn signed_sum<T: Storage>(x: Signed<T>, c: T) -> (T, T) {
    let c = T::of_bits(c.bits().wrapping_add(Bits::<T>::ONE << (T::MANTISSA - 1)));
    (x.value + c, c)
}

macro_rules! modes {
    ($(
        $(#[$doc:meta])*
        $name:ident, beyond $beyond:ident:
            |$mask:ident, $half:ident, $odd:ident, $negative:ident| $bias:expr;
            |$sum:ident, $x:ident| $correct:expr;
            $(|$y:ident, $c:ident| $round:expr;)?
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        impl Mode for $name {
            const BEYOND: Beyond = Beyond::$beyond;
            #[inline(always)]
            fn bias<W: Word>($mask: W, $half: W, $odd: W, $negative: W) -> W {
                $bias
            }
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
}

modes! {
    /// Half, less one unless the last kept bit is odd. The masks are for nothing cut off.
    NearestEven, beyond LikeInfinity:
        |mask, half, odd, _negative| half.wrapping_add(odd & mask);
        |sum, _x| sum.bits();
    /// Counted from one quantum above c, what is odd is even.
    NearestOdd, beyond LikeInfinity:
        |mask, half, odd, _negative| half.wrapping_add(!odd & W::ONE & mask);
        |sum, _x| sum.bits()
            .wrapping_sub(sum.tie_went_down())
            .wrapping_add(sum.tie_went_up());
        |x, c| {
            let c = T::of_bits(c.bits().wrapping_add(Bits::<T>::ONE));
            (x.magnitude + c) - c
        };
    NearestAway, beyond LikeInfinity:
        |mask, half, _odd, _negative| half.wrapping_add(W::ONE & mask);
        |sum, _x| sum.bits().wrapping_sub(sum.tie_went_down());
    NearestZero, beyond LikeInfinity:
        |_mask, half, _odd, _negative| half;
        |sum, _x| sum.bits().wrapping_add(sum.tie_went_up());
    Inward, beyond Alike:
        |_mask, _half, _odd, _negative| W::ZERO;
        |sum, _x| sum.truncated();
    Outward, beyond Alike:
        |mask, _half, _odd, _negative| mask;
        |sum, _x| sum.raised();
    Up, beyond BySign:
        |mask, _half, _odd, negative| mask & !negative;
        |sum, x| sum.bits()
            .wrapping_add(Bits::<T>::mask(sum.signed(x) < x.value) & (x.negative | Bits::<T>::ONE));
        |x, c| {
            let (sum, c) = signed_sum(x, c);
            let low = Bits::<T>::mask(sum - c < x.value);
            (T::of_bits(sum.bits().wrapping_sub(low)) - c).abs()
        };
    Down, beyond BySign:
        |mask, _half, _odd, negative| mask & negative;
        |sum, x| sum.bits()
            .wrapping_sub(Bits::<T>::mask(sum.signed(x) > x.value) & (x.negative | Bits::<T>::ONE));
        |x, c| {
            let (sum, c) = signed_sum(x, c);
            let high = Bits::<T>::mask(sum - c > x.value);
            (T::of_bits(sum.bits().wrapping_add(high)) - c).abs()
        };
    /// Away unless the last kept bit is odd already: truncated, with the last bit set if inexact.
    ToOdd, beyond Alike:
        |mask, _half, odd, _negative| mask & odd.wrapping_sub(W::ONE);
        |sum, _x| sum.truncated()
            | (Bits::<T>::mask(sum.rounded() != sum.magnitude) & sum.one);
}
