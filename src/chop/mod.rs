//! Rounding values: `Chop`, plain data; `Seeded`, a rounding with a seed and a position; codes, plain and
//! packed; and the adapters of other crates' types, one file each and without arithmetic.

#[allow(clippy::module_inception)]
mod chop;
pub(crate) mod codes;
#[cfg(feature = "half")]
pub(crate) mod half;
#[cfg(feature = "ndarray")]
pub(crate) mod ndarray;
mod packed;
#[cfg(feature = "rayon")]
pub(crate) mod rayon;
mod seeded;
#[cfg(feature = "serde")]
mod serde;
mod shortest;
mod state;
mod text;
mod values;

#[cfg(feature = "half")]
pub use self::half::HalfFloat;
pub use chop::Chop;
pub use packed::{BitOrder, PackedArray};
pub(crate) use seeded::{Loan, Seedable, seeded};
pub use seeded::{Seeded, Stream};
pub use state::StreamState;
pub(crate) use text::top_level;
pub use values::chop;
pub(crate) use values::{
    Draws, Random, by_constant, into, largest_finite, one, one_with, run, run_with,
    smallest_normal, smallest_positive,
};
