//! A call on a span of values: the mode becomes a type, chunks take their random bits, and what
//! those leave open goes to the definition.

use super::dispatch;
use super::lane::{self, Bias, Compare};
use super::loops::{Chunk, Span};
use crate::plan::{Bits, Plan};
use crate::random::{CHUNK, Source};
use crate::reference;
use crate::rounding::{Decision, Direction, Draw, Tie};
use crate::rule::Rule;
use crate::storage::{Storage, Word};

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

/// Calls an expression with the way in which `$draw` compares.
macro_rules! with_comparison {
    ($draw:expr, $source:expr, |$compare:ident| $run:expr) => {
        match $draw {
            Draw::Exact if $source.known_bits() == 16 => {
                with_comparison!(@ $compare, lane::Exact::<16>, $run)
            }
            Draw::Exact => with_comparison!(@ $compare, lane::Exact::<32>, $run),
            Draw::Equal => with_comparison!(@ $compare, lane::Coin, $run),
            draw if draw.is_wide() => with_comparison!(@ $compare, lane::Unsettled, $run),
            Draw::Floor(n) => with_comparison!(@ $compare, lane::Counted::<'A'>::of(n), $run),
            Draw::HalfUp(n) => with_comparison!(@ $compare, lane::Counted::<'B'>::of(n), $run),
            Draw::HalfEven(n) => with_comparison!(@ $compare, lane::Counted::<'C'>::of(n), $run),
        }
    };
    (@ $compare:ident, $value:expr, $run:expr) => {{
        let $compare = $value;
        $run
    }};
}

/// Rounds by a stochastic rule; the element `i` of the span is number `origin + i` of the source.
pub(crate) fn chop_stochastic<T: Storage>(
    rule: &Rule,
    draw: Draw,
    origin: u64,
    source: &mut dyn Source,
    span: Span<'_, T>,
) {
    with_comparison!(draw, source, |compare| chunks(rule, compare, origin, source, span));
}

/// Rounds one value by a stochastic rule, as element `index` of the source.
pub(crate) fn chop_one_stochastic<T: Storage>(
    rule: &Rule,
    draw: Draw,
    index: u64,
    source: &mut dyn Source,
    x: T,
) -> T {
    let plan = Plan::<T>::new(rule);
    let mut word = [0];
    source.fill(index, &mut word);
    let (y, open) = with_comparison!(draw, source, |compare| {
        lane::stochastic::<T, _, true>(x, word[0], compare, &plan)
    });
    if open == Bits::<T>::ZERO {
        return y;
    }
    reference::chop_drawing(x, rule, |group| source.group(index, word[0], group))
}

fn chunks<T: Storage, C: Compare>(
    rule: &Rule,
    compare: C,
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
        chunk.values[..n].copy_from_slice(&span.source()[start..start + n]);
        source.fill(index, &mut chunk.words[..n]);
        let open = if plan.deep {
            dispatch::stochastic::<T, C, true>(&plan, compare, &mut chunk)
        } else {
            dispatch::stochastic::<T, C, false>(&plan, compare, &mut chunk)
        };
        if open {
            settle(rule, compare, &plan, index, source, &mut chunk, n);
        }
        span.destination()[start..start + n].copy_from_slice(&chunk.rounded[..n]);
        start += n;
    }
}

/// The rare path: elements that their first bits did not settle go to the definition.
#[cold]
fn settle<T: Storage, C: Compare>(
    rule: &Rule,
    compare: C,
    plan: &Plan<T>,
    index: u64,
    source: &mut dyn Source,
    chunk: &mut Chunk<T>,
    n: usize,
) {
    for i in 0..n {
        let (x, word) = (chunk.values[i], chunk.words[i]);
        let (_, open) = lane::stochastic::<T, C, true>(x, word, compare, plan);
        if open != Bits::<T>::ZERO {
            let element = index.wrapping_add(i as u64);
            chunk.rounded[i] =
                reference::chop_drawing(x, rule, |group| source.group(element, word, group));
        }
    }
}
