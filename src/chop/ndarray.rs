//! ndarray arrays and views of any layout and dimension.
//!
//! Stochastic positions count in logical row-major order, whatever the memory layout: a transposed
//! view rounds like a copy of it in standard layout.

use ndarray::{Array, ArrayBase, ArrayView, Axis, Data, DataMut, Dimension, MathCell, Zip};

use super::seeded::Stream;
use super::values::{Draws, run};
use crate::error::ShardError;
use crate::kernel::Span;
use crate::storage::Storage;

/// Elements of a strided array that are gathered, rounded and put back together: as many as share
/// one group of random blocks.
const GATHERED: usize = 512;

/// From this length on, a strided row is gathered by itself, in a loop that knows its stride.
const LONG_ROW: usize = 32;

pub(crate) fn round_in_place<T, S, D>(rounder: &impl Draws, array: &mut ArrayBase<S, D>)
where
    T: Storage,
    S: DataMut<Elem = T>,
    D: Dimension,
{
    let ordered = rounder.chop_ref().rounding().is_stochastic();
    if let Some(values) = array.as_slice_mut() {
        return run(rounder, Span::InPlace(values));
    }
    if !ordered && let Some(values) = array.as_slice_memory_order_mut() {
        return run(rounder, Span::InPlace(values));
    }
    let mut view = array.view_mut();
    if !ordered {
        // Where order does not matter, rows run along the axis of the smallest stride.
        let last = view.ndim() - 1;
        let stride = |axis: &usize| view.stride_of(Axis(*axis)).unsigned_abs();
        if let Some(axis) =
            (0..view.ndim()).filter(|&a| view.len_of(Axis(a)) > 1).min_by_key(stride)
        {
            view.swap_axes(axis, last);
        }
    }
    let mut buffer = [T::zero(); GATHERED];
    if view.shape().last().is_some_and(|&length| length >= LONG_ROW) {
        for mut row in view.rows_mut() {
            match row.as_slice_mut() {
                Some(values) => run(rounder, Span::InPlace(values)),
                None => {
                    for mut part in row.axis_chunks_iter_mut(Axis(0), GATHERED) {
                        let values = &mut buffer[..part.len()];
                        Zip::from(&mut *values).and(&part).for_each(|value, x| *value = *x);
                        run(rounder, Span::InPlace(values));
                        Zip::from(&mut part).and(&*values).for_each(|x, value| *x = *value);
                    }
                }
            }
        }
        return;
    }
    // One iterator reads while another, behind it, writes: hence cells.
    let cells: ArrayView<'_, MathCell<T>, D> = view.cell_view();
    let (mut reader, mut writer) = (cells.iter(), cells.iter());
    loop {
        let count = gather(&mut buffer, reader.by_ref().map(|cell| cell.get()));
        if count == 0 {
            return;
        }
        run(rounder, Span::InPlace(&mut buffer[..count]));
        // The buffer ends first, so that no cell is taken in vain.
        buffer[..count].iter().zip(writer.by_ref()).for_each(|(value, cell)| cell.set(*value));
    }
}

/// Fills the buffer as far as there are values; how far.
fn gather<T>(buffer: &mut [T], values: impl Iterator<Item = T>) -> usize {
    let mut count = 0;
    for (place, value) in buffer.iter_mut().zip(values) {
        *place = value;
        count += 1;
    }
    count
}

pub(crate) fn rounded<T, S, D>(rounder: &impl Draws, array: &ArrayBase<S, D>) -> Array<T, D>
where
    T: Storage,
    S: Data<Elem = T>,
    D: Dimension,
{
    let ordered = rounder.chop_ref().rounding().is_stochastic();
    if !ordered && array.as_slice().is_none() && array.as_slice_memory_order().is_some() {
        // The copy has the array's own layout.
        let mut rounded = array.to_owned();
        round_in_place(rounder, &mut rounded);
        return rounded;
    }
    let mut rounded = Array::zeros(array.raw_dim());
    let Some(places) = rounded.as_slice_mut() else {
        unreachable!("a new array is in standard layout")
    };
    if let Some(values) = array.as_slice() {
        run(rounder, Span::Into(values, places));
    } else if array.shape().last().is_some_and(|&length| length >= LONG_ROW) {
        let length = array.shape()[array.ndim() - 1];
        let mut buffer = [T::zero(); GATHERED];
        for (row, places) in array.rows().into_iter().zip(places.chunks_exact_mut(length)) {
            match row.as_slice() {
                Some(values) => run(rounder, Span::Into(values, places)),
                None => {
                    let parts = row.axis_chunks_iter(Axis(0), GATHERED);
                    for (part, places) in parts.into_iter().zip(places.chunks_mut(GATHERED)) {
                        let values = &mut buffer[..part.len()];
                        Zip::from(&mut *values).and(&part).for_each(|value, x| *value = *x);
                        run(rounder, Span::Into(values, places));
                    }
                }
            }
        }
    } else {
        let mut values = array.iter();
        let mut buffer = [T::zero(); GATHERED];
        for places in places.chunks_mut(GATHERED) {
            let count = gather(&mut buffer, values.by_ref().copied().take(places.len()));
            run(rounder, Span::Into(&buffer[..count], places));
        }
    }
    rounded
}

/// Shards.
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
    /// # Ok::<(), lowprec::error::ShardError>(())
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
        // Deterministic modes take no position.
        let taken = if self.rounding().is_stochastic() { total } else { 0 };
        self.seek(start.wrapping_add(taken));
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
        // The end may be beyond what a usize holds.
        let end = origin[axis].checked_add(shard[axis]);
        if end.is_none_or(|end| end > whole[axis]) {
            let end = end.unwrap_or(usize::MAX);
            return Err(ShardError::Beyond { axis, end, length: whole[axis] });
        }
    }
    Ok(())
}
