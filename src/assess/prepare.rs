//! Areas carried where they are needed: to WGS 84, and into the plane of every grid.

use crate::intersect::{Zone, orient};
use crate::measure::{Carrier, Reference, carry, surface_km2};
use crate::model::{Area, Grid, Shape, Window};
use geo::{BoundingRect, CoordsIter, MultiPolygon};

/// How far a carried edge may be from its chord: a thousandth of a cell (a hundredth lost up to 3e-4
/// of the people, always to the same side), and a tenth of a meter in WGS 84.
const CELL_SHARE: f64 = 0.001;
const WGS84_DEGREES: f64 = 1e-6;

/// One thread's ways from the areas' reference system.
pub(super) struct Carriers {
    /// Whether coordinates of areas are degrees.
    is_geographic: bool,
    to_wgs84: Way,
    to_grids: Vec<Way>,
}

/// A way from one reference system to another.
enum Way {
    Same,
    Carried(Carrier),
    Unknown(String),
}

impl Way {
    fn new(from: &Reference, to: &Reference) -> Self {
        if from.is_same(to) {
            return Self::Same;
        }
        match Carrier::new(from, to) {
            Ok(carrier) => Self::Carried(carrier),
            Err(error) => Self::Unknown(error.to_string()),
        }
    }

    fn carry(
        &self,
        area: &MultiPolygon<f64>,
        tolerance: [f64; 2],
    ) -> Result<MultiPolygon<f64>, String> {
        match self {
            Self::Same => Ok(area.clone()),
            Self::Carried(carrier) => {
                carry(area, carrier, tolerance).map_err(|error| error.to_string())
            }
            Self::Unknown(why) => Err(why.clone()),
        }
    }
}

impl Carriers {
    pub(super) fn new(from: &Reference, grids: &[&Grid]) -> Self {
        let to_wgs84 = match Reference::wgs84() {
            Ok(wgs84) => Way::new(from, &wgs84),
            Err(error) => Way::Unknown(error.to_string()),
        };
        let to_grids = grids.iter().map(|grid| Way::new(from, &grid.reference)).collect();
        Self { is_geographic: from.is_geographic(), to_wgs84, to_grids }
    }
}

/// An area made ready.
pub(super) struct Prepared {
    /// In WGS 84, right-hand rule; or why there is none.
    pub(super) footprint: Result<MultiPolygon<f64>, String>,
    /// Its surface on the ellipsoid, in km².
    pub(super) surface_km2: f64,
    /// In the plane of each grid, or why not.
    pub(super) zones: Vec<Result<Zone, String>>,
    vertices: u64,
}

impl Prepared {
    pub(super) fn new(area: &Area, carriers: &Carriers, grids: &[&Grid]) -> Self {
        let Shape::Polygons { polygons, .. } = &area.shape else {
            return Self::failed("it has no polygon".into());
        };
        if let Some(why) = beyond_180(polygons).filter(|_| carriers.is_geographic) {
            return Self::failed(why);
        }
        let footprint =
            carriers.to_wgs84.carry(polygons, [WGS84_DEGREES; 2]).map(|area| orient(&area));
        let surface_km2 = footprint.as_ref().map_or(0.0, surface_km2);
        let zone = |(way, grid): (&Way, &&Grid)| {
            let [width, height] = grid.frame.size;
            let tolerance = [CELL_SHARE * width.abs(), CELL_SHARE * height.abs()];
            way.carry(polygons, tolerance).map(|area| Zone::new(&area, grid))
        };
        let zones = carriers.to_grids.iter().zip(grids).map(zone).collect();
        Self { footprint, surface_km2, zones, vertices: polygons.coords_count() as u64 }
    }

    /// An area that could not be made ready.
    pub(super) fn failed(why: String) -> Self {
        Self { footprint: Err(why), surface_km2: 0.0, zones: Vec::new(), vertices: 1 }
    }

    /// Whether it has a footprint and none of it lies on any grid. Where it cannot be carried to one,
    /// nobody knows.
    pub(super) fn is_outside(&self) -> bool {
        let outside =
            |zone: &Result<Zone, String>| zone.as_ref().is_ok_and(|zone| zone.beyond() >= 1.0);
        self.footprint.is_ok() && self.zones.iter().all(outside)
    }

    /// The cells of a grid that its bounds touch.
    pub(super) fn window(&self, grid: usize) -> Option<Window> {
        self.zones.get(grid)?.as_ref().ok().map(Zone::window)
    }

    /// What assessing it costs, about: vertices and rows.
    pub(super) fn work(&self) -> u64 {
        let rows = self.zones.iter().flatten().map(|zone| zone.window().height() as u64);
        self.vertices + rows.sum::<u64>()
    }
}

/// Why an area cannot be assessed whose longitudes run beyond 180 degrees or jump across them; the
/// answer would be that of another place.
fn beyond_180(area: &MultiPolygon<f64>) -> Option<String> {
    let rings =
        area.iter().flat_map(|part| std::iter::once(part.exterior()).chain(part.interiors()));
    for ring in rings {
        // Some grids and drawings miss the meridian by rounding.
        if let Some(at) = ring.0.iter().find(|at| at.x.abs() > 180.0 + 1e-9) {
            let found = format!("[{}, {}] lies beyond 180 degrees", at.x, at.y);
            return Some(format!("{found}, which is not built yet in this version"));
        }
        let jump = ring.lines().find(|edge| {
            let width = (edge.end.x - edge.start.x).abs();
            width > 180.0 && width < 360.0
        });
        // A box whose sides run along parallels and meridians is meant as it stands.
        let is_box =
            ring.0.len() == 5 && ring.lines().all(|edge| edge.dx() == 0.0 || edge.dy() == 0.0);
        if let Some(edge) = jump.filter(|_| !is_box) {
            let (from, to) = (edge.start.x, edge.end.x);
            let found = format!("an edge from {from} to {to} degrees, which may cross 180 degrees");
            return Some(format!("{found}: not built yet in this version"));
        }
    }
    None
}

/// Bounds of a footprint: west, south, east, north.
pub(super) fn bounds(footprint: &MultiPolygon<f64>) -> Option<[f64; 4]> {
    let rect = footprint.bounding_rect()?;
    Some([rect.min().x, rect.min().y, rect.max().x, rect.max().y])
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
    let carrier = Reference::wgs84().and_then(|wgs84| Carrier::new(&grid.reference, &wgs84));
    let carried = carrier.map(|carrier| carrier.carry(&corners)).unwrap_or_default();
    let wide =
        |a: [f64; 4], p: [f64; 2]| [a[0].min(p[0]), a[1].min(p[1]), a[2].max(p[0]), a[3].max(p[1])];
    let none = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    carried.into_iter().flatten().fold(none, wide)
}
