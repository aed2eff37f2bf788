//! Every refusal says field, value and limit.

use lowprec::quant::fixed::Fixed;
use lowprec::quant::hadamard::Hadamard;
use lowprec::quant::integer::{
    Calibration, Codes, Dyadic, IntegerFormat, IntegerQuantizer, Layout, Observer, Operand,
    Parameters, Range, Requantizer,
};
use lowprec::quant::quartet::{Backward, Forward};
use lowprec::{Chop, Format, Rounding};

#[test]
fn refusals_name_the_field_and_the_limit() {
    let int8 = IntegerFormat::new(8, Codes::Symmetric).unwrap();
    let parameters = |scale, zero_point| vec![Parameters { scale, zero_point }];
    let tensor = Layout::tensor();
    let values = [1.0_f32, f32::INFINITY];
    let one = || vec![Dyadic::new(1, 0).unwrap()];
    let uint8 = IntegerFormat::new(8, Codes::Unsigned).unwrap();
    let wide = uint8.with_parameters(parameters(1.0, 0)[0]).unwrap();
    let refusals = [
        (Fixed::new(0, 3).map(drop), "integer bits: 0 given, 1..=53 allowed"),
        (Fixed::new(54, 0).map(drop), "integer bits: 54 given, 1..=53 allowed"),
        (Fixed::new(1, 53).map(drop), "fraction bits: 53 given, 0..=52 allowed"),
        ("q8,8".parse::<Fixed>().map(drop), "fixed-point format \"q8,8\": a name like"),
        (IntegerFormat::new(1, Codes::Signed).map(drop), "bits: 1 given, 2..=16 allowed"),
        (
            IntegerQuantizer::new(int8, tensor, vec![]).map(drop),
            "parameters: 0 given, 1..=1 allowed",
        ),
        (
            IntegerQuantizer::new(int8, tensor, parameters(f64::NAN, 0)).map(drop),
            "scale: NaN given, positive normal",
        ),
        (
            IntegerQuantizer::new(int8, tensor, parameters(1e-310, 0)).map(drop),
            "scale: 1e-310 given, positive normal",
        ),
        (
            IntegerQuantizer::new(int8, tensor, parameters(1.0, 1)).map(drop),
            "zero point: 1 given, 0..=0 allowed",
        ),
        (Operand::new(uint8, 256).map(drop), "zero point: 256 given, 0..=255 allowed"),
        (Layout::channels(&[2, 3], 2).map(drop), "axis: 2 given, 0..=1 allowed"),
        (Layout::channels(&[2, 0], 0).map(drop), "elements: 0 given, 1..="),
        (Layout::groups(&[2, 3], 0).map(drop), "group size: 0 given, 1..="),
        (Layout::groups(&[usize::MAX, 3], 1).map(drop), "shape: needs fewer elements"),
        (
            int8.ranges(&[1.0], tensor, Calibration::Percentile(50.0)).map(drop),
            "percentile: 50 given, above 50",
        ),
        (
            int8.calibrate(&values, tensor, Calibration::MinMax).map(drop),
            "element 1: inf given, finite values",
        ),
        (
            Observer::new(int8, tensor, Calibration::MinMax, 0.0).map(drop),
            "share: 0 given, above 0",
        ),
        (Range::new(0.0, f64::NAN).map(drop), "end of a range: NaN given, finite"),
        (Range::new(2.0, 1.0).map(drop), "least of a range: 2 given, at most"),
        (Dyadic::new(0, 3).map(drop), "multiplier b: 0 given, 1..=2147483647 allowed"),
        (Dyadic::new(1, 63).map(drop), "shift c: 63 given, 0..=62 allowed"),
        (
            Requantizer::new(int8, 0, Layout::channels(&[2, 3], 1).unwrap(), one()).map(drop),
            "factors: 1 given, 3..=3 allowed",
        ),
        (Requantizer::new(int8, 3, tensor, one()).map(drop), "zero point: 3 given, 0..=0 allowed"),
        (wide.encode_slice(&[1.0], &mut [0_i8]), "code type: must hold 0..=255"),
        (Hadamard::new(0).map(drop), "block: 0 given, powers of two allowed"),
        (Hadamard::new(48).map(drop), "block: 48 given, powers of two allowed"),
        (Hadamard::new(1 << 21).map(drop), "block: 2097152 given, 1..=1048576 allowed"),
        (Forward::new().with_clip(0.0).map(drop), "clip: 0 given, 2^-10 to 2^10 allowed"),
        (
            Backward::new(1, Chop::new(Format::OCP_E2M3, Rounding::Stochastic)).map(drop),
            "elements: needs format e2m1fn",
        ),
    ];
    for (index, (result, message)) in refusals.into_iter().enumerate() {
        let error = result.expect_err(message).to_string();
        assert!(error.starts_with(message), "{index}: {error}");
    }
}

#[test]
#[should_panic(expected = "5 values for a quantizer of 6")]
fn another_length_than_the_layout_panics() {
    let rows = Layout::channels(&[2, 3], 0).unwrap();
    let parameters = vec![Parameters { scale: 1.0, zero_point: 0 }; 2];
    let int8 = IntegerFormat::new(8, Codes::Symmetric).unwrap();
    IntegerQuantizer::new(int8, rows, parameters).unwrap().quantize_slice(&mut [0.0; 5]);
}
