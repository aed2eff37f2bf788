//! Loops over slices: from one slice into another, or in place.

use super::dispatch;
use super::lane::{self, Bias};
use crate::plan::{Bits, Plan};
use crate::random::{CHUNK, Source};
use crate::reference;
use crate::rounding::{Decision, Direction, Draw, Tie};
use crate::rule::Rule;
use crate::storage::{Storage, Word};

/// Where the values of a loop come from and go to.
pub(crate) enum Span<'a, T> {
    InPlace(&'a mut [T]),
    Into(&'a [T], &'a mut [T]),
}

impl<T> Span<'_, T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::InPlace(values) => values.len(),
            Self::Into(from, _) => from.len(),
        }
    }
}

/// Calls `$run::<T, Mode, …>` with the mode's type: the only match on modes in the kernel.
macro_rules! with_mode {
    ($rule:expr, |$mode:ident| $run:expr) => {
        match $rule.rounding.decision() {
            Decision::Nearest(Tie::Even) => with_mode!(@ $mode, NearestEven, $run),
            Decision::Nearest(Tie::Odd) => with_mode!(@ $mode, NearestOdd, $run),
            Decision::Nearest(Tie::Away) => with_mode!(@ $mode, NearestAway, $run),
            Decision::Nearest(Tie::Zero) => with_mode!(@ $mode, NearestZero, $run),
            Decision::Directed(Direction::Up) => with_mode!(@ $mode, Up, $run),
            Decision::Directed(Direction::Down) => with_mode!(@ $mode, Down, $run),
            Decision::Directed(Direction::Outward) => with_mode!(@ $mode, Outward, $run),
            Decision::Directed(Direction::Inward) => with_mode!(@ $mode, Inward, $run),
            Decision::Odd => with_mode!(@ $mode, ToOdd, $run),
            Decision::Stochastic(_) => unreachable!("a stochastic rule takes random bits"),
        }
    };
    (@ $mode:ident, $name:ident, $run:expr) => {{
        type $mode = lane::$name;
        $run
    }};
}

/// Rounds by a deterministic rule.
pub(crate) fn chop_deterministic<T: Storage>(rule: &Rule, span: Span<'_, T>) {
    let plan = Plan::<T>::new(rule);
    with_mode!(rule, |Mode| run::<T, Mode>(&plan, span));
}

/// Rounds one value by a deterministic rule.
#[inline]
pub(crate) fn chop_one<T: Storage>(rule: &Rule, x: T) -> T {
    let plan = Plan::<T>::new(rule);
    with_mode!(rule, |Mode| lane::deterministic::<T, Mode, true>(x, &plan))
}

/// One mode's loop, at the CPU's level.
fn run<T: Storage, M: Bias>(plan: &Plan<T>, span: Span<'_, T>) {
    if plan.deep {
        dispatch::deterministic::<T, M, true>(plan, span);
    } else {
        dispatch::deterministic::<T, M, false>(plan, span);
    }
}

/// The loop itself; [`dispatch`] compiles it for each CPU level.
#[inline(always)]
pub(super) fn each<T: Storage, M: Bias, const DEEP: bool>(plan: &Plan<T>, span: Span<'_, T>) {
    match span {
        Span::InPlace(values) => {
            for x in values {
                *x = lane::deterministic::<T, M, DEEP>(*x, plan);
            }
        }
        Span::Into(from, to) => {
            for (x, y) in from.iter().zip(to) {
                *y = lane::deterministic::<T, M, DEEP>(*x, plan);
            }
        }
    }
}

/// Rounds by a stochastic rule; the element `i` of the span is number `origin + i` of the source.
pub(crate) fn chop_stochastic<T: Storage>(
    rule: &Rule,
    draw: Draw,
    origin: u64,
    source: &mut dyn Source,
    mut span: Span<'_, T>,
) {
    let plan = Plan::<T>::new(rule);
    let mut chunk =
        Chunk { values: [T::zero(); CHUNK], words: [0; CHUNK], rounded: [T::zero(); CHUNK] };
    let mut start = 0;
    while start < span.len() {
        let n = CHUNK.min(span.len() - start);
        let index = origin.wrapping_add(start as u64);
        let from: &[T] = match &span {
            Span::InPlace(values) => values,
            Span::Into(from, _) => from,
        };
        chunk.values[..n].copy_from_slice(&from[start..start + n]);
        source.fill(index, &mut chunk.words[..n]);
        let open = if plan.deep {
            dispatch::stochastic::<T, true>(&plan, draw, source.known_bits(), &mut chunk)
        } else {
            dispatch::stochastic::<T, false>(&plan, draw, source.known_bits(), &mut chunk)
        };
        if open {
            settle::<T>(rule, &plan, index, source, &mut chunk, n);
        }
        let to: &mut [T] = match &mut span {
            Span::InPlace(values) => values,
            Span::Into(_, to) => to,
        };
        to[start..start + n].copy_from_slice(&chunk.rounded[..n]);
        start += n;
    }
}

/// A chunk of values with their first random bits, and the results.
pub(super) struct Chunk<T> {
    values: [T; CHUNK],
    words: [u32; CHUNK],
    rounded: [T; CHUNK],
}

/// Rounds a chunk; whether any element's first random bits did not settle it.
#[inline(always)]
pub(super) fn each_drawn<T: Storage, const DEEP: bool>(
    plan: &Plan<T>,
    draw: Draw,
    known_bits: u32,
    chunk: &mut Chunk<T>,
) -> bool {
    let mut any = Bits::<T>::ZERO;
    for i in 0..CHUNK {
        let (y, open) =
            lane::stochastic::<T, DEEP>(chunk.values[i], chunk.words[i], known_bits, draw, plan);
        chunk.rounded[i] = y;
        any = any | open;
    }
    any != Bits::<T>::ZERO
}

/// The rare path: elements that their first bits did not settle go to the definition.
#[cold]
fn settle<T: Storage>(
    rule: &Rule,
    plan: &Plan<T>,
    index: u64,
    source: &mut dyn Source,
    chunk: &mut Chunk<T>,
    n: usize,
) {
    let known = source.known_bits();
    let Decision::Stochastic(draw) = rule.rounding.decision() else { return };
    for i in 0..n {
        let (x, word) = (chunk.values[i], chunk.words[i]);
        let (_, open) = lane::stochastic::<T, true>(x, word, known, draw, plan);
        if open != Bits::<T>::ZERO {
            let element = index.wrapping_add(i as u64);
            chunk.rounded[i] =
                reference::chop_drawing(x, rule, |group| source.group(element, word, group));
        }
    }
}
