//! What the sites of an area amount to: load, occupants, dependants and the gravest tier, at each bound.
//!
//! An area's sites are kept as [`Part`]s, one each. Sums are made of parts, so that the same code answers
//! what they amount to, what they would amount to if one thing were known, and what one topic sees of them.

use super::row::Context;
use crate::depend::Supply;
use crate::measure::{Fixed, Sum};
use crate::model::{
    Burden, ExistenceRule, InRaster, Scheme, Service, Site, SiteClass, Sites, Tier,
};

/// What one site adds to an area that touches it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    /// Its place in [`Sites::sites`].
    pub(super) place: usize,
    pub(super) class: SiteClass,
    pub(super) tier: Option<Tier>,
    /// p: how probable it is that it is there.
    pub(super) confidence: f64,
    /// Units of load.
    pub(super) load: f64,
    /// Whether the load is one by length or surface, of which an area has so much at most.
    pub(super) is_measured: bool,
    /// People in it at the hours of the area; 0 for classes without place-bound people.
    pub(super) occupants: f64,
    pub(super) in_raster: InRaster,
}

/// Sums over parts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Tally {
    /// U: site load, without expected unknowns.
    pub(super) load: Burden,
    /// G: occupants of place-bound sites.
    pub(super) vulnerable: Burden,
    /// Occupants whom the population raster does not count, or may not.
    pub(super) uncounted: Burden,
    /// D: dependants of each service, over supply links too.
    pub(super) dependants: [Burden; 9],
    /// Those of the sites themselves, without what they feed.
    pub(super) first_order: [Burden; 9],
    /// The gravest tier of the low, best and high set.
    pub(super) gravest: [Option<Tier>; 3],
}

/// A sum at each bound, the same whatever the order of what is added.
#[derive(Clone, Copy, Default)]
struct Total([Sum; 3]);

impl Total {
    fn add(&mut self, amount: f64, there: Burden) {
        self.add_each(Burden::exactly(amount), there);
    }

    fn add_each(&mut self, amount: Burden, there: Burden) {
        let amounts = [amount.low, amount.best, amount.high];
        let there = [there.low, there.best, there.high];
        for ((sum, there), amount) in self.0.iter_mut().zip(there).zip(amounts) {
            sum.add_share(there, Fixed::from_people(amount).unwrap_or(Fixed(i64::MAX)));
        }
    }

    fn burden(&self) -> Burden {
        let [low, best, high] = self.0.map(Sum::people);
        Burden { low, best, high }
    }
}

/// Adds up the parts of an area, which are sorted by place; of classes that `counts` holds for.
///
/// # Formula
///
/// ```text
/// U = Σ u_tier(i) + min(30, Σ u_tier(j)·amount_j)    i counted as 1, j measured in km or km²
/// G = Σ occupants of place-bound sites    of schools and the like times the share of day
/// D = Σ r_i·D_i    r = 1 for the sites themselves, less for those that they feed
/// low: p ≥ 0.9, best: p ≥ 0.5, high: p > 0
/// ```
pub(super) fn tally(
    parts: &[Part],
    counts: &dyn Fn(SiteClass) -> bool,
    context: &Context,
) -> Tally {
    let scheme = context.scheme;
    let (mut counted, mut measured, mut vulnerable, mut uncounted) =
        (Total::default(), Total::default(), Total::default(), Total::default());
    let mut tally = Tally::default();
    for part in parts.iter().filter(|part| counts(part.class)) {
        let there = presence(part.confidence, &scheme.existence);
        let load = if part.is_measured { &mut measured } else { &mut counted };
        load.add(part.load, there);
        vulnerable.add(part.occupants, there);
        let not_counted = match part.in_raster {
            InRaster::Yes => Burden::ZERO,
            InRaster::No => there,
            InRaster::Unknown => Burden { high: there.high, ..Burden::ZERO },
        };
        uncounted.add(part.occupants, not_counted);
        for (gravest, there) in tally.gravest.iter_mut().zip([there.low, there.best, there.high]) {
            *gravest = (*gravest).max(part.tier.filter(|_| there > 0.0));
        }
    }
    let capped = measured.burden().map(|load| load.min(scheme.extent_load_cap));
    tally.load = counted.burden().zip(capped, |counted, measured| counted + measured);
    (tally.vulnerable, tally.uncounted) = (vulnerable.burden(), uncounted.burden());
    (tally.first_order, tally.dependants) = dependants(parts, counts, context);
    tally
}

/// D of each service: of the parts themselves, and with what they feed.
fn dependants(
    parts: &[Part],
    counts: &dyn Fn(SiteClass) -> bool,
    context: &Context,
) -> ([Burden; 9], [Burden; 9]) {
    let none = [Burden::ZERO; 9];
    let Some((services, (sites, _))) = context.services.zip(context.sites) else {
        return (none, none);
    };
    let mut totals = [Total::default(); 9];
    let of = |place: usize| {
        let site = sites.sites.get(place)?;
        Some((site.service.filter(|_| counts(site.class))?, services.dependants.of(place)))
    };
    let rule = &context.scheme.existence;
    for part in parts {
        if let Some((service, d)) = of(part.place) {
            totals[service as usize].add_each(d, presence(part.confidence, rule));
        }
    }
    let first_order = totals.map(|total| total.burden());
    for (bound, of_bound) in fed(parts, sites, services.supply, rule).into_iter().enumerate() {
        for (place, r) in of_bound {
            if let Some((service, d)) = of(place) {
                totals[service as usize].add_each(d, at_bound(bound, r));
            }
        }
    }
    (first_order, totals.map(|total| total.burden()))
}

/// r of the sites that the parts feed, of the low, best and high set. A link acts where both of its ends are
/// in the set.
pub(super) fn fed(
    parts: &[Part],
    sites: &Sites,
    supply: &Supply,
    rule: &ExistenceRule,
) -> [Vec<(usize, f64)>; 3] {
    if supply.is_empty() {
        return Default::default();
    }
    let places: Vec<usize> = parts.iter().map(|part| part.place).collect();
    std::array::from_fn(|bound| {
        let is_there = |place: usize| {
            // What an area is asked about may be taken for sure, or for gone.
            let own = places.binary_search(&place).ok().and_then(|at| parts.get(at));
            let confidence = own.map(|part| part.confidence);
            let known = || sites.sites.get(place).map(|site| site.confidence);
            confidence.or_else(known).is_some_and(|p| bounds(presence(p, rule))[bound] > 0.0)
        };
        supply.reach(&places, is_there)
    })
}

const fn bounds(burden: Burden) -> [f64; 3] {
    [burden.low, burden.best, burden.high]
}

/// So much at one bound, nothing at the others.
fn at_bound(bound: usize, share: f64) -> Burden {
    let at = |this: usize| if this == bound { share } else { 0.0 };
    Burden { low: at(0), best: at(1), high: at(2) }
}

/// 1 for each bound whose set holds a site of this probability, else 0.
pub(super) fn presence(confidence: f64, rule: &ExistenceRule) -> Burden {
    let holds = |holds: bool| if holds { 1.0 } else { 0.0 };
    Burden {
        low: holds(confidence >= rule.low),
        best: holds(confidence >= rule.best),
        high: holds(confidence > 0.0),
    }
}

/// The same parts at another time, of which the share of day is so many times as large.
pub(super) fn at_share(parts: &[Part], times: f64) -> Vec<Part> {
    let at = |part: &Part| {
        let occupants = if part.class.is_day() { times * part.occupants } else { part.occupants };
        Part { occupants, ..part.clone() }
    };
    parts.iter().map(at).collect()
}

/// How many of some parts there are of the best set, by class and by tier.
pub(super) fn count(parts: &[Part], scheme: &Scheme) -> ([u64; SiteClass::ALL.len()], [u64; 4]) {
    let (mut classes, mut tiers) = ([0; SiteClass::ALL.len()], [0; 4]);
    for part in parts.iter().filter(|part| part.confidence >= scheme.existence.best) {
        classes[part.class as usize] += 1;
        if let Some(tier) = part.tier {
            tiers[tier as usize] += 1;
        }
    }
    (classes, tiers)
}

/// The part of a service's dependants that live in the area: r of each site, 1 for its own.
pub(super) fn r_of(
    parts: &[Part],
    fed: &[(usize, f64)],
    rule: &ExistenceRule,
) -> impl Fn(usize) -> f64 {
    let is_there = |part: &&Part| presence(part.confidence, rule).best > 0.0;
    let own: Vec<usize> = parts.iter().filter(is_there).map(|part| part.place).collect();
    move |place| {
        if own.binary_search(&place).is_ok() {
            return 1.0;
        }
        let found = fed.binary_search_by_key(&place, |(site, _)| *site);
        found.ok().and_then(|at| fed.get(at)).map_or(0.0, |(_, r)| *r)
    }
}

/// Whether a site's caseload lives in it, so that it is inside where the site is.
pub(super) fn lives_in(site: &Site) -> bool {
    site.class == SiteClass::DisplacementSite && site.service == Some(Service::Relief)
}
