//! The fast Walsh–Hadamard transform in blocks.

use super::error::QuantError;
use super::lane::cast;
use crate::level::{self, Specialized, Work};
use crate::rounding::random::{self, CHUNK, Keyed, Source};
use crate::storage::{Storage, compiled_here};

/// The orthonormal Walsh–Hadamard transform of every block of a row, in natural (Hadamard) order, with
/// random signs before it if asked for.
///
/// It spreads an outlier over its block, which quantization then finds smaller. Being orthonormal it
/// leaves products along the row as they are: (A·D·H)·(H·D·B) = A·B, with signs D that depend on the
/// place in the row alone. Hence one call transforms one row, or several rows whose signs need not agree.
///
/// Sums are formed in the storage type, stage by stage (partners 1, 2, 4 … apart), then multiplied by
/// 1/√n, rounded to the storage type: exact for n a power of 4. [`Hadamard::inverse`] undoes
/// [`Hadamard::transform`] but for these roundings.
///
/// ```
/// use lowprec::quant::hadamard::Hadamard;
/// let four = Hadamard::new(4)?;
/// let mut values = [1.0_f32, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0];
/// four.transform(&mut values);
/// assert_eq!(values, [0.5, 0.5, 0.5, 0.5, 5.0, -1.0, -2.0, 0.0]);
/// four.inverse(&mut values);
/// assert_eq!(values, [1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Hadamard {
    block: usize,
    signs: Option<u64>,
}

/// The fork of a seed that signs come from, so that a stream of the same seed has other bits.
const SIGNS: u64 = u64::from_be_bytes(*b"hadamard");

/// Largest block.
const LARGEST: usize = 1 << 20;

impl Hadamard {
    /// The transform in blocks of `block` values.
    ///
    /// # Errors
    ///
    /// Unless the block is a power of two from 1 to 2^20.
    pub const fn new(block: usize) -> Result<Self, QuantError> {
        if block > LARGEST {
            let (given, maximum) = (block as i128, LARGEST as i128);
            return Err(QuantError::Integer { field: "block", given, minimum: 1, maximum });
        }
        if !block.is_power_of_two() {
            let (given, allowed) = (block as f64, "powers of two");
            return Err(QuantError::Real { field: "block", given, allowed });
        }
        Ok(Self { block, signs: None })
    }

    /// The transform after random signs: that of the element at place i of a row is a pure function of the
    /// seed and i, and independent of a [`Stream`](crate::Stream) of that seed.
    ///
    /// ```
    /// use lowprec::quant::hadamard::Hadamard;
    /// let signed = Hadamard::new(2)?.with_signs(7);
    /// let (mut a, mut b) = ([1.0_f32, 2.0, 3.0, 4.0], [0.5_f32, -1.0, 0.25, 2.0]);
    /// signed.transform(&mut a);
    /// signed.transform(&mut b);
    /// let product: f32 = a.iter().zip(b).map(|(a, b)| a * b).sum();
    /// assert!((product - 7.25).abs() < 1e-5);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    #[must_use]
    pub const fn with_signs(self, seed: u64) -> Self {
        Self { signs: Some(seed), ..self }
    }

    /// Values in a block.
    #[must_use]
    pub const fn block(&self) -> usize {
        self.block
    }

    /// Signs, then the transform of every block.
    ///
    /// # Panics
    ///
    /// If the row is no multiple of the block.
    #[track_caller]
    pub fn transform<T: Storage>(&self, row: &mut [T]) {
        self.check(row.len());
        self.flip(row);
        self.blocks(row);
    }

    /// The transform of every block, then signs: undoes [`Hadamard::transform`].
    ///
    /// # Panics
    ///
    /// If the row is no multiple of the block.
    #[track_caller]
    pub fn inverse<T: Storage>(&self, row: &mut [T]) {
        self.check(row.len());
        self.blocks(row);
        self.flip(row);
    }

    #[track_caller]
    fn check(&self, length: usize) {
        let block = self.block;
        assert!(length.is_multiple_of(block), "{length} values in blocks of {block}");
    }

    fn blocks<T: Storage>(&self, row: &mut [T]) {
        blocks(self.block, row);
    }

    /// The signs alone.
    pub(super) fn flip<T: Storage>(&self, row: &mut [T]) {
        if let Some(seed) = self.signs {
            flip(seed, row);
        }
    }
}

compiled_here! {
    /// The transform of every block.
    fn blocks<T>(block: usize, row: &mut [T]) = run_blocks;
    /// Signs of a seed.
    fn flip<T>(seed: u64, row: &mut [T]) = run_flip;
}

#[inline(always)]
fn run_blocks<T: Storage>(block: usize, row: &mut [T]) {
    let (groups, rest) = row.as_chunks_mut::<GROUP>();
    match block {
        1 => return,
        16 => level::run_specialized(Groups::<T, 16> { groups }),
        32 => level::run_specialized(Groups::<T, 32> { groups }),
        64 => level::run_specialized(Groups::<T, 64> { groups }),
        128 => level::run_specialized(Groups::<T, 128> { groups }),
        _ => return level::run(Blocks { block, row }),
    }
    level::run(Blocks { block, row: rest });
}

#[inline(always)]
fn run_flip<T: Storage>(seed: u64, row: &mut [T]) {
    let key = random::fork(&random::key_of_seed(seed), SIGNS);
    let mut source = Keyed::new(key, 0, false);
    let mut done = 0;
    while done < row.len() {
        let words = source.words(done as u64, (row.len() - done).min(CHUNK));
        for (x, word) in row[done..].iter_mut().zip(words) {
            *x = if word >> 31 == 1 { -*x } else { *x };
        }
        done += words.len();
    }
}

/// 1/√n, rounded once to `f64`: 1/n is exact.
fn norm<T: Storage>(block: usize) -> T {
    cast((1.0 / block as f64).sqrt())
}

/// One stage: sums and differences of partners `h` apart.
#[inline(always)]
fn stage<T: Storage>(block: &mut [T], h: usize) {
    for pair in block.chunks_exact_mut(2 * h) {
        let (low, high) = pair.split_at_mut(h);
        for (a, b) in low.iter_mut().zip(high) {
            (*a, *b) = (*a + *b, *a - *b);
        }
    }
}

/// Values that go through the stages together where blocks are no longer: so many that the compiler keeps
/// the stages as loops, which are several times faster than what it makes of shorter ones.
const GROUP: usize = 128;

/// Groups of blocks of length N.
struct Groups<'a, T, const N: usize> {
    groups: &'a mut [[T; GROUP]],
}

impl<T: Storage, const N: usize> Work for Groups<'_, T, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let norm = norm::<T>(N);
        for group in self.groups {
            let mut h = 1;
            while h < N {
                stage(group, h);
                h *= 2;
            }
            for x in group {
                *x = *x * norm;
            }
        }
    }
}

/// By the loops for any length, where loops are to be few.
impl<'a, T: Storage, const N: usize> Specialized for Groups<'a, T, N> {
    type General = Blocks<'a, T>;

    #[inline(always)]
    fn general(self) -> Blocks<'a, T> {
        Blocks { block: N, row: self.groups.as_flattened_mut() }
    }
}

struct Blocks<'a, T> {
    block: usize,
    row: &'a mut [T],
}

impl<T: Storage> Work for Blocks<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let norm = norm::<T>(self.block);
        for block in self.row.chunks_exact_mut(self.block) {
            let mut h = 1;
            while h < self.block {
                stage(block, h);
                h *= 2;
            }
            for x in block {
                *x = *x * norm;
            }
        }
    }
}
