//! Which elements of a tensor share a scale.

use core::ops::Range;

use super::super::error::QuantError;

/// Which elements of a tensor, in row-major order, share their parameters: all, those with the same
/// index along an axis, or those of one group within a row.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Layout {
    /// Neighbours that share their parameters.
    run: usize,
    /// Elements after which runs begin anew: a row of groups, whose last may be short, or all channels.
    row: usize,
    /// Rows whose runs have parameters of their own; the others repeat them.
    rows: usize,
    /// Elements in all; `None` for any number, all with the same parameters.
    length: Option<usize>,
}

/// Runs of so many values with the same parameters, one after another, from the number `first` on.
#[derive(Clone, Copy)]
pub(in crate::quant) struct Runs {
    pub(in crate::quant) first: usize,
    pub(in crate::quant) length: usize,
}

impl Layout {
    /// All elements, however many, share one scale.
    ///
    /// ```
    /// use lowprec::quant::integer::Layout;
    /// assert_eq!(Layout::tensor().count(), 1);
    /// ```
    #[must_use]
    pub const fn tensor() -> Self {
        Self { run: usize::MAX, row: usize::MAX, rows: 1, length: None }
    }

    /// A scale for each index along `axis` of an array of this shape.
    ///
    /// # Errors
    ///
    /// If there is no such axis, or the array has no elements or more than `usize` counts.
    ///
    /// ```
    /// use lowprec::quant::integer::Layout;
    /// let layout = Layout::channels(&[2, 3, 4], 1)?;
    /// assert_eq!(layout.count(), 3);
    /// assert_eq!([0, 3, 4, 11, 12].map(|i| layout.parameter(i)), [0, 0, 1, 2, 0]);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    pub fn channels(shape: &[usize], axis: usize) -> Result<Self, QuantError> {
        let length = elements(shape)?;
        if axis >= shape.len() {
            return Err(whole("axis", axis, 0, shape.len().saturating_sub(1)));
        }
        let run = shape[axis + 1..].iter().product();
        Ok(Self { run, row: run * shape[axis], rows: 1, length: Some(length) })
    }

    /// A scale for each group of `size` neighbours along the last axis of an array of this shape. The
    /// last group of a row is short where the row is no multiple of it.
    ///
    /// # Errors
    ///
    /// If the size is zero, or the array has no elements or more than `usize` counts.
    ///
    /// ```
    /// use lowprec::quant::integer::Layout;
    /// let layout = Layout::groups(&[2, 5], 2)?;
    /// assert_eq!(layout.count(), 6);
    /// assert_eq!([1, 2, 4, 5, 9].map(|i| layout.parameter(i)), [0, 1, 2, 3, 5]);
    /// # Ok::<(), lowprec::quant::QuantError>(())
    /// ```
    pub fn groups(shape: &[usize], size: usize) -> Result<Self, QuantError> {
        let length = elements(shape)?;
        if size == 0 {
            return Err(whole("group size", 0, 1, usize::MAX));
        }
        let row = shape.last().copied().unwrap_or(1);
        Ok(Self { run: size, row, rows: length / row, length: Some(length) })
    }

    /// How many parameters there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.row.div_ceil(self.run) * self.rows
    }

    /// How many elements there are; `None` for any number.
    #[must_use]
    pub const fn length(&self) -> Option<usize> {
        self.length
    }

    /// The number of the parameters that element `index` has.
    #[must_use]
    pub const fn parameter(&self, index: usize) -> usize {
        let (row, place) = (index / self.row % self.rows, index % self.row);
        row * self.row.div_ceil(self.run) + place / self.run
    }

    /// Where every element has other parameters than its neighbour, in turn: their number.
    pub(super) const fn cycle(&self) -> Option<usize> {
        if self.run == 1 && self.rows == 1 { Some(self.row) } else { None }
    }

    /// The runs of `count` elements from `start` on, where they are whole, the last apart, and each has parameters after
    /// those of the one before.
    pub(super) const fn whole_runs(&self, start: usize, count: usize) -> Option<Runs> {
        let Self { run, row, .. } = *self;
        let (place, first) = (start % row, self.parameter(start));
        // All of one run, or groups of rows without a rest, or channels of one matrix.
        if count <= run - place % run && count <= row - place {
            return Some(Runs { first, length: if count > 1 { count } else { 1 } });
        }
        let on = row.is_multiple_of(run) && (self.rows > 1 || count <= row - place);
        let whole = place.is_multiple_of(run) && run > 1 && on;
        if whole { Some(Runs { first, length: run }) } else { None }
    }

    /// The runs of neighbours that share their parameters among `count` elements from `start` on: where
    /// they lie, counted from `start`, and their parameters' number.
    pub(super) fn runs(
        self,
        start: usize,
        count: usize,
    ) -> impl Iterator<Item = (Range<usize>, usize)> {
        let mut done = 0;
        core::iter::from_fn(move || {
            if done == count {
                return None;
            }
            let index = start + done;
            let place = index % self.row;
            let left = (self.run - place % self.run).min(self.row - place);
            let run = done..done + left.min(count - done);
            done = run.end;
            Some((run, self.parameter(index)))
        })
    }
}

fn whole(field: &'static str, given: usize, minimum: usize, maximum: usize) -> QuantError {
    let [given, minimum, maximum] = [given, minimum, maximum].map(|n| n as i128);
    QuantError::Integer { field, given, minimum, maximum }
}

/// The number of elements, at least one.
fn elements(shape: &[usize]) -> Result<usize, QuantError> {
    let length = shape.iter().try_fold(1_usize, |n, &length| n.checked_mul(length));
    match length {
        None => Err(QuantError::Contradiction { field: "shape", needed: "fewer elements" }),
        Some(0) => Err(whole("elements", 0, 1, usize::MAX)),
        Some(length) => Ok(length),
    }
}
