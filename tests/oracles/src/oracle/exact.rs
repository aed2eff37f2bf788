//! Exact numbers from zero up, compared as integers.

use std::cmp::Ordering;

use lowprec::format::Datum;

/// significand·2^exponent with an odd significand, or zero.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exact {
    significand: u64,
    exponent: i32,
}

impl Exact {
    pub const ZERO: Exact = Exact { significand: 0, exponent: 0 };

    #[must_use]
    pub fn new(significand: u64, exponent: i32) -> Self {
        if significand == 0 {
            return Self::ZERO;
        }
        let zeros = significand.trailing_zeros();
        Self { significand: significand >> zeros, exponent: exponent + zeros as i32 }
    }

    /// The magnitude of a finite `f64`.
    #[must_use]
    pub fn of_f64(x: f64) -> Self {
        let bits = x.to_bits();
        let (field, trailing) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
        assert!(field < 0x7ff, "{x} is not finite");
        if field == 0 {
            Self::new(trailing, -1074)
        } else {
            Self::new(trailing | 1 << 52, field - 1075)
        }
    }

    /// The magnitude of a finite datum.
    #[must_use]
    pub fn of_datum(value: Datum) -> Option<Self> {
        match value {
            Datum::Zero { .. } => Some(Self::ZERO),
            Datum::Finite { significand, exponent, .. } => Some(Self::new(significand, exponent)),
            Datum::Infinite { .. } | Datum::Nan { .. } => None,
        }
    }

    /// The first 63 digits of (significand + r)·2^exponent, where r in (0, 1) if there is a `rest`: with
    /// the last of them set where anything follows. It compares with every number of at most 62 digits
    /// as the whole does.
    #[must_use]
    pub fn to_odd(significand: u128, exponent: i32, rest: bool) -> Self {
        let excess = 65 - significand.leading_zeros() as i32;
        assert!(excess >= 0 || !rest, "{significand:#x}: too few digits");
        if excess <= 0 {
            return Self::new(significand as u64 | u64::from(rest), exponent);
        }
        let kept = significand >> excess;
        let more = rest || kept << excess != significand;
        Self::new(kept as u64 | u64::from(more), exponent + excess)
    }

    /// Significand and exponent.
    #[must_use]
    pub fn parts(self) -> (u64, i32) {
        (self.significand, self.exponent)
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.significand == 0
    }

    /// Exponent of the leading bit; of a number above zero.
    #[must_use]
    pub fn leading(self) -> i32 {
        self.exponent + 63 - self.significand.leading_zeros() as i32
    }

    /// Exponent of the last set bit; of a number above zero.
    #[must_use]
    pub fn trailing(self) -> i32 {
        self.exponent
    }

    /// The number in units of 2^unit, which must divide it.
    #[must_use]
    pub fn in_units(self, unit: i32) -> u128 {
        if self.is_zero() {
            return 0;
        }
        let shift = self.exponent - unit;
        assert!((0..=64).contains(&shift), "{self:?} in units of 2^{unit}");
        u128::from(self.significand) << shift
    }

    /// The number as `f64`, which must have it.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        if self.significand < 1 << 53 && (-1022..=900).contains(&self.exponent) {
            let power = f64::from_bits(((self.exponent + 1023) as u64) << 52);
            return self.significand as f64 * power;
        }
        Datum::finite(false, self.significand, self.exponent)
            .to_f64()
            .unwrap_or_else(|| panic!("{self:?} is beyond binary64"))
    }

    /// On which side of the middle between `low` and `high` the number lies; `low ≤ self ≤ high`.
    #[must_use]
    pub fn side(self, low: Self, high: Self) -> Ordering {
        if low.is_zero() {
            return Self { exponent: self.exponent + 1, ..self }.cmp(&high);
        }
        let unit = self.exponent.min(low.exponent).min(high.exponent);
        (2 * self.in_units(unit)).cmp(&(low.in_units(unit) + high.in_units(unit)))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.is_zero() || other.is_zero() {
            return self.significand.cmp(&other.significand);
        }
        self.leading().cmp(&other.leading()).then_with(|| {
            // Equal leading bits and at most 64 bits each: aligned at the top they compare as they are.
            let aligned = |x: &Self| x.significand << x.significand.leading_zeros();
            aligned(self).cmp(&aligned(other))
        })
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
