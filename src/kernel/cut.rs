//! A number of bits to cut off and a mode, both as data.

use crate::kernel::bias::Bias;
use crate::kernel::plan::Plan;
use crate::storage::Word;

/// The plan's mode as data, each fact all ones or all zeros. `Bias` says what they mean.
#[derive(Clone, Copy)]
pub(crate) struct Facts<W> {
    /// The bits of the sign and of the last kept bit's parity that matter.
    pub(super) by_sign: W,
    pub(super) by_parity: W,
    pub(super) flips: W,
    pub(super) nearest: W,
    /// One for the nearest modes, which begin with half of the mask.
    pub(super) halves: u32,
}

impl<W: Word> Facts<W> {
    #[inline(always)]
    pub(crate) fn of(bias: &Bias) -> Self {
        Self {
            by_sign: W::mask(bias.turns && bias.by_sign),
            by_parity: W::mask(bias.turns && !bias.by_sign),
            flips: W::mask(bias.flips),
            nearest: W::mask(bias.nearest),
            halves: u32::from(bias.nearest),
        }
    }
}

/// A number of bits to cut off, the same for many values, and what the modes add before.
#[derive(Clone, Copy)]
pub(crate) struct Cut<W> {
    pub(crate) count: u32,
    pub(crate) mask: W,
    pub(super) half: W,
    /// One, or zero where nothing is cut off and so nothing added.
    pub(super) one: W,
    /// As in `Plan`.
    pub(super) place: u32,
    pub(super) turned: W,
    pub(super) base: W,
}

impl<W: Word> Cut<W> {
    #[inline(always)]
    pub(crate) fn of(count: u32, facts: &Facts<W>) -> Self {
        let mask = (W::ONE << count).wrapping_sub(W::ONE);
        // By a mask: of a condition the compiler would make two loops.
        let place = (W::BITS - 1 - count) & !facts.by_sign.to_u32();
        Self {
            count,
            mask,
            half: mask >> 1,
            one: mask & W::ONE,
            place,
            turned: (facts.by_sign | facts.by_parity) & mask,
            base: facts.flips & mask ^ mask >> facts.halves,
        }
    }

    /// The bits that a plan cuts off normal numbers.
    #[inline(always)]
    pub(crate) fn of_plan(plan: &Plan) -> Self {
        let mask = W::from_u64(plan.mask);
        Self {
            count: plan.cut,
            mask,
            half: mask >> 1,
            one: mask & W::ONE,
            place: plan.place,
            turned: W::from_u64(plan.turned),
            base: W::from_u64(plan.base),
        }
    }
}
