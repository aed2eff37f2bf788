//! The number types in nalgebra and in serde's formats.

mod algebra;
mod serial;
