//! `half::f16` and `half::bf16`: rounded once from `f32` or `f64`, never through `f32`.

use crate::chop::codes::into_codes;
use crate::chop::{Chop, Rounder, Stream};
use crate::error::{CodeError, CodeErrorKind};
use crate::format::Format;
use crate::storage::Storage;

/// A type of the `half` crate. Sealed.
pub trait HalfFloat: Copy + sealed::HalfFloat {
    /// Its format.
    const FORMAT: Format;
}

mod sealed {
    use half::slice::HalfFloatSliceExt;

    pub trait HalfFloat: Sized {
        /// The same memory as codes.
        fn codes(values: &mut [Self]) -> &mut [u16];
    }
    impl HalfFloat for half::f16 {
        fn codes(values: &mut [Self]) -> &mut [u16] {
            values.reinterpret_cast_mut()
        }
    }
    impl HalfFloat for half::bf16 {
        fn codes(values: &mut [Self]) -> &mut [u16] {
            values.reinterpret_cast_mut()
        }
    }
}

impl HalfFloat for half::f16 {
    const FORMAT: Format = Format::BINARY16;
}

impl HalfFloat for half::bf16 {
    const FORMAT: Format = Format::BFLOAT16;
}

#[track_caller]
fn into_half<T: Storage, H: HalfFloat>(
    rounder: &impl Rounder,
    from: &[T],
    to: &mut [H],
) -> Result<(), CodeError> {
    if rounder.rule().format != H::FORMAT {
        return Err(CodeError::new(CodeErrorKind::OtherFormat));
    }
    into_codes(rounder, from, H::codes(to))
}

macro_rules! half_methods {
    ($rounder:ty) => {
        /// Rounding into the types of the `half` crate (feature `half`).
        impl $rounder {
            /// Rounds every value of `from` into `to`, once. A NaN becomes the canonical one.
            ///
            /// # Errors
            ///
            /// If the rounding's format is not that of `H`: [`Format::BINARY16`] for `f16`,
            /// [`Format::BFLOAT16`] for `bf16`.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let mut halves = [half::f16::ZERO; 1];
            /// // Rounded to f32 first, this tie-breaker below the tie would be lost.
            /// fp16.chop_into_half(&[1.0 + 3.0 / 2048.0 - 1e-12_f64], &mut halves)?;
            /// assert_eq!(halves[0].to_f64(), 1.0009765625);
            /// # Ok::<(), lowprec::CodeError>(())
            /// ```
            #[track_caller]
            pub fn chop_into_half<T: Storage, H: HalfFloat>(
                &self,
                from: &[T],
                to: &mut [H],
            ) -> Result<(), CodeError> {
                into_half(self, from, to)
            }
        }
    };
}

half_methods!(Chop);
half_methods!(Stream);
