//! Generic numerics: nothing here knows of low precision.

use num_traits::Float;

/// A root of f, by Newton's method from x on: until a step no longer makes the residual smaller.
pub(crate) fn newton<T: Float>(f: impl Fn(T) -> T, derivative: impl Fn(T) -> T, mut x: T) -> T {
    loop {
        let next = x - f(x) / derivative(x);
        if f(next).abs() < f(x).abs() {
            x = next;
        } else {
            return x;
        }
    }
}

/// y at the end of so many steps of length h, where y' = f(y), by the classical Runge-Kutta method.
pub(crate) fn runge_kutta<T: Float>(f: impl Fn(T) -> T, mut y: T, h: T, steps: usize) -> T {
    let two = T::one() + T::one();
    let six = two + two + two;
    for _ in 0..steps {
        let k1 = f(y);
        let k2 = f(y + h / two * k1);
        let k3 = f(y + h / two * k2);
        let k4 = f(y + h * k3);
        y = y + h / six * (k1 + two * (k2 + k3) + k4);
    }
    y
}

/// x with a·x = b, by Gaussian elimination with partial pivoting. The matrix is given by its rows.
pub(crate) fn eliminate<T: Float>(mut a: Vec<Vec<T>>, mut b: Vec<T>) -> Vec<T> {
    let n = b.len();
    for k in 0..n {
        let largest =
            |best: usize, i: usize| if a[i][k].abs() > a[best][k].abs() { i } else { best };
        let pivot = (k..n).fold(k, largest);
        a.swap(k, pivot);
        b.swap(k, pivot);
        let (above, below) = a.split_at_mut(k + 1);
        let row = &above[k];
        for (i, other) in (k + 1..).zip(below) {
            let factor = other[k] / row[k];
            for (entry, &pivots) in other[k..].iter_mut().zip(&row[k..]) {
                *entry = *entry - factor * pivots;
            }
            b[i] = b[i] - factor * b[k];
        }
    }
    for k in (0..n).rev() {
        let known = (k + 1..n).fold(T::zero(), |sum, j| sum + a[k][j] * b[j]);
        b[k] = (b[k] - known) / a[k][k];
    }
    b
}
