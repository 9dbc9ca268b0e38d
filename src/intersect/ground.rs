//! The ground that layers of sites cover, and how much of an area it holds.
//!
//! By default a layer covers the convex hull of what it holds, widened by the distance at which its sites of a
//! service lie from each other: where the next site would be expected and is not listed, the layer ends.
//!
//! Source: METHOD §1, *Services*.

use super::repair::without;
use super::{Traces, buffer, fold, repair};
use crate::measure::{Region, surface_km2};
use crate::model::{Covers, Grounds, Mapped, Mapping, Scheme, Service, SiteClass};
use geo::{BoundingRect, Coord, LineString, MultiLineString, MultiPolygon, Polygon};
use std::collections::{BTreeMap, BTreeSet};

/// Hulls are widened by so much for classes without a service, in meters.
const USUAL_M: f64 = 2_000.0;
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
            Covers::Around(hull) if hull.is_empty() => None,
            Covers::Around(hull) => Some(Region::of(widened(hull, margin_m))),
        };
        let made = region.map(|region| {
            self.regions.push(region);
            self.regions.len() - 1
        });
        self.places.insert(key, made);
        made
    }
}

/// A hull with all ground within so many meters.
fn widened(hull: &[Coord<f64>], margin_m: f64) -> MultiPolygon<f64> {
    let none = || MultiPolygon::<f64>(Vec::new());
    let traces = |polygons, lines: Vec<LineString<f64>>, points: &[Coord<f64>]| Traces {
        polygons,
        lines: MultiLineString(lines),
        points: points.to_vec(),
    };
    let traces = match hull {
        [] => return none(),
        [_] => traces(none(), Vec::new(), hull),
        [_, _] => traces(none(), vec![LineString(hull.to_vec())], &[]),
        corners => {
            let shell = Polygon::new(LineString(corners.to_vec()), Vec::new());
            let folded = repair(&MultiPolygon(vec![shell])).and_then(fold);
            traces(folded.map_or_else(|_| none(), |folded| folded.area), Vec::new(), &[])
        }
    };
    // What cannot be widened covers its hull.
    buffer(&traces, margin_m).unwrap_or(traces.polygons)
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
    for taken in near.iter().filter_map(|region| region.area()) {
        if let (false, Ok(left)) = (rest.0.is_empty(), without(&rest, taken)) {
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
