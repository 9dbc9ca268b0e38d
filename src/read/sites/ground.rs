//! What a layer of sites maps: its classes, the ground that it covers, and what of it was lost.
//!
//! The ground is what `covers` says, else the convex hull of the layer's sites. Where sites of a service lie
//! from each other tells later how far the hull is widened. A wide gap parts the sites into groups, each with a hull
//! of its own: one place that is mistyped, or far away, maps nothing of what lies between.
//!
//! Source: METHOD §1, *Services*.

use super::super::areas::shape::{Gathered, out_of_range};
use super::super::features::{Drawn, Feature, text_of};
use super::super::place::Place;
use super::super::vector;
use super::{Found, Reading, shown};
use crate::error::{Notice, NoticeKind, Problem, ReadError, counted, grouped};
use crate::measure::sphere::{Direction, direction};
use crate::measure::{Reference, groups, median_to_next_km, to_nearest_km};
use crate::model::{
    Area, COVERS_OPTIONS, Covers, DrawnGround, Losses, Mapping, Service, Shape, Site,
};
use geo::{
    BoundingRect, ConvexHull, Coord, CoordsIter, Geometry, MultiPoint, MultiPolygon, Point, Rect,
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
/// A gap between sites parts them from so many km on.
const GAP_KM: f64 = 50.0;
/// And from so many times the step with which nearly all sites reach each other.
const STEPS: f64 = 4.0;
/// That step is found by trying ever longer ones.
const LONGER: f64 = 1.25;
/// A site wider than so many degrees lies where its vertices are.
const WIDE: f64 = 0.1;
/// So many groups of sites are told.
const TOLD: usize = 5;

impl Reading<'_> {
    /// What the layer maps, from what it gave and its sites.
    pub(super) fn mapping(
        &self,
        found: &mut Found,
        sites: &[Site],
    ) -> Result<Option<Mapping>, ReadError> {
        let entry = &self.files.entry;
        let losses = Losses { features: found.total, by_reason: found.lost.clone() };
        // A layer of which nothing could be read maps nothing; an empty one maps the ground that it names.
        if found.is_unread() || (found.records == 0 && !entry.names_ground()) {
            return Ok(None);
        }
        let groups = match &self.files.covers {
            None if entry.covers.as_deref() != Some("all") => parted(sites),
            _ => Vec::new(),
        };
        let covers = match (entry.covers.as_deref(), &self.files.covers) {
            (Some("all"), _) => Covers::Everywhere,
            (Some("bounds"), _) => Covers::Within(bounds(&sites.iter().collect::<Vec<_>>())),
            (_, Some(place)) => Covers::Drawn(self.drawn(place, found)?),
            _ => Covers::Around(groups.iter().map(|group| hull(group)).collect()),
        };
        let between = match covers {
            Covers::Within(_) => "`bounds` maps the ground between them, too",
            _ => "the ground between them is not mapped",
        };
        found.notices.extend(apart(&groups, between, &entry.path));
        Ok(Some(Mapping {
            layer: entry.path.as_str().into(),
            classes: found.mapped.clone(),
            covers,
            spacing_m: spacing_m(sites),
            losses,
        }))
    }

    /// The polygons of the file of the ground, as drawn. Features that draw none are problems.
    fn drawn(&self, place: &Place, found: &mut Found) -> Result<DrawnGround, ReadError> {
        let written = &place.written;
        let layer = self.files.entry.covers_option("layer");
        let features = vector::open(place, layer, self.terms.remote)
            .and_then(|opened| opened.all(written))
            .and_then(|features| Ok((features.reference_of(written)?, features.rows)));
        let (reference, rows) = features.map_err(|error| behind_path(error, written))?;
        let mut areas = Vec::with_capacity(rows.len());
        for (place, feature) in (1..).zip(rows) {
            let id = feature.properties.get("id").and_then(text_of).or_else(|| feature.id.clone());
            let id = id.unwrap_or_else(|| place.to_string());
            let mut area = Area { feature: place, id, ..Area::default() };
            match polygons(feature, &reference) {
                Ok((polygons, left_out)) => {
                    area.shape = Shape::drawn(polygons);
                    if left_out > 0 {
                        let left_out = counted(left_out, "member");
                        let text = format!(
                            "{}: {left_out} of its geometry, not polygons, left out",
                            area.called()
                        );
                        let kind = NoticeKind::GeometryLeftOut;
                        found.notices.push(Notice::of_file(kind, written, text));
                    }
                    areas.push(area);
                }
                Err(why) => found.problems.push(Problem::NoGeometry {
                    file: written.clone(),
                    area: area.called(),
                    feature: place,
                    found: why,
                    hint: Some(TAKE_OUT.into()),
                }),
            }
        }
        if areas.is_empty() {
            let hint = "name a file of polygons, or `covers = \"bounds\"` or `\"all\"`";
            let text = "it has no polygon of the ground that is covered";
            return Err(ReadError::unusable_hint(written, text, hint));
        }
        Ok(DrawnGround { file: written.as_str().into(), reference, areas })
    }
}

/// The way out of a feature that draws no ground.
const TAKE_OUT: &str = "draw the ground as a polygon, or take the feature out of its file";

/// The polygons of a feature, and how many members of its geometry are none; or why there is no polygon.
fn polygons(feature: Feature, reference: &Reference) -> Result<(MultiPolygon<f64>, u64), String> {
    let geometry = match feature.drawn {
        Drawn::Shape(geometry) => geometry,
        Drawn::Nothing => return Err("it has no geometry".into()),
        Drawn::Unreadable(why) => return Err(why),
    };
    let kind = match &geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => "a point, wanted a polygon",
        Geometry::GeometryCollection(_) => "a collection without a polygon",
        Geometry::Polygon(_) | Geometry::MultiPolygon(_) => "its geometry is empty",
        _ => "a line, wanted a polygon",
    };
    let Gathered { parts, members, .. } = Gathered::of(geometry);
    if parts.is_empty() {
        return Err(kind.into());
    }
    let polygons = MultiPolygon(parts);
    match out_of_range(polygons.coords_iter(), reference) {
        Some((found, _)) => Err(found),
        None => Ok((polygons, members)),
    }
}

/// An error of a file of ground, whose options stand behind its path, within quotes.
fn behind_path(error: ReadError, written: &str) -> ReadError {
    let ReadError::Unusable { path, found, hint: Some(hint) } = error else { return error };
    let is_about = |key: &&str| hint.contains(&format!("`{key} = "));
    let about = COVERS_OPTIONS.into_iter().find(is_about).zip(hint.split_once(": `"));
    let hint = about.map_or(hint.clone(), |(key, (what, _))| {
        let value = if hint.contains("EPSG:4326") { "EPSG:4326" } else { "…" };
        let ground = format!("\"{written},{key}={value}\"");
        format!("{what}: `covers = {ground}`, or `--sites 'SITES,covers={ground}'`")
    });
    ReadError::Unusable { path, found, hint: Some(hint) }
}

/// Sites in groups that no chain of short steps joins, by how many they are and then by their places; one group of
/// all sites where there is no wide gap.
///
/// # Formula
///
/// ```text
/// a gap is longer than max(50 km, 4 s); with steps of s, n sites are 2 + min(⌊(n − 2)/4⌋, max(3, ⌊n/20⌋)) groups
/// or fewer
/// ```
///
/// So all but a twentieth of the sites tell how far it is to the next. The longest step is judged by the others: two
/// groups are no reason for longer ones.
fn parted(sites: &[Site]) -> Vec<Vec<&Site>> {
    let points: Vec<(Direction, usize)> = sites
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, site)| places(site).into_iter().map(move |at| (at, place)))
        .collect();
    let by = |km: f64| groups(&points, sites.len(), km);
    let mut parted = by(GAP_KM);
    if parted.len() > 1 {
        let count = sites.len();
        let most = 2 + (count.saturating_sub(2) / 4).min((count / 20).max(3));
        let mut step = GAP_KM / STEPS;
        while by(step).len() > most {
            step *= LONGER;
        }
        parted = by(STEPS * step);
    }
    // Stable: groups are in the order of their first members.
    parted.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let of_group = |group: &Vec<usize>| group.iter().map(|place| &sites[*place]).collect();
    parted.iter().map(of_group).collect()
}

/// Where a site lies: its middle, or its vertices if it is wide.
fn places(site: &Site) -> Vec<Direction> {
    let Some(rect) = site.geometry.bounding_rect() else { return Vec::new() };
    let at = |at: Coord<f64>| {
        let at = if site.is_sensitive { of_block(at) } else { at };
        direction([at.x, at.y])
    };
    if rect.width().max(rect.height()) <= WIDE {
        return vec![at(rect.center())];
    }
    site.geometry.coords_iter().map(at).collect()
}

/// The notice about groups of sites that lie apart from the largest.
fn apart(groups: &[Vec<&Site>], between: &str, written: &str) -> Option<Notice> {
    let (_, others) = groups.split_first().filter(|(_, others)| !others.is_empty())?;
    let of_groups = |groups: &mut dyn Iterator<Item = &Vec<&Site>>| -> Vec<Direction> {
        groups.flatten().flat_map(|site| places(site)).collect()
    };
    let told = others.iter().rev().take(TOLD).map(|group| {
        let first = group.iter().find(|site| !site.is_sensitive).or(group.first())?;
        let who = match group.len() as u64 - 1 {
            0 => called(first),
            more => format!("{} and {} near it", called(first), counted(more, "more site")),
        };
        if first.is_sensitive {
            // How far it is would tell where.
            return Some(who);
        }
        let rest = &mut groups.iter().filter(|other| !std::ptr::eq(*other, group));
        let km = to_nearest_km(&of_groups(&mut std::iter::once(group)), &of_groups(rest))?;
        Some(format!("{who}, {} km from the next", grouped(km.round() as u64)))
    });
    let mut told: Vec<String> = told.flatten().collect();
    if others.len() > TOLD {
        told.push(counted((others.len() - TOLD) as u64, "more group"));
    }
    let text = format!(
        "its sites lie in {} groups far from each other, and {between}; apart from the largest: {}; a \
         place that is mistyped needs correcting, any other counts as it is, and `covers` can name the ground",
        grouped(groups.len() as u64),
        told.join("; ")
    );
    Some(Notice::of_file(NoticeKind::SitesApart, written, text))
}

/// A site by its id, its class and its place, the class alone if nobody may know where it is.
fn called(site: &Site) -> String {
    let at = site.geometry.bounding_rect().map(Rect::center).filter(|_| !site.is_sensitive);
    let id = shown(&site.id, site.class, site.is_sensitive);
    at.map_or_else(
        || format!("a {id}"),
        |at| format!("{} \"{id}\" at [{:.4}, {:.4}]", site.class.name(), at.x, at.y),
    )
}

/// The bounds of sites, as a polygon.
fn bounds(sites: &[&Site]) -> MultiPolygon<f64> {
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

/// Corners of the convex hull of sites in longitude and latitude, one after another. Of a layer on both sides of
/// ±180 the narrower hull is taken, whose longitudes run on.
fn hull(sites: &[&Site]) -> Vec<Coord<f64>> {
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

fn hull_of(sites: &[&Site], turned: impl Fn(f64) -> f64 + Sync) -> Vec<Coord<f64>> {
    let corners = |sites: &[&Site]| {
        let corners =
            sites.iter().flat_map(|&site| site.geometry.coords_iter().map(move |at| (site, at)));
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
    let mut places: [Vec<Direction>; 9] = Default::default();
    for site in sites.iter().filter(|site| !site.is_sensitive) {
        let at = site.service.and_then(|_| site.geometry.bounding_rect());
        if let (Some(service), Some(rect)) = (site.service, at) {
            places[service as usize].push(direction([rect.center().x, rect.center().y]));
        }
    }
    Service::ALL.map(|service| {
        let km = median_to_next_km(std::mem::take(&mut places[service as usize]), SAMPLE)?;
        Some((1000.0 * km).min(FAR_M))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
