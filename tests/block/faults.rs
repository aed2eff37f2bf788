//! Inputs on which scales and reports once went wrong.

use lowprec::block::{DelayedScaling, ScaleRule};
use lowprec::{BlockChop, BlockFormat, Rounding};

/// A scale that is rounded to zero once made zeros of the whole block.
#[test]
fn small_blocks_do_not_vanish() {
    let values = [1e-45_f32, -1e-45, 0.0, 3e-45];
    let scaled = [BlockFormat::FP8_E4M3_TENSOR, BlockFormat::FP8_E5M2_TENSOR];
    for format in scaled {
        let chop = BlockChop::new(format, Rounding::NearestEven);
        let mut got = values;
        chop.chop_slice(&mut got);
        assert_eq!(got, values, "{format}: one scale's step");
        assert_eq!(chop.quantize(&values).dequantize::<f32>(), values, "{format}");
        let largest = format.with_rule(ScaleRule::MaxAbs);
        let mut got = values;
        BlockChop::new(largest, Rounding::NearestEven).chop_slice(&mut got);
        assert!(got[3] > 0.0, "{largest}: {got:?}");
    }
}

/// One small tensor once made zeros of all that followed.
#[test]
fn delayed_scaling_outlives_a_small_tensor() {
    let chop = BlockChop::new(BlockFormat::FP8_E4M3_TENSOR, Rounding::NearestEven);
    let mut scaling = DelayedScaling::new(chop, 1, 0).unwrap();
    scaling.chop_slice(&mut [1e-45_f32]);
    assert!(scaling.scale() > 0.0);
    let mut next = [1.0_f32, -2.0];
    scaling.chop_slice(&mut next);
    // They saturate, as whatever lies beyond does, and the tensor after has its scale from them.
    assert!(next[0] > 0.0 && next[1] < 0.0, "{next:?}");
    let mut third = [1.0_f32, -2.0];
    scaling.chop_slice(&mut third);
    assert_eq!(third, [1.0, -2.0]);
}

/// Values lost once had no error, and nothing at all had NaN for a size.
#[test]
fn reports_count_what_is_lost() {
    let chop = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
    let mut values = [1.0_f32; 64];
    values[7] = f32::NAN;
    let report = chop.report(&values, &[64], 0).unwrap();
    assert_eq!((report.lost, report.finite), (31, 32));
    assert_eq!((report.snr_db(), report.largest_error), (f64::NEG_INFINITY, f64::INFINITY));
    assert_eq!(report.relative_mse(), f64::INFINITY);
    let zeros = chop.report(&[0.0_f32; 32], &[32], 0).unwrap();
    assert_eq!((zeros.relative_mse(), zeros.snr_db()), (0.0, f64::INFINITY));
    let nothing = chop.report::<f32>(&[], &[0], 0).unwrap();
    assert_eq!((nothing.bits_per_value(), nothing.snr_db()), (0.0, f64::INFINITY));
}

/// Squares of small and large numbers once vanished or overflowed in the search for the least.
#[test]
fn least_squares_do_not_depend_on_the_size_of_the_values() {
    let format = BlockFormat::FP8_E4M3_TENSOR.with_rule(ScaleRule::LeastSquares);
    let chop = BlockChop::new(format, Rounding::NearestEven);
    let values = [1.0, -0.73, 0.3, 0.01];
    let rounded = |unit: f64| {
        let mut values = values.map(|x| x * unit);
        chop.chop_slice(&mut values);
        values.map(|x| x / unit)
    };
    // Beyond the range of the scales, which are binary32's, elements saturate or are lost, but the search ends in
    // the scale that is nearest.
    for exponent in [-100, -60, 60, 100] {
        assert_eq!(rounded(2f64.powi(exponent)), rounded(1.0), "2^{exponent}");
    }
    let mut huge = values.map(|x| x * 1e200);
    chop.chop_slice(&mut huge);
    assert!(huge[0] > 1e40 && huge[1] < -1e40, "{huge:?}");
}
