//! Areas mended before they are assessed: faults of rings found, named and repaired.

use crate::error::{Notice, NoticeKind, Problem, RingFault, counted};
use crate::intersect::{faults, repair};
use crate::model::{Area, Shape, Status};
use geo::{Area as _, MultiPolygon};
use rayon::prelude::*;

/// Finds the faults of every area's rings and repairs them by non-zero winding: ground that is drawn
/// twice counts once, and a bow-tie keeps both wings. Returns every fault, and a notice for each area
/// that was repaired.
pub fn mend(file: &str, areas: &mut [Area]) -> (Vec<Problem>, Vec<Notice>) {
    let found: Vec<_> = areas.par_iter_mut().filter_map(|area| mend_one(file, area)).collect();
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    for (of_area, notice) in found {
        problems.extend(of_area);
        notices.extend(notice);
    }
    (problems, notices)
}

/// What was wrong with one area, and what is to be said of its repair.
type Mended = (Vec<Problem>, Option<Notice>);

/// Mends one area; should the work itself fail, the area alone is lost.
fn mend_one(file: &str, area: &mut Area) -> Option<Mended> {
    super::contained(|| mend_area(file, area)).unwrap_or_else(|why| {
        area.shape = Shape::Faulty { status: Status::Invalid, reason: why.clone() };
        let (file, id) = (file.to_string(), area.id.clone());
        let problem =
            Problem::InvalidArea { file, area: id, feature: area.feature, found: why, hint: None };
        Some((vec![problem], None))
    })
}

/// Mends one area; `None` if there was nothing to mend.
fn mend_area(file: &str, area: &mut Area) -> Option<Mended> {
    let Shape::Polygons { polygons, repaired } = &mut area.shape else { return None };
    let found = faults(polygons);
    let worst = found.first()?.clone();
    let problem = |fault: &RingFault| Problem::Ring {
        file: file.to_string(),
        area: area.id.clone(),
        feature: area.feature,
        fault: fault.clone(),
    };
    let problems: Vec<Problem> = found.iter().map(problem).collect();
    match repair(polygons) {
        Ok(mended) if !mended.0.is_empty() => {
            let (drawn, after) = (drawn_surface(polygons), mended.unsigned_area());
            let change = change(drawn, after);
            let count = counted(found.len() as u64, "fault");
            let text =
                format!("area \"{}\": {count} repaired, the first: {worst}; {change}", area.id);
            *polygons = mended;
            *repaired = found;
            Some((problems, Some(Notice::new(NoticeKind::Repaired, text))))
        }
        other => {
            let reason = match other {
                Ok(_) => "nothing of its polygon is left once repaired".to_string(),
                Err(error) => error.to_string(),
            };
            let found = format!("{worst}; {reason}");
            // One problem instead of those of its rings, which say that they are repaired.
            let invalid = Problem::InvalidArea {
                file: file.to_string(),
                area: area.id.clone(),
                feature: area.feature,
                found: found.clone(),
                hint: None,
            };
            area.shape = Shape::Faulty { status: Status::Invalid, reason: found };
            Some((vec![invalid], None))
        }
    }
}

/// The surface of a polygon in its plane as most programs would take it: shells less holes.
fn drawn_surface(polygons: &MultiPolygon<f64>) -> f64 {
    polygons.0.iter().map(geo::Area::unsigned_area).sum()
}

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
