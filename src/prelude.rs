//! What most programs need: `use lowprec::prelude::*`.
//!
//! Nothing in it clashes with the preludes of ndarray, rand, rayon and proptest, or with all of num-traits and
//! nalgebra. (That is why [`Storage`](crate::Storage), the bound on `f32` and `f64`, is not here: nalgebra
//! has a trait of that name. `Range`, `Fixed` and the like stay in their modules too.)
//!
//! ```
//! use lowprec::prelude::*;
//! let y = chop(0.1_f64, Format::BINARY16, Rounding::NearestEven);
//! assert_eq!(y, 0.0999755859375);
//! ```

#[doc(no_inline)]
pub use crate::{
    Binary, BlockChop, BlockFormat, Chop, Flags, Format, Lp, Overflow, Quaternary, Rounder,
    Rounding, Scoped, Seeded, Stream, StreamState, Ternary, Unary, Underflow, chop,
};
