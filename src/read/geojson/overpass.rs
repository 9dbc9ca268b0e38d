//! Answers of Overpass, the query service of OpenStreetMap, as JSON.
//!
//! A node is a point. A way is drawn by its own geometry (`out geom`), by nodes that are in the answer, or stands at
//! its center (`out center`); a closed one is a surface unless its tags are those of a line. A relation of type
//! multipolygon or boundary is the surface that its ways enclose. Tags are properties, as in any file of
//! OpenStreetMap; what has none only draws others.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL>, *out*.

use super::feature::without_place;
use crate::error::{ReadError, counted};
use crate::measure::Reference;
use crate::read::features::{Drawn, Feature, Features};
use crate::read::pbf::enclosed;
use geo::{Coord, LineString, Point, Polygon};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Keys of tags by which a closed way is a line nevertheless.
const LINES: [&str; 9] = [
    "highway",
    "railway",
    "barrier",
    "waterway",
    "aerialway",
    "power",
    "route",
    "junction",
    "pipeline",
];

#[derive(Deserialize)]
struct Answer {
    elements: Vec<Element>,
    remark: Option<String>,
}

#[derive(Deserialize)]
struct Element {
    #[serde(rename = "type")]
    kind: String,
    id: i64,
    lat: Option<f64>,
    lon: Option<f64>,
    center: Option<Place>,
    nodes: Option<Vec<i64>>,
    geometry: Option<Vec<Option<Place>>>,
    members: Option<Vec<Member>>,
    tags: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
struct Member {
    #[serde(rename = "type")]
    kind: String,
    #[serde(rename = "ref")]
    id: i64,
    geometry: Option<Vec<Option<Place>>>,
}

#[derive(Clone, Copy, Deserialize)]
struct Place {
    lat: f64,
    lon: f64,
}

impl From<Place> for Coord<f64> {
    fn from(place: Place) -> Self {
        Self { x: place.lon, y: place.lat }
    }
}

/// The tagged objects of an answer.
///
/// # Errors
///
/// If it is no such answer, or nothing in it has tags.
pub(super) fn read(text: &[u8], written: &str) -> Result<Features, ReadError> {
    let answer: Answer = serde_json::from_slice(text).map_err(|error| {
        let found = format!("no answer of Overpass: {}", without_place(&error));
        ReadError::unusable(written, found)
    })?;
    let mut drawing = Drawing::of(&answer.elements);
    // An object that is there twice, once for its tags and once to draw others, is one.
    let mut seen = BTreeSet::new();
    let mut rows: Vec<Feature> = Vec::new();
    for element in answer.elements {
        let tags = element.tags.as_ref().filter(|tags| !tags.is_empty());
        if let Some(tags) = tags.cloned()
            && seen.insert((element.kind.clone(), element.id))
        {
            let id = Some(format!("{}/{}", element.kind, element.id));
            let drawn = drawing.drawn(&element, &tags);
            rows.push(Feature { id, properties: tags, layer: None, drawn });
        }
    }
    let said = answer.remark.map(|said| format!("the server says: {}", said.trim()));
    if rows.is_empty() {
        let found = match said {
            Some(said) => format!("no object with tags is in it; {said}"),
            None => "no object with tags is in it".to_string(),
        };
        let hint = "ask for tags and places: `out center;` or `out geom;` at the end of the query";
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    let cut = (drawing.incomplete > 0).then(|| {
        let objects = counted(drawing.incomplete, "object");
        format!("{objects} not whole in it, drawn from what is there")
    });
    let remarks: Vec<String> = said.into_iter().chain(cut).collect();
    let remark = (!remarks.is_empty()).then(|| remarks.join("; "));
    Ok(Features { reference: Reference::wgs84().ok(), rows, is_assessment: false, remark })
}

/// What ways and relations are drawn from.
struct Drawing {
    nodes: BTreeMap<i64, Coord<f64>>,
    /// Ways as they run, and whether that is all of each.
    ways: BTreeMap<i64, (Vec<Coord<f64>>, bool)>,
    /// Objects of which not all is drawn.
    incomplete: u64,
}

impl Drawing {
    fn of(elements: &[Element]) -> Self {
        let at = |element: &Element| {
            let place = element.lat.zip(element.lon).map(|(lat, lon)| Place { lat, lon });
            Some((element.id, place?.into()))
        };
        let nodes = elements.iter().filter(|element| element.kind == "node").filter_map(at);
        let mut drawing = Self { nodes: nodes.collect(), ways: BTreeMap::new(), incomplete: 0 };
        for way in elements.iter().filter(|element| element.kind == "way") {
            let course = drawing.course(way.geometry.as_deref(), way.nodes.as_deref());
            if !course.0.is_empty() {
                drawing.ways.insert(way.id, course);
            }
        }
        drawing
    }

    /// The places along a way, by its own geometry or by its nodes; and whether those are all.
    fn course(
        &self,
        geometry: Option<&[Option<Place>]>,
        nodes: Option<&[i64]>,
    ) -> (Vec<Coord<f64>>, bool) {
        let (along, wanted): (Vec<_>, _) = match (geometry, nodes) {
            (Some(places), _) => {
                (places.iter().flatten().map(|place| (*place).into()).collect(), places.len())
            }
            (None, Some(nodes)) => {
                (nodes.iter().filter_map(|id| self.nodes.get(id).copied()).collect(), nodes.len())
            }
            (None, None) => (Vec::new(), 0),
        };
        let is_whole = along.len() == wanted;
        (along, is_whole)
    }

    fn drawn(&mut self, element: &Element, tags: &Map<String, Value>) -> Drawn {
        let center = element.center.map(|at| Drawn::Shape(Point(at.into()).into()));
        match element.kind.as_str() {
            "node" => match self.nodes.get(&element.id) {
                Some(at) => Drawn::Shape(Point(*at).into()),
                None => Drawn::Unreadable("it has no place".into()),
            },
            "way" => match self.ways.get(&element.id) {
                Some((along, is_whole)) => {
                    self.incomplete += u64::from(!is_whole);
                    way(along, tags)
                }
                None => center.unwrap_or_else(|| not_asked_for("none of its nodes is in the file")),
            },
            "relation" => self.relation(element, tags).or(center).unwrap_or_else(|| {
                let kind = tags.get("type").and_then(Value::as_str).unwrap_or("no type");
                match kind {
                    "multipolygon" | "boundary" => {
                        not_asked_for("none of its ways is in the file with two nodes or more")
                    }
                    kind => Drawn::Unreadable(format!(
                        "a relation of type {kind} has no geometry of its own"
                    )),
                }
            }),
            kind => Drawn::Unreadable(format!("\"{kind}\" is no kind of object")),
        }
    }

    /// The surface of a relation; `None` if it has none, or nothing of it is there.
    fn relation(&mut self, element: &Element, tags: &Map<String, Value>) -> Option<Drawn> {
        let kind = tags.get("type").and_then(Value::as_str);
        if !matches!(kind, Some("multipolygon" | "boundary")) {
            return None;
        }
        let members = element.members.iter().flatten().filter(|member| member.kind == "way");
        let (mut lines, mut is_whole) = (Vec::new(), true);
        for member in members {
            let own = self.course(member.geometry.as_deref(), None);
            let course =
                if own.0.is_empty() { self.ways.get(&member.id).cloned() } else { Some(own) };
            let (along, all) = course.unwrap_or_default();
            is_whole &= all;
            lines.extend((along.len() > 1).then_some(LineString(along)));
        }
        if lines.is_empty() {
            return None;
        }
        let (drawn, is_closed) = enclosed(&lines);
        self.incomplete += u64::from(!(is_whole && is_closed));
        Some(drawn)
    }
}

/// An object of which the answer holds no place.
fn not_asked_for(why: &str) -> Drawn {
    Drawn::Unreadable(format!("{why}: end the query with `out center;` or `out geom;`"))
}

fn way(along: &[Coord<f64>], tags: &Map<String, Value>) -> Drawn {
    let is_area = tags.get("area").and_then(Value::as_str);
    let is_line = is_area == Some("no") || LINES.iter().any(|key| tags.contains_key(*key));
    Drawn::Shape(match along {
        [at] => Point(*at).into(),
        [first, _, _, .., last] if first == last && (is_area == Some("yes") || !is_line) => {
            Polygon::new(LineString(along.to_vec()), Vec::new()).into()
        }
        _ => LineString(along.to_vec()).into(),
    })
}
