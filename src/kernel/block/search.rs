//! Squared errors of one block for many scales at a time, the scales side by side: each sum has its terms in the order
//! of the values.

use super::divided::{Constants, Ends};
use crate::kernel::plan::Plan;
use crate::level::Work;

/// A scale on trial.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Trial {
    /// s·g, and its reciprocal.
    pub(crate) product: f64,
    pub(crate) reciprocal: f64,
    /// Whether that is exact, and so quotients are.
    pub(crate) exact: bool,
}

/// Trials that are made at once.
pub(crate) const TRIALS: usize = 8;

/// What comes out: the sum of squares, and whether it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums {
    pub(crate) squares: [f64; TRIALS],
    pub(crate) open: [bool; TRIALS],
}

pub(super) struct Errors<'a> {
    pub(super) plan: &'a Plan,
    pub(super) digits: u32,
    pub(super) ends: Ends,
    pub(super) values: &'a [f64],
    /// Errors are multiplied by it.
    pub(super) unit: f64,
    pub(super) trials: &'a [Trial; TRIALS],
}

impl Work for Errors<'_> {
    type Output = Sums;

    #[inline(always)]
    fn run(self) -> Sums {
        let Self { plan, digits, ends, values, unit, trials } = self;
        let constants = Constants::<f64>::of(plan, digits, ends, 1.0);
        let reciprocals = trials.map(|trial| trial.reciprocal);
        let products = trials.map(|trial| trial.product);
        let reaches = trials.map(|trial| if trial.exact { f64::INFINITY } else { constants.reach });
        let (mut squares, mut open) = ([0.0; TRIALS], [0_u64; TRIALS]);
        for &x in values {
            for i in 0..TRIALS {
                let (element, distance, c) = constants.nearest(x * reciprocals[i]);
                let error = (x - element * products[i]) * unit;
                squares[i] += error * error;
                open[i] |= u64::from(distance > c * reaches[i]);
            }
        }
        Sums { squares, open: open.map(|open| open != 0) }
    }
}
