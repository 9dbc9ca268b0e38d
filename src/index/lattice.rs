//! The blocks in which peaks of density are looked for, and which cells each holds.
//!
//! In a geographic grid of cells up to 45″ they are those of the fixed global 30″ lattice, so that peaks
//! of rasters of different resolution compare; a cell belongs to the block that holds its center. In
//! other grids a block is one cell, or the square of cells whose surface in the plane is nearest to
//! 1 km².

use crate::measure::{CellSurfaces, Frame, cell_surface_km2};
use crate::model::Grid;

/// Blocks in one degree: 30″.
const IN_DEGREE: f64 = 120.0;

/// Cells wider or higher than this are blocks themselves, in degrees: 45″.
const LARGEST_CELL: f64 = 45.0 / 3600.0;

/// Blocks of fewer cells than this are added up from their cells when they are asked for.
const LEAST_CELLS: f64 = 16.0;

/// Blocks of a grid: which cells each holds, and its surface.
#[derive(Debug, Clone)]
pub struct Lattice {
    cols: Axis,
    rows: Axis,
    /// The sums of blocks are kept with the tiles.
    keeps_sums: bool,
}

/// A center that is so little below a line of the lattice lies on it, in blocks: 9 cm. Headers round the
/// sizes of cells, and centers must not fall on both sides of the lines that they are meant to lie on.
const ON_A_LINE: f64 = 1e-4;

/// Of directions of so many cells the blocks are kept in tables.
const MOST_KEPT: usize = 1 << 20;

/// The cells of one direction and their blocks.
#[derive(Debug, Clone)]
struct Axis {
    rule: Rule,
    /// The block of each cell, and the first cell of each block; empty where there are too many.
    blocks: Vec<u32>,
    firsts: Vec<u32>,
}

/// How cells of one direction fall into blocks.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// So many cells each.
    Groups(usize),
    /// Blocks of 30″.
    Seconds {
        /// Center of cell 0, in blocks from the south or west end of the lattice.
        center: f64,
        /// From one center to the next, in blocks; negative where latitude or longitude falls.
        step: f64,
    },
}

impl Axis {
    fn new(rule: Rule, cells: usize) -> Self {
        let mut axis = Self { rule, blocks: Vec::new(), firsts: Vec::new() };
        if cells <= MOST_KEPT {
            for cell in 0..cells {
                let block = rule.block(cell);
                axis.blocks.push(block as u32);
                axis.firsts.resize((block + 1).max(axis.firsts.len()), cell as u32);
            }
        }
        axis
    }

    #[inline]
    fn block(&self, cell: usize) -> usize {
        self.blocks.get(cell).map_or_else(|| self.rule.block(cell), |block| *block as usize)
    }

    #[inline]
    fn first_cell(&self, block: usize) -> usize {
        let kept = self.firsts.get(block);
        kept.map_or_else(|| self.rule.first_cell(block), |cell| *cell as usize)
    }
}

impl Rule {
    fn seconds(origin: f64, size: f64, from: f64) -> Self {
        Self::Seconds { center: (origin + size / 2.0 + from) * IN_DEGREE, step: size * IN_DEGREE }
    }

    /// The number of a cell's block on the lattice, which grows with the cell.
    fn on_lattice(self, cell: usize) -> i64 {
        match self {
            Self::Groups(cells) => (cell / cells).cast_signed() as i64,
            Self::Seconds { center, step } => {
                let block = floor(center + cell as f64 * step + ON_A_LINE);
                if step < 0.0 { -block } else { block }
            }
        }
    }

    /// The block of a cell, counted from that of cell 0.
    fn block(self, cell: usize) -> usize {
        (self.on_lattice(cell) - self.on_lattice(0)).max(0) as usize
    }

    /// The first cell of a block, or the first behind it if it holds none.
    fn first_cell(self, block: usize) -> usize {
        match self {
            Self::Groups(cells) => block * cells,
            Self::Seconds { center, step } => {
                let wanted = self.on_lattice(0) + block.cast_signed() as i64;
                // The cell whose center is nearest to where the block begins; rounding may be off by one.
                let begins = if step < 0.0 { 1 - wanted } else { wanted } as f64;
                let mut cell = ((begins - center) / step).max(0.0) as usize;
                while self.on_lattice(cell) < wanted {
                    cell += 1;
                }
                while cell > 0 && self.on_lattice(cell - 1) >= wanted {
                    cell -= 1;
                }
                cell
            }
        }
    }
}

/// The whole number below, without a call of a library.
fn floor(number: f64) -> i64 {
    let whole = number as i64;
    whole - i64::from(number < whole as f64)
}

impl Lattice {
    /// The blocks of a grid.
    #[must_use]
    pub fn of(grid: &Grid) -> Self {
        let Frame { origin, size, .. } = grid.frame;
        let groups = |cells: usize| (Rule::Groups(cells), Rule::Groups(cells));
        let (cols, rows) = if !grid.reference.is_geographic() {
            let unit_km = grid.reference.unit_m() / 1000.0;
            groups(nearest_group((size[0] * size[1]).abs() * unit_km * unit_km))
        } else if size[0].abs().max(size[1].abs()) > LARGEST_CELL {
            groups(1)
        } else {
            (Rule::seconds(origin[0], size[0], 180.0), Rule::seconds(origin[1], size[1], 90.0))
        };
        let in_block = |rule: Rule| match rule {
            Rule::Groups(cells) => cells as f64,
            Rule::Seconds { step, .. } => 1.0 / step.abs(),
        };
        let keeps_sums = in_block(cols) * in_block(rows) >= LEAST_CELLS;
        let (cols, rows) = (Axis::new(cols, grid.cols()), Axis::new(rows, grid.rows()));
        Self { cols, rows, keeps_sums }
    }

    /// Whether blocks hold so many cells that their sums are kept.
    #[must_use]
    pub const fn keeps_sums(&self) -> bool {
        self.keeps_sums
    }

    /// The block of a cell, by row and column.
    #[must_use]
    #[inline]
    pub fn block(&self, [row, col]: [usize; 2]) -> [usize; 2] {
        [self.rows.block(row), self.cols.block(col)]
    }

    /// The first cell of a block, by row and column; the one before the first of the next is its last.
    #[must_use]
    #[inline]
    pub fn first_cell(&self, [row, col]: [usize; 2]) -> [usize; 2] {
        [self.rows.first_cell(row), self.cols.first_cell(col)]
    }

    /// The whole surface of a block in km², also where the raster holds only a part of it.
    #[must_use]
    pub fn km2(
        &self,
        [row, col]: [usize; 2],
        surfaces: &CellSurfaces,
        size: (usize, usize),
    ) -> f64 {
        match self.rows.rule {
            Rule::Seconds { step, .. } => {
                let on_lattice = self.rows.rule.on_lattice(0) + row.cast_signed() as i64;
                let south = if step < 0.0 { -on_lattice } else { on_lattice } as f64;
                let latitude = |blocks: f64| (blocks / IN_DEGREE - 90.0).clamp(-90.0, 90.0);
                cell_surface_km2(latitude(south), latitude(south + 1.0), 1.0 / IN_DEGREE)
            }
            Rule::Groups(cells) => {
                let rows = row * cells..((row + 1) * cells).min(size.1);
                let (first, last) = (col * cells, ((col + 1) * cells).min(size.0));
                let held = rows.len() * last.saturating_sub(first);
                let km2: f64 = rows.map(|row| surfaces.span_km2(row, first, last)).sum();
                km2 * (cells * cells) as f64 / held.max(1) as f64
            }
        }
    }
}

/// Cells on a side of the square whose surface is nearest to 1 km².
fn nearest_group(cell_km2: f64) -> usize {
    let side = (1.0 / cell_km2).sqrt().floor().clamp(1.0, 4096.0);
    let off = |side: f64| (side * side * cell_km2 - 1.0).abs();
    (if off(side + 1.0) < off(side) { side + 1.0 } else { side }) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Reference;

    fn lattice(system: &str, origin: [f64; 2], size: [f64; 2]) -> Lattice {
        let frame = Frame { origin, size, cells: [1000, 1000] };
        Lattice::of(&Grid { frame, reference: Reference::from_definition(system).unwrap() })
    }

    #[test]
    fn cells_fall_into_the_blocks_that_hold_their_centers() {
        let second = 1.0 / 3600.0;
        // 3″ cells from 9″ west of a line of the lattice, and 9″ north of one: three cells until it.
        let fine = lattice(
            "EPSG:4326",
            [20.0 - 9.0 * second, 50.0 + 9.0 * second],
            [3.0 * second, -3.0 * second],
        );
        assert!(fine.keeps_sums());
        assert_eq!([0, 2, 3, 12, 13].map(|col| fine.block([col, col])[1]), [0, 0, 1, 1, 2]);
        assert_eq!([0, 2, 3, 12, 13].map(|row| fine.block([row, row])[0]), [0, 0, 1, 1, 2]);
        assert_eq!([0, 1, 2, 50].map(|block| fine.first_cell([block, 0])[0]), [0, 3, 13, 493]);
        // 40″ cells: some blocks hold the center of none.
        let coarse = lattice("EPSG:4326", [0.0, 0.0], [40.0 * second, 40.0 * second]);
        assert!(!coarse.keeps_sums());
        let blocks = [0, 1, 2, 3, 4].map(|col| coarse.block([0, col])[1]);
        assert_eq!(blocks, [0, 2, 3, 4, 6]);
        assert_eq!([0, 1, 2, 3, 5].map(|block| coarse.first_cell([0, block])[1]), [0, 1, 1, 2, 4]);
    }

    #[test]
    fn centers_that_are_meant_to_lie_on_lines_fall_to_one_side_of_all() {
        for (size, in_block) in [(0.008_333_333_333_333_3, 1), (0.000_833_333_333_33, 10)] {
            for sign in [1.0, -1.0] {
                let origin = [20.0 - size / 2.0, 50.0 - sign * size / 2.0];
                let shifted = lattice("EPSG:4326", origin, [size, sign * size]);
                let firsts = (1..90).map(|block| shifted.first_cell([block, block]));
                let firsts: Vec<[usize; 2]> = firsts.collect();
                for pair in firsts.windows(2) {
                    let cells = [0, 1].map(|axis| pair[1][axis] - pair[0][axis]);
                    assert_eq!(cells, [in_block; 2], "{size} {sign}");
                }
            }
        }
    }

    #[test]
    fn every_first_cell_is_where_its_block_begins() {
        for (origin, size) in
            [(20.000_1, 1.0 / 1200.0), (-179.99, 0.003_7), (3.0, 1.0 / 120.0), (7.3, -1e-5)]
        {
            let lattice = lattice("EPSG:4326", [origin, 0.0], [size, size.abs()]);
            for cell in 1..900 {
                let (before, block) =
                    (lattice.block([0, cell - 1])[1], lattice.block([0, cell])[1]);
                for block in before + 1..=block {
                    assert_eq!(lattice.first_cell([0, block])[1], cell, "{origin} {size}");
                }
            }
        }
    }

    #[test]
    fn wide_cells_and_projected_ones_are_blocks_or_squares_of_about_a_km2() {
        let side = |system: &str, size: f64| {
            lattice(system, [0.0; 2], [size, -size]).first_cell([1, 1])[1]
        };
        assert_eq!(side("EPSG:4326", 0.013), 1);
        assert_eq!(side("EPSG:32627", 100.0), 10);
        assert_eq!(side("EPSG:32627", 250.0), 4);
        assert_eq!(side("EPSG:32627", 1000.0), 1);
        // Two by two are 0.98 km², three by three 2.2.
        assert_eq!(side("EPSG:32627", 495.0), 2);
    }

    #[test]
    fn a_block_has_its_whole_surface_where_the_raster_ends() {
        let fine = lattice("EPSG:4326", [0.0, 0.0], [1.0 / 1200.0; 2]);
        let frame = Frame { origin: [0.0; 2], size: [1.0 / 1200.0; 2], cells: [5, 5] };
        let surfaces = CellSurfaces::of(frame, &Reference::wgs84().unwrap()).unwrap();
        let km2 = fine.km2([0, 0], &surfaces, (5, 5));
        // 30″ are 927.66 m along the equator and 921.44 m along a meridian.
        assert!((km2 - 0.927_66 * 0.921_44).abs() < 1e-4, "{km2}");
        let utm = lattice("EPSG:32627", [500_000.0, 7_000_000.0], [100.0, -100.0]);
        let frame =
            Frame { origin: [500_000.0, 7_000_000.0], size: [100.0, -100.0], cells: [15, 3] };
        let utm_system = Reference::from_definition("EPSG:32627").unwrap();
        let surfaces = CellSurfaces::of(frame, &utm_system).unwrap();
        assert!((utm.km2([0, 1], &surfaces, (15, 3)) - 1.0).abs() < 2e-3);
    }
}
