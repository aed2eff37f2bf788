//! Deterministic modes as thresholds, for integer arithmetic.

use crate::rounding::Rounding;
use crate::rounding::decision::{Fraction, rounds_away};

/// From which fraction on a deterministic mode rounds away from zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Cut {
    /// From any above zero.
    Any,
    /// From one half on.
    Half,
    /// Above one half.
    AboveHalf,
    Never,
}

/// A deterministic mode as four cuts: for even and odd integers, positive and negative ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cuts([[Cut; 2]; 2]);

impl Cuts {
    /// Asks the one decision about a quarter, a half and three quarters.
    pub(super) fn of(rounding: Rounding) -> Self {
        let cut = |negative: bool, odd: bool| {
            let away = |quarters: u64| {
                let nu = Fraction::from_quotient(quarters, 4, 0);
                rounds_away(rounding, negative, odd, &nu, |_| None)
            };
            match [away(1), away(2), away(3)] {
                [true, ..] => Cut::Any,
                [_, true, _] => Cut::Half,
                [.., true] => Cut::AboveHalf,
                _ => Cut::Never,
            }
        };
        Self([false, true].map(|negative| [false, true].map(|odd| cut(negative, odd))))
    }

    /// By sign, then parity: the fraction above which the mode rounds away, in units of 2^-bits, bits
    /// at most 63.
    pub(super) fn in_units(self, digits: u32) -> [[u64; 2]; 2] {
        let half = (1_u64 << digits) >> 1;
        self.0.map(|row| {
            row.map(|cut| match cut {
                Cut::Any => 0,
                Cut::Half => half.saturating_sub(1),
                Cut::AboveHalf => half,
                Cut::Never => u64::MAX,
            })
        })
    }
}
