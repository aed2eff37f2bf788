//! `Seeded`: a rounding whose random bits are a pure function of seed, stream number and position.

use core::cell::{Cell, RefCell, RefMut};
use core::fmt;

use super::chop::Chop;
use super::state::StreamState;
use super::values::{Draws, Random};
use crate::rounding::random::{self, Key, Keyed};
use crate::rounding::{Decision, Fork, Rounding};

/// A [`Chop`] with a seed, a stream number and a position that moves on as it rounds.
pub type Stream = Seeded<Chop>;

/// A rounding with a seed, a stream number and a position that moves on as it rounds: a [`Chop`] (then it is
/// a [`Stream`]), a [`BlockChop`](crate::BlockChop) or one of the quantizers of [`quant`](crate::quant).
///
/// Each element of a stochastic call takes one position, exact and special values too; deterministic
/// modes take none. A result depends on seed, stream number, position and value alone, so a scalar
/// loop, a slice, an array in logical row-major order and its shards give the same bits. Two calls
/// that should be independent take two streams ([`Seeded::substream`], [`Seeded::fork`]).
///
/// Methods take `&self`, so that calls nest. It is `Send` but neither `Sync` nor `Clone`: two
/// threads cannot interleave one stream, and no copy can repeat it unnoticed. Where it stands can be saved,
/// and the run resumed, by [`Seeded::state`].
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
pub struct Seeded<R> {
    rounder: R,
    seed: u64,
    path: Vec<Fork>,
    key: Key,
    number: u64,
    /// Whether elements take more than 16 random bits at once: known while the source is lent.
    wide: bool,
    position: Cell<u64>,
    source: RefCell<Keyed>,
}

pub(crate) use sealed::Seedable;

pub(crate) mod sealed {
    use super::Rounding;

    /// What can have a seed; not nameable outside the crate.
    pub trait Seedable {
        fn rounding(&self) -> Rounding;
    }
}

impl Seedable for Chop {
    fn rounding(&self) -> Rounding {
        self.rounding()
    }
}

/// `stream` and `resume` of a type that can have a seed; with examples, if any.
macro_rules! seeded {
    (
        $type:ty, |$this:ident| $rounder:expr
        $(, stream { $(#[$stream:meta])* } resume { $(#[$resume:meta])* })?
    ) => {
        /// Seeded randomness.
        impl $type {
            /// A reproducible stream of this rounding, from position 0: every stochastic result is a pure
            /// function of seed, stream number, position and value.
            $(#[doc = ""] $(#[$stream])*)?
            #[must_use]
            pub fn stream(&self, seed: u64) -> $crate::chop::Seeded<Self> {
                let $this = self;
                $crate::chop::Seeded::new($rounder, seed)
            }

            /// The stream that stood at `state`: its next random bits are those that came next there.
            $(#[doc = ""] $(#[$resume])*)?
            #[must_use]
            pub fn resume(&self, state: &$crate::chop::StreamState) -> $crate::chop::Seeded<Self> {
                let $this = self;
                $crate::chop::Seeded::resumed($rounder, state)
            }
        }
    };
}

pub(crate) use seeded;

seeded!(Chop, |this| *this,
    stream {
        /// ```
        /// use lowprec::{Chop, Format, Rounding};
        /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
        /// let (mut a, mut b) = ([0.1_f64; 100], [0.1_f64; 100]);
        /// sr.stream(42).chop_slice(&mut a);
        /// sr.stream(42).chop_slice(&mut b);
        /// assert_eq!(a, b);
        /// ```
    }
    resume {
        /// ```
        /// use lowprec::{Chop, Format, Rounding};
        /// let sr = Chop::new(Format::OCP_E2M1, Rounding::Stochastic);
        /// let run = sr.stream(42);
        /// run.chop_slice(&mut [1.2_f32; 100]);
        /// let state = run.state();
        /// let next: [f32; 8] = core::array::from_fn(|_| run.chop(1.2));
        /// let again = sr.resume(&state);
        /// assert_eq!(next, core::array::from_fn(|_| again.chop(1.2)));
        /// ```
    }
);

/// Where a stream begins.
impl<R: Seedable> Seeded<R> {
    pub(crate) fn new(rounder: R, seed: u64) -> Self {
        let wide = is_wide(&rounder);
        Self::keyed(rounder, seed, Vec::new(), random::key_of_seed(seed), 0, wide)
    }

    pub(crate) fn resumed(rounder: R, state: &StreamState) -> Self {
        let key = state.path.iter().fold(random::key_of_seed(state.seed), random::forked);
        let (path, wide) = (state.path.clone(), is_wide(&rounder));
        Self::keyed(rounder, state.seed, path, key, state.stream, wide).at(state.position)
    }

    /// The rounding mode.
    #[must_use]
    pub fn rounding(&self) -> Rounding {
        self.rounder.rounding()
    }
}

/// Whether elements take more than 16 random bits at once.
fn is_wide(rounder: &impl Seedable) -> bool {
    matches!(rounder.rounding().decision(), Decision::Stochastic(draw) if draw.is_wide())
}

/// Other streams.
impl<R> Seeded<R> {
    fn keyed(rounder: R, seed: u64, path: Vec<Fork>, key: Key, number: u64, wide: bool) -> Self {
        let source = RefCell::new(Keyed::new(key, number, wide));
        Self { rounder, seed, path, key, number, wide, position: Cell::new(0), source }
    }

    /// Another stream of the same seed and forks, from position 0. Streams of different numbers are
    /// independent; a new one has number 0.
    #[must_use]
    pub fn substream(self, number: u64) -> Self {
        let wide = self.wide;
        Self::keyed(self.rounder, self.seed, self.path, self.key, number, wide)
    }

    /// An independent stream whose key is derived from the seed, the forks so far, this stream's number and
    /// `id`, from position 0: one for each thread, layer or trial, however they nest. This stream does not move.
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
    pub fn fork(&self, id: u64) -> Self
    where
        R: Clone,
    {
        let fork = Fork { stream: self.number, id };
        let path = [self.path.as_slice(), &[fork]].concat();
        let (key, wide) = (random::forked(self.key, &fork), self.wide);
        Self::keyed(self.rounder.clone(), self.seed, path, key, 0, wide)
    }
}

/// Where a stream stands.
impl<R> Seeded<R> {
    /// This stream at another position: that of the element that is rounded next.
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

    /// Where the stream stands, as plain data: what `resume` of the rounding takes.
    #[must_use]
    pub fn state(&self) -> StreamState {
        let (seed, path) = (self.seed, self.path.clone());
        StreamState { seed, path, stream: self.number, position: self.position.get() }
    }

    /// The rounding without its randomness: the [`Chop`], [`BlockChop`](crate::BlockChop) or quantizer.
    #[must_use]
    pub fn unseeded(&self) -> &R {
        &self.rounder
    }

    /// Moves on by `count` elements; the position before.
    #[inline(always)]
    fn advance(&self, count: u64) -> u64 {
        let start = self.position.get();
        self.position.set(start.wrapping_add(count));
        start
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
}

/// A scope that a stream serves.
impl<R: Clone> Seeded<R> {
    /// A twin that moves on in this stream's place, and what gives its position back. Until then this
    /// stream draws nothing: the same random bits are never taken twice.
    #[track_caller]
    pub(crate) fn lend(&self) -> (Self, Loan<'_, R>) {
        let source = self.source();
        let twin = Self {
            rounder: self.rounder.clone(),
            seed: self.seed,
            path: self.path.clone(),
            key: self.key,
            number: self.number,
            wide: self.wide,
            position: self.position.clone(),
            source: RefCell::new(source.clone()),
        };
        (twin, Loan { owner: self, _source: source })
    }
}

impl<R> Random for Seeded<R> {
    type Source = Keyed;

    #[inline(always)]
    fn draw<A>(&self, count: u64, run: impl FnOnce(&mut Keyed, u64) -> A) -> A {
        let mut source = self.source();
        let start = self.advance(count);
        run(&mut source, start)
    }

    fn share(&self, count: u64) -> (impl Fn() -> Keyed + Sync + use<R>, u64) {
        let source = self.source().clone();
        (move || source.clone(), self.advance(count))
    }
}

impl Draws for Stream {
    #[inline(always)]
    fn chop_ref(&self) -> &Chop {
        &self.rounder
    }
}

/// A stream lent to a scope.
#[derive(Debug)]
pub struct Loan<'a, R> {
    owner: &'a Seeded<R>,
    /// Borrowed, so that the owner cannot draw.
    _source: RefMut<'a, Keyed>,
}

impl<R> Loan<'_, R> {
    /// Moves the owner to where its twin stands.
    pub(crate) fn give_back(self, twin: &Seeded<R>) {
        self.owner.position.set(twin.position());
    }
}

#[cold]
#[track_caller]
fn lent() -> ! {
    panic!("the stream is in use by a scope (lowprec::with): until that ends it rounds there only")
}

impl<R: fmt::Debug> fmt::Debug for Seeded<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seeded")
            .field("rounding", &self.rounder)
            .field("state", &format_args!("{}", self.state()))
            .finish()
    }
}
