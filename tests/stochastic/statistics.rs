//! Counts over many draws from seeded streams, held to five standard deviations.
//!
//! Seeds are fixed, so a test passes always or never; an honest generator fails one of these bounds
//! with probability below 6·10^-7. Standard deviations follow from the number of draws N: a count
//! with probability p has √(N·p·(1-p)), χ² with k degrees of freedom √(2k), a correlation 1/√N.

use lowprec::{Chop, Format, Rounding, Storage, Stream};
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::{HALF, power};

const DRAWS: usize = 1_000_000;

/// How many of `draws` roundings of `x` give `away`.
fn count<T: Storage>(stream: &Stream, x: T, away: T, draws: usize) -> u64 {
    let mut values = vec![x; draws.min(1 << 16)];
    let (mut count, mut left) = (0, draws);
    while left > 0 {
        let n = left.min(values.len());
        values[..n].fill(x);
        stream.chop_slice(&mut values[..n]);
        count += values[..n].iter().filter(|&&y| y == away).count() as u64;
        left -= n;
    }
    count
}

/// The count's distance from its mean, in standard deviations.
fn deviations(count: u64, draws: usize, probability: f64) -> f64 {
    let (draws, mean) = (draws as f64, draws as f64 * probability);
    (count as f64 - mean) / (draws * probability * (1.0 - probability)).sqrt()
}

fn assert_probable<T: Storage>(stream: &Stream, x_and_away: [T; 2], nu: f64) {
    assert_probable_in(DRAWS, stream, x_and_away, nu);
}

fn assert_probable_in<T: Storage>(draws: usize, stream: &Stream, [x, away]: [T; 2], nu: f64) {
    let z = deviations(count(stream, x, away, draws), draws, nu);
    assert!(z.abs() <= 5.0, "x = {x:?}, ν = {nu}: {z} standard deviations");
}

/// Fractions of up to 20 binary digits with 10^6·min(ν, 1 - ν) ≥ 100, both ends included: 105 / 2^20
/// is the smallest.
fn fractions() -> impl Iterator<Item = f64> {
    let digits = [105, 128, 1 << 10, 4099, 1 << 14, 100_003, 1 << 18, 349_525, 500_009];
    let halves = digits.into_iter().flat_map(|n| [n, (1 << 20) - n]).chain([1 << 19]);
    halves.map(|n: u32| f64::from(n) * power(-20))
}

#[test]
fn probabilities_in_every_range_of_binary16() {
    for (index, nu) in fractions().enumerate() {
        assert!(1e6 * nu.min(1.0 - nu) >= 100.0);
        let stream = HALF.stream(1000 + index as u64);
        let last = power(-24);
        let sites = [
            [1.0 + power(-10) * nu, 1.0 + power(-10)],
            [last * (6.0 + nu), last * 7.0],
            [last * (1023.0 + nu), last * 1024.0],
            [65504.0 + 32.0 * nu, f64::INFINITY],
        ];
        for site in sites {
            assert_probable(&stream, site, nu);
            assert_probable(&stream, site.map(|x| -x), nu);
        }
        // Below the smallest subnormal number, above and below its half, and here in f32 too.
        assert_probable(&stream, [last * nu, last], nu);
        assert_probable(&stream, [(last * nu) as f32, last as f32], nu);
    }
}

/// e4m3fn leaves f32 the twenty digits that the fractions need.
#[test]
fn probabilities_in_f32() {
    let e4m3 = Chop::new(Format::OCP_E4M3, Rounding::Stochastic);
    for (index, nu) in fractions().enumerate() {
        let stream = e4m3.stream(2000 + index as u64);
        let last = power(-9);
        for [x, away] in [
            [1.0 + power(-3) * nu, 1.0 + power(-3)],
            [-last * (5.0 + nu), -last * 6.0],
            [last * (7.0 + nu), last * 8.0],
            [416.0 + 32.0 * nu, 448.0],
        ] {
            assert_probable(&stream, [x as f32, away as f32], nu);
        }
        // Beyond 448 lies 480 in the unbounded format, NaN in this one.
        let mut values = vec![(448.0 + 32.0 * nu) as f32; DRAWS];
        stream.chop_slice(&mut values);
        let overflowed = values.iter().filter(|y| y.is_nan()).count() as u64;
        let z = deviations(overflowed, DRAWS, nu);
        assert!(z.abs() <= 5.0, "overflow, ν = {nu}: {z} standard deviations");
    }
}

/// DLFloat16's smallest positive number is 513·2^-40: ν = n / 513. The definition settles every one
/// of these draws, so they are fewer.
#[test]
fn probabilities_below_dlfloats_smallest_number() {
    let dlfloat = Chop::new(Format::DLFLOAT16, Rounding::Stochastic);
    for n in [1, 100, 171, 256, 257, 400, 512] {
        let nu = f64::from(n) / 513.0;
        let stream = dlfloat.stream(3000 + n as u64);
        let site = [f64::from(n) * power(-40), 513.0 * power(-40)];
        assert_probable_in(100_000, &stream, site, nu);
        assert_probable_in(100_000, &stream, site.map(|x| -x as f32), nu);
    }
}

/// ν = 2^-17 is decided by bits beyond the first 16 alone: without them it would be 0 or 2^-16.
#[test]
fn refined_bits_have_their_own_odds() {
    const MANY: usize = 1 << 26;
    let stream = HALF.stream(17);
    let z = deviations(count(&stream, power(-41), power(-24), MANY), MANY, power(-17));
    assert!(z.abs() <= 5.0, "{z} standard deviations");
    // As many words tie with 1 - 2^-17, whose complement stays.
    let x = power(-24) * (1.0 - power(-17));
    let z = deviations(count(&stream, x, power(-24), MANY), MANY, 1.0 - power(-17));
    assert!(z.abs() <= 5.0, "{z} standard deviations");
}

/// Σz² over 256 fractions is χ² with 256 degrees of freedom: too large where probabilities are off,
/// too small where draws are not random.
fn chi_squared(rounding: Rounding, probability: impl Fn(f64) -> f64) -> f64 {
    const EACH: usize = 100_000;
    let stream = Chop::new(Format::BINARY16, rounding).stream(256);
    let squares = (0..256).map(|i| {
        let nu = (f64::from(i) + 0.5) / 256.0;
        let [x, away] = [1.0 + power(-10) * nu, 1.0 + power(-10)];
        deviations(count(&stream, x, away, EACH), EACH, probability(nu)).powi(2)
    });
    squares.sum()
}

#[test]
fn chi_squared_over_256_fractions() {
    let enough = |mode: Result<Rounding, _>| mode.expect("at most 32 bits");
    let bound = 5.0 * (2.0_f64 * 256.0).sqrt();
    // Nine bits and more see all nine digits of these fractions.
    let cases = [
        ("stochastic", chi_squared(Rounding::Stochastic, |nu| nu)),
        ("stochastic-equal", chi_squared(Rounding::StochasticEqual, |_| 0.5)),
        ("stochastic-a:16", chi_squared(enough(Rounding::stochastic_a(16)), |nu| nu)),
        ("stochastic-b:9", chi_squared(enough(Rounding::stochastic_b(9)), |nu| nu)),
        ("stochastic-c:12", chi_squared(enough(Rounding::stochastic_c(12)), |nu| nu)),
    ];
    for (mode, chi) in cases {
        assert!((chi - 256.0).abs() <= bound, "{mode}: χ² = {chi}, 256 ± {bound} allowed");
    }
}

/// One away-or-not as ±1 around its mean, for `DRAWS` elements of a stream.
fn signs(stream: &Stream, nu: f64) -> Vec<f64> {
    let away = 1.0 + power(-10);
    let mut values = vec![1.0 + power(-10) * nu; DRAWS];
    stream.chop_slice(&mut values);
    values.into_iter().map(|y| if y == away { 1.0 - nu } else { -nu }).collect()
}

/// The correlation of two sequences of variance ν(1 - ν), in standard deviations.
fn correlation(a: &[f64], b: &[f64], nu: f64) -> f64 {
    let pairs = a.len().min(b.len());
    let sum: f64 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    sum / (nu * (1.0 - nu) * (pairs as f64).sqrt())
}

#[test]
fn neighbours_do_not_correlate() {
    for (seed, nu) in [(5, 0.5), (6, 0.125), (7, 0.75)] {
        let drawn = signs(&HALF.stream(seed), nu);
        // Lag 1 and 2: two elements share a keystream word; 16 and 32: a block holds 32 of them.
        for lag in [1, 2, 16, 32, 64] {
            let z = correlation(&drawn, &drawn[lag..], nu);
            assert!(z.abs() <= 5.0, "ν = {nu}, lag {lag}: {z} standard deviations");
        }
    }
}

#[test]
fn streams_do_not_correlate() {
    let root = HALF.stream(42);
    let others = [
        ("the next stream number", HALF.stream(42).substream(1)),
        ("the last stream number", HALF.stream(42).substream(u64::MAX)),
        ("the next seed", HALF.stream(43)),
        ("a fork", root.fork(0)),
        ("another fork", root.fork(1)),
        ("a fork of a fork", root.fork(0).fork(0)),
        ("a fork of another stream number", HALF.stream(42).substream(1).fork(0)),
    ];
    let drawn: Vec<_> = std::iter::once(("itself", root)).chain(others).collect();
    let drawn: Vec<_> = drawn.iter().map(|(name, stream)| (name, signs(stream, 0.5))).collect();
    for (i, (one, a)) in drawn.iter().enumerate() {
        for (other, b) in &drawn[i + 1..] {
            let z = correlation(a, b, 0.5);
            assert!(z.abs() <= 5.0, "{one} and {other}: {z} standard deviations");
        }
    }
}

#[test]
fn stochastic_equal_is_even_wherever_inexact() {
    let equal = Chop::new(Format::BINARY16, Rounding::StochasticEqual);
    for (index, nu) in fractions().enumerate() {
        let stream = equal.stream(4000 + index as u64);
        assert_probable(&stream, [1.0 + power(-10) * nu, 1.0 + power(-10)], 0.5);
    }
    let stream = equal.stream(4999);
    assert_probable(&stream, [power(-1074), power(-24)], 0.5);
    assert_probable(&stream, [65504.0 + power(-30), f64::INFINITY], 0.5);
}

/// The thread's own generator has no seed to fix: eight standard deviations, which fail a right
/// implementation once in 10^15 runs.
#[test]
fn unseeded_calls_are_random() {
    let nu = 0.3125;
    let [x, away] = [1.0 + power(-10) * nu, 1.0 + power(-10)];
    let mut slice = vec![x; DRAWS];
    HALF.chop_slice(&mut slice);
    let mut into = vec![0.0; DRAWS];
    HALF.chop_into(&vec![x; DRAWS], &mut into);
    let scalar: Vec<f64> = (0..DRAWS / 10).map(|_| HALF.chop(x)).collect();
    let free: Vec<f64> =
        (0..DRAWS / 10).map(|_| lowprec::chop(x, Format::BINARY16, Rounding::Stochastic)).collect();
    assert_ne!(slice, into, "two calls drew the same numbers");
    for (name, values) in [("slice", slice), ("into", into), ("scalar", scalar), ("free", free)] {
        let count = values.iter().filter(|&&y| y == away).count() as u64;
        let z = deviations(count, values.len(), nu);
        assert!(z.abs() <= 8.0, "{name}: {z} standard deviations");
    }
}

#[test]
fn the_callers_generator_serves_as_well() {
    let mut rng = StdRng::seed_from_u64(9);
    for nu in fractions() {
        let [x, away] = [1.0 + power(-10) * nu, 1.0 + power(-10)];
        let mut values = vec![x; DRAWS];
        HALF.chop_slice_with(&mut values, &mut rng);
        let count = values.iter().filter(|&&y| y == away).count() as u64;
        let z = deviations(count, DRAWS, nu);
        assert!(z.abs() <= 5.0, "slice, ν = {nu}: {z} standard deviations");
    }
    let mut rng = StdRng::seed_from_u64(10);
    let (nu, draws) = (0.25, DRAWS / 10);
    let [x, away] = [1.0 + power(-10) * nu, 1.0 + power(-10)];
    let count = (0..draws).filter(|_| HALF.chop_with(x, &mut rng) == away).count() as u64;
    let z = deviations(count, draws, nu);
    assert!(z.abs() <= 5.0, "scalar: {z} standard deviations");
    // The generator moves on as an array's would: one 32-bit word a value where nothing ties.
    let (mut one, mut other) = (StdRng::seed_from_u64(11), StdRng::seed_from_u64(11));
    let mut slice = [x; 10];
    HALF.chop_slice_with(&mut slice, &mut one);
    assert_eq!(slice, [x; 10].map(|x| HALF.chop_with(x, &mut other)));
}
