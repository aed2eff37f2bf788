//! `BlockFormat`: an element format, a block, a scale format and a scale rule.

use core::fmt;

use crate::error::FormatError;
use crate::format::Format;

/// Which values share a scale.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum BlockShape {
    /// So many neighbours along one axis; the last block of a row may be shorter.
    Along(usize),
    /// A tile in the last two axes; tiles at the edges may be smaller.
    Tile {
        /// Height: along the last axis but one.
        rows: usize,
        /// Width: along the last axis.
        columns: usize,
    },
    /// All values.
    Tensor,
}

/// What NaN and infinities make of their block.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Specials {
    /// Where a value is NaN or infinite, the scale is NaN, and with it the whole block.
    Nan,
    /// The scale is that of the finite values; an infinity becomes the largest number of its sign,
    /// NaN the element format's NaN or, where that has none, the largest number, as in CUDA's
    /// conversions.
    Saturate,
}

/// How a block's scale s is found from its largest finite magnitude amax. max is the element
/// format's largest number, emax that number's exponent.
///
/// ⌊log2⌋ and ⌈log2⌉ are exact, from the bits of the number; a quotient is exact and rounded once. In
/// a format with a tensor scale g, amax stands for amax/g.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub enum ScaleRule {
    /// 2^(⌊log2 amax⌋ - emax): OCP MX 1.0, 6.3. Values between max·s and 2^(emax+1)·s saturate.
    Floor,
    /// 2^(⌈log2 amax⌉ - emax). Nothing saturates.
    Ceil,
    /// 2^⌈log2(amax / max)⌉, the smallest power of two with which nothing saturates: cuBLAS,
    /// Transformer Engine.
    Rceil,
    /// amax rounded to the element format's bits, to nearest with ties up, then as `Floor`
    /// (torchao's EVEN).
    Even,
    /// amax rounded to the scale format, to nearest even: P3109's ConvertToBlockMaxAbsFinite.
    MaxAbs,
    /// amax / max rounded to the scale format, to nearest even: NVFP4, FP8 with `f32` scales.
    Absmax,
    /// The value of the largest magnitude, the first of several, divided by the lowest element and rounded
    /// to the scale format, to nearest even; so that this value takes the lowest code, which goes further
    /// than the largest. Scales are negative where that value is positive: GGUF's Q4_0. In an unsigned
    /// scale format they are positive all the same.
    Extreme,
    /// The scale among candidates with the least sum of squared errors, elements rounded to nearest
    /// even; of equals the largest. Candidates: for a scale format of powers of two, the scale of
    /// `Rceil` and the four below it; for others, j/64 of the smallest scale with which nothing
    /// saturates, j = 16 to 64, rounded to nearest even.
    LeastSquares,
    /// A function of the block's finite values, divided by the tensor scale if there is one, and the
    /// format. Its result is rounded to the scale format, to nearest even; what is not a positive
    /// number counts as zero.
    Custom(fn(&[f64], &BlockFormat) -> f64),
}

/// Functions are compared by address.
impl PartialEq for ScaleRule {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Custom(a), Self::Custom(b)) => core::ptr::fn_addr_eq(*a, *b),
            _ => core::mem::discriminant(self) == core::mem::discriminant(other),
        }
    }
}

impl Eq for ScaleRule {}

impl ScaleRule {
    /// Every rule but `Custom`, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::Floor,
        Self::Ceil,
        Self::Rceil,
        Self::Even,
        Self::MaxAbs,
        Self::Absmax,
        Self::Extreme,
        Self::LeastSquares,
    ];

    /// The word that `Display` prints.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::Rceil => "rceil",
            Self::Even => "even",
            Self::MaxAbs => "max-abs",
            Self::Absmax => "absmax",
            Self::Extreme => "extreme",
            Self::LeastSquares => "least-squares",
            Self::Custom(_) => "custom",
        }
    }
}

impl fmt::Display for ScaleRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How the elements are coded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub(crate) enum Coding {
    /// By the element format.
    Own,
    /// In two's complement, without the lowest code.
    Twos,
    /// In two's complement, the lowest code too, which stands for one more than the largest, negative.
    TwosFull,
    /// All of them counted from the lowest: GGUF's Q4_0.
    Offset,
}

impl Coding {
    /// Whether there is an element lower than minus the largest.
    pub(super) const fn has_lowest(self) -> bool {
        matches!(self, Self::TwosFull | Self::Offset)
    }
}

/// A block-scaled format: a value is element · s · g, with a scale s for each block and a scale g for
/// the whole, 1 unless there is a second level; or element · s + m, with a minimum m for each block too
/// ([`BlockFormat::with_minimum`]).
///
/// Plain data, made as a constant or at run time; [`BlockChop`](crate::BlockChop) rounds to it. The
/// formats in use are constants: [`BlockFormat::MXFP4`], [`BlockFormat::NVFP4`] …
///
/// ```
/// use lowprec::{BlockFormat, Format, block::{BlockShape, ScaleRule}};
/// const ROWS: BlockShape = BlockShape::Along(64);
/// let own = BlockFormat::new(Format::OCP_E2M3, ROWS, Format::OCP_E8M0, ScaleRule::Rceil)?;
/// assert_eq!(own.bits_per_value(), Some(6.125));
/// assert_eq!(own.to_string(), "e2m3fn x e8m0fnu, 64, rceil");
/// let zero = BlockFormat::new(
///     Format::OCP_E2M3, BlockShape::Along(0), Format::OCP_E8M0, ScaleRule::Floor,
/// ).unwrap_err();
/// assert_eq!(zero.to_string(), "block size: 0 given, 1..=16777216 allowed");
/// # Ok::<(), lowprec::error::FormatError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BlockFormat {
    pub(super) element: Format,
    pub(super) coding: Coding,
    pub(super) block: BlockShape,
    pub(super) scale: Format,
    pub(super) minimum: Option<Format>,
    pub(super) rule: ScaleRule,
    pub(super) tensor_scale: bool,
    pub(super) specials: Specials,
}

/// Most values of a block along an axis.
const SIZES: core::ops::RangeInclusive<usize> = 1..=1 << 24;
const SIZES_TEXT: &str = "1..=16777216";

/// Exponents that elements and scales may have: products and quotients then stay within binary64.
const EXPONENT: i32 = 256;
const EXPONENT_TEXT: &str = "-256..=256";

const fn check_exponents(field: &'static str, format: &Format) -> Result<(), FormatError> {
    let (least, most) = (format.emin() - format.mantissa_bits() as i32, format.emax());
    if least < -EXPONENT {
        return Err(FormatError::integer(field, least as i128, EXPONENT_TEXT));
    }
    if most > EXPONENT {
        return Err(FormatError::integer(field, most as i128, EXPONENT_TEXT));
    }
    Ok(())
}

const fn check_bits(
    field: &'static str,
    format: &Format,
    most: u32,
    allowed: &'static str,
) -> Result<(), FormatError> {
    match format.total_bits() {
        Some(bits) if bits <= most => Ok(()),
        Some(bits) => Err(FormatError::integer(field, bits as i128, allowed)),
        None => Err(FormatError::switch(field, false, "a format with codes")),
    }
}

/// The exponent of a format's last place.
const fn quantum(format: &Format) -> i32 {
    format.emin() - format.mantissa_bits() as i32
}

const fn lesser(a: i32, b: i32) -> i32 {
    if a < b { a } else { b }
}

const fn check_size(field: &'static str, size: usize) -> Result<(), FormatError> {
    if size < *SIZES.start() || size > *SIZES.end() {
        return Err(FormatError::integer(field, size as i128, SIZES_TEXT));
    }
    Ok(())
}

/// `?` in a constant.
macro_rules! check {
    ($result:expr) => {
        if let Err(error) = $result {
            return Err(error);
        }
    };
}

impl BlockFormat {
    /// A format with one level of scales. NaN and infinities make their block NaN where the scale
    /// format has a NaN, else they saturate.
    ///
    /// # Errors
    ///
    /// Unless elements have at most 16 bits and a zero, scales at most 32 bits, both have exponents
    /// within ±256, and blocks 1 to 2^24 values a side.
    pub const fn new(
        element: Format,
        block: BlockShape,
        scale: Format,
        rule: ScaleRule,
    ) -> Result<Self, FormatError> {
        check!(check_bits("element bits", &element, 16, "1..=16"));
        check!(check_exponents("element exponent", &element));
        check!(check_bits("scale bits", &scale, 32, "1..=32"));
        check!(check_exponents("scale exponent", &scale));
        if !element.has_zero() {
            return Err(FormatError::switch("zero of the element format", false, "only yes"));
        }
        match block {
            BlockShape::Along(size) => check!(check_size("block size", size)),
            BlockShape::Tile { rows, columns } => {
                check!(check_size("tile rows", rows));
                check!(check_size("tile columns", columns));
            }
            BlockShape::Tensor => {}
        }
        let specials = Self::default_specials(&scale);
        let coding = Coding::Own;
        let (tensor_scale, minimum) = (false, None);
        let format = Self { element, coding, block, scale, minimum, rule, tensor_scale, specials };
        format.checked()
    }

    /// What NaN does unless asked otherwise.
    pub(super) const fn default_specials(scale: &Format) -> Specials {
        if scale.has_nan() { Specials::Nan } else { Specials::Saturate }
    }

    /// A format from all its facts, through the checks.
    #[expect(clippy::too_many_arguments, reason = "all facts, from text and serde")]
    pub(super) fn from_facts(
        element: Format,
        coding: Coding,
        block: BlockShape,
        scale: Format,
        minimum: Option<Format>,
        rule: ScaleRule,
        tensor_scale: bool,
        specials: Option<Specials>,
    ) -> Result<Self, FormatError> {
        let own = Self::new(element, block, scale, rule)?;
        if coding != Coding::Own && !element.is_sign_magnitude() {
            let allowed = "only no, but for elements that are equally spaced, of both signs,";
            return Err(FormatError::switch("codes of integers", true, allowed));
        }
        let format = Self { coding, ..own }.with_minimum(minimum)?;
        format.with_tensor_scale(tensor_scale)?.with_specials(specials.unwrap_or(own.specials))
    }

    /// Products of element and scales, and sums of these and minima, are exact in binary64.
    const fn checked(self) -> Result<Self, FormatError> {
        let tensor = if self.tensor_scale { f32::MANTISSA_DIGITS } else { 0 };
        let digits = self.element.precision() + self.scale.precision() + tensor;
        if digits > f64::MANTISSA_DIGITS {
            let field = "digits of element and scales together";
            return Err(FormatError::integer(field, digits as i128, "at most 53"));
        }
        let Some(minimum) = self.minimum else { return Ok(self) };
        if self.tensor_scale {
            let allowed = "only no, in formats with a scale for the whole,";
            return Err(FormatError::switch("minimum", true, allowed));
        }
        // From the last place of either to the first of the sum.
        let last = lesser(quantum(&self.element) + quantum(&self.scale), quantum(&minimum));
        let most = self.element.emax() + self.scale.emax() + 1;
        let first = if most > minimum.emax() { most } else { minimum.emax() } + 1;
        let digits = first - last + 1;
        if digits > f64::MANTISSA_DIGITS as i32 {
            let field = "digits of element times scale plus minimum";
            return Err(FormatError::integer(field, digits as i128, "at most 53"));
        }
        Ok(self)
    }

    /// A format of integer elements k, |k| < 2^(bits - 1), in two's complement, with one level of scales; the
    /// lowest code is left out ([`BlockFormat::with_lowest_code`]).
    ///
    /// # Errors
    ///
    /// Unless 2 ≤ `bits` ≤ 16, and for the reasons of [`BlockFormat::new`].
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Format, Rounding, block::{BlockShape, ScaleRule}};
    /// let block = BlockShape::Along(16);
    /// let int4 = BlockFormat::integer(4, block, Format::BFLOAT16, ScaleRule::Absmax)?;
    /// let mut x = [1.0_f32, -7.0, 3.4];
    /// BlockChop::new(int4, Rounding::NearestEven).chop_slice(&mut x);
    /// assert_eq!(x, [1.0, -7.0, 3.0]);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn integer(
        bits: u32,
        block: BlockShape,
        scale: Format,
        rule: ScaleRule,
    ) -> Result<Self, FormatError> {
        if bits < 2 || bits > 16 {
            return Err(FormatError::integer("element bits", bits as i128, "2..=16"));
        }
        match Self::new(Format::signed_integers(bits as u8 - 1), block, scale, rule) {
            Ok(format) => Ok(Self { coding: Coding::Twos, ..format }),
            Err(error) => Err(error),
        }
    }

    /// This format with codes of integers counted from the lowest, 0 standing for -2^(bits - 1): GGUF's
    /// Q4_0; or in two's complement again, with the lowest code.
    ///
    /// # Errors
    ///
    /// Where elements are not integers in two's complement.
    pub const fn with_offset_codes(self, offset: bool) -> Result<Self, FormatError> {
        match self.with_lowest_code(true) {
            Ok(full) if offset => Ok(Self { coding: Coding::Offset, ..full }),
            other => other,
        }
    }

    /// This format with a minimum m for each block, or without: a value is element · s + m. m is the
    /// block's least finite value rounded to `minimum`'s format, to nearest even, saturating, and the rule
    /// finds the scale for x - m in the place of x. Elements are best unsigned then: GGUF's Q4_1 has those
    /// of 0 to 15, [`BlockFormat::unsigned_integer`].
    ///
    /// The element is (x - m)/s rounded once in deterministic modes; stochastic ones see x - m with 53
    /// digits, to odd.
    ///
    /// # Errors
    ///
    /// Unless minima have codes of at most 16 bits, a sign and zero, and element · s + m is always exact in
    /// binary64; where there is a scale for the whole.
    pub const fn with_minimum(self, minimum: Option<Format>) -> Result<Self, FormatError> {
        if let Some(format) = &minimum {
            check!(check_bits("minimum bits", format, 16, "1..=16"));
            if !format.has_zero() || !format.has_sign() {
                let allowed = "only yes";
                return Err(FormatError::switch("sign and zero of the minimum", false, allowed));
            }
        }
        Self { minimum, ..self }.checked()
    }

    /// A format of integer elements 0 to 2^bits - 1 with one level of scales, for formats with a minimum.
    ///
    /// # Errors
    ///
    /// Unless 2 ≤ `bits` ≤ 16, and for the reasons of [`BlockFormat::new`].
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Format, Rounding, block::{BlockShape, ScaleRule}};
    /// let block = BlockShape::Along(64);
    /// let plain = BlockFormat::unsigned_integer(2, block, Format::BINARY16, ScaleRule::Absmax)?;
    /// let affine = plain.with_minimum(Some(Format::BINARY16))?;
    /// let mut x = [5.0_f32, 6.1, 8.0];
    /// BlockChop::new(affine, Rounding::NearestEven).chop_slice(&mut x);
    /// assert_eq!(x, [5.0, 6.0, 8.0]);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn unsigned_integer(
        bits: u32,
        block: BlockShape,
        scale: Format,
        rule: ScaleRule,
    ) -> Result<Self, FormatError> {
        if bits < 2 || bits > 16 {
            return Err(FormatError::integer("element bits", bits as i128, "2..=16"));
        }
        Self::new(Format::unsigned_integers(bits as u8), block, scale, rule)
    }

    /// The lowest element.
    pub(super) fn lowest_element(&self) -> f64 {
        if self.coding.has_lowest() {
            return -crate::format::power_of_two(self.element.emax() + 1);
        }
        if self.element.has_sign() { -self.element.largest_finite() } else { 0.0 }
    }

    /// A format from arguments known to be valid, by [`BlockFormat::new`].
    pub(super) const fn known(
        element: Format,
        block: BlockShape,
        scale: Format,
        rule: ScaleRule,
    ) -> Self {
        match Self::new(element, block, scale, rule) {
            Ok(format) => format,
            Err(_) => panic!("a block format in use"),
        }
    }

    /// This format with another scale rule.
    #[must_use]
    pub const fn with_rule(self, rule: ScaleRule) -> Self {
        Self { rule, ..self }
    }

    /// This format with other blocks.
    ///
    /// # Errors
    ///
    /// Unless blocks have 1 to 2^24 values a side.
    pub const fn with_block(self, block: BlockShape) -> Result<Self, FormatError> {
        match Self::new(self.element, block, self.scale, self.rule) {
            Ok(_) => Ok(Self { block, ..self }),
            Err(error) => Err(error),
        }
    }

    /// This format with or without a second-level scale g, one `f32` for the whole:
    /// g = amax / (max · max_s) over all values, rounded to nearest even, with max_s the scale
    /// format's largest number; 1 where all values are zero, and never below the smallest positive
    /// `f32`.
    ///
    /// # Errors
    ///
    /// Where element, scale and g together have more than 53 bits.
    pub const fn with_tensor_scale(self, tensor_scale: bool) -> Result<Self, FormatError> {
        Self { tensor_scale, ..self }.checked()
    }

    /// This format with another treatment of NaN and infinities.
    ///
    /// # Errors
    ///
    /// [`Specials::Nan`] where the scale format has no NaN.
    pub const fn with_specials(self, specials: Specials) -> Result<Self, FormatError> {
        if matches!(specials, Specials::Nan) && !self.scale.has_nan() {
            let allowed = "only no, the scale format having no NaN,";
            return Err(FormatError::switch("NaN blocks", true, allowed));
        }
        Ok(Self { specials, ..self })
    }

    /// Integers with or without the lowest code of two's complement. MXINT8's is -2, which OCP MX 1.0
    /// 5.3.4 leaves to the implementation; without it the range is symmetric.
    ///
    /// # Errors
    ///
    /// Where elements are not coded in two's complement.
    ///
    /// ```
    /// use lowprec::{BlockChop, BlockFormat, Rounding};
    /// let full = BlockFormat::MXINT8.with_lowest_code(true)?;
    /// let mut x = [-1.999_f32, 1.999];
    /// BlockChop::new(full, Rounding::NearestEven).chop_slice(&mut x);
    /// assert_eq!(x, [-2.0, 127.0 / 64.0]);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn with_lowest_code(self, lowest: bool) -> Result<Self, FormatError> {
        if matches!(self.coding, Coding::Own) {
            let allowed = "only no, where elements are not in two's complement,";
            return Err(FormatError::switch("lowest code", lowest, allowed));
        }
        let coding = if lowest { Coding::TwosFull } else { Coding::Twos };
        Ok(Self { coding, ..self })
    }

    /// The elements' format. Integers are the numbers of a format too: MXINT8's are k/64.
    #[must_use]
    pub const fn element(&self) -> Format {
        self.element
    }

    /// Which values share a scale.
    #[must_use]
    pub const fn block(&self) -> BlockShape {
        self.block
    }

    /// The scales' format.
    #[must_use]
    pub const fn scale(&self) -> Format {
        self.scale
    }

    /// The minima's format, where there is a minimum for each block.
    #[must_use]
    pub const fn minimum(&self) -> Option<Format> {
        self.minimum
    }

    /// How scales are found.
    #[must_use]
    pub const fn rule(&self) -> ScaleRule {
        self.rule
    }

    /// Whether there is a second-level scale.
    #[must_use]
    pub const fn has_tensor_scale(&self) -> bool {
        self.tensor_scale
    }

    /// What NaN and infinities do.
    #[must_use]
    pub const fn specials(&self) -> Specials {
        self.specials
    }

    /// Bits of an element's code.
    #[must_use]
    pub const fn element_bits(&self) -> u32 {
        match self.element.total_bits() {
            Some(bits) => bits,
            None => unreachable!(),
        }
    }

    /// Bits of a scale's code.
    #[must_use]
    pub const fn scale_bits(&self) -> u32 {
        match self.scale.total_bits() {
            Some(bits) => bits,
            None => unreachable!(),
        }
    }

    /// Bits of a minimum's code; 0 where there are no minima.
    #[must_use]
    pub const fn minimum_bits(&self) -> u32 {
        match &self.minimum {
            None => 0,
            Some(format) => match format.total_bits() {
                Some(bits) => bits,
                None => unreachable!(),
            },
        }
    }

    /// Bits that a value takes in whole blocks, with its share of the block's scale and minimum; `None`
    /// where one scale is for all values.
    #[must_use]
    pub fn bits_per_value(&self) -> Option<f64> {
        let count = match self.block {
            BlockShape::Along(size) => size as f64,
            BlockShape::Tile { rows, columns } => rows as f64 * columns as f64,
            BlockShape::Tensor => return None,
        };
        let of_block = self.scale_bits() + self.minimum_bits();
        Some(f64::from(self.element_bits()) + f64::from(of_block) / count)
    }

    /// Whether scales are powers of two alone.
    pub(super) const fn has_power_scales(&self) -> bool {
        self.scale.precision() == 1
    }
}
