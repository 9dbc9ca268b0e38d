//! Courses of action: areas taken together, each person and each site once.

use super::{AssessedArea, Burden, Flag, InRaster, Mapped, Tier};
use crate::error::Called;

/// How far areas are taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The areas of one phase of a course of action.
    Phase,
    /// All areas of a course of action.
    Coa,
}

impl Level {
    /// Its word in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Phase => "phase",
            Self::Coa => "coa",
        }
    }
}

/// Areas taken together.
#[derive(Debug, Clone)]
pub struct RollUp {
    /// How far.
    pub level: Level,
    /// What they amount to, as one area: their union, at the hours of all of them.
    pub row: AssessedArea,
    /// Its areas, in input order; their ids are their keys.
    pub areas: Vec<Called>,
    /// Those among them that have no usable polygon, so that nobody in them is counted.
    pub left_out: Vec<Called>,
}

/// A course of action: one of the options that are compared.
#[derive(Debug, Clone)]
pub struct Coa {
    /// Its name.
    pub name: String,
    /// All of its areas.
    pub whole: RollUp,
    /// Each of its phases, in input order.
    pub phases: Vec<RollUp>,
    /// What its burdens may be.
    pub spread: Spread,
    /// What would lower them; empty unless it is asked.
    pub lowerings: Vec<Lowering>,
}

/// Shares of ground on which nobody has looked for sites that differ by less are the same.
const UNMAPPED: f64 = 0.01;

impl Coa {
    /// Whether civilian sites may be missing in it and not in another: some class is mapped on a smaller share of its
    /// ground, or a layer near it lost features and none near the other did.
    #[must_use]
    pub fn is_less_mapped_than(&self, other: &Self) -> bool {
        let sites = |coa: &Self| coa.whole.row.sites.as_ref().map(|sites| sites.mapped);
        let is_incomplete = |coa: &Self| coa.whole.row.flags.contains(&Flag::SitesIncomplete);
        let is_less =
            |(one, other): (Mapped, Mapped)| one.share_unknown() > other.share_unknown() + UNMAPPED;
        let of_both = sites(self).zip(sites(other));
        let is_unmapped =
            of_both.is_some_and(|(one, other)| one.into_iter().zip(other).any(is_less));
        is_unmapped || (is_incomplete(self) && !is_incomplete(other))
    }
}

/// What the burdens of an option may be, as far as sources and sites leave it open.
#[derive(Debug, Clone, Default)]
pub struct Spread {
    /// People at each of its times.
    pub times: Vec<AtTime>,
    /// What each site adds that it touches, by place.
    pub sites: Vec<Presence>,
    /// D: dependants of each service, in the order of [`Service::ALL`](super::Service::ALL).
    pub dependants: [Burden; 9],
}

/// People at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct AtTime {
    /// The share of its hours that is day; 1 without hours.
    pub by_day: f64,
    /// P⁻, P and P⁺ of each declared source; `None` for one that is left out or cannot tell.
    pub layers: Vec<Option<Burden>>,
}

/// What a site adds where it is there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Presence {
    /// Its place in [`Sites::sites`](super::Sites::sites).
    pub place: usize,
    /// Its tier; none for a class that is context.
    pub tier: Option<Tier>,
    /// p: how probable it is that it is there.
    pub confidence: f64,
    /// Units of load.
    pub load: f64,
    /// Whether the load is one by length or surface, of which an option has so much at most.
    pub is_measured: bool,
    /// Place-bound people in it at its hours, 0 for classes without.
    pub occupants: f64,
    /// Whether they are there by day only.
    pub is_day: bool,
    /// Whether the population raster counts them.
    pub in_raster: InRaster,
}

/// A change that lowers what an option exposes, and raises nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Lowering {
    /// What is changed.
    pub change: Change,
    /// The areas that it changes; their ids are their keys.
    pub areas: Vec<Called>,
    /// The ground given up, in km²; 0 for a change of hours.
    pub km2: f64,
    /// So many sites fewer are touched, whether they are there or may be.
    pub sites: usize,
    /// Whether one of them must not be told of, be it named or counted.
    pub is_untold: bool,
    /// So many people fewer, best estimate.
    pub people: f64,
    /// So many fewer people in place-bound vulnerable situations, best estimate.
    pub vulnerable: f64,
    /// By so many points the score of the option is less.
    pub points: f64,
}

/// What is changed.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The boundary leaves out a site, by its place in [`Sites::sites`](super::Sites::sites), and how far from
    /// the boundary it is, in meters.
    Site(usize, f64),
    /// The boundary leaves out a block of people; longitude and latitude of its middle.
    Block([f64; 2]),
    /// A phase, or the areas without one, begin and end so many hours later.
    Hours(Option<String>, i64),
}
