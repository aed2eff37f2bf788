//! Rounding values: one, or a span of them, with random bits from wherever a rounding takes them.

use rand::Rng;
use rand::rngs::ThreadRng;

use super::chop::Chop;
use crate::definition::Rule;
use crate::format::{Format, Grid};
use crate::kernel::plan::Plan;
use crate::kernel::{self, Span};
use crate::rounding::random::{CHUNK, Drawn, Given, Source};
use crate::rounding::{Decision, Draw, Rounding};
use crate::slices::{self, Buffer, same_length};
use crate::storage::Storage;

pub(crate) use sealed::{Draws, Random};

pub(crate) mod sealed {
    use super::{Chop, Source};

    /// Where random bits come from; not nameable outside the crate.
    pub trait Random {
        /// The kind of source.
        type Source: Source;

        /// Calls `run` with a source for `count` elements and the number of the first.
        fn draw<R>(&self, count: u64, run: impl FnOnce(&mut Self::Source, u64) -> R) -> R;

        /// Takes the random bits of a call on `count` elements for many threads at once: what makes a
        /// source for each, and the number of the first element.
        fn share(&self, count: u64) -> (impl Fn() -> Self::Source + Sync + use<Self>, u64);
    }

    /// What rounds: a `Chop` with a place where it takes its random bits. Every routine below the methods
    /// is written over this.
    pub trait Draws: Random {
        /// The rounding, without a copy.
        fn chop_ref(&self) -> &Chop;
    }
}

/// A `Chop` by itself draws from the thread's own generator.
impl Random for Chop {
    type Source = Drawn<ThreadRng>;

    // Not inline: the deterministic modes' operands would not stay in registers beside it.
    #[inline(never)]
    fn draw<R>(&self, _count: u64, run: impl FnOnce(&mut Self::Source, u64) -> R) -> R {
        run(&mut Drawn::new(rand::rng()), 0)
    }

    fn share(&self, _count: u64) -> (impl Fn() -> Self::Source + Sync + use<>, u64) {
        (|| Drawn::new(rand::rng()), 0)
    }
}

impl Draws for Chop {
    #[inline(always)]
    fn chop_ref(&self) -> &Chop {
        self
    }
}

/// `x` rounded to `format` in the given mode, with IEEE overflow and gradual underflow.
///
/// A stochastic mode draws from the thread's own generator.
///
/// ```
/// use lowprec::{chop, Format, Rounding};
/// assert_eq!(chop(0.1_f64, Format::BINARY16, Rounding::NearestEven), 0.0999755859375);
/// assert_eq!(chop(70000.0_f32, Format::BINARY16, Rounding::TowardZero), 65504.0);
/// ```
#[must_use]
#[inline(always)]
pub fn chop<T: Storage>(x: T, format: Format, rounding: Rounding) -> T {
    let rule = Rule::new(format, rounding);
    match rounding.decision() {
        // Only the one plan is made, and where format and mode are constants the compiler makes it.
        Decision::Stochastic(_) => one(&Chop::from_rule(rule), x),
        _ => kernel::chop_one(&rule, &Plan::new::<T>(&rule), x),
    }
}

/// The largest finite result in the storage type.
pub(crate) fn largest_finite<T: Storage>(chop: &Chop) -> T {
    Grid::of::<T>(&chop.format()).largest.in_storage()
}

/// The smallest positive result in the storage type.
pub(crate) fn smallest_positive<T: Storage>(chop: &Chop) -> T {
    Grid::of::<T>(&chop.format()).smallest.in_storage()
}

/// The smallest positive result with all p bits in the storage type.
pub(crate) fn smallest_normal<T: Storage>(chop: &Chop) -> T {
    Grid::of::<T>(&chop.format()).smallest_normal().in_storage()
}

/// One value.
#[inline(always)]
pub(crate) fn one<T: Storage>(rounder: &impl Draws, x: T) -> T {
    let chop = rounder.chop_ref();
    match chop.rounding().decision() {
        Decision::Stochastic(draw) => rounder.draw(1, |source, index| {
            kernel::chop_one_stochastic(&chop.rule(), chop.plan::<T>(), draw, index, source, x)
        }),
        _ => kernel::chop_result(chop.plan::<T>(), x),
    }
}

/// One value by a deterministic rounding that is a constant, all of it inline.
#[inline(always)]
pub(crate) fn by_constant<T: Storage>(chop: &Chop, x: T) -> T {
    kernel::chop_one(&chop.rule(), chop.plan::<T>(), x)
}

/// A span of values, with random bits from the rounder where the mode takes any.
pub(crate) fn run<T: Storage>(rounder: &impl Draws, span: Span<'_, T>) {
    let chop = rounder.chop_ref();
    if !chop.rounding().is_stochastic() {
        return kernel::chop_deterministic(&chop.rule(), chop.plan::<T>(), span);
    }
    rounder.draw(span.len() as u64, |source, origin| run_with(chop, source, origin, span));
}

/// Every value of one slice into another.
#[track_caller]
pub(crate) fn into<T: Storage>(rounder: &impl Draws, from: &[T], to: &mut [T]) {
    same_length(from.len(), to.len());
    run(rounder, Span::Into(from, to));
}

/// One value with random bits from a source, of which it is the element `index`.
#[inline(always)]
pub(crate) fn one_with<T: Storage>(chop: &Chop, source: &mut dyn Source, index: u64, x: T) -> T {
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    match rule.rounding.decision() {
        Decision::Stochastic(draw) => {
            kernel::chop_one_stochastic(rule, plan, draw, index, source, x)
        }
        _ => kernel::chop_result(plan, x),
    }
}

/// A span of values with random bits from a source; the first value is its element `origin`.
pub(crate) fn run_with<T: Storage>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    span: Span<'_, T>,
) {
    let (rule, plan) = (&chop.rule(), chop.plan::<T>());
    match rule.rounding.decision() {
        Decision::Stochastic(draw) if draw != Draw::Exact && !kernel::settles(plan, draw) => {
            let double = chop.plan::<f64>();
            if T::PRECISION < f64::PRECISION && double.in_single && kernel::settles(double, draw) {
                widened(chop, draw, origin, source, span);
            } else {
                kernel::chop_stochastic(rule, plan, draw, origin, source, span);
            }
        }
        Decision::Stochastic(draw) => {
            kernel::chop_stochastic(rule, plan, draw, origin, source, span);
        }
        _ => kernel::chop_deterministic(rule, plan, span),
    }
}

/// More random bits than `f32` has room for: in `f64`, which rounds to the same numbers.
#[inline(never)]
fn widened<T: Storage>(
    chop: &Chop,
    drawing: Draw,
    origin: u64,
    source: &mut dyn Source,
    span: Span<'_, T>,
) {
    let (rule, plan) = (&chop.rule(), chop.plan::<f64>());
    let (from, to) = match span {
        Span::InPlace(values) => (None, values),
        Span::Into(from, to) => (Some(from), to),
    };
    let mut room = [const { Buffer([0.0_f64; CHUNK]) }; 2];
    for (index, part) in to.chunks_mut(CHUNK).enumerate() {
        let (start, count) = (index * CHUNK, part.len());
        let [wide, rounded] = room.each_mut().map(|room| &mut room.0[..count]);
        slices::widen(from.map_or(&*part, |from| &from[start..start + count]), wide);
        let origin = origin.wrapping_add(start as u64);
        kernel::chop_stochastic(rule, plan, drawing, origin, source, Span::Into(wide, rounded));
        slices::narrow(rounded, part);
    }
}

/// Rounding values with random bits of one's own.
impl Chop {
    /// `x` rounded with random bits from `rng`: 32 for the value, more only where they tie with the
    /// fraction cut off. Deterministic modes draw nothing.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// use rand::{SeedableRng, rngs::StdRng};
    /// let mut rng = StdRng::seed_from_u64(7);
    /// let y = Chop::new(Format::BFLOAT16, Rounding::Stochastic).chop_with(0.1_f64, &mut rng);
    /// assert!(y == 0.099609375 || y == 0.10009765625);
    /// ```
    #[must_use]
    pub fn chop_with<T: Storage, R: Rng + ?Sized>(&self, x: T, rng: &mut R) -> T {
        let mut value = [x];
        self.chop_slice_with(&mut value, rng);
        value[0]
    }

    /// Rounds every value in place with random bits from `rng`: 32 a value, in order of 64 values at
    /// a time, then more for those of the 64 that tie.
    pub fn chop_slice_with<T: Storage, R: Rng + ?Sized>(&self, values: &mut [T], rng: &mut R) {
        run_with(self, &mut Drawn::new(rng), 0, Span::InPlace(values));
    }

    /// Rounds every value in place with the random bits in `words`, one word a value, the most
    /// significant bit first. `Stochastic` takes U = 0.word and past its 32 bits says "not away"; a
    /// P3109 mode of n bits takes the n most significant as R.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    /// let mut x = [1.0 + 0.25 / 128.0; 2];                // a quarter of the way up
    /// sr.chop_slice_words(&mut x, &[0x3fff_ffff, 0x4000_0000]);
    /// assert_eq!(x, [1.0 + 1.0 / 128.0, 1.0]);
    /// ```
    #[track_caller]
    pub fn chop_slice_words<T: Storage>(&self, values: &mut [T], words: &[u32]) {
        assert!(values.len() == words.len(), "{} values, {} words", values.len(), words.len());
        run_with(self, &mut Given(words), 0, Span::InPlace(values));
    }
}
