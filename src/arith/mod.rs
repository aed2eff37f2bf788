//! Arithmetic: the exact result of an operation, rounded once.
//!
//! `odd` has the operations in the storage type, rounded to odd, `wide` and `exact` what the storage type
//! has no room for, `steps` those that a loop does together with the rounding, `scalar` and `slice` one operation and many, `integer` the conversions.

mod exact;
mod integer;
mod odd;
mod scalar;
mod slice;
mod steps;
mod wide;

pub use integer::Integer;
pub(crate) use integer::wide_integer;

use rand::Rng;

use self::odd::{Add, Div, Dot, Fma, Mul, Sqrt, Sum, positive_nan};
use self::slice::{map, map_exact, map_with};
use crate::chop::{Chop, Rounder, one, run, run_with};
use crate::error::IntegerError;
use crate::flags::Flags;
use crate::kernel::Span;
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::random::{Drawn, Given, Source};
use crate::reference;
use crate::rounding::{Decision, Direction};
use crate::storage::Storage;
use crate::stream::Stream;

/// Whether exact zero sums are -0.
#[inline(always)]
fn down(rounder: &impl Rounder) -> bool {
    let decision = rounder.chop_ref().rounding().decision();
    matches!(decision, Decision::Directed(Direction::Down))
}

#[inline(always)]
fn plus(rounder: &impl Rounder) -> Add {
    Add { subtract: false, down: down(rounder) }
}

#[inline(always)]
fn minus(rounder: &impl Rounder) -> Add {
    Add { subtract: true, down: down(rounder) }
}

/// The remainders of storage values are storage values: exact. In `f64`, which is exact for `f32` too.
#[inline]
fn remainder<T: Storage>(x: T, y: T, to_nearest: bool) -> T {
    let (x, y) = (x.widen(), y.widen());
    let rest = if to_nearest { libm::remainder(x, y) } else { libm::fmod(x, y) };
    scalar::narrowed(rest)
}

/// Operations of which the exact result is rounded once, for code that takes a [`Chop`] or a [`Stream`];
/// both have the same methods of their own.
///
/// Operands are any values of the storage type, numbers of the format or not: so the product of two FP8
/// numbers can be rounded into bfloat16. A NaN result is the quiet positive one, but an overflow that becomes
/// NaN keeps its sign; zeros have their signs by IEEE 754-2019 6.3. In a stochastic mode each operation
/// takes one position.
///
/// ```
/// use lowprec::{Arithmetic, Chop, Format, Rounding};
/// fn polynomial<A: Arithmetic>(arith: &A, coefficients: &[f64], x: f64) -> f64 {
///     coefficients.iter().fold(0.0, |y, &c| arith.fma(y, x, c))
/// }
/// let up = Chop::new(Format::BINARY16, Rounding::Up);
/// let down = Chop::new(Format::BINARY16, Rounding::Down);
/// let e = [1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0, 1.0];
/// assert!(polynomial(&down, &e, 0.3) < polynomial(&up, &e, 0.3));
/// ```
pub trait Arithmetic: Rounder + Sized {
    /// x + y.
    #[must_use]
    #[inline]
    fn add<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, plus(self), [x, y])
    }

    /// x - y.
    #[must_use]
    #[inline]
    fn sub<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, minus(self), [x, y])
    }

    /// x·y.
    #[must_use]
    #[inline]
    fn mul<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, Mul, [x, y])
    }

    /// x / y.
    #[must_use]
    #[inline]
    fn div<T: Storage>(&self, x: T, y: T) -> T {
        scalar::one(self, Div, [x, y])
    }

    /// √x.
    #[must_use]
    #[inline]
    fn sqrt<T: Storage>(&self, x: T) -> T {
        scalar::one(self, Sqrt, [x])
    }

    /// x·y + z.
    #[must_use]
    #[inline]
    fn fma<T: Storage>(&self, x: T, y: T, z: T) -> T {
        scalar::one(self, Fma { down: down(self) }, [x, y, z])
    }

    /// x + y + z.
    #[must_use]
    #[inline]
    fn sum<T: Storage>(&self, x: T, y: T, z: T) -> T {
        scalar::one(self, Sum { down: down(self) }, [x, y, z])
    }

    /// x·y + z·w.
    #[must_use]
    #[inline]
    fn dot<T: Storage>(&self, x: T, y: T, z: T, w: T) -> T {
        scalar::one(self, Dot { down: down(self) }, [x, y, z, w])
    }

    /// The IEEE remainder, [`Binary::Remainder`].
    #[must_use]
    fn remainder<T: Storage>(&self, x: T, y: T) -> T {
        one(self, positive_nan(remainder(x, y, true)))
    }

    /// The remainder of truncated division, [`Binary::Fmod`].
    #[must_use]
    fn fmod<T: Storage>(&self, x: T, y: T) -> T {
        one(self, positive_nan(remainder(x, y, false)))
    }
}

impl<R: Rounder> Arithmetic for R {}

/// The operations on operands that are known to be numbers of the format, NaN and infinities included:
/// the same results, sooner in the nearest modes.
pub(crate) mod members {
    use super::odd::{Div, Mul, Sqrt};
    use super::scalar::of_members;
    use super::{Rounder, Storage, minus, plus};

    #[inline(always)]
    pub(crate) fn add<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, plus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn sub<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, minus(rounder), [x, y])
    }

    #[inline(always)]
    pub(crate) fn mul<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, Mul, [x, y])
    }

    #[inline(always)]
    pub(crate) fn div<T: Storage>(rounder: &impl Rounder, x: T, y: T) -> T {
        of_members(rounder, Div, [x, y])
    }

    #[inline(always)]
    pub(crate) fn sqrt<T: Storage>(rounder: &impl Rounder, x: T) -> T {
        of_members(rounder, Sqrt, [x])
    }
}

macro_rules! operations {
    ($type:ty) => {
        /// Arithmetic: the exact result of an operation on any storage values, rounded once. NaN results
        /// are quiet, and positive but for overflows that become NaN.
        impl $type {
            /// x + y.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY32, Rounding::Up);
            /// let tiny = 2f64.powi(-60);
            /// assert_eq!(1.0 + tiny, 1.0);                                 // in binary64
            /// assert_eq!(up.add(1.0, tiny), 1.0 + 2f64.powi(-23));
            /// ```
            #[must_use]
            #[inline]
            pub fn add<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::add(self, x, y)
            }

            /// x - y.
            #[must_use]
            #[inline]
            pub fn sub<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::sub(self, x, y)
            }

            /// x·y.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let to_zero = Chop::new(Format::BFLOAT16, Rounding::TowardZero);
            /// let huge = 2f32.powi(100);                            // the product overflows f32
            /// assert_eq!(to_zero.mul(huge, huge), to_zero.largest_finite());
            /// ```
            #[must_use]
            #[inline]
            pub fn mul<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::mul(self, x, y)
            }

            /// x / y.
            #[must_use]
            #[inline]
            pub fn div<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::div(self, x, y)
            }

            /// √x: NaN below zero, -0 of -0.
            #[must_use]
            #[inline]
            pub fn sqrt<T: Storage>(&self, x: T) -> T {
                Arithmetic::sqrt(self, x)
            }

            /// x·y + z.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY16, Rounding::Up);
            /// let tiny = 2f64.powi(-24);
            /// assert_eq!(up.fma(tiny, tiny, 32768.0), 32800.0);
            /// ```
            #[must_use]
            #[inline]
            pub fn fma<T: Storage>(&self, x: T, y: T, z: T) -> T {
                Arithmetic::fma(self, x, y, z)
            }

            /// x + y + z.
            #[must_use]
            #[inline]
            pub fn sum<T: Storage>(&self, x: T, y: T, z: T) -> T {
                Arithmetic::sum(self, x, y, z)
            }

            /// x·y + z·w.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let (x, y) = (1.0 + 2f64.powi(-10), 1.0 - 2f64.powi(-10));
            /// assert_eq!(fp16.dot(x, y, -1.0, 1.0), -2f64.powi(-20));      // x·y alone rounds to 1
            /// ```
            #[must_use]
            #[inline]
            pub fn dot<T: Storage>(&self, x: T, y: T, z: T, w: T) -> T {
                Arithmetic::dot(self, x, y, z, w)
            }

            /// The IEEE remainder, [`Binary::Remainder`].
            #[must_use]
            pub fn remainder<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::remainder(self, x, y)
            }

            /// The remainder of truncated division, [`Binary::Fmod`].
            #[must_use]
            pub fn fmod<T: Storage>(&self, x: T, y: T) -> T {
                Arithmetic::fmod(self, x, y)
            }
        }

        /// The same with what happened, as [`reference`](crate::reference) says it: slow.
        impl $type {
            /// `x` rounded; a NaN raises nothing.
            #[must_use]
            pub fn chop_flags<T: Storage>(&self, x: T) -> (T, Flags) {
                flags(self, |rule, bits| reference::chop_flags_drawing(x, rule, bits))
            }

            /// x + y.
            #[must_use]
            pub fn add_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, plus(self), [x, y])
            }

            /// x - y.
            #[must_use]
            pub fn sub_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, minus(self), [x, y])
            }

            /// x·y.
            #[must_use]
            pub fn mul_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, Mul, [x, y])
            }

            /// x / y.
            #[must_use]
            pub fn div_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                scalar::with_flags(self, Div, [x, y])
            }

            /// √x.
            #[must_use]
            pub fn sqrt_flags<T: Storage>(&self, x: T) -> (T, Flags) {
                scalar::with_flags(self, Sqrt, [x])
            }

            /// x·y + z.
            #[must_use]
            pub fn fma_flags<T: Storage>(&self, x: T, y: T, z: T) -> (T, Flags) {
                scalar::with_flags(self, Fma { down: down(self) }, [x, y, z])
            }

            /// x + y + z.
            #[must_use]
            pub fn sum_flags<T: Storage>(&self, x: T, y: T, z: T) -> (T, Flags) {
                scalar::with_flags(self, Sum { down: down(self) }, [x, y, z])
            }

            /// x·y + z·w.
            #[must_use]
            pub fn dot_flags<T: Storage>(&self, x: T, y: T, z: T, w: T) -> (T, Flags) {
                scalar::with_flags(self, Dot { down: down(self) }, [x, y, z, w])
            }

            /// The IEEE remainder.
            #[must_use]
            pub fn remainder_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                flags(self, |rule, bits| {
                    reference::binary_drawing(Binary::Remainder, [x, y], rule, bits)
                })
            }

            /// The remainder of truncated division.
            #[must_use]
            pub fn fmod_flags<T: Storage>(&self, x: T, y: T) -> (T, Flags) {
                flags(self, |rule, bits| {
                    reference::binary_drawing(Binary::Fmod, [x, y], rule, bits)
                })
            }
        }

        /// Arithmetic on slices, element by element: the bits of the scalar calls in order.
        ///
        /// Every form panics where the slices differ in length.
        impl $type {
            /// A unary operation into a slice.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn map1<T: Storage>(&self, op: Unary, x: &[T], to: &mut [T]) {
                lengths(&[x.len()], to.len());
                match op {
                    Unary::Sqrt => map(self, Sqrt, [x], to),
                }
            }

            /// A binary operation into a slice.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            ///
            /// ```
            /// use lowprec::{Binary, Chop, Format, Rounding};
            /// let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
            /// let mut sums = [0.0_f32; 3];
            /// fp8.map2(Binary::Add, &[1.0, 16.0, 448.0], &[0.0625, 1.0, 17.0], &mut sums);
            /// assert_eq!(sums[..2], [1.0, 16.0]);
            /// assert!(sums[2].is_nan());                                // 465 overflows
            /// ```
            #[track_caller]
            pub fn map2<T: Storage>(&self, op: Binary, x: &[T], y: &[T], to: &mut [T]) {
                lengths(&[x.len(), y.len()], to.len());
                let rests = |to_nearest| move |[x, y]: [T; 2]| remainder(x, y, to_nearest);
                let mut round = |_, to: &mut [T]| run(self, Span::InPlace(to));
                match op {
                    Binary::Add => map(self, plus(self), [x, y], to),
                    Binary::Sub => map(self, minus(self), [x, y], to),
                    Binary::Mul => map(self, Mul, [x, y], to),
                    Binary::Div => map(self, Div, [x, y], to),
                    Binary::Remainder => map_exact([x, y], to, rests(true), &mut round),
                    Binary::Fmod => map_exact([x, y], to, rests(false), &mut round),
                }
            }

            /// A binary operation in place: x becomes x ∘ y.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn map2_inplace<T: Storage>(&self, op: Binary, x: &mut [T], y: &[T]) {
                lengths(&[y.len()], x.len());
                in_place(x, |start, from, to| self.map2(op, from, &y[start..][..to.len()], to));
            }

            /// A unary operation in place.
            pub fn map1_inplace<T: Storage>(&self, op: Unary, x: &mut [T]) {
                in_place(x, |_, from, to| self.map1(op, from, to));
            }

            /// A ternary operation into a slice.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn map3<T: Storage>(&self, op: Ternary, x: &[T], y: &[T], z: &[T], to: &mut [T]) {
                lengths(&[x.len(), y.len(), z.len()], to.len());
                match op {
                    Ternary::Fma => map(self, Fma { down: down(self) }, [x, y, z], to),
                    Ternary::Sum => map(self, Sum { down: down(self) }, [x, y, z], to),
                }
            }

            /// A quaternary operation into a slice.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn map4<T: Storage>(&self, op: Quaternary, args: [&[T]; 4], to: &mut [T]) {
                lengths(&args.map(<[T]>::len), to.len());
                match op {
                    Quaternary::Dot => map(self, Dot { down: down(self) }, args, to),
                }
            }

            /// A binary operation into a slice, with all that happened, joined: by the definition, slow.
            ///
            /// # Panics
            ///
            /// If the slices differ in length.
            #[track_caller]
            pub fn map2_flags<T: Storage>(
                &self,
                op: Binary,
                x: &[T],
                y: &[T],
                to: &mut [T],
            ) -> Flags {
                lengths(&[x.len(), y.len()], to.len());
                let mut all = Flags::NONE;
                for ((&x, &y), to) in x.iter().zip(y).zip(to) {
                    let (z, raised) =
                        flags(self, |rule, bits| reference::binary_drawing(op, [x, y], rule, bits));
                    *to = z;
                    all |= raised;
                }
                all
            }
        }

        /// Integers.
        impl $type {
            /// An integer rounded to the format, once.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(fp16.from_integer::<f64, _>(2049_i32), 2048.0);
            /// let single = Chop::new(Format::BINARY32, Rounding::Up);
            /// assert_eq!(single.from_integer::<f32, _>(i64::MAX), 9223372036854775808.0);
            /// ```
            #[must_use]
            pub fn from_integer<T: Storage, I: Integer>(&self, integer: I) -> T {
                integer::to_number(self, integer)
            }

            /// A value rounded to an integer in this rounding's mode; its format does not matter.
            ///
            /// # Errors
            ///
            /// For NaN, infinities, and where the integer is beyond the type's range.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let even = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(even.to_integer::<i8, _>(2.5), Ok(2));
            /// let error = even.to_integer::<u8, _>(255.5).unwrap_err();
            /// assert_eq!(error.to_string(), "2.555e2 given, 0..=255 allowed for u8 once rounded");
            /// ```
            pub fn to_integer<I: Integer, T: Storage>(&self, x: T) -> Result<I, IntegerError> {
                integer::of_number(self, x)
            }
        }
    };
}

operations!(Chop);
operations!(Stream);

/// Arithmetic with random bits of one's own.
impl Chop {
    /// A binary operation into a slice with the random bits in `words`, one word an element, as
    /// [`Chop::chop_slice_words`] has them.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::{Binary, Chop, Format, Rounding};
    /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    /// // 1 + 0.25·2^-7 + 2^-60: a little more than a quarter of the way up.
    /// let (x, y) = ([1.0 + 2f64.powi(-9); 2], [2f64.powi(-60); 2]);
    /// let mut sums = [0.0; 2];
    /// sr.map2_words(Binary::Add, &x, &y, &mut sums, &[0x4000_0000, 0x4000_0001]);
    /// assert_eq!(sums, [1.0, 1.0]);
    /// sr.map2_words(Binary::Add, &x, &y, &mut sums, &[0x3fff_ffff, 0]);
    /// assert_eq!(sums, [1.0 + 2f64.powi(-7); 2]);
    /// ```
    #[track_caller]
    pub fn map2_words<T: Storage>(
        &self,
        op: Binary,
        x: &[T],
        y: &[T],
        to: &mut [T],
        words: &[u32],
    ) {
        lengths(&[x.len(), y.len(), words.len()], to.len());
        self.map2_source(&mut Given(words), op, [x, y], to);
    }

    /// A unary operation likewise.
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn map1_words<T: Storage>(&self, op: Unary, x: &[T], to: &mut [T], words: &[u32]) {
        lengths(&[x.len(), words.len()], to.len());
        match op {
            Unary::Sqrt => map_with(self, &mut Given(words), 0, Sqrt, [x], to),
        }
    }

    /// A binary operation into a slice with random bits from `rng`, as [`Chop::chop_slice_with`].
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    #[track_caller]
    pub fn map2_with<T: Storage, R: Rng + ?Sized>(
        &self,
        op: Binary,
        x: &[T],
        y: &[T],
        to: &mut [T],
        rng: &mut R,
    ) {
        lengths(&[x.len(), y.len()], to.len());
        self.map2_source(&mut Drawn::new(rng), op, [x, y], to);
    }

    fn map2_source<T: Storage>(
        &self,
        source: &mut dyn Source,
        op: Binary,
        args: [&[T]; 2],
        to: &mut [T],
    ) {
        match op {
            Binary::Add => map_with(self, source, 0, plus(self), args, to),
            Binary::Sub => map_with(self, source, 0, minus(self), args, to),
            Binary::Mul => map_with(self, source, 0, Mul, args, to),
            Binary::Div => map_with(self, source, 0, Div, args, to),
            Binary::Remainder | Binary::Fmod => {
                let rest = |[x, y]: [T; 2]| remainder(x, y, op == Binary::Remainder);
                map_exact(args, to, rest, |start, to| {
                    run_with(self, source, start as u64, Span::InPlace(to));
                });
            }
        }
    }
}

/// Quotients into a slice with random bits from a source, of which the first result is element `origin`.
pub(crate) fn quotients_with<T: Storage>(
    chop: &Chop,
    source: &mut dyn Source,
    origin: u64,
    args: [&[T]; 2],
    to: &mut [T],
) {
    map_with(chop, source, origin, Div, args, to);
}

/// Calls the definition with the rounder's random bits for one element.
fn flags<T>(
    rounder: &impl Rounder,
    define: impl FnOnce(&crate::Rule, &mut dyn FnMut(usize) -> Option<u16>) -> (T, Flags),
) -> (T, Flags) {
    let rule = rounder.rule();
    if !rule.rounding.is_stochastic() {
        return define(&rule, &mut |_| None);
    }
    rounder.draw(1, |source, index| {
        let word = source.words(index, 1)[0];
        define(&rule, &mut |group| source.group(index, word, group))
    })
}

/// Calls `map` with copies of parts of a slice and the places of the results.
fn in_place<T: Storage>(x: &mut [T], mut map: impl FnMut(usize, &[T], &mut [T])) {
    const PART: usize = 512;
    let mut copy = [T::zero(); PART];
    for (index, to) in x.chunks_mut(PART).enumerate() {
        let from = &mut copy[..to.len()];
        from.copy_from_slice(to);
        map(index * PART, from, to);
    }
}

#[track_caller]
fn lengths(operands: &[usize], results: usize) {
    for (index, &length) in operands.iter().enumerate() {
        assert!(length == results, "operand {index} has {length} elements, the results {results}");
    }
}
