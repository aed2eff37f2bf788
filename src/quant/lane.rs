//! One number rounded to a whole one without a branch, and the loops over chunks.
//!
//! For |y| below 2^52 the sum |y| + 2^52 is |y| rounded to nearest even, its last bit the parity of the
//! whole number; one less where it was rounded up gives ⌊|y|⌋ and, exactly, the fraction cut off.

use crate::level::{self, Work};
use crate::storage::Storage;

/// Above every `f64` that has a fraction.
const C: f64 = (1_u64 << 52) as f64;

/// The codes there are, and whether others are reduced modulo their number: not done here, but marked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) wraps: bool,
}

/// A chunk of numbers on their way to codes.
#[derive(Debug)]
pub(super) struct Chunk<'a> {
    /// Scaled values, then codes.
    pub(super) y: &'a mut [f64],
    /// What is added to each after rounding.
    pub(super) zero: &'a [f64],
    /// All ones where the definition must decide: set before where the scaling could not be trusted.
    pub(super) marks: &'a mut [u64],
}

/// ⌊a⌋, its parity and a - ⌊a⌋, for a ≥ 0.
#[inline(always)]
fn split(a: f64) -> (f64, bool, f64) {
    let sum = a + C;
    let up = sum - C > a;
    let bits = sum.to_bits().wrapping_sub(u64::from(up));
    let floor = f64::from_bits(bits) - C;
    let big = a >= C;
    // From 2^52 on there is no fraction: infinity would make one that is NaN.
    (if big { a } else { floor }, bits & 1 == 1, if big { 0.0 } else { a - floor })
}

#[inline(always)]
fn mask(condition: bool) -> u64 {
    u64::from(condition).wrapping_neg()
}

/// The code of a whole number, and a mark where it must be reduced.
#[inline(always)]
fn bounded(whole: f64, zero: f64, bounds: Bounds) -> (f64, u64) {
    // A zero point of +0 makes of -0 the only zero that integers have.
    let code = whole + zero;
    let beyond = code < bounds.low || code > bounds.high;
    let high = if code > bounds.high { bounds.high } else { code };
    let clamped = if code < bounds.low { bounds.low } else { high };
    (clamped, mask(beyond && bounds.wraps))
}

struct Deterministic<'a> {
    chunk: Chunk<'a>,
    bounds: Bounds,
    cuts: [[f64; 2]; 2],
}

impl Work for Deterministic<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { chunk: Chunk { y, zero, marks }, bounds, cuts } = self;
        each(y, zero, marks, bounds, cuts)
    }
}

#[inline(always)]
fn each(
    y: &mut [f64],
    zero: &[f64],
    marks: &mut [u64],
    bounds: Bounds,
    cuts: [[f64; 2]; 2],
) -> bool {
    let mut any = 0;
    for ((y, zero), place) in y.iter_mut().zip(zero).zip(marks) {
        let (floor, odd, nu) = split(y.abs());
        let positive = if odd { cuts[0][1] } else { cuts[0][0] };
        let negative = if odd { cuts[1][1] } else { cuts[1][0] };
        let cut = if y.is_sign_negative() { negative } else { positive };
        let whole = floor + if nu > cut { 1.0 } else { 0.0 };
        let (code, mark) = bounded(whole.copysign(*y), *zero, bounds);
        *y = code;
        *place |= mark;
        any |= *place;
    }
    any != 0
}

/// Codes by a deterministic mode, given as its cuts. Whether any mark is set.
pub(super) fn deterministic(chunk: Chunk<'_>, bounds: Bounds, cuts: [[f64; 2]; 2]) -> bool {
    level::run(Deterministic { chunk, bounds, cuts })
}

/// Which stochastic modes have a lane.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Drawn {
    /// U < ν, as far as 16 bits of U tell.
    Exact,
    /// The first random bit.
    Equal,
}

struct Stochastic<'a> {
    chunk: Chunk<'a>,
    bounds: Bounds,
    words: &'a [u32],
    drawn: Drawn,
}

impl Work for Stochastic<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { chunk: Chunk { y, zero, marks }, bounds, words, drawn } = self;
        match drawn {
            Drawn::Exact => each_drawn(y, zero, marks, words, bounds, |nu, word| {
                let (scaled, least) = (nu * 65536.0, f64::from(word >> 16));
                let away = scaled >= least + 1.0;
                (away, scaled > least && !away)
            }),
            Drawn::Equal => each_drawn(y, zero, marks, words, bounds, |nu, word| {
                (nu > 0.0 && word >> 31 == 1, false)
            }),
        }
    }
}

#[inline(always)]
fn each_drawn(
    y: &mut [f64],
    zero: &[f64],
    marks: &mut [u64],
    words: &[u32],
    bounds: Bounds,
    decide: impl Fn(f64, u32) -> (bool, bool),
) -> bool {
    let mut any = 0;
    for (((y, zero), place), word) in y.iter_mut().zip(zero).zip(marks).zip(words) {
        let (floor, _, nu) = split(y.abs());
        let (away, open) = decide(nu, *word);
        let whole = floor + if away { 1.0 } else { 0.0 };
        let (code, mark) = bounded(whole.copysign(*y), *zero, bounds);
        *y = code;
        *place |= mark | mask(open);
        any |= *place;
    }
    any != 0
}

/// Codes by a stochastic mode, a word of random bits each. Whether any mark is set.
pub(super) fn stochastic(chunk: Chunk<'_>, bounds: Bounds, words: &[u32], drawn: Drawn) -> bool {
    level::run(Stochastic { chunk, bounds, words, drawn })
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
            *y = x.widen() * factor;
        }
    }
}

/// Values times a power of two of at least one: exact, or infinite.
pub(super) fn scaled<T: Storage>(from: &[T], factor: f64, to: &mut [f64]) {
    level::run(Scaled { from, factor, to });
}

/// Smallest magnitude whose quotients [`odd_quotient`] rounds: the remainder of smaller ones may
/// underflow.
const TINY: f64 = f64::from_bits((1023 - 900) << 52);

/// x / scale rounded to odd, from which rounding to a whole number, and the first 16 digits of the
/// fraction, are those of the exact quotient.
///
/// The remainder x - q·scale is exact (a fused operation, TINY ≤ |x|, `scale` normal), so its sign says on
/// which side of q the quotient lies; then q is truncated and its last bit set.
#[inline(always)]
pub(super) fn odd_quotient(x: f64, scale: f64) -> f64 {
    let q = x / scale;
    let rest = (-q).mul_add(scale, x);
    // Quotients beyond every code need no care, and where q is infinite there is no remainder.
    let inexact = mask(rest != 0.0 && q.abs() < C);
    let opposed = (rest.to_bits() ^ q.to_bits()) >> 63;
    f64::from_bits(q.to_bits().wrapping_sub(opposed & inexact) | inexact & 1)
}

struct Divided<'a, T> {
    from: &'a [T],
    scale: &'a [f64],
    to: &'a mut [f64],
    marks: &'a mut [u64],
}

impl<T: Storage> Work for Divided<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { from, scale, to, marks } = self;
        for (((x, scale), y), place) in from.iter().zip(scale).zip(to).zip(marks) {
            let x = x.widen();
            *y = odd_quotient(x, *scale);
            *place = mask(x != 0.0 && x.abs() < TINY);
        }
    }
}

/// Quotients to odd; marks those that cannot be trusted.
pub(super) fn divided<T: Storage>(from: &[T], scale: &[f64], to: &mut [f64], marks: &mut [u64]) {
    level::run(Divided { from, scale, to, marks });
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
    // To odd in f64, then to nearest in f32: two digits more are enough for the second to be right.
    let rest = k.mul_add(scale, -p);
    let inexact = mask(rest != 0.0 && p.is_finite());
    let opposed = (rest.to_bits() ^ p.to_bits()) >> 63;
    cast(f64::from_bits(p.to_bits().wrapping_sub(opposed & inexact) | inexact & 1))
}

/// To the nearest value of the storage type.
#[inline(always)]
pub(super) fn cast<T: Storage>(x: f64) -> T {
    T::from(x).unwrap_or_else(T::nan)
}

/// Values of codes.
pub(super) fn multiplied<T: Storage>(codes: &[f64], zero: &[f64], scale: &[f64], to: &mut [T]) {
    level::run(Multiplied { codes, zero, scale, to });
}
