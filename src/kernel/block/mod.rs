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

use element::{Drawn, Fixed};
use loops::{Codes, FromTo, InPlace};

use super::draw::{self, Digits};
use super::mode;
use super::slice::with_mode;
use crate::level;
use crate::plan::{Finish, Plan, Way};
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};
use crate::rule::Rule;

/// Values of a block.
pub(crate) const SIZE: usize = 32;

/// Blocks that go through one call, a bit each in the answer.
pub(crate) const TOGETHER: usize = 32;

type Block<A> = [A; SIZE];

const MANTISSA: u32 = f32::MANTISSA_DIGITS - 1;
const EXPONENTS: u32 = f32::INFINITY.to_bits();

/// How the block's exponent follows from the bits of its largest magnitude: what is added to them
/// before the exponent is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nudge {
    /// Nothing: ⌊log2⌋.
    Floor,
    /// All but the least: ⌈log2⌉.
    Ceil,
    /// Up beyond the element format's largest number.
    Rceil,
    /// Half of the last digit that the element format keeps.
    Even,
}

/// An element format and a scale rule made ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockPlan {
    element: Plan,
    nudge: u32,
    /// Exponent field of amax, nudged, less this is the scale's exponent.
    emax: i32,
    /// Scale exponents with which all is in range.
    least: i32,
    most: i32,
    /// Scale code less scale exponent.
    code_offset: i32,
    /// Place of the sign bit in a code.
    width: u32,
}

impl BlockPlan {
    /// `None` where blocks are not to be rounded this way: the element format takes another lane, or
    /// overflow does not saturate. Scales are 2^e with e in `scales`, coded as e + `code_offset`.
    pub(crate) fn new(
        rule: &Rule,
        nudge: Nudge,
        scales: core::ops::RangeInclusive<i32>,
        code_offset: i32,
    ) -> Option<Self> {
        let element = Plan::new::<f32>(rule);
        let format = &rule.format;
        let saturates = element.overflow == [element.largest; 2];
        if (element.way, element.finish) != (Way::Add, Finish::Plain) || !saturates {
            return None;
        }
        let (emin, emax) = (format.emin(), format.emax());
        let largest = element.largest as u32 & !EXPONENTS;
        let all = (1 << MANTISSA) - 1;
        let nudge = match nudge {
            Nudge::Floor => 0,
            Nudge::Ceil => all,
            Nudge::Rceil => all - largest,
            Nudge::Even => 1 << (MANTISSA - format.precision()),
        };
        // Sixteen random bits more than the smallest quantum, and half of that, are normal numbers;
        // the sum with the largest power of two is finite.
        let below = 18;
        let least = f32::MIN_EXP - 1 - (emin - format.mantissa_bits() as i32) + below;
        let most = f32::MAX_EXP - 1 - emax - element.cut as i32 - 2;
        Some(Self {
            element,
            nudge,
            emax,
            least: least.max(*scales.start()),
            most: most.min(*scales.end()),
            code_offset,
            width: format.total_bits()? - 1,
        })
    }

    /// Whether a stochastic mode's digits fit beside the element's.
    pub(crate) fn draws(&self, drawing: Drawing) -> bool {
        let n = draw::Any::of(drawing).digits();
        n > 0 && !drawing.is_wide() && n <= MANTISSA - 1 - (f32::MANTISSA_DIGITS - self.element.cut)
    }
}

/// Calls `$run` with the element's way of rounding.
macro_rules! with_element {
    ($rule:expr, |$element:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Stochastic(drawing) => match drawing {
                Drawing::Exact => with_element!(@ $element, draw::Exact, $run),
                Drawing::Equal => with_element!(@ $element, draw::Coin, $run),
                Drawing::Floor(n) => {
                    with_element!(@ $element, draw::Counted::<'A'>::of(n), $run)
                }
                Drawing::HalfUp(n) => {
                    with_element!(@ $element, draw::Counted::<'B'>::of(n), $run)
                }
                Drawing::HalfEven(n) => {
                    with_element!(@ $element, draw::Counted::<'C'>::of(n), $run)
                }
            },
            _ => with_mode!($rule, |Mode| {
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
