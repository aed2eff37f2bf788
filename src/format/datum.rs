//! The exact value a code stands for.

/// An exact value: what a code stands for, whatever its exponent.
///
/// ```
/// use lowprec::{Format, format::Datum};
/// let six = Datum::Finite { negative: false, significand: 3, exponent: 1 };
/// assert_eq!(Format::OCP_E2M1.decode_exact(0x7), Some(six));
/// assert_eq!(six.to_f64(), Some(6.0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Datum {
    /// A zero.
    Zero {
        /// Whether it is minus zero.
        negative: bool,
    },
    /// ±significand·2^exponent, with an odd significand.
    Finite {
        /// Whether the sign is minus.
        negative: bool,
        /// The odd integer significand.
        significand: u64,
        /// The exponent of its last bit.
        exponent: i32,
    },
    /// An infinity.
    Infinite {
        /// Whether the sign is minus.
        negative: bool,
    },
    /// Not a number.
    Nan {
        /// Whether the sign bit is set.
        negative: bool,
    },
}

impl Datum {
    /// ±significand·2^exponent with trailing zero bits moved into the exponent.
    #[must_use]
    pub const fn finite(negative: bool, significand: u64, exponent: i32) -> Self {
        if significand == 0 {
            return Self::Zero { negative };
        }
        let zeros = significand.trailing_zeros();
        Self::Finite {
            negative,
            significand: significand >> zeros,
            exponent: exponent + zeros as i32,
        }
    }

    /// The exact value of a binary64 number.
    #[must_use]
    pub const fn from_f64(x: f64) -> Self {
        let bits = x.to_bits();
        let negative = bits >> 63 == 1;
        let (field, trailing) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        match (field, trailing) {
            (0x7ff, 0) => Self::Infinite { negative },
            (0x7ff, _) => Self::Nan { negative },
            (0, _) => Self::finite(negative, trailing, -1074),
            (_, _) => Self::finite(negative, trailing | 1 << 52, field - 1075),
        }
    }

    /// The value with the other sign.
    pub(crate) const fn negated(self) -> Self {
        match self {
            Self::Zero { negative } => Self::Zero { negative: !negative },
            Self::Infinite { negative } => Self::Infinite { negative: !negative },
            Self::Nan { negative } => Self::Nan { negative: !negative },
            Self::Finite { negative, significand, exponent } => {
                Self::Finite { negative: !negative, significand, exponent }
            }
        }
    }

    /// The value as binary64, where binary64 has it. NaN becomes the quiet NaN of its sign.
    #[must_use]
    pub fn to_f64(self) -> Option<f64> {
        let signed = |negative: bool, x: f64| if negative { -x } else { x };
        match self {
            Self::Zero { negative } => Some(signed(negative, 0.0)),
            Self::Infinite { negative } => Some(signed(negative, f64::INFINITY)),
            Self::Nan { negative } => Some(signed(negative, f64::NAN)),
            Self::Finite { negative, significand, exponent } => {
                if significand >> 53 != 0 || exponent < -1074 {
                    return None;
                }
                let leading = exponent + 63 - significand.leading_zeros() as i32;
                if leading > 1023 {
                    return None;
                }
                // Exact in two steps: the first stays in the normal range, the second is a power.
                let half = exponent / 2;
                let x = significand as f64 * power_of_two(half) * power_of_two(exponent - half);
                Some(signed(negative, x))
            }
        }
    }
}

/// 2^e for e in -1074..=1023.
pub(crate) const fn power_of_two(e: i32) -> f64 {
    f64::from_bits(if e < -1022 { 1 << (e + 1074) } else { ((e + 1023) as u64) << 52 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary64_goes_through_and_comes_back() {
        let samples = [0.0, -0.0, 1.0, -6.0, 5e-324, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY];
        for x in samples {
            assert_eq!(Datum::from_f64(x).to_f64().map(f64::to_bits), Some(x.to_bits()));
        }
        assert_eq!(Datum::finite(false, 1, 1024).to_f64(), None);
        assert_eq!(Datum::finite(false, 1, -1075).to_f64(), None);
        assert_eq!(Datum::finite(false, (1 << 53) + 1, 0).to_f64(), None);
    }
}
