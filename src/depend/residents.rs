//! Where people live: the populated cells of one raster, handed out in clusters that lie close together.

use crate::error::ReadError;
use crate::index::{PopulationIndex, Populations, Rotten, Run};
use crate::measure::sphere::{Direction, chord_squared, direction};
use crate::measure::{Carrier, Reference, to_wgs84};
use crate::model::{Grid, Window};

/// Clusters are about so wide, in km: few sites then matter to one, and it has many cells.
const CLUSTER_KM: f64 = 3.0;
/// And no more cells wide than this.
const MOST_CELLS: f64 = 32.0;

/// A populated cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peopled {
    pub(super) at: Direction,
    pub(super) share: f64,
    /// All its people, in steps of fixed point.
    pub(super) steps: i64,
}

/// Populated cells that lie close together.
pub(super) struct Cluster {
    pub(super) cells: Vec<Peopled>,
    /// No cell is farther from here than `radius`, along the chord.
    pub(super) center: Direction,
    pub(super) radius: f64,
}

/// The people of one raster, each in the center of a cell.
pub struct Residents<'p> {
    pub(super) index: &'p PopulationIndex<'p>,
    channel: usize,
    grid: &'p Grid,
    /// Whether its coordinates are longitudes and latitudes of WGS 84, which need not be carried.
    is_wgs84: bool,
    /// Cells across a cluster.
    across: usize,
    /// No corner of a cell is farther from its middle, in radians.
    half_cell: f64,
}

impl<'p> Residents<'p> {
    /// The people of one source.
    ///
    /// # Errors
    ///
    /// If there is no such source, or nothing leads from its grid to longitudes and latitudes.
    pub fn new(populations: &'p Populations<'p>, source: usize) -> Result<Self, ReadError> {
        let none = || ReadError::unusable("population", "there is no such source");
        let (stack, channel) = populations.of_source(source).ok_or_else(none)?;
        let grid = *populations.grids().get(stack.grid).ok_or_else(none)?;
        let wgs84 = Reference::wgs84().map_err(|error| no_way(grid, &error.to_string()))?;
        let is_wgs84 = grid.reference.is_same(&wgs84);
        if !is_wgs84 {
            let way = Carrier::new(&grid.reference, &wgs84);
            way.map_err(|error| no_way(grid, &error.to_string()))?;
        }
        let size = grid.frame.size[1].abs();
        let km = if grid.reference.is_geographic() {
            size * 111.2
        } else {
            size * grid.reference.unit_m() / 1000.0
        };
        // Of cells that are not square, the longer side; twice over, since planes stretch.
        let longer = km * (grid.frame.size[0] / grid.frame.size[1]).abs().max(1.0);
        let half_cell = 2.0 * longer / crate::measure::sphere::authalic_radius_km();
        let across = (CLUSTER_KM / km).round().clamp(1.0, MOST_CELLS) as usize;
        Ok(Self { index: &stack.index, channel, grid, is_wgs84, across, half_cell })
    }

    /// How far the middle of a cell may lie outside of an area that holds a part of it, in radians.
    #[must_use]
    pub const fn half_cell(&self) -> f64 {
        self.half_cell
    }

    /// All cells, as a window.
    pub(super) fn whole(&self) -> Window {
        let (cols, rows) = self.index.size();
        Window { cols: (0, cols), rows: (0, rows) }
    }

    /// Windows in which a window of the raster is looked at: so many tiles wide and high each.
    pub(super) fn windows(&self, within: Window, tiles: usize) -> Vec<Window> {
        let (width, height) = (256 * tiles, self.index.unit_rows().max(1) * tiles);
        let Window { cols, rows } = within;
        let row = |top: usize| {
            (cols.0..cols.1).step_by(width).map(move |left| Window {
                cols: (left, (left + width).min(cols.1)),
                rows: (top, (top + height).min(rows.1)),
            })
        };
        (rows.0..rows.1).step_by(height).flat_map(row).collect()
    }

    /// Visits the populated cells of some runs, which are sorted by row.
    ///
    /// # Errors
    ///
    /// If a block of the raster cannot be read; [`Rotten`] if a sidecar does not tell what was written.
    pub(super) fn visit(
        &self,
        runs: &[Run],
        see: &mut dyn FnMut(&Cluster),
    ) -> Result<Result<(), Rotten>, ReadError> {
        let Some(window) = window_of(runs) else { return Ok(Ok(())) };
        let view = self.index.view(window)?;
        let mut cluster = Cluster { cells: Vec::new(), center: [0.0; 3], radius: 0.0 };
        let mut found = Vec::new();
        for strip in runs.chunk_by(|a, b| a.row / self.across == b.row / self.across) {
            found.clear();
            let gathered = view.populated(strip, self.channel, |row, col, share, steps| {
                found.push(Found { row, col, share, steps });
            });
            if gathered.is_err() {
                return Ok(Err(Rotten));
            }
            found.sort_by_key(|cell| cell.col / self.across);
            for cells in found.chunk_by(|a, b| a.col / self.across == b.col / self.across) {
                self.fill(&mut cluster, cells);
                if !cluster.cells.is_empty() {
                    see(&cluster);
                }
            }
        }
        Ok(Ok(()))
    }

    /// The directions of the centers of cells; none of a cell that PROJ cannot carry.
    fn directions(&self, cells: &mut dyn Iterator<Item = [usize; 2]>) -> Vec<Option<Direction>> {
        let centers =
            cells.map(|[row, col]| self.grid.to_plane([col as f64 + 0.5, row as f64 + 0.5]));
        if self.is_wgs84 {
            return centers.map(|at| Some(direction(at))).collect();
        }
        let centers: Vec<[f64; 2]> = centers.collect();
        let carried = to_wgs84(&self.grid.reference, &centers).into_iter();
        carried.map(|at| at.map(direction)).collect()
    }

    fn fill(&self, cluster: &mut Cluster, cells: &[Found]) {
        let centers = self.directions(&mut cells.iter().map(|cell| [cell.row, cell.col]));
        cluster.cells.clear();
        // Who lives where PROJ does not reach is within the reach of nothing.
        let peopled = cells.iter().zip(centers).filter_map(|(cell, at)| {
            Some(Peopled { at: at?, share: cell.share, steps: cell.steps })
        });
        cluster.cells.extend(peopled);
        (cluster.center, cluster.radius) = ball(cluster.cells.iter().map(|cell| cell.at));
    }

    /// A ball that holds the centers of all cells of a window; `None` if it is not known.
    pub(super) fn ball(&self, window: Window) -> Option<(Direction, f64)> {
        let ([left, right], [top, bottom]) =
            ([window.cols.0, window.cols.1 - 1], [window.rows.0, window.rows.1 - 1]);
        let (x, y) = (usize::midpoint(left, right), usize::midpoint(top, bottom));
        let rim = [
            [top, left],
            [top, x],
            [top, right],
            [y, left],
            [y, x],
            [y, right],
            [bottom, left],
            [bottom, x],
            [bottom, right],
        ];
        let at: Option<Vec<Direction>> =
            self.directions(&mut rim.into_iter()).into_iter().collect();
        let (center, radius) = ball(at?.into_iter());
        // Between the corners and the middles of the sides a side bulges by less than a quarter of the ball.
        (radius < 0.5).then_some((center, 1.25 * radius))
    }
}

/// A populated cell by its place.
struct Found {
    row: usize,
    col: usize,
    share: f64,
    steps: i64,
}

/// The middle of directions, and how far the farthest is from it.
fn ball(all: impl Iterator<Item = Direction> + Clone) -> (Direction, f64) {
    let sum = all
        .clone()
        .fold([0.0; 3], |sum: Direction, at| [sum[0] + at[0], sum[1] + at[1], sum[2] + at[2]]);
    let length = sum.iter().map(|x| x * x).sum::<f64>().sqrt();
    let center = if length > 0.0 { sum.map(|x| x / length) } else { [0.0, 0.0, 1.0] };
    let farthest = all.map(|at| chord_squared(center, at)).fold(0.0, f64::max);
    // A little more than it is: what is rounded must not be left out.
    (center, farthest.sqrt() * (1.0 + 1e-12) + 1e-12)
}

/// The smallest window that holds all runs.
fn window_of(runs: &[Run]) -> Option<Window> {
    let rows = (runs.first()?.row, runs.last()?.row + 1);
    let first = runs.iter().map(|run| run.first).min()?;
    let last = runs.iter().map(|run| run.last).max()?;
    Some(Window { cols: (first, last), rows })
}

fn no_way(grid: &Grid, why: &str) -> ReadError {
    let found = format!("its cells cannot be carried to longitude and latitude: {why}");
    ReadError::unusable(grid.reference.name(), found)
}
