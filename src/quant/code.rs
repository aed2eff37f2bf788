//! The integer types that hold codes.

use super::lane::Bounds;
use crate::level::{self, Work};

/// An integer type for codes: `i8`, `i16`, `i32`, `i64`, `u8`, `u16` or `u32`. Sealed.
pub trait IntegerCode: Copy + Default + Send + Sync + 'static + sealed::IntegerCode {}

pub(super) mod sealed {
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
        /// The one of seven things that is for this type.
        fn choose<E: Each>(each: E) -> E::Of<Self>
        where
            Self: super::IntegerCode;
    }

    /// A thing for each integer type, as `storage::sealed::Both` is for the storage types.
    pub trait Each {
        type Of<C: super::IntegerCode>;
        fn i8(self) -> Self::Of<i8>;
        fn i16(self) -> Self::Of<i16>;
        fn i32(self) -> Self::Of<i32>;
        fn i64(self) -> Self::Of<i64>;
        fn u8(self) -> Self::Of<u8>;
        fn u16(self) -> Self::Of<u16>;
        fn u32(self) -> Self::Of<u32>;
    }
}

/// Functions generic in the type of codes, compiled in this crate as `compiled_here` in `storage.rs` has it:
/// each is seven.
macro_rules! compiled_for_integers {
    ($(
        $(#[$about:meta])*
        $vis:vis fn $name:ident<C>($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path;
    )*) => {$(
        $(#[$about])*
        #[inline(always)]
        $vis fn $name<C: $crate::quant::IntegerCode>($($arg: $type),*) $(-> $result)? {
            struct Chosen;

            impl $crate::quant::code::sealed::Each for Chosen {
                type Of<C: $crate::quant::IntegerCode> = fn($($type),*) $(-> $result)?;
                $crate::quant::code::compiled_for_integers! {
                    @ [i8 i16 i32 i64 u8 u16 u32] ($($arg: $type),*) ($($result)?) $body
                }
            }

            C::choose(Chosen)($($arg),*)
        }
    )*};
    (@ [] $arguments:tt $result:tt $body:path) => {};
    (@ [$code:ident $($rest:ident)*] ($($arg:ident: $type:ty),*) ($($result:ty)?) $body:path) => {
        #[inline(always)]
        fn $code(self) -> Self::Of<$code> {
            type C = $code;
            #[inline(never)]
            fn of_code($($arg: $type),*) $(-> $result)? {
                $body($($arg),*)
            }
            of_code
        }
        $crate::quant::code::compiled_for_integers! {
            @ [$($rest)*] ($($arg: $type),*) ($($result)?) $body
        }
    };
}

pub(super) use compiled_for_integers;

/// 1.5·2^52: the sum with an integer of less than 51 bits has that in its last bits.
const LAST_BITS: f64 = (3_u64 << 51) as f64;

macro_rules! codes {
    ($($integer:ident),*) => {$(
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

            #[inline(always)]
            fn choose<E: sealed::Each>(each: E) -> E::Of<Self> {
                each.$integer()
            }
        }
    )*};
}

codes!(i8, i16, i32, i64, u8, u16, u32);

compiled_for_integers! {
    /// Codes as integers, which have room for them.
    pub(super) fn stored<C>(codes: &[f64], to: &mut [C]) = run_stored;

    /// Codes as integers of their type, which has room for them.
    pub(super) fn narrowed<C>(codes: &[i32], to: &mut [C]) = run_narrowed;

    /// Integers as codes; false if some are none.
    pub(super) fn read<C>(codes: &[C], bounds: Bounds, to: &mut [f64]) -> bool = run_read;
}

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

#[inline(always)]
fn run_stored<C: IntegerCode>(codes: &[f64], to: &mut [C]) {
    level::run(Stored { codes, to });
}

struct Narrowed<'a, C> {
    codes: &'a [i32],
    to: &'a mut [C],
}

impl<C: IntegerCode> Work for Narrowed<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.codes.iter().zip(self.to).for_each(|(code, place)| *place = C::from_i32(*code));
    }
}

#[inline(always)]
fn run_narrowed<C: IntegerCode>(codes: &[i32], to: &mut [C]) {
    level::run(Narrowed { codes, to });
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

#[inline(always)]
fn run_read<C: IntegerCode>(codes: &[C], bounds: Bounds, to: &mut [f64]) -> bool {
    level::run(Read { codes, bounds, to })
}
