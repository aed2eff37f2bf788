//! Inputs on which calibration and scales once went wrong.

use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout, Observer};

fn quantized(format: IntegerFormat, values: &[f64], calibration: Calibration) -> Vec<f64> {
    let quantizer = format.calibrate(values, Layout::tensor(), calibration).unwrap();
    let mut values = values.to_vec();
    quantizer.quantize_slice(&mut values);
    values
}

/// A batch without values once counted as one of zeros.
#[test]
fn an_empty_batch_moves_no_average() {
    let uint8 = IntegerFormat::new(8, Codes::Unsigned).unwrap();
    let mut observer = Observer::new(uint8, Layout::tensor(), Calibration::MinMax, 0.01).unwrap();
    observer.observe::<f64>(&[]).unwrap();
    assert!(observer.ranges().is_empty() && observer.quantizer().is_err());
    for _ in 0..10 {
        observer.observe(&[0.0, 10.0]).unwrap();
        observer.observe::<f32>(&[]).unwrap();
    }
    assert_eq!(observer.ranges()[0].maximum(), 10.0);
}

/// Squares of small and of large numbers once vanished or overflowed, and with them the search.
#[test]
fn least_squares_do_not_depend_on_the_size_of_the_values() {
    let values = [1.0, -0.73, 0.3, 0.01];
    for bits in [2, 4, 8] {
        for codes in [Codes::Symmetric, Codes::Signed, Codes::Unsigned] {
            let format = IntegerFormat::new(bits, codes).unwrap();
            let wanted = quantized(format, &values, Calibration::LeastSquares);
            for exponent in [-1000, -548, -530, 500, 1000] {
                let unit = 2f64.powi(exponent);
                let got = quantized(format, &values.map(|x| x * unit), Calibration::LeastSquares);
                let wanted: Vec<f64> = wanted.iter().map(|x| x * unit).collect();
                assert_eq!(got, wanted, "{bits} bits, {codes:?}, 2^{exponent}");
            }
        }
    }
}

/// The outermost code once stood for an infinity.
#[test]
fn the_largest_numbers_stay_finite() {
    let values = [f64::MAX, -f64::MAX, 0.0];
    for bits in 2..=16 {
        for codes in [Codes::Symmetric, Codes::Signed, Codes::Unsigned] {
            let format = IntegerFormat::new(bits, codes).unwrap();
            for part in [&values[..], &values[..1], &values[1..2]] {
                for calibration in [Calibration::MinMax, Calibration::LeastSquares] {
                    let got = quantized(format, part, calibration);
                    assert!(got.iter().all(|x| x.is_finite()), "{bits} {codes:?}: {got:?}");
                    let error = (got[0] / part[0] - 1.0).abs();
                    assert!(error < 0.6, "{bits} {codes:?} {part:?}: {got:?}");
                }
            }
        }
    }
}
