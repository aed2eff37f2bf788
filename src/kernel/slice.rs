//! A call on a span of values: mode, lane and finish become types, chunks take their random bits, and
//! what those leave open goes to the definition.

use super::choice::{with_drawn_lane, with_even_or_any, with_kind, with_lane, with_mode, with_way};
use super::code::round_into;
use super::draw::{self, Digits, DrawnLane};
use super::finish;
use super::lane::{self, Lane};
use super::loops::{BLOCK, Blocks, DrawnBlocks, Open, blocks, drawn_blocks, each, each_drawn};
use super::mode;
use super::ready::Ready;
use crate::definition::{Rule, reference};
use crate::format::Code;
use crate::kernel::code_plan::CodePlan;
use crate::kernel::plan::{Bits, Finish, Plan, Way};
use crate::rounding::random::{CHUNK, Source};
use crate::rounding::{Decision, Direction, Draw as Drawing, Tie};
use crate::slices::{self, Buffer};
use crate::storage::{Storage, Word, compiled_here};

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
                slices::copy(values, copy);
                round(copy, values)
            }
        }
    }
}

compiled_here! {
    /// Rounds by a deterministic rule, from slice to slice or in place.
    fn deterministic<T>(rule: &Rule, plan: &Plan, from: Option<&[T]>, to: &mut [T])
        = by_deterministic;
}

/// Rounds by a deterministic rule.
pub(crate) fn chop_deterministic<T: Storage>(rule: &Rule, plan: &Plan, span: Span<'_, T>) {
    match span {
        Span::Into(from, to) => deterministic(rule, plan, Some(from), to),
        Span::InPlace(values) => deterministic(rule, plan, None, values),
    }
}

#[inline(always)]
fn by_deterministic<T: Storage>(rule: &Rule, plan: &Plan, from: Option<&[T]>, to: &mut [T]) {
    if to.len() <= FEW {
        for i in 0..to.len() {
            to[i] = chop_result(plan, from.map_or(to[i], |from| from[i]));
        }
        return;
    }
    let blocks: Blocks<T> = with_lane!(rule, plan, |Chosen| blocks::<T, Chosen>);
    each(plan, blocks, from, to);
}

/// Up to so many values are faster one by one than padded to a block.
const FEW: usize = 16;

/// Rounds one value by a deterministic rule that is a constant: of all this the compiler keeps what is for
/// that rule. Where the rule is not, [`chop_result`] is much less code.
#[inline(always)]
pub(crate) fn chop_one<T: Storage>(rule: &Rule, plan: &Plan, x: T) -> T {
    with_mode!(rule, |Mode| match lane::regular::<T, Mode>(x, plan) {
        Some(y) => y,
        None => with_way!(plan, Mode, |Chosen| Chosen::round(x, &Ready::of(plan))),
    })
}

/// One value rounded by the plan alone: what lies between two normal numbers of the format and zeros here, to nearest even
/// or in any other mode as data, the rest by a call. Of a constant plan one of the two is left.
#[inline(always)]
pub(crate) fn chop_result<T: Storage>(plan: &Plan, x: T) -> T {
    match regular(plan, x) {
        Some(y) => y,
        None if lane::keeps_zero(x, plan) => x,
        None => irregular(plan, x),
    }
}

#[inline(always)]
fn regular<T: Storage>(plan: &Plan, x: T) -> Option<T> {
    if plan.even {
        lane::regular::<T, mode::NearestEven>(x, plan)
    } else {
        lane::regular::<T, mode::Any>(x, plan)
    }
}

/// An exact result rounded by the plan alone, given as the storage type has it to nearest: if it lies between two
/// normal numbers of the format, and either is `exact` or lies where the rounding does not change. For there what
/// is within half of its last place is rounded alike.
#[inline(always)]
pub(crate) fn chop_nearest<T: Storage>(plan: &Plan, z: T, exact: bool) -> Option<T> {
    // Without a branch between the two: what the first says is hard to foresee, what both say is not.
    let settled = !lane::changes_at(z, plan) | exact;
    regular(plan, z).filter(
        #[inline(always)]
        |_| settled,
    )
}

compiled_here! {
    #[cold]
    fn irregular<T>(plan: &Plan, x: T) -> T = by_lane;
}

#[inline(always)]
fn by_lane<T: Storage>(plan: &Plan, x: T) -> T {
    if plan.even {
        with_way!(plan, mode::NearestEven, |Chosen| Chosen::round(x, &Ready::of(plan)))
    } else {
        with_way!(plan, mode::Any, |Chosen| Chosen::round(x, &Ready::of(plan)))
    }
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
        && round_into(rule, plan, code_plan, from, to)
}

compiled_here! {
    /// Rounds by a stochastic rule; the element `i` of the span is number `origin + i` of the source.
    pub(crate) fn chop_stochastic<T>(
        rule: &Rule,
        plan: &Plan,
        drawing: Drawing,
        origin: u64,
        source: &mut dyn Source,
        span: Span<'_, T>,
    ) = by_stochastic;
}

#[inline(always)]
fn by_stochastic<T: Storage>(
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
                slices::copy(words, &mut copy[..n]);
                settle(rule, plan, drawing, index, source, &open, &copy[..n], from, to);
            }
            n
        });
    }
}

/// Whether the first random bits settle all values in a mode that takes so many of them, and do so in a lane. (The choice
/// of `with_drawn_lane!`.)
pub(crate) const fn settles(plan: &Plan, drawing: Drawing) -> bool {
    let (n, [least, most]) = (drawing.all_digits(), plan.room);
    match (plan.way, plan.finish) {
        _ if n == 0 => false,
        (Way::Add, _) => least <= n && n <= most,
        (Way::Mask | Way::Scale, Finish::Natural) => true,
        (Way::Mask, _) => plan.gapless,
        _ => false,
    }
}

compiled_here! {
    /// Values with their first random bits, at most [`CHUNK`], and in which blocks of [`BLOCK`] there are
    /// some that those did not settle.
    pub(crate) fn draw_chunk<T>(
        plan: &Plan,
        drawing: Drawing,
        words: &[u32],
        from: &[T],
        to: &mut [T],
    ) -> Open = drawn_chunk;

    /// One value with its first random bits, and whether those did not settle it.
    fn one_drawn<T>(plan: &Plan, drawing: Drawing, word: u32, x: T) -> (T, bool) = drawn_one;
}

#[inline(always)]
fn drawn_chunk<T: Storage>(
    plan: &Plan,
    drawing: Drawing,
    words: &[u32],
    from: &[T],
    to: &mut [T],
) -> Open {
    let blocks: DrawnBlocks<T> =
        with_drawn_lane!(plan, drawing, |Draw, Chosen| drawn_blocks::<T, Chosen, Draw>);
    each_drawn(plan, drawing, blocks, words, from, to)
}

#[inline(always)]
fn drawn_one<T: Storage>(plan: &Plan, drawing: Drawing, word: u32, x: T) -> (T, bool) {
    let round: OneDrawn<T> = with_drawn_lane!(plan, drawing, |Draw, Chosen| by_drawn_lane::<
        T,
        Chosen,
        <Draw as Digits>::General,
    >);
    round(plan, drawing, word, x)
}

type OneDrawn<T> = fn(&Plan, Drawing, u32, T) -> (T, bool);

fn by_drawn_lane<T: Storage, L: DrawnLane<D>, D: Digits>(
    plan: &Plan,
    drawing: Drawing,
    word: u32,
    x: T,
) -> (T, bool) {
    let (y, open) = L::round(x, word, D::of(drawing), &Ready::of(plan));
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

/// An exact result rounded by `Stochastic`, given and settled as in [`chop_nearest`], if its first random bits settle it
/// too.
#[inline(always)]
pub(crate) fn draw_nearest<T: Storage>(plan: &Plan, word: u32, z: T, exact: bool) -> Option<T> {
    let settled = draw::keeps_digits(z, plan) | exact;
    let (y, open) = draw::regular(z, word, plan)?;
    (settled & (open == Bits::<T>::ZERO)).then_some(y)
}

#[cold]
fn by_definition<T: Storage>(
    x: T,
    rule: &Rule,
    index: u64,
    word: u32,
    source: &mut (impl Source + ?Sized),
) -> T {
    let bits: &mut dyn FnMut(usize) -> Option<u16> = &mut |group| source.group(index, word, group);
    reference::chop_drawing(x, rule, bits)
}

/// The slow path: elements that their first bits did not settle go to the definition.
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

    /// The lane of a rule, and for a stochastic one what draws in it.
    fn lane<T: Storage>(rule: &Rule) -> String {
        let plan = Plan::new::<T>(rule);
        match rule.rounding.decision() {
            Decision::Stochastic(drawing) => with_drawn_lane!(plan, drawing, |Draw, Chosen| {
                format!("{} in {}", short::<Draw>(), short::<Chosen>())
            }),
            _ => with_lane!(rule, plan, |Chosen| short::<Chosen>()),
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
            let short = got.map(|pair| {
                pair.map(|name| {
                    // Of the mode's own type, or as data.
                    name.replace("NearestEven, ", "").replace("<Any, ", "<")
                })
            });
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
            "Add<Directed, Full>",
            "Mask<Up, Natural>",
            "Mask<Any, Full>",
            "Scale<Up, Natural>",
            "Split<Directed, Plain>",
            "Shift<Any, Full>",
            "ShiftDeep<Any, Full>",
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
        for draw in ["Exact", "Coin", "Counted<'A'>", "Counted<'B'>", "Counted<'C'>"] {
            drawn.insert(format!("{draw} in Add<Exact, Plain>"));
        }
        for lane in [
            "Add<Exact, Full>",
            "Mask<Exact, Full>",
            "Mask<Exact, Natural>",
            "Scale<Exact, Natural>",
        ] {
            for draw in ["Exact", "Settled"] {
                drawn.insert(format!("{draw} in {lane}"));
            }
        }
        assert_eq!(taken::<f32>(&modes), drawn);
        assert_eq!(taken::<f64>(&modes), drawn);
    }
}
