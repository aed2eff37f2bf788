//! `Chop`: a rounding as plain data, with the methods that apply it.

use core::fmt;
use core::hash::{Hash, Hasher};

use crate::definition::Rule;
use crate::format::Format;
use crate::kernel::plan::Plan;
use crate::rounding::{Overflow, Rounding, Underflow};
use crate::storage::Storage;

/// A rounding: a format, a mode and the two policies.
///
/// Plain data (`Copy`, `Eq`, `Hash`, `const`): it holds no seed and no position, so a shared or
/// copied value never repeats its random numbers unnoticed. Its stochastic calls draw from the
/// thread's own generator, as `rand::rng()` does; for reproducible ones take a
/// [`stream`](Chop::stream).
///
/// ```
/// use lowprec::{Chop, Format, Overflow, Rounding};
/// const FP8: Chop = Chop::new(Format::OCP_E4M3, Rounding::NearestEven)
///     .with_overflow(Overflow::Saturate);
///
/// let mut values = [0.1_f32, -3.3, 1000.0];
/// FP8.chop_slice(&mut values);
/// assert_eq!(values, [0.1015625, -3.25, 448.0]);
/// ```
#[derive(Clone, Copy)]
pub struct Chop {
    rule: Rule,
    /// What the kernels want to know of the rule, for `f32` and for `f64`.
    single: Plan,
    double: Plan,
}

/// Two are equal where their rules are.
impl PartialEq for Chop {
    fn eq(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

impl Eq for Chop {}

impl Hash for Chop {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule.hash(state);
    }
}

impl fmt::Debug for Chop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { format, rounding, overflow, underflow } = &self.rule;
        f.debug_struct("Chop")
            .field("format", format)
            .field("rounding", rounding)
            .field("overflow", overflow)
            .field("underflow", underflow)
            .finish()
    }
}

/// Building a rounding and asking what it is.
impl Chop {
    /// A rounding with IEEE overflow and gradual underflow.
    #[must_use]
    pub const fn new(format: Format, rounding: Rounding) -> Self {
        Self::from_rule(Rule::new(format, rounding))
    }

    /// The rounding by a rule.
    #[must_use]
    pub const fn from_rule(rule: Rule) -> Self {
        Self { rule, single: Plan::new::<f32>(&rule), double: Plan::new::<f64>(&rule) }
    }

    #[inline(always)]
    pub(crate) fn plan<T: Storage>(&self) -> &Plan {
        if T::PRECISION == f32::MANTISSA_DIGITS { &self.single } else { &self.double }
    }

    /// This rounding with another overflow policy.
    #[must_use]
    pub const fn with_overflow(self, overflow: Overflow) -> Self {
        Self::from_rule(Rule { overflow, ..self.rule })
    }

    /// This rounding with another underflow policy.
    #[must_use]
    pub const fn with_underflow(self, underflow: Underflow) -> Self {
        Self::from_rule(Rule { underflow, ..self.rule })
    }

    /// The rule: what [`reference`](crate::reference) takes.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.rule.format
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.rule.rounding
    }

    /// The overflow policy.
    #[must_use]
    pub const fn overflow(&self) -> Overflow {
        self.rule.overflow
    }

    /// The underflow policy.
    #[must_use]
    pub const fn underflow(&self) -> Underflow {
        self.rule.underflow
    }
}
