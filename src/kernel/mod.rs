//! The fast path: branch-free lanes, loops around them, and the choice between them.

mod code;
mod direct;
mod draw;
mod finish;
mod lane;
mod loops;
mod mode;
mod pack;
mod slice;

pub(crate) use code::{decode, encode};
pub(crate) use direct::{Direct, Plain, direct};
pub(crate) use loops::BLOCK;
pub(crate) use pack::{Packable, pack, packed_chunk, packed_len, unpack};
pub(crate) use slice::{
    Span, chop_deterministic, chop_encode, chop_one, chop_one_stochastic, chop_stochastic,
    draw_chunk, draw_one,
};
