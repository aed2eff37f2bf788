//! The stochastic modes: exactly, word by word (`exact`), by the formulas of IEEE P3109 (`p3109`),
//! and by their statistics (`statistics`).
//!
//! ν is the fraction cut off, U = 0.w₀w₁w₂… the random number. `Stochastic` rounds away from zero
//! iff U < ν.

mod exact;
mod p3109;
mod statistics;
mod streams;

use lowprec::{Chop, Format, Rounding};

/// binary16 in the mode whose probability is exact.
const HALF: Chop = Chop::new(Format::BINARY16, Rounding::Stochastic);

/// 2^e, exactly.
fn power(e: i32) -> f64 {
    lowprec::format::Datum::finite(false, 1, e).to_f64().expect("a power of two that binary64 has")
}
