//! The path that knows every format, rule, mode and shape: scales first, then quotients rounded as
//! everywhere, in row-major order.

use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::{Scaler, Scales};
use super::shared::Shared;
use super::tiling::{Spread, Tiling};
use crate::arith::quotients_with;
use crate::chop::{Chop, Random};
use crate::format::Format;
use crate::rounding::random::{CHUNK, Given, Source};
use crate::storage::Storage;

/// A format with the rounding of its elements.
#[derive(Clone, Copy)]
pub(super) struct Engine<'a> {
    pub(super) format: &'a BlockFormat,
    pub(super) element: &'a Chop,
    /// How many neighbours share their random bits.
    pub(super) shared: u32,
}

/// A chunk of rounded elements: where it begins, the elements, and s·g of each.
pub(super) struct Rounded<'a> {
    pub(super) start: usize,
    pub(super) elements: &'a [f64],
    pub(super) products: &'a [f64],
}

impl Engine<'_> {
    /// Calls `run` with the random bits of a call on `count` values.
    pub(super) fn with_source<R>(
        &self,
        rounder: &impl Random,
        count: usize,
        run: impl FnOnce(&mut dyn Source, u64) -> R,
    ) -> R {
        if !self.element.rounding().is_stochastic() {
            return run(&mut Given(&[]), 0);
        }
        rounder.draw(count as u64, |source, origin| match self.shared {
            1 => run(source, origin),
            by => run(&mut Shared::new(source, by), origin),
        })
    }

    pub(super) fn scales<T: Storage>(&self, tiling: &Tiling, values: &[T]) -> Scales {
        Scaler::new(self.format).scales(tiling, values)
    }

    /// Rounds in place.
    pub(super) fn chop<T: Storage>(
        &self,
        tiling: &Tiling,
        products: &[f64],
        source: &mut dyn Source,
        origin: u64,
        values: &mut [T],
    ) {
        let mut room = Room::new();
        let mut spread = Spread::new(tiling.segments());
        for (index, part) in values.chunks_mut(CHUNK).enumerate() {
            let start = origin.wrapping_add((index * CHUNK) as u64);
            let (elements, products) =
                self.chunk(&mut room, &mut spread, products, source, start, part);
            lane::values(elements, products, part);
        }
    }

    /// Rounds, and hands on the elements.
    pub(super) fn elements<T: Storage>(
        &self,
        tiling: &Tiling,
        products: &[f64],
        source: &mut dyn Source,
        origin: u64,
        values: &[T],
        mut take: impl FnMut(Rounded<'_>),
    ) {
        let mut room = Room::new();
        let mut spread = Spread::new(tiling.segments());
        for (index, part) in values.chunks(CHUNK).enumerate() {
            let start = index * CHUNK;
            let position = origin.wrapping_add(start as u64);
            let (elements, products) =
                self.chunk(&mut room, &mut spread, products, source, position, part);
            take(Rounded { start, elements, products });
        }
    }

    /// The elements of at most [`CHUNK`] values, and s·g of each.
    fn chunk<'r, T: Storage>(
        &self,
        room: &'r mut Room,
        spread: &mut Spread<impl Iterator<Item = super::tiling::Segment>>,
        of_blocks: &[f64],
        source: &mut dyn Source,
        position: u64,
        values: &[T],
    ) -> (&'r [f64], &'r [f64]) {
        let n = values.len();
        let Room { values: wide, products, divisors, rounded } = room;
        let (wide, products) = (&mut wide[..n], &mut products[..n]);
        let (divisors, rounded) = (&mut divisors[..n], &mut rounded[..n]);
        spread.fill(of_blocks, products);
        // Where NaN has no element of its own, and does not make its block NaN, it becomes the largest.
        let replaces = self.format.specials == Specials::Saturate && !self.format.element.has_nan();
        lane::operands(values, products, replaces, [wide, divisors]);
        quotients_with(self.element, source, position, [wide, divisors], rounded);
        if self.format.coding == Coding::TwosFull {
            self.admit_lowest(source, position, [wide, divisors], rounded);
        }
        if self.format.coding != Coding::Own {
            // Two's complement has one zero.
            rounded.iter_mut().for_each(|y| *y += 0.0);
        }
        (rounded, products)
    }

    /// Two's complement reaches -2, which the element format, symmetric, does not.
    fn admit_lowest(
        &self,
        source: &mut dyn Source,
        position: u64,
        [values, divisors]: [&[f64]; 2],
        rounded: &mut [f64],
    ) {
        let Ok(format) = lowest_included() else { unreachable!("two is a number of 7 digits") };
        let chop =
            Chop::new(format, self.element.rounding()).with_overflow(self.element.overflow());
        let lowest = -self.format.element.largest_finite();
        for (i, y) in rounded.iter_mut().enumerate() {
            // The product, of a power of two, is exact.
            if values[i] < lowest * divisors[i] {
                let position = position.wrapping_add(i as u64);
                let operands = [&values[i..=i], &divisors[i..=i]];
                quotients_with(&chop, source, position, operands, core::slice::from_mut(y));
            }
        }
    }
}

/// MXINT8's elements and two.
fn lowest_included() -> Result<Format, crate::error::FormatError> {
    Format::from_range(7, 0, 1)?.with_infinities(false)?.with_largest_finite(2.0)
}

/// Buffers of one call.
struct Room {
    values: [f64; CHUNK],
    products: [f64; CHUNK],
    divisors: [f64; CHUNK],
    rounded: [f64; CHUNK],
}

impl Room {
    fn new() -> Self {
        let empty = [0.0; CHUNK];
        Self { values: empty, products: empty, divisors: empty, rounded: empty }
    }
}
