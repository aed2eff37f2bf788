//! Rounds numbers and counts what happened.

use lowprec::{Chop, Rounding};

use super::input::Document;
use super::number::Number;
use super::tally::{Judge, Tally};
use crate::progress::Progress;

/// Numbers between two looks at the progress bar.
const CHUNK: usize = 1 << 16;

/// The numbers of a text rounded, and the tally. Each is rounded once, from its text: what the storage type would
/// make of it is not asked. Deterministic modes ignore the seed; stochastic ones draw number after number
/// from its stream.
pub(crate) fn document<T: Number>(
    document: &Document<T>,
    chop: &Chop,
    seed: u64,
    progress: &Progress,
) -> (Vec<T>, Tally) {
    progress.stage("rounding", document.numbers.len());
    let stream = chop.stream(seed);
    let judge = Judge::new::<T>(chop);
    let mut tally = Tally::default();
    let mut rounded = Vec::with_capacity(document.numbers.len());
    for (at, number) in document.numbers.iter().enumerate() {
        let of_text = |chop: &Chop| {
            let stream = chop.stream(seed).at(at as u64);
            let text = document.text.number(at).and_then(|text| stream.parse(text).ok());
            text.unwrap_or_else(|| stream.chop(*number))
        };
        let text = document.text.number(at).and_then(|text| stream.parse(text).ok());
        let result = text.unwrap_or_else(|| stream.chop(*number));
        judge.count(&mut tally, *number, finite_in_text(document, at), result, of_text);
        rounded.push(result);
        if rounded.len().is_multiple_of(CHUNK) {
            progress.advance(CHUNK);
        }
    }
    (rounded, tally)
}

/// Values rounded from a position of the seed's stream on, and counted.
pub(crate) fn values<T: Number>(
    values: &[T],
    chop: &Chop,
    [seed, position]: [u64; 2],
    tally: &mut Tally,
) -> Vec<T> {
    let mut rounded = values.to_vec();
    chop.stream(seed).at(position).chop_slice(&mut rounded);
    let judge = Judge::new::<T>(chop);
    for (at, (number, result)) in values.iter().zip(&rounded).enumerate() {
        let again = |chop: &Chop| chop.stream(seed).at(position + at as u64).chop(*number);
        judge.count(tally, *number, *number, *result, again);
    }
    rounded
}

/// The number as it is judged: text beyond the storage type is finite, and not zero, all the same.
fn finite_in_text<T: Number>(document: &Document<T>, at: usize) -> T {
    let number = document.numbers[at];
    if number != T::zero() && !number.is_infinite() {
        return number;
    }
    // To odd the largest and the smallest number stand for what lies beyond.
    let own = Chop::new(T::FORMAT, Rounding::ToOdd);
    document.text.number(at).and_then(|text| own.parse(text).ok()).unwrap_or(number)
}
