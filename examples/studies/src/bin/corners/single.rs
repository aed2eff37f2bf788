//! One operation at a time, each with the result of the one before: as multiples of an addition in `f64`.

use std::hint::black_box;

use lowprec::number::{Binary16, Up};
use lowprec::{Chop, Format, Lp, Rounding, Scoped, Storage};

use super::{Cell, EVEN, N, fastest, values};

/// Rows, the one that the others are multiples of first.
pub(super) const ROWS: [&str; 12] = [
    PLAIN,
    "Chop::chop, independent",
    "Chop::chop",
    "Chop::add",
    "Chop::add, up",
    "Lp",
    "Lp, up",
    "Scoped",
    "Scoped, up",
    "Stream::add, stochastic",
    "binary64, Chop::add, up",
    "binary64, Stream::add",
];

pub(super) const PLAIN: &str = "f64 addition";

fn chain<T: Copy>(zero: T, terms: &[T], add: impl Fn(T, T) -> T) -> Cell {
    let run = || {
        black_box(black_box(terms).iter().fold(zero, |sum, x| add(sum, *x)));
    };
    Cell::of::<f64>(fastest(N, run))
}

fn sum<T: Copy + core::ops::Add<Output = T>>(terms: &[f64], of: impl Fn(f64) -> T) -> Cell {
    let terms: Vec<T> = terms.iter().map(|x| of(*x)).collect();
    chain(of(0.0), &terms, |x, y| x + y)
}

pub(super) fn measure(row: &str) -> Cell {
    let terms: Vec<f64> = values::<f64>(N).iter().map(|x| x.widen()).collect();
    let chop = |format, mode| black_box(Chop::new(format, mode));
    let [even, up] = [EVEN, Rounding::Up].map(|mode| chop(Format::BINARY16, mode));
    let wide = chop(Format::BINARY64, Rounding::Up);
    let stream = |format| chop(format, Rounding::Stochastic).stream(1);
    match row {
        PLAIN => chain(0.0, &terms, |x, y| x + y),
        "Chop::chop, independent" => {
            let run = || terms.iter().for_each(|x| _ = black_box(even.chop(*x)));
            Cell::of::<f64>(fastest(N, run))
        }
        "Chop::chop" => chain(0.0, &terms, |x, y| even.chop(x + y)),
        "Chop::add" => chain(0.0, &terms, |x, y| even.add(x, y)),
        "Chop::add, up" => chain(0.0, &terms, |x, y| up.add(x, y)),
        "Lp" => sum(&terms, Lp::<Binary16>::from_f64),
        "Lp, up" => sum(&terms, Lp::<Binary16, Up>::from_f64),
        "Scoped" => lowprec::with(&even, || sum(&terms, Scoped::from_f64)),
        "Scoped, up" => lowprec::with(&up, || sum(&terms, Scoped::from_f64)),
        "Stream::add, stochastic" => {
            let stream = stream(Format::BINARY16);
            chain(0.0, &terms, |x, y| stream.add(x, y))
        }
        "binary64, Chop::add, up" => chain(0.0, &terms, |x, y| wide.add(x, y)),
        _ => {
            let stream = stream(Format::BINARY64);
            chain(0.0, &terms, |x, y| stream.add(x, y))
        }
    }
}
