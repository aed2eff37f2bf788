//! One value of a block: the lane `Add` with constants moved by the exponent of the block's scale.

use core::marker::PhantomData;

use super::super::draw::Draw;
use super::super::mode::{Any, Mode, Signed, Sum};
use super::plan::{Block, BlockPlan, MANTISSA};
use crate::kernel::plan::Bits;
use crate::kernel::ready::Ready;
use crate::storage::{Storage, Word};

const MAGNITUDE: u32 = i32::MAX as u32;

/// The constants of one block.
#[derive(Clone, Copy)]
pub(super) struct Moved<T: Storage> {
    /// 2^emin and the largest number, times the scale.
    pub(super) low: T,
    pub(super) largest: T,
}

/// What the loops have at hand.
#[derive(Clone, Copy)]
pub(super) struct Constants {
    pub(super) ready: Ready<f32>,
    low: u32,
    largest: u32,
    nudge: u32,
    offset: i32,
    least: i32,
    most: i32,
    code_offset: i32,
}

impl Constants {
    #[inline(always)]
    pub(super) fn of(plan: &BlockPlan) -> Self {
        let ready = Ready::<f32>::of(&plan.element);
        Self {
            low: ready.low.to_bits(),
            largest: ready.largest.to_bits(),
            ready,
            nudge: plan.nudge,
            offset: f32::MAX_EXP - 1 + plan.emax,
            least: plan.least,
            most: plan.most,
            code_offset: plan.code_offset,
        }
    }

    /// The block's constants and the code of its scale; `None` if it is hard. A block of zeros has the code 0, and any scale
    /// does.
    #[inline(always)]
    pub(super) fn moved(&self, block: &Block<f32>) -> Option<(Moved<f32>, u32)> {
        let mut amax = 0_i32;
        for x in block {
            amax = amax.max((x.to_bits() & MAGNITUDE) as i32);
        }
        let exponent = ((amax as u32 + self.nudge) >> MANTISSA) as i32 - self.offset;
        let hard = exponent < self.least || exponent > self.most;
        if hard && amax != 0 {
            return None;
        }
        let exponent = if amax == 0 { self.least } else { exponent };
        let step = (exponent << MANTISSA) as u32;
        let moved = Moved {
            low: f32::from_bits(self.low.wrapping_add(step)),
            largest: f32::from_bits(self.largest.wrapping_add(step)),
        };
        let scale_code = if amax == 0 { 0 } else { (exponent + self.code_offset) as u32 };
        Some((moved, scale_code))
    }
}

/// The power of two to add: `lift` is the way to it in exponents. Like all sums in these loops one that
/// wraps: in a build that checks for overflow a loop with the check is no vector code.
#[inline(always)]
pub(super) fn power<T: Storage>(magnitude: Bits<T>, moved: Moved<T>, lift: Bits<T>) -> Bits<T> {
    let power = T::from_bits(magnitude & T::infinity().bits());
    // As numbers: integers of 64 bits have no such instruction in AVX2.
    let power = if power > moved.low { power } else { moved.low };
    power.bits().wrapping_add(lift)
}

/// One value rounded, with the random word of its place; whether that leaves it open.
pub(super) trait Element: Copy {
    /// Whether it takes random words: loops without them are then not compiled, or those with.
    const DRAWS: bool;
    /// What stands for it where loops are to be few: itself, or a mode as data.
    type General: Element;
    fn general(self) -> Self::General;
    fn round<T: Storage>(self, x: T, word: u32, moved: Moved<T>, ready: &Ready<T>) -> (T, bool);
    /// The sum's bits, c's bits, and whether open: as codes want it.
    fn sum<T: Storage>(
        self,
        x: Signed<T>,
        word: u32,
        moved: Moved<T>,
        ready: &Ready<T>,
    ) -> (Bits<T>, Bits<T>, bool);
}

/// A deterministic mode.
#[derive(Clone, Copy)]
pub(super) struct Fixed<M>(pub(super) PhantomData<M>);

impl<M: Mode> Element for Fixed<M> {
    const DRAWS: bool = false;
    type General = Fixed<Any>;

    #[inline(always)]
    fn general(self) -> Self::General {
        Fixed(PhantomData)
    }

    #[inline(always)]
    fn round<T: Storage>(self, x: T, _: u32, moved: Moved<T>, ready: &Ready<T>) -> (T, bool) {
        let x = saturated(x, moved);
        let c = power(x.magnitude.bits(), moved, ready.lift);
        let y = M::round(x, T::from_bits(c), ready);
        (T::from_bits(y.bits() | x.sign), false)
    }

    #[inline(always)]
    fn sum<T: Storage>(
        self,
        x: Signed<T>,
        _: u32,
        moved: Moved<T>,
        ready: &Ready<T>,
    ) -> (Bits<T>, Bits<T>, bool) {
        let c = power(x.magnitude.bits(), moved, ready.lift);
        (M::correct(Sum::new(x.magnitude, T::from_bits(c), ready), x), c, false)
    }
}

/// A stochastic mode, as in `kernel/draw.rs`.
#[derive(Clone, Copy)]
pub(super) struct Drawn<D>(pub(super) D);

impl<D: Draw> Drawn<D> {
    /// The sum with n bits more, the random bits added and the bits cleared.
    #[inline(always)]
    fn drawn<T: Storage>(
        self,
        x: Signed<T>,
        word: u32,
        moved: Moved<T>,
        ready: &Ready<T>,
    ) -> (Bits<T>, Bits<T>, bool) {
        let n = self.0.digits();
        let binades = Bits::<T>::from_u64(n.into()) << T::MANTISSA;
        let c = power(x.magnitude.bits(), moved, ready.lift.wrapping_sub(binades));
        let sum = D::Fine::correct(Sum::new(x.magnitude, T::from_bits(c), ready), x);
        let one = Bits::<T>::ONE << n;
        let below = one.wrapping_sub(Bits::<T>::ONE);
        let random = Bits::<T>::from_u64((word >> (32 - n)).into());
        if D::OPEN {
            let sum = sum.wrapping_add(one.wrapping_sub(random));
            let open = sum & below.wrapping_sub(Bits::<T>::ONE) == Bits::<T>::ZERO;
            (sum & !below, c, open)
        } else {
            (sum.wrapping_add(random) & !below, c, false)
        }
    }
}

impl<D: Draw> Element for Drawn<D> {
    const DRAWS: bool = true;
    type General = Self;

    #[inline(always)]
    fn general(self) -> Self {
        self
    }

    #[inline(always)]
    fn round<T: Storage>(self, x: T, word: u32, moved: Moved<T>, ready: &Ready<T>) -> (T, bool) {
        let x = saturated(x, moved);
        let (sum, c, open) = self.drawn(x, word, moved, ready);
        let y = T::from_bits(sum) - T::from_bits(c);
        (T::from_bits(y.bits() | x.sign), open)
    }

    #[inline(always)]
    fn sum<T: Storage>(
        self,
        x: Signed<T>,
        word: u32,
        moved: Moved<T>,
        ready: &Ready<T>,
    ) -> (Bits<T>, Bits<T>, bool) {
        let (sum, c, open) = self.drawn(x, word, moved, ready);
        // Counted in the element's quanta from c's binade, as in the deterministic modes.
        let n = self.0.digits();
        let unit = c.wrapping_add(Bits::<T>::from_u64(n.into()) << T::MANTISSA);
        ((sum.wrapping_sub(c) >> n).wrapping_add(unit), unit, open)
    }
}

/// What is beyond the largest becomes that, and NaN, too, before anything is added to it: in every mode that is what
/// saturates, and the sum is finite.
#[inline(always)]
pub(super) fn saturated<T: Storage>(x: T, moved: Moved<T>) -> Signed<T> {
    let x = Signed::of(x);
    let magnitude = if x.magnitude < moved.largest { x.magnitude } else { moved.largest };
    Signed { value: T::from_bits(magnitude.bits() | x.sign), magnitude, ..x }
}
