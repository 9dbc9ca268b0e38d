//! People in a zone: sums over its coverage, and what is missing.

use super::{Coverage, Zone};
use crate::index::{PopulationIndex, Span};
use crate::measure::{CellSurfaces, Fixed, Sum};
use crate::model::NodataMeans;

/// A share of missing surface below this is none.
const NO_GAP: f64 = 1e-6;

/// People of one source in one zone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct People {
    /// Σ f·n: the best estimate, in people.
    pub best: f64,
    /// Σ n over cells wholly inside, in people.
    pub inner: f64,
    /// Σ n over cells inside at all, in people.
    pub outer: f64,
    /// Σ f: how many cells the zone covers.
    pub cells: f64,
    /// Share of the zone's surface without data (g), 0..=1: cells that mean unknown, and all that
    /// lies beyond the raster.
    pub missing: f64,
    /// Share of the zone's surface under cells that hold the nodata value, whatever it means.
    pub nodata: f64,
}

/// Faulty cells that a zone covers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FaultyCells {
    /// How many.
    pub cells: u64,
    /// The smallest value of them.
    pub smallest: f64,
}

/// The cells of a source, to be counted in a zone.
#[derive(Debug, Clone, Copy)]
pub struct Cells<'a> {
    /// The people of the source.
    pub index: &'a PopulationIndex,
    /// The surfaces of its cells.
    pub surfaces: &'a CellSurfaces,
    /// What a missing value means.
    pub nodata_means: NodataMeans,
    /// The surface of the whole area on the ellipsoid, in km².
    pub area_km2: f64,
}

/// Counts the people of one source in a zone.
///
/// # Formula
///
/// ```text
/// best = Σ f_c·n_c    inner = Σ_{f_c = 1} n_c    outer = Σ_{f_c > 0} n_c
/// g = b + (1 − b) · Σ f_c·s_c [c missing] / Σ f_c·s_c
/// ```
///
/// f: fraction of a cell inside, n: its people, s: its surface in km², b: the share of the zone
/// beyond the grid. Sums of people are exact in steps of 2⁻²⁸ persons.
///
/// # Errors
///
/// [`FaultyCells`] if the zone covers a cell that holds what is no number of people.
pub fn count(zone: &Zone, coverage: &Coverage, cells: Cells) -> Result<People, FaultyCells> {
    let Cells { index, surfaces, nodata_means, area_km2 } = cells;
    let mut tally = Tally::default();
    for cell in &coverage.cells {
        let (row, col) = (cell.row as usize, cell.col as usize);
        let held = index.cell(row, col);
        tally.best.add_share(cell.fraction, Fixed(held.steps));
        tally.outer.add_steps(held.steps);
        if cell.fraction >= 1.0 {
            tally.inner.add_steps(held.steps);
        }
        tally.add_surface(surfaces.cell_km2(row, col) * cell.fraction, 1, held, nodata_means);
    }
    for span in &coverage.spans {
        let row = span.row as usize;
        for (first, last, held) in index.spans(row, span.first as usize, span.last as usize) {
            for sum in [&mut tally.best, &mut tally.inner, &mut tally.outer] {
                sum.add_steps(held.steps);
            }
            let km2 = surfaces.span_km2(row, first, last);
            tally.add_surface(km2, last - first, held, nodata_means);
        }
    }
    tally.people(zone, coverage, area_km2)
}

/// Sums on the way.
#[derive(Default)]
struct Tally {
    best: Sum,
    inner: Sum,
    outer: Sum,
    km2: f64,
    missing_km2: f64,
    nodata_km2: f64,
    faulty: FaultyCells,
}

impl Default for FaultyCells {
    fn default() -> Self {
        Self { cells: 0, smallest: f64::INFINITY }
    }
}

impl Tally {
    /// Adds the surface (km²) inside of so many cells, and of those among them without a value.
    fn add_surface(&mut self, km2: f64, cells: usize, held: Span, nodata_means: NodataMeans) {
        self.km2 += km2;
        // The cells of a span have one surface, or nearly so in a projected grid.
        let share = |part: usize| km2 * part as f64 / cells.max(1) as f64;
        self.nodata_km2 += share(held.nodata);
        self.missing_km2 += share(held.unknown);
        if nodata_means == NodataMeans::Unknown {
            self.missing_km2 += share(held.nodata);
        }
        if held.faulty > 0 {
            self.faulty.cells += held.faulty;
            self.faulty.smallest = self.faulty.smallest.min(held.smallest_faulty);
        }
    }

    fn people(
        self,
        zone: &Zone,
        coverage: &Coverage,
        area_km2: f64,
    ) -> Result<People, FaultyCells> {
        if self.faulty.cells > 0 {
            return Err(self.faulty);
        }
        let beyond = zone.beyond_of_surface(self.km2, area_km2);
        let within = |km2: f64| if self.km2 > 0.0 { (1.0 - beyond) * km2 / self.km2 } else { 0.0 };
        let cells = coverage.total();
        // Nothing of the zone on the grid: all of it is missing.
        let missing = if cells > 0.0 { beyond + within(self.missing_km2) } else { 1.0 };
        let missing = if missing < NO_GAP { 0.0 } else { missing.min(1.0) };
        Ok(People {
            best: self.best.people(),
            inner: self.inner.people(),
            outer: self.outer.people(),
            cells,
            missing: if missing > 1.0 - 1e-12 { 1.0 } else { missing },
            nodata: within(self.nodata_km2),
        })
    }
}
