//! Random numbers: the distributions of `rand`, rounded down so that the upper end stays out.

use core::fmt;
use core::marker::PhantomData;

use rand::Rng;
use rand::distr::uniform::{Error, SampleBorrow, SampleUniform, UniformFloat, UniformSampler};
use rand::distr::{Distribution, StandardUniform};

use super::Number;
use super::context::{Context, round_f64};
use crate::chop::Chop;

/// A uniform `f64` in [0, 1), a multiple of 2^-53, rounded down: each number of the format comes with
/// the probability of the gap above it, but for those below 2^-53.
///
/// ```
/// use lowprec::{Lp, number::OcpE2m1};
/// use rand::{RngExt, SeedableRng, rngs::StdRng};
/// let mut rng = StdRng::seed_from_u64(1);
/// let halves = (0..1000).filter(|_| rng.random::<Lp<OcpE2m1>>().to_f64() == 0.5).count();
/// assert!((450..550).contains(&halves));       // FP4 has 0 and 0.5 there
/// ```
impl<C: Context> Distribution<Number<C>> for StandardUniform {
    #[track_caller]
    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Number<C> {
        let x: f64 = StandardUniform.sample(rng);
        Number::of(round_f64(&C::rounding_down(), x))
    }
}

/// Uniform numbers between two: `f64` ones, rounded down to the format.
pub struct UniformNumber<C: Context> {
    sampler: UniformFloat<f64>,
    down: Chop,
    context: PhantomData<fn() -> C>,
}

impl<C: Context> Clone for UniformNumber<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Context> Copy for UniformNumber<C> {}

impl<C: Context> fmt::Debug for UniformNumber<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniformNumber").field("sampler", &self.sampler).finish_non_exhaustive()
    }
}

impl<C: Context> UniformNumber<C> {
    #[track_caller]
    fn by(sampler: UniformFloat<f64>) -> Self {
        Self { sampler, down: C::rounding_down(), context: PhantomData }
    }
}

/// `rng.random_range(low..high)` and its relatives: a uniform `f64` in the range, rounded down. The
/// lower end is a number of the format, so nothing falls below; the upper end of an inclusive range comes
/// with the small probability that it has in `f64`.
///
/// ```
/// use lowprec::{Lp, number::Bfloat16};
/// use rand::{RngExt, SeedableRng, rngs::StdRng};
/// let mut rng = StdRng::seed_from_u64(1);
/// let [low, high] = [-1.0, 3.0].map(Lp::<Bfloat16>::from_f64);
/// assert!((0..1000).map(|_| rng.random_range(low..high)).all(|x| low <= x && x < high));
/// ```
impl<C: Context> SampleUniform for Number<C> {
    type Sampler = UniformNumber<C>;
}

impl<C: Context> UniformSampler for UniformNumber<C> {
    type X = Number<C>;

    #[track_caller]
    fn new<B1, B2>(low: B1, high: B2) -> Result<Self, Error>
    where
        B1: SampleBorrow<Number<C>> + Sized,
        B2: SampleBorrow<Number<C>> + Sized,
    {
        let (low, high) = (low.borrow().to_f64(), high.borrow().to_f64());
        UniformFloat::new(low, high).map(Self::by)
    }

    #[track_caller]
    fn new_inclusive<B1, B2>(low: B1, high: B2) -> Result<Self, Error>
    where
        B1: SampleBorrow<Number<C>> + Sized,
        B2: SampleBorrow<Number<C>> + Sized,
    {
        let (low, high) = (low.borrow().to_f64(), high.borrow().to_f64());
        UniformFloat::new_inclusive(low, high).map(Self::by)
    }

    fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> Number<C> {
        Number::of(round_f64(&self.down, self.sampler.sample(rng)))
    }
}
