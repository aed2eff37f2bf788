//! `StochasticA`, `B` and `C` against their formulas (IEEE P3109 Interim Report v4.0, 4.7.4), for
//! every random integer R of up to 8 bits and a sample of wider ones.

use lowprec::{Binary, Chop, Format, Rounding, Storage, reference, reference::Rule};

use crate::power;

/// ν as a fraction of 2^DIGITS.
const DIGITS: u32 = 42;

/// The formulas, transcribed: ν = nu / 2^DIGITS, R of n bits.
fn formulas(nu: u64, n: u32, r: u64) -> [bool; 3] {
    let floor = |scale: u32| ((u128::from(nu) << scale) >> DIGITS) as u64;
    let rest = (u128::from(nu) << n) & ((1 << DIGITS) - 1);
    let half = 1_u128 << (DIGITS - 1);
    let (whole, odd) = (floor(n), floor(n) & 1 == 1);
    let rnite = whole + u64::from(rest > half || rest == half && odd);
    [whole + r >= 1 << n, floor(n + 1) + 2 * r + 1 >= 2 << n, rnite + r >= 1 << n]
}

fn modes(n: u8) -> [Rounding; 3] {
    [Rounding::stochastic_a(n), Rounding::stochastic_b(n), Rounding::stochastic_c(n)]
        .map(|mode| mode.expect("at most 32 bits"))
}

/// `x` = lower + ν·ulp for every R and each of the three modes, by the kernel.
fn check_kernel<T: Storage>([x, lower, upper]: [T; 3], nu: u64, n: u8, rs: &[u64]) {
    let words: Vec<u32> = rs.iter().map(|&r| word(r, n)).collect();
    for (index, mode) in modes(n).into_iter().enumerate() {
        let mut values = vec![x; words.len()];
        Chop::new(Format::OCP_E4M3, mode).chop_slice_words(&mut values, &words);
        for (&y, &r) in values.iter().zip(rs) {
            let right = if formulas(nu, n.into(), r)[index] { upper } else { lower };
            assert_eq!(y, right, "{mode}, x = {x:?}, R = {r}");
        }
    }
}

/// The same by the definition.
fn check_definition<T: Storage>([x, lower, upper]: [T; 3], nu: u64, n: u8, rs: &[u64]) {
    for (index, mode) in modes(n).into_iter().enumerate() {
        let rule = Rule::new(Format::OCP_E4M3, mode);
        for &r in rs {
            let right = if formulas(nu, n.into(), r)[index] { upper } else { lower };
            let word = word(r, n);
            let y = reference::chop(x, &rule, &[(word >> 16) as u16, word as u16]);
            assert_eq!(y, right, "{mode} by definition, x = {x:?}, R = {r}");
        }
    }
}

/// R of n bits at the top of a word.
fn word(r: u64, n: u8) -> u32 {
    ((r << 32) >> n) as u32
}

/// In the normal range, the subnormal range, below the smallest subnormal number, and in the last
/// binade of e4m3fn, whose 448 has NaN above it. The definition, a thousand times slower than the
/// kernel, answers for the first of these alone where there are many R.
fn check_everywhere(nu: u64, n: u8, rs: &[u64]) {
    let fraction = nu as f64 * power(-(DIGITS as i32));
    let places = [(1.0, power(-3)), (5.0 * power(-9), power(-9)), (0.0, power(-9)), (416.0, 32.0)];
    for (place, (lower, ulp)) in places.into_iter().enumerate() {
        let x = lower + fraction * ulp;
        check_kernel([x, lower, lower + ulp], nu, n, rs);
        if place == 0 || rs.len() <= 32 {
            check_definition([x, lower, lower + ulp], nu, n, rs);
        }
        if f64::from(x as f32) == x {
            check_kernel([x, lower, lower + ulp].map(|x| x as f32), nu, n, rs);
        }
    }
}

#[test]
fn every_r_of_up_to_eight_bits() {
    for n in 0..=8_u8 {
        let rs: Vec<u64> = (0..1 << n).collect();
        // Every ν of n + 3 digits: B and C look at n + 1, and C at whether any follow.
        for step in 0..1_u64 << (n + 3) {
            check_everywhere(step << (DIGITS - u32::from(n) - 3), n, &rs);
        }
        // One digit far out, which decides a tie of C and no more.
        for step in [0, 1, 3, 5] {
            check_everywhere(step << (DIGITS - u32::from(n) - 3) | 1, n, &rs);
        }
    }
}

/// A generator of test cases (Steele, Lea and Flood's SplitMix64).
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[test]
fn wide_r_at_the_border_and_beside_it() {
    let mut state = 3109;
    for n in 9..=32_u8 {
        for _ in 0..100 {
            let nu = split_mix(&mut state) >> (64 - DIGITS) >> (split_mix(&mut state) % 8);
            // The border lies where R = 2^n - ν·2^n: two either side of it decide differently.
            let border = (1_u64 << n).saturating_sub(nu >> (DIGITS - u32::from(n)));
            let last = (1_u64 << n) - 1;
            let beside = (border.saturating_sub(2)..=border + 1).filter(|&r| r <= last);
            let rs: Vec<u64> = beside.chain([0, last, split_mix(&mut state) & last]).collect();
            check_everywhere(nu, n, &rs);
            // C's ties, n digits and a half.
            let tie = nu >> (DIGITS - u32::from(n)) << (DIGITS - u32::from(n))
                | 1 << (DIGITS - u32::from(n) - 1);
            check_everywhere(tie, n, &rs);
        }
    }
}

/// Without random bits A truncates, B rounds to nearest with ties away from zero, C with ties toward
/// zero.
#[test]
fn no_random_bits_are_deterministic() {
    let twins = [Rounding::TowardZero, Rounding::NearestAway, Rounding::NearestZero];
    let halves: Vec<f64> = (-4000..=4000).map(|i| f64::from(i) * power(-12)).collect();
    for (mode, twin) in modes(0).into_iter().zip(twins) {
        assert!(mode.is_stochastic());
        for format in [Format::BINARY16, Format::OCP_E4M3, Format::OCP_E2M1] {
            let (mut drawn, mut settled) = (halves.clone(), halves.clone());
            Chop::new(format, mode).chop_slice(&mut drawn);
            Chop::new(format, twin).chop_slice(&mut settled);
            assert_eq!(drawn, settled, "{mode} and {twin} in {format}");
        }
    }
}

/// Every lane that has, or has not, room for so many random bits, and arithmetic on both sides of where results rounded
/// to odd hold them: against the definition.
#[test]
fn wide_r_in_every_lane() {
    let formats = [
        Format::BFLOAT16,
        Format::BINARY16,
        Format::OCP_E4M3,
        Format::OCP_E5M2,
        Format::TF32,
        Format::BINARY32,
        Format::new(5, 40).expect("a format"),
        Format::OCP_E2M1,
    ];
    let mut state = 9;
    let mut next = || split_mix(&mut state);
    for format in formats {
        for n in [17, 18, 20, 23, 24, 27, 28, 32] {
            let (mut x, mut words) = (Vec::new(), Vec::new());
            let top = format.emax().min(120);
            for i in 0..200 {
                let exponent = match i % 8 {
                    0 => format.emin() - (next() % 30) as i32,
                    1 => top,
                    _ => (next() % 8) as i32 - 4,
                };
                let significand = 1.0 + (next() >> 12) as f64 / power(52);
                let sign = if next() & 1 == 0 { 1.0 } else { -1.0 };
                x.push(sign * significand * 2_f64.powi(exponent.max(-140)));
                words.push(next() as u32);
            }
            x.extend([0.0, -0.0, f64::INFINITY, f64::NAN, 1e300, 5e-324, 1.0, -1.5]);
            words.extend([0, u32::MAX, 5, 6, 7, u32::MAX, 0, u32::MAX]);
            let narrow: Vec<f32> = x.iter().map(|x| *x as f32).collect();
            for mode in modes(n) {
                let chop = Chop::new(format, mode);
                check_words(&chop, &x, &words);
                check_words(&chop, &narrow, &words);
                // Words that make the sum with ν just 2^n, or one less.
                for by in [0, 1] {
                    let beside: Vec<u32> =
                        narrow.iter().map(|x| beside_of(&chop, f64::from(*x), n, by)).collect();
                    check_words(&chop, &narrow, &beside);
                    let beside: Vec<u32> = x.iter().map(|x| beside_of(&chop, *x, n, by)).collect();
                    check_words(&chop, &x, &beside);
                }
                check_stream(&chop, &x);
                check_stream(&chop, &narrow);
            }
        }
    }
}

/// The largest R of n bits, less `by`, that the definition still rounds toward zero with.
fn beside_of(chop: &Chop, x: f64, n: u8, by: u32) -> u32 {
    let rounds = |r: u64| {
        let word = word(r, n);
        reference::chop(x, &chop.rule(), &[(word >> 16) as u16, word as u16])
    };
    let (mut low, mut high) = (0_u64, (1_u64 << n) - 1);
    if rounds(low).to_bits() == rounds(high).to_bits() {
        return word(high, n);
    }
    while high - low > 1 {
        let middle = low.midpoint(high);
        let same = rounds(middle).to_bits() == rounds(low).to_bits();
        (low, high) = if same { (middle, high) } else { (low, middle) };
    }
    word(low + 1 - u64::from(by), n)
}

fn check_words<T: Storage>(chop: &Chop, x: &[T], words: &[u32]) {
    let mut values = x.to_vec();
    chop.chop_slice_words(&mut values, words);
    for ((x, y), word) in x.iter().zip(&values).zip(words) {
        let want = reference::chop(*x, &chop.rule(), &[(word >> 16) as u16, *word as u16]);
        let same = want.widen().to_bits() == y.widen().to_bits();
        assert!(same, "{chop:?} {x:?} {word:#x}: {y:?}, not {want:?}");
    }
}

/// Slices of sums and quotients of a seeded stream against each by the definition.
fn check_stream<T: Storage>(chop: &Chop, x: &[T]) {
    let y: Vec<T> = x.iter().rev().copied().collect();
    let mut to = vec![T::zero(); x.len()];
    for op in [Binary::Add, Binary::Mul, Binary::Div] {
        let (slices, one) = (chop.stream(4), chop.stream(4));
        slices.map(op, [x, &y], &mut to);
        for (i, z) in to.iter().enumerate() {
            let (want, _) = match op {
                Binary::Add => one.add_flags(x[i], y[i]),
                Binary::Mul => one.mul_flags(x[i], y[i]),
                _ => one.div_flags(x[i], y[i]),
            };
            let same = want.widen() == z.widen() || want.is_nan() && z.is_nan();
            assert!(same, "{chop:?} {:?} {op} {:?}: {z:?}, not {want:?}", x[i], y[i]);
        }
    }
}

/// 32 random bits against a sum of which `f64` keeps 29 bits behind 24. The positions, found by a search
/// through 4·10^9, are of words from 2^32 - 8 to 2^32 - 5, and of 2^32 - 1.
#[test]
fn all_bits_of_a_sum_meet_all_random_bits() {
    let mode = Rounding::stochastic_a(32).expect("at most 32 bits");
    let probe = Chop::new(Format::BFLOAT16, mode);
    // As many digits as binary32 and the exponents of f64.
    let chop = Chop::new(Format::new(11, 23).expect("a format"), mode);
    // A half of an ulp of 1 times 2^-30 is ν = 2^-31, and ⌊ν·2^32⌋ = 2.
    let small = 1.0 / power(54);
    for (position, away) in [(113_726_407, false), (199_037_842, true)] {
        let draw = |nu: f64| probe.stream(1).at(position).chop(1.0 + nu / power(7)) > 1.0;
        assert!(draw(1.0 / power(29)), "a word from 2^32 - 8 on");
        assert_eq!(draw(1.0 / power(31)), away);
        let want = if away { 1.0 + 2.0 / power(24) } else { 1.0 };
        assert_eq!(chop.stream(1).at(position).add(1.0, small), want);
        let mut to = [0.0; 64];
        let start = position - 7;
        chop.stream(1).at(start).map(Binary::Add, [&[1.0; 64], &[small; 64]], &mut to);
        assert_eq!(to[7], want);
    }
}
