//! A format's codes made ready for one storage type: shifts, offsets and limits, so that the lanes of
//! `kernel/code.rs` have nothing left to decide but what depends on the value.

use crate::format::Format;
use crate::kernel::plan::{Bits, power_of_two_bits};
use crate::storage::{Storage, Word};

/// Constants between the bit patterns of one storage type and the codes of a format. Magnitudes are
/// patterns without the sign bit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodePlan {
    /// Whether the format has numbers below the storage's smallest normal exponent, so that storage
    /// subnormals need scaling.
    pub(crate) deep: bool,
    /// Whether every code of the format's width stands for something that the storage type holds.
    pub(crate) dense: bool,
    /// Bits of a code without its sign.
    pub(crate) width: u32,
    /// Whether there is a sign bit.
    pub(crate) signed: bool,
    /// Trailing significand bits of the storage less the format's.
    pub(crate) cut: u32,
    pub(crate) mantissa: u32,
    /// A normal number's magnitude without its last `cut` bits less its magnitude code, wrapping.
    pub(crate) offset: u64,
    /// Numbers below this, and codes below `low_code`, are the format's subnormal ones and zero.
    pub(crate) low: u64,
    pub(crate) low_code: u64,
    /// The power of two whose last place is the subnormal numbers' quantum. Not where `deep`.
    pub(crate) power: u64,
    /// Exponent of the quantum less that of the storage's last bit. Only where `deep`.
    pub(crate) quantum: i32,
    /// Magnitude codes of the smallest and the largest finite number that the storage may hold.
    pub(crate) smallest: u64,
    pub(crate) largest: u64,
    /// The magnitude code of infinity; the code above all others where there is none.
    pub(crate) infinity: u64,
    /// The NaN that has a code, and whether it has a sign.
    pub(crate) has_nan: bool,
    pub(crate) nan: u64,
    pub(crate) nan_signed: bool,
    /// Magnitude codes above this are NaN.
    pub(crate) last_before_nan: u64,
    pub(crate) nan_at_minus_zero: bool,
    pub(crate) zero: bool,
    pub(crate) minus_zero: bool,
}

impl CodePlan {
    /// `None` where no lane applies: the format has no codes, more bits than the storage, codes as
    /// wide as the storage's bit pattern, or exponents far from the storage's.
    #[inline]
    pub(crate) const fn new<T: Storage>(format: &Format) -> Option<Self> {
        let Some(coding) = format.coding() else { return None };
        let bits = <Bits<T> as Word>::BITS;
        let storage_mantissa = T::PRECISION as i32 - 1;
        let (m, emin) = (coding.mantissa as i32, coding.emin);
        let storage_quantum = T::EMIN - storage_mantissa;
        let quantum = emin - m;
        let deep = emin < T::EMIN;
        let field = 1 - T::EMIN + emin - coding.first_field;
        if m > storage_mantissa || coding.width >= bits {
            return None;
        }
        // With two bits to spare, sums of codes and offsets compare as signed integers.
        let room = 1_u64 << (bits - 3 - coding.mantissa);
        let fits = coding.width + 2 <= bits && (field.unsigned_abs() as u64) < room;
        if deep && !fits || !deep && quantum + storage_mantissa > T::EMAX {
            return None;
        }
        let all_ones = u64::MAX >> (64 - coding.width);
        let first = ((storage_quantum - emin + coding.first_field) as u64) << m;
        let smallest =
            if emin < storage_quantum && first > coding.smallest { first } else { coding.smallest };
        let last = ((T::EMAX - emin + coding.first_field) as u64) << m | ((1 << m) - 1);
        let largest = if last < coding.largest { last } else { coding.largest };
        let low = power_of_two_bits::<T>(emin);
        let low = if low == 0 && format.has_zero() { 1 } else { low };
        let signed = format.has_sign();
        let minus_zero = !signed || format.has_negative_zero() || coding.nan_at_minus_zero;
        let infinity_follows = match coding.infinity {
            Some(code) => code == largest + 1 && code == coding.last_before_nan,
            None => largest == coding.last_before_nan,
        };
        let from_zero = smallest == format.has_zero() as u64 && minus_zero;
        Some(Self {
            deep,
            dense: !deep && infinity_follows && from_zero,
            width: coding.width,
            signed,
            cut: (storage_mantissa - m) as u32,
            mantissa: coding.mantissa,
            offset: (field as i64 as u64).wrapping_shl(coding.mantissa),
            low,
            low_code: match (coding.first_field, format.has_zero()) {
                (1, _) => 1 << m,
                (_, zero) => zero as u64,
            },
            power: if deep { 0 } else { power_of_two_bits::<T>(quantum + storage_mantissa) },
            quantum: quantum - storage_quantum,
            smallest,
            largest,
            infinity: match coding.infinity {
                Some(code) => code,
                None => all_ones + 1,
            },
            has_nan: coding.nan.is_some(),
            nan: match coding.nan {
                Some(code) => code,
                None => 0,
            },
            nan_signed: signed && !coding.nan_at_minus_zero,
            last_before_nan: coding.last_before_nan,
            nan_at_minus_zero: coding.nan_at_minus_zero,
            zero: format.has_zero(),
            minus_zero: format.has_negative_zero(),
        })
    }
}

/// The plan's numbers in their own types: made at the head of a loop.
#[derive(Clone, Copy)]
pub(crate) struct CodeReady<T: Storage> {
    pub(crate) cut: u32,
    pub(crate) offset: Bits<T>,
    /// What scaling a storage subnormal adds to its code.
    pub(crate) scaled: Bits<T>,
    pub(crate) one: Bits<T>,
    pub(crate) low: Bits<T>,
    pub(crate) low_code: Bits<T>,
    pub(crate) power: T,
    pub(crate) up: u32,
    pub(crate) down: u32,
    pub(crate) smallest: Bits<T>,
    pub(crate) largest: Bits<T>,
    pub(crate) infinity: Bits<T>,
    pub(crate) nan: Bits<T>,
    pub(crate) nan_sign: Bits<T>,
    pub(crate) no_nan: Bits<T>,
    pub(crate) last_before_nan: Bits<T>,
    pub(crate) nan_at_minus_zero: Bits<T>,
    pub(crate) zero: Bits<T>,
    pub(crate) minus_zero: Bits<T>,
    /// The sign bit's places in a code and in the storage type, so far apart.
    pub(crate) sign_shift: u32,
    pub(crate) sign: Bits<T>,
    pub(crate) magnitude: Bits<T>,
}

impl<T: Storage> CodeReady<T> {
    #[inline(always)]
    pub(crate) fn of(plan: &CodePlan) -> Self {
        let word = Bits::<T>::from_u64;
        let mask = Bits::<T>::mask;
        let sign = mask(plan.signed) & Bits::<T>::ONE << plan.width;
        Self {
            cut: plan.cut,
            offset: word(plan.offset),
            scaled: word(u64::from(T::MANTISSA + 1) << plan.mantissa),
            one: word(1 << plan.mantissa),
            low: word(plan.low),
            low_code: word(plan.low_code),
            power: T::from_bits(word(plan.power)),
            // Beyond the width only where the storage has no subnormal number of the format.
            up: plan.quantum.min(0).unsigned_abs().min(Bits::<T>::BITS - 1),
            down: plan.quantum.max(0).unsigned_abs().min(Bits::<T>::BITS - 1),
            smallest: word(plan.smallest),
            largest: word(plan.largest),
            infinity: word(plan.infinity),
            nan: word(plan.nan),
            nan_sign: mask(plan.nan_signed),
            no_nan: mask(!plan.has_nan),
            last_before_nan: word(plan.last_before_nan),
            nan_at_minus_zero: mask(plan.nan_at_minus_zero),
            zero: mask(plan.zero),
            minus_zero: mask(plan.minus_zero),
            sign_shift: Bits::<T>::BITS - 1 - plan.width,
            sign,
            magnitude: word(u64::MAX >> (64 - plan.width)),
        }
    }
}
