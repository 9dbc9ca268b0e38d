//! Features of any kind, faulty or not, read by serde: the wording of every fault of one.

use super::GEOMETRIES;
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
    #[serde(rename = "type")]
    kind: Option<Value>,
    crs: Option<Value>,
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
    crs: Option<Value>,
    #[serde(borrow)]
    coordinates: Option<&'t RawValue>,
    #[serde(borrow)]
    geometries: Option<Vec<&'t RawValue>>,
}

/// The feature of a text, or a geometry that stands for one, in a file whose coordinates are in the system of that
/// code; one that cannot be read says why.
pub(super) fn feature(text: &str, system: &str) -> Feature {
    match serde_json::from_str::<FeatureMembers>(text) {
        Ok(members) => {
            let kind = members.kind.as_ref().and_then(Value::as_str).unwrap_or_default();
            let drawn = match members.geometry {
                _ if kind == "FeatureCollection" => {
                    Drawn::Unreadable("a FeatureCollection, wanted a feature".into())
                }
                None if GEOMETRIES.contains(&kind) => drawn(text, system),
                geometry => match refused(members.crs.as_ref(), system) {
                    Some(why) => Drawn::Unreadable(why),
                    None => geometry.map_or(Drawn::Nothing, |raw| drawn(raw.get(), system)),
                },
            };
            let id = members.id.as_ref().and_then(text_of);
            Feature { id, properties: members.properties.unwrap_or_default(), layer: None, drawn }
        }
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

/// A `crs` member of a feature or of its geometry.
#[derive(Deserialize)]
struct OwnSystem {
    crs: Option<Value>,
    geometry: Option<Box<OwnSystem>>,
}

/// The `crs` member of a feature, or of its geometry.
pub(super) fn own_system(text: &[u8]) -> Option<Value> {
    let own: OwnSystem = serde_json::from_slice(text).ok()?;
    own.crs.or(own.geometry?.crs).filter(|crs| !crs.is_null())
}

/// Whether a text is a collection of features.
pub(super) fn is_collection(text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "type")]
        kind: String,
    }
    serde_json::from_slice::<Typed>(text).is_ok_and(|typed| typed.kind == "FeatureCollection")
}

/// The code of the reference system that a `crs` member names, one for all names of WGS 84; the member itself if it
/// names none.
pub(super) fn code_of(crs: &Value) -> String {
    let properties = crs.get("properties");
    let member = |name: &str| properties.and_then(|properties| properties.get(name));
    let name = member("name").or_else(|| member("code")).unwrap_or(crs);
    let name = name.as_str().map_or_else(|| name.to_string(), str::to_uppercase);
    match name.rsplit([':', '/']).next().unwrap_or_default() {
        "CRS84" | "WGS84" => WGS84.to_string(),
        code => code.to_string(),
    }
}

/// The code of longitude and latitude in WGS 84.
pub(super) const WGS84: &str = "4326";

/// Why a `crs` member of a part of a file is not honored: the file is in another system.
fn refused(crs: Option<&Value>, system: &str) -> Option<String> {
    let own = code_of(crs.filter(|crs| !crs.is_null())?);
    let is_other = own != system;
    is_other.then(|| {
        format!(
            "its own `crs` is {own}, and the file is in {system}; one file is read in one system"
        )
    })
}

/// What a text of a geometry draws, in a file of that system.
pub(super) fn drawn(text: &str, system: &str) -> Drawn {
    if text.trim() == "null" {
        return Drawn::Nothing;
    }
    match geometry(text, system, 0) {
        Ok(geometry) => Drawn::Shape(geometry),
        Err(found) => Drawn::Unreadable(format!("the geometry cannot be read: {found}")),
    }
}

/// Reads a geometry; collections nest to a depth that no drawing program reaches.
fn geometry(text: &str, system: &str, depth: u32) -> Result<Geometry<f64>, String> {
    if !text.trim_start().starts_with('{') {
        return Err("it is no object".into());
    }
    let members: GeometryMembers =
        serde_json::from_str(text).map_err(|error| without_place(&error))?;
    if let Some(why) = refused(members.crs.as_ref(), system) {
        return Err(why);
    }
    let kind = members.kind.as_deref().unwrap_or("nothing");
    if kind == "GeometryCollection" {
        if depth > 16 {
            return Err("collections within collections, 16 deep".into());
        }
        let members = members.geometries.unwrap_or_default();
        let read: Result<Vec<_>, _> =
            members.iter().map(|raw| geometry(raw.get(), system, depth + 1)).collect();
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
