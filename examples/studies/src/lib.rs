//! What the studies share with each other, and with the program `lowprec`: pictures, several formats in
//! one argument, a progress bar, and how a run ends badly.

// The reader is who writes a study; what needs words has them.
#![allow(missing_docs, missing_debug_implementations)]

pub mod drawing;

pub use lowprec_cli::{failure, file, format_list, progress};
