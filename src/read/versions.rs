//! A version of an assessment: all that was written, without looking for its inputs.

use super::assessment::document;
use super::place::Place;
use super::provenance::hexadecimal;
use crate::error::ReadError;
use crate::model::{AreaKey, Value as Cell, Version, VersionArea, VersionInput, columns};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

/// Columns that tell what an area is, or what is not for all.
const NOT_COMPARED: [&str; 7] =
    ["area_id", "name", "coa", "phase", "reason", "topic_cthb", "topic_crsv"];

/// Reads an assessment as it was written.
///
/// # Errors
///
/// If the file is no assessment of civex in GeoJSON.
pub fn version(place: &Place) -> Result<Version, ReadError> {
    let (features, about) = document::<Feature>(place)?;
    let text = |at: &str| about.pointer(at).and_then(Value::as_str).map(ToString::to_string);
    let mut settings = texts(about.get("settings"));
    let own = [
        (Version::CIVEX, text("/version")),
        (Version::SCHEME, text("/scheme/digest")),
        (Version::DATE, text("/scenario/date")),
    ];
    settings.extend(own.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?))));
    let inputs = about.get("inputs").and_then(Value::as_array);
    Ok(Version {
        file: place.written.clone(),
        name: text("/scenario/name"),
        scheme: text("/scheme/name"),
        settings,
        inputs: inputs.into_iter().flatten().filter_map(input).collect(),
        areas: features.into_iter().filter_map(area).collect(),
    })
}

#[derive(Deserialize)]
struct Feature {
    properties: Option<Map<String, Value>>,
    geometry: Option<Box<RawValue>>,
}

/// One input; what the scenario's own file says stands in the others.
fn input(input: &Value) -> Option<VersionInput> {
    let text = |of: &Value, key: &str| of.get(key).and_then(Value::as_str).map(ToString::to_string);
    let role = text(input, "role").filter(|role| role != "scenario")?;
    let path = text(input, "path").unwrap_or_default();
    let file = || Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned());
    let beside = input.get("files_beside").and_then(Value::as_array);
    let files = std::iter::once(input).chain(beside.into_iter().flatten());
    let mut settings = texts(input.get("settings"));
    settings.extend(text(input, "date").map(|date| ("date".to_string(), date)));
    Some(VersionInput {
        name: text(input, "name").or_else(file).unwrap_or_default(),
        digests: files.filter_map(|file| text(file, "sha256")).collect(),
        role,
        settings,
    })
}

/// Settings, each as one text.
fn texts(settings: Option<&Value>) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let settings = settings.and_then(Value::as_object).into_iter().flatten();
    settings.map(|(key, value)| (key.clone(), text(value))).collect()
}

fn area(Feature { properties, geometry }: Feature) -> Option<VersionArea> {
    let properties = properties?;
    let text = |key: &str| properties.get(key).and_then(Value::as_str).map(ToString::to_string);
    let key = AreaKey { coa: text("coa"), phase: text("phase"), id: text("area_id")? };
    let is_compared = |name: &str| {
        let is_column = columns::every().contains(name) || columns::is_of_group_or_ring(name);
        is_column && !NOT_COMPARED.contains(&name)
    };
    let own = properties.iter().filter(|(name, _)| is_compared(name));
    Some(VersionArea {
        key,
        geometry: geometry.map_or_else(String::new, |geometry| shape(geometry.get())),
        columns: own.map(|(name, value)| (name.clone(), cell(value))).collect(),
    })
}

/// What tells a geometry from any other, however it is spaced.
fn shape(geometry: &str) -> String {
    let compact = serde_json::from_str(geometry).map(|read: Value| read.to_string());
    hexadecimal(&Sha256::digest(compact.unwrap_or_else(|_| geometry.to_string())))
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Number(number) => number.as_f64().map_or(Cell::Unknown, Cell::Number),
        Value::String(text) => Cell::Text(text.clone()),
        _ => Cell::Unknown,
    }
}
