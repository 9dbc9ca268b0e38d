//! A region of the earth that answers at once whether it holds a point or a box, and what of it lies near a box.
//!
//! Edges are straight in longitude and latitude and lie within −180..180. They are kept by strips of
//! latitude, so a question looks at the few edges at its own height, whatever their number. Its ground is kept in
//! pieces of few vertices, so what is made of it near a box costs what lies there.

use super::clip::clip_ring;
use geo::{BoundingRect, Coord, CoordsIter, LineString, MultiPolygon, Polygon};

/// About so many edges share a strip.
const EDGES_PER_STRIP: usize = 4;
/// At most so many strips.
const MOST_STRIPS: usize = 1 << 14;
/// A piece of more vertices is halved.
const PIECE: usize = 1 << 10;
/// So often at most.
const MOST_HALVINGS: u32 = 32;

/// Ground, by its outline.
#[derive(Debug, Clone)]
pub struct Region {
    /// `None` for the whole earth.
    outline: Option<Outline>,
}

#[derive(Debug, Clone)]
struct Outline {
    area: MultiPolygon<f64>,
    /// The same ground in boxes (west, south, east, north) that touch each other.
    pieces: Vec<([f64; 4], MultiPolygon<f64>)>,
    /// West, south, east, north.
    bounds: [f64; 4],
    strips: Vec<Vec<[Coord<f64>; 2]>>,
}

impl Region {
    /// The whole earth.
    #[must_use]
    pub const fn everywhere() -> Self {
        Self { outline: None }
    }

    /// The ground of valid polygons between −180 and 180 degrees.
    #[must_use]
    pub fn of(area: MultiPolygon<f64>) -> Self {
        let Some(rect) = area.bounding_rect() else {
            let (bounds, pieces, strips) = ([f64::NAN; 4], Vec::new(), Vec::new());
            let outline = Outline { area, pieces, bounds, strips };
            return Self { outline: Some(outline) };
        };
        let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        let count = (area.coords_count() / EDGES_PER_STRIP).clamp(1, MOST_STRIPS);
        let mut outline = Outline {
            area: MultiPolygon(vec![]),
            pieces: Vec::new(),
            bounds,
            strips: vec![vec![]; count],
        };
        for part in &area {
            for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
                outline.add(ring);
            }
        }
        outline.area = area;
        outline.pieces = halved(outline.area.clone(), bounds);
        Self { outline: Some(outline) }
    }

    /// Its ground in and around some boxes (west, south, east, north), in pieces that share edges; `None` for the
    /// whole earth.
    #[must_use]
    pub fn near(&self, boxes: &[[f64; 4]]) -> Option<MultiPolygon<f64>> {
        let pieces = &self.outline.as_ref()?.pieces;
        let near = pieces.iter().filter(|(of, _)| boxes.iter().any(|at| meet(*of, *at)));
        Some(near.flat_map(|(_, piece)| piece.iter().cloned()).collect())
    }

    /// Its polygons; `None` for the whole earth.
    #[must_use]
    pub fn area(&self) -> Option<&MultiPolygon<f64>> {
        self.outline.as_ref().map(|outline| &outline.area)
    }

    /// Whether it holds a longitude and latitude; a point of its outline may be in or out.
    #[must_use]
    pub fn holds(&self, at: [f64; 2]) -> bool {
        self.outline.as_ref().is_none_or(|outline| outline.holds(at))
    }

    /// Whether it holds all of a box (west, south, east, north) or nothing of it; `None` if its outline may run
    /// through the box.
    #[must_use]
    pub fn holds_box(&self, [west, south, east, north]: [f64; 4]) -> Option<bool> {
        let Some(outline) = &self.outline else { return Some(true) };
        if !meet(outline.bounds, [west, south, east, north]) {
            return Some(false);
        }
        let strips = outline.strip(south)..=outline.strip(north);
        let mut edges = outline.strips[strips].iter().flatten();
        if edges.any(|edge| may_meet(*edge, [west, south, east, north])) {
            return None;
        }
        Some(outline.holds([f64::midpoint(west, east), f64::midpoint(south, north)]))
    }
}

/// Whether two boxes have a point in common.
fn meet(a: [f64; 4], b: [f64; 4]) -> bool {
    a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1]
}

/// Polygons cut in two until each piece has few vertices, with the box in which each lies.
fn halved(area: MultiPolygon<f64>, bounds: [f64; 4]) -> Vec<([f64; 4], MultiPolygon<f64>)> {
    let mut pieces = Vec::new();
    let mut left = vec![(area, bounds, 0)];
    while let Some((area, bounds, halvings)) = left.pop() {
        if area.coords_count() <= PIECE || halvings == MOST_HALVINGS {
            if !area.0.is_empty() {
                pieces.push((bounds, area));
            }
            continue;
        }
        let [west, south, east, north] = bounds;
        let (x, y) = (f64::midpoint(west, east), f64::midpoint(south, north));
        let halves = if east - west > north - south {
            [[west, south, x, north], [x, south, east, north]]
        } else {
            [[west, south, east, y], [west, y, east, north]]
        };
        left.extend(halves.map(|half| (clipped(&area, half), half, halvings + 1)));
    }
    pieces
}

/// What of polygons lies in a box.
fn clipped(area: &MultiPolygon<f64>, [west, south, east, north]: [f64; 4]) -> MultiPolygon<f64> {
    let clip = |ring: &LineString<f64>| {
        let points = ring.0.iter().map(|at| [at.x, at.y]).collect();
        let points = clip_ring(points, [west, south], [east, north]);
        LineString(points.into_iter().map(Coord::from).collect())
    };
    let has_surface = |ring: &LineString<f64>| ring.0.len() > 3;
    let clip_part = |part: &Polygon<f64>| {
        let shell = clip(part.exterior());
        let holes = part.interiors().iter().map(clip).filter(has_surface).collect();
        has_surface(&shell).then(|| Polygon::new(shell, holes))
    };
    area.iter().filter_map(clip_part).collect()
}

impl Outline {
    /// The strip of a latitude, the first or last beyond its bounds.
    fn strip(&self, lat: f64) -> usize {
        let [_, south, _, north] = self.bounds;
        let share = (lat - south) / (north - south).max(f64::MIN_POSITIVE);
        ((share * self.strips.len() as f64).max(0.0) as usize).min(self.strips.len() - 1)
    }

    fn add(&mut self, ring: &LineString<f64>) {
        for edge in ring.lines() {
            let (low, high) = (edge.start.y.min(edge.end.y), edge.start.y.max(edge.end.y));
            for strip in self.strip(low)..=self.strip(high) {
                self.strips[strip].push([edge.start, edge.end]);
            }
        }
    }

    /// By the edges that a ray to the east crosses.
    fn holds(&self, [x, y]: [f64; 2]) -> bool {
        let [west, south, east, north] = self.bounds;
        if !(west <= x && x <= east && south <= y && y <= north) {
            return false;
        }
        let crossed = self.strips[self.strip(y)].iter().filter(|[from, to]| {
            (from.y > y) != (to.y > y)
                && x < from.x + (y - from.y) / (to.y - from.y) * (to.x - from.x)
        });
        crossed.count() % 2 == 1
    }
}

/// Whether an edge may meet a box: their bounds do, and the corners of the box do not all lie on one side of it.
fn may_meet([from, to]: [Coord<f64>; 2], [west, south, east, north]: [f64; 4]) -> bool {
    let is_apart = from.x.max(to.x) < west
        || from.x.min(to.x) > east
        || from.y.max(to.y) < south
        || from.y.min(to.y) > north;
    if is_apart {
        return false;
    }
    let side = |x: f64, y: f64| (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x);
    let sides = [side(west, south), side(east, south), side(east, north), side(west, north)];
    !(sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Area, Contains, Intersects, Point, Rect, polygon};
    use proptest::prelude::*;

    /// A square with a hole, and a triangle apart from it.
    fn region() -> Region {
        let square = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
            interiors: [[(x: 4.0, y: 4.0), (x: 4.0, y: 6.0), (x: 6.0, y: 6.0), (x: 6.0, y: 4.0)]],
        );
        let triangle = polygon![(x: 12.0, y: -3.0), (x: 19.0, y: 2.0), (x: 12.0, y: 8.0)];
        Region::of(MultiPolygon(vec![square, triangle]))
    }

    #[test]
    fn the_earth_holds_everything_and_nothing_holds_nothing() {
        assert!(Region::everywhere().holds([200.0, 91.0]));
        assert_eq!(Region::everywhere().holds_box([-180.0, -90.0, 180.0, 90.0]), Some(true));
        let nothing = Region::of(MultiPolygon(vec![]));
        assert!(!nothing.holds([0.0, 0.0]));
        assert_eq!(nothing.holds_box([-180.0, -90.0, 180.0, 90.0]), Some(false));
    }

    /// A ring with a hole, each of so many vertices that are anywhere near a circle.
    fn rough(vertices: u32) -> MultiPolygon<f64> {
        let ring = |radius: f64| {
            let at = |step: u32| {
                let angle = std::f64::consts::TAU * f64::from(step) / f64::from(vertices);
                let radius = radius * (1.0 + 0.2 * f64::from(step * 7919 % 101) / 101.0);
                (20.0 + radius * angle.cos(), 50.0 + radius * angle.sin())
            };
            LineString::from((0..vertices).map(at).collect::<Vec<_>>())
        };
        let mut hole = ring(3.0);
        hole.0.reverse();
        MultiPolygon(vec![Polygon::new(ring(8.0), vec![hole])])
    }

    #[test]
    fn pieces_are_small_and_hold_the_ground() {
        let area = rough(20_000);
        let whole = area.unsigned_area();
        let region = Region::of(area);
        let pieces = &region.outline.as_ref().unwrap().pieces;
        assert!(pieces.iter().all(|(_, piece)| piece.coords_count() <= PIECE));
        let sum: f64 = pieces.iter().map(|(_, piece)| piece.unsigned_area()).sum();
        assert!((sum / whole - 1.0).abs() < 1e-9, "{sum} is not {whole}");
        let near = region.near(&[[27.9, 50.0, 28.0, 50.1]]).unwrap();
        assert!(near.coords_count() <= 4 * PIECE);
        assert!(region.near(&[[0.0, 0.0, 1.0, 1.0]]).unwrap().0.is_empty());
        assert!(Region::everywhere().near(&[]).is_none());
    }

    proptest! {
        #[test]
        fn points_and_boxes_agree_with_geo(
            x in -2.0..21.0_f64, y in -5.0..12.0_f64, width in 0.0..4.0_f64, height in 0.0..4.0_f64,
        ) {
            let region = region();
            let area = region.area().unwrap();
            prop_assert_eq!(region.holds([x, y]), area.contains(&Point::new(x, y)));
            let rect = Rect::new((x, y), (x + width, y + height)).to_polygon();
            match region.holds_box([x, y, x + width, y + height]) {
                Some(true) => prop_assert!(area.contains(&rect)),
                Some(false) => prop_assert!(!area.intersects(&rect)),
                None => {}
            }
            let is_sure = area.contains(&Rect::new((x - 0.01, y - 0.01), (x + width + 0.01, y + height + 0.01)).to_polygon());
            prop_assert!(!is_sure || region.holds_box([x, y, x + width, y + height]) == Some(true));
        }
    }
}
