//! Values to codes and back, in cache: bytes of e4m3fn, packed e2m1fn, `half`'s types, and the crates
//! that do the same work.
//!
//! `cargo bench --bench storage_codes`, or `-- e4m3fn` for a part. Sources and destinations begin at
//! different places modulo a page.

mod support;

use std::hint::black_box;
use std::time::Duration;

use criterion::{Bencher, Criterion, Throughput, criterion_group, criterion_main};
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use lowprec::{Chop, Format, Rounding};
use support::{BETWEEN, Buffer, DESTINATION, IN_CACHE, SOURCE, normal};

/// A group of benches over `f32` values in cache.
fn group(c: &mut Criterion, name: &str, benches: &mut [(&str, &mut dyn FnMut())]) {
    let mut group = c.benchmark_group(name);
    group
        .throughput(Throughput::Elements(IN_CACHE as u64))
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .sample_size(20);
    for (name, run) in benches {
        group.bench_function(*name, |b: &mut Bencher<'_>| b.iter(&mut *run));
    }
}
