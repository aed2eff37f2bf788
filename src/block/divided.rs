//! Scales of any kind, to nearest and stochastic: values times the reciprocal of their scale, through the kernel, which leaves open the
//! few beside the middle of two elements, or beside the random bits.

use super::exact::Engine;
use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::Steps;
use super::shaped::{exactly, spoil, words_of};
use super::tiling::Tiling;
use crate::chop::Chop;
use crate::kernel::{self, DividedPlan, Divisors, Ends};
use crate::rounding::random::{CHUNK, Given, Source};
use crate::storage::Storage;

/// Values of a call of the kernel; and, if one of them is left open, of each of the calls that find out where.
const MANY: usize = 1024;
const FEW: usize = 128;

/// The plan, where elements and mode have this way.
pub(super) const fn plan(format: &BlockFormat, element: &Chop) -> Option<DividedPlan> {
    let replaced = matches!(format.specials, Specials::Saturate) && format.element.has_nan();
    if replaced || format.minimum.is_some() {
        return None;
    }
    DividedPlan::new(&element.rule())
}

/// Reciprocals and factors of the scales, in the storage type; `None` where it does not hold them.
struct Scales<T> {
    reciprocals: Vec<T>,
    factors: Vec<T>,
    common: T,
}

impl<T: Storage> Scales<T> {
    fn of(steps: &Steps) -> Option<Self> {
        let double = T::PRECISION == f64::MANTISSA_DIGITS;
        let g = if double { 1.0 } else { f64::from(steps.tensor) };
        let mut reciprocals = vec![T::zero(); steps.products.len()];
        let mut factors = reciprocals.clone();
        let all_held = lane::divisors(&steps.products, g, &mut reciprocals, &mut factors);
        let common = T::from(g).unwrap_or_else(T::nan);
        all_held.then_some(Self { reciprocals, factors, common })
    }

    fn divisors(&self) -> Divisors<'_, T> {
        let Self { reciprocals, factors, common } = self;
        Divisors { reciprocals, factors, common: *common }
    }
}

/// Rounds in place by the scales of blocks that are known.
pub(super) fn chop<T: Storage>(
    engine: &Engine<'_>,
    plan: &DividedPlan,
    tiling: &Tiling,
    steps: &Steps,
    (source, origin): (&mut dyn Source, u64),
    values: &mut [T],
) {
    let spoiled = steps.products.iter().any(|product| product.is_nan());
    let saturates = engine.format.specials == Specials::Saturate;
    if saturates && !lane::largest(values).is_finite() {
        let infinite = |x: &&mut T| x.is_nan();
        values.iter_mut().filter(infinite).for_each(|x| *x = T::infinity());
        if steps.products.contains(&0.0) {
            // Infinity times zero is not what an infinity becomes.
            return engine.chop(tiling, &steps.products, source, origin, values);
        }
    }
    let zero = if engine.format.coding == Coding::Own { -0.0 } else { 0.0 };
    let ends = Ends { largest: engine.format.element.largest_finite(), zero };
    let own = if T::PRECISION == f64::MANTISSA_DIGITS || plan.has_single() {
        Scales::<T>::of(steps)
    } else {
        None
    };
    let double = if own.is_none() { Scales::<f64>::of(steps) } else { None };
    let way = Way { plan, tiling, own, double, ends };
    if engine.element.rounding().is_stochastic() {
        way.draw(engine, steps, (source, origin), values);
    } else if values.len() <= FEW {
        // Clearing room for many would take longer than all that a short call does.
        way.run::<FEW>(engine, steps, values);
    } else {
        way.run::<MANY>(engine, steps, values);
    }
    if spoiled {
        spoil(tiling, steps, values);
    }
}

/// What is known before values are looked at.
struct Way<'a, T> {
    plan: &'a DividedPlan,
    tiling: &'a Tiling,
    /// Of the storage type, or else of `f64`.
    own: Option<Scales<T>>,
    double: Option<Scales<f64>>,
    ends: Ends,
}

impl<T: Storage> Way<'_, T> {
    /// Rounds all values, at most N at a time.
    fn run<const N: usize>(&self, engine: &Engine<'_>, steps: &Steps, values: &mut [T]) {
        for (index, part) in values.chunks_mut(N).enumerate() {
            let start = index * N;
            if self.rounds::<N>(start, part, None) {
                continue;
            }
            for (index, part) in part.chunks_mut(FEW).enumerate() {
                let start = start + index * FEW;
                if !self.rounds::<FEW>(start, part, None) {
                    exactly(engine, self.tiling, steps, &mut Given(&[]), start, 0, part);
                }
            }
        }
    }

    /// Rounds all values with random bits, of which the first's are those at `origin`.
    fn draw(
        &self,
        engine: &Engine<'_>,
        steps: &Steps,
        (source, origin): (&mut dyn Source, u64),
        values: &mut [T],
    ) {
        let mut room = [0_u32; CHUNK];
        for (index, part) in values.chunks_mut(CHUNK).enumerate() {
            let (start, count) = (index * CHUNK, part.len());
            let position = origin.wrapping_add(start as u64);
            let words = words_of(engine, source, position, &mut room[..count]);
            if !self.rounds::<CHUNK>(start, part, words) {
                exactly(engine, self.tiling, steps, source, start, position, part);
            }
        }
    }

    /// Rounds the values from `start` on, at most N, unless one of them is left open.
    fn rounds<const N: usize>(
        &self,
        start: usize,
        values: &mut [T],
        words: Option<&[u32]>,
    ) -> bool {
        match (&self.own, &self.double) {
            (Some(own), _) => {
                let mut room = [T::zero(); N];
                let room = &mut room[..values.len()];
                room.copy_from_slice(values);
                let open = self.divided(start, own, room, words);
                if !open {
                    values.copy_from_slice(room);
                }
                !open
            }
            (None, Some(double)) => {
                let mut room = [0.0_f64; N];
                let room = &mut room[..values.len()];
                room.iter_mut().zip(&*values).for_each(|(wide, x)| *wide = x.widen());
                let open = self.divided(start, double, room, words);
                if !open {
                    values
                        .iter_mut()
                        .zip(&*room)
                        .for_each(|(x, wide)| *x = lane::value(*wide, 1.0));
                }
                !open
            }
            (None, None) => false,
        }
    }

    /// Whether any value is left open.
    fn divided<A: Storage>(
        &self,
        start: usize,
        scales: &Scales<A>,
        values: &mut [A],
        words: Option<&[u32]>,
    ) -> bool {
        let (shape, divisors) = (self.tiling.shape(), scales.divisors());
        kernel::chop_divided(self.plan, shape, start, divisors, self.ends, values, words)
    }
}
