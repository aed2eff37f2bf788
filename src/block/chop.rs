//! `BlockChop`: a block format with a rounding mode, and the methods that apply it, with a seed or without.

use core::fmt;

use super::exact::Engine;
use super::format::{BlockFormat, Coding};
use super::minimum;
use super::scale::{Scaler, Scales, Steps};
use super::tiling::{Tiling, count};
use super::{divided, exact, fast, shaped};
use crate::chop::{Chop, Random, Seedable, Seeded, seeded};
use crate::error::{FormatError, ShapeError};
use crate::format::{Format, power_of_two};
use crate::kernel::{self, BlockPlan, DividedPlan, PowerPlan};
use crate::rounding::random::Source;
use crate::rounding::{Overflow, Rounding};
use crate::slices::{self, same_length};
use crate::storage::Storage;

/// Rounds to a block format: finds each block's scale, divides by it, rounds the quotients in a mode.
///
/// Plain data, as [`Chop`] is: all that is made once is made here, so that a call on a few values takes
/// nanoseconds. Elements that overflow saturate. A result is element · s · g, exact in
/// binary64, rounded to nearest even in the storage type: in `f32` too it is exact for scales that
/// are powers of two, unless it lies beyond the range.
///
/// In a slice blocks lie one after another, the last one may be shorter; in an array they lie along
/// the axis given, or are tiles of the last two. Stochastic modes draw from the thread's generator,
/// or from a [`stream`](BlockChop::stream): a result then depends on seed, the value's position in
/// row-major order, the value and its block alone. Scales are never rounded stochastically. The
/// probability is that of the exact quotient.
///
/// ```
/// use lowprec::{BlockChop, BlockFormat, Rounding};
/// const FP4: BlockChop = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
/// let mut values = [0.1_f32, -0.7, 5.9, 7.5];
/// FP4.chop_slice(&mut values);
/// assert_eq!(values, [0.0, -0.5, 6.0, 6.0]);              // scale 1: 2^(⌊log2 7.5⌋ - 2)
/// let codes = FP4.quantize(&[0.1_f32, -0.7, 5.9, 7.5]);
/// assert_eq!(codes.codes().bytes(), [0x90, 0x77]);
/// assert_eq!(codes.scale_code(0), Some(127));
/// assert_eq!(codes.dequantize::<f32>(), values);
/// ```
#[derive(Clone, Copy)]
pub struct BlockChop {
    format: BlockFormat,
    element: Chop,
    shared: u32,
    scaler: Scaler,
    /// The kernel's ways, where there are such for format and mode: for blocks of 32, and of any shape.
    fast: Option<BlockPlan>,
    power: Option<PowerPlan>,
    /// And for scales of any kind.
    divided: Option<DividedPlan>,
}

/// Two are equal where format, mode and shared bits are.
impl PartialEq for BlockChop {
    fn eq(&self, other: &Self) -> bool {
        let facts = |chop: &Self| (chop.format, chop.rounding(), chop.shared);
        facts(self) == facts(other)
    }
}

impl Eq for BlockChop {}

/// Equally spaced elements and the next one beyond, both ways: two's complement reaches it below, the elements'
/// own format, symmetric, does not. What is rounded to it above saturates afterwards.
const fn with_lowest(element: &Format) -> Format {
    let (digits, exponent) = (element.precision(), element.emax());
    let Ok(format) = Format::from_range(digits, exponent, exponent + 1) else { panic!("digits") };
    let Ok(format) = format.with_infinities(false) else { panic!("finite numbers") };
    let next = power_of_two(exponent + 1);
    let Ok(format) = format.with_largest_finite(next) else { panic!("a number of them") };
    format
}

impl BlockChop {
    /// Rounding to `format` in the given mode.
    #[must_use]
    pub const fn new(format: BlockFormat, rounding: Rounding) -> Self {
        let elements = match format.coding {
            Coding::Own | Coding::Twos => format.element,
            Coding::TwosFull | Coding::Offset => with_lowest(&format.element),
        };
        let element = Chop::new(elements, rounding).with_overflow(Overflow::Saturate);
        let (scaler, fast) = (Scaler::new(&format), fast::plan(&format, &element));
        let power = shaped::plan(&format, &element);
        let divided = divided::plan(&format, &element);
        Self { format, element, shared: 1, scaler, fast, power, divided }
    }

    /// A rounding with random bits that `count` neighbours share, as hardware instructions do: the
    /// values at positions k·count to k·count + count - 1 take the bits of position k.
    ///
    /// Each value is rounded without bias all the same, but the errors of neighbours are no longer
    /// independent: where all fractions cut off are alike they round the same way, and the variance
    /// of a sum of `count` of them is `count` times that of independent ones.
    ///
    /// # Errors
    ///
    /// Unless `count` is 1 to 32.
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Rounding};
    /// let sr = BlockChop::new(BlockFormat::MXFP4, Rounding::Stochastic).with_shared_bits(4)?;
    /// let mut x = [4.9_f32; 32];
    /// sr.stream(7).chop_slice(&mut x);
    /// assert!(x.chunks(4).all(|group| group == [group[0]; 4]));
    /// assert!(x.contains(&4.0) && x.contains(&6.0));
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn with_shared_bits(self, count: u32) -> Result<Self, FormatError> {
        if count < 1 || count > 32 {
            return Err(FormatError::integer("values that share bits", count as i128, "1..=32"));
        }
        Ok(Self { shared: count, ..self })
    }

    /// The block format.
    #[must_use]
    pub const fn format(&self) -> BlockFormat {
        self.format
    }

    /// The mode that elements are rounded in.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.element.rounding()
    }

    /// How many neighbours share their random bits.
    #[must_use]
    pub const fn shared_bits(&self) -> u32 {
        self.shared
    }

    pub(super) fn engine(&self) -> Engine<'_> {
        let Self { format, element, scaler, shared, power, .. } = self;
        Engine { format, element, scaler, shared: *shared, power: power.as_ref() }
    }

    pub(super) fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// The kernel's way, for `f32` values in rows of whole blocks: in those that end within one the other way is faster.
    pub(super) fn fast<T: Storage>(&self, tiling: &Tiling) -> Option<&BlockPlan> {
        let whole = tiling.is_linear() && tiling.columns.is_multiple_of(kernel::SIZE);
        let applies = T::PRECISION == f32::MANTISSA_DIGITS && whole;
        self.fast.as_ref().filter(|_| applies)
    }
}

impl fmt::Debug for BlockChop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockChop")
            .field("format", &format_args!("{}", self.format))
            .field("rounding", &self.rounding())
            .field("shared_bits", &self.shared)
            .finish()
    }
}

seeded!(BlockChop, |this| *this);

impl Seedable for BlockChop {
    fn rounding(&self) -> Rounding {
        self.rounding()
    }
}

/// Either, with where its random bits come from.
pub(super) trait Blocks {
    fn block_chop(&self) -> &BlockChop;
    fn draws(&self) -> &impl Random;
}

impl Blocks for BlockChop {
    fn block_chop(&self) -> &BlockChop {
        self
    }

    fn draws(&self) -> &impl Random {
        &self.element
    }
}

impl Blocks for Seeded<BlockChop> {
    fn block_chop(&self) -> &BlockChop {
        self.unseeded()
    }

    fn draws(&self) -> &impl Random {
        self
    }
}

/// The tiling of so many values in a shape.
pub(super) fn tiling(
    format: &BlockFormat,
    values: usize,
    shape: &[usize],
    axis: usize,
) -> Result<Tiling, ShapeError> {
    let needed = count(shape)?;
    if values != needed {
        return Err(ShapeError::Count { given: values, needed });
    }
    Tiling::new(format.block, shape, axis)
}

/// In a slice a tile is a row of it, one value high.
pub(super) fn slice_tiling(format: &BlockFormat, length: usize) -> Tiling {
    match Tiling::new(format.block, &[1, length], 1) {
        Ok(tiling) => tiling,
        Err(error) => unreachable!("a matrix of one row has all axes: {error}"),
    }
}

/// Rounds in place, or from one slice into another.
pub(super) fn chop<T: Storage>(
    blocks: &impl Blocks,
    tiling: &Tiling,
    from: Option<&[T]>,
    to: &mut [T],
) {
    let engine = blocks.block_chop().engine();
    engine.with_source(blocks.draws(), to.len(), |source, origin| {
        if let Some(plan) = blocks.block_chop().fast::<T>(tiling) {
            return fast::chop(&engine, plan, source, origin, from, to);
        }
        if let Some(from) = from {
            slices::copy(from, to);
        }
        if tiling.blocks() == 1 && to.len() <= kernel::SIZE && engine.format.minimum.is_none() {
            // What one block costs beside its values would be more than they do.
            return match engine.power {
                Some(plan) if !engine.element.rounding().is_stochastic() => {
                    shaped::chop_alone(&engine, plan, engine.scaler.product(to), to);
                }
                _ => engine.chop_all(tiling, source, origin, to),
            };
        }
        if let Some(plan) = engine.power {
            return shaped::chop_all(&engine, plan, tiling, source, origin, to);
        }
        let steps = engine.scaler.steps(tiling, to);
        by_steps(blocks.block_chop(), tiling, &steps, source, origin, to);
    });
}

/// Rounds in place by scales that are known.
pub(super) fn by_steps<T: Storage>(
    chop: &BlockChop,
    tiling: &Tiling,
    steps: &Steps,
    source: &mut dyn Source,
    origin: u64,
    to: &mut [T],
) {
    let engine = chop.engine();
    match (engine.power, &chop.divided) {
        _ if engine.format.minimum.is_some() => {
            minimum::chop(&engine, chop.divided.as_ref(), tiling, steps, (source, origin), to);
        }
        (Some(plan), _) => shaped::chop(&engine, plan, tiling, steps, source, origin, to),
        (None, Some(plan)) => divided::chop(&engine, plan, tiling, steps, (source, origin), to),
        (None, None) => engine.chop(tiling, &steps.products, source, origin, to),
    }
}

/// Rounds in place by scales that are known, in formats without minima.
pub(super) fn chop_by<T: Storage>(
    blocks: &impl Blocks,
    tiling: &Tiling,
    scales: &Scales,
    values: &mut [T],
) {
    let engine = blocks.block_chop().engine();
    engine.with_source(blocks.draws(), values.len(), |source: &mut dyn Source, origin| {
        engine.chop(tiling, &scales.steps.products, source, origin, values);
    });
}

macro_rules! block_methods {
    ($blocks:ty) => {
        /// Rounding values.
        impl $blocks {
            /// Rounds every value in place, in blocks along the slice. A tile's width counts, its
            /// height does not.
            pub fn chop_slice<T: Storage>(&self, values: &mut [T]) {
                let tiling = slice_tiling(&self.block_chop().format, values.len());
                chop(self, &tiling, None, values);
            }

            /// Rounds every value of `from` into `to`, in blocks along the slice.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn chop_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
                same_length(from.len(), to.len());
                let tiling = slice_tiling(&self.block_chop().format, from.len());
                chop(self, &tiling, Some(from), to);
            }

            /// Rounds every value of an array in place: values in row-major order, blocks along
            /// `axis`. The axis does not matter to tiles, which lie in the last two, and to one scale
            /// for all.
            ///
            /// # Errors
            ///
            /// Unless there are as many values as the shape has elements, and the shape has the axis,
            /// or two for tiles. Nothing is rounded then.
            ///
            /// ```
            /// use lowprec::{BlockChop, BlockFormat, Rounding};
            /// let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
            /// let mut columns = [1.1_f32, 64.0, 1.1, 70.0];
            /// fp4.chop_shaped(&mut columns, &[2, 2], 0)?;
            /// assert_eq!(columns, [1.0, 64.0, 1.0, 64.0]);
            /// # Ok::<(), lowprec::error::ShapeError>(())
            /// ```
            pub fn chop_shaped<T: Storage>(
                &self,
                values: &mut [T],
                shape: &[usize],
                axis: usize,
            ) -> Result<(), ShapeError> {
                let tiling = tiling(&self.block_chop().format, values.len(), shape, axis)?;
                chop(self, &tiling, None, values);
                Ok(())
            }
        }
    };
}

block_methods!(BlockChop);
block_methods!(Seeded<BlockChop>);

/// Elements of all values with their products, as `exact` gives them.
pub(super) fn elements<T: Storage>(
    blocks: &impl Blocks,
    tiling: &Tiling,
    steps: &Steps,
    values: &[T],
    take: impl FnMut(exact::Rounded<'_>),
) {
    let engine = blocks.block_chop().engine();
    engine.with_source(blocks.draws(), values.len(), |source, origin| {
        let random: (&mut dyn Source, u64) = (source, origin);
        match engine.power {
            Some(plan) => shaped::elements(&engine, plan, tiling, steps, random, values, take),
            None => {
                let plan = blocks.block_chop().divided.as_ref();
                divided::elements(&engine, plan, tiling, steps, random, values, take);
            }
        }
    });
}
