//! An assessment as GeoJSON (RFC 7946): one feature an area in input order, flat properties, and the
//! provenance in a foreign member `civex` behind the features.

use super::json;
use super::properties::{self, Heads};
use super::relative::relative_to;
use super::round::{number, rounded};
use crate::error::{Notice, Tally};
use crate::model::columns::Layout;
use crate::model::{AssessedArea, Assessment, InputRecord, Provenance};
use geo::{MultiPolygon, Polygon};
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use std::path::Path;

/// At most so many notices are written; all are counted.
const NOTICES: usize = 100;

/// What stands before the first row.
pub const BEFORE: &[u8] = b"{\"type\":\"FeatureCollection\",\"features\":[\n";
/// Between two rows.
pub const BETWEEN: &[u8] = b",\n";

/// Writes rows, each for itself, on any thread.
pub struct Rows(Heads);

impl Rows {
    /// For an assessment of these columns.
    #[must_use]
    pub fn new(layout: &Layout) -> Self {
        Self(Heads::new(layout))
    }

    /// Appends a row, a feature.
    pub fn append(&self, out: &mut Vec<u8>, row: &AssessedArea) {
        out.extend_from_slice(b"{\"type\":\"Feature\",\"geometry\":");
        match &row.footprint {
            Some(footprint) => geometry(out, footprint, row.decimals),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"properties\":");
        properties::write(out, row, &self.0);
        out.push(b'}');
    }
}

/// Writes what stands behind the rows: the provenance and the notices. `folder` is that of the output, to
/// which the paths of inputs are made relative; `None` for a stream.
///
/// # Errors
///
/// What the writer returns.
pub fn end(
    provenance: &Provenance,
    notices: &Tally<Notice>,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    out.write_all(b"\n],\"civex\":")?;
    json::to_writer(&mut *out, &about(provenance, notices, folder))?;
    out.write_all(b"}\n")
}

/// Writes the provenance and the notices alone, for formats that have no place for them.
///
/// # Errors
///
/// What the writer returns.
pub fn beside(
    provenance: &Provenance,
    notices: &Tally<Notice>,
    folder: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    json::to_writer(&mut *out, &about(provenance, notices, folder))?;
    out.write_all(b"\n")
}

/// Writes a whole assessment. `folder` is as for [`end`].
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
    let rows = Rows::new(&assessment.layout);
    let mut text = BEFORE.to_vec();
    for (place, row) in assessment.rows.iter().enumerate() {
        text.extend_from_slice(if place > 0 { BETWEEN } else { b"" });
        rows.append(&mut text, row);
        out.write_all(&text)?;
        text.clear();
    }
    out.write_all(&text)?;
    let mut notices = Tally::new(NOTICES as u64);
    notices.extend(assessment.notices.iter().cloned());
    end(provenance, &notices, folder, out)
}

/// Writes a footprint with rounded coordinates; one part is a polygon, several are a multi-polygon.
fn geometry(out: &mut Vec<u8>, footprint: &MultiPolygon<f64>, decimals: u32) {
    if let [part] = &footprint.0[..] {
        out.extend_from_slice(b"{\"type\":\"Polygon\",\"coordinates\":");
        polygon(out, part, decimals);
    } else {
        out.extend_from_slice(b"{\"type\":\"MultiPolygon\",\"coordinates\":");
        list(out, &footprint.0, |out, part| polygon(out, part, decimals));
    }
    out.push(b'}');
}

fn polygon(out: &mut Vec<u8>, polygon: &Polygon<f64>, decimals: u32) {
    let rings = std::iter::once(polygon.exterior()).chain(polygon.interiors());
    list(out, rings, |out, ring| {
        out.reserve(ring.0.len() * 28);
        list(out, &ring.0, |out, at| {
            out.push(b'[');
            number(out, Some(at.x), decimals);
            out.push(b',');
            number(out, Some(at.y), decimals);
            out.push(b']');
        });
    });
}

/// Writes a list, each element by `one`.
fn list<T>(
    out: &mut Vec<u8>,
    elements: impl IntoIterator<Item = T>,
    one: impl Fn(&mut Vec<u8>, T),
) {
    out.push(b'[');
    for (place, element) in elements.into_iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        one(out, element);
    }
    out.push(b']');
}

/// The foreign member `civex`: what a result was made from and what limits it.
pub(super) fn about(
    provenance: &Provenance,
    notices: &Tally<Notice>,
    folder: Option<&Path>,
) -> Value {
    let (scheme, digest) = &provenance.scheme;
    let texts: Vec<Value> = notices
        .kept()
        .iter()
        .take(NOTICES)
        .map(|notice| json!({"kind": notice.kind.name(), "text": notice.to_string()}))
        .collect();
    let inputs: Vec<Value> = provenance.inputs.iter().map(|input| record(input, folder)).collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": {"name": provenance.name, "date": provenance.date},
        "scheme": {"name": scheme, "digest": digest},
        "settings": settings(&provenance.settings),
        "inputs": inputs,
        "notices": {"counts": notices.counts(), "first": texts},
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
        "age_years": input.age_years.map(|years| rounded(years, 2)),
        "licence": input.licence,
        "attribution": input.attribution,
        "settings": settings(&input.settings),
    });
    let others = input.files.iter().skip(1);
    let others: Vec<Value> = others
        .map(|file| json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256}))
        .collect();
    if let Some(made) = made.as_object_mut() {
        if !others.is_empty() {
            made.insert("files_beside".into(), others.into());
        }
        if let Some(losses) = &input.losses {
            made.insert("features".into(), losses.features.into());
            made.insert("lost".into(), json!(losses.by_reason));
        }
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
