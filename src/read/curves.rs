//! Curves and surfaces that GDAL knows and this program does not: arcs as chords, surfaces as polygons.
//!
//! Land surveys draw parcels with arcs (`CIRCULARSTRING` within `COMPOUNDCURVE`, `CURVEPOLYGON`, `MULTISURFACE`), and
//! models of terrain and buildings are triangles (`TIN`, `POLYHEDRALSURFACE`). An arc becomes chords that depart from
//! it by no more than a four-millionth of its width: 0.09 m, a thousandth of a cell of 3″, where an arc is 360 km
//! wide. A whole circle gets 3,142 vertices and loses 7e-7 of its surface. A fixed angle would not do: an arc of a
//! large radius, as along a parallel, can be long and turn by less than any angle.
//!
//! Source: ISO/IEC 13249-3 (SQL/MM Part 3), an arc is told by its two ends and a place between.

use gdal::vector::{Geometry, OGRwkbGeometryType, geometry_type_flatten};
use geo::{Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use std::f64::consts::{PI, TAU};

/// A chord departs from its arc by this part of the arc's width at most.
const DEPARTS: f64 = 2.5e-7;

/// A geometry may take so many vertices: a few bytes tell an arc, and make thousands.
const MOST_VERTICES: usize = 1 << 22;

/// Whether a flat type of geometry is one of those that are straightened here.
pub(super) const fn is_curved(kind: OGRwkbGeometryType::Type) -> bool {
    use OGRwkbGeometryType as kinds;
    matches!(
        kind,
        kinds::wkbCircularString
            | kinds::wkbCompoundCurve
            | kinds::wkbCurvePolygon
            | kinds::wkbMultiCurve
            | kinds::wkbMultiSurface
            | kinds::wkbPolyhedralSurface
            | kinds::wkbTIN
            | kinds::wkbTriangle
    )
}

/// A curved geometry with straight edges, without heights and measures.
///
/// # Errors
///
/// What it is, if it takes too many vertices or is of no known type.
pub(super) fn straight(geometry: &Geometry) -> Result<geo::Geometry<f64>, String> {
    use OGRwkbGeometryType as kinds;
    let mut left = MOST_VERTICES;
    let drawn = match geometry_type_flatten(geometry.geometry_type()) {
        kinds::wkbCircularString | kinds::wkbCompoundCurve => {
            line(geometry, &mut left).map(geo::Geometry::LineString)
        }
        kinds::wkbCurvePolygon | kinds::wkbTriangle => {
            polygon(geometry, &mut left).map(geo::Geometry::Polygon)
        }
        kinds::wkbMultiCurve => {
            let lines = members(geometry, |member| line(member, &mut left));
            lines.map(|lines| MultiLineString(lines).into())
        }
        _ => {
            let parts = members(geometry, |member| polygon(member, &mut left));
            parts.map(|parts| MultiPolygon(parts).into())
        }
    };
    drawn.ok_or_else(|| {
        let kind = geometry.geometry_name();
        format!("a {kind} whose arcs take over {MOST_VERTICES} vertices")
    })
}

/// What is made of each member of a geometry; `None` if nothing can be made of one.
fn members<T>(geometry: &Geometry, mut made: impl FnMut(&Geometry) -> Option<T>) -> Option<Vec<T>> {
    (0..geometry.geometry_count()).map(|place| made(&geometry.get_geometry(place))).collect()
}

/// A polygon of rings of any kind.
fn polygon(geometry: &Geometry, left: &mut usize) -> Option<Polygon<f64>> {
    let mut rings = members(geometry, |ring| line(ring, left))?.into_iter();
    let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Some(Polygon::new(shell, rings.collect()))
}

/// A line of any kind; `None` once it takes more vertices than are left.
fn line(geometry: &Geometry, left: &mut usize) -> Option<LineString<f64>> {
    let mut along = Vec::new();
    add(geometry, &mut along, left)?;
    Some(LineString(along))
}

fn add(geometry: &Geometry, along: &mut Vec<Coord<f64>>, left: &mut usize) -> Option<()> {
    let kind = geometry_type_flatten(geometry.geometry_type());
    if kind == OGRwkbGeometryType::wkbCompoundCurve {
        return members(geometry, |member| add(member, along, left)).map(|_| ());
    }
    let mut points = Vec::new();
    geometry.get_points(&mut points);
    let points: Vec<_> = points.into_iter().map(|(x, y, _)| Coord { x, y }).collect();
    // A piece of a compound begins where the one before it ends.
    let joins = !points.is_empty() && along.last() == points.first();
    along.extend(points.first().filter(|_| !joins));
    if kind == OGRwkbGeometryType::wkbCircularString {
        for three in points.windows(3).step_by(2) {
            Arc::through([three[0], three[1], three[2]]).add(along, left)?;
        }
        return Some(());
    }
    *left = left.checked_sub(points.len())?;
    along.extend(points.into_iter().skip(1));
    Some(())
}

/// A part of a circle, or a straight way over three places.
struct Arc {
    places: [Coord<f64>; 3],
    /// Center, radius, the angle where it begins, and by how much it turns; left is positive.
    circle: Option<(Coord<f64>, f64, f64, f64)>,
}

impl Arc {
    fn through(places: [Coord<f64>; 3]) -> Self {
        let [begin, between, end] = places;
        let (b, c) = (between - begin, end - begin);
        if c == Coord::zero() {
            // A whole circle: the place between lies across.
            let toward = b / 2.0;
            let circle = (begin + toward, length(toward), (-toward.y).atan2(-toward.x), TAU);
            return Self { places, circle: (length(toward) > 0.0).then_some(circle) };
        }
        let turn = 2.0 * (b.x * c.y - b.y * c.x);
        let (bb, cc) = (b.x * b.x + b.y * b.y, c.x * c.x + c.y * c.y);
        let toward = Coord { x: c.y * bb - b.y * cc, y: b.x * cc - c.x * bb } / turn;
        let radius = length(toward);
        let angle = |from: Coord<f64>| from.y.atan2(from.x);
        let (first, last) = (angle(-toward), angle(c - toward));
        let turned = (last - first).rem_euclid(TAU);
        let turned = if turn > 0.0 { turned } else { turned - TAU };
        // Beyond that radius the way is straight to the last digit.
        let is_round = turn != 0.0 && radius.is_finite() && radius < 1e9 * cc.sqrt();
        Self { places, circle: is_round.then_some((begin + toward, radius, first, turned)) }
    }

    /// Adds what comes behind its first place.
    fn add(&self, along: &mut Vec<Coord<f64>>, left: &mut usize) -> Option<()> {
        let [_, between, end] = self.places;
        let Some((center, radius, first, turned)) = self.circle else {
            *left = left.checked_sub(2)?;
            along.extend([between, end]);
            return Some(());
        };
        let half = (turned.abs() / 2.0).min(PI / 2.0);
        // The width is 2r·sin(half), and a chord over an angle departs by r·angle²/8.
        let step = (16.0 * DEPARTS * half.sin()).sqrt();
        let pieces = (turned.abs() / step).ceil().max(2.0) as usize;
        *left = left.checked_sub(pieces)?;
        along.extend((1..pieces).map(|piece| {
            let angle = first + turned * (piece as f64 / pieces as f64);
            center + Coord { x: angle.cos(), y: angle.sin() } * radius
        }));
        along.push(end);
        Some(())
    }
}

fn length(of: Coord<f64>) -> f64 {
    of.x.hypot(of.y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, CoordsIter};

    fn of(wkt: &str) -> geo::Geometry<f64> {
        straight(&Geometry::from_wkt(wkt).unwrap()).unwrap()
    }

    #[test]
    fn a_circle_has_the_surface_of_its_closed_form() {
        let wanted = PI * 9e6;
        for circle in [
            "CURVEPOLYGON (CIRCULARSTRING (503000 10, 497000 10, 503000 10))",
            "CURVEPOLYGON (CIRCULARSTRING (503000 10, 500000 3010, 497000 10, 500000 -2990, 503000 10))",
            "CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (503000 10, 500000 -2990, 497000 10), \
             CIRCULARSTRING (497000 10, 500000 3010, 503000 10)))",
            "MULTISURFACE Z (CURVEPOLYGON Z (CIRCULARSTRING Z (503000 10 1, 497000 10 1, 503000 10 1)))",
        ] {
            let surface = of(circle).unsigned_area();
            assert!((surface / wanted - 1.0).abs() < 1e-6, "{circle}: {surface}");
        }
    }

    #[test]
    fn arcs_follow_their_circle_on_the_side_of_the_place_between() {
        let geo::Geometry::LineString(line) = of("CIRCULARSTRING (0 1, 0.6 0.8, 1 0)") else {
            panic!("a line was wanted")
        };
        assert!(line.0.iter().all(|at| (length(*at) - 1.0).abs() < 1e-12));
        assert!(line.0.iter().all(|at| at.x >= 0.0 && at.y >= 0.0));
        let geo::Geometry::LineString(far) = of("CIRCULARSTRING (0 1, -0.6 -0.8, 1 0)") else {
            panic!("a line was wanted")
        };
        assert!(far.0.iter().any(|at| at.x < -0.99) && far.0.iter().any(|at| at.y < -0.99));
        // 100 km along a parallel: it turns by half a degree, and bends by 114 m.
        let radius = 1.1e7_f64;
        let at = |angle: f64| Coord { x: radius * angle.sin(), y: radius * angle.cos() - radius };
        let arc = Arc::through([at(-0.0045), at(0.001), at(0.0045)]);
        let mut along = vec![arc.places[0]];
        arc.add(&mut along, &mut 10_000).unwrap();
        for pair in along.windows(2) {
            let middle = (pair[0] + pair[1]) / 2.0 + Coord { x: 0.0, y: radius };
            assert!((length(middle) - radius).abs() < 0.03, "{middle:?}");
        }
    }

    #[test]
    fn straight_parts_and_triangles_are_polygons() {
        let surface = |wkt: &str| (of(wkt).unsigned_area(), of(wkt).coords_count());
        let square = "((0 0, 2 0, 2 2, 0 2, 0 0))";
        assert_eq!(surface(&format!("MULTISURFACE ({square})")), (4.0, 5));
        assert_eq!(surface("CURVEPOLYGON ((0 0, 2 0, 2 2, 0 0))"), (2.0, 4));
        assert_eq!(surface("TRIANGLE ((0 0, 2 0, 2 2, 0 0))"), (2.0, 4));
        let two = "(((0 0 1, 2 0 1, 2 2 1, 0 0 1)), ((0 0 1, 2 2 1, 0 2 1, 0 0 1)))";
        assert_eq!(surface(&format!("TIN Z {two}")), (4.0, 8));
        assert_eq!(surface(&format!("POLYHEDRALSURFACE Z {two}")), (4.0, 8));
        assert_eq!(of("MULTICURVE (CIRCULARSTRING (0 0, 1 0, 2 0), (5 5, 6 6))").coords_count(), 5);
        // Three places on a line, and an arc that goes nowhere.
        assert_eq!(of("CIRCULARSTRING (0 0, 1 1, 3 3)").coords_count(), 3);
        assert_eq!(of("CIRCULARSTRING (1 1, 1 1, 1 1)").coords_count(), 3);
    }

    #[test]
    fn what_takes_too_many_vertices_is_told() {
        let circle = "(CIRCULARSTRING (3 0, -3 0, 3 0))";
        let many = vec![format!("CURVEPOLYGON {circle}"); 1400].join(", ");
        let many = Geometry::from_wkt(&format!("MULTISURFACE ({many})")).unwrap();
        assert!(straight(&many).unwrap_err().contains("4194304 vertices"));
    }
}
