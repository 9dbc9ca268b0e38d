//! Coverage worked out with a pencil: nine cells, a polygon, the share of every cell inside.
//!
//! The grid's lower left corner is at (0, 0), cells are 1 wide and 1 high, y grows upwards; matrices
//! read like the paper, the northern row first.

use crate::memory::{Counter, Memory, polygon, unit_grid};
use civex::intersect::{Zone, cover};
use civex::measure::{Frame, Reference, cell_surface_km2};
use civex::model::Grid;
use geo::{MultiPolygon, wkt};

/// No place on earth: planar areas are areas.
const PLANE: &str = "EPSG:3035";

/// People in the cells: every sum of whole cells is another.
const PEOPLE: [[f64; 3]; 3] = [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0], [64.0, 128.0, 256.0]];

/// Covers the nine cells as expected, and counts accordingly, whichever row comes first in the grid.
#[track_caller]
fn check(area: impl Into<MultiPolygon<f64>>, expected: [[f64; 3]; 3]) {
    let area = area.into();
    check_on(&unit_grid(3, 3, -1.0, PLANE), &area, expected, PEOPLE);
    let turned = |mut rows: [[f64; 3]; 3]| {
        rows.reverse();
        rows
    };
    check_on(&unit_grid(3, 3, 1.0, PLANE), &area, turned(expected), turned(PEOPLE));
}

#[track_caller]
fn check_on(grid: &Grid, area: &MultiPolygon<f64>, expected: [[f64; 3]; 3], people: [[f64; 3]; 3]) {
    let found = fractions(grid, area);
    for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
        assert!((found - expected).abs() < 1e-12, "found {found:?} in place of {expected:?}");
    }
    let counted = Counter::new(grid.clone(), &Memory::of_people(3, people.as_flattened()));
    let counted = counted.people(area);
    let sum = |of: fn(f64) -> f64| -> f64 {
        let cells = expected.as_flattened().iter().zip(people.as_flattened());
        cells.map(|(share, people)| of(*share) * people).sum()
    };
    assert!((counted.best - sum(|share| share)).abs() < 1e-6, "best is {}", counted.best);
    assert_eq!(counted.inner, sum(f64::floor), "inner: whole cells");
    assert_eq!(counted.outer, sum(f64::ceil), "outer: cells touched");
}

/// The fractions as a matrix. Each cell is listed once, by row and column.
#[track_caller]
fn fractions(grid: &Grid, area: &MultiPolygon<f64>) -> [[f64; 3]; 3] {
    let coverage = cover(&Zone::new(area, grid));
    let mut matrix = [[0.0; 3]; 3];
    let mut put = |row: u32, col: u32, share: f64| {
        let place: &mut f64 = &mut matrix[row as usize][col as usize];
        assert_eq!(*place, 0.0, "cell ({row}, {col}) is listed twice");
        *place = share;
    };
    for cell in &coverage.cells {
        assert!(cell.fraction > 0.0 && cell.fraction <= 1.0, "{cell:?}");
        put(cell.row, cell.col, cell.fraction);
    }
    for span in &coverage.spans {
        (span.first..span.last).for_each(|col| put(span.row, col, 1.0));
    }
    let places: Vec<_> = coverage.cells.iter().map(|cell| (cell.row, cell.col)).collect();
    assert!(places.is_sorted(), "cells come by row and column");
    matrix
}

#[test]
fn half_a_cell_is_half_covered() {
    let area = wkt!(POLYGON((1. 1., 1.5 1., 1.5 2., 1. 2., 1. 1.)));
    check(area, [[0., 0., 0.], [0., 0.5, 0.], [0., 0., 0.]]);
}

#[test]
fn a_polygon_along_cell_borders_covers_whole_cells_and_no_neighbor() {
    let area = wkt!(POLYGON((1. 0., 3. 0., 3. 2., 1. 2., 1. 0.)));
    check(area, [[0., 0., 0.], [0., 1., 1.], [0., 1., 1.]]);
}

#[test]
fn the_cell_in_the_middle_alone() {
    let area = wkt!(POLYGON((1. 1., 2. 1., 2. 2., 1. 2., 1. 1.)));
    check(area, [[0., 0., 0.], [0., 1., 0.], [0., 0., 0.]]);
}

#[test]
fn a_diagonal_halves_the_cells_it_crosses() {
    let area = wkt!(POLYGON((0. 0., 3. 0., 3. 3., 0. 0.)));
    check(area, [[0., 0., 0.5], [0., 0.5, 1.], [0.5, 1., 1.]]);
}

#[test]
fn a_slant_edge_leaves_trapezoids() {
    // From (0, 1) to (3, 2): below it 1/6, 1/2 and 5/6 of the cells of the middle row.
    let area = wkt!(POLYGON((0. 0., 3. 0., 3. 2., 0. 1., 0. 0.)));
    check(area, [[0., 0., 0.], [1. / 6., 0.5, 5. / 6.], [1., 1., 1.]]);
}

#[test]
fn a_diamond_cuts_the_corners() {
    let area = wkt!(POLYGON((1.5 0., 3. 1.5, 1.5 3., 0. 1.5, 1.5 0.)));
    check(area, [[0.125, 0.75, 0.125], [0.75, 1., 0.75], [0.125, 0.75, 0.125]]);
}

#[test]
fn a_tiny_polygon_covers_its_own_share_of_one_cell() {
    let area = wkt!(POLYGON((2.25 2.25, 2.5 2.25, 2.5 2.5, 2.25 2.5, 2.25 2.25)));
    check(area, [[0., 0., 1. / 16.], [0., 0., 0.], [0., 0., 0.]]);
}

#[test]
fn a_cell_cut_by_a_hole_loses_the_hole() {
    let area = wkt!(POLYGON(
        (0. 0., 3. 0., 3. 3., 0. 3., 0. 0.),
        (1.25 1.25, 1.25 1.75, 1.75 1.75, 1.75 1.25, 1.25 1.25)
    ));
    check(area, [[1., 1., 1.], [1., 0.75, 1.], [1., 1., 1.]]);
}

#[test]
fn a_hole_over_a_corner_takes_from_four_cells() {
    let area = wkt!(POLYGON(
        (0. 0., 3. 0., 3. 3., 0. 3., 0. 0.),
        (1.5 1.75, 1.5 2.25, 2.25 2.25, 2.25 1.75, 1.5 1.75)
    ));
    check(area, [[1., 0.875, 0.9375], [1., 0.875, 0.9375], [1., 1., 1.]]);
}

#[test]
fn a_hole_of_a_whole_cell_leaves_it_out() {
    let area = wkt!(POLYGON(
        (0. 0., 3. 0., 3. 3., 0. 3., 0. 0.),
        (1. 1., 1. 2., 2. 2., 2. 1., 1. 1.)
    ));
    check(area, [[1., 1., 1.], [1., 0., 1.], [1., 1., 1.]]);
}

#[test]
fn a_hole_may_touch_its_shell_in_a_point() {
    let area = wkt!(POLYGON((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.), (0. 1.5, 1. 2., 1. 1., 0. 1.5)));
    check(area, [[1., 1., 1.], [0.5, 1., 1.], [1., 1., 1.]]);
}

#[test]
fn an_island_in_a_hole_counts_again() {
    let area = wkt!(MULTIPOLYGON(
        ((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.), (0.5 0.5, 0.5 2.5, 2.5 2.5, 2.5 0.5, 0.5 0.5)),
        ((1. 1., 2. 1., 2. 2., 1. 2., 1. 1.))
    ));
    check(area, [[0.75, 0.5, 0.75], [0.5, 1., 0.5], [0.75, 0.5, 0.75]]);
}

#[test]
fn two_parts_in_one_cell_add_up() {
    let area = wkt!(MULTIPOLYGON(
        ((0. 0., 0.25 0., 0.25 1., 0. 1., 0. 0.)),
        ((0.75 0., 1.5 0., 1.5 1., 0.75 1., 0.75 0.))
    ));
    check(area, [[0., 0., 0.], [0., 0., 0.], [0.5, 0.5, 0.]]);
}

#[test]
fn two_parts_that_meet_within_a_cell_make_it_whole() {
    let area = wkt!(MULTIPOLYGON(
        ((0. 0., 1.3 0., 1.7 3., 0. 3., 0. 0.)),
        ((1.3 0., 3. 0., 3. 3., 1.7 3., 1.3 0.))
    ));
    check(area, [[1.; 3]; 3]);
}

#[test]
fn a_level_edge_runs_through_whole_rows() {
    let area = wkt!(POLYGON((0. 0.5, 3. 0.5, 3. 2.25, 0. 2.25, 0. 0.5)));
    check(area, [[0.25; 3], [1.; 3], [0.5; 3]]);
}

#[test]
fn a_level_edge_ends_within_cells() {
    let area = wkt!(POLYGON((0.5 1.25, 2.75 1.25, 2.75 1.75, 0.5 1.75, 0.5 1.25)));
    check(area, [[0., 0., 0.], [0.25, 0.5, 0.375], [0., 0., 0.]]);
}

#[test]
fn an_upright_edge_runs_through_whole_columns() {
    let area = wkt!(POLYGON((0.5 0., 2.25 0., 2.25 3., 0.5 3., 0.5 0.)));
    check(area, [[0.5, 1., 0.25]; 3]);
}

#[test]
fn a_shell_along_the_border_of_the_grid_covers_all_of_it() {
    let area = wkt!(POLYGON((0. 0., 3. 0., 3. 3., 0. 3., 0. 0.)));
    check(area, [[1.; 3]; 3]);
}

#[test]
fn a_polygon_bigger_than_the_grid_covers_all_of_it() {
    let area = wkt!(POLYGON((-7. -5., 11. -6., 9. 12., -8. 10., -7. -5.)));
    check(area, [[1.; 3]; 3]);
}

#[test]
fn a_ring_around_the_grid_covers_nothing_of_it() {
    let area = wkt!(POLYGON(
        (-9. -9., 9. -9., 9. 9., -9. 9., -9. -9.),
        (-1. -1., -1. 4., 4. 4., 4. -1., -1. -1.)
    ));
    check(area, [[0.; 3]; 3]);
}

#[test]
fn a_polygon_that_leaves_the_grid_and_returns_covers_what_is_within() {
    // A comb from the east: its back lies beyond the grid.
    let area = wkt!(POLYGON((2. 0.5, 5. 0.5, 5. 2.5, 2. 2.5, 2. 2., 4. 2., 4. 1., 2. 1., 2. 0.5)));
    check(area, [[0., 0., 0.5], [0., 0., 0.], [0., 0., 0.5]]);
}

#[test]
fn a_polygon_that_touches_the_grid_from_outside_covers_nothing() {
    let area = wkt!(POLYGON((3. 0., 5. 0., 5. 3., 3. 3., 3. 0.)));
    check(area, [[0.; 3]; 3]);
}

#[test]
fn a_spike_between_two_vertices_of_one_cell_adds_its_sliver() {
    let area = wkt!(POLYGON((0.5 0.5, 0.75 0.5, 2.5 1.5, 0.5 0.5)));
    // The triangle (½,½) (¾,½) (2½,1½) has the area 1/8. At x = 1 its edges are at y = 9/14 and 3/4, at
    // y = 1 they are at x = 1½ and 13/8, at x = 2 they are at y = 17/14 and 5/4.
    let west = 0.125 - sliver(1.5, 0.75 - 9. / 14.);
    let upper = 0.5 * 0.125 * 0.5;
    let east = sliver(0.5, 1.25 - 17. / 14.);
    let middle = sliver(1.5, 0.75 - 9. / 14.) - upper;
    check(area, [[0.; 3], [0., upper - east, east], [west, middle, 0.]]);
}

/// A triangle with an upright side.
fn sliver(reach: f64, side: f64) -> f64 {
    0.5 * reach * side
}

#[test]
fn half_outside_of_the_grid_is_half_missing() {
    let area = wkt!(POLYGON((1.5 1., 4.5 1., 4.5 2., 1.5 2., 1.5 1.)));
    let grid = unit_grid(3, 3, -1.0, PLANE);
    assert!((Zone::new(&area.clone().into(), &grid).beyond() - 0.5).abs() < 1e-12);
    check(area, [[0., 0., 0.], [0., 0.5, 1.], [0., 0., 0.]]);
}

#[test]
fn what_is_beyond_is_a_share_of_the_surface_less_holes() {
    // 8 of 10 squares lie west of x = 0, and a hole of 1 among them: 7 of 9.
    let area = wkt!(POLYGON(
        (-8. 0., 2. 0., 2. 1., -8. 1., -8. 0.),
        (-5. 0.25, -5. 0.75, -3. 0.75, -3. 0.25, -5. 0.25)
    ));
    let zone = Zone::new(&area.clone().into(), &unit_grid(3, 3, -1.0, PLANE));
    assert!((zone.beyond() - 7. / 9.).abs() < 1e-12, "{}", zone.beyond());
    check(area, [[0.; 3], [0.; 3], [1., 1., 0.]]);
}

#[test]
fn on_the_ellipsoid_what_is_beyond_is_a_share_of_km2() {
    // From the equator to 6° N, the grid ends at 3° N: a little more than half lies within.
    let area = wkt!(POLYGON((1. 0., 2. 0., 2. 6., 1. 6., 1. 0.)));
    let zone = Zone::new(&area.into(), &unit_grid(3, 3, -1.0, "EPSG:4326"));
    let band_km2 = |south: f64| cell_surface_km2(south, south + 3.0, 1.0);
    let expected = band_km2(3.0) / (band_km2(0.0) + band_km2(3.0));
    assert!((zone.beyond() - expected).abs() < 1e-9, "{} is not {expected}", zone.beyond());
    assert!(expected < 0.4995, "surfaces shrink towards the pole");
}

#[test]
fn nothing_on_the_grid_is_all_beyond_it() {
    let area = wkt!(POLYGON((7. 7., 8. 7., 8. 8., 7. 8., 7. 7.)));
    let zone = Zone::new(&area.into(), &unit_grid(3, 3, -1.0, PLANE));
    assert_eq!((zone.beyond(), cover(&zone).total()), (1.0, 0.0));
}

#[test]
fn the_first_row_of_a_grid_with_positive_height_is_the_southern() {
    let area = wkt!(POLYGON((0. 0., 1. 0., 1. 0.5, 0. 0.5, 0. 0.)));
    let found = fractions(&unit_grid(3, 3, 1.0, PLANE), &area.into());
    assert_eq!(found, [[0.5, 0., 0.], [0.; 3], [0.; 3]]);
}

/// A grid with two rows and four columns of cells of so many degrees, whose inner corner is at 21° W, 64° N, and the
/// people in it, a thousand million in the west and three in the east.
fn coarse(degrees: f64) -> Counter {
    let origin = [-21.0 - 2.0 * degrees, 64.0 + degrees];
    let frame = Frame { origin, size: [degrees, -degrees], cells: [4, 2] };
    let grid = Grid { frame, reference: Reference::from_definition("EPSG:4326").unwrap() };
    Counter::new(grid, &Memory::of_people(4, &[1e9, 1e9, 3e9, 3e9, 1e9, 1e9, 3e9, 3e9]))
}

/// A rectangle by its west, south, east and north.
fn rectangle([west, south, east, north]: [f64; 4]) -> MultiPolygon<f64> {
    let shell = [[west, south], [east, south], [east, north], [west, north], [west, south]];
    MultiPolygon(vec![polygon(&shell, &[])])
}

const COARSE: [f64; 3] = [1.0, 0.5, 1.0 / 120.0];

#[test]
fn an_area_of_some_meters_in_a_large_cell_has_its_share_of_it() {
    for degrees in COARSE {
        let counter = coarse(degrees);
        for meters in [1e-3, 1e-2, 0.1, 1.0, 3.0, 10.0] {
            let side = meters / 111_320.0;
            let (west, south) = (-21.0 + 0.3 * degrees, 64.0 - 0.6 * degrees);
            let found = counter.people(&rectangle([west, south, west + side, south + side]));
            let wanted = 3e9 * (side / degrees).powi(2);
            // A place of 21 degrees is known to 4e-15 degrees.
            let rounding = wanted * 4e-14 / side + 1e-8;
            assert!(
                (found.best - wanted).abs() <= rounding,
                "{degrees}° {meters} m: {found:?}, {wanted}"
            );
            assert!(found.cells > 0.0 && found.missing == 0.0, "{degrees}° {meters} m: {found:?}");
        }
    }
}

#[test]
fn a_sliver_across_two_cells_has_its_share_of_both() {
    for degrees in COARSE {
        let counter = coarse(degrees);
        let (height, width) = (1e-6, 1e-7);
        let of = |west: f64, east: f64| {
            counter.people(&rectangle([-21.0 - west, 63.9999, -21.0 + east, 63.9999 + height]))
        };
        let (whole, west, east) = (of(width, 2.0 * width), of(width, 0.0), of(0.0, 2.0 * width));
        let wanted = (width * 1e9 + 2.0 * width * 3e9) * height / (degrees * degrees);
        assert!(
            (whole.best - wanted).abs() < 1e-6 * wanted + 1e-7,
            "{degrees}°: {whole:?}, {wanted}"
        );
        assert!(
            (whole.best - west.best - east.best).abs() < 1e-6 * wanted + 1e-7,
            "{degrees}°: the parts add up"
        );
        assert!(west.best <= whole.best && east.best <= whole.best);
        assert_eq!((whole.missing, whole.outer), (0.0, 4e9));
    }
}

#[test]
fn a_hair_of_another_cell_is_none_beside_a_cell_that_counts() {
    let counter = coarse(1.0);
    // 1e-10 of the western cell, a tenth of the eastern one.
    let found = counter.people(&rectangle([-21.0 - 1e-9, 63.4, -20.0, 63.5]));
    assert_eq!(found.outer, 3e9);
}
