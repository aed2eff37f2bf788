//! Scales of any kind, to nearest and stochastic: values times the reciprocal of their scale, through the kernel, which
//! leaves open the few beside the middle of two elements, or beside the random bits.

use super::elements::{self, Chunk};
use super::exact::{Engine, Rounded};
use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::Steps;
use super::shaped::{exactly, in_double, in_parts, spoil};
use super::tiling::Tiling;
use crate::chop::Chop;
use crate::definition::Rule;
use crate::format::Signedness;
use crate::kernel::{self, DividedPlan, Divisors, Ends};
use crate::rounding::random::{CHUNK, Source};
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
    // Elements without a sign are rounded as those with one, once all that is negative counts as zero, to which it saturates.
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
struct Scales<T> {
    reciprocals: Vec<T>,
    factors: Vec<T>,
    common: T,
}

impl<T: Storage> Scales<T> {
    fn of(steps: &Steps) -> Option<Self> {
        let double = T::PRECISION == f64::MANTISSA_DIGITS;
        let g = if double { 1.0 } else { f64::from(steps.tensor) };
        let mut reciprocals = vec![T::zero(); steps.products.len()];
        let mut factors = reciprocals.clone();
        let all_held = lane::divisors(&steps.products, g, &mut reciprocals, &mut factors);
        let common = T::from(g).unwrap_or_else(T::nan);
        all_held.then_some(Self { reciprocals, factors, common })
    }

    fn divisors(&self) -> Divisors<'_, T> {
        let Self { reciprocals, factors, common } = self;
        Divisors { reciprocals, factors, common: *common }
    }
}

/// Values less the minima of their blocks, if there are any, rounded and divided in binary64. That a difference is rounded
/// adds half a unit in the last place to what is unknown of a quotient, for which the kernel leaves room for several.
pub(super) struct Differences<'a> {
    plan: &'a DividedPlan,
    scales: Scales<f64>,
    ends: Ends,
    /// Below which none counts: elements without a sign have no such, and m has been rounded.
    least: f64,
}

impl<'a> Differences<'a> {
    /// By which values become what their elements stand for, less the minimum.
    pub(super) fn of(
        format: &BlockFormat,
        plan: Option<&'a DividedPlan>,
        steps: &Steps,
    ) -> Option<Self> {
        let least = if format.element.has_sign() { f64::NEG_INFINITY } else { 0.0 };
        Some(Self { plan: plan?, scales: Scales::of(steps)?, ends: ends(format), least })
    }

    /// By which they become the elements themselves.
    pub(super) fn of_elements(
        format: &BlockFormat,
        plan: Option<&'a DividedPlan>,
        steps: &Steps,
    ) -> Option<Self> {
        let mut differences = Self::of(format, plan, steps)?;
        let has = |factor: &f64| *factor != 0.0;
        for factor in &mut differences.scales.factors {
            *factor = if has(factor) { 1.0 } else { 0.0 };
        }
        Some(differences)
    }

    /// Rounds; how many, before one is left open or is no number.
    pub(super) fn round<T: Storage>(
        &self,
        tiling: &Tiling,
        chunk: &Chunk<'_, T>,
        to: &mut [f64],
    ) -> usize {
        let &Chunk { start, values, minima, words, .. } = chunk;
        let finite = |(x, m): (&T, &f64)| (x.widen() - m).is_finite();
        let numbers = if lane::lifted(values, minima, self.least, to) {
            values.len()
        } else {
            values.iter().zip(minima).take_while(|pair| finite(*pair)).count()
        };
        let (divisors, to) = (self.scales.divisors(), &mut to[..numbers]);
        kernel::chop_divided(self.plan, tiling.shape(), start, divisors, self.ends, to, words)
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
        let words = engine.words(source, position, part.len(), &mut room);
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

/// Rounds, and hands on the elements; exactly where there is no plan.
pub(super) fn elements<T: Storage>(
    engine: &Engine<'_>,
    plan: Option<&DividedPlan>,
    tiling: &Tiling,
    steps: &Steps,
    random: (&mut dyn Source, u64),
    values: &[T],
    take: impl FnMut(Rounded<'_>),
) {
    let differences = Differences::of_elements(engine.format, plan, steps);
    let way = differences.as_ref().map(|differences| {
        |chunk: &Chunk<'_, T>, to: &mut [f64]| differences.round(tiling, chunk, to) == to.len()
    });
    let way = way.as_ref().map(|way| way as elements::Way<'_, T>);
    elements::by_chunks(engine, tiling, steps, random, values, way, take);
}
