//! The functions of the running executable: names with type parameters, from the debug information,
//! and instructions. For x86-64 Linux.
#![allow(missing_docs, missing_debug_implementations)]
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

mod executable;

pub use executable::{Function, functions};
