//! The sites that give a service: where each is, how much it can serve, how surely it is there.

use crate::measure::Region;
use crate::measure::sphere::{Direction, authalic_radius_km, chord_of_km, direction};
use crate::model::{AllotmentRule, Grounds, Scheme, Service, Shown, Site, SiteClass, Sites};
use geo::{Centroid, CoordsIter, InteriorPoint};
use rstar::RTree;
use rstar::primitives::GeomWithData;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Where sites were looked for.
    grounds: Arc<Grounds>,
    /// The same without what somebody does not share, where there is anything of that.
    open: Option<Box<Self>>,
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
        let is_restricted = |site: &Site| !matches!(site.shown, Shown::AsItIs);
        let is_any = sites.sites.iter().any(is_restricted);
        let open = is_any.then(|| Box::new(Self::of(sites, scheme, &Site::open)));
        Self { open, ..Self::of(sites, scheme, &|site| Some(site)) }
    }

    /// The sites that give a service without what somebody does not share; all where everything is shared.
    #[must_use]
    pub fn open(&self) -> &Self {
        self.open.as_deref().unwrap_or(self)
    }

    /// Those that differ from all, if there are any.
    pub(super) fn apart(&self) -> Option<&Self> {
        self.open.as_deref()
    }

    fn of(sites: &Sites, scheme: &Scheme, known: Known) -> Self {
        let all = sites.sites.iter().enumerate();
        // Nothing but the order of ties depends on it: by id, then by source.
        let mut order: Vec<(usize, &Site)> =
            all.filter_map(|(place, site)| Some((place, known(site)?))).collect();
        order.retain(|(_, site)| serves(site).is_some());
        order.sort_by_key(|(place, site)| (&site.id, sites.source(site), *place));
        let medians = medians(order.iter().map(|(_, site)| *site));
        let mut services: [OfService; 9] = Default::default();
        let mut caseloads = Vec::new();
        for (place, site) in order {
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
        let (rule, radius_km) = (scheme.allotment, authalic_radius_km());
        let grounds = Arc::clone(&sites.grounds);
        Self { services, rule, radius_km, caseloads, grounds, open: None }
    }

    /// Whether sites of a service were looked for at a place within a ball (center, and radius along the chord).
    pub(super) fn is_mapped(
        &self,
        service: Service,
        ball: (Direction, f64),
    ) -> Box<dyn Fn(Direction) -> bool + '_> {
        let around = box_around(ball);
        let mut at_its_rim = Vec::new();
        for region in self.grounds.of_service(service) {
            match around.and_then(|around| region.holds_box(around)) {
                Some(true) => return Box::new(|_| true),
                Some(false) => {}
                None => at_its_rim.push(region),
            }
        }
        Box::new(move |at| at_its_rim.iter().any(|region| region.holds(degrees(at))))
    }

    /// Whether no site has a catchment: then nobody is to be allotted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let is_none = self.services.iter().all(|of| of.givers.is_empty());
        is_none && self.apart().is_none_or(Self::is_empty)
    }

    /// How many sites have a catchment.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all().count()
    }

    /// Those of all services, one after the other.
    pub(super) fn all(&self) -> impl Iterator<Item = &Giver> {
        self.services.iter().flat_map(|of| &of.givers)
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
        for (service, of) in Service::ALL.into_iter().zip(&self.services) {
            hasher.update(of.reach.unwrap_or(-1.0).to_le_bytes());
            hasher.update((of.givers.len() as u64).to_le_bytes());
            for part in self.grounds.of_service(service).map(Region::area) {
                // The whole earth has no corners.
                hasher.update([u8::from(part.is_some())]);
                for at in part.into_iter().flat_map(CoordsIter::coords_iter) {
                    hasher.update(at.x.to_le_bytes());
                    hasher.update(at.y.to_le_bytes());
                }
            }
            for Giver { site: _, at, capacity, sureness } in &of.givers {
                for number in at.iter().chain([capacity]) {
                    hasher.update(number.to_le_bytes());
                }
                hasher.update([*sureness as u8]);
            }
        }
        if let Some(open) = self.apart() {
            hasher.update(open.digest(people));
        }
        hasher.finalize().into()
    }
}

/// What is known of a site.
type Known<'k> = &'k dyn Fn(&Site) -> Option<&Site>;

/// Longitude and latitude of a direction, in degrees.
fn degrees([x, y, z]: Direction) -> [f64; 2] {
    [y.atan2(x).to_degrees(), z.clamp(-1.0, 1.0).asin().to_degrees()]
}

/// A box of longitudes and latitudes around a ball; `None` near the poles and ±180.
fn box_around((center, radius): (Direction, f64)) -> Option<[f64; 4]> {
    let [lon, lat] = degrees(center);
    let margin = (2.0 * (radius / 2.0).min(1.0).asin()).to_degrees();
    let far = lat.abs() + margin;
    let wide = margin / far.to_radians().cos();
    let around = [lon - wide, lat - margin, lon + wide, lat + margin];
    (far < 89.0 && around[0] >= -180.0 && around[2] <= 180.0).then_some(around)
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
fn medians<'s>(sites: impl Iterator<Item = &'s Site>) -> BTreeMap<SiteClass, f64> {
    let mut known: BTreeMap<SiteClass, Vec<f64>> = BTreeMap::new();
    for site in sites {
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
