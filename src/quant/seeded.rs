//! `Seeded`: a quantizer whose random bits come from a stream's positions.

use super::engine::{Quantizer, Quantizes};
use crate::chop::{Chop, Draws, Stream};
use crate::format::Format;
use crate::rounding::Rounding;
use crate::rounding::random::{Given, Source};

/// A quantizer with a seed and a position that moves on as it quantizes.
///
/// Every element of a stochastic call takes one position of the [`Stream`] of that seed, exact and
/// special values too; deterministic modes take none. A result depends on seed, position and value
/// alone: slices, scalar loops and shards give the same bits, and `f32` and `f64` the same for the same
/// value.
///
/// ```
/// use lowprec::quant::fixed::Fixed;
/// use lowprec::Rounding;
/// let q4_4 = Fixed::new(4, 4)?.with_rounding(Rounding::Stochastic);
/// let mut whole = vec![0.1_f32; 1000];
/// let mut shard = whole[600..].to_vec();
/// q4_4.seeded(42).quantize_slice(&mut whole);
/// q4_4.seeded(42).at(600).quantize_slice(&mut shard);
/// assert_eq!(whole[600..], shard);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Debug)]
pub struct Seeded<Q> {
    quantizer: Q,
    stream: Stream,
}

/// A stream of random bits for a mode. Its format plays no part.
pub(super) fn stream(rounding: Rounding, seed: u64) -> Stream {
    Chop::new(Format::BINARY64, rounding).stream(seed)
}

impl<Q> Seeded<Q> {
    pub(super) fn new(quantizer: Q, rounding: Rounding, seed: u64) -> Self {
        Self { stream: stream(rounding, seed), quantizer }
    }

    /// The same at another position, as [`Stream::at`].
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        Self { stream: self.stream.at(position), ..self }
    }

    /// The position of the next element.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.stream.position()
    }

    /// Another stream of the same seed, as [`Stream::with_stream`].
    #[must_use]
    pub fn with_stream(self, number: u64) -> Self {
        Self { stream: self.stream.with_stream(number), ..self }
    }

    /// The quantizer.
    #[must_use]
    pub fn quantizer(&self) -> &Q {
        &self.quantizer
    }
}

impl<Q: Clone> Seeded<Q> {
    /// The same quantizer with an independent stream, as [`Stream::fork`].
    #[must_use]
    pub fn fork(&self, id: u64) -> Self {
        Self { quantizer: self.quantizer.clone(), stream: self.stream.fork(id) }
    }
}

impl<Q: Quantizer> Quantizes for Seeded<Q> {
    type Quantizer = Q;

    fn quantizer(&self) -> &Q {
        &self.quantizer
    }

    fn draw<R>(&self, count: u64, run: impl FnOnce(&mut dyn Source, u64) -> R) -> R {
        if self.quantizer.rounding().is_stochastic() {
            self.stream.draw(count, |source, origin| run(source, origin))
        } else {
            run(&mut Given(&[]), 0)
        }
    }
}
