//! What rounding did, counted.

use lowprec::{Chop, Format, Overflow};

use super::number::Number;

/// Counts over the numbers of a document.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Numbers that are no longer what they were.
    pub(crate) changed: u64,
    /// Finite numbers of magnitude above the format's largest finite.
    pub(crate) beyond: u64,
    /// Values that rounding took beyond the range, and what they became.
    pub(crate) overflowed: u64,
    pub(crate) became_infinite: u64,
    pub(crate) became_nan: u64,
    /// Nonzero numbers of magnitude below the format's smallest positive.
    pub(crate) below: u64,
    /// Results that are subnormal in the format.
    pub(crate) subnormal: u64,
    /// Nonzero numbers that became zero.
    pub(crate) zero: u64,
    /// Numbers within the range for which the format has no value, now NaN: negative ones where
    /// there is no sign, zero in E8M0, infinities.
    pub(crate) without_value: u64,
    pub(crate) largest_error: f64,
    error_sum: f64,
    errors: u64,
}

impl Tally {
    /// Mean relative error; `None` where no number has one.
    pub(crate) fn mean_error(&self) -> Option<f64> {
        (self.errors > 0).then(|| self.error_sum / self.errors as f64)
    }
}

/// Knows the format's bounds, and tells a saturated result from one that was rounded down.
#[derive(Debug)]
pub(crate) struct Judge {
    chop: Chop,
    largest: f64,
    smallest_normal: f64,
    smallest: f64,
    roomier: Option<Chop>,
}

impl Judge {
    pub(crate) fn new<T: Number>(chop: &Chop) -> Self {
        Self {
            chop: *chop,
            largest: chop.largest_finite::<T>().widen(),
            smallest_normal: chop.smallest_normal::<T>().widen(),
            smallest: chop.smallest_positive::<T>().widen(),
            roomier: roomier(chop),
        }
    }

    /// Counts one number: the nearest that the storage type has; that or, where it is zero or infinite only for
    /// the storage type's range, one that is not; the result; and how the number is rounded by another `Chop`.
    pub(crate) fn count<T: Number>(
        &self,
        tally: &mut Tally,
        given: T,
        judged: T,
        result: T,
        again: impl Fn(&Chop) -> T,
    ) {
        let (x, y) = (judged.widen(), result.widen());
        let beyond = x.is_finite() && x.abs() > self.largest;
        // Text may say a little more than the largest number.
        let reaches = x.is_finite() && x.abs() >= self.largest;
        let overflowed = reaches && self.overflows(judged, result, again);
        tally.changed += u64::from(given.pattern() != result.pattern() && !given.is_nan());
        tally.beyond += u64::from(beyond);
        tally.overflowed += u64::from(overflowed);
        tally.became_infinite += u64::from(overflowed && y.is_infinite());
        tally.became_nan += u64::from(overflowed && y.is_nan());
        tally.below += u64::from(x != 0.0 && x.abs() < self.smallest);
        tally.subnormal += u64::from(y != 0.0 && y.abs() < self.smallest_normal);
        tally.zero += u64::from(x != 0.0 && y == 0.0);
        tally.without_value += u64::from(!overflowed && !x.is_nan() && y.is_nan());
        tally.add_error(given.widen(), y);
    }

    /// Whether a number above the largest finite, once rounded, lies beyond it.
    fn overflows<T: Number>(&self, x: T, result: T, again: impl Fn(&Chop) -> T) -> bool {
        if !self.chop.format().has_sign() && x.is_sign_negative() {
            return false;
        }
        match &self.roomier {
            None => !result.is_finite(),
            Some(roomier) => again(roomier).widen().abs() > self.largest,
        }
    }
}

/// A rounding with room above the largest finite number, and the same parities: a saturated
/// result does not tell by itself whether it was beyond. None where the storage type has no room.
fn roomier(chop: &Chop) -> Option<Chop> {
    let format = chop.format();
    if format.emax() >= 1023 {
        return None;
    }
    let wider = match format.precision() {
        // With one bit, even is the parity of the exponent field, which starts at 0 in E8M0.
        1 => {
            let emin = format.emin() - i32::from(!format.has_zero());
            Format::from_range(1, emin, format.emax() + 1)
        }
        p => Format::unbounded(p),
    };
    Some(Chop::new(wider.ok()?, chop.rounding()).with_overflow(Overflow::Ieee))
}

impl Tally {
    /// Relative errors exist for finite nonzero numbers with finite results.
    fn add_error(&mut self, x: f64, y: f64) {
        if x == 0.0 || !x.is_finite() || !y.is_finite() {
            return;
        }
        let error = ((y - x) / x).abs();
        self.largest_error = self.largest_error.max(error);
        self.error_sum += error;
        self.errors += 1;
    }
}
