//! What is right: the rule of a rounding, exact results, and the slow definition that every fast path
//! equals bit for bit.

pub(crate) mod real;
pub mod reference;
mod rule;
#[cfg(feature = "serde")]
mod serde;
pub(crate) mod text;

pub use rule::Rule;
