//! KML and KMZ, with all that a placemark says: GDAL's two drivers each lose some of it.
//!
//! One reads no columns that no schema declares, the other none that a schema declares by a name it does not expect;
//! neither tells which folder is in which. Here each placemark gives its name, description, data with and without a
//! schema, and time span. Folders give course of action and phase where no column does: what all placemarks lie in is
//! the wrapping of the plan, the next folder the course of action, the one within it the phase. A description is a
//! text, whatever it holds. Links are followed within an archive, and to no other file, which is told.
//!
//! Source: OGC KML 2.3 (12-007r2).

use super::features::{Drawn, Feature, Features};
use super::place::Place;
use super::table::encoding::decoded;
use super::{archive, drivers, vector, vrt, whole};
use crate::error::{ReadError, counted};
use crate::measure::Reference;
use encoding_rs::Encoding;
use geo::{Coord, Geometry, GeometryCollection, LineString, MultiPolygon, Point, Polygon};
use jiff::civil::Date;
use roxmltree::{Document, Error, Node};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use std::io::Read;

/// A prefix that nothing declares is declared so often; programs forget a few.
const MOST_PREFIXES: usize = 8;

/// So much of a text that is no place is shown.
const MOST_SHOWN: usize = 40;

/// Whether a file of this machine is KML, or an archive of it.
pub(super) fn is_kml(place: &Place) -> bool {
    if super::network::reach(&place.written).is_some() {
        return false;
    }
    let resolved = place.resolved.to_string_lossy();
    if resolved.starts_with("/vsi") {
        return resolved.starts_with("/vsizip/") && (place.ends("kml") || place.ends("kmz"));
    }
    (place.ends("kmz") && archive::is_zip(&place.resolved)) || drivers::is_kml(&place.resolved)
}

/// Reads the placemarks of a file: all, or those within a folder of that name. Documents of its own archive that it
/// links to are read with it.
///
/// # Errors
///
/// If it cannot be read, is no XML, or has no placemark; if no folder is called so.
pub(super) fn read(place: &Place, layer: Option<&str>) -> Result<Features, ReadError> {
    let Texts { first, name, mut others } = texts(place)?;
    let (text, remark) = first;
    let mut first = document(&text, layer, &place.written)?;
    let (mut left, mut read_any) = (Vec::new(), first.features.is_ok());
    let (mut rows, mut not_read) = (Vec::new(), Vec::new());
    rows.append(first.features.as_mut().map_or(&mut Vec::new(), |rows| rows));
    let mut links: VecDeque<(String, String)> =
        first.links.drain(..).map(|link| (name.clone(), link)).collect();
    while let Some((from, link)) = links.pop_front() {
        let Some(at) = others.iter().position(|other| *other == linked(&from, &link)) else {
            left.push(link);
            continue;
        };
        let name = others.remove(at);
        let (text, _) = in_unicode(all(archive::unpacked(place, &name)?, place)?);
        match document(&text, layer, &place.written) {
            Err(_broken) => not_read.push(name),
            Ok(document) => {
                read_any |= document.features.is_ok();
                rows.extend(document.features.into_iter().flatten());
                links.extend(document.links.into_iter().map(|link| (name.clone(), link)));
            }
        }
    }
    if !read_any {
        first.features?;
    }
    not_read.append(&mut others);
    let said = [remark, not_followed(&left), beside(place, &not_read)];
    let said: Vec<String> = said.into_iter().flatten().collect();
    let remark = (!said.is_empty()).then(|| said.join("; "));
    Ok(Features { reference: Reference::wgs84().ok(), rows, is_assessment: false, remark })
}

/// What is said of links that lead out of a file.
fn not_followed(links: &[String]) -> Option<String> {
    let first = links.first()?;
    let count = counted(links.len() as u64, "link");
    Some(format!(
        "{count} to other files ({first}{}), which are not followed: save the places themselves as KML or KMZ",
        if links.len() > 1 { ", …" } else { "" }
    ))
}

/// What is said of documents of an archive that nothing links to, or that cannot be read.
fn beside(place: &Place, names: &[String]) -> Option<String> {
    let first = names.first()?;
    let count = counted(names.len() as u64, "document");
    let path = &place.written;
    Some(format!("{count} in it not read ({first}); one is read as `/vsizip/{path}/{first}`"))
}

/// The name that a link in a document of an archive has there.
fn linked(from: &str, link: &str) -> String {
    let link = link.split(['#', '?']).next().unwrap_or_default().replace('\\', "/");
    let mut path: Vec<&str> = from.split('/').collect();
    path.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            part => path.push(part),
        }
    }
    path.join("/")
}

/// A text, and what is to be said of its encoding.
type Text = (String, Option<String>);

/// The text of a file, and of an archive its name there and those of the other documents.
struct Texts {
    first: Text,
    name: String,
    others: Vec<String>,
}

/// A document that was read.
struct Content {
    /// Its placemarks; or why there are none.
    features: Result<Vec<Feature>, ReadError>,
    /// Where its network links lead.
    links: Vec<String>,
}

/// The placemarks and links of a document.
fn document(text: &str, layer: Option<&str>, written: &str) -> Result<Content, ReadError> {
    let broken = |found: String| {
        let hint =
            "it may be damaged: fetch it again, or save it anew in the program that it came from";
        ReadError::unusable_hint(written, found, hint)
    };
    let start = text.find('<').ok_or_else(|| broken("a KML without any element".into()))?;
    let mut text = vrt::with_references(&text[start..]);
    if !vrt::is_shallow(&text) {
        return Err(broken("a KML whose elements are nested over 100 deep".into()));
    }
    declare_prefixes(&mut text);
    let document = Document::parse(&text);
    let document = document.map_err(|error| broken(format!("a KML that is no XML: {error}")))?;
    let marks = Marks::of(&document);
    let links: Vec<String> = marks.links.iter().filter_map(|link| href(*link)).collect();
    let features = if marks.all.is_empty() {
        Err(no_placemark(written, marks.links.len()))
    } else {
        let no_folder =
            |names: Vec<String>| vector::no_layer(layer.unwrap_or_default(), &names, written);
        marks.features(layer).map_err(no_folder)
    };
    Ok(Content { features, links })
}

/// Where a network link leads.
fn href(link: Node) -> Option<String> {
    let link = child(link, "Link").or_else(|| child(link, "Url"))?;
    text_in(link, "href")
}

/// What the format of a file is called.
pub(super) fn format(place: &Place) -> &'static str {
    if place.ends("kmz") { "KMZ" } else { "KML" }
}

/// A file without placemarks.
fn no_placemark(written: &str, links: usize) -> ReadError {
    let (found, hint) = if links > 0 {
        let links = counted(links as u64, "link");
        (
            format!("it holds no placemark, only {links} to other files, which are not followed"),
            "open it where it came from, and save the places themselves as KML or KMZ",
        )
    } else {
        (
            "it holds no placemark".to_string(),
            "save the folder that holds the places, as KML or KMZ",
        )
    };
    ReadError::unusable_hint(written, found, hint)
}

/// The text of a file or of the document in an archive.
fn texts(place: &Place) -> Result<Texts, ReadError> {
    let alone = |bytes| Texts { first: in_unicode(bytes), name: String::new(), others: Vec::new() };
    if let Some((outer, name)) = archive::split(place)? {
        if name.to_lowercase().ends_with(".kmz") {
            let found = "an archive within an archive, wanted one whose size can be told";
            return Err(ReadError::unusable_hint(&place.written, found, "unpack the outer one"));
        }
        archive::check(place, drivers::DatasetType::Vector)?;
        return Ok(alone(all(archive::unpacked(&outer, &name)?, place)?));
    }
    place.check_file()?;
    archive::check(place, drivers::DatasetType::Vector)?;
    if archive::is_zip(&place.resolved) { packed(place) } else { Ok(alone(super::bytes(place)?)) }
}

fn all(mut file: std::fs::File, place: &Place) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let read = file.read_to_end(&mut bytes);
    read.map_err(|error| whole::unreadable(&place.written, &error))?;
    Ok(bytes)
}

/// The document of an archive: `doc.kml`, or the first at the top, or the first at all.
fn packed(place: &Place) -> Result<Texts, ReadError> {
    let mut names = archive::names(place)?;
    names.retain(|name| name.to_lowercase().ends_with(".kml") && !name.starts_with("__MACOSX/"));
    names.sort_by_key(|name| (!name.eq_ignore_ascii_case("doc.kml"), name.matches('/').count()));
    if names.is_empty() {
        let found = "an archive without a .kml file, wanted a KMZ";
        return Err(ReadError::unusable_hint(&place.written, found, "save it as KMZ or KML again"));
    }
    let name = names.remove(0);
    let first = in_unicode(all(archive::unpacked(place, &name)?, place)?);
    Ok(Texts { first, name, others: names })
}

/// Bytes as text: by their mark, as their first line says, or as tables are read.
fn in_unicode(bytes: Vec<u8>) -> (String, Option<String>) {
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(&bytes)).into_owned();
    let says = head.split("encoding=").nth(1).and_then(|rest| {
        let quote = rest.chars().next().filter(|quote| ['"', '\''].contains(quote))?;
        rest.get(1..)?.split(quote).next()
    });
    let says = says.and_then(|label| Encoding::for_label(label.as_bytes()));
    let is_utf8 = std::str::from_utf8(&bytes).is_ok();
    match says {
        Some(says) if !is_utf8 && Encoding::for_bom(&bytes).is_none() && says.is_single_byte() => {
            (says.decode_without_bom_handling(&bytes).0.into_owned(), None)
        }
        Some(says)
            if !is_utf8 && Encoding::for_bom(&bytes).is_none() && says != encoding_rs::UTF_8 =>
        {
            (says.decode(&bytes).0.into_owned(), None)
        }
        _ => {
            let (bytes, remark) = decoded(bytes);
            (String::from_utf8_lossy(&bytes).into_owned(), remark)
        }
    }
}

/// Declares prefixes that stand before names and that nothing declares, as GDAL lets pass: `gx:` mostly.
fn declare_prefixes(text: &mut String) {
    for _ in 0..MOST_PREFIXES {
        let Err(Error::UnknownNamespace(prefix, _)) = Document::parse(text) else { return };
        let Some(root) = text
            .match_indices('<')
            .map(|(at, _)| at)
            .find(|at| text[at + 1..].starts_with(|first: char| first.is_alphabetic()))
        else {
            return;
        };
        let name =
            text[root + 1..].find(|letter: char| letter.is_whitespace() || "/>".contains(letter));
        let Some(name) = name else { return };
        text.insert_str(root + 1 + name, &format!(" xmlns:{prefix}=\"undeclared\""));
    }
}

/// Whether an element is called so, whatever stands before its name.
fn is(node: &Node, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|child| is(child, name))
}

/// The text of an element, without blanks around; nothing if there is none.
fn words(node: Node) -> Option<String> {
    let text: String =
        node.descendants().filter_map(|node| node.is_text().then(|| node.text())?).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_string())
}

fn text_in(node: Node, name: &str) -> Option<String> {
    child(node, name).and_then(words)
}

/// The placemarks of a document.
struct Marks<'a, 'i> {
    /// Each with the names of the folders that it lies in, the outermost first.
    all: Vec<(Node<'a, 'i>, Vec<String>)>,
    /// Its network links.
    links: Vec<Node<'a, 'i>>,
    /// The types of columns, by the name of their schema and their own.
    types: BTreeMap<(String, String), String>,
}

impl<'a, 'i> Marks<'a, 'i> {
    fn of(document: &'a Document<'i>) -> Self {
        let mut types = BTreeMap::new();
        let fields = document.descendants().filter(|node| is(node, "SimpleField"));
        for field in fields {
            let schema = field.parent().and_then(|schema| schema.attribute("id"));
            let told = (schema, field.attribute("name"), field.attribute("type"));
            if let (Some(schema), Some(name), Some(kind)) = told {
                types.insert((schema.to_string(), name.to_string()), kind.to_lowercase());
            }
        }
        let mut marks = Self { all: Vec::new(), links: Vec::new(), types };
        marks.add(document.root(), &mut Vec::new());
        marks
    }

    /// Adds what lies in an element, which lies in folders of these names.
    fn add(&mut self, node: Node<'a, 'i>, folders: &mut Vec<String>) {
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "Placemark" => self.all.push((child, folders.clone())),
                "NetworkLink" => self.links.push(child),
                "Folder" | "Document" => {
                    let name = text_in(child, "name");
                    let is_named = name.is_some();
                    folders.extend(name);
                    self.add(child, folders);
                    folders.truncate(folders.len() - usize::from(is_named));
                }
                _ => self.add(child, folders),
            }
        }
    }

    /// The features of all placemarks, or of those within a folder; the names of folders if none is called so.
    fn features(&self, layer: Option<&str>) -> Result<Vec<Feature>, Vec<String>> {
        let is_within = |folders: &[String]| {
            layer.is_none_or(|name| folders.iter().any(|folder| folder == name))
        };
        let wanted: Vec<_> = self.all.iter().filter(|(_, folders)| is_within(folders)).collect();
        if wanted.is_empty() {
            let mut names: Vec<String> =
                self.all.iter().filter_map(|(_, folders)| folders.last().cloned()).collect();
            names.dedup();
            return Err(names);
        }
        let plan =
            Plan::of(&wanted.iter().map(|(_, folders)| folders.as_slice()).collect::<Vec<_>>());
        Ok(wanted
            .into_iter()
            .map(|(mark, folders)| self.feature(*mark, plan.place(folders)))
            .collect())
    }

    fn feature(&self, mark: Node, [coa, phase]: [Option<String>; 2]) -> Feature {
        let mut properties = Map::new();
        for name in ["name", "description"] {
            if let Some(text) = text_in(mark, name) {
                properties.insert(name.to_string(), text.into());
            }
        }
        for data in mark.children().filter(|child| is(child, "ExtendedData")) {
            self.add_data(data, &mut properties);
        }
        let [start, end] = times(mark);
        for (name, text) in [("phase", phase), ("start", start), ("end", end)] {
            let is_there = super::features::column(&properties, name).is_some();
            if let Some(text) = text.filter(|_| !is_there) {
                properties.insert(name.to_string(), text.into());
            }
        }
        let id = mark.attribute("id").map(str::trim).filter(|id| !id.is_empty());
        Feature { id: id.map(str::to_string), properties, layer: coa, drawn: drawn(mark) }
    }

    /// Adds data, untyped or of a schema.
    fn add_data(&self, data: Node, properties: &mut Map<String, Value>) {
        // The last number that a name has behind it, so that many of one name are not counted through for each.
        let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
        let mut add = |name: &str, value: Value| {
            let number = numbers.entry(name.to_string()).or_insert(1);
            let mut free = name.to_string();
            while properties.contains_key(&free) {
                *number += 1;
                free = format!("{name}_{number}");
            }
            properties.insert(free, value);
        };
        for member in data.children().filter(Node::is_element) {
            if is(&member, "Data") {
                let name = member.attribute("name").map(str::to_string);
                let name = name.or_else(|| text_in(member, "displayName"));
                let value = text_in(member, "value").map_or(Value::Null, Value::from);
                add(name.as_deref().unwrap_or("data"), value);
                continue;
            }
            if !is(&member, "SchemaData") {
                if let Some(text) = words(member) {
                    add(member.tag_name().name(), text.into());
                }
                continue;
            }
            let schema = member.attribute("schemaUrl").unwrap_or_default();
            let schema = schema.rsplit('#').next().unwrap_or_default();
            for field in member.children().filter(Node::is_element) {
                let name = field.attribute("name").unwrap_or("data");
                let kind = self.types.get(&(schema.to_string(), name.to_string()));
                let typed = |text: String| typed(text, kind.map(String::as_str));
                if is(&field, "SimpleArrayData") {
                    let values = field.children().filter(|value| is(value, "value"));
                    add(name, values.filter_map(words).map(typed).collect());
                } else {
                    add(name, words(field).map_or(Value::Null, typed));
                }
            }
        }
    }
}

/// A value of the type that its schema declares, or a text.
fn typed(text: String, kind: Option<&str>) -> Value {
    let typed = match kind {
        Some("int" | "uint" | "short" | "ushort") => text.parse::<i64>().ok().map(Value::from),
        Some("float" | "double") => {
            text.parse::<f64>().ok().filter(|it| it.is_finite()).map(Value::from)
        }
        Some("bool") => match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Some(true.into()),
            "0" | "false" => Some(false.into()),
            _ => None,
        },
        _ => None,
    };
    typed.unwrap_or_else(|| text.into())
}

/// How the folders of a file make courses of action and phases.
struct Plan {
    /// So many folders hold all placemarks.
    wrapping: usize,
    /// Whether the folders behind these are phases by their own names.
    is_phases: bool,
}

impl Plan {
    fn of(all: &[&[String]]) -> Self {
        let first = all.first().copied().unwrap_or_default();
        let shared =
            |other: &&[String]| first.iter().zip(*other).take_while(|(a, b)| a == b).count();
        let wrapping = all.iter().map(shared).min().unwrap_or(0);
        let mut inner = all.iter().map(|folders| &folders[wrapping..]).peekable();
        let is_phases = wrapping > 0
            && inner.peek().is_some()
            && inner.all(|rest| matches!(rest, [phase] if is_phase(phase)));
        Self { wrapping, is_phases }
    }

    /// The course of action and the phase of what lies in these folders.
    fn place(&self, folders: &[String]) -> [Option<String>; 2] {
        let (around, inside) = folders.split_at(self.wrapping.min(folders.len()));
        match inside {
            _ if self.is_phases => [around.last().cloned(), inside.first().cloned()],
            [] => [around.last().cloned(), None],
            [coa, rest @ ..] => [Some(coa.clone()), rest.first().cloned()],
        }
    }
}

/// Whether a folder says of itself that it is a phase.
fn is_phase(name: &str) -> bool {
    const WORDS: [&str; 11] = [
        "phase",
        "fase",
        "faz",
        "stage",
        "étape",
        "etapa",
        "фаза",
        "этап",
        "етап",
        "مرحلة",
        "المرحلة",
    ];
    let name = name.trim().to_lowercase();
    WORDS.iter().any(|word| name.starts_with(word)) || name.contains("阶段")
}

/// Begin and end of a placemark; a day or less exact time spans all of it.
fn times(mark: Node) -> [Option<String>; 2] {
    if let Some(span) = child(mark, "TimeSpan") {
        return [
            text_in(span, "begin").map(|at| date(at, true)),
            text_in(span, "end").map(|at| date(at, false)),
        ];
    }
    let when = child(mark, "TimeStamp").and_then(|stamp| text_in(stamp, "when"));
    match when {
        // An instant has no end.
        Some(when) if when.contains('T') => [Some(when), None],
        when => [when.clone().map(|at| date(at, true)), when.map(|at| date(at, false))],
    }
}

/// A date; of a year or a month its first or its last day.
fn date(text: String, is_begin: bool) -> String {
    let year = |text: &str| text.parse::<i16>().ok().filter(|_| text.len() == 4);
    let month = |text: &str| text.parse::<i8>().ok().filter(|_| text.len() == 2);
    let first = match text.split('-').collect::<Vec<_>>()[..] {
        [y] => year(y).and_then(|y| Date::new(y, if is_begin { 1 } else { 12 }, 1).ok()),
        [y, m] => year(y).zip(month(m)).and_then(|(y, m)| Date::new(y, m, 1).ok()),
        _ => None,
    };
    first.map_or(text, |first| (if is_begin { first } else { first.last_of_month() }).to_string())
}

/// What a placemark draws.
fn drawn(mark: Node) -> Drawn {
    let shapes: Result<Vec<_>, _> = mark.children().filter_map(shape).collect();
    match shapes {
        Err(why) => Drawn::Unreadable(why),
        Ok(mut shapes) => match (shapes.pop(), shapes.is_empty()) {
            (None, _) => Drawn::Nothing,
            (Some(one), true) => Drawn::Shape(one),
            (Some(last), false) => {
                shapes.push(last);
                Drawn::Shape(Geometry::GeometryCollection(GeometryCollection(shapes)))
            }
        },
    }
}

/// The geometry of an element; `None` if it is none, or empty.
fn shape(node: Node) -> Option<Result<Geometry<f64>, String>> {
    if !node.is_element() {
        return None;
    }
    let name = node.tag_name().name();
    let read = match name {
        "Point" => match places(node).as_deref() {
            Ok([at, _, ..]) => {
                Err(format!("a Point of several places, the first at {}, {}", at.x, at.y))
            }
            Ok(at) => Ok(at.first().map(|at| Point(*at).into())),
            Err(why) => Err(why.clone()),
        },
        "LineString" => places(node).map(|at| (!at.is_empty()).then(|| LineString(at).into())),
        "LinearRing" => places(node)
            .map(|at| (!at.is_empty()).then(|| Polygon::new(LineString(at), Vec::new()).into())),
        "Polygon" => polygon(node),
        "Track" => track(node).map(|at| (!at.is_empty()).then(|| LineString(at).into())),
        "MultiGeometry" | "MultiTrack" => {
            let members: Result<Vec<_>, _> = node.children().filter_map(shape).collect();
            members.map(|all| {
                (!all.is_empty()).then_some(Geometry::GeometryCollection(GeometryCollection(all)))
            })
        }
        "Model" => Err("a Model, which is not read".to_string()),
        _ => return None,
    };
    read.map_err(|why| format!("the geometry cannot be read: {why}")).transpose()
}

fn polygon(node: Node) -> Result<Option<Geometry<f64>>, String> {
    let rings = |name: &'static str| {
        let around = node.children().filter(move |child| is(child, name));
        let rings =
            around.flat_map(|boundary| boundary.children().filter(|ring| is(ring, "LinearRing")));
        rings.map(|ring| places(ring).map(LineString)).collect::<Result<Vec<_>, _>>()
    };
    let (mut shells, holes) = (rings("outerBoundaryIs")?, rings("innerBoundaryIs")?);
    shells.retain(|shell| !shell.0.is_empty());
    if shells.len() > 1 && !holes.is_empty() {
        return Err(format!("a Polygon of {} outer boundaries, wanted one", shells.len()));
    }
    // A program that writes a second outer boundary means ground as well.
    let mut parts = shells.into_iter().map(|shell| Polygon::new(shell, holes.clone()));
    Ok(match (parts.next(), parts.len()) {
        (None, _) => None,
        (Some(part), 0) => Some(part.into()),
        (Some(part), _) => Some(MultiPolygon(std::iter::once(part).chain(parts).collect()).into()),
    })
}

/// The places of the element `coordinates` of a geometry: longitude, latitude and perhaps a height, with commas
/// between, and blanks between places; programs put some behind the commas, too.
fn places(node: Node) -> Result<Vec<Coord<f64>>, String> {
    let text = text_in(node, "coordinates").unwrap_or_default();
    let mut joined = String::with_capacity(text.len());
    for (place, part) in text.split(',').enumerate() {
        joined.push_str(if place > 0 { "," } else { "" });
        joined.push_str(part.trim());
    }
    joined.split_whitespace().map(|place| coord(place, ',')).collect()
}

/// The places of a track, each in an element of its own.
fn track(node: Node) -> Result<Vec<Coord<f64>>, String> {
    let places = node.children().filter(|child| is(child, "coord")).filter_map(words);
    places.map(|place| coord(&place, ' ')).collect()
}

fn coord(place: &str, between: char) -> Result<Coord<f64>, String> {
    let parts = place
        .trim_end_matches(',')
        .split(between)
        .filter(|part| !part.is_empty() || between == ',');
    let parts: Vec<&str> = parts.collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.trim().parse::<f64>().ok());
    let wanted = "wanted longitude, latitude and perhaps a height, their decimals behind points";
    match (number(0), number(1)) {
        (Some(x), Some(y)) if parts.len() <= 3 => Ok(Coord { x, y }),
        _ => {
            let cut: String = place.chars().take(MOST_SHOWN).collect();
            let more = if cut.len() < place.len() { "…" } else { "" };
            Err(format!("found the text \"{cut}{more}\", {wanted}"))
        }
    }
}
