//! Calibration: the range that codes are to span, found from values.

use super::super::affine::{self, SIDE};
use super::super::clip;
use super::super::error::QuantError;
use super::range::Range;
use super::{Codes, IntegerFormat, IntegerQuantizer, Layout, Parameters};
use crate::rounding::Rounding;
use crate::storage::Storage;

/// How the range is found that codes are to span. Zero is always in it.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Calibration {
    /// From the least value to the largest.
    MinMax,
    /// Values beyond a percentile p, above 50 and at most 100, are left to saturate: for symmetric
    /// codes those of which the magnitude is beyond p % of all magnitudes; for others those beyond
    /// p % of all values on either side. Percentiles by the nearest rank: the value of rank ⌈p·N / 100⌉.
    Percentile(f64),
    /// The range of [`Calibration::MinMax`] times the factor in (0, 1] that leaves the least squared
    /// error, rounded to nearest even, by [`clip::search`]: the best of its trials.
    LeastSquares,
}

impl Calibration {
    fn check(self) -> Result<(), QuantError> {
        match self {
            Self::Percentile(p) if !(p > 50.0 && p <= 100.0) => {
                let allowed = "above 50 and at most 100";
                Err(QuantError::Real { field: "percentile", given: p, allowed })
            }
            _ => Ok(()),
        }
    }
}

/// The search for the best range of one part.
struct Try {
    range: Range,
    /// That of the values in units of the largest one.
    scaled: Range,
    search: clip::Search,
}

impl Try {
    /// Changes the values to units of the largest one, so that squares neither vanish nor overflow.
    fn of(values: &mut [f64]) -> Self {
        let range = Range::of(values);
        let unit = clip::unit_of(values);
        values.iter_mut().for_each(|x| *x *= unit);
        match clip::Search::new(0.0, 1.0) {
            Ok(search) => Self { range, scaled: range.times(unit), search },
            Err(error) => unreachable!("from 0 to 1: {error}"),
        }
    }
}

/// The value of rank ⌈p·N / 100⌉; zero of none.
fn percentile(values: &mut [f64], p: f64) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let rank = (p * values.len() as f64 / 100.0).ceil() as usize;
    let place = rank.clamp(1, values.len()) - 1;
    *values.select_nth_unstable_by(place, f64::total_cmp).1
}

impl IntegerFormat {
    /// The range that a calibration finds for values that share their parameters.
    fn range(&self, mut values: Vec<f64>, calibration: Calibration) -> Range {
        let range = Range::of(&values);
        match calibration {
            Calibration::MinMax => range,
            Calibration::Percentile(p) if self.codes == Codes::Symmetric => {
                values.iter_mut().for_each(|x| *x = x.abs());
                let end = percentile(&mut values, p);
                Range { minimum: -end, maximum: end }
            }
            Calibration::Percentile(p) => {
                let maximum = percentile(&mut values, p).max(0.0);
                values.iter_mut().for_each(|x| *x = -*x);
                Range { minimum: -percentile(&mut values, p).max(0.0), maximum }
            }
            Calibration::LeastSquares => self.least_squares(vec![values])[0],
        }
    }

    /// The ranges of least squared errors, of several parts at a time.
    fn least_squares(&self, mut parts: Vec<Vec<f64>>) -> Vec<Range> {
        let nearest = self.with_rounding(Rounding::NearestEven);
        parts.chunks_mut(SIDE).flat_map(|parts| nearest.best_of(parts)).collect()
    }

    /// The best ranges of at most [`SIDE`] parts: their searches go side by side.
    fn best_of(&self, parts: &mut [Vec<f64>]) -> Vec<Range> {
        let mut tries: Vec<Try> = parts.iter_mut().map(|part| Try::of(part)).collect();
        let most = parts.iter().map(Vec::len).max().unwrap_or(0);
        // Behind the end of a shorter part there are zeros, which leave no error.
        let at = |i: usize, k: usize| parts.get(k).and_then(|part| part.get(i)).copied();
        let values: Vec<[f64; SIDE]> =
            (0..most).map(|i| core::array::from_fn(|k| at(i, k).unwrap_or(0.0))).collect();
        loop {
            let clips = tries.iter().map(|of| of.search.clip());
            if clips.clone().all(|clip| clip.is_none()) {
                return tries.iter().map(|of| of.range.times(of.search.best.clip)).collect();
            }
            let mut parameters = [(1.0, 0.0); SIDE];
            for ((parameters, of), clip) in parameters.iter_mut().zip(&tries).zip(clips) {
                let Parameters { scale, zero_point } =
                    self.parameters(of.scaled.times(clip.unwrap_or(1.0)));
                *parameters = (scale, f64::from(zero_point));
            }
            let (sums, open) = affine::squared_errors(parameters, self.bounds(), &values);
            for (k, of) in tries.iter_mut().enumerate() {
                let Some(clip) = of.search.clip() else { continue };
                of.search.tell(if open[k] {
                    self.error(&parts[k], of.scaled.times(clip))
                } else {
                    sums[k] / parts[k].len().max(1) as f64
                });
            }
        }
    }

    /// Mean squared error of quantizing the values with codes that span a range.
    fn error(&self, values: &[f64], range: Range) -> f64 {
        let parameters = self.parameters(range);
        let Ok(quantizer) = self.with_parameters(parameters) else {
            unreachable!("{parameters:?} come from a range")
        };
        let mut quantized = values.to_vec();
        quantizer.quantize_slice(&mut quantized);
        clip::mean_squared_error(values, &quantized)
    }

    /// The quantizer whose parameters fit values like these.
    ///
    /// # Errors
    ///
    /// At the first value that is not finite, with its index; for a percentile outside (50, 100].
    ///
    /// # Panics
    ///
    /// If there are not as many values as the layout has elements.
    ///
    /// ```
    /// use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
    /// let int4 = IntegerFormat::new(4, Codes::Symmetric)?;
    /// let values = [0.1, -0.2, 0.3, 0.7, -7.0];
    /// let scale = |calibration| {
    ///     let quantizer = int4.calibrate(&values, Layout::tensor(), calibration)?;
    ///     Ok::<f64, lowprec::quant::QuantError>(quantizer.parameters()[0].scale)
    /// };
    /// assert_eq!(scale(Calibration::MinMax)?, 1.0);
    /// assert_eq!(scale(Calibration::Percentile(80.0))?, 0.7 / 7.0);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    #[track_caller]
    pub fn calibrate<T: Storage>(
        &self,
        values: &[T],
        layout: Layout,
        calibration: Calibration,
    ) -> Result<IntegerQuantizer, QuantError> {
        let ranges = self.ranges(values, layout, calibration)?;
        self.with_ranges(layout, &ranges)
    }

    /// The ranges that a calibration finds, one for each of the layout's parameters.
    ///
    /// # Errors
    ///
    /// For the reasons of [`IntegerFormat::calibrate`].
    ///
    /// # Panics
    ///
    /// If there are not as many values as the layout has elements.
    #[track_caller]
    pub fn ranges<T: Storage>(
        &self,
        values: &[T],
        layout: Layout,
        calibration: Calibration,
    ) -> Result<Vec<Range>, QuantError> {
        calibration.check()?;
        if let Some(length) = layout.length() {
            let given = values.len();
            assert!(given == length, "{given} values for a layout of {length}");
        }
        if let Some(index) = values.iter().position(|x| !x.is_finite()) {
            return Err(QuantError::NotFinite { index, value: values[index].widen() });
        }
        let mut parts = vec![Vec::new(); layout.count()];
        for (run, number) in layout.runs(0, values.len()) {
            parts[number].extend(values[run].iter().map(|x| x.widen()));
        }
        Ok(match calibration {
            Calibration::LeastSquares => self.least_squares(parts),
            _ => parts.into_iter().map(|part| self.range(part, calibration)).collect(),
        })
    }

    /// The quantizer whose codes span ranges given, one for each of the layout's parameters.
    ///
    /// # Errors
    ///
    /// For another number of ranges.
    pub fn with_ranges(
        &self,
        layout: Layout,
        ranges: &[Range],
    ) -> Result<IntegerQuantizer, QuantError> {
        let parameters: Vec<Parameters> = ranges.iter().map(|r| self.parameters(*r)).collect();
        IntegerQuantizer::new(*self, layout, parameters)
    }
}

/// Moving averages of ranges over batches: each batch moves both ends by a share of the way to its own
/// range. The first batch's range is taken as it is.
///
/// ```
/// use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout, Observer};
/// let uint8 = IntegerFormat::new(8, Codes::Unsigned)?;
/// let mut observer = Observer::new(uint8, Layout::tensor(), Calibration::MinMax, 0.25)?;
/// observer.observe(&[0.0_f32, 4.0])?;
/// observer.observe(&[-1.0_f32, 8.0])?;
/// let range = observer.ranges()[0];
/// assert_eq!((range.minimum(), range.maximum()), (-0.25, 5.0));
/// let quantizer = observer.quantizer()?;
/// assert_eq!(quantizer.parameters()[0].scale, 5.25 / 255.0);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Observer {
    integer: IntegerFormat,
    layout: Layout,
    calibration: Calibration,
    share: f64,
    ranges: Vec<Range>,
}

impl Observer {
    /// An observer that has seen nothing. `share`, in (0, 1], is how far a batch moves the averages.
    ///
    /// # Errors
    ///
    /// For a share or a percentile outside its limits.
    pub fn new(
        integer: IntegerFormat,
        layout: Layout,
        calibration: Calibration,
        share: f64,
    ) -> Result<Self, QuantError> {
        calibration.check()?;
        if !(share > 0.0 && share <= 1.0) {
            let allowed = "above 0 and at most 1";
            return Err(QuantError::Real { field: "share", given: share, allowed });
        }
        Ok(Self { integer, layout, calibration, share, ranges: Vec::new() })
    }

    /// Takes in a batch. One without values says nothing of their range and moves nothing.
    ///
    /// # Errors
    ///
    /// At the first value that is not finite, with its index; the averages stay as they are.
    ///
    /// # Panics
    ///
    /// If there are not as many values as the layout has elements.
    #[track_caller]
    pub fn observe<T: Storage>(&mut self, batch: &[T]) -> Result<(), QuantError> {
        let seen = self.integer.ranges(batch, self.layout, self.calibration)?;
        if batch.is_empty() {
            return Ok(());
        }
        if self.ranges.is_empty() {
            self.ranges = seen;
        } else {
            for (range, seen) in self.ranges.iter_mut().zip(seen) {
                *range = range.toward(seen, self.share);
            }
        }
        Ok(())
    }

    /// The averages, one for each of the layout's parameters; none before the first batch.
    #[must_use]
    pub fn ranges(&self) -> &[Range] {
        &self.ranges
    }

    /// The quantizer whose codes span the averages.
    ///
    /// # Errors
    ///
    /// Before the first batch that has values.
    pub fn quantizer(&self) -> Result<IntegerQuantizer, QuantError> {
        if self.ranges.is_empty() {
            return Err(QuantError::Contradiction { field: "observer", needed: "a batch first" });
        }
        self.integer.with_ranges(self.layout, &self.ranges)
    }
}
