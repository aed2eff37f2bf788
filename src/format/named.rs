//! The catalogue: one row a format, each with its names and the standard that defines it.

use super::{ExponentField, Format, Low, Nan, OverflowValue, Signedness};

/// A row of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The format.
    pub format: Format,
    /// The name that `Display` prints.
    pub name: &'static str,
    /// Other names that `FromStr` accepts.
    pub aliases: &'static [&'static str],
    /// The standard or paper that defines it.
    pub source: &'static str,
}

/// A signed format of the given fields whose values fill every code up to `largest`.
const fn dense(e: u8, m: u8, bias: i32, reserved: u64, nan: Nan) -> Format {
    let code = (1_u64 << (e + m)) - 1 - reserved;
    let emin = 1 - bias;
    Format {
        precision: m + 1,
        exponent: ExponentField::Bits(e),
        emin,
        emax: emin + (code >> m) as i32 - 1,
        top: 1 << m | code & ((1 << m) - 1),
        signedness: Signedness::Signed,
        low: Low::Subnormals,
        negative_zero: !matches!(nan, Nan::NegativeZero),
        infinity: false,
        nan,
        overflow: if matches!(nan, Nan::None) {
            OverflowValue::Largest
        } else {
            OverflowValue::Nan
        },
    }
}

/// No infinity, NaN in the place of minus zero (StableHLO RFC "FP8 FNUZ").
const fn fnuz(e: u8, m: u8, bias: i32) -> Format {
    dense(e, m, bias, 0, Nan::NegativeZero)
}

/// Every code a finite number.
const fn finite(e: u8, m: u8, bias: i32) -> Format {
    dense(e, m, bias, 0, Nan::None)
}

macro_rules! catalogue {
    ($($(#[$doc:meta])* $constant:ident = $format:expr, $name:literal, [$($alias:literal),*], $source:literal;)*) => {
        /// The formats with names of their own.
        impl Format {
            $(
                $(#[$doc])*
                #[doc = concat!("\n\nPrinted as `", $name, "`. Source: ", $source, ".")]
                pub const $constant: Format = $format;
            )*

            /// Every named format with its names and source, widest first.
            ///
            /// ```
            /// use lowprec::Format;
            /// let e4m3 = Format::CATALOGUE.iter().find(|row| row.name == "e4m3fn").unwrap();
            /// assert_eq!(e4m3.format, Format::OCP_E4M3);
            /// ```
            pub const CATALOGUE: &'static [Entry] = &[$(
                Entry { format: $format, name: $name, aliases: &[$($alias),*], source: $source },
            )*];
        }
    };
}

catalogue! {
    /// IEEE double precision: p = 53, exponents -1022 to 1023.
    BINARY64 = Format::ieee(11, 52), "binary64", ["fp64", "double", "d", "f64", "float64"], "IEEE 754-2019, 3.6";
    /// IEEE single precision: p = 24, exponents -126 to 127.
    BINARY32 = Format::ieee(8, 23), "binary32", ["fp32", "single", "s", "f32", "float32"], "IEEE 754-2019, 3.6";
    /// Pixar's 24-bit format: binary32 with the last eight bits rounded off.
    PXR24 = Format::ieee(8, 15), "pxr24", [], "OpenEXR, PXR24 compression";
    /// NVIDIA's TensorFloat-32: the range of binary32 with the precision of binary16.
    TF32 = Format::ieee(8, 10), "tf32", ["t", "tensorfloat32", "tensorfloat-32"], "NVIDIA A100 whitepaper, 2020";
    /// IEEE half precision: p = 11, exponents -14 to 15.
    BINARY16 = Format::ieee(5, 10), "binary16", ["fp16", "half", "h", "f16", "float16"], "IEEE 754-2019, 3.6";
    /// The upper half of binary32.
    BFLOAT16 = Format::ieee(8, 7), "bfloat16", ["bf16", "b"], "Intel, BFLOAT16 hardware numerics definition, 2018";
    /// IBM's DLFloat: no subnormals, exponent field 0 normal but for its first code, which is zero;
    /// the top code stands for infinities and NaN together, and is NaN here.
    DLFLOAT16 = Format {
        precision: 10,
        exponent: ExponentField::Bits(6),
        emin: -31,
        emax: 32,
        top: 1022,
        signedness: Signedness::Signed,
        low: Low::ZeroSlot,
        negative_zero: true,
        infinity: false,
        nan: Nan::AllOnes,
        overflow: OverflowValue::Nan,
    }, "dlfloat16", ["dlfloat"], "Agrawal et al., ARITH 2019";
    /// OCP FP8 with the wider range, IEEE rules.
    OCP_E5M2 = Format::ieee(5, 2), "e5m2", ["ocp_e5m2", "fp8_e5m2", "fp8-e5m2", "q52", "float8_e5m2"], "OCP OFP8 1.0";
    /// OCP FP8 with the higher precision: no infinity, one NaN a sign, largest finite 448.
    OCP_E4M3 = dense(4, 3, 7, 1, Nan::AllOnes), "e4m3fn", ["ocp_e4m3", "float8_e4m3fn"], "OCP OFP8 1.0";
    /// Four exponent bits under IEEE rules: largest finite 240.
    E4M3_IEEE = Format::ieee(4, 3), "e4m3_ieee", ["q43"], "ml_dtypes float8_e4m3";
    /// Three exponent bits under IEEE rules.
    E3M4 = Format::ieee(3, 4), "e3m4", ["float8_e3m4"], "ml_dtypes float8_e3m4";
    /// E4M3 with bias 8, no infinity, no minus zero, NaN = 0x80.
    E4M3_FNUZ = fnuz(4, 3, 8), "e4m3fnuz", ["float8_e4m3fnuz"], "StableHLO RFC FP8 FNUZ";
    /// E5M2 with bias 16, no infinity, no minus zero, NaN = 0x80.
    E5M2_FNUZ = fnuz(5, 2, 16), "e5m2fnuz", ["float8_e5m2fnuz"], "StableHLO RFC FP8 FNUZ";
    /// E4M3 with bias 11, no infinity, no minus zero, NaN = 0x80.
    E4M3_B11_FNUZ = fnuz(4, 3, 11), "e4m3b11fnuz", ["float8_e4m3b11fnuz"], "StableHLO RFC E4M3B11FNUZ";
    /// Tesla's configurable 8-bit format with three mantissa bits; every code is finite. The bias
    /// is a parameter there, see [`Format::cfloat8_143`]; here it is 7.
    CFLOAT8_143 = finite(4, 3, 7), "cfloat8_1_4_3", [], "Tesla Dojo whitepaper";
    /// Tesla's configurable 8-bit format with two mantissa bits; every code is finite. The bias is
    /// a parameter there, see [`Format::cfloat8_152`]; here it is 15.
    CFLOAT8_152 = finite(5, 2, 15), "cfloat8_1_5_2", [], "Tesla Dojo whitepaper";
    /// The scale of the MX formats: powers of two from 2^-127 to 2^127, no sign, no zero.
    OCP_E8M0 = Format {
        precision: 1,
        exponent: ExponentField::Bits(8),
        emin: -127,
        emax: 127,
        top: 1,
        signedness: Signedness::Unsigned,
        low: Low::NoZero,
        negative_zero: false,
        infinity: false,
        nan: Nan::AllOnes,
        overflow: OverflowValue::Nan,
    }, "e8m0fnu", ["ocp_e8m0", "e8m0", "float8_e8m0fnu"], "OCP MX 1.0";
    /// OCP FP6 with the wider range: no infinity, no NaN.
    OCP_E3M2 = finite(3, 2, 3), "e3m2fn", ["ocp_e3m2", "float6_e3m2fn"], "OCP MX 1.0";
    /// OCP FP6 with the higher precision: no infinity, no NaN.
    OCP_E2M3 = finite(2, 3, 1), "e2m3fn", ["ocp_e2m3", "float6_e2m3fn"], "OCP MX 1.0";
    /// OCP FP4: 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives.
    OCP_E2M1 = finite(2, 1, 1), "e2m1fn", ["ocp_e2m1", "fp4", "float4_e2m1fn"], "OCP MX 1.0";
}

/// What blocks with one scale are made of.
impl Format {
    /// Sign and `digits` bits of magnitude, 1 to 15, all of equal weight: the numbers
    /// k·2^(1 - bits) below 2, as block floating point has them.
    pub(crate) const fn sign_magnitude(digits: u8) -> Self {
        finite(1, digits - 1, 1)
    }

    /// Sign and `digits` bits of magnitude, 1 to 15: the integers below 2^digits, both ways.
    pub(crate) const fn signed_integers(digits: u8) -> Self {
        finite(1, digits - 1, 2 - digits as i32)
    }

    /// The integers below 2^bits, 2 to 16.
    pub(crate) const fn unsigned_integers(bits: u8) -> Self {
        let digits = bits as i32;
        let signed = finite(1, bits - 1, 2 - digits);
        Self { signedness: Signedness::Unsigned, negative_zero: false, ..signed }
    }

    /// Whether these are equally spaced numbers of both signs, as those of [`Format::signed_integers`] times
    /// a power of two.
    pub(crate) const fn is_sign_magnitude(&self) -> bool {
        let one_exponent = match self.total_bits() {
            Some(bits) => bits == self.mantissa_bits() + 2,
            None => false,
        };
        let equal = one_exponent && self.emin == self.emax && self.top == (1 << self.precision) - 1;
        equal && self.has_sign() && !self.has_nan() && !self.has_infinity()
    }

    /// Powers of two alone, coded by their exponent plus 2^(bits-1) - 1: [`Format::OCP_E8M0`] of
    /// another width and without NaN, 2 to 8 bits.
    pub(crate) const fn shared_exponent(bits: u8) -> Self {
        let emax = 1 << (bits - 1);
        Self {
            exponent: ExponentField::Bits(bits),
            emin: 1 - emax,
            emax,
            nan: Nan::None,
            overflow: OverflowValue::Largest,
            ..Self::OCP_E8M0
        }
    }
}

/// Biases that the CFloat8 formats take.
const CFLOAT_BIAS: i32 = 63;

/// Tesla's configurable formats.
impl Format {
    /// CFloat8 with four exponent and three mantissa bits and the given bias; largest finite
    /// 1.875·2^(15 - bias).
    ///
    /// # Errors
    ///
    /// If the bias is above 63.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::cfloat8_143(15)?.largest_finite(), 1.875);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    pub const fn cfloat8_143(bias: u32) -> Result<Self, crate::error::FormatError> {
        cfloat(Self::CFLOAT8_143, bias)
    }

    /// CFloat8 with five exponent and two mantissa bits and the given bias; largest finite
    /// 1.75·2^(31 - bias).
    ///
    /// # Errors
    ///
    /// If the bias is above 63.
    pub const fn cfloat8_152(bias: u32) -> Result<Self, crate::error::FormatError> {
        cfloat(Self::CFLOAT8_152, bias)
    }
}

const fn cfloat(format: Format, bias: u32) -> Result<Format, crate::error::FormatError> {
    if bias > CFLOAT_BIAS as u32 {
        return Err(crate::error::FormatError::integer("CFloat8 bias", bias as i128, "0..=63"));
    }
    format.with_bias(bias as i32)
}
