//! Numbers to compute with: every operation gives the exact result, rounded once.
//!
//! [`Lp`] has format and mode in its type, [`Scoped`] takes them from the scope that it is computed in.
//! Both are a [`Number`] and have the operators of `f64`, the traits of `num-traits`, text, and what the
//! features bring, so that generic code runs in low precision as it is:
//!
//! ```
//! use lowprec::Lp;
//! use lowprec::number::{Bfloat16, Binary16, Up};
//! use num_traits::Float;
//!
//! fn root<T: Float>(a: T) -> T {
//!     let half = T::one() / (T::one() + T::one());
//!     (0..6).fold(a, |x, _| half * (x + a / x))
//! }
//!
//! assert!((root(2.0_f64) - 2f64.sqrt()).abs() < 1e-15);
//! assert_eq!(root(Lp::<Binary16>::from_f64(2.0)).to_f64(), 1.4140625);
//! assert_eq!(root(Lp::<Bfloat16>::from_f64(2.0)).to_f64(), 1.4140625);
//! assert_eq!(root(Lp::<Bfloat16, Up>::from_f64(2.0)).to_f64(), 1.421875);
//! ```
//!
//! # What rounds
//!
//! `+ - * / %`, `sqrt`, `mul_add`, `recip` and conversions into the type give the exact result rounded
//! once. Elementary functions are computed in `f64` by `libm` and then rounded: right but for results
//! within about 2^-52, relative, of a midpoint (in the modes to nearest) or a number (in the others).
//! `-x`, `abs`, `copysign`, comparisons, `min`, `max` and conversions out of the type are exact.
//! `floor`, `ceil`, `round`, `trunc` and `fract` are exact too, but where a format lacks the integer.
//!
//! The sums and products of iterators go from left to right, from zero or one, each step rounded.
//! ndarray's `dot` and `sum` add in ndarray's order: eight partial sums, which are added at the end
//! (where a slice is contiguous and the type is not one of those that go to BLAS). A result in low precision
//! depends on that; write the loop where the order matters.
//!
//! Iterations that nalgebra ends by a tolerance may never end in very low precision: `complex_eigenvalues`,
//! `eigenvalues` and `Schur::new` have no limit of steps. `Schur::try_new`, `SVD::try_new` and
//! `SymmetricEigen::try_new` take a tolerance and a limit, and give `None` past it.
//!
//! A value that a format cannot express, the infinity of a format without one for instance, becomes what
//! rounding makes of it: see [`Overflow`](crate::Overflow).

mod constants;
mod context;
mod convert;
mod fixed;
mod float;
mod markers;
#[cfg(feature = "nalgebra")]
mod nalgebra;
#[cfg(feature = "ndarray")]
mod ndarray;
mod operators;
mod random;
mod scope;
#[cfg(feature = "serde")]
mod serde;
mod text;
mod traits;

use core::marker::PhantomData;

pub use self::context::Context;
pub use self::convert::ExactError;
pub use self::fixed::{Static, StaticFormat, StaticRounding};
pub use self::markers::*;
pub use self::random::UniformNumber;
pub use self::scope::{Dynamic, Scope, with};
pub use crate::arith::Integer;
#[cfg(feature = "half")]
pub use crate::chop::HalfFloat;

/// A number of low precision: [`Lp`] and [`Scoped`] are this with two kinds of context.
///
/// Equality and order are those of IEEE 754: zeros are equal, NaN equals nothing. There is no `Hash`.
pub struct Number<C: Context> {
    value: C::Storage,
    context: PhantomData<fn() -> C>,
}

/// A number whose format and mode are in the type: `Lp<Binary16>`, `Lp<Ieee<5, 7>, TowardZero>`.
///
/// The value is held in `f32` or `f64`, as the format's type says. For formats of your own implement
/// [`StaticFormat`].
///
/// ```
/// use lowprec::Lp;
/// use lowprec::number::{Binary16, OcpE4m3};
/// let x: Lp<Binary16> = "0.1".parse()?;
/// let sum: Lp<Binary16> = std::iter::repeat_n(x, 10).sum();
/// assert_eq!(sum.to_f64(), 1.0);
/// let y: Lp<OcpE4m3> = sum.convert();
/// assert_eq!(y.to_bits()?, 0x38);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An operand of another format does not compile: convert it first.
///
/// ```compile_fail,E0308
/// use lowprec::{Lp, number::{Bfloat16, Binary16}};
/// let sum = Lp::<Binary16>::from_f64(1.0) + Lp::<Bfloat16>::from_f64(1.0);
/// ```
pub type Lp<F, R = NearestEven> = Number<Static<F, R>>;

/// A number whose format and mode come from a scope, opened by [`with`](fn@with).
///
/// The value is held in `f64`. Operands from another scope are taken as they are: in an inner scope of
/// fewer bits the result is rounded to these, the operands are not.
///
/// ```
/// use lowprec::{Chop, Format, Rounding, Scoped};
/// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
/// let sum = lowprec::with(&sr, || {
///     let step = Scoped::from_f64(1e-4);
///     (0..10_000).fold(Scoped::from_f64(1.0), |sum, _| sum + step)
/// });
/// assert!((sum.to_f64() - 2.0).abs() < 0.3);
/// assert_eq!(sr.position(), 10_002);
/// ```
///
/// # Panics
///
/// What rounds panics outside of any scope, and so does what asks for the format (`epsilon`,
/// `max_value`, `to_bits`). `zero()`, `one()`, `nan()`, comparisons and `to_f64` work anywhere.
pub type Scoped = Number<Dynamic>;

impl<C: Context> Number<C> {
    /// A value as it is.
    #[inline]
    const fn of(value: C::Storage) -> Self {
        Self { value, context: PhantomData }
    }
}

impl<C: Context> Clone for Number<C> {
    #[inline]
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Context> Copy for Number<C> {}

/// Zero.
impl<C: Context> Default for Number<C> {
    fn default() -> Self {
        num_traits::Zero::zero()
    }
}
