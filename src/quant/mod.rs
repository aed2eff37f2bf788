//! Quantization to integers and fixed point, and the transforms used around it.
//!
//! - [`fixed`]: fixed point Qm.n;
//! - [`integer`]: symmetric and affine integers with their calibration, products of integer matrices
//!   and requantization by integers alone;
//! - [`hadamard`]: the fast Walsh–Hadamard transform;
//! - [`clip`]: where to clip, by the least mean squared error;
//! - [`quartet`]: the two quantizations of Quartet (arXiv 2505.14669) to MXFP4.
//!
//! Fixed point and integers know every [`Rounding`](crate::Rounding) and the random bits of the rest
//! of the crate: a stochastic call draws from the thread's own generator, one on a quantizer with a seed from
//! the positions of a [`Seeded`](crate::Seeded).
//!
//! ```
//! use lowprec::quant::fixed::Fixed;
//! let q4_4 = Fixed::new(4, 4)?;
//! let mut values = [0.1_f32, -3.3, 100.0];
//! q4_4.quantize_slice(&mut values);
//! assert_eq!(values, [0.125, -3.3125, 7.9375]);
//! # Ok::<(), lowprec::quant::QuantError>(())
//! ```

mod affine;
pub mod clip;
mod code;
mod engine;
mod error;
pub mod fixed;
pub mod hadamard;
pub mod integer;
mod lane;
mod methods;
#[cfg(feature = "ndarray")]
mod ndarray;
pub mod quartet;
#[cfg(feature = "rayon")]
mod rayon;
mod seeded;
mod whole;

pub use code::IntegerCode;
pub use error::QuantError;
