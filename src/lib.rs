//! Emulates low-precision floating point: rounds `f32` and `f64` numbers to any number format, from
//! binary64 down to FP4 and formats that exist only on paper, in every rounding mode.
//!
//! A [`Format`] says which values there are; a [`Rounding`] how a value between two of them is
//! replaced by one. Together, with the policies for [`Overflow`] and [`Underflow`], they are a
//! [`Chop`]: plain data with the methods that round scalars, slices and arrays.
//!
//! # Six examples
//!
//! One value:
//!
//! ```
//! use lowprec::{chop, Format, Rounding};
//! assert_eq!(chop(0.1_f64, Format::BINARY16, Rounding::NearestEven), 0.0999755859375);
//! ```
//!
//! A slice, saturating as machine-learning hardware does:
//!
//! ```
//! use lowprec::{Chop, Format, Overflow, Rounding};
//! const FP8: Chop = Chop::new(Format::OCP_E4M3, Rounding::NearestEven)
//!     .with_overflow(Overflow::Saturate);
//! let mut values = [0.1_f32, -3.3, 1000.0];
//! FP8.chop_slice(&mut values);
//! assert_eq!(values, [0.1015625, -3.25, 448.0]);
//! ```
//!
//! Stochastic rounding, reproducible: a result depends on seed, position and value alone.
//!
//! ```
//! use lowprec::{Chop, Format, Rounding};
//! let run = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
//! let sum = (0..10_000).fold(1.0_f32, |sum, _| run.chop(sum + 1e-4));
//! assert!((sum - 2.0).abs() < 0.3);   // to nearest, the sum would stay at 1
//! ```
//!
//! A format of your own, and its bit patterns:
//!
//! ```
//! use lowprec::Format;
//! let fp6 = Format::from_range(4, -2, 3)?.with_infinities(false)?;
//! assert_eq!(fp6.largest_finite(), 15.0);
//! assert_eq!(fp6.decode(fp6.encode(1.25)?), 1.25);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Arithmetic, every operation's exact result rounded once ([`Rounder`], [`number`]):
//!
//! ```
//! use lowprec::{Chop, Format, Rounding};
//! let up = Chop::new(Format::BFLOAT16, Rounding::Up);
//! assert_eq!(up.chop(1.0 + 2f64.powi(-60)), 1.0);                       // rounded twice
//! assert_eq!(up.add(1.0, 2f64.powi(-60)), 1.0 + 2f64.powi(-7));         // once
//! ```
//!
//! A number type in the place of `f64`, for generic code too ([`number`]):
//!
//! ```
//! use lowprec::{Lp, number::Bfloat16};
//! let third = Lp::<Bfloat16>::from_f64(1.0) / Lp::from_f64(3.0);
//! assert_eq!(third.to_f64(), 0.333984375);
//! ```
//!
//! # Block formats
//!
//! What machine learning stores: narrow elements with a scale for each block, MX, NVFP4, block floating
//! point, FP8 with `f32` scales, and combinations of one's own. A [`BlockFormat`] says what a block is
//! and how its scale is found; with a mode it is a [`BlockChop`], whose [`BlockTensor`](block::BlockTensor) holds the codes
//! packed ([`PackedArray`](block::PackedArray)).
//!
//! ```
//! use lowprec::{BlockChop, BlockFormat, Rounding};
//! let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
//! let weights: Vec<f32> = (0..64).map(|i| (i as f32).sin()).collect();
//! let packed = fp4.quantize(&weights);
//! assert_eq!(packed.size_in_bytes(), 64 / 2 + 2);
//! let back: Vec<f32> = packed.dequantize();
//! assert!(weights.iter().zip(back).all(|(x, y)| (x - y).abs() <= 0.25));
//! ```
//!
//! # Speed
//!
//! The loops are compiled with this crate for several instruction sets and chosen at run time
//! ([`Level`]); a slice that lies beyond the cache is rounded as fast as it is copied. One value at a
//! time is fastest with a constant: `const FP16: Chop = …`, or [`chop`](fn@chop) with constants. Debug
//! builds gain by `[profile.dev.package.lowprec] opt-level = 3`.
//!
//! # Guarantees
//!
//! - **Exact.** Every result equals the definition in [`reference`](mod@reference), which is written in integer
//!   arithmetic to be read; tests hold that against an independent oracle. Values are rounded once:
//!   `f64` never goes through `f32`.
//! - **Rounding first, overflow second**, as IEEE 754 and P3109 say: a value just beyond the largest
//!   finite number that rounds back to it does not overflow.
//! - **Arithmetic rounded once.** An operation's result is the exact one rounded, in every mode, policy and
//!   format, for any operands, stochastically too: ν is that of the exact result.
//! - **Exact probabilities.** [`Rounding::Stochastic`] rounds away from zero with probability equal to
//!   the fraction cut off, to the last of 512 bits, in the subnormal range and below it too.
//! - **Reproducible.** A [`Stream`]'s results are the same in a scalar loop, a slice, a strided array, a
//!   parallel call and in shards, on every machine, saved and resumed ([`StreamState`]), and stay so from version to version unless the
//!   changelog's *Numerical changes* say otherwise.
//! - **No surprises.** No global state but the thread's generator for unseeded stochastic calls and the
//!   scopes that [`with`] opens on a thread; no feature flag and no CPU level that changes a number; no
//!   thread started unasked.
//!
//! # What is not guaranteed
//!
//! - `chop(x + y)` rounds the sum that `f32` or `f64` has already rounded. That is the sum rounded once
//!   only where the storage type has room enough (in nearest-even, 2p + 2 bits, for operands of p);
//!   `add(x, y)` is it always.
//! - A format without NaN answers NaN to NaN: it marks that there was no value to give. `contains`
//!   says no to it and `encode` refuses it.
//! - A format wider than its storage type is the intersection of the two; the queries on [`Chop`] say
//!   what that is.
//!
//! # Features
//!
//! | feature | brings | costs |
//! |---|---|---|
//! | `ndarray` (default) | `chop_array`, `chop_array_inplace`, `chop_shard_inplace`, `quantize_array` | ndarray |
//! | `rayon` | `par_chop_slice`, `par_chop_into`, `par_map`; `par_chop_shaped` of blocks; `par_quantize_slice`, `par_encode_slice` | rayon |
//! | `half` | `chop_into_half` for `f16` and `bf16` | half |
//! | `serde` | formats, modes and policies by name; `Chop`, stream states, numbers, packed arrays, block formats; checked | serde |
//! | `nalgebra` | `RealField` and `ComplexField` for the number types | simba, approx |

// docs.rs marks what a feature brings.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod arith;
pub mod block;
mod chop;
mod definition;
pub mod error;
mod flags;
pub mod format;
mod kernel;
mod level;
mod math;
pub mod number;
mod operation;
pub mod prelude;
pub mod quant;
mod rounder;
pub mod rounding;
#[cfg(feature = "serde")]
mod serde;
mod slices;
mod storage;

pub use block::{BlockChop, BlockFormat};
pub use chop::{Chop, Seeded, Stream, StreamState, chop};
pub use definition::reference;
pub use flags::Flags;
pub use format::Format;
pub use level::Level;
pub use number::{Lp, Scoped, with};
pub use operation::{Binary, Quaternary, Ternary, Unary};
pub use rounder::{Operation, OperationInPlace, Rounder};
pub use rounding::{Overflow, Rounding, Underflow};
pub use storage::Storage;

// Part of the API: arrays are ndarray's, generators rand's.
#[cfg(feature = "ndarray")]
pub use ndarray;
pub use rand;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
