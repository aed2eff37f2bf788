//! `Range`: the values that codes are to span.

use super::super::error::QuantError;

/// The values that codes are to span: a closed interval with zero in it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Range {
    pub(super) least: f64,
    pub(super) largest: f64,
}

impl Range {
    const ZERO: Self = Self { least: 0.0, largest: 0.0 };

    /// From `least` to `largest`, extended to zero where that lies outside.
    ///
    /// # Errors
    ///
    /// If an end is not finite, or the least lies above the largest.
    pub fn new(least: f64, largest: f64) -> Result<Self, QuantError> {
        for end in [least, largest] {
            if !end.is_finite() {
                let field = "end of a range";
                return Err(QuantError::Real { field, given: end, allowed: "finite numbers" });
            }
        }
        if least > largest {
            let allowed = "at most the largest";
            return Err(QuantError::Real { field: "least of a range", given: least, allowed });
        }
        Ok(Self { least: least.min(0.0), largest: largest.max(0.0) })
    }

    /// The least value, at most zero.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.least
    }

    /// The largest value, at least zero.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.largest
    }

    /// The larger magnitude of both.
    #[must_use]
    pub fn magnitude(&self) -> f64 {
        self.largest.max(-self.least)
    }

    pub(super) fn of(values: &[f64]) -> Self {
        values.iter().fold(Self::ZERO, |range, &x| Self {
            least: range.least.min(x),
            largest: range.largest.max(x),
        })
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self { least: self.least * factor, largest: self.largest * factor }
    }

    /// The range moved toward another by a share of the way.
    pub(super) fn toward(self, other: Self, share: f64) -> Self {
        let mean = |old: f64, new: f64| old * (1.0 - share) + new * share;
        Self { least: mean(self.least, other.least), largest: mean(self.largest, other.largest) }
    }
}
