//! Buffers on the earth: all ground within a distance of polygons, lines and points.
//!
//! What is small is carried whole into a [local frame](LocalFrame) about its middle, in which distances are
//! those on the ellipsoid, and buffered there in the plane ([`offset`](super::offset)). What is larger is cut
//! along its boundary into stretches, each buffered in a frame of its own, and the stretches are united with
//! the polygon in longitude and latitude. Edges are densified on the way in and on the way back, so that
//! lines straight in degrees stay where they are, at 80 degrees of latitude and around poles too.
//!
//! Ground that was drawn is never lost: a buffer holds its polygons. A hole of which no point is farther away
//! than the distance is filled.

use super::fold::fold;
use super::offset::{around_line, around_region, circle, without_slivers};
use super::repair::{NotRepairable, orient, repair, unite};
use crate::measure::{
    Closeness, IntoFrame, LocalFrame, NotCarried, OutOfFrame, RunsTwice, carry_line, carry_round,
};
use geo::{
    BoundingRect, Coord, LineString, MapCoords, MultiLineString, MultiPolygon, Polygon, Rect,
};
use rayon::prelude::*;

/// The largest distance, in meters.
const LARGEST_M: f64 = 1_000_000.0;
/// Longitudes of lines may run on so far.
const LARGEST_LON: f64 = 720.0;
/// What lies within so many meters of its middle is carried into one frame: distances there are too long by
/// 1e-4 at most.
const FRAME_M: f64 = 150_000.0;
/// The vertices of a stretch of a line are within so many meters of its first.
const STRETCH_M: f64 = 120_000.0;
/// Edges are cut to so many meters, and degrees of longitude, before they are carried.
const EDGE_M: f64 = 50_000.0;
const EDGE_DEG: f64 = 30.0;
/// Meters of a degree on the equator, about.
const DEGREE_M: f64 = 111_320.0;
/// Chords are so near to the edges that they stand for, in distances and in meters.
const NEAR: f64 = 1e-4;
const NEAR_M: f64 = 5e-4;
/// So many pieces are united at a time.
const TOGETHER: usize = 16;
/// Pieces with more vertices are united last.
const LARGE: usize = 2000;
/// At most so many vertices of one buffer, before and after: 64 MB.
const MOST_VERTICES: usize = 1 << 22;

/// What an area is drawn from, in degrees of WGS 84; edges are straight in longitude and latitude.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// Valid, within −180..180; caps over a pole are closed along it.
    pub polygons: MultiPolygon<f64>,
    /// Longitudes may run on beyond ±180.
    pub lines: MultiLineString<f64>,
    /// Points, of any longitude.
    pub points: Vec<Coord<f64>>,
}

/// Why there is no buffer.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotBuffered {
    /// A distance that is not one, or too large.
    #[error("a distance of {0} m, wanted more than 0 and at most 1000000")]
    Distance(f64),
    /// A coordinate that is none of the earth.
    #[error("[{}, {}] is no longitude and latitude", .at[0], .at[1])]
    Coordinate {
        /// The vertex, in degrees.
        at: [f64; 2],
    },
    /// Too large to be worked on.
    #[error("its buffer needs over 4 million vertices")]
    TooManyVertices,
    /// A vertex that is not on the part of the earth on which it should be.
    #[error("[{}, {}] cannot be carried between the earth and a plane about it", .at[0], .at[1])]
    OffPlane {
        /// The vertex, in degrees or in meters of the plane.
        at: [f64; 2],
    },
    /// A ring that runs around the earth more than once.
    #[error(transparent)]
    RunsTwice(#[from] RunsTwice),
    /// The overlay of its pieces failed.
    #[error("the pieces of its buffer cannot be united: {0}")]
    Pieces(#[from] NotRepairable),
}

impl From<NotCarried> for NotBuffered {
    fn from(error: NotCarried) -> Self {
        match error {
            NotCarried::Vertex { at } => Self::OffPlane { at },
            NotCarried::TooManyVertices => Self::TooManyVertices,
            NotCarried::RunsTwice(error) => Self::RunsTwice(error),
        }
    }
}

/// All ground within so many meters of the traces, by geodesic distance on WGS 84; the polygons belong to it.
///
/// Valid, within −180..180 and split there, closed over poles, shells counter-clockwise. Without traces, nothing.
///
/// # Formula
///
/// The union of the polygons and of the circles about every point of polygons, lines and points. Circles
/// have chords of 3.75 degrees at most (of 2.8 around points), placed so that the surface is the circle's.
///
/// # Limits
///
/// From 1 m to 200 km the outline is within 0.1 % of the distance from the traces, or within 1 cm; surfaces are
/// nearer, since chords lie on both sides: circles and strips around polygons within 0.05 % from 1 m. Distances
/// to 1000 km are taken; only circles were measured there. Pieces are united on a grid of 2⁻²⁸ of their common
/// width in degrees, or height: 1 cm for what is 30 degrees wide, 11 cm at most.
///
/// # Errors
///
/// [`NotBuffered`] for distances and coordinates that are none, and for traces of more than 4 million
/// vertices once their edges are cut.
pub fn buffer(traces: &Traces, meters: f64) -> Result<MultiPolygon<f64>, NotBuffered> {
    if !(meters > 0.0 && meters <= LARGEST_M) {
        return Err(NotBuffered::Distance(meters));
    }
    let mut pieces =
        Pieces { meters, near_m: (NEAR * meters).max(NEAR_M), parts: vec![], steps: 0 };
    for polygon in &traces.polygons {
        pieces.push_polygon(polygon)?;
    }
    for line in &traces.lines {
        let line = pieces.stepped(line)?;
        pieces.push_line(&line)?;
    }
    for &at in &traces.points {
        pieces.push_point(checked(at)?)?;
    }
    united(pieces.parts, meters)
}

/// The buffers of pieces of the traces.
struct Pieces {
    meters: f64,
    /// How near chords are to their edges.
    near_m: f64,
    /// In longitude and latitude; longitudes may be beyond ±180.
    parts: Vec<Polygon<f64>>,
    /// How many vertices there are.
    steps: usize,
}

impl Pieces {
    fn push_polygon(&mut self, polygon: &Polygon<f64>) -> Result<(), NotBuffered> {
        let shell = self.stepped(polygon.exterior())?;
        let holes = polygon.interiors().iter().filter(|hole| !hole.0.is_empty());
        let holes: Vec<Vec<[f64; 2]>> =
            holes.map(|hole| self.stepped(hole)).collect::<Result<_, _>>()?;
        if shell.is_empty() {
            return Ok(());
        }
        let frame = LocalFrame::about(&shell);
        let is_small = |frame: &LocalFrame| shell.iter().all(|at| frame.radius(*at) <= FRAME_M);
        if let Some(frame) = frame.filter(is_small) {
            let shell = self.carried(&shell, &frame)?;
            let holes = holes.iter().map(|hole| self.carried(hole, &frame));
            let region = Polygon::new(shell, holes.collect::<Result<_, _>>()?);
            let buffer = around_region(&region, self.meters)?;
            return self.push_plane(&buffer, &frame);
        }
        self.parts.extend(orient(&MultiPolygon(vec![polygon.clone()])));
        for ring in std::iter::once(&shell).chain(&holes) {
            self.push_line(ring)?;
        }
        Ok(())
    }

    /// Pushes the buffer of a line of short edges, stretch by stretch.
    fn push_line(&mut self, line: &[[f64; 2]]) -> Result<(), NotBuffered> {
        let mut from = 0;
        while from < line.len() {
            let start = LocalFrame::at(line[from][0], line[from][1]);
            let rest = &line[from..];
            let reach = rest.iter().position(|at| start.radius(*at) > STRETCH_M);
            let stretch = &rest[..reach.unwrap_or(rest.len())];
            let frame = LocalFrame::about(stretch).unwrap_or(start);
            let plane = self.carried(stretch, &frame)?;
            self.push_plane(&around_line(&plane.0, self.meters)?, &frame)?;
            // The next stretch begins where this one ends; edges are shorter than stretches.
            from += match reach {
                Some(reach) => reach.max(2) - 1,
                None => rest.len(),
            };
        }
        Ok(())
    }

    fn push_point(&mut self, at: Coord) -> Result<(), NotBuffered> {
        let frame = LocalFrame::at(at.x, at.y);
        let circle = Polygon::new(circle(Coord::zero(), self.meters), vec![]);
        self.push_plane(&MultiPolygon(vec![circle]), &frame)
    }

    /// A line in a frame.
    fn carried(
        &self,
        line: &[[f64; 2]],
        frame: &LocalFrame,
    ) -> Result<LineString<f64>, NotBuffered> {
        let line: LineString<f64> = line.iter().map(|at| Coord::from(*at)).collect();
        Ok(carry_line(&line, &IntoFrame(frame, self.near_m), [self.near_m; 2])?)
    }

    /// Pushes an area of a frame, in longitude and latitude.
    fn push_plane(
        &mut self,
        area: &MultiPolygon<f64>,
        frame: &LocalFrame,
    ) -> Result<(), NotBuffered> {
        let reach_deg = (self.meters + FRAME_M) / DEGREE_M;
        let lowest = (frame.lat().abs() - reach_deg).clamp(0.0, 89.9);
        let near_deg = self.near_m / DEGREE_M;
        let tolerance = [near_deg / lowest.to_radians().cos(), near_deg];
        let within = Closeness::Within(tolerance);
        let area = carry_round(area, &OutOfFrame(frame, self.near_m), within)?;
        // A cap that was drawn from −180 to 180 has its seam there again.
        self.parts.extend(area.map_coords(|at| Coord { x: on_seam(at.x), y: at.y }));
        Ok(())
    }

    /// The vertices of a line with others between them, so that edges are short.
    fn stepped(&mut self, line: &LineString<f64>) -> Result<Vec<[f64; 2]>, NotBuffered> {
        let mut out: Vec<[f64; 2]> = Vec::with_capacity(line.0.len());
        for &at in &line.0 {
            let [x, y] = checked(at).map(|at| [at.x, at.y])?;
            if let Some(&[before_x, before_y]) = out.last() {
                let (wide, high) = (x - before_x, y - before_y);
                let lowest = if before_y * y < 0.0 { 0.0 } else { before_y.abs().min(y.abs()) };
                let meters = (wide * lowest.to_radians().cos()).hypot(high) * DEGREE_M;
                let steps = (meters / EDGE_M).max(wide.abs() / EDGE_DEG).ceil().max(1.0);
                for step in 1..steps as u32 {
                    let share = f64::from(step) / steps;
                    out.push([before_x + wide * share, before_y + high * share]);
                }
            }
            out.push([x, y]);
        }
        self.steps += out.len();
        if self.steps > MOST_VERTICES {
            return Err(NotBuffered::TooManyVertices);
        }
        Ok(out)
    }
}

/// A longitude that misses an odd number of half turns by rounding is there.
fn on_seam(x: f64) -> f64 {
    let seam = ((x - 180.0) / 360.0).round() * 360.0 + 180.0;
    if (x - seam).abs() < 1e-9 { seam } else { x }
}

fn checked(at: Coord) -> Result<Coord, NotBuffered> {
    if at.x.abs() <= LARGEST_LON && at.y.abs() <= 90.0 {
        Ok(at)
    } else {
        Err(NotBuffered::Coordinate { at: [at.x, at.y] })
    }
}

/// The union of pieces whose longitudes run on, within −180..180.
fn united(pieces: Vec<Polygon<f64>>, meters: f64) -> Result<MultiPolygon<f64>, NotBuffered> {
    let vertices = |part: &Polygon<f64>| part.exterior().0.len();
    if pieces.iter().map(vertices).sum::<usize>() > MOST_VERTICES {
        return Err(NotBuffered::TooManyVertices);
    }
    let mut out = Vec::new();
    for group in groups(in_one_turn(pieces)?) {
        let united = united_in_turn(group)?;
        let lat = united.bounding_rect().map_or(0.0, |rect| rect.center().y);
        let degrees = meters / DEGREE_M;
        let scales = [degrees, lat.to_radians().cos()];
        let united = without_slivers(united, scales, |part| {
            ends(part).contains(&-180.0) || ends(part).contains(&180.0)
        });
        out.extend(fold(united)?.area);
    }
    Ok(MultiPolygon(out))
}

/// The union of pieces, neighbors first, so that ground on which many lie is not cut up by all of them.
fn united_in_turn(pieces: Vec<Polygon<f64>>) -> Result<MultiPolygon<f64>, NotBuffered> {
    if pieces.len() == 1 {
        return Ok(repair(&MultiPolygon(pieces))?);
    }
    let (large, small): (Vec<_>, Vec<_>) =
        pieces.into_iter().partition(|piece| piece.exterior().0.len() > LARGE);
    let mut level: Vec<Vec<Polygon<f64>>> = beside_each_other(small);
    while level.len() > 1 {
        let unite = |few: &[Vec<Polygon<f64>>]| unite(&MultiPolygon(few.concat()));
        let few = level.par_chunks(TOGETHER).map(|few| unite(few).map(|area| area.0));
        level = few.collect::<Result<_, _>>()?;
    }
    level.push(large);
    Ok(unite(&MultiPolygon(level.concat()))?)
}

/// Pieces in strips from west to east, and in each from south to north, a few at a time.
fn beside_each_other(pieces: Vec<Polygon<f64>>) -> Vec<Vec<Polygon<f64>>> {
    let middle = |piece: &Polygon<f64>| piece.bounding_rect().map_or(Coord::zero(), Rect::center);
    let mut pieces: Vec<(Coord, Polygon<f64>)> =
        pieces.into_iter().map(|piece| (middle(&piece), piece)).collect();
    pieces.sort_by(|a, b| a.0.x.total_cmp(&b.0.x));
    let strip = ((pieces.len() * TOGETHER) as f64).sqrt().ceil().max(1.0) as usize;
    for strip in pieces.chunks_mut(strip) {
        strip.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    }
    let pieces: Vec<Polygon<f64>> = pieces.into_iter().map(|(_, piece)| piece).collect();
    pieces.chunks(TOGETHER).map(<[Polygon<f64>]>::to_vec).collect()
}

/// West and east end of a part.
fn ends(part: &Polygon<f64>) -> [f64; 2] {
    part.bounding_rect().map_or([0.0; 2], |rect| [rect.min().x, rect.max().x])
}

/// Pieces moved by whole turns, so that all of them lie within one turn that begins where nothing is. Where
/// there is something everywhere, pieces folded to −180..180.
fn in_one_turn(pieces: Vec<Polygon<f64>>) -> Result<Vec<Polygon<f64>>, NotBuffered> {
    if pieces.len() < 2 {
        return Ok(pieces);
    }
    let Some(seam) = free_meridian(&pieces) else {
        let fold = |piece| fold(MultiPolygon(vec![piece])).map(|folded| folded.area.0);
        let folded: Vec<Vec<Polygon<f64>>> =
            pieces.into_iter().map(fold).collect::<Result<_, _>>()?;
        return Ok(folded.concat());
    };
    let moved = |piece: Polygon<f64>| {
        let [west, east] = ends(&piece);
        let turns = ((f64::midpoint(west, east) - seam) / 360.0).floor();
        if turns == 0.0 {
            return piece;
        }
        piece.map_coords(|at| Coord { x: at.x - 360.0 * turns, y: at.y })
    };
    Ok(pieces.into_iter().map(moved).collect())
}

/// A meridian on which no piece lies: ±180 if that is one, else the middle of the widest gap.
fn free_meridian(pieces: &[Polygon<f64>]) -> Option<f64> {
    // Degrees east of −180 at which a piece begins, and where it ends.
    let mut spans: Vec<[f64; 2]> = pieces
        .iter()
        .map(|piece| {
            let [west, east] = ends(piece);
            let from = (west + 180.0).rem_euclid(360.0);
            [from, from + east - west]
        })
        .collect();
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let over = spans.iter().map(|span| span[1] - 360.0).fold(f64::NEG_INFINITY, f64::max);
    let mut gap = [0.0, spans.first().map_or(0.0, |span| span[0])];
    if over < gap[0] && gap[1] > 0.0 {
        return Some(-180.0);
    }
    gap = [over.max(0.0), over.max(0.0)];
    let mut reach = over.max(0.0);
    for [from, to] in spans.into_iter().chain([[360.0; 2]]) {
        if from - reach > gap[1] - gap[0] {
            gap = [reach, from];
        }
        reach = reach.max(to);
    }
    (gap[1] > gap[0]).then(|| f64::midpoint(gap[0], gap[1]) - 180.0)
}

/// Pieces sorted into groups whose bounds do not touch.
fn groups(pieces: Vec<Polygon<f64>>) -> Vec<Vec<Polygon<f64>>> {
    let bounds: Vec<_> = pieces.iter().map(BoundingRect::bounding_rect).collect();
    let mut order: Vec<usize> =
        (0..pieces.len()).filter(|&piece| bounds[piece].is_some()).collect();
    let west = |piece: usize| bounds[piece].map_or(0.0, |rect| rect.min().x);
    order.sort_by(|&a, &b| west(a).total_cmp(&west(b)));
    let mut leader: Vec<usize> = (0..pieces.len()).collect();
    let mut open: Vec<usize> = Vec::new();
    for &piece in &order {
        let Some(rect) = bounds[piece] else { continue };
        open.retain(|&other| bounds[other].is_some_and(|other| other.max().x >= rect.min().x));
        for &other in &open {
            let Some(beside) = bounds[other] else { continue };
            if beside.min().y <= rect.max().y && beside.max().y >= rect.min().y {
                let (one, two) = (leader_of(&mut leader, piece), leader_of(&mut leader, other));
                leader[one.max(two)] = one.min(two);
            }
        }
        open.push(piece);
    }
    let mut groups: Vec<Vec<Polygon<f64>>> = vec![Vec::new(); pieces.len()];
    for (place, piece) in pieces.into_iter().enumerate() {
        let group = leader_of(&mut leader, place);
        groups[group].push(piece);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The first piece of the group of a piece.
fn leader_of(leader: &mut [usize], piece: usize) -> usize {
    let mut at = piece;
    while leader[at] != at {
        leader[at] = leader[leader[at]];
        at = leader[at];
    }
    at
}

#[cfg(test)]
mod tests;
