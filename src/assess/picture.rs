//! What a map shows beside areas and sites.
//!
//! People are shown as blocks of 30″ with at least ten of them, never as cells of a raster (METHOD §7).

use super::explain::Blocks;
use super::hours::Hours;
use super::weigh::LEAST_PEOPLE;
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
    for block in blocks.iter_mut().flatten() {
        place(&mut block.corners, &picture);
    }
    picture.blocks = blocks;
    Ok(picture)
}

/// Puts a block where a map has it, all of it on one side.
fn place(corners: &mut [[f64; 2]; 4], picture: &Picture) {
    let first = corners[0][0];
    for at in corners.iter_mut() {
        // The raster may go on beyond ±180.
        at[0] -= 360.0 * ((at[0] - first) / 360.0).round();
    }
    let middle = corners.iter().map(|at| at[0]).sum::<f64>() / 4.0;
    let shift = picture.shift(middle);
    for at in corners {
        at[0] += shift;
    }
}

/// Some ground as a map has it: parts that meet at ±180 are one.
fn on_map(ground: &MultiPolygon<f64>, picture: &Picture) -> MultiPolygon<f64> {
    let moved = |part: &Polygon<f64>| {
        let middle = part.bounding_rect().map_or(0.0, |bounds| bounds.center().x);
        let shift = picture.shift(middle);
        part.map_coords(|at| geo::coord! { x: at.x + shift, y: at.y })
    };
    let ground = MultiPolygon(ground.iter().map(moved).collect());
    let is_at = |part: &Polygon<f64>, end: f64| part.exterior().0.iter().any(|at| at.x == end);
    let is_cut = |end: f64| ground.iter().filter(|part| is_at(part, end)).count() > 1;
    if !(is_cut(180.0) || is_cut(-180.0)) {
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
    if rows.len() > MOST_RINGED {
        return Vec::new();
    }
    let of = |(place, meters): (usize, u64)| {
        let tolerance = UNSEEN * meters as f64 / METERS_IN_DEGREE;
        let polygons = rows[place].footprint.as_ref()?.simplify(tolerance);
        let (lines, points) = (MultiLineString(Vec::new()), Vec::new());
        let around = buffer(&Traces { polygons, lines, points }, meters as f64).ok()?;
        Some((place, meters, on_map(&around, picture)))
    };
    let all = (0..rows.len()).flat_map(|place| rings_m.iter().map(move |meters| (place, *meters)));
    all.collect::<Vec<_>>().into_par_iter().filter_map(of).collect()
}

/// The western end of a map of some spans of longitude, each from west to east within ±180: the middle of the widest
/// stretch between them. Where that is the stretch across ±180, all spans keep their longitudes.
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
    let is_across = first[0] + 360.0 - reached >= widest;
    if is_across { f64::midpoint(reached, first[0]) - 180.0 } else { end }
}

/// Bounds on a map that begins at a meridian, with some ground around, a tenth of what is there; cut at ±180.
fn around(bounds: Rect<f64>, from: f64) -> Vec<Rect<f64>> {
    let (x, y) = (0.1 * bounds.width() + 0.01, 0.1 * bounds.height() + 0.01);
    let (min, max) = (bounds.min(), bounds.max());
    let (west, east) = ((min.x - x).max(from), (max.x + x).min(from + 360.0));
    let (south, north) = ((min.y - y).max(-90.0), (max.y + y).min(90.0));
    let within = |turn: f64| [(west - turn).max(-180.0), (east - turn).min(180.0)];
    let spans = [-360.0, 0.0, 360.0].map(within).into_iter().filter(|[west, east]| west < east);
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
    let (mut pieces, mut piece): (Vec<Vec<[f64; 2]>>, Vec<[f64; 2]>) = (Vec::new(), Vec::new());
    for pair in outline.windows(2) {
        let is_seam = is_around
            && [west, east].iter().any(|end| pair.iter().all(|at| (at[0] - end).abs() < NEAR));
        if is_seam {
            pieces.push(std::mem::take(&mut piece));
            continue;
        }
        let [from, to] = [pair[0], pair[1]].map(|[x, y]| [picture.unrolled(x), y]);
        if piece.is_empty() {
            piece.push(from);
        }
        let turn = 360.0 * ((from[0] - to[0]) / 360.0).round();
        if turn != 0.0 {
            // It leaves the map at one end and comes back at the other.
            let end = picture.west + if turn > 0.0 { 360.0 } else { 0.0 };
            let part = (end - from[0]) / (to[0] + turn - from[0]);
            let latitude = from[1] + part.clamp(0.0, 1.0) * (to[1] - from[1]);
            piece.push([end, latitude]);
            pieces.push(std::mem::replace(&mut piece, vec![[end - turn, latitude]]));
        }
        piece.push(to);
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
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
            (vec![[10.0, 20.0]], -165.0),
            (vec![[179.0, 179.5]], -0.75),
            (vec![[-180.0, 180.0]], -180.0),
            (vec![[179.0, 180.0], [-180.0, -179.0]], 0.0),
            (vec![[139.0, 140.0], [-150.0, -140.0], [170.0, 175.0]], -0.5),
            (vec![[-120.0, -110.0], [0.0, 20.0], [100.0, 110.0]], -185.0),
            (vec![[-180.0, 20.0], [10.0, 50.0], [150.0, 180.0]], 100.0),
        ] {
            assert_eq!(western_end(spans.clone()), wanted, "{spans:?}");
        }
    }

    #[test]
    fn bounds_are_cut_at_180_on_either_side() {
        let rect = |west: f64, east: f64| {
            Rect::new(geo::coord! { x: west, y: 0.0 }, geo::coord! { x: east, y: 1.0 })
        };
        let spans = |bounds, from, wanted: &[[f64; 2]]| {
            let of = |rect: &Rect<f64>| [rect.min().x, rect.max().x];
            let found: Vec<_> = around(bounds, from).iter().map(of).collect();
            let same = |(one, two): (&[f64; 2], &[f64; 2])| {
                (one[0] - two[0]).abs() < 1e-9 && (one[1] - two[1]).abs() < 1e-9
            };
            assert!(
                found.len() == wanted.len() && found.iter().zip(wanted).all(same),
                "{found:?}, wanted {wanted:?}"
            );
        };
        spans(rect(10.0, 20.0), -165.0, &[[8.99, 21.01]]);
        spans(rect(-180.0, 180.0), -180.0, &[[-180.0, 180.0]]);
        spans(rect(179.0, 181.0), 0.0, &[[178.79, 180.0], [-180.0, -178.79]]);
        spans(rect(181.0, 182.0), 0.0, &[[-179.11, -177.89]]);
        spans(rect(-180.0, -179.0), -359.5, &[[179.89, 180.0], [-180.0, -178.89]]);
    }

    #[test]
    fn an_outline_is_cut_where_the_map_ends() {
        let outline = |west: f64, east: f64| {
            let ends = [(west, 60.0), (east, 60.0), (east, -60.0), (west, -60.0), (west, 60.0)];
            let steps = ends.windows(2).flat_map(|pair| {
                let [from, to] = [pair[0], pair[1]];
                (0..24).map(move |step| {
                    let part = f64::from(step) / 24.0;
                    [from.0 + part * (to.0 - from.0), from.1 + part * (to.1 - from.1)]
                })
            });
            steps.chain([[west, 60.0]]).collect::<Vec<_>>()
        };
        let pieces_of = |outline: &[[f64; 2]], west: f64| {
            let pieces = pieces(outline, &Picture { west, ..Picture::default() });
            let reach = |piece: &Vec<[f64; 2]>| {
                assert!(piece.windows(2).all(|pair| (pair[0][0] - pair[1][0]).abs() < 16.0));
                (piece[0][0] - piece[piece.len() - 1][0]).abs()
            };
            let whole: f64 = pieces.iter().map(reach).sum();
            (pieces.len(), whole.round())
        };
        // North and south of what goes around the earth, wherever it begins and the map does.
        for west in [-180.0, 0.0, -180.001, 17.0] {
            for end in [-180.0, -90.0, 3.3, -300.0] {
                let (_, whole) = pieces_of(&outline(west, west + 360.0), end);
                assert_eq!(whole, 720.0, "from {west}, on a map from {end}");
            }
        }
        assert_eq!(pieces_of(&outline(-180.0, 180.0), -180.0).0, 2);
        let across = outline(170.0, 190.0).into_iter();
        let across: Vec<_> =
            across.map(|[x, y]| [if x > 180.0 { x - 360.0 } else { x }, y]).collect();
        assert_eq!(pieces_of(&across, 0.0), (1, 0.0));
        assert_eq!(pieces_of(&across, -180.0).0, 3, "no line across the world");
    }

    #[test]
    fn a_block_is_on_one_side_of_the_map() {
        let picture = |west| Picture { west, ..Picture::default() };
        for (corners, west, wanted) in [
            ([180.0, 180.01, 180.01, 180.0], -180.0, [-180.0, -179.99]),
            ([180.0, -179.99, -179.99, 180.0], -180.0, [-180.0, -179.99]),
            ([-180.001, -179.99, -179.99, -180.001], -180.0, [-180.001, -179.99]),
            ([-180.0, -179.99, -179.99, -180.0], -10.0, [180.0, 180.01]),
            ([20.0, 20.01, 20.01, 20.0], -160.0, [20.0, 20.01]),
        ] {
            let mut corners = corners.map(|x| [x, 0.0]);
            place(&mut corners, &picture(west));
            let found = [corners[0][0], corners[1][0]];
            assert!(
                found.iter().zip(wanted).all(|(one, two)| (one - two).abs() < 1e-9),
                "{found:?}, wanted {wanted:?}"
            );
        }
    }
}
