//! Sites: mapped things of civilian use, each with its class.

use super::{Service, SiteClass, Tier};
use geo::Geometry;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Whether the occupants of a site are already counted in the population raster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
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
}

/// One site.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its id, as in its file, else its place there.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
    /// Its class.
    pub class: SiteClass,
    /// Its tier; `None` for context that carries no load.
    pub tier: Option<Tier>,
    /// The service it gives, if any.
    pub service: Option<Service>,
    /// Where it is, in WGS 84.
    pub geometry: Geometry<f64>,
    /// How probable it is that it is there, 0..=1.
    pub confidence: f64,
    /// People in it: its own number, else the default of its class.
    pub occupants: f64,
    /// Whether the population raster counts its occupants.
    pub in_raster: InRaster,
    /// Its layer, by place in [`Sites::layers`].
    pub layer: usize,
    /// The tags or the value its class follows from.
    pub rule: String,
}

/// One layer of sites.
#[derive(Debug, Clone)]
pub struct SiteLayer {
    /// Its name.
    pub name: String,
    /// The day it was observed, as written.
    pub observed_on: Option<String>,
}

/// The sites of a scenario.
#[derive(Debug, Clone)]
pub struct Sites {
    /// The layers they come from.
    pub layers: Vec<SiteLayer>,
    /// All sites, in the order of layers and files.
    pub sites: Vec<Site>,
    /// The classes that some layer can yield; others have expected unknowns.
    pub mapped: BTreeSet<SiteClass>,
}
