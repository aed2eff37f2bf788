//! Every rounding mode, f32 and f64, in cache, beside a copy of the same bytes.
//!
//! `cargo bench --bench rounding_modes`. Source and destination start 4 KiB + 2 KiB apart modulo the
//! page, so that a store never waits for a load of the same page offset.

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main};
use lowprec::{Chop, Format, Rounding, Storage};

const ELEMENTS: usize = 16_384;

/// Normal deviates' stand-in: signs and magnitudes over a few binades, from a fixed recurrence.
fn values<T: Storage>() -> Vec<T> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    (0..ELEMENTS)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let unit = (state >> 11) as f64 / (1_u64 << 53) as f64;
            T::from(8.0 * (unit - 0.5)).unwrap_or_else(T::zero)
        })
        .collect()
}

fn modes() -> Vec<Rounding> {
    let mut modes = Rounding::DETERMINISTIC.to_vec();
    modes.extend([Rounding::Stochastic, Rounding::StochasticEqual]);
    modes.extend(Rounding::stochastic_a(8));
    modes
}

fn rounding<T: Storage>(c: &mut Criterion, storage: &str) {
    let from = values::<T>();
    // Half a page further on than the source.
    let shift = 2048 / size_of::<T>();
    let mut room = vec![T::zero(); ELEMENTS + shift];
    let to = &mut room[shift..];
    let formats = [Format::BINARY16, Format::BFLOAT16, Format::OCP_E4M3, Format::OCP_E2M1];
    let mut group: BenchmarkGroup<'_, WallTime> = c.benchmark_group(format!("chop_into/{storage}"));
    group
        .throughput(Throughput::Elements(ELEMENTS as u64))
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_millis(300))
        .sample_size(20);
    group.bench_function("copy_from_slice", |b| {
        b.iter(|| black_box(&mut *to).copy_from_slice(black_box(&from)));
    });
    for format in formats {
        for mode in modes() {
            let stream = Chop::new(format, mode).stream(1);
            group.bench_function(format!("{format}/{mode}"), |b| {
                b.iter(|| stream.chop_into(black_box(&from), black_box(&mut *to)));
            });
        }
    }
    group.finish();
}

fn all(c: &mut Criterion) {
    rounding::<f64>(c, "f64");
    rounding::<f32>(c, "f32");
}

criterion_group!(benches, all);
criterion_main!(benches);
