//! Every rounding mode × storage type × format, in and out of cache, in place and into another slice,
//! beside a copy of the same bytes and, in cache, at each CPU level; and `half`'s round trip.
//!
//! ```text
//! cargo bench -p lowprec-benches --bench rounding_modes                                         # all, some minutes
//! cargo bench -p lowprec-benches --bench rounding_modes -- 'f32/in_cache/into/AVX-512/binary16' # one column
//! cargo bench -p lowprec-benches --bench rounding_modes -- '/nearest-even$|copy'                # one mode everywhere
//! ```

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use lowprec::{Chop, Level};
use settings::{Group, group};
use support::{
    BETWEEN, Buffer, DESTINATION, IN_CACHE, OUT_OF_CACHE, SOURCE, Stored, formats, in_place, modes,
    normal, troubled,
};

/// All modes and formats at one level, from slice to slice.
fn into<T: Stored>(group: &mut Group<'_>, from: &[T], to: &mut [T]) {
    for format in formats() {
        for mode in modes() {
            let stream = Chop::new(format, mode).stream(1);
            group.bench_function(format!("{format}/{mode}"), |b| {
                b.iter(|| stream.chop_into(black_box(from), black_box(&mut *to)));
            });
        }
    }
}

/// The same in place.
fn within<T: Stored>(group: &mut Group<'_>, from: &[T], values: &mut [T]) {
    for format in formats() {
        for mode in modes() {
            let stream = Chop::new(format, mode).stream(1);
            group.bench_function(format!("{format}/{mode}"), |b| {
                b.iter_custom(|calls| in_place(calls, from, values, |x| stream.chop_slice(x)));
            });
        }
    }
}

fn storage<T: Stored>(c: &mut Criterion) {
    for (place, elements) in [("in_cache", IN_CACHE), ("out_of_cache", OUT_OF_CACHE)] {
        let from = Buffer::of(&normal::<T>(elements), SOURCE);
        let mut to = Buffer::<T>::new(elements, DESTINATION);
        let name = format!("{}/{place}", T::NAME);
        group(c, &name, elements).bench_function("copy", |b| {
            b.iter(|| black_box(&mut *to).copy_from_slice(black_box(&from)));
        });
        let best = Level::available().last().copied().unwrap_or(Level::Portable);
        for level in Level::available().iter().rev() {
            // Out of cache the memory decides, not the level.
            if *level == best || place == "in_cache" {
                level.cap();
                into(&mut group(c, &format!("{name}/into/{level}"), elements), &from, &mut to);
            }
        }
        best.cap();
        within(&mut group(c, &format!("{name}/in_place/{best}"), elements), &from, &mut to);
    }
}

/// Stochastic rounding where a tenth of the data goes the rare path.
fn trouble<T: Stored>(c: &mut Criterion) {
    let mut to = Buffer::<T>::new(IN_CACHE, DESTINATION);
    let mut group = group(c, &format!("{}/in_cache/troubled", T::NAME), IN_CACHE);
    for format in formats() {
        let from = Buffer::of(&troubled::<T>(IN_CACHE, format), SOURCE);
        let stream = Chop::new(format, lowprec::Rounding::Stochastic).stream(1);
        group.bench_function(format!("{format}/stochastic"), |b| {
            b.iter(|| stream.chop_into(black_box(&from), black_box(&mut *to)));
        });
    }
}

/// What others offer for the same work: to `half`'s types and back.
fn peers(c: &mut Criterion) {
    for (place, elements) in [("in_cache", IN_CACHE), ("out_of_cache", OUT_OF_CACHE)] {
        let from = Buffer::of(&normal::<f32>(elements), SOURCE);
        let mut to = Buffer::<f32>::new(elements, DESTINATION);
        let mut halves = Buffer::<f16>::new(elements, BETWEEN);
        let mut brains = Buffer::<bf16>::new(elements, BETWEEN);
        let mut group = group(c, &format!("f32/{place}/half"), elements);
        group.bench_function("binary16/nearest-even", |b| {
            b.iter(|| {
                halves.convert_from_f32_slice(black_box(&from));
                black_box(&*halves).convert_to_f32_slice(&mut to);
            });
        });
        group.bench_function("bfloat16/nearest-even", |b| {
            b.iter(|| {
                brains.convert_from_f32_slice(black_box(&from));
                black_box(&*brains).convert_to_f32_slice(&mut to);
            });
        });
    }
}

fn all(c: &mut Criterion) {
    storage::<f64>(c);
    storage::<f32>(c);
    trouble::<f64>(c);
    trouble::<f32>(c);
    peers(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
