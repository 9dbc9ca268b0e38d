//! A scenario: which areas, layers and scheme, as its file says. Keys are the keys of the file.

use super::{InRaster, Measure, NodataMeans, Values};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A scenario file, or the same from options of the command line.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called and when it is.
    #[serde(default)]
    pub scenario: ScenarioHead,
    /// The areas.
    pub areas: Option<AreasEntry>,
    /// Population sources, the first (or the one marked) being the primary.
    #[serde(default)]
    pub population: Vec<PopulationEntry>,
    /// Layers of civilian sites.
    #[serde(default)]
    pub sites: Vec<SitesEntry>,
    /// Answers of partners about sites.
    #[serde(default)]
    pub answers: Vec<AnswersEntry>,
    /// Which site feeds which.
    #[serde(default)]
    pub links: Vec<LinksEntry>,
    /// A scheme other than the built-in one.
    pub scheme: Option<SchemeEntry>,
}

/// `[scenario]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioHead {
    /// Its name; the stem of its file if not given.
    pub name: Option<String>,
    /// The day that ages and expiry refer to.
    #[serde(default, deserialize_with = "text_or_date")]
    #[schemars(extend("format" = "date"))]
    pub date: Option<String>,
    /// IANA name of the time zone of local times.
    pub timezone: Option<String>,
}

/// How people under several areas are counted in totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Overlap {
    /// Each person once.
    #[default]
    Once,
    /// Once for each area.
    PerArea,
}

impl Overlap {
    /// Its word in a scenario.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::PerArea => "per-area",
        }
    }
}

/// `[areas]`. The keys `id`, `name`, `coa`, `phase`, `start`, `end` name columns.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AreasEntry {
    /// The file.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
    /// The layer in it.
    pub layer: Option<String>,
    /// The reference system of its coordinates, where the file declares none: `EPSG:32636`.
    pub crs: Option<String>,
    /// Column of the id.
    pub id: Option<String>,
    /// Column of the name.
    pub name: Option<String>,
    /// Column of the course of action.
    pub coa: Option<String>,
    /// Column of the phase.
    pub phase: Option<String>,
    /// Column of the start.
    pub start: Option<String>,
    /// Column of the end.
    pub end: Option<String>,
    /// Geodesic buffer in meters.
    pub buffer_m: Option<f64>,
    /// Geodesic buffer of points and lines in meters, in place of `buffer_m`; polygons have none of it.
    pub buffer_lines_m: Option<f64>,
    /// Distances of rings in whole meters, ascending.
    pub rings_m: Option<Vec<f64>>,
    /// How people under several areas are counted in totals.
    pub overlap: Option<Overlap>,
    /// Where the file comes from.
    pub attribution: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
}

/// How far around an area is looked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Distances {
    /// What lies within so many meters of polygons belongs to the area.
    pub buffer_m: f64,
    /// What lies within so many meters of points and lines does; `None` is as for polygons.
    pub buffer_lines_m: Option<f64>,
    /// What lies around it is told up to these distances, in meters, ascending.
    pub rings_m: Vec<u64>,
    /// Sites that are not touched are listed up to this distance, in meters; `None` lists none.
    pub adjacent_m: Option<f64>,
}

impl Distances {
    /// What lies within so many meters of points and lines belongs to the area.
    #[must_use]
    pub fn around_lines_m(&self) -> f64 {
        self.buffer_lines_m.unwrap_or(self.buffer_m)
    }

    /// Whether the ground of some area may be wider than what was drawn.
    #[must_use]
    pub fn is_buffered(&self) -> bool {
        self.buffer_m > 0.0 || self.around_lines_m() > 0.0
    }
}

impl AreasEntry {
    /// The distances it asks for.
    #[must_use]
    pub fn distances(&self) -> Distances {
        let rings = self.rings_m.iter().flatten();
        Distances {
            buffer_m: self.buffer_m.unwrap_or(0.0),
            buffer_lines_m: self.buffer_lines_m,
            rings_m: rings.map(|meters| *meters as u64).collect(),
            adjacent_m: None,
        }
    }
}

/// `[[population]]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationEntry {
    /// The raster.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
    /// Its name; the stem of the file if not given.
    pub name: Option<String>,
    /// The layer (subdataset) in it.
    pub layer: Option<String>,
    /// The samples (raster bands) that hold people, from 1; summed if several.
    pub samples: Option<Vec<usize>>,
    /// What its values are.
    pub measure: Option<Measure>,
    /// Values of cells without data, one or a list, in addition to that which the file declares.
    pub nodata: Option<Values>,
    /// What nodata means.
    pub nodata_means: Option<NodataMeans>,
    /// Values nearer to zero than this are zero.
    pub clamp_below: Option<f64>,
    /// Whether it alone gives the best estimate.
    pub primary: Option<bool>,
    /// `any`, `day` or `night`.
    pub time: Option<String>,
    /// The year it speaks of.
    pub year: Option<i64>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its source, as its licence wants it named.
    pub attribution: Option<String>,
    /// With whom it may be shared.
    pub share: Option<String>,
    /// Groups of people within it, by name.
    pub groups: Option<BTreeMap<String, GroupEntry>>,
}

impl PopulationEntry {
    /// What its source is called: its name, else the stem of its file.
    #[must_use]
    pub fn called(&self) -> String {
        let stem = || std::path::Path::new(&self.path).file_stem();
        let stem = || stem().map(|stem| stem.to_string_lossy().into_owned());
        self.name.clone().or_else(stem).unwrap_or_else(|| self.path.clone())
    }
}

/// A group under `[population.groups]`: a share with its source, a raster of its own, samples of the entry's file,
/// or files named by sex and age.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupEntry {
    /// The share of all people, 0..=1.
    pub share: Option<f64>,
    /// Where the share comes from.
    pub source: Option<String>,
    /// A raster of the group.
    pub path: Option<String>,
    /// Files by sex and age, as `{iso}_{f|m}_{age}_2020.tif`.
    pub pattern: Option<String>,
    /// The layer (subdataset) in the raster.
    pub layer: Option<String>,
    /// Samples of the raster, or of the entry's file, from 1; summed if several.
    pub samples: Option<Vec<usize>>,
    /// What values of the raster are; as of the entry if not given.
    pub measure: Option<Measure>,
    /// Values of cells of the raster without data, one or a list, in addition to that which the file declares.
    pub nodata: Option<Values>,
    /// What nodata means in it; as of the entry if not given.
    pub nodata_means: Option<NodataMeans>,
}

/// `[[sites]]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SitesEntry {
    /// The file.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
    /// Its name; the stem of the file if not given.
    pub name: Option<String>,
    /// The layer in it.
    pub layer: Option<String>,
    /// The reference system of its coordinates, where the file declares none: `EPSG:32636`.
    pub crs: Option<String>,
    /// A way of telling classes: `osm`.
    pub classify: Option<String>,
    /// A table of rules that stand before those that are built in, with `classify`.
    pub rules: Option<String>,
    /// One class for all its features.
    pub class: Option<String>,
    /// The column that tells the class.
    pub class_field: Option<String>,
    /// What the values of that column mean.
    pub classes: Option<BTreeMap<String, String>>,
    /// How probable it is that a feature is there, 0..=1.
    pub confidence: Option<f64>,
    /// The day it was observed.
    #[serde(default, deserialize_with = "text_or_date")]
    #[schemars(extend("format" = "date"))]
    pub observed_on: Option<String>,
    /// The day from which it no longer counts.
    #[serde(default, deserialize_with = "text_or_date")]
    #[schemars(extend("format" = "date"))]
    pub expires_on: Option<String>,
    /// People in each feature that lacks its own number.
    pub occupancy: Option<f64>,
    /// Capacity of each feature that lacks its own.
    pub capacity: Option<f64>,
    /// Whether the population raster counts its occupants.
    pub in_raster: Option<InRaster>,
    /// The ground of which it lists all sites: `all`, `bounds` of its sites, `hull` of its sites and a margin (the
    /// default), or a file of polygons, with `,layer=` and `,crs=` behind its path.
    pub covers: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its source, as its licence wants it named.
    pub attribution: Option<String>,
    /// With whom it may be shared.
    pub share: Option<String>,
}

impl SitesEntry {
    /// Whether the ground that it covers does not follow from the places of its sites alone.
    #[must_use]
    pub fn names_ground(&self) -> bool {
        self.covers.as_deref().is_some_and(|covers| covers != "hull")
    }

    /// The file of the ground that it covers, if a file tells it.
    #[must_use]
    pub fn covers_file(&self) -> Option<&str> {
        let file = self.covers.as_deref().filter(|covers| !COVERS.contains(covers))?;
        Some(COVERS_OPTIONS.iter().fold(file, |file, key| before(file, key)))
    }

    /// What `covers` says, with that file elsewhere.
    #[must_use]
    pub fn covers_at(&self, path: &str) -> Option<String> {
        let options = self.covers.as_deref()?.strip_prefix(self.covers_file()?)?;
        Some(format!("{path}{options}"))
    }

    /// An option of that file: the layer in it (`layer`), or the reference system of its coordinates (`crs`).
    #[must_use]
    pub fn covers_option(&self, key: &str) -> Option<&str> {
        let (_, value) = self.covers.as_deref()?.split_once(&format!(",{key}="))?;
        Some(COVERS_OPTIONS.iter().fold(value, |value, key| before(value, key)))
    }
}

/// Words for the ground of which a layer lists all sites.
pub const COVERS: [&str; 3] = ["hull", "bounds", "all"];
/// Options behind the path of a file that draws it.
pub const COVERS_OPTIONS: [&str; 2] = ["layer", "crs"];

/// What stands before an option.
fn before<'t>(text: &'t str, key: &str) -> &'t str {
    text.split(&format!(",{key}=")).next().unwrap_or(text)
}

/// `[[answers]]`. Columns: `answer`, `site_id`, `source`, `value`, `class`, `name`, `confidence`,
/// `observed_on`, `expires_on`, `use_restriction`; for a supply link `feeds` and `feeds_source`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersEntry {
    /// The file.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
    /// Its name; the stem of the file if not given.
    pub name: Option<String>,
    /// The layer in it.
    pub layer: Option<String>,
    /// How sure an answer is that does not say so itself, 0..=1.
    pub confidence: Option<f64>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its source, as its licence wants it named.
    pub attribution: Option<String>,
    /// With whom it may be shared.
    pub share: Option<String>,
}

/// `[[links]]`. Columns: `from`, `to` (ids of sites), `theta` (0 to 1), `from_source`, `to_source`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LinksEntry {
    /// The file.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
    /// The layer in it.
    pub layer: Option<String>,
    /// Its licence.
    pub licence: Option<String>,
    /// Its source, as its licence wants it named.
    pub attribution: Option<String>,
    /// With whom it may be shared.
    pub share: Option<String>,
}

/// `[scheme]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemeEntry {
    /// The file, which holds only what differs from the built-in scheme.
    pub path: String,
    /// Whether the path is relative to the working directory, not to the scenario's folder.
    #[serde(skip)]
    pub from_here: bool,
}

/// A date may be written bare, as TOML knows dates, or as text.
fn text_or_date<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Date(toml::value::Datetime),
        Text(String),
    }
    Ok(Option::<Written>::deserialize(from)?.map(|written| match written {
        Written::Date(date) => date.to_string(),
        Written::Text(text) => text,
    }))
}
