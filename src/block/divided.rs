//! Scales of any kind, to nearest: values times the reciprocal of their scale, through the kernel, which leaves open the
//! few beside the middle of two elements.

use super::exact::Engine;
use super::format::{BlockFormat, Coding, Specials};
use super::lane;
use super::scale::Steps;
use super::shaped::{exactly, spoil};
use super::tiling::Tiling;
use crate::chop::Chop;
use crate::kernel::{self, DividedPlan, Divisors, Ends};
use crate::rounding::random::Given;
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
        let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
        // Elements of a block of scale zero are zeros; NaN blocks are seen to later.
        let has = |product: f64| !(product == 0.0 || product.is_nan());
        let reciprocal = |&p: &f64| if has(p) { number(1.0 / p) } else { T::zero() };
        // A scale of few digits is what the rounded product is nearest to; that it is, is looked at.
        let one_by_g = 1.0 / g;
        let factor = |&p: &f64| if has(p) { number(p * one_by_g) } else { T::zero() };
        let reciprocals: Vec<T> = steps.products.iter().map(reciprocal).collect();
        let factors: Vec<T> = steps.products.iter().map(factor).collect();
        let held = |((&product, r), f): ((&f64, &T), &T)| {
            !has(product) || r.is_normal() && f.widen() * g == product
        };
        let all = steps.products.iter().zip(&reciprocals).zip(&factors);
        let all_held = all.fold(true, |all, of_block| all & held(of_block));
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
    values: &mut [T],
) {
    let spoiled = steps.products.iter().any(|product| product.is_nan());
    let saturates = engine.format.specials == Specials::Saturate;
    if saturates && !lane::largest(values).is_finite() {
        let infinite = |x: &&mut T| x.is_nan();
        values.iter_mut().filter(infinite).for_each(|x| *x = T::infinity());
        if steps.products.contains(&0.0) {
            // Infinity times zero is not what an infinity becomes.
            return engine.chop(tiling, &steps.products, &mut Given(&[]), 0, values);
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
    let mut room = Room { own: [T::zero(); MANY], wide: [0.0; MANY] };
    for (index, part) in values.chunks_mut(MANY).enumerate() {
        let start = index * MANY;
        if way.rounds(start, part, &mut room) {
            continue;
        }
        for (index, part) in part.chunks_mut(FEW).enumerate() {
            let start = start + index * FEW;
            if !way.rounds(start, part, &mut room) {
                exactly(engine, tiling, steps, &mut Given(&[]), start, 0, part);
            }
        }
    }
    if spoiled {
        spoil(tiling, steps, values);
    }
}

/// Room for values on the way.
struct Room<T> {
    own: [T; MANY],
    wide: [f64; MANY],
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
    /// Rounds the values from `start` on, unless one of them is left open.
    fn rounds(&self, start: usize, values: &mut [T], room: &mut Room<T>) -> bool {
        let (plan, shape, ends) = (self.plan, self.tiling.shape(), self.ends);
        if let Some(own) = &self.own {
            let room = &mut room.own[..values.len()];
            room.copy_from_slice(values);
            let open = kernel::chop_divided(plan, shape, start, own.divisors(), ends, room);
            if !open {
                values.copy_from_slice(room);
            }
            return !open;
        }
        let Some(double) = &self.double else { return false };
        let room = &mut room.wide[..values.len()];
        room.iter_mut().zip(&*values).for_each(|(wide, x)| *wide = x.widen());
        let open = kernel::chop_divided(plan, shape, start, double.divisors(), ends, room);
        if !open {
            values.iter_mut().zip(&*room).for_each(|(x, wide)| *x = lane::value(*wide, 1.0));
        }
        !open
    }
}
