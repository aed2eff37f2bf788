//! `half`: conversions, and arithmetic on pairs. `half` computes in `f32` and rounds again, which is
//! innocuous for 11 and 8 digits.

use half::{bf16, f16};
use lowprec::Lp;
use lowprec::number::{Bfloat16, Binary16};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Pairs for each operation.
const PAIRS: u64 = if cfg!(exhaustive) { 100_000_000 } else { 10_000_000 };

macro_rules! against_half {
    ($module:ident, $half:ty, $format:ty) => {
        mod $module {
            use super::*;

            type Number = Lp<$format>;

            fn number(code: u16) -> Number {
                Number::from_bits(code.into()).expect("all codes are values")
            }

            fn agrees(ours: Number, theirs: $half) -> bool {
                if theirs.is_nan() {
                    return ours.is_nan();
                }
                let theirs = theirs.to_f64();
                ours.to_f64().to_bits() == theirs.to_bits()
            }

            #[test]
            fn every_code_is_the_same_value() {
                for code in 0..=u16::MAX {
                    let (ours, theirs) = (number(code), <$half>::from_bits(code));
                    assert!(agrees(ours, theirs), "{code:#x}: {ours:e} {theirs:e}");
                    assert_eq!(ours.to_f32().to_bits(), Number::from_f32(ours.to_f32()).to_f32().to_bits());
                    if !ours.is_nan() {
                        assert_eq!(ours.to_bits(), Ok(code.into()));
                        assert_eq!(ours.to_f32().to_bits(), theirs.to_f32().to_bits());
                    }
                }
            }

            #[test]
            fn single_precision_rounds_alike() {
                let mut rng = StdRng::seed_from_u64(1);
                let compare = |x: f32| {
                    let (ours, theirs) = (Number::from_f32(x), <$half>::from_f32(x));
                    assert!(agrees(ours, theirs), "{x:e}: {ours:e} {theirs:e}");
                };
                for code in 0..=u16::MAX {
                    let x = <$half>::from_bits(code).to_f32();
                    let middle = (x + <$half>::from_bits(code.wrapping_add(1)).to_f32()) / 2.0;
                    for x in [middle, middle.next_up(), middle.next_down()] {
                        compare(x);
                    }
                }
                for _ in 0..PAIRS {
                    compare(f32::from_bits(rng.random()));
                }
            }

            fn pairs(seed: u64, check: impl Fn(Number, $half, Number, $half)) {
                let mut rng = StdRng::seed_from_u64(seed);
                for _ in 0..PAIRS {
                    let bits: u32 = rng.random();
                    let (x, y) = (bits as u16, (bits >> 16) as u16);
                    check(number(x), <$half>::from_bits(x), number(y), <$half>::from_bits(y));
                }
            }

            macro_rules! operation {
                ($test:ident, $seed:literal, $op:tt) => {
                    #[test]
                    fn $test() {
                        pairs($seed, |x, half_x, y, half_y| {
                            let (ours, theirs) = (x $op y, half_x $op half_y);
                            assert!(agrees(ours, theirs), "{x:e} {} {y:e}: {ours:e} {theirs:e}", stringify!($op));
                        });
                    }
                };
            }

            operation!(sums, 2, +);
            operation!(differences, 3, -);
            operation!(products, 4, *);
            operation!(quotients, 5, /);
        }
    };
}

against_half!(binary16, f16, Binary16);
against_half!(bfloat16, bf16, Bfloat16);
