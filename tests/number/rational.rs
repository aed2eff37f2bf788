//! Rounding as it is defined, over big rationals: shares no code with the crate.

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

/// 2^e.
pub(crate) fn power(e: i64) -> BigRational {
    let size = BigRational::from(BigInt::from(1) << e.unsigned_abs());
    if e < 0 { size.recip() } else { size }
}

/// The exact value of a finite `f64`.
pub(crate) fn of_f64(x: f64) -> BigRational {
    BigRational::from_float(x).expect("a finite number")
}

/// The decimal number that plain text says: digits, perhaps a point, perhaps an exponent.
pub(crate) fn of_text(text: &str) -> BigRational {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().expect("digits");
    let exponent = exponent.parse::<i32>().expect("an exponent") - fraction.len() as i32;
    let ten = BigRational::from(BigInt::from(10));
    BigRational::from(digits) * ten.pow(exponent)
}

/// Signed numbers of p digits from the exponent emin on, with subnormals.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Format {
    pub(crate) p: i64,
    pub(crate) emin: i64,
    pub(crate) emax: i64,
}

pub(crate) const BINARY16: Format = Format { p: 11, emin: -14, emax: 15 };
pub(crate) const BFLOAT16: Format = Format { p: 8, emin: -126, emax: 127 };
pub(crate) const BINARY64: Format = Format { p: 53, emin: -1022, emax: 1023 };

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    Even,
    Up,
    Down,
    Zero,
    Odd,
}

impl Format {
    fn quantum(self, x: &BigRational) -> i64 {
        let x = x.abs();
        let guess = x.numer().bits() as i64 - x.denom().bits() as i64;
        // 2^guess/2 < x < 2^guess·2
        let e = if power(guess) <= x { guess } else { guess - 1 };
        e.max(self.emin) - (self.p - 1)
    }

    /// x rounded; infinite beyond the range, where the mode says so.
    pub(crate) fn round(self, x: &BigRational, mode: Mode) -> f64 {
        if x.is_zero() {
            return 0.0;
        }
        let quantum = power(self.quantum(x));
        let scaled = x.abs() / &quantum;
        let whole = scaled.floor();
        let (k, rest) = (whole.to_integer(), scaled - whole);
        let negative = x.is_negative();
        let odd = k.magnitude().bit(0);
        let half = BigRational::new(1.into(), 2.into());
        let away = !rest.is_zero()
            && match mode {
                Mode::Even => rest > half || rest == half && odd,
                Mode::Up => !negative,
                Mode::Down => negative,
                Mode::Zero => false,
                Mode::Odd => !odd,
            };
        let size = BigRational::from(if away { k + BigInt::one() } else { k }) * quantum;
        let largest = (power(1) - power(1 - self.p)) * power(self.emax);
        let size = if size <= largest {
            to_f64(&size)
        } else if matches!(mode, Mode::Even)
            || mode == Mode::Up && !negative
            || mode == Mode::Down && negative
        {
            f64::INFINITY
        } else {
            to_f64(&largest)
        };
        if negative { -size } else { size }
    }
}

/// A number that `f64` holds.
fn to_f64(x: &BigRational) -> f64 {
    let numerator: &BigUint = x.numer().magnitude();
    let twos = numerator.trailing_zeros().unwrap_or(0);
    let odd = u64::try_from(numerator >> twos).expect("at most 53 digits");
    let exponent = twos as i64 - (x.denom().bits() as i64 - 1);
    lowprec::format::Datum::finite(false, odd, exponent as i32).to_f64().expect("a number of f64")
}
