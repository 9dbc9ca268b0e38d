//! What a changed boundary spares: the ground around a site, and the way from there out of an area.

use super::buffer::{Traces, buffer};
use super::sites::Footprint;
use crate::measure::{Edge, surface_km2};
use geo::{Coord, Geometry, LineString, MultiLineString, MultiPolygon};

/// The ground within so many meters of a site, and of the way from it to the border of an area if it lies
/// within `near_m` of it; `None` where it cannot be drawn. In WGS 84.
#[must_use]
pub fn around_and_out(
    area: &Footprint,
    site: &Geometry<f64>,
    [clear_m, near_m]: [f64; 2],
) -> Option<MultiPolygon<f64>> {
    let mut traces = Traces {
        polygons: MultiPolygon(Vec::new()),
        lines: MultiLineString(Vec::new()),
        points: Vec::new(),
    };
    trace(site, &mut traces);
    if let Some([from, to]) = area.way_out(site, near_m) {
        traces.lines.0.push(LineString(vec![from, beyond([from, to])]));
    }
    buffer(&traces, clear_m).ok().filter(|ground| surface_km2(ground) > 0.0)
}

/// The end of a way a little further on, so that it leaves no bridge of rounding.
fn beyond([from, to]: Edge) -> Coord<f64> {
    to + (to - from) * 1e-6
}

fn trace(site: &Geometry<f64>, traces: &mut Traces) {
    match site {
        Geometry::Point(point) => traces.points.push(point.0),
        Geometry::MultiPoint(points) => traces.points.extend(points.iter().map(|point| point.0)),
        Geometry::Line(line) => traces.lines.0.push(LineString(vec![line.start, line.end])),
        Geometry::LineString(line) => traces.lines.0.push(line.clone()),
        Geometry::MultiLineString(lines) => traces.lines.0.extend(lines.iter().cloned()),
        Geometry::Polygon(polygon) => traces.polygons.0.push(polygon.clone()),
        Geometry::MultiPolygon(polygons) => traces.polygons.0.extend(polygons.iter().cloned()),
        Geometry::GeometryCollection(all) => all.iter().for_each(|one| trace(one, traces)),
        Geometry::Rect(rect) => traces.polygons.0.push(rect.to_polygon()),
        Geometry::Triangle(triangle) => traces.polygons.0.push(triangle.to_polygon()),
    }
}
