//! Where the random bits of the stochastic modes come from.
//!
//! # The frozen layout of a seeded stream
//!
//! A stream is a 256-bit key, a stream number s and a position. Everything is ChaCha (`rand_chacha`),
//! addressed, never drawn in sequence, so a result depends on (key, s, position, value) alone:
//!
//! - **First bits.** The keystream of ChaCha8 under the key, with nonce s, 16 blocks at a time and
//!   these side by side: the words of a group come in the order word 0 of its 16 blocks, word 1 of
//!   its 16 blocks, and so on. Element i takes 16 bits: group ⌊i/512⌋, and within the group, counting
//!   from 0, the halves of 16 neighbouring words go to 32 neighbouring elements, the low halves to
//!   the first 16 of them. The P3109 modes with more than 16 random bits take a whole word each: group
//!   ⌊i/256⌋, its words in order.
//! - **Refinement.** Asked for only where the first bits tie with ν. The keystream of ChaCha8 under
//!   the key derived for refinement and s, with nonce i, block 0: 32 groups of 16 bits, word by word,
//!   the low half first.
//! - **Derived keys.** The first 32 bytes of ChaCha20 under the parent key, with a nonce (s or the
//!   fork's id) and a block number that says what for: 0 refinement, 1 fork.
//! - **The key of a seed** is four outputs of SplitMix64 started at the seed (Steele, Lea and Flood,
//!   OOPSLA 2014), little end first. It is written out here, not taken from a generator crate's
//!   `seed_from_u64`, whose expansion may change.
//!
//! `tests/stochastic/streams.rs` pins all of it.

use rand::{Rng, SeedableRng};
use rand_chacha::{ChaCha8Rng, ChaCha20Rng};

use crate::level::{self, Work};

/// A source of random bits for the elements of one call, or of a stream.
///
/// An element's random number is U = 0.r₀r₁r₂…: `words` gives the first 32 bits of consecutive
/// elements at the top of a word (the lower 16 valid only where [`Source::known_bits`] says 32), and
/// `group` the i-th 16 bits of one element.
pub trait Source {
    /// How many leading bits of a word belong to U: 16 or 32.
    fn known_bits(&self) -> u32;

    /// The first bits of the elements from `index` on: at least one and at most `count` of them, which
    /// is at most [`CHUNK`].
    fn words(&mut self, index: u64, count: usize) -> &[u32];

    /// Bits 16·i to 16·i + 15 of the element whose first word was `word`; `None` past the end.
    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16>;
}

/// The bits that a word from `words` holds: group 0, and group 1 where 32 bits are known.
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

/// One fork on the way to a stream: the number of the stream that was forked, and the fork's id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Fork {
    /// The number of the stream that was forked.
    pub stream: u64,
    /// The id that [`Seeded::fork`](crate::Seeded::fork) was given.
    pub id: u64,
}

/// The key of a fork of a stream.
pub(crate) fn forked(key: Key, fork: &Fork) -> Key {
    self::fork(&self::fork(&key, fork.stream), fork.id)
}

/// A key derived for a number.
pub(crate) fn fork(key: &Key, id: u64) -> Key {
    derive(key, Purpose::Fork, id)
}

/// Most elements whose first bits are made together: 16 blocks of 16 words of two halves.
pub(crate) const CHUNK: usize = 2 * 16 * LANES;

/// Blocks side by side.
const LANES: usize = 16;

/// The addressed source behind a seeded stream. `index` counts elements from the stream's origin.
#[derive(Clone)]
pub struct Keyed {
    key: Key,
    stream: u64,
    /// Binary logarithm of the elements in a group of blocks: 9, or 8 where each takes a whole word.
    elements: u32,
    /// The group that `first` holds.
    group: Option<u64>,
    first: FirstBits,
    refinement: Option<Key>,
}

impl Keyed {
    /// The stream's source; `wide` where elements take 32 first bits.
    pub(crate) fn new(key: Key, stream: u64, wide: bool) -> Self {
        let elements = CHUNK.ilog2() - u32::from(wide);
        Self { key, stream, elements, group: None, first: FirstBits::default(), refinement: None }
    }

    #[cold]
    fn make(&mut self, group: u64) {
        let mut key = [0; 8];
        for (word, bytes) in key.iter_mut().zip(self.key.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        let (stream, rows) = (self.stream, &mut self.first.0);
        if self.elements == CHUNK.ilog2() {
            level::run(Group::<false> { key, stream, group, rows });
        } else {
            level::run(Group::<true> { key, stream, group, rows });
        }
        self.group = Some(group);
    }
}

/// First bits of a group's elements in order; aligned to cache lines, which vectors may fill.
#[derive(Clone, Default)]
#[repr(align(64))]
struct FirstBits(Rows);

/// The halves of 16 neighbouring words a row; of whole words the first 16 rows.
type Rows = [[u32; LANES]; CHUNK / LANES];

/// A group of ChaCha8 blocks to be made, and where their words go.
struct Group<'a, const WIDE: bool> {
    key: [u32; 8],
    stream: u64,
    group: u64,
    rows: &'a mut Rows,
}

/// Quarter rounds on a block's variables (Bernstein, ChaCha, 2008).
macro_rules! quarters {
    ($(($a:ident $b:ident $c:ident $d:ident))*) => {$(
        $a = $a.wrapping_add($b);
        $d = ($d ^ $a).rotate_left(16);
        $c = $c.wrapping_add($d);
        $b = ($b ^ $c).rotate_left(12);
        $a = $a.wrapping_add($b);
        $d = ($d ^ $a).rotate_left(8);
        $c = $c.wrapping_add($d);
        $b = ($b ^ $c).rotate_left(7);
    )*};
}

impl<const WIDE: bool> Work for Group<'_, WIDE> {
    type Output = ();

    /// One loop over the blocks, all rounds written out in its body: so it becomes vector code.
    #[inline(always)]
    #[allow(clippy::needless_range_loop)]
    fn run(self) {
        let Self { key, stream, group, rows } = self;
        let counter = group.wrapping_mul(LANES as u64);
        let (low, high) = (counter as u32, (counter >> 32) as u32);
        let nonce = [stream as u32, (stream >> 32) as u32];
        for lane in 0..LANES {
            // "expand 32-byte k", the key, the block's number, the nonce.
            let start = [0x6170_7865_u32, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
            let count = low | lane as u32;
            let [mut a0, mut a1, mut a2, mut a3] = start;
            let [mut b0, mut b1, mut b2, mut b3, mut c0, mut c1, mut c2, mut c3] = key;
            let [mut d0, mut d1, mut d2, mut d3] = [count, high, nonce[0], nonce[1]];
            macro_rules! double_round {
                () => {
                    quarters! { (a0 b0 c0 d0) (a1 b1 c1 d1) (a2 b2 c2 d2) (a3 b3 c3 d3) }
                    quarters! { (a0 b1 c2 d3) (a1 b2 c3 d0) (a2 b3 c0 d1) (a3 b0 c1 d2) }
                };
            }
            double_round!();
            double_round!();
            double_round!();
            double_round!();
            macro_rules! put {
                ($($row:literal $word:ident $start:expr;)*) => {$(
                    let word = $word.wrapping_add($start);
                    if WIDE {
                        rows[$row][lane] = word;
                    } else {
                        rows[2 * $row][lane] = word << 16;
                        rows[2 * $row + 1][lane] = word & 0xffff_0000;
                    }
                )*};
            }
            put! {
                0 a0 start[0]; 1 a1 start[1]; 2 a2 start[2]; 3 a3 start[3];
                4 b0 key[0]; 5 b1 key[1]; 6 b2 key[2]; 7 b3 key[3];
                8 c0 key[4]; 9 c1 key[5]; 10 c2 key[6]; 11 c3 key[7];
                12 d0 count; 13 d1 high; 14 d2 nonce[0]; 15 d3 nonce[1];
            }
        }
    }
}

impl Source for Keyed {
    #[inline]
    fn known_bits(&self) -> u32 {
        if self.elements == CHUNK.ilog2() { 16 } else { 32 }
    }

    #[inline]
    fn words(&mut self, index: u64, count: usize) -> &[u32] {
        let group = index >> self.elements;
        if self.group != Some(group) {
            self.make(group);
        }
        let elements = 1 << self.elements;
        let at = index as usize & (elements - 1);
        &self.first.0.as_flattened()[at..(at + count).min(elements)]
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

/// Words drawn before any more are for a tie.
const TOGETHER: usize = 64;

/// Any generator: a fresh 32-bit word an element, more where a tie asks for it.
pub struct Drawn<R> {
    rng: R,
    words: [u32; TOGETHER],
}

impl<R> core::fmt::Debug for Drawn<R> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Drawn").finish_non_exhaustive()
    }
}

impl<R: Rng> Drawn<R> {
    pub(crate) fn new(rng: R) -> Self {
        Self { rng, words: [0; TOGETHER] }
    }
}

impl<R: Rng> Source for Drawn<R> {
    fn known_bits(&self) -> u32 {
        32
    }

    #[inline]
    fn words(&mut self, _index: u64, count: usize) -> &[u32] {
        let words = &mut self.words[..count.min(TOGETHER)];
        for word in &mut *words {
            *word = self.rng.next_u32();
        }
        words
    }

    fn group(&mut self, _index: u64, word: u32, i: usize) -> Option<u16> {
        known_group(word, i, 32).or_else(|| Some((self.rng.next_u32() >> 16) as u16))
    }
}

/// Words given by the caller, one an element: U ends after 32 bits.
pub(crate) struct Given<'a>(pub(crate) &'a [u32]);

impl Source for Given<'_> {
    fn known_bits(&self) -> u32 {
        32
    }

    fn words(&mut self, index: u64, count: usize) -> &[u32] {
        let start = index as usize;
        &self.0[start..start + count]
    }

    fn group(&mut self, _index: u64, word: u32, i: usize) -> Option<u16> {
        known_group(word, i, 32)
    }
}

/// Words that have been taken from a source, from the element `first` on, and that source for what follows them.
pub(crate) struct Taken<'a> {
    pub(crate) words: &'a [u32],
    pub(crate) first: u64,
    pub(crate) source: &'a mut dyn Source,
}

impl Source for Taken<'_> {
    fn known_bits(&self) -> u32 {
        self.source.known_bits()
    }

    fn words(&mut self, index: u64, count: usize) -> &[u32] {
        let start = index.wrapping_sub(self.first) as usize;
        &self.words[start..start + count]
    }

    fn group(&mut self, index: u64, word: u32, i: usize) -> Option<u16> {
        self.source.group(index, word, i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    /// Our loop makes the words of `rand_chacha`, in the documented order, at every CPU level.
    #[test]
    fn first_bits_are_those_of_rand_chacha() {
        let key = key_of_seed(42);
        for (stream, group) in [(0, 0), (7, 1), (u64::MAX, 3 << 30), (1 << 40, (1 << 54) + 5)] {
            let mut rng = ChaCha8Rng::from_seed(key);
            rng.set_stream(stream);
            let mut word = |lane: u64, row: u64| {
                rng.set_word_pos(u128::from(group * 16 + lane) * 16 + u128::from(row));
                rng.next_u32()
            };
            let (mut narrow, mut wide) = (Vec::new(), Vec::new());
            for row in 0..16 {
                let words: Vec<u32> = (0..16).map(|lane| word(lane, row)).collect();
                narrow.extend(words.iter().map(|word| word << 16));
                narrow.extend(words.iter().map(|word| word & 0xffff_0000));
                wide.extend(words);
            }
            for level in Level::available() {
                level.cap();
                let words = |wide: bool, count: usize| {
                    let index = group * (count as u64);
                    Keyed::new(key, stream, wide).words(index, count).to_vec()
                };
                assert_eq!(words(false, 512), narrow, "{level}, 16 bits");
                assert_eq!(words(true, 256), wide, "{level}, 32 bits");
            }
        }
    }
}
