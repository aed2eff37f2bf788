//! Stochastic modes with given random words: the decisions for the exact fraction cut off, below the
//! storage type's resolution too.

use lowprec::{Binary, Chop, Format, Rounding, Unary, reference::Rule};
use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::calls::{ADD, DIV, MUL, Op, SQRT, SUB, row, slices};
use crate::check::compare;
use crate::operands::Operands;
use crate::rational::Real;
use crate::{policies, power};
use lowprec_oracles::at_every_level;
use lowprec_oracles::{Bits, Report};
use lowprec_oracles::{Oracle, Place};

/// Random bits that a mode takes; none of a number means all 32.
const COUNTS: [u8; 6] = [0, 1, 8, 16, 20, 32];

fn modes() -> Vec<(Rounding, u8)> {
    let counted = COUNTS.into_iter().flat_map(|n| {
        let made =
            [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)];
        made.map(|mode| (mode.expect("at most 32 bits"), n))
    });
    [(Rounding::Stochastic, 32), (Rounding::StochasticEqual, 1)]
        .into_iter()
        .chain(counted)
        .collect()
}

/// ν: 33 digits, and whether any follow.
type Fraction = (u64, bool);

/// Away from zero or not, by the formulas (DESIGN; IEEE P3109 Interim Report v4.0, 4.7.4).
fn away(mode: Rounding, (digits, rest): Fraction, word: u32) -> bool {
    let word = u64::from(word);
    let floor = |n: u32| digits >> (33 - n);
    let drawn = |n: u32| word >> (32 - n);
    match mode {
        // Past its 32 bits the word says "not away".
        Rounding::Stochastic => word < floor(32),
        Rounding::StochasticEqual => word >> 31 == 1,
        Rounding::StochasticA(n) => {
            let n = u32::from(n.get());
            floor(n) + drawn(n) >= 1 << n
        }
        Rounding::StochasticB(n) => {
            let n = u32::from(n.get());
            floor(n + 1) + 2 * drawn(n) + 1 >= 2 << n
        }
        Rounding::StochasticC(n) => {
            let n = u32::from(n.get());
            let whole = floor(n);
            let below = digits - (whole << (33 - n));
            let half = 1 << (32 - n);
            let up = below > half || below == half && (rest || whole % 2 == 1);
            whole + u64::from(up) + drawn(n) >= 1 << n
        }
        other => panic!("{other} is not stochastic"),
    }
}

/// Words about which a decision turns: ν, its complement, about which sums with R carry, one unit of
/// 32, 16 and n digits to either side; the ends; a random one.
fn words((digits, _): Fraction, n: u8, rng: &mut StdRng) -> Vec<u32> {
    let nu = (digits >> 1) as u32;
    let unit = 1_u32.checked_shl(32 - u32::from(n)).unwrap_or(0);
    let mut words = vec![0, u32::MAX, rng.next_u32()];
    for center in [nu, nu.wrapping_neg()] {
        for step in [0, 1, 1 << 16, unit, unit / 2] {
            words.extend([center.wrapping_add(step), center.wrapping_sub(step)]);
        }
    }
    words
}

fn slice_with_words<T: Bits>(chop: &Chop, op: Op, args: &[Vec<T>], to: &mut [T], words: &[u32]) {
    match op {
        Op::One(op) => chop.map_words(op, [&args[0]], to, words),
        Op::Two(op) => chop.map_words(op, [&args[0], &args[1]], to, words),
        _ => panic!("{op} takes no words"),
    }
}

/// Every mode on the operands, by slices at every level where there are such slices, and by the
/// definition.
fn check<T: Bits>(
    oracle: &Oracle<T>,
    format: Format,
    op: Op,
    operands: &[[T; 4]],
    rng: &mut StdRng,
    report: &mut Report,
) {
    let exact: Vec<_> = operands
        .iter()
        .map(|args| {
            let placed = oracle.placed(op.outcome(args));
            let nu = match placed.place() {
                Some(Place::Between { low, high, .. }) => Real::of(op, args).1.fraction(low, high),
                _ => (0, false),
            };
            (placed, nu)
        })
        .collect();
    for (number, (rounding, n)) in modes().into_iter().enumerate() {
        let (overflow, underflow) = policies(number + 5 * usize::from(n));
        let rule = Rule { format, rounding, overflow, underflow };
        let (mut columns, mut all) = (vec![Vec::new(); op.operands()], Vec::new());
        let mut wanted: Vec<T> = Vec::new();
        for (args, &(placed, nu)) in operands.iter().zip(&exact) {
            for word in words(nu, n, rng) {
                for (column, x) in columns.iter_mut().zip(args) {
                    column.push(*x);
                }
                all.push(word);
                let decide = |_, _, _| away(rounding, nu, word);
                wanted.push(oracle.round_placed_deciding(&placed, &rule, decide));
            }
        }
        let args = |i: usize| row(&slices(&columns), i);
        let chop = Chop::from_rule(rule);
        if op.operands() <= 2 {
            let mut got = vec![T::zero(); all.len()];
            at_every_level(|level| {
                got.fill(T::nan());
                slice_with_words(&chop, op, &columns, &mut got, &all);
                for (i, (got, want)) in got.iter().zip(&wanted).enumerate() {
                    report.cases += 1;
                    if got.to_word() != want.to_word() {
                        let path = format!("{level}, word {:#010x}", all[i]);
                        compare(op, &args(i), &rule, &path, *got, *want, report);
                    }
                }
            });
        }
        for i in (number % 7..all.len()).step_by(7) {
            report.cases += 1;
            let bits = [(all[i] >> 16) as u16, all[i] as u16];
            let (got, _) = op.reference(&args(i), &rule, &bits);
            let path = format!("reference, word {:#010x}", all[i]);
            compare(op, &args(i), &rule, &path, got, wanted[i], report);
        }
    }
}

fn random<T: Bits>(formats: &[&str]) {
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(32);
    for name in formats {
        let format: Format = name.parse().expect("the name of a format");
        let oracle = Oracle::<T>::new(format);
        for op in Op::ALL {
            let columns = Operands::new::<T>(op, format).columns::<T>(240, &mut rng);
            let operands: Vec<[T; 4]> =
                (0..columns[0].len()).map(|i| row(&slices(&columns), i)).collect();
            check(&oracle, format, op, &operands, &mut rng, &mut report);
        }
    }
    report.finish(&format!("given words, {}", T::NAME));
}

#[test]
fn given_words_in_f32() {
    random::<f32>(&["binary16", "bfloat16", "e4m3fn", "e2m1fn", "binary8p1se", "p20", "binary32"]);
}

#[test]
fn given_words_in_f64() {
    random::<f64>(&[
        "binary16",
        "bfloat16",
        "e5m2",
        "binary8p4uf",
        "p13",
        "p36",
        "p40",
        "p52",
        "p53e-300:200",
        "binary64",
    ]);
}

/// One word in a thousand about which the decision turns, so that slices go the way of results that need no more than the
/// storage's own: where many words are such they go another.
fn rare<T: Bits>(formats: &[&str]) {
    const APART: usize = 1024;
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(48);
    for name in formats {
        let format: Format = name.parse().expect("the name of a format");
        let rule = Rule::new(format, Rounding::Stochastic);
        let (oracle, chop) = (Oracle::<T>::new(format), Chop::from_rule(rule));
        for op in [ADD, SUB, MUL, DIV, SQRT] {
            let mut number = || T::near(rng.random_range(0.5..4.0));
            let columns: Vec<Vec<T>> =
                (0..op.operands()).map(|_| (0..64 * APART).map(|_| number()).collect()).collect();
            let mut all: Vec<u32> = (0..64 * APART).map(|_| rng.next_u32()).collect();
            let mut critical = Vec::new();
            for (chunk, start) in (0..all.len()).step_by(APART).enumerate() {
                let index = start + rng.random_range(0..APART);
                let args = row(&slices(&columns), index);
                let placed = oracle.placed(op.outcome(&args));
                let Some(Place::Between { low, high, .. }) = placed.place() else { continue };
                let nu = Real::of(op, &args).1.fraction(low, high);
                let words = words(nu, 32, &mut rng);
                all[index] = words[chunk % words.len()];
                let decide = |_, _, _| away(rule.rounding, nu, all[index]);
                critical.push((index, oracle.round_placed_deciding(&placed, &rule, decide)));
            }
            assert!(critical.len() > 32, "{op} in {name}: {} places", critical.len());
            let mut got = vec![T::zero(); all.len()];
            at_every_level(|level| {
                slice_with_words(&chop, op, &columns, &mut got, &all);
                for (index, want) in &critical {
                    report.cases += 1;
                    if got[*index].to_word() != want.to_word() {
                        let args = row(&slices(&columns), *index);
                        let path = format!("{level}, word {:#010x}", all[*index]);
                        compare(op, &args, &rule, &path, got[*index], *want, &mut report);
                    }
                }
            });
        }
    }
    report.finish(&format!("rare words, {}", T::NAME));
}

#[test]
fn rare_words() {
    rare::<f32>(&["bfloat16", "e5m2", "e4m3fn"]);
    rare::<f64>(&["bfloat16", "binary16", "p36", "p37"]);
}

/// What is cut off lies in part below the storage type's last place.
#[test]
fn fractions_below_the_resolution_of_the_storage() {
    let mut report = Report::default();
    let mut rng = StdRng::seed_from_u64(60);
    let format = Format::BFLOAT16;
    let start = 1.0 + 0.3 * power(-7);
    let (third, tiny) = (1.0 / 3.0, power(-60));
    let pair = |x: f64, y: f64| [x, y, 0.0, 0.0];
    let doubles = Oracle::<f64>::new(format);
    for (op, operands) in [
        (ADD, vec![pair(start, tiny), pair(1.0, tiny), pair(1.0, -tiny), pair(start, -tiny)]),
        (SUB, vec![pair(start, tiny), pair(1.0, tiny), pair(-start, tiny), pair(-1.0, tiny)]),
        (MUL, vec![pair(start, 1.0 + power(-52)), pair(third, third), pair(1e-30, 3e-15)]),
        (DIV, vec![pair(1.0, 3.0), pair(start, 1.1), pair(-2.0, third), pair(1e-40, 7e5)]),
        (SQRT, vec![pair(start, 0.0), pair(2.0, 0.0), pair(1.0 + power(-52), 0.0)]),
    ] {
        check(&doubles, format, op, &operands, &mut rng, &mut report);
    }
    let singles = Oracle::<f32>::new(format);
    let pair = |x: f64, y: f64| [x as f32, y as f32, 0.0, 0.0];
    for (op, operands) in [
        (ADD, vec![pair(start, tiny), pair(1.0, tiny), pair(1.0, -tiny), pair(start, power(-30))]),
        (SUB, vec![pair(start, tiny), pair(1.0, tiny), pair(-start, tiny), pair(1.0, power(-149))]),
        (MUL, vec![pair(start, 1.0 + power(-23)), pair(1.5e-20, 3e-25), pair(1e-30, 1e-15)]),
        (DIV, vec![pair(1.0, 3.0), pair(start, 1.1), pair(-2.0, third), pair(1e-38, 7e5)]),
        (SQRT, vec![pair(start, 0.0), pair(2.0, 0.0), pair(1.0 + power(-23), 0.0)]),
    ] {
        check(&singles, format, op, &operands, &mut rng, &mut report);
    }
    report.finish("below the resolution of the storage");
}

/// The issue's own numbers, written out: ν of 1 + 0.3·2^-7 + 2^-60 is that of 0.3 and 2^-53 more.
#[test]
fn three_tenths_and_a_little() {
    let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    let upper = 1.0 + power(-7);
    // 1 + x is exact to 2^-52 = 2^-45 ulp; the first 32 digits of ν are those of the rounded 0.3.
    let start = 1.0 + 0.3 * power(-7);
    let nu = (start - 1.0) * power(7) * power(32);
    let border = nu as u32;
    let mut sums = [0.0; 4];
    let words = [0, border - 1, border, u32::MAX];
    sr.map_words(Binary::Add, [&[start; 4], &[power(-60); 4]], &mut sums, &words);
    assert_eq!(sums, [upper, upper, 1.0, 1.0]);
    // ν = 2^-53: the first 32 digits are zeros, and no word of 32 bits lies below.
    sr.map_words(Binary::Add, [&[1.0; 4], &[power(-60); 4]], &mut sums, &words);
    assert_eq!(sums, [1.0; 4]);
    // ν = 1 - 2^-52: all words but the last.
    let words = [0, 1 << 31, u32::MAX - 1, u32::MAX];
    sr.map_words(Binary::Sub, [&[1.0; 4], &[power(-60); 4]], &mut sums, &words);
    let under = 1.0 - power(-8);
    assert_eq!(sums, [1.0, 1.0, 1.0, under]);
    // √2 = 1.0110101 00000100111100110011001111111001…₂
    let mut roots = [0.0; 4];
    let border = 0b0000_0100_1111_0011_0011_0011_1111_1001;
    let words = [0, border - 1, border, border + 1];
    sr.map_words(Unary::Sqrt, [&[2.0; 4]], &mut roots, &words);
    assert_eq!(roots, [1.4140625 + power(-7), 1.4140625 + power(-7), 1.4140625, 1.4140625]);
}
