//! Values to codes and back without a branch, by the constants of a `CodePlan`.
//!
//! A normal number's magnitude code is its bit pattern without the last `cut` bits, less a constant.
//! For the format's subnormal numbers a power of two is added whose last place is their quantum: the
//! last bits of the sum are then the integer that is their code. A format with numbers below the
//! storage's normal range (`DEEP`) has them scaled up first, and its subnormal ones differ from the
//! storage's by a shift.
//!
//! A lane does not say which element was wrong, only that one was: the caller then goes through them
//! by the definition.

use crate::code_plan::{CodePlan, CodeReady};
use crate::format::{Code, CodeView, CodeViewMut};
use crate::level::{self, Work};
use crate::plan::Bits;
use crate::storage::sealed::{View, ViewMut};
use crate::storage::{Storage, Word};

use super::lane::{Signed, scales, select};

/// Elements that go through a loop's body together: a vector of bytes.
const BLOCK: usize = 64;

/// The code of a member, and a word that is not zero where the value is a NaN without one.
#[inline(always)]
fn encode_one<T: Storage, const DEEP: bool>(x: T, ready: &CodeReady<T>) -> (Bits<T>, Bits<T>) {
    let x = Signed::of(x);
    let magnitude = x.magnitude.bits();
    let (normal, subnormal) = if DEEP {
        let scaled = (x.magnitude * scales(x.magnitude).0).bits() >> ready.cut;
        let lifted = ready.scaled & Bits::<T>::mask(x.magnitude < T::min_positive_value());
        let normal = scaled.wrapping_sub(ready.offset).wrapping_sub(lifted);
        (normal, magnitude << ready.up >> ready.down)
    } else {
        let integer = (x.magnitude + ready.power).bits().wrapping_sub(ready.power.bits());
        ((magnitude >> ready.cut).wrapping_sub(ready.offset), integer)
    };
    let sign = x.sign >> ready.sign_shift;
    let code = select(magnitude.less(ready.low), subnormal, normal);
    let code = select(Bits::<T>::mask(magnitude == T::INFINITY), ready.infinity, code) | sign;
    let is_nan = T::INFINITY.less(magnitude);
    let code = select(is_nan, ready.nan | sign & ready.nan_sign, code);
    (code, is_nan & ready.no_nan)
}

/// The value of a code, and a word that is not zero where it has none.
#[inline(always)]
fn decode_one<T: Storage, const DEEP: bool, const DENSE: bool>(
    code: Bits<T>,
    ready: &CodeReady<T>,
) -> (T, Bits<T>) {
    let zero = Bits::<T>::ZERO;
    let mask = Bits::<T>::mask;
    let magnitude = code & ready.magnitude;
    let sign = code & ready.sign;
    let mut wrong = code & !(ready.magnitude | ready.sign);
    let field = magnitude.wrapping_add(ready.offset);
    let is_low = magnitude.less(ready.low_code);
    let bits = if DEEP {
        let below = field.less(ready.one);
        let (one, [up, down]) = (T::one().bits(), binades::<T>());
        let scaled = T::of_bits(field.wrapping_add(ready.scaled & below) << ready.cut);
        // By powers of two, so that the number is the storage's just where it comes back.
        let normal = scaled * T::of_bits(select(below, down, one));
        let back = normal * T::of_bits(select(below, up, one));
        let subnormal = magnitude << ready.down >> ready.up;
        let lost = mask(subnormal << ready.up >> ready.down != magnitude);
        let inexact = select(is_low, lost, mask(back.bits() != scaled.bits()));
        wrong = wrong | inexact & magnitude.less(ready.largest.wrapping_add(Bits::<T>::ONE));
        select(is_low, subnormal, normal.bits())
    } else {
        let integer = T::of_bits(ready.power.bits().wrapping_add(magnitude)) - ready.power;
        select(is_low, integer.bits(), field << ready.cut)
    };
    let is_infinite = mask(magnitude == ready.infinity);
    let bits = select(is_infinite, T::INFINITY, bits);
    let is_zero = mask(magnitude == zero);
    let is_nan = ready.last_before_nan.less(magnitude)
        | is_zero & mask(sign != zero) & ready.nan_at_minus_zero;
    let bits = select(is_nan, T::nan().bits() & !(Bits::<T>::ONE << (Bits::<T>::BITS - 1)), bits);
    if !DENSE {
        let outside = magnitude.less(ready.smallest) | ready.largest.less(magnitude);
        let zero_has_code = ready.zero & (mask(sign == zero) | ready.minus_zero);
        wrong = wrong | outside & !(is_infinite | is_nan | is_zero & zero_has_code);
    }
    (T::of_bits(bits | sign << ready.sign_shift), wrong)
}

/// The factors 2^±(mantissa + 1), as `scales` has them.
#[inline(always)]
fn binades<T: Storage>() -> [Bits<T>; 2] {
    let binades = Bits::<T>::from_u64(u64::from(T::MANTISSA + 1)) << T::MANTISSA;
    [T::one().bits() + binades, T::one().bits() - binades]
}

/// Members to codes; whether all had one.
struct Encode<'a, T, C, const DEEP: bool> {
    plan: &'a CodePlan,
    values: &'a [[T; BLOCK]],
    codes: &'a mut [[C; BLOCK]],
}

impl<T: Storage, C: Code, const DEEP: bool> Work for Encode<'_, T, C, DEEP> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let ready = CodeReady::<T>::of(self.plan);
        let mut wrong = Bits::<T>::ZERO;
        for (values, codes) in self.values.iter().zip(self.codes) {
            for i in 0..BLOCK {
                let (code, bad) = encode_one::<T, DEEP>(values[i], &ready);
                codes[i] = C::narrow(code.to_u64());
                wrong = wrong | bad;
            }
        }
        wrong == Bits::<T>::ZERO
    }
}

/// Any values to codes; whether all were members.
struct EncodeChecked<'a, T, C, const DEEP: bool>(Encode<'a, T, C, DEEP>);

impl<T: Storage, C: Code, const DEEP: bool> Work for EncodeChecked<'_, T, C, DEEP> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Encode { plan, values, codes } = self.0;
        let ready = CodeReady::<T>::of(plan);
        let mut wrong = Bits::<T>::ZERO;
        for (values, codes) in values.iter().zip(codes) {
            for i in 0..BLOCK {
                let (code, bad) = encode_one::<T, DEEP>(values[i], &ready);
                // A code that gives the value back is its code, and the value a member.
                let (back, no_value) = decode_one::<T, DEEP, false>(code, &ready);
                let other = back.bits() ^ values[i].bits() | no_value;
                let other = if values[i].is_nan() { Bits::<T>::ZERO } else { other };
                codes[i] = C::narrow(code.to_u64());
                wrong = wrong | bad | other;
            }
        }
        wrong == Bits::<T>::ZERO
    }
}

/// Codes to values; whether all had one.
struct Decode<'a, T, C, const DEEP: bool, const DENSE: bool> {
    plan: &'a CodePlan,
    codes: &'a [[C; BLOCK]],
    values: &'a mut [[T; BLOCK]],
}

impl<T: Storage, C: Code, const DEEP: bool, const DENSE: bool> Work
    for Decode<'_, T, C, DEEP, DENSE>
{
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let ready = CodeReady::<T>::of(self.plan);
        let mut wrong = Bits::<T>::ZERO;
        for (codes, values) in self.codes.iter().zip(self.values) {
            for i in 0..BLOCK {
                let code = Bits::<T>::from_u64(codes[i].widen());
                let (value, bad) = decode_one::<T, DEEP, DENSE>(code, &ready);
                values[i] = value;
                let cut_off = Bits::<T>::mask(code.to_u64() != codes[i].widen());
                wrong = wrong | bad | cut_off;
            }
        }
        wrong == Bits::<T>::ZERO
    }
}

/// Calls `run` with whole blocks, then with what is left, padded with copies of its first element.
#[inline(always)]
fn by_blocks<A: Copy, B: Copy + Default>(
    from: &[A],
    to: &mut [B],
    mut run: impl FnMut(&[[A; BLOCK]], &mut [[B; BLOCK]]) -> bool,
) -> bool {
    let (from, rest) = from.as_chunks();
    let (to, places) = to.as_chunks_mut();
    let whole = from.is_empty() || run(from, to);
    let Some(&first) = rest.first() else { return whole };
    let (mut padded, mut results) = ([[first; BLOCK]], [[B::default(); BLOCK]]);
    padded[0][..rest.len()].copy_from_slice(rest);
    let part = run(&padded, &mut results);
    places.copy_from_slice(&results[0][..rest.len()]);
    whole && part
}

#[inline(always)]
fn encode_typed<T: Storage, C: Code + Default>(
    plan: &CodePlan,
    values: &[T],
    codes: &mut [C],
    checked: bool,
) -> bool {
    by_blocks(values, codes, |values, codes| match (plan.deep, checked) {
        (false, false) => level::run(Encode::<T, C, false> { plan, values, codes }),
        (true, false) => level::run(Encode::<T, C, true> { plan, values, codes }),
        (false, true) => level::run(EncodeChecked(Encode::<T, C, false> { plan, values, codes })),
        (true, true) => level::run(EncodeChecked(Encode::<T, C, true> { plan, values, codes })),
    })
}

#[inline(always)]
fn decode_typed<T: Storage, C: Code>(plan: &CodePlan, codes: &[C], values: &mut [T]) -> bool {
    by_blocks(codes, values, |codes, values| match (plan.deep, plan.dense) {
        (true, _) => level::run(Decode::<T, C, true, false> { plan, codes, values }),
        (false, false) => level::run(Decode::<T, C, false, false> { plan, codes, values }),
        (false, true) => level::run(Decode::<T, C, false, true> { plan, codes, values }),
    })
}

// Not generic, so that they are compiled in this crate, once, and with its optimisation.

fn encode_view(plan: &CodePlan, values: View<'_>, codes: CodeViewMut<'_>, checked: bool) -> bool {
    match (values, codes) {
        (View::Single(x), CodeViewMut::U8(c)) => encode_typed(plan, x, c, checked),
        (View::Single(x), CodeViewMut::U16(c)) => encode_typed(plan, x, c, checked),
        (View::Single(x), CodeViewMut::U32(c)) => encode_typed(plan, x, c, checked),
        (View::Single(x), CodeViewMut::U64(c)) => encode_typed(plan, x, c, checked),
        (View::Double(x), CodeViewMut::U8(c)) => encode_typed(plan, x, c, checked),
        (View::Double(x), CodeViewMut::U16(c)) => encode_typed(plan, x, c, checked),
        (View::Double(x), CodeViewMut::U32(c)) => encode_typed(plan, x, c, checked),
        (View::Double(x), CodeViewMut::U64(c)) => encode_typed(plan, x, c, checked),
    }
}

fn decode_view(plan: &CodePlan, codes: CodeView<'_>, values: ViewMut<'_>) -> bool {
    match (codes, values) {
        (CodeView::U8(c), ViewMut::Single(x)) => decode_typed(plan, c, x),
        (CodeView::U16(c), ViewMut::Single(x)) => decode_typed(plan, c, x),
        (CodeView::U32(c), ViewMut::Single(x)) => decode_typed(plan, c, x),
        (CodeView::U64(c), ViewMut::Single(x)) => decode_typed(plan, c, x),
        (CodeView::U8(c), ViewMut::Double(x)) => decode_typed(plan, c, x),
        (CodeView::U16(c), ViewMut::Double(x)) => decode_typed(plan, c, x),
        (CodeView::U32(c), ViewMut::Double(x)) => decode_typed(plan, c, x),
        (CodeView::U64(c), ViewMut::Double(x)) => decode_typed(plan, c, x),
    }
}

/// The codes of results of a rounding to the plan's format: members, and NaN. False where a NaN has
/// no code.
pub(crate) fn encode<T: Storage, C: Code>(plan: &CodePlan, values: &[T], codes: &mut [C]) -> bool {
    encode_view(plan, T::view(values), C::view_mut(codes), false)
}

/// The codes of any values. False where one has none.
pub(crate) fn encode_checked<T: Storage, C: Code>(
    plan: &CodePlan,
    values: &[T],
    codes: &mut [C],
) -> bool {
    encode_view(plan, T::view(values), C::view_mut(codes), true)
}

/// The values of codes. False where one stands for nothing that the storage type holds.
pub(crate) fn decode<C: Code, T: Storage>(plan: &CodePlan, codes: &[C], values: &mut [T]) -> bool {
    decode_view(plan, C::view(codes), T::view_mut(values))
}
