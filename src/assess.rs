//! The pipeline on one screen: areas and layers in, an assessment out.
//!
//! Nothing here opens a file: population comes through [`Blocks`](crate::index::Blocks), areas through
//! [`AreaSource`], everything else as plain data. Areas come piece by piece; each piece is read, mended,
//! prepared, counted and scored by one worker, and rows leave in input order. No answer depends on the
//! order of work.

mod explain;
mod found;
mod gaps;
mod given;
mod ground;
mod hours;
mod mend;
mod people;
mod picture;
mod pipeline;
mod plan;
mod prepare;
mod rollup;
mod row;
mod sites;
mod spare;
mod tally;
mod unmapped;
mod weigh;
mod worlds;

pub use crate::model::Progress;
pub use found::Remarks;
pub use gaps::{age_years, of_layers as gaps_of_layers};
pub use ground::draw_grounds;
pub use mend::mend;
pub use picture::{picture, used_at};
pub use plan::{Plan, plans};
pub use rollup::{Member, RollUps, roll_up};

use crate::depend::Services;
use crate::error::{Notice, NoticeKind, Problem, ReadError, bounds_text};
use crate::index::{Populations, Source};
use crate::measure::Reference;
use crate::model::columns::Layout;
use crate::model::{
    Area, AreaSource, AssessedArea, Assessment, Budget, Distances, Drawn, Explained, People,
    PeopleLayer, Scheme, Sites,
};
use found::{Extent, Found};
use hours::Hours;
use jiff::tz::TimeZone;
use mend::Mending;
use prepare::{Places, Prepared};
use rayon::prelude::*;
use row::Row;
use std::panic::{AssertUnwindSafe, catch_unwind};
use worlds::Worlds;

/// So many notices and problems of a kind are kept where rows are streamed; all are counted.
const MOST_OF_A_KIND: u64 = 1000;

/// Everything an assessment is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a, Areas = Vec<Area>> {
    /// The file of the areas, as written.
    pub file: &'a str,
    /// The areas as drawn, in the order of their file.
    pub areas: Areas,
    /// The reference system of the areas.
    pub reference: &'a Reference,
    /// How far around them is looked.
    pub distances: &'a Distances,
    /// The population sources.
    pub populations: &'a Populations<'a>,
    /// What each of them tells.
    pub people: &'a People,
    /// The sites; `None` without a sites layer.
    pub sites: Option<&'a Sites>,
    /// Who depends on the sites; `None` if nobody was allotted, or no layer maps a class that serves.
    pub services: Option<&'a Services<'a>>,
    /// The value judgements.
    pub scheme: &'a Scheme,
    /// The IANA name of the time zone of the areas, if it is given.
    pub timezone: Option<&'a str>,
}

/// What is known when all rows are there.
#[derive(Debug, Clone)]
pub struct Findings {
    /// What reading the areas found.
    pub reading: Remarks,
    /// What assessing them found.
    pub assessing: Remarks,
}

/// Assesses every area.
///
/// # Errors
///
/// If a block of a raster cannot be read, if the cells that the areas span may take more memory than
/// the budget has, or if an area covers a cell that holds what is no number of people. Anything wrong
/// with one area is told in its row.
pub fn assess(inputs: Inputs, progress: &dyn Progress) -> Result<Assessment, ReadError> {
    let layout = inputs.layout();
    let (areas, inputs) = inputs.apart();
    let mut rows = Vec::with_capacity(areas.len());
    let areas: &mut dyn AreaSource = &mut given::Given::new(areas);
    let mut take = |more: Vec<AssessedArea>| -> Result<(), ReadError> {
        rows.extend(more);
        Ok(())
    };
    let Findings { assessing, .. } =
        run(areas, &inputs, progress, (u64::MAX, &|rows| rows, &mut take))?;
    let Remarks { notices, problems } = assessing;
    let (notices, problems) = (notices.into_kept(), problems.into_kept());
    Ok(Assessment { rows, layout, notices, problems })
}

/// Assesses one area and takes its score apart.
///
/// # Errors
///
/// Those of [`assess`].
pub fn explain(inputs: Inputs<'_, Area>) -> Result<Explained, ReadError> {
    let (area, inputs) = inputs.apart();
    let ground = Ground::new(&inputs);
    let context = Context::new(&inputs, &ground);
    let ways = context.ways.take(context.reference, context.places);
    let drawn = Drawn { area, problems: Vec::new(), notices: Vec::new() };
    let (row, detail) = one(drawn, &ways, &context)?;
    explain::explained(row.assessed, detail, &context.row)
}

/// Assesses areas as they come: rows that follow each other are handed to `make` by any thread, and what
/// it makes of them to `take` by the one that calls, in input order. Memory does not grow with the areas.
///
/// # Errors
///
/// Those of [`assess`], what stops reading the areas, and what `take` returns.
pub fn stream<T: Send, E: From<ReadError>>(
    inputs: Inputs<'_, &mut dyn AreaSource>,
    progress: &dyn Progress,
    make: &(dyn Fn(Vec<AssessedArea>) -> T + Sync),
    take: &mut dyn FnMut(T) -> Result<(), E>,
) -> Result<Findings, E> {
    let (areas, inputs) = inputs.apart();
    run(areas, &inputs, progress, (MOST_OF_A_KIND, make, take))
}

/// What is made of rows, who takes it, and how many notices of a kind are kept.
type Taking<'t, T, E> =
    (u64, &'t (dyn Fn(Vec<AssessedArea>) -> T + Sync), &'t mut dyn FnMut(T) -> Result<(), E>);

fn run<T: Send, E: From<ReadError>>(
    areas: &mut dyn AreaSource,
    inputs: &Inputs<'_, ()>,
    progress: &dyn Progress,
    (most, make, take): Taking<T, E>,
) -> Result<Findings, E> {
    let ground = Ground::new(inputs);
    let context = Context::new(inputs, &ground);
    progress.stage("assessing areas", areas.work());
    let mut found = Found::new(most);
    let work = |drawn: crate::model::Piece| {
        let mut found = Found::new(most);
        let rows = piece(drawn.areas, &context)?;
        let rows = rows.into_iter().map(|row| found.take(inputs.file, row)).collect();
        Ok((make(rows), found))
    };
    pipeline::run(areas, progress, &work, &mut |(made, of_piece)| {
        found.append(of_piece);
        take(made)
    })?;
    let all = inputs.populations.sources();
    let sources: Vec<&Source> = inputs.people.sources().filter_map(|of| all.get(of)).collect();
    let (reading, assessing) = found.told(&sources, inputs.sites);
    Ok(Findings { reading, assessing })
}

impl<'a, Areas> Inputs<'a, Areas> {
    /// The areas, and all else.
    fn apart(self) -> (Areas, Inputs<'a, ()>) {
        self.of(())
    }

    /// The same of other areas; and the areas before.
    pub fn of<Others>(self, others: Others) -> (Areas, Inputs<'a, Others>) {
        let Inputs { file, areas, reference, distances, populations, .. } = self;
        let Inputs { people, sites, services, scheme, timezone, .. } = self;
        let inputs = Inputs {
            file,
            areas: others,
            reference,
            distances,
            populations,
            people,
            sites,
            services,
            scheme,
            timezone,
        };
        (areas, inputs)
    }
}

/// What is made of the inputs before any area is looked at.
struct Ground<'a> {
    places: Places<'a>,
    worlds: Option<Worlds<'a>>,
    zone: Option<TimeZone>,
}

impl<'a> Ground<'a> {
    fn new(inputs: &Inputs<'a, ()>) -> Self {
        let Inputs { populations, people, sites, timezone, distances, .. } = inputs;
        let grounds = sites.map(|sites| &*sites.grounds);
        Self {
            places: Places::new(populations, distances, people).with_grounds(grounds),
            worlds: sites.map(Worlds::new),
            zone: timezone.and_then(|name| TimeZone::get(name).ok()),
        }
    }
}

impl<Areas> Inputs<'_, Areas> {
    /// Which columns an assessment of these inputs has.
    #[must_use]
    pub fn layout(&self) -> Layout {
        Layout {
            has_sites: self.sites.is_some(),
            groups: self.people.groups.iter().map(|source| source.group).collect(),
            rings_m: self.distances.rings_m.clone(),
        }
    }
}

/// What all pieces share.
struct Context<'a> {
    /// The file of the areas, as written.
    file: &'a str,
    mending: Mending<'a>,
    reference: &'a Reference,
    places: &'a Places<'a>,
    ways: prepare::Shelf,
    row: row::Context<'a>,
}

impl<'a> Context<'a> {
    fn new(inputs: &Inputs<'a, ()>, ground: &'a Ground) -> Self {
        let Inputs { file, reference, distances, .. } = *inputs;
        Self {
            file,
            mending: Mending::new(file, reference),
            reference,
            places: &ground.places,
            ways: prepare::Shelf::new(),
            row: row::Context {
                populations: inputs.populations,
                people: inputs.people,
                sites: ground.worlds.as_ref(),
                services: inputs.services,
                scheme: inputs.scheme,
                buffer_m: distances.buffer_m,
                rings_m: &distances.rings_m,
                adjacent_m: distances.adjacent_m,
                zone: ground.zone.as_ref(),
                score_alone: false,
            },
        }
    }
}

/// Carries areas that follow each other from what was drawn to their rows; the work of one thread.
fn piece(areas: Vec<Drawn>, context: &Context) -> Result<Vec<Row>, ReadError> {
    let ways = context.ways.take(context.reference, context.places);
    let rows = areas.into_iter().map(|drawn| one(drawn, &ways, context).map(|(row, _)| row));
    let rows = rows.collect();
    context.ways.put_back(ways);
    rows
}

/// Carries one area from what was drawn to its row.
fn one(
    Drawn { mut area, mut problems, notices }: Drawn,
    ways: &prepare::Ways,
    context: &Context,
) -> Result<(Row, Option<row::Detail>), ReadError> {
    let mended = context.mending.one(&mut area);
    let hours = Hours::of(&area, context.row.zone).unwrap_or_else(|found| {
        problems.push(times(context.file, &area, found));
        None
    });
    let prepared = contained(|| Prepared::new(&area, ways, context.places));
    let prepared = prepared.unwrap_or_else(Prepared::failed);
    let outside = outside_notice(&area, &prepared, context);
    let extent = Extent::of(&prepared, context.places);
    let hours = hours.as_slice();
    let by_day = contained(|| row::share_of_day(&prepared, hours, &context.row)).ok().flatten();
    let when = row::When { shares: &[by_day], days: hours::days(hours, context.row.zone) };
    let made = contained(|| row::assess_area(&mut area, prepared, when, &context.row));
    let called = area.called();
    let made =
        made.unwrap_or_else(|why| Ok(row::failed(area, why, context.row.people.groups.len())));
    let row::Made { row: assessed, notices: told, detail } =
        made.map_err(|error| error.naming_area(&called))?;
    let reading = (problems, notices);
    Ok((Row { assessed, notices: told, reading, mended, outside, extent }, detail))
}

/// The hours of areas that cannot be told.
#[must_use]
pub fn faulty_hours(file: &str, areas: &[Area], timezone: Option<&str>) -> Vec<Problem> {
    let zone = timezone.and_then(|name| TimeZone::get(name).ok());
    let fault = |area: &Area| Some(times(file, area, Hours::of(area, zone.as_ref()).err()?));
    areas.iter().filter_map(fault).collect()
}

fn times(file: &str, area: &Area, found: String) -> Problem {
    Problem::Times { file: file.to_string(), area: area.called(), feature: area.feature, found }
}

/// Runs what is done for one area; should it panic, that area alone is lost, and its row says why.
fn contained<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<&str>().map(ToString::to_string);
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        format!("civex failed on it, which is a fault of civex: {}", text.unwrap_or_default())
    })
}

/// Whether every area lies outside of every population source, or all sites of a layer elsewhere:
/// mistakes of the scenario, told with their extents. Looks at shapes alone.
#[must_use]
pub fn far_apart(
    (areas, reference): (&[Area], &Reference),
    distances: &Distances,
    sources: &[Source],
    sites: Option<&Sites>,
) -> Vec<Problem> {
    let populations = Populations::new(sources, Budget::UNLIMITED);
    let distances = Distances { rings_m: Vec::new(), ..distances.clone() };
    let layers = (0..sources.len()).map(PeopleLayer::of_any).collect();
    let places = Places::new(&populations, &distances, &People { layers, ..People::default() });
    let extent = areas
        .par_iter()
        .map_init(
            || prepare::Ways::new(reference, &places),
            |ways, area| {
                let prepared = contained(|| Prepared::new(area, ways, &places));
                Extent::of(&prepared.unwrap_or_else(Prepared::failed), &places)
            },
        )
        .reduce(Extent::default, Extent::with);
    let elsewhere = sites.into_iter().flat_map(|sites| extent.sites_elsewhere(sites));
    let sources: Vec<&Source> = sources.iter().collect();
    extent.outside_everything(&sources).into_iter().chain(elsewhere).collect()
}

/// A notice for an area that lies outside of every source, or of the primary alone. (A source that is not
/// the primary is left out of the bounds there, which is told too.)
fn outside_notice(area: &Area, prepared: &Prepared, context: &Context) -> Option<Notice> {
    let text = if prepared.is_outside(context.places) {
        let bounds = prepared.footprint.as_ref().ok().and_then(prepare::bounds);
        let place = bounds.map(|bounds| format!(", at {}", bounds_text(bounds)));
        format!("it lies outside of every population source{}", place.unwrap_or_default())
    } else if prepared.is_outside_of(context.row.primary_grid()) {
        let people = context.row.people;
        let layer = people.layers.get(people.primary);
        let name = layer.map_or("", |layer| layer.name.as_str());
        format!(
            "it lies outside of the primary layer \"{name}\", which alone gives the best estimate"
        )
    } else {
        return None;
    };
    Some(Notice::of_area(NoticeKind::OutsideSource, area.called(), text))
}
