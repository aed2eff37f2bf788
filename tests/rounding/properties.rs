//! Any bits × any valid format × any mode × any policy: nothing panics, results lie in the format,
//! the kernel equals the definition. And what is invalid is refused with the field, the value and
//! the limit.

use lowprec::{
    Chop, Format, Overflow, Rounding, Storage, Underflow,
    error::FormatError,
    format::{Domain, Signedness},
    reference,
    reference::Rule,
    rounding::RandomBits,
};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

fn any_mode() -> impl Strategy<Value = Rounding> {
    let counted = (0..=RandomBits::MAX, 0..3).prop_map(|(n, kind)| {
        let made = match kind {
            0 => Rounding::stochastic_a(n),
            1 => Rounding::stochastic_b(n),
            _ => Rounding::stochastic_c(n),
        };
        made.expect("at most 32 bits")
    });
    prop_oneof![
        8 => select(Rounding::DETERMINISTIC.to_vec()),
        2 => select(vec![Rounding::Stochastic, Rounding::StochasticEqual]),
        2 => counted,
    ]
}

fn any_signedness() -> impl Strategy<Value = Signedness> {
    select(vec![Signedness::Signed, Signedness::Unsigned])
}

/// A format by one of the constructors.
fn constructed_format() -> impl Strategy<Value = Format> {
    let catalogue: Vec<Format> = Format::CATALOGUE.iter().map(|row| row.format).collect();
    let p3109: Vec<Format> = Format::p3109_family().collect();
    let exponents = prop_oneof![-40..=40, -1200..=1200, -65536..=65536];
    prop_oneof![
        select(catalogue),
        select(p3109),
        (2..=16_u32, 1..=52_u32).prop_filter_map("too wide", |(e, m)| Format::new(e, m).ok()),
        (1..=53_u32, exponents, prop_oneof![0..=3, 0..=64, 0..=4000]).prop_filter_map(
            "beyond the limits",
            |(p, emin, length)| Format::from_range(p, emin, emin + length).ok()
        ),
        (1..=53_u32).prop_map(|p| Format::unbounded(p).expect("a valid precision")),
        (0..=63_u32, any::<bool>()).prop_map(|(bias, wide)| {
            let made = if wide { Format::cfloat8_152(bias) } else { Format::cfloat8_143(bias) };
            made.expect("a valid bias")
        }),
    ]
}

/// One fact changed.
#[derive(Clone, Copy, Debug)]
enum Adapter {
    Subnormals(bool),
    Infinities(bool),
    SignedZero(bool),
    Sign(Signedness),
    Bias(i32),
    /// As a part of the range that there is.
    LargestFinite(f64),
}

fn adapted(format: Format, adapter: Adapter) -> Result<Format, FormatError> {
    match adapter {
        Adapter::Subnormals(on) => format.with_subnormals(on),
        Adapter::Infinities(on) => format.with_infinities(on),
        Adapter::SignedZero(on) => format.with_signed_zero(on),
        Adapter::Sign(signedness) => format.with_sign(signedness),
        Adapter::Bias(bias) => format.with_bias(bias),
        Adapter::LargestFinite(part) => {
            let largest =
                Chop::new(format, Rounding::TowardZero).chop(format.largest_finite() * part);
            format.with_largest_finite(largest)
        }
    }
}

fn any_adapter() -> impl Strategy<Value = Adapter> {
    prop_oneof![
        any::<bool>().prop_map(Adapter::Subnormals),
        any::<bool>().prop_map(Adapter::Infinities),
        any::<bool>().prop_map(Adapter::SignedZero),
        any_signedness().prop_map(Adapter::Sign),
        prop_oneof![-70..=70, -1100..=1100, -70_000..=70_000].prop_map(Adapter::Bias),
        prop_oneof![0.0..1.0, 1.0..4.0].prop_map(Adapter::LargestFinite),
    ]
}

/// A format by a constructor and up to four adapters; those refused change nothing.
fn any_format() -> impl Strategy<Value = Format> {
    (constructed_format(), prop::collection::vec(any_adapter(), 0..=4)).prop_map(
        |(format, adapters)| {
            adapters
                .into_iter()
                .fold(format, |format, adapter| adapted(format, adapter).unwrap_or(format))
        },
    )
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let policies = (select(Overflow::ALL.to_vec()), select(Underflow::ALL.to_vec()));
    (any_format(), any_mode(), policies).prop_map(|(format, rounding, (overflow, underflow))| {
        Rule { format, rounding, overflow, underflow }
    })
}

/// Where inputs lie relative to the format: anywhere, or beside a threshold of it.
#[derive(Clone, Copy, Debug)]
enum Place {
    Bits(u64),
    /// `anchor`·2^scale·(1 + ulps·2^-52): beside the largest finite, the smallest normal or the
    /// smallest positive number, their halves and doubles, or a number between.
    Beside {
        anchor: u8,
        scale: i8,
        ulps: i8,
        negative: bool,
    },
    /// A number with few digits more than the format: a tie, or nearly one.
    Tie {
        exponent: i16,
        digits: u64,
        ulps: i8,
        negative: bool,
    },
}

fn any_place() -> impl Strategy<Value = Place> {
    prop_oneof![
        any::<u64>().prop_map(Place::Bits),
        (0..3_u8, -3..=3_i8, -3..=3_i8, any::<bool>()).prop_map(
            |(anchor, scale, ulps, negative)| Place::Beside { anchor, scale, ulps, negative }
        ),
        (-1080..=1024_i16, any::<u64>(), -1..=1_i8, any::<bool>()).prop_map(
            |(exponent, digits, ulps, negative)| Place::Tie { exponent, digits, ulps, negative }
        ),
    ]
}

/// The input in a storage type.
fn input<T: Storage>(place: Place, format: Format) -> T {
    let narrowed = |x: f64| T::from(x).expect("numbers and infinities convert");
    let beside = |x: T, ulps: i8, negative: bool| {
        let moved = x * (T::one() + T::epsilon() * T::from(ulps).expect("a small integer"));
        if negative { -moved } else { moved }
    };
    match place {
        Place::Bits(bits) if T::PRECISION == 24 => narrowed(f64::from(f32::from_bits(bits as u32))),
        Place::Bits(bits) => narrowed(f64::from_bits(bits)),
        Place::Beside { anchor, scale, ulps, negative } => {
            let anchors =
                [format.largest_finite(), format.smallest_normal(), format.smallest_positive()];
            let x = narrowed(anchors[usize::from(anchor)] * 2f64.powi(i32::from(scale)));
            beside(x, ulps, negative)
        }
        Place::Tie { exponent, digits, ulps, negative } => {
            let p = format.precision().min(51);
            let significand = 1 << p | digits & ((1 << p) - 1);
            // In the range of the format and the storage type, by chance.
            let exponent = i32::from(exponent).clamp(format.emin().clamp(-1080, 1000) - 60, 1024);
            let x = significand as f64 * 2f64.powi(exponent - p as i32 / 2);
            beside(narrowed(x), ulps, negative)
        }
    }
}

/// The kernel's answer, with random bits that both it and the definition are given.
fn fast<T: Storage>(rule: Rule, x: T, word: u32) -> T {
    let mut values = [x; 3];
    Chop::from_rule(rule).chop_slice_words(&mut values, &[word; 3]);
    let mut one = [x];
    Chop::from_rule(rule).chop_slice_words(&mut one, &[word]);
    assert!(values.iter().all(|y| same(*y, one[0])), "a slice and a single value differ");
    one[0]
}

/// The same bits.
fn same<T: Storage>(a: T, b: T) -> bool {
    a.widen().to_bits() == b.widen().to_bits()
}

fn check_rule<T: Storage>(rule: Rule, x: T, word: u32) -> Result<(), TestCaseError> {
    let defined = reference::chop(x, &rule, &[(word >> 16) as u16, word as u16]);
    let y = fast(rule, x, word);
    prop_assert!(same(y, defined), "{x:?}: kernel {y:?}, definition {defined:?}");
    prop_assert!(y.is_nan() || rule.format.contains(y.widen()), "{x:?} -> {y:?}");
    prop_assert!(!x.is_nan() || y.is_nan() && y.is_sign_negative() == x.is_sign_negative());
    if !rule.rounding.is_stochastic() {
        prop_assert!(same(Chop::from_rule(rule).chop(x), y), "{x:?}: scalar and slice differ");
    }
    // A value of the format is not moved, by any mode.
    let again = fast(rule, y, !word);
    // But for one: what saturates to a subnormal number, where the storage type has no normal number
    // of the format, is flushed the second time.
    let flushed_later = rule.underflow == Underflow::FlushToZero && rule.format.emin() > T::EMAX;
    prop_assert!(flushed_later || same(again, y), "{x:?} -> {y:?} -> {again:?}");
    Ok(())
}

fn check_order<T: Storage>(rule: Rule, a: T, b: T) -> Result<(), TestCaseError> {
    let (low, high) = if a <= b { (a, b) } else { (b, a) };
    let chop = Chop::from_rule(rule);
    let (low_y, high_y) = (chop.chop(low), chop.chop(high));
    let unordered = low_y.is_nan() || high_y.is_nan();
    prop_assert!(unordered || low_y <= high_y, "{low:?} -> {low_y:?}, {high:?} -> {high_y:?}");
    Ok(())
}

/// The same cases every time; with `--cfg exhaustive` other ones each time, and more of them.
fn config(cases: u32) -> ProptestConfig {
    let fixed = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    if cfg!(exhaustive) {
        ProptestConfig { cases: 20 * cases, max_local_rejects: u32::MAX, ..fixed }
    } else {
        ProptestConfig { rng_seed: RngSeed::Fixed(3109), ..fixed }
    }
}

proptest! {
    #![proptest_config(config(100_000))]

    #[test]
    fn any_value_by_any_rule(rule in any_rule(), place in any_place(), word in any::<u32>()) {
        check_rule(rule, input::<f64>(place, rule.format), word)?;
        check_rule(rule, input::<f32>(place, rule.format), word)?;
    }

    #[test]
    fn deterministic_modes_keep_the_order(
        rule in (any_rule(), select(Rounding::DETERMINISTIC.to_vec()))
            .prop_map(|(rule, rounding)| Rule { rounding, ..rule }),
        places in [any_place(), any_place()],
    ) {
        let [a, b] = places.map(|place| input::<f64>(place, rule.format));
        check_order(rule, a, b)?;
        check_order(rule, a, a.next_up())?;
        let [a, b] = places.map(|place| input::<f32>(place, rule.format));
        check_order(rule, a, b)?;
        check_order(rule, a, a.next_up())?;
    }

    #[test]
    fn every_format_reads_back_and_answers(format in any_format(), bits in any::<u64>()) {
        let name = format.to_string();
        prop_assert_eq!(name.parse::<Format>(), Ok(format), "{}", name);
        let x = f64::from_bits(bits);
        let _ = (format.contains(x), format.classify(x), format.ulp(x));
        let _ = (format.decode(bits), format.decode_exact(bits), format.encode(x));
        // A format with no number in binary64's range has no neighbours to give there.
        let shared = format.emin() <= 1023 && format.emax() >= -1074;
        for neighbour in [format.next_up(x), format.next_down(x)].into_iter().filter(|_| shared) {
            prop_assert!(neighbour.is_nan() || format.contains(neighbour), "{name}: {neighbour:e}");
        }
        for (code, value) in format.values().take(20) {
            prop_assert_eq!(format.encode(value), Ok(code), "{}", name);
        }
    }

    /// Codes both ways: whatever a code stands for is a value, and has that code.
    #[test]
    fn codes_stand_for_values(format in any_format(), code in any::<u64>()) {
        let bits = format.total_bits().unwrap_or(64);
        let code = if bits < 64 { code & ((1 << bits) - 1) } else { code };
        if let Some(datum) = format.decode_exact(code) {
            let back = format.encode_exact(datum);
            let is_nan = matches!(datum, lowprec::format::Datum::Nan { .. });
            prop_assert!(back == Ok(code) || is_nan && back.is_ok(), "{format} {code:#x}: {back:?}");
        }
    }
}

/// Text near the grammar of names: pieces of names, numbers of every size, options.
fn any_text() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (-70_i64..70).prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<i32>().prop_map(|n| n.to_string()),
        select(vec![
            "",
            "-",
            "+1",
            "00",
            "1e9",
            "0x3",
            "65536",
            "-65536",
            "131072",
            "1048576",
            "2147483647",
            "-2147483648",
            "4294967296",
            "18446744073709551615"
        ])
        .prop_map(str::to_owned),
    ];
    let option = prop_oneof![
        (select(vec!["bits", "top", "low", "nan", "overflow", "size"]), number.clone())
            .prop_map(|(key, n)| format!("{key}={n}")),
        select(vec![
            "unsigned",
            "no-negative-zero",
            "no-infinity",
            "low=subnormals",
            "low=zero-field",
            "low=zero-slot",
            "low=no-zero",
            "nan=top-field",
            "nan=all-ones",
            "nan=negative-zero",
            "nan=none",
            "overflow=infinity",
            "overflow=nan",
            "overflow=largest",
            "",
            "=",
            "bits",
        ])
        .prop_map(str::to_owned),
    ];
    let options = prop::collection::vec(option, 0..5).prop_map(|options| options.join(","));
    let piece = prop_oneof![
        4 => number.clone(),
        4 => select(vec![
            "p", "e", "m", ":", "[", "]", "binary", "s", "u", "f", "cfloat8_1_4_3:", "fp", "é", " ",
            "stochastic-a:", "_", "p3109_k", "\u{130}",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop_oneof![
        (number.clone(), number.clone(), number.clone(), options.clone())
            .prop_map(|(p, a, b, options)| format!("p{p}e{a}:{b}[{options}]")),
        (1..60_u32, -40..40_i64, 0..70_i64, options.clone()).prop_map(
            |(p, emin, range, options)| {
                format!(
                    "p{p}e{emin}:{}[bits={},{options}]",
                    emin + range,
                    2 + range.ilog2_or_zero()
                )
            }
        ),
        (number.clone(), options).prop_map(|(p, options)| format!("p{p}[{options}]")),
        (number.clone(), number.clone()).prop_map(|(e, m)| format!("e{e}m{m}")),
        (number.clone(), number, "[seuf]{0,3}")
            .prop_map(|(k, p, end)| format!("binary{k}p{p}{end}")),
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()),
    ]
}

trait Log {
    fn ilog2_or_zero(self) -> u32;
}

impl Log for i64 {
    fn ilog2_or_zero(self) -> u32 {
        self.checked_ilog2().unwrap_or(0)
    }
}

proptest! {
    #![proptest_config(config(200_000))]

    #[test]
    fn no_text_panics(text in any_text(), bits in any::<u64>(), word in any::<u32>()) {
        let _ = (text.parse::<Rounding>(), text.parse::<Overflow>(), text.parse::<Underflow>());
        for by_peer in [
            Format::from_chop_name,
            Format::from_pychop_name,
            Format::from_cpfloat_name,
            Format::from_ml_dtypes_name,
            Format::from_gfloat_name,
        ] {
            let _ = by_peer(&text);
        }
        match text.parse::<Format>() {
            Err(error) => {
                let quoted = error.to_string().contains(&format!("{text:?}"));
                prop_assert!(quoted, "{}", error);
            }
            // Whatever was accepted is a format like any other.
            Ok(format) => {
                prop_assert_eq!(format.to_string().parse::<Format>(), Ok(format), "{}", format);
                let x = f64::from_bits(bits);
                for mode in [Rounding::NearestEven, Rounding::Up, Rounding::Stochastic] {
                    check_rule(Rule::new(format, mode), x, word)?;
                    check_rule(Rule::new(format, mode), x as f32, word)?;
                }
                let _ = (format.decode_exact(bits), format.values().take(9).count());
            }
        }
    }
}

/// Numbers at the ends of the integers that hold them, in every place of a name.
#[test]
fn extreme_numbers_in_names_are_refused() {
    let extremes = ["2147483647", "-2147483648", "4294967295", "9223372036854775807"];
    for n in extremes {
        for name in [
            format!("p{n}"),
            format!("p4e-65536:{n}"),
            format!("p4e{n}:8"),
            format!("p4e-65536:{n}[bits=4,top=8]"),
            format!("p4e{n}:{n}[bits=17,top=8]"),
            format!("p4e-6:8[bits={n},top=14]"),
            format!("p4e-6:8[bits=4,top={n}]"),
            format!("p1e-6:{n}[bits=17,top=1,nan=none,no-infinity,overflow=largest]"),
            format!("e{n}m3"),
            format!("e4m{n}"),
            format!("binary{n}p4se"),
            format!("binary8p{n}se"),
            format!("cfloat8_1_4_3:{n}"),
        ] {
            let parsed = name.parse::<Format>();
            assert!(parsed.is_err(), "{name} gave {parsed:?}");
        }
    }
}

/// A construction that must fail, and what its message says: field, value, limit.
type Refused = (Result<Format, FormatError>, &'static str, &'static str, &'static str);

fn refused_constructions() -> Vec<Refused> {
    use {Domain::Extended, Domain::Finite, Signedness::Signed, Signedness::Unsigned};
    let unbounded = Format::unbounded(11).expect("a valid precision");
    vec![
        (Format::new(0, 3), "exponent bits", "0", "2..=16"),
        (Format::new(1, 3), "exponent bits", "1", "2..=16"),
        (Format::new(17, 3), "exponent bits", "17", "2..=16"),
        (Format::new(u32::MAX, 3), "exponent bits", "4294967295", "2..=16"),
        (Format::new(5, 0), "mantissa bits", "0", "1..=52"),
        (Format::new(5, 53), "mantissa bits", "53", "1..=52"),
        (Format::new(5, u32::MAX), "mantissa bits", "4294967295", "1..=52"),
        (Format::new(16, 48), "total bits", "65", "at most 64"),
        (Format::from_range(0, -1, 1), "precision", "0", "1..=53"),
        (Format::from_range(54, -1, 1), "precision", "54", "1..=53"),
        (Format::from_range(4, -65537, 1), "emin", "-65537", "-65536..=65536"),
        (Format::from_range(4, 65537, 65537), "emin", "65537", "-65536..=65536"),
        (Format::from_range(4, i32::MIN, i32::MAX), "emin", "-2147483648", "-65536..=65536"),
        (Format::from_range(4, -1, 65537), "emax", "65537", "-65536..=65536"),
        (Format::from_range(4, 1, i32::MIN), "emax", "-2147483648", "-65536..=65536"),
        (Format::from_range(4, 1, 0), "emax", "0", "at least emin"),
        (Format::from_range(53, -1024, 1022), "total bits", "65", "at most 64"),
        (Format::unbounded(0), "precision", "0", "1..=53"),
        (Format::unbounded(54), "precision", "54", "1..=53"),
        (Format::p3109(2, 1, Signed, Finite), "K", "2", "3..=16"),
        (Format::p3109(17, 4, Signed, Finite), "K", "17", "3..=16"),
        (Format::p3109(8, 0, Signed, Extended), "P", "0", "1..K"),
        (Format::p3109(8, 8, Signed, Extended), "P", "8", "1..K"),
        (Format::p3109(8, 0, Unsigned, Extended), "P", "0", "1..=K"),
        (Format::p3109(8, 9, Unsigned, Finite), "P", "9", "1..=K"),
        (Format::cfloat8_143(64), "bias", "64", "0..=63"),
        (Format::cfloat8_152(u32::MAX), "bias", "4294967295", "0..=63"),
        (Format::DLFLOAT16.with_subnormals(true), "subnormals", "yes", "only no allowed"),
        (Format::OCP_E8M0.with_subnormals(true), "subnormals", "yes", "only no allowed"),
        (Format::OCP_E4M3.with_infinities(true), "infinities", "yes", "only no allowed"),
        (Format::OCP_E2M1.with_infinities(true), "infinities", "yes", "only no allowed"),
        (Format::E4M3_FNUZ.with_infinities(true), "infinities", "yes", "only no allowed"),
        (Format::OCP_E8M0.with_infinities(true), "infinities", "yes", "only no allowed"),
        (Format::E4M3_FNUZ.with_signed_zero(true), "signed zero", "yes", "only no allowed"),
        (Format::OCP_E8M0.with_signed_zero(true), "signed zero", "yes", "only no allowed"),
        (Format::E5M2_FNUZ.with_sign(Unsigned), "sign", "no", "only yes allowed"),
        (Format::OCP_E8M0.with_sign(Signed), "sign", "yes", "only no allowed"),
        (unbounded.with_bias(3), "bias", "3", "unbounded"),
        (Format::BINARY16.with_bias(131_073), "bias", "131073", "-131072..=131072"),
        (Format::BINARY16.with_bias(i32::MIN), "bias", "-2147483648", "-131072..=131072"),
        (Format::BINARY16.with_bias(65_540), "bias", "65540", "-65536..=65536"),
        (Format::BINARY16.with_bias(-65_540), "bias", "-65540", "-65536..=65536"),
        (Format::BINARY16.with_largest_finite(0.0), "largest finite", "0", "positive finite"),
        (Format::BINARY16.with_largest_finite(-1.0), "largest finite", "-1", "positive finite"),
        (
            Format::BINARY16.with_largest_finite(f64::NAN),
            "largest finite",
            "NaN",
            "positive finite",
        ),
        (
            Format::BINARY16.with_largest_finite(f64::INFINITY),
            "largest finite",
            "inf",
            "positive finite",
        ),
        (Format::OCP_E2M1.with_largest_finite(3.5), "largest finite", "3.5", "significant bits"),
        (unbounded.with_largest_finite(8.0), "largest finite", "8", "unbounded"),
        (Format::OCP_E2M1.with_largest_finite(0.5), "largest finite", "0.5", "smallest normal"),
        (
            Format::DLFLOAT16.with_largest_finite(2f64.powi(-31)),
            "largest finite",
            "4.656612873077393e-10",
            "smallest normal",
        ),
        (Format::BINARY16.with_largest_finite(65536.0), "largest finite", "65536", "not taken"),
        (Format::OCP_E4M3.with_largest_finite(480.0), "largest finite", "480", "not taken"),
    ]
}

#[test]
fn refusals_say_field_value_and_limit() {
    for (result, field, value, limit) in refused_constructions() {
        let error = match result {
            Ok(format) => panic!("{field} = {value} gave {format}"),
            Err(error) => error,
        };
        let message = error.to_string();
        assert!(error.field().contains(field), "{message}");
        let expected = format!("{}: {value} given, ", error.field());
        assert!(message.starts_with(&expected), "{message:?} does not start with {expected:?}");
        assert!(message[expected.len()..].contains(limit), "{message:?} lacks {limit:?}");
        // A reason may follow.
        assert!(message[expected.len()..].contains(" allowed"), "{message}");
    }
    for n in [33, u8::MAX] {
        let message = RandomBits::new(n).unwrap_err().to_string();
        assert_eq!(message, format!("random bits: {n} given, 0..=32 allowed"));
        assert!(Rounding::stochastic_a(n).is_err());
        assert!(Rounding::stochastic_b(n).is_err());
        assert!(Rounding::stochastic_c(n).is_err());
    }
}

/// Every number of exponent and mantissa bits either makes a format or says why not.
#[test]
fn constructors_refuse_or_keep_their_word() {
    for e in 0..20 {
        for m in 0..60 {
            match Format::new(e, m) {
                Ok(format) => {
                    assert_eq!((format.exponent_bits(), format.mantissa_bits()), (Some(e), m));
                    assert_eq!(format.total_bits(), Some(1 + e + m));
                }
                Err(_) => assert!(!(2..=16).contains(&e) || !(1..=52).contains(&m) || e + m > 63),
            }
        }
    }
    for p in 0..60 {
        for (emin, emax) in [(-14, 15), (0, 0), (5, 4), (-65536, 65536), (-1074, 1023)] {
            if let Ok(format) = Format::from_range(p, emin, emax) {
                assert_eq!((format.precision(), format.emin(), format.emax()), (p, emin, emax));
            }
        }
    }
}
