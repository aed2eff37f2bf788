//! The operations as steps of a loop that also rounds, in two ways.
//!
//! [`Directly`]: the storage's own result. To round it to nearest once more is as good as to round once
//! where the storage's p' bits are at least 2p + 2, the operands have at most p bits, and the result
//! in the storage neither overflows nor underflows. A sum, quotient or root of such operands that lies
//! within half of the storage's last place of a midpoint between two normal numbers of the format *is*
//! that midpoint, and their product is exact (Figueroa, *When is double rounding innocuous?*, SIGNUM
//! Newsletter 30, 1995; Roux, *Innocuous double rounding of basic arithmetic operations*, J. Formaliz.
//! Reason. 7, 2014).
//!
//! [`Oddly`]: the result rounded to odd, as `odd` has it, with less to do since the loop leaves aside
//! whatever is zero, infinite, NaN, too large or too small.

use super::odd::{Add, Div, Fma, Mul, Sqrt, large, small, to_odd_by, two_product, two_sum};
use crate::definition::Rule;
use crate::kernel::Step;
use crate::kernel::plan::{Bits, Plan, power_of_two_bits};
use crate::rounding::{Decision, Tie};
use crate::storage::{Storage, Word, sign_bit};

/// An operation of the storage type, rounded to nearest even.
pub(crate) trait Plain<const N: usize>: Copy + Send + Sync {
    /// Whether it is a sum.
    const SUM: bool;
    fn plain<T: Storage>(self, args: [T; N]) -> T;
}

/// The storage's own result.
#[derive(Clone, Copy)]
pub(super) struct Directly<O>(pub(super) O);

/// The result rounded to odd.
#[derive(Clone, Copy)]
pub(super) struct Oddly<O>(pub(super) O);

/// In which nearest mode the storage's own result may be rounded, if it may.
#[inline(always)]
pub(super) fn direct_tie<T: Storage>(rule: &Rule, plan: &Plan) -> Option<Tie> {
    let precision = T::PRECISION - plan.cut;
    let room = precision >= 2 && T::PRECISION >= 2 * precision + 2;
    match rule.rounding.decision() {
        Decision::Nearest(tie) if room => Some(tie),
        _ => None,
    }
}

macro_rules! plain {
    ($(<$n:literal> $name:ident, sum $sum:literal, |$op:ident, $args:pat_param| $value:expr;)*) => {$(
        impl Plain<$n> for $name {
            const SUM: bool = $sum;
            #[inline(always)]
            fn plain<T: Storage>(self, $args: [T; $n]) -> T {
                let $op = self;
                $value
            }
        }
    )*};
}

plain! {
    <2> Add, sum true, |op, [x, y]| if op.subtract { x - y } else { x + y };
    <2> Mul, sum false, |_op, [x, y]| x * y;
    <2> Div, sum false, |_op, [x, y]| x / y;
    <1> Sqrt, sum false, |_op, [x]| x.sqrt();
}

impl<O: Plain<N>, const N: usize> Step<N> for Directly<O> {
    const DIGITS: bool = true;
    const SUM: bool = O::SUM;

    #[inline(always)]
    fn ranges<T: Storage>() -> [[Bits<T>; 2]; 2] {
        let normal = Bits::<T>::ONE << T::MANTISSA;
        [[normal, T::INFINITY], [Bits::<T>::ZERO, T::INFINITY]]
    }

    #[inline(always)]
    fn step<T: Storage>(self, args: [T; N], _one: Bits<T>) -> [T; 2] {
        [self.0.plain(args), T::zero()]
    }
}

macro_rules! oddly {
    ($(
        <$n:literal> $name:ident, sum $sum:literal, |$op:ident, $args:pat_param, $one:ident| $step:expr $(, zeros $zeros:expr)?;
        [$results:expr, $others:expr]
    )*) => {$(
        impl Step<$n> for Oddly<$name> {
            const DIGITS: bool = false;
            const SUM: bool = $sum;

            #[inline(always)]
            fn ranges<T: Storage>() -> [[Bits<T>; 2]; 2] {
                [$results, $others]
            }

            $(#[inline(always)]
            fn keeps_zeros(self) -> bool {
                let Self($op) = self;
                $zeros
            })?

            #[inline(always)]
            fn step<T: Storage>(self, $args: [T; $n], $one: Bits<T>) -> [T; 2] {
                let Self($op) = self;
                $step
            }
        }
    )*};
}

oddly! {
    <2> Add, sum true, |op, [x, y], one| {
        let (z, error) = two_sum(x, op.second(y));
        [to_odd_by(z, error, one), T::zero()]
    }, zeros !op.down;
    // Beyond `large` the error may overflow on the way.
    [[Bits::<T>::ONE, large::<T>()], [Bits::<T>::ZERO, T::INFINITY]]

    <2> Mul, sum false, |_op, [x, y], one| {
        let (z, error) = two_product(x, y);
        [to_odd_by(z, error, one), T::zero()]
    };
    [[small::<T>(), largest::<T>()], [Bits::<T>::ZERO, T::INFINITY]]

    <2> Div, sum false, |_op, [x, y], one| {
        let z = x / y;
        let rest = (-z).mul_add(y, x);
        let error = T::from_bits(rest.bits() ^ y.bits() & sign_bit::<T>());
        [to_odd_by(z, error, one), x]
    };
    [[small::<T>(), largest::<T>()], [small::<T>(), T::INFINITY]]

    <1> Sqrt, sum false, |_op, [x], one| {
        let z = x.sqrt();
        [to_odd_by(z, (-z).mul_add(z, x), one), T::zero()]
    };
    [[small_root::<T>(), T::INFINITY], [Bits::<T>::ZERO, T::INFINITY]]

    <3> Fma, sum false, |_op, [x, y, z], one| {
        let nearest = x.mul_add(y, z);
        let (product, low) = two_product(x, y);
        let (sum, lowest) = two_sum(z, low);
        let (high, middle) = two_sum(product, sum);
        let error = ((high - nearest) + middle) + lowest;
        [to_odd_by(nearest, error, one), product]
    };
    [[Bits::<T>::ONE, large::<T>()], [small::<T>(), large::<T>()]]
}

/// The storage's largest number, which infinity becomes when rounded to odd.
#[inline(always)]
fn largest<T: Storage>() -> Bits<T> {
    T::INFINITY.wrapping_sub(Bits::<T>::ONE)
}

/// The root of a number that is not small.
#[inline(always)]
fn small_root<T: Storage>() -> Bits<T> {
    Bits::<T>::from_u64(power_of_two_bits::<T>((T::EMIN + T::PRECISION as i32 + 2) / 2))
}
