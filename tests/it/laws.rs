//! Laws that hold for every area and every raster: parts add up to the whole, a part holds no more
//! than the whole, and nothing depends on how a ring is written, how a raster is stored or how many
//! threads work.
//!
//! Numbers agree to 1e-7 relative or 1e-4 people, whichever is larger.

use crate::memory::{Counter, Memory, declared_on, polygon, unit_grid};
use civex::assess::{Inputs, assess};
use civex::index::{Populations, Source, Units};
use civex::intersect::{People, faults};
use civex::measure::Reference;
use civex::model::{Area, Budget, CellState, Distances, Provenance, Shape};
use geo::{LineString, MultiPolygon, Polygon};
use proptest::prelude::*;
use std::f64::consts::TAU;

const COLS: usize = 24;
const ROWS: usize = 16;

/// Close enough for a law.
fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= (1e-7 * a.abs().max(b.abs())).max(1e-4)
}

/// A star: corners around a center, in order of their angle.
#[derive(Debug, Clone)]
struct Star {
    center: [f64; 2],
    corners: Vec<[f64; 2]>,
}

impl Star {
    /// Drawn towards its center: lies inside of itself.
    fn shrunk(&self, share: f64) -> Vec<[f64; 2]> {
        let [x, y] = self.center;
        let toward = |at: &[f64; 2]| [x + share * (at[0] - x), y + share * (at[1] - y)];
        self.corners.iter().map(toward).collect()
    }

    /// The sector from one corner to another, about the center.
    fn sector(&self, from: usize, to: usize) -> Vec<[f64; 2]> {
        let count = self.corners.len();
        let places = from..=if to > from { to } else { to + count };
        let corners = places.map(|place| self.corners[place % count]);
        std::iter::once(self.center).chain(corners).collect()
    }
}

fn one(shell: &[[f64; 2]], holes: &[Vec<[f64; 2]>]) -> MultiPolygon<f64> {
    polygon(shell, holes).into()
}

/// Stars of all sizes, on the grid, across its border and beyond; every third has its corners on
/// quarters of cells, so that they meet borders and corners of cells.
fn stars() -> impl Strategy<Value = Star> {
    let center = (-3.0..COLS as f64 + 3.0, -3.0..ROWS as f64 + 3.0);
    let reaches = prop::collection::vec(0.3..1.0, 5..40);
    let kind = (-1.0..2.6, 0..3);
    (center, reaches, kind)
        .prop_map(|((x, y), reaches, (size, kind))| {
            let radius = f64::exp(size);
            let on_quarters = |at: f64| if kind == 0 { (at * 4.0).round() / 4.0 } else { at };
            let center = [on_quarters(x), on_quarters(y)];
            let turn = TAU / reaches.len() as f64;
            let corner = |(place, reach): (usize, &f64)| {
                let (sin, cos) = (turn * place as f64).sin_cos();
                let reach = reach * radius;
                [center[0] + reach * cos, center[1] + reach * sin].map(on_quarters)
            };
            Star { center, corners: reaches.iter().enumerate().map(corner).collect() }
        })
        .prop_filter("on quarters, corners may fall together", |star| {
            let count = star.corners.len();
            let [x, y] = star.center;
            // Every corner sees the center, and the next corner is to the left.
            let turns_left = |place: usize| {
                let (a, b) = (star.corners[place], star.corners[(place + 1) % count]);
                (a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) > 1e-6
            };
            (0..count).all(turns_left)
        })
}

/// People in the cells: most are empty, some hold nothing known.
fn people() -> impl Strategy<Value = Vec<f64>> {
    let cell = prop_oneof![
        3 => Just(0.0),
        1 => Just(f64::NAN),
        3 => 0.0..10.0,
        2 => 10.0..5000.0,
    ];
    prop::collection::vec(cell, COLS * ROWS)
}

fn counter(people: &[f64]) -> Counter {
    Counter::new(unit_grid(COLS, ROWS, -1.0, "EPSG:4326"), &Memory::of_people(COLS, people))
}

/// Convex pieces of the grid's bounds, cut by random lines one after another.
fn partition(cuts: &[(f64, f64, f64)]) -> Vec<MultiPolygon<f64>> {
    let (east, north) = (COLS as f64, ROWS as f64);
    let mut pieces = vec![vec![[0.0, 0.0], [east, 0.0], [east, north], [0.0, north]]];
    for (x, y, angle) in cuts {
        let (sin, cos) = angle.sin_cos();
        let side = |at: [f64; 2]| (at[0] - x) * sin - (at[1] - y) * cos;
        pieces = pieces
            .iter()
            .flat_map(|piece| [cut(piece, side), cut(piece, |at| -side(at))])
            .filter(|piece| piece.len() > 2)
            .collect();
    }
    pieces.iter().map(|piece| one(piece, &[])).collect()
}

/// The part of a convex piece where `side` is positive.
fn cut(piece: &[[f64; 2]], side: impl Fn([f64; 2]) -> f64) -> Vec<[f64; 2]> {
    let mut kept = Vec::new();
    for (place, &a) in piece.iter().enumerate() {
        let b = piece[(place + 1) % piece.len()];
        let (of_a, of_b) = (side(a), side(b));
        if of_a >= 0.0 {
            kept.push(a);
        }
        if (of_a > 0.0 && of_b < 0.0) || (of_a < 0.0 && of_b > 0.0) {
            let share = of_a / (of_a - of_b);
            kept.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
        }
    }
    kept
}

/// The same rings written otherwise: turned round, begun elsewhere.
fn rewritten(area: &MultiPolygon<f64>, start: usize, reverse: bool) -> MultiPolygon<f64> {
    let ring = |ring: &LineString<f64>| {
        let mut points = ring.0[..ring.0.len() - 1].to_vec();
        let count = points.len();
        points.rotate_left(start % count);
        if reverse {
            points.reverse();
        }
        LineString(points)
    };
    let part = |part: &Polygon<f64>| {
        Polygon::new(ring(part.exterior()), part.interiors().iter().rev().map(ring).collect())
    };
    area.0.iter().rev().map(part).collect()
}

fn no_more(part: &People, whole: &People) -> bool {
    let pairs = [(part.best, whole.best), (part.inner, whole.inner), (part.outer, whole.outer)];
    pairs.into_iter().all(|(part, whole)| part <= whole || close(part, whole))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn splitting_an_area_leaves_its_people(
        star in stars(), people in people(), from in 0usize..40, to in 0usize..40,
    ) {
        let count = star.corners.len();
        let (from, to) = (from % count, to % count);
        prop_assume!(from != to);
        let counter = counter(&people);
        let whole = counter.people(&one(&star.corners, &[]));
        let parts = [(from, to), (to, from)]
            .map(|(from, to)| counter.people(&one(&star.sector(from, to), &[])));
        prop_assert!(close(whole.best, parts[0].best + parts[1].best));
        prop_assert!(close(whole.cells, parts[0].cells + parts[1].cells));
    }

    #[test]
    fn an_area_and_what_fills_its_hole_add_up(
        star in stars(), people in people(), share in 0.05..0.95,
    ) {
        let counter = counter(&people);
        let hole = star.shrunk(share);
        let whole = counter.people(&one(&star.corners, &[]));
        let filling = counter.people(&one(&hole, &[]));
        let rest = counter.people(&one(&star.corners, &[hole]));
        prop_assert!(close(whole.best, filling.best + rest.best));
        prop_assert!(close(whole.cells, filling.cells + rest.cells));
    }

    #[test]
    fn parts_of_one_area_add_up_like_areas(one_star in stars(), people in people(), far in 0.0..9.0) {
        let counter = counter(&people);
        let width = one_star.corners.iter().fold(0.0f64, |far, at| far.max((at[0] - one_star.center[0]).abs()));
        let beside = one_star.corners.iter().map(|at| [at[0] + 2.0 * width + far, at[1]]).collect::<Vec<_>>();
        let (left, right) = (one(&one_star.corners, &[]), one(&beside, &[]));
        let both: MultiPolygon<f64> = left.0.iter().chain(&right.0).cloned().collect();
        let (left, right) = (counter.people(&left), counter.people(&right));
        prop_assert!(close(counter.people(&both).best, left.best + right.best));
    }

    #[test]
    fn a_partition_of_the_grid_sums_to_the_grid(
        people in people(),
        cuts in prop::collection::vec((0.0..COLS as f64, 0.0..ROWS as f64, 0.0..TAU), 1..6),
    ) {
        let counter = counter(&people);
        let total: f64 = people.iter().filter(|people| !people.is_nan()).sum();
        let pieces: Vec<People> = partition(&cuts).iter().map(|area| counter.people(area)).collect();
        prop_assert!(close(pieces.iter().map(|piece| piece.best).sum(), total));
        prop_assert!(close(pieces.iter().map(|piece| piece.cells).sum(), (COLS * ROWS) as f64));
        // Every populated cell is in some piece, and whole in one at most.
        let sum = |of: fn(&People) -> f64| pieces.iter().map(of).sum::<f64>();
        prop_assert!(sum(|piece| piece.inner) <= total + 1e-4 && total <= sum(|piece| piece.outer) + 1e-4);
    }

    #[test]
    fn an_area_inside_another_holds_no_more(star in stars(), people in people(), share in 0.1..1.0) {
        let counter = counter(&people);
        let whole = counter.people(&one(&star.corners, &[]));
        let smaller = counter.people(&one(&star.shrunk(share), &[]));
        prop_assert!(no_more(&smaller, &whole), "{smaller:?} in {whole:?}");
        let ring = counter.people(&one(&star.corners, &[star.shrunk(share * 0.99)]));
        prop_assert!(no_more(&ring, &whole), "{ring:?} in {whole:?}");
        let sector = counter.people(&one(&star.sector(0, 2), &[]));
        prop_assert!(no_more(&sector, &whole), "{sector:?} in {whole:?}");
    }

    #[test]
    fn how_rings_are_written_does_not_matter(
        star in stars(), people in people(), start in 0usize..40, reverse: bool, share in 0.3..0.9,
    ) {
        let counter = counter(&people);
        let island = one(&star.shrunk(share / 2.0), &[]);
        let frame = one(&star.corners, &[star.shrunk(share)]);
        let area: MultiPolygon<f64> = frame.0.into_iter().chain(island.0).collect();
        let (written, otherwise) =
            (counter.people(&area), counter.people(&rewritten(&area, start, reverse)));
        prop_assert!(close(written.best, otherwise.best));
        prop_assert!(close(written.inner, otherwise.inner) && close(written.outer, otherwise.outer));
        prop_assert!((written.missing - otherwise.missing).abs() < 1e-9);
    }

    #[test]
    fn scaling_the_grid_scales_its_people(star in stars(), people in people(), k in 0.01..100.0) {
        let area = one(&star.corners, &[]);
        let scaled: Vec<f64> = people.iter().map(|people| people * k).collect();
        let (once, scaled) = (counter(&people).people(&area), counter(&scaled).people(&area));
        prop_assert!(close(once.best * k, scaled.best));
        prop_assert!(close(once.inner * k, scaled.inner) && close(once.outer * k, scaled.outer));
        prop_assert_eq!((once.cells, once.missing), (scaled.cells, scaled.missing));
    }

    #[test]
    fn inner_best_and_outer_are_in_order(star in stars(), people in people(), share in 0.3..0.9) {
        let found = counter(&people).people(&one(&star.corners, &[star.shrunk(share)]));
        prop_assert!(found.inner <= found.best + 1e-4 && found.best <= found.outer + 1e-4, "{found:?}");
        prop_assert!(found.inner <= found.outer);
        prop_assert!((0.0..=1.0).contains(&found.missing) && (0.0..=1.0).contains(&found.nodata));
    }

    #[test]
    fn how_a_raster_is_stored_does_not_change_a_bit(star in stars(), people in people()) {
        let stored = |width: usize, height: usize| {
            let mut memory = Memory::of_people(COLS, &people);
            memory.units = Units { width, height };
            Counter::new(unit_grid(COLS, ROWS, -1.0, "EPSG:4326"), &memory)
        };
        let area = one(&star.corners, &[]);
        let found = [(COLS, 64), (256, 1), (256, 5), (512, 16)]
            .map(|(width, height)| stored(width, height).people(&area));
        prop_assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
    }
}

/// A raster of several tiles and many areas on it: plain, with holes, of several parts, repaired,
/// partly and wholly outside, over unknown ground.
struct Case {
    sources: Vec<Source>,
    areas: Vec<Area>,
}

fn case() -> Case {
    let (cols, rows) = (700, 300);
    // A plain generator: the same on every system.
    let mut seed = 42u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64
    };
    let states = (0..cols * rows).map(|_| match random() {
        share if share < 0.1 => CellState::People(random() * 1000.0),
        share if share < 0.3 => CellState::People(0.0),
        share if share < 0.31 => CellState::Unknown,
        _ => CellState::Nodata,
    });
    let memory = Memory { cols, states: states.collect(), units: Units { width: 256, height: 64 } };
    let mut grid = unit_grid(cols, rows, -1.0, "EPSG:4326");
    grid.frame.size = [0.01, -0.01];
    grid.frame.origin = [20.0, 50.0];
    let declared = declared_on(grid);
    let mut area = |place: usize| {
        let center = [19.9 + 7.2 * random(), 46.9 + 3.2 * random()];
        let size = 0.01 + 0.6 * random() * random();
        let count = 5 + (60.0 * random()) as usize;
        let ring = |center: [f64; 2], size: f64, random: &mut dyn FnMut() -> f64| {
            let corner = |place: usize| {
                let (sin, cos) = (TAU * place as f64 / count as f64).sin_cos();
                let reach = size * (0.4 + 0.6 * random());
                [center[0] + reach * cos, center[1] + reach * sin]
            };
            (0..count).map(corner).collect::<Vec<_>>()
        };
        let mut shell = ring(center, size, &mut random);
        if place.is_multiple_of(7) {
            // Rings that cross themselves are repaired.
            shell.swap(0, 2);
        }
        let hole = ring(center, size * 0.3, &mut random);
        let beside = ring([center[0], center[1] + 2.1 * size], size, &mut random);
        let mut parts = vec![polygon(&shell, &[hole])];
        if place.is_multiple_of(3) {
            parts.push(polygon(&beside, &[]));
        }
        let shape = Shape::drawn(MultiPolygon(parts));
        Area {
            feature: place,
            id: format!("A-{place}"),
            name: None,
            coa: None,
            phase: None,
            start: None,
            end: None,
            properties: serde_json::Map::new(),
            duplicate: false,
            shares_name: false,
            shape,
        }
    };
    let areas = (1..=300).map(&mut area).collect();
    Case {
        sources: vec![Source {
            declared,
            blocks: std::sync::Arc::new(memory),
            files: Vec::new(),
            identity: None,
        }],
        areas,
    }
}

/// The bytes of the GeoJSON that so many threads write.
fn written_on(threads: usize, case: &Case) -> Vec<u8> {
    let scheme = civex::read::scheme::built_in();
    let reference = Reference::wgs84().unwrap();
    let inputs = Inputs {
        file: "areas",
        areas: case.areas.clone(),
        reference: &reference,
        distances: &Distances::default(),
        populations: &Populations::new(&case.sources, Budget::UNLIMITED),
        people: &civex::model::People::of_one(0),
        sites: None,
        services: None,
        scheme: &scheme,
        timezone: None,
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let assessment = pool.install(|| assess(inputs, &())).unwrap();
    let provenance = Provenance {
        name: "laws".into(),
        date: None,
        scheme: (scheme.name.clone(), scheme.digest.clone()),
        inputs: Vec::new(),
        settings: Vec::new(),
    };
    let mut bytes = Vec::new();
    civex::write::geojson::write(&assessment, &provenance, None, &mut bytes).unwrap();
    bytes
}

#[test]
fn the_number_of_threads_does_not_change_a_byte() {
    let case = case();
    let alone = written_on(1, &case);
    let text = std::str::from_utf8(&alone).unwrap();
    for kind in ["\"status\":\"ok\"", "data_gap", "not_assessable", "repaired", "MultiPolygon"] {
        assert!(text.contains(kind), "the case holds no {kind}");
    }
    for threads in [2, 8] {
        assert!(written_on(threads, &case) == alone, "{threads} threads write other bytes");
    }
}

#[test]
fn stars_are_valid_areas() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let valid = runner.run(&stars(), |star| {
        prop_assert!(faults(&one(&star.corners, &[star.shrunk(0.5)])).is_empty());
        Ok(())
    });
    valid.unwrap();
}
