//! The pipeline on one screen: areas and layers in, an assessment out.
//!
//! Nothing here opens a file: population comes through [`Blocks`](crate::index::Blocks), everything else as plain data.
//! Areas are assessed in parallel and kept in input order; no answer depends on the order of work.

mod mend;
mod people;
mod plan;
mod prepare;
mod row;
mod sites;

pub use mend::mend;
pub use people::faulty_hint;
pub use plan::{Plan, plans};

use crate::error::{Notice, NoticeKind, Problem, ReadError, bounds_text};
use crate::index::{Populations, SiteIndex, Source};
use crate::measure::Reference;
use crate::model::columns::Layout;
use crate::model::{
    Area, AssessedArea, Assessment, Budget, Distances, Scheme, Shape, SiteLayer, Sites, Status,
};
use prepare::{Places, Prepared};
use rayon::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Everything an assessment is made from.
pub struct Inputs<'a> {
    /// The file of the areas, as written.
    pub file: &'a str,
    /// The areas as drawn, in the order of their file.
    pub areas: Vec<Area>,
    /// The reference system of the areas.
    pub reference: &'a Reference,
    /// How far around them is looked.
    pub distances: &'a Distances,
    /// The population sources.
    pub populations: &'a Populations<'a>,
    /// Which of them is the primary.
    pub primary: usize,
    /// The sites; `None` without a sites layer.
    pub sites: Option<&'a Sites>,
    /// The value judgements.
    pub scheme: &'a Scheme,
}

/// Told how the work goes on; counts work, not features.
pub trait Progress: Sync {
    /// A stage begins, with so much work.
    fn stage(&self, name: &'static str, work: u64);
    /// So much of it is done.
    fn advance(&self, work: u64);
}

/// Nobody listens.
impl Progress for () {
    fn stage(&self, _: &'static str, _: u64) {}
    fn advance(&self, _: u64) {}
}

/// Assesses every area.
///
/// # Errors
///
/// If a block of a raster cannot be read, if the cells that the areas span may take more memory than
/// the budget has, or if an area covers a cell that holds what is no number of people. Anything wrong
/// with one area is told in its row.
pub fn assess(inputs: Inputs, progress: &dyn Progress) -> Result<Assessment, ReadError> {
    let Inputs { file, mut areas, reference, distances, .. } = inputs;
    let Inputs { populations, primary, sites, scheme, .. } = inputs;
    let sources = populations.sources();
    let (mut problems, mut notices) = mend(file, &mut areas, reference);
    let on_grid = populations.of_source(primary).map_or(0, |(stack, _)| stack.grid);
    let places = Places::new(populations.grids(), distances, on_grid);
    let prepared = prepare_all(&areas, reference, &places, progress);
    problems.extend(sites.into_iter().flat_map(|sites| sites_elsewhere(&prepared, sites)));
    match extents(&prepared, sources) {
        Some(problem) => problems.push(problem),
        None => notices.extend(outside_notices(&areas, &prepared, (sources, primary, on_grid))),
    }
    let site_index = sites.map(|sites| SiteIndex::new(&sites.sites));
    let context = row::Context {
        populations,
        primary,
        sites: sites.zip(site_index.as_ref()),
        scheme,
        buffer_m: distances.buffer_m,
        rings_m: &distances.rings_m,
    };
    progress.stage("assessing areas", prepared.iter().map(Prepared::work).sum());
    let rows: Vec<Result<row::Row, ReadError>> = areas
        .into_par_iter()
        .zip(prepared)
        .map(|(area, prepared)| {
            let work = prepared.work();
            let spare = area.without_shape();
            let row = contained(|| row::assess_area(area, prepared, &context));
            progress.advance(work);
            row.unwrap_or_else(|why| Ok(row::failed(spare, why)))
        })
        .collect();
    let mut assessment = Assessment {
        rows: Vec::with_capacity(rows.len()),
        layout: Layout { has_sites: sites.is_some(), rings_m: distances.rings_m.clone() },
        notices,
        problems,
    };
    // Notices of rows that are not ok come first: of many the last are not read.
    let mut of_ok_rows = Vec::new();
    for row in rows {
        let row = row?;
        let is_ok = row.assessed.status == Status::Ok;
        if is_ok { &mut of_ok_rows } else { &mut assessment.notices }.extend(row.notices);
        assessment.problems.extend(not_carried(file, &row.assessed));
        assessment.rows.push(row.assessed);
    }
    assessment.notices.append(&mut of_ok_rows);
    Ok(assessment)
}

/// Runs what is done for one area; should it panic, that area alone is lost, and its row says why.
fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        format!("civex failed on it, which is a fault of civex: {}", text.unwrap_or_default())
    })
}

/// The problem of an area whose polygons are sound and cannot be carried to WGS 84.
fn not_carried(file: &str, row: &AssessedArea) -> Option<Problem> {
    let (Shape::Polygons { .. }, Status::Invalid) = (&row.area.shape, row.status) else {
        return None;
    };
    Some(Problem::InvalidArea {
        file: file.to_string(),
        area: row.area.id.clone(),
        feature: row.area.feature,
        found: row.reason.clone().unwrap_or_default(),
        hint: None,
    })
}

/// Whether every area lies outside of every population source, or all sites of a layer elsewhere:
/// mistakes of the scenario, told with their extents. Looks at shapes alone.
#[must_use]
pub fn far_apart(
    (areas, reference): (&[Area], &Reference),
    buffer_m: f64,
    sources: &[Source],
    sites: Option<&Sites>,
) -> Vec<Problem> {
    let populations = Populations::new(sources, Budget::UNLIMITED);
    let distances = Distances { buffer_m, rings_m: Vec::new() };
    let places = Places::new(populations.grids(), &distances, 0);
    let prepared = prepare_all(areas, reference, &places, &());
    let elsewhere = sites.into_iter().flat_map(|sites| sites_elsewhere(&prepared, sites));
    extents(&prepared, sources).into_iter().chain(elsewhere).collect()
}

/// The layers of which no site lies within the bounds of all areas.
fn sites_elsewhere(prepared: &[Prepared], sites: &Sites) -> Vec<Problem> {
    let Some(areas) = bounds_of(prepared) else { return Vec::new() };
    let elsewhere = |(place, layer): (usize, &SiteLayer)| {
        let of_layer = || sites.sites.iter().filter(move |site| site.layer == place);
        let bounds = of_layer().filter_map(|site| prepare::bounds(&site.geometry));
        let bounds = bounds.reduce(prepare::together)?;
        let near = |turn: f64| {
            bounds[0] + turn <= areas[2]
                && bounds[2] + turn >= areas[0]
                && bounds[1] <= areas[3]
                && bounds[3] >= areas[1]
        };
        if [-360.0, 0.0, 360.0].into_iter().any(near) {
            return None;
        }
        let is_told = !of_layer().any(|site| site.class.is_sensitive());
        let (layer, sites) = (layer.name.clone(), is_told.then_some(bounds));
        Some(Problem::SitesElsewhere { layer, sites, areas })
    };
    sites.layers.iter().enumerate().filter_map(elsewhere).collect()
}

/// Bounds of all footprints.
fn bounds_of(prepared: &[Prepared]) -> Option<[f64; 4]> {
    let footprints = prepared.iter().filter_map(|one| one.footprint.as_ref().ok());
    footprints.filter_map(prepare::bounds).reduce(prepare::together)
}

/// Carries every area where it is needed.
fn prepare_all(
    areas: &[Area],
    reference: &Reference,
    places: &Places,
    progress: &dyn Progress,
) -> Vec<Prepared> {
    progress.stage("preparing areas", areas.len() as u64);
    areas
        .par_iter()
        .map_init(
            || prepare::Ways::new(reference, places),
            |ways, area| {
                progress.advance(1);
                contained(|| Prepared::new(area, ways, places)).unwrap_or_else(Prepared::failed)
            },
        )
        .collect()
}

/// The extents of areas and sources, if no area that has a footprint lies on any source.
fn extents(prepared: &[Prepared], sources: &[Source]) -> Option<Problem> {
    let mut placed = prepared.iter().filter(|one| one.footprint.is_ok()).peekable();
    placed.peek()?;
    if !placed.all(Prepared::is_outside) {
        return None;
    }
    let areas = bounds_of(prepared)?;
    let sources = sources.iter().map(|source| {
        let declared = &source.declared;
        (declared.name.clone(), prepare::bounds_wgs84(&declared.grid))
    });
    Some(Problem::OutsideEverything { areas, sources: sources.collect() })
}

/// A notice for each area that lies outside of every source, where others do not, or of the primary
/// alone. (A source that is not the primary is left out of the bounds there, which is told too.)
fn outside_notices(
    areas: &[Area],
    prepared: &[Prepared],
    (sources, primary, grid): (&[Source], usize, usize),
) -> Vec<Notice> {
    let name = sources.get(primary).map_or("", |source| source.declared.name.as_str());
    let notice = |(area, prepared): (&Area, &Prepared)| {
        let text = if prepared.is_outside() {
            let bounds = prepared.footprint.as_ref().ok().and_then(prepare::bounds);
            let place = bounds.map(|bounds| format!(", at {}", bounds_text(bounds)));
            format!("it lies outside of every population source{}", place.unwrap_or_default())
        } else if prepared.is_outside_of(grid) {
            format!(
                "it lies outside of the primary layer \"{name}\", which alone gives the best estimate"
            )
        } else {
            return None;
        };
        Some(Notice::of_area(NoticeKind::OutsideSource, &area.id, text))
    };
    areas.iter().zip(prepared).filter_map(notice).collect()
}
