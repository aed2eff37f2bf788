//! The harmonic series in the mode `Up`: s ← s + 1/n, both rounded up, until it overflows.
//!
//! Each step is proven in rationals: the sum is the exact one of s and the term, rounded up, and the
//! term is 1/n rounded up. A library that rounds the sum that `f64` has rounded stalls long before.

use lowprec::number::{Bfloat16, Binary16, StaticFormat, Up};
use lowprec::{Chop, Lp, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Float, Zero};

use crate::rational::{self, Mode};

/// The last n with a finite sum.
fn last_finite<F: StaticFormat>(format: rational::Format) -> u32 {
    let mut sum = Lp::<F, Up>::zero();
    for n in 1_u32.. {
        // n is not rounded: from 2^p on it need not be a number of the format.
        let term = Chop::new(F::FORMAT, Rounding::Up).div(1.0, f64::from(n));
        let term = Lp::try_exact(term).expect("a number of the format");
        let exact = BigRational::new(1.into(), BigInt::from(n));
        assert_eq!(term.to_f64(), format.round(&exact, Mode::Up), "1/{n}");
        let next = sum + term;
        let exact = rational::of_f64(sum.to_f64()) + rational::of_f64(term.to_f64());
        assert_eq!(next.to_f64(), format.round(&exact, Mode::Up), "{sum} + 1/{n}");
        assert!(next > sum, "a sum rounded up grows: {sum} at {n}");
        if Float::is_infinite(next) {
            assert_eq!(sum, Float::max_value(), "before it overflows");
            return n - 1;
        }
        sum = next;
    }
    unreachable!("it overflows")
}

#[test]
fn rounded_up_the_series_overflows() {
    assert_eq!(last_finite::<Binary16>(rational::BINARY16), 13_909);
    assert_eq!(last_finite::<Bfloat16>(rational::BFLOAT16), 16_147);
}
