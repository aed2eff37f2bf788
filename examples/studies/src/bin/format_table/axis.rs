//! A horizontal axis: which part of the numbers it shows, and where each number lies on it.

use std::ops::RangeInclusive;

use lowprec::Format;

use crate::number::typeset;

/// A format spanning more binades than this is shown as going on beyond the axis, lest the others
/// become dots.
const BINADES: f64 = 64.0;

/// Least distance between labels, in pixels.
const LABEL_WIDTH: f64 = 130.0;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Logarithmic,
    Linear,
}

pub(crate) struct Axis {
    pub(crate) scale: Scale,
    /// Ends in units of the scale: exponents of two, or values.
    from: f64,
    to: f64,
    /// The axis' ends in pixels.
    pub(crate) pixels: RangeInclusive<i32>,
}

impl Axis {
    /// From the smallest positive to the largest finite value of the formats that are not too wide.
    pub(crate) fn logarithmic(formats: &[Format], pixels: RangeInclusive<i32>) -> Self {
        let spans: Vec<(f64, f64)> = formats
            .iter()
            .map(|f| (f.smallest_positive().log2().floor(), f.largest_finite().log2().ceil()))
            .collect();
        let narrow = spans.iter().filter(|(low, high)| high - low <= BINADES);
        let shown: Vec<_> =
            if narrow.clone().count() > 0 { narrow.collect() } else { spans.iter().collect() };
        let from = shown.iter().map(|span| span.0).fold(f64::INFINITY, f64::min);
        let to = shown.iter().map(|span| span.1).fold(f64::NEG_INFINITY, f64::max);
        Self { scale: Scale::Logarithmic, from: from - 1.0, to: to + 1.0, pixels }
    }

    /// From zero to the power of two above the largest value of the shortest format.
    pub(crate) fn linear(formats: &[Format], pixels: RangeInclusive<i32>) -> Self {
        let shortest = formats.iter().map(Format::largest_finite).fold(f64::MAX, f64::min);
        Self {
            scale: Scale::Linear,
            from: 0.0,
            to: shortest.log2().ceil().min(1023.0).exp2(),
            pixels,
        }
    }

    /// Where a number lies, in pixels; beyond the ends for numbers beyond the axis.
    pub(crate) fn position(&self, x: f64) -> f64 {
        self.place(if self.scale == Scale::Logarithmic { x.log2() } else { x })
    }

    fn place(&self, unit: f64) -> f64 {
        let (left, right) = (f64::from(*self.pixels.start()), f64::from(*self.pixels.end()));
        left + (unit - self.from) / (self.to - self.from) * (right - left)
    }

    /// The labelled numbers: position, label, and on a logarithmic axis the same in decimal.
    pub(crate) fn ticks(&self) -> Vec<(f64, String, String)> {
        let pixels = f64::from(self.pixels.end() - self.pixels.start());
        let step = (LABEL_WIDTH * (self.to - self.from) / pixels).log2().ceil().exp2();
        let step = if self.scale == Scale::Logarithmic { step.max(1.0) } else { step };
        let first = (self.from / step).ceil() as i64;
        let units = (first..).map(|k| k as f64 * step).take_while(|unit| *unit <= self.to);
        units
            .map(|unit| match self.scale {
                Scale::Logarithmic => (typeset(&format!("2^{unit}")), decimal(unit.exp2()), unit),
                Scale::Linear => (decimal(unit), String::new(), unit),
            })
            .map(|(label, decimal, unit)| (self.place(unit), label, decimal))
            .collect()
    }
}

/// A number in decimal, as an order of magnitude where that is long; nothing beyond binary64.
fn decimal(x: f64) -> String {
    if x == 0.0 || (1e-3..1e6).contains(&x) {
        let plain = x.to_string();
        if plain.len() <= 6 { plain } else { format!("{x:.4}") }
    } else if x.is_finite() {
        typeset(&format!("{x:.0e}").replace('e', "·10^"))
    } else {
        String::new()
    }
}
