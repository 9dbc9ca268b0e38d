//! OpenStreetMap XML (`.osm`, `.osm.gz`, `.osm.bz2`), made into blocks that are read like those of an extract.
//!
//! Nodes, ways and relations stand one behind the other, and what draws an object may stand anywhere. So the text is
//! passed once and written, object by object, into a file without a name, in the binary format: it takes a fifth of
//! the text, and memory holds one block. No element may be longer than a few megabytes, and no packed text unpack to
//! more than any map does. An answer of Overpass may tell places along a way, of ways that are members, or the center of
//! an object; these are written as places of nodes, as ways, and in fields of our own ([`FAULT`], [`CENTER`]).
//!
//! Source: <https://wiki.openstreetmap.org/wiki/OSM_XML>.

use super::super::place::Place;
use super::super::whole;
use super::block::{CENTER, FAULT};
use crate::error::{ReadError, bytes_text};
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};

/// A block holds so many objects, or texts of so many bytes.
const BLOCK: (usize, usize) = (8_000, 4 << 20);

/// An element may be so long.
const MOST_ELEMENT: u64 = 4 << 20;

/// So much is kept of what a server says.
const MOST_SAID: usize = 1_000;

/// A packed text may unpack to so many bytes, and so many more for each of its own: maps come to 30.
const MOST_UNPACKED: (u64, u64) = (64 << 20, 200);

/// A file of OpenStreetMap XML in the binary format, and what the server says that wrote it.
///
/// # Errors
///
/// If it cannot be read, or is no such text.
pub(super) fn converted(place: &Place) -> Result<(File, Option<String>), ReadError> {
    let (file, length) = whole::open(place)?;
    let file = BufReader::with_capacity(1 << 17, file);
    let text: Box<dyn Read> = if place.ends("gz") {
        Box::new(MultiGzDecoder::new(file))
    } else if place.ends("bz2") {
        Box::new(MultiBzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let most = MOST_UNPACKED.0 + MOST_UNPACKED.1 * length;
    let text = Bounded { text, element: 0, left: most };
    let written =
        tempfile::tempfile().map_err(|error| whole::unreadable(&place.written, &error))?;
    let (out, block) = (BufWriter::new(written), Block::default());
    let mut blocks = Blocks { out, block, unnumbered: 0, said: String::new() };
    let passed = pass(BufReader::with_capacity(1 << 17, text), &mut blocks);
    let said = blocks.said.trim().to_string();
    let mut file = passed.and_then(|()| blocks.finish()).map_err(|fault| {
        let found = match fault {
            Fault::Io(error) => format!("cannot be read: {error}"),
            Fault::Xml(why) => format!("no OpenStreetMap XML: {why}"),
        };
        let hint = "fetch or write it again, for instance as .osm.pbf";
        ReadError::unusable_hint(&place.written, found, hint)
    })?;
    file.rewind().map_err(|error| whole::unreadable(&place.written, &error))?;
    Ok((file, (!said.is_empty()).then(|| format!("the server says: {said}"))))
}

/// A text of which no element is longer than may be, nor all of it.
struct Bounded<R> {
    text: R,
    element: u64,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        let last = memchr::memrchr(b'>', buffer.get(..count).unwrap_or_default());
        self.element = last.map_or(self.element + count as u64, |at| (count - at) as u64);
        self.left = self.left.saturating_sub(count as u64);
        if self.element > MOST_ELEMENT {
            let found = format!("an element of over {}", bytes_text(MOST_ELEMENT));
            return Err(io::Error::other(found));
        }
        if self.left == 0 && count > 0 {
            return Err(io::Error::other("it unpacks to far more than any map does"));
        }
        Ok(count)
    }
}

enum Fault {
    Io(io::Error),
    Xml(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        match error {
            quick_xml::Error::Io(error) => {
                Self::Io(io::Error::new(error.kind(), error.to_string()))
            }
            other => Self::Xml(other.to_string()),
        }
    }
}

/// An object that is being read.
#[derive(Default)]
struct Object {
    id: Option<i64>,
    /// Where it is, or its center.
    at: Option<Steps>,
    /// Why it cannot be read.
    fault: Option<String>,
    is_gone: bool,
    tags: Vec<(String, String)>,
    nodes: Vec<Nd>,
    members: Vec<(u64, i64)>,
}

/// A place in steps of 1e-7 degrees: north, east.
type Steps = [i64; 2];

/// A node of a way: its id, and its place if the way tells it.
type Nd = (i64, Option<Steps>);

/// The id of a node or member that tells none: there is nothing of this id.
const NO_ID: i64 = i64::MIN;

/// Where a node is of which a way tells no place, though it does of others: nowhere.
const NOWHERE: Steps = [2_000_000_000; 2];

/// The id of a node by its place, so that ways that meet do so in one node.
const fn id_at([lat, lon]: Steps) -> i64 {
    (lat + 900_000_000) << 32 | (lon + 1_800_000_000)
}

/// Passes over a text and writes its objects.
fn pass<W: Write>(text: impl BufRead, blocks: &mut Blocks<W>) -> Result<(), Fault> {
    let mut reader = Reader::from_reader(text);
    let (mut buffer, mut object) = (Vec::new(), Object::default());
    let (mut is_osm, mut is_whole, mut is_said) = (false, false, false);
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Eof if is_whole => return Ok(()),
            Event::Eof if is_osm => return Err(Fault::Xml("it ends in the middle".into())),
            Event::Eof => return Err(Fault::Xml("it has no element `osm`".into())),
            Event::Start(element) => {
                is_osm |= element.name().0 == "osm";
                is_said = element.name().0 == "remark";
                begin(&element, &mut object)?;
            }
            Event::Empty(element) => {
                begin(&element, &mut object)?;
                blocks.end(element.name().0, &mut object)?;
            }
            Event::End(element) => {
                is_whole |= element.name().0 == "osm";
                is_said = false;
                blocks.end(element.name().0, &mut object)?;
            }
            Event::Text(text) if is_said && blocks.said.len() < MOST_SAID => {
                blocks.said.push_str(&text);
            }
            _ => {}
        }
    }
}

/// Begins an object, or adds to the one that is begun.
fn begin(element: &BytesStart, object: &mut Object) -> Result<(), Fault> {
    let name = element.name().0;
    if !matches!(name, "node" | "way" | "relation" | "tag" | "nd" | "member" | "center") {
        return Ok(());
    }
    let mut told: BTreeMap<String, String> = BTreeMap::new();
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| Fault::Xml(error.to_string()))?;
        // What stands for no letter stays as it is.
        let value = quick_xml::escape::unescape(&attribute.value).ok();
        let value = value.map_or_else(|| attribute.value.to_string(), Cow::into_owned);
        told.insert(attribute.key.0.to_string(), value);
    }
    let number = |key: &str| told.get(key).and_then(|text| text.trim().parse::<i64>().ok());
    let degrees = |key: &str| {
        let degrees = told.get(key).and_then(|text| text.trim().parse::<f64>().ok());
        degrees.filter(|it| it.abs() <= 360.0).map(|it| (it * 1e7).round() as i64)
    };
    let at = degrees("lat").zip(degrees("lon")).map(|(lat, lon)| [lat, lon]);
    let says = |key: &str| told.get(key).map_or("nothing".into(), |text| format!("\"{text}\""));
    match name {
        "tag" => {
            let [key, value] = ["k", "v"].map(|key| told.get(key).cloned().unwrap_or_default());
            object.tags.push((key, value));
        }
        "nd" => {
            let id = at.map(id_at).or_else(|| number("ref"));
            object.nodes.push((id.unwrap_or(NO_ID), at));
        }
        "center" => object.at = at,
        "member" => {
            let kind = match told.get("type").map(String::as_str) {
                Some("node") => 0,
                Some("way") => 1,
                _ => 2,
            };
            object.members.push((kind, number("ref").unwrap_or(NO_ID)));
        }
        _ => {
            let is = |key: &str, value: &str| told.get(key).is_some_and(|told| told == value);
            let is_gone = is("action", "delete") || is("visible", "false");
            let id = number("id").filter(|id| *id != NO_ID);
            let fault = match (id, at) {
                (None, _) => Some(format!("its id is {}, wanted a whole number", says("id"))),
                (_, None) if name == "node" => Some(format!(
                    "its latitude is {} and its longitude {}, wanted degrees as 9.05",
                    says("lat"),
                    says("lon")
                )),
                _ => None,
            };
            *object = Object { id, at, fault, is_gone, ..Object::default() };
        }
    }
    Ok(())
}

/// Blocks of a file in the making.
struct Blocks<W: Write> {
    out: W,
    block: Block,
    /// How many objects tell no id.
    unnumbered: i64,
    /// What the server says in its element `remark`.
    said: String,
}

/// A block in the making.
#[derive(Default)]
struct Block {
    /// Texts by their places, the first of which is none.
    texts: BTreeMap<String, u64>,
    order: Vec<String>,
    bytes: usize,
    objects: usize,
    groups: Vec<u8>,
    has_head: bool,
}

impl Block {
    fn text(&mut self, text: String) -> u64 {
        if let Some(place) = self.texts.get(&text) {
            return *place;
        }
        let place = self.order.len() as u64 + 1;
        self.bytes += text.len();
        self.order.push(text.clone());
        self.texts.insert(text, place);
        place
    }
}

impl<W: Write> Blocks<W> {
    /// Ends an element; an object is written then.
    fn end(&mut self, name: &str, object: &mut Object) -> Result<(), Fault> {
        let field = match name {
            "node" => 1,
            "way" => 3,
            "relation" => 4,
            "member" => return self.member(object),
            _ => return Ok(()),
        };
        let object = std::mem::take(object);
        if object.is_gone || (field == 1 && object.fault.is_some() && object.tags.is_empty()) {
            return Ok(());
        }
        let id = object.id.unwrap_or_else(|| {
            self.unnumbered += 1;
            NO_ID + self.unnumbered
        });
        let mut message = Vec::new();
        put_number(&mut message, 1, if field == 1 { zigzag(id) } else { id as u64 });
        if let Some(fault) = &object.fault {
            put_bytes(&mut message, FAULT, fault.as_bytes());
        }
        let tags = object.tags.into_iter();
        let (keys, values): (Vec<u64>, Vec<u64>) =
            tags.map(|(key, value)| (self.block.text(key), self.block.text(value))).unzip();
        put_numbers(&mut message, 2, keys);
        put_numbers(&mut message, 3, values);
        match (field, object.at) {
            (1, at) => {
                let [lat, lon] = at.unwrap_or(NOWHERE);
                put_number(&mut message, 8, zigzag(lat));
                put_number(&mut message, 9, zigzag(lon));
            }
            (_, Some(center)) => put_numbers(&mut message, CENTER, center.map(zigzag).into()),
            _ => {}
        }
        if field == 3 {
            put_course(&mut message, &object.nodes);
        }
        if field == 4 {
            let members = object.members;
            put_numbers(&mut message, 8, members.iter().map(|_| 0).collect());
            put_numbers(&mut message, 9, steps(members.iter().map(|(_, id)| *id)));
            put_numbers(&mut message, 10, members.iter().map(|(kind, _)| *kind).collect());
        }
        self.put(field, &message)
    }

    /// Ends a member of a relation: the way that it tells the places of is written.
    fn member(&mut self, object: &mut Object) -> Result<(), Fault> {
        let nodes = std::mem::take(&mut object.nodes);
        match object.members.last() {
            Some((1, id)) if !nodes.is_empty() && !object.is_gone => {
                let mut message = Vec::new();
                put_number(&mut message, 1, *id as u64);
                put_course(&mut message, &nodes);
                self.put(3, &message)
            }
            _ => Ok(()),
        }
    }

    /// Adds an object to the block.
    fn put(&mut self, field: u64, message: &[u8]) -> Result<(), Fault> {
        put_bytes(&mut self.block.groups, field, message);
        self.block.objects += 1;
        let is_full =
            self.block.objects >= BLOCK.0 || self.block.bytes + self.block.groups.len() >= BLOCK.1;
        if is_full {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what is in the block.
    fn flush(&mut self) -> io::Result<()> {
        let has_head = self.block.has_head;
        let block =
            std::mem::replace(&mut self.block, Block { has_head: true, ..Block::default() });
        if !has_head {
            let mut head = Vec::new();
            put_bytes(&mut head, 4, b"OsmSchema-V0.6");
            self.blob("OSMHeader", &head)?;
        }
        if block.objects == 0 {
            return Ok(());
        }
        let mut texts = Vec::new();
        put_bytes(&mut texts, 1, b"");
        block.order.iter().for_each(|text| put_bytes(&mut texts, 1, text.as_bytes()));
        let mut message = Vec::new();
        put_bytes(&mut message, 1, &texts);
        put_bytes(&mut message, 2, &block.groups);
        self.blob("OSMData", &message)
    }

    fn blob(&mut self, kind: &str, content: &[u8]) -> io::Result<()> {
        let (mut blob, mut head) = (Vec::new(), Vec::new());
        put_bytes(&mut blob, 1, content);
        put_bytes(&mut head, 1, kind.as_bytes());
        put_number(&mut head, 3, blob.len() as u64);
        self.out.write_all(&(head.len() as u32).to_be_bytes())?;
        self.out.write_all(&head)?;
        self.out.write_all(&blob)
    }
}

impl Blocks<BufWriter<File>> {
    fn finish(mut self) -> Result<File, Fault> {
        self.flush()?;
        self.out.into_inner().map_err(|error| Fault::Io(error.into_error()))
    }
}

/// The nodes of a way, and their places if it tells those of any.
fn put_course(into: &mut Vec<u8>, nodes: &[Nd]) {
    put_numbers(into, 8, steps(nodes.iter().map(|(id, _)| *id)));
    if nodes.iter().any(|(_, at)| at.is_some()) {
        for (field, axis) in [(9, 0), (10, 1)] {
            let places = nodes.iter().map(|(_, at)| at.unwrap_or(NOWHERE)[axis]);
            put_numbers(into, field, steps(places));
        }
    }
}

/// Numbers by their steps, below zero as well.
fn steps(numbers: impl Iterator<Item = i64>) -> Vec<u64> {
    let mut before = 0_i64;
    let step = |number: i64| {
        let step = number.wrapping_sub(before);
        before = number;
        zigzag(step)
    };
    numbers.map(step).collect()
}

const fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

fn put_varint(into: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

fn put_number(into: &mut Vec<u8>, field: u64, number: u64) {
    put_varint(into, field << 3);
    put_varint(into, number);
}

fn put_bytes(into: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(into, field << 3 | 2);
    put_varint(into, bytes.len() as u64);
    into.extend_from_slice(bytes);
}

/// Packed numbers; no field where there are none.
fn put_numbers(into: &mut Vec<u8>, field: u64, numbers: Vec<u64>) {
    if numbers.is_empty() {
        return;
    }
    let mut packed = Vec::new();
    for number in numbers {
        put_varint(&mut packed, number);
    }
    put_bytes(into, field, &packed);
}
