//! Codes and values: every code of every format up to 16 bits, both ways, against the fields read
//! by hand, against other libraries, and against the standards' constants.

use std::num::FpCategory;

use lowprec::{
    Format,
    error::CodeErrorKind,
    format::{Datum, Domain, Signedness},
};
use lowprec_oracles::apfloat;
use lowprec_oracles::formats::customs;

fn catalogue() -> impl Iterator<Item = Format> {
    Format::CATALOGUE.iter().map(|row| row.format)
}

/// Every format with at most 16 bits that the tests know.
fn small() -> Vec<Format> {
    let all = catalogue().chain(Format::p3109_family()).chain(customs());
    all.filter(|f| f.total_bits().is_some_and(|bits| bits <= 16)).collect()
}

fn codes(format: &Format) -> std::ops::Range<u64> {
    0..1 << format.total_bits().unwrap()
}

fn p3109(k: u32, p: u32, signedness: Signedness, domain: Domain) -> Format {
    Format::p3109(k, p, signedness, domain).unwrap()
}

/// The four kinds of the P3109 family, in the order se, sf, ue, uf.
const KINDS: [(Signedness, Domain); 4] = [
    (Signedness::Signed, Domain::Extended),
    (Signedness::Signed, Domain::Finite),
    (Signedness::Unsigned, Domain::Extended),
    (Signedness::Unsigned, Domain::Finite),
];

/// A magnitude code read by its fields: exponent field 0 subnormal, the others with a leading one.
fn by_fields(negative: bool, magnitude: u64, mantissa: u32, bias: i32) -> Datum {
    let (field, trailing) = ((magnitude >> mantissa) as i32, magnitude & ((1 << mantissa) - 1));
    let leading = u64::from(field != 0) << mantissa;
    Datum::finite(negative, trailing | leading, field.max(1) - bias - mantissa as i32)
}

#[test]
fn decode_then_encode_is_the_identity() {
    let mut count = 0;
    for format in small() {
        for code in codes(&format) {
            count += 1;
            let x = format.decode(code);
            let Some(exact) = format.decode_exact(code) else {
                assert!(x.is_nan(), "{format} {code:#x}");
                continue;
            };
            let back = format.encode_exact(exact);
            if let Datum::Nan { negative } = exact {
                let canonical = back.unwrap();
                assert_eq!(
                    format.decode_exact(canonical),
                    Some(Datum::Nan { negative }),
                    "{format}"
                );
                assert_eq!(format.encode(x), Ok(canonical), "{format} {code:#x}");
                continue;
            }
            assert_eq!(back, Ok(code), "{format} {exact:?}");
            match exact.to_f64() {
                Some(value) => {
                    assert_eq!(value.to_bits(), x.to_bits(), "{format} {code:#x}");
                    assert_eq!(format.encode(x), Ok(code), "{format} {x:e}");
                }
                None => assert!(x.is_nan(), "{format} {code:#x}"),
            }
        }
    }
    assert!(count > 6_000_000, "{count}");
}

#[test]
fn p3109_codes_by_the_report() {
    for (k, p) in (3..=16_u32).flat_map(|k| (1..=k).map(move |p| (k, p))) {
        for (signedness, domain) in KINDS {
            let signed = signedness == Signedness::Signed;
            if signed && p == k {
                assert!(Format::p3109(k, p, signedness, domain).is_err());
                continue;
            }
            let format = p3109(k, p, signedness, domain);
            let bias = 1_i32 << if signed { k - p - 1 } else { k - p };
            assert_eq!(format.bias(), Some(bias), "{format}");
            let width = if signed { k - 1 } else { k };
            let nan = if signed { 1 << (k - 1) } else { (1 << k) - 1 };
            let infinity = nan - 1;
            for code in codes(&format) {
                let magnitude = code & ((1 << width) - 1);
                let negative = code != magnitude;
                let want = if code == nan {
                    // The one NaN has no sign; decoded, it has the bit it is coded with.
                    Datum::Nan { negative: signed }
                } else if domain == Domain::Extended && magnitude == infinity {
                    Datum::Infinite { negative }
                } else {
                    by_fields(negative, magnitude, p - 1, bias)
                };
                assert_eq!(format.decode_exact(code), Some(want), "{format} {code:#x}");
            }
        }
    }
}

/// Formats whose codes are read by their fields, with what stands in the place of numbers: width of
/// the exponent field, trailing significand and bias, the codes of infinity and the first NaN above
/// the largest finite number, and whether 0x80… is NaN.
#[test]
fn catalogue_codes_by_the_standards() {
    struct Row(Format, u32, u32, i32, Option<u64>, Option<u64>, bool);
    let rows = [
        Row(Format::BINARY16, 5, 10, 15, Some(0x7c00), Some(0x7c01), false),
        Row(Format::BFLOAT16, 8, 7, 127, Some(0x7f80), Some(0x7f81), false),
        Row(Format::OCP_E5M2, 5, 2, 15, Some(0x7c), Some(0x7d), false),
        Row(Format::OCP_E4M3, 4, 3, 7, None, Some(0x7f), false),
        Row(Format::E4M3_IEEE, 4, 3, 7, Some(0x78), Some(0x79), false),
        Row(Format::E3M4, 3, 4, 3, Some(0x70), Some(0x71), false),
        Row(Format::E4M3_FNUZ, 4, 3, 8, None, None, true),
        Row(Format::E5M2_FNUZ, 5, 2, 16, None, None, true),
        Row(Format::E4M3_B11_FNUZ, 4, 3, 11, None, None, true),
        Row(Format::CFLOAT8_143, 4, 3, 7, None, None, false),
        Row(Format::CFLOAT8_152, 5, 2, 15, None, None, false),
        Row(Format::OCP_E3M2, 3, 2, 3, None, None, false),
        Row(Format::OCP_E2M3, 2, 3, 1, None, None, false),
        Row(Format::OCP_E2M1, 2, 1, 1, None, None, false),
    ];
    for Row(format, e, m, bias, infinity, nan, nan_is_minus_zero) in rows {
        assert_eq!(format.total_bits(), Some(1 + e + m), "{format}");
        for code in codes(&format) {
            let magnitude = code & ((1 << (e + m)) - 1);
            let negative = code != magnitude;
            let want = if nan_is_minus_zero && negative && magnitude == 0 {
                Datum::Nan { negative: true }
            } else if nan.is_some_and(|nan| magnitude >= nan) {
                Datum::Nan { negative }
            } else if Some(magnitude) == infinity {
                Datum::Infinite { negative }
            } else {
                by_fields(negative, magnitude, m, bias)
            };
            assert_eq!(format.decode_exact(code), Some(want), "{format} {code:#x}");
        }
    }
}

/// The two formats whose exponent field 0 is a normal binade.
#[test]
fn e8m0_and_dlfloat16_codes() {
    for code in 0..255 {
        let power = Datum::finite(false, 1, code as i32 - 127);
        assert_eq!(Format::OCP_E8M0.decode_exact(code), Some(power), "{code:#x}");
    }
    assert_eq!(Format::OCP_E8M0.decode_exact(0xff), Some(Datum::Nan { negative: false }));
    for code in codes(&Format::DLFLOAT16) {
        let (negative, magnitude) = (code >> 15 == 1, code & 0x7fff);
        let want = match magnitude {
            0 => Datum::Zero { negative },
            0x7fff => Datum::Nan { negative },
            _ => {
                let exponent = (magnitude >> 9) as i32 - 31;
                Datum::finite(negative, 512 | magnitude & 511, exponent - 9)
            }
        };
        assert_eq!(Format::DLFLOAT16.decode_exact(code), Some(want), "{code:#x}");
    }
}

#[test]
fn half_has_the_same_values() {
    for code in 0..=u16::MAX {
        let agree = |ours: f64, theirs: f64| {
            let same = ours.to_bits() == theirs.to_bits();
            assert!(same || ours.is_nan() && theirs.is_nan(), "{code:#x}: {ours:e}, {theirs:e}");
            assert_eq!(ours.is_sign_negative(), theirs.is_sign_negative(), "{code:#x}");
        };
        agree(Format::BINARY16.decode(code.into()), half::f16::from_bits(code).to_f64());
        agree(Format::BFLOAT16.decode(code.into()), half::bf16::from_bits(code).to_f64());
    }
}

#[test]
fn apfloat_has_the_same_values() {
    let mut count = 0;
    for peer in apfloat::peers() {
        let bits = peer.format.total_bits().unwrap();
        let step = if bits <= 24 { 1 } else { (1 << bits.min(63)) / 99_991 };
        for code in (0..1 << bits.min(63)).step_by(step) {
            let (ours, theirs) = (peer.format.decode(code), (peer.of_code)(code));
            let same = ours.to_bits() == theirs.to_bits();
            assert!(same || ours.is_nan() && theirs.is_nan(), "{} {code:#x}", peer.format);
            count += 1;
        }
    }
    assert!(count > 1_000_000, "{count}");
}

#[test]
fn p3109_anchors() {
    let f = |name: &str| name.parse::<Format>().unwrap();
    let se = f("binary8p4se");
    assert_eq!(
        (se.encode(2.0), se.decode(0x7f), se.encode(f64::NAN)),
        (Ok(0x48), f64::INFINITY, Ok(0x80))
    );
    assert!(se.decode(0x80).is_nan());
    assert_eq!((se.largest_finite(), se.smallest_positive()), (224.0, 2f64.powi(-10)));
    assert_eq!(f("binary8p4sf").decode(0x7f), f("binary8p4sf").largest_finite());
    let values: Vec<f64> = f("binary4p2sf").values().map(|(_, x)| x).collect();
    assert_eq!(
        values,
        [-3.0, -2.0, -1.5, -1.0, -0.75, -0.5, -0.25, 0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
    );
    assert_eq!(f("binary8p3se").largest_finite(), 49152.0);
    assert_eq!(f("binary8p5se").largest_finite(), 15.0);
}

#[test]
fn p3109_maxima_of_eight_bits() {
    let two = |e| 2f64.powi(e);
    let rows = [
        [two(62), two(63), two(125), two(126)],
        [two(31), 1.5 * two(31), 1.5 * two(62), two(63)],
        [49152.0, 57344.0, 1.25 * two(31), 1.5 * two(31)],
        [224.0, 240.0, 53248.0, 57344.0],
        [15.0, 15.5, 232.0, 240.0],
        [3.875, 3.9375, 15.25, 15.5],
        [1.96875, 1.984375, 3.90625, 3.9375],
    ];
    for (p, row) in (1..).zip(rows) {
        for ((signedness, domain), largest) in KINDS.into_iter().zip(row) {
            let format = p3109(8, p, signedness, domain);
            assert_eq!(format.largest_finite(), largest, "{format}");
            assert!(!format.has_negative_zero() && format.has_nan() && format.has_zero());
            assert_eq!(format.has_subnormals(), p > 1);
            assert_eq!(format.has_infinity(), domain == Domain::Extended);
            assert_eq!(format.has_sign(), signedness == Signedness::Signed);
            let bias = format.bias().unwrap();
            let smallest = if p == 1 { two(1 - bias) } else { two(2 - bias - p as i32) };
            assert_eq!(format.smallest_positive(), smallest, "{format}");
        }
    }
}

/// FORMATS' table: bits, precision, bias, largest finite, smallest subnormal, infinity, NaN, -0.
#[test]
fn constants() {
    struct Row(Format, u32, u32, i32, f64, Option<f64>, [bool; 3]);
    let two = |e| 2f64.powi(e);
    let tiny = |e| (e > -1075).then(|| 2f64.powi(e + 60) * 2f64.powi(-60));
    let (ieee, no_infinity, only_nan, no_special) =
        ([true; 3], [false, true, true], [false, true, false], [false, false, true]);
    let rows = [
        Row(Format::BINARY64, 64, 53, 1023, f64::MAX, Some(5e-324), ieee),
        Row(Format::BINARY32, 32, 24, 127, f32::MAX.into(), tiny(-149), ieee),
        Row(Format::BINARY16, 16, 11, 15, 65504.0, tiny(-24), ieee),
        Row(Format::BFLOAT16, 16, 8, 127, 255.0 / 128.0 * two(127), tiny(-133), ieee),
        Row(Format::TF32, 19, 11, 127, (2.0 - two(-10)) * two(127), tiny(-136), ieee),
        Row(Format::PXR24, 24, 16, 127, (2.0 - two(-15)) * two(127), tiny(-141), ieee),
        Row(Format::OCP_E5M2, 8, 3, 15, 57344.0, tiny(-16), ieee),
        Row(Format::OCP_E4M3, 8, 4, 7, 448.0, tiny(-9), no_infinity),
        Row(Format::E4M3_IEEE, 8, 4, 7, 240.0, tiny(-9), ieee),
        Row(Format::E3M4, 8, 5, 3, 15.5, tiny(-6), ieee),
        Row(Format::E4M3_FNUZ, 8, 4, 8, 240.0, tiny(-10), only_nan),
        Row(Format::E5M2_FNUZ, 8, 3, 16, 57344.0, tiny(-17), only_nan),
        Row(Format::E4M3_B11_FNUZ, 8, 4, 11, 30.0, tiny(-13), only_nan),
        Row(Format::OCP_E3M2, 6, 3, 3, 28.0, tiny(-4), no_special),
        Row(Format::OCP_E2M3, 6, 4, 1, 7.5, Some(0.125), no_special),
        Row(Format::OCP_E2M1, 4, 2, 1, 6.0, Some(0.5), no_special),
        Row(Format::OCP_E8M0, 8, 1, 127, two(127), None, only_nan),
        Row(Format::DLFLOAT16, 16, 10, 31, 8573157376.0, None, no_infinity),
        Row(Format::CFLOAT8_143, 8, 4, 7, 1.875 * two(8), tiny(-9), no_special),
        Row(Format::CFLOAT8_152, 8, 3, 15, 1.75 * two(16), tiny(-16), no_special),
    ];
    assert_eq!(rows.len(), Format::CATALOGUE.len());
    for Row(format, bits, p, bias, largest, smallest, specials) in rows {
        assert_eq!((format.total_bits(), format.precision()), (Some(bits), p), "{format}");
        assert_eq!(format.bias(), Some(bias), "{format}");
        assert_eq!(format.largest_finite(), largest, "{format}");
        assert_eq!(format.smallest_subnormal(), smallest, "{format}");
        let ours = [format.has_infinity(), format.has_nan(), format.has_negative_zero()];
        assert_eq!(ours, specials, "{format}");
        assert_eq!(format.has_sign(), format != Format::OCP_E8M0, "{format}");
        assert_eq!(format.unit_roundoff(), 2f64.powi(-(p as i32)), "{format}");
        assert_eq!(format.epsilon(), 2f64.powi(1 - p as i32), "{format}");
    }
    assert_eq!(Format::OCP_E8M0.smallest_positive(), two(-127));
    assert_eq!(Format::DLFLOAT16.smallest_positive(), two(-31) * (1.0 + two(-9)));
    for bias in 0..=63 {
        let (a, b) = (Format::cfloat8_143(bias).unwrap(), Format::cfloat8_152(bias).unwrap());
        let bias = bias as i32;
        assert_eq!(
            (a.largest_finite(), b.largest_finite()),
            (1.875 * two(15 - bias), 1.75 * two(31 - bias))
        );
        assert_eq!(
            (a.smallest_positive(), b.smallest_positive()),
            (two(-2 - bias), two(-1 - bias))
        );
    }
    assert!(Format::cfloat8_143(64).is_err() && Format::cfloat8_152(64).is_err());
}

#[test]
fn names_of_the_table() {
    let rows: &[(Format, &[&str])] = &[
        (Format::BINARY64, &["binary64", "fp64", "d", "double"]),
        (Format::BINARY16, &["binary16", "fp16", "h", "half", "e5m10", "p11e-14:15"]),
        (Format::BFLOAT16, &["bfloat16", "bf16", "b", "e8m7"]),
        (Format::TF32, &["tf32", "t", "e8m10"]),
        (Format::OCP_E5M2, &["e5m2", "ocp_e5m2", "fp8_e5m2", "q52"]),
        (Format::OCP_E4M3, &["e4m3fn", "ocp_e4m3"]),
        (Format::E4M3_IEEE, &["e4m3_ieee", "q43"]),
        (Format::E3M4, &["e3m4"]),
        (Format::E4M3_FNUZ, &["e4m3fnuz"]),
        (Format::E5M2_FNUZ, &["e5m2fnuz"]),
        (Format::E4M3_B11_FNUZ, &["e4m3b11fnuz"]),
        (Format::OCP_E3M2, &["e3m2fn"]),
        (Format::OCP_E2M3, &["e2m3fn"]),
        (Format::OCP_E2M1, &["e2m1fn", "fp4"]),
        (Format::OCP_E8M0, &["e8m0fnu"]),
        (Format::DLFLOAT16, &["dlfloat16"]),
        (Format::CFLOAT8_143, &["cfloat8_1_4_3"]),
        (Format::CFLOAT8_152, &["cfloat8_1_5_2"]),
        (Format::PXR24, &["pxr24"]),
    ];
    for (format, names) in rows {
        for name in *names {
            assert_eq!(name.parse(), Ok(*format), "{name}");
            assert_eq!(name.to_uppercase().parse(), Ok(*format), "{name}");
        }
    }
    for ambiguous in ["e4m3", "fp8-e4m3", "e2m1", "e3m2", "e2m3"] {
        assert!(ambiguous.parse::<Format>().is_err(), "{ambiguous}");
    }
}

#[test]
fn printed_names_read_back() {
    for format in catalogue().chain(Format::p3109_family()).chain(customs()) {
        let name = format.to_string();
        assert_eq!(name.parse(), Ok(format), "{name}");
    }
}

/// The codes that stand for numbers and infinities, sorted: what `values` must give.
fn sorted(format: &Format) -> Vec<(u64, f64)> {
    let held = |code| Some((code, format.decode_exact(code)?.to_f64()?));
    let mut list: Vec<(u64, f64)> =
        codes(format).filter_map(held).filter(|(_, x)| !x.is_nan()).collect();
    list.sort_by(|a, b| a.1.total_cmp(&b.1));
    list
}

#[test]
fn values_are_ascending_and_complete() {
    for format in small() {
        let same = format.values().eq(sorted(&format));
        assert!(same, "{format}");
    }
    assert_eq!(Format::unbounded(8).unwrap().values().count(), 0);
}

#[test]
fn neighbours_follow_the_list_of_values() {
    for format in small() {
        let values: Vec<f64> = sorted(&format).into_iter().map(|(_, x)| x).collect();
        let mut points = vec![0.0, -0.0, 5e-324, -5e-324, 1e-300, f64::MAX, f64::MIN];
        points.extend([f64::INFINITY, f64::NEG_INFINITY, 1.0, -1.0, 0.1, -1e30]);
        // Enough of the largest formats: the ends, and every 37th value.
        let dense = values.len() <= 4096;
        let near_end = |i: usize| i < 300 || i + 300 > values.len();
        for (i, pair) in
            values.windows(2).enumerate().filter(|(i, _)| dense || near_end(*i) || i % 37 == 0)
        {
            assert!(i < values.len());
            points.extend([pair[0], pair[1], pair[0] + (pair[1] - pair[0]) / 2.0]);
        }
        for x in points.into_iter().filter(|x| !x.is_nan()) {
            check_neighbours(&format, &values, x);
        }
        assert!(format.next_up(f64::NAN).is_nan() && format.next_down(f64::NAN).is_nan());
        assert!(format.ulp(f64::NAN).is_nan());
    }
}

fn check_neighbours(format: &Format, values: &[f64], x: f64) {
    let same = |a: f64, b: f64| a == b || a.is_nan() && b.is_nan();
    let above = values.get(values.partition_point(|v| *v <= x));
    let below = values.partition_point(|v| *v < x).checked_sub(1).map(|i| values[i]);
    let stays = x.is_infinite() && values.contains(&x);
    let up = above.copied().unwrap_or(if stays { x } else { f64::NAN });
    let down = below.unwrap_or(if stays { x } else { f64::NAN });
    for (got, want) in [(format.next_up(x), up), (format.next_down(x), down)] {
        assert!(same(got, want), "{format} {x:e}: {got:e}, not {want:e}");
        assert!(got.is_nan() || format.contains(got), "{format} {x:e}: {got:e} is no value");
    }
    let member = values.binary_search_by(|v| v.total_cmp(&x)).is_ok();
    assert_eq!(format.contains(x), member, "{format} {x:e}");
    check_ulp(format, values, x);
}

/// Between two neighbours above zero the ulp is their distance.
fn check_ulp(format: &Format, values: &[f64], x: f64) {
    let magnitude = x.abs();
    let next = values.partition_point(|v| *v <= magnitude);
    let (low, high) = (next.checked_sub(1).map(|i| values[i]), values.get(next));
    if let (Some(low), Some(high)) = (low, high)
        && low > 0.0
        && high.is_finite()
    {
        assert_eq!(format.ulp(x), high - low, "{format} {x:e}");
    }
    if x == 0.0 {
        assert_eq!(format.ulp(x), format.smallest_positive(), "{format}");
    }
}

#[test]
fn classes() {
    for format in small() {
        let m = format.mantissa_bits();
        let mut subnormals = 0;
        for (_, x) in sorted(&format) {
            let want = match x {
                0.0 => FpCategory::Zero,
                x if x.is_infinite() => FpCategory::Infinite,
                x if x.abs() < 2f64.powi(format.emin().max(-1070)) => FpCategory::Subnormal,
                _ => FpCategory::Normal,
            };
            assert_eq!(format.classify(x), want, "{format} {x:e}");
            subnormals += u64::from(want == FpCategory::Subnormal && x > 0.0);
        }
        if (-1000..1000).contains(&format.emin()) {
            let all = if format.has_subnormals() { (1 << m) - 1 } else { 0 };
            assert_eq!(subnormals, all, "{format}");
        }
        assert_eq!(format.classify(f64::NAN), FpCategory::Nan);
    }
}

#[test]
fn slices_go_through_and_back() {
    for format in small() {
        let list = sorted(&format);
        let (codes, values): (Vec<u64>, Vec<f64>) = list.into_iter().unzip();
        let narrow: Vec<u16> = codes.iter().map(|code| *code as u16).collect();
        let (mut coded, mut decoded) = (vec![0_u16; codes.len()], vec![0_f64; codes.len()]);
        assert_eq!(format.encode_slice(&values, &mut coded), Ok(()), "{format}");
        assert_eq!(format.decode_slice(&narrow, &mut decoded), Ok(()), "{format}");
        assert_eq!(coded, narrow, "{format}");
        let same = decoded.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same, "{format}");
    }
}

#[test]
fn errors_carry_the_index() {
    let e4m3 = Format::OCP_E4M3;
    let mut codes = [9_u8; 4];
    let error = e4m3.encode_slice(&[1.0, 448.0, 0.3, 7.7], &mut codes).unwrap_err();
    assert_eq!((error.index(), error.kind()), (Some(2), CodeErrorKind::NotAMember(0.3)));
    assert_eq!(codes, [0x38, 0x7e, 9, 9], "codes before the error are written, others not");
    let error = Format::OCP_E2M1.encode_slice(&[1.0, f64::NAN], &mut codes[..2]).unwrap_err();
    assert_eq!((error.index(), error.kind()), (Some(1), CodeErrorKind::NoNan));
    let error = Format::BINARY16.encode_slice(&[1.0_f32], &mut codes[..1]).unwrap_err();
    let narrow = CodeErrorKind::NarrowType { given: 8, needed: 16 };
    assert_eq!((error.index(), error.kind()), (None, narrow));
    let error =
        Format::unbounded(8).unwrap().encode_slice(&[1.0_f32], &mut codes[..1]).unwrap_err();
    assert_eq!(error.kind(), CodeErrorKind::NoCodes);

    let mut values = [0_f32; 3];
    let error = Format::OCP_E2M1.decode_slice(&[1_u8, 2, 16], &mut values).unwrap_err();
    assert_eq!(
        (error.index(), error.kind()),
        (Some(2), CodeErrorKind::TooWide { code: 16, bits: 4 })
    );
    assert_eq!(values, [0.5, 1.0, 0.0]);
    let sparse = Format::BINARY16.with_subnormals(false).unwrap();
    let error = sparse.decode_slice(&[0_u16, 1], &mut values[..2]).unwrap_err();
    assert_eq!((error.index(), error.kind()), (Some(1), CodeErrorKind::Unassigned(1)));
    let error =
        Format::BINARY64.decode_slice(&[1.0_f64.to_bits(), 1], &mut values[..2]).unwrap_err();
    assert_eq!((error.index(), error.kind()), (Some(1), CodeErrorKind::OutOfStorage(1)));
    let wide: Format = "binary16p1se".parse().unwrap();
    let error = wide.decode_slice(&[0x7ffe_u16], &mut [0_f64]).unwrap_err();
    assert_eq!((error.index(), error.kind()), (Some(0), CodeErrorKind::OutOfStorage(0x7ffe)));
}

/// Codes refused: too wide, subnormal patterns of a format without them, minus zero without one,
/// codes above a lowered largest finite number.
#[test]
fn unassigned_codes_are_refused() {
    for format in small() {
        let bits = format.total_bits().unwrap();
        for too_wide in [1 << bits, 1 << bits | 1, u64::MAX] {
            assert_eq!(format.decode_exact(too_wide), None, "{format} {too_wide:#x}");
        }
    }
    let sparse = Format::BINARY16.with_subnormals(false).unwrap();
    assert!((1..1024).all(|code| sparse.decode_exact(code).is_none()));
    assert!((1..1024).all(|code| sparse.decode_exact(code | 0x8000).is_none()));
    assert!(sparse.decode_exact(1024).is_some());
    let unsigned_zero = Format::BINARY16.with_signed_zero(false).unwrap();
    assert_eq!(unsigned_zero.decode_exact(0x8000), None);
    assert!(unsigned_zero.encode(-0.0).is_err());
    let low = Format::BINARY16.with_largest_finite(1.0).unwrap();
    assert!((0x3c01..0x7c00).all(|code| low.decode_exact(code).is_none()));
    assert_eq!(low.decode(0x3c00), 1.0);
    assert_eq!(low.decode(0xfc00), f64::NEG_INFINITY);
    assert_eq!(low.encode(1.5).unwrap_err().kind(), CodeErrorKind::NotAMember(1.5));
}

#[test]
fn only_members_are_coded() {
    for (format, x) in [
        (Format::OCP_E4M3, 449.0),
        (Format::OCP_E4M3, f64::INFINITY),
        (Format::OCP_E8M0, 0.0),
        (Format::OCP_E8M0, -1.0),
        (Format::E4M3_FNUZ, -0.0),
        (Format::DLFLOAT16, 2f64.powi(-31)),
        (Format::BINARY16, 2f64.powi(-25)),
        (Format::BINARY16, 65520.0),
    ] {
        let error = format.encode(x).unwrap_err();
        assert_eq!(error.kind(), CodeErrorKind::NotAMember(x), "{format} {x:e}");
        assert!(!format.contains(x), "{format} {x:e}");
    }
}
