//! The scale of the least squares.

use crate::chop::Chop;
use crate::kernel::{DividedPlan, Ends, Sums, TRIALS, Trial};

/// What a search for the least squares rounds with.
#[derive(Clone, Copy)]
pub(super) struct Search {
    /// Into the scale format, upwards.
    pub(super) upward: Chop,
    /// Elements, to nearest even; and many at once.
    pub(super) element: Chop,
    pub(super) divided: Option<DividedPlan>,
    /// The element format's largest number.
    pub(super) largest: f64,
}

/// So many scales at most, of j/64 of one.
pub(super) const CANDIDATES: usize = 49;

/// Scales to try, each once: of two that follow on one another and are rounded to the same scale, one.
pub(super) struct Candidates {
    scales: [f64; CANDIDATES],
    len: usize,
}

impl Candidates {
    pub(super) const fn new() -> Self {
        Self { scales: [0.0; CANDIDATES], len: 0 }
    }

    pub(super) fn add(&mut self, scale: f64) {
        if self.len == 0 || self.scales[self.len - 1] != scale {
            self.scales[self.len] = scale;
            self.len += 1;
        }
    }
}

impl Search {
    /// For elements by `element`, of which the largest is `largest`, and scales by `upward`.
    pub(super) const fn new(upward: Chop, element: Chop, largest: f64) -> Self {
        Self { upward, element, divided: DividedPlan::new(&element.rule()), largest }
    }

    /// The one of the least sum of squared errors, the first of several, or `other` if no sum is finite. Errors are
    /// multiplied by `unit`, a power of two.
    pub(super) fn best(
        &self,
        candidates: &Candidates,
        other: f64,
        g: f64,
        unit: f64,
        values: &[f64],
    ) -> f64 {
        let mut best = (f64::INFINITY, other);
        for scales in candidates.scales[..candidates.len].chunks(TRIALS) {
            let errors = self.squared_errors(scales, g, unit, values);
            for (&scale, error) in scales.iter().zip(errors) {
                if error < best.0 {
                    best = (error, scale);
                }
            }
        }
        best.1
    }

    /// The sum of squared errors of each scale.
    fn squared_errors(&self, scales: &[f64], g: f64, unit: f64, values: &[f64]) -> [f64; TRIALS] {
        let trial = |scale: f64| {
            let product = scale * g;
            let reciprocal = 1.0 / product;
            // Of a power of two.
            let exact = product.is_normal() && product.to_bits() << 12 == 0;
            Trial { product, reciprocal, exact }
        };
        let trials =
            core::array::from_fn(|i| scales.get(i).map_or(Trial::default(), |s| trial(*s)));
        let Sums { mut squares, open } = match &self.divided {
            Some(plan) => {
                let ends = Ends { largest: self.largest, zero: -0.0 };
                plan.errors(ends, values, unit, &trials)
            }
            None => Sums { open: [true; TRIALS], ..Sums::default() },
        };
        for (i, trial) in trials.iter().enumerate().take(scales.len()) {
            if open[i] || !trial.reciprocal.is_normal() || !trial.product.is_normal() {
                squares[i] = squared_error(&self.element, trial.product, unit, values);
            }
        }
        squares
    }
}

/// The sum of squared errors with elements times `product`, in units of which `unit` is the reciprocal.
fn squared_error(element: &Chop, product: f64, unit: f64, values: &[f64]) -> f64 {
    let error = |x: f64| {
        let q = if product == 0.0 { 0.0 } else { element.div(x, product) };
        (x - q * product) * unit
    };
    values.iter().map(|&x| error(x) * error(x)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{Format, power_of_two};
    use crate::rounding::{Overflow, Rounding};

    /// Values beside the middle of two elements times the scale, where the reciprocal's product may be on the other side.
    #[test]
    fn squared_errors_of_many_scales_are_those_of_each() {
        let chop = |format, mode| Chop::new(format, mode).with_overflow(Overflow::Saturate);
        let upward = chop(Format::OCP_E4M3, Rounding::Up);
        let search = Search::new(upward, chop(Format::OCP_E2M1, Rounding::NearestEven), 6.0);
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        for round in 0..2000 {
            let scales: [f64; TRIALS] = core::array::from_fn(|i| match (round + i) % 4 {
                0 => power_of_two((next() * 20.0) as i32 - 10),
                _ => next() + 0.01,
            });
            let g = if round % 3 == 0 { 1.0 } else { f64::from(next() as f32) };
            let middles = [0.25, 0.75, 1.25, 1.75, 2.5, 3.5, 5.0, 9.0, 0.0];
            let values: Vec<f64> = (0..24)
                .map(|i| {
                    let middle = middles[i % 9] * scales[i % TRIALS] * g;
                    f64::from_bits(
                        middle.to_bits().saturating_add_signed((next() * 5.0) as i64 - 2),
                    )
                })
                .collect();
            let many = search.squared_errors(&scales, g, 0.25, &values);
            for (scale, error) in scales.iter().zip(many) {
                let one = squared_error(&search.element, scale * g, 0.25, &values);
                assert_eq!(error.to_bits(), one.to_bits(), "{scale}, {g}, {values:?}");
            }
        }
    }
}
