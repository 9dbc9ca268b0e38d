//! What a map shows beside areas and sites.
//!
//! People are shown as blocks of 30″ with at least ten of them, never as cells of a raster (METHOD §7).

use super::explain::{Blocks, LEAST_PEOPLE};
use super::hours::Hours;
use super::{Context, Ground, Inputs, one, prepare};
use crate::error::ReadError;
use crate::index::Lattice;
use crate::intersect::{Traces, buffer, union};
use crate::measure::{Reference, to_wgs84};
use crate::model::{
    Area, AssessedArea, Distances, Drawn, Grid, People, Picture, PictureBlock, Shape,
};
use geo::{BoundingRect, MapCoords, MultiLineString, MultiPolygon, Polygon, Rect, Simplify};
use jiff::tz::TimeZone;
use rayon::prelude::*;

/// So many cells are looked at for a picture.
const MOST_CELLS: f64 = 2e7;
/// Rings are drawn around so many areas.
const MOST_RINGED: usize = 300;
/// What is smaller than this part of a ring's distance is not seen of it.
const UNSEEN: f64 = 0.01;
const METERS_IN_DEGREE: f64 = 111_320.0;
/// What is nearer to a meridian, in degrees, lies on it.
const NEAR: f64 = 1e-6;
/// Points along an edge of a raster.
const STEPS: usize = 24;

/// The ground around some rows.
///
/// # Errors
///
/// If a block of a raster cannot be read.
pub fn picture(rows: &[AssessedArea], inputs: &Inputs<'_, ()>) -> Result<Picture, ReadError> {
    let parts = rows.iter().filter_map(|row| row.footprint.as_ref()).flatten();
    let parts: Vec<Rect<f64>> = parts.filter_map(BoundingRect::bounding_rect).collect();
    let spans = parts.iter().map(|part| [part.min().x, part.max().x]).collect();
    let mut picture = Picture { west: western_end(spans), ..Picture::default() };
    let on_map = |row: &AssessedArea| Some(on_map(row.footprint.as_ref()?, &picture));
    picture.areas = rows.par_iter().map(on_map).collect();
    let Some(bounds) = bounds(&picture.areas) else { return Ok(picture) };
    let layer = inputs.people.layers.get(inputs.people.primary);
    let rasters = layer.into_iter().flat_map(|layer| [layer.any, layer.day, layer.night]).flatten();
    let grids = rasters.filter_map(|raster| inputs.populations.of_source(raster));
    let all = inputs.populations.grids();
    let mut edges: Vec<_> =
        grids.filter_map(|(stack, _)| all.get(stack.grid)).map(|grid| edge(grid)).collect();
    edges.dedup();
    picture.edges = edges.iter().flat_map(|edge| pieces(edge, &picture)).collect();
    picture.rings = rings(rows, &inputs.distances.rings_m, &picture);
    let mut blocks = blocks(&around(bounds, picture.west), inputs)?;
    for corner in blocks.iter_mut().flatten().flat_map(|block| &mut block.corners) {
        corner[0] = picture.unrolled(corner[0]);
    }
    picture.blocks = blocks;
    Ok(picture)
}

/// Some ground as a map has it: parts that meet at ±180 are one.
fn on_map(ground: &MultiPolygon<f64>, picture: &Picture) -> MultiPolygon<f64> {
    let ground = ground.map_coords(|at| geo::coord! { x: picture.unrolled(at.x), y: at.y });
    let is_cut = |part: &Polygon<f64>| part.exterior().0.iter().any(|at| at.x == 180.0);
    if picture.west == -180.0 || ground.iter().filter(|part| is_cut(part)).count() < 2 {
        return ground;
    }
    let parts: Vec<MultiPolygon<f64>> = ground.iter().cloned().map(MultiPolygon::from).collect();
    // What cannot be united is drawn in parts.
    union(&parts.iter().collect::<Vec<_>>()).unwrap_or(ground)
}

/// The bounds of areas on a map.
fn bounds(areas: &[Option<MultiPolygon<f64>>]) -> Option<Rect<f64>> {
    let areas = areas.iter().filter_map(|area| area.as_ref()?.bounding_rect());
    areas.reduce(|one, two| {
        let (min, max) = (one.min(), one.max());
        let low = geo::coord! { x: min.x.min(two.min().x), y: min.y.min(two.min().y) };
        let high = geo::coord! { x: max.x.max(two.max().x), y: max.y.max(two.max().y) };
        Rect::new(low, high)
    })
}

/// Rings around areas on a map, unless there are very many.
fn rings(
    rows: &[AssessedArea],
    rings_m: &[u64],
    picture: &Picture,
) -> Vec<(usize, u64, MultiPolygon<f64>)> {
    let ringed = if rows.len() > MOST_RINGED { &[][..] } else { rows };
    let of = |(place, meters): (usize, u64)| {
        let tolerance = UNSEEN * meters as f64 / METERS_IN_DEGREE;
        let polygons = rows[place].footprint.as_ref()?.simplify(tolerance);
        let (lines, points) = (MultiLineString(Vec::new()), Vec::new());
        let around = buffer(&Traces { polygons, lines, points }, meters as f64).ok()?;
        Some((place, meters, on_map(&around, picture)))
    };
    let all =
        (0..ringed.len()).flat_map(|place| rings_m.iter().map(move |meters| (place, *meters)));
    all.collect::<Vec<_>>().into_par_iter().filter_map(of).collect()
}

/// The western end of a map of some spans of longitude, each from west to east within ±180: the middle of the widest
/// stretch between them, or -180 if the stretch across ±180 is as wide.
fn western_end(mut spans: Vec<[f64; 2]>) -> f64 {
    spans.sort_by(|one, two| one[0].total_cmp(&two[0]));
    let (Some(first), mut reached) = (spans.first().copied(), f64::NEG_INFINITY) else {
        return -180.0;
    };
    let (mut widest, mut end) = (0.0, -180.0);
    for [west, east] in spans {
        if reached.is_finite() && west - reached > widest {
            (widest, end) = (west - reached, f64::midpoint(reached, west));
        }
        reached = reached.max(east);
    }
    if first[0] + 360.0 - reached >= widest { -180.0 } else { end }
}

/// Bounds with some ground around, a tenth of what is there; in two where they cross ±180 on a map that begins at
/// a meridian.
fn around(bounds: Rect<f64>, from: f64) -> Vec<Rect<f64>> {
    let (x, y) = (0.1 * bounds.width() + 0.01, 0.1 * bounds.height() + 0.01);
    let (min, max) = (bounds.min(), bounds.max());
    let (west, east) = ((min.x - x).max(from), (max.x + x).min(from + 360.0));
    let (south, north) = ((min.y - y).max(-90.0), (max.y + y).min(90.0));
    let spans = [[west, east.min(180.0)], [west.max(180.0) - 360.0, east - 360.0]];
    let spans = spans.into_iter().filter(|[west, east]| west < east);
    let rect = |[west, east]: [f64; 2]| {
        Rect::new(geo::coord! { x: west, y: south }, geo::coord! { x: east, y: north })
    };
    spans.map(rect).collect()
}

/// The pieces of an outline on a map: it is cut where the map ends, and has no edge where a raster goes around the
/// earth.
fn pieces(outline: &[[f64; 2]], picture: &Picture) -> Vec<Vec<[f64; 2]>> {
    let longitudes = outline.iter().map(|at| at[0]);
    let (west, east) = (
        longitudes.clone().fold(f64::INFINITY, f64::min),
        longitudes.fold(f64::NEG_INFINITY, f64::max),
    );
    let is_around = east - west > 360.0 - NEAR;
    let mut pieces: Vec<Vec<[f64; 2]>> = vec![Vec::new()];
    for pair in outline.windows(2) {
        let is_seam = is_around
            && [west, east].iter().any(|end| pair.iter().all(|at| (at[0] - end).abs() < NEAR));
        let [from, to] = [pair[0], pair[1]].map(|[x, y]| [picture.unrolled(x), y]);
        let is_torn = (to[0] - from[0]).abs() > 180.0;
        match pieces.last_mut() {
            Some(piece) if !(is_seam || is_torn) => {
                if piece.is_empty() {
                    piece.push(from);
                }
                piece.push(to);
            }
            _ => pieces.push(Vec::new()),
        }
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// People in the blocks of the primary source within some bounds in WGS 84.
fn blocks(
    bounds: &[Rect<f64>],
    inputs: &Inputs<'_, ()>,
) -> Result<Option<Vec<PictureBlock>>, ReadError> {
    let wgs84 = Reference::wgs84().map_err(|error| {
        ReadError::unusable(inputs.file, format!("there is no way to WGS 84: {error}"))
    })?;
    let distances = Distances::default();
    let people = People { groups: Vec::new(), ..inputs.people.clone() };
    let inputs = Inputs {
        reference: &wgs84,
        distances: &distances,
        people: &people,
        sites: None,
        services: None,
        ..*inputs
    };
    let ground = Ground::new(&inputs);
    let mut context = Context::new(&inputs, &ground);
    context.row.score_alone = true;
    let blocks = Blocks::of(&context.row);
    if bounds.iter().map(|bounds| cells_in(*bounds, blocks.grid())).sum::<f64>() > MOST_CELLS {
        return Ok(None);
    }
    let area = Area {
        shape: Shape::drawn(bounds.iter().map(|rect| rect.to_polygon()).collect()),
        ..Area::default()
    };
    let drawn = Drawn { area, problems: Vec::new(), notices: Vec::new() };
    let ways = prepare::Ways::new(&wgs84, &ground.places);
    let (_, detail) = one(drawn, &ways, &context)?;
    let Some(detail) = detail else { return Ok(Some(Vec::new())) };
    let people = blocks.people(&detail, &context.row)?.into_iter();
    let dense = people.filter(|(_, people)| *people >= LEAST_PEOPLE);
    let of = |(block, people)| PictureBlock { corners: blocks.corners(block), people };
    Ok(Some(dense.map(of).collect()))
}

/// About how many cells of a grid lie within some bounds in WGS 84.
fn cells_in(bounds: Rect<f64>, grid: &Grid) -> f64 {
    let [first, second] = [[0, 0], [1, 1]].map(|block| Lattice::of(grid).first_cell(block));
    let in_block = (second[0] - first[0]).max(1) * (second[1] - first[1]).max(1);
    // A block is 30″ wide, or about a km².
    let blocks = bounds.width() * bounds.height() * 120.0 * 120.0;
    (blocks * in_block as f64).min(grid.cols() as f64 * grid.rows() as f64)
}

/// The outline of a raster in WGS 84.
fn edge(grid: &Grid) -> Vec<[f64; 2]> {
    let (cols, rows) = (grid.cols() as f64, grid.rows() as f64);
    let corners = [[0.0, 0.0], [cols, 0.0], [cols, rows], [0.0, rows], [0.0, 0.0]];
    let steps = corners.windows(2).flat_map(|pair| {
        let [from, to] = [pair[0], pair[1]];
        (0..STEPS).map(move |step| {
            let part = step as f64 / STEPS as f64;
            [from[0] + part * (to[0] - from[0]), from[1] + part * (to[1] - from[1])]
        })
    });
    let at: Vec<[f64; 2]> = steps.map(|at| grid.to_plane(at)).collect();
    let mut outline: Vec<_> = to_wgs84(&grid.reference, &at).into_iter().flatten().collect();
    outline.extend(outline.first().copied());
    outline
}

/// When an area is used: from and to, in seconds since 1970; `None` if it does not tell both.
#[must_use]
pub fn used_at(area: &Area, timezone: Option<&str>) -> Option<[i64; 2]> {
    let zone = timezone.and_then(|name| TimeZone::get(name).ok());
    Hours::of(area, zone.as_ref()).ok()??.seconds(zone.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_ends_in_the_widest_stretch_without_areas() {
        for (spans, wanted) in [
            (vec![], -180.0),
            (vec![[10.0, 20.0]], -180.0),
            (vec![[-180.0, 180.0]], -180.0),
            (vec![[179.0, 180.0], [-180.0, -179.0]], 0.0),
            (vec![[139.0, 140.0], [-150.0, -140.0], [170.0, 175.0]], -0.5),
            (vec![[-120.0, -110.0], [0.0, 20.0], [100.0, 110.0]], -180.0),
            (vec![[-180.0, 20.0], [10.0, 50.0], [150.0, 180.0]], 100.0),
        ] {
            assert_eq!(western_end(spans.clone()), wanted, "{spans:?}");
        }
    }

    #[test]
    fn bounds_across_180_are_looked_at_in_two() {
        let rect = |west: f64, east: f64| {
            Rect::new(geo::coord! { x: west, y: 0.0 }, geo::coord! { x: east, y: 1.0 })
        };
        let spans = |bounds, from| {
            let of = |rect: &Rect<f64>| [rect.min().x, rect.max().x];
            around(bounds, from).iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(spans(rect(10.0, 20.0), -180.0), [[8.99, 21.01]]);
        assert_eq!(spans(rect(-180.0, 180.0), -180.0), [[-180.0, 180.0]]);
        let [west, east] = <[_; 2]>::try_from(spans(rect(179.0, 181.0), 0.0)).unwrap();
        assert_eq!((west[1], east[0]), (180.0, -180.0));
        assert!((west[0] - 178.79).abs() < 1e-9 && (east[1] + 178.79).abs() < 1e-9);
        let beyond = spans(rect(181.0, 182.0), 0.0);
        assert!(beyond.len() == 1 && (beyond[0][0] + 179.11).abs() < 1e-9, "{beyond:?}");
    }

    #[test]
    fn an_outline_is_cut_where_the_map_ends() {
        let around: Vec<[f64; 2]> = [
            [-180.0, 60.0],
            [0.0, 60.0],
            [180.0, 60.0],
            [180.0, -60.0],
            [0.0, -60.0],
            [-180.0, -60.0],
            [-180.0, 60.0],
        ]
        .into();
        let pieces_of =
            |outline: &[[f64; 2]], west| pieces(outline, &Picture { west, ..Picture::default() });
        let plain = pieces_of(&around, -180.0);
        assert_eq!(plain.len(), 2, "north and south of it, {plain:?}");
        let pacific = pieces_of(&around, -90.0);
        let is_whole = |piece: &Vec<[f64; 2]>| {
            piece.windows(2).all(|pair| (pair[0][0] - pair[1][0]).abs() <= 180.0)
        };
        assert!(pacific.iter().all(is_whole), "{pacific:?}");
        let small = [[170.0, 1.0], [-170.0, 1.0], [-170.0, 0.0], [170.0, 0.0], [170.0, 1.0]];
        assert_eq!(pieces_of(&small, 0.0).len(), 1);
        assert_eq!(pieces_of(&small, -180.0).len(), 2, "no line across the world");
    }
}
