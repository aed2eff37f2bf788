//! Rounding, compared bit for bit: the kernels with the reference, the reference with an exact check
//! of its own (`oracle`), and both with other libraries.

use lowprec::{Chop, Format, Rounding, reference, reference::Rule};
use lowprec_oracles::compare::{Reference, compare, compare_part};
use lowprec_oracles::inputs::{Extent, inputs, magnitudes};
use lowprec_oracles::{
    Bits, Exact, Grid, Oracle, Report, apfloat, deterministic_rules, formats, oracle,
};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// All values where the codes are few, edges and samples where they are many.
fn compare_formats(
    what: &str,
    formats: impl IntoIterator<Item = Format>,
    most_bits: u32,
    reference: Reference,
) {
    let mut report = Report::default();
    for format in formats {
        let every = width(&format) <= most_bits;
        let extent = if every { Extent::Every } else { Extent::Sampled { binades: 48 } };
        compare(format, extent, reference, &mut report);
    }
    report.finish(what);
}

fn catalogue() -> impl Iterator<Item = Format> {
    Format::CATALOGUE.iter().map(|row| row.format)
}

fn width(format: &Format) -> u32 {
    format.total_bits().unwrap_or(u32::MAX)
}

#[test]
fn catalogue_complete_to_8_bits_and_sampled_above_16() {
    let not_16 = |f: &Format| !(9..=16).contains(&width(f));
    compare_formats("catalogue", catalogue().filter(not_16), 8, Reference::Every);
}

#[test]
fn catalogue_complete_at_16_bits() {
    compare_formats(
        "16 bits",
        catalogue().filter(|f| (9..=16).contains(&width(f))),
        16,
        Reference::Seventh,
    );
}

/// The named formats between 16 and 32 bits, every value, midpoint and ulp beside, in every mode. The
/// policies, which matter at the ends of the range only, take turns; the second tier has all of them.
/// Binary32 and binary64 have more values than can be tried: they are sampled above, and as storage
/// types of themselves have nothing to round but binary64 to binary32, which `apfloat_agrees` samples.
#[test]
fn tf32_and_pxr24_complete() {
    fn check<T: Bits>(format: Format, report: &mut Report) {
        let oracle = Oracle::<T>::new(format);
        let values = magnitudes(&format);
        let rules: Vec<Rule> = deterministic_rules(format).collect();
        let starts = (0..values.len()).step_by(PART);
        for (number, start) in starts.enumerate() {
            let turn: Vec<Rule> = rules.iter().skip(number % 6).step_by(6).copied().collect();
            let part = &values[start..(start + PART + 1).min(values.len())];
            compare_part::<T>(&oracle, &turn, part, report);
        }
    }
    const PART: usize = 1 << 12;
    for format in [Format::TF32, Format::PXR24] {
        let mut reports = [Report::default(), Report::default()];
        let [single, double] = &mut reports;
        std::thread::scope(|scope| {
            scope.spawn(|| check::<f32>(format, single));
            check::<f64>(format, double);
        });
        for report in reports {
            report.finish(&format.to_string());
        }
    }
}

#[test]
fn p3109_complete_to_8_bits() {
    compare_formats(
        "P3109 to 8 bits",
        Format::p3109_family().filter(|f| width(f) <= 8),
        8,
        Reference::Every,
    );
}

#[test]
fn p3109_sampled_to_16_bits() {
    let wide = Format::p3109_family().filter(|f| width(f) > 8);
    compare_formats("P3109 to 16 bits", wide, 8, Reference::Seventh);
}

#[test]
fn custom_formats() {
    compare_formats("custom", formats::customs(), 8, Reference::Seventh);
}

/// The two ways in which the exact check finds neighbours agree where both apply.
#[test]
fn listing_and_dividing_place_alike() {
    fn check<T: Bits>(format: Format) {
        let (listed, divided) = (Grid::listed::<T>(&format), Grid::divided::<T>(&format));
        assert_eq!((listed.largest, listed.beyond), (divided.largest, divided.beyond), "{format}");
        assert_eq!(listed.largest_is_odd, divided.largest_is_odd, "{format}");
        for x in inputs::<T>(&format, Extent::Sampled { binades: 40 }) {
            if x.is_finite() && !x.is_zero() {
                let x = Exact::of_f64(x.widen());
                assert_eq!(listed.place(x), divided.place(x), "{format} {x:?}");
            }
        }
    }
    let p3109 = Format::p3109_family().filter(|f| f.precision() > 1);
    let small = catalogue().chain(p3109).filter(|f| width(f) <= 16 && f.precision() > 1);
    let mut count = 0;
    for format in small.filter(|f| *f != Format::DLFLOAT16) {
        check::<f32>(format);
        check::<f64>(format);
        count += 1;
    }
    assert!(count > 400, "{count}");
}

/// rustc_apfloat converts from binary64 in the five modes of IEEE 754, with the overflow of its
/// section 7.4.
#[test]
fn apfloat_agrees() {
    let mut report = Report::default();
    for peer in apfloat::peers() {
        let every = width(&peer.format) <= 16;
        let extent = if every { Extent::Every } else { Extent::Sampled { binades: 200 } };
        for x in inputs::<f64>(&peer.format, extent) {
            for (ours, theirs) in apfloat::MODES {
                if !peer.format.has_infinity() && mistaken(&peer.format, ours, x) {
                    continue;
                }
                let rule = Rule::new(peer.format, ours);
                let want = (peer.of_code)((peer.to_code)(x, theirs));
                // Payloads differ: theirs keeps what fits of it, ours is the quiet NaN of the sign.
                let want = if want.is_nan() { f64::NAN.copysign(want) } else { want };
                report.compare("apfloat", &rule, x, Chop::from_rule(rule).chop(x), want);
            }
        }
    }
    report.finish("apfloat");
}

/// Where rustc_apfloat 0.2.3 is wrong: on the overflow of a negative number in a format without
/// infinity it applies the directed modes as if the number were positive (`Up` of -480 to OCP E4M3
/// gives NaN, `Down` gives -448), since two calls of its `overflow_result` lack the mirrored mode that
/// the third has.
fn mistaken(format: &Format, mode: Rounding, x: f64) -> bool {
    x.is_finite() && x < -format.largest_finite() && matches!(mode, Rounding::Up | Rounding::Down)
}

/// `half` from f32, where it rounds once: nearest even.
#[test]
fn half_agrees() {
    let mut report = Report::default();
    let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let bf16 = Chop::new(Format::BFLOAT16, Rounding::NearestEven);
    for bits in (0..=u32::MAX).step_by(251) {
        let x = f32::from_bits(bits);
        let quiet = |y: f32| if y.is_nan() { f32::NAN.copysign(y) } else { y };
        report.compare(
            "half f16",
            &fp16.rule(),
            x,
            fp16.chop(x),
            quiet(half::f16::from_f32(x).to_f32()),
        );
        report.compare(
            "half bf16",
            &bf16.rule(),
            x,
            bf16.chop(x),
            quiet(half::bf16::from_f32(x).to_f32()),
        );
    }
    report.finish("half");
}

/// Slices of every length and alignment, in place and not, give what the scalar call gives, and
/// leave the elements beside them alone.
#[test]
fn slices_of_every_length_and_start() {
    fn check<T: Bits>(format: Format, report: &mut Report) {
        let mut rng = StdRng::seed_from_u64(7);
        let pool = inputs::<T>(&format, Extent::Sampled { binades: 20 });
        let sentinel = T::of_word(0x3d5a_5a5a);
        for rule in deterministic_rules(format) {
            let chop = Chop::from_rule(rule);
            for length in 0..=130 {
                let start = length % 9;
                let from: Vec<T> =
                    (0..length + start).map(|_| pool[rng.random_range(0..pool.len())]).collect();
                let mut to = vec![sentinel; length + start + 5];
                chop.chop_into(&from[start..], &mut to[start..start + length]);
                let mut inplace = from.clone();
                chop.chop_slice(&mut inplace[start..]);
                for i in start..start + length {
                    let scalar = chop.chop(from[i]);
                    report.compare("chop_into", &rule, from[i], to[i], scalar);
                    report.compare("chop_slice", &rule, from[i], inplace[i], scalar);
                }
                let outside = to[..start].iter().chain(&to[start + length..]);
                assert!(
                    outside.clone().all(|x| x.to_word() == sentinel.to_word()),
                    "{rule:?} {length}"
                );
                let same = |i: usize| inplace[i].to_word() == from[i].to_word();
                assert!((0..start).all(same), "{rule:?} {length}");
            }
        }
    }
    let mut report = Report::default();
    let more =
        ["binary8p4uf", "binary8p1se", "p11", "p53e-1022:1023"].map(|name| name.parse().unwrap());
    for format in catalogue().chain(more) {
        check::<f32>(format, &mut report);
        check::<f64>(format, &mut report);
    }
    report.finish("slices");
}

#[test]
#[should_panic(expected = "source has 3 elements, destination 2")]
fn slices_of_different_lengths_panic() {
    Chop::new(Format::BINARY16, Rounding::Up).chop_into(&[1.0_f32; 3], &mut [0.0; 2]);
}

/// The exact check itself, on results that DESIGN's sources and peers' bug reports give by value.
#[test]
fn anchors() {
    use Rounding::*;
    let e4m3 = Format::OCP_E4M3;
    let rows: &[(Format, Rounding, f64, f64)] = &[
        (e4m3, NearestEven, 464.0, 448.0),
        (e4m3, NearestEven, 465.0, f64::NAN),
        (e4m3, NearestAway, 464.0, f64::NAN),
        (e4m3, TowardZero, 1e9, 448.0),
        (e4m3, ToOdd, 1e9, f64::NAN),
        (e4m3, Down, -449.0, -f64::NAN),
        (Format::BINARY16, ToOdd, 1e9, 65504.0),
        ("binary8p3se".parse().unwrap(), ToOdd, 1e9, f64::INFINITY),
        ("binary8p3sf".parse().unwrap(), NearestEven, f64::INFINITY, 57344.0),
        ("binary8p4ue".parse().unwrap(), NearestEven, -1.0, -f64::NAN),
        ("binary8p4ue".parse().unwrap(), Up, -1.0, 0.0),
        (Format::OCP_E8M0, NearestEven, 1.5 * 2f64.powi(127), 2f64.powi(127)),
        (Format::OCP_E8M0, TowardZero, 1e-300, 2f64.powi(-127)),
        (Format::OCP_E8M0, NearestEven, 0.0, f64::NAN),
        (Format::OCP_E2M1, NearestEven, 1e9, 6.0),
        (Format::DLFLOAT16, NearestAway, 2f64.powi(-31), 2f64.powi(-31) * (1.0 + 2f64.powi(-9))),
        (Format::DLFLOAT16, NearestEven, 2f64.powi(-32), 0.0),
        (Format::BINARY16, NearestEven, 70000.0, f64::INFINITY),
        (Format::BINARY16, Up, 5e-324, 2f64.powi(-24)),
        (Format::BINARY16, Up, -5e-324, -0.0),
        (Format::BINARY16, Up, -32767.999999999996, -32752.0),
        (Format::BINARY16, Down, 33554432.0, 65504.0),
        (Format::BINARY16, NearestZero, -1.50048828125, -1.5),
        (Format::BINARY16, NearestUp, 1.50048828125, 1.5009765625),
        (Format::BINARY16, NearestUp, -1.50048828125, -1.5),
        (Format::BINARY16, NearestDown, 1.50048828125, 1.5),
        (Format::BINARY16, NearestDown, -1.50048828125, -1.5009765625),
        (Format::BINARY16, NearestUp, 65520.0, f64::INFINITY),
        (Format::BINARY16, NearestUp, -65520.0, -65504.0),
        (Format::BINARY16, NearestDown, 65520.0, 65504.0),
        (Format::BINARY16, NearestDown, -65520.0, f64::NEG_INFINITY),
        (Format::BINARY16, NearestUp, 2f64.powi(-25), 2f64.powi(-24)),
        (Format::BINARY16, NearestUp, -2f64.powi(-25), -0.0),
        (Format::E4M3_FNUZ, NearestEven, -1e-9, 0.0),
        (
            Format::BFLOAT16,
            NearestEven,
            1.2500000000000002 * 2f64.powi(-132),
            1.5 * 2f64.powi(-132),
        ),
        (Format::BINARY16, NearestEven, 1.0 + 3.0 * 2f64.powi(-11) - 2f64.powi(-40), 1.0009765625),
    ];
    let mut report = Report::default();
    for &(format, mode, x, want) in rows {
        let rule = Rule::new(format, mode);
        report.compare("oracle", &rule, x, oracle::chop(x, &rule), want);
        report.compare("reference", &rule, x, reference::chop(x, &rule, &[]), want);
    }
    report.finish("anchors");
}

/// `NearestUp` is ⌊x + ½⌋ in units of the last place and `NearestDown` its mirror: in integers, for all multiples of
/// an eighth of the last place.
#[test]
fn ties_up_and_down_are_floors_of_a_half_more() {
    let unit = Format::BFLOAT16.epsilon();
    let up = lowprec::Chop::new(Format::BFLOAT16, lowprec::Rounding::NearestUp);
    let down = lowprec::Chop::new(Format::BFLOAT16, lowprec::Rounding::NearestDown);
    // From one to two there are 128 places.
    for eighths in 8 * 128_i32..8 * 256 {
        for eighths in [eighths, -eighths] {
            let x = f64::from(eighths) / 8.0 * unit;
            let floor = (eighths + 4).div_euclid(8);
            let ceiling = -(4 - eighths).div_euclid(8);
            assert_eq!(up.chop(x), f64::from(floor) * unit, "{x} up");
            assert_eq!(down.chop(x), f64::from(ceiling) * unit, "{x} down");
            assert_eq!(up.chop(x as f32), (f64::from(floor) * unit) as f32, "{x} up");
            assert_eq!(down.chop(x as f32), (f64::from(ceiling) * unit) as f32, "{x} down");
        }
    }
}
