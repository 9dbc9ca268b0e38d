//! GeoJSON, read feature by feature: one that is faulty costs no other.
//!
//! The collection is read once for the places of its features, then each feature for itself, on all
//! threads. Members may come in any order; a third coordinate is dropped; a bare feature or geometry
//! is a collection of one; a byte order mark is skipped; a legacy `crs` member is honored.

use super::features::{Drawn, Feature, Features};
use super::text::plain;
use crate::error::ReadError;
use crate::measure::Reference;
use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The types of geometries.
const GEOMETRIES: [&str; 7] = [
    "Point",
    "MultiPoint",
    "LineString",
    "MultiLineString",
    "Polygon",
    "MultiPolygon",
    "GeometryCollection",
];

/// The members of a GeoJSON text that matter here.
#[derive(Deserialize)]
struct Members<'t> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    features: Option<Vec<&'t RawValue>>,
    crs: Option<Value>,
    civex: Option<IgnoredAny>,
}

/// The members of a feature.
#[derive(Deserialize)]
#[serde(expecting = "an object with `type`, `properties` and `geometry`")]
struct FeatureMembers<'t> {
    id: Option<Value>,
    properties: Option<Map<String, Value>>,
    #[serde(borrow)]
    geometry: Option<&'t RawValue>,
}

/// The members of a geometry.
#[derive(Deserialize)]
struct GeometryMembers<'t> {
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(borrow)]
    coordinates: Option<&'t RawValue>,
    #[serde(borrow)]
    geometries: Option<Vec<&'t RawValue>>,
}

/// Reads the text of a GeoJSON file.
pub(super) fn read(bytes: &[u8], written: &str) -> Result<Features, ReadError> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|error| super::not_utf8(written, &error))?;
    if text.trim().is_empty() {
        return Err(ReadError::unusable(written, "the file is empty"));
    }
    if !text.trim_start().starts_with('{') {
        return Err(ReadError::unusable(written, "not GeoJSON, which begins with {"));
    }
    let members: Members = serde_json::from_str(text).map_err(|error| not_json(&error, written))?;
    let reference = reference(members.crs.as_ref(), written)?;
    let features = match members.kind.as_deref() {
        Some("FeatureCollection") => {
            let features = members.features.ok_or_else(|| {
                ReadError::unusable(written, "a FeatureCollection without `features`")
            })?;
            features.par_iter().map(|raw| feature(raw.get())).collect()
        }
        Some("Feature") => vec![feature(text)],
        Some(kind) if GEOMETRIES.contains(&kind) => {
            vec![Feature { id: None, properties: Map::new(), layer: None, drawn: drawn(text) }]
        }
        other => {
            let found = match other {
                Some(kind) => format!("not GeoJSON: its type is \"{kind}\""),
                None => "not GeoJSON: it has no member `type`".to_string(),
            };
            let hint = "convert it first: `ogr2ogr areas.geojson` and this file";
            return Err(ReadError::unusable_hint(written, found, hint));
        }
    };
    Ok(Features {
        reference: Some(reference),
        rows: features,
        is_assessment: members.civex.is_some(),
    })
}

/// A text that is no JSON: where, and whether it only ends too early.
fn not_json(error: &serde_json::Error, written: &str) -> ReadError {
    if error.is_eof() {
        let (line, column) = (error.line(), error.column());
        let found = format!("not whole: it ends in the middle, at line {line} column {column}");
        return ReadError::unusable_hint(written, found, "fetch or write the file again");
    }
    ReadError::unusable(written, format!("not GeoJSON: {}", plain(&error.to_string())))
}

/// WGS 84, or what a legacy `crs` member names.
fn reference(crs: Option<&Value>, written: &str) -> Result<Reference, ReadError> {
    super::quiet_gdal();
    let named = crs.filter(|crs| !crs.is_null());
    let name = named.map(|crs| crs.pointer("/properties/name").and_then(Value::as_str));
    let found = match name {
        None => Reference::wgs84(),
        Some(Some(name)) if is_name_of_system(name) => Reference::from_definition(name),
        Some(Some(name)) => {
            return Err(ReadError::unusable_hint(
                written,
                format!("its `crs` member is \"{name}\", wanted the name of a reference system"),
                "write it as urn:ogc:def:crs:EPSG::3857 or EPSG:3857",
            ));
        }
        Some(None) => {
            return Err(ReadError::unusable_hint(
                written,
                "its `crs` member names no reference system",
                "remove the member if the coordinates are longitude and latitude (RFC 7946)",
            ));
        }
    };
    found.map_err(|error| ReadError::unusable(written, format!("reference system {error}")))
}

/// Whether a text only names a reference system. GDAL takes any other for a file or a page to fetch.
fn is_name_of_system(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let page = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    if let Some(page) = page {
        // PROJ knows what stands on these without a look.
        let page = page.strip_prefix("www.").unwrap_or(page);
        return page.starts_with("opengis.net/def/crs/");
    }
    let word = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_code = |(authority, code): (&str, &str)| {
        authority.len() > 1 && word(authority) && word(code) && !code.is_empty()
    };
    lower.starts_with("urn:") || lower.split_once(':').is_some_and(is_code) || lower == "wgs84"
}

fn feature(text: &str) -> Feature {
    match serde_json::from_str::<FeatureMembers>(text) {
        Ok(members) => Feature {
            id: members.id.as_ref().and_then(super::features::text_of),
            properties: members.properties.unwrap_or_default(),
            layer: None,
            drawn: members.geometry.map_or(Drawn::Nothing, |raw| drawn(raw.get())),
        },
        Err(error) => Feature {
            id: None,
            properties: Map::new(),
            layer: None,
            drawn: Drawn::Unreadable(format!(
                "the feature cannot be read: {}",
                without_place(&error)
            )),
        },
    }
}

fn drawn(text: &str) -> Drawn {
    if text.trim() == "null" {
        return Drawn::Nothing;
    }
    match geometry(text, 0) {
        Ok(geometry) => Drawn::Shape(geometry),
        Err(found) => Drawn::Unreadable(format!("the geometry cannot be read: {found}")),
    }
}

/// Reads a geometry; collections nest to a depth that no drawing program reaches.
fn geometry(text: &str, depth: u32) -> Result<Geometry<f64>, String> {
    if !text.trim_start().starts_with('{') {
        return Err("it is no object".into());
    }
    let members: GeometryMembers =
        serde_json::from_str(text).map_err(|error| without_place(&error))?;
    let kind = members.kind.as_deref().unwrap_or("nothing");
    if kind == "GeometryCollection" {
        if depth > 16 {
            return Err("collections within collections, 16 deep".into());
        }
        let members = members.geometries.unwrap_or_default();
        let read: Result<Vec<_>, _> =
            members.iter().map(|raw| geometry(raw.get(), depth + 1)).collect();
        return Ok(Geometry::GeometryCollection(GeometryCollection(read?)));
    }
    let raw = members.coordinates.ok_or_else(|| format!("a {kind} without `coordinates`"))?;
    Ok(match kind {
        "Point" => Geometry::Point(Point(coordinates::<At>(raw)?.0)),
        "MultiPoint" => {
            let points = coordinates::<Vec<At>>(raw)?;
            Geometry::MultiPoint(MultiPoint(points.into_iter().map(|at| Point(at.0)).collect()))
        }
        "LineString" => Geometry::LineString(line(coordinates(raw)?)),
        "MultiLineString" => {
            let lines = coordinates::<Vec<Vec<At>>>(raw)?;
            Geometry::MultiLineString(MultiLineString(lines.into_iter().map(line).collect()))
        }
        "Polygon" => Geometry::Polygon(polygon(coordinates(raw)?)),
        "MultiPolygon" => {
            let parts = coordinates::<Vec<Vec<Vec<At>>>>(raw)?;
            Geometry::MultiPolygon(MultiPolygon(parts.into_iter().map(polygon).collect()))
        }
        other => return Err(format!("\"{other}\" is no type of geometry")),
    })
}

fn coordinates<'t, T: Deserialize<'t>>(raw: &'t RawValue) -> Result<T, String> {
    serde_json::from_str(raw.get()).map_err(|error| without_place(&error))
}

/// What is wrong, without the line and column, which count from where the piece begins.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    plain(text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what))
}

fn line(points: Vec<At>) -> LineString<f64> {
    LineString(points.into_iter().map(|at| at.0).collect())
}

/// A polygon from its rings, closed if they are not.
fn polygon(rings: Vec<Vec<At>>) -> Polygon<f64> {
    let mut rings = rings.into_iter().map(line);
    let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
    Polygon::new(shell, rings.collect())
}

/// A position: the first two numbers, the others dropped.
struct At(Coord<f64>);

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Position;
        impl<'de> Visitor<'de> for Position {
            type Value = At;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a position of two or three numbers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut numbers: A) -> Result<At, A::Error> {
                let x =
                    numbers.next_element()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
                let y =
                    numbers.next_element()?.ok_or_else(|| de::Error::invalid_length(1, &self))?;
                while numbers.next_element::<IgnoredAny>()?.is_some() {}
                Ok(At(Coord { x, y }))
            }
        }
        from.deserialize_seq(Position)
    }
}
