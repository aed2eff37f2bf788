//! Rounding to whole numbers: the definition, in integers, and its decisions as thresholds.

use crate::decision::{Fraction, rounds_away};
use crate::rounding::Rounding;

/// significand·2^exponent, above zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Magnitude {
    pub(super) significand: u64,
    pub(super) exponent: i32,
}

/// A magnitude as the whole number below it and the fraction cut off.
pub(super) struct Parts {
    /// Modulo 2^64.
    floor: u64,
    /// Whether the whole number is at least [`LARGE`].
    large: bool,
    nu: Fraction,
}

/// From here on a whole number is known by its residue only.
const LARGE: u64 = 1 << 62;

/// A magnitude rounded to a whole number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Whole {
    /// Modulo 2^64.
    pub(super) residue: u64,
    /// Whether it is at least 2^62.
    pub(super) large: bool,
}

impl Parts {
    /// Of x. `x.significand` is below 2^62.
    pub(super) fn of(x: Magnitude) -> Self {
        let Magnitude { significand, exponent } = x;
        if exponent >= 0 {
            let floor = if exponent < 64 { significand << exponent } else { 0 };
            let large = exponent + 63 - significand.leading_zeros() as i32 >= 62;
            return Self { floor, large, nu: Fraction::ZERO };
        }
        let cut = exponent.unsigned_abs();
        let floor = if cut < 64 { significand >> cut } else { 0 };
        let rest = if cut < 64 { significand - (floor << cut) } else { significand };
        Self { floor, large: false, nu: Fraction::of_quotient(rest, 1, cut) }
    }

    /// Of x / divisor. Both significands are below 2^62.
    pub(super) fn of_quotient(x: Magnitude, divisor: Magnitude) -> Self {
        let (numerator, denominator) = (x.significand, divisor.significand);
        let shift = x.exponent - divisor.exponent;
        match shift {
            // The quotient of the significands is above 2^-62.
            124.. => Self { floor: 0, large: true, nu: Fraction::ZERO },
            0.. => {
                let (floor, rest) = long_division(numerator, shift.unsigned_abs(), denominator);
                let nu = Fraction::of_quotient(rest, denominator, 0);
                Self { floor: floor as u64, large: floor >= u128::from(LARGE), nu }
            }
            _ => {
                let cut = shift.unsigned_abs();
                let (floor, rest) = if cut < 64 {
                    let (numerator, denominator) =
                        (u128::from(numerator), u128::from(denominator) << cut);
                    ((numerator / denominator) as u64, (numerator % denominator) as u64)
                } else {
                    (0, numerator)
                };
                Self { floor, large: false, nu: Fraction::of_quotient(rest, denominator, cut) }
            }
        }
    }

    /// Rounded by `rounding`, for a number of the given sign, with random bits as
    /// [`rounds_away`] takes them.
    pub(super) fn rounded(
        &self,
        rounding: Rounding,
        negative: bool,
        bits: impl FnMut(usize) -> Option<u16>,
    ) -> Whole {
        let away = rounds_away(rounding, negative, self.floor & 1 == 1, &self.nu, bits);
        Whole { residue: self.floor.wrapping_add(u64::from(away)), large: self.large }
    }
}

/// ⌊numerator·2^shift / denominator⌋, saturating, and the remainder, bit by bit: the product may exceed
/// any integer type.
fn long_division(numerator: u64, shift: u32, denominator: u64) -> (u128, u64) {
    let denominator = u128::from(denominator);
    let mut quotient = u128::from(numerator) / denominator;
    let mut rest = u128::from(numerator) % denominator;
    for _ in 0..shift {
        rest <<= 1;
        let digit = u128::from(rest >= denominator);
        rest -= digit * denominator;
        quotient = quotient.saturating_mul(2) + digit;
    }
    (quotient, rest as u64)
}

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

/// A deterministic mode as four cuts: for even and odd whole numbers, positive and negative ones.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Cuts([[Cut; 2]; 2]);

impl Cuts {
    /// Asks the one decision about a quarter, a half and three quarters.
    pub(super) fn of(rounding: Rounding) -> Self {
        let cut = |negative: bool, odd: bool| {
            let away = |quarters: u64| {
                let nu = Fraction::of_quotient(quarters, 4, 0);
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

    /// By sign, then parity: the fraction above which the mode rounds away, for fractions in `f64`.
    pub(super) fn as_reals(self) -> [[f64; 2]; 2] {
        self.0.map(|row| {
            row.map(|cut| match cut {
                Cut::Any => 0.0,
                Cut::Half => 0.5_f64.next_down(),
                Cut::AboveHalf => 0.5,
                Cut::Never => 1.0,
            })
        })
    }

    /// The same for fractions in units of 2^-digits, digits at most 63.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(significand: u64, exponent: i32) -> Magnitude {
        Magnitude { significand, exponent }
    }

    #[test]
    fn quotients_far_apart_are_divided_exactly() {
        let never = |_| None;
        let floor = |x, y| Parts::of_quotient(x, y).rounded(Rounding::TowardZero, false, never);
        let ceiling = |x, y| Parts::of_quotient(x, y).rounded(Rounding::Up, false, never);
        assert_eq!(floor(exact(7, 0), exact(2, 0)).residue, 3);
        assert_eq!(floor(exact(1, 61), exact(3, 0)).residue, (1 << 61) / 3);
        assert!(floor(exact(1, 70), exact(3, 0)).large);
        assert!(!floor(exact(1, 110), exact((1 << 61) - 1, 0)).large);
        assert_eq!(ceiling(exact(1, -2000), exact(1, 0)).residue, 1);
        assert_eq!(ceiling(exact(0x1f_ffff_ffff_ffff, -53), exact(1, 0)).residue, 1);
        assert_eq!(floor(exact(0x1f_ffff_ffff_ffff, -53), exact(1, 0)).residue, 0);
        assert!(floor(exact(3, 1000), exact(1, -1000)).large);
    }

    #[test]
    fn residues_are_those_of_the_whole_number() {
        let whole = |x| Parts::of(x).rounded(Rounding::NearestEven, false, |_| None);
        assert_eq!(whole(exact(5, 62)), Whole { residue: 1 << 62, large: true });
        assert_eq!(whole(exact(5, 64)), Whole { residue: 0, large: true });
        assert_eq!(whole(exact(5, -1)), Whole { residue: 2, large: false });
        assert_eq!(whole(exact(7, -1)), Whole { residue: 4, large: false });
    }
}
