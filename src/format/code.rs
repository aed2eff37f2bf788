//! Between values and codes (bit patterns), exactly.

use super::datum::Datum;
use super::{ExponentField, Format, Low, Nan};
use crate::error::{CodeError, CodeErrorKind};

/// An integer type that holds codes: `u8`, `u16`, `u32` or `u64`. Sealed.
pub trait Code: Copy + Send + Sync + 'static + sealed::Code {
    /// Width of the type.
    const BITS: u32;
}

pub(crate) mod sealed {
    pub trait Code: Sized {
        fn widen(self) -> u64;
        fn narrow(code: u64) -> Self;
        /// The one of four things that is for this type.
        fn choose<E: Each>(each: E) -> E::Of<Self>
        where
            Self: super::Code;
    }

    /// A thing for each type of codes, as `storage::sealed::Both` is for the storage types.
    pub trait Each {
        type Of<C: super::Code>;
        fn u8(self) -> Self::Of<u8>;
        fn u16(self) -> Self::Of<u16>;
        fn u32(self) -> Self::Of<u32>;
        fn u64(self) -> Self::Of<u64>;
    }
}

macro_rules! code {
    ($($int:ident)*) => {$(
        impl Code for $int {
            const BITS: u32 = <$int>::BITS;
        }
        impl sealed::Code for $int {
            #[inline(always)]
            fn widen(self) -> u64 {
                u64::from(self)
            }
            #[inline(always)]
            fn narrow(code: u64) -> Self {
                code as $int
            }
            #[inline(always)]
            fn choose<E: sealed::Each>(each: E) -> E::Of<Self> {
                each.$int()
            }
        }
    )*};
}
code!(u8 u16 u32 u64);

/// Where the fields of a code lie: the sign bit above `width` bits of magnitude, of which the low
/// `mantissa` are the trailing significand.
#[derive(Clone, Copy)]
struct Layout {
    width: u32,
    mantissa: u32,
}

/// All that determines a format's codes, as a kernel wants it. Magnitudes are codes without the
/// sign bit, ordered like the numbers.
pub(crate) struct Coding {
    /// Bits of a magnitude.
    pub(crate) width: u32,
    /// Bits of the trailing significand.
    pub(crate) mantissa: u32,
    /// Exponent field of 2^emin.
    pub(crate) first_field: i32,
    pub(crate) emin: i32,
    /// Magnitudes of the smallest positive and the largest finite number.
    pub(crate) smallest: u64,
    pub(crate) largest: u64,
    pub(crate) infinity: Option<u64>,
    /// The canonical NaN without a sign.
    pub(crate) nan: Option<u64>,
    /// Magnitudes above this are NaN.
    pub(crate) last_before_nan: u64,
    pub(crate) nan_at_minus_zero: bool,
}

impl Format {
    const fn layout(&self) -> Option<Layout> {
        match self.exponent {
            ExponentField::Unbounded => None,
            ExponentField::Bits(bits) => {
                let mantissa = self.mantissa_bits();
                Some(Layout { width: bits as u32 + mantissa, mantissa })
            }
        }
    }

    /// The facts about codes; `None` for an unbounded format, which has none.
    pub(crate) const fn coding(&self) -> Option<Coding> {
        let Some(layout) = self.layout() else { return None };
        let all_ones = u64::MAX >> (64 - layout.width);
        Some(Coding {
            width: layout.width,
            mantissa: layout.mantissa,
            first_field: self.first_field(),
            emin: self.emin,
            smallest: self.smallest_magnitude(layout),
            largest: self.largest_magnitude(layout),
            infinity: self.infinity_magnitude(),
            nan: self.nan_code(false),
            last_before_nan: match self.nan {
                Nan::TopField => all_ones >> layout.mantissa << layout.mantissa,
                Nan::AllOnes => all_ones - 1,
                Nan::NegativeZero | Nan::None => all_ones,
            },
            nan_at_minus_zero: matches!(self.nan, Nan::NegativeZero),
        })
    }

    /// The code of ±0's or ±∞'s or a number's magnitude with its sign bit.
    const fn signed_code(&self, negative: bool, magnitude: u64, layout: Layout) -> u64 {
        magnitude | (negative as u64) << layout.width
    }

    /// The magnitude code of infinity, where there is one.
    pub(super) const fn infinity_magnitude(&self) -> Option<u64> {
        let Some(layout) = self.layout() else { return None };
        if !self.infinity {
            return None;
        }
        let all_ones = u64::MAX >> (64 - layout.width);
        Some(match self.nan {
            Nan::TopField => all_ones >> layout.mantissa << layout.mantissa,
            Nan::AllOnes => all_ones - 1,
            Nan::NegativeZero | Nan::None => all_ones,
        })
    }

    /// The canonical (quiet) NaN's code, where there is one; with the sign where the format codes it.
    pub(super) const fn nan_code(&self, negative: bool) -> Option<u64> {
        let Some(layout) = self.layout() else { return None };
        let all_ones = u64::MAX >> (64 - layout.width);
        let negative = negative && self.has_sign();
        Some(match self.nan {
            Nan::TopField => {
                let field = all_ones >> layout.mantissa << layout.mantissa;
                self.signed_code(negative, field | 1 << (layout.mantissa - 1), layout)
            }
            Nan::AllOnes => self.signed_code(negative, all_ones, layout),
            Nan::NegativeZero => 1 << layout.width,
            Nan::None => return None,
        })
    }

    /// The magnitude code of a number known to be a value.
    const fn magnitude(&self, significand: u64, exponent: i32, layout: Layout) -> u64 {
        let m = layout.mantissa as i32;
        let leading = exponent + 63 - significand.leading_zeros() as i32;
        if leading < self.emin {
            return significand << (exponent - (self.emin - m));
        }
        let field = (leading - self.emin + self.first_field()) as u64;
        let aligned = significand << (m - (leading - exponent));
        field << m | aligned & ((1 << m) - 1)
    }

    /// The magnitude code of the smallest positive number.
    const fn smallest_magnitude(&self, layout: Layout) -> u64 {
        match self.low {
            Low::Subnormals | Low::ZeroSlot => 1,
            Low::ZeroField => 1 << layout.mantissa,
            Low::NoZero => 0,
        }
    }

    /// The magnitude code of the largest finite number.
    const fn largest_magnitude(&self, layout: Layout) -> u64 {
        self.magnitude(self.top, self.emax - layout.mantissa as i32, layout)
    }

    /// The exact value of a code; `None` where the code stands for nothing: too wide, between the
    /// largest finite number and infinity, a subnormal pattern in a format without subnormals, minus
    /// zero in a format without one. An unbounded format has no codes.
    ///
    /// ```
    /// use lowprec::{Format, format::{Datum, Domain, Signedness}};
    /// let wide = Format::p3109(16, 1, Signedness::Unsigned, Domain::Finite)?;
    /// let top = Datum::Finite { negative: false, significand: 1, exponent: 32766 };
    /// assert_eq!(wide.decode_exact(0xfffe), Some(top));
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    #[must_use]
    pub fn decode_exact(&self, code: u64) -> Option<Datum> {
        let layout = self.layout()?;
        if self.total_bits()? < 64 && code >> self.total_bits()? != 0 {
            return None;
        }
        let magnitude = code & (u64::MAX >> (64 - layout.width));
        let negative = code != magnitude;
        let is_nan = match self.nan {
            Nan::TopField => {
                let trailing = magnitude & ((1 << layout.mantissa) - 1);
                magnitude | trailing == magnitude
                    && trailing != 0
                    && magnitude - trailing
                        == u64::MAX >> (64 - layout.width) >> layout.mantissa << layout.mantissa
            }
            Nan::AllOnes => magnitude == u64::MAX >> (64 - layout.width),
            Nan::NegativeZero => code == 1 << layout.width,
            Nan::None => false,
        };
        if is_nan {
            return Some(Datum::Nan { negative });
        }
        if self.infinity_magnitude() == Some(magnitude) {
            return Some(Datum::Infinite { negative });
        }
        if magnitude == 0 && self.has_zero() {
            return (!negative || self.negative_zero).then_some(Datum::Zero { negative });
        }
        let assigned = self.smallest_magnitude(layout)..=self.largest_magnitude(layout);
        assigned.contains(&magnitude).then(|| self.number(negative, magnitude, layout))
    }

    /// The number of a magnitude code known to be assigned.
    fn number(&self, negative: bool, magnitude: u64, layout: Layout) -> Datum {
        let m = layout.mantissa as i32;
        let (field, trailing) = ((magnitude >> m) as i32, magnitude & ((1 << m) - 1));
        if field == 0 && self.first_field() == 1 {
            return Datum::finite(negative, trailing, self.emin - m);
        }
        let exponent = field - self.first_field() + self.emin;
        Datum::finite(negative, trailing | 1 << m, exponent - m)
    }

    /// The value of a code. NaN for NaN codes, and also for codes that stand for nothing and for
    /// values that binary64 cannot hold (the widest P3109 formats): [`Format::decode_exact`] and
    /// [`Format::decode_slice`] tell these apart.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::OCP_E4M3.decode(0x7e), 448.0);
    /// assert!(Format::OCP_E4M3.decode(0x7f).is_nan());
    /// ```
    #[must_use]
    pub fn decode(&self, code: u64) -> f64 {
        self.decode_exact(code).and_then(Datum::to_f64).unwrap_or(f64::NAN)
    }

    /// The code of an exact value.
    ///
    /// # Errors
    ///
    /// If the value is not one of the format's ([`CodeErrorKind::NotAMember`], which carries the
    /// nearest `f64`), is NaN where there is no NaN, or the format has no codes.
    pub fn encode_exact(&self, value: Datum) -> Result<u64, CodeError> {
        let refuse = |kind| Err(CodeError::new(kind));
        let Some(layout) = self.layout() else { return refuse(CodeErrorKind::NoCodes) };
        let not_a_member = |x: f64| refuse(CodeErrorKind::NotAMember(x));
        match value {
            Datum::Nan { negative } => match self.nan_code(negative) {
                Some(code) => Ok(code),
                None => refuse(CodeErrorKind::NoNan),
            },
            Datum::Infinite { negative } => match self.infinity_magnitude() {
                Some(code) if !negative || self.has_sign() => {
                    Ok(self.signed_code(negative, code, layout))
                }
                _ => not_a_member(if negative { f64::NEG_INFINITY } else { f64::INFINITY }),
            },
            Datum::Zero { negative } => {
                if self.has_zero() && (!negative || self.negative_zero) {
                    Ok(self.signed_code(negative, 0, layout))
                } else {
                    not_a_member(if negative { -0.0 } else { 0.0 })
                }
            }
            Datum::Finite { negative, significand, exponent } => {
                if (negative && !self.has_sign()) || !self.holds(significand, exponent) {
                    let scale = f64::from(exponent).exp2();
                    let x = significand as f64 * scale;
                    return not_a_member(if negative { -x } else { x });
                }
                let magnitude = self.magnitude(significand, exponent, layout);
                Ok(self.signed_code(negative, magnitude, layout))
            }
        }
    }

    /// The code of one of the format's values. Every NaN becomes the canonical one, with its sign
    /// where the format codes it.
    ///
    /// # Errors
    ///
    /// For the reasons of [`Format::encode_exact`]: a value that is not the format's is never coded silently as
    /// another; round it first.
    ///
    /// ```
    /// use lowprec::Format;
    /// assert_eq!(Format::BFLOAT16.encode(1.0)?, 0x3f80);
    /// let error = Format::OCP_E2M1.encode(0.7).unwrap_err();
    /// assert_eq!(error.to_string(), "0.7 is not a value of the format; chop it first");
    /// # Ok::<(), lowprec::error::CodeError>(())
    /// ```
    pub fn encode(&self, x: f64) -> Result<u64, CodeError> {
        match self.encode_exact(Datum::from_f64(x)) {
            Err(e) if matches!(e.kind(), CodeErrorKind::NotAMember(_)) => {
                Err(CodeError::new(CodeErrorKind::NotAMember(x)))
            }
            other => other,
        }
    }

    /// Every value with its code, ascending: from minus infinity over minus zero and zero to plus
    /// infinity, without NaN. Values that binary64 cannot hold (the widest P3109 formats) are left
    /// out; an unbounded format has no codes and gives nothing.
    ///
    /// ```
    /// use lowprec::{Format, format::{Domain, Signedness}};
    /// let f = Format::p3109(4, 2, Signedness::Signed, Domain::Finite)?;
    /// let positive: Vec<f64> = f.values().map(|(_, x)| x).filter(|x| *x >= 0.0).collect();
    /// assert_eq!(positive, [0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]);
    /// # Ok::<(), lowprec::error::FormatError>(())
    /// ```
    #[must_use]
    pub fn values(&self) -> Values {
        let lowest = match (self.has_sign(), self.infinity) {
            (true, true) => f64::NEG_INFINITY,
            (true, false) => self.next_up(f64::NEG_INFINITY),
            (false, _) if self.has_zero() => 0.0,
            (false, _) => self.next_up(0.0),
        };
        let none = self.is_unbounded() || lowest.is_nan();
        Values { format: *self, next: (!none).then_some(lowest) }
    }
}

/// Every value of a format with its code, ascending. Made by [`Format::values`].
#[derive(Clone, Debug)]
pub struct Values {
    format: Format,
    next: Option<f64>,
}

impl Iterator for Values {
    type Item = (u64, f64);

    fn next(&mut self) -> Option<Self::Item> {
        let x = self.next?;
        let minus_zero = x == 0.0 && x.is_sign_negative();
        let above = if minus_zero { 0.0 } else { self.format.next_up(x) };
        self.next = (x != f64::INFINITY && !above.is_nan()).then_some(above);
        // Every value that `next_up` gives has a code.
        Some((self.format.encode(x).ok()?, x))
    }
}

impl core::iter::FusedIterator for Values {}
