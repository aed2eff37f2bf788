//! `Rounder`: what a [`Chop`] and a [`Stream`] share, in one table. Each row is a method of the trait, of
//! `Chop` and of `Stream`, so that programs need no trait and generic code sees all that they see.

mod operation;
#[cfg(feature = "rayon")]
mod rayon;
mod table;

pub use operation::{Operation, OperationInPlace};
use table::table;

#[cfg(feature = "ndarray")]
use ndarray::{Array, ArrayBase, Data, DataMut, Dimension};

use crate::arith::{self, Integer};
#[cfg(feature = "half")]
use crate::chop::HalfFloat;
use crate::chop::{self as values, Chop, Draws, Stream};
use crate::definition::{Rule, reference};
use crate::error::{CodeError, IntegerError, ParseError};
use crate::flags::Flags;
use crate::format::{Code, Format};
use crate::kernel::Span;
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::rounding::{Overflow, Rounding, Underflow};
use crate::storage::Storage;

table! {
    /// What format and storage type have in common: a format wider than its storage is the intersection of
    /// the two.
    part {
        /// The largest finite result in storage type `T`; zero where the storage holds none of the
        /// format's other finite values.
        #[must_use]
        fn largest_finite[T: Storage](&self) -> T {
            values::largest_finite(self.chop_ref())
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let wide = Chop::new(Format::unbounded(11)?, Rounding::NearestEven);
            /// assert_eq!(wide.largest_finite::<f32>(), (2.0 - 2f32.powi(-10)) * 2f32.powi(127));
            /// # Ok::<(), lowprec::error::FormatError>(())
            /// ```
        }

        /// The smallest positive result in storage type `T`; infinity where the storage holds none.
        #[must_use]
        fn smallest_positive[T: Storage](&self) -> T {
            values::smallest_positive(self.chop_ref())
        }

        /// The smallest positive result with all p bits in storage type `T`, as far as the storage has
        /// it; infinity where it lies beyond.
        #[must_use]
        fn smallest_normal[T: Storage](&self) -> T {
            values::smallest_normal(self.chop_ref())
        }
    }

    /// Rounding values.
    part {
        /// `x` rounded. A stochastic mode takes one position of a stream.
        #[must_use]
        #[inline]
        fn chop[T: Storage](&self, x: T) -> T {
            values::one(self, x)
        }

        /// Rounds every value in place. A stochastic mode takes a position of a stream for each.
        fn chop_slice[T: Storage](&self, values: &mut [T]) {
            values::run(self, Span::InPlace(values));
        }

        /// Rounds every value of `from` into `to`. A stochastic mode takes a position of a stream for each.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[track_caller]
        fn chop_into[T: Storage](&self, from: &[T], to: &mut [T]) {
            values::into(self, from, to);
        }

        /// The number that text says, rounded once however many digits it has: decimal (`-1.5e-3`, `inf`, `nan`, as
        /// `f64::from_str` reads it) or hexadecimal (`0x1.8p-3`; IEEE 754-2019 5.12.3). A stochastic mode takes one
        /// position of a stream.
        ///
        /// # Errors
        ///
        /// If the text is not a number.
        fn parse[T: Storage](&self, text: &str) -> Result<T, ParseError> {
            arith::parsed(self, text)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let half = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// // Above the midpoint of 1 and 1.0009765625, but not in binary64.
            /// assert_eq!(half.parse::<f64>("1.00048828125000000000000000000001")?, 1.0009765625);
            /// assert_eq!(half.parse::<f32>("0x1.002p0")?, 1.0);
            /// assert_eq!(half.parse::<f64>("1e400")?, f64::INFINITY);
            /// # Ok::<(), lowprec::error::ParseError>(())
            /// ```
        }

        /// `x` rounded, with what happened by the definition: slow. A quiet NaN raises nothing, a signaling one is invalid.
        #[must_use]
        fn chop_flags[T: Storage](&self, x: T) -> (T, Flags) {
            arith::defined(self, |rule, bits| reference::chop_flags_drawing(x, rule, bits))
        }
    }

    /// Rounding into codes.
    part {
        /// Rounds every value of `from` into its code: as `chop_into` and then
        /// [`Format::encode_slice`], without room for the values between. A stochastic mode takes
        /// the random bits that `chop_into` takes, whether or not all results have codes.
        ///
        /// # Errors
        ///
        /// At the first NaN that has no code, with its index: codes before it are written, others
        /// not. Before anything is rounded, if the format has no codes or `C` is narrower than
        /// they are.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[track_caller]
        fn chop_into_codes[T: Storage, C: Code](
            &self,
            from: &[T],
            to: &mut [C]
        ) -> Result<(), CodeError> {
            values::codes::into_codes(self, from, to)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
            /// let mut codes = [0_u8; 3];
            /// fp8.chop_into_codes(&[1.01_f32, -2.0, 1e-9], &mut codes)?;
            /// assert_eq!(codes, [0x38, 0xc0, 0x00]);
            /// # Ok::<(), lowprec::error::CodeError>(())
            /// ```
        }

        /// Rounds every value of `from` into its code, of k bits, side by side in `to`: the least
        /// significant bits first within a byte, as OCP MX and ONNX lay them out. Unused bits of
        /// the last byte are zero. Random bits as in `chop_into_codes`.
        ///
        /// # Errors
        ///
        /// At the first NaN that has no code, with its index: what is in `to` is then not to be
        /// relied on. Before anything is rounded, if the format's codes have more than 16 bits or
        /// it has none.
        ///
        /// # Panics
        ///
        /// Unless `to` is as long as [`Format::packed_len`] says.
        #[track_caller]
        fn chop_into_packed[T: Storage](&self, from: &[T], to: &mut [u8]) -> Result<(), CodeError> {
            values::codes::into_packed(self, from, to)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
            /// let mut packed = [0; 2];
            /// fp4.chop_into_packed(&[6.2_f32, -0.5, 1.1], &mut packed)?;
            /// assert_eq!(packed, [0x97, 0x02]);
            /// # Ok::<(), lowprec::error::CodeError>(())
            /// ```
        }

        /// Rounds every value of `from` into `to`, once. A NaN becomes the canonical one.
        ///
        /// # Errors
        ///
        /// If the rounding's format is not that of `H`: [`Format::BINARY16`] for `f16`,
        /// [`Format::BFLOAT16`] for `bf16`.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[cfg(feature = "half")]
        #[track_caller]
        fn chop_into_half[T: Storage, H: HalfFloat](
            &self,
            from: &[T],
            to: &mut [H]
        ) -> Result<(), CodeError> {
            values::half::into_half(self, from, to)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let mut halves = [half::f16::ZERO; 1];
            /// // Rounded to f32 first, this tie-breaker below the tie would be lost.
            /// fp16.chop_into_half(&[1.0 + 3.0 / 2048.0 - 1e-12_f64], &mut halves)?;
            /// assert_eq!(halves[0].to_f64(), 1.0009765625);
            /// # Ok::<(), lowprec::error::CodeError>(())
            /// ```
        }
    }

    /// Rounding ndarray arrays (feature `ndarray`) and slices in parallel (feature `rayon`).
    part {
        /// A rounded copy of an array or view of any layout and dimension. Positions of a stream count in
        /// logical row-major order.
        #[cfg(feature = "ndarray")]
        #[must_use]
        fn chop_array[T: Storage, S: Data<Elem = T>, D: Dimension](
            &self,
            array: &ArrayBase<S, D>
        ) -> Array<T, D> {
            values::ndarray::rounded(self, array)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// use ndarray::array;
            /// let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
            /// let a = array![[0.3, 1.2], [2.6, 7.0]];
            /// assert_eq!(fp4.chop_array(&a.t()), array![[0.5, 3.0], [1.0, 6.0]]);
            /// ```
        }

        /// Rounds an array or mutable view of any layout and dimension in place. Positions of a stream count
        /// in logical row-major order.
        #[cfg(feature = "ndarray")]
        fn chop_array_inplace[T: Storage, S: DataMut<Elem = T>, D: Dimension](
            &self,
            array: &mut ArrayBase<S, D>
        ) {
            values::ndarray::round_in_place(self, array);
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// use ndarray::{array, s};
            /// let mut a = array![[0.3, 1.2], [2.6, 7.0]];
            /// let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
            /// fp4.chop_array_inplace(&mut a.slice_mut(s![.., 1]));
            /// assert_eq!(a, array![[0.3, 1.0], [2.6, 6.0]]);
            /// ```
        }

        /// Rounds every value in place on rayon's threads: a stream to the bits of its sequential
        /// `chop_slice`, a `Chop` in a stochastic mode by each thread's own generator. Slices too short to gain are
        /// rounded on the calling thread.
        #[cfg(feature = "rayon")]
        fn par_chop_slice[T: Storage](&self, values: &mut [T]) {
            values::rayon::in_place(self, values);
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
            /// let (mut a, mut b) = (vec![0.1_f32; 200_000], vec![0.1_f32; 200_000]);
            /// sr.stream(42).chop_slice(&mut a);
            /// sr.stream(42).par_chop_slice(&mut b);
            /// assert_eq!(a, b);
            /// ```
        }

        /// Rounds every value of `from` into `to` on rayon's threads, with the random bits of
        /// `par_chop_slice`.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[cfg(feature = "rayon")]
        #[track_caller]
        fn par_chop_into[T: Storage](&self, from: &[T], to: &mut [T]) {
            values::rayon::into(self, from, to);
        }
    }

    /// Arithmetic: the exact result of an operation on any storage values, rounded once. NaN results are quiet,
    /// and positive but for overflows that become NaN.
    part {
        /// x + y.
        #[must_use]
        #[inline]
        fn add[T: Storage](&self, x: T, y: T) -> T {
            arith::add(self, x, y)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY32, Rounding::Up);
            /// let tiny = 2f64.powi(-60);
            /// assert_eq!(1.0 + tiny, 1.0);                                 // in binary64
            /// assert_eq!(up.add(1.0, tiny), 1.0 + 2f64.powi(-23));
            /// ```
        }

        /// x - y.
        #[must_use]
        #[inline]
        fn sub[T: Storage](&self, x: T, y: T) -> T {
            arith::sub(self, x, y)
        }

        /// x·y.
        #[must_use]
        #[inline]
        fn mul[T: Storage](&self, x: T, y: T) -> T {
            arith::mul(self, x, y)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let to_zero = Chop::new(Format::BFLOAT16, Rounding::TowardZero);
            /// let huge = 2f32.powi(100);                            // the product overflows f32
            /// assert_eq!(to_zero.mul(huge, huge), to_zero.largest_finite());
            /// ```
        }

        /// x / y.
        #[must_use]
        #[inline]
        fn div[T: Storage](&self, x: T, y: T) -> T {
            arith::div(self, x, y)
        }

        /// √x: NaN below zero, -0 of -0.
        #[must_use]
        #[inline]
        fn sqrt[T: Storage](&self, x: T) -> T {
            arith::sqrt(self, x)
        }

        /// x·y + z.
        #[must_use]
        #[inline]
        fn fma[T: Storage](&self, x: T, y: T, z: T) -> T {
            arith::fma(self, x, y, z)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY16, Rounding::Up);
            /// let tiny = 2f64.powi(-24);
            /// assert_eq!(up.fma(tiny, tiny, 32768.0), 32800.0);
            /// ```
        }

        /// x + y + z.
        #[must_use]
        #[inline]
        fn sum[T: Storage](&self, x: T, y: T, z: T) -> T {
            arith::sum(self, x, y, z)
        }

        /// x·y + z·w.
        #[must_use]
        #[inline]
        fn dot[T: Storage](&self, x: T, y: T, z: T, w: T) -> T {
            arith::dot(self, x, y, z, w)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let (x, y) = (1.0 + 2f64.powi(-10), 1.0 - 2f64.powi(-10));
            /// assert_eq!(fp16.dot(x, y, -1.0, 1.0), -2f64.powi(-20));      // x·y alone rounds to 1
            /// ```
        }

        /// The IEEE remainder, [`Binary::Remainder`].
        #[must_use]
        #[inline]
        fn remainder[T: Storage](&self, x: T, y: T) -> T {
            arith::remainder(self, x, y)
        }

        /// The remainder of truncated division, [`Binary::Fmod`].
        #[must_use]
        #[inline]
        fn fmod[T: Storage](&self, x: T, y: T) -> T {
            arith::fmod(self, x, y)
        }
    }

    /// Arithmetic with the IEEE exceptions raised, by the definition ([`reference`](crate::reference)): slow.
    part {
        /// x + y, and what happened.
        #[must_use]
        fn add_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Add, [x, y]) }
        /// x - y, and what happened.
        #[must_use]
        fn sub_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Sub, [x, y]) }
        /// x·y, and what happened.
        #[must_use]
        fn mul_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Mul, [x, y]) }
        /// x / y, and what happened.
        #[must_use]
        fn div_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Div, [x, y]) }
        /// √x, and what happened.
        #[must_use]
        fn sqrt_flags[T: Storage](&self, x: T) -> (T, Flags) { operation::flags(self, Unary::Sqrt, [x]) }
        /// x·y + z, and what happened.
        #[must_use]
        fn fma_flags[T: Storage](&self, x: T, y: T, z: T) -> (T, Flags) { operation::flags(self, Ternary::Fma, [x, y, z]) }
        /// x + y + z, and what happened.
        #[must_use]
        fn sum_flags[T: Storage](&self, x: T, y: T, z: T) -> (T, Flags) { operation::flags(self, Ternary::Sum, [x, y, z]) }
        /// x·y + z·w, and what happened.
        #[must_use]
        fn dot_flags[T: Storage](&self, x: T, y: T, z: T, w: T) -> (T, Flags) { operation::flags(self, Quaternary::Dot, [x, y, z, w]) }
        /// The IEEE remainder, and what happened.
        #[must_use]
        fn remainder_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Remainder, [x, y]) }
        /// The remainder of truncated division, and what happened.
        #[must_use]
        fn fmod_flags[T: Storage](&self, x: T, y: T) -> (T, Flags) { operation::flags(self, Binary::Fmod, [x, y]) }
    }

    /// Operations on slices, element by element: the bits of the scalar calls in order.
    part {
        /// An operation on slices into another: `map(Binary::Add, [&x, &y], &mut to)`.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[track_caller]
        fn map[const N: usize, O: Operation<N>, T: Storage](
            &self,
            op: O,
            operands: [&[T]; N],
            to: &mut [T]
        ) {
            operation::map(self, op, operands, to);
        }
        example {
            /// ```
            /// use lowprec::{Binary, Chop, Format, Rounding};
            /// let fp8 = Chop::new(Format::OCP_E4M3, Rounding::NearestEven);
            /// let mut sums = [0.0_f32; 3];
            /// fp8.map(Binary::Add, [&[1.0, 16.0, 448.0], &[0.0625, 1.0, 17.0]], &mut sums);
            /// assert_eq!(sums[..2], [1.0, 16.0]);
            /// assert!(sums[2].is_nan());                                // 465 overflows
            /// ```
        }

        /// An operation on slices in place of its first operand: x becomes x ∘ y for `map_inplace(op, &mut x, [&y])`,
        /// √x for `map_inplace(Unary::Sqrt, &mut x, [])`.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[track_caller]
        fn map_inplace[const M: usize, O: OperationInPlace<M>, T: Storage](
            &self,
            op: O,
            x: &mut [T],
            others: [&[T]; M]
        ) {
            operation::map_inplace(self, op, x, others);
        }
        example {
            /// ```
            /// use lowprec::{Binary, Chop, Format, Rounding, Unary};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// let mut x = [1.0, 4.0, 2.0];
            /// fp16.map_inplace(Unary::Sqrt, &mut x, []);
            /// fp16.map_inplace(Binary::Mul, &mut x, [&[3.0, 3.0, 3.0]]);
            /// assert_eq!(x, [3.0, 6.0, 4.2421875]);
            /// ```
        }

        /// [`Chop::map`] on rayon's threads: a stream to the bits of `map`, a `Chop` in a stochastic mode by each thread's
        /// own generator. Fewer than 2^16 results are made on the calling thread (feature `rayon`).
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[cfg(feature = "rayon")]
        #[track_caller]
        fn par_map[const N: usize, O: Operation<N>, T: Storage](&self, op: O, operands: [&[T]; N], to: &mut [T]) {
            rayon::map(self, op, operands, to);
        }

        /// [`Chop::map_inplace`] on rayon's threads, as `par_map` does (feature `rayon`).
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[cfg(feature = "rayon")]
        #[track_caller]
        fn par_map_inplace[const M: usize, O: OperationInPlace<M>, T: Storage](&self, op: O, x: &mut [T], others: [&[T]; M]) {
            rayon::map_inplace(self, op, x, others);
        }

        /// An operation on slices into another, with all that happened, joined: by the definition, slow.
        ///
        /// # Panics
        ///
        /// If the slices differ in length.
        #[track_caller]
        fn map_flags[const N: usize, O: Operation<N>, T: Storage](
            &self,
            op: O,
            operands: [&[T]; N],
            to: &mut [T]
        ) -> Flags {
            operation::map_flags(self, op, operands, to)
        }
    }

    /// Integers.
    part {
        /// An integer rounded to the format, once.
        #[must_use]
        fn from_integer[T: Storage, I: Integer](&self, integer: I) -> T {
            arith::from_integer(self, integer)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(fp16.from_integer::<f64, _>(2049_i32), 2048.0);
            /// let single = Chop::new(Format::BINARY32, Rounding::Up);
            /// assert_eq!(single.from_integer::<f32, _>(i64::MAX), 9223372036854775808.0);
            /// ```
        }

        /// A value rounded to an integer in this rounding's mode; its format does not matter. A stochastic mode
        /// takes one position of a stream, whatever the value.
        ///
        /// # Errors
        ///
        /// For NaN, infinities, and where the integer is beyond the type's range.
        fn to_integer[I: Integer, T: Storage](&self, x: T) -> Result<I, IntegerError> {
            arith::to_integer(self, x)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let even = Chop::new(Format::BINARY16, Rounding::NearestEven);
            /// assert_eq!(even.to_integer::<i8, _>(2.5), Ok(2));
            /// let error = even.to_integer::<u8, _>(255.5).unwrap_err();
            /// assert_eq!(error.to_string(), "255.5 given, 0..=255 allowed for u8 once rounded");
            /// ```
        }

        /// `x` rounded to an integral value in this rounding's mode, in the storage type: floor in `Down`, ceil in `Up`,
        /// trunc in `TowardZero`, rint in `NearestEven` (IEEE 754-2019 5.9). The format does not matter: chop the
        /// result where it may not be of it. Zeros keep the sign of `x`; infinities and NaN stay. A stochastic mode
        /// takes one position of a stream, whatever the value.
        #[must_use]
        fn round_to_integral[T: Storage](&self, x: T) -> T {
            arith::to_integral(self, x)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let integral = |mode, x: f64| Chop::new(Format::BINARY16, mode).round_to_integral(x);
            /// assert_eq!(integral(Rounding::NearestEven, 2.5), 2.0);
            /// assert_eq!(integral(Rounding::NearestUp, -2.5), -2.0);
            /// assert_eq!(integral(Rounding::Up, -0.5).to_bits(), (-0.0_f64).to_bits());
            /// ```
        }

        /// Rounds every value to an integral one in place, in order.
        fn round_to_integral_slice[T: Storage](&self, values: &mut [T]) {
            values.iter_mut().for_each(|x| *x = arith::to_integral(self, *x));
        }

        /// `round_to_integral`, and what happened: inexact, or invalid for a signaling NaN (roundToIntegralExact).
        #[must_use]
        fn round_to_integral_flags[T: Storage](&self, x: T) -> (T, Flags) {
            let (y, inexact) = arith::to_integral_inexact(self, x);
            (y, Flags { inexact, invalid: reference::is_signaling(&x), ..Flags::NONE })
        }

        /// `to_integer`, and what happened: inexact, or invalid where there is no such integer (IEEE 754-2019 5.8,
        /// convertToIntegerExact, in every mode).
        fn to_integer_flags[I: Integer, T: Storage](&self, x: T) -> (Result<I, IntegerError>, Flags) {
            arith::to_integer_flags(self, x)
        }
        example {
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// let up = Chop::new(Format::BINARY16, Rounding::NearestUp);
            /// let (n, flags) = up.to_integer_flags::<i8, _>(-2.5);
            /// assert_eq!((n, flags.inexact), (Ok(-2), true));
            /// let (n, flags) = up.to_integer_flags::<i8, _>(f64::NAN);
            /// assert!(n.is_err() && flags.invalid);
            /// ```
        }
    }
}
