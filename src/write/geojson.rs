//! An assessment as GeoJSON (RFC 7946): one feature an area in input order, flat properties, and the
//! provenance in a foreign member `civex` behind the features.

use super::properties::properties;
use super::relative::relative_to;
use super::round::rounded;
use crate::error::Notice;
use crate::model::columns::Layout;
use crate::model::{AssessedArea, Assessment, InputRecord, Provenance};
use geo::{Coord, MapCoords, MultiPolygon};
use geojson::{Feature, Geometry};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// At most so many notices are written; all are counted.
const NOTICES: usize = 100;

/// Writes an assessment. `folder` is that of the output, to which the paths of inputs are made
/// relative; `None` for a stream.
///
/// # Errors
///
/// What the writer returns.
pub fn write(
    assessment: &Assessment,
    provenance: &Provenance,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"{\"type\":\"FeatureCollection\",\"features\":[\n")?;
    for (place, row) in assessment.rows.iter().enumerate() {
        if place > 0 {
            out.write_all(b",\n")?;
        }
        serde_json::to_writer(&mut *out, &feature(row, &assessment.layout))?;
    }
    out.write_all(b"\n],\"civex\":")?;
    let member = about(provenance, &assessment.notices, folder);
    serde_json::to_writer(&mut *out, &member)?;
    out.write_all(b"}\n")
}

fn feature(row: &AssessedArea, layout: &Layout) -> Feature {
    Feature {
        bbox: None,
        geometry: row.footprint.as_ref().map(|footprint| geometry(footprint, row.decimals)),
        id: None,
        properties: Some(properties(row, layout)),
        foreign_members: None,
    }
}

/// A footprint with rounded coordinates; one part is a polygon, several are a multi-polygon.
fn geometry(footprint: &MultiPolygon<f64>, decimals: u32) -> Geometry {
    let round = |at: Coord<f64>| Coord { x: rounded(at.x, decimals), y: rounded(at.y, decimals) };
    let footprint = footprint.map_coords(round);
    match &footprint.0[..] {
        [part] => Geometry::from(part),
        _ => Geometry::from(&footprint),
    }
}

/// The foreign member `civex`: what a result was made from and what limits it.
fn about(provenance: &Provenance, notices: &[Notice], folder: Option<&Path>) -> Value {
    let (scheme, digest) = &provenance.scheme;
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for notice in notices {
        *counts.entry(notice.kind.name()).or_default() += 1;
    }
    let texts: Vec<Value> = notices
        .iter()
        .take(NOTICES)
        .map(|notice| json!({"kind": notice.kind.name(), "text": notice.text}))
        .collect();
    let inputs: Vec<Value> = provenance.inputs.iter().map(|input| record(input, folder)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": {"name": provenance.name, "date": provenance.date},
        "scheme": {"name": scheme, "digest": digest},
        "settings": settings(&provenance.settings),
        "inputs": inputs,
        "notices": {"counts": counts, "first": texts},
    })
}

fn record(input: &InputRecord, folder: Option<&Path>) -> Value {
    // A stream, a part of an archive and a file elsewhere have no path of this file system.
    let is_virtual =
        input.path == "-" || input.path.contains("://") || input.path.starts_with("/vsi");
    let folder = folder.filter(|_| !is_virtual);
    let relative = folder.and_then(|folder| relative_to(&input.resolved, folder));
    let main = input.files.first();
    let mut made = json!({
        "role": input.role.name(),
        "name": input.name,
        "path": input.path,
        "relative_path": relative,
        "bytes": main.map(|file| file.bytes),
        "sha256": main.map(|file| &file.sha256),
        "date": input.date,
        "licence": input.licence,
        "attribution": input.attribution,
        "settings": settings(&input.settings),
    });
    let others = input.files.iter().skip(1);
    let others: Vec<Value> = others
        .map(|file| json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256}))
        .collect();
    if let (Some(made), false) = (made.as_object_mut(), others.is_empty()) {
        made.insert("files_beside".into(), others.into());
    }
    made
}

/// Settings as an object; a key that is given several times becomes a list.
fn settings(settings: &[(&'static str, String)]) -> Value {
    let mut object = Map::new();
    for (key, value) in settings {
        match object.get_mut(*key) {
            None => {
                object.insert((*key).to_string(), Value::from(value.as_str()));
            }
            Some(Value::Array(list)) => list.push(Value::from(value.as_str())),
            Some(one) => *one = json!([one.take(), value]),
        }
    }
    Value::Object(object)
}
