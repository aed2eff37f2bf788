//! Formats with a minimum for each block, x = element·s + m: differences through the kernel for scales of any kind, and
//! exactly where that leaves one open.

use super::divided::Scales;
use super::exact::{Engine, Rounded};
use super::lane;
use super::scale::{DIFFERENCES, Steps};
use super::shaped::{in_parts, spoil, words_of};
use super::tiling::Tiling;
use crate::kernel::{self, DividedPlan, Ends};
use crate::operation::Binary;
use crate::rounding::random::{CHUNK, Source};
use crate::slices::Room;
use crate::storage::{Storage, canonical};

/// element·s + m, which binary64 holds, in the storage type: rounded to nearest even once.
#[inline(always)]
pub(super) fn value<T: Storage>(element: f64, scale: f64, minimum: f64) -> T {
    canonical(T::from(element * scale + minimum).unwrap_or_else(T::nan))
}

/// Differences x - m in binary64, rounded and divided. That they are rounded adds half a unit in the last place to what is
/// unknown of a quotient, for which the kernel leaves room for several.
struct Quick<'a> {
    plan: &'a DividedPlan,
    scales: Scales<f64>,
    ends: Ends,
    /// Below which no difference counts: elements without a sign have none, and m has been rounded.
    least: f64,
}

impl<'a> Quick<'a> {
    /// `None` where the elements or scales have no such way.
    fn of(
        engine: &Engine<'_>,
        plan: Option<&'a DividedPlan>,
        scales: Option<Scales<f64>>,
    ) -> Option<Self> {
        let element = &engine.format.element;
        let least = if element.has_sign() { f64::NEG_INFINITY } else { 0.0 };
        if least == 0.0 && engine.element.chop(-1.0) != 0.0 {
            return None;
        }
        let ends = Ends { largest: element.largest_finite(), zero: 0.0 };
        Some(Self { plan: plan?, scales: scales?, ends, least })
    }

    /// Rounds differences from the value `start` on; how many, before one is open or no number.
    fn round<T: Storage>(
        &self,
        tiling: &Tiling,
        start: usize,
        values: &[T],
        minima: &[f64],
        words: Option<&[u32]>,
        to: &mut [f64],
    ) -> usize {
        let numbers = if lane::lifted(values, minima, self.least, to) {
            values.len()
        } else {
            values.iter().position(|x| !x.is_finite()).unwrap_or(0)
        };
        let (divisors, to) = (self.scales.divisors(), &mut to[..numbers]);
        kernel::chop_divided(self.plan, tiling.shape(), start, divisors, self.ends, to, words)
    }
}

/// Rounds in place.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    plan: Option<&DividedPlan>,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &mut [T],
) {
    let quick = Quick::of(engine, plan, Scales::of(steps));
    let drawn = engine.element.rounding().is_stochastic();
    let (mut minima, mut room) = ([0.0; CHUNK], [0_u32; CHUNK]);
    for (index, part) in values.chunks_mut(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, part.len());
        let position = origin.wrapping_add(start as u64);
        let minima = &mut minima[..count];
        tiling.spread(start, &steps.minima, minima);
        let words = words_of(engine, source, position, &mut room[..if drawn { count } else { 0 }]);
        let round = |done: usize, values: &mut [T]| {
            let Some(quick) = &quick else { return 0 };
            let (minima, words) = (&minima[done..], words.map(|words| &words[done..]));
            let mut wide = [0.0; CHUNK];
            let wide = &mut wide[..values.len()];
            let done = quick.round(tiling, start + done, values, minima, words, wide);
            lane::lowered(&wide[..done], minima, &mut values[..done]);
            done
        };
        let exact = |done: usize, source: &mut dyn Source, position: u64, values: &mut [T]| {
            let mut room = Room::<5, CHUNK>::new();
            let mut room = room.of(values.len());
            let rounded =
                exactly(engine, tiling, steps, &mut room, start + done, (source, position), values);
            for (i, y) in values.iter_mut().enumerate() {
                *y = value(rounded.elements[i], rounded.products[i], rounded.minima[i]);
            }
        };
        in_parts((source, position), part, round, exact);
    }
    if steps.products.iter().any(|product| product.is_nan()) {
        spoil(tiling, |block| steps.products[block].is_nan(), values);
    }
}

/// Rounds, and hands on the elements.
pub(super) fn elements<T: Storage>(
    engine: &Engine<'_>,
    plan: Option<&DividedPlan>,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &[T],
    mut take: impl FnMut(Rounded<'_>),
) {
    let quick = Quick::of(engine, plan, Scales::of_elements(steps));
    let drawn = engine.element.rounding().is_stochastic();
    let mut room = Room::<5, CHUNK>::new();
    let mut room = room.of(values.len());
    let mut words = [0_u32; CHUNK];
    for (index, part) in values.chunks(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, part.len());
        let position = origin.wrapping_add(start as u64);
        if let Some(quick) = &quick {
            let [products, minima, wide, ..] = room.each_mut().map(|row| &mut row[..count]);
            tiling.spread(start, &steps.minima, minima);
            let words =
                words_of(engine, source, position, &mut words[..if drawn { count } else { 0 }]);
            if quick.round(tiling, start, part, minima, words, wide) == count {
                tiling.spread(start, &steps.products, products);
                take(Rounded { start, elements: wide, products, minima });
                continue;
            }
        }
        take(exactly(engine, tiling, steps, &mut room, start, (source, position), part));
    }
}

/// The elements of at most [`CHUNK`] values from the value `start` on, by the definition.
fn exactly<'r, T: Storage>(
    engine: &Engine<'_>,
    tiling: &Tiling,
    steps: &Steps,
    room: &'r mut [&mut [f64]; 5],
    start: usize,
    (source, position): (&mut dyn Source, u64),
    values: &[T],
) -> Rounded<'r> {
    let [products, minima, wide, divisors, differences] =
        room.each_mut().map(|row| &mut row[..values.len()]);
    tiling.spread(start, &steps.products, products);
    lane::operands(values, products, engine.replaces(), [wide, divisors]);
    tiling.spread(start, &steps.minima, minima);
    DIFFERENCES.map(Binary::Sub, [&*wide, &*minima], differences);
    engine.quotients(source, position, [differences, divisors], wide);
    for (element, product) in wide.iter_mut().zip(&*products) {
        let has = product.abs() > 0.0;
        *element = if has { *element } else { 0.0 };
    }
    Rounded { start, elements: wide, products, minima }
}
