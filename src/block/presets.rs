//! The block formats in use, by name.

use super::format::{BlockFormat, BlockShape, Coding, ScaleRule};
use crate::error::FormatError;
use crate::format::Format;

/// The block of OCP's formats: 32 values along an axis.
const MX: BlockShape = BlockShape::Along(32);

const fn mx(element: Format) -> BlockFormat {
    BlockFormat::known(element, MX, Format::OCP_E8M0, ScaleRule::Floor)
}

const fn msfp(digits: u8) -> BlockFormat {
    let element = Format::sign_magnitude(digits);
    let scale = Format::shared_exponent(8);
    BlockFormat::known(element, BlockShape::Along(16), scale, ScaleRule::Floor)
}

const fn fp8(element: Format, block: BlockShape) -> BlockFormat {
    BlockFormat::known(element, block, Format::BINARY32, ScaleRule::Absmax)
}

const fn gguf(format: Result<BlockFormat, FormatError>) -> BlockFormat {
    match format {
        Ok(format) => format,
        Err(_) => panic!("a block format of GGUF"),
    }
}

/// The formats in use. Vendors' recipes differ in the scale rule most of all: take another with
/// [`BlockFormat::with_rule`].
impl BlockFormat {
    /// OCP MXFP8 of E4M3: 32 values and an E8M0 scale, 8.25 bits a value (OCP MX 1.0).
    pub const MXFP8_E4M3: Self = mx(Format::OCP_E4M3);
    /// OCP MXFP8 of E5M2.
    pub const MXFP8_E5M2: Self = mx(Format::OCP_E5M2);
    /// OCP MXFP6 of E3M2: 6.25 bits a value.
    pub const MXFP6_E3M2: Self = mx(Format::OCP_E3M2);
    /// OCP MXFP6 of E2M3.
    pub const MXFP6_E2M3: Self = mx(Format::OCP_E2M3);
    /// OCP MXFP4: 4.25 bits a value.
    pub const MXFP4: Self = mx(Format::OCP_E2M1);
    /// OCP MXINT8: integers k/64 in two's complement, |k| ≤ 127.
    pub const MXINT8: Self = Self { coding: Coding::Twos, ..mx(Format::sign_magnitude(7)) };
    /// NVIDIA's NVFP4: 16 values of E2M1, an E4M3 scale, one `f32` scale a tensor; 4.5 bits a value.
    ///
    /// g = amax/(6·448) rounded to `f32`, s = E4M3(amax_block/(6·g)), q = E2M1(x/(s·g)), every
    /// quotient exact and rounded once. Transformer Engine multiplies by rounded reciprocals instead,
    /// so that its codes may differ by one.
    pub const NVFP4: Self = {
        let block = BlockShape::Along(16);
        let one = Self::known(Format::OCP_E2M1, block, Format::OCP_E4M3, ScaleRule::Absmax);
        Self { tensor_scale: true, ..one }
    };
    /// Microsoft's MSFP12: 16 values of sign and 3 bits, 8 bits of shared exponent (Rouhani et al.,
    /// NeurIPS 2020).
    pub const MSFP12: Self = msfp(3);
    /// MSFP16: 16 values of sign and 7 bits, 8 bits of shared exponent. Tenstorrent's BFP8 is the
    /// same, BFP4 is [`BlockFormat::MSFP12`].
    pub const MSFP16: Self = msfp(7);
    /// Tenstorrent's BFP2: 16 values of sign and one bit.
    pub const BFP2: Self = msfp(1);
    /// AMD's bfp16 of XDNA: 8 values of sign and 7 bits, 8 bits of shared exponent.
    pub const BFP16: Self = {
        let (element, scale) = (Format::sign_magnitude(7), Format::shared_exponent(8));
        Self::known(element, BlockShape::Along(8), scale, ScaleRule::Floor)
    };
    /// FP8 E4M3 with one `f32` scale a tensor, from the tensor itself ("current scaling"); from
    /// earlier ones with [`DelayedScaling`](crate::block::DelayedScaling).
    pub const FP8_E4M3_TENSOR: Self = fp8(Format::OCP_E4M3, BlockShape::Tensor);
    /// FP8 E5M2 with one `f32` scale a tensor.
    pub const FP8_E5M2_TENSOR: Self = fp8(Format::OCP_E5M2, BlockShape::Tensor);
    /// FP8 E4M3 with an `f32` scale for each 128 values of a row: activations of DeepSeek-V3
    /// (arXiv 2412.19437, 3.3.2).
    pub const FP8_E4M3_1X128: Self = fp8(Format::OCP_E4M3, BlockShape::Along(128));
    /// FP8 E4M3 with an `f32` scale for each tile of 128×128: weights of DeepSeek-V3.
    pub const FP8_E4M3_128X128: Self =
        fp8(Format::OCP_E4M3, BlockShape::Tile { rows: 128, columns: 128 });

    /// GGUF's Q8_0: 32 integers of -127 to 127 and a binary16 scale, 8.5 bits a value (ggml, `block_q8_0`).
    ///
    /// s = binary16(amax/127), q = round(x/s), every quotient exact and rounded once. ggml divides by the
    /// scale before that is rounded, in `f32`, half away from zero, so that its codes may differ by one; what
    /// they stand for is the same. Bytes as in the file: [`BlockTensor::gguf_bytes`].
    ///
    /// [`BlockTensor::gguf_bytes`]: crate::block::BlockTensor::gguf_bytes
    pub const Q8_0: Self = gguf(BlockFormat::integer(8, MX, Format::BINARY16, ScaleRule::Absmax));
    /// GGUF's Q4_0: 32 integers of -8 to 7, counted from -8, and a binary16 scale of either sign, 4.5 bits a
    /// value (ggml, `block_q4_0`): the value of the largest magnitude has code 0, but for the scale's rounding.
    pub const Q4_0: Self = {
        let plain = gguf(BlockFormat::integer(4, MX, Format::BINARY16, ScaleRule::Extreme));
        gguf(plain.with_offset_codes(true))
    };
    /// GGUF's Q4_1: 32 integers of 0 to 15, a scale and a minimum in binary16, 5 bits a value (ggml,
    /// `block_q4_1`).
    ///
    /// m = binary16(least value), s = binary16(largest |x - m| / 15), q = round((x - m)/s), all exact and rounded once, by
    /// the numbers that the file will hold. The layout is ggml's; the numbers are not always: ggml finds s and q from
    /// the minimum and the scale before these are rounded, in `f32`, halves away from zero, so that scales differ in
    /// their last bits where values lie far from zero, and codes by one.
    ///
    /// K-quants, where scales and minima of 16 or 32 values are integers of 4 to 8 bits with binary16
    /// scales of their own for 256, have two levels of blocks, which a block format has not.
    pub const Q4_1: Self = {
        let half = Format::BINARY16;
        let plain = gguf(BlockFormat::unsigned_integer(4, MX, half, ScaleRule::Absmax));
        gguf(plain.with_minimum(Some(half)))
    };

    /// Every format above with the name that is printed and parsed.
    pub const PRESETS: [(&'static str, Self); 18] = [
        ("mxfp8_e4m3", Self::MXFP8_E4M3),
        ("mxfp8_e5m2", Self::MXFP8_E5M2),
        ("mxfp6_e3m2", Self::MXFP6_E3M2),
        ("mxfp6_e2m3", Self::MXFP6_E2M3),
        ("mxfp4", Self::MXFP4),
        ("mxint8", Self::MXINT8),
        ("nvfp4", Self::NVFP4),
        ("msfp12", Self::MSFP12),
        ("msfp16", Self::MSFP16),
        ("bfp2", Self::BFP2),
        ("bfp16", Self::BFP16),
        ("fp8_e4m3_tensor", Self::FP8_E4M3_TENSOR),
        ("fp8_e5m2_tensor", Self::FP8_E5M2_TENSOR),
        ("fp8_e4m3_1x128", Self::FP8_E4M3_1X128),
        ("fp8_e4m3_128x128", Self::FP8_E4M3_128X128),
        ("q8_0", Self::Q8_0),
        ("q4_0", Self::Q4_0),
        ("q4_1", Self::Q4_1),
    ];

    /// Block floating point: sign and `digits` bits of magnitude, blocks of `size`, a shared exponent
    /// of `exponent_bits`. The block's largest magnitude has its leading bit first.
    ///
    /// # Errors
    ///
    /// Unless 1 ≤ `digits` ≤ 15, 2 ≤ `exponent_bits` ≤ 8 and 1 ≤ `size` ≤ 2^24.
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Rounding};
    /// let bfp = BlockFormat::block_floating_point(3, 4, 5)?;
    /// let mut x = [1.0_f32, 0.3, -0.2, 0.1];
    /// BlockChop::new(bfp, Rounding::NearestEven).chop_slice(&mut x);
    /// assert_eq!(x, [1.0, 0.25, -0.25, 0.0]);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn block_floating_point(
        digits: u32,
        size: usize,
        exponent_bits: u32,
    ) -> Result<Self, FormatError> {
        if digits < 1 || digits > 15 {
            return Err(FormatError::integer("digits", digits as i128, "1..=15"));
        }
        if exponent_bits < 2 || exponent_bits > 8 {
            return Err(FormatError::integer("exponent bits", exponent_bits as i128, "2..=8"));
        }
        let element = Format::sign_magnitude(digits as u8);
        let scale = Format::shared_exponent(exponent_bits as u8);
        Self::new(element, BlockShape::Along(size), scale, ScaleRule::Floor)
    }
}
