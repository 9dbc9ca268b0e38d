//! Answers of Overpass, the query service of OpenStreetMap, as JSON.
//!
//! A node is a point. A way is drawn by its own geometry (`out geom`), by nodes that are in the answer, or stands at
//! its center (`out center`); a closed one is a surface unless its tags are those of a line. A relation of type
//! multipolygon or boundary is the surface that its ways enclose. Tags are properties, as in any file of
//! OpenStreetMap; what has none only draws others.
//!
//! Source: <https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL>, *out*.

use super::feature::without_place;
use crate::error::{Large, ReadError, counted};
use crate::measure::Reference;
use crate::model::Budget;
use crate::read::features::{Drawn, Feature, Features, text_of};
use crate::read::memory::Room;
use crate::read::pbf::{VERTEX, enclosed};
use geo::{Coord, LineString, Point, Polygon};
use serde::Deserialize;
use serde_json::value::RawValue;
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
struct Answer<'t> {
    #[serde(borrow)]
    elements: Vec<&'t RawValue>,
    remark: Option<String>,
}

/// An element that cannot be read, as far as it can be.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Faulty {
    #[serde(rename = "type")]
    kind: Value,
    id: Value,
    tags: Value,
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
/// If it is no such answer, nothing in it has tags, or what is drawn takes too much memory.
pub(super) fn read(text: &[u8], (written, budget): (&str, Budget)) -> Result<Features, ReadError> {
    let answer: Answer = serde_json::from_slice(text).map_err(|error| {
        let found = format!("no answer of Overpass: {}", without_place(&error));
        ReadError::unusable(written, found)
    })?;
    let (mut elements, mut rows): (Vec<Element>, Vec<Feature>) = (Vec::new(), Vec::new());
    let mut faulty = 0;
    for raw in answer.elements {
        match serde_json::from_str(raw.get()) {
            Ok(element) => elements.push(element),
            Err(error) => {
                faulty += 1;
                rows.extend(unreadable(raw.get(), &error));
            }
        }
    }
    let room = Room::of(budget);
    let mut drawing = Drawing::of(&elements, &room);
    // An object that is there twice, once for its tags and once to draw others, is one.
    let mut seen = BTreeSet::new();
    for element in elements {
        let tags = element.tags.as_ref().filter(|tags| !tags.is_empty());
        if let Some(tags) = tags.cloned()
            && seen.insert((element.kind.clone(), element.id))
        {
            let id = Some(format!("{}/{}", element.kind, element.id));
            let drawn = drawing.drawn(&element, &tags);
            rows.push(Feature { id, properties: tags, layer: None, drawn });
        }
    }
    if let Some(needed) = room.needed() {
        let (path, what) = (written.to_string(), Large::Features(rows.len() as u64));
        return Err(ReadError::TooLarge { path, what, needed, budget: budget.bytes });
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
    let faulty = (faulty > 0).then(|| format!("{} not readable", counted(faulty, "object")));
    let remarks: Vec<String> = said.into_iter().chain(cut).chain(faulty).collect();
    let remark = (!remarks.is_empty()).then(|| remarks.join("; "));
    Ok(Features { reference: Reference::wgs84().ok(), rows, is_assessment: false, remark })
}

/// The feature of an element that cannot be read; nothing for one without tags, which only draws others.
fn unreadable(text: &str, error: &serde_json::Error) -> Option<Feature> {
    let Faulty { kind, id, tags } = serde_json::from_str(text).unwrap_or_default();
    let Value::Object(properties) = tags else { return None };
    let [kind, id] = [kind, id].map(|value| text_of(&value).unwrap_or_else(|| "?".into()));
    let drawn = Drawn::Unreadable(format!("it cannot be read: {}", without_place(error)));
    Some(Feature { id: Some(format!("{kind}/{id}")), properties, layer: None, drawn })
}

/// What ways and relations are drawn from.
struct Drawing<'r> {
    nodes: BTreeMap<i64, Coord<f64>>,
    /// Ways as they run, and whether that is all of each.
    ways: BTreeMap<i64, (Vec<Coord<f64>>, bool)>,
    /// Objects of which not all is drawn.
    incomplete: u64,
    room: &'r Room,
}

impl<'r> Drawing<'r> {
    fn of(elements: &[Element], room: &'r Room) -> Self {
        let at = |element: &Element| {
            let place = element.lat.zip(element.lon).map(|(lat, lon)| Place { lat, lon });
            Some((element.id, place?.into()))
        };
        let nodes = elements.iter().filter(|element| element.kind == "node").filter_map(at);
        let (nodes, ways) = (nodes.collect(), BTreeMap::new());
        let mut drawing = Self { nodes, ways, incomplete: 0, room };
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
                // One that is not whole stands where the answer says that it is.
                Some((along, is_whole)) if *is_whole || center.is_none() => {
                    self.incomplete += u64::from(!is_whole);
                    self.room.keep(16 * along.len() as u64);
                    way(along, tags)
                }
                _ => center.unwrap_or_else(|| not_asked_for("none of its nodes is in the file")),
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
            let none = (Vec::new(), false);
            let shared = || self.ways.get(&member.id).unwrap_or(&none);
            let (along, all) = if own.0.is_empty() { shared() } else { &own };
            is_whole &= all;
            // One way may be part of any number of relations. What does not fit is counted, and not kept.
            if along.len() > 1 && self.room.keep(VERTEX * along.len() as u64) {
                lines.push(LineString(along.clone()));
            }
        }
        if lines.is_empty() || (!is_whole && element.center.is_some()) {
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
