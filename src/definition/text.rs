//! Decimal and hexadecimal text to the exact number that it says.

use num_bigint::BigUint;

use super::real::Real;

/// What text of a number looks like, for messages.
pub(crate) const FORM: &str = "a number such as -1.5e-3, 0x1.8p-10, inf or nan";

/// Digits that can matter. A number that a rounding compares with, 512 digits of a fraction cut off
/// included, has fewer; what follows matters only for being there.
const DIGITS: usize = 2_000;

/// Below 10^this a number rounds as any other so small: its first 512 binary digits below the storage's
/// last place are zeros. Above 10^that it overflows.
const SMALL: i64 = -520;
const LARGE: i64 = 400;

/// The number that text says: an infinity, NaN or a decimal number, read in the grammar of
/// `f64::from_str`, or a hexadecimal one (IEEE 754-2019 5.12.3, C23 6.4.4.3 with an optional exponent). `None` where
/// the text is no number. Takes time in proportion to the text's length.
pub(crate) fn exact(text: &str) -> Option<Real> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some(hexadecimal) = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X")) {
        return hexadecimal_real(hexadecimal, text.starts_with('-'));
    }
    let rough = text.parse::<f64>().ok()?;
    let negative = text.starts_with('-');
    if rough.is_nan() {
        return Some(Real::Nan);
    }
    if unsigned.starts_with(['i', 'I']) {
        return Some(Real::Infinite { negative });
    }
    Some(Decimal::of(unsigned).real(negative))
}

/// Of text behind the `0x`.
fn hexadecimal_real(text: &str, negative: bool) -> Option<Real> {
    let (mantissa, exponent) = match text.split_once(['p', 'P']) {
        Some((mantissa, exponent)) => (mantissa, whole(exponent)?),
        None => (text, 0),
    };
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if before.len() + after.len() == 0 {
        return None;
    }
    let digits = before.chars().chain(after.chars()).map(|digit| digit.to_digit(16));
    // Those that matter, and whether anything follows: each is four binary digits.
    let (mut kept, mut dropped, mut sticky) = (Vec::new(), 0_i64, false);
    for digit in digits {
        let digit = digit?;
        if kept.len() >= DIGITS {
            dropped += 1;
            sticky |= digit != 0;
        } else if digit != 0 || !kept.is_empty() {
            kept.push(digit as u8);
        }
    }
    if kept.is_empty() {
        return Some(Real::Zero { negative });
    }
    if sticky {
        kept.push(1);
        dropped -= 1;
    }
    let last = exponent + 4 * (dropped - after.len() as i64);
    let leading = last + 4 * kept.len() as i64;
    let one = BigUint::from(1_u32);
    if !(SMALL * 10 / 3..=LARGE * 10 / 3).contains(&leading) {
        let power = if leading < 0 { SMALL * 10 / 3 } else { LARGE * 10 / 3 };
        return Some(Real::number(negative, one.clone(), one, power));
    }
    let digits = BigUint::from_radix_be(&kept, 16)?;
    Some(Real::number(negative, digits, one, last))
}

/// A decimal integer with an optional sign, cut off where it is far beyond any exponent.
fn whole(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let far = if text.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
    Some(text.parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4))
}

/// digits·10^exponent.
struct Decimal {
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Of text known to be an unsigned finite decimal number.
    fn of(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent = whole(exponent).unwrap_or(0);
        let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i64);
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).skip_while(|&digit| digit == b'0');
        Self { digits: digits.collect(), exponent: exponent - fraction }.shortened()
    }

    /// Where there are too many digits, those that follow are replaced by one.
    fn shortened(mut self) -> Self {
        if self.digits.len() > DIGITS {
            let rest = self.digits.split_off(DIGITS);
            self.exponent += rest.len() as i64;
            if rest.iter().any(|&digit| digit != b'0') {
                self.digits.push(b'1');
                self.exponent -= 1;
            }
        }
        self
    }

    fn real(self, negative: bool) -> Real {
        if self.digits.is_empty() {
            return Real::Zero { negative };
        }
        // The number lies in [10^(leading - 1), 10^leading).
        let leading = self.digits.len() as i64 + self.exponent;
        let one = BigUint::from(1_u32);
        if !(SMALL..=LARGE).contains(&leading) {
            let power = if leading < SMALL { SMALL * 10 / 3 } else { LARGE * 10 / 3 };
            return Real::number(negative, one.clone(), one, power);
        }
        let digits = BigUint::parse_bytes(&self.digits, 10).unwrap_or_default();
        let fives = BigUint::from(5_u32).pow(self.exponent.unsigned_abs() as u32);
        let (numerator, denominator) =
            if self.exponent < 0 { (digits, fives) } else { (digits * fives, one) };
        Real::number(negative, numerator, denominator, self.exponent)
    }
}
