//! The fast path: branch-free lanes, loops around them, and the choice between them.

mod bias;
mod block;
mod choice;
mod code;
pub(crate) mod code_plan;
mod cut;
mod draw;
mod exact_error;
mod finish;
mod fused;
mod lane;
mod loops;
mod mode;
mod nearby;
mod pack;
pub(crate) mod plan;
mod ready;
mod scaled;
mod slice;
mod whole;

pub(crate) use block::{
    BlockPlan, DividedPlan, Divisors, Ends, Nudge, PART, PowerPlan, Powers, SIZE, SPOILED, Scales,
    Shape, Sums, TOGETHER, TRIALS, Trial, chop_blocks, chop_blocks_into_codes, chop_divided,
    chop_shaped, constants_of_blocks, exponent, exponents_of_blocks, largest_of_blocks, scale,
};
pub(crate) use code::{decode, encode};
pub(crate) use exact_error::{
    Known, Ready, Settled, WithError, draw_by_error, has_wider, serves, settle_blocks, settle_one,
};
pub(crate) use fused::{GROUP, Step, four, fused, fused_to_nearest, operands};
pub(crate) use loops::BLOCK;
pub(crate) use nearby::{Nearby, draws_nearby};
pub(crate) use pack::{Packable, pack, packed_chunk, packed_len, unpack};
pub(crate) use scaled::{decode_blocks, scale_blocks};
pub(crate) use slice::{
    Span, chop_deterministic, chop_encode, chop_nearest, chop_one, chop_one_stochastic,
    chop_result, chop_stochastic, draw_chunk, draw_nearest, draw_one, settles,
};
pub(crate) use whole::whole_number;
