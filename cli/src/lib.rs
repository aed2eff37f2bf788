//! The parts of the program `lowprec` that its tests and the repository's studies use too. They are no
//! library for others, and change without notice; the library is `lowprec`.

#![doc(hidden)]

pub mod failure;
pub mod file;
pub mod format_list;
pub mod progress;
