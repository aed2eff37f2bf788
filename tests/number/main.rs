//! The number types: against `half`, big rationals and `Chop`'s arithmetic, in every trait and adapter.

#[cfg(feature = "ndarray")]
mod arrays;
mod constants;
mod formats;
mod halves;
mod harmonic;
mod random;
mod rational;
mod scopes;
mod text;
mod traits;
