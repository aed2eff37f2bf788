//! Decimal text to the exact number that it says.

use num_bigint::BigUint;

use crate::definition::real::Real;

/// Digits that can matter. A number that a rounding compares with, 512 digits of a fraction cut off
/// included, has fewer; what follows matters only for being there.
const DIGITS: usize = 2_000;

/// Below 10^this a number rounds as any other so small: its first 512 binary digits below the storage's
/// last place are zeros. Above 10^that it overflows.
const SMALL: i64 = -520;
const LARGE: i64 = 400;

/// The number that text says: an infinity, NaN or a decimal number, read in the grammar of
/// `f64::from_str`. `None` where the text is no number.
pub(super) fn exact(text: &str) -> Option<Real> {
    let rough = text.parse::<f64>().ok()?;
    let unsigned = text.trim_start_matches(['+', '-']);
    let negative = rough.is_sign_negative();
    if rough.is_nan() {
        return Some(Real::Nan);
    }
    if unsigned.starts_with(['i', 'I']) {
        return Some(Real::Infinite { negative });
    }
    Some(Decimal::of(unsigned).real(negative))
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
        let far = if exponent.starts_with('-') { i64::MIN / 4 } else { i64::MAX / 4 };
        let exponent = exponent.parse::<i64>().unwrap_or(far).clamp(i64::MIN / 4, i64::MAX / 4);
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
