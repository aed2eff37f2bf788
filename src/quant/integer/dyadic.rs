//! Dyadic factors b / 2^c, with which integers are scaled by integers.

use super::super::error::QuantError;
use super::cuts::Cuts;
use crate::format::Datum;
use crate::rounding::Rounding;
use crate::rounding::decision::{Fraction, rounds_away};

/// A positive factor b / 2^c: an integer multiplier and a shift (I-ViT, arXiv 2207.01405, after Yao et
/// al., "HAWQ-V3: Dyadic neural network quantization", ICML 2021).
///
/// An `i32` times b fits `i64`, so the product is exact and rounded once, by the shift.
///
/// ```
/// use lowprec::quant::integer::Dyadic;
/// use lowprec::Rounding;
/// let factor = Dyadic::new(3, 2)?;
/// assert_eq!(factor.apply(10, Rounding::NearestEven), 8);        // 7.5
/// assert_eq!(factor.apply(10, Rounding::TowardZero), 7);
/// let tenth = Dyadic::nearest(0.1)?;
/// assert_eq!((tenth.multiplier(), tenth.shift()), (1_717_986_918, 34));
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dyadic {
    multiplier: i32,
    shift: u32,
}

/// Most bits to shift by: the product has 63.
const LONGEST: u32 = 62;

impl Dyadic {
    /// b / 2^c.
    ///
    /// # Errors
    ///
    /// Unless b is positive and c at most 62.
    pub const fn new(b: i32, c: u32) -> Result<Self, QuantError> {
        if b < 1 {
            let (given, maximum) = (b as i128, i32::MAX as i128);
            return Err(QuantError::Integer { field: "multiplier b", given, minimum: 1, maximum });
        }
        if c > LONGEST {
            let (given, maximum) = (c as i128, LONGEST as i128);
            return Err(QuantError::Integer { field: "shift c", given, minimum: 0, maximum });
        }
        Ok(Self { multiplier: b, shift: c })
    }

    /// The nearest b / 2^c to a real factor with b of 31 bits, ties to even, or of fewer where c would
    /// exceed 62. For a product's result that factor is scale · scale / scale of its output.
    ///
    /// # Errors
    ///
    /// Unless the factor is above 2^-63, where b is at least 1, and below 2^31 - 1/2.
    pub fn nearest(factor: f64) -> Result<Self, QuantError> {
        let refused = || {
            let allowed = "numbers from above 2^-63 to below 2^31 - 1/2";
            Err(QuantError::Real { field: "factor", given: factor, allowed })
        };
        let (0.0.., Datum::Finite { significand, exponent, .. }) =
            (factor, Datum::from_f64(factor))
        else {
            return refused();
        };
        let leading = exponent + 63 - significand.leading_zeros() as i32;
        if leading > 30 {
            return refused();
        }
        // With b in [2^30, 2^31]; where it rounds up to 2^31, once more with a bit less.
        let shift = (30 - leading).min(LONGEST as i32);
        let digits = |shift: i32| whole(significand, exponent + shift);
        let (b, shift) = match digits(shift) {
            b if b >> 31 == 0 => (b, shift),
            _ => (digits(shift - 1), shift - 1),
        };
        match (i32::try_from(b), u32::try_from(shift)) {
            (Ok(1..), Ok(shift)) => Self::new(b as i32, shift),
            _ => refused(),
        }
    }

    /// b.
    #[must_use]
    pub const fn multiplier(&self) -> i32 {
        self.multiplier
    }

    /// c.
    #[must_use]
    pub const fn shift(&self) -> u32 {
        self.shift
    }

    /// b / 2^c as a real number.
    #[must_use]
    pub fn value(&self) -> f64 {
        f64::from(self.multiplier) / (1_u64 << self.shift) as f64
    }

    /// acc·b / 2^c rounded once. A stochastic mode draws from the thread's generator; a
    /// [`Requantizer`](super::Requantizer) takes others.
    #[must_use]
    pub fn apply(&self, acc: i32, rounding: Rounding) -> i64 {
        if !rounding.is_stochastic() {
            return self.rounded(acc, Cuts::of(rounding).in_units(self.shift));
        }
        let mut rng = rand::rng();
        self.drawn(acc, rounding, &mut |_| Some((rand::Rng::next_u32(&mut rng) >> 16) as u16))
    }

    /// ⌊|acc|·b / 2^c⌋ and what is left, in units of 2^-c.
    #[inline(always)]
    fn split(self, acc: i32) -> (u64, u64) {
        let product = u64::from(acc.unsigned_abs()) * u64::from(self.multiplier.unsigned_abs());
        let floor = product >> self.shift;
        (floor, product - (floor << self.shift))
    }

    /// Rounded by a deterministic mode, given as its cuts in units of 2^-c.
    #[inline(always)]
    pub(super) fn rounded(self, acc: i32, cuts: [[u64; 2]; 2]) -> i64 {
        let (floor, rest) = self.split(acc);
        // Looked up and by masks: signs and parities are as random as the values.
        let cut = cuts[usize::from(acc < 0)][(floor & 1) as usize];
        let sign = i64::from(acc >> 31);
        ((floor + u64::from(rest > cut)) as i64 ^ sign) - sign
    }

    /// Rounded by U < ν as far as 16 bits of U tell; `None` where they do not.
    #[inline(always)]
    pub(super) fn drawn_at_once(self, acc: i32, word: u32) -> Option<i64> {
        let (floor, rest) = self.split(acc);
        // The fraction's first 16 bits, and those after them.
        let cut = self.shift.saturating_sub(16);
        let digits = rest >> cut << 16_u32.saturating_sub(self.shift);
        let (word, more) = (u64::from(word >> 16), rest & ((1 << cut) - 1));
        if digits == word && more != 0 {
            return None;
        }
        let away = digits > word;
        let sign = i64::from(acc >> 31);
        Some(((floor + u64::from(away)) as i64 ^ sign) - sign)
    }

    /// Rounded by the one decision: rare, so that the loops do without it.
    #[cold]
    #[inline(never)]
    pub(super) fn drawn(
        self,
        acc: i32,
        rounding: Rounding,
        bits: &mut dyn FnMut(usize) -> Option<u16>,
    ) -> i64 {
        let (floor, rest) = self.split(acc);
        let nu = Fraction::from_quotient(rest, 1, self.shift);
        let away = rounds_away(rounding, acc < 0, floor & 1 == 1, &nu, bits);
        let magnitude = (floor + u64::from(away)) as i64;
        if acc < 0 { -magnitude } else { magnitude }
    }
}

/// significand·2^exponent, below 2^33, to the nearest integer, ties to even.
fn whole(significand: u64, exponent: i32) -> u64 {
    match exponent {
        0.. => significand << exponent,
        -63..0 => {
            let cut = exponent.unsigned_abs();
            let floor = significand >> cut;
            let (rest, half) = (significand - (floor << cut), 1 << (cut - 1));
            floor + u64::from(rest > half || rest == half && floor & 1 == 1)
        }
        _ => 0,
    }
}
