//! The sites that an area touches and what each adds to it; sites of rings and near by.

use super::prepare::Around;
use super::row::Context;
use super::tally::{Part, presence};
use super::worlds::{ENOUGH, World, Worlds};
use crate::intersect::{Footprint, is_near, mapped_in, without};
use crate::model::{Burden, Count, Counted, Mapped, Scheme, Site, SiteClass, Tier};
use geo::{Geometry, MultiPolygon};
use std::collections::BTreeSet;

/// The sites that a footprint touches, a part each, sorted by place; and those that lie near it, if it is asked.
pub(super) struct Found {
    pub(super) parts: Vec<Part>,
    /// The places of the sites that are listed or told by number: those that it touches as everybody knows them, and
    /// those that count and are never written; ascending.
    pub(super) listed: Vec<usize>,
    pub(super) adjacent: Vec<(usize, f64)>,
    /// The classes by which what somebody does not share changes the parts; `None` where everything is shared.
    pub(super) told: Option<BTreeSet<SiteClass>>,
    /// How far each class is mapped in it.
    pub(super) mapped: MappedClasses,
    /// Layers near it that lost features, by place in [`Sites::mappings`](crate::model::Sites::mappings).
    pub(super) incomplete: Vec<usize>,
}

/// How far each class is mapped, in the order of [`SiteClass::ALL`].
pub(super) type MappedClasses = [Mapped; SiteClass::ALL.len()];

/// No class is mapped.
const UNKNOWN: MappedClasses = [Mapped::Nothing; SiteClass::ALL.len()];

/// Finds the sites that a footprint touches; places of the day have their people for a share of the time.
pub(super) fn sites(
    area: &MultiPolygon<f64>,
    worlds: &Worlds,
    by_day: f64,
    context: &Context,
) -> Found {
    let mut parts = parts(area, &worlds.open, by_day, context);
    let mut listed: Vec<usize> = parts.iter().map(|part| part.place).collect();
    let adjacent = context.adjacent_m.map(|meters| adjacent(area, &worlds.open, meters));
    let told = worlds.all.as_ref().map(|all| {
        let told = told(&parts, context.scheme);
        let is_told =
            |part: &Part| worlds.class(part.place).is_some_and(|class| told.contains(&class));
        if !told.is_empty() {
            parts.retain(|part| !is_told(part));
            let more = self::parts(area, all, by_day, context).into_iter().filter(is_told);
            parts.extend(more.map(|part| Part {
                is_told: true,
                dependants: dependants_of(part.place, Told::All, context),
                ..part
            }));
            parts.sort_by_key(|part| part.place);
            let is_counted = |part: &&Part| worlds.open.site(part.place).is_none();
            listed.extend(parts.iter().filter(is_counted).map(|part| part.place));
            listed.sort_unstable();
        }
        told
    });
    let grounds = &worlds.sites.grounds;
    let near = grounds.incomplete.iter().filter(|(_, ground)| {
        grounds.regions.get(*ground).is_some_and(|region| is_near(area, region))
    });
    let incomplete = near.map(|(layer, _)| *layer).collect();
    let is_there = |part: &&Part| presence(part.confidence, &context.scheme.existence).best > 0.0;
    let found = parts.iter().filter(is_there).map(|part| part.class);
    let mapped = mapped(mapped_in(area, grounds), found);
    Found { parts, listed, adjacent: adjacent.unwrap_or_default(), told, mapped, incomplete }
}

/// How far each class is mapped where sites of some classes were found: somebody has looked there. One that may not
/// be there tells nothing.
fn mapped(mut mapped: MappedClasses, found: impl Iterator<Item = SiteClass>) -> MappedClasses {
    for class in found {
        let of = &mut mapped[class as usize];
        if *of == Mapped::Nothing {
            *of = Mapped::Part(0.0);
        }
    }
    mapped
}

/// Counts of sites by tier, with what is not known of them.
pub(super) fn tiers_of(tiers: [u64; 4], mapped: &MappedClasses, scheme: &Scheme) -> [Count; 4] {
    let tier_of = |class: &SiteClass| scheme.rule(*class).tier;
    Tier::ALL.map(|tier| {
        let of_tier = SiteClass::ALL.into_iter().filter(|class| tier_of(class) == Some(tier));
        let states: Vec<Mapped> = of_tier.map(|class| mapped[class as usize]).collect();
        let found = tiers[tier as usize];
        let is_known = found > 0 || states.iter().any(|state| *state != Mapped::Nothing);
        let is_least = states.iter().any(|state| *state != Mapped::All);
        Count { found: is_known.then_some(found), is_least }
    })
}

/// The classes of which some parts are enough sites to tell of no single one.
fn told(parts: &[Part], scheme: &Scheme) -> BTreeSet<SiteClass> {
    let (classes, _) = super::tally::count(parts, scheme);
    let is_enough = |class: &SiteClass| classes[*class as usize] >= ENOUGH as u64;
    SiteClass::ALL.into_iter().filter(is_enough).collect()
}

/// The sites of a world that a footprint touches.
fn parts(area: &MultiPolygon<f64>, world: &World, by_day: f64, context: &Context) -> Vec<Part> {
    let (touched, footprint) = touched(area, world);
    let part = |place: &usize| {
        let site = world.site(*place)?;
        Some(part_of(*place, site, footprint.as_ref()?, (by_day, context)))
    };
    touched.iter().filter_map(part).collect()
}

/// Who knows how many depend on a site.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Those who know what somebody does not share.
    All,
    /// Everybody.
    Open,
}

/// D of a site.
pub(super) fn dependants_of(place: usize, told: Told, context: &Context) -> Burden {
    let of = context.services.map(|services| match told {
        Told::All => services.dependants,
        Told::Open => services.dependants.open(),
    });
    of.map_or(Burden::ZERO, |of| of.of(place))
}

fn part_of(
    place: usize,
    site: &Site,
    footprint: &Footprint,
    (by_day, context): (f64, &Context),
) -> Part {
    let scheme = context.scheme;
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
    let all_occupants = if site.class.is_place_bound() { site.occupants() } else { 0.0 };
    Part {
        place,
        class: site.class,
        tier: site.tier,
        confidence: site.confidence,
        load,
        is_measured,
        all_occupants,
        occupants: share * all_occupants,
        in_raster: site.in_raster.unwrap_or_default(),
        service: site.service,
        dependants: dependants_of(place, Told::Open, context),
        is_told: false,
    }
}

/// The sites that an area does not touch and that lie within so many meters of it, ascending, each with its
/// distance.
fn adjacent(area: &MultiPolygon<f64>, world: &World, meters: f64) -> Vec<(usize, f64)> {
    let (touched, _) = touched(area, world);
    let around = near(area, world, meters);
    let around: Vec<usize> =
        around.into_iter().filter(|place| touched.binary_search(place).is_err()).collect();
    let footprint = (!around.is_empty()).then(|| Footprint::new(area)).flatten();
    let Some(footprint) = footprint else { return Vec::new() };
    let apart = |place: usize| {
        let site = world.site(place)?;
        Some((place, footprint.apart_m(&site.geometry, meters)?))
    };
    around.into_iter().filter_map(apart).collect()
}

/// The sites that an area touches, ascending, and the area prepared if there is any near.
fn touched<'a>(area: &'a MultiPolygon<f64>, world: &World) -> (Vec<usize>, Option<Footprint<'a>>) {
    let mut touched = near(area, world, 0.0);
    // An area without a site near is not worth preparing.
    let footprint = (!touched.is_empty()).then(|| Footprint::new(area)).flatten();
    touched.retain(|place| {
        let site = world.site(*place);
        site.zip(footprint.as_ref())
            .is_some_and(|(site, footprint)| footprint.touches(&site.geometry))
    });
    (touched, footprint)
}

/// Sites of the best set in each ring around an area, by tier, as everybody knows them: touched by what lies within
/// its distance, and by nothing before.
pub(super) fn rings(
    around: &[Result<Around, String>],
    area: &MultiPolygon<f64>,
    worlds: &Worlds,
    scheme: &Scheme,
) -> Vec<Option<[Count; 4]>> {
    let world = &worlds.open;
    let (mut inner, mut before) = (area, Vec::new());
    if !around.is_empty() {
        before = touched(area, world).0;
    }
    let mut rings = Vec::with_capacity(around.len());
    for around in around {
        let Ok(Around { footprint, .. }) = around else {
            rings.push(None);
            continue;
        };
        let (within, _) = touched(footprint, world);
        let (mut tiers, mut classes) = ([0; 4], Vec::new());
        for place in within.iter().filter(|place| before.binary_search(place).is_err()) {
            let Some(site) = world.site(*place) else { continue };
            let is_there = presence(site.confidence, &scheme.existence).best > 0.0;
            if let Some(tier) = site.tier.filter(|_| is_there) {
                tiers[tier as usize] += 1;
                classes.push(site.class);
            }
        }
        // Where the ring cannot be told from what it surrounds, nothing is known of it alone.
        let alone = without(footprint, inner);
        let ground = alone.map_or(UNKNOWN, |alone| mapped_in(&alone, &worlds.sites.grounds));
        (inner, before) = (footprint, within);
        rings.push(Some(tiers_of(tiers, &mapped(ground, classes.into_iter()), scheme)));
    }
    rings
}

/// The sites whose bounds come within so many meters of those of some part of an area, ascending. Parts on both
/// sides of ±180 would have the whole earth for common bounds.
fn near(area: &MultiPolygon<f64>, world: &World, meters: f64) -> Vec<usize> {
    let bounds = super::prepare::bounds(area);
    let is_one = bounds.is_none_or(|[west, _, east, _]| east - west <= 180.0);
    let parts = area.iter().filter(|_| !is_one).filter_map(super::prepare::bounds);
    world.near(bounds.filter(|_| is_one).into_iter().chain(parts), meters)
}

fn is_line(geometry: &Geometry<f64>) -> bool {
    matches!(geometry, Geometry::Line(_) | Geometry::LineString(_) | Geometry::MultiLineString(_))
}
