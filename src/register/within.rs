//! Records of one thing within one source.
//!
//! Two records of one source mostly mean two things: two schools next to each other are two. Records are one thing in
//! three cases only: a point and the polygon that it lies in, records of one class and one name, and unnamed buildings
//! of one [institution](super::parts).

use super::alike::{Folded, are_alike, whole};
use super::parts;
use super::words::Words;
use super::{Bounds, NEAR_M, order};
use crate::measure::apart_m;
use crate::model::{Site, SiteClass, Sites};
use geo::{Geometry, Intersects};
use rayon::prelude::*;
use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Groups of records (places, ascending) that are of one thing each.
pub(super) fn groups(sites: &Sites, words: &Words) -> Vec<Vec<usize>> {
    let mut of = Groups::new(sites.sites.len());
    let names = digests(sites);
    same_names(sites, &names, &mut of);
    points_in_polygons(sites, words, &mut of);
    // Last, so that a building with the name of a point in it is known to have one.
    let named: Vec<usize> = names.iter().map(|(_, place)| *place).collect();
    parts::of_one_institution(sites, &named, &mut of);
    of.groups()
}

/// The record that each record belongs to; records that belong to none are kept.
pub(super) struct Groups(Vec<Option<u32>>);

impl Groups {
    fn new(records: usize) -> Self {
        Self(vec![None; records])
    }

    /// The record that a record belongs to in the end.
    pub(super) fn kept(&self, place: usize) -> usize {
        let mut at = place;
        while let Some(Some(next)) = self.0.get(at) {
            at = *next as usize;
        }
        at
    }

    /// Gives a record that is kept to another.
    pub(super) fn put(&mut self, place: usize, kept: usize) {
        let kept = self.kept(kept);
        if kept != place && self.kept(place) == place {
            self.0[place] = Some(kept as u32);
        }
    }

    fn groups(&self) -> Vec<Vec<usize>> {
        let mut members: Vec<(usize, usize)> = (0..self.0.len())
            .filter(|place| self.0[*place].is_some())
            .flat_map(|place| [(self.kept(place), place), (self.kept(place), self.kept(place))])
            .collect();
        members.sort_unstable();
        members.dedup();
        let groups = members.chunk_by(|a, b| a.0 == b.0);
        groups.map(|group| group.iter().map(|(_, place)| *place).collect()).collect()
    }
}

/// Whether which of its records are one site is not decided yet.
pub(super) fn is_open(sites: &Sites, site: &Site) -> bool {
    sites.register(site).is_none()
}

/// Digests of source, class and name of all named sites, with their places, sorted.
fn digests(sites: &Sites) -> Vec<(u64, usize)> {
    let digest = |(place, site): (usize, &Site)| {
        let name = whole(site.name.as_deref()?)?;
        let mut hasher = DefaultHasher::new();
        (sites.source(site), site.class as usize, name).hash(&mut hasher);
        Some((hasher.finish(), place))
    };
    let mut digests: Vec<(u64, usize)> =
        sites.sites.par_iter().enumerate().filter_map(digest).collect();
    digests.par_sort_unstable();
    digests
}

/// Records of one class and one name are of one thing if they lie within 100 m of the one that is kept: the
/// most confident, then the first by id. None is kept because of one that is itself not kept.
fn same_names(sites: &Sites, names: &[(u64, usize)], of: &mut Groups) {
    let key = |site: &Site| -> Option<(&str, SiteClass, String)> {
        let name = site.name.as_deref().filter(|_| is_open(sites, site))?;
        Some((sites.source(site), site.class, whole(name)?))
    };
    // Most names are of one record only: those are found by digests alone.
    for same in names.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
        let named = same.iter().filter_map(|(_, place)| Some((key(&sites.sites[*place])?, *place)));
        let mut named: Vec<_> = named.collect();
        named.sort_unstable();
        for same in named.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            let mut places: Vec<usize> = same.iter().map(|(_, place)| *place).collect();
            places.sort_by(|a, b| best_first(sites, *a, *b));
            star(sites, &places, of);
        }
    }
}

/// Gives each record to the first before it that lies within 100 m and is kept.
fn star(sites: &Sites, places: &[usize], of: &mut Groups) {
    let bounds = Bounds::of(sites, places.iter().copied());
    let mut rank = places.iter().copied().zip(0_usize..).collect::<Vec<_>>();
    rank.sort_unstable();
    let rank_of = |place: usize| {
        rank.binary_search_by_key(&place, |(place, _)| *place).map_or(0, |at| rank[at].1)
    };
    for (own_rank, place) in places.iter().enumerate() {
        if of.kept(*place) != *place {
            continue;
        }
        let site = &sites.sites[*place];
        for other in bounds.near(site, NEAR_M) {
            let is_free = rank_of(other) > own_rank && of.kept(other) == other;
            if is_free && apart_m(&site.geometry, &sites.sites[other].geometry, NEAR_M).is_some() {
                of.put(other, *place);
            }
        }
    }
}

/// A point lies in its own polygon: one of its class and source that holds it, of a name alike; or one of the
/// two has no name, and no other such point lies in the polygon.
fn points_in_polygons(sites: &Sites, words: &Words, of: &mut Groups) {
    let open = |place: &usize| is_open(sites, &sites.sites[*place]);
    let polygons =
        (0..sites.sites.len()).filter(|place| sites.sites[*place].is_surface()).filter(open);
    let mut polygons: Vec<usize> = polygons.collect();
    if polygons.is_empty() {
        return;
    }
    polygons.sort_by(|a, b| best_first(sites, *a, *b));
    let is_point = |site: &Site| matches!(site.geometry, Geometry::Point(_));
    let points = (0..sites.sites.len()).filter(|place| is_point(&sites.sites[*place])).filter(open);
    let bounds = Bounds::of(sites, points);
    for polygon in polygons {
        let site = &sites.sites[polygon];
        let own = |place: &usize| {
            let point = &sites.sites[*place];
            of.kept(*place) == *place
                && (point.class, sites.source(point)) == (site.class, sites.source(site))
                && point.geometry.intersects(&site.geometry)
        };
        let mut points: Vec<usize> = bounds.near(site, 0.0).into_iter().filter(own).collect();
        points.sort_by(|a, b| best_first(sites, *a, *b));
        for point in of_one_thing((sites, words), site, &points) {
            of.put(point, polygon);
        }
    }
}

/// The points of a polygon that are the same thing by their names.
fn of_one_thing((sites, words): (&Sites, &Words), polygon: &Site, points: &[usize]) -> Vec<usize> {
    let name = |site: &Site| Folded::of_site(site, words);
    let own = name(polygon);
    let names: Vec<_> = points.iter().map(|point| (*point, name(&sites.sites[*point]))).collect();
    let alike = names.iter().filter(|(_, other)| {
        own.as_ref().zip(other.as_ref()).is_some_and(|(own, other)| are_alike(own, other))
    });
    let mut same: Vec<usize> = alike.map(|(point, _)| *point).collect();
    let mut half = names.iter().filter(|(_, other)| own.is_some() != other.is_some());
    if let (Some((only, _)), None) = (half.next(), half.next()) {
        same.push(*only);
    }
    same
}

/// The most confident first, then by source and id.
fn best_first(sites: &Sites, a: usize, b: usize) -> Ordering {
    let (one, other) = (&sites.sites[a], &sites.sites[b]);
    other.confidence.total_cmp(&one.confidence).then_with(|| order(sites, one, other))
}
