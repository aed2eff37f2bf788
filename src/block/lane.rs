//! The loops over values, operands and elements of any format, at the level of the CPU.

use crate::kernel::plan::Bits;
use crate::level::{self, Work};
use crate::storage::{Storage, Word, canonical, compiled_here};

struct Operands<'a, T> {
    from: &'a [T],
    products: &'a [f64],
    replaces: bool,
    values: &'a mut [f64],
    divisors: &'a mut [f64],
}

impl<T: Storage> Work for Operands<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { from, products, replaces, values, divisors } = self;
        let operands = values.iter_mut().zip(divisors);
        for ((x, s), (value, divisor)) in from.iter().zip(products).zip(operands) {
            let x = x.widen();
            let replaced = if replaces && x.is_nan() { f64::INFINITY } else { x };
            // A NaN's sign means nothing.
            let zero = if x.is_nan() { 0.0 } else { 0_f64.copysign(x) };
            let of_zeros = if *s == 0.0 { zero } else { replaced };
            *value = if s.is_nan() { 0.0 } else { of_zeros };
            *divisor = if s.is_nan() || *s == 0.0 { 1.0 } else { *s };
        }
    }
}

compiled_here! {
    /// What is to be divided by what: values and s·g of each. Elements of a NaN block, and of one with scale
    /// zero, are zeros. NaN becomes an infinity where that `replaces` it.
    pub(super) fn operands<T>(
        from: &[T],
        products: &[f64],
        replaces: bool,
        places: [&mut [f64]; 2],
    ) = run_operands;

    /// [`value`] of each.
    pub(super) fn values<T>(elements: &[f64], products: &[f64], to: &mut [T]) = run_values;
}

#[inline(always)]
fn run_operands<T: Storage>(
    from: &[T],
    products: &[f64],
    replaces: bool,
    [values, divisors]: [&mut [f64]; 2],
) {
    level::run(Operands { from, products, replaces, values, divisors });
}

struct Values<'a, T> {
    elements: &'a [f64],
    products: &'a [f64],
    to: &'a mut [T],
}

impl<T: Storage> Work for Values<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { elements, products, to } = self;
        for ((element, product), place) in elements.iter().zip(products).zip(to) {
            *place = value(*element, *product);
        }
    }
}

#[inline(always)]
fn run_values<T: Storage>(elements: &[f64], products: &[f64], to: &mut [T]) {
    level::run(Values { elements, products, to });
}

struct Narrowed<'a, T> {
    from: &'a [f64],
    to: &'a mut [T],
}

impl<T: Storage> Work for Narrowed<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.from.iter().zip(self.to).for_each(|(wide, x)| *x = value(*wide, 1.0));
    }
}

struct Moved<'a, T> {
    from: &'a [T],
    factor: T,
    to: &'a mut [T],
}

impl<T: Storage> Work for Moved<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { from, factor, to } = self;
        from.iter().zip(to).for_each(|(x, place)| *place = *x * factor);
    }
}

compiled_here! {
    /// Values times a power of two.
    pub(super) fn moved<T>(from: &[T], factor: f64, to: &mut [T]) = run_moved;

    /// [`value`] of each, in units of one.
    pub(super) fn narrowed<T>(from: &[f64], to: &mut [T]) = run_narrowed;
}

#[inline(always)]
fn run_moved<T: Storage>(from: &[T], factor: f64, to: &mut [T]) {
    let factor = T::from(factor).unwrap_or_else(T::nan);
    level::run(Moved { from, factor, to });
}

#[inline(always)]
fn run_narrowed<T: Storage>(from: &[f64], to: &mut [T]) {
    level::run(Narrowed { from, to });
}

struct Divisors<'a, T> {
    products: &'a [f64],
    g: f64,
    reciprocals: &'a mut [T],
    factors: &'a mut [T],
}

impl<T: Storage> Work for Divisors<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { products, g, reciprocals, factors } = self;
        let number = |x: f64| T::from(x).unwrap_or_else(T::nan);
        // A scale of few digits is what the rounded product is nearest to; that it is, is looked at.
        let one_by_g = 1.0 / g;
        let (least, most) = (T::min_positive_value(), T::max_value());
        let mut any = 0_u64;
        for ((&product, r), f) in products.iter().zip(reciprocals).zip(factors) {
            // Elements of a block of scale zero are zeros; NaN blocks are seen to later.
            let has = product.abs() > 0.0;
            let (reciprocal, factor) = (number(1.0 / product), number(product * one_by_g));
            *r = if has { reciprocal } else { T::zero() };
            *f = if has { factor } else { T::zero() };
            let size = reciprocal.abs();
            let held = (size >= least) & (size <= most) & (factor.widen() * g == product);
            any |= u64::from(has & !held);
        }
        any == 0
    }
}

compiled_here! {
    /// For s·g of each block its reciprocal and a factor of which the product with g is that; zeros for zero and NaN.
    /// Whether the storage type has them all: normal reciprocals, exact factors.
    pub(super) fn divisors<T>(
        products: &[f64],
        g: f64,
        reciprocals: &mut [T],
        factors: &mut [T],
    ) -> bool = run_divisors;
}

#[inline(always)]
fn run_divisors<T: Storage>(
    products: &[f64],
    g: f64,
    reciprocals: &mut [T],
    factors: &mut [T],
) -> bool {
    level::run(Divisors { products, g, reciprocals, factors })
}

struct Lifted<'a, T> {
    from: &'a [T],
    minima: &'a [f64],
    least: f64,
    to: &'a mut [f64],
}

impl<T: Storage> Work for Lifted<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run(self) -> bool {
        let Self { from, minima, least, to } = self;
        let mut any = 0_u64;
        for ((x, m), place) in from.iter().zip(minima).zip(to) {
            let difference = x.widen() - m;
            let finite = difference.abs() < f64::INFINITY;
            *place = if difference > least { difference } else { least };
            any |= u64::mask(!finite);
        }
        any == 0
    }
}

struct Lowered<'a, T> {
    from: &'a [f64],
    minima: &'a [f64],
    to: &'a mut [T],
}

impl<T: Storage> Work for Lowered<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Self { from, minima, to } = self;
        for ((product, m), place) in from.iter().zip(minima).zip(to) {
            *place = canonical(T::from(product + m).unwrap_or_else(T::nan));
        }
    }
}

compiled_here! {
    /// x - m of each, no less than `least`; whether all are finite.
    pub(super) fn lifted<T>(from: &[T], minima: &[f64], least: f64, to: &mut [f64]) -> bool = run_lifted;

    /// element·s + m of products, in the storage type: rounded to nearest even once.
    pub(super) fn lowered<T>(from: &[f64], minima: &[f64], to: &mut [T]) = run_lowered;
}

#[inline(always)]
fn run_lifted<T: Storage>(from: &[T], minima: &[f64], least: f64, to: &mut [f64]) -> bool {
    level::run(Lifted { from, minima, least, to })
}

#[inline(always)]
fn run_lowered<T: Storage>(from: &[f64], minima: &[f64], to: &mut [T]) {
    level::run(Lowered { from, minima, to });
}

/// element · s·g, which binary64 holds, in the storage type: rounded to nearest even once.
#[inline(always)]
pub(super) fn value<T: Storage>(element: f64, product: f64) -> T {
    canonical(T::from(element * product).unwrap_or_else(T::nan))
}

/// The largest magnitude by its bits, of which the order is that of the numbers, infinity and NaN behind.
struct Largest<'a, T> {
    values: &'a [T],
}

impl<T: Storage> Work for Largest<'_, T> {
    type Output = f64;

    #[inline(always)]
    fn run(self) -> f64 {
        let magnitudes = self.values.iter().map(|x| x.abs().bits());
        T::from_bits(magnitudes.fold(Bits::<T>::ZERO, Bits::<T>::signed_max)).widen()
    }
}

compiled_here! {
    /// The largest magnitude; NaN where there is one.
    pub(super) fn largest<T>(values: &[T]) -> f64 = run_largest;
}

#[inline(always)]
fn run_largest<T: Storage>(values: &[T]) -> f64 {
    level::run(Largest { values })
}
