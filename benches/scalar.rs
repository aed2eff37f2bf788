//! One value at a time: constant rule, constant `Chop`, run-time `Chop`, seeded stream, definition,
//! and `half`; each independent of the one before, or waiting for it.
//!
//! `cargo bench -p lowprec-benches --bench scalar`, or `-- chain` for the dependency chains. A time is that of one pass
//! over 1,024 values; `thrpt` says values a second. Independent values go through `black_box` one by
//! one, or the compiler would make vectors of them. In a chain each value is `round(x + step)`.
//! `nothing` is what either costs without the rounding.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use half::f16;
use lowprec::{Chop, Format, Rounding, chop, reference};
use settings::group;
use support::{Stored, normal};

const VALUES: usize = 1024;

const FORMAT: Format = Format::BINARY16;
const NEAREST: Chop = Chop::new(FORMAT, Rounding::NearestEven);
const STOCHASTIC: Chop = Chop::new(FORMAT, Rounding::Stochastic);

/// `round` applied to each value, and to each sum with the one before.
fn measure<T: Stored>(c: &mut Criterion, name: &str, round: impl Fn(T) -> T) {
    let values = normal::<T>(VALUES);
    let mut group = group(c, &format!("scalar/{}", T::NAME), VALUES);
    group.bench_function(format!("independent/{name}"), |b| {
        b.iter(|| {
            for x in &values {
                black_box(round(black_box(*x)));
            }
        });
    });
    let step = black_box(T::from(0.1).expect("a small number"));
    group.bench_function(format!("chain/{name}"), |b| {
        b.iter(|| (0..VALUES).fold(black_box(T::one()), |x, _| round(x + step)));
    });
}

fn storage<T: Stored>(c: &mut Criterion) {
    measure::<T>(c, "nothing", |x| x);
    measure::<T>(c, "chop(x, CONST, CONST)", |x| chop(x, FORMAT, Rounding::NearestEven));
    measure::<T>(c, "const Chop", |x| NEAREST.chop(x));
    let run_time = black_box(NEAREST);
    measure::<T>(c, "run-time Chop", |x| run_time.chop(x));
    let stream = STOCHASTIC.stream(1);
    measure::<T>(c, "seeded stochastic Stream", |x| stream.chop(x));
    measure::<T>(c, "stochastic Chop", |x| STOCHASTIC.chop(x));
    measure::<T>(c, "reference::chop", |x| reference::chop(x, &NEAREST.rule(), &[]));
}

fn all(c: &mut Criterion) {
    storage::<f64>(c);
    storage::<f32>(c);
    measure::<f32>(c, "half f16", |x| f16::from_f32(x).to_f32());
}

criterion_group!(benches, all);
criterion_main!(benches);
