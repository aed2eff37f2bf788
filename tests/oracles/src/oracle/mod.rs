//! An exact check of rounding, written from the definitions of the modes and policies alone: it
//! shares no code with the crate's reference or kernels beyond the facts of a format.
//!
//! A number is placed between its two neighbours (`grid`), the mode picks one of them, and the
//! policies say what becomes of a result below the smallest normal number or beyond the range.

mod exact;
mod flags;
mod grid;
mod outcome;

use std::cmp::Ordering;
use std::marker::PhantomData;

use lowprec::{
    Format, Overflow, Rounding, Storage, Underflow,
    format::{Domain, Signedness},
    reference::Rule,
};

pub use exact::Exact;
pub use grid::{Grid, Place};
pub use outcome::{Outcome, Parts};

/// One format within one storage type.
#[derive(Debug)]
pub struct Oracle<T> {
    format: Format,
    grid: Grid,
    smallest_normal: Exact,
    overflow: OverflowValue,
    storage: PhantomData<T>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum OverflowValue {
    Infinity,
    Nan,
    Largest,
}

/// An exact result in its place, to be rounded by many rules.
#[derive(Clone, Copy, Debug)]
pub struct Placed<T> {
    exact: Outcome,
    place: Option<Place>,
    /// The results that the two neighbours are (or the number itself, twice) where neither is zero,
    /// subnormal or beyond the range, so that no policy has a say. So it is with nearly all numbers.
    ordinary: Option<[T; 2]>,
}

impl<T> Placed<T> {
    pub fn exact(&self) -> Outcome {
        self.exact
    }

    pub fn place(&self) -> Option<Place> {
        self.place
    }
}

/// `x` rounded by the rule, for occasional use; [`Oracle`] for many numbers.
pub fn chop<T: Storage>(x: T, rule: &Rule) -> T {
    Oracle::new(rule.format).chop(x, rule)
}

impl<T: Storage> Oracle<T> {
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self::with_grid(format, Grid::new::<T>(&format))
    }

    #[must_use]
    pub fn with_grid(format: Format, grid: Grid) -> Self {
        let smallest_normal = Exact::of_f64(format.smallest_normal());
        let overflow = overflow_value(&format);
        Self { format, grid, smallest_normal, overflow, storage: PhantomData }
    }

    #[must_use]
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    pub fn chop(&self, x: T, rule: &Rule) -> T {
        self.finish(x, self.place(x), rule)
    }

    /// The part of the work that no mode or policy enters.
    pub fn place(&self, x: T) -> Option<Place> {
        self.place_outcome(Outcome::of(x.widen()))
    }

    #[must_use]
    pub fn place_outcome(&self, exact: Outcome) -> Option<Place> {
        match exact {
            Outcome::Number { magnitude, .. } => Some(self.grid.place(magnitude)),
            _ => None,
        }
    }

    /// The rest: `place` is that of `x`.
    pub fn finish(&self, x: T, place: Option<Place>, rule: &Rule) -> T {
        if x.is_nan() {
            return stored(nan(x.is_sign_negative()));
        }
        let decide = |negative, odd, side| is_away(rule.rounding, negative, odd, side);
        stored(self.result(Outcome::of(x.widen()), place, rule, decide))
    }

    /// A result's place, and what its neighbours are.
    pub fn placed(&self, exact: Outcome) -> Placed<T> {
        let place = self.place_outcome(exact);
        let ordinary = match (exact, place) {
            (Outcome::Number { negative, magnitude }, Some(Place::At)) => {
                self.ordinary(negative, magnitude).map(|x| [x, x])
            }
            (Outcome::Number { negative, .. }, Some(Place::Between { low, high, .. })) => {
                self.ordinary(negative, low).zip(self.ordinary(negative, high)).map(Into::into)
            }
            _ => None,
        };
        Placed { exact, place, ordinary }
    }

    /// A value as a result, where no policy has a say.
    fn ordinary(&self, negative: bool, value: Exact) -> Option<T> {
        let within = value >= self.smallest_normal && value <= self.grid.largest;
        let representable = self.format.has_sign() || !negative;
        (within && representable).then(|| stored(signed(negative, value.to_f64())))
    }

    /// As [`Oracle::finish`].
    pub fn finish_placed(&self, x: T, placed: &Placed<T>, rule: &Rule) -> T {
        if x.is_nan() {
            self.finish(x, placed.place, rule)
        } else {
            self.round_placed(placed, rule)
        }
    }

    /// As [`Oracle::round`].
    pub fn round_placed(&self, placed: &Placed<T>, rule: &Rule) -> T {
        let decide = |negative, odd, side| is_away(rule.rounding, negative, odd, side);
        self.round_placed_deciding(placed, rule, decide)
    }

    /// As [`Oracle::round_deciding`].
    pub fn round_placed_deciding(
        &self,
        placed: &Placed<T>,
        rule: &Rule,
        decide: impl FnOnce(bool, bool, Ordering) -> bool,
    ) -> T {
        let Some([low, high]) = placed.ordinary else {
            return self.round_deciding(placed.exact, placed.place, rule, decide);
        };
        match placed.place {
            Some(Place::Between { low_is_odd, side, .. }) => {
                if decide(low.is_sign_negative(), low_is_odd, side) { high } else { low }
            }
            _ => low,
        }
    }

    /// An operation's exact result, of which `place` is the place, rounded. A NaN that is no number
    /// beyond the range is positive.
    #[must_use]
    pub fn round(&self, exact: Outcome, place: Option<Place>, rule: &Rule) -> T {
        let decide = |negative, odd, side| is_away(rule.rounding, negative, odd, side);
        self.round_deciding(exact, place, rule, decide)
    }

    /// The same where `decide(negative, low is odd, side)` says whether a number between two values
    /// goes to the one of larger magnitude.
    pub fn round_deciding(
        &self,
        exact: Outcome,
        place: Option<Place>,
        rule: &Rule,
        decide: impl FnOnce(bool, bool, Ordering) -> bool,
    ) -> T {
        stored(self.result(exact, place, rule, decide))
    }

    fn result(
        &self,
        exact: Outcome,
        place: Option<Place>,
        rule: &Rule,
        decide: impl FnOnce(bool, bool, Ordering) -> bool,
    ) -> f64 {
        assert_eq!(rule.format, self.format);
        match (exact, place) {
            (Outcome::Nan { .. }, _) => f64::NAN,
            (Outcome::Zero { negative }, _) => self.zero(negative, rule),
            (Outcome::ZeroSum, _) => self.zero(rule.rounding == Rounding::Down, rule),
            (Outcome::Infinity { negative, .. }, _) => self.infinity(negative, rule),
            (Outcome::Number { negative, magnitude }, Some(place)) => {
                let rounded = self.rounded(negative, magnitude, place, decide);
                self.within_policies(negative, rounded, rule)
            }
            (Outcome::Number { .. }, None) => panic!("{exact:?} without a place"),
        }
    }

    /// Rounded as if there were no end above.
    fn rounded(
        &self,
        negative: bool,
        magnitude: Exact,
        place: Place,
        decide: impl FnOnce(bool, bool, Ordering) -> bool,
    ) -> Exact {
        match place {
            Place::At => magnitude,
            Place::Beyond => self.grid.beyond,
            Place::BelowAll => self.smallest_normal,
            Place::Between { low, high, low_is_odd, side } => {
                if decide(negative, low_is_odd, side) { high } else { low }
            }
        }
    }

    fn within_policies(&self, negative: bool, mut rounded: Exact, rule: &Rule) -> f64 {
        if rule.underflow == Underflow::FlushToZero && rounded < self.smallest_normal {
            rounded = Exact::ZERO;
        }
        if rounded.is_zero() {
            return self.zero(negative, rule);
        }
        if negative && !self.format.has_sign() {
            return self.below_range(rule);
        }
        if rounded > self.grid.largest {
            return self.beyond_range(negative, rule);
        }
        signed(negative, rounded.to_f64())
    }

    /// A zero of that sign, given or rounded to.
    fn zero(&self, negative: bool, rule: &Rule) -> f64 {
        if self.format.has_zero() {
            return signed(negative && self.format.has_negative_zero(), 0.0);
        }
        match rule.overflow {
            Overflow::Ieee => nan(negative),
            _ => self.smallest_normal.to_f64(),
        }
    }

    fn infinity(&self, negative: bool, rule: &Rule) -> f64 {
        if negative && !self.format.has_sign() {
            return match rule.overflow {
                Overflow::Ieee => nan(true),
                _ => self.smallest_of_unsigned(),
            };
        }
        match rule.overflow {
            Overflow::Ieee => self.overflowed(negative),
            Overflow::SaturateFinite if self.format.has_infinity() => {
                signed(negative, f64::INFINITY)
            }
            _ => self.largest(negative),
        }
    }

    /// A rounded finite value beyond the largest.
    fn beyond_range(&self, negative: bool, rule: &Rule) -> f64 {
        let inward = match rule.rounding {
            Rounding::TowardZero => true,
            Rounding::Up => negative,
            Rounding::Down => !negative,
            Rounding::ToOdd => self.grid.largest_is_odd,
            _ => false,
        };
        match rule.overflow {
            Overflow::Ieee if !inward => self.overflowed(negative),
            _ => self.largest(negative),
        }
    }

    /// A rounded negative value in a format without sign.
    fn below_range(&self, rule: &Rule) -> f64 {
        let clamps = matches!(rule.rounding, Rounding::TowardZero | Rounding::Up);
        if rule.overflow == Overflow::Ieee && !(clamps && self.format.has_zero()) {
            return nan(true);
        }
        self.smallest_of_unsigned()
    }

    fn smallest_of_unsigned(&self) -> f64 {
        if self.format.has_zero() { 0.0 } else { self.smallest_normal.to_f64() }
    }

    fn overflowed(&self, negative: bool) -> f64 {
        match self.overflow {
            OverflowValue::Infinity => signed(negative, f64::INFINITY),
            OverflowValue::Nan => nan(negative),
            OverflowValue::Largest => self.largest(negative),
        }
    }

    fn largest(&self, negative: bool) -> f64 {
        // Zero where the storage type holds nothing else of the format.
        let minus = negative && (!self.grid.largest.is_zero() || self.format.has_negative_zero());
        signed(minus, self.grid.largest.to_f64())
    }
}

/// Whether a number strictly between two neighbours goes to the one of larger magnitude.
#[must_use]
pub fn is_away(mode: Rounding, negative: bool, low_is_odd: bool, side: Ordering) -> bool {
    let nearest = |tie: bool| side.is_gt() || side.is_eq() && tie;
    match mode {
        Rounding::NearestEven => nearest(low_is_odd),
        Rounding::NearestOdd => nearest(!low_is_odd),
        Rounding::NearestAway => nearest(true),
        Rounding::NearestZero => nearest(false),
        Rounding::NearestUp => nearest(!negative),
        Rounding::NearestDown => nearest(negative),
        Rounding::Up => !negative,
        Rounding::Down => negative,
        Rounding::TowardZero => false,
        Rounding::AwayFromZero => true,
        Rounding::ToOdd => !low_is_odd,
        other => panic!("{other} is not deterministic"),
    }
}

/// Infinity where there is one, else NaN, else the largest finite number; P3109's finite formats
/// clamp although they have a NaN.
fn overflow_value(format: &Format) -> OverflowValue {
    let signedness = if format.has_sign() { Signedness::Signed } else { Signedness::Unsigned };
    let p3109_finite = format.total_bits().is_some_and(|k| {
        Format::p3109(k, format.precision(), signedness, Domain::Finite).as_ref() == Ok(format)
    });
    match (format.has_infinity(), format.has_nan() && !p3109_finite) {
        (true, _) => OverflowValue::Infinity,
        (false, true) => OverflowValue::Nan,
        (false, false) => OverflowValue::Largest,
    }
}

fn stored<T: Storage>(x: f64) -> T {
    T::narrow(x).unwrap_or_else(|| panic!("{x:e} is no value of the storage type"))
}

fn signed(negative: bool, magnitude: f64) -> f64 {
    if negative { -magnitude } else { magnitude }
}

fn nan(negative: bool) -> f64 {
    f64::NAN.copysign(if negative { -1.0 } else { 1.0 })
}
