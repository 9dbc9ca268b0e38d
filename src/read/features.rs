//! Features of a vector file, whatever its format: properties, geometry, and what went wrong.

use crate::error::ReadError;
use crate::measure::Reference;
use geo::Geometry;
use serde_json::{Map, Value};

/// The features of one file.
pub(super) struct Features {
    /// Their reference system, if the file tells.
    pub(super) reference: Option<Reference>,
    /// In the order of the file.
    pub(super) rows: Vec<Feature>,
    /// Whether the file is an assessment of ours.
    pub(super) is_assessment: bool,
}

/// One feature.
pub(super) struct Feature {
    /// Its id outside of its properties.
    pub(super) id: Option<String>,
    /// Its properties, in the order of the file.
    pub(super) properties: Map<String, Value>,
    /// The layer it comes from, in files where all layers are read.
    pub(super) layer: Option<String>,
    /// What was drawn.
    pub(super) drawn: Drawn,
}

/// The geometry of a feature, as far as it can be read.
pub(super) enum Drawn {
    /// A geometry; coordinates may be anything yet.
    Shape(Geometry<f64>),
    /// None.
    Nothing,
    /// Something that cannot be read: why.
    Unreadable(String),
}

impl Feature {
    /// Whether nothing was drawn.
    pub(super) const fn is_placeless(&self) -> bool {
        matches!(self.drawn, Drawn::Nothing)
    }
}

impl Features {
    /// The reference system, or an error that names the file without one.
    pub(super) fn reference_of(&self, written: &str) -> Result<Reference, ReadError> {
        self.reference.clone().ok_or_else(|| {
            ReadError::unusable_hint(
                written,
                "no reference system is declared, so nobody knows where its coordinates are",
                format!(
                    "declare it, for example: `ogr2ogr -a_srs EPSG:4326 declared.gpkg {written}`"
                ),
            )
        })
    }
}

/// A property as text: texts as they are, numbers and truths as written, anything else not at all.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A property as a number: numbers, and texts that are numbers.
pub(super) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The name of the property that `wanted` names: exactly, else whatever its case.
pub(super) fn column<'p>(properties: &'p Map<String, Value>, wanted: &str) -> Option<&'p str> {
    let exact = properties.keys().find(|key| *key == wanted);
    exact
        .or_else(|| properties.keys().find(|key| key.eq_ignore_ascii_case(wanted)))
        .map(String::as_str)
}
