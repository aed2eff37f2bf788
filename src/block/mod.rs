//! Block-scaled formats: elements of a narrow format with a scale for each block.
//!
//! A value's way: `tiling` says where blocks lie; `scale` finds each block's scale by the format's
//! rule, exactly; the value is divided by it, the exact quotient being rounded once, as every
//! division by a `Chop` of the element format is. That is `exact`, which knows every format, rule,
//! mode and shape, `lane` its loops. `fast` takes `f32` blocks of 32 with power-of-two scales through `kernel/block` and
//! leaves to `exact` what is hard.

mod chop;
mod delayed;
mod dequantize;
mod divided;
mod elements;
mod exact;
mod fast;
mod format;
mod gguf;
mod integers;
mod lane;
mod members;
mod minimum;
mod parts;
mod presets;
mod quantize;
#[cfg(feature = "rayon")]
mod rayon;
mod report;
mod scale;
mod shaped;
mod shared;
mod tensor;
mod text;
mod tiling;

#[cfg(feature = "ndarray")]
mod ndarray;
#[cfg(feature = "serde")]
mod serde;

pub use crate::chop::{BitOrder, PackedArray};
pub use chop::BlockChop;
pub use delayed::DelayedScaling;
pub use format::{BlockFormat, BlockShape, ScaleRule, Specials};
pub use report::BlockReport;
pub(crate) use scale::{largest_finite, log2};
pub use tensor::BlockTensor;
