//! `Rule`: the four facts that determine a rounding, together.

use crate::format::Format;
use crate::rounding::{Overflow, Rounding, Underflow};

/// What a rounding is: a format, a mode, and the two policies. The argument of
/// [`reference`](crate::reference); [`Chop`](crate::Chop) wraps it with the fast methods.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Rule {
    /// Which values there are.
    pub format: Format,
    /// How a value between two of them is replaced by one.
    pub rounding: Rounding,
    /// What becomes of a rounded value beyond the range.
    pub overflow: Overflow,
    /// What becomes of a rounded value below the smallest normal number.
    pub underflow: Underflow,
}

impl Rule {
    /// The rule with the default policies: IEEE overflow, gradual underflow.
    #[must_use]
    pub const fn new(format: Format, rounding: Rounding) -> Self {
        Self { format, rounding, overflow: Overflow::Ieee, underflow: Underflow::Gradual }
    }
}
