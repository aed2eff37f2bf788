//! Exact results of operations, in integers: what IEEE 754-2019 says of special operands (6, 7.2, 7.3),
//! and of numbers the first 63 digits with a last one that tells of the rest.

use super::exact::Exact;

/// What an operation has as its exact result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Nan {
        invalid: bool,
    },
    Infinity {
        negative: bool,
        division_by_zero: bool,
    },
    Zero {
        negative: bool,
    },
    /// Terms that cancelled, or zeros of both signs: the mode gives the sign.
    ZeroSum,
    /// `magnitude` is [`Exact::to_odd`].
    Number {
        negative: bool,
        magnitude: Exact,
    },
}

const NAN: Outcome = Outcome::Nan { invalid: false };
const INVALID: Outcome = Outcome::Nan { invalid: true };

fn infinity(negative: bool) -> Outcome {
    Outcome::Infinity { negative, division_by_zero: false }
}

/// A finite number: ±significand·2^exponent.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    pub negative: bool,
    pub significand: u64,
    pub exponent: i32,
}

impl Parts {
    #[must_use]
    pub fn of(x: f64) -> Self {
        let bits = x.to_bits();
        let (field, trailing) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        let (significand, exponent) =
            if field == 0 { (trailing, -1074) } else { (trailing | 1 << 52, field - 1075) };
        Self { negative: x.is_sign_negative(), significand, exponent }
    }
}

impl Outcome {
    /// A number by itself.
    #[must_use]
    pub fn of(x: f64) -> Self {
        let negative = x.is_sign_negative();
        if x.is_nan() {
            NAN
        } else if x.is_infinite() {
            infinity(negative)
        } else if x == 0.0 {
            Self::Zero { negative }
        } else {
            Self::Number { negative, magnitude: Exact::of_f64(x) }
        }
    }

    /// The sum of products of two; a plain term has 1 as its other factor.
    #[must_use]
    pub fn sum_of_products(terms: &[[f64; 2]]) -> Self {
        if terms.iter().flatten().any(|x| x.is_nan()) {
            return NAN;
        }
        let (mut infinite, mut zeros) = ([false; 2], [false; 2]);
        let mut sum = Accumulator::reaching(terms);
        for &[x, y] in terms {
            let (a, b) = (Parts::of(x), Parts::of(y));
            let negative = a.negative != b.negative;
            if x.is_infinite() || y.is_infinite() {
                if x == 0.0 || y == 0.0 {
                    return INVALID;
                }
                infinite[usize::from(negative)] = true;
            } else if x == 0.0 || y == 0.0 {
                zeros[usize::from(negative)] = true;
            } else {
                let product = u128::from(a.significand) * u128::from(b.significand);
                sum.add(negative, product, a.exponent + b.exponent);
            }
        }
        match (infinite, sum.result()) {
            ([true, true], _) => INVALID,
            ([false, false], Some((negative, magnitude))) => Self::Number { negative, magnitude },
            // No term but zeros, all of one sign.
            ([false, false], None) if !sum.touched && zeros != [true, true] => {
                Self::Zero { negative: zeros[1] }
            }
            ([false, false], None) => Self::ZeroSum,
            ([_, negative], _) => infinity(negative),
        }
    }

    #[must_use]
    pub fn product(x: f64, y: f64) -> Self {
        match Self::sum_of_products(&[[x, y]]) {
            Self::ZeroSum => panic!("one product does not cancel"),
            outcome => outcome,
        }
    }

    #[must_use]
    pub fn quotient(x: f64, y: f64) -> Self {
        let (a, b) = (Parts::of(x), Parts::of(y));
        let negative = a.negative != b.negative;
        if x.is_nan() || y.is_nan() {
            NAN
        } else if x.is_infinite() {
            if y.is_infinite() { INVALID } else { infinity(negative) }
        } else if y.is_infinite() {
            Self::Zero { negative }
        } else if y == 0.0 {
            if x == 0.0 { INVALID } else { Self::Infinity { negative, division_by_zero: true } }
        } else if x == 0.0 {
            Self::Zero { negative }
        } else {
            let shift = u128::from(a.significand).leading_zeros();
            let dividend = u128::from(a.significand) << shift;
            let divisor = u128::from(b.significand);
            let exponent = a.exponent - shift as i32 - b.exponent;
            let rest = dividend % divisor != 0;
            Self::Number { negative, magnitude: Exact::to_odd(dividend / divisor, exponent, rest) }
        }
    }

    #[must_use]
    pub fn root(x: f64) -> Self {
        if x.is_nan() {
            return NAN;
        }
        if x == 0.0 {
            return Self::of(x);
        }
        if x < 0.0 {
            return INVALID;
        }
        if x.is_infinite() {
            return infinity(false);
        }
        let Parts { significand, exponent, .. } = Parts::of(x);
        let mut shift = u128::from(significand).leading_zeros() as i32;
        shift -= (exponent - shift).rem_euclid(2);
        let square = u128::from(significand) << shift;
        let root = square.isqrt();
        let rest = root * root != square;
        Self::Number {
            negative: false,
            magnitude: Exact::to_odd(root, (exponent - shift) / 2, rest),
        }
    }

    /// x - y·n, n being x / y rounded to the nearest integer, the even one of two, or toward zero.
    #[must_use]
    pub fn remainder(x: f64, y: f64, to_nearest: bool) -> Self {
        if x.is_nan() || y.is_nan() {
            return NAN;
        }
        if x.is_infinite() || y == 0.0 {
            return INVALID;
        }
        if x == 0.0 || y.is_infinite() {
            return Self::of(x);
        }
        let (a, b) = (Parts::of(x), Parts::of(y));
        let unit = a.exponent.min(b.exponent);
        // Where y > 2x the integer nearest to the quotient is 0.
        if b.exponent - a.exponent > 70 {
            return Self::of(x);
        }
        let divisor = u128::from(b.significand) << (b.exponent - unit);
        // Modulo twice the divisor, so that the parity of n stays.
        let mut rest = u128::from(a.significand) % (2 * divisor);
        let mut left = a.exponent - unit;
        while left > 0 {
            let step = left.min(64);
            rest = (rest << step) % (2 * divisor);
            left -= step;
        }
        let odd = rest >= divisor;
        rest %= divisor;
        let mut negative = a.negative;
        if to_nearest && (2 * rest > divisor || 2 * rest == divisor && odd) {
            (rest, negative) = (divisor - rest, !negative);
        }
        match rest {
            0 => Self::Zero { negative: a.negative },
            _ => Self::Number { negative, magnitude: Exact::to_odd(rest, unit, false) },
        }
    }
}

/// A sum without any rounding: one integer with room for every product of two `f64`.
struct Accumulator {
    /// Two's complement, in units of 2^`unit`; so many limbs as the terms reach.
    limbs: [u64; Accumulator::LIMBS],
    used: usize,
    unit: i32,
    touched: bool,
}

impl Accumulator {
    /// From two limbs below the smallest product, 2^-2148, to two above the largest.
    const LIMBS: usize = 72;

    /// Room for the sum of these products, from two limbs below their last bit to two above their first.
    fn reaching(terms: &[[f64; 2]]) -> Self {
        let exponents = terms.iter().map(|[x, y]| {
            let exponent = |x: &f64| (x.to_bits() >> 52 & 0x7ff).max(1) as i32 - 1075;
            exponent(x) + exponent(y)
        });
        let (low, high) =
            exponents.fold((i32::MAX, i32::MIN), |(low, high), e| (low.min(e), high.max(e)));
        let used = (high - low) as usize / 64 + 2 + 2 + 2;
        Self { limbs: [0; Self::LIMBS], used, unit: low - 128, touched: false }
    }

    fn add(&mut self, negative: bool, significand: u128, exponent: i32) {
        self.touched = true;
        let place = (exponent - self.unit) as usize;
        let (first, shift) = (place / 64, place as u32 % 64);
        let low = significand << shift;
        let high = significand.checked_shr(128 - shift).unwrap_or(0) as u64;
        let words = [low as u64, (low >> 64) as u64, high];
        let mut carry = false;
        for (index, limb) in self.limbs[first..self.used].iter_mut().enumerate() {
            let word = words.get(index).copied().unwrap_or(0);
            if index >= words.len() && !carry {
                break;
            }
            let step = if negative { u64::overflowing_sub } else { u64::overflowing_add };
            let (sum, once) = step(*limb, word);
            let (sum, twice) = step(sum, u64::from(carry));
            (*limb, carry) = (sum, once || twice);
        }
    }

    /// Sign and magnitude, if it is not zero.
    fn result(&self) -> Option<(bool, Exact)> {
        let mut limbs = self.limbs;
        let limbs = &mut limbs[..self.used];
        let negative = limbs[self.used - 1] >> 63 == 1;
        if negative {
            let mut carry = true;
            for limb in limbs.iter_mut() {
                (*limb, carry) = (!*limb).overflowing_add(u64::from(carry));
            }
        }
        let top = limbs.iter().rposition(|limb| *limb != 0)?;
        let head = u128::from(limbs[top]) << 64 | u128::from(limbs[top - 1]);
        let rest = limbs[..top - 1].iter().any(|limb| *limb != 0);
        let exponent = self.unit + 64 * (top as i32 - 1);
        Some((negative, Exact::to_odd(head, exponent, rest)))
    }
}
