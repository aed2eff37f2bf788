//! 4,096 weights in the block formats of machine learning: bytes against error.
//!
//! Weights of four rows, each thirty times smaller than the one before. One FP8 scale for all of them costs
//! the smallest row its last bits; a scale for each block of 32 does not, for a quarter of a bit a value. Packed,
//! MXFP4 takes 4.25 bits a value; NVFP4, with half the block's length and finer scales, 4.5 for a better signal.
//!
//! ```text
//! cargo run --release --example blocks
//! ```

use lowprec::{BlockChop, BlockFormat, Rounding};

/// Mean over the rows of the signal to noise ratio of each, in decibels.
fn quality(weights: &[f32], rounded: &[f32]) -> f64 {
    let rows = weights.chunks(1024).zip(rounded.chunks(1024));
    let decibels = rows.map(|(weights, rounded)| {
        let sum = |values: &mut dyn Iterator<Item = f32>| {
            values.map(|x| f64::from(x) * f64::from(x)).sum::<f64>()
        };
        let signal = sum(&mut weights.iter().copied());
        let noise = sum(&mut weights.iter().zip(rounded).map(|(x, y)| x - y));
        10.0 * (signal / noise).log10()
    });
    decibels.sum::<f64>() / 4.0
}

fn main() {
    // Sums of sines: smooth, not periodic, the same everywhere.
    let weights: Vec<f32> = (0..4096)
        .map(|i| {
            let x = f64::from(i);
            let size = 30_f64.powi(-(i / 1024));
            (size * ((x * 0.7).sin() + (x * 1.3).sin() + (x * 2.9).sin())) as f32
        })
        .collect();
    println!("{:18} {:>7} {:>11} {:>8}", "format", "bytes", "bits/value", "SNR, dB");
    let mut measured = Vec::new();
    for (name, format) in [
        ("fp8_e4m3_tensor", BlockFormat::FP8_E4M3_TENSOR),
        ("mxfp8_e4m3", BlockFormat::MXFP8_E4M3),
        ("mxfp6_e2m3", BlockFormat::MXFP6_E2M3),
        ("nvfp4", BlockFormat::NVFP4),
        ("mxfp4", BlockFormat::MXFP4),
    ] {
        let packed = BlockChop::new(format, Rounding::NearestEven).quantize(&weights);
        let bytes = packed.size_in_bytes();
        let back: Vec<f32> = packed.dequantize();
        let decibels = quality(&weights, &back);
        println!("{name:18} {bytes:7} {:11.2} {decibels:8.1}", 8.0 * bytes as f64 / 4096.0);
        measured.push((bytes, decibels));
    }
    let [tensor, mxfp8, _, nvfp4, mxfp4] = measured[..] else { unreachable!("five formats") };
    assert_eq!((mxfp8.0, mxfp4.0), (4096 + 128, 2048 + 128));
    assert!(nvfp4.1 > mxfp4.1);
    assert!(mxfp8.1 > tensor.1 + 1.0);
}
