//! What lowers what a course of action exposes: sites and blocks of people that a small change of the boundary
//! spares, and hours at which fewer people are there.
//!
//! Each change is assessed as it would be drawn: the footprint without the ground, or the same footprint at
//! other hours. What raises any dimension at any bound, or leaves less to be said of what is left, is not told;
//! the reverse question cannot be asked.
//!
//! Source: METHOD §7.

use super::explain::{Blocks, near};
use super::hours;
use super::prepare::Prepared;
use super::rollup::{Member, Shares, by_key, distinct};
use super::row::{self, Detail, Made, When};
use super::tally::Part;
use super::weigh::Weighed;
use super::{Context, contained};
use crate::error::{Called, ReadError};
use crate::intersect::{Footprint, around_and_out, cover, without};
use crate::measure::surface_km2;
use crate::model::{Area, Change, Coa, Lowering, Shape, Shown, Site, Status};
use geo::{Coord, InteriorPoint, Intersects, LineString, MultiPolygon, Polygon};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// So much ground around a site is left out with it, in meters.
const CLEAR_M: f64 = 50.0;
/// A change of the boundary can spare sites up to so many meters from it.
const NEAR_M: f64 = 2_000.0;
/// So many sites and blocks are told of each course of action.
const MOST: usize = 5;
/// So many blocks are looked at.
const MOST_BLOCKS: usize = 12;
/// A change gives up this share of the ground at most.
const MOST_GROUND: f64 = 0.1;
/// Blocks with fewer people are not told.
const LEAST_PEOPLE: f64 = 10.0;
/// What spares less than a point tells of people alone.
const A_POINT: f64 = 0.5;

/// The footprint of a course of action, as it is and as it may be drawn.
struct Looked<'a> {
    footprint: &'a MultiPolygon<f64>,
    shares: Vec<Option<f64>>,
    km2: f64,
    status: Status,
    detail: Detail,
    members: Vec<&'a Member>,
    context: &'a Context<'a>,
}

/// What would lower what a course of action exposes: sites by id, then blocks in the order of the grid, then
/// phases.
///
/// # Errors
///
/// If a block of a raster cannot be read.
pub(super) fn lowerings(
    coa: &Coa,
    shares: &Shares,
    members: &[Member],
    context: &Context,
) -> Result<Vec<Lowering>, ReadError> {
    let Some(footprint) = &coa.whole.row.footprint else { return Ok(Vec::new()) };
    let distinct = distinct(shares.iter().map(|(_, _, share)| *share));
    let Some((status, detail)) = weighed(footprint, &distinct, context)? else {
        return Ok(Vec::new());
    };
    let own = &coa.whole.row.area.coa;
    let own = members.iter().filter(|member| member.area.coa == *own);
    let km2 = surface_km2(footprint);
    let looked = Looked {
        footprint,
        shares: distinct,
        km2,
        status,
        detail,
        members: own.collect(),
        context,
    };
    let mut all = looked.sites()?;
    all.extend(looked.blocks()?);
    all.extend(looked.hours(coa, shares)?);
    Ok(all)
}

/// Weighs a footprint in WGS 84, and how much can be said of it; `None` where nobody knows its people.
fn weighed(
    footprint: &MultiPolygon<f64>,
    shares: &[Option<f64>],
    context: &Context,
) -> Result<Option<(Status, Detail)>, ReadError> {
    let mut area = Area { shape: Shape::drawn(footprint.clone()), ..Area::default() };
    let ways = context.ways.take(context.reference, context.places);
    let prepared = contained(|| Prepared::new(&area, &ways, context.places));
    context.ways.put_back(ways);
    let Ok(prepared) = prepared else { return Ok(None) };
    let when = When { shares, days: None };
    let made = contained(|| row::assess_area(&mut area, prepared, when, &context.row));
    let Ok(made) = made else { return Ok(None) };
    let Made { row, detail, .. } = made?;
    let detail = detail.filter(|detail| detail.weighed.people.is_some());
    Ok(detail.map(|detail| (row.status, detail)))
}

impl Looked<'_> {
    /// The sites near the boundary that can be left out, by their ids.
    fn sites(&self) -> Result<Vec<Lowering>, ReadError> {
        let Some(worlds) = self.context.row.sites else { return Ok(Vec::new()) };
        let sites = worlds.sites;
        let Some(shape) = Footprint::new(self.footprint) else { return Ok(Vec::new()) };
        let near = near(self.footprint, &self.detail.parts, &self.context.row);
        let leave_out = |(place, meters): &(usize, f64)| {
            let site = worlds.open.site(*place);
            let ground = site.and_then(|site| {
                contained(|| around_and_out(&shape, &site.geometry, [CLEAR_M, NEAR_M])).ok()?
            });
            let Some(ground) = ground else { return Ok(None) };
            self.without(&ground, Change::Site(*place, *meters))
        };
        let found: Vec<Option<Lowering>> =
            near.par_iter().map(leave_out).collect::<Result<_, _>>()?;
        let mut found: Vec<Lowering> = found.into_iter().flatten().collect();
        found.retain(|lowering| lowering.points >= A_POINT || lowering.vulnerable >= LEAST_PEOPLE);
        worth_most(&mut found);
        let id = |lowering: &Lowering| match lowering.change {
            Change::Site(place, _) => sites.sites.get(place).map(|site| (site.layer, &site.id)),
            _ => None,
        };
        found.sort_by(|one, two| id(one).cmp(&id(two)));
        Ok(found)
    }

    /// Blocks of people at the boundary, those with most of them, in the order of the grid.
    fn blocks(&self) -> Result<Vec<Lowering>, ReadError> {
        let context = &self.context.row;
        let blocks = Blocks::of(context);
        let boundary = cover(&self.detail.zone).cells;
        let boundary: BTreeSet<[usize; 2]> = boundary
            .iter()
            .map(|cell| blocks.of_cell([cell.row as usize, cell.col as usize]))
            .collect();
        let people: BTreeMap<_, _> = blocks.people(&self.detail, context)?;
        let at_boundary = people.into_iter().filter(|(block, _)| boundary.contains(block));
        let mut most: Vec<([usize; 2], f64)> =
            at_boundary.filter(|(_, people)| *people >= LEAST_PEOPLE).collect();
        most.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        most.truncate(MOST_BLOCKS);
        let leave_out = |(block, _): &([usize; 2], f64)| {
            let corners = blocks.corners(*block).map(Coord::from);
            let ring = LineString(corners.to_vec());
            let ground = MultiPolygon(vec![Polygon::new(ring, vec![])]);
            let found = self.without(&ground, Change::Block(blocks.middle(*block)))?;
            Ok(found.map(|found| (*block, found)))
        };
        let found: Vec<Option<([usize; 2], Lowering)>> =
            most.par_iter().map(leave_out).collect::<Result<_, ReadError>>()?;
        let mut found: Vec<_> = found.into_iter().flatten().collect();
        found.retain(|(_, lowering)| lowering.people >= LEAST_PEOPLE);
        found.truncate(MOST);
        found.sort_by_key(|(block, _)| *block);
        Ok(found.into_iter().map(|(_, lowering)| lowering).collect())
    }

    /// Phases at whose hours more people are there than some hours later; the areas without one are one of their own.
    fn hours(&self, coa: &Coa, shares: &Shares) -> Result<Vec<Lowering>, ReadError> {
        let zone = self.context.row.zone;
        let mut found = Vec::new();
        for (place, (phase, hours, share)) in shares.iter().enumerate() {
            let Some(now) = share else { continue };
            let name = phase.as_deref();
            let of_phase = coa.phases.iter().find(|other| other.row.area.phase.as_deref() == name);
            let of_phase = of_phase.unwrap_or(&coa.whole);
            let areas = self.members.iter().filter(|member| member.area.phase == *phase);
            let areas: Vec<Called> = areas.map(|member| by_key(&member.area)).collect();
            let inner = of_phase.row.footprint.as_ref().and_then(InteriorPoint::interior_point);
            let longitude = inner.map_or(0.0, geo::Point::x);
            let at = |later: i64| {
                let moved: Option<Vec<_>> = hours.iter().map(|hours| hours.later(later)).collect();
                Some((later, hours::share_of_day(&moved?, zone, longitude)?))
            };
            let others: Vec<(i64, f64)> = (1..24).filter_map(at).collect();
            let least = others.iter().min_by(|one, two| one.1.total_cmp(&two.1));
            let most = others.iter().rev().max_by(|one, two| one.1.total_cmp(&two.1));
            let other = [least, most].into_iter().flatten();
            for (later, share) in other.filter(|(_, share)| (share - now).abs() > 1e-9) {
                let then = shares.iter().enumerate();
                let then = then
                    .map(|(other, (_, _, own))| if other == place { Some(*share) } else { *own });
                let change = Change::Hours(phase.clone(), *later);
                let then = distinct(then);
                let lowering = self.lowered((self.footprint, &then), change, areas.clone())?;
                found.extend(
                    lowering.filter(|lowering| lowering.people + lowering.vulnerable >= 1.0),
                );
            }
        }
        Ok(found)
    }

    /// What leaving out some ground lowers; `None` if too much of the ground would go, or if anything rose.
    fn without(
        &self,
        ground: &MultiPolygon<f64>,
        change: Change,
    ) -> Result<Option<Lowering>, ReadError> {
        let left = contained(|| without(self.footprint, ground));
        let Ok(Ok(left)) = left else { return Ok(None) };
        if left.0.is_empty() || self.km2 - surface_km2(&left) > MOST_GROUND * self.km2 {
            return Ok(None);
        }
        let touched = |member: &&&Member| {
            member.footprint().is_some_and(|footprint| footprint.intersects(ground))
        };
        let areas =
            self.members.iter().filter(touched).map(|member| by_key(&member.area)).collect();
        self.lowered((&left, &self.shares), change, areas)
    }

    fn lowered(
        &self,
        (footprint, shares): (&MultiPolygon<f64>, &[Option<f64>]),
        change: Change,
        areas: Vec<Called>,
    ) -> Result<Option<Lowering>, ReadError> {
        let Some((status, detail)) = weighed(footprint, shares, self.context)? else {
            return Ok(None);
        };
        let (now, then) = (&self.detail.weighed, &detail.weighed);
        let rises = now.scored.iter().zip(&then.scored).any(|(now, then)| {
            let pairs = now.dimensions.iter().zip(&then.dimensions);
            pairs.into_iter().any(|(now, then)| *then > now + 1e-9) || then.score > now.score + 1e-9
        });
        if rises || status > self.status {
            return Ok(None);
        }
        let people = |weighed: &Weighed| weighed.people.unwrap_or_default().best;
        Ok(Some(Lowering {
            change,
            areas,
            km2: (self.km2 - surface_km2(footprint)).max(0.0),
            sites: self.detail.parts.len().saturating_sub(detail.parts.len()),
            is_untold: self.is_untold(&detail.parts),
            people: (people(now) - people(then)).max(0.0),
            vulnerable: (now.tally.vulnerable.best - then.tally.vulnerable.best).max(0.0),
            points: (now.scored[1].score - then.scored[1].score).max(0.0),
        }))
    }

    /// Whether a site that some parts lack must not be told of.
    fn is_untold(&self, left: &[Part]) -> bool {
        let Some(worlds) = self.context.row.sites else { return false };
        let left: BTreeSet<usize> = left.iter().map(|part| part.place).collect();
        let spared = self.detail.parts.iter().filter(|part| !left.contains(&part.place));
        let is_untold = |part: &Part| {
            let site = worlds.sites.sites.get(part.place);
            let is_hidden = |site: &Site| !matches!(site.shown, Shown::AsItIs);
            site.is_some_and(|site| site.is_sensitive || (part.is_told && is_hidden(site)))
        };
        spared.into_iter().any(is_untold)
    }
}

/// Keeps those that lower most; the order of what is kept is told by what it is.
fn worth_most(all: &mut Vec<Lowering>) {
    all.sort_by(|one, two| {
        two.points.total_cmp(&one.points).then(two.vulnerable.total_cmp(&one.vulnerable))
    });
    all.truncate(MOST);
}
