//! One operation at a time.

use super::exact::Exactly;
use super::odd::positive_nan;
use super::steps::{Plain, direct_tie};
use crate::chop::{Chop, Draws};
use crate::definition::Rule;
use crate::kernel::plan::{Bits, Finish, Plan};
use crate::kernel::{self, operands};
use crate::rounding::random::Source;
use crate::rounding::{Decision, Draw, Rounding};
use crate::storage::{Storage, Word, canonical, narrowed};

/// Whether the format leaves the storage type bits enough for a result rounded to odd: two more than it
/// has, for the nearest modes have to tell a half from more; one for the others, which ask only whether
/// anything is cut off.
#[inline(always)]
pub(super) fn has_room(plan: &Plan) -> bool {
    plan.cut > u32::from(plan.bias.nearest)
}

/// Whether the rule rounds as the storage type itself does.
#[inline(always)]
pub(super) fn is_hardware(rule: &Rule, plan: &Plan) -> bool {
    plan.cut == 0 && plan.finish == Finish::Natural && rule.rounding == Rounding::NearestEven
}

/// Whether a result rounded to odd also holds the random bits that a lane takes at once and tells what follows them.
#[inline(always)]
pub(super) fn has_room_to_draw(plan: &Plan, drawing: Draw) -> bool {
    let digits = drawing.all_digits();
    plan.cut >= if digits > 16 { digits + 2 } else { 18 }
}

/// The result rounded to odd, unless it is open. A branch is faster than all that it skips, for one.
#[inline(always)]
fn odd<T: Storage, O: Exactly<N>, const N: usize>(op: O, args: [T; N]) -> Option<T> {
    if let Some(z) = op.quick(args) {
        return Some(z);
    }
    let (z, open) = op.odd(args);
    (open == Bits::<T>::ZERO).then_some(z)
}

/// The exact result rounded once.
#[inline(always)]
pub(super) fn one<T: Storage, O: Exactly<N>, const N: usize>(
    rounder: &impl Draws,
    op: O,
    args: [T; N],
) -> T {
    let chop = rounder.chop_ref();
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => {
            let args = operands(apart(args));
            rounder.draw(1, move |source, index| drawn(chop, drawing, source, index, op, args))
        }
        _ => deterministic(chop, op, args),
    }
}

/// The exact result rounded once with random bits from a source, of which it is element `index`.
pub(super) fn one_with<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    source: &mut dyn Source,
    index: u64,
    op: O,
    args: [T; N],
) -> T {
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => drawn(chop, drawing, source, index, op, args),
        _ => deterministic(chop, op, args),
    }
}

#[inline(always)]
fn deterministic<T: Storage, O: Exactly<N>, const N: usize>(chop: &Chop, op: O, args: [T; N]) -> T {
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    if is_hardware(rule, plan)
        && let Some(z) = op.hardware(args)
    {
        return canonical(z);
    }
    match by_hardware(plan, op, args) {
        Some(y) => y,
        None => hard(chop, op, args),
    }
}

/// The storage's own result rounded, if that is as good as to round the exact one.
#[inline(always)]
fn by_hardware<T: Storage, O: Exactly<N>, const N: usize>(
    plan: &Plan,
    op: O,
    args: [T; N],
) -> Option<T> {
    kernel::chop_nearest(plan, op.hardware(args)?, op.is_exact(args))
}

/// The result rounded to odd and then by the plan, if the storage type has room for it.
#[inline(always)]
fn by_odd<T: Storage, O: Exactly<N>, const N: usize>(
    plan: &Plan,
    op: O,
    args: [T; N],
) -> Option<T> {
    if !has_room(plan) {
        return None;
    }
    Some(kernel::chop_result(plan, odd(op, args)?))
}

/// The operands one by one, the last ones again for those that there are not, to hand them on to what is not inline.
/// Handed on as a whole they would be in memory on every path, written one by one and read at once, which takes some ten times
/// as long as to add them.
#[inline(always)]
fn apart<T: Copy, const N: usize>(args: [T; N]) -> [T; 4] {
    core::array::from_fn(
        #[inline(always)]
        |k| args[if k < N { k } else { N - 1 }],
    )
}

/// What the storage's own result does not settle.
#[inline(always)]
pub(super) fn hard<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [T; N],
) -> T {
    let [a, b, c, d] = apart(args);
    hard_of(chop, op, a, b, c, d)
}

#[cold]
#[inline(never)]
#[allow(clippy::many_single_char_names)]
fn hard_of<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    op: O,
    a: T,
    b: T,
    c: T,
    d: T,
) -> T {
    let args = operands([a, b, c, d]);
    if let Some(y) = by_odd(chop.plan::<T>(), op, args) {
        return y;
    }
    if let Some(plan) = wider::<T>(chop) {
        let args = args.map(T::widen);
        if let Some(y) = by_hardware(plan, op, args).or_else(
            #[inline(always)]
            || by_odd(plan, op, args),
        ) {
            return narrowed(y);
        }
    }
    if let Some(y) = op.by_error(args, chop.plan::<T>(), None) {
        return y;
    }
    op.exact(args, &chop.rule())
}

/// The plan for `f64`, where it rounds to the same numbers as that for the storage type `f32`.
#[inline(always)]
pub(super) fn wider<T: Storage>(chop: &Chop) -> Option<&Plan> {
    let plan = chop.plan::<f64>();
    (T::PRECISION < f64::PRECISION && plan.in_single).then_some(plan)
}

/// One operation in a stochastic mode, as element `index` of the source.
#[inline(always)]
pub(super) fn drawn<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    drawing: Draw,
    source: &mut (impl Source + ?Sized),
    index: u64,
    op: O,
    args: [T; N],
) -> T {
    let word = source.words(index, 1)[0];
    drawn_with(chop, drawing, source, (index, word), op, args)
}

/// The random bits of one element by groups of sixteen.
type Groups<'a> = &'a mut dyn FnMut(usize) -> Option<u16>;

/// One operation in a stochastic mode, given the element's index and its first random bits.
#[inline]
pub(super) fn drawn_with<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    drawing: Draw,
    source: &mut (impl Source + ?Sized),
    (index, word): (u64, u32),
    op: O,
    args: [T; N],
) -> T {
    let settled = match wider::<T>(chop) {
        Some(plan) => at_once(plan, drawing, word, op, args.map(T::widen)).map(narrowed),
        None => at_once(chop.plan::<T>(), drawing, word, op, args),
    };
    match settled {
        Some(y) => y,
        None => {
            let [a, b, c, d] = apart(args);
            let bits: Groups<'_> = &mut |group| source.group(index, word, group);
            hard_to_draw(chop, (drawing, word), bits, op, a, b, c, d)
        }
    }
}

/// What the storage type has no room for, or the first random bits do not settle.
#[cold]
#[inline(never)]
#[allow(clippy::many_single_char_names, clippy::too_many_arguments)]
fn hard_to_draw<T: Storage, O: Exactly<N>, const N: usize>(
    chop: &Chop,
    drawn: (Draw, u32),
    bits: Groups<'_>,
    op: O,
    a: T,
    b: T,
    c: T,
    d: T,
) -> T {
    let args = operands([a, b, c, d]);
    match op.by_error(args, chop.plan::<T>(), Some(drawn)) {
        Some(y) => y,
        None => op.defined(args, &chop.rule(), bits).0,
    }
}

/// The result, if the storage type has room for it and the first random bits settle it.
#[inline(always)]
fn at_once<T: Storage, O: Exactly<N>, const N: usize>(
    plan: &Plan,
    drawing: Draw,
    word: u32,
    op: O,
    args: [T; N],
) -> Option<T> {
    if !has_room_to_draw(plan, drawing) {
        return None;
    }
    if drawing == Draw::Exact
        && let Some(z) = op.hardware(args)
        && let Some(y) = kernel::draw_nearest(plan, word, z, op.is_exact(args))
    {
        return Some(y);
    }
    let (y, open) = kernel::draw_one(plan, drawing, word, odd(op, args)?);
    (!open).then_some(y)
}

/// Calls the definition with the random bits of one element, where the mode takes any.
pub(crate) fn defined<A>(
    rounder: &impl Draws,
    define: impl FnOnce(&Rule, &mut dyn FnMut(usize) -> Option<u16>) -> A,
) -> A {
    let rule = rounder.chop_ref().rule();
    if !rule.rounding.is_stochastic() {
        return define(&rule, &mut |_| None);
    }
    rounder.draw(1, |source, index| {
        let word = source.words(index, 1)[0];
        define(&rule, &mut |group| source.group(index, word, group))
    })
}

/// The exact result rounded once, for operands that are all numbers of the format: in the nearest modes
/// most often by rounding the storage's own result.
#[inline(always)]
pub(crate) fn of_members<T: Storage, O: Exactly<N> + Plain<N>, const N: usize>(
    rounder: &impl Draws,
    op: O,
    args: [T; N],
) -> T {
    let chop = rounder.chop_ref();
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    if plan.members_in_range && direct_tie::<T>(rule, plan).is_some() {
        return kernel::chop_result(plan, positive_nan(op.plain(args)));
    }
    one(rounder, op, args)
}
