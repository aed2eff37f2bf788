//! What fixed point and integers have in common, with the thread's random bits or seeded.

use super::code::IntegerCode;
use super::engine::{self, Quantizes};
use super::error::QuantError;
use super::fixed::Fixed;
use super::integer::IntegerQuantizer;
#[cfg(feature = "rayon")]
use super::rayon;
use crate::chop::Seeded;
#[cfg(feature = "rayon")]
use crate::slices::{self, same_length};
use crate::storage::Storage;

macro_rules! methods {
    ($quantizer:ty) => {
        /// Quantizing values.
        impl $quantizer {
            /// Replaces every value by the one that its code stands for ("fake quantization").
            ///
            /// # Panics
            ///
            /// If there are not as many values as the quantizer's layout has elements, where it has one.
            #[track_caller]
            pub fn quantize_slice<T: Storage>(&self, values: &mut [T]) {
                engine::in_place(self, values);
            }

            /// Writes the values that the codes of `from` stand for into `to`.
            ///
            /// # Panics
            ///
            /// If the slices differ in length, or have another length than the layout.
            #[track_caller]
            pub fn quantize_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
                engine::into(self, from, to);
            }

            /// Replaces every value on rayon's threads: to the bits of `quantize_slice`, but for a stochastic mode without
            /// a seed, in which each thread draws from its own generator. Fewer than 2^17 values are quantized on the
            /// calling thread (feature `rayon`).
            ///
            /// # Panics
            ///
            /// If there are not as many values as the quantizer's layout has elements, where it has one.
            #[cfg(feature = "rayon")]
            #[track_caller]
            pub fn par_quantize_slice<T: Storage>(&self, values: &mut [T]) {
                rayon::in_place(self, values);
            }

            /// Writes the values that the codes of `from` stand for into `to` on rayon's threads, as
            /// `par_quantize_slice` does (feature `rayon`).
            ///
            /// # Panics
            ///
            /// If the slices differ in length, or have another length than the layout.
            #[cfg(feature = "rayon")]
            #[track_caller]
            pub fn par_quantize_into<T: Storage>(&self, from: &[T], to: &mut [T]) {
                same_length(from.len(), to.len());
                slices::copy(from, to);
                rayon::in_place(self, to);
            }

            /// The codes of values on rayon's threads, with the random bits of `par_quantize_slice` (feature `rayon`).
            ///
            /// # Errors
            ///
            /// For the reasons of `encode_slice`, at the first such value; of those behind it some may have been encoded.
            ///
            /// # Panics
            ///
            /// If the slices differ in length, or have another length than the layout.
            #[cfg(feature = "rayon")]
            #[track_caller]
            pub fn par_encode_slice<T: Storage, C: IntegerCode>(
                &self,
                values: &[T],
                codes: &mut [C],
            ) -> Result<(), QuantError> {
                rayon::encode(self, values, codes)
            }

            /// The codes of values.
            ///
            /// # Errors
            ///
            /// At the first value without a code (NaN, or an infinity that should wrap), with its
            /// index: codes before it are written, others not. Before anything is written, if the
            /// integer type cannot hold every code.
            ///
            /// # Panics
            ///
            /// If the slices differ in length, or have another length than the layout.
            #[track_caller]
            pub fn encode_slice<T: Storage, C: IntegerCode>(
                &self,
                values: &[T],
                codes: &mut [C],
            ) -> Result<(), QuantError> {
                engine::encode(self, values, codes)
            }
        }
    };
}

methods!(Fixed);
methods!(Seeded<Fixed>);
methods!(IntegerQuantizer);
methods!(Seeded<IntegerQuantizer>);

macro_rules! one_value {
    ($quantizer:ty) => {
        impl $quantizer {
            /// The number that stands for `x`.
            #[must_use]
            pub fn quantize<T: Storage>(&self, x: T) -> T {
                let fixed = self.quantizer();
                let code = self.draw(1, |source, position| fixed.code(x.widen(), source, position));
                fixed.value(code)
            }

            /// The value's code. A stochastic mode takes one position of a stream.
            ///
            /// # Errors
            ///
            /// If it is NaN, or infinite and should wrap.
            pub fn encode<T: Storage>(&self, x: T) -> Result<i64, QuantError> {
                let fixed = self.quantizer();
                match self.draw(1, |source, position| fixed.code(x.widen(), source, position)) {
                    code if code.is_nan() => Err(QuantError::NoCode { index: 0, value: x.widen() }),
                    code => Ok(code as i64),
                }
            }
        }
    };
}

one_value!(Fixed);
one_value!(Seeded<Fixed>);
