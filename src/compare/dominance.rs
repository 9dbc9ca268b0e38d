//! Dominance: an option that exposes no more by any burden, and less by one.
//!
//! Burdens are compared raw, before any goalpost or weight: people, people in vulnerable situations, site load,
//! and who depends on each service. What differs by less than sums over other rings of the same ground do is
//! the same. A number that may be larger is no reason to put an option before another; a burden that is known of neither
//! is left out. Source: METHOD §4.

use super::{is_less, is_less_known, is_told, uncounted};
use crate::model::{AtTime, Burden, Coa, Dimension, Dominance, Mapped, Scheme};

/// By which options each option is dominated, among those that are ranked: under the primary source of people, and
/// whether under every one that tells of both.
pub(super) fn dominated(
    coas: &[Coa],
    ranked: &[usize],
    primary: usize,
    scheme: &Scheme,
) -> Vec<Vec<Dominance>> {
    let of = |place: usize| {
        if !ranked.contains(&place) {
            return Vec::new();
        }
        let others = ranked.iter().filter(|other| **other != place);
        let dominance = |other: &usize| {
            let (less, more) = (&coas[*other], &coas[place]);
            let under = |source| dominates(less, more, source, scheme);
            if is_less_known(less, more) || !under(primary) {
                return None;
            }
            let mut sources = 0..sources_of(less);
            let under_every_source = sources
                .all(|source| !is_told(less, source) || !is_told(more, source) || under(source));
            Some(Dominance { by: *other, under_every_source })
        };
        others.filter_map(dominance).collect()
    };
    (0..coas.len()).map(of).collect()
}

/// How many sources of people are declared.
fn sources_of(coa: &Coa) -> usize {
    coa.spread.times.first().map_or(0, |time| time.layers.len())
}

/// A burden of an option as far as it is known.
#[derive(Clone, Copy)]
struct Known {
    best: f64,
    /// Whether it may be larger.
    is_least: bool,
}

/// Whether one option exposes no more than another by any burden and less by one, under one source of people.
fn dominates(less: &Coa, more: &Coa, source: usize, scheme: &Scheme) -> bool {
    let (Some(less), Some(more)) = (burdens(less, source, scheme), burdens(more, source, scheme))
    else {
        return false;
    };
    let pairs = || less.iter().zip(&more);
    let is_no_more = |(less, more): (&Option<Known>, &Option<Known>)| match (less, more) {
        (None, None) => true,
        (Some(less), Some(more)) => !less.is_least && !is_less(more.best, less.best),
        _ => false,
    };
    let is_fewer = |(less, more): (&Option<Known>, &Option<Known>)| {
        less.zip(*more).is_some_and(|(less, more)| is_less(less.best, more.best))
    };
    pairs().all(is_no_more) && pairs().any(is_fewer)
}

/// The raw burdens of an option, people as one source tells them; `None` where nobody knows its people.
fn burdens(coa: &Coa, source: usize, scheme: &Scheme) -> Option<Vec<Option<Known>>> {
    let row = &coa.whole.row;
    row.people?;
    let there = || coa.spread.sites.iter().filter(|of| of.confidence >= scheme.existence.best);
    let at = |time: &AtTime| {
        let counted = time.layers.get(source).copied().flatten()?.best;
        Some(counted + uncounted(there(), time.by_day).best)
    };
    let people: Option<Vec<f64>> = coa.spread.times.iter().map(at).collect();
    let people = people?.into_iter().fold(0.0, f64::max);
    let sites = row.sites.as_ref();
    let of = |dimension, burden: Option<Burden>| {
        let is_least = row.known(dimension) != Mapped::All;
        burden.map(|of| Known { best: of.best, is_least })
    };
    let mut burdens = vec![
        Some(Known { best: people, is_least: false }),
        of(Dimension::Vulnerable, sites.and_then(|sites| sites.vulnerable)),
        of(Dimension::Sites, sites.and_then(|sites| sites.load)),
    ];
    for service in 0..coa.spread.dependants.len() {
        burdens.push(sites.and_then(|sites| {
            let best = sites.dependants[service]?.best;
            Some(Known { best, is_least: sites.dependants_least[service] })
        }));
    }
    Some(burdens)
}
