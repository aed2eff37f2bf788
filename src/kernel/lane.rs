//! The lanes: one value rounded without a branch, generic over storage type and mode.
//!
//! `Shift` and `ShiftDeep` are for all modes as data only.
//!
//! All start from the magnitude |x|, whose bit pattern is ordered like the number, and leave the sign
//! to the end. `Plan` says which applies.
//!
//! - [`Add`]. With c = 2^(max(e(x), emin) + cut), |x| + c has the format's quantum as its last place,
//!   so the hardware rounds it to nearest even, and subtracting c again is exact. Other modes correct
//!   the sum's last place. Subnormals need no further thought: below emin, c stays.
//! - [`Mask`]. With s bits to cut off, adding a bias below 2^s and clearing the last s bits moves to
//!   the upper neighbour exactly where the sum carries; a carry out of the significand raises the
//!   exponent, as it should. Where s is the same for all numbers that is all.
//! - [`Scale`]. The same, with the storage's subnormal numbers scaled into its normal range before
//!   and back after.
//! - [`Split`]. Clearing a constant number of bits above emin, adding a constant power of two below.
//! - [`Shift`]. Clearing bits again, with s = max(cut, quantum - unit) worked out for each value: the
//!   second wins in the format's subnormal range, where the quantum stays and the value's last bit
//!   (unit) shrinks. Parity of one-bit formats, storage subnormals, odd gaps: everything is here.
//!
//! Below the smallest positive number ("the gap") both neighbours have other exponents, and a
//! comparison with a threshold decides. Everything is selects and masks; the compiler makes vector
//! code of a loop over a lane.

use core::marker::PhantomData;

use super::cut::Cut;
use super::finish::{Finish, Full};
use super::mode::{Any, Beyond, Mode, Signed, Sum};
use super::ready::Ready;
use crate::kernel::plan::{Bits, Plan};
use crate::storage::{Storage, Word, select};

/// `x << n`, zero for n ≥ the width.
#[inline(always)]
pub(super) fn shl<W: Word>(x: W, n: W) -> W {
    let n = n.to_u32();
    if n < W::BITS { x << n } else { W::ZERO }
}

/// `x >> n`, zero for n ≥ the width.
#[inline(always)]
pub(super) fn shr<W: Word>(x: W, n: W) -> W {
    let n = n.to_u32();
    if n < W::BITS { x >> n } else { W::ZERO }
}

/// a - b, or 0 where that would be negative.
#[inline(always)]
pub(super) fn monus<W: Word>(a: W, b: W) -> W {
    (a.wrapping_sub(b)) & b.less(a)
}

/// The larger.
#[inline(always)]
fn most<W: Word>(a: W, b: W) -> W {
    select(a.less(b), b, a)
}

/// The smaller.
#[inline(always)]
fn least<W: Word>(a: W, b: W) -> W {
    select(a.less(b), a, b)
}

/// A way to round one value.
pub(super) trait Lane: Copy + Send + Sync {
    /// The lane where loops are to be few.
    type General: Lane;
    /// Whether so much is done with a value that a copy of it more does not count: one loop then serves
    /// in place and out of place.
    const COPIES: bool = false;
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T;
}

macro_rules! lanes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(super) struct $name<M, F>(PhantomData<(M, F)>);
    )*};
}
lanes! {
    /// By adding a power of two.
    Add
    /// By clearing a constant number of bits.
    Mask
    /// By clearing a constant number of bits, with storage subnormals scaled up.
    Scale
    /// By clearing a constant number of bits of the format's normal numbers, and adding a power of two to
    /// its subnormal ones.
    Split
    /// By clearing a number of bits worked out for the value.
    Shift
    /// By clearing a number of bits worked out for the value, in formats with quanta finer than p bits of
    /// storage subnormals.
    ShiftDeep
}

/// The power of two that stands for the value's exponent: clamped to the format's range, and where
/// the gap is one step wide lifted over all of it.
#[inline(always)]
pub(super) fn power<T: Storage, F: Finish>(magnitude: T, ready: &Ready<T>) -> T {
    let power = T::from_bits(magnitude.bits() & T::INFINITY);
    let power = if power > ready.low { power } else { ready.low };
    let power = if power < ready.top { power } else { ready.top };
    if F::GAP && magnitude < ready.gap { ready.gap_power } else { power }
}

impl<M: Mode, F: Finish> Lane for Add<M, F> {
    type General = Add<M::General, F>;
    const COPIES: bool = F::GAP;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        let x = Signed::of(x);
        let c = T::from_bits(power::<T, F>(x.magnitude, ready).bits().wrapping_add(ready.lift));
        F::finish(M::round(x, c, ready), x, M::BEYOND, ready)
    }
}

/// The bit pattern with a constant number of bits cut off, given also the pattern with its sign.
#[inline(always)]
fn masked<T: Storage, M: Mode>(x: T, signed: Bits<T>, ready: &Ready<T>) -> T {
    let bias = M::bias_at(signed, &ready.at);
    T::from_bits(x.bits().wrapping_add(bias) & !ready.at.mask)
}

/// Below the smallest number: that or zero.
#[inline(always)]
pub(super) fn over_gap<T: Storage>(x: Signed<T>, rounded: T, ready: &Ready<T>) -> T {
    let bits = x.magnitude.bits();
    let threshold = select(x.negative, ready.threshold[1], ready.threshold[0]);
    let step = ready.smallest & !bits.less(threshold);
    T::from_bits(select(bits.less(ready.smallest), step, rounded.bits()))
}

/// One value between two normal numbers of the format, if it is one.
#[inline(always)]
pub(super) fn regular<T: Storage, M: Mode>(x: T, plan: &Plan) -> Option<T> {
    let bits = is_regular(x, plan)?;
    let cut = Cut::of_plan(plan);
    let rounded = bits.wrapping_add(M::bias_at(x.bits(), &cut)) & !cut.mask;
    Some(T::from_bits(rounded | bits ^ x.bits()))
}

/// Whether the rounding changes there: at the numbers of the format or, in the nearest modes, half way between two.
#[inline(always)]
pub(super) fn changes_at<T: Storage>(x: T, plan: &Plan) -> bool {
    x.bits() & Bits::<T>::from_u64(plan.mask) == Bits::<T>::from_u64(plan.changes)
}

/// The magnitude's bits, the sign too where the format has none.
#[inline(always)]
fn magnitude<T: Storage>(x: T, plan: &Plan) -> Bits<T> {
    x.bits() & Bits::<T>::from_u64(plan.magnitude)
}

/// The magnitude's bits, if it lies between two normal numbers and the format has its sign.
#[inline(always)]
pub(super) fn is_regular<T: Storage>(x: T, plan: &Plan) -> Option<Bits<T>> {
    let bits = magnitude(x, plan);
    let beyond = bits.wrapping_sub(Bits::<T>::from_u64(plan.regular));
    (beyond < Bits::<T>::from_u64(plan.span)).then_some(bits)
}

/// Whether it is a zero that stays what it is.
#[inline(always)]
pub(super) fn keeps_zero<T: Storage>(x: T, plan: &Plan) -> bool {
    magnitude(x, plan) | Bits::<T>::from_u64(plan.changes_zero) == Bits::<T>::ZERO
}

impl<M: Mode, F: Finish> Lane for Mask<M, F> {
    type General = Mask<M::General, F>;
    const COPIES: bool = F::GAP;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        let x = Signed::of(x);
        let r = masked::<T, M>(x.operand::<F>(), x.value.bits(), ready);
        let r = if F::GAP { over_gap(x, r, ready) } else { r };
        F::finish(r, x, M::BEYOND, ready)
    }
}

/// The factors 2^±(mantissa + 1), which take storage subnormals into the normal range and back.
#[inline(always)]
pub(super) fn binades<T: Storage>() -> [Bits<T>; 2] {
    let (one, binades) = (T::one().bits(), Bits::<T>::from_u64(u64::from(T::MANTISSA + 1)));
    let binades = binades << T::MANTISSA;
    [one.wrapping_add(binades), one.wrapping_sub(binades)]
}

/// Rounds with storage subnormals scaled up before and back after.
#[inline(always)]
pub(super) fn scaled<T: Storage, R>(x: T, round: impl FnOnce(T) -> (T, R)) -> (T, R) {
    let [up, down] = binades::<T>().map(T::from_bits);
    let subnormal = x.bits() & T::INFINITY == Bits::<T>::ZERO;
    let (r, rest) = round(if subnormal { x * up } else { x });
    (if subnormal { r * down } else { r }, rest)
}

impl<M: Mode, F: Finish> Lane for Scale<M, F> {
    type General = Scale<M::General, F>;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        let x = Signed::of(x);
        let (r, ()) = scaled(x.operand::<F>(), |up| {
            let signed = if F::KEEPS_SIGN { up.bits() } else { up.bits() | x.sign };
            (masked::<T, M>(up, signed, ready), ())
        });
        F::finish(r, x, M::BEYOND, ready)
    }
}

impl<M: Mode, F: Finish> Lane for Split<M, F> {
    type General = Split<M::General, F>;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        let x = Signed::of(x);
        let normal = masked::<T, M>(x.magnitude, x.value.bits(), ready);
        let sum = Sum::with_half(x.magnitude, ready.floor, ready.floor_half, ready);
        let subnormal = T::from_bits(M::correct(sum, x)) - ready.floor;
        let r = if x.magnitude < ready.low { subnormal } else { normal };
        // A carry into infinity is an overflow; the finish must not take it for infinity.
        let finite = x.magnitude.bits().less(T::INFINITY);
        let carried = Bits::<T>::mask(r.bits() == T::INFINITY) & finite;
        let r = if M::BEYOND == Beyond::LikeInfinity {
            r
        } else {
            T::from_bits(r.bits().wrapping_add(carried))
        };
        F::finish(r, x, M::BEYOND, ready)
    }
}

/// What the lane `Shift` knows of a value.
pub(super) struct Parts<W> {
    /// Exponent of the last bit, counted from the storage's smallest.
    pub(super) unit: W,
    /// Bits to cut off.
    pub(super) cut: W,
    /// Exponent of the leading bit, counted from the storage's smallest.
    pub(super) leading: W,
}

#[inline(always)]
pub(super) fn take_apart<T: Storage, const DEEP: bool>(
    magnitude: Bits<T>,
    ready: &Ready<T>,
) -> Parts<Bits<T>> {
    let mantissa = Bits::<T>::from_u64(u64::from(T::MANTISSA));
    let field = magnitude >> T::MANTISSA;
    let unit = monus(field, Bits::<T>::ONE);
    let mut leading = unit.wrapping_add(mantissa);
    let constant = Bits::<T>::from_u64(u64::from(ready.cut));
    let mut cut = constant;
    if DEEP {
        // A storage subnormal is the integer `magnitude`; written behind 2^m as a significand and
        // with 2^m subtracted again, its exponent comes out as a float's.
        let exponent_of_one = T::one().bits() >> T::MANTISSA;
        let scale = (exponent_of_one + mantissa) << T::MANTISSA;
        let integer =
            T::from_bits(magnitude & ((Bits::<T>::ONE << T::MANTISSA) - Bits::<T>::ONE) | scale)
                - T::from_bits(scale);
        let exponent = monus(integer.bits() >> T::MANTISSA, exponent_of_one);
        let subnormal = Bits::<T>::mask(field == Bits::<T>::ZERO);
        leading = select(subnormal, exponent, leading);
        cut = select(subnormal, monus(exponent.wrapping_add(constant), mantissa), cut);
    }
    Parts { unit, cut: most(monus(ready.quantum, unit), cut), leading }
}

/// The last kept bit with `cut` bits cut off.
#[inline(always)]
fn odd<T: Storage>(
    magnitude: Bits<T>,
    parts: &Parts<Bits<T>>,
    cut: Bits<T>,
    ready: &Ready<T>,
) -> Bits<T> {
    // The hidden bit is the last one kept of the smallest subnormal numbers.
    let last = shr(magnitude | Bits::<T>::ONE << T::MANTISSA, cut);
    select(ready.one_bit, parts.leading ^ ready.parity, last) & Bits::<T>::ONE
}

/// The bits cut off an in-range number: never more than a significand has.
#[inline(always)]
pub(super) fn kept_cut<T: Storage>(parts: &Parts<Bits<T>>) -> Bits<T> {
    least(parts.cut, Bits::<T>::from_u64(u64::from(T::MANTISSA)))
}

#[inline(always)]
fn shifted<T: Storage, const DEEP: bool>(x: T, ready: &Ready<T>) -> T {
    let x = Signed::of(x);
    let magnitude = x.magnitude.bits();
    let parts = take_apart::<T, DEEP>(magnitude, ready);
    let cut = kept_cut::<T>(&parts);
    let mask = shl(Bits::<T>::ONE, cut).wrapping_sub(Bits::<T>::ONE);
    let odd = odd::<T>(magnitude, &parts, cut, ready);
    let bias = Any::bias(mask, mask >> 1, odd, x.negative, &ready.facts);
    let regular = T::from_bits(magnitude.wrapping_add(bias) & !mask);
    Full::finish(over_gap(x, regular, ready), x, Any::BEYOND, ready)
}

impl<F: Finish> Lane for Shift<Any, F> {
    type General = Self;
    const COPIES: bool = true;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        shifted::<T, false>(x, ready)
    }
}

impl<F: Finish> Lane for ShiftDeep<Any, F> {
    type General = Self;
    const COPIES: bool = true;

    #[inline(always)]
    fn round<T: Storage>(x: T, ready: &Ready<T>) -> T {
        shifted::<T, true>(x, ready)
    }
}
