//! Routes: how areas of one reference system get to another, whatever part of the earth they lie on.
//!
//! To longitude and latitude there is one step. To the plane of a grid there are two: to the
//! geographic system the plane is made of, then to the plane. Between them everything far from
//! the grid is cut off, and the area is split where the plane is torn, half a turn from its central
//! meridian. What PROJ cannot carry even so is quartered until it is small, and left behind.

use super::carry::{
    Beside, Closeness, NotCarried, carry, carry_line, carry_line_round, carry_round,
};
use super::clip::clip_ring;
use super::reference::{Carrier, Reference, ReferenceError};
use super::surface::Frame;
use super::wrap::{near, unwrap_line};
use geo::{Area, BoundingRect, Coord, CoordsIter, LineString, MultiPolygon, Polygon};

/// How often what cannot be carried is cut in four before it is left behind.
const DEPTH: u32 = 6;
/// The lattice by which the place of a grid on earth is found has so many steps a side.
const STEPS: u32 = 32;
/// The meridian of a tear that is not at ±180 belongs to its western side: areas end so many degrees
/// before it, a tenth of a millimeter.
const TEAR: f64 = 1e-9;
/// Meters in a degree of latitude, about.
const DEGREE_M: f64 = 111_320.0;

/// How much of an area was carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    /// All of it.
    Whole,
    /// What lies near the grid, and where the plane reaches.
    Part,
}

/// The plane of a grid: its system, and where on earth the grid lies.
#[derive(Debug, Clone)]
pub struct Plane {
    reference: Reference,
    /// `None` for a geographic plane.
    projected: Option<Projected>,
}

/// What is to be known of a projected plane.
#[derive(Debug, Clone)]
struct Projected {
    base: Reference,
    /// The plane is torn half a turn from here, in degrees.
    central: f64,
    /// Where the grid runs on beyond the tear of a plane that comes back after so many units.
    again: Option<Again>,
    /// Bounds of the grid in the base system, wide enough: west, south, east, north; longitudes
    /// within half a turn of the central meridian.
    bounds: [f64; 4],
}

impl Plane {
    /// The plane of a grid.
    ///
    /// # Errors
    ///
    /// If PROJ cannot tell what the grid's system is made of.
    pub fn of(frame: Frame, reference: &Reference) -> Result<Self, ReferenceError> {
        let projected = if reference.is_geographic() {
            None
        } else {
            let (base, central) = (reference.base()?, reference.central_meridian());
            let carrier = Carrier::new(reference, &base)?;
            let bounds = bounds_on_earth(frame, &carrier, central);
            let again = Again::of(frame, &carrier, central);
            Some(Projected { base, central, again, bounds })
        };
        Ok(Self { reference: reference.clone(), projected })
    }
}

/// A grid that runs on beyond the tear of its plane, where the same ground comes again.
#[derive(Debug, Clone, Copy)]
struct Again {
    /// After so many units of x.
    period: f64,
    /// Westernmost and easternmost x of the grid, a turn apart at most.
    limits: [f64; 2],
}

impl Again {
    /// `None` for a grid within the tear, and in a plane that does not come back.
    fn of(frame: Frame, to_base: &Carrier, central: f64) -> Option<Self> {
        let x = |share: f64| frame.origin[0] + share * frame.cells[0] as f64 * frame.size[0];
        let y = frame.origin[1] + 0.5 * frame.cells[1] as f64 * frame.size[1];
        let (one, two) = (x(0.0), x(1.0));
        // Where a point of the plane is once it has been on earth: elsewhere, if it is beyond the tear.
        let moved = |x: f64| {
            let on_earth = to_base.carry(&[[x, y]]).first().copied()??;
            let [back, same] = to_base.carry_back(on_earth)?;
            ((same - y).abs() < 1.0).then_some(back - x)
        };
        let edge = |turn: f64| to_base.carry_back([central + turn * (180.0 - TEAR), 0.0]);
        let period = edge(1.0)?[0] - edge(-1.0)?[0];
        let comes_back = |x: f64| {
            moved(x).is_some_and(|by| by.abs() > 1.0 && (by.abs() / period - 1.0).abs() < 1e-6)
        };
        let inside = 1e-6 * (two - one);
        let is_beyond = comes_back(one + inside) || comes_back(two - inside);
        // A grid of more than one turn holds some ground twice: it counts where it comes first.
        let (west, east) = (one.min(two), one.max(two).min(one.min(two) + period));
        is_beyond.then_some(Self { period, limits: [west, east] })
    }

    /// The copies of an area on the grid; whether all of it is there.
    fn copies(self, area: &MultiPolygon<f64>) -> (MultiPolygon<f64>, Carried) {
        let Self { period, limits: [west, east] } = self;
        let window = Window { low: [west, f64::NEG_INFINITY], high: [east, f64::INFINITY] };
        let (mut out, mut whole, mut within) = (Vec::new(), 0.0, 0.0);
        for part in area {
            whole += part.unsigned_area();
            for turns in [-1.0, 0.0, 1.0] {
                let piece = Piece::of(part, turns * period).within(window).polygon();
                within += piece.as_ref().map_or(0.0, Area::unsigned_area);
                out.extend(piece);
            }
        }
        let is_whole = within >= whole * (1.0 - 1e-9);
        (MultiPolygon(out), if is_whole { Carried::Whole } else { Carried::Part })
    }
}

/// Where a grid lies on earth, and a good deal around it.
fn bounds_on_earth(frame: Frame, to_base: &Carrier, central: f64) -> [f64; 4] {
    let [width, height] =
        [0, 1].map(|axis| frame.cells[axis] as f64 * frame.size[axis] / f64::from(STEPS));
    let at = |i: u32, j: u32| {
        [frame.origin[0] + f64::from(i) * width, frame.origin[1] + f64::from(j) * height]
    };
    let lattice: Vec<[f64; 2]> =
        (0..=STEPS).flat_map(|j| (0..=STEPS).map(move |i| at(i, j))).collect();
    let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    let [mut west, mut south, mut east, mut north] =
        to_base.carry(&lattice).into_iter().flatten().fold(none, |[w, s, e, n], [x, y]| {
            let x = near(x, central);
            [w.min(x), s.min(y), e.max(x), n.max(y)]
        });
    let one = at(0, 0);
    let two = at(STEPS, STEPS);
    for pole in [-90.0, 90.0] {
        let on_grid = to_base.carry_back([central, pole]).is_some_and(|at| {
            (0..2).all(|axis| {
                at[axis] >= one[axis].min(two[axis]) && at[axis] <= one[axis].max(two[axis])
            })
        });
        if on_grid {
            (west, east) = (central - 180.0, central + 180.0);
            (south, north) = (south.min(pole), north.max(pole));
        }
    }
    let beside = |low: f64, high: f64| 1.0 + (high - low) / 4.0;
    let (across, along) = (beside(west, east), beside(south, north));
    if east - west > 270.0 {
        (west, east) = (central - 180.0, central + 180.0);
    }
    // Where the plane has no pole it is endless there.
    let last = |pole: f64| {
        let is_there = to_base.carry_back([central, pole]).is_some();
        if is_there { pole } else { pole - 1e-3 * pole.signum() }
    };
    let tear = if central == 0.0 { 0.0 } else { TEAR };
    [
        (west - across).max(central - 180.0 + tear),
        (south - along).max(last(-90.0)),
        (east + across).min(central + 180.0 - tear),
        (north + along).min(last(90.0)),
    ]
}

/// One thread's way from a reference system to longitude and latitude of another.
pub struct ToGeographic(Kind);

enum Kind {
    Same,
    Between(Beside),
    Round(Carrier),
}

impl ToGeographic {
    /// The way to a geographic system.
    ///
    /// # Errors
    ///
    /// If PROJ knows none.
    pub fn new(from: &Reference, to: &Reference) -> Result<Self, ReferenceError> {
        Ok(Self(if from.is_same(to) {
            Kind::Same
        } else if from.is_geographic() {
            Kind::Between(Beside(Carrier::new(from, to)?))
        } else {
            Kind::Round(Carrier::new(from, to)?)
        }))
    }

    /// Carries an area; longitudes may run on across ±180, and rings around a pole are closed over it.
    ///
    /// # Errors
    ///
    /// [`NotCarried`] names the first vertex that cannot be carried.
    pub fn carry(
        &self,
        area: &MultiPolygon<f64>,
        closeness: Closeness,
    ) -> Result<MultiPolygon<f64>, NotCarried> {
        match &self.0 {
            Kind::Same => Ok(area.clone()),
            Kind::Between(way) => carry(area, way, closeness),
            Kind::Round(way) => carry_round(area, way, closeness),
        }
    }

    /// Carries a line, or a point as one of a single vertex; longitudes may run on across ±180.
    ///
    /// # Errors
    ///
    /// [`NotCarried`] names the first vertex that cannot be carried.
    pub fn carry_line(
        &self,
        line: &LineString<f64>,
        tolerance: [f64; 2],
    ) -> Result<LineString<f64>, NotCarried> {
        match &self.0 {
            Kind::Same => Ok(unwrap_line(line)),
            Kind::Between(way) => carry_line(&unwrap_line(line), way, tolerance),
            Kind::Round(way) => Ok(unwrap_line(&carry_line_round(line, way, tolerance)?)),
        }
    }
}

/// One thread's way from a reference system to the plane of a grid.
pub struct Route(To);

enum To {
    Geographic(Box<ToGeographic>),
    Projected(Box<Project>),
}

/// The way to a projected plane.
struct Project {
    to_base: ToGeographic,
    to_plane: Carrier,
    central: f64,
    again: Option<Again>,
    bounds: [f64; 4],
    /// Whether areas are in this plane already.
    is_home: bool,
    unit_m: f64,
}

impl Route {
    /// The way to the plane of a grid.
    ///
    /// # Errors
    ///
    /// If PROJ knows none.
    pub fn new(from: &Reference, plane: &Plane) -> Result<Self, ReferenceError> {
        let Some(projected) = &plane.projected else {
            let way = ToGeographic::new(from, &plane.reference)?;
            return Ok(Self(To::Geographic(Box::new(way))));
        };
        Ok(Self(To::Projected(Box::new(Project {
            to_base: ToGeographic::new(from, &projected.base)?,
            to_plane: Carrier::new(&projected.base, &plane.reference)?,
            central: projected.central,
            again: projected.again,
            bounds: projected.bounds,
            is_home: from.is_same(&plane.reference),
            unit_m: plane.reference.unit_m(),
        }))))
    }

    /// Carries an area to be counted: chords stay within `tolerance` (x, y, in units of the plane) of the
    /// carried edges, and next to nothing lies between them. Rings cut off at the grid run along the cut
    /// where they left it.
    ///
    /// # Errors
    ///
    /// [`NotCarried`] names the first vertex that cannot be carried to longitude and latitude.
    pub fn carry(
        &self,
        area: &MultiPolygon<f64>,
        tolerance: [f64; 2],
    ) -> Result<(MultiPolygon<f64>, Carried), NotCarried> {
        match &self.0 {
            To::Geographic(way) => {
                Ok((way.carry(area, Closeness::Exact(tolerance))?, Carried::Whole))
            }
            To::Projected(project) => project.carry(area, tolerance),
        }
    }
}

impl Project {
    fn carry(
        &self,
        area: &MultiPolygon<f64>,
        tolerance: [f64; 2],
    ) -> Result<(MultiPolygon<f64>, Carried), NotCarried> {
        if self.is_home && self.again.is_none() && self.is_within(area) {
            return Ok((area.clone(), Carried::Whole));
        }
        let degrees = tolerance.map(|units| units * self.unit_m / DEGREE_M / 2.0);
        let base = self.to_base.carry(area, Closeness::Exact(degrees))?;
        let [west, south, east, north] = self.bounds;
        let is_around = east - west >= 360.0 - 3.0 * TEAR;
        let (mut out, mut carried) = (Vec::with_capacity(base.0.len()), Carried::Whole);
        for part in &base.0 {
            let Some(rect) = part.bounding_rect() else { continue };
            let (low, high) = (rect.min(), rect.max());
            let first = ((self.central - 180.0 - high.x) / 360.0).ceil() as i32;
            let last = ((self.central + 180.0 - low.x) / 360.0).floor() as i32;
            let is_level = low.y >= south && high.y <= north;
            let mut is_inside = is_level && is_around;
            for turns in first..=last {
                let offset = 360.0 * f64::from(turns);
                let holds = is_level && low.x + offset >= west && high.x + offset <= east;
                is_inside |= holds;
                let window = Window { low: [west, south], high: [east, north] };
                let piece = Piece::of(part, offset);
                let piece = if holds { piece } else { piece.within(window) };
                if !self.pieces(&piece, window, 0, (tolerance, &mut out))? {
                    carried = Carried::Part;
                }
            }
            if !is_inside {
                carried = Carried::Part;
            }
        }
        let out = MultiPolygon(out);
        let Some(again) = self.again else { return Ok((out, carried)) };
        let (out, on_grid) = again.copies(&out);
        Ok((out, if on_grid == Carried::Part { on_grid } else { carried }))
    }

    /// Carries what lies in a window, in ever smaller pieces where it must be; whether all of it was.
    fn pieces(
        &self,
        piece: &Piece,
        window: Window,
        depth: u32,
        (tolerance, out): ([f64; 2], &mut Vec<Polygon<f64>>),
    ) -> Result<bool, NotCarried> {
        let Some(polygon) = piece.polygon() else { return Ok(true) };
        match carry(&MultiPolygon(vec![polygon]), &self.to_plane, Closeness::Exact(tolerance)) {
            Ok(carried) => {
                out.extend(carried);
                Ok(true)
            }
            Err(NotCarried::Vertex { .. }) if depth == DEPTH => Ok(false),
            Err(NotCarried::Vertex { .. }) => {
                let mut is_whole = true;
                for quarter in window.quarters() {
                    let piece = piece.clone().within(quarter);
                    is_whole &= self.pieces(&piece, quarter, depth + 1, (tolerance, out))?;
                }
                Ok(is_whole)
            }
            Err(other) => Err(other),
        }
    }

    /// Whether an area drawn in the plane lies where the plane has its points: not beyond the tear, where
    /// the same ground comes again.
    fn is_within(&self, area: &MultiPolygon<f64>) -> bool {
        let Some(rect) = area.bounding_rect() else { return true };
        let (low, high) = (rect.min(), rect.max());
        let most =
            |at: &Coord<f64>| at.x == low.x || at.x == high.x || at.y == low.y || at.y == high.y;
        area.coords_iter().filter(most).all(|at| {
            let there = self.to_plane.carry_back([at.x, at.y]);
            let again = there.and_then(|there| self.to_plane.carry(&[there]).first().copied()?);
            // A meter is more than rounding, and less than a turn.
            again.is_some_and(|again| {
                (again[0] - at.x).abs() * self.unit_m < 1.0
                    && (again[1] - at.y).abs() * self.unit_m < 1.0
            })
        })
    }
}

/// A box of longitudes and latitudes.
#[derive(Debug, Clone, Copy)]
struct Window {
    low: [f64; 2],
    high: [f64; 2],
}

impl Window {
    fn quarters(self) -> [Self; 4] {
        let Self { low, high } = self;
        let middle = [f64::midpoint(low[0], high[0]), f64::midpoint(low[1], high[1])];
        [
            Self { low, high: middle },
            Self { low: [middle[0], low[1]], high: [high[0], middle[1]] },
            Self { low: [low[0], middle[1]], high: [middle[0], high[1]] },
            Self { low: middle, high },
        ]
    }
}

/// The rings of a part, its shell first.
#[derive(Debug, Clone)]
struct Piece(Vec<Vec<[f64; 2]>>);

impl Piece {
    fn of(part: &Polygon<f64>, offset: f64) -> Self {
        let ring = |ring: &LineString<f64>| ring.0.iter().map(|at| [at.x + offset, at.y]).collect();
        Self(std::iter::once(part.exterior()).chain(part.interiors()).map(ring).collect())
    }

    fn within(self, Window { low, high }: Window) -> Self {
        Self(self.0.into_iter().map(|ring| clip_ring(ring, low, high)).collect())
    }

    /// The part that is left; `None` if none is.
    fn polygon(&self) -> Option<Polygon<f64>> {
        let line = |ring: &Vec<[f64; 2]>| -> LineString<f64> {
            ring.iter().map(|at| Coord { x: at[0], y: at[1] }).collect()
        };
        let (shell, holes) = self.0.split_first()?;
        let holes = holes.iter().filter(|hole| hole.len() >= 4).map(line);
        (shell.len() >= 4).then(|| Polygon::new(line(shell), holes.collect()))
    }
}
