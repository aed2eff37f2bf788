//! Other crates' types, one file each behind the feature of its name. No arithmetic here.

#[cfg(feature = "half")]
mod half;
#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "rayon")]
mod rayon;
#[cfg(feature = "serde")]
mod serde;

#[cfg(feature = "half")]
pub use self::half::HalfFloat;
#[cfg(feature = "ndarray")]
pub use self::ndarray::ShardError;
