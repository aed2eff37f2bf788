//! `IntegerQuantizer`: integer codes with their scales and zero points.

use core::fmt;
use core::ops::Range as Places;

use super::super::affine::{self, Affine};
use super::super::code::IntegerCode;
use super::super::engine::{self, Chunk, Quantizer, Rounds, WithWords};
use super::super::error::QuantError;
use super::super::lane::{self, Bounds};
use super::super::whole;
use super::layout::Runs;
use super::{Codes, IntegerFormat, Layout, Range};
use crate::arith::quotients_with;
use crate::chop::Chop;
use crate::rounding::random::CHUNK;
use crate::rounding::{Decision, Rounding, Tie};
use crate::slices;
use crate::storage::Storage;

/// A scale and a zero point: the code q stands for (q - zero point)·scale.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Parameters {
    /// The distance of neighbours: a positive normal number.
    pub scale: f64,
    /// The code of zero, or, beyond the codes, the integer that would be: zero is then no value of a code.
    pub zero_point: i32,
}

impl IntegerFormat {
    /// The parameters with which the codes span a range.
    ///
    /// Symmetric codes: the larger magnitude of the range / the largest code, zero point 0. Others: the
    /// width of the range / (2^b - 1) and the zero point round(least code - least / scale), to nearest
    /// even, in `f64`; zero is exact, so an end of the range may move by half a scale. A range of zero
    /// alone has scale 1; no scale is below the smallest normal number.
    ///
    /// ```
    /// use lowprec::quant::integer::{Codes, IntegerFormat, Range};
    /// let uint8 = IntegerFormat::new(8, Codes::Unsigned)?;
    /// let parameters = uint8.parameters(Range::new(-8.0, 23.875)?);
    /// assert_eq!((parameters.scale, parameters.zero_point), (0.125, 64));
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    #[must_use]
    pub fn parameters(&self, range: Range) -> Parameters {
        let maximum = f64::from(self.maximum_code());
        let steps = maximum - f64::from(self.minimum_code());
        let scale = match self.codes {
            Codes::Symmetric => range.magnitude() / maximum,
            Codes::Signed | Codes::Unsigned => match range.maximum() - range.minimum() {
                // Each end by itself where their difference overflows.
                f64::INFINITY => range.maximum() / steps - range.minimum() / steps,
                width => width / steps,
            },
        };
        if range.magnitude() == 0.0 {
            return Parameters { scale: 1.0, zero_point: self.zero_point(0.0) };
        }
        let mut scale = scale.max(f64::MIN_POSITIVE);
        let mut zero_point = self.zero_point(range.minimum() / scale);
        // Near the ends of binary64 the outermost code may stand for no finite value: a little less then.
        let reach = |zero_point: i32| {
            let above = maximum - f64::from(zero_point);
            above.max(steps - above)
        };
        while !(scale * reach(zero_point)).is_finite() {
            scale = (f64::MAX / reach(zero_point)).min(scale).next_down();
            zero_point = self.zero_point(range.minimum() / scale);
        }
        Parameters { scale, zero_point }
    }

    /// The zero point where the range begins at so many scales.
    fn zero_point(&self, minimum: f64) -> i32 {
        match self.codes {
            Codes::Symmetric => 0,
            Codes::Signed | Codes::Unsigned => {
                let exact = f64::from(self.minimum_code()) - minimum;
                (exact.round_ties_even() as i32).clamp(self.minimum_code(), self.maximum_code())
            }
        }
    }

    /// The quantizer with one scale and zero point for all values.
    ///
    /// # Errors
    ///
    /// For the reasons of [`IntegerQuantizer::new`].
    pub fn with_parameters(&self, parameters: Parameters) -> Result<IntegerQuantizer, QuantError> {
        IntegerQuantizer::new(*self, Layout::tensor(), vec![parameters])
    }
}

/// Values to integer codes and back, with one scale and zero point for all, for each channel or for each
/// group.
///
/// A value x becomes round(x / scale) + zero point, the exact quotient rounded once by the mode of the
/// [`IntegerFormat`], then clamped to the codes; infinities saturate too. NaN has no code: `encode` refuses
/// it with its index; where values are wanted it stays NaN, as a marker. Values that codes stand for are
/// rounded once, to nearest even, to the storage type.
///
/// A stochastic mode draws from the thread's generator; see [`IntegerQuantizer::stream`] for others.
///
/// ```
/// use lowprec::quant::integer::{Codes, IntegerFormat, Parameters};
/// let uint8 = IntegerFormat::new(8, Codes::Unsigned)?;
/// let quantizer = uint8.with_parameters(Parameters { scale: 0.5, zero_point: 10 })?;
/// let mut codes = [0_u8; 4];
/// quantizer.encode_slice(&[0.0_f32, 1.2, -7.0, 200.0], &mut codes)?;
/// assert_eq!(codes, [10, 12, 0, 255]);
/// let mut values = [0.0_f32; 4];
/// quantizer.decode_slice(&codes, &mut values)?;
/// assert_eq!(values, [0.0, 1.0, -5.0, 122.5]);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone)]
pub struct IntegerQuantizer {
    integer: IntegerFormat,
    layout: Layout,
    parameters: Vec<Parameters>,
    /// To which integers quotients are rounded: more of them than codes and zero point together.
    whole: Chop,
    /// In the nearest modes, what goes with the parameters.
    affine: Option<Affine>,
}

/// Two are equal where codes, mode, layout and parameters are.
impl PartialEq for IntegerQuantizer {
    fn eq(&self, other: &Self) -> bool {
        let facts = |of: &Self| (of.integer, of.layout);
        facts(self) == facts(other) && self.parameters == other.parameters
    }
}

impl fmt::Debug for IntegerQuantizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntegerQuantizer")
            .field("integer", &self.integer)
            .field("layout", &self.layout)
            .field("parameters", &self.parameters)
            .finish()
    }
}

impl IntegerQuantizer {
    /// A quantizer with parameters given, as many as the layout has.
    ///
    /// # Errors
    ///
    /// For another number of parameters, a scale that is not a positive normal number, or a zero point
    /// beyond ±2^17 (for symmetric codes, not 0). One that is no code is allowed: values all of one sign have
    /// their own range then.
    ///
    /// ```
    /// use lowprec::quant::integer::{Codes, IntegerFormat, IntegerQuantizer, Layout, Parameters};
    /// let int4 = IntegerFormat::new(4, Codes::Symmetric)?;
    /// let zero = vec![Parameters { scale: 0.0, zero_point: 0 }];
    /// let error = IntegerQuantizer::new(int4, Layout::tensor(), zero).unwrap_err();
    /// assert_eq!(error.to_string(), "scale: 0 given, positive normal numbers allowed");
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    pub fn new(
        integer: IntegerFormat,
        layout: Layout,
        parameters: Vec<Parameters>,
    ) -> Result<Self, QuantError> {
        if parameters.len() != layout.count() {
            let count = layout.count() as i128;
            let given = parameters.len() as i128;
            let field = "parameters";
            return Err(QuantError::Integer { field, given, minimum: count, maximum: count });
        }
        for &Parameters { scale, zero_point } in &parameters {
            if !(scale.is_normal() && scale > 0.0) {
                let allowed = "positive normal numbers";
                return Err(QuantError::Real { field: "scale", given: scale, allowed });
            }
            integer.check_far_zero_point(zero_point)?;
        }
        let whole = whole::saturating(18, integer.rounding);
        let affine = match integer.rounding.decision() {
            Decision::Nearest(tie) => {
                let of = |of: &Parameters| (of.scale, f64::from(of.zero_point));
                let parameters = parameters.iter().map(of);
                Some(Affine::new(parameters, integer.bounds(), tie == Tie::Even))
            }
            _ => None,
        };
        Ok(Self { integer, layout, parameters, whole, affine })
    }

    /// The codes and the rounding mode.
    #[must_use]
    pub fn integer(&self) -> IntegerFormat {
        self.integer
    }

    /// Which values share their parameters.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Scales and zero points.
    #[must_use]
    pub fn parameters(&self) -> &[Parameters] {
        &self.parameters
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.integer.rounding()
    }

    /// The values that codes stand for.
    ///
    /// # Errors
    ///
    /// At the first number that is no code, with its index: values before it are written, others not.
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or have another length than the layout.
    #[track_caller]
    pub fn decode_slice<C: IntegerCode, T: Storage>(
        &self,
        codes: &[C],
        values: &mut [T],
    ) -> Result<(), QuantError> {
        engine::decode(self, codes, values)
    }

    /// Quantizes every value in place with the random bits in `words`, one word a value, the most
    /// significant bit first.
    ///
    /// # Panics
    ///
    /// If the slices differ in length, or have another length than the layout.
    #[track_caller]
    pub fn quantize_slice_words<T: Storage>(&self, values: &mut [T], words: &[u32]) {
        assert!(values.len() == words.len(), "{} values, {} words", values.len(), words.len());
        engine::in_place(&WithWords(self, words), values);
    }
}

impl IntegerQuantizer {
    /// Calls `each` with neighbours, counted from `start`, and the runs that their parameters have, until one says
    /// yes; whether one did.
    fn in_runs(
        &self,
        start: usize,
        count: usize,
        mut each: impl FnMut(Places<usize>, Runs) -> bool,
    ) -> bool {
        if let Some(runs) = self.layout.whole_runs(start, count) {
            return each(0..count, runs);
        }
        let Some(length) = self.layout.cycle() else {
            let mut runs = self.layout.runs(start, count);
            return runs.any(|(run, first)| {
                let length = run.len();
                each(run, Runs { first, length })
            });
        };
        let mut done = 0;
        while done < count {
            let first = (start + done) % length;
            let end = (done + length - first).min(count);
            if each(done..end, Runs { first, length: 1 }) {
                return true;
            }
            done = end;
        }
        false
    }
}

impl Quantizer for IntegerQuantizer {
    fn rounding(&self) -> Rounding {
        self.integer.rounding
    }

    fn bounds(&self) -> Bounds {
        self.integer.bounds()
    }

    fn length(&self) -> Option<usize> {
        self.layout.length()
    }

    fn whole(&self) -> &Chop {
        &self.whole
    }

    fn codes<T: Storage>(
        &self,
        start: usize,
        from: &[T],
        rounds: Rounds<'_>,
        chunk: &mut Chunk<'_>,
    ) {
        let count = from.len();
        lane::scaled(from, 1.0, &mut chunk.x[..count]);
        if let Some(affine) = &self.affine {
            let (from, y) = (&chunk.x[..count], &mut chunk.y[..count]);
            let open = self.in_runs(start, count, |places, runs| {
                affine::codes(affine, runs, &from[places.clone()], &mut y[places])
            });
            if !open {
                return;
            }
        }
        self.steps(start, count, chunk);
        let Chunk { x, y, scale, zero } = chunk;
        let (x, y, scale) = (&mut x[..count], &mut y[..count], &scale[..count]);
        let Rounds { whole, source, position } = rounds;
        quotients_with(whole, source, position, [x, scale], y);
        lane::bounded(y, &zero[..count], self.bounds());
    }

    fn integers<T: Storage>(&self, start: usize, from: &[T], to: &mut [i32]) -> bool {
        let Some(affine) = &self.affine else { return false };
        !self.in_runs(start, from.len(), |places, runs| {
            affine::own_codes(affine, runs, &from[places.clone()], &mut to[places])
        })
    }

    fn direct<T: Storage>(
        &self,
        start: usize,
        _: Rounds<'_>,
        from: Option<&[T]>,
        to: &mut [T],
    ) -> bool {
        let Some(affine) = &self.affine else { return false };
        let round = |from: &[T], to: &mut [T]| {
            self.in_runs(start, from.len(), |places, runs| {
                affine::values(affine, runs, &from[places.clone()], &mut to[places])
            })
        };
        let Some(from) = from else {
            let mut room = [T::zero(); CHUNK];
            let room = &mut room[..to.len()];
            slices::copy(to, room);
            let open = round(room, to);
            if open {
                slices::copy(room, to);
            }
            return !open;
        };
        !round(from, to)
    }

    fn steps(&self, start: usize, count: usize, chunk: &mut Chunk<'_>) {
        if let Some(length) = self.layout.cycle() {
            let cycle = self.parameters.iter().cycle().skip(start % length);
            let places = chunk.scale.iter_mut().zip(&mut *chunk.zero).take(count);
            for ((scale, zero), parameters) in places.zip(cycle) {
                (*scale, *zero) = (parameters.scale, f64::from(parameters.zero_point));
            }
            return;
        }
        for (run, number) in self.layout.runs(start, count) {
            let Parameters { scale, zero_point } = self.parameters[number];
            chunk.scale[run.clone()].fill(scale);
            chunk.zero[run].fill(f64::from(zero_point));
        }
    }

    fn values<T: Storage>(&self, chunk: &Chunk<'_>, to: &mut [T]) {
        lane::multiplied(chunk.y, chunk.zero, chunk.scale, to);
    }
}
