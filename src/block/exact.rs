//! The path that knows every format, rule, mode and shape: scales first, then quotients rounded as
//! everywhere, in row-major order.

use super::format::{BlockFormat, Coding, Specials};
use super::quotient::to_odd;
use super::scale::{Scaler, Scales};
use super::shared::Shared;
use super::tiling::{Spread, Tiling};
use crate::arith::quotients_with;
use crate::chop::{Chop, Draws, run_with};
use crate::format::Format;
use crate::kernel::{self, Span};
use crate::random::{CHUNK, Given, Source};
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
        rounder: &impl Draws,
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
            for ((x, q), product) in part.iter_mut().zip(elements).zip(products) {
                *x = value(*q, *product);
            }
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
        let Room { values: wide, products, quotients } = room;
        let (wide, products) = (&mut wide[..n], &mut products[..n]);
        let (quotients, rounded) = quotients.split_at_mut(CHUNK);
        let (quotients, rounded) = (&mut quotients[..n], &mut rounded[..n]);
        wide.iter_mut().zip(values).for_each(|(wide, x)| *wide = x.widen());
        spread.fill(of_blocks, products);
        divide::<T>(wide, products, quotients);
        self.place_specials(quotients, products);
        if self.element.rounding().is_stochastic() {
            // The digits beyond the quotient's 53 count too.
            let operands = whole(wide, products, quotients);
            let operands = [&operands[0][..n], &operands[1][..n]];
            quotients_with(self.element, source, position, operands, rounded);
        } else {
            run_with(self.element, source, position, Span::Into(quotients, rounded));
        }
        if self.format.coding == Coding::TwosFull {
            self.admit_lowest(source, position, quotients, rounded);
        }
        if self.format.coding != Coding::Own {
            // Two's complement has one zero.
            rounded.iter_mut().for_each(|y| *y += 0.0);
        }
        (rounded, products)
    }

    /// Where NaN has no element of its own, and does not make its block NaN, it becomes the largest
    /// number.
    fn place_specials(&self, quotients: &mut [f64], products: &[f64]) {
        let replaces = self.format.specials == Specials::Saturate && !self.format.element.has_nan();
        for (q, product) in quotients.iter_mut().zip(products) {
            if product.is_nan() {
                *q = 0.0;
            } else if replaces && q.is_nan() {
                *q = f64::INFINITY;
            }
        }
    }

    /// Two's complement reaches -2, which the element format, symmetric, does not.
    fn admit_lowest(
        &self,
        source: &mut dyn Source,
        position: u64,
        quotients: &[f64],
        rounded: &mut [f64],
    ) {
        let Ok(format) = lowest_included() else { unreachable!("two is a number of 7 digits") };
        let chop =
            Chop::new(format, self.element.rounding()).with_overflow(self.element.overflow());
        let lowest = -self.format.element.largest_finite();
        for (i, (q, y)) in
            quotients.iter().zip(rounded).enumerate().filter(|(_, (q, _))| **q < lowest)
        {
            let mut one = [*q];
            let position = position.wrapping_add(i as u64);
            run_with(&chop, source, position, Span::InPlace(&mut one));
            *y = one[0];
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
    /// Quotients, and what they are rounded to.
    quotients: [f64; 2 * CHUNK],
}

impl Room {
    fn new() -> Self {
        Self { values: [0.0; CHUNK], products: [0.0; CHUNK], quotients: [0.0; 2 * CHUNK] }
    }
}

/// Quotients rounded to odd; a zero of x's sign where the divisor is zero.
fn divide<T: Storage>(values: &[f64], products: &[f64], quotients: &mut [f64]) {
    if T::PRECISION == f32::MANTISSA_DIGITS {
        return kernel::quotients(values, products, quotients);
    }
    for ((x, s), q) in values.iter().zip(products).zip(quotients) {
        *q = match *s {
            0.0 => 0_f64.copysign(*x),
            s if s.is_nan() => s,
            s => to_odd(*x, s),
        };
    }
}

/// Dividends and divisors of the quotients: these over one where they are not those of the values.
fn whole(values: &[f64], products: &[f64], quotients: &[f64]) -> [[f64; CHUNK]; 2] {
    let mut operands = [[0.0; CHUNK], [1.0; CHUNK]];
    for (i, ((x, s), q)) in values.iter().zip(products).zip(quotients).enumerate() {
        let is_quotient = *s > 0.0 && x.is_finite() && *x != 0.0;
        operands[0][i] = if is_quotient { *x } else { *q };
        operands[1][i] = if is_quotient { *s } else { 1.0 };
    }
    operands
}

/// element · s·g, which binary64 holds, in the storage type: rounded to nearest even once.
pub(super) fn value<T: Storage>(element: f64, product: f64) -> T {
    let exact = element * product;
    match T::from(exact) {
        // A conversion may give a NaN of any sign.
        Some(x) if !x.is_nan() => x,
        _ => T::nan(),
    }
}
