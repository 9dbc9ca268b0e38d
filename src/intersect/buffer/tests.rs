//! Buffers against geodesics, point by point, and against surfaces that are known.

use super::*;
use crate::intersect::faults;
use crate::measure::surface_km2;
use geo::{Destination, Distance, Geodesic, GeodesicArea, Intersects, Line, LinesIter, Point};
use proptest::prelude::*;

fn nothing() -> Traces {
    Traces { polygons: MultiPolygon(vec![]), lines: MultiLineString(vec![]), points: vec![] }
}

fn of_polygons(polygons: Vec<Polygon<f64>>) -> Traces {
    Traces { polygons: MultiPolygon(polygons), ..nothing() }
}

fn of_polygon(ring: &[(f64, f64)]) -> Traces {
    of_polygons(vec![Polygon::new(ring.iter().copied().collect(), vec![])])
}

fn of_line(line: &[(f64, f64)]) -> Traces {
    Traces { lines: MultiLineString(vec![line.iter().copied().collect()]), ..nothing() }
}

fn of_point(x: f64, y: f64) -> Traces {
    Traces { points: vec![Coord { x, y }], ..nothing() }
}

/// Geodesic distance of the center of a frame from an edge that is straight in degrees, in meters.
fn from_edge(frame: &LocalFrame, at: Coord, edge: Line<f64>) -> f64 {
    let on = |share: f64| edge.start + (edge.end - edge.start) * share;
    let rough = |share: f64| frame.radius([on(share).x, on(share).y]);
    let steps = 8.0 + 2.0 * edge.dx().abs().max(edge.dy().abs()).ceil();
    let mut best = (0.0, f64::INFINITY);
    let mut step = 0.0;
    while step <= steps {
        let meters = rough(step / steps);
        if meters < best.1 {
            best = (step / steps, meters);
        }
        step += 1.0;
    }
    let (mut low, mut high) = ((best.0 - 1.0 / steps).max(0.0), (best.0 + 1.0 / steps).min(1.0));
    for _ in 0..36 {
        let (one, other) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if rough(one) < rough(other) { high = other } else { low = one }
    }
    Geodesic.distance(Point::from(at), Point::from(on(f64::midpoint(low, high))))
}

/// The edges of traces, in parts of 45 degrees at most: one around the earth is nearest at two places.
fn edges(traces: &Traces) -> Vec<Line<f64>> {
    let edges = traces.lines.lines_iter().chain(traces.polygons.lines_iter());
    let points = traces.points.iter().map(|point| Line::new(*point, *point));
    edges
        .chain(points)
        .flat_map(|edge| {
            let parts = (edge.dx().abs() / 45.0).ceil().max(1.0);
            let on =
                move |part: u32| edge.start + (edge.end - edge.start) * (f64::from(part) / parts);
            (0..parts as u32).map(move |part| Line::new(on(part), on(part + 1)))
        })
        .collect()
}

/// Geodesic distance of a point from the nearest of some edges, seen from outside of the polygons.
fn from_edges(at: Coord, edges: &[Line<f64>]) -> f64 {
    let frame = LocalFrame::at(at.x, at.y);
    // No point of an edge is nearer than this.
    let least = |edge: &Line<f64>| {
        let middle = (edge.start + edge.end) / 2.0;
        let half = edge.dx().hypot(edge.dy()) / 2.0 * 1.02 * DEGREE_M;
        frame.radius([middle.x, middle.y]) - half
    };
    let mut order: Vec<(f64, &Line<f64>)> = edges.iter().map(|edge| (least(edge), edge)).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = f64::INFINITY;
    for (least, edge) in order {
        if least > best {
            break;
        }
        best = best.min(from_edge(&frame, at, *edge));
    }
    best
}

fn is_valid(area: &MultiPolygon<f64>) {
    assert_eq!(faults(area), []);
    let rect = area.bounding_rect().unwrap();
    assert!(rect.min().x >= -180.0 && rect.max().x <= 180.0 && rect.max().y <= 90.0);
    assert_eq!(orient(area), *area);
}

/// Buffers traces; checks that the outline is at the distance, and that the polygons are inside.
fn check(traces: &Traces, meters: f64) -> MultiPolygon<f64> {
    let area = buffer(traces, meters).unwrap();
    is_valid(&area);
    let rect = area.bounding_rect().unwrap();
    let grid_m = rect.width().max(rect.height()) * (-27_f64).exp2() * DEGREE_M;
    let slack = (1e-3 * meters).max(0.01).max(grid_m);
    let edges = edges(traces);
    let is_seam = |at: Coord| at.x.abs() == 180.0 || at.y.abs() == 90.0;
    // Of long outlines some edges, spread all along.
    let every = 1 + area.lines_iter().count() / 400;
    for edge in area.lines_iter().step_by(every) {
        if !is_seam(edge.start) {
            let found = from_edges(edge.start, &edges);
            assert!((found - meters).abs() <= slack, "{found} m, wanted {meters} m: {edge:?}");
        }
        if !is_seam(edge.start) || !is_seam(edge.end) {
            let middle = (edge.start + edge.end) / 2.0;
            let found = from_edges(middle, &edges);
            assert!((found - meters).abs() <= slack, "{found} m, wanted {meters} m in {edge:?}");
        }
    }
    for edge in traces.polygons.lines_iter() {
        assert!(area.intersects(&Point::from(edge.start)), "{edge:?} is lost");
    }
    area
}

/// The surface of a geodesic circle, in km².
fn circle_km2(x: f64, y: f64, meters: f64) -> f64 {
    // Of small ones the geodesic surface is uncertain by a twentieth of a square meter.
    if meters < 2000.0 {
        return std::f64::consts::PI * meters * meters / 1e6;
    }
    let vertex =
        |step: u32| Geodesic.destination(Point::new(x, y), -f64::from(step) / 10.0, meters).0;
    let ring: LineString<f64> = (0..3600).map(vertex).collect();
    Polygon::new(ring, vec![]).geodesic_area_unsigned() / 1e6
}

fn ratio(one: f64, other: f64) -> f64 {
    (one / other - 1.0).abs()
}

#[test]
fn circles_have_the_surface_of_geodesic_circles() {
    let centers = [
        (36.2, 49.9),
        (0.0, 0.0),
        (179.999, -17.0),
        (-180.0, 65.0),
        (15.0, 80.0),
        (100.0, 89.9),
        (-60.0, -89.9),
        (7.0, 90.0),
        (0.0, -90.0),
        (20.0, 89.5),
    ];
    for (x, y) in centers {
        for meters in [1.0, 100.0, 1000.0, 5000.0, 50_000.0, 200_000.0, 1_000_000.0] {
            let area = check(&of_point(x, y), meters);
            let (found, wanted) = (surface_km2(&area), circle_km2(x, y, meters));
            // About a pole chords lie on the parallel itself.
            let bound = 5e-4 + 2e-4 / meters;
            assert!(ratio(found, wanted) < bound, "{found} {wanted} km² at {x} {y}, {meters} m");
        }
    }
}

#[test]
fn a_circle_through_the_pole_is_whole() {
    let meters = Geodesic.distance(Point::new(30.0, 89.0), Point::new(30.0, 90.0));
    for nearly in [0.999_999, 1.0, 1.000_001] {
        let area = check(&of_point(30.0, 89.0), meters * nearly);
        assert!(ratio(surface_km2(&area), circle_km2(30.0, 89.0, meters)) < 3e-4);
    }
}

#[test]
fn lines_on_the_equator_across_180_and_over_poles() {
    for meters in [1.0, 500.0, 20_000.0, 200_000.0] {
        check(&of_line(&[(-3.0, 0.0), (4.0, 0.0), (4.0, 1.0)]), meters);
        check(&of_line(&[(179.0, 10.0), (181.0, 11.0), (180.5, 12.0)]), meters);
        check(&of_line(&[(10.0, 89.0), (10.0, 90.0), (190.0, 90.0), (190.0, 88.0)]), meters);
        check(&of_line(&[(0.0, -89.9), (170.0, -89.8)]), meters);
    }
}

#[test]
fn polygons_that_hold_a_pole() {
    for (y, pole) in [(89.9, 90.0), (88.0, 90.0), (80.0, 90.0), (-85.0, -90.0)] {
        let ring = [(-180.0, y), (180.0, y), (180.0, pole), (-180.0, pole)];
        let mut drawn = f64::INFINITY;
        for meters in [100_000.0, 5_000.0, 100.0] {
            let area = check(&of_polygon(&ring), meters);
            let km2 = surface_km2(&area);
            assert!(km2 < drawn);
            drawn = km2;
        }
        // To the parallel as far away.
        let beyond =
            Geodesic.destination(Point::new(0.0, y), if pole > 0.0 { 180.0 } else { 0.0 }, 5_000.0);
        let cap = |y: f64| crate::measure::cell_surface_km2(y.abs(), 90.0, 360.0);
        let strip = surface_km2(&buffer(&of_polygon(&ring), 5_000.0).unwrap()) - cap(y);
        assert!(ratio(strip, cap(beyond.y()) - cap(y)) < 1e-3, "{strip} km² about {y}");
    }
}

#[test]
fn polygons_split_at_180_are_one() {
    let boxed = |west: f64, east: f64| {
        Polygon::new(
            [(west, 60.0), (east, 60.0), (east, 61.0), (west, 61.0)].into_iter().collect(),
            vec![],
        )
    };
    let whole = of_polygons(vec![boxed(9.0, 11.0)]);
    let split = of_polygons(vec![boxed(179.0, 180.0), boxed(-180.0, -179.0)]);
    for meters in [1.0, 1000.0, 100_000.0] {
        let (one, other) = (buffer(&whole, meters).unwrap(), buffer(&split, meters).unwrap());
        is_valid(&other);
        assert_eq!(other.0.len(), 2);
        let km2 = surface_km2(&whole.polygons);
        let (one, other) = (surface_km2(&one) - km2, surface_km2(&other) - km2);
        assert!(ratio(one, other) < 1e-3, "{one} {other} km², {meters} m");
    }
}

#[test]
fn a_strip_has_the_surface_of_steiner() {
    // L d + (2π − A/R²) d²/2 for a ring that turns left, by Gauss and Bonnet.
    for (x, y, wide, high) in
        [(10.0, 50.0, 0.2, 0.1), (178.0, 80.0, 1.0, 0.1), (0.0, 0.0, 30.0, 20.0)]
    {
        let ring = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)];
        let traces = of_polygon(&ring);
        let outline: f64 = traces
            .polygons
            .lines_iter()
            .map(|edge| {
                let on = |step: u32| {
                    Point::from(edge.start + (edge.end - edge.start) * (f64::from(step) / 2000.0))
                };
                (0..2000).map(|step| Geodesic.distance(on(step), on(step + 1))).sum::<f64>()
            })
            .sum();
        let km2 = surface_km2(&traces.polygons);
        for meters in [1.0, 500.0, 5000.0] {
            let turned = std::f64::consts::TAU - km2 / 6371.0_f64.powi(2);
            let wanted = (outline * meters + turned * meters * meters / 2.0) / 1e6;
            let found = surface_km2(&buffer(&traces, meters).unwrap()) - km2;
            println!("{x} {y} {meters} m: {:e}", found / wanted - 1.0);
            assert!(ratio(found, wanted) < 1e-3, "{found} {wanted} km², {meters} m about {x} {y}");
        }
    }
}

#[test]
fn a_continent_has_an_outline_at_the_distance() {
    let ring = [(0.0, 35.0), (30.0, 35.0), (32.0, 60.0), (2.0, 60.0)];
    for meters in [1_000.0, 200_000.0] {
        check(&of_polygon(&ring), meters);
    }
}

#[test]
fn holes_are_filled_where_they_close() {
    let ring = |size: f64| -> LineString<f64> {
        [(-size, -size), (size, -size), (size, size), (-size, size)]
            .into_iter()
            .map(|(x, y)| (20.0 + x, 10.0 + y))
            .collect()
    };
    for (outer, inner) in [(0.05, 0.04), (3.0, 2.0)] {
        let traces = of_polygons(vec![Polygon::new(ring(outer), vec![ring(inner)])]);
        let holes = |meters: f64| {
            let area = buffer(&traces, meters).unwrap();
            is_valid(&area);
            area.0[0].interiors().len()
        };
        let half_m = inner * 110_600.0;
        assert_eq!([holes(half_m * 0.5), holes(half_m * 0.95), holes(half_m * 1.05)], [1, 1, 0]);
        check(&traces, half_m * 0.5);
    }
}

#[test]
fn a_line_that_crosses_itself_loses_nothing() {
    let turn = |step: u32| {
        let (sin, cos) = (f64::from(step) * 0.37).sin_cos();
        (30.0 + 0.1 * cos + 0.0004 * f64::from(step), 50.0 + 0.06 * sin)
    };
    let line: Vec<(f64, f64)> = (0..200).map(turn).collect();
    for meters in [10.0, 100.0, 1000.0, 30_000.0] {
        check(&of_line(&line), meters);
    }
}

#[test]
fn a_long_ring_agrees_with_its_distance() {
    let vertex = |step: u32| {
        let angle = f64::from(step) * std::f64::consts::TAU / 2000.0;
        let radius = 0.6 + 0.1 * (angle * 7.0).sin() + 0.02 * (angle * 90.0).sin();
        (178.9 + radius * angle.cos(), 60.0 + 0.5 * radius * angle.sin())
    };
    let ring: Vec<(f64, f64)> = (0..2000).map(vertex).collect();
    check(&of_polygon(&ring), 3_000.0);
}

#[test]
fn what_is_no_distance_and_no_place_is_refused() {
    for meters in [0.0, -1.0, f64::NAN, f64::INFINITY, 1_000_001.0] {
        assert!(matches!(buffer(&of_point(0.0, 0.0), meters), Err(NotBuffered::Distance(_))));
    }
    for (x, y) in [(0.0, 90.1), (f64::NAN, 0.0), (1e9, 0.0), (0.0, f64::INFINITY)] {
        let refused = buffer(&of_line(&[(0.0, 0.0), (x, y)]), 1.0);
        assert!(matches!(refused, Err(NotBuffered::Coordinate { .. })));
    }
    assert_eq!(buffer(&nothing(), 1.0), Ok(MultiPolygon(vec![])));
    let empty = Polygon::new(LineString(vec![]), vec![LineString(vec![])]);
    assert_eq!(buffer(&of_polygons(vec![empty]), 1.0), Ok(MultiPolygon(vec![])));
    assert_eq!(buffer(&of_line(&[]), 1.0), Ok(MultiPolygon(vec![])));
    check(&of_line(&[(5.0, 5.0), (5.0, 5.0)]), 100.0);
}

/// A place, and points about it within so many meters, in the order of their directions.
fn drawn(most: f64) -> impl Strategy<Value = (Vec<(f64, f64)>, f64)> {
    let place = (-180.0..180.0_f64, prop_oneof![-80.0..80.0_f64, 79.0..89.9_f64]);
    let star = prop_oneof![
        4 => prop::collection::vec(0.3..1.0_f64, 3..12),
        1 => prop::collection::vec(0.3..1.0_f64, 40..200),
    ];
    (place, star, 1.0..most, 0.0..5.3_f64).prop_map(|((lon, lat), star, size, distance)| {
        let step = 360.0 / star.len() as f64;
        let vertex = |(index, share): (usize, f64)| {
            let meters = 10_f64.powf(size) * share;
            let at = Geodesic.destination(Point::new(lon, lat), -step * index as f64, meters);
            (lon + (at.x() - lon + 540.0).rem_euclid(360.0) - 180.0, at.y())
        };
        (star.into_iter().enumerate().map(vertex).collect(), 10_f64.powf(distance))
    })
}

/// A ring as `fold` and `unwrap` leave it: none about a pole, since directions run around it.
fn folded(ring: &[(f64, f64)]) -> Option<Traces> {
    let wide = ring.iter().zip(ring.iter().cycle().skip(1)).any(|(a, b)| (a.0 - b.0).abs() > 170.0);
    let drawn = of_polygon(ring).polygons;
    (!wide && faults(&drawn).is_empty()).then(|| of_polygons(fold(drawn).unwrap().area.0))
}

/// The surface of a strip around polygons, in km².
fn strip_km2(traces: &Traces, meters: f64) -> f64 {
    surface_km2(&buffer(traces, meters).unwrap()) - surface_km2(&traces.polygons)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn lines_are_at_their_distance((line, meters) in drawn(5.5)) {
        check(&of_line(&line), meters);
    }

    #[test]
    fn polygons_are_at_their_distance((ring, meters) in drawn(5.5)) {
        if let Some(traces) = folded(&ring) {
            // From the seam at ±180 inside a polygon nothing is far away.
            let area = check(&traces, meters);
            prop_assert!(surface_km2(&area) > surface_km2(&traces.polygons));
        }
    }

    #[test]
    fn points_are_at_their_distance((points, meters) in drawn(5.5)) {
        let points = points.into_iter().map(Coord::from).collect();
        check(&Traces { points, ..nothing() }, meters);
    }

    #[test]
    fn the_way_it_is_drawn_does_not_matter((ring, meters) in drawn(5.5)) {
        if let Some(traces) = folded(&ring) {
            let km2 = strip_km2(&traces, meters);
            let mut turned = ring.clone();
            turned.rotate_left(1);
            turned.reverse();
            let turned = strip_km2(&folded(&turned).unwrap(), meters);
            prop_assert!(ratio(turned, km2) < 5e-4 + 1e-9 / km2, "{turned} {km2}");
        }
        let moved: Vec<(f64, f64)> = ring.iter().map(|at| (at.0 + 360.0, at.1)).collect();
        let (one, other) = (strip_km2(&of_line(&ring), meters), strip_km2(&of_line(&moved), meters));
        prop_assert!(ratio(one, other) < 1e-6, "{one} {other}");
    }

    #[test]
    fn a_larger_buffer_holds_a_smaller_one((ring, meters) in drawn(5.5)) {
        let Some(traces) = folded(&ring) else { return Ok(()) };
        let small = buffer(&traces, meters).unwrap();
        let large = buffer(&traces, meters * 1.003 + 0.02).unwrap();
        for edge in small.lines_iter().step_by(1 + small.lines_iter().count() / 100) {
            prop_assert!(large.intersects(&Point::from(edge.start)), "{edge:?}");
        }
    }

    #[test]
    fn two_buffers_are_one_of_both_distances((ring, meters) in drawn(5.0)) {
        let Some(traces) = folded(&ring) else { return Ok(()) };
        let first = buffer(&traces, meters * 0.4).unwrap();
        let both = surface_km2(&buffer(&of_polygons(first.0), meters * 0.6).unwrap());
        let strip = strip_km2(&traces, meters);
        let off = both - surface_km2(&traces.polygons) - strip;
        prop_assert!(off.abs() < 1e-3 * strip + 1e-9, "{off} of {strip} km²");
    }
}

#[test]
fn what_is_cut_off_at_180_degrees_may_be_smaller_than_a_circle() {
    // The first stretch goes around the pole, so that no meridian is free, and the last ends a little beyond 180.
    let line = [
        (-99.214_918, 89.911_905_2),
        (-16.454_910_4, 88.580_477_7),
        (54.704_006_4, 89.015_647_5),
        (80.785_082, 88.866_022),
        (106.866_157_6, 89.015_647_5),
        (178.592_198_3, 88.546_122_5),
    ];
    let moved = line.map(|at| (at.0 + 360.0, at.1));
    let meters = 10_525.761_4;
    let [one, other] = [&line, &moved].map(|line| strip_km2(&of_line(line), meters));
    assert!(ratio(one, other) < 1e-6, "{one} {other}");
    let beyond = Point::new(-179.0, 88.55);
    let area = buffer(&of_line(&moved), meters).unwrap();
    assert!(area.iter().any(|part| geo::Contains::contains(part, &beyond)));
}
