//! What happens at the two ends of a format's range.

use core::fmt;
use core::str::FromStr;

use crate::error::ParseError;

/// What becomes of a value that, once rounded, lies beyond the largest finite number.
///
/// Rounding comes first, overflow second (IEEE P3109 Interim Report v4.0, 4.7.4–5): a value is
/// rounded as if the exponent were unbounded above, and only the rounded value overflows.
///
/// ```
/// use lowprec::{Chop, Format, Overflow, Rounding};
/// let e4m3 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
/// assert_eq!(e4m3.chop(464.0_f64), 448.0);             // a tie, to the even 448
/// assert!(e4m3.chop(465.0_f64).is_nan());              // no infinity: NaN stands for overflow
/// assert_eq!(e4m3.with_overflow(Overflow::Saturate).chop(465.0_f64), 448.0);
/// ```
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Overflow {
    /// By the rules of IEEE 754-2019 section 7.4 (P3109 `SatNone`): outward modes give the format's
    /// overflow value (infinity, else NaN, else the largest finite), inward modes the largest
    /// finite number. An infinite input gives the overflow value in every mode.
    #[default]
    Ieee,
    /// Everything beyond the range, infinities too, becomes the largest finite number of its sign
    /// (P3109 `SatFinite`).
    Saturate,
    /// Finite values saturate; infinities stay where the format has them, else saturate too
    /// (P3109 `SatPropagate`).
    SaturateFinite,
}

/// What becomes of a result whose magnitude lies below the smallest normal number.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Underflow {
    /// It is a subnormal number of the format, or rounds to zero (IEEE 754-2019 section 7.5).
    #[default]
    Gradual,
    /// The gradually rounded result becomes a zero of its sign, in every mode. A stochastic mode is
    /// biased by that: subnormal results vanish whatever the random bits said.
    FlushToZero,
}

impl Overflow {
    /// Every policy, in the order of the enum.
    pub const ALL: [Overflow; 3] = [Self::Ieee, Self::Saturate, Self::SaturateFinite];
    /// The names that `Display` prints and `FromStr` accepts, in the order of the enum.
    pub const NAMES: [&'static str; 3] = ["ieee", "saturate", "saturate-finite"];
}

impl Underflow {
    /// Every policy, in the order of the enum.
    pub const ALL: [Underflow; 2] = [Self::Gradual, Self::FlushToZero];
    /// The names that `Display` prints and `FromStr` accepts, in the order of the enum.
    pub const NAMES: [&'static str; 2] = ["gradual", "flush-to-zero"];
}

impl fmt::Display for Overflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::NAMES[*self as usize])
    }
}

impl fmt::Display for Underflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Self::NAMES[*self as usize])
    }
}

impl FromStr for Overflow {
    type Err = ParseError;

    /// Reads `ieee`, `saturate` or `saturate-finite`, or P3109's `SatNone`, `SatFinite`,
    /// `SatPropagate`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.trim().to_ascii_lowercase().replace('_', "-").as_str() {
            "ieee" | "satnone" => Ok(Self::Ieee),
            "saturate" | "satfinite" => Ok(Self::Saturate),
            "saturate-finite" | "satpropagate" => Ok(Self::SaturateFinite),
            _ => Err(ParseError::new("overflow policy", text, Self::NAMES.join(", "))),
        }
    }
}

impl FromStr for Underflow {
    type Err = ParseError;

    /// Reads `gradual` or `flush-to-zero` (also `ftz`).
    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.trim().to_ascii_lowercase().replace('_', "-").as_str() {
            "gradual" => Ok(Self::Gradual),
            "flush-to-zero" | "ftz" => Ok(Self::FlushToZero),
            _ => Err(ParseError::new("underflow policy", text, Self::NAMES.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back() {
        for policy in Overflow::ALL {
            assert_eq!(policy.to_string().parse::<Overflow>().unwrap(), policy);
        }
        for policy in Underflow::ALL {
            assert_eq!(policy.to_string().parse::<Underflow>().unwrap(), policy);
        }
        assert!("wrap".parse::<Overflow>().unwrap_err().to_string().contains("saturate-finite"));
        assert!("sudden".parse::<Underflow>().unwrap_err().to_string().contains("flush-to-zero"));
    }
}
