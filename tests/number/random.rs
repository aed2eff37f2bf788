//! Random numbers, by their distributions.

use lowprec::number::{Binary16, OcpE4m3};
use lowprec::{Chop, Format, Lp, Rounding};
use rand::distr::{Distribution, StandardUniform, Uniform};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

type Half = Lp<Binary16>;

/// Each number of the format in [0, 1) comes with the probability of the gap above it.
#[test]
fn uniform_numbers() {
    let mut rng = StdRng::seed_from_u64(3);
    let count = 100_000;
    let mut counts = [0_u32; 256];
    for _ in 0..count {
        let x: Lp<OcpE4m3> = StandardUniform.sample(&mut rng);
        counts[x.to_bits().unwrap() as usize] += 1;
    }
    for (code, &seen) in counts.iter().enumerate() {
        let low = Format::OCP_E4M3.decode(code as u64);
        if !(0.0..1.0).contains(&low) || low.is_sign_negative() {
            assert_eq!(seen, 0, "{low}");
            continue;
        }
        let p = Format::OCP_E4M3.next_up(low) - low;
        let (mean, deviation) = (p * f64::from(count), (p * (1.0 - p) * f64::from(count)).sqrt());
        assert!(
            (f64::from(seen) - mean).abs() <= 5.0 * deviation + 1.0,
            "{low}: {seen} for {mean}"
        );
    }
    let (low, high) = (Half::from_f64(-1.0), Half::from_f64(0.3));
    let uniform = Uniform::new(low, high).unwrap();
    for _ in 0..10_000 {
        let x: Half = uniform.sample(&mut rng);
        assert!(low <= x && x < high, "{x}");
        let x = rng.random_range(low..=high);
        assert!(low <= x && x <= high, "{x}");
    }
    assert!(
        Uniform::new(high, low).is_err()
            && Uniform::new_inclusive(low, Half::from_f64(f64::INFINITY)).is_err()
    );
}

#[test]
fn in_a_scope_random_numbers_have_its_format() {
    let mut rng = StdRng::seed_from_u64(4);
    let fp4 = Chop::new(Format::OCP_E2M1, Rounding::Stochastic);
    lowprec::with(&fp4.stream(1), || {
        for _ in 0..100 {
            let x: lowprec::Scoped = rng.random();
            assert!(x.to_f64() == 0.0 || x.to_f64() == 0.5);
        }
    });
}
