//! Values to codes and back without a branch, by the constants of a `CodePlan`.
//!
//! A normal number's magnitude code is its bit pattern without the last `cut` bits, less a constant.
//! For the format's subnormal numbers a power of two is added whose last place is their quantum: the
//! last bits of the sum are then the integer that is their code. A format with numbers below the
//! storage's normal range (`DEEP`) has them scaled up first, and its subnormal ones differ from the
//! storage's by a shift.
//!
//! Rounding in the way `Add` has the code at hand on the way: [`Rounded`] does both in one loop.
//!
//! A lane does not say which element was wrong, only that one was: the caller then goes through them
//! by the definition.

use core::marker::PhantomData;

use super::ready::Ready;
use crate::definition::Rule;
use crate::format::{Code, EachCode};
use crate::kernel::code_plan::{CodePlan, CodeReady};
use crate::kernel::plan::{Bits, Plan};
use crate::level::{self, Specialized, Work};
use crate::rounding::{Decision, Tie};
use crate::storage::sealed::Both;
use crate::storage::{Storage, Word, select};

use super::choice::{with_kind, with_mode};
use super::finish::Plain;
use super::lane::{binades, power};
use super::mode::{self, Beyond, Mode, Signed, Sum};

/// The loops run over a multiple of this many values, so that all of it is in vectors and no loop for the rest
/// is needed.
///
/// They run over all values in one go, though, and not block by block as those of `loops.rs` do. While a loop
/// runs, a vector register collects, in each of its lanes, whether a value of that lane was wrong; at the loop's
/// end its lanes are brought together into one number, which takes about ten instructions. Once a call that is
/// nothing; once a block of 64 bytes it would take longer than the block.
const BLOCK: usize = 64;

/// Goes through both, and ors together what `one` gives. A function of its own because the compiler
/// believes of parameters that they do not overlap: otherwise it would test that, and keep a second loop
/// that takes one value at a time.
#[inline(always)]
fn each<A: Copy, B, W: Word>(
    from: &[[A; BLOCK]],
    to: &mut [[B; BLOCK]],
    one: impl Fn(A) -> (B, W),
) -> W {
    let mut wrong = W::ZERO;
    for (&x, place) in from.as_flattened().iter().zip(to.as_flattened_mut()) {
        let (y, bad) = one(x);
        *place = y;
        wrong = wrong | bad;
    }
    wrong
}

/// The code of a member, and a word that is not zero where the value is a NaN without one.
#[inline(always)]
fn encode_one<T: Storage, const DEEP: bool>(x: T, ready: &CodeReady<T>) -> (Bits<T>, Bits<T>) {
    let x = Signed::of(x);
    let magnitude = x.magnitude.bits();
    let (normal, subnormal) = if DEEP {
        let below = x.magnitude < T::min_positive_value();
        let up = T::from_bits(binades::<T>()[0]);
        let scaled = if below { x.magnitude * up } else { x.magnitude };
        let lifted = ready.scaled & Bits::<T>::mask(below);
        let normal = (scaled.bits() >> ready.cut).wrapping_sub(ready.offset).wrapping_sub(lifted);
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
        let scaled = T::from_bits(field.wrapping_add(ready.scaled & below) << ready.cut);
        // By powers of two, so that the number is the storage's just where it comes back.
        let normal = scaled * T::from_bits(select(below, down, one));
        let back = normal * T::from_bits(select(below, up, one));
        let subnormal = magnitude << ready.down >> ready.up;
        let lost = mask(subnormal << ready.up >> ready.down != magnitude);
        let inexact = select(is_low, lost, mask(back.bits() != scaled.bits()));
        wrong = wrong | inexact & magnitude.less(ready.largest.wrapping_add(Bits::<T>::ONE));
        select(is_low, subnormal, normal.bits())
    } else {
        let integer = T::from_bits(ready.power.bits().wrapping_add(magnitude)) - ready.power;
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
    (T::from_bits(bits | sign << ready.sign_shift), wrong)
}

/// Rounds in the way `Add` and gives the code at once: |x| + c less c, as integers, counts quanta from
/// the start of the value's binade, and c's exponent counts the binades. `Finish::Plain` only.
struct Rounded<T: Storage> {
    ready: Ready<T>,
    /// c's bits without the last `cut`, for numbers up to 2^(emin + 1).
    base: Bits<T>,
    largest: Bits<T>,
    overflow: [Bits<T>; 2],
    infinity: Bits<T>,
    nan: Bits<T>,
    no_nan: Bits<T>,
    sign_shift: u32,
}

impl<T: Storage> Rounded<T> {
    #[inline(always)]
    fn of(plan: &Plan, codes: &CodePlan) -> Self {
        let (ready, codes) = (Ready::<T>::of(plan), CodeReady::<T>::of(codes));
        let code = |x: T| encode_one::<T, false>(x, &codes).0;
        Self {
            base: ready.low.bits().wrapping_add(ready.lift) >> ready.cut,
            largest: code(ready.largest),
            overflow: ready.overflow.map(code),
            infinity: code(ready.infinity[0]),
            nan: codes.nan,
            no_nan: codes.no_nan,
            sign_shift: codes.sign_shift,
            ready,
        }
    }

    /// The code, and a word that is not zero where the value is a NaN without one.
    #[inline(always)]
    fn code<M: Mode>(&self, x: T) -> (Bits<T>, Bits<T>) {
        let x = Signed::of(x);
        let power = power::<T, Plain>(x.magnitude, &self.ready);
        let c = power.bits().wrapping_add(self.ready.lift);
        let sum = M::correct(Sum::new(x.magnitude, T::from_bits(c), &self.ready), x);
        let binades = (c >> self.ready.cut).wrapping_sub(self.base);
        let code = sum.wrapping_sub(c).wrapping_add(binades);
        let [plus, minus] = self.overflow;
        let turn = if M::BEYOND == Beyond::BySign { x.negative } else { Bits::<T>::ZERO };
        let code = select(self.largest.less(code), plus ^ turn & (plus ^ minus), code);
        let magnitude = x.magnitude.bits();
        let code = select(Bits::<T>::mask(magnitude == T::INFINITY), self.infinity, code);
        let is_nan = T::INFINITY.less(magnitude);
        let code = select(is_nan, self.nan, code);
        (code | x.sign >> self.sign_shift, is_nan & self.no_nan)
    }
}

/// Values rounded into codes; whether all had one.
struct RoundInto<'a, T, C, M> {
    plan: &'a Plan,
    code_plan: &'a CodePlan,
    values: &'a [[T; BLOCK]],
    codes: &'a mut [[C; BLOCK]],
    mode: PhantomData<M>,
}

impl<T: Storage, C: Code, M: Mode> Work for RoundInto<'_, T, C, M> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let rounded = Rounded::<T>::of(self.plan, self.code_plan);
        let wrong = each(
            self.values,
            self.codes,
            #[inline(always)]
            |x| {
                let (bits, bad) = rounded.code::<M>(x);
                (C::narrow(bits.to_u64()), bad)
            },
        );
        wrong == Bits::<T>::ZERO
    }
}

impl<'a, T: Storage, C: Code, M: Mode> Specialized for RoundInto<'a, T, C, M> {
    type General = RoundInto<'a, T, C, M::General>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { plan, code_plan, values, codes, mode: _ } = self;
        RoundInto { plan, code_plan, values, codes, mode: PhantomData }
    }
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
        let wrong = each(
            self.values,
            self.codes,
            #[inline(always)]
            |x| {
                let (bits, bad) = encode_one::<T, DEEP>(x, &ready);
                (C::narrow(bits.to_u64()), bad)
            },
        );
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
        let wrong = each(
            values,
            codes,
            #[inline(always)]
            |x: T| {
                let (bits, bad) = encode_one::<T, DEEP>(x, &ready);
                // A code that gives the value back is its code, and the value a member.
                let (back, no_value) = decode_one::<T, DEEP, false>(bits, &ready);
                let other = back.bits() ^ x.bits() | no_value;
                let other = if x.is_nan() { Bits::<T>::ZERO } else { other };
                (C::narrow(bits.to_u64()), bad | other)
            },
        );
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
        let wrong = each(
            self.codes,
            self.values,
            #[inline(always)]
            |code: C| {
                let given = code.widen();
                let code = Bits::<T>::from_u64(given);
                let cut_off = Bits::<T>::mask(code.to_u64() != given);
                let (x, bad) = decode_one::<T, DEEP, DENSE>(code, &ready);
                (x, bad | cut_off)
            },
        );
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

/// Functions generic in the storage type and in the type of codes, compiled in this crate as
/// `compiled_here` in `storage.rs` has it: each is eight.
macro_rules! compiled_for_codes {
    ($(
        $(#[$doc:meta])*
        $vis:vis fn $name:ident<T, C>($($arg:ident: $type:ty),* $(,)?) -> $result:ty = $body:path;
    )*) => {$(
        $(#[$doc])*
        $vis fn $name<T: Storage, C: Code>($($arg: $type),*) -> $result {
            type Function<T, C> = fn($($type),*) -> $result;

            /// For one type of codes and both storage types.
            struct ForCode<C: Code> {
                single: Function<f32, C>,
                double: Function<f64, C>,
            }

            impl<C: Code> Both for ForCode<C> {
                type Of<T: Storage> = Function<T, C>;

                fn single(self) -> Self::Of<f32> {
                    self.single
                }

                fn double(self) -> Self::Of<f64> {
                    self.double
                }
            }

            struct Chosen;

            impl EachCode for Chosen {
                type Of<C: Code> = ForCode<C>;
                compiled_for_codes! { @ u8 ($($arg: $type),*) $result, $body }
                compiled_for_codes! { @ u16 ($($arg: $type),*) $result, $body }
                compiled_for_codes! { @ u32 ($($arg: $type),*) $result, $body }
                compiled_for_codes! { @ u64 ($($arg: $type),*) $result, $body }
            }

            T::choose(C::choose(Chosen))($($arg),*)
        }
    )*};
    (@ $code:ident ($($arg:ident: $type:ty),*) $result:ty, $body:path) => {
        fn $code(self) -> Self::Of<$code> {
            type C = $code;
            ForCode {
                single: {
                    type T = f32;
                    #[inline(never)]
                    fn single($($arg: $type),*) -> $result {
                        $body($($arg),*)
                    }
                    single
                },
                double: {
                    type T = f64;
                    #[inline(never)]
                    fn double($($arg: $type),*) -> $result {
                        $body($($arg),*)
                    }
                    double
                },
            }
        }
    };
}

compiled_for_codes! {
    /// Rounds into codes of at most 16 bits by the way `Add`, finished as `Finish::Plain`. False for other types
    /// of codes, and where a NaN has none.
    pub(super) fn round_into<T, C>(
        rule: &Rule,
        plan: &Plan,
        code_plan: &CodePlan,
        values: &[T],
        codes: &mut [C],
    ) -> bool = round_into_typed;

    fn encode_any<T, C>(plan: &CodePlan, values: &[T], codes: &mut [C], checked: bool) -> bool
        = encode_typed;

    fn decode_any<T, C>(plan: &CodePlan, codes: &[C], values: &mut [T]) -> bool = decode_typed;
}

#[inline(always)]
fn round_into_typed<T: Storage, C: Code + Default>(
    rule: &Rule,
    plan: &Plan,
    code_plan: &CodePlan,
    values: &[T],
    codes: &mut [C],
) -> bool {
    // A condition that is a constant, so that loops for other types are not compiled.
    if const { C::BITS > u16::BITS } {
        return false;
    }
    with_kind!(rule, |Mode| {
        let mode = PhantomData::<Mode>;
        by_blocks(values, codes, |values, codes| {
            level::run_specialized(RoundInto { plan, code_plan, values, codes, mode })
        })
    })
}

/// Blocks that go through the second step together: formats of codes wider than 16 bits are few, and so are
/// those with numbers below the storage's normal ones. For these there is one loop a storage type, with codes
/// as wide as its bit pattern, and a step between them and the type asked for.
const COPIED: usize = 8;

#[inline(always)]
fn encode_typed<T: Storage<Bits: Code + Default>, C: Code + Default>(
    plan: &CodePlan,
    values: &[T],
    codes: &mut [C],
    checked: bool,
) -> bool {
    by_blocks(values, codes, |values, codes| {
        if const { C::BITS <= u16::BITS } && !plan.deep {
            return if checked {
                level::run(EncodeChecked(Encode::<T, C, false> { plan, values, codes }))
            } else {
                level::run(Encode::<T, C, false> { plan, values, codes })
            };
        }
        let mut wide = [[Bits::<T>::ZERO; BLOCK]; COPIED];
        let mut right = true;
        for (values, codes) in values.chunks(COPIED).zip(codes.chunks_mut(COPIED)) {
            let wide = &mut wide[..values.len()];
            right &= encode_wide(plan, values, wide, checked);
            for (code, wide) in codes.as_flattened_mut().iter_mut().zip(wide.as_flattened()) {
                *code = C::narrow(wide.to_u64());
            }
        }
        right
    })
}

#[inline(never)]
fn encode_wide<T: Storage<Bits: Code>>(
    plan: &CodePlan,
    values: &[[T; BLOCK]],
    codes: &mut [[Bits<T>; BLOCK]],
    checked: bool,
) -> bool {
    match (plan.deep, checked) {
        (false, false) => level::run(Encode::<_, _, false> { plan, values, codes }),
        (true, false) => level::run(Encode::<_, _, true> { plan, values, codes }),
        (false, true) => level::run(EncodeChecked(Encode::<_, _, false> { plan, values, codes })),
        (true, true) => level::run(EncodeChecked(Encode::<_, _, true> { plan, values, codes })),
    }
}

#[inline(always)]
fn decode_typed<T: Storage<Bits: Code + Default>, C: Code>(
    plan: &CodePlan,
    codes: &[C],
    values: &mut [T],
) -> bool {
    by_blocks(codes, values, |codes, values| {
        if const { C::BITS <= u16::BITS } && !plan.deep {
            return if plan.dense {
                level::run(Decode::<T, C, false, true> { plan, codes, values })
            } else {
                level::run(Decode::<T, C, false, false> { plan, codes, values })
            };
        }
        let mut wide = [[Bits::<T>::ZERO; BLOCK]; COPIED];
        let mut right = true;
        for (codes, values) in codes.chunks(COPIED).zip(values.chunks_mut(COPIED)) {
            let wide = &mut wide[..codes.len()];
            for (wide, code) in wide.as_flattened_mut().iter_mut().zip(codes.as_flattened()) {
                *wide = Bits::<T>::from_u64(code.widen());
                right &= wide.to_u64() == code.widen();
            }
            right &= decode_wide(plan, wide, values);
        }
        right
    })
}

#[inline(never)]
fn decode_wide<T: Storage<Bits: Code>>(
    plan: &CodePlan,
    codes: &[[Bits<T>; BLOCK]],
    values: &mut [[T; BLOCK]],
) -> bool {
    if plan.deep {
        level::run(Decode::<_, _, true, false> { plan, codes, values })
    } else {
        level::run(Decode::<_, _, false, false> { plan, codes, values })
    }
}

/// The codes of values: of any, or of results of a rounding to the plan's format where that is known.
/// False where one has none; of results that can be NaN alone.
pub(crate) fn encode<T: Storage, C: Code>(
    plan: &CodePlan,
    known: bool,
    values: &[T],
    codes: &mut [C],
) -> bool {
    encode_any(plan, values, codes, !known)
}

/// The values of codes. False where one stands for nothing that the storage type holds.
pub(crate) fn decode<C: Code, T: Storage>(plan: &CodePlan, codes: &[C], values: &mut [T]) -> bool {
    decode_any(plan, codes, values)
}
