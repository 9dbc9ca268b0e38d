//! Stages one by one, each beside a second way of doing it: reading areas beside the `geojson` crate,
//! building an index beside adding up what was read, asking an index in memory and one on the disk beside
//! visiting every cell, and the peak of density beside a search through all cells.
//!
//! `cargo bench --locked --bench stages`

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench stops where something is wrong")]

use civex::error::ReadError;
use civex::index::{self, Blocks, Built, Held, PopulationIndex, Reader, Units};
use civex::intersect::{Peaks, Zone, cover};
use civex::measure::{CellSurfaces, Frame, Reference};
use civex::model::{AreasEntry, Budget, CellState, Grid, Window};
use civex::read::areas_in;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use std::f64::consts::TAU;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

/// Columns and rows of the grid: 9 million cells of 3″, one in fourteen populated.
const SIDE: usize = 3000;

/// People of a cell: towns in a lattice.
fn people(row: usize, col: usize) -> f64 {
    let is_town = (row / 40).is_multiple_of(3) && (col / 50).is_multiple_of(5);
    if is_town { 1.0 + ((row * 31 + col * 17) % 100) as f64 / 7.0 } else { 0.0 }
}

struct Towns;

impl Blocks for Towns {
    fn size(&self) -> (usize, usize) {
        (SIDE, SIDE)
    }

    fn units(&self) -> Units {
        Units { width: 256, height: 256 }
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(Self))
    }
}

impl Reader for Towns {
    fn read(&mut self, window: Window, cells: &mut index::Cells) -> Result<(), ReadError> {
        cells.clear(window.width() * window.height());
        for row in window.rows.0..window.rows.1 {
            for col in window.cols.0..window.cols.1 {
                cells.push(CellState::People(people(row, col)));
            }
        }
        Ok(())
    }
}

fn grid() -> Grid {
    let cell = 1.0 / 1200.0;
    let frame = Frame { origin: [20.0, 50.0], size: [cell, -cell], cells: [SIDE, SIDE] };
    Grid { frame, reference: Reference::wgs84().unwrap() }
}

fn in_memory(grid: &Grid) -> PopulationIndex<'static> {
    PopulationIndex::new(grid, vec![&Towns], Budget::UNLIMITED.into())
}

/// An index on the disk, in a folder that lives as long as the process.
fn on_disk(grid: &Grid) -> PopulationIndex<'static> {
    let mut index = in_memory(grid);
    let folder = Box::leak(Box::new(tempfile::tempdir().unwrap()));
    let path = folder.path().join("towns.civexpop");
    let facts = |_: &[f64]| b"{\"civex\":\"\",\"grid\":\"\",\"channels\":[]}".to_vec();
    match index.build((&path, None), &facts, Budget::UNLIMITED, &|_| ()).unwrap() {
        Built::Made(saving) => drop(saving.save().unwrap()),
        other => panic!("{other:?}"),
    }
    index
}

/// A wiggly area about the middle of the grid that reaches over so much of it.
fn area(grid: &Grid, share: f64, vertices: usize) -> MultiPolygon<f64> {
    let middle = SIDE as f64 / 2.0;
    let corner = |place: usize| {
        let angle = TAU * place as f64 / vertices as f64;
        let reach = share * middle * (0.9 + 0.1 * (7.0 * angle).sin());
        let [x, y] = grid.to_plane([middle + reach * angle.cos(), middle + reach * angle.sin()]);
        Coord { x, y }
    };
    Polygon::new(LineString((0..vertices).map(corner).collect()), Vec::new()).into()
}

/// A text of areas.
fn text(areas: usize, vertices: usize) -> String {
    let mut text = String::from("{\"type\":\"FeatureCollection\",\"features\":[");
    for place in 0..areas {
        let between = if place > 0 { "," } else { "" };
        write!(text, "{between}{{\"type\":\"Feature\",\"properties\":{{\"id\":{place}}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[").unwrap();
        for corner in 0..=vertices {
            let angle = TAU * (corner % vertices) as f64 / vertices as f64;
            let at = [20.0 + 0.1 * angle.cos() + place as f64 * 1e-3, 49.0 + 0.1 * angle.sin()];
            let between = if corner > 0 { "," } else { "" };
            write!(text, "{between}[{:.9},{:.9}]", at[0], at[1]).unwrap();
        }
        text.push_str("]]}}");
    }
    text.push_str("]}");
    text
}

fn read(c: &mut Criterion) {
    let mut group = c.benchmark_group("read");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for (areas, vertices) in [(2000, 64), (10, 20_000)] {
        let text = text(areas, vertices);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let name = format!("{areas} areas of {vertices}");
        group.bench_function(BenchmarkId::new("civex", &name), |b| {
            b.iter(|| areas_in(text.as_bytes(), &AreasEntry::default(), "text").unwrap());
        });
        group.bench_function(BenchmarkId::new("the geojson crate", &name), |b| {
            b.iter(|| black_box(&text).parse::<geojson::GeoJson>().unwrap());
        });
    }
    group.finish();
}

fn build(c: &mut Criterion) {
    let grid = grid();
    let mut group = c.benchmark_group("build");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    group.throughput(Throughput::Elements((SIDE * SIDE) as u64));
    group.bench_function("a sidecar", |b| b.iter(|| on_disk(&grid)));
    group.bench_function("tiles in memory", |b| {
        b.iter(|| {
            let index = in_memory(&grid);
            let view = index.view(Window { cols: (0, SIDE), rows: (0, SIDE) });
            assert!(view.is_ok());
        });
    });
    group.bench_function("adding up what is read", |b| {
        b.iter(|| index::survey(&Towns, None, &|_| ()).unwrap());
    });
    group.finish();
}

/// Asking for spans of a row: the sum does not depend on the way.
fn spans(c: &mut Criterion) {
    let grid = grid();
    let mut group = c.benchmark_group("span");
    let window = Window { cols: (0, SIDE), rows: (0, SIDE) };
    let wanted = |length: usize| (40..40 + length).map(|col| people(130, col)).sum::<f64>();
    for length in [20, 200, 2000] {
        for (name, index) in [("in memory", in_memory(&grid)), ("on the disk", on_disk(&grid))] {
            let view = index.view(window).unwrap();
            let mut row = view.row(130).unwrap();
            let mut held = Held::default();
            row.span(40, 40 + length, &mut held).unwrap();
            let found = held.steps[0] as f64 / f64::from(1 << 28);
            assert!((found - wanted(length)).abs() < 1e-4, "{found}");
            group.bench_function(BenchmarkId::new(name, length), |b| {
                b.iter(|| row.span(black_box(40), 40 + length, &mut held));
            });
        }
        group.bench_function(BenchmarkId::new("cell by cell", length), |b| {
            b.iter(|| wanted(black_box(length)));
        });
    }
    group.finish();
}

fn peaks(c: &mut Criterion) {
    let grid = grid();
    let surfaces = CellSurfaces::of(grid.frame, &grid.reference).unwrap();
    let index = on_disk(&grid);
    let mut group = c.benchmark_group("peak");
    group.sample_size(10).measurement_time(Duration::from_secs(2));
    for share in [0.05, 0.3, 0.95] {
        let zone = Zone::new(&area(&grid, share, 64), &grid);
        let coverage = cover(&zone);
        let view = &index.view(zone.window()).unwrap();
        let peaks = Peaks { view, channel: 0, surfaces: &surfaces };
        let search = || {
            let mut blocks = std::collections::BTreeMap::<[usize; 2], f64>::new();
            let lattice = view.lattice();
            let mut add = |row: u32, col: u32, share: f64| {
                let place = [row as usize, col as usize];
                *blocks.entry(lattice.block(place)).or_default() +=
                    share * people(place[0], place[1]);
            };
            coverage.cells.iter().for_each(|cell| add(cell.row, cell.col, cell.fraction));
            for span in &coverage.spans {
                (span.first..span.last).for_each(|col| add(span.row, col, 1.0));
            }
            let density = |(block, people): (&[usize; 2], &f64)| {
                people / lattice.km2(*block, &surfaces, (SIDE, SIDE))
            };
            blocks.iter().map(density).fold(0.0, f64::max)
        };
        let (found, wanted) = (peaks.density_km2(&coverage).unwrap(), search());
        assert!((found / wanted - 1.0).abs() < 1e-6, "{found} is not {wanted}");
        group.bench_function(BenchmarkId::new("by bounds", share), |b| {
            b.iter(|| peaks.density_km2(black_box(&coverage)));
        });
        group.bench_function(BenchmarkId::new("every cell", share), |b| b.iter(search));
    }
    group.finish();
}

criterion_group!(benches, read, build, spans, peaks);
criterion_main!(benches);
