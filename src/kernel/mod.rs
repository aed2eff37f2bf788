//! The fast path: one branch-free lane, loops around it, and the choice of the CPU level.

mod dispatch;
mod lane;
mod slice;

pub(crate) use slice::{Span, chop_deterministic, chop_one, chop_stochastic};
