//! The operations as methods of `Chop` and `Stream`, one at a time.

use super::odd::{Div, Dot, Fma, Mul, Sqrt, Sum};
use super::{Arithmetic, Integer, down, integer, minus, plus, scalar};
use crate::chop::{Chop, Rounder, Stream};
use crate::definition::{Rule, reference};
use crate::error::IntegerError;
use crate::flags::Flags;
use crate::operation::Binary;
use crate::rounding::random::Source;
use crate::storage::Storage;

macro_rules! operations {
    ($type:ty) => {
        /// Arithmetic: the exact result of an operation on any storage values, rounded once. NaN results
        /// are quiet, and positive but for overflows that become NaN.
        impl $type {
            /// x + y.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY32, Rounding::Up);
            /// let tiny = 2f64.powi(-60);
            /// assert_eq!(1.0 + tiny, 1.0);                                 // in binary64
            /// assert_eq!(up.add(1.0, tiny), 1.0 + 2f64.powi(-23));
            /// ```
            #[must_use]
            #[inline]
            pub fn add<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::add(self, x, y)
            }

            /// x - y.
            #[must_use]
            #[inline]
            pub fn sub<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::sub(self, x, y)
            }

            /// x·y.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let to_zero = Chop::new(Format::BFLOAT16, Rounding::TowardZero);
            /// let huge = 2f32.powi(100);                            // the product overflows f32
            /// assert_eq!(to_zero.mul(huge, huge), to_zero.largest_finite());
            /// ```
            #[must_use]
            #[inline]
            pub fn mul<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::mul(self, x, y)
            }

            /// x / y.
            #[must_use]
            #[inline]
            pub fn div<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::div(self, x, y)
            }

            /// √x: NaN below zero, -0 of -0.
            #[must_use]
            #[inline]
            pub fn sqrt<T: Storage>(&self, x: T) -> T {
                Arithmetic::sqrt(self, x)
            }

            /// x·y + z.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY16, Rounding::Up);
            /// let tiny = 2f64.powi(-24);
            /// assert_eq!(up.fma(tiny, tiny, 32768.0), 32800.0);
            /// ```
            #[must_use]
            #[inline]
            pub fn fma<T: Storage>(&self, x: T, y: T, z: T) -> T {
                Arithmetic::fma(self, x, y, z)
            }

            /// x + y + z.
            #[must_use]
            #[inline]
            pub fn sum<T: Storage>(&self, x: T, y: T, z: T) -> T {
                Arithmetic::sum(self, x, y, z)
            }

            /// x·y + z·w.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let (x, y) = (1.0 + 2f64.powi(-10), 1.0 - 2f64.powi(-10));
            /// assert_eq!(fp16.dot(x, y, -1.0, 1.0), -2f64.powi(-20));      // x·y alone rounds to 1
            /// ```
            #[must_use]
            #[inline]
            pub fn dot<T: Storage>(&self, x: T, y: T, z: T, w: T) -> T {
                Arithmetic::dot(self, x, y, z, w)
            }

            /// The IEEE remainder, [`Binary::Remainder`].
            #[must_use]
            pub fn remainder<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::remainder(self, x, y)
            }

            /// The remainder of truncated division, [`Binary::Fmod`].
            #[must_use]
            pub fn fmod<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::fmod(self, x, y)
            }
        }

        /// The same with what happened, as [`reference`](crate::reference) says it: slow.
        impl $type {
            /// `x` rounded; a NaN raises nothing.
            #[must_use]
            pub fn chop_flags<T: Storage>(&self, x: T) -> (T, Flags) {
                flags(self, |rule, bits| reference::chop_flags_drawing(x, rule, bits))
            }

            /// x + y.
            #[must_use]
            pub fn add_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, plus(self), [x, y])
            }

            /// x - y.
            #[must_use]
            pub fn sub_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, minus(self), [x, y])
            }

            /// x·y.
            #[must_use]
            pub fn mul_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, Mul, [x, y])
            }

            /// x / y.
            #[must_use]
            pub fn div_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, Div, [x, y])
            }

            /// √x.
            #[must_use]
            pub fn sqrt_flags<T: Storage>(&self, x: T) -> (T, Flags) {
                scalar::with_flags(self, Sqrt, [x])
            }

            /// x·y + z.
            #[must_use]
            pub fn fma_flags<T: Storage>(&self, x: T, y: T, z: T) -> (T, Flags) {
                scalar::with_flags(self, Fma { down: down(self) }, [x, y, z])
            }

            /// x + y + z.
            #[must_use]
            pub fn sum_flags<T: Storage>(&self, x: T, y: T, z: T) -> (T, Flags) {
                scalar::with_flags(self, Sum { down: down(self) }, [x, y, z])
            }

            /// x·y + z·w.
            #[must_use]
            pub fn dot_flags<T: Storage>(&self, x: T, y: T, z: T, w: T) -> (T, Flags) {
                scalar::with_flags(self, Dot { down: down(self) }, [x, y, z, w])
            }

            /// The IEEE remainder.
            #[must_use]
            pub fn remainder_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                flags(self, |rule, bits| {
                    reference::binary_drawing(Binary::Remainder, [x, y], rule, bits)
                })
            }

            /// The remainder of truncated division.
            #[must_use]
            pub fn fmod_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                flags(self, |rule, bits| {
                    reference::binary_drawing(Binary::Fmod, [x, y], rule, bits)
                })
            }
        }

        /// Integers.
        impl $type {
            /// An integer rounded to the format, once.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(fp16.from_integer::<f64, _>(2049_i32), 2048.0);
            /// let single = Chop::new(Format::BINARY32, Rounding::Up);
            /// assert_eq!(single.from_integer::<f32, _>(i64::MAX), 9223372036854775808.0);
            /// ```
            #[must_use]
            pub fn from_integer<T: Storage, I: Integer>(&self, integer: I) -> T {
                integer::to_number(self, integer)
            }

            /// A value rounded to an integer in this rounding's mode; its format does not matter.
            ///
            /// # Errors
            ///
            /// For NaN, infinities, and where the integer is beyond the type's range.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let even = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(even.to_integer::<i8, _>(2.5), Ok(2));
            /// let error = even.to_integer::<u8, _>(255.5).unwrap_err();
            /// assert_eq!(error.to_string(), "2.555e2 given, 0..=255 allowed for u8 once rounded");
            /// ```
            pub fn to_integer<I: Integer, T: Storage>(&self, x: T) -> Result<I, IntegerError> {
                integer::of_number(self, x)
            }
        }
    };
}

operations!(Chop);
operations!(Stream);

/// Calls the definition with the rounder's random bits for one element.
pub(super) fn flags<T>(
    rounder: &impl Rounder,
    define: impl FnOnce(&Rule, &mut dyn FnMut(usize) -> Option<u16>) -> (T, Flags),
) -> (T, Flags) {
    let rule = rounder.rule();
    if !rule.rounding.is_stochastic() {
        return define(&rule, &mut |_| None);
    }
    rounder.draw(1, |source, index| {
        let word = source.words(index, 1)[0];
        define(&rule, &mut |group| source.group(index, word, group))
    })
}
