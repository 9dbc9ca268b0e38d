//! Surfaces of the cells of a grid on the WGS 84 ellipsoid, in km².
//!
//! In a geographic grid every cell of a row has one surface, in closed form. In a projected grid the
//! surface of a cell is its size in the plane divided by the scale of areas there, which is sampled
//! at nodes 16 cells apart and interpolated: within 2e-6 for cells of 1 km in a transverse Mercator
//! zone, exact in an equal-area grid.

use super::reference::{Carrier, Reference, ReferenceError};
use super::{cell_surface_km2, ring_surface_km2};
use geo::Coord;

/// Cells between two nodes of the lattice of a projected grid.
const STEP: usize = 16;

/// Where the cells of a grid lie: `x = origin[0] + col · size[0]`, `y = origin[1] + row · size[1]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// x and y of the outer corner of cell (0, 0).
    pub origin: [f64; 2],
    /// Width and height of a cell; the height is negative in a grid whose first row is the northernmost.
    pub size: [f64; 2],
    /// Columns and rows.
    pub cells: [usize; 2],
}

/// The surface of every cell of a grid.
#[derive(Debug, Clone)]
pub struct CellSurfaces(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// One surface a row.
    Rows(Vec<f64>),
    /// Surfaces at nodes every [`STEP`] cells.
    Lattice { nodes: Vec<f64>, across: usize },
}

impl CellSurfaces {
    /// Of a grid in a reference system.
    ///
    /// # Errors
    ///
    /// If PROJ knows no way from the grid's system to WGS 84.
    pub fn of(frame: Frame, reference: &Reference) -> Result<Self, ReferenceError> {
        if reference.is_geographic() {
            return Ok(Self(Kind::Rows(rows(frame))));
        }
        let carrier = Carrier::new(reference, &Reference::wgs84()?)?;
        let [across, down] = frame.cells.map(|cells| cells.div_ceil(STEP) + 1);
        let mut nodes = Vec::with_capacity(across * down);
        for j in 0..down {
            for i in 0..across {
                nodes.push(node_surface_km2(frame, &carrier, i * STEP, j * STEP));
            }
        }
        Ok(Self(Kind::Lattice { nodes, across }))
    }

    /// Surface of one cell, in km²; 0 where the projection has none.
    #[must_use]
    pub fn cell_km2(&self, row: usize, col: usize) -> f64 {
        match &self.0 {
            Kind::Rows(rows) => rows.get(row).copied().unwrap_or(0.0),
            Kind::Lattice { nodes, across } => interpolate(nodes, *across, row, col as f64),
        }
    }

    /// Surface of the cells `first..last` of a row, in km².
    #[must_use]
    pub fn span_km2(&self, row: usize, first: usize, last: usize) -> f64 {
        match &self.0 {
            Kind::Rows(rows) => {
                rows.get(row).copied().unwrap_or(0.0) * last.saturating_sub(first) as f64
            }
            Kind::Lattice { nodes, across } => {
                // Linear between nodes: the sum of a piece is its count times its middle.
                let mut km2 = 0.0;
                let mut from = first;
                while from < last {
                    let to = last.min((from / STEP + 1) * STEP);
                    let middle = (from + to - 1) as f64 / 2.0;
                    km2 += interpolate(nodes, *across, row, middle) * (to - from) as f64;
                    from = to;
                }
                km2
            }
        }
    }
}

/// One surface for each row of a geographic grid.
fn rows(frame: Frame) -> Vec<f64> {
    let [width, height] = frame.size;
    let latitude = |row: usize| (frame.origin[1] + row as f64 * height).clamp(-90.0, 90.0);
    let row_km2 = |row| {
        let (one, two) = (latitude(row), latitude(row + 1));
        cell_surface_km2(one.min(two), one.max(two), width.abs())
    };
    (0..frame.cells[1]).map(row_km2).collect()
}

/// Surface of a cell centered as (`row`, `col`) is, in km²; 0 where PROJ cannot carry it.
fn node_surface_km2(frame: Frame, carrier: &Carrier, col: usize, row: usize) -> f64 {
    let corner = |i: f64, j: f64| {
        let x = frame.origin[0] + (col as f64 + i) * frame.size[0];
        let y = frame.origin[1] + (row as f64 + j) * frame.size[1];
        [x, y]
    };
    let corners = [
        (0.0, 0.0),
        (0.5, 0.0),
        (1.0, 0.0),
        (1.0, 0.5),
        (1.0, 1.0),
        (0.5, 1.0),
        (0.0, 1.0),
        (0.0, 0.5),
    ];
    let plane: Vec<_> = corners.into_iter().map(|(i, j)| corner(i, j)).collect();
    let carried: Option<Vec<_>> = carrier.carry(&plane).into_iter().collect();
    let Some(carried) = carried else { return 0.0 };
    let mut ring: Vec<Coord<f64>> = carried.into_iter().map(|[x, y]| Coord { x, y }).collect();
    ring.extend(ring.first().copied());
    ring_surface_km2(&ring).abs()
}

/// Bilinear between the four nodes around a cell.
fn interpolate(nodes: &[f64], across: usize, row: usize, col: f64) -> f64 {
    let (j, i) = (row / STEP, (col / STEP as f64) as usize);
    let v = (row % STEP) as f64 / STEP as f64;
    let u = col / STEP as f64 - i as f64;
    let node = |i: usize, j: usize| nodes.get(j * across + i).copied().unwrap_or(0.0);
    let upper = node(i, j) * (1.0 - u) + node(i + 1, j) * u;
    let lower = node(i, j + 1) * (1.0 - u) + node(i + 1, j + 1) * u;
    upper * (1.0 - v) + lower * v
}
