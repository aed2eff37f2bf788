//! Operations by the number of their operands, and what carries each out.

use crate::arith::{self, Add, Div, Dot, Fma, Mul, Sqrt, Sum};
use crate::chop::{Chop, Draws};
use crate::definition::{Rule, reference};
use crate::flags::Flags;
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::rounding::random::{Drawn, Given, Source};
use crate::slices;
use crate::storage::Storage;

/// An operation on N numbers: [`Unary`], [`Binary`], [`Ternary`] or [`Quaternary`]. Sealed.
///
/// ```
/// use lowprec::{Binary, Chop, Format, Operation, Rounding, Storage, Unary};
/// // Any operation of N operands on N columns.
/// fn column<const N: usize, O: Operation<N>>(op: O, chop: &Chop, columns: [&[f64]; N]) -> Vec<f64> {
///     let mut to = vec![0.0; columns[0].len()];
///     chop.map(op, columns, &mut to);
///     to
/// }
/// let fp16 = Chop::new(Format::BINARY16, Rounding::NearestEven);
/// assert_eq!(column(Unary::Sqrt, &fp16, [&[2.0]]), [1.4140625]);
/// assert_eq!(column(Binary::Div, &fp16, [&[1.0], &[3.0]]), [0.333251953125]);
/// ```
pub trait Operation<const N: usize>: sealed::Operation<N> {}

/// An [`Operation`] carried out in place of its first operand, with M others: `OperationInPlace<1>` is a
/// [`Binary`]. Sealed.
pub trait OperationInPlace<const M: usize>: sealed::InPlace<M> {}

pub(crate) mod sealed {
    use super::{Chop, Draws, Flags, Rule, Source, Storage};

    pub trait Operation<const N: usize>: Copy + Send + Sync + 'static {
        fn map<T: Storage>(self, rounder: &impl Draws, operands: [&[T]; N], to: &mut [T]);
        /// With random bits from a source, of which the first result is element 0.
        fn map_from<T: Storage>(
            self,
            chop: &Chop,
            source: &mut dyn Source,
            operands: [&[T]; N],
            to: &mut [T],
        );
        /// By the definition, with what happened.
        fn define<T: Storage>(
            self,
            operands: [T; N],
            rule: &Rule,
            bits: &mut dyn FnMut(usize) -> Option<u16>,
        ) -> (T, Flags);
    }

    pub trait InPlace<const M: usize>: Copy + Send + Sync + 'static {
        fn map_inplace<T: Storage>(self, rounder: &impl Draws, x: &mut [T], others: [&[T]; M]);
    }
}

/// The operations of each number of operands: `exact` ones, of which the exact result is rounded, and
/// those of which the storage type already has it.
macro_rules! operations {
    ($(
        $type:ty, $n:literal, $m:literal, $define:ident, [$first:ident $(, $other:ident)*]:
            |$rounder:ident| { $($variant:ident => $op:expr,)* }
            storage { $($exact:ident => $value:expr,)* }
    )*) => {$(
        impl Operation<$n> for $type {}
        impl OperationInPlace<$m> for $type {}

        impl sealed::Operation<$n> for $type {
            fn map<T: Storage>(self, $rounder: &impl Draws, operands: [&[T]; $n], to: &mut [T]) {
                match self {
                    $(Self::$variant => arith::map($rounder, $op, operands, to),)*
                    $(Self::$exact => arith::map_exact($rounder, $value, operands, to),)*
                }
            }

            fn map_from<T: Storage>(
                self,
                $rounder: &Chop,
                source: &mut dyn Source,
                operands: [&[T]; $n],
                to: &mut [T],
            ) {
                match self {
                    $(Self::$variant => arith::map_from($rounder, source, 0, $op, operands, to),)*
                    $(Self::$exact => arith::map_exact_from($rounder, source, $value, operands, to),)*
                }
            }

            fn define<T: Storage>(
                self,
                operands: [T; $n],
                rule: &Rule,
                bits: &mut dyn FnMut(usize) -> Option<u16>,
            ) -> (T, Flags) {
                reference::$define(self, operands, rule, bits)
            }
        }

        impl sealed::InPlace<$m> for $type {
            fn map_inplace<T: Storage>(
                self,
                rounder: &impl Draws,
                x: &mut [T],
                others: [&[T]; $m],
            ) {
                let [$($other),*] = others;
                #[allow(unused_variables, reason = "a unary operation has no others")]
                in_parts(x, |start, $first, to| {
                    let operands = [$first $(, &$other[start..][..to.len()])*];
                    sealed::Operation::map(self, rounder, operands, to);
                });
            }
        }
    )*};
}

operations! {
    Unary, 1, 0, unary_drawing, [x]: |rounder| { Sqrt => Sqrt, } storage {}
    Binary, 2, 1, binary_drawing, [x, y]: |rounder| {
        Add => Add::plus(rounder),
        Sub => Add::minus(rounder),
        Mul => Mul,
        Div => Div,
    } storage {
        Remainder => arith::nearest_remainders,
        Fmod => arith::truncated_remainders,
    }
    Ternary, 3, 2, ternary_drawing, [x, y, z]: |rounder| {
        Fma => Fma::by(rounder),
        Sum => Sum::by(rounder),
    } storage {}
    Quaternary, 4, 3, quaternary_drawing, [x, y, z, w]: |rounder| {
        Dot => Dot::by(rounder),
    } storage {}
}

/// Calls `map` with copies of parts of a slice and the places of the results.
fn in_parts<T: Storage>(x: &mut [T], mut map: impl FnMut(usize, &[T], &mut [T])) {
    const PART: usize = 512;
    let mut copy = [T::zero(); PART];
    for (index, to) in x.chunks_mut(PART).enumerate() {
        let from = &mut copy[..to.len()];
        slices::copy(to, from);
        map(index * PART, from, to);
    }
}

#[track_caller]
pub(super) fn lengths<T>(operands: &[&[T]], results: usize) {
    for (index, operand) in operands.iter().enumerate() {
        length(index, operand.len(), results);
    }
}

#[track_caller]
fn length(index: usize, length: usize, results: usize) {
    assert!(length == results, "operand {index} has {length} elements, the results {results}");
}

#[track_caller]
pub(super) fn map<const N: usize, O: Operation<N>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    operands: [&[T]; N],
    to: &mut [T],
) {
    lengths(&operands, to.len());
    op.map(rounder, operands, to);
}

#[track_caller]
pub(super) fn map_inplace<const M: usize, O: OperationInPlace<M>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    x: &mut [T],
    others: [&[T]; M],
) {
    // The others count from 0.
    lengths(&others, x.len());
    op.map_inplace(rounder, x, others);
}

#[track_caller]
pub(super) fn map_flags<const N: usize, O: Operation<N>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    operands: [&[T]; N],
    to: &mut [T],
) -> Flags {
    lengths(&operands, to.len());
    let mut all = Flags::NONE;
    for (i, y) in to.iter_mut().enumerate() {
        let (z, raised) = flags(rounder, op, operands.map(|values| values[i]));
        *y = z;
        all |= raised;
    }
    all
}

/// One operation by the definition, with what happened.
pub(super) fn flags<const N: usize, O: Operation<N>, T: Storage>(
    rounder: &impl Draws,
    op: O,
    operands: [T; N],
) -> (T, Flags) {
    arith::defined(rounder, |rule, bits| op.define(operands, rule, bits))
}

/// Operations with random bits of one's own.
impl Chop {
    /// An operation on slices with the random bits in `words`, one word an element, the most significant
    /// bit first, as [`Chop::chop_slice_words`] has them.
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
    /// sr.map_words(Binary::Add, [&x, &y], &mut sums, &[0x4000_0000, 0x4000_0001]);
    /// assert_eq!(sums, [1.0, 1.0]);
    /// sr.map_words(Binary::Add, [&x, &y], &mut sums, &[0x3fff_ffff, 0]);
    /// assert_eq!(sums, [1.0 + 2f64.powi(-7); 2]);
    /// ```
    #[track_caller]
    pub fn map_words<const N: usize, O: Operation<N>, T: Storage>(
        &self,
        op: O,
        operands: [&[T]; N],
        to: &mut [T],
        words: &[u32],
    ) {
        lengths(&operands, to.len());
        // Words are one more operand.
        length(N, words.len(), to.len());
        op.map_from(self, &mut Given(words), operands, to);
    }

    /// An operation on slices with random bits from `rng`, in the order of [`Chop::chop_slice_with`].
    ///
    /// # Panics
    ///
    /// If the slices differ in length.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding, Unary};
    /// use rand::{SeedableRng, rngs::StdRng};
    /// let sr = Chop::new(Format::BFLOAT16, Rounding::Stochastic);
    /// let mut roots = [0.0; 2];
    /// sr.map_with(Unary::Sqrt, [&[2.0, 4.0]], &mut roots, &mut StdRng::seed_from_u64(1));
    /// assert!(roots[0] == 1.4140625 || roots[0] == 1.421875);
    /// assert_eq!(roots[1], 2.0);
    /// ```
    #[track_caller]
    pub fn map_with<const N: usize, O: Operation<N>, T: Storage, R: rand::Rng + ?Sized>(
        &self,
        op: O,
        operands: [&[T]; N],
        to: &mut [T],
        rng: &mut R,
    ) {
        lengths(&operands, to.len());
        op.map_from(self, &mut Drawn::new(rng), operands, to);
    }
}
