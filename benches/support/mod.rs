//! What the benches and the study `throughput` share: the rules measured, the data, and buffers whose
//! place in memory does not decide the result.
#![allow(dead_code)] // each bench takes what it needs

use std::ops::{Deref, DerefMut};
use std::time::{Duration, Instant};

use lowprec::{Format, Rounding, Storage};

/// Values that stay in the second-level cache, source and destination together.
pub(crate) const IN_CACHE: usize = 16_384;

/// Values beyond any cache.
pub(crate) const OUT_OF_CACHE: usize = 8_000_000;

/// One format for each lane and finish of the kernel: of 16, 8 and 4 bits, with and without infinity,
/// one with the exponents of `f32`, one of 20 digits, one without limits.
pub(crate) fn formats() -> [Format; 6] {
    [
        Format::BINARY16,
        Format::BFLOAT16,
        Format::OCP_E4M3,
        Format::OCP_E2M1,
        Format::from_range(20, -100, 100).expect("20 digits in a range of binary32"),
        Format::unbounded(11).expect("11 digits"),
    ]
}

/// All sixteen modes, those of P3109 with 8 random bits.
pub(crate) fn modes() -> Vec<Rounding> {
    let counted = [Rounding::stochastic_a, Rounding::stochastic_b, Rounding::stochastic_c];
    let counted = counted.map(|mode| mode(8).expect("8 is at most 32"));
    let exact = [Rounding::Stochastic, Rounding::StochasticEqual];
    Rounding::DETERMINISTIC.into_iter().chain(exact).chain(counted).collect()
}

/// A storage type with its name.
pub(crate) trait Stored: Storage {
    const NAME: &'static str;
}

impl Stored for f32 {
    const NAME: &'static str = "f32";
}

impl Stored for f64 {
    const NAME: &'static str = "f64";
}

/// Uniform numbers between 0 and 1, both excluded, the same in every run (SplitMix64).
struct Uniform(u64);

impl Iterator for Uniform {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (z ^ (z >> 31)) >> 11 | 1;
        Some(bits as f64 / (1_u64 << 53) as f64)
    }
}

/// How many values are made before they repeat: more than a branch predictor learns, and soon made.
const PERIOD: usize = 1 << 16;

/// Normal deviates by Box and Muller's method.
pub(crate) fn normal<T: Storage>(count: usize) -> Vec<T> {
    let mut uniform = Uniform(1);
    let mut next = || uniform.next().expect("endless");
    let period: Vec<T> = (0..count.min(PERIOD))
        .map(|_| (-2.0 * next().ln()).sqrt() * (std::f64::consts::TAU * next()).cos())
        .map(|x| T::from(x).expect("a small number"))
        .collect();
    period.into_iter().cycle().take(count).collect()
}

/// The same with a tenth of the values, at random places, NaN, infinite or beyond the range of
/// `format`, a third each.
pub(crate) fn troubled<T: Storage>(count: usize, format: Format) -> Vec<T> {
    let beyond = T::from(4.0 * format.largest_finite()).unwrap_or_else(T::infinity);
    let trouble = [T::nan(), T::infinity(), -T::infinity(), beyond, -beyond, -T::nan()];
    let mut places = Uniform(2);
    let mut values = normal(count);
    for x in &mut values {
        let place = places.next().expect("endless");
        if place < 0.1 {
            *x = trouble[(place * 10.0 * trouble.len() as f64) as usize];
        }
    }
    values
}

/// Bytes after which memory addresses look alike to the CPU's store buffer.
const PAGE: usize = 4096;

/// Where sources, destinations and what lies between begin, modulo [`PAGE`]. A load that follows a
/// store to the same place modulo a page waits for it, which makes a copy many times slower and any
/// ratio to it look good.
pub(crate) const SOURCE: usize = 0;
pub(crate) const DESTINATION: usize = 2048;
pub(crate) const BETWEEN: usize = 1024;

/// A slice that begins at a chosen place modulo a page.
pub(crate) struct Buffer<T> {
    room: Vec<T>,
    start: usize,
    count: usize,
}

impl<T: Copy + Default> Buffer<T> {
    /// Room for `count` values from `place` on, a multiple of the value's size.
    pub(crate) fn new(count: usize, place: usize) -> Self {
        let room = vec![T::default(); count + PAGE / size_of::<T>()];
        let start = (PAGE + place - room.as_ptr().addr() % PAGE) % PAGE / size_of::<T>();
        Self { room, start, count }
    }

    pub(crate) fn of(values: &[T], place: usize) -> Self {
        let mut buffer = Self::new(values.len(), place);
        buffer.copy_from_slice(values);
        buffer
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.room[self.start..self.start + self.count]
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.room[self.start..self.start + self.count]
    }
}

/// The time of `calls` calls of `run` in place, each on `fresh` values, whose copying does not count:
/// values once rounded would be exact the second time.
pub(crate) fn in_place<T: Copy>(
    calls: u64,
    fresh: &[T],
    values: &mut [T],
    mut run: impl FnMut(&mut [T]),
) -> Duration {
    (0..calls)
        .map(|_| {
            values.copy_from_slice(fresh);
            let start = Instant::now();
            run(std::hint::black_box(&mut *values));
            start.elapsed()
        })
        .sum()
}
