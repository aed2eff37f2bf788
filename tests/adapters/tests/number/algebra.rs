//! nalgebra: its decompositions in low precision.

use lowprec::number::{Bfloat16, Binary16, Binary32};
use lowprec::{Chop, Format, Lp, Rounding, Scoped};
use nalgebra::{ComplexField, DMatrix, DVector, RealField};

fn matrix<T: RealField + Copy>() -> DMatrix<T> {
    DMatrix::from_fn(6, 6, |i, j| {
        let entry = ((7 * i + 3 * j * j) % 11) as f64 / 4.0 + if i == j { 8.0 } else { 0.0 };
        nalgebra::convert(entry)
    })
}

/// The largest error in solving a system whose solution is 1, 2, …, 6; its right side is rounded to the format.
fn error<T: RealField + Copy>(solve: impl Fn(DMatrix<T>, &DVector<T>) -> DVector<T>) -> f64 {
    let exact = DVector::from_fn(6, |i, _| (i + 1) as f64);
    let right = matrix::<f64>() * &exact;
    let right = DVector::from_fn(6, |i, _| nalgebra::convert(right[i]));
    let solution = solve(matrix(), &right);
    let errors = solution.iter().zip(exact.iter()).map(|(x, y)| {
        let x: f64 = nalgebra::try_convert(*x).expect("a number");
        (x - y).abs() / y
    });
    errors.fold(0.0, f64::max)
}

fn lu<T: RealField + Copy>() -> f64 {
    error::<T>(|a, b| a.lu().solve(b).expect("regular"))
}

#[test]
fn a_linear_system_by_lu() {
    let (single, half, brain) = (lu::<Lp<Binary32>>(), lu::<Lp<Binary16>>(), lu::<Lp<Bfloat16>>());
    assert_eq!(single, lu::<f32>(), "binary32 is what f32 is");
    assert!(single < 1e-5 && (1e-5..1e-2).contains(&half), "{single} {half}");
    assert!((half..0.1).contains(&brain), "{brain}");
}

#[test]
fn other_decompositions_run() {
    let qr = error::<Lp<Binary16>>(|a, b| a.qr().solve(b).expect("regular"));
    assert!(qr < 0.02, "{qr}");
    let a = matrix::<Lp<Binary16>>();
    let symmetric = &a + a.transpose();
    let spectrum = symmetric.clone().symmetric_eigen();
    let exact = (matrix::<f64>() + matrix::<f64>().transpose()).symmetric_eigen();
    let largest = |values: Vec<f64>| values.into_iter().fold(f64::MIN, f64::max);
    let ours = largest(spectrum.eigenvalues.iter().map(|x| x.to_f64()).collect());
    let exact = largest(exact.eigenvalues.iter().copied().collect());
    assert!((ours / exact - 1.0).abs() < 0.01, "{ours} {exact}");
    assert!(symmetric.cholesky().is_some());
}

#[test]
fn in_a_scope() {
    let single = Chop::new(Format::BINARY32, Rounding::NearestEven);
    assert_eq!(lowprec::with(&single, lu::<Scoped>), lu::<f32>());
}

#[test]
fn the_traits_of_scalars() {
    let x = Lp::<Binary16>::from_f64(-2.25);
    assert_eq!(ComplexField::modulus(x).to_f64(), 2.25);
    assert_eq!(ComplexField::modulus_squared(x).to_f64(), 5.0625);
    assert_eq!(ComplexField::argument(x).to_f64(), 3.140625);
    assert_eq!(ComplexField::to_exp(x).1.to_f64(), -1.0);
    assert!(ComplexField::try_sqrt(x).is_none());
    assert_eq!(<Lp<Binary16> as RealField>::max_value().expect("a value").to_f64(), 65504.0);
    assert_eq!(<Lp<Binary16> as RealField>::pi().to_f64(), 3.140625);
    assert_eq!(RealField::clamp(x, -ComplexField::abs(x), Lp::from_f64(1.0)), x);
}
