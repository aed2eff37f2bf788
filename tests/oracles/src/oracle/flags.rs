//! The flags of an operation, from the sentences in `Flags`' documentation.

use lowprec::{Flags, Storage, reference::Rule};

use super::exact::Exact;
use super::{Oracle, Outcome, Place, is_away};

impl<T: Storage> Oracle<T> {
    /// In a deterministic mode, for formats with zero and a smallest normal number that is a power of
    /// two.
    #[must_use]
    pub fn flags(&self, exact: Outcome, place: Option<Place>, rule: &Rule) -> Flags {
        let result = self.round(exact, place, rule).widen();
        match exact {
            Outcome::Nan { invalid } => Flags { invalid, ..Flags::NONE },
            Outcome::Zero { .. } | Outcome::ZeroSum => Flags::NONE,
            Outcome::Infinity { division_by_zero, .. } => {
                let lost = !result.is_infinite();
                Flags { division_by_zero, overflow: lost, inexact: lost, ..Flags::NONE }
            }
            Outcome::Number { negative, magnitude } => {
                let place = place.expect("numbers have a place");
                let decide = |negative, odd, side| is_away(rule.rounding, negative, odd, side);
                let rounded = self.rounded(negative, magnitude, place, decide);
                let below = negative && !self.format.has_sign() && !rounded.is_zero();
                let same = result.is_finite()
                    && (result < 0.0) == negative
                    && Exact::of_f64(result) == magnitude;
                Flags {
                    overflow: rounded > self.grid.largest || below,
                    underflow: !same && self.is_tiny(negative, magnitude, rule),
                    inexact: !same,
                    ..Flags::NONE
                }
            }
        }
    }

    /// Whether the number, rounded to the format's precision without a limit of the exponent, lies
    /// below the smallest normal number.
    fn is_tiny(&self, negative: bool, magnitude: Exact, rule: &Rule) -> bool {
        let normal = self.smallest_normal;
        if magnitude >= normal {
            return false;
        }
        let (one, emin) = normal.parts();
        assert_eq!(one, 1, "{}", self.format);
        let precision = self.format.precision() as i32;
        assert!(precision > 1, "{}: what is odd below the range?", self.format);
        // The last number of that precision below; an odd count of its last place.
        let last = Exact::new((1 << precision) - 1, emin - precision);
        let reaches = magnitude > last
            && is_away(rule.rounding, negative, true, magnitude.side(last, normal));
        !reaches
    }
}
