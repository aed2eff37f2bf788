//! An operation and the rounding of its result in one loop, for results among the format's normal
//! numbers. There it takes no more than to cut bits off: nothing overflows, nothing is infinite or NaN,
//! zero sums stay. Whether all results of a group are such is found out in the loop; groups that have
//! others are for the caller to do otherwise.

use core::hint::black_box;
use core::marker::PhantomData;

use super::choice::{with_kind, with_mode};
use super::cut::Cut;
use super::loops::BLOCK;
use super::mode::{self, Mode};
use crate::definition::Rule;
use crate::kernel::plan::{Bits, Finish, Plan};
use crate::level::{self, Specialized, Work};
use crate::rounding::{Decision, Tie};
use crate::storage::{Storage, Word, select, sign_bit};

/// Values that are right or not together: enough for what is done once for all of them, the search for
/// the largest place, not to count.
pub(crate) const GROUP: usize = 4 * BLOCK;

type Group<T> = [T; GROUP];

/// An operation whose result in the storage type can be rounded further as if it were the exact one.
pub(crate) trait Step<const N: usize>: Copy + Send + Sync {
    /// Whether that is so only for operands of no more bits than the format has.
    const DIGITS: bool;
    /// Whether it is a sum: exact where it is zero.
    const SUM: bool;
    /// Whether a zero sum has the sign that it has to have.
    #[inline(always)]
    fn keeps_zeros(self) -> bool {
        true
    }
    /// Magnitudes within which the result has to be, and a second number.
    fn ranges<T: Storage>() -> [[Bits<T>; 2]; 2];
    /// Both numbers. `one` is one, unknown to the compiler; see `Plan::one`.
    fn step<T: Storage>(self, args: [T; N], one: Bits<T>) -> [T; 2];
}

/// Whole groups in a deterministic mode; `bad` tells those in which some results are not right.
#[inline(always)]
pub(crate) fn fused<T: Storage, O: Step<N>, const N: usize>(
    op: O,
    rule: &Rule,
    plan: &Plan,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) {
    match rule.rounding.decision() {
        Decision::Nearest(Tie::Away) => each::<T, O, mode::NearestAway, N>(op, plan, args, to, bad),
        _ => with_kind!(rule, |Chosen| each::<T, O, Chosen, N>(op, plan, args, to, bad)),
    }
}

/// Whole groups in a nearest mode; `bad` tells those in which some results are not right.
#[inline(always)]
pub(crate) fn fused_to_nearest<T: Storage, O: Step<N>, const N: usize>(
    op: O,
    rule: &Rule,
    plan: &Plan,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) {
    match rule.rounding.decision() {
        Decision::Nearest(Tie::Even) => each::<T, O, mode::NearestEven, N>(op, plan, args, to, bad),
        Decision::Nearest(Tie::Away) => each::<T, O, mode::NearestAway, N>(op, plan, args, to, bad),
        _ => each::<T, O, mode::Ties, N>(op, plan, args, to, bad),
    }
}

#[inline(always)]
fn each<T: Storage, O: Step<N>, M: Mode, const N: usize>(
    op: O,
    plan: &Plan,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) {
    let args = args.map(|values| values.as_chunks().0);
    let to = to.as_chunks_mut().0;
    level::run_specialized(Fused {
        op,
        plan,
        args,
        to,
        bad,
        one: black_box(1),
        mode: PhantomData::<M>,
    });
}

struct Fused<'a, T, O, M, const N: usize> {
    op: O,
    plan: &'a Plan,
    args: [&'a [Group<T>]; N],
    to: &'a mut [Group<T>],
    bad: &'a mut [bool],
    one: u64,
    mode: PhantomData<M>,
}

impl<T: Storage, O: Step<N>, M: Mode, const N: usize> Work for Fused<'_, T, O, M, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let needs = Needs::<T>::of(self.op, self.plan, self.one);
        for (index, (to, bad)) in self.to.iter_mut().zip(self.bad).enumerate() {
            let [a, b, c, d] = four(self.args, index);
            *bad = group::<T, O, M, N>(self.op, a, b, c, d, to, &needs);
        }
    }
}

impl<'a, T: Storage, O: Step<N>, M: Mode, const N: usize> Specialized for Fused<'a, T, O, M, N> {
    type General = Fused<'a, T, O, M::General, N>;

    #[inline(always)]
    fn general(self) -> Self::General {
        let Self { op, plan, args, to, bad, one, mode: _ } = self;
        Fused { op, plan, args, to, bad, one, mode: PhantomData }
    }
}

/// What the loop needs of a plan.
#[derive(Clone, Copy)]
struct Needs<T: Storage> {
    cut: Cut<Bits<T>>,
    one: Bits<T>,
    results: Range<T>,
    others: Range<T>,
    /// All ones where a zero is as good as a normal number: where the format has both.
    zero: Bits<T>,
}

impl<T: Storage> Needs<T> {
    #[inline(always)]
    fn of<O: Step<N>, const N: usize>(op: O, plan: &Plan, one: u64) -> Self {
        let word = Bits::<T>::from_u64;
        let [results, others] = O::ranges::<T>();
        // An unsigned format's numbers are few; signs count as beyond the range.
        let length = if plan.signed { plan.span } else { 0 };
        let normal = [word(plan.regular), word(plan.regular + length)];
        Self {
            cut: Cut::of_plan(plan),
            one: word(one),
            results: Range::new([results[0].max(normal[0]), results[1].min(normal[1])]),
            others: Range::new(others),
            zero: Bits::<T>::mask(plan.finish != Finish::Full && op.keeps_zeros()),
        }
    }
}

/// A range of magnitudes, and which lay beyond it: one subtraction and one maximum a value. Both are
/// moved by half the integers' range, so that signed comparison serves, which vector units have.
#[derive(Clone, Copy)]
struct Range<T: Storage> {
    start: Bits<T>,
    end: Bits<T>,
    most: Bits<T>,
}

impl<T: Storage> Range<T> {
    /// From one magnitude to below another; empty where that is not above.
    #[inline(always)]
    fn new([from, to]: [Bits<T>; 2]) -> Self {
        let least = sign_bit::<T>();
        let length = if from < to { to - from } else { Bits::<T>::ZERO };
        Self { start: from.wrapping_add(least), end: length.wrapping_add(least), most: least }
    }

    /// Notes a magnitude, or nothing where `counts` is zero.
    #[inline(always)]
    fn note(&mut self, magnitude: Bits<T>, counts: Bits<T>) {
        let place = magnitude.wrapping_sub(self.start);
        let place = select(counts, place, sign_bit::<T>());
        self.most = select(self.most.less(place), place, self.most);
    }

    /// Whether all noted lie within.
    #[inline(always)]
    fn holds_all(&self) -> bool {
        self.most.less(self.end) != Bits::<T>::ZERO
    }
}

/// A block of each operand; of the last one also in place of those that there are not.
#[inline(always)]
pub(crate) fn four<B, const N: usize>(args: [&[B]; N], i: usize) -> [&B; 4] {
    let at = |k: usize| &args[if k < N { k } else { N - 1 }][i];
    [at(0), at(1), at(2), at(3)]
}

/// The operands of one place.
#[inline(always)]
pub(crate) fn operands<T: Storage, const N: usize>(all: [T; 4]) -> [T; N] {
    core::array::from_fn(
        #[inline(always)]
        |k| all[k],
    )
}

/// Whether some results are not sure. The operands' groups are parameters of their own: of those, not of
/// an array of them, the compiler knows that the results do not overlap them.
#[inline(always)]
#[allow(clippy::many_single_char_names)]
fn group<T: Storage, O: Step<N>, M: Mode, const N: usize>(
    op: O,
    a: &Group<T>,
    b: &Group<T>,
    c: &Group<T>,
    d: &Group<T>,
    to: &mut Group<T>,
    needs: &Needs<T>,
) -> bool {
    let zero = Bits::<T>::ZERO;
    let Needs { cut, .. } = needs;
    let (mut digits, mut results, mut others) = (zero, needs.results, needs.others);
    for i in 0..GROUP {
        let operands: [T; N] = operands([a[i], b[i], c[i], d[i]]);
        if O::DIGITS {
            for x in operands {
                digits = digits | x.bits();
            }
        }
        let [z, other] = op.step(operands, needs.one);
        let bits = z.bits();
        let magnitude = bits & !sign_bit::<T>();
        let is_zero = if O::SUM { Bits::<T>::mask(magnitude == zero) & needs.zero } else { zero };
        results.note(magnitude, !is_zero);
        others.note(other.abs().bits(), !zero);
        to[i] = T::from_bits(bits.wrapping_add(M::bias_at(bits, cut)) & !cut.mask);
    }
    digits & cut.mask != zero || !results.holds_all() || !others.holds_all()
}
