//! Values beside the middle of two elements, where the reciprocal of a scale does not say which is nearer: of every
//! pair of neighbours, times thousands of scales, one and two units in the last place of the storage type to both sides,
//! against exact arithmetic.

use lowprec::block::{BlockShape, ScaleRule};
use lowprec::{BlockChop, BlockFormat, Chop, Format, Overflow, Rounding};
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
