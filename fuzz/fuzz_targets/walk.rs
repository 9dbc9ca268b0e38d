//! Rings made of bytes on a small grid, repaired: the boundary walk against every cell clipped by
//! itself, and the area against the sum of all fractions.

#![no_main]

use civex::intersect::{Zone, cover, faults, repair};
use civex::measure::{Frame, Reference};
use civex::model::Grid;
use geo::{Coord, LineString, MultiPolygon, Polygon};
use libfuzzer_sys::fuzz_target;
use std::sync::OnceLock;

const COLS: usize = 12;
const ROWS: usize = 9;

fuzz_target!(
    init: {
        // The repair shields itself from panics of the overlay; all others end the run.
        std::panic::set_hook(Box::new(|info| eprintln!("{info}")));
    },
    |bytes: &[u8]| {
        let Some((&kind, points)) = bytes.split_first() else { return };
        let drawn = area(Plan::of(kind), points);
        let Ok(area) = repair(&drawn) else { return };
        assert!(faults(&area).is_empty(), "repaired, and faulty: {area:?}");
        let found = covered(&area);
        let slow = clipped(&area);
        for (place, (found, expected)) in found.iter().zip(&slow).enumerate() {
            assert!(
                (found - expected).abs() < 1e-8,
                "cell {place}: {found}, not {expected}: {area:?}"
            );
        }
        let bounds: Vec<[f64; 2]> = rings(&area).flat_map(|(ring, _)| &ring.0).map(|at| [at.x, at.y]).collect();
        let is_within = |at: &[f64; 2]| at[0] >= 0.0 && at[0] <= COLS as f64 && at[1] >= 0.0 && at[1] <= ROWS as f64;
        if bounds.iter().all(is_within) {
            let planar: f64 = rings(&area).map(|(ring, sign)| sign * surface(&points_of(ring)).abs()).sum();
            let total: f64 = found.iter().sum();
            assert!((planar - total).abs() < 1e-8 * planar.max(1.0), "{total}, not {planar}: {area:?}");
        }
    }
);

/// What bytes mean: where the lattice of coordinates begins, and its step.
#[derive(Clone, Copy)]
struct Plan {
    origin: f64,
    step: f64,
}

impl Plan {
    fn of(kind: u8) -> Self {
        match kind % 5 {
            // Whole cells, halves and eighths: many touches, overlaps and edges along borders.
            0 => Self { origin: -2.0, step: 1.0 },
            1 => Self { origin: -1.0, step: 0.5 },
            2 => Self { origin: -1.0, step: 0.125 },
            // Off the borders of cells.
            3 => Self { origin: -0.7, step: 0.053_71 },
            // Far smaller than a cell.
            _ => Self { origin: 3.999, step: 1e-5 },
        }
    }
}

/// Rings of two bytes a point; 255 begins a hole, 254 a part.
fn area(plan: Plan, bytes: &[u8]) -> MultiPolygon<f64> {
    let at = |byte: u8| plan.origin + plan.step * f64::from(byte % 250);
    let mut parts: Vec<Vec<Vec<Coord>>> = vec![vec![Vec::new()]];
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let part = parts.last_mut().expect("there is one");
        match (first, after) {
            (255, _) => part.push(Vec::new()),
            (254, _) => parts.push(vec![Vec::new()]),
            (x, [y, ..]) => {
                part.last_mut().expect("there is one").push(Coord { x: at(*x), y: at(*y) });
                rest = &after[1..];
                continue;
            }
            _ => break,
        }
        rest = after;
    }
    let part = |rings: Vec<Vec<Coord>>| {
        let mut rings = rings.into_iter().map(LineString);
        let shell = rings.next().unwrap_or(LineString(Vec::new()));
        Polygon::new(shell, rings.collect())
    };
    MultiPolygon(parts.into_iter().map(part).collect())
}

/// The rings of an area, shells with 1, holes with −1.
fn rings(area: &MultiPolygon<f64>) -> impl Iterator<Item = (&LineString<f64>, f64)> {
    area.iter().flat_map(|part| {
        let holes = part.interiors().iter().map(|hole| (hole, -1.0));
        std::iter::once((part.exterior(), 1.0)).chain(holes)
    })
}

/// Cells of one unit with the south-west corner at the origin, the first row in the south.
fn grid() -> &'static Grid {
    static GRID: OnceLock<Grid> = OnceLock::new();
    GRID.get_or_init(|| Grid {
        frame: Frame { origin: [0.0, 0.0], size: [1.0, 1.0], cells: [COLS, ROWS] },
        reference: Reference::from_definition("EPSG:3035").expect("PROJ has its database"),
    })
}

/// The fraction of every cell, by the boundary walk.
fn covered(area: &MultiPolygon<f64>) -> Vec<f64> {
    let coverage = cover(&Zone::new(area, grid()));
    let mut fractions = vec![0.0; COLS * ROWS];
    for cell in &coverage.cells {
        fractions[cell.row as usize * COLS + cell.col as usize] += cell.fraction;
    }
    for span in &coverage.spans {
        for col in span.first..span.last {
            fractions[span.row as usize * COLS + col as usize] += 1.0;
        }
    }
    fractions
}

/// The fraction of every cell, by clipping every ring at its four sides.
fn clipped(area: &MultiPolygon<f64>) -> Vec<f64> {
    let cell = |place: usize| {
        let (col, row) = ((place % COLS) as f64, (place / COLS) as f64);
        let part = |(ring, sign): (&LineString<f64>, f64)| {
            let mut points = points_of(ring);
            for (axis, border, keeps_above) in
                [(0, col, true), (0, col + 1.0, false), (1, row, true), (1, row + 1.0, false)]
            {
                points = half(&points, axis, border, keeps_above);
            }
            sign * surface(&points).abs()
        };
        rings(area).map(part).sum()
    };
    (0..COLS * ROWS).map(cell).collect()
}

fn points_of(ring: &LineString<f64>) -> Vec<[f64; 2]> {
    ring.0.iter().map(|at| [at.x, at.y]).collect()
}

/// What of a closed ring lies on one side of a border (Sutherland and Hodgman 1974).
fn half(ring: &[[f64; 2]], axis: usize, border: f64, keeps_above: bool) -> Vec<[f64; 2]> {
    let keeps = |at: &[f64; 2]| if keeps_above { at[axis] >= border } else { at[axis] <= border };
    let mut kept = Vec::new();
    for (place, at) in ring.iter().enumerate() {
        let next = &ring[(place + 1) % ring.len()];
        if keeps(at) {
            kept.push(*at);
        }
        if keeps(at) != keeps(next) {
            let share = (border - at[axis]) / (next[axis] - at[axis]);
            let mut cut = [border; 2];
            cut[1 - axis] = at[1 - axis] + share * (next[1 - axis] - at[1 - axis]);
            kept.push(cut);
        }
    }
    kept
}

/// Signed surface of a ring, about its first point.
fn surface(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x, y]) = ring.first() else { return 0.0 };
    let twice = |place: usize| {
        let (a, b) = (ring[place], ring[(place + 1) % ring.len()]);
        (a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y)
    };
    (0..ring.len()).map(twice).sum::<f64>() / 2.0
}
