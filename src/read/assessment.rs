//! An assessment that was written before: its scenario again, from its provenance.
//!
//! The member `civex` names every input with its path, its digest and all settings that can change a
//! number. Assessments come from strangers too, so none is believed: what is embedded is checked as a scenario
//! file is, and an input is read only where the user allows it, and only once its digest agrees.

mod embedded;
mod search;

use super::faults::Source;
use super::layers::input_files;
use super::place::Place;
use super::text::plain;
use super::whole;
use crate::error::{ReadError, bytes_text};
use crate::model::Scenario;
use embedded::About;
pub(super) use embedded::{Embedded, Input, Part, Settings};
use search::Search;
use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;
use std::io::Read;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

/// An assessment that was read.
#[derive(Debug, Clone)]
pub struct Written {
    /// What it was made from, with paths that lead there.
    pub scenario: Scenario,
    /// Whether records of one thing were kept apart.
    pub no_merge: bool,
    /// The digest of its scheme.
    pub scheme: String,
    /// The keys and scores of its rows, in order.
    pub rows: Vec<WrittenRow>,
}

/// What is read of one row.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenRow {
    /// Course of action, phase and id.
    pub key: (Option<String>, Option<String>, String),
    /// Its name.
    pub name: Option<String>,
    /// Its score, as written.
    pub score: Option<f64>,
}

/// What an assessment is.
const HINT: &str = "give one that `civex assess … -o FILE.geojson` wrote";

/// Reads an assessment, and finds its inputs: below `folder` if it is given, else below its own folder.
///
/// # Errors
///
/// If the file is no assessment of civex in GeoJSON, or its settings make no sense; if an input has no digest, is
/// missing, lies elsewhere, or is not what it was.
pub fn assessment(place: &Place, folder: Option<&Path>) -> Result<Written, ReadError> {
    let written = &place.written;
    let mut rows = Vec::new();
    let embedded = document(place, &mut |feature: Feature| {
        if feature.is_roll_up() {
            let found = "it is a layer of phases and courses of action, wanted the assessment of areas beside it";
            return Err(ReadError::unusable_hint(written, found, HINT));
        }
        let row = feature.properties.map(Properties::row);
        let weight = row.as_ref().map_or(0, WrittenRow::weight);
        rows.extend(row);
        Ok(weight)
    })?;
    let mut search = Search::new(place, folder, &embedded.inputs)?;
    let mut places = Vec::with_capacity(embedded.inputs.len());
    for (part, input) in &embedded.inputs {
        // What the scenario said stands in the other inputs; its folder tells where they are.
        let is_scenario = *part == Part::Scenario;
        places.push(if is_scenario { PathBuf::new() } else { search.find(input)? });
    }
    let (no_merge, scheme) = (embedded.no_merge(), embedded.scheme.digest.clone());
    let scenario = embedded.scenario_at(&places, written)?;
    refuse_strangers(&scenario, &search.found, written)?;
    Ok(Written { scenario, no_merge, scheme: scheme.unwrap_or_default(), rows })
}

/// Refuses a scenario that would read any other file than those that were found.
fn refuse_strangers(
    scenario: &Scenario,
    found: &BTreeSet<PathBuf>,
    written: &str,
) -> Result<(), ReadError> {
    let is_stranger =
        |file: &&PathBuf| !file.canonicalize().is_ok_and(|file| found.contains(&file));
    let files = input_files(scenario, None, None).files;
    let Some(stranger) = files.iter().find(is_stranger) else { return Ok(()) };
    let found = format!(
        "\"{}\" belongs to what it was made from, and is none of its inputs",
        stranger.display()
    );
    let hint = "take it out of its folder if it came later, or assess again";
    Err(ReadError::unusable_hint(written, found, hint))
}

/// Whether a file is an assessment rather than a scenario: by its ending, and JSON by how it begins.
#[must_use]
pub fn is_assessment(place: &Place) -> bool {
    let ending = place.resolved.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let begins = || head(place).is_ok_and(|head| head.contains("\"FeatureCollection\""));
    match ending.as_deref() {
        Some("geojson") => true,
        Some("json") => begins(),
        _ => false,
    }
}

/// How a file begins.
fn head(place: &Place) -> Result<String, ReadError> {
    let mut head = Vec::new();
    let (file, length) = whole::open(place)?;
    let _what_could_be_read = file.take(length.min(4096)).read_to_end(&mut head);
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// What is read of an assessment; all else is passed over.
#[derive(Deserialize)]
struct Document<'t> {
    #[serde(borrow)]
    features: Option<&'t RawValue>,
    #[serde(borrow)]
    civex: Option<&'t RawValue>,
}

/// What an assessment says of how it was made; its features go to `each`, which tells how much memory it keeps of
/// one, in bytes.
///
/// # Errors
///
/// If the file is no assessment of civex in GeoJSON, its settings make no sense, or the budget is too small.
pub(super) fn document<Feature: DeserializeOwned>(
    place: &Place,
    each: &mut dyn FnMut(Feature) -> Result<u64, ReadError>,
) -> Result<Embedded, ReadError> {
    let written = &place.written;
    let refused = |found: String| ReadError::unusable_hint(written, found, HINT);
    if !head(place)?.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Err(refused("it is no assessment in GeoJSON".into()));
    }
    let text = super::text(place)?;
    let document: Document = serde_json::from_str(&text).map_err(|error| {
        let text = error.to_string();
        let is_lines = text.starts_with("trailing characters");
        let found = if is_lines { "one object is wanted, it has one a line".into() } else { text };
        refused(format!("no assessment: {found}"))
    })?;
    let nothing = || {
        refused("no assessment: it has no member `civex` that tells what it was made from".into())
    };
    let about = document.civex.ok_or_else(nothing)?.get();
    if about.len() as u64 > whole::LONGEST {
        let [found, most] = [about.len() as u64, whole::LONGEST].map(bytes_text);
        return Err(refused(format!("its member `civex` has {found}, wanted {most} at most")));
    }
    let embedded = match serde_json::from_str::<Option<About>>(about) {
        Ok(about) => {
            Embedded::of(about.ok_or_else(nothing)?, written).map_err(ReadError::Faults)?
        }
        Err(error) if error.to_string().starts_with("missing field `inputs`") => {
            return Err(nothing());
        }
        Err(error) => {
            return Err(fault_within(&error, about, Source { file: written, text: &text }));
        }
    };
    if let Some(features) = document.features {
        let mut left = place.budget.less(text.len() as u64);
        let mut each = |feature| {
            let weight = each(feature)?;
            if weight > left.bytes {
                let needed = place.budget.bytes.saturating_add(text.len() as u64);
                return Err(super::too_large(written, needed, place.budget));
            }
            left = left.less(weight);
            Ok(())
        };
        let mut failed = None;
        let read = Each { take: &mut each, failed: &mut failed, of: PhantomData };
        let read = serde_json::Deserializer::from_str(features.get()).deserialize_seq(read);
        if let Some(failed) = failed {
            return Err(failed);
        }
        read.map_err(|error| {
            refused(format!("no assessment: {error}, counted from its features"))
        })?;
    }
    Ok(embedded)
}

/// A fault of JSON in a part of a text, at its place in the whole.
fn fault_within(error: &serde_json::Error, part: &str, source: Source) -> ReadError {
    let before = |text: &str, lines: usize| -> usize {
        text.split_inclusive('\n').take(lines).map(str::len).sum()
    };
    let within = before(part, error.line().saturating_sub(1)) + error.column().saturating_sub(1);
    // It is a part of that text, not one like it.
    let start = (part.as_ptr() as usize).saturating_sub(source.text.as_ptr() as usize);
    let message = error.to_string();
    let found = message.rsplit_once(" at line ").map_or(message.as_str(), |(found, _)| found);
    let found = format!("in its member `civex`: {}", plain(found));
    let at = start + within;
    ReadError::Faults(vec![source.fault(Some(at..at), found, Some(embedded::HINT.into()))])
}

/// Takes the elements of a list one by one.
struct Each<'e, T> {
    take: &'e mut dyn FnMut(T) -> Result<(), ReadError>,
    /// What stopped it.
    failed: &'e mut Option<ReadError>,
    of: PhantomData<T>,
}

impl<'de, T: DeserializeOwned> Visitor<'de> for Each<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element()? {
            if let Err(error) = (self.take)(element) {
                *self.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct Feature {
    properties: Option<Properties>,
}

impl Feature {
    /// Whether it is none of an area, but of several taken together.
    fn is_roll_up(&self) -> bool {
        self.properties.as_ref().is_some_and(|of| of.level.is_some() && of.areas_left_out.is_some())
    }
}

#[derive(Deserialize)]
struct Properties {
    level: Option<IgnoredAny>,
    areas_left_out: Option<IgnoredAny>,
    area_id: Option<String>,
    name: Option<String>,
    coa: Option<String>,
    phase: Option<String>,
    score: Option<f64>,
}

impl Properties {
    fn row(self) -> WrittenRow {
        let Self { area_id, name, coa, phase, score, .. } = self;
        WrittenRow { key: (coa, phase, area_id.unwrap_or_default()), name, score }
    }
}

impl WrittenRow {
    /// The memory that it takes, in bytes.
    fn weight(&self) -> u64 {
        let (coa, phase, id) = &self.key;
        let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        (size_of::<Self>() + length(coa) + length(phase) + length(&self.name) + id.len()) as u64
    }
}
