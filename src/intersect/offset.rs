//! Buffers in a plane: curves around rings and lines, such that what they wind around is the buffer.
//!
//! The curve around a ring runs beside each edge at the distance, on its right; at a vertex where the ring
//! turns left it follows the circle, and where it turns right it goes straight to the next edge. That is the
//! convolution of the ring with a circle, and it winds around a point once for each piece of the
//! region that lies within the distance of that point: never less than nothing, and nothing only outside of the
//! buffer. Curves of several rings and lines are therefore united by winding, all at once. A hole of a region
//! is a ring drawn clockwise, unless it might lie within a circle as a whole, when it is left out: it is filled.
//! A line is a ring there and back, and winds rightly however it crosses itself.
//!
//! # Source
//!
//! Guibas, Ramshaw and Stolfi (1983), A kinetic framework for computational geometry, FOCS 24, 100–111.

use super::repair::{NotRepairable, wound};
use super::validity::faults;
use geo::{Area, BoundingRect, Coord, LineString, MultiPolygon, Polygon, Rect, Simplify};
use rayon::prelude::*;
use std::f64::consts::{PI, TAU};

/// Chords of a circle around a vertex turn by so much at most: they are within 4e-4 of it.
const STEP: f64 = TAU / 96.0;
/// Turns by less than this are cut off: the surface they lose is 7e-5 of what they sweep over.
const SLIGHT: f64 = 0.02;
/// Chords of the circle around a point.
const CIRCLE: u32 = 128;
/// Mouths of pockets of a region that are so wide, in distances, are closed: within 1e-4 of the distance.
const MOUTH: f64 = 0.028;
/// Simplification moves lines by so much, in distances.
const SIMPLER: f64 = 1e-4;
/// So many vertices of a line are simplified at a time.
const RUN: usize = 1024;
/// Rings of a region with more vertices than this, once simplified, are followed as lines.
const MOST_AT_ONCE: usize = 160;
/// Lines are cut into pieces of so many edges, so that few of their curves cross each other.
const PIECE: usize = 16;
/// So many pieces are united at a time.
const TOGETHER: usize = 8;
/// Holes of a buffer that are so narrow, in distances, come from rounding.
const NARROW: f64 = 2e-4;

/// All that lies within a distance of a region, in a plane.
///
/// # Errors
///
/// [`NotRepairable`] where the overlay fails.
pub(super) fn around_region(
    region: &Polygon<f64>,
    distance: f64,
) -> Result<MultiPolygon<f64>, NotRepairable> {
    let region = super::orient(&MultiPolygon(vec![region.clone()]));
    let mut curves = Vec::new();
    for part in &region {
        let is_followed = |curves: &mut Vec<LineString<f64>>| {
            push_rings(&simpler(part, distance), distance, curves)
                || push_rings(part, distance, curves)
        };
        if vertices(part) > RUN || !is_followed(&mut curves) {
            curves.push(part.exterior().clone());
            for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
                let beside = around_line(&ring.0, distance)?;
                curves.extend(beside.into_iter().flat_map(rings_of));
            }
            let holes = part.interiors().iter();
            let large = holes.filter(|hole| may_stay_open(hole, distance));
            curves.extend(large.cloned());
        }
    }
    Ok(without_slivers(wound(curves)?, [distance, 1.0], |_| false))
}

/// All that lies within a distance of a line, in a plane.
///
/// # Errors
///
/// [`NotRepairable`] where the overlay fails.
pub(super) fn around_line(
    line: &[Coord],
    distance: f64,
) -> Result<MultiPolygon<f64>, NotRepairable> {
    let line = simpler_line(line, distance);
    let buffer = if line.len() <= PIECE + 1 {
        wound(vec![along(&line, distance)])?
    } else {
        pieces(&line, distance)?
    };
    Ok(without_slivers(buffer, [distance, 1.0], |_| false))
}

/// A line with fewer vertices. It is looked at in runs: there are lines of which every vertex but one would
/// be a step of the recursion.
fn simpler_line(line: &[Coord], distance: f64) -> Vec<Coord> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let [first, ..] = rest {
        let (run, _) = rest.split_at(RUN.min(rest.len()));
        out.push(*first);
        out.extend(LineString(run.to_vec()).simplify(SIMPLER * distance));
        rest = if run.len() < rest.len() { &rest[RUN - 1..] } else { &[] };
    }
    distinct(&out)
}

/// The circle around a point, with the surface of the circle.
pub(super) fn circle(center: Coord, distance: f64) -> LineString<f64> {
    let step = TAU / f64::from(CIRCLE);
    let radius = distance * (step / step.sin()).sqrt();
    let vertex = |index: u32| {
        let (sin, cos) = (step * f64::from(index % CIRCLE)).sin_cos();
        Coord { x: center.x + radius * cos, y: center.y + radius * sin }
    };
    (0..=CIRCLE).map(vertex).collect()
}

/// A buffer without what rounding leaves: holes that are narrow, and parts in which no circle of the distance
/// has room, unless they are what was cut off of another. `across` is the width of a unit of x in units of y, and
/// the distance is in units of y.
pub(super) fn without_slivers(
    area: MultiPolygon<f64>,
    [distance, across]: [f64; 2],
    is_cut_off: impl Fn(&Polygon<f64>) -> bool,
) -> MultiPolygon<f64> {
    let is_wide = |ring: &LineString<f64>| {
        let outline: f64 = ring.lines().map(|edge| (edge.dx() * across).hypot(edge.dy())).sum();
        signed_area(ring).abs() * across > NARROW * distance * outline / 2.0
    };
    let is_buffer = |part: &Polygon<f64>| {
        let shell = part.exterior();
        let has_room = signed_area(shell).abs() * across > distance * distance;
        has_room || (is_cut_off(part) && is_wide(shell))
    };
    let part = |part: Polygon<f64>| {
        let (shell, mut holes) = part.into_inner();
        holes.retain(is_wide);
        Polygon::new(shell, holes)
    };
    MultiPolygon(area.into_iter().filter(is_buffer).map(part).collect())
}

/// Pushes the curves around the rings of a region; `false` if they are too many, or faulty.
fn push_rings(part: &Polygon<f64>, distance: f64, curves: &mut Vec<LineString<f64>>) -> bool {
    if vertices(part) > MOST_AT_ONCE || !faults(&MultiPolygon(vec![part.clone()])).is_empty() {
        return false;
    }
    curves.push(beside(part.exterior(), distance));
    let large = part.interiors().iter().filter(|hole| may_stay_open(hole, distance));
    curves.extend(large.map(|hole| beside(hole, distance)));
    true
}

fn vertices(part: &Polygon<f64>) -> usize {
    std::iter::once(part.exterior()).chain(part.interiors()).map(|ring| ring.0.len()).sum()
}

/// Whether a circle of the distance may fit into a hole.
///
/// A hole that does lie within such a circle has no larger surface.
fn may_stay_open(hole: &LineString<f64>, distance: f64) -> bool {
    signed_area(hole).abs() > PI * distance * distance
}

/// The curve beside a ring.
fn beside(ring: &LineString<f64>, distance: f64) -> LineString<f64> {
    let mut vertices = distinct(&ring.0);
    vertices.pop();
    curve(&vertices, distance)
}

/// The curve around a line; around a point, the circle.
fn along(line: &[Coord], distance: f64) -> LineString<f64> {
    match line {
        [] => LineString(vec![]),
        [point] => circle(*point, distance),
        _ => {
            let back = line.iter().rev().skip(1).take(line.len() - 2);
            curve(&line.iter().chain(back).copied().collect::<Vec<_>>(), distance)
        }
    }
}

/// The buffer of a long line, piece by piece.
fn pieces(line: &[Coord], distance: f64) -> Result<MultiPolygon<f64>, NotRepairable> {
    let mut level: Vec<Vec<LineString<f64>>> = Vec::with_capacity(line.len() / PIECE + 1);
    let mut from = 0;
    while from + 1 < line.len() {
        let to = (from + PIECE).min(line.len() - 1);
        let piece = wound(vec![along(&line[from..=to], distance)])?;
        level.push(piece.into_iter().flat_map(rings_of).collect());
        from = to;
    }
    while level.len() > 1 {
        let unite = |group: &[Vec<LineString<f64>>]| match group {
            [one] => Ok(one.clone()),
            _ => wound(group.concat()).map(|area| area.into_iter().flat_map(rings_of).collect()),
        };
        level = level.par_chunks(TOGETHER).map(unite).collect::<Result<_, NotRepairable>>()?;
    }
    wound(level.concat())
}

/// The rings of a part, turned as they were.
fn rings_of(part: Polygon<f64>) -> impl Iterator<Item = LineString<f64>> {
    let (shell, holes) = part.into_inner();
    std::iter::once(shell).chain(holes)
}

/// Vertices that differ from the one before.
fn distinct(line: &[Coord]) -> Vec<Coord> {
    let mut out = line.to_vec();
    out.dedup();
    out
}

/// The curve on the right of a closed ring; of its vertices, neighbors differ.
fn curve(ring: &[Coord], distance: f64) -> LineString<f64> {
    let mut out = Vec::with_capacity(3 * ring.len() + CIRCLE as usize);
    let count = ring.len();
    let unit = |from: Coord, to: Coord| {
        let along = to - from;
        along / along.x.hypot(along.y)
    };
    let Some(&last) = ring.last() else { return LineString(out) };
    let mut before = unit(last, ring[0]);
    for (place, &at) in ring.iter().enumerate() {
        let after = unit(at, ring[(place + 1) % count]);
        push_turn(at, [before, after], distance, &mut out);
        before = after;
    }
    let mut line = LineString(out);
    line.close();
    line
}

/// Pushes what the curve does at a vertex.
fn push_turn(at: Coord, [before, after]: [Coord; 2], distance: f64, out: &mut Vec<Coord>) {
    let right = |along: Coord| Coord { x: along.y, y: -along.x } * distance;
    let cross = before.x * after.y - before.y * after.x;
    let dot = before.x * after.x + before.y * after.y;
    // Back where it came from, a ring turns left: to wind once too often does no harm.
    let turn = if cross >= 0.0 { cross.abs().atan2(dot) } else { 0.0 };
    out.push(at + right(before));
    if turn > SLIGHT {
        let steps = (turn / STEP).ceil().max(2.0);
        let step = turn / steps;
        let (sin, cos) = step.sin_cos();
        // Between ends at the distance, vertices so far out that the sector has its surface.
        let inner = steps - 2.0;
        let swept = turn / sin;
        let out_by =
            if inner > 0.0 { ((1.0 + inner * swept).sqrt() - 1.0) / inner } else { swept / 2.0 };
        let mut arm = right(before);
        for _ in 1..steps as u32 {
            arm = Coord { x: arm.x * cos - arm.y * sin, y: arm.x * sin + arm.y * cos };
            out.push(at + arm * out_by);
        }
    }
    if cross != 0.0 || dot < 0.0 {
        out.push(at + right(after));
    }
}

/// A region with fewer vertices whose buffer is the same, nearly.
fn simpler(part: &Polygon<f64>, distance: f64) -> Polygon<f64> {
    let ring = |ring: &LineString<f64>| {
        let line = ring.simplify(SIMPLER * distance);
        closed_pockets(if line.0.len() < 4 { ring.clone() } else { line }, distance)
    };
    Polygon::new(ring(part.exterior()), part.interiors().iter().map(ring).collect())
}

/// A ring without the vertices that lie in pockets with a narrow mouth, on its left.
///
/// A point of the chord over a mouth of width w is within √(d² + w²/4) of ground wherever it is within d of the
/// chord: w²/8d too much at most.
fn closed_pockets(ring: LineString<f64>, distance: f64) -> LineString<f64> {
    let mouth = (MOUTH * distance).powi(2);
    let mut kept: Vec<Coord> = Vec::with_capacity(ring.0.len());
    for &at in &ring.0 {
        while let [.., before, last] = kept.as_slice() {
            let (one, other) = (*last - *before, at - *last);
            let over = at - *before;
            let turns_left = one.x * other.y - one.y * other.x > 0.0;
            if turns_left || over.x * over.x + over.y * over.y > mouth || over == Coord::zero() {
                break;
            }
            kept.pop();
        }
        kept.push(at);
    }
    if kept.len() < 4 { ring } else { LineString(kept) }
}

/// Planar surface of a ring about its own corner, so that small ones keep their digits.
fn signed_area(ring: &LineString<f64>) -> f64 {
    let Some(corner) = ring.bounding_rect().map(Rect::min) else { return 0.0 };
    let moved = ring.0.iter().map(|at| *at - corner).collect();
    Polygon::new(LineString(moved), vec![]).signed_area()
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::algorithm::buffer::{Buffer, BufferStyle, LineCap, LineJoin};
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> LineString<f64> {
        points.iter().copied().collect()
    }

    fn square(half: f64) -> LineString<f64> {
        ring(&[(-half, -half), (half, -half), (half, half), (-half, half)])
    }

    fn ratio(one: f64, other: f64) -> f64 {
        (one / other - 1.0).abs()
    }

    #[test]
    fn a_square_grows_by_its_outline_and_a_circle() {
        for distance in [0.01, 1.0, 50.0] {
            let area = around_region(&Polygon::new(square(5.0), vec![]), distance).unwrap();
            let strip = area.unsigned_area() - 100.0;
            assert!(ratio(strip, 40.0 * distance + PI * distance * distance) < 2e-5);
        }
    }

    #[test]
    fn holes_shrink_until_they_are_gone() {
        let region = Polygon::new(square(9.0), vec![square(5.0)]);
        for (distance, hole) in [(1.0, 64.0), (4.9, 0.04), (5.1, 0.0), (60.0, 0.0)] {
            let area = around_region(&region, distance).unwrap();
            let filled = area.0[0].exterior().clone();
            let found = Polygon::new(filled, vec![]).unsigned_area() - area.unsigned_area();
            assert!((found - hole).abs() < 1e-4, "{found} at {distance}");
        }
    }

    #[test]
    fn lines_end_in_half_circles_whichever_way_they_run() {
        for line in [
            ring(&[(0.0, 0.0), (10.0, 0.0)]),
            ring(&[(10.0, 0.0), (0.0, 0.0)]),
            ring(&[(0.0, 0.0), (0.0, 10.0), (0.0, 0.0)]),
            ring(&[(3.0, 3.0), (0.0, 3.0), (10.0, 3.0), (1.0, 3.0)]),
        ] {
            let found = around_line(&line.0, 2.0).unwrap().unsigned_area();
            assert!(ratio(found, 40.0 + 4.0 * PI) < 1e-4, "{found} {line:?}");
        }
        let point = around_line(&[Coord { x: 7.0, y: 7.0 }; 3], 2.0).unwrap();
        assert!(ratio(point.unsigned_area(), 4.0 * PI) < 1e-6);
        assert_eq!(around_line(&[], 2.0), Ok(MultiPolygon(vec![])));
    }

    #[test]
    fn a_line_of_steps_without_end_is_followed() {
        // Ever longer steps: every vertex but one is a step of the recursion of a simplification.
        let line: Vec<Coord> = (0..20_000)
            .map(f64::from)
            .map(|step| Coord { x: step * (step * 0.01).cos(), y: step * (step * 0.01).sin() })
            .collect();
        assert_eq!(around_line(&line, 100.0).unwrap().0.len(), 1);
    }

    fn by_geo(shape: &impl Buffer<Scalar = f64>, distance: f64) -> f64 {
        let style = BufferStyle::new(distance)
            .line_join(LineJoin::Round(0.01))
            .line_cap(LineCap::Round(0.01));
        shape.buffer_with_style(style).unsigned_area()
    }

    fn star() -> impl Strategy<Value = LineString<f64>> {
        prop::collection::vec(0.2..1.0_f64, 3..250).prop_map(|star| {
            let step = TAU / star.len() as f64;
            let vertex = |(index, share): (usize, &f64)| {
                let (sin, cos) = (step * index as f64).sin_cos();
                (1000.0 * share * cos, 1000.0 * share * sin)
            };
            star.iter().enumerate().map(vertex).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn regions_agree_with_another_buffer(shell in star(), distance in 0.0..4.0_f64) {
            let distance = 10_f64.powf(distance);
            let region = Polygon::new(shell, vec![]);
            let drawn = region.unsigned_area();
            let strip = around_region(&region, distance).unwrap().unsigned_area() - drawn;
            let other = by_geo(&region, distance) - drawn;
            prop_assert!(ratio(strip, other) < 5e-4, "{strip} {other} at {distance}");
        }

        #[test]
        fn lines_agree_with_another_buffer(line in star(), distance in 0.0..4.0_f64) {
            let distance = 10_f64.powf(distance);
            let found = around_line(&line.0, distance).unwrap().unsigned_area();
            let other = by_geo(&line, distance);
            prop_assert!(ratio(found, other) < 5e-4, "{found} {other} at {distance}");
        }
    }
}
