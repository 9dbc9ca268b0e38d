//! The shape of an area: the polygons of what was drawn, or why there are none.

use super::Maker;
use crate::error::{Notice, NoticeKind, Problem, number_text, with_names};
use crate::measure::Reference;
use crate::model::{Drawn, Open, Shape, Status};
use crate::read::features;
use geo::{Coord, CoordsIter, Geometry, MultiPolygon, Polygon};

impl Maker {
    /// The shape of what was drawn, or why there is none; tells of it in the area that it is for.
    pub(super) fn shape(&self, drawn: features::Drawn, out: &mut Drawn) -> Shape {
        let found = match drawn {
            features::Drawn::Nothing => Err(("it has no geometry".to_string(), None)),
            features::Drawn::Unreadable(found) => Err((found, None)),
            features::Drawn::Shape(geometry) => self.gathered(geometry, out),
        };
        let (file, area, feature) = (self.file.clone(), out.area.called(), out.area.feature);
        let shape = match found {
            Ok(shape) => shape,
            Err((found, hint)) => {
                let reason = found.clone();
                out.problems.push(Problem::NoGeometry { file, area, feature, found, hint });
                return Shape::Faulty { status: Status::NoGeometry, reason };
            }
        };
        let off = match &shape {
            Shape::Polygons { polygons, open, .. } => {
                out_of_range(polygons.coords_iter().chain(open.vertices()), &self.reference)
            }
            Shape::Open(open) => out_of_range(open.vertices(), &self.reference),
            Shape::Faulty { .. } => None,
        };
        match off {
            None => shape,
            Some((found, hint)) => {
                let reason = found.clone();
                let hint = hint.map(|hint| with_names(&hint, &file));
                out.problems.push(Problem::InvalidArea { file, area, feature, found, hint });
                Shape::Faulty { status: Status::Invalid, reason }
            }
        }
    }

    /// The polygons of a geometry, and its points and lines, if a buffer makes ground of them. Else those
    /// beside polygons are left out with a notice.
    fn gathered(
        &self,
        geometry: Geometry<f64>,
        out: &mut Drawn,
    ) -> Result<Shape, (String, Option<String>)> {
        let kind = match &geometry {
            Geometry::Point(_) | Geometry::MultiPoint(_) => "a point",
            Geometry::GeometryCollection(_) => "a collection without a polygon",
            _ => "a line",
        };
        let Gathered { parts, open, members } = Gathered::of(geometry);
        let is_around = self.entry.distances().around_lines_m() > 0.0;
        if !parts.is_empty() {
            if members > 0 && !is_around {
                let members = crate::error::counted(members, "member");
                let text = format!(
                    "{members} of its geometry, not polygons, left out; `buffer_lines_m` under [areas] \
                     counts the ground around points and lines"
                );
                let notice = Notice::of_area(NoticeKind::GeometryLeftOut, &out.area.id, text);
                out.notices.push(notice);
            }
            let polygons = MultiPolygon(parts);
            let open = if is_around { open } else { Open::default() };
            return Ok(Shape::Polygons { polygons, repaired: Vec::new(), wrapped: false, open });
        }
        if open.is_empty() {
            return Err(("its geometry is empty".into(), None));
        }
        if is_around {
            return Ok(Shape::Open(open));
        }
        let hint = "give `buffer_lines_m = 500` under [areas], or `,buffer_lines_m=500` behind the path, to \
                    assess the ground within 500 m of points and lines (`buffer_m` widens polygons, too), or \
                    draw that ground as a polygon";
        Err((format!("{kind}, wanted a polygon"), Some(hint.into())))
    }
}

/// The pieces of a geometry.
#[derive(Default)]
pub(in crate::read) struct Gathered {
    pub(in crate::read) parts: Vec<Polygon<f64>>,
    open: Open,
    /// How many members are no polygons.
    pub(in crate::read) members: u64,
}

impl Gathered {
    /// Those of a geometry; rings without a vertex are none.
    pub(in crate::read) fn of(geometry: Geometry<f64>) -> Self {
        let mut all = Self::default();
        all.add(geometry);
        all.parts.retain(|part| !part.exterior().0.is_empty());
        for part in &mut all.parts {
            // An empty hole is nothing, and breaks what comes after.
            if part.interiors().iter().any(|hole| hole.0.is_empty()) {
                let (shell, mut holes) = part.clone().into_inner();
                holes.retain(|hole| !hole.0.is_empty());
                *part = Polygon::new(shell, holes);
            }
        }
        all
    }

    fn add(&mut self, geometry: Geometry<f64>) {
        match geometry {
            Geometry::Polygon(polygon) => self.parts.push(polygon),
            Geometry::MultiPolygon(polygons) => self.parts.extend(polygons.0),
            Geometry::GeometryCollection(members) => {
                members.0.into_iter().for_each(|member| self.add(member));
            }
            other => {
                self.members += 1;
                self.add_open(other);
            }
        }
    }

    /// Adds what has no surface; a line of no two points is a point.
    fn add_open(&mut self, geometry: Geometry<f64>) {
        let lines = match geometry {
            Geometry::Point(point) => return self.open.points.push(point.0),
            Geometry::MultiPoint(points) => {
                return self.open.points.extend(points.0.into_iter().map(|point| point.0));
            }
            Geometry::LineString(line) => vec![line],
            Geometry::MultiLineString(lines) => lines.0,
            _ => Vec::new(),
        };
        for line in lines {
            match &line.0[..] {
                [] => {}
                [first, rest @ ..] if rest.iter().all(|at| at == first) => {
                    self.open.points.push(*first);
                }
                _ => self.open.lines.push(line),
            }
        }
    }
}

/// What is wrong with the first coordinate that cannot be one, and what to do about it.
pub(in crate::read) fn out_of_range(
    mut coordinates: impl Iterator<Item = Coord<f64>>,
    reference: &Reference,
) -> Option<(String, Option<String>)> {
    // Longitudes may run on beyond 180 and 360; no map of the earth is wider than 1e9 of any unit.
    let (most_x, most_y) = if reference.is_geographic() { (540.0, 90.0) } else { (1e9, 1e9) };
    let bad = |x: f64, y: f64| x.is_nan() || y.is_nan() || x.abs() > most_x || y.abs() > most_y;
    let at = coordinates.find(|at| bad(at.x, at.y))?;
    let (x, y) = (number_text(at.x), number_text(at.y));
    let found = format!("[{x}, {y}] lies outside of {}", reference.name());
    let largest = at.x.abs().max(at.y.abs());
    let hint = if !reference.is_geographic() || largest.is_nan() || largest > 1e9 {
        None
    } else if largest > 1000.0 {
        Some(
            "these look like meters: `ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326 OUT.gpkg IN` carries them over, with the code of the system that they were drawn in",
        )
    } else {
        Some("longitude comes first, then latitude, which ends at 90")
    };
    Some((found, hint.map(ToString::to_string)))
}
