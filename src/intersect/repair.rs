//! Repair: a valid area made of faulty rings, such that no ground that was drawn is lost.
//!
//! The region of a ring is what it winds around, in either sense: both wings of a bow-tie, and
//! ground that is drawn twice, belong to it (the even-odd rule would make a hole of the latter, and
//! too few people is the dangerous side). Inner rings that cross or share an edge are one. An inner
//! ring takes its ground away from the shell and adds what lies outside of it; one within another does
//! the opposite. The area is the union of its parts: ground in two parts counts once.
//!
//! The overlay works on whole numbers: coordinates of a repaired area are moved to a grid of at
//! most 2⁻²⁸ of its extent, 15 cm for an area as wide as the world, and back to where they were drawn
//! unless that makes a fault. An area without a fault is only turned, and keeps every digit. The overlay is `i_overlay`, as in `geo::BooleanOps`, but called
//! without its own sorting of rings into shells and holes: version 4.5 loses holes there. The
//! [sweep](super::sweep) that judges areas sorts them.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use geo::{
    BoundingRect, Coord, LineString, MapCoords, MultiLineString, MultiPolygon, Orient, Polygon,
    Rect, orient::Direction,
};
use i_overlay::{
    core::{fill_rule::FillRule, overlay::ShapeType, overlay_rule::OverlayRule, solver::Solver},
    float::overlay::{FloatOverlay, OverlayOptions},
    i_float::{adapter::FloatPointAdapter, float::rect::FloatRect},
};

use super::{
    faults,
    tangle::refuse_tangle,
    validity::{entangled, nested},
};
use crate::error::{RingFault, grouped};

/// Coordinates beyond this overflow the overlay.
const LARGEST: f64 = 1e12;

/// How often an area is put together, each time on a coarser grid, until nothing is faulty.
const ATTEMPTS: u8 = 8;

/// Why an area cannot be repaired.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotRepairable {
    /// No ring has a surface, or the holes leave none.
    #[error("no surface is left")]
    NoSurface,
    /// A coordinate is beyond 1e12 or not a number.
    #[error("a coordinate is {0}, beyond what can be repaired")]
    TooLarge(f64),
    /// Its edges cross too often, or lie too thickly beside each other.
    #[error(
        "it is too tangled to repair: {} pairs of edges whose bounds meet, wanted {} at most; simplify it",
        grouped(*pairs),
        grouped(*most)
    )]
    Tangled {
        /// Pairs of edges whose bounds meet.
        pairs: u64,
        /// How many may.
        most: u64,
    },
    /// Its edges cross each other too often.
    #[error(
        "it is too tangled to repair: its edges cross {} times, {} steps of work, wanted {} at most; simplify it",
        grouped(*crossings),
        grouped(*work),
        grouped(*most)
    )]
    Toilsome {
        /// How often edges cross.
        crossings: u64,
        /// How much work that is, in steps of some 20 ns.
        work: u64,
        /// How much may be done.
        most: u64,
    },
    /// The overlay gave up.
    #[error("the overlay of its rings failed")]
    Overlay,
    /// A fault that does not go away.
    #[error("after repair, {0}")]
    StillFaulty(RingFault),
}

/// An area with shells counter-clockwise and holes clockwise, as RFC 7946 asks.
#[must_use]
pub fn orient(area: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    area.orient(Direction::Default)
}

/// The area that faulty rings enclose: valid, shells counter-clockwise, holes clockwise.
///
/// The region of a ring is what it winds around in either sense. A part holds what lies in its shell or
/// in an odd number of its inner rings, but not in both; inner rings that cross or share an edge are one.
/// The area is the union of its parts. An area without a fault keeps its coordinates.
pub fn repair(area: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, NotRepairable> {
    let area = without_empty_rings(area);
    let largest = largest(&area)?;
    if area.0.is_empty() || largest == 0.0 {
        return Err(NotRepairable::NoSurface);
    }
    if faults(&area).is_empty() {
        return Ok(orient(&area));
    }
    refuse_tangle(&area)?;
    let rebuilt = until_sound(|attempt| Some(rebuild(&area, attempt)))?;
    if rebuilt.0.is_empty() { Err(NotRepairable::NoSurface) } else { Ok(rebuilt) }
}

/// The first of several attempts, each on a coarser grid, that leaves no fault.
fn until_sound(
    attempt: impl Fn(u8) -> Option<MultiPolygon<f64>>,
) -> Result<MultiPolygon<f64>, NotRepairable> {
    let mut fault = NotRepairable::Overlay;
    for number in 0..ATTEMPTS {
        let Some(made) = shielded(|| attempt(number)) else { continue };
        match faults(&made).into_iter().next() {
            None => return Ok(made),
            Some(left) => fault = NotRepairable::StillFaulty(left),
        }
    }
    Err(fault)
}

/// The overlay is a library that has been seen to panic; one area must not end a run.
fn shielded<T>(overlay: impl FnOnce() -> Option<T>) -> Option<T> {
    catch_unwind(AssertUnwindSafe(overlay)).ok().flatten()
}

/// All rings of an area.
fn rings(area: &MultiPolygon<f64>) -> impl Iterator<Item = &LineString<f64>> {
    area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()))
}

/// The area without parts and holes that have no vertex.
fn without_empty_rings(area: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    let parts = area.iter().filter(|part| !part.exterior().0.is_empty()).map(|part| {
        let holes = part.interiors().iter().filter(|hole| !hole.0.is_empty());
        Polygon::new(part.exterior().clone(), holes.cloned().collect())
    });
    MultiPolygon(parts.collect())
}

/// The largest coordinate, if all of them can be handled.
fn largest(area: &MultiPolygon<f64>) -> Result<f64, NotRepairable> {
    let mut largest = 0.0_f64;
    for value in rings(area).flat_map(|ring| ring.0.iter().flat_map(|at| [at.x, at.y])) {
        if value.is_nan() || value.abs() > LARGEST {
            return Err(NotRepairable::TooLarge(value));
        }
        largest = largest.max(value.abs());
    }
    Ok(largest)
}

/// Puts an area together from the regions of its rings.
fn rebuild(area: &MultiPolygon<f64>, attempt: u8) -> MultiPolygon<f64> {
    let Some(overlay) = Overlay::over(area, attempt) else { return MultiPolygon(vec![]) };
    let mut parts = Vec::with_capacity(area.0.len());
    for part in area {
        let shell = overlay.region(part.exterior());
        let inner = overlay.inner(part.interiors());
        if inner.is_empty() {
            parts.extend(shell);
        } else {
            parts.extend(overlay.apply(OverlayRule::Xor, &shell, &inner));
        }
    }
    let rebuilt = MultiPolygon(overlay.apply(OverlayRule::Subject, &parts, &[]));
    let drawn = orient(&overlay.as_drawn(&rebuilt, area));
    if faults(&drawn).is_empty() { drawn } else { rebuilt }
}

/// The union of parts that are turned as RFC 7946 asks, each of them valid, in their own coordinates.
///
/// # Errors
///
/// [`NotRepairable`] if the overlay gives up, or its result is faulty on every grid.
pub(super) fn unite(parts: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, NotRepairable> {
    largest(parts)?;
    until_sound(|attempt| {
        let overlay = Overlay::over(parts, attempt)?;
        let united = MultiPolygon(overlay.apply(OverlayRule::Subject, &parts.0, &[]));
        let drawn = orient(&overlay.as_drawn(&united, parts));
        Some(if faults(&drawn).is_empty() { drawn } else { united })
    })
}

/// A valid area without what another valid one holds, in its own coordinates; nothing where nothing is left.
///
/// # Errors
///
/// [`NotRepairable`] if the overlay gives up, or its result is faulty on every grid.
pub fn without(
    area: &MultiPolygon<f64>,
    taken: &MultiPolygon<f64>,
) -> Result<MultiPolygon<f64>, NotRepairable> {
    let (area, taken) = (orient(area), orient(taken));
    let both = MultiPolygon(area.iter().chain(&taken).cloned().collect());
    largest(&both)?;
    until_sound(|attempt| {
        let overlay = Overlay::over(&both, attempt)?;
        let left = MultiPolygon(overlay.apply(OverlayRule::Difference, &area.0, &taken.0));
        let drawn = orient(&overlay.as_drawn(&left, &both));
        Some(if faults(&drawn).is_empty() { drawn } else { left })
    })
}

/// What rings wind around together, more often the one way than the other.
///
/// # Errors
///
/// [`NotRepairable`] for coordinates that the overlay cannot hold, or if it gives up.
pub(super) fn wound(rings: Vec<LineString<f64>>) -> Result<MultiPolygon<f64>, NotRepairable> {
    let rings = rings.into_iter().filter(|ring| !ring.0.is_empty());
    let rings = MultiPolygon(rings.map(|ring| Polygon::new(ring, vec![])).collect());
    if rings.0.is_empty() {
        return Ok(rings);
    }
    largest(&rings)?;
    let overlaid = || {
        let overlay = Overlay::over(&rings, 0)?;
        Some(MultiPolygon(overlay.apply(OverlayRule::Subject, &rings.0, &[])))
    };
    shielded(overlaid).ok_or(NotRepairable::Overlay)
}

/// What lies between two meridians of a valid area, in its own coordinates.
///
/// # Errors
///
/// [`NotRepairable::Overlay`] if the overlay gives up.
pub(super) fn cut(
    area: &MultiPolygon<f64>,
    [west, east]: [f64; 2],
) -> Result<MultiPolygon<f64>, NotRepairable> {
    let cut = || {
        let overlay = Overlay::over(area, 0)?;
        let bounds = area.bounding_rect()?;
        let (low, high) = (bounds.min(), bounds.max());
        let beyond = overlay.step;
        let west = west.max(overlay.on_grid(low.x) - beyond);
        let east = east.min(overlay.on_grid(high.x) + beyond);
        let low = Coord { x: west, y: overlay.on_grid(low.y) - beyond };
        let high = Coord { x: east, y: overlay.on_grid(high.y) + beyond };
        let between = Rect::new(low, high).to_polygon();
        let parts = MultiPolygon(overlay.apply(OverlayRule::Intersect, &area.0, &[between]));
        let drawn = overlay.as_drawn(&parts, area);
        let drawn = on_meridians(&drawn, area, [west, east], beyond);
        Some(if faults(&drawn).is_empty() { drawn } else { parts })
    };
    shielded(cut).ok_or(NotRepairable::Overlay)
}

/// Parts whose vertices on two meridians lie exactly where an edge as drawn crosses them, if one does
/// within some steps of the overlay's grid.
fn on_meridians(
    parts: &MultiPolygon<f64>,
    drawn: &MultiPolygon<f64>,
    meridians: [f64; 2],
    step: f64,
) -> MultiPolygon<f64> {
    let mut crossings: Vec<Coord<f64>> = Vec::new();
    for edge in rings(drawn).flat_map(LineString::lines) {
        for x in meridians {
            if (edge.start.x < x) != (edge.end.x < x) && edge.dx() != 0.0 {
                let y = edge.start.y + (x - edge.start.x) / edge.dx() * edge.dy();
                crossings.push(Coord { x, y });
            }
        }
    }
    parts.map_coords(|at| {
        let near = crossings.iter().filter(|crossing| crossing.x == at.x);
        let near = near.min_by(|a, b| (a.y - at.y).abs().total_cmp(&(b.y - at.y).abs()));
        near.filter(|near| (near.y - at.y).abs() <= 2.0 * step).copied().unwrap_or(at)
    })
}

/// The overlay on a grid that suits an area.
///
/// All steps of a repair share the grid, and its points are exact numbers: a vertex that the
/// overlay puts on an edge lies on that edge.
struct Overlay {
    adapter: FloatPointAdapter<[f64; 2], f64>,
    step: f64,
}

impl Overlay {
    /// None for an area without extent. Each attempt is four times coarser than the one before.
    fn over(area: &MultiPolygon<f64>, attempt: u8) -> Option<Self> {
        // A hole may lie outside its shell, where bounds of an area do not look.
        let bounds = MultiLineString(rings(area).cloned().collect()).bounding_rect()?;
        let (low, high) = (bounds.min(), bounds.max());
        let half = (bounds.width() / 2.0).max(bounds.height() / 2.0);
        let magnitude =
            [low.x, low.y, high.x, high.y].iter().fold(0.0_f64, |most, x| most.max(x.abs()));
        if half <= 0.0 {
            return None;
        }
        // Finer than 2⁻⁵⁰ of the coordinates themselves there is nothing to move to.
        let exponent = (half.log2().ceil() - 28.0).max(magnitude.log2().ceil() - 50.0);
        let step = (exponent + 2.0 * f64::from(attempt)).exp2();
        let on_grid = |x: f64| (x / step).round() * step;
        let (x, y) = (on_grid(low.x / 2.0 + high.x / 2.0), on_grid(low.y / 2.0 + high.y / 2.0));
        let half = on_grid(half) + 2.0 * step;
        let rect = FloatRect { min_x: x - half, max_x: x + half, min_y: y - half, max_y: y + half };
        Some(Self { adapter: FloatPointAdapter::with_scale(rect, 1.0 / step), step })
    }

    fn on_grid(&self, x: f64) -> f64 {
        (x / self.step).round() * self.step
    }

    /// An area with those coordinates as drawn that the grid moved, axis by axis, so that an edge
    /// along the border of cells stays along it.
    fn as_drawn(&self, area: &MultiPolygon<f64>, drawn: &MultiPolygon<f64>) -> MultiPolygon<f64> {
        let key = |x: f64| (x + 0.0).to_bits();
        let mut moved: [BTreeMap<u64, f64>; 2] = [BTreeMap::new(), BTreeMap::new()];
        for at in rings(drawn).flat_map(|ring| &ring.0) {
            for (axis, x) in moved.iter_mut().zip([at.x, at.y]) {
                axis.entry(key(self.on_grid(x))).or_insert(x);
            }
        }
        let back = |axis: usize, x: f64| moved[axis].get(&key(x)).copied().unwrap_or(x);
        area.map_coords(|at| Coord { x: back(0, at.x), y: back(1, at.y) })
    }

    /// What a ring winds around, in either sense.
    fn region(&self, ring: &LineString<f64>) -> Vec<Polygon<f64>> {
        let alone = Polygon::new(ring.clone(), vec![]);
        self.apply(OverlayRule::Subject, &[alone], &[])
    }

    /// What lies in an odd number of inner rings; those that cross or share an edge are one.
    fn inner(&self, rings: &[LineString<f64>]) -> Vec<Polygon<f64>> {
        let mut regions = Vec::new();
        for group in groups(rings) {
            let alone: Vec<_> = group.into_iter().flat_map(|ring| self.region(ring)).collect();
            regions.extend(self.apply(OverlayRule::Subject, &alone, &[]));
        }
        self.filled(FillRule::EvenOdd, OverlayRule::Subject, &regions, &[])
    }

    /// Parts that are turned the same way, overlaid by a rule; the result is turned and nested.
    fn apply(
        &self,
        rule: OverlayRule,
        subject: &[Polygon<f64>],
        clip: &[Polygon<f64>],
    ) -> Vec<Polygon<f64>> {
        self.filled(FillRule::NonZero, rule, subject, clip)
    }

    /// Parts overlaid by two rules; the result is turned and nested.
    fn filled(
        &self,
        fill: FillRule,
        rule: OverlayRule,
        subject: &[Polygon<f64>],
        clip: &[Polygon<f64>],
    ) -> Vec<Polygon<f64>> {
        let options =
            OverlayOptions { preserve_output_collinear: true, ..OverlayOptions::default() };
        let (subject, clip) = (self.contours(subject), self.contours(clip));
        let capacity = subject.iter().chain(&clip).map(Vec::len).sum();
        let adapter = self.adapter.clone();
        let shapes = FloatOverlay::new_custom(adapter, options, Solver::default(), capacity)
            .unsafe_add_source(&subject, ShapeType::Subject)
            .unsafe_add_source(&clip, ShapeType::Clip)
            .overlay(rule, fill);
        let mut loops = Vec::new();
        for contour in shapes.iter().flatten() {
            cut_loops(contour, &mut loops);
        }
        nested(loops)
    }

    /// The rings of parts as points of the grid, not closed.
    fn contours(&self, parts: &[Polygon<f64>]) -> Vec<Vec<[f64; 2]>> {
        let contour = |ring: &LineString<f64>| {
            ring.0.iter().skip(1).map(|at| [self.on_grid(at.x), self.on_grid(at.y)]).collect()
        };
        parts
            .iter()
            .flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()))
            .map(contour)
            .collect()
    }
}

/// Rings by those that cross or share an edge; all of them together where too many do.
fn groups(rings: &[LineString<f64>]) -> Vec<Vec<&LineString<f64>>> {
    let Some(pairs) = entangled(rings) else { return vec![rings.iter().collect()] };
    let mut group_of: Vec<usize> = (0..rings.len()).collect();
    for [one, two] in pairs {
        let (kept, gone) = (group_of[one], group_of[two]);
        group_of.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
    }
    let mut groups: BTreeMap<usize, Vec<&LineString<f64>>> = BTreeMap::new();
    for (ring, group) in rings.iter().zip(group_of) {
        groups.entry(group).or_default().push(ring);
    }
    groups.into_values().collect()
}

/// Cuts a contour at each vertex that it passes twice.
fn cut_loops(contour: &[[f64; 2]], loops: &mut Vec<LineString<f64>>) {
    let key = |at: &[f64; 2]| at.map(|x| (x + 0.0).to_bits());
    let mut path: Vec<[f64; 2]> = Vec::with_capacity(contour.len());
    let mut place = BTreeMap::new();
    for at in contour {
        if let Some(&first) = place.get(&key(at)) {
            let rest: Vec<[f64; 2]> = path.drain(first..).collect();
            for gone in &rest {
                place.remove(&key(gone));
            }
            loops.push(rest.into_iter().map(Coord::from).collect());
        }
        place.insert(key(at), path.len());
        path.push(*at);
    }
    loops.push(path.into_iter().map(Coord::from).collect());
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::winding_order::Winding;
    use geo::{Area, MapCoords};
    use proptest::prelude::*;

    type Ring = Vec<(f64, f64)>;

    fn line(ring: &[(f64, f64)]) -> LineString<f64> {
        ring.iter().copied().collect()
    }

    fn part(rings: &[Ring]) -> Polygon<f64> {
        Polygon::new(line(&rings[0]), rings[1..].iter().map(|ring| line(ring)).collect())
    }

    fn square(x: f64, y: f64, side: f64) -> Ring {
        vec![(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    }

    /// Repairs an area, checks that the result is as promised, and compares its planar surface.
    fn check(parts: &[&[Ring]], expected: f64) {
        let area = MultiPolygon(parts.iter().map(|rings| part(rings)).collect());
        let repaired = repair(&area).unwrap();
        assert_promises(&repaired);
        assert!((repaired.unsigned_area() - expected).abs() < 1e-6, "{repaired:?}");
    }

    fn assert_promises(repaired: &MultiPolygon<f64>) {
        assert!(faults(repaired).is_empty(), "{:?}", faults(repaired));
        // By the corners of a ring, not by its area, whose sign rounding hides where it is thin.
        for part in repaired {
            assert!(part.exterior().is_ccw());
            assert!(part.interiors().iter().all(Winding::is_cw));
        }
    }

    #[test]
    fn both_wings_of_a_bow_tie_are_kept() {
        check(&[&[vec![(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)]]], 2.0);
    }

    #[test]
    fn ground_that_a_ring_winds_around_twice_is_kept() {
        let twice = vec![
            (0.0, 0.0),
            (4.0, 0.0),
            (4.0, 4.0),
            (0.0, 4.0),
            (0.0, 1.0),
            (3.0, 1.0),
            (3.0, 3.0),
            (1.0, 3.0),
            (1.0, -1.0),
            (0.0, -1.0),
        ];
        check(&[&[twice]], 16.0);
    }

    #[test]
    fn a_ring_drawn_twice_is_drawn() {
        let mut ring = square(0.0, 0.0, 3.0);
        ring.extend(square(0.0, 0.0, 3.0));
        check(&[&[ring]], 9.0);
    }

    #[test]
    fn overlapping_parts_count_once_whichever_way_they_are_drawn() {
        let mut turned = square(1.0, 0.0, 2.0);
        turned.reverse();
        check(&[&[square(0.0, 0.0, 2.0)], &[turned]], 6.0);
        check(&[&[square(0.0, 0.0, 2.0)], &[square(0.0, 0.0, 2.0)]], 4.0);
    }

    #[test]
    fn a_hole_takes_away_what_it_winds_around() {
        let tie = vec![(1.0, 1.0), (3.0, 3.0), (3.0, 1.0), (1.0, 3.0)];
        check(&[&[square(0.0, 0.0, 4.0), tie]], 14.0);
        check(&[&[square(0.0, 0.0, 4.0), square(1.0, 1.0, 1.0), square(1.0, 1.0, 2.0)]], 12.0);
    }

    #[test]
    fn what_an_inner_ring_holds_outside_its_shell_is_ground() {
        let shell = || square(0.0, 0.0, 4.0);
        check(&[&[shell(), square(9.0, 9.0, 2.0)]], 20.0);
        let mut turned = square(9.0, 9.0, 2.0);
        turned.reverse();
        check(&[&[shell(), turned]], 20.0);
        check(&[&[shell(), vec![(9.0, 0.0), (11.0, 2.0), (11.0, 0.0), (9.0, 2.0)]]], 18.0);
        check(&[&[shell(), square(3.0, 3.0, 2.0)]], 18.0);
        check(&[&[shell(), vec![(-1.0, 1.0), (5.0, 1.0), (5.0, 2.0), (-1.0, 2.0)]]], 14.0);
        // Beside the shell, and at its corner.
        check(&[&[shell(), square(4.0, 0.0, 4.0)]], 32.0);
        check(&[&[shell(), square(4.0, 4.0, 2.0), square(1.0, 1.0, 1.0)]], 19.0);
        check(&[&[square(1.0, 1.0, 2.0), square(0.0, 0.0, 4.0)]], 12.0);
        check(&[&[shell(), square(9.0, 0.0, 2.0)], &[square(10.0, 0.0, 2.0)]], 22.0);
    }

    #[test]
    fn rings_within_rings_take_turns_unless_they_share_an_edge() {
        let shell = || square(0.0, 0.0, 4.0);
        check(&[&[shell(), square(9.0, 0.0, 3.0), square(10.0, 1.0, 1.0)]], 24.0);
        check(&[&[square(0.0, 0.0, 9.0), square(1.0, 1.0, 6.0), square(2.0, 2.0, 2.0)]], 49.0);
        check(&[&[square(0.0, 0.0, 9.0), square(1.0, 1.0, 3.0), square(2.0, 2.0, 3.0)]], 67.0);
        check(&[&[shell(), square(9.0, 0.0, 2.0), square(10.0, 0.0, 2.0)]], 22.0);
        check(&[&[shell(), square(9.0, 0.0, 2.0), square(11.0, 0.0, 2.0)]], 24.0);
    }

    #[test]
    fn a_ring_drawn_again_is_one_ring() {
        let shell = || square(0.0, 0.0, 4.0);
        check(&[&[shell(), square(1.0, 1.0, 2.0), square(1.0, 1.0, 2.0)]], 12.0);
        check(&[&[shell(), square(9.0, 0.0, 2.0), square(9.0, 0.0, 2.0)]], 20.0);
    }

    #[test]
    fn a_hole_of_one_part_does_not_cut_another() {
        check(&[&[square(0.0, 0.0, 4.0), square(1.0, 1.0, 2.0)], &[square(0.0, 0.0, 2.0)]], 13.0);
    }

    #[test]
    fn empty_rings_go() {
        check(&[&[square(0.0, 0.0, 2.0), vec![]], &[vec![]]], 4.0);
        check(&[&[square(0.0, 0.0, 2.0), vec![(1.0, 1.0)]], &[vec![(5.0, 5.0)]]], 4.0);
    }

    #[test]
    fn what_has_no_surface_cannot_be_repaired() {
        for rings in [vec![], vec![(1.0, 1.0)], vec![(0.0, 0.0), (1.0, 1.0)]] {
            let area = MultiPolygon(vec![part(&[rings])]);
            assert_eq!(repair(&area), Err(NotRepairable::NoSurface));
        }
        let gone = MultiPolygon(vec![part(&[square(0.0, 0.0, 2.0), square(0.0, 0.0, 2.0)])]);
        assert_eq!(repair(&gone), Err(NotRepairable::NoSurface));
    }

    #[test]
    fn what_a_hole_leaves_may_be_thinner_than_rounding_of_its_area() {
        let shell = vec![
            (-22.247_740_034_514_077, -10.952_638_757_580_477),
            (-22.247_440_034_514_078, -10.952_338_757_580_476),
            (-22.247_640_034_514_077, -10.952_738_757_580_477),
        ];
        let hole = vec![
            (-22.247_840_034_514_077, -10.952_538_757_580_477),
            (-22.247_740_034_514_077, -10.952_738_757_580_477),
            (-22.247_440_034_514_078, -10.952_338_757_580_476),
            (-22.247_540_034_514_078, -10.952_438_757_580_477),
        ];
        let area = MultiPolygon(vec![part(&[shell, hole])]);
        assert_promises(&repair(&area).unwrap());
    }

    #[test]
    fn coordinates_that_the_overlay_cannot_hold_are_refused() {
        for value in [1e15, 1e300, f64::INFINITY, f64::NAN] {
            let area = MultiPolygon(vec![part(&[vec![(0.0, 0.0), (value, 0.0), (0.0, 1.0)]])]);
            assert!(matches!(repair(&area), Err(NotRepairable::TooLarge(_))), "{value}");
        }
    }

    fn ring(lattice: bool) -> impl Strategy<Value = Ring> {
        let at = prop_oneof![0.0..4.0_f64, (0..5_i32).prop_map(f64::from)];
        let at = at.prop_map(move |at| if lattice { at.round() } else { at });
        prop::collection::vec((at.clone(), at), 3..12)
    }

    fn any_area() -> impl Strategy<Value = MultiPolygon<f64>> {
        let part_of = |lattice| prop::collection::vec(ring(lattice), 1..4).prop_map(|it| part(&it));
        let parts = prop::bool::ANY
            .prop_flat_map(move |lattice| prop::collection::vec(part_of(lattice), 1..4));
        // Large and small, near and far from the origin.
        (parts, -6..2_i32, -180.0..180.0_f64, -90.0..90.0_f64).prop_map(
            |(parts, size, lon, lat)| {
                let size = 10_f64.powi(size);
                MultiPolygon(parts)
                    .map_coords(|at| Coord { x: lon + at.x * size, y: lat + at.y * size })
            },
        )
    }

    /// Planar surface about a corner of the bounds, so that small areas keep their digits.
    fn surface(area: &MultiPolygon<f64>) -> f64 {
        let corner = area.bounding_rect().unwrap().min();
        area.map_coords(|at| at - corner).unsigned_area()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn whatever_is_drawn_is_repaired(area in any_area()) {
            match repair(&area) {
                Ok(repaired) => {
                    assert_promises(&repaired);
                    let again = repair(&repaired).unwrap();
                    prop_assert!((surface(&again) / surface(&repaired) - 1.0).abs() < 1e-9);
                }
                Err(error) => prop_assert_eq!(error, NotRepairable::NoSurface),
            }
        }

        #[test]
        fn a_part_drawn_again_adds_nothing(area in any_area()) {
            let mut twice = area.clone();
            twice.0.extend(area.0.iter().cloned());
            if let (Ok(one), Ok(two)) = (repair(&area), repair(&twice)) {
                let extent = area.bounding_rect().unwrap();
                let slack = 1e-7 * extent.width().max(extent.height()).powi(2);
                prop_assert!((surface(&one) - surface(&two)).abs() < slack);
            }
        }

        #[test]
        fn the_repaired_area_holds_what_its_rings_wind_around(area in any_area()) {
            use geo::Contains;
            let Ok(repaired) = repair(&area) else { return Ok(()) };
            let bounds = area.bounding_rect().unwrap();
            for step in 0..200_u32 {
                let share = |k: f64| (f64::from(step) * k).fract();
                let at = bounds.min() + Coord {
                    x: bounds.width() * share(0.618_034),
                    y: bounds.height() * share(0.754_878),
                };
                // What lies in several inner rings depends on how they lie in each other.
                let mut holds = Some(false);
                for part in &area {
                    let winds = |ring: &&LineString<f64>| winding(ring, at) != 0;
                    let inner = part.interiors().iter().filter(winds).count();
                    let shell = part.exterior();
                    if inner > 1 {
                        holds = None;
                    } else if winds(&shell) == (inner == 0) {
                        holds = Some(true);
                    }
                    if holds == Some(true) {
                        break;
                    }
                }
                let Some(holds) = holds else { continue };
                let near = rings(&area).flat_map(LineString::lines)
                    .any(|edge| distance(edge, at) < 1e-6 * bounds.width().max(bounds.height()));
                prop_assert!(near || repaired.contains(&at) == holds, "{at:?}");
            }
        }
    }

    /// How often a ring winds around a point.
    fn winding(ring: &LineString<f64>, at: Coord) -> i32 {
        ring.lines()
            .map(|edge| {
                let left = (edge.end - edge.start).x * (at - edge.start).y
                    - (edge.end - edge.start).y * (at - edge.start).x;
                match (edge.start.y <= at.y, edge.end.y <= at.y) {
                    (true, false) if left > 0.0 => 1,
                    (false, true) if left < 0.0 => -1,
                    _ => 0,
                }
            })
            .sum()
    }

    fn distance(edge: geo::Line<f64>, at: Coord) -> f64 {
        use geo::Distance;
        geo::Euclidean.distance(&edge, &geo::Point(at))
    }
}
