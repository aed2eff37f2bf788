//! `half::f16` and `half::bf16`: rounded once from `f32` or `f64`, never through `f32`.

use super::codes::into_codes;
use super::values::Draws;
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
        /// The values' memory as codes.
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
pub(crate) fn into_half<T: Storage, H: HalfFloat>(
    rounder: &impl Draws,
    from: &[T],
    to: &mut [H],
) -> Result<(), CodeError> {
    if rounder.chop_ref().format() != H::FORMAT {
        return Err(CodeError::new(CodeErrorKind::OtherFormat));
    }
    into_codes(rounder, from, H::codes(to))
}
