//! Areas whose longitudes run on, brought back to −180..180 and split there.
//!
//! Each turn of the plane is cut out and moved back by whole turns. Where pieces of two turns then lie on
//! each other, they are united: ground counts once.

use super::repair::{NotRepairable, cut, repair};
use geo::{BoundingRect, Coord, MapCoords, MultiPolygon};

/// Longitudes that miss ±180 by less than this were meant to be there.
const SLACK: f64 = 1e-9;

/// An area between −180 and 180 degrees.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// Valid, as `repair` leaves it.
    pub area: MultiPolygon<f64>,
    /// Whether anything was moved.
    pub is_moved: bool,
}

/// Brings a valid area back to −180..180, split at ±180.
///
/// # Errors
///
/// [`NotRepairable`] where the overlay fails.
pub fn fold(area: MultiPolygon<f64>) -> Result<Folded, NotRepairable> {
    let Some(rect) = area.bounding_rect() else {
        return Ok(Folded { area, is_moved: false });
    };
    let (west, east) = (rect.min().x, rect.max().x);
    if west >= -180.0 && east <= 180.0 {
        return Ok(Folded { area, is_moved: false });
    }
    let turn = |x: f64| ((x + 180.0) / 360.0).floor();
    let (first, last) = (turn(west + SLACK), turn(east - SLACK).max(turn(west + SLACK)));
    let mut pieces = Vec::new();
    let mut turns = first;
    while turns <= last {
        let offset = turns * 360.0;
        let piece = if first == last {
            area.clone()
        } else {
            cut(&area, [offset - 180.0, offset + 180.0])?
        };
        // The east end of a whole turn is its west end, to the last digit: else a slit would stay open.
        let seam = west - first * 360.0;
        let back = |x: f64| if (x - seam).abs() < SLACK { seam } else { x };
        let back = |at: Coord<f64>| Coord { x: back(at.x - offset).clamp(-180.0, 180.0), y: at.y };
        pieces.extend(piece.map_coords(back));
        turns += 1.0;
    }
    let is_moved = first != last || first != 0.0;
    Ok(Folded { area: repair(&MultiPolygon(pieces))?, is_moved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intersect::faults;
    use crate::measure::surface_km2;
    use geo::{Line, LineString, LinesIter, Polygon, polygon};

    /// Folds a polygon; checks that it is valid, within ±180 and keeps its surface.
    fn check(polygon: Polygon<f64>) -> MultiPolygon<f64> {
        let drawn = MultiPolygon(vec![polygon]);
        let before = surface_km2(&drawn);
        let folded = fold(drawn).unwrap();
        assert!(folded.is_moved);
        assert!(faults(&folded.area).is_empty());
        let rect = folded.area.bounding_rect().unwrap();
        assert!(rect.min().x >= -180.0 && rect.max().x <= 180.0);
        let after = surface_km2(&folded.area);
        assert!((after / before - 1.0).abs() < 1e-9, "{after} is not {before}");
        folded.area
    }

    #[test]
    fn an_area_across_180_becomes_two_parts_that_end_there() {
        let parts = check(polygon![(x: 170.0, y: 0.0), (x: 190.0, y: 3.0), (x: 185.0, y: 10.0)]);
        assert_eq!(parts.0.len(), 2);
        for part in &parts {
            let rect = part.bounding_rect().unwrap();
            assert!(rect.max().x == 180.0 || rect.min().x == -180.0);
        }
    }

    #[test]
    fn an_area_beyond_180_is_moved_as_a_whole() {
        let parts = check(polygon![(x: 200.0, y: 0.0), (x: 210.0, y: 0.0), (x: 205.0, y: 7.0)]);
        assert_eq!(
            parts.0,
            [polygon![(x: -160.0, y: 0.0), (x: -150.0, y: 0.0), (x: -155.0, y: 7.0)]]
        );
        check(polygon![(x: -541.0, y: 0.0), (x: -539.0, y: 0.0), (x: -540.0, y: 7.0)]);
    }

    #[test]
    fn a_hole_across_180_is_split_with_its_shell() {
        check(polygon!(
            exterior: [(x: 170.0, y: 0.0), (x: 190.0, y: 0.0), (x: 190.0, y: 10.0), (x: 170.0, y: 10.0)],
            interiors: [[(x: 175.0, y: 2.0), (x: 175.0, y: 8.0), (x: 185.0, y: 8.0), (x: 185.0, y: 2.0)]],
        ));
    }

    #[test]
    fn a_cap_over_the_whole_turn_begins_anywhere() {
        check(polygon![
            (x: 33.0, y: 80.0), (x: 150.0, y: 82.0), (x: 393.0, y: 80.0), (x: 393.0, y: 90.0),
            (x: 33.0, y: 90.0)
        ]);
    }

    #[test]
    fn a_cap_that_begins_anywhere_has_no_slit() {
        let west = 33.3;
        let cap: LineString<f64> = (0..=36_u8)
            .map(|step| (west + 10.0 * f64::from(step), 80.0))
            .chain([(west + 360.0, 90.0), (west, 90.0)])
            .collect();
        let parts = check(Polygon::new(cap, vec![]));
        let is_slit = |edge: &Line<f64>| edge.dx() == 0.0 && edge.start.x.abs() != 180.0;
        assert_eq!(parts.lines_iter().find(is_slit), None);
    }

    #[test]
    fn parts_of_two_turns_on_the_same_ground_count_once() {
        let boxed = |west: f64, east: f64| polygon![(x: west, y: 0.0), (x: east, y: 0.0), (x: east, y: 5.0), (x: west, y: 5.0)];
        let twice = MultiPolygon(vec![boxed(170.0, 190.0), boxed(-190.0, -170.0)]);
        let folded = fold(twice).unwrap().area;
        let once = surface_km2(&MultiPolygon(vec![boxed(170.0, 190.0)]));
        assert!((surface_km2(&folded) / once - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_misses_180_by_rounding_is_not_split() {
        let near = polygon![(x: 170.0, y: 0.0), (x: 180.000_000_000_1, y: 0.0), (x: 175.0, y: 9.0)];
        let folded = fold(MultiPolygon(vec![near])).unwrap();
        assert!(!folded.is_moved && folded.area.0.len() == 1);
    }
}
