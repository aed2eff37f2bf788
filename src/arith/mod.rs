//! Arithmetic: the exact result of an operation, rounded once.
//!
//! `odd` has the operations in the storage type, rounded to odd, `wide` and `exact` what the storage type
//! has no room for, `steps` those that a loop does together with the rounding, `scalar` and `slice` one
//! operation and many (`loops`, `chunks`), `integer` the conversions; `methods` and `maps` are what a user calls.

mod chunks;
mod exact;
mod integer;
mod loops;
mod maps;
mod methods;
mod odd;
mod scalar;
mod slice;
mod steps;
mod wide;

pub use integer::Integer;
pub(crate) use integer::wide_integer;

use self::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum, positive_nan};
use crate::chop::{Chop, Rounder, one};
use crate::rounding::random::Source;
use crate::rounding::{Decision, Direction};
use crate::storage::{Storage, narrowed};

/// Whether exact zero sums are -0.
#[inline(always)]
fn down(rounder: &impl Rounder) -> bool {
    let decision = rounder.chop_ref().rounding().decision();
    matches!(decision, Decision::Directed(Direction::Down))
}

#[inline(always)]
fn plus(rounder: &impl Rounder) -> Add {
    Add { subtract: false, down: down(rounder) }
}

#[inline(always)]
fn minus(rounder: &impl Rounder) -> Add {
    Add { subtract: true, down: down(rounder) }
}

/// The remainders of storage values are storage values: exact. In `f64`, which is exact for `f32` too.
#[inline]
fn remainder<T: Storage>(x: T, y: T, to_nearest: bool) -> T {
    let (x, y) = (x.widen(), y.widen());
    let rest = if to_nearest { libm::remainder(x, y) } else { libm::fmod(x, y) };
    narrowed(rest)
}

/// Operations of which the exact result is rounded once, for code that takes a [`Chop`] or a
/// [`Stream`](crate::Stream); both have the same methods of their own.
///
/// Operands are any values of the storage type, numbers of the format or not: so the product of two FP8
/// numbers can be rounded into bfloat16. A NaN result is the quiet positive one, but an overflow that becomes
/// NaN keeps its sign; zeros have their signs by IEEE 754-2019 6.3. In a stochastic mode each operation
/// takes one position.
///
/// ```
/// use lowprec::{Arithmetic, Chop, Format, Rounding};
/// fn polynomial<A: Arithmetic>(arith: &A, coefficients: &[f64], x: f64) -> f64 {
///     coefficients.iter().fold(0.0, |y, &c| arith.fma(y, x, c))
/// }
/// let up = Chop::new(Format::BINARY16, Rounding::Up);
/// let down = Chop::new(Format::BINARY16, Rounding::Down);
/// let e = [1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
/// assert!(polynomial(&down, &e, 0.3) < polynomial(&up, &e, 0.3));
/// ```
pub trait Arithmetic: Rounder + Sized {
    /// x + y.
    #[must_use]
    #[inline]
    fn add<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, plus(self), [x, y])
    }

    /// x - y.
    #[must_use]
    #[inline]
    fn sub<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, minus(self), [x, y])
    }

    /// x·y.
    #[must_use]
    #[inline]
    fn mul<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, Mul, [x, y])
    }

    /// x / y.
    #[must_use]
    #[inline]
    fn div<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, Div, [x, y])
    }

    /// √x.
    #[must_use]
    #[inline]
    fn sqrt<T: Storage>(&self, x: T) -> T {
        scalar::one(self, Sqrt, [x])
    }

    /// x·y + z.
    #[must_use]
    #[inline]
    fn fma<T: Storage>(&self, x: T, y: T, z: T) -> T {
        scalar::one(self, Fma { down: down(self) }, [x, y, z])
    }

    /// x + y + z.
    #[must_use]
    #[inline]
    fn sum<T: Storage>(&self, x: T, y: T, z: T) -> T {
        scalar::one(self, Sum { down: down(self) }, [x, y, z])
    }

    /// x·y + z·w.
    #[must_use]
    #[inline]
    fn dot<T: Storage>(&self, x: T, y: T, z: T, w: T) -> T {
        scalar::one(self, Dot { down: down(self) }, [x, y, z, w])
    }

    /// The IEEE remainder, [`Binary::Remainder`](crate::Binary::Remainder).
    #[must_use]
    fn remainder<T: Storage>(&self, x: T, y: T) -> T {
        one(self, positive_nan(remainder(x, y, true)))
    }

    /// The remainder of truncated division, [`Binary::Fmod`](crate::Binary::Fmod).
    #[must_use]
    fn fmod<T: Storage>(&self, x: T, y: T) -> T {
        one(self, positive_nan(remainder(x, y, false)))
    }
}

impl<R: Rounder> Arithmetic for R {}

/// The operations on operands that are known to be numbers of the format, NaN and infinities included:
/// the same results, sooner in the nearest modes.
pub(crate) mod members {
    use super::odd::{Div, Mul, Sqrt};
    use super::scalar::of_members;
    use super::{Rounder, Storage, minus, plus};

    #[inline(always)]
    pub(crate) fn add<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, plus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn sub<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, minus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn mul<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, Mul, [x, y])
    }

    #[inline(always)]
    pub(crate) fn div<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, Div, [x, y])
    }

    #[inline(always)]
    pub(crate) fn sqrt<T: Storage>(rounder: &impl Rounder, x: T) -> T {
        of_members(rounder, Sqrt, [x])
    }
}

/// Quotients into a slice with random bits from a source, of which the first result is element `origin`.
pub(crate) fn quotients_with<T: Storage>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    args: [&[T]; 2],
    to: &mut [T],
) {
    const FEW: usize = 4;
    if to.len() > FEW {
        return slice::map_with(chop, source, origin, Div, args, to);
    }
    // One by one is sooner than padded to a block.
    for (i, y) in to.iter_mut().enumerate() {
        let index = origin.wrapping_add(i as u64);
        *y = scalar::one_with(chop, source, index, Div, [args[0][i], args[1][i]]);
    }
}
