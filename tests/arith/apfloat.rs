//! A second oracle: rustc_apfloat, results and flags, on operands that are numbers of the format.
//!
//! Its underflow is not that of tininess after rounding: a number that gradual underflow rounds up to
//! the smallest normal one raises none, whatever it would be with an exponent unbounded. So the two
//! are compared where the result is below that number. And it raises overflow for infinite results
//! only, where IEEE 754-2019 7.4 does for the largest number of a directed mode too.

use lowprec::{Chop, Flags, Format, Rounding, reference::Rule};
use rand::SeedableRng;
use rand::rngs::StdRng;
use rustc_apfloat::ieee::{Double, IeeeFloat, Semantics};
use rustc_apfloat::{Float, FloatConvert, Round, Status, StatusAnd};

use crate::calls::{ADD, DIV, FMA, FMOD, MUL, Op, REMAINDER, SUB, row, slices};
use crate::check::compare;
use crate::operands::Operands;
use lowprec_oracles::apfloat::MODES;
use lowprec_oracles::{Bits, Report};

/// Elements of each format and operation.
const ELEMENTS: usize = if cfg!(exhaustive) { 1_000_000 } else { 60_000 };

/// The operations that it has.
const OPS: [Op; 7] = [ADD, SUB, MUL, DIV, REMAINDER, FMOD, FMA];

struct Tf32;

impl Semantics for Tf32 {
    const BITS: usize = 19;
    const EXP_BITS: usize = 8;
}

/// Exact: the operands are numbers of the format.
fn theirs<S: Semantics>(x: f64) -> IeeeFloat<S> {
    let double = Double::from_bits(u128::from(x.to_bits()));
    let mut loses = false;
    let converted = double.convert(&mut loses);
    assert!(!loses || x.is_nan(), "{x:e} is no number of theirs");
    converted.value
}

fn compute<S: Semantics>(op: Op, args: &[f64], mode: Round) -> (f64, Status) {
    let x: Vec<IeeeFloat<S>> = args.iter().map(|x| theirs(*x)).collect();
    let StatusAnd { status, value } = match op {
        ADD => x[0].add_r(x[1], mode),
        SUB => x[0].sub_r(x[1], mode),
        MUL => x[0].mul_r(x[1], mode),
        DIV => x[0].div_r(x[1], mode),
        REMAINDER => x[0].ieee_rem(x[1]),
        FMOD => x[0].c_fmod(x[1]),
        FMA => x[0].mul_add_r(x[1], x[2], mode),
        other => panic!("theirs has no {other}"),
    };
    let double: Double = value.convert(&mut false).value;
    let result = f64::from_bits(double.to_bits() as u64);
    (if result.is_nan() { f64::NAN } else { result }, status)
}

fn flags(status: Status, result: f64, normal: f64, ours: Flags) -> Flags {
    let below = result.abs() < normal;
    Flags {
        invalid: status.contains(Status::INVALID_OP),
        division_by_zero: status.contains(Status::DIV_BY_ZERO),
        overflow: if result.is_infinite() {
            status.contains(Status::OVERFLOW)
        } else {
            ours.overflow
        },
        underflow: if below { status.contains(Status::UNDERFLOW) } else { ours.underflow },
        inexact: status.contains(Status::INEXACT),
    }
}

fn check<S: Semantics, T: Bits>(format: Format, report: &mut Report) {
    let nearest = Chop::new(format, Rounding::NearestEven);
    let normal = format.smallest_normal();
    for op in OPS {
        let mut rng = StdRng::seed_from_u64(u64::from(format.precision()));
        let mut columns = Operands::new::<T>(op, format).columns::<T>(ELEMENTS, &mut rng);
        for column in &mut columns {
            nearest.chop_slice(column);
        }
        let columns = slices(&columns);
        for (rounding, mode) in MODES {
            let chop = Chop::new(format, rounding);
            let rule = Rule::new(format, rounding);
            let mut got = vec![T::zero(); ELEMENTS];
            crate::calls::Slices::slice(&chop, op, &columns, &mut got);
            for (i, got) in got.iter().enumerate() {
                let args = row(&columns, i);
                let wide: Vec<f64> = args[..op.operands()].iter().map(|x| x.widen()).collect();
                let (want, status) = compute::<S>(op, &wide, mode);
                report.cases += 1;
                let want = T::narrow(want).expect("a number of the format");
                compare(op, &args, &rule, "against rustc_apfloat", *got, want, report);
                if i % 7 == 0 && !wide.iter().any(|x| x.is_nan()) {
                    let ours = op.with_flags(&chop, &args).1;
                    let theirs = flags(status, want.widen(), normal, ours);
                    if ours != theirs {
                        report.wrong(|| format!("{op} {wide:?} {rule:?}: {ours}, not {theirs}"));
                    }
                }
            }
        }
    }
}

#[test]
fn members_in_f64() {
    use rustc_apfloat::ieee::{BFloatS, DoubleS, HalfS, SingleS};
    let mut report = Report::default();
    check::<HalfS, f64>(Format::BINARY16, &mut report);
    check::<BFloatS, f64>(Format::BFLOAT16, &mut report);
    check::<Tf32, f64>(Format::TF32, &mut report);
    check::<SingleS, f64>(Format::BINARY32, &mut report);
    check::<DoubleS, f64>(Format::BINARY64, &mut report);
    report.finish("rustc_apfloat, f64");
}

#[test]
fn members_in_f32() {
    use rustc_apfloat::ieee::{BFloatS, HalfS, SingleS};
    let mut report = Report::default();
    check::<HalfS, f32>(Format::BINARY16, &mut report);
    check::<BFloatS, f32>(Format::BFLOAT16, &mut report);
    check::<Tf32, f32>(Format::TF32, &mut report);
    check::<SingleS, f32>(Format::BINARY32, &mut report);
    report.finish("rustc_apfloat, f32");
}
