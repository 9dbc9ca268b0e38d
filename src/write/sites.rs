//! The register of sites, as GeoJSON and as a table: in the order of their ids, never of load or tier.
//!
//! A site whose class is sensitive about its place is not written; it is counted by class, and by the area
//! that touches it, unless full precision is asked for. What somebody does not share is never written. A site
//! of confidence 0 counts at no bound and is left out.
//!
//! What is written can be read as a layer of sites again: its classes, tiers and records stay as they are.

use super::geojson::about;
use super::json;
use super::round::rounded;
use super::words::{UNKNOWN, bare, printable};
use crate::error::{Notice, Tally, grouped};
use crate::model::{
    AssessedArea, Merged, Provenance, Service, Shown, Site, SiteClass, Sites, Tier, Topic,
};
use geo::orient::{Direction, Orient};
use geo::{Centroid, Coord, InteriorPoint, MapCoords};
use geojson::{Feature, Geometry};
use rayon::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// Heads every file that holds sites.
pub const BANNER: &str = "PROTECTIVE USE - NOT A TARGET LIST";

/// So many sites are made into text at a time by one thread.
const AT_A_TIME: usize = 4096;

/// Whether sensitive sites are written with their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// They are counted only.
    #[default]
    Generalized,
    /// They are written like others.
    Full,
}

/// What a site is to areas.
#[derive(Debug, Clone, Default, PartialEq)]
struct Around {
    /// The areas that touch it.
    inside: Vec<String>,
    /// The areas that lie near, with the distance in meters.
    adjacent: Vec<(String, f64)>,
}

/// What of a site is written.
enum Seen<'a> {
    /// It, or what was known of it before.
    Written(&'a Site),
    /// That there is one of a class.
    Counted(SiteClass),
    /// Nothing.
    Nowhere,
}

/// The sites that are listed, gathered row by row or taken as a whole.
pub struct Register<'a> {
    sites: &'a Sites,
    precision: Precision,
    /// Whether it is about areas.
    has_areas: bool,
    /// What each site that is written is to areas.
    listed: BTreeMap<usize, Around>,
    /// Of the others, how many of a class there are, in an area.
    counts: BTreeMap<(Option<String>, &'static str), u64>,
}

/// A site that is listed: its columns, and a point in it.
pub(super) type ListedSite = (Map<String, Value>, [f64; 2]);

/// What one area is to sites: its key, the sites that it touches, and those that lie near.
pub type OfArea = (String, Vec<usize>, Vec<(usize, f64)>);

/// What a row tells of the sites in and near its area.
#[must_use]
pub fn of_area(row: &AssessedArea) -> Option<OfArea> {
    let sites = row.sites.as_ref()?;
    let area = &row.area;
    let key = area.key();
    let is_any = !sites.touched.is_empty() || !sites.adjacent.is_empty();
    is_any.then(|| (key, sites.touched.clone(), sites.adjacent.clone()))
}

impl<'a> Register<'a> {
    /// Of the sites in and near areas; none yet.
    #[must_use]
    pub fn of_areas(sites: &'a Sites, precision: Precision) -> Self {
        let (listed, counts) = (BTreeMap::new(), BTreeMap::new());
        Self { sites, precision, has_areas: true, listed, counts }
    }

    /// Of all sites.
    #[must_use]
    pub fn of_all(sites: &'a Sites, precision: Precision) -> Self {
        let mut all = Self { has_areas: false, ..Self::of_areas(sites, precision) };
        for place in 0..sites.sites.len() {
            if let Some(around) = all.listed(place, None) {
                *around = Around::default();
            }
        }
        all
    }

    /// Adds the sites of an area; areas come in the order of their rows.
    pub fn add(&mut self, (key, touched, adjacent): OfArea) {
        for place in touched {
            if let Some(around) = self.listed(place, Some(&key)) {
                around.inside.push(key.clone());
            }
        }
        for (place, meters) in adjacent {
            // What is not shown is counted where it is touched, not where it is near.
            if matches!(self.seen(place), Seen::Written(_))
                && let Some(around) = self.listed(place, Some(&key))
            {
                around.adjacent.push((key.clone(), meters));
            }
        }
    }

    /// What of a site is written.
    fn seen(&self, place: usize) -> Seen<'a> {
        let Some(site) = self.sites.sites.get(place) else { return Seen::Nowhere };
        let shown = match &site.shown {
            Shown::AsItIs => Some(site),
            Shown::Before(before) => Some(&**before),
            Shown::Nothing => None,
        };
        // A site that is certainly not there, by its own layer, is nowhere counted.
        if shown.unwrap_or(site).confidence <= 0.0 {
            return Seen::Nowhere;
        }
        let is_full = self.precision == Precision::Full;
        match shown {
            Some(shown) if is_full || !(shown.is_sensitive || site.is_sensitive) => {
                Seen::Written(shown)
            }
            _ => Seen::Counted(site.class),
        }
    }

    /// Lists a site if it may be shown, else counts it.
    fn listed(&mut self, place: usize, area: Option<&str>) -> Option<&mut Around> {
        match self.seen(place) {
            Seen::Written(_) => Some(self.listed.entry(place).or_default()),
            Seen::Counted(class) => {
                let key = (area.map(ToString::to_string), class.name());
                *self.counts.entry(key).or_default() += 1;
                None
            }
            Seen::Nowhere => None,
        }
    }

    /// The sites that are listed, by id and source.
    fn sorted(&self) -> Vec<(&'a Site, &Around)> {
        let listed = self.listed.iter();
        let listed = listed.filter_map(|(place, around)| match self.seen(*place) {
            Seen::Written(site) => Some((site, around)),
            Seen::Counted(_) | Seen::Nowhere => None,
        });
        let mut listed: Vec<(&Site, &Around)> = listed.collect();
        let source = |site: &Site| self.sites.source(site);
        listed.par_sort_by(|(a, _), (b, _)| (&a.id, source(a)).cmp(&(&b.id, source(b))));
        listed
    }

    /// How many sites are listed, and how many are only counted.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.listed.len() as u64, self.counts.values().sum())
    }

    /// Writes them as GeoJSON; what they were made from behind them, if it is given, with paths relative to a
    /// folder.
    ///
    /// # Errors
    ///
    /// What the writer returns.
    pub fn write(
        &self,
        made_from: Option<(&Provenance, &Tally<Notice>, Option<&Path>)>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let head = json!(BANNER);
        write!(out, "{{\"type\":\"FeatureCollection\",\"banner\":{head},\"features\":[")?;
        let mut is_first = true;
        let sorted = self.sorted();
        for some in sorted.chunks(AT_A_TIME * rayon::current_num_threads()) {
            let texts = some.par_chunks(AT_A_TIME).map(|sites| {
                let features = sites.iter().map(|(site, around)| self.feature(site, around));
                texts(features)
            });
            for text in texts.collect::<io::Result<Vec<_>>>()? {
                write_text(&text, &mut is_first, out)?;
            }
        }
        let counted = self
            .counts
            .iter()
            .map(|((area, class), count)| self.counted(area.as_deref(), class, *count));
        write_text(&texts(counted)?, &mut is_first, out)?;
        out.write_all(b"\n]")?;
        if let Some((provenance, notices, folder)) = made_from {
            out.write_all(b",\"civex\":")?;
            let mut about = about(provenance, notices, folder);
            let mapped = self.sites.mapped.iter().map(|class| class.name());
            if let Value::Object(about) = &mut about {
                about.insert("mapped".into(), mapped.collect());
            }
            json::to_writer(&mut *out, &about)?;
        }
        out.write_all(b"}\n")
    }

    /// The sites that are listed, by id and source.
    pub(super) fn listed_sites(&self) -> Vec<ListedSite> {
        let one = |(site, around): (&Site, &Around)| {
            let at = site.geometry.interior_point().or_else(|| site.geometry.centroid())?;
            Some((self.feature(site, around).properties?, [at.x(), at.y()]))
        };
        self.sorted().into_iter().filter_map(one).collect()
    }

    /// How many sites of which class are only counted, in which area.
    pub(super) fn counted_sites(&self) -> impl Iterator<Item = (Option<&str>, &'static str, u64)> {
        self.counts.iter().map(|((area, class), count)| (area.as_deref(), *class, *count))
    }

    /// The names of a site's sources, in the order of its records.
    fn sources(&self, site: &Site) -> Vec<Arc<str>> {
        let records = self.sites.records(site).into_iter();
        let mut sources: Vec<_> = records.map(|record| record.source).collect();
        sources.dedup();
        sources
    }

    fn feature(&self, site: &Site, around: &Around) -> Feature {
        let geometry =
            site.geometry.map_coords(|at| Coord { x: rounded(at.x, 7), y: rounded(at.y, 7) });
        let (records, fields) = site.merged.as_deref().map(record_texts).unzip();
        let mut properties = json!({
            "site_id": site.id,
            "name": site.name,
            "class": site.class.name(),
            "tier": site.tier.map(Tier::number),
            "built_in_tier": site.rank.map(Tier::number),
            "basis": site.class.basis(),
            "topics": topics(site.class),
            "service": site.service.map(Service::name),
            "sensitive": site.is_sensitive,
            "count": 1,
            "sources": self.sources(site).join("; "),
            "confidence": rounded(site.confidence, 6),
            "observed_on": site.observed_on.as_deref(),
            "occupancy": site.occupancy.map(|people| rounded(people, 3)),
            "occupants": site.class.is_place_bound().then(|| rounded(site.occupants(), 3)),
            "capacity": site.capacity.map(|people| rounded(people, 3)),
            "in_raster": site.in_raster.map(crate::model::InRaster::name),
            "caveat": site.caveat,
            "expires_on": site.expires_on.as_deref(),
            "rule": &*site.rule,
            "records": records,
            "fields": fields,
        });
        if let (true, Value::Object(properties)) = (self.has_areas, &mut properties) {
            let Around { inside, adjacent } = around;
            let relation = match (inside.is_empty(), adjacent.is_empty()) {
                (false, _) => Some("inside"),
                (_, false) => Some("adjacent"),
                _ => None,
            };
            let nearest = adjacent.iter().map(|(_, meters)| *meters).min_by(f64::total_cmp);
            let nearest = if inside.is_empty() { nearest } else { Some(0.0) };
            let near = adjacent.iter().map(|(key, meters)| format!("{key} ({meters:.0} m)"));
            let near: Vec<String> = near.collect();
            properties.insert("relation".into(), relation.into());
            properties.insert("areas".into(), inside.join("; ").into());
            properties.insert("adjacent".into(), near.join("; ").into());
            properties.insert("distance_m".into(), json!(nearest.map(|meters| rounded(meters, 1))));
        }
        made(Some(Geometry::from(&right_handed(geometry))), properties)
    }

    /// Sites of one class that are counted only: how many, not where. It has the columns of the others.
    fn counted(&self, area: Option<&str>, class: &str, count: u64) -> Feature {
        let columns = [
            "site_id",
            "name",
            "class",
            "tier",
            "built_in_tier",
            "basis",
            "topics",
            "service",
            "sensitive",
            "count",
            "sources",
            "confidence",
            "observed_on",
            "occupancy",
            "occupants",
            "capacity",
            "in_raster",
            "caveat",
            "expires_on",
            "rule",
            "records",
            "fields",
        ];
        let of_areas = ["relation", "areas", "adjacent", "distance_m"];
        let of_areas = of_areas.into_iter().filter(|_| self.has_areas);
        let columns = columns.into_iter().chain(of_areas);
        let mut properties: Map<String, Value> =
            columns.map(|column| (column.to_string(), Value::Null)).collect();
        let about = SiteClass::from_name(class);
        properties.insert("class".into(), class.into());
        properties.insert("basis".into(), about.map(SiteClass::basis).into());
        properties.insert("sensitive".into(), true.into());
        properties.insert("count".into(), count.into());
        if let Some(area) = area {
            properties.insert("relation".into(), "inside".into());
            properties.insert("areas".into(), area.into());
        }
        made(None, Value::Object(properties))
    }

    /// The register as a table for people, under its banner.
    #[must_use]
    pub fn table(&self) -> String {
        let heads =
            ["id", "name", "class", "tier", "p", "sources", "basis", "topics", "rule", "caveat"];
        let mut table = bare(heads, 1);
        for (site, _) in self.sorted() {
            table.add_row([
                site.id.clone(),
                site.name.clone().unwrap_or_default(),
                site.class.name().to_string(),
                site.tier.map_or(UNKNOWN.into(), |tier| tier.name().to_uppercase()),
                format!("{:.2}", site.confidence),
                self.sources(site).join(", "),
                site.class.basis().to_string(),
                topics(site.class),
                site.rule.to_string(),
                site.caveat.clone().unwrap_or_default(),
            ]);
        }
        for ((_, class), count) in &self.counts {
            let place =
                format!("{} not shown: location sensitive, or not to be shared", grouped(*count));
            table.add_row([UNKNOWN, &place, class]);
        }
        let lines: Vec<String> = table.lines().map(|line| line.trim_end().to_string()).collect();
        printable(&format!("{BANNER}\n\n{}\n", lines.join("\n")))
    }
}

/// The topics of a class by name.
fn topics(class: SiteClass) -> String {
    class.topics().iter().map(|topic| Topic::name(*topic)).collect::<Vec<_>>().join(" ")
}

/// The records of a merged site, and which field came from which (counted from 1), as JSON in one line each.
fn record_texts(merged: &Merged) -> (String, String) {
    let records = merged.records.iter();
    let records: Vec<Value> = records
        .map(|record| {
            let kind = if record.is_answer { "answer" } else { "record" };
            json!([&*record.source, record.id, rounded(record.confidence, 6), kind])
        })
        .collect();
    let fields: Map<String, Value> = merged
        .fields
        .iter()
        .map(|(field, place)| (field.name().into(), json!(place + 1)))
        .collect();
    (Value::from(records).to_string(), Value::from(fields).to_string())
}

/// Features as text, one behind the other.
fn texts(features: impl Iterator<Item = Feature>) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for feature in features {
        if !text.is_empty() {
            text.extend_from_slice(b",\n");
        }
        json::to_writer(&mut text, &feature)?;
    }
    Ok(text)
}

fn write_text(text: &[u8], is_first: &mut bool, out: &mut dyn Write) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    out.write_all(if *is_first { b"\n" } else { b",\n" })?;
    *is_first = false;
    out.write_all(text)
}

/// Polygons turned by the right-hand rule of RFC 7946.
fn right_handed(geometry: geo::Geometry<f64>) -> geo::Geometry<f64> {
    use geo::Geometry::{MultiPolygon, Polygon};
    match geometry {
        Polygon(polygon) => Polygon(polygon.orient(Direction::Default)),
        MultiPolygon(polygons) => MultiPolygon(polygons.orient(Direction::Default)),
        other => other,
    }
}

fn made(geometry: Option<Geometry>, properties: Value) -> Feature {
    let properties = match properties {
        Value::Object(properties) => properties,
        _ => Map::new(),
    };
    Feature { bbox: None, geometry, id: None, properties: Some(properties), foreign_members: None }
}
