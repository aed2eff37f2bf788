//! `Lp` and `Scoped`, one operation waiting for the one before, beside `f64`.
//!
//! `cargo bench -p lowprec-benches --bench number`. A time is that of 1,000 operations, so a microsecond is a nanosecond for
//! one. `sum` adds 0.01 again and again; `orbit` adds and multiplies in turn, near one.

#[path = "support/settings.rs"]
mod settings;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::number::{Bfloat16, Binary16, Binary32, NearestEven, OcpE4m3, Up};
use lowprec::{Chop, Format, Lp, Rounding, Scoped};
use num_traits::Float;
use settings::group;

const COUNT: usize = 1000;

fn sum<T: Float>(step: T) -> T {
    (0..COUNT).fold(T::zero(), |x, _| x + step)
}

fn orbit<T: Float>(step: T, factor: T) -> T {
    (0..COUNT / 2).fold(T::one(), |x, _| (x + step) * factor)
}

fn measure<T: Float>(c: &mut Criterion, name: &str) {
    let of = |x: f64| black_box(T::from(x).expect("a number"));
    let mut group = group(c, &format!("number/{name}"), COUNT);
    group.bench_function("sum", |b| b.iter(|| sum(of(0.01))));
    group.bench_function("orbit", |b| b.iter(|| orbit(of(0.3), of(0.77))));
}

fn all(c: &mut Criterion) {
    measure::<f64>(c, "f64");
    measure::<Lp<Binary16, NearestEven>>(c, "Lp<Binary16>");
    measure::<Lp<Bfloat16>>(c, "Lp<Bfloat16>");
    measure::<Lp<OcpE4m3>>(c, "Lp<OcpE4m3>");
    measure::<Lp<Binary32>>(c, "Lp<Binary32>");
    measure::<Lp<Binary16, Up>>(c, "Lp<Binary16, Up>");
    for (name, mode) in [("Scoped binary16", Rounding::NearestEven), ("Scoped up", Rounding::Up)] {
        let chop = Chop::new(Format::BINARY16, mode);
        lowprec::with(&chop, || measure::<Scoped>(c, name));
    }
    let stream = Chop::new(Format::BINARY16, Rounding::Stochastic).stream(1);
    lowprec::with(&stream, || measure::<Scoped>(c, "Scoped stochastic"));
}

criterion_group!(benches, all);
criterion_main!(benches);
