//! Symmetric and affine integers of 2 to 16 bits.
//!
//! An [`IntegerFormat`] says which codes there are and how values are rounded; a [`Layout`] which elements
//! share a scale; [`Parameters`] are a scale and a zero point. Together they are an
//! [`IntegerQuantizer`], made by [`IntegerFormat::calibrate`] from data, from an [`Observer`] of several
//! batches, or from parameters given.
//!
//! A value x becomes round(x / scale) + zero point, saturating, where the exact quotient is rounded
//! once; a code q stands for (q - zero point)·scale, which is also rounded once, to nearest even, to the
//! storage type. Zero is exact: its code is the zero point. (Jacob et al., "Quantization and training of
//! neural networks for efficient integer-arithmetic-only inference", CVPR 2018, eq. 1; ONNX
//! `QuantizeLinear`, which rounds to nearest even.)
//!
//! Between layers everything is integers: a [`Product`] of matrices of codes, whose sums in `i32` cannot
//! overflow, and a [`Requantizer`] with [`Dyadic`] factors b / 2^c.
//!
//! ```
//! use lowprec::quant::integer::{Calibration, Codes, IntegerFormat, Layout};
//! let weights = [0.5_f32, -1.0, 0.25, 2.0, -4.0, 3.0];
//! let int8 = IntegerFormat::new(8, Codes::Symmetric)?;
//! // A scale for each of the two rows.
//! let rows = Layout::channels(&[2, 3], 0)?;
//! let quantizer = int8.calibrate(&weights, rows, Calibration::MinMax)?;
//! let mut codes = [0_i8; 6];
//! quantizer.encode_slice(&weights, &mut codes)?;
//! assert_eq!(codes, [64, -127, 32, 64, -127, 95]);
//! # Ok::<(), lowprec::quant::QuantError>(())
//! ```

mod calibration;
mod cuts;
mod dyadic;
mod layout;
mod product;
mod quantizer;
mod range;
mod requantizer;

pub use calibration::{Calibration, Observer};
pub use dyadic::Dyadic;
pub use layout::Layout;
pub(super) use layout::Runs;
pub use product::{Operand, Product};
pub use quantizer::{IntegerQuantizer, Parameters};
pub use range::Range;
pub use requantizer::Requantizer;

use super::error::QuantError;
use super::lane::Bounds;
use crate::rounding::Rounding;

/// Which codes there are.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Codes {
    /// -(2^(b-1) - 1) to 2^(b-1) - 1, zero point 0: as many negative as positive ones.
    Symmetric,
    /// -2^(b-1) to 2^(b-1) - 1 with a zero point among them.
    Signed,
    /// 0 to 2^b - 1 with a zero point among them.
    Unsigned,
}

/// Zero points of quantizers reach so far to both sides; twice as far as any code, so that quotients and zero
/// points together are rounded among integers of 18 bits.
const FARTHEST: i32 = 1 << 17;

/// A format of integer codes: how many bits, which codes, and how values are rounded to them.
///
/// ```
/// use lowprec::quant::integer::{Codes, IntegerFormat};
/// assert_eq!(IntegerFormat::new(4, Codes::Signed)?.minimum_code(), -8);
/// assert_eq!(IntegerFormat::new(4, Codes::Symmetric)?.minimum_code(), -7);
/// let error = IntegerFormat::new(17, Codes::Signed).unwrap_err();
/// assert_eq!(error.to_string(), "bits: 17 given, 2..=16 allowed");
/// # Ok::<(), lowprec::quant::QuantError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct IntegerFormat {
    bits: u8,
    codes: Codes,
    rounding: Rounding,
}

impl IntegerFormat {
    /// Codes of `bits` bits, values rounded to nearest even.
    ///
    /// # Errors
    ///
    /// Unless `bits` is 2..=16.
    pub const fn new(bits: u8, codes: Codes) -> Result<Self, QuantError> {
        if bits < 2 || bits > 16 {
            let given = bits as i128;
            return Err(QuantError::Integer { field: "bits", given, minimum: 2, maximum: 16 });
        }
        Ok(Self { bits, codes, rounding: Rounding::NearestEven })
    }

    /// These codes with another rounding mode.
    #[must_use]
    pub const fn with_rounding(self, rounding: Rounding) -> Self {
        Self { rounding, ..self }
    }

    /// Bits of a code.
    #[must_use]
    pub const fn bits(&self) -> u32 {
        self.bits as u32
    }

    /// Which codes there are.
    #[must_use]
    pub const fn codes(&self) -> Codes {
        self.codes
    }

    /// The rounding mode.
    #[must_use]
    pub const fn rounding(&self) -> Rounding {
        self.rounding
    }

    /// The minimum code.
    #[must_use]
    pub const fn minimum_code(&self) -> i32 {
        match self.codes {
            Codes::Symmetric => 1 - (1 << (self.bits - 1)),
            Codes::Signed => -(1 << (self.bits - 1)),
            Codes::Unsigned => 0,
        }
    }

    /// The maximum code.
    #[must_use]
    pub const fn maximum_code(&self) -> i32 {
        match self.codes {
            Codes::Symmetric | Codes::Signed => (1 << (self.bits - 1)) - 1,
            Codes::Unsigned => (1 << self.bits) - 1,
        }
    }

    /// Refuses a zero point that is no code, or not 0 where there is no other.
    fn check_zero_point(&self, zero_point: i32) -> Result<(), QuantError> {
        let (minimum, maximum) = match self.codes {
            Codes::Symmetric => (0, 0),
            Codes::Signed | Codes::Unsigned => (self.minimum_code(), self.maximum_code()),
        };
        Self::check_range(zero_point, minimum, maximum)
    }

    /// Refuses a zero point too far from the codes, or not 0 for symmetric ones.
    fn check_far_zero_point(&self, zero_point: i32) -> Result<(), QuantError> {
        let far = match self.codes {
            Codes::Symmetric => 0,
            Codes::Signed | Codes::Unsigned => FARTHEST,
        };
        Self::check_range(zero_point, -far, far)
    }

    fn check_range(zero_point: i32, minimum: i32, maximum: i32) -> Result<(), QuantError> {
        if (minimum..=maximum).contains(&zero_point) {
            return Ok(());
        }
        Err(QuantError::Integer {
            field: "zero point",
            given: i128::from(zero_point),
            minimum: i128::from(minimum),
            maximum: i128::from(maximum),
        })
    }

    fn bounds(&self) -> Bounds {
        let (low, high) = (f64::from(self.minimum_code()), f64::from(self.maximum_code()));
        Bounds { low, high }
    }
}
