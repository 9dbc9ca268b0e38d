//! Surfaces from lines: rings joined end to end, and what lies within what.
//!
//! Lines may come in any order and direction. Where more than two ends meet, a walk goes on along the
//! next one around the node, so that rings touch there but do not cross; a walk that comes back to a
//! node it has passed closes a ring there. Which ring is a hole is told by where it lies: one within an
//! odd number of others is. What mappers say of it (the roles `outer` and `inner`) is not looked at.

use geo::coordinate_position::{CoordPos, coord_pos_relative_to_ring};
use geo::orient::{Direction, Orient};
use geo::{BoundingRect, Coord, Line, LineString, MultiPolygon, Polygon, Rect};
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use std::collections::BTreeSet;

/// Of the ends at one node so many are looked at.
const MOST_ENDS: usize = 64;

/// So many vertices of a ring are asked where they lie in another.
const MOST_ASKED: usize = 1024;

/// So many vertices are looked at to tell which rings of all relations of a file lie within which, and at
/// least so many for one of them.
const MOST_LOOKS: (u64, u64) = (1 << 32, 1 << 24);

/// So many vertices may be looked at for one of so many relations.
pub(super) fn most_looks(relations: usize) -> u64 {
    (MOST_LOOKS.0 / relations.max(1) as u64).max(MOST_LOOKS.1)
}

/// A line between two nodes; of at least two places.
#[derive(Debug, Clone)]
pub(super) struct Arc {
    pub(super) ends: [i64; 2],
    pub(super) at: Vec<Coord<f64>>,
}

/// A line as it is walked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    arc: usize,
    is_reversed: bool,
}

/// The rings that lines make, and the lines that are part of none.
pub(super) fn rings(arcs: &[Arc]) -> (Vec<LineString<f64>>, Vec<LineString<f64>>) {
    let mut walk = Walk::new(arcs);
    for arc in 0..arcs.len() {
        if !walk.is_used[arc] {
            walk.from(arc);
        }
    }
    walk.open.sort_unstable();
    let open = walk.open.iter().map(|&arc| LineString(arcs[arc].at.clone())).collect();
    (walk.rings, open)
}

struct Walk<'a> {
    arcs: &'a [Arc],
    /// The places of their ends among the nodes at which lines end.
    ends: Vec<[usize; 2]>,
    /// The steps that lead away from each node.
    away: Vec<Vec<Step>>,
    is_used: Vec<bool>,
    /// Where on the path each node is.
    passed: Vec<Option<usize>>,
    path: Vec<Step>,
    rings: Vec<LineString<f64>>,
    open: Vec<usize>,
}

impl<'a> Walk<'a> {
    fn new(arcs: &'a [Arc]) -> Self {
        let mut nodes: Vec<i64> = arcs.iter().flat_map(|arc| arc.ends).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let place = |node: i64| nodes.partition_point(|other| *other < node);
        let ends: Vec<_> = arcs.iter().map(|arc| arc.ends.map(place)).collect();
        let mut away = vec![Vec::new(); nodes.len()];
        // Steps are taken off the end, the first of them first.
        for (arc, ends) in ends.iter().enumerate().rev() {
            away[ends[1]].push(Step { arc, is_reversed: true });
            away[ends[0]].push(Step { arc, is_reversed: false });
        }
        Self {
            arcs,
            ends,
            away,
            is_used: vec![false; arcs.len()],
            passed: vec![None; nodes.len()],
            path: Vec::new(),
            rings: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Walks from a line on, until nothing is left to go back to.
    fn from(&mut self, arc: usize) {
        let mut here = self.go(Step { arc, is_reversed: false });
        loop {
            if let Some(begin) = self.passed[here] {
                let ring = self.path.split_off(begin);
                for step in &ring {
                    let [passed, _] = self.ends_of(*step);
                    self.passed[passed] = None;
                }
                self.close(&ring);
            } else if let Some(step) = self.next(here) {
                here = self.go(step);
                continue;
            } else if let Some(step) = self.path.pop() {
                self.open.push(step.arc);
                here = self.ends_of(step)[0];
                self.passed[here] = None;
            }
            if self.path.is_empty() {
                return;
            }
        }
    }

    /// Takes a step, and tells the node it leads to.
    fn go(&mut self, step: Step) -> usize {
        let [from, to] = self.ends_of(step);
        self.is_used[step.arc] = true;
        self.passed[from] = Some(self.path.len());
        self.path.push(step);
        to
    }

    fn ends_of(&self, step: Step) -> [usize; 2] {
        let [first, last] = self.ends[step.arc];
        if step.is_reversed { [last, first] } else { [first, last] }
    }

    /// The step to take from a node: the first one counterclockwise from where the path comes from.
    fn next(&mut self, node: usize) -> Option<Step> {
        let Self { away, is_used, .. } = self;
        while away[node].pop_if(|step| is_used[step.arc]).is_some() {}
        let back = self
            .path
            .last()
            .map(|last| self.leaving(Step { is_reversed: !last.is_reversed, ..*last }));
        let steps = self.away[node].iter().rev().take(MOST_ENDS);
        let free = steps.copied().filter(|step| !self.is_used[step.arc]);
        let turn = |step: &Step| back.map_or(0.0, |back| turn(back, self.leaving(*step)));
        free.min_by(|one, other| turn(one).total_cmp(&turn(other)))
    }

    /// The direction in which a step leaves its node.
    fn leaving(&self, step: Step) -> Coord<f64> {
        let at = &self.arcs[step.arc].at;
        let two = match at.as_slice() {
            [.., second, first] if step.is_reversed => Some((*first, *second)),
            [first, second, ..] => Some((*first, *second)),
            _ => None,
        };
        two.map_or(Coord::zero(), |(first, second)| second - first)
    }

    fn close(&mut self, ring: &[Step]) {
        let mut line: Vec<Coord<f64>> = Vec::new();
        for step in ring {
            line.pop();
            let at = self.arcs[step.arc].at.iter().copied();
            if step.is_reversed { line.extend(at.rev()) } else { line.extend(at) }
        }
        if line.len() < 4 {
            self.open.extend(ring.iter().map(|step| step.arc));
            return;
        }
        // One node may be told to be at two places.
        let mut line = LineString(line);
        line.close();
        self.rings.push(line);
    }
}

/// The angle from one direction to another, counterclockwise: from 0 on, below a whole turn.
fn turn(from: Coord<f64>, to: Coord<f64>) -> f64 {
    let angle = (from.x * to.y - from.y * to.x).atan2(from.x * to.x + from.y * to.y);
    if angle < 0.0 { angle + std::f64::consts::TAU } else { angle }
}

/// The surface that rings enclose: each ring within an even number of others is a shell, any other a
/// hole of the innermost shell around it. `None` if more vertices than `most_looks` would have to be looked
/// at to tell them apart.
pub(super) fn surface(rings: Vec<LineString<f64>>, most_looks: u64) -> Option<MultiPolygon<f64>> {
    let around = around(&rings, most_looks)?;
    let is_hole = |place: usize| around[place].len() % 2 == 1;
    let mut rings: Vec<(usize, LineString<f64>)> = rings.into_iter().enumerate().collect();
    // Shells first, so that each hole finds its own.
    rings.sort_by_key(|(place, _)| is_hole(*place));
    let mut part_of = vec![None::<usize>; rings.len()];
    // Shells, each with its holes.
    let mut parts: Vec<(LineString<f64>, Vec<LineString<f64>>)> = Vec::new();
    for (place, ring) in rings {
        let shells = around[place].iter().filter(|&&other| is_hole(place) && !is_hole(other));
        let innermost = shells.max_by_key(|&&other| (around[other].len(), other));
        if let Some(part) = innermost.and_then(|&shell| part_of[shell]) {
            parts[part].1.push(ring);
        } else {
            part_of[place] = Some(parts.len());
            parts.push((ring, Vec::new()));
        }
    }
    let part = |(shell, holes)| Polygon::new(shell, holes).orient(Direction::Default);
    Some(MultiPolygon(parts.into_iter().map(part).collect()))
}

/// For each ring those around it, if they can be told by so many looks.
fn around(rings: &[LineString<f64>], most_looks: u64) -> Option<Vec<Vec<usize>>> {
    let bounds: Vec<Option<Rect<f64>>> = rings.iter().map(BoundingRect::bounding_rect).collect();
    let boxes = bounds.iter().enumerate().filter_map(|(place, rect)| {
        let rect = (*rect)?;
        let corners = Rectangle::from_corners(rect.min().into(), rect.max().into());
        Some(GeomWithData::<Rectangle<[f64; 2]>, usize>::new(corners, place))
    });
    let tree = RTree::bulk_load(boxes.collect());
    let holds = |other: usize, place: usize| {
        let [Some(outer), Some(inner)] = [bounds[other], bounds[place]] else { return false };
        other != place
            && outer.min().x <= inner.min().x
            && outer.min().y <= inner.min().y
            && outer.max().x >= inner.max().x
            && outer.max().y >= inner.max().y
    };
    let mut looks = Looks(most_looks);
    let mut around = vec![Vec::new(); rings.len()];
    for (place, ring) in rings.iter().enumerate() {
        let near = ring.0.first().map(|first| tree.locate_all_at_point([first.x, first.y]));
        for other in near.into_iter().flatten().map(|found| found.data) {
            looks.take(1)?;
            if holds(other, place) && looks.is_within(ring, &rings[other])? {
                around[place].push(other);
            }
        }
    }
    Some(around)
}

/// How many vertices may still be looked at.
struct Looks(u64);

impl Looks {
    fn take(&mut self, vertices: usize) -> Option<()> {
        self.0 = self.0.checked_sub(vertices as u64)?;
        Some(())
    }

    /// Whether a ring lies within another that it may touch but does not cross, if that can still be told.
    fn is_within(&mut self, ring: &LineString<f64>, other: &LineString<f64>) -> Option<bool> {
        let every = ring.0.len().div_ceil(MOST_ASKED).max(1);
        for at in ring.coords().step_by(every) {
            self.take(other.0.len())?;
            if let Some(is_inside) = side(*at, other) {
                return Some(is_inside);
            }
        }
        // All its vertices are on the border of the other: its edges that are not may cut across.
        let key = |edge: Line<f64>| {
            let ends = [edge.start, edge.end].map(|at| [at.x.to_bits(), at.y.to_bits()]);
            [ends[0].min(ends[1]), ends[0].max(ends[1])]
        };
        let border: BTreeSet<_> = other.lines().map(key).collect();
        let own = ring.lines().filter(|edge| !border.contains(&key(*edge)));
        for edge in own.step_by(every) {
            self.take(other.0.len())?;
            if let Some(is_inside) = side((edge.start + edge.end) / 2.0, other) {
                return Some(is_inside);
            }
        }
        Some(false)
    }
}

/// Whether a point lies within a ring; `None` if it lies on it.
fn side(at: Coord<f64>, ring: &LineString<f64>) -> Option<bool> {
    match coord_pos_relative_to_ring(at, ring) {
        CoordPos::Inside => Some(true),
        CoordPos::Outside => Some(false),
        CoordPos::OnBoundary => None,
    }
}
