//! Blocks of values that share a power-of-two scale, rounded without scaling them: the lane `Add` with
//! its constants moved by the scale's exponent. The exponent comes from the block's largest magnitude,
//! found as an integer.
//!
//! Blocks in which that is not right are left as they are and said to be *hard*: with NaN or infinity,
//! a clamped scale, numbers so large or small that a constant would leave the normal range, or a
//! stochastic rounding that its first bits do not settle.

use core::marker::PhantomData;

mod element;
mod loops;
mod plan;

use element::{Drawn, Fixed};
use loops::{Codes, FromTo, InPlace};
use plan::Block;
pub(crate) use plan::{BlockPlan, Nudge, SIZE, TOGETHER};

use super::choice::{with_common_or_any, with_mode};
use super::draw::{self, Digits};
use super::mode;
use crate::definition::Rule;
use crate::level;
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};

/// Calls `$run` with the element's way of rounding.
macro_rules! with_element {
    ($rule:expr, |$element:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Stochastic(drawing) => match drawing {
                Drawing::Exact => with_element!(@ $element, draw::Exact, $run),
                _ => with_element!(@ $element, draw::Settled::of(drawing), $run),
            },
            _ => with_common_or_any!($rule, |Mode| {
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
            with_element!(rule, |element| level::run(FromTo { plan, from, to, words, element }))
        }
        None => with_element!(rule, |element| {
            level::run(InPlace { plan, values: to, words, element })
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
    with_element!(rule, |element| level::run(Codes { plan, from, codes, scales, words, element }))
}
