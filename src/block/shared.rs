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
        // Not beyond the last position: the next one is 0, which shares bits with others.
        let more = usize::try_from(u64::MAX - index).unwrap_or(usize::MAX);
        let count = (count - 1).min(more) + 1;
        let (first, last) = (index / self.by, (index + (count as u64 - 1)) / self.by);
        let given = self.inner.words(first, (last - first + 1) as usize);
        // There may be fewer than asked for.
        let end = (u128::from(first) + given.len() as u128) * u128::from(self.by);
        let count = count.min(usize::try_from(end - u128::from(index)).unwrap_or(usize::MAX));
        for (i, word) in self.words[..count].iter_mut().enumerate() {
            *word = given[((index + i as u64) / self.by - first) as usize];
        }
        &self.words[..count]
    }

    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16> {
        self.inner.group(index / self.by, word, i)
    }
}
