//! The sweeps that take minutes:
//! `RUSTFLAGS="--cfg exhaustive" cargo test --test exhaustive -- --nocapture --test-threads 1`.
#![cfg(exhaustive)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use lowprec::{Chop, Format, Rounding, reference, reference::Rule};
use lowprec_oracles::compare::{Reference, compare, compare_part};
use lowprec_oracles::formats::customs;
use lowprec_oracles::inputs::{Extent, magnitudes};
use lowprec_oracles::{Oracle, Place, Report, deterministic_rules};

/// `work(i)` for every i below `count`, on all cores.
fn share(count: usize, work: impl Fn(usize, &mut Report) + Sync) -> Report {
    let (next, total) = (AtomicUsize::new(0), Mutex::new(Report::default()));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut report = Report::default();
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= count {
                        break;
                    }
                    work(i, &mut report);
                }
                total.lock().unwrap().join(report);
            });
        }
    });
    total.into_inner().unwrap()
}

/// Every value, every midpoint and one storage ulp beside each.
fn complete(what: &str, formats: &[Format], reference: Reference) {
    let start = Instant::now();
    let report = share(formats.len(), |i, report| {
        compare(formats[i], Extent::Every, reference, report);
    });
    report.finish(what);
    println!("{what}: {} formats, {:.0} s", formats.len(), start.elapsed().as_secs_f64());
}

#[test]
fn p3109_complete_to_16_bits() {
    let wide = Format::p3109_family().filter(|f| f.total_bits() > Some(8));
    // Largest first, so that no thread ends up alone with one of them.
    let mut formats: Vec<Format> = wide.collect();
    formats.sort_by_key(|f| std::cmp::Reverse(f.total_bits()));
    complete("P3109, 9 to 16 bits", &formats, Reference::Seventh);
}

#[test]
fn customs_complete_to_16_bits() {
    let customs = customs().into_iter();
    let formats: Vec<Format> =
        customs.filter(|f| f.total_bits().is_some_and(|bits| bits <= 16)).collect();
    complete("customs to 16 bits", &formats, Reference::Every);
}

/// Named formats of too many values for one list: in parts, each under every rule.
#[test]
fn tf32_and_pxr24_complete() {
    const PART: usize = 1 << 14;
    for format in [Format::TF32, Format::PXR24] {
        let start = Instant::now();
        let (single, double) = (Oracle::<f32>::new(format), Oracle::<f64>::new(format));
        let (values, rules) =
            (magnitudes(&format), deterministic_rules(format).collect::<Vec<Rule>>());
        let report = share(values.len().div_ceil(PART), |i, report| {
            let part = &values[i * PART..(i * PART + PART + 1).min(values.len())];
            compare_part(&single, &rules, part, report);
            compare_part(&double, &rules, part, report);
        });
        report.finish(&format.to_string());
        println!("{format}: {} values, {:.0} s", values.len(), start.elapsed().as_secs_f64());
    }
}

/// A run of consecutive bit patterns of one sign, from `first` to the next run, that lie alike among
/// the format's values: one result under every rule.
struct Run {
    first: u32,
    place: Option<Place>,
}

/// The 2^31 nonnegative patterns as runs. An infinity and a zero are runs by themselves, NaNs one.
///
/// Where the first and the last pattern of a run lie between the same neighbours, on the same side
/// of the middle, all patterns between them do, since patterns ascend as their numbers do. Hence the
/// end of a run can be found by bisection.
fn runs(oracle: &Oracle<f32>) -> Vec<Run> {
    let infinity = f32::INFINITY.to_bits();
    let place = |bits: u32| oracle.place(f32::from_bits(bits));
    let mut runs = vec![Run { first: 0, place: None }];
    let mut first = 1;
    while first < infinity {
        let here = place(first);
        runs.push(Run { first, place: here });
        let (mut inside, mut outside) = (first, infinity);
        if here == Some(Place::At) {
            outside = first + 1;
        }
        while outside - inside > 1 {
            let middle = inside + (outside - inside) / 2;
            if place(middle) == here { inside = middle } else { outside = middle }
        }
        first = outside;
    }
    runs.push(Run { first: infinity, place: None });
    runs.push(Run { first: infinity + 1, place: None });
    runs
}

const SIGN: u32 = 1 << 31;
const CHUNK: usize = 1 << 14;

/// All 2^32 `f32` patterns through the slice kernel, under every rule; the reference at both ends of
/// every run, where a result can go over into another.
fn every_f32(format: Format) {
    let start = Instant::now();
    let oracle = Oracle::<f32>::new(format);
    let runs = runs(&oracle);
    let ends = |i: usize| runs.get(i + 1).map_or(SIGN, |next| next.first);
    let covered: u64 = (0..runs.len()).map(|i| u64::from(ends(i) - runs[i].first)).sum();
    assert_eq!(covered, 1 << 31, "the runs are all nonnegative patterns");

    let rules: Vec<Rule> = deterministic_rules(format).collect();
    let chunks = (1_usize << 31) / CHUNK;
    let mut report = share(2 * chunks, |i, report| {
        let sign = if i < chunks { 0 } else { SIGN };
        let base = (i % chunks * CHUNK) as u32;
        let from: Vec<f32> = (0..CHUNK as u32).map(|j| f32::from_bits(sign | (base + j))).collect();
        let mut to = vec![0_f32; CHUNK];
        let first_run = runs.partition_point(|run| run.first <= base) - 1;
        for rule in &rules {
            Chop::from_rule(*rule).chop_into(&from, &mut to);
            let mut run = first_run;
            let mut at = 0;
            while at < CHUNK {
                let end = ((ends(run) - base) as usize).min(CHUNK);
                let x = f32::from_bits(sign | runs[run].first);
                let want = oracle.finish(x, runs[run].place, rule).to_bits();
                // Without an early exit, so that the comparison is a vector loop.
                let differing = to[at..end].iter().fold(0, |bits, y| bits | y.to_bits() ^ want);
                if differing != 0 {
                    let wrong = (at..end).find(|j| to[*j].to_bits() != want).unwrap();
                    report.compare("kernel", rule, from[wrong], to[wrong], f32::from_bits(want));
                }
                (at, run) = (end, run + 1);
            }
            report.cases += CHUNK as u64;
        }
    });
    report.join(share(runs.len(), |i, report| {
        for bits in [runs[i].first, ends(i) - 1] {
            for x in [f32::from_bits(bits), f32::from_bits(bits | SIGN)] {
                for rule in &rules {
                    let want = oracle.finish(x, runs[i].place, rule);
                    report.compare("reference", rule, x, reference::chop(x, rule, &[]), want);
                }
            }
        }
    }));
    report.finish(&format!("{format}, every f32"));
    let seconds = start.elapsed().as_secs_f64();
    println!("{format}: {} runs, {} rules, {seconds:.0} s", runs.len(), rules.len());
}

#[test]
fn every_f32_to_binary16() {
    every_f32(Format::BINARY16);
}

#[test]
fn every_f32_to_bfloat16() {
    every_f32(Format::BFLOAT16);
}

#[test]
fn every_f32_to_e4m3fn() {
    every_f32(Format::OCP_E4M3);
}

#[test]
fn every_f32_to_e5m2() {
    every_f32(Format::OCP_E5M2);
}

#[test]
fn every_f32_to_e2m1fn() {
    every_f32(Format::OCP_E2M1);
}

/// Against `half`, all 2^32 patterns, nearest even.
#[test]
fn every_f32_as_half_rounds_it() {
    let start = Instant::now();
    let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
    let bf16 = Chop::new(Format::BFLOAT16, Rounding::NearestEven);
    let quiet = |y: f32| if y.is_nan() { f32::NAN.copysign(y) } else { y };
    let report = share(1 << 16, |i, report| {
        let from: Vec<f32> = (0..1 << 16).map(|j| f32::from_bits((i as u32) << 16 | j)).collect();
        let mut to = vec![0_f32; from.len()];
        fp16.chop_into(&from, &mut to);
        for (x, y) in from.iter().zip(&to) {
            report.compare("f16", &fp16.rule(), *x, *y, quiet(half::f16::from_f32(*x).to_f32()));
        }
        bf16.chop_into(&from, &mut to);
        for (x, y) in from.iter().zip(&to) {
            report.compare("bf16", &bf16.rule(), *x, *y, quiet(half::bf16::from_f32(*x).to_f32()));
        }
    });
    report.finish("half, every f32");
    println!("half: {:.0} s", start.elapsed().as_secs_f64());
}
