//! Numbers in text, rounded once: short decimal numbers in 128 bits, all others by the definition.

use super::scalar::defined;
use crate::chop::{self, Chop, Draws};
use crate::definition::real::Real;
use crate::definition::{reference, text};
use crate::error::ParseError;
use crate::format::{Format, power_of_two};
use crate::rounding::{Rounding, Underflow};
use crate::storage::{Storage, quiet_nan};

/// The number that text says, rounded once.
pub(crate) fn parsed<T: Storage>(rounder: &impl Draws, given: &str) -> Result<T, ParseError> {
    if let Some(short) = Short::of(given.as_bytes()) {
        let Storable { number, exact } = short.rounded_to_odd::<T>();
        let chop = rounder.chop_ref();
        // To odd with two digits to spare composes with every deterministic mode (Boldo and Melquiond 2008).
        let composes = chop.format().precision() + 2 <= T::PRECISION;
        if exact || composes && !chop.rounding().is_stochastic() {
            let x = if T::PRECISION < f64::MANTISSA_DIGITS {
                T::narrow(number)
            } else {
                T::from(number)
            };
            if let Some(x) = x {
                return Ok(chop::one(rounder, x));
            }
        }
    }
    if let Some(number) = own_nearest(rounder.chop_ref(), given) {
        return Ok(number);
    }
    match text::exact(given) {
        Some(Real::Nan) => {
            let nan = quiet_nan::<T>();
            Ok(chop::one(rounder, if given.starts_with('-') { -nan } else { nan }))
        }
        Some(exact) => {
            Ok(defined(rounder, |rule, bits| reference::round_drawing(exact, rule, bits)))
        }
        None => Err(ParseError::new("number", given, text::FORM)),
    }
}

/// The number of the storage type nearest to decimal text, where that is what the rounding asks for: the standard
/// library has it, rounded once.
fn own_nearest<T: Storage>(chop: &Chop, text: &str) -> Option<T> {
    let single = T::PRECISION < f64::MANTISSA_DIGITS;
    let own = if single { Format::BINARY32 } else { Format::BINARY64 };
    let nearest = chop.rounding() == Rounding::NearestEven;
    if chop.format() != own || !nearest || chop.underflow() != Underflow::Gradual {
        return None;
    }
    let number =
        if single { text.parse::<f32>().ok()?.into() } else { text.parse::<f64>().ok()? };
    // Infinities may be overflows, NaN have signs.
    number.is_finite().then(|| T::from(number))?
}

/// ±digits·10^exponent, |exponent| ≤ 27: 5^27 has 63 bits.
struct Short {
    negative: bool,
    digits: u64,
    exponent: i32,
}

/// A number of at most as many digits as the storage type has, within binary64, and whether it is the one that the
/// text says or only has its last digit odd because it lies beside that.
struct Storable {
    number: f64,
    exact: bool,
}

/// Digits that 64 bits hold, whatever they are.
const DIGITS: usize = 19;
const EXPONENT: i32 = 27;

impl Short {
    /// Of a decimal number in few digits; `None` for all other text.
    fn of(text: &[u8]) -> Option<Self> {
        let (negative, unsigned) = match text {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            rest => (false, rest),
        };
        let (mut digits, mut count, mut fraction, mut at) = (0_u64, 0, None, 0);
        while let Some(&byte) = unsigned.get(at) {
            match byte {
                b'0'..=b'9' => {
                    digits = digits.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                    count += 1;
                    fraction = fraction.map(|places: i32| places + 1);
                }
                b'.' if fraction.is_none() => fraction = Some(0),
                _ => break,
            }
            at += 1;
        }
        if count == 0 || count > DIGITS {
            return None;
        }
        let written = match &unsigned[at..] {
            [] => 0,
            [b'e' | b'E', rest @ ..] => {
                let (below, rest) = match rest {
                    [b'-', rest @ ..] => (true, rest),
                    [b'+', rest @ ..] => (false, rest),
                    rest => (false, rest),
                };
                let few = (1..=2).contains(&rest.len()) && rest.iter().all(u8::is_ascii_digit);
                if !few {
                    return None;
                }
                let size = rest.iter().fold(0, |size, digit| 10 * size + i32::from(digit - b'0'));
                if below { -size } else { size }
            }
            _ => return None,
        };
        let exponent = written - fraction.unwrap_or(0);
        (-EXPONENT..=EXPONENT).contains(&exponent).then_some(Self { negative, digits, exponent })
    }

    fn rounded_to_odd<T: Storage>(&self) -> Storable {
        let signed = |size: f64| if self.negative { -size } else { size };
        if self.digits == 0 {
            return Storable { number: signed(0.0), exact: true };
        }
        let digits = u128::from(self.digits);
        let fives = 5_u128.pow(self.exponent.unsigned_abs());
        // m·2^power, and whether the number is more than that.
        let (m, power, mut more) = if self.exponent >= 0 {
            (digits * fives, self.exponent, false)
        } else {
            let up = digits.leading_zeros();
            let numerator = digits << up;
            (numerator / fives, self.exponent - up as i32, !numerator.is_multiple_of(fives))
        };
        let cut = (u128::BITS - m.leading_zeros()).saturating_sub(T::PRECISION);
        more |= m & ((1 << cut) - 1) != 0;
        let kept = (m >> cut) as u64 | u64::from(more);
        let number = kept as f64 * power_of_two(power + cut as i32);
        Storable { number: signed(number), exact: !more }
    }
}
