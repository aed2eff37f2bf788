//! Ranges, scales and zero points by their definitions.

use lowprec::quant::clip;
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout, Observer, Range};

use lowprec_oracles::whole::Words;

fn normals(count: usize, seed: u64) -> Vec<f64> {
    let mut words = Words(seed);
    (0..count).map(|_| words.normal()).collect()
}

#[test]
fn ranges_span_the_codes() {
    for bits in 2..=16 {
        let top = f64::from((1_i32 << bits) - 1);
        let symmetric = IntegerFormat::new(bits, Codes::Symmetric).unwrap();
        let parameters = symmetric.parameters(Range::new(-3.0, 2.0).unwrap());
        let maximum = f64::from((1_i32 << (bits - 1)) - 1);
        assert_eq!((parameters.scale, parameters.zero_point), (3.0 / maximum, 0));
        let unsigned = IntegerFormat::new(bits, Codes::Unsigned).unwrap();
        let signed = IntegerFormat::new(bits, Codes::Signed).unwrap();
        let range = Range::new(-1.0, 3.0).unwrap();
        let (u, s) = (unsigned.parameters(range), signed.parameters(range));
        assert_eq!((u.scale, s.scale), (4.0 / top, 4.0 / top));
        assert_eq!(f64::from(u.zero_point), (1.0 / (4.0 / top)).round_ties_even());
        assert_eq!(u.zero_point - s.zero_point, 1 << (bits - 1));
    }
    // A range without zero is extended to it; one of zero alone has scale 1.
    let uint8 = IntegerFormat::new(8, Codes::Unsigned).unwrap();
    let positive = uint8.parameters(Range::new(2.0, 5.1).unwrap());
    assert_eq!((positive.scale, positive.zero_point), (5.1 / 255.0, 0));
    let nothing = uint8.parameters(Range::new(0.0, 0.0).unwrap());
    assert_eq!((nothing.scale, nothing.zero_point), (1.0, 0));
    // The ends of f64: no infinite scale and none below the normal numbers.
    let wide = uint8.parameters(Range::new(-f64::MAX, f64::MAX).unwrap());
    assert!(wide.scale.is_finite() && (127..=128).contains(&wide.zero_point), "{wide:?}");
    let narrow = uint8.parameters(Range::new(0.0, 1e-310).unwrap());
    assert_eq!(narrow.scale, f64::MIN_POSITIVE);
}

#[test]
fn percentiles_are_values_of_their_rank() {
    let values: Vec<f64> = (1..=1000).rev().map(|i| f64::from(i) - 300.0).collect();
    let range = |codes, p| {
        let integer = IntegerFormat::new(8, codes).unwrap();
        let calibration = Calibration::Percentile(p);
        let range = integer.ranges(&values, Layout::tensor(), calibration).unwrap()[0];
        (range.minimum(), range.maximum())
    };
    // Values run from -299 to 700.
    assert_eq!(range(Codes::Signed, 100.0), (-299.0, 700.0));
    assert_eq!(range(Codes::Signed, 99.0), (-289.0, 690.0));
    assert_eq!(range(Codes::Unsigned, 99.95), (-299.0, 700.0));
    // Magnitudes: 0 once, 1 to 299 twice, 300 to 700 once. Rank 501 has 250.
    assert_eq!(range(Codes::Symmetric, 99.0), (-690.0, 690.0));
    assert_eq!(range(Codes::Symmetric, 50.1), (-250.0, 250.0));
}

/// The best of all factors on a fine grid is no better than what the search finds.
#[test]
fn least_squares_finds_the_least_error() {
    for (bits, codes) in [(4, Codes::Symmetric), (3, Codes::Signed), (8, Codes::Symmetric)] {
        let integer = IntegerFormat::new(bits, codes).unwrap();
        let values = normals(4000, u64::from(bits));
        let error = |quantizer: &lowprec::quant::integer::IntegerQuantizer| {
            let mut quantized = values.clone();
            quantizer.quantize_slice(&mut quantized);
            clip::mean_squared_error(&values, &quantized)
        };
        let calibrate = |how| integer.calibrate(&values, Layout::tensor(), how).unwrap();
        let found = error(&calibrate(Calibration::LeastSquares));
        let whole = integer.ranges(&values, Layout::tensor(), Calibration::MinMax).unwrap()[0];
        let minimum = (1..=1000)
            .map(|i| f64::from(i) / 1000.0)
            .map(|f| Range::new(whole.minimum() * f, whole.maximum() * f).unwrap())
            .map(|range| error(&integer.with_ranges(Layout::tensor(), &[range]).unwrap()))
            .fold(f64::INFINITY, f64::min);
        assert!(found <= minimum * 1.001, "{bits} bits: {found} found, {minimum} on the grid");
        let minmax = error(&calibrate(Calibration::MinMax));
        assert!(found < 0.99 * minmax || bits == 8 && found <= minmax, "{found} {minmax}");
    }
}

/// The search of each part by itself, its errors by the quantizer with the range on trial.
fn alone(integer: IntegerFormat, values: &[f64]) -> Range {
    let layout = Layout::tensor();
    let largest = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let unit = if largest == 0.0 { 1.0 } else { 2.0_f64.powi(-largest.log2().floor() as i32) };
    let scaled: Vec<f64> = values.iter().map(|x| x * unit).collect();
    let whole = |values: &[f64]| integer.ranges(values, layout, Calibration::MinMax).unwrap()[0];
    let times = |range: Range, by| Range::new(range.minimum() * by, range.maximum() * by).unwrap();
    let error = |factor| {
        let range = times(whole(&scaled), factor);
        let mut quantized = scaled.clone();
        integer.with_ranges(layout, &[range]).unwrap().quantize_slice(&mut quantized);
        clip::mean_squared_error(&scaled, &quantized)
    };
    times(whole(values), clip::search(0.0, 1.0, error).unwrap().clip)
}

/// Parts of several lengths, ties among their quotients, parts of zeros.
#[test]
fn least_squares_of_many_parts_are_those_of_each() {
    let normal = normals(11 * 50, 5);
    let grid: Vec<f64> = normal.iter().map(|x| (x * 4.0).round() / 8.0).collect();
    let some: Vec<f64> = normal.iter().map(|x| if *x > 1.5 { *x } else { 0.0 }).collect();
    for (bits, codes) in [(2, Codes::Symmetric), (3, Codes::Signed), (4, Codes::Symmetric)] {
        let integer = IntegerFormat::new(bits, codes).unwrap();
        for values in [&normal, &grid, &some] {
            let layout = Layout::groups(&[11, 50], 8).unwrap();
            let found = integer.ranges(values, layout, Calibration::LeastSquares).unwrap();
            let parts = values.chunks(50).flat_map(|row| row.chunks(8));
            for (index, (found, part)) in found.iter().zip(parts).enumerate() {
                assert_eq!(*found, alone(integer, part), "{bits} bits, part {index}: {part:?}");
            }
        }
    }
}

#[test]
fn channels_are_calibrated_alone() {
    let values = [1.0_f32, -20.0, 300.0, -4.0, 50.0, 600.0];
    let int8 = IntegerFormat::new(8, Codes::Symmetric).unwrap();
    let magnitudes = |layout| {
        let ranges = int8.ranges(&values, layout, Calibration::MinMax).unwrap();
        ranges.iter().map(Range::magnitude).collect::<Vec<_>>()
    };
    assert_eq!(magnitudes(Layout::channels(&[2, 3], 0).unwrap()), [300.0, 600.0]);
    assert_eq!(magnitudes(Layout::channels(&[2, 3], 1).unwrap()), [4.0, 50.0, 600.0]);
    assert_eq!(magnitudes(Layout::groups(&[2, 3], 2).unwrap()), [20.0, 300.0, 50.0, 600.0]);
    assert_eq!(magnitudes(Layout::tensor()), [600.0]);
}

#[test]
fn averages_move_by_their_share() {
    let integer = IntegerFormat::new(8, Codes::Signed).unwrap();
    let layout = Layout::channels(&[2, 2], 0).unwrap();
    let mut observer = Observer::new(integer, layout, Calibration::MinMax, 0.125).unwrap();
    assert!(observer.quantizer().is_err());
    observer.observe(&[1.0, 2.0, -8.0, 0.5]).unwrap();
    observer.observe(&[9.0, 10.0, 8.0, 0.5]).unwrap();
    let ends: Vec<(f64, f64)> =
        observer.ranges().iter().map(|r| (r.minimum(), r.maximum())).collect();
    assert_eq!(ends, [(0.0, 3.0), (-7.0, 0.5 + 7.5 / 8.0)]);
    assert!(observer.observe(&[0.0, f64::NAN, 0.0, 0.0]).is_err());
    assert_eq!(observer.ranges()[0].maximum(), 3.0);
    assert_eq!(observer.quantizer().unwrap().parameters()[0].scale, 3.0 / 255.0);
}
