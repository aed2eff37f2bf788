//! From a `BlockTensor` back to values.

use super::format::{BlockFormat, BlockShape, Coding};
use super::integers::Integers;
use super::lane::{self, value};
use super::minimum;
use super::scale::product;
use super::tensor::BlockTensor;
use super::tiling::Spread;
use crate::kernel::code_plan::CodePlan;
use crate::kernel::{self, SIZE};
use crate::rounding::random::CHUNK;
use crate::slices::same_length;
use crate::storage::{Storage, single_mut};

/// Scales up to which one by one is faster.
const FEW: usize = 8;

/// Values that are decoded at a time: they stay in the first-level cache.
const DECODED: usize = 2 * CHUNK;

/// Sign and magnitude from two's complement, but for the lowest code.
fn from_twos(code: u8) -> u8 {
    let negative = (code >> 7).wrapping_neg();
    (code ^ negative).wrapping_sub(negative) | negative & 0x80
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
        if let Some(to) = single_mut(to)
            && self.dequantize_blocks(to)
        {
            return;
        }
        let products = self.products();
        let minima = self.minima();
        let mut lifted = Spread::new(self.tiling.segments());
        let mut spread = Spread::new(self.tiling.segments());
        let (mut elements, mut factors) = ([0.0_f64; CHUNK], [0.0_f64; CHUNK]);
        for (index, places) in to.chunks_mut(CHUNK).enumerate() {
            let (elements, factors) = (&mut elements[..places.len()], &mut factors[..places.len()]);
            self.decode(index * CHUNK, elements);
            spread.fill(&products, factors);
            if self.format.minimum.is_none() {
                lane::values(elements, factors, places);
                continue;
            }
            let mut room = [0.0_f64; CHUNK];
            let minima_of = &mut room[..places.len()];
            lifted.fill(&minima, minima_of);
            let terms = elements.iter().zip(factors).zip(minima_of);
            for (place, ((q, s), m)) in places.iter_mut().zip(terms) {
                *place = minimum::value(*q, *s, *m);
            }
        }
    }

    /// s·g of each block.
    fn products(&self) -> Vec<f64> {
        let one = |code: &u32| product(&self.format, *code, self.tensor_scale);
        if self.scales.len() <= FEW
            && let Some(products) = self.scales.iter().map(one).collect()
        {
            return products;
        }
        let mut products = vec![0.0; self.scales.len()];
        if let Err(error) = self.format.scale.decode_slice(&self.scales, &mut products) {
            unreachable!("codes have been looked at when the tensor was made: {error}");
        }
        products.iter_mut().for_each(|scale| *scale *= f64::from(self.tensor_scale));
        products
    }

    /// The minimum of each block.
    fn minima(&self) -> Vec<f64> {
        let mut minima = vec![0.0; self.minima.len()];
        if let Some(format) = &self.format.minimum
            && let Err(error) = format.decode_slice(&self.minima, &mut minima)
        {
            unreachable!("codes have been looked at when the tensor was made: {error}");
        }
        minima
    }

    /// Elements from `start` on, a multiple of eight.
    fn decode<T: Storage>(&self, start: usize, to: &mut [T]) {
        let Ok(bytes) = self.codes.slice(start..start + to.len()) else {
            unreachable!("eight codes fill whole bytes")
        };
        if self.format.coding != Coding::Own {
            let integers = Integers::of(&self.format);
            let mut codes = [0_u16; CHUNK];
            for (index, places) in to.chunks_mut(CHUNK).enumerate() {
                let bits = self.format.element_bits();
                let codes = &mut codes[..places.len()];
                let first = index * CHUNK * bits as usize / 8;
                let length = (codes.len() * bits as usize).div_ceil(8);
                kernel::unpack(bits, &bytes[first..first + length], codes);
                let pairs = places.iter_mut().zip(codes);
                pairs.for_each(|(place, code)| *place = value(integers.element(*code), 1.0));
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
        let tiling = self.tiling;
        let block = self.format.block == BlockShape::Along(SIZE) && self.format.minimum.is_none();
        let in_rows = block && tiling.is_linear();
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
            None => self.products().into_iter().map(in_single).collect(),
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
        let plan = plan.filter(|_| match self.format.coding {
            Coding::Own => bits <= u8::BITS,
            Coding::Twos => bits == u8::BITS,
            Coding::TwosFull | Coding::Offset => false,
        });
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
}

/// A scale in `f32`, if that holds it.
fn in_single(scale: f64) -> Option<f32> {
    let narrow = scale as f32;
    (f64::from(narrow) == scale || scale.is_nan()).then_some(narrow)
}
