//! TopoJSON: features whose borders are arcs that several of them share.
//!
//! Each object is a layer. Its coordinates are longitude and latitude of WGS 84, as the format wants them, written
//! as they are or as whole numbers with a scale; arcs are then written by their steps. One arc may be part of any
//! number of features, so what they take together is counted as they are made.
//!
//! Source: The TopoJSON Format Specification, 1.0.

use super::feature::{At, without_place};
use crate::error::{Large, ReadError};
use crate::measure::Reference;
use crate::model::Budget;
use crate::read::features::{Drawn, Feature, Features, text_of};
use crate::read::memory::Room;
use crate::read::vector::no_layer;
use geo::{
    Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon,
    Point, Polygon,
};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Topology {
    objects: Map<String, Value>,
    arcs: Vec<Vec<At>>,
    transform: Option<Transform>,
}

#[derive(Deserialize)]
struct Transform {
    scale: [f64; 2],
    translate: [f64; 2],
}

impl Transform {
    fn place(&self, Coord { x, y }: Coord<f64>) -> Coord<f64> {
        let [sx, sy] = self.scale;
        let [tx, ty] = self.translate;
        Coord { x: x * sx + tx, y: y * sy + ty }
    }
}

/// A geometry as written, with what makes it a feature.
#[derive(Deserialize)]
struct Object {
    #[serde(rename = "type")]
    kind: Option<String>,
    id: Option<Value>,
    properties: Option<Map<String, Value>>,
    arcs: Option<Value>,
    coordinates: Option<Value>,
    geometries: Option<Vec<Object>>,
}

/// The features of an object of a topology: of the one of that name, or of its only one.
///
/// # Errors
///
/// If it is no topology, has no such object, or several of which none is named; if it takes too much memory.
pub(super) fn read(
    text: &[u8],
    layer: Option<&str>,
    (written, budget): (&str, Budget),
) -> Result<Features, ReadError> {
    let fail = |error: &serde_json::Error| {
        ReadError::unusable(written, format!("not TopoJSON: {}", without_place(error)))
    };
    let topology: Topology = serde_json::from_slice(text).map_err(|error| fail(&error))?;
    let names: Vec<String> = topology.objects.keys().cloned().collect();
    let name = match (layer, names.as_slice()) {
        (Some(layer), _) if names.iter().any(|name| name == layer) => layer,
        (Some(layer), _) => return Err(no_layer(layer, &names, written)),
        (None, [only]) => only,
        (None, _) => {
            let found = format!("it has {} layers: {}", names.len(), names.join(", "));
            let hint = "name one: `layer = \"…\"`, or `,layer=…` behind the path";
            return Err(ReadError::unusable_hint(written, found, hint));
        }
    };
    let object = topology.objects.get(name).cloned().unwrap_or_default();
    let object: Object = serde_json::from_value(object).map_err(|error| fail(&error))?;
    let room = Room::of(budget);
    let arcs = Arcs::of(topology.arcs, topology.transform, &room);
    let features = match (object.kind.as_deref(), object.geometries) {
        (Some("GeometryCollection"), Some(members)) => members,
        (_, geometries) => vec![Object { geometries, ..object }],
    };
    let count = features.len() as u64;
    let rows = features.into_iter().map(|object| arcs.feature(object)).collect();
    if let Some(needed) = room.needed() {
        let (path, what) = (written.to_string(), Large::Features(count));
        return Err(ReadError::TooLarge { path, what, needed, budget: budget.bytes });
    }
    let reference = Reference::wgs84().ok();
    Ok(Features { reference, rows, is_assessment: false, remark: None })
}

struct Arcs<'r> {
    all: Vec<Vec<Coord<f64>>>,
    transform: Option<Transform>,
    room: &'r Room,
}

impl<'r> Arcs<'r> {
    fn of(arcs: Vec<Vec<At>>, transform: Option<Transform>, room: &'r Room) -> Self {
        let arcs = arcs.into_iter().map(|arc| {
            let mut at = Coord::zero();
            let places = arc.into_iter().map(|step| match &transform {
                None => step.0,
                Some(transform) => {
                    at = at + step.0;
                    transform.place(at)
                }
            });
            places.collect()
        });
        Self { all: arcs.collect(), transform, room }
    }

    fn feature(&self, object: Object) -> Feature {
        let Object { id, properties, .. } = &object;
        let (id, properties) =
            (id.as_ref().and_then(text_of), properties.clone().unwrap_or_default());
        let drawn = match self.shape(object) {
            Ok(Some(shape)) => Drawn::Shape(shape),
            Ok(None) => Drawn::Nothing,
            Err(why) => Drawn::Unreadable(format!("the geometry cannot be read: {why}")),
        };
        Feature { id, properties, layer: None, drawn }
    }

    fn shape(&self, object: Object) -> Result<Option<Geometry<f64>>, String> {
        let Some(kind) = object.kind else { return Ok(None) };
        let arcs = object.arcs.unwrap_or_default();
        let places = object.coordinates.unwrap_or_default();
        Ok(Some(match kind.as_str() {
            "Point" => Point(self.place(&value(places)?)).into(),
            "MultiPoint" => {
                let places: Vec<At> = value(places)?;
                let points = places.iter().map(|at| Point(self.place(at))).collect();
                MultiPoint(points).into()
            }
            "LineString" => self.line(value(arcs)?)?.into(),
            "MultiLineString" => MultiLineString(self.lines(value(arcs)?)?).into(),
            "Polygon" => self.polygon(value(arcs)?)?.into(),
            "MultiPolygon" => {
                let parts: Vec<Vec<Vec<i64>>> = value(arcs)?;
                let parts: Result<_, _> =
                    parts.into_iter().map(|part| self.polygon(part)).collect();
                MultiPolygon(parts?).into()
            }
            "GeometryCollection" => {
                let members = object.geometries.unwrap_or_default().into_iter();
                let members = members.filter_map(|member| self.shape(member).transpose());
                Geometry::GeometryCollection(GeometryCollection(members.collect::<Result<_, _>>()?))
            }
            other => return Err(format!("\"{other}\" is no type of geometry")),
        }))
    }

    fn place(&self, at: &At) -> Coord<f64> {
        self.transform.as_ref().map_or(at.0, |transform| transform.place(at.0))
    }

    fn polygon(&self, rings: Vec<Vec<i64>>) -> Result<Polygon<f64>, String> {
        let mut rings = self.lines(rings)?.into_iter();
        let shell = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(shell, rings.collect()))
    }

    fn lines(&self, lines: Vec<Vec<i64>>) -> Result<Vec<LineString<f64>>, String> {
        lines.into_iter().map(|line| self.line(line)).collect()
    }

    /// Arcs one behind the other, each from the place where the one before ends; numbers below zero count them
    /// backward, and run so.
    fn line(&self, arcs: Vec<i64>) -> Result<LineString<f64>, String> {
        let mut along: Vec<Coord<f64>> = Vec::new();
        for number in arcs {
            let place = if number < 0 { !number } else { number };
            let arc = usize::try_from(place).ok().and_then(|place| self.all.get(place));
            let arc = arc.ok_or_else(|| format!("arc {number} of {}", self.all.len()))?;
            // What does not fit is counted, and not kept.
            if !self.room.keep(16 * arc.len() as u64) {
                along = Vec::new();
                continue;
            }
            let skipped = usize::from(!along.is_empty());
            if number < 0 {
                along.extend(arc.iter().rev().skip(skipped));
            } else {
                along.extend(arc.iter().skip(skipped));
            }
        }
        Ok(LineString(along))
    }
}

fn value<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| without_place(&error))
}
