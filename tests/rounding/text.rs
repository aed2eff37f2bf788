//! Text of numbers: read with one rounding, and printed so that it tells a value apart.

use std::time::{Duration, Instant};

use lowprec::{Chop, Format, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

/// m·10^e as a rational.
fn decimal(m: i64, e: i32) -> BigRational {
    let power = BigRational::from(BigInt::from(10)).pow(e);
    BigRational::from(BigInt::from(m)) * power
}

/// x as a hexadecimal number, exactly.
fn hexadecimal(x: f64) -> String {
    let bits = x.to_bits();
    let (sign, field, fraction) = (bits >> 63, bits >> 52 & 0x7ff, bits & ((1 << 52) - 1));
    let (lead, exponent) = if field == 0 { (0, -1022) } else { (1, field as i32 - 1023) };
    let sign = if sign == 1 { "-" } else { "" };
    format!("{sign}0x{lead}.{fraction:013x}p{exponent}")
}

const FORMATS: [&str; 8] =
    ["binary16", "bfloat16", "e4m3fn", "e2m1fn", "e8m0fnu", "binary8p3uf", "p20e-100:90", "p11"];

/// What text says, rounded by the binary64 number that it says exactly.
#[test]
fn hexadecimal_numbers_are_read_as_they_are_printed() {
    let mut state = 1_u64;
    for name in FORMATS {
        let format: Format = name.parse().unwrap();
        for mode in Rounding::DETERMINISTIC {
            let chop = Chop::new(format, mode);
            for _ in 0..300 {
                state =
                    state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                let exponent = (state >> 20) % 80;
                let x = f64::from_bits(state & !(0x7ff << 52) | (983 + exponent) << 52);
                let text = hexadecimal(x);
                assert_eq!(
                    chop.parse::<f64>(&text).unwrap().to_bits(),
                    chop.chop(x).to_bits(),
                    "{text} {chop}"
                );
                // A bit far behind is seen.
                let beyond = text.replace('p', &format!("{}1p", "0".repeat(3000)));
                let above = if x > 0.0 { x.next_up() } else { x.next_down() };
                let direct = chop.parse::<f64>(&beyond).unwrap();
                if chop.chop(x) == chop.chop(above) && !format.contains(x) {
                    assert_eq!(
                        direct.to_bits(),
                        chop.chop(x).to_bits(),
                        "{text} and a little, {chop}"
                    );
                }
            }
        }
    }
}

#[test]
fn forms_of_hexadecimal_numbers() {
    let chop = Chop::new(Format::BINARY64, Rounding::NearestEven);
    let rows = [
        ("0x1.8p-3", 0.1875),
        ("-0X.8P4", -8.0),
        ("0x1f", 31.0),
        ("0xA.", 10.0),
        ("+0x0.0001p+16", 1.0),
        ("0x1p-1074", 5e-324),
        ("0x1p-1075", 0.0),
        ("0x1.000001p-1075", 5e-324),
        ("0x1p99999999999999999999", f64::INFINITY),
        ("-0x1p-99999999999999999999", -0.0),
        ("0x0p99999999999999999999", 0.0),
        ("0x1.fffffffffffff7ffffffp1023", f64::MAX),
        ("0x1.fffffffffffff8p1023", f64::INFINITY),
    ];
    for (text, x) in rows {
        assert_eq!(chop.parse::<f64>(text).map(f64::to_bits), Ok(x.to_bits()), "{text}");
    }
    for text in [
        "0x", "0x.", "0xp1", "0x1p", "0x1p+", "0x1g", "0x1.8.0", "x1", "0x-1", "--0x1", "+-1",
        "0x1p1.0", "1_0", "", " 1", "0x1 ",
    ] {
        assert!(chop.parse::<f64>(text).is_err(), "{text:?}");
    }
    assert!(chop.parse::<f64>("-nan").unwrap().is_sign_negative());
    assert!(chop.parse::<f32>("NaN").unwrap().is_sign_positive());
    assert_eq!(chop.parse::<f64>("-Infinity"), Ok(f64::NEG_INFINITY));
}

/// Ties between neighbours, written out in decimal, and a digit far behind them.
#[test]
fn decimal_ties_of_small_formats_go_where_the_mode_says() {
    for name in ["binary16", "e4m3fn", "e5m2", "bfloat16"] {
        let format: Format = name.parse().unwrap();
        let mut values: Vec<f64> =
            format.values().map(|(_, x)| x).filter(|x| x.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        for pair in values.windows(2).step_by(if values.len() > 300 { 97 } else { 1 }) {
            let middle = (pair[0] + pair[1]) / 2.0;
            if middle == 0.0 {
                continue;
            }
            // Exact: binary64 has few digits before and behind the point here.
            let exact = format!("{middle:.180}");
            for mode in Rounding::DETERMINISTIC {
                let chop = Chop::new(format, mode);
                let want: f64 = lowprec_oracles::oracle::chop(middle, &chop.rule());
                assert_eq!(
                    chop.parse::<f64>(&exact).unwrap().to_bits(),
                    want.to_bits(),
                    "{exact} {chop}"
                );
                let beyond = format!("{exact}{}1", "0".repeat(3000));
                let outside = chop.parse::<f64>(&beyond).unwrap();
                let above = if middle > 0.0 { middle.next_up() } else { middle.next_down() };
                let want: f64 = lowprec_oracles::oracle::chop(above, &chop.rule());
                assert_eq!(outside.to_bits(), want.to_bits(), "{middle} and a little, {chop}");
            }
        }
    }
}

/// Short numbers are read in 128 bits; with zeros behind the point they are long, and read by the definition.
#[test]
fn short_numbers_are_read_as_long_ones() {
    let mut state = 11_u64;
    let mut next = |below: u64| {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 33) % below
    };
    let names =
        ["binary16", "bfloat16", "e4m3fn", "e8m0fnu", "tf32", "p22e-100:90", "p51", "binary64"];
    let mut compared = 0;
    for round in 0..8_000 {
        let format: Format = names[round % names.len()].parse().unwrap();
        let number = if next(3) == 0 {
            // A middle of two numbers, or a number, and a little beside it.
            let p = format.precision().min(23);
            let x = 1.0 + (2 * next(1 << (p - 1)) + 1) as f64 / f64::from(1 << p);
            let text = format!("{x}");
            match next(3) {
                0 => text + "1",
                1 => text + "0",
                _ => text,
            }
        } else {
            let digits = (next(1 << 31) << 31 | next(1 << 31)) % 10_u64.pow(1 + next(18) as u32);
            let text = digits.to_string();
            let (before, after) = text.split_at(next(text.len() as u64 + 1) as usize);
            format!("{before}.{after}")
        };
        let exponent = next(64) as i32 - 32;
        let short = match next(3) {
            0 => number.clone(),
            1 => format!("-{number}e{exponent}"),
            _ => format!("+{number}E{exponent:+03}"),
        };
        let (mantissa, tail) = short.split_at(short.find(['e', 'E']).unwrap_or(short.len()));
        let point = if mantissa.contains('.') { "" } else { "." };
        let long = format!("{mantissa}{point}{}{tail}", "0".repeat(30));
        for mode in Rounding::DETERMINISTIC.into_iter().chain([Rounding::Stochastic]) {
            let chop = Chop::new(format, mode);
            let at_start = || chop.stream(round as u64);
            let (a, b) = (at_start().parse::<f64>(&short), at_start().parse::<f64>(&long));
            assert_eq!(a.unwrap().to_bits(), b.unwrap().to_bits(), "{short} {format} {mode}");
            let (a, b) = (at_start().parse::<f32>(&short), at_start().parse::<f32>(&long));
            assert_eq!(a.unwrap().to_bits(), b.unwrap().to_bits(), "f32 {short} {format} {mode}");
            compared += 2;
        }
    }
    assert!(compared > 150_000);
    let half = Chop::new(Format::BINARY16, Rounding::NearestEven);
    for bad in ["", "-", ".", "1.2.3", "1e", "1e+", "1e1x", "1_0", " 1", "--1", "e5"] {
        assert!(half.parse::<f64>(bad).is_err(), "{bad:?}");
    }
    for (text, x) in [("1.", 1.0), (".5", 0.5), ("-0", -0.0), ("-0.0e5", -0.0), ("1e05", 65504.0)] {
        let got = half.with_overflow(lowprec::Overflow::Saturate).parse::<f64>(text).unwrap();
        assert_eq!(got.to_bits(), f64::to_bits(x), "{text}");
    }
}

/// Five million digits take as long as they have to be looked at.
#[test]
fn long_text_takes_no_longer_than_reading_it() {
    let chop = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let texts = [
        "1".repeat(5_000_000),
        format!("0.{}1", "0".repeat(5_000_000)),
        format!("1.{}1", "0".repeat(5_000_000)),
        format!("{}e-5000000", "7".repeat(5_000_000)),
        format!("0x{}", "f".repeat(5_000_000)),
        format!("1e{}", "9".repeat(5_000_000)),
    ];
    let start = Instant::now();
    for text in &texts {
        assert!(chop.parse::<f64>(text).is_ok());
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// By looking at all decimals of a length: the shortest that rounds to each value, and the nearest of those.
#[test]
fn shortest_decimals_of_small_formats_are_the_shortest() {
    for name in ["e4m3fn", "e5m2", "e2m1fn", "e3m2fn", "binary8p3se", "binary6p2uf", "e4m3fnuz"] {
        let format: Format = name.parse().unwrap();
        let chop = Chop::new(format, Rounding::NearestEven);
        for (_, x) in format.values().filter(|(_, x)| x.is_finite() && *x > 0.0) {
            let exact = BigRational::from_float(x).unwrap();
            let leading = x.log10().floor() as i32;
            let found = (1..=4).find_map(|count| {
                let mut best: Option<BigRational> = None;
                for e in [leading - count + 1, leading - count + 2] {
                    for m in 10_i64.pow(count as u32 - 1)..10_i64.pow(count as u32) {
                        let y = decimal(m, e);
                        let distance = if y > exact { &y - &exact } else { &exact - &y };
                        let near = best.as_ref().is_none_or(|best| {
                            let old = if *best > exact { best - &exact } else { &exact - best };
                            distance < old
                        });
                        if near && chop.parse::<f64>(&format!("{m}e{e}")) == Ok(x) {
                            best = Some(y);
                        }
                    }
                }
                best
            });
            let text = format.shortest(x);
            let away = |y: BigRational| if y > exact { y - &exact } else { &exact - y };
            // Two may be as near.
            assert_eq!(chop.parse::<f64>(&text), Ok(x));
            assert_eq!(
                Some(away(decimal_of(&text))),
                found.clone().map(away),
                "{name} {x}: {text}"
            );
            let digits = |y: &BigRational| {
                let scaled = y * BigRational::from(BigInt::from(10)).pow(60);
                scaled.to_integer().to_string().trim_end_matches('0').len()
            };
            assert!(digits(&decimal_of(&text)) <= digits(&found.unwrap()), "{name} {x}: {text}");
            if format.has_sign() {
                assert_eq!(format.shortest(-x), format!("-{text}"));
            }
        }
    }
}

/// The rational that plain or scientific decimal text says.
fn decimal_of(text: &str) -> BigRational {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i64 = format!("{before}{after}").parse().unwrap();
    decimal(digits, exponent.parse::<i32>().unwrap() - after.len() as i32)
}

#[test]
fn shortest_decimals_read_back_and_are_those_of_the_storage_types() {
    for name in ["binary16", "bfloat16", "p20e-100:90", "tf32", "binary12p5uf"] {
        let format: Format = name.parse().unwrap();
        let chop = Chop::new(format, Rounding::NearestEven);
        let mut state = 7_u64;
        for _ in 0..2000 {
            state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            let x = chop
                .chop(f64::from_bits(state >> 1 & !(0x7ff << 52) | (1003 + (state >> 58)) << 52));
            let text = format.shortest(x);
            assert_eq!(chop.parse::<f64>(&text), Ok(x), "{name} {text}");
        }
    }
    let mut state = 3_u64;
    for _ in 0..3000 {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let (single, double) =
            (f32::from_bits((state >> 33) as u32), f64::from_bits(state & !(1 << 63)));
        for (format, x, text) in [
            (Format::BINARY32, f64::from(single), format!("{single:e}")),
            (Format::BINARY64, double, format!("{double:e}")),
        ] {
            if x.is_finite() && x != 0.0 {
                // Two of as many digits may be as near: Rust's rule between those is its own.
                let (ours, rusts) = (format.shortest(x), decimal_of(&text));
                let exact = BigRational::from_float(x).unwrap();
                let away = |y: BigRational| if y > exact { y - &exact } else { &exact - y };
                assert_eq!(away(decimal_of(&ours)), away(rusts), "{x:e}: {ours}, {text}");
                let digits = |text: &str| {
                    let mantissa = text.split('e').next().unwrap().replace(['.', '-'], "");
                    mantissa.trim_matches('0').len()
                };
                assert_eq!(digits(&ours), digits(&text), "{x:e}: {ours}, {text}");
            }
        }
    }
    let rows = [
        (Format::BFLOAT16, 0.10009765625, "0.1"),
        (Format::OCP_E4M3, 448.0, "450"),
        (Format::BINARY16, 65504.0, "65500"),
        (Format::BINARY16, -0.0, "-0"),
        (Format::OCP_E8M0, 2f64.powi(-127), "6e-39"),
    ];
    for (format, x, text) in rows {
        assert_eq!(format.shortest(x), text, "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if cfg!(exhaustive) { 10_000_000 } else { 10_000 }, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the text, an answer: where it is a number for the standard library, that number rounded.
    #[test]
    fn any_text_is_read_or_refused(text in "[-+]?(0[xX])?[0-9a-fA-FpP.eE+-]{0,12}|\\PC{0,8}") {
        let chop = Chop::new(Format::BINARY64, Rounding::NearestEven);
        if let Ok(x) = text.parse::<f64>() {
            let got = chop.parse::<f64>(&text).unwrap();
            prop_assert!(got.to_bits() == x.to_bits() || x.is_nan() && got.is_nan());
        } else {
            let is_hexadecimal = text.trim_start_matches(['+', '-']).to_ascii_lowercase().starts_with("0x");
            prop_assert!(is_hexadecimal || chop.parse::<f64>(&text).is_err());
        }
    }
}
