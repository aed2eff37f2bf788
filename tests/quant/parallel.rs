//! Quantizers on several threads: the bits of the sequential calls, and their errors.

use lowprec::Rounding;
use lowprec::quant::QuantError;
use lowprec::quant::fixed::{Fixed, OutOfRange};
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
use lowprec_oracles::whole::Words;

const ROWS: usize = 500;
const COLUMNS: usize = 301;

fn values() -> Vec<f32> {
    let mut words = Words(41);
    (0..ROWS * COLUMNS).map(|_| (words.uniform() * 9.0 - 4.5) as f32).collect()
}

#[test]
fn threads_change_nothing() {
    let values = values();
    let double: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
    let shape = [ROWS, COLUMNS];
    for mode in [Rounding::NearestEven, Rounding::Down, Rounding::Stochastic] {
        let layouts = [
            Ok(Layout::tensor()),
            Layout::channels(&shape, 0),
            Layout::channels(&shape, 1),
            Layout::groups(&shape, 32),
        ];
        for layout in layouts.map(Result::unwrap) {
            let uint8 = IntegerFormat::new(8, Codes::Unsigned).unwrap().with_rounding(mode);
            let quantizer = uint8.calibrate(&values, layout, Calibration::MinMax).unwrap();
            let (a, b) = (quantizer.stream(1).at(9), quantizer.stream(1).at(9));
            let (mut one, mut many) = (values.clone(), values.clone());
            a.quantize_slice(&mut one);
            b.par_quantize_slice(&mut many);
            assert_eq!(one, many, "{layout:?} {mode}");
            let (mut one, mut many) = (double.clone(), double.clone());
            a.quantize_slice(&mut one);
            b.par_quantize_into(&double, &mut many);
            assert_eq!(one, many, "{layout:?} {mode}");
            let (mut one, mut many) = (vec![0_u8; values.len()], vec![0_u8; values.len()]);
            a.encode_slice(&values, &mut one).unwrap();
            b.par_encode_slice(&values, &mut many).unwrap();
            assert_eq!(one, many, "{layout:?} {mode}");
            assert_eq!(a.position(), b.position());
        }
        for out_of_range in [OutOfRange::Saturate, OutOfRange::Wrap] {
            let fixed = Fixed::new(3, 6).unwrap().with_rounding(mode);
            let fixed = fixed.with_out_of_range(out_of_range);
            let (a, b) = (fixed.stream(1), fixed.stream(1));
            let (mut one, mut many) = (values.clone(), values.clone());
            a.quantize_slice(&mut one);
            b.par_quantize_slice(&mut many);
            assert_eq!(one, many, "{fixed} {mode}");
            assert_eq!(a.position(), b.position());
        }
    }
}

#[test]
fn the_first_value_without_a_code_is_named() {
    let mut values = values();
    let last = values.len() - 1;
    for place in [last, 100_000, 40_000] {
        values[place] = f32::NAN;
        let mut codes = vec![0_i16; values.len()];
        let fixed = Fixed::new(3, 6).unwrap();
        let error = fixed.par_encode_slice(&values, &mut codes).unwrap_err();
        assert!(matches!(error, QuantError::NoCode { index, .. } if index == place), "{error}");
    }
    let int8 = IntegerFormat::new(8, Codes::Symmetric).unwrap();
    let quantizer = int8.calibrate(&[1.0], Layout::tensor(), Calibration::MinMax).unwrap();
    let mut codes = vec![0_u8; values.len()];
    assert!(matches!(
        quantizer.par_encode_slice(&values, &mut codes),
        Err(QuantError::NarrowType { .. })
    ));
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_go_the_same_way() {
    let values = values();
    let array = ndarray::Array2::from_shape_vec((ROWS, COLUMNS), values.clone()).unwrap();
    let layout = Layout::channels(&[COLUMNS, ROWS], 0).unwrap();
    let transposed: Vec<f32> = array.t().iter().copied().collect();
    let int8 = IntegerFormat::new(8, Codes::Symmetric).unwrap();
    let quantizer = int8.calibrate(&transposed, layout, Calibration::MinMax).unwrap();
    assert_eq!(quantizer.par_quantize_array(&array.t()), quantizer.quantize_array(&array.t()));
}
