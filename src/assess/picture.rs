//! What a map shows beside areas and sites.
//!
//! People are shown as blocks of 30″ with at least ten of them, never as cells of a raster (METHOD §7).

use super::explain::{Blocks, LEAST_PEOPLE};
use super::hours::Hours;
use super::{Context, Ground, Inputs, one, prepare};
use crate::error::ReadError;
use crate::index::Lattice;
use crate::intersect::{Traces, buffer};
use crate::measure::{Reference, to_wgs84};
use crate::model::{
    Area, AssessedArea, Distances, Drawn, Grid, People, Picture, PictureBlock, Shape,
};
use geo::{BoundingRect, MultiLineString, Rect, Simplify};
use jiff::tz::TimeZone;
use rayon::prelude::*;

/// So many cells are looked at for a picture.
const MOST_CELLS: f64 = 2e7;
/// Rings are drawn around so many areas.
const MOST_RINGED: usize = 300;
/// What is smaller than this part of a ring's distance is not seen of it.
const UNSEEN: f64 = 0.01;
const METERS_IN_DEGREE: f64 = 111_320.0;
/// Points along an edge of a raster.
const STEPS: usize = 24;

/// The ground around some rows.
///
/// # Errors
///
/// If a block of a raster cannot be read.
pub fn picture(rows: &[AssessedArea], inputs: &Inputs<'_, ()>) -> Result<Picture, ReadError> {
    let footprints = rows.iter().filter_map(|row| row.footprint.as_ref()?.bounding_rect());
    let bounds = footprints.reduce(|one, two| {
        let (min, max) = (one.min(), one.max());
        let low = geo::coord! { x: min.x.min(two.min().x), y: min.y.min(two.min().y) };
        let high = geo::coord! { x: max.x.max(two.max().x), y: max.y.max(two.max().y) };
        Rect::new(low, high)
    });
    let Some(bounds) = bounds else {
        return Ok(Picture { blocks: Some(Vec::new()), ..Picture::default() });
    };
    let layer = inputs.people.layers.get(inputs.people.primary);
    let rasters = layer.into_iter().flat_map(|layer| [layer.any, layer.day, layer.night]).flatten();
    let grids = rasters.filter_map(|raster| inputs.populations.of_source(raster));
    let all = inputs.populations.grids();
    let edges = grids.filter_map(|(stack, _)| all.get(stack.grid)).map(|grid| edge(grid));
    let mut edges: Vec<_> = edges.collect();
    edges.dedup();
    let rings_m = &inputs.distances.rings_m;
    let ringed = if rows.len() > MOST_RINGED { &[][..] } else { rows };
    let rings = ringed.par_iter().enumerate().flat_map_iter(|(place, row)| {
        let of = move |meters: &u64| {
            let tolerance = UNSEEN * *meters as f64 / METERS_IN_DEGREE;
            let polygons = row.footprint.as_ref()?.simplify(tolerance);
            let (lines, points) = (MultiLineString(Vec::new()), Vec::new());
            let around = buffer(&Traces { polygons, lines, points }, *meters as f64).ok()?;
            Some((place, *meters, around))
        };
        rings_m.iter().filter_map(of)
    });
    Ok(Picture { blocks: blocks(widened(bounds), inputs)?, edges, rings: rings.collect() })
}

/// With some ground around, a tenth of what is there.
fn widened(bounds: Rect<f64>) -> Rect<f64> {
    let (x, y) = (0.1 * bounds.width() + 0.01, 0.1 * bounds.height() + 0.01);
    let (min, max) = (bounds.min(), bounds.max());
    let low = geo::coord! { x: (min.x - x).max(-180.0), y: (min.y - y).max(-90.0) };
    let high = geo::coord! { x: (max.x + x).min(180.0), y: (max.y + y).min(90.0) };
    Rect::new(low, high)
}

/// People in the blocks of the primary source within some bounds in WGS 84.
fn blocks(
    bounds: Rect<f64>,
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
    if cells_in(bounds, blocks.grid()) > MOST_CELLS {
        return Ok(None);
    }
    let area = Area {
        shape: Shape::drawn(geo::MultiPolygon(vec![bounds.to_polygon()])),
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
