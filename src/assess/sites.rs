//! Burdens of the sites that an area touches: load, occupants, and the gravest tier, at each bound.

use super::prepare::Around;
use super::row::Context;
use crate::index::SiteIndex;
use crate::intersect::Footprint;
use crate::measure::{Fixed, Sum, margin_degrees};
use crate::model::{
    Burden, Counted, ExistenceRule, InRaster, Scheme, Site, SiteClass, SiteCounts, Sites, Tier,
};
use geo::{Geometry, MultiPolygon};

/// What the sites of one area amount to.
pub(super) struct Found {
    /// For the row.
    pub(super) counts: SiteCounts,
    /// Occupants whom the population raster does not count, or may not.
    pub(super) uncounted: Burden,
    /// The gravest tier of the low, best and high set.
    pub(super) gravest: [Option<Tier>; 3],
}

/// Finds the sites that a footprint touches and adds them up; and those that lie near it, if it is asked.
///
/// # Formula
///
/// ```text
/// U = Σ u_tier(i) + min(30, Σ u_tier(j)·amount_j)    i counted as 1, j measured in km or km²
/// G = Σ occupants of place-bound sites    of schools and the like times the share of day
/// low: p ≥ 0.9, best: p ≥ 0.5, high: p > 0
/// ```
pub(super) fn sites(
    area: &MultiPolygon<f64>,
    (sites, index): (&Sites, &SiteIndex),
    by_day: f64,
    context: &Context,
) -> Found {
    let scheme = context.scheme;
    let (touched, footprint) = touched(area, sites, index);
    let mut sums = Sums { by_day, ..Sums::default() };
    for site in touched.iter().filter_map(|place| sites.sites.get(*place)) {
        if let Some(footprint) = &footprint {
            sums.add(site, footprint, scheme);
        }
    }
    let adjacent =
        context.adjacent_m.map(|meters| adjacent(area, &touched, (sites, index), meters));
    sums.found(scheme, touched, adjacent.unwrap_or_default())
}

/// A sum at each bound, the same whatever the order of what is added.
#[derive(Default)]
struct Total([Sum; 3]);

impl Total {
    fn add(&mut self, amount: f64, there: Burden) {
        let steps = Fixed::from_people(amount).unwrap_or(Fixed(i64::MAX));
        for (sum, there) in self.0.iter_mut().zip([there.low, there.best, there.high]) {
            sum.add_share(there, steps);
        }
    }

    fn burden(&self) -> Burden {
        let [low, best, high] = self.0.map(Sum::people);
        Burden { low, best, high }
    }
}

/// What is added up of the sites of one area.
#[derive(Default)]
struct Sums {
    /// The share of the time in which places of the day have their people.
    by_day: f64,
    tiers: [u64; 4],
    classes: Classes,
    counted: Total,
    measured: Total,
    vulnerable: Total,
    uncounted: Total,
    gravest: [Option<Tier>; 3],
}

/// How many sites there are of each class.
struct Classes([u64; SiteClass::ALL.len()]);

impl Default for Classes {
    fn default() -> Self {
        Self([0; SiteClass::ALL.len()])
    }
}

impl Sums {
    fn add(&mut self, site: &Site, footprint: &Footprint, scheme: &Scheme) {
        let there = presence(site.confidence, &scheme.existence);
        if there.best > 0.0 {
            self.classes.0[site.class as usize] += 1;
            if let Some(tier) = site.tier {
                self.tiers[tier as usize] += 1;
            }
        }
        if let Some(tier) = site.tier {
            let load = scheme.load(tier);
            match site.class.counted() {
                Counted::Each => self.counted.add(load, there),
                // Per km or 1: only a line has a length.
                Counted::PerKm if !is_line(&site.geometry) => self.counted.add(load, there),
                Counted::PerKm | Counted::PerKm2 => {
                    self.measured.add(load * footprint.amount(&site.geometry), there);
                }
                Counted::Context => {}
            }
            for (gravest, there) in self.gravest.iter_mut().zip([there.low, there.best, there.high])
            {
                if there > 0.0 {
                    *gravest = (*gravest).max(Some(tier));
                }
            }
        }
        if site.class.is_place_bound() {
            let share = if site.class.is_day() { self.by_day } else { 1.0 };
            let occupants = share * site.occupants();
            self.vulnerable.add(occupants, there);
            match site.in_raster.unwrap_or_default() {
                InRaster::Yes => {}
                InRaster::No => self.uncounted.add(occupants, there),
                InRaster::Unknown => {
                    let high_alone = Burden { high: there.high, ..Burden::ZERO };
                    self.uncounted.add(occupants, high_alone);
                }
            }
        }
    }

    fn found(self, scheme: &Scheme, touched: Vec<usize>, adjacent: Vec<(usize, f64)>) -> Found {
        let capped = self.measured.burden().map(|load| load.min(scheme.extent_load_cap));
        let load = self.counted.burden().zip(capped, |counted, measured| counted + measured);
        let vulnerable = self.vulnerable.burden();
        let (tiers, classes) = (self.tiers, self.classes.0);
        let counts = SiteCounts { tiers, classes, load, vulnerable, touched, adjacent };
        Found { counts, uncounted: self.uncounted.burden(), gravest: self.gravest }
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

/// 1 for each bound whose set holds a site of this probability, else 0.
fn presence(confidence: f64, rule: &ExistenceRule) -> Burden {
    let holds = |holds: bool| if holds { 1.0 } else { 0.0 };
    Burden {
        low: holds(confidence >= rule.low),
        best: holds(confidence >= rule.best),
        high: holds(confidence > 0.0),
    }
}
