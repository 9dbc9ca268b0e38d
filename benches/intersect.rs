//! Covering an area and counting its people, over a ladder of cells and vertices, beside the naive
//! way: every cell of the area's bounds, clipped.
//!
//! Both ways count the same people; that is asserted before anything is timed.
//!
//! Geodesic buffers are timed beside those that `geo` makes in a plane where they may be, near the
//! equator; there both have the same surface, which is asserted, too.

#![expect(clippy::unwrap_used, reason = "a bench stops where something is wrong")]

use civex::error::ReadError;
use civex::index::{self, Blocks, PopulationIndex, Reader, Units};
use civex::intersect::{Cells, Traces, Zone, buffer, count, cover};
use civex::measure::{CellSurfaces, Frame, Reference};
use civex::model::{Budget, CellState, Grid, NodataMeans, Window};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geo::algorithm::buffer::{BufferStyle, LineJoin};
use geo::{
    Area, BooleanOps, Buffer, Coord, LineString, MultiLineString, MultiPolygon, Polygon, Rect,
};
use std::f64::consts::TAU;
use std::hint::black_box;
use std::time::Duration;

/// Cells on a side of an area's bounds: 10² to 10⁷ cells.
const SIDES: [usize; 6] = [10, 32, 100, 320, 1000, 3200];
/// Vertices of an area.
const VERTICES: [usize; 4] = [10, 100, 1000, 20_000];
/// The naive way is timed up to so many cells.
const NAIVE_CELLS: usize = 20_000;

/// People of a cell: one in fourteen is populated.
fn people(row: usize, col: usize) -> f64 {
    let mixed = (row as u64 * 7919 + col as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    if mixed.is_multiple_of(14) { (mixed % 1000) as f64 / 8.0 } else { 0.0 }
}

/// A raster of such cells.
struct Made {
    side: usize,
}

impl Blocks for Made {
    fn size(&self) -> (usize, usize) {
        (self.side, self.side)
    }

    fn units(&self) -> Units {
        Units { width: 256, height: 256 }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(MadeReader))
    }
}

struct MadeReader;

impl Reader for MadeReader {
    fn read(&mut self, window: Window, cells: &mut index::Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        let row = |row| (window.cols.0..window.cols.1).map(move |col| people(row, col));
        let people = (window.rows.0..window.rows.1).flat_map(row);
        people.for_each(|people| cells.push(CellState::People(people)));
        Ok(())
    }
}

/// A grid of 3″ cells and all it holds.
struct Raster {
    grid: Grid,
    index: PopulationIndex<'static>,
    surfaces: CellSurfaces,
}

impl Raster {
    fn new(side: usize) -> Self {
        let cell = 1.0 / 1200.0;
        let frame = Frame { origin: [20.0, 50.0], size: [cell, -cell], cells: [side, side] };
        let grid = Grid { frame, reference: Reference::wgs84().unwrap() };
        // For as long as the process lives.
        let made: &'static Made = Box::leak(Box::new(Made { side }));
        let index = PopulationIndex::new(&grid, vec![made], Budget::UNLIMITED.into());
        Self { surfaces: CellSurfaces::of(grid.frame, &grid.reference).unwrap(), grid, index }
    }

    /// A wiggly area that fills the grid's bounds.
    fn area(&self, vertices: usize) -> MultiPolygon<f64> {
        let middle = self.grid.cols() as f64 / 2.0;
        let corner = |place: usize| {
            let angle = TAU * place as f64 / vertices as f64;
            let reach = middle * (0.85 + 0.1 * (5.0 * angle).sin() + 0.04 * (17.0 * angle).cos());
            let (sin, cos) = angle.sin_cos();
            let [x, y] = self.grid.to_plane([middle + reach * cos, middle + reach * sin]);
            Coord { x, y }
        };
        Polygon::new(LineString((0..vertices).map(corner).collect()), Vec::new()).into()
    }

    fn count(&self, area: &MultiPolygon<f64>) -> f64 {
        let zone = Zone::new(area, &self.grid);
        let cells = Cells {
            view: &self.index.view(zone.window()).unwrap(),
            channels: &[(0, NodataMeans::Zero)],
            surfaces: &self.surfaces,
            area_km2: 1.0,
        };
        count(&zone, &cover(&zone), cells).unwrap()[0].unwrap().best
    }

    /// Visits every cell of the grid.
    fn count_naive(&self, area: &MultiPolygon<f64>) -> f64 {
        let side = self.grid.cols();
        let cell = |place: usize| {
            let (row, col) = (place / side, place % side);
            let people = people(row, col);
            if people == 0.0 {
                return 0.0;
            }
            let corner = |i: usize, j: usize| {
                let [x, y] = self.grid.to_plane([(col + i) as f64, (row + j) as f64]);
                Coord { x, y }
            };
            let cell = Rect::new(corner(0, 0), corner(1, 1)).to_polygon();
            let whole = cell.unsigned_area();
            people * area.intersection(&MultiPolygon::from(cell)).unsigned_area() / whole
        };
        (0..side * side).map(cell).sum()
    }
}

fn ladder(criterion: &mut Criterion) {
    let rasters: Vec<Raster> = SIDES.map(Raster::new).into();
    let mut group = criterion.benchmark_group("cover and count");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
    for raster in &rasters {
        let cells = raster.grid.cols() * raster.grid.rows();
        group.throughput(Throughput::Elements(cells as u64));
        for vertices in VERTICES {
            let area = raster.area(vertices);
            let id = BenchmarkId::new(format!("{vertices} vertices"), cells);
            group.bench_with_input(id, &area, |b, area| b.iter(|| raster.count(black_box(area))));
        }
    }
    group.finish();
    let mut group = criterion.benchmark_group("naive");
    group.sample_size(10).warm_up_time(Duration::from_millis(100));
    group.measurement_time(Duration::from_secs(1));
    for raster in &rasters {
        let cells = raster.grid.cols() * raster.grid.rows();
        group.throughput(Throughput::Elements(cells as u64));
        for vertices in [10, 100].into_iter().filter(|_| cells <= NAIVE_CELLS) {
            let area = raster.area(vertices);
            let (fast, naive) = (raster.count(&area), raster.count_naive(&area));
            assert!((fast - naive).abs() <= (1e-6 * naive).max(1e-3), "{fast} is not {naive}");
            let id = BenchmarkId::new(format!("{vertices} vertices"), cells);
            group.bench_with_input(id, &area, |b, area| {
                b.iter(|| raster.count_naive(black_box(area)));
            });
        }
    }
    group.finish();
}

/// A wavy polygon on the equator, about so many kilometers wide.
fn wavy(vertices: usize, km: f64) -> MultiPolygon<f64> {
    let ring: LineString<f64> = (0..vertices)
        .map(|place| {
            let (sin, cos) = (TAU * place as f64 / vertices as f64).sin_cos();
            let wave = 1.0 + 0.2 * (7.0 * TAU * place as f64 / vertices as f64).sin();
            let reach = wave * km / 2.0 / 111.2;
            Coord { x: 20.0 + reach * cos, y: reach * sin }
        })
        .collect();
    MultiPolygon(vec![Polygon::new(ring, vec![])])
}

fn buffers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("buffer");
    group.sample_size(10).warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_secs(2));
    for (vertices, km, meters) in [(64, 5.0, 500.0), (64, 5.0, 5000.0), (20_000, 80.0, 5000.0)] {
        let polygons = wavy(vertices, km);
        let traces =
            Traces { polygons: polygons.clone(), lines: MultiLineString(vec![]), points: vec![] };
        let degrees = meters / 111_200.0;
        let style = || BufferStyle::new(degrees).line_join(LineJoin::Round(0.05));
        let name = format!("{vertices} vertices, {km} km");
        group.bench_function(BenchmarkId::new(&name, meters), |b| {
            b.iter(|| buffer(black_box(&traces), meters).unwrap());
        });
        // Minutes for one polygon of 20,000 vertices.
        if vertices > 1000 {
            continue;
        }
        let ours = buffer(&traces, meters).unwrap().unsigned_area();
        let plane = polygons.buffer_with_style(style()).unsigned_area();
        assert!((ours / plane - 1.0).abs() < 1e-2, "{ours} is not {plane}");
        group.bench_function(BenchmarkId::new(format!("{name}, geo in a plane"), meters), |b| {
            b.iter(|| polygons.buffer_with_style(style()));
        });
    }
    group.finish();
}

criterion_group!(benches, ladder, buffers);
criterion_main!(benches);
