//! Blocks of values that share a power-of-two scale, rounded without scaling them: the lane `Add` with
//! its constants moved by the scale's exponent. The exponent comes from the block's largest magnitude,
//! found as an integer.
//!
//! Blocks in which that is not right are left as they are and said to be *hard*: with NaN or infinity,
//! a clamped scale, numbers so large or small that a constant would leave the normal range, or a
//! stochastic rounding that its first bits do not settle.

use core::marker::PhantomData;

mod divided;
mod element;
mod loops;
mod parts;
mod plan;
mod search;
mod shaped;

use divided::Divided;
pub(crate) use divided::{Divisors, Ends};
use element::{Drawn, Fixed};
use loops::{Codes, FromTo, InPlace};
pub(crate) use parts::{PART, Shape};
use plan::Block;
pub(crate) use plan::{
    BlockPlan, Nudge, PowerPlan, Powers, SIZE, SPOILED, TOGETHER, exponent, scale,
};
pub(crate) use search::{Sums, TRIALS, Trial};
pub(crate) use shaped::Scales;

use super::choice::{with_kind, with_mode};
use super::draw::{self, Digits};
use super::mode;
use crate::definition::Rule;
use crate::kernel::plan::{Bits, Finish, Plan, Way};
use crate::level;
use crate::rounding::{Decision, Draw as Drawing, Tie};
use crate::storage::{Storage, Word, compiled_here};

/// Calls `$run` with the element's way of rounding.
macro_rules! with_element {
    ($rule:expr, |$element:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Stochastic(drawing) => match drawing {
                Drawing::Exact => with_element!(@ $element, draw::Exact, $run),
                _ => with_element!(@ $element, draw::Settled::of(drawing), $run),
            },
            _ => with_kind!($rule, |Mode| {
                let $element = Fixed::<Mode>(PhantomData);
                $run
            }),
        }
    };
    (@ $element:ident, $draw:expr, $run:expr) => {{
        let $element = Drawn($draw);
        $run
    }};
}

/// Rounds at most [`TOGETHER`] blocks in place, or from one slice into another; the bits of the answer
/// say which are hard.
pub(crate) fn chop_blocks(
    rule: &Rule,
    plan: &BlockPlan,
    from: Option<&[Block<f32>]>,
    to: &mut [Block<f32>],
    words: Option<&[Block<u32>]>,
) -> u32 {
    match from {
        Some(from) => {
            with_element!(rule, |element| {
                level::run_specialized(FromTo { plan, from, to, words, element })
            })
        }
        None => with_element!(rule, |element| {
            level::run_specialized(InPlace { plan, values: to, words, element })
        }),
    }
}

/// Rounds at most [`TOGETHER`] blocks into codes; the bits of the answer say which are hard.
pub(crate) fn chop_blocks_into_codes(
    rule: &Rule,
    plan: &BlockPlan,
    from: &[Block<f32>],
    codes: &mut [Block<u8>],
    scales: &mut [u8],
    words: Option<&[Block<u32>]>,
) -> u32 {
    with_element!(rule, |element| {
        level::run_specialized(Codes { plan, from, codes, scales, words, element })
    })
}

compiled_here! {
    /// The largest magnitude of each block of an array: NaN where there is one and `finite` does not say that what
    /// is not finite is left out. As many places as there are blocks.
    pub(crate) fn largest_of_blocks<T>(shape: Shape, values: &[T], finite: bool, to: &mut [f64]) =
        run_largest;

    /// Rounds values in place, of which the first is value `start` of an array, by the scales 2^e of its blocks, with words
    /// for modes that draw, up to the first [`PART`] or fewer that are left as they are, since one of them is left open:
    /// how many are rounded. In `f32` only scales for which that has room.
    pub(crate) fn chop_shaped<T>(
        rule: &Rule,
        plan: &PowerPlan,
        shape: Shape,
        start: usize,
        scales: Scales<'_, T>,
        values: &mut [T],
        words: Option<&[u32]>,
    ) -> usize = run_shaped;

    /// 2^emin and the largest number times the scale of each block, as [`chop_shaped`] wants them.
    pub(crate) fn constants_of_blocks<T>(
        plan: &PowerPlan,
        exponents: &[i32],
        low: &mut [T],
        largest: &mut [T],
    ) = run_constants;

    /// The exponent of the scale of each block of an array, [`SPOILED`] for NaN; false where that takes a closer look.
    pub(crate) fn exponents_of_blocks<T>(
        shape: Shape,
        values: &[T],
        powers: &Powers,
        to: &mut [i32],
    ) -> bool = run_exponents;
}

/// A format made ready for [`chop_divided`] in either storage type.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DividedPlan {
    single: Option<Plan>,
    double: Plan,
    digits: u32,
}

/// Whether what is unknown of a quotient is of account for hardly any value.
const fn settles(precision: u32, digits: u32, drawn: bool) -> bool {
    if drawn { divided::draws(precision, digits) } else { divided::divides(precision, digits) }
}

impl DividedPlan {
    /// `None` where the format takes another lane, overflow does not saturate, or the mode is neither to nearest nor
    /// `Stochastic`.
    pub(crate) const fn new(rule: &Rule) -> Option<Self> {
        let drawn = match rule.rounding.decision() {
            Decision::Nearest(_) => false,
            Decision::Stochastic(Drawing::Exact) => true,
            _ => return None,
        };
        let (double, digits) = (Plan::new::<f64>(rule), rule.format.precision());
        let single = Plan::new::<f32>(rule);
        let single = if Self::serves(&single) && settles(f32::MANTISSA_DIGITS, digits, drawn) {
            Some(single)
        } else {
            None
        };
        if Self::serves(&double) && settles(f64::MANTISSA_DIGITS, digits, drawn) {
            Some(Self { single, double, digits })
        } else {
            None
        }
    }

    const fn serves(plan: &Plan) -> bool {
        let [plus, minus] = plan.overflow;
        let saturates = plus == plan.largest && minus == plan.largest;
        saturates && matches!((plan.way, plan.finish), (Way::Add, Finish::Plain))
    }

    /// The sums of the squared errors of a block's values, finite ones, for each of several scales.
    pub(crate) fn errors(
        &self,
        ends: Ends,
        values: &[f64],
        unit: f64,
        trials: &[Trial; TRIALS],
    ) -> Sums {
        let Self { double, digits, .. } = self;
        level::run(search::Errors { plan: double, digits: *digits, ends, values, unit, trials })
    }

    /// Whether values of the storage type can be divided in it.
    pub(crate) const fn has_single(&self) -> bool {
        self.single.is_some()
    }
}

compiled_here! {
    /// Rounds values in place, of which the first is value `start` of an array, by the scales of its blocks, with words
    /// for `Stochastic`, up to the first [`PART`] or fewer that are left as they are, since one of them is left open:
    /// how many are rounded.
    pub(crate) fn chop_divided<T>(
        plan: &DividedPlan,
        shape: Shape,
        start: usize,
        divisors: Divisors<'_, T>,
        ends: Ends,
        values: &mut [T],
        words: Option<&[u32]>,
    ) -> usize = run_divided;
}

#[inline(always)]
fn run_divided<T: Storage>(
    plan: &DividedPlan,
    shape: Shape,
    start: usize,
    divisors: Divisors<'_, T>,
    ends: Ends,
    values: &mut [T],
    words: Option<&[u32]>,
) -> usize {
    let double = T::PRECISION == f64::MANTISSA_DIGITS;
    let digits = plan.digits;
    match if double { Some(&plan.double) } else { plan.single.as_ref() } {
        Some(plan) => {
            level::run(Divided { plan, digits, shape, start, divisors, ends, values, words })
        }
        None => 0,
    }
}

#[inline(always)]
fn run_largest<T: Storage>(shape: Shape, values: &[T], finite: bool, to: &mut [f64]) {
    let mut largest = vec![Bits::<T>::ZERO; to.len()];
    level::run(shaped::Largest { shape, values, finite, largest: &mut largest });
    for (to, bits) in to.iter_mut().zip(largest) {
        *to = T::from_bits(bits).widen();
    }
}

#[inline(always)]
fn run_exponents<T: Storage>(shape: Shape, values: &[T], powers: &Powers, to: &mut [i32]) -> bool {
    let mut largest = vec![Bits::<T>::ZERO; to.len()];
    level::run(shaped::Largest { shape, values, finite: false, largest: &mut largest });
    level::run(shaped::Exponents::<T> { powers, largest: &largest, exponents: to })
}

#[inline(always)]
fn run_constants<T: Storage>(
    plan: &PowerPlan,
    exponents: &[i32],
    low: &mut [T],
    largest: &mut [T],
) {
    let plan = plan.plan::<T>();
    level::run(shaped::ConstantsOf { plan, exponents, low, largest });
}

#[inline(always)]
fn run_shaped<T: Storage>(
    rule: &Rule,
    plan: &PowerPlan,
    shape: Shape,
    start: usize,
    scales: Scales<'_, T>,
    values: &mut [T],
    words: Option<&[u32]>,
) -> usize {
    let (plan, zero) = (plan.plan::<T>(), plan.zero);
    with_element!(rule, |element| {
        let work = shaped::Rounds { plan, shape, start, scales, values, words, zero, element };
        level::run_specialized(work)
    })
}
