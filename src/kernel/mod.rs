//! The fast path: branch-free lanes, loops around them, and the choice between them.

mod draw;
mod lane;
mod loops;
mod mode;
mod slice;

pub(crate) use slice::{Span, chop_deterministic, chop_one, chop_one_stochastic, chop_stochastic};
