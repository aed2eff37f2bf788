//! Rounding as it is defined, on rationals of any size.

use std::cmp::Ordering;

use lowprec::{Rounding, Storage};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// A finite number, exactly.
#[must_use]
pub fn exact(x: f64) -> BigRational {
    BigRational::from_float(x).expect("a finite number")
}

#[must_use]
pub fn whole(n: i64) -> BigRational {
    BigRational::from_integer(BigInt::from(n))
}

/// 2^e.
#[must_use]
pub fn power(e: u32) -> BigRational {
    BigRational::from_integer(BigInt::one() << e)
}

/// A number from 0 to 1, 1 excluded, as a quotient that nobody has reduced: the greatest common divisor of
/// integers of a thousand bits takes longer than all the rest.
struct Part<'a> {
    numerator: BigInt,
    denominator: &'a BigInt,
}

impl Part<'_> {
    fn against_half(&self) -> Ordering {
        (&self.numerator * 2_i32).cmp(self.denominator)
    }

    /// ⌊x·2^n⌋.
    fn floored(&self, n: u32) -> BigInt {
        (&self.numerator << n) / self.denominator
    }

    /// x·2^n to the nearest whole number, ties to even.
    fn ties_to_even(&self, n: u32) -> BigInt {
        let floor = self.floored(n);
        let numerator = (&self.numerator << n) - &floor * self.denominator;
        let odd = (&floor % 2_i32) == BigInt::one();
        match (Part { numerator, denominator: self.denominator }).against_half() {
            Ordering::Less => floor,
            Ordering::Equal if !odd => floor,
            _ => floor + 1,
        }
    }
}

/// x rounded to a whole number, with 32 random bits, the first at the top. Beyond them U has no bits.
#[must_use]
pub fn rounded(x: &BigRational, rounding: Rounding, word: u32) -> BigInt {
    let negative = x.is_negative();
    let (magnitude, denominator) = (x.numer().abs(), x.denom());
    let floor = &magnitude / denominator;
    let nu = Part { numerator: magnitude - &floor * denominator, denominator };
    if nu.numerator.is_zero() {
        return if negative { -floor } else { floor };
    }
    let odd = (&floor % 2_i32) == BigInt::one();
    let against_half = nu.against_half();
    let nearest = |tie: bool| match against_half {
        Ordering::Less => false,
        Ordering::Equal => tie,
        Ordering::Greater => true,
    };
    // The first n bits as an integer, and 2^n.
    let counted = |n: u8| BigInt::from(u64::from(word) >> (32 - n));
    let one = |n: u8| BigInt::one() << n;
    let away = match rounding {
        Rounding::NearestEven => nearest(odd),
        Rounding::NearestOdd => nearest(!odd),
        Rounding::NearestAway => nearest(true),
        Rounding::NearestZero => nearest(false),
        Rounding::NearestUp => nearest(!negative),
        Rounding::NearestDown => nearest(negative),
        Rounding::Up => !negative,
        Rounding::Down => negative,
        Rounding::TowardZero => false,
        Rounding::AwayFromZero => true,
        Rounding::ToOdd => !odd,
        Rounding::Stochastic => BigInt::from(word) < nu.floored(32),
        Rounding::StochasticEqual => word >> 31 == 1,
        Rounding::StochasticA(n) => {
            let n = n.get();
            nu.floored(n.into()) + counted(n) >= one(n)
        }
        Rounding::StochasticB(n) => {
            let n = n.get();
            nu.floored(u32::from(n) + 1) + counted(n) * 2 + 1 >= one(n + 1)
        }
        Rounding::StochasticC(n) => {
            let n = n.get();
            nu.ties_to_even(n.into()) + counted(n) >= one(n)
        }
        other => unreachable!("{other:?} is tested nowhere"),
    };
    let magnitude = if away { floor + 1 } else { floor };
    if negative { -magnitude } else { magnitude }
}

/// The number of the storage type nearest to x, ties to even, x within its range: found beside a guess.
pub fn nearest<T: Storage>(x: &BigRational, next: impl Fn(T, bool) -> T) -> T {
    let guess = x.to_f64().expect("a guess");
    let guess = T::from(guess).expect("a guess");
    let distance = |y: T| (exact(y.widen()) - x).abs();
    // An odd neighbour is as near only where the even one is too.
    let even = |y: T| (y.widen() / unit::<T>(y)).rem_euclid(2.0) == 0.0;
    [next(guess, false), next(guess, true)].into_iter().filter(|y| y.is_finite()).fold(
        guess,
        |best, y| match distance(y).cmp(&distance(best)) {
            Ordering::Less => y,
            Ordering::Equal if even(y) && !even(best) => y,
            _ => best,
        },
    )
}

/// The unit in the last place of a number.
fn unit<T: Storage>(y: T) -> f64 {
    let y = y.widen().abs();
    let last = T::PRECISION as i32 - 1;
    let exponent = if y == 0.0 { T::EMIN } else { (y.log2().floor() as i32).max(T::EMIN) };
    // log2 may round up to the next power.
    let exponent = if 2_f64.powi(exponent) > y { exponent - 1 } else { exponent };
    2_f64.powi(exponent.max(T::EMIN) - last)
}

/// Every deterministic mode, then stochastic ones.
#[must_use]
pub fn modes() -> Vec<Rounding> {
    let counted = |n| {
        [Rounding::stochastic_a, Rounding::stochastic_b, Rounding::stochastic_c]
            .map(|mode| mode(n).expect("a count of bits"))
    };
    let mut modes = Rounding::DETERMINISTIC.to_vec();
    modes.extend([Rounding::Stochastic, Rounding::StochasticEqual]);
    modes.extend([0, 3, 17, 32].into_iter().flat_map(counted));
    modes
}

/// SplitMix64: words for inputs and random bits.
pub struct Words(pub u64);

impl Words {
    #[allow(clippy::should_implement_trait, reason = "a generator, not an iterator")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Random bits: of one kind in four the fraction's own, or one beside it, so that they tie.
    pub fn bits_for(&mut self, nu: f64) -> u32 {
        let word = self.next();
        let own = (nu * 4_294_967_296.0) as u32;
        match word >> 62 {
            0 => own,
            1 => own.wrapping_sub(1 + (word as u32 & 1) * 0xffff),
            _ => word as u32,
        }
    }

    /// Between 0 and 1.
    pub fn uniform(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// N(0, 1) by Box and Muller.
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

#[must_use]
pub fn int(n: &BigInt) -> i64 {
    n.to_i64().expect("a small number")
}
