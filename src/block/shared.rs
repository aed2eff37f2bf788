//! Random bits that several values share.

use crate::rounding::random::{CHUNK, Source};

/// A source of which neighbouring elements, `by` at a time, take the same bits: those of the element
/// that their number, divided by `by`, is.
pub(super) struct Shared<'a> {
    inner: &'a mut dyn Source,
    by: u64,
    words: [u32; CHUNK],
}

impl<'a> Shared<'a> {
    pub(super) fn new(inner: &'a mut dyn Source, by: u32) -> Self {
        Self { inner, by: by.into(), words: [0; CHUNK] }
    }
}

impl Source for Shared<'_> {
    fn known_bits(&self) -> u32 {
        self.inner.known_bits()
    }

    fn words(&mut self, index: u64, count: usize) -> &[u32] {
        let (first, last) = (index / self.by, (index + (count as u64 - 1)) / self.by);
        let given = self.inner.words(first, (last - first + 1) as usize);
        // There may be fewer than asked for.
        let end = (first + given.len() as u64).saturating_mul(self.by) - index;
        let count = count.min(usize::try_from(end).unwrap_or(usize::MAX));
        let places = self.words[..count].iter_mut().zip(index..);
        places.for_each(|(word, index)| *word = given[(index / self.by - first) as usize]);
        &self.words[..count]
    }

    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16> {
        self.inner.group(index / self.by, word, i)
    }
}
