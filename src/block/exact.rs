//! The path that knows every format, rule, mode and shape: scales first, then quotients rounded as
//! everywhere, in row-major order.

use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::{DIFFERENCES, Scaler, Scales, Steps};
use super::shared::Shared;
use super::tiling::{Spread, Tiling};
use crate::arith::quotients_with;
use crate::chop::{Chop, Random};
use crate::kernel::PowerPlan;
use crate::operation::Binary;
use crate::rounding::random::{CHUNK, Given, Source};
use crate::slices::{self, Room};
use crate::storage::Storage;

/// A format with the rounding of its elements.
#[derive(Clone, Copy)]
pub(super) struct Engine<'a> {
    pub(super) format: &'a BlockFormat,
    pub(super) element: &'a Chop,
    pub(super) scaler: &'a Scaler,
    /// How many neighbours share their random bits.
    pub(super) shared: u32,
    /// The kernel's way for blocks of any shape, where there is one.
    pub(super) power: Option<&'a PowerPlan>,
}

/// A chunk of rounded elements: where it begins, the elements, and s·g of each.
pub(super) struct Rounded<'a> {
    pub(super) start: usize,
    pub(super) elements: &'a [f64],
    pub(super) products: &'a [f64],
    /// The minimum of each; none where the format has no minima.
    pub(super) minima: &'a [f64],
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
        rounder.draw(count as u64, |source, origin| {
            self.with_shared(source, |source| run(source, origin))
        })
    }

    /// Calls `run` with the source, of which neighbours share the bits if they are to.
    pub(super) fn with_shared<R>(
        &self,
        source: &mut dyn Source,
        run: impl FnOnce(&mut dyn Source) -> R,
    ) -> R {
        match self.shared {
            1 => run(source),
            by => run(&mut Shared::new(source, by)),
        }
    }

    pub(super) fn scales<T: Storage>(&self, tiling: &Tiling, values: &[T]) -> Scales {
        self.scaler.scales(tiling, values)
    }

    /// Finds the scales and rounds in place.
    pub(super) fn chop_all<T: Storage>(
        &self,
        tiling: &Tiling,
        source: &mut dyn Source,
        origin: u64,
        values: &mut [T],
    ) {
        if tiling.blocks() == 1 {
            let product = self.scaler.product(values);
            return self.chop(tiling, &[product], source, origin, values);
        }
        let Steps { products, .. } = self.scaler.steps(tiling, values);
        self.chop(tiling, &products, source, origin, values);
    }

    /// Rounds in place by s·g of each block.
    pub(super) fn chop<T: Storage>(
        &self,
        tiling: &Tiling,
        products: &[f64],
        source: &mut dyn Source,
        origin: u64,
        values: &mut [T],
    ) {
        let mut room = Room::<4, CHUNK>::new();
        let mut room = room.of(values.len());
        let mut spread = Spread::new(tiling.segments());
        for (index, part) in values.chunks_mut(CHUNK).enumerate() {
            let start = origin.wrapping_add((index * CHUNK) as u64);
            let (elements, products) =
                self.chunk(&mut room, &mut spread, products, source, start, part);
            lane::values(elements, products, part);
        }
    }

    /// Rounds at most [`CHUNK`] values by s·g of each.
    pub(super) fn chop_spread<T: Storage>(
        &self,
        products: &[f64],
        source: &mut dyn Source,
        position: u64,
        values: &mut [T],
    ) {
        let mut room = Room::<3, CHUNK>::new();
        let [wide, divisors, rounded] = room.of(values.len()).map(|row| &mut row[..values.len()]);
        lane::operands(values, products, self.replaces(), [wide, divisors]);
        self.quotients(source, position, [wide, divisors], rounded);
        lane::values(rounded, products, values);
    }

    /// The elements of at most [`CHUNK`] values by s·g of each and, where the format has minima, the minimum of each.
    pub(super) fn elements<T: Storage>(
        &self,
        [products, minima]: [&[f64]; 2],
        (source, position): (&mut dyn Source, u64),
        values: &[T],
        room: &mut [&mut [f64]; 3],
        to: &mut [f64],
    ) {
        let [wide, divisors, differences] = room.each_mut().map(|row| &mut row[..values.len()]);
        lane::operands(values, products, self.replaces(), [wide, divisors]);
        if minima.is_empty() {
            return self.quotients(source, position, [wide, divisors], to);
        }
        DIFFERENCES.map(Binary::Sub, [&*wide, minima], differences);
        self.quotients(source, position, [differences, divisors], to);
    }

    /// The elements of at most [`CHUNK`] values, and s·g of each.
    pub(super) fn chunk<'r, T: Storage>(
        &self,
        room: &'r mut [&mut [f64]; 4],
        spread: &mut Spread<impl Iterator<Item = super::tiling::Segment>>,
        of_blocks: &[f64],
        source: &mut dyn Source,
        position: u64,
        values: &[T],
    ) -> (&'r [f64], &'r [f64]) {
        let n = values.len();
        let [wide, products, divisors, rounded] = room;
        let (wide, products) = (&mut wide[..n], &mut products[..n]);
        let (divisors, rounded) = (&mut divisors[..n], &mut rounded[..n]);
        spread.fill(of_blocks, products);
        lane::operands(values, products, self.replaces(), [wide, divisors]);
        self.quotients(source, position, [wide, divisors], rounded);
        (rounded, products)
    }

    /// The random words of at most [`CHUNK`] values from a position on, where the mode takes any.
    pub(super) fn words<'w>(
        &self,
        source: &mut dyn Source,
        position: u64,
        count: usize,
        room: &'w mut [u32; CHUNK],
    ) -> Option<&'w [u32]> {
        if !self.element.rounding().is_stochastic() {
            return None;
        }
        let (words, mut done) = (&mut room[..count], 0);
        while done < words.len() {
            let given = source.words(position.wrapping_add(done as u64), words.len() - done);
            slices::copy(given, &mut words[done..]);
            done += given.len();
        }
        Some(words)
    }

    /// Whether NaN becomes the largest element: it has none of its own, and does not make its block NaN.
    pub(super) fn replaces(&self) -> bool {
        self.format.specials == Specials::Saturate && !self.format.element.has_nan()
    }

    /// Elements: quotients rounded to the numbers that there are codes for.
    pub(super) fn quotients(
        &self,
        source: &mut dyn Source,
        position: u64,
        operands: [&[f64]; 2],
        rounded: &mut [f64],
    ) {
        quotients_with(self.element, source, position, operands, rounded);
        if self.format.coding.has_lowest() {
            // Elements have been rounded to numbers that go as far up as down; codes go further down alone.
            let max = self.format.element.largest_finite();
            rounded.iter_mut().for_each(|y| *y = if *y > max { max } else { *y });
        }
        if self.format.coding != Coding::Own {
            // Integers have one zero.
            rounded.iter_mut().for_each(|y| *y += 0.0);
        }
    }
}
