//! One row: what is known of one area, put together and scored.

use super::hours::Hours;
use super::prepare::{Around, Prepared};
use super::{people, sites};
use crate::error::{Notice, Problem, ReadError};
use crate::index::{Populations, SiteIndex};
use crate::intersect::faults;
use crate::model::{
    Area, AssessedArea, Burden, Contributions, Flag, RingCounts, Scheme, ScoreTriple, Shape, Sites,
    Status,
};
use crate::score::band::{Evidence, classify, profile};
use crate::score::contributions::contributions;
use crate::score::{self, Bound};
use geo::{Coord, InteriorPoint, MapCoords, MultiPolygon, Point};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::mem::take;

/// What all rows share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) populations: &'a Populations<'a>,
    pub(super) primary: usize,
    pub(super) sites: Option<(&'a Sites, &'a SiteIndex)>,
    pub(super) scheme: &'a Scheme,
    pub(super) buffer_m: f64,
    pub(super) rings_m: &'a [u64],
    pub(super) adjacent_m: Option<f64>,
    /// The time zone of the areas, if it is given.
    pub(super) zone: Option<&'a TimeZone>,
}

impl Context<'_> {
    /// The grid of the primary source.
    pub(super) fn primary_grid(&self) -> usize {
        self.populations.of_source(self.primary).map_or(0, |(stack, _)| stack.grid)
    }
}

/// What is to be kept in mind of a row, and to be said of it.
#[derive(Default)]
pub(super) struct Remarks {
    pub(super) flags: BTreeSet<Flag>,
    pub(super) notices: Vec<Notice>,
}

/// A row and what is to be said of it.
pub(super) struct Row {
    pub(super) assessed: AssessedArea,
    pub(super) notices: Vec<Notice>,
    /// What reading the area found.
    pub(super) reading: (Vec<Problem>, Vec<Notice>),
    /// What mending it found.
    pub(super) mended: super::mend::Found,
    /// That it lies outside of a source.
    pub(super) outside: Option<Notice>,
    /// Where it lies.
    pub(super) extent: super::Extent,
}

/// Assesses one area, which is taken into its row when all is done.
pub(super) fn assess_area(
    area: &mut Area,
    prepared: Prepared,
    hours: Option<&Hours>,
    context: &Context,
) -> Result<(AssessedArea, Vec<Notice>), ReadError> {
    let mut remarks = Remarks::default();
    let flags = &mut remarks.flags;
    flags.insert(Flag::NoDependants);
    if context.sites.is_none() {
        flags.insert(Flag::NoSitesLayer);
    }
    if area.duplicate {
        flags.insert(Flag::DuplicateId);
    }
    let footprint = match (&area.shape, prepared.footprint) {
        (Shape::Faulty { status, reason }, _) => {
            let (status, reason) = (*status, reason.clone());
            return Ok(faulty(take(area), status, reason, remarks));
        }
        (_, Err(reason)) => return Ok(faulty(take(area), Status::Invalid, reason, remarks)),
        (shape, Ok(footprint)) => {
            flags.extend(flags_of(shape, prepared.is_wrapped));
            if context.buffer_m > 0.0 {
                flags.insert(Flag::Buffered);
            }
            footprint
        }
    };
    let asked =
        people::Asked { id: &area.id, zones: &prepared.zones, surface_km2: prepared.surface_km2 };
    let found = people::people(&asked, context, &mut remarks)?;
    let around = &prepared.around;
    let ring_people = people::rings(&asked, around, found.primary, context, &mut remarks)?;
    let mut of_sites = context.sites.map(|all| {
        sites::sites(&footprint, all, share_of_day(&footprint, hours, context), context)
    });
    let rings = rings_of(ring_people, around, of_sites.as_ref(), context);
    let uncounted = of_sites.as_ref().map_or(Burden::ZERO, |sites| sites.uncounted);
    let people = found.people.map(|people| people.zip(uncounted, |counted, more| counted + more));
    let unknowns = people.map_or(0.0, |people| expected_unknowns(people.high, context));
    if let Some(sites) = &mut of_sites {
        sites.counts.load.high += unknowns;
    }
    let score = score_of(people, of_sites.as_ref(), unknowns, found.status, context);
    let with_data_km2 = prepared.surface_km2 * (1.0 - found.missing.unwrap_or(1.0));
    let density_km2 =
        people.filter(|_| with_data_km2 > 0.0).map(|people| people.best / with_data_km2);
    let assessed = AssessedArea {
        decimals: decimals(&footprint),
        area: take(area),
        status: found.status,
        reason: found.reason,
        flags: remarks.flags,
        footprint: Some(footprint),
        surface_km2: Some(prepared.surface_km2),
        missing_share: found.missing,
        people,
        density_km2,
        peak_km2: found.peak_km2,
        rings,
        sites: of_sites.map(|sites| sites.counts),
        score,
    };
    Ok((assessed, remarks.notices))
}

/// What was done to the shape of an area before it was assessed.
fn flags_of(shape: &Shape, is_wrapped: bool) -> impl Iterator<Item = Flag> {
    let (is_repaired, was_wrapped) = match shape {
        Shape::Polygons { repaired, wrapped, .. } => (!repaired.is_empty(), *wrapped),
        _ => (false, false),
    };
    let flags = [(Flag::Repaired, is_repaired), (Flag::Wrapped, was_wrapped || is_wrapped)];
    flags.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag)
}

/// The share of the hours of an area that is day; all of it where no hours are told.
fn share_of_day(footprint: &MultiPolygon<f64>, hours: Option<&Hours>, context: &Context) -> f64 {
    // The sun is asked for where no clock tells.
    let inner = || footprint.interior_point().map_or(0.0, Point::x);
    let longitude = if context.zone.is_none() && hours.is_some() { inner() } else { 0.0 };
    hours.map_or(1.0, |hours| hours.share_of_day(context.zone, longitude))
}

/// People and sites of each ring.
fn rings_of(
    people: Vec<(Option<f64>, f64)>,
    around: &[Result<Around, String>],
    own: Option<&sites::Found>,
    context: &Context,
) -> Vec<RingCounts> {
    let touched = own.map(|own| &own.counts.touched[..]);
    let sites = touched.zip(context.sites);
    let sites = sites.map(|(own, layer)| sites::rings(around, own, layer, context.scheme));
    let of_ring = |place: usize| sites.as_ref().and_then(|sites| *sites.get(place)?);
    people
        .into_iter()
        .enumerate()
        .map(|(place, (people, missing))| RingCounts { people, missing, sites: of_ring(place) })
        .collect()
}

/// The row of an area on which the work itself failed.
pub(super) fn failed(area: Area, reason: String) -> (AssessedArea, Vec<Notice>) {
    let area = Area { shape: Shape::default(), ..area };
    faulty(area, Status::Invalid, reason, Remarks::default())
}

/// The row of an area that has no footprint.
fn faulty(
    area: Area,
    status: Status,
    reason: String,
    remarks: Remarks,
) -> (AssessedArea, Vec<Notice>) {
    let assessed = AssessedArea {
        area,
        status,
        reason: Some(reason),
        flags: remarks.flags,
        footprint: None,
        decimals: 7,
        surface_km2: None,
        missing_share: None,
        people: None,
        density_km2: None,
        peak_km2: None,
        rings: Vec::new(),
        sites: None,
        score: ScoreTriple::default(),
    };
    (assessed, remarks.notices)
}

/// Load of the sites to be expected where no layer maps their class.
fn expected_unknowns(people_high: f64, context: &Context) -> f64 {
    let is_mapped = |class| context.sites.is_some_and(|(sites, _)| sites.mapped.contains(&class));
    score::expected_unknowns(people_high, is_mapped, context.scheme)
}

/// The fewest decimals, 7 or more, with which the rings of a footprint stay valid.
///
/// Coordinates that have no more than 7 are written the same with any number of them, so that nothing is
/// to be judged.
fn decimals(footprint: &MultiPolygon<f64>) -> u32 {
    let survives = |decimals: u32| {
        let unit = 10f64.powi(decimals.cast_signed());
        let rounded = footprint.map_coords(|at| Coord {
            x: (at.x * unit).round() / unit,
            y: (at.y * unit).round() / unit,
        });
        rounded == *footprint || faults(&rounded).is_empty()
    };
    [7, 9, 11, 13].into_iter().find(|decimals| survives(*decimals)).unwrap_or(17)
}

/// The score at each bound, with its bands, profile, driver and contributions.
fn score_of(
    people: Option<Burden>,
    sites: Option<&sites::Found>,
    unknowns: f64,
    status: Status,
    context: &Context,
) -> ScoreTriple {
    let scheme = context.scheme;
    let (vulnerable, load, gravest) = sites
        .map_or((Burden::ZERO, Burden::ZERO, [None; 3]), |sites| {
            (sites.counts.vulnerable, sites.counts.load, sites.gravest)
        });
    let bound = |people: f64, vulnerable: f64, site_load: f64, gravest| Bound {
        people,
        vulnerable,
        site_load,
        dependants: [0.0; 9],
        gravest,
    };
    let low = bound(people.map_or(0.0, |people| people.low), vulnerable.low, load.low, gravest[0]);
    let low = score::score(&low, scheme).score;
    let Some(people) = people else {
        return ScoreTriple { low: Some(low), ..ScoreTriple::default() };
    };
    let best_bound = bound(people.best, vulnerable.best, load.best, gravest[1]);
    let best = score::score(&best_bound, scheme);
    // Without a sites layer there is no load but the expected one.
    let load_high = if sites.is_some() { load.high } else { unknowns };
    let high = bound(people.high, vulnerable.high, load_high, gravest[2]);
    let high = score::score(&high, scheme).score;
    let evidence = match (status, context.sites) {
        (Status::Ok, Some(_)) => Evidence::Complete,
        _ => Evidence::Limited,
    };
    let bands = classify(Burden { low, best: best.score, high }, evidence, scheme);
    let banded = matches!(status, Status::Ok | Status::DataGap);
    let [p, g, s, e] = contributions(&best_bound, scheme);
    ScoreTriple {
        low: Some(low),
        best: Some(best.score),
        high: Some(high),
        bands: bands.map(|band| banded.then_some(band)),
        profile: Some(profile(best.dimensions, scheme)),
        driver: best.driver,
        contributions: Some(Contributions { people: p, vulnerable: g, sites: s, services: e }),
    }
}
