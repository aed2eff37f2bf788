//! One number rounded to an integer.

use super::choice::with_mode;
use super::mode::{self, Mode, Signed};
use super::ready::Ready;
use crate::definition::Rule;
use crate::kernel::plan::Plan;
use crate::rounding::{Decision, Direction, Tie};

/// The sum of a number below 2^50 with this has the units in its last place.
const UNITS: f64 = (1_u64 << (f64::MANTISSA_DIGITS - 1)) as f64;

/// x rounded to an integer by the rule's mode, whatever its format. Adding 2^52 is enough for that, and
/// faster than what the values of a format go through. `None` for the few numbers that are too large, for
/// NaN, and in the stochastic modes.
#[inline(always)]
pub(crate) fn whole_number(rule: &Rule, plan: &Plan, x: f64) -> Option<f64> {
    let rounds = x.abs() <= UNITS / 4.0 && !rule.rounding.is_stochastic();
    rounds.then(|| {
        with_mode!(rule, |Chosen| {
            let x = Signed::of(x);
            f64::from_bits(Chosen::round(x, UNITS, &Ready::of(plan)).to_bits() | x.sign)
        })
    })
}
