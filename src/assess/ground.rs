//! The grounds that files of polygons draw for layers of sites, made as areas are: unwrapped, mended, carried to
//! WGS 84 along their edges, folded at ±180, and united.

use super::mend;
use super::prepare::footprint;
use crate::error::{Notice, Problem};
use crate::intersect::union;
use crate::measure::{Reference, ToGeographic};
use crate::model::{Area, Covers, DrawnGround, Mapping, Shape};
use geo::MultiPolygon;

/// Makes ground of what `covers` draws for each layer. A polygon that cannot be used is a problem and covers nothing;
/// the others of its file stay.
pub fn draw_grounds(mappings: &mut [Mapping]) -> (Vec<Problem>, Vec<Notice>) {
    let (mut problems, mut notices) = (Vec::new(), Vec::new());
    for mapping in mappings {
        let Covers::Drawn(drawn) = &mut mapping.covers else { continue };
        let DrawnGround { file, reference, areas } = drawn;
        let (mut faulty, told) = mend(file, areas, reference);
        for problem in &mut faulty {
            if let Problem::InvalidArea { hint, .. } = problem {
                hint.get_or_insert(ANEW.into());
            }
        }
        problems.append(&mut faulty);
        let of_file = |notice: &Notice| Notice::of_file(notice.kind, file, notice);
        notices.extend(told.iter().map(of_file));
        let ground = united(drawn, &mut problems).unwrap_or_else(|found| {
            let (file, hint) = (Some(drawn.file.to_string()), Some(SIMPLER.to_string()));
            problems.push(Problem::Unreadable { file, found, hint });
            MultiPolygon(Vec::new())
        });
        mapping.covers = Covers::Within(ground);
    }
    (problems, notices)
}

/// The way out of a polygon that cannot be used.
const ANEW: &str = "draw it anew; the other polygons count as ground all the same";

/// The way out where polygons cannot be united.
const SIMPLER: &str =
    "draw the ground with fewer polygons: `ogr2ogr -simplify` leaves out what is small";

/// The ground of polygons that were mended; those that cannot be carried are problems.
fn united(drawn: &DrawnGround, problems: &mut Vec<Problem>) -> Result<MultiPolygon<f64>, String> {
    let DrawnGround { file, reference, areas } = drawn;
    let wgs84 = Reference::wgs84().map_err(|error| error.to_string())?;
    let route = ToGeographic::new(reference, &wgs84).map_err(|error| error.to_string())?;
    let mut grounds = Vec::with_capacity(areas.len());
    for area in areas {
        let Shape::Polygons { polygons, .. } = &area.shape else { continue };
        match footprint(&route, polygons) {
            Ok((ground, _)) => grounds.push(ground),
            Err(found) => problems.push(not_carried(file, area, found)),
        }
    }
    let all: Vec<&MultiPolygon<f64>> = grounds.iter().collect();
    union(&all).map_err(|error| format!("its polygons cannot be united: {error}"))
}

fn not_carried(file: &str, area: &Area, found: String) -> Problem {
    let (file, called) = (file.to_string(), area.called());
    Problem::InvalidArea {
        file,
        area: called,
        feature: area.feature,
        found,
        hint: Some(ANEW.into()),
    }
}
