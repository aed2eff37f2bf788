//! What there is to say of an operation besides its result.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

/// The five exceptions of IEEE 754-2019 section 7, as facts about a result (or, joined with `|`, about
/// several): nothing traps and nothing is global.
///
/// ```
/// use lowprec::{Chop, Flags, Format, Rounding};
/// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
/// let (sum, flags) = fp16.add_flags(60000.0, 60000.0);
/// assert_eq!(sum, f64::INFINITY);
/// assert_eq!(flags, Flags { overflow: true, inexact: true, ..Flags::NONE });
/// assert_eq!(flags.to_string(), "overflow inexact");
/// ```
///
/// **How NaN travel.** A NaN rounded by `chop` is the quiet NaN without payload, of the sign that it had; of an
/// operation with a NaN operand, or without a result, it is the quiet one, positive. What a signaling NaN raises is
/// `invalid`, in every form that answers flags; the others have no place to say so. No result depends on the sign or the
/// payload that a processor gives its NaN.
///
/// ```
/// use lowprec::{Chop, Format, Rounding};
/// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
/// let signaling = f64::from_bits(0xfff0_0000_0000_0001);
/// let (y, flags) = fp16.chop_flags(signaling);
/// assert_eq!(y.to_bits(), 0xfff8_0000_0000_0000);
/// assert!(flags.invalid && !fp16.chop_flags(f64::NAN).1.invalid);
/// assert_eq!(fp16.add_flags(signaling, 1.0).0.to_bits(), 0x7ff8_0000_0000_0000);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Flags {
    /// No operand is NaN and there is no result: 0·∞, ∞ - ∞, 0/0, √-1; or an operand is a signaling NaN, of which the
    /// first fraction bit is zero (7.2).
    pub invalid: bool,
    /// An exact infinity from finite operands: 1/0 (7.3).
    pub division_by_zero: bool,
    /// The rounded result is beyond the format's range, at either end, whatever the policy made of
    /// it; also an exact infinity that did not come out as one (7.4).
    pub overflow: bool,
    /// The result is tiny, that is below the smallest normal number when rounded without a limit of
    /// the exponent, and inexact (7.5; tininess after rounding).
    pub underflow: bool,
    /// The result is not the exact one (7.6).
    pub inexact: bool,
}

impl Flags {
    /// None of them.
    pub const NONE: Self = Self {
        invalid: false,
        division_by_zero: false,
        overflow: false,
        underflow: false,
        inexact: false,
    };

    pub(crate) const INVALID: Self = Self { invalid: true, ..Self::NONE };
    pub(crate) const DIVISION_BY_ZERO: Self = Self { division_by_zero: true, ..Self::NONE };
    pub(crate) const OVERFLOW: Self = Self { overflow: true, inexact: true, ..Self::NONE };

    /// Whether any is raised.
    #[must_use]
    pub fn any(self) -> bool {
        self != Self::NONE
    }
}

impl BitOr for Flags {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self {
            invalid: self.invalid | other.invalid,
            division_by_zero: self.division_by_zero | other.division_by_zero,
            overflow: self.overflow | other.overflow,
            underflow: self.underflow | other.underflow,
            inexact: self.inexact | other.inexact,
        }
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

/// The names of those raised, or `none`.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [
            (self.invalid, "invalid"),
            (self.division_by_zero, "division by zero"),
            (self.overflow, "overflow"),
            (self.underflow, "underflow"),
            (self.inexact, "inexact"),
        ];
        let raised: Vec<&str> =
            names.iter().filter(|(raised, _)| *raised).map(|(_, name)| *name).collect();
        f.pad(&if raised.is_empty() { "none".to_owned() } else { raised.join(" ") })
    }
}
