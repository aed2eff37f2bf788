//! `Tiling`: where blocks lie in an array in row-major order.

use super::format::BlockShape;
use crate::error::ShapeError;
use crate::kernel::Shape;

/// An array seen as so many matrices, each cut into tiles. Blocks along an axis are tiles one value
/// thin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tiling {
    pub(super) matrices: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) tile_rows: usize,
    pub(super) tile_columns: usize,
}

/// A part of a row that lies in one block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) length: usize,
    pub(super) block: usize,
}

/// How many elements a shape has.
pub(super) fn count(shape: &[usize]) -> Result<usize, ShapeError> {
    let count = shape.iter().try_fold(1_usize, |count, &length| count.checked_mul(length));
    count.ok_or_else(|| ShapeError::TooLarge(shape.to_vec()))
}

impl Tiling {
    /// All values one block.
    pub(super) const fn whole(length: usize) -> Self {
        let most = if length > 0 { length } else { 1 };
        Self { matrices: 1, rows: 1, columns: length, tile_rows: 1, tile_columns: most }
    }

    /// The tiling as the kernel takes it.
    pub(super) const fn shape(&self) -> Shape {
        let Self { rows, columns, tile_rows, tile_columns, .. } = *self;
        Shape { rows, columns, tile_rows, tile_columns }
    }

    /// The block of a value.
    pub(super) fn block_of(&self, value: usize) -> usize {
        let (line, column) = (value / self.columns, value % self.columns);
        let (matrix, row) = (line / self.rows, line % self.rows);
        let down = matrix * self.rows.div_ceil(self.tile_rows) + row / self.tile_rows;
        down * self.blocks_across() + column / self.tile_columns
    }

    /// What blocks have, for each of the values from `start` on.
    pub(super) fn spread(&self, start: usize, of_blocks: &[f64], to: &mut [f64]) {
        let mut done = 0;
        while done < to.len() {
            let column = (start + done) % self.columns;
            let of_block = self.tile_columns - column % self.tile_columns;
            let end = (done + of_block.min(self.columns - column)).min(to.len());
            to[done..end].fill(of_blocks[self.block_of(start + done)]);
            done = end;
        }
    }

    /// Blocks among which are those of `count` values from the value `start` on: these alone where blocks follow each
    /// other in memory.
    pub(super) fn blocks_of(&self, start: usize, count: usize) -> core::ops::Range<usize> {
        if !self.is_linear() || count == 0 {
            return 0..self.blocks();
        }
        let block = |value: usize| {
            value / self.columns * self.blocks_across() + value % self.columns / self.tile_columns
        };
        block(start)..block(start + count - 1) + 1
    }

    /// The blocks of an array; the axis counts for blocks along an axis only.
    ///
    /// # Errors
    ///
    /// If there is no such axis, or tiles are asked for in fewer than two axes.
    pub(super) fn new(block: BlockShape, shape: &[usize], axis: usize) -> Result<Self, ShapeError> {
        let total = count(shape)?;
        let axes = shape.len();
        match block {
            BlockShape::Along(_) if axis >= axes => Err(ShapeError::Axis { given: axis, axes }),
            BlockShape::Tile { .. } if axes < 2 => Err(ShapeError::Tiles { axes }),
            // Nothing to cut, whatever the other lengths.
            _ if total == 0 => Ok(Self::whole(0)),
            BlockShape::Tensor => Ok(Self::whole(total)),
            BlockShape::Along(size) if axis + 1 == axes => {
                let columns = shape[axis];
                let rows = total / columns;
                Ok(Self { matrices: 1, rows, columns, tile_rows: 1, tile_columns: size })
            }
            BlockShape::Along(size) => {
                let (rows, columns) = (shape[axis], shape[axis + 1..].iter().product());
                let matrices = total / (rows * columns);
                Ok(Self { matrices, rows, columns, tile_rows: size, tile_columns: 1 })
            }
            BlockShape::Tile { rows: tile_rows, columns: tile_columns } => {
                let (rows, columns) = (shape[axes - 2], shape[axes - 1]);
                let matrices = total / (rows * columns);
                Ok(Self { matrices, rows, columns, tile_rows, tile_columns })
            }
        }
    }

    /// The shape of the array of scales.
    pub(super) fn scale_shape(block: BlockShape, shape: &[usize], axis: usize) -> Vec<usize> {
        let mut scales = shape.to_vec();
        match block {
            BlockShape::Tensor => scales.clear(),
            BlockShape::Along(size) => scales[axis] = shape[axis].div_ceil(size),
            BlockShape::Tile { rows, columns } => {
                let axes = shape.len();
                scales[axes - 2] = shape[axes - 2].div_ceil(rows);
                scales[axes - 1] = shape[axes - 1].div_ceil(columns);
            }
        }
        scales
    }

    fn blocks_across(&self) -> usize {
        self.columns.div_ceil(self.tile_columns)
    }

    /// How many blocks there are.
    pub(super) fn blocks(&self) -> usize {
        self.matrices * self.rows.div_ceil(self.tile_rows) * self.blocks_across()
    }

    /// How many values there are.
    #[cfg(feature = "rayon")]
    pub(super) fn values(&self) -> usize {
        self.matrices * self.rows * self.columns
    }

    /// The array in parts of whole blocks, one after another in memory, of about so many values each; where all are one
    /// block, parts of that.
    #[cfg(feature = "rayon")]
    pub(super) fn parts(&self, about: usize) -> Vec<Self> {
        let Self { matrices, rows, columns, tile_rows, tile_columns } = *self;
        let (total, of_matrix) = (self.values(), rows * columns);
        let in_parts = |length: usize, of_part: &dyn Fn(usize) -> Self| -> Vec<Self> {
            let starts = (0..total).step_by(length);
            starts.map(|start| of_part(length.min(total - start))).collect()
        };
        if self.blocks() == 1 {
            return in_parts(about, &Self::whole);
        }
        let lines = matrices * rows;
        if tile_rows == 1 && (columns.is_multiple_of(tile_columns) || lines == 1) {
            let length = about.next_multiple_of(tile_columns);
            return in_parts(length, &|length| Self {
                matrices: 1,
                rows: 1,
                columns: length,
                tile_rows,
                tile_columns,
            });
        }
        if of_matrix <= about {
            let together = about / of_matrix;
            return in_parts(together * of_matrix, &|length| Self {
                matrices: length / of_matrix,
                ..*self
            });
        }
        let strip = tile_rows.saturating_mul(columns);
        let height = (about / strip).max(1) * tile_rows;
        let of_one = (0..rows).step_by(height).map(|row| Self {
            matrices: 1,
            rows: height.min(rows - row),
            ..*self
        });
        let of_one: Vec<Self> = of_one.collect();
        (0..matrices).flat_map(|_| of_one.iter().copied()).collect()
    }

    /// Whether blocks follow each other in memory, row by row.
    pub(super) fn is_linear(&self) -> bool {
        self.tile_rows == 1
    }

    /// The parts of rows in one block, in row-major order.
    pub(super) fn segments(&self) -> impl Iterator<Item = Segment> + use<> {
        let tiling = *self;
        (0..tiling.matrices * tiling.rows).flat_map(move |line| {
            let (matrix, row) = (line / tiling.rows, line % tiling.rows);
            let down = matrix * tiling.rows.div_ceil(tiling.tile_rows) + row / tiling.tile_rows;
            (0..tiling.blocks_across()).map(move |across| {
                let column = across * tiling.tile_columns;
                Segment {
                    start: line * tiling.columns + column,
                    length: tiling.tile_columns.min(tiling.columns - column),
                    block: down * tiling.blocks_across() + across,
                }
            })
        })
    }
}

/// Goes through the segments with a value for each block, spread over its elements.
pub(super) struct Spread<I> {
    segments: I,
    current: Option<Segment>,
}

impl<I: Iterator<Item = Segment>> Spread<I> {
    pub(super) fn new(mut segments: I) -> Self {
        let current = segments.next();
        Self { segments, current }
    }

    /// The values of the next elements.
    pub(super) fn fill(&mut self, of_blocks: &[f64], mut to: &mut [f64]) {
        while let Some(segment) = &mut self.current
            && !to.is_empty()
        {
            let count = segment.length.min(to.len());
            let (head, rest) = to.split_at_mut(count);
            head.fill(of_blocks[segment.block]);
            to = rest;
            segment.length -= count;
            if segment.length == 0 {
                self.current = self.segments.next();
            }
        }
    }
}
