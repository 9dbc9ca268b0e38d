//! Points on the sphere that lie near each other: groups of them, and how far it is to the next.

use super::sphere::{Direction, authalic_radius_km, chord_of_km, chord_squared, km_of_chord};
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::GeomWithData;
use std::cmp::Ordering;

/// Points in one cell of this share of the distance between groups are not told apart.
const CELL_SHARE: f64 = 0.1;

/// Sets of numbers that are joined, two at a time.
struct Joined(Vec<usize>);

impl Joined {
    fn first_of(&mut self, mut of: usize) -> usize {
        while self.0[of] != of {
            self.0[of] = self.0[self.0[of]];
            of = self.0[of];
        }
        of
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.first_of(one), self.first_of(other));
        self.0[one.max(other)] = one.min(other);
    }
}

/// The groups of some things on the sphere, each a list of places among `0..count`, in the order of their first
/// members: steps of at most so many km lead from each member of a group to every other, and to no other group.
///
/// A thing is one or more points, each with the place of the thing. The order of points is no part of the answer.
///
/// # Limits
///
/// Steps are told by a tenth of their length: points as near to each other as that are one.
#[must_use]
pub fn groups(points: &[(Direction, usize)], count: usize, km: f64) -> Vec<Vec<usize>> {
    let chord = chord_of_km(km);
    let cell = |at: Direction| at.map(|x| (x / (CELL_SHARE * chord)).floor() as i32);
    let of_point = |(place, (at, _)): (usize, &(Direction, usize))| (cell(*at), place as u32);
    let mut cells: Vec<([i32; 3], u32)> = points.par_iter().enumerate().map(of_point).collect();
    cells.par_sort_unstable();
    let mut joined = Joined((0..count).collect());
    let mut left = Vec::new();
    for same in cells.chunk_by(|a, b| a.0 == b.0) {
        let same = || same.iter().map(|(_, place)| points[*place as usize]);
        let Some((at, first)) = same().min_by(|a, b| in_order(&a.0, &b.0)) else { continue };
        same().for_each(|(_, thing)| joined.join(first, thing));
        left.push(GeomWithData::new(at, first));
    }
    let starts = left.clone();
    let mut left = RTree::bulk_load(left);
    for start in starts {
        // Whatever was reached is taken out, so that each point is reached once.
        let mut reached = vec![*start.geom()];
        while let Some(at) = reached.pop() {
            for near in left.drain_within_distance(at, chord * chord) {
                joined.join(start.data, near.data);
                reached.push(*near.geom());
            }
        }
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); count];
    for thing in 0..count {
        groups[joined.first_of(thing)].push(thing);
    }
    groups.retain(|group| !group.is_empty());
    groups
}

/// The distance in km from each of some points to the nearest of others, on the sphere; none where there are none.
#[must_use]
pub fn to_nearest_km(points: &[Direction], others: &[Direction]) -> Option<f64> {
    let tree = RTree::bulk_load(others.to_vec());
    let nearest = |at: &Direction| Some(chord_squared(*at, *tree.nearest_neighbor(*at)?));
    let nearest = points.par_iter().filter_map(nearest).min_by(f64::total_cmp)?;
    Some(km_of_chord(nearest.sqrt(), authalic_radius_km()))
}

/// The median distance in km from one point to the next, on the sphere, of so many points at most, evenly chosen;
/// `None` for fewer than two.
#[must_use]
pub fn median_to_next_km(mut points: Vec<Direction>, sample: usize) -> Option<f64> {
    if points.len() < 2 {
        return None;
    }
    let axis = widest(&points);
    points.par_sort_unstable_by(|a, b| a[axis].total_cmp(&b[axis]).then_with(|| in_order(a, b)));
    let next = |place: usize| {
        let at = points[place];
        let before = nearest_of(at, points[..place].iter().rev(), axis, f64::INFINITY);
        nearest_of(at, points[place + 1..].iter(), axis, before)
    };
    let chosen: Vec<usize> = (0..points.len()).step_by(points.len().div_ceil(sample)).collect();
    let mut nearest: Vec<f64> = chosen.into_par_iter().map(next).collect();
    nearest.sort_by(f64::total_cmp);
    let km = |place: usize| km_of_chord(nearest[place].sqrt(), authalic_radius_km());
    let middle = nearest.len() / 2;
    let is_even = nearest.len().is_multiple_of(2);
    Some(if is_even { f64::midpoint(km(middle - 1), km(middle)) } else { km(middle) })
}

/// The square of the chord to the nearest of some points that are sorted along an axis, and so far is known.
fn nearest_of<'p>(
    at: Direction,
    others: impl Iterator<Item = &'p Direction>,
    axis: usize,
    known: f64,
) -> f64 {
    let mut nearest = known;
    for other in others {
        // Along the axis alone all that follow are farther.
        if (other[axis] - at[axis]).powi(2) >= nearest {
            break;
        }
        nearest = nearest.min(chord_squared(at, *other));
    }
    nearest
}

/// The axis along which points lie farthest apart.
fn widest(points: &[Direction]) -> usize {
    let spread = |axis: usize| {
        let ends = points.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], at| {
            [low.min(at[axis]), high.max(at[axis])]
        });
        ends[1] - ends[0]
    };
    let widest = (0..3).max_by(|a, b| spread(*a).total_cmp(&spread(*b)));
    widest.unwrap_or(0)
}

/// An order of points by what they are.
fn in_order(a: &Direction, b: &Direction) -> Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|of| of.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::sphere::direction;
    use proptest::prelude::*;

    fn of(places: &[[f64; 2]], km: f64) -> Vec<Vec<usize>> {
        let points = places.iter().enumerate().map(|(place, at)| (direction(*at), place));
        groups(&points.collect::<Vec<_>>(), places.len(), km)
    }

    #[test]
    fn a_wide_gap_parts_two_groups_and_a_chain_of_steps_joins_them() {
        assert_eq!(of(&[], 50.0), Vec::<Vec<usize>>::new());
        let places = [[20.0, 50.0], [22.0, 50.0], [20.1, 50.1]];
        assert_eq!(of(&places, 50.0), [vec![0, 2], vec![1]]);
        let chain = [[20.0, 50.0], [22.0, 50.0], [20.5, 50.0], [21.0, 50.0], [21.5, 50.0]];
        assert_eq!(of(&chain, 50.0).len(), 1);
        let across = [[179.9, -17.0], [-179.9, -17.0], [0.0, 90.0], [180.0, 89.9]];
        assert_eq!(of(&across, 50.0), [vec![0, 1], vec![2, 3]]);
        let far = of(&[[0.0, 0.0], [180.0, 0.0]], 20_100.0);
        assert_eq!(far.len(), 1, "half of the earth holds all of it");
    }

    #[test]
    fn a_thing_of_several_points_joins_what_lies_near_each_of_them() {
        let line = [[20.0, 50.0], [25.0, 50.0]].map(|at| (direction(at), 0));
        let beside = [[20.1, 50.0], [25.1, 50.0]].map(direction);
        let points = [line[0], line[1], (beside[0], 1), (beside[1], 2)];
        assert_eq!(groups(&points, 3, 50.0), [vec![0, 1, 2]]);
    }

    proptest! {
        #[test]
        fn groups_lie_between_those_of_shorter_and_of_longer_steps(
            places in prop::collection::vec((-1.0..1.0_f64, -1.0..1.0_f64), 1..60),
        ) {
            let places: Vec<[f64; 2]> = places.iter().map(|(x, y)| [*x, *y]).collect();
            let of_pairs = |km: f64| {
                let mut joined = Joined((0..places.len()).collect());
                for (one, a) in places.iter().enumerate() {
                    for (other, b) in places[..one].iter().enumerate() {
                        if chord_squared(direction(*a), direction(*b)).sqrt() <= chord_of_km(km) {
                            joined.join(one, other);
                        }
                    }
                }
                (0..places.len()).map(|place| joined.first_of(place)).collect::<Vec<_>>()
            };
            let (shorter, longer) = (of_pairs(12.0), of_pairs(28.0));
            let mut group_of = vec![0; places.len()];
            for (group, members) in of(&places, 20.0).iter().enumerate() {
                for member in members {
                    group_of[*member] = group;
                }
                prop_assert!(members.iter().all(|member| longer[*member] == longer[members[0]]));
            }
            prop_assert!((0..places.len()).all(|place| group_of[place] == group_of[shorter[place]]));
        }
    }

    #[test]
    fn the_median_is_that_of_the_distances_to_the_next() {
        let of = |places: &[[f64; 2]]| {
            median_to_next_km(places.iter().map(|at| direction(*at)).collect(), 1000)
        };
        assert_eq!(of(&[[1.0, 2.0]]), None);
        let degree = authalic_radius_km().to_radians();
        let of =
            |lons: &[f64]| of(&lons.iter().map(|lon| [*lon, 0.0]).collect::<Vec<_>>()).unwrap();
        assert!((of(&[0.0, 0.1, 0.3]) - 0.1 * degree).abs() < 1e-6);
        assert!((of(&[0.0, 0.1, 0.3, 0.5]) - 0.15 * degree).abs() < 1e-6);
        assert!(of(&[0.0, 0.0, 3.0]) < 1e-9, "two at one place");
    }

    #[test]
    fn points_of_one_latitude_take_no_longer_than_others() {
        let started = std::time::Instant::now();
        let points = (0..100_000).map(|i| direction([0.001 * f64::from(i), 50.0])).collect();
        assert!(median_to_next_km(points, 1000).is_some());
        assert!(started.elapsed().as_secs() < 20);
    }
}
