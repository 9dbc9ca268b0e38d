//! Courses of action: areas taken together, each person and each site once.

use super::{AssessedArea, Burden, Flag, InRaster, Mapped, SiteClass, Tier};
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

/// What is less than this share of all is nothing.
const LITTLE: f64 = 0.01;

/// What is less known of the sites of an option than of another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// It has more ground, or more people on ground, on which nobody has looked for a class that is mapped in one of
    /// them.
    Ground,
    /// A layer near it lost a larger share of its features.
    Features,
    /// More users of its sites live beyond the mapped ground.
    Users,
}

impl Coa {
    /// Why civilian sites, or people who use them, may be missing in it that another would show; `None` where no more
    /// may be missing than there.
    #[must_use]
    pub fn lacks_beside(&self, other: &Self) -> Option<Lack> {
        let (row, others) = (&self.whole.row, &other.whole.row);
        let (own, others_sites) = row.sites.as_ref().zip(others.sites.as_ref())?;
        let mut classes = SiteClass::ALL.into_iter().filter(|class| class.has_load());
        let is_unmapped = classes.any(|class| {
            let class = class as usize;
            let mut of_both = [own, others_sites].into_iter();
            let is_anywhere = of_both.any(|of| of.mapped[class] != Mapped::Nothing);
            let (one, two) = (row.unmapped(class), others.unmapped(class));
            is_anywhere && row.all().into_iter().zip(one).zip(two).any(is_more)
        });
        let mut users = own.beyond.iter().zip(others_sites.beyond);
        let has_users = row.flags.contains(&Flag::BeyondSites);
        let lacks = [
            (is_unmapped, Lack::Ground),
            (own.lost > others_sites.lost + LITTLE, Lack::Features),
            (has_users && users.any(|(one, two)| is_more(((*one, *one), two))), Lack::Users),
        ];
        lacks.into_iter().find_map(|(holds, lack)| holds.then_some(lack))
    }
}

impl AssessedArea {
    /// Its surface, in km², and its people, high bound.
    fn all(&self) -> [f64; 2] {
        let people = self.people.map_or(0.0, |people| people.high);
        [self.surface_km2.unwrap_or(0.0), people]
    }

    /// The same of its ground on which nobody has looked for a class.
    fn unmapped(&self, class: usize) -> [f64; 2] {
        let [_, people] = self.all();
        let unmapped = self.sites.as_ref().map(|sites| sites.unmapped[class]);
        unmapped.map_or([0.0; 2], |of| [of.km2, of.share_of_people * people])
    }
}

/// Whether one amount is larger than another by more than a little of all.
fn is_more(((all, one), other): ((f64, f64), f64)) -> bool {
    one > other + LITTLE * all
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
