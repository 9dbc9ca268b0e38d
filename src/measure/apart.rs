//! How far geometries lie apart on the ellipsoid.
//!
//! Edges are straight in longitude and latitude, as everywhere here. Two that do not cross are nearest at a
//! vertex of one of them: for each vertex the nearest point of each edge is looked for in the plane that fits
//! the ellipsoid at the vertex, and the distance of the nearest pair of all is worked out in its frame.

use super::ellipsoid::{ECCENTRICITY_SQUARED, SEMI_MAJOR_KM};
use super::frame::LocalFrame;
use geo::{
    BoundingRect, Coord, CoordsIter, Geometry, Intersects, Line, LineString, LinesIter, MapCoords,
    Point, Rect,
};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// An edge by its ends, in degrees; a point is an edge without length.
pub type Edge = [Coord<f64>; 2];

/// Degrees of longitude and of latitude that hold so many meters anywhere between two latitudes; all
/// longitudes near a pole.
#[must_use]
pub fn margin_degrees(meters: f64, [south, north]: [f64; 2]) -> [f64; 2] {
    // The shortest degree of a meridian has 110,574 m; what is lost by roundness is made up for.
    let lat = 1.01 * meters / 110_574.0;
    let farthest = (south.abs().max(north.abs()) + lat).min(90.0);
    let lon = lat / farthest.to_radians().cos().max(f64::MIN_POSITIVE);
    [lon.min(360.0), lat]
}

/// The edges of a geometry, and its points as edges without length.
#[must_use]
pub fn edges(geometry: &Geometry<f64>) -> Vec<Edge> {
    let of = |lines: &mut dyn Iterator<Item = Line<f64>>| {
        lines.map(|line| [line.start, line.end]).collect::<Vec<Edge>>()
    };
    let mut edges = match geometry {
        Geometry::LineString(line) => of(&mut line.lines_iter()),
        Geometry::MultiLineString(lines) => of(&mut lines.lines_iter()),
        Geometry::Polygon(polygon) => of(&mut polygon.lines_iter()),
        Geometry::MultiPolygon(polygons) => of(&mut polygons.lines_iter()),
        Geometry::GeometryCollection(all) => all.iter().flat_map(edges).collect(),
        _ => Vec::new(),
    };
    if edges.is_empty() {
        edges.extend(geometry.coords_iter().map(|at| [at, at]));
    }
    edges
}

/// The geodesic distance between two geometries in meters, 0 where they share a point; `None` if it is more
/// than `within_m`. Longitudes may run on beyond ±180.
///
/// # Limits
///
/// Within 1e-4 of itself to 1 km, but for edges that end less than 2 km from a pole.
#[must_use]
pub fn apart_m(a: &Geometry<f64>, b: &Geometry<f64>, within_m: f64) -> Option<f64> {
    let (of_a, of_b) = (a.bounding_rect()?, b.bounding_rect()?);
    let [lon, lat] = margin_degrees(within_m, [of_a.min().y, of_a.max().y]);
    if of_b.min().y > of_a.max().y + lat || of_b.max().y < of_a.min().y - lat {
        return None;
    }
    let turns = [0.0, -360.0, 360.0].into_iter().filter(|turn| {
        of_b.min().x + turn <= of_a.max().x + lon && of_b.max().x + turn >= of_a.min().x - lon
    });
    let apart = turns.filter_map(|turn| {
        let moved;
        let b = if turn == 0.0 {
            b
        } else {
            moved = b.map_coords(|at| Coord { x: at.x + turn, y: at.y });
            &moved
        };
        let is_within =
            |a: &Geometry<f64>, b: &Geometry<f64>| starts(a).iter().any(|at| at.intersects(b));
        if is_within(a, b) || is_within(b, a) {
            return Some(0.0);
        }
        let (window_a, window_b) = (bounds_and(a, within_m)?, bounds_and(b, within_m)?);
        let near = |edges: Vec<Edge>, window| -> Vec<Edge> {
            edges.into_iter().filter(|edge| meets(edge, window)).collect()
        };
        apart_or_crossing_m(&near(edges(a), window_b), &near(edges(b), window_a), [lon, lat])
    });
    apart.min_by(f64::total_cmp).filter(|meters| *meters <= within_m)
}

/// Whether the bounds of an edge meet a window: west, south, east, north.
#[must_use]
pub fn meets([from, to]: &Edge, [west, south, east, north]: [f64; 4]) -> bool {
    from.x.min(to.x) <= east
        && from.x.max(to.x) >= west
        && from.y.min(to.y) <= north
        && from.y.max(to.y) >= south
}

/// The first point of each part of a geometry.
fn starts(geometry: &Geometry<f64>) -> Vec<Point<f64>> {
    let first = |line: &LineString<f64>| line.0.first().map(|at| Point(*at));
    match geometry {
        Geometry::Polygon(polygon) => first(polygon.exterior()).into_iter().collect(),
        Geometry::MultiPolygon(parts) => {
            parts.iter().filter_map(|part| first(part.exterior())).collect()
        }
        Geometry::LineString(line) => first(line).into_iter().collect(),
        Geometry::MultiLineString(lines) => lines.iter().filter_map(first).collect(),
        other => other.coords_iter().map(Point).collect(),
    }
}

/// So many pairs of edges are looked at one by one; of more only those that lie near each other.
const PAIRS: usize = 1 << 12;

/// The same for edges that may cross, of which those within a margin (degrees) of each other matter.
fn apart_or_crossing_m(a: &[Edge], b: &[Edge], [lon, lat]: [f64; 2]) -> Option<f64> {
    let crosses = |[from, to]: &Edge, others: &[Edge]| {
        let edge = Line::new(*from, *to);
        others.iter().any(|[from, to]| edge.intersects(&Line::new(*from, *to)))
    };
    if a.len().saturating_mul(b.len()) <= PAIRS {
        let is_crossed = a.iter().any(|edge| crosses(edge, b));
        return if is_crossed { Some(0.0) } else { edges_apart_m(a, b) };
    }
    let corners = |[from, to]: &Edge| Rectangle::from_corners([from.x, from.y], [to.x, to.y]);
    let of_b = b.iter().map(|edge| GeomWithData::new(corners(edge), *edge));
    let of_b = RTree::bulk_load(of_b.collect());
    let mut nearest: Option<f64> = None;
    for edge in a {
        let [from, to] = edge;
        let window = AABB::from_corners(
            [from.x.min(to.x) - lon, from.y.min(to.y) - lat],
            [from.x.max(to.x) + lon, from.y.max(to.y) + lat],
        );
        let near: Vec<Edge> =
            of_b.locate_in_envelope_intersecting(window).map(|hit| hit.data).collect();
        if crosses(edge, &near) {
            return Some(0.0);
        }
        let apart = edges_apart_m(&[*edge], &near);
        nearest = nearest.into_iter().chain(apart).min_by(f64::total_cmp);
    }
    nearest
}

/// The geodesic distance in meters between the edges of two geometries that do not cross; `None` if one has
/// none.
#[must_use]
pub fn edges_apart_m(a: &[Edge], b: &[Edge]) -> Option<f64> {
    let (about, from, to) = nearest_pair(a, b)?;
    let there = LocalFrame::at(from.x, from.y).plane([to.x, to.y]);
    Some(there.map_or(about, |[x, y]| x.hypot(y)))
}

/// The two points at which the edges of two geometries that do not cross are nearest to each other; `None` if
/// one has none.
#[must_use]
pub fn nearest_points(a: &[Edge], b: &[Edge]) -> Option<Edge> {
    nearest_pair(a, b).map(|(_, from, to)| [from, to])
}

/// The nearest points of some edges and others, with their distance in meters, about.
fn nearest_pair(a: &[Edge], b: &[Edge]) -> Option<(f64, Coord<f64>, Coord<f64>)> {
    let nearest = |vertices: &[Edge], edges: &[Edge]| {
        let vertices = vertices.iter().flat_map(|[from, to]| [*from, *to]);
        let pairs = vertices.filter_map(|vertex| nearest(vertex, edges));
        pairs.min_by(|a, b| a.0.total_cmp(&b.0))
    };
    let pairs = [nearest(a, b), nearest(b, a)].into_iter().flatten();
    pairs.min_by(|a, b| a.0.total_cmp(&b.0))
}

/// The point of some edges that is nearest to a vertex: the distance in meters, about, the vertex and the
/// point.
fn nearest(vertex: Coord<f64>, edges: &[Edge]) -> Option<(f64, Coord<f64>, Coord<f64>)> {
    let [east, north] = meters_a_degree(vertex.y);
    let near = |[from, to]: &Edge| {
        let flat = |at: &Coord<f64>| [(at.x - vertex.x) * east, (at.y - vertex.y) * north];
        let ([x, y], [to_x, to_y]) = (flat(from), flat(to));
        let (dx, dy) = (to_x - x, to_y - y);
        let length = dx * dx + dy * dy;
        let share = if length > 0.0 { (-(x * dx + y * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let point =
            Coord { x: from.x + share * (to.x - from.x), y: from.y + share * (to.y - from.y) };
        ((x + share * dx).hypot(y + share * dy), vertex, point)
    };
    edges.iter().map(near).min_by(|a, b| a.0.total_cmp(&b.0))
}

/// Meters in a degree of longitude and in one of latitude, at a latitude.
fn meters_a_degree(latitude: f64) -> [f64; 2] {
    let (sin, cos) = latitude.to_radians().sin_cos();
    let flat = 1.0 - ECCENTRICITY_SQUARED * sin * sin;
    let across = 1000.0 * SEMI_MAJOR_KM / flat.sqrt();
    let along = across * (1.0 - ECCENTRICITY_SQUARED) / flat;
    [across * cos, along].map(f64::to_radians)
}

/// The bounds of a geometry and so many meters around it: west, south, east, north, in degrees.
#[must_use]
pub fn bounds_and(geometry: &Geometry<f64>, meters: f64) -> Option<[f64; 4]> {
    let bounds: Rect<f64> = geometry.bounding_rect()?;
    let (min, max) = (bounds.min(), bounds.max());
    let [lon, lat] = margin_degrees(meters, [min.y, max.y]);
    Some([min.x - lon, min.y - lat, max.x + lon, max.y + lat])
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Distance, Geodesic, point, polygon};

    fn at(lon: f64, lat: f64) -> Geometry<f64> {
        Geometry::Point(point!(x: lon, y: lat))
    }

    #[test]
    fn points_are_as_far_apart_as_the_geodesic_says() {
        for (a, b) in [
            ([20.0, 0.0], [20.004, 0.003]),
            ([-21.9, 64.1], [-21.895, 64.102]),
            ([30.0, 80.0], [30.02, 80.001]),
            ([179.999, 80.0], [-179.998, 80.001]),
            ([-179.999, -16.0], [179.997, -16.002]),
        ] {
            let wanted = Geodesic.distance(Point::from(a), Point::from(b));
            let found = apart_m(&at(a[0], a[1]), &at(b[0], b[1]), 1000.0).unwrap();
            assert!((found - wanted).abs() < 1e-4 * wanted, "{a:?} {b:?}: {found} {wanted}");
            assert_eq!(apart_m(&at(a[0], a[1]), &at(b[0], b[1]), 0.99 * wanted), None);
        }
    }

    #[test]
    fn a_point_inside_or_on_the_border_is_not_apart() {
        let square = Geometry::Polygon(
            polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 0.0), (x: 1.0, y: 1.0), (x: 0.0, y: 1.0)],
        );
        assert_eq!(apart_m(&square, &at(0.5, 0.5), 100.0), Some(0.0));
        assert_eq!(apart_m(&at(1.0, 0.5), &square, 100.0), Some(0.0));
        assert_eq!(apart_m(&square, &at(360.5, 0.5), 100.0), Some(0.0), "a turn on");
    }

    #[test]
    fn a_long_edge_is_straight_in_degrees() {
        let line = Geometry::LineString(LineString::from(vec![(10.0, 64.0), (12.0, 64.0)]));
        let wanted = Geodesic.distance(Point::new(11.0, 64.0), Point::new(11.0, 64.003));
        let found = apart_m(&line, &at(11.0, 64.003), 500.0).unwrap();
        assert!((found - wanted).abs() < 0.01, "{found} {wanted}");
    }

    #[test]
    fn outlines_of_many_edges_are_as_far_apart_as_those_of_few() {
        let star = |lon: f64, corners: usize| {
            let at = |place: usize| {
                let angle = std::f64::consts::TAU * place as f64 / corners as f64;
                (lon + 0.01 * angle.cos(), 50.0 + 0.01 * angle.sin())
            };
            let ring: Vec<_> = (0..corners).map(at).collect();
            Geometry::Polygon(geo::Polygon::new(LineString::from(ring), Vec::new()))
        };
        let apart =
            |corners| apart_m(&star(20.0, corners), &star(20.0205, corners), 100.0).unwrap();
        assert!((apart(40) - apart(4000)).abs() < 1e-6, "{} {}", apart(40), apart(4000));
        let crossed = apart_m(&star(20.0, 4000), &star(20.01, 4000), 100.0);
        assert_eq!(crossed, Some(0.0));
    }

    #[test]
    fn edges_that_cross_between_their_ends_are_not_apart() {
        let line = |a, b| Geometry::LineString(LineString::from(vec![a, b]));
        let cross = apart_m(&line((0.0, 0.0), (1.0, 1.0)), &line((0.0, 1.0), (1.0, 0.0)), 1.0);
        assert_eq!(cross, Some(0.0));
    }
}
