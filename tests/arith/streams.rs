//! A seeded stream: an operation's random bits depend on seed and position alone, not on the shape of
//! the call or the storage type.

use lowprec::{Chop, Format, Rounding, Stream, reference::Rule};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::{ADD, Columns, Op, SQRT, Slices, row, slices};
use crate::check::compare;
use crate::operands::Operands;
use crate::policies;
use lowprec_oracles::at_every_level;
use lowprec_oracles::{Bits, Report};
use lowprec_oracles::{Exact, Outcome};

const COUNT: usize = 1000;
const SEED: u64 = 2019;

fn modes() -> Vec<Rounding> {
    let counted = [0, 1, 8, 16, 20, 32].into_iter().flat_map(|n| {
        let made =
            [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)];
        made.map(|mode| mode.expect("at most 32 bits"))
    });
    [Rounding::Stochastic, Rounding::StochasticEqual].into_iter().chain(counted).collect()
}

fn part<'a, T>(columns: &[&'a [T]], from: usize, to: usize) -> Vec<&'a [T]> {
    columns.iter().map(|column| &column[from..to]).collect()
}

/// The elements in calls of lengths 0 to 70, one behind the other.
fn in_pieces<T: Bits>(stream: &Stream, op: Op, columns: &[&[T]], to: &mut [T]) {
    let mut at = 0;
    for length in (0..=70).cycle() {
        let end = (at + length).min(to.len());
        stream.slice(op, &part(columns, at, end), &mut to[at..end]);
        at = end;
        if at == to.len() {
            return;
        }
    }
}

/// Every shape of call gives the scalar loop's results and ends at its position.
fn shapes<T: Bits>(formats: &[&str]) {
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(7);
    for (turn, name) in formats.iter().enumerate() {
        let format: Format = name.parse().expect("the name of a format");
        for op in Op::ALL {
            let columns: Columns<T> = Operands::new::<T>(op, format).columns(COUNT, &mut rng);
            for (number, rounding) in modes().into_iter().enumerate() {
                let (overflow, underflow) = policies(number + turn);
                let rule = Rule { format, rounding, overflow, underflow };
                one_rule(rule, op, &columns, &mut report);
            }
        }
    }
    report.finish(&format!("shapes of a stream's calls, {}", T::NAME));
}

fn one_rule<T: Bits>(rule: Rule, op: Op, columns: &Columns<T>, report: &mut Report) {
    let columns = slices(columns);
    let stream = || Chop::from_rule(rule).stream(SEED);
    let loop_ = stream();
    let wanted: Vec<T> = (0..COUNT).map(|i| op.scalar(&loop_, &row(&columns, i))).collect();
    assert_eq!(loop_.position(), COUNT as u64, "{op} {rule:?}");
    let mut compare_all = |path: &str, got: &[T]| {
        report.cases += COUNT as u64;
        for (i, (got, want)) in got.iter().zip(&wanted).enumerate() {
            compare(op, &row(&columns, i), &rule, path, *got, *want, report);
        }
    };
    at_every_level(|level| {
        let mut got = vec![T::zero(); COUNT];
        let whole = stream();
        whole.slice(op, &columns, &mut got);
        assert_eq!(whole.position(), COUNT as u64, "{op} {rule:?}");
        compare_all(&format!("{level}, slice"), &got);
        in_pieces(&stream(), op, &columns, &mut got);
        compare_all(&format!("{level}, pieces"), &got);
        for (from, to) in [(0, 333), (333, 334), (334, COUNT)] {
            stream().at(from as u64).slice(op, &part(&columns, from, to), &mut got[from..to]);
        }
        compare_all(&format!("{level}, shards"), &got);
        if op.operands() <= 2 {
            got.copy_from_slice(columns[0]);
            let place = stream();
            place.in_place(op, &mut got, &columns[1..]);
            assert_eq!(place.position(), COUNT as u64, "{op} {rule:?}");
            compare_all(&format!("{level}, in place"), &got);
        }
    });
}

#[test]
fn every_shape_of_call_in_f32() {
    shapes::<f32>(&["bfloat16", "e4m3fn", "p20"]);
}

#[test]
fn every_shape_of_call_in_f64() {
    shapes::<f64>(&["bfloat16", "binary16", "p40"]);
}

/// The exact result as a storage value, where it is one.
fn storable(outcome: Outcome) -> Option<f64> {
    match outcome {
        Outcome::Number { negative, magnitude } => {
            let (significand, exponent) = magnitude.parts();
            let fits = significand < 1 << 53 && exponent >= -1074 && magnitude.leading() <= 1023;
            let x = fits.then(|| Exact::new(significand, exponent).to_f64())?;
            Some(if negative { -x } else { x })
        }
        _ => None,
    }
}

/// An operation draws what rounding its exact result at the same position draws, where the storage type
/// holds that result; and f32 draws what f64 draws.
#[test]
fn draws_are_those_of_rounding_the_exact_result() {
    let mut rng = StdRng::seed_from_u64(8);
    let mut report = Report::default();
    for name in ["bfloat16", "binary16", "e4m3fn"] {
        let format: Format = name.parse().expect("the name of a format");
        for op in Op::ALL {
            let mut columns: Columns<f32> =
                Operands::new::<f32>(op, format).columns(COUNT, &mut rng);
            if op == SQRT {
                // Squares of twelve digits, whose roots bfloat16 does not have.
                let twelve = Chop::new(Format::unbounded(12).unwrap(), Rounding::TowardZero);
                for x in &mut columns[0] {
                    *x = twelve.chop(*x).powi(2);
                }
            }
            let columns = slices(&columns);
            for (number, rounding) in modes().into_iter().enumerate() {
                let (overflow, underflow) = policies(number);
                let rule = Rule { format, rounding, overflow, underflow };
                let stream = || Chop::from_rule(rule).stream(SEED);
                let mut single = vec![0.0_f32; COUNT];
                stream().slice(op, &columns, &mut single);
                let (mut told, chopping) = (0, stream());
                for (i, single) in single.iter().enumerate() {
                    let args = row(&columns, i);
                    let wide = args.map(f64::from);
                    let double = op.scalar(&stream().at(i as u64), &wide);
                    let single = f64::from(*single);
                    compare(op, &wide, &rule, "f32 and f64", single, double, &mut report);
                    report.cases += 1;
                    if let Some(exact) = storable(op.outcome(&wide)) {
                        let want = chopping.chop(exact);
                        compare(op, &wide, &rule, "chop", double, want, &mut report);
                        told += 1;
                    } else {
                        let _ = chopping.chop(0.0_f64);
                    }
                }
                assert!(told > 20, "{op} {name}: {told} exact results");
            }
        }
    }
    report.finish("draws of f32, f64 and chop");
}

#[test]
fn deterministic_modes_take_no_position() {
    for rounding in Rounding::DETERMINISTIC {
        let stream = Chop::new(Format::BFLOAT16, rounding).stream(SEED);
        for op in Op::ALL {
            let columns = vec![vec![1.1_f64; 100]; op.operands()];
            stream.slice(op, &slices(&columns), &mut [0.0; 100]);
            let _ = op.scalar(&stream, &[1.1_f64; 4]);
        }
        let _ = stream.add_flags(1.1_f64, 1.3);
        assert_eq!(stream.position(), 0, "{rounding}");
    }
}

/// Flags, integers and the other calls of one element take one position and draw as its plain form.
#[test]
fn calls_of_one_element_take_one_position() {
    let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    let (plain, flagged) = (sr.stream(SEED), sr.stream(SEED));
    for i in 0..1000 {
        let (x, y) = (1.0 + f64::from(i) / 999.0, 0.1 + f64::from(i) / 7.0);
        assert_eq!(flagged.add_flags(x, y).0, plain.add(x, y));
        assert_eq!(flagged.mul_flags(x, y).0, plain.mul(x, y));
        assert_eq!(flagged.div_flags(x, y).0, plain.div(x, y));
        assert_eq!(flagged.sqrt_flags(x).0, plain.sqrt(x));
        assert_eq!(flagged.fma_flags(x, y, x).0, plain.fma(x, y, x));
        assert_eq!(flagged.position(), plain.position());
        assert_eq!(plain.position(), 5 * (i as u64 + 1));
    }
    // map2_flags too.
    let (x, y) = (vec![1.1_f64; 50], vec![0.3_f64; 50]);
    let (mut a, mut b) = (vec![0.0; 50], vec![0.0; 50]);
    let Op::Two(add) = ADD else { unreachable!() };
    plain.map(add, [&x, &y], &mut a);
    assert!(flagged.map_flags(add, [&x, &y], &mut b).inexact);
    assert_eq!(a, b);
    assert_eq!(flagged.position(), plain.position());
}
