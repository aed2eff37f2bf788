//! What cannot be quantized, and parameters that cannot be.

use core::error::Error;
use core::fmt;

use crate::error::Number;

/// What was refused, and the limit.
#[non_exhaustive]
#[derive(Clone, PartialEq, Debug)]
pub enum QuantError {
    /// An integer outside its limits.
    Integer {
        /// What the number is.
        field: &'static str,
        /// The number.
        given: i128,
        /// The minimum allowed.
        minimum: i128,
        /// The maximum allowed.
        maximum: i128,
    },
    /// A number outside its limits.
    Real {
        /// What the number is.
        field: &'static str,
        /// The number.
        given: f64,
        /// What is allowed.
        allowed: &'static str,
    },
    /// A combination that says nothing.
    Contradiction {
        /// What was set.
        field: &'static str,
        /// What is needed.
        needed: &'static str,
    },
    /// A name of a fixed-point format that cannot be read.
    Name(String),
    /// A value that no code stands for: NaN, or an infinity that should wrap.
    NoCode {
        /// Its place in the slice.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A value to calibrate with that is not finite.
    NotFinite {
        /// Its place in the slice.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A code outside the quantizer's.
    NotACode {
        /// Its place in the slice.
        index: usize,
        /// The code.
        code: i64,
        /// The minimum code.
        minimum: i64,
        /// The maximum code.
        maximum: i64,
    },
    /// An integer type that cannot hold all codes.
    NarrowType {
        /// The minimum code.
        minimum: i64,
        /// The maximum code.
        maximum: i64,
    },
    /// A sum of so many products of codes could exceed its `i32`.
    Terms {
        /// Terms asked for.
        given: usize,
        /// The largest number that cannot overflow.
        limit: usize,
    },
}

impl fmt::Display for QuantError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer { field, given, minimum, maximum } => {
                write!(f, "{field}: {given} given, {minimum}..={maximum} allowed")
            }
            Self::Real { field, given, allowed } => {
                write!(f, "{field}: {} given, {allowed} allowed", Number(*given))
            }
            Self::Contradiction { field, needed } => write!(f, "{field}: needs {needed}"),
            Self::Name(text) => {
                write!(f, "fixed-point format {text:?}: a name like Q8.8 or Q1.15 expected")
            }
            Self::NoCode { index, value } => {
                write!(f, "element {index}: {} given, which no code stands for", Number(*value))
            }
            Self::NotFinite { index, value } => {
                write!(
                    f,
                    "element {index}: {} given, finite values needed to calibrate",
                    Number(*value)
                )
            }
            Self::NotACode { index, code, minimum, maximum } => {
                write!(f, "element {index}: code {code} given, {minimum}..={maximum} allowed")
            }
            Self::NarrowType { minimum, maximum } => {
                write!(f, "code type: must hold {minimum}..={maximum}")
            }
            Self::Terms { given, limit } => {
                write!(f, "terms of a sum in i32: {given} given, at most {limit} cannot overflow")
            }
        }
    }
}

impl Error for QuantError {}
