//! The loops around the rounding: values scaled, integers to codes, codes to values.

use crate::level::{self, Work};
use crate::storage::{Storage, compiled_here};

/// The least and the largest code.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Bounds {
    /// Whether a number is a code. All are below 2^53, so that an `i64` need not be exact to tell.
    #[inline(always)]
    pub(super) fn contain(self, code: f64) -> bool {
        self.low <= code && code <= self.high
    }
}

struct Scaled<'a, T> {
    from: &'a [T],
    factor: f64,
    to: &'a mut [f64],
}

impl<T: Storage> Work for Scaled<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { from, factor, to } = self;
        for (x, y) in from.iter().zip(to) {
            *y = scaled_one(x.widen(), factor);
        }
    }
}

#[inline(always)]
pub(super) fn scaled_one(x: f64, factor: f64) -> f64 {
    let product = x * factor;
    let finite = product.clamp(-f64::MAX, f64::MAX);
    if x.is_finite() { finite } else { product }
}

compiled_here! {
    /// Values times a power of two of at least one, exactly; those beyond `f64` become its largest, like them
    /// beyond all codes and a multiple of their number.
    pub(super) fn scaled<T>(from: &[T], factor: f64, to: &mut [f64]) = run_scaled;

    /// Values in place, clamped to two that the storage type has; zeros without a sign.
    pub(super) fn clamped<T>(values: &mut [T], low: f64, high: f64) = run_clamped;

    /// Codes times a power of two, at most `largest`, in the storage type.
    pub(super) fn steps<T>(codes: &[f64], quantum: f64, maximum: f64, to: &mut [T]) = run_steps;

    /// Values of codes.
    pub(super) fn multiplied<T>(codes: &[f64], zero: &[f64], scale: &[f64], to: &mut [T])
        = run_multiplied;
}

#[inline(always)]
fn run_scaled<T: Storage>(from: &[T], factor: f64, to: &mut [f64]) {
    level::run(Scaled { from, factor, to });
}

struct Bounded<'a> {
    y: &'a mut [f64],
    zero: &'a [f64],
    bounds: Bounds,
}

impl Work for Bounded<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { y, zero, bounds } = self;
        for (y, zero) in y.iter_mut().zip(zero) {
            *y = bounded_one(*y, *zero, bounds);
        }
    }
}

/// A zero point of +0 makes of -0 the only zero that integers have.
#[inline(always)]
pub(super) fn bounded_one(y: f64, zero: f64, bounds: Bounds) -> f64 {
    let (y, Bounds { low, high }) = (y + zero, bounds);
    let y = if y < low { low } else { y };
    if y > high { high } else { y }
}

/// Integers plus zero points, clamped to the codes.
pub(super) fn bounded(y: &mut [f64], zero: &[f64], bounds: Bounds) {
    level::run(Bounded { y, zero, bounds });
}

struct Clamped<'a, T> {
    values: &'a mut [T],
    low: T,
    high: T,
}

impl<T: Storage> Work for Clamped<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { values, low, high } = self;
        for y in values {
            let number = if *y < low { low } else { *y };
            let number = if number > high { high } else { number };
            *y = number + T::zero();
        }
    }
}

#[inline(always)]
fn run_clamped<T: Storage>(values: &mut [T], low: f64, high: f64) {
    level::run(Clamped { values, low: cast(low), high: cast(high) });
}

struct Wrapped<'a> {
    y: &'a mut [f64],
    bounds: Bounds,
}

impl Work for Wrapped<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { y, bounds } = self;
        for y in y {
            *y = wrapped_one(*y, bounds);
        }
    }
}

/// Exact, all of it: a power of two, integers, a remainder. Infinity becomes NaN.
#[inline(always)]
pub(super) fn wrapped_one(y: f64, bounds: Bounds) -> f64 {
    let Bounds { low, high } = bounds;
    let count = high - low + 1.0;
    let rest = y - count * (y * count.recip()).floor();
    if rest > high { rest - count } else { rest }
}

/// The codes equal to integers modulo the number of codes, a power of two; NaN for infinities.
pub(super) fn wrapped(y: &mut [f64], bounds: Bounds) {
    level::run(Wrapped { y, bounds });
}

struct Steps<'a, T> {
    codes: &'a [f64],
    quantum: f64,
    maximum: f64,
    to: &'a mut [T],
}

impl<T: Storage> Work for Steps<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { codes, quantum, maximum, to } = self;
        for (code, y) in codes.iter().zip(to) {
            *y = step(*code, quantum, maximum);
        }
    }
}

#[inline(always)]
pub(super) fn step<T: Storage>(code: f64, quantum: f64, maximum: f64) -> T {
    let number = code * quantum;
    cast(if number > maximum { maximum } else { number })
}

fn run_steps<T: Storage>(codes: &[f64], quantum: f64, maximum: f64, to: &mut [T]) {
    level::run(Steps { codes, quantum, maximum, to });
}

struct Multiplied<'a, T> {
    codes: &'a [f64],
    zero: &'a [f64],
    scale: &'a [f64],
    to: &'a mut [T],
}

impl<T: Storage> Work for Multiplied<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { codes, zero, scale, to } = self;
        for (((code, zero), scale), y) in codes.iter().zip(zero).zip(scale).zip(to) {
            *y = product(code - zero, *scale);
        }
    }
}

/// k·scale rounded once to the storage type.
#[inline(always)]
pub(super) fn product<T: Storage>(k: f64, scale: f64) -> T {
    let p = k * scale;
    if T::PRECISION == f64::MANTISSA_DIGITS {
        return cast(p);
    }
    // To odd in f64, then to nearest in f32: two bits more are enough for the second to be right.
    let rest = k.mul_add(scale, -p);
    let inexact = u64::from(rest != 0.0 && p.is_finite()).wrapping_neg();
    let opposed = (rest.to_bits() ^ p.to_bits()) >> 63;
    cast(f64::from_bits(p.to_bits().wrapping_sub(opposed & inexact) | inexact & 1))
}

/// To the nearest value of the storage type.
#[inline(always)]
pub(super) fn cast<T: Storage>(x: f64) -> T {
    T::from(x).unwrap_or_else(T::nan)
}

#[inline(always)]
fn run_multiplied<T: Storage>(codes: &[f64], zero: &[f64], scale: &[f64], to: &mut [T]) {
    level::run(Multiplied { codes, zero, scale, to });
}
