//! Inputs on which a rounding can go wrong.

use lowprec::{Format, format::Datum};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::bits::Bits;

/// How many of a format's values to try.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    /// All of them and all midpoints.
    Every,
    /// Edges of binades (at most this many binades), thresholds, and random ones.
    Sampled { binades: usize },
}

/// Values, midpoints, one storage ulp beside each, thresholds, specials and random patterns, of
/// both signs.
#[must_use]
pub fn inputs<T: Bits>(format: &Format, extent: Extent) -> Vec<T> {
    let mut points = thresholds(format);
    points.extend(match extent {
        Extent::Every => every_point(format),
        Extent::Sampled { binades } => edges(format, binades),
    });
    let mut list = specials::<T>();
    list.extend(beside::<T>(&points));
    let negative: Vec<T> = list.iter().map(|x| -*x).collect();
    list.extend(negative);
    list.extend(random::<T>(format, 1000));
    list
}

/// The points and one storage ulp beside each.
pub fn beside<T: Bits>(points: &[f64]) -> impl Iterator<Item = T> {
    points.iter().flat_map(|point| {
        let word = T::near(point.abs()).to_word();
        [word.saturating_sub(1), word, word + 1].map(T::of_word)
    })
}

/// Every nonnegative finite value in order.
#[must_use]
pub fn magnitudes(format: &Format) -> Vec<f64> {
    let finite = format.values().map(|(_, x)| x).filter(|x| x.is_finite() && *x >= 0.0);
    let mut values: Vec<f64> = finite.collect();
    values.dedup();
    values
}

/// These values and the middles between them.
#[must_use]
pub fn with_middles(values: &[f64]) -> Vec<f64> {
    values.iter().copied().chain(values.windows(2).map(|w| middle(w[0], w[1]))).collect()
}

/// Every nonnegative value and every midpoint.
fn every_point(format: &Format) -> Vec<f64> {
    with_middles(&magnitudes(format))
}

/// The two ends of each binade, their neighbours and the middles between, and random significands.
fn edges(format: &Format, most: usize) -> Vec<f64> {
    let mut rng = StdRng::seed_from_u64(0xedce5);
    let m = format.mantissa_bits();
    let (first, last) = (exponents(format).0 - 1, exponents(format).1);
    let step = ((last - first) as usize).div_ceil(most).max(1);
    let near_ends = |e: &i32| *e < first + 4 || *e > last - 4;
    let chosen =
        (first..=last).filter(|e| near_ends(e) || ((e - first) as usize).is_multiple_of(step));
    let mut points = Vec::new();
    for e in chosen {
        let quantum = e.max(format.emin()) - m as i32;
        let low = 1_u64 << (e - quantum).clamp(0, 52);
        let random: [u64; 3] = std::array::from_fn(|_| low | rng.next_u64() & (low - 1));
        for count in [low, low + 1, 2 * low - 1].into_iter().chain(random) {
            let at = |count| scaled(count, quantum);
            points.extend([at(count), middle(at(count), at(count + 1))]);
        }
    }
    points
}

/// The numbers about which underflow and overflow decide.
fn thresholds(format: &Format) -> Vec<f64> {
    let (largest, normal) = (format.largest_finite(), format.smallest_normal());
    let quantum = scaled(1, exponents(format).1 - format.mantissa_bits() as i32);
    let mut points =
        vec![largest, largest + quantum / 2.0, largest + quantum, largest + 1.5 * quantum];
    points.extend([
        2.0 * largest,
        largest + quantum / 4.0,
        largest - quantum / 2.0,
        largest - quantum,
    ]);
    for smallest in [normal, format.smallest_positive()] {
        points.extend([0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0].map(|factor| smallest * factor));
    }
    points
}

/// Zero, infinity, NaNs with payloads, and the ends of the storage type's own ranges.
fn specials<T: Bits>() -> Vec<T> {
    let (infinity, normal) = (T::infinity().to_word(), T::min_positive_value().to_word());
    let mut words = vec![0, 1, 2, 3, 5, normal / 2, normal - 1, normal, normal + 1];
    words.extend([infinity - 2, infinity - 1, infinity, infinity + 1, infinity + 0x1234]);
    words.extend([T::nan().to_word(), T::nan().to_word() + 77, infinity | (normal - 1)]);
    words.extend([T::one().to_word(), T::near(1.5).to_word(), T::near(0.1).to_word()]);
    words.into_iter().map(T::of_word).collect()
}

/// Half of them any bit pattern, half about the format's range.
fn random<T: Bits>(format: &Format, count: usize) -> Vec<T> {
    let mut rng = StdRng::seed_from_u64(0x5eed);
    let (first, last) = exponents(format);
    let mut list: Vec<T> = (0..count / 2).map(|_| T::of_word(rng.next_u64())).collect();
    list.extend((0..count / 2).map(|_| {
        let significand = rng.next_u64() >> 11 | 1 << 52;
        let x = scaled(significand, rng.random_range(first - 2..=last + 1).min(1023) - 52);
        T::near(if rng.next_u32() & 1 == 0 { x } else { -x })
    }));
    list
}

/// Exponents of the smallest positive and the largest finite number that binary64 holds.
fn exponents(format: &Format) -> (i32, i32) {
    let of = |x: f64| match Datum::from_f64(x) {
        Datum::Finite { significand, exponent, .. } => exponent + significand.ilog2() as i32,
        other => panic!("{format}: {other:?}"),
    };
    (of(format.smallest_positive()), of(format.largest_finite()))
}

/// count·2^exponent, to the nearest `f64`; 0 and infinity beyond its range.
fn scaled(count: u64, exponent: i32) -> f64 {
    let half = exponent.clamp(-2200, 2200) / 2;
    count as f64 * 2f64.powi(half / 2) * 2f64.powi(half - half / 2) * 2f64.powi(exponent - half)
}

fn middle(low: f64, high: f64) -> f64 {
    if high.is_finite() { low + (high - low) / 2.0 } else { low }
}
