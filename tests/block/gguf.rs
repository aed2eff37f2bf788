//! GGUF's blocks: integers with binary16 scales and minima, against exact integer arithmetic, and their bytes.
//!
//! Values are integers X·2^-36, scales and minima of binary16 integers H·2^-24; quotients are compared by
//! multiplying with the divisor.

use std::sync::LazyLock;

use lowprec::block::{BlockShape, BlockTensor, ScaleRule};
use lowprec::{BlockChop, BlockFormat, Format, Rounding};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const SIZE: usize = 32;
/// 2^36 over 2^24.
const UNIT: i128 = 1 << 12;

const MODES: [Rounding; 5] = [
    Rounding::NearestEven,
    Rounding::NearestAway,
    Rounding::TowardZero,
    Rounding::Up,
    Rounding::Down,
];

/// The finite binary16 numbers by code, times 2^24.
static HALVES: LazyLock<Vec<i128>> = LazyLock::new(|| {
    let number = |code: i128| match (code >> 10, code & 0x3ff) {
        (0, trailing) => trailing,
        (field, trailing) => (1024 + trailing) << (field - 1),
    };
    (0..0x7c00).map(number).collect()
});

/// The code of the binary16 number nearest to n/d·2^-36, not negative; ties to the even code; at most the largest.
fn nearest_half(n: i128, d: i128) -> usize {
    let halves = &*HALVES;
    let above = halves.partition_point(|h| h * UNIT * d <= n);
    if above == halves.len() {
        return above - 1;
    }
    let middle = (halves[above - 1] + halves[above]) * UNIT * d;
    match (2 * n).cmp(&middle) {
        std::cmp::Ordering::Less => above - 1,
        std::cmp::Ordering::Equal => above - 1 + (above - 1) % 2,
        std::cmp::Ordering::Greater => above,
    }
}

/// n/d rounded to an integer.
fn whole(n: i128, d: i128, mode: Rounding) -> i128 {
    let (n, d) = if d < 0 { (-n, -d) } else { (n, d) };
    let (floor, rest) = (n.div_euclid(d), n.rem_euclid(d));
    let up = match mode {
        Rounding::Down => false,
        Rounding::Up => rest > 0,
        Rounding::TowardZero => rest > 0 && n < 0,
        Rounding::NearestAway => 2 * rest > d || 2 * rest == d && n > 0,
        _ => 2 * rest > d || 2 * rest == d && floor % 2 != 0,
    };
    floor + i128::from(up)
}

/// A block's scale and minimum, times 2^24, with their codes, and its integers.
struct Block {
    scale: (i128, u16),
    minimum: (i128, u16),
    integers: Vec<i128>,
}

fn half(magnitude: usize, negative: bool) -> (i128, u16) {
    let number = HALVES[magnitude];
    let code = magnitude as u16 | u16::from(negative) << 15;
    if negative { (-number, code) } else { (number, code) }
}

/// Scales that are rounded to zero are the smallest instead.
fn scale_of(n: i128, d: i128, negative: bool) -> (i128, u16) {
    if n == 0 {
        return (0, 0);
    }
    half(nearest_half(n, d).max(1), negative)
}

fn expected(name: &str, values: &[i128], mode: Rounding) -> Block {
    let largest = |values: &[i128]| values.iter().map(|x| x.abs()).max().unwrap_or(0);
    let (minimum, lifted) = if name == "q4_1" {
        let least = *values.iter().min().unwrap();
        let code = nearest_half(least.abs(), 1);
        let (number, code) = half(code, least < 0 && code > 0);
        ((number, code), values.iter().map(|x| x - number * UNIT).collect())
    } else {
        ((0, 0), values.to_vec())
    };
    let amax = largest(&lifted);
    let extreme = lifted.iter().find(|x| x.abs() == amax).copied().unwrap_or(0);
    let (scale, low, high) = match name {
        "q8_0" => (scale_of(amax, 127, false), -127, 127),
        "q4_0" => (scale_of(amax, 8, extreme > 0), -8, 7),
        _ => (scale_of(amax, 15, false), 0, 15),
    };
    let integer = |x: &i128| match scale.0 {
        0 => 0,
        s => whole(*x, s * UNIT, mode).clamp(low, high),
    };
    Block { scale, minimum, integers: lifted.iter().map(integer).collect() }
}

impl Block {
    fn bytes(&self, name: &str) -> Vec<u8> {
        let mut bytes = self.scale.1.to_le_bytes().to_vec();
        if name == "q4_1" {
            bytes.extend(self.minimum.1.to_le_bytes());
        }
        if name == "q8_0" {
            bytes.extend(self.integers.iter().map(|q| *q as i8 as u8));
        } else {
            let lowest = if name == "q4_0" { 8 } else { 0 };
            let code = |at: usize| (self.integers[at] + lowest) as u8;
            bytes.extend((0..16).map(|at| code(at) | code(at + 16) << 4));
        }
        bytes
    }

    fn value(&self, at: usize) -> f64 {
        (self.integers[at] * self.scale.0 + self.minimum.0) as f64 / (1 << 24) as f64
    }
}

/// Blocks of one range, of several, of few bits, so that there are ties, and with zeros; all as integers.
fn block(random: &mut ChaCha8Rng) -> Vec<i128> {
    let (sort, top) = (random.random_range(0..5), random.random_range(0..24));
    (0..SIZE)
        .map(|_| {
            let (digits, spread) = match sort {
                0 => (24, 0),
                1 => (24, 12),
                2 => (5, 0),
                3 => (9, 3),
                _ => (1, 20),
            };
            let last = top + 24 - digits - random.random_range(0..=spread).min(top);
            let n = i128::from(random.random_range(-(1_i64 << digits) + 1..1 << digits));
            if sort == 4 && random.random_bool(0.5) { 0 } else { n << last }
        })
        .collect()
}

#[test]
fn blocks_equal_exact_arithmetic_and_their_bytes_ggmls_layout() {
    let mut random = ChaCha8Rng::seed_from_u64(0x99f);
    let formats =
        [("q8_0", BlockFormat::Q8_0), ("q4_0", BlockFormat::Q4_0), ("q4_1", BlockFormat::Q4_1)];
    let (mut negative, mut saturated) = (0, 0);
    for round in 0..6_800 {
        let blocks: Vec<Vec<i128>> = (0..5).map(|_| block(&mut random)).collect();
        let exact: Vec<f64> =
            blocks.iter().flatten().map(|x| *x as f64 / (1_u64 << 36) as f64).collect();
        let single: Vec<f32> = exact.iter().map(|x| *x as f32).collect();
        let mode = MODES[round % MODES.len()];
        for (name, format) in formats {
            let chop = BlockChop::new(format, mode);
            let wanted: Vec<Block> = blocks.iter().map(|x| expected(name, x, mode)).collect();
            let tensor = chop.quantize(&single);
            assert_eq!(tensor, chop.quantize(&exact));
            let bytes = tensor.gguf_bytes().unwrap();
            let bytes_wanted: Vec<u8> = wanted.iter().flat_map(|block| block.bytes(name)).collect();
            assert_eq!(bytes, bytes_wanted, "{name} {mode} {exact:?}");
            let back = BlockTensor::from_gguf_bytes(format, &[exact.len()], &bytes).unwrap();
            assert_eq!(back, tensor);
            let mut chopped = exact.clone();
            chop.chop_slice(&mut chopped);
            let decoded = tensor.dequantize::<f64>();
            for (at, (x, y)) in chopped.iter().zip(&decoded).enumerate() {
                assert_eq!(*x, wanted[at / SIZE].value(at % SIZE), "{name} {mode}");
                assert_eq!(x.to_bits(), y.to_bits(), "{name} {mode}");
            }
            let mut narrow = single.clone();
            chop.chop_slice(&mut narrow);
            assert!(narrow.iter().zip(&decoded).all(|(x, y)| *x == *y as f32));
            assert!(tensor.dequantize::<f32>().iter().zip(&narrow).all(|(x, y)| x == y));
            negative += tensor.scale_codes().iter().filter(|code| **code >> 15 == 1).count();
            let report = chop.report(&exact, &[exact.len()], 0).unwrap();
            saturated += report.clipped;
            assert_eq!(report.bits, 8 * bytes.len() as u64);
        }
    }
    assert!(negative > 5_000 && saturated > 1_000, "{negative} {saturated}");
}

#[test]
fn a_difference_too_long_for_binary64_is_rounded_once() {
    let mut x = [0.0_f64; SIZE];
    (x[0], x[1], x[2], x[3]) = (-8.0, 7.0, 2f64.powi(-60), -2f64.powi(-60));
    let run = |mode| {
        let mut y = x;
        BlockChop::new(BlockFormat::Q4_1, mode).chop_slice(&mut y);
        [y[2], y[3]]
    };
    assert_eq!(run(Rounding::Up), [1.0, 0.0]);
    assert_eq!(run(Rounding::Down), [0.0, -1.0]);
    assert_eq!(run(Rounding::NearestEven), [0.0, 0.0]);
    // Beside the middle between two integers.
    (x[2], x[3]) = (0.5 + 2f64.powi(-53), 0.5);
    let mut y = x;
    BlockChop::new(BlockFormat::Q4_1, Rounding::NearestEven).chop_slice(&mut y);
    assert_eq!([y[2], y[3]], [1.0, 0.0]);
}

#[test]
fn values_that_are_not_finite_spoil_their_block_alone() {
    for format in [BlockFormat::Q8_0, BlockFormat::Q4_0, BlockFormat::Q4_1] {
        let chop = BlockChop::new(format, Rounding::NearestEven);
        let mut x = [1.0_f32; 2 * SIZE];
        x[40] = f32::INFINITY;
        let tensor = chop.quantize(&x);
        chop.chop_slice(&mut x);
        assert!(
            x[..SIZE].iter().all(|x| (x - 1.0).abs() < 0.01)
                && x[SIZE..].iter().all(|x| x.is_nan())
        );
        let decoded = tensor.dequantize::<f32>();
        assert!(decoded.iter().zip(x).all(|(a, b)| *a == b || a.is_nan() && b.is_nan()));
        // Or saturate.
        let saturating = format.with_specials(lowprec::block::Specials::Saturate).unwrap();
        let mut y = [1.0_f64, -3.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        BlockChop::new(saturating, Rounding::NearestEven).chop_slice(&mut y);
        assert!(y.iter().all(|y| y.is_finite()), "{format}: {y:?}");
    }
}

#[test]
fn any_integers_scales_and_shapes_agree_with_themselves() {
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let scales =
        [Format::BINARY16, Format::BFLOAT16, Format::OCP_E4M3, Format::OCP_E8M0, Format::BINARY32];
    for case in 0..2_000 {
        let bits = random.random_range(2..=16);
        let block = match case % 3 {
            0 => BlockShape::Along(random.random_range(1..40)),
            1 => BlockShape::Tile { rows: 3, columns: 5 },
            _ => BlockShape::Tensor,
        };
        let (scale, rule) = (scales[case % 5], ScaleRule::ALL[case % 8]);
        let base = if case % 2 == 0 {
            let plain = BlockFormat::integer(bits, block, scale, rule).unwrap();
            match case % 4 {
                0 => plain.with_offset_codes(random.random()).unwrap(),
                _ => plain,
            }
        } else {
            let plain = BlockFormat::unsigned_integer(bits, block, scale, rule).unwrap();
            let minimum = [Format::BINARY16, Format::OCP_E4M3, Format::OCP_E5M2][case % 3];
            plain.with_minimum(Some(minimum)).unwrap_or(plain)
        };
        assert_eq!(base.to_string().parse(), Ok(base), "{base}");
        let mode = MODES[case % 5];
        let chop = BlockChop::new(base, mode);
        let values: Vec<f32> = (0..77).map(|_| random.random_range(-9.0..9.0)).collect();
        let tensor = chop.quantize_shaped(&values, &[7, 11], 1).unwrap();
        let mut rounded = values.clone();
        chop.chop_shaped(&mut rounded, &[7, 11], 1).unwrap();
        assert_eq!(tensor.dequantize::<f32>(), rounded, "{base} {mode}");
        let again = BlockTensor::from_parts_with_minima(
            base,
            &[7, 11],
            1,
            tensor.codes().bytes().to_vec(),
            &tensor.scale_bytes(),
            &tensor.minimum_bytes(),
            tensor.tensor_scale(),
        );
        assert_eq!(again.unwrap(), tensor, "{base}");
        let seeded = chop.stream(case as u64);
        let drawn = BlockChop::new(base, Rounding::Stochastic).stream(case as u64);
        let mut drawn_values = values.clone();
        drawn.chop_shaped(&mut drawn_values, &[7, 11], 1).unwrap();
        let codes = BlockChop::new(base, Rounding::Stochastic).stream(case as u64);
        let codes = codes.quantize_shaped(&values, &[7, 11], 1).unwrap();
        assert_eq!(codes.dequantize::<f32>(), drawn_values, "{base}");
        assert_eq!(seeded.quantize_shaped(&values, &[7, 11], 1).unwrap(), tensor);
    }
}

#[test]
fn what_has_no_such_layout_or_cannot_be_exact_is_refused() {
    let message = |error: lowprec::error::ShapeError| error.to_string();
    let tensor = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven).quantize(&[1.0_f32; 32]);
    assert!(message(tensor.gguf_bytes().unwrap_err()).contains("q8_0, q4_0, q4_1"));
    let short = BlockChop::new(BlockFormat::Q8_0, Rounding::NearestEven).quantize(&[1.0_f32; 33]);
    assert!(
        message(short.gguf_bytes().unwrap_err())
            .contains("values of a row: 33 given, multiples of 32")
    );
    let bytes = [0_u8; 35];
    let error = BlockTensor::from_gguf_bytes(BlockFormat::Q8_0, &[32], &bytes).unwrap_err();
    assert_eq!(message(error), "GGUF blocks: packed bytes: 35 given, 34 needed by the shape");
    assert!(BlockTensor::from_gguf_bytes(BlockFormat::Q8_0, &[], &bytes).is_err());
    // -128 is no element of Q8_0; an infinite minimum none of Q4_1.
    let mut bytes = [0_u8; 34];
    bytes[9] = 0x80;
    assert!(BlockTensor::from_gguf_bytes(BlockFormat::Q8_0, &[32], &bytes).is_err());
    let mut bytes = [0_u8; 20];
    bytes[3] = 0x7c;
    assert!(BlockTensor::from_gguf_bytes(BlockFormat::Q4_1, &[32], &bytes).is_err());
    let of = |minimum| BlockFormat::Q4_1.with_minimum(Some(minimum)).map(drop);
    for (minimum, word) in [
        (Format::BFLOAT16, "digits of element times scale plus minimum"),
        (Format::OCP_E8M0, "sign and zero of the minimum"),
        (Format::BINARY32, "minimum bits"),
    ] {
        assert!(of(minimum).unwrap_err().to_string().contains(word), "{minimum}");
    }
    assert!(BlockFormat::Q4_1.with_tensor_scale(true).is_err());
    assert!(BlockFormat::Q8_0.with_lowest_code(true).is_ok());
    assert!(BlockFormat::MXFP4.with_offset_codes(true).is_err());
}
