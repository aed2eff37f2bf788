//! Every rounding mistake found, in another library or in this one: the input, what it became there,
//! what it is.
//!
//! Each case runs through every way of rounding a value, in `f64` and, where the input is one of its
//! numbers, in `f32`. Numbers are written in C's hexadecimal form, which says the bits exactly.

use lowprec::{
    Binary, Chop, Format, Overflow, Rounding, Storage, Ternary, Unary, Underflow, chop,
    format::{Datum, Signedness},
    reference,
    reference::Rule,
};

/// A number in C's `%a` form, or `inf` or `nan`.
fn hex(text: &str) -> f64 {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let datum = match digits.strip_prefix("0x") {
        None if digits == "inf" => Datum::Infinite { negative },
        None if digits == "nan" => Datum::Nan { negative },
        None => panic!("{text:?} is neither 0x…, inf nor nan"),
        Some(digits) => {
            let (significand, exponent) = digits.split_once('p').expect("an exponent");
            let (whole, fraction) = significand.split_once('.').unwrap_or((significand, ""));
            let integer = u64::from_str_radix(&format!("{whole}{fraction}"), 16).expect("digits");
            let exponent: i32 = exponent.parse().expect("a decimal exponent");
            Datum::finite(negative, integer, exponent - 4 * fraction.len() as i32)
        }
    };
    datum.to_f64().expect("a binary64 number")
}

/// Format, mode, input, what it became, what is right, and the story. From Pychop 0.6.2, CPFloat
/// (June 2026), ml_dtypes 0.6.0, half 2.7.1 and QPyTorch.
const CASES: &str = "
binary16  nearest-even  0x1.117p+16             0x0p+0        inf           Pychop Chop loses the first binade beyond the range: 70000 becomes 0
binary16  nearest-even  0x1p+16                 0x0p+0        inf           Pychop Chop: the same at the binade's lower end
binary16  nearest-even  0x1.fffffep+16          0x0p+0        inf           Pychop Chop: the same at its upper end
binary16  nearest-even  0x1.ffep+15             0x1p+16       inf           Pychop Chop rounds the overflow threshold to a number that binary16 lacks
binary16  nearest-away  -0x1.7fap+0             -0x1.7f8p+0   -0x1.7fcp+0   Pychop Chop: a tie that should go away from zero goes to even
binary16  nearest-zero  -0x1.802p+0             -0x1.804p+0   -0x1.8p+0     Pychop Chop: a tie that should go toward zero goes away
binary16  up            0x1p-1074               0x0p+0        0x1p-24       Pychop Chop: the smallest binary64 number does not round up
binary16  up            0x1p-149                0x0p+0        0x1p-24       its twin within reach of f32
binary16  up            -0x1.fffffffffffffp+14  -0x1.ff8p+14  -0x1.ffcp+14  Pychop Chop: one ulp too far just below 2^15
binary16  down          0x1p+25                 inf           0x1.ffcp+15   Pychop Chop: downward rounding overflows to +inf
binary16  to-odd        0x1p-23                 0x1.8p-23     0x1p-23       Pychop Chop: rounding to odd moves a number that binary16 has
binary16  nearest-even  -0x0p+0                 0x0p+0        -0x0p+0       Pychop Chop drops the sign of zero
binary16  nearest-even  0x1p-1074               nan           0x0p+0        Pychop FaultChop makes NaN of the smallest binary64 number (nearest)
binary16  nearest-even  0x1.0000000000001p-25   0x0p+0        0x1p-24       Pychop FaultChop loses what lies just above half the smallest subnormal
binary16  nearest-even  0x1.000002p-25          0x0p+0        0x1p-24       its twin within reach of f32
binary16  up            -0x1.73966fa35bf71p-25  0x0p+0        -0x0p+0       CPFloat: a negative number that rounds up to zero loses its sign
binary16  nearest-even  0x1.ffcp+16             0x1.ffcp+16   inf           CPFloat: 65504 scaled by 2 stays beyond the range
bfloat16  nearest-even  0x1.4000000000001p-132  0x1p-132      0x1.8p-132    ml_dtypes rounds f64 to bfloat16 through f32, twice
e5m2      nearest-even  0x1.0000000000001p-17   0x0p+0        0x1p-16       ml_dtypes rounds f64 to e5m2 through f32, twice
binary16  nearest-even  0x1.005fffffffp+0       0x1.008p+0    0x1.004p+0    half rounds f64 to f16 through f32, twice: 1 + 3·2^-11 - 2^-40
binary16  nearest-even  0x1.002p+0              0x1.004p+0    0x1p+0        QPyTorch sends ties away from zero
binary16  nearest-even  0x1.e848p+19            0x1.ffcp+15   inf           QPyTorch has no infinity
";

/// One mistake: how the value was rounded, the value, what it became, what is right.
struct Case {
    rule: Rule,
    input: f64,
    wrong: f64,
    right: f64,
    story: String,
}

fn cases() -> impl Iterator<Item = Case> {
    CASES.lines().filter(|line| !line.is_empty()).map(|line| {
        let mut fields = line.split_whitespace();
        let mut next = || fields.next().unwrap_or_else(|| panic!("a field is missing: {line}"));
        let rule = Rule::new(
            next().parse().expect("a format's name"),
            next().parse().expect("a mode's name"),
        );
        let [input, wrong, right] = [next(), next(), next()].map(hex);
        Case { rule, input, wrong, right, story: fields.collect::<Vec<_>>().join(" ") }
    })
}

const H: Format = Format::BINARY16;

/// `x` by every path that takes one rule: the definition, the free function, and `Chop`'s forms.
fn by_every_path<T: Storage>(x: T, rule: Rule) -> Vec<(&'static str, T)> {
    let fast = Chop::from_rule(rule);
    let mut in_place = [x; 17];
    fast.chop_slice(&mut in_place);
    let mut into = [T::one(); 3];
    fast.chop_into(&[x; 3], &mut into);
    let mut results = vec![("reference", reference::chop(x, &rule, &[])), ("Chop", fast.chop(x))];
    if rule.overflow == Overflow::Ieee {
        results.push(("chop", chop(x, rule.format, rule.rounding)));
    }
    results.extend(in_place.map(|y| ("chop_slice", y)));
    results.extend(into.map(|y| ("chop_into", y)));
    results
}

fn check(story: &str, x: f64, rule: Rule, right: f64) {
    for (path, y) in by_every_path(x, rule) {
        assert_eq!(y.to_bits(), right.to_bits(), "{story}\nf64 by {path}: {y:e}, not {right:e}");
    }
    if f64::from(x as f32).to_bits() == x.to_bits() {
        for (path, y) in by_every_path(x as f32, rule) {
            let widened = f64::from(y);
            assert_eq!(widened.to_bits(), right.to_bits(), "{story}\nf32 by {path}: {y:e}");
        }
    }
}

#[test]
fn mistakes_of_others_are_not_made_here() {
    for Case { rule, input, wrong, right, story } in cases() {
        assert_ne!(wrong.to_bits(), right.to_bits(), "{story}: nothing to tell apart");
        check(&story, input, rule, right);
    }
}

/// The mirror image of every case: -x in the mode with up and down exchanged.
#[test]
fn mirrored_inputs_give_mirrored_results() {
    for Case { mut rule, input, right, story, .. } in cases() {
        rule.rounding = match rule.rounding {
            Rounding::Up => Rounding::Down,
            Rounding::Down => Rounding::Up,
            other => other,
        };
        check(&story, -input, rule, -right);
    }
}

/// CPFloat makes inf of the NaN 0x7ff0000000000001, and -0 of 0x7fffffffffffffff.
#[test]
fn every_nan_stays_nan() {
    for bits in [0x7ff0_0000_0000_0001, 0x7fff_ffff_ffff_ffff, 0x7ff8_0000_0000_0000_u64] {
        for mode in Rounding::DETERMINISTIC {
            let rule = Rule::new(H, mode);
            check("a NaN payload", f64::from_bits(bits), rule, f64::NAN);
            check("a negative NaN", f64::from_bits(bits | 1 << 63), rule, -f64::NAN);
        }
    }
    for bits in [0x7f80_0001, 0x7fff_ffff_u32] {
        for (path, y) in by_every_path(f32::from_bits(bits), Rule::new(H, Rounding::NearestEven)) {
            assert_eq!(y.to_bits(), f32::NAN.to_bits(), "{bits:#x} by {path}");
        }
    }
}

/// CPFloat's E4M3 preset has the largest number 480; OCP's has 448, and no infinity.
#[test]
fn ocp_e4m3_ends_at_448() {
    assert_eq!(Format::OCP_E4M3.largest_finite(), 448.0);
    let ieee = Rule::new(Format::OCP_E4M3, Rounding::NearestEven);
    check("a tie, to the even code", 464.0, ieee, 448.0);
    check("beyond it", 465.0, ieee, f64::NAN);
    check("480", 480.0, ieee, f64::NAN);
    let saturating = Rule { overflow: Overflow::Saturate, ..ieee };
    check("480, saturating", 480.0, saturating, 448.0);
    check("infinity, saturating", f64::INFINITY, saturating, 448.0);
}

/// Pychop FaultChop never rounds up stochastically below half the smallest subnormal.
#[test]
fn stochastic_rounding_reaches_below_half_the_smallest_subnormal() {
    fn rounded<T: Storage>(x: T, words: &[u32]) -> Vec<T> {
        let mut values = vec![x; words.len()];
        Chop::new(H, Rounding::Stochastic).chop_slice_words(&mut values, words);
        values
    }
    let words = [0, 0x3fff_ffff, 0x4000_0000, 0xffff_ffff];
    let smallest = hex("0x1p-24");
    // A quarter of it: away for U < 1/4.
    assert_eq!(rounded(smallest / 4.0, &words), [smallest, smallest, 0.0, 0.0]);
    let smallest = smallest as f32;
    assert_eq!(rounded(smallest / 4.0, &words), [smallest, smallest, 0.0, 0.0]);
}

/// StochasticRounding.jl can round 2.0, which every format has, down.
#[test]
fn stochastic_rounding_leaves_exact_values_alone() {
    let words: Vec<u32> = (0..=32).map(|shift| u32::MAX.checked_shr(shift).unwrap_or(0)).collect();
    for format in [H, Format::BFLOAT16, Format::OCP_E4M3, Format::OCP_E2M1] {
        let mut values = vec![2.0_f64; words.len()];
        Chop::new(format, Rounding::Stochastic).chop_slice_words(&mut values, &words);
        assert_eq!(values, vec![2.0; words.len()], "{format}");
        let mut values = vec![2.0_f32; words.len()];
        Chop::new(format, Rounding::Stochastic).chop_slice_words(&mut values, &words);
        assert_eq!(values, vec![2.0; words.len()], "{format}");
    }
}

/// Formats at the edge of their storage type, where the kernel and the definition once differed.
#[test]
fn formats_at_the_edge_of_the_storage_type() {
    // DLFloat16's codes moved to f32's last bit: half of the smallest number, 2^-148, is one of f32's.
    let last = Format::DLFLOAT16.with_bias(149).expect("a valid bias");
    let tie = Rule::new(last, Rounding::NearestAway);
    for (path, y) in by_every_path(f32::from_bits(1), tie) {
        assert_eq!(y.to_bits(), 2, "{path}");
    }
    // Every number of it that f32 holds is subnormal: 0x1.f8p+127, rounded to 2^128, which is normal,
    // is not flushed but overflows.
    let beyond = Format::from_range(6, 128, 128).expect("a valid range");
    let rule = Rule {
        overflow: Overflow::Saturate,
        underflow: Underflow::FlushToZero,
        ..Rule::new(beyond, Rounding::NearestEven)
    };
    for (path, y) in by_every_path(hex("0x1.f8p+127") as f32, rule) {
        assert_eq!(f64::from(y), hex("0x1.fp+127"), "{path}");
    }
    // All of an unsigned format below f32: a negative number is out of its range, not zero.
    let below = Format::from_range(4, -200, -190).and_then(|f| f.with_sign(Signedness::Unsigned));
    let rule = Rule::new(below.expect("a valid range"), Rounding::NearestEven);
    for (path, y) in by_every_path(-f32::from_bits(1), rule) {
        assert!(y.is_nan(), "{path}: {y}");
    }
    // A name that said less than the format: digits of the top without a width to end at.
    assert!("p6[top=32]".parse::<Format>().is_err());
    // 64 bits without a sign left no place above them to shift one to.
    assert!("p51e0:0[bits=14,unsigned,no-negative-zero]".parse::<Format>().is_err());
}

/// In the gap of a format without subnormals near the storage's top the power of two to add would
/// have been infinite.
#[test]
fn a_gap_near_the_top_of_the_storage() {
    let narrow = "p32e973:973[bits=2,top=4294967295,low=zero-field]".parse().unwrap();
    assert_eq!(Chop::new(narrow, Rounding::NearestEven).chop(5e-324_f64), 0.0);
}

/// Format, mode, storage type, operation, operands, what became of them, what is right, and the story.
/// From CPFloat and Pychop, which compute in the storage type and then round; the last ones from here.
const OPERATIONS: &str = "
binary32   up            f64  add   0x1p+0  0x1p-60                     0x1p+0          0x1.000002p+0   the sum in binary64 has lost what points upward
tf32       toward-zero   f64  sub   0x1p+0  0x1p-60                     0x1p+0          0x1.ffcp-1      the same, downward
bfloat16   up            f32  add   0x1p+0  0x1p-30                     0x1p+0          0x1.02p+0       the same in f32
binary16   up            f64  fma   0x1p-24  0x1p-24  0x1p+15           0x1p+15         0x1.004p+15     the product is lost beside the term
bfloat16   nearest-even  f64  fma   0x1.ap-3  0x1.08p+30  0x1.1ap-43    0x1.acp+27      0x1.aep+27      a product in the middle, and a term that tips it
p20        nearest-even  f32  mul   0x1.fec6ep-2  0x1.6e5fcp+0          0x1.6d7fcp-1    0x1.6d7fap-1    24 digits are not enough for the product of 20
p20        nearest-even  f32  sqrt  0x1.d3a48p+0                        0x1.5a004p+0    0x1.5a002p+0    nor for the root
bfloat16   toward-zero   f32  mul   0x1p+100  0x1p+100                  inf             0x1.fep+127     an infinity that the storage made of finite numbers
bfloat16   up            f32  mul   0x1p-120  0x1p-120                  0x0p+0          0x1p-133        a zero likewise
tf32       nearest-even  f32  mul   0x1.1d4p-68  0x1.cb8p-70            0x0p+0          0x1p-136        subnormal numbers of f32 have fewer digits than 2p + 2
binary16   down          f64  add   0x1p+0  -0x1p+0                     0x0p+0          -0x0p+0         the sign of an exact zero sum
binary16   up            f64  add   -0x0p+0  -0x0p+0                    0x0p+0          -0x0p+0         the sign of zeros
binary16   nearest-even  f64  sqrt  -0x0p+0                             0x0p+0          -0x0p+0         the root of minus zero
p20        nearest-even  f32  add   -0x1.ep+106  0x1.fffffep+127        inf             0x1.ffffep+127  lowprec: the error of a finite sum was NaN, since z - x overflowed
p51        nearest-even  f64  add   -0x1.8p+971  0x1.fffffffffffffp+1023  inf           0x1.ffffffffffffcp+1023  lowprec: the same
p51        toward-zero   f64  sub   0x1.8p+971  -0x1.fffffffffffffp+1023  0x1.ffffffffffffep+1023  0x1.ffffffffffffcp+1023  lowprec: the same
";

/// The operation by a scalar call, by a slice and by the definition.
fn operations<T: Storage>(rule: &Rule, name: &str, x: &[T]) -> Vec<(&'static str, T)> {
    // Once among ordinary operands, then by itself.
    let column = |i: usize| {
        let ordinary = T::from(1.7 - i as f64 / 3.0).expect("a number near one");
        let mut column = vec![ordinary; 128];
        column[37] = x[i];
        column.extend([x[i]; 11]);
        column
    };
    let chop = Chop::from_rule(*rule);
    let mut to = vec![T::nan(); 128 + 11];
    let (scalar, defined) = match name {
        "sqrt" => {
            chop.map(Unary::Sqrt, [&column(0)], &mut to);
            (chop.sqrt(x[0]), reference::unary(Unary::Sqrt, x[0], rule, &[]).0)
        }
        "fma" => {
            chop.map(Ternary::Fma, [&column(0), &column(1), &column(2)], &mut to);
            let defined = reference::ternary(Ternary::Fma, x[0], x[1], x[2], rule, &[]).0;
            (chop.fma(x[0], x[1], x[2]), defined)
        }
        _ => {
            let (op, scalar) = match name {
                "add" => (Binary::Add, chop.add(x[0], x[1])),
                "sub" => (Binary::Sub, chop.sub(x[0], x[1])),
                "mul" => (Binary::Mul, chop.mul(x[0], x[1])),
                other => panic!("{other} is no operation of the table"),
            };
            chop.map(op, [&column(0), &column(1)], &mut to);
            (scalar, reference::binary(op, x[0], x[1], rule, &[]).0)
        }
    };
    let places = [37].into_iter().chain(128..to.len());
    let slices = places.map(|place| ("slice", to[place]));
    [("scalar", scalar), ("reference", defined)].into_iter().chain(slices).collect()
}

#[test]
fn mistakes_in_arithmetic_are_not_made_here() {
    for line in OPERATIONS.lines().filter(|line| !line.is_empty()) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let rule = Rule::new(fields[0].parse().unwrap(), fields[1].parse().unwrap());
        let (storage, name) = (fields[2], fields[3]);
        let operands = match name {
            "sqrt" => 1,
            "fma" => 3,
            _ => 2,
        };
        let numbers: Vec<f64> = fields[4..6 + operands].iter().map(|text| hex(text)).collect();
        let [args @ .., wrong, right] = &numbers[..] else { panic!("{line}") };
        assert_ne!(wrong.to_bits(), right.to_bits(), "{line}: nothing to tell apart");
        let results: Vec<(&str, f64)> = match storage {
            "f64" => operations(&rule, name, args),
            "f32" => {
                let args: Vec<f32> = args.iter().map(|x| *x as f32).collect();
                let results = operations(&rule, name, &args).into_iter();
                results.map(|(path, y)| (path, f64::from(y))).collect()
            }
            other => panic!("{other} is no storage type"),
        };
        for (path, y) in results {
            assert_eq!(y.to_bits(), right.to_bits(), "{line}\nby {path}: {y:e}");
        }
    }
}
