//! Decimal numbers in text: rounded once, whatever binary64 makes of them.

use lowprec::Rounding;
use num_bigint::BigInt;
use num_rational::BigRational;

use super::Workplace;

#[test]
fn decimal_numbers_beyond_the_storage_type_are_still_finite() {
    let place = Workplace::new();
    let far = "1e999999999999999999999";
    for (options, given, wanted) in [
        ("-f binary16", "1e400 -1e400 1e-400 -1e-400", "inf -inf 0 -0"),
        ("-f binary16 -r toward-zero", &format!("1e400 -{far}"), "65504 -65504"),
        (
            "-f binary16 -r up",
            "-1e400 1e-400 1e-999999999999999999999",
            "-65504 5.960464477539063e-8 5.960464477539063e-8",
        ),
        ("-f binary64 --overflow saturate-finite", "1e400 inf", "1.7976931348623157e308 inf"),
        ("-f binary32 --storage f32 --overflow saturate-finite", "1e39 inf", "3.4028235e38 inf"),
        ("-f binary64 -r toward-zero", "1e400 0.1", "1.7976931348623157e308 0.09999999999999999"),
    ] {
        let out = place.run_with_input(&format!("- -q {options}"), given).succeeded();
        assert_eq!(out, wanted, "{options} {given}");
    }
}

/// Just above the midpoint of 1 and the next binary16 number, by less than binary64 can see.
#[test]
fn the_classic_double_rounding_does_not_happen() {
    let place = Workplace::new();
    let text = "1.00048828125000000000000000000001 1.00048828125 1.00048828124999999999999999999";
    for storage in ["f32", "f64"] {
        let arguments = format!("- -q -f binary16 --storage {storage}");
        let out = place.run_with_input(&arguments, text).succeeded();
        let values: Vec<f32> = out.split(' ').map(|x| x.parse().unwrap()).collect();
        assert_eq!(values, [1.000_976_6, 1.0, 1.0], "{storage}");
    }
}

/// Decimal text, and the number it stands for.
type Hard = (String, BigRational);

/// digits·10^exponent.
fn decimal(digits: &BigInt, exponent: i32) -> Hard {
    let power = BigInt::from(10).pow(exponent.unsigned_abs());
    let value = if exponent < 0 {
        BigRational::new(digits.clone(), power)
    } else {
        BigRational::from(digits * power)
    };
    (format!("{digits}e{exponent}"), value)
}

/// The dyadic number m·2^q, and decimal numbers a little to both sides of it.
fn around(m: i64, q: i32) -> [Hard; 3] {
    let (base, exponent) = if q < 0 { (5, q) } else { (2, 0) };
    let digits = BigInt::from(m) * BigInt::from(base).pow(q.unsigned_abs());
    let finer: BigInt = &digits * BigInt::from(10).pow(9);
    [
        decimal(&digits, exponent),
        decimal(&(&finer + 1), exponent - 9),
        decimal(&(&finer - 1), exponent - 9),
    ]
}

fn power_of_two(e: i32) -> BigRational {
    let power = BigRational::from(BigInt::from(2).pow(e.unsigned_abs()));
    if e < 0 { power.recip() } else { power }
}

/// An exact number rounded to p digits and a last place not below 2^quantum, with rationals; for
/// results away from overflow.
fn rounded(x: &BigRational, p: i32, quantum: i32, mode: Rounding) -> f64 {
    let zero = BigRational::from(BigInt::from(0));
    let negative = *x < zero;
    let size = if negative { -x } else { x.clone() };
    let mut leading = size.numer().bits() as i32 - size.denom().bits() as i32;
    if size < power_of_two(leading) {
        leading -= 1;
    }
    let q = (leading - p + 1).max(quantum);
    let scaled = size / power_of_two(q);
    let (k, nu) = (scaled.floor().to_integer(), scaled.fract());
    let half = BigRational::new(1.into(), 2.into());
    let (odd, exact) = (k.bit(0), nu == zero);
    let away = match mode {
        Rounding::NearestEven => nu > half || nu == half && odd,
        Rounding::NearestAway => nu >= half,
        Rounding::NearestZero => nu > half,
        Rounding::NearestUp => nu > half || nu == half && !negative,
        Rounding::NearestDown => nu > half || nu == half && negative,
        Rounding::NearestOdd => nu > half || nu == half && !odd,
        Rounding::Up => !exact && !negative,
        Rounding::Down => !exact && negative,
        Rounding::TowardZero => false,
        Rounding::AwayFromZero => !exact,
        Rounding::ToOdd => !exact && !odd,
        other => panic!("{other} is not deterministic"),
    };
    let k: i64 = (k + i64::from(away)).try_into().unwrap();
    let result = k as f64 * 2f64.powi(q / 2) * 2f64.powi(q - q / 2);
    if negative { -result } else { result }
}

/// Decimal numbers where rounding twice goes wrong: at and beside the format's numbers, its
/// midpoints, and the storage type's numbers and midpoints next to those.
fn hard_decimals(p: i32, quantum: i32, storage_p: i32) -> Vec<Hard> {
    let mut all = Vec::new();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as i64
    };
    for round in 0..20 {
        let sign = if round % 3 == 0 { -1 } else { 1 };
        let digits = (next() << 31 | next()) & ((1 << (p - 1)) - 1);
        let subnormal = round % 4 == 1;
        let k = sign * (digits + if subnormal { 1 } else { 1 << (p - 1) });
        let q = quantum + if round % 4 < 2 { 0 } else { (next() % 12) as i32 };
        all.extend(around(k, q));
        all.extend(around(2 * k + sign, q - 1));
        // Twice the storage type's last places in one of the format's, so that odd ones are midpoints.
        let extra = storage_p - p + 1;
        for offset in [1, (1 << (extra - 1)) - 1, (1 << (extra - 1)) + 1] {
            all.extend(around((k << extra) + sign * offset, q - extra));
        }
    }
    all
}

#[test]
fn decimal_text_is_rounded_once_in_every_deterministic_mode() {
    let place = Workplace::new();
    // Name, precision, last place, storage type: from far below the storage's to none.
    for (name, p, quantum, storage) in [
        ("binary16", 11, -24, "f64"),
        ("e5m2", 3, -16, "f32"),
        ("tf32", 11, -136, "f32"),
        ("e8m20", 21, -146, "f32"),
        ("e8m21", 22, -147, "f32"),
        ("e8m22", 23, -148, "f32"),
        ("binary32", 24, -149, "f32"),
        ("binary32", 24, -149, "f64"),
        ("e10m50", 51, -560, "f64"),
        ("e10m51", 52, -561, "f64"),
        ("e10m52", 53, -562, "f64"),
        ("e11m50", 51, -1072, "f64"),
        ("e11m51", 52, -1073, "f64"),
        ("binary64", 53, -1074, "f64"),
    ] {
        let hard = hard_decimals(p, quantum, if storage == "f32" { 24 } else { 53 });
        let text: String = hard.iter().map(|(text, _)| format!("{text}\n")).collect();
        place.file("in.txt", &text);
        for mode in Rounding::DETERMINISTIC {
            let arguments = format!("in.txt -q --storage {storage} -f {name} -r {mode}");
            let out = place.run(&arguments).succeeded();
            assert_eq!(out.lines().count(), hard.len());
            for (line, (text, value)) in out.lines().zip(&hard) {
                let wanted = rounded(value, p, quantum, mode);
                let given: f64 = match storage {
                    "f32" => line.parse::<f32>().unwrap().into(),
                    _ => line.parse().unwrap(),
                };
                assert_eq!(given, wanted, "{arguments}: {text}");
            }
        }
    }
}
