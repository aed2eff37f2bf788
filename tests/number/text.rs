//! Decimal text, read with one rounding and printed.

use lowprec::number::{
    AwayFromZero, Bfloat16, Binary16, Binary32, Binary64, Context, Down, Ieee, OcpE2m1, OcpE4m3,
    TowardZero, Up,
};
use lowprec::{Chop, Format, Lp, Overflow, Rounding, Scoped};
use num_rational::BigRational;
use num_traits::Num;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::rational::{self, Mode};

/// Texts near numbers and midpoints of a format, and wild ones.
fn texts(format: rational::Format, rng: &mut StdRng) -> Vec<String> {
    let mut texts = Vec::new();
    for _ in 0..300 {
        let e = rng.random_range(format.emin - format.p - 2..=format.emax + 1);
        // A number or midpoint of the format, exactly; then a little beside it.
        let odd = rng.random_range(1_i64 << format.p..2 << format.p);
        let exact =
            BigRational::from(num_bigint::BigInt::from(odd)) * rational::power(e - format.p);
        let exact = decimal(&exact);
        texts.extend([format!("{exact}1"), exact.clone()]);
        let mut digits = exact.clone().into_bytes();
        if let Some(last) = digits.iter_mut().rev().find(|digit| (b'1'..=b'9').contains(digit)) {
            *last -= 1;
            texts.push(String::from_utf8(digits).expect("digits"));
        }
        let wild: u64 = rng.random();
        texts.push(format!("{}.{}e{}", wild >> 40, wild, rng.random_range(-60..40)));
    }
    texts
}

/// A dyadic number in full, with a point so that digits can follow.
fn decimal(x: &BigRational) -> String {
    let places = x.denom().bits() as usize - 1;
    let scaled = x * BigRational::from(num_bigint::BigInt::from(10)).pow(places as i32);
    let digits = format!("{:0>width$}", scaled.to_integer().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    format!("{whole}.{fraction}")
}

fn compare<C: Context>(format: rational::Format, mode: Mode, text: &str) {
    for sign in ["", "-"] {
        let exact = rational::of_text(text);
        let exact = if sign.is_empty() { exact } else { -exact };
        let text = format!("{sign}{text}");
        let expected = format.round(&exact, mode);
        let read: lowprec::number::Number<C> = text.parse().expect("a number");
        assert_eq!(read.to_f64(), expected, "{text} in {mode:?}");
        assert_eq!(read.to_f64().is_sign_negative(), !sign.is_empty(), "{text}");
    }
}

#[test]
fn decimal_text_is_rounded_once() {
    let mut rng = StdRng::seed_from_u64(1);
    type Static<F, R> = lowprec::number::Static<F, R>;
    for text in texts(rational::BINARY16, &mut rng) {
        compare::<Static<Binary16, lowprec::number::NearestEven>>(
            rational::BINARY16,
            Mode::Even,
            &text,
        );
        compare::<Static<Binary16, Up>>(rational::BINARY16, Mode::Up, &text);
        compare::<Static<Binary16, lowprec::number::ToOdd>>(rational::BINARY16, Mode::Odd, &text);
    }
    for text in texts(rational::BFLOAT16, &mut rng) {
        compare::<Static<Bfloat16, lowprec::number::NearestEven>>(
            rational::BFLOAT16,
            Mode::Even,
            &text,
        );
        compare::<Static<Bfloat16, Down>>(rational::BFLOAT16, Mode::Down, &text);
    }
    for text in texts(rational::BINARY64, &mut rng) {
        compare::<Static<Binary64, lowprec::number::NearestEven>>(
            rational::BINARY64,
            Mode::Even,
            &text,
        );
        compare::<Static<Binary64, TowardZero>>(rational::BINARY64, Mode::Zero, &text);
        let nearest: f64 = text.parse().expect("a number");
        assert_eq!(text.parse::<Lp<Binary64>>().expect("a number").to_f64(), nearest);
    }
}

#[test]
fn the_nearest_single_is_that_of_the_standard_library() {
    let mut rng = StdRng::seed_from_u64(2);
    let format = rational::Format { p: 24, emin: -126, emax: 127 };
    for text in texts(format, &mut rng) {
        let read: Lp<Binary32> = text.parse().expect("a number");
        assert_eq!(read.to_f32(), text.parse::<f32>().expect("a number"), "{text}");
    }
}

/// More digits than are kept: a one far behind a tie decides.
#[test]
fn digits_far_behind_count() {
    let tie = format!("1.00048828125{}", "0".repeat(5000));
    assert_eq!(tie.parse::<Lp<Binary16>>().unwrap().to_f64(), 1.0);
    assert_eq!(format!("{tie}1").parse::<Lp<Binary16>>().unwrap().to_f64(), 1.0009765625);
    let large = format!("1{}e-5000", "0".repeat(5000));
    assert_eq!(large.parse::<Lp<Binary16, Up>>().unwrap().to_f64(), 1.0);
    assert_eq!(format!("000{large}").parse::<Lp<Binary16>>().unwrap().to_f64(), 1.0);
}

#[test]
fn the_ends_of_the_range() {
    let read = |text: &str| text.parse::<Lp<Binary16>>().unwrap().to_f64();
    assert_eq!(read("65519.99999999999999999999"), 65504.0);
    assert_eq!(read("65520"), f64::INFINITY);
    assert_eq!(read("1e999999999999999999999"), f64::INFINITY);
    assert_eq!(read("-1e99999"), f64::NEG_INFINITY);
    assert_eq!(read("1e-99999999999999999999").to_bits(), 0);
    assert_eq!(read("-1e-999999").to_bits(), (-0.0_f64).to_bits());
    assert_eq!(read("0e999999").to_bits(), 0);
    assert_eq!(read("-0").to_bits(), (-0.0_f64).to_bits());
    assert_eq!("1e99999".parse::<Lp<Binary16, TowardZero>>().unwrap().to_f64(), 65504.0);
    assert_eq!("1e-99999".parse::<Lp<Binary16, AwayFromZero>>().unwrap().to_f64(), 2f64.powi(-24));
    assert_eq!("7".parse::<Lp<OcpE2m1>>().unwrap().to_f64(), 6.0);
    assert!("465".parse::<Lp<OcpE4m3>>().unwrap().is_nan());
    assert!("inf".parse::<Lp<OcpE4m3>>().unwrap().is_nan());
}

#[test]
fn the_grammar_is_that_of_f64_and_hexadecimal() {
    assert_eq!("0x10".parse::<Lp<Binary16>>().unwrap().to_f64(), 16.0);
    for text in ["inf", "+Infinity", "-INF", "NaN", "-nan", "+1.", ".5", "1E3", "+0.0e-0", "007"] {
        let (ours, theirs) = (text.parse::<Lp<Binary64>>().unwrap(), text.parse::<f64>().unwrap());
        assert_eq!(ours.to_f64().to_bits(), theirs.to_bits(), "{text}");
        assert_eq!(
            Lp::<Binary64>::from_str_radix(text, 10).unwrap().to_f64().to_bits(),
            theirs.to_bits()
        );
    }
    for text in ["", ".", "1_0", " 1", "1 ", "e5", "0x", "1e", "infinite", "--1", "١"] {
        assert!(text.parse::<f64>().is_err(), "{text}");
        let error = text.parse::<Lp<Binary16>>().unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")) && error.contains("-1.5e-3"), "{error}");
    }
    let error = Lp::<Binary16>::from_str_radix("ff", 16).unwrap_err().to_string();
    assert_eq!(error, "unknown radix \"16\"; try 10");
}

/// In a stochastic mode text takes one position, and the probability is that of the decimal number.
#[test]
fn text_in_a_stochastic_mode() {
    let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(5);
    let up = lowprec::with(&sr, || {
        // A tenth of the way from 1 to 1 + 2^-7.
        (0..10_000).filter(|_| "1.00078125".parse::<Scoped>().unwrap().to_f64() > 1.0).count()
    });
    assert_eq!(sr.position(), 10_000);
    // Five standard deviations of 30.
    assert!((850..1150).contains(&up), "{up}");
}

#[test]
fn saturation_applies_to_text() {
    #[derive(Clone, Copy, Debug)]
    struct Saturating;
    impl lowprec::number::StaticFormat for Saturating {
        type Storage = f32;
        const FORMAT: Format = Format::OCP_E5M2;
        const OVERFLOW: Overflow = Overflow::Saturate;
    }
    assert_eq!("1e40".parse::<Lp<Saturating>>().unwrap().to_f64(), 57344.0);
    assert_eq!("-inf".parse::<Lp<Saturating>>().unwrap().to_f64(), -57344.0);
}

/// What is printed reads back as the same number, in formats with every code tried.
#[test]
fn printed_numbers_read_back() {
    fn both<C: Context>() {
        for code in 0..=0xff {
            let Ok(x) = lowprec::number::Number::<C>::from_bits(code) else { continue };
            for text in [format!("{x}"), format!("{x:?}"), format!("{x:e}"), format!("{x:E}")] {
                let read: lowprec::number::Number<C> = text.parse().unwrap();
                assert!(read.total_cmp(&x).is_eq() || x.is_nan() && read.is_nan(), "{text}");
            }
        }
    }
    both::<lowprec::number::Static<OcpE4m3, lowprec::number::NearestEven>>();
    both::<lowprec::number::Static<Ieee<5, 2>, lowprec::number::NearestAway>>();
    let x = Lp::<Binary16>::from_f64(0.1);
    assert_eq!(
        format!("{x} {x:?} {x:e} {x:E} {x:.3} {x:>9.2}"),
        "0.0999755859375 0.0999755859375 9.99755859375e-2 9.99755859375E-2 0.100      0.10"
    );
}
