//! The flags, against what `Flags`' sentences make of exact results.

use lowprec::{Chop, Flags, Format, Overflow, Rounding, Underflow, reference::Rule};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::{ADD, Columns, DIV, MUL, Op, SQRT, row, slices};
use crate::check::{compare, rules};
use crate::operands::Operands;
use crate::power;
use lowprec_oracles::Oracle;
use lowprec_oracles::{Bits, Report};

fn check<T: Bits>(oracle: &Oracle<T>, op: Op, rule: &Rule, args: &[T], report: &mut Report) {
    let outcome = op.outcome(args);
    let place = oracle.place_outcome(outcome);
    let (want, mut raised) =
        (oracle.round(outcome, place, rule), oracle.flags(outcome, place, rule));
    // A signaling NaN is invalid: one whose first fraction bit is zero.
    let quiet = 1 << (T::PRECISION - 2);
    let is_signaling = |x: &T| x.is_nan() && x.to_word() & quiet == 0;
    raised.invalid |= args[..op.operands()].iter().any(is_signaling);
    let defined = op.reference(args, rule, &[]);
    let called = op.with_flags(&Chop::from_rule(*rule), args);
    report.cases += 2;
    for (path, (got, flags)) in [("reference", defined), ("with flags", called)] {
        compare(op, args, rule, path, got, want, report);
        if flags != raised {
            let shown = &args[..op.operands()];
            report.wrong(|| format!("{path}: {op} {shown:?} {rule:?}: {flags}, not {raised}"));
        }
    }
}

fn random<T: Bits>(formats: &[&str]) {
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(754);
    let mut seen = [0_u32; 5];
    for name in formats {
        let format: Format = name.parse().expect("the name of a format");
        let oracle = Oracle::<T>::new(format);
        for (turn, op) in Op::ALL.into_iter().enumerate() {
            let columns: Columns<T> = Operands::new::<T>(op, format).columns(2400, &mut rng);
            let columns = slices(&columns);
            for i in 0..columns[0].len() {
                let args = row(&columns, i);
                for rule in rules(format, turn + i) {
                    check(&oracle, op, &rule, &args, &mut report);
                }
                let flags = op.with_flags(&Chop::from_rule(rules(format, turn + i)[0]), &args).1;
                let Flags { invalid, division_by_zero, overflow, underflow, inexact } = flags;
                let raised = [invalid, division_by_zero, overflow, underflow, inexact];
                for (count, raised) in seen.iter_mut().zip(raised) {
                    *count += u32::from(raised);
                }
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 20), "some flag is rare: {seen:?}");
    report.finish(&format!("flags, {}", T::NAME));
}

#[test]
fn flags_of_random_operands_in_f32() {
    random::<f32>(&["binary16", "bfloat16", "e4m3fn", "e2m1fn", "p20e-60:60", "binary32"]);
}

#[test]
fn flags_of_random_operands_in_f64() {
    let formats = ["binary16", "bfloat16", "e5m2", "e4m3fnuz", "binary8p4uf", "p40e-100:100"];
    random::<f64>(&formats);
    random::<f64>(&["binary32", "binary64", "p11e-14:15[bits=5,top=2047,low=zero-field]"]);
}

fn half(rounding: Rounding) -> Chop {
    Chop::new(Format::BINARY16, rounding)
}

/// IEEE 754-2019 section 7, by examples in binary16.
#[test]
fn examples_of_each_flag() {
    let even = half(Rounding::NearestEven);
    let only = |set: fn(&mut Flags)| {
        let mut flags = Flags::NONE;
        set(&mut flags);
        flags
    };
    let (invalid, zero) = (only(|f| f.invalid = true), only(|f| f.division_by_zero = true));
    let inexact = only(|f| f.inexact = true);
    let overflow = only(|f| (f.overflow, f.inexact) = (true, true));
    let underflow = only(|f| (f.underflow, f.inexact) = (true, true));
    let (inf, nan, least) = (f64::INFINITY, f64::NAN, power(-24));
    for (op, [x, y], want) in [
        (ADD, [1.0, 2.0], Flags::NONE),
        (ADD, [1.0, power(-11)], inexact),
        (ADD, [inf, -inf], invalid),
        (ADD, [inf, inf], Flags::NONE),
        (ADD, [nan, inf], Flags::NONE),
        (ADD, [65504.0, 15.0], inexact),
        (ADD, [65504.0, 16.0], overflow),
        // A tiny exact result raises nothing, an inexact one both.
        (MUL, [least, 1.0], Flags::NONE),
        (MUL, [least, 0.75], underflow),
        (MUL, [least, power(-300)], underflow),
        (MUL, [0.0, inf], invalid),
        (DIV, [1.0, 0.0], zero),
        (DIV, [0.0, 0.0], invalid),
        (DIV, [inf, inf], invalid),
        (DIV, [inf, 0.0], Flags::NONE),
        (DIV, [1.0, inf], Flags::NONE),
        (DIV, [1.0, 3.0], inexact),
        (SQRT, [-1.0, 0.0], invalid),
        (SQRT, [-0.0, 0.0], Flags::NONE),
        (SQRT, [2.0, 0.0], inexact),
    ] {
        assert_eq!(op.with_flags(&even, &[x, y, 0.0, 0.0]).1, want, "{op} {x} {y}");
    }
    // Saturating it is the same overflow, and an infinity that did not come out as one is one too.
    let saturating = even.with_overflow(Overflow::Saturate);
    assert_eq!(saturating.add_flags(65504.0, 16.0), (65504.0, overflow));
    assert_eq!(saturating.div_flags(1.0, 0.0).0, 65504.0);
    assert!(saturating.div_flags(1.0, 0.0).1.division_by_zero);
    // Tininess after rounding: 2^-14 - 2^-26 is 2^-14 in ten digits with an exponent unbounded, and a
    // little less is not, though both come out as 2^-14.
    let normal = power(-14);
    assert_eq!(even.sub_flags(normal, power(-26)), (normal, inexact));
    assert_eq!(even.sub_flags(normal, power(-26) + power(-40)), (normal, underflow));
    // A number flushed to zero was tiny, and is not what it was.
    let flushing = even.with_underflow(Underflow::FlushToZero);
    assert_eq!(flushing.mul_flags(least, 2.0), (0.0, underflow));
    // Joined over a slice.
    let mut to = [0.0; 3];
    let all = even.map_flags(lowprec::Binary::Div, [&[1.0, 1.0, 4.0], &[0.0, 3.0, 2.0]], &mut to);
    assert_eq!(all, zero | inexact);
    assert_eq!(to, [inf, 0.333251953125, 2.0]);
}

/// Stochastic results come with the flags of the number drawn.
#[test]
fn flags_of_drawn_results() {
    let stream = half(Rounding::Stochastic).stream(1);
    let (mut drawn, mut overflowed) = (0, 0);
    for _ in 0..1000 {
        let (sum, flags) = stream.add_flags(65504.0_f64, 16.0);
        assert!(flags.inexact && flags.overflow == sum.is_infinite(), "{sum}: {flags}");
        overflowed += u32::from(flags.overflow);
        let (product, flags) = stream.mul_flags(power(-24), 0.5);
        assert!(flags.underflow && (product == 0.0 || product == power(-24)));
        drawn += u32::from(product != 0.0);
    }
    assert!((400..600).contains(&overflowed) && (400..600).contains(&drawn));
}
