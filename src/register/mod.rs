//! The register: one site for each thing, however many records tell of it.
//!
//! The same hospital is in OpenStreetMap, in a ministry's list and in what a partner reports.
//! [`merge`] finds the records of one thing, within a source and across sources, and keeps which field came
//! from which. It compares records by what they say and where they are, never by their order, so that the
//! result is the same however layers and features are ordered; and what is decided once is kept, so that
//! merging again changes nothing.
//!
//! [`settle`] also applies what partners answered to requests for information.
//!
//! No file is opened here, and nothing is counted.
//!
//! Source: METHOD §1 *Merging*, §7 *Requests for information*.

mod across;
mod alike;
mod answers;
mod fold;
mod links;
mod parts;
mod spelling;
mod within;
mod words;

pub(crate) use alike::folded;
pub use answers::{Answered, Judging};
pub(crate) use words::TABLE as NAMES;

use self::words::Words;
use crate::error::Problem;
use crate::measure::{apart_m, bounds_and};
use crate::model::{
    Answer, Field, InRaster, Merged, NameWords, Record, Shown, Site, SiteClass, Sites, ToldLink,
};
use geo::{BoundingRect, CoordsIter};
use rayon::prelude::*;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Records farther apart are not of one thing, in meters.
const NEAR_M: f64 = 100.0;

/// How many records there were, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Merging {
    /// Records before.
    pub records: u64,
    /// Sites after.
    pub sites: u64,
    /// Records left out since they have expired.
    pub expired: u64,
    /// Records left out since a register has them already, or that are copies of others.
    pub known: u64,
}

/// Whether records of one thing become one site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Records {
    /// They do.
    Merged,
    /// Each is a site of its own.
    Kept,
}

/// What is told about sites beside their records.
#[derive(Debug, Default)]
pub struct Told {
    /// Answers of partners.
    pub answers: Vec<Answer>,
    /// Which site feeds which.
    pub links: Vec<ToldLink>,
}

/// What became of records, answers and links.
#[derive(Debug)]
pub struct Settled {
    /// Of the records.
    pub merging: Merging,
    /// Of the answers.
    pub answered: Vec<Answered>,
    /// Links that cannot be used.
    pub problems: Vec<Problem>,
}

/// Makes the register of what was read: leaves out what has expired, adds the sites that answers tell of, leaves
/// out what is there twice, merges, applies the other answers, and puts supply links in place.
pub fn settle(sites: &mut Sites, told: Told, records: Records, judging: Judging) -> Settled {
    let Told { answers, links } = told;
    let mut told = Vec::new();
    let before = sites.sites.len();
    if let Some(date) = judging.date {
        sites.sites.retain(|site| site.expires_on.as_deref().is_none_or(|expires| expires > date));
    }
    let expired = (before - sites.sites.len()) as u64;
    let answers = answers::add_records(sites, answers, judging, &mut told);
    let before = sites.sites.len();
    drop_known(sites);
    drop_copies(sites);
    let known = (before - sites.sites.len()) as u64;
    let count = sites.sites.len() as u64;
    let merging = match records {
        Records::Merged => merge(sites, judging.names),
        Records::Kept => Merging { records: count, sites: count, ..Merging::default() },
    };
    let merging = Merging { expired, known, ..merging };
    answers::apply(sites, answers, judging, &mut told);
    told.sort_by(|a, b| (&a.file, a.place).cmp(&(&b.file, b.place)));
    let problems = links::add(sites, links);
    Settled { merging, answered: told, problems }
}

/// Merges the records of one thing into one site.
///
/// Within a source only a point and the polygon of the same class that it lies in, records of one class
/// and one name within 100 m of the one that is kept, or unnamed buildings of one institution. Across sources one to one, the nearest pair first: of
/// one family, within 100 m, with names alike or one of the two without a name. In a group of several sources
/// each two must fit. The site keeps id and place of its most confident record, class and tier of the record
/// with the gravest tier; ties go to the record first by source and id. An institution of several buildings has the
/// outlines of all, and the people of all.
///
/// # Formula
///
/// ```text
/// p = 1 − Π (1 − p_source)    p_source: the largest p of the records of a source
/// ```
pub fn merge(sites: &mut Sites, names: &NameWords) -> Merging {
    let words = Words::of(names);
    let records = sites.sites.len() as u64;
    let within = within::groups(sites, &words);
    unite(sites, &within, &|p| p.iter().copied().fold(0.0, f64::max));
    let across = across::groups(sites, &words);
    // Each source may be wrong by itself.
    unite(sites, &across, &|p| 1.0 - p.iter().map(|p| 1.0 - p).product::<f64>());
    Merging { records, sites: sites.sites.len() as u64, ..Merging::default() }
}

/// Leaves out records that some register holds already, and of two rows of registers that share a record all
/// but the one that is made of more.
fn drop_known(sites: &mut Sites) {
    let is_register = |site: &Site| sites.register(site).is_some();
    let mut rows: Vec<usize> =
        (0..sites.sites.len()).filter(|place| is_register(&sites.sites[*place])).collect();
    if rows.is_empty() {
        return;
    }
    let size =
        |place: usize| sites.sites[place].merged.as_ref().map_or(1, |merged| merged.records.len());
    rows.sort_by(|a, b| {
        size(*b).cmp(&size(*a)).then_with(|| order(sites, &sites.sites[*a], &sites.sites[*b]))
    });
    let mut rows_of: BTreeMap<(Arc<str>, String), usize> = BTreeMap::new();
    let mut is_gone = vec![false; sites.sites.len()];
    // The same name and number may be given to two things by two files: it is known if it is there, too.
    let is_there = |site: &Site, row: usize| {
        let row = &sites.sites[row];
        row.class.family() == site.class.family()
            && apart_m(&site.geometry, &row.geometry, NEAR_M).is_some()
    };
    for place in rows {
        let site = &sites.sites[place];
        let records = sites.records(site).into_iter().filter(|record| !record.is_answer);
        let keys: Vec<_> = records.map(|record| (record.source, record.id)).collect();
        // Rows of one file were told apart when it was made.
        is_gone[place] = keys.iter().filter_map(|key| rows_of.get(key)).any(|row| {
            sites.register(&sites.sites[*row]) != sites.register(site) && is_there(site, *row)
        });
        if !is_gone[place] {
            rows_of.extend(keys.into_iter().map(|key| (key, place)));
        }
    }
    for (place, site) in sites.sites.iter().enumerate().filter(|(_, site)| !is_register(site)) {
        let row = rows_of.get(&(sites.source(site).into(), site.id.clone()));
        is_gone[place] = row.is_some_and(|row| is_there(site, *row));
    }
    leave_out(sites, is_gone);
}

/// Leaves out copies: records of several layers that agree in id, class, name and geometry, to the last digit,
/// are one that was handed on, not two that bear each other out. The first is kept: that of a register, then the
/// surest, then by source.
fn drop_copies(sites: &mut Sites) {
    if sites.layers.len() < 2 {
        return;
    }
    let digest = |site: &Site| {
        let mut hasher = DefaultHasher::new();
        (&site.id, site.class as usize, &site.name).hash(&mut hasher);
        for at in site.geometry.coords_iter() {
            [at.x.to_bits(), at.y.to_bits()].hash(&mut hasher);
        }
        // The number of a row says nothing of what is in it.
        (!site.is_numbered).then(|| hasher.finish())
    };
    let mut is_gone = vec![false; sites.sites.len()];
    let at = |place: usize| &sites.sites[place];
    let is_copy = |a: &Site, b: &Site| {
        a.layer != b.layer
            && (&a.id, a.class, &a.name) == (&b.id, b.class, &b.name)
            && a.geometry == b.geometry
    };
    for mut places in of_one_digest(sites, &digest) {
        places.sort_by(|a, b| {
            let (one, other) = (at(*a), at(*b));
            let is_open = |site: &Site| sites.register(site).is_none();
            is_open(one)
                .cmp(&is_open(other))
                .then_with(|| other.confidence.total_cmp(&one.confidence))
                .then_with(|| order(sites, one, other))
        });
        for (rank, place) in places.iter().enumerate() {
            let mut before = places.iter().take(rank).filter(|before| !is_gone[**before]);
            is_gone[*place] = before.any(|before| is_copy(at(*before), at(*place)));
        }
    }
    leave_out(sites, is_gone);
}

/// Sites (places, ascending) that share a digest with another; those without one share none.
fn of_one_digest(sites: &Sites, digest: &(dyn Fn(&Site) -> Option<u64> + Sync)) -> Vec<Vec<usize>> {
    let digests = sites.sites.par_iter().enumerate();
    let mut digests: Vec<(u64, usize)> =
        digests.filter_map(|(place, site)| Some((digest(site)?, place))).collect();
    digests.par_sort_unstable();
    let same = digests.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1);
    same.map(|same| same.iter().map(|(_, place)| *place).collect()).collect()
}

/// Takes sites out, by whether each is gone.
fn leave_out(sites: &mut Sites, is_gone: Vec<bool>) {
    let mut gone = is_gone.into_iter();
    sites.sites.retain(|_| !gone.next().unwrap_or_default());
}

/// The order of records, whatever that of their layers and files: by source and id, and what else they say.
fn order(sites: &Sites, a: &Site, b: &Site) -> Ordering {
    let told = |site: &Site| {
        let numbers = [site.occupancy, site.capacity].map(|number| number.map(f64::to_bits));
        (numbers, site.in_raster.map(InRaster::name), site.observed_on.clone())
    };
    let first =
        |site: &Site| site.geometry.coords_iter().next().map(|at| [at.x, at.y].map(f64::to_bits));
    sites
        .source(a)
        .cmp(sites.source(b))
        .then_with(|| a.is_numbered.cmp(&b.is_numbered))
        // A number is only a place in a file.
        .then_with(|| if a.is_numbered { Ordering::Equal } else { a.id.cmp(&b.id) })
        .then_with(|| a.class.cmp(&b.class))
        .then_with(|| a.name.cmp(&b.name))
        .then_with(|| first(a).cmp(&first(b)))
        .then_with(|| a.confidence.total_cmp(&b.confidence))
        .then_with(|| told(a).cmp(&told(b)))
        .then_with(|| a.id.cmp(&b.id))
}

/// Puts in the place of each group of sites (places, ascending) the one that they make.
fn unite(sites: &mut Sites, groups: &[Vec<usize>], confidence: &(dyn Fn(&[f64]) -> f64 + Sync)) {
    let made: Vec<(Site, &Vec<usize>)> =
        groups.par_iter().map(|group| (united(sites, group, confidence), group)).collect();
    let mut is_gone = vec![false; sites.sites.len()];
    for (site, group) in made {
        for place in group {
            is_gone[*place] = true;
        }
        // The one site stands where the first of its records did.
        let first = group[0];
        is_gone[first] = false;
        sites.sites[first] = site;
    }
    leave_out(sites, is_gone);
}

/// The site that some make together, and what of it may be shown.
fn united(sites: &Sites, group: &[usize], confidence: &dyn Fn(&[f64]) -> f64) -> Site {
    let mut members: Vec<&Site> =
        group.iter().filter_map(|place| sites.sites.get(*place)).collect();
    members.sort_by(|a, b| order(sites, a, b));
    let mut site = of_members(sites, &members, confidence);
    if members.iter().any(|member| !matches!(member.shown, Shown::AsItIs)) {
        let shown = members.iter().filter_map(|member| match &member.shown {
            Shown::AsItIs => Some(*member),
            Shown::Before(before) => Some(before),
            Shown::Nothing => None,
        });
        let shown: Vec<&Site> = shown.collect();
        site.shown = match shown[..] {
            [] => Shown::Nothing,
            [only] => Shown::Before(Box::new(only.clone())),
            _ => Shown::Before(Box::new(of_members(sites, &shown, confidence))),
        };
    }
    site
}

/// Members, which are sorted, by how sure they are.
fn surest_first<'a>(sites: &Sites, members: &[&'a Site]) -> Vec<&'a Site> {
    let of_one_source =
        members.iter().all(|member| sites.source(member) == sites.source(members[0]));
    // Of one source: the polygon is the thing, the point in it its label.
    let is_thing = |site: &Site| of_one_source && site.is_surface();
    let mut members = members.to_vec();
    members
        .sort_by(|a, b| b.confidence.total_cmp(&a.confidence).then(is_thing(b).cmp(&is_thing(a))));
    members
}

/// The site that some make together, sorted.
fn of_members(sites: &Sites, members: &[&Site], confidence: &dyn Fn(&[f64]) -> f64) -> Site {
    let mut records: Vec<Record> = members.iter().flat_map(|site| sites.records(site)).collect();
    records.sort_by(|a, b| (&a.source, &a.id).cmp(&(&b.source, &b.id)));
    let origin = |member: &Site, field| -> usize {
        let (source, id) = match &member.merged {
            Some(merged) => {
                let record = merged.fields.get(&field).and_then(|at| merged.records.get(*at));
                record.map_or(("", ""), |record| (&*record.source, record.id.as_str()))
            }
            None => (sites.source(member), member.id.as_str()),
        };
        let same = |record: &Record| *record.source == *source && record.id == id;
        records.iter().position(same).unwrap_or_default()
    };
    let by_confidence = surest_first(sites, members);
    let first_with =
        |has: &dyn Fn(&Site) -> bool| by_confidence.iter().find(|site| has(site)).copied();
    let kept = by_confidence[0];
    let mut gravest = members[0];
    for member in &members[1..] {
        if member.rank > gravest.rank {
            gravest = member;
        }
    }
    // A word for what has no name gives way to a name.
    let name = first_with(&alike::has_name).or_else(|| first_with(&|site| site.name.is_some()));
    let from = [
        (Field::Geometry, Some(kept)),
        (Field::Class, Some(gravest)),
        (Field::Name, name),
        (Field::Occupancy, first_with(&|site| site.occupancy.is_some())),
        (Field::Capacity, first_with(&|site| site.capacity.is_some())),
        (Field::InRaster, first_with(&|site| site.in_raster.is_some())),
    ];
    let fields: BTreeMap<Field, usize> = from
        .into_iter()
        .filter_map(|(field, member)| Some((field, origin(member?, field))))
        .collect();
    let [_, _, _, occupancy, capacity, in_raster] = from.map(|(_, member)| member);
    let parts = parts::of(sites, members);
    let [occupancy, capacity] = parts::numbers(&parts).unwrap_or_else(|| {
        [occupancy.and_then(|site| site.occupancy), capacity.and_then(|site| site.capacity)]
    });
    let each: Vec<f64> = members.iter().map(|site| site.confidence).collect();
    let never = members.iter().any(|site| site.expires_on.is_none());
    let latest =
        |day: &dyn Fn(&Site) -> Option<Arc<str>>| members.iter().filter_map(|site| day(site)).max();
    Site {
        id: kept.id.clone(),
        is_numbered: kept.is_numbered,
        name: name.and_then(|site| site.name.clone()),
        address: by_confidence.iter().find_map(|site| site.address.clone()),
        class: gravest.class,
        tier: gravest.tier,
        rank: gravest.rank,
        service: gravest.service,
        geometry: parts::outline(&parts).unwrap_or_else(|| kept.geometry.clone()),
        confidence: confidence(&each),
        occupancy,
        usual_occupants: gravest.usual_occupants,
        capacity,
        in_raster: in_raster.and_then(|site| site.in_raster),
        observed_on: latest(&|site| site.observed_on.clone()),
        expires_on: latest(&|site| site.expires_on.clone()).filter(|_| !never),
        layer: kept.layer,
        rule: Arc::clone(&gravest.rule),
        caveat: caveat(sites, members, gravest.class),
        is_sensitive: members.iter().any(|site| site.is_sensitive),
        merged: Some(Box::new(Merged { records, fields })),
        shown: Shown::AsItIs,
    }
}

/// What is to be kept in mind of a site: what its records say, and where they differ about its class. A class
/// that must not be shown is not named.
fn caveat(sites: &Sites, members: &[&Site], class: SiteClass) -> Option<String> {
    let own = members.iter().filter_map(|site| site.caveat.clone());
    let other = members.iter().filter(|site| site.class != class && !site.is_sensitive);
    let differs =
        other.map(|site| format!("{} has it as {}", sites.source(site), site.class.name()));
    let mut texts: Vec<String> = own.chain(differs).collect();
    texts.dedup();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// Finds sites by bounds.
struct Bounds(RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>);

impl Bounds {
    /// Over the bounds of some sites.
    fn of(sites: &Sites, places: impl Iterator<Item = usize>) -> Self {
        let boxes = places.filter_map(|place| {
            let bounds = sites.sites.get(place)?.geometry.bounding_rect()?;
            let (min, max) = (bounds.min(), bounds.max());
            Some(GeomWithData::new(
                Rectangle::from_corners([min.x, min.y], [max.x, max.y]),
                place as u32,
            ))
        });
        Self(RTree::bulk_load(boxes.collect()))
    }

    /// The places of those whose bounds come within so many meters of a site's, on either side of ±180.
    fn near(&self, site: &Site, meters: f64) -> Vec<usize> {
        let Some([west, south, east, north]) = bounds_and(&site.geometry, meters) else {
            return Vec::new();
        };
        let turns = [0.0, -360.0, 360.0].into_iter();
        // Only what comes near ±180 may be found a turn on.
        let turns = turns.filter(|turn| match f64::total_cmp(turn, &0.0) {
            Ordering::Equal => true,
            Ordering::Less => east >= 180.0,
            Ordering::Greater => west <= -180.0,
        });
        let hits = turns.flat_map(|turn| {
            let window = AABB::from_corners([west + turn, south], [east + turn, north]);
            self.0.locate_in_envelope_intersecting(window).map(|hit| hit.data as usize)
        });
        let mut places: Vec<usize> = hits.collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
