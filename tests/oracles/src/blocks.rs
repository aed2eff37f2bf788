//! Random numbers for the tests of blocks: SplitMix64, normal deviates, and blocks of every kind.

/// SplitMix64.
#[derive(Debug)]
pub struct Random(pub u64);

impl Random {
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.word()) * u128::from(n)) >> 64) as u64
    }

    fn uniform(&mut self) -> f64 {
        (self.word() >> 11 | 1) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        radius * (core::f64::consts::TAU * self.uniform()).cos()
    }
}

/// A block of `f32` numbers: of one of the kinds in which a scale may go wrong. `max` is the element
/// format's largest number.
pub fn block(random: &mut Random, size: usize, max: f64) -> Vec<f32> {
    let exponent = random.below(60) as i32 - 30;
    let mut values: Vec<f32> =
        (0..size).map(|_| (random.normal() * 2f64.powi(exponent)) as f32).collect();
    let place = random.below(size as u64) as usize;
    // Something with which nothing beside it is larger.
    let peak = |values: &mut Vec<f32>, peak: f32, random: &mut Random| {
        let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
        let amax = values.iter().fold(0_f32, |amax, x| amax.max(x.abs()));
        for x in values.iter_mut() {
            *x = (f64::from(*x) / f64::from(amax) * f64::from(peak) * 0.999) as f32;
        }
        values[place] = sign * peak;
    };
    let near = |x: f32, random: &mut Random| match random.below(3) {
        0 => x.next_down(),
        1 => x,
        _ => x.next_up(),
    };
    match random.below(14) {
        0 => values.fill(0.0),
        1 => {
            let power = near(2f32.powi(random.below(200) as i32 - 100), random);
            peak(&mut values, power, random);
        }
        2 => {
            let largest = near((max * 2f64.powi(random.below(100) as i32 - 50)) as f32, random);
            peak(&mut values, largest, random);
        }
        3 => {
            // Storage subnormals, and normal numbers just above them.
            for x in &mut values {
                *x = f32::from_bits((random.word() >> 32) as u32 & 0x80ff_ffff);
            }
        }
        4 => {
            let largest = f32::from_bits(f32::MAX.to_bits() - random.below(1 << 24) as u32);
            peak(&mut values, largest, random);
        }
        5 => values[place] = [f32::INFINITY, f32::NEG_INFINITY, f32::NAN][random.below(3) as usize],
        6 => {
            // A little of everything.
            for x in &mut values {
                *x = f32::from_bits((random.word() >> 32) as u32);
                if !x.is_finite() {
                    *x = -0.0;
                }
            }
        }
        7 => {
            // Numbers with few digits: ties, and values of the format itself.
            for x in &mut values {
                *x = (random.below(129) as f32 - 64.0) * 2f32.powi(random.below(6) as i32 - 3);
            }
        }
        8 => {
            let smallest = f32::from_bits(random.below(4) as u32);
            values.fill(-0.0);
            values[place] = smallest;
        }
        _ => {}
    }
    values
}
