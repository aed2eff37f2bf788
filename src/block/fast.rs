//! Blocks of 32 `f32` values with power-of-two scales, through the kernel.

use core::ops::Range;

use super::elements;
use super::exact::Engine;
use super::format::{BlockFormat, BlockShape, Coding, ScaleRule};
use super::shaped;
use super::tiling::Tiling;
use crate::chop::Chop;
use crate::kernel::{self, BlockPlan, Nudge, SIZE, TOGETHER};
use crate::rounding::Decision;
use crate::rounding::random::{CHUNK, Source};
use crate::slices;
use crate::storage::{Storage, single, single_mut};

type Block = [f32; SIZE];

const ALONE: &str = "a plan is for f32 alone";

/// The plan, where format, rule and mode have the fast way: for `f32` values in rows.
pub(super) const fn plan(format: &BlockFormat, element: &Chop) -> Option<BlockPlan> {
    let nudge = match format.rule {
        ScaleRule::Floor => Nudge::Floor,
        ScaleRule::Ceil => Nudge::Ceil,
        ScaleRule::Rceil => Nudge::Rceil,
        ScaleRule::Even => Nudge::Even,
        _ => return None,
    };
    let in_blocks = matches!(format.block, BlockShape::Along(SIZE));
    let powers = format.has_power_scales() && !format.tensor_scale;
    let bytes = format.element_bits() <= u8::BITS && format.scale_bits() <= u8::BITS;
    let coded = match format.coding {
        Coding::Own => true,
        Coding::Twos => format.element_bits() == u8::BITS,
        Coding::TwosFull | Coding::Offset => false,
    };
    if !in_blocks || !powers || !bytes || !coded || format.minimum.is_some() {
        return None;
    }
    let Some(coding) = format.scale.coding() else { return None };
    let (least, most) = (format.scale.emin(), format.scale.emax());
    let offset = coding.largest as i32 - most;
    let Some(plan) = BlockPlan::new(&element.rule(), nudge, [least, most], offset) else {
        return None;
    };
    match element.rounding().decision() {
        Decision::Stochastic(drawing) if !plan.draws(drawing) => None,
        _ => Some(plan),
    }
}

/// Random words of [`TOGETHER`] blocks.
struct Words([[u32; SIZE]; TOGETHER]);

impl Words {
    /// The words of the elements from `position` on.
    fn draw(&mut self, source: &mut dyn Source, position: u64, count: usize) -> &[[u32; SIZE]] {
        let words = &mut self.0.as_flattened_mut()[..count];
        let mut done = 0;
        while done < count {
            let most = CHUNK.min(count - done);
            let given = source.words(position.wrapping_add(done as u64), most);
            slices::copy(given, &mut words[done..]);
            done += given.len();
        }
        &self.0[..count / SIZE]
    }
}

/// Goes through `count` blocks, [`TOGETHER`] at a time: the first, how many, and their words.
fn together(
    engine: &Engine<'_>,
    source: &mut dyn Source,
    position: u64,
    count: usize,
    mut run: impl FnMut(&mut dyn Source, usize, usize, Option<&[[u32; SIZE]]>),
) {
    let stochastic = engine.element.rounding().is_stochastic();
    let mut room = if stochastic { Some(Words([[0; SIZE]; TOGETHER])) } else { None };
    for first in (0..count).step_by(TOGETHER) {
        let blocks = TOGETHER.min(count - first);
        let position = position.wrapping_add((first * SIZE) as u64);
        let words = room.as_mut().map(|room| room.draw(source, position, blocks * SIZE));
        run(source, first, blocks, words);
    }
}

/// The places of the bits set.
fn ones(mut bits: u32) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}

/// The runs of bits set.
fn runs_of_ones(mut bits: u32) -> impl Iterator<Item = Range<usize>> {
    core::iter::from_fn(move || {
        let start = (bits != 0).then(|| bits.trailing_zeros())?;
        let end = start + (bits >> start).trailing_ones();
        bits &= u32::MAX.checked_shl(end).unwrap_or(0);
        Some(start as usize..end as usize)
    })
}

/// One block that is hard; several, where there is no other way.
fn exactly<T: Storage>(
    engine: &Engine<'_>,
    source: &mut dyn Source,
    position: u64,
    values: &mut [T],
) {
    if values.len() == SIZE
        && let Some(plan) = engine.power
        && !engine.element.rounding().is_stochastic()
    {
        return shaped::chop_alone(engine, plan, engine.scaler.product(values), values);
    }
    let tiling = Tiling { tile_columns: SIZE, ..Tiling::whole(values.len()) };
    engine.chop_all(&tiling, source, position, values);
}

/// Rounds all values, whole blocks one after another: in place, or from one slice into another.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    plan: &BlockPlan,
    source: &mut dyn Source,
    position: u64,
    from: Option<&[T]>,
    to: &mut [T],
) {
    let from = from.map(|from| single(from).unwrap_or_else(|| unreachable!("{ALONE}")));
    let Some(to) = single_mut(to) else { unreachable!("{ALONE}") };
    let rule = engine.element.rule();
    let blocks = to.as_chunks_mut::<SIZE>().0;
    let given = from.map(|from| from.as_chunks::<SIZE>().0);
    together(engine, source, position, blocks.len(), |source, first, count, words| {
        let from = given.map(|from| &from[first..first + count]);
        let to = &mut blocks[first..first + count];
        let hard = kernel::chop_blocks(&rule, plan, from, to, words);
        if engine.format.coding != Coding::Own {
            // Two's complement has one zero. What is hard may change, its value does not.
            to.as_flattened_mut().iter_mut().for_each(|y| *y += 0.0);
        }
        if hard != 0 {
            let position = position.wrapping_add((first * SIZE) as u64);
            chop_hard(engine, source, position, hard, from, to);
        }
    });
}

/// Rounds those blocks of at most [`TOGETHER`] that the kernel has left, of which the first value of all has the random
/// bits at `position`: those next to each other at once.
#[cold]
fn chop_hard(
    engine: &Engine<'_>,
    source: &mut dyn Source,
    position: u64,
    hard: u32,
    from: Option<&[Block]>,
    to: &mut [Block],
) {
    for blocks in runs_of_ones(hard) {
        let position = position.wrapping_add((blocks.start * SIZE) as u64);
        let to = &mut to[blocks.clone()];
        if let Some(from) = from {
            to.copy_from_slice(&from[blocks]);
        }
        let to = to.as_flattened_mut();
        match engine.power {
            Some(plan) if to.len() > SIZE => {
                let tiling = Tiling { tile_columns: SIZE, ..Tiling::whole(to.len()) };
                shaped::chop_all(engine, plan, &tiling, source, position, to);
            }
            _ => exactly(engine, source, position, to),
        }
    }
}

/// Rounds rows of whole blocks into codes, in the element format's own coding, and into scale codes:
/// at most [`TOGETHER`] blocks at a time, handed to `take`.
pub(super) fn chop_into_codes<T: Storage>(
    engine: &Engine<'_>,
    plan: &BlockPlan,
    source: &mut dyn Source,
    origin: u64,
    values: &[T],
    mut take: impl FnMut(&[u8], &[u8]),
) {
    let Some(values) = single(values) else { unreachable!("{ALONE}") };
    let rule = engine.element.rule();
    let (blocks, _) = values.as_chunks::<SIZE>();
    let (mut codes, mut scales) = ([[0_u8; SIZE]; TOGETHER], [0_u8; TOGETHER]);
    together(engine, source, origin, blocks.len(), |source, first, count, words| {
        let from = &blocks[first..first + count];
        let (codes, scales) = (&mut codes[..count], &mut scales[..count]);
        let hard = kernel::chop_blocks_into_codes(&rule, plan, from, codes, scales, words);
        for i in ones(hard) {
            let position = origin.wrapping_add(((first + i) * SIZE) as u64);
            scales[i] = exact_codes(engine, source, position, &from[i], &mut codes[i]);
        }
        take(codes.as_flattened(), scales);
    });
}

/// One block's codes by the slow path; the code of its scale.
#[cold]
fn exact_codes(
    engine: &Engine<'_>,
    source: &mut dyn Source,
    position: u64,
    values: &Block,
    codes: &mut [u8; SIZE],
) -> u8 {
    let tiling = Tiling::whole(SIZE);
    let scales = engine.scales(&tiling, values);
    let random: (&mut dyn Source, u64) = (source, position);
    elements::by_chunks(engine, &tiling, &scales.steps, random, values, None, |rounded| {
        if let Err(error) = engine.format.element.encode_slice(rounded.elements, codes) {
            unreachable!("elements have been rounded to their format: {error}");
        }
    });
    scales.codes[0] as u8
}
