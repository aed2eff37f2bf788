//! The layout of GGUF's blocks: scale, minimum and codes of a block side by side.

use super::format::{BlockFormat, BlockShape, Coding};
use super::tensor::BlockTensor;
use super::tiling::count;
use crate::error::{PackedError, ShapeError};

/// Values of a block.
const SIZE: usize = 32;

/// Whether ggml has a block for these elements, scales and minima.
const fn has_layout(format: &BlockFormat) -> bool {
    let elements = match format.coding {
        Coding::Twos | Coding::TwosFull => format.element_bits() == 8,
        Coding::Offset => format.element_bits() == 4 && format.minimum.is_none(),
        Coding::Own => format.element_bits() == 4 && format.minimum.is_some(),
    };
    let numbers = format.scale_bits() == 16 && matches!(format.minimum_bits(), 0 | 16);
    elements && numbers && matches!(format.block, BlockShape::Along(SIZE))
}

fn refuse(part: &'static str, given: usize, needed: usize) -> ShapeError {
    ShapeError::Part { part, error: PackedError::Length { given, needed } }
}

/// Bytes of a block, of which so many come before the codes.
const fn lengths(format: &BlockFormat) -> (usize, usize) {
    let head = (format.scale_bits() + format.minimum_bits()) as usize / 8;
    (head + SIZE * format.element_bits() as usize / 8, head)
}

/// The rows of whole blocks that a shape has, along the last axis.
fn whole_blocks(format: &BlockFormat, shape: &[usize], axis: usize) -> Result<usize, ShapeError> {
    if !has_layout(format) {
        return Err(ShapeError::Layout);
    }
    let axes = shape.len();
    if axes == 0 || axis + 1 != axes {
        return Err(ShapeError::Axis { given: axis, axes });
    }
    let columns = shape[axes - 1];
    if !columns.is_multiple_of(SIZE) {
        return Err(ShapeError::Rows { given: columns, block: SIZE });
    }
    Ok(count(shape)? / SIZE)
}

/// GGUF's layout.
impl BlockTensor {
    /// The bytes of the blocks as a GGUF file has them, for [`BlockFormat::Q8_0`], [`BlockFormat::Q4_0`],
    /// [`BlockFormat::Q4_1`] and formats of their widths: of each block the scale, the minimum if there is one
    /// and the codes, those of four bits in bytes that hold the first half of the block below, the second above
    /// (ggml, `ggml-common.h`).
    ///
    /// # Errors
    ///
    /// For other formats, blocks along another axis than the last, and rows that end within a block.
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Rounding, block::BlockTensor};
    /// let values: Vec<f32> = (0..32).map(|i| i as f32 - 16.0).collect();
    /// let tensor = BlockChop::new(BlockFormat::Q4_0, Rounding::NearestEven).quantize(&values);
    /// let bytes = tensor.gguf_bytes()?;
    /// assert_eq!(bytes[..4], [0x00, 0x40, 0x80, 0x80]);  // the scale, 2; -16 and 0, -15 and 1
    /// assert_eq!(BlockTensor::from_gguf_bytes(BlockFormat::Q4_0, &[32], &bytes)?, tensor);
    /// # Ok::<(), lowprec::error::ShapeError>(())
    /// ```
    pub fn gguf_bytes(&self) -> Result<Vec<u8>, ShapeError> {
        let blocks = whole_blocks(&self.format, self.shape(), self.axis)?;
        let (whole, _) = lengths(&self.format);
        let mut bytes = Vec::with_capacity(blocks * whole);
        let codes =
            self.codes().bytes().chunks_exact(SIZE * self.format.element_bits() as usize / 8);
        for (block, codes) in codes.enumerate() {
            bytes.extend_from_slice(&(self.scales[block] as u16).to_le_bytes());
            let minimum = self.minima.get(block).map(|&code| (code as u16).to_le_bytes());
            bytes.extend(minimum.into_iter().flatten());
            if self.format.element_bits() == 8 {
                bytes.extend_from_slice(codes);
            } else {
                let code = |at: usize| codes[at / 2] >> (at % 2 * 4) & 0xf;
                bytes.extend((0..SIZE / 2).map(|at| code(at) | code(at + SIZE / 2) << 4));
            }
        }
        Ok(bytes)
    }

    /// A tensor of the bytes of a GGUF file.
    ///
    /// # Errors
    ///
    /// For the reasons of [`BlockTensor::gguf_bytes`] and [`BlockTensor::from_parts`], and for another number
    /// of bytes than the shape needs.
    pub fn from_gguf_bytes(
        format: BlockFormat,
        shape: &[usize],
        bytes: &[u8],
    ) -> Result<Self, ShapeError> {
        let axis = shape.len().saturating_sub(1);
        let blocks = whole_blocks(&format, shape, axis)?;
        let (whole, head) = lengths(&format);
        if blocks.checked_mul(whole) != Some(bytes.len()) {
            return Err(refuse("GGUF blocks", bytes.len(), blocks.saturating_mul(whole)));
        }
        let (mut scales, mut minima, mut codes) = (Vec::new(), Vec::new(), Vec::new());
        for block in bytes.chunks_exact(whole) {
            scales.extend_from_slice(&block[..2]);
            minima.extend_from_slice(&block[2..head]);
            let packed = &block[head..];
            if format.element_bits() == 8 {
                codes.extend_from_slice(packed);
            } else {
                let code = |at: usize| packed[at % (SIZE / 2)] >> (at / (SIZE / 2) * 4) & 0xf;
                codes.extend((0..SIZE / 2).map(|pair| code(2 * pair) | code(2 * pair + 1) << 4));
            }
        }
        Self::from_parts_with_minima(format, shape, axis, codes, &scales, &minima, 1.0)
    }
}
