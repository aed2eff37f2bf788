//! Decimal text rounded once.
//!
//! Text is parsed to the nearest storage number, as everybody does; rounding that again to a format
//! would round twice. So the parse keeps a *residue*: on which side of the storage number the
//! decimal number lies. From the two, each mode gets a *stand-in*: a storage number that lies on the
//! same side of everything the mode compares with, so that rounding the stand-in is rounding the
//! decimal number. With lo and hi the storage numbers around the decimal number:
//!
//! - directed modes compose: toward zero of toward zero is toward zero. The stand-in is lo or hi.
//! - to odd composes with every mode whose grid and midpoints lie at least two bits up (Boldo and
//!   Melquiond, "Emulation of FMA and correctly rounded sums", 2008): the odd one of lo and hi.
//! - to nearest on a grid one bit up: the storage numbers alternate between that grid and its
//!   midpoints, and an inexact decimal number is nearest to the one on the grid: the even one.
//! - to nearest on the storage type's own grid: the parse, with ties decided here.

use std::cmp::Ordering;

use lowprec::{Chop, Format, Overflow, Rounding};
use num_bigint::BigUint;

use super::number::Number;

/// Where a decimal number lies, seen from the nearest storage number; sizes are magnitudes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Residue {
    Exact,
    Larger,
    Smaller,
    /// Half-way to the next larger storage number.
    TieUp,
    /// Half-way to the next smaller one.
    TieDown,
}

/// The number nearest to decimal text, and the residue; `None` where the text is not a number.
pub(crate) fn parse<T: Number>(text: &str) -> Option<(T, Residue)> {
    if text.contains(['x', 'X']) {
        return hexadecimal(text);
    }
    let nearest: T = text.parse().ok()?;
    let residue = Decimal::of(text).map_or(Residue::Exact, |decimal| decimal.residue(nearest));
    Some((nearest, residue))
}

/// Hexadecimal text: where the number lies is seen from how it is rounded in several modes.
fn hexadecimal<T: Number>(text: &str) -> Option<(T, Residue)> {
    let format = if T::WIDTH == 32 { Format::BINARY32 } else { Format::BINARY64 };
    let read = |mode| Chop::new(format, mode).parse::<T>(text).ok();
    let nearest = read(Rounding::NearestEven)?;
    let (low, high) = (read(Rounding::TowardZero)?, read(Rounding::AwayFromZero)?);
    let tie = read(Rounding::NearestAway)? != read(Rounding::NearestZero)?;
    let residue = match (low == high || nearest.is_nan(), nearest == low) {
        (true, _) => Residue::Exact,
        (_, true) if tie => Residue::TieUp,
        (_, true) => Residue::Larger,
        (_, false) if tie => Residue::TieDown,
        (_, false) => Residue::Smaller,
    };
    Some((nearest, residue))
}

/// What to round by `chop` in place of a decimal number.
pub(crate) fn stand_in<T: Number>(nearest: T, residue: Residue, chop: &Chop) -> T {
    if residue == Residue::Exact {
        return nearest;
    }
    let around = Around::of(nearest, residue);
    let chosen = match chop.rounding() {
        Rounding::TowardZero => around.low,
        Rounding::AwayFromZero => around.high,
        Rounding::Up => around.toward(!around.negative),
        Rounding::Down => around.toward(around.negative),
        Rounding::ToOdd => around.of_parity(1),
        mode => match around.bits_up_to_grid(chop) {
            Gap::TwoOrMore => around.of_parity(1),
            Gap::One if mode.is_nearest() => around.of_parity(0),
            Gap::One => around.nearest,
            Gap::None => around.nearest_by(mode),
        },
    };
    around.signed(around.kept_finite(chosen, chop))
}

/// How many bits the format's last place lies above the storage type's.
enum Gap {
    None,
    One,
    TwoOrMore,
}

/// The storage numbers around an inexact decimal number, as patterns of their magnitudes: adjacent
/// numbers have adjacent patterns, infinity included.
struct Around<T> {
    low: u64,
    high: u64,
    nearest: u64,
    tie: bool,
    negative: bool,
    storage: std::marker::PhantomData<T>,
}

impl<T: Number> Around<T> {
    fn of(nearest: T, residue: Residue) -> Self {
        let pattern = magnitude(nearest);
        let low = match residue {
            Residue::Smaller | Residue::TieDown => pattern - 1,
            _ => pattern,
        };
        Self {
            low,
            high: low + 1,
            nearest: pattern,
            tie: matches!(residue, Residue::TieUp | Residue::TieDown),
            negative: nearest.is_sign_negative(),
            storage: std::marker::PhantomData,
        }
    }

    fn toward(&self, outward: bool) -> u64 {
        if outward { self.high } else { self.low }
    }

    fn of_parity(&self, parity: u64) -> u64 {
        if self.low & 1 == parity { self.low } else { self.high }
    }

    fn nearest_by(&self, mode: Rounding) -> u64 {
        match mode {
            Rounding::NearestAway if self.tie => self.high,
            Rounding::NearestZero if self.tie => self.low,
            Rounding::NearestUp if self.tie => self.toward(!self.negative),
            Rounding::NearestDown if self.tie => self.toward(self.negative),
            Rounding::NearestOdd if self.tie => self.of_parity(1),
            _ => self.nearest,
        }
    }

    fn bits_up_to_grid(&self, chop: &Chop) -> Gap {
        let quantum = chop.format().ulp(T::of_pattern(self.low).widen());
        match quantum / storage_quantum::<T>(self.low) {
            ratio if ratio >= 4.0 => Gap::TwoOrMore,
            2.0 => Gap::One,
            _ => Gap::None,
        }
    }

    /// A finite decimal number beyond the storage type is still finite: saturation applies to it.
    /// The storage type's largest number stands for it, but where that is one of the format's own
    /// and an infinity is wanted.
    fn kept_finite(&self, chosen: u64, chop: &Chop) -> u64 {
        let own = chop.largest_finite::<T>() == T::max_value();
        let wanted = own && chop.overflow() == Overflow::Ieee;
        if T::of_pattern(chosen).is_infinite() && !wanted { self.low } else { chosen }
    }

    fn signed(&self, pattern: u64) -> T {
        let size = T::of_pattern(pattern);
        if self.negative { -size } else { size }
    }
}

fn magnitude<T: Number>(x: T) -> u64 {
    x.pattern() & !(1 << (T::WIDTH - 1))
}

/// m and q of the finite magnitude m·2^q in the given pattern.
fn decoded<T: Number>(pattern: u64) -> (u64, i32) {
    let field = (pattern >> T::TRAILING) as i32;
    let trailing = pattern & ((1 << T::TRAILING) - 1);
    let quantum = T::EMIN - T::TRAILING as i32;
    if field == 0 {
        (trailing, quantum)
    } else {
        (trailing | 1 << T::TRAILING, quantum + field - 1)
    }
}

/// The distance from the number of the pattern to the next larger one.
fn storage_quantum<T: Number>(pattern: u64) -> f64 {
    let (_, q) = decoded::<T>(pattern);
    // In two steps: powi of an exponent below -1022 takes the reciprocal of an infinity.
    2f64.powi(q / 2) * 2f64.powi(q - q / 2)
}

/// A finite nonzero decimal number: digits·10^exponent.
struct Decimal<'a> {
    mantissa: &'a str,
    /// The digits as an integer, where it has 64 bits.
    short: Option<u64>,
    /// Digits without leading zeros.
    length: i64,
    exponent: i64,
}

/// Beyond 10^±this every storage number is infinite or zero, and nothing need be compared.
const FAR: i64 = 400;

/// More digits than a storage number has, or the middle between two.
const DIGITS: usize = 800;

impl<'a> Decimal<'a> {
    /// `None` for zero, infinity and NaN. The text is known to be a number.
    fn of(text: &'a str) -> Option<Self> {
        let unsigned = text.trim_start_matches(['+', '-']);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        if mantissa.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let far = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4);
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        let mut decimal =
            Self { mantissa, short: Some(0), length: 0, exponent: exponent - fraction };
        for digit in mantissa.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0') {
            decimal.length += i64::from(decimal.length > 0 || digit > 0);
            let next = |short: u64| short.checked_mul(10)?.checked_add(digit.into());
            decimal.short = decimal.short.and_then(next);
        }
        (decimal.length > 0).then_some(decimal)
    }

    fn residue<T: Number>(&self, nearest: T) -> Residue {
        let pattern = magnitude(nearest);
        // The number lies in [10^(leading - 1), 10^leading).
        let leading = self.length + self.exponent;
        let near = (-FAR..=FAR).contains(&leading);
        let side = if nearest.is_infinite() {
            Ordering::Less
        } else if near {
            let (m, q) = decoded::<T>(pattern);
            self.compare(m, q)
        } else {
            Ordering::Greater
        };
        let low = match side {
            Ordering::Equal => return Residue::Exact,
            Ordering::Greater => pattern,
            Ordering::Less => pattern - 1,
        };
        let (m, q) = decoded::<T>(low);
        let tie = near && self.compare(2 * m + 1, q - 1) == Ordering::Equal;
        match (side, tie) {
            (Ordering::Greater, false) => Residue::Larger,
            (Ordering::Greater, true) => Residue::TieUp,
            (_, false) => Residue::Smaller,
            (_, true) => Residue::TieDown,
        }
    }

    /// How the number compares with m·2^q.
    fn compare(&self, m: u64, q: i32) -> Ordering {
        match (self.short, self.exponent) {
            (Some(digits), -27..=27) => compare_short(digits, self.exponent as i32, m, q),
            _ => self.compare_long(m, q),
        }
    }

    /// Both sides as integers of any size.
    fn compare_long(&self, m: u64, q: i32) -> Ordering {
        let digits = self.mantissa.bytes().filter(u8::is_ascii_digit);
        let mut digits: Vec<u8> = digits.skip_while(|&digit| digit == b'0').collect();
        let mut exponent = self.exponent;
        // A storage number or the middle of two has fewer digits: what follows matters only for being there.
        if digits.len() > DIGITS {
            let rest = digits.split_off(DIGITS);
            exponent += rest.len() as i64;
            if rest.iter().any(|&digit| digit != b'0') {
                digits.push(b'1');
                exponent -= 1;
            }
        }
        let mut left = BigUint::parse_bytes(&digits, 10).unwrap_or_default();
        let mut right = BigUint::from(m);
        let tens = BigUint::from(10_u8).pow(exponent.unsigned_abs() as u32);
        if exponent < 0 {
            right *= tens
        } else {
            left *= tens
        }
        if q < 0 {
            left <<= q.unsigned_abs()
        } else {
            right <<= q.unsigned_abs()
        }
        left.cmp(&right)
    }
}

/// digits·10^exponent against m·2^q in 128 bits: 5^27 has 63, so only the powers of two may not fit,
/// and a side that does not fit is the larger one.
fn compare_short(digits: u64, exponent: i32, m: u64, q: i32) -> Ordering {
    let fives = 5_u128.pow(exponent.unsigned_abs());
    let (mut left, mut right) = (u128::from(digits), u128::from(m));
    if exponent < 0 {
        right *= fives
    } else {
        left *= fives
    }
    let shift = q - exponent;
    let (side, beyond) =
        if shift < 0 { (&mut left, Ordering::Greater) } else { (&mut right, Ordering::Less) };
    if *side != 0 && side.leading_zeros() < shift.unsigned_abs() {
        return beyond;
    }
    *side = side.checked_shl(shift.unsigned_abs()).unwrap_or(0);
    left.cmp(&right)
}
