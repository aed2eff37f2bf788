//! Formats from parameters: IEEE rules, a range, no range, and one fact changed at a time.

use super::datum::Datum;
use super::{ExponentField, Format, Low, Nan, OverflowValue, Signedness, UNBOUNDED};
use crate::error::FormatError;

/// Exponents that `from_range` and `with_bias` accept.
const EXPONENTS: core::ops::RangeInclusive<i32> = -(1 << 16)..=1 << 16;
const EXPONENTS_TEXT: &str = "-65536..=65536";

impl Format {
    /// A format by the rules of IEEE 754-2019 section 3.4: bias 2^(e-1) - 1, subnormal numbers, the
    /// all-ones exponent for infinities and NaN, both zeros.
    ///
    /// # Errors
    ///
    /// Unless 2 ≤ `exponent_bits` ≤ 16, 1 ≤ `mantissa_bits` ≤ 52 and both with the sign make at
    /// most 64 bits.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::new(8, 7)?, Format::BFLOAT16);
    /// let error = Format::new(1, 7).unwrap_err();
    /// assert_eq!(error.to_string(), "exponent bits: 1 given, 2..=16 allowed");
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn new(exponent_bits: u32, mantissa_bits: u32) -> Result<Self, FormatError> {
        if exponent_bits < 2 || exponent_bits > 16 {
            return Err(FormatError::integer("exponent bits", exponent_bits as i128, "2..=16"));
        }
        if mantissa_bits < 1 || mantissa_bits > 52 {
            return Err(FormatError::integer("mantissa bits", mantissa_bits as i128, "1..=52"));
        }
        if exponent_bits + mantissa_bits > 63 {
            let total = 1 + exponent_bits + mantissa_bits;
            return Err(FormatError::integer("total bits", total as i128, "at most 64"));
        }
        Ok(Self::ieee(exponent_bits as u8, mantissa_bits as u8))
    }

    /// A format from arguments known to be valid, by the rules of [`Format::new`].
    pub(super) const fn ieee(exponent_bits: u8, mantissa_bits: u8) -> Self {
        let emax = (1 << (exponent_bits - 1)) - 1;
        Self {
            precision: mantissa_bits + 1,
            exponent: ExponentField::Bits(exponent_bits),
            emin: 1 - emax,
            emax,
            top: (2 << mantissa_bits) - 1,
            signedness: Signedness::Signed,
            low: Low::Subnormals,
            negative_zero: true,
            infinity: true,
            nan: Nan::TopField,
            overflow: OverflowValue::Infinity,
        }
    }

    /// A format of `precision` bits whose normal numbers have the exponents `emin` to `emax`, with
    /// subnormals, infinities, NaN and both zeros.
    ///
    /// Codes follow IEEE rules in the narrowest exponent field that holds the range; codes between
    /// the largest finite number and infinity stand for nothing. With one bit of precision there is
    /// no trailing significand to tell NaN from infinity: NaN is then all ones and infinity one below.
    ///
    /// # Errors
    ///
    /// Unless 1 ≤ `precision` ≤ 53, `emin` ≤ `emax`, both within ±65536, and codes fit in 64 bits.
    ///
    /// ```
    /// use lowprec::Format;
    /// let f = Format::from_range(4, -6, 8)?;
    /// assert_eq!(f.largest_finite(), 480.0);
    /// assert_eq!(f.to_string(), "p4e-6:8");
    /// assert!(Format::from_range(4, 3, 2).is_err());
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn from_range(precision: u32, emin: i32, emax: i32) -> Result<Self, FormatError> {
        if precision < 1 || precision > 53 {
            return Err(FormatError::integer("precision", precision as i128, "1..=53"));
        }
        if emin < *EXPONENTS.start() || emin > *EXPONENTS.end() {
            return Err(FormatError::integer("emin", emin as i128, EXPONENTS_TEXT));
        }
        if emax < *EXPONENTS.start() || emax > *EXPONENTS.end() {
            return Err(FormatError::integer("emax", emax as i128, EXPONENTS_TEXT));
        }
        if emax < emin {
            return Err(FormatError::integer("emax", emax as i128, "at least emin"));
        }
        let special_fields = if precision == 1 { 2 } else { 1 };
        let fields = (emax - emin) as u32 + 2 + special_fields;
        let exponent_bits = 32 - (fields - 1).leading_zeros();
        if exponent_bits + precision > 64 {
            let total = exponent_bits + precision;
            return Err(FormatError::integer("total bits", total as i128, "at most 64"));
        }
        Ok(Self {
            precision: precision as u8,
            exponent: ExponentField::Bits(exponent_bits as u8),
            emin,
            emax,
            top: (1 << (precision - 1)) | ((1 << (precision - 1)) - 1),
            nan: if precision == 1 { Nan::AllOnes } else { Nan::TopField },
            ..Self::ieee(2, 1)
        })
    }

    /// A format of `precision` bits with no limit on the exponent but the storage type's: what
    /// rounding the significand alone does. Its values have no codes.
    ///
    /// # Errors
    ///
    /// Unless 1 ≤ `precision` ≤ 53.
    ///
    /// ```
    /// use lowprec::{chop, Format, Rounding};
    /// let eleven = Format::unbounded(11)?;
    /// let x = 1e300_f64; // beyond every 16-bit format's range
    /// assert!((chop(x, eleven, Rounding::NearestEven) - x).abs() <= x * 2f64.powi(-11));
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn unbounded(precision: u32) -> Result<Self, FormatError> {
        if precision < 1 || precision > 53 {
            return Err(FormatError::integer("precision", precision as i128, "1..=53"));
        }
        Ok(Self {
            precision: precision as u8,
            exponent: ExponentField::Unbounded,
            emin: -UNBOUNDED,
            emax: UNBOUNDED,
            top: (1 << (precision - 1)) | ((1 << (precision - 1)) - 1),
            ..Self::ieee(2, 1)
        })
    }

    /// This format with or without subnormal numbers. Without them nothing lies strictly
    /// between zero and the smallest normal number.
    ///
    /// # Errors
    ///
    /// Where exponent field 0 holds normal numbers (DLFloat16, E8M0), `true` is refused; so is
    /// `false` there, since nothing would change but the meaning of the zero code.
    pub const fn with_subnormals(mut self, subnormals: bool) -> Result<Self, FormatError> {
        match self.low {
            Low::Subnormals | Low::ZeroField => {
                self.low = if subnormals { Low::Subnormals } else { Low::ZeroField };
                Ok(self)
            }
            Low::ZeroSlot | Low::NoZero if !subnormals => Ok(self),
            Low::ZeroSlot | Low::NoZero => Err(FormatError::switch(
                "subnormals",
                subnormals,
                "only no, where exponent field 0 holds normal numbers,",
            )),
        }
    }

    /// This format with or without infinities. The range of finite values stays; without
    /// infinities an overflow becomes NaN, or the largest finite number where there is no NaN.
    ///
    /// # Errors
    ///
    /// If the code for infinity (below NaN, at the top) is that of a finite value: lower the
    /// largest finite number first.
    ///
    /// ```
    /// use lowprec::Format;
    /// let e2m1 = Format::OCP_E2M1;
    /// assert!(e2m1.with_infinities(true).is_err());
    /// let with = e2m1.with_largest_finite(4.0)?.with_infinities(true)?;
    /// assert_eq!(with.encode(f64::INFINITY).unwrap(), 0x7);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn with_infinities(mut self, infinities: bool) -> Result<Self, FormatError> {
        self.infinity = infinities;
        self.overflow = match (infinities, self.nan) {
            (true, _) => OverflowValue::Infinity,
            (false, Nan::None) => OverflowValue::Largest,
            (false, _) => OverflowValue::Nan,
        };
        match self.check_top() {
            Ok(()) => Ok(self),
            Err(_) => Err(FormatError::switch(
                "infinities",
                infinities,
                "only no, while the largest finite number has the code,",
            )),
        }
    }

    /// This format with or without minus zero as a value of its own.
    ///
    /// # Errors
    ///
    /// `true` where the format is unsigned, has no zero, or codes NaN as minus zero.
    pub const fn with_signed_zero(mut self, signed_zero: bool) -> Result<Self, FormatError> {
        let possible = matches!(self.signedness, Signedness::Signed)
            && !matches!(self.nan, Nan::NegativeZero)
            && !matches!(self.low, Low::NoZero);
        if signed_zero && !possible {
            return Err(FormatError::switch(
                "signed zero",
                signed_zero,
                "only no, where the code is NaN or does not exist,",
            ));
        }
        self.negative_zero = signed_zero;
        Ok(self)
    }

    /// This format with or without a sign bit. Without one there is no minus zero either.
    ///
    /// # Errors
    ///
    /// Where NaN is coded as minus zero (the P3109 family has unsigned members of its own:
    /// [`Format::p3109`]), where the format has no zero, and where codes would exceed 64 bits.
    pub const fn with_sign(mut self, signedness: Signedness) -> Result<Self, FormatError> {
        if matches!(self.nan, Nan::NegativeZero) && matches!(signedness, Signedness::Unsigned) {
            return Err(FormatError::switch(
                "sign",
                false,
                "only yes, where NaN has the code of minus zero,",
            ));
        }
        if let ExponentField::Bits(e) = self.exponent
            && matches!(signedness, Signedness::Signed)
            && e + self.precision > 64
        {
            let total = e as i64 + self.precision as i64;
            return Err(FormatError::integer("total bits", total as i128, "at most 64"));
        }
        if matches!(self.low, Low::NoZero) && matches!(signedness, Signedness::Signed) {
            return Err(FormatError::switch("sign", true, "only no, where there is no zero,"));
        }
        if matches!(signedness, Signedness::Unsigned) {
            self.negative_zero = false;
        } else if matches!(self.signedness, Signedness::Unsigned) {
            self.negative_zero = true;
        }
        self.signedness = signedness;
        Ok(self)
    }

    /// These codes with another exponent bias: the range moves by powers of two.
    ///
    /// # Errors
    ///
    /// If the exponents leave ±65536, or the format's exponent is unbounded.
    ///
    /// ```
    /// use lowprec::Format;
    /// let f = Format::OCP_E5M2.with_bias(16)?;
    /// assert_eq!(f.largest_finite(), 28672.0);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn with_bias(mut self, bias: i32) -> Result<Self, FormatError> {
        if matches!(self.exponent, ExponentField::Unbounded) {
            return Err(FormatError::integer(
                "bias",
                bias as i128,
                "none, the exponent being unbounded,",
            ));
        }
        if bias < -(1 << 17) || bias > 1 << 17 {
            return Err(FormatError::integer("bias", bias as i128, "-131072..=131072"));
        }
        let emin = self.first_field() - bias;
        let emax = self.emax + emin - self.emin;
        if emin < *EXPONENTS.start() || emax > *EXPONENTS.end() {
            return Err(FormatError::integer(
                "bias",
                bias as i128,
                "a value that keeps exponents in -65536..=65536",
            ));
        }
        (self.emin, self.emax) = (emin, emax);
        Ok(self)
    }

    /// This format ending at `largest`. Codes above it stand for nothing.
    ///
    /// Where NaN is coded by IEEE rules and there is no infinity, the range may grow into the
    /// all-ones exponent field; NaN then keeps the code of all ones alone, as in OCP E4M3.
    ///
    /// # Errors
    ///
    /// Unless `largest` is positive, at least the smallest normal number, has at most p significant
    /// bits, and its code is free.
    ///
    /// ```
    /// use lowprec::Format;
    /// let e4m3 = Format::new(4, 3)?.with_infinities(false)?.with_largest_finite(448.0)?;
    /// assert_eq!(e4m3, Format::OCP_E4M3);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn with_largest_finite(mut self, largest: f64) -> Result<Self, FormatError> {
        const FIELD: &str = "largest finite";
        let Datum::Finite { negative: false, significand, exponent } = Datum::from_f64(largest)
        else {
            return Err(FormatError::real(FIELD, largest, "a positive finite number"));
        };
        let length = 64 - significand.leading_zeros();
        if length > self.precision as u32 {
            return Err(FormatError::real(
                FIELD,
                largest,
                "no more significant bits than the precision",
            ));
        }
        if matches!(self.exponent, ExponentField::Unbounded) {
            return Err(FormatError::real(FIELD, largest, "none, the exponent being unbounded,"));
        }
        self.top = significand << (self.precision as u32 - length);
        self.emax = exponent + length as i32 - 1;
        let zero_slot = matches!(self.low, Low::ZeroSlot) && self.top == 1 << (self.precision - 1);
        if self.emax < self.emin || self.emax == self.emin && zero_slot {
            return Err(FormatError::real(FIELD, largest, "at least the smallest normal number"));
        }
        if self.check_top().is_ok() {
            return Ok(self);
        }
        if matches!(self.nan, Nan::TopField) && !self.infinity {
            self.nan = Nan::AllOnes;
            if self.check_top().is_ok() {
                return Ok(self);
            }
        }
        Err(FormatError::real(FIELD, largest, "a value whose code is not taken by infinity or NaN"))
    }

    /// Whether the largest finite number's code lies below those of infinity and NaN.
    pub(super) const fn check_top(&self) -> Result<(), FormatError> {
        let ExponentField::Bits(bits) = self.exponent else { return Ok(()) };
        let mantissa = self.precision as u32 - 1;
        let field = (self.emax - self.emin + self.first_field()) as u64;
        let width = bits as u32 + mantissa;
        let all_ones = u64::MAX >> (64 - width);
        let free_from = match (self.nan, self.infinity) {
            (Nan::TopField, _) => all_ones >> mantissa << mantissa,
            (Nan::AllOnes, true) => all_ones - 1,
            (Nan::AllOnes, false) | (Nan::NegativeZero | Nan::None, true) => all_ones,
            (Nan::NegativeZero | Nan::None, false) => {
                return if field >> bits == 0 { Ok(()) } else { Err(self.top_error()) };
            }
        };
        let fits = field >> bits == 0
            && (field << mantissa | (self.top & ((1 << mantissa) - 1))) < free_from;
        if fits { Ok(()) } else { Err(self.top_error()) }
    }

    const fn top_error(&self) -> FormatError {
        FormatError::integer("emax", self.emax as i128, "an exponent whose code is free")
    }
}
