//! ndarray arrays and views of any layout and dimension.
//!
//! Stochastic positions count in logical row-major order, whatever the memory layout: a transposed
//! view rounds like a copy of it in standard layout.

use core::error::Error;
use core::fmt;

use ndarray::{Array, ArrayBase, Data, DataMut, Dimension};

use crate::chop::{Chop, Rounder};
use crate::storage::Storage;
use crate::stream::Stream;

/// Elements of a strided array rounded at a time. Even, so that pairs share their random word.
const GATHERED: usize = 256;

fn round_in_place<T, S, D>(rounder: &impl Rounder, array: &mut ArrayBase<S, D>)
where
    T: Storage,
    S: DataMut<Elem = T>,
    D: Dimension,
{
    if let Some(values) = array.as_slice_mut() {
        return rounder.chop_slice(values);
    }
    if !rounder.rounding().rounding().is_stochastic()
        && let Some(values) = array.as_slice_memory_order_mut()
    {
        return rounder.chop_slice(values);
    }
    gathered(array.iter_mut(), |values| rounder.chop_slice(values));
}

/// Hands values to `round` in slices and puts the results back.
fn gathered<'a, T: Storage>(
    mut values: impl Iterator<Item = &'a mut T>,
    mut round: impl FnMut(&mut [T]),
) {
    let mut buffer = [T::zero(); GATHERED];
    let mut places: Vec<&mut T> = Vec::with_capacity(GATHERED);
    loop {
        places.extend(values.by_ref().take(GATHERED));
        if places.is_empty() {
            return;
        }
        let rounded = &mut buffer[..places.len()];
        for (value, place) in rounded.iter_mut().zip(&places) {
            *value = **place;
        }
        round(rounded);
        for (place, value) in places.drain(..).zip(rounded) {
            *place = *value;
        }
    }
}

macro_rules! array_methods {
    ($rounder:ty) => {
        /// Rounding ndarray arrays (feature `ndarray`).
        impl $rounder {
            /// A rounded copy of an array or view of any layout and dimension.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// use ndarray::array;
            /// let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
            /// let a = array![[0.3, 1.2], [2.6, 7.0]];
            /// assert_eq!(fp4.chop_array(&a.t()), array![[0.5, 3.0], [1.0, 6.0]]);
            /// ```
            #[must_use]
            pub fn chop_array<T, S, D>(&self, array: &ArrayBase<S, D>) -> Array<T, D>
            where
                T: Storage,
                S: Data<Elem = T>,
                D: Dimension,
            {
                let mut rounded = array.to_owned();
                round_in_place(self, &mut rounded);
                rounded
            }

            /// Rounds an array or mutable view of any layout and dimension in place.
            ///
            /// ```
            /// use lowprec::{Chop, Format, Rounding};
            /// use ndarray::{array, s};
            /// let mut a = array![[0.3, 1.2], [2.6, 7.0]];
            /// let fp4 = Chop::new(Format::OCP_E2M1, Rounding::NearestEven);
            /// fp4.chop_array_inplace(&mut a.slice_mut(s![.., 1]));
            /// assert_eq!(a, array![[0.3, 1.0], [2.6, 6.0]]);
            /// ```
            pub fn chop_array_inplace<T, S, D>(&self, array: &mut ArrayBase<S, D>)
            where
                T: Storage,
                S: DataMut<Elem = T>,
                D: Dimension,
            {
                round_in_place(self, array);
            }
        }
    };
}

array_methods!(Chop);
array_methods!(Stream);

impl Stream {
    /// Rounds one shard of a distributed array in place, with the positions that its elements have
    /// in the whole: `whole` is the shape of the whole array, `origin` the index of the shard's
    /// first element. The stream moves on by the whole array, so the streams of all shards stay in
    /// step.
    ///
    /// # Errors
    ///
    /// If `whole` or `origin` does not have one entry an axis, or the shard reaches beyond the whole
    /// along an axis. Nothing is rounded then.
    ///
    /// ```
    /// use lowprec::{Chop, Format, Rounding};
    /// use ndarray::{Array2, s};
    /// let sr = Chop::new(Format::OCP_E2M1, Rounding::Stochastic);
    /// let mut whole = Array2::from_elem((4, 6), 1.3);
    /// let mut shard = whole.slice(s![1..3, 2..6]).to_owned();
    /// sr.stream(42).chop_shard_inplace(&mut shard, &[4, 6], &[1, 2])?;
    /// sr.stream(42).chop_array_inplace(&mut whole);
    /// assert_eq!(shard, whole.slice(s![1..3, 2..6]));
    /// # Ok::<(), lowprec::ShardError>(())
    /// ```
    pub fn chop_shard_inplace<T, S, D>(
        &self,
        shard: &mut ArrayBase<S, D>,
        whole: &[usize],
        origin: &[usize],
    ) -> Result<(), ShardError>
    where
        T: Storage,
        S: DataMut<Elem = T>,
        D: Dimension,
    {
        let mut shard = shard.view_mut().into_dyn();
        check_shard(shard.shape(), whole, origin)?;
        let start = self.position();
        let total = whole.iter().fold(1_u64, |n, &length| n.wrapping_mul(length as u64));
        if shard.ndim() == 0 {
            round_in_place(self, &mut shard);
        } else if !shard.is_empty() {
            let rows = ndarray::indices(&shard.shape()[..shard.ndim() - 1]);
            for (row, mut lane) in rows.into_iter().zip(shard.rows_mut()) {
                let index = row.slice().iter().copied().chain([0]);
                self.seek(start.wrapping_add(offset(index, whole, origin)));
                round_in_place(self, &mut lane);
            }
        }
        if self.rounding().rounding().is_stochastic() {
            self.seek(start.wrapping_add(total));
        }
        Ok(())
    }
}

/// Position in the whole of the element at `index` of the shard.
fn offset(index: impl Iterator<Item = usize>, whole: &[usize], origin: &[usize]) -> u64 {
    index.zip(whole.iter().zip(origin)).fold(0_u64, |position, (i, (&length, &first))| {
        position.wrapping_mul(length as u64).wrapping_add((first + i) as u64)
    })
}

fn check_shard(shard: &[usize], whole: &[usize], origin: &[usize]) -> Result<(), ShardError> {
    for given in [whole.len(), origin.len()] {
        if given != shard.len() {
            return Err(ShardError::Dimensions { given, needed: shard.len() });
        }
    }
    for axis in 0..shard.len() {
        let end = origin[axis].saturating_add(shard[axis]);
        if end > whole[axis] {
            return Err(ShardError::Beyond { axis, end, length: whole[axis] });
        }
    }
    Ok(())
}

/// A shard that does not lie in its whole.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ShardError {
    /// The whole shape or the origin has another number of axes than the shard.
    Dimensions {
        /// Axes given.
        given: usize,
        /// Axes of the shard.
        needed: usize,
    },
    /// The shard reaches beyond the whole.
    Beyond {
        /// The axis.
        axis: usize,
        /// Where the shard would end.
        end: usize,
        /// Length of the whole.
        length: usize,
    },
}

impl fmt::Display for ShardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dimensions { given, needed } => {
                write!(f, "shape or origin: {given} axes given, {needed} needed as the shard has")
            }
            Self::Beyond { axis, end, length } => {
                write!(f, "axis {axis}: shard ends at {end}, whole has length {length}")
            }
        }
    }
}

impl Error for ShardError {}
