//! Text: printed as `f64` is, read with one rounding.

use core::fmt;
use core::str::FromStr;

use super::Number;
use super::context::Context;
use crate::definition::real::Real;
use crate::definition::text;
use crate::error::ParseError;

macro_rules! printed {
    ($($trait:ident)*) => {$(
        /// The value in the digits of `f64`: with the fewest digits that tell it from other `f64` values.
        impl<C: Context> fmt::$trait for Number<C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::$trait::fmt(&self.to_f64(), f)
            }
        }
    )*};
}

printed! { Display Debug LowerExp UpperExp }

impl<C: Context> FromStr for Number<C> {
    type Err = ParseError;

    /// Reads what `f64::from_str` reads: decimal numbers with or without exponent, `inf`, `infinity`,
    /// `nan`, in either case; and hexadecimal numbers such as `0x1.8p-3`. The number is rounded once, however many digits it has. In a
    /// stochastic mode it takes one position.
    ///
    /// What `Display` prints reads back as the same number in the modes to nearest. The other modes
    /// take its digits at their word, which need not be all that the number has.
    ///
    /// # Errors
    ///
    /// If the text is not a number.
    ///
    /// # Panics
    ///
    /// [`Scoped`](super::Scoped) outside of any scope.
    ///
    /// ```
    /// use lowprec::{Lp, number::{Binary16, Up}};
    /// // Above the midpoint of 1 and 1.0009765625, but not in binary64.
    /// let text = "1.00048828125000000000000000000001";
    /// assert_eq!(text.parse::<f64>()?, 1.00048828125);
    /// assert_eq!(text.parse::<Lp<Binary16>>()?.to_f64(), 1.0009765625);
    /// assert_eq!("1e-400".parse::<Lp<Binary16, Up>>()?.to_f64(), 2f64.powi(-24));
    /// let error = "1_000".parse::<Lp<Binary16>>().unwrap_err();
    /// assert_eq!(error.to_string(), r#"unknown number "1_000"; try a number such as -1.5e-3, 0x1.8p-10, inf or nan"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    fn from_str(given: &str) -> Result<Self, ParseError> {
        match text::exact(given) {
            Some(Real::Nan) => Ok(Self::nan_of_sign(given.starts_with('-'))),
            Some(exact) => Ok(Self::of(C::round_real(exact))),
            None => Err(ParseError::new("number", given, text::FORM)),
        }
    }
}

impl<C: Context> Number<C> {
    fn nan_of_sign(negative: bool) -> Self {
        Self::of(C::round_f64(if negative { -f64::NAN } else { f64::NAN }))
    }
}
