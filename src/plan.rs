//! A rule made ready for one storage type: masks, thresholds and constants, computed once before a
//! loop, so that the lane has nothing left to decide but what depends on the value.

use crate::format::{Datum, Exact, Grid, OverflowValue};
use crate::policy::{Overflow, Underflow};
use crate::rounding::{Decision, Tie};
use crate::rule::Rule;
use crate::storage::{Storage, Word};

/// The bit pattern of the storage type `T`.
pub(crate) type Bits<T> = <T as crate::storage::sealed::Storage>::Bits;

/// Constants of the lane. Magnitudes are bit patterns without the sign bit; being ordered like the
/// numbers, they are compared as integers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan<T: Storage> {
    /// Bits cut off a normal number: storage significand bits less the format's.
    pub(crate) cut: Bits<T>,
    /// Exponent of the smallest quantum, counted from the storage's smallest.
    pub(crate) quantum: Bits<T>,
    /// Whether the format has quanta finer than its p digits leave in storage subnormals, which are
    /// then normalised before they are cut.
    pub(crate) deep: bool,
    /// All ones where the format has one bit of precision: parity is then the exponent's.
    pub(crate) one_bit: Bits<T>,
    /// What is added to the exponent for its parity.
    pub(crate) parity: Bits<T>,
    /// The smallest positive number. Below it lies the gap, rounded by threshold.
    pub(crate) smallest: Bits<T>,
    /// Smallest number of the gap that rounds away from zero, for plus and minus.
    pub(crate) threshold: [Bits<T>; 2],
    /// In the gap, a stochastic mode shifts by this less the unit to find ν; `None` where the
    /// smallest positive number is no power of two.
    pub(crate) gap_exponent: Option<Bits<T>>,
    /// Results below this are flushed.
    pub(crate) flush: Bits<T>,
    /// The largest finite number.
    pub(crate) largest: Bits<T>,
    /// What a finite value beyond it becomes, for plus and minus.
    pub(crate) overflow: [Bits<T>; 2],
    /// What an infinity becomes, for plus and minus.
    pub(crate) infinity: [Bits<T>; 2],
    /// What zero becomes.
    pub(crate) zero: Bits<T>,
    /// What a negative value that does not round to zero becomes in an unsigned format.
    pub(crate) negative: Bits<T>,
    /// All ones where the format has negative values.
    pub(crate) signed: Bits<T>,
    /// All ones where it has minus zero.
    pub(crate) negative_zero: Bits<T>,
}

impl<T: Storage> Plan<T> {
    pub(crate) fn new(rule: &Rule) -> Self {
        let format = &rule.format;
        let grid = Grid::of::<T>(format);
        let word = |x: i32| Bits::<T>::from_u64(x.max(0) as u64);
        let storage_quantum = grid.storage_quantum;
        let smallest = magnitude::<T>(grid.smallest);
        let [plus, minus] = [false, true].map(|negative| Ends::<T>::new(rule, &grid, negative));
        let flush = rule.underflow == Underflow::FlushToZero && format.has_subnormals();
        let power_of_two = grid.smallest.significand == 1;
        Self {
            cut: word(T::PRECISION as i32 - grid.precision),
            // Beyond any shift a number can need, so that it need not be exact.
            quantum: word((grid.quantum - storage_quantum).min(1 << 20)),
            deep: grid.quantum < T::EMIN - (grid.precision - 1),
            one_bit: Bits::<T>::mask(grid.precision == 1),
            parity: Bits::<T>::from_u64(u64::from(format.one_bit_parity(storage_quantum))),
            smallest,
            threshold: [plus.threshold, minus.threshold],
            gap_exponent: power_of_two
                .then(|| word((grid.smallest.exponent - storage_quantum).min(1 << 20))),
            flush: if flush { flush_below::<T>(&grid) } else { Bits::<T>::ZERO },
            largest: magnitude::<T>(grid.largest),
            overflow: [plus.overflow, minus.overflow],
            infinity: [plus.infinity, minus.infinity],
            zero: if format.has_zero() { Bits::<T>::ZERO } else { lowest::<T>(rule, &grid) },
            negative: negative::<T>(rule, &grid),
            signed: Bits::<T>::mask(format.has_sign()),
            negative_zero: Bits::<T>::mask(format.has_negative_zero()),
        }
    }
}

/// The constants that depend on the sign.
struct Ends<T: Storage> {
    threshold: Bits<T>,
    overflow: Bits<T>,
    infinity: Bits<T>,
}

impl<T: Storage> Ends<T> {
    fn new(rule: &Rule, grid: &Grid, negative: bool) -> Self {
        let largest = largest::<T>(rule, grid);
        let beyond = match rule.format.overflow_value() {
            OverflowValue::Infinity => T::INFINITY,
            OverflowValue::Nan => quiet_nan::<T>(),
            OverflowValue::Largest => largest,
        };
        let stays = match rule.rounding.decision() {
            Decision::Nearest(_) | Decision::Stochastic(_) => false,
            Decision::Directed(direction) => !direction.is_outward(negative),
            Decision::Odd => grid.largest_is_odd(),
        };
        let (overflow, infinity) = match rule.overflow {
            Overflow::Ieee => (if stays { largest } else { beyond }, beyond),
            Overflow::Saturate => (largest, largest),
            Overflow::SaturateFinite if rule.format.has_infinity() => (largest, T::INFINITY),
            Overflow::SaturateFinite => (largest, largest),
        };
        let unsigned_negative = negative && !rule.format.has_sign();
        Self {
            threshold: threshold::<T>(rule, grid, negative),
            overflow,
            infinity: if unsigned_negative { lowest::<T>(rule, grid) } else { infinity },
        }
    }
}

/// The smallest storage number below the format's smallest positive one that rounds away from zero.
/// The lower neighbour is zero, whose code is even.
fn threshold<T: Storage>(rule: &Rule, grid: &Grid, negative: bool) -> Bits<T> {
    let (always, never) = (Bits::<T>::ONE, T::INFINITY);
    if !rule.format.has_zero() {
        return always;
    }
    match rule.rounding.decision() {
        Decision::Directed(direction) if direction.is_outward(negative) => always,
        Decision::Directed(_) | Decision::Stochastic(_) => never,
        Decision::Odd => always,
        Decision::Nearest(tie) => {
            let half = Exact { exponent: grid.smallest.exponent - 1, ..grid.smallest };
            // Half of it may lie between two storage numbers.
            let below = half.truncated(grid.storage_quantum);
            if below.cmp(half).is_lt() {
                return magnitude::<T>(below) + Bits::<T>::ONE;
            }
            let ties_away = matches!(tie, Tie::Away | Tie::Odd);
            let bits = magnitude::<T>(half);
            if ties_away || bits == never { bits } else { bits + Bits::<T>::ONE }
        }
    }
}

/// The bits of a number; infinity's where it is beyond the storage type, one ulp's where below.
fn magnitude<T: Storage>(x: Exact) -> Bits<T> {
    let bits = |y: T| y.bits();
    match x.signed(false) {
        Datum::Zero { .. } => Bits::<T>::ZERO,
        _ if x.leading() > T::EMAX => T::INFINITY,
        number => number.to_f64().and_then(T::narrow).map_or(Bits::<T>::ONE, bits),
    }
}

/// The smallest normal number; above every result where it is beyond the storage type, and zero
/// where it is below.
fn flush_below<T: Storage>(grid: &Grid) -> Bits<T> {
    // Where it is the first power of two beyond, a result that reaches it overflows unflushed.
    if grid.emin > T::EMAX + 1 {
        T::INFINITY + Bits::<T>::ONE
    } else if grid.emin < grid.storage_quantum {
        Bits::<T>::ZERO
    } else {
        magnitude::<T>(Exact { significand: 1, exponent: grid.emin })
    }
}

fn quiet_nan<T: Storage>() -> Bits<T> {
    T::nan().bits() & !(Bits::<T>::ONE << (Bits::<T>::BITS - 1))
}

/// The largest finite number; NaN where the storage type's range holds no value of the format.
fn largest<T: Storage>(rule: &Rule, grid: &Grid) -> Bits<T> {
    if grid.largest.significand == 0 && !rule.format.has_zero() {
        quiet_nan::<T>()
    } else {
        magnitude::<T>(grid.largest)
    }
}

/// What lies below an unsigned format's range: NaN, or its smallest value under saturation.
fn lowest<T: Storage>(rule: &Rule, grid: &Grid) -> Bits<T> {
    let empty = !rule.format.has_zero() && grid.largest.significand == 0;
    match rule.overflow {
        Overflow::Ieee => quiet_nan::<T>(),
        _ if empty => quiet_nan::<T>(),
        _ if rule.format.has_zero() => Bits::<T>::ZERO,
        _ => magnitude::<T>(grid.smallest),
    }
}

/// What a negative value that does not round to zero becomes in an unsigned format.
fn negative<T: Storage>(rule: &Rule, grid: &Grid) -> Bits<T> {
    let upward = match rule.rounding.decision() {
        Decision::Directed(direction) => !direction.is_outward(true),
        _ => false,
    };
    if upward && rule.format.has_zero() { Bits::<T>::ZERO } else { lowest::<T>(rule, grid) }
}
