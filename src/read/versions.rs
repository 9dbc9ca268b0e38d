//! A version of an assessment: all that was written, without looking for its inputs.

use super::assessment::{Embedded, Input, Part, Settings, document};
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
    let mut areas = Vec::new();
    let embedded = document(place, &mut |feature: Feature| {
        let area = area(feature);
        let weight = area.as_ref().map_or(0, weight);
        areas.extend(area);
        Ok(weight)
    })?;
    let Embedded { version, head, scheme, settings, inputs, .. } = embedded;
    let mut settings = texts(&settings);
    let own =
        [(Version::CIVEX, version), (Version::SCHEME, scheme.digest), (Version::DATE, head.date)];
    settings.extend(own.into_iter().filter_map(|(key, value)| Some((key.to_string(), value?))));
    let is_read = |(part, _): &&(Part, Input)| *part != Part::Scenario;
    Ok(Version {
        file: place.written.clone(),
        name: head.name,
        scheme: scheme.name,
        settings,
        inputs: inputs.iter().filter(is_read).map(|(_, made)| input(made)).collect(),
        areas,
    })
}

/// The memory that an area takes, in bytes.
fn weight(area: &VersionArea) -> u64 {
    let column = |(name, cell): &(String, Cell)| {
        let text = if let Cell::Text(text) = cell { text.len() } else { 0 };
        size_of::<(String, Cell)>() + name.len() + text
    };
    let columns: usize = area.columns.iter().map(column).sum();
    (size_of::<VersionArea>() + columns + area.geometry.len()) as u64
}

#[derive(Deserialize)]
struct Feature {
    properties: Option<Map<String, Value>>,
    geometry: Option<Box<RawValue>>,
}

/// One input; what the scenario's own file says stands in the others.
fn input(input: &Input) -> VersionInput {
    let file = || Path::new(&input.path).file_name().map(|name| name.to_string_lossy().into());
    let beside = input.files_beside.iter().map(|file| file.sha256.clone());
    let mut settings = texts(&input.settings);
    settings.extend(input.date.clone().map(|date| ("date".to_string(), date)));
    VersionInput {
        name: input.name.clone().or_else(file).unwrap_or_default(),
        digests: input.sha256.clone().into_iter().chain(beside).collect(),
        role: input.role.clone(),
        settings,
    }
}

/// Settings, each as one text.
fn texts(settings: &Settings) -> BTreeMap<String, String> {
    settings.iter().map(|(key, value)| (key.clone(), value.to_string())).collect()
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
