//! Roll-ups: areas to phases, phases to courses of action, each person and each site once.
//!
//! A roll-up is the union of the footprints of its areas, assessed as one area: one boundary walk over its
//! dissolved rings. A phase has the hours of all of its areas; a course of action is looked at under the share
//! of day of each of its phases, and each bound of each burden is the largest. So no phase has a higher score
//! than its course of action.
//!
//! Source: METHOD §4.

use super::hours::{self, Hours};
use super::prepare::Prepared;
use super::row::{self, Detail};
use super::{Context, Ground, Inputs, contained, spare};
use crate::error::{Called, Notice, NoticeKind, ReadError};
use crate::intersect::{fold, union};
use crate::measure::Reference;
use crate::model::{
    Area, AssessedArea, AtTime, Coa, Distances, Flag, Level, Presence, RollUp, Shape, Spread,
    Status, Unclear, area_key,
};
use geo::MultiPolygon;
use rayon::prelude::*;
use serde_json::{Map, json};
use std::collections::BTreeMap;

/// What roll-ups without a name are called.
const ALL: &str = "all areas";

/// What is kept of an assessed area to take it together with others.
#[derive(Debug, Clone)]
pub struct Member {
    pub(super) area: Area,
    footprint: Option<MultiPolygon<f64>>,
    /// What was drawn, in the system of the areas, where that is not the footprint.
    drawn: Option<MultiPolygon<f64>>,
    flags: Vec<Flag>,
}

impl Member {
    /// What is kept of a row; whether its assessment buffers any.
    #[must_use]
    pub fn of(row: &AssessedArea, is_buffered: bool) -> Self {
        let drawn = match (&row.footprint, &row.area.shape) {
            (Some(footprint), Shape::Polygons { polygons, .. })
                if !is_buffered && polygons != footprint =>
            {
                Some(polygons.clone())
            }
            _ => None,
        };
        let area = Area { properties: Map::new(), shape: Shape::default(), ..row.area.clone() };
        let of_shape = [Flag::Buffered, Flag::Repaired, Flag::Wrapped];
        let flags = of_shape.into_iter().filter(|flag| row.flags.contains(flag)).collect();
        Self { area, footprint: row.footprint.clone(), drawn, flags }
    }

    /// Its course of action.
    #[must_use]
    pub fn coa(&self) -> Option<&str> {
        self.area.coa.as_deref()
    }

    /// In WGS 84, if it has any.
    pub(super) const fn footprint(&self) -> Option<&MultiPolygon<f64>> {
        self.footprint.as_ref()
    }

    /// What is united: without a buffer what was drawn, in the system of the areas, else the footprint.
    const fn ground(&self) -> Option<&MultiPolygon<f64>> {
        match &self.drawn {
            Some(drawn) => Some(drawn),
            None => self.footprint.as_ref(),
        }
    }
}

/// The roll-ups of some areas.
#[derive(Debug, Clone)]
pub struct RollUps {
    /// The courses of action, in input order; all areas as one where none has any.
    pub coas: Vec<Coa>,
    /// Areas that belong to none though others do, and those whose hours cannot be told.
    pub unclear: Unclear,
    /// Areas that belong to none, and those that nobody could count.
    pub notices: Vec<Notice>,
}

/// Takes areas together that were assessed with these inputs; and, if it is asked, finds what would lower what
/// each course of action exposes.
///
/// # Errors
///
/// Those of [`assess`](super::assess()).
pub fn roll_up(
    members: &[Member],
    inputs: &Inputs<'_, ()>,
    wants_lowerings: bool,
) -> Result<RollUps, ReadError> {
    let wgs84 = Reference::wgs84().map_err(|error| {
        ReadError::unusable(inputs.file, format!("there is no way to WGS 84: {error}"))
    })?;
    // What was buffered is known in WGS 84 alone, and is not buffered again.
    let is_buffered = inputs.distances.is_buffered();
    let reference = if is_buffered { &wgs84 } else { inputs.reference };
    let distances = &Distances::default();
    let inputs = Inputs { reference, distances, ..*inputs };
    let ground = Ground::new(&inputs);
    let context = &Context::new(&inputs, &ground);
    let mut notices = Vec::new();
    let members = folded(members, context, &mut notices);
    let (groups, of_none) = groups(&members);
    notices.extend(of_none.iter().map(|area| {
        let found = "it has no course of action (`coa`), so it belongs to none of the options";
        Notice::of_area(NoticeKind::AreaLeftOut, area.clone(), found)
    }));
    let made = groups.par_iter().map(|group| coa(group, context)).collect::<Result<Vec<_>, _>>()?;
    let mut on_earth = Context::new(&Inputs { reference: &wgs84, ..inputs }, &ground);
    on_earth.row.score_alone = true;
    let with_lowerings = |Made { coa, shares }: Made| {
        let lowerings = if wants_lowerings {
            spare::lowerings(&coa, &shares, &members, &on_earth)?
        } else {
            Vec::new()
        };
        Ok(Coa { lowerings, ..coa })
    };
    let coas = made.into_iter().map(with_lowerings).collect::<Result<Vec<_>, ReadError>>()?;
    for coa in &coas {
        notices.extend(coa.whole.left_out.iter().map(|area| {
            let found = format!(
                "it has no usable polygon, so what \"{}\" exposes is counted without it",
                coa.name
            );
            Notice::of_area(NoticeKind::AreaLeftOut, area.clone(), found)
        }));
    }
    let zone = context.row.zone;
    let is_faulty = |member: &&Member| Hours::of(&member.area, zone).is_err();
    let hours = members.iter().filter(is_faulty).map(|member| by_key(&member.area)).collect();
    Ok(RollUps { coas, unclear: Unclear { of_none, hours }, notices })
}

/// What people call an area, which is known by its key among those of several options.
pub(super) fn by_key(area: &Area) -> Called {
    Called { id: area.key(), ..area.called() }
}

/// The members with what was drawn between ±180 degrees, where it is in degrees.
fn folded(members: &[Member], context: &Context, notices: &mut Vec<Notice>) -> Vec<Member> {
    if !context.reference.is_geographic() {
        return members.to_vec();
    }
    let one = |member: &Member| {
        let drawn = member.drawn.clone().map(fold).transpose();
        drawn.map(|drawn| Member { drawn: drawn.map(|folded| folded.area), ..member.clone() })
    };
    let folded: Vec<_> = members.par_iter().map(one).collect();
    let folded = folded.into_iter().zip(members).map(|(folded, member)| {
        folded.unwrap_or_else(|error| {
            let found = format!("it cannot be split at 180 degrees: {error}");
            notices.push(Notice::of_area(NoticeKind::AreaLeftOut, by_key(&member.area), found));
            Member { drawn: None, footprint: None, ..member.clone() }
        })
    });
    folded.collect()
}

/// The areas of a course of action, and by phase.
struct Group<'m> {
    name: Option<&'m str>,
    all: Vec<&'m Member>,
    /// Those without a phase are a phase without a name.
    phases: Vec<(Option<&'m str>, Vec<&'m Member>)>,
}

/// The courses of action and their phases, in the order in which they are first met; and the areas of none,
/// where others have one.
fn groups(members: &[Member]) -> (Vec<Group<'_>>, Vec<Called>) {
    let has_any = members.iter().any(|member| member.area.coa.is_some());
    let mut groups: Vec<Group> = Vec::new();
    let (mut places, mut phases, mut of_none) = (BTreeMap::new(), BTreeMap::new(), Vec::new());
    for member in members {
        let Area { coa, phase, .. } = &member.area;
        if has_any && coa.is_none() {
            of_none.push(by_key(&member.area));
            continue;
        }
        let place = *places.entry(coa.as_deref()).or_insert_with(|| {
            groups.push(Group { name: coa.as_deref(), all: Vec::new(), phases: Vec::new() });
            groups.len() - 1
        });
        let group = &mut groups[place];
        group.all.push(member);
        let of_phase = *phases.entry((place, phase.as_deref())).or_insert_with(|| {
            group.phases.push((phase.as_deref(), Vec::new()));
            group.phases.len() - 1
        });
        group.phases[of_phase].1.push(member);
    }
    (groups, of_none)
}

/// A course of action, and the share of day of each of its phases.
struct Made {
    coa: Coa,
    shares: Shares,
}

/// The hours of each phase of a course of action and the share of them that is day, in its order.
pub(super) type Shares = Vec<(Option<String>, Vec<Hours>, Option<f64>)>;

fn coa(group: &Group, context: &Context) -> Result<Made, ReadError> {
    let (mut phases, mut shares, mut person_days) = (Vec::new(), Shares::new(), Some(0.0));
    for (name, members) in &group.phases {
        let hours = hours_of(members, context);
        let area = area_of(members, (group.name, *name), context);
        let (area, prepared) = prepared(area, members, context);
        let share = contained(|| row::share_of_day(&prepared, &hours, &context.row));
        let share = share.ok().flatten();
        let days = hours::days(&hours, context.row.zone);
        let when = row::When { shares: &[share], days };
        let (row, _) = assessed(area, prepared, when, context)?;
        person_days = person_days.zip(row.person_days).map(|(sum, more)| sum + more);
        shares.push((name.map(ToString::to_string), hours, share));
        if name.is_some() {
            phases.push(roll_up_of(Level::Phase, row, members));
        }
    }
    let area = area_of(&group.all, (group.name, None), context);
    let (area, prepared) = prepared(area, &group.all, context);
    let distinct = distinct(shares.iter().map(|(_, _, share)| *share));
    let when = row::When { shares: &distinct, days: None };
    let (mut row, detail) = assessed(area, prepared, when, context)?;
    row.person_days = person_days.filter(|_| row.people.is_some());
    let spread = spread_of(detail);
    let whole = roll_up_of(Level::Coa, row, &group.all);
    let name = group.name.unwrap_or(ALL).to_string();
    Ok(Made { coa: Coa { name, whole, phases, spread, lowerings: Vec::new() }, shares })
}

/// Shares of day, each once.
pub(super) fn distinct(shares: impl Iterator<Item = Option<f64>>) -> Vec<Option<f64>> {
    let mut distinct: Vec<Option<f64>> = Vec::new();
    for share in shares {
        if !distinct.contains(&share) {
            distinct.push(share);
        }
    }
    distinct
}

/// The hours of some areas; those that say nothing, or what is no time, have none.
fn hours_of(members: &[&Member], context: &Context) -> Vec<Hours> {
    let zone = context.row.zone;
    let hours = members.iter().filter_map(|member| Hours::of(&member.area, zone).ok().flatten());
    let mut distinct: Vec<Hours> = Vec::new();
    for hours in hours {
        if !distinct.contains(&hours) {
            distinct.push(hours);
        }
    }
    distinct
}

/// Some areas as one: its key, from its first hour to its last, and what they were united to.
fn area_of(members: &[&Member], key: (Option<&str>, Option<&str>), context: &Context) -> Area {
    let (coa, phase) = key;
    let zone = context.row.zone;
    let timed = || {
        let hours = |area| Some((Hours::of(area, zone).ok().flatten()?, area));
        members.iter().filter_map(move |member| hours(&member.area))
    };
    let first = timed().reduce(|one, two| if two.0.beside(&one.0, zone)[0] { two } else { one });
    let last = timed().reduce(|one, two| if two.0.beside(&one.0, zone)[1] { two } else { one });
    let id = match (coa, phase) {
        (None, None) => ALL.to_string(),
        (Some(coa), None) => coa.to_string(),
        (coa, Some(phase)) => area_key(coa, None, phase),
    };
    Area {
        id,
        coa: coa.map(ToString::to_string),
        phase: phase.map(ToString::to_string),
        start: first.and_then(|(_, area)| area.start.clone()),
        end: last.and_then(|(_, area)| area.end.clone()),
        shape: united(members),
        ..Area::default()
    }
}

/// The union of what areas cover.
fn united(members: &[&Member]) -> Shape {
    let grounds: Vec<_> = members.iter().filter_map(|member| member.ground()).collect();
    if grounds.is_empty() {
        let reason = "none of its areas has a usable polygon".to_string();
        return Shape::Faulty { status: Status::NoGeometry, reason };
    }
    let united = contained(|| union(&grounds));
    match united.map_err(|why| format!("its areas cannot be united: {why}")) {
        Ok(Ok(polygons)) => Shape::drawn(polygons),
        Ok(Err(error)) => {
            let reason = format!("its areas cannot be united: {error}");
            Shape::Faulty { status: Status::Invalid, reason }
        }
        Err(reason) => Shape::Faulty { status: Status::Invalid, reason },
    }
}

/// An area made ready, with what is told of it beside its columns.
fn prepared(mut area: Area, members: &[&Member], context: &Context) -> (Area, Prepared) {
    let level = if area.phase.is_some() { Level::Phase } else { Level::Coa };
    let left_out = members.iter().filter(|member| member.ground().is_none()).count();
    area.properties = Map::from_iter([
        ("level".to_string(), json!(level.name())),
        ("areas".to_string(), json!(members.len())),
        ("areas_left_out".to_string(), json!(left_out)),
    ]);
    let ways = context.ways.take(context.reference, context.places);
    let prepared = contained(|| Prepared::new(&area, &ways, context.places));
    context.ways.put_back(ways);
    (area, prepared.unwrap_or_else(Prepared::failed))
}

/// Assesses a roll-up; what its shape was before it was united is told by its areas.
fn assessed(
    mut area: Area,
    prepared: Prepared,
    when: row::When,
    context: &Context,
) -> Result<(AssessedArea, Option<Detail>), ReadError> {
    let made = contained(|| row::assess_area(&mut area, prepared, when, &context.row));
    let groups = context.row.people.groups.len();
    let made = made.unwrap_or_else(|why| Ok(row::failed(area, why, groups)))?;
    Ok((made.row, made.detail))
}

fn roll_up_of(level: Level, mut row: AssessedArea, members: &[&Member]) -> RollUp {
    row.flags.remove(&Flag::Wrapped);
    row.flags.extend(members.iter().flat_map(|member| &member.flags).copied());
    let without_ground = members.iter().filter(|member| member.ground().is_none());
    RollUp {
        level,
        row,
        areas: members.iter().map(|member| by_key(&member.area)).collect(),
        left_out: without_ground.map(|member| by_key(&member.area)).collect(),
    }
}

/// What the burdens of a roll-up may be.
fn spread_of(detail: Option<Detail>) -> Spread {
    let Some(Detail { weighed, parts, times, .. }) = detail else { return Spread::default() };
    let times = times
        .into_iter()
        .map(|time| AtTime { by_day: time.by_day.unwrap_or(1.0), layers: time.layers });
    let presence = |part: &super::tally::Part| Presence {
        place: part.place,
        tier: part.tier,
        confidence: part.confidence,
        load: part.load,
        is_measured: part.is_measured,
        occupants: part.all_occupants,
        is_day: part.class.is_day(),
        in_raster: part.in_raster,
    };
    Spread {
        times: times.collect(),
        sites: parts.iter().map(presence).collect(),
        dependants: weighed.tally.dependants,
    }
}
