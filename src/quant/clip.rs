//! Clip search: where to clip values so that the mean squared error of quantizing them is least.

use super::error::QuantError;
use crate::block::log2;
use crate::format::power_of_two;
use crate::slices;
use crate::storage::Storage;

/// A clip and the error that it leaves.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clip {
    /// The magnitude from which on values are clipped, in the units of the search.
    pub clip: f64,
    /// What `error` said of it.
    pub error: f64,
}

/// Trials of equal distance with which a search begins.
const TRIALS: u32 = 64;

/// Width, relative to the whole interval, at which a search ends.
const NARROW: f64 = 1e-9;

/// Halvings, nearly, after which it ends too: enough for that width.
const STEPS: u32 = 64;

/// The clip above `low` and at most `high` that leaves the least error: the best of 64 clips at equal
/// distances, then by golden-section search between its two neighbours. An error with one minimum
/// there is found to 1e-9 of the interval; of one with several (data are no smooth function) the best
/// clip tried is returned, and `high` where every error is infinite or NaN. Where the interval has fewer numbers
/// than that, the search ends with them.
///
/// # Errors
///
/// Unless both ends are finite, and `low` below `high`.
///
/// ```
/// use lowprec::quant::clip;
/// let best = clip::search(0.0, 4.0, |c| (c - 1.25) * (c - 1.25))?;
/// assert!((best.clip - 1.25).abs() < 1e-7);
/// assert!(clip::search(0.0, f64::INFINITY, |c| c).is_err());
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
pub fn search(low: f64, high: f64, mut error: impl FnMut(f64) -> f64) -> Result<Clip, QuantError> {
    let mut search = Search::new(low, high)?;
    while let Some(clip) = search.clip() {
        search.tell(error(clip));
    }
    Ok(search.best)
}

/// A search under way: it says which clip to try, and is told the error, so that many go side by side.
pub(super) struct Search {
    low: f64,
    high: f64,
    /// Distance of the first trials.
    step: f64,
    phase: Phase,
    pub(super) best: Clip,
    interval: Interval,
    /// How often the interval may still be narrowed.
    left: u32,
}

/// Which clip is tried.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Phase {
    /// One of those at equal distances.
    Even(u32),
    /// The first of the nearer ones, the farther one being unknown yet.
    First,
    Near,
    Far,
    Done,
}

/// An interval around the best clip, and two between its ends, in ascending order.
#[derive(Clone, Copy, Debug, Default)]
struct Interval {
    left: f64,
    right: f64,
    near: f64,
    far: f64,
    at_near: f64,
    at_far: f64,
}

impl Interval {
    /// The clip at the golden section from the left, or from the right.
    fn section(&self, from_left: bool) -> f64 {
        let golden = (5_f64.sqrt() - 1.0) / 2.0;
        let part = golden * (self.right - self.left);
        if from_left { self.left + part } else { self.right - part }
    }
}

impl Search {
    /// A search of that interval that has tried nothing, or what [`search`] refuses.
    pub(super) fn new(low: f64, high: f64) -> Result<Self, QuantError> {
        if !low.is_finite() {
            return Err(QuantError::Real { field: "low", given: low, allowed: "finite numbers" });
        }
        if !high.is_finite() || high <= low {
            let allowed = "finite numbers above low";
            return Err(QuantError::Real { field: "high", given: high, allowed });
        }
        Ok(Self {
            low,
            high,
            // Each end by itself, for the difference may overflow.
            step: high / f64::from(TRIALS) - low / f64::from(TRIALS),
            phase: Phase::Even(1),
            best: Clip { clip: high, error: f64::INFINITY },
            interval: Interval::default(),
            left: STEPS,
        })
    }

    /// What to try next; nothing at the end.
    pub(super) fn clip(&self) -> Option<f64> {
        match self.phase {
            Phase::Even(TRIALS) => Some(self.high),
            Phase::Even(trial) => Some(self.low + self.step * f64::from(trial)),
            Phase::First | Phase::Near => Some(self.interval.near),
            Phase::Far => Some(self.interval.far),
            Phase::Done => None,
        }
    }

    /// Takes the error that the clip leaves.
    pub(super) fn tell(&mut self, error: f64) {
        let Some(clip) = self.clip() else { return };
        if error < self.best.error {
            self.best = Clip { clip, error };
        }
        self.phase = match self.phase {
            Phase::Even(TRIALS) => {
                let centre = self.best.clip;
                self.interval.left = (centre - self.step).max(self.low);
                self.interval.right = (centre + self.step).min(self.high);
                self.interval.near = self.interval.section(false);
                self.interval.far = self.interval.section(true);
                Phase::First
            }
            Phase::Even(trial) => Phase::Even(trial + 1),
            Phase::First => {
                self.interval.at_near = error;
                Phase::Far
            }
            Phase::Near => {
                self.interval.at_near = error;
                self.narrowed()
            }
            Phase::Far => {
                self.interval.at_far = error;
                self.narrowed()
            }
            Phase::Done => Phase::Done,
        };
    }

    /// Golden-section search, until the interval is narrow or has no numbers left.
    fn narrowed(&mut self) -> Phase {
        let width = NARROW * f64::from(TRIALS) * self.step;
        let between = &mut self.interval;
        let Interval { left, right, near, far, .. } = *between;
        let apart = left < near && near < far && far < right;
        if self.left == 0 || !apart || right - left <= width {
            return Phase::Done;
        }
        self.left -= 1;
        if between.at_near < between.at_far {
            (between.right, between.far, between.at_far) = (far, near, between.at_near);
            between.near = between.section(false);
            Phase::Near
        } else {
            (between.left, between.near, between.at_near) = (near, far, between.at_far);
            between.far = between.section(true);
            Phase::Far
        }
    }
}

/// The clip in (0, `high`] with the least mean squared error on given values: `quantize` replaces the
/// values by what a quantizer with that clip makes of them. Errors are compared in units of the largest value,
/// so that squares neither vanish nor overflow.
///
/// # Errors
///
/// Unless `high` is finite and positive.
///
/// ```
/// use lowprec::quant::clip;
/// use lowprec::{Chop, Format, Overflow, Rounding};
/// const FP4: Chop = Chop::new(Format::OCP_E2M1, Rounding::NearestEven)
///     .with_overflow(Overflow::Saturate);
/// let values: Vec<f64> = (-50..=50).map(|i| f64::from(i) / 50.0).chain([20.0]).collect();
/// let best = clip::search_data(&values, 20.0, |clip, values| {
///     for x in values {
///         *x = FP4.chop(*x / (clip / 6.0)) * (clip / 6.0);
///     }
/// })?;
/// assert!(best.clip > 10.0);          // one value of 20 outweighs all the others
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
pub fn search_data<T: Storage>(
    values: &[T],
    high: f64,
    mut quantize: impl FnMut(f64, &mut [T]),
) -> Result<Clip, QuantError> {
    let mut quantized = values.to_vec();
    let unit = unit_of(values);
    let best = search(0.0, high, |clip| {
        slices::copy(values, &mut quantized);
        quantize(clip, &mut quantized);
        mean_in_units(values, &quantized, unit)
    })?;
    Ok(Clip { error: best.error / unit / unit, ..best })
}

/// A power of two that brings the largest finite magnitude near one.
pub(super) fn unit_of<T: Storage>(values: &[T]) -> f64 {
    let finite = values.iter().map(|x| x.widen().abs()).filter(|x| x.is_finite());
    let largest = finite.fold(0.0, f64::max);
    if largest == 0.0 { 1.0 } else { power_of_two(-log2(largest).0.clamp(-1000, 1000)) }
}

/// The clip in (0, `high`] with the least mean squared error on N(0, 1), for the quantizer that takes
/// the nearest of `levels` times clip / largest level. `levels` are finite and ascend; where all are zero they stay
/// so.
///
/// # Errors
///
/// Unless `high` is finite and positive, and the levels are finite.
///
/// ```
/// use lowprec::quant::clip;
/// use lowprec::Format;
/// // Quartet's constant for MXFP4 (arXiv 2505.14669).
/// let mut levels: Vec<f64> = Format::OCP_E2M1.values().map(|(_, x)| x).collect();
/// levels.sort_by(f64::total_cmp);
/// let best = clip::search_normal(&levels, 6.0)?;
/// assert!((best.clip - 2.92248).abs() < 1e-5);
/// assert!((best.error - 0.0126849).abs() < 1e-7);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
pub fn search_normal(levels: &[f64], high: f64) -> Result<Clip, QuantError> {
    if let Some(&given) = levels.iter().find(|level| !level.is_finite()) {
        return Err(QuantError::Real { field: "level", given, allowed: "finite numbers" });
    }
    let maximum = levels.iter().fold(0.0, |maximum: f64, x| maximum.max(x.abs()));
    search(0.0, high, |clip| {
        let factor = if maximum == 0.0 { 0.0 } else { clip / maximum };
        let scaled: Vec<f64> = levels.iter().map(|x| x * factor).collect();
        normal_error(&scaled)
    })
}

/// Mean of the squared differences; 0 of none.
///
/// # Panics
///
/// If the slices differ in length.
#[must_use]
#[track_caller]
pub fn mean_squared_error<T: Storage>(values: &[T], quantized: &[T]) -> f64 {
    assert!(
        values.len() == quantized.len(),
        "{} values, {} quantized ones",
        values.len(),
        quantized.len()
    );
    mean_in_units(values, quantized, 1.0)
}

/// The mean in units of which `unit` is the reciprocal, a power of two.
pub(super) fn mean_in_units<T: Storage>(values: &[T], quantized: &[T], unit: f64) -> f64 {
    let square = |(x, q): (&T, &T)| ((x.widen() - q.widen()) * unit).powi(2);
    let sum: f64 = values.iter().zip(quantized).map(square).sum();
    sum / values.len().max(1) as f64
}

/// Mean squared error of taking the nearest of `levels`, which ascend, on N(0, 1), by exact
/// integration over each level's cell; the sum is accurate to about 1e-15. Infinite without levels, NaN with one that
/// is not finite.
#[must_use]
pub fn normal_error(levels: &[f64]) -> f64 {
    let cells = levels.iter().enumerate().map(|(i, &level)| {
        let from = if i == 0 { f64::NEG_INFINITY } else { (levels[i - 1] + level) / 2.0 };
        let to = levels.get(i + 1).map_or(f64::INFINITY, |next| (level + next) / 2.0);
        cell(from, to, level)
    });
    if levels.is_empty() { f64::INFINITY } else { cells.sum() }
}

/// ∫ (x - level)²·φ(x) dx from `from` to `to`: with the antiderivatives -φ of x·φ and Φ - x·φ of x²·φ.
fn cell(from: f64, to: f64, level: f64) -> f64 {
    let probability = normal_distribution(to) - normal_distribution(from);
    let first = density(from) - density(to);
    let times = |x: f64| if x.is_finite() { x * density(x) } else { 0.0 };
    let second = probability + times(from) - times(to);
    second - 2.0 * level * first + level * level * probability
}

/// φ, the density of N(0, 1).
fn density(x: f64) -> f64 {
    (-0.5 * x * x).exp() / core::f64::consts::TAU.sqrt()
}

/// Φ, the distribution function of N(0, 1), by the series of which every term is positive (Marsaglia,
/// "Evaluating the normal distribution", J. Stat. Softw. 11, 2004): ½ + φ(x)·(x + x³/3 + x⁵/15 + …).
fn normal_distribution(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    // Φ(-9) is 1.1e-19.
    if x.abs() > 9.0 {
        return if x > 0.0 { 1.0 } else { 0.0 };
    }
    let (mut sum, mut term, mut divisor) = (0.0, x, 1.0);
    while sum + term != sum {
        sum += term;
        divisor += 2.0;
        term *= x * x / divisor;
    }
    0.5 + sum * density(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Φ at points whose values are in tables (Abramowitz and Stegun, table 26.1).
    #[test]
    fn the_normal_distribution_is_that_of_the_tables() {
        let table = [(0.0, 0.5), (1.0, 0.841344746068543), (2.0, 0.977249868051821)];
        for (x, phi) in table {
            assert!((normal_distribution(x) - phi).abs() < 1e-14, "{x}");
            assert!((normal_distribution(-x) - (1.0 - phi)).abs() < 1e-14, "-{x}");
        }
        assert!((normal_distribution(8.9) - 1.0).abs() < 1e-15);
    }

    /// Intervals with few numbers in them, of which no error decreases or all are NaN: every search ends.
    #[test]
    fn searches_end() {
        let ends = [(100.0, 100.0 + 1e-6), (1e6, 1e6 + 1e-3), (1.0, 1.0 + 1e-14), (0.0, 1e-320)];
        for (low, high) in ends {
            for shape in [|x: f64| x, |x: f64| -x, |_| 0.0, |_| f64::NAN] {
                let mut tries = 0;
                let best = search(low, high, |x| {
                    tries += 1;
                    shape(x)
                });
                let best = best.unwrap().clip;
                assert!(
                    low <= best && best <= high && tries <= TRIALS + 2 + STEPS,
                    "{low} to {high}"
                );
            }
        }
        assert!(normal_error(&[0.0, f64::NAN]).is_nan());
        assert!(normal_error(&[f64::INFINITY]).is_nan());
        assert_eq!(search_normal(&[0.0, 0.0], 3.0).unwrap().error, 1.0);
        for high in [f64::INFINITY, f64::NAN, 0.0, -1.0] {
            assert!(search_normal(&[-1.0, 0.0, 1.0], high).is_err(), "{high}");
        }
        assert!(search(f64::MIN, f64::MAX, |x| x.abs()).unwrap().clip.abs() < 1e300);
    }

    /// One level takes the variance, two at ±√(2/π) leave 1 - 2/π (Max, 1960).
    #[test]
    fn errors_of_one_and_two_levels_are_known() {
        let a = (2.0 / core::f64::consts::PI).sqrt();
        assert!((normal_error(&[0.0]) - 1.0).abs() < 1e-15);
        assert!((normal_error(&[-a, a]) - (1.0 - a * a)).abs() < 1e-15);
        let best = search_normal(&[-1.0, 1.0], 3.0).unwrap();
        assert!((best.clip - a).abs() < 1e-7, "{best:?}");
    }
}
