//! `ScaleRule`: how a block's scale is found.

use core::fmt;

use super::format::BlockFormat;

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
    /// amax rounded to the element format's digits, to nearest with ties up, then as `Floor`
    /// (torchao's EVEN).
    Even,
    /// amax rounded to the scale format, to nearest even: P3109's ConvertToBlockMaxAbsFinite.
    MaxAbs,
    /// amax / max rounded to the scale format, to nearest even: NVFP4, FP8 with `f32` scales.
    Absmax,
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
    pub const ALL: [Self; 7] = [
        Self::Floor,
        Self::Ceil,
        Self::Rceil,
        Self::Even,
        Self::MaxAbs,
        Self::Absmax,
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
