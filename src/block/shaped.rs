//! Power-of-two scales and blocks of any shape, in either storage type, through the kernel.

use core::cell::OnceCell;
use std::borrow::Cow;

use super::elements::{self, Chunk};
use super::exact::{Engine, Rounded};
use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::Steps;
use super::tiling::{Segment, Tiling};
use crate::chop::Chop;
use crate::format::power_of_two;
use crate::kernel::{self, PowerPlan, SPOILED, Scales};
use crate::rounding::Decision;
use crate::rounding::random::{CHUNK, Source};
use crate::slices;
use crate::storage::Storage;

/// The plan, where elements, scales and mode have this way.
pub(super) const fn plan(format: &BlockFormat, element: &Chop) -> Option<PowerPlan> {
    let powers = format.has_power_scales() && !format.tensor_scale && !format.scale.has_zero();
    let replaced = matches!(format.specials, Specials::Saturate) && format.element.has_nan();
    let lowest = matches!(format.coding, Coding::TwosFull | Coding::Offset);
    if !powers || replaced || lowest || format.minimum.is_some() {
        return None;
    }
    let scales = [format.scale.emin(), format.scale.emax()];
    let one_zero = !matches!(format.coding, Coding::Own);
    let Some(plan) = PowerPlan::new(&element.rule(), scales, one_zero) else { return None };
    match element.rounding().decision() {
        Decision::Stochastic(drawing) if !plan.draws(drawing) => None,
        _ => Some(plan),
    }
}

/// Finds the scales and rounds in place.
pub(super) fn chop_all<T: Storage>(
    engine: &Engine<'_>,
    plan: &PowerPlan,
    tiling: &Tiling,
    source: &mut dyn Source,
    origin: u64,
    values: &mut [T],
) {
    match engine.scaler.exponents(tiling, values) {
        Some(exponents) => by_exponents(engine, plan, tiling, &exponents, source, origin, values),
        None => {
            let steps = engine.scaler.steps(tiling, values);
            chop(engine, plan, tiling, &steps, source, origin, values);
        }
    }
}

/// Rounds in place by the scales of blocks that are known.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    plan: &PowerPlan,
    tiling: &Tiling,
    steps: &Steps,
    source: &mut dyn Source,
    origin: u64,
    values: &mut [T],
) {
    if engine.replaces() && lane::largest(values).is_nan() {
        values.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = T::infinity());
    }
    let exponents: Vec<i32> = steps.products.iter().map(|s| kernel::exponent(*s)).collect();
    by_exponents(engine, plan, tiling, &exponents, source, origin, values);
}

/// What the kernel wants of all blocks, in the type that it rounds in.
struct Constants<'a, T> {
    exponents: Cow<'a, [i32]>,
    low: Vec<T>,
    largest: Vec<T>,
}

impl<'a, T: Storage> Constants<'a, T> {
    fn of(plan: &PowerPlan, exponents: impl Into<Cow<'a, [i32]>>) -> Self {
        let exponents = exponents.into();
        let mut low = vec![T::zero(); exponents.len()];
        let mut largest = low.clone();
        kernel::constants_of_blocks(plan, &exponents, &mut low, &mut largest);
        Self { exponents, low, largest }
    }

    /// Of blocks times 2^`by`.
    fn moved(plan: &PowerPlan, exponents: &[i32], by: i32) -> Self {
        let moved = |e: &i32| if *e == SPOILED { SPOILED } else { *e + by };
        Self::of(plan, exponents.iter().map(moved).collect::<Vec<i32>>())
    }

    fn scales(&self) -> Scales<'_, T> {
        Scales { exponents: &self.exponents, low: &self.low, largest: &self.largest }
    }
}

/// Where blocks have room to be rounded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In the storage type, as they are.
    Own,
    /// In the storage type, times a power of two.
    Times(i32),
    Double,
}

/// By what `f32` is multiplied to have room. Exact for all values that matter: the smallest quantum stays 2^18 times the
/// smallest normal number, so that what becomes inexact rounds to zero, downwards in the nearest modes alone.
const MOVES: [i32; 2] = [-64, 64];

impl Place {
    fn of<T: Storage>(plan: &PowerPlan, nearest: bool, exponents: &[i32]) -> Self {
        if T::PRECISION == f64::MANTISSA_DIGITS {
            return Self::Own;
        }
        let fits = |by: i32| {
            exponents.iter().fold(true, |all, e| all & (*e == SPOILED || plan.is_safe(*e + by)))
        };
        let moves = MOVES.into_iter().filter(|by| nearest || *by > 0);
        match fits(0) {
            true => Self::Own,
            false => moves.into_iter().find(|by| fits(*by)).map_or(Self::Double, Self::Times),
        }
    }
}

/// Rounds in place by the exponents of the scales of blocks: values without a NaN that the largest element replaces.
fn by_exponents<T: Storage>(
    engine: &Engine<'_>,
    plan: &PowerPlan,
    tiling: &Tiling,
    exponents: &[i32],
    source: &mut dyn Source,
    origin: u64,
    values: &mut [T],
) {
    let (rule, shape) = (engine.element.rule(), tiling.shape());
    let place = |exponents: &[i32]| Place::of::<T>(plan, rule.rounding.is_nearest(), exponents);
    let (drawn, of_all) = (engine.element.rounding().is_stochastic(), place(exponents));
    let own = Constants::<T>::of(plan, exponents);
    let wide = OnceCell::new();
    let moved = MOVES.map(|by| (by, OnceCell::new()));
    let length = if of_all == Place::Own && !drawn { values.len().max(1) } else { CHUNK };
    let products = OnceCell::new();
    let mut room = [0_u32; CHUNK];
    for (index, part) in values.chunks_mut(length).enumerate() {
        let (start, count) = (index * length, part.len());
        let position = origin.wrapping_add(start as u64);
        let words = engine.words(source, position, count, &mut room);
        let place = match of_all {
            Place::Own => Place::Own,
            _ => place(&exponents[tiling.blocks_of(start, count)]),
        };
        let round = |done: usize, values: &mut [T]| {
            let (start, words) = (start + done, words.map(|words| &words[done..]));
            match place {
                Place::Own => {
                    kernel::chop_shaped(&rule, plan, shape, start, own.scales(), values, words)
                }
                Place::Times(by) => {
                    let moved = moved.iter().find(|of| of.0 == by);
                    let moved =
                        moved.map(|of| of.1.get_or_init(|| Constants::moved(plan, exponents, by)));
                    moved.map_or(0, |moved| {
                        in_units(by, values, |values| {
                            let scales = moved.scales();
                            kernel::chop_shaped(&rule, plan, shape, start, scales, values, words)
                        })
                    })
                }
                Place::Double => in_double(values, |values| {
                    let wide = wide.get_or_init(|| Constants::<f64>::of(plan, exponents));
                    kernel::chop_shaped(&rule, plan, shape, start, wide.scales(), values, words)
                }),
            }
        };
        let products = || -> &Vec<f64> {
            products.get_or_init(|| exponents.iter().map(|e| kernel::scale(*e)).collect())
        };
        let exact = |done: usize, source: &mut dyn Source, position: u64, values: &mut [T]| {
            exactly(engine, tiling, products(), source, start + done, position, values);
        };
        in_parts((source, position), part, round, exact);
    }
    if exponents.contains(&SPOILED) {
        spoil(tiling, |block| exponents[block] == SPOILED, values);
    }
}

/// How many values the exact path takes where one of them is left open; twice as many each time that the next one is,
/// too.
const OPEN: usize = kernel::PART;

/// Rounds values, of which the first's random bits are those at a position: by the kernel, which says how many it has
/// rounded from one on before it left some as they are, and those exactly.
pub(super) fn in_parts<T: Storage>(
    (source, position): (&mut dyn Source, u64),
    values: &mut [T],
    round: impl Fn(usize, &mut [T]) -> usize,
    exact: impl Fn(usize, &mut dyn Source, u64, &mut [T]),
) {
    let (mut done, mut most) = (0, OPEN);
    while done < values.len() {
        let more = round(done, &mut values[done..]);
        done += more;
        most = if more < most { (2 * most).min(CHUNK) } else { OPEN };
        let open = done..values.len().min(done + most);
        if !open.is_empty() {
            exact(done, source, position.wrapping_add(done as u64), &mut values[open.clone()]);
            done = open.end;
        }
    }
}

/// Rounds at most [`CHUNK`] values times 2^`by`, as far as that goes.
fn in_units<T: Storage>(by: i32, values: &mut [T], round: impl FnOnce(&mut [T]) -> usize) -> usize {
    let mut room = [T::zero(); CHUNK];
    let room = &mut room[..values.len()];
    lane::moved(values, power_of_two(by), room);
    let done = round(room);
    lane::moved(&room[..done], power_of_two(-by), &mut values[..done]);
    done
}

/// Rounds at most [`CHUNK`] values as `f64`, as far as that goes.
pub(super) fn in_double<T: Storage>(
    values: &mut [T],
    round: impl FnOnce(&mut [f64]) -> usize,
) -> usize {
    let mut room = [0.0_f64; CHUNK];
    let room = &mut room[..values.len()];
    slices::widen(values, room);
    let done = round(room);
    lane::narrowed(&room[..done], &mut values[..done]);
    done
}

/// Rounds a block of `f32` for which that has no room, or which is NaN, in a deterministic mode.
pub(super) fn chop_alone<T: Storage>(
    engine: &Engine<'_>,
    plan: &PowerPlan,
    product: f64,
    values: &mut [T],
) {
    if product.is_nan() {
        return values.fill(lane::value(0.0, f64::NAN));
    }
    let shape = Tiling::whole(values.len()).shape();
    let mut wide = [0.0_f64; kernel::SIZE];
    let wide = &mut wide[..values.len()];
    let replaces = engine.replaces();
    for (wide, x) in wide.iter_mut().zip(&*values) {
        let x = x.widen();
        *wide = if replaces && x.is_nan() { f64::INFINITY } else { x };
    }
    let exponents = [kernel::exponent(product)];
    let (mut low, mut largest) = ([0.0], [0.0]);
    kernel::constants_of_blocks(plan, &exponents, &mut low, &mut largest);
    let scales = Scales { exponents: &exponents, low: &low, largest: &largest };
    kernel::chop_shaped(&engine.element.rule(), plan, shape, 0, scales, wide, None);
    values.iter_mut().zip(&*wide).for_each(|(x, wide)| *x = lane::value(*wide, 1.0));
}

/// Rounds, and hands on the elements.
pub(super) fn elements<T: Storage>(
    engine: &Engine<'_>,
    plan: &PowerPlan,
    tiling: &Tiling,
    steps: &Steps,
    random: (&mut dyn Source, u64),
    values: &[T],
    take: impl FnMut(Rounded<'_>),
) {
    let exponents: Vec<i32> = steps.products.iter().map(|s| kernel::exponent(*s)).collect();
    let (rule, shape, replaces) = (engine.element.rule(), tiling.shape(), engine.replaces());
    let constants = Constants::<f64>::of(plan, &exponents);
    let way = |chunk: &Chunk<'_, T>, to: &mut [f64]| {
        let &Chunk { start, values, products, words, .. } = chunk;
        for (wide, x) in to.iter_mut().zip(values) {
            let x = x.widen();
            *wide = if replaces && x.is_nan() { f64::INFINITY } else { x };
        }
        let done = kernel::chop_shaped(&rule, plan, shape, start, constants.scales(), to, words);
        // Exact: a power of two.
        to.iter_mut().zip(products).for_each(|(wide, product)| *wide *= 1.0 / product);
        done == to.len()
    };
    elements::by_chunks(engine, tiling, steps, random, values, Some(&way), take);
}

/// The whole of a chunk of values by the exact path, for what its first random bits leave open.
#[cold]
pub(super) fn exactly<T: Storage>(
    engine: &Engine<'_>,
    tiling: &Tiling,
    of_blocks: &[f64],
    source: &mut dyn Source,
    start: usize,
    position: u64,
    values: &mut [T],
) {
    let mut products = [0.0; CHUNK];
    let products = &mut products[..values.len()];
    tiling.spread(start, of_blocks, products);
    engine.chop_spread(products, source, position, values);
}

/// NaN blocks.
#[cold]
pub(super) fn spoil<T: Storage>(tiling: &Tiling, is_nan: impl Fn(usize) -> bool, values: &mut [T]) {
    let nan: T = lane::value(0.0, f64::NAN);
    for Segment { start, length, block } in tiling.segments() {
        if is_nan(block) {
            values[start..start + length].fill(nan);
        }
    }
}
