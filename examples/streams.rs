//! Stochastic rounding that can be repeated, shard by shard.
//!
//! A sum of 1 and ten thousand times 0.0001 stays at 1 in bfloat16, since each step is below half a unit
//! in the last place; rounded stochastically its expected value is 2. With a seed the same random numbers
//! come back on every machine, and an element's depend on its position alone: a whole array and its two
//! halves, each placed with `at`, give the same bits.
//!
//! ```text
//! cargo run --release --example streams
//! ```

use lowprec::{Chop, Format, Rounding};

fn main() {
    let nearest = Chop::new(Format::BFLOAT16, Rounding::NearestEven);
    let stochastic = Chop::new(Format::BFLOAT16, Rounding::Stochastic);

    let still = (0..10_000).fold(1.0_f64, |sum, _| nearest.add(sum, 1e-4));
    println!("{:22} {still}", "to nearest");
    let sums: Vec<f64> = (1..=8)
        .map(|seed| {
            let run = stochastic.stream(seed);
            let sum = (0..10_000).fold(1.0, |sum, _| run.add(sum, 1e-4));
            println!("stochastic, seed {seed:<5} {sum}");
            sum
        })
        .collect();
    let mean = sums.iter().sum::<f64>() / sums.len() as f64;
    println!("{:22} {mean:.4}", "their mean");
    assert_eq!(still, 1.0);
    assert!((mean - 2.0).abs() < 0.2, "{mean}");

    let values: Vec<f32> = (0..1_000_000).map(|i| (i as f32).sin()).collect();
    let mut whole = values.clone();
    stochastic.stream(42).chop_slice(&mut whole);
    let mut shards = values.clone();
    let (first, second) = shards.split_at_mut(400_000);
    // In any order, on any machine.
    stochastic.stream(42).at(400_000).chop_slice(second);
    stochastic.stream(42).chop_slice(first);
    assert_eq!(shards, whole);

    let error = |rounded: &[f32]| {
        let pairs = values.iter().zip(rounded);
        pairs.map(|(x, y)| f64::from(*y) - f64::from(*x)).sum::<f64>() / values.len() as f64
    };
    println!("\na million values, whole and in two shards: the same");
    println!("their mean error: {:.1e}", error(&whole));
    // Unbiased: five standard deviations, of at most 2^-8/2 each.
    assert!(error(&whole).abs() < 5.0 * 2_f64.powi(-9) / 1000.0);
}
