//! Formats with a minimum for each block, x = element·s + m: differences through the kernel for scales of any kind, and
//! exactly where that leaves one open.

use super::divided::Differences;
use super::elements::Chunk;
use super::exact::Engine;
use super::lane;
use super::scale::Steps;
use super::shaped::{in_parts, spoil};
use super::tiling::{Spread, Tiling};
use crate::kernel::DividedPlan;
use crate::rounding::random::{CHUNK, Source};
use crate::slices::Room;
use crate::storage::{Storage, canonical};

/// element·s + m, which binary64 holds, in the storage type: rounded to nearest even once.
#[inline(always)]
pub(super) fn value<T: Storage>(element: f64, scale: f64, minimum: f64) -> T {
    canonical(T::from(element * scale + minimum).unwrap_or_else(T::nan))
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
    let differences = Differences::of(engine.format, plan, steps);
    let [mut products_of, mut minima_of] = [(); 2].map(|()| Spread::new(tiling.segments()));
    let (mut of_blocks, mut words) = ([[0.0; CHUNK]; 2], [0_u32; CHUNK]);
    for (index, part) in values.chunks_mut(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, part.len());
        let position = origin.wrapping_add(start as u64);
        let [products, minima] = of_blocks.each_mut().map(|row| &mut row[..count]);
        products_of.fill(&steps.products, products);
        minima_of.fill(&steps.minima, minima);
        let words = engine.words(source, position, count, &mut words);
        let round = |done: usize, values: &mut [T]| {
            let Some(differences) = &differences else { return 0 };
            let mut wide = [0.0; CHUNK];
            let wide = &mut wide[..values.len()];
            let (products, minima) = (&products[done..], &minima[done..]);
            let words = words.map(|words| &words[done..]);
            let chunk = Chunk { start: start + done, values: &*values, products, minima, words };
            let more = differences.round(tiling, &chunk, wide);
            lane::lowered(&wide[..more], minima, &mut values[..more]);
            more
        };
        let exact = |done: usize, source: &mut dyn Source, position: u64, values: &mut [T]| {
            let mut room = Room::<4, CHUNK>::new();
            let [wide, divisors, differences, elements] = room.of(values.len());
            let of_values = [&products[done..][..values.len()], &minima[done..][..values.len()]];
            let elements = &mut elements[..values.len()];
            let mut room = [wide, divisors, differences];
            engine.elements(of_values, (source, position), values, &mut room, elements);
            for (i, y) in values.iter_mut().enumerate() {
                let (scale, minimum) = (of_values[0][i], of_values[1][i]);
                let element = if scale == 0.0 { 0.0 } else { elements[i] };
                *y = value(element, scale, minimum);
            }
        };
        in_parts((source, position), part, round, exact);
    }
    if steps.products.iter().any(|product| product.is_nan()) {
        spoil(tiling, |block| steps.products[block].is_nan(), values);
    }
}
