//! The loops of each operation: rounded to odd, or rounded at once.

use super::chunks::LONG;
use super::exact::Exactly;
use super::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum};
use super::steps::{Directly, Oddly, Plain, direct_tie};
use crate::chop::Chop;
use crate::definition::Rule;
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::{
    BLOCK, GROUP, Nearby, Ready, Settled, Step, WithError, draws_nearby, four, fused,
    fused_to_nearest, has_wider, operands, serves, settle_blocks,
};
use crate::level::{self, Work};
use crate::rounding::Draw;
use crate::storage::{Storage, Word, canonical};

type Block<T> = [T; BLOCK];

/// The loops of one operation.
pub(crate) trait Loops<const N: usize>: Exactly<N> {
    /// Whole groups in one loop with the rounding; `bad` tells those in which some results are not right. False
    /// where there is no such loop.
    fn fused<T: Storage>(
        self,
        how: How<'_>,
        args: [&[T]; N],
        to: &mut [T],
        bad: &mut [bool],
    ) -> bool;

    /// Whole blocks by the error of the storage's results; `open` tells those in which some are not sure. False
    /// where the error is not known.
    fn by_error_in<T: Storage>(self, _blocks: Erring<'_, T, N>) -> bool {
        false
    }

    /// Whole blocks in a stochastic mode by the storage's results alone; `open` tells those in which some are not sure.
    /// False where there is no such loop.
    fn nearby_in<T: Storage>(self, _blocks: Erring<'_, T, N>) -> bool {
        false
    }
}

/// Whole blocks to be rounded by the error of the storage's results: by what, with which random bits.
pub(crate) struct Erring<'a, T, const N: usize> {
    pub(super) plan: &'a Plan,
    pub(super) drawn: Option<(Draw, &'a [u32])>,
    pub(super) args: [&'a [T]; N],
    pub(super) to: &'a mut [T],
    pub(super) open: &'a mut [bool],
}

fn erring<T: Storage, O: WithError<N>, const N: usize>(op: O, blocks: Erring<'_, T, N>) -> bool {
    let Erring { plan, drawn, args, to, open } = blocks;
    let drawing = drawn.map(|(drawing, _)| drawing);
    if const { has_wider::<T>() } || !serves(plan, drawing) {
        return false;
    }
    settle_blocks(Settled {
        op,
        args: args.map(|values| values.as_chunks().0),
        to: to.as_chunks_mut().0,
        open,
        ready: Ready::of::<O, N>(plan, drawing),
        words: drawn.map(|(_, words)| words.as_chunks().0),
    });
    true
}

fn nearby<T: Storage, O: WithError<N>, const N: usize>(op: O, blocks: Erring<'_, T, N>) -> bool {
    let Erring { plan, drawn, args, to, open } = blocks;
    let Some((drawing, words)) = drawn else { return false };
    if !draws_nearby(plan, drawing) {
        return false;
    }
    let args = args.map(|values| values.as_chunks().0);
    let (to, words) = (to.as_chunks_mut().0, words.as_chunks().0);
    level::run(Nearby { op, plan, args, to, open, words });
    true
}

/// By what to round, and whether the storage's own result is to be tried.
#[derive(Clone, Copy)]
pub(crate) struct How<'a> {
    pub(super) rule: &'a Rule,
    pub(super) plan: &'a Plan,
    pub(super) directly: bool,
}

macro_rules! loops {
    ($(<$n:literal> $name:ty, $way:ident $(, $erring:ident)?;)*) => {$(
        impl Loops<$n> for $name {
            #[inline(always)]
            fn fused<T: Storage>(
                self,
                how: How<'_>,
                args: [&[T]; $n],
                to: &mut [T],
                bad: &mut [bool],
            ) -> bool {
                $way(self, how, args, to, bad)
            }

            $(fn by_error_in<T: Storage>(self, blocks: Erring<'_, T, $n>) -> bool {
                $erring(self, blocks)
            }

            fn nearby_in<T: Storage>(self, blocks: Erring<'_, T, $n>) -> bool {
                nearby(self, blocks)
            })?
        }
    )*};
}

loops! {
    <1> Sqrt, either, erring;
    <2> Add, either, erring;
    <2> Mul, either, erring;
    <2> Div, either, erring;
    <3> Fma, oddly, erring;
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
        Some(_) if how.directly => {
            fused_to_nearest(Directly(op), how.rule, how.plan, args, to, bad);
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

/// Whether any result is left open. As in `kernel/fused`, blocks are parameters of their own.
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

/// Whole blocks, rounded to odd; in which some results are open.
pub(super) fn odd_chunk<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    args: [&[T]; N],
    to: &mut [T],
    open: &mut [bool],
) {
    let args = args.map(|values| values.as_chunks().0);
    level::run(Odd { op, args, to: to.as_chunks_mut().0, open });
}

/// One operation's blocks, as the storage type has them.
struct Plainly<'a, T, O, const N: usize> {
    op: O,
    args: [&'a [Block<T>]; N],
    to: &'a mut [Block<T>],
}

impl<T: Storage, O: Exactly<N>, const N: usize> Work for Plainly<'_, T, O, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (index, to) in self.to.iter_mut().enumerate() {
            let [a, b, c, d] = four(self.args, index);
            plain_block(self.op, a, b, c, d, to);
        }
    }
}

#[inline(always)]
#[allow(clippy::many_single_char_names)]
fn plain_block<T: Storage, O: Exactly<N>, const N: usize>(
    op: O,
    a: &Block<T>,
    b: &Block<T>,
    c: &Block<T>,
    d: &Block<T>,
    to: &mut Block<T>,
) {
    for i in 0..BLOCK {
        let z = op.hardware(operands([a[i], b[i], c[i], d[i]]));
        to[i] = canonical(z.expect("an operation that the storage type has"));
    }
}

/// Whole blocks of an operation that the storage type has.
pub(super) fn plain_chunk<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let args = args.map(|values| values.as_chunks().0);
    level::run(Plainly { op, args, to: to.as_chunks_mut().0 });
}

/// Whole groups in one loop with the rounding; in which some results are not right. Nothing where there
/// is no such loop.
pub(super) fn fused_groups<T: Storage, O: Loops<N>, const N: usize>(
    op: O,
    chop: &Chop,
    directly: bool,
    args: [&[T]; N],
    to: &mut [T],
) -> Option<[bool; LONG / GROUP]> {
    let mut bad = [false; LONG / GROUP];
    let how = How { rule: &chop.rule(), plan: chop.plan::<T>(), directly };
    let done = op.fused(how, args, to, &mut bad);
    done.then_some(bad)
}
