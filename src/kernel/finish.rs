//! What comes after the rounding of a magnitude: overflow, infinity, NaN, zeros and signs, by selects.

use super::mode::{Beyond, Signed};
use super::ready::Ready;
use crate::kernel::plan::Bits;
use crate::storage::{Storage, Word, quiet_nan, select};

/// What comes after the rounding of the magnitude.
pub(super) trait Finish: Copy + Send + Sync {
    /// Whether there can be a gap below the smallest number.
    const GAP: bool;
    /// Whether what was rounded kept its sign bit, so that none need be put back.
    const KEEPS_SIGN: bool;
    /// The result for `x`, of which `rounded` is the rounded magnitude, or the value where the sign is
    /// kept.
    fn finish<T: Storage>(rounded: T, x: Signed<T>, beyond: Beyond, ready: &Ready<T>) -> T;
}

impl<T: Storage> Signed<T> {
    /// What the lanes that work on bits round.
    #[inline(always)]
    pub(super) fn operand<F: Finish>(self) -> T {
        if F::KEEPS_SIGN { self.value } else { self.magnitude }
    }
}

/// NaN alone: rounding has carried into infinity where it had to, and never reaches the sign bit.
#[derive(Clone, Copy)]
pub(super) struct Natural;

impl Finish for Natural {
    const GAP: bool = false;
    const KEEPS_SIGN: bool = true;

    #[inline(always)]
    fn finish<T: Storage>(rounded: T, x: Signed<T>, _: Beyond, _: &Ready<T>) -> T {
        let nan = T::from_bits(quiet_nan::<T>().bits() | x.sign);
        if x.value.is_nan() { nan } else { rounded }
    }
}

/// Overflow, infinity and NaN, for signed formats with both zeros and gradual underflow, and where the
/// nearest modes make of a number beyond the largest what they make of infinity.
#[derive(Clone, Copy)]
pub(super) struct Plain;

impl Finish for Plain {
    const GAP: bool = false;
    const KEEPS_SIGN: bool = false;

    #[inline(always)]
    fn finish<T: Storage>(rounded: T, x: Signed<T>, beyond: Beyond, ready: &Ready<T>) -> T {
        let r = if beyond == Beyond::LikeInfinity {
            let r = if rounded > ready.largest { ready.overflow[0] } else { rounded };
            if x.magnitude.is_nan() { quiet_nan() } else { r }
        } else {
            // Two tests for three cases: infinity lies in the one range, in the other, or in neither,
            // as the plan has it. Nothing finite has been rounded to infinity.
            let [plus, minus] = ready.overflow.map(T::bits);
            let turn = if beyond == Beyond::BySign { x.negative } else { Bits::<T>::ZERO };
            let overflow = plus ^ turn & (plus ^ minus);
            let above = rounded.bits().wrapping_add(ready.above).less(ready.above_end);
            let r = select(above, overflow, rounded.bits());
            T::from_bits(select(
                ready.before_nan.less(x.magnitude.bits()),
                quiet_nan::<T>().bits(),
                r,
            ))
        };
        T::from_bits(r.bits() | x.sign)
    }
}

/// Everything a format and a policy can ask for.
#[derive(Clone, Copy)]
pub(super) struct Full;

impl Finish for Full {
    const GAP: bool = true;
    const KEEPS_SIGN: bool = false;

    #[inline(always)]
    fn finish<T: Storage>(rounded: T, x: Signed<T>, _: Beyond, ready: &Ready<T>) -> T {
        type B<T> = Bits<T>;
        let (zero, magnitude, rounded) = (B::<T>::ZERO, x.magnitude.bits(), rounded.bits());
        let by_sign = |pair: [T; 2]| select(x.negative, pair[1].bits(), pair[0].bits());
        let mut r = rounded & !rounded.less(ready.flush.bits());
        let lost = x.negative & !ready.signed & B::<T>::mask(r != zero);
        r = select(ready.largest.bits().less(r), by_sign(ready.overflow), r);
        r = select(lost, ready.negative.bits(), r);
        r = select(B::<T>::mask(magnitude == zero), ready.zero.bits(), r);
        let infinite = B::<T>::mask(magnitude == T::INFINITY);
        r = select(infinite, by_sign(ready.infinity), r);
        r = select(T::INFINITY.less(magnitude), quiet_nan::<T>().bits(), r);
        let keeps_sign = select(B::<T>::mask(r == zero), ready.negative_zero, ready.signed);
        T::from_bits(r | x.sign & (keeps_sign | T::INFINITY.less(r)))
    }
}
