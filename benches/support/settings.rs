//! How long criterion measures: short, for the rows are many and the calls steady.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

pub(crate) type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// A group of rows of which each call handles so many elements.
pub(crate) fn group<'a>(c: &'a mut Criterion, name: &str, elements: usize) -> Group<'a> {
    let mut group = c.benchmark_group(name);
    group
        .throughput(Throughput::Elements(elements as u64))
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200))
        .sample_size(10)
        .nresamples(2000);
    group
}
