//! Where the random bits of the stochastic modes come from.
//!
//! # The frozen layout of a seeded stream
//!
//! A stream is a 256-bit key, a stream number s and a position. Everything is ChaCha (`rand_chacha`),
//! addressed, never drawn in sequence, so a result depends on (key, s, position, value) alone:
//!
//! - **First bits.** The keystream of ChaCha8 under the key, with nonce s, as 32-bit words. Element i
//!   takes 16 bits: those of word ⌊i/2⌋, the low half for even i. The P3109 modes with more than 16
//!   random bits take the whole word i instead.
//! - **Refinement.** Asked for only where the first bits tie with ν. The keystream of ChaCha8 under
//!   the key derived for refinement and s, with nonce i, block 0: 32 groups of 16 bits, word by word,
//!   the low half first.
//! - **Derived keys.** The first 32 bytes of ChaCha20 under the parent key, with a nonce (s or the
//!   fork's id) and a block number that says what for: 0 refinement, 1 fork.
//! - **The key of a seed** is four outputs of SplitMix64 started at the seed (Steele, Lea and Flood,
//!   OOPSLA 2014), little end first. It is written out here, not taken from a generator crate's
//!   `seed_from_u64`, whose expansion may change.
//!
//! `tests/streams.rs` pins all of it.

use rand::{Rng, SeedableRng};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};

/// A source of random bits for the elements of one call, or of a stream.
///
/// An element's random number is U = 0.r₀r₁r₂…: `fill` gives the first 32 bits of consecutive
/// elements at the top of a word (the lower 16 valid only where [`Source::known_bits`] says 32), and
/// `group` the i-th 16 bits of one element.
pub trait Source {
    /// How many leading bits of a word from `fill` belong to U: 16 or 32.
    fn known_bits(&self) -> u32;

    /// The first bits of the elements from `index` on, at most [`CHUNK`] of them.
    fn fill(&mut self, index: u64, words: &mut [u32]);

    /// Bits 16·i to 16·i + 15 of the element whose first word was `word`; `None` past the end.
    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16>;
}

/// The bits that a word from `fill` holds: group 0, and group 1 where 32 bits are known.
fn known_group(word: u32, i: usize, known_bits: u32) -> Option<u16> {
    match i {
        0 => Some((word >> 16) as u16),
        1 if known_bits == 32 => Some(word as u16),
        _ => None,
    }
}

/// A 256-bit ChaCha key.
pub(crate) type Key = [u8; 32];

/// The key of a seed.
pub(crate) fn key_of_seed(seed: u64) -> Key {
    let mut key = [0; 32];
    let mut state = seed;
    for bytes in key.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    key
}

/// What a key is derived for: the block number in the derivation.
#[derive(Clone, Copy)]
enum Purpose {
    Refinement = 0,
    Fork = 1,
}

fn derive(key: &Key, purpose: Purpose, nonce: u64) -> Key {
    let mut rng = ChaCha20Rng::from_seed(*key);
    rng.set_stream(nonce);
    rng.set_word_pos(16 * purpose as u128);
    let mut derived = [0; 32];
    rng.fill_bytes(&mut derived);
    derived
}

/// The key of a fork.
pub(crate) fn fork(key: &Key, id: u64) -> Key {
    derive(key, Purpose::Fork, id)
}

/// The addressed source behind a seeded stream. `index` counts elements from the stream's origin.
#[derive(Clone)]
pub(crate) struct Keyed {
    key: Key,
    stream: u64,
    wide: bool,
    rng: ChaCha8Rng,
    /// The word that `rng` gives next.
    next_word: u128,
    /// The last word given, and its number: two elements share one.
    last: Option<(u64, u32)>,
    refinement: Option<Key>,
}

impl Keyed {
    /// The stream's source; `wide` where elements take 32 first bits.
    pub(crate) fn new(key: Key, stream: u64, wide: bool) -> Self {
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self { key, stream, wide, rng, next_word: 0, last: None, refinement: None }
    }

    /// Keystream word `number`.
    fn word(&mut self, number: u64) -> u32 {
        match self.last {
            Some((last, word)) if last == number => word,
            _ => {
                let mut word = [0];
                self.words(number, &mut word);
                self.last = Some((number, word[0]));
                word[0]
            }
        }
    }

    /// Words from `number` on.
    fn words(&mut self, number: u64, words: &mut [u32]) {
        let number = u128::from(number);
        if self.next_word != number {
            self.rng.set_word_pos(number);
        }
        for word in &mut *words {
            *word = self.rng.next_u32();
        }
        self.next_word = number + words.len() as u128;
    }
}

/// Elements whose first bits are made together.
pub(crate) const CHUNK: usize = 64;

impl Source for Keyed {
    fn known_bits(&self) -> u32 {
        if self.wide { 32 } else { 16 }
    }

    fn fill(&mut self, index: u64, words: &mut [u32]) {
        if self.wide {
            for (offset, word) in words.iter_mut().enumerate() {
                *word = self.word(index.wrapping_add(offset as u64));
            }
            return;
        }
        let pairs_in_order = index.checked_add(words.len() as u64).is_some();
        if index.is_multiple_of(2) && words.len().is_multiple_of(2) && pairs_in_order {
            let mut pairs = [0; CHUNK / 2];
            let pairs = &mut pairs[..words.len() / 2];
            self.words(index / 2, pairs);
            for (two, pair) in words.chunks_exact_mut(2).zip(pairs) {
                (two[0], two[1]) = (*pair << 16, *pair & 0xffff_0000);
            }
            return;
        }
        for (offset, word) in words.iter_mut().enumerate() {
            let element = index.wrapping_add(offset as u64);
            let pair = self.word(element / 2);
            *word = if element.is_multiple_of(2) { pair << 16 } else { pair & 0xffff_0000 };
        }
    }

    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16> {
        let known = self.known_bits();
        if let Some(group) = known_group(word, i, known) {
            return Some(group);
        }
        let i = i - known as usize / 16;
        let (key, stream) = (&self.key, self.stream);
        let refinement =
            *self.refinement.get_or_insert_with(|| derive(key, Purpose::Refinement, stream));
        let mut rng = ChaCha8Rng::from_seed(refinement);
        rng.set_stream(index);
        rng.set_word_pos(i as u128 / 2);
        let pair = rng.next_u32();
        Some(if i.is_multiple_of(2) { pair as u16 } else { (pair >> 16) as u16 })
    }
}

impl core::fmt::Debug for Keyed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Keyed").field("stream", &self.stream).finish_non_exhaustive()
    }
}

/// Any generator: a fresh 32-bit word an element, more where a tie asks for it.
pub(crate) struct Drawn<'a, R: Rng + ?Sized>(pub(crate) &'a mut R);

impl<R: Rng + ?Sized> Source for Drawn<'_, R> {
    fn known_bits(&self) -> u32 {
        32
    }

    fn fill(&mut self, _index: u64, words: &mut [u32]) {
        for word in words {
            *word = self.0.next_u32();
        }
    }

    fn group(&mut self, _index: u64, word: u32, i: usize) -> Option<u16> {
        known_group(word, i, 32).or_else(|| Some((self.0.next_u32() >> 16) as u16))
    }
}

/// Words given by the caller, one an element: U ends after 32 bits.
pub(crate) struct Given<'a>(pub(crate) &'a [u32]);

impl Source for Given<'_> {
    fn known_bits(&self) -> u32 {
        32
    }

    fn fill(&mut self, index: u64, words: &mut [u32]) {
        let start = index as usize;
        words.copy_from_slice(&self.0[start..start + words.len()]);
    }

    fn group(&mut self, _index: u64, word: u32, i: usize) -> Option<u16> {
        known_group(word, i, 32)
    }
}
