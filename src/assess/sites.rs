//! The sites that an area touches and what each adds to it; sites of rings and near by.

use super::prepare::Around;
use super::row::Context;
use super::tally::{Part, presence};
use crate::index::SiteIndex;
use crate::intersect::Footprint;
use crate::measure::margin_degrees;
use crate::model::{Counted, Scheme, Site, Sites};
use geo::{Geometry, MultiPolygon};

/// The sites that a footprint touches, a part each, sorted by place; and those that lie near it, if it is asked.
pub(super) struct Found {
    pub(super) parts: Vec<Part>,
    pub(super) adjacent: Vec<(usize, f64)>,
}

impl Found {
    /// The places of the sites touched, ascending.
    pub(super) fn touched(&self) -> Vec<usize> {
        self.parts.iter().map(|part| part.place).collect()
    }
}

/// Finds the sites that a footprint touches; places of the day have their people for a share of the time.
pub(super) fn sites(
    area: &MultiPolygon<f64>,
    (sites, index): (&Sites, &SiteIndex),
    by_day: f64,
    context: &Context,
) -> Found {
    let (touched, footprint) = touched(area, sites, index);
    let part = |place: &usize| {
        let site = sites.sites.get(*place)?;
        Some(part_of(*place, site, footprint.as_ref()?, (by_day, context.scheme)))
    };
    let parts = touched.iter().filter_map(part).collect();
    let adjacent =
        context.adjacent_m.map(|meters| adjacent(area, &touched, (sites, index), meters));
    Found { parts, adjacent: adjacent.unwrap_or_default() }
}

fn part_of(
    place: usize,
    site: &Site,
    footprint: &Footprint,
    (by_day, scheme): (f64, &Scheme),
) -> Part {
    let load = site.tier.map_or(0.0, |tier| scheme.load(tier));
    let is_measured = match site.class.counted() {
        // Per km or 1: only a line has a length.
        Counted::PerKm => is_line(&site.geometry),
        Counted::PerKm2 => true,
        Counted::Each | Counted::Context => false,
    };
    let load = match site.class.counted() {
        Counted::Context => 0.0,
        _ if is_measured && load > 0.0 => load * footprint.amount(&site.geometry),
        _ => load,
    };
    let share = if site.class.is_day() { by_day } else { 1.0 };
    let occupants = if site.class.is_place_bound() { share * site.occupants() } else { 0.0 };
    Part {
        place,
        class: site.class,
        tier: site.tier,
        confidence: site.confidence,
        load,
        is_measured,
        occupants,
        in_raster: site.in_raster.unwrap_or_default(),
    }
}

/// The sites that an area does not touch and that lie within so many meters of it, ascending, each with its
/// distance.
fn adjacent(
    area: &MultiPolygon<f64>,
    touched: &[usize],
    (sites, index): (&Sites, &SiteIndex),
    meters: f64,
) -> Vec<(usize, f64)> {
    let around = near(area, index, meters);
    let around: Vec<usize> =
        around.into_iter().filter(|place| touched.binary_search(place).is_err()).collect();
    let footprint = (!around.is_empty()).then(|| Footprint::new(area)).flatten();
    let Some(footprint) = footprint else { return Vec::new() };
    let apart = |place: usize| {
        let site = sites.sites.get(place)?;
        Some((place, footprint.apart_m(&site.geometry, meters)?))
    };
    around.into_iter().filter_map(apart).collect()
}

/// The sites that an area touches, ascending, and the area prepared if there is any near.
fn touched<'a>(
    area: &'a MultiPolygon<f64>,
    sites: &Sites,
    index: &SiteIndex,
) -> (Vec<usize>, Option<Footprint<'a>>) {
    let mut touched = near(area, index, 0.0);
    // An area without a site near is not worth preparing.
    let footprint = (!touched.is_empty()).then(|| Footprint::new(area)).flatten();
    touched.retain(|place| {
        let site = sites.sites.get(*place);
        site.zip(footprint.as_ref())
            .is_some_and(|(site, footprint)| footprint.touches(&site.geometry))
    });
    (touched, footprint)
}

/// Sites of the best set in each ring around an area, by tier: touched by what lies within its distance,
/// and by nothing before.
pub(super) fn rings(
    around: &[Result<Around, String>],
    own: &[usize],
    (sites, index): (&Sites, &SiteIndex),
    scheme: &Scheme,
) -> Vec<Option<[u64; 4]>> {
    let mut before = own.to_vec();
    let ring = |around: &Result<Around, String>| {
        let around = around.as_ref().ok()?;
        let (within, _) = touched(&around.footprint, sites, index);
        let mut tiers = [0; 4];
        for place in within.iter().filter(|place| before.binary_search(place).is_err()) {
            let Some(site) = sites.sites.get(*place) else { continue };
            let is_there = presence(site.confidence, &scheme.existence).best > 0.0;
            if let Some(tier) = site.tier.filter(|_| is_there) {
                tiers[tier as usize] += 1;
            }
        }
        before = within;
        Some(tiers)
    };
    around.iter().map(ring).collect()
}

/// The sites whose bounds come within so many meters of those of some part of an area, ascending. Parts on both
/// sides of ±180 would have the whole earth for common bounds.
fn near(area: &MultiPolygon<f64>, index: &SiteIndex, meters: f64) -> Vec<usize> {
    let bounds = super::prepare::bounds(area);
    let is_one = bounds.is_none_or(|[west, _, east, _]| east - west <= 180.0);
    let parts = area.iter().filter(|_| !is_one).filter_map(super::prepare::bounds);
    let bounds = bounds.filter(|_| is_one).into_iter().chain(parts);
    let mut found: Vec<usize> = Vec::new();
    for [west, south, east, north] in bounds {
        let [lon, lat] = margin_degrees(meters, [south, north]);
        let (west, east) = (west - lon, east + lon);
        // What lies near ±180 may lie on the other side.
        let beyond = [(360.0, west < -180.0), (-360.0, east > 180.0)];
        let turns = beyond.into_iter().filter(|(_, is_beyond)| *is_beyond).map(|(turn, _)| turn);
        for turn in turns.chain([0.0]) {
            found.append(&mut index.find([west + turn, south - lat, east + turn, north + lat]));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn is_line(geometry: &Geometry<f64>) -> bool {
    matches!(geometry, Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_))
}
