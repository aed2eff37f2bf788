//! Values beside the middle of two elements, where the reciprocal of a scale does not say which is nearer: of every
//! pair of neighbours, times thousands of scales, one and two units in the last place of the storage type to both sides,
//! against exact arithmetic.

use lowprec::block::{BlockShape, BlockTensor, ScaleRule};
use lowprec::{Binary, BlockChop, BlockFormat, Chop, Format, Overflow, Rounding};
use lowprec_oracles::at_every_level;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::plain::{Dyadic, Mode, Table, round};

/// A format of one scale, its elements' table, and the mode in both words.
fn check(format: Format, table: &Table, modes: [(Rounding, Mode); 2], scales: usize) -> usize {
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let max = table.max().to_f64();
    let block = BlockFormat::new(format, BlockShape::Tensor, Format::BINARY32, ScaleRule::Absmax);
    let block = block.unwrap();
    let mut ties = 0;
    for turn in 0..scales {
        // With few digits, so that the largest value, max·s, is an f32 and its quotient s; some of one digit.
        let digits = if turn % 4 == 0 { 1 } else { 1 << 15 };
        let exponent = match turn % 16 {
            // So that products are subnormal in f32, or near its end.
            1 => -140,
            2 => 100,
            _ => random.random_range(-30..30),
        };
        let s = f64::from(digits + random.random_range(0..digits)) * 2f64.powi(exponent - 15);
        let largest = (max * s) as f32;
        if f64::from(largest) != max * s || f64::from(s as f32) != s {
            continue;
        }
        let (mut single, mut double) = (vec![largest], vec![f64::from(largest)]);
        for pair in table.0.windows(2) {
            let middle = (pair[0].to_f64() + pair[1].to_f64()) / 2.0 * s;
            let (narrow, wide) = (middle as f32, middle);
            for step in -2_i32..=2 {
                let bits = narrow.to_bits().wrapping_add_signed(step);
                let near = f32::from_bits(bits);
                single.push(if step % 2 == 0 { near } else { -near });
                let bits = wide.to_bits().wrapping_add_signed(step.into());
                double.push(f64::from_bits(bits));
            }
        }
        for (rounding, mode) in modes {
            let chop = BlockChop::new(block, rounding);
            let (mut y, mut z) = (single.clone(), double.clone());
            chop.chop_slice(&mut y);
            chop.chop_slice(&mut z);
            let scale = Dyadic::of(s);
            let wanted = |x: f64| {
                let size = table.0[round(table, Dyadic::of(x), x < 0.0, scale, mode)];
                (size.to_f64() * s).copysign(x)
            };
            for (x, y) in single.iter().zip(&y) {
                let want = wanted(f64::from(*x)) as f32;
                assert_eq!(y.to_bits(), want.to_bits(), "{x:e} / {s:e} {rounding}");
            }
            for (x, y) in double.iter().zip(&z) {
                assert_eq!(y.to_bits(), wanted(*x).to_bits(), "{x:e} / {s:e} {rounding}");
            }
            ties += 1;
        }
    }
    ties
}

#[test]
fn beside_every_middle_times_many_scales() {
    let modes =
        [(Rounding::NearestEven, Mode::NearestEven), (Rounding::NearestAway, Mode::NearestAway)];
    at_every_level(|_| {
        let done = check(Format::OCP_E4M3, &Table::float(3, 7, 0x7e), modes, 2_000);
        assert!(done > 2_000, "{done}");
        let done = check(Format::OCP_E2M1, &Table::float(1, 1, 7), modes, 4_000);
        assert!(done > 4_000, "{done}");
        let done = check(Format::OCP_E5M2, &Table::float(2, 15, 0x7b), modes, 1_000);
        assert!(done > 1_000, "{done}");
    });
}

/// The random bits decide by the exact quotient, also where that lies beside them: values on both sides of where each
/// position's draw turns, against one exact division at a time.
#[test]
fn beside_every_draw() {
    let mut random = ChaCha8Rng::seed_from_u64(6);
    for (turn, element) in [Format::OCP_E4M3, Format::OCP_E2M1, Format::OCP_E5M2, Format::OCP_E2M3]
        .into_iter()
        .cycle()
        .take(60)
        .enumerate()
    {
        let format =
            BlockFormat::new(element, BlockShape::Tensor, Format::BINARY32, ScaleRule::Absmax);
        let chop = BlockChop::new(format.unwrap(), Rounding::Stochastic);
        let elements = Chop::new(element, Rounding::Stochastic).with_overflow(Overflow::Saturate);
        let max: f64 = element.largest_finite();
        let s = f64::from((random.random_range(0.5..1.0) * 2f64.powi(turn as i32 - 30)) as f32);
        // So that the scale of all, max·s / max, is s.
        let s = if turn % 2 == 0 { s } else { f64::from(1 << (turn % 8)) };
        let largest = (max * s) as f32;
        let s = f64::from((f64::from(largest) / max) as f32);
        let mut values = vec![largest];
        while values.len() < 1500 {
            let (position, by) = (values.len() as u64, (values.len() % 7) as i32 - 3);
            let draw = |x: f64| elements.stream(5).at(position).div(x, s);
            let sign = if random.random() { 1.0 } else { -1.0 };
            let (mut low, mut high) = (random.random_range(0.0..max * s) as f32, largest);
            let below = draw(f64::from(low) * sign);
            // The last value that is drawn as the first is.
            while low.next_up() < high {
                let middle = f32::from_bits(low.to_bits().midpoint(high.to_bits()));
                let same = draw(f64::from(middle) * sign) == below;
                (low, high) = if same { (middle, high) } else { (low, middle) };
            }
            let x = f32::from_bits(low.to_bits().wrapping_add_signed(by)).min(largest);
            values.push(x * sign as f32);
        }
        at_every_level(|level| {
            let mut single = values.clone();
            chop.stream(5).chop_slice(&mut single);
            let mut double: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
            chop.stream(5).chop_slice(&mut double);
            for (i, x) in values.iter().enumerate() {
                let want = elements.stream(5).at(i as u64).div(f64::from(*x), s) * s;
                assert_eq!(double[i], want, "{element} {level} {i}: {x:e} / {s:e}");
                assert_eq!(single[i], want as f32, "{element} {level} {i}: {x:e} / {s:e}");
            }
        });
    }
}

/// Arrays of many shapes, in which ties, zeros, subnormal numbers, NaN and infinities stand at any place: what is left
/// open is found wherever it is, and what stands around it is rounded all the same: as codes say, which are made by exact
/// quotients where scales are no powers of two, and otherwise by other calls of the kernel, in `f64`.
/// Each value against its own operations: (x - m)/(s·g) rounded by the stream of the element format, times s·g, plus m.
fn one_by_one(tensor: &BlockTensor, mode: Rounding, values: &[f64]) {
    let format = tensor.format();
    let all = |code: u8| {
        let bits = format.element_bits() as usize;
        let packed = (0..(values.len() * bits).div_ceil(8)).map(|i| {
            let bit = |place: usize| place < values.len() * bits && place.is_multiple_of(bits);
            (0..8).fold(0, |byte, k| byte | ((u8::from(bit(8 * i + k)) * code) << k))
        });
        let (scales, minima) = (tensor.scale_bytes(), tensor.minimum_bytes());
        let (shape, axis, g) = (tensor.shape(), tensor.axis(), tensor.tensor_scale());
        let codes = packed.collect();
        BlockTensor::from_parts_with_minima(format, shape, axis, codes, &scales, &minima, g)
            .unwrap()
            .dequantize::<f64>()
    };
    // Code 1 is the smallest positive element in every coding.
    let smallest = format.element().smallest_positive();
    let minima = all(0);
    let products: Vec<f64> = all(1).iter().zip(&minima).map(|(x, m)| (x - m) / smallest).collect();
    let odd = Chop::new(Format::BINARY64, Rounding::ToOdd);
    let known = |i: usize| values[i].is_finite() && products[i].abs() > 0.0;
    let operands: Vec<[f64; 2]> = (0..values.len())
        .map(|i| if known(i) { [odd.sub(values[i], minima[i]), products[i]] } else { [0.0, 1.0] })
        .collect();
    let [x, y]: [Vec<f64>; 2] =
        core::array::from_fn(|k| operands.iter().map(|operands| operands[k]).collect());
    let mut quotients = vec![0.0; x.len()];
    let element = Chop::new(format.element(), mode).with_overflow(Overflow::Saturate);
    element.stream(9).map(Binary::Div, [&x, &y], &mut quotients);
    let decoded = tensor.dequantize::<f64>();
    let codes: Vec<u16> = tensor.codes().iter().collect();
    // Integers in two's complement have codes of their own.
    let own = tensor.codes().format() == Some(format.element());
    for i in 0..values.len() {
        let at = format!("{format}, {mode}: {:e} at {i}", values[i]);
        if products[i].is_nan() {
            assert_eq!(codes[i], 0, "{at}");
        } else if known(i) {
            assert_eq!(decoded[i], quotients[i] * products[i] + minima[i], "{at}");
            if own {
                assert_eq!(Ok(codes[i].into()), format.element().encode(quotients[i]), "{at}");
            }
        }
    }
}

#[test]
fn open_anywhere_in_arrays_of_any_shape() {
    let shapes: [(&[usize], usize); 9] = [
        (&[700], 0),
        (&[7, 33], 1),
        (&[40, 16], 1),
        (&[9, 128], 1),
        (&[64, 21], 0),
        (&[3, 50, 17], 1),
        (&[40, 1], 0),
        (&[31, 3], 1),
        (&[130, 135], 1),
    ];
    let formats = [
        "nvfp4",
        "fp8_e4m3_1x128",
        "fp8_e4m3_128x128",
        "fp8_e5m2_tensor",
        "q8_0",
        "msfp12",
        "bfp16",
        "mxfp4",
        "mxint8",
        "mxfp8_e4m3",
        "q4_1",
    ];
    let block = BlockShape::Along(32);
    let signed = [
        BlockFormat::new(Format::OCP_E2M1, block, Format::BINARY16, ScaleRule::Absmax),
        BlockFormat::integer(5, block, Format::BINARY16, ScaleRule::Absmax),
    ];
    let lifted = signed.map(|format| format.unwrap().with_minimum(Some(Format::BINARY16)).unwrap());
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let named = formats.map(|name| name.parse().unwrap());
    for format in named.into_iter().chain(lifted) {
        let format: BlockFormat = format;
        for mode in
            [Rounding::NearestEven, Rounding::NearestAway, Rounding::Up, Rounding::Stochastic]
        {
            let chop = || BlockChop::new(format, mode).stream(9);
            for (turn, (shape, axis)) in shapes.into_iter().enumerate() {
                let count = shape.iter().product();
                let often = 1 << random.random_range(0..9);
                let value = |random: &mut ChaCha8Rng, huge: bool| match random
                    .random_range(0..often)
                {
                    // Ties of many formats, where the largest is a power of two.
                    0 => f64::from(random.random_range(-32_i32..=32)) / 8.0,
                    1 => random.random_range(-4.0..4.0) * 2f64.powi(random.random_range(-160..0)),
                    2 if huge => random.random_range(-3.4e38..3.4e38),
                    3 if huge => [f64::NAN, f64::INFINITY, -0.0][random.random_range(0..3)],
                    _ => random.random_range(-4.0..4.0),
                };
                // To both ends of `f32`, too, where it has no room for what is added to values.
                let unit = 2f64.powi([0, -122, 124][turn % 5 % 3]);
                let single: Vec<f32> =
                    (0..count).map(|_| (value(&mut random, turn % 3 == 2) * unit) as f32).collect();
                let double: Vec<f64> = single.iter().map(|x| f64::from(*x)).collect();
                if let Ok(tensor) = chop().quantize_shaped(&single, shape, axis) {
                    one_by_one(&tensor, mode, &double);
                }
                at_every_level(|level| {
                    let Ok(wanted) = chop().quantize_shaped(&single, shape, axis) else {
                        // Tiles need two axes.
                        return assert_eq!(shape.len(), 1, "{format}");
                    };
                    let (mut y, mut z) = (single.clone(), double.clone());
                    chop().chop_shaped(&mut y, shape, axis).unwrap();
                    chop().chop_shaped(&mut z, shape, axis).unwrap();
                    let (narrow, wide) = (wanted.dequantize::<f32>(), wanted.dequantize::<f64>());
                    for i in 0..count {
                        let given = single[i];
                        let at =
                            format!("{format}, {mode}, {shape:?}, {level:?}: {given:e} at {i}");
                        assert_eq!(
                            y[i].to_bits(),
                            narrow[i].to_bits(),
                            "{at}: {} {}",
                            y[i],
                            narrow[i]
                        );
                        assert_eq!(z[i].to_bits(), wide[i].to_bits(), "{at}: {} {}", z[i], wide[i]);
                    }
                });
            }
        }
    }
}
