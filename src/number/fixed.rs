//! Format and mode in the type: the traits that name them, and the context made of both.

use core::fmt::Debug;
use core::marker::PhantomData;

use super::context::{self, sealed};
use crate::arith::{self, members};
use crate::chop::{Chop, by_constant};
use crate::definition::Rule;
use crate::definition::real::Real;
use crate::format::Format;
use crate::rounding::{Overflow, Rounding, Underflow};
use crate::storage::{Storage, narrowed};

/// A format as a type, for [`Lp`](super::Lp): implement it for formats of your own.
///
/// The storage type holds the values. A format that has numbers which the storage lacks is cut down to
/// what both have, as [`Chop`] does it. `f32` takes half the room; `f64` is faster where products of
/// the format's numbers leave the range of `f32` or have more bits than it.
///
/// ```
/// use lowprec::number::{StaticFormat, TowardZero};
/// use lowprec::{Format, Lp, Overflow};
///
/// #[derive(Clone, Copy, Debug)]
/// struct Fp6;
///
/// impl StaticFormat for Fp6 {
///     type Storage = f32;
///     const FORMAT: Format = match Format::new(3, 2) {
///         Ok(format) => format,
///         Err(_) => panic!("3 and 2 bits are within the limits"),
///     };
///     const OVERFLOW: Overflow = Overflow::Saturate;
/// }
///
/// let x = Lp::<Fp6>::from_f64(9.0);
/// assert_eq!((x * x).to_f64(), 14.0);                       // the largest
/// assert_eq!(Lp::<Fp6, TowardZero>::from_f64(9.9).to_f64(), 8.0);
/// ```
pub trait StaticFormat: Copy + Debug + Send + Sync + 'static {
    /// What holds the values: `f32` or `f64`.
    type Storage: Storage;
    /// The format.
    const FORMAT: Format;
    /// What becomes of values beyond the range.
    const OVERFLOW: Overflow = Overflow::Ieee;
    /// What becomes of values below the smallest normal number.
    const UNDERFLOW: Underflow = Underflow::Gradual;
}

/// A deterministic rounding mode as a type, for [`Lp`](super::Lp). Sealed: the nine are there. A
/// stochastic mode needs a generator, which a type has not: see [`with`](super::with).
pub trait StaticRounding: Copy + Debug + Send + Sync + 'static + modes::Sealed {
    /// The mode.
    const ROUNDING: Rounding;
}

pub(super) mod modes {
    pub trait Sealed {}
}

/// The context of [`Lp`](super::Lp): format and mode are in the type.
pub struct Static<F, R>(PhantomData<fn() -> (F, R)>);

impl<F, R> Clone for Static<F, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<F, R> Copy for Static<F, R> {}

impl<F: StaticFormat, R: StaticRounding> Debug for Static<F, R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        Self::CHOP.fmt(f)
    }
}

impl<F: StaticFormat, R: StaticRounding> Static<F, R> {
    /// A constant, so that the compiler knows all that depends on it.
    const CHOP: Chop = Chop::from_rule(Rule {
        format: F::FORMAT,
        rounding: R::ROUNDING,
        overflow: F::OVERFLOW,
        underflow: F::UNDERFLOW,
    });

    const DOWNWARD: Chop = context::downward(&Self::CHOP);
}

/// Every value is a number of the format, which the faster ways of `members` ask for.
impl<F: StaticFormat, R: StaticRounding> sealed::Context for Static<F, R> {
    type Storage = F::Storage;

    #[inline]
    fn chop() -> Chop {
        Self::CHOP
    }

    #[inline]
    fn rounding_down() -> Chop {
        Self::DOWNWARD
    }

    #[inline]
    fn plain(x: f64) -> F::Storage {
        Self::round_f64(x)
    }

    #[inline]
    fn round(x: F::Storage) -> F::Storage {
        by_constant(&Self::CHOP, x)
    }

    #[inline]
    fn round_f64(x: f64) -> F::Storage {
        if context::rounds_in_double::<F::Storage>(&Self::CHOP) {
            return narrowed(by_constant(&Self::CHOP, x));
        }
        context::round_f64(&Self::CHOP, x)
    }

    #[inline]
    fn round_sum(x: f64, y: f64) -> F::Storage {
        context::round_sum(&Self::CHOP, x, y)
    }

    fn round_real(x: Real) -> F::Storage {
        context::round_real(&Self::CHOP, x)
    }

    #[inline]
    fn add(x: F::Storage, y: F::Storage) -> F::Storage {
        members::add(&Self::CHOP, x, y)
    }

    #[inline]
    fn sub(x: F::Storage, y: F::Storage) -> F::Storage {
        members::sub(&Self::CHOP, x, y)
    }

    #[inline]
    fn mul(x: F::Storage, y: F::Storage) -> F::Storage {
        members::mul(&Self::CHOP, x, y)
    }

    #[inline]
    fn div(x: F::Storage, y: F::Storage) -> F::Storage {
        members::div(&Self::CHOP, x, y)
    }

    #[inline]
    fn fmod(x: F::Storage, y: F::Storage) -> F::Storage {
        arith::fmod(&Self::CHOP, x, y)
    }

    #[inline]
    fn remainder(x: F::Storage, y: F::Storage) -> F::Storage {
        arith::remainder(&Self::CHOP, x, y)
    }

    #[inline]
    fn sqrt(x: F::Storage) -> F::Storage {
        members::sqrt(&Self::CHOP, x)
    }

    #[inline]
    fn fma(x: F::Storage, y: F::Storage, z: F::Storage) -> F::Storage {
        arith::fma(&Self::CHOP, x, y, z)
    }

    #[inline]
    fn neg(x: F::Storage) -> F::Storage {
        context::negated(&Self::CHOP, x)
    }
}
