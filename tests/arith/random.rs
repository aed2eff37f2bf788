//! Random operands of every kind into wider formats: every operation, every deterministic mode, the
//! CPU levels taking turns.
//!
//! `cargo test` takes a part of the million elements of each format and operation that
//! `--cfg exhaustive` takes.

use lowprec::Format;
use rand::SeedableRng;
use rand::rngs::StdRng;

use crate::calls::Op;
use crate::check::{Every, check, rules};
use crate::operands::Operands;
use lowprec_oracles::{Bits, Report};
use lowprec_oracles::{Grid, Oracle};

/// Elements of each format and operation.
const ELEMENTS: usize = if cfg!(exhaustive) { 1_000_000 } else { 200_000 };

/// Elements at a time: by turns of all kinds, of one, and of one kind among ordinary ones.
const BLOCK: usize = 2500;

fn random<T: Bits>(format: &str, op: Op) -> Report {
    let mut report = Report::default();
    let format: Format = format.parse().expect("the name of a format");
    let seed =
        format.precision() as u64 * 100 + Op::ALL.iter().position(|o| *o == op).unwrap() as u64;
    let mut rng = StdRng::seed_from_u64(seed);
    let oracle = Oracle::<T>::with_grid(format, Grid::divided::<T>(&format));
    let operands = Operands::new::<T>(op, format);
    for block in 0..ELEMENTS / BLOCK {
        let turn = block / 3;
        let columns = match block % 3 {
            0 => operands.columns::<T>(BLOCK, &mut rng),
            1 => operands.of_one_kind::<T>(BLOCK, turn, &mut rng),
            _ => operands.among_ordinary::<T>(BLOCK, 4 * turn, &mut rng),
        };
        let every = Every { scalar: 13, reference: 2003, level: Some(turn) };
        check(&oracle, op, &rules(format, turn), &columns, every, &mut report);
    }
    report
}

fn operations<T: Bits>(formats: &[&str]) {
    for format in formats {
        let mut report = Report::default();
        for op in Op::ALL {
            report.join(random::<T>(format, op));
        }
        report.finish(&format!("{format} in {}", T::NAME));
    }
}

#[test]
fn sixteen_bits_and_tf32_in_f64() {
    operations::<f64>(&["binary16", "bfloat16", "tf32"]);
}

#[test]
fn precisions_13_to_30_in_f64() {
    operations::<f64>(&["p13", "p20e-126:127", "p30"]);
}

#[test]
fn precisions_40_to_53_in_f64() {
    operations::<f64>(&[
        "p40e-100:100",
        "p50",
        "p52e-1022:1023",
        "p52",
        "p52e-100:90",
        "p53e-300:200",
    ]);
}

#[test]
fn binary32_and_binary64_in_f64() {
    operations::<f64>(&["binary32", "binary64"]);
}

#[test]
fn sixteen_bits_and_tf32_in_f32() {
    operations::<f32>(&["binary16", "bfloat16", "tf32"]);
}

#[test]
fn precisions_13_to_24_in_f32() {
    operations::<f32>(&["p13e-40:40", "p20", "p20e-126:127", "binary32"]);
}
