//! Areas carried to another reference system, their edges densified.
//!
//! An edge is straight in the system it was drawn in. Carried, it bends; so vertices are put on it until
//! the chord of each piece is within a tolerance of the carried edge. A footprint has a tolerance in units
//! of its plane, and halves edges: the same for a→b and b→a, so that neighbors share an edge still. An area
//! that is counted has one that follows from its own size, such that the ground between chords and edges is
//! no more than 3e-8 of it. That takes many vertices, and few calls of PROJ: between five points the edge is
//! a polynomial.
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

/// The ground between chords and edges that is no more than rounding, as a share of the area.
const SHARE: f64 = 3e-8;
/// A chord is not asked to be nearer than this share of the length of all edges, however thin the area.
const NEAREST: f64 = 1e-11;
/// What carried coordinates may be off, as a share of their size: inverse projections are iterated.
const NOISE: f64 = 1e-10;
/// At most so many pieces of what is taken for a polynomial.
const MOST_PIECES: f64 = 4096.0;

/// How closely the chords of an area follow its carried edges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Closeness {
    /// Within so much (x, y, in units of the plane).
    Within([f64; 2]),
    /// Within so much, and with 3e-8 of the area's planar surface between them at most.
    Exact([f64; 2]),
}

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

/// The area in the plane that the way leads to.
///
/// # Errors
///
/// [`NotCarried`] names the first vertex that cannot be carried.
pub fn carry(
    area: &MultiPolygon<f64>,
    way: &dyn Way,
    closeness: Closeness,
) -> Result<MultiPolygon<f64>, NotCarried> {
    let line = |points: Vec<[f64; 2]>| points.into_iter().map(|[x, y]| Coord { x, y }).collect();
    let mut rings = carried_rings(area, way, closeness, Longitudes::Stay)?.into_iter().map(line);
    let mut next = || rings.next().unwrap_or_else(|| LineString(Vec::new()));
    let part = |part: &Polygon<f64>| {
        let shell = next();
        Polygon::new(shell, part.interiors().iter().map(|_| next()).collect())
    };
    Ok(MultiPolygon(area.iter().map(part).collect()))
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
    closeness: Closeness,
) -> Result<MultiPolygon<f64>, NotCarried> {
    let rings = carried_rings(area, way, closeness, Longitudes::ComeBack)?;
    let mut runs = rings.iter().map(|ring| Run::carried(ring));
    let mut parts = Vec::with_capacity(area.0.len());
    for part in &area.0 {
        let Some(shell) = runs.next() else { break };
        let holes = runs.by_ref().take(part.interiors().len()).collect();
        let pole = |run: &Run| enclosed_pole(run, part, way);
        parts.push(assemble(shell, holes, pole)?);
    }
    Ok(MultiPolygon(parts))
}

/// The rings of an area in the plane that the way leads to, part by part, shells first.
fn carried_rings(
    area: &MultiPolygon<f64>,
    way: &dyn Way,
    closeness: Closeness,
    longitudes: Longitudes,
) -> Result<Vec<Vec<[f64; 2]>>, NotCarried> {
    let (Closeness::Within(tolerance) | Closeness::Exact(tolerance)) = closeness;
    let mut edges = Edges { way, tolerance, longitudes, vertices: 0 };
    let rings =
        area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    if let Closeness::Within(_) = closeness {
        return rings.map(|ring| edges.points(&edges_of(ring))).collect();
    }
    let rings: Vec<Vec<End>> =
        rings.map(|ring| edges.ends(&edges_of(ring))).collect::<Result<_, _>>()?;
    let nearest = edges.nearest(area, &rings);
    edges.tolerance = tolerance.map(|units| units.min(nearest));
    rings.iter().map(|ring| edges.followed(ring)).collect()
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
    Edges { way, tolerance, longitudes: Longitudes::Stay, vertices: 0 }.line(&edges_of(line))
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
    Edges { way, tolerance, longitudes: Longitudes::ComeBack, vertices: 0 }.line(&edges_of(line))
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
    longitudes: Longitudes,
    vertices: usize,
}

/// What x does where the way leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Longitudes {
    /// It runs on as it did before.
    Stay,
    /// It comes back after a turn.
    ComeBack,
}

/// A point before and after.
pub type End = ([f64; 2], [f64; 2]);

impl Edges<'_> {
    fn line(&mut self, points: &[[f64; 2]]) -> Result<LineString<f64>, NotCarried> {
        Ok(self.points(points)?.into_iter().map(|[x, y]| Coord { x, y }).collect())
    }

    /// Points before and after.
    fn ends(&self, points: &[[f64; 2]]) -> Result<Vec<End>, NotCarried> {
        let carried = self.way.carry(points);
        let end = |(point, carried): (&[f64; 2], Option<[f64; 2]>)| {
            Ok((*point, carried.ok_or(NotCarried::Vertex { at: *point })?))
        };
        points.iter().zip(carried).map(end).collect()
    }

    fn points(&mut self, points: &[[f64; 2]]) -> Result<Vec<[f64; 2]>, NotCarried> {
        let ends = self.ends(points)?;
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

    /// How far chords may be from the edges of some rings, such that what lies between them is rounding.
    fn nearest(&self, area: &MultiPolygon<f64>, rings: &[Vec<End>]) -> f64 {
        let signs = area
            .iter()
            .flat_map(|part| std::iter::once(1.0).chain(part.interiors().iter().map(|_| -1.0)));
        let (mut surface, mut length) = (0.0_f64, 0.0);
        for (sign, ring) in signs.zip(rings) {
            let (mut of_ring, mut at) = (0.0_f64, [0.0; 2]);
            for pair in ring.windows(2) {
                let by =
                    [0, 1].map(|axis| self.beside(pair[1].1, pair[0].1)[axis] - pair[0].1[axis]);
                of_ring += (at[0] * by[1] - at[1] * by[0]) / 2.0;
                length += by[0].hypot(by[1]);
                at = [at[0] + by[0], at[1] + by[1]];
            }
            surface += sign * of_ring.abs();
        }
        (SHARE * surface.abs() / length).max(NEAREST * length)
    }

    /// A ring with as many vertices as it takes.
    fn followed(&mut self, ends: &[End]) -> Result<Vec<[f64; 2]>, NotCarried> {
        let mut probes = Vec::with_capacity(3 * ends.len());
        for pair in ends.windows(2) {
            let middle = halfway(pair[0].0, pair[1].0);
            probes.extend([halfway(pair[0].0, middle), middle, halfway(middle, pair[1].0)]);
        }
        let probes = self.ends(&probes)?;
        let mut out = Vec::with_capacity(2 * ends.len());
        out.extend(ends.first().map(|end| end.1));
        for (pair, probes) in ends.windows(2).zip(probes.chunks_exact(3)) {
            self.bend([pair[0], probes[0], probes[1], probes[2], pair[1]], 0, &mut out)?;
            out.push(pair[1].1);
            if self.vertices + out.len() > MOST_VERTICES {
                return Err(NotCarried::TooManyVertices);
            }
        }
        self.vertices += out.len();
        Ok(out)
    }

    /// Pushes the vertices strictly between the first and last of five points at equal steps along an edge.
    fn bend(&self, edge: [End; 5], depth: u32, out: &mut Vec<[f64; 2]>) -> Result<(), NotCarried> {
        let [from, first, half, last, to] = edge;
        if depth == DEPTH || from.0 == to.0 {
            return Ok(());
        }
        let along = edge.map(|end| self.beside(end.1, from.1));
        let is_short =
            self.longitudes == Longitudes::Stay || (along[4][0] - from.1[0]).abs() < SHORT;
        if let (true, Some(pieces)) = (is_short, self.pieces(along)) {
            out.extend(
                (1..pieces).map(|piece| quartic(along, f64::from(piece) / f64::from(pieces))),
            );
            return Ok(());
        }
        let between = [[from, first], [first, half], [half, last], [last, to]];
        let between = self.ends(&between.map(|[one, two]| halfway(one.0, two.0)))?;
        self.bend([from, between[0], first, between[1], half], depth + 1, out)?;
        out.push(half.1);
        self.bend([half, between[2], last, between[3], to], depth + 1, out)
    }

    /// In how many pieces an edge is cut so that chords are near enough; `None` if a polynomial through five
    /// points may not be.
    ///
    /// # Formula
    ///
    /// ```text
    /// s: the farthest of the points from the chord; e: from a parabola; both in tolerances
    /// √s pieces, if e³/s², which the next terms come to, is little
    /// ```
    fn pieces(&self, along: [[f64; 2]; 5]) -> Option<u32> {
        let [from, first, half, last, to] = along;
        let farthest = |points: [([f64; 2], [f64; 2]); 3]| {
            let off = |(a, b): ([f64; 2], [f64; 2])| {
                let [x, y] = [0, 1].map(|axis| (a[axis] - b[axis]).abs() / self.tolerance[axis]);
                x.max(y)
            };
            points.into_iter().map(off).fold(0.0, f64::max)
        };
        let chord = halfway(from, to);
        let s =
            farthest([(first, halfway(from, chord)), (half, chord), (last, halfway(chord, to))]);
        if s <= 1.0 {
            return Some(1);
        }
        let parabola = |one: [f64; 2], other: [f64; 2]| {
            [0, 1].map(|axis| 0.375 * one[axis] + 0.75 * half[axis] - 0.125 * other[axis])
        };
        let e = farthest([(first, parabola(from, to)), (half, half), (last, parabola(to, from))]);
        let size = along.iter().flatten().fold(0.0_f64, |most, x| most.max(x.abs()));
        let noise = NOISE * size / self.tolerance[0].min(self.tolerance[1]);
        let is_smooth = e <= noise.max(1.0) || (e <= 0.05 * s && e.powi(3) <= 0.01 * s * s);
        is_smooth.then(|| s.sqrt().ceil().min(MOST_PIECES) as u32)
    }

    /// A carried point with its longitude beside another, if longitudes come back.
    fn beside(&self, at: [f64; 2], other: [f64; 2]) -> [f64; 2] {
        match self.longitudes {
            Longitudes::Stay => at,
            Longitudes::ComeBack => [near(at[0], other[0]), at[1]],
        }
    }

    /// Whether points a quarter, a half and three quarters along an edge lie on its chord.
    fn is_straight(&self, from: [f64; 2], to: [f64; 2], probes: [[f64; 2]; 3]) -> bool {
        let to = self.beside(to, from);
        let [first, half, last] = probes;
        let chord = halfway(from, to);
        let is_short = self.longitudes == Longitudes::Stay || (to[0] - from[0]).abs() < SHORT;
        is_short
            && self.within(half, chord)
            && self.within(first, halfway(from, chord))
            && self.within(last, halfway(chord, to))
    }

    fn within(&self, a: [f64; 2], b: [f64; 2]) -> bool {
        let x = self.beside(a, b)[0];
        (x - b[0]).abs() <= self.tolerance[0] && (a[1] - b[1]).abs() <= self.tolerance[1]
    }
}

/// The middle of two points; the same whichever comes first.
fn halfway(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [f64::midpoint(a[0], b[0]), f64::midpoint(a[1], b[1])]
}

/// The point at a share of the way on the polynomial through five points at equal steps, by Lagrange.
fn quartic(along: [[f64; 2]; 5], share: f64) -> [f64; 2] {
    let at = 4.0 * share;
    let mut point = [0.0; 2];
    for (node, known) in (0_u8..).zip(along) {
        let others = (0_u8..5).filter(|other| *other != node).map(f64::from);
        let node = f64::from(node);
        let weight: f64 = others.map(|other| (at - other) / (node - other)).product();
        point = [0, 1].map(|axis| point[axis] + weight * known[axis]);
    }
    point
}
