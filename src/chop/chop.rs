//! `Chop`: a rounding as plain data, with the methods that apply it.

use core::fmt;
use core::hash::{Hash, Hasher};

use rand::Rng;
use rand::rngs::ThreadRng;

use crate::definition::Rule;
use crate::format::{Format, Grid};
use crate::kernel::plan::Plan;
use crate::kernel::{self, Span};
use crate::rounding::random::{Drawn, Given, Source};
use crate::rounding::{Decision, Overflow, Rounding, Underflow};
use crate::slices::same_length;
use crate::storage::Storage;

/// A rounding: a format, a mode and the two policies.
///
/// Plain data (`Copy`, `Eq`, `Hash`, `const`): it holds no seed and no position, so a shared or
/// copied value never repeats its random numbers unnoticed. Its stochastic calls draw from the
/// thread's own generator, as `rand::rng()` does; for reproducible ones take a
/// [`stream`](Chop::stream).
///
/// ```
/// use lowprec::{Chop, Format, Overflow, Rounding};
/// const FP8: Chop = Chop::new(Format::OCP_E4M3, Rounding::NearestEven)
///     .with_overflow(Overflow::Saturate);
///
/// let mut values = [0.1_f32, -3.3, 1000.0];
/// FP8.chop_slice(&mut values);
/// assert_eq!(values, [0.1015625, -3.25, 448.0]);
/// ```
#[derive(Clone, Copy)]
pub struct Chop {
    rule: Rule,
    /// What the kernels want to know of the rule, for `f32` and for `f64`.
    single: Plan,
    double: Plan,
}

/// Two are equal where their rules are.
impl PartialEq for Chop {
    fn eq(&self, other: &Self) -> bool {
        self.rule == other.rule
    }
}

impl Eq for Chop {}

impl Hash for Chop {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rule.hash(state);
    }
}

impl fmt::Debug for Chop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rule { format, rounding, overflow, underflow } = &self.rule;
        f.debug_struct("Chop")
            .field("format", format)
            .field("rounding", rounding)
            .field("overflow", overflow)
            .field("underflow", underflow)
            .finish()
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
        Decision::Stochastic(_) => Chop::of_rule(rule).chop(x),
        _ => kernel::chop_one(&rule, &Plan::new::<T>(&rule), x),
    }
}

/// Building a rounding and asking what it is.
impl Chop {
    /// A rounding with IEEE overflow and gradual underflow.
    #[must_use]
    pub const fn new(format: Format, rounding: Rounding) -> Self {
        Self::of_rule(Rule::new(format, rounding))
    }

    /// The rounding by a rule.
    #[must_use]
    pub const fn of_rule(rule: Rule) -> Self {
        Self { rule, single: Plan::new::<f32>(&rule), double: Plan::new::<f64>(&rule) }
    }

    #[inline(always)]
    pub(crate) fn plan<T: Storage>(&self) -> &Plan {
        if T::PRECISION == f32::MANTISSA_DIGITS { &self.single } else { &self.double }
    }

    /// The same rounding with another overflow policy.
    #[must_use]
    pub const fn with_overflow(self, overflow: Overflow) -> Self {
        Self::of_rule(Rule { overflow, ..self.rule })
    }

    /// The same rounding with another underflow policy.
    #[must_use]
    pub const fn with_underflow(self, underflow: Underflow) -> Self {
        Self::of_rule(Rule { underflow, ..self.rule })
    }

    /// The rule: what [`reference`](crate::reference) takes.
    #[must_use]
    pub const fn rule(&self) -> Rule {
        self.rule
    }

    /// The format.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.rule.format
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.rule.rounding
    }

    /// The overflow policy.
    #[must_use]
    pub const fn overflow(&self) -> Overflow {
        self.rule.overflow
    }

    /// The underflow policy.
    #[must_use]
    pub const fn underflow(&self) -> Underflow {
        self.rule.underflow
    }
}

/// What format and storage type have in common: a format wider than its storage is the
/// intersection of the two.
impl Chop {
    /// The largest finite result in storage type `T`; zero where the storage holds none of the
    /// format's other finite values.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// let wide = Chop::new(Format::unbounded(11)?, Rounding::NearestEven);
    /// assert_eq!(wide.largest_finite::<f32>(), (2.0 - 2f32.powi(-10)) * 2f32.powi(127));
    /// # Ok::<(), lowprec::FormatError>(())
    /// ```
    #[must_use]
    pub fn largest_finite<T: Storage>(&self) -> T {
        Grid::of::<T>(&self.rule.format).largest.in_storage()
    }

    /// The smallest positive result in storage type `T`; infinity where the storage holds none.
    #[must_use]
    pub fn smallest_positive<T: Storage>(&self) -> T {
        Grid::of::<T>(&self.rule.format).smallest.in_storage()
    }

    /// The smallest positive result with all p digits in storage type `T`, as far as the storage has
    /// it; infinity where it lies beyond.
    #[must_use]
    pub fn smallest_normal<T: Storage>(&self) -> T {
        Grid::of::<T>(&self.rule.format).smallest_normal().in_storage()
    }
}

/// Rounding values.
impl Chop {
    /// `x` rounded.
    #[must_use]
    #[inline]
    pub fn chop<T: Storage>(&self, x: T) -> T {
        one(self, x)
    }

    /// Rounds every value in place.
    pub fn chop_slice<T: Storage>(&self, values: &mut [T]) {
        run(self, Span::InPlace(values));
    }

    /// Rounds every value of `from` into `to`.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
        same_length(from.len(), to.len());
        run(self, Span::Into(from, to));
    }

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

/// Code that takes either a [`Chop`] or a [`Stream`](crate::Stream) takes this. Sealed.
///
/// ```
/// use lowprec::{Chop, Format, Rounder, Rounding};
/// fn rounded_sum(rounder: &impl Rounder, terms: &[f64]) -> f64 {
///     terms.iter().fold(0.0, |sum, &term| rounder.chop(sum + term))
/// }
/// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
/// let terms = [1e-4; 10_000];
/// assert!(rounded_sum(&Chop::new(Format::BFLOAT16, Rounding::NearestEven), &terms) < 0.1);
/// assert!((rounded_sum(&sr.stream(1), &terms) - 1.0).abs() < 0.2);
/// ```
pub trait Rounder: Draws {
    /// The rule.
    fn rule(&self) -> Rule;

    /// `x` rounded.
    #[must_use]
    #[inline]
    fn chop<T: Storage>(&self, x: T) -> T
    where
        Self: Sized,
    {
        one(self, x)
    }

    /// Rounds every value in place.
    fn chop_slice<T: Storage>(&self, values: &mut [T])
    where
        Self: Sized,
    {
        run(self, Span::InPlace(values));
    }

    /// Rounds every value of `from` into `to`.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    fn chop_into<T: Storage>(&self, from: &[T], to: &mut [T])
    where
        Self: Sized,
    {
        same_length(from.len(), to.len());
        run(self, Span::Into(from, to));
    }
}

impl Rounder for Chop {
    #[inline]
    fn rule(&self) -> Rule {
        self.rule
    }
}

impl Draws for Chop {
    type Source = Drawn<ThreadRng>;

    #[inline(always)]
    fn chop_ref(&self) -> &Chop {
        self
    }

    fn draw<R>(&self, _count: u64, run: impl FnOnce(&mut Self::Source, u64) -> R) -> R {
        run(&mut Drawn::new(rand::rng()), 0)
    }
}

pub(crate) use draws::Draws;

mod draws {
    use crate::rounding::random::Source;

    /// Where a rounder's random bits come from; not nameable outside the crate.
    pub trait Draws {
        type Source: Source;

        /// The rounding, without a copy.
        fn chop_ref(&self) -> &super::Chop;

        /// Calls `run` with a source for `count` elements and the number of the first.
        fn draw<R>(&self, count: u64, run: impl FnOnce(&mut Self::Source, u64) -> R) -> R;
    }
}

/// One value.
#[inline(always)]
pub(crate) fn one<T: Storage>(rounder: &impl Rounder, x: T) -> T {
    let chop = rounder.chop_ref();
    match chop.rule.rounding.decision() {
        Decision::Stochastic(draw) => rounder.draw(1, |source, index| {
            kernel::chop_one_stochastic(&chop.rule, chop.plan::<T>(), draw, index, source, x)
        }),
        _ => kernel::chop_one(&chop.rule, chop.plan::<T>(), x),
    }
}

/// A span of values, with random bits from the rounder where the mode takes any.
pub(crate) fn run<T: Storage>(rounder: &impl Rounder, span: Span<'_, T>) {
    let chop = rounder.chop_ref();
    if !chop.rule.rounding.is_stochastic() {
        return kernel::chop_deterministic(&chop.rule, chop.plan::<T>(), span);
    }
    rounder.draw(span.len() as u64, |source, origin| run_with(chop, source, origin, span));
}

/// One value with random bits from a source, of which it is the element `index`.
#[inline(always)]
pub(crate) fn one_with<T: Storage>(chop: &Chop, source: &mut dyn Source, index: u64, x: T) -> T {
    let (rule, plan) = (&chop.rule, chop.plan::<T>());
    match rule.rounding.decision() {
        Decision::Stochastic(draw) => {
            kernel::chop_one_stochastic(rule, plan, draw, index, source, x)
        }
        _ => kernel::chop_one(rule, plan, x),
    }
}

/// A span of values with random bits from a source; the first value is its element `origin`.
pub(crate) fn run_with<T: Storage>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    span: Span<'_, T>,
) {
    let (rule, plan) = (&chop.rule, chop.plan::<T>());
    match rule.rounding.decision() {
        Decision::Stochastic(draw) => {
            kernel::chop_stochastic(rule, plan, draw, origin, source, span);
        }
        _ => kernel::chop_deterministic(rule, plan, span),
    }
}
