//! `Context`: where a number finds its format and mode. All that the number types share is written over it.

use crate::arith;
use crate::chop::{Chop, Draws, one};
use crate::definition::real::{ONE, Real};
use crate::definition::{Rule, reference};
use crate::format::Datum;
use crate::rounding::{Overflow, Rounding};
use crate::storage::{Storage, narrowed};

/// Where the numbers of a type find their format and mode: in the type itself
/// ([`Static`](super::Static)) or in a scope ([`Dynamic`](super::Dynamic)). Sealed.
pub trait Context: sealed::Context {}

impl<C: sealed::Context> Context for C {}

pub(crate) mod sealed {
    use super::{Chop, Real, Storage};

    /// The exact result of each operation, rounded once.
    pub trait Context: Copy + Send + Sync + 'static {
        /// What holds the values.
        type Storage: Storage;

        /// The rounding, for questions about the format.
        #[track_caller]
        fn chop() -> Chop;
        /// Toward minus infinity into the same format, saturating: what random numbers are rounded by.
        #[track_caller]
        fn rounding_down() -> Chop;
        /// Zero or one, without a scope where the type needs one.
        fn plain(x: f64) -> Self::Storage;
        #[track_caller]
        fn round(x: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn round_f64(x: f64) -> Self::Storage;
        #[track_caller]
        fn round_sum(x: f64, y: f64) -> Self::Storage;
        #[track_caller]
        fn round_real(x: Real) -> Self::Storage;
        #[track_caller]
        fn add(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn sub(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn mul(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn div(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn fmod(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn remainder(x: Self::Storage, y: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn sqrt(x: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn fma(x: Self::Storage, y: Self::Storage, z: Self::Storage) -> Self::Storage;
        #[track_caller]
        fn neg(x: Self::Storage) -> Self::Storage;
    }
}

/// The rounding toward minus infinity into the same format, saturating.
pub(super) const fn downward(chop: &Chop) -> Chop {
    let rule = chop.rule();
    Chop::from_rule(Rule { rounding: Rounding::Down, overflow: Overflow::Saturate, ..rule })
}

/// Whether rounding in `f64` gives what rounding in the storage type would.
#[inline]
pub(super) fn rounds_in_double<T: Storage>(rounder: &impl Draws) -> bool {
    T::PRECISION == f64::PRECISION || rounder.chop_ref().plan::<f64>().in_single
}

/// Any `f64` rounded once to the format in the storage type.
#[inline]
pub(super) fn round_f64<T: Storage>(rounder: &impl Draws, x: f64) -> T {
    if rounds_in_double::<T>(rounder) {
        return narrowed(one(rounder, x));
    }
    match x.is_nan() {
        true => one(rounder, if x.is_sign_negative() { -T::nan() } else { T::nan() }),
        false => round_real(rounder, Real::of(Datum::from_f64(x))),
    }
}

/// x + y rounded once, for constants of more bits than `f64` has.
#[inline]
pub(super) fn round_sum<T: Storage>(rounder: &impl Draws, x: f64, y: f64) -> T {
    if rounds_in_double::<T>(rounder) {
        return narrowed(arith::add(rounder, x, y));
    }
    let terms = [(Datum::from_f64(x), ONE), (Datum::from_f64(y), ONE)];
    round_real(rounder, Real::sum_of_products(&terms, false).0)
}

/// Any exact number rounded once; a stochastic mode takes one position.
pub(super) fn round_real<T: Storage>(rounder: &impl Draws, exact: Real) -> T {
    arith::defined(rounder, |rule, bits| reference::round_drawing(exact, rule, bits))
}

/// -x, which is exact and draws nothing: the sign alone, but where the format has no minus zero or no
/// negative numbers.
#[inline]
pub(super) fn negated<T: Storage>(chop: &Chop, x: T) -> T {
    if chop.format().has_negative_zero() {
        return -x;
    }
    reference::chop(-x, &chop.rule(), &[])
}
