//! The loops over values, operands and elements of any format, at the level of the CPU.

use crate::level::{self, Work};
use crate::storage::{Storage, canonical};

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
            let of_zeros = if *s == 0.0 { 0_f64.copysign(x) } else { replaced };
            *value = if s.is_nan() { 0.0 } else { of_zeros };
            *divisor = if s.is_nan() || *s == 0.0 { 1.0 } else { *s };
        }
    }
}

/// What is to be divided by what: values and s·g of each. Elements of a NaN block, and of one with scale
/// zero, are zeros. NaN becomes an infinity where that `replaces` it.
pub(super) fn operands<T: Storage>(
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

/// [`value`] of each.
pub(super) fn values<T: Storage>(elements: &[f64], products: &[f64], to: &mut [T]) {
    level::run(Values { elements, products, to });
}

/// element · s·g, which binary64 holds, in the storage type: rounded to nearest even once.
#[inline(always)]
pub(super) fn value<T: Storage>(element: f64, product: f64) -> T {
    canonical(T::from(element * product).unwrap_or_else(T::nan))
}

/// The largest magnitude by its bits, of which the order is that of the numbers, infinity and NaN behind.
struct Largest<'a, A> {
    values: &'a [A],
}

macro_rules! largest {
    ($name:ident, $float:ty, $signed:ty) => {
        impl Work for Largest<'_, $float> {
            type Output = $float;

            #[inline(always)]
            fn run(self) -> $float {
                // As signed integers, which vector units compare.
                let magnitudes = self.values.iter().map(|x| x.abs().to_bits() as $signed);
                <$float>::from_bits(magnitudes.fold(0, <$signed>::max) as _)
            }
        }

        /// The largest magnitude; NaN where there is one.
        pub(super) fn $name(values: &[$float]) -> $float {
            level::run(Largest { values })
        }
    };
}

largest!(largest_single, f32, i32);
largest!(largest_double, f64, i64);
