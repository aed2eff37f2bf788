//! A call on a span of values: mode, lane and finish become types, chunks take their random bits, and
//! what those leave open goes to the definition.

use super::code::round_into;
use super::draw::{self, Digits, DrawnLane};
use super::finish;
use super::lane::{self, Lane};
use super::loops::{BLOCK, Open, each, each_drawn};
use super::mode;
use super::ready::Ready;
use crate::definition::{Rule, reference};
use crate::format::{Code, CodeViewMut};
use crate::kernel::code_plan::CodePlan;
use crate::kernel::plan::{Bits, Finish, Plan, Way};
use crate::rounding::random::{CHUNK, Source};
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};
use crate::slices::Buffer;
use crate::storage::sealed::{Slices, View};
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
    /// results; values in place are copied to the buffer first, at most N of them, for the definition
    /// may have to look at them again.
    #[inline(always)]
    fn part<R, const N: usize>(
        &mut self,
        start: usize,
        count: usize,
        buffer: &mut Buffer<T, N>,
        round: impl FnOnce(&[T], &mut [T]) -> R,
    ) -> R {
        match self {
            Self::Into(from, to) => {
                round(&from[start..start + count], &mut to[start..start + count])
            }
            Self::InPlace(values) => {
                let copy = &mut buffer.0[..count];
                let values = &mut values[start..start + count];
                copy.copy_from_slice(values);
                round(copy, values)
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

pub(super) use with_mode;

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
        type $lane = lane::$name<$inner, finish::$finish>;
        $run
    }};
}

/// Rounds by a deterministic rule.
pub(crate) fn chop_deterministic<T: Storage>(rule: &Rule, plan: &Plan, span: Span<'_, T>) {
    let slices = match span {
        Span::Into(from, to) => T::slices(Some(from), to),
        Span::InPlace(values) => T::slices(None, values),
    };
    match slices {
        Slices::Single(from, to) => deterministic_single(rule, plan, from, to),
        Slices::Double(from, to) => deterministic_double(rule, plan, from, to),
    }
}

// Not generic, so that they are compiled in this crate, once, and with its optimisation.

fn deterministic_single(rule: &Rule, plan: &Plan, from: Option<&[f32]>, to: &mut [f32]) {
    deterministic(rule, plan, from, to);
}

fn deterministic_double(rule: &Rule, plan: &Plan, from: Option<&[f64]>, to: &mut [f64]) {
    deterministic(rule, plan, from, to);
}

#[inline(always)]
fn deterministic<T: Storage>(rule: &Rule, plan: &Plan, from: Option<&[T]>, to: &mut [T]) {
    if to.len() <= FEW {
        for i in 0..to.len() {
            to[i] = chop_one(rule, plan, from.map_or(to[i], |from| from[i]));
        }
        return;
    }
    with_mode!(rule, |Mode| with_lane!(plan, Mode, |Chosen| {
        each::<T, Chosen>(plan, from, to);
    }));
}

/// Up to so many values are faster one by one than padded to a block.
const FEW: usize = 16;

/// Rounds one value by a deterministic rule.
#[inline(always)]
pub(crate) fn chop_one<T: Storage>(rule: &Rule, plan: &Plan, x: T) -> T {
    with_mode!(rule, |Mode| match lane::regular::<T, Mode>(x, plan) {
        Some(y) => y,
        None => with_lane!(plan, Mode, |Chosen| Chosen::round(x, &Ready::of(plan))),
    })
}

/// Rounds one value by a deterministic rule, with less code where the rule is not a constant: what lies between two normal numbers of the
/// format here, the rest by a call.
#[inline(always)]
pub(crate) fn chop_result<T: Storage>(rule: &Rule, plan: &Plan, x: T) -> T {
    let regular = with_mode!(rule, |Mode| lane::regular::<T, Mode>(x, plan));
    regular.unwrap_or_else(|| irregular(rule, plan, x))
}

#[cold]
fn irregular<T: Storage>(rule: &Rule, plan: &Plan, x: T) -> T {
    let bits = match T::view(core::slice::from_ref(&x)) {
        View::Single(x) => irregular_single(rule, plan, x[0]).to_bits().into(),
        View::Double(x) => irregular_double(rule, plan, x[0]).to_bits(),
    };
    T::of_bits(Bits::<T>::from_u64(bits))
}

// Not generic, likewise.

fn irregular_single(rule: &Rule, plan: &Plan, x: f32) -> f32 {
    chop_one(rule, plan, x)
}

fn irregular_double(rule: &Rule, plan: &Plan, x: f64) -> f64 {
    chop_one(rule, plan, x)
}

/// Rounds by a deterministic rule into codes of the format, in one step where its plan has the way
/// `Add` and the codes are bytes or pairs of them. False where that is not so, or a NaN has no code:
/// it is then to be done in two steps.
pub(crate) fn chop_encode<T: Storage, C: Code>(
    rule: &Rule,
    plan: &Plan,
    code_plan: &CodePlan,
    from: &[T],
    to: &mut [C],
) -> bool {
    (plan.way, plan.finish) == (Way::Add, Finish::Plain)
        && chop_encode_view(rule, plan, code_plan, T::view(from), C::view_mut(to))
}

fn chop_encode_view(
    rule: &Rule,
    plan: &Plan,
    code_plan: &CodePlan,
    from: View<'_>,
    to: CodeViewMut<'_>,
) -> bool {
    with_mode!(rule, |Mode| match (from, to) {
        (View::Single(x), CodeViewMut::U8(c)) => round_into::<_, _, Mode>(plan, code_plan, x, c),
        (View::Single(x), CodeViewMut::U16(c)) => round_into::<_, _, Mode>(plan, code_plan, x, c),
        (View::Double(x), CodeViewMut::U8(c)) => round_into::<_, _, Mode>(plan, code_plan, x, c),
        (View::Double(x), CodeViewMut::U16(c)) => round_into::<_, _, Mode>(plan, code_plan, x, c),
        _ => false,
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
        let [least, most] = $plan.room;
        let has_room = fits && least <= n && n <= most;
        match ($plan.way, $plan.finish, $drawing) {
            (Way::Add, Finish::Plain, _) if has_room => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Add<draw::Exact, finish::Plain>, $run)
            }
            (Way::Add, _, _) if has_room => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Add<draw::Exact, finish::Full>, $run)
            }
            (Way::Add, Finish::Plain, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw draw::Exact, $lane draw::Residual<finish::Plain>, $run)
            }
            (Way::Add, _, Drawing::Exact) if $plan.residual => {
                with_drawn_lane!(@ $draw draw::Exact, $lane draw::Residual<finish::Full>, $run)
            }
            (Way::Mask, Finish::Natural, _) if fits => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Mask<draw::Exact, finish::Natural>, $run)
            }
            (Way::Mask, ..) if fits && $plan.gapless => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Mask<draw::Exact, finish::Full>, $run)
            }
            (Way::Scale, Finish::Natural, _) if fits => {
                with_drawn_lane!(@@ $drawing, $draw, $lane lane::Scale<draw::Exact, finish::Natural>, $run)
            }
            _ if $plan.deep => {
                with_drawn_lane!(@ $draw any, $lane lane::ShiftDeep<draw::Exact, finish::Full>, $run)
            }
            _ => with_drawn_lane!(@ $draw any, $lane lane::Shift<draw::Exact, finish::Full>, $run),
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
    span: Span<'_, T>,
) {
    // A short call need not clear a large buffer.
    const SHORT: usize = 64;
    if span.len() <= SHORT {
        in_chunks::<T, SHORT>(rule, plan, drawing, origin, source, span);
    } else {
        in_chunks::<T, CHUNK>(rule, plan, drawing, origin, source, span);
    }
}

fn in_chunks<T: Storage, const N: usize>(
    rule: &Rule,
    plan: &Plan,
    drawing: Drawing,
    origin: u64,
    source: &mut dyn Source,
    mut span: Span<'_, T>,
) {
    let (mut start, mut buffer) = (0, Buffer([T::zero(); N]));
    while start < span.len() {
        let index = origin.wrapping_add(start as u64);
        let most = N.min(span.len() - start);
        start += span.part(start, most, &mut buffer, |from, to| {
            let words = source.words(index, most);
            let n = words.len();
            let (from, to) = (&from[..n], &mut to[..n]);
            let open = draw_chunk(plan, drawing, words, from, to);
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
    let (y, open) = draw_one(plan, drawing, word, x);
    if open { by_definition(x, rule, index, word, source) } else { y }
}

/// One value with its first random bits, and whether those did not settle it.
#[inline]
pub(crate) fn draw_one<T: Storage>(plan: &Plan, drawing: Drawing, word: u32, x: T) -> (T, bool) {
    match drawing {
        Drawing::Exact => match draw::regular(x, word, plan) {
            Some((y, open)) => (y, open != Bits::<T>::ZERO),
            None => one_drawn(plan, drawing, word, x),
        },
        _ => one_drawn(plan, drawing, word, x),
    }
}

/// Values with their first random bits, at most [`CHUNK`], and in which blocks of [`BLOCK`] there are
/// some that those did not settle.
pub(crate) fn draw_chunk<T: Storage>(
    plan: &Plan,
    drawing: Drawing,
    words: &[u32],
    from: &[T],
    to: &mut [T],
) -> Open {
    match T::slices(Some(from), to) {
        Slices::Single(Some(from), to) => drawn_single(plan, drawing, words, from, to),
        Slices::Double(Some(from), to) => drawn_double(plan, drawing, words, from, to),
        _ => unreachable!("a source was given"),
    }
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

#[cfg(test)]
mod tests {
    use std::any::type_name;
    use std::collections::BTreeSet;

    use super::*;
    use crate::format::Format;
    use crate::rounding::Rounding;

    include!("../../tests/support/lanes.rs");

    /// A type's name without the modules: `Add<NearestEven, Plain>`.
    fn short<T>() -> String {
        let parts = type_name::<T>().split_inclusive([' ', '<', ',', '>']);
        parts.map(|part| part.rsplit("::").next().unwrap_or(part)).collect()
    }

    fn of_value<D>(_: D) -> String {
        short::<D>()
    }

    /// The lane of a rule, and for a stochastic one what draws in it.
    fn lane<T: Storage>(rule: &Rule) -> String {
        let plan = Plan::new::<T>(rule);
        match rule.rounding.decision() {
            Decision::Stochastic(drawing) => with_drawn_lane!(plan, drawing, |draw, Chosen| {
                format!("{} in {}", of_value(draw), short::<Chosen>())
            }),
            _ => with_mode!(rule, |Mode| with_lane!(plan, Mode, |Chosen| short::<Chosen>())),
        }
    }

    fn formats() -> impl Iterator<Item = (Format, &'static [[&'static str; 2]; 2])> {
        LANES.iter().map(|(name, lanes)| (name.parse().unwrap(), lanes))
    }

    #[test]
    fn formats_take_their_lanes() {
        let mut wrong = Vec::new();
        for (format, lanes) in formats() {
            let of = |mode| {
                let rule = Rule::new(format, mode);
                [lane::<f32>(&rule), lane::<f64>(&rule)]
            };
            let [even, drawn] = [of(Rounding::NearestEven), of(Rounding::Stochastic)];
            let got = [[&*even[0], &*drawn[0]], [&*even[1], &*drawn[1]]];
            let short = got.map(|pair| pair.map(|name| name.replace("NearestEven, ", "")));
            let expected = lanes.map(|pair| pair.map(str::to_owned));
            if short != expected {
                wrong.push(format!("(\"{format}\", {short:?}),"));
            }
        }
        assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    }

    /// No arm of `with_lane!` and `with_drawn_lane!` goes unseen by the tests over these formats.
    #[test]
    fn every_lane_is_taken() {
        fn taken<T: Storage>(modes: &[Rounding]) -> BTreeSet<String> {
            let rules =
                formats().flat_map(|(format, _)| modes.iter().map(move |mode| (format, *mode)));
            rules.map(|(format, mode)| lane::<T>(&Rule::new(format, mode))).collect()
        }
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let lanes: BTreeSet<String> = set(&[
            "Add<Up, Plain>",
            "Add<Up, Full>",
            "Mask<Up, Natural>",
            "Mask<Up, Full>",
            "Scale<Up, Natural>",
            "Split<Up, Plain>",
            "Shift<Up, Full>",
            "ShiftDeep<Up, Full>",
        ]);
        assert_eq!(taken::<f32>(&[Rounding::Up]), lanes);
        assert_eq!(taken::<f64>(&[Rounding::Up]), lanes);

        let n = 5;
        let modes = [
            Rounding::Stochastic,
            Rounding::StochasticEqual,
            Rounding::stochastic_a(n).unwrap(),
            Rounding::stochastic_b(n).unwrap(),
            Rounding::stochastic_c(n).unwrap(),
        ];
        let mut drawn: BTreeSet<String> = set(&[
            "Exact in Residual<Plain>",
            "Exact in Residual<Full>",
            "Any in Shift<Exact, Full>",
            "Any in ShiftDeep<Exact, Full>",
        ]);
        let lanes = ["Add<Exact, Plain>", "Add<Exact, Full>", "Mask<Exact, Natural>"];
        for lane in lanes.into_iter().chain(["Mask<Exact, Full>", "Scale<Exact, Natural>"]) {
            for draw in ["Exact", "Coin", "Counted<'A'>", "Counted<'B'>", "Counted<'C'>"] {
                drawn.insert(format!("{draw} in {lane}"));
            }
        }
        assert_eq!(taken::<f32>(&modes), drawn);
        assert_eq!(taken::<f64>(&modes), drawn);
    }
}
