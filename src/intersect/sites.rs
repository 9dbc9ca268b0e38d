//! Sites in an area: which it touches, and how much of each.
//!
//! A site is touched if it shares a point with the area, its border included. Points are decided by
//! counting the edges east of them among those that cross their parallel; lines and polygons by their
//! vertices first, and by `geo`'s intersection test where no vertex lies inside.

use crate::measure::{
    Edge, bounds_and, edges as edges_of, edges_apart_m, meets, nearest_points, surface_km2,
};
use geo::{
    BooleanOps, BoundingRect, Coord, CoordsIter, Geodesic, Geometry, Intersects, Length,
    LineString, MapCoords, MultiLineString, MultiPolygon,
};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An area in WGS 84, prepared to be asked about many sites.
#[derive(Debug)]
pub struct Footprint<'a> {
    area: &'a MultiPolygon<f64>,
    bounds: [f64; 4],
    edges: Vec<Edge>,
    /// Edges that meet each of the equal strips of latitude, by place in `edges`.
    strips: Vec<Vec<u32>>,
}

impl<'a> Footprint<'a> {
    /// Prepares an area that is valid; `None` if it is empty.
    #[must_use]
    pub fn new(area: &'a MultiPolygon<f64>) -> Option<Self> {
        let rect = area.bounding_rect()?;
        let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        let rings =
            area.0.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
        let edges: Vec<_> =
            rings.flat_map(LineString::lines).map(|line| [line.start, line.end]).collect();
        let mut strips = vec![Vec::new(); strips_for(&edges, bounds)];
        for (place, [from, to]) in (0u32..).zip(&edges) {
            let first = strip(bounds, strips.len(), from.y.min(to.y));
            let last = strip(bounds, strips.len(), from.y.max(to.y));
            for edges in strips.iter_mut().take(last + 1).skip(first) {
                edges.push(place);
            }
        }
        Some(Self { area, bounds, edges, strips })
    }

    /// Its bounds: west, south, east, north.
    #[must_use]
    pub const fn bounds(&self) -> [f64; 4] {
        self.bounds
    }

    /// Whether the site and the area share a point. Longitudes of the site may run on beyond ±180.
    #[must_use]
    pub fn touches(&self, site: &Geometry<f64>) -> bool {
        let touches = |site: &Geometry<f64>| match site {
            Geometry::Point(point) => self.holds(point.0),
            Geometry::MultiPoint(points) => points.iter().any(|point| self.holds(point.0)),
            other => other.coords_iter().any(|at| self.holds(at)) || self.area.intersects(other),
        };
        touches(site) || copies(site).any(|copy| touches(&copy))
    }

    /// How far a site that the area does not touch lies from it, in meters (geodesic); `None` beyond `within_m`.
    #[must_use]
    pub fn apart_m(&self, site: &Geometry<f64>, within_m: f64) -> Option<f64> {
        // What lies at ±180 is near to what lies on the other side.
        let [west, _, east, _] = bounds_and(site, within_m)?;
        let turns = [-360.0, 360.0].into_iter();
        let turns =
            turns.filter(|turn| west + turn <= self.bounds[2] && east + turn >= self.bounds[0]);
        let apart = turns
            .map(|turn| moved(site, turn))
            .filter_map(|copy| self.edges_apart_m(&copy, within_m));
        let apart = self.edges_apart_m(site, within_m).into_iter().chain(apart);
        apart.min_by(f64::total_cmp).filter(|meters| *meters <= within_m)
    }

    /// The same for a site at the longitudes it is written with.
    fn edges_apart_m(&self, site: &Geometry<f64>, within_m: f64) -> Option<f64> {
        edges_apart_m(&self.edges_near(site, within_m), &edges_of(site))
    }

    /// The way from a site to the nearest point of the border, if that is within so many meters; at the
    /// longitudes the site is written with.
    #[must_use]
    pub fn way_out(&self, site: &Geometry<f64>, within_m: f64) -> Option<Edge> {
        nearest_points(&self.edges_near(site, within_m), &edges_of(site))
    }

    /// The edges within so many meters of a site. Only those of its latitudes are looked at.
    fn edges_near(&self, site: &Geometry<f64>, within_m: f64) -> Vec<Edge> {
        self.edges_around(site, within_m).unwrap_or_default()
    }

    fn edges_around(&self, site: &Geometry<f64>, within_m: f64) -> Option<Vec<Edge>> {
        let [west, south, east, north] = bounds_and(site, within_m)?;
        let [own_west, own_south, own_east, own_north] = self.bounds;
        if west > own_east || east < own_west || south > own_north || north < own_south {
            return None;
        }
        let first = strip(self.bounds, self.strips.len(), south);
        let last = strip(self.bounds, self.strips.len(), north);
        let mut places: Vec<u32> =
            self.strips.iter().take(last + 1).skip(first).flatten().copied().collect();
        places.sort_unstable();
        places.dedup();
        let edges = places.iter().filter_map(|place| self.edges.get(*place as usize));
        let window = [west, south, east, north];
        Some(edges.filter(|edge| meets(edge, window)).copied().collect())
    }

    /// Whether a point lies inside or on the border.
    fn holds(&self, at: Coord<f64>) -> bool {
        let [west, south, east, north] = self.bounds;
        if at.x < west || at.x > east || at.y < south || at.y > north {
            return false;
        }
        let mut inside = false;
        let places = self.strips.get(strip(self.bounds, self.strips.len(), at.y));
        for &place in places.into_iter().flatten() {
            let Some([from, to]) = self.edges.get(place as usize) else { continue };
            let (low, high) = if from.y <= to.y { (from, to) } else { (to, from) };
            if at.y < low.y || at.y > high.y {
                continue;
            }
            // Twice the signed area of the triangle (low, high, at): positive left of the edge.
            let side = (high.x - low.x) * (at.y - low.y) - (at.x - low.x) * (high.y - low.y);
            if side == 0.0 && at.x >= from.x.min(to.x) && at.x <= from.x.max(to.x) {
                return true;
            }
            // An edge counts its lower end, not its upper, so that a vertex is counted once.
            if at.y < high.y && side > 0.0 {
                inside = !inside;
            }
        }
        inside
    }

    /// How much of a site that is measured, not counted, lies inside: kilometers (geodesic) of a
    /// line, km² (on the ellipsoid) of a polygon, 1 for a point.
    #[must_use]
    pub fn amount(&self, site: &Geometry<f64>) -> f64 {
        let amount = self.amount_of(site);
        let is_one = matches!(site, Geometry::Point(_) | Geometry::MultiPoint(_));
        if is_one {
            return amount;
        }
        amount + copies(site).map(|copy| self.amount_of(&copy)).sum::<f64>()
    }

    fn amount_of(&self, site: &Geometry<f64>) -> f64 {
        match site {
            Geometry::LineString(line) => self.length_km(&MultiLineString(vec![line.clone()])),
            Geometry::MultiLineString(lines) => self.length_km(lines),
            Geometry::Polygon(polygon) => self.shared_km2(&MultiPolygon(vec![polygon.clone()])),
            Geometry::MultiPolygon(polygons) => self.shared_km2(polygons),
            _ => 1.0,
        }
    }

    fn length_km(&self, lines: &MultiLineString<f64>) -> f64 {
        let inside = catch_unwind(AssertUnwindSafe(|| self.area.clip(lines, false)));
        // Where clipping fails the whole line is counted: too much is the safe side.
        inside.as_ref().unwrap_or(lines).0.iter().map(|line| Geodesic.length(line)).sum::<f64>()
            / 1000.0
    }

    fn shared_km2(&self, polygons: &MultiPolygon<f64>) -> f64 {
        let shared = catch_unwind(AssertUnwindSafe(|| self.area.intersection(polygons)));
        surface_km2(shared.as_ref().unwrap_or(polygons))
    }
}

/// The copies of a site that lie on the other side of ±180: none, unless it lies there or runs on beyond.
fn copies(site: &Geometry<f64>) -> impl Iterator<Item = Geometry<f64>> {
    let is_beyond = |turn: &f64| match turn.signum() {
        west if west < 0.0 => site.coords_iter().any(|at| at.x >= 180.0),
        _ => site.coords_iter().any(|at| at.x <= -180.0),
    };
    [-360.0, 360.0].into_iter().filter(is_beyond).map(|turn| moved(site, turn))
}

/// A site so many degrees east.
fn moved(site: &Geometry<f64>, turn: f64) -> Geometry<f64> {
    site.map_coords(|at| Coord { x: at.x + turn, y: at.y })
}

/// How many strips suit the edges: a quarter of them, fewer where edges are tall, so that there are at
/// most about four entries an edge.
fn strips_for(edges: &[[Coord<f64>; 2]], [_, south, _, north]: [f64; 4]) -> usize {
    let heights: f64 = edges.iter().map(|[from, to]| (from.y - to.y).abs()).sum();
    let few = 3.0 * edges.len() as f64 * (north - south) / heights.max(f64::MIN_POSITIVE);
    (edges.len() / 4).min(few as usize).clamp(1, 4096)
}

/// The strip of a latitude, among so many.
fn strip([_, south, _, north]: [f64; 4], strips: usize, latitude: f64) -> usize {
    let share = (latitude - south) / (north - south).max(f64::MIN_POSITIVE);
    ((share * strips as f64) as usize).min(strips - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{line_string, point, polygon};

    fn ring_with_hole() -> MultiPolygon<f64> {
        let outer = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0), (x: 0.0, y: 4.0)],
            interiors: [[(x: 1.0, y: 1.0), (x: 1.0, y: 3.0), (x: 3.0, y: 3.0), (x: 3.0, y: 1.0)]],
        );
        MultiPolygon(vec![outer])
    }

    #[test]
    fn a_point_on_the_border_is_touched_and_one_in_the_hole_is_not() {
        let area = ring_with_hole();
        let footprint = Footprint::new(&area).unwrap();
        let touched = |x: f64, y: f64| footprint.touches(&Geometry::Point(point!(x: x, y: y)));
        assert!(touched(0.5, 0.5) && touched(0.0, 2.0) && touched(4.0, 4.0) && touched(1.0, 2.0));
        assert!(touched(3.5, 1.0) && touched(0.5, 3.0), "level with a vertex");
        assert!(!touched(2.0, 2.0) && !touched(4.1, 2.0) && !touched(-0.1, 1.0));
    }

    #[test]
    fn a_line_that_only_passes_through_is_touched() {
        let area = ring_with_hole();
        let footprint = Footprint::new(&area).unwrap();
        let through = line_string![(x: -1.0, y: 2.0), (x: 5.0, y: 2.0)];
        let inside_hole = line_string![(x: 1.5, y: 2.0), (x: 2.5, y: 2.0)];
        assert!(footprint.touches(&Geometry::LineString(through.clone())));
        assert!(!footprint.touches(&Geometry::LineString(inside_hole)));
        let half = footprint.amount(&Geometry::LineString(through));
        let degree = Geodesic.length(&line_string![(x: 0.0, y: 2.0), (x: 1.0, y: 2.0)]) / 1000.0;
        assert!((half - 2.0 * degree).abs() < 1e-3, "{half} is not two degrees of {degree} km");
    }
}
