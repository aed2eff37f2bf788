//! Every block format and rule against `plain.rs`: no difference in scale, codes or values.

use lowprec::{
    BlockChop, BlockFormat, Rounding, Storage,
    block::{BlockTensor, ScaleRule},
};

use crate::plain::{Codes, Dyadic, Mode, Mx, Rule, Table, nvfp4, round};
use lowprec_oracles::at_every_level;
use lowprec_oracles::blocks::{Random, block};

/// Random blocks for each format and rule.
const BLOCKS: usize = 100_000;

const RULES: [(ScaleRule, Rule); 4] = [
    (ScaleRule::Floor, Rule::Floor),
    (ScaleRule::Ceil, Rule::Ceil),
    (ScaleRule::Rceil, Rule::Rceil),
    (ScaleRule::Even, Rule::Even),
];

fn ocp(table: Table, digits: u32, width: u32) -> Mx {
    Mx { table, digits, width, twos: false, least: -127, most: 127, nan: true }
}

/// Formats with power-of-two scales, the tables written from OCP MX 1.0 5.3 and the MSFP paper.
fn formats() -> Vec<(BlockFormat, usize, Mx)> {
    let shared = |digits: u32| {
        let table = Table::integer(1 - digits as i32, (1 << digits) - 1);
        Mx { table, digits, width: digits, twos: false, least: -127, most: 128, nan: false }
    };
    let int8 = Mx { twos: true, ..ocp(Table::integer(-6, 127), 7, 7) };
    let narrow = Mx { least: -15, most: 16, ..shared(3) };
    vec![
        (BlockFormat::MXFP8_E4M3, 32, ocp(Table::float(3, 7, 0x7e), 4, 7)),
        (BlockFormat::MXFP8_E5M2, 32, ocp(Table::float(2, 15, 0x7b), 3, 7)),
        (BlockFormat::MXFP6_E3M2, 32, ocp(Table::float(2, 3, 0x1f), 3, 5)),
        (BlockFormat::MXFP6_E2M3, 32, ocp(Table::float(3, 1, 0x1f), 4, 5)),
        (BlockFormat::MXFP4, 32, ocp(Table::float(1, 1, 7), 2, 3)),
        (BlockFormat::MXINT8, 32, int8),
        (BlockFormat::MSFP12, 16, shared(3)),
        (BlockFormat::MSFP16, 16, shared(7)),
        (BlockFormat::BFP2, 16, shared(1)),
        (BlockFormat::BFP16, 8, shared(7)),
        (BlockFormat::block_floating_point(3, 32, 5).unwrap(), 32, narrow),
    ]
}

fn codes_of(tensor: &BlockTensor, size: usize) -> Vec<Codes> {
    let elements: Vec<u16> = tensor.codes().iter().collect();
    tensor.scale_codes().iter().copied().zip(elements.chunks(size).map(<[u16]>::to_vec)).collect()
}

/// The same blocks through the crate and through the plain implementation.
fn compare<T: Storage>(chop: &BlockChop, mx: &Mx, rule: Rule, mode: Mode, blocks: &[Vec<T>]) {
    let size = blocks[0].len();
    let values = blocks.concat();
    let tensor = chop.quantize(&values);
    let mut rounded = values.clone();
    chop.chop_slice(&mut rounded);
    let mut into = vec![T::zero(); values.len()];
    chop.chop_into(&values, &mut into);
    let back: Vec<T> = tensor.dequantize();
    for (i, got) in codes_of(&tensor, size).iter().enumerate() {
        let wide: Vec<f64> = blocks[i].iter().map(|x| x.widen()).collect();
        let expected = mx.quantize(&wide, rule, mode);
        assert_eq!(*got, expected, "{chop:?} {rule:?} {mode:?} of {wide:?}");
        for (j, &code) in expected.1.iter().enumerate() {
            let value = T::from(mx.value(expected.0, code)).unwrap();
            for got in [rounded[i * size + j], into[i * size + j], back[i * size + j]] {
                let same = got.widen().to_bits() == value.widen().to_bits();
                assert!(same || got.is_nan() && value.is_nan(), "{chop:?}: {got:?}, not {value:?}");
            }
        }
    }
}

/// With the scale clamped at both ends, which binary32 hardly reaches: binary64.
fn wide(random: &mut Random, block: &[f32]) -> Vec<f64> {
    let shift = 2f64.powi(random.below(1200) as i32 - 600);
    block.iter().map(|&x| f64::from(x) * shift).collect()
}

#[test]
fn formats_with_power_of_two_scales_are_the_standards() {
    let mut random = Random(1);
    for (format, size, mx) in formats() {
        let max = mx.table.max().to_f64();
        for (rule, plain_rule) in RULES {
            let chop = BlockChop::new(format.with_rule(rule), Rounding::NearestEven);
            for _ in 0..BLOCKS / 1000 {
                let blocks: Vec<_> = (0..1000).map(|_| block(&mut random, size, max)).collect();
                compare(&chop, &mx, plain_rule, Mode::NearestEven, &blocks);
            }
            let blocks: Vec<_> = (0..5000)
                .map(|_| {
                    let block = block(&mut random, size, max);
                    wide(&mut random, &block)
                })
                .collect();
            compare(&chop, &mx, plain_rule, Mode::NearestEven, &blocks);
        }
    }
}

#[test]
fn every_mode_at_every_level_is_the_plain_one() {
    let modes = [
        (Rounding::NearestAway, Mode::NearestAway),
        (Rounding::TowardZero, Mode::TowardZero),
        (Rounding::AwayFromZero, Mode::AwayFromZero),
        (Rounding::Up, Mode::Up),
        (Rounding::Down, Mode::Down),
        (Rounding::ToOdd, Mode::ToOdd),
        (Rounding::NearestEven, Mode::NearestEven),
    ];
    let mut random = Random(2);
    at_every_level(|_| {
        for (format, size, mx) in formats() {
            let max = mx.table.max().to_f64();
            for (rounding, mode) in modes {
                let (rule, plain_rule) = RULES[random.below(4) as usize];
                let chop = BlockChop::new(format.with_rule(rule), rounding);
                let blocks: Vec<_> = (0..2000).map(|_| block(&mut random, size, max)).collect();
                compare(&chop, &mx, plain_rule, mode, &blocks);
            }
        }
    });
}

#[test]
fn nvfp4_is_its_description() {
    let mut random = Random(3);
    let chop = BlockChop::new(BlockFormat::NVFP4, Rounding::NearestEven);
    let mut blocks_seen = 0;
    while blocks_seen < BLOCKS {
        let count = 1 + random.below(40) as usize;
        // Blocks of about the same size, and with an outlier that makes scales subnormal or zero.
        let shift = 2f32.powi(random.below(60) as i32 - 30);
        let kind = random.below(4);
        let tensor: Vec<Vec<f32>> = (0..count)
            .map(|_| match kind {
                0 => block(&mut random, 16, 6.0),
                1 => {
                    let spread = 2f64.powi(-(random.below(24) as i32));
                    (0..16).map(|_| (random.normal() * spread) as f32).collect()
                }
                2 => (0..16).map(|_| f32::from_bits(random.below(1 << 12) as u32)).collect(),
                _ => (0..16).map(|_| (random.normal() as f32) * shift).collect(),
            })
            .collect();
        blocks_seen += count;
        let exact: Vec<Vec<f64>> =
            tensor.iter().map(|block| block.iter().map(|&x| f64::from(x)).collect()).collect();
        let (g, expected) = nvfp4(&exact);
        let values = tensor.concat();
        let got = chop.quantize(&values);
        assert_eq!(got.tensor_scale().to_bits(), g.to_bits());
        let codes = codes_of(&got, 16);
        for (i, (got, expected)) in codes.iter().zip(&expected).enumerate() {
            assert_eq!(got, expected, "g = {g:e}, block {:?}", tensor[i]);
        }
        let wide = chop.quantize(&exact.concat());
        assert_eq!((wide.tensor_scale(), codes_of(&wide, 16)), (g, codes));
        // Values: the exact product rounded once, in place as from codes.
        let mut rounded = values.clone();
        chop.chop_slice(&mut rounded);
        let back: Vec<f32> = got.dequantize();
        let e2m1 = Table::float(1, 1, 7);
        let e4m3 = Table::float(3, 7, 0x7e);
        for (i, (scale, elements)) in expected.iter().enumerate() {
            for (j, code) in elements.iter().enumerate() {
                let value = if *scale == 0x7f {
                    f32::NAN
                } else {
                    let exact_g = Dyadic::of(f64::from(g));
                    let magnitude = e2m1.0[usize::from(code & 7)];
                    let product = magnitude.times(e4m3.0[*scale as usize]).times(exact_g);
                    let value = product.to_f64() as f32;
                    if code >> 3 == 1 { -value } else { value }
                };
                for got in [rounded[16 * i + j], back[16 * i + j]] {
                    let same = got.to_bits() == value.to_bits();
                    assert!(same || got.is_nan() && value.is_nan(), "{got:e}, not {value:e}");
                }
            }
        }
    }
}

/// One `f32` scale for all: s = amax/448 rounded once, q = E4M3(x/s).
#[test]
fn fp8_with_a_scale_in_binary32_is_exact() {
    let mut random = Random(4);
    let e4m3 = Table::float(3, 7, 0x7e);
    let chop = BlockChop::new(BlockFormat::FP8_E4M3_TENSOR, Rounding::NearestEven);
    for _ in 0..3000 {
        let size = 1 + random.below(40) as usize;
        let values = block(&mut random, size, 448.0);
        let tensor = chop.quantize(&values);
        if values.iter().any(|x| !x.is_finite()) {
            assert!(tensor.scale(0).unwrap().is_nan());
            continue;
        }
        let amax = values.iter().fold(0_f32, |amax, x| amax.max(x.abs()));
        let scale = crate::plain::binary32(Dyadic::of(amax.into()), Dyadic { m: 448, e: 0 });
        let scale = scale.max(u32::from(amax > 0.0));
        assert_eq!(tensor.scale_code(0), Some(scale));
        let divisor = Dyadic::of(f64::from(f32::from_bits(scale)));
        for (&x, code) in values.iter().zip(tensor.codes().iter()) {
            let magnitude = if scale == 0 {
                0
            } else {
                round(&e4m3, Dyadic::of(x.into()), x < 0.0, divisor, Mode::NearestEven)
            };
            assert_eq!(code, magnitude as u16 | u16::from(x.is_sign_negative()) << 7, "{x:e}");
        }
    }
}

/// P3109's ConvertToBlockMaxAbsFinite: s = amax rounded to the scale format, q = x/s.
#[test]
fn max_abs_rounds_amax_to_the_scale_format() {
    let mut random = Random(5);
    let (e4m3, e2m3) = (Table::float(3, 7, 0x7e), Table::float(3, 1, 0x1f));
    let format = BlockFormat::new(
        lowprec::Format::OCP_E2M3,
        lowprec::block::BlockShape::Along(8),
        lowprec::Format::OCP_E4M3,
        ScaleRule::MaxAbs,
    );
    let chop = BlockChop::new(format.unwrap(), Rounding::NearestEven);
    let one = Dyadic { m: 1, e: 0 };
    for _ in 0..BLOCKS {
        let values: Vec<f32> = block(&mut random, 8, 7.5);
        let tensor = chop.quantize(&values);
        if values.iter().any(|x| !x.is_finite()) {
            assert_eq!(tensor.scale_code(0), Some(0x7f));
            continue;
        }
        let amax = values.iter().fold(0_f32, |amax, x| amax.max(x.abs()));
        let s = round(&e4m3, Dyadic::of(amax.into()), false, one, Mode::NearestEven);
        let s = s.max(usize::from(amax > 0.0));
        assert_eq!(tensor.scale_code(0), Some(s as u32), "{amax:e}");
        for (&x, code) in values.iter().zip(tensor.codes().iter()) {
            let magnitude = if s == 0 {
                0
            } else {
                round(&e2m3, Dyadic::of(x.into()), x < 0.0, e4m3.0[s], Mode::NearestEven)
            };
            assert_eq!(code, magnitude as u16 | u16::from(x.is_sign_negative()) << 5, "{x:e}");
        }
    }
}
