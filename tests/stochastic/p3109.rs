//! `StochasticA`, `B` and `C` against their formulas (IEEE P3109 Interim Report v4.0, 4.7.4), for
//! every random integer R of up to 8 bits and a sample of wider ones.

use lowprec::{Chop, Format, Rounding, Storage, reference, reference::Rule};

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
