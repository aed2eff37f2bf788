//! Quotients by scales, to nearest, by the scales' reciprocals: a product that is not beside the middle of two integers
//! rounds as the quotient does. The few that are, and ties, are left open.

use super::integer::Runs;
use super::lane::Bounds;
use crate::kernel::plan::Bits;
use crate::level::{self, Work};
use crate::storage::{self, Storage, Word, canonical, compiled_here};

/// What is at hand for the values of one scale, in the type that they are computed in. Integers are counted from the
/// zero point.
#[derive(Clone, Copy)]
struct Step<A> {
    reciprocal: A,
    /// How far from an integer a product is known to round as the quotient does; below zero where none is.
    reach: A,
    low: A,
    high: A,
    zero: A,
    /// The scale: a first part, whose product with an integer is exact, and bounds of the rest; or all of it.
    scale: A,
    below: A,
    above: A,
}

/// 1.5·2^(p-1): the sum with a smaller number is an integer, the nearest even one, and that added.
#[inline(always)]
fn shift<A: Storage>() -> A {
    let largest = 1_u64 << (A::PRECISION - 2);
    number((3 * largest) as f64)
}

/// The integer of which that plus [`shift`] is given.
#[inline(always)]
fn whole<A: Storage>(sum: A) -> i32 {
    sum.bits().wrapping_sub(shift::<A>().bits()).to_u32() as i32
}

#[inline(always)]
fn not_a_number<A: Storage>(x: A) -> Bits<A> {
    A::INFINITY.less(x.abs().bits())
}

#[inline(always)]
fn number<A: Storage>(x: f64) -> A {
    A::from(x).unwrap_or_else(A::nan)
}

impl<A: Storage> Step<A> {
    /// In the nearest mode with ties to even numbers, or in another nearest mode.
    fn of(scale: f64, zero: f64, bounds: Bounds, even: bool) -> Self {
        let (low, high) = (bounds.low - zero, bounds.high - zero);
        let most = low.abs().max(high.abs());
        // Rounded twice, here and in the product: within two units in the last place of the integer.
        let ulps = (1_u64 << (A::PRECISION - 2)) as f64;
        let reciprocal: A = number(1.0 / scale);
        let exact = scale.to_bits() << (u64::BITS - (f64::MANTISSA_DIGITS - 1)) == 0;
        let unknown = if exact && even { 0.0 } else { most / ulps };
        let (first, [below, above]) = Self::parts(scale);
        let narrow = A::PRECISION < f64::MANTISSA_DIGITS;
        // Products with integers of 9 digits are exact, and neither reciprocals nor those leave the normal numbers.
        let has_room = !narrow || most <= 256.0 && (1e-20..=1e20).contains(&scale);
        let reach = if has_room && reciprocal.is_normal() { 0.5 - unknown } else { -1.0 };
        Self {
            reciprocal,
            reach: number(reach),
            low: number(low),
            high: number(high),
            zero: number(zero),
            scale: first,
            below,
            above,
        }
    }

    /// The scale's first 15 digits, and bounds of the rest, in a type that does not have the scale.
    fn parts(scale: f64) -> (A, [A; 2]) {
        let all: A = number(scale);
        if all.widen() == scale {
            return (all, [A::zero(); 2]);
        }
        let cut = f64::MANTISSA_DIGITS - 15;
        let first = f64::from_bits(scale.to_bits() >> cut << cut);
        // Within two units in the last place of f32, as their products with integers are.
        let unit = 2.0_f64.powi(-22);
        let bound = |by: f64| number((scale - first) * by);
        (number(first), [bound(1.0 - unit), bound(1.0 + unit)])
    }

    /// The integer, clamped, and bits set where it is not known.
    #[inline(always)]
    fn integer(&self, x: A) -> (A, Bits<A>) {
        let (k, distance) = self.nearest(x);
        (k, Bits::<A>::mask(distance > self.reach))
    }

    /// The integer, clamped, and how far from the product it is.
    #[inline(always)]
    fn nearest(&self, x: A) -> (A, A) {
        let q = x * self.reciprocal;
        // NaN stays NaN, and is known.
        let q = if q > self.high { self.high } else { q };
        let q = if q < self.low { self.low } else { q };
        let k = (q + shift()) - shift();
        (k, (q - k).abs())
    }

    /// What the integer stands for, and bits set where it is not known.
    #[inline(always)]
    fn value(&self, x: A) -> (A, Bits<A>) {
        let (k, open) = self.integer(x);
        let first = k * self.scale;
        if A::PRECISION == f64::MANTISSA_DIGITS {
            return (canonical(first), open);
        }
        let (y, other) = (first + k * self.below, first + k * self.above);
        // Compared as bits: with a comparison of numbers the loop is no vector code.
        (canonical(y), open | y.bits() ^ other.bits())
    }

    #[inline(always)]
    fn code(&self, x: A) -> (A, Bits<A>) {
        let (k, open) = self.integer(x);
        (canonical(k + self.zero), open)
    }

    /// The code as an integer, and bits set where it is not known or there is none.
    #[inline(always)]
    fn code_as_integer(&self, x: A) -> (i32, Bits<A>) {
        let (k, distance) = self.nearest(x);
        // No comparison with NaN holds.
        let known = distance <= self.reach;
        (whole(k + self.zero + shift()), Bits::<A>::mask(!known))
    }
}

/// The steps of all scales, field by field.
#[derive(Clone, Default)]
struct Table<A> {
    reciprocal: Vec<A>,
    reach: Vec<A>,
    low: Vec<A>,
    high: Vec<A>,
    zero: Vec<A>,
    scale: Vec<A>,
    below: Vec<A>,
    above: Vec<A>,
}

impl<A: Storage> Table<A> {
    fn push(&mut self, step: Step<A>) {
        let Step { reciprocal, reach, low, high, zero, scale, below, above } = step;
        self.reciprocal.push(reciprocal);
        self.reach.push(reach);
        self.low.push(low);
        self.high.push(high);
        self.zero.push(zero);
        self.scale.push(scale);
        self.below.push(below);
        self.above.push(above);
    }

    /// The steps from the number `first` on.
    #[inline(always)]
    fn steps(&self, first: usize) -> impl Iterator<Item = Step<A>> + '_ {
        // Never out of range, and no call that says so in the loop.
        fn rest<B>(of: &[B], first: usize) -> core::slice::Iter<'_, B> {
            of.get(first..).unwrap_or(&[]).iter()
        }
        let ends = rest(&self.low, first).zip(rest(&self.high, first));
        let bounds = rest(&self.below, first).zip(rest(&self.above, first));
        let scales = rest(&self.scale, first).zip(bounds);
        let products = rest(&self.reciprocal, first).zip(rest(&self.reach, first));
        let steps = products.zip(ends).zip(scales).zip(rest(&self.zero, first));
        steps.map(|((((reciprocal, reach), (low, high)), (scale, (below, above))), zero)| Step {
            reciprocal: *reciprocal,
            reach: *reach,
            low: *low,
            high: *high,
            zero: *zero,
            scale: *scale,
            below: *below,
            above: *above,
        })
    }
}

/// What goes with all scales of a quantizer in either type.
#[derive(Clone, Default)]
pub(super) struct Affine {
    single: Table<f32>,
    double: Table<f64>,
}

impl Affine {
    /// Of scales and zero points.
    pub(super) fn new(
        parameters: impl Iterator<Item = (f64, f64)>,
        bounds: Bounds,
        even: bool,
    ) -> Self {
        let mut all = Self::default();
        for (scale, zero) in parameters {
            all.single.push(Step::of(scale, zero, bounds, even));
            all.double.push(Step::of(scale, zero, bounds, even));
        }
        all
    }

    fn table<T: Storage>(&self) -> &Table<T> {
        struct Own;
        impl storage::sealed::Both for Own {
            type Of<T: Storage> = fn(&Affine) -> &Table<T>;
            fn single(self) -> Self::Of<f32> {
                |of| &of.single
            }
            fn double(self) -> Self::Of<f64> {
                |of| &of.double
            }
        }
        T::choose(Own)(self)
    }
}

/// What is made of a value.
trait Make<T: Storage> {
    /// The type that it is computed in.
    type Of: Storage;
    type Made;
    /// What is made, and bits set where it is not known.
    fn make(step: &Step<Self::Of>, x: T) -> (Self::Made, Bits<Self::Of>);
}

/// The number that its code stands for.
struct Value;

impl<T: Storage> Make<T> for Value {
    type Of = T;
    type Made = T;

    #[inline(always)]
    fn make(step: &Step<T>, x: T) -> (T, Bits<T>) {
        step.value(x)
    }
}

/// Its code.
struct CodeOf;

impl Make<f64> for CodeOf {
    type Of = f64;
    type Made = f64;

    #[inline(always)]
    fn make(step: &Step<f64>, x: f64) -> (f64, u64) {
        step.code(x)
    }
}

/// Its code as an integer, found in the value's own type.
struct OwnCode;

impl<T: Storage> Make<T> for OwnCode {
    type Of = T;
    type Made = i32;

    #[inline(always)]
    fn make(step: &Step<T>, x: T) -> (i32, Bits<T>) {
        step.code_as_integer(x)
    }
}

/// Scales that are tried side by side.
pub(super) const SIDE: usize = 4;

/// Values quantized by one scale each of those that lie side by side.
struct Errors<'a> {
    steps: [Step<f64>; SIDE],
    values: &'a [[f64; SIDE]],
}

impl Work for Errors<'_> {
    type Output = ([f64; SIDE], [bool; SIDE]);

    #[inline(always)]
    fn run(self) -> Self::Output {
        let Self { steps, values } = self;
        let field = |of: fn(&Step<f64>) -> f64| steps.each_ref().map(of);
        let (reciprocals, reaches) = (field(|step| step.reciprocal), field(|step| step.reach));
        let (lows, highs) = (field(|step| step.low), field(|step| step.high));
        let scales = field(|step| step.scale);
        // How far the distances go beyond what is known.
        let (mut squares, mut beyond) = ([0.0; SIDE], [f64::NEG_INFINITY; SIDE]);
        for part in values {
            for i in 0..SIDE {
                let q = part[i] * reciprocals[i];
                let q = if q > highs[i] { highs[i] } else { q };
                let q = if q < lows[i] { lows[i] } else { q };
                let k = (q + shift::<f64>()) - shift::<f64>();
                let excess = (q - k).abs() - reaches[i];
                beyond[i] = if excess > beyond[i] { excess } else { beyond[i] };
                let error = part[i] - k * scales[i];
                squares[i] += error * error;
            }
        }
        (squares, beyond.map(|beyond| beyond > 0.0))
    }
}

/// The sums of squared errors of values that lie side by side, each with its own scale and zero point, and which of
/// them are not known.
pub(super) fn squared_errors(
    parameters: [(f64, f64); SIDE],
    bounds: Bounds,
    values: &[[f64; SIDE]],
) -> ([f64; SIDE], [bool; SIDE]) {
    let steps = parameters.map(|(scale, zero)| Step::of(scale, zero, bounds, true));
    level::run(Errors { steps, values })
}

struct Affinely<'a, T: Storage, M: Make<T>> {
    table: &'a Table<M::Of>,
    runs: Runs,
    from: &'a [T],
    to: &'a mut [M::Made],
}

impl<T: Storage, M: Make<T>> Work for Affinely<'_, T, M> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { table, runs: Runs { first, length }, from, to } = self;
        let mut any = Bits::<M::Of>::ZERO;
        if length == 1 {
            for ((x, y), step) in from.iter().zip(to).zip(table.steps(first)) {
                let (made, open) = M::make(&step, *x);
                *y = made;
                any = any | open;
            }
            return any != Bits::<M::Of>::ZERO;
        }
        let runs = from.chunks(length).zip(to.chunks_mut(length));
        for ((from, to), step) in runs.zip(table.steps(first)) {
            for (x, y) in from.iter().zip(to) {
                let (made, open) = M::make(&step, *x);
                *y = made;
                any = any | open;
            }
        }
        any != Bits::<M::Of>::ZERO
    }
}

compiled_here! {
    /// What the codes of values stand for, NaN of NaN; whether any is not known.
    pub(super) fn values<T>(affine: &Affine, runs: Runs, from: &[T], to: &mut [T]) -> bool = run_values;

    /// The codes of values as integers; whether any is not known in the values' own type, or NaN.
    pub(super) fn own_codes<T>(affine: &Affine, runs: Runs, from: &[T], to: &mut [i32]) -> bool
        = run_own_codes;

    /// Values in place, rounded to nearest even multiples of a power of two and clamped to those of codes that are at
    /// most [`most_evenly`]; NaN stays.
    pub(super) fn evenly<T>(per_unit: f64, bounds: Bounds, values: &mut [T]) = run_evenly;

    /// Their codes; whether there is a NaN.
    pub(super) fn even_codes<T>(per_unit: f64, bounds: Bounds, from: &[T], to: &mut [i32]) -> bool
        = run_even_codes;
}

#[inline(always)]
fn run_values<T: Storage>(affine: &Affine, runs: Runs, from: &[T], to: &mut [T]) -> bool {
    level::run(Affinely::<T, Value> { table: affine.table(), runs, from, to })
}

/// The codes of values, NaN of NaN; whether any is not known.
pub(super) fn codes(affine: &Affine, runs: Runs, from: &[f64], to: &mut [f64]) -> bool {
    level::run(Affinely::<f64, CodeOf> { table: &affine.double, runs, from, to })
}

#[inline(always)]
fn run_own_codes<T: Storage>(affine: &Affine, runs: Runs, from: &[T], to: &mut [i32]) -> bool {
    level::run(Affinely::<T, OwnCode> { table: affine.table(), runs, from, to })
}

/// The largest magnitude of codes for [`evenly`]: sums with [`shift`] count them.
pub(super) const fn most_evenly(precision: u32) -> f64 {
    let digits = if precision < 33 { precision - 2 } else { 31 };
    (1_u64 << digits) as f64
}

/// One scale, a power of two whose reciprocal is `per_unit`.
#[derive(Clone, Copy)]
struct Even<T> {
    per_unit: T,
    unit: T,
    low: T,
    high: T,
}

impl<T: Storage> Even<T> {
    fn of(per_unit: f64, Bounds { low, high }: Bounds) -> Self {
        let [per_unit, unit] = [per_unit, 1.0 / per_unit].map(number);
        Self { per_unit, unit, low: number(low), high: number(high) }
    }

    /// The code plus [`shift`].
    #[inline(always)]
    fn sum(&self, x: T) -> T {
        let q = x * self.per_unit;
        let q = if q > self.high { self.high } else { q };
        let q = if q < self.low { self.low } else { q };
        q + shift()
    }
}

struct Evenly<'a, T> {
    even: Even<T>,
    values: &'a mut [T],
}

impl<T: Storage> Work for Evenly<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { even, values } = self;
        for x in values {
            *x = canonical((even.sum(*x) - shift()) * even.unit);
        }
    }
}

struct EvenCodes<'a, T> {
    even: Even<T>,
    from: &'a [T],
    to: &'a mut [i32],
}

impl<T: Storage> Work for EvenCodes<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { even, from, to } = self;
        let mut any = Bits::<T>::ZERO;
        for (x, to) in from.iter().zip(to) {
            let sum = even.sum(*x);
            *to = whole(sum);
            any = any | not_a_number(sum);
        }
        any != Bits::<T>::ZERO
    }
}

#[inline(always)]
fn run_evenly<T: Storage>(per_unit: f64, bounds: Bounds, values: &mut [T]) {
    level::run(Evenly { even: Even::of(per_unit, bounds), values });
}

#[inline(always)]
fn run_even_codes<T: Storage>(per_unit: f64, bounds: Bounds, from: &[T], to: &mut [i32]) -> bool {
    level::run(EvenCodes { even: Even::of(per_unit, bounds), from, to })
}
