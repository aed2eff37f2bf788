//! Operations in the storage type with the exact result rounded to odd: truncated, with the last bit
//! set where anything was cut off.
//!
//! A result so rounded can be rounded again to a format of two bits less and more, in every mode,
//! as if it were the exact one: it lies on the same side of every number and every midpoint of the
//! format (Boldo and Melquiond, *Emulation of a FMA and correctly rounded sums: proved algorithms using
//! rounding to odd*, IEEE Trans. Comput. 57, 2008). To round to odd takes the sign of what the
//! hardware's rounding to nearest has cut off:
//!
//! - of a sum it is had exactly, by `TwoSum` (Knuth, TAOCP 2, 4.2.2), whatever the operands;
//! - of a product, quotient or root x·y - z, x - z·y, x - z², by one fused operation, exactly where
//!   the operands are not so small that its last bit is below the storage's smallest number;
//! - of a fused multiply-add by the algorithm of Boldo and Muller (*Exact and approximated error of
//!   the FMA*, IEEE Trans. Comput. 60, 2011), of which the sign is enough here.
//!
//! Where an operation cannot be sure, it says so and leaves the result open: products and operands too
//! small, and infinities made of finite operands. Everything is without a branch.

use crate::kernel::plan::{Bits, power_of_two_bits};
use crate::kernel::{Known, WithError};
use crate::storage::{Storage, Word, select, sign_bit};

/// An operation on N storage values.
pub(crate) trait Operation<const N: usize>: Copy + Send + Sync {
    /// The exact result rounded to odd, NaN being positive; and all ones where it is left open.
    fn odd<T: Storage>(self, args: [T; N]) -> (T, Bits<T>);
}

/// x + y, or x - y.
#[derive(Clone, Copy)]
pub(crate) struct Add {
    pub(super) subtract: bool,
    /// Whether exact zero sums of both signs are negative, as in the mode `Down`.
    pub(super) down: bool,
}

/// x·y.
#[derive(Clone, Copy)]
pub(crate) struct Mul;

/// x / y.
#[derive(Clone, Copy)]
pub(crate) struct Div;

/// √x.
#[derive(Clone, Copy)]
pub(crate) struct Sqrt;

/// x·y + z.
#[derive(Clone, Copy)]
pub(crate) struct Fma {
    pub(super) down: bool,
}

/// x + y + z.
#[derive(Clone, Copy)]
pub(crate) struct Sum {
    pub(super) down: bool,
}

/// x·y + z·w.
#[derive(Clone, Copy)]
pub(crate) struct Dot {
    pub(super) down: bool,
}

impl Add {
    /// What is added: y or -y.
    #[inline(always)]
    pub(super) fn second<T: Storage>(self, y: T) -> T {
        T::from_bits(y.bits() ^ Bits::<T>::mask(self.subtract) & sign_bit::<T>())
    }
}

#[inline(always)]
fn magnitude<T: Storage>(x: T) -> Bits<T> {
    x.bits() & !sign_bit::<T>()
}

/// Products from here on have a last bit that the storage holds; so have remainders of operands from
/// here on.
#[inline(always)]
pub(super) fn small<T: Storage>() -> Bits<T> {
    Bits::<T>::from_u64(power_of_two_bits::<T>(T::EMIN + T::PRECISION as i32 + 1))
}

/// Sums of numbers below do not overflow on the way.
#[inline(always)]
pub(super) fn large<T: Storage>() -> Bits<T> {
    Bits::<T>::from_u64(power_of_two_bits::<T>(T::EMAX - 3))
}

/// All ones where no number is infinite or NaN: one that is less itself is NaN.
#[inline(always)]
#[allow(clippy::eq_op)]
fn are_finite<T: Storage, const N: usize>(numbers: [T; N]) -> Bits<T> {
    let sum = numbers.map(|x| x - x).into_iter().reduce(|sum, zero| sum + zero);
    Bits::<T>::mask(sum == Some(T::zero()))
}

/// All ones where no number is zero.
#[inline(always)]
fn are_nonzero<T: Storage, const N: usize>(numbers: [T; N]) -> Bits<T> {
    numbers.into_iter().fold(!Bits::<T>::ZERO, |all, x| all & !Bits::<T>::mask(x == T::zero()))
}

/// All ones where a magnitude is in a range, from its start to below its end.
#[inline(always)]
fn lies_in<W: Word>(magnitude: W, [start, end]: [W; 2]) -> W {
    magnitude.less(end) & !magnitude.less(start)
}

#[inline(always)]
fn is_finite<T: Storage>(x: T) -> Bits<T> {
    magnitude(x).less(T::INFINITY)
}

/// z = x + y to nearest and the exact error.
#[inline(always)]
pub(super) fn two_sum<T: Storage>(x: T, y: T) -> (T, T) {
    let z = x + y;
    let part = z - x;
    (z, (x - (z - part)) + (y - part))
}

/// x·y to nearest and the error, exact unless the product is small or infinite.
#[inline(always)]
pub(super) fn two_product<T: Storage>(x: T, y: T) -> (T, T) {
    let z = x * y;
    (z, x.mul_add(y, -z))
}

/// All ones where the error is a number other than zero.
#[inline(always)]
fn is_inexact<T: Storage>(error: T) -> Bits<T> {
    Bits::<T>::mask(error.abs() > T::zero())
}

/// A number rounded to nearest, with the sign of what that cut off, as rounded to odd. One less in the
/// bits is the next number toward zero.
#[inline(always)]
fn to_odd<T: Storage>(nearest: T, error: T) -> T {
    to_odd_by(nearest, error, Bits::<T>::ONE)
}

#[inline(always)]
pub(super) fn to_odd_by<T: Storage>(nearest: T, error: T, one: Bits<T>) -> T {
    let (bits, inexact) = (nearest.bits(), is_inexact(error));
    let opposed = (bits ^ error.bits()).highest() & inexact;
    T::from_bits(bits.wrapping_add(opposed) | inexact & one)
}

/// NaN without its sign, which differs from processor to processor.
#[inline(always)]
pub(super) fn positive_nan<T: Storage>(x: T) -> T {
    T::from_bits(x.bits() & !(sign_bit::<T>() & Bits::<T>::mask(x.is_nan())))
}

/// An exact zero with the sign that the mode `Down` gives it: minus unless both operands are plus.
#[inline(always)]
fn signed_zero<T: Storage>(z: T, x: T, y: T, down: bool) -> T {
    let down = Bits::<T>::mask(down) & sign_bit::<T>();
    let zero = Bits::<T>::mask(z == T::zero());
    T::from_bits(z.bits() | (x.bits() | y.bits()) & zero & down)
}

impl WithError<2> for Add {
    const KNOWN: Known = Known::Value;
    const SUM: bool = true;

    #[inline(always)]
    fn with_error<T: Storage>(self, [x, y]: [T; 2], _sized: bool) -> (T, T) {
        let y = self.second(y);
        let (z, error) = two_sum(x, y);
        (signed_zero(z, x, y, self.down), error)
    }

    #[inline(always)]
    fn range<T: Storage>() -> [Bits<T>; 2] {
        [Bits::<T>::ZERO, T::INFINITY]
    }

    #[inline(always)]
    fn is_unsure<T: Storage>(self, args: [T; 2]) -> Bits<T> {
        // NaN where z - x overflows though the sum does not: next to the largest number.
        let (_, error) = self.with_error(args, false);
        Bits::<T>::mask(error.is_nan())
    }

    #[inline(always)]
    fn is_ordinary<T: Storage>(self, args: [T; 2]) -> Bits<T> {
        are_finite(args)
    }
}

impl WithError<2> for Mul {
    const KNOWN: Known = Known::Value;
    const SUM: bool = false;

    #[inline(always)]
    fn with_error<T: Storage>(self, [x, y]: [T; 2], _sized: bool) -> (T, T) {
        two_product(x, y)
    }

    #[inline(always)]
    fn range<T: Storage>() -> [Bits<T>; 2] {
        [small::<T>(), T::INFINITY]
    }

    #[inline(always)]
    fn is_unsure<T: Storage>(self, _: [T; 2]) -> Bits<T> {
        Bits::<T>::ZERO
    }

    #[inline(always)]
    fn is_ordinary<T: Storage>(self, args: [T; 2]) -> Bits<T> {
        are_finite(args) & are_nonzero(args)
    }
}

impl WithError<2> for Div {
    const KNOWN: Known = Known::NoTie;
    const SUM: bool = false;

    #[inline(always)]
    fn with_error<T: Storage>(self, [x, y]: [T; 2], sized: bool) -> (T, T) {
        let z = x / y;
        let rest = (-z).mul_add(y, x);
        let sign = y.bits() & sign_bit::<T>();
        (z, if sized { rest / y } else { T::from_bits(rest.bits() ^ sign) })
    }

    #[inline(always)]
    fn range<T: Storage>() -> [Bits<T>; 2] {
        [small::<T>(), T::INFINITY]
    }

    #[inline(always)]
    fn is_unsure<T: Storage>(self, [x, _]: [T; 2]) -> Bits<T> {
        magnitude(x).less(small::<T>())
    }

    #[inline(always)]
    fn is_ordinary<T: Storage>(self, args: [T; 2]) -> Bits<T> {
        are_finite(args) & are_nonzero(args)
    }
}

impl WithError<1> for Sqrt {
    const KNOWN: Known = Known::NoTie;
    const SUM: bool = false;

    #[inline(always)]
    fn with_error<T: Storage>(self, [x]: [T; 1], sized: bool) -> (T, T) {
        let z = x.sqrt();
        let rest = (-z).mul_add(z, x);
        (z, if sized { rest / (z + z) } else { rest })
    }

    #[inline(always)]
    fn range<T: Storage>() -> [Bits<T>; 2] {
        [Bits::<T>::ZERO, T::INFINITY]
    }

    #[inline(always)]
    fn is_unsure<T: Storage>(self, [x]: [T; 1]) -> Bits<T> {
        magnitude(x).less(small::<T>())
    }

    #[inline(always)]
    fn is_ordinary<T: Storage>(self, [x]: [T; 1]) -> Bits<T> {
        // Neither are negative numbers, whose root is NaN.
        Bits::<T>::mask(x > T::zero()) & is_finite(x)
    }
}

impl WithError<3> for Fma {
    const KNOWN: Known = Known::Size;
    const SUM: bool = true;

    #[inline(always)]
    fn with_error<T: Storage>(self, [x, y, z]: [T; 3], _sized: bool) -> (T, T) {
        let nearest = x.mul_add(y, z);
        let (product, low) = two_product(x, y);
        let (sum, lowest) = two_sum(z, low);
        let (high, middle) = two_sum(product, sum);
        // Exact but for the last addition, which keeps the sign.
        let error = ((high - nearest) + middle) + lowest;
        (signed_zero(nearest, product, z, self.down), error)
    }

    #[inline(always)]
    fn range<T: Storage>() -> [Bits<T>; 2] {
        [Bits::<T>::ZERO, large::<T>()]
    }

    #[inline(always)]
    fn is_unsure<T: Storage>(self, [x, y, _]: [T; 3]) -> Bits<T> {
        is_unsure(x, y, x * y)
    }

    #[inline(always)]
    fn is_ordinary<T: Storage>(self, args: [T; 3]) -> Bits<T> {
        are_finite(args)
    }
}

/// All ones where the product of two finite numbers may be inexact with its error.
#[inline(always)]
fn is_unsure<T: Storage>(x: T, y: T, product: T) -> Bits<T> {
    !lies_in(magnitude(product), [small::<T>(), large::<T>()]) & are_nonzero([x, y])
}

macro_rules! to_odd_by_error {
    ($(<$n:literal> $name:ident;)*) => {$(
        impl Operation<$n> for $name {
            #[inline(always)]
            fn odd<T: Storage>(self, args: [T; $n]) -> (T, Bits<T>) {
                let (z, error) = self.with_error(args, false);
                let open = !lies_in(magnitude(z), Self::range::<T>()) | self.is_unsure(args);
                (positive_nan(to_odd(z, error)), open & self.is_ordinary(args))
            }
        }
    )*};
}

to_odd_by_error! {
    <1> Sqrt;
    <2> Add;
    <2> Mul;
    <2> Div;
    <3> Fma;
}

/// All ones where the product of two finite numbers is infinite.
#[inline(always)]
fn is_overflow<T: Storage>(x: T, y: T, product: T) -> Bits<T> {
    !is_finite(product) & is_finite(x) & is_finite(y)
}

/// A partial sum: its value rounded to odd, and all ones where that is not exact.
#[derive(Clone, Copy)]
struct Partial<T: Storage> {
    value: T,
    inexact: Bits<T>,
}

impl<T: Storage> Partial<T> {
    #[inline(always)]
    fn of_sum(x: T, y: T) -> Self {
        let (z, error) = two_sum(x, y);
        Self { value: to_odd(z, error), inexact: is_inexact(error) }
    }

    /// x + self rounded to odd; and all ones where that may be wrong. An inexact partial sum must lie so
    /// far below x that its last bit is below that of the sum.
    #[inline(always)]
    fn below(self, x: T) -> (Self, Bits<T>) {
        let (z, error) = two_sum(x, self.value);
        let four = T::one() + T::one() + T::one() + T::one();
        let near = Bits::<T>::mask(x.abs() < four * self.value.abs());
        let nonzero = !Bits::<T>::mask(x == T::zero());
        let sum = Self { value: to_odd(z, error), inexact: is_inexact(error) | self.inexact };
        (sum, self.inexact & near & nonzero)
    }
}

impl Operation<3> for Sum {
    #[inline(always)]
    fn odd<T: Storage>(self, [x, y, z]: [T; 3]) -> (T, Bits<T>) {
        let (first, rest) = two_sum(x, y);
        let (high, low) = two_sum(first, z);
        let (sum, unsure) = Partial::of_sum(low, rest).below(high);
        let large = large::<T>();
        let big = !magnitude(first).less(large) | !magnitude(high).less(large);
        let finite = is_finite(x) & is_finite(y);
        // An infinity of the first two, finite, must not meet one that is an operand.
        let open = finite & ((unsure | big) & is_finite(z) | !is_finite(first));
        // Where an operand is infinite or NaN, so is the plain sum.
        let special = !is_finite(high) & !open;
        let value = T::from_bits(select(special, high.bits(), sum.value.bits()));
        let any = T::from_bits(x.bits() | y.bits());
        // A zero has the sign of all operands, or the mode's.
        let all = x.bits() & y.bits() & z.bits() & sign_bit::<T>();
        let value = T::from_bits(value.bits() | all & Bits::<T>::mask(value == T::zero()));
        (positive_nan(signed_zero(value, any, z, self.down)), open)
    }
}

impl Operation<4> for Dot {
    #[inline(always)]
    fn odd<T: Storage>(self, [x, y, z, w]: [T; 4]) -> (T, Bits<T>) {
        let (first, first_low) = two_product(x, y);
        let (second, second_low) = two_product(z, w);
        let (high, e) = two_sum(first, second);
        let (g, h) = two_sum(first_low, second_low);
        let (middle, f) = two_sum(e, g);
        let (low, unsure) = Partial::of_sum(f, h).below(middle);
        let (sum, unsure_too) = low.below(high);
        let big = !magnitude(high).less(large::<T>());
        let unsure = unsure | unsure_too | big | is_unsure(x, y, first) | is_unsure(z, w, second);
        let finite = is_finite(x) & is_finite(y) & is_finite(z) & is_finite(w);
        let value = T::from_bits(select(finite, sum.value.bits(), high.bits()));
        let overflows = is_overflow(x, y, first) | is_overflow(z, w, second);
        let all = first.bits() & second.bits() & sign_bit::<T>();
        let value = T::from_bits(value.bits() | all & Bits::<T>::mask(value == T::zero()));
        (positive_nan(signed_zero(value, first, second, self.down)), unsure & finite | overflows)
    }
}
