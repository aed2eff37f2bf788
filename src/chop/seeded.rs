//! `Stream`: a rounding whose random bits are a pure function of seed, stream number and position.

use core::cell::{Cell, RefCell, RefMut};
use core::fmt;

use crate::chop::{Chop, Draws, Rounder, one, run};
use crate::definition::Rule;
use crate::kernel::Span;
use crate::rounding::Decision;
use crate::rounding::random::{self, Key, Keyed};
use crate::slices::same_length;
use crate::storage::Storage;

/// A [`Chop`] with a seed, a stream number and a position that moves on as it rounds.
///
/// Each element of a stochastic call takes one position, exact and special values too; deterministic
/// modes take none. A result depends on seed, stream number, position and value alone, so a scalar
/// loop, a slice, an array in logical row-major order and its shards give the same bits. Two calls
/// that should be independent take two streams ([`Stream::with_stream`], [`Stream::fork`]).
///
/// Methods take `&self`, so that calls nest. It is `Send` but neither `Sync` nor `Clone`: two
/// threads cannot interleave one stream, and no copy can repeat it unnoticed.
///
/// ```
/// use lowprec::{Chop, Format, Rounding};
/// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
/// let mut whole = vec![0.1_f32; 1000];
/// let mut shard = whole[600..].to_vec();
/// sr.stream(42).chop_slice(&mut whole);
/// sr.stream(42).at(600).chop_slice(&mut shard);
/// assert_eq!(whole[600..], shard);
/// ```
///
/// It cannot be shared between threads:
///
/// ```compile_fail,E0277
/// use lowprec::{Chop, Format, Rounding};
/// fn shared<T: Sync>(_: T) {}
/// shared(Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42));
/// ```
///
/// nor cloned:
///
/// ```compile_fail,E0599
/// use lowprec::{Chop, Format, Rounding};
/// let stream = Chop::new(Format::BFLOAT16, Rounding::Stochastic).stream(42);
/// let twin: lowprec::Stream = stream.clone();
/// ```
pub struct Stream {
    chop: Chop,
    seed: u64,
    /// Ids of the forks that led here.
    path: Vec<u64>,
    key: Key,
    number: u64,
    position: Cell<u64>,
    source: RefCell<Keyed>,
}

/// Seeded randomness.
impl Chop {
    /// A reproducible stream of this rounding: every stochastic result is a pure function of seed,
    /// stream number, position and value.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    /// let (mut a, mut b) = ([0.1_f64; 100], [0.1_f64; 100]);
    /// sr.stream(42).chop_slice(&mut a);
    /// sr.stream(42).chop_slice(&mut b);
    /// assert_eq!(a, b);
    /// ```
    #[must_use]
    pub fn stream(&self, seed: u64) -> Stream {
        Stream::new(*self, seed)
    }
}

/// Where a stream begins and stands.
impl Stream {
    pub(crate) fn new(chop: Chop, seed: u64) -> Self {
        Self::keyed(chop, seed, Vec::new(), random::key_of_seed(seed), 0)
    }

    fn keyed(chop: Chop, seed: u64, path: Vec<u64>, key: Key, number: u64) -> Self {
        let wide = match chop.rounding().decision() {
            Decision::Stochastic(draw) => draw.is_wide(),
            _ => false,
        };
        let source = RefCell::new(Keyed::new(key, number, wide));
        Self { chop, seed, path, key, number, position: Cell::new(0), source }
    }

    /// The same stream at another position: where the shard of a whole begins, for shards that are
    /// contiguous along the leading axes. Positions wrap at 2^64.
    #[must_use]
    pub fn at(self, position: u64) -> Self {
        self.position.set(position);
        self
    }

    /// The position of the next element.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position.get()
    }

    /// The seed.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The stream number: 0 unless set.
    #[must_use]
    pub fn stream_number(&self) -> u64 {
        self.number
    }

    /// Another stream of the same seed, from position 0. Streams of different numbers are
    /// independent.
    #[must_use]
    pub fn with_stream(self, number: u64) -> Self {
        Self::keyed(self.chop, self.seed, self.path, self.key, number)
    }

    /// An independent stream whose key is derived from the seed, the forks so far and `id`, from
    /// position 0: one for each thread, layer or trial, however they nest. This stream does not move.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let root = Chop::new(Format::OCP_E2M1, Rounding::Stochastic).stream(1);
    /// let draws = |id| {
    ///     let mut x = [2.5_f32; 64];
    ///     root.fork(id).chop_slice(&mut x);
    ///     x
    /// };
    /// assert_eq!(draws(7), draws(7));
    /// assert_ne!(draws(7), draws(8));
    /// ```
    #[must_use]
    pub fn fork(&self, id: u64) -> Self {
        let path = [self.path.as_slice(), &[id]].concat();
        let parent = random::fork(&self.key, self.number);
        Self::keyed(self.chop, self.seed, path, random::fork(&parent, id), 0)
    }

    /// The rounding.
    #[must_use]
    pub fn rounding(&self) -> Chop {
        self.chop
    }

    /// Moves on by `count` elements; the position before.
    #[inline(always)]
    pub(crate) fn advance(&self, count: u64) -> u64 {
        let start = self.position.get();
        self.position.set(start.wrapping_add(count));
        start
    }

    /// A twin that moves on in this stream's place, and what gives its position back. Until then this
    /// stream draws nothing: the same random bits are never taken twice.
    #[track_caller]
    pub(crate) fn lend(&self) -> (Self, Loan<'_>) {
        let source = self.source();
        let twin = Self {
            chop: self.chop,
            seed: self.seed,
            path: self.path.clone(),
            key: self.key,
            number: self.number,
            position: self.position.clone(),
            source: RefCell::new(source.clone()),
        };
        (twin, Loan { owner: self, _source: source })
    }

    #[inline(always)]
    #[track_caller]
    fn source(&self) -> RefMut<'_, Keyed> {
        match self.source.try_borrow_mut() {
            Ok(source) => source,
            Err(_) => lent(),
        }
    }

    /// Moves to a position.
    #[cfg(feature = "ndarray")]
    pub(crate) fn seek(&self, position: u64) {
        self.position.set(position);
    }

    /// An independent reader of the same stream, for one thread of a parallel call.
    #[cfg(feature = "rayon")]
    pub(crate) fn reader(&self) -> Keyed {
        self.source.borrow().clone()
    }
}

/// Rounding values.
impl Stream {
    /// `x` rounded. A stochastic mode takes one position.
    #[must_use]
    #[inline]
    pub fn chop<T: Storage>(&self, x: T) -> T {
        one(self, x)
    }

    /// Rounds every value in place. A stochastic mode takes a position for each.
    pub fn chop_slice<T: Storage>(&self, values: &mut [T]) {
        run(self, Span::InPlace(values));
    }

    /// Rounds every value of `from` into `to`. A stochastic mode takes a position for each.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
        same_length(from.len(), to.len());
        run(self, Span::Into(from, to));
    }
}

impl Rounder for Stream {
    #[inline]
    fn rule(&self) -> Rule {
        self.chop.rule()
    }
}

impl Draws for Stream {
    type Source = Keyed;

    #[inline(always)]
    fn chop_ref(&self) -> &Chop {
        &self.chop
    }

    #[inline(always)]
    fn draw<R>(&self, count: u64, run: impl FnOnce(&mut Keyed, u64) -> R) -> R {
        let mut source = self.source();
        let start = self.advance(count);
        run(&mut source, start)
    }
}

/// A stream lent to a scope.
#[derive(Debug)]
pub struct Loan<'a> {
    owner: &'a Stream,
    /// Borrowed, so that the owner cannot draw.
    _source: RefMut<'a, Keyed>,
}

impl Loan<'_> {
    /// Moves the owner to where its twin stands.
    pub(crate) fn give_back(self, twin: &Stream) {
        self.owner.position.set(twin.position());
    }
}

#[cold]
#[track_caller]
fn lent() -> ! {
    panic!("the stream is in use by a scope (lowprec::with): until that ends it rounds there only")
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream")
            .field("chop", &self.chop)
            .field("seed", &self.seed)
            .field("forks", &self.path)
            .field("stream", &self.number)
            .field("position", &self.position.get())
            .finish()
    }
}
