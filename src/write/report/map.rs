//! The map: a still picture, and the data of the one that moves.

use super::Report;
use super::frame::{Frame, WIDTH, for_a_screen, rings};
use super::image::{CLASSES, image};
use super::tables::{band_class, card};
use crate::error::grouped;
use crate::model::{AssessedArea, Band, Picture};
use crate::write::colors::hex;
use crate::write::round::rounded;
use crate::write::sites::ListedSite;
use crate::write::words::spelled;
use geo::{BoundingRect, InteriorPoint, LineString, MultiPolygon};
use serde_json::{Value, json};
use std::io;

/// Decimals of coordinates of the map that moves, in degrees: about a meter.
const DECIMALS: u32 = 5;
/// So many areas have their id beside them.
const MOST_LABELS: usize = 60;
/// How wide a letter of them and how high a line is in the still picture.
const OF_A_LETTER: f64 = 8.0;
const OF_A_LINE: f64 = 14.0;
/// So many sites are drawn.
const MOST_SITES: usize = 20_000;

/// The map of a page.
pub(super) struct MapOf {
    pub(super) still: Value,
    pub(super) legend: Value,
    pub(super) data: Value,
}

/// Makes both maps.
///
/// # Errors
///
/// If the image of people cannot be made.
pub(super) fn map(report: &Report, listed: &[ListedSite]) -> io::Result<MapOf> {
    let Report { rows, picture, .. } = report;
    let bounds = bounds(&picture.areas).unwrap_or([-180.0, -60.0, 180.0, 75.0]);
    let frame = Frame::around(bounds, picture.west);
    let footprints = for_a_screen(picture.areas.clone(), &frame);
    let people = picture.blocks.as_deref().map(|blocks| image(blocks, &frame)).transpose()?;
    let people = people.flatten();
    let sites = sites(listed, picture);
    let edges: Vec<LineString<f64>> =
        picture.edges.iter().map(|edge| LineString::from(edge.clone())).collect();
    let image_at = people.as_ref().map(|image| {
        let [west, south, east, north] = image.bounds;
        let ([x, y], [right, bottom]) = (frame.at([west, north]), frame.at([east, south]));
        json!({"address": image.address, "x": x, "y": y, "width": right - x, "height": bottom - y})
    });
    let (length, length_text) = frame.length();
    let labels = labels(rows, &footprints, &frame);
    let drawn = rows.iter().zip(&footprints).zip(labels);
    let areas: Vec<Value> = drawn
        .filter_map(|((row, area), label)| still_area(row, &frame.path_of(area.as_ref()?), label))
        .collect();
    let grid = frame.grid().into_iter();
    let grid = grid
        .map(|(is_meridian, at, text)| json!({"meridian": is_meridian, "at": at, "text": text}));
    let still = json!({
        "width": WIDTH, "height": frame.height, "people": image_at,
        "grid": grid.collect::<Vec<_>>(),
        "areas": areas,
        "edges": edges.iter().map(|edge| frame.path([edge])).collect::<Vec<_>>(),
        "rings": picture.rings.iter().map(|(.., ring)| frame.path_of(ring)).collect::<Vec<_>>(),
        "sites": sites.iter().map(|site| {
            let [x, y] = frame.at([site["at"][1].as_f64().unwrap_or(0.0), site["at"][0].as_f64().unwrap_or(0.0)]);
            json!({"x": rounded(x, 1), "y": rounded(y, 1), "tier": site["tier"]})
        }).collect::<Vec<_>>(),
        "scale": {"length": rounded(length, 1), "text": length_text},
        "blocks_left_out": picture.blocks.is_none(),
        "sites_drawn": grouped(sites.len() as u64),
        "sites_left_out": (listed.len() > sites.len()).then(|| grouped((listed.len() - sites.len()) as u64)),
    });
    let moving_areas: Vec<Value> = rows
        .iter()
        .zip(&footprints)
        .map(|(row, area)| moving_area(row, area.as_ref(), report))
        .collect();
    let [west, south, east, north] = frame.bounds;
    let data = json!({
        "bounds": [[south, west], [north, east]],
        "people": people.as_ref().map(|image| {
            let [west, south, east, north] = image.bounds;
            json!([[south, west], [north, east]])
        }),
        "areas": moving_areas,
        "sites": sites,
        "edges": edges.iter().map(places).collect::<Vec<_>>(),
        "rings": picture.rings.iter().map(|(place, meters, ring)| json!({
            "area": place, "meters": meters, "at": rings(ring).map(places).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
    });
    Ok(MapOf { still, legend: legend(report), data })
}

/// West, south, east, north of all footprints.
fn bounds(footprints: &[Option<MultiPolygon<f64>>]) -> Option<[f64; 4]> {
    let all = footprints.iter().filter_map(|area| area.as_ref()?.bounding_rect());
    let all = all.map(|rect| [rect.min().x, rect.min().y, rect.max().x, rect.max().y]);
    all.reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}

/// Latitudes and longitudes of a line, as the map that moves wants them.
fn places(line: &LineString<f64>) -> Value {
    let mut at: Vec<[f64; 2]> =
        line.0.iter().map(|at| [rounded(at.y, DECIMALS), rounded(at.x, DECIMALS)]).collect();
    at.dedup();
    json!(at)
}

/// Where the id of each area stands: at an inner point, or so many lines above or below it that it lies on no other.
fn labels(
    rows: &[AssessedArea],
    footprints: &[Option<MultiPolygon<f64>>],
    frame: &Frame,
) -> Vec<Option<[f64; 2]>> {
    let mut taken: Vec<([f64; 2], f64)> = Vec::new();
    let mut place = |row: &AssessedArea, area: &MultiPolygon<f64>| {
        let inner = area.interior_point()?;
        let [x, y] = frame.at([inner.x(), inner.y()]);
        let half = OF_A_LETTER * row.area.id.chars().count() as f64 / 2.0;
        let is_free = |[x, y]: [f64; 2]| {
            let lies_on = |([other_x, other_y], other_half): &([f64; 2], f64)| {
                (other_x - x).abs() < half + other_half && (other_y - y).abs() < OF_A_LINE
            };
            !taken.iter().any(lies_on)
        };
        let mut moved =
            [0.0, 1.0, -1.0, 2.0, -2.0].into_iter().map(|lines| [x, y + lines * OF_A_LINE]);
        let at = moved.find(|at| is_free(*at)).unwrap_or([x, y]);
        taken.push((at, half));
        Some(at)
    };
    let all = rows.iter().zip(footprints);
    all.map(|(row, area)| place(row, area.as_ref().filter(|_| rows.len() <= MOST_LABELS)?))
        .collect()
}

fn still_area(row: &AssessedArea, path: &str, label: Option<[f64; 2]>) -> Option<Value> {
    let label = label.map(|[x, y]| json!({"x": rounded(x, 1), "y": rounded(y, 1)}));
    (!path.is_empty()).then(|| {
        json!({
            "path": path, "band": band_class(row), "missing": has_missing(row), "id": row.area.id, "label": label,
        })
    })
}

fn has_missing(row: &AssessedArea) -> bool {
    row.missing_share.is_none_or(|share| share > 0.0)
}

fn moving_area(row: &AssessedArea, area: Option<&MultiPolygon<f64>>, report: &Report) -> Value {
    let at = area.map(|area| {
        let part = |part: &geo::Polygon<f64>| {
            let rings = std::iter::once(part.exterior()).chain(part.interiors());
            rings.map(places).collect::<Vec<_>>()
        };
        area.iter().map(part).collect::<Vec<_>>()
    });
    let label = area.and_then(InteriorPoint::interior_point);
    let label = label.map(|at| [rounded(at.y(), DECIMALS), rounded(at.x(), DECIMALS)]);
    json!({
        "label": label, "id": row.area.id, "key": row.area.key(), "band": band_class(row), "missing": has_missing(row), "at": at,
        "card": card(row, report),
    })
}

/// The sites that may be drawn, by id; of too many those of the first tiers.
fn sites(listed: &[ListedSite], picture: &Picture) -> Vec<Value> {
    let one = |(site, at): &ListedSite| {
        let take = |key: &str| site.get(key).cloned().unwrap_or_default();
        json!({
            "id": take("site_id"), "name": take("name"), "class": take("class"), "tier": take("tier"),
            "areas": take("areas"), "near": take("adjacent"),
            "at": [rounded(at[1], DECIMALS), rounded(picture.unrolled(at[0]), DECIMALS)],
        })
    };
    let mut drawn: Vec<&ListedSite> = listed.iter().collect();
    if drawn.len() > MOST_SITES {
        drawn.sort_by_key(|(site, _)| site.get("tier").and_then(Value::as_u64).unwrap_or(u64::MAX));
        drawn.truncate(MOST_SITES);
    }
    drawn.into_iter().map(one).collect()
}

fn legend(report: &Report) -> Value {
    let bands = Band::ALL;
    let bands = bands.map(|band| json!({"class": band.name(), "text": spelled(band)}));
    let ends = CLASSES.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
    let people = CLASSES.iter().zip(ends).map(|((from, color), to)| {
        let from_text = grouped(*from as u64);
        let text = to.map_or_else(
            || format!("{from_text} or more"),
            |to| format!("{from_text}–{}", grouped(to as u64 - 1)),
        );
        json!({"color": hex(*color), "text": text})
    });
    json!({
        "bands": bands, "people": people.collect::<Vec<_>>(),
        "has_sites": report.register.is_some(), "has_rings": !report.picture.rings.is_empty(),
    })
}
