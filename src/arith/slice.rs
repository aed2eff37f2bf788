//! Slices of operations: which loops, and what they leave open.

use super::chunks::{LONG, exact_chunks, in_chunks, one_by_one, ones, widened};
use super::loops::{Erring, Loops, fused_groups, odd_chunk, plain_chunk};
use super::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum};
use super::scalar::{drawn_with, hard, has_room, has_room_to_draw, is_hardware, wider};
use crate::chop::{Chop, Draws, run, run_with};
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::{self, BLOCK, GROUP, Span};
use crate::rounding::random::{CHUNK, Source, Taken};
use crate::rounding::{Decision, Draw};
use crate::slices::{self, Buffer};
use crate::storage::{Storage, Word, canonical, compiled_here};

/// An operation on slices, compiled in this crate: for each storage type functions that are not generic.
pub(crate) trait Slices<const N: usize>: Loops<N> {
    /// In a deterministic mode.
    fn deterministic<T: Storage>(self, chop: &Chop, args: [&[T]; N], to: &mut [T]);

    /// In a stochastic mode, with random bits from a source, of which the first result is element `origin`.
    fn stochastic<T: Storage>(
        self,
        chop: &Chop,
        drawing: Draw,
        source: &mut dyn Source,
        origin: u64,
        args: [&[T]; N],
        to: &mut [T],
    );
}

macro_rules! slices {
    ($(<$n:literal> $name:ident;)*) => {$(
        impl Slices<$n> for $name {
            fn deterministic<T: Storage>(self, chop: &Chop, args: [&[T]; $n], to: &mut [T]) {
                compiled_here! {
                    fn run<T>(op: $name, chop: &Chop, args: [&[T]; $n], to: &mut [T])
                        = deterministic;
                }
                run(self, chop, args, to);
            }

            fn stochastic<T: Storage>(
                self,
                chop: &Chop,
                drawing: Draw,
                source: &mut dyn Source,
                origin: u64,
                args: [&[T]; $n],
                to: &mut [T],
            ) {
                compiled_here! {
                    fn run<T>(
                        op: $name,
                        chop: &Chop,
                        drawing: Draw,
                        source: &mut dyn Source,
                        origin: u64,
                        args: [&[T]; $n],
                        to: &mut [T],
                    ) = stochastic;
                }
                run(self, chop, drawing, source, origin, args, to);
            }
        }
    )*};
}

slices! {
    <1> Sqrt;
    <2> Add;
    <2> Mul;
    <2> Div;
    <3> Fma;
    <3> Sum;
    <4> Dot;
}

/// The operation on each set of operands.
pub(crate) fn map<T: Storage, O: Slices<N>, const N: usize>(
    rounder: &impl Draws,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let chop = rounder.chop_ref();
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => rounder.draw(to.len() as u64, |source, origin| {
            op.stochastic(chop, drawing, source, origin, args, to);
        }),
        _ => op.deterministic(chop, args, to),
    }
}

/// The operation on each set of operands with random bits from a source, of which the first result is element
/// `origin`.
pub(crate) fn map_from<T: Storage, O: Slices<N>, const N: usize>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    match chop.rounding().decision() {
        Decision::Stochastic(drawing) => {
            op.stochastic(chop, drawing, source, origin, args, to);
        }
        _ => op.deterministic(chop, args, to),
    }
}

/// Results that the storage type has, rounded: `exact` makes them.
pub(crate) fn map_exact<T: Storage, const N: usize>(
    rounder: &impl Draws,
    exact: impl Fn([&[T]; N], &mut [T]),
    args: [&[T]; N],
    to: &mut [T],
) {
    exact_chunks(args, to, exact, |_, to| run(rounder, Span::InPlace(to)));
}

/// Results that the storage type has, rounded with random bits from a source, of which the first result is
/// element 0.
pub(crate) fn map_exact_from<T: Storage, const N: usize>(
    chop: &Chop,
    source: &mut dyn Source,
    exact: impl Fn([&[T]; N], &mut [T]),
    args: [&[T]; N],
    to: &mut [T],
) {
    exact_chunks(args, to, exact, |start, to| {
        run_with(chop, source, start as u64, Span::InPlace(to));
    });
}

/// How a slice of operations goes in a deterministic mode: the first of these that is right for all operands,
/// chosen once for a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Way {
    /// The storage type's own operation is the one asked for.
    Hardware,
    /// The operation and the rounding of its result in one loop, where results are normal numbers of the
    /// format; the others by [`Way::Odd`].
    Fused,
    /// The result rounded to odd in the storage type, which a lane then rounds as if it were the exact one.
    Odd,
    /// In `f64`, which has the room for a result rounded to odd that `f32` lacks.
    Widened,
    /// By the error of the storage's own result, where the storage has no bits to spare.
    ByError,
    /// One by one, in integers.
    Exact,
}

impl Way {
    fn of<T: Storage, O: Loops<N>, const N: usize>(op: O, chop: &Chop) -> Self {
        let (rule, plan) = (&chop.rule(), chop.plan::<T>());
        if is_hardware(rule, plan) && op.hardware([T::one(); N]).is_some() {
            Self::Hardware
        } else if !has_room(plan) {
            let fits = wider::<T>(chop).is_some_and(has_room);
            if fits {
                Self::Widened
            } else if !kernel::has_wider::<T>() && kernel::serves(plan, None) {
                Self::ByError
            } else {
                Self::Exact
            }
        } else if has_binades::<T>(plan) {
            Self::Fused
        } else {
            Self::Odd
        }
    }
}

/// Whether the format has so many binades of normal numbers that a group of results often lies in them.
fn has_binades<T: Storage>(plan: &Plan) -> bool {
    plan.span >> T::MANTISSA >= 8
}

fn deterministic<T: Storage, O: Slices<N>, const N: usize>(
    op: O,
    chop: &Chop,
    args: [&[T]; N],
    to: &mut [T],
) {
    match Way::of::<T, O, N>(op, chop) {
        // What takes three operands is a fused multiply-add, which the compiler's own target may not have; what it
        // has is as fast here, and faster than in 64-byte vectors that cross lines of the cache.
        Way::Hardware if N == 3 => {
            in_chunks(LONG, args, to, &mut |_, args, to| plain_chunk(op, args, to));
        }
        Way::Hardware => one_by_one(args, to, |args| match op.hardware(args) {
            Some(z) => canonical(z),
            None => hard(chop, op, args),
        }),
        way @ (Way::Fused | Way::Odd) => in_long_chunks(chop, op, way, args, to),
        Way::Widened => widened(args, to, &mut |args, to| op.deterministic(chop, args, to)),
        Way::ByError => in_chunks(CHUNK, args, to, &mut |_, args, to| by_error(chop, op, args, to)),
        Way::Exact => one_by_one(args, to, |args| hard(chop, op, args)),
    }
}

/// Long chunks of whole blocks: their whole groups in one loop with the rounding, where that is the way and of
/// use, the rest by way of results rounded to odd.
fn in_long_chunks<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    way: Way,
    args: [&[T]; N],
    to: &mut [T],
) {
    let mut waits = [if way == Way::Fused { 0 } else { u32::MAX }; 2];
    in_chunks(LONG, args, to, &mut |_, args, to| {
        let (groups, rest) = to.split_at_mut(to.len() / GROUP * GROUP);
        let count = groups.len();
        let whole = args.map(|values| &values[..count]);
        if !by_fused(chop, op, &mut waits, whole, groups) {
            by_odd(chop, op, whole, groups);
        }
        by_odd(chop, op, args.map(|values| &values[count..]), rest);
    });
}

/// Values at the head of a chunk that show whether a loop is of use before the rest is spent on it: at most a
/// quarter of their groups may come back to be done again.
const LOOK: usize = 4 * GROUP;

/// Whole groups in one loop with the rounding; the groups in which the loop found a result that is no normal
/// number are done again by way of odd. False, with nothing of use written, where those were too many.
///
/// There are two such loops. The one that rounds the storage's own result (*directly*: right for operands that
/// are numbers of the format, which it checks) is tried first, then the one that rounds to odd. Data are mostly
/// of one kind, so a loop that was of no use waits for the next four chunks before it is tried again
/// (`waits`).
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

/// Whole groups in one of the two ways, and those mended for which it was not right; false where they were
/// too many.
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

/// Blocks by way of results rounded to odd, through the lanes.
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
    let mut z = ones();
    in_chunks(CHUNK, args, to, &mut |_, args, to| {
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

/// Whole blocks by the error of the storage's results, those that it leaves open one by one.
fn by_error<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
) {
    let mut open = [true; CHUNK / BLOCK];
    op.by_error_in(Erring {
        plan: chop.plan::<T>(),
        drawn: None,
        args,
        to: &mut *to,
        open: &mut open,
    });
    for (index, to) in to.chunks_mut(BLOCK).enumerate().filter(|(index, _)| open[*index]) {
        one_by_one(args.map(|values| &values[index * BLOCK..]), to, |args| hard(chop, op, args));
    }
}

/// Blocks of a chunk that may be left open by the storage's results, to be done one by one: more, and all are done in
/// another way, as the next four chunks are at once.
const FEW: usize = CHUNK / BLOCK / 8;

fn stochastic<T: Storage, O: Slices<N>, const N: usize>(
    op: O,
    chop: &Chop,
    drawing: Draw,
    source: &mut dyn Source,
    origin: u64,
    args: [&[T]; N],
    to: &mut [T],
) {
    if !kernel::draws_nearby(chop.plan::<T>(), drawing) {
        return by_bits(op, chop, drawing, source, origin, args, to);
    }
    let (count, mut waits) = (to.len(), 0);
    let mut words = Buffer([0; CHUNK]);
    in_chunks(CHUNK, args, to, &mut |start, args, to| {
        let (real, first) = (to.len().min(count - start), origin.wrapping_add(start as u64));
        take_words(source, first, &mut words.0[..real]);
        let mut open = [true; CHUNK / BLOCK];
        if waits == 0 {
            let drawn = Some((drawing, &words.0[..to.len()]));
            let (plan, open) = (chop.plan::<T>(), &mut open);
            if !op.nearby_in(Erring { plan, drawn, args, to: &mut *to, open }) {
                waits = u32::MAX;
            }
        }
        let blocks = to.len() / BLOCK;
        if open[..blocks].iter().filter(|open| **open).count() > FEW {
            waits = if waits == 0 { 4 } else { waits.saturating_sub(1) };
            let mut source = Taken { words: &words.0[..real], first, source: &mut *source };
            let args = args.map(|values| &values[..real]);
            return by_bits(op, chop, drawing, &mut source, first, args, &mut to[..real]);
        }
        for (index, y) in to[..real].iter_mut().enumerate().filter(|(i, _)| open[i / BLOCK]) {
            let element = (first.wrapping_add(index as u64), words.0[index]);
            *y = drawn_with(chop, drawing, source, element, op, args.map(|values| values[index]));
        }
    });
}

/// The first words of elements from `first` on.
fn take_words(source: &mut dyn Source, first: u64, words: &mut [u32]) {
    let mut known = 0;
    while known < words.len() {
        let left = words.len() - known;
        let given = source.words(first.wrapping_add(known as u64), left);
        slices::copy(given, &mut words[known..]);
        known += given.len();
    }
}

/// By more bits of the exact result than the storage's own has: rounded to odd, or by its error.
fn by_bits<T: Storage, O: Slices<N>, const N: usize>(
    op: O,
    chop: &Chop,
    drawing: Draw,
    source: &mut dyn Source,
    origin: u64,
    args: [&[T]; N],
    to: &mut [T],
) {
    if let Some(plan) = wider::<T>(chop)
        && has_room_to_draw(plan, drawing)
    {
        let mut origin = origin;
        return widened(args, to, &mut |args, to| {
            op.stochastic(chop, drawing, source, origin, args, to);
            origin = origin.wrapping_add(to.len() as u64);
        });
    }
    let count = to.len();
    if !has_room_to_draw(chop.plan::<T>(), drawing) {
        if !kernel::has_wider::<T>() && kernel::serves(chop.plan::<T>(), Some(drawing)) {
            return in_chunks(CHUNK, args, to, &mut |start, args, to| {
                let (real, origin) =
                    (to.len().min(count - start), origin.wrapping_add(start as u64));
                drawn_by_error(chop, drawing, source, origin, op, args, to, real);
            });
        }
        let mut index = origin;
        return one_by_one(args, to, |args| {
            let y = super::scalar::drawn(chop, drawing, source, index, op, args);
            index = index.wrapping_add(1);
            y
        });
    }
    in_chunks(CHUNK, args, to, &mut |start, args, to| {
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
    let (mut z, mut unsure) = (ones(), [false; CHUNK / BLOCK]);
    let z = &mut z.0[..to.len()];
    odd_chunk(op, args, z, &mut unsure);
    let mut start = 0;
    while start < real {
        let index = origin.wrapping_add(start as u64);
        let mut words = [0; CHUNK];
        let given = source.words(index, real - start);
        let count = given.len();
        slices::copy(given, &mut words[..count]);
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

/// A chunk of whole blocks, of which `real` are not padding, in a stochastic mode by the error of the storage's
/// results.
#[allow(clippy::too_many_arguments)]
fn drawn_by_error<T: Storage, O: Loops<N>, const N: usize>(
    chop: &Chop,
    drawing: Draw,
    source: &mut dyn Source,
    origin: u64,
    op: O,
    args: [&[T]; N],
    to: &mut [T],
    real: usize,
) {
    let mut words = [0; CHUNK];
    take_words(source, origin, &mut words[..real]);
    let mut open = [true; CHUNK / BLOCK];
    let drawn = Some((drawing, &words[..to.len()]));
    op.by_error_in(Erring { plan: chop.plan::<T>(), drawn, args, to: &mut *to, open: &mut open });
    for (index, y) in to[..real].iter_mut().enumerate().filter(|(index, _)| open[index / BLOCK]) {
        let element = (origin.wrapping_add(index as u64), words[index]);
        *y = drawn_with(chop, drawing, source, element, op, args.map(|values| values[index]));
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
