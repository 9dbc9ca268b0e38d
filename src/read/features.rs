//! Features of a vector file, whatever its format: properties, geometry, and what went wrong.

use super::amount::amount;
use crate::error::{ReadError, with_names};
use crate::measure::Reference;
use geo::{CoordsIter, Geometry, MultiPolygon, Polygon};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The features of one file.
pub(super) struct Features {
    /// Their reference system, if the file tells.
    pub(super) reference: Option<Reference>,
    /// In the order of the file.
    pub(super) rows: Vec<Feature>,
    /// Whether the file is an assessment of ours.
    pub(super) is_assessment: bool,
    /// What is to be said of how it was read.
    pub(super) remark: Option<String>,
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

/// Of a point at 0, 0.
const NOWHERE: &str = "its place is 0, 0, which stands for none";

impl Drawn {
    /// The place 0, 0, which stands for one that nobody knows.
    pub(super) fn nowhere() -> Self {
        Self::Unreadable(NOWHERE.into())
    }

    /// What is drawn; a point at 0, 0 is none.
    pub(super) fn placed(self) -> Self {
        match self {
            Self::Shape(Geometry::Point(at)) if at.x() == 0.0 && at.y() == 0.0 => Self::nowhere(),
            drawn => drawn,
        }
    }
}

/// A member of a map and a ring take so many bytes beside their texts and vertices, about.
const MEMBER: u64 = 160;
const RING: u64 = 96;

impl Feature {
    /// How many bytes of memory it takes, about.
    pub(super) fn bytes(&self) -> u64 {
        let drawn = match &self.drawn {
            Drawn::Shape(geometry) => geometry_bytes(geometry),
            Drawn::Nothing | Drawn::Unreadable(_) => 0,
        };
        let members = self.properties.iter().map(|(key, value)| member_bytes(key, value));
        size_of::<Self>() as u64 + members.sum::<u64>() + drawn
    }

    /// Whether nothing was drawn.
    pub(super) const fn is_placeless(&self) -> bool {
        matches!(self.drawn, Drawn::Nothing)
    }

    /// How many vertices were drawn.
    pub(super) fn vertices(&self) -> u64 {
        match &self.drawn {
            Drawn::Shape(geometry) => geometry.coords_count() as u64,
            Drawn::Nothing | Drawn::Unreadable(_) => 0,
        }
    }
}

impl Features {
    /// The names of its columns, in the order they are met, so many at most.
    pub(super) fn column_names(&self, most: usize) -> Vec<&str> {
        let (mut names, mut met) = (Vec::new(), BTreeSet::new());
        for key in self.rows.iter().flat_map(|feature| feature.properties.keys()) {
            if names.len() == most {
                break;
            }
            if met.insert(key.as_str()) {
                names.push(key.as_str());
            }
        }
        names
    }

    /// Whether no coordinate is beyond what longitude and latitude may be.
    fn may_be_degrees(&self) -> bool {
        self.rows.iter().all(|row| match &row.drawn {
            Drawn::Shape(geometry) => {
                geometry.coords_iter().all(|at| at.x.abs() <= 540.0 && at.y.abs() <= 90.0)
            }
            _ => true,
        })
    }

    /// The reference system, or an error that names the file without one.
    pub(super) fn reference_of(&self, written: &str) -> Result<Reference, ReadError> {
        let reference = self.reference.clone().ok_or_else(|| {
            if self.rows.iter().all(|row| matches!(row.drawn, Drawn::Nothing)) {
                let hint = "make a table of it whose columns `longitude` and `latitude` tell where its rows are: \
                            `ogr2ogr OUT.csv IN`";
                let found = "none of its features has a place";
                return ReadError::unusable_hint(written, found, with_names(hint, written));
            }
            let (of, code) = if self.may_be_degrees() {
                ("if they are longitude and latitude", "EPSG:4326")
            } else {
                ("by the code of the system that they were drawn in", "EPSG:…")
            };
            ReadError::unusable_hint(
                written,
                "no reference system is declared, so nobody knows where its coordinates are",
                format!("declare it, {of}: `crs = \"{code}\"` beside its path, or `,crs={code}` behind it"),
            )
        })?;
        super::in_degrees(&reference, written)?;
        Ok(reference)
    }
}

/// Whether each of the features that have a place has coordinates that are meters or feet, and no degrees in any order.
pub(super) fn is_projected(features: &[Feature]) -> bool {
    /// Longitudes run on to 540; no coordinate of a projection comes to as many meters.
    const PROJECTED: std::ops::RangeInclusive<f64> = 540.0..=1e9;
    let mut shapes = features.iter().filter_map(|feature| match &feature.drawn {
        Drawn::Shape(geometry) => Some(geometry),
        Drawn::Nothing | Drawn::Unreadable(_) => None,
    });
    let is_far = |shape: &Geometry<f64>| {
        shape.coords_iter().any(|at| PROJECTED.contains(&at.x.abs().max(at.y.abs())))
    };
    shapes.next().is_some_and(is_far) && shapes.all(is_far)
}

/// How many bytes of memory a member of a map takes, about.
pub(super) fn member_bytes(key: &str, value: &Value) -> u64 {
    let within: u64 = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len() as u64,
        Value::Array(values) => values.iter().map(|value| member_bytes("", value)).sum(),
        Value::Object(members) => members.iter().map(|(key, value)| member_bytes(key, value)).sum(),
    };
    MEMBER + key.len() as u64 + within
}

/// How many bytes of memory a geometry takes, about.
fn geometry_bytes(geometry: &Geometry<f64>) -> u64 {
    match geometry {
        Geometry::Polygon(part) => part_bytes(part),
        Geometry::MultiPolygon(parts) => polygons_bytes(parts),
        Geometry::MultiLineString(lines) => {
            RING * lines.0.len() as u64 + 16 * geometry.coords_count() as u64
        }
        Geometry::GeometryCollection(parts) => {
            parts.iter().map(|part| RING + geometry_bytes(part)).sum()
        }
        _ => 16 * geometry.coords_count() as u64,
    }
}

/// How many bytes of memory polygons take, about.
pub(super) fn polygons_bytes(parts: &MultiPolygon<f64>) -> u64 {
    parts.iter().map(part_bytes).sum()
}

fn part_bytes(part: &Polygon<f64>) -> u64 {
    RING * (1 + part.interiors().len() as u64) + 16 * part.coords_count() as u64
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

/// The day that a text begins with, as 2026-11-22; a time of the day may follow.
pub(super) fn day_of(text: &str) -> Option<&str> {
    text.trim().get(..10).filter(|day| day.parse::<jiff::civil::Date>().is_ok())
}

/// A property as a number: numbers, and texts that are counts.
pub(super) fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => amount(text),
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
