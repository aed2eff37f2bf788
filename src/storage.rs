//! The two storage types, `f32` and `f64`, as the kernels see them.

use core::fmt::Debug;
use core::ops::{Add, BitAnd, BitOr, BitXor, Not, Shl, Shr, Sub};

/// A type that holds rounded values: `f32` or `f64`. Sealed.
pub trait Storage:
    num_traits::Float + Default + Debug + Send + Sync + 'static + sealed::Storage
{
    /// Significand bits, the leading one included: 24 or 53.
    const PRECISION: u32;
    /// Exponent of the smallest normal number.
    const EMIN: i32;
    /// Exponent of the largest finite number.
    const EMAX: i32;
    /// The value as `f64`: exact.
    fn widen(self) -> f64;
    /// The `f64` as this type, where it is one of its values (every NaN becomes the quiet NaN of
    /// its sign); `None` otherwise.
    fn narrow(x: f64) -> Option<Self>;
}

/// The bit pattern of the storage type `T`.
pub(crate) type Bits<T> = <T as sealed::Storage>::Bits;

pub(crate) mod sealed {
    /// What the kernels need of a storage type; not nameable outside the crate.
    pub trait Storage: Copy {
        /// The integer of the same width.
        type Bits: super::Word;
        /// Trailing significand bits: 23 or 52.
        const MANTISSA: u32;
        /// Bits of the infinity.
        const INFINITY: Self::Bits;
        fn bits(self) -> Self::Bits;
        fn from_bits(bits: Self::Bits) -> Self;
        /// The one of two things that is for this type.
        fn choose<B: Both>(both: B) -> B::Of<Self>
        where
            Self: super::Storage;
    }

    /// A thing for each storage type: functions of which a generic one calls that for its type.
    pub trait Both {
        type Of<T: super::Storage>;
        fn single(self) -> Self::Of<f32>;
        fn double(self) -> Self::Of<f64>;
    }
}

/// `u32` or `u64`, with the few operations the lane is written in.
pub trait Word:
    Copy
    + Ord
    + Debug
    + Send
    + Sync
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + BitAnd<Output = Self>
    + BitOr<Output = Self>
    + BitXor<Output = Self>
    + Not<Output = Self>
    + Shl<u32, Output = Self>
    + Shr<u32, Output = Self>
{
    /// Width in bits.
    const BITS: u32;
    const ZERO: Self;
    const ONE: Self;
    fn from_u64(x: u64) -> Self;
    fn to_u64(self) -> u64;
    fn to_u32(self) -> u32;
    /// All ones where the condition holds, else all zeros.
    fn mask(condition: bool) -> Self;
    /// All ones where self is the smaller, both below half the range: compared as signed integers,
    /// which vector units do and unsigned ones not.
    fn less(self, other: Self) -> Self;
    /// All ones where the highest bit is set.
    fn highest(self) -> Self;
    /// The larger one, compared as signed integers: one instruction, or two, in vector units.
    fn signed_max(self, other: Self) -> Self;
    fn wrapping_add(self, other: Self) -> Self;
    fn wrapping_sub(self, other: Self) -> Self;
}

macro_rules! storage {
    ($float:ty, $word:ty, $signed:ty, $choose:ident) => {
        impl Storage for $float {
            const PRECISION: u32 = <$float>::MANTISSA_DIGITS;
            const EMIN: i32 = <$float>::MIN_EXP - 1;
            const EMAX: i32 = <$float>::MAX_EXP - 1;

            #[inline(always)]
            fn widen(self) -> f64 {
                f64::from(self)
            }

            #[inline]
            fn narrow(x: f64) -> Option<Self> {
                if x.is_nan() {
                    return Some(if x.is_sign_negative() { -<$float>::NAN } else { <$float>::NAN });
                }
                let narrowed = x as $float;
                (f64::from(narrowed) == x).then_some(narrowed)
            }
        }

        impl sealed::Storage for $float {
            type Bits = $word;
            const MANTISSA: u32 = <$float>::MANTISSA_DIGITS - 1;
            const INFINITY: $word = <$float>::INFINITY.to_bits();

            #[inline(always)]
            fn bits(self) -> $word {
                self.to_bits()
            }

            #[inline(always)]
            fn from_bits(bits: $word) -> Self {
                Self::from_bits(bits)
            }

            #[inline(always)]
            fn choose<B: sealed::Both>(both: B) -> B::Of<Self> {
                both.$choose()
            }
        }

        impl Word for $word {
            const BITS: u32 = <$word>::BITS;
            const ZERO: Self = 0;
            const ONE: Self = 1;

            #[inline(always)]
            fn from_u64(x: u64) -> Self {
                x as $word
            }

            #[inline(always)]
            fn to_u64(self) -> u64 {
                u64::from(self)
            }

            #[inline(always)]
            fn to_u32(self) -> u32 {
                self as u32
            }

            #[inline(always)]
            fn mask(condition: bool) -> Self {
                (0 as $word).wrapping_sub(<$word>::from(condition))
            }

            #[inline(always)]
            fn less(self, other: Self) -> Self {
                Self::mask((self as $signed) < (other as $signed))
            }

            #[inline(always)]
            fn signed_max(self, other: Self) -> Self {
                (self as $signed).max(other as $signed) as $word
            }

            #[inline(always)]
            fn highest(self) -> Self {
                Self::mask((self as $signed) < 0)
            }

            #[inline(always)]
            fn wrapping_add(self, other: Self) -> Self {
                <$word>::wrapping_add(self, other)
            }

            #[inline(always)]
            fn wrapping_sub(self, other: Self) -> Self {
                <$word>::wrapping_sub(self, other)
            }
        }
    };
}

storage!(f32, u32, i32, single);
storage!(f64, u64, i64, double);

/// Functions that are generic for their callers, and compiled in this crate: each is two that are not generic,
/// of which the storage type takes its own. A generic function is compiled where it is called, with the
/// optimisation of that crate, and by every crate again.
///
/// The body is a generic function, `#[inline(always)]`, of the same parameters.
macro_rules! compiled_here {
    ($(
        $(#[$about:meta])*
        $vis:vis fn $name:ident<T>($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? = $body:path;
    )*) => {$(
        $(#[$about])*
        #[allow(clippy::too_many_arguments)]
        #[inline(always)]
        $vis fn $name<T: $crate::storage::Storage>($($arg: $type),*) $(-> $result)? {
            struct Chosen;

            impl $crate::storage::sealed::Both for Chosen {
                type Of<T: $crate::storage::Storage> = fn($($type),*) $(-> $result)?;

                #[inline(always)]
                fn single(self) -> Self::Of<f32> {
                    type T = f32;
                    $(#[$about])*
                    #[inline(never)]
                    fn single($($arg: $type),*) $(-> $result)? {
                        $body($($arg),*)
                    }
                    single
                }

                #[inline(always)]
                fn double(self) -> Self::Of<f64> {
                    type T = f64;
                    $(#[$about])*
                    #[inline(never)]
                    fn double($($arg: $type),*) $(-> $result)? {
                        $body($($arg),*)
                    }
                    double
                }
            }

            T::choose(Chosen)($($arg),*)
        }
    )*};
}

pub(crate) use compiled_here;

/// The slice, if it is one of `f32`.
pub(crate) fn single<T: Storage>(values: &[T]) -> Option<&[f32]> {
    struct Same;

    impl sealed::Both for Same {
        type Of<T: Storage> = fn(&[T]) -> Option<&[f32]>;

        fn single(self) -> Self::Of<f32> {
            |values| Some(values)
        }

        fn double(self) -> Self::Of<f64> {
            |_| None
        }
    }

    T::choose(Same)(values)
}

/// The slice to be written to, if it is one of `f32`.
pub(crate) fn single_mut<T: Storage>(values: &mut [T]) -> Option<&mut [f32]> {
    struct Same;

    impl sealed::Both for Same {
        type Of<T: Storage> = fn(&mut [T]) -> Option<&mut [f32]>;

        fn single(self) -> Self::Of<f32> {
            |values| Some(values)
        }

        fn double(self) -> Self::Of<f64> {
            |_| None
        }
    }

    T::choose(Same)(values)
}

/// The sign bit alone.
#[inline(always)]
pub(crate) fn sign_bit<T: Storage>() -> Bits<T> {
    Bits::<T>::ONE << (Bits::<T>::BITS - 1)
}

/// `yes` where the mask is all ones, `no` where it is zero.
#[inline(always)]
pub(crate) fn select<W: Word>(mask: W, yes: W, no: W) -> W {
    (yes & mask) | (no & !mask)
}

/// A number of the format in `f64`, where the storage type has all of the format's.
#[inline(always)]
pub(crate) fn narrowed<T: Storage>(x: f64) -> T {
    match T::narrow(x) {
        Some(narrow) => narrow,
        None => unreachable!("{x:e} is a number of the format, all of which the storage type has"),
    }
}

/// The bits of infinity.
#[inline(always)]
pub(crate) const fn infinity_bits<T: Storage>() -> u64 {
    ((2 * T::EMAX + 1) as u64) << (T::PRECISION - 1)
}

/// The bits of the canonical NaN: quiet, without payload; positive.
#[inline(always)]
pub(crate) const fn quiet_nan_bits<T: Storage>() -> u64 {
    infinity_bits::<T>() | 1 << (T::PRECISION - 2)
}

/// The canonical NaN.
#[inline(always)]
pub(crate) fn quiet_nan<T: Storage>() -> T {
    T::from_bits(Bits::<T>::from_u64(quiet_nan_bits::<T>()))
}

/// The quiet NaN without sign and payload in place of any NaN, whose sign differs from processor to
/// processor: by its bits, since as floating-point numbers the compiler takes all NaNs for one and leaves
/// out what replaces them.
#[inline(always)]
pub(crate) fn canonical<T: Storage>(x: T) -> T {
    let is_nan = Bits::<T>::mask(x.is_nan());
    T::from_bits(select(is_nan, quiet_nan::<T>().bits(), x.bits()))
}

#[cfg(test)]
mod tests {
    use super::{Storage, canonical};

    #[test]
    fn any_nan_becomes_the_quiet_one() {
        for bits in [0x7ff8 << 48, 0xfff8 << 48, 0x7ff0_0000_0000_0001, 0xffff_1234_0000_0000] {
            let nan = core::hint::black_box(f64::from_bits(bits));
            assert_eq!(canonical(nan).to_bits(), 0x7ff8 << 48);
        }
        for x in [0.0, -0.0, 1.5, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(canonical(x).to_bits(), x.to_bits());
        }
        assert_eq!(canonical(-f32::NAN).to_bits(), 0x7fc0_0000);
    }

    #[test]
    fn narrow_keeps_what_fits_and_refuses_the_rest() {
        assert_eq!(f32::narrow(0.5), Some(0.5));
        assert_eq!(f32::narrow(0.1), None);
        assert_eq!(f32::narrow(1e300), None);
        assert_eq!(f32::narrow(f64::INFINITY), Some(f32::INFINITY));
        assert!(f32::narrow(-f64::NAN).unwrap().is_sign_negative());
    }
}
