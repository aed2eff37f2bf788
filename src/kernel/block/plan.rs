//! An element format and a scale rule made ready for the loops over blocks.

use crate::definition::Rule;
use crate::format::power_of_two;
use crate::kernel::plan::{Finish, Plan, Way};
use crate::rounding::Draw as Drawing;

/// Values of a block.
pub(crate) const SIZE: usize = 32;

/// Blocks that go through one call, a bit each in the answer.
pub(crate) const TOGETHER: usize = 32;

pub(super) type Block<A> = [A; SIZE];

pub(super) const MANTISSA: u32 = f32::MANTISSA_DIGITS - 1;

/// How the block's exponent follows from the bits of its largest magnitude: what is added to them
/// before the exponent is read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Nudge {
    /// Nothing: ⌊log2⌋.
    Floor,
    /// All but the least: ⌈log2⌉.
    Ceil,
    /// Up beyond the element format's largest number.
    Rceil,
    /// Half of the last bit that the element format keeps.
    Even,
}

impl Nudge {
    /// What is added to a magnitude of so many bits of trailing significand before its exponent is read, the
    /// element format having `precision` digits and `largest` as the trailing bits of its largest number.
    pub(crate) const fn bits(self, mantissa: u32, precision: u32, largest: u64) -> u64 {
        let all = (1 << mantissa) - 1;
        match self {
            Self::Floor => 0,
            Self::Ceil => all,
            Self::Rceil => all - (largest & all),
            Self::Even => 1 << (mantissa - precision),
        }
    }
}

/// An element format and a scale rule made ready.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockPlan {
    pub(super) element: Plan,
    pub(super) nudge: u32,
    /// Exponent field of amax, nudged, less this is the scale's exponent.
    pub(super) emax: i32,
    /// Scale exponents with which all is in range.
    pub(super) least: i32,
    pub(super) most: i32,
    /// Scale code less scale exponent.
    pub(super) code_offset: i32,
    /// Place of the sign bit in a code.
    pub(super) width: u32,
}

impl BlockPlan {
    /// `None` where blocks are not to be rounded this way: the element format takes another lane, or
    /// overflow does not saturate. Scales are 2^e with e from the first of `scales` to the second, coded
    /// as e + `code_offset`.
    pub(crate) const fn new(
        rule: &Rule,
        nudge: Nudge,
        scales: [i32; 2],
        code_offset: i32,
    ) -> Option<Self> {
        let element = Plan::new::<f32>(rule);
        let format = &rule.format;
        let [plus, minus] = element.overflow;
        let saturates = plus == element.largest && minus == element.largest;
        if !matches!((element.way, element.finish), (Way::Add, Finish::Plain)) || !saturates {
            return None;
        }
        let Some(bits) = format.total_bits() else { return None };
        let (emin, emax) = (format.emin(), format.emax());
        let nudge = nudge.bits(MANTISSA, format.precision(), element.largest) as u32;
        // Sixteen random bits more than the smallest quantum, and half of that, are normal numbers;
        // the sum with the largest power of two is finite.
        let below = 18;
        let least = f32::MIN_EXP - 1 - (emin - format.mantissa_bits() as i32) + below;
        let most = f32::MAX_EXP - 1 - emax - element.cut as i32 - 2;
        Some(Self {
            element,
            nudge,
            emax,
            least: if least > scales[0] { least } else { scales[0] },
            most: if most < scales[1] { most } else { scales[1] },
            code_offset,
            width: bits - 1,
        })
    }

    /// Whether a stochastic mode's bits fit beside the element's.
    pub(crate) const fn draws(&self, drawing: Drawing) -> bool {
        let n = drawing.digits();
        n > 0 && !drawing.is_wide() && n <= MANTISSA - 1 - (f32::MANTISSA_DIGITS - self.element.cut)
    }
}

/// An element format and a scale rule made ready for blocks of any shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PowerPlan {
    /// The element format in either storage type.
    pub(super) single: Plan,
    pub(super) double: Plan,
    /// Exponents of scales for which `f32` has room.
    safe: [i32; 2],
    /// What is added to all: 0 where there is one zero, else -0.
    pub(super) zero: f64,
}

impl PowerPlan {
    /// `None` where blocks are not to be rounded this way: the element format takes another lane, or overflow
    /// does not saturate. Scales are 2^e with e from the first of `scales` to the second. Integers have one zero.
    pub(crate) const fn new(rule: &Rule, scales: [i32; 2], one_zero: bool) -> Option<Self> {
        // How scales are found and coded is of no account here.
        let plan = BlockPlan::new(rule, Nudge::Floor, scales, 0);
        let Some(BlockPlan { element, least, most, .. }) = plan else {
            return None;
        };
        let double = Plan::new::<f64>(rule);
        if !matches!((double.way, double.finish), (Way::Add, Finish::Plain)) {
            return None;
        }
        let zero = if one_zero { 0.0 } else { -0.0 };
        Some(Self { single: element, double, safe: [least, most], zero })
    }

    /// Whether a stochastic mode's bits fit beside the element's.
    pub(crate) const fn draws(&self, drawing: Drawing) -> bool {
        let n = drawing.digits();
        n > 0 && !drawing.is_wide() && n <= MANTISSA - 1 - (f32::MANTISSA_DIGITS - self.single.cut)
    }

    /// Whether `f32` has room for all that is done with a scale 2^e.
    #[inline(always)]
    pub(crate) fn is_safe(&self, exponent: i32) -> bool {
        (self.safe[0]..=self.safe[1]).contains(&exponent)
    }
}

/// How the exponents of scales that are powers of two follow from the largest magnitudes of their blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Powers {
    /// [`Nudge::bits`] for `f64`, of an element format that `f32` holds.
    pub(crate) nudge: u64,
    /// Exponent of the nudged magnitude less this is the scale's.
    pub(crate) emax: i32,
    /// The least and the largest.
    pub(crate) scales: [i32; 2],
    /// That of a block of zeros.
    pub(crate) of_zeros: i32,
    /// Whether NaN and infinity make a NaN of their block.
    pub(crate) spoils: bool,
}

/// What stands for the exponent of a scale that is NaN.
pub(crate) const SPOILED: i32 = f64::MAX_EXP;

/// The scale of an exponent; NaN of [`SPOILED`].
#[inline]
pub(crate) fn scale(exponent: i32) -> f64 {
    if exponent == SPOILED { f64::NAN } else { power_of_two(exponent) }
}

/// The exponent of a power of two; [`SPOILED`] of NaN.
#[inline(always)]
pub(crate) fn exponent(scale: f64) -> i32 {
    (scale.to_bits() >> (f64::MANTISSA_DIGITS - 1)) as i32 - (f64::MAX_EXP - 1)
}
