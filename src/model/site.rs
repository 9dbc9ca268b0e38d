//! Sites: mapped things of civilian use, each with its class.

use super::{Grounds, Link, Mapping, Service, SiteClass, Tier};
use geo::Geometry;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whether the occupants of a site are already counted in the population raster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum InRaster {
    /// They are: nothing is added.
    Yes,
    /// They are not: added to people at each bound.
    No,
    /// Nobody knows: added to the high bound only.
    #[default]
    Unknown,
}

impl InRaster {
    /// Its word in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }

    /// What a word means, whatever its case; `true` and `false` will do.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word.trim().to_ascii_lowercase().as_str() {
            "yes" | "true" => Some(Self::Yes),
            "no" | "false" => Some(Self::No),
            "unknown" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// One site: a mapped thing, as one record tells of it or several together.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its id, as in its file, else its place there.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Place names of its address: one of two names may have one of them more. Never written out.
    pub address: Option<Box<str>>,
    /// Its class.
    pub class: SiteClass,
    /// Its tier; `None` for context that carries no load.
    pub tier: Option<Tier>,
    /// Its tier under the built-in scheme, by which records are compared: what is one site is one under
    /// every scheme.
    pub rank: Option<Tier>,
    /// The service it gives, if any.
    pub service: Option<Service>,
    /// Whether the id is only its place in the file.
    pub is_numbered: bool,
    /// Where it is, in WGS 84.
    pub geometry: Geometry<f64>,
    /// How probable it is that it is there, 0..=1.
    pub confidence: f64,
    /// People in it, by its own number.
    pub occupancy: Option<f64>,
    /// People in a site of its class that states no number.
    pub usual_occupants: f64,
    /// How many it can serve, by its own number.
    pub capacity: Option<f64>,
    /// Whether the population raster counts its occupants; `None` where nobody says.
    pub in_raster: Option<InRaster>,
    /// The day it was last observed, as written.
    pub observed_on: Option<Arc<str>>,
    /// The day from which it no longer counts, as written.
    pub expires_on: Option<Arc<str>>,
    /// Its layer, by place in [`Sites::layers`].
    pub layer: usize,
    /// The tags or the value its class follows from.
    pub rule: Arc<str>,
    /// What is to be kept in mind of it.
    pub caveat: Option<String>,
    /// Whether where it is must not be shared, by its class or by that of one of its records.
    pub is_sensitive: bool,
    /// The records it is made of, if there is more than one.
    pub merged: Option<Box<Merged>>,
    /// What of it may leave the program.
    pub shown: Shown,
}

impl Site {
    /// Whether it is drawn as a surface.
    #[must_use]
    pub const fn is_surface(&self) -> bool {
        matches!(self.geometry, Geometry::Polygon(_) | Geometry::MultiPolygon(_))
    }

    /// The site as it is known without what somebody does not share; `None` if nobody else knows of it.
    #[must_use]
    pub fn open(&self) -> Option<&Self> {
        match &self.shown {
            Shown::AsItIs => Some(self),
            Shown::Before(before) => Some(before),
            Shown::Nothing => None,
        }
    }

    /// People counted in it: its own number, else that of its class.
    #[must_use]
    pub fn occupants(&self) -> f64 {
        self.occupancy.unwrap_or(self.usual_occupants)
    }
}

/// What of a site may leave the program.
#[derive(Debug, Clone, Default)]
pub enum Shown {
    /// It, as it is.
    #[default]
    AsItIs,
    /// Nothing but that it is counted.
    Nothing,
    /// What was known of it without those who do not share what they told.
    Before(Box<Site>),
}

/// The records of one site, and what came from which.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    /// Its records, sorted by source and id; behind them answers about it.
    pub records: Vec<Record>,
    /// The record that each field came from, by its place.
    pub fields: BTreeMap<Field, usize>,
}

/// One record of a site.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The name of its source.
    pub source: Arc<str>,
    /// Its id there.
    pub id: String,
    /// How probable it is that it is there, by this record alone.
    pub confidence: f64,
    /// Whether it is an answer about the site, not a record of it.
    pub is_answer: bool,
}

/// Fields of a site that may come from different records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Its id, position and geometry.
    Geometry,
    /// Its class, tier, service and rule.
    Class,
    /// Its name.
    Name,
    /// Its occupancy.
    Occupancy,
    /// Its capacity.
    Capacity,
    /// Whether the raster counts its occupants.
    InRaster,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Geometry, Self::Class, Self::Name, Self::Occupancy, Self::Capacity, Self::InRaster];

    /// Its word in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Geometry => "geometry",
            Self::Class => "class",
            Self::Name => "name",
            Self::Occupancy => "occupancy",
            Self::Capacity => "capacity",
            Self::InRaster => "in_raster",
        }
    }

    /// The field of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.name() == name)
    }
}

/// One layer of sites.
#[derive(Debug, Clone)]
pub struct SiteLayer {
    /// Its name: that of its source.
    pub name: Arc<str>,
    /// The place of the layer in the scenario, if it is a register that civex wrote: which of its records are
    /// one site is decided already.
    pub register: Option<usize>,
}

/// The sites of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    /// The layers they come from.
    pub layers: Vec<SiteLayer>,
    /// All sites, in the order of layers and files.
    pub sites: Vec<Site>,
    /// The classes that some layer maps.
    pub mapped: BTreeSet<SiteClass>,
    /// What each layer maps, and where.
    pub mappings: Vec<Mapping>,
    /// Where each class is mapped, made of the mappings.
    pub grounds: Arc<Grounds>,
    /// Which site feeds which. Never written out.
    pub links: Vec<Link>,
}

impl Sites {
    /// The name of a site's own source: that of its layer.
    #[must_use]
    pub fn source(&self, site: &Site) -> &str {
        self.layers.get(site.layer).map_or("", |layer| &layer.name)
    }

    /// How many of some sites, by their places, there are of each tier; those at least so probable count, as they
    /// are known without what somebody does not share.
    #[must_use]
    pub fn tiers<'p>(&self, places: impl IntoIterator<Item = &'p usize>, least: f64) -> [u64; 4] {
        let mut tiers = [0; 4];
        let sites = places.into_iter().filter_map(|place| self.sites.get(*place)?.open());
        for tier in sites.filter(|site| site.confidence >= least).filter_map(|site| site.tier) {
            tiers[tier as usize] += 1;
        }
        tiers
    }

    /// Which layer of the scenario decided about a site before, if it comes from a register.
    #[must_use]
    pub fn register(&self, site: &Site) -> Option<usize> {
        self.layers.get(site.layer).and_then(|layer| layer.register)
    }

    /// The records of a site, sorted by source and id.
    #[must_use]
    pub fn records(&self, site: &Site) -> Vec<Record> {
        match (&site.merged, self.layers.get(site.layer)) {
            (Some(merged), _) => merged.records.clone(),
            (None, Some(layer)) => {
                let (source, id) = (Arc::clone(&layer.name), site.id.clone());
                vec![Record { source, id, confidence: site.confidence, is_answer: false }]
            }
            (None, None) => Vec::new(),
        }
    }
}
