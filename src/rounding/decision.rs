//! The one decision: away from zero or not. Every path of the crate agrees with this function.

use core::cmp::Ordering;

use crate::rounding::{Decision, Draw, Rounding, Tie};

/// ν, the fraction cut off, in [0, 1): its first 512 bits, and whether any follow.
///
/// 512 bits are all a decision can look at: the nearest modes need two, the P3109 modes 33, and
/// `Stochastic` compares at most 512 bits before it gives up (then not away), which makes it total.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fraction {
    /// Digits after the binary point, most significant first, 16 to an element.
    digits: [u16; Self::CHUNKS],
    /// Whether a nonzero bit follows the 512.
    sticky: bool,
}

impl Fraction {
    /// Groups of 16 bits.
    const CHUNKS: usize = 32;

    /// Digits held.
    pub(crate) const DIGITS: u32 = 16 * Self::CHUNKS as u32;

    /// ν = 0: the value is exact.
    pub const ZERO: Self = Self { digits: [0; Self::CHUNKS], sticky: false };

    /// The quotient `numerator / (denominator · 2^shift)` by long division, one bit a step.
    ///
    /// # Panics
    ///
    /// If the quotient is not in [0, 1), or either number exceeds 2^64.
    #[must_use]
    pub fn from_quotient(numerator: u64, denominator: u64, shift: u32) -> Self {
        assert!(denominator > 0, "a fraction needs a positive denominator");
        let (mut remainder, denominator) = (u128::from(numerator), u128::from(denominator));
        // With 64 or more powers of two left, no bit can be one yet: the remainder is below 2^64.
        let mut shift = shift;
        let mut fraction = Self::ZERO;
        let held = shift.min(63);
        assert!(remainder < denominator << held || shift > 63, "a fraction is below one");
        for index in 0..Self::CHUNKS * 16 {
            if remainder == 0 {
                break; // every further bit is zero
            }
            // ν = remainder / (denominator · 2^shift); its next bit is ⌊2ν⌋.
            if shift > 0 {
                shift -= 1;
            } else {
                remainder <<= 1;
            }
            if shift <= 63 && remainder >= denominator << shift {
                remainder -= denominator << shift;
                fraction.digits[index / 16] |= 1 << (15 - index % 16);
            }
        }
        fraction.sticky = remainder != 0;
        fraction
    }

    /// The fraction whose 512 bits are an integer below 2^512, given in words of 32 bits, the least
    /// significant first; `sticky` where a nonzero bit follows.
    pub(crate) fn from_digits(words: impl IntoIterator<Item = u32>, sticky: bool) -> Self {
        let mut fraction = Self { sticky, ..Self::ZERO };
        for (index, word) in words.into_iter().enumerate() {
            let last = Self::CHUNKS - 1 - 2 * index;
            fraction.digits[last] = word as u16;
            fraction.digits[last - 1] = (word >> 16) as u16;
        }
        fraction
    }

    /// Whether nothing was cut off.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// ν against one half.
    #[must_use]
    pub fn cmp_half(&self) -> Ordering {
        let first = self.digits[0];
        let more = self.sticky || first & 0x7fff != 0 || self.digits[1..].iter().any(|&d| d != 0);
        match (first >> 15, more) {
            (0, _) => Ordering::Less,
            (_, false) => Ordering::Equal,
            (_, true) => Ordering::Greater,
        }
    }

    /// ⌊ν·2^n⌋ for n up to 48, and whether anything was left.
    fn scaled(&self, n: u8) -> (u64, bool) {
        let head = self.digits[..4].iter().fold(0_u64, |head, &d| head << 16 | u64::from(d));
        let whole = if n == 0 { 0 } else { head >> (64 - u32::from(n)) };
        let rest = head << n != 0 || self.sticky || self.digits[4..].iter().any(|&d| d != 0);
        (whole, rest)
    }

    /// Whether any bit follows the first `16·chunks`.
    fn continues_after(&self, chunks: usize) -> bool {
        self.sticky || self.digits[chunks..].iter().any(|&d| d != 0)
    }
}

/// Whether a value of the given sign rounds away from zero.
///
/// `odd` is the parity of the lower neighbour's code, `nu` the fraction cut off, and `bits` the
/// random number: its i-th 16 bits, the most significant first, or `None` past the last one. The
/// deterministic modes never call it.
pub(crate) fn rounds_away(
    mode: Rounding,
    negative: bool,
    odd: bool,
    nu: &Fraction,
    bits: impl FnMut(usize) -> Option<u16>,
) -> bool {
    if nu.is_zero() {
        return false;
    }
    match mode.decision() {
        Decision::Nearest(tie) => match (nu.cmp_half(), tie) {
            (Ordering::Less, _) => false,
            (Ordering::Greater, _) => true,
            (Ordering::Equal, Tie::Even) => odd,
            (Ordering::Equal, Tie::Odd) => !odd,
            (Ordering::Equal, Tie::Away) => true,
            (Ordering::Equal, Tie::Zero) => false,
            (Ordering::Equal, Tie::Up) => !negative,
            (Ordering::Equal, Tie::Down) => negative,
        },
        Decision::Directed(direction) => direction.is_outward(negative),
        Decision::Odd => !odd,
        Decision::Stochastic(draw) => drawn_away(draw, nu, bits),
    }
}

/// The stochastic part of the decision; `nu` is not zero.
fn drawn_away(draw: Draw, nu: &Fraction, mut bits: impl FnMut(usize) -> Option<u16>) -> bool {
    let mut first = |n: u8| {
        let high = u32::from(bits(0).unwrap_or(0)) << 16;
        let low = if n > 16 { u32::from(bits(1).unwrap_or(0)) } else { 0 };
        u64::from(high | low) >> (32 - u32::from(n))
    };
    match draw {
        Draw::Exact => {
            // U < ν word by word; where ν's bits end, or the random bits do, not away.
            for (index, &digits) in nu.digits.iter().enumerate() {
                if !nu.continues_after(index) {
                    return false;
                }
                match bits(index) {
                    Some(word) if word == digits => {}
                    Some(word) => return word < digits,
                    None => return false,
                }
            }
            false
        }
        Draw::Equal => first(1) == 1,
        Draw::Floor(n) => nu.scaled(n).0 + first(n) >= 1 << n,
        Draw::HalfUp(n) => nu.scaled(n + 1).0 + 2 * first(n) + 1 >= 2 << n,
        Draw::HalfEven(n) => {
            let (doubled, rest) = nu.scaled(n + 1);
            let (whole, half) = (doubled >> 1, doubled & 1 == 1);
            let nearest = whole + u64::from(half && (rest || whole & 1 == 1));
            nearest + first(n) >= 1 << n
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 - 2^-k.
    fn complement(k: u32) -> Fraction {
        let mut nu = Fraction { digits: [0xffff; Fraction::CHUNKS], sticky: k > 512 };
        for index in k as usize..512 {
            nu.digits[index / 16] &= !(1 << (15 - index % 16));
        }
        nu
    }

    fn tiny(k: u32) -> Fraction {
        Fraction::from_quotient(1, 1, k)
    }

    /// How many of the 2^16 words in place `level` (all earlier ones equal to ν's bits) round
    /// away at once, how many stay, how many ask for the next word.
    fn census(nu: &Fraction, level: usize) -> (u32, u32, u32) {
        let (mut away, mut stay, mut tie) = (0, 0, 0);
        for word in 0..=u16::MAX {
            let asked = core::cell::Cell::new(false);
            let result = rounds_away(Rounding::Stochastic, false, false, nu, |i| match i {
                i if i < level => Some(nu.digits[i]),
                i if i == level => Some(word),
                _ => {
                    asked.set(true);
                    None
                }
            });
            match (asked.get(), result) {
                (true, _) => tie += 1,
                (false, true) => away += 1,
                (false, false) => stay += 1,
            }
        }
        (away, stay, tie)
    }

    #[test]
    fn stochastic_counts_are_exact_at_every_level() {
        for k in [1_u32, 40, 1050] {
            for (nu, complemented) in [(tiny(k), false), (complement(k), true)] {
                // The word of ν's last bit. Past it no word is compared.
                let last = ((k - 1) / 16) as usize;
                for level in [0, 1, 2, 3, 31] {
                    if level > last {
                        continue;
                    }
                    let (away, stay, tie) = census(&nu, level);
                    let ends_here = level == last;
                    let digit = u32::from(nu.digits[level]);
                    assert_eq!(away, digit, "k = {k}, complement {complemented}, level {level}");
                    // The tie at the cap asks for nothing more; elsewhere exactly one word ties.
                    let ties = u32::from(!ends_here && level < 31);
                    assert_eq!((stay, tie), (65536 - digit - ties, ties), "k = {k}, level {level}");
                }
            }
        }
    }

    #[test]
    fn p3109_formulas_hold_for_every_word() {
        for n in 0..=8_u8 {
            for eighths in 0..(1_u64 << (n + 3)) {
                // ν = eighths / 2^(n+3): every bit that B and C look at, and two more.
                let nu = Fraction::from_quotient(eighths, 1, u32::from(n) + 3);
                for r in 0..(1_u64 << n) {
                    let word = if n == 0 { 0 } else { (r << (16 - n)) as u16 };
                    let ask = |mode| rounds_away(mode, false, false, &nu, |_| Some(word));
                    let one = 1_u64 << n;
                    assert_eq!(ask(Rounding::stochastic_a(n).unwrap()), eighths / 8 + r >= one);
                    let twice = eighths / 4;
                    // Rounding an exact value never moves it, whatever 2R + 1 says.
                    let b = eighths != 0 && twice + 2 * r + 1 >= 2 * one;
                    assert_eq!(ask(Rounding::stochastic_b(n).unwrap()), b);
                    let (q, rest) = (eighths / 8, eighths % 8);
                    let rne = q + u64::from(rest > 4 || rest == 4 && q % 2 == 1);
                    assert_eq!(ask(Rounding::stochastic_c(n).unwrap()), rne + r >= one);
                }
            }
        }
    }

    #[test]
    fn wide_counts_read_both_halves() {
        let nu = Fraction::from_quotient(1, 1, 32);
        let mode = Rounding::stochastic_a(32).unwrap();
        let with = |high: u16, low: u16| {
            rounds_away(mode, false, false, &nu, |i| Some(if i == 0 { high } else { low }))
        };
        assert!(with(0xffff, 0xffff));
        assert!(!with(0xffff, 0xfffe));
    }

    #[test]
    fn long_division_is_exact() {
        assert_eq!(Fraction::from_quotient(0, 5, 0), Fraction::ZERO);
        assert_eq!(Fraction::from_quotient(1, 2, 0).cmp_half(), Ordering::Equal);
        assert_eq!(Fraction::from_quotient(513, 1026, 0).cmp_half(), Ordering::Equal);
        assert_eq!(Fraction::from_quotient(1, 3, 0).digits, [0x5555; 32]);
        assert!(Fraction::from_quotient(1, 3, 0).sticky);
        assert_eq!(Fraction::from_quotient(u64::MAX, 1, 64).scaled(32), (0xffff_ffff, true));
        assert_eq!(tiny(1050).scaled(33), (0, true));
        assert_eq!(Fraction::from_quotient(3, 1, 70).digits[4], 3 << 10);
    }
}
