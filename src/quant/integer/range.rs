//! `Range`: the values that codes are to span.

use super::super::error::QuantError;

/// The values that codes are to span: a closed interval with zero in it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Range {
    pub(super) minimum: f64,
    pub(super) maximum: f64,
}

impl Range {
    const ZERO: Self = Self { minimum: 0.0, maximum: 0.0 };

    /// From `minimum` to `maximum`, extended to zero where that lies outside.
    ///
    /// # Errors
    ///
    /// If an end is not finite, or the minimum lies above the maximum.
    pub fn new(minimum: f64, maximum: f64) -> Result<Self, QuantError> {
        for end in [minimum, maximum] {
            if !end.is_finite() {
                let field = "end of a range";
                return Err(QuantError::Real { field, given: end, allowed: "finite numbers" });
            }
        }
        if minimum > maximum {
            let allowed = "at most the largest";
            return Err(QuantError::Real { field: "least of a range", given: minimum, allowed });
        }
        Ok(Self { minimum: minimum.min(0.0), maximum: maximum.max(0.0) })
    }

    /// The minimum value, at most zero.
    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.minimum
    }

    /// The largest value, at least zero.
    #[must_use]
    pub fn maximum(&self) -> f64 {
        self.maximum
    }

    /// The larger magnitude of both.
    #[must_use]
    pub fn magnitude(&self) -> f64 {
        self.maximum.max(-self.minimum)
    }

    pub(super) fn of(values: &[f64]) -> Self {
        values.iter().fold(Self::ZERO, |range, &x| Self {
            minimum: range.minimum.min(x),
            maximum: range.maximum.max(x),
        })
    }

    pub(super) fn times(self, factor: f64) -> Self {
        Self { minimum: self.minimum * factor, maximum: self.maximum * factor }
    }

    /// The range moved toward another by a share of the way.
    pub(super) fn toward(self, other: Self, share: f64) -> Self {
        let mean = |old: f64, new: f64| old * (1.0 - share) + new * share;
        Self {
            minimum: mean(self.minimum, other.minimum),
            maximum: mean(self.maximum, other.maximum),
        }
    }
}
