//! Rasters in memory, and areas drawn in cells: what the tests of counting share.

use civex::error::ReadError;
use civex::index::{Blocks, Cells, PopulationIndex, Reader, Units};
use civex::intersect::{self, Peaks, People, Zone, count, cover};
use civex::measure::{CellSurfaces, Frame, Reference, surface_km2};
use civex::model::{Budget, CellState, Grid, NodataMeans, PopulationSource, Window};
use geo::{LineString, MultiPolygon, Polygon};

/// A raster of cells in memory.
#[derive(Debug, Clone)]
pub(crate) struct Memory {
    pub(crate) cols: usize,
    pub(crate) states: Vec<CellState>,
    pub(crate) units: Units,
}

impl Memory {
    /// From people a cell, row by row; what is not a number is nodata.
    pub(crate) fn of_people(cols: usize, people: &[f64]) -> Self {
        let state = |&people: &f64| {
            if people.is_nan() { CellState::Nodata } else { CellState::People(people) }
        };
        Self {
            cols,
            states: people.iter().map(state).collect(),
            units: Units { width: cols, height: 64 },
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.states.len() / self.cols
    }
}

impl Blocks for Memory {
    fn size(&self) -> (usize, usize) {
        (self.cols, self.rows())
    }

    fn units(&self) -> Units {
        self.units
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(MemoryReader(self.clone())))
    }
}

struct MemoryReader(Memory);

impl Reader for MemoryReader {
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        let rows = self.0.states.chunks_exact(self.0.cols);
        let rows = rows.skip(window.rows.0).take(window.height());
        let states = rows.flat_map(|row| &row[window.cols.0..window.cols.1]);
        states.for_each(|state| cells.push(*state));
        Ok(())
    }
}

/// A grid with south-west corner (0, 0) and cells of one unit; `height` 1 has its first row in the
/// south, -1 in the north.
pub(crate) fn unit_grid(cols: usize, rows: usize, height: f64, reference: &str) -> Grid {
    let north = if height < 0.0 { rows as f64 } else { 0.0 };
    let frame = Frame { origin: [0.0, north], size: [1.0, height], cells: [cols, rows] };
    Grid { frame, reference: Reference::from_definition(reference).unwrap() }
}

/// A grid and what it holds, ready to be asked.
pub(crate) struct Counter {
    grid: Grid,
    memory: Memory,
    surfaces: CellSurfaces,
}

impl Counter {
    pub(crate) fn new(grid: Grid, memory: &Memory) -> Self {
        let surfaces = CellSurfaces::of(grid.frame, &grid.reference).unwrap();
        Self { grid, memory: memory.clone(), surfaces }
    }

    fn index(&self) -> PopulationIndex<'_> {
        PopulationIndex::new(&self.grid, vec![&self.memory], Budget::UNLIMITED.into())
    }

    /// People in an area of the grid's plane, nodata being nobody.
    pub(crate) fn people(&self, area: &MultiPolygon<f64>) -> People {
        let zone = Zone::new(area, &self.grid);
        let index = self.index();
        let cells = intersect::Cells {
            view: &index.view(zone.window()).unwrap(),
            channels: &[(0, NodataMeans::Zero)],
            surfaces: &self.surfaces,
            area_km2: surface_km2(area),
        };
        count(&zone, &cover(&zone), cells).unwrap()[0].unwrap()
    }

    /// The peak of density in an area of the grid's plane.
    pub(crate) fn peak_km2(&self, area: &MultiPolygon<f64>) -> f64 {
        let zone = Zone::new(area, &self.grid);
        let index = self.index();
        let view = &index.view(zone.window()).unwrap();
        let peaks = Peaks { view, channel: 0, surfaces: &self.surfaces };
        peaks.density_km2(&cover(&zone)).unwrap()
    }
}

/// A source on a grid where nodata means nobody, as a scenario declares it.
pub(crate) fn declared_on(grid: Grid) -> PopulationSource {
    PopulationSource {
        name: "memory".into(),
        path: "memory".into(),
        surfaces: CellSurfaces::of(grid.frame, &grid.reference).unwrap(),
        grid,
        nodata: Vec::new(),
        nodata_means: NodataMeans::Zero,
        nodata_means_declared: true,
    }
}

/// A polygon from its shell and its holes, which are closed here.
pub(crate) fn polygon(shell: &[[f64; 2]], holes: &[Vec<[f64; 2]>]) -> Polygon<f64> {
    let ring = |points: &[[f64; 2]]| LineString::from(points.to_vec());
    Polygon::new(ring(shell), holes.iter().map(|hole| ring(hole)).collect())
}
