//! Blocks on several threads: the bits of the sequential calls, whatever the shape.

use lowprec::{BlockChop, BlockFormat, Rounding};
use lowprec_oracles::blocks::Random;

/// More than are rounded on the calling thread.
const SHAPES: [&[usize]; 6] =
    [&[150_001], &[600, 257], &[3, 50_000], &[40, 64, 64], &[20_000, 3, 3], &[2, 200, 400]];

#[test]
fn threads_change_nothing() {
    let mut random = Random(31);
    for (index, shape) in SHAPES.into_iter().enumerate() {
        let count = shape.iter().product();
        let mut values: Vec<f32> = (0..count).map(|_| random.normal() as f32).collect();
        values[count / 2] = 3e38;
        if index % 2 == 0 {
            values[count / 3] = f32::NAN;
            values[count / 4] = f32::INFINITY;
        }
        let double: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
        for (_, format) in BlockFormat::PRESETS {
            let modes = [Rounding::NearestEven, Rounding::Up, Rounding::Stochastic];
            for (turn, mode) in modes.into_iter().enumerate() {
                let chop = BlockChop::new(format, mode);
                let shared = if turn == 2 && index % 2 == 1 { 4 } else { 1 };
                let chop = chop.with_shared_bits(shared).unwrap();
                for axis in [0, shape.len() - 1] {
                    let (mut one, mut many) = (values.clone(), values.clone());
                    let (a, b) = (chop.stream(3).at(77), chop.stream(3).at(77));
                    let (x, y) = (
                        a.chop_shaped(&mut one, shape, axis),
                        b.par_chop_shaped(&mut many, shape, axis),
                    );
                    assert_eq!(x, y, "{format} {mode} {shape:?} {axis}");
                    assert_eq!(a.position(), b.position(), "{format} {mode} {shape:?} {axis}");
                    let differs =
                        one.iter().zip(&many).position(|(x, y)| x.to_bits() != y.to_bits());
                    assert_eq!(differs, None, "{format} {mode} {shape:?} {axis}");
                    if axis > 0 && index != 2 {
                        continue;
                    }
                    let (mut one, mut many) = (double.clone(), double.clone());
                    let (a, b) = (chop.stream(3), chop.stream(3));
                    let x = a.chop_shaped(&mut one, shape, axis);
                    assert_eq!(x, b.par_chop_shaped(&mut many, shape, axis));
                    let differs =
                        one.iter().zip(&many).position(|(x, y)| x.to_bits() != y.to_bits());
                    assert_eq!(differs, None, "f64, {format} {mode} {shape:?} {axis}");
                }
            }
            let chop = BlockChop::new(format, Rounding::NearestEven);
            let mut one = values.clone();
            chop.chop_slice(&mut one);
            let mut many = vec![0.0; count];
            chop.par_chop_into(&values, &mut many);
            assert!(one.iter().zip(&many).all(|(x, y)| x.to_bits() == y.to_bits()), "{format}");
        }
    }
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_go_the_same_way() {
    let mut random = Random(32);
    let array = ndarray::Array2::from_shape_fn((500, 300), |_| random.normal() as f32);
    let chop = BlockChop::new(BlockFormat::NVFP4, Rounding::Stochastic);
    for axis in [0, 1] {
        let one = chop.stream(2).chop_array(&array.t(), axis).unwrap();
        assert_eq!(chop.stream(2).par_chop_array(&array.t(), axis).unwrap(), one);
    }
    assert!(chop.par_chop_array(&array, 2).is_err());
}
