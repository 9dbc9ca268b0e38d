//! OpenStreetMap extracts (PBF, or XML made into it): of all that a file holds, only what is wanted.
//!
//! The file is read in up to three passes over its blocks, in parallel. The first asks the caller of
//! every tagged object whether it is wanted, and keeps the courses of such ways and the members of such
//! relations; the second finds the ways that are members, the third the nodes that all of them run
//! through. Blocks whose ids are out of question are not even unpacked again. Memory grows with what is
//! wanted, not with the file, and objects may come in any order. What is kept is counted as it comes: once it
//! is more than the budget allows, all is dropped, and the pass goes on to tell how much would be needed.
//!
//! A node is a point, a way a line as it is drawn, a relation of type multipolygon or boundary the
//! surface that its ways enclose. Other relations have no geometry of their own; they are counted.
//!
//! Sources: <https://wiki.openstreetmap.org/wiki/PBF_Format>,
//! <https://wiki.openstreetmap.org/wiki/Relation:multipolygon>.

mod block;
mod file;
mod rings;
#[cfg(test)]
mod tests;
mod wire;
mod xml;

use super::features::Drawn;
use super::memory::Room;
use super::place::Place;
use crate::error::ReadError;
use block::{Block, Course, Instead, Kind, Node, Tags};
use file::{Blocks, Stretch};
use geo::{Coord, Geometry, LineString, MultiLineString, Point};
use rayon::prelude::*;
use std::collections::BTreeMap;
use wire::Broken;

/// What an extract holds of what was asked for.
pub(super) struct Extract<T, E> {
    /// Nodes by id, then ways by id, then relations by id.
    pub(super) found: Vec<Found<T>>,
    /// Tagged objects that are not wanted, by the reason that was given.
    pub(super) unused: BTreeMap<E, u64>,
    /// Relations that are wanted but have no geometry of their own, by their type.
    pub(super) shapeless: BTreeMap<String, u64>,
    /// Objects with tags in all: found, unused and shapeless together.
    pub(super) total: u64,
    /// Found objects of which not all is drawn: nodes or ways of theirs are not in the file, as at the
    /// border of an extract, or their ways do not all close to rings.
    pub(super) incomplete: u64,
    /// What the server says that wrote the file.
    pub(super) said: Option<String>,
}

/// A wanted object.
pub(super) struct Found<T> {
    /// Its kind and number: `node/1`, `way/2`, `relation/3`.
    pub(super) id: String,
    /// What the caller made of its tags.
    pub(super) told: T,
    /// Where it is, in longitude and latitude.
    pub(super) drawn: Drawn,
}

/// How the caller judges the tags of an object: what it makes of them, and how many bytes that holds beside
/// itself; or why it is not wanted.
pub(super) type Tell<'a, T, E> = &'a (dyn Fn(&[(&str, &str)]) -> Result<(T, u64), E> + Sync);

/// Bytes that an object takes until it is a site or a feature, about, without its nodes and texts.
const OBJECT: u64 = 1024;

/// Bytes that a node of a way takes: its id, once more among those that are looked for, its place, and that
/// of the vertex.
const NODE: u64 = 80;

/// Bytes that a node of a way takes in a relation: in the line, the ring and the surface.
pub(super) const VERTEX: u64 = 64;

/// Whether a file is an extract of OpenStreetMap, by its ending: binary, or XML, packed or not.
pub(super) fn is_extract(place: &Place) -> bool {
    let name = place.resolved.to_string_lossy().to_lowercase();
    !name.starts_with("/vsi")
        && [".pbf", ".osm", ".osm.gz", ".osm.bz2"].iter().any(|end| name.ends_with(end))
}

/// Reads what is wanted of an extract. `progress` is told how many bytes are done since it was last
/// told, on any thread; in the end they are twice the length of the file.
///
/// # Errors
///
/// If the file is not there, is no PBF, is cut short or not sound, asks for what is not known here, or
/// holds a wanted object twice; if what is wanted of it takes more memory than it may.
pub(super) fn extract<T: Send, E: Ord + Send>(
    place: &Place,
    tell: Tell<'_, T, E>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Extract<T, E>, ReadError> {
    let blocks = Blocks::open(place)?;
    progress(2 * blocks.overhead());
    let shares = blocks.stretches.par_iter().map(|&stretch| {
        let share = blocks.read(stretch, |bytes| Share::read(bytes, tell, &blocks.room));
        progress(stretch.bytes);
        share
    });
    let shares = shares.collect();
    blocks.check_room()?;
    let mut wanted = Wanted::of(&blocks, shares)?;
    wanted.sort(&place.written)?;
    let again = Again { blocks: &blocks, parts: &wanted.parts, progress };
    let members = again.ways(&wanted.members())?;
    let courses = wanted.ways.iter().map(|(_, _, (course, _))| course);
    let nodes = again.nodes(&needed(courses.chain(members.iter().map(|(_, course)| course))))?;
    blocks.room.keep(VERTEX * wanted.vertices(&members));
    blocks.check_room()?;
    Ok(wanted.drawn(&members, &nodes))
}

/// The surface that lines enclose which end at the same places, and whether all of them close to rings.
pub(super) fn enclosed(lines: &[LineString<f64>]) -> (Drawn, bool) {
    let ends = |line: &LineString<f64>| Some([*line.0.first()?, *line.0.last()?]);
    let key = |at: Coord<f64>| (at.x.to_bits(), at.y.to_bits());
    let mut places: Vec<_> = lines.iter().filter_map(ends).flatten().map(key).collect();
    places.sort_unstable();
    places.dedup();
    let arc = |line: &LineString<f64>| {
        let ends = ends(line)?
            .map(|at| places.partition_point(|other| *other < key(at)).cast_signed() as i64);
        Some(rings::Arc { ends, at: line.0.clone() })
    };
    let (rings, open) = rings::rings(&lines.iter().filter_map(arc).collect::<Vec<_>>());
    let is_closed = open.is_empty();
    if rings.is_empty() {
        return (Drawn::Shape(MultiLineString(open).into()), is_closed);
    }
    let surface = rings::surface(rings, rings::most_looks(1 << 8));
    let why = || Drawn::Unreadable("too many of its rings lie within each other".into());
    (surface.map_or_else(why, |surface| Drawn::Shape(surface.into())), is_closed)
}

/// The least and the greatest id of some objects of a block.
type Ids = Option<[i64; 2]>;

fn widen(ids: &mut Ids, id: i64) {
    let [least, most] = ids.get_or_insert([id, id]);
    (*least, *most) = (id.min(*least), id.max(*most));
}

/// Those of sorted ids that a block may hold.
fn within(sorted: &[i64], ids: Ids) -> &[i64] {
    let Some([least, most]) = ids else { return &[] };
    let (from, to) =
        (sorted.partition_point(|id| *id < least), sorted.partition_point(|id| *id <= most));
    sorted.get(from..to).unwrap_or_default()
}

/// Objects that are wanted, by their ids: where a node is or why it is nowhere, the course of a way, the ways of a
/// relation sorted; and what stands for those of which not all is there.
type TaggedNode<T> = (i64, T, Result<Coord<f64>, Box<str>>);
type TaggedWay<T> = (i64, T, (Course, Option<Instead>));
type TaggedRelation<T> = (i64, T, (Vec<i64>, Option<Instead>));

/// What the first pass finds in one block.
struct Share<'r, T, E> {
    nodes: Vec<TaggedNode<T>>,
    ways: Vec<TaggedWay<T>>,
    relations: Vec<TaggedRelation<T>>,
    unused: BTreeMap<E, u64>,
    shapeless: BTreeMap<String, u64>,
    total: u64,
    node_ids: Ids,
    way_ids: Ids,
    room: &'r Room,
}

impl<'r, T, E: Ord> Share<'r, T, E> {
    fn read(bytes: &[u8], tell: Tell<'_, T, E>, room: &'r Room) -> Result<Self, Broken> {
        let block = Block::read(bytes)?;
        let mut share = Self {
            nodes: Vec::new(),
            ways: Vec::new(),
            relations: Vec::new(),
            unused: BTreeMap::new(),
            shapeless: BTreeMap::new(),
            total: 0,
            node_ids: None,
            way_ids: None,
            room,
        };
        share.keeps(size_of::<Self>() as u64);
        let mut pairs = Vec::new();
        block.each_node(|Node { id, at, fault }, tags| {
            widen(&mut share.node_ids, id);
            if tags.is_empty() {
                return Ok(());
            }
            block.texts(tags, &mut pairs)?;
            if let Some((told, bytes)) = share.told(&pairs, tell)
                && share.keeps(bytes + fault.map_or(0, str::len) as u64)
            {
                share.nodes.push((id, told, fault.map_or(Ok(at), |why| Err(why.into()))));
            }
            Ok(())
        })?;
        let mut tags = Tags::default();
        block.each(Kind::Way, |way| {
            let id = block::id_of(way)?;
            widen(&mut share.way_ids, id);
            tags.read(way)?;
            if tags.is_empty() {
                return Ok(());
            }
            block.texts(&tags, &mut pairs)?;
            if let Some((told, bytes)) = share.told(&pairs, tell)
                && share.keeps(bytes + NODE * block::nodes_of(way))
            {
                share.ways.push((id, told, (block.course(way)?, block.instead(way)?)));
            }
            Ok(())
        })?;
        block.each(Kind::Relation, |relation| {
            let id = block::id_of(relation)?;
            tags.read(relation)?;
            if !tags.is_empty() {
                block.texts(&tags, &mut pairs)?;
                if let Some(told) = share.told(&pairs, tell) {
                    let relation = (relation, block.instead(relation)?);
                    share.add_relation((id, told), relation, &pairs)?;
                }
            }
            Ok(())
        })?;
        Ok(share)
    }

    /// Counts bytes that are to be kept. Whether they may be: if not, what was kept so far goes.
    fn keeps(&mut self, bytes: u64) -> bool {
        let fits = self.room.keep(bytes);
        if !fits {
            (self.nodes, self.ways, self.relations) = (Vec::new(), Vec::new(), Vec::new());
            (self.unused, self.shapeless) = (BTreeMap::new(), BTreeMap::new());
        }
        fits
    }

    /// What the caller makes of an object, and how many bytes it takes; nothing if it is not wanted.
    fn told(&mut self, tags: &[(&str, &str)], tell: Tell<'_, T, E>) -> Option<(T, u64)> {
        self.total += 1;
        match tell(tags) {
            Ok((told, bytes)) => Some((told, OBJECT + size_of::<T>() as u64 + bytes)),
            Err(why) => {
                if let Some(count) = self.unused.get_mut(&why) {
                    *count += 1;
                } else if self.keeps(text_bytes(tags)) {
                    self.unused.insert(why, 1);
                }
                None
            }
        }
    }

    fn add_relation(
        &mut self,
        (id, (told, bytes)): (i64, (T, u64)),
        (relation, instead): (&[u8], Option<Instead>),
        tags: &[(&str, &str)],
    ) -> Result<(), Broken> {
        match tags.iter().find(|(key, _)| *key == "type").map(|(_, kind)| *kind) {
            Some("multipolygon" | "boundary") => {
                let members = size_of::<i64>() as u64 * block::members_of(relation);
                if self.keeps(bytes + 2 * members) {
                    let members = sorted(block::member_ways(relation)?);
                    self.relations.push((id, told, (members, instead)));
                }
            }
            _ if instead.is_some() => {
                if self.keeps(bytes) {
                    self.relations.push((id, told, (Vec::new(), instead)));
                }
            }
            kind => {
                let kind = kind.unwrap_or("no type");
                if let Some(count) = self.shapeless.get_mut(kind) {
                    *count += 1;
                } else if self.keeps(text_bytes(tags)) {
                    self.shapeless.insert(kind.to_string(), 1);
                }
            }
        }
        Ok(())
    }
}

/// Bytes that the tags of an object take as texts, at most.
fn text_bytes(tags: &[(&str, &str)]) -> u64 {
    let bytes: usize = tags.iter().map(|(key, value)| 64 + key.len() + value.len()).sum();
    bytes as u64
}

/// Where a block is, and between which ids its nodes and ways are.
struct Part {
    stretch: Stretch,
    nodes: Ids,
    ways: Ids,
}

/// What the first pass finds in all blocks.
struct Wanted<T, E> {
    nodes: Vec<TaggedNode<T>>,
    ways: Vec<TaggedWay<T>>,
    relations: Vec<TaggedRelation<T>>,
    parts: Vec<Part>,
    extract: Extract<T, E>,
}

impl<T, E: Ord> Wanted<T, E> {
    /// Joins the shares of blocks, in the order of the file.
    fn of(
        blocks: &Blocks,
        shares: Vec<Result<Share<'_, T, E>, ReadError>>,
    ) -> Result<Self, ReadError> {
        let extract = Extract {
            found: Vec::new(),
            unused: BTreeMap::new(),
            shapeless: BTreeMap::new(),
            total: 0,
            incomplete: 0,
            said: blocks.said.clone(),
        };
        let mut wanted = Self {
            nodes: Vec::new(),
            ways: Vec::new(),
            relations: Vec::new(),
            parts: Vec::with_capacity(shares.len()),
            extract,
        };
        for (&stretch, share) in blocks.stretches.iter().zip(shares) {
            let share = share?;
            wanted.parts.push(Part { stretch, nodes: share.node_ids, ways: share.way_ids });
            wanted.nodes.extend(share.nodes);
            wanted.ways.extend(share.ways);
            wanted.relations.extend(share.relations);
            wanted.extract.total += share.total;
            for (why, count) in share.unused {
                *wanted.extract.unused.entry(why).or_default() += count;
            }
            for (kind, count) in share.shapeless {
                *wanted.extract.shapeless.entry(kind).or_default() += count;
            }
        }
        Ok(wanted)
    }

    /// Sorts all by id, and refuses what is there twice.
    fn sort(&mut self, written: &str) -> Result<(), ReadError> {
        let twice = [
            ("node", sort(&mut self.nodes)),
            ("way", sort(&mut self.ways)),
            ("relation", sort(&mut self.relations)),
        ];
        match twice.into_iter().find_map(|(kind, id)| Some((kind, id?))) {
            None => Ok(()),
            Some((kind, id)) => Err(ReadError::unusable_hint(
                written,
                format!("{kind}/{id} is there twice, wanted one state of each object"),
                "join extracts with `osmium merge`, which keeps what they share once",
            )),
        }
    }

    /// How many vertices all relations have by their ways.
    fn vertices(&self, ways: &[(i64, Course)]) -> u64 {
        let nodes = |member: &i64| {
            let place = ways.binary_search_by_key(member, |(id, _)| *id).ok()?;
            Some(ways[place].1.nodes.len() as u64)
        };
        let of = |members: &Vec<i64>| members.iter().filter_map(nodes).sum::<u64>();
        self.relations.iter().map(|(.., (members, _))| of(members)).sum()
    }

    /// The ways that are members of relations, sorted.
    fn members(&self) -> Vec<i64> {
        sorted(self.relations.iter().flat_map(|(.., (members, _))| members).copied().collect())
    }
}

/// Sorts by id; the first id that is there twice.
fn sort<A, B>(objects: &mut [(i64, A, B)]) -> Option<i64> {
    objects.sort_by_key(|(id, ..)| *id);
    objects.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0)
}

fn sorted(mut ids: Vec<i64>) -> Vec<i64> {
    ids.par_sort_unstable();
    ids.dedup();
    ids
}

/// The nodes whose places have to be looked for, sorted.
fn needed<'a>(courses: impl Iterator<Item = &'a Course>) -> Vec<i64> {
    let unplaced = courses.filter(|course| course.at.is_empty());
    sorted(unplaced.flat_map(|course| &course.nodes).copied().collect())
}

/// The places of nodes.
struct Places {
    ids: Vec<i64>,
    /// Not a number where the file has no such node.
    at: Vec<Coord<f64>>,
}

const NOWHERE: Coord<f64> = Coord { x: f64::NAN, y: f64::NAN };

/// The later passes.
struct Again<'a> {
    blocks: &'a Blocks,
    parts: &'a [Part],
    progress: &'a (dyn Fn(u64) + Sync),
}

impl Again<'_> {
    /// The courses of ways, by id; of ways that are there twice, the first.
    fn ways(&self, wanted: &[i64]) -> Result<Vec<(i64, Course)>, ReadError> {
        let found = self.parts.par_iter().map(|part| {
            let wanted = within(wanted, part.ways);
            // A block that holds nodes too is done when these are.
            let room = &self.blocks.room;
            self.read(part, wanted, part.nodes.is_none(), |block| courses_in(block, wanted, room))
        });
        let found = found.collect::<Vec<_>>();
        self.blocks.check_room()?;
        let mut ways = Vec::new();
        for found in found {
            ways.extend(found?);
        }
        ways.sort_by_key(|(id, _)| *id);
        ways.dedup_by_key(|(id, _)| *id);
        Ok(ways)
    }

    /// The places of nodes; of nodes that are there twice, that of the first.
    fn nodes(&self, wanted: &[i64]) -> Result<Places, ReadError> {
        let found = self.parts.par_iter().map(|part| {
            let Some([least, _]) = part.nodes else { return Ok(Vec::new()) };
            let first = wanted.partition_point(|id| *id < least);
            let wanted = within(wanted, part.nodes);
            let room = &self.blocks.room;
            let found = self.read(part, wanted, true, |block| places_in(block, wanted, room));
            found.map(|found| found.into_iter().map(|(place, at)| (first + place, at)).collect())
        });
        let found = found.collect::<Vec<Result<Vec<_>, _>>>();
        self.blocks.check_room()?;
        let mut at = vec![NOWHERE; wanted.len()];
        for found in found {
            for (place, coord) in found? {
                if at[place].x.is_nan() {
                    at[place] = coord;
                }
            }
        }
        Ok(Places { ids: wanted.to_vec(), at })
    }

    /// Reads a block again, if it may hold any of the wanted ids.
    fn read<R: Default>(
        &self,
        part: &Part,
        wanted: &[i64],
        is_done: bool,
        read: impl FnOnce(&Block) -> Result<R, Broken>,
    ) -> Result<R, ReadError> {
        let read = if wanted.is_empty() {
            Ok(R::default())
        } else {
            self.blocks.read(part.stretch, |bytes| read(&Block::read(bytes)?))
        };
        if is_done {
            (self.progress)(part.stretch.bytes);
        }
        read
    }
}

/// Those ways of a block that are wanted; none once there is no room for more.
fn courses_in(block: &Block, wanted: &[i64], room: &Room) -> Result<Vec<(i64, Course)>, Broken> {
    let mut found = Vec::new();
    block.each(Kind::Way, |way| {
        let id = block::id_of(way)?;
        if wanted.binary_search(&id).is_ok() {
            if room.keep(64 + NODE * block::nodes_of(way)) {
                found.push((id, block.course(way)?));
            } else {
                found = Vec::new();
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// Where those nodes of a block are that are wanted, each by its place among the wanted; none once there is
/// no room for more.
fn places_in(
    block: &Block,
    wanted: &[i64],
    room: &Room,
) -> Result<Vec<(usize, Coord<f64>)>, Broken> {
    let mut found: Vec<(usize, Coord<f64>)> = Vec::new();
    let mut next = 0;
    block.each_node(|Node { id, at, fault }, _| {
        // Ids mostly rise, so that the next one to look for is known.
        if next > 0 && wanted[next - 1] >= id {
            next = 0;
        }
        if wanted.get(next).is_some_and(|wanted| *wanted < id) {
            next += wanted[next..].partition_point(|wanted| *wanted < id);
        }
        if wanted.get(next) == Some(&id) {
            found.extend(fault.is_none().then_some((next, at)));
            next += 1;
        }
        Ok::<_, Broken>(())
    })?;
    let fits = room.keep(size_of_val(found.as_slice()) as u64);
    Ok(if fits { found } else { Vec::new() })
}

impl Places {
    fn of(&self, node: i64) -> Option<Coord<f64>> {
        let place = self.ids.binary_search(&node).ok()?;
        self.at.get(place).copied().filter(|at| !at.x.is_nan())
    }

    /// The nodes of a course that are somewhere, with their places; and whether those are all.
    fn along(&self, course: &Course) -> (Vec<(i64, Coord<f64>)>, bool) {
        // Ways that tell their places do so for nodes beyond the extract too, by what is no place.
        let is_place = |at: &Coord<f64>| at.x.abs() <= 180.0 && at.y.abs() <= 90.0;
        let place = |(index, &node): (usize, &i64)| {
            let own = course.at.get(index).copied().filter(is_place);
            let at = if course.at.is_empty() { self.of(node) } else { own };
            Some((node, at?))
        };
        let along: Vec<_> = course.nodes.iter().enumerate().filter_map(place).collect();
        let is_whole = along.len() == course.nodes.len();
        (along, is_whole)
    }

    /// A way as it is drawn, and whether that is all of it.
    fn line(&self, course: &Course) -> (Drawn, bool) {
        let (along, is_whole) = self.along(course);
        let drawn = match along.as_slice() {
            [] if course.nodes.is_empty() => Drawn::Unreadable("it has no nodes".into()),
            [] => Drawn::Unreadable("none of its nodes is in the file".into()),
            [(_, at)] => Drawn::Shape(Point(*at).into()),
            _ => {
                let line: LineString<f64> = along.iter().map(|(_, at)| *at).collect();
                Drawn::Shape(line.into())
            }
        };
        (drawn, is_whole)
    }

    /// The surface that the ways of a relation enclose, and whether that is all of it.
    fn surface(&self, members: &[i64], ways: &[(i64, Course)], most_looks: u64) -> (Drawn, bool) {
        let mut arcs = Vec::new();
        let mut is_whole = true;
        for member in members {
            let Ok(place) = ways.binary_search_by_key(member, |(id, _)| *id) else {
                is_whole = false;
                continue;
            };
            let (along, all) = self.along(&ways[place].1);
            is_whole &= all;
            if let [(first, _), .., (last, _)] = along.as_slice() {
                let ends = [*first, *last];
                arcs.push(rings::Arc { ends, at: along.iter().map(|(_, at)| *at).collect() });
            }
        }
        let (rings, open) = rings::rings(&arcs);
        is_whole &= open.is_empty();
        let shape: Geometry<f64> = match (rings.is_empty(), open.is_empty()) {
            (true, true) if members.is_empty() => {
                return (Drawn::Unreadable("no way is a member of it".into()), is_whole);
            }
            (true, true) => {
                let why = "none of its ways is in the file with two nodes or more";
                return (Drawn::Unreadable(why.into()), is_whole);
            }
            (true, false) => MultiLineString(open).into(),
            (false, _) => {
                let Some(surface) = rings::surface(rings, most_looks) else {
                    let why = "too many of its rings lie within each other";
                    return (Drawn::Unreadable(why.into()), is_whole);
                };
                surface.into()
            }
        };
        (Drawn::Shape(shape), is_whole)
    }
}

/// Ids below are of objects that tell none.
const UNNUMBERED: i64 = i64::MIN >> 1;

/// What is drawn of an object, and whether that is all; or what stands for it.
fn or((drawn, is_whole): (Drawn, bool), instead: Option<Instead>) -> (Drawn, bool) {
    let is_drawn = is_whole && matches!(drawn, Drawn::Shape(_));
    match instead {
        Some(Instead::Fault(why)) => (Drawn::Unreadable(why.into()), true),
        Some(Instead::Center(at)) if !is_drawn => (Drawn::Shape(Point(at).into()), true),
        _ => (drawn, is_whole),
    }
}

impl<T: Send, E: Ord> Wanted<T, E> {
    /// All that is found, each where it is.
    fn drawn(self, members: &[(i64, Course)], places: &Places) -> Extract<T, E> {
        let mut extract = self.extract;
        let found = |kind: &str, id: i64, told: T, drawn: Drawn| {
            let id = if id < UNNUMBERED { "?".to_string() } else { id.to_string() };
            Found { id: format!("{kind}/{id}"), told, drawn }
        };
        let nodes = self.nodes.into_iter().map(|(id, told, at)| {
            let at = at.map(|at| Drawn::Shape(Point(at).into()));
            found("node", id, told, at.unwrap_or_else(|why| Drawn::Unreadable(why.into())))
        });
        extract.found.extend(nodes);
        let ways = self.ways.into_par_iter().map(|(id, told, (course, instead))| {
            let (drawn, is_whole) = or(places.line(&course), instead);
            (found("way", id, told, drawn), is_whole)
        });
        let most_looks = rings::most_looks(self.relations.len());
        let relations = self.relations.into_par_iter().map(|(id, told, (ids, instead))| {
            let (drawn, is_whole) = or(places.surface(&ids, members, most_looks), instead);
            (found("relation", id, told, drawn), is_whole)
        });
        for (found, is_whole) in ways.chain(relations).collect::<Vec<_>>() {
            extract.incomplete += u64::from(!is_whole);
            extract.found.push(found);
        }
        extract
    }
}
