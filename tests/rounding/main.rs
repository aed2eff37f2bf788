//! Rounding and its codes: kernel, definition and an oracle of the tests' own side by side (`oracle`), every
//! CPU level (`levels`), codes one by one, in slices and packed, properties of anything at all, and the
//! mistakes once made.
//!
//! One program for all of these: what they call of the library is compiled once.

mod code_slices;
mod codes;
mod levels;
mod oracle;
mod packed;
mod properties;
mod regressions;
mod text;
