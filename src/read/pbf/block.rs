//! A block of an extract: nodes, ways and relations that share a table of texts.
//!
//! Of an object only what is asked for is read: its id and tags first, nodes of a way or members of a
//! relation when somebody wants it. Who mapped it and when is never looked at.

use super::wire::{Broken, Message, running, signed};
use geo::Coord;

/// Nanodegrees in a degree.
const NANO: f64 = 1e9;

/// A block, its groups still to be read.
pub(super) struct Block<'a> {
    texts: Vec<&'a [u8]>,
    groups: Vec<&'a [u8]>,
    /// Nanodegrees of a step.
    step: i64,
    /// Nanodegrees of the origin: longitude, latitude.
    origin: [i64; 2],
}

/// Nodes of a block, column by column.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) ids: Vec<i64>,
    /// In steps: longitude, latitude.
    at: [Vec<i64>; 2],
    /// For each node its keys and values, each by its place in the table of texts, and a 0.
    tags: Vec<u64>,
}

/// A way or relation: its id and tags.
#[derive(Default)]
pub(super) struct Head {
    pub(super) id: i64,
    keys: Vec<u64>,
    values: Vec<u64>,
}

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
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Broken> {
        let mut block = Self { texts: Vec::new(), groups: Vec::new(), step: 100, origin: [0; 2] };
        let mut message = Message(bytes);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => block.texts.append(&mut table(value.bytes()?)?),
                2 => block.groups.push(value.bytes()?),
                17 => block.step = value.number()?.cast_signed(),
                19 => block.origin[1] = value.number()?.cast_signed(),
                20 => block.origin[0] = value.number()?.cast_signed(),
                _ => {}
            }
        }
        Ok(block)
    }

    /// Its nodes.
    pub(super) fn nodes(&self) -> Result<Nodes, Broken> {
        let mut nodes = Nodes::default();
        for group in &self.groups {
            let mut message = Message(group);
            while let Some((field, value)) = message.field()? {
                match field {
                    1 => nodes.add(value.bytes()?)?,
                    2 => nodes.add_dense(value.bytes()?)?,
                    _ => {}
                }
            }
        }
        Ok(nodes)
    }

    /// Its ways or relations, each a message to be read.
    pub(super) fn each(
        &self,
        kind: Kind,
        mut visit: impl FnMut(&'a [u8]) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        for group in &self.groups {
            let mut message = Message(group);
            while let Some((field, value)) = message.field()? {
                match (field, kind) {
                    (3, Kind::Way) | (4, Kind::Relation) => visit(value.bytes()?)?,
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// The place of a node.
    pub(super) fn place(&self, nodes: &Nodes, index: usize) -> Coord<f64> {
        let steps = |column: &Vec<i64>| column.get(index).copied().unwrap_or_default();
        self.coord(steps(&nodes.at[0]), steps(&nodes.at[1]))
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
        tags: impl Iterator<Item = (u64, u64)>,
        into: &mut Vec<(&'a str, &'a str)>,
    ) -> Result<(), Broken> {
        into.clear();
        for (key, value) in tags {
            into.push((self.text(key)?, self.text(value)?));
        }
        Ok(())
    }

    fn text(&self, place: u64) -> Result<&'a str, Broken> {
        let bytes = usize::try_from(place).ok().and_then(|place| self.texts.get(place).copied());
        let bytes = bytes.ok_or(Broken("a tag without its text"))?;
        std::str::from_utf8(bytes).map_err(|_which_byte| Broken("a tag that is not UTF-8 text"))
    }

    /// The course of a way.
    pub(super) fn course(&self, way: &[u8]) -> Result<Course, Broken> {
        let (mut nodes, mut x, mut y) = (Vec::new(), Vec::new(), Vec::new());
        let mut message = Message(way);
        while let Some((field, value)) = message.field()? {
            match field {
                8 => value.add_to(&mut nodes)?,
                9 => value.add_to(&mut y)?,
                10 => value.add_to(&mut x)?,
                _ => {}
            }
        }
        if x.len() != y.len() || !(x.is_empty() || x.len() == nodes.len()) {
            return Err(Broken("a way with more places than nodes, or fewer"));
        }
        let at = running(&x).zip(running(&y)).map(|(x, y)| self.coord(x, y)).collect();
        Ok(Course { nodes: running(&nodes).collect(), at })
    }
}

impl Nodes {
    /// A node by itself.
    fn add(&mut self, node: &[u8]) -> Result<(), Broken> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        let [mut id, mut x, mut y] = [None; 3];
        let mut message = Message(node);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => id = Some(signed(value.number()?)),
                2 => value.add_to(&mut keys)?,
                3 => value.add_to(&mut values)?,
                8 => y = Some(signed(value.number()?)),
                9 => x = Some(signed(value.number()?)),
                _ => {}
            }
        }
        let (Some(id), Some(x), Some(y)) = (id, x, y) else {
            return Err(Broken("a node without id or place"));
        };
        self.ids.push(id);
        self.at[0].push(x);
        self.at[1].push(y);
        self.tags.extend(pairs(&keys, &values)?.flat_map(|(key, value)| [key, value]));
        self.tags.push(0);
        Ok(())
    }

    /// Nodes column by column.
    fn add_dense(&mut self, dense: &[u8]) -> Result<(), Broken> {
        let [mut ids, mut x, mut y, mut tags] = [const { Vec::new() }; 4];
        let mut message = Message(dense);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => value.add_to(&mut ids)?,
                8 => value.add_to(&mut y)?,
                9 => value.add_to(&mut x)?,
                10 => value.add_to(&mut tags)?,
                _ => {}
            }
        }
        if x.len() != ids.len() || y.len() != ids.len() {
            return Err(Broken("more places than nodes, or fewer"));
        }
        // A group in which no node has a tag may leave out the column.
        if tags.is_empty() {
            tags.resize(ids.len(), 0);
        }
        self.ids.extend(running(&ids));
        self.at[0].extend(running(&x));
        self.at[1].extend(running(&y));
        self.tags.append(&mut tags);
        Ok(())
    }

    /// Each node that has tags: its place in the columns, and its tags.
    pub(super) fn each_tagged(
        &self,
        mut visit: impl FnMut(usize, &mut dyn Iterator<Item = (u64, u64)>) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let cut = Broken("tags of fewer nodes than there are");
        let mut rest = self.tags.as_slice();
        for index in 0..self.ids.len() {
            let mut length = 0;
            // Only a key of 0 ends the tags of a node: a value may be the empty text.
            while *rest.get(length).ok_or(cut)? != 0 {
                length += 2;
            }
            let (tags, after) = rest.split_at_checked(length).ok_or(cut)?;
            rest = after.get(1..).unwrap_or_default();
            if length > 0 {
                visit(index, &mut tags.chunks_exact(2).map(|pair| (pair[0], pair[1])))?;
            }
        }
        if !rest.is_empty() {
            return Err(Broken("tags of more nodes than there are"));
        }
        Ok(())
    }
}

impl Head {
    /// Reads the head of a way or relation; what it held before is forgotten.
    pub(super) fn read(&mut self, object: &[u8]) -> Result<(), Broken> {
        self.keys.clear();
        self.values.clear();
        let mut id = None;
        let mut message = Message(object);
        while let Some((field, value)) = message.field()? {
            match field {
                1 => id = Some(value.number()?.cast_signed()),
                2 => value.add_to(&mut self.keys)?,
                3 => value.add_to(&mut self.values)?,
                _ => {}
            }
        }
        self.id = id.ok_or(NO_ID)?;
        Ok(())
    }

    /// Whether it has tags.
    pub(super) const fn is_tagged(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Its tags, by their places in the table of texts.
    pub(super) fn tags(&self) -> Result<impl Iterator<Item = (u64, u64)> + '_, Broken> {
        pairs(&self.keys, &self.values)
    }
}

const NO_ID: Broken = Broken("a way or relation without id");

fn pairs<'t>(
    keys: &'t [u64],
    values: &'t [u64],
) -> Result<impl Iterator<Item = (u64, u64)> + use<'t>, Broken> {
    if keys.len() != values.len() {
        return Err(Broken("more keys than values, or fewer"));
    }
    Ok(keys.iter().copied().zip(values.iter().copied()))
}

/// The texts of a table.
fn table(table: &[u8]) -> Result<Vec<&[u8]>, Broken> {
    let mut texts = Vec::new();
    let mut message = Message(table);
    while let Some((field, value)) = message.field()? {
        if field == 1 {
            texts.push(value.bytes()?);
        }
    }
    Ok(texts)
}

/// The id of a way, without reading on.
pub(super) fn id_of(way: &[u8]) -> Result<i64, Broken> {
    let mut message = Message(way);
    while let Some((field, value)) = message.field()? {
        if field == 1 {
            return Ok(value.number()?.cast_signed());
        }
    }
    Err(NO_ID)
}

/// The ways among the members of a relation.
pub(super) fn member_ways(relation: &[u8]) -> Result<Vec<i64>, Broken> {
    const WAY: u64 = 1;
    let (mut ids, mut kinds) = (Vec::new(), Vec::new());
    let mut message = Message(relation);
    while let Some((field, value)) = message.field()? {
        match field {
            9 => value.add_to(&mut ids)?,
            10 => value.add_to(&mut kinds)?,
            _ => {}
        }
    }
    if ids.len() != kinds.len() {
        return Err(Broken("more members than kinds of members, or fewer"));
    }
    let members = running(&ids).zip(&kinds);
    Ok(members.filter(|(_, kind)| **kind == WAY).map(|(id, _)| id).collect())
}
