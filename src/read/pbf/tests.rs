//! Tests of extracts, on files written here byte by byte and on real ones.

use super::*;
use crate::model::Budget;
use crate::read::features::Feature;
use crate::read::{Remote, osm, vector};
use geo::{Area, CoordsIter};
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of messages.
mod write {
    /// A number of seven bits a byte.
    pub(super) fn number(mut number: u64, into: &mut Vec<u8>) {
        while number >= 0x80 {
            into.push((number as u8 & 0x7f) | 0x80);
            number >>= 7;
        }
        into.push(number as u8);
    }

    pub(super) fn signed(number: i64) -> u64 {
        ((number << 1) ^ (number >> 63)).cast_unsigned()
    }

    /// A field that holds a number.
    pub(super) fn whole(field: u64, value: u64) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(field << 3, &mut bytes);
        number(value, &mut bytes);
        bytes
    }

    /// A field that holds bytes.
    pub(super) fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(field << 3 | 2, &mut bytes);
        number(content.len() as u64, &mut bytes);
        bytes.extend(content);
        bytes
    }

    /// A field that holds a list of numbers.
    pub(super) fn list(field: u64, numbers: &[u64]) -> Vec<u8> {
        let mut content = Vec::new();
        for value in numbers {
            number(*value, &mut content);
        }
        bytes(field, &content)
    }

    /// A list of numbers, each by what it differs from the one before.
    pub(super) fn running(field: u64, numbers: &[i64]) -> Vec<u8> {
        let before = std::iter::once(&0).chain(numbers);
        let differences: Vec<_> =
            numbers.iter().zip(before).map(|(number, before)| signed(number - before)).collect();
        list(field, &differences)
    }

    /// A block of a file behind its head.
    pub(super) fn block(kind: &str, content: &[u8]) -> Vec<u8> {
        let blob = bytes(1, content);
        let head = [bytes(1, kind.as_bytes()), whole(3, blob.len() as u64)].concat();
        [&(head.len() as u32).to_be_bytes()[..], &head, &blob].concat()
    }

    /// The first block of a file.
    pub(super) fn header(features: &[&str]) -> Vec<u8> {
        let features = ["OsmSchema-V0.6", "DenseNodes"].iter().chain(features);
        let content: Vec<u8> = features.flat_map(|name| bytes(4, name.as_bytes())).collect();
        block("OSMHeader", &content)
    }
}

type Tags<'a> = &'a [(&'a str, &'a str)];

/// A block of objects in the making. Places are whole degrees.
#[derive(Default)]
struct Objects {
    texts: Vec<String>,
    groups: Vec<Vec<u8>>,
}

impl Objects {
    fn text(&mut self, text: &str) -> u64 {
        if self.texts.is_empty() {
            self.texts.push(String::new());
        }
        let place = self.texts.iter().position(|other| other == text).unwrap_or_else(|| {
            self.texts.push(text.into());
            self.texts.len() - 1
        });
        place as u64
    }

    fn tags(&mut self, tags: Tags) -> Vec<u8> {
        let keys: Vec<_> = tags.iter().map(|(key, _)| self.text(key)).collect();
        let values: Vec<_> = tags.iter().map(|(_, value)| self.text(value)).collect();
        [write::list(2, &keys), write::list(3, &values)].concat()
    }

    fn node(mut self, id: i64, [x, y]: [i64; 2], tags: Tags) -> Self {
        let place = [(1, id), (8, y * 10_000_000), (9, x * 10_000_000)];
        let place = place.map(|(field, value)| write::whole(field, write::signed(value)));
        let node = [place.concat(), self.tags(tags)].concat();
        self.groups.push(write::bytes(1, &node));
        self
    }

    fn dense(mut self, nodes: &[(i64, [i64; 2], Tags)]) -> Self {
        let ids: Vec<_> = nodes.iter().map(|(id, ..)| *id).collect();
        let column =
            |axis: usize| nodes.iter().map(move |(_, at, _)| at[axis] * 10_000_000).collect();
        let [x, y]: [Vec<i64>; 2] = [column(0), column(1)];
        let mut tags = Vec::new();
        for (.., own) in nodes {
            for (key, value) in *own {
                tags.extend([self.text(key), self.text(value)]);
            }
            tags.push(0);
        }
        if tags.iter().all(|place| *place == 0) {
            tags.clear();
        }
        let mut dense =
            [write::running(1, &ids), write::running(8, &y), write::running(9, &x)].concat();
        if !tags.is_empty() {
            dense.extend(write::list(10, &tags));
        }
        self.groups.push(write::bytes(2, &dense));
        self
    }

    fn way(self, id: i64, nodes: &[i64], tags: Tags) -> Self {
        self.located_way(id, nodes, &[], tags)
    }

    fn located_way(mut self, id: i64, nodes: &[i64], at: &[[i64; 2]], tags: Tags) -> Self {
        let mut way = [write::whole(1, id as u64), self.tags(tags)].concat();
        way.extend(write::running(8, nodes));
        if !at.is_empty() {
            let column = |axis: usize| at.iter().map(|at| at[axis] * 10_000_000).collect();
            let [x, y]: [Vec<i64>; 2] = [column(0), column(1)];
            way.extend([write::running(9, &y), write::running(10, &x)].concat());
        }
        self.groups.push(write::bytes(3, &way));
        self
    }

    /// Members are ways.
    fn relation(mut self, id: i64, members: &[i64], tags: Tags) -> Self {
        let roles = vec![0; members.len()];
        let kinds = vec![1; members.len()];
        let relation = [
            write::whole(1, id as u64),
            self.tags(tags),
            write::list(8, &roles),
            write::running(9, members),
            write::list(10, &kinds),
        ];
        self.groups.push(write::bytes(4, &relation.concat()));
        self
    }

    fn content(&self) -> Vec<u8> {
        let texts: Vec<_> =
            self.texts.iter().flat_map(|text| write::bytes(1, text.as_bytes())).collect();
        let groups: Vec<_> = self.groups.iter().flat_map(|group| write::bytes(2, group)).collect();
        [write::bytes(1, &texts), groups].concat()
    }

    fn block(&self) -> Vec<u8> {
        write::block("OSMData", &self.content())
    }

    fn file(&self) -> Vec<u8> {
        [write::header(&[]), self.block()].concat()
    }
}

/// Wants schools, tells their names, and calls all else by its first key.
fn school(tags: &[(&str, &str)]) -> Result<(String, u64), String> {
    let value = |wanted| tags.iter().find(|(key, _)| *key == wanted).map(|(_, value)| *value);
    match value("amenity") {
        Some("school") => {
            let name = value("name").unwrap_or_default();
            Ok((name.into(), name.len() as u64))
        }
        _ => Err(tags[0].0.into()),
    }
}

const SCHOOL: Tags = &[("amenity", "school")];
const SCHOOL_AREA: Tags = &[("type", "multipolygon"), ("amenity", "school")];

fn read_at(path: &std::path::Path) -> Result<Extract<String, String>, ReadError> {
    extract(&Place::new(&path.to_string_lossy(), None), &school, &|_| ())
}

fn read(bytes: &[u8]) -> Result<Extract<String, String>, ReadError> {
    let file = tempfile::NamedTempFile::with_suffix(".osm.pbf").unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    read_at(file.path())
}

/// Each found object on a line: id, name, geometry.
fn shown<T: std::fmt::Debug, E>(extract: &Extract<T, E>) -> Vec<String> {
    let shown = |found: &Found<T>| {
        let drawn = match &found.drawn {
            Drawn::Shape(shape) => outline(shape),
            Drawn::Nothing => "nothing".into(),
            Drawn::Unreadable(why) => why.clone(),
        };
        format!("{} {:?} {drawn}", found.id, found.told)
    };
    extract.found.iter().map(shown).collect()
}

fn outline(shape: &Geometry<f64>) -> String {
    let places = |line: &LineString<f64>| {
        let places: Vec<_> = line.0.iter().map(|at| format!("{} {}", at.x, at.y)).collect();
        places.join(", ")
    };
    match shape {
        Geometry::Point(at) => format!("point {} {}", at.x(), at.y()),
        Geometry::LineString(line) => format!("line {}", places(line)),
        Geometry::MultiLineString(lines) => {
            format!("lines {}", lines.0.iter().map(places).collect::<Vec<_>>().join("; "))
        }
        Geometry::MultiPolygon(parts) => {
            let holes: Vec<_> = parts.0.iter().map(|part| part.interiors().len()).collect();
            format!("surface {} holes {holes:?}", parts.unsigned_area())
        }
        other => format!("{other:?}"),
    }
}

/// The drawing of the only object that is found.
fn only(bytes: &[u8]) -> String {
    let extract = read(bytes).unwrap();
    assert_eq!(extract.found.len(), 1);
    shown(&extract)[0].split_once("\"\" ").unwrap().1.to_string()
}

/// A square of nodes from a corner, numbered from `first` on.
fn square(objects: Objects, first: i64, [x, y]: [i64; 2], side: i64) -> Objects {
    let corners = [[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
    let nodes: Vec<(i64, [i64; 2], Tags)> =
        (first..).zip(corners).map(|(id, at)| (id, at, &[] as Tags)).collect();
    objects.dense(&nodes)
}

/// Two shells, one with a hole and a part in it, from lines in any direction and order.
fn park() -> Objects {
    let objects = square(Objects::default(), 1, [0, 0], 10);
    let objects = square(objects, 11, [2, 2], 6);
    let objects = square(objects, 21, [4, 4], 2);
    let objects = square(objects, 31, [20, 0], 1);
    objects
        .way(1, &[3, 2, 1], &[])
        .way(2, &[3, 4], &[])
        .way(3, &[1, 4], &[])
        .way(4, &[11, 12, 13, 14, 11], &[("natural", "wood")])
        .way(5, &[21, 22, 23], &[])
        .way(6, &[21, 24, 23], &[])
        .way(7, &[31, 32, 33, 34, 31], &[])
        .relation(9, &[5, 2, 7, 3, 4, 1, 6], SCHOOL_AREA)
}

#[test]
fn nodes_are_points_however_they_are_written() {
    let named: Tags = &[("name", "Sólheimar"), ("amenity", "school")];
    let objects = Objects::default()
        .dense(&[(5, [3, 4], SCHOOL), (6, [7, 8], &[]), (4, [-1, -2], named)])
        .node(-2, [20, 30], SCHOOL)
        .node(7, [20, 30], &[("shop", "kiosk")])
        .dense(&[(8, [1, 1], &[])]);
    let extract = read(&objects.file()).unwrap();
    assert_eq!(
        shown(&extract),
        ["node/-2 \"\" point 20 30", "node/4 \"Sólheimar\" point -1 -2", "node/5 \"\" point 3 4"]
    );
    assert_eq!((extract.total, extract.incomplete), (4, 0));
    assert_eq!(extract.unused, BTreeMap::from([("shop".into(), 1)]));
}

#[test]
fn ways_stay_lines_open_or_closed() {
    let objects = square(Objects::default(), 1, [0, 0], 1).way(1, &[1, 2, 3], SCHOOL).way(
        2,
        &[1, 2, 3, 4, 1],
        SCHOOL,
    );
    let extract = read(&objects.file()).unwrap();
    let lines = ["way/1 \"\" line 0 0, 1 0, 1 1", "way/2 \"\" line 0 0, 1 0, 1 1, 0 1, 0 0"];
    assert_eq!((shown(&extract).as_slice(), extract.incomplete), (&lines.map(String::from)[..], 0));
}

#[test]
fn ways_are_drawn_along_the_nodes_that_are_there() {
    let objects = square(Objects::default(), 1, [0, 0], 1)
        .way(1, &[1, 99, 3], SCHOOL)
        .way(2, &[98, 2], SCHOOL)
        .way(3, &[98, 99], SCHOOL)
        .way(4, &[], SCHOOL);
    let extract = read(&objects.file()).unwrap();
    assert_eq!(
        shown(&extract),
        [
            "way/1 \"\" line 0 0, 1 1",
            "way/2 \"\" point 1 0",
            "way/3 \"\" none of its nodes is in the file",
            "way/4 \"\" it has no nodes"
        ]
    );
    assert_eq!(extract.incomplete, 3);
}

#[test]
fn relations_are_surfaces_with_holes_and_parts_within_holes() {
    let park = park();
    let whole = 100.0 - 36.0 + 4.0 + 1.0;
    assert_eq!(only(&park.file()), format!("surface {whole} holes [1, 0, 0]"));
    assert_eq!(read(&park.file()).unwrap().incomplete, 0);
    let boundary: Tags = &[("type", "boundary"), ("amenity", "school")];
    let boundary = park.relation(10, &[4], boundary);
    assert!(shown(&read(&boundary.file()).unwrap())[1].ends_with("surface 36 holes [0]"));
}

#[test]
fn rings_that_touch_at_nodes_are_parts_of_their_own() {
    // Two squares share a corner, node 3; each comes in two lines that begin and end there.
    let objects = square(Objects::default(), 1, [0, 0], 1);
    let objects = square(objects, 11, [1, 1], 1)
        .way(1, &[3, 4, 1], &[])
        .way(2, &[3, 2, 1], &[])
        .way(3, &[3, 12, 13], &[])
        .way(4, &[13, 14, 3], &[])
        .relation(1, &[1, 2, 3, 4], SCHOOL_AREA);
    assert_eq!(only(&objects.file()), "surface 2 holes [0, 0]");
    // Four lines between the same two nodes: two surfaces or one with a hole, 8 in all.
    let between = [[-3, 0], [-1, 0], [1, 0], [3, 0]];
    let mut objects = Objects::default().dense(&[(1, [0, -2], &[]), (2, [0, 2], &[])]);
    for (id, at) in (3..).zip(between) {
        objects = objects.node(id, at, &[]).way(id, &[1, id, 2], &[]);
    }
    let objects = objects.relation(1, &[3, 5, 4, 6], SCHOOL_AREA);
    assert!(only(&objects.file()).starts_with("surface 8 "));
}

#[test]
fn a_hole_may_touch_its_shell_at_every_vertex() {
    let objects = square(Objects::default(), 1, [0, 0], 4)
        .dense(&[(11, [2, 0], &[]), (12, [4, 2], &[]), (13, [2, 4], &[]), (14, [0, 2], &[])])
        .way(1, &[1, 11, 2, 12, 3, 13, 4, 14, 1], &[])
        .way(2, &[11, 12, 13, 14, 11], &[])
        .relation(1, &[2, 1], SCHOOL_AREA);
    assert_eq!(only(&objects.file()), "surface 8 holes [1]");
}

#[test]
fn what_does_not_close_is_drawn_as_lines() {
    let objects = square(Objects::default(), 1, [0, 0], 1).way(1, &[1, 2, 3], &[]);
    let cut = Objects { ..objects }.relation(1, &[1, 77], SCHOOL_AREA);
    let extract = read(&cut.file()).unwrap();
    assert_eq!(shown(&extract), ["relation/1 \"\" lines 0 0, 1 0, 1 1"]);
    assert_eq!(extract.incomplete, 1);
    let gone = Objects::default().relation(1, &[77], SCHOOL_AREA).relation(2, &[], SCHOOL_AREA);
    let extract = read(&gone.file()).unwrap();
    assert_eq!(
        shown(&extract),
        [
            "relation/1 \"\" none of its ways is in the file with two nodes or more",
            "relation/2 \"\" no way is a member of it"
        ]
    );
    assert_eq!(extract.incomplete, 1);
}

#[test]
fn a_line_that_leads_to_a_ring_does_not_spoil_it() {
    let objects = square(Objects::default(), 1, [0, 0], 1)
        .dense(&[(9, [5, 5], &[])])
        .way(1, &[9, 3], &[])
        .way(2, &[3, 4, 1], &[])
        .way(3, &[1, 2, 3], &[])
        .relation(1, &[1, 2, 3], SCHOOL_AREA);
    let extract = read(&objects.file()).unwrap();
    assert_eq!(shown(&extract), ["relation/1 \"\" surface 1 holes [0]"]);
    assert_eq!(extract.incomplete, 1);
}

#[test]
fn relations_without_a_shape_of_their_own_are_counted_by_type() {
    let objects = square(Objects::default(), 1, [0, 0], 1)
        // As they once were drawn: the tags are those of the outer way.
        .way(1, &[1, 2, 3, 4, 1], SCHOOL)
        .relation(1, &[1], &[("type", "multipolygon")])
        .relation(2, &[1], &[("type", "site"), ("amenity", "school")])
        .relation(3, &[1], &[("type", "site"), ("amenity", "school")])
        .relation(4, &[1], SCHOOL)
        .relation(5, &[1], &[("type", "route"), ("route", "bus")])
        .relation(6, &[1], &[]);
    let extract = read(&objects.file()).unwrap();
    assert_eq!(shown(&extract), ["way/1 \"\" line 0 0, 1 0, 1 1, 0 1, 0 0"]);
    assert_eq!(extract.shapeless, BTreeMap::from([("no type".into(), 1), ("site".into(), 2)]));
    assert_eq!((extract.unused, extract.total), (BTreeMap::from([("type".into(), 2)]), 6));
}

#[test]
fn ways_may_tell_their_places_themselves() {
    // Beyond the extract libosmium writes a longitude and latitude of 214.7.
    let ring = [[0, 0], [2, 0], [2, 2], [0, 0]];
    let objects = Objects::default()
        .located_way(1, &[1, 2, 3, 1], &ring, SCHOOL)
        .located_way(2, &[1, 2, 4], &[[0, 0], [2, 0], [214, 214]], SCHOOL)
        .relation(1, &[1], SCHOOL_AREA);
    let extract = read(&[write::header(&["LocationsOnWays"]), objects.block()].concat()).unwrap();
    assert_eq!(
        shown(&extract),
        [
            "way/1 \"\" line 0 0, 2 0, 2 2, 0 0",
            "way/2 \"\" line 0 0, 2 0",
            "relation/1 \"\" surface 2 holes [0]"
        ]
    );
    assert_eq!(extract.incomplete, 1);
}

/// The same objects in blocks of their own.
fn in_blocks(objects: &Objects) -> Vec<Vec<u8>> {
    let block = |group: &Vec<u8>| {
        Objects { texts: objects.texts.clone(), groups: vec![group.clone()] }.block()
    };
    objects.groups.iter().map(block).collect()
}

#[test]
fn blocks_may_come_in_any_order() {
    let objects = park().node(50, [1, 1], SCHOOL).way(50, &[1, 3], SCHOOL);
    let wanted = shown(&read(&objects.file()).unwrap());
    assert_eq!(wanted.len(), 3);
    let mut blocks = in_blocks(&objects);
    blocks.push(write::block("Comment", b"of nobody"));
    for _ in 0..blocks.len() {
        blocks.rotate_left(1);
        let file = [write::header(&[]), blocks.concat()].concat();
        assert_eq!(shown(&read(&file).unwrap()), wanted);
        let mut turned = blocks.clone();
        turned.reverse();
        let file = [write::header(&[]), turned.concat()].concat();
        assert_eq!(shown(&read(&file).unwrap()), wanted);
    }
}

#[test]
fn an_object_that_is_there_twice_is_refused() {
    let block = Objects::default().node(1, [1, 1], SCHOOL).block();
    let error = read(&[write::header(&[]), block.clone(), block].concat()).err().unwrap();
    assert!(error.to_string().ends_with("node/1 is there twice, wanted one state of each object"));
}

/// What is said of a file that cannot be read, and the way out.
fn said(bytes: &[u8]) -> String {
    let error = read(bytes).err().unwrap();
    let text = error.to_string();
    let (_, found) = text.split_once(".osm.pbf: ").unwrap();
    let hint = error.hint().unwrap();
    assert!(!hint.is_empty());
    found.to_string()
}

#[test]
fn files_that_cannot_be_read_say_why() {
    let block = Objects::default().node(1, [1, 1], SCHOOL).block();
    let header = write::header(&[]);
    let foreign = "not an OpenStreetMap PBF: it does not begin with a block OSMHeader";
    assert_eq!(said(b""), "the file is empty");
    assert_eq!(said(b"<?xml version='1.0'?><osm version='0.6'/>"), foreign);
    assert_eq!(said(b"{}"), foreign);
    assert_eq!(said(&block), foreign);
    assert_eq!(said(&[0; 100]), foreign);
    let whole = [header.clone(), block.clone()].concat();
    let begin = header.len();
    let cut = format!(
        "cut short: its {} bytes end within the block that begins at byte {begin}",
        whole.len() - 1
    );
    assert_eq!(said(&whole[..whole.len() - 1]), cut);
    assert_eq!(
        said(&[header.clone(), vec![255; 9]].concat()),
        format!("not sound at byte {begin}: the head of a block has an impossible length")
    );
    let huge = [write::bytes(1, b"OSMData"), write::whole(3, u64::MAX)].concat();
    let huge = [&header, &(huge.len() as u32).to_be_bytes()[..], &huge, &[0; 9]].concat();
    assert!(said(&huge).ends_with("a block has an impossible length"));
    assert_eq!(
        said(&write::header(&["HistoricalInformation"])),
        "it holds the history of its objects, wanted their state at one time"
    );
    assert_eq!(
        said(&write::header(&["Sort.Type"])),
        "it asks its readers for \"Sort.Type\", which is not known here"
    );
}

/// A file of the header and one block of objects whose content is packed as it says.
fn packed(blob: &[u8]) -> Vec<u8> {
    let head = [write::bytes(1, b"OSMData"), write::whole(3, blob.len() as u64)].concat();
    let length = (head.len() as u32).to_be_bytes();
    [&write::header(&[]), &length[..], &head, blob].concat()
}

#[test]
fn blocks_are_unpacked_and_say_how_long_they_are() {
    let content = Objects::default().node(1, [1, 1], SCHOOL).content();
    let mut zlib = Vec::with_capacity(1000);
    flate2::Compress::new(flate2::Compression::fast(), true)
        .compress_vec(&content, &mut zlib, flate2::FlushCompress::Finish)
        .unwrap();
    let blob = |length: u64| [write::whole(2, length), write::bytes(3, &zlib)].concat();
    let length = content.len() as u64;
    assert_eq!(only(&packed(&blob(length))), "point 1 1");
    for wrong in [0, length - 1, length + 1] {
        let found = said(&packed(&blob(wrong)));
        assert!(found.ends_with("unpacked it is longer than it says, or shorter"), "{found}");
    }
    assert!(said(&packed(&blob(1 << 40))).ends_with("it is impossibly long when unpacked"));
    let zstd = said(&packed(&write::bytes(7, &zlib)));
    assert!(zstd.ends_with("is packed with Zstandard, wanted zlib"));
}

#[test]
fn a_file_that_is_not_there_or_elsewhere_is_told_apart() {
    let error = |written: &str| {
        let place = Place::new(written, None);
        extract(&place, &school, &|_| ()).err().unwrap()
    };
    assert_eq!(error("no/such.osm.pbf").kind(), "not_found");
    for elsewhere in ["/vsizip/a.zip/a.osm.pbf", "https://example.org/a.osm.pbf"] {
        let error = error(elsewhere);
        assert_eq!(error.hint().unwrap(), "download or unpack it first");
    }
}

#[test]
fn what_is_cut_or_changed_anywhere_is_no_reason_to_panic() {
    let objects = park().located_way(50, &[1, 3], &[[0, 0], [1, 1]], SCHOOL);
    let whole = [vec![write::header(&[])], in_blocks(&objects)].concat().concat();
    let file = tempfile::NamedTempFile::with_suffix(".osm.pbf").unwrap();
    let mut sound = 0;
    for length in 0..whole.len() {
        std::fs::write(file.path(), &whole[..length]).unwrap();
        sound += usize::from(read_at(file.path()).is_ok());
    }
    // Only between two blocks nobody can know that there should be more.
    assert_eq!(sound, objects.groups.len());
    for place in 0..whole.len() {
        for change in [0x01, 0x80] {
            let mut changed = whole.clone();
            changed[place] ^= change;
            std::fs::write(file.path(), &changed).unwrap();
            let _any = read_at(file.path());
        }
    }
}

#[test]
fn progress_ends_at_twice_the_length_of_the_file() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/iceland");
    let path = path.join("facilities.osm.pbf");
    let done = AtomicU64::new(0);
    let progress = |more: u64| {
        done.fetch_add(more, Ordering::Relaxed);
    };
    extract(&Place::new(&path.to_string_lossy(), None), &school, &progress).unwrap();
    assert_eq!(done.into_inner(), 2 * std::fs::metadata(&path).unwrap().len());
}

fn iceland(file: &str) -> Place {
    Place::new(file, Some(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/iceland")))
}

#[test]
fn threads_change_nothing() {
    let place = iceland("facilities.osm.pbf");
    let read = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let read = || {
            extract(&place, &|tags| osm::built_in().classify(tags).map(|found| (found, 0)), &|_| ())
                .unwrap()
        };
        shown(&pool.install(read))
    };
    let one = read(1);
    assert!(one.len() > 100);
    assert_eq!(one, read(4));
}

/// All tags of an object.
type Pairs = Vec<(String, String)>;

fn everything(tags: &[(&str, &str)]) -> Pairs {
    tags.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

/// The object that osmium numbers so: areas of ways have even numbers, areas of relations odd ones.
fn object_of(area: &str) -> String {
    let (kind, number) = area.split_at(1);
    let number: i64 = number.parse().unwrap();
    match (kind, number % 2) {
        ("n", _) => format!("node/{number}"),
        ("w", _) => format!("way/{number}"),
        (_, 0) => format!("way/{}", number / 2),
        _ => format!("relation/{}", number / 2),
    }
}

/// Whether every vertex of a geometry is one of another, written with six decimals.
fn has_all(shape: &Geometry<f64>, other: &Geometry<f64>) -> bool {
    const ROUNDED: f64 = 0.5e-6 + 1e-12;
    let is_near = |one: Coord<f64>, other: Coord<f64>| {
        (one.x - other.x).abs() <= ROUNDED && (one.y - other.y).abs() <= ROUNDED
    };
    other.coords_iter().all(|at| shape.coords_iter().any(|own| is_near(own, at)))
}

/// How many holes each part of a surface has.
fn holes(shape: &Geometry<f64>) -> Vec<usize> {
    let Geometry::MultiPolygon(parts) = shape else { return Vec::new() };
    let mut holes: Vec<_> = parts.0.iter().map(|part| part.interiors().len()).collect();
    holes.sort_unstable();
    holes
}

#[test]
fn the_sites_of_iceland_are_those_that_osmium_reads() {
    let tell = |tags: &[(&str, &str)]| Ok::<_, ()>((everything(tags), 0));
    let extract = extract(&iceland("facilities.osm.pbf"), &tell, &|_| ()).unwrap();
    let read: BTreeMap<&str, &Found<Pairs>> =
        extract.found.iter().map(|found| (found.id.as_str(), found)).collect();
    let sites = vector::read(&iceland("facilities.geojson"), None, Remote::Refused).unwrap().rows;
    // Beside the sites it holds nodes and ways of theirs that have tags of their own, and two relations
    // of type site, which have no geometry.
    let beside = 129 + 28;
    assert_eq!((sites.len(), read.len(), extract.incomplete), (919, 919 + beside, 0));
    assert_eq!(extract.shapeless, BTreeMap::from([("site".into(), 2)]));
    assert_eq!(extract.total, 919 + beside as u64 + 2);
    let mut relations = 0;
    for Feature { id, properties, drawn, .. } in &sites {
        let id = object_of(id.as_deref().unwrap());
        let found = read[id.as_str()];
        for (key, value) in properties {
            let tag = (key.clone(), value.as_str().unwrap().to_string());
            assert!(found.told.contains(&tag), "{id} {tag:?}");
        }
        let (Drawn::Shape(own), Drawn::Shape(osmium)) = (&found.drawn, drawn) else {
            unreachable!("{id}")
        };
        assert!(has_all(own, osmium) && has_all(osmium, own), "{id}");
        if id.starts_with("relation/") {
            relations += 1;
            assert_eq!(holes(own), holes(osmium), "{id}");
            let ratio = own.unsigned_area() / osmium.unsigned_area();
            assert!((ratio - 1.0).abs() < 0.02, "{id} {ratio}");
        }
    }
    assert_eq!(relations, 9);
}

/// Reads a file that may take so many bytes of memory.
fn read_within(bytes: &[u8], budget: u64) -> Result<Extract<String, String>, ReadError> {
    let file = tempfile::NamedTempFile::with_suffix(".osm.pbf").unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let place = Place::new(&file.path().to_string_lossy(), None);
    extract(&place.within_budget(Budget { bytes: budget }), &school, &|_| ())
}

/// What is said of a file that takes more than it may; the budget of the way out is enough.
fn too_large(bytes: &[u8], budget: u64) -> String {
    let error = read_within(bytes, budget).err().unwrap();
    let hint = error.hint().unwrap();
    let (_, more) = hint.split_once("`--memory ").unwrap();
    let (gigabytes, _) = more.split_once("G`").unwrap();
    let more = gigabytes.parse::<u64>().unwrap() << 30;
    assert!(read_within(bytes, more).is_ok(), "{hint}");
    let text = error.to_string();
    text.split_once(".osm.pbf: ").unwrap().1.to_string()
}

#[test]
fn a_file_that_unpacks_to_more_than_any_map_is_refused_before_it_is_unpacked() {
    let zeros = vec![0; 20 << 20];
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut zlib, &zeros).unwrap();
    let blob = [write::whole(2, 20 << 20), write::bytes(3, &zlib.finish().unwrap())].concat();
    let one = packed(&blob);
    let head = write::header(&[]).len();
    let five = [&one[..head], &one[head..].repeat(5)].concat();
    let found = said(&five);
    assert!(found.contains("unpack to 100 MiB, wanted at most 6"), "{found}");
    // Heads that do not tell count as the most that they may.
    let untold = packed(&write::bytes(3, &blob));
    let three = [&untold, &untold[head..], &untold[head..]].concat();
    assert!(said(&three).contains("unpack to 96 MiB"), "{}", said(&three));
    let twice = [write::whole(2, 9), write::whole(2, 20 << 20), write::bytes(3, &blob)].concat();
    assert!(said(&packed(&twice)).ends_with("it tells two lengths of itself when unpacked"));
}

#[test]
fn a_block_of_far_more_than_writers_put_into_one_is_refused() {
    let many = 300_000;
    let dense = [1, 8, 9].map(|field| write::list(field, &vec![2; many])).concat();
    let block = write::bytes(2, &write::bytes(2, &dense));
    let file = |content: &[u8]| [write::header(&[]), write::block("OSMData", content)].concat();
    assert!(said(&file(&block)).ends_with("it holds over 262,144 objects, wanted some 8,000"));
    let empty = write::bytes(2, &write::bytes(3, b"").repeat(many));
    assert!(said(&file(&empty)).ends_with("it holds over 262,144 objects, wanted some 8,000"));
    let texts = write::bytes(1, &write::bytes(1, b"").repeat(2 << 20));
    assert!(said(&file(&texts)).ends_with("a table of over a million texts"));
    let tags: Vec<u64> = vec![1; 20_000];
    let way = [write::whole(1, 1), write::list(2, &tags), write::list(3, &tags)].concat();
    let tagged = write::bytes(2, &write::bytes(3, &way));
    assert!(said(&file(&tagged)).ends_with("an object of over 10,000 tags"));
}

#[test]
fn what_is_wanted_of_an_extract_must_fit_and_is_counted_to_its_end() {
    // A way of a million nodes, all of them one: two bytes a node.
    let long = square(Objects::default(), 1, [0, 0], 1).way(1, &vec![1; 1_000_000], SCHOOL);
    let found = too_large(&long.file(), 100 << 20);
    assert_eq!(
        found,
        "the objects that are wanted may need 152.6 MiB of memory, and 100 MiB may be used"
    );
    // Members of a relation that are not there.
    let members: Vec<i64> = (0..2_000_000).collect();
    let wide =
        [1, 2].map(|id| Objects::default().relation(id, &members, SCHOOL_AREA).block()).concat();
    let wide = [write::header(&[]), wide].concat();
    assert!(too_large(&wide, 100 << 20).starts_with("the objects that are wanted may need"));
    // A thousand relations of one way.
    let mut shared = square(Objects::default(), 1, [0, 0], 1).way(1, &vec![1; 10_000], &[]);
    for id in 1..=1000 {
        shared = shared.relation(id, &[1], SCHOOL_AREA);
    }
    assert!(
        too_large(&shared.file(), 500 << 20).starts_with("the objects that are wanted may need")
    );
    // Objects of which nothing is kept but why they are not wanted.
    let node = |mut objects: Objects, id: u64| {
        objects.texts.push(format!("key{id}"));
        let text = objects.texts.len() as u64 - 1;
        let place = [(1, id), (8, 0), (9, 0)].map(|(field, value)| write::whole(field, value));
        let tags = [write::list(2, &[text]), write::list(3, &[text])].concat();
        objects.groups.push(write::bytes(1, &[place.concat(), tags].concat()));
        objects
    };
    let block = |number: u64| {
        let ids = number * 1000..(number + 1) * 1000;
        ids.fold(Objects::default(), node).block()
    };
    let unused = [write::header(&[]), (0..20).flat_map(block).collect()].concat();
    assert!(too_large(&unused, 3 << 20).starts_with("the objects that are wanted may need"));
}

#[test]
fn a_block_that_does_not_fit_is_refused_by_its_place() {
    let large =
        Objects::default().node(1, [1, 1], &[("amenity", "school"), ("a", &"x".repeat(1 << 20))]);
    let at = write::header(&[]).len();
    let found = too_large(&large.file(), 4 << 20);
    let place: u64 = found
        .strip_prefix("its block at byte ")
        .and_then(|rest| rest.split_once(' '))
        .map(|(place, _)| place.parse().unwrap())
        .unwrap();
    assert!(place > at as u64 && place < at as u64 + 40, "{found}");
}

#[test]
fn rings_within_rings_without_end_are_no_surface() {
    let depth = 3000;
    let ring = |number: i64| {
        let side = f64::from(u32::try_from(2 * number + 2).unwrap());
        let low = -side / 2.0;
        let corners = [[low, low], [-low, low], [-low, -low], [low, -low], [low, low]];
        corners.into_iter().map(Coord::from).collect::<LineString<f64>>()
    };
    let rings: Vec<_> = (0..depth).map(ring).collect();
    assert!(rings::surface(rings.clone(), 1 << 24).is_none());
    let few = rings::surface(rings[..100].to_vec(), 1 << 24).unwrap();
    assert_eq!(few.0.len(), 50);
}
