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
//! A stochastic rounding is here a pure function of the value and the random bits given.
//!
//! ```
//! use lowprec::{reference, Format, Rounding, Rule};
//! let rule = Rule::new(Format::BFLOAT16, Rounding::Stochastic);
//! let x = 1.0 + 0.25 / 128.0;                 // a quarter of the way from 1 to the next value
//! assert_eq!(reference::chop(x, &rule, &[0x3fff]), 1.0 + 1.0 / 128.0); // U < 1/4: away from zero
//! assert_eq!(reference::chop(x, &rule, &[0x4000]), 1.0);               // U = 1/4: not away
//! ```

use crate::decision;
use crate::format::{Datum, Exact, Grid, OverflowValue};
use crate::policy::{Overflow, Underflow};
use crate::rounding::{Decision, Direction, Rounding};
use crate::rule::Rule;
use crate::storage::Storage;

pub use crate::decision::Fraction;

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

/// As [`chop`], with random bits made on demand.
pub(crate) fn chop_drawing<T: Storage>(
    x: T,
    rule: &Rule,
    bits: impl FnMut(usize) -> Option<u16>,
) -> T {
    let grid = Grid::of::<T>(&rule.format);
    let result = match Datum::of_f64(x.widen()) {
        Datum::Nan { negative } => Datum::Nan { negative },
        Datum::Infinite { negative } => infinity(rule, &grid, negative),
        Datum::Zero { negative } => zero(rule, &grid, negative),
        Datum::Finite { negative, significand, exponent } => {
            finite(rule, &grid, negative, Exact { significand, exponent }, bits)
        }
    };
    match result.to_f64().and_then(T::narrow) {
        Some(y) => y,
        None => unreachable!("{result:?} lies in the format and the storage type"),
    }
}

/// Steps 1 to 5 for a finite nonzero number.
fn finite(
    rule: &Rule,
    grid: &Grid,
    negative: bool,
    x: Exact,
    bits: impl FnMut(usize) -> Option<u16>,
) -> Datum {
    let (k, step, nu) = grid.split(x);
    let odd = grid.odd(k, step);
    let away = decision::rounds_away(rule.rounding, negative, odd, &nu, bits);
    let k = k + u64::from(away);
    let rounded = Exact { significand: k * step.significand, exponent: step.exponent };

    if !rule.format.has_zero() {
        return without_zero(rule, grid, negative, rounded);
    }
    let flushed = rule.underflow == Underflow::FlushToZero
        && rule.format.has_subnormals()
        && k > 0
        && rounded.leading() < grid.emin;
    if k == 0 || flushed {
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
