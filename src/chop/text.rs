//! A `Chop` as text: `e4m3fn,nearest-even,saturate`.

use core::fmt;
use core::str::FromStr;

use super::chop::Chop;
use crate::definition::Rule;
use crate::error::ParseError;
use crate::rounding::{Overflow, Rounding, Underflow};

/// Format and mode, then the policies that are not the defaults, with commas between.
///
/// ```
/// use lowprec::{Chop, Format, Overflow, Rounding};
/// let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven).with_overflow(Overflow::Saturate);
/// assert_eq!(fp8.to_string(), "e4m3fn,nearest-even,saturate");
/// assert_eq!("e4m3fn,saturate".parse(), Ok(fp8));
/// ```
impl fmt::Display for Chop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = format!("{},{}", self.format(), self.rounding());
        if self.overflow() != Overflow::default() {
            text = format!("{text},{}", self.overflow());
        }
        if self.underflow() != Underflow::default() {
            text = format!("{text},{}", self.underflow());
        }
        f.pad(&text)
    }
}

/// What a `Chop` is read from, for messages.
const FORM: &str = "a format, then mode and policies in any order, with commas between: \
    e4m3fn,nearest-even,saturate";

impl FromStr for Chop {
    type Err = ParseError;

    /// Reads a format, then a rounding mode and policies in any order, with commas between. What is left out
    /// is to nearest even, with IEEE overflow and gradual underflow.
    ///
    /// # Errors
    ///
    /// For a name that is unknown, and for a part that is given twice.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parts = top_level(text);
        let format = parts.next().unwrap_or_default().parse()?;
        let (mut rounding, mut overflow, mut underflow) = (None, None, None);
        for part in parts {
            let mode = part.parse::<Rounding>();
            let twice = if let Ok(mode) = mode {
                rounding.replace(mode).is_some()
            } else if let Err(error) = mode
                && part.to_ascii_lowercase().starts_with("stochastic")
            {
                // It says what is wrong with the number of random bits.
                return Err(error);
            } else if let Ok(policy) = part.parse::<Overflow>() {
                overflow.replace(policy).is_some()
            } else if let Ok(policy) = part.parse::<Underflow>() {
                underflow.replace(policy).is_some()
            } else {
                let names = [
                    Rounding::NAMES.join(", "),
                    Overflow::NAMES.join(", "),
                    Underflow::NAMES.join(", "),
                ];
                return Err(ParseError::new("rounding mode or policy", part, names.join(", ")));
            };
            if twice {
                return Err(ParseError::new(
                    "rounding",
                    text,
                    format!("each part once, not twice: {FORM}"),
                ));
            }
        }
        Ok(Self::from_rule(Rule {
            format,
            rounding: rounding.unwrap_or_default(),
            overflow: overflow.unwrap_or_default(),
            underflow: underflow.unwrap_or_default(),
        }))
    }
}

/// The parts between commas that stand in no brackets: the options of a format stand in some.
pub(crate) fn top_level(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = text.split(move |c| {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    parts.map(str::trim)
}
