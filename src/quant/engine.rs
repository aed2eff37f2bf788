//! From values to codes and back, chunk by chunk: what fixed point and integers have in common.
//!
//! A quantizer scales, a `Chop` rounds to whole numbers, the quantizer's range makes codes of them. Codes
//! are `f64` until they are stored; NaN where there is none.

use super::code::IntegerCode;
use super::error::QuantError;
use super::lane::{self, Bounds};
use crate::chop::Chop;
use crate::rounding::Rounding;
use crate::rounding::random::{CHUNK, Drawn, Given, Source};
use crate::slices::same_length;
use crate::storage::Storage;

/// Room for a chunk on its way.
pub(super) struct Room {
    /// Values, where they are divided.
    pub(super) x: [f64; CHUNK],
    /// Scaled values, then whole numbers, then codes.
    pub(super) y: [f64; CHUNK],
    /// The step of each element, and its zero point.
    pub(super) scale: [f64; CHUNK],
    pub(super) zero: [f64; CHUNK],
}

impl core::fmt::Debug for Room {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Room").finish_non_exhaustive()
    }
}

impl Room {
    fn new() -> Self {
        let empty = [0.0; CHUNK];
        Self { x: empty, y: empty, scale: empty, zero: empty }
    }
}

/// How a chunk is rounded to whole numbers, and the random bits, of which the first element's are those at
/// `position`.
pub(super) struct Rounds<'a> {
    pub(super) whole: &'a Chop,
    pub(super) source: &'a mut dyn Source,
    pub(super) position: u64,
}

/// What a quantizer is to the engine.
pub(super) trait Quantizer: Clone {
    fn rounding(&self) -> Rounding;
    fn bounds(&self) -> Bounds;
    /// How many values one call takes, where that is fixed.
    fn length(&self) -> Option<usize>;
    /// To which whole numbers values are rounded.
    fn whole(&self) -> Chop;
    /// Fills the room for elements from `start` on: codes, NaN where there is none, and what `values`
    /// wants.
    fn codes<T: Storage>(&self, start: usize, from: &[T], rounds: Rounds<'_>, room: &mut Room);
    /// The same but for the codes.
    fn steps(&self, start: usize, count: usize, room: &mut Room);
    /// The values of the room's codes.
    fn values<T: Storage>(&self, room: &Room, to: &mut [T]);
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
    whole: Chop,
    source: &'a mut dyn Source,
    origin: u64,
    room: Room,
}

impl<'a, Q: Quantizer> Pass<'a, Q> {
    fn new(quantizer: &'a Q, source: &'a mut dyn Source, origin: u64) -> Self {
        Self { quantizer, whole: quantizer.whole(), source, origin, room: Room::new() }
    }

    /// Codes of at most [`CHUNK`] values, the first being element `start`, into the room.
    fn codes<T: Storage>(&mut self, start: usize, from: &[T]) {
        let position = self.origin.wrapping_add(start as u64);
        let Self { quantizer, whole, source, room, .. } = self;
        quantizer.codes(start, from, Rounds { whole, source: *source, position }, room);
    }
}

/// Refuses another number of values than a quantizer's layout has.
#[track_caller]
fn right_length<Q: Quantizer>(quantizer: &Q, count: usize) {
    if let Some(length) = quantizer.length() {
        assert!(count == length, "{count} values for a quantizer of {length}");
    }
}

/// Calls `each` with every chunk's place, its codes in the room.
fn for_chunks<T: Storage, S: Quantizes>(
    quantizes: &S,
    from: &[T],
    mut each: impl FnMut(usize, &Room) -> Result<(), QuantError>,
) -> Result<(), QuantError> {
    quantizes.draw(from.len() as u64, |source, origin| {
        let mut pass = Pass::new(quantizes.quantizer(), source, origin);
        for (index, part) in from.chunks(CHUNK).enumerate() {
            pass.codes(index * CHUNK, part);
            each(index * CHUNK, &pass.room)?;
        }
        Ok(())
    })
}

#[track_caller]
pub(super) fn in_place<T: Storage>(quantizes: &impl Quantizes, values: &mut [T]) {
    right_length(quantizes.quantizer(), values.len());
    quantizes.draw(values.len() as u64, |source, origin| {
        let mut pass = Pass::new(quantizes.quantizer(), source, origin);
        for (index, part) in values.chunks_mut(CHUNK).enumerate() {
            pass.codes(index * CHUNK, part);
            pass.quantizer.values(&pass.room, part);
        }
    });
}

#[track_caller]
pub(super) fn into<T: Storage>(quantizes: &impl Quantizes, from: &[T], to: &mut [T]) {
    same_length(from.len(), to.len());
    right_length(quantizes.quantizer(), from.len());
    let mut places = to.chunks_mut(CHUNK);
    let done = for_chunks(quantizes, from, |_, room| {
        places.next().into_iter().for_each(|part| quantizes.quantizer().values(room, part));
        Ok(())
    });
    debug_assert!(done.is_ok(), "values are never refused");
}

/// Refuses an integer type that lacks some of the codes.
fn wide_enough<C: IntegerCode>(bounds: Bounds) -> Result<(), QuantError> {
    if C::LEAST <= bounds.low && bounds.high <= C::LARGEST {
        return Ok(());
    }
    Err(QuantError::NarrowType { least: bounds.low as i64, largest: bounds.high as i64 })
}

#[track_caller]
pub(super) fn encode<T: Storage, C: IntegerCode>(
    quantizes: &impl Quantizes,
    from: &[T],
    to: &mut [C],
) -> Result<(), QuantError> {
    same_length(from.len(), to.len());
    right_length(quantizes.quantizer(), from.len());
    wide_enough::<C>(quantizes.quantizer().bounds())?;
    let mut places = to.chunks_mut(CHUNK);
    for_chunks(quantizes, from, |start, room| {
        let part = places.next().unwrap_or_default();
        let codes = &room.y[..part.len()];
        let good = match codes.iter().fold(false, |any, code| any | code.is_nan()) {
            true => codes.iter().take_while(|code| !code.is_nan()).count(),
            false => codes.len(),
        };
        lane::stored(&codes[..good], &mut part[..good]);
        if good < codes.len() {
            let index = start + good;
            return Err(QuantError::NoCode { index, value: from[index].widen() });
        }
        Ok(())
    })
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
    let mut room = Room::new();
    for (index, (codes, places)) in from.chunks(CHUNK).zip(to.chunks_mut(CHUNK)).enumerate() {
        let right = lane::read(codes, bounds, &mut room.y[..codes.len()]);
        let outside = |code: &f64| !bounds.contain(*code);
        let wrong = if right { None } else { room.y[..codes.len()].iter().position(outside) };
        let good = wrong.unwrap_or(codes.len());
        quantizer.steps(index * CHUNK, good, &mut room);
        quantizer.values(&room, &mut places[..good]);
        if wrong.is_some() {
            let (code, index) = (codes[good].widen(), index * CHUNK + good);
            let (least, largest) = (bounds.low as i64, bounds.high as i64);
            return Err(QuantError::NotACode { index, code, least, largest });
        }
    }
    Ok(())
}
