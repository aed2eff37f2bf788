//! Formats with a minimum for each block, x = element·s + m: the exact path, block by block.

use super::exact::{Engine, Rounded};
use super::lane;
use super::scale::{DIFFERENCES, Steps};
use super::tiling::{Segment, Tiling};
use crate::operation::Binary;
use crate::rounding::random::{CHUNK, Source};
use crate::storage::{Storage, canonical};

/// element·s + m, which binary64 holds, in the storage type: rounded to nearest even once.
pub(super) fn value<T: Storage>(element: f64, scale: f64, minimum: f64) -> T {
    canonical(T::from(element * scale + minimum).unwrap_or_else(T::nan))
}

/// Rounds in place.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    tiling: &Tiling,
    steps: &Steps,
    source: &mut dyn Source,
    origin: u64,
    values: &mut [T],
) {
    let mut room = [[0.0; CHUNK]; 3];
    for (start, length, block) in parts(tiling) {
        let part = &mut values[start..start + length];
        let (scale, minimum) = (steps.products[block], steps.minima[block]);
        let position = origin.wrapping_add(start as u64);
        let elements = block_elements(engine, &mut room, [scale, minimum], source, position, part);
        part.iter_mut().zip(elements).for_each(|(y, q)| *y = value(*q, scale, minimum));
    }
}

/// Rounds, and hands on the elements.
pub(super) fn elements<T: Storage>(
    engine: &Engine<'_>,
    tiling: &Tiling,
    steps: &Steps,
    source: &mut dyn Source,
    origin: u64,
    values: &[T],
    mut take: impl FnMut(Rounded<'_>),
) {
    let mut room = [[0.0; CHUNK]; 3];
    for (start, length, block) in parts(tiling) {
        let part = &values[start..start + length];
        let (scale, minimum) = (steps.products[block], steps.minima[block]);
        let position = origin.wrapping_add(start as u64);
        let elements = block_elements(engine, &mut room, [scale, minimum], source, position, part);
        let (products, minima) = (&[scale; CHUNK][..length], &[minimum; CHUNK][..length]);
        take(Rounded { start, elements, products, minima });
    }
}

/// Parts of rows that lie in one block, of at most [`CHUNK`] values: where each begins, its length, its block.
fn parts(tiling: &Tiling) -> impl Iterator<Item = (usize, usize, usize)> {
    tiling.segments().flat_map(|Segment { start, length, block }| {
        let starts = (0..length).step_by(CHUNK);
        starts.map(move |at| (start + at, CHUNK.min(length - at), block))
    })
}

fn block_elements<'r, T: Storage>(
    engine: &Engine<'_>,
    room: &'r mut [[f64; CHUNK]; 3],
    [scale, minimum]: [f64; 2],
    source: &mut dyn Source,
    position: u64,
    values: &[T],
) -> &'r [f64] {
    let n = values.len();
    let [wide, other, elements] = room.each_mut().map(|row| &mut row[..n]);
    if scale == 0.0 || scale.is_nan() {
        elements.fill(0.0);
        return elements;
    }
    let replaces = engine.replaces();
    elements.fill(scale);
    lane::operands(values, elements, replaces, [wide, other]);
    elements.fill(minimum);
    DIFFERENCES.map(Binary::Sub, [&*wide, &*elements], other);
    wide.fill(scale);
    engine.quotients(source, position, [other, wide], elements);
    elements
}
