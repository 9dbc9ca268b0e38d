//! Records of one thing in several sources.
//!
//! Pairs within reach whose names fit are taken one after another, the nearest first. A record has at most one
//! partner in each other source, and a record joins a group only if it fits each of it: no chains.

use super::alike::{Folded, fit};
use super::words::Words;
use super::{Bounds, NEAR_M, order};
use crate::measure::apart_m;
use crate::model::{Site, SiteLayer, Sites};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::sync::OnceLock;

/// A record has so many partners at most that it may be one with, the nearest: many thousand records at one
/// point, as a list has that knows the town alone, would have as many pairs as their number squared.
const MOST_PARTNERS: usize = 256;

/// Two records that may be of one thing.
struct Pair {
    apart_m: f64,
    /// Places; the first by source and id is first.
    first: usize,
    second: usize,
}

/// Groups of records (places, ascending) that are of one thing each.
pub(super) fn groups(sites: &Sites, words: &Words) -> Vec<Vec<usize>> {
    let pairs = pairs(sites, words);
    let mut fits: Vec<(usize, usize)> = pairs
        .iter()
        .flat_map(|pair| [(pair.first, pair.second), (pair.second, pair.first)])
        .collect();
    fits.sort_unstable();
    let mut group_of: Vec<Option<usize>> = vec![None; sites.sites.len()];
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for Pair { first, second, .. } in pairs {
        let members =
            |group: Option<usize>, own: usize| group.map_or(vec![own], |at| groups[at].clone());
        let (of_first, of_second) = (group_of[first], group_of[second]);
        let (a, b) = (members(of_first, first), members(of_second, second));
        let all_fit = || a.iter().all(|a| b.iter().all(|b| fits.binary_search(&(*a, *b)).is_ok()));
        if (of_first.is_some() && of_first == of_second) || !all_fit() {
            continue;
        }
        let at = of_first.or(of_second).unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        if let Some(other) = of_second.filter(|other| *other != at) {
            groups[other].clear();
        }
        groups[at] = [a, b].concat();
        for place in &groups[at] {
            group_of[*place] = Some(at);
        }
    }
    groups.retain(|group| !group.is_empty());
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

/// All pairs of records of different sources that may be of one thing, the nearest first; ties by source and
/// id.
fn pairs(sites: &Sites, words: &Words) -> Vec<Pair> {
    let is_one = |layers: &[SiteLayer]| layers.iter().all(|layer| layer.name == layers[0].name);
    if is_one(&sites.layers) {
        return Vec::new();
    }
    let bounds = Bounds::of(sites, 0..sites.sites.len());
    // Most records have nothing near them, so that nobody asks for their names.
    let names: Vec<OnceLock<Option<Box<Folded>>>> =
        sites.sites.iter().map(|_| OnceLock::new()).collect();
    let name = |place: usize| {
        let of = || Folded::of_site(&sites.sites[place], words).map(Box::new);
        names[place].get_or_init(of).as_deref()
    };
    let of_site = |place: usize| {
        let site = &sites.sites[place];
        let near = bounds.near(site, NEAR_M).into_iter().filter(|other| *other != place);
        let pairs = near.filter_map(|other| {
            let there = &sites.sites[other];
            if there.class.family() != site.class.family() || !may_be_one(sites, site, there) {
                return None;
            }
            if !fit(name(place), name(other)) {
                return None;
            }
            let apart_m = apart_m(&site.geometry, &there.geometry, NEAR_M)?;
            let is_ordered = order(sites, site, there).is_le();
            let (first, second) = if is_ordered { (place, other) } else { (other, place) };
            Some(Pair { apart_m, first, second })
        });
        let mut pairs: Vec<Pair> = pairs.collect();
        pairs.sort_by(|a, b| nearer(sites, a, b));
        pairs.truncate(MOST_PARTNERS);
        pairs
    };
    let mut pairs: Vec<Pair> =
        (0..sites.sites.len()).into_par_iter().flat_map_iter(of_site).collect();
    pairs.par_sort_by(|a, b| nearer(sites, a, b));
    // Most pairs were found from both ends.
    pairs.dedup_by_key(|pair| (pair.first, pair.second));
    pairs
}

/// The nearer pair first, then by source and id.
fn nearer(sites: &Sites, a: &Pair, b: &Pair) -> Ordering {
    let at = |place: usize| &sites.sites[place];
    a.apart_m
        .total_cmp(&b.apart_m)
        .then_with(|| order(sites, at(a.first), at(b.first)))
        .then_with(|| order(sites, at(a.second), at(b.second)))
        .then_with(|| (a.first, a.second).cmp(&(b.first, b.second)))
}

/// Whether two records have no source in common, and nobody decided about them before.
fn may_be_one(sites: &Sites, a: &Site, b: &Site) -> bool {
    if sites.register(a).is_some() && sites.register(a) == sites.register(b) {
        return false;
    }
    if a.merged.is_none() && b.merged.is_none() {
        return sites.source(a) != sites.source(b);
    }
    let of_b = sites.records(b);
    sites.records(a).iter().all(|a| of_b.iter().all(|b| a.source != b.source))
}
