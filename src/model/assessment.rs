//! An assessment: one row an area, in input order, and what limits it.

use super::columns::Layout;
use super::{Area, Band, Burden, Dimension, Gap, Mapped, SiteClass, Topic, Unmapped};
use crate::error::{Notice, Problem};
use geo::MultiPolygon;
use std::collections::BTreeSet;

/// What can be said of an area at all, from everything to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Everything.
    Ok,
    /// Over 5 % of its surface has no population data.
    DataGap,
    /// Over 20 % has none: numbers are shown, bands are not.
    NotAssessable,
    /// None of it has any.
    NoData,
    /// It has no polygon.
    NoGeometry,
    /// Its polygon cannot be used.
    Invalid,
}

impl Status {
    /// Whether there is no usable polygon, so that nothing could be counted.
    #[must_use]
    pub const fn is_without_polygon(self) -> bool {
        matches!(self, Self::NoGeometry | Self::Invalid)
    }

    /// Its word in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::DataGap => "data_gap",
            Self::NotAssessable => "not_assessable",
            Self::NoData => "no_data",
            Self::NoGeometry => "no_geometry",
            Self::Invalid => "invalid",
        }
    }
}

/// What limits a row; in the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// Many of the people who use its sites live beyond the ground on which sites were looked for.
    BeyondSites,
    /// The ground around what was drawn belongs to it.
    Buffered,
    /// Some class of sites is not mapped in all of it: more may be there than is counted.
    ClassesUnmapped,
    /// A group of people comes from a share.
    Defaulted,
    /// Another area before it has the same key.
    DuplicateId,
    /// People may be missing: the high bound is none.
    HighNotABound,
    /// Dependants are not counted.
    NoDependants,
    /// The scenario has no sites layer.
    NoSitesLayer,
    /// Some of its surface has no population data.
    PartialData,
    /// Its polygon was repaired.
    Repaired,
    /// One population source only: bounds are widened.
    SingleSource,
    /// A sites layer near it lost features that could not be read.
    SitesIncomplete,
    /// It covers fewer than ten cells.
    SmallArea,
    /// Its longitudes were unwrapped, moved by a turn, or split at ±180.
    Wrapped,
}

impl Flag {
    /// Its word in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeyondSites => "beyond_sites",
            Self::Buffered => "buffered",
            Self::ClassesUnmapped => "classes_unmapped",
            Self::Defaulted => "defaulted",
            Self::DuplicateId => "duplicate_id",
            Self::HighNotABound => "high_not_a_bound",
            Self::NoDependants => "no_dependants",
            Self::NoSitesLayer => "no_sites_layer",
            Self::PartialData => "partial_data",
            Self::Repaired => "repaired",
            Self::SingleSource => "single_source",
            Self::SitesIncomplete => "sites_incomplete",
            Self::SmallArea => "small_area",
            Self::Wrapped => "wrapped",
        }
    }
}

/// A number of sites of the best set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Sites that were found; `None` where nobody has looked.
    pub found: Option<u64>,
    /// Whether more may be there: some ground, or some class that belongs to it, is not mapped.
    pub is_least: bool,
}

/// Sites that an area touches, of the best set.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteCounts {
    /// By tier, the gravest first.
    pub tiers: [Count; 4],
    /// By class, in the order of [`SiteClass::ALL`].
    pub classes: [Count; SiteClass::ALL.len()],
    /// How far each class is mapped, in the same order.
    pub mapped: [Mapped; SiteClass::ALL.len()],
    /// The ground on which nobody has looked for each class, in the same order.
    pub unmapped: [Unmapped; SiteClass::ALL.len()],
    /// The largest share of features that a layer near it lost, 0..=1; 0 where all are complete.
    pub lost: f64,
    /// Site load, in units of load; `None` where no class is mapped.
    pub load: Option<Burden>,
    /// Occupants of place-bound sites, in people; `None` where no class of such sites is mapped.
    pub vulnerable: Option<Burden>,
    /// People who depend on each service from sites that it touches, over supply links too, in the order of
    /// [`Service::ALL`](super::Service::ALL); `None` where nobody was allotted, or no site of the service was looked
    /// for.
    pub dependants: [Option<Burden>; 9],
    /// Whether more may depend on each service than the best number says: some class that gives it is not mapped in all
    /// of it, or many of its users live beyond the mapped ground.
    pub dependants_least: [bool; 9],
    /// People beyond the mapped ground who may depend on each service, best estimate.
    pub beyond: [f64; 9],
    /// Those of the driving service who live outside; `None` where that is not known.
    pub dependants_outside: Option<f64>,
    /// The sites touched, by place in [`Sites::sites`](super::Sites::sites), ascending.
    pub touched: Vec<usize>,
    /// The sites that lie near it and are not touched, ascending, each with its distance in meters; none unless
    /// it is asked.
    pub adjacent: Vec<(usize, f64)>,
}

impl SiteCounts {
    /// How far the classes of some kind are mapped, taken together.
    #[must_use]
    pub fn mapped_of(&self, wanted: impl Fn(SiteClass) -> bool) -> Mapped {
        let wanted = SiteClass::ALL.into_iter().filter(|class| wanted(*class));
        Mapped::together(wanted.map(|class| self.mapped[class as usize]))
    }

    /// How far the burden of a dimension of sites is known.
    #[must_use]
    pub fn known(&self, dimension: Dimension) -> Mapped {
        match dimension {
            Dimension::People => Mapped::All,
            Dimension::Vulnerable => self.mapped_of(SiteClass::is_place_bound),
            Dimension::Sites => self.mapped_of(SiteClass::has_load),
            Dimension::Services => {
                let each = self.dependants.iter().zip(self.dependants_least);
                Mapped::together(each.map(|(dependants, is_least)| match dependants {
                    Some(_) if is_least => Mapped::Part(0.0),
                    Some(_) => Mapped::All,
                    None => Mapped::Nothing,
                }))
            }
        }
    }

    /// How far the classes of a topic are mapped.
    #[must_use]
    pub fn known_of_topic(&self, topic: Topic) -> Mapped {
        self.mapped_of(|class| class.has_load() && class.topics().contains(&topic))
    }
}

/// What lies in a ring around an area: beyond the distance before, up to this one.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RingCounts {
    /// People, of the primary source; `None` where it has no data.
    pub people: Option<f64>,
    /// The share of the ring without population data, 0..=1.
    pub missing: f64,
    /// Sites of the best set that the area and the rings within do not touch, by tier; `None` without
    /// a sites layer.
    pub sites: Option<[Count; 4]>,
}

/// Parts of the best score, in points; they add up to it. `None` where nobody has looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contributions {
    /// People.
    pub people: f64,
    /// Vulnerable groups.
    pub vulnerable: Option<f64>,
    /// Sites.
    pub sites: Option<f64>,
    /// Essential services.
    pub services: Option<f64>,
}

impl Contributions {
    /// The part of each dimension, in their order.
    #[must_use]
    pub fn by_dimension(&self) -> [Option<f64>; 4] {
        [Some(self.people), self.vulnerable, self.sites, self.services]
    }
}

/// The score of an area with its bounds; what cannot be known is `None`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ScoreTriple {
    /// From the low burdens.
    pub low: Option<f64>,
    /// From the best burdens.
    pub best: Option<f64>,
    /// From the high burdens.
    pub high: Option<f64>,
    /// The band of each.
    pub bands: [Option<Band>; 3],
    /// Dimensions in bands from 0 to 5.
    pub profile: Option<String>,
    /// The largest weighted dimension.
    pub driver: Option<Dimension>,
    /// What each dimension contributes to the best score.
    pub contributions: Option<Contributions>,
    /// The best score as each topic sees it, in the order of [`Topic::ALL`](super::Topic::ALL).
    pub topics: [Option<f64>; 6],
}

/// One row.
#[derive(Debug, Clone)]
pub struct AssessedArea {
    /// The area.
    pub area: Area,
    /// What can be said of it.
    pub status: Status,
    /// Why not more, as a sentence; `None` where the status is ok.
    pub reason: Option<String>,
    /// What is to be kept in mind.
    pub flags: BTreeSet<Flag>,
    /// The footprint assessed, in WGS 84, oriented by the right-hand rule.
    pub footprint: Option<MultiPolygon<f64>>,
    /// Decimals of a degree that keep its rings valid when written: 7, or more for the tiny.
    pub decimals: u32,
    /// Its surface in km².
    pub surface_km2: Option<f64>,
    /// The share of its surface without population data, 0..=1.
    pub missing_share: Option<f64>,
    /// People.
    pub people: Option<Burden>,
    /// People per km² of surface with data.
    pub density_km2: Option<f64>,
    /// The largest density in any block of about a km², in people per km².
    pub peak_km2: Option<f64>,
    /// People of each group that is declared, in the order of [`Layout::groups`]; `None` where nobody knows.
    pub groups: Vec<Option<Burden>>,
    /// People times days of its own hours; `None` if it has none.
    pub person_days: Option<f64>,
    /// What lies around it, ring by ring; empty without a footprint.
    pub rings: Vec<RingCounts>,
    /// Its sites; `None` without a sites layer or a footprint.
    pub sites: Option<SiteCounts>,
    /// Its score.
    pub score: ScoreTriple,
    /// What is not known of it, what is worth most first.
    pub gaps: Vec<Gap>,
}

impl AssessedArea {
    /// Whether sites may be missing in what the row adds up.
    #[must_use]
    pub fn lacks_sites(&self) -> bool {
        [Flag::ClassesUnmapped, Flag::NoSitesLayer].iter().any(|flag| self.flags.contains(flag))
    }

    /// How far the burden of a dimension is known.
    #[must_use]
    pub fn known(&self, dimension: Dimension) -> Mapped {
        match (&self.sites, dimension) {
            (_, Dimension::People) if self.people.is_some() => Mapped::All,
            (Some(sites), Dimension::Vulnerable | Dimension::Sites | Dimension::Services) => {
                sites.known(dimension)
            }
            _ => Mapped::Nothing,
        }
    }

    /// Whether no class of a topic is mapped in it.
    #[must_use]
    pub fn is_unmapped(&self, topic: Topic) -> bool {
        let known = |sites: &SiteCounts| sites.known_of_topic(topic);
        self.sites.as_ref().is_none_or(|sites| known(sites) == Mapped::Nothing)
    }

    /// Whether a topic may be more than its number says.
    #[must_use]
    pub fn is_least(&self, topic: Topic) -> bool {
        let known = |sites: &SiteCounts| sites.known_of_topic(topic);
        match topic {
            Topic::Poc => self.lacks_sites(),
            _ => self.sites.as_ref().is_none_or(|sites| known(sites) != Mapped::All),
        }
    }
}

/// The whole result.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// One row an area, in input order.
    pub rows: Vec<AssessedArea>,
    /// Which columns it has.
    pub layout: Layout,
    /// What limits the numbers.
    pub notices: Vec<Notice>,
    /// What was faulty in the inputs.
    pub problems: Vec<Problem>,
}
