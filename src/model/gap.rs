//! Gaps of knowledge: what would narrow a result if somebody told it.

use super::{Group, Service, SiteClass};

/// The columns of a form of requests that tell what is asked, in order; whatever else is in it, somebody wrote.
pub const ASKED: [&str; 9] =
    ["request", "area", "question", "why", "ask", "needed_by", "site_id", "source", "class"];

/// What is not known.
#[derive(Debug, Clone, PartialEq)]
pub enum GapKind {
    /// Which civilian sites there are: no layer maps any class there.
    NoSitesLayer,
    /// Which sites of a class there are: no layer maps it in all of the area.
    UnmappedClass(SiteClass),
    /// Whether sites of a class are there, by their places in [`Sites::sites`](super::Sites::sites).
    UncertainSites(SiteClass, Vec<usize>),
    /// How many people there are: one source alone tells.
    SingleSource,
    /// How many people live in a part of the area, a share of its surface.
    MissingPopulation(f64),
    /// Which sites give a service beyond the ground on which sites were looked for.
    BeyondSites(Service),
    /// Who gives a service to so many people of the area: no site within reach is known.
    Unserved(Service, f64),
    /// What became of what a layer tells since then: its name, and its age in years.
    StaleLayer(String, f64),
    /// How many people of a group there are: no population source tells.
    MissingGroup(Group),
}

impl GapKind {
    /// Its word in outputs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoSitesLayer => "no_sites_layer",
            Self::UnmappedClass(_) => "unmapped_class",
            Self::UncertainSites(..) => "uncertain_sites",
            Self::SingleSource => "single_source",
            Self::MissingPopulation(_) => "missing_population",
            Self::BeyondSites(_) => "beyond_sites",
            Self::Unserved(..) => "unserved",
            Self::StaleLayer(..) => "stale_layer",
            Self::MissingGroup(_) => "missing_group",
        }
    }

    /// The class of sites that it is about.
    #[must_use]
    pub const fn class(&self) -> Option<SiteClass> {
        match self {
            Self::UnmappedClass(class) | Self::UncertainSites(class, _) => Some(*class),
            _ => None,
        }
    }

    /// The service that it is about.
    #[must_use]
    pub const fn service(&self) -> Option<Service> {
        match self {
            Self::BeyondSites(service) | Self::Unserved(service, _) => Some(*service),
            _ => None,
        }
    }
}

/// One gap.
#[derive(Debug, Clone, PartialEq)]
pub struct Gap {
    /// What is not known.
    pub kind: GapKind,
    /// What knowing it is worth: by so many points the range of the score would narrow; `None` where that
    /// cannot be told.
    pub value: Option<f64>,
}
