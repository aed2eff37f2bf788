//! The operators, comparisons, sums and products.

use core::cmp::Ordering;
use core::iter::{Product, Sum};
use core::ops::{
    Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Rem, RemAssign, Sub, SubAssign,
};

use num_traits::{One, Zero};

use super::Number;
use super::context::Context;

macro_rules! operators {
    ($($trait:ident $method:ident, $assign:ident $assign_method:ident = $operation:ident, $says:literal;)*) => {$(
        #[doc = $says]
        impl<C: Context> $trait for Number<C> {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn $method(self, other: Self) -> Self {
                Self::of(C::$operation(self.value, other.value))
            }
        }

        impl<C: Context> $trait<&Self> for Number<C> {
            type Output = Self;

            #[inline]
            #[track_caller]
            fn $method(self, other: &Self) -> Self {
                $trait::$method(self, *other)
            }
        }

        impl<C: Context> $trait<Number<C>> for &Number<C> {
            type Output = Number<C>;

            #[inline]
            #[track_caller]
            fn $method(self, other: Number<C>) -> Number<C> {
                $trait::$method(*self, other)
            }
        }

        impl<C: Context> $trait for &Number<C> {
            type Output = Number<C>;

            #[inline]
            #[track_caller]
            fn $method(self, other: Self) -> Number<C> {
                $trait::$method(*self, *other)
            }
        }

        impl<C: Context> $assign for Number<C> {
            #[inline]
            #[track_caller]
            fn $assign_method(&mut self, other: Self) {
                *self = $trait::$method(*self, other);
            }
        }

        impl<C: Context> $assign<&Self> for Number<C> {
            #[inline]
            #[track_caller]
            fn $assign_method(&mut self, other: &Self) {
                *self = $trait::$method(*self, *other);
            }
        }
    )*};
}

operators! {
    Add add, AddAssign add_assign = add, "The exact sum, rounded once.";
    Sub sub, SubAssign sub_assign = sub, "The exact difference, rounded once.";
    Mul mul, MulAssign mul_assign = mul, "The exact product, rounded once.";
    Div div, DivAssign div_assign = div, "The exact quotient, rounded once.";
    Rem rem, RemAssign rem_assign = fmod,
        "The remainder of truncated division, with the sign of the dividend, rounded once.";
}

/// Exact, and takes no position of a stream: the sign turned, also that of zero and NaN. Zero stays
/// where the format has no minus zero; in an unsigned format a negative value becomes what it rounds to.
impl<C: Context> Neg for Number<C> {
    type Output = Self;

    #[inline]
    #[track_caller]
    fn neg(self) -> Self {
        Self::of(C::neg(self.value))
    }
}

impl<C: Context> Neg for &Number<C> {
    type Output = Number<C>;

    #[inline]
    #[track_caller]
    fn neg(self) -> Number<C> {
        -*self
    }
}

impl<C: Context> PartialEq for Number<C> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<C: Context> PartialOrd for Number<C> {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl<C: Context> Zero for Number<C> {
    #[inline]
    fn zero() -> Self {
        Self::of(C::plain(0.0))
    }

    #[inline]
    fn is_zero(&self) -> bool {
        self.value.is_zero()
    }
}

impl<C: Context> One for Number<C> {
    #[inline]
    fn one() -> Self {
        Self::of(C::plain(1.0))
    }
}

/// From zero, left to right, each sum rounded.
impl<C: Context> Sum for Number<C> {
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        let mut sum = Self::zero();
        for term in terms {
            sum += term;
        }
        sum
    }
}

impl<'a, C: Context> Sum<&'a Self> for Number<C> {
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Self>>(terms: I) -> Self {
        terms.copied().sum()
    }
}

/// From one, left to right, each product rounded.
impl<C: Context> Product for Number<C> {
    #[track_caller]
    fn product<I: Iterator<Item = Self>>(factors: I) -> Self {
        let mut product = Self::one();
        for factor in factors {
            product *= factor;
        }
        product
    }
}

impl<'a, C: Context> Product<&'a Self> for Number<C> {
    #[track_caller]
    fn product<I: Iterator<Item = &'a Self>>(factors: I) -> Self {
        factors.copied().product()
    }
}
