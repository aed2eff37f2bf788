//! Slices of operations, in chunks: rounded to odd by one loop, then as `chop` rounds.

use super::exact::Exactly;
use super::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum, positive_nan};
use super::scalar::{drawn_with, hard, has_room, has_room_to_draw, narrowed, wider};
use crate::chop::{Chop, Rounder};
use crate::kernel::{self, BLOCK, Direct, Span, direct};
use crate::level::{self, Work};
use crate::plan::{Bits, Plan};
use crate::random::{CHUNK, Source};
use crate::rounding::{Decision, Draw};
use crate::rule::Rule;
use crate::storage::sealed::{View, ViewMut};
use crate::storage::{Storage, Word};

type Block<T> = [T; BLOCK];

/// In which blocks of a chunk some results are not yet right.
type Open = [bool; CHUNK / BLOCK];

/// Room for a chunk, aligned to cache lines, which vectors may fill.
#[repr(align(64))]
struct Buffer<T>([T; CHUNK]);

impl<T: Storage> Buffer<T> {
    fn new() -> Self {
        Self([T::one(); CHUNK])
    }
}

/// The loops of one operation, as functions that are not generic: compiled in this crate, once, and with
/// its optimisation.
pub(super) trait Loops<const N: usize>: Exactly<N> {
    fn odd_single(self, args: [&[f32]; N], to: &mut [f32], open: &mut [bool]);
    fn odd_double(self, args: [&[f64]; N], to: &mut [f64], open: &mut [bool]);
    /// In one loop with the rounding; false where that is not proven for the rule.
    fn direct_single(
        self,
        rule: &Rule,
        plan: &Plan,
        args: [&[f32]; N],
        to: &mut [f32],
        bad: &mut [bool],
    ) -> bool;
    fn direct_double(
        self,
        rule: &Rule,
        plan: &Plan,
        args: [&[f64]; N],
        to: &mut [f64],
        bad: &mut [bool],
    ) -> bool;
}

macro_rules! loops {
    ($(<$n:literal> $name:ty, $direct:ident;)*) => {$(
        impl Loops<$n> for $name {
            fn odd_single(self, args: [&[f32]; $n], to: &mut [f32], open: &mut [bool]) {
                odd(self, args, to, open);
            }

            fn odd_double(self, args: [&[f64]; $n], to: &mut [f64], open: &mut [bool]) {
                odd(self, args, to, open);
            }

            fn direct_single(
                self,
                rule: &Rule,
                plan: &Plan,
                args: [&[f32]; $n],
                to: &mut [f32],
                bad: &mut [bool],
            ) -> bool {
                loops!(@$direct f32, self, rule, plan, args, to, bad, $n)
            }

            fn direct_double(
                self,
                rule: &Rule,
                plan: &Plan,
                args: [&[f64]; $n],
                to: &mut [f64],
                bad: &mut [bool],
            ) -> bool {
                loops!(@$direct f64, self, rule, plan, args, to, bad, $n)
            }
        }
    )*};
    (@direct $type:ty, $op:expr, $rule:ident, $plan:ident, $args:ident, $to:ident, $bad:ident, $n:literal) => {{
        let way = Direct::of::<$type, Self, $n>($rule, $plan);
        way.is_some_and(|way| {
            direct($op, way, $args, $to, $bad);
            true
        })
    }};
    (@never $type:ty, $op:expr, $rule:ident, $plan:ident, $args:ident, $to:ident, $bad:ident, $n:literal) => {{
        let _ = ($rule, $plan, $args, $to, $bad);
        false
    }};
}

loops! {
    <1> Sqrt, direct;
    <2> Add, direct;
    <2> Mul, direct;
    <2> Div, direct;
    <3> Fma, never;
    <3> Sum, never;
    <4> Dot, never;
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
            let args = self.args.map(
                #[inline(always)]
                |values| &values[index],
            );
            *open = block(self.op, args, to);
        }
    }
}

/// Whether any result is left open.
#[inline(always)]
fn block<T: Storage, O: Exactly<N>, const N: usize>(
    op: O,
    args: [&Block<T>; N],
    to: &mut Block<T>,
) -> bool {
    let mut any = Bits::<T>::ZERO;
    for i in 0..BLOCK {
        let mut operands = [T::zero(); N];
        for k in 0..N {
            operands[k] = args[k][i];
        }
        let (z, open) = op.odd(operands);
        to[i] = z;
        any = any | open;
    }
    any != Bits::<T>::ZERO
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
        let mut whole = Self { args: [const { () }; N].map(|()| Buffer::new()) };
        for (buffer, values) in whole.args.iter_mut().zip(args) {
            buffer.0[..values.len()].copy_from_slice(values);
        }
        whole
    }

    fn blocks(&self, count: usize) -> [&[T]; N] {
        self.args.each_ref().map(|buffer| &buffer.0[..count * BLOCK])
    }
}

/// Calls `round` with operands and places of a chunk as whole blocks, and where they stand.
fn in_chunks<T: Storage, const N: usize>(
    args: [&[T]; N],
    to: &mut [T],
    mut round: impl FnMut(usize, [&[T]; N], &mut [T]),
) {
    for (index, to) in to.chunks_mut(CHUNK).enumerate() {
        let start = index * CHUNK;
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

fn direct_chunk<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    chop: &Chop,
    args: [&[T]; N],
    to: &mut [T],
    bad: &mut [bool],
) -> bool {
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    match T::view_mut(to) {
        ViewMut::Single(to) => op.direct_single(rule, plan, args.map(single), to, bad),
        ViewMut::Double(to) => op.direct_double(rule, plan, args.map(double), to, bad),
    }
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
    if !has_room(chop.plan::<T>()) {
        match wider::<T>(chop) {
            Some(plan) if has_room(plan) => widened(args, to, |args, to| {
                deterministic(chop, op, args, to);
            }),
            _ => one_by_one(args, to, |args| hard(chop, op, args)),
        }
        return;
    }
    in_chunks(args, to, |_, args, to| {
        let mut open: Open = [false; CHUNK / BLOCK];
        if !direct_chunk(op, chop, args, to, &mut open) {
            return by_odd(chop, op, args, to);
        }
        for (index, to) in to.chunks_mut(BLOCK).enumerate() {
            if open[index] {
                by_odd(chop, op, args.map(|values| &values[index * BLOCK..][..BLOCK]), to);
            }
        }
    });
}

/// A chunk of whole blocks by way of results rounded to odd.
fn by_odd<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let (mut z, mut open) = (Buffer::new(), [false; CHUNK / BLOCK]);
    let z = &mut z.0[..to.len()];
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
    let mut wide: [Buffer<f64>; N] = [const { () }; N].map(|()| Buffer::new());
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
        for (y, result) in to.iter_mut().zip(results) {
            *y = narrowed(*result);
        }
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
    in_chunks(args, to, |start, args, to| {
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
        for (i, y) in places.iter_mut().enumerate() {
            if open[i / BLOCK] || unsure[(start + i) / BLOCK] {
                let args = args.map(|values| values[start + i]);
                let element = (index.wrapping_add(i as u64), words[i]);
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
