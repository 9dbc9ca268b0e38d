//! Answers: what partners say about sites when they are asked.

use super::{Site, SiteName};
use geo::Geometry;
use std::sync::Arc;

/// What an answer says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Claim {
    /// It is there.
    Exists,
    /// It is not there.
    Absent,
    /// It is there and no longer in use.
    Closed,
    /// It is somewhere else.
    Moved,
    /// So many people are in it.
    Occupancy(f64),
    /// It can serve so many.
    Capacity(f64),
    /// It feeds another site, of which so large a share, 0..=1, stands still without.
    SupplyLink(f64),
}

impl Claim {
    /// The words of all claims.
    pub const WORDS: [&str; 7] =
        ["exists", "absent", "closed", "moved", "occupancy", "capacity", "supply_link"];

    /// Its word in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exists => "exists",
            Self::Absent => "absent",
            Self::Closed => "closed",
            Self::Moved => "moved",
            Self::Occupancy(_) => "occupancy",
            Self::Capacity(_) => "capacity",
            Self::SupplyLink(_) => "supply_link",
        }
    }
}

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Its file, as written.
    pub file: Arc<str>,
    /// The name of its layer.
    pub source: Arc<str>,
    /// Its id there, else its place.
    pub id: String,
    /// Its place there, from 1.
    pub place: usize,
    /// What it says, or why it says nothing that can be used.
    pub claim: Result<Claim, String>,
    /// The id of the site that it is about, and its source if it is named.
    pub about: Option<SiteName>,
    /// The site that the one it is about feeds, for supply links.
    pub feeds: Option<SiteName>,
    /// A site that it tells of by itself.
    pub site: Option<Box<Site>>,
    /// Where it was drawn.
    pub geometry: Option<Geometry<f64>>,
    /// How sure it is, 0..=1.
    pub confidence: f64,
    /// The day it speaks of.
    pub observed_on: Option<Arc<str>>,
    /// The day from which it no longer counts.
    pub expires_on: Option<Arc<str>>,
    /// Whether it names a class whose places must not be told.
    pub is_sensitive: bool,
    /// Whether it is meant to protect and never to be passed on.
    pub is_restricted: bool,
}
