//! Areas mended before they are assessed: rings unwrapped, faults found, named and repaired, and
//! everything brought back to −180..180.

use crate::error::{
    Notice, NoticeKind, Problem, RingFault, RingFaultKind, counted, grouped, number_text,
};
use crate::intersect::{MOST_FAULTS, faults, fold, repair};
use crate::measure::{Reference, Unwrapped, unwrap};
use crate::model::{Area, Shape, Status};
use geo::{Area as _, MultiPolygon, Polygon};
use rayon::prelude::*;

/// Unwraps every area's rings, finds their faults and repairs them by non-zero winding: ground that is
/// drawn twice counts once, and a bow-tie keeps both wings. Returns every fault, and notices of what was
/// read into a ring and what was repaired.
pub fn mend(file: &str, areas: &mut [Area], reference: &Reference) -> (Vec<Problem>, Vec<Notice>) {
    let mending = Mending::new(file, reference);
    let found: Vec<_> = areas.par_iter_mut().map(|area| mending.one(area)).collect();
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    for found in found {
        problems.extend(found.problems);
        notices.extend(found.notices);
    }
    (problems, notices)
}

/// What all areas of a file share.
pub(super) struct Mending<'a> {
    file: &'a str,
    /// Whether coordinates are longitudes and latitudes.
    is_round: bool,
}

/// What was wrong with one area, and what is to be said of it.
#[derive(Default)]
pub(super) struct Found {
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
}

impl<'a> Mending<'a> {
    pub(super) fn new(file: &'a str, reference: &Reference) -> Self {
        Self { file, is_round: reference.is_geographic() }
    }

    /// Mends one area; should the work itself fail, the area alone is lost.
    pub(super) fn one(&self, area: &mut Area) -> Found {
        let mut found = Found::default();
        let mended = super::contained(|| self.area(area, &mut found));
        if let Err(why) = mended.and_then(|mended| mended) {
            // One problem instead of those of its rings, which say that they are repaired.
            found.problems = vec![self.invalid(area, why.clone())];
            area.shape = Shape::Faulty { status: Status::Invalid, reason: why };
        }
        let called = area.called();
        for problem in &mut found.problems {
            problem.name_area(&called);
        }
        for notice in &mut found.notices {
            notice.name_area(&called);
        }
        found
    }

    fn invalid(&self, area: &Area, found: String) -> Problem {
        let (file, called) = (self.file.to_string(), area.called());
        Problem::InvalidArea { file, area: called, feature: area.feature, found, hint: None }
    }

    /// Mends the polygons of an area, or says why they cannot be used.
    fn area(&self, area: &mut Area, found: &mut Found) -> Result<(), String> {
        let (id, feature) = (area.id.clone(), area.feature);
        let Shape::Polygons { polygons, repaired, wrapped, .. } = &mut area.shape else {
            return Ok(());
        };
        if self.is_round
            && let Some(unwrapped) = unwrap(polygons).map_err(|error| error.to_string())?
        {
            *wrapped = unwrapped.is_read_otherwise();
            found.notices.extend(told(&id, &unwrapped));
            *polygons = unwrapped.area;
        }
        let faulty = faults(polygons);
        if let Some(worst) = faulty.first() {
            let problem = |fault: &RingFault| Problem::Ring {
                file: self.file.to_string(),
                area: id.clone().into(),
                feature,
                fault: fault.clone(),
            };
            found.problems.extend(faulty.iter().map(problem));
            let mended = repair(polygons).map_err(|why| format!("{worst}; {why}"))?;
            let count = counted(faulty.len() as u64, "fault");
            let more = if faulty.len() >= MOST_FAULTS { " or more" } else { "" };
            let after = mended.unsigned_area();
            let change = match ground(&faulty) {
                None => change(drawn_surface(polygons), after),
                Some(ground) => {
                    let change = change(outer_surface(polygons), after);
                    format!("{ground}; {change} against its outer rings alone")
                }
            };
            let text = format!("{count}{more} repaired, the first: {worst}; {change}");
            found.notices.push(Notice::of_area(NoticeKind::Repaired, &id, text));
            *polygons = mended;
            *repaired = faulty;
        }
        if self.is_round {
            let drawn = std::mem::replace(polygons, MultiPolygon(Vec::new()));
            let folded = fold(drawn).map_err(|error| format!("split at 180 degrees: {error}"))?;
            *polygons = folded.area;
            *wrapped |= folded.is_moved;
        }
        Ok(())
    }
}

/// Which ground counts though an inner ring holds it.
fn ground(faulty: &[RingFault]) -> Option<String> {
    let rings = |is_such: fn(RingFaultKind) -> bool| {
        let mut rings: Vec<[usize; 2]> = faulty
            .iter()
            .filter(|fault| fault.ring > 0 && is_such(fault.kind))
            .map(|fault| [fault.part, fault.ring])
            .collect();
        rings.dedup();
        rings.len() as u64
    };
    let outside = rings(|kind| matches!(kind, RingFaultKind::HoleOutsideShell));
    let meeting = rings(|kind| {
        matches!(
            kind,
            RingFaultKind::CrossesRing { other: 0 } | RingFaultKind::RunsAlongRing { other: 0 }
        )
    });
    let within = rings(|kind| matches!(kind, RingFaultKind::HoleInsideHole { .. }));
    let told = [
        (outside, "outside its outer ring counts as ground"),
        (meeting, "that meets its outer ring counts as ground where it lies outside"),
        (within, "within another is its opposite: ground in a hole"),
    ];
    let texts: Vec<String> = told
        .into_iter()
        .filter(|(rings, _)| *rings > 0)
        .map(|(rings, text)| {
            let each = if rings == 1 { "" } else { ", each" };
            format!("{}{each} {text}", counted(rings, "interior ring"))
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}

/// What was read into the rings of an area.
fn told(id: &str, unwrapped: &Unwrapped) -> Option<Notice> {
    let mut texts = Vec::new();
    let others = |all: &[[f64; 2]]| match all.len() as u64 - 1 {
        0 => String::new(),
        others => format!(" (and {} more)", counted(others, "edge")),
    };
    if let Some([from, to]) = unwrapped.short_ways.first().copied() {
        let width = (to - from).abs();
        // Degrees as people read them: a hundredth of a millimeter is not drawn.
        let text = |degrees: f64| number_text((degrees * 1e10).round() / 1e10);
        let [from, to, width, short] = [from, to, width, 360.0 - width].map(text);
        let others = others(&unwrapped.short_ways);
        texts.push(format!(
            "its edge from {from} to {to} degrees of longitude goes the short way, {short} degrees wide, not {width}{others}; a vertex between makes it {width} wide"
        ));
    }
    if let Some([from, to]) = unwrapped.whole_turns.first().copied() {
        let [from, to] = [from, to].map(number_text);
        let others = others(&unwrapped.whole_turns);
        texts.push(format!(
            "its edge from {from} to {to} degrees of longitude ends on the meridian where it starts, 0 degrees wide, not 360{others}; a vertex between makes it 360 wide"
        ));
    }
    for around in &unwrapped.around_poles {
        let pole = if around.pole > 0.0 { "North" } else { "South" };
        let km2 = grouped(around.km2.round() as u64);
        texts.push(format!(
            "its outer ring runs around the earth; the side of the {pole} Pole is meant, {km2} km²"
        ));
    }
    (!texts.is_empty()).then(|| Notice::of_area(NoticeKind::Wrapped, id, texts.join("; ")))
}

/// The surface of polygons in their plane as most programs would take it: shells less holes.
fn drawn_surface(polygons: &MultiPolygon<f64>) -> f64 {
    polygons.0.iter().map(geo::Area::unsigned_area).sum()
}

/// The surface of the outer rings of polygons.
fn outer_surface(polygons: &MultiPolygon<f64>) -> f64 {
    let outer = |part: &Polygon<f64>| Polygon::new(part.exterior().clone(), Vec::new());
    polygons.iter().map(|part| outer(part).unsigned_area()).sum()
}

/// How the surface changes.
fn change(drawn: f64, after: f64) -> String {
    let percent = 100.0 * (after - drawn) / drawn;
    if !percent.is_finite() {
        return "as drawn it had no surface".into();
    }
    if percent.abs() < 5e-4 {
        return "its surface stays".into();
    }
    format!("its surface changes by {percent:+.3} %")
}
