//! The definition: what rounding a number to a format *is*, in integer arithmetic.
//!
//! Slow and meant to be read. Every fast path of the crate equals it bit for bit; where they differ,
//! this module is right. It follows IEEE 754-2019 and, where that is silent (saturation, unsigned
//! formats, stochastic modes), the IEEE P3109 Interim Report v4.0 (draft, 26 June 2026).
//!
//! A finite nonzero x is ±M·2^E with integers M and E. Rounding it takes five steps:
//!
//! 1. the *quantum* 2^q at x: the distance between the format's neighbours of x (`Grid`);
//! 2. k = ⌊|x| / 2^q⌋ and the fraction cut off ν = |x| / 2^q - k, both exact;
//! 3. the decision: k or k + 1 ([`rounds_away`], the only place where modes differ);
//! 4. underflow: flush a result below the smallest normal number, if asked to;
//! 5. overflow: replace a result beyond the largest finite number. Rounding comes first, overflow
//!    second (P3109 4.7.4–5), so step 2 goes on beyond the range as if the exponent had no limit.
//!
//! Arithmetic is the same with the exact result of an operation in place of x: a sum, product,
//! remainder, quotient or square root of the operands, in big integers ([`unary`] to [`quaternary`]).
//!
//! A stochastic rounding is here a pure function of the value and the random bits given.
//!
//! ```
//! use lowprec::{Format, Rounding, reference::{self, Rule}};
//! let rule = Rule::new(Format::BFLOAT16, Rounding::Stochastic);
//! let x = 1.0 + 0.25 / 128.0;                 // a quarter of the way from 1 to the next value
//! assert_eq!(reference::chop(x, &rule, &[0x3fff]), 1.0 + 1.0 / 128.0); // U < 1/4: away from zero
//! assert_eq!(reference::chop(x, &rule, &[0x4000]), 1.0);               // U = 1/4: not away
//! ```

use crate::definition::real::{Magnitude, ONE, Real};
use crate::flags::Flags;
use crate::format::{Datum, Exact, Grid, OverflowValue};
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::rounding::{Decision, Direction, Overflow, Rounding, Underflow, decision};
use crate::storage::{Bits, Storage, Word};

pub use super::rule::Rule;
pub use crate::rounding::decision::Fraction;

/// Whether a value of the given sign rounds away from zero.
///
/// `odd` is the parity of the lower neighbour's code, `nu` the fraction cut off, `random` the bits of
/// U = 0.r₀r₁r₂… in groups of 16, the most significant first; past their end `Stochastic` says "not
/// away", and missing bits of the P3109 modes' R are zeros. Deterministic modes ignore them.
#[must_use]
pub fn rounds_away(
    mode: Rounding,
    negative: bool,
    odd: bool,
    nu: &Fraction,
    random: &[u16],
) -> bool {
    decision::rounds_away(mode, negative, odd, nu, |index| random.get(index).copied())
}

/// `x` rounded by `rule`, with the given random bits (as in [`rounds_away`]).
///
/// A NaN result carries the sign of `x`, whether `x` was NaN or overflowed into it.
#[must_use]
pub fn chop<T: Storage>(x: T, rule: &Rule, random: &[u16]) -> T {
    chop_drawing(x, rule, |index| random.get(index).copied())
}

/// `x` rounded, with random bits made on demand.
pub(crate) fn chop_drawing<T: Storage>(
    x: T,
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> T {
    let grid = Grid::of::<T>(&rule.format);
    in_storage(match Datum::from_f64(x.widen()) {
        Datum::Nan { negative } => Datum::Nan { negative },
        Datum::Infinite { negative } => infinity(rule, &grid, negative),
        Datum::Zero { negative } => zero(rule, &grid, negative),
        Datum::Finite { negative, significand, exponent } => {
            finite(rule, &grid, negative, grid.split(Exact { significand, exponent }), bits)
        }
    })
}

/// An exact number rounded by any rule.
pub(crate) fn round_drawing<T: Storage>(
    exact: Real,
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> T {
    round((exact, Flags::NONE), rule, bits).0
}

/// A finite nonzero number, of which all bits that a deterministic mode can look at are given and the
/// last tells whether more follow, rounded by such a mode.
pub(crate) fn round_exact<T: Storage>(negative: bool, x: Exact, rule: &Rule) -> T {
    let grid = Grid::of::<T>(&rule.format);
    in_storage(finite(rule, &grid, negative, grid.split(x), |_| None))
}

fn in_storage<T: Storage>(result: Datum) -> T {
    match result.to_f64().and_then(T::narrow) {
        Some(y) => y,
        None => unreachable!("{result:?} lies in the format and the storage type"),
    }
}

/// Steps 3 to 5 for a finite nonzero number, given steps 1 and 2.
fn finite(
    rule: &Rule,
    grid: &Grid,
    negative: bool,
    split: (u64, Exact, Fraction),
    bits: impl FnMut(usize) -> Option<u16>,
) -> Datum {
    settled(rule, grid, negative, rounded(rule, grid, negative, &split, bits))
}

/// Step 3: k steps or k + 1, for k steps and the fraction ν of one.
fn rounded(
    rule: &Rule,
    grid: &Grid,
    negative: bool,
    (k, step, nu): &(u64, Exact, Fraction),
    bits: impl FnMut(usize) -> Option<u16>,
) -> Exact {
    let away = decision::rounds_away(rule.rounding, negative, grid.odd(*k, *step), nu, bits);
    let k = k + u64::from(away);
    Exact { significand: k * step.significand, exponent: step.exponent }
}

/// Steps 4 and 5: what becomes of a rounded number, or of the zero it was rounded to.
fn settled(rule: &Rule, grid: &Grid, negative: bool, rounded: Exact) -> Datum {
    if !rule.format.has_zero() {
        return without_zero(rule, grid, negative, rounded);
    }
    let is_zero = rounded.significand == 0;
    let flushed = rule.underflow == Underflow::FlushToZero
        && rule.format.has_subnormals()
        && !is_zero
        && rounded.leading() < grid.emin;
    if is_zero || flushed {
        // A nonzero value that becomes zero keeps its sign (IEEE 754-2019 6.3), where it can.
        return zero(rule, grid, negative);
    }
    if negative && !rule.format.has_sign() {
        return below_unsigned(rule, grid, negative);
    }
    if grid.largest.is_less_than(rounded) {
        return overflowed(rule, grid, negative);
    }
    rounded.signed(negative)
}

/// E8M0: zero does not exist, so a positive value never rounds below the smallest; zero and
/// negative values are NaN, or the smallest under saturation (OCP MX 1.0, 5.4.1).
fn without_zero(rule: &Rule, grid: &Grid, negative: bool, rounded: Exact) -> Datum {
    if negative {
        return nothing_that_low(rule, grid, negative);
    }
    let rounded = if rounded.significand == 0 { grid.smallest } else { rounded };
    if grid.largest.is_less_than(rounded) {
        return overflowed(rule, grid, negative);
    }
    rounded.signed(false)
}

/// A zero: minus zero only where the format has it. Where it has no zero at all, see `without_zero`.
fn zero(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    if !rule.format.has_zero() {
        return nothing_that_low(rule, grid, negative);
    }
    Datum::Zero { negative: negative && rule.format.has_negative_zero() }
}

/// A rounded value below the smallest of an unsigned format with zero: NaN, but zero in the modes
/// that point up and under saturation (P3109 4.7.5).
fn below_unsigned(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    let upward =
        matches!(rule.rounding.decision(), Decision::Directed(Direction::Inward | Direction::Up));
    if upward { Datum::Zero { negative: false } } else { nothing_that_low(rule, grid, negative) }
}

/// NaN, or the smallest value under saturation.
fn nothing_that_low(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    match rule.overflow {
        Overflow::Ieee => Datum::Nan { negative },
        Overflow::Saturate | Overflow::SaturateFinite if rule.format.has_zero() => {
            Datum::Zero { negative: false }
        }
        // No value at all in the storage type's range: nothing to saturate to.
        _ if grid.largest.significand == 0 => Datum::Nan { negative },
        Overflow::Saturate | Overflow::SaturateFinite => grid.smallest.signed(false),
    }
}

/// A finite value that, once rounded, lies beyond the largest finite number (IEEE 754-2019 7.4,
/// P3109 4.7.5).
fn overflowed(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    let largest = largest(rule, grid, negative);
    if rule.overflow != Overflow::Ieee {
        return largest;
    }
    let stays = match rule.rounding.decision() {
        Decision::Nearest(_) | Decision::Stochastic(_) => false,
        Decision::Directed(direction) => !direction.is_outward(negative),
        // Whichever has the odd code.
        Decision::Odd => grid.largest_is_odd(),
    };
    if stays { largest } else { overflow_value(rule, grid, negative) }
}

/// An infinite input: the overflow value in every mode under `Ieee`, the largest finite number
/// under `Saturate`, itself under `SaturateFinite` where the format has it.
fn infinity(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    if negative && !rule.format.has_sign() {
        return nothing_that_low(rule, grid, negative);
    }
    let largest = largest(rule, grid, negative);
    match rule.overflow {
        Overflow::Ieee => overflow_value(rule, grid, negative),
        Overflow::Saturate => largest,
        Overflow::SaturateFinite if rule.format.has_infinity() => Datum::Infinite { negative },
        Overflow::SaturateFinite => largest,
    }
}

/// The format's overflow value: infinity, else NaN, else the largest finite number.
fn overflow_value(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    match rule.format.overflow_value() {
        OverflowValue::Infinity => Datum::Infinite { negative },
        OverflowValue::Nan => Datum::Nan { negative },
        OverflowValue::Largest => largest(rule, grid, negative),
    }
}

/// The largest finite number of the given sign: zero where the storage type holds no other.
fn largest(rule: &Rule, grid: &Grid, negative: bool) -> Datum {
    match grid.largest {
        Exact { significand: 0, .. } => zero(rule, grid, negative),
        number => number.signed(negative),
    }
}

/// A unary operation on any value of the storage type, its exact result rounded once; and what
/// happened.
///
/// A NaN result is the quiet positive one, but an overflow that becomes NaN keeps its sign.
///
/// ```
/// use lowprec::{Format, Rounding, Unary, reference, reference::Rule};
/// let rule = Rule::new(Format::BINARY16, Rounding::Up);
/// let (root, flags) = reference::unary(Unary::Sqrt, 2.0, &rule, &[]);
/// assert_eq!(root, 1.4150390625);
/// assert!(flags.inexact && !flags.invalid);
/// ```
#[must_use]
pub fn unary<T: Storage>(op: Unary, x: T, rule: &Rule, random: &[u16]) -> (T, Flags) {
    unary_drawing(op, [x], rule, |index| random.get(index).copied())
}

pub(crate) fn unary_drawing<T: Storage>(
    op: Unary,
    args: [T; 1],
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let [x] = args.map(|x| Datum::from_f64(x.widen()));
    let outcome = match op {
        Unary::Sqrt => Real::root(x),
    };
    round(signaled(outcome, args), rule, bits)
}

/// The exact result of a binary operation, rounded once, and what happened.
///
/// ```
/// use lowprec::{Binary, Format, Rounding, reference, reference::Rule};
/// let up = Rule::new(Format::BINARY32, Rounding::Up);
/// let tiny = 2f64.powi(-60);
/// // The exact sum lies above 1, although binary64 does not hold it.
/// assert_eq!(reference::binary(Binary::Add, 1.0, tiny, &up, &[]).0, 1.0 + 2f64.powi(-23));
/// ```
#[must_use]
pub fn binary<T: Storage>(op: Binary, x: T, y: T, rule: &Rule, random: &[u16]) -> (T, Flags) {
    binary_drawing(op, [x, y], rule, |index| random.get(index).copied())
}

pub(crate) fn binary_drawing<T: Storage>(
    op: Binary,
    args: [T; 2],
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let [x, y] = args.map(|x| Datum::from_f64(x.widen()));
    let down = is_down(rule);
    let outcome = match op {
        Binary::Add => Real::sum_of_products(&[(x, ONE), (y, ONE)], down),
        Binary::Sub => Real::sum_of_products(&[(x, ONE), (y.negated(), ONE)], down),
        Binary::Mul => Real::sum_of_products(&[(x, y)], down),
        Binary::Div => Real::quotient(x, y),
        Binary::Remainder => Real::remainder(x, y, true),
        Binary::Fmod => Real::remainder(x, y, false),
    };
    round(signaled(outcome, args), rule, bits)
}

/// The exact result of a ternary operation, rounded once, and what happened.
#[must_use]
pub fn ternary<T: Storage>(
    op: Ternary,
    x: T,
    y: T,
    z: T,
    rule: &Rule,
    random: &[u16],
) -> (T, Flags) {
    ternary_drawing(op, [x, y, z], rule, |index| random.get(index).copied())
}

pub(crate) fn ternary_drawing<T: Storage>(
    op: Ternary,
    args: [T; 3],
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let [x, y, z] = args.map(|x| Datum::from_f64(x.widen()));
    let terms = match op {
        Ternary::Fma => &[(x, y), (z, ONE)][..],
        Ternary::Sum => &[(x, ONE), (y, ONE), (z, ONE)],
    };
    round(signaled(Real::sum_of_products(terms, is_down(rule)), args), rule, bits)
}

/// The exact result of a quaternary operation, rounded once, and what happened.
#[must_use]
pub fn quaternary<T: Storage>(
    op: Quaternary,
    args: [T; 4],
    rule: &Rule,
    random: &[u16],
) -> (T, Flags) {
    quaternary_drawing(op, args, rule, |index| random.get(index).copied())
}

pub(crate) fn quaternary_drawing<T: Storage>(
    op: Quaternary,
    args: [T; 4],
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let [x, y, z, w] = args.map(|x| Datum::from_f64(x.widen()));
    let outcome = match op {
        Quaternary::Dot => Real::sum_of_products(&[(x, y), (z, w)], is_down(rule)),
    };
    round(signaled(outcome, args), rule, bits)
}

/// Whether a number is a signaling NaN: one of which the first fraction bit is zero (IEEE 754-2019 6.2.1).
pub(crate) fn is_signaling<T: Storage>(x: &T) -> bool {
    let quiet = Bits::<T>::ONE << (T::MANTISSA - 1);
    x.is_nan() && x.bits() & quiet == Bits::<T>::ZERO
}

/// An outcome, invalid if an operand is a signaling NaN (IEEE 754-2019 7.2a).
fn signaled<T: Storage>((exact, flags): (Real, Flags), args: impl AsRef<[T]>) -> (Real, Flags) {
    let any = args.as_ref().iter().any(is_signaling);
    (exact, if any { flags | Flags::INVALID } else { flags })
}

/// [`chop`] with what happened: a quiet NaN raises nothing, a signaling one is invalid.
#[must_use]
pub fn chop_flags<T: Storage>(x: T, rule: &Rule, random: &[u16]) -> (T, Flags) {
    chop_flags_drawing(x, rule, |index| random.get(index).copied())
}

pub(crate) fn chop_flags_drawing<T: Storage>(
    x: T,
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let exact = Real::of(Datum::from_f64(x.widen()));
    let (y, flags) = round::<T>(signaled((exact, Flags::NONE), [x]), rule, bits);
    // A NaN keeps its sign.
    (if x.is_nan() { chop(x, rule, &[]) } else { y }, flags)
}

/// In which exact zero sums are -0 (IEEE 754-2019 6.3).
pub(crate) fn is_down(rule: &Rule) -> bool {
    matches!(rule.rounding.decision(), Decision::Directed(Direction::Down))
}

/// An exact result rounded once.
fn round<T: Storage>(
    (exact, raised): (Real, Flags),
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> (T, Flags) {
    let grid = Grid::of::<T>(&rule.format);
    let kept = |kept: bool| if kept { Flags::NONE } else { Flags::OVERFLOW };
    let (result, flags) = match exact {
        Real::Nan => (Datum::Nan { negative: false }, Flags::NONE),
        Real::Zero { negative } => {
            let zero = zero(rule, &grid, negative);
            (zero, kept(matches!(zero, Datum::Zero { .. })))
        }
        Real::Infinite { negative } => {
            let infinity = infinity(rule, &grid, negative);
            (infinity, kept(infinity == Datum::Infinite { negative }))
        }
        Real::Number { negative, magnitude } => number(rule, &grid, negative, &magnitude, bits),
    };
    (in_storage(result), raised | flags)
}

/// An exact number rounded once, and whether it was out of range, tiny, inexact.
fn number(
    rule: &Rule,
    grid: &Grid,
    negative: bool,
    exact: &Magnitude,
    mut bits: impl FnMut(usize) -> Option<u16>,
) -> (Datum, Flags) {
    let split = exact.split(grid);
    let rounded = rounded(rule, grid, negative, &split, &mut bits);
    let result = settled(rule, grid, negative, rounded);
    let out_of_range = if negative && !rule.format.has_sign() {
        rounded.significand != 0 || !rule.format.has_zero()
    } else {
        grid.largest.is_less_than(rounded)
    };
    let inexact = !split.2.is_zero() || result != rounded.signed(negative);
    let underflow = inexact && is_tiny(rule, grid, negative, exact, &mut bits);
    (result, Flags { overflow: out_of_range, underflow, inexact, ..Flags::NONE })
}

/// Whether the number, rounded without a limit of the exponent, is below the smallest normal number
/// (tininess after rounding, IEEE 754-2019 7.5).
fn is_tiny(
    rule: &Rule,
    grid: &Grid,
    negative: bool,
    exact: &Magnitude,
    bits: impl FnMut(usize) -> Option<u16>,
) -> bool {
    let leading = exact.rounded_leading(grid.precision, |k, step, nu| {
        decision::rounds_away(rule.rounding, negative, grid.odd(k, step), nu, bits)
    });
    // In a format wider than the storage type bits are lost from where that loses them.
    leading < i64::from(grid.emin.max(grid.quantum + grid.precision - 1))
}
