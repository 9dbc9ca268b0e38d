//! A region of the earth that answers at once whether it holds a point or a box.
//!
//! Edges are straight in longitude and latitude and lie within −180..180. They are kept by strips of
//! latitude, so a question looks at the few edges at its own height, whatever their number.

use geo::{BoundingRect, Coord, CoordsIter, LineString, MultiPolygon};

/// About so many edges share a strip.
const EDGES_PER_STRIP: usize = 4;
/// At most so many strips.
const MOST_STRIPS: usize = 1 << 14;

/// Ground, by its outline.
#[derive(Debug, Clone)]
pub struct Region {
    /// `None` for the whole earth.
    outline: Option<Outline>,
}

#[derive(Debug, Clone)]
struct Outline {
    area: MultiPolygon<f64>,
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
            let outline = Outline { area, bounds: [f64::NAN; 4], strips: Vec::new() };
            return Self { outline: Some(outline) };
        };
        let bounds = [rect.min().x, rect.min().y, rect.max().x, rect.max().y];
        let count = (area.coords_count() / EDGES_PER_STRIP).clamp(1, MOST_STRIPS);
        let mut outline =
            Outline { area: MultiPolygon(vec![]), bounds, strips: vec![vec![]; count] };
        for part in &area {
            for ring in std::iter::once(part.exterior()).chain(part.interiors()) {
                outline.add(ring);
            }
        }
        outline.area = area;
        Self { outline: Some(outline) }
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
        let [own_west, own_south, own_east, own_north] = outline.bounds;
        let is_near =
            own_west <= east && own_east >= west && own_south <= north && own_north >= south;
        if !is_near {
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
    use geo::{Contains, Intersects, Point, Rect, polygon};
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
