//! People of an area over all sources: best from the primary, bounds from all of them.

use super::prepare::Around;
use super::row::{Context, Remarks};
use crate::error::{Notice, NoticeKind, ReadError};
use crate::index::{Rotten, Stacked};
use crate::intersect::{Cells, Coverage, Peaks, People, Zone, count, cover};
use crate::model::{Burden, Flag, GroupTold, Mix, PeopleLayer, Status};

/// An area that the sources are asked about.
pub(super) struct Asked<'a> {
    pub(super) id: &'a str,
    /// In the plane of each grid, or why not.
    pub(super) zones: &'a [Result<Zone, String>],
    /// Its surface on the ellipsoid.
    pub(super) surface_km2: f64,
    /// The share of its hours that is day, for each time at which it is looked at; `None` without hours.
    pub(super) shares: &'a [Option<f64>],
}

/// What the sources say of one area.
pub(super) struct Found {
    /// People, before those whom no raster counts; `None` where nobody looked.
    pub(super) people: Option<Burden>,
    /// g: the share of its surface without data.
    pub(super) missing: Option<f64>,
    /// What can be said.
    pub(super) status: Status,
    /// Why not more.
    pub(super) reason: Option<String>,
    /// What the primary source says, if the area can be carried to its grid.
    pub(super) primary: Option<People>,
    /// The peak of density in the primary source, in people per km².
    pub(super) peak_km2: Option<f64>,
    /// People of each group that is declared, no more than people; `None` where nobody knows.
    pub(super) groups: Vec<Option<Burden>>,
    /// The rasters of the primary source that count, each with its share of the time.
    pub(super) weights: Vec<(usize, f64)>,
    /// What is counted at each time.
    pub(super) times: Vec<AtTime>,
}

/// What is counted at one time.
#[derive(Clone)]
pub(super) struct AtTime {
    /// The share of its hours that is day; `None` without hours.
    pub(super) by_day: Option<f64>,
    /// People, before those whom no raster counts.
    pub(super) counted: Option<Burden>,
    /// P⁻, P and P⁺ of each declared source; `None` for one that is left out.
    pub(super) layers: Vec<Option<Burden>>,
}

/// What each raster says.
struct BySource {
    /// People; `None` where the area cannot be carried to its grid.
    people: Vec<Option<People>>,
    /// The peak of density in those of the primary source.
    peaks_km2: Vec<Option<f64>>,
}

/// Counts people in an area; at several times each bound is the largest.
///
/// # Formula
///
/// ```text
/// low = min(best, min_m P_m⁻)    high = max(best, max_m P_m⁺)
/// one source: low ≤ best / 1.5, high ≥ best · 1.5
/// ```
///
/// # Errors
///
/// If the area covers a cell that holds what is no number of people.
pub(super) fn people(
    asked: &Asked,
    context: &Context,
    remarks: &mut Remarks,
) -> Result<Found, ReadError> {
    let by_source = by_source(asked, context)?;
    let mut all: Option<Found> = None;
    for by_day in asked.shares {
        let found = at_time(asked, *by_day, &by_source, (context, remarks));
        all = Some(match all {
            Some(before) => before.with(found),
            None => found,
        });
    }
    // What is said of one time is said of all.
    if asked.shares.len() > 1 {
        let mut said = Vec::new();
        remarks.notices.retain(|notice| {
            let is_said = said.contains(notice);
            said.extend((!is_said).then(|| notice.clone()));
            !is_said
        });
    }
    Ok(all.unwrap_or_else(|| nobody(String::new(), None, context)))
}

impl Found {
    /// The larger of two times, bound by bound; nobody knows what one of them does not tell.
    fn with(self, other: Self) -> Self {
        let larger = |one: Option<Burden>, two: Option<Burden>| Some(one?.zip(two?, f64::max));
        let is_worse = other.missing > self.missing;
        let (status, reason) =
            if is_worse { (other.status, other.reason) } else { (self.status, self.reason) };
        let groups = self.groups.into_iter().zip(other.groups);
        Self {
            people: larger(self.people, other.people),
            missing: self.missing.zip(other.missing).map(|(one, two)| one.max(two)),
            status,
            reason,
            primary: self.primary,
            peak_km2: self.peak_km2.into_iter().chain(other.peak_km2).reduce(f64::max),
            groups: groups.map(|(one, two)| larger(one, two)).collect(),
            weights: self.weights,
            times: [self.times, other.times].concat(),
        }
    }
}

/// What is found where nobody looked.
fn nobody(reason: String, by_day: Option<f64>, context: &Context) -> Found {
    let layers = vec![None; context.people.layers.len()];
    Found {
        people: None,
        missing: None,
        status: Status::NoData,
        reason: Some(reason),
        primary: None,
        peak_km2: None,
        groups: vec![None; context.people.groups.len()],
        weights: Vec::new(),
        times: vec![AtTime { by_day, counted: None, layers }],
    }
}

/// People of an area at one time.
fn at_time(
    asked: &Asked,
    by_day: Option<f64>,
    by_source: &BySource,
    (context, remarks): (&Context, &mut Remarks),
) -> Found {
    let Asked { id, zones, .. } = *asked;
    let mixed = |layer: &PeopleLayer| weights(layer.mix(by_day)?, &by_source.people);
    let of = |layer: &PeopleLayer| of_weights(&mixed(layer)?, &by_source.people);
    let of_layers: Vec<Option<People>> = context.people.layers.iter().map(of).collect();
    let Some(primary) = of_layers.get(context.people.primary).copied().flatten() else {
        let on_grid = |source| context.populations.of_source(source).map(|(stack, _)| stack.grid);
        let mut grids = sources_at(context, by_day).into_iter().filter_map(on_grid);
        let why = grids.find_map(|grid| zones.get(grid)?.as_ref().err());
        return nobody(why.cloned().unwrap_or_default(), by_day, context);
    };
    let weights = primary_layer(context).and_then(mixed).unwrap_or_default();
    let peaks = weights.iter().filter_map(|(source, _)| by_source.peaks_km2[*source]);
    let peak_km2 = peaks.reduce(f64::max);
    let primary_zone = zones.get(context.primary_grid());
    let outside_primary =
        primary_zone.is_some_and(|zone| zone.as_ref().is_ok_and(|zone| zone.beyond() > 0.5));
    let rule = &context.scheme.population;
    if primary.cells > 0.0 && primary.cells < rule.small_area_cells {
        remarks.flags.insert(Flag::SmallArea);
    }
    if primary.missing > 0.0 {
        remarks.flags.extend([Flag::PartialData, Flag::HighNotABound]);
    }
    let status = status(primary.missing, context);
    let people =
        (status != Status::NoData).then(|| bounds(id, primary, &of_layers, context, remarks));
    let reason = reason(status, &primary, outside_primary);
    if primary.cells == 0.0 && !outside_primary {
        let text = "it covers no part of any cell that counts, so its people are unknown";
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, id, text));
    }
    tell_missing(id, (&primary, &weights), context, remarks);
    let groups = people.map_or_else(
        || vec![None; context.people.groups.len()],
        |people| groups_of(id, (people, primary.missing), &by_source.people, (context, remarks)),
    );
    let heard = |people: &Option<People>| {
        let people = people.filter(|people| !is_left_out(people, &primary, context))?;
        Some(Burden { low: people.inner, best: people.best, high: people.outer })
    };
    let layers = of_layers.iter().map(heard).collect();
    Found {
        people,
        missing: Some(primary.missing),
        status,
        reason,
        primary: Some(primary),
        peak_km2: peak_km2.filter(|_| status != Status::NoData),
        groups,
        weights,
        times: vec![AtTime { by_day, counted: people, layers }],
    }
}

/// The rasters of the primary source that are looked at for some hours.
fn sources_at(context: &Context, by_day: Option<f64>) -> Vec<usize> {
    let mix = primary_layer(context).and_then(|layer| layer.mix(by_day));
    mix.map(Mix::sources).unwrap_or_default()
}

/// Why not more can be said than the status says.
fn reason(status: Status, primary: &People, outside_primary: bool) -> Option<String> {
    let share = percent(primary.missing);
    let text = match status {
        Status::Ok => return None,
        Status::NoData if outside_primary => "it lies outside of the population data".into(),
        Status::NoData if primary.cells == 0.0 => {
            "it covers no part of any cell that counts".into()
        }
        Status::NoData => "none of its surface has population data".into(),
        Status::NotAssessable => {
            format!("{share} of its surface has no population data, too much for a band")
        }
        _ => format!("{share} of its surface has no population data"),
    };
    Some(text)
}

/// The declared source that alone gives the best estimate.
fn primary_layer<'c>(context: &Context<'c>) -> Option<&'c PeopleLayer> {
    context.people.layers.get(context.people.primary)
}

/// The rasters of a mix that count, each with its share of the time; `None` if one is not known that the choice
/// depends on.
fn weights(mix: Mix, by_source: &[Option<People>]) -> Option<Vec<(usize, f64)>> {
    let best = |source: usize| by_source.get(source).copied().flatten().map(|people| people.best);
    Some(match mix {
        Mix::One(source) => vec![(source, 1.0)],
        Mix::Larger(one, two) if best(two)? > best(one)? => vec![(two, 1.0)],
        Mix::Larger(one, _) => vec![(one, 1.0)],
        Mix::Both { day, night, by_day } => vec![(day, by_day), (night, 1.0 - by_day)],
    })
}

/// People of rasters, each for its share of the time; `None` if one of them is not known.
///
/// # Formula
///
/// ```text
/// P = σ · P_day + (1 − σ) · P_night, for best, inner and outer
/// ```
///
/// # Source
///
/// METHOD §4.
fn of_weights(weights: &[(usize, f64)], by_source: &[Option<People>]) -> Option<People> {
    let mut sum: Option<People> = None;
    for (source, weight) in weights {
        let of = by_source.get(*source).copied().flatten()?;
        let before = sum.unwrap_or(People { best: 0.0, inner: 0.0, outer: 0.0, ..of });
        sum = Some(People {
            best: before.best + weight * of.best,
            inner: before.inner + weight * of.inner,
            outer: before.outer + weight * of.outer,
            cells: before.cells.max(of.cells),
            missing: before.missing.max(of.missing),
            nodata: before.nodata.max(of.nodata),
        });
    }
    sum
}

/// People of each group: counted like people from its rasters, or a share of them, and no more than people at any
/// bound.
///
/// # Source
///
/// METHOD §1, *Groups*.
fn groups_of(
    id: &str,
    (people, missing): (Burden, f64),
    by_source: &[Option<People>],
    (context, remarks): (&Context, &mut Remarks),
) -> Vec<Option<Burden>> {
    let rule = &context.scheme.population;
    let mut of = |source: &crate::model::GroupSource| {
        let name = source.group.name();
        let rasters = match &source.told {
            GroupTold::Share(share) => {
                remarks.flags.insert(Flag::Defaulted);
                return Some(people.map(|people| share * people));
            }
            GroupTold::Rasters(rasters) => rasters,
        };
        let (mut best, mut inner, mut outer) = (0.0, 0.0, 0.0);
        for (raster, weight) in rasters {
            let found = by_source.get(*raster).copied().flatten();
            let found = found.filter(|found| found.missing <= missing + rule.left_out_margin);
            let Some(found) = found else {
                let text = format!(
                    "{name} are unknown, since a raster of them misses much of its surface"
                );
                remarks.notices.push(Notice::of_area(NoticeKind::SourceLeftOut, id, text));
                return None;
            };
            best += weight * found.best;
            inner += weight * found.inner;
            outer += weight * found.outer;
        }
        if best > people.best * (1.0 + 1e-9) + 1e-6 {
            let text = format!(
                "{name} are {best:.0} and people {:.0}: as many as people are counted",
                people.best
            );
            remarks.notices.push(Notice::of_area(NoticeKind::GroupClipped, id, text));
        }
        let low = inner.min(best / rule.single_source_factor);
        let high = outer.max(best * rule.single_source_factor);
        let counted = Burden { low, best, high };
        Some(counted.zip(people, f64::min))
    };
    context.people.groups.iter().map(&mut of).collect()
}

/// People of each raster, and the peaks of density in those of the primary source.
fn by_source(asked: &Asked, context: &Context) -> Result<BySource, ReadError> {
    let mut people = vec![None; context.populations.sources().len()];
    let mut peaks_km2 = vec![None; people.len()];
    let of_primary: Vec<usize> =
        asked.shares.iter().flat_map(|by_day| sources_at(context, *by_day)).collect();
    // Stacks of one grid share the coverage.
    let mut covers: Vec<Option<Coverage>> = vec![None; asked.zones.len()];
    for stack in context.populations.stacks() {
        let Some(Ok(zone)) = asked.zones.get(stack.grid) else { continue };
        // Cells that are too many to be read are too many to be walked around, too.
        stack.index.admit(zone.window())?;
        let coverage = covers[stack.grid].get_or_insert_with(|| cover(zone));
        let zone = Covered { zone, coverage, km2: asked.surface_km2 };
        let channels: Vec<usize> = (0..stack.sources.len()).collect();
        let is_primary = |place: &usize| {
            stack.sources.get(*place).is_some_and(|source| of_primary.contains(source))
        };
        let peaks_of: Vec<usize> = channels.iter().copied().filter(is_primary).collect();
        let counted = counted(asked.id, &zone, (stack, &channels), &peaks_of, context)?;
        for (place, of_source) in stack.sources.iter().zip(counted.people) {
            people[*place] = Some(of_source);
        }
        for (channel, peak) in peaks_of.iter().zip(counted.peaks_km2) {
            peaks_km2[stack.sources[*channel]] = Some(peak);
        }
    }
    Ok(BySource { people, peaks_km2 })
}

/// A zone, which cells it covers, and the surface of the whole area.
struct Covered<'a> {
    zone: &'a Zone,
    coverage: &'a Coverage,
    km2: f64,
}

/// What was counted in a zone.
struct Counted {
    /// Of each channel.
    people: Vec<People>,
    /// The peaks of density that were asked for.
    peaks_km2: Vec<f64>,
}

/// People of some channels of a stack in a zone, and the peaks of density in some of them.
fn counted(
    id: &str,
    covered: &Covered,
    (stack, channels): (&Stacked, &[usize]),
    peaks_of: &[usize],
    context: &Context,
) -> Result<Counted, ReadError> {
    let Covered { zone, coverage, km2 } = *covered;
    let declared = |channel: usize| {
        let source = stack.sources.get(channel).copied().unwrap_or_default();
        &context.populations.sources()[source].declared
    };
    let surfaces = &declared(0).surfaces;
    let asked: Vec<_> =
        channels.iter().map(|channel| (*channel, declared(*channel).nodata_means)).collect();
    let found = loop {
        let view = &stack.index.view(zone.window())?;
        let cells = Cells { view, channels: &asked, surfaces, area_km2: km2 };
        let peak =
            |channel: &usize| Peaks { view, channel: *channel, surfaces }.density_km2(coverage);
        let peaks = || peaks_of.iter().map(peak).collect::<Result<Vec<_>, _>>();
        let both = count(zone, coverage, cells).and_then(|people| Ok((people, peaks()?)));
        match both {
            Ok(found) => break found,
            // From here on everything is read from the raster.
            Err(Rotten) => stack.index.distrust(),
        }
    };
    let mut people = Vec::with_capacity(channels.len());
    for (channel, of_channel) in channels.iter().zip(found.0) {
        people.push(of_channel.map_err(|faulty| ReadError::FaultyCells {
            path: declared(*channel).path.clone(),
            area: Box::new(id.into()),
            cells: faulty.cells,
            smallest: faulty.smallest,
            hint: faulty.hint(&declared(*channel).nodata),
        })?);
    }
    Ok(Counted { people, peaks_km2: found.1 })
}

/// People of the primary source in each ring around an area: within its distance, and not within the
/// one before; and the share of the ring without data, `None` people if that is all of it.
///
/// # Errors
///
/// If a ring covers a cell that holds what is no number of people.
pub(super) fn rings(
    asked: &Asked,
    around: &[Result<Around, String>],
    (own, weights): (Option<People>, &[(usize, f64)]),
    context: &Context,
    remarks: &mut Remarks,
) -> Result<Vec<(Option<f64>, f64)>, ReadError> {
    let mut before = own.map(|people| (people, asked.surface_km2));
    let (mut rings, mut worst) = (Vec::with_capacity(around.len()), (0.0, 0));
    for (around, meters) in around.iter().zip(context.rings_m) {
        let within = match around {
            Ok(Around { zone, surface_km2, .. }) => {
                let covered = Covered { zone, coverage: &cover(zone), km2: *surface_km2 };
                around_it(asked.id, &covered, weights, context)?
                    .map(|people| (people, *surface_km2))
            }
            Err(why) => {
                remarks.notices.push(Notice::of_area(NoticeKind::PartialData, asked.id, why));
                None
            }
        };
        let ring = before.zip(within).map(|(inner, outer)| between(inner, outer));
        let (people, missing) = ring.unwrap_or((None, 1.0));
        if ring.is_some() && missing > worst.0 {
            worst = (missing, *meters);
        }
        rings.push((people, missing));
        before = within;
    }
    let elsewhere = weights.iter().any(|(source, _)| on_primary_grid(*source, context).is_none());
    if elsewhere && !around.is_empty() {
        let name = primary_name(context);
        let text = format!(
            "people of its rings are unknown, since layer \"{name}\" is on different grids by day and night"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, asked.id, text));
    }
    if worst.0 > context.scheme.population.data_gap_share {
        let (share, meters) = (percent(worst.0), worst.1);
        let name = primary_name(context);
        let text = format!(
            "{share} of the ring to {meters} m around it has no data in layer \"{name}\"; people are counted on the rest"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, asked.id, text));
    }
    Ok(rings)
}

/// People of the primary source in the ground around an area, mixed as those of the area are.
fn around_it(
    id: &str,
    covered: &Covered,
    weights: &[(usize, f64)],
    context: &Context,
) -> Result<Option<People>, ReadError> {
    let mut by_source = vec![None; context.populations.sources().len()];
    for (source, _) in weights {
        // The ground around it is known on one grid, and what is only part of a mix is no number of people.
        let Some((stack, channel)) = on_primary_grid(*source, context) else { return Ok(None) };
        let found = counted(id, covered, (stack, &[channel]), &[], context)?;
        by_source[*source] = found.people.first().copied();
    }
    Ok(of_weights(weights, &by_source))
}

/// The stack and channel of a source, if it is on the grid on which rings are counted.
fn on_primary_grid<'c>(source: usize, context: &Context<'c>) -> Option<(&'c Stacked<'c>, usize)> {
    let found = context.populations.of_source(source);
    found.filter(|(stack, _)| stack.grid == context.primary_grid())
}

/// The name of the primary source.
fn primary_name<'c>(context: &Context<'c>) -> &'c str {
    primary_layer(context).map_or("", |layer| layer.name.as_str())
}

/// People within one area and not within another inside of it, each with its km², and the share of what
/// lies between that has no data; nobody knows the people if that is all of it.
fn between(
    (inner, inner_km2): (People, f64),
    (outer, outer_km2): (People, f64),
) -> (Option<f64>, f64) {
    let missing_km2 = outer.missing * outer_km2 - inner.missing * inner_km2;
    let missing = (missing_km2 / (outer_km2 - inner_km2)).clamp(0.0, 1.0);
    let missing = if missing > 1.0 - 1e-9 || outer.missing >= 1.0 { 1.0 } else { missing };
    let people = (outer.best - inner.best).max(0.0);
    ((missing < 1.0).then_some(people), missing)
}

fn status(missing: f64, context: &Context) -> Status {
    let rule = &context.scheme.population;
    if missing >= 1.0 {
        Status::NoData
    } else if missing > rule.not_assessable_share {
        Status::NotAssessable
    } else if missing > rule.data_gap_share {
        Status::DataGap
    } else {
        Status::Ok
    }
}

/// Whether a source sees so much less of an area than the primary that it is not heard there.
fn is_left_out(people: &People, primary: &People, context: &Context) -> bool {
    people.missing > primary.missing + context.scheme.population.left_out_margin
}

/// Best from the primary, low and high over the sources that see as much of the area.
fn bounds(
    id: &str,
    primary: People,
    of_layers: &[Option<People>],
    context: &Context,
    remarks: &mut Remarks,
) -> Burden {
    let rule = &context.scheme.population;
    let best = primary.best;
    let mut burden = Burden { low: best, best, high: best };
    let mut heard = 0;
    for (layer, people) in context.people.layers.iter().zip(of_layers) {
        let name = &layer.name;
        let Some(people) = people else {
            let text = format!(
                "layer \"{name}\" is left out of its bounds, since the area cannot be carried to its grid"
            );
            remarks.notices.push(Notice::of_area(NoticeKind::SourceLeftOut, id, text));
            continue;
        };
        if is_left_out(people, &primary, context) {
            let share = percent(people.missing);
            let text = format!(
                "layer \"{name}\" is left out of its bounds, {share} of the surface is missing there"
            );
            remarks.notices.push(Notice::of_area(NoticeKind::SourceLeftOut, id, text));
            continue;
        }
        heard += 1;
        burden.low = burden.low.min(people.inner);
        burden.high = burden.high.max(people.outer);
    }
    if heard == 1 {
        remarks.flags.insert(Flag::SingleSource);
        burden.low = burden.low.min(best / rule.single_source_factor);
        burden.high = burden.high.max(best * rule.single_source_factor);
    }
    burden
}

/// Says what is missing, and asks for the meaning of nodata where it matters and is not declared.
fn tell_missing(
    id: &str,
    (primary, weights): (&People, &[(usize, f64)]),
    context: &Context,
    remarks: &mut Remarks,
) {
    let declared = |source: usize| &context.populations.sources()[source].declared;
    let is_declared = weights.iter().all(|(source, _)| declared(*source).nodata_means_declared);
    let name = primary_name(context);
    if primary.missing > 0.0 && primary.missing < 1.0 {
        let share = percent(primary.missing);
        let text = format!(
            "{share} of its surface has no data in layer \"{name}\"; people are counted on the rest"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, id, text));
    }
    if !is_declared && primary.nodata >= 0.05 {
        let share = percent(primary.nodata);
        let text = format!(
            "{share} of its surface is nodata in layer \"{name}\", taken as unknown; if nobody lives there, declare `nodata_means = \"zero\"`"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::NodataUndeclared, id, text));
    }
}

/// A share as people read it: `12.3 %`, never `0.0 %` or `100.0 %` for what is not.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if share > 0.0 && percent < 0.05 {
        "less than 0.1 %".into()
    } else if share < 1.0 && percent >= 99.95 {
        "more than 99.9 %".into()
    } else {
        format!("{percent:.1} %")
    }
}
