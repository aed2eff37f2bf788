//! `Requantizer`: accumulated integers to codes, by integers alone.

use core::fmt;

use super::super::code::{IntegerCode, compiled_for_integers};
use super::super::error::QuantError;
use super::cuts::Cuts;
use super::{Dyadic, IntegerFormat, Layout};
use crate::chop::{Random, Seeded};
use crate::level::{self, Work};
use crate::rounding::random::{CHUNK, Drawn, Given, Source};
use crate::rounding::{Decision, Draw, Rounding};
use crate::slices::{self, same_length};

/// Accumulated integers to codes: acc·b / 2^c rounded once by the mode of the [`IntegerFormat`], plus the zero
/// point, clamped to the codes. No floating point is used.
///
/// ```
/// use lowprec::quant::integer::{Codes, Dyadic, IntegerFormat, Layout, Requantizer};
/// let int8 = IntegerFormat::new(8, Codes::Signed)?;
/// let requantizer = Requantizer::new(int8, 3, Layout::tensor(), vec![Dyadic::new(5, 4)?])?;
/// let mut codes = [0_i8; 3];
/// requantizer.requantize_into(&[16, -8, 100_000], &mut codes)?;
/// assert_eq!(codes, [8, 1, 127]);                     // 5 + 3, -2.5 + 3 to even, clamped
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Requantizer {
    integer: IntegerFormat,
    zero_point: i32,
    layout: Layout,
    factors: Vec<Dyadic>,
    /// The mode, where it is deterministic.
    cuts: Option<Cuts>,
}

impl fmt::Debug for Requantizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requantizer")
            .field("integer", &self.integer)
            .field("zero_point", &self.zero_point)
            .field("layout", &self.layout)
            .field("factors", &self.factors)
            .finish()
    }
}

impl Requantizer {
    /// A requantizer to codes of `integer` with `zero_point`, and a factor for each of the layout's
    /// parameters.
    ///
    /// # Errors
    ///
    /// For another number of factors, or a zero point that is no code (for symmetric codes, not 0).
    pub fn new(
        integer: IntegerFormat,
        zero_point: i32,
        layout: Layout,
        factors: Vec<Dyadic>,
    ) -> Result<Self, QuantError> {
        if factors.len() != layout.count() {
            let count = layout.count() as i128;
            let given = factors.len() as i128;
            return Err(QuantError::Integer {
                field: "factors",
                given,
                minimum: count,
                maximum: count,
            });
        }
        integer.check_zero_point(zero_point)?;
        let deterministic = !integer.rounding.is_stochastic();
        let cuts = deterministic.then(|| Cuts::of(integer.rounding));
        Ok(Self { integer, zero_point, layout, factors, cuts })
    }

    /// Codes of accumulated integers. A stochastic mode draws from the thread's generator.
    ///
    /// # Errors
    ///
    /// Before anything is written, if the integer type cannot hold every code.
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or have another length than the layout.
    #[track_caller]
    pub fn requantize_into<C: IntegerCode>(
        &self,
        from: &[i32],
        to: &mut [C],
    ) -> Result<(), QuantError> {
        if self.integer.rounding.is_stochastic() {
            self.all(&mut Drawn::new(rand::rng()), 0, from, to)
        } else {
            self.all(&mut Given(&[]), 0, from, to)
        }
    }

    /// Codes of accumulated integers with the random bits in `words`, one word an element, the most significant bit first.
    ///
    /// # Errors
    ///
    /// For the reason of [`Requantizer::requantize_into`].
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or have another length than the layout.
    #[track_caller]
    pub fn requantize_into_words<C: IntegerCode>(
        &self,
        from: &[i32],
        to: &mut [C],
        words: &[u32],
    ) -> Result<(), QuantError> {
        assert!(from.len() == words.len(), "{} elements, {} words", from.len(), words.len());
        self.all(&mut Given(words), 0, from, to)
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.integer.rounding()
    }

    #[track_caller]
    fn all<C: IntegerCode>(
        &self,
        source: &mut dyn Source,
        origin: u64,
        from: &[i32],
        to: &mut [C],
    ) -> Result<(), QuantError> {
        same_length(from.len(), to.len());
        if let Some(length) = self.layout.length() {
            assert!(from.len() == length, "{} elements for a layout of {length}", from.len());
        }
        let (minimum, maximum) = (self.integer.minimum_code(), self.integer.maximum_code());
        if f64::from(minimum) < C::LEAST || f64::from(maximum) > C::LARGEST {
            let (minimum, maximum) = (i64::from(minimum), i64::from(maximum));
            return Err(QuantError::NarrowType { minimum, maximum });
        }
        for (run, number) in self.layout.runs(0, from.len()) {
            let factor = self.factors[number];
            let (from, to) = (&from[run.clone()], &mut to[run.clone()]);
            let Some(cuts) = self.cuts else {
                let origin = origin.wrapping_add(run.start as u64);
                drawn(self.integer.rounding, self.finish(), factor, source, origin, from, to);
                continue;
            };
            let cuts = cuts.in_units(factor.shift());
            requantized(self.finish(), factor, cuts, from, to);
        }
        Ok(())
    }

    /// What is left once a value is rounded.
    fn finish(&self) -> Finish {
        Finish {
            zero_point: i64::from(self.zero_point),
            minimum: i64::from(self.integer.minimum_code()),
            maximum: i64::from(self.integer.maximum_code()),
        }
    }
}

compiled_for_integers! {
    /// Neighbours with the same factor, in a deterministic mode.
    fn requantized<C>(
        finish: Finish,
        factor: Dyadic,
        cuts: [[u64; 2]; 2],
        from: &[i32],
        to: &mut [C],
    ) = run_requantized;

    /// Neighbours with the same factor, in a stochastic mode; the first is element `origin` of the source.
    fn drawn<C>(
        rounding: Rounding,
        finish: Finish,
        factor: Dyadic,
        source: &mut dyn Source,
        origin: u64,
        from: &[i32],
        to: &mut [C],
    ) = run_drawn;
}

#[inline(always)]
fn run_requantized<C: IntegerCode>(
    finish: Finish,
    factor: Dyadic,
    cuts: [[u64; 2]; 2],
    from: &[i32],
    to: &mut [C],
) {
    level::run(Run { finish, factor, cuts, from, to });
}

#[inline(always)]
fn run_drawn<C: IntegerCode>(
    rounding: Rounding,
    finish: Finish,
    factor: Dyadic,
    source: &mut dyn Source,
    origin: u64,
    from: &[i32],
    to: &mut [C],
) {
    let exact = rounding.decision() == Decision::Stochastic(Draw::Exact);
    let mut words = [0; CHUNK];
    let mut done = 0;
    while done < from.len() {
        let first = origin.wrapping_add(done as u64);
        let given = source.words(first, (from.len() - done).min(CHUNK));
        let count = given.len();
        slices::copy(given, &mut words[..count]);
        let part = from[done..done + count].iter().zip(&mut to[done..done + count]);
        for (i, ((acc, code), word)) in part.zip(words).enumerate() {
            let at_once = if exact { factor.drawn_at_once(*acc, word) } else { None };
            let rounded = at_once.unwrap_or_else(|| {
                let mut bits = |group| source.group(first.wrapping_add(i as u64), word, group);
                factor.drawn(*acc, rounding, &mut bits)
            });
            *code = finish.code(rounded);
        }
        done += count;
    }
}

/// Zero point and limits.
#[derive(Clone, Copy)]
struct Finish {
    zero_point: i64,
    minimum: i64,
    maximum: i64,
}

impl Finish {
    #[inline(always)]
    fn code<C: IntegerCode>(self, rounded: i64) -> C {
        let code = rounded + self.zero_point;
        let raised = if code < self.minimum { self.minimum } else { code };
        C::from_i32((if raised > self.maximum { self.maximum } else { raised }) as i32)
    }
}

/// Neighbours with the same factor, in a deterministic mode.
struct Run<'a, C> {
    finish: Finish,
    factor: Dyadic,
    cuts: [[u64; 2]; 2],
    from: &'a [i32],
    to: &'a mut [C],
}

impl<C: IntegerCode> Work for Run<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { finish, factor, cuts, from, to } = self;
        for (acc, code) in from.iter().zip(to) {
            *code = finish.code(factor.rounded(*acc, cuts));
        }
    }
}

/// Seeded requantization.
impl Seeded<Requantizer> {
    /// Codes of accumulated integers. A stochastic mode takes one position for each.
    ///
    /// # Errors
    ///
    /// Before anything is written, if the integer type cannot hold every code.
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or have another length than the layout.
    #[track_caller]
    pub fn requantize_into<C: IntegerCode>(
        &self,
        from: &[i32],
        to: &mut [C],
    ) -> Result<(), QuantError> {
        let requantizer = self.unseeded();
        if requantizer.rounding().is_stochastic() {
            self.draw(from.len() as u64, |source, origin| requantizer.all(source, origin, from, to))
        } else {
            requantizer.requantize_into(from, to)
        }
    }
}
