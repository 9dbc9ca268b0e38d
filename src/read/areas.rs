//! Areas: from any vector file, each with its key, its own columns and its polygons as drawn.

use super::features::{Drawn, Feature, Features, column, text_of};
use super::place::{Place, Remote};
use super::{geojson, vector};
use crate::error::{Notice, NoticeKind, Problem, ReadError, number_text};
use crate::measure::Reference;
use crate::model::{Area, AreasEntry, Shape, Status, columns};
use geo::{Coord, CoordsIter, Geometry, LineString, MultiLineString, MultiPolygon, Polygon};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The areas of a file.
#[derive(Debug, Clone)]
pub struct Areas {
    /// The file, as written.
    pub file: String,
    /// The reference system their coordinates are in.
    pub reference: Reference,
    /// In the order of the file.
    pub areas: Vec<Area>,
    /// What was faulty.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Notice>,
}

/// Reads the areas of a scenario. Polygons are as drawn: whether their rings are valid is decided
/// later.
///
/// # Errors
///
/// If the file or its layer cannot be read, holds no feature, or has no reference system. A faulty
/// feature is a [`Problem`] and keeps its row.
pub fn areas(entry: &AreasEntry, place: &Place, remote: Remote) -> Result<Areas, ReadError> {
    of(entry, vector::read(place, entry.layer.as_deref(), remote)?, &place.written)
}

/// Reads areas from the bytes of a GeoJSON file that is called `written`, as [`areas`] does.
///
/// # Errors
///
/// As those of [`areas`].
pub fn areas_in(bytes: &[u8], entry: &AreasEntry, written: &str) -> Result<Areas, ReadError> {
    of(entry, geojson::read(bytes, written)?, written)
}

/// Areas of features that are read already.
pub(super) fn of(entry: &AreasEntry, read: Features, written: &str) -> Result<Areas, ReadError> {
    let reference = read.reference_of(written)?;
    if read.rows.is_empty() {
        return Err(ReadError::unusable(written, "it holds no feature, wanted areas"));
    }
    let mut out = Areas {
        file: written.to_string(),
        reference,
        areas: Vec::with_capacity(read.rows.len()),
        problems: Vec::new(),
        notices: Vec::new(),
    };
    check_columns(entry, &read, written)?;
    let is_assessment = read.is_assessment || looks_like_assessment(&read.rows);
    if is_assessment {
        let text = "an assessment; its columns are left out and made anew";
        out.notices.push(Notice::of_file(NoticeKind::OldColumns, &out.file, text));
    }
    let mut seen: BTreeMap<[Option<String>; 3], (usize, usize)> = BTreeMap::new();
    for (place, feature) in read.rows.into_iter().enumerate() {
        let area = out.area(place + 1, feature, entry, is_assessment);
        let area = out.told_apart(area, &mut seen);
        out.areas.push(area);
    }
    Ok(out)
}

/// A column that the scenario names and no feature has is a mistake of the scenario.
fn check_columns(entry: &AreasEntry, read: &Features, written: &str) -> Result<(), ReadError> {
    let named = [&entry.id, &entry.name, &entry.coa, &entry.phase, &entry.start, &entry.end];
    for wanted in named.into_iter().flatten() {
        if read.rows.iter().all(|feature| column(&feature.properties, wanted).is_none()) {
            let has = read.column_names(20);
            let has = if has.is_empty() { "none".to_string() } else { has.join(", ") };
            let found = format!("no column \"{wanted}\"; it has {has}");
            return Err(ReadError::unusable(written, found));
        }
    }
    Ok(())
}

fn looks_like_assessment(features: &[Feature]) -> bool {
    let marks = ["area_id", "score_low", "band_high", "pop_best"];
    features
        .first()
        .is_some_and(|feature| marks.iter().all(|mark| feature.properties.contains_key(*mark)))
}

impl Areas {
    /// One feature as an area; what is wrong with it becomes a problem.
    fn area(
        &mut self,
        place: usize,
        feature: Feature,
        entry: &AreasEntry,
        is_assessment: bool,
    ) -> Area {
        let Feature { id: member, mut properties, layer, drawn } = feature;
        let id_column = match (&entry.id, is_assessment) {
            (Some(column), _) => column.as_str(),
            (None, true) if properties.contains_key("area_id") => "area_id",
            (None, _) => "id",
        };
        let id = column(&properties, id_column).and_then(|key| text_of(&properties[key]));
        let id = id.or(member).unwrap_or_else(|| place.to_string());
        let mut take = |named: &Option<String>, usual: &str| {
            let key = column(&properties, named.as_deref().unwrap_or(usual))?.to_string();
            // What is no text and not nothing, such as a list, stays a column of the area's own.
            let text = text_of(&properties[&key]);
            if text.is_some() || !matches!(properties[&key], Value::Array(_) | Value::Object(_)) {
                properties.shift_remove(&key);
            }
            text
        };
        let name = take(&entry.name, "name");
        let coa = take(&entry.coa, "coa").or(layer);
        let (phase, start) = (take(&entry.phase, "phase"), take(&entry.start, "start"));
        let end = take(&entry.end, "end");
        let properties = own_columns(properties, is_assessment);
        let shape = self.shape(place, &id, drawn, entry);
        Area {
            feature: place,
            id,
            name,
            coa,
            phase,
            start,
            end,
            properties,
            duplicate: false,
            shape,
        }
    }

    /// The shape of what was drawn, or why there is none.
    fn shape(&mut self, feature: usize, id: &str, drawn: Drawn, entry: &AreasEntry) -> Shape {
        let found = match drawn {
            Drawn::Nothing => Err(("it has no geometry".to_string(), None)),
            Drawn::Unreadable(found) => Err((found, None)),
            Drawn::Shape(geometry) => self.gathered(id, geometry, entry.buffer_m),
        };
        let (file, area) = (self.file.clone(), id.to_string());
        let shape = match found {
            Ok(shape) => shape,
            Err((found, hint)) => {
                let reason = found.clone();
                self.problems.push(Problem::NoGeometry { file, area, feature, found, hint });
                return Shape::Faulty { status: Status::NoGeometry, reason };
            }
        };
        let off = match &shape {
            Shape::Polygons { polygons, .. } => {
                out_of_range(polygons.coords_iter(), &self.reference)
            }
            Shape::Open { lines, points } => {
                let all = lines.coords_iter().chain(points.iter().copied());
                out_of_range(all, &self.reference)
            }
            Shape::Faulty { .. } => None,
        };
        match off {
            None => shape,
            Some((found, hint)) => {
                let reason = found.clone();
                self.problems.push(Problem::InvalidArea { file, area, feature, found, hint });
                Shape::Faulty { status: Status::Invalid, reason }
            }
        }
    }

    /// The polygons of a geometry; of one that has none its points and lines, if a buffer makes an area
    /// of them. Beside polygons they are left out with a notice.
    fn gathered(
        &mut self,
        id: &str,
        geometry: Geometry<f64>,
        buffer_m: Option<f64>,
    ) -> Result<Shape, (String, Option<String>)> {
        let kind = match &geometry {
            Geometry::Point(_) | Geometry::MultiPoint(_) => "a point",
            Geometry::GeometryCollection(_) => "a collection without a polygon",
            _ => "a line",
        };
        let mut all = Gathered::default();
        all.add(geometry);
        let Gathered { mut parts, lines, points, members } = all;
        parts.retain(|part| !part.exterior().0.is_empty());
        if !parts.is_empty() {
            if members > 0 {
                let members = crate::error::counted(members, "member");
                let text = format!("{members} of its geometry, not polygons, left out");
                self.notices.push(Notice::of_area(NoticeKind::GeometryLeftOut, id, text));
            }
            // An empty hole is nothing, and breaks what comes after.
            let full = |part: Polygon<f64>| {
                let (shell, mut holes) = part.into_inner();
                holes.retain(|hole| !hole.0.is_empty());
                Polygon::new(shell, holes)
            };
            return Ok(Shape::drawn(MultiPolygon(parts.into_iter().map(full).collect())));
        }
        if lines.is_empty() && points.is_empty() {
            return Err(("its geometry is empty".into(), None));
        }
        if buffer_m.is_some_and(|meters| meters > 0.0) {
            return Ok(Shape::Open { lines: MultiLineString(lines), points });
        }
        let hint = "give `buffer_m = 500` under [areas], or `,buffer_m=500` behind the path, to assess \
                    the ground within 500 m, or draw that ground as a polygon";
        Err((format!("{kind}, wanted a polygon"), Some(hint.into())))
    }

    /// Gives the second of two areas with one key an id of its own.
    fn told_apart(
        &mut self,
        mut area: Area,
        seen: &mut BTreeMap<[Option<String>; 3], (usize, usize)>,
    ) -> Area {
        let key = |id: &str| [area.coa.clone(), area.phase.clone(), Some(id.to_string())];
        let (first, mut times) = match seen.get_mut(&key(&area.id)) {
            None => {
                seen.insert(key(&area.id), (area.feature, 1));
                return area;
            }
            Some((first, times)) => {
                *times += 1;
                (*first, *times)
            }
        };
        // An area may be called `A~2` by its owner.
        while seen.contains_key(&key(&format!("{}~{times}", area.id))) {
            times += 1;
        }
        let id = format!("{}~{times}", area.id);
        seen.insert(key(&id), (area.feature, 1));
        let (file, feature) = (self.file.clone(), area.feature);
        let text = format!(
            "feature {feature} is called \"{id}\" from here on, since feature {first} has its key"
        );
        self.notices.push(Notice::of_area(NoticeKind::DuplicateId, &area.id, text));
        self.problems.push(Problem::DuplicateArea { file, area: area.id, feature, first });
        area.id = id;
        area.duplicate = true;
        area
    }
}

/// The pieces of a geometry.
#[derive(Default)]
struct Gathered {
    parts: Vec<Polygon<f64>>,
    lines: Vec<LineString<f64>>,
    points: Vec<Coord<f64>>,
    /// How many members are no polygons.
    members: u64,
}

impl Gathered {
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
            Geometry::Point(point) => return self.points.push(point.0),
            Geometry::MultiPoint(points) => {
                return self.points.extend(points.0.into_iter().map(|point| point.0));
            }
            Geometry::LineString(line) => vec![line],
            Geometry::MultiLineString(lines) => lines.0,
            _ => Vec::new(),
        };
        for line in lines {
            match &line.0[..] {
                [] => {}
                [first, rest @ ..] if rest.iter().all(|at| at == first) => self.points.push(*first),
                _ => self.lines.push(line),
            }
        }
    }
}

/// What is wrong with the first coordinate that cannot be one, and what to do about it.
fn out_of_range(
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
            "these look like meters: `ogr2ogr -s_srs EPSG:CODE -t_srs EPSG:4326` carries them over, with the code of the system that they were drawn in",
        )
    } else {
        Some("longitude comes first, then latitude, which ends at 90")
    };
    Some((found, hint.map(ToString::to_string)))
}

/// The area's own columns: without those of an earlier assessment, clashing names set apart.
fn own_columns(properties: Map<String, Value>, is_assessment: bool) -> Map<String, Value> {
    let ours = columns::every();
    let clashes = |key: &str| ours.contains(key) || columns::is_of_group_or_ring(key);
    let kept: Vec<String> = properties.keys().filter(|key| !clashes(key)).cloned().collect();
    let mut own = Map::with_capacity(properties.len());
    for (key, value) in properties {
        if !clashes(&key) {
            own.insert(key, value);
        } else if !is_assessment {
            let name = format!("input_{key}");
            let numbered = (2..).map(|number| format!("{name}_{number}"));
            let mut names = std::iter::once(name.clone()).chain(numbered);
            let free = names.find(|name| !kept.contains(name));
            own.insert(free.unwrap_or(name), value);
        }
    }
    own
}
