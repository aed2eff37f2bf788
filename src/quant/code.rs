//! The integer types that hold codes.

use super::lane::{self, Bounds};

/// An integer type for codes: `i8`, `i16`, `i32`, `i64`, `u8`, `u16` or `u32`. Sealed.
pub trait IntegerCode: Copy + Default + Send + Sync + 'static + sealed::IntegerCode {}

pub(super) mod sealed {
    use super::Bounds;

    /// Conversions between an integer and the `f64` that codes are computed in.
    pub trait IntegerCode {
        const LEAST: f64;
        const LARGEST: f64;
        /// An integer between the two.
        fn of(code: f64) -> Self;
        /// An integer between the two, from an integer.
        fn from_i32(code: i32) -> Self;
        fn widen(self) -> i64;
        /// The nearest number.
        fn to_f64(self) -> f64;
        /// The loops of `quant/lane`, compiled in this crate.
        fn store(codes: &[f64], to: &mut [Self])
        where
            Self: Sized;
        fn read(codes: &[Self], bounds: Bounds, to: &mut [f64]) -> bool
        where
            Self: Sized;
    }
}

/// 1.5·2^52: the sum with an integer of less than 51 bits has that in its last bits.
const LAST_BITS: f64 = (3_u64 << 51) as f64;

macro_rules! codes {
    ($($integer:ty),*) => {$(
        impl IntegerCode for $integer {}

        impl sealed::IntegerCode for $integer {
            const LEAST: f64 = <$integer>::MIN as f64;
            const LARGEST: f64 = <$integer>::MAX as f64;

            #[inline(always)]
            fn of(code: f64) -> Self {
                if <$integer>::BITS > 32 {
                    return code as $integer;
                }
                // A cast, which saturates, is taken apart by the compiler. The last bits of the sum are
                // the code in two's complement.
                (code + LAST_BITS).to_bits() as $integer
            }

            #[inline(always)]
            fn from_i32(code: i32) -> Self {
                code as $integer
            }

            #[inline(always)]
            fn widen(self) -> i64 {
                i64::from(self)
            }

            #[inline(always)]
            fn to_f64(self) -> f64 {
                self as f64
            }

            #[inline(never)]
            fn store(codes: &[f64], to: &mut [Self]) {
                lane::stored(codes, to);
            }

            #[inline(never)]
            fn read(codes: &[Self], bounds: Bounds, to: &mut [f64]) -> bool {
                lane::read(codes, bounds, to)
            }
        }
    )*};
}

codes!(i8, i16, i32, i64, u8, u16, u32);
