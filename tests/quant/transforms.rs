//! Hadamard's matrix by its definition, the clip search, Quartet's two quantizations.

use lowprec::quant::clip;
use lowprec::quant::hadamard::Hadamard;
use lowprec::quant::quartet::{self, BLOCK, Backward, Forward, Scales};
use lowprec::{Format, Rounder, Storage};

use lowprec_oracles::at_every_level;
use lowprec_oracles::whole::Words;

/// The least mean squared error of e2m1 on N(0, 1), and its clip (FORMATS of arXiv 2505.14669).
const LEAST: f64 = 0.0126849;
const AT: f64 = 2.92248;

/// Whole numbers have exact sums: only the factor 1/√n rounds, once.
fn check<T: Storage>(block: usize, words: &mut Words) {
    let rows = if block < 256 { 11 } else { 3 };
    let x: Vec<i32> = (0..rows * block).map(|_| (words.next() % 256) as i32 - 128).collect();
    let mut got: Vec<T> = x.iter().map(|k| T::from(*k).unwrap()).collect();
    Hadamard::new(block).unwrap().transform(&mut got);
    let norm = T::from((1.0 / block as f64).sqrt()).unwrap();
    for (i, y) in got.iter().enumerate() {
        let (start, row) = (i / block * block, i % block);
        let sign = |j: usize| if (row & j).count_ones().is_multiple_of(2) { 1 } else { -1 };
        let sum: i32 = (0..block).map(|j| sign(j) * x[start + j]).sum();
        let want = T::from(sum).unwrap() * norm;
        assert_eq!(y.widen().to_bits(), want.widen().to_bits(), "block {block}, element {i}");
    }
}

#[test]
fn the_transform_is_hadamards_matrix() {
    let mut words = Words(21);
    at_every_level(|_| {
        for exponent in 0..=9 {
            check::<f32>(1 << exponent, &mut words);
            check::<f64>(1 << exponent, &mut words);
        }
    });
}

#[test]
fn the_inverse_undoes_the_transform() {
    let mut words = Words(22);
    for (exponent, seed) in [(0, None), (2, Some(1)), (5, None), (5, Some(2)), (8, Some(3))] {
        let hadamard = Hadamard::new(1 << exponent).unwrap();
        let hadamard = seed.map_or(hadamard, |seed| hadamard.with_signs(seed));
        let x: Vec<f64> = (0..1024).map(|_| words.normal()).collect();
        let mut y = x.clone();
        hadamard.transform(&mut y);
        if exponent > 0 {
            assert_ne!(y, x);
        }
        // Each of the 2·8 stages and 2 factors rounds once, a norm grows no error.
        let norm = |values: &[f64]| values.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!((norm(&y) / norm(&x) - 1.0).abs() < 18.0 * f64::EPSILON);
        hadamard.inverse(&mut y);
        let off: Vec<f64> = y.iter().zip(&x).map(|(y, x)| y - x).collect();
        assert!(norm(&off) < 18.0 * f64::EPSILON * norm(&x), "{hadamard:?}");
    }
}

/// A sign is a function of seed and place, even by chance, and not a rounding's random bit.
#[test]
fn signs_depend_on_seed_and_place() {
    let signs = |seed, count| {
        let mut ones = vec![1.0_f32; count];
        Hadamard::new(1).unwrap().with_signs(seed).transform(&mut ones);
        ones
    };
    assert_eq!(signs(5, 2000)[..700], signs(5, 700));
    let (a, b) = (signs(5, 100_000), signs(6, 100_000));
    let mut stochastic = vec![0.5_f32; 100_000];
    let half =
        lowprec::Chop::new(Format::from_range(1, 0, 5).unwrap(), lowprec::Rounding::Stochastic);
    half.stream(5).chop_slice(&mut stochastic);
    let rounded: Vec<f32> = stochastic.iter().map(|x| if *x > 0.0 { 1.0 } else { -1.0 }).collect();
    // Sums of 10^5 fair signs deviate by √(10^5).
    let sums = [
        a.iter().sum::<f32>(),
        b.iter().sum(),
        a.iter().zip(&b).map(|(a, b)| a * b).sum(),
        a.iter().zip(&rounded).map(|(a, r)| a * r).sum(),
    ];
    for sum in sums {
        assert!(sum.abs() < 5.0 * 100_000_f32.sqrt(), "{sums:?}");
    }
}

/// The magnitudes of e2m1 in order, of which the place is the code.
const MAGNITUDES: [f64; 8] = [0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0];

/// The nearest element, ties to the even code.
fn nearest(x: f64) -> f64 {
    let distance = |code: usize| (MAGNITUDES[code] - x.abs()).abs();
    let closer = |a: usize, b: usize| {
        distance(b) < distance(a) || distance(b) == distance(a) && b.is_multiple_of(2)
    };
    let code = (1..8).fold(0, |best, code| if closer(best, code) { code } else { best });
    MAGNITUDES[code].copysign(x)
}

#[test]
fn clip_search_finds_quartets_constant() {
    let levels: Vec<f64> =
        MAGNITUDES.iter().rev().map(|x| -x).chain(MAGNITUDES[1..].iter().copied()).collect();
    let best = clip::search_normal(&levels, 8.0).unwrap();
    assert!((best.error / LEAST - 1.0).abs() < 0.001, "{best:?}");
    assert!((best.clip / AT - 1.0).abs() < 0.001, "{best:?}");
    assert!((best.clip / quartet::CLIP - 1.0).abs() < 1e-6, "{best:?}");

    // On 250,000 normal deviates: a squared error deviates by about twice its mean, the mean of so many
    // by 0.4 % of it. The clip found must be as good as the best, by exact integration.
    let mut words = Words(23);
    let values: Vec<f64> = (0..250_000).map(|_| words.normal()).collect();
    let on_data = clip::search_data(&values, 8.0, |clip, values| {
        let scale = clip / 6.0;
        values.iter_mut().for_each(|x| *x /= scale);
        quartet::NEAREST.chop_slice(values);
        values.iter_mut().for_each(|x| *x *= scale);
    });
    let on_data = on_data.unwrap();
    assert!((on_data.error / LEAST - 1.0).abs() < 0.02, "{on_data:?}");
    let at: Vec<f64> = levels.iter().map(|level| level * on_data.clip / 6.0).collect();
    assert!(clip::normal_error(&at) < 1.005 * LEAST, "{on_data:?}");
}

/// Step by step from the definition, elements by looking for the nearest.
fn forward(row: &[f32], clip: f64, scales: Scales) -> Vec<f32> {
    let mut row = row.to_vec();
    Hadamard::new(BLOCK).unwrap().transform(&mut row);
    for block in row.chunks_exact_mut(BLOCK) {
        let squares: f64 = block.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        if squares == 0.0 {
            continue;
        }
        let mut scale = clip * (squares / 32.0).sqrt() / 6.0;
        if scales != Scales::Real {
            let mut power = 2_f64.powi(-127);
            while 2.0 * power <= scale && power < 2_f64.powi(127) {
                power *= 2.0;
            }
            // One digit of precision: a tie goes to the even code, of which the exponent field is even.
            let even = (power.log2() as i32 + 127) % 2 == 0;
            let up = scale > 1.5 * power || scale == 1.5 * power && !even;
            scale = if scales == Scales::Nearest && up { 2.0 * power } else { power };
        }
        for x in block {
            *x = (nearest(f64::from(*x) / scale) * scale) as f32;
        }
    }
    row
}

#[test]
fn forward_is_its_definition() {
    let mut words = Words(24);
    for case in 0..3000 {
        let scale = 2_f64.powi((words.next() % 200) as i32 - 100);
        let mut row: Vec<f32> = (0..64).map(|_| (words.normal() * scale) as f32).collect();
        if case % 10 == 0 {
            row[..32].fill(0.0);
        }
        for scales in [Scales::Down, Scales::Nearest, Scales::Real] {
            let mut got = row.clone();
            Forward::new().with_scales(scales).quantize(&mut got);
            assert_eq!(got, forward(&row, quartet::CLIP, scales), "{scales:?}");
        }
    }
}

/// Of N(0, 1), by the scale from the deviation of 32 values: the error of the constant deviation and, since
/// 32 values do not tell theirs exactly, a little more.
#[test]
fn forward_error_is_near_the_least() {
    let mut words = Words(25);
    let row: Vec<f32> = (0..1 << 20).map(|_| words.normal() as f32).collect();
    let mut transformed = row.clone();
    Hadamard::new(BLOCK).unwrap().transform(&mut transformed);
    let mut quantized = row.clone();
    Forward::new().with_scales(Scales::Real).quantize(&mut quantized);
    let error = clip::mean_squared_error(&transformed, &quantized);
    assert!(error < 1.02 * LEAST && error > 0.9 * LEAST, "{error}");
}

/// Every result is ¾x rounded to one of its neighbours times the block's scale, never clipped, and right
/// on average.
#[test]
fn backward_is_unbiased_and_never_clips() {
    let mut words = Words(26);
    const DRAWS: usize = 4000;
    for case in 0..8 {
        let row: Vec<f32> = (0..BLOCK).map(|_| words.normal() as f32 * 10_f32.powi(case)).collect();
        let mut x = row.clone();
        Hadamard::new(BLOCK).unwrap().with_signs(9).transform(&mut x);
        let maximum = x.iter().fold(0.0, |maximum: f32, x| maximum.max(x.abs()));
        let mut scale = 2_f64.powi(-100);
        while 8.0 * scale <= f64::from(maximum) {
            scale *= 2.0;
        }
        let backward = Backward::new(9, quartet::STOCHASTIC.stream(case as u64)).unwrap();
        let mut sums = [0.0; BLOCK];
        for _ in 0..DRAWS {
            let mut y = row.clone();
            backward.quantize(&mut y);
            for i in 0..BLOCK {
                let exact = 0.75 * f64::from(x[i]) / scale;
                let element = f64::from(y[i]) / scale;
                let below = MAGNITUDES.iter().rposition(|m| *m <= exact.abs()).unwrap();
                let neighbours = &MAGNITUDES[below..(below + 2).min(8)];
                assert!(exact.abs() < 6.0 && neighbours.contains(&element.abs()));
                sums[i] += element - exact;
            }
        }
        for (i, sum) in sums.into_iter().enumerate() {
            // A draw between neighbours at most 2 apart deviates by at most 1.
            assert!(sum.abs() < 5.0 * (DRAWS as f64).sqrt(), "case {case}, element {i}: {sum}");
        }
    }
}

/// Blocks of which the transform is beyond the storage type lie between others that are not, with the signs and
/// random bits that they have alone.
#[test]
fn blocks_beyond_the_storage_type_leave_the_others_alone() {
    let mut words = Words(27);
    let mut row: Vec<f32> = (0..4 * BLOCK).map(|_| words.normal() as f32).collect();
    row[BLOCK..2 * BLOCK].fill(f32::MAX);
    let mut y = row.clone();
    Forward::new().quantize(&mut y);
    // The first of the transform is √32 times as large, the others zero; 6·2^126 is beyond f32.
    assert_eq!(y[BLOCK], f32::INFINITY);
    assert!(y[BLOCK + 1..2 * BLOCK].iter().all(|x| *x == 0.0));
    let mut wide: Vec<f64> = row.iter().map(|x| f64::from(*x)).collect();
    Forward::new().quantize(&mut wide);
    assert_eq!(wide[BLOCK], 6.0 * 2f64.powi(126));
    for block in [0, 2, 3] {
        let place = block * BLOCK..(block + 1) * BLOCK;
        let mut alone = row[place.clone()].to_vec();
        Forward::new().quantize(&mut alone);
        assert_eq!(y[place], alone);
    }
    // With other values there the rest of the row is the same.
    let backward = |row: &[f32]| {
        let mut y = row.to_vec();
        let backward = Backward::seeded(4);
        backward.quantize(&mut y);
        assert_eq!(backward.elements().position(), y.len() as u64);
        y
    };
    let beyond = backward(&row);
    row[BLOCK..2 * BLOCK].fill(1.0);
    let within = backward(&row);
    for block in [0, 2, 3] {
        let place = block * BLOCK..(block + 1) * BLOCK;
        assert_eq!(beyond[place.clone()], within[place]);
    }
    assert!(beyond[BLOCK..2 * BLOCK].iter().all(|x| !x.is_nan()));
    // Of f64: every element is the largest or zero.
    for x in [f64::MAX, -2f64.powi(1020)] {
        let mut y = [x; BLOCK];
        Forward::new().quantize(&mut y);
        assert_eq!((y[0].abs(), y[1]), (6.0 * 2f64.powi(127), 0.0));
        let mut y = [x; BLOCK];
        Backward::seeded(3).quantize(&mut y);
        assert!(y.iter().all(|y| y.is_finite()));
        let mut y = [x; BLOCK];
        let extreme = Forward::new().with_scales(Scales::Real).with_clip(1024.0).unwrap();
        extreme.quantize(&mut y);
        assert!(y.iter().all(|y| !y.is_nan()), "{y:?}");
    }
    let mut y = [1e300_f64; BLOCK];
    let extreme = Forward::new().with_scales(Scales::Real).with_clip(1024.0).unwrap();
    extreme.quantize(&mut y);
    assert!(y.iter().all(|y| !y.is_nan()), "{y:?}");
}

/// a · bᵀ for matrices of rows along the transformed axis.
fn product(a: &[f32], b: &[f32], length: usize) -> Vec<f64> {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let rows = a.chunks_exact(length);
    rows.flat_map(|a| b.chunks_exact(length).map(move |b| dot(a, b))).collect()
}

/// ⟨ĝ, g⟩ / ⟨g, g⟩ for the product of two random matrices of 128 rows of 128.
fn alignment<R: Rounder>(seed: u64, elements: R) -> f64 {
    const N: usize = 128;
    let mut words = Words(seed);
    let mut matrix = || (0..N * N).map(|_| words.normal() as f32).collect::<Vec<f32>>();
    let (a, b) = (matrix(), matrix());
    let backward = Backward::new(seed, elements).unwrap();
    let quantized = |matrix: &[f32]| {
        let mut matrix = matrix.to_vec();
        matrix.chunks_exact_mut(N).for_each(|row| backward.quantize(row));
        matrix
    };
    let estimate = product(&quantized(&a), &quantized(&b), N);
    let gradient = product(&a, &b, N);
    let inner = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    quartet::UNSCALE * inner(&estimate, &gradient) / inner(&gradient, &gradient)
}

#[test]
fn backward_estimates_align_with_stochastic_rounding_alone() {
    const RUNS: u64 = 48;
    let mean_of = |of: &dyn Fn(u64) -> f64| {
        let runs: Vec<f64> = (0..RUNS).map(of).collect();
        let mean = runs.iter().sum::<f64>() / RUNS as f64;
        let variance = runs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (RUNS - 1) as f64;
        (mean, (variance / RUNS as f64).sqrt())
    };
    let (mean, error) = mean_of(&|seed| alignment(seed, quartet::STOCHASTIC.stream(seed)));
    println!("stochastic {mean} ± {error}");
    assert!((mean - 1.0).abs() < 5.0 * error && error < 0.001, "{mean} ± {error}");
    assert!((mean - 1.0).abs() < 0.005, "{mean} ± {error}");
    let (nearest, error) = mean_of(&|seed| alignment(seed, quartet::NEAREST));
    println!("nearest {nearest} ± {error}");
    assert!(nearest < 1.0 - 5.0 * error && nearest < 0.995, "{nearest} ± {error}");
}

#[test]
fn what_is_not_finite_makes_its_block_nan() {
    for trouble in [f32::NAN, f32::INFINITY] {
        let mut row = vec![1.0_f32; 64];
        row[40] = trouble;
        let (mut forward, mut backward) = (row.clone(), row.clone());
        Forward::new().quantize(&mut forward);
        Backward::seeded(1).quantize(&mut backward);
        for row in [forward, backward] {
            assert!(row[..32].iter().all(|x| x.is_finite()));
            assert!(row[32..].iter().all(|x| x.is_nan()), "{row:?}");
        }
    }
    let mut zeros = vec![0.0_f64; 32];
    Backward::seeded(1).quantize(&mut zeros);
    Forward::new().quantize(&mut zeros);
    assert!(zeros.iter().all(|x| *x == 0.0));
}
