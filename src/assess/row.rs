//! One row: what is known of one area, put together and scored.

use super::hours::Hours;
use super::prepare::{Around, Prepared};
use super::tally::Part;
use super::unmapped::{UnmappedClasses, unmapped};
use super::weigh::{Known, LEAST_PEOPLE, Weighed, score_of};
use super::worlds::{ENOUGH, Worlds};
use super::{gaps, hours, people, sites, tally};
use crate::depend::{People, Services};
use crate::error::{Notice, NoticeKind, Problem, ReadError, grouped};
use crate::index::{Populations, Run};
use crate::intersect::{Coverage, Zone, cover, faults};
use crate::measure::{multiple, unit};
use crate::model;
use crate::model::{
    Area, AssessedArea, Burden, Count, Flag, Gap, Group, Mapped, RingCounts, Scheme, ScoreTriple,
    Service, Shape, SiteClass, SiteCounts, Status,
};
use geo::{Coord, InteriorPoint, MapCoords, MultiPolygon};
use jiff::tz::TimeZone;
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::mem::take;

/// Users of sites beyond the mapped ground are many from this share of those within on.
const MANY_BEYOND: f64 = 0.1;

/// What all rows share.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) populations: &'a Populations<'a>,
    pub(super) people: &'a model::People,
    pub(super) sites: Option<&'a Worlds<'a>>,
    /// Who depends on the sites; `None` where nobody was allotted.
    pub(super) services: Option<&'a Services<'a>>,
    pub(super) scheme: &'a Scheme,
    /// The buffer of polygons.
    pub(super) buffer_m: f64,
    pub(super) rings_m: &'a [u64],
    pub(super) adjacent_m: Option<f64>,
    /// The time zone of the areas, if it is given.
    pub(super) zone: Option<&'a TimeZone>,
    /// Whether the score alone is wanted, not what is missing or who lives where.
    pub(super) score_alone: bool,
}

impl Context<'_> {
    /// The grid of the primary source, on which its people live.
    pub(super) fn primary_grid(&self) -> usize {
        self.populations.of_source(self.people.residents()).map_or(0, |(stack, _)| stack.grid)
    }
}

/// What is to be kept in mind of a row, and to be said of it.
#[derive(Default)]
pub(super) struct Remarks {
    pub(super) flags: BTreeSet<Flag>,
    pub(super) notices: Vec<Notice>,
}

impl Remarks {
    /// Adds what limits the sites of an area.
    fn of_sites(&mut self, id: &str, found: Option<&sites::Found>, beyond: &[Service]) {
        let Some(found) = found else { return };
        let mut loaded = SiteClass::ALL.into_iter().filter(|class| class.has_load());
        if loaded.any(|class| found.mapped[class as usize] != Mapped::All) {
            self.flags.insert(Flag::ClassesUnmapped);
        }
        if !found.incomplete.is_empty() {
            self.flags.insert(Flag::SitesIncomplete);
        }
        if !beyond.is_empty() {
            self.flags.insert(Flag::BeyondSites);
            let services: Vec<&str> = beyond.iter().map(|service| service.name()).collect();
            let text = format!(
                "many who use its sites for {} live beyond the ground on which sites were looked for: they count in the \
                 high number alone",
                services.join(", ")
            );
            self.notices.push(Notice::of_area(NoticeKind::BeyondSites, id, text));
        }
    }
}

/// People beyond the ground on which sites were looked for.
#[derive(Default)]
struct FarUsers {
    /// Those of each service, best estimate.
    people: [f64; 9],
    /// The services of which they are more than a tenth of best.
    many: Vec<Service>,
}

/// Users of an area's sites beyond the ground on which sites were looked for.
fn far_users(parts: &[Part], context: &Context) -> FarUsers {
    let Some(services) = context.services else { return FarUsers::default() };
    let mut sums = [[0.0; 2]; 9];
    for part in parts.iter().filter(|part| part.confidence >= context.scheme.existence.best) {
        if let Some(service) = part.service {
            let known = if part.is_told { services.dependants } else { services.dependants.open() };
            let of = &mut sums[service as usize];
            of[0] += part.dependants.best;
            of[1] += known.beyond(part.place);
        }
    }
    let is_many = |service: &Service| {
        let [best, beyond] = sums[*service as usize];
        beyond > MANY_BEYOND * best
    };
    FarUsers {
        people: sums.map(|[_, beyond]| beyond),
        many: Service::ALL.into_iter().filter(is_many).collect(),
    }
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

/// What a row was made from, for those who want to take it apart.
pub(super) struct Detail {
    pub(super) weighed: Weighed,
    pub(super) parts: Vec<Part>,
    /// People in rasters.
    pub(super) counted: Option<Burden>,
    /// On the grid of the primary source.
    pub(super) zone: Zone,
    /// The rasters of the primary source that count, each with its share of the time.
    pub(super) weights: Vec<(usize, f64)>,
    /// What is counted at each time.
    pub(super) times: Vec<people::AtTime>,
}

/// A row, what is to be said of it, and what it was made from.
pub(super) struct Made {
    pub(super) row: AssessedArea,
    pub(super) notices: Vec<Notice>,
    pub(super) detail: Option<Detail>,
}

/// When an area is looked at.
#[derive(Clone, Copy)]
pub(super) struct When<'a> {
    /// The share of day of each of its times, at least one; `None` without hours.
    pub(super) shares: &'a [Option<f64>],
    /// How many days it takes.
    pub(super) days: Option<f64>,
}

/// Assesses one area, which is taken into its row when all is done.
pub(super) fn assess_area(
    area: &mut Area,
    mut prepared: Prepared,
    when: When,
    context: &Context,
) -> Result<Made, ReadError> {
    let mut remarks = Remarks::default();
    let drawn = std::mem::replace(&mut prepared.footprint, Err(String::new()));
    let footprint = match footprint_of(area, (drawn, prepared.is_wrapped), &mut remarks, context) {
        Ok(footprint) => footprint,
        Err(why) => return Ok(faulty(take(area), why, remarks, context.people.groups.len())),
    };
    let asked = people::Asked {
        id: &area.id,
        zones: &prepared.zones,
        surface_km2: prepared.surface_km2,
        shares: when.shares,
    };
    let found = people::people(&asked, context, &mut remarks)?;
    let around = &prepared.around;
    let own = (found.primary, &found.weights[..]);
    let ring_people = people::rings(&asked, around, own, context, &mut remarks)?;
    let by_day = when.shares.iter().map(|share| share.unwrap_or(1.0)).fold(0.0, f64::max);
    let of_sites = context.sites.map(|all| sites::sites(&footprint, all, by_day, context));
    let rings = rings_of(ring_people, around, &footprint, context);
    let unmapped =
        of_sites.as_ref().map(|_| unmapped(&asked, (&prepared.unmapped, found.people), context));
    let unmapped = unmapped.transpose()?;
    let zone = own_zone(&mut prepared, context);
    let of_area = OfArea {
        footprint: &footprint,
        surface_km2: prepared.surface_km2,
        runs: &Runs::of(zone.as_ref()),
        found: &found,
        by_day,
        unmapped: unmapped.as_ref(),
    };
    let is_single_source = remarks.flags.contains(&Flag::SingleSource);
    let far = of_sites.as_ref().map(|sites| far_users(&sites.parts, context)).unwrap_or_default();
    let Sited { weighed, score, gaps, sites } =
        sited(&of_area, (of_sites.as_ref(), &far), is_single_source, context)?;
    remarks.notices.extend(coarse(&area.id, of_sites.as_ref(), &weighed));
    remarks.of_sites(&area.id, of_sites.as_ref(), &far.many);
    let people = weighed.people;
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
        groups: found.groups,
        person_days: people.zip(when.days).map(|(people, days)| people.best * days),
        rings,
        sites,
        score,
        gaps,
    };
    let parts = of_sites.map(|sites| sites.parts).unwrap_or_default();
    let detail = zone.map(|zone| Detail {
        weighed,
        parts,
        counted: found.people,
        zone,
        weights: found.weights,
        times: found.times,
    });
    Ok(Made { row: assessed, notices: remarks.notices, detail })
}

/// The area on the grid of the primary source, taken out.
fn own_zone(prepared: &mut Prepared, context: &Context) -> Option<Zone> {
    let place = context.primary_grid();
    let is_known = prepared.zones.get(place).is_some_and(Result::is_ok);
    is_known.then(|| prepared.zones.swap_remove(place)).and_then(Result::ok)
}

/// The share of day of some hours where an area is.
pub(super) fn share_of_day(prepared: &Prepared, hours: &[Hours], context: &Context) -> Option<f64> {
    let inner = || Some(prepared.footprint.as_ref().ok()?.interior_point()?.x());
    // Where the sun is asked for: at an inner point, and nowhere if a clock tells.
    let is_asked = context.zone.is_none() && !hours.is_empty();
    let longitude = is_asked.then(inner).flatten().unwrap_or(0.0);
    hours::share_of_day(hours, context.zone, longitude)
}

/// The footprint of an area with the flags that its shape has, or the status and reason of one without.
fn footprint_of(
    area: &Area,
    (footprint, is_wrapped): (Result<MultiPolygon<f64>, String>, bool),
    remarks: &mut Remarks,
    context: &Context,
) -> Result<MultiPolygon<f64>, (Status, String)> {
    let flags = [
        (Flag::NoDependants, context.services.is_none()),
        (Flag::NoSitesLayer, context.sites.is_none_or(|all| all.sites.mapped.is_empty())),
        (Flag::DuplicateId, area.duplicate),
    ];
    let flags = flags.into_iter().filter(|(_, holds)| *holds).map(|(flag, _)| flag);
    remarks.flags.extend(flags);
    match (&area.shape, footprint) {
        (Shape::Faulty { status, reason }, _) => Err((*status, reason.clone())),
        (_, Err(reason)) => Err((Status::Invalid, reason)),
        (shape, Ok(footprint)) => {
            remarks.flags.extend(flags_of(shape, is_wrapped));
            let is_buffered = context.buffer_m > 0.0 || shape.open().is_some();
            remarks.flags.extend(is_buffered.then_some(Flag::Buffered));
            Ok(footprint)
        }
    }
}

/// What the sites of an area are looked at with.
struct OfArea<'a> {
    footprint: &'a MultiPolygon<f64>,
    surface_km2: f64,
    runs: &'a Runs<'a>,
    found: &'a people::Found,
    /// The largest share of day at which it is looked at.
    by_day: f64,
    /// The ground on which nobody has looked for each class; `None` without a sites layer.
    unmapped: Option<&'a UnmappedClasses>,
}

/// The cells of an area in the primary source, found when first wanted.
pub(super) struct Runs<'a> {
    zone: Option<&'a Zone>,
    runs: OnceCell<Vec<Run>>,
}

impl<'a> Runs<'a> {
    const fn of(zone: Option<&'a Zone>) -> Self {
        Self { zone, runs: OnceCell::new() }
    }

    /// The cells and how much of each is inside, by row.
    pub(super) fn all(&self) -> &[Run] {
        self.runs.get_or_init(|| self.zone.map(runs_of).unwrap_or_default())
    }
}

/// What the sites of an area and its people amount to.
struct Sited {
    weighed: Weighed,
    score: ScoreTriple,
    gaps: Vec<Gap>,
    sites: Option<SiteCounts>,
}

fn sited(
    area: &OfArea,
    (of_sites, far): (Option<&sites::Found>, &FarUsers),
    is_single_source: bool,
    context: &Context,
) -> Result<Sited, ReadError> {
    let parts = of_sites.map_or(&[][..], |sites| &sites.parts);
    let people = largest_in_all(area, parts, context);
    let known = Known {
        counted: area.found.people,
        people,
        parts,
        mapped: of_sites.map(|sites| &sites.mapped),
        unmapped: area.unmapped,
        looked: &|_| false,
        surface_km2: area.surface_km2,
    };
    let weighed = Weighed::new(known, context);
    let group = |group: Group| {
        let declared = context.people.groups.iter().zip(&area.found.groups);
        let mut of_it = declared.filter(|(source, _)| source.group == group);
        of_it.find_map(|(_, burden)| *burden).map(|burden| burden.best)
    };
    let asked = gaps::Asked {
        known,
        weighed: &weighed,
        is_single_source,
        missing: area.found.missing,
        beyond: &far.many,
        footprint: area.footprint,
        runs: area.runs,
    };
    let (gaps, outside) = if context.score_alone {
        (Vec::new(), None)
    } else {
        (gaps::gaps(&asked, context)?, dependants_outside(&weighed, parts, area.runs, context)?)
    };
    let counted = of_sites.zip(area.unmapped);
    let sites = counted.map(|sites| counts_of(sites, (&weighed, far), outside, context));
    let status = (area.found.status, known.is_mapped(), sites.as_ref());
    let score = score_of(&weighed, (parts, &group), status, context);
    Ok(Sited { weighed, score, gaps, sites })
}

/// People with those whom no raster counts, the largest of several times at each bound; `None` for one time, where
/// they are their sum.
fn largest_in_all(area: &OfArea, parts: &[Part], context: &Context) -> Option<Burden> {
    let [_, _, ..] = area.found.times[..] else { return None };
    let at = |time: &people::AtTime| {
        let share = time.by_day.unwrap_or(1.0);
        let parts =
            tally::at_share(parts, if area.by_day > 0.0 { share / area.by_day } else { 0.0 });
        let uncounted = tally::tally(&parts, &|_| true, context).uncounted;
        Some(time.counted?.zip(uncounted, |one, two| one + two))
    };
    let all: Option<Vec<Burden>> = area.found.times.iter().map(at).collect();
    all?.into_iter().reduce(|one, two| one.zip(two, f64::max))
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

/// People and sites of each ring.
fn rings_of(
    people: Vec<(Option<f64>, f64)>,
    around: &[Result<Around, String>],
    area: &MultiPolygon<f64>,
    context: &Context,
) -> Vec<RingCounts> {
    let worlds = context.sites;
    let sites = worlds.map(|worlds| sites::rings(around, area, worlds, context.scheme));
    let of_ring = |place: usize| sites.as_ref().and_then(|sites| *sites.get(place)?);
    people
        .into_iter()
        .enumerate()
        .map(|(place, (people, missing))| RingCounts { people, missing, sites: of_ring(place) })
        .collect()
}

/// The row of an area on which the work itself failed.
pub(super) fn failed(area: Area, reason: String, groups: usize) -> Made {
    let area = Area { shape: Shape::default(), ..area };
    faulty(area, (Status::Invalid, reason), Remarks::default(), groups)
}

/// The row of an area that has no footprint.
fn faulty(area: Area, (status, reason): (Status, String), remarks: Remarks, groups: usize) -> Made {
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
        groups: vec![None; groups],
        person_days: None,
        rings: Vec::new(),
        sites: None,
        score: ScoreTriple::default(),
        gaps: Vec::new(),
    };
    Made { row: assessed, notices: remarks.notices, detail: None }
}

/// What is told of the sites of an area.
fn counts_of(
    (found, unmapped): (&sites::Found, &UnmappedClasses),
    (weighed, far): (&Weighed, &FarUsers),
    outside: Option<f64>,
    context: &Context,
) -> SiteCounts {
    let (classes, tiers) = tally::count(&found.parts, context.scheme);
    let mapped = found.mapped;
    let is_any = |wanted: &dyn Fn(SiteClass) -> bool| {
        let mut of = SiteClass::ALL.into_iter().filter(|class| wanted(*class));
        of.any(|class| mapped[class as usize] != Mapped::Nothing)
    };
    let count = |class: SiteClass| {
        let state = mapped[class as usize];
        let found = (state != Mapped::Nothing).then_some(classes[class as usize]);
        Count { found, is_least: state != Mapped::All }
    };
    let dependants = dependants_of(weighed, &mapped, context);
    let is_least = |service: Service| {
        let mut of = SiteClass::ALL.into_iter().filter(|class| class.can_serve(service));
        of.any(|class| mapped[class as usize] != Mapped::All) || far.many.contains(&service)
    };
    let losses = context.sites.map_or(&[][..], |worlds| &worlds.sites.mappings);
    let lost = found.incomplete.iter().filter_map(|layer| losses.get(*layer));
    SiteCounts {
        tiers: sites::tiers_of(tiers, &mapped, context.scheme),
        classes: SiteClass::ALL.map(count),
        mapped,
        unmapped: *unmapped,
        lost: lost.map(|mapping| mapping.losses.share()).fold(0.0, f64::max),
        load: is_any(&SiteClass::has_load).then(|| weighed.load()),
        vulnerable: is_any(&SiteClass::is_place_bound).then_some(weighed.tally.vulnerable),
        dependants,
        dependants_least: Service::ALL.map(is_least),
        beyond: far.people,
        dependants_outside: outside.filter(|_| dependants.iter().any(Option::is_some)),
        touched: found.listed.clone(),
        adjacent: found.adjacent.clone(),
    }
}

/// D of each service of which sites were looked for in an area, or that its sites feed elsewhere.
fn dependants_of(
    weighed: &Weighed,
    mapped: &sites::MappedClasses,
    context: &Context,
) -> [Option<Burden>; 9] {
    Service::ALL.map(|service| {
        let mut classes = SiteClass::ALL.into_iter().filter(|class| class.can_serve(service));
        let is_mapped = classes.any(|class| mapped[class as usize] != Mapped::Nothing);
        let found = weighed.tally.dependants[service as usize];
        (context.services.is_some() && (is_mapped || found.high > 0.0)).then_some(found)
    })
}

/// The cells of a zone and how much of each is inside, by row.
pub(super) fn runs_of(zone: &Zone) -> Vec<Run> {
    let Coverage { cells, spans } = cover(zone);
    let cells = cells.iter().map(|cell| Run {
        row: cell.row as usize,
        first: cell.col as usize,
        last: cell.col as usize + 1,
        share: cell.fraction,
    });
    let spans = spans.iter().map(|span| Run {
        row: span.row as usize,
        first: span.first as usize,
        last: span.last as usize,
        share: 1.0,
    });
    let mut runs: Vec<Run> = cells.chain(spans).collect();
    runs.sort_by_key(|run| (run.row, run.first));
    runs
}

/// How many of those who depend on the driving service live outside of the area, in the digits of D.
///
/// # Formula
///
/// ```text
/// outside = D − Σ_c f_c·n_c · Σ_i a_ci · r_i, the sum as a multiple of what the second digit of D counts
/// ```
fn dependants_outside(
    weighed: &Weighed,
    parts: &[Part],
    runs: &Runs,
    context: &Context,
) -> Result<Option<f64>, ReadError> {
    let Some((services, worlds)) = context.services.zip(context.sites) else {
        return Ok(None);
    };
    if weighed.people.is_none() {
        return Ok(None);
    }
    let Some(service) = weighed.scored[1].service else { return Ok(Some(0.0)) };
    let all = weighed.tally.dependants[service as usize].best;
    let rule = &context.scheme.existence;
    let inside = if service.has_catchment() {
        let [_, fed, _] = tally::fed(parts, worlds, services.supply, rule);
        let Services { residents, givers, .. } = *services;
        let is_told = parts.iter().any(|part| part.is_told && part.service == Some(service));
        let givers = if is_told { givers } else { givers.open() };
        let people = People { residents, givers, runs: runs.all() };
        people.served(service, &tally::r_of(parts, &fed, rule))?
    } else {
        let of = |part: &&Part| part.confidence >= rule.best && tally::lives_in(part);
        parts.iter().filter(of).map(|part| part.dependants.best).sum()
    };
    Ok(Some((all - multiple(inside, unit(all, 2))).max(0.0)))
}

/// What is said of an area where less is told of its sites than is known.
fn coarse(id: &str, sites: Option<&sites::Found>, weighed: &Weighed) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(told) = sites.and_then(|sites| sites.told.as_ref()) {
        let classes: Vec<&str> = told.iter().map(|class| class.name()).collect();
        let of = if classes.is_empty() { "no class".into() } else { classes.join(", ") };
        let found = format!(
            "restricted answers count in it for {of}: of other classes it has fewer than {ENOUGH} \
             sites that everybody knows of"
        );
        notices.push(Notice::of_area(NoticeKind::RestrictedAnswers, id, found));
    }
    let of_service = |(service, of): (Service, Burden)| {
        (of.best > 0.0)
            .then(|| format!("fewer than {} for {}", grouped(of.best as u64), service.name()))
    };
    let all = Service::ALL.into_iter().zip(weighed.tally.dependants);
    let classes: Vec<String> = all.filter_map(of_service).collect();
    if weighed.is_by_class && !classes.is_empty() {
        let found = format!(
            "it has fewer than {LEAST_PEOPLE} people on less than 1 km², so dependants are told by class: {}",
            classes.join(", ")
        );
        notices.push(Notice::of_area(NoticeKind::DependantsByClass, id, found));
    }
    notices
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
