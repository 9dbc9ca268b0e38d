//! What the sites of an area amount to: load, occupants, dependants and the gravest tier, at each bound.
//!
//! An area's sites are kept as [`Part`]s, one each. Sums are made of parts, so that the same code answers
//! what they amount to, what they would amount to if one thing were known, and what one topic sees of them.

use super::row::Context;
use super::sites::{Told, dependants_of};
use super::worlds::Worlds;
use crate::depend::Supply;
use crate::measure::{Fixed, Sum, significant};
use crate::model::{Burden, ExistenceRule, InRaster, Scheme, Service, SiteClass, Tier};

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
    /// People in it when it is in use; 0 for classes without place-bound people.
    pub(super) all_occupants: f64,
    /// Those of them at the hours of the area.
    pub(super) occupants: f64,
    pub(super) in_raster: InRaster,
    pub(super) service: Option<Service>,
    /// D: people who depend on it.
    pub(super) dependants: Burden,
    /// Whether it is counted with what somebody does not share.
    pub(super) is_told: bool,
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
    /// D: dependants of each service, over supply links too, in two digits.
    pub(super) dependants: [Burden; 9],
    /// Those of the sites themselves, without what they feed, in two digits.
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
/// D = Σ r_i·D_i, in two digits    r = 1 for the sites themselves, less for those that they feed
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
    let Some((services, worlds)) = context.services.zip(context.sites) else {
        return ([Burden::ZERO; 9], [Burden::ZERO; 9]);
    };
    let mut totals = [Total::default(); 9];
    let rule = &context.scheme.existence;
    for part in parts.iter().filter(|part| counts(part.class)) {
        if let Some(service) = part.service {
            totals[service as usize].add_each(part.dependants, presence(part.confidence, rule));
        }
    }
    let first_order = totals.map(|total| total.burden());
    for (bound, of_bound) in fed(parts, worlds, services.supply, rule).into_iter().enumerate() {
        for (place, r) in of_bound {
            let site = worlds.open.site(place).filter(|site| counts(site.class));
            if let Some(service) = site.and_then(|site| site.service) {
                let d = dependants_of(place, Told::Open, context);
                totals[service as usize].add_each(d, at_bound(bound, r));
            }
        }
    }
    let two_digits = |of: Burden| of.map(|people| significant(people, 2));
    (first_order.map(two_digits), totals.map(|total| two_digits(total.burden())))
}

/// People are told in classes up to these numbers, and by tens of them beyond.
const FIRST_CLASS: f64 = 1000.0;

impl Tally {
    /// The same with dependants by class alone: fewer than 1,000, than 10,000, and so on. The best and the high
    /// bound are the upper end of their class, so that more is shown than is there and never less, and the low
    /// bound is the lower end of its own.
    ///
    /// # Source
    ///
    /// METHOD §7.
    pub(super) fn by_class(mut self) -> Self {
        let upper = |people: f64| {
            let mut end = FIRST_CLASS;
            while people >= end {
                end *= 10.0;
            }
            if people > 0.0 { end } else { 0.0 }
        };
        let lower = |people: f64| {
            let end = upper(people) / 10.0;
            if end < FIRST_CLASS { 0.0 } else { end }
        };
        let class =
            |of: Burden| Burden { low: lower(of.low), best: upper(of.best), high: upper(of.high) };
        (self.dependants, self.first_order) =
            (self.dependants.map(class), self.first_order.map(class));
        self
    }
}

/// r of the sites that the parts feed, of the low, best and high set. A link acts where both of its ends are
/// in the set.
pub(super) fn fed(
    parts: &[Part],
    worlds: &Worlds,
    supply: &Supply,
    rule: &ExistenceRule,
) -> [Vec<(usize, f64)>; 3] {
    if supply.is_empty() {
        return Default::default();
    }
    let places: Vec<usize> = parts.iter().map(|part| part.place).collect();
    let own = |place: usize| places.binary_search(&place).ok().and_then(|at| parts.get(at));
    let is_told = |place: usize| own(place).is_some_and(|part| part.is_told);
    std::array::from_fn(|bound| {
        let is_there = |place: usize| {
            // What an area is asked about may be taken for sure, or for gone.
            let confidence = own(place).map(|part| part.confidence);
            let known = || worlds.open.site(place).map(|site| site.confidence);
            confidence.or_else(known).is_some_and(|p| bounds(presence(p, rule))[bound] > 0.0)
        };
        supply.reach(&places, is_there, is_told)
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
pub(super) fn lives_in(part: &Part) -> bool {
    part.class == SiteClass::DisplacementSite && part.service == Some(Service::Relief)
}
