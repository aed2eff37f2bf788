//! Integers to numbers and back, against integer arithmetic in `i128`.

use std::fmt::Debug;

use lowprec::{Chop, Format, Rounding, number::Integer};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::check::rules;
use lowprec_oracles::{Bits, Report};
use lowprec_oracles::{Exact, Oracle, Outcome, Parts, is_away};

/// One type and the numbers about which it is hard.
trait Type: Integer + TryFrom<i128> + Into<i128> + Debug + PartialEq {
    const LEAST: i128;
    const MOST: i128;
    const TYPE: &str;
}

macro_rules! types {
    ($($type:ident)*) => {
        $(impl Type for $type {
            const LEAST: i128 = $type::MIN as i128;
            const MOST: i128 = $type::MAX as i128;
            const TYPE: &str = stringify!($type);
        })*

        fn each<T: Bits>(format: &str, report: &mut Report) {
            $(from_type::<$type, T>(format, report);)*
        }

        fn each_back<T: Bits>(report: &mut Report) {
            $(to_type::<$type, T>(report);)*
        }
    };
}
types!(i8 i16 i32 i64 u8 u16 u32 u64);

/// Ends, powers of two and their neighbours, middles between numbers of few digits, random ones.
fn integers<I: Type>(rng: &mut StdRng) -> Vec<I> {
    let mut list = vec![0, I::LEAST, I::LEAST + 1, I::MOST, I::MOST - 1];
    for e in 0..=64 {
        for beside in -2..=2 {
            list.extend([(1_i128 << e) + beside, -(1_i128 << e) + beside]);
        }
    }
    for _ in 0..3000 {
        let digits = rng.random_range(1..=64);
        let x = i128::from(rng.next_u64() >> (64 - digits));
        // Few digits, then zeros and perhaps a last one: values, middles, and just beside.
        let kept = rng.random_range(1..=digits);
        let short = x >> (digits - kept) << (digits - kept);
        list.extend([x, -x, short, -short, short + 1, short - 1, 1 - short]);
    }
    list.into_iter().filter_map(|x| I::try_from(x).ok()).collect()
}

fn from_type<I: Type, T: Bits>(name: &str, report: &mut Report) {
    let format: Format = name.parse().expect("the name of a format");
    let oracle = Oracle::<T>::new(format);
    let mut rng = StdRng::seed_from_u64(128);
    for (turn, integer) in integers::<I>(&mut rng).into_iter().enumerate() {
        let wide: i128 = integer.into();
        let magnitude = Exact::new(wide.unsigned_abs() as u64, 0);
        let outcome = match wide {
            0 => Outcome::Zero { negative: false },
            _ => Outcome::Number { negative: wide < 0, magnitude },
        };
        let place = oracle.place_outcome(outcome);
        for rule in rules(format, turn) {
            report.cases += 1;
            let got: T = Chop::from_rule(rule).from_integer(integer);
            let want = oracle.round(outcome, place, &rule);
            if got.to_word() != want.to_word() {
                report.wrong(|| format!("{} {wide} {rule:?}: {got:?}, not {want:?}", I::TYPE));
            }
        }
    }
}

#[test]
fn from_integers() {
    let mut report = Report::default();
    for format in ["binary16", "bfloat16", "e4m3fn", "binary32", "p20", "binary8p4uf"] {
        each::<f32>(format, &mut report);
        each::<f64>(format, &mut report);
    }
    for format in ["binary64", "p40", "p52"] {
        each::<f64>(format, &mut report);
    }
    report.finish("from integers");
}

/// Numbers about an integer type's ends and about small integers, with fractions.
fn numbers<I: Type, T: Bits>(rng: &mut StdRng) -> Vec<T> {
    let mut list: Vec<f64> = Vec::new();
    for quarters in -1200..=1200 {
        list.push(f64::from(quarters) / 4.0);
    }
    for end in [I::LEAST, I::MOST] {
        for eighths in -16..=16 {
            list.push(end as f64 + f64::from(eighths) / 8.0);
        }
    }
    let mut list: Vec<T> = list.into_iter().map(T::near).collect();
    for end in [I::LEAST as f64, I::MOST as f64, 0.5, 1.5, 2.5] {
        let word = T::near(end).to_word();
        if end != 0.0 {
            list.extend((word - 4..=word + 4).map(T::of_word));
        }
    }
    for _ in 0..3000 {
        let x = rng.random_range(1.0_f64..2.0) * 2f64.powi(rng.random_range(-4..=66));
        list.push(T::near(if rng.random() { x } else { -x }));
    }
    list.extend([T::of_word(1), -T::of_word(1), T::max_value(), -T::max_value()]);
    list.extend([T::zero(), -T::zero(), T::infinity(), -T::infinity(), T::nan()]);
    list
}

/// The integer beside `x`, by integer arithmetic; `None` for NaN, infinities and what is far beyond.
fn rounded(x: f64, mode: Rounding) -> Option<i128> {
    if !x.is_finite() || x.abs() >= 2f64.powi(100) {
        return None;
    }
    let Parts { negative, significand, exponent } = Parts::of(x);
    let wide = i128::from(significand);
    let magnitude = if exponent >= 0 {
        wide << exponent
    } else {
        // Past 100 places nothing is left but that there is something.
        let places = exponent.unsigned_abs().min(100);
        let (whole, half) = (wide >> places, 1_i128 << (places - 1));
        let cut = wide - (whole << places);
        let away = cut != 0 && is_away(mode, negative, whole % 2 == 1, cut.cmp(&half));
        whole + i128::from(away)
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn to_type<I: Type, T: Bits>(report: &mut Report) {
    let mut rng = StdRng::seed_from_u64(8);
    for x in numbers::<I, T>(&mut rng) {
        for mode in Rounding::DETERMINISTIC {
            report.cases += 1;
            // The format does not matter.
            let got = Chop::new(Format::OCP_E2M1, mode).to_integer::<I, T>(x);
            let want = rounded(x.widen(), mode).and_then(|x| I::try_from(x).ok());
            match (&got, want) {
                (Ok(got), Some(want)) if *got == want => {}
                (Err(error), None) => {
                    let text = error.to_string();
                    let range = format!("{}..={} allowed for {}", I::LEAST, I::MOST, I::TYPE);
                    assert!(text.contains(&range), "{text}");
                }
                _ => report.wrong(|| format!("{x:?} {mode} {}: {got:?}, not {want:?}", I::TYPE)),
            }
        }
    }
}

#[test]
fn to_integers() {
    let mut report = Report::default();
    each_back::<f32>(&mut report);
    each_back::<f64>(&mut report);
    report.finish("to integers");
}

fn integral<T: Bits>(report: &mut Report) {
    let mut rng = StdRng::seed_from_u64(9);
    let mut list = numbers::<i64, T>(&mut rng);
    list.extend(numbers::<i8, T>(&mut rng));
    for (turn, x) in list.iter().copied().enumerate() {
        for mode in Rounding::DETERMINISTIC {
            report.cases += 1;
            let chop = Chop::new(Format::OCP_E2M1, mode);
            let (got, flags) = chop.round_to_integral_flags(x);
            let wide = x.widen();
            // Past 2^53 all are integers.
            let want = match rounded(wide, mode) {
                Some(integer) if wide.abs() < 2f64.powi(60) => {
                    (integer.abs() as f64).copysign(wide)
                }
                _ => wide,
            };
            let same = got.widen().to_bits() == want.to_bits() || got.is_nan() && wide.is_nan();
            let mut one = [x];
            chop.round_to_integral_slice(&mut one);
            let told = flags.inexact == (want != wide && !wide.is_nan()) && !flags.invalid;
            if !same || !told || one[0].to_word() != got.to_word() {
                report.wrong(|| format!("{x:?} {mode}: {got:?} {flags}, not {want:?}"));
            }
        }
        let drawn = Chop::new(Format::OCP_E2M1, Rounding::Stochastic);
        let (one, other) = (drawn.stream(turn as u64), drawn.stream(turn as u64));
        let got = one.round_to_integral(x);
        assert_eq!(one.position(), 1);
        if let Ok(integer) = other.to_integer::<i64, T>(x) {
            assert_eq!(got.widen(), integer as f64, "{x:?}");
        }
    }
}

#[test]
fn integral_values() {
    let mut report = Report::default();
    integral::<f32>(&mut report);
    integral::<f64>(&mut report);
    report.finish("integral values");
    let std = [
        (Rounding::Down, f64::floor as fn(f64) -> f64),
        (Rounding::Up, f64::ceil),
        (Rounding::TowardZero, f64::trunc),
        (Rounding::NearestAway, f64::round),
        (Rounding::NearestEven, f64::round_ties_even),
    ];
    for (mode, function) in std {
        let chop = Chop::new(Format::BFLOAT16, mode);
        for i in -1000..1000 {
            let x = f64::from(i) / 8.0;
            let y = chop.round_to_integral(x);
            assert_eq!(y.to_bits(), function(x).to_bits(), "{mode} {x}");
        }
    }
    let signaling = f64::from_bits(0x7ff0_0000_0000_0001);
    let (y, flags) = Chop::new(Format::E3M4, Rounding::Up).round_to_integral_flags(signaling);
    assert!(y.is_nan() && flags.invalid && !flags.inexact);
}

#[test]
fn drawn_integers() {
    let stream = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(3);
    let mut above = 0;
    for _ in 0..100_000 {
        match stream.to_integer::<i32, f64>(-2.25).expect("in range") {
            -3 => above += 1,
            other => assert_eq!(other, -2),
        }
    }
    // Five standard deviations of a count of 100,000 at 1/4 are 685.
    assert!((24_315..=25_685).contains(&above), "{above}");
    assert_eq!(stream.position(), 100_000);
    let mut above = 0;
    for _ in 0..100_000 {
        // In the middle between two numbers of binary16.
        match stream.from_integer::<f64, i32>(2049) as i32 {
            2050 => above += 1,
            other => assert_eq!(other, 2048),
        }
    }
    // Five standard deviations at 1/2 are 791.
    assert!((49_209..=50_791).contains(&above), "{above}");
    assert_eq!(stream.position(), 200_000);
}
