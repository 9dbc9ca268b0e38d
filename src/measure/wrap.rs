//! Rings on a round earth: longitudes that run on across ±180, and rings around a pole.
//!
//! A ring is taken as written, edge by edge, whichever way it is turned: most formats turn rings as they like.
//! An edge of more than 180 and less than 360 degrees goes the short way. The ends of one of exactly 360
//! degrees lie on one meridian: it has no width, unless it runs along a parallel and the ring follows the meridian
//! at both of its ends to the same side, as that of a belt around the earth does. Each edge is judged by itself,
//! and a vertex that is repeated changes nothing. What comes out is a ring whose longitudes run on, so that −170
//! may be 190. A ring that runs around a pole is closed over it: up the meridian of its first vertex, along the pole,
//! and back.
//!
//! How such a plane is brought back to −180..180 is decided elsewhere: a grid asks for whole turns, a file
//! for parts split at ±180.

use super::ring_surface_km2;
use geo::{BoundingRect, Coord, LineString, MultiPolygon, Polygon};

/// A whole turn, in degrees of longitude.
const TURN: f64 = 360.0;

/// An edge that misses a whole turn by less than so many degrees was meant to be one.
const SLACK: f64 = 1e-9;

/// The surface of half of the earth, in km².
const HALF_KM2: f64 = 510_065_621.724 / 2.0;

/// A ring that runs around the earth more than once.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("its longitudes run {degrees:.0} degrees around the earth, wanted 360 at most")]
pub struct RunsTwice {
    /// From its westernmost to its easternmost vertex.
    pub degrees: f64,
}

/// A ring around a pole, and the side of it that was taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AroundPole {
    /// 90 or −90.
    pub pole: f64,
    /// The surface of that side, in km².
    pub km2: f64,
}

/// An area whose longitudes run on.
#[derive(Debug, Clone, PartialEq)]
pub struct Unwrapped {
    /// Its polygons; longitudes may be beyond ±180.
    pub area: MultiPolygon<f64>,
    /// Longitudes of the ends of the edges that go the short way.
    pub short_ways: Vec<[f64; 2]>,
    /// Longitudes of the ends of the edges of 360 degrees that have no width.
    pub whole_turns: Vec<[f64; 2]>,
    /// The outer rings that run around a pole.
    pub around_poles: Vec<AroundPole>,
}

impl Default for Unwrapped {
    fn default() -> Self {
        let area = MultiPolygon(Vec::new());
        Self { area, short_ways: Vec::new(), whole_turns: Vec::new(), around_poles: Vec::new() }
    }
}

impl Unwrapped {
    /// Whether something was read into a ring that is not written there.
    #[must_use]
    pub const fn is_read_otherwise(&self) -> bool {
        !(self.short_ways.is_empty() && self.whole_turns.is_empty() && self.around_poles.is_empty())
    }
}

/// Unwraps an area as written, ring by ring.
///
/// Of the two sides of a ring around a pole the smaller is meant.
///
/// `None` if there is nothing to unwrap.
///
/// # Errors
///
/// [`RunsTwice`] for a ring of more than two turns.
pub fn unwrap(area: &MultiPolygon<f64>) -> Result<Option<Unwrapped>, RunsTwice> {
    if area.iter().all(is_plain) {
        return Ok(None);
    }
    let mut out =
        Unwrapped { area: MultiPolygon(Vec::with_capacity(area.0.len())), ..Unwrapped::default() };
    for part in &area.0 {
        let shell = Run::written(part.exterior(), &mut out);
        let holes = part.interiors().iter();
        let holes: Vec<Run> = holes.map(|hole| Run::written(hole, &mut out)).collect();
        let is_around = shell.turns() != 0 && !has_polar_hole(&holes);
        let pole = smaller_side(&shell);
        if is_around {
            out.around_poles.push(pole);
        }
        out.area.0.push(assemble(shell, holes, |run| smaller_side(run).pole)?);
    }
    Ok(Some(out))
}

/// Whether a part stands as it is written: no edge is long, and holes lie beside their shell.
fn is_plain(part: &Polygon<f64>) -> bool {
    let Some(shell) = part.exterior().bounding_rect() else { return true };
    let is_beside = |hole: &LineString<f64>| {
        hole.bounding_rect()
            .is_none_or(|hole| hole.max().x >= shell.min().x && hole.min().x <= shell.max().x)
    };
    stands(part.exterior())
        && shell.width() <= 2.0 * TURN
        && part.interiors().iter().all(|hole| stands(hole) && is_beside(hole))
}

/// A line whose longitudes run on.
#[must_use]
pub fn unwrap_line(line: &LineString<f64>) -> LineString<f64> {
    LineString(Run::written(line, &mut Unwrapped::default()).0)
}

/// A longitude between −180 and 180.
#[must_use]
pub fn within_180(x: f64) -> f64 {
    if x.abs() <= TURN / 2.0 { x } else { near(x, 0.0) }
}

/// A closed ring whose longitudes run on: its last vertex is its first, some whole turns on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run(Vec<Coord<f64>>);

impl Run {
    /// A ring or line as written; tells which of its edges were not taken so.
    fn written(ring: &LineString<f64>, told: &mut Unwrapped) -> Self {
        if stands(ring) {
            return Self(ring.0.clone());
        }
        let mut points: Vec<Coord<f64>> = Vec::with_capacity(ring.0.len());
        let mut offset = 0.0;
        for (place, at) in ring.0.iter().enumerate() {
            let edge = place.checked_sub(1);
            if let Some((edge, before)) = edge.and_then(|edge| Some((edge, ring.0.get(edge)?))) {
                let degrees = at.x - before.x;
                let is_whole = is_turn(degrees) && !follows_a_parallel(ring, edge);
                if is_long(degrees) {
                    told.short_ways.push([before.x, at.x]);
                } else if is_whole {
                    told.whole_turns.push([before.x, at.x]);
                }
                if is_long(degrees) || is_whole {
                    offset -= TURN * degrees.signum();
                }
            }
            points.push(Coord { x: at.x + offset, y: at.y });
        }
        Self(points)
    }

    /// A closed ring of points of which each is within half a turn of the next; one at a pole lies on the
    /// meridians of its neighbors.
    pub(super) fn carried(points: &[[f64; 2]]) -> Self {
        let mut run: Vec<Coord<f64>> = Vec::with_capacity(points.len());
        let is_pole = |at: &[f64; 2]| at[1].abs() >= 90.0 - 1e-11;
        for at in points.iter().filter(|at| !is_pole(at)) {
            let x = run.last().map_or(at[0], |last| near(at[0], last.x));
            run.push(Coord { x, y: at[1] });
        }
        // Vertices at the pole are put back, above what stands on either side of them.
        let mut out = Vec::with_capacity(points.len() + 2);
        let mut kept = run.into_iter().peekable();
        for (place, at) in points.iter().enumerate() {
            if !is_pole(at) {
                out.extend(kept.next());
                continue;
            }
            let before: Option<Coord<f64>> = out.last().copied();
            let after = kept.peek().copied();
            if place > 0 {
                out.extend(before.map(|before| Coord { x: before.x, y: at[1] }));
            }
            out.extend(after.map(|after| Coord { x: after.x, y: at[1] }));
        }
        Self(out)
    }

    pub(super) fn latitudes(&self) -> impl Iterator<Item = f64> {
        self.0.iter().map(|at| at.y)
    }

    /// How often it runs around the earth: 1 eastward, −1 westward, 0 for a ring that encloses no pole.
    pub(super) fn turns(&self) -> i32 {
        match (self.0.first(), self.0.last()) {
            (Some(first), Some(last)) => ((last.x - first.x) / TURN).round() as i32,
            _ => 0,
        }
    }

    /// Westernmost and easternmost longitude.
    fn bounds(&self) -> [f64; 2] {
        let none = [f64::INFINITY, f64::NEG_INFINITY];
        self.0.iter().fold(none, |[west, east], at| [west.min(at.x), east.max(at.x)])
    }

    fn shifted(mut self, degrees: f64) -> Self {
        if degrees != 0.0 {
            self.0.iter_mut().for_each(|at| at.x += degrees);
        }
        self
    }

    /// The ring with its longitudes moved by whole turns until its middle is nearest to this one.
    fn moved_to(self, middle: f64) -> Self {
        let [west, east] = self.bounds();
        let here = f64::midpoint(west, east);
        let turns = ((middle - here) / TURN).round();
        if turns.is_finite() { self.shifted(turns * TURN) } else { self }
    }

    /// A ring around the earth, eastward, from the meridian `seam` to the same a turn on.
    fn cut_at(mut self, seam: f64) -> Self {
        if self.turns() < 0 {
            self.0.reverse();
        }
        let Some(first) = self.0.first().copied() else { return self };
        let seam = seam + TURN * ((first.x - seam) / TURN).ceil();
        // Continuous from first.x to a turn on, it meets the seam somewhere in between.
        let crossing = self.0.windows(2).position(|pair| pair[0].x <= seam && pair[1].x >= seam);
        let Some(place) = crossing else { return self };
        let (from, to) = (self.0[place], self.0[place + 1]);
        let share = if to.x > from.x { (seam - from.x) / (to.x - from.x) } else { 0.0 };
        let cut = Coord { x: seam, y: from.y + share * (to.y - from.y) };
        let before = self.0[1..=place].iter().map(|at| Coord { x: at.x + TURN, y: at.y });
        let mut points = vec![cut];
        points.extend(self.0[place + 1..].iter().copied());
        points.extend(before);
        points.push(Coord { x: seam + TURN, y: cut.y });
        points.dedup();
        Self(points)
    }

    /// A ring around a pole closed over it.
    fn closed_over(mut self, pole: f64) -> Self {
        if let (Some(first), Some(last)) = (self.0.first().copied(), self.0.last().copied()) {
            self.0.extend([Coord { x: last.x, y: pole }, Coord { x: first.x, y: pole }, first]);
            self.0.dedup();
        }
        self
    }
}

/// Puts a part together from its rings, holes beside their shell and rings around a pole closed; `pole`
/// tells which pole (90 or −90) a ring encloses.
///
/// # Errors
///
/// [`RunsTwice`] for a ring of more than two turns.
pub(super) fn assemble(
    shell: Run,
    mut holes: Vec<Run>,
    pole: impl Fn(&Run) -> f64,
) -> Result<Polygon<f64>, RunsTwice> {
    for run in std::iter::once(&shell).chain(&holes) {
        let [west, east] = run.bounds();
        if east - west > 2.0 * TURN || run.turns().abs() > 1 {
            return Err(RunsTwice { degrees: east - west });
        }
    }
    let seam = free_meridian(&shell, &holes);
    let shell = match holes.iter().position(|hole| hole.turns() != 0) {
        _ if shell.turns() == 0 => match seam {
            Some(seam) => around_box(shell, seam),
            None => shell,
        },
        None => {
            let pole = pole(&shell);
            let cut = match seam {
                Some(seam) => shell.cut_at(seam),
                None => shell,
            };
            cut.closed_over(pole)
        }
        // Between two rings around the earth: a belt.
        Some(place) => belt(shell, holes.remove(place), seam),
    };
    let [west, east] = shell.bounds();
    let middle = f64::midpoint(west, east);
    let holes = holes.into_iter().map(|hole| {
        let hole = if hole.turns() == 0 {
            hole
        } else {
            let pole = pole(&hole);
            hole.closed_over(pole)
        };
        LineString(hole.moved_to(middle).0)
    });
    let holes = holes.collect();
    Ok(Polygon::new(LineString(shell.0), holes))
}

fn has_polar_hole(holes: &[Run]) -> bool {
    holes.iter().any(|hole| hole.turns() != 0)
}

/// The ring of a belt between a shell and a hole that both run around the earth.
fn belt(shell: Run, hole: Run, seam: Option<f64>) -> Run {
    let seam = seam.or_else(|| shell.0.first().map(|at| at.x)).unwrap_or(0.0);
    let (mut shell, mut hole) = (shell.cut_at(seam), hole.cut_at(seam));
    if let (Some(one), Some(other)) = (shell.0.first(), hole.0.first()) {
        let apart = TURN * ((one.x - other.x) / TURN).round();
        hole = hole.shifted(apart);
    }
    hole.0.reverse();
    shell.0.append(&mut hole.0);
    shell.0.extend(shell.0.first().copied());
    shell
}

/// A meridian on which no hole lies, where a shell that runs around the earth is to be cut because a
/// hole lies where it is cut now; `None` if it may stay.
fn free_meridian(shell: &Run, holes: &[Run]) -> Option<f64> {
    let [west, east] = shell.bounds();
    if holes.is_empty() || (shell.turns() == 0 && (east - west - TURN).abs() > 1e-9) {
        return None;
    }
    let seam = shell.0.first()?.x;
    let whole = |x: f64| (x - seam).rem_euclid(TURN);
    // Degrees east of the seam at which a hole begins, and how wide it is.
    let mut covered: Vec<[f64; 2]> = Vec::new();
    for hole in holes.iter().filter(|hole| hole.turns() == 0) {
        let [from, to] = hole.bounds();
        covered.push([whole(from), to - from]);
    }
    if covered.iter().all(|[from, width]| from + width <= TURN) {
        return None;
    }
    covered.sort_by(|a, b| a[0].total_cmp(&b[0]));
    // A hole over the seam covers what is east of it, too.
    let mut reach = covered.iter().map(|[from, width]| from + width - TURN).fold(0.0, f64::max);
    let mut widest: Option<[f64; 2]> = None;
    for [from, width] in covered.iter().copied().chain([[TURN, 0.0]]) {
        if from > reach && widest.is_none_or(|[low, high]| from - reach > high - low) {
            widest = Some([reach, from]);
        }
        reach = f64::max(reach, from + width);
    }
    widest.map(|[low, high]| seam + f64::midpoint(low, high))
}

/// A box around the earth that begins at another meridian; any other ring as it is.
fn around_box(shell: Run, seam: f64) -> Run {
    let is_box = shell.0.len() == 5
        && shell.0.windows(2).all(|pair| pair[0].x == pair[1].x || pair[0].y == pair[1].y);
    let [west, _] = shell.bounds();
    if is_box { shell.shifted(seam - west) } else { shell }
}

/// The pole on the smaller side of a ring around the earth.
fn smaller_side(run: &Run) -> AroundPole {
    let north = ring_surface_km2(&run.clone().closed_over(90.0).0).abs();
    if north <= HALF_KM2 {
        AroundPole { pole: 90.0, km2: north }
    } else {
        AroundPole { pole: -90.0, km2: 2.0 * HALF_KM2 - north }
    }
}

/// Surface (km²) of a small closed outline of carried points, across ±180 or around a pole too.
pub(super) fn outline_surface_km2(points: &[[f64; 2]]) -> f64 {
    let mut run = Run::carried(points);
    if run.turns() != 0 {
        let south = run.latitudes().any(|y| y < 0.0);
        run = run.closed_over(if south { -90.0 } else { 90.0 });
    }
    ring_surface_km2(&run.0).abs()
}

/// The copy of a longitude that is nearest to another.
pub(super) fn near(x: f64, other: f64) -> f64 {
    let turns = ((x - other) / TURN).round();
    if turns == 0.0 { x } else { x - TURN * turns }
}

/// Whether an edge of so many degrees goes the short way.
fn is_long(degrees: f64) -> bool {
    degrees.abs() > TURN / 2.0 && degrees.abs() < TURN - SLACK
}

/// Whether an edge of so many degrees ends on the meridian where it starts.
fn is_turn(degrees: f64) -> bool {
    (degrees.abs() - TURN).abs() <= SLACK
}

/// Whether a ring or line is meant as it is written: no edge goes another way.
fn stands(ring: &LineString<f64>) -> bool {
    ring.lines().enumerate().all(|(place, edge)| {
        !is_long(edge.dx()) && (!is_turn(edge.dx()) || follows_a_parallel(ring, place))
    })
}

/// Whether an edge of a closed ring runs along a parallel around the earth: the ring comes to it and leaves it
/// along its meridian, on the same side of the parallel.
fn follows_a_parallel(ring: &LineString<f64>, place: usize) -> bool {
    let Some((_, open)) = ring.0.split_last().filter(|_| ring.is_closed()) else { return false };
    let count = open.len();
    let at = |place: usize| open[place % count];
    let (from, to) = (at(place), at(place + 1));
    // Vertices that are repeated tell nothing of the way.
    let before = (1..count).map(|step| at(place + count - step)).find(|at| *at != from);
    let after = (1..count).map(|step| at(place + 1 + step)).find(|at| *at != to);
    before.zip(after).is_some_and(|(before, after)| {
        let side = (before.y - from.y) * (after.y - to.y);
        from.y == to.y && (before.x, after.x) == (from.x, to.x) && side > 0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{cell_surface_km2, surface_km2};
    use proptest::prelude::*;

    fn ring(points: &[(f64, f64)]) -> LineString<f64> {
        let mut line: LineString<f64> = points.iter().copied().collect();
        line.close();
        line
    }

    fn area(rings: &[&[(f64, f64)]]) -> MultiPolygon<f64> {
        let shell = ring(rings[0]);
        let holes = rings[1..].iter().map(|hole| ring(hole)).collect();
        MultiPolygon(vec![Polygon::new(shell, holes)])
    }

    /// Checks the surface (km²) and the west and east ends of an area once unwrapped.
    fn check(rings: &[&[(f64, f64)]], km2: f64, ends: [f64; 2]) -> Unwrapped {
        let drawn = area(rings);
        let unwrapped = unwrap(&drawn)
            .unwrap()
            .unwrap_or_else(|| Unwrapped { area: drawn, ..Unwrapped::default() });
        let rect = unwrapped.area.bounding_rect().unwrap();
        assert_eq!([rect.min().x, rect.max().x], ends);
        let found = surface_km2(&unwrapped.area);
        assert!((found / km2 - 1.0).abs() < 1e-9, "{found} is not {km2}");
        unwrapped
    }

    #[test]
    fn a_ring_across_180_goes_the_short_way() {
        let km2 = cell_surface_km2(0.0, 10.0, 20.0);
        let drawn = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0)];
        let out = check(&[&drawn], km2, [170.0, 190.0]);
        assert_eq!(out.short_ways, [[170.0, -170.0], [-170.0, 170.0]]);
        let same = [(170.0, 0.0), (190.0, 0.0), (190.0, 10.0), (170.0, 10.0)];
        assert!(check(&[&same], km2, [170.0, 190.0]).short_ways.is_empty());
    }

    #[test]
    fn a_box_wider_than_half_of_the_earth_goes_the_short_way_whichever_way_it_is_turned() {
        let mut drawn = [(-170.0, 0.0), (170.0, 0.0), (170.0, 10.0), (-170.0, 10.0)];
        for ends in [[-190.0, -170.0], [-190.0, -170.0]] {
            let out = check(&[&drawn], cell_surface_km2(0.0, 10.0, 20.0), ends);
            assert_eq!(out.short_ways.len(), 2);
            drawn[1..].reverse();
        }
        // With a vertex between it is as wide as it is drawn.
        let between =
            [(-170.0, 0.0), (0.0, 0.0), (170.0, 0.0), (170.0, 10.0), (0.0, 10.0), (-170.0, 10.0)];
        check(&[&between], cell_surface_km2(0.0, 10.0, 340.0), [-170.0, 170.0]);
    }

    #[test]
    fn a_belt_around_the_earth_is_meant_as_drawn() {
        let world = [(-180.0, -90.0), (180.0, -90.0), (180.0, 90.0), (-180.0, 90.0)];
        check(&[&world], 510_065_621.724, [-180.0, 180.0]);
        let mut turned = world;
        turned.reverse();
        check(&[&turned], 510_065_621.724, [-180.0, 180.0]);
        let from_zero = [(0.0, 10.0), (360.0, 10.0), (360.0, 20.0), (0.0, 20.0)];
        check(&[&from_zero], cell_surface_km2(10.0, 20.0, 360.0), [0.0, 360.0]);
        let one_side =
            [(-180.0, -85.0), (180.0, -85.0), (180.0, -70.0), (0.0, -70.0), (-180.0, -70.0)];
        check(&[&one_side], cell_surface_km2(-85.0, -70.0, 360.0), [-180.0, 180.0]);
    }

    #[test]
    fn an_edge_of_360_degrees_between_two_points_of_a_meridian_has_no_width() {
        // A triangle that ends at 180, written with both names of that meridian.
        let sliver = [(-180.0, -17.0), (180.0, -17.0), (179.0, -17.0), (180.0, -16.0)];
        let plain = area(&[&[(180.0, -17.0), (179.0, -17.0), (180.0, -16.0)]]);
        let out = check(&[&sliver], surface_km2(&plain), [-181.0, -180.0]);
        assert_eq!(out.whole_turns, [[-180.0, 180.0], [180.0, -180.0]]);
        assert!(out.short_ways.is_empty() && out.around_poles.is_empty());
        // One that lies across, stitched at the meridian.
        let across =
            [(179.0, 0.0), (180.0, 0.0), (-180.0, 0.0), (-179.0, 0.0), (-179.0, 4.0), (179.0, 4.0)];
        let out = check(&[&across], cell_surface_km2(0.0, 4.0, 2.0), [179.0, 181.0]);
        assert_eq!((out.whole_turns.len(), out.short_ways.len()), (1, 1));
    }

    #[test]
    fn a_repeated_vertex_at_180_widens_nothing() {
        let km2 = cell_surface_km2(-17.0, -16.0, 1.0);
        let repeated = [
            (179.0, -17.0),
            (180.0, -17.0),
            (180.0, -17.0),
            (-180.0, -17.0),
            (-180.0, -17.0),
            (-180.0, -16.0),
            (180.0, -16.0),
            (179.0, -16.0),
        ];
        check(&[&repeated], km2, [179.0, 180.0]);
        let split = [
            (179.0, -17.0),
            (180.0, -17.0),
            (180.0, -16.5),
            (-180.0, -16.5),
            (-180.0, -16.0),
            (179.0, -16.0),
        ];
        check(&[&split], km2, [179.0, 180.0]);
        // A belt stays one, whatever is repeated.
        let belt = [
            (-180.0, 10.0),
            (-180.0, 10.0),
            (180.0, 10.0),
            (180.0, 10.0),
            (180.0, 15.0),
            (180.0, 20.0),
            (-180.0, 20.0),
        ];
        check(&[&belt], cell_surface_km2(10.0, 20.0, 360.0), [-180.0, 180.0]);
        // And beside a belt a stitch stays a stitch.
        let both = [
            (-180.0, 10.0),
            (180.0, 10.0),
            (180.0, 15.0),
            (-180.0, 15.0),
            (180.0, 15.0),
            (180.0, 20.0),
            (-180.0, 20.0),
        ];
        check(&[&both], cell_surface_km2(10.0, 20.0, 360.0), [-180.0, 180.0]);
        let coast = |step: i32| (f64::from(step) * 10.0 - 180.0, -70.0);
        let mut around: Vec<(f64, f64)> = (0..=36).map(coast).collect();
        around.push(around[36]);
        around.insert(0, around[0]);
        check(&[&around], cell_surface_km2(-90.0, -70.0, 360.0), [-180.0, 180.0]);
    }

    /// A star about 180, or the western half of a disk that ends there; longitudes run on.
    fn drawn(radii: &[f64], is_cut: bool) -> Vec<(f64, f64)> {
        let at = |place: usize| {
            let angle = std::f64::consts::TAU * (place as f64 + 0.3) / radii.len() as f64;
            let radius = if is_cut { radii[0] } else { radii[place] };
            let x = 180.0 + radius * angle.cos();
            (if is_cut { x.min(180.0) } else { x }, 20.0 + radius * angle.sin())
        };
        (0..radii.len()).map(at).collect()
    }

    /// A ring as programs write it: longitudes within ±180, stitched where it crosses 180, edges along it split
    /// and vertices repeated as `choices` say.
    fn written(plain: &[(f64, f64)], choices: &[u8]) -> Vec<(f64, f64)> {
        let mut choice = choices.iter().copied().cycle();
        let mut out = Vec::new();
        for (place, from) in plain.iter().enumerate() {
            let to = plain[(place + 1) % plain.len()];
            let (mut put, mut choose) = (
                |x: f64, y: f64, times: u8| {
                    let x = if x > 180.0 { x - 360.0 } else { x };
                    out.extend(std::iter::repeat_n((x, y), usize::from(times)));
                },
                || choice.next().unwrap(),
            );
            let on_meridian = from.0 == 180.0;
            let name = if on_meridian && choose() % 2 == 0 { -180.0 } else { from.0 };
            put(name, from.1, 1 + choose() % 3);
            if on_meridian && choose() % 2 == 0 {
                put(-name.clamp(-180.0, 180.0), from.1, 1 + choose() % 2);
            }
            let share = (180.0 - from.0) / (to.0 - from.0);
            if on_meridian && to.0 == 180.0 {
                for step in 1..4 {
                    let y = from.1 + f64::from(step) * (to.1 - from.1) / 4.0;
                    let side = [180.0, -180.0][usize::from(choose() % 2)];
                    put(side, y, 1 + choose() % 2);
                    put(-side, y, choose() % 2);
                }
            } else if share > 0.0 && share < 1.0 && choose() % 2 == 0 {
                let (y, side) = (from.1 + share * (to.1 - from.1), (180.0 - from.0).signum());
                put(180.0 * side, y, 1 + choose() % 3);
                put(-180.0 * side, y, 1 + choose() % 3);
            }
        }
        out
    }

    proptest! {
        #[test]
        fn repeats_and_stitches_along_180_leave_the_surface(
            radii in prop::collection::vec(0.5..6.0_f64, 5..12),
            choices in prop::collection::vec(any::<u8>(), 40),
            is_cut in any::<bool>(),
        ) {
            let plain = drawn(&radii, is_cut);
            let wanted = surface_km2(&area(&[&plain]));
            let drawn = area(&[&written(&plain, &choices)]);
            let found = unwrap(&drawn).unwrap().map_or(drawn, |unwrapped| unwrapped.area);
            let found = surface_km2(&found);
            prop_assert!((found / wanted - 1.0).abs() < 1e-9, "{} is not {}", found, wanted);
        }
    }

    #[test]
    fn a_coast_around_a_pole_is_stitched_where_it_comes_back() {
        let coast = |step: i32| (f64::from(step) * 10.0 - 180.0, -70.0);
        let around: Vec<(f64, f64)> = (0..=36).map(coast).collect();
        let out = check(&[&around], cell_surface_km2(-90.0, -70.0, 360.0), [-180.0, 180.0]);
        assert_eq!((out.whole_turns.len(), out.around_poles.len()), (1, 1));
    }

    #[test]
    fn a_ring_around_a_pole_holds_its_cap_whichever_way_it_runs() {
        for (latitude, pole) in [(80.0, 90.0), (-80.0, -90.0)] {
            let mut cap: Vec<(f64, f64)> =
                (0..36).map(|ten| (f64::from(ten) * 10.0 - 180.0, latitude)).collect();
            let km2 = cell_surface_km2(80.0, 90.0, 360.0);
            let out = check(&[&cap], km2, [-180.0, 180.0]);
            assert_eq!(out.around_poles.len(), 1);
            assert_eq!(out.around_poles[0].pole, pole);
            cap.reverse();
            // It begins at 170 now, and runs west.
            check(&[&cap], km2, [-190.0, 170.0]);
        }
    }

    #[test]
    fn a_belt_around_the_earth_has_no_pole() {
        let around = |latitude: f64, from: f64| -> Vec<(f64, f64)> {
            let at = |step: i32| (from + f64::from(step) * 40.0 + 180.0).rem_euclid(360.0) - 180.0;
            (0..9).map(|step| (at(step), latitude)).collect()
        };
        let (low, high) = (around(60.0, -170.0), around(70.0, 33.0));
        let out = check(&[&low, &high], cell_surface_km2(60.0, 70.0, 360.0), [-170.0, 190.0]);
        assert!(out.around_poles.is_empty());
        check(&[&around(-20.0, 5.0), &high], cell_surface_km2(-20.0, 70.0, 360.0), [5.0, 365.0]);
    }

    #[test]
    fn a_hole_lies_beside_its_shell_or_the_shell_is_cut_elsewhere() {
        let shell = [(170.0, 0.0), (-170.0, 0.0), (-170.0, 10.0), (170.0, 10.0)];
        let hole = [(-178.0, 2.0), (-178.0, 4.0), (-176.0, 4.0), (-176.0, 2.0)];
        let km2 = cell_surface_km2(0.0, 10.0, 20.0) - cell_surface_km2(2.0, 4.0, 2.0);
        check(&[&shell, &hole], km2, [170.0, 190.0]);
        let cap: Vec<(f64, f64)> =
            (0..36).map(|ten| (f64::from(ten) * 10.0 - 180.0, 60.0)).collect();
        let across = [(178.0, 70.0), (178.0, 72.0), (-178.0, 72.0), (-178.0, 70.0)];
        let out = unwrap(&area(&[&cap, &across])).unwrap().unwrap();
        let km2 = cell_surface_km2(60.0, 90.0, 360.0) - cell_surface_km2(70.0, 72.0, 4.0);
        assert!((surface_km2(&out.area) / km2 - 1.0).abs() < 1e-9);
        let shell = out.area.0[0].exterior().bounding_rect().unwrap();
        let hole = out.area.0[0].interiors()[0].bounding_rect().unwrap();
        assert!(shell.min().x < hole.min().x && hole.max().x < shell.max().x, "{shell:?} {hole:?}");
    }

    #[test]
    fn a_hole_across_180_goes_the_short_way_with_its_shell_whichever_way_it_is_turned() {
        let shell = [(160.0, 0.0), (-160.0, 0.0), (-160.0, 30.0), (160.0, 30.0)];
        let mut hole = [(170.0, 10.0), (-170.0, 10.0), (-170.0, 20.0), (170.0, 20.0)];
        let km2 = cell_surface_km2(0.0, 30.0, 40.0) - cell_surface_km2(10.0, 20.0, 20.0);
        for _ in 0..2 {
            check(&[&shell, &hole], km2, [160.0, 200.0]);
            hole.reverse();
        }
        let world = [(-180.0, -80.0), (180.0, -80.0), (180.0, 80.0), (-180.0, 80.0)];
        let km2 = cell_surface_km2(-80.0, 80.0, 360.0) - cell_surface_km2(10.0, 20.0, 20.0);
        let out = unwrap(&area(&[&world, &hole])).unwrap().unwrap();
        assert!((surface_km2(&out.area) / km2 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_ring_that_winds_up_is_refused() {
        let spiral: Vec<(f64, f64)> = (0..30)
            .map(|step| ((f64::from(step) * 100.0) % 360.0 - 180.0, f64::from(step)))
            .collect();
        assert!(unwrap(&area(&[&spiral])).is_err());
    }

    #[test]
    fn a_carried_vertex_at_the_pole_stands_on_the_meridians_beside_it() {
        let quarter = [[10.0, 80.0], [100.0, 80.0], [0.0, 90.0], [10.0, 80.0]];
        let points = Run::carried(&quarter).0;
        let wanted = [(10.0, 80.0), (100.0, 80.0), (100.0, 90.0), (10.0, 90.0), (10.0, 80.0)];
        assert_eq!(points, wanted.map(|(x, y)| Coord { x, y }));
    }
}
