//! The data, and what is done to it.

use lowprec::quant::hadamard::Hadamard;
use lowprec::quant::quartet::{self, BLOCK, Backward, Forward, Scales, UNSCALE};
use lowprec::{Chop, Format, Rounder};

/// Rows of each matrix, and their length: the terms of each product.
pub(crate) const ROWS: usize = 64;
pub(crate) const LENGTH: usize = 256;

/// Normal deviates by Box and Muller's method, from SplitMix64.
pub(crate) struct Normal(pub(crate) u64);

impl Normal {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11 | 1) as f64 / (1_u64 << 53) as f64
    }

    fn next(&mut self) -> f32 {
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.uniform()).cos()) as f32
    }

    pub(crate) fn many(&mut self, count: usize) -> Vec<f32> {
        (0..count).map(|_| self.next()).collect()
    }

    /// N(0, 1) with each block multiplied by a number from 1 to 2, its logarithm uniform.
    pub(crate) fn spread(&mut self, count: usize) -> Vec<f32> {
        let mut values = self.many(count);
        for block in values.chunks_exact_mut(BLOCK) {
            let deviation = self.uniform().exp2() as f32;
            block.iter_mut().for_each(|x| *x *= deviation);
        }
        values
    }

    /// N(0, 1) with one value of every block 30 times as large.
    pub(crate) fn with_outliers(&mut self, count: usize) -> Vec<f32> {
        let mut values = self.many(count);
        for block in values.chunks_exact_mut(BLOCK) {
            let place = (self.uniform() * BLOCK as f64) as usize;
            block[place] *= 30.0;
        }
        values
    }
}

/// A way to quantize values, in the order of the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Plain,
    Down,
    Nearest,
    Real,
    Backward,
}

impl Way {
    pub(crate) const ALL: [Self; 5] =
        [Self::Plain, Self::Down, Self::Nearest, Self::Real, Self::Backward];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain MXFP4",
            Self::Down => "forward, scale rounded down",
            Self::Nearest => "forward, scale to nearest",
            Self::Real => "forward, scale not rounded",
            Self::Backward => "backward, × 4/3",
        }
    }

    /// Mean squared error of quantizing the values, relative to their mean square.
    pub(crate) fn error(self, values: &[f32], seed: u64) -> f64 {
        let transform = Hadamard::new(BLOCK).expect("32 is a power of two");
        let (mut exact, mut quantized) = (values.to_vec(), values.to_vec());
        match self {
            Self::Plain => quantized.chunks_exact_mut(BLOCK).for_each(plain),
            Self::Down | Self::Nearest | Self::Real => {
                let scales = match self {
                    Self::Down => Scales::Down,
                    Self::Nearest => Scales::Nearest,
                    _ => Scales::Real,
                };
                transform.transform(&mut exact);
                Forward::new().with_scales(scales).quantize(&mut quantized);
            }
            Self::Backward => {
                transform.with_signs(seed).transform(&mut exact);
                Backward::seeded(seed).quantize(&mut quantized);
                quantized.iter_mut().for_each(|x| *x *= 4.0 / 3.0);
            }
        }
        let square = |x: f64| x * x;
        let pairs = exact.iter().zip(&quantized);
        let error: f64 = pairs.map(|(x, q)| square(f64::from(*x) - f64::from(*q))).sum();
        error / exact.iter().map(|x| square(f64::from(*x))).sum::<f64>()
    }
}

/// The scale of the largest magnitude rounded down to a power of two (OCP MX 1.0), elements to nearest.
fn plain(block: &mut [f32]) {
    let largest = block.iter().fold(0.0, |largest: f32, x| largest.max(x.abs()));
    let binade = Chop::new(Format::OCP_E8M0, lowprec::Rounding::TowardZero);
    let scale = binade.chop(f64::from(largest)) / 4.0;
    for x in block {
        *x = (quartet::NEAREST.chop(f64::from(*x) / scale) * scale) as f32;
    }
}

/// Two matrices with rows along the transformed axis, and their product.
pub(crate) struct Gradient {
    a: Vec<f32>,
    b: Vec<f32>,
    exact: Vec<f64>,
}

impl Gradient {
    pub(crate) fn random(seed: u64) -> Self {
        let mut normal = Normal(seed);
        let (a, b) = (normal.many(ROWS * LENGTH), normal.many(ROWS * LENGTH));
        let exact = product(&a, &b);
        Self { a, b, exact }
    }

    /// ĝ with signs from a seed.
    pub(crate) fn estimate(&self, signs: u64, elements: impl Rounder) -> Vec<f64> {
        let backward = Backward::new(signs, elements).expect("elements are e2m1fn");
        let quantized = |matrix: &[f32]| {
            let mut matrix = matrix.to_vec();
            matrix.chunks_exact_mut(LENGTH).for_each(|row| backward.quantize(row));
            matrix
        };
        let mut estimate = product(&quantized(&self.a), &quantized(&self.b));
        estimate.iter_mut().for_each(|g| *g *= UNSCALE);
        estimate
    }

    /// ⟨ĝ, g⟩ / ⟨g, g⟩.
    pub(crate) fn alignment(&self, estimate: &[f64]) -> f64 {
        inner(estimate, &self.exact) / inner(&self.exact, &self.exact)
    }

    /// ‖ĝ - g‖ / ‖g‖ for ĝ a sum of so many estimates.
    pub(crate) fn distance(&self, sum: &[f64], count: usize) -> f64 {
        let off = |(s, g): (&f64, &f64)| s / count as f64 - g;
        let off: Vec<f64> = sum.iter().zip(&self.exact).map(off).collect();
        (inner(&off, &off) / inner(&self.exact, &self.exact)).sqrt()
    }
}

fn inner(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

/// A·Bᵀ.
fn product(a: &[f32], b: &[f32]) -> Vec<f64> {
    let rows = a.chunks_exact(LENGTH);
    rows.flat_map(|a| b.chunks_exact(LENGTH).map(move |b| f64::from(dot(a, b)))).collect()
}

/// Eight sums side by side, then these.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    for (a, b) in a.chunks_exact(8).zip(b.chunks_exact(8)) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum()
}
