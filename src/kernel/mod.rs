//! The fast path: one branch-free lane, loops around it, and the choice of the CPU level.

mod dispatch;
mod lane;
mod loops;
mod slice;

pub(crate) use loops::Span;
pub(crate) use slice::{chop_deterministic, chop_one, chop_one_stochastic, chop_stochastic};
