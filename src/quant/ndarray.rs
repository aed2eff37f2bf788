//! Quantizing ndarray arrays and views (feature `ndarray`), of any layout in memory: elements count in
//! logical row-major order.

use ndarray::{Array, ArrayBase, ArrayRef, Axis, Data, Dimension};

use super::code::IntegerCode;
use super::engine::{self, Quantizes};
use super::error::QuantError;
use super::fixed::Fixed;
use super::integer::{Calibration, IntegerFormat, IntegerQuantizer, Layout};
use crate::chop::Seeded;
use crate::storage::Storage;

fn quantized<T, S, D>(quantizes: &impl Quantizes, array: &ArrayBase<S, D>) -> Array<T, D>
where
    T: Storage,
    S: Data<Elem = T>,
    D: Dimension,
{
    let mut values = array.as_standard_layout().into_owned();
    engine::in_place(quantizes, in_order(&mut values));
    values
}

fn encoded<C, T, S, D>(
    quantizes: &impl Quantizes,
    array: &ArrayBase<S, D>,
) -> Result<Array<C, D>, QuantError>
where
    C: IntegerCode,
    T: Storage,
    S: Data<Elem = T>,
    D: Dimension,
{
    let values = array.as_standard_layout();
    let mut codes = Array::default(array.raw_dim());
    engine::encode(quantizes, contiguous(&values), in_order(&mut codes))?;
    Ok(codes)
}

fn in_order<A, D: Dimension>(array: &mut ArrayRef<A, D>) -> &mut [A] {
    match array.as_slice_mut() {
        Some(slice) => slice,
        None => unreachable!("the array is in standard layout"),
    }
}

fn contiguous<A, D: Dimension>(array: &ArrayRef<A, D>) -> &[A] {
    match array.as_slice() {
        Some(slice) => slice,
        None => unreachable!("the array is in standard layout"),
    }
}

macro_rules! array_methods {
    ($quantizer:ty) => {
        /// Quantizing ndarray arrays (feature `ndarray`).
        impl $quantizer {
            /// A quantized copy of an array or view.
            ///
            /// # Panics
            ///
            /// If there are not as many elements as the quantizer's layout has, where it has one.
            #[must_use]
            #[track_caller]
            pub fn quantize_array<T, S, D>(&self, array: &ArrayBase<S, D>) -> Array<T, D>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                quantized(self, array)
            }

            /// A copy quantized on rayon's threads, as `par_quantize_slice` does (feature `rayon`).
            ///
            /// # Panics
            ///
            /// If there are not as many elements as the quantizer's layout has, where it has one.
            #[cfg(feature = "rayon")]
            #[must_use]
            #[track_caller]
            pub fn par_quantize_array<T, S, D>(&self, array: &ArrayBase<S, D>) -> Array<T, D>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                let mut values = array.as_standard_layout().into_owned();
                super::rayon::in_place(self, in_order(&mut values));
                values
            }

            /// The codes of an array or view.
            ///
            /// # Errors
            ///
            /// For the reasons of `encode_slice`; the index counts elements in logical row-major order.
            ///
            /// # Panics
            ///
            /// If there are not as many elements as the quantizer's layout has, where it has one.
            #[track_caller]
            pub fn encode_array<C, T, S, D>(
                &self,
                array: &ArrayBase<S, D>,
            ) -> Result<Array<C, D>, QuantError>
            where
                C: IntegerCode,
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                encoded(self, array)
            }
        }
    };
}

array_methods!(Fixed);
array_methods!(Seeded<Fixed>);
array_methods!(IntegerQuantizer);
array_methods!(Seeded<IntegerQuantizer>);

/// Values of ndarray arrays of codes (feature `ndarray`).
impl IntegerQuantizer {
    /// The values that an array of codes stands for.
    ///
    /// # Errors
    ///
    /// At the first number that is no code, with its index in logical row-major order.
    ///
    /// # Panics
    ///
    /// If there are not as many elements as the layout has.
    #[track_caller]
    pub fn decode_array<T, C, S, D>(
        &self,
        codes: &ArrayBase<S, D>,
    ) -> Result<Array<T, D>, QuantError>
    where
        T: Storage,
        C: IntegerCode,
        S: Data<Elem = C>,
        D: Dimension,
    {
        let mut values = Array::from_elem(codes.raw_dim(), T::zero());
        self.decode_slice(contiguous(&codes.as_standard_layout()), in_order(&mut values))?;
        Ok(values)
    }
}

/// Calibration along an axis of ndarray arrays (feature `ndarray`).
impl IntegerFormat {
    /// The quantizer with parameters for each index along an axis that fit an array's values.
    ///
    /// # Errors
    ///
    /// If there is no such axis or no element; otherwise as [`IntegerFormat::calibrate`].
    ///
    /// ```
    /// use lowprec::quant::integer::{Calibration, Codes, IntegerFormat};
    /// use ndarray::{Axis, array};
    /// let weights = array![[1.0_f32, 20.0], [-7.0, 70.0]];
    /// let int4 = IntegerFormat::new(4, Codes::Symmetric)?;
    /// let columns = int4.calibrate_axis(&weights, Axis(1), Calibration::MinMax)?;
    /// assert_eq!(columns.parameters()[1].scale, 10.0);
    /// let codes = columns.encode_array::<i8, _, _, _>(&weights)?;
    /// assert_eq!(codes, array![[1, 2], [-7, 7]]);
    /// assert_eq!(columns.decode_array::<f32, _, _, _>(&codes)?, weights);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    pub fn calibrate_axis<T, S, D>(
        &self,
        array: &ArrayBase<S, D>,
        axis: Axis,
        calibration: Calibration,
    ) -> Result<IntegerQuantizer, QuantError>
    where
        T: Storage,
        S: Data<Elem = T>,
        D: Dimension,
    {
        let layout = Layout::channels(array.shape(), axis.index())?;
        self.calibrate(contiguous(&array.as_standard_layout()), layout, calibration)
    }
}
