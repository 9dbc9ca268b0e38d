//! People of an area over all sources: best from the primary, bounds from all of them.

use super::prepare::Around;
use super::row::{Context, Remarks};
use crate::error::{Notice, NoticeKind, ReadError, number_text};
use crate::intersect::{Cells, Coverage, People, Zone, count, cover};
use crate::model::{Burden, Flag, Status};

/// An area that the sources are asked about.
pub(super) struct Asked<'a> {
    pub(super) id: &'a str,
    /// In the plane of each grid, or why not.
    pub(super) zones: &'a [Result<Zone, String>],
    /// Its surface on the ellipsoid.
    pub(super) surface_km2: f64,
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
}

/// Counts people in an area.
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
    let Asked { id, zones, .. } = *asked;
    let covers: Vec<Option<Coverage>> =
        zones.iter().map(|zone| zone.as_ref().ok().map(cover)).collect();
    let mut by_source = Vec::with_capacity(context.sources.len());
    for source in 0..context.sources.len() {
        by_source.push(of_source(asked, source, &covers, context)?);
    }
    let Some(primary) = by_source.get(context.primary).copied().flatten() else {
        let why = zones.get(context.grid_of[context.primary]).and_then(|zone| zone.as_ref().err());
        return Ok(Found {
            people: None,
            missing: None,
            status: Status::NoData,
            reason: Some(why.cloned().unwrap_or_default()),
            primary: None,
        });
    };
    let primary_zone = zones.get(context.grid_of[context.primary]);
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
        (status != Status::NoData).then(|| bounds(id, primary, &by_source, context, remarks));
    let reason = (status != Status::Ok).then(|| {
        let share = percent(primary.missing);
        match status {
            Status::NoData if outside_primary => "it lies outside of the population data".into(),
            Status::NoData if primary.cells == 0.0 => {
                "it covers no part of any cell that counts".into()
            }
            Status::NoData => "none of its surface has population data".into(),
            Status::NotAssessable => {
                format!("{share} of its surface has no population data, too much for a band")
            }
            _ => format!("{share} of its surface has no population data"),
        }
    });
    if primary.cells == 0.0 && !outside_primary {
        let text = "it covers no part of any cell that counts, so its people are unknown";
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, id, text));
    }
    tell_missing(id, &primary, context, remarks);
    Ok(Found { people, missing: Some(primary.missing), status, reason, primary: Some(primary) })
}

/// People of one source; `None` if the area cannot be carried to its grid.
fn of_source(
    asked: &Asked,
    source: usize,
    covers: &[Option<Coverage>],
    context: &Context,
) -> Result<Option<People>, ReadError> {
    let grid = context.grid_of[source];
    let (Some(Ok(zone)), Some(Some(coverage))) = (asked.zones.get(grid), covers.get(grid)) else {
        return Ok(None);
    };
    counted(asked.id, (zone, coverage, asked.surface_km2), source, context).map(Some)
}

/// People of one source in a zone of so many km².
fn counted(
    id: &str,
    (zone, coverage, area_km2): (&Zone, &Coverage, f64),
    source: usize,
    context: &Context,
) -> Result<People, ReadError> {
    let declared = &context.sources[source].declared;
    let cells = Cells {
        index: &context.indexes[source],
        surfaces: &declared.surfaces,
        nodata_means: declared.nodata_means,
        area_km2,
    };
    count(zone, coverage, cells).map_err(|faulty| ReadError::FaultyCells {
        path: declared.path.clone(),
        area: id.to_string(),
        cells: faulty.cells,
        smallest: faulty.smallest,
        hint: faulty_hint(faulty.smallest),
    })
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
    own: Option<People>,
    context: &Context,
    remarks: &mut Remarks,
) -> Result<Vec<(Option<f64>, f64)>, ReadError> {
    let mut before = own.map(|people| (people, asked.surface_km2));
    let (mut rings, mut worst) = (Vec::with_capacity(around.len()), (0.0, 0));
    for (around, meters) in around.iter().zip(context.rings_m) {
        let within = match around {
            Ok(Around { zone, surface_km2, .. }) => {
                let covered = (zone, &cover(zone), *surface_km2);
                Some((counted(asked.id, covered, context.primary, context)?, *surface_km2))
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
    if worst.0 > context.scheme.population.data_gap_share {
        let (share, meters) = (percent(worst.0), worst.1);
        let name = &context.sources[context.primary].declared.name;
        let text = format!(
            "{share} of the ring to {meters} m around it has no data in layer \"{name}\"; people are counted on the rest"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, asked.id, text));
    }
    Ok(rings)
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

/// How to declare what a faulty value probably is.
#[must_use]
pub fn faulty_hint(smallest: f64) -> String {
    let value = number_text(smallest);
    format!(
        "if {value} means no data, declare it: `nodata = {value}` under [[population]], or \
         `,nodata={value}` behind its path"
    )
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

/// Best from the primary, low and high over the sources that see as much of the area.
fn bounds(
    id: &str,
    primary: People,
    by_source: &[Option<People>],
    context: &Context,
    remarks: &mut Remarks,
) -> Burden {
    let rule = &context.scheme.population;
    let best = primary.best;
    let mut burden = Burden { low: best, best, high: best };
    // Sources to whose grid the area can be carried at all.
    let mut heard = 0;
    for (source, people) in by_source.iter().enumerate() {
        let name = &context.sources[source].declared.name;
        let Some(people) = people else {
            let text = format!(
                "layer \"{name}\" is left out of its bounds, since the area cannot be carried to its grid"
            );
            remarks.notices.push(Notice::of_area(NoticeKind::SourceLeftOut, id, text));
            continue;
        };
        heard += 1;
        if people.missing > primary.missing + rule.left_out_margin {
            let share = percent(people.missing);
            let text = format!(
                "layer \"{name}\" is left out of its bounds, {share} of the surface is missing there"
            );
            remarks.notices.push(Notice::of_area(NoticeKind::SourceLeftOut, id, text));
            continue;
        }
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
fn tell_missing(id: &str, primary: &People, context: &Context, remarks: &mut Remarks) {
    let declared = &context.sources[context.primary].declared;
    let name = &declared.name;
    if primary.missing > 0.0 && primary.missing < 1.0 {
        let share = percent(primary.missing);
        let text = format!(
            "{share} of its surface has no data in layer \"{name}\"; people are counted on the rest"
        );
        remarks.notices.push(Notice::of_area(NoticeKind::PartialData, id, text));
    }
    if !declared.nodata_means_declared && primary.nodata >= 0.05 {
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
