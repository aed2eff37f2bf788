//! Lengths, starts and refusals of slices.

use std::panic::{AssertUnwindSafe, catch_unwind};

use lowprec::{Binary, Chop, Flags, Format, Quaternary, Rounding, Ternary, Unary};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::{Columns, Op, Slices, row, slices};
use crate::check::{compare, rules};
use crate::operands::Operands;
use lowprec_oracles::Oracle;
use lowprec_oracles::at_every_level;
use lowprec_oracles::{Bits, Report};

const ROOM: usize = 140;

/// A number that no format of few bits holds, to find what was written where nothing should be.
fn sentinel<T: Bits>() -> T {
    T::of_word(0x3d5a_5a5a)
}

/// Lengths 0 to 130 from starts that no vector is aligned to, each operand another one.
fn lengths<T: Bits>(name: &str) {
    let format: Format = name.parse().expect("the name of a format");
    let oracle = Oracle::<T>::new(format);
    let mut rng = StdRng::seed_from_u64(130);
    let mut report = Report::default();
    for (turn, op) in Op::ALL.into_iter().enumerate() {
        let columns: Columns<T> = Operands::new::<T>(op, format).columns(3 * ROOM, &mut rng);
        for rule in rules(format, turn) {
            let chop = Chop::from_rule(rule);
            at_every_level(|level| {
                for length in 0..=130 {
                    let start = |column: usize| (length * (7 + 2 * column) + column) % ROOM;
                    let args: Vec<&[T]> = (0..op.operands())
                        .map(|column| &columns[column][start(column)..start(column) + length])
                        .collect();
                    let pad = 1 + length % 5;
                    let mut to = [sentinel::<T>(); ROOM];
                    chop.slice(op, &args, &mut to[pad..pad + length]);
                    let mut written = vec![to];
                    if op.operands() <= 2 {
                        let mut place = [sentinel::<T>(); ROOM];
                        place[pad..pad + length].copy_from_slice(args[0]);
                        chop.in_place(op, &mut place[pad..pad + length], &args[1..]);
                        written.push(place);
                    }
                    for written in &written {
                        for i in 0..length {
                            report.cases += 1;
                            let args = row(&args, i);
                            let outcome = op.outcome(&args);
                            let place = oracle.place_outcome(outcome);
                            let want = oracle.round(outcome, place, &rule);
                            let path = format_args!("{level}, length {length}").to_string();
                            compare(op, &args, &rule, &path, written[pad + i], want, &mut report);
                        }
                        let outside = written[..pad].iter().chain(&written[pad + length..]);
                        let same = |x: &T| x.to_word() == sentinel::<T>().to_word();
                        assert!(outside.into_iter().all(same), "{op} {rule:?} wrote beside");
                    }
                }
            });
        }
    }
    report.finish(&format!("lengths and starts, {name} in {}", T::NAME));
}

#[test]
fn lengths_and_starts_in_f32() {
    lengths::<f32>("bfloat16");
}

#[test]
fn lengths_and_starts_in_f64() {
    lengths::<f64>("binary16");
}

/// In place in parts: more elements than are copied at a time.
#[test]
fn long_slices_in_place() {
    let mut rng = StdRng::seed_from_u64(512);
    for op in Op::ALL.into_iter().filter(|op| op.operands() <= 2) {
        let columns: Columns<f64> =
            Operands::new::<f64>(op, Format::BFLOAT16).columns(2000, &mut rng);
        let columns = slices(&columns);
        let up = Chop::new(Format::BFLOAT16, Rounding::Up);
        let mut into = vec![0.0; 2000];
        up.slice(op, &columns, &mut into);
        let mut place = columns[0].to_vec();
        up.in_place(op, &mut place, &columns[1..]);
        let words = |values: &[f64]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(words(&into), words(&place), "{op}");
    }
}

/// The message of a panic.
fn message(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it must panic");
    panic.downcast_ref::<String>().cloned().expect("a message")
}

#[test]
fn unequal_lengths_are_refused() {
    let chop = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    let stream = chop.stream(1);
    let (two, three) = ([1.0_f64; 2], [1.0_f64; 3]);
    let first = "operand 0 has 2 elements, the results 3";
    let second = "operand 1 has 2 elements, the results 3";
    let third = "operand 2 has 2 elements, the results 3";
    let fourth = "operand 3 has 2 elements, the results 3";
    let to = || [0.0_f64; 3];
    assert_eq!(message(|| chop.map(Unary::Sqrt, [&two], &mut to())), first);
    assert_eq!(message(|| stream.map(Unary::Sqrt, [&two], &mut to())), first);
    for op in [Binary::Add, Binary::Remainder] {
        assert_eq!(message(|| chop.map(op, [&two, &three], &mut to())), first);
        assert_eq!(message(|| chop.map(op, [&three, &two], &mut to())), second);
        assert_eq!(message(|| stream.map(op, [&three, &two], &mut to())), second);
        let inexact = |to: &mut [f64]| chop.map_flags(op, [&three, &two], to) == Flags::NONE;
        assert_eq!(message(|| assert!(inexact(&mut to()))), second);
        assert_eq!(
            message(|| chop.map_inplace(op, &mut to(), [&two])),
            first,
            "the others count from 0"
        );
        let mut rng = StdRng::seed_from_u64(1);
        assert_eq!(message(|| chop.map_with(op, [&three, &two], &mut to(), &mut rng)), second);
        assert_eq!(message(|| chop.map_words(op, [&three, &two], &mut to(), &[0; 3])), second);
        assert_eq!(message(|| chop.map_words(op, [&three, &three], &mut to(), &[0; 2])), third);
    }
    assert_eq!(message(|| chop.map_words(Unary::Sqrt, [&three], &mut to(), &[0; 2])), second);
    assert_eq!(message(|| chop.map(Ternary::Fma, [&three, &three, &two], &mut to())), third);
    assert_eq!(message(|| stream.map(Ternary::Sum, [&two, &three, &three], &mut to())), first);
    let four = [&three[..], &three, &three, &two];
    assert_eq!(message(|| chop.map(Quaternary::Dot, four, &mut to())), fourth);
    assert_eq!(stream.position(), 0);
}

/// The unseeded and the callers' generators draw too: both results come, and no others.
#[test]
fn other_sources_of_random_bits() {
    let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    let (x, y) = (vec![1.0_f64; 4000], vec![0.5 / 128.0; 4000]);
    let upper = 1.0 + 1.0 / 128.0;
    let mut rng = StdRng::seed_from_u64(5);
    let (mut own, mut given) = (vec![0.0; 4000], vec![0.0; 4000]);
    sr.map(Binary::Add, [&x, &y], &mut own);
    sr.map_with(Binary::Add, [&x, &y], &mut given, &mut rng);
    for sums in [own, given] {
        let away = sums.iter().filter(|sum| **sum == upper).count();
        assert!(sums.iter().all(|sum| *sum == upper || *sum == 1.0));
        // Eight standard deviations of a count of 4000 at 1/2 are 253.
        assert!((1747..=2253).contains(&away), "{away} of 4000");
    }
}
