//! Scales of any kind, to nearest and stochastic: values times the reciprocal of their scale, through the kernel, which
//! leaves open the few beside the middle of two elements, or beside the random bits.

use super::exact::{Engine, Rounded};
use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::Steps;
use super::shaped::{exactly, in_double, in_parts, spoil, words_of};
use super::tiling::{Spread, Tiling};
use crate::chop::Chop;
use crate::definition::Rule;
use crate::format::Signedness;
use crate::kernel::{self, DividedPlan, Divisors, Ends};
use crate::rounding::random::{CHUNK, Source};
use crate::slices::Room;
use crate::storage::Storage;

/// The plan, where elements and mode have this way.
pub(super) const fn plan(format: &BlockFormat, element: &Chop) -> Option<DividedPlan> {
    let replaced = matches!(format.specials, Specials::Saturate) && format.element.has_nan();
    if replaced {
        return None;
    }
    let rule = element.rule();
    if format.minimum.is_none() || rule.format.has_sign() {
        return DividedPlan::new(&rule);
    }
    // Above a minimum nothing is negative: elements without a sign are rounded as those with one.
    match rule.format.with_sign(Signedness::Signed) {
        Ok(format) => DividedPlan::new(&Rule { format, ..rule }),
        Err(_) => None,
    }
}

fn ends(format: &BlockFormat) -> Ends {
    let zero = if format.coding == Coding::Own { -0.0 } else { 0.0 };
    Ends { largest: format.element.largest_finite(), zero }
}

/// Reciprocals and factors of the scales, in the storage type; `None` where it does not hold them.
pub(super) struct Scales<T> {
    reciprocals: Vec<T>,
    factors: Vec<T>,
    common: T,
}

impl<T: Storage> Scales<T> {
    pub(super) fn of(steps: &Steps) -> Option<Self> {
        let double = T::PRECISION == f64::MANTISSA_DIGITS;
        let g = if double { 1.0 } else { f64::from(steps.tensor) };
        let mut reciprocals = vec![T::zero(); steps.products.len()];
        let mut factors = reciprocals.clone();
        let all_held = lane::divisors(&steps.products, g, &mut reciprocals, &mut factors);
        let common = T::from(g).unwrap_or_else(T::nan);
        all_held.then_some(Self { reciprocals, factors, common })
    }

    /// By which values become elements, and stay them.
    pub(super) fn of_elements(steps: &Steps) -> Option<Self> {
        let mut scales = Self::of(steps)?;
        for factor in &mut scales.factors {
            *factor = if factor.is_zero() { T::zero() } else { T::one() };
        }
        Some(Self { common: T::one(), ..scales })
    }

    pub(super) fn divisors(&self) -> Divisors<'_, T> {
        let Self { reciprocals, factors, common } = self;
        Divisors { reciprocals, factors, common: *common }
    }
}

/// Rounds in place by the scales of blocks that are known.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    plan: &DividedPlan,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &mut [T],
) {
    let spoiled = steps.products.iter().any(|product| product.is_nan());
    let saturates = engine.format.specials == Specials::Saturate;
    if saturates && !lane::largest(values).is_finite() {
        let infinite = |x: &&mut T| x.is_nan();
        values.iter_mut().filter(infinite).for_each(|x| *x = T::infinity());
        if steps.products.contains(&0.0) {
            // Infinity times zero is not what an infinity becomes.
            return engine.chop(tiling, &steps.products, source, origin, values);
        }
    }
    let ends = ends(engine.format);
    let own = if T::PRECISION == f64::MANTISSA_DIGITS || plan.has_single() {
        Scales::<T>::of(steps)
    } else {
        None
    };
    let double = if own.is_none() { Scales::<f64>::of(steps) } else { None };
    if own.is_none() && double.is_none() {
        return engine.chop(tiling, &steps.products, source, origin, values);
    }
    let shape = tiling.shape();
    let mut room = [0_u32; CHUNK];
    let drawn = engine.element.rounding().is_stochastic();
    let length = if own.is_some() && !drawn { values.len().max(1) } else { CHUNK };
    for (index, part) in values.chunks_mut(length).enumerate() {
        let start = index * length;
        let position = origin.wrapping_add(start as u64);
        let room = &mut room[..if drawn { part.len() } else { 0 }];
        let words = words_of(engine, source, position, room);
        let round = |done: usize, values: &mut [T]| {
            let (start, words) = (start + done, words.map(|words| &words[done..]));
            match (&own, &double) {
                (Some(own), _) => {
                    let divisors = own.divisors();
                    kernel::chop_divided(plan, shape, start, divisors, ends, values, words)
                }
                (None, Some(double)) => in_double(values, |values| {
                    let divisors = double.divisors();
                    kernel::chop_divided(plan, shape, start, divisors, ends, values, words)
                }),
                (None, None) => 0,
            }
        };
        let exact = |done: usize, source: &mut dyn Source, position: u64, values: &mut [T]| {
            exactly(engine, tiling, &steps.products, source, start + done, position, values);
        };
        in_parts((source, position), part, round, exact);
    }
    if spoiled {
        spoil(tiling, |block| steps.products[block].is_nan(), values);
    }
}

/// Rounds, and hands on the elements.
pub(super) fn elements<T: Storage>(
    engine: &Engine<'_>,
    plan: &DividedPlan,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &[T],
    mut take: impl FnMut(Rounded<'_>),
) {
    let Some(scales) = Scales::<f64>::of_elements(steps) else {
        return engine.elements(tiling, &steps.products, source, origin, values, take);
    };
    let ends = ends(engine.format);
    let drawn = engine.element.rounding().is_stochastic();
    let mut spread = Spread::new(tiling.segments());
    let (mut wide, mut factors, mut words) = ([0.0_f64; CHUNK], [0.0_f64; CHUNK], [0; CHUNK]);
    for (index, part) in values.chunks(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, part.len());
        let position = origin.wrapping_add(start as u64);
        let (wide, products) = (&mut wide[..count], &mut factors[..count]);
        spread.fill(&steps.products, products);
        let words = words_of(engine, source, position, &mut words[..if drawn { count } else { 0 }]);
        let round = |values: &mut [f64]| {
            let (shape, divisors) = (tiling.shape(), scales.divisors());
            kernel::chop_divided(plan, shape, start, divisors, ends, values, words)
        };
        lane::widened(part, wide);
        if lane::largest(wide).is_finite() && round(wide) == count {
            take(Rounded { start, elements: wide, products, minima: &[] });
            continue;
        }
        let mut room = Room::<4, CHUNK>::new();
        let mut each = Spread::new(Tiling::each(count).segments());
        let mut room = room.of(count);
        let (elements, _) = engine.chunk(&mut room, &mut each, products, source, position, part);
        take(Rounded { start, elements, products, minima: &[] });
    }
}
