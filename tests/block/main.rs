//! Block formats: against the standards' text in exact arithmetic (`standard.rs`), by their published
//! figures, in every shape of call, stochastically, and what is refused.

mod calls;
mod divided;
mod faults;
mod figures;
mod gguf;
#[cfg(feature = "rayon")]
mod parallel;
mod plain;
mod refused;
mod search;
mod standard;
mod stochastic;
