//! GeoJSON, read piece by piece: the memory it takes does not grow with the file.
//!
//! One walk over the text finds where its features are and keeps what is around them; then any thread
//! reads any stretch of features, each for itself, so that one that is faulty costs no other. Members
//! may come in any order; a third coordinate is dropped; a bare feature or geometry is a collection of
//! one; a byte order mark is skipped; a legacy `crs` member is honored, of the file or of all its features. Features one a line, or behind record
//! separators (RFC 8142), are read like those of a collection, and so are features of Esri JSON. Topologies and
//! answers of Overpass are told from these by their members, and read as a whole.

mod esri;
mod feature;
mod numbers;
mod overpass;
mod plain;
mod topology;
mod walk;

use super::features::Feature;
use super::place::Place;
use super::text::plain as sentence;
use super::{archive, batches};
use crate::error::{Large, ReadError, with_names};
use crate::measure::Reference;
use crate::model::Budget;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use walk::{Fault, Limits, Nesting, Stretch, Walked};

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

/// A byte of a feature takes so many at most once it is an area with its rings prepared.
const PARSED: u64 = 10;

/// A byte of a text that is read as a whole takes so many at most: a number of two letters is a value of 32.
const PARSED_WHOLE: u64 = 40;

/// The members of a GeoJSON text that matter here.
#[derive(Deserialize)]
struct Members {
    #[serde(rename = "type")]
    kind: Option<String>,
    features: Option<Vec<IgnoredAny>>,
    crs: Option<Value>,
    civex: Option<Value>,
    objects: Option<IgnoredAny>,
    elements: Option<IgnoredAny>,
    /// What a server says instead of an answer.
    error: Option<Value>,
}

/// The classes that a register of ours maps, as its member `civex` says.
fn mapped(civex: &Value) -> Vec<String> {
    let names = civex.get("mapped").and_then(Value::as_array).into_iter().flatten();
    names.filter_map(|name| name.as_str().map(ToString::to_string)).collect()
}

/// Where the bytes of a text come from again and again.
trait Bytes: Read + Seek + Send {}
impl<B: Read + Seek + Send> Bytes for B {}

/// A text that is walked over.
pub(super) struct Collection {
    text: Arc<Opened>,
    /// The reference system of its coordinates, if it tells.
    pub(super) reference: Option<Reference>,
    /// Whether that is the one of the format, and not one that the file names.
    pub(super) is_implied: bool,
    /// Whether it is an assessment of ours.
    pub(super) is_assessment: bool,
    /// Whether it is features one behind the other, or one alone, without a collection around.
    pub(super) is_lines: bool,
    /// The classes that a register of ours maps, by name.
    pub(super) mapped: Vec<String>,
    /// What is to be said of all of it.
    pub(super) remark: Option<String>,
    stretches: Vec<Stretch>,
    /// How many of them were given out.
    given: usize,
    /// How many features it has.
    pub(super) count: u64,
    /// How many bytes.
    pub(super) bytes: u64,
}

/// A text whose bytes are asked for by place.
struct Opened {
    written: String,
    bytes: Mutex<Box<dyn Bytes>>,
    /// How much memory what is read of it at once may take, in bytes.
    most: u64,
    whole: Whole,
    /// The code of its reference system, as `crs` members name it.
    system: String,
}

/// What the text is as a whole.
enum Whole {
    Collection,
    /// Features one behind the other.
    Sequence,
    /// A bare feature, with its text.
    Feature(Vec<u8>),
    /// A bare geometry, with its text.
    Geometry(Vec<u8>),
    /// Features of Esri, and how they are written.
    Esri(esri::Form),
}

/// What a text of JSON turns out to be.
enum Text {
    Collection(Collection),
    /// What is read as a whole, with its text.
    Topology(Vec<u8>, Option<Value>),
    Overpass(Vec<u8>),
}

/// Features that any thread may read.
pub(super) struct Unread {
    text: Arc<Opened>,
    stretch: Stretch,
}

/// Opens a GeoJSON file, or standard input, which is kept in a temporary file; of a topology the layer of that name.
pub(super) fn open(place: &Place, layer: Option<&str>) -> Result<batches::Opened, ReadError> {
    let Place { written, budget, .. } = place;
    let file = match archive::split(place)? {
        _ if written == "-" => spool().map_err(|error| unreadable("-", &error))?,
        Some((outer, name)) => archive::unpacked(&outer, &name)?,
        None => super::whole::open(place)?.0,
    };
    let file = in_utf8(file, written, *budget)?;
    let text = match text(file, written, budget.bytes, Limits::default())? {
        Text::Collection(collection) => return Ok(collection.into()),
        whole => whole,
    };
    let (Text::Topology(bytes, _) | Text::Overpass(bytes)) = &text else {
        return Err(ReadError::unusable(written, "not GeoJSON"));
    };
    let needed = (bytes.len() as u64).saturating_mul(PARSED_WHOLE);
    if needed > budget.bytes {
        let (path, what) = (written.clone(), Large::Parsed(bytes.len() as u64));
        return Err(ReadError::TooLarge { path, what, needed, budget: budget.bytes });
    }
    super::quiet_gdal();
    let Text::Topology(_, crs) = &text else {
        let read = overpass::read(bytes, (written, *budget))?;
        return Ok(batches::Opened::from(read).osm());
    };
    let mut read = topology::read(bytes, layer, (written, *budget))?;
    read.reference = Some(reference(crs.as_ref(), written)?);
    let opened = batches::Opened::from(read);
    Ok(if crs.is_none() { opened.implied() } else { opened })
}

/// A text as UTF-8: one in UTF-16, as its mark says, is written anew.
fn in_utf8(mut file: File, written: &str, budget: Budget) -> Result<Box<dyn Bytes>, ReadError> {
    let fail = |error: io::Error| unreadable(written, &error);
    let (mut mark, length) = ([0; 2], file.metadata().map_err(fail)?.len());
    let has_mark = length >= 2 && file.read_exact(&mut mark).is_ok();
    file.rewind().map_err(fail)?;
    if !(has_mark && matches!(mark, [0xff, 0xfe] | [0xfe, 0xff])) {
        return Ok(Box::new(file));
    }
    if length.saturating_mul(4) > budget.bytes {
        return Err(super::too_large(written, length.saturating_mul(4), budget));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(fail)?;
    let (text, ..) = encoding_rs::UTF_8.decode(&bytes);
    Ok(Box::new(Cursor::new(text.into_owned().into_bytes())))
}

/// Walks over a text that is in memory.
pub(super) fn in_memory(bytes: &[u8], written: &str) -> Result<Collection, ReadError> {
    collection(Box::new(Cursor::new(bytes.to_vec())), written, u64::MAX, Limits::default())
}

/// Reads all of a text that is in memory, so many bytes and features at once.
#[cfg(test)]
pub(super) fn in_pieces(
    bytes: &[u8],
    most: (u64, u64),
) -> Result<super::features::Features, ReadError> {
    let limits = Limits { bytes: most.0, features: most.1 };
    let text = collection(Box::new(Cursor::new(bytes.to_vec())), "text", u64::MAX, limits)?;
    batches::Opened::from(text).all("text")
}

/// Standard input in a file without a name.
fn spool() -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    file.flush()?;
    file.rewind()?;
    Ok(file)
}

fn unreadable(written: &str, error: &io::Error) -> ReadError {
    ReadError::unusable(written, format!("cannot be read: {error}"))
}

/// A text of features, and of nothing else.
fn collection(
    bytes: Box<dyn Bytes>,
    written: &str,
    most: u64,
    limits: Limits,
) -> Result<Collection, ReadError> {
    match text(bytes, written, most, limits)? {
        Text::Collection(collection) => Ok(collection),
        Text::Topology(..) => Err(no_geojson(Some("Topology"), written)),
        Text::Overpass(_) => Err(no_geojson(None, written)),
    }
}

fn text(
    mut bytes: Box<dyn Bytes>,
    written: &str,
    most: u64,
    limits: Limits,
) -> Result<Text, ReadError> {
    let walked = walk::walk(&mut bytes, limits, most);
    let Walked { stretches, features, skeleton, is_sequence } =
        walked.map_err(|fault| told(fault, &mut bytes, written, most))?;
    if is_sequence {
        return sequence(bytes, written, most, limits).map(Text::Collection);
    }
    let length = bytes.seek(SeekFrom::End(0)).map_err(|error| unreadable(written, &error))?;
    let skeleton = numbers::without_odd(skeleton);
    let members: Members = match serde_json::from_slice(&skeleton) {
        Ok(members) => members,
        Err(_counted_in_the_skeleton) => return Err(not_json(&mut bytes, written, most)),
    };
    let kind = members.kind.as_deref();
    if kind == Some("Topology") && members.objects.is_some() {
        return Ok(Text::Topology(skeleton, members.crs.filter(|crs| !crs.is_null())));
    }
    if kind.is_none() && members.elements.is_some() {
        return Ok(Text::Overpass(skeleton));
    }
    let esri = match kind {
        None if members.features.is_some() => esri::Head::of(&skeleton),
        _ => esri::Head::default(),
    };
    let is_esri = esri.is_told();
    super::quiet_gdal();
    let reference = if is_esri {
        esri.reference(written)?
    } else {
        Some(reference(members.crs.as_ref(), written)?)
    };
    let bare = Stretch { offset: 0, length: skeleton.len() as u64, features: 1, before: 0 };
    let (whole, stretches) = match kind {
        None if is_esri => (Whole::Esri(esri.form()), stretches),
        Some("FeatureCollection") if members.features.is_some() => (Whole::Collection, stretches),
        Some("FeatureCollection") => {
            return Err(ReadError::unusable(written, "a FeatureCollection without `features`"));
        }
        Some("Feature") => (Whole::Feature(skeleton), vec![bare]),
        Some(kind) if GEOMETRIES.contains(&kind) => (Whole::Geometry(skeleton), vec![bare]),
        other => return Err(no_features(other, members.error.as_ref(), written)),
    };
    let is_many = matches!(whole, Whole::Collection | Whole::Esri(_));
    let count = if is_many { features } else { 1 };
    // In a file of another name it is a collection of one.
    let is_lines = matches!(whole, Whole::Feature(_)) && is_called_lines(written);
    let mut opened = Opened {
        written: written.to_string(),
        bytes: Mutex::new(bytes),
        most,
        whole,
        system: members.crs.as_ref().map_or_else(|| feature::WGS84.to_string(), feature::code_of),
    };
    let mut reference = reference;
    let is_implied =
        !is_esri && members.crs.is_none() && !opened.takes_system(&stretches, &mut reference)?;
    Ok(Text::Collection(Collection {
        is_lines,
        text: Arc::new(opened),
        reference,
        is_implied,
        is_assessment: members.civex.is_some(),
        mapped: members.civex.as_ref().map(mapped).unwrap_or_default(),
        remark: esri.remark(),
        stretches,
        given: 0,
        count,
        bytes: length,
    }))
}

/// A text of JSON in which there are no features: what a server says instead, or what it is.
fn no_features(kind: Option<&str>, error: Option<&Value>, written: &str) -> ReadError {
    let message = |error: &Value| Some(error.get("message").unwrap_or(error).as_str()?.to_string());
    match error.and_then(message).filter(|_| kind.is_none()) {
        Some(message) => {
            let found = format!("no features, but the answer of a server: \"{}\"", message.trim());
            let hint = "ask the server again, and save what it answers then";
            ReadError::unusable_hint(written, found, hint)
        }
        None => no_geojson(kind, written),
    }
}

/// The hint about a text that is no layer.
const FORMATS: &str = "GeoJSON, TopoJSON, Esri JSON and answers of Overpass are read; see that it is one of them, or export it anew as GeoJSON";

fn no_geojson(kind: Option<&str>, written: &str) -> ReadError {
    let found = match kind {
        Some(kind) => format!("not GeoJSON: its type is \"{kind}\""),
        None => "not GeoJSON: it has no member `type`".to_string(),
    };
    ReadError::unusable_hint(written, found, FORMATS)
}

/// Whether a text is standard input, or a file of lines by its name.
fn is_called_lines(written: &str) -> bool {
    let ending =
        Path::new(written).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    written == "-" || matches!(ending.as_deref(), Some("geojsonl" | "geojsons" | "ndjson"))
}

/// A text of features one behind the other.
fn sequence(
    mut bytes: Box<dyn Bytes>,
    written: &str,
    most: u64,
    limits: Limits,
) -> Result<Collection, ReadError> {
    let rewound = bytes.rewind().map_err(Fault::Io);
    let walked = rewound.and_then(|()| walk::sequence(&mut bytes, limits));
    let walked = walked.map_err(|fault| match fault {
        Fault::Syntax | Fault::NoObject => no_line(&mut bytes, written),
        other => told(other, &mut bytes, written, most),
    })?;
    let length = bytes.seek(SeekFrom::End(0)).map_err(|error| unreadable(written, &error))?;
    let (written, whole) = (written.to_string(), Whole::Sequence);
    let system = feature::WGS84.to_string();
    let mut opened = Opened { written, bytes: Mutex::new(bytes), most, whole, system };
    let mut reference = Some(reference(None, "")?);
    let is_implied = !opened.takes_system(&walked.stretches, &mut reference)?;
    Ok(Collection {
        text: Arc::new(opened),
        reference,
        is_implied,
        is_assessment: false,
        is_lines: true,
        mapped: Vec::new(),
        remark: None,
        stretches: walked.stretches,
        given: 0,
        count: walked.features,
        bytes: length,
    })
}

/// A line that is no JSON.
fn no_line(bytes: &mut Box<dyn Bytes>, written: &str) -> ReadError {
    if let Err(error) = bytes.rewind() {
        return unreadable(written, &error);
    }
    let hint = "write one whole feature a line, or a FeatureCollection";
    for (place, line) in BufReader::with_capacity(1 << 18, bytes).split(b'\n').enumerate() {
        let line = match line {
            Ok(line) => line,
            Err(error) => return unreadable(written, &error),
        };
        let text = line.trim_ascii();
        let text = text.strip_prefix(&[walk::RECORD]).unwrap_or(text);
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        if text.is_empty() {
            continue;
        }
        if let Err(error) = serde_json::from_slice::<IgnoredAny>(text) {
            let why = sentence(&error.to_string());
            let why = why.split(" at line ").next().unwrap_or_default();
            let found = format!("line {} is no JSON: {why}", place + 1);
            return ReadError::unusable_hint(written, found, hint);
        }
    }
    ReadError::unusable_hint(written, "not GeoJSON: something between its features is none", hint)
}

/// What is wrong with a text, after a walk that ended early.
fn told(fault: Fault, bytes: &mut Box<dyn Bytes>, written: &str, most: u64) -> ReadError {
    match fault {
        Fault::Io(error) => unreadable(written, &error),
        Fault::NotUtf8(byte) => super::not_utf8(written, byte),
        Fault::Empty => ReadError::unusable(written, "the file is empty"),
        Fault::NoObject => {
            ReadError::unusable_hint(written, "not GeoJSON, which begins with {", FORMATS)
        }
        Fault::List => {
            let hint = "put `{\"type\": \"FeatureCollection\", \"features\": ` before a list of features and `}` behind it; \
                        of other objects make a table with the columns `longitude` and `latitude`";
            ReadError::unusable_hint(written, "a list, wanted a FeatureCollection", hint)
        }
        Fault::Syntax => not_json(bytes, written, most),
        Fault::TooLarge => {
            let needed = bytes.seek(SeekFrom::End(0)).unwrap_or(most.saturating_add(1));
            super::too_large(written, needed, Budget { bytes: most })
        }
    }
}

/// A text that is no JSON: where, and whether it only ends too early. It is read once more for that.
fn not_json(bytes: &mut Box<dyn Bytes>, written: &str, most: u64) -> ReadError {
    let error = match fault_of(bytes, most) {
        Ok(Some(error)) => error,
        Ok(None) => return ReadError::unusable(written, "it changed while it was read"),
        Err(error) => return unreadable(written, &error),
    };
    if error.is_eof() {
        let (line, column) = (error.line(), error.column());
        let found = format!("not whole: it ends in the middle, at line {line} column {column}");
        return ReadError::unusable_hint(written, found, "fetch or write the file again");
    }
    ReadError::unusable(written, format!("not GeoJSON: {}", sentence(&error.to_string())))
}

/// The first fault of a whole text. It is held in memory if it may be: a reader that is not counts columns
/// otherwise at the end of a line.
fn fault_of(bytes: &mut Box<dyn Bytes>, most: u64) -> io::Result<Option<serde_json::Error>> {
    let length = bytes.seek(SeekFrom::End(0))?;
    bytes.rewind()?;
    let mut reader = BufReader::with_capacity(1 << 18, bytes);
    let mut mark = [0; 3];
    let is_marked = reader.read_exact(&mut mark).is_ok() && mark == *b"\xef\xbb\xbf";
    if !is_marked {
        reader.rewind()?;
    }
    if length > most {
        return Ok(serde_json::from_reader::<_, Members>(reader).err());
    }
    let mut text = Vec::with_capacity(length as usize);
    reader.read_to_end(&mut text)?;
    Ok(serde_json::from_slice::<Members>(&text).err())
}

impl Collection {
    /// The next features, which any thread may read.
    pub(super) fn next(&mut self) -> Option<Unread> {
        let stretch = *self.stretches.get(self.given)?;
        self.given += 1;
        Some(Unread { text: Arc::clone(&self.text), stretch })
    }

    /// Begins again.
    pub(super) const fn rewind(&mut self) {
        self.given = 0;
    }
}

impl Unread {
    /// How many features are before it.
    pub(super) const fn before(&self) -> u64 {
        self.stretch.before
    }

    /// How many features it has.
    pub(super) const fn features(&self) -> u64 {
        self.stretch.features
    }

    /// How long its text is.
    pub(super) const fn bytes(&self) -> u64 {
        self.stretch.length
    }

    /// Reads it; also what is to be said of features, each by its place among these.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, or if it is no JSON here.
    pub(super) fn read(self) -> Result<(Vec<Feature>, Vec<Remark>), ReadError> {
        let Self { text: opened, stretch } = self;
        opened.refuse_parsed(stretch.length)?;
        let form = match &opened.whole {
            Whole::Collection | Whole::Sequence => None,
            Whole::Esri(form) => Some(form),
            Whole::Feature(text) => {
                let read = feature::feature(&String::from_utf8_lossy(text), &opened.system);
                return Ok((vec![read], Vec::new()));
            }
            Whole::Geometry(text) => {
                let drawn = feature::drawn(&String::from_utf8_lossy(text), &opened.system);
                let feature = Feature { id: None, properties: Map::new(), layer: None, drawn };
                return Ok((vec![feature], Vec::new()));
            }
        };
        let bytes = opened.read(stretch)?;
        let text = std::str::from_utf8(&bytes).ok();
        let read = text.and_then(|text| features(text, form, &opened.system));
        read.ok_or_else(|| opened.not_json())
    }
}

impl Opened {
    fn read(&self, stretch: Stretch) -> Result<Vec<u8>, ReadError> {
        let mut text = vec![0; stretch.length as usize];
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let read = bytes.seek(SeekFrom::Start(stretch.offset));
        read.and_then(|_| bytes.read_exact(&mut text))
            .map_err(|error| unreadable(&self.written, &error))?;
        Ok(text)
    }

    /// Takes the system that the first feature names, in a file that names none: whether it names one.
    fn takes_system(
        &mut self,
        stretches: &[Stretch],
        reference: &mut Option<Reference>,
    ) -> Result<bool, ReadError> {
        let Some(first) = stretches.first() else { return Ok(false) };
        let text = match &self.whole {
            Whole::Feature(text) | Whole::Geometry(text) => text.clone(),
            Whole::Collection | Whole::Sequence | Whole::Esri(_) => self.read(*first)?,
        };
        let start =
            text.iter().position(|byte| !b" \t\n\r,\x1e".contains(byte)).unwrap_or_default();
        let text = text.get(start..).unwrap_or_default();
        let length = text.first().and_then(|byte| Nesting::new(*byte).pass(text));
        let text = text.get(..length.unwrap_or(text.len())).unwrap_or_default();
        if matches!(self.whole, Whole::Sequence) && feature::is_collection(text) {
            let found = "several collections one behind the other, wanted one";
            let hint = "write one whole feature a line: `jq -c '.features[]' IN > OUT.geojsonl`";
            return Err(ReadError::unusable_hint(
                &self.written,
                found,
                with_names(hint, &self.written),
            ));
        }
        let named = memchr::memmem::find(text, b"\"crs\"").and_then(|_| feature::own_system(text));
        let Some(named) = named else { return Ok(false) };
        *reference = Some(self::reference(Some(&named), &self.written)?);
        self.system = feature::code_of(&named);
        Ok(true)
    }

    /// Refuses a text that takes more than it may once it is read.
    fn refuse_parsed(&self, length: u64) -> Result<(), ReadError> {
        let needed = length.saturating_mul(PARSED);
        let is_small = length <= Limits::default().bytes.min(self.most);
        if is_small || needed <= self.most {
            return Ok(());
        }
        let (path, what, budget) = (self.written.clone(), Large::Parsed(length), self.most);
        Err(ReadError::TooLarge { path, what, needed, budget })
    }

    fn not_json(&self) -> ReadError {
        let mut bytes = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(self.whole, Whole::Sequence) {
            return no_line(&mut bytes, &self.written);
        }
        not_json(&mut bytes, &self.written, self.most)
    }
}

/// What is to be said of a feature, which is known by its place.
pub(super) type Remark = (usize, String);

/// The features of a stretch, those of Esri in their form; nothing if it is no JSON.
fn features(
    text: &str,
    esri: Option<&esri::Form>,
    system: &str,
) -> Option<(Vec<Feature>, Vec<Remark>)> {
    let bytes = text.as_bytes();
    let (mut features, mut remarks) = (Vec::new(), Vec::new());
    let mut plain = plain::Cursor::new(text);
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| !b" \t\n\r,\x1e".contains(byte))?;
        let read = if esri.is_none() { plain.feature_at(at) } else { None };
        if let Some((read, end)) = read {
            features.push(read);
            at = end;
        } else {
            let rest = bytes.get(at..)?;
            let length = Nesting::new(*rest.first()?).pass(rest).unwrap_or(rest.len());
            let one = text.get(at..at + length)?;
            let (one, remark) = numbers::json(one)?;
            remarks.extend(remark.map(|remark| (features.len(), remark)));
            features.push(match esri {
                None => feature::feature(&one, system),
                Some(form) => esri::feature(&one, form),
            });
            at += length;
        }
        if at == bytes.len() {
            return Some((features, remarks));
        }
    }
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

#[cfg(test)]
mod tests;
