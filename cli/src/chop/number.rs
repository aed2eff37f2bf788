//! The storage types as this program sees them: text and bit patterns.

use std::fmt::{Display, LowerExp};
use std::io::{self, Write};
use std::str::FromStr;

use lowprec::{Format, Storage};

/// `f32` or `f64`.
pub(crate) trait Number: Storage + Display + LowerExp + FromStr {
    /// The name a user knows it by.
    const NAME: &'static str;
    /// Width in bits.
    const WIDTH: u32;
    /// The format of all its numbers.
    const FORMAT: Format;

    fn pattern(self) -> u64;
    /// The number of a pattern known to be of this width.
    fn of_pattern(pattern: u64) -> Self;
}

macro_rules! number {
    ($float:ident, $word:ty, $format:ident) => {
        impl Number for $float {
            const NAME: &'static str = stringify!($float);
            const WIDTH: u32 = <$word>::BITS;
            const FORMAT: Format = Format::$format;

            fn pattern(self) -> u64 {
                self.to_bits().into()
            }

            fn of_pattern(pattern: u64) -> Self {
                Self::from_bits(pattern as $word)
            }
        }
    };
}

number!(f32, u32, BINARY32);
number!(f64, u64, BINARY64);

/// With the fewest digits that read back, as a person would write it.
pub(crate) fn print<T: Number>(x: T, out: &mut dyn Write) -> io::Result<()> {
    let size = x.widen().abs();
    if size == 0.0 || !size.is_finite() || (1e-5..1e16).contains(&size) {
        write!(out, "{x}")
    } else {
        write!(out, "{x:e}")
    }
}

/// A count in groups of three digits: 12,345,678.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let head = digits.len() % 3;
    let mut groups = Vec::new();
    if head > 0 {
        groups.push(&digits[..head]);
    }
    groups.extend((head..digits.len()).step_by(3).map(|at| &digits[at..at + 3]));
    groups.join(",")
}
