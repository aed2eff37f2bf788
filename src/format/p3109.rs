//! The IEEE P3109 family, binary{K}p{P}{s|u}{e|f}.
//!
//! Source: IEEE P3109 Interim Report v4.0 (draft, 26 June 2026), section 3.

use super::{ExponentField, Format, Low, Nan, OverflowValue, Signedness};
use crate::error::FormatError;

/// Whether a P3109 format has infinities.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Domain {
    /// No infinities.
    Finite,
    /// Infinities of the signs that the format has.
    Extended,
}

impl Format {
    /// The IEEE P3109 format of `k` bits with precision `p`: one NaN, one zero, subnormals
    /// whenever p > 1.
    ///
    /// # Errors
    ///
    /// Unless 3 ≤ `k` ≤ 16 and 1 ≤ `p` < `k` (signed) or 1 ≤ `p` ≤ `k` (unsigned).
    ///
    /// ```
    /// use lowprec::{Format, format::{Domain, Signedness}};
    /// let f = Format::p3109(8, 4, Signedness::Signed, Domain::Extended)?;
    /// assert_eq!(f.to_string(), "binary8p4se");
    /// assert_eq!((f.largest_finite(), f.encode(2.0).unwrap()), (224.0, 0x48));
    /// assert!(Format::p3109(8, 8, Signedness::Signed, Domain::Extended).is_err());
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn p3109(
        k: u32,
        p: u32,
        signedness: Signedness,
        domain: Domain,
    ) -> Result<Self, FormatError> {
        if k < 3 || k > 16 {
            return Err(FormatError::integer("P3109 width K", k as i128, "3..=16"));
        }
        let signed = matches!(signedness, Signedness::Signed);
        if p < 1 || p > k || signed && p == k {
            let allowed = if signed { "1..K" } else { "1..=K" };
            return Err(FormatError::integer("P3109 precision P", p as i128, allowed));
        }
        let mantissa = p - 1;
        let exponent_bits = k - mantissa - if signed { 1 } else { 0 };
        let emin = 1 - (1 << (k - p - if signed { 1 } else { 0 }));
        // Codes from the top down: NaN (unsigned only), infinity (extended only), largest finite.
        let reserved = (!signed) as u64 + matches!(domain, Domain::Extended) as u64;
        let code = (1_u64 << (exponent_bits + mantissa)) - 1 - reserved;
        let field = (code >> mantissa) as i32;
        Ok(Self {
            precision: p as u8,
            exponent: ExponentField::Bits(exponent_bits as u8),
            emin,
            emax: emin + field - 1,
            top: 1 << mantissa | code & ((1 << mantissa) - 1),
            signedness,
            low: Low::Subnormals,
            negative_zero: false,
            infinity: matches!(domain, Domain::Extended),
            nan: if signed { Nan::NegativeZero } else { Nan::AllOnes },
            overflow: match domain {
                Domain::Extended => OverflowValue::Infinity,
                Domain::Finite => OverflowValue::Largest,
            },
        })
    }

    /// K, P, signedness and domain, where the format is one of the P3109 family.
    pub(super) fn p3109_parameters(&self) -> Option<(u32, u32, Signedness, Domain)> {
        let (k, p) = (self.total_bits()?, self.precision());
        let domain = if self.infinity { Domain::Extended } else { Domain::Finite };
        let twin = Self::p3109(k, p, self.signedness, domain).ok()?;
        (twin == *self).then_some((k, p, self.signedness, domain))
    }

    /// Every member of the P3109 family, K from 3 to 16.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::p3109_family().count(), 504);
    /// ```
    pub fn p3109_family() -> impl Iterator<Item = Format> + Clone {
        use {
            Domain::{Extended, Finite},
            Signedness::{Signed, Unsigned},
        };
        (3..=16_u32).flat_map(|k| (1..=k).map(move |p| (k, p))).flat_map(|(k, p)| {
            [(Signed, Extended), (Signed, Finite), (Unsigned, Extended), (Unsigned, Finite)]
                .into_iter()
                .filter_map(move |(s, d)| Self::p3109(k, p, s, d).ok())
        })
    }
}
