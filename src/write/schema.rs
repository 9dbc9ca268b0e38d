//! The JSON Schema of an assessment in GeoJSON: what programs may rely on.
//!
//! Every column with its type, its unit and whether it may be null. The columns themselves are those
//! of [`columns`]; a column without a description here is a fault that a test finds.

use super::formats::Kind;
use crate::model::columns::{self, Layout};
use crate::model::{Band, Dimension, Group, Role, Service, SiteClass, Status};
use serde_json::{Map, Value, json};

/// The words that `flags` may hold.
const FLAGS: [&str; 14] = [
    "beyond_sites",
    "buffered",
    "classes_unmapped",
    "defaulted",
    "duplicate_id",
    "high_not_a_bound",
    "no_dependants",
    "no_sites_layer",
    "partial_data",
    "repaired",
    "single_source",
    "sites_incomplete",
    "small_area",
    "wrapped",
];

/// Every status.
const STATUSES: [Status; 6] = [
    Status::Ok,
    Status::DataGap,
    Status::NotAssessable,
    Status::NoData,
    Status::NoGeometry,
    Status::Invalid,
];

/// The JSON Schema (2020-12) of an assessment in GeoJSON.
#[must_use]
pub fn assessment() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "civex assessment",
        "description": "A GeoJSON feature collection (RFC 7946): one feature an area, in input order. Unknown is null, never 0.",
        "type": "object",
        "required": ["type", "features", "civex"],
        "properties": {
            "type": {"const": "FeatureCollection"},
            "features": {"type": "array", "items": {"$ref": "#/$defs/area"}},
            "civex": {"$ref": "#/$defs/provenance"},
        },
        "$defs": {
            "area": {
                "type": "object",
                "required": ["type", "geometry", "properties"],
                "properties": {
                    "type": {"const": "Feature"},
                    "geometry": {"$ref": "#/$defs/footprint"},
                    "properties": properties(),
                },
            },
            "footprint": footprint(),
            "provenance": provenance(),
            "input": input(),
        },
    })
}

/// The properties of a row: the area's own columns, then ours.
fn properties() -> Value {
    let names = |has_sites| columns::names(&Layout { has_sites, ..Layout::default() });
    let named = names(true).into_iter().map(|name| (column(&name), name));
    let described: Map<String, Value> =
        named.filter_map(|(about, name)| Some((name, about?))).collect();
    let (classes, always) = (names(true), names(false));
    let with_sites: Vec<&String> = classes.iter().filter(|name| !always.contains(name)).collect();
    let groups = Group::ALL.map(Group::name).join("|");
    let mut patterns = Map::new();
    patterns.insert(
        format!("^({groups})_(low|best|high)$"),
        number("People of a group that the scenario declares.", None),
    );
    patterns.insert(
        "^ring_[0-9]+m_pop_best$".into(),
        number("People outside the area, at most so many meters from it.", None),
    );
    patterns.insert(
        "^ring_[0-9]+m_sites_t[1-4]$".into(),
        count("Sites of a tier outside the area, at most so many meters from it."),
    );
    let mut about = json!({
        "description": "The area's own columns come first; they may have any name but these.",
        "type": "object",
        "required": always,
        "properties": described,
        "patternProperties": patterns,
    });
    // Columns of classes and services come with a sites layer, all or none.
    if let (Some(about), Some(first)) = (about.as_object_mut(), with_sites.first()) {
        about.insert("dependentRequired".into(), json!({first.as_str(): with_sites}));
    }
    about
}

/// What a column holds; `None` for a name that is no column.
fn column(name: &str) -> Option<Value> {
    let class = name.strip_prefix("sites_").and_then(SiteClass::from_name);
    if let Some(class) = class {
        let what = format!(
            "Sites of class {} that the area touches; null where no layer maps the class.",
            class.name()
        );
        return Some(count(&what));
    }
    if let Some(service) = name.strip_prefix("dependants_").and_then(Service::from_name) {
        let what = format!(
            "People who depend on {} from inside the area, in two digits; by class in a very small area.",
            service.name()
        );
        return Some(number(&what, None));
    }
    head(name).or_else(|| burden(name)).or_else(|| score(name))
}

/// The kind of a column of an assessment, and what it is; `None` for a name that is no column.
pub(super) fn kind_of(name: &str) -> Option<(Kind, String)> {
    let about = column(name).or_else(|| {
        let (what, bound) = name.rsplit_once('_')?;
        let group = Group::from_name(what).map(super::gaps::group_in_words);
        if let Some(group) = group {
            return Some(number(&format!("People who are {group}, {bound}."), None));
        }
        let (meters, what) = name.strip_prefix("ring_")?.split_once("m_")?;
        let text = format!("outside the area, at most {meters} m from it.");
        Some(match what.strip_prefix("sites_t") {
            Some(tier) => count(&format!("Sites of tier {tier} {text}")),
            None => number(&format!("People {text}"), None),
        })
    })?;
    let kind = match about.pointer("/type/0").and_then(Value::as_str) {
        Some("number") => Kind::Real,
        Some("integer") => Kind::Integer,
        _ => Kind::Text,
    };
    Some((kind, about["description"].as_str().unwrap_or_default().to_string()))
}

fn head(name: &str) -> Option<Value> {
    let flags = FLAGS.join("|");
    Some(match name {
        "area_id" => json!({
            "description": "Its id, unique within course of action and phase.",
            "type": "string",
        }),
        "name" => text("What it is called."),
        "coa" => text("The course of action it belongs to."),
        "phase" => text("The phase it belongs to."),
        "start" => text("When it starts, as written in the areas file."),
        "end" => text("When it ends, as written in the areas file."),
        "status" => json!({
            "description": "What can be said of it at all.",
            "enum": STATUSES.map(Status::name),
        }),
        "reason" => text("Why not more can be said, as a sentence; null where the status is ok."),
        "flags" => json!({
            "description": "What is to be kept in mind: words, sorted, joined by one space.",
            "type": "string",
            "pattern": format!("^(({flags})( ({flags}))*)?$"),
        }),
        "area_km2" => number("Surface of its footprint on the ellipsoid, in km².", None),
        "missing_share" => number("Share of its surface without population data.", Some(1)),
        _ => return None,
    })
}

fn burden(name: &str) -> Option<Value> {
    let (what, bound) = name.rsplit_once('_').unwrap_or((name, ""));
    let of = match bound {
        "low" => " Low bound.",
        "best" => " Best estimate.",
        "high" => " High bound.",
        _ => "",
    };
    let triple = |text: &str| number(&format!("{text}{of}"), None);
    Some(match (what, name) {
        ("pop", _) => triple("People in it."),
        ("vulnerable", _) => {
            triple("People in hospitals, schools, care homes and other such places.")
        }
        ("site_load", _) => triple("Sites weighted by tier, in units of load."),
        (_, "pop_density_km2") => number("People per km² of surface with data.", None),
        (_, "pop_peak_km2") => {
            number("People per km² in its densest block, at any hour of its time.", None)
        }
        ("sites", _) if ["t1", "t2", "t3", "t4"].contains(&bound) => {
            count("Sites of a tier that it touches; t1 the first to be spared.")
        }
        (_, "dependants_outside") => number("People outside who depend on sites inside.", None),
        (_, "person_days") => number("People times days of the area's period.", None),
        (_, "gaps") => count("Gaps of knowledge that were found."),
        _ => return None,
    })
}

fn score(name: &str) -> Option<Value> {
    let dimensions: Vec<Value> = Dimension::ALL
        .iter()
        .map(|dimension| dimension.name().into())
        .chain([Value::Null])
        .collect();
    let bands: Vec<Value> =
        Band::ALL.iter().map(|band| band.name().into()).chain([Value::Null]).collect();
    let part = |of: &str| number(&format!("Points that {of} contribute to the score."), Some(100));
    Some(match name {
        "score_low" => number("Score from the low burdens.", Some(100)),
        "score" => number("Score: lower exposes fewer civilians.", Some(100)),
        "score_high" => number("Score from the high burdens.", Some(100)),
        "band_low" | "band" | "band_high" => json!({
            "description": "The band of the score. Not even the lowest says that exposure is acceptable.",
            "enum": bands,
        }),
        "profile" => json!({
            "description": "Dimensions in bands from 0 to 5: people, groups, sites, essential services; ≥ where more may be there, ? where nobody has looked.",
            "type": ["string", "null"],
            "pattern": "^P[0-5]( [GSE](≥?[0-5]|\\?)){3}$",
        }),
        "driver" => json!({"description": "The largest weighted dimension.", "enum": dimensions}),
        "contrib_p" => part("people"),
        "contrib_g" => part("vulnerable groups"),
        "contrib_s" => part("sites"),
        "contrib_e" => part("essential services"),
        _ if name.starts_with("topic_") => {
            number("The score seen from one cross-cutting topic.", Some(100))
        }
        _ => return None,
    })
}

/// A text or null.
fn text(description: &str) -> Value {
    json!({"description": description, "type": ["string", "null"]})
}

/// A number of 0 or more, up to a limit, or null.
fn number(description: &str, most: Option<u32>) -> Value {
    let mut about = json!({"description": description, "type": ["number", "null"], "minimum": 0});
    if let (Some(about), Some(most)) = (about.as_object_mut(), most) {
        about.insert("maximum".into(), most.into());
    }
    about
}

/// A whole number of 0 or more, or null.
fn count(description: &str) -> Value {
    json!({"description": description, "type": ["integer", "null"], "minimum": 0})
}

/// What was assessed, in WGS 84, or null.
fn footprint() -> Value {
    let position = json!({
        "type": "array", "minItems": 2, "maxItems": 2,
        "prefixItems": [
            {"type": "number", "minimum": -180, "maximum": 180},
            {"type": "number", "minimum": -90, "maximum": 90},
        ],
    });
    let ring = json!({"type": "array", "minItems": 4, "items": position});
    let rings = json!({"type": "array", "minItems": 1, "items": ring});
    let geometry = |kind: &str, coordinates: &Value| {
        json!({
            "type": "object", "required": ["type", "coordinates"],
            "properties": {"type": {"const": kind}, "coordinates": coordinates},
        })
    };
    let parts = json!({"type": "array", "items": rings});
    json!({
        "description": "The footprint assessed (repaired, unwrapped, buffered) in WGS 84, right-hand rule.",
        "oneOf": [
            {"type": "null"},
            geometry("Polygon", &rings),
            geometry("MultiPolygon", &parts),
        ],
    })
}

/// The member `civex`.
fn provenance() -> Value {
    json!({
        "description": "What the result was made from and what limits it. Same input, same bytes.",
        "type": "object",
        "required": ["version", "scenario", "scheme", "settings", "inputs", "notices"],
        "properties": {
            "version": {"type": "string"},
            "scenario": {
                "type": "object", "required": ["name", "date"],
                "properties": {"name": {"type": "string"}, "date": text("The day ages refer to.")},
            },
            "scheme": {
                "type": "object", "required": ["name", "digest"],
                "properties": {"name": {"type": "string"}, "digest": digest()},
            },
            "settings": {"type": "object"},
            "inputs": {"type": "array", "items": {"$ref": "#/$defs/input"}},
            "notices": {
                "type": "object", "required": ["counts", "first"],
                "properties": {
                    "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "first": {
                        "type": "array", "maxItems": 100,
                        "items": {
                            "type": "object", "required": ["kind", "text"],
                            "properties": {"kind": {"type": "string"}, "text": {"type": "string"}},
                        },
                    },
                },
            },
        },
    })
}

fn digest() -> Value {
    json!({"description": "SHA-256, in hexadecimal.", "type": "string", "pattern": "^[0-9a-f]{64}$"})
}

/// One input of the member `civex`.
fn input() -> Value {
    json!({
        "type": "object",
        "required": ["role", "path", "bytes", "sha256"],
        "properties": {
            "role": {"enum": Role::ALL.map(Role::name)},
            "name": text("Its name in the scenario."),
            "path": {"description": "Its path, as written.", "type": "string"},
            "relative_path": text("Its path from the folder of this file."),
            "bytes": count("Its length."),
            "sha256": {"anyOf": [digest(), {"type": "null"}]},
            "date": text("The day or year it speaks of."),
            "age_years": number("How old that is on the day that ages refer to.", None),
            "licence": text("Its licence."),
            "attribution": text("Whom to name."),
            "settings": {"type": "object"},
            "files_beside": {"type": "array", "items": {"type": "object"}},
            "features": count("Features of a layer of sites."),
            "lost": {
                "description": "Features of a layer of sites that could not be used, by reason.",
                "type": "object", "additionalProperties": {"type": "integer"},
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described() {
        let names = columns::names(&Layout { has_sites: true, ..Layout::default() });
        let missing: Vec<String> =
            names.into_iter().filter(|name| column(name).is_none()).collect();
        assert!(missing.is_empty(), "no type and unit for {missing:?}");
    }
}
