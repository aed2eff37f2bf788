//! The integer types that hold codes.

/// An integer type for codes: `i8`, `i16`, `i32`, `i64`, `u8`, `u16` or `u32`. Sealed.
pub trait IntegerCode: Copy + Default + Send + Sync + 'static + sealed::IntegerCode {}

pub(super) mod sealed {
    /// Conversions between an integer and the `f64` that codes are computed in.
    pub trait IntegerCode {
        const LEAST: f64;
        const LARGEST: f64;
        /// A whole number between the two.
        fn of(code: f64) -> Self;
        /// Likewise.
        fn of_i32(code: i32) -> Self;
        fn widen(self) -> i64;
    }
}

macro_rules! codes {
    ($($integer:ty),*) => {$(
        impl IntegerCode for $integer {}

        impl sealed::IntegerCode for $integer {
            const LEAST: f64 = <$integer>::MIN as f64;
            const LARGEST: f64 = <$integer>::MAX as f64;

            #[inline(always)]
            fn of(code: f64) -> Self {
                code as $integer
            }

            #[inline(always)]
            fn of_i32(code: i32) -> Self {
                code as $integer
            }

            #[inline(always)]
            fn widen(self) -> i64 {
                i64::from(self)
            }
        }
    )*};
}

codes!(i8, i16, i32, i64, u8, u16, u32);
