//! Layers of answers: what partners say about sites, a feature an answer.

use super::super::batches::Opened;
use super::super::features::{Drawn, Feature, column, day_of, number_of, text_of};
use super::super::place::Place;
use super::super::{stem, table, vector};
use super::draft::Draft;
use super::way::told;
use super::{Found, Reading, SitesFiles, Terms, Worker, id_of};
use crate::error::{Notice, ReadError};
use crate::model::{ASKED, Answer, AnswersEntry, Claim, Site, SiteClass, SitesEntry};
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;

/// More people than this are no number of an answer.
const MOST: f64 = 2e6;

/// Reads the answers of a layer.
///
/// # Errors
///
/// If the file cannot be read, or has no column `answer`.
pub fn answers(
    entry: &AnswersEntry,
    place: &Place,
    terms: Terms,
) -> Result<(Vec<Answer>, Vec<Notice>), ReadError> {
    let written = &place.written;
    let mut opened = vector::open_placeless(place, entry.layer.as_deref(), terms.remote)?;
    let name = entry.name.clone().unwrap_or_else(|| stem(written));
    let as_sites =
        SitesEntry { path: written.clone(), confidence: entry.confidence, ..SitesEntry::default() };
    let files = SitesFiles { entry: as_sites, place: place.clone(), rules: None, covers: None };
    let (mut answers, mut notices) = (Vec::new(), Vec::new());
    let mut has_column = false;
    let mut names = Vec::new();
    let reference = opened.reference.clone();
    if let Some(reference) = &reference {
        super::super::in_degrees(reference, written)?;
    }
    let days = [None, None];
    let reading = Reading { source: 0, days, terms, files: &files, reference: reference.clone() };
    let worker = reading.worker()?;
    while let Some(batch) = opened.next()? {
        let before = batch.before() as usize;
        for (at, mut feature) in batch.read()?.into_iter().enumerate() {
            // Coordinates of an unknown system are nowhere.
            if reference.is_none() {
                feature.drawn = Drawn::Nothing;
            }
            has_column |= column(&feature.properties, "answer").is_some();
            if is_open_question(&feature.properties) {
                continue;
            }
            if names.is_empty() {
                names = feature.properties.keys().cloned().collect();
            }
            let source = (Arc::from(written.as_str()), Arc::from(name.as_str()));
            answers.push(worker.answer(feature, before + at + 1, source, &mut notices));
        }
    }
    if !answers.is_empty() && !has_column {
        let names: Vec<&str> = names.iter().take(12).map(String::as_str).collect();
        let found = format!("no column \"answer\"; it has {}", names.join(", "));
        let hint = format!("wanted one of {} in it, and a `site_id`", Claim::WORDS.join(", "));
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    Ok((answers, notices))
}

/// Whether a file is anything but a form of requests of which nothing is filled in: then it is somebody's work.
#[must_use]
pub fn is_answered(form: &Path) -> bool {
    if form.metadata().is_ok_and(|facts| facts.len() == 0) {
        return false;
    }
    let place = Place::new(&form.to_string_lossy(), None);
    let is_blank = |row: &Feature| {
        let mut own = row.properties.iter().filter(|(name, _)| !ASKED.contains(&name.as_str()));
        let has_place = !matches!(row.drawn, Drawn::Nothing);
        is_open_question(&row.properties)
            && !has_place
            && own.all(|(_, cell)| text_of(cell).is_none())
    };
    let rows = table::open(&place, None).and_then(|rows| Opened::from(rows).all(&place.written));
    rows.map_or(true, |rows| !rows.rows.iter().all(is_blank))
}

/// Whether a row of a form of requests is not filled in.
fn is_open_question(properties: &Map<String, Value>) -> bool {
    let is_form = column(properties, "request").is_some();
    is_form && value(properties, "answer").and_then(text_of).is_none()
}

impl Worker<'_> {
    fn answer(
        &self,
        feature: Feature,
        place: usize,
        (file, source): (Arc<str>, Arc<str>),
        notices: &mut Vec<Notice>,
    ) -> Answer {
        let id = id_of(&feature, false).unwrap_or_else(|| place.to_string());
        let Feature { properties, drawn, .. } = feature;
        let text = |name: &str| value(&properties, name).and_then(text_of);
        let mut claim = claim(&properties);
        let geometry = match drawn {
            Drawn::Shape(geometry) => self.carry(geometry),
            Drawn::Nothing => Err("it has no geometry".into()),
            Drawn::Unreadable(why) => Err(why),
        };
        let confidence = value(&properties, "confidence");
        let usual = || {
            let scheme = self.reading.terms.scheme.existence.default_confidence;
            self.reading.files.entry.confidence.unwrap_or(scheme)
        };
        let confidence = match confidence.filter(|value| text_of(value).is_some()) {
            None => Some(usual()),
            Some(value) => number_of(value).filter(|p| (0.0..=1.0).contains(p)),
        };
        if confidence.is_none() {
            claim = claim.and(Err(wanted(&properties, "confidence", "0 to 1")));
        }
        let mut day = |name| match day(&properties, name) {
            Ok(day) => day,
            Err(why) => {
                claim = claim.clone().and(Err(why));
                None
            }
        };
        let (observed_on, expires_on) = (day("observed_on"), day("expires_on"));
        let restriction = text("use_restriction").map(|text| text.trim().to_ascii_lowercase());
        let about = text("site_id").map(|id| (id, text("source")));
        let feeds = text("feeds").map(|id| (id, text("feeds_source")));
        let is_restricted = restriction.is_some_and(|word| !matches!(&*word, "none" | "no"));
        let class = text("class");
        let of_class = class.as_deref().and_then(SiteClass::from_name);
        let mut site = None;
        match (&about, &geometry, class.as_deref(), of_class) {
            (None, Ok(geometry), _, Some(class)) => {
                let mut told = Vec::new();
                let (own, geometry) = ((id.as_str(), &properties), geometry.clone());
                site = Some(self.told_of(class, own, geometry, &mut told));
                // What is not to be told is told in no notice either.
                notices.extend(told.into_iter().filter(|_| !is_restricted));
            }
            (None, Ok(_), Some(class), None) => {
                claim = claim.and(Err(format!("\"{class}\" is no class")));
            }
            (None, Err(why), Some(_), _) => claim = claim.and(Err(why.clone())),
            _ => {}
        }
        Answer {
            file,
            source,
            id,
            place,
            claim,
            about,
            feeds,
            site: site.map(Box::new),
            geometry: geometry.ok(),
            confidence: confidence.unwrap_or_default(),
            observed_on,
            expires_on,
            is_sensitive: of_class.is_some_and(SiteClass::is_sensitive),
            is_restricted,
        }
    }

    /// The site that an answer tells of by itself.
    fn told_of(
        &self,
        class: SiteClass,
        (id, properties): (&str, &Map<String, Value>),
        geometry: geo::Geometry<f64>,
        notices: &mut Vec<Notice>,
    ) -> Site {
        let draft = Draft::of(told(class, "answer=exists"), properties);
        let mut found = Found::default();
        let (site, _) = self.site(id.to_string(), draft, geometry, &mut found);
        notices.append(&mut found.notices);
        site
    }
}

fn value<'p>(properties: &'p Map<String, Value>, name: &str) -> Option<&'p Value> {
    column(properties, name).and_then(|name| properties.get(name))
}

/// What an answer claims, or why that is nothing.
fn claim(properties: &Map<String, Value>) -> Result<Claim, String> {
    let word = value(properties, "answer").and_then(text_of).unwrap_or_default();
    let number = |most: f64, what: &str| {
        let number = value(properties, "value").and_then(number_of);
        let number = number.filter(|number| (0.0..=most).contains(number));
        number.ok_or_else(|| wanted(properties, "value", &format!("0 to {most}{what}")))
    };
    match word.trim().to_ascii_lowercase().as_str() {
        "exists" => Ok(Claim::Exists),
        "absent" => Ok(Claim::Absent),
        "closed" => Ok(Claim::Closed),
        "moved" => Ok(Claim::Moved),
        "occupancy" => number(MOST, " people").map(Claim::Occupancy),
        "capacity" => number(MOST, " people").map(Claim::Capacity),
        "supply_link" => number(1.0, "").map(Claim::SupplyLink),
        _ => Err(wanted(properties, "answer", &Claim::WORDS.join(", "))),
    }
}

/// A day, if it is one.
fn day(properties: &Map<String, Value>, name: &str) -> Result<Option<Arc<str>>, String> {
    let Some(text) = value(properties, name).and_then(text_of) else { return Ok(None) };
    match day_of(&text) {
        Some(day) => Ok(Some(day.into())),
        None => Err(wanted(properties, name, "a date as 2026-11-22")),
    }
}

fn wanted(properties: &Map<String, Value>, name: &str, wanted: &str) -> String {
    match value(properties, name).and_then(text_of) {
        Some(found) => format!("`{name}` is \"{found}\", wanted {wanted}"),
        None => format!("`{name}` is missing, wanted {wanted}"),
    }
}
