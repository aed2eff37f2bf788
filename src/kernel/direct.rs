//! An operation and the rounding of its result in one loop, where twice rounded to nearest is as good as
//! once: the storage's p' digits are at least 2p + 2, the operands have at most p digits, and the
//! result in the storage neither overflows nor underflows. A sum, quotient or root of such operands that
//! lies within half of the storage's last place of a midpoint of the format *is* that midpoint, and their
//! product is exact (Figueroa, *When is double rounding innocuous?*, SIGNUM Newsletter 30, 1995; Roux,
//! *Innocuous double rounding of basic arithmetic operations*, J. Formaliz. Reason. 7, 2014).
//!
//! Below the format's normal numbers the midpoints have fewer digits, which changes nothing for
//! products, quotients and roots; a sum there is exact only where one operand is a multiple of the
//! quantum. Whether all this holds is found out in the loop, block by block.

use core::marker::PhantomData;

use super::lane::{self, Lane};
use super::loops::{BLOCK, Block};
use super::slice::with_lane;
use super::{finish, mode};
use crate::level::{self, Work};
use crate::plan::{Bits, Finish, Plan, Ready, Way, power_of_two_bits};
use crate::rounding::{Decision, Tie};
use crate::rule::Rule;
use crate::storage::{Storage, Word};

/// An operation of the storage type, rounded to nearest even.
pub(crate) trait Plain<const N: usize>: Copy + Send + Sync {
    /// Whether the argument above holds for it.
    const DIRECT: bool;
    /// Whether it is a sum: exact where zero, and not among the format's subnormal numbers.
    const SUM: bool;
    fn plain<T: Storage>(self, args: [T; N]) -> T;
}

/// Whether the rule is one that the direct way can be right for.
#[inline(always)]
fn applies<T: Storage>(rule: &Rule, plan: &Plan) -> bool {
    let precision = T::PRECISION - plan.cut;
    let nearest = match rule.rounding.decision() {
        Decision::Nearest(Tie::Even) => true,
        Decision::Nearest(_) => (plan.way, plan.finish) == (Way::Add, Finish::Plain),
        _ => false,
    };
    nearest && precision >= 2 && T::PRECISION >= 2 * precision + 2
}

/// What the loops take besides operands and places.
#[derive(Clone, Copy)]
pub(crate) struct Direct<'a> {
    rule: &'a Rule,
    plan: &'a Plan,
    /// Magnitudes of results that are not sure, less than this.
    floor: u64,
}

impl<'a> Direct<'a> {
    /// For an operation by a rule; nothing where that is not proven.
    #[inline(always)]
    pub(crate) fn of<T: Storage, O: Plain<N>, const N: usize>(
        rule: &'a Rule,
        plan: &'a Plan,
    ) -> Option<Self> {
        if !O::DIRECT || !applies::<T>(rule, plan) {
            return None;
        }
        let normal = power_of_two_bits::<T>(T::EMIN);
        let floor = if O::SUM && plan.low > normal { plan.low } else { normal };
        Some(Self { rule, plan, floor })
    }
}

/// Whole blocks; `bad` tells those in which the direct way was not proven to be right.
#[inline(always)]
pub(crate) fn direct<T: Storage, O: Plain<N>, const N: usize>(
    op: O,
    direct: Direct<'_>,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) {
    let Direct { rule, plan, floor } = direct;
    let args = args.map(|values| values.as_chunks().0);
    let to = to.as_chunks_mut().0;
    macro_rules! run {
        ($lane:ty) => {{
            let lane = PhantomData::<$lane>;
            level::run(Fused { op, plan, floor, args, to, bad, lane })
        }};
    }
    type Common<M> = lane::Add<M, finish::Plain>;
    match rule.rounding.decision() {
        Decision::Nearest(Tie::Away) => run!(Common<mode::NearestAway>),
        Decision::Nearest(Tie::Zero) => run!(Common<mode::NearestZero>),
        Decision::Nearest(Tie::Odd) => run!(Common<mode::NearestOdd>),
        _ => with_lane!(plan, mode::NearestEven, |Chosen| run!(Chosen)),
    }
}

struct Fused<'a, T, O, L, const N: usize> {
    op: O,
    plan: &'a Plan,
    floor: u64,
    args: [&'a [Block<T>]; N],
    to: &'a mut [Block<T>],
    bad: &'a mut [bool],
    lane: PhantomData<L>,
}

impl<T: Storage, O: Plain<N>, L: Lane, const N: usize> Work for Fused<'_, T, O, L, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let ready = Ready::<T>::of(self.plan);
        let floor = Bits::<T>::from_u64(self.floor);
        for (index, (to, bad)) in self.to.iter_mut().zip(self.bad).enumerate() {
            let args = self.args.map(
                #[inline(always)]
                |values| &values[index],
            );
            *bad = block::<T, O, L, N>(self.op, args, to, &ready, floor);
        }
    }
}

#[inline(always)]
fn block<T: Storage, O: Plain<N>, L: Lane, const N: usize>(
    op: O,
    args: [&Block<T>; N],
    to: &mut Block<T>,
    ready: &Ready<T>,
    floor: Bits<T>,
) -> bool {
    let sign = Bits::<T>::ONE << (Bits::<T>::BITS - 1);
    let (mut digits, mut range) = (Bits::<T>::ZERO, Bits::<T>::ZERO);
    for i in 0..BLOCK {
        let mut operands = [T::zero(); N];
        for k in 0..N {
            operands[k] = args[k][i];
            digits = digits | operands[k].bits();
        }
        let z = op.plain(operands);
        let magnitude = z.bits() & !sign;
        range = range
            | if O::SUM {
                // Below the floor, but not zero, or infinite or NaN.
                let tiny = magnitude.wrapping_sub(Bits::<T>::ONE) < floor - Bits::<T>::ONE;
                Bits::<T>::mask(tiny) | !magnitude.less(T::INFINITY)
            } else {
                Bits::<T>::mask(magnitude.wrapping_sub(floor) >= T::INFINITY - floor)
            };
        to[i] = L::round(z, ready);
    }
    digits & ready.mask | range != Bits::<T>::ZERO
}
