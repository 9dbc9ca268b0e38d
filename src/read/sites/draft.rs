//! One feature on its way to a site: what its columns say of it, and where it is.

use super::super::features::{Drawn, column, day_of, number_of, text_of};
use super::heads::{Role, name_of, roles};
use super::way::By;
use super::{Found, Told, Worker, add_reason, shown};
use crate::error::{Notice, NoticeKind, Problem, number_text};
use crate::measure::{unwrap, unwrap_line, within_180};
use crate::model::{ClassRule, Field, InRaster, Merged, Record, Shown, Site};
use geo::{
    CoordsIter, Geometry, LineString, MapCoords, MultiLineString, MultiPolygon, Point, Polygon,
};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Values that nobody can use: name, value, and what is wanted.
type NotUsed = Vec<(String, String, String)>;

/// What the columns of a feature say of it.
pub(super) struct Draft {
    pub(super) told: Told,
    name: Option<String>,
    /// Place names of the address of what has a name.
    address: Option<Box<str>>,
    confidence: Option<f64>,
    occupancy: Option<f64>,
    capacity: Option<f64>,
    in_raster: Option<InRaster>,
    observed_on: Option<Arc<str>>,
    expires_on: Option<Arc<str>>,
    caveat: Option<String>,
    /// Whether its place must not be told.
    is_sensitive: bool,
    /// Of a register: the source, and the records of one that is merged.
    source: Option<Arc<str>>,
    merged: Option<Box<Merged>>,
    /// Values that nobody can use: name, value, and what is wanted.
    not_used: NotUsed,
}

impl Draft {
    /// What columns say of a feature whose class is told.
    pub(super) fn of(told: Told, properties: &Map<String, Value>) -> Self {
        let mut not_used = Vec::new();
        let most = told.class.most_occupants();
        let own = |name: &'static str| {
            column(properties, name).map(|key| (name, &properties[key])).into_iter()
        };
        let confidence = number(own("confidence"), 1.0, &mut not_used);
        let occupancy = number(own("occupancy"), most, &mut not_used);
        let roles = roles(properties);
        let of = |is_wanted: &dyn Fn(Role) -> bool| {
            let wanted = roles.iter().filter(|(role, ..)| is_wanted(*role));
            wanted.map(|(_, head, value)| (*head, *value)).collect::<Vec<_>>()
        };
        let present = of(&|role| role.is_occupancy_of(told.class));
        let capacity = of(&|role| role == Role::Capacity);
        let capacity = number(capacity.into_iter(), MOST_CAPACITY, &mut not_used);
        // Half a bed is a thousand with a point in it, or a mistake.
        let present = whole_number(&present, most, &mut not_used);
        let beds = present.filter(|_| roles.iter().any(|(role, ..)| *role == Role::Beds));
        let text = |name: &str| column(properties, name).and_then(|key| text_of(&properties[key]));
        let in_raster = in_raster(properties, &mut not_used);
        let mut date = |name| date(properties, name, &mut not_used);
        let (observed_on, expires_on) = (date("observed_on"), date("expires_on"));
        let observed_on = observed_on.or_else(|| date("check_date"));
        let of_register = |name: &str| if told.is_register() { text(name) } else { None };
        let merged = of_register("records")
            .and_then(|records| Some(Box::new(merged(&records, &of_register("fields")?)?)));
        let rule = (told.by != By::Tags).then_some(told.rule.as_str());
        let name = name_of(properties, &roles, rule);
        let address = name.as_ref().and_then(|_| address(properties));
        Self {
            name,
            address,
            is_sensitive: told.class.is_sensitive()
                || of_register("sensitive").is_some_and(|word| word == "true"),
            confidence,
            occupancy: occupancy.or(present),
            capacity: capacity.or(beds),
            in_raster,
            observed_on,
            expires_on,
            caveat: text("caveat"),
            source: of_register("sources").map(|sources| match &merged {
                Some(merged) => kept_source(merged),
                None => sources.into(),
            }),
            merged,
            not_used,
            told,
        }
    }
}

impl Draft {
    /// The site as messages call it: by its name, else by its id; by its class where either would tell where it is.
    fn shown<'a>(&'a self, id: &'a str) -> &'a str {
        let name = self.name.as_deref().filter(|_| !self.is_sensitive);
        name.unwrap_or_else(|| shown(id, self.told.class, self.is_sensitive))
    }
}

/// Columns and tags that hold place names of an address.
const PLACES: [&str; 16] = [
    "city",
    "town",
    "village",
    "hamlet",
    "suburb",
    "neighbourhood",
    "quarter",
    "place",
    "commune",
    "municipality",
    "subdistrict",
    "district",
    "county",
    "region",
    "province",
    "state",
];

/// Whether a column or tag holds a place name of an address.
pub(super) fn is_place(key: &str) -> bool {
    let bare = key.strip_prefix("addr:").unwrap_or(key);
    PLACES.iter().any(|place| bare.eq_ignore_ascii_case(place))
}

/// Place names of an address.
fn address(properties: &Map<String, Value>) -> Option<Box<str>> {
    let places = properties.iter().filter(|(key, _)| is_place(key));
    let places: Vec<&str> = places.filter_map(|(_, value)| value.as_str()).collect();
    (!places.is_empty()).then(|| places.join(", ").into())
}

/// The source whose id and place a merged record has.
fn kept_source(merged: &Merged) -> Arc<str> {
    let kept = merged.fields.get(&Field::Geometry).and_then(|place| merged.records.get(*place));
    kept.map_or_else(|| "".into(), |record| Arc::clone(&record.source))
}

/// What is said of a feature that tells no place.
const NO_PLACE: &str = "it has no geometry";
/// More can be served by no site.
const MOST_CAPACITY: f64 = 1e9;

/// A number of the feature's own, if it is one that can be: of the columns that say something, that of the shortest
/// name.
fn number<'p>(
    columns: impl Iterator<Item = (&'p str, &'p Value)>,
    most: f64,
    not_used: &mut NotUsed,
) -> Option<f64> {
    let full = columns.filter_map(|(name, value)| Some((name, value, value_text(value)?)));
    let (name, value, found) = full.min_by_key(|(name, ..)| name.len())?;
    let number = number_of(value).filter(|number| (0.0..=most).contains(number));
    if number.is_none() {
        not_used.push((name.to_string(), found, format!("0 to {most}")));
    }
    number
}

/// A number that counts.
fn whole_number(columns: &[(&str, &Value)], most: f64, not_used: &mut NotUsed) -> Option<f64> {
    let name = columns.iter().map(|(name, _)| *name).min_by_key(|name| name.len())?;
    let number = number(columns.iter().copied(), most, not_used)?;
    if number.fract() != 0.0 {
        not_used.push((name.to_string(), number.to_string(), "a whole number".to_string()));
        return None;
    }
    Some(number)
}

/// Whether the raster counts its occupants, if the feature says so itself.
fn in_raster(properties: &Map<String, Value>, not_used: &mut NotUsed) -> Option<InRaster> {
    let value = &properties[column(properties, "in_raster")?];
    let read = text_of(value).as_deref().and_then(InRaster::from_word);
    if read.is_none() {
        let wanted = "yes, no or unknown".to_string();
        not_used.extend(value_text(value).map(|found| ("in_raster".to_string(), found, wanted)));
    }
    read
}

/// A day of the feature's own.
fn date(
    properties: &Map<String, Value>,
    name: &'static str,
    not_used: &mut NotUsed,
) -> Option<Arc<str>> {
    let value = &properties[column(properties, name)?];
    let text = text_of(value)?;
    let day = day_of(&text);
    if day.is_none() {
        let wanted = "a date as 2026-11-22".to_string();
        not_used.extend(value_text(value).map(|found| (name.to_string(), found, wanted)));
    }
    day.map(Into::into)
}

/// A value that says something, as it is shown.
fn value_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.trim().is_empty() => None,
        Value::Array(_) => Some("(a list)".to_string()),
        Value::Object(_) => Some("(an object)".to_string()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::String(text) => Some(format!("\"{}\"", text.trim())),
    }
}

/// The records of a merged site and the fields that came from each, as a register writes them.
fn merged(records: &str, fields: &str) -> Option<Merged> {
    let records: Vec<(String, String, f64, String)> = serde_json::from_str(records).ok()?;
    let record = |(source, id, confidence, kind): (String, String, f64, String)| Record {
        source: source.into(),
        id,
        confidence,
        is_answer: kind == "answer",
    };
    let records = records.into_iter().map(record);
    let records: Vec<Record> = records.collect();
    let fields: BTreeMap<String, usize> = serde_json::from_str(fields).ok()?;
    let fields = fields.into_iter().filter_map(|(name, number)| {
        let place = number.checked_sub(1).filter(|place| *place < records.len())?;
        Some((Field::from_name(&name)?, place))
    });
    Some(Merged { fields: fields.collect(), records })
}

impl Worker<'_> {
    /// Makes a site of a feature, or tells why it cannot be one.
    pub(super) fn finish(
        &self,
        draft: Draft,
        (id, place): (Option<String>, usize),
        drawn: Drawn,
        found: &mut Found,
    ) {
        let class = draft.told.class;
        let is_numbered = id.is_none();
        let id = id.unwrap_or_else(|| place.to_string());
        let who = draft.shown(&id).to_string();
        found.mapped.insert(class);
        let geometry = match drawn.placed() {
            Drawn::Shape(geometry) if draft.is_sensitive => self
                .carry(geometry)
                .map_err(|_shows_where| "its coordinates are no longitude and latitude".into()),
            Drawn::Shape(geometry) => self.carry(geometry),
            Drawn::Nothing => Err(NO_PLACE.to_string()),
            Drawn::Unreadable(_shows_where) if draft.is_sensitive => {
                Err("its place cannot be read".into())
            }
            Drawn::Unreadable(found) => Err(found),
        };
        match geometry {
            Ok(geometry) => {
                let geometry =
                    if draft.told.closed_is_surface { filled(geometry) } else { geometry };
                let mut site = self.site(id, draft, geometry, found);
                site.0.is_numbered = is_numbered;
                found.records += 1;
                found.sites.push(site);
            }
            Err(why) => {
                let file = self.reading.files.place.written.clone();
                found.lose(if why == NO_PLACE {
                    "it has no place"
                } else {
                    "its place cannot be read"
                });
                let problem =
                    Problem::Site { file, site: who, feature: place, found: why, hint: None };
                found.problems.push(problem);
            }
        }
    }

    pub(super) fn site(
        &self,
        id: String,
        draft: Draft,
        geometry: Geometry<f64>,
        found: &mut Found,
    ) -> (Site, Option<Arc<str>>) {
        let who = draft.shown(&id).to_string();
        let (told, entry) = (draft.told, &self.reading.files.entry);
        let ClassRule { tier, occupants, .. } = self.reading.terms.scheme.rule(told.class);
        let mut caveat = draft.caveat;
        for (name, value, wanted) in draft.not_used {
            let text = format!("{name} {value} is not used, wanted {wanted}");
            add_reason(&mut found.lost, format!("its {name} cannot be read"), 1);
            caveat.get_or_insert_with(|| text.clone());
            let file = &self.reading.files.place.written;
            found.notices.push(Notice::of_site(NoticeKind::ValueNotUsed, file, &who, text));
        }
        let occupancy = draft.occupancy.or(entry.occupancy);
        let usual = super::super::scheme::usual_tier(told.class);
        let confidence = draft.confidence.or(entry.confidence);
        let [observed_on, expires_on] = &self.reading.days;
        let site = Site {
            id,
            is_numbered: false,
            name: draft.name,
            address: draft.address,
            class: told.class,
            tier: tier.map(|tier| told.tier.unwrap_or(tier)),
            rank: usual.map(|tier| told.tier.unwrap_or(tier)),
            service: told.service,
            geometry,
            confidence: confidence
                .unwrap_or(self.reading.terms.scheme.existence.default_confidence),
            occupancy,
            usual_occupants: occupants,
            capacity: draft.capacity.or(entry.capacity),
            in_raster: draft.in_raster.or(entry.in_raster),
            observed_on: draft.observed_on.or_else(|| observed_on.clone()),
            expires_on: draft.expires_on.or_else(|| expires_on.clone()),
            layer: self.reading.source,
            rule: found.rule(told.rule),
            caveat,
            is_sensitive: draft.is_sensitive,
            merged: draft.merged,
            shown: Shown::AsItIs,
        };
        (site, draft.source)
    }

    /// A geometry in WGS 84, or what is wrong with it.
    pub(super) fn carry(&self, geometry: Geometry<f64>) -> Result<Geometry<f64>, String> {
        let geometry = match &self.carrier {
            None => geometry,
            Some(carrier) => geometry.try_map_coords(|at| {
                let carried = carrier.carry(&[[at.x, at.y]]).first().copied().flatten();
                let [x, y] = carried
                    .ok_or_else(|| format!("[{}, {}] cannot be carried to WGS 84", at.x, at.y))?;
                Ok::<_, String>(geo::Coord { x, y })
            })?,
        };
        let off = |at: &geo::Coord<f64>| {
            at.x.is_nan() || at.y.is_nan() || at.x.abs() > 540.0 || at.y.abs() > 90.0
        };
        let off = geometry.coords_iter().find(off);
        match off {
            Some(at) => {
                let (x, y) = (number_text(at.x), number_text(at.y));
                Err(format!("[{x}, {y}] is no longitude and latitude"))
            }
            None if geometry.coords_count() == 0 => Err("its geometry is empty".into()),
            None => unwrapped(geometry),
        }
    }
}

/// A geometry whose longitudes run on across ±180; points lie within.
fn unwrapped(geometry: Geometry<f64>) -> Result<Geometry<f64>, String> {
    let point = |point: Point<f64>| Point::new(within_180(point.x()), point.y());
    let area = |area: MultiPolygon<f64>| match unwrap(&area) {
        Ok(unwrapped) => Ok(unwrapped.map_or(area, |unwrapped| unwrapped.area)),
        Err(error) => Err(error.to_string()),
    };
    Ok(match geometry {
        Geometry::Point(at) => Geometry::Point(point(at)),
        Geometry::MultiPoint(points) => {
            Geometry::MultiPoint(points.into_iter().map(point).collect())
        }
        Geometry::LineString(line) => Geometry::LineString(unwrap_line(&line)),
        Geometry::MultiLineString(lines) => {
            Geometry::MultiLineString(lines.iter().map(unwrap_line).collect())
        }
        Geometry::Polygon(polygon) => {
            let part = area(polygon.into())?.0.pop();
            part.map_or_else(|| Err("its geometry is empty".to_string()), |part| Ok(part.into()))?
        }
        Geometry::MultiPolygon(parts) => Geometry::MultiPolygon(area(parts)?),
        Geometry::GeometryCollection(_) => return unwrapped(flattened(geometry)?),
        other => other,
    })
}

/// A collection as what of it has the most dimensions: its polygons, else its lines, else its points.
fn flattened(geometry: Geometry<f64>) -> Result<Geometry<f64>, String> {
    let (mut polygons, mut lines, mut points) = (Vec::new(), Vec::new(), Vec::new());
    let mut left = vec![geometry];
    while let Some(one) = left.pop() {
        match one {
            Geometry::GeometryCollection(all) => left.extend(all),
            Geometry::Polygon(polygon) => polygons.push(polygon),
            Geometry::MultiPolygon(parts) => polygons.extend(parts),
            Geometry::LineString(line) => lines.push(line),
            Geometry::MultiLineString(parts) => lines.extend(parts),
            other => points.extend(other.coords_iter().map(Point)),
        }
    }
    match (polygons.is_empty(), lines.is_empty(), points.is_empty()) {
        (false, ..) => Ok(MultiPolygon(polygons).into()),
        (_, false, _) => Ok(MultiLineString(lines).into()),
        (.., false) => Ok(geo::MultiPoint(points).into()),
        _ => Err("its geometry is empty".into()),
    }
}

/// A closed line as the polygon that it outlines; any other geometry as it is.
fn filled(geometry: Geometry<f64>) -> Geometry<f64> {
    let is_outline = |line: &LineString<f64>| line.0.len() >= 4 && line.is_closed();
    match geometry {
        Geometry::LineString(line) if is_outline(&line) => Polygon::new(line, Vec::new()).into(),
        // Formats that know no single lines hold one as a list of one.
        Geometry::MultiLineString(MultiLineString(lines))
            if lines.len() == 1 && lines.iter().all(is_outline) =>
        {
            MultiPolygon(lines.into_iter().map(|line| Polygon::new(line, Vec::new())).collect())
                .into()
        }
        other => other,
    }
}
