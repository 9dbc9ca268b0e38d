//! The sites that areas touch, as GeoJSON: in the order of their ids, never of load or tier.
//!
//! A site whose class is sensitive about its place is not written; it is counted for its area and
//! class, unless full precision is asked for. A site of confidence 0 counts at no bound and is left
//! out.

use super::round::rounded;
use crate::model::{AssessedArea, Service, Site, Sites, Tier, Topic};
use geo::orient::{Direction, Orient};
use geo::{Coord, MapCoords};
use geojson::{Feature, Geometry};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Heads every file that holds sites.
pub const BANNER: &str = "PROTECTIVE USE - NOT A TARGET LIST";

/// Whether sensitive sites are written with their place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// They are counted only.
    #[default]
    Generalized,
    /// They are written like others.
    Full,
}

/// The sites that areas touch, gathered row by row.
pub struct Touched<'a> {
    sites: &'a Sites,
    precision: Precision,
    /// The areas that touch each site which is written.
    areas: BTreeMap<usize, Vec<String>>,
    /// Of the others, how many of a class an area touches.
    counts: BTreeMap<(String, &'static str), u64>,
}

/// The sites that one area touches: its key, and their places among all.
pub type OfArea = (String, Vec<usize>);

/// What a row tells of the sites that its area touches.
#[must_use]
pub fn of_area(row: &AssessedArea) -> Option<OfArea> {
    let touched = row.sites.as_ref().map(|sites| sites.touched.clone())?;
    let area = &row.area;
    let parts = [area.coa.as_deref(), area.phase.as_deref(), Some(area.id.as_str())];
    let key = parts.into_iter().flatten().collect::<Vec<_>>().join("/");
    (!touched.is_empty()).then_some((key, touched))
}

impl<'a> Touched<'a> {
    /// None yet.
    #[must_use]
    pub const fn new(sites: &'a Sites, precision: Precision) -> Self {
        Self { sites, precision, areas: BTreeMap::new(), counts: BTreeMap::new() }
    }

    /// Adds the sites of an area; areas come in the order of their rows.
    pub fn add(&mut self, (key, touched): OfArea) {
        for place in touched {
            // A site that is certainly not there, by its own layer, is nowhere counted.
            let there = |site: &&Site| site.confidence > 0.0;
            let Some(site) = self.sites.sites.get(place).filter(there) else { continue };
            if site.class.is_sensitive() && self.precision == Precision::Generalized {
                *self.counts.entry((key.clone(), site.class.name())).or_default() += 1;
            } else {
                self.areas.entry(place).or_default().push(key.clone());
            }
        }
    }

    /// Writes them.
    ///
    /// # Errors
    ///
    /// What the writer returns.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self { sites, areas, counts, .. } = self;
        let mut listed: Vec<(&Site, &[String])> = areas
            .iter()
            .filter_map(|(place, areas)| Some((sites.sites.get(*place)?, &areas[..])))
            .collect();
        listed.sort_by(|(a, _), (b, _)| (&a.id, a.layer).cmp(&(&b.id, b.layer)));
        let head = json!(BANNER);
        write!(out, "{{\"type\":\"FeatureCollection\",\"banner\":{head},\"features\":[")?;
        let generalized = counts.iter().map(|((area, class), count)| counted(area, class, *count));
        let features =
            listed.iter().map(|(site, areas)| feature(site, areas, sites)).chain(generalized);
        for (place, feature) in features.enumerate() {
            out.write_all(if place > 0 { b",\n" } else { b"\n" })?;
            serde_json::to_writer(&mut *out, &feature)?;
        }
        out.write_all(b"\n]}\n")
    }
}

fn feature(site: &Site, areas: &[String], sites: &Sites) -> Feature {
    let geometry =
        site.geometry.map_coords(|at| Coord { x: rounded(at.x, 7), y: rounded(at.y, 7) });
    let layer = sites.layers.get(site.layer);
    let topics: Vec<&str> = site.class.topics().iter().map(|topic| Topic::name(*topic)).collect();
    let properties = json!({
        "site_id": site.id,
        "name": site.name,
        "class": site.class.name(),
        "tier": site.tier.map(Tier::number),
        "basis": site.class.basis(),
        "topics": topics.join(" "),
        "service": site.service.map(Service::name),
        "areas": areas.join("; "),
        "count": 1,
        "confidence": rounded(site.confidence, 6),
        "occupants": site.class.is_place_bound().then(|| rounded(site.occupants, 3)),
        "in_raster": site.in_raster.name(),
        "source": layer.map(|layer| layer.name.as_str()),
        "observed_on": layer.and_then(|layer| layer.observed_on.as_deref()),
        "rule": site.rule,
    });
    made(Some(Geometry::from(&right_handed(geometry))), properties)
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

/// Sensitive sites of one class in one area: how many, not where.
fn counted(area: &str, class: &str, count: u64) -> Feature {
    made(None, json!({"class": class, "areas": area, "count": count}))
}

fn made(geometry: Option<Geometry>, properties: Value) -> Feature {
    let properties = match properties {
        Value::Object(properties) => properties,
        _ => Map::new(),
    };
    Feature { bbox: None, geometry, id: None, properties: Some(properties), foreign_members: None }
}
