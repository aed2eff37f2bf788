//! The operations as methods of `Chop` and `Stream`, on slices.

use rand::Rng;

use super::chunks::map_exact;
use super::methods::flags;
use super::odd::{Div, Dot, Fma, Mul, Sqrt, Sum};
use super::slice::{map, map_with};
use super::{down, minus, plus, remainder};
use crate::chop::{Chop, Stream, run, run_with};
use crate::definition::reference;
use crate::flags::Flags;
use crate::kernel::Span;
use crate::operation::{Binary, Quaternary, Ternary, Unary};
use crate::rounding::random::{Drawn, Given, Source};
use crate::storage::Storage;

macro_rules! maps {
    ($type:ty) => {
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
    };
}

maps!(Chop);
maps!(Stream);

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
