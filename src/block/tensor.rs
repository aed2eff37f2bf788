//! `BlockTensor`: what quantizing gives, packed: codes of elements, codes of scales.

use super::format::{BlockFormat, Coding, ScaleRule};
use super::scale::product;
use super::tiling::{Tiling, count};
use crate::chop::PackedArray;
use crate::error::{PackedError, ShapeError};

/// An array in a block format: element codes packed tight, a code for each block's scale, and the
/// second-level scale.
///
/// ```
/// use lowprec::{BlockChop, BlockFormat, Rounding, block::BlockTensor};
/// let fp4 = BlockChop::new(BlockFormat::NVFP4, Rounding::NearestEven);
/// let values: Vec<f32> = (0..48).map(|i| (i as f32).sin()).collect();
/// let tensor = fp4.quantize_shaped(&values, &[2, 24], 1)?;
/// assert_eq!(tensor.scale_shape(), [2, 2]);
/// assert_eq!(tensor.size_in_bytes(), 48 / 2 + 4 + 4);
/// // As bytes and back.
/// let (codes, scales) = (tensor.codes().bytes().to_vec(), tensor.scale_bytes());
/// let again = BlockTensor::from_parts(
///     BlockFormat::NVFP4, &[2, 24], 1, codes, &scales, tensor.tensor_scale(),
/// )?;
/// assert_eq!(again, tensor);
/// # Ok::<(), lowprec::error::ShapeError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct BlockTensor {
    pub(super) format: BlockFormat,
    pub(super) axis: usize,
    pub(super) tiling: Tiling,
    pub(super) codes: PackedArray,
    pub(super) scales: Vec<u32>,
    /// The code of each block's minimum; none where the format has no minima.
    pub(super) minima: Vec<u32>,
    pub(super) tensor_scale: f32,
}

/// Codes as bytes: packed up to 16 bits, in whole bytes, the least significant first, beyond.
pub(super) fn as_bytes(bits: u32, codes: &[u32]) -> Vec<u8> {
    if bits > PackedArray::MAX_BITS {
        let bytes = bits.div_ceil(8) as usize;
        return codes.iter().flat_map(|code| code.to_le_bytes().into_iter().take(bytes)).collect();
    }
    match PackedArray::from_codes(bits, &[codes.len()], codes) {
        Ok(packed) => packed.into_bytes(),
        Err(error) => unreachable!("codes of the scale format: {error}"),
    }
}

fn of_bytes(bits: u32, blocks: usize, bytes: &[u8]) -> Result<Vec<u32>, PackedError> {
    if bits <= PackedArray::MAX_BITS {
        let packed = PackedArray::from_bytes(bits, &[blocks], bytes.to_vec())?;
        return Ok(packed.iter().map(u32::from).collect());
    }
    let each = bits.div_ceil(8) as usize;
    let needed = blocks.saturating_mul(each);
    if bytes.len() != needed {
        return Err(PackedError::Length { given: bytes.len(), needed });
    }
    let code = |bytes: &[u8]| bytes.iter().rev().fold(0, |code, byte| code << 8 | u32::from(*byte));
    Ok(bytes.chunks_exact(each).map(code).collect())
}

/// Taken apart and put together.
impl BlockTensor {
    /// A tensor of packed codes, as [`BlockTensor::codes`] and [`BlockTensor::scale_bytes`] give them.
    ///
    /// # Errors
    ///
    /// Unless shape and axis suit the format, there are exactly as many bytes of codes and scales as
    /// these need, unused bits are zero, every code stands for a value, scales are not negative but for the
    /// rule `Extreme`, and the tensor scale is positive and finite, or 1 where the format has none; where the
    /// format has minima, which [`BlockTensor::from_parts_with_minima`] takes.
    pub fn from_parts(
        format: BlockFormat,
        shape: &[usize],
        axis: usize,
        codes: Vec<u8>,
        scales: &[u8],
        tensor_scale: f32,
    ) -> Result<Self, ShapeError> {
        Self::from_parts_with_minima(format, shape, axis, codes, scales, &[], tensor_scale)
    }

    /// A tensor of packed codes with the codes of the blocks' minima, as [`BlockTensor::minimum_bytes`] gives
    /// them; none where the format has no minima.
    ///
    /// # Errors
    ///
    /// For the reasons of [`BlockTensor::from_parts`], and unless the minima are as many as the blocks, each a
    /// finite number.
    pub fn from_parts_with_minima(
        format: BlockFormat,
        shape: &[usize],
        axis: usize,
        codes: Vec<u8>,
        scales: &[u8],
        minima: &[u8],
        tensor_scale: f32,
    ) -> Result<Self, ShapeError> {
        count(shape)?;
        let tiling = Tiling::new(format.block, shape, axis)?;
        let positive = tensor_scale > 0.0 && tensor_scale.is_finite();
        if !positive || !format.tensor_scale && tensor_scale != 1.0 {
            return Err(ShapeError::TensorScale(tensor_scale.to_bits()));
        }
        let refuse = |part| move |error| ShapeError::Part { part, error };
        let codes = PackedArray::from_bytes(format.element_bits(), shape, codes)
            .and_then(|codes| match format.coding {
                Coding::Own => codes.with_format(format.element),
                _ => Ok(codes),
            })
            .map_err(refuse("element codes"))?;
        check_elements(&format, &codes).map_err(refuse("element codes"))?;
        let blocks = tiling.blocks();
        let scales =
            of_bytes(format.scale_bits(), blocks, scales).map_err(refuse("scale codes"))?;
        check_scales(&format, &scales).map_err(refuse("scale codes"))?;
        let minima = match format.minimum {
            Some(of) => of_bytes(format.minimum_bits(), blocks, minima).and_then(|minima| {
                check(&minima, |code| of.decode(code.into()).is_finite())?;
                Ok(minima)
            }),
            None if minima.is_empty() => Ok(Vec::new()),
            None => Err(PackedError::Length { given: minima.len(), needed: 0 }),
        };
        let minima = minima.map_err(refuse("minimum codes"))?;
        Ok(Self { format, axis, tiling, codes, scales, minima, tensor_scale })
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> BlockFormat {
        self.format
    }

    /// The length along each axis.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        self.codes.shape()
    }

    /// The axis along which blocks lie.
    #[must_use]
    pub fn axis(&self) -> usize {
        self.axis
    }

    /// The elements' codes.
    #[must_use]
    pub fn codes(&self) -> &PackedArray {
        &self.codes
    }

    /// How many blocks there are along each axis; no axis where one scale is for all.
    #[must_use]
    pub fn scale_shape(&self) -> Vec<usize> {
        Tiling::scale_shape(self.format.block, self.shape(), self.axis)
    }

    /// The code of a block's scale, blocks counted in row-major order.
    #[must_use]
    pub fn scale_code(&self, block: usize) -> Option<u32> {
        self.scales.get(block).copied()
    }

    /// The codes of all scales, in row-major order.
    #[must_use]
    pub fn scale_codes(&self) -> &[u32] {
        &self.scales
    }

    /// A block's scale times the tensor scale: exact.
    #[must_use]
    pub fn scale(&self, block: usize) -> Option<f64> {
        self.scale_code(block).and_then(|code| product(&self.format, code, self.tensor_scale))
    }

    /// The scales' codes as bytes: packed like elements up to 16 bits, wider ones in whole bytes, the
    /// least significant first.
    #[must_use]
    pub fn scale_bytes(&self) -> Vec<u8> {
        as_bytes(self.format.scale_bits(), &self.scales)
    }

    /// The codes of all minima, in row-major order; none where the format has no minima.
    #[must_use]
    pub fn minimum_codes(&self) -> &[u32] {
        &self.minima
    }

    /// A block's minimum, blocks counted in row-major order; `None` where the format has no minima.
    #[must_use]
    pub fn minimum(&self, block: usize) -> Option<f64> {
        let format = self.format.minimum?;
        self.minima.get(block).map(|&code| format.decode(code.into()))
    }

    /// The minima's codes as bytes, packed as elements are.
    #[must_use]
    pub fn minimum_bytes(&self) -> Vec<u8> {
        if self.minima.is_empty() {
            return Vec::new();
        }
        as_bytes(self.format.minimum_bits(), &self.minima)
    }

    /// g; 1 where the format has no second level.
    #[must_use]
    pub fn tensor_scale(&self) -> f32 {
        self.tensor_scale
    }

    /// Bytes of codes, scales, minima and tensor scale.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        let tensor = if self.format.tensor_scale { size_of::<f32>() } else { 0 };
        self.codes.bytes().len() + self.scale_bytes().len() + self.minimum_bytes().len() + tensor
    }
}

fn check_elements(format: &BlockFormat, codes: &PackedArray) -> Result<(), PackedError> {
    let lowest = 1_u64 << (format.element_bits() - 1);
    let stands = |code: u64| match format.coding {
        Coding::Own => format.element.decode_exact(code).is_some(),
        Coding::Twos => code != lowest,
        Coding::TwosFull | Coding::Offset => true,
    };
    let all: Vec<bool> = (0..1_u64 << format.element_bits()).map(stands).collect();
    if all.iter().all(|&stands| stands) {
        return Ok(());
    }
    match codes.iter().enumerate().find(|(_, code)| !all[usize::from(*code)]) {
        Some((index, code)) => Err(PackedError::Unassigned { index, code: code.into() }),
        None => Ok(()),
    }
}

fn check_scales(format: &BlockFormat, codes: &[u32]) -> Result<(), PackedError> {
    let signed = format.rule == ScaleRule::Extreme;
    check(codes, |code| {
        let scale = product(format, code, 1.0);
        scale.is_some_and(|s| s.is_nan() || (signed || s >= 0.0) && s.is_finite())
    })
}

fn check(codes: &[u32], stands: impl Fn(u32) -> bool) -> Result<(), PackedError> {
    match codes.iter().enumerate().find(|(_, code)| !stands(**code)) {
        Some((index, &code)) => Err(PackedError::Unassigned { index, code: code.into() }),
        None => Ok(()),
    }
}
