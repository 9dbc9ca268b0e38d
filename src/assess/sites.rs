//! Burdens of the sites that an area touches: load, occupants, and the gravest tier, at each bound.

use super::prepare::Around;
use crate::index::SiteIndex;
use crate::intersect::Footprint;
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

/// Finds the sites that a footprint touches and adds them up.
///
/// # Formula
///
/// ```text
/// U = Σ u_tier(i) + min(30, Σ u_tier(j)·amount_j)    i counted as 1, j measured in km or km²
/// G = Σ occupants of place-bound sites
/// low: p ≥ 0.9, best: p ≥ 0.5, high: p > 0
/// ```
pub(super) fn sites(
    area: &MultiPolygon<f64>,
    sites: &Sites,
    index: &SiteIndex,
    scheme: &Scheme,
) -> Found {
    let (touched, footprint) = touched(area, sites, index);
    let mut found = Found {
        counts: SiteCounts {
            tiers: [0; 4],
            classes: [0; SiteClass::ALL.len()],
            load: Burden::ZERO,
            vulnerable: Burden::ZERO,
            touched: Vec::new(),
        },
        uncounted: Burden::ZERO,
        gravest: [None; 3],
    };
    let mut measured = Burden::ZERO;
    for site in touched.iter().filter_map(|place| sites.sites.get(*place)) {
        if let Some(footprint) = &footprint {
            found.add(site, footprint, scheme, &mut measured);
        }
    }
    let capped = measured.map(|load| load.min(scheme.extent_load_cap));
    found.counts.load = found.counts.load.zip(capped, |counted, measured| counted + measured);
    found.counts.touched = touched;
    found
}

impl Found {
    fn add(&mut self, site: &Site, footprint: &Footprint, scheme: &Scheme, measured: &mut Burden) {
        let there = presence(site.confidence, &scheme.existence);
        let add = |sum: &mut Burden, amount: f64| {
            *sum = sum.zip(there, |sum, there| sum + amount * there);
        };
        if there.best > 0.0 {
            self.counts.classes[site.class as usize] += 1;
            if let Some(tier) = site.tier {
                self.counts.tiers[tier as usize] += 1;
            }
        }
        if let Some(tier) = site.tier {
            let load = scheme.load(tier);
            match site.class.counted() {
                Counted::Each => add(&mut self.counts.load, load),
                // Per km or 1: only a line has a length.
                Counted::PerKm if !is_line(&site.geometry) => add(&mut self.counts.load, load),
                Counted::PerKm | Counted::PerKm2 => {
                    add(measured, load * footprint.amount(&site.geometry));
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
            add(&mut self.counts.vulnerable, site.occupants);
            match site.in_raster {
                InRaster::Yes => {}
                InRaster::No => add(&mut self.uncounted, site.occupants),
                InRaster::Unknown => self.uncounted.high += site.occupants * there.high,
            }
        }
    }
}

/// The sites that an area touches, ascending, and the area prepared if there is any near.
fn touched<'a>(
    area: &'a MultiPolygon<f64>,
    sites: &Sites,
    index: &SiteIndex,
) -> (Vec<usize>, Option<Footprint<'a>>) {
    let mut touched = near(area, index);
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

/// The sites whose bounds meet those of some part of an area, ascending. Parts on both sides of ±180
/// would have the whole earth for common bounds.
fn near(area: &MultiPolygon<f64>, index: &SiteIndex) -> Vec<usize> {
    let bounds = super::prepare::bounds(area);
    if bounds.is_none_or(|[west, _, east, _]| east - west <= 180.0) {
        return bounds.map(|bounds| index.find(bounds)).unwrap_or_default();
    }
    let parts = area.iter().filter_map(super::prepare::bounds);
    let mut found: Vec<usize> = parts.flat_map(|bounds| index.find(bounds)).collect();
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
