//! Three problems with known answers, and how far a number type is from them.

use num_traits::Float;

use crate::solvers::{eliminate, newton, runge_kutta};

/// How large the problems are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Sizes {
    pub(crate) unknowns: usize,
    pub(crate) steps: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { unknowns: 8, steps: 16 }
    }
}

/// Relative errors.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Errors {
    pub(crate) root: f64,
    pub(crate) growth: f64,
    pub(crate) system: f64,
}

impl Errors {
    pub(crate) fn of<T: Float>(sizes: Sizes) -> Self {
        Self {
            root: root::<T>(),
            growth: growth::<T>(sizes.steps),
            system: system::<T>(sizes.unknowns),
        }
    }
}

fn number<T: Float>(x: f64) -> T {
    T::from(x).expect("a number type has some number for every f64")
}

fn error<T: Float>(x: T, exact: f64) -> f64 {
    let x = x.to_f64().expect("a number type goes into f64");
    ((x - exact) / exact).abs()
}

/// Wallis's equation x³ - 2x - 5 = 0, on which Newton showed his method.
fn root<T: Float>() -> f64 {
    let [two, three, five] = [2.0, 3.0, 5.0].map(number::<T>);
    let x = newton(|x| (x * x - two) * x - five, |x| three * x * x - two, two);
    error(x, ROOT)
}

/// The root.
pub(crate) const ROOT: f64 = 2.094_551_481_542_326_5;

/// Logistic growth: y = 1 / (1 + 7·e^-t) from 1/8 on.
fn growth<T: Float>(steps: usize) -> f64 {
    let h = number::<T>(4.0) / number(steps as f64);
    let y = runge_kutta(|y: T| y * (T::one() - y), number(0.125), h, steps);
    error(y, grown())
}

/// y at t = 4.
pub(crate) fn grown() -> f64 {
    1.0 / (1.0 + 7.0 * (-4.0_f64).exp())
}

/// A system with entries of one digit and the solution 1, 2, 1, 2 …: the data are exact in every format
/// here but E5M2 and E4M3, which round the right side.
fn system<T: Float>(unknowns: usize) -> f64 {
    let entry = |i: usize, j: usize| {
        let diagonal = if i == j { 4.0 } else { 0.0 };
        diagonal + ((i * 7 + j * 3 + i * j) % 3) as f64 / 2.0 - 0.5
    };
    let exact = |j: usize| 1.0 + (j % 2) as f64;
    let row = |i: usize| (0..unknowns).map(|j| entry(i, j)).collect::<Vec<f64>>();
    let right = |i: usize| (0..unknowns).map(|j| entry(i, j) * exact(j)).sum::<f64>();
    let matrix = (0..unknowns).map(|i| row(i).into_iter().map(number::<T>).collect()).collect();
    let solution = eliminate(matrix, (0..unknowns).map(|i| number::<T>(right(i))).collect());
    let errors = solution.into_iter().enumerate().map(|(j, x)| error(x, exact(j)));
    errors.fold(0.0, f64::max)
}
