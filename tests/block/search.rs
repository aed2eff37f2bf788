//! The search for the least squares against its definition, one candidate and one quotient at a time; of values many lie
//! beside the middle of two elements.

use lowprec::block::ScaleRule;
use lowprec::{BlockChop, BlockFormat, Chop, Format, Overflow, Rounding};
use lowprec_oracles::at_levels;
use lowprec_oracles::whole::Words;

fn chop(format: Format, rounding: Rounding) -> Chop {
    Chop::new(format, rounding).with_overflow(Overflow::Saturate)
}

/// Candidates as `ScaleRule::LeastSquares` has them, the largest first.
fn candidates(format: &BlockFormat, amax: f64, g: f64) -> Vec<f64> {
    let max = format.element().largest_finite();
    let nearest = chop(format.scale(), Rounding::NearestEven);
    if format.scale() == Format::OCP_E8M0 {
        // The least k with amax ≤ max·2^k, and four below it.
        let mut most = -127;
        while most < 127 && amax > max * 2_f64.powi(most) {
            most += 1;
        }
        return (0..=4).map(|below| 2_f64.powi((most - below).max(-127))).collect();
    }
    let most = chop(format.scale(), Rounding::Up).div(amax, max * g);
    (16..=64).rev().map(|j| nearest.chop(most * f64::from(j) / 64.0)).collect()
}

fn wanted(format: &BlockFormat, g: f64, values: &[f64]) -> f64 {
    let element = chop(format.element(), Rounding::NearestEven);
    let amax = values.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
    let unit = 2_f64.powi(-(amax.log2().floor() as i32));
    let mut best = (f64::INFINITY, 0.0);
    for scale in candidates(format, amax, g) {
        let mut sum = 0.0;
        for x in values {
            let product = scale * g;
            let q = if product == 0.0 { 0.0 } else { element.div(*x, product) };
            let error = (x - q * product) * unit;
            sum += error * error;
        }
        if sum < best.0 {
            best = (sum, scale);
        }
    }
    best.1
}

#[test]
fn the_search_tries_each_candidate_as_it_is_defined() {
    let mut words = Words(23);
    let formats =
        [BlockFormat::MXFP4, BlockFormat::MXFP8_E4M3, BlockFormat::MXFP6_E2M3, BlockFormat::NVFP4];
    let elements = |format: &BlockFormat| -> Vec<f64> {
        let codes = 0..1_u64 << (format.element_bits() - 1);
        let numbers = codes.map(|code| format.element().decode(code));
        numbers.filter(|x: &f64| x.is_finite()).collect()
    };
    let mut ties = 0;
    for format in formats.map(|format| format.with_rule(ScaleRule::LeastSquares)) {
        let elements = elements(&format);
        let size =
            if format == BlockFormat::NVFP4.with_rule(ScaleRule::LeastSquares) { 16 } else { 32 };
        for round in 0..400 {
            let power = 2_f64.powi((words.next() % 40) as i32 - 20);
            let mut values = vec![0.0_f64; size];
            let mut base = power;
            for (i, x) in values.iter_mut().enumerate() {
                let at = words.next() as usize % (elements.len() - 1);
                let middle = (elements[at] + elements[at + 1]) / 2.0;
                let part = match (i, round % 3) {
                    (0, _) => *elements.last().unwrap(),
                    (_, 0) => middle,
                    (_, 1) => middle * (8.0 + (words.next() % 9) as f64) / 16.0,
                    _ => words.uniform() * elements.last().unwrap(),
                };
                if i == 0 && round % 2 == 1 {
                    base *= 1.0 + words.uniform();
                }
                let sign = if words.next() & 1 == 0 { 1.0 } else { -1.0 };
                let x32 = (part * base * sign) as f32;
                let by = (words.next() % 4) as i32 - 2;
                let beside = f32::from_bits(x32.to_bits().wrapping_add_signed(if part == 0.0 {
                    0
                } else {
                    by
                }));
                *x = f64::from(if i % 3 == 0 { x32 } else { beside });
                ties += usize::from(i % 3 == 0);
            }
            let levels = lowprec::Level::available();
            at_levels(&levels[round % levels.len()..][..1], |_| {
                let tensor = BlockChop::new(format, Rounding::NearestEven).quantize(&values);
                let g = f64::from(tensor.tensor_scale());
                let scale = tensor.scale(0).unwrap() / g;
                assert_eq!(scale, wanted(&format, g, &values), "{format}, {values:?}");
            });
        }
    }
    assert!(ties > 10_000, "{ties}");
}
