//! The sites that give a service: where each is, how much it can serve, how surely it is there.

use crate::measure::sphere::{Direction, authalic_radius_km, chord_of_km, direction};
use crate::model::{AllotmentRule, Scheme, Service, Site, SiteClass, Sites};
use geo::{Centroid, InteriorPoint};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// In which worlds a giver is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sureness {
    /// In that of everything that may be there.
    Possible,
    /// In the best world too.
    Likely,
    /// In every world.
    Certain,
}

/// A site that gives a service.
#[derive(Debug, Clone, Copy)]
pub(super) struct Giver {
    /// Its place in [`Sites::sites`].
    pub(super) site: usize,
    pub(super) at: Direction,
    /// Q: how much it can serve, against others of its service.
    pub(super) capacity: f64,
    pub(super) sureness: Sureness,
}

/// The givers of one service, in the order that ties go by.
#[derive(Debug, Default)]
pub(super) struct OfService {
    pub(super) givers: Vec<Giver>,
    pub(super) tree: RTree<GeomWithData<Direction, u32>>,
    /// How far people go, as a chord; none without a catchment.
    pub(super) reach: Option<f64>,
}

/// All sites that give a service.
#[derive(Debug)]
pub struct Givers {
    pub(super) services: [OfService; 9],
    pub(super) rule: AllotmentRule,
    /// That of the sphere on which they are.
    pub(super) radius_km: f64,
    /// Caseloads that sites state: the place of the site, and its people.
    pub(super) caseloads: Vec<(usize, f64)>,
}

impl Givers {
    /// The sites that give a service. Sites without a catchment (relief) count by the number that they
    /// state as their capacity, or not at all.
    ///
    /// # Formula
    ///
    /// ```text
    /// Q = its own capacity, else the median of those of its class that are known, else 1
    /// ```
    ///
    /// # Source
    ///
    /// METHOD §1.
    #[must_use]
    pub fn new(sites: &Sites, scheme: &Scheme) -> Self {
        let medians = medians(&sites.sites);
        let mut order: Vec<usize> = (0..sites.sites.len()).collect();
        // Nothing but the order of ties depends on it: by id, then by source.
        order.retain(|place| serves(&sites.sites[*place]).is_some());
        order.sort_by_key(|place| {
            let site = &sites.sites[*place];
            (&site.id, sites.source(site), *place)
        });
        let mut services: [OfService; 9] = Default::default();
        let mut caseloads = Vec::new();
        for place in order {
            let site = &sites.sites[place];
            let Some(service) = serves(site) else { continue };
            let usual = medians.get(&site.class).copied().unwrap_or(1.0);
            if scheme.radius_km(service).is_none() {
                caseloads.extend(site.capacity.map(|people| (place, people)));
                continue;
            }
            let Some(at) = position(site) else { continue };
            services[service as usize].givers.push(Giver {
                site: place,
                at,
                capacity: site.capacity.unwrap_or(usual),
                sureness: match site.confidence {
                    p if p >= scheme.existence.low => Sureness::Certain,
                    p if p >= scheme.existence.best => Sureness::Likely,
                    _ => Sureness::Possible,
                },
            });
        }
        for (service, of) in Service::ALL.into_iter().zip(&mut services) {
            of.reach = scheme.radius_km(service).map(chord_of_km);
            let points = of.givers.iter().zip(0..);
            let points = points.map(|(giver, place)| GeomWithData::new(giver.at, place));
            of.tree = RTree::bulk_load(points.collect());
        }
        Self { services, rule: scheme.allotment, radius_km: authalic_radius_km(), caseloads }
    }

    /// Whether no site has a catchment: then nobody is to be allotted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.services.iter().all(|of| of.givers.is_empty())
    }

    /// How many sites have a catchment.
    #[must_use]
    pub fn count(&self) -> usize {
        self.services.iter().map(|of| of.givers.len()).sum()
    }

    /// A digest of all that D follows from, given that of the people: the same for the same sites in the same
    /// places under the same rules.
    #[must_use]
    pub fn digest(&self, people: &[u8; 32]) -> [u8; 32] {
        let mut hasher = Sha256::new();
        hasher.update(people);
        // Another version may share people otherwise.
        hasher.update(env!("CARGO_PKG_VERSION"));
        hasher.update([self.rule as u8]);
        for of in &self.services {
            hasher.update(of.reach.unwrap_or(-1.0).to_le_bytes());
            hasher.update((of.givers.len() as u64).to_le_bytes());
            for Giver { site: _, at, capacity, sureness } in &of.givers {
                for number in at.iter().chain([capacity]) {
                    hasher.update(number.to_le_bytes());
                }
                hasher.update([*sureness as u8]);
            }
        }
        hasher.finalize().into()
    }
}

/// The service of a site that may be there.
fn serves(site: &Site) -> Option<Service> {
    site.service.filter(|_| site.confidence > 0.0)
}

/// Where people are counted from: a point of it, the middle if that lies in it.
fn position(site: &Site) -> Option<Direction> {
    let at = site.geometry.interior_point().or_else(|| site.geometry.centroid())?;
    (at.x().is_finite() && at.y().is_finite()).then(|| direction([at.x(), at.y()]))
}

/// The median of the capacities that are known, by class; the mean of the two in the middle of an even number.
fn medians(sites: &[Site]) -> BTreeMap<SiteClass, f64> {
    let mut known: BTreeMap<SiteClass, Vec<f64>> = BTreeMap::new();
    for site in sites.iter().filter(|site| serves(site).is_some()) {
        known.entry(site.class).or_default().extend(site.capacity.filter(|q| *q > 0.0));
    }
    let median = |mut all: Vec<f64>| {
        all.sort_by(f64::total_cmp);
        let middle = all.len() / 2;
        let upper = *all.get(middle)?;
        let is_even = all.len().is_multiple_of(2);
        Some(if is_even { f64::midpoint(all[middle - 1], upper) } else { upper })
    };
    known.into_iter().filter_map(|(class, all)| Some((class, median(all)?))).collect()
}
