//! From values to codes and back, chunk by chunk: what fixed point and integers have in common.
//!
//! A quantizer scales, a `Chop` rounds to integers, the quantizer's range makes codes of them. Codes
//! are `f64` until they are stored; NaN where there is none.

use super::code::{self, IntegerCode};
use super::error::QuantError;
use super::lane::Bounds;
use crate::chop::Chop;
use crate::rounding::Rounding;
use crate::rounding::random::{CHUNK, Drawn, Given, Source};
use crate::slices::{Room, same_length};
use crate::storage::Storage;

/// A chunk on its way.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    /// Values, where they are divided.
    pub(super) x: &'a mut [f64],
    /// Scaled values, then integers, then codes.
    pub(super) y: &'a mut [f64],
    /// The step of each element, and its zero point.
    pub(super) scale: &'a mut [f64],
    pub(super) zero: &'a mut [f64],
}

impl<'a> Chunk<'a> {
    fn of([x, y, scale, zero]: [&'a mut [f64]; 4]) -> Self {
        Self { x, y, scale, zero }
    }
}

/// How a chunk is rounded to integers, and the random bits, of which the first element's are those at
/// `position`.
pub(super) struct Rounds<'a> {
    pub(super) whole: &'a Chop,
    pub(super) source: &'a mut dyn Source,
    pub(super) position: u64,
}

/// What a quantizer is to the engine.
pub(super) trait Quantizer: Clone + Send + Sync {
    fn rounding(&self) -> Rounding;
    fn bounds(&self) -> Bounds;
    /// How many values one call takes, where that is fixed.
    fn length(&self) -> Option<usize>;
    /// To which integers values are rounded.
    fn whole(&self) -> &Chop;
    /// Fills the chunk for elements from `start` on with codes, NaN where there is none.
    fn codes<T: Storage>(
        &self,
        start: usize,
        from: &[T],
        rounds: Rounds<'_>,
        chunk: &mut Chunk<'_>,
    );
    /// Writes the codes of elements from `start` on as integers, or says no.
    fn integers<T: Storage>(&self, start: usize, from: &[T], to: &mut [i32]) -> bool;
    /// Writes for values, elements from `start` on, in place if there is no `from`, what their codes stand for, without
    /// making codes; or says no, and values in place are as they were.
    fn direct<T: Storage>(
        &self,
        start: usize,
        rounds: Rounds<'_>,
        from: Option<&[T]>,
        to: &mut [T],
    ) -> bool;
    /// Fills the room for elements from `start` on with what `values` wants, but for the codes.
    fn steps(&self, start: usize, count: usize, chunk: &mut Chunk<'_>);
    /// The values of the chunk's codes.
    fn values<T: Storage>(&self, chunk: &Chunk<'_>, to: &mut [T]);
}

/// A quantizer with a source of random bits.
pub(super) trait Quantizes {
    type Quantizer: Quantizer;
    fn quantizer(&self) -> &Self::Quantizer;
    /// Calls `run` with a source for `count` elements and the number of the first.
    fn draw<R>(&self, count: u64, run: impl FnOnce(&mut dyn Source, u64) -> R) -> R;
}

/// A quantizer by itself takes its random bits from the thread's generator.
impl<Q: Quantizer> Quantizes for Q {
    type Quantizer = Q;

    fn quantizer(&self) -> &Q {
        self
    }

    fn draw<R>(&self, _count: u64, run: impl FnOnce(&mut dyn Source, u64) -> R) -> R {
        if self.rounding().is_stochastic() {
            run(&mut Drawn::new(rand::rng()), 0)
        } else {
            run(&mut Given(&[]), 0)
        }
    }
}

/// A quantizer with the words of random bits given, for one call.
pub(super) struct WithWords<'a, Q>(pub(super) &'a Q, pub(super) &'a [u32]);

impl<Q: Quantizer> Quantizes for WithWords<'_, Q> {
    type Quantizer = Q;

    fn quantizer(&self) -> &Q {
        self.0
    }

    fn draw<R>(&self, _count: u64, run: impl FnOnce(&mut dyn Source, u64) -> R) -> R {
        run(&mut Given(self.1), 0)
    }
}

/// One call over many chunks.
pub(super) struct Pass<'a, Q> {
    quantizer: &'a Q,
    source: &'a mut dyn Source,
    origin: u64,
    chunk: Chunk<'a>,
}

impl<'a, Q: Quantizer> Pass<'a, Q> {
    /// How the values from element `start` on are rounded.
    fn rounds(&mut self, start: usize) -> Rounds<'_> {
        let position = self.origin.wrapping_add(start as u64);
        Rounds { whole: self.quantizer.whole(), source: self.source, position }
    }

    /// Codes of at most [`CHUNK`] values, the first being element `start`, into the chunk.
    fn codes<T: Storage>(&mut self, start: usize, from: &[T]) {
        let position = self.origin.wrapping_add(start as u64);
        let Self { quantizer, source, chunk, .. } = self;
        let whole = quantizer.whole();
        quantizer.codes(start, from, Rounds { whole, source: *source, position }, chunk);
    }

    /// What the codes of at most [`CHUNK`] values stand for, the first being element `start`; in place if there is no
    /// `from`.
    fn values<T: Storage>(&mut self, start: usize, from: Option<&[T]>, to: &mut [T]) {
        let quantizer = self.quantizer;
        if !quantizer.direct(start, self.rounds(start), from, to) {
            self.codes(start, from.unwrap_or(to));
            quantizer.steps(start, to.len(), &mut self.chunk);
            quantizer.values(&self.chunk, to);
        }
    }
}

/// Refuses another number of values than a quantizer's layout has.
#[track_caller]
pub(super) fn right_length<Q: Quantizer>(quantizer: &Q, count: usize) {
    if let Some(length) = quantizer.length() {
        assert!(count == length, "{count} values for a quantizer of {length}");
    }
}

#[track_caller]
pub(super) fn in_place<T: Storage>(quantizes: &impl Quantizes, values: &mut [T]) {
    let quantizer = quantizes.quantizer();
    right_length(quantizer, values.len());
    quantizes.draw(values.len() as u64, |source, origin| {
        part_in_place(quantizer, source, origin, 0, values);
    });
}

/// Elements from `start` on of a call of which the first element's random bits are those at `origin`.
pub(super) fn part_in_place<T: Storage>(
    quantizer: &impl Quantizer,
    source: &mut dyn Source,
    origin: u64,
    start: usize,
    values: &mut [T],
) {
    let mut room = Room::<4, CHUNK>::new();
    let chunk = Chunk::of(room.of(values.len()));
    let mut pass = Pass { quantizer, source, origin, chunk };
    for (index, part) in values.chunks_mut(CHUNK).enumerate() {
        pass.values(start + index * CHUNK, None, part);
    }
}

#[track_caller]
pub(super) fn into<T: Storage>(quantizes: &impl Quantizes, from: &[T], to: &mut [T]) {
    same_length(from.len(), to.len());
    right_length(quantizes.quantizer(), from.len());
    quantizes.draw(from.len() as u64, |source, origin| {
        let mut room = Room::<4, CHUNK>::new();
        let chunk = Chunk::of(room.of(from.len()));
        let mut pass = Pass { quantizer: quantizes.quantizer(), source, origin, chunk };
        for (index, (from, to)) in from.chunks(CHUNK).zip(to.chunks_mut(CHUNK)).enumerate() {
            pass.values(index * CHUNK, Some(from), to);
        }
    });
}

/// Refuses an integer type that lacks some of the codes.
fn wide_enough<C: IntegerCode>(bounds: Bounds) -> Result<(), QuantError> {
    if C::LEAST <= bounds.low && bounds.high <= C::LARGEST {
        return Ok(());
    }
    Err(QuantError::NarrowType { minimum: bounds.low as i64, maximum: bounds.high as i64 })
}

#[track_caller]
pub(super) fn encode<T: Storage, C: IntegerCode>(
    quantizes: &impl Quantizes,
    from: &[T],
    to: &mut [C],
) -> Result<(), QuantError> {
    check_encode::<C>(quantizes.quantizer(), from.len(), to.len())?;
    quantizes.draw(from.len() as u64, |source, origin| {
        encode_part(quantizes.quantizer(), source, origin, 0, from, to)
    })
}

/// What is refused before anything is written.
#[track_caller]
pub(super) fn check_encode<C: IntegerCode>(
    quantizer: &impl Quantizer,
    from: usize,
    to: usize,
) -> Result<(), QuantError> {
    same_length(from, to);
    right_length(quantizer, from);
    wide_enough::<C>(quantizer.bounds())
}

/// Codes of elements from `start` on of a call of which the first element's random bits are those at `origin`.
pub(super) fn encode_part<T: Storage, C: IntegerCode>(
    quantizer: &impl Quantizer,
    source: &mut dyn Source,
    origin: u64,
    start: usize,
    from: &[T],
    to: &mut [C],
) -> Result<(), QuantError> {
    let mut integers = [0_i32; CHUNK];
    let mut room = Room::<4, CHUNK>::new();
    let chunk = Chunk::of(room.of(from.len()));
    let mut pass = Pass { quantizer, source, origin, chunk };
    for (index, (from, part)) in from.chunks(CHUNK).zip(to.chunks_mut(CHUNK)).enumerate() {
        let start = start + index * CHUNK;
        let integers = &mut integers[..part.len()];
        if quantizer.integers(start, from, integers) {
            code::narrowed(integers, part);
            continue;
        }
        pass.codes(start, from);
        let codes = &pass.chunk.y[..part.len()];
        let good = match codes.iter().fold(false, |any, code| any | code.is_nan()) {
            true => codes.iter().take_while(|code| !code.is_nan()).count(),
            false => codes.len(),
        };
        code::stored(&codes[..good], &mut part[..good]);
        if good < codes.len() {
            return Err(QuantError::NoCode { index: start + good, value: from[good].widen() });
        }
    }
    Ok(())
}

#[track_caller]
pub(super) fn decode<C: IntegerCode, T: Storage>(
    quantizer: &impl Quantizer,
    from: &[C],
    to: &mut [T],
) -> Result<(), QuantError> {
    same_length(from.len(), to.len());
    right_length(quantizer, from.len());
    let bounds = quantizer.bounds();
    let mut room = Room::<4, CHUNK>::new();
    let mut chunk = Chunk::of(room.of(from.len()));
    for (index, (codes, places)) in from.chunks(CHUNK).zip(to.chunks_mut(CHUNK)).enumerate() {
        let right = code::read(codes, bounds, &mut chunk.y[..codes.len()]);
        let outside = |code: &f64| !bounds.contain(*code);
        let wrong = if right { None } else { chunk.y[..codes.len()].iter().position(outside) };
        let good = wrong.unwrap_or(codes.len());
        quantizer.steps(index * CHUNK, good, &mut chunk);
        quantizer.values(&chunk, &mut places[..good]);
        if wrong.is_some() {
            let (code, index) = (codes[good].widen(), index * CHUNK + good);
            let (minimum, maximum) = (bounds.low as i64, bounds.high as i64);
            return Err(QuantError::NotACode { index, code, minimum, maximum });
        }
    }
    Ok(())
}
