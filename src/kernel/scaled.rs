//! Block formats on the way back: codes decoded and multiplied by the scale of their block.

use super::block::SIZE;
use crate::kernel::code_plan::{CodePlan, CodeReady};
use crate::level::{self, Work};

type Block<A> = [A; SIZE];

/// Codes of a dense format in bytes to values times the scale of their block.
struct Scaled<'a, const SPECIALS: bool> {
    plan: &'a CodePlan,
    codes: &'a [Block<u8>],
    scales: &'a [f32],
    values: &'a mut [Block<f32>],
}

impl<const SPECIALS: bool> Work for Scaled<'_, SPECIALS> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ready = CodeReady::<f32>::of(self.plan);
        for ((codes, scale), values) in self.codes.iter().zip(self.scales).zip(self.values) {
            scaled_block::<SPECIALS>(codes, *scale, values, &ready);
        }
    }
}

/// Decodes and scales one block of a format of which every code stands for something: the lane
/// `decode_one` of `kernel/code.rs` without its tests.
#[inline(always)]
fn scaled_block<const SPECIALS: bool>(
    codes: &Block<u8>,
    scale: f32,
    values: &mut Block<f32>,
    ready: &CodeReady<f32>,
) {
    for i in 0..SIZE {
        let code = u32::from(codes[i]);
        let magnitude = code & ready.magnitude;
        let integer = f32::from_bits(ready.power.to_bits().wrapping_add(magnitude)) - ready.power;
        let normal = magnitude.wrapping_add(ready.offset) << ready.cut;
        let is_low = (magnitude as i32) < ready.low_code as i32;
        let mut bits = if is_low { integer.to_bits() } else { normal };
        if SPECIALS {
            let infinite = magnitude == ready.infinity;
            bits = if infinite { f32::INFINITY.to_bits() } else { bits };
            let nan = magnitude as i32 > ready.last_before_nan as i32;
            bits = if nan { f32::NAN.to_bits() } else { bits };
        }
        values[i] = f32::from_bits(bits | (code & ready.sign) << ready.sign_shift) * scale;
    }
}

/// Decodes codes and multiplies each block by its scale. False where the format has not what it takes.
pub(crate) fn decode_blocks(
    plan: &CodePlan,
    codes: &[Block<u8>],
    scales: &[f32],
    values: &mut [Block<f32>],
) -> bool {
    if !plan.dense || plan.nan_at_minus_zero || plan.width >= u8::BITS {
        return false;
    }
    if plan.has_nan {
        level::run(Scaled::<true> { plan, codes, scales, values });
    } else {
        level::run(Scaled::<false> { plan, codes, scales, values });
    }
    true
}

/// Products of elements with the scale of their block.
struct Products<'a> {
    values: &'a mut [Block<f32>],
    scales: &'a [f32],
}

impl Work for Products<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (block, &scale) in self.values.iter_mut().zip(self.scales) {
            for x in block {
                *x *= scale;
            }
        }
    }
}

/// Multiplies each block by its scale.
pub(crate) fn scale_blocks(values: &mut [Block<f32>], scales: &[f32]) {
    level::run(Products { values, scales });
}
