//! What repair would cost, known before it begins.
//!
//! The overlay looks at every pair of edges whose bounds meet; those that do cross become vertices, at
//! some microseconds each. A ring of 4,000 vertices thrown at random has 3.5 million such pairs, half of
//! which cross, and one of 20,000 has 90 million. Nobody drew such an area, but files hold them, and
//! one area must not hold up a run. The pairs are counted, not listed: a sweep from west to east asks
//! how many of the open edges lie wholly south or wholly north of each new one.
//!
//! Where all edges cross all others, as in a star, the overlay cuts each to pieces and compares these once
//! more with all that lie around them: 700 edges take as long as 350 thousand crossings of edges that
//! cross few. So crossings are weighed by how often their edges are crossed. Few pairs are no work however
//! they cross; where there are more, the crossings are found.

use geo::MultiPolygon;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{RTree, RTreeObject};

use super::repair::NotRepairable;
use super::sweep::Edge;
use super::validity::outline;

/// So many pairs are looked at in an area of few vertices.
const FEW: u64 = 500_000;

/// So many for each vertex of an area of many: even triangles that fill a plane have four.
const EACH: u64 = 16;

/// So many pairs are looked at in parts that are united, each of them valid: ground under many buffers.
const UNITED: u64 = 20_000_000;

/// A crossing is so many steps of work, beside one for each crossing on that of its two edges which has fewer:
/// the overlay compares the pieces of an edge with those around them once more. A step takes 20 ns.
const CROSSING: u64 = 100;

/// Work that is done for each vertex of an area; at least, and at most, for all of it. An area of 1 MB may
/// take 10 s.
const WORK_EACH: u64 = 5_000;
const WORK: [u64; 2] = [2_000_000, 100_000_000];

/// Refuses an area that it would take too long to repair.
pub(super) fn refuse_tangle(area: &MultiPolygon<f64>) -> Result<(), NotRepairable> {
    let edges = edges(area);
    let vertices = edges.len() as u64;
    let most = (WORK_EACH * vertices).clamp(WORK[0], WORK[1]);
    refuse(&edges, FEW.max(EACH * vertices), most)
}

/// Refuses valid parts that it would take too long to unite.
pub(super) fn refuse_union(parts: &MultiPolygon<f64>) -> Result<(), NotRepairable> {
    refuse(&edges(parts), UNITED, WORK[1])
}

/// The edges of an area, each once: what is drawn several times costs as much as once.
fn edges(area: &MultiPolygon<f64>) -> Vec<Edge> {
    let (outline, _) = outline(area);
    let mut edges = outline.edges();
    // Any order will do that puts the same side by side.
    let key = |Edge { left, right }: &Edge| [left.x, left.y, right.x, right.y].map(f64::to_bits);
    edges.sort_unstable_by_key(key);
    edges.dedup_by_key(|edge| key(edge));
    edges
}

/// Refuses edges of which too many pairs would be looked at, or too many cross.
fn refuse(edges: &[Edge], most_pairs: u64, most: u64) -> Result<(), NotRepairable> {
    let pairs = pairs(edges);
    if pairs > most_pairs {
        return Err(NotRepairable::Tangled { pairs, most: most_pairs });
    }
    // Work that even the worst of so many pairs would not be.
    if pairs * (CROSSING + edges.len() as u64) <= most {
        return Ok(());
    }
    let (crossings, work) = crossings(edges);
    if work > most { Err(NotRepairable::Toilsome { crossings, work, most }) } else { Ok(()) }
}

/// How often edges cross, and how much work that is.
fn crossings(edges: &[Edge]) -> (u64, u64) {
    let bounded = edges.iter().enumerate().map(|(place, Edge { left, right })| {
        let (south, north) = (left.y.min(right.y), left.y.max(right.y));
        let bounds = Rectangle::from_corners([left.x, south], [right.x, north]);
        GeomWithData::new(bounds, place)
    });
    let tree = RTree::bulk_load(bounded.collect());
    let mut pairs = Vec::new();
    let mut of_edge = vec![0_u32; edges.len()];
    for edge in &tree {
        for other in tree.locate_in_envelope_intersecting(edge.envelope()) {
            let [one, two] = [edge.data, other.data];
            if one < two && edges[one].crosses(&edges[two]) {
                of_edge[one] += 1;
                of_edge[two] += 1;
                pairs.push([one, two]);
            }
        }
    }
    let fewer = |[one, two]: &[usize; 2]| u64::from(of_edge[*one].min(of_edge[*two]));
    let work = pairs.iter().map(|pair| CROSSING + fewer(pair)).sum();
    (pairs.len() as u64, work)
}

/// The pairs of edges whose bounds meet.
fn pairs(edges: &[Edge]) -> u64 {
    let south = |edge: &Edge| edge.left.y.min(edge.right.y);
    let north = |edge: &Edge| edge.left.y.max(edge.right.y);
    let mut heights: Vec<f64> = edges.iter().flat_map(|edge| [edge.left.y, edge.right.y]).collect();
    heights.sort_unstable_by(f64::total_cmp);
    heights.dedup();
    let place = |y: f64| heights.partition_point(|other| *other < y);
    let mut opening: Vec<&Edge> = edges.iter().collect();
    opening.sort_unstable_by(|a, b| a.left.x.total_cmp(&b.left.x));
    let mut closing: Vec<&Edge> = edges.iter().collect();
    closing.sort_unstable_by(|a, b| a.right.x.total_cmp(&b.right.x));
    let mut closing = closing.into_iter().peekable();
    let [mut souths, mut norths] = [Tally::new(heights.len()), Tally::new(heights.len())];
    let (mut open, mut pairs) = (0, 0);
    for edge in opening {
        while let Some(gone) = closing.next_if(|gone| gone.right.x < edge.left.x) {
            souths.take(place(south(gone)));
            norths.take(place(north(gone)));
            open -= 1;
        }
        let (from, to) = (place(south(edge)), place(north(edge)));
        let apart = norths.before(from) + (open - souths.before(to + 1));
        pairs += open - apart;
        souths.put(from);
        norths.put(to);
        open += 1;
    }
    pairs
}

/// How many of what was put in lie before a place, in the time of a logarithm (Fenwick 1994).
struct Tally(Vec<u64>);

impl Tally {
    fn new(places: usize) -> Self {
        Self(vec![0; places + 1])
    }

    /// The entries that hold a place, from the smallest.
    fn holding(&mut self, place: usize, change: impl Fn(&mut u64)) {
        let mut entry = place + 1;
        while let Some(count) = self.0.get_mut(entry) {
            change(count);
            entry += entry & entry.wrapping_neg();
        }
    }

    fn put(&mut self, place: usize) {
        self.holding(place, |count| *count += 1);
    }

    fn take(&mut self, place: usize) {
        self.holding(place, |count| *count -= 1);
    }

    /// How many lie at places below this one.
    fn before(&self, place: usize) -> u64 {
        let mut entry = place;
        let mut sum = 0;
        while entry > 0 {
            sum += self.0[entry];
            entry &= entry - 1;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::{Coord, LineString, Polygon};
    use proptest::prelude::*;

    fn edges() -> impl Strategy<Value = Vec<Edge>> {
        let at = (0..12_u8, 0..12_u8).prop_map(|(x, y)| Coord { x: x.into(), y: y.into() });
        let edge = (at.clone(), at).prop_map(|(a, b)| {
            let (left, right) = if (a.x, a.y) <= (b.x, b.y) { (a, b) } else { (b, a) };
            Edge { left, right }
        });
        prop::collection::vec(edge, 0..60)
    }

    proptest! {
        #[test]
        fn the_pairs_are_those_whose_bounds_meet(edges in edges()) {
            let meet = |a: &Edge, b: &Edge| {
                let span = |edge: &Edge| (edge.left.y.min(edge.right.y), edge.left.y.max(edge.right.y));
                let ((south, north), (other_south, other_north)) = (span(a), span(b));
                a.left.x <= b.right.x && b.left.x <= a.right.x
                    && south <= other_north && other_south <= north
            };
            let slow = (0..edges.len())
                .flat_map(|one| (0..one).map(move |other| (one, other)))
                .filter(|&(one, other)| meet(&edges[one], &edges[other]));
            prop_assert_eq!(pairs(&edges), slow.count() as u64);
        }
    }

    #[test]
    fn ground_drawn_a_thousand_times_is_no_tangle() {
        let ring: LineString = vec![(0.0, 0.0), (2.0, 2.0), (2.0, 0.0), (0.0, 2.0)].into();
        let area = MultiPolygon(vec![Polygon::new(ring, vec![]); 1000]);
        assert_eq!(refuse_tangle(&area), Ok(()));
    }

    #[test]
    fn a_ring_of_thousands_of_vertices_thrown_at_random_is_one() {
        let share = |number: u32, by: f64| (f64::from(number) * by).fract();
        let vertices = (0..4000).map(|number| Coord {
            x: share(number * number, 0.618_034),
            y: share(number * number, 0.754_878),
        });
        let area = MultiPolygon(vec![Polygon::new(vertices.collect(), vec![])]);
        let refused = super::super::repair(&area).map_err(|error| error.to_string());
        let refused = refused.unwrap_err();
        assert!(refused.starts_with("it is too tangled to repair: 3,"), "{refused}");
        assert!(refused.ends_with("whose bounds meet, wanted 500,000 at most; simplify it"));
    }

    /// A star of so many vertices, of which nearly every edge crosses nearly every other.
    fn star(vertices: u32) -> MultiPolygon<f64> {
        let turn = f64::from(vertices / 2) / f64::from(vertices) * std::f64::consts::TAU;
        let at = |number: u32| {
            let (sin, cos) = (turn * f64::from(number)).sin_cos();
            Coord { x: cos, y: sin }
        };
        MultiPolygon(vec![Polygon::new((0..vertices).map(at).collect(), vec![])])
    }

    #[test]
    fn a_star_is_refused_by_its_work_and_not_by_its_pairs() {
        let area = star(701);
        assert!(pairs(&super::edges(&area)) < FEW);
        let refused = super::super::repair(&area).unwrap_err().to_string();
        assert!(refused.contains("its edges cross 244,6"), "{refused}");
        assert!(
            refused.ends_with("steps of work, wanted 3,505,000 at most; simplify it"),
            "{refused}"
        );
        assert!(super::super::repair(&star(101)).is_ok());
    }

    #[test]
    fn crossings_of_edges_that_cross_few_weigh_little() {
        // One edge crosses a thousand others, each of which crosses nothing else.
        let zigzag = (0..1000).map(|x| Edge {
            left: Coord { x: f64::from(x), y: -1.0 },
            right: Coord { x: f64::from(x) + 0.5, y: 1.0 },
        });
        let long = Edge { left: Coord { x: -1.0, y: 0.0 }, right: Coord { x: 1001.0, y: 0.0 } };
        let edges: Vec<Edge> = zigzag.chain([long]).collect();
        assert_eq!(crossings(&edges), (1000, 1000 * (CROSSING + 1)));
    }

    #[test]
    fn combs_across_each_other_are_not_united() {
        let comb = |is_upright: bool| {
            let teeth = (0..3000).flat_map(|tooth| {
                let (from, to) = (f64::from(tooth), f64::from(tooth) + 0.5);
                [[from, 0.0], [from, 3000.0], [to, 3000.0], [to, 0.0]]
            });
            let ends = [[3000.0, -1.0], [0.0, -1.0]];
            let ring = teeth
                .chain(ends)
                .map(|[x, y]| if is_upright { Coord { x, y } } else { Coord { x: y, y: x } });
            MultiPolygon(vec![Polygon::new(ring.collect(), vec![])])
        };
        let refused = super::super::union(&[&comb(true), &comb(false)]).unwrap_err();
        assert!(matches!(refused, NotRepairable::Tangled { .. }), "{refused}");
    }
}
