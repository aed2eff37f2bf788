//! Arrays in any layout are what their elements in logical order are.

use lowprec::Rounding;
use lowprec::quant::fixed::Fixed;
use lowprec::quant::integer::{Calibration, Codes, IntegerFormat};
use ndarray::{Array, Array3, Axis, s};

use lowprec_oracles::whole::Words;

fn values() -> Array3<f32> {
    let mut words = Words(31);
    Array::from_shape_fn((4, 6, 10), |_| words.normal() as f32)
}

#[test]
fn fixed_point_follows_the_logical_order() {
    let stochastic = Fixed::new(3, 2).unwrap().with_rounding(Rounding::Stochastic);
    let values = values();
    let view = values.slice(s![..;2, .., ..;-3]);
    for view in [view, view.permuted_axes([2, 0, 1])] {
        let mut flat: Vec<f32> = view.iter().copied().collect();
        let array = stochastic.stream(3).quantize_array(&view);
        stochastic.stream(3).quantize_slice(&mut flat);
        assert_eq!(array.iter().copied().collect::<Vec<_>>(), flat);
        let codes = stochastic.stream(3).encode_array::<i8, _, _, _>(&view).unwrap();
        assert!(codes.iter().zip(&flat).all(|(k, x)| f32::from(*k) / 4.0 == *x));
    }
}

#[test]
fn channels_along_every_axis() {
    let int6 = IntegerFormat::new(6, Codes::Signed).unwrap();
    let values = values();
    let view = values.view().permuted_axes([1, 2, 0]);
    for axis in (0..3).map(Axis) {
        let quantizer = int6.calibrate_axis(&view, axis, Calibration::MinMax).unwrap();
        let (codes, fake) = (
            quantizer.encode_array::<i8, _, _, _>(&view).unwrap(),
            quantizer.quantize_array(&view),
        );
        assert_eq!(quantizer.decode_array::<f32, _, _, _>(&codes).unwrap(), fake);
        assert_eq!(quantizer.parameters().len(), view.len_of(axis));
        for (index, channel) in view.axis_iter(axis).enumerate() {
            let alone = int6.with_parameters(quantizer.parameters()[index]).unwrap();
            assert_eq!(alone.quantize_array(&channel), fake.index_axis(axis, index));
            let maximum = channel.iter().fold(0.0, |m: f32, x| m.max(*x));
            let minimum = channel.iter().fold(0.0, |m: f32, x| m.min(*x));
            let width = f64::from(maximum) - f64::from(minimum);
            assert_eq!(quantizer.parameters()[index].scale, width / 63.0);
        }
    }
}
