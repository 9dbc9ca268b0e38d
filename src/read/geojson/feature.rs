//! Features of any kind, faulty or not, read by serde: the wording of every fault of one.

use crate::read::features::{Drawn, Feature, text_of};
use crate::read::text::plain;
use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

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

/// The feature of a text; one that cannot be read says why.
pub(super) fn feature(text: &str) -> Feature {
    match serde_json::from_str::<FeatureMembers>(text) {
        Ok(members) => Feature {
            id: members.id.as_ref().and_then(text_of),
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

/// What a text of a geometry draws.
pub(super) fn drawn(text: &str) -> Drawn {
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
pub(super) fn without_place(error: &serde_json::Error) -> String {
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
pub(super) struct At(pub(super) Coord<f64>);

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
