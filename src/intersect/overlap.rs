//! The union of areas: ground that several of them share, once.
//!
//! Parts that come near no part of another area keep every digit; the others are united group by group,
//! so that the grid of the overlay suits each group and not all of them. What the overlay made must have
//! a surface between that of the largest part and that of all parts together: if it has not, or if the
//! overlay fails, the group is united part by part, and a part is taken in only where that went well.
//!
//! People of a union are counted by one walk over its rings, as those of any area.

use super::repair::{NotRepairable, orient, unite};
use super::tangle::{refuse_tangle, refuse_union};
use geo::{Area, BoundingRect, Coord, MapCoords, MultiPolygon, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::cmp::Ordering;

/// How far the surface of a union may be from what is possible, as a share of that of its parts: the grid of
/// the overlay moves vertices by 2⁻²⁸ of the extent.
const SLACK: f64 = 1e-6;

/// A part of an area with its bounds.
type Bounded = GeomWithData<Rectangle<[f64; 2]>, usize>;

/// The union of valid areas, each of them turned as RFC 7946 asks or not; the same whatever their order.
///
/// # Errors
///
/// [`NotRepairable`] if a group of areas that share ground can be united neither at once nor part by part, or
/// cross each other so often that it would take too long.
pub fn union(areas: &[&MultiPolygon<f64>]) -> Result<MultiPolygon<f64>, NotRepairable> {
    let mut parts: Vec<Polygon<f64>> =
        areas.iter().flat_map(|area| orient(area)).filter(|part| bounds(part).is_some()).collect();
    // Parts that are drawn alike are one, and the order of areas is no part of the answer.
    parts.sort_by(in_order);
    parts.dedup_by(|one, two| in_order(one, two) == Ordering::Equal);
    let mut united = Vec::with_capacity(parts.len());
    for group in groups(&parts) {
        match &group[..] {
            [alone] => united.push((*alone).clone()),
            several => united.extend(unite_group(several)?),
        }
    }
    Ok(MultiPolygon(united))
}

fn bounds(part: &Polygon<f64>) -> Option<AABB<[f64; 2]>> {
    let rect = part.bounding_rect()?;
    Some(AABB::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]))
}

/// An order of parts by what they are.
fn in_order(one: &Polygon<f64>, two: &Polygon<f64>) -> Ordering {
    fn numbers(part: &Polygon<f64>) -> impl Iterator<Item = f64> {
        let rings = std::iter::once(part.exterior()).chain(part.interiors());
        rings.flat_map(|ring| &ring.0).flat_map(|at| [at.x, at.y])
    }
    let rings = |part: &Polygon<f64>| 1 + part.interiors().len();
    let order = numbers(one).partial_cmp(numbers(two));
    order.unwrap_or(Ordering::Equal).then_with(|| rings(one).cmp(&rings(two)))
}

/// Parts whose bounds meet, or are linked by others whose bounds do, each group in the order of the parts.
fn groups(parts: &[Polygon<f64>]) -> Vec<Vec<&Polygon<f64>>> {
    let bounded = parts.iter().enumerate().filter_map(|(place, part)| {
        let bounds = bounds(part)?;
        Some(Bounded::new(Rectangle::from_aabb(bounds), place))
    });
    let tree = RTree::bulk_load(bounded.collect());
    let (mut groups, mut is_taken) = (Vec::new(), vec![false; parts.len()]);
    for first in 0..parts.len() {
        let (mut group, mut next) = (Vec::new(), vec![first]);
        while let Some(place) = next.pop() {
            if std::mem::replace(&mut is_taken[place], true) {
                continue;
            }
            group.push(place);
            let near = bounds(&parts[place]);
            let near = near.into_iter().flat_map(|near| tree.locate_in_envelope_intersecting(near));
            next.extend(near.map(|near| near.data).filter(|place| !is_taken[*place]));
        }
        if !group.is_empty() {
            group.sort_unstable();
            groups.push(group.into_iter().map(|place| &parts[place]).collect());
        }
    }
    groups
}

/// The union of parts that lie near each other: at once, else part by part.
fn unite_group(parts: &[&Polygon<f64>]) -> Result<MultiPolygon<f64>, NotRepairable> {
    let all = MultiPolygon(parts.iter().map(|part| (*part).clone()).collect());
    if refuse_tangle(&all).is_ok()
        && let Ok(united) = unite_soundly(&all)
    {
        return Ok(united);
    }
    by_halves(parts)
}

/// Half of the parts with the other half: what is overlaid at once gets smaller with each step.
fn by_halves(parts: &[&Polygon<f64>]) -> Result<MultiPolygon<f64>, NotRepairable> {
    if let [] | [_] = parts {
        return Ok(MultiPolygon(parts.iter().map(|part| (*part).clone()).collect()));
    }
    let (one, two) = parts.split_at(parts.len() / 2);
    let mut halves = by_halves(one)?;
    halves.0.extend(by_halves(two)?);
    unite_soundly(&halves)
}

/// A union whose surface can be that of its parts.
fn unite_soundly(parts: &MultiPolygon<f64>) -> Result<MultiPolygon<f64>, NotRepairable> {
    refuse_union(parts)?;
    let united = unite(parts)?;
    if is_plausible(parts, &united) { Ok(united) } else { Err(NotRepairable::Overlay) }
}

/// Whether a union has at least the surface of its largest part, and at most that of all.
fn is_plausible(parts: &MultiPolygon<f64>, united: &MultiPolygon<f64>) -> bool {
    let Some(corner) = parts.bounding_rect().map(geo::Rect::min) else {
        return united.0.is_empty();
    };
    // About a corner, so that small ones keep their digits.
    let surface = |part: &Polygon<f64>| {
        part.map_coords(|at| Coord { x: at.x - corner.x, y: at.y - corner.y }).unsigned_area()
    };
    let (mut all, mut largest) = (0.0, 0.0_f64);
    for part in parts {
        let surface = surface(part);
        all += surface;
        largest = largest.max(surface);
    }
    let union: f64 = united.iter().map(surface).sum();
    let extent = parts.bounding_rect().map_or(0.0, |rect| rect.width() * rect.height());
    let slack = SLACK * all + 1e-8 * extent;
    union >= largest - slack && union <= all + slack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intersect::faults;
    use geo::{Contains, LineString, LinesIter, polygon};
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    fn square(west: f64, south: f64, side: f64) -> MultiPolygon<f64> {
        let (east, north) = (west + side, south + side);
        MultiPolygon(vec![polygon![
            (x: west, y: south), (x: east, y: south), (x: east, y: north), (x: west, y: north)
        ]])
    }

    fn surface(area: &MultiPolygon<f64>) -> f64 {
        area.unsigned_area()
    }

    #[test]
    fn what_lies_apart_keeps_every_digit() {
        let (one, two) = (square(0.1, 0.2, 0.3), square(7.7, 0.2, 0.1));
        let united = union(&[&two, &one]).unwrap();
        assert_eq!(united.0, [orient(&one).0, orient(&two).0].concat());
    }

    #[test]
    fn shared_ground_counts_once() {
        let (one, two) = (square(0.0, 0.0, 2.0), square(1.0, 0.0, 2.0));
        let united = union(&[&one, &two]).unwrap();
        assert_eq!((united.0.len(), surface(&united)), (1, 6.0));
    }

    #[test]
    fn neighbors_become_one_and_a_ring_of_them_keeps_its_hole() {
        let ring: Vec<_> = (0..9)
            .filter(|place| *place != 4)
            .map(|place| square(f64::from(place % 3), f64::from(place / 3), 1.0))
            .collect();
        let united = union(&ring.iter().collect::<Vec<_>>()).unwrap();
        assert_eq!((united.0.len(), united.0[0].interiors().len()), (1, 1));
        assert_eq!(surface(&united), 8.0);
    }

    #[test]
    fn an_area_inside_another_adds_nothing_and_the_same_twice_is_once() {
        let (large, small) = (square(0.0, 0.0, 4.0), square(1.0, 1.0, 1.0));
        assert_eq!(surface(&union(&[&large, &small]).unwrap()), 16.0);
        assert_eq!(union(&[&large, &large, &large]).unwrap(), orient(&large));
        assert_eq!(union(&[]).unwrap().0.len(), 0);
        assert_eq!(union(&[&MultiPolygon(vec![])]).unwrap().0.len(), 0);
    }

    #[test]
    fn slivers_and_spikes_between_neighbors_are_no_trouble() {
        let sliver = |shift: f64| {
            MultiPolygon(vec![polygon![
                (x: 0.0, y: shift), (x: 10.0, y: shift + 1e-13), (x: 10.0, y: shift + 1e-12)
            ]])
        };
        let areas: Vec<_> = (0..40).map(|place| sliver(f64::from(place) * 1e-12)).collect();
        let base = square(0.0, -1.0, 10.0);
        let mut all: Vec<_> = areas.iter().collect();
        all.push(&base);
        assert!((surface(&union(&all).unwrap()) - 100.0).abs() < 1e-6);
    }

    #[test]
    fn what_the_overlay_cannot_hold_is_an_error_and_no_panic() {
        let far = square(1e300, 0.0, 1e290);
        let over = square(1e300, 1e280, 1e290);
        assert!(union(&[&far, &over]).is_err());
    }

    /// Rings with many corners about a center that wind around once.
    fn any_area() -> impl Strategy<Value = MultiPolygon<f64>> {
        let shape = (0.0..6.0_f64, 0.0..6.0_f64, prop::collection::vec(0.2..1.0_f64, 3..24));
        let is_whole = prop::bool::ANY;
        (shape, is_whole).prop_map(|((x, y, reach), is_whole)| {
            let count = reach.len();
            let at = |(place, reach): (usize, &f64)| {
                let angle = TAU * place as f64 / count as f64;
                let (east, north) = (2.0 * reach * angle.cos(), 2.0 * reach * angle.sin());
                let snap = |value: f64| if is_whole { (value * 2.0).round() / 2.0 } else { value };
                Coord { x: snap(x + east), y: snap(y + north) }
            };
            let ring: LineString<f64> = reach.iter().enumerate().map(at).collect();
            MultiPolygon(vec![Polygon::new(ring, vec![])])
        })
    }

    #[test]
    fn a_thousand_areas_that_overlap_hold_what_one_of_them_holds() {
        let mut state = 1_u64;
        let mut even = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let mut area = || {
            let (x, y, size) = (20.0 * even(), 20.0 * even(), 0.1 + 1.5 * even());
            let corner = |place: u32| {
                let angle = TAU * f64::from(place) / 60.0;
                let reach = size * (0.3 + 0.7 * even());
                Coord { x: x + reach * angle.cos(), y: y + reach * angle.sin() }
            };
            let ring: LineString<f64> = (0..60).map(corner).collect();
            MultiPolygon(vec![Polygon::new(ring, vec![])])
        };
        let areas: Vec<_> = (0..1000).map(|_| area()).collect();
        let all = united(&areas);
        assert!(faults(&all).is_empty());
        for _ in 0..20_000 {
            let at = Coord { x: 20.0 * even(), y: 20.0 * even() };
            let holds = areas.iter().any(|area| area.contains(&at));
            assert!(all.contains(&at) == holds || near_an_edge(&areas, at), "{at:?}");
        }
    }

    fn near_an_edge(areas: &[MultiPolygon<f64>], at: Coord) -> bool {
        use geo::Distance;
        let mut edges = areas.iter().flat_map(LinesIter::lines_iter);
        edges.any(|edge| geo::Euclidean.distance(&edge, &geo::Point(at)) < 1e-6)
    }

    /// Some areas, each of them valid.
    fn any_areas() -> impl Strategy<Value = Vec<MultiPolygon<f64>>> {
        prop::collection::vec(any_area(), 1..9).prop_map(|areas| {
            let repaired = areas.iter().filter_map(|area| super::super::repair(area).ok());
            repaired.collect()
        })
    }

    fn united(areas: &[MultiPolygon<f64>]) -> MultiPolygon<f64> {
        union(&areas.iter().collect::<Vec<_>>()).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn a_union_holds_what_one_of_its_areas_holds(areas in any_areas()) {
            let all = united(&areas);
            prop_assert!(faults(&all).is_empty(), "{all:?}");
            for step in 0..300_u32 {
                let share = |k: f64| (f64::from(step) * k).fract();
                let at = Coord { x: 10.0 * share(0.618_034) - 2.0, y: 10.0 * share(0.754_878) - 2.0 };
                let holds = areas.iter().any(|area| area.contains(&at));
                prop_assert!(all.contains(&at) == holds || near_an_edge(&areas, at), "{at:?}");
            }
        }

        #[test]
        fn a_union_is_no_more_than_its_areas_the_same_in_any_order_and_once(areas in any_areas()) {
            let all = united(&areas);
            let sum: f64 = areas.iter().map(surface).sum();
            let largest = areas.iter().map(surface).fold(0.0, f64::max);
            let together = surface(&all);
            prop_assert!(together <= sum + 1e-6 && together >= largest - 1e-6);
            let mut turned = areas.clone();
            turned.reverse();
            turned.rotate_left(areas.len() / 3);
            prop_assert_eq!(&united(&turned), &all);
            let parts: Vec<&Polygon<f64>> = areas.iter().flatten().collect();
            let slowly = by_halves(&parts).unwrap();
            prop_assert!(faults(&slowly).is_empty());
            prop_assert!((surface(&slowly) - together).abs() < 1e-6, "part by part");
            let again = union(&[&all, &all]).unwrap();
            prop_assert!((surface(&again) - together).abs() < 1e-9 * together.max(1.0));
            let mut twice = areas.clone();
            twice.extend(areas.iter().cloned());
            prop_assert_eq!(&united(&twice), &all);
        }
    }
}
