//! Sites: features of any vector file, each with its class, in WGS 84.
//!
//! The class comes from OpenStreetMap tags, from a column, or is one for the whole layer; it is never
//! guessed. A feature that is not used is counted with the reason. Of its tags only those that the
//! classifying rule used are kept, and its name: nothing that would tell of faith, origin or persons.

use super::faults::did_you_mean;
use super::features::{Drawn, Feature, Features, column, number_of, text_of};
use super::osm;
use super::place::{Place, Remote};
use super::text::known_or_near;
use super::{stem, vector};
use crate::error::{Notice, NoticeKind, Problem, ReadError, counted, number_text};
use crate::measure::{Carrier, Reference, unwrap, unwrap_line, within_180};
use crate::model::{
    ClassRule, Counted, InRaster, Scheme, Service, Site, SiteClass, SiteLayer, Sites, SitesEntry,
    Tier,
};
use geo::{
    CoordsIter, Geometry, LineString, MapCoords, MultiLineString, MultiPolygon, Point, Polygon,
};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// More people than this in one site is a mistake of the source.
const MOST_OCCUPANTS: f64 = 1e6;

/// The sites of a scenario, and what is to be said of their files.
#[derive(Debug, Clone)]
pub struct SitesRead {
    /// The sites of all layers.
    pub sites: Sites,
    /// What was faulty.
    pub problems: Vec<Problem>,
    /// What is worth knowing.
    pub notices: Vec<Notice>,
}

/// Reads every sites layer of a scenario, each feature as one site.
///
/// # Errors
///
/// If a file or layer cannot be read, has no reference system, or nothing tells the class of its
/// features.
pub fn sites(
    layers: &[(SitesEntry, Place)],
    scheme: &Scheme,
    remote: Remote,
) -> Result<SitesRead, ReadError> {
    let sites = Sites { layers: Vec::new(), sites: Vec::new(), mapped: BTreeSet::new() };
    let mut out = SitesRead { sites, problems: Vec::new(), notices: Vec::new() };
    for (entry, place) in layers {
        let mut read = vector::read(place, entry.layer.as_deref(), remote)?;
        let reference = read.reference_of(&place.written)?;
        let way = Way::of(entry, &read, &place.written)?;
        out.sites.mapped.extend(way.classes());
        out.sites.layers.push(SiteLayer {
            name: entry.name.clone().unwrap_or_else(|| stem(&place.written)),
            observed_on: entry.observed_on.clone(),
        });
        let wgs84 = Reference::wgs84().and_then(|wgs84| {
            if reference.is_same(&wgs84) {
                Ok(None)
            } else {
                Carrier::new(&reference, &wgs84).map(Some)
            }
        });
        let carrier =
            wgs84.map_err(|error| ReadError::unusable(&place.written, error.to_string()))?;
        let layer = out.sites.layers.len() - 1;
        let features = std::mem::take(&mut read.rows);
        let mut reading = Reading {
            entry,
            way,
            scheme,
            carrier,
            layer,
            file: &place.written,
            out: &mut out,
            unused: BTreeMap::new(),
        };
        let total = features.len() as u64;
        for (place, feature) in features.into_iter().enumerate() {
            reading.add(place + 1, feature);
        }
        reading.tell_unused(total);
    }
    Ok(out)
}

/// How the class of a feature is told.
enum Way {
    Osm,
    One(SiteClass),
    Column { name: String, table: Option<BTreeMap<String, SiteClass>>, found: BTreeSet<SiteClass> },
}

impl Way {
    fn of(entry: &SitesEntry, read: &Features, written: &str) -> Result<Self, ReadError> {
        if entry.classify.is_some() {
            return Ok(Self::Osm);
        }
        if let Some(class) = entry.class.as_deref().and_then(SiteClass::from_name) {
            return Ok(Self::One(class));
        }
        let wanted = entry.class_field.as_deref().unwrap_or("class");
        let first = read.rows.iter().find_map(|feature| column(&feature.properties, wanted));
        let name = match first {
            Some(name) => name.to_string(),
            // Whoever gives a table of classes has looked for them, even if nothing was found.
            None if read.rows.is_empty() && entry.classes.is_some() => wanted.to_string(),
            None => return Err(no_class(entry, read, written)),
        };
        let known = |(value, class): (&String, &String)| {
            Some((value.clone(), SiteClass::from_name(class)?))
        };
        let table = entry.classes.as_ref().map(|table| table.iter().filter_map(known).collect());
        let values = read.rows.iter().filter_map(|feature| feature.properties.get(&name)?.as_str());
        let found: BTreeSet<SiteClass> = values.filter_map(SiteClass::from_name).collect();
        if entry.class_field.is_none() && entry.classes.is_none() && found.is_empty() {
            return Err(no_class(entry, read, written));
        }
        Ok(Self::Column { name, table, found })
    }

    /// The classes that this way can yield.
    fn classes(&self) -> BTreeSet<SiteClass> {
        match self {
            Self::Osm => osm::classes(),
            Self::One(class) => [*class].into(),
            Self::Column { table, found, .. } => {
                let tabled = table.iter().flat_map(BTreeMap::values);
                tabled.chain(found).copied().collect()
            }
        }
    }
}

/// Nothing tells the class: what could.
pub(super) fn no_class(entry: &SitesEntry, read: &Features, written: &str) -> ReadError {
    if read.rows.is_empty() {
        return ReadError::unusable_hint(
            written,
            "it holds no feature, and nothing tells which classes were looked for",
            "say which: `class = \"hospital\"`, or `classify = \"osm\"` for all that OpenStreetMap tags tell; \
             if nobody looked, leave the layer out",
        );
    }
    let has = read.column_names(12);
    let has = if has.is_empty() { "no columns".to_string() } else { has.join(", ") };
    match &entry.class_field {
        Some(wanted) => ReadError::unusable_hint(
            written,
            format!("no column \"{wanted}\"; it has {has}"),
            known_or_near(
                wanted,
                &read.rows.first().map_or(Vec::new(), |feature| {
                    feature.properties.keys().map(String::as_str).collect()
                }),
            ),
        ),
        None => ReadError::unusable_hint(
            written,
            format!("nothing tells the class of its sites; it has {has}"),
            "give one: `classify = \"osm\"` for OpenStreetMap tags, `class = \"hospital\"` for all of \
             them, or `class_field = \"…\"` for a column",
        ),
    }
}

/// What a classifying rule makes of a feature.
struct Told {
    class: SiteClass,
    tier: Option<Tier>,
    service: Option<Service>,
    rule: String,
    /// Whether a closed line is the outline of a surface.
    closed_is_surface: bool,
}

/// One layer on its way in.
struct Reading<'a> {
    entry: &'a SitesEntry,
    way: Way,
    scheme: &'a Scheme,
    carrier: Option<Carrier>,
    layer: usize,
    file: &'a str,
    out: &'a mut SitesRead,
    unused: BTreeMap<String, u64>,
}

impl Reading<'_> {
    fn add(&mut self, place: usize, feature: Feature) {
        let id = id_of(&feature).unwrap_or_else(|| place.to_string());
        let told = match self.tell(&feature.properties) {
            Ok(told) => told,
            Err(why) => {
                *self.unused.entry(why).or_default() += 1;
                return;
            }
        };
        let found = match feature.drawn {
            Drawn::Shape(geometry) if told.class.is_sensitive() => self
                .carry(geometry)
                .map_err(|_shows_where| "its coordinates are no longitude and latitude".into()),
            Drawn::Shape(geometry) => self.carry(geometry),
            Drawn::Nothing => Err("it has no geometry".to_string()),
            Drawn::Unreadable(found) => Err(found),
        };
        let geometry = match found {
            Ok(geometry) if told.closed_is_surface => filled(geometry),
            Ok(geometry) => geometry,
            Err(found) => {
                let (file, feature) = (self.file.to_string(), place);
                *self.unused.entry("no usable geometry".into()).or_default() += 1;
                let site = shown(&id, told.class).to_string();
                self.out.problems.push(Problem::Site { file, site, feature, found, hint: None });
                return;
            }
        };
        let site = self.site(id, told, &feature.properties, geometry);
        self.out.sites.sites.push(site);
    }

    /// The class of a feature, or why it has none.
    fn tell(&self, properties: &Map<String, Value>) -> Result<Told, String> {
        match &self.way {
            Way::Osm => {
                let texts: Vec<(String, String)> = tags(properties);
                let pairs: Vec<_> =
                    texts.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
                let found = osm::classify(&pairs).map_err(|why| why.to_string())?;
                let rule: Vec<_> =
                    found.rule_tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
                Ok(Told {
                    class: found.class,
                    tier: found.tier,
                    service: found.service,
                    rule: rule.join(" "),
                    closed_is_surface: found.class.counted() != Counted::PerKm
                        && !found.rule_tags.iter().any(|(key, value)| is_of_a_line(key, value)),
                })
            }
            Way::One(class) => Ok(told(*class, "layer".into())),
            Way::Column { name, table, .. } => {
                let value = properties.get(name).and_then(text_of);
                let value = value.ok_or_else(|| format!("no value in column \"{name}\""))?;
                let class = table.as_ref().and_then(|table| table.get(&value).copied());
                let class = class.or_else(|| SiteClass::from_name(&value));
                let is_private = osm::is_private(name);
                let class = class.ok_or_else(|| {
                    if is_private {
                        format!("a value in column \"{name}\" is no class")
                    } else {
                        no_such_class(&value, name)
                    }
                })?;
                let rule = if is_private { name.clone() } else { format!("{name}={value}") };
                Ok(told(class, rule))
            }
        }
    }

    /// A geometry in WGS 84, or what is wrong with it.
    fn carry(&self, geometry: Geometry<f64>) -> Result<Geometry<f64>, String> {
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

    fn site(
        &mut self,
        id: String,
        told: Told,
        properties: &Map<String, Value>,
        geometry: Geometry<f64>,
    ) -> Site {
        let ClassRule { tier, occupants, .. } = self.scheme.rule(told.class);
        let who = shown(&id, told.class);
        let own =
            self.number(who, properties, "occupancy", MOST_OCCUPANTS).or(self.entry.occupancy);
        let confidence = self.number(who, properties, "confidence", 1.0).or(self.entry.confidence);
        let in_raster = self.in_raster(who, properties);
        Site {
            id,
            name: column(properties, "name").and_then(|key| text_of(&properties[key])),
            class: told.class,
            tier: tier.map(|tier| told.tier.unwrap_or(tier)),
            service: told.service,
            geometry,
            confidence: confidence.unwrap_or(self.scheme.existence.default_confidence),
            occupants: own.unwrap_or(occupants),
            in_raster: in_raster.or(self.entry.in_raster).unwrap_or_default(),
            layer: self.layer,
            rule: told.rule,
        }
    }

    /// A number of the feature's own, if it is one that can be; else a notice and nothing.
    fn number(
        &mut self,
        who: &str,
        properties: &Map<String, Value>,
        name: &str,
        most: f64,
    ) -> Option<f64> {
        let value = &properties[column(properties, name)?];
        let number = number_of(value).filter(|number| (0.0..=most).contains(number));
        if number.is_none() {
            self.tell_value(who, name, value, &format!("0 to {most}"));
        }
        number
    }

    /// Whether the raster counts its occupants, if the feature says so itself.
    fn in_raster(&mut self, who: &str, properties: &Map<String, Value>) -> Option<InRaster> {
        let value = &properties[column(properties, "in_raster")?];
        let text = text_of(value).map(|text| text.trim().to_ascii_lowercase());
        let read = match text.as_deref() {
            Some("yes" | "true") => Some(InRaster::Yes),
            Some("no" | "false") => Some(InRaster::No),
            Some("unknown") => Some(InRaster::Unknown),
            _ => None,
        };
        if read.is_none() {
            self.tell_value(who, "in_raster", value, "yes, no or unknown");
        }
        read
    }

    /// A notice of a value that says something nobody can use.
    fn tell_value(&mut self, who: &str, name: &str, value: &Value, wanted: &str) {
        let found = match value {
            Value::Null => return,
            Value::String(text) if text.trim().is_empty() => return,
            Value::Array(_) => "(a list)".to_string(),
            Value::Object(_) => "(an object)".to_string(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::String(text) => format!("\"{}\"", text.trim()),
        };
        let text = format!("{name} {found} is not used, wanted {wanted}");
        self.out.notices.push(Notice::of_site(NoticeKind::ValueNotUsed, self.file, who, text));
    }

    /// One notice about the features that are no sites.
    fn tell_unused(self, total: u64) {
        let unused: u64 = self.unused.values().sum();
        if unused == 0 {
            return;
        }
        let mut reasons: Vec<_> = self.unused.into_iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let more = reasons.len().saturating_sub(5);
        let mut texts: Vec<_> = reasons
            .iter()
            .take(5)
            .map(|(why, count)| format!("{} ({why})", crate::error::grouped(*count)))
            .collect();
        if more > 0 {
            texts.push(format!("{} more", counted(more as u64, "reason")));
        }
        let nothing = if unused == total { "no site could be read from it: " } else { "" };
        let total = counted(total, "feature");
        let text = format!(
            "{nothing}{} of {total} not used: {}",
            crate::error::grouped(unused),
            texts.join(", ")
        );
        self.out.notices.push(Notice::of_file(NoticeKind::SitesNotUsed, self.file, text));
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
        other => other,
    })
}

/// What messages call a site: its id, but the class alone where the id would tell where it is.
const fn shown(id: &str, class: SiteClass) -> &str {
    if class.is_sensitive() { class.name() } else { id }
}

/// A value that is no class, with the class that was probably meant.
fn no_such_class(value: &str, column: &str) -> String {
    let near = did_you_mean(value, SiteClass::ALL.map(SiteClass::name));
    let near = near.map_or(String::new(), |near| format!(", {near}"));
    format!("\"{value}\" in column \"{column}\" is no class{near}")
}

fn told(class: SiteClass, rule: String) -> Told {
    Told { class, tier: None, service: class.service(), rule, closed_is_surface: false }
}

/// Whether a tag is that of a line, even where the line is closed.
fn is_of_a_line(key: &str, value: &str) -> bool {
    const LINES: [(&str, &str); 3] =
        [("waterway", "canal"), ("waterway", "dam"), ("man_made", "dyke")];
    let mut members = value.split(';').map(str::trim);
    members.any(|value| LINES.iter().any(|(k, v)| *k == key && v.eq_ignore_ascii_case(value)))
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

/// The id of a feature: its own member, else a column that is usually one.
fn id_of(feature: &Feature) -> Option<String> {
    let columns = ["id", "osm_id", "osm_way_id", "fid"];
    let mut named = columns
        .iter()
        .filter_map(|name| text_of(&feature.properties[column(&feature.properties, name)?]));
    feature.id.clone().or_else(|| named.next())
}

/// The tags of a feature: its columns, and those that GDAL packs into `other_tags`.
pub(super) fn tags(properties: &Map<String, Value>) -> Vec<(String, String)> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for (key, value) in properties {
        match (key.as_str(), text_of(value)) {
            ("other_tags", Some(packed)) => tags.extend(unpacked(&packed)),
            (_, Some(text)) => tags.push((key.clone(), text)),
            _ => {}
        }
    }
    tags
}

/// The pairs of an hstore text: `"key"=>"value","key"=>"value"`.
fn unpacked(packed: &str) -> Vec<(String, String)> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut escaped = false;
    for letter in packed.chars() {
        match (&mut word, letter) {
            (Some(text), letter) if escaped => {
                text.push(letter);
                escaped = false;
            }
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => words.extend(word.take()),
            (Some(text), letter) => text.push(letter),
            (None, '"') => word = Some(String::new()),
            (None, _) => {}
        }
    }
    words.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_tags_are_unpacked() {
        let packed = r#""amenity"=>"hospital","name"=>"St. \"Anna\"","beds"=>"30""#;
        let pairs = unpacked(packed);
        assert_eq!(pairs.len(), 3);
        assert_eq!(pairs[1], ("name".to_string(), "St. \"Anna\"".to_string()));
    }
}
