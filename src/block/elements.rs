//! Elements, chunk by chunk: through the kernel where a chunk is settled by it, and exactly where not.

use super::exact::{Engine, Rounded};
use super::scale::Steps;
use super::tiling::{Spread, Tiling};
use crate::rounding::random::{CHUNK, Source};
use crate::slices::Room;
use crate::storage::Storage;

/// Values from the value `start` of an array on, with what their blocks have.
pub(super) struct Chunk<'a, T> {
    pub(super) start: usize,
    pub(super) values: &'a [T],
    /// s·g of each.
    pub(super) products: &'a [f64],
    /// The minimum of each; zeros where the format has no minima.
    pub(super) minima: &'a [f64],
    /// For modes that draw.
    pub(super) words: Option<&'a [u32]>,
}

/// A way through the kernel: the elements of a chunk, if it settles them all.
pub(super) type Way<'w, T> = &'w dyn Fn(&Chunk<'_, T>, &mut [f64]) -> bool;

/// Rounds, and hands on the elements.
pub(super) fn by_chunks<T: Storage>(
    engine: &Engine<'_>,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &[T],
    way: Option<Way<'_, T>>,
    mut take: impl FnMut(Rounded<'_>),
) {
    let lifts = engine.format.minimum.is_some();
    let (mut of_blocks, mut room) = (Room::<3, CHUNK>::new(), Room::<3, CHUNK>::new());
    let (mut of_blocks, mut room) = (of_blocks.of(values.len()), room.of(values.len()));
    let [mut products_of, mut minima_of] = [(); 2].map(|()| Spread::new(tiling.segments()));
    let mut words = [0_u32; CHUNK];
    for (index, values) in values.chunks(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, values.len());
        let position = origin.wrapping_add(start as u64);
        let [products, minima, elements] = of_blocks.each_mut().map(|row| &mut row[..count]);
        products_of.fill(&steps.products, products);
        if lifts {
            minima_of.fill(&steps.minima, minima);
        }
        let settled = way.is_some_and(|way| {
            let words = engine.words(source, position, count, &mut words);
            way(&Chunk { start, values, products, minima, words }, elements)
        });
        let minima = if lifts { &*minima } else { &[] };
        if !settled {
            let of_values = [&*products, minima];
            engine.elements(of_values, (source, position), values, &mut room, elements);
        }
        for (element, product) in elements.iter_mut().zip(&*products) {
            // Of NaN blocks, and of those that are all minimum, elements are zeros without a sign.
            let none = product.is_nan() || lifts && *product == 0.0;
            *element = if none { 0.0 } else { *element };
        }
        take(Rounded { start, elements, products, minima });
    }
}
