//! The integer types that hold codes.

use super::lane::Bounds;
use crate::level::{self, Work};

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
        /// The loops over codes, compiled in this crate.
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
                stored(codes, to);
            }

            #[inline(never)]
            fn read(codes: &[Self], bounds: Bounds, to: &mut [f64]) -> bool {
                read(codes, bounds, to)
            }
        }
    )*};
}

codes!(i8, i16, i32, i64, u8, u16, u32);

struct Stored<'a, C> {
    codes: &'a [f64],
    to: &'a mut [C],
}

impl<C: IntegerCode> Work for Stored<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.codes.iter().zip(self.to).for_each(|(code, place)| *place = C::of(*code));
    }
}

/// Codes as integers, which have room for them: as `IntegerCode::store`.
#[inline(always)]
fn stored<C: IntegerCode>(codes: &[f64], to: &mut [C]) {
    level::run(Stored { codes, to });
}

struct Read<'a, C> {
    codes: &'a [C],
    bounds: Bounds,
    to: &'a mut [f64],
}

impl<C: IntegerCode> Work for Read<'_, C> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { codes, bounds, to } = self;
        let mut any = 0_u64;
        for (code, y) in codes.iter().zip(to) {
            *y = code.to_f64();
            any |= u64::from(!bounds.contain(*y));
        }
        any == 0
    }
}

/// Integers as codes; false if some are none: as `IntegerCode::read`.
#[inline(always)]
fn read<C: IntegerCode>(codes: &[C], bounds: Bounds, to: &mut [f64]) -> bool {
    level::run(Read { codes, bounds, to })
}
