//! Block formats: fake-quantizing `f32`, into packed codes, and back, beside a copy.
//!
//! `cargo bench -p lowprec-benches --bench block`, or `-- mxfp4` for a part; `-- cache` leaves out the large arrays.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::{
    BlockChop, BlockFormat, Rounding,
    block::{PackedArray, ScaleRule},
};
use settings::group;
use support::{Buffer, DESTINATION, IN_CACHE, OUT_OF_CACHE, SOURCE, in_place, normal};

const FORMATS: [BlockFormat; 6] = [
    BlockFormat::MXFP4,
    BlockFormat::MXFP8_E4M3,
    BlockFormat::MXFP8_E5M2,
    BlockFormat::MXFP6_E2M3,
    BlockFormat::MXINT8,
    BlockFormat::NVFP4,
];

/// From slice to slice, in cache and beyond it.
fn fake(c: &mut Criterion) {
    for (place, count) in [("cache", IN_CACHE), ("memory", OUT_OF_CACHE)] {
        let values = Buffer::of(&normal::<f32>(count), SOURCE);
        let mut to = Buffer::<f32>::new(count, DESTINATION);
        let mut group = group(c, &format!("fake-quantize, {place}"), count);
        group.bench_function("copy", |b| b.iter(|| to.copy_from_slice(black_box(&values))));
        for format in FORMATS {
            if place == "memory" && format == BlockFormat::NVFP4 {
                continue;
            }
            let nearest = BlockChop::new(format, Rounding::NearestEven);
            group.bench_function(format.to_string(), |b| {
                b.iter(|| nearest.chop_into(black_box(&values), &mut to));
            });
            if place == "memory" {
                group.bench_function(format!("{format} in place"), |b| {
                    b.iter_custom(|calls| {
                        in_place(calls, &values, &mut to, |values| nearest.chop_slice(values))
                    });
                });
            }
        }
    }
}

/// The other rules and modes, and in place.
fn variants(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut to = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    let mut group = group(c, "variants of mxfp4 and mxfp8, cache", IN_CACHE);
    let format = BlockFormat::MXFP4;
    for rule in ScaleRule::ALL {
        let nearest = BlockChop::new(format.with_rule(rule), Rounding::NearestEven);
        group.bench_function(format!("mxfp4 {rule}"), |b| {
            b.iter(|| nearest.chop_into(black_box(&values), &mut to));
        });
    }
    for format in [BlockFormat::MXFP4, BlockFormat::MXFP8_E4M3] {
        let nearest = BlockChop::new(format, Rounding::NearestEven);
        group.bench_function(format!("{format} in place"), |b| {
            b.iter_custom(|calls| {
                in_place(calls, &values, &mut to, |values| nearest.chop_slice(values))
            });
        });
        let up = BlockChop::new(format, Rounding::Up);
        group.bench_function(format!("{format} up"), |b| {
            b.iter(|| up.chop_into(black_box(&values), &mut to));
        });
        let stochastic = BlockChop::new(format, Rounding::Stochastic).stream(1);
        group.bench_function(format!("{format} stochastic"), |b| {
            b.iter(|| stochastic.chop_into(black_box(&values), &mut to));
        });
    }
}

/// Into packed codes and back, memory for the codes included.
fn codes(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut to = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    let mut group = group(c, "codes, cache", IN_CACHE);
    for format in FORMATS {
        let nearest = BlockChop::new(format, Rounding::NearestEven);
        group.bench_function(format!("f32 to {format}"), |b| {
            b.iter(|| nearest.quantize(black_box(&values)));
        });
        let tensor = nearest.quantize(&values);
        group.bench_function(format!("{format} to f32"), |b| {
            b.iter(|| black_box(&tensor).dequantize_into(&mut to));
        });
    }
}

/// Packing alone, by way of `PackedArray`.
fn packed(c: &mut Criterion) {
    let mut group = group(c, "packed codes, cache", IN_CACHE);
    let mut to = vec![0_u8; IN_CACHE];
    for bits in [4, 6, 8] {
        let codes: Vec<u8> =
            (0..IN_CACHE).map(|i| (i * 37) as u8 & (u8::MAX >> (8 - bits))).collect();
        let packed = PackedArray::from_codes(bits, &[IN_CACHE], &codes).expect("codes that fit");
        group.bench_function(format!("pack {bits} bits"), |b| {
            b.iter(|| PackedArray::from_codes(bits, &[IN_CACHE], black_box(&codes)));
        });
        group.bench_function(format!("unpack {bits} bits"), |b| {
            b.iter(|| black_box(&packed).codes_into(&mut to));
        });
    }
}

criterion_group!(benches, fake, variants, codes, packed);
criterion_main!(benches);
