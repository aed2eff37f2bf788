//! A call on a span of values: mode, lane and finish become types, chunks take their random bits, and
//! what those leave open goes to the definition.

use super::draw::{self, Digits, DrawnLane};
use super::lane::{self, Lane};
use super::loops::{BLOCK, Open, each, each_drawn};
use super::mode;
use crate::plan::{Bits, Finish, Plan, Ready, Way};
use crate::random::{CHUNK, Source};
use crate::reference;
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};
use crate::rule::Rule;
use crate::storage::sealed::Slices;
use crate::storage::{Storage, Word};

/// Where the values of a call come from and go to.
pub(crate) enum Span<'a, T> {
    InPlace(&'a mut [T]),
    Into(&'a [T], &'a mut [T]),
}

impl<T: Storage> Span<'_, T> {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::InPlace(values) => values.len(),
            Self::Into(from, _) => from.len(),
        }
    }

    /// Calls `round` with the values from `start` on, `count` of them, and the place for their
    /// results; values in place are copied first, at most [`CHUNK`] of them.
    #[inline(always)]
    fn part<R>(
        &mut self,
        start: usize,
        count: usize,
        round: impl FnOnce(&[T], &mut [T]) -> R,
    ) -> R {
        match self {
            Self::Into(from, to) => {
                round(&from[start..start + count], &mut to[start..start + count])
            }
            Self::InPlace(values) => {
                let mut copy = [T::zero(); CHUNK];
                let values = &mut values[start..start + count];
                copy[..count].copy_from_slice(values);
                round(&copy[..count], values)
            }
        }
    }
}

/// Calls `$run` with the mode's type: the only match on deterministic modes in the kernel.
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
        type $mode = mode::$name;
        $run
    }};
}

/// Calls `$run` with the lane's type for a plan, `$inner` being its first parameter.
macro_rules! with_lane {
    ($plan:expr, $inner:ty, |$lane:ident| $run:expr) => {
        match ($plan.way, $plan.finish) {
            (Way::Add, Finish::Full) => with_lane!(@ $lane, Add, $inner, Full, $run),
            (Way::Add, _) => with_lane!(@ $lane, Add, $inner, Plain, $run),
            (Way::Mask, Finish::Natural) => with_lane!(@ $lane, Mask, $inner, Natural, $run),
            (Way::Mask, _) => with_lane!(@ $lane, Mask, $inner, Full, $run),
            (Way::Scale, Finish::Natural) => with_lane!(@ $lane, Scale, $inner, Natural, $run),
            (Way::Split, Finish::Plain) => with_lane!(@ $lane, Split, $inner, Plain, $run),
            _ if $plan.deep => with_lane!(@ $lane, ShiftDeep, $inner, Full, $run),
            _ => with_lane!(@ $lane, Shift, $inner, Full, $run),
        }
    };
    (@ $lane:ident, $name:ident, $inner:ty, $finish:ident, $run:expr) => {{
        type $lane = lane::$name<$inner, lane::$finish>;
        $run
    }};
}

/// Rounds by a deterministic rule.
pub(crate) fn chop_deterministic<T: Storage>(rule: &Rule, plan: &Plan, mut span: Span<'_, T>) {
    let count = match span {
        Span::Into(..) => span.len(),
        Span::InPlace(_) => CHUNK,
    };
    let mut start = 0;
    while start < span.len() {
        let count = count.min(span.len() - start);
        span.part(start, count, |from, to| match T::slices(from, to) {
            Slices::Single(from, to) => deterministic_single(rule, plan, from, to),
            Slices::Double(from, to) => deterministic_double(rule, plan, from, to),
        });
        start += count;
    }
}

// Not generic, so that they are compiled in this crate, once, and with its optimisation.

fn deterministic_single(rule: &Rule, plan: &Plan, from: &[f32], to: &mut [f32]) {
    deterministic(rule, plan, from, to);
}

fn deterministic_double(rule: &Rule, plan: &Plan, from: &[f64], to: &mut [f64]) {
    deterministic(rule, plan, from, to);
}

#[inline(always)]
fn deterministic<T: Storage>(rule: &Rule, plan: &Plan, from: &[T], to: &mut [T]) {
    with_mode!(rule, |Mode| with_lane!(plan, Mode, |Chosen| {
        each::<T, Chosen>(plan, from, to);
    }));
}

/// Rounds one value by a deterministic rule.
#[inline(always)]
pub(crate) fn chop_one<T: Storage>(rule: &Rule, plan: &Plan, x: T) -> T {
    with_mode!(rule, |Mode| match lane::regular::<T, Mode>(x, plan) {
        Some(y) => y,
        None => with_lane!(plan, Mode, |Chosen| Chosen::round(x, &Ready::of(plan))),
    })
}

/// Calls `$run` with a stochastic mode and a lane that has room for its random bits; for what is left
/// the lane `Shift`, which takes the mode as data.
macro_rules! with_drawn_lane {
    ($plan:expr, $drawing:expr, |$draw:ident, $lane:ident| $run:expr) => {{
        let any = draw::Any::of($drawing);
        let n = any.digits();
        // Without a digit C's parity is that of 0, not of the last bit kept.
        let fits = n > 0 && !$drawing.is_wide();
        match ($plan.way, $plan.finish, $drawing) {
            (Way::Add, Finish::Plain, _) if fits && n <= $plan.room => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Add<draw::Exact, lane::Plain>, $run)
            }
            (Way::Add, _, _) if fits && n <= $plan.room => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Add<draw::Exact, lane::Full>, $run)
            }
            (Way::Add, Finish::Plain, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw draw::Exact, $lane draw::Residual<lane::Plain>, $run)
            }
            (Way::Add, _, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw draw::Exact, $lane draw::Residual<lane::Full>, $run)
            }
            (Way::Mask, Finish::Natural, _) if fits => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Mask<draw::Exact, lane::Natural>, $run)
            }
            (Way::Mask, ..) if fits && $plan.gapless => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Mask<draw::Exact, lane::Full>, $run)
            }
            (Way::Scale, Finish::Natural, Drawing::Exact) => {
                with_drawn_lane!(@ $draw draw::Exact, $lane lane::Scale<draw::Exact, lane::Natural>, $run)
            }
            _ if $plan.deep => {
                with_drawn_lane!(@ $draw any, $lane lane::ShiftDeep<draw::Exact, lane::Full>, $run)
            }
            _ => with_drawn_lane!(@ $draw any, $lane lane::Shift<draw::Exact, lane::Full>, $run),
        }
    }};
    // One lane for all modes but the wide ones.
    (@@ $drawing:expr, $draw:ident, $lane:ident $type:ty, $run:expr) => {
        match $drawing {
            Drawing::Exact => with_drawn_lane!(@ $draw draw::Exact, $lane $type, $run),
            Drawing::Equal => with_drawn_lane!(@ $draw draw::Coin, $lane $type, $run),
            Drawing::Floor(n) => {
                with_drawn_lane!(@ $draw draw::Counted::<'A'>::of(n), $lane $type, $run)
            }
            Drawing::HalfUp(n) => {
                with_drawn_lane!(@ $draw draw::Counted::<'B'>::of(n), $lane $type, $run)
            }
            Drawing::HalfEven(n) => {
                with_drawn_lane!(@ $draw draw::Counted::<'C'>::of(n), $lane $type, $run)
            }
        }
    };
    (@ $draw:ident $value:expr, $lane:ident $type:ty, $run:expr) => {{
        let $draw = $value;
        type $lane = $type;
        $run
    }};
}

/// Rounds by a stochastic rule; the element `i` of the span is number `origin + i` of the source.
pub(crate) fn chop_stochastic<T: Storage>(
    rule: &Rule,
    plan: &Plan,
    drawing: Drawing,
    origin: u64,
    source: &mut dyn Source,
    mut span: Span<'_, T>,
) {
    let mut start = 0;
    while start < span.len() {
        let index = origin.wrapping_add(start as u64);
        let most = CHUNK.min(span.len() - start);
        start += span.part(start, most, |from, to| {
            let words = source.words(index, most);
            let n = words.len();
            let (from, to) = (&from[..n], &mut to[..n]);
            let open = match T::slices(from, to) {
                Slices::Single(from, to) => drawn_single(plan, drawing, words, from, to),
                Slices::Double(from, to) => drawn_double(plan, drawing, words, from, to),
            };
            if open.contains(&true) {
                let mut copy = [0; CHUNK];
                copy[..n].copy_from_slice(words);
                settle(rule, plan, drawing, index, source, &open, &copy[..n], from, to);
            }
            n
        });
    }
}

fn drawn_single(
    plan: &Plan,
    drawing: Drawing,
    words: &[u32],
    from: &[f32],
    to: &mut [f32],
) -> Open {
    drawn(plan, drawing, words, from, to)
}

fn drawn_double(
    plan: &Plan,
    drawing: Drawing,
    words: &[u32],
    from: &[f64],
    to: &mut [f64],
) -> Open {
    drawn(plan, drawing, words, from, to)
}

#[inline(always)]
fn drawn<T: Storage>(
    plan: &Plan,
    drawing: Drawing,
    words: &[u32],
    from: &[T],
    to: &mut [T],
) -> Open {
    with_drawn_lane!(plan, drawing, |draw, Chosen| {
        each_drawn::<T, Chosen, _>(plan, draw, words, from, to)
    })
}

/// One value with its first random bits, and whether those did not settle it.
#[inline(never)]
fn one_drawn<T: Storage>(plan: &Plan, drawing: Drawing, word: u32, x: T) -> (T, bool) {
    let (y, open) = with_drawn_lane!(plan, drawing, |draw, Chosen| {
        <Chosen as DrawnLane<_>>::round(x, word, draw, &Ready::of(plan))
    });
    (y, open != Bits::<T>::ZERO)
}

/// Rounds one value by a stochastic rule, as element `index` of the source.
#[inline]
pub(crate) fn chop_one_stochastic<T: Storage>(
    rule: &Rule,
    plan: &Plan,
    drawing: Drawing,
    index: u64,
    source: &mut (impl Source + ?Sized),
    x: T,
) -> T {
    let word = source.words(index, 1)[0];
    let (y, open) = match drawing {
        Drawing::Exact => match draw::regular(x, word, plan) {
            Some((y, open)) => (y, open != Bits::<T>::ZERO),
            None => one_drawn(plan, drawing, word, x),
        },
        _ => one_drawn(plan, drawing, word, x),
    };
    if open { by_definition(x, rule, index, word, source) } else { y }
}

#[cold]
fn by_definition<T: Storage>(
    x: T,
    rule: &Rule,
    index: u64,
    word: u32,
    source: &mut (impl Source + ?Sized),
) -> T {
    reference::chop_drawing(x, rule, |group| source.group(index, word, group))
}

/// The rare path: elements that their first bits did not settle go to the definition.
#[cold]
#[allow(clippy::too_many_arguments)]
fn settle<T: Storage>(
    rule: &Rule,
    plan: &Plan,
    drawing: Drawing,
    index: u64,
    source: &mut dyn Source,
    open: &Open,
    words: &[u32],
    from: &[T],
    to: &mut [T],
) {
    let blocks = from.chunks(BLOCK).zip(to.chunks_mut(BLOCK)).zip(words.chunks(BLOCK));
    for (block, ((from, to), words)) in blocks.enumerate().filter(|(block, _)| open[*block]) {
        for (i, ((&x, y), &word)) in from.iter().zip(to).zip(words).enumerate() {
            if one_drawn(plan, drawing, word, x).1 {
                let element = index.wrapping_add((block * BLOCK + i) as u64);
                *y = by_definition(x, rule, element, word, source);
            }
        }
    }
}
