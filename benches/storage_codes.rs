//! Values to codes and back, in cache, beside the crates that do the same work: bytes of e4m3fn and
//! e2m1fn, `half`'s types, and binary16 and bfloat16 held in `f32`.
//!
//! `cargo bench -p lowprec-benches --bench storage_codes`, or `-- e4m3fn` for a part. Of the peers, `half` converts
//! slices, by hardware instructions where it finds them; `float8` (e4m3fn) and `minifloat` (both)
//! convert value by value and round to nearest even as we do.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use float8::F8E4M3;
use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use lowprec::{Chop, Format, Level, Rounding};
use minifloat::{F4E2M1FN, F8E4M3FN};
use settings::{Group, group};
use support::{BETWEEN, Buffer, DESTINATION, IN_CACHE, SOURCE, normal};

const fn nearest(format: Format) -> Chop {
    Chop::new(format, Rounding::NearestEven)
}

/// Why nothing here is refused.
const FITS: &str = "numbers rounded to the format, and codes made from them";

/// A conversion value by value.
fn each<A: Copy, B>(from: &[A], to: &mut [B], convert: impl Fn(A) -> B) {
    from.iter().zip(to).for_each(|(x, y)| *y = convert(*x));
}

/// Runs `run` at every level, the best last, so that it stays.
fn at_levels(group: &mut Group<'_>, mut run: impl FnMut()) {
    for level in Level::available() {
        level.cap();
        group.bench_function(format!("lowprec, {level}"), |b| b.iter(&mut run));
    }
}

/// `f32` to codes in bytes and back.
fn bytes(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut back = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    let mut codes = Buffer::<u8>::new(IN_CACHE, BETWEEN);
    let mut copied = Buffer::<u8>::new(IN_CACHE, DESTINATION);
    group(c, "codes", IN_CACHE).bench_function("copy", |b| {
        b.iter(|| copied.copy_from_slice(black_box(&codes)));
    });
    for format in [Format::OCP_E4M3, Format::OCP_E2M1] {
        let is_e4m3 = format == Format::OCP_E4M3;
        let mut group = group(c, &format!("f32 to {format} codes"), IN_CACHE);
        if is_e4m3 {
            group.bench_function("float8", |b| {
                b.iter(|| each(black_box(&values), &mut codes, |x| F8E4M3::from_f32(x).to_bits()));
            });
        }
        group.bench_function("minifloat", |b| {
            b.iter(|| {
                let values = black_box(&values);
                if is_e4m3 {
                    each(values, &mut codes, |x| F8E4M3FN::from_f32(x).to_bits());
                } else {
                    each(values, &mut codes, |x| F4E2M1FN::from_f32(x).to_bits());
                }
            });
        });
        at_levels(&mut group, || {
            nearest(format).chop_into_codes(black_box(&values), &mut codes).expect(FITS);
        });
        group.finish();
        let mut group = self::group(c, &format!("{format} codes to f32"), IN_CACHE);
        if is_e4m3 {
            group.bench_function("float8", |b| {
                b.iter(|| each(black_box(&codes), &mut back, |c| F8E4M3::from_bits(c).to_f32()));
            });
        }
        group.bench_function("minifloat", |b| {
            b.iter(|| {
                let codes = black_box(&codes);
                if is_e4m3 {
                    each(codes, &mut back, |c| F8E4M3FN::from_bits(c).to_f32());
                } else {
                    each(codes, &mut back, |c| F4E2M1FN::from_bits(c).to_f32());
                }
            });
        });
        at_levels(&mut group, || {
            format.decode_slice(black_box(&codes), &mut back).expect(FITS);
        });
    }
}

/// Codes of fewer than eight bits side by side.
fn packed(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut back = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    for format in [Format::OCP_E2M1, Format::OCP_E3M2] {
        let count = format.packed_len(IN_CACHE).expect("fewer than the values");
        let mut bytes = Buffer::<u8>::new(count, BETWEEN);
        let mut group = group(c, &format!("f32 to packed {format}"), IN_CACHE);
        at_levels(&mut group, || {
            nearest(format).chop_into_packed(black_box(&values), &mut bytes).expect(FITS);
        });
        group.finish();
        let mut group = self::group(c, &format!("packed {format} to f32"), IN_CACHE);
        at_levels(&mut group, || {
            format.decode_packed(black_box(&bytes), &mut back).expect(FITS);
        });
    }
}

/// Codes of binary16 beside `half`'s `f16`.
fn words(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut back = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    let mut codes = Buffer::<u16>::new(IN_CACHE, BETWEEN);
    let mut halves = Buffer::<f16>::new(IN_CACHE, BETWEEN);
    let mut to = group(c, "f32 to binary16 codes", IN_CACHE);
    to.bench_function("half", |b| {
        b.iter(|| halves.convert_from_f32_slice(black_box(&values)));
    });
    at_levels(&mut to, || {
        nearest(Format::BINARY16).chop_into_codes(black_box(&values), &mut codes).expect(FITS);
    });
    to.finish();
    let mut from = group(c, "binary16 codes to f32", IN_CACHE);
    from.bench_function("half", |b| {
        b.iter(|| black_box(&*halves).convert_to_f32_slice(&mut back));
    });
    at_levels(&mut from, || {
        Format::BINARY16.decode_slice(black_box(&codes), &mut back).expect(FITS);
    });
}

/// Rounding in `f32` storage beside `half`'s way into its types and back, which leaves the same.
fn halves(c: &mut Criterion) {
    let values = Buffer::of(&normal::<f32>(IN_CACHE), SOURCE);
    let mut back = Buffer::<f32>::new(IN_CACHE, DESTINATION);
    let mut halves = Buffer::<f16>::new(IN_CACHE, BETWEEN);
    let mut brains = Buffer::<bf16>::new(IN_CACHE, BETWEEN);
    let mut one = group(c, "f32 to binary16 in f32", IN_CACHE);
    one.bench_function("half", |b| {
        b.iter(|| {
            halves.convert_from_f32_slice(black_box(&values));
            black_box(&*halves).convert_to_f32_slice(&mut back);
        });
    });
    at_levels(&mut one, || nearest(Format::BINARY16).chop_into(black_box(&values), &mut back));
    one.finish();
    let mut other = group(c, "f32 to bfloat16 in f32", IN_CACHE);
    other.bench_function("half", |b| {
        b.iter(|| {
            brains.convert_from_f32_slice(black_box(&values));
            black_box(&*brains).convert_to_f32_slice(&mut back);
        });
    });
    at_levels(&mut other, || nearest(Format::BFLOAT16).chop_into(black_box(&values), &mut back));
}

fn all(c: &mut Criterion) {
    bytes(c);
    packed(c);
    words(c);
    halves(c);
}

criterion_group!(benches, all);
criterion_main!(benches);
