//! `Ready`: a plan's numbers in the storage type, for a loop.

use super::cut::{Cut, Facts};
use crate::kernel::plan::{Bits, Plan};
use crate::storage::{Storage, Word};

/// The plan's numbers in their own types: made at the head of a loop.
#[derive(Clone, Copy)]
pub(crate) struct Ready<T: Storage> {
    pub(crate) one: Bits<T>,
    pub(crate) low: T,
    pub(crate) top: T,
    pub(crate) lift: Bits<T>,
    /// The bits of one over a quantum, plus those of the power of two that stands for the value.
    pub(crate) reciprocal: Bits<T>,
    /// 2^(mantissa - 16), whose last bits count 2^-16.
    pub(crate) fine: T,
    pub(crate) floor: T,
    pub(crate) floor_half: T,
    pub(crate) gap: T,
    pub(crate) gap_power: T,
    pub(crate) cut: u32,
    /// The bits cut off, with what the mode adds before.
    pub(crate) at: Cut<Bits<T>>,
    pub(crate) facts: Facts<Bits<T>>,
    pub(crate) quantum: Bits<T>,
    pub(crate) one_bit: Bits<T>,
    pub(crate) parity: Bits<T>,
    pub(crate) smallest: Bits<T>,
    pub(crate) threshold: [Bits<T>; 2],
    pub(crate) gap_exponent: Bits<T>,
    pub(crate) gap_known: Bits<T>,
    pub(crate) flush: T,
    pub(crate) largest: T,
    /// Added to bits, takes the first beyond the largest to the smallest signed integer: one signed
    /// comparison with the end, to which the same was added, is then a test for a range.
    pub(crate) above: Bits<T>,
    pub(crate) above_end: Bits<T>,
    pub(crate) before_nan: Bits<T>,
    pub(crate) overflow: [T; 2],
    pub(crate) infinity: [T; 2],
    pub(crate) zero: T,
    pub(crate) negative: T,
    pub(crate) signed: Bits<T>,
    pub(crate) negative_zero: Bits<T>,
}

impl<T: Storage> Ready<T> {
    #[inline(always)]
    pub(crate) fn of(plan: &Plan) -> Self {
        let word = Bits::<T>::from_u64;
        let number = |bits: u64| T::from_bits(word(bits));
        let above = (Bits::<T>::ONE << (Bits::<T>::BITS - 1))
            .wrapping_sub(word(plan.largest).wrapping_add(Bits::<T>::ONE));
        Self {
            one: word(plan.one),
            low: number(plan.low),
            top: number(plan.top),
            // The last bit of |x| + c is the format's quantum: c is `cut` binades above x.
            lift: word(u64::from(plan.cut) << T::MANTISSA),
            reciprocal: word(
                ((2 * T::EMAX + T::MANTISSA as i32) as u64).wrapping_sub(plan.cut.into())
                    << T::MANTISSA,
            ),
            fine: number(((T::EMAX as u64) + u64::from(T::MANTISSA - 16)) << T::MANTISSA),
            floor: number(plan.floor),
            floor_half: number(plan.floor_half),
            gap: number(plan.gap),
            gap_power: number(plan.gap_power),
            cut: plan.cut,
            at: Cut::of_plan(plan),
            facts: Facts::of(&plan.bias),
            quantum: word(u64::from(plan.quantum)),
            one_bit: Bits::<T>::mask(plan.one_bit),
            parity: word(u64::from(plan.parity)),
            smallest: word(plan.smallest),
            threshold: plan.threshold.map(word),
            gap_exponent: word(u64::from(plan.gap_exponent.unwrap_or(0))),
            gap_known: Bits::<T>::mask(plan.gap_exponent.is_some()),
            flush: number(plan.flush),
            largest: number(plan.largest),
            above,
            above_end: word(plan.overflow_end).wrapping_add(above),
            before_nan: word(plan.before_nan),
            overflow: plan.overflow.map(number),
            infinity: plan.infinity.map(number),
            zero: number(plan.zero),
            negative: number(plan.negative),
            signed: Bits::<T>::mask(plan.signed),
            negative_zero: Bits::<T>::mask(plan.negative_zero),
        }
    }
}
