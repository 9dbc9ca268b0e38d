//! Validity against two others: a brute-force oracle in whole numbers, which is our own definition
//! spelled out edge by edge, and `geo`'s `Validation`.
//!
//! Areas are drawn on a lattice of whole numbers, where vertices fall on vertices and edges on edges, and
//! then placed anywhere and at any size without rounding: what is valid is valid everywhere.
//!
//! `geo` and we agree on every area of the lattice but one kind: a ring whose vertices all lie on one line
//! is valid to `geo` if its edges are neighbors of each other, and has no surface to us.

use civex::error::{RingFault, RingFaultKind};
use civex::intersect::faults;
use geo::{Coord, LineString, MultiPolygon, Polygon, Validation};
use proptest::prelude::*;
use std::cmp::Ordering;
use std::time::{Duration, Instant};

type At = [i64; 2];
type Ring = Vec<At>;
/// Parts, each a shell and its holes; rings are not closed.
type Drawn = Vec<Vec<Ring>>;

/// The side of the line from `a` to `b` on which `c` lies, exactly.
fn side(a: At, b: At, c: At) -> Ordering {
    let [ax, ay, bx, by, cx, cy] = [a[0], a[1], b[0], b[1], c[0], c[1]].map(i128::from);
    ((bx - ax) * (cy - ay)).cmp(&((by - ay) * (cx - ax)))
}

/// Whether a point of the line through an edge lies on the edge.
fn is_between([a, b]: [At; 2], at: At) -> bool {
    (0..2).all(|axis| at[axis] >= a[axis].min(b[axis]) && at[axis] <= a[axis].max(b[axis]))
}

fn is_on(edge: [At; 2], at: At) -> bool {
    side(edge[0], edge[1], at) == Ordering::Equal && is_between(edge, at)
}

/// How two edges meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meeting {
    Apart,
    /// In one point that is an end of either.
    Touch,
    /// Inside both, in one point or along a piece.
    Cross,
}

fn meeting(one: [At; 2], other: [At; 2]) -> Meeting {
    let of_other = other.map(|at| side(one[0], one[1], at));
    let of_one = one.map(|at| side(other[0], other[1], at));
    let parted = |[a, b]: [Ordering; 2]| a != Ordering::Equal && a == b.reverse();
    if parted(of_other) && parted(of_one) {
        return Meeting::Cross;
    }
    let mut shared: Vec<At> = other.into_iter().filter(|at| is_on(one, *at)).collect();
    shared.extend(one.into_iter().filter(|at| is_on(other, *at)));
    shared.sort_unstable();
    shared.dedup();
    match shared.len() {
        0 => Meeting::Apart,
        1 => Meeting::Touch,
        _ => Meeting::Cross,
    }
}

/// The edges of a ring; vertices that repeat the one before are none.
fn edges(ring: &Ring) -> Vec<[At; 2]> {
    let mut points = ring.clone();
    points.dedup();
    while points.len() > 1 && points.first() == points.last() {
        points.pop();
    }
    (0..points.len()).map(|place| [points[place], points[(place + 1) % points.len()]]).collect()
}

fn has_surface(ring: &Ring) -> bool {
    let [a, b] = match edges(ring).first() {
        Some(edge) => *edge,
        None => return false,
    };
    ring.iter().any(|at| side(a, b, *at) != Ordering::Equal)
}

/// Whether no two edges of a ring share a point, but neighbors the vertex between them.
fn is_simple(ring: &Ring) -> bool {
    let edges = edges(ring);
    (0..edges.len()).all(|one| {
        (0..one).all(|other| {
            let are_neighbors = one == other + 1 || (other == 0 && one + 1 == edges.len());
            match meeting(edges[one], edges[other]) {
                Meeting::Apart => true,
                Meeting::Touch => are_neighbors,
                Meeting::Cross => false,
            }
        })
    })
}

/// Whether a point that is on no edge lies inside a ring.
fn holds(ring: &Ring, at: At) -> bool {
    let crossed = edges(ring).into_iter().filter(|[a, b]| {
        let (low, high) = if a[1] <= b[1] { (*a, *b) } else { (*b, *a) };
        low[1] <= at[1] && at[1] < high[1] && side(low, high, at) == Ordering::Greater
    });
    crossed.count() % 2 == 1
}

/// Where a ring lies as seen from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Inside,
    Outside,
    /// It crosses it, or shares a piece of an edge.
    Across,
}

/// Cuts every edge at the vertices of the other ring and asks where the middles lie.
fn place(ring: &Ring, other: &Ring) -> Place {
    let double = |ring: &Ring| ring.iter().map(|at| at.map(|x| 2 * x)).collect::<Ring>();
    let (ring, other) = (double(ring), double(other));
    let (mut inside, mut outside) = (false, false);
    for edge in edges(&ring) {
        if edges(&other).into_iter().any(|one| meeting(edge, one) == Meeting::Cross) {
            return Place::Across;
        }
        let mut cuts: Vec<At> = other.iter().copied().filter(|at| is_on(edge, *at)).collect();
        cuts.extend(edge);
        cuts.sort_unstable();
        cuts.dedup();
        for pair in cuts.windows(2) {
            let middle = [0, 1].map(|axis| i64::midpoint(pair[0][axis], pair[1][axis]));
            let is_inside = holds(&other, middle);
            inside |= is_inside;
            outside |= !is_inside;
        }
    }
    match (inside, outside) {
        (true, false) => Place::Inside,
        (false, true) => Place::Outside,
        _ => Place::Across,
    }
}

/// Whether an area is valid by our definition, edge by edge.
fn is_valid(area: &Drawn) -> bool {
    let rings: Vec<&Ring> = area.iter().flatten().collect();
    if !rings.iter().all(|ring| has_surface(ring) && is_simple(ring)) {
        return false;
    }
    let apart = |one: usize| (0..one).all(|other| place(rings[one], rings[other]) != Place::Across);
    if !(0..rings.len()).all(apart) {
        return false;
    }
    let holes_are_right = area.iter().all(|part| {
        (1..part.len()).all(|hole| {
            let beside =
                |other: usize| other == hole || place(&part[hole], &part[other]) == Place::Outside;
            place(&part[hole], &part[0]) == Place::Inside && (1..part.len()).all(beside)
        })
    });
    // A shell lies in a part if it is inside its shell and inside none of its holes.
    let lies_in = |shell: &Ring, part: &Vec<Ring>| {
        place(shell, &part[0]) == Place::Inside
            && part[1..].iter().all(|hole| place(shell, hole) == Place::Outside)
    };
    let parts_are_apart = (0..area.len()).all(|one| {
        (0..area.len()).all(|other| one == other || !lies_in(&area[one][0], &area[other]))
    });
    holes_are_right && parts_are_apart
}

/// An area at a place and in a size that changes no lattice point by rounding.
fn placed(area: &Drawn, origin: f64, step: f64) -> MultiPolygon<f64> {
    let at = |[x, y]: At| Coord { x: origin + x as f64 * step, y: origin + y as f64 * step };
    let ring = |ring: &Ring| ring.iter().map(|point| at(*point)).collect::<LineString>();
    let part =
        |rings: &Vec<Ring>| Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect());
    area.iter().map(part).collect()
}

/// Where and how large areas are drawn: as they are; thousandths ten million units away, as in
/// projected systems; minute; and beyond all maps.
const PLACES: [(f64, f64); 5] =
    [(0.0, 1.0), (1e7, 0.000_976_562_5), (-0.0, 1e-30), (0.0, 1e-150), (0.0, 1e140)];

/// Checks the judgement of an area everywhere, and that what is reported is there.
fn check(area: &Drawn) {
    let expected = is_valid(area);
    for (origin, step) in PLACES {
        // A power of two near to it, so that nothing is rounded.
        let step = step.log2().round().exp2();
        let drawn = placed(area, origin, step);
        let found = faults(&drawn);
        assert_eq!(found.is_empty(), expected, "at {origin} by {step}: {found:?}\n{area:?}");
        for fault in &found {
            is_there(fault, &drawn, step);
        }
    }
}

/// A fault names an edge that has the point it reports, and the other ring has it too.
fn is_there(fault: &RingFault, area: &MultiPolygon<f64>, step: f64) {
    let ring = |part: usize, ring: usize| match ring {
        0 => area.0[part].exterior(),
        hole => &area.0[part].interiors()[hole - 1],
    };
    let drawn = ring(fault.part, fault.ring);
    let at = Coord::from(fault.at);
    // A millionth of the lattice, and the digits that a coordinate has.
    let near = 1e-6 * step + 1e-15 * at.x.abs().max(at.y.abs());
    let is_near = |a: Coord, b: Coord| distance(at, a, b) <= near;
    let touched = |line: &LineString| line.lines().filter(|e| is_near(e.start, e.end)).count();
    let [from, to] = [fault.vertex, fault.vertex + 1].map(|number| drawn.0.get(number));
    let is_on_edge = from.zip(to.or(drawn.0.first())).is_some_and(|(a, b)| {
        // The end of an edge may be written twice.
        let behind = drawn.0[fault.vertex..].iter().find(|point| *point != a).unwrap_or(b);
        is_near(*a, *behind)
    });
    let holds = match fault.kind {
        RingFaultKind::TooFewVertices => true,
        RingFaultKind::CrossesItself | RingFaultKind::TouchesItself => {
            is_on_edge && touched(drawn) >= 2
        }
        RingFaultKind::CrossesRing { other } | RingFaultKind::RunsAlongRing { other } => {
            is_on_edge && touched(ring(fault.part, other)) >= 1
        }
        RingFaultKind::RunsAlongPart { other } => {
            let part = &area.0[other];
            let rings = std::iter::once(part.exterior()).chain(part.interiors());
            is_on_edge && rings.map(touched).sum::<usize>() >= 1
        }
        _ => is_on_edge,
    };
    assert!(holds, "{fault:?} is not there\n{area:?}");
}

/// How far a point is from an edge, in numbers far from overflow and underflow.
fn distance(at: Coord, a: Coord, b: Coord) -> f64 {
    let (along, to) = (b - a, at - a);
    let size = along.x.abs().max(along.y.abs()).max(to.x.abs()).max(to.y.abs());
    if size == 0.0 {
        return 0.0;
    }
    let (along, to) = (along / size, to / size);
    let length = along.x * along.x + along.y * along.y;
    let share = if length > 0.0 { (along.x * to.x + along.y * to.y) / length } else { 0.0 };
    let off = to - along * share.clamp(0.0, 1.0);
    off.x.hypot(off.y) * size
}

/// Points of a square lattice.
fn points(side: i64, count: std::ops::Range<usize>) -> impl Strategy<Value = Ring> {
    prop::collection::vec([0..side, 0..side], count)
}

/// In the order of their angle about a point: many such rings are simple.
fn around(mut ring: Ring, middle: At) -> Ring {
    let angle = |at: &At| ((at[1] - middle[1]) as f64).atan2((at[0] - middle[0]) as f64);
    ring.sort_by(|a, b| angle(a).total_cmp(&angle(b)));
    ring
}

/// Rings of the lattice: as thrown, round a point, boxes; with vertices written twice and with spikes.
fn rings(side: i64) -> impl Strategy<Value = Ring> {
    let boxes = ([0..side, 0..side], [1..side, 1..side])
        .prop_map(|([x, y], [w, h])| vec![[x, y], [x + w, y], [x + w, y + h], [x, y + h]]);
    let round =
        (points(side, 3..9), [0..side, 0..side]).prop_map(|(ring, middle)| around(ring, middle));
    let ring = prop_oneof![1 => points(side, 3..8), 4 => round, 3 => boxes];
    let spoiled = (ring.clone(), any::<prop::sample::Index>(), [0..side, 0..side], 0..3).prop_map(
        |(mut ring, place, tip, kind)| {
            let place = place.index(ring.len());
            let at = ring[place];
            let more: &[At] = match kind {
                0 => &[at],
                1 => &[tip, at],
                _ => &[],
            };
            ring.splice(place..place, more.iter().copied());
            ring
        },
    );
    prop_oneof![4 => ring, 1 => spoiled]
}

/// A ring drawn smaller and elsewhere.
fn moved(ring: &Ring, by: i64, [x, y]: At) -> Ring {
    ring.iter().map(|at| [x + at[0] * by, y + at[1] * by]).collect()
}

/// Areas of one to three parts with up to two holes each, sizes and places at random.
fn wild_areas() -> impl Strategy<Value = Drawn> {
    let ring =
        (rings(5), 1..5_i64, [0..9_i64, 0..9_i64]).prop_map(|(ring, by, to)| moved(&ring, by, to));
    let part =
        (rings(5), 2..7_i64, prop::collection::vec(ring, 0..3)).prop_map(|(shell, by, holes)| {
            let mut part = vec![moved(&shell, by, [0, 0])];
            part.extend(holes);
            part
        });
    let part = (part, [0..12_i64, 0..12_i64])
        .prop_map(|(part, to)| part.iter().map(|ring| moved(ring, 1, to)).collect::<Vec<_>>());
    prop::collection::vec(part, 1..4)
}

/// Square parts side by side or nearly so, each with rings side by side for holes: many are valid.
fn tidy_areas() -> impl Strategy<Value = Drawn> {
    let holes = prop::collection::vec((rings(5), 1..3_i64), 0..4);
    let part = (holes, 0..16_i64).prop_map(|(holes, slant)| {
        let mut part = vec![vec![[0, 0], [17, 0], [17, 17], [0, 17 + slant / 12]]];
        let hole = |(place, (ring, by)): (i64, (Ring, i64))| {
            moved(&ring, by, [8 * (place % 2), 8 * (place / 2) + i64::from(slant > 2)])
        };
        part.extend((0..).zip(holes).map(hole));
        part
    });
    let gaps = prop::collection::vec((part, 17..20_i64, -1..18_i64), 1..4);
    gaps.prop_map(|parts| {
        let mut x = 0;
        let put = |(part, gap, y): (Vec<Ring>, i64, i64)| {
            x += gap;
            part.iter().map(|ring| moved(ring, 1, [x, y])).collect()
        };
        parts.into_iter().map(put).collect()
    })
}

fn areas() -> impl Strategy<Value = Drawn> {
    prop_oneof![wild_areas(), tidy_areas()]
}

/// Rings whose vertices are off one line by a unit in a million at most.
fn slivers() -> impl Strategy<Value = Ring> {
    let point = (0..1_000_000_i64, -1..2_i64).prop_map(|(x, off)| [x, 3 * x / 7 + off]);
    prop::collection::vec(point, 3..9).prop_map(|mut ring| {
        let half = ring.len() / 2;
        ring[..half].sort_unstable();
        ring[half..].sort_unstable_by(|a, b| b.cmp(a));
        ring
    })
}

/// Whether all vertices of some ring lie on one line.
fn has_flat_ring(area: &Drawn) -> bool {
    area.iter().flatten().any(|ring| !has_surface(ring))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn rings_are_judged_as_edge_by_edge(ring in rings(5)) {
        check(&vec![vec![ring]]);
    }

    #[test]
    fn rings_on_a_coarse_lattice_are_judged_as_edge_by_edge(ring in points(3, 3..14)) {
        check(&vec![vec![ring]]);
    }

    #[test]
    fn rings_that_are_nearly_lines_are_judged_as_edge_by_edge(ring in slivers()) {
        check(&vec![vec![ring]]);
    }

    #[test]
    fn areas_are_judged_as_edge_by_edge(area in areas()) {
        check(&area);
    }

    #[test]
    fn areas_are_judged_as_by_geo_but_for_rings_without_a_surface(area in areas()) {
        let drawn = placed(&area, 0.0, 1.0);
        // Where parts cross, geo may find its own arrangement impossible and panic.
        if let Ok(theirs) = std::panic::catch_unwind(|| drawn.is_valid()) {
            prop_assert_eq!(faults(&drawn).is_empty(), theirs && !has_flat_ring(&area));
        }
    }
}

#[test]
fn the_generators_make_valid_and_faulty_areas_of_every_kind() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut count = |strategy: BoxedStrategy<Drawn>| {
        let mut make = || strategy.new_tree(&mut runner).unwrap().current();
        (0..2000).filter(|_| is_valid(&make())).count()
    };
    let one = |ring| vec![vec![ring]];
    for (name, valid) in [
        ("rings", count(rings(5).prop_map(one).boxed())),
        ("slivers", count(slivers().prop_map(one).boxed())),
        ("areas", count(areas().boxed())),
    ] {
        assert!((100..1900).contains(&valid), "{valid} of 2000 {name} are valid");
    }
    // With holes and with parts, too.
    let several =
        areas().prop_filter("of more than one ring", |area| area.iter().flatten().count() > 2);
    assert!(count(several.boxed()) > 50);
}

/// One shell and one hole.
fn holed(hole: &[At]) -> Drawn {
    vec![vec![vec![[0, 0], [8, 0], [8, 8], [0, 8]], hole.to_vec()]]
}

#[test]
fn holes_and_shells_meet_in_every_way() {
    for (hole, valid) in [
        // Inside, touching at a vertex of either, at both.
        (vec![[2, 2], [4, 2], [3, 4]], true),
        (vec![[0, 4], [2, 3], [2, 5]], true),
        (vec![[0, 0], [3, 1], [1, 3]], true),
        (vec![[0, 4], [4, 0], [8, 4], [4, 8]], true),
        // Along an edge, all of the shell, beyond it, beside it.
        (vec![[0, 2], [2, 2], [2, 4], [0, 4]], false),
        (vec![[0, 0], [8, 0], [8, 8], [0, 8]], false),
        (vec![[0, 0], [8, 8], [8, 0], [0, 8]], false),
        (vec![[7, 7], [9, 7], [9, 9], [7, 9]], false),
        (vec![[4, 4], [8, 8], [10, 10], [4, 9]], false),
        (vec![[20, 0], [21, 0], [21, 1]], false),
        (vec![[-1, -1], [9, -1], [9, 9], [-1, 9]], false),
        (vec![[8, 8], [10, 8], [10, 10]], false),
    ] {
        let area = holed(&hole);
        assert_eq!(is_valid(&area), valid, "{hole:?}");
        check(&area);
    }
}

#[test]
fn parts_meet_in_every_way() {
    let shell = vec![[0, 0], [8, 0], [8, 8], [0, 8]];
    let hole = vec![[2, 2], [6, 2], [6, 6], [2, 6]];
    let frame = vec![shell.clone(), hole.clone()];
    for (other, valid) in [
        (vec![vec![[3, 3], [5, 3], [5, 5], [3, 5]]], true),
        (vec![vec![[2, 4], [4, 2], [6, 4], [4, 6]]], true),
        (vec![hole.clone()], false),
        (vec![vec![[3, 3], [7, 3], [7, 5], [3, 5]]], false),
        (vec![vec![[0, 0], [1, 0], [1, 1]]], false),
        (vec![vec![[1, 1], [7, 1], [7, 7], [1, 7]]], false),
        (vec![vec![[8, 8], [9, 8], [9, 9]]], true),
        (vec![vec![[8, 2], [9, 2], [9, 9]]], true),
        (vec![vec![[8, 2], [9, 2], [8, 9]]], false),
        (frame.clone(), false),
        (vec![vec![[-1, -1], [9, -1], [9, 9], [-1, 9]]], false),
        (vec![vec![[-1, -1], [9, -1], [9, 9], [-1, 9]], shell.clone()], false),
    ] {
        let area = vec![frame.clone(), other];
        assert_eq!(is_valid(&area), valid, "{area:?}");
        check(&area);
        check(&area.into_iter().rev().collect());
    }
}

#[test]
fn what_is_too_small_for_numbers_has_no_surface() {
    // Products of such coordinates are zero: no side of any line can be told.
    let area: Drawn = vec![vec![vec![[0, 0], [9, 0], [9, 9], [0, 9]]]];
    let found = faults(&placed(&area, 0.0, 5e-324));
    let kinds: Vec<RingFaultKind> = found.iter().map(|fault| fault.kind).collect();
    assert_eq!(kinds, [RingFaultKind::TooFewVertices]);
    for step in [1e-300, 1e-160, 1e160, 1e300] {
        let _any_judgement = faults(&placed(&area, 0.0, step));
    }
}

/// A ring with many wiggles that no middle sees all of.
fn winding(vertices: u32) -> Vec<Coord> {
    let turn = std::f64::consts::TAU / f64::from(vertices);
    let vertex = |number: u32| {
        let angle = turn * f64::from(number);
        let reach = 1.0 + 0.3 * (37.0 * angle).sin() + 1e-4 * f64::from(number % 2);
        let (x, y) = (reach * angle.cos(), reach * angle.sin());
        Coord { x: 10.0 + x + 0.9 * (2.0 * y).sin(), y: 50.0 + y }
    };
    (0..vertices).map(vertex).collect()
}

#[test]
fn twenty_thousand_vertices_take_milliseconds() {
    let mut ring = winding(20_000);
    let area =
        |ring: &[Coord]| MultiPolygon::from(Polygon::new(ring.iter().copied().collect(), vec![]));
    let begin = Instant::now();
    assert_eq!(faults(&area(&ring)), []);
    ring.swap(7, 9);
    let found = faults(&area(&ring));
    // 6 and 7 ms in a release build; a quadratic way takes seconds even there.
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert!(found.iter().all(|fault| (5..=9).contains(&fault.vertex)), "{found:?}");
    assert!(!found.is_empty());
}
