//! How a value between two numbers of a format is replaced by one of them: the modes, the policies at the
//! ends of the range, the one decision they all come down to, and where random bits come from.

pub(crate) mod decision;
mod modes;
mod policy;
pub(crate) mod random;
#[cfg(feature = "serde")]
mod serde;

pub(crate) use modes::{Decision, Direction, Draw, Tie};
pub use modes::{RandomBits, Rounding};
pub use policy::{Overflow, Underflow};
pub use random::Fork;
