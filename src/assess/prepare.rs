//! Areas carried where they are needed: to WGS 84, and into the plane of every grid.

use crate::index::Populations;
use crate::intersect::{Traces, Unheld, Zone, buffer, fold, orient, union, unmapped_in};
use crate::measure::{
    Closeness, Plane, Reference, Route, ToGeographic, surface_km2, to_wgs84, within_180,
};
use crate::model::{Area, Distances, Grid, Grounds, Open, People, Shape, Window};
use geo::{BoundingRect, Coord, LineString, MultiLineString, MultiPolygon, Rect};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// How far a carried edge may be from its chord: a thousandth of a cell (and much less where that would be
/// felt), and a tenth of a meter in WGS 84.
const CELL_SHARE: f64 = 0.001;
const WGS84_DEGREES: f64 = 1e-6;

/// Where areas are needed: the grids, the planes they are in, and how far around.
pub(super) struct Places<'a> {
    grids: &'a [&'a Grid],
    planes: Vec<Result<Plane, String>>,
    distances: &'a Distances,
    /// The grid on which people of rings are counted.
    primary: usize,
    /// The grids of sources of all people; those of groups alone are none.
    of_people: Vec<usize>,
    /// The grounds on which sites were looked for.
    grounds: Option<&'a Grounds>,
}

impl<'a> Places<'a> {
    /// On the grids of all rasters, of which some are of all people.
    pub(super) fn new(
        populations: &'a Populations<'a>,
        distances: &'a Distances,
        people: &People,
    ) -> Self {
        let grids = populations.grids();
        let grid_of = |source| populations.of_source(source).map(|(stack, _)| stack.grid);
        let of_people = people.sources().filter_map(grid_of).collect();
        let primary = grid_of(people.residents()).unwrap_or(0);
        let plane = |grid: &&Grid| {
            Plane::of(grid.frame, &grid.reference).map_err(|error| error.to_string())
        };
        let planes = grids.iter().map(plane).collect();
        Self { grids, planes, distances, primary, of_people, grounds: None }
    }

    /// The same, where people beyond the grounds of sites are asked for too.
    pub(super) fn with_grounds(self, grounds: Option<&'a Grounds>) -> Self {
        Self { grounds, ..self }
    }
}

/// Ways that threads keep from one piece to the next: they belong to the thread that made them, and take
/// longer to make than many an area. A thread that turns to another piece in the middle of one makes more.
pub(super) struct Shelf(u64);

thread_local! {
    static KEPT: Cell<Option<(u64, Ways)>> = const { Cell::new(None) };
}

impl Shelf {
    /// An empty one; ways of another run lead elsewhere.
    pub(super) fn new() -> Self {
        static RUNS: AtomicU64 = AtomicU64::new(0);
        Self(RUNS.fetch_add(1, Ordering::Relaxed))
    }

    /// The ways of this thread.
    pub(super) fn take(&self, from: &Reference, places: &Places) -> Ways {
        let kept = KEPT.take().filter(|(run, _)| *run == self.0);
        kept.map_or_else(|| Ways::new(from, places), |(_, ways)| ways)
    }

    /// Keeps them for the next piece.
    pub(super) fn put_back(&self, ways: Ways) {
        KEPT.set(Some((self.0, ways)));
    }
}

/// One thread's ways from a reference system.
pub(super) struct Ways {
    to_wgs84: Result<ToGeographic, String>,
    to_grids: Vec<Result<Route, String>>,
    /// From WGS 84, for what is made by a buffer.
    around_to_grids: Vec<Result<Route, String>>,
}

impl Ways {
    pub(super) fn new(from: &Reference, places: &Places) -> Self {
        let wgs84 = Reference::wgs84();
        let to_grids = |from: &Reference| {
            let to_grid = |plane: &Result<Plane, String>| {
                let plane = plane.as_ref().map_err(String::clone)?;
                Route::new(from, plane).map_err(|error| error.to_string())
            };
            places.planes.iter().map(to_grid).collect()
        };
        let Distances { rings_m, .. } = places.distances;
        let is_around = places.distances.is_buffered() || !rings_m.is_empty();
        let looks_around = is_around || places.grounds.is_some();
        let wgs84_around = wgs84.as_ref().ok().filter(|_| looks_around);
        Self {
            to_grids: to_grids(from),
            around_to_grids: wgs84_around.map(to_grids).unwrap_or_default(),
            to_wgs84: wgs84
                .and_then(|wgs84| ToGeographic::new(from, &wgs84))
                .map_err(|error| error.to_string()),
        }
    }

    /// Polygons in WGS 84 within ±180; whether they had to be brought there.
    fn footprint(&self, polygons: &MultiPolygon<f64>) -> Result<(MultiPolygon<f64>, bool), String> {
        footprint(self.to_wgs84.as_ref().map_err(String::clone)?, polygons)
    }

    /// Lines and points in WGS 84, beside polygons that are.
    fn traces(
        &self,
        Open { lines, points }: &Open,
        polygons: MultiPolygon<f64>,
    ) -> Result<Traces, String> {
        let route = self.to_wgs84.as_ref().map_err(String::clone)?;
        let carry = |line: &LineString<f64>| {
            route.carry_line(line, [WGS84_DEGREES; 2]).map_err(|error| error.to_string())
        };
        let lines = lines.iter().map(carry).collect::<Result<Vec<_>, _>>()?;
        // Each by itself: there is no way from one to the next.
        let alone = |at: &Coord<f64>| {
            let carried = carry(&LineString(vec![*at]))?;
            let at = carried.0.first().copied().unwrap_or(*at);
            Ok::<_, String>(Coord { x: within_180(at.x), y: at.y })
        };
        let points = points.iter().map(alone).collect::<Result<Vec<_>, _>>()?;
        Ok(Traces { polygons, lines: MultiLineString(lines), points })
    }
}

/// Polygons brought to WGS 84, within ±180; whether longitudes were moved or split.
pub(super) fn footprint(
    route: &ToGeographic,
    polygons: &MultiPolygon<f64>,
) -> Result<(MultiPolygon<f64>, bool), String> {
    let closely = Closeness::Exact([WGS84_DEGREES; 2]);
    let area = route.carry(polygons, closely).map_err(|error| error.to_string())?;
    let folded = fold(area).map_err(|error| format!("split at 180 degrees: {error}"))?;
    Ok((orient(&folded.area), folded.is_moved))
}

/// The ground within the buffers of traces and so many meters more, right-hand rule.
fn within(
    traces: &Traces,
    distances: &Distances,
    more_m: f64,
) -> Result<MultiPolygon<f64>, String> {
    let of_polygons_m = distances.buffer_m + more_m;
    let of_lines_m = distances.around_lines_m() + more_m;
    let around = |traces: &Traces, meters: f64| {
        if meters <= 0.0 {
            return Ok(traces.polygons.clone());
        }
        let text = |error| format!("the ground within {meters} m of it: {error}");
        buffer(traces, meters).map_err(text)
    };
    let has_polygons = !traces.polygons.0.is_empty();
    let is_open = !traces.lines.0.is_empty() || !traces.points.is_empty();
    let ground = match (has_polygons, is_open) {
        (_, false) if of_polygons_m <= 0.0 => return Ok(traces.polygons.clone()),
        (true, true) if of_polygons_m != of_lines_m => {
            let lines = MultiLineString(Vec::new());
            let alone = Traces { lines, points: Vec::new(), polygons: traces.polygons.clone() };
            let open = Traces { polygons: MultiPolygon(Vec::new()), ..traces.clone() };
            let (one, other) = (around(&alone, of_polygons_m)?, around(&open, of_lines_m)?);
            let text = |error| format!("the ground within {of_lines_m} m of its lines: {error}");
            union(&[&one, &other]).map_err(text)?
        }
        (false, true) => around(traces, of_lines_m)?,
        _ => around(traces, of_polygons_m)?,
    };
    Ok(orient(&ground))
}

/// The zone of an area on a grid by a way, or why there is none.
fn zone(
    area: &MultiPolygon<f64>,
    route: Option<&Result<Route, String>>,
    grid: &Grid,
) -> Result<Zone, String> {
    let route = route.ok_or("there is no way to the grid")?.as_ref().map_err(String::clone)?;
    let tolerance = grid.frame.size.map(|size| CELL_SHARE * size.abs());
    let (area, carried) = route.carry(area, tolerance).map_err(|error| error.to_string())?;
    Ok(Zone::of(&area, grid, carried))
}

/// An area made ready.
pub(super) struct Prepared {
    /// In WGS 84, right-hand rule; or why there is none.
    pub(super) footprint: Result<MultiPolygon<f64>, String>,
    /// Whether longitudes of the footprint were moved by a turn, or split at ±180.
    pub(super) is_wrapped: bool,
    /// Its surface on the ellipsoid, in km².
    pub(super) surface_km2: f64,
    /// In the plane of each grid, or why not.
    pub(super) zones: Vec<Result<Zone, String>>,
    /// What lies within each distance of it, or why that is not known.
    pub(super) around: Vec<Result<Around, String>>,
    /// The ground on which nobody looked for classes, in the order of [`Grounds::by_class`].
    pub(super) unmapped: Vec<Beyond>,
    primary: usize,
}

/// The ground of an area beyond that of layers of sites.
pub(super) enum Beyond {
    /// All of the area.
    Whole,
    /// Part of it, or none.
    Rest {
        /// Its surface on the ellipsoid, in km².
        surface_km2: f64,
        /// In the plane of each grid, or why not; none where nothing is left.
        zones: Vec<Result<Zone, String>>,
    },
}

/// An area and the ground within some distance of it.
pub(super) struct Around {
    /// In WGS 84.
    pub(super) footprint: MultiPolygon<f64>,
    /// Its surface on the ellipsoid, in km².
    pub(super) surface_km2: f64,
    /// In the plane of the primary's grid.
    pub(super) zone: Zone,
}

impl Prepared {
    pub(super) fn new(area: &Area, ways: &Ways, places: &Places) -> Self {
        Self::made(area, ways, places).unwrap_or_else(Self::failed)
    }

    fn made(area: &Area, ways: &Ways, places: &Places) -> Result<Self, String> {
        let (traces, is_wrapped) = match &area.shape {
            Shape::Polygons { polygons, open, .. } => {
                let (footprint, is_wrapped) = ways.footprint(polygons)?;
                (ways.traces(open, footprint)?, is_wrapped)
            }
            Shape::Open(open) => (ways.traces(open, MultiPolygon(Vec::new()))?, false),
            Shape::Faulty { reason, .. } => return Err(reason.clone()),
        };
        let Distances { buffer_m, rings_m, .. } = places.distances;
        let footprint = within(&traces, places.distances, 0.0)?;
        let on_grid = |(place, grid): (usize, &&Grid)| match &area.shape {
            Shape::Polygons { polygons, open, .. } if *buffer_m == 0.0 && open.is_empty() => {
                zone(polygons, ways.to_grids.get(place), grid)
            }
            _ => zone(&footprint, ways.around_to_grids.get(place), grid),
        };
        let zones = places.grids.iter().enumerate().map(on_grid).collect();
        let around = |meters: &u64| {
            let footprint = within(&traces, places.distances, *meters as f64)?;
            let grid = places.grids.get(places.primary).ok_or("there is no population source")?;
            let route = ways.around_to_grids.get(places.primary);
            let zone = zone(&footprint, route, grid)?;
            Ok(Around { surface_km2: surface_km2(&footprint), footprint, zone })
        };
        let beyond = |unheld: Unheld| match unheld {
            Unheld::Whole => Beyond::Whole,
            Unheld::Rest(rest) if rest.0.is_empty() => {
                Beyond::Rest { surface_km2: 0.0, zones: Vec::new() }
            }
            Unheld::Rest(rest) => {
                let grids = places.grids.iter().zip(&ways.around_to_grids);
                let zones = grids.map(|(grid, route)| zone(&rest, Some(route), grid)).collect();
                Beyond::Rest { surface_km2: surface_km2(&rest), zones }
            }
        };
        let unmapped = places.grounds.map(|grounds| unmapped_in(&footprint, grounds));
        Ok(Self {
            unmapped: unmapped.unwrap_or_default().into_iter().map(beyond).collect(),
            around: rings_m.iter().map(around).collect(),
            surface_km2: surface_km2(&footprint),
            footprint: Ok(footprint),
            is_wrapped,
            zones,
            primary: places.primary,
        })
    }

    /// An area that could not be made ready.
    pub(super) fn failed(why: String) -> Self {
        Self {
            footprint: Err(why),
            is_wrapped: false,
            surface_km2: 0.0,
            zones: Vec::new(),
            around: Vec::new(),
            unmapped: Vec::new(),
            primary: 0,
        }
    }

    /// Whether it has a footprint and none of it lies on any grid of all people. Where it cannot be carried
    /// to one, nobody knows.
    pub(super) fn is_outside(&self, places: &Places) -> bool {
        let of_people = || places.of_people.iter().filter(|grid| **grid < self.zones.len());
        self.footprint.is_ok() && of_people().all(|grid| self.is_outside_of(*grid))
    }

    /// Whether it has a footprint and none of it lies on a grid.
    pub(super) fn is_outside_of(&self, grid: usize) -> bool {
        let zone = self.zones.get(grid);
        zone.is_some_and(|zone| zone.as_ref().is_ok_and(|zone| zone.beyond() >= 1.0))
    }

    /// The cells of a grid that its bounds touch, and those of what is around it.
    pub(super) fn windows(&self, grid: usize) -> impl Iterator<Item = Window> {
        let own = self.zones.get(grid).and_then(|zone| zone.as_ref().ok());
        let around = self.around.iter().filter(move |_| grid == self.primary).flatten();
        own.into_iter().chain(around.map(|around| &around.zone)).map(Zone::window)
    }
}

/// Bounds of a footprint, a part of one or a site: west, south, east, north.
pub(super) fn bounds<S>(shape: &S) -> Option<[f64; 4]>
where
    S: BoundingRect<f64>,
    S::Output: Into<Option<Rect<f64>>>,
{
    let rect: Rect<f64> = shape.bounding_rect().into()?;
    Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
}

/// Bounds that hold two bounds.
pub(super) fn together(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// Bounds of a grid in WGS 84, from its corners and the middles of its sides; as far as PROJ goes.
pub(super) fn bounds_wgs84(grid: &Grid) -> [f64; 4] {
    let [west, south, east, north] = grid.bounds();
    if grid.reference.is_geographic() {
        return [west, south, east, north];
    }
    let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
    let corners = [
        [west, south],
        [x, south],
        [east, south],
        [east, y],
        [east, north],
        [x, north],
        [west, north],
        [west, y],
    ];
    let carried = to_wgs84(&grid.reference, &corners);
    let wide =
        |a: [f64; 4], p: [f64; 2]| [a[0].min(p[0]), a[1].min(p[1]), a[2].max(p[0]), a[3].max(p[1])];
    let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    carried.into_iter().flatten().fold(none, wide)
}
