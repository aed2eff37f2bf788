//! Rounder rounded once: every operation, by every path, against exact results.
//!
//! `calls` names the operations and the paths, `operands` makes operands worth trying, `check` compares.
//! The exact results come from `lowprec_oracles::Outcome`, which knows nothing of the crate's arithmetic, from
//! rationals (`rational`) and from `rustc_apfloat` (`apfloat`).

mod apfloat;
mod calls;
mod check;
mod complete;
mod flags;
mod integers;
mod operands;
#[cfg(feature = "rayon")]
mod parallel;
mod random;
mod rational;
mod shapes;
mod signaling;
mod specials;
mod statistics;
mod stochastic;
mod streams;

use lowprec::{Overflow, Underflow};

/// The policies in turn.
fn policies(number: usize) -> (Overflow, Underflow) {
    let (overflows, underflows) = (Overflow::ALL, Underflow::ALL);
    let overflow = overflows[number % overflows.len()];
    (overflow, underflows[number / overflows.len() % underflows.len()])
}

/// 2^e, exactly.
fn power(e: i32) -> f64 {
    lowprec::format::Datum::finite(false, 1, e).to_f64().expect("a power of two that binary64 has")
}
