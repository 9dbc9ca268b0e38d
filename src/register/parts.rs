//! Unnamed buildings of one institution within one source.
//!
//! A hospital, a school or a home for old people is often mapped house by house, and only some of the houses have a
//! name. Unnamed outlines of one institutional class, each within 60 m of the next, are one institution, up to 600 m
//! across. The nearest two come first, so that the result does not depend on any order; the limit is that of the
//! bounds of all outlines.
//!
//! Shops such as pharmacies stand next to each other and stay apart, and so do safe houses.
//!
//! Source: METHOD §1 *Merging*.

use super::alike::has_name;
use super::within::{Groups, is_open};
use super::{Bounds, order};
use crate::measure::apart_m;
use crate::model::{Site, SiteClass, Sites};
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Geometry, Intersects, MultiPolygon, Point, Polygon, Rect, unary_union};
use rayon::prelude::*;
use std::cmp::Ordering;

/// The next building of an institution is no farther away, in meters.
const NEXT_M: f64 = 60.0;

/// An institution is no larger across, in meters.
const ACROSS_M: f64 = 600.0;

/// A building has at most this many neighbors, the nearest ones: many thousand outlines at one place would have as
/// many pairs as their number squared.
const MOST_NEIGHBORS: usize = 256;

/// Whether buildings of a class make an institution.
const fn is_institution(class: SiteClass) -> bool {
    matches!(
        class,
        SiteClass::Hospital
            | SiteClass::HealthCentre
            | SiteClass::MaternalGbvService
            | SiteClass::CareInstitution
            | SiteClass::School
            | SiteClass::EarlyChildhood
            | SiteClass::HigherEducation
            | SiteClass::ChildCareHome
            | SiteClass::DisplacementSite
            | SiteClass::CollectiveCentre
            | SiteClass::DetentionPlace
    )
}

/// Whether a site is an outline of an institutional class.
fn may_be_part(site: &Site) -> bool {
    is_institution(site.class) && site.is_surface()
}

/// Two buildings and how far they lie apart.
struct Next {
    apart_m: f64,
    /// Places; the first by source and id is first.
    first: usize,
    second: usize,
}

/// Gives the unnamed buildings of one institution to one of them; `named` are the places of the named sites.
pub(super) fn of_one_institution(sites: &Sites, named: &[usize], of: &mut Groups) {
    let all = &sites.sites;
    let mut has_name = vec![false; all.len()];
    for place in named {
        has_name[of.kept(*place)] = true;
    }
    let is_free = |place: &usize| {
        let site = &all[*place];
        !has_name[*place] && may_be_part(site) && is_open(sites, site) && of.kept(*place) == *place
    };
    let parts: Vec<usize> = (0..all.len()).filter(is_free).collect();
    if parts.len() < 2 {
        return;
    }
    let mut bounds: Vec<Option<Rect>> = vec![None; all.len()];
    for place in &parts {
        bounds[*place] = all[*place].geometry.bounding_rect();
    }
    for Next { first, second, .. } in nexts(sites, &parts) {
        let (a, b) = (of.kept(first), of.kept(second));
        let both = bounds[a].zip(bounds[b]).map(|(a, b)| around(a, b));
        let Some(both) = both.filter(|both| a != b && is_within(*both)) else { continue };
        of.put(b, a);
        bounds[a] = Some(both);
    }
}

/// All pairs of neighbors, the nearest first; ties by source and id.
fn nexts(sites: &Sites, parts: &[usize]) -> Vec<Next> {
    let all = &sites.sites;
    let near = Bounds::of(sites, parts.iter().copied());
    let of_part = |place: &usize| {
        let site = &all[*place];
        let nexts = near.near(site, NEXT_M).into_iter().filter(|other| other != place);
        let nexts = nexts.filter_map(|other| {
            let there = &all[other];
            if there.class != site.class || sites.source(there) != sites.source(site) {
                return None;
            }
            let apart_m = apart_m(&site.geometry, &there.geometry, NEXT_M)?;
            let is_ordered = order(sites, site, there).is_le();
            let (first, second) = if is_ordered { (*place, other) } else { (other, *place) };
            Some(Next { apart_m, first, second })
        });
        let mut nexts: Vec<Next> = nexts.collect();
        nexts.sort_by(|a, b| nearer(sites, a, b));
        nexts.truncate(MOST_NEIGHBORS);
        nexts
    };
    let mut nexts: Vec<Next> = parts.par_iter().flat_map_iter(of_part).collect();
    nexts.par_sort_by(|a, b| nearer(sites, a, b));
    nexts.dedup_by_key(|next| (next.first, next.second));
    nexts
}

/// The nearer pair first, then by source and id.
fn nearer(sites: &Sites, a: &Next, b: &Next) -> Ordering {
    let at = |place: usize| &sites.sites[place];
    a.apart_m
        .total_cmp(&b.apart_m)
        .then_with(|| order(sites, at(a.first), at(b.first)))
        .then_with(|| order(sites, at(a.second), at(b.second)))
        .then_with(|| (a.first, a.second).cmp(&(b.first, b.second)))
}

/// The bounds of two bounds.
fn around(a: Rect, b: Rect) -> Rect {
    let (low, high) = (|a: f64, b: f64| a.min(b), |a: f64, b: f64| a.max(b));
    Rect::new(
        (low(a.min().x, b.min().x), low(a.min().y, b.min().y)),
        (high(a.max().x, b.max().x), high(a.max().y, b.max().y)),
    )
}

/// Whether bounds are no larger across than an institution. Bounds on both sides of ±180 are.
fn is_within(bounds: Rect) -> bool {
    let corner = |x: f64, y: f64| Geometry::Point(Point::new(x, y));
    let (min, max) = (bounds.min(), bounds.max());
    let diagonals = [
        (corner(min.x, min.y), corner(max.x, max.y)),
        (corner(max.x, min.y), corner(min.x, max.y)),
    ];
    max.x - min.x < 180.0 && diagonals.iter().all(|(a, b)| apart_m(a, b, ACROSS_M).is_some())
}

/// The buildings among the members of a site, if it is an institution of several: all are of one source.
pub(super) fn of<'a>(sites: &Sites, members: &[&'a Site]) -> Vec<&'a Site> {
    let source = members.first().map(|site| sites.source(site));
    let of_one_source = members.iter().all(|site| Some(sites.source(site)) == source);
    let is_part = |site: &&Site| may_be_part(site) && !has_name(site);
    let parts = members.iter().copied().filter(|site| of_one_source && is_part(site));
    let parts: Vec<&Site> = parts.collect();
    if parts.len() > 1 { parts } else { Vec::new() }
}

/// The outlines of all buildings as one; `None` without buildings.
pub(super) fn outline(parts: &[&Site]) -> Option<Geometry<f64>> {
    let polygons = |site: &&Site| -> Vec<Polygon<f64>> {
        match &site.geometry {
            Geometry::Polygon(polygon) => vec![polygon.clone()],
            Geometry::MultiPolygon(polygons) => polygons.0.clone(),
            _ => Vec::new(),
        }
    };
    let all: Vec<Polygon<f64>> = parts.iter().flat_map(polygons).collect();
    let overlaps = |(place, one): (usize, &Polygon<f64>)| {
        all[place + 1..].iter().any(|other| one.intersects(other))
    };
    // Outlines that keep apart stay as they were drawn.
    let joined = if all.iter().enumerate().any(overlaps) {
        // The union drops outlines that run the other way round than the first.
        let all: Vec<_> = all.iter().map(|one| one.orient(Direction::Default)).collect();
        unary_union(&all)
    } else {
        MultiPolygon(all)
    };
    (!joined.0.is_empty()).then_some(Geometry::MultiPolygon(joined))
}

/// People in all buildings and what all can serve, by their own numbers; `None` without buildings.
///
/// Where some give no number the sum says too little. People count then only if they are more than a site of the class
/// usually has.
pub(super) fn numbers(parts: &[&Site]) -> Option<[Option<f64>; 2]> {
    let usual = parts.iter().map(|site| site.usual_occupants).reduce(f64::max)?;
    let people: f64 = parts.iter().filter_map(|site| site.occupancy).sum();
    let all_say = parts.iter().all(|site| site.occupancy.is_some());
    let occupancy = (all_say || people > usual).then_some(people);
    Some([occupancy, parts.iter().map(|site| site.capacity).sum()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_within_600_m_by_their_diagonals() {
        // 0.003° of latitude are 333 m, at 60° N 0.006° of longitude are 334 m.
        let bounds = |east: f64, north: f64| Rect::new((20.0, 60.0), (20.0 + east, 60.0 + north));
        assert!(is_within(bounds(0.006, 0.003)) && is_within(bounds(0.0, 0.0)));
        assert!(!is_within(bounds(0.009, 0.004)) && !is_within(bounds(0.0, 0.0055)));
        assert!(!is_within(Rect::new((-179.999, 0.0), (179.999, 0.001))));
    }
}
