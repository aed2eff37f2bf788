//! Slices of operations: which loops, and what they leave open.

use super::chunks::{LONG, exact_chunks, in_chunks, one_by_one, ones, widened};
use super::loops::{Loops, fused_groups, odd_chunk};
use super::scalar::{drawn_with, hard, has_room, has_room_to_draw, is_hardware, wider};
use crate::chop::{Chop, Draws, run, run_with};
use crate::kernel::plan::{Bits, Plan};
use crate::kernel::{self, BLOCK, GROUP, Span};
use crate::rounding::random::{CHUNK, Source};
use crate::rounding::{Decision, Draw};
use crate::storage::{Storage, Word, canonical};

/// The operation on each set of operands.
pub(crate) fn map<T: Storage, O: Loops<N>, const N: usize>(
    rounder: &impl Draws,
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

/// The operation on each set of operands with random bits from a source, of which the first result is element `origin`.
pub(crate) fn map_from<T: Storage, O: Loops<N>, const N: usize>(
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

/// Results that the storage type has, rounded: `exact` is one of them.
pub(crate) fn map_exact<T: Storage, const N: usize>(
    rounder: &impl Draws,
    exact: impl Fn([T; N]) -> T,
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
    exact: impl Fn([T; N]) -> T,
    args: [&[T]; N],
    to: &mut [T],
) {
    exact_chunks(args, to, exact, |start, to| {
        run_with(chop, source, start as u64, Span::InPlace(to));
    });
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
    let mut z = ones();
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
    let (mut z, mut unsure) = (ones(), [false; CHUNK / BLOCK]);
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

#[cfg(test)]
mod tests {
    use super::super::odd::{Add, Div, Fma, Mul, Sqrt};
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
