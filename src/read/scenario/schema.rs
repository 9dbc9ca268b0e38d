//! The JSON Schema of a scenario, for editors and for programs that write scenarios.
//!
//! Keys, types and descriptions come from the types that scenarios are read into, so that they
//! cannot differ from what is read. Words and ranges that reading checks beside the types are added.

use super::MOST_RINGS;
use crate::model::{Group, Scenario, SiteClass};
use serde_json::{Map, Value, json};

/// The JSON Schema (2020-12) of a scenario, in TOML or JSON.
#[must_use]
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Scenario).to_value();
    let classes = SiteClass::ALL.map(SiteClass::name).to_vec();
    let audiences = ["internal", "coalition", "humanitarian", "public"];
    let samples =
        json!({"items": {"type": "integer", "minimum": 1}, "minItems": 1, "uniqueItems": true});
    let additions = [
        ("AreasEntry", "buffer_m", json!({"minimum": 0})),
        ("AreasEntry", "buffer_lines_m", json!({"minimum": 0})),
        ("AreasEntry", "rings_m", json!({"maxItems": MOST_RINGS})),
        ("AreasEntry", "path", json!({"minLength": 1})),
        ("PopulationEntry", "path", json!({"minLength": 1})),
        ("PopulationEntry", "time", json!({"enum": ["any", "day", "night", null]})),
        ("PopulationEntry", "clamp_below", json!({"minimum": 0, "maximum": 1})),
        ("PopulationEntry", "samples", samples.clone()),
        ("PopulationEntry", "share", one_of(&audiences)),
        (
            "PopulationEntry",
            "groups",
            json!({"propertyNames": {"enum": Group::ALL.map(Group::name)}}),
        ),
        ("GroupEntry", "share", json!({"minimum": 0, "maximum": 1})),
        ("GroupEntry", "source", json!({"minLength": 1})),
        ("GroupEntry", "samples", samples),
        ("SitesEntry", "path", json!({"minLength": 1})),
        ("SitesEntry", "share", one_of(&audiences)),
        ("SitesEntry", "classify", one_of(&["osm"])),
        ("SitesEntry", "class", one_of(&classes)),
        ("SitesEntry", "classes", json!({"additionalProperties": {"enum": classes}})),
        ("SitesEntry", "confidence", json!({"minimum": 0, "maximum": 1})),
        ("SitesEntry", "occupancy", json!({"minimum": 0})),
        ("SitesEntry", "capacity", json!({"minimum": 0})),
        ("AnswersEntry", "path", json!({"minLength": 1})),
        ("AnswersEntry", "share", one_of(&audiences)),
        ("AnswersEntry", "confidence", json!({"minimum": 0, "maximum": 1})),
        ("LinksEntry", "path", json!({"minLength": 1})),
        ("LinksEntry", "share", one_of(&audiences)),
        ("SchemeEntry", "path", json!({"minLength": 1})),
    ];
    for (section, key, more) in additions {
        let path = format!("/$defs/{section}/properties/{key}");
        if let (Some(Value::Object(key)), Value::Object(more)) = (schema.pointer_mut(&path), more) {
            key.extend(more);
        }
    }
    // Of the three ways to tell a class, one at most.
    let ways = ["classify", "class", "class_field"];
    let both = |one: &str, other: &str| json!({"required": [one, other]});
    if let Some(sites) = schema.pointer_mut("/$defs/SitesEntry").and_then(Value::as_object_mut) {
        let pairs = [both(ways[0], ways[1]), both(ways[0], ways[2]), both(ways[1], ways[2])];
        sites.insert("not".into(), json!({"anyOf": pairs}));
        sites.insert("dependentRequired".into(), json!({"classes": ["class_field"]}));
    }
    // A group is told in one way.
    if let Some(group) = schema.pointer_mut("/$defs/GroupEntry").and_then(Value::as_object_mut) {
        let of_rasters = ["layer", "measure", "nodata", "nodata_means"];
        let of_rasters = of_rasters.map(|key| json!({"required": [key]}));
        let share = json!({"required": ["share", "source"], "not": {"anyOf": of_rasters}});
        let others = ["path", "pattern"].map(|key| json!({"required": [key]}));
        let samples = json!({"required": ["samples"], "not": {"required": ["path"]}});
        let ways: Vec<Value> = [share, samples].into_iter().chain(others).collect();
        group.insert("oneOf".into(), ways.into());
    }
    titled(schema, "civex scenario")
}

/// An enumeration of words, or nothing.
fn one_of(words: &[&str]) -> Value {
    let words = words.iter().map(|word| Value::from(*word)).chain([Value::Null]);
    json!({"enum": words.collect::<Vec<_>>()})
}

/// A schema with the name that people know the document by, first.
fn titled(schema: Value, title: &str) -> Value {
    let Value::Object(mut schema) = schema else { return schema };
    let mut out = Map::new();
    out.extend(schema.shift_remove_entry("$schema"));
    out.insert("title".into(), title.into());
    schema.shift_remove("title");
    out.extend(schema);
    Value::Object(out)
}
