//! What a layer of sites maps: its classes, the ground that it covers, and what of it was lost.
//!
//! The ground is what `covers` says, else the convex hull of the layer's sites. Where sites of a service lie
//! from each other tells later how far the hull is widened.
//!
//! Source: METHOD §1, *Services*.

use super::super::features::Drawn;
use super::super::place::{Place, Remote};
use super::super::vector;
use super::{Found, Reading};
use crate::error::ReadError;
use crate::measure::sphere::authalic_radius_km;
use crate::measure::{Reference, to_wgs84};
use crate::model::{Covers, Losses, Mapping, Service, Site};
use geo::{
    BoundingRect, ConvexHull, Coord, CoordsIter, Geometry, MapCoords, MultiPoint, MultiPolygon,
    Point, Rect,
};
use rayon::prelude::*;

/// A hull is made of hulls of so many sites.
const AT_A_TIME: usize = 1 << 13;
/// The distance to the next site is looked up for so many sites of a service, evenly chosen.
const SAMPLE: usize = 1000;
/// Beyond so many meters nobody asks how far the next site is.
const FAR_M: f64 = 50_000.0;
/// So many blocks of 30″ make a degree.
const BLOCKS: f64 = 120.0;

impl Reading<'_> {
    /// What the layer maps, from what it gave and its sites.
    pub(super) fn mapping(
        &self,
        found: &Found,
        sites: &[Site],
    ) -> Result<Option<Mapping>, ReadError> {
        let entry = &self.files.entry;
        let losses = Losses { features: found.total, by_reason: found.lost.clone() };
        // A layer of which nothing could be read maps nothing; an empty one maps the ground that it names.
        if found.is_unread() || (found.records == 0 && entry.covers.is_none()) {
            return Ok(None);
        }
        let covers = match (entry.covers.as_deref(), &self.files.covers) {
            (Some("all"), _) => Covers::Everywhere,
            (Some("bounds"), _) => Covers::Within(bounds(sites)),
            (_, Some(place)) => Covers::Within(polygons(place, self.terms.remote)?),
            _ => Covers::Around(hull(sites)),
        };
        Ok(Some(Mapping {
            layer: entry.path.as_str().into(),
            classes: found.mapped.clone(),
            covers,
            spacing_m: spacing_m(sites),
            losses,
        }))
    }
}

/// The bounds of sites, as a polygon.
fn bounds(sites: &[Site]) -> MultiPolygon<f64> {
    let corners: Vec<Point> = hull(sites).into_iter().map(Point).collect();
    let Some(rect) = MultiPoint::from(corners).bounding_rect() else {
        return MultiPolygon(Vec::new());
    };
    let (west, east) = (rect.min().x, rect.max().x);
    // Longitudes that run on come back on the other side.
    let parts =
        if east > 180.0 { vec![(west, 180.0), (-180.0, east - 360.0)] } else { vec![(west, east)] };
    let part = |(west, east)| Rect::new((west, rect.min().y), (east, rect.max().y)).to_polygon();
    parts.into_iter().map(part).collect()
}

/// The polygons of a file, in WGS 84.
fn polygons(place: &Place, remote: Remote) -> Result<MultiPolygon<f64>, ReadError> {
    let written = &place.written;
    let features = vector::open(place, None, remote)?.all(written)?;
    let reference = features.reference_of(written)?;
    let wgs84 =
        Reference::wgs84().map_err(|error| ReadError::unusable(written, error.to_string()))?;
    let mut parts = Vec::new();
    for row in features.rows {
        match row.drawn {
            Drawn::Shape(Geometry::Polygon(part)) => parts.push(part),
            Drawn::Shape(Geometry::MultiPolygon(more)) => parts.extend(more),
            _ => {}
        }
    }
    if parts.is_empty() {
        let hint = "name a file of polygons, or `covers = \"bounds\"` or `\"all\"`";
        return Err(ReadError::unusable_hint(
            written,
            "it has no polygon of the ground that is covered",
            hint,
        ));
    }
    let area = MultiPolygon(parts);
    if reference.is_same(&wgs84) {
        return Ok(area);
    }
    area.try_map_coords(|at| {
        let carried = to_wgs84(&reference, &[[at.x, at.y]]).first().copied().flatten();
        carried.map(|[x, y]| Coord { x, y }).ok_or_else(|| {
            ReadError::unusable(
                written,
                format!("[{}, {}] cannot be carried to WGS 84", at.x, at.y),
            )
        })
    })
}

/// Corners of the convex hull of sites in longitude and latitude, one after another. Of a layer on both sides of
/// ±180 the narrower hull is taken, whose longitudes run on.
fn hull(sites: &[Site]) -> Vec<Coord<f64>> {
    let as_they_are = hull_of(sites, |x| x);
    let eastward = hull_of(sites, |x| if x < 0.0 { x + 360.0 } else { x });
    let width = |corners: &[Coord<f64>]| {
        let ends = corners.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], at| {
            [least.min(at.x), most.max(at.x)]
        });
        ends[1] - ends[0]
    };
    if width(&eastward) < width(&as_they_are) { eastward } else { as_they_are }
}

fn hull_of(sites: &[Site], turned: impl Fn(f64) -> f64 + Sync) -> Vec<Coord<f64>> {
    let corners = |sites: &[Site]| {
        let corners =
            sites.iter().flat_map(|site| site.geometry.coords_iter().map(move |at| (site, at)));
        convex(corners.map(|(site, at)| {
            let at = if site.is_sensitive { of_block(at) } else { at };
            Coord { x: turned(at.x), y: at.y }
        }))
    };
    let hulls: Vec<Vec<Coord<f64>>> = sites.par_chunks(AT_A_TIME).map(corners).collect();
    convex(hulls.into_iter().flatten())
}

/// The corners of a convex hull; two or fewer for points on a line or at one place.
fn convex(points: impl Iterator<Item = Coord<f64>>) -> Vec<Coord<f64>> {
    let mut points: Vec<Coord<f64>> = points.collect();
    points.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)));
    points.dedup();
    let (Some(first), Some(last)) = (points.first().copied(), points.last().copied()) else {
        return points;
    };
    if points.len() <= 2 {
        return points;
    }
    let points: Vec<Point> = points.into_iter().map(Point).collect();
    let hull = MultiPoint::from(points).convex_hull();
    let mut corners = hull.exterior().0.clone();
    corners.pop();
    if corners.len() > 2 { corners } else { vec![first, last] }
}

/// A corner of the 30″ block in which a sensitive site lies.
fn of_block(at: Coord<f64>) -> Coord<f64> {
    Coord { x: (at.x * BLOCKS).floor() / BLOCKS, y: (at.y * BLOCKS).floor() / BLOCKS }
}

/// The median distance from one site of each service to the next, in meters.
fn spacing_m(sites: &[Site]) -> [Option<f64>; 9] {
    let mut places: [Vec<[f64; 2]>; 9] = Default::default();
    for site in sites.iter().filter(|site| !site.is_sensitive) {
        let at = site.service.and_then(|_| site.geometry.bounding_rect());
        if let (Some(service), Some(rect)) = (site.service, at) {
            places[service as usize].push([rect.center().x, rect.center().y]);
        }
    }
    Service::ALL.map(|service| median_to_next_m(std::mem::take(&mut places[service as usize])))
}

/// The median distance from one place to the next, in meters on the sphere; `None` for fewer than two.
fn median_to_next_m(mut places: Vec<[f64; 2]>) -> Option<f64> {
    if places.len() < 2 {
        return None;
    }
    places.sort_by(|a, b| a[1].total_cmp(&b[1]).then(a[0].total_cmp(&b[0])));
    let step = places.len().div_ceil(SAMPLE);
    let next = |place: usize| {
        let at = places[place];
        let mut nearest = FAR_M;
        // Latitudes alone tell that all others are farther.
        for others in [
            &mut places[..place].iter().rev() as &mut dyn Iterator<Item = _>,
            &mut places[place + 1..].iter(),
        ] {
            for other in others {
                if meters([at[0], other[1]], at) >= nearest {
                    break;
                }
                nearest = nearest.min(meters(*other, at));
            }
        }
        nearest
    };
    let chosen: Vec<usize> = (0..places.len()).step_by(step).collect();
    let mut nearest: Vec<f64> = chosen.into_par_iter().map(next).collect();
    nearest.sort_by(f64::total_cmp);
    let middle = nearest.len() / 2;
    let is_even = nearest.len().is_multiple_of(2);
    Some(if is_even {
        f64::midpoint(nearest[middle - 1], nearest[middle])
    } else {
        nearest[middle]
    })
}

/// Meters between two places on the sphere.
fn meters(a: [f64; 2], b: [f64; 2]) -> f64 {
    let [lon, lat] = [(b[0] - a[0]).to_radians(), (b[1] - a[1]).to_radians()];
    let (sin_lat, sin_lon) = ((lat / 2.0).sin(), (lon / 2.0).sin());
    let across = a[1].to_radians().cos() * b[1].to_radians().cos() * sin_lon * sin_lon;
    2000.0 * authalic_radius_km() * (sin_lat * sin_lat + across).sqrt().min(1.0).asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_that_of_the_distances_to_the_next() {
        assert_eq!(median_to_next_m(vec![[1.0, 2.0]]), None);
        let degree = 1000.0 * authalic_radius_km().to_radians();
        let of =
            |lons: &[f64]| median_to_next_m(lons.iter().map(|lon| [*lon, 0.0]).collect()).unwrap();
        assert!((of(&[0.0, 0.1, 0.3]) - 0.1 * degree).abs() < 1e-6);
        assert!((of(&[0.0, 0.1, 0.3, 0.5]) - 0.15 * degree).abs() < 1e-6);
        assert!((of(&[0.0, 10.0]) - FAR_M).abs() < 1e-6, "farther than anybody asks");
        let many: Vec<[f64; 2]> =
            (0..40_000).map(|i| [0.001 * f64::from(i % 200), 0.001 * f64::from(i / 200)]).collect();
        assert!((median_to_next_m(many).unwrap() - 0.001 * degree).abs() < 0.01 * degree * 0.001);
    }

    #[test]
    fn a_hull_has_corners_and_degenerates_to_a_line_and_a_point() {
        let of =
            |points: &[[f64; 2]]| convex(points.iter().map(|[x, y]| Coord { x: *x, y: *y })).len();
        assert_eq!(of(&[]), 0);
        assert_eq!(of(&[[1.0, 1.0], [1.0, 1.0]]), 1);
        assert_eq!(of(&[[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), 2);
        assert_eq!(of(&[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [2.0, 2.0]]), 4);
    }
}
