//! From values to a `BlockTensor`.

use super::chop::{BlockChop, Blocks, elements, tiling};
use super::fast;
use super::format::Coding;
use super::integers::Integers;
use super::scale::{Scales, Steps};
use super::tensor::{BlockTensor, as_bytes};
use super::tiling::Tiling;
use crate::chop::{PackedArray, Seeded};
use crate::error::ShapeError;
use crate::kernel::{self, SIZE, TOGETHER};
use crate::rounding::random::CHUNK;
use crate::storage::Storage;

/// Elements' codes in two's complement from sign and magnitude.
fn to_twos(code: u8) -> u8 {
    let negative = (code >> 7).wrapping_neg();
    ((code & 0x7f) ^ negative).wrapping_sub(negative)
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
        let (bytes, scales, minima, tensor_scale) = match Self::fast(blocks, tiling, values) {
            Some((bytes, scales)) => (bytes, scales, Vec::new(), 1.0),
            None => {
                let Scales { tensor, codes, minimum_codes, steps } =
                    blocks.block_chop().engine().scales(tiling, values);
                let bytes = Self::packed_elements(blocks, tiling, &steps, values);
                (bytes, codes, minimum_codes, tensor)
            }
        };
        let codes = PackedArray::from_bytes(format.element_bits(), shape, bytes);
        let codes = match (codes, format.coding) {
            (Ok(codes), Coding::Own) => codes.with_format(format.element),
            (codes, _) => codes,
        };
        match codes {
            Ok(codes) => {
                Self { format, axis, tiling: *tiling, codes, scales, minima, tensor_scale }
            }
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
        let plan = chop.fast::<T>(tiling)?;
        let mut packer = Packer::new(format.element_bits(), values.len());
        let mut scales = Vec::with_capacity(tiling.blocks());
        let mut room = [0; SIZE * TOGETHER];
        engine.with_source(blocks.draws(), values.len(), |source, origin| {
            fast::chop_into_codes(&engine, plan, source, origin, values, |codes, of| {
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

    /// The bytes of the elements' codes.
    fn packed_elements<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        steps: &Steps,
        values: &[T],
    ) -> Vec<u8> {
        let format = blocks.block_chop().format();
        let mut packer = Packer::new(format.element_bits(), values.len());
        let mut room = [0_u16; CHUNK];
        let integers = Integers::of(&format);
        elements(blocks, tiling, steps, values, |rounded| {
            let codes = &mut room[..rounded.elements.len()];
            match format.coding {
                Coding::Own => {
                    if let Err(error) = format.element.encode_slice(rounded.elements, codes) {
                        unreachable!("elements have been rounded to their format: {error}");
                    }
                }
                Coding::Twos | Coding::TwosFull | Coding::Offset => {
                    for (code, q) in codes.iter_mut().zip(rounded.elements) {
                        *code = integers.code(*q);
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
    pub(super) fn from_scales<T: Storage>(
        blocks: &impl Blocks,
        tiling: &Tiling,
        scales: Scales,
        values: &[T],
    ) -> Self {
        let format = blocks.block_chop().format();
        let bytes = Self::packed_elements(blocks, tiling, &scales.steps, values);
        let shape = [values.len()];
        // Of no values there is no block.
        let codes = as_bytes(format.scale_bits(), &scales.codes[..tiling.blocks()]);
        match Self::from_parts(format, &shape, 0, bytes, &codes, 1.0) {
            Ok(tensor) => tensor,
            Err(error) => unreachable!("codes just made: {error}"),
        }
    }
}

macro_rules! quantize {
    ($($blocks:ty)*) => {$(
        /// Values to codes.
        impl $blocks {
            /// The codes of all values and scales, in blocks along the slice: a tensor of one axis.
            ///
            /// # Panics
            ///
            /// If the format has tiles, which need two axes.
            #[must_use]
            #[track_caller]
            pub fn quantize<T: Storage>(&self, values: &[T]) -> BlockTensor {
                match self.quantize_shaped(values, &[values.len()], 0) {
                    Ok(tensor) => tensor,
                    Err(error) => panic!("{error}"),
                }
            }

            /// The codes of all values and scales of an array: values in row-major order, blocks
            /// along `axis`.
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_shaped`.
            pub fn quantize_shaped<T: Storage>(
                &self,
                values: &[T],
                shape: &[usize],
                axis: usize,
            ) -> Result<BlockTensor, ShapeError> {
                let tiling = tiling(&self.block_chop().format(), values.len(), shape, axis)?;
                Ok(BlockTensor::of(self, &tiling, values, shape, axis))
            }
        }
    )*};
}

quantize!(BlockChop Seeded<BlockChop>);
