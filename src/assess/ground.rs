//! The grounds that files of polygons draw for layers of sites, made as areas are: unwrapped, mended, carried to
//! WGS 84 along their edges, folded at ±180, and united.

use super::mend;
use super::prepare::footprint;
use crate::error::{Notice, Problem, with_names};
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
        let ground = united(drawn, &mut problems).unwrap_or_else(|(found, hint)| {
            let (file, hint) = (drawn.file.to_string(), with_names(hint, &drawn.file));
            problems.push(Problem::Unreadable { file: Some(file), found, hint: Some(hint) });
            MultiPolygon(Vec::new())
        });
        mapping.covers = Covers::Within(ground);
    }
    (problems, notices)
}

/// The way out of a polygon that cannot be used.
const ANEW: &str = "draw it anew; the other polygons count as ground all the same";

/// The ground of polygons that were mended; those that cannot be carried are problems. Else why there is none, and
/// the way out.
fn united(
    drawn: &DrawnGround,
    problems: &mut Vec<Problem>,
) -> Result<MultiPolygon<f64>, (String, &'static str)> {
    let DrawnGround { file, reference, areas } = drawn;
    let route = Reference::wgs84().and_then(|wgs84| ToGeographic::new(reference, &wgs84));
    let route = route.map_err(|error| {
        let hint = "carry it over: `ogr2ogr -t_srs EPSG:4326 OUT.gpkg IN` makes a copy in longitude and latitude";
        (error.to_string(), hint)
    })?;
    let mut grounds = Vec::with_capacity(areas.len());
    for area in areas {
        let Shape::Polygons { polygons, .. } = &area.shape else { continue };
        match footprint(&route, polygons) {
            Ok((ground, _)) => grounds.push(ground),
            Err(found) => problems.push(not_carried(file, area, found)),
        }
    }
    let all: Vec<&MultiPolygon<f64>> = grounds.iter().collect();
    union(&all).map_err(|error| {
        let hint = "draw the ground with fewer polygons";
        (format!("its polygons cannot be united: {error}"), hint)
    })
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
