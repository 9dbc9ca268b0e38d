//! Sites: features of any vector file, each with its class, in WGS 84.
//!
//! The class comes from OpenStreetMap tags, from a column, or is one for the whole layer; it is never
//! guessed. A feature that is not used is counted with the reason. Of its tags only those that the
//! classifying rule used are kept, its name, and numbers of people: nothing that would tell of faith,
//! origin or persons.
//!
//! Files are read piece by piece and the pieces by all threads: memory holds the sites, not the features.

mod answers;
mod classes;
mod discreet;
mod draft;
mod extract;
mod geofabrik;
mod ground;
mod heads;
mod kinds;
mod links;
mod near;
mod tags;
mod way;

pub use answers::{answers, is_answered};
pub(super) use classes::{Values, suggested};
pub(super) use geofabrik::is_faith;
pub(super) use heads::{Role, is_of_classes, looks_like, role_of};
pub use links::links;
pub(super) use tags::{Schema, is_packed, tags, unpacked};
pub(super) use way::no_class;

use super::batches::Batch;
use super::features::{Feature, column};
use super::place::{Place, Remote};
use super::{stem, vector};
use crate::error::{Notice, NoticeKind, Problem, ReadError, counted, grouped};
use crate::measure::{Carrier, Reference};
use crate::model::{
    Answer, Losses, Progress, Scheme, Site, SiteClass, SiteLayer, Sites, SitesEntry, ToldLink,
};
use draft::Draft;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tags::{Held, id_of, unpack};
use way::{Told, Untold, Way};

/// So many batches, or features, are read at a time by all threads.
const AT_A_TIME: (usize, u64) = (64, 1 << 15);

/// So many reasons for not using a feature are told apart.
const MOST_REASONS: usize = 50;

/// So many names of columns are kept to be told.
const MOST_NAMES: usize = 40;

/// The sites of a scenario, and what is to be said of their files.
#[derive(Debug, Clone, Default)]
pub struct SitesRead {
    /// The sites of all layers, a record each.
    pub sites: Sites,
    /// How many records each layer gave, in the order of the scenario.
    pub records: Vec<u64>,
    /// What partners say about sites.
    pub answers: Vec<Answer>,
    /// Which site feeds which.
    pub links: Vec<ToldLink>,
    /// What was not used of all layers, by its reason.
    pub unused: BTreeMap<String, u64>,
    /// Features that each layer lost, in the order of the scenario.
    pub losses: Vec<Losses>,
    /// What was faulty.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Notice>,
}

/// A layer of sites, and where its files are.
#[derive(Debug, Clone)]
pub struct SitesFiles {
    /// What the scenario says of it.
    pub entry: SitesEntry,
    /// Its file.
    pub place: Place,
    /// Its own rules for tags.
    pub rules: Option<Place>,
    /// The polygons of the ground that it covers.
    pub covers: Option<Place>,
}

/// What reading needs to know beside the layers.
#[derive(Debug, Clone, Copy)]
pub struct Terms<'a> {
    /// The value judgements.
    pub scheme: &'a Scheme,
    /// Whether files of other machines may be read.
    pub remote: Remote,
}

/// Reads every sites layer of a scenario, each feature as one record of a site.
///
/// # Errors
///
/// If a file or layer cannot be read, has no reference system, or nothing tells the class of its
/// features.
pub fn sites(
    layers: &[SitesFiles],
    terms: Terms,
    progress: &dyn Progress,
) -> Result<SitesRead, ReadError> {
    let mut all = SitesRead::default();
    let names = names(layers);
    for (files, name) in layers.iter().zip(names) {
        let source = all.source(&name, None);
        let day = |day: &Option<String>| day.as_deref().map(Into::into);
        let days = [day(&files.entry.observed_on), day(&files.entry.expires_on)];
        let mut layer = Reading { source, days, terms, files, reference: None };
        let before = all.sites.sites.len();
        // Of XML, GDAL can make layers.
        let is_layer = files.place.ends("osm") && files.entry.layer.is_some();
        let found = if super::pbf::is_extract(&files.place) && !is_layer {
            files.place.in_system(files.entry.crs.as_ref()).check_wgs84()?;
            layer.extract(progress)?
        } else {
            layer.features(&mut all, progress)?
        };
        all.take(found, &layer, before)?;
    }
    Ok(all)
}

/// The name of each layer: as given, else the stem of its file, or its path where another file has that
/// stem. Layers of one name are one source.
fn names(layers: &[SitesFiles]) -> Vec<Arc<str>> {
    let usual = |files: &SitesFiles| {
        let path = &files.entry.path;
        let same = |other: &&SitesFiles| {
            other.entry.name.is_none()
                && other.entry.path != *path
                && stem(&other.entry.path) == stem(path)
        };
        if layers.iter().any(|other| same(&other)) { path.clone() } else { stem(path) }
    };
    let name = |files: &SitesFiles| files.entry.name.clone().unwrap_or_else(|| usual(files)).into();
    layers.iter().map(name).collect()
}

/// One layer on its way in.
struct Reading<'a> {
    /// Its place among the layers of [`Sites`].
    source: usize,
    terms: Terms<'a>,
    files: &'a SitesFiles,
    /// The system of its coordinates.
    reference: Option<Reference>,
    /// The day it was observed, and that on which it expires, for features without their own.
    days: [Option<Arc<str>>; 2],
}

/// What some features gave.
#[derive(Default)]
struct Found {
    /// Sites, and the source of those that a register tells of.
    sites: Vec<(Site, Option<Arc<str>>)>,
    /// How many there were.
    records: u64,
    /// The rules that told their classes.
    rules: BTreeMap<String, Arc<str>>,
    mapped: BTreeSet<SiteClass>,
    /// Whether the column that tells the class was there.
    has_column: bool,
    names: Vec<String>,
    /// Columns and tags that features turned out to have.
    held: Held,
    /// What told classes that are written another way, with how often.
    folded: BTreeMap<(String, SiteClass), u64>,
    unused: BTreeMap<String, u64>,
    /// Those of them, and features that lack a number, that name a site: they are lost.
    lost: BTreeMap<String, u64>,
    total: u64,
    problems: Vec<Problem>,
    notices: Vec<Notice>,
}

impl Found {
    fn append(&mut self, mut later: Self) {
        self.sites.append(&mut later.sites);
        self.records += later.records;
        self.mapped.append(&mut later.mapped);
        self.has_column |= later.has_column;
        for name in later.names {
            if self.names.len() < MOST_NAMES && !self.names.contains(&name) {
                self.names.push(name);
            }
        }
        self.held.append(later.held);
        for (told, count) in later.folded {
            self.fold(told, count);
        }
        for (why, count) in later.unused {
            self.leave_out(why, count);
        }
        for (why, count) in later.lost {
            add_reason(&mut self.lost, why, count);
        }
        self.total += later.total;
        self.problems.append(&mut later.problems);
        self.notices.append(&mut later.notices);
    }

    /// A rule, kept once.
    fn rule(&mut self, rule: String) -> Arc<str> {
        let kept = self.rules.entry(rule).or_insert_with_key(|rule| rule.as_str().into());
        Arc::clone(kept)
    }

    /// Counts what tells a class that is written another way.
    fn fold(&mut self, told: (String, SiteClass), count: u64) {
        if self.folded.len() < MOST_REASONS || self.folded.contains_key(&told) {
            *self.folded.entry(told).or_default() += count;
        }
    }

    /// Counts what is not used.
    fn leave_out(&mut self, why: impl Into<String>, count: u64) {
        add_reason(&mut self.unused, why.into(), count);
    }

    /// Whether there are features, and not one was understood; a site that is tagged as gone was.
    fn is_unread(&self) -> bool {
        let is_gone = |why: &String| why.contains(" is not present (");
        self.total > 0 && self.records == 0 && !self.unused.keys().any(is_gone)
    }

    /// Counts a feature that names a site and cannot be used.
    fn lose(&mut self, why: impl Into<String>) {
        self.turn_away(Untold::Lost(why.into()), 1);
    }

    /// Counts features that are no sites. Most things on a map are none; what names a site is lost.
    fn turn_away(&mut self, why: Untold, count: u64) {
        match why {
            Untold::Foreign => {
                self.held.is_mixed = true;
                self.leave_out("its tags are of no class", count);
            }
            Untold::Gone(why) => self.leave_out(why, count),
            Untold::Lost(why) => {
                add_reason(&mut self.lost, why.clone(), count);
                self.leave_out(why, count);
            }
        }
    }
}

/// Counts by reason, so many reasons at most.
fn add_reason(reasons: &mut BTreeMap<String, u64>, why: String, count: u64) {
    let is_one_more = reasons.len() >= MOST_REASONS && !reasons.contains_key(&why);
    let why = if is_one_more { "other reasons".to_string() } else { why };
    *reasons.entry(why).or_default() += count;
}

impl SitesRead {
    /// The place of a source among the layers, which has one from now on.
    fn source(&mut self, name: &Arc<str>, register: Option<usize>) -> usize {
        let layers = &mut self.sites.layers;
        let same = |layer: &SiteLayer| layer.name == *name && layer.register == register;
        layers.iter().position(same).unwrap_or_else(|| {
            layers.push(SiteLayer { name: Arc::clone(name), register });
            layers.len() - 1
        })
    }

    /// Takes sites of the layer that is being read.
    fn put(&mut self, sites: &mut Vec<(Site, Option<Arc<str>>)>) {
        self.sites.sites.reserve(sites.len());
        for (mut site, source) in sites.drain(..) {
            if let Some(source) = source {
                site.layer = self.source(&source, Some(self.records.len()));
            }
            self.sites.sites.push(site);
        }
    }

    /// Takes what a layer gave.
    fn take(&mut self, mut found: Found, layer: &Reading, before: usize) -> Result<(), ReadError> {
        discreet::without_rare_values(&mut found.unused);
        discreet::without_rare_values(&mut found.lost);
        let folded = read_as(&layer.files.entry.path, &found);
        let unread = unread(&layer.files.entry.path, &found);
        let notice = not_used(&layer.files.entry.path, &found).filter(|_| unread.is_none());
        self.put(&mut found.sites);
        self.records.push(found.records);
        let own = self.sites.sites.get(before..).unwrap_or_default();
        if let Some(mapping) = layer.mapping(&mut found, own)? {
            self.sites.mapped.append(&mut found.mapped);
            self.sites.mappings.push(mapping);
        }
        if found.total == 0 && !layer.files.entry.names_ground() {
            let text = "it has no feature, so it maps no ground; `covers = \"all\"` says that there is none";
            let file = &layer.files.entry.path;
            self.notices.push(Notice::of_file(NoticeKind::SitesNotUsed, file, text));
        }
        self.losses.push(Losses { features: found.total, by_reason: found.lost });
        self.problems.extend(unread);
        for (why, count) in found.unused {
            *self.unused.entry(why).or_default() += count;
        }
        self.problems.append(&mut found.problems);
        self.notices.append(&mut found.notices);
        self.notices.extend(folded);
        self.notices.extend(notice);
        Ok(())
    }
}

impl Reading<'_> {
    /// Reads the features of any vector file.
    fn features(
        &mut self,
        all: &mut SitesRead,
        progress: &dyn Progress,
    ) -> Result<Found, ReadError> {
        let SitesFiles { entry, place, rules, .. } = self.files;
        let written = &place.written;
        let declared = place.in_system(entry.crs.as_ref());
        let mut opened = vector::open(&declared, entry.layer.as_deref(), self.terms.remote)?;
        let told = |remark| Notice::of_file(NoticeKind::EncodingGuessed, written, remark);
        let remark = opened.remark.take().map(told);
        let Some(reference) = opened.reference.clone() else {
            // The error tells what the coordinates may be.
            return opened.all(written)?.reference_of(written).map(|_| Found::default());
        };
        super::in_degrees(&reference, written)?;
        self.reference = Some(reference);
        let way = Way::of(entry, rules.as_ref(), opened.is_osm)?;
        progress.stage("reading sites", opened.work);
        if !matches!(way, Way::Tags(_)) {
            // Nearly all of them will be sites.
            all.sites.sites.reserve(opened.count.min(1 << 24) as usize);
        }
        let mut found = Found::default();
        found.mapped.extend(opened.mapped.iter().filter_map(|name| SiteClass::from_name(name)));
        loop {
            let (mut batches, mut features) = (Vec::new(), 0);
            while batches.len() < AT_A_TIME.0
                && features < AT_A_TIME.1
                && let Some(batch) = opened.next()?
            {
                features += batch.features();
                batches.push(batch);
            }
            if batches.is_empty() {
                break;
            }
            let read = |worker: &mut Result<Worker, ReadError>, batch: Batch| {
                let worker = worker.as_ref().map_err(Clone::clone)?;
                let (before, work) = (batch.before(), batch.work());
                let found = worker.batch(&way, before, batch.read()?);
                progress.advance(work);
                Ok(found)
            };
            let read: Vec<Result<Found, ReadError>> =
                batches.into_par_iter().map_init(|| self.worker(), read).collect();
            for batch in read {
                let mut batch = batch?;
                all.put(&mut batch.sites);
                found.append(batch);
            }
        }
        found.notices.extend(remark);
        let columns = opened.columns();
        let layer = entry.layer.clone().unwrap_or_else(|| stem(&place.resolved.to_string_lossy()));
        found.mapped.append(&mut way.classes(columns.as_deref(), &found.held, &layer));
        self.check_class(&way, &found)?;
        if let Way::Column { wanted, values } = &way
            && found.records > 0
        {
            found.notices.extend(unmet(written, wanted, &values.unmet()));
        }
        Ok(found)
    }

    /// Refuses a layer in which nothing could tell a class.
    fn check_class(&self, way: &Way, found: &Found) -> Result<(), ReadError> {
        let entry = &self.files.entry;
        let Way::Column { values, .. } = way else { return Ok(()) };
        // Whoever gives a table of classes has looked for them, even if nothing was found.
        let has_looked = found.total == 0 && values.has_table();
        let by_chance = entry.class_field.is_none() && !values.has_table();
        if has_looked || (found.has_column && !(by_chance && found.mapped.is_empty())) {
            return Ok(());
        }
        let names: Vec<&str> = found.names.iter().map(String::as_str).collect();
        Err(no_class(entry, found.total == 0, &names, &self.files.place.written))
    }

    /// What a thread reads with.
    fn worker(&self) -> Result<Worker<'_>, ReadError> {
        let written = &self.files.place.written;
        let carrier = self.reference.as_ref().map(|reference| carrier(reference, written));
        Ok(Worker { reading: self, carrier: carrier.transpose()?.flatten() })
    }
}

/// A thread that reads features of a layer.
struct Worker<'a> {
    reading: &'a Reading<'a>,
    /// The way of coordinates to WGS 84, if they are not there.
    carrier: Option<Carrier>,
}

impl Worker<'_> {
    /// Reads features that follow each other.
    fn batch(&self, way: &Way, before: u64, features: Vec<Feature>) -> Found {
        let mut found = Found { total: features.len() as u64, ..Found::default() };
        found.sites.reserve(features.len());
        for (place, mut feature) in features.into_iter().enumerate() {
            let place = before as usize + place + 1;
            unpack(&mut feature.properties);
            if let Way::Column { wanted, .. } = way {
                found.look_for(wanted, &feature.properties);
            }
            if found.held.first.is_none() {
                found.held.first = Some(feature.properties.clone());
            }
            match way.tell(&feature.properties, &mut found.held) {
                Ok(told) => {
                    if told.is_folded {
                        found.fold((told.rule.clone(), told.class), 1);
                    }
                    let draft = Draft::of(told, &feature.properties);
                    let id = id_of(&feature, draft.told.is_register());
                    self.finish(draft, (id, place), feature.drawn, &mut found);
                }
                Err(why) => found.turn_away(why, 1),
            }
        }
        found
    }
}

impl Found {
    /// Notes whether the column that tells the class is there, and which are.
    fn look_for(&mut self, wanted: &str, properties: &Map<String, Value>) {
        self.has_column |= column(properties, wanted).is_some();
        if self.has_column {
            return;
        }
        for name in properties.keys() {
            if self.names.len() < MOST_NAMES && !self.names.contains(name) {
                self.names.push(name.clone());
            }
        }
    }
}

/// The way of coordinates to WGS 84, if they are not there.
fn carrier(reference: &Reference, written: &str) -> Result<Option<Carrier>, ReadError> {
    let carrier = Reference::wgs84().and_then(|wgs84| {
        if reference.is_same(&wgs84) { Ok(None) } else { Carrier::new(reference, &wgs84).map(Some) }
    });
    carrier.map_err(|error| ReadError::unusable(written, error.to_string()))
}

/// The problem of a layer that has features, of which not one could be read as a site.
fn unread(written: &str, found: &Found) -> Option<Problem> {
    if !found.is_unread() {
        return None;
    }
    let usual =
        || "`civex inspect` tells what the file holds and which settings would read it".into();
    let way_out = classes::way_out(&found.unused).unwrap_or_else(usual);
    Some(Problem::SitesUnread {
        file: written.to_string(),
        features: found.total,
        why: reasons(found),
        hint: way_out,
    })
}

/// One notice about values of a class column that are written another way than the class.
fn read_as(written: &str, found: &Found) -> Option<Notice> {
    /// So many of them are told.
    const SHOWN: usize = 5;
    let count: u64 = found.folded.values().sum();
    if count == 0 {
        return None;
    }
    let mut told: Vec<_> = found.folded.iter().collect();
    told.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let text = |((rule, class), count): &(&(String, SiteClass), &u64)| {
        format!("{rule} as {} ({})", class.name(), grouped(**count))
    };
    let mut texts: Vec<_> = told.iter().take(SHOWN).map(text).collect();
    if told.len() > SHOWN {
        texts.push(format!("{} more", counted((told.len() - SHOWN) as u64, "value")));
    }
    let text = format!(
        "{} read as a class that is written another way: {}",
        counted(count, "feature"),
        texts.join(", ")
    );
    Some(Notice::of_file(NoticeKind::ClassReadAs, written, text))
}

/// One notice about keys of `classes` that name no value of the column.
fn unmet(written: &str, column: &str, keys: &[&str]) -> Option<Notice> {
    /// At most this many keys are named.
    const NAMED: usize = 8;
    let mut named: Vec<String> = keys.iter().take(NAMED).map(|key| format!("\"{key}\"")).collect();
    if keys.len() > NAMED {
        named.push(format!("{} more", keys.len() - NAMED));
    }
    let text = format!(
        "{} of `classes` in no row of column \"{column}\": {}",
        counted(keys.len() as u64, "value"),
        named.join(", ")
    );
    (!keys.is_empty()).then(|| Notice::of_file(NoticeKind::ValueNotUsed, written, text))
}

/// One notice about the features that are no sites.
fn not_used(written: &str, found: &Found) -> Option<Notice> {
    let unused: u64 = found.unused.values().sum();
    if unused == 0 {
        return None;
    }
    let text = format!(
        "{} of {} not used: {}",
        grouped(unused),
        counted(found.total, "feature"),
        reasons(found)
    );
    Some(Notice::of_file(NoticeKind::SitesNotUsed, written, text))
}

/// Why features are no sites: counts with the reasons that weigh most.
fn reasons(found: &Found) -> String {
    let mut reasons: Vec<_> = found.unused.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    let more = reasons.len().saturating_sub(5);
    let text = |(why, count): &(&String, &u64)| format!("{} ({why})", grouped(**count));
    let mut texts: Vec<_> = reasons.iter().take(5).map(text).collect();
    if more > 0 {
        texts.push(format!("{} more", counted(more as u64, "reason")));
    }
    texts.join(", ")
}

/// What messages call a site: its id, but the class alone where the id would tell where it is.
const fn shown(id: &str, class: SiteClass, is_sensitive: bool) -> &str {
    if is_sensitive { class.name() } else { id }
}
