//! The sweep: one pass over the edges of many rings, from west to east, that finds where they meet.
//!
//! Vertices are visited in the order of (x, y). The edges that are open at a vertex are kept from
//! south to north, so that only neighbors have to be tested against each other. Every decision is
//! the sign of an exact predicate on coordinates as given; no crossing point is ever rounded. When
//! two neighbors cross, both are taken out and remembered, and the order of the others stays true:
//! what the removed edges cross is found afterwards by testing them against all others, which is
//! affordable because the sweep stops at [`MOST`] of them. (Taking out only one of two might leave
//! the edge that crosses a thousand others. Of edges without which nothing crosses, both is at most
//! twice the fewest.)
//!
//! The edge below the first vertex of a ring tells which ring holds it: nesting costs nothing more.
//!
//! After Shamos and Hoey (1976), Geometric intersection problems; the removal of crossing edges and
//! the touching rings are our own.

use std::cmp::Ordering;

use geo::{
    Coord,
    kernels::{Kernel, Orientation, RobustKernel},
};

/// Where a sweep stops: so many removed edges or unlawful contacts are enough.
pub(super) const MOST: usize = 200;

/// Entries of one block of the open edges; a block that grows beyond it is halved.
const BLOCK: usize = 256;

/// Passes through one point that are compared pair by pair if some of them overlap.
const TANGLED: usize = 64;

/// The side of the line from `a` to `b` on which `c` lies, exactly.
pub(super) fn side(a: Coord, b: Coord, c: Coord) -> Orientation {
    RobustKernel::orient2d(a, b, c)
}

/// The order of the sweep: west to east, then south to north.
pub(super) fn sweep_order(a: Coord, b: Coord) -> Ordering {
    a.x.partial_cmp(&b.x)
        .unwrap_or(Ordering::Equal)
        .then(a.y.partial_cmp(&b.y).unwrap_or(Ordering::Equal))
}

/// The rings of an area in one list of vertices, without repeated ones.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) rings: Vec<OutlineRing>,
    pub(super) vertices: Vec<Vertex>,
}

/// A ring of an outline: its place in the area and its vertices, `first..end`.
#[derive(Debug)]
pub(super) struct OutlineRing {
    pub(super) part: usize,
    pub(super) ring: usize,
    pub(super) first: usize,
    pub(super) end: usize,
}

/// A vertex of an outline; the edge that starts here bears the same number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vertex {
    pub(super) at: Coord,
    /// Index of the ring in the outline.
    pub(super) ring: usize,
    /// Number of the vertex in the ring as written.
    pub(super) number: usize,
}

/// An edge by its ends in the order of the sweep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edge {
    pub(super) left: Coord,
    pub(super) right: Coord,
}

impl Edge {
    /// The side on which a point lies: counter-clockwise is above.
    fn side_of(&self, point: Coord) -> Orientation {
        side(self.left, self.right, point)
    }

    /// Whether the interiors of two edges cross in one point.
    pub(super) fn crosses(&self, other: &Edge) -> bool {
        let above = |a: Coord, b: Coord| a.y.min(b.y);
        let below = |a: Coord, b: Coord| a.y.max(b.y);
        if above(self.left, self.right) > below(other.left, other.right)
            || above(other.left, other.right) > below(self.left, self.right)
        {
            return false;
        }
        strictly_opposite(self.side_of(other.left), self.side_of(other.right))
            && strictly_opposite(other.side_of(self.left), other.side_of(self.right))
    }
}

/// Whether two points lie strictly on different sides.
pub(super) fn strictly_opposite(one: Orientation, other: Orientation) -> bool {
    matches!(
        (one, other),
        (Orientation::Clockwise, Orientation::CounterClockwise)
            | (Orientation::CounterClockwise, Orientation::Clockwise)
    )
}

impl Outline {
    /// The vertex after one in its ring.
    pub(super) fn after(&self, vertex: usize) -> usize {
        let ring = &self.rings[self.vertices[vertex].ring];
        if vertex + 1 == ring.end { ring.first } else { vertex + 1 }
    }

    /// The vertex before one in its ring.
    pub(super) fn before(&self, vertex: usize) -> usize {
        let ring = &self.rings[self.vertices[vertex].ring];
        if vertex == ring.first { ring.end - 1 } else { vertex - 1 }
    }

    /// All edges, by the number of the vertex they start at.
    pub(super) fn edges(&self) -> Vec<Edge> {
        let mut edges = Vec::with_capacity(self.vertices.len());
        for ring in &self.rings {
            let vertices = &self.vertices[ring.first..ring.end];
            let Some(first) = vertices.first() else { continue };
            let ends = vertices[1..].iter().chain(std::iter::once(first));
            edges.extend(vertices.iter().zip(ends).map(|(start, end)| {
                if sweep_order(start.at, end.at) == Ordering::Greater {
                    Edge { left: end.at, right: start.at }
                } else {
                    Edge { left: start.at, right: end.at }
                }
            }));
        }
        edges
    }
}

/// Two edges that meet unlawfully at a vertex.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contact {
    pub(super) edges: [usize; 2],
    pub(super) at: Coord,
}

/// What a sweep finds.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Edges taken out because they cross or overlap others, in the order of removal.
    pub(super) removed: Vec<usize>,
    /// Rings that touch themselves or cross another at a vertex.
    pub(super) contacts: Vec<Contact>,
    /// For each ring the innermost ring that holds it: true if nothing crosses.
    pub(super) parents: Vec<Option<usize>>,
    /// Whether the sweep stopped because it had found enough.
    pub(super) stopped: bool,
}

/// Sweeps over the rings of an outline for which `included` says so.
pub(super) fn sweep(
    outline: &Outline,
    edges: &[Edge],
    included: impl Fn(usize) -> bool,
) -> Findings {
    let mut stops: Vec<(Coord, usize)> = outline
        .vertices
        .iter()
        .enumerate()
        .filter(|(_, vertex)| included(vertex.ring))
        .map(|(number, vertex)| (vertex.at, number))
        .collect();
    stops.sort_unstable_by(|a, b| sweep_order(a.0, b.0).then(a.1.cmp(&b.1)));
    let rings = outline.rings.len();
    let mut sweep = Sweep {
        outline,
        edges,
        open: Open::default(),
        removed: Vec::new(),
        opened: vec![None; rings],
        findings: Findings { parents: vec![None; rings], ..Findings::default() },
        passing: Vec::new(),
        leaving: Vec::new(),
    };
    for group in stops.chunk_by(|a, b| a.0 == b.0) {
        sweep.visit(group);
        if sweep.findings.removed.len() + sweep.findings.contacts.len() >= MOST {
            sweep.findings.stopped = true;
            break;
        }
    }
    sweep.findings
}

/// The state of a sweep.
struct Sweep<'a> {
    outline: &'a Outline,
    edges: &'a [Edge],
    open: Open,
    /// Whether an edge is taken out; empty as long as none is.
    removed: Vec<bool>,
    /// For each ring whether its inside is left of its edges, once its first vertex is passed.
    opened: Vec<Option<Inside>>,
    findings: Findings,
    /// Open edges that pass through the vertex in hand.
    passing: Vec<usize>,
    /// Edges that go on east of it, from south to north.
    leaving: Vec<usize>,
}

/// On which side of its edges the inside of a ring lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Left,
    Right,
}

impl Sweep<'_> {
    /// Passes a point at which one vertex or several lie.
    fn visit(&mut self, group: &[(Coord, usize)]) {
        let Some(&(point, _)) = group.first() else { return };
        let edges = self.edges;
        let low =
            self.open.locate(|edge| edges[edge].side_of(point) == Orientation::CounterClockwise);
        let mut low = self.close(low, point);
        self.leaving.clear();
        for &(_, vertex) in group {
            for edge in [self.outline.before(vertex), vertex] {
                if edges[edge].left == point && !self.is_removed(edge) {
                    self.leaving.push(edge);
                }
            }
        }
        if group.len() > 1 || !self.passing.is_empty() {
            self.meet(point, group);
            self.leaving.append(&mut self.passing);
        }
        self.arrange(point);
        self.nest(low);
        self.settle(&mut low);
        for &edge in &self.leaving {
            low = self.open.insert(low, edge);
        }
    }

    /// Takes out the open edges at a point; those that do not end there are `passing`.
    fn close(&mut self, mut low: Place, point: Coord) -> Place {
        self.passing.clear();
        while let Some(edge) = self.open.at(low) {
            if self.edges[edge].side_of(point) != Orientation::Collinear {
                break;
            }
            if self.edges[edge].right != point {
                self.passing.push(edge);
            }
            low = self.open.remove(low);
        }
        // Two that pass through one point cross there, even if a third kept them apart so far.
        if self.passing.len() > 1 {
            while let Some(edge) = self.passing.pop() {
                self.remove(edge);
            }
        }
        low
    }

    fn is_removed(&self, edge: usize) -> bool {
        self.removed.get(edge).copied().unwrap_or(false)
    }

    /// Remembers an edge as one that crosses or overlaps others.
    fn remove(&mut self, edge: usize) {
        self.removed.resize(self.edges.len(), false);
        self.removed[edge] = true;
        self.findings.removed.push(edge);
    }

    /// Sorts the edges that leave a point from south to north and takes out those that overlap.
    fn arrange(&mut self, point: Coord) {
        let edges = self.edges;
        let turn = |a: usize, b: usize| side(point, edges[a].right, edges[b].right);
        if self.leaving.len() > 1 {
            self.leaving.sort_unstable_by(|&a, &b| match turn(a, b) {
                Orientation::CounterClockwise => Ordering::Less,
                Orientation::Clockwise => Ordering::Greater,
                Orientation::Collinear => a.cmp(&b),
            });
        }
        let mut kept = 0_usize;
        for next in 0..self.leaving.len() {
            let edge = self.leaving[next];
            let below = kept.checked_sub(1).map(|place| self.leaving[place]);
            let overlapped = |below: &usize| turn(*below, edge) == Orientation::Collinear;
            if let Some(below) = below.filter(overlapped) {
                self.remove(edge);
                self.remove(below);
                kept -= 1;
            } else {
                self.leaving[kept] = edge;
                kept += 1;
            }
        }
        self.leaving.truncate(kept);
    }

    /// Notes which ring holds each ring that begins here.
    fn nest(&mut self, low: Place) {
        let mut below = None;
        for position in 0..self.leaving.len() {
            let edge = self.leaving[position];
            let ring = self.outline.vertices[edge].ring;
            if self.opened[ring].is_none() {
                let starts = self.outline.vertices[edge].at == self.edges[edge].left;
                self.opened[ring] = Some(if starts { Inside::Left } else { Inside::Right });
                let below = below.or_else(|| self.open.before(low).and_then(|p| self.open.at(p)));
                self.findings.parents[ring] = below.and_then(|edge| self.holder_above(edge));
            }
            below = Some(edge);
        }
    }

    /// The innermost ring that holds the ground just above an edge.
    fn holder_above(&self, edge: usize) -> Option<usize> {
        let vertex = &self.outline.vertices[edge];
        let eastward = vertex.at == self.edges[edge].left;
        let above = if eastward { Inside::Left } else { Inside::Right };
        if self.opened[vertex.ring] == Some(above) {
            Some(vertex.ring)
        } else {
            self.findings.parents[vertex.ring]
        }
    }

    /// Takes out edges until no neighbors around the place of the leaving edges cross.
    fn settle(&mut self, low: &mut Place) {
        // Leaving edges from here on are still there.
        let mut first = 0;
        loop {
            let below = self.open.before(*low);
            let under = below.and_then(|place| self.open.at(place));
            let over = self.open.at(*low);
            let lowest = self.leaving.get(first).copied();
            let highest = self.leaving.last().copied().filter(|_| lowest.is_some());
            if let Some(pair) = self.crossing(under, lowest.or(over)) {
                for edge in pair {
                    self.remove(edge);
                }
                if lowest.is_some() {
                    first += 1;
                } else {
                    self.open.remove(*low);
                }
                if let Some(place) = below {
                    *low = self.open.remove(place);
                }
            } else if let Some(pair) = self.crossing(highest, over) {
                for edge in pair {
                    self.remove(edge);
                }
                self.leaving.pop();
                *low = self.open.remove(*low);
            } else {
                self.leaving.drain(..first);
                return;
            }
        }
    }

    /// Two edges if they cross.
    fn crossing(&self, one: Option<usize>, other: Option<usize>) -> Option<[usize; 2]> {
        let (one, other) = (one?, other?);
        self.edges[one].crosses(&self.edges[other]).then_some([one, other])
    }

    /// Judges a point where several vertices lie, or a vertex on an edge.
    fn meet(&mut self, point: Coord, group: &[(Coord, usize)]) {
        let outline = self.outline;
        let vertices = group.iter().map(|&(_, vertex)| {
            let [before, after] = [outline.before(vertex), outline.after(vertex)];
            (vertex, [outline.vertices[before].at, outline.vertices[after].at])
        });
        let passing = self.passing.iter().map(|&edge| {
            let edge_ends = &self.edges[edge];
            (edge, [edge_ends.left, edge_ends.right])
        });
        let mut passes: Vec<(usize, [Coord; 2])> = vertices.chain(passing).collect();
        passes.sort_unstable_by_key(|&(edge, _)| edge);
        let mut contacts = Vec::new();
        for pair in passes.windows(2) {
            let edges = [pair[0].0, pair[1].0];
            if outline.vertices[edges[0]].ring == outline.vertices[edges[1]].ring {
                contacts.push(Contact { edges, at: point });
            }
        }
        interlocked(point, &passes, &mut |edges| {
            if outline.vertices[edges[0]].ring != outline.vertices[edges[1]].ring {
                contacts.push(Contact { edges, at: point });
            }
        });
        self.findings.contacts.append(&mut contacts);
    }
}

/// Calls `found` with the passes through a point that cross each other there.
///
/// Each pass comes to the point along one arm and leaves along another. Around the point the arms
/// of passes that only touch are nested like brackets. Where two arms run the same way their edges
/// overlap, which is found elsewhere, and at most [`TANGLED`] passes are looked at. Where all cross
/// all, [`MOST`] pairs are enough.
fn interlocked(point: Coord, passes: &[(usize, [Coord; 2])], found: &mut dyn FnMut([usize; 2])) {
    let east = |arm: Coord| sweep_order(arm, point) == Ordering::Greater;
    let mut arms: Vec<(Coord, usize)> =
        passes.iter().flat_map(|&(edge, ends)| ends.map(|end| (end, edge))).collect();
    let turn = |a: Coord, b: Coord| {
        east(b).cmp(&east(a)).then_with(|| match side(point, a, b) {
            Orientation::CounterClockwise => Ordering::Less,
            Orientation::Clockwise => Ordering::Greater,
            Orientation::Collinear => Ordering::Equal,
        })
    };
    arms.sort_by(|a, b| turn(a.0, b.0));
    if arms.windows(2).any(|pair| turn(pair[0].0, pair[1].0) == Ordering::Equal) {
        // Brackets say nothing here; but two that do not overlap each other may still cross.
        if passes.len() > 2 {
            let passes = &passes[..passes.len().min(TANGLED)];
            for (number, &one) in passes.iter().enumerate() {
                for &other in &passes[number + 1..] {
                    interlocked(point, &[one, other], found);
                }
            }
        }
        return;
    }
    let mut brackets: Vec<usize> = Vec::new();
    let mut pairs = 0;
    for &(_, edge) in &arms {
        if pairs >= MOST {
            return;
        }
        match brackets.iter().rposition(|&open| open == edge) {
            None => brackets.push(edge),
            Some(position) => {
                for &other in &brackets[position + 1..] {
                    found([edge.min(other), edge.max(other)]);
                }
                pairs += brackets.len() - position - 1;
                brackets.remove(position);
            }
        }
    }
}

/// The edges open at a point of the sweep, from south to north, in blocks: a comb has as many as
/// vertices, and moving half of them for each would be quadratic.
#[derive(Default)]
struct Open {
    blocks: Vec<Vec<usize>>,
}

/// A place among the open edges; the end is the first place of the block after the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    block: usize,
    entry: usize,
}

impl Open {
    /// The first edge of which `is_below` is not true.
    fn locate(&self, is_below: impl Fn(usize) -> bool) -> Place {
        let block =
            self.blocks.partition_point(|block| block.last().is_some_and(|&edge| is_below(edge)));
        let entry =
            self.blocks.get(block).map_or(0, |block| block.partition_point(|&edge| is_below(edge)));
        Place { block, entry }
    }

    fn at(&self, place: Place) -> Option<usize> {
        self.blocks.get(place.block)?.get(place.entry).copied()
    }

    fn before(&self, place: Place) -> Option<Place> {
        if place.entry > 0 {
            return Some(Place { block: place.block, entry: place.entry - 1 });
        }
        let block = place.block.checked_sub(1)?;
        let entry = self.blocks.get(block)?.len().checked_sub(1)?;
        Some(Place { block, entry })
    }

    /// Takes out an entry; the place of the one after it.
    fn remove(&mut self, place: Place) -> Place {
        let Some(block) = self.blocks.get_mut(place.block) else { return place };
        block.remove(place.entry);
        if block.is_empty() {
            self.blocks.remove(place.block);
        } else if place.entry == block.len() {
            return Place { block: place.block + 1, entry: 0 };
        }
        place
    }

    /// Puts an edge in at a place; the place after it.
    fn insert(&mut self, place: Place, edge: usize) -> Place {
        let mut place = place;
        if place.entry == 0 && place.block > 0 {
            // The end of the block before is the same place, and the last block may not exist yet.
            place.block -= 1;
            place.entry = self.blocks[place.block].len();
        }
        if self.blocks.is_empty() {
            self.blocks.push(Vec::with_capacity(8));
        }
        let block = &mut self.blocks[place.block];
        block.insert(place.entry, edge);
        place.entry += 1;
        if block.len() > BLOCK {
            let rest = block.split_off(BLOCK / 2);
            self.blocks.insert(place.block + 1, rest);
            if place.entry > BLOCK / 2 {
                place = Place { block: place.block + 1, entry: place.entry - BLOCK / 2 };
            }
        }
        match self.blocks.get(place.block) {
            Some(block) if place.entry == block.len() => Place { block: place.block + 1, entry: 0 },
            _ => place,
        }
    }
}
