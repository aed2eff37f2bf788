//! lowprec
mod decision;
mod error;
mod format;
mod grid;
mod policy;
pub mod reference;
mod rounding;
mod rule;
mod storage;
pub use error::{CodeError, CodeErrorKind, FormatError, ParseError, RoundingError};
pub use format::{Code, Datum, Domain, Entry, Format, Signedness, Values};
pub use policy::{Overflow, Underflow};
pub use rounding::{RandomBits, Rounding};
pub use rule::Rule;
pub use storage::Storage;
