//! An assessment that was written before: its scenario again, from its provenance.
//!
//! The member `civex` names every input with its path, its digest and all settings that can change a
//! number. Inputs are looked for beside the assessment first, then where they were; each must be what it was.

use super::place::Place;
use super::provenance::digest;
use super::text;
use crate::error::ReadError;
use crate::model::Scenario;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Map, Value, json};
use std::io::Read;
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
    /// Its score, as written.
    pub score: Option<f64>,
}

/// What an assessment is.
const HINT: &str = "give one that `civex assess … -o FILE.geojson` wrote";

/// Settings that are numbers, lists of numbers, and words of yes and no; all others are texts.
const NUMBERS: [&str; 6] =
    ["buffer_m", "nodata", "clamp_below", "confidence", "occupancy", "capacity"];
const LISTS: [&str; 2] = ["rings_m", "samples"];

/// Reads an assessment, and looks for its inputs: in `folder` by their names if it is given.
///
/// # Errors
///
/// If the file is no assessment of civex in GeoJSON; if an input is missing, or is not what it was.
pub fn assessment(place: &Place, folder: Option<&Path>) -> Result<Written, ReadError> {
    let written = &place.written;
    let (features, about) = document::<Row>(place)?;
    if features.iter().any(Row::is_roll_up) {
        let found = "it is a layer of phases and courses of action, wanted the assessment of areas beside it";
        return Err(ReadError::unusable_hint(written, found, HINT));
    }
    let home = place.resolved.parent().unwrap_or(Path::new("."));
    let mut scenario = Map::new();
    let mut head = Map::new();
    for key in ["name", "date"] {
        let value = about.pointer(&format!("/scenario/{key}")).cloned().unwrap_or(Value::Null);
        head.insert(key.into(), value);
    }
    let settings = about.get("settings").cloned().unwrap_or(Value::Null);
    head.insert("timezone".into(), settings.get("timezone").cloned().unwrap_or(Value::Null));
    scenario.insert("scenario".into(), Value::Object(head));
    let mut found = Found { written, home, folder, base: None };
    for input in about.get("inputs").and_then(Value::as_array).into_iter().flatten() {
        found.add(&mut scenario, input)?;
    }
    let read: Result<Scenario, _> = serde_json::from_value(Value::Object(scenario));
    let mut scenario = read.map_err(|error| {
        ReadError::unusable(written, format!("what it was made from cannot be read: {error}"))
    })?;
    leads_from_here(&mut scenario);
    let text_of = |value: Option<&Value>| value.and_then(Value::as_str).map(ToString::to_string);
    Ok(Written {
        scenario,
        no_merge: settings.get("no_merge").is_some(),
        scheme: text_of(about.pointer("/scheme/digest")).unwrap_or_default(),
        rows: rows(features),
    })
}

/// Whether a file is an assessment rather than a scenario: by its ending, and JSON by how it begins.
#[must_use]
pub fn is_assessment(place: &Place) -> bool {
    let ending = place.resolved.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let begins = || head(place).is_some_and(|head| head.contains("\"FeatureCollection\""));
    match ending.as_deref() {
        Some("geojson") => true,
        Some("json") => begins(),
        _ => false,
    }
}

/// How a file begins; `None` if it cannot be opened.
fn head(place: &Place) -> Option<String> {
    let mut head = Vec::new();
    let file = std::fs::File::open(&place.resolved).ok()?;
    file.take(4096).read_to_end(&mut head).ok()?;
    Some(String::from_utf8_lossy(&head).into_owned())
}

/// Paths are those of files that were found.
fn leads_from_here(scenario: &mut Scenario) {
    if let Some(areas) = &mut scenario.areas {
        areas.from_here = true;
    }
    scenario.population.iter_mut().for_each(|entry| entry.from_here = true);
    scenario.sites.iter_mut().for_each(|entry| entry.from_here = true);
    scenario.answers.iter_mut().for_each(|entry| entry.from_here = true);
    scenario.links.iter_mut().for_each(|entry| entry.from_here = true);
    if let Some(scheme) = &mut scenario.scheme {
        scheme.from_here = true;
    }
}

/// What is read of an assessment; all else is passed over.
#[derive(Deserialize)]
struct Document<Feature> {
    #[serde(default = "Vec::new")]
    features: Vec<Feature>,
    civex: Option<Value>,
}

/// The features of an assessment, and its member `civex`.
///
/// # Errors
///
/// If the file is no assessment of civex in GeoJSON.
pub(super) fn document<Feature: DeserializeOwned>(
    place: &Place,
) -> Result<(Vec<Feature>, Value), ReadError> {
    let written = &place.written;
    let refused = |found: String| ReadError::unusable_hint(written, found, HINT);
    if head(place)
        .is_some_and(|head| !head.trim_start_matches('\u{feff}').trim_start().starts_with('{'))
    {
        return Err(refused("it is no assessment in GeoJSON".into()));
    }
    let document: Document<Feature> = serde_json::from_str(&text(place)?).map_err(|error| {
        let text = error.to_string();
        let is_lines = text.starts_with("trailing characters");
        let found = if is_lines { "one object is wanted, it has one a line".into() } else { text };
        refused(format!("no assessment: {found}"))
    })?;
    let about = document.civex.filter(|about| about.get("inputs").is_some());
    let nothing = "no assessment: it has no member `civex` that tells what it was made from";
    Ok((document.features, about.ok_or_else(|| refused(nothing.into()))?))
}

#[derive(Deserialize)]
struct Row {
    properties: Option<Properties>,
}

impl Row {
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
    coa: Option<String>,
    phase: Option<String>,
    score: Option<f64>,
}

fn rows(features: Vec<Row>) -> Vec<WrittenRow> {
    let row = |Properties { area_id, coa, phase, score, .. }: Properties| WrittenRow {
        key: (coa, phase, area_id.unwrap_or_default()),
        score,
    };
    features.into_iter().filter_map(|feature| feature.properties).map(row).collect()
}

/// Where inputs are looked for.
struct Found<'a> {
    /// The assessment, as written.
    written: &'a str,
    /// Its folder.
    home: &'a Path,
    /// The folder in which all inputs are.
    folder: Option<&'a Path>,
    /// That of the scenario's file, to which paths are relative.
    base: Option<PathBuf>,
}

impl Found<'_> {
    /// Adds an input to a scenario.
    fn add(&mut self, scenario: &mut Map<String, Value>, input: &Value) -> Result<(), ReadError> {
        let text = |key: &str| input.get(key).and_then(Value::as_str);
        let (role, path) = (text("role").unwrap_or_default(), text("path").unwrap_or_default());
        if role == "scenario" {
            // What it said stands in the other inputs; its folder tells where they are.
            let at = text("relative_path").map(|path| self.home.join(path));
            let at = at.unwrap_or_else(|| PathBuf::from(path));
            self.base = at.parent().map(Path::to_path_buf);
            return Ok(());
        }
        let settings = input.get("settings").and_then(Value::as_object);
        if settings.is_some_and(|settings| settings.contains_key("group")) {
            // A raster of a group is named by the entry of its source.
            self.find(path, text("relative_path"), input)?;
            return Ok(());
        }
        let at = self.find(path, text("relative_path"), input)?;
        let mut entry = Map::new();
        entry.insert("path".into(), at.to_string_lossy().into());
        for (key, value) in settings.into_iter().flatten() {
            entry.insert(key.clone(), typed(key, value));
        }
        if let Some(groups) = entry.get_mut("groups").and_then(Value::as_object_mut) {
            groups.values_mut().for_each(|group| self.lead(group));
        }
        for key in ["licence", "attribution"] {
            entry.insert(key.into(), input.get(key).cloned().unwrap_or(Value::Null));
        }
        let date = text("date");
        match role {
            "population" => {
                entry.insert("name".into(), json!(text("name")));
                entry.insert("year".into(), json!(date.and_then(|year| year.parse::<i64>().ok())));
            }
            "sites" => {
                entry.insert("name".into(), json!(text("name")));
                entry.insert("observed_on".into(), json!(date));
            }
            "answers" => {
                entry.insert("name".into(), json!(text("name")));
            }
            _ => {}
        }
        let list = |scenario: &mut Map<String, Value>, entry| {
            let list = scenario.entry(role).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(Value::Object(entry));
            }
        };
        match role {
            "areas" => {
                scenario.insert(role.into(), Value::Object(entry));
            }
            "scheme" => {
                scenario.insert(role.into(), json!({"path": entry.get("path")}));
            }
            "rules" => {
                let last = scenario.get_mut("sites").and_then(Value::as_array_mut);
                let last = last.and_then(|sites| sites.last_mut()).and_then(Value::as_object_mut);
                if let Some(sites) = last {
                    sites.insert("rules".into(), at.to_string_lossy().into());
                }
            }
            _ => list(scenario, entry),
        }
        Ok(())
    }

    /// Makes the paths of a group lead to where its files are.
    fn lead(&self, group: &mut Value) {
        for key in ["path", "pattern"] {
            let Some(path) = group.get(key).and_then(Value::as_str) else { continue };
            let name = Path::new(path).file_name().unwrap_or_default();
            let at = match (self.folder, &self.base) {
                (Some(folder), _) => folder.join(name),
                (None, Some(base)) => base.join(path),
                (None, None) => PathBuf::from(path),
            };
            group[key] = at.to_string_lossy().into();
        }
    }

    /// Where an input is, which must be what it was.
    fn find(
        &self,
        path: &str,
        relative: Option<&str>,
        input: &Value,
    ) -> Result<PathBuf, ReadError> {
        let is_virtual = path.starts_with("/vsi") || path.contains("://");
        if is_virtual {
            return Ok(PathBuf::from(path));
        }
        let name = Path::new(path).file_name().unwrap_or_default();
        let candidates: Vec<PathBuf> = if let Some(folder) = self.folder {
            vec![folder.join(name)]
        } else {
            let beside = relative.map(|path| self.home.join(path));
            let base = self.base.as_ref().map(|base| base.join(path));
            beside.into_iter().chain(base).chain([PathBuf::from(path)]).collect()
        };
        let Some(at) = candidates.iter().find(|at| at.is_file()) else {
            let found = format!("its input \"{path}\" is missing");
            let hint = "give the folder that holds its inputs: `--inputs DIR`";
            return Err(ReadError::unusable_hint(self.written, found, hint));
        };
        let wanted = input.get("sha256").and_then(Value::as_str);
        let is = digest(at, path)?.sha256;
        if wanted.is_some_and(|wanted| wanted != is) {
            let found = format!("its input \"{path}\" has changed since (SHA-256)");
            return Err(ReadError::unusable_hint(
                self.written,
                found,
                "assess again, or give the folder that holds the inputs as they were: `--inputs DIR`",
            ));
        }
        Ok(std::path::absolute(at).unwrap_or_else(|_| at.clone()))
    }
}

/// The value of a setting as its key wants it.
fn typed(key: &str, value: &Value) -> Value {
    let text = value.as_str().unwrap_or_default();
    let number = |text: &str| {
        let whole = text.parse::<i64>().map(Value::from);
        whole.or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or(Value::Null)
    };
    let each = || match value {
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>(),
        _ => text.split_whitespace().collect(),
    };
    match key {
        _ if NUMBERS.contains(&key) => number(text),
        _ if LISTS.contains(&key) => each().into_iter().map(number).collect(),
        "primary" => Value::from(text == "true"),
        "groups" => {
            let lines = match value {
                Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                _ => vec![text],
            };
            toml::from_str(&lines.join("\n")).unwrap_or(Value::Null)
        }
        "classes" => {
            let pairs = match value {
                Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                _ => vec![text],
            };
            let pairs = pairs.into_iter().filter_map(|pair| pair.rsplit_once(" = "));
            pairs.map(|(value, class)| (value.to_string(), Value::from(class))).collect()
        }
        _ => value.clone(),
    }
}
