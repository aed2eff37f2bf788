//! Parallel slices against sequential ones and against a parallel copy, for lengths around the one
//! from which a second thread pays.
//!
//! `cargo bench -p lowprec-benches --features rayon --bench parallel`; `RAYON_NUM_THREADS=2` for two threads on any
//! machine. The copy is cut like the values: `par_copy` hands out as many bytes a task.

#[path = "support/settings.rs"]
mod settings;
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::{Chop, Format, Rounding};
use rayon::prelude::*;
use settings::group;
use support::{Buffer, DESTINATION, OUT_OF_CACHE, SOURCE, Stored, in_place, normal};

const LENGTHS: [usize; 9] =
    [1 << 13, 1 << 14, 1 << 15, 1 << 16, 1 << 17, 1 << 18, 1 << 20, 1 << 21, OUT_OF_CACHE];

/// Values a task copies.
const TASK: usize = 1 << 15;

fn length<T: Stored>(c: &mut Criterion, elements: usize) {
    let from = Buffer::of(&normal::<T>(elements), SOURCE);
    let mut to = Buffer::<T>::new(elements, DESTINATION);
    let mut group = group(c, &format!("parallel/{}/{elements}", T::NAME), elements);
    group.bench_function("copy", |b| b.iter(|| to.copy_from_slice(&from)));
    group.bench_function("par_copy", |b| {
        b.iter(|| {
            let tasks = to.par_chunks_mut(TASK).zip(from.par_chunks(TASK));
            tasks.for_each(|(to, from)| to.copy_from_slice(from));
        });
    });
    for mode in [Rounding::NearestEven, Rounding::Stochastic] {
        let stream = Chop::new(Format::BINARY16, mode).stream(1);
        group.bench_function(format!("chop_slice/{mode}"), |b| {
            b.iter_custom(|calls| in_place(calls, &from, &mut to, |x| stream.chop_slice(x)));
        });
        group.bench_function(format!("par_chop_slice/{mode}"), |b| {
            b.iter_custom(|calls| in_place(calls, &from, &mut to, |x| stream.par_chop_slice(x)));
        });
    }
}

fn all(c: &mut Criterion) {
    for elements in LENGTHS {
        length::<f64>(c, elements);
        length::<f32>(c, elements);
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
