//! Every CPU level gives the bits of the definition: one body of checks, run at each level that the
//! machine has, over formats that take every lane (`tests/support/lanes.rs`).

use lowprec::{Chop, Format, Level, Overflow, Rounding, Underflow, reference, reference::Rule};
use lowprec_oracles::inputs::{Extent, inputs};
use lowprec_oracles::{Bits, Report, at_every_level, deterministic_rules};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

include!("../support/lanes.rs");

fn formats() -> impl Iterator<Item = Format> {
    LANES.iter().map(|(name, _)| name.parse().expect("the name of a format"))
}

/// Numbers each with the few words about which its stochastic roundings can turn.
#[derive(Clone)]
struct Cases<T> {
    values: Vec<T>,
    words: Vec<u32>,
}

/// The smallest 32-bit U that does not round away: ν·2^32, rounded up, where it is below 1. Results
/// that overflow alike hide it; then 0.
fn fraction<T: Bits>(x: T, rule: &Rule) -> u32 {
    let at = |u: u32| reference::chop(x, rule, &halves(u)).to_word();
    let stays = at(u32::MAX);
    (0..u32::BITS).rev().fold(0, |low, bit| {
        let tried = low | 1 << bit;
        if at(tried - 1) == stays { low } else { tried }
    })
}

fn halves(word: u32) -> [u16; 2] {
    [(word >> 16) as u16, word as u16]
}

/// How many random bits a mode takes.
fn digits(mode: Rounding) -> u32 {
    let text = mode.to_string();
    match text.split_once(':') {
        Some((_, n)) => n.parse().expect("a number of bits"),
        None if mode == Rounding::StochasticEqual => 1,
        None => 32,
    }
}

impl<T: Bits> Cases<T> {
    /// `fractions` are those of `values`. The words: ν as far as it goes, its complement, about which
    /// the sums of the P3109 modes carry, and for both one unit of the first 32, 16 and n bits to
    /// either side; the ends; random ones.
    fn new(values: &[T], fractions: &[u32], mode: Rounding, rng: &mut StdRng) -> Self {
        let mut cases = Self { values: Vec::new(), words: Vec::new() };
        let unit = 1_u32.checked_shl(32 - digits(mode)).unwrap_or(0);
        for (&x, &nu) in values.iter().zip(fractions) {
            let random = rng.next_u32();
            let sixteen = nu & 0xffff_0000 | random & 0xffff;
            let mut words = vec![0, u32::MAX, random, rng.next_u32(), nu, sixteen];
            for center in [nu, nu.wrapping_neg()] {
                for step in [1, 1 << 16, unit] {
                    words.push(center.wrapping_add(step));
                    words.push(center.wrapping_sub(step));
                }
            }
            for word in words {
                cases.values.push(x);
                cases.words.push(word);
            }
        }
        cases
    }
}

/// Modes of every family: no random bits, one, as few as a lane has room for or not, as many as a word
/// has at first and one more, and all.
fn stochastic_modes() -> Vec<Rounding> {
    let counted = [0, 1, 3, 8, 16, 17, 32].into_iter().flat_map(|n| {
        [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)]
    });
    let counted = counted.map(|mode| mode.expect("at most 32 bits"));
    [Rounding::Stochastic, Rounding::StochasticEqual].into_iter().chain(counted).collect()
}

/// The policies in turn, so that over the formats every mode has met them all.
fn policies(number: usize) -> (Overflow, Underflow) {
    let (overflows, underflows) = (Overflow::ALL, Underflow::ALL);
    let overflow = overflows[number % overflows.len()];
    (overflow, underflows[number / overflows.len() % underflows.len()])
}

/// A number that no format of few bits holds, to find what was written where nothing should be.
fn sentinel<T: Bits>() -> T {
    T::of_word(0x3d5a_5a5a)
}

/// Slices of every length to a few blocks, from starts that no vector is aligned to, in place and not:
/// `wanted` are the results for `values`.
fn lengths<T: Bits>(what: &str, chop: &Chop, values: &[T], wanted: &[T], report: &mut Report) {
    let same = |x: T| x.to_word() == sentinel::<T>().to_word();
    for length in 0..=130 {
        let start = length * 29 % (values.len() - 130);
        let (from, want) = (&values[start..start + length], &wanted[start..start + length]);
        let pad = 1 + length % 5;
        let mut to = [sentinel::<T>(); 140];
        chop.chop_into(from, &mut to[pad..pad + length]);
        let mut in_place = [sentinel::<T>(); 140];
        in_place[pad..pad + length].copy_from_slice(from);
        chop.chop_slice(&mut in_place[pad..pad + length]);
        for (i, (x, want)) in from.iter().zip(want).enumerate() {
            report.compare(what, &chop.rule(), *x, to[pad + i], *want);
            report.compare(what, &chop.rule(), *x, in_place[pad + i], *want);
        }
        for written in [&to, &in_place] {
            let outside = written[..pad].iter().chain(&written[pad + length..]);
            assert!(outside.copied().all(same), "{what}: {chop:?}, {length} values: one beside");
        }
    }
}

fn deterministic<T: Bits>() {
    let mut report = Report::default();
    for format in formats() {
        let values = inputs::<T>(&format, Extent::Sampled { binades: 12 });
        let rules: Vec<Rule> = deterministic_rules(format).collect();
        let from_rule =
            |rule: &Rule| values.iter().map(|&x| reference::chop(x, rule, &[])).collect();
        let wanted: Vec<Vec<T>> = rules.iter().map(from_rule).collect();
        let mut got = vec![T::zero(); values.len()];
        at_every_level(|level| {
            let (slice, place) = (format!("{level}, slice"), format!("{level}, in place"));
            let (scalar, short) = (format!("{level}, scalar"), format!("{level}, short slice"));
            for (rule, wanted) in rules.iter().zip(&wanted) {
                let chop = Chop::from_rule(*rule);
                chop.chop_into(&values, &mut got);
                let all = || values.iter().zip(wanted);
                for ((x, want), got) in all().zip(&got) {
                    report.compare(&slice, rule, *x, *got, *want);
                }
                got.copy_from_slice(&values);
                chop.chop_slice(&mut got);
                for ((x, want), got) in all().zip(&got) {
                    report.compare(&place, rule, *x, *got, *want);
                    report.compare(&scalar, rule, *x, chop.chop(*x), *want);
                }
                lengths(&short, &chop, &values, wanted, &mut report);
            }
        });
    }
    report.finish(&format!("deterministic modes, {}", T::NAME));
}

#[test]
fn deterministic_modes_in_f32() {
    deterministic::<f32>();
}

#[test]
fn deterministic_modes_in_f64() {
    deterministic::<f64>();
}

fn given_words<T: Bits>() {
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(3);
    for (turn, format) in formats().enumerate() {
        // Every second one: 18 words each, and the reference is slow.
        let values = inputs::<T>(&format, Extent::Sampled { binades: 6 });
        let values: Vec<T> = values.into_iter().step_by(2).collect();
        let exact = Rule::new(format, Rounding::Stochastic);
        let fractions: Vec<u32> = values.iter().map(|&x| fraction(x, &exact)).collect();
        let mut runs = Vec::new();
        for (number, rounding) in stochastic_modes().into_iter().enumerate() {
            let cases = Cases::new(&values, &fractions, rounding, &mut rng);
            let (overflow, _) = policies(number + turn);
            // Both: what is flushed hides what was rounded.
            for underflow in Underflow::ALL {
                let rule = Rule { format, rounding, overflow, underflow };
                let pairs = cases.values.iter().zip(&cases.words);
                let wanted = pairs.map(|(&x, &word)| reference::chop(x, &rule, &halves(word)));
                let wanted: Vec<T> = wanted.collect();
                runs.push((rule, cases.clone(), wanted));
            }
        }
        at_every_level(|level| {
            for (rule, cases, wanted) in &runs {
                let mut got = cases.values.clone();
                Chop::from_rule(*rule).chop_slice_words(&mut got, &cases.words);
                for (i, got) in got.iter().enumerate() {
                    if got.to_word() != wanted[i].to_word() {
                        let what = format!("{level}, word {:#010x}", cases.words[i]);
                        report.compare(&what, rule, cases.values[i], *got, wanted[i]);
                    }
                }
                report.cases += got.len() as u64;
            }
        });
    }
    report.finish(&format!("given words, {}", T::NAME));
}

#[test]
fn stochastic_modes_with_given_words_in_f32() {
    given_words::<f32>();
}

#[test]
fn stochastic_modes_with_given_words_in_f64() {
    given_words::<f64>();
}

/// A seeded stream's elements at a level, by slices and one by one, against those of the first level.
fn streams<T: Bits>() {
    let mut report = Report::default();
    for (turn, format) in formats().enumerate() {
        let values = inputs::<T>(&format, Extent::Sampled { binades: 6 });
        for (number, rounding) in stochastic_modes().into_iter().enumerate() {
            let (overflow, underflow) = policies(number + turn);
            let chop = Chop::from_rule(Rule { format, rounding, overflow, underflow });
            let mut first: Option<Vec<T>> = None;
            at_every_level(|level| {
                let stream = || chop.stream(9).at(5);
                let one = stream();
                let scalars: Vec<T> = values.iter().map(|&x| one.chop(x)).collect();
                let first = &*first.get_or_insert(scalars.clone());
                let mut whole = values.clone();
                stream().chop_slice(&mut whole);
                // Lengths 0 to 130, one behind the other, into another slice.
                let pieces = stream();
                let mut joined = vec![T::zero(); values.len()];
                let mut at = 0;
                for length in (0..=130).cycle() {
                    let end = (at + length).min(values.len());
                    pieces.chop_into(&values[at..end], &mut joined[at..end]);
                    at = end;
                    if at == values.len() {
                        break;
                    }
                }
                for (i, (x, want)) in values.iter().zip(first).enumerate() {
                    for (what, got) in
                        [("scalar", scalars[i]), ("slice", whole[i]), ("pieces", joined[i])]
                    {
                        if got.to_word() != want.to_word() {
                            let what = format!("{level}, {what}, element {i}");
                            report.compare(&what, &chop.rule(), *x, got, *want);
                        }
                    }
                }
                report.cases += 3 * values.len() as u64;
            });
        }
    }
    report.finish(&format!("streams, {}", T::NAME));
}

#[test]
fn streams_in_f32() {
    streams::<f32>();
}

#[test]
fn streams_in_f64() {
    streams::<f64>();
}

/// A level is run exactly where the processor lacks nothing of it; `--nocapture` says which and why.
#[test]
fn levels_are_those_that_the_machine_has() {
    for level in [Level::Portable, Level::Avx2, Level::Avx512] {
        let lacking = lacking(level);
        let run = Level::available().contains(&level);
        println!("{level}: {}", if run { "run" } else { "not run" });
        assert_eq!(run, lacking.is_empty(), "{level}: {lacking:?} missing");
    }
}

/// What the processor lacks for the level.
#[cfg(target_arch = "x86_64")]
fn lacking(level: Level) -> Vec<&'static str> {
    macro_rules! lacking {
        ($($feature:tt)*) => {
            [$(($feature, std::is_x86_feature_detected!($feature))),*]
        };
    }
    let avx2 = lacking!("avx2" "fma" "bmi1" "bmi2" "lzcnt");
    let avx512 = lacking!("avx512f" "avx512bw" "avx512dq" "avx512vl");
    let wanted = match level {
        Level::Avx512 => avx2.into_iter().chain(avx512).collect(),
        Level::Avx2 => avx2.to_vec(),
        _ => Vec::new(),
    };
    wanted.into_iter().filter(|(_, has)| !has).map(|(name, _)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn lacking(level: Level) -> Vec<&'static str> {
    if level == Level::Portable { Vec::new() } else { vec!["an x86-64 processor"] }
}
