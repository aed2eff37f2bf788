//! Rounding values: `Chop`, plain data; `Stream`, a `Chop` with a seed and a position; codes, plain and
//! packed; and the adapters of other crates' types, one file each and without arithmetic.

#[allow(clippy::module_inception)]
mod chop;
pub(crate) mod codes;
#[cfg(feature = "half")]
mod half;
#[cfg(feature = "ndarray")]
mod ndarray;
mod packed;
#[cfg(feature = "rayon")]
mod rayon;
mod seeded;
#[cfg(feature = "serde")]
mod serde;

#[cfg(feature = "half")]
pub use self::half::HalfFloat;
#[cfg(feature = "ndarray")]
pub use self::ndarray::ShardError;
pub use chop::{Chop, Rounder, chop};
pub(crate) use chop::{Draws, one, one_with, run, run_with};
pub use packed::PackedArray;
pub(crate) use seeded::Loan;
pub use seeded::Stream;
