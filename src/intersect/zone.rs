//! A zone: an area made ready to cut, in the plane of a grid.
//!
//! Coordinates are fractional columns and rows, rings are closed, shells and holes turn opposite
//! ways, and everything beyond the grid is cut off; how much that was is kept. Parts do not overlap
//! and rings do not cross: that was decided before, on the area as drawn.
//!
//! In a geographic grid, columns come back after a whole turn: an area lies on the grid wherever one
//! of its copies does, so grids may begin at any meridian.

use crate::measure::{Carried, clip_ring, ring_surface_km2};
use crate::model::{Grid, Window};
use geo::{Coord, LineString, MultiPolygon, Polygon};

/// A surface beyond the grid, or on it, smaller than this share of the area is rounding.
const NEGLIGIBLE: f64 = 1e-9;

/// A share of the plane beyond the grid that may be a hair at its rim, and up to where the surfaces of
/// cells may be off by then.
const HAIR: f64 = 1e-6;
const COARSE: f64 = 1e-3;

/// Stands for a share that is neither nothing nor all.
const UNTOLD: f64 = 0.5;

/// An area in the plane of a grid.
#[derive(Debug, Clone)]
pub struct Zone {
    /// Closed rings in columns and rows, within the grid; shells have a positive planar area.
    rings: Vec<Vec<[f64; 2]>>,
    /// The share of the area that lies beyond the grid: of its surface, or of its plane.
    beyond: f64,
    /// Whether that share is of the plane of a projected grid.
    is_planar: bool,
    /// The cells its bounds touch.
    window: Window,
}

impl Zone {
    /// The zone of an area whose coordinates are in the grid's reference system.
    #[must_use]
    pub fn new(area: &MultiPolygon<f64>, grid: &Grid) -> Self {
        Self::of(area, grid, Carried::Whole)
    }

    /// The zone of an area of which so much was carried to the grid's reference system.
    #[must_use]
    pub fn of(area: &MultiPolygon<f64>, grid: &Grid, carried: Carried) -> Self {
        let turn = columns_of_a_turn(grid);
        let limits = [turn.min(grid.cols() as f64), grid.rows() as f64];
        let drawn: Vec<(f64, Vec<[f64; 2]>)> =
            area.iter().flat_map(|part| rings_of(part, grid)).collect();
        let reaches = |(_, ring): &(f64, Vec<[f64; 2]>)| reaches_beyond(ring, limits);
        // Surfaces are wanted only where some of it is cut off.
        let is_cut = drawn.iter().any(reaches);
        let surface =
            |ring: &[[f64; 2]]| if is_cut { surface(ring, grid).abs() } else { planar(ring).abs() };
        let (mut rings, mut whole, mut within) = (Vec::new(), 0.0, 0.0);
        for (sign, cells) in drawn {
            let of_ring = surface(&cells);
            whole += sign * of_ring;
            if !reaches_beyond(&cells, limits) {
                within += sign * of_ring;
                push(cells, sign, &mut rings);
                continue;
            }
            for columns in copies(&cells, turn, limits[0]) {
                let moved = cells.iter().map(|at| [at[0] + columns, at[1]]).collect();
                let cells = clip_ring(moved, [0.0, 0.0], limits);
                within += sign * surface(&cells);
                push(cells, sign, &mut rings);
            }
        }
        let beyond = if whole > 0.0 { (1.0 - within / whole).clamp(0.0, 1.0) } else { 1.0 };
        let beyond = match beyond {
            none if none < NEGLIGIBLE && carried == Carried::Whole => 0.0,
            // How much was left behind, the cells that it covers will tell.
            none if none < NEGLIGIBLE => UNTOLD,
            all if all > 1.0 - NEGLIGIBLE => 1.0,
            part => part,
        };
        let window = window(&rings, limits);
        Self { rings, beyond, is_planar: !grid.reference.is_geographic(), window }
    }

    /// Its rings: closed, in fractional columns and rows, shells positive and holes negative.
    #[must_use]
    pub fn rings(&self) -> &[Vec<[f64; 2]>] {
        &self.rings
    }

    /// The share of the area beyond the grid, 0..=1: of its surface in a geographic grid, of its plane
    /// in a projected one.
    #[must_use]
    pub const fn beyond(&self) -> f64 {
        self.beyond
    }

    /// The share of the area's surface beyond the grid, 0..=1, if `within` of its `whole` km² lie on
    /// the grid's cells.
    #[must_use]
    pub fn beyond_of_surface(&self, within: f64, whole: f64) -> f64 {
        let is_partly = self.beyond > 0.0 && self.beyond < 1.0;
        if !self.is_planar || !is_partly {
            return self.beyond;
        }
        let by_cells = (1.0 - within / whole).clamp(0.0, 1.0);
        // A rim that misses a hair of the plane: the surfaces of large cells are not that exact.
        if self.beyond < HAIR && by_cells < COARSE { self.beyond } else { by_cells }
    }

    /// The cells that its bounds touch.
    #[must_use]
    pub const fn window(&self) -> Window {
        self.window
    }
}

/// Columns after which a geographic grid comes back to the same meridian; endless in a projected one.
fn columns_of_a_turn(grid: &Grid) -> f64 {
    if !grid.reference.is_geographic() {
        return f64::INFINITY;
    }
    let (turn, cols) = (360.0 / grid.frame.size[0].abs(), grid.cols() as f64);
    // A grid around the whole earth, whose cells were rounded.
    if (turn - cols).abs() < 1e-3 { cols } else { turn }
}

/// By how many columns a ring is moved so that one of its copies may lie on the grid.
fn copies(ring: &[[f64; 2]], turn: f64, limit: f64) -> impl Iterator<Item = f64> {
    let none = [f64::INFINITY, f64::NEG_INFINITY];
    let [low, high] = ring.iter().fold(none, |[low, high], at| [low.min(at[0]), high.max(at[0])]);
    let (first, last) = if turn.is_finite() {
        ((-high / turn).ceil() as i32, ((limit - low) / turn).floor() as i32)
    } else {
        (0, 0)
    };
    (first..=last).map(move |turns| if turns == 0 { 0.0 } else { f64::from(turns) * turn })
}

/// Keeps a ring, if anything is left of it.
fn push(mut ring: Vec<[f64; 2]>, sign: f64, rings: &mut Vec<Vec<[f64; 2]>>) {
    if ring.len() >= 4 {
        turn(&mut ring, sign);
        rings.push(ring);
    }
}

/// The rings of a part in columns and rows, its shell with the sign 1 and its holes with -1.
fn rings_of(part: &Polygon<f64>, grid: &Grid) -> impl Iterator<Item = (f64, Vec<[f64; 2]>)> {
    let holes = part.interiors().iter().map(|hole| (-1.0, in_cells(hole, grid)));
    std::iter::once((1.0, in_cells(part.exterior(), grid))).chain(holes)
}

fn in_cells(ring: &LineString<f64>, grid: &Grid) -> Vec<[f64; 2]> {
    ring.0.iter().map(|c| grid.to_cells([c.x, c.y])).collect()
}

fn reaches_beyond(ring: &[[f64; 2]], limits: [f64; 2]) -> bool {
    ring.iter().any(|p| p[0] < 0.0 || p[1] < 0.0 || p[0] > limits[0] || p[1] > limits[1])
}

/// Signed surface of a ring: on the ellipsoid if the grid is geographic, else in its plane.
fn surface(ring: &[[f64; 2]], grid: &Grid) -> f64 {
    if !grid.reference.is_geographic() {
        return planar(ring);
    }
    let plane: Vec<Coord<f64>> = ring
        .iter()
        .map(|p| grid.to_plane(*p))
        .map(|[x, y]| Coord { x, y: y.clamp(-90.0, 90.0) })
        .collect();
    ring_surface_km2(&plane)
}

/// Signed area of a closed ring in cells, about its first vertex.
pub(super) fn planar(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    let cross = |pair: &[[f64; 2]]| match *pair {
        [a, b] => (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0),
        _ => 0.0,
    };
    ring.windows(2).map(cross).sum::<f64>() / 2.0
}

/// Makes the planar area have the given sign.
fn turn(ring: &mut [[f64; 2]], sign: f64) {
    if planar(ring) * sign < 0.0 {
        ring.reverse();
    }
}

/// The cells that the bounds of rings touch.
fn window(rings: &[Vec<[f64; 2]>], limits: [f64; 2]) -> Window {
    let mut bounds = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
    for point in rings.iter().flatten() {
        for axis in 0..2 {
            bounds[axis][0] = bounds[axis][0].min(point[axis]);
            bounds[axis][1] = bounds[axis][1].max(point[axis]);
        }
    }
    let range = |axis: usize| {
        let [low, high] = bounds[axis];
        if low > high {
            return (0, 0);
        }
        let limit = limits[axis] as usize;
        ((low.floor() as usize).min(limit), (high.ceil() as usize).min(limit))
    };
    Window { cols: range(0), rows: range(1) }
}
