//! Exact results as rationals of big integers, or roots of them: what the outcomes in 63 digits are
//! held to, and where the fraction cut off comes from.

use lowprec::Storage;
use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::{ADD, DIV, DOT, FMA, FMOD, MUL, Op, REMAINDER, SQRT, SUB, SUM, row, slices};
use crate::operands::Operands;
use lowprec_oracles::Bits;
use lowprec_oracles::{Exact, Outcome};

/// A magnitude above zero.
#[derive(Clone, Debug)]
pub enum Real {
    Ratio(BigRational),
    Root(BigRational),
}

pub fn rational(x: f64) -> BigRational {
    BigRational::from_float(x).unwrap_or_else(|| panic!("{x} is not finite"))
}

fn power(e: i32) -> BigRational {
    let one = BigInt::from(1) << e.unsigned_abs();
    if e < 0 { BigRational::new(1.into(), one) } else { BigRational::from(one) }
}

pub fn of_exact(x: Exact) -> BigRational {
    let (significand, exponent) = x.parts();
    BigRational::from(BigInt::from(significand)) * power(exponent)
}

impl Real {
    /// The exact result of the operation on finite numbers, with its sign; it is not zero.
    pub fn of<T: Storage>(op: Op, args: &[T]) -> (bool, Self) {
        if matches!(op, REMAINDER | FMOD) && args[1].is_infinite() {
            let x = args[0].widen();
            return (x < 0.0, Self::Ratio(rational(x.abs())));
        }
        let operand = |i: usize| rational(args[i].widen());
        let zero = BigRational::from(BigInt::from(0));
        let value = match op {
            SQRT => return (false, Self::Root(operand(0))),
            ADD => operand(0) + operand(1),
            SUB => operand(0) - operand(1),
            MUL => operand(0) * operand(1),
            DIV => operand(0) / operand(1),
            FMA => operand(0) * operand(1) + operand(2),
            SUM => operand(0) + operand(1) + operand(2),
            DOT => operand(0) * operand(1) + operand(2) * operand(3),
            FMOD => {
                let (x, y) = (operand(0), operand(1));
                let n = (&x / &y).trunc();
                x - y * n
            }
            REMAINDER => {
                let (x, y) = (operand(0), operand(1));
                let n = nearest_even(&(&x / &y));
                x - y * n
            }
            other => panic!("{other} is not known here"),
        };
        assert_ne!(value, zero, "{op} of {args:?}");
        let negative = value < zero;
        (negative, Self::Ratio(if negative { -value } else { value }))
    }

    /// ⌊self·scale⌋, and whether anything is cut off.
    pub fn floor(&self, scale: &BigRational) -> (BigUint, bool) {
        let unsigned = |x: &BigInt| x.to_biguint().expect("magnitudes");
        match self {
            Self::Ratio(x) => {
                let scaled = x * scale;
                (unsigned(&scaled.floor().to_integer()), !scaled.is_integer())
            }
            Self::Root(square) => {
                let scaled = square * scale * scale;
                let root = unsigned(&scaled.floor().to_integer()).sqrt();
                let exact = scaled.is_integer() && &root * &root == unsigned(scaled.numer());
                (root, !exact)
            }
        }
    }

    /// The first 33 digits of the fraction cut off, (self - low) / (high - low), and whether any
    /// follow.
    pub fn fraction(&self, low: Exact, high: Exact) -> (u64, bool) {
        let scale = power(33) / (of_exact(high) - of_exact(low));
        let (whole, rest) = self.floor(&scale);
        let below = of_exact(low) * scale;
        assert!(below.is_integer(), "{low:?} is no multiple of the gap");
        let digits = BigInt::from(whole) - below.to_integer();
        let digits = u64::try_from(digits).expect("at or above the lower neighbour");
        assert!(digits < 1 << 33, "below the upper one");
        (digits, rest)
    }
}

fn nearest_even(x: &BigRational) -> BigRational {
    let floor = x.floor();
    let twice = (x - &floor) * BigInt::from(2);
    let one = BigRational::from(BigInt::from(1));
    let odd = floor.numer() % 2 != BigInt::from(0);
    if twice > one || twice == one && odd { floor + one } else { floor }
}

/// An outcome's digits: all of them, or 63 of which the last tells of the rest.
fn digits_are_right<T: Bits>(op: Op, args: &[T], outcome: Outcome) {
    let Outcome::Number { negative, magnitude } = outcome else { return };
    let (sign, real) = Real::of(op, args);
    let (significand, exponent) = magnitude.parts();
    let (whole, rest) = real.floor(&power(-exponent));
    let whole = u64::try_from(whole).expect("as many digits");
    let full = significand.leading_zeros() == 1;
    assert!(full || !rest, "{op} {args:?}: {magnitude:?} is short");
    assert_eq!(significand, whole | u64::from(rest), "{op} {args:?}");
    assert_eq!(negative, sign, "{op} {args:?}");
}

/// What every other file trusts.
fn outcomes<T: Bits>() {
    let mut rng = StdRng::seed_from_u64(63);
    let mut numbers = 0;
    for name in ["binary16", "p20", "binary32", "binary64"] {
        for op in Op::ALL {
            let operands = Operands::new::<T>(op, name.parse().expect("the name of a format"));
            let columns = operands.columns::<T>(1200, &mut rng);
            for i in 0..columns[0].len() {
                let args = row(&slices(&columns), i);
                let outcome = op.outcome(&args);
                digits_are_right(op, &args, outcome);
                numbers += u32::from(matches!(outcome, Outcome::Number { .. }));
            }
        }
    }
    assert!(numbers > 30_000, "{numbers} of 48,000 elements compared");
}

#[test]
fn outcomes_are_those_of_rationals_in_f32() {
    outcomes::<f32>();
}

#[test]
fn outcomes_are_those_of_rationals_in_f64() {
    outcomes::<f64>();
}
