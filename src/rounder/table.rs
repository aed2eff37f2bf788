//! The macro that makes a trait, the methods of `Chop` and those of `Stream` of one table. It names types by the
//! paths of the file that calls it.

/// The rows in parts. A method's attributes and text are the same in the trait and on both types; its
/// `example` stands at `Chop` alone.
macro_rules! table {
    ($(
        $(#[$part:meta])*
        part {$(
            $(#[$attribute:meta])*
            fn $name:ident $([$($generics:tt)*])? (&$this:ident $(, $argument:ident: $type:ty)*) $(-> $result:ty)?
                $body:block
            $(example { $(#[$example:meta])* })?
        )*}
    )*) => {
        /// A [`Chop`] or a [`Stream`]: code that takes either takes this. Sealed.
        ///
        /// It has every method that the two share, and they have each as a method of their own, so a
        /// program that names `Chop` needs no trait.
        ///
        /// Operands of arithmetic are any values of the storage type, numbers of the format or not: so the
        /// product of two FP8 numbers can be rounded into bfloat16. A NaN result is the quiet positive
        /// one, but an overflow that becomes NaN keeps its sign; zeros have their signs by IEEE 754-2019
        /// 6.3. In a stochastic mode each operation takes one position.
        ///
        /// ```
        /// use lowprec::{Chop, Format, Rounder, Rounding};
        /// fn polynomial(rounder: &impl Rounder, coefficients: &[f64], x: f64) -> f64 {
        ///     coefficients.iter().fold(0.0, |y, &c| rounder.fma(y, x, c))
        /// }
        /// let e = [1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
        /// let in_mode = |mode| polynomial(&Chop::new(Format::BINARY16, mode), &e, 0.3);
        /// assert!(in_mode(Rounding::Down) < in_mode(Rounding::Up));
        /// let sr = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(1);
        /// assert!((polynomial(&sr, &e, 0.3) - 0.3_f64.exp()).abs() < 0.01);
        /// ```
        #[allow(clippy::wrong_self_convention, reason = "from_integer rounds, by a rounding")]
        pub trait Rounder: Draws + Sized {
            /// The rule: what [`reference`](crate::reference) takes.
            #[must_use]
            #[inline]
            fn rule(&self) -> Rule {
                self.chop_ref().rule()
            }

            /// The format.
            #[must_use]
            #[inline]
            fn format(&self) -> Format {
                self.chop_ref().format()
            }

            /// The rounding mode.
            #[must_use]
            #[inline]
            fn rounding(&self) -> Rounding {
                self.chop_ref().rounding()
            }

            /// The overflow policy.
            #[must_use]
            #[inline]
            fn overflow(&self) -> Overflow {
                self.chop_ref().overflow()
            }

            /// The underflow policy.
            #[must_use]
            #[inline]
            fn underflow(&self) -> Underflow {
                self.chop_ref().underflow()
            }

            $($(
            $(#[$attribute])*
            fn $name $(<$($generics)*>)? (&$this $(, $argument: $type)*) $(-> $result)?
                $body
        )*)*}

        impl Rounder for Chop {}
        impl Rounder for Stream {}

        /// What the stream rounds by.
        impl Stream {
            /// The rule: what [`reference`](crate::reference) takes.
            #[must_use]
            pub fn rule(&self) -> Rule {
                self.chop_ref().rule()
            }

            /// The format.
            #[must_use]
            pub fn format(&self) -> Format {
                self.chop_ref().format()
            }

            /// The overflow policy.
            #[must_use]
            pub fn overflow(&self) -> Overflow {
                self.chop_ref().overflow()
            }

            /// The underflow policy.
            #[must_use]
            pub fn underflow(&self) -> Underflow {
                self.chop_ref().underflow()
            }
        }

        $(
            $(#[$part])*
            #[allow(clippy::wrong_self_convention, reason = "from_integer rounds, by a rounding")]
            impl Chop {$(
                $(#[$attribute])*
                $(#[doc = ""] $(#[$example])*)?
                pub fn $name $(<$($generics)*>)? (&$this $(, $argument: $type)*) $(-> $result)?
                {
                    Rounder::$name($this $(, $argument)*)
                }
            )*}

            $(#[$part])*
            #[allow(clippy::wrong_self_convention, reason = "from_integer rounds, by a rounding")]
            impl Stream {$(
                $(#[$attribute])*
                pub fn $name $(<$($generics)*>)? (&$this $(, $argument: $type)*) $(-> $result)?
                {
                    Rounder::$name($this $(, $argument)*)
                }
            )*}
        )*
    };
}

pub(super) use table;
