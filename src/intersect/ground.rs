//! The ground that layers of sites cover, and how much of an area it holds.
//!
//! By default a layer covers the convex hull of what it holds, widened by the distance at which its sites of a
//! service lie from each other: where the next site would be expected and is not listed, the layer ends.
//!
//! Source: METHOD §1, *Services*.

use super::repair::without;
use super::{fold, repair};
use crate::measure::sphere::authalic_radius_km;
use crate::measure::{Region, surface_km2};
use crate::model::{Covers, Grounds, Mapped, Mapping, Scheme, Service, SiteClass};
use geo::{BoundingRect, ConvexHull, Coord, MultiPoint, MultiPolygon, Point, Polygon};
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::{PI, TAU};

/// Hulls are widened by so much for classes without a service, in meters.
const USUAL_M: f64 = 2_000.0;
/// Corners of the circle around a corner of a hull.
const CORNERS: u32 = 64;
/// A class is mapped in all of an area from this share of its surface on.
const ALL: f64 = 0.99;
/// Less than this share is nothing.
const NOTHING: f64 = 1e-9;

/// The grounds of what layers map.
///
/// # Formula
///
/// ```text
/// margin of a service = median distance between its sites, at least R/5 and at most R/2; 2 km without a reach R
/// ```
#[must_use]
pub fn grounds(mappings: &[Mapping], scheme: &Scheme) -> Grounds {
    let mut made = Made::default();
    let mut by_class: [Vec<usize>; SiteClass::ALL.len()] = std::array::from_fn(|_| Vec::new());
    let mut by_service: [Vec<usize>; 9] = Default::default();
    let mut incomplete = Vec::new();
    for (place, mapping) in mappings.iter().enumerate() {
        for class in &mapping.classes {
            let region = made.region(place, mapping, margin_m(mapping, class.service(), scheme));
            by_class[*class as usize].extend(region);
        }
        for service in Service::ALL.into_iter().filter(|of| yields(mapping, *of)) {
            let region = made.region(place, mapping, margin_m(mapping, Some(service), scheme));
            by_service[service as usize].extend(region);
        }
        if mapping.losses.is_incomplete() {
            let margins = Service::ALL.map(|service| margin_m(mapping, Some(service), scheme));
            let widest = margins.into_iter().fold(USUAL_M, f64::max);
            incomplete.extend(made.region(place, mapping, widest).map(|region| (place, region)));
        }
    }
    let mut same: BTreeMap<Vec<usize>, BTreeSet<SiteClass>> = BTreeMap::new();
    for (class, regions) in SiteClass::ALL.into_iter().zip(by_class) {
        if !regions.is_empty() {
            same.entry(regions).or_default().insert(class);
        }
    }
    let regions = made.regions;
    Grounds { regions, by_class: same.into_iter().collect(), by_service, incomplete }
}

/// Whether a layer can yield sites of a service.
fn yields(mapping: &Mapping, service: Service) -> bool {
    mapping.classes.iter().any(|class| class.can_serve(service))
}

/// How far a hull is widened for a service, in whole meters.
fn margin_m(mapping: &Mapping, service: Option<Service>, scheme: &Scheme) -> f64 {
    let reach = service.and_then(|service| Some((service, scheme.radius_km(service)?)));
    let Some((service, km)) = reach else { return USUAL_M };
    let spacing = mapping.spacing_m[service as usize].unwrap_or(0.0);
    spacing.clamp(200.0 * km, 500.0 * km).round().max(1.0)
}

/// Regions, each made once.
#[derive(Default)]
struct Made {
    regions: Vec<Region>,
    places: BTreeMap<(usize, u64), Option<usize>>,
}

impl Made {
    /// The place of the region of a layer for a margin; none for a layer that covers nothing.
    fn region(&mut self, place: usize, mapping: &Mapping, margin_m: f64) -> Option<usize> {
        let is_widened = matches!(mapping.covers, Covers::Around(_));
        let key = (place, if is_widened { margin_m as u64 } else { 0 });
        if let Some(known) = self.places.get(&key) {
            return *known;
        }
        let region = match &mapping.covers {
            Covers::Everywhere => Some(Region::everywhere()),
            Covers::Within(area) => Some(Region::of(area.clone())),
            Covers::Drawn(_) => None,
            Covers::Around(hulls) if hulls.is_empty() => None,
            Covers::Around(hulls) => Some(Region::of(widened(hulls, margin_m))),
        };
        let made = region.map(|region| {
            self.regions.push(region);
            self.regions.len() - 1
        });
        self.places.insert(key, made);
        made
    }
}

/// Hulls with all ground within so many meters: the convex hulls of circles around their corners. Between two
/// corners they reach as far or farther, since degrees of longitude shrink towards the poles.
fn widened(hulls: &[Vec<Coord<f64>>], margin_m: f64) -> MultiPolygon<f64> {
    let around = |hull: &Vec<Coord<f64>>| {
        let points = hull.iter().flat_map(|at| circle(*at, margin_m)).map(Point);
        points.collect::<MultiPoint>().convex_hull()
    };
    let wide: MultiPolygon =
        hulls.iter().map(around).filter(|hull| !hull.exterior().0.is_empty()).collect();
    let folded = repair(&wide).and_then(fold);
    folded.map_or(wide, |folded| folded.area)
}

/// Points around a circle on the sphere, the circle within the lines between them; longitudes run on.
fn circle(center: Coord<f64>, radius_m: f64) -> Vec<Coord<f64>> {
    let step = TAU / f64::from(CORNERS);
    let angle = radius_m / (1000.0 * authalic_radius_km() * (step / 2.0).cos());
    let (sin_lat, cos_lat) = center.y.to_radians().sin_cos();
    let (sin, cos) = angle.sin_cos();
    let at = |corner| {
        let (east, north) = (step * f64::from(corner)).sin_cos();
        let up = sin_lat * cos + cos_lat * sin * north;
        let turned = (east * sin * cos_lat).atan2(cos - sin_lat * up);
        Coord { x: center.x + turned.to_degrees(), y: up.asin().to_degrees() }
    };
    let mut corners: Vec<Coord<f64>> = (0..CORNERS).map(at).collect();
    // A circle around a pole holds all longitudes.
    if center.y.abs().to_radians() + angle >= PI / 2.0 {
        let pole = 90f64.copysign(center.y);
        corners.extend([-180.0, 180.0].map(|turn| Coord { x: center.x + turn, y: pole }));
    }
    corners
}

/// How far each class is mapped in an area, in the order of [`SiteClass::ALL`].
#[must_use]
pub fn mapped_in(area: &MultiPolygon<f64>, grounds: &Grounds) -> [Mapped; SiteClass::ALL.len()] {
    let mut mapped = [Mapped::Nothing; SiteClass::ALL.len()];
    for (places, classes) in &grounds.by_class {
        let regions = places.iter().filter_map(|place| grounds.regions.get(*place));
        let held = held(area, &regions.collect::<Vec<_>>());
        for class in classes {
            mapped[*class as usize] = held;
        }
    }
    mapped
}

/// Whether an area comes near a region.
#[must_use]
pub fn is_near(area: &MultiPolygon<f64>, region: &Region) -> bool {
    area.iter().filter_map(bounds).any(|of| region.holds_box(of) != Some(false))
}

/// The ground of an area that no region holds.
#[derive(Debug, Clone)]
pub enum Unheld {
    /// All of it.
    Whole,
    /// Part of it, or none; in WGS 84.
    Rest(MultiPolygon<f64>),
}

/// The ground of an area on which nobody has looked for classes that are mapped on the same grounds, in the order of
/// [`Grounds::by_class`].
#[must_use]
pub fn unmapped_in(area: &MultiPolygon<f64>, grounds: &Grounds) -> Vec<Unheld> {
    let of = |(places, _): &(Vec<usize>, BTreeSet<SiteClass>)| {
        let regions = places.iter().filter_map(|place| grounds.regions.get(*place));
        unheld(area, &regions.collect::<Vec<_>>())
    };
    grounds.by_class.iter().map(of).collect()
}

/// The ground of an area that none of some regions holds.
fn unheld(area: &MultiPolygon<f64>, regions: &[&Region]) -> Unheld {
    let boxes: Vec<[f64; 4]> = area.iter().filter_map(bounds).collect();
    let all = |region: &Region, of: bool| boxes.iter().all(|at| region.holds_box(*at) == Some(of));
    if regions.iter().any(|region| all(region, true)) {
        return Unheld::Rest(MultiPolygon(Vec::new()));
    }
    let near: Vec<_> = regions.iter().filter(|region| !all(region, false)).collect();
    if near.is_empty() {
        return Unheld::Whole;
    }
    let mut rest = area.clone();
    for taken in near.iter().filter_map(|region| region.near(&boxes)) {
        if let (false, Ok(left)) = (rest.0.is_empty(), without(&rest, &taken)) {
            rest = left;
        }
    }
    Unheld::Rest(rest)
}

/// How much of an area some regions hold together.
fn held(area: &MultiPolygon<f64>, regions: &[&Region]) -> Mapped {
    let Unheld::Rest(rest) = unheld(area, regions) else { return Mapped::Nothing };
    if rest.0.is_empty() {
        return Mapped::All;
    }
    let share = 1.0 - surface_km2(&rest) / surface_km2(area).max(f64::MIN_POSITIVE);
    match share {
        share if share >= ALL => Mapped::All,
        share if share > NOTHING => Mapped::Part(share.min(1.0)),
        _ => Mapped::Nothing,
    }
}

/// West, south, east and north of a part.
fn bounds(part: &Polygon<f64>) -> Option<[f64; 4]> {
    let rect = part.bounding_rect()?;
    Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{LineString, Rect, polygon};

    /// A star of so many vertices about 20, 50.
    fn star(vertices: u32) -> MultiPolygon<f64> {
        let at = |step: u32| {
            let angle = TAU * f64::from(step) / f64::from(vertices);
            let radius = 8.0 * (1.0 + 0.02 * (40.0 * angle).sin());
            (20.0 + radius * angle.cos(), 50.0 + radius * angle.sin())
        };
        let ring: LineString<f64> = (0..vertices).map(at).collect();
        let hole = polygon![(x: 27.0, y: 50.5), (x: 28.0, y: 50.5), (x: 27.5, y: 51.5)];
        MultiPolygon(vec![Polygon::new(ring, vec![hole.exterior().clone()])])
    }

    #[test]
    fn ground_of_many_vertices_holds_of_an_area_what_it_holds_whole() {
        let ground = star(10_000);
        let region = Region::of(ground.clone());
        for (west, south) in [(27.2, 50.0), (26.9, 49.0), (12.0, 49.5), (19.0, 57.9), (11.0, 42.0)]
        {
            let area = Rect::new((west, south), (west + 2.0, south + 1.5)).to_polygon();
            let area = MultiPolygon(vec![area]);
            let rest = surface_km2(&without(&area, &ground).unwrap());
            let wanted = 1.0 - rest / surface_km2(&area);
            match held(&area, &[&region]) {
                Mapped::Part(share) => assert!((share - wanted).abs() < 1e-6, "{share} {wanted}"),
                Mapped::All => assert!(wanted >= ALL),
                Mapped::Nothing => assert!(wanted.abs() < 1e-6),
            }
        }
    }

    #[test]
    fn the_ground_around_a_site_is_a_circle_wherever_it_lies() {
        for (x, y) in [(20.0, 50.0), (0.0, 0.0), (179.95, -17.0), (-180.0, 65.0), (15.0, -80.0)] {
            for meters in [2_000.0, 25_000.0] {
                let made = widened(&[vec![Coord { x, y }]], meters);
                let ratio = surface_km2(&made) * 1e6 / (PI * meters * meters);
                assert!((0.99..1.01).contains(&ratio), "{x} {y} {meters}: {ratio}");
                let region = Region::of(made);
                assert!(region.holds([x, y]));
                let north = meters / 111_700.0;
                assert!(
                    region.holds([x, y + 0.99 * north]) && !region.holds([x, y + 1.02 * north])
                );
            }
        }
        // Around a pole it holds at least the circle.
        let region = Region::of(widened(&[vec![Coord { x: 10.0, y: 89.99 }]], 5_000.0));
        assert!([-179.0, -100.0, 0.0, 100.0].iter().all(|x| region.holds([*x, 89.97])));
    }

    #[test]
    fn hulls_that_overlap_are_one_ground() {
        let square = |west: f64| {
            let corners = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)];
            corners.map(|(x, y)| Coord { x: west + x, y }).to_vec()
        };
        let point = vec![Coord { x: 0.7, y: 0.5 }];
        let line = vec![Coord { x: 0.5, y: 0.5 }, Coord { x: 0.6, y: 0.5 }];
        let made = widened(&[square(0.0), square(0.5), point, line], 1000.0);
        assert_eq!(made.0.len(), 1);
        assert!(Region::of(made).holds([0.75, 0.5]), "twice is not never");
    }
}
