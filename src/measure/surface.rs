//! Surfaces of the cells of a grid on the WGS 84 ellipsoid, in km².
//!
//! In a geographic grid every cell of a row has one surface, in closed form. In a projected grid
//! cells are measured one by one at nodes some 16 km apart, where they are asked for, and interpolated
//! between: within 2e-6 in a transverse Mercator zone, exact in an equal-area grid. Where neighboring
//! nodes differ too much for that, as they do at the rim of a projection, each cell is measured.
//! A cell that PROJ can carry only in part, at the rim, has the surface that this part tells.

use super::cell_surface_km2;
use super::reference::{Carrier, Reference, ReferenceError, to_wgs84};
use super::wrap::outline_surface_km2;
use crate::error::number_text;
use std::sync::OnceLock;

/// About how far apart nodes are, in meters.
const SPACING_M: f64 = 16_000.0;
/// At most so many surfaces of rows, and groups of nodes, are kept.
const MOST_KEPT: usize = 1 << 20;
/// Nodes of a row that are measured together.
const TOGETHER: usize = 64;
/// Points on each side of a cell's outline, since sides bend.
const SIDE: u32 = 4;
/// How often a cell at the rim of a projection is cut in four: into 16 × 16.
const RIM_DEPTH: u32 = 4;
/// Neighboring nodes that differ by a larger share are not interpolated between.
const SMOOTH: f64 = 0.02;

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

/// The narrowest and lowest cell, in degrees and in meters: about a millimeter.
const SMALLEST: [f64; 2] = [1e-8, 0.001];
/// How far from the meridian of Greenwich a geographic grid may reach, in degrees: two turns.
const FARTHEST_DEG: f64 = 720.0;
/// How far from its origin a projected grid may reach, in meters: eastings that begin with the number of a
/// zone are below 61,000 km.
const FARTHEST_M: f64 = 1e8;
/// So many degrees, and cells, a geographic grid may be wider than one turn, or reach beyond a pole.
const SLACK: [f64; 2] = [1.0, 2.0];
/// A cell is at least this share of the coordinates of its grid: else they cannot tell where in a cell a
/// point lies.
const RESOLVED: f64 = 1.0 / (1_u64 << 40) as f64;

impl Frame {
    /// Why nothing on earth can be counted in such cells: found and wanted. `None` if it can.
    ///
    /// # Limits
    ///
    /// Cells have at least 1e-8 degrees or 1 mm, and 2⁻⁴⁰ of the coordinates.
    /// A geographic grid lies within two turns of Greenwich, is one turn wide and reaches from pole to pole,
    /// with a degree or two cells of slack; a projected one lies within 100,000 km of its origin.
    #[must_use]
    pub fn fault(&self, reference: &Reference) -> Option<String> {
        let (is_geographic, unit_m) = (reference.is_geographic(), reference.unit_m());
        let (to_measure, smallest, unit) =
            if is_geographic { (1.0, SMALLEST[0], "degrees") } else { (unit_m, SMALLEST[1], "m") };
        let size = self.size.map(|size| size.abs() * to_measure);
        let ends = [0, 1].map(|axis| self.ends(axis).map(|end| end * to_measure));
        let [width, height] = size.map(number_text);
        if size.iter().any(|size| size.is_nan() || *size < smallest) {
            let smallest = number_text(smallest);
            return Some(format!(
                "its cells are {width} × {height} {unit}, wanted {smallest} {unit} or more"
            ));
        }
        let reach =
            [0, 1].map(|axis| self.ends(axis).map(f64::abs).into_iter().fold(0.0, f64::max));
        if (0..2).any(|axis| self.size[axis].abs() < reach[axis] * RESOLVED) {
            return Some(format!(
                "its cells of {width} × {height} {unit} are too small to be told apart so far from \
                 the origin of its coordinates"
            ));
        }
        let [[west, east], [south, north]] = ends;
        let slack = size.map(|size| SLACK[0].max(SLACK[1] * size));
        let is_on_earth = if is_geographic {
            west.abs().max(east.abs()) <= FARTHEST_DEG
                && east - west <= 360.0 + slack[0]
                && south >= -90.0 - slack[1]
                && north <= 90.0 + slack[1]
        } else {
            [west, east, south, north].iter().all(|end| end.abs() <= FARTHEST_M)
        };
        if !is_on_earth {
            let [west, east, south, north] = [west, east, south, north].map(number_text);
            let wanted = if is_geographic {
                "one turn of longitudes at most, and latitudes from -90 to 90"
            } else {
                "less than 100,000 km from the origin of its system"
            };
            return Some(format!(
                "it reaches from {west} to {east} and from {south} to {north} {unit}, wanted {wanted}"
            ));
        }
        None
    }

    /// The two ends of the grid along an axis, the lesser first.
    fn ends(&self, axis: usize) -> [f64; 2] {
        let from = self.origin[axis];
        let to = from + self.cells[axis] as f64 * self.size[axis];
        [from.min(to), from.max(to)]
    }
}

/// The surface of every cell of a grid.
#[derive(Debug, Clone)]
pub struct CellSurfaces(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// One surface a row.
    Rows(Vec<f64>),
    /// One surface a row, of more rows than are kept.
    Frame(Frame),
    /// Surfaces at nodes.
    Lattice(Lattice),
}

impl CellSurfaces {
    /// Of a grid in a reference system.
    ///
    /// # Errors
    ///
    /// If PROJ knows no way from the grid's system to WGS 84.
    pub fn of(frame: Frame, reference: &Reference) -> Result<Self, ReferenceError> {
        if reference.is_geographic() {
            let kept = || Kind::Rows((0..frame.cells[1]).map(|row| row_km2(frame, row)).collect());
            return Ok(Self(if frame.cells[1] > MOST_KEPT { Kind::Frame(frame) } else { kept() }));
        }
        if reference.is_interrupted() {
            return Err(ReferenceError::interrupted(reference));
        }
        Carrier::new(reference, &Reference::wgs84()?)?;
        Ok(Self(Kind::Lattice(Lattice::new(frame, reference.clone()))))
    }

    /// Whether all cells of a row have one surface.
    #[must_use]
    pub const fn are_even(&self) -> bool {
        !matches!(self.0, Kind::Lattice(_))
    }

    /// Surface of one cell, in km².
    #[must_use]
    pub fn cell_km2(&self, row: usize, col: usize) -> f64 {
        match &self.0 {
            Kind::Rows(rows) => rows.get(row).copied().unwrap_or(0.0),
            Kind::Frame(frame) => row_km2(*frame, row),
            Kind::Lattice(lattice) => lattice.cell_km2(row, col),
        }
    }

    /// Surface of the cells `first..last` of a row, in km².
    #[must_use]
    pub fn span_km2(&self, row: usize, first: usize, last: usize) -> f64 {
        match &self.0 {
            Kind::Rows(rows) => {
                rows.get(row).copied().unwrap_or(0.0) * last.saturating_sub(first) as f64
            }
            Kind::Frame(frame) => row_km2(*frame, row) * last.saturating_sub(first) as f64,
            Kind::Lattice(lattice) => lattice.span_km2(row, first, last),
        }
    }
}

/// The surface of each cell of a row of a geographic grid.
fn row_km2(frame: Frame, row: usize) -> f64 {
    let [width, height] = frame.size;
    let latitude = |row: usize| (frame.origin[1] + row as f64 * height).clamp(-90.0, 90.0);
    let (one, two) = (latitude(row), latitude(row + 1));
    cell_surface_km2(one.min(two), one.max(two), width.abs())
}

/// Cells measured at nodes, every `step` cells and at the last column and row.
#[derive(Debug, Clone)]
struct Lattice {
    frame: Frame,
    reference: Reference,
    /// Cells between two nodes, across and down.
    step: [usize; 2],
    /// Nodes across, and groups of them.
    across: usize,
    groups: usize,
    /// Groups of nodes, made when first asked for; 0 where a cell cannot be carried.
    nodes: Vec<OnceLock<Box<[f64]>>>,
}

impl Lattice {
    fn new(frame: Frame, reference: Reference) -> Self {
        let unit_m = reference.unit_m();
        let mut step = frame
            .size
            .map(|size| (SPACING_M / (size.abs() * unit_m)).round().clamp(1.0, 4096.0) as usize);
        let counts = |step: [usize; 2]| {
            let nodes = |axis: usize| frame.cells[axis].saturating_sub(1).div_ceil(step[axis]) + 1;
            (nodes(0), nodes(0).div_ceil(TOGETHER), nodes(1))
        };
        // A grid far larger than the earth.
        while counts(step).1.saturating_mul(counts(step).2) > MOST_KEPT {
            step = step.map(|step| step * 2);
        }
        let (across, groups, down) = counts(step);
        let nodes = std::iter::repeat_with(OnceLock::new).take(groups * down).collect();
        Self { frame, reference, step, across, groups, nodes }
    }

    /// The cell that a node measures.
    fn at(&self, axis: usize, node: usize) -> usize {
        (node * self.step[axis]).min(self.frame.cells[axis] - 1)
    }

    /// Surface at a node, in km²; 0 where its cell cannot be carried.
    fn node(&self, i: usize, j: usize) -> f64 {
        let group = i / TOGETHER;
        let Some(slot) = self.nodes.get(j * self.groups + group) else { return 0.0 };
        let measured = slot.get_or_init(|| {
            let nodes = group * TOGETHER..((group + 1) * TOGETHER).min(self.across);
            nodes.map(|i| self.measured(self.at(1, j), self.at(0, i)).unwrap_or(0.0)).collect()
        });
        measured.get(i % TOGETHER).copied().unwrap_or(0.0)
    }

    /// Surface at a node column between two node rows; `None` if it cannot be told from them.
    fn column(&self, i: usize, row: usize) -> Option<f64> {
        let j = row / self.step[1];
        let upper = self.node(i, j);
        let (from, to) = (self.at(1, j), self.at(1, j + 1));
        if row == from {
            return Some(upper);
        }
        between(upper, self.node(i, j + 1), (row - from) as f64 / (to - from) as f64)
    }

    fn cell_km2(&self, row: usize, col: usize) -> f64 {
        let i = col / self.step[0];
        let (from, to) = (self.at(0, i), self.at(0, i + 1));
        let told = if col == from {
            self.column(i, row)
        } else {
            let share = (col - from) as f64 / (to - from) as f64;
            let ends = self.column(i, row).zip(self.column(i + 1, row));
            ends.and_then(|(left, right)| between(left, right, share))
        };
        told.or_else(|| self.measured(row, col)).unwrap_or(0.0)
    }

    fn span_km2(&self, row: usize, first: usize, last: usize) -> f64 {
        let mut km2 = 0.0;
        let mut start = first;
        while start < last {
            let i = start / self.step[0];
            let (from, to) = (self.at(0, i), self.at(0, i + 1));
            let end = last.min((i + 1) * self.step[0]);
            // Linear between nodes: the sum of a piece is its count times its middle.
            let middle = (start + end - 1) as f64 / 2.0 - from as f64;
            let ends = self.column(i, row).zip(self.column(i + 1, row));
            let told = ends
                .and_then(|(left, right)| between(left, right, middle / (to - from).max(1) as f64));
            km2 += match told {
                Some(one) => one * (end - start) as f64,
                None => (start..end).map(|col| self.cell_km2(row, col)).sum(),
            };
            start = end;
        }
        km2
    }

    /// Surface of one cell by its outline, in km². Of a cell at the rim of the projection the part that PROJ
    /// can carry is measured, and taken for the rest: `None` if that is nothing.
    fn measured(&self, row: usize, col: usize) -> Option<f64> {
        let corner = [col as f64, row as f64];
        self.outlined(corner, 1.0).or_else(|| {
            let (km2, share) = self.in_quarters(corner, 1.0, RIM_DEPTH);
            (share > 0.0).then(|| km2 / share)
        })
    }

    /// Surface of what can be carried of a square of cells, and its share of the square.
    fn in_quarters(&self, [x, y]: [f64; 2], side: f64, depth: u32) -> (f64, f64) {
        let half = side / 2.0;
        let quarters = [[x, y], [x + half, y], [x, y + half], [x + half, y + half]];
        let measured = quarters.map(|corner| match self.outlined(corner, half) {
            Some(km2) => (km2, half * half),
            None if depth > 1 && self.reaches(corner, half) => {
                self.in_quarters(corner, half, depth - 1)
            }
            None => (0.0, 0.0),
        });
        measured.into_iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// Whether PROJ carries some corner of a square of cells.
    fn reaches(&self, [x, y]: [f64; 2], side: f64) -> bool {
        let corners = [[x, y], [x + side, y], [x, y + side], [x + side, y + side]];
        let corners = corners.map(|at| self.plane(at));
        to_wgs84(&self.reference, &corners).iter().any(Option::is_some)
    }

    fn plane(&self, [col, row]: [f64; 2]) -> [f64; 2] {
        let Frame { origin, size, .. } = self.frame;
        [origin[0] + col * size[0], origin[1] + row * size[1]]
    }

    /// Surface of a square of cells by its outline, in km²; `None` where PROJ cannot carry it.
    fn outlined(&self, [x, y]: [f64; 2], side: f64) -> Option<f64> {
        let along = |k: u32| side * f64::from(k) / f64::from(SIDE);
        let sides = (0..SIDE).map(|k| (along(k), 0.0));
        let sides = sides.chain((0..SIDE).map(|k| (side, along(k))));
        let sides = sides.chain((0..SIDE).map(|k| (side - along(k), side)));
        let sides = sides.chain((0..SIDE).map(|k| (0.0, side - along(k))));
        let outline: Vec<[f64; 2]> = sides.map(|(u, v)| self.plane([x + u, y + v])).collect();
        let carried: Option<Vec<[f64; 2]>> =
            to_wgs84(&self.reference, &outline).into_iter().collect();
        let mut outline = carried?;
        outline.extend(outline.first().copied());
        Some(outline_surface_km2(&outline))
    }
}

/// A share of the way from one surface to another, if they are alike.
fn between(one: f64, other: f64, share: f64) -> Option<f64> {
    let alike = (one - other).abs() <= SMOOTH * one.max(other);
    alike.then_some(one + (other - one) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surfaces(system: &str, origin: [f64; 2], size: f64, cells: [usize; 2]) -> CellSurfaces {
        let frame = Frame { origin, size: [size, -size], cells };
        CellSurfaces::of(frame, &Reference::from_definition(system).unwrap()).unwrap()
    }

    #[test]
    fn the_cells_of_the_whole_world_add_up_in_any_projection() {
        // Mercator ends at ±20,037,508 m, that is 85.06 degrees.
        let edge = 20_037_508.342_789;
        let between_85 = cell_surface_km2(-85.051_128_78, 85.051_128_78, 360.0);
        for cells in [40, 400] {
            let size = 2.0 * edge / cells as f64;
            let mercator = surfaces("EPSG:3857", [-edge, edge], size, [cells, cells]);
            let sum: f64 = (0..cells).map(|row| mercator.span_km2(row, 0, cells)).sum();
            assert!((sum / between_85 - 1.0).abs() < 2e-3, "{cells}: {sum} of {between_85}");
            let one_by_one: f64 = (0..cells)
                .flat_map(|row| (0..cells).map(move |col| (row, col)))
                .map(|(row, col)| mercator.cell_km2(row, col))
                .sum();
            assert!((one_by_one / sum - 1.0).abs() < 1e-9, "{one_by_one} is not {sum}");
        }
    }

    fn fault(system: &str, origin: [f64; 2], size: [f64; 2], cells: [usize; 2]) -> Option<String> {
        let reference = Reference::from_definition(system).unwrap();
        Frame { origin, size, cells }.fault(&reference)
    }

    #[test]
    fn grids_that_people_use_are_sound() {
        let (degrees, second) = ("EPSG:4326", 1.0 / 3600.0);
        let mercator = 20_037_508.342_789;
        for (system, origin, size, cells) in [
            (degrees, [-180.0, 90.0], [3.0 * second, -3.0 * second], [432_000, 216_000]),
            (degrees, [-180.0, 90.0], [second, -second], [1_296_000, 648_000]),
            (degrees, [-180.001_25, 85.0], [0.008_333_333_3, -0.008_333_333_3], [43_201, 17_400]),
            (degrees, [0.0, -90.0], [0.25, 0.25], [1440, 720]),
            // Values at nodes, the first and last of them the same; half a cell beyond the poles.
            (degrees, [-182.5, 92.5], [5.0, -5.0], [73, 37]),
            (degrees, [180.0, 90.0], [1.0, -1.0], [360, 180]),
            (degrees, [-180.0, 90.0], [360.0, -180.0], [1, 1]),
            (degrees, [36.2, 50.0], [1e-5, -1e-5], [1000, 1000]),
            ("EPSG:32627", [300_000.0, 7_100_000.0], [1.0, -1.0], [400_000, 300_000]),
            ("EPSG:3857", [-mercator, mercator], [mercator / 128.0, mercator / -128.0], [256, 256]),
            ("ESRI:54009", [-18_041_000.0, 9_000_000.0], [1000.0, -1000.0], [36_082, 18_000]),
            ("EPSG:4534", [45_500_000.0, 4_000_000.0], [0.1, -0.1], [1000, 1000]),
        ] {
            assert_eq!(fault(system, origin, size, cells), None, "{origin:?} {size:?}");
        }
    }

    #[test]
    fn grids_that_lie_nowhere_on_earth_are_told() {
        let degrees = "EPSG:4326";
        for (system, origin, size, cells, wanted) in [
            (degrees, [10.0, 50.0], [1e-300, -1e-300], [30, 24], "wanted 1e-8 degrees or more"),
            (degrees, [10.0, 50.0], [0.1, -5e-324], [30, 24], "wanted 1e-8 degrees or more"),
            (degrees, [10.0, 50.0], [1e300, -1e300], [30, 24], "wanted one turn of longitudes"),
            (degrees, [1e300, 50.0], [0.1, -0.1], [30, 24], "are too small to be told apart"),
            (degrees, [1e9, 50.0], [0.1, -0.1], [30, 24], "wanted one turn of longitudes"),
            (degrees, [-180.0, 90.0], [0.1, -0.1], [7200, 1800], "from -180 to 540"),
            (degrees, [0.0, 1e-200], [0.1, 1.0], [10, 94], "from 1e-200 to 94 degrees"),
            ("EPSG:3857", [0.0, 0.0], [1e-5, -1e-5], [9, 9], "wanted 0.001 m or more"),
            ("EPSG:3857", [0.0, 0.0], [1e9, -1.0], [9, 9], "wanted less than 100,000 km"),
        ] {
            let fault = fault(system, origin, size, cells).unwrap();
            assert!(fault.contains(wanted), "{fault}");
        }
    }

    #[test]
    fn an_equal_area_grid_has_equal_cells() {
        let grid = surfaces("EPSG:6933", [-17_000_000.0, 7_300_000.0], 10_000.0, [3400, 1460]);
        for (row, col) in [(0, 0), (730, 1700), (1459, 3399), (400, 1)] {
            let km2 = grid.cell_km2(row, col);
            assert!((km2 / 100.0 - 1.0).abs() < 1e-6, "row {row}, col {col}: {km2}");
        }
    }

    #[test]
    fn the_cells_of_a_row_are_equal_up_to_the_rim_of_a_projection() {
        // Mollweide: the equator ends at 18,040,095 m, where the next cells are beyond the earth.
        let origin = [-18_041_000.0, 9_000_000.0];
        let grid = surfaces("ESRI:54009", origin, 10_000.0, [3608, 1800]);
        let middle = grid.cell_km2(900, 1804);
        // It takes the ellipsoid for a sphere, hence not 100.
        assert!((middle - 99.331).abs() < 1e-3, "{middle}");
        for col in [2, 500, 3600, 3606] {
            assert!((grid.cell_km2(900, col) / middle - 1.0).abs() < 1e-6, "col {col}");
        }
        let all: f64 = (0..1800).map(|row| grid.span_km2(row, 0, 3608)).sum();
        assert!((all / 510_065_621.7 - 1.0).abs() < 5e-3, "{all}");
    }

    #[test]
    fn a_cell_of_a_transverse_mercator_zone_is_as_large_as_its_scale_says() {
        let utm = surfaces("EPSG:32627", [300_000.0, 7_100_000.0], 1000.0, [400, 300]);
        for (row, col) in [(5, 7), (150, 200), (299, 399)] {
            let Kind::Lattice(lattice) = &utm.0 else { panic!("projected") };
            let exact = lattice.measured(row, col).unwrap();
            assert!((utm.cell_km2(row, col) / exact - 1.0).abs() < 3e-6);
        }
    }
}
