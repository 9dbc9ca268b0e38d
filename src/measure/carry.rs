//! Areas carried to another reference system, their edges densified.
//!
//! An edge is straight in the system it was drawn in. Carried, it bends; so it is halved until the
//! chord of each piece is within a tolerance of the carried edge. The halving is the same for a→b
//! and b→a, so neighbors that share an edge share it still: no slivers.
//!
//! Carried to longitude and latitude, rings run on across ±180 and are closed over the pole that they enclose.

use super::reference::Carrier;
use super::wrap::{Run, assemble, near};
use geo::{Contains, Coord, LineString, MultiPolygon, Point, Polygon};

/// How often an edge may be halved: 2¹⁶ pieces.
const DEPTH: u32 = 16;
/// At most so many vertices of one area: 64 MB.
const MOST_VERTICES: usize = 1 << 22;
/// On a round earth a chord is shorter than this, in degrees of longitude.
const SHORT: f64 = 45.0;

/// Why an area cannot be carried.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NotCarried {
    /// A vertex that PROJ cannot carry.
    #[error("[{}, {}] cannot be carried to the reference system of the grid", .at[0], .at[1])]
    Vertex {
        /// The point, in the system it came from.
        at: [f64; 2],
    },
    /// Edges that bend without end.
    #[error("its edges bend so much that over 4 million vertices would be needed to follow them")]
    TooManyVertices,
    /// A ring that runs around the earth more than once.
    #[error(transparent)]
    RunsTwice(#[from] super::RunsTwice),
}

/// A way from one plane to another.
pub trait Way {
    /// Carries points; `None` where the way does not reach.
    fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>>;

    /// Carries a point back.
    fn back(&self, point: [f64; 2]) -> Option<[f64; 2]>;

    /// Whether an edge, its ends before and after, is known to stay straight: then it is not probed.
    fn is_straight(&self, _from: End, _to: End) -> bool {
        false
    }
}

impl Way for Carrier {
    fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        Self::carry(self, points)
    }

    fn back(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        self.carry_back(point)
    }
}

/// The way from one geographic system to another: longitudes stay beside those they came from.
pub(super) struct Beside(pub Carrier);

impl Way for Beside {
    fn carry(&self, points: &[[f64; 2]]) -> Vec<Option<[f64; 2]>> {
        let carried = points.iter().zip(self.0.carry(points));
        carried.map(|(from, to)| to.map(|to| beside(*from, to))).collect()
    }

    fn back(&self, point: [f64; 2]) -> Option<[f64; 2]> {
        self.0.carry_back(point).map(|back| beside(point, back))
    }
}

/// A carried point with its longitude beside the one it came from; a pole stays where it is.
fn beside(from: [f64; 2], to: [f64; 2]) -> [f64; 2] {
    if from[1].abs() >= 90.0 { from } else { [near(to[0], from[0]), to[1]] }
}

/// The area in the plane that the way leads to; chords stay within `tolerance` (x, y, in units of that
/// plane) of the carried edges.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that cannot be carried.
pub fn carry(
    area: &MultiPolygon<f64>,
    way: &dyn Way,
    tolerance: [f64; 2],
) -> Result<MultiPolygon<f64>, NotCarried> {
    let mut edges = Edges { way, tolerance, is_round: false, vertices: 0 };
    let mut parts = Vec::with_capacity(area.0.len());
    for part in &area.0 {
        let shell = edges.line(&edges_of(part.exterior()))?;
        let holes: Result<_, _> =
            part.interiors().iter().map(|hole| edges.line(&edges_of(hole))).collect();
        parts.push(Polygon::new(shell, holes?));
    }
    Ok(MultiPolygon(parts))
}

/// The area of a projected plane in longitude and latitude. Longitudes run on across ±180; rings around
/// a pole are closed over it.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that cannot be carried.
pub fn carry_round(
    area: &MultiPolygon<f64>,
    way: &dyn Way,
    tolerance: [f64; 2],
) -> Result<MultiPolygon<f64>, NotCarried> {
    let mut edges = Edges { way, tolerance, is_round: true, vertices: 0 };
    let mut parts = Vec::with_capacity(area.0.len());
    for part in &area.0 {
        let shell = edges.run(part.exterior())?;
        let holes: Result<_, _> = part.interiors().iter().map(|hole| edges.run(hole)).collect();
        let pole = |run: &Run| enclosed_pole(run, part, way);
        parts.push(assemble(shell, holes?, pole)?);
    }
    Ok(MultiPolygon(parts))
}

/// A line in the plane that the way leads to; chords stay within `tolerance` of the carried edges.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that cannot be carried.
pub fn carry_line(
    line: &LineString<f64>,
    way: &dyn Way,
    tolerance: [f64; 2],
) -> Result<LineString<f64>, NotCarried> {
    Edges { way, tolerance, is_round: false, vertices: 0 }.line(&edges_of(line))
}

/// A line of a projected plane in longitude and latitude.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that cannot be carried.
pub(super) fn carry_line_round(
    line: &LineString<f64>,
    way: &dyn Way,
    tolerance: [f64; 2],
) -> Result<LineString<f64>, NotCarried> {
    Edges { way, tolerance, is_round: true, vertices: 0 }.line(&edges_of(line))
}

/// The pole that a part encloses; the one nearer to its ring where it runs through it.
fn enclosed_pole(run: &Run, part: &Polygon<f64>, way: &dyn Way) -> f64 {
    let shell = Polygon::new(part.exterior().clone(), vec![]);
    let holds = |pole: &f64| {
        way.back([0.0, *pole]).is_some_and(|at| shell.contains(&Point::new(at[0], at[1])))
    };
    [90.0, -90.0].into_iter().find(holds).unwrap_or_else(|| {
        let latitudes = run.latitudes();
        let farthest =
            latitudes.fold(0.0, |most: f64, y| if y.abs() > most.abs() { y } else { most });
        90.0_f64.copysign(farthest)
    })
}

fn edges_of(ring: &LineString<f64>) -> Vec<[f64; 2]> {
    ring.0.iter().map(|at| [at.x, at.y]).collect()
}

/// What every edge of an area shares.
struct Edges<'a> {
    way: &'a dyn Way,
    tolerance: [f64; 2],
    /// Whether the way leads to longitudes, which come back after a turn.
    is_round: bool,
    vertices: usize,
}

/// A point before and after.
pub type End = ([f64; 2], [f64; 2]);

impl Edges<'_> {
    fn run(&mut self, ring: &LineString<f64>) -> Result<Run, NotCarried> {
        Ok(Run::carried(&self.points(&edges_of(ring))?))
    }

    fn line(&mut self, points: &[[f64; 2]]) -> Result<LineString<f64>, NotCarried> {
        Ok(self.points(points)?.into_iter().map(|[x, y]| Coord { x, y }).collect())
    }

    fn points(&mut self, points: &[[f64; 2]]) -> Result<Vec<[f64; 2]>, NotCarried> {
        let carried = self.way.carry(points);
        let mut ends = Vec::with_capacity(points.len());
        for (point, carried) in points.iter().zip(carried) {
            ends.push((*point, carried.ok_or(NotCarried::Vertex { at: *point })?));
        }
        let mut out = Vec::with_capacity(points.len());
        out.extend(ends.first().map(|end| end.1));
        for pair in ends.windows(2) {
            if let [from, to] = pair {
                self.halve(*from, *to, 0, &mut out)?;
                out.push(to.1);
                if self.vertices + out.len() > MOST_VERTICES {
                    return Err(NotCarried::TooManyVertices);
                }
            }
        }
        self.vertices += out.len();
        Ok(out)
    }

    /// Pushes the vertices strictly between two ends, if the chord is too far from the edge.
    fn halve(
        &self,
        from: End,
        to: End,
        depth: u32,
        out: &mut Vec<[f64; 2]>,
    ) -> Result<(), NotCarried> {
        // Ends that fall together may be a whole turn apart: only probes tell.
        if depth == DEPTH || from.0 == to.0 {
            return Ok(());
        }
        if self.way.is_straight(from, to) {
            return Ok(());
        }
        let middle = halfway(from.0, to.0);
        let probes = [middle, halfway(from.0, middle), halfway(middle, to.0)];
        let carried = self.way.carry(&probes);
        let [Some(half), Some(first), Some(last)] = carried[..] else {
            return Err(NotCarried::Vertex { at: middle });
        };
        if self.is_straight(from.1, to.1, [first, half, last]) {
            return Ok(());
        }
        self.halve(from, (middle, half), depth + 1, out)?;
        out.push(half);
        self.halve((middle, half), to, depth + 1, out)
    }

    /// Whether points a quarter, a half and three quarters along an edge lie on its chord.
    fn is_straight(&self, from: [f64; 2], to: [f64; 2], probes: [[f64; 2]; 3]) -> bool {
        let to = if self.is_round { [near(to[0], from[0]), to[1]] } else { to };
        let [first, half, last] = probes;
        let chord = halfway(from, to);
        let is_short = !self.is_round || (to[0] - from[0]).abs() < SHORT;
        is_short
            && self.within(half, chord)
            && self.within(first, halfway(from, chord))
            && self.within(last, halfway(chord, to))
    }

    fn within(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        let x = if self.is_round { near(a[0], b[0]) } else { a[0] };
        (x - b[0]).abs() <= self.tolerance[0] && (a[1] - b[1]).abs() <= self.tolerance[1]
    }
}

/// The middle of two points; the same whichever comes first.
fn halfway(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}
