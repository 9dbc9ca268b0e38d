//! A grid: where the cells of a raster are. What they hold is the raster's affair.

use crate::measure::{Frame, Reference};

/// An upright grid of equal cells in a reference system.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Where its cells lie.
    pub frame: Frame,
    /// The system its coordinates are in.
    pub reference: Reference,
}

impl Grid {
    /// Columns.
    #[must_use]
    pub const fn cols(&self) -> usize {
        self.frame.cells[0]
    }

    /// Rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.frame.cells[1]
    }

    /// Whether both grids have the same cells.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.frame == other.frame && self.reference.is_same(&other.reference)
    }

    /// Fractional column and row of a point in the grid's system.
    #[must_use]
    pub fn to_cells(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let Frame { origin, size, .. } = self.frame;
        [(x - origin[0]) / size[0], (y - origin[1]) / size[1]]
    }

    /// The point of a fractional column and row.
    #[must_use]
    pub fn to_plane(&self, [col, row]: [f64; 2]) -> [f64; 2] {
        let Frame { origin, size, .. } = self.frame;
        [origin[0] + col * size[0], origin[1] + row * size[1]]
    }

    /// Bounds in its own system: west, south, east, north.
    #[must_use]
    pub fn bounds(&self) -> [f64; 4] {
        let one = self.to_plane([0.0, 0.0]);
        let two = self.to_plane([self.cols() as f64, self.rows() as f64]);
        [one[0].min(two[0]), one[1].min(two[1]), one[0].max(two[0]), one[1].max(two[1])]
    }
}

/// An upright rectangle of cells: columns `cols.0..cols.1`, rows `rows.0..rows.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First column, and the one behind the last.
    pub cols: (usize, usize),
    /// First row, and the one behind the last.
    pub rows: (usize, usize),
}

impl Window {
    /// Columns in it.
    #[must_use]
    pub const fn width(&self) -> usize {
        self.cols.1 - self.cols.0
    }

    /// Rows in it.
    #[must_use]
    pub const fn height(&self) -> usize {
        self.rows.1 - self.rows.0
    }
}
