//! Stochastic rounding in blocks: the kernel against the exact path, positions, shared bits.

use lowprec::{BlockChop, BlockFormat, Chop, Overflow, Rounding};

use lowprec_oracles::at_every_level;
use lowprec_oracles::blocks::{Random, block};

fn modes() -> Vec<Rounding> {
    let counted = [Rounding::stochastic_a, Rounding::stochastic_b, Rounding::stochastic_c];
    let mut modes = vec![Rounding::Stochastic, Rounding::StochasticEqual];
    for n in [1, 8, 16, 20] {
        modes.extend(counted.map(|mode| mode(n).unwrap()));
    }
    modes
}

/// `f32` takes the kernel, `f64` the exact path: the same random bits, the same results.
#[test]
fn both_paths_draw_alike_at_every_level() {
    let formats = [
        BlockFormat::MXFP4,
        BlockFormat::MXFP8_E4M3,
        BlockFormat::MXFP8_E5M2,
        BlockFormat::MXFP6_E2M3,
        BlockFormat::MXINT8,
    ];
    let mut random = Random(11);
    at_every_level(|_| {
        for format in formats {
            for mode in modes() {
                let max = format.element().largest_finite();
                let single: Vec<f32> = (0..200).flat_map(|_| block(&mut random, 32, max)).collect();
                let double: Vec<f64> = single.iter().map(|&x| x.into()).collect();
                let chop = BlockChop::new(format, mode);
                let origin = random.below(1000);
                let (mut fast, mut exact) = (single.clone(), double.clone());
                chop.stream(5).at(origin).chop_slice(&mut fast);
                let stream = chop.stream(5).at(origin);
                stream.chop_slice(&mut exact);
                assert_eq!(stream.position(), origin + single.len() as u64);
                for (i, (fast, exact)) in fast.iter().zip(&exact).enumerate() {
                    let same = fast.to_bits() == (*exact as f32).to_bits();
                    assert!(
                        same || fast.is_nan() && exact.is_nan(),
                        "{format} {mode} {}",
                        single[i]
                    );
                }
                let tensor = chop.stream(5).at(origin).quantize(&single);
                let back: Vec<f32> = tensor.dequantize();
                for (a, b) in back.iter().zip(&fast) {
                    assert!(a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(), "{format}");
                }
                assert_eq!(tensor, chop.stream(5).at(origin).quantize(&double));
            }
        }
    });
}

/// Elements are rounded as a `Stream` of the element format rounds x/s at the same positions.
#[test]
fn elements_are_those_of_the_element_formats_stream() {
    let mut random = Random(12);
    let values: Vec<f32> = (0..32 * 50).map(|_| random.normal() as f32).collect();
    let chop = BlockChop::new(BlockFormat::MXFP4, Rounding::Stochastic);
    let tensor = chop.stream(9).at(77).quantize(&values);
    let mut quotients: Vec<f64> = values
        .iter()
        .enumerate()
        .map(|(i, &x)| f64::from(x) / tensor.scale(i / 32).unwrap())
        .collect();
    let element = Chop::new(lowprec::Format::OCP_E2M1, Rounding::Stochastic)
        .with_overflow(Overflow::Saturate);
    element.stream(9).at(77).chop_slice(&mut quotients);
    for (q, code) in quotients.iter().zip(tensor.codes().iter()) {
        assert_eq!(lowprec::Format::OCP_E2M1.decode(code.into()).to_bits(), q.to_bits());
    }
}

/// The mean of many draws is the value, where nothing saturates.
#[test]
fn stochastic_blocks_are_unbiased() {
    for format in [BlockFormat::MXFP4, BlockFormat::NVFP4, BlockFormat::MSFP12] {
        let row = [4.0_f32, 0.3, 1.7, 2.6, -3.3, 0.01, -1.1, 0.9];
        let repeats = 4000;
        let mut sums = [0.0_f64; 8];
        let chop = BlockChop::new(format, Rounding::Stochastic);
        let stream = chop.stream(13);
        for _ in 0..repeats {
            let mut x = row;
            stream.chop_slice(&mut x);
            sums.iter_mut().zip(x).for_each(|(sum, y)| *sum += f64::from(y));
        }
        for (x, sum) in row.iter().zip(sums) {
            // The largest step here is 1: a standard deviation of at most a half a draw.
            let mean = sum / f64::from(repeats);
            let bound = 5.0 * 0.5 / f64::from(repeats).sqrt();
            assert!((mean - f64::from(*x)).abs() < bound, "{format}: {mean}, not {x}");
        }
    }
}

#[test]
fn shared_bits_are_those_of_the_groups_position() {
    let mut random = Random(14);
    let values: Vec<f32> = (0..1280).map(|_| random.normal() as f32).collect();
    for count in [1, 2, 3, 4, 32] {
        let base = BlockChop::new(BlockFormat::MXFP8_E4M3, Rounding::Stochastic);
        let shared = base.with_shared_bits(count).unwrap();
        let mut got = values.clone();
        shared.stream(3).at(96).chop_slice(&mut got);
        // Each value alone, as the only one of its block that is rounded at the shared position.
        let tensor = base.quantize(&values);
        let element = Chop::new(lowprec::Format::OCP_E4M3, Rounding::Stochastic)
            .with_overflow(Overflow::Saturate);
        for (i, (&x, y)) in values.iter().zip(got).enumerate() {
            let scale = tensor.scale(i / 32).unwrap();
            let position = (96 + i as u64) / u64::from(count);
            let q = element.stream(3).at(position).chop(f64::from(x) / scale);
            assert_eq!(f64::from(y), q * scale, "{count} share, value {i}");
        }
    }
    // The thread's generator, too: alike within groups, not between all.
    let mut x = [0.3_f32; 320];
    let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::Stochastic);
    fp4.with_shared_bits(4).unwrap().chop_slice(&mut x);
    assert!(x.chunks(4).all(|group| group == [group[0]; 4]));
    assert!(x.iter().any(|y| *y != x[0]));
}

/// Positions go on from 2^64 - 1 to 0, with shared bits too, where a call once did not end.
#[test]
fn shared_bits_go_round_the_last_position() {
    let values: Vec<f64> = (0..64).map(|i| 0.3 + f64::from(i) / 64.0).collect();
    for count in [2, 3, 32] {
        let sr = BlockChop::new(BlockFormat::MXFP4, Rounding::Stochastic);
        let shared = sr.with_shared_bits(count).unwrap();
        let mut whole = values.clone();
        shared.stream(5).at(u64::MAX - 31).chop_slice(&mut whole);
        let (mut before, mut after) = (values[..32].to_vec(), values[32..].to_vec());
        shared.stream(5).at(u64::MAX - 31).chop_slice(&mut before);
        shared.stream(5).chop_slice(&mut after);
        assert_eq!(whole, [before, after].concat(), "{count}");
    }
}
