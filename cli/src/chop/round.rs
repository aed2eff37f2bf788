//! Rounds a document's numbers and counts what happened.

use lowprec::Chop;

use super::decimal;
use super::input::Document;
use super::number::Number;
use super::tally::{Judge, Tally};
use crate::progress::Progress;

/// Numbers between two looks at the progress bar.
const CHUNK: usize = 1 << 16;

/// The rounded numbers, and the tally. Deterministic modes ignore the seed; stochastic ones draw
/// element after element from its stream, so that chunks do not matter.
pub(crate) fn round<T: Number>(
    document: &Document<T>,
    chop: &Chop,
    seed: u64,
    progress: &Progress,
) -> (Vec<T>, Tally) {
    progress.stage("rounding", document.numbers.len());
    let stand_ins = stand_ins(document, chop);
    let mut rounded = stand_ins.clone();
    let stream = chop.stream(seed);
    let judge = Judge::new::<T>(chop, seed);
    let mut tally = Tally::default();
    for (index, chunk) in rounded.chunks_mut(CHUNK).enumerate() {
        stream.chop_slice(chunk);
        let first = index * CHUNK;
        for (offset, result) in chunk.iter().enumerate() {
            let at = first + offset;
            judge.count(&mut tally, at, document.numbers[at], stand_ins[at], *result);
        }
        progress.advance(chunk.len());
    }
    (rounded, tally)
}

/// The numbers to round: the document's own, but those for decimal text that parsing cut.
fn stand_ins<T: Number>(document: &Document<T>, chop: &Chop) -> Vec<T> {
    if document.residues.is_empty() {
        return document.numbers.clone();
    }
    let pairs = document.numbers.iter().zip(&document.residues);
    pairs.map(|(number, residue)| decimal::stand_in(*number, *residue, chop)).collect()
}
