//! One number rounded to a whole one.

use super::mode::{self, Mode, Signed};
use super::ready::Ready;
use super::slice::with_mode;
use crate::definition::Rule;
use crate::kernel::plan::Plan;
use crate::rounding::{Decision, Direction, Tie};

/// The sum of a number below 2^50 with this has the units in its last place.
const UNITS: f64 = (1_u64 << (f64::MANTISSA_DIGITS - 1)) as f64;

/// x rounded to a whole number in a deterministic mode, whatever the rule's format; `None` for the few that
/// are too large for that, and NaN.
#[inline(always)]
pub(crate) fn whole_number(rule: &Rule, plan: &Plan, x: f64) -> Option<f64> {
    let small = x.abs() <= UNITS / 4.0;
    small.then(|| {
        with_mode!(rule, |Chosen| {
            let x = Signed::of(x);
            f64::from_bits(Chosen::round(x, UNITS, &Ready::of(plan)).to_bits() | x.sign)
        })
    })
}
