//! What the deterministic modes do to a value, once for each of the two ways to round: by a *bias*
//! added to the bit pattern before its last bits are cleared, and by a *correction* of the sum that
//! the hardware has rounded to nearest even.

use super::lane::Signed;
use crate::plan::Bits;
use crate::storage::{Storage, Word};

/// |x| + c as the hardware rounds it, with c so large that the sum's last bit is the quantum wanted.
#[derive(Clone, Copy)]
pub(super) struct Sum<T> {
    /// |x|.
    magnitude: T,
    /// A power of two, at least four times |x|.
    c: T,
    /// Half a quantum.
    half: T,
    sum: T,
}

impl<T: Storage> Sum<T> {
    #[inline(always)]
    pub(super) fn new(magnitude: T, c: T) -> Self {
        let binades = Bits::<T>::from_u64(u64::from(T::MANTISSA + 1));
        let half = T::of_bits(c.bits().wrapping_sub(binades << T::MANTISSA));
        Self::with_half(magnitude, c, half)
    }

    /// With half of the quantum given, where it is below the normal numbers.
    #[inline(always)]
    pub(super) fn with_half(magnitude: T, c: T, half: T) -> Self {
        Self { magnitude, c, half, sum: magnitude + c }
    }

    /// What was rounded to: exact, by Sterbenz' lemma.
    #[inline(always)]
    fn rounded(self) -> T {
        self.sum - self.c
    }

    /// The same with the sign of x.
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

/// A deterministic mode.
pub(super) trait Mode: Copy + Send + Sync {
    /// Whether the overflow of a negative number can differ from that of a positive one.
    const SIGNED: bool;

    /// What to add to a bit pattern of which `mask` is cut off: `half` is mask/2, `odd` the last kept
    /// bit, `negative` all ones for negative numbers.
    fn bias<W: Word>(mask: W, half: W, odd: W, negative: W) -> W;

    /// The bits of the sum, corrected in its last place.
    fn correct<T: Storage>(sum: Sum<T>, x: Signed<T>) -> Bits<T>;
}

macro_rules! modes {
    ($(
        $(#[$doc:meta])*
        $name:ident, signed $signed:literal:
            |$mask:ident, $half:ident, $odd:ident, $negative:ident| $bias:expr;
            |$sum:ident, $x:ident| $correct:expr;
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name;
        impl Mode for $name {
            const SIGNED: bool = $signed;
            #[inline(always)]
            fn bias<W: Word>($mask: W, $half: W, $odd: W, $negative: W) -> W {
                $bias
            }
            #[inline(always)]
            fn correct<T: Storage>($sum: Sum<T>, $x: Signed<T>) -> Bits<T> {
                $correct
            }
        }
    )*};
}

modes! {
    /// Half, less one unless the last kept bit is odd. The masks are for nothing cut off.
    NearestEven, signed false:
        |mask, half, odd, _negative| half.wrapping_add(odd & mask);
        |sum, _x| sum.bits();
    NearestOdd, signed false:
        |mask, half, odd, _negative| half.wrapping_add(!odd & W::ONE & mask);
        |sum, _x| sum.bits()
            .wrapping_sub(sum.tie_went_down())
            .wrapping_add(sum.tie_went_up());
    NearestAway, signed false:
        |mask, half, _odd, _negative| half.wrapping_add(W::ONE & mask);
        |sum, _x| sum.bits().wrapping_sub(sum.tie_went_down());
    NearestZero, signed false:
        |_mask, half, _odd, _negative| half;
        |sum, _x| sum.bits().wrapping_add(sum.tie_went_up());
    Inward, signed false:
        |_mask, _half, _odd, _negative| W::ZERO;
        |sum, _x| sum.truncated();
    Outward, signed false:
        |mask, _half, _odd, _negative| mask;
        |sum, _x| sum.raised();
    Up, signed true:
        |mask, _half, _odd, negative| mask & !negative;
        |sum, x| sum.bits()
            .wrapping_add(Bits::<T>::mask(sum.signed(x) < x.value()) & (x.negative | Bits::<T>::ONE));
    Down, signed true:
        |mask, _half, _odd, negative| mask & negative;
        |sum, x| sum.bits()
            .wrapping_sub(Bits::<T>::mask(sum.signed(x) > x.value()) & (x.negative | Bits::<T>::ONE));
    /// Away unless the last kept bit is odd already: truncated, with the last bit set if inexact.
    ToOdd, signed false:
        |mask, _half, odd, _negative| mask & odd.wrapping_sub(W::ONE);
        |sum, _x| sum.truncated()
            | (Bits::<T>::mask(sum.rounded() != sum.magnitude) & Bits::<T>::ONE);
}
