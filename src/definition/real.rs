//! `Real`: the exact result of an operation, in big integers, and where it lies on a grid.

use num_bigint::{BigInt, BigUint, Sign};

use crate::flags::Flags;
use crate::format::{Datum, Exact, Grid};
use crate::rounding::decision::Fraction;

/// The exact result of an operation.
#[derive(Clone, Debug)]
pub enum Real {
    Nan,
    Infinite { negative: bool },
    Zero { negative: bool },
    Number { negative: bool, magnitude: Magnitude },
}

/// A positive number numerator/denominator·2^exponent, or the square root of that.
#[derive(Clone, Debug)]
pub struct Magnitude {
    numerator: BigUint,
    denominator: BigUint,
    exponent: i64,
    root: bool,
}

/// An operand apart: sign, and significand·2^exponent.
#[derive(Clone, Copy)]
struct Finite {
    negative: bool,
    significand: u64,
    exponent: i64,
}

impl Finite {
    /// Zero has significand 0; infinities and NaN have none.
    fn of(x: Datum) -> Option<Self> {
        match x {
            Datum::Zero { negative } => Some(Self { negative, significand: 0, exponent: 0 }),
            Datum::Finite { negative, significand, exponent } => {
                Some(Self { negative, significand, exponent: exponent.into() })
            }
            Datum::Infinite { .. } | Datum::Nan { .. } => None,
        }
    }
}

fn is_nan(x: Datum) -> bool {
    matches!(x, Datum::Nan { .. })
}

fn is_infinite(x: Datum) -> bool {
    matches!(x, Datum::Infinite { .. })
}

fn is_zero(x: Datum) -> bool {
    matches!(x, Datum::Zero { .. })
}

fn is_negative(x: Datum) -> bool {
    match x {
        Datum::Zero { negative }
        | Datum::Finite { negative, .. }
        | Datum::Infinite { negative }
        | Datum::Nan { negative } => negative,
    }
}

/// One, for sums of numbers that are sums of products with it.
pub(crate) const ONE: Datum = Datum::finite(false, 1, 0);

type Outcome = (Real, Flags);

const INVALID: Outcome = (Real::Nan, Flags::INVALID);

impl Real {
    fn quiet(self) -> Outcome {
        (self, Flags::NONE)
    }

    /// A value as it is.
    pub(crate) fn of(x: Datum) -> Self {
        match x {
            Datum::Nan { .. } => Self::Nan,
            Datum::Infinite { negative } => Self::Infinite { negative },
            Datum::Zero { negative } => Self::Zero { negative },
            Datum::Finite { negative, significand, exponent } => {
                Self::number(negative, significand.into(), 1_u32.into(), exponent.into())
            }
        }
    }

    /// numerator/denominator·2^exponent with a sign; the denominator is not zero.
    pub(crate) fn number(
        negative: bool,
        numerator: BigUint,
        denominator: BigUint,
        exponent: i64,
    ) -> Self {
        if numerator == BigUint::ZERO {
            return Self::Zero { negative };
        }
        let magnitude = Magnitude { numerator, denominator, exponent, root: false };
        Self::Number { negative, magnitude }
    }

    /// x₀·y₀ + x₁·y₁ + …. An exact zero sum has the sign of its products where that is one, else it
    /// is -0 where `down` says so (IEEE 754-2019 6.3).
    pub(crate) fn sum_of_products(terms: &[(Datum, Datum)], down: bool) -> Outcome {
        let any = |test: fn(Datum) -> bool| terms.iter().any(|&(x, y)| test(x) || test(y));
        if any(is_nan) {
            return Self::Nan.quiet();
        }
        if any(is_infinite) {
            return Self::infinite_sum(terms);
        }
        let products = terms.iter().filter_map(|&(x, y)| {
            let (x, y) = (Finite::of(x)?, Finite::of(y)?);
            let significand = BigUint::from(x.significand) * y.significand;
            Some((x.negative != y.negative, significand, x.exponent + y.exponent))
        });
        let products: Vec<_> = products.collect();
        let unit = products.iter().map(|product| product.2).min().unwrap_or(0);
        let sum: BigInt = products
            .iter()
            .map(|(negative, significand, exponent)| {
                let sign = if *negative { Sign::Minus } else { Sign::Plus };
                BigInt::from_biguint(sign, significand << (exponent - unit) as u64)
            })
            .sum();
        let one_sign = products.iter().all(|product| product.0 == products[0].0);
        let negative = match sum.sign() {
            Sign::Minus => true,
            Sign::Plus => false,
            Sign::NoSign if one_sign => products[0].0,
            Sign::NoSign => down,
        };
        Self::number(negative, sum.into_parts().1, 1_u32.into(), unit).quiet()
    }

    fn infinite_sum(terms: &[(Datum, Datum)]) -> Outcome {
        let mut signs = [false; 2];
        for &(x, y) in terms {
            if is_infinite(x) && is_zero(y) || is_zero(x) && is_infinite(y) {
                return INVALID;
            }
            if is_infinite(x) || is_infinite(y) {
                signs[usize::from(is_negative(x) != is_negative(y))] = true;
            }
        }
        if signs == [true; 2] { INVALID } else { Self::Infinite { negative: signs[1] }.quiet() }
    }

    pub(crate) fn quotient(x: Datum, y: Datum) -> Outcome {
        let negative = is_negative(x) != is_negative(y);
        if is_nan(x) || is_nan(y) {
            return Self::Nan.quiet();
        }
        if is_infinite(x) && is_infinite(y) || is_zero(x) && is_zero(y) {
            return INVALID;
        }
        match (Finite::of(x), Finite::of(y)) {
            (None, _) => Self::Infinite { negative }.quiet(),
            (_, None) => Self::Zero { negative }.quiet(),
            (_, Some(y)) if y.significand == 0 => {
                (Self::Infinite { negative }, Flags::DIVISION_BY_ZERO)
            }
            (Some(x), Some(y)) => Self::number(
                negative,
                x.significand.into(),
                y.significand.into(),
                x.exponent - y.exponent,
            )
            .quiet(),
        }
    }

    pub(crate) fn root(x: Datum) -> Outcome {
        match x {
            Datum::Nan { .. } => Self::Nan.quiet(),
            Datum::Zero { negative } => Self::Zero { negative }.quiet(),
            Datum::Infinite { negative: true } | Datum::Finite { negative: true, .. } => INVALID,
            Datum::Infinite { negative: false } => Self::Infinite { negative: false }.quiet(),
            Datum::Finite { significand, exponent, .. } => {
                let magnitude = Magnitude {
                    numerator: significand.into(),
                    denominator: 1_u32.into(),
                    exponent: exponent.into(),
                    root: true,
                };
                Self::Number { negative: false, magnitude }.quiet()
            }
        }
    }

    /// x - y·n, where n is x/y rounded to the nearest integer, the even one of two, or toward zero.
    pub(crate) fn remainder(x: Datum, y: Datum, to_nearest: bool) -> Outcome {
        if is_nan(x) || is_nan(y) {
            return Self::Nan.quiet();
        }
        let (Some(a), Some(b)) = (Finite::of(x), Finite::of(y)) else {
            return if is_infinite(x) { INVALID } else { Self::of(x).quiet() };
        };
        if b.significand == 0 {
            return INVALID;
        }
        let unit = a.exponent.min(b.exponent);
        let a_units = BigUint::from(a.significand) << (a.exponent - unit) as u64;
        let b_units = BigUint::from(b.significand) << (b.exponent - unit) as u64;
        let (n, rest) = (&a_units / &b_units, &a_units % &b_units);
        let twice = &rest << 1_u32;
        let up = to_nearest && (twice > b_units || twice == b_units && n.bit(0));
        let one = BigUint::from(1_u32);
        if up {
            // Beyond half of y: the rest has the other sign.
            Self::number(!a.negative, b_units - rest, one, unit).quiet()
        } else {
            Self::number(a.negative, rest, one, unit).quiet()
        }
    }
}

impl Magnitude {
    /// ⌊self / (significand·2^exponent)⌋, and whether anything is left.
    fn in_units(&self, unit: Unit) -> (BigUint, bool) {
        let power = if self.root { 2 } else { 1 };
        let up = self.exponent - power * unit.exponent;
        let numerator = &self.numerator << up.max(0) as u64;
        let units = BigUint::from(unit.significand).pow(power as u32);
        let denominator = (&self.denominator * units) << (-up).max(0) as u64;
        let (whole, rest) = (&numerator / &denominator, &numerator % &denominator);
        let inexact = rest != BigUint::ZERO;
        if !self.root {
            return (whole, inexact);
        }
        let root = whole.sqrt();
        let inexact = inexact || &root * &root != whole;
        (root, inexact)
    }

    /// e with 2^e ≤ self < 2^(e+1).
    fn leading(&self) -> i64 {
        let bits = self.numerator.bits() as i64 - self.denominator.bits() as i64 + self.exponent;
        // Not above the exponent sought, and at most two below.
        let below = (if self.root { bits.div_euclid(2) } else { bits }) - 1;
        let (whole, _) = self.in_units(Unit { significand: 1, exponent: below });
        below + whole.bits() as i64 - 1
    }

    /// Whether self < other.
    fn is_less_than(&self, other: Exact) -> bool {
        let unit = Unit { significand: 1, exponent: other.exponent.into() };
        self.in_units(unit).0 < BigUint::from(other.significand)
    }

    /// The lower neighbour on the grid as a multiple k of a step, the step, and the fraction of one
    /// that is cut off: as [`Grid::split`] has it for a number.
    pub(crate) fn split(&self, grid: &Grid) -> (u64, Exact, Fraction) {
        let step = if self.is_less_than(grid.smallest) {
            grid.smallest
        } else {
            let quantum = self.leading() - (i64::from(grid.precision) - 1);
            let exponent = quantum.max(grid.quantum.into());
            Exact { significand: 1, exponent: exponent as i32 }
        };
        let (k, nu) = self.in_steps(step);
        (k, step, nu)
    }

    /// The multiple of a step, which must fit 64 bits, and the fraction cut off.
    pub(crate) fn in_steps(&self, step: Exact) -> (u64, Fraction) {
        let exponent = i64::from(step.exponent) - i64::from(Fraction::DIGITS);
        let (fine, sticky) = self.in_units(Unit { significand: step.significand, exponent });
        let k = &fine >> Fraction::DIGITS;
        let digits = fine - (&k << Fraction::DIGITS);
        let k = u64::try_from(k).expect("a multiple of the quantum has at most p digits");
        (k, Fraction::from_digits(digits.iter_u32_digits(), sticky))
    }

    /// Exponent that the leading bit has once rounded to `precision` bits, with no limit of the
    /// exponent, by `rounds_away`.
    pub(crate) fn rounded_leading(
        &self,
        precision: i32,
        rounds_away: impl FnOnce(u64, Exact, &Fraction) -> bool,
    ) -> i64 {
        let leading = self.leading();
        let exponent = (leading - (i64::from(precision) - 1)) as i32;
        let step = Exact { significand: 1, exponent };
        let (k, nu) = self.in_steps(step);
        let k = k + u64::from(rounds_away(k, step, &nu));
        leading + (k >> precision) as i64
    }
}

/// significand·2^exponent.
#[derive(Clone, Copy)]
struct Unit {
    significand: u64,
    exponent: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datum(x: f64) -> Datum {
        Datum::from_f64(x)
    }

    fn leading(real: Real) -> i64 {
        match real {
            Real::Number { magnitude, .. } => magnitude.leading(),
            other => panic!("{other:?} is no number"),
        }
    }

    #[test]
    fn leading_exponents_are_those_of_the_numbers() {
        for (x, e) in
            [(1.0, 0_i64), (1.9, 0), (2.0, 1), (0.75, -1), (5e-324, -1074), (f64::MAX, 1023)]
        {
            assert_eq!(leading(Real::of(datum(x))), e);
            assert_eq!(leading(Real::root(datum(x)).0), e.div_euclid(2));
        }
        let quotient = |x, y| leading(Real::quotient(datum(x), datum(y)).0);
        assert_eq!(quotient(1.0, 3.0), -2);
        assert_eq!(quotient(3.0, 3.0), 0);
        assert_eq!(quotient(f64::MAX, 5e-324), 2097);
        assert_eq!(quotient(2.999, 3.0), -1);
    }
}
