//! Coverage and counts against others: every cell clipped by `geo`, and recorded sums of exactextract.
//!
//! See `tests/data/README.md` for how the recorded sums were made.

use crate::memory::{polygon, unit_grid};
use civex::assess::{Inputs, assess};
use civex::index::Populations;
use civex::intersect::{Zone, cover, faults};
use civex::model::{Budget, Grid, Scenario};
use civex::read::{Opening, Remote, load, options};
use geo::{Area as _, BooleanOps, Coord, MapCoords, MultiPolygon, Rect};
use proptest::prelude::*;
use std::f64::consts::TAU;
use std::fs;

const COLS: usize = 12;
const ROWS: usize = 9;

/// A ring about a center: waves make it wiggly, `reach` keeps it within a circle.
fn wiggly(center: [f64; 2], reach: f64, waves: &[(f64, f64)], corners: usize) -> Vec<[f64; 2]> {
    let corner = |place: usize| {
        let angle = TAU * place as f64 / corners as f64;
        let height = |(order, (amount, shift)): (usize, &(f64, f64))| {
            amount * ((order + 1) as f64 * angle + shift).cos()
        };
        let wave: f64 = waves.iter().enumerate().map(height).sum();
        let distance = reach * (0.7 + 0.3 * wave.tanh());
        [center[0] + distance * angle.cos(), center[1] + distance * angle.sin()]
    };
    (0..corners).map(corner).collect()
}

/// Bends the plane, so that rings are not round.
fn bent(area: &MultiPolygon<f64>, [across, along]: [f64; 2]) -> MultiPolygon<f64> {
    area.map_coords(|at| {
        let x = at.x + across * (0.9 * at.y).sin();
        Coord { x, y: at.y + along * (0.9 * x).sin() }
    })
}

/// Areas of one or two wiggly parts, each with a wiggly hole, on the grid and across its border.
fn areas() -> impl Strategy<Value = MultiPolygon<f64>> {
    let waves = prop::collection::vec((-1.0..1.0, 0.0..TAU), 1..9);
    let center = (0.0..COLS as f64, 0.0..ROWS as f64);
    let shape = (0.2..4.0, 5usize..50, 1usize..3, prop::array::uniform2(-0.5..0.5));
    (center, waves, shape)
        .prop_map(|((x, y), waves, (reach, corners, parts, bend))| {
            let part = |place: usize| {
                let center = [x + 2.1 * reach * place as f64, y];
                let shell = wiggly(center, reach, &waves, corners);
                let hole = wiggly(center, 0.35 * reach, &waves[1..], corners);
                polygon(&shell, &[hole])
            };
            bent(&MultiPolygon((0..parts).map(part).collect()), bend)
        })
        .prop_filter("bent rings may cross", |area| faults(area).is_empty())
}

/// The fraction of every cell, by clipping it.
fn clipped(area: &MultiPolygon<f64>, grid: &Grid) -> Vec<f64> {
    let cell = |place: usize| {
        let at = [(place % COLS) as f64, (place / COLS) as f64];
        let corners = [at, [at[0] + 1.0, at[1] + 1.0]].map(|at| grid.to_plane(at));
        let cell = Rect::new(corners[0], corners[1]).to_polygon();
        area.intersection(&MultiPolygon::from(cell)).unsigned_area()
    };
    (0..COLS * ROWS).map(cell).collect()
}

fn covered(area: &MultiPolygon<f64>, grid: &Grid) -> Vec<f64> {
    let coverage = cover(&Zone::new(area, grid));
    let mut fractions = vec![0.0; COLS * ROWS];
    for cell in &coverage.cells {
        fractions[cell.row as usize * COLS + cell.col as usize] += cell.fraction;
    }
    for span in &coverage.spans {
        (span.first..span.last)
            .for_each(|col| fractions[span.row as usize * COLS + col as usize] += 1.0);
    }
    fractions
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    #[test]
    fn coverage_is_what_clipping_every_cell_gives(area in areas(), south_up: bool) {
        let grid = unit_grid(COLS, ROWS, if south_up { 1.0 } else { -1.0 }, "EPSG:3035");
        let (found, expected) = (covered(&area, &grid), clipped(&area, &grid));
        for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
            // Clipping rounds corners to a lattice over the area's bounds.
            prop_assert!((found - expected).abs() < 1e-7, "cell {place}: {found}, not {expected}");
        }
        let within: f64 = expected.iter().sum();
        let beyond = 1.0 - within / area.unsigned_area();
        prop_assert!((Zone::new(&area, &grid).beyond() - beyond).abs() < 1e-7);
    }
}

/// People in each area of a recorded case, by the way of a user: files in, assessment out.
fn counted(areas: &str, raster: &str) -> Vec<f64> {
    let folder = "tests/data/exactextract";
    let population = format!("{folder}/{raster},nodata_means=zero");
    let scenario = Scenario {
        areas: Some(options::areas(&format!("{folder}/{areas},id=key")).unwrap()),
        population: vec![options::population(&population).unwrap()],
        ..Scenario::default()
    };
    let opening = Opening { remote: Remote::Refused, budget: Budget::UNLIMITED, progress: &() };
    let loaded = load(&scenario, None, None, opening).unwrap();
    let read = loaded.areas.gather().unwrap();
    let inputs = Inputs {
        file: areas,
        areas: read.areas,
        reference: &read.reference,
        distances: &loaded.distances,
        populations: &Populations::new(&loaded.sources, Budget::UNLIMITED),
        people: &loaded.people,
        sites: None,
        services: None,
        scheme: &loaded.scheme,
        timezone: None,
    };
    let rows = assess(inputs, &()).unwrap().rows;
    // An area beside the raster holds nobody known; exactextract adds nothing up.
    rows.iter().map(|row| row.people.map_or(0.0, |people| people.best)).collect()
}

fn recorded(case: &str) -> Vec<f64> {
    let text = fs::read_to_string("tests/data/exactextract/sums.json").unwrap();
    let sums: serde_json::Value = serde_json::from_str(&text).unwrap();
    sums[case].as_array().unwrap().iter().map(|sum| sum.as_f64().unwrap()).collect()
}

/// Compares a recorded case area by area.
#[track_caller]
fn check(areas: &str, raster: &str, relative: f64, people: f64) {
    let (found, expected) = (counted(areas, raster), recorded(&format!("{areas} on {raster}")));
    assert_eq!(found.len(), expected.len());
    assert!(expected.iter().filter(|sum| **sum > 100.0).count() > 10, "hardly anybody counted");
    for (place, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let apart = (found - expected).abs();
        let limit = (relative * expected).max(people);
        assert!(apart <= limit, "area {}: {found}, exactextract {expected}", place + 1);
    }
}

#[test]
fn sums_are_those_of_exactextract() {
    check("areas.geojson", "degrees.tif", 1e-6, 1e-3);
}

/// Carried edges are within a thousandth of a cell of the true ones. Corners carried without their
/// edges would be off by 1.6 and 7 people.
const CARRIED: (f64, f64) = (2e-5, 0.1);

#[test]
fn areas_carried_to_a_projected_grid_sum_as_exactextract_does_on_carried_areas() {
    check("areas.geojson", "meters.tif", CARRIED.0, CARRIED.1);
}

#[test]
fn areas_drawn_in_another_system_are_carried_with_their_edges() {
    check("wide.geojson", "degrees.tif", CARRIED.0, CARRIED.1);
    check("wide.geojson", "meters.tif", CARRIED.0, CARRIED.1);
}
