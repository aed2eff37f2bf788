//! Zeros, infinities and NaN, by tables (IEEE 754-2019 sections 6 and 7.2).

use lowprec::{Chop, Format, Overflow, Rounding};

use crate::calls::{ADD, DIV, DOT, FMA, FMOD, MUL, Op, REMAINDER, SQRT, SUB, SUM, Slices, slices};
use lowprec_oracles::Bits;
use lowprec_oracles::at_every_level;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// By a scalar call and in slices at every level, in both storage types.
fn assert_gives(format: Format, mode: Rounding, op: Op, args: &[f64], want: f64) {
    in_storage::<f64>(Chop::new(format, mode), op, args, want);
    in_storage::<f32>(Chop::new(format, mode), op, args, want);
}

fn in_storage<T: Bits>(chop: Chop, op: Op, args: &[f64], want: f64) {
    let args: Vec<T> = args.iter().map(|x| T::near(*x)).collect();
    let mut results = vec![op.scalar(&chop, &args)];
    let columns: Vec<Vec<T>> = args.iter().map(|x| vec![*x; 37]).collect();
    at_every_level(|_| {
        let mut to = vec![T::one(); 37];
        chop.slice(op, &slices(&columns), &mut to);
        results.extend(to);
    });
    for result in results {
        let same = result.to_word() == T::near(want).to_word();
        assert!(same, "{op} of {args:?} by {chop:?}: {result:?}, not {want:?}");
    }
}

/// In every mode.
fn always(op: Op, args: &[f64], want: f64) {
    for mode in Rounding::DETERMINISTIC {
        assert_gives(Format::BINARY16, mode, op, args, want);
        assert_gives(Format::BFLOAT16, mode, op, args, want);
    }
}

/// +0 but in `Down`.
fn zero_sum(op: Op, args: &[f64]) {
    for mode in Rounding::DETERMINISTIC {
        let want = if mode == Rounding::Down { -0.0 } else { 0.0 };
        assert_gives(Format::BINARY16, mode, op, args, want);
        assert_gives(Format::BFLOAT16, mode, op, args, want);
    }
}

#[test]
fn zeros_that_are_sums() {
    for (op, args) in [
        (ADD, &[1.0, -1.0][..]),
        (ADD, &[-1.0, 1.0]),
        (ADD, &[0.0, -0.0]),
        (ADD, &[-0.0, 0.0]),
        (SUB, &[1.0, 1.0]),
        (SUB, &[0.0, 0.0]),
        (SUB, &[-0.0, -0.0]),
        (FMA, &[2.0, 3.0, -6.0]),
        (FMA, &[0.0, 3.0, -0.0]),
        (FMA, &[-0.0, 3.0, 0.0]),
        (SUM, &[1.0, 2.0, -3.0]),
        (SUM, &[0.0, 0.0, -0.0]),
        (SUM, &[1e-3, -0.0, -1e-3]),
        (DOT, &[1.0, 6.0, -2.0, 3.0]),
        (DOT, &[0.0, 1.0, -0.0, 1.0]),
        (DOT, &[-0.0, -1.0, 0.0, -1.0]),
    ] {
        zero_sum(op, args);
    }
}

#[test]
fn zeros_with_a_sign_of_their_own() {
    for (op, args, want) in [
        (ADD, &[0.0, 0.0][..], 0.0),
        (ADD, &[-0.0, -0.0], -0.0),
        (SUB, &[0.0, -0.0], 0.0),
        (SUB, &[-0.0, 0.0], -0.0),
        (MUL, &[0.0, -3.0], -0.0),
        (MUL, &[-0.0, -3.0], 0.0),
        (MUL, &[-0.0, 0.0], -0.0),
        (DIV, &[0.0, -3.0], -0.0),
        (DIV, &[-0.0, -3.0], 0.0),
        (DIV, &[3.0, -INF], -0.0),
        (DIV, &[-3.0, -INF], 0.0),
        (SQRT, &[-0.0], -0.0),
        (SQRT, &[0.0], 0.0),
        (FMA, &[-0.0, 3.0, -0.0], -0.0),
        (FMA, &[0.0, 3.0, 0.0], 0.0),
        (SUM, &[-0.0, -0.0, -0.0], -0.0),
        (SUM, &[0.0, 0.0, 0.0], 0.0),
        (DOT, &[-0.0, 1.0, -0.0, 1.0], -0.0),
        (DOT, &[0.0, 1.0, -0.0, -1.0], 0.0),
        (REMAINDER, &[6.0, 3.0], 0.0),
        (REMAINDER, &[-6.0, 3.0], -0.0),
        (REMAINDER, &[-0.0, -3.0], -0.0),
        (FMOD, &[6.0, -3.0], 0.0),
        (FMOD, &[-6.0, 3.0], -0.0),
        (FMOD, &[-0.0, 3.0], -0.0),
    ] {
        always(op, args, want);
    }
}

#[test]
fn infinities() {
    for (op, args, want) in [
        (ADD, &[INF, 1.0][..], INF),
        (ADD, &[INF, INF], INF),
        (ADD, &[-INF, 1e4], -INF),
        (SUB, &[INF, -INF], INF),
        (SUB, &[1.0, INF], -INF),
        (MUL, &[INF, -2.0], -INF),
        (MUL, &[-INF, -INF], INF),
        (DIV, &[INF, -0.0], -INF),
        (DIV, &[-INF, -2.0], INF),
        (DIV, &[1.0, -0.0], -INF),
        (DIV, &[-1.0, -0.0], INF),
        (SQRT, &[INF], INF),
        (FMA, &[INF, 2.0, 3.0], INF),
        (FMA, &[2.0, 3.0, -INF], -INF),
        (FMA, &[INF, 2.0, INF], INF),
        (SUM, &[INF, -1.0, INF], INF),
        (DOT, &[1.0, INF, 2.0, 3.0], INF),
        (DOT, &[1.0, -INF, 2.0, -INF], -INF),
        (REMAINDER, &[5.0, INF], 5.0),
        (REMAINDER, &[-5.0, -INF], -5.0),
        (FMOD, &[5.0, -INF], 5.0),
    ] {
        always(op, args, want);
    }
}

#[test]
fn invalid_operations_give_the_positive_nan() {
    for (op, args) in [
        (ADD, &[INF, -INF][..]),
        (SUB, &[-INF, -INF]),
        (MUL, &[0.0, INF]),
        (MUL, &[-INF, 0.0]),
        (DIV, &[0.0, -0.0]),
        (DIV, &[-INF, INF]),
        (SQRT, &[-1.0]),
        (SQRT, &[-f64::INFINITY]),
        (FMA, &[0.0, INF, 1.0]),
        (FMA, &[INF, 1.0, -INF]),
        (SUM, &[INF, 1.0, -INF]),
        (SUM, &[INF, -INF, INF]),
        (DOT, &[INF, 1.0, INF, -1.0]),
        (DOT, &[INF, 0.0, 1.0, 1.0]),
        (DOT, &[1.0, 1.0, 0.0, -INF]),
        (REMAINDER, &[1.0, 0.0]),
        (REMAINDER, &[-INF, 1.0]),
        (FMOD, &[-1.0, 0.0]),
        (FMOD, &[INF, INF]),
    ] {
        always(op, args, NAN);
    }
}

/// A NaN operand in every place, of either sign, with a payload and signalling, beside numbers and
/// infinities.
#[test]
fn nan_operands_give_the_positive_quiet_nan() {
    fn in_storage<T: Bits>(payload: u64) {
        let quiet = T::nan().to_word();
        let infinite = T::infinity().to_word();
        let minus = (-T::zero()).to_word();
        for nan in
            [quiet, quiet | payload, infinite | payload, quiet | minus, quiet | minus | payload]
        {
            let nan = T::of_word(nan);
            for op in Op::ALL {
                for place in 0..op.operands() {
                    for other in [T::one(), T::zero(), T::infinity(), -T::infinity()] {
                        let mut args = vec![other; op.operands()];
                        args[place] = nan;
                        for mode in [Rounding::NearestEven, Rounding::Down, Rounding::ToOdd] {
                            let chop = Chop::new(Format::BFLOAT16, mode);
                            let got = op.scalar(&chop, &args);
                            assert_eq!(got.to_word(), quiet, "{op} {args:?}");
                            let columns: Vec<Vec<T>> = args.iter().map(|x| vec![*x; 9]).collect();
                            let mut to = [T::one(); 9];
                            chop.slice(op, &slices(&columns), &mut to);
                            assert!(to.iter().all(|y| y.to_word() == quiet), "{op} {args:?}");
                        }
                    }
                }
            }
        }
    }
    in_storage::<f32>(0x1234);
    in_storage::<f64>(0x1234_5678_9abc);
}

/// Where the operation in the storage type overflows, the exact result is finite still.
#[test]
fn infinities_of_the_storage_are_no_operands() {
    let largest = Format::BFLOAT16.largest_finite();
    let huge = largest;
    for (mode, sign, want) in [
        (Rounding::TowardZero, 1.0, largest),
        (Rounding::Down, 1.0, largest),
        (Rounding::Down, -1.0, -INF),
        (Rounding::Up, 1.0, INF),
        (Rounding::Up, -1.0, -largest),
        (Rounding::TowardZero, -1.0, -largest),
        (Rounding::NearestEven, 1.0, INF),
        (Rounding::AwayFromZero, -1.0, -INF),
    ] {
        let check = |op, args: &[f64]| {
            in_storage::<f32>(Chop::new(Format::BFLOAT16, mode), op, args, want);
        };
        check(ADD, &[sign * huge, sign * huge]);
        check(SUB, &[sign * huge, -sign * huge]);
        check(MUL, &[sign * huge, huge]);
        check(DIV, &[sign * huge, 1e-30]);
        check(FMA, &[sign * huge, huge, -sign * huge]);
        check(SUM, &[sign * huge, sign * huge, sign]);
        check(DOT, &[sign * huge, huge, sign, 1.0]);
    }
    // A partial result beyond the storage type, and back again.
    for mode in Rounding::DETERMINISTIC {
        let chop = Chop::new(Format::BFLOAT16, mode);
        in_storage::<f32>(chop, SUM, &[huge, huge, -huge], huge);
        in_storage::<f32>(chop, SUM, &[-huge, -huge, huge], -huge);
        let power = 2f64.powi(64);
        in_storage::<f32>(chop, DOT, &[power, power, -power, power / 2.0], power * power / 2.0);
    }
    let half = 2f64.powi(127);
    for mode in Rounding::DETERMINISTIC {
        let chop = Chop::new(Format::BFLOAT16, mode);
        in_storage::<f32>(chop, FMA, &[half, 2.0, -half], half);
        in_storage::<f32>(chop, DOT, &[half, 2.0, half, -1.0], half);
        let most = f64::MAX;
        let wide = Chop::new(Format::BINARY64, mode);
        in_storage::<f64>(wide, SUM, &[most, most, -most], most);
        in_storage::<f64>(wide, FMA, &[most, 2.0, -most], most);
        in_storage::<f64>(
            wide,
            DOT,
            &[most, most, most, -most],
            if mode == Rounding::Down { -0.0 } else { 0.0 },
        );
    }
}

/// Infinite operands saturate as the policy says; those that the storage type made do likewise.
#[test]
fn saturation_of_infinite_and_finite_results() {
    let even =
        |overflow| Chop::new(Format::BINARY16, Rounding::NearestEven).with_overflow(overflow);
    let (all, finite) = (even(Overflow::Saturate), even(Overflow::SaturateFinite));
    for (op, args) in [(ADD, [INF, 1.0]), (MUL, [INF, 2.0]), (DIV, [INF, 3.0])] {
        in_storage::<f64>(all, op, &args, 65504.0);
        in_storage::<f32>(all, op, &args, 65504.0);
        in_storage::<f64>(finite, op, &args, INF);
        in_storage::<f32>(finite, op, &args, INF);
    }
    for (op, args) in [(ADD, [3e38, 3e38]), (MUL, [1e30, 1e30]), (DIV, [1e30, 1e-30])] {
        for chop in [all, finite] {
            in_storage::<f64>(chop, op, &args, 65504.0);
            in_storage::<f32>(chop, op, &args, 65504.0);
        }
    }
}
