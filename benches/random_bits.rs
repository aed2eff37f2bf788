//! What the random bits of a seeded stream cost: the stream's own ChaCha8 against words from
//! `rand_chacha`, made for the same number of values and given to the same loop.
//!
//! `cargo bench -p lowprec-benches --bench random_bits`. 16,384 values, 16 bits for each.

#[path = "support/settings.rs"]
mod settings;
mod support;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use lowprec::{Chop, Format, Level, Rounding};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use settings::group;
use support::normal;

const VALUES: usize = 16_384;

fn all(c: &mut Criterion) {
    let mut values = normal::<f32>(VALUES);
    let (mut bytes, mut words) = (vec![0_u8; 2 * VALUES], vec![0_u32; VALUES]);
    for level in Level::available() {
        level.cap();
        let mut group = group(c, &format!("random_bits/{level}"), VALUES);
        for format in [Format::BFLOAT16, Format::OCP_E4M3, Format::BINARY16] {
            let chop = Chop::new(format, Rounding::Stochastic);
            let stream = chop.stream(1);
            group.bench_function(format!("{format}, stream"), |b| {
                b.iter(|| stream.chop_slice(black_box(&mut values)));
            });
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            group.bench_function(format!("{format}, rand_chacha"), |b| {
                b.iter(|| {
                    rng.fill_bytes(black_box(&mut bytes));
                    for (word, half) in words.iter_mut().zip(bytes.as_chunks::<2>().0) {
                        *word = u32::from(u16::from_le_bytes(*half)) << 16;
                    }
                    chop.chop_slice_words(black_box(&mut values), black_box(&words));
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, all);
criterion_main!(benches);
