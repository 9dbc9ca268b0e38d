//! A block of an extract: nodes, ways and relations that share a table of texts.
//!
//! Of an object only what is asked for is read: its id and tags first, nodes of a way or members of a
//! relation when somebody wants it. Who mapped it and when is never looked at.
//!
//! Lists are read number by number and not kept, since a number of one byte would take eight. What a block
//! may hold is bounded: a writer puts some 8,000 objects into one, and a few kilobytes may unpack to millions.

use super::wire::{Broken, Message, Numbers, signed};
use geo::Coord;
use std::iter::zip;

/// Nanodegrees in a degree.
const NANO: f64 = 1e9;

/// So many objects one block may hold: thirty times what writers put into one.
const MOST_OBJECTS: usize = 1 << 18;

/// So many texts the table of one block may have.
const MOST_TEXTS: usize = 1 << 20;

/// So many tags one object may have; the database of OpenStreetMap takes 5,000.
const MOST_TAGS: usize = 10_000;

/// A field of our own: the text of why an object cannot be read.
pub(super) const FAULT: u64 = 100;

/// A field of our own: the center of a way or relation, north and east in steps.
pub(super) const CENTER: u64 = 101;

/// A block, its groups still to be read.
pub(super) struct Block<'a> {
    content: &'a [u8],
    texts: Vec<&'a [u8]>,
    /// Nanodegrees of a step.
    step: i64,
    /// Nanodegrees of the origin: longitude, latitude.
    origin: [i64; 2],
}

/// A node: where it is, and its tags.
pub(super) struct Node<'a> {
    pub(super) id: i64,
    pub(super) at: Coord<f64>,
    /// Why it is nowhere.
    pub(super) fault: Option<&'a str>,
}

/// What stands for an object of which not all is there.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Instead {
    /// The place at its center.
    Center(Coord<f64>),
    /// Nothing: why it cannot be read.
    Fault(Box<str>),
}

/// The tags of an object, by their places in the table of texts.
#[derive(Default)]
pub(super) struct Tags(Vec<(u64, u64)>);

/// The course of a way.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Course {
    /// Its nodes.
    pub(super) nodes: Vec<i64>,
    /// Where they are, if the way itself tells; else empty.
    pub(super) at: Vec<Coord<f64>>,
}

/// Which objects a group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Way,
    Relation,
}

impl<'a> Block<'a> {
    pub(super) fn read(content: &'a [u8]) -> Result<Self, Broken> {
        let mut block = Self { content, texts: Vec::new(), step: 100, origin: [0; 2] };
        let mut message = Message(content);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => block.add_texts(value.bytes()?)?,
                17 => block.step = value.number()?.cast_signed(),
                19 => block.origin[1] = value.number()?.cast_signed(),
                20 => block.origin[0] = value.number()?.cast_signed(),
                _ => {}
            }
        }
        block.check_count()?;
        Ok(block)
    }

    /// Adds the texts of a table.
    fn add_texts(&mut self, table: &'a [u8]) -> Result<(), Broken> {
        let mut message = Message(table);
        while let Some((field, value)) = message.field()? {
            if field == 1 {
                self.texts.push(value.bytes()?);
            }
            if self.texts.len() > MOST_TEXTS {
                return Err(Broken("a table of over a million texts"));
            }
        }
        Ok(())
    }

    /// Calls `visit` with each field of each group.
    fn each_field<E: From<Broken>>(
        &self,
        mut visit: impl FnMut(u64, &'a [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut message = Message(self.content);
        while let Some((field, group)) = message.field()? {
            if field != 2 {
                continue;
            }
            let mut group = Message(group.bytes()?);
            while let Some((field, value)) = group.field()? {
                if (1..=4).contains(&field) {
                    visit(field, value.bytes()?)?;
                }
            }
        }
        Ok(())
    }

    /// Refuses a block of more objects than any writer puts into one.
    fn check_count(&self) -> Result<(), Broken> {
        let mut objects = 0;
        self.each_field(|field, content| {
            let dense = || Numbers::of(content, 1).take(MOST_OBJECTS + 1).count();
            objects += if field == 2 { dense() } else { 1 };
            if objects > MOST_OBJECTS {
                return Err(Broken("it holds over 262,144 objects, wanted some 8,000"));
            }
            Ok(())
        })
    }

    /// Calls `visit` with each node, and its tags.
    pub(super) fn each_node<E: From<Broken>>(
        &self,
        mut visit: impl FnMut(Node<'_>, &Tags) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut tags = Tags::default();
        self.each_field(|field, content| match field {
            1 => {
                let node = self.node(content, &mut tags)?;
                visit(node, &tags)
            }
            2 => self.each_dense(content, &mut tags, &mut visit),
            _ => Ok(()),
        })
    }

    /// A node by itself.
    fn node(&self, node: &'a [u8], tags: &mut Tags) -> Result<Node<'a>, Broken> {
        let ([mut id, mut x, mut y], mut fault) = ([None; 3], None);
        let mut message = Message(node);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => id = Some(signed(value.number()?)),
                8 => y = Some(signed(value.number()?)),
                9 => x = Some(signed(value.number()?)),
                FAULT => fault = Some(text(value.bytes()?)?),
                _ => {}
            }
        }
        let (Some(id), Some(x), Some(y)) = (id, x, y) else {
            return Err(Broken("a node without id or place"));
        };
        tags.read(node)?;
        Ok(Node { id, at: self.coord(x, y), fault })
    }

    /// Nodes column by column.
    fn each_dense<E: From<Broken>>(
        &self,
        dense: &[u8],
        tags: &mut Tags,
        visit: &mut impl FnMut(Node<'_>, &Tags) -> Result<(), E>,
    ) -> Result<(), E> {
        let column = |field: u64| Numbers::of(dense, field);
        let (mut y, mut x) = (column(8).running(), column(9).running());
        // For each node its keys and values and a 0. Where no node has a tag the column may be left out.
        let mut texts = column(10);
        let is_tagged = texts.clone().next().is_some();
        for id in column(1).running() {
            let (Some(x), Some(y)) = (x.next(), y.next()) else {
                return Err(Broken("fewer places than nodes").into());
            };
            let node = Node { id: id?, at: self.coord(x?, y?), fault: None };
            tags.0.clear();
            if is_tagged {
                tags.take(&mut texts)?;
            }
            visit(node, tags)?;
        }
        if x.next().is_some() || y.next().is_some() {
            return Err(Broken("more places than nodes").into());
        }
        if texts.next().is_some() {
            return Err(Broken("tags of more nodes than there are").into());
        }
        Ok(())
    }

    /// Calls `visit` with the ways or relations, each a message to be read.
    pub(super) fn each<E: From<Broken>>(
        &self,
        kind: Kind,
        mut visit: impl FnMut(&'a [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each_field(|field, content| match (field, kind) {
            (3, Kind::Way) | (4, Kind::Relation) => visit(content),
            _ => Ok(()),
        })
    }

    fn coord(&self, x: i64, y: i64) -> Coord<f64> {
        let degrees = |origin: i64, steps: i64| {
            origin.wrapping_add(self.step.wrapping_mul(steps)) as f64 / NANO
        };
        Coord { x: degrees(self.origin[0], x), y: degrees(self.origin[1], y) }
    }

    /// Tags as texts.
    pub(super) fn texts(
        &self,
        tags: &Tags,
        into: &mut Vec<(&'a str, &'a str)>,
    ) -> Result<(), Broken> {
        into.clear();
        for &(key, value) in &tags.0 {
            into.push((self.text(key)?, self.text(value)?));
        }
        Ok(())
    }

    fn text(&self, place: u64) -> Result<&'a str, Broken> {
        let bytes = usize::try_from(place).ok().and_then(|place| self.texts.get(place).copied());
        text(bytes.ok_or(Broken("a tag without its text"))?)
    }

    /// What stands for a way or relation of which not all is there.
    pub(super) fn instead(&self, object: &[u8]) -> Result<Option<Instead>, Broken> {
        let mut message = Message(object);
        let mut instead = None;
        while let Some((field, value)) = message.field()? {
            match field {
                FAULT => return Ok(Some(Instead::Fault(text(value.bytes()?)?.into()))),
                CENTER => {
                    let mut steps = Numbers::of(object, CENTER).map(|step| step.map(signed));
                    if let (Some(y), Some(x)) = (steps.next(), steps.next()) {
                        instead = Some(Instead::Center(self.coord(x?, y?)));
                    }
                }
                _ => {}
            }
        }
        Ok(instead)
    }

    /// The course of a way.
    pub(super) fn course(&self, way: &[u8]) -> Result<Course, Broken> {
        let nodes = Numbers::of(way, 8).running().collect::<Result<Vec<_>, _>>()?;
        let places = zip(Numbers::of(way, 10).running(), Numbers::of(way, 9).running());
        let at = places.map(|(x, y)| Ok(self.coord(x?, y?)));
        let at = at.take(nodes.len()).collect::<Result<Vec<_>, _>>()?;
        let is_as_long = |field: u64| Numbers::of(way, field).count() == at.len();
        if !(is_as_long(9) && is_as_long(10) && (at.is_empty() || at.len() == nodes.len())) {
            return Err(Broken("a way with more places than nodes, or fewer"));
        }
        Ok(Course { nodes, at })
    }
}

fn text(bytes: &[u8]) -> Result<&str, Broken> {
    std::str::from_utf8(bytes).map_err(|_which_byte| Broken("a tag that is not UTF-8 text"))
}

impl Tags {
    /// Reads the tags of an object; what they were before is forgotten.
    pub(super) fn read(&mut self, object: &[u8]) -> Result<(), Broken> {
        self.0.clear();
        let (keys, mut values) = (Numbers::of(object, 2), Numbers::of(object, 3));
        for key in keys {
            let value = values.next().ok_or(Broken("more keys than values"))??;
            self.push(key?, value)?;
        }
        if values.next().is_some() {
            return Err(Broken("more values than keys"));
        }
        Ok(())
    }

    /// Takes the tags of one node from those of many.
    fn take(&mut self, texts: &mut Numbers) -> Result<(), Broken> {
        const CUT: Broken = Broken("tags of fewer nodes than there are");
        loop {
            // Only a key of 0 ends the tags of a node: a value may be the empty text.
            let key = texts.next().ok_or(CUT)??;
            if key == 0 {
                return Ok(());
            }
            let value = texts.next().ok_or(CUT)??;
            self.push(key, value)?;
        }
    }

    fn push(&mut self, key: u64, value: u64) -> Result<(), Broken> {
        if self.0.len() == MOST_TAGS {
            return Err(Broken("an object of over 10,000 tags"));
        }
        self.0.push((key, value));
        Ok(())
    }

    /// Whether there are none.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The id of a way or relation.
pub(super) fn id_of(object: &[u8]) -> Result<i64, Broken> {
    let mut message = Message(object);
    while let Some((field, value)) = message.field()? {
        if field == 1 {
            return Ok(value.number()?.cast_signed());
        }
    }
    Err(Broken("a way or relation without id"))
}

/// How many nodes a way has.
pub(super) fn nodes_of(way: &[u8]) -> u64 {
    Numbers::of(way, 8).count() as u64
}

/// How many members a relation has.
pub(super) fn members_of(relation: &[u8]) -> u64 {
    Numbers::of(relation, 9).count() as u64
}

/// The ways among the members of a relation.
pub(super) fn member_ways(relation: &[u8]) -> Result<Vec<i64>, Broken> {
    const WAY: u64 = 1;
    let mut kinds = Numbers::of(relation, 10);
    let mut ways = Vec::new();
    for id in Numbers::of(relation, 9).running() {
        let kind = kinds.next().ok_or(Broken("more members than kinds of members"))??;
        let id = id?;
        if kind == WAY {
            ways.push(id);
        }
    }
    if kinds.next().is_some() {
        return Err(Broken("more kinds of members than members"));
    }
    Ok(ways)
}
