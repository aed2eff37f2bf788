//! Fixed point, integers and their transforms against exact rationals rounded once (`lowprec_oracles::whole`), which
//! know nothing of the crate's fractions, thresholds and quotients.
//!
//! Statistics have fixed seeds and bounds of five standard deviations, derived where they stand.

mod affine;
mod array;
mod calibration;
#[cfg(feature = "ndarray")]
mod faults;
mod fixed;
mod integer;
#[cfg(feature = "rayon")]
mod parallel;
mod product;
mod refusals;
mod transforms;
