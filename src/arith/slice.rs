//! Slices of operations, in chunks: rounded to odd by one loop, then as `chop` rounds.

use super::exact::Exactly;
use super::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum, canonical, positive_nan};
use super::scalar::{drawn_with, hard, has_room, has_room_to_draw, is_hardware, wider};
use super::steps::{Directly, Oddly, Plain, direct_tie};
use crate::chop::{Chop, Rounder};
use crate::kernel::{self, BLOCK, GROUP, Span, Step, four, fused, fused_to_nearest, operands};
use crate::level::{self, Work};
use crate::plan::{Bits, Plan};
use crate::random::{CHUNK, Source};
use crate::rounding::{Decision, Draw};
use crate::rule::Rule;
use crate::storage::sealed::{View, ViewMut};
use crate::storage::{Storage, Word};

type Block<T> = [T; BLOCK];

/// Values that go through a loop that leaves nothing for another: many, since a call of it costs what
/// some hundred values do.
const LONG: usize = 8 * CHUNK;

/// Room for a chunk, aligned to cache lines, which vectors may fill.
#[repr(align(64))]
struct Buffer<T>([T; CHUNK]);

impl<T: Storage> Buffer<T> {
    fn new() -> Self {
        Self([T::one(); CHUNK])
    }
}

/// The loops of one operation, as functions that are not generic: compiled in this crate, once, and with
/// its optimisation. Those in one loop with the rounding answer false where there is none.
pub(super) trait Loops<const N: usize>: Exactly<N> {
    fn odd_single(self, args: [&[f32]; N], to: &mut [f32], open: &mut [bool]);
    fn odd_double(self, args: [&[f64]; N], to: &mut [f64], open: &mut [bool]);
    fn fused_single(
        self,
        how: How<'_>,
        args: [&[f32]; N],
        to: &mut [f32],
        bad: &mut [bool],
    ) -> bool;
    fn fused_double(
        self,
        how: How<'_>,
        args: [&[f64]; N],
        to: &mut [f64],
        bad: &mut [bool],
    ) -> bool;
}

/// By what to round, and whether the storage's own result is to be tried.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    rule: &'a Rule,
    plan: &'a Plan,
    directly: bool,
}

macro_rules! loops {
    ($(<$n:literal> $name:ty, $way:ident;)*) => {$(
        impl Loops<$n> for $name {
            fn odd_single(self, args: [&[f32]; $n], to: &mut [f32], open: &mut [bool]) {
                odd(self, args, to, open);
            }

            fn odd_double(self, args: [&[f64]; $n], to: &mut [f64], open: &mut [bool]) {
                odd(self, args, to, open);
            }

            fn fused_single(
                self,
                how: How<'_>,
                args: [&[f32]; $n],
                to: &mut [f32],
                bad: &mut [bool],
            ) -> bool {
                $way(self, how, args, to, bad)
            }

            fn fused_double(
                self,
                how: How<'_>,
                args: [&[f64]; $n],
                to: &mut [f64],
                bad: &mut [bool],
            ) -> bool {
                $way(self, how, args, to, bad)
            }
        }
    )*};
}

loops! {
    <1> Sqrt, either;
    <2> Add, either;
    <2> Mul, either;
    <2> Div, either;
    <3> Fma, oddly;
    <3> Sum, never;
    <4> Dot, never;
}

#[inline(always)]
fn either<T: Storage, O: Plain<N>, const N: usize>(
    op: O,
    how: How<'_>,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) -> bool
where
    Oddly<O>: Step<N>,
{
    match direct_tie::<T>(how.rule, how.plan) {
        Some(tie) if how.directly => {
            fused_to_nearest(Directly(op), tie, how.plan, args, to, bad);
            true
        }
        _ if how.directly => false,
        _ => oddly(op, how, args, to, bad),
    }
}

#[inline(always)]
fn oddly<T: Storage, O, const N: usize>(
    op: O,
    how: How<'_>,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) -> bool
where
    Oddly<O>: Step<N>,
{
    if !how.directly {
        fused(Oddly(op), how.rule, how.plan, args, to, bad);
    }
    !how.directly
}

fn never<T: Storage, O, const N: usize>(
    _: O,
    _: How<'_>,
    _: [&[T]; N],
    _: &mut [T],
    _: &mut [bool],
) -> bool {
    false
}

/// One operation's blocks, rounded to odd.
struct Odd<'a, T, O, const N: usize> {
    op: O,
    args: [&'a [Block<T>]; N],
    to: &'a mut [Block<T>],
    open: &'a mut [bool],
}

impl<T: Storage, O: Exactly<N>, const N: usize> Work for Odd<'_, T, O, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (index, (to, open)) in self.to.iter_mut().zip(self.open).enumerate() {
            let [a, b, c, d] = four(self.args, index);
            *open = block(self.op, a, b, c, d, to);
        }
    }
}

/// Whether any result is left open. As in `kernel::direct`, blocks are parameters of their own.
#[inline(always)]
#[allow(clippy::many_single_char_names)]
fn block<T: Storage, O: Exactly<N>, const N: usize>(
    op: O,
    a: &Block<T>,
    b: &Block<T>,
    c: &Block<T>,
    d: &Block<T>,
    to: &mut Block<T>,
) -> bool {
    let mut count = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let (z, open) = op.odd(operands([a[i], b[i], c[i], d[i]]));
        to[i] = z;
        // Counted, for of a disjunction of conditions the compiler makes branches.
        count = count.wrapping_sub(open);
    }
    count != Bits::<T>::ZERO
}

#[inline(always)]
fn odd<T: Storage, O: Exactly<N>, const N: usize>(
    op: O,
    args: [&[T]; N],
    to: &mut [T],
    open: &mut [bool],
) {
    let args = args.map(|values| values.as_chunks().0);
    level::run(Odd { op, args, to: to.as_chunks_mut().0, open });
}

fn single<T: Storage>(values: &[T]) -> &[f32] {
    match T::view(values) {
        View::Single(values) => values,
        View::Double(_) => unreachable!("results and operands are of one type"),
    }
}

fn double<T: Storage>(values: &[T]) -> &[f64] {
    match T::view(values) {
        View::Double(values) => values,
        View::Single(_) => unreachable!("results and operands are of one type"),
    }
}

/// Operands and places of a chunk as whole blocks: what is missing at the end is padded with ones, of
/// which no operation leaves anything open.
struct Whole<T, const N: usize> {
    args: [Buffer<T>; N],
}

impl<T: Storage, const N: usize> Whole<T, N> {
    fn of(args: [&[T]; N]) -> Self {
        let mut whole = Self { args: core::array::from_fn(|_| Buffer::new()) };
        for (buffer, values) in whole.args.iter_mut().zip(args) {
            buffer.0[..values.len()].copy_from_slice(values);
        }
        whole
    }

    fn blocks(&self, count: usize) -> [&[T]; N] {
        self.args.each_ref().map(|buffer| &buffer.0[..count * BLOCK])
    }
}

/// Calls `round` with operands and places of chunks of a length, as whole blocks, and where they stand.
fn in_chunks<T: Storage, const N: usize>(
    length: usize,
    args: [&[T]; N],
    to: &mut [T],
    mut round: impl FnMut(usize, [&[T]; N], &mut [T]),
) {
    for (index, to) in to.chunks_mut(length).enumerate() {
        let start = index * length;
        let whole = to.len() / BLOCK * BLOCK;
        let part = |from: usize, count: usize| args.map(|values| &values[start + from..][..count]);
        if whole > 0 {
            round(start, part(0, whole), &mut to[..whole]);
        }
        let rest = to.len() - whole;
        if rest > 0 {
            let padded = Whole::of(part(whole, rest));
            let mut places = [T::one(); BLOCK];
            round(start + whole, padded.blocks(1), &mut places);
            to[whole..].copy_from_slice(&places[..rest]);
        }
    }
}

fn odd_chunk<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    args: [&[T]; N],
    to: &mut [T],
    open: &mut [bool],
) {
    match T::view_mut(to) {
        ViewMut::Single(to) => op.odd_single(args.map(single), to, open),
        ViewMut::Double(to) => op.odd_double(args.map(double), to, open),
    }
}

/// Whole groups in one loop with the rounding; in which some results are not right. Nothing where there
/// is no such loop.
fn fused_groups<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    chop: &Chop,
    directly: bool,
    args: [&[T]; N],
    to: &mut [T],
) -> Option<[bool; LONG / GROUP]> {
    let mut bad = [false; LONG / GROUP];
    let how = How { rule: &chop.rule(), plan: chop.plan::<T>(), directly };
    let done = match T::view_mut(to) {
        ViewMut::Single(to) => op.fused_single(how, args.map(single), to, &mut bad),
        ViewMut::Double(to) => op.fused_double(how, args.map(double), to, &mut bad),
    };
    done.then_some(bad)
}

/// The operation on each set of operands.
pub(super) fn map<T: Storage, O: Loops<N>, const N: usize>(
    rounder: &impl Rounder,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let chop = rounder.chop_ref();
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => rounder.draw(to.len() as u64, |source, origin| {
            stochastic(chop, drawing, source, origin, op, args, to);
        }),
        _ => deterministic(chop, op, args, to),
    }
}

/// The same with random bits from a source, of which the first result is element `origin`.
pub(super) fn map_with<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => {
            stochastic(chop, drawing, source, origin, op, args, to);
        }
        _ => deterministic(chop, op, args, to),
    }
}

fn deterministic<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    if is_hardware(rule, plan) {
        return one_by_one(args, to, |args| match op.hardware(args) {
            Some(z) => canonical(z),
            None => hard(chop, op, args),
        });
    }
    if !has_room(rule, plan) {
        match wider::<T>(chop) {
            Some(plan) if has_room(rule, plan) => widened(args, to, |args, to| {
                deterministic(chop, op, args, to);
            }),
            _ => one_by_one(args, to, |args| hard(chop, op, args)),
        }
        return;
    }
    let mut waits = [if has_binades::<T>(plan) { 0 } else { u32::MAX }; 2];
    in_chunks(LONG, args, to, |_, args, to| {
        let (groups, rest) = to.split_at_mut(to.len() / GROUP * GROUP);
        let count = groups.len();
        let whole = args.map(|values| &values[..count]);
        if !by_fused(chop, op, &mut waits, whole, groups) {
            by_odd(chop, op, whole, groups);
        }
        by_odd(chop, op, args.map(|values| &values[count..]), rest);
    });
}

/// Whether the format has so many binades of normal numbers that a group of results often lies in them.
fn has_binades<T: Storage>(plan: &Plan) -> bool {
    plan.span >> T::MANTISSA >= 8
}

/// Groups that are looked at before the rest of a chunk: a quarter of them may be bad.
const LOOK: usize = 4 * GROUP;

/// Whole groups in one loop with the rounding, and those mended for which that was not right; false where
/// they were too many. The storage's own results are tried first, then those rounded to odd; a way that was
/// of no use waits for some chunks.
fn by_fused<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    waits: &mut [u32; 2],
    args: [&[T]; N],
    to: &mut [T],
) -> bool {
    for (directly, waits) in [true, false].into_iter().zip(waits) {
        if *waits > 0 {
            *waits -= 1;
            continue;
        }
        let look = LOOK.min(to.len());
        let (first, rest) = to.split_at_mut(look);
        if by_fused_in(chop, op, directly, args.map(|values| &values[..look]), first)
            && by_fused_in(chop, op, directly, args.map(|values| &values[look..]), rest)
        {
            return true;
        }
        *waits = 4;
    }
    false
}

/// The same in one of the two ways.
fn by_fused_in<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    directly: bool,
    args: [&[T]; N],
    to: &mut [T],
) -> bool {
    let Some(bad) = fused_groups(op, chop, directly, args, to) else {
        return false;
    };
    if bad.iter().filter(|bad| **bad).count() > to.len() / GROUP / 4 {
        return false;
    }
    for (index, to) in to.chunks_mut(GROUP).enumerate().filter(|(index, _)| bad[*index]) {
        by_odd(chop, op, args.map(|values| &values[index * GROUP..][..GROUP]), to);
    }
    true
}

/// Whole blocks by way of results rounded to odd.
fn by_odd<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    // A short call need not clear a large buffer.
    if to.len() <= GROUP {
        let mut z = [T::one(); GROUP];
        by_odd_through(chop, op, args, &mut z[..to.len()], to);
        return;
    }
    let mut z = Buffer::new();
    in_chunks(CHUNK, args, to, |_, args, to| {
        by_odd_through(chop, op, args, &mut z.0[..to.len()], to);
    });
}

fn by_odd_through<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [&[T]; N],
    z: &mut [T],
    to: &mut [T],
) {
    let mut open = [false; CHUNK / BLOCK];
    odd_chunk(op, args, z, &mut open);
    kernel::chop_deterministic(&chop.rule(), chop.plan::<T>(), Span::Into(z, to));
    for (index, to) in to.chunks_mut(BLOCK).enumerate().filter(|(index, _)| open[*index]) {
        for (i, y) in to.iter_mut().enumerate() {
            let args = args.map(|values| values[index * BLOCK + i]);
            if op.odd(args).1 != Bits::<T>::ZERO {
                *y = hard(chop, op, args);
            }
        }
    }
}

fn one_by_one<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    mut result: impl FnMut([T; N]) -> T,
) {
    for (i, y) in to.iter_mut().enumerate() {
        *y = result(args.map(|values| values[i]));
    }
}

/// Operands and results by way of `f64`.
fn widened<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    mut run: impl FnMut([&[f64]; N], &mut [f64]),
) {
    let mut wide: [Buffer<f64>; N] = core::array::from_fn(|_| Buffer::new());
    let mut results = Buffer::<f64>::new();
    for (index, to) in to.chunks_mut(CHUNK).enumerate() {
        let count = to.len();
        for (buffer, values) in wide.iter_mut().zip(args) {
            for (wide, x) in buffer.0.iter_mut().zip(&values[index * CHUNK..][..count]) {
                *wide = x.widen();
            }
        }
        let results = &mut results.0[..count];
        run(wide.each_ref().map(|buffer| &buffer.0[..count]), results);
        narrow(results, to);
    }
}

/// Numbers of `f64` that the storage type has.
fn narrow<T: Storage>(from: &[f64], to: &mut [T]) {
    match T::view_mut(to) {
        ViewMut::Single(to) => narrow_to_single(from, to),
        ViewMut::Double(to) => to.copy_from_slice(from),
    }
}

/// Without a branch. A cast may give a NaN of any sign.
fn narrow_to_single(from: &[f64], to: &mut [f32]) {
    const SIGN: u32 = 1 << 31;
    for (x, y) in from.iter().zip(to) {
        let sign = (x.to_bits() >> 32) as u32 & SIGN;
        let nan = 0x7fc0_0000 | sign;
        let is_nan = u32::from(x.is_nan()).wrapping_neg();
        *y = f32::from_bits((*x as f32).to_bits() & !is_nan | nan & is_nan);
    }
}

fn stochastic<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    drawing: Draw,
    source: &mut dyn Source,
    origin: u64,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    if let Some(plan) = wider::<T>(chop)
        && has_room_to_draw(plan)
    {
        let mut origin = origin;
        return widened(args, to, |args, to| {
            stochastic(chop, drawing, source, origin, op, args, to);
            origin = origin.wrapping_add(to.len() as u64);
        });
    }
    if !has_room_to_draw(chop.plan::<T>()) {
        let mut index = origin;
        return one_by_one(args, to, |args| {
            let y = super::scalar::drawn(chop, drawing, source, index, op, args);
            index = index.wrapping_add(1);
            y
        });
    }
    let count = to.len();
    in_chunks(CHUNK, args, to, |start, args, to| {
        let real = to.len().min(count - start);
        drawn_chunk(chop, drawing, source, origin.wrapping_add(start as u64), op, args, to, real);
    });
}

/// A chunk of whole blocks, of which `real` are not padding, in a stochastic mode.
#[allow(clippy::too_many_arguments)]
fn drawn_chunk<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    drawing: Draw,
    source: &mut dyn Source,
    origin: u64,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
    real: usize,
) {
    let (mut z, mut unsure) = (Buffer::new(), [false; CHUNK / BLOCK]);
    let z = &mut z.0[..to.len()];
    odd_chunk(op, args, z, &mut unsure);
    let mut start = 0;
    while start < real {
        let index = origin.wrapping_add(start as u64);
        let mut words = [0; CHUNK];
        let given = source.words(index, real - start);
        let count = given.len();
        words[..count].copy_from_slice(given);
        let (words, places) = (&words[..count], &mut to[start..start + count]);
        let open =
            kernel::draw_chunk(chop.plan::<T>(), drawing, words, &z[start..start + count], places);
        for (block, places) in places.chunks_mut(BLOCK).enumerate() {
            let first = block * BLOCK;
            let last = start + first + places.len() - 1;
            // Random bits may come in parts that do not end with a block.
            if !open[block] && !unsure[(start + first) / BLOCK] && !unsure[last / BLOCK] {
                continue;
            }
            for (i, y) in places.iter_mut().enumerate() {
                let args = args.map(|values| values[start + first + i]);
                let element = (index.wrapping_add((first + i) as u64), words[first + i]);
                *y = drawn_with(chop, drawing, source, element, op, args);
            }
        }
        start += count;
    }
}

/// Results that are exact in the storage type, rounded: `exact` fills a chunk with them.
pub(super) fn map_exact<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    exact: impl Fn([T; N]) -> T,
    mut round: impl FnMut(usize, &mut [T]),
) {
    for (index, to) in to.chunks_mut(CHUNK).enumerate() {
        let start = index * CHUNK;
        for (i, y) in to.iter_mut().enumerate() {
            *y = positive_nan(exact(args.map(|values| values[start + i])));
        }
        round(start, to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::rounding::Rounding;

    /// Positive numbers of ordinary size, not of any narrow format.
    fn ordinary<T: Storage>(first: u32) -> Vec<T> {
        let number = |i| T::from(1.0 + f64::from(i * 31 % 997) / 1013.0);
        (first..first + 2 * GROUP as u32).map(|i| number(i).expect("a number near one")).collect()
    }

    fn is_fused<T: Storage, O: Loops<N>, const N: usize>(
        op: O,
        chop: &Chop,
        directly: bool,
    ) -> bool {
        let mut columns: [Vec<T>; N] = core::array::from_fn(|k| ordinary(100 * k as u32));
        if directly {
            columns.iter_mut().for_each(|column| chop.chop_slice(column));
        }
        let mut to = vec![T::zero(); 2 * GROUP];
        let args = columns.each_ref().map(Vec::as_slice);
        fused_groups(op, chop, directly, args, &mut to).is_some_and(|bad| !bad[..2].contains(&true))
    }

    fn operations_are_fused<T: Storage>(format: Format) {
        for mode in Rounding::DETERMINISTIC {
            let chop = Chop::new(format, mode);
            let nearest = matches!(mode.decision(), Decision::Nearest(_));
            let add = Add { subtract: false, down: mode == Rounding::Down };
            for directly in [false, true] {
                let expected = !directly || nearest;
                assert_eq!(is_fused::<T, _, 2>(add, &chop, directly), expected, "{mode}");
                assert_eq!(is_fused::<T, _, 2>(Mul, &chop, directly), expected, "{mode}");
                assert_eq!(is_fused::<T, _, 2>(Div, &chop, directly), expected, "{mode}");
                assert_eq!(is_fused::<T, _, 1>(Sqrt, &chop, directly), expected, "{mode}");
            }
            assert!(is_fused::<T, _, 3>(Fma { down: add.down }, &chop, false), "{mode}");
        }
    }

    /// Ordinary operands go through the loops that round at once: what `tests/arith` compares of them is
    /// their results.
    #[test]
    fn ordinary_operands_are_rounded_at_once() {
        for format in [Format::BINARY16, Format::BFLOAT16, Format::OCP_E4M3] {
            operations_are_fused::<f32>(format);
            operations_are_fused::<f64>(format);
        }
    }
}
