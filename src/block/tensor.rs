//! `BlockTensor`: what quantizing gives, packed: codes of elements, codes of scales.

use super::chop::{Blocks, elements};
use super::exact::value;
use super::fast;
use super::format::{BlockFormat, BlockShape, Coding};
use super::scale::{Scales, product};
use super::tiling::{Spread, Tiling, count};
use crate::chop::same_length;
use crate::code_plan::CodePlan;
use crate::error::{PackedError, ShapeError};
use crate::kernel::{self, SIZE, TOGETHER};
use crate::packed::PackedArray;
use crate::random::CHUNK;
use crate::storage::Storage;
use crate::storage::sealed::ViewMut;

/// An array in a block format: element codes packed tight, a code for each block's scale, and the
/// second-level scale.
///
/// ```
/// use lowprec::{BlockChop, BlockFormat, BlockTensor, Rounding};
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
/// # Ok::<(), lowprec::ShapeError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct BlockTensor {
    format: BlockFormat,
    axis: usize,
    tiling: Place,
    codes: PackedArray,
    scales: Vec<u32>,
    tensor_scale: f32,
}

/// Where the blocks lie, as far as two tensors can differ in it: it follows from format, shape and
/// axis.
#[derive(Clone, Copy, Debug)]
struct Place(Tiling);

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Values that are decoded at a time: they stay in the first-level cache.
const DECODED: usize = 2 * CHUNK;

/// Elements' codes in two's complement from sign and magnitude.
fn to_twos(code: u8) -> u8 {
    let negative = (code >> 7).wrapping_neg();
    ((code & 0x7f) ^ negative).wrapping_sub(negative)
}

/// And back, but for the lowest code.
fn from_twos(code: u8) -> u8 {
    let negative = (code >> 7).wrapping_neg();
    (code ^ negative).wrapping_sub(negative) | negative & 0x80
}

fn of_twos(code: u8) -> f64 {
    f64::from(code.cast_signed()) / 64.0
}

/// Packs chunk after chunk.
struct Packer {
    bits: u32,
    bytes: Vec<u8>,
    done: usize,
}

impl Packer {
    fn new(bits: u32, count: usize) -> Self {
        let Some(length) = kernel::packed_len(bits, count) else {
            unreachable!("codes are no wider than the values in memory")
        };
        Self { bits, bytes: vec![0; length], done: 0 }
    }

    /// Every chunk but the last of whole bytes.
    fn push<C: kernel::Packable>(&mut self, codes: &[C]) {
        let length = (codes.len() * self.bits as usize).div_ceil(8);
        kernel::pack(self.bits, codes, &mut self.bytes[self.done..self.done + length]);
        self.done += length;
    }
}

/// Quantizing.
impl BlockTensor {
    pub(super) fn of<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        values: &[T],
        shape: &[usize],
        axis: usize,
    ) -> Self {
        let format = blocks.block_chop().format();
        let (bytes, scales, tensor_scale) = match Self::fast(blocks, tiling, values) {
            Some((bytes, scales)) => (bytes, scales, 1.0),
            None => Self::exact(blocks, tiling, values),
        };
        let codes = PackedArray::from_bytes(format.element_bits(), shape, bytes);
        let codes = match (codes, format.coding) {
            (Ok(codes), Coding::Own) => codes.with_format(format.element),
            (codes, _) => codes,
        };
        match codes {
            Ok(codes) => Self { format, axis, tiling: Place(*tiling), codes, scales, tensor_scale },
            Err(error) => unreachable!("as many codes as values, packed: {error}"),
        }
    }

    fn fast<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        values: &[T],
    ) -> Option<(Vec<u8>, Vec<u32>)> {
        let chop = blocks.block_chop();
        let (engine, format) = (chop.engine(), chop.format());
        let plan = fast::plan::<T>(&engine, tiling)?;
        if !tiling.columns.is_multiple_of(SIZE) {
            return None;
        }
        let mut packer = Packer::new(format.element_bits(), values.len());
        let mut scales = Vec::with_capacity(tiling.blocks());
        let mut room = [0; SIZE * TOGETHER];
        engine.with_source(blocks.draws(), values.len(), |source, origin| {
            fast::chop_into_codes(&engine, &plan, source, origin, values, |codes, of| {
                if format.coding == Coding::Own {
                    packer.push(codes);
                } else {
                    let room = &mut room[..codes.len()];
                    room.iter_mut().zip(codes).for_each(|(place, code)| *place = to_twos(*code));
                    packer.push(room);
                }
                scales.extend(of.iter().map(|&code| u32::from(code)));
            });
        });
        Some((packer.bytes, scales))
    }

    fn exact<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        values: &[T],
    ) -> (Vec<u8>, Vec<u32>, f32) {
        let chop = blocks.block_chop();
        let Scales { tensor, codes, products } = chop.engine().scales(tiling, values);
        (Self::packed_elements(blocks, tiling, &products, values), codes, tensor)
    }

    /// The bytes of the elements' codes.
    fn packed_elements<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        products: &[f64],
        values: &[T],
    ) -> Vec<u8> {
        let format = blocks.block_chop().format();
        let mut packer = Packer::new(format.element_bits(), values.len());
        let mut room = [0_u16; CHUNK];
        elements(blocks, tiling, products, values, |rounded| {
            let codes = &mut room[..rounded.elements.len()];
            match format.coding {
                Coding::Own => {
                    if let Err(error) = format.element.encode_slice(rounded.elements, codes) {
                        unreachable!("elements have been rounded to their format: {error}");
                    }
                }
                Coding::Twos | Coding::TwosFull => {
                    for (code, q) in codes.iter_mut().zip(rounded.elements) {
                        *code = u16::from(((q * 64.0) as i8).cast_unsigned());
                    }
                }
            }
            if format.element_bits() <= u8::BITS {
                let narrow: [u8; CHUNK] =
                    core::array::from_fn(|i| *codes.get(i).unwrap_or(&0) as u8);
                packer.push(&narrow[..codes.len()]);
            } else {
                packer.push(codes);
            }
        });
        packer.bytes
    }

    /// With the scale of each block given as a number, rounded to the scale format already.
    pub(super) fn of_scales<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        scales: Scales,
        values: &[T],
    ) -> Self {
        let format = blocks.block_chop().format();
        let bytes = Self::packed_elements(blocks, tiling, &scales.products, values);
        let shape = [values.len()];
        match Self::from_parts(format, &shape, 0, bytes, &as_bytes(&format, &scales.codes), 1.0) {
            Ok(tensor) => tensor,
            Err(error) => unreachable!("codes just made: {error}"),
        }
    }
}

/// Codes as bytes: packed up to 16 bits, in whole bytes, the least significant first, beyond.
fn as_bytes(format: &BlockFormat, codes: &[u32]) -> Vec<u8> {
    let bits = format.scale_bits();
    if bits > PackedArray::MAX_BITS {
        let bytes = bits.div_ceil(8) as usize;
        return codes.iter().flat_map(|code| code.to_le_bytes().into_iter().take(bytes)).collect();
    }
    match PackedArray::from_codes(bits, &[codes.len()], codes) {
        Ok(packed) => packed.into_bytes(),
        Err(error) => unreachable!("codes of the scale format: {error}"),
    }
}

fn of_bytes(format: &BlockFormat, blocks: usize, bytes: &[u8]) -> Result<Vec<u32>, PackedError> {
    let bits = format.scale_bits();
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
    /// these need, unused bits are zero, every code stands for a value, scales not negative, and the
    /// tensor scale is positive and finite, or 1 where the format has none.
    pub fn from_parts(
        format: BlockFormat,
        shape: &[usize],
        axis: usize,
        codes: Vec<u8>,
        scales: &[u8],
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
        let scales = of_bytes(&format, tiling.blocks(), scales).map_err(refuse("scale codes"))?;
        check_scales(&format, &scales).map_err(refuse("scale codes"))?;
        Ok(Self { format, axis, tiling: Place(tiling), codes, scales, tensor_scale })
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
        as_bytes(&self.format, &self.scales)
    }

    /// g; 1 where the format has no second level.
    #[must_use]
    pub fn tensor_scale(&self) -> f32 {
        self.tensor_scale
    }

    /// Bytes of codes, scales and tensor scale.
    #[must_use]
    pub fn size_in_bytes(&self) -> usize {
        let tensor = if self.format.tensor_scale { size_of::<f32>() } else { 0 };
        self.codes.bytes().len() + self.scale_bytes().len() + tensor
    }
}

fn check_elements(format: &BlockFormat, codes: &PackedArray) -> Result<(), PackedError> {
    let lowest = 1_u64 << (format.element_bits() - 1);
    let stands = |code: u64| match format.coding {
        Coding::Own => format.element.decode_exact(code).is_some(),
        Coding::Twos => code != lowest,
        Coding::TwosFull => true,
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
    let stands = |code: u32| {
        product(format, code, 1.0).is_some_and(|s| s.is_nan() || s >= 0.0 && s.is_finite())
    };
    match codes.iter().enumerate().find(|(_, code)| !stands(**code)) {
        Some((index, &code)) => Err(PackedError::Unassigned { index, code: code.into() }),
        None => Ok(()),
    }
}

/// Scale codes that are exponents of normal numbers of `f32`, or of 2^-127, counted from 0: E8M0.
#[derive(Clone, Copy)]
struct PowerCodes {
    least: i32,
    most: i32,
}

impl PowerCodes {
    fn of(format: &BlockFormat) -> Option<Self> {
        let (least, most) = (format.scale.emin(), format.scale.emax());
        let first = format.scale.decode(0) == 2f64.powi(least);
        let held = least >= -127 && most <= 127;
        (format.has_power_scales() && first && held).then_some(Self { least, most })
    }

    /// 2^exponent; NaN behind the last.
    fn number(self, code: u32) -> f32 {
        let exponent = self.least + code as i32;
        let normal = ((exponent + 127) as u32) << 23;
        let bits = if exponent < -126 { 1 << 22 } else { normal };
        f32::from_bits(if exponent > self.most { f32::NAN.to_bits() } else { bits })
    }
}

/// Dequantizing.
impl BlockTensor {
    /// The values: element · s · g, exact in binary64, rounded to nearest even in `T`; NaN in blocks
    /// whose scale is.
    #[must_use]
    pub fn dequantize<T: Storage>(&self) -> Vec<T> {
        let mut values = vec![T::zero(); self.codes.len()];
        self.dequantize_into(&mut values);
        values
    }

    /// Writes the values, in row-major order.
    ///
    /// # Panics
    ///
    /// Unless there is one place for each.
    #[track_caller]
    pub fn dequantize_into<T: Storage>(&self, to: &mut [T]) {
        same_length(self.codes.len(), to.len());
        if let ViewMut::Single(to) = T::view_mut(to)
            && self.dequantize_blocks(to)
        {
            return;
        }
        let products: Vec<f64> = self.scales.iter().map(|&code| self.product(code)).collect();
        let mut spread = Spread::new(self.tiling.0.segments());
        let (mut elements, mut factors) = ([0.0_f64; CHUNK], [0.0_f64; CHUNK]);
        for (index, places) in to.chunks_mut(CHUNK).enumerate() {
            let (elements, factors) = (&mut elements[..places.len()], &mut factors[..places.len()]);
            self.decode(index * CHUNK, elements);
            spread.fill(&products, factors);
            for ((place, element), product) in places.iter_mut().zip(elements).zip(factors) {
                *place = value(*element, *product);
            }
        }
    }

    fn product(&self, code: u32) -> f64 {
        match product(&self.format, code, self.tensor_scale) {
            Some(product) => product,
            None => unreachable!("codes have been looked at when the tensor was made"),
        }
    }

    /// Elements from `start` on, a multiple of eight.
    fn decode<T: Storage>(&self, start: usize, to: &mut [T]) {
        let Ok(bytes) = self.codes.slice(start..start + to.len()) else {
            unreachable!("eight codes fill whole bytes")
        };
        if self.format.coding != Coding::Own {
            for (place, code) in to.iter_mut().zip(bytes) {
                *place = value(of_twos(*code), 1.0);
            }
            return;
        }
        if let Err(error) = self.format.element.decode_packed(bytes, to) {
            unreachable!("codes have been looked at when the tensor was made: {error}");
        }
    }

    /// Whole blocks of `f32` in rows, with scales that `f32` holds: the product in `f32` is then the
    /// exact one rounded once. False where that is not so.
    fn dequantize_blocks(&self, to: &mut [f32]) -> bool {
        let tiling = self.tiling.0;
        let in_rows = self.format.block == BlockShape::Along(SIZE) && tiling.is_linear();
        let element = self.format.element;
        let held = element.emin() - element.mantissa_bits() as i32 >= f32::MIN_EXP - 1
            && element.emax() < f32::MAX_EXP;
        if !in_rows || !tiling.columns.is_multiple_of(SIZE) || !held || self.format.tensor_scale {
            return false;
        }
        let powers = PowerCodes::of(&self.format);
        // Of other scales only those that `f32` holds.
        let narrow: Option<Vec<f32>> = match powers {
            Some(_) => Some(Vec::new()),
            None => self.scales.iter().map(|&code| self.narrow(code)).collect(),
        };
        let Some(narrow) = narrow else { return false };
        let plan = CodePlan::new::<f32>(&element);
        let mut room = [0.0; DECODED / SIZE];
        for (index, places) in to.chunks_mut(DECODED).enumerate() {
            let (blocks, _) = places.as_chunks_mut();
            let first = index * (DECODED / SIZE);
            let room = &mut room[..blocks.len()];
            match powers {
                Some(powers) => {
                    let codes = &self.scales[first..first + blocks.len()];
                    room.iter_mut().zip(codes).for_each(|(s, code)| *s = powers.number(*code));
                }
                None => room.copy_from_slice(&narrow[first..first + blocks.len()]),
            }
            if !self.decode_and_scale(index * DECODED, plan.as_ref(), room, blocks) {
                self.decode(index * DECODED, blocks.as_flattened_mut());
                kernel::scale_blocks(blocks, room);
            }
        }
        true
    }

    /// Both in one loop, from codes in bytes. False where that cannot be done.
    fn decode_and_scale(
        &self,
        start: usize,
        plan: Option<&CodePlan>,
        scales: &[f32],
        blocks: &mut [[f32; SIZE]],
    ) -> bool {
        let bits = self.format.element_bits();
        let plan = plan.filter(|_| bits <= u8::BITS && self.format.coding != Coding::TwosFull);
        let Some(plan) = plan else {
            return false;
        };
        let Ok(bytes) = self.codes.slice(start..start + blocks.len() * SIZE) else {
            unreachable!("eight codes fill whole bytes")
        };
        let mut room = [[0_u8; SIZE]; DECODED / SIZE];
        let codes = if self.format.coding == Coding::Twos {
            let codes = &mut room[..blocks.len()];
            let places = codes.as_flattened_mut().iter_mut();
            places.zip(bytes).for_each(|(place, code)| *place = from_twos(*code));
            codes
        } else if bits == u8::BITS {
            bytes.as_chunks().0
        } else {
            let codes = &mut room[..blocks.len()];
            kernel::unpack(bits, bytes, codes.as_flattened_mut());
            codes
        };
        kernel::decode_blocks(plan, codes, scales, blocks)
    }

    /// A scale in `f32`, if that holds it.
    fn narrow(&self, code: u32) -> Option<f32> {
        let scale = product(&self.format, code, 1.0)?;
        let narrow = scale as f32;
        (f64::from(narrow) == scale || scale.is_nan()).then_some(narrow)
    }
}
