//! How often a stochastic operation rounds away, held to five standard deviations of a count of a
//! million with fixed seeds.

use lowprec::{Chop, Format, Rounding};

use crate::calls::{ADD, Columns, DIV, DOT, FMA, MUL, Op, SQRT, SUB, SUM, Slices, slices};
use crate::power;
use crate::rational::Real;
use lowprec_oracles::Bits;
use lowprec_oracles::{Oracle, Place};

const DRAWS: usize = 1_000_000;

/// Operands of which the exact result lies about ν of the way from 1 to the next value, and ν itself to
/// 33 digits.
fn site<T: Bits>(op: Op, format: Format, nu: f64) -> (Vec<T>, f64) {
    let ulp = power(-(format.mantissa_bits() as i32));
    let value = 1.0 + nu * ulp;
    let wide = match op {
        ADD => vec![1.0, nu * ulp],
        SUB => vec![1.0, -nu * ulp],
        MUL => vec![value / 1.1, 1.1],
        DIV => vec![value * 1.1, 1.1],
        SQRT => vec![value * value],
        FMA => vec![nu / 1.3, 1.3 * ulp, 1.0],
        SUM => vec![0.75, nu * ulp, 0.25],
        DOT => vec![nu * 0.7, ulp, 1.0, 1.0 + 0.3 * nu * ulp],
        other => panic!("no site for {other}"),
    };
    let args: Vec<T> = wide.into_iter().map(T::near).collect();
    let outcome = op.outcome(&args);
    let Some(Place::Between { low, high, .. }) = Oracle::<T>::new(format).place_outcome(outcome)
    else {
        panic!("{op} of {args:?} is exact")
    };
    assert_eq!((low.to_f64(), high.to_f64()), (1.0, 1.0 + ulp));
    let (digits, _) = Real::of(op, &args).1.fraction(low, high);
    (args, digits as f64 * power(-33))
}

fn odds<T: Bits>(format: Format) {
    for (seed, op) in [ADD, SUB, MUL, DIV, SQRT, FMA, SUM, DOT].into_iter().enumerate() {
        for (number, intended) in [0.001, 0.3, 0.999].into_iter().enumerate() {
            let (args, nu) = site::<T>(op, format, intended);
            let near = 0.05 * intended.min(1.0 - intended);
            assert!((nu - intended).abs() < near, "{op}: {nu} for {intended}");
            let columns: Columns<T> = args.iter().map(|x| vec![*x; DRAWS]).collect();
            let stream =
                Chop::new(format, Rounding::Stochastic).stream((100 * seed + number) as u64);
            let mut results = vec![T::zero(); DRAWS];
            stream.slice(op, &slices(&columns), &mut results);
            let away = results.iter().filter(|y| **y != T::one()).count() as f64;
            let draws = DRAWS as f64;
            let z = (away - draws * nu) / (draws * nu * (1.0 - nu)).sqrt();
            assert!(z.abs() <= 5.0, "{op} into {format}, ν = {nu}: {z} standard deviations");
        }
    }
}

#[test]
fn odds_in_f64() {
    odds::<f64>(Format::BFLOAT16);
    odds::<f64>(Format::new(8, 19).expect("a valid format"));
}

#[test]
fn odds_in_f32() {
    odds::<f32>(Format::OCP_E4M3);
    odds::<f32>(Format::BFLOAT16);
}
