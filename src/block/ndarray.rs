//! ndarray arrays and views of any layout, with blocks along any axis.

use ndarray::{Array, ArrayBase, Data, DataMut, Dimension, ShapeBuilder};

use super::chop::BlockChop;
use super::tensor::BlockTensor;
use crate::chop::Seeded;
use crate::error::ShapeError;
use crate::slices;
use crate::storage::Storage;

/// The values in row-major order.
fn copied<T, S, D>(array: &ArrayBase<S, D>) -> Vec<T>
where
    T: Storage,
    S: Data<Elem = T>,
    D: Dimension,
{
    match array.as_slice() {
        Some(values) => slices::copied(values),
        None => array.iter().copied().collect(),
    }
}

/// A copy in row-major order, once its values have been rounded in the shape that it has.
fn rounded<T, S, D>(
    array: &ArrayBase<S, D>,
    round: impl FnOnce(&mut [T], &[usize]) -> Result<(), ShapeError>,
) -> Result<Array<T, D>, ShapeError>
where
    T: Storage,
    S: Data<Elem = T>,
    D: Dimension,
{
    let mut values = copied(array);
    round(&mut values, array.shape())?;
    match Array::from_shape_vec(array.raw_dim().into_shape_with_order(), values) {
        Ok(rounded) => Ok(rounded),
        Err(error) => unreachable!("as many values as the array has: {error}"),
    }
}

macro_rules! array_methods {
    ($blocks:ty) => {
        /// Rounding ndarray arrays (feature `ndarray`).
        impl $blocks {
            /// A rounded copy of an array or view of any layout, with blocks along `axis`. Positions
            /// count in logical row-major order, whatever the layout.
            ///
            /// # Errors
            ///
            /// Unless the array has the axis, or two for tiles.
            ///
            /// ```
            /// use lowprec::{BlockChop, BlockFormat, Rounding};
            /// use ndarray::array;
            /// let fp4 = BlockChop::new(BlockFormat::MXFP4, Rounding::NearestEven);
            /// let a = array![[1.1_f32, 64.0], [1.1, 70.0]];
            /// assert_eq!(fp4.chop_array(&a, 0)?, array![[1.0, 64.0], [1.0, 64.0]]);
            /// assert_eq!(fp4.chop_array(&a.t(), 1)?, array![[1.0, 1.0], [64.0, 64.0]]);
            /// assert!(fp4.chop_array(&a, 2).is_err());
            /// # Ok::<(), lowprec::error::ShapeError>(())
            /// ```
            pub fn chop_array<T, S, D>(
                &self,
                array: &ArrayBase<S, D>,
                axis: usize,
            ) -> Result<Array<T, D>, ShapeError>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                rounded(array, |values, shape| self.chop_shaped(values, shape, axis))
            }

            /// Rounds an array or mutable view of any layout in place, with blocks along `axis`.
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_array`. Nothing is rounded then.
            pub fn chop_array_inplace<T, S, D>(
                &self,
                array: &mut ArrayBase<S, D>,
                axis: usize,
            ) -> Result<(), ShapeError>
            where
                T: Storage,
                S: DataMut<Elem = T>,
                D: Dimension,
            {
                let shape = array.shape().to_vec();
                if let Some(values) = array.as_slice_mut() {
                    return self.chop_shaped(values, &shape, axis);
                }
                let mut values = copied(array);
                self.chop_shaped(&mut values, &shape, axis)?;
                array.iter_mut().zip(values).for_each(|(place, value)| *place = value);
                Ok(())
            }

            /// A copy rounded on rayon's threads: to the bits of `chop_array`, as `par_chop_slice` does (feature `rayon`).
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_array`.
            #[cfg(feature = "rayon")]
            pub fn par_chop_array<T, S, D>(
                &self,
                array: &ArrayBase<S, D>,
                axis: usize,
            ) -> Result<Array<T, D>, ShapeError>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                rounded(array, |values, shape| self.par_chop_shaped(values, shape, axis))
            }

            /// The codes of all values and scales of an array of any layout, with blocks along `axis`.
            ///
            /// # Errors
            ///
            /// For the reasons of `chop_array`.
            pub fn quantize_array<T, S, D>(
                &self,
                array: &ArrayBase<S, D>,
                axis: usize,
            ) -> Result<BlockTensor, ShapeError>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                match array.as_slice() {
                    Some(values) => self.quantize_shaped(values, array.shape(), axis),
                    None => self.quantize_shaped(&copied(array), array.shape(), axis),
                }
            }
        }
    };
}

array_methods!(BlockChop);
array_methods!(Seeded<BlockChop>);
