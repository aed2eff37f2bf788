//! ndarray: the operators on arrays, and the order in which `dot` and `sum` add.

use lowprec::Lp;
use lowprec::number::{Bfloat16, Down};
use ndarray::{Array1, Array2, array};
use num_traits::Zero;

type Number = Lp<Bfloat16, Down>;

fn numbers(count: usize, seed: u32) -> Vec<Number> {
    let next = |i: usize| f64::from((i as u32 + seed).wrapping_mul(2_654_435_761) >> 8) / 1e6 - 8.0;
    (0..count).map(|i| Number::from_f64(next(i))).collect()
}

/// What ndarray 0.17 does: eight partial sums, the first with the fifth and so on, then the rest.
fn in_ndarrays_order(terms: &[Number]) -> Number {
    let (eights, rest) = terms.as_chunks::<8>();
    let mut partial = [Number::zero(); 8];
    for eight in eights {
        for (sum, &term) in partial.iter_mut().zip(eight) {
            *sum += term;
        }
    }
    let mut sum = Number::zero();
    for i in 0..4 {
        sum += partial[i] + partial[i + 4];
    }
    rest.iter().fold(sum, |sum, &term| sum + term)
}

#[test]
fn dot_and_sum_add_in_ndarrays_order() {
    let mut differences = 0;
    for count in (0..40).chain([1000, 1003]) {
        let (x, y) = (numbers(count, 1), numbers(count, 2));
        let products: Vec<Number> = x.iter().zip(&y).map(|(x, y)| x * y).collect();
        let dot = Array1::from(x.clone()).dot(&Array1::from(y));
        assert_eq!(dot, in_ndarrays_order(&products), "{count}");
        assert_eq!(Array1::from(x.clone()).sum(), in_ndarrays_order(&x), "{count}");
        differences += u32::from(dot != products.iter().sum());
    }
    assert!(differences > 0, "the order matters");
}

#[test]
fn a_product_of_matrices() {
    let of = |x: f64| Number::from_f64(x);
    let a: Array2<Number> = array![[of(1.0), of(0.3)], [of(-2.0), of(7.0)]];
    let b: Array2<Number> = array![[of(0.1), of(5.0)], [of(1.5), of(-0.7)]];
    let c = a.dot(&b);
    for i in 0..2 {
        for j in 0..2 {
            assert_eq!(c[[i, j]], a[[i, 0]] * b[[0, j]] + a[[i, 1]] * b[[1, j]]);
        }
    }
}

#[test]
fn operators_on_arrays() {
    let x = Array1::from(numbers(5, 3));
    let two = Number::from_f64(2.0);
    assert_eq!((&x * two)[3], x[3] * two);
    assert_eq!((&x + &x)[2], x[2] + x[2]);
    assert_eq!((&x / two - two)[1], x[1] / two - two);
    assert_eq!((-&x)[0], -x[0]);
    let mut y = x.clone();
    y %= two;
    assert_eq!(y[4], x[4] % two);
    assert_eq!(Array1::<Number>::zeros(2)[1].to_f64(), 0.0);
    assert_eq!(Array2::<Number>::eye(2)[[1, 1]].to_f64(), 1.0);
}
