//! Slices of operations in cache: plain, plain and then `chop` in a second pass, and both at once with
//! the exact result rounded once; and one `add` at a time in a chain.
//!
//! ```text
//! cargo bench -p lowprec-benches --bench arithmetic                              # all, some minutes
//! cargo bench -p lowprec-benches --bench arithmetic -- 'AVX-512/f64/members/binary16/add'
//! ```
//!
//! The plain operation is a loop of this file, in the instructions that the build is for: SSE2 on x86-64
//! unless it is told otherwise (`RUSTFLAGS="-C target-cpu=native"`), with a call for each fused operation.
//!
//! `members` are operands that are numbers of the format, for which the nearest modes need no more than
//! the storage's own result; `any` are not.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::{Binary, Chop, Format, Level, Rounding, Ternary, Unary};
use settings::{Group, group};
use support::{BETWEEN, Buffer, DESTINATION, IN_CACHE, SOURCE, Stored, normal};

const MODES: [Rounding; 4] =
    [Rounding::NearestEven, Rounding::Up, Rounding::TowardZero, Rounding::Stochastic];

/// Operands and place of the results.
struct Data<T> {
    args: [Buffer<T>; 3],
    to: Buffer<T>,
}

impl<T: Stored> Data<T> {
    fn new(members: Option<Format>) -> Self {
        let mut values = normal::<T>(3 * IN_CACHE);
        if let Some(format) = members {
            Chop::new(format, Rounding::NearestEven).chop_slice(&mut values);
        }
        // Roots and quotients need positive numbers other than zero.
        for x in &mut values {
            *x = if *x == T::zero() { T::one() } else { x.abs() };
        }
        let part = |k: usize, place| Buffer::of(&values[k * IN_CACHE..][..IN_CACHE], place);
        let args = [part(0, SOURCE), part(1, BETWEEN), part(2, SOURCE + BETWEEN / 2)];
        Self { args, to: Buffer::new(IN_CACHE, DESTINATION) }
    }
}

/// An operation by the storage type and by a rounding.
#[derive(Clone, Copy)]
enum Op {
    Sqrt,
    Two(Binary),
    Fma,
}

const OPS: [Op; 5] =
    [Op::Two(Binary::Add), Op::Two(Binary::Mul), Op::Two(Binary::Div), Op::Sqrt, Op::Fma];

impl Op {
    fn name(self) -> String {
        match self {
            Self::Sqrt => Unary::Sqrt.to_string(),
            Self::Two(op) => op.to_string(),
            Self::Fma => Ternary::Fma.to_string(),
        }
    }

    fn plain<T: Stored>(self, data: &mut Data<T>) {
        let ([x, y, z], to) = (&data.args, &mut *data.to);
        let pairs = to.iter_mut().zip(x.iter().zip(y.iter()));
        match self {
            Self::Sqrt => to.iter_mut().zip(x.iter()).for_each(|(r, x)| *r = x.sqrt()),
            Self::Two(Binary::Add) => pairs.for_each(|(r, (&x, &y))| *r = x + y),
            Self::Two(Binary::Mul) => pairs.for_each(|(r, (&x, &y))| *r = x * y),
            Self::Two(_) => pairs.for_each(|(r, (&x, &y))| *r = x / y),
            Self::Fma => {
                pairs.zip(z.iter()).for_each(|((r, (x, &y)), &z)| *r = x.mul_add(y, z));
            }
        }
    }

    fn once<T: Stored>(self, chop: &lowprec::Stream, data: &mut Data<T>) {
        let ([x, y, z], to) = (&data.args, &mut *data.to);
        match self {
            Self::Sqrt => chop.map(Unary::Sqrt, [x], to),
            Self::Two(op) => chop.map(op, [x, y], to),
            Self::Fma => chop.map(Ternary::Fma, [x, y, z], to),
        }
    }
}

fn rows<T: Stored>(group: &mut Group<'_>, format: Format, mut data: Data<T>) {
    for op in OPS {
        let name = op.name();
        group.bench_function(format!("{name}/plain"), |b| {
            b.iter(|| op.plain(black_box(&mut data)));
        });
        for mode in MODES {
            let stream = Chop::new(format, mode).stream(1);
            group.bench_function(format!("{name}/{mode}/two passes"), |b| {
                b.iter(|| {
                    op.plain(black_box(&mut data));
                    stream.chop_slice(black_box(&mut *data.to));
                });
            });
            group.bench_function(format!("{name}/{mode}/once"), |b| {
                b.iter(|| op.once(&stream, black_box(&mut data)));
            });
        }
    }
}

fn storage<T: Stored>(c: &mut Criterion, level: Level) {
    for format in [Format::BINARY16, Format::BFLOAT16] {
        for (kind, members) in [("members", Some(format)), ("any", None)] {
            let title = format!("arithmetic/{level}/{}/{kind}/{format}", T::NAME);
            rows::<T>(&mut group(c, &title, IN_CACHE), format, Data::new(members));
        }
    }
}

/// One after the other, each from the result before.
fn chain(c: &mut Criterion) {
    const STEPS: usize = 1024;
    let mut group = group(c, "arithmetic/chain", STEPS);
    let step = black_box(0.1_f64);
    let constant = const { Chop::new(Format::BINARY16, Rounding::NearestEven) };
    let up = black_box(Chop::new(Format::BINARY16, Rounding::Up));
    group.bench_function("constant nearest-even add", |b| {
        b.iter(|| (0..STEPS).fold(black_box(1.0), |x, _| constant.add(x, step)));
    });
    group.bench_function("run-time up add", |b| {
        b.iter(|| (0..STEPS).fold(black_box(1.0), |x, _| up.add(x, step)));
    });
}

fn all(c: &mut Criterion) {
    for &level in Level::available().iter().filter(|level| **level != Level::Portable) {
        level.cap();
        storage::<f64>(c, level);
        storage::<f32>(c, level);
    }
    chain(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
