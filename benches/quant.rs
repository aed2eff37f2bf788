//! Fixed point, integers, requantization, Hadamard's transform and Quartet, in cache, beside a copy of the
//! same bytes.
//!
//! `cargo bench -p lowprec-benches --bench quant`, or `-- fixed` for a part. Rows named "into" go from one slice into another;
//! "encode" from values to codes, "decode" back.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::Rounding;
use lowprec::quant::fixed::Fixed;
use lowprec::quant::hadamard::Hadamard;
use lowprec::quant::integer::{
    Calibration, Codes, Dyadic, IntegerFormat, Layout, Operand, Product, Requantizer,
};
use lowprec::quant::quartet::{Backward, Forward};
use settings::group;
use support::{BETWEEN, Buffer, DESTINATION, IN_CACHE, SOURCE, Stored, in_place, normal};

/// What codes are made of always has one.
const HAS: &str = "every normal deviate has a code";

const MODES: [Rounding; 3] = [Rounding::NearestEven, Rounding::Up, Rounding::Stochastic];

/// Channels and group length of the finer layouts.
const CHANNELS: usize = 64;
const SIZE: usize = 32;

fn fixed<T: Stored>(c: &mut Criterion) {
    let from = Buffer::of(&normal::<T>(IN_CACHE), SOURCE);
    let mut to = Buffer::<T>::new(IN_CACHE, DESTINATION);
    let mut codes = Buffer::<i16>::new(IN_CACHE, BETWEEN);
    let mut group = group(c, &format!("fixed Q4.12/{}", T::NAME), IN_CACHE);
    group.bench_function("copy", |b| b.iter(|| to.copy_from_slice(black_box(&from))));
    for mode in MODES {
        let format = Fixed::new(4, 12).expect("16 bits").with_rounding(mode).stream(1);
        group.bench_function(format!("into/{mode}"), |b| {
            b.iter(|| format.quantize_into(black_box(&from), &mut to));
        });
        group.bench_function(format!("encode/{mode}"), |b| {
            b.iter(|| format.encode_slice(black_box(&from), &mut codes).expect(HAS));
        });
    }
    let format = Fixed::new(4, 12).expect("16 bits");
    group.bench_function("decode", |b| {
        b.iter(|| format.decode_slice(black_box(&codes), &mut to).expect(HAS));
    });
}

fn integer<T: Stored>(c: &mut Criterion) {
    let from = Buffer::of(&normal::<T>(IN_CACHE), SOURCE);
    let mut to = Buffer::<T>::new(IN_CACHE, DESTINATION);
    let mut codes = Buffer::<i8>::new(IN_CACHE, BETWEEN);
    let mut group = group(c, &format!("int8/{}", T::NAME), IN_CACHE);
    group.bench_function("copy", |b| b.iter(|| to.copy_from_slice(black_box(&from))));
    let shape = [IN_CACHE / CHANNELS, CHANNELS];
    let layouts = [
        ("tensor", Layout::tensor()),
        ("rows", Layout::channels(&shape, 0).expect("two axes")),
        ("columns", Layout::channels(&shape, 1).expect("two axes")),
        ("groups", Layout::groups(&shape, SIZE).expect("two axes")),
    ];
    for (name, layout) in layouts {
        for mode in MODES {
            let int8 = IntegerFormat::new(8, Codes::Signed).expect("8 bits").with_rounding(mode);
            let quantizer = int8.calibrate(&from, layout, Calibration::MinMax).expect("finite");
            let seeded = quantizer.stream(1);
            group.bench_function(format!("{name}/into/{mode}"), |b| {
                b.iter(|| seeded.quantize_into(black_box(&from), &mut to));
            });
            group.bench_function(format!("{name}/encode/{mode}"), |b| {
                b.iter(|| seeded.encode_slice(black_box(&from), &mut codes).expect(HAS));
            });
        }
        let int8 = IntegerFormat::new(8, Codes::Signed).expect("8 bits");
        let quantizer = int8.calibrate(&from, layout, Calibration::MinMax).expect("finite");
        group.bench_function(format!("{name}/decode"), |b| {
            b.iter(|| quantizer.decode_slice(black_box(&codes), &mut to).expect(HAS));
        });
    }
}

fn requantize(c: &mut Criterion) {
    let sums: Vec<i32> = normal::<f32>(IN_CACHE).iter().map(|x| (x * 1e5) as i32).collect();
    let from = Buffer::of(&sums, SOURCE);
    let mut to = Buffer::<i32>::new(IN_CACHE, DESTINATION);
    let mut codes = Buffer::<i8>::new(IN_CACHE, BETWEEN);
    let mut group = group(c, "requantize i32 to int8", IN_CACHE);
    group.bench_function("copy", |b| b.iter(|| to.copy_from_slice(black_box(&from))));
    for mode in MODES {
        let int8 = IntegerFormat::new(8, Codes::Signed).expect("8 bits").with_rounding(mode);
        let factor = Dyadic::nearest(3e-4).expect("in range");
        let requantizer =
            Requantizer::new(int8, 3, Layout::tensor(), vec![factor]).expect("one factor");
        let seeded = requantizer.stream(1);
        group.bench_function(format!("{mode}"), |b| {
            b.iter(|| seeded.requantize_into(black_box(&from), &mut codes).expect(HAS));
        });
    }
}

fn product(c: &mut Criterion) {
    const N: usize = 128;
    let codes: Vec<i8> = normal::<f32>(N * N).iter().map(|x| (x * 40.0) as i8).collect();
    let mut sums = vec![0_i32; N * N];
    let side =
        Operand::new(IntegerFormat::new(8, Codes::Signed).expect("8 bits"), 0).expect("zero");
    let product = Product::new(side, side, N).expect("128 terms");
    group(c, "int8 product, multiplications", N * N * N).bench_function("128 x 128 x 128", |b| {
        b.iter(|| {
            product.multiply_into(black_box(&codes), &codes, N, N, &mut sums).expect("codes");
        });
    });
}

/// In place: values grow or settle when transformed again, so each call begins afresh.
fn transforms<T: Stored>(c: &mut Criterion) {
    let fresh = Buffer::of(&normal::<T>(IN_CACHE), SOURCE);
    let mut values = Buffer::<T>::new(IN_CACHE, DESTINATION);
    let mut group = group(c, &format!("transforms/{}", T::NAME), IN_CACHE);
    group.bench_function("copy", |b| b.iter(|| values.copy_from_slice(black_box(&fresh))));
    for block in [16, 32, 64, 128, 1024] {
        let hadamard = Hadamard::new(block).expect("a power of two");
        group.bench_function(format!("hadamard {block}"), |b| {
            b.iter_custom(|calls| in_place(calls, &fresh, &mut values, |x| hadamard.transform(x)));
        });
    }
    let signed = Hadamard::new(32).expect("a power of two").with_signs(1);
    group.bench_function("hadamard 32, signs", |b| {
        b.iter_custom(|calls| in_place(calls, &fresh, &mut values, |x| signed.transform(x)));
    });
    group.bench_function("quartet forward", |b| {
        b.iter_custom(|calls| in_place(calls, &fresh, &mut values, |x| Forward::new().quantize(x)));
    });
    let backward = Backward::seeded(1);
    group.bench_function("quartet backward", |b| {
        b.iter_custom(|calls| in_place(calls, &fresh, &mut values, |x| backward.quantize(x)));
    });
}

fn all(c: &mut Criterion) {
    fixed::<f32>(c);
    fixed::<f64>(c);
    integer::<f32>(c);
    integer::<f64>(c);
    requantize(c);
    product(c);
    transforms::<f32>(c);
    transforms::<f64>(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
