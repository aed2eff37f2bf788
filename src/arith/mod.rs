//! Arithmetic: the exact result of an operation, rounded once.
//!
//! `odd` has the operations in the storage type, rounded to odd, `wide` and `exact` what the storage type
//! has no room for, `steps` those that a loop does together with the rounding, `scalar` and `slice` one
//! operation and many (`loops`, `chunks`), `integer` the conversions, `text` numbers read. The methods that a user calls are in
//! `rounder`.

mod chunks;
mod exact;
mod integer;
mod loops;
mod odd;
mod scalar;
mod slice;
mod steps;
mod text;
mod wide;

pub use integer::Integer;
pub(crate) use integer::{
    from_integer, to_integer, to_integer_flags, to_integral, to_integral_inexact, wide_integer,
};
pub(crate) use odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum};
pub(crate) use scalar::defined;
pub(crate) use slice::{map, map_exact, map_exact_from, map_from};
pub(crate) use text::parsed;

use self::chunks::one_by_one;
use self::odd::positive_nan;
use self::scalar::{of_members, one};
use crate::chop::{self, Chop, Draws};
use crate::rounding::Rounding;
use crate::rounding::random::Source;
use crate::storage::{Storage, compiled_here, narrowed};

/// Whether exact zero sums are -0.
#[inline(always)]
fn down(rounder: &impl Draws) -> bool {
    // Not by the decision, of which the compiler makes a jump for each mode, with the operands in memory.
    rounder.chop_ref().rounding() == Rounding::Down
}

impl Add {
    /// x + y, with the zeros of a rounding.
    #[inline(always)]
    pub(crate) fn plus(rounder: &impl Draws) -> Self {
        Self { subtract: false, down: down(rounder) }
    }

    /// x - y.
    #[inline(always)]
    pub(crate) fn minus(rounder: &impl Draws) -> Self {
        Self { subtract: true, down: down(rounder) }
    }
}

macro_rules! with_zeros {
    ($($name:ident)*) => {$(
        impl $name {
            /// The operation with the zeros of a rounding.
            #[inline(always)]
            pub(crate) fn by(rounder: &impl Draws) -> Self {
                Self { down: down(rounder) }
            }
        }
    )*};
}

with_zeros! { Fma Sum Dot }

macro_rules! operations {
    ($($name:ident($($x:ident),+): |$rounder:ident| $op:expr;)*) => {$(
        #[inline(always)]
        pub(crate) fn $name<T: Storage>($rounder: &impl Draws, $($x: T),+) -> T {
            one($rounder, $op, [$($x),+])
        }
    )*

    /// The operations where nothing is known of the rounding, so that inlining them all would gain nothing.
    pub(crate) mod called {
        use super::{Add, Div, Dot, Draws, Fma, Mul, Sqrt, Storage, Sum, one};
        $(
            #[inline]
            #[allow(dead_code, reason = "scopes have no sums of three and of products")]
            pub(crate) fn $name<T: Storage>($rounder: &impl Draws, $($x: T),+) -> T {
                one($rounder, $op, [$($x),+])
            }
        )*
    }};
}

operations! {
    add(x, y): |rounder| Add::plus(rounder);
    sub(x, y): |rounder| Add::minus(rounder);
    mul(x, y): |rounder| Mul;
    div(x, y): |rounder| Div;
    sqrt(x): |rounder| Sqrt;
    fma(x, y, z): |rounder| Fma::by(rounder);
    sum(x, y, z): |rounder| Sum::by(rounder);
    dot(x, y, z, w): |rounder| Dot::by(rounder);
}

pub(crate) fn remainder<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
    chop::one(rounder, positive_nan(nearest_remainder([x, y])))
}

pub(crate) fn fmod<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
    chop::one(rounder, positive_nan(truncated_remainder([x, y])))
}

// The remainders of storage values are storage values: exact. In `f64`, which is exact for `f32` too.

#[inline]
fn nearest_remainder<T: Storage>([x, y]: [T; 2]) -> T {
    narrowed(libm::remainder(x.widen(), y.widen()))
}

#[inline]
fn truncated_remainder<T: Storage>([x, y]: [T; 2]) -> T {
    narrowed(libm::fmod(x.widen(), y.widen()))
}

compiled_here! {
    /// The IEEE remainder of each pair.
    pub(crate) fn nearest_remainders<T>(operands: [&[T]; 2], to: &mut [T]) = run_nearest_remainders;

    /// The remainder of truncated division of each pair.
    pub(crate) fn truncated_remainders<T>(operands: [&[T]; 2], to: &mut [T])
        = run_truncated_remainders;
}

#[inline(always)]
fn run_nearest_remainders<T: Storage>(operands: [&[T]; 2], to: &mut [T]) {
    one_by_one(operands, to, |pair| positive_nan(nearest_remainder(pair)));
}

#[inline(always)]
fn run_truncated_remainders<T: Storage>(operands: [&[T]; 2], to: &mut [T]) {
    one_by_one(operands, to, |pair| positive_nan(truncated_remainder(pair)));
}

/// The operations on operands that are known to be numbers of the format, NaN and infinities included:
/// the same results, faster in the nearest modes.
pub(crate) mod members {
    use super::{Add, Div, Draws, Mul, Sqrt, Storage, of_members};

    #[inline(always)]
    pub(crate) fn add<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
        of_members(rounder, Add::plus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn sub<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
        of_members(rounder, Add::minus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn mul<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
        of_members(rounder, Mul, [x, y])
    }

    #[inline(always)]
    pub(crate) fn div<T: Storage>(rounder: &impl Draws, x: T, y: T) -> T {
        of_members(rounder, Div, [x, y])
    }

    #[inline(always)]
    pub(crate) fn sqrt<T: Storage>(rounder: &impl Draws, x: T) -> T {
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
        return map_from(chop, source, origin, Div, args, to);
    }
    // One by one is faster than padded to a block.
    for (i, y) in to.iter_mut().enumerate() {
        let index = origin.wrapping_add(i as u64);
        *y = scalar::one_with(chop, source, index, Div, [args[0][i], args[1][i]]);
    }
}
