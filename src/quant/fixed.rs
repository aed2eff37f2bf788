//! Fixed point Qm.n.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use super::affine;
use super::code::IntegerCode;
use super::engine::{self, Chunk, Quantizer, Rounds, WithWords};
use super::error::QuantError;
use super::lane::{self, Bounds};
use super::whole;
use crate::chop::{Chop, one_with, run_with};
use crate::format::power_of_two;
use crate::kernel::{self, Span};
use crate::rounding::Rounding;
use crate::rounding::random::Source;
use crate::slices;
use crate::storage::Storage;

/// What becomes of a rounded value outside the range.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum OutOfRange {
    /// The nearest end of the range; infinities too.
    #[default]
    Saturate,
    /// The number that is equal to it modulo 2^m, as integer registers do. An infinity has none: it
    /// is refused where codes are made and becomes NaN where values are.
    Wrap,
}

/// Fixed point Qm.n: `m` integer bits, the sign among them, and `n` fraction bits.
///
/// The numbers are the multiples k·2^-n in [-2^(m-1), 2^(m-1) - 2^-n]; k is the code, in two's
/// complement of m + n bits (Texas Instruments count the sign apart and say Q(m-1).n). A value x
/// becomes x·2^n rounded once to an integer, exactly, and then, if it lies outside the range,
/// saturates or wraps. There is no -0: a negative value that rounds to zero is +0.
///
/// NaN has no code: `encode` refuses it with its index; where values are wanted it stays NaN, as a
/// marker. A stochastic mode draws from the thread's generator; see [`Fixed::stream`] for others.
///
/// In `f32`, of which not every number of more than 25 bits is one, the range ends with the last
/// number that `f32` has.
///
/// ```
/// use lowprec::quant::fixed::{Fixed, OutOfRange};
/// use lowprec::Rounding;
/// let q3_5 = Fixed::new(3, 5)?;
/// assert_eq!(q3_5.quantize(0.7), 0.6875);
/// assert_eq!(q3_5.quantize(7.5_f32), 3.96875);
/// assert_eq!(q3_5.with_out_of_range(OutOfRange::Wrap).quantize(7.5_f32), -0.5);
/// assert_eq!(q3_5.with_rounding(Rounding::Up).encode(0.7)?, 23);
/// assert_eq!(q3_5.to_string(), "Q3.5");
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Fixed {
    integer_bits: u8,
    fraction_bits: u8,
    out_of_range: OutOfRange,
    /// To which integers scaled values are rounded, and how: the mode is here.
    whole: Chop,
    /// To the format's numbers and those beyond its ends.
    values: Chop,
    /// 2^n, 2^-n and the codes there are.
    per_unit: f64,
    quantum: f64,
    bounds: Bounds,
}

/// Two are equal where bits, mode and policy are.
impl PartialEq for Fixed {
    fn eq(&self, other: &Self) -> bool {
        self.facts() == other.facts()
    }
}

impl Eq for Fixed {}

impl Hash for Fixed {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.facts().hash(state);
    }
}

impl fmt::Debug for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixed")
            .field("integer_bits", &self.integer_bits)
            .field("fraction_bits", &self.fraction_bits)
            .field("rounding", &self.rounding())
            .field("out_of_range", &self.out_of_range)
            .finish()
    }
}

/// Most bits: `f64` holds every number of so many.
const MOST: i64 = f64::MANTISSA_DIGITS as i64;

/// Building a format and asking what it is.
impl Fixed {
    /// Qm.n, rounding to nearest even and saturating.
    ///
    /// # Errors
    ///
    /// Unless m is 1..=53, n 0..=52 and m + n at most 53: so many bits `f64` holds.
    ///
    /// ```
    /// use lowprec::quant::fixed::Fixed;
    /// let error = Fixed::new(32, 32).unwrap_err();
    /// assert_eq!(error.to_string(), "integer and fraction bits: 64 given, 1..=53 allowed");
    /// ```
    pub const fn new(integer_bits: u8, fraction_bits: u8) -> Result<Self, QuantError> {
        let (m, n) = (integer_bits as i64, fraction_bits as i64);
        if m < 1 || m > MOST {
            return Err(bits("integer bits", m, 1, MOST));
        }
        if n >= MOST {
            return Err(bits("fraction bits", n, 0, MOST - 1));
        }
        if m + n > MOST {
            return Err(bits("integer and fraction bits", m + n, 1, MOST));
        }
        let (rounding, out_of_range) = (Rounding::NearestEven, OutOfRange::Saturate);
        Ok(Self::made(integer_bits, fraction_bits, rounding, out_of_range))
    }

    const fn made(
        integer_bits: u8,
        fraction_bits: u8,
        rounding: Rounding,
        out_of_range: OutOfRange,
    ) -> Self {
        let bits = integer_bits as u32 + fraction_bits as u32;
        let whole = match out_of_range {
            // A bit more than any code has, as far as `f64` has it.
            OutOfRange::Saturate if bits < MOST as u32 => whole::saturating(bits + 1, rounding),
            OutOfRange::Saturate => whole::saturating(bits, rounding),
            OutOfRange::Wrap => whole::unlimited(rounding),
        };
        let high = (1_i64 << (bits - 1)) - 1;
        let values = whole::multiples(bits + 1, -(fraction_bits as i32), rounding);
        Self {
            values,
            integer_bits,
            fraction_bits,
            out_of_range,
            whole,
            per_unit: power_of_two(fraction_bits as i32),
            quantum: power_of_two(-(fraction_bits as i32)),
            bounds: Bounds { low: (-high - 1) as f64, high: high as f64 },
        }
    }

    fn facts(&self) -> (u8, u8, Rounding, OutOfRange) {
        (self.integer_bits, self.fraction_bits, self.rounding(), self.out_of_range)
    }

    /// This format with another rounding mode.
    #[must_use]
    pub const fn with_rounding(self, rounding: Rounding) -> Self {
        Self::made(self.integer_bits, self.fraction_bits, rounding, self.out_of_range)
    }

    /// This format with another policy for values outside the range.
    #[must_use]
    pub const fn with_out_of_range(self, out_of_range: OutOfRange) -> Self {
        Self::made(self.integer_bits, self.fraction_bits, self.rounding(), out_of_range)
    }

    /// m, the integer bits, the sign among them.
    #[must_use]
    pub const fn integer_bits(&self) -> u32 {
        self.integer_bits as u32
    }

    /// n, the fraction bits.
    #[must_use]
    pub const fn fraction_bits(&self) -> u32 {
        self.fraction_bits as u32
    }

    /// m + n, the bits of a code.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.integer_bits() + self.fraction_bits()
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.whole.rounding()
    }

    /// The policy for values outside the range.
    #[must_use]
    pub const fn out_of_range(&self) -> OutOfRange {
        self.out_of_range
    }

    /// The distance of neighbours, 2^-n.
    #[must_use]
    pub fn quantum(&self) -> f64 {
        self.quantum
    }

    /// The maximum number, 2^(m-1) - 2^-n.
    #[must_use]
    pub fn maximum(&self) -> f64 {
        self.maximum_code() as f64 * self.quantum()
    }

    /// The minimum number, -2^(m-1).
    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.minimum_code() as f64 * self.quantum()
    }

    /// The maximum code, 2^(m+n-1) - 1.
    #[must_use]
    pub const fn maximum_code(&self) -> i64 {
        (1 << (self.bits() - 1)) - 1
    }

    /// The minimum code, -2^(m+n-1).
    #[must_use]
    pub const fn minimum_code(&self) -> i64 {
        -1 << (self.bits() - 1)
    }

    /// Whether values are rounded to nearest even, saturate, and their codes can be counted in the storage type.
    fn is_even<T: Storage>(&self) -> bool {
        let few = self.maximum_code() as f64 <= affine::most_evenly(T::PRECISION);
        let even = self.rounding() == Rounding::NearestEven;
        few && even && self.out_of_range == OutOfRange::Saturate
    }

    /// The largest number that the storage type has, too.
    fn largest_in<T: Storage>(&self) -> f64 {
        let code = self.maximum_code().unsigned_abs();
        let cut = (self.bits() - 1).saturating_sub(T::PRECISION);
        (code >> cut << cut) as f64 * self.quantum()
    }
}

const fn bits(field: &'static str, given: i64, minimum: i64, maximum: i64) -> QuantError {
    let (given, minimum, maximum) = (given as i128, minimum as i128, maximum as i128);
    QuantError::Integer { field, given, minimum, maximum }
}

/// One value, and random bits given.
impl Fixed {
    /// The number that a code stands for.
    ///
    /// # Errors
    ///
    /// If the code has more than m + n bits.
    pub fn decode(&self, code: i64) -> Result<f64, QuantError> {
        if !self.bounds.contain(code as f64) {
            let (minimum, maximum) = (self.minimum_code(), self.maximum_code());
            return Err(QuantError::NotACode { index: 0, code, minimum, maximum });
        }
        Ok(self.value(code as f64))
    }

    /// The numbers that codes stand for. In `f32` those that it lacks are
    /// rounded to nearest even, within the range.
    ///
    /// # Errors
    ///
    /// At the first code of more than m + n bits, with its index: values before it are written, others
    /// not.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::quant::fixed::Fixed;
    /// let mut values = [0.0_f32; 3];
    /// Fixed::new(4, 4)?.decode_slice(&[1_i8, -128, 127], &mut values)?;
    /// assert_eq!(values, [0.0625, -8.0, 7.9375]);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    #[track_caller]
    pub fn decode_slice<C: IntegerCode, T: Storage>(
        &self,
        codes: &[C],
        values: &mut [T],
    ) -> Result<(), QuantError> {
        engine::decode(self, codes, values)
    }

    /// Quantizes every value in place with the random bits in `words`, as
    /// [`Chop::chop_slice_words`](crate::Chop::chop_slice_words) does: one word a value, the most
    /// significant bit first.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn quantize_slice_words<T: Storage>(&self, values: &mut [T], words: &[u32]) {
        assert!(values.len() == words.len(), "{} values, {} words", values.len(), words.len());
        engine::in_place(&WithWords(self, words), values);
    }
}

/// One value by itself: what [`Quantizer`] does with many, without the room for them.
impl Fixed {
    /// The code of a value, the element `position` of the source; NaN where there is none. Not generic, so
    /// that it is compiled in this crate.
    pub(super) fn code(&self, x: f64, source: &mut dyn Source, position: u64) -> f64 {
        let (rule, plan) = (self.whole.rule(), self.whole.plan::<f64>());
        match kernel::whole_number(&rule, plan, x * self.per_unit) {
            // -0 becomes +0.
            Some(y) if self.bounds.contain(y) => y + 0.0,
            Some(y) => self.code_of(y),
            None => self.code_by_chop(x, source, position),
        }
    }

    // By themselves, so that the way above has no registers to save.

    #[inline(never)]
    fn code_by_chop(&self, x: f64, source: &mut dyn Source, position: u64) -> f64 {
        let scaled = lane::scaled_one(x, self.per_unit);
        self.code_of(one_with(&self.whole, source, position, scaled))
    }

    /// The code of an integer.
    #[inline(never)]
    fn code_of(&self, y: f64) -> f64 {
        match self.out_of_range {
            OutOfRange::Saturate => lane::bounded_one(y, 0.0, self.bounds),
            OutOfRange::Wrap => lane::wrapped_one(y, self.bounds),
        }
    }

    /// The value of a code.
    #[inline]
    pub(super) fn value<T: Storage>(&self, code: f64) -> T {
        lane::step(code, self.quantum, self.largest_in::<T>())
    }
}

impl Quantizer for Fixed {
    fn rounding(&self) -> Rounding {
        self.whole.rounding()
    }

    fn bounds(&self) -> Bounds {
        self.bounds
    }

    fn length(&self) -> Option<usize> {
        None
    }

    fn whole(&self) -> &Chop {
        &self.whole
    }

    fn codes<T: Storage>(&self, _: usize, from: &[T], rounds: Rounds<'_>, chunk: &mut Chunk<'_>) {
        let (y, zero) = (&mut chunk.y[..from.len()], &chunk.zero[..from.len()]);
        let Rounds { whole, source, position } = rounds;
        lane::scaled(from, self.per_unit, y);
        run_with(whole, source, position, Span::InPlace(y));
        match self.out_of_range {
            OutOfRange::Saturate => lane::bounded(y, zero, self.bounds),
            OutOfRange::Wrap => lane::wrapped(y, self.bounds),
        }
    }

    fn integers<T: Storage>(&self, _: usize, from: &[T], to: &mut [i32]) -> bool {
        self.is_even::<T>() && !affine::even_codes(self.per_unit, self.bounds, from, to)
    }

    /// Through the kernel in the storage type, where that has all numbers of the format.
    fn direct<T: Storage>(
        &self,
        _: usize,
        rounds: Rounds<'_>,
        from: Option<&[T]>,
        to: &mut [T],
    ) -> bool {
        let saturates = self.out_of_range == OutOfRange::Saturate;
        if !saturates || self.bits() > T::PRECISION {
            return false;
        }
        if self.is_even::<T>() {
            if let Some(from) = from {
                slices::copy(from, to);
            }
            affine::evenly(self.per_unit, self.bounds, to);
            return true;
        }
        let Rounds { source, position, .. } = rounds;
        let span = match from {
            Some(from) => Span::Into(from, &mut *to),
            None => Span::InPlace(&mut *to),
        };
        run_with(&self.values, source, position, span);
        lane::clamped(to, self.minimum(), self.maximum());
        true
    }

    fn steps(&self, _start: usize, _count: usize, _chunk: &mut Chunk<'_>) {}

    fn values<T: Storage>(&self, chunk: &Chunk<'_>, to: &mut [T]) {
        lane::steps(&chunk.y[..to.len()], self.quantum(), self.largest_in::<T>(), to);
    }
}

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Q{}.{}", self.integer_bits, self.fraction_bits)
    }
}

impl FromStr for Fixed {
    type Err = QuantError;

    /// Reads a name like `Q8.8`, rounding to nearest even and saturating.
    fn from_str(text: &str) -> Result<Self, QuantError> {
        let name = text.trim().strip_prefix(['Q', 'q']);
        let parts = name.and_then(|name| name.split_once('.'));
        let read = parts.and_then(|(m, n)| Some((m.parse().ok()?, n.parse().ok()?)));
        let (m, n) = read.ok_or_else(|| QuantError::Name(text.to_owned()))?;
        Self::new(m, n)
    }
}
