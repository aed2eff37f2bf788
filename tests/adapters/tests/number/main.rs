//! The number types in nalgebra and in serde's formats, and every type that serde reads, from strangers.

mod algebra;
mod serial;
mod untrusted;
