//! What the tests share: exact arithmetic written without a look at the library's, inputs on which
//! rounding can go wrong, rules, reports, levels. Compiled once, for all test programs.
//!
//! Of the library it takes the facts of a format, the names of modes and policies, and [`compare`],
//! `levels` and `report`, which hold the library to the rest, what they compare.

// The reader is who writes a test; what needs words has them.
#![allow(missing_docs, missing_debug_implementations)]

pub mod apfloat;
mod bits;
pub mod blocks;
pub mod compare;
pub mod formats;
pub mod inputs;
pub mod levels;
pub mod oracle;
mod report;
pub mod whole;

pub use bits::Bits;
pub use levels::{at_every_level, at_levels};
pub use oracle::{Exact, Grid, Oracle, Outcome, Parts, Place, Placed, is_away};
pub use report::{Report, deterministic_rules};
