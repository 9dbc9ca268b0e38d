//! From what is known of an area to its score: at three bounds, by topic, and as it would be if more were
//! known.

use super::row::Context;
use super::sites::MappedClasses;
use super::tally::{Part, Tally, tally};
use super::unmapped::UnmappedClasses;
use crate::model::{
    Burden, Contributions, Dimension, ExistenceRule, Group, Mapped, ScoreTriple, SiteClass,
    SiteCounts, Status, Topic,
};
use crate::score::band::{Evidence, classify, profile};
use crate::score::contributions::contributions;
use crate::score::{self, Bound, Scored};

/// What is known of an area, or would be.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// People in rasters; `None` where nobody looked.
    pub(super) counted: Option<Burden>,
    /// People in all, where they are known otherwise than by adding up.
    pub(super) people: Option<Burden>,
    /// The sites it touches.
    pub(super) parts: &'a [Part],
    /// How far each class is mapped; `None` without a sites layer.
    pub(super) mapped: Option<&'a MappedClasses>,
    /// The ground on which nobody has looked for each class; `None` without a sites layer.
    pub(super) unmapped: Option<&'a UnmappedClasses>,
    /// Classes that are taken as mapped in all of it, in addition.
    pub(super) looked: &'a dyn Fn(SiteClass) -> bool,
    /// The surface of the area.
    pub(super) surface_km2: f64,
}

impl Known<'_> {
    /// The share of the people who live where nobody has looked for a class.
    fn share_unseen(&self, class: SiteClass) -> f64 {
        if (self.looked)(class) {
            return 0.0;
        }
        self.unmapped.map_or(1.0, |unmapped| unmapped[class as usize].share_of_people)
    }

    /// Whether every class with a load is mapped in all of the area.
    pub(super) fn is_mapped(&self) -> bool {
        let is_all = |class| self.mapped.is_some_and(|of| of[class as usize] == Mapped::All);
        SiteClass::ALL.into_iter().filter(|class| class.has_load()).all(is_all)
    }
}

/// Of smaller areas with fewer people than [`LEAST_PEOPLE`] dependants are told by class.
const LEAST_KM2: f64 = 1.0;
/// Fewer people than this are told of together.
pub(super) const LEAST_PEOPLE: f64 = 10.0;

/// What it amounts to.
#[derive(Debug, Clone)]
pub(super) struct Weighed {
    /// P: people, with those whom no raster counts.
    pub(super) people: Option<Burden>,
    pub(super) tally: Tally,
    /// Whether dependants are told by class alone.
    pub(super) is_by_class: bool,
    /// Load of sites that are to be expected where no layer maps their class.
    pub(super) unknowns: f64,
    /// The burdens of the low, best and high bound.
    pub(super) bounds: [Bound; 3],
    /// And their scores.
    pub(super) scored: [Scored; 3],
}

impl Weighed {
    /// Weighs what is known.
    pub(super) fn new(known: Known, context: &Context) -> Self {
        let tally = tally(known.parts, &|_| true, context);
        let has_sites = context.sites.is_some();
        let uncounted = if has_sites { tally.uncounted } else { Burden::ZERO };
        let added = |people: Burden| people.zip(uncounted, |one, two| one + two);
        let people = known.people.or_else(|| known.counted.map(added));
        let unknowns = people.map_or(0.0, |people| {
            let unseen = |class| people.high * known.share_unseen(class);
            score::expected_unknowns(unseen, context.scheme)
        });
        let all = people.unwrap_or(Burden::ZERO);
        let is_by_class = known.surface_km2 < LEAST_KM2 && all.best < LEAST_PEOPLE;
        let tally = if is_by_class { tally.by_class() } else { tally };
        let of = |pick: &dyn Fn(Burden) -> f64, bound: usize, more: f64| Bound {
            people: pick(all),
            vulnerable: pick(tally.vulnerable),
            site_load: pick(tally.load) + more,
            dependants: tally.dependants.map(pick),
            gravest: tally.gravest[bound],
        };
        let bounds = [
            of(&|burden| burden.low, 0, 0.0),
            of(&|burden| burden.best, 1, 0.0),
            of(&|burden| burden.high, 2, unknowns),
        ];
        let scored = bounds.map(|bound| score::score(&bound, context.scheme));
        Self { people, tally, is_by_class, unknowns, bounds, scored }
    }

    /// U with the sites that are to be expected.
    pub(super) fn load(&self) -> Burden {
        let Burden { low, best, high } = self.tally.load;
        Burden { low, best, high: high + self.unknowns }
    }

    /// How far the high score is above the low one; `None` without people, when the high one is not known.
    pub(super) fn width(&self) -> Option<f64> {
        self.people.map(|_| self.scored[2].score - self.scored[0].score)
    }
}

/// The score of what was weighed, with bands, profile, driver, contributions and topics.
pub(super) fn score_of(
    weighed: &Weighed,
    (parts, groups): (&[Part], &dyn Fn(Group) -> Option<f64>),
    (status, is_mapped, sites): (Status, bool, Option<&SiteCounts>),
    context: &Context,
) -> ScoreTriple {
    let scheme = context.scheme;
    let [low, best, high] = weighed.scored;
    if weighed.people.is_none() {
        return ScoreTriple { low: Some(low.score), ..ScoreTriple::default() };
    }
    let evidence = match (status, context.sites) {
        (Status::Ok, Some(_)) if is_mapped => Evidence::Complete,
        _ => Evidence::Limited,
    };
    let triple = Burden { low: low.score, best: best.score, high: high.score };
    let bands = classify(triple, evidence, scheme);
    let banded = matches!(status, Status::Ok | Status::DataGap);
    let known = |dimension| match (dimension, sites) {
        (Dimension::People, _) => Mapped::All,
        (_, Some(sites)) => sites.known(dimension),
        (_, None) => Mapped::Nothing,
    };
    let parts_of_score = contributions(&weighed.bounds[1], scheme);
    let part = |dimension| {
        let part = parts_of_score[dimension as usize];
        (known(dimension) != Mapped::Nothing).then_some(part)
    };
    ScoreTriple {
        low: Some(low.score),
        best: Some(best.score),
        high: Some(high.score),
        bands: bands.map(|band| banded.then_some(band)),
        profile: Some(profile(best.dimensions, known, scheme)),
        driver: best.driver,
        contributions: Some(Contributions {
            people: parts_of_score[Dimension::People as usize],
            vulnerable: part(Dimension::Vulnerable),
            sites: part(Dimension::Sites),
            services: part(Dimension::Services),
        }),
        topics: topics(weighed, (parts, groups), sites, context),
    }
}

/// The score seen from each topic, in the order of [`Topic::ALL`]: the same formula over the sites of its
/// classes, with the people it speaks of; `None` where these are not known, or where no class of it is mapped and
/// nobody is counted.
///
/// # Source
///
/// METHOD §3, *Topics*.
fn topics(
    weighed: &Weighed,
    (parts, groups): (&[Part], &dyn Fn(Group) -> Option<f64>),
    sites: Option<&SiteCounts>,
    context: &Context,
) -> [Option<f64>; 6] {
    Topic::ALL.map(|topic| {
        let people = match topic {
            Topic::Poc => return Some(weighed.scored[1].score),
            Topic::Cac => groups(Group::Children)?,
            Topic::Wps => groups(Group::WomenGirls)?,
            Topic::Cthb | Topic::Crsv => groups(Group::Displaced)?,
            Topic::Cpp => 0.0,
        };
        let known = sites.map_or(Mapped::Nothing, |sites| sites.known_of_topic(topic));
        if known == Mapped::Nothing && people <= 0.0 {
            return None;
        }
        let tally = tally(parts, &|class| class.topics().contains(&topic), context);
        let tally = if weighed.is_by_class { tally.by_class() } else { tally };
        let bound = Bound {
            people,
            vulnerable: tally.vulnerable.best,
            site_load: tally.load.best,
            dependants: tally.dependants.map(|d| d.best),
            gravest: tally.gravest[1],
        };
        Some(score::score(&bound, context.scheme).score)
    })
}

/// The parts of an area if it were known of some sites, by their places in ascending order, whether they are there:
/// those at least as likely as not are, the others are not.
pub(super) fn resolved(parts: &[Part], places: &[usize], rule: &ExistenceRule) -> Vec<Part> {
    let resolve = |part: &Part| {
        let mut part = part.clone();
        if places.binary_search(&part.place).is_ok() {
            part.confidence = if part.confidence >= rule.best { 1.0 } else { 0.0 };
        }
        part
    };
    parts.iter().map(resolve).collect()
}

/// Whether it is not sure of a site whether it is there.
pub(super) fn is_uncertain(part: &Part, rule: &ExistenceRule) -> bool {
    part.confidence > 0.0 && part.confidence < rule.low
}
