//! A score taken apart: band, score, dimensions, burdens, sites and blocks of people.

use super::{AssessedArea, Burden, Dimension, Service, Tier};

/// How the score of one area comes about.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The row of the area.
    pub row: AssessedArea,
    /// What it is made of; `None` without a footprint, or where nobody knows the people.
    pub made_of: Option<MadeOf>,
}

/// What a best score is made of.
#[derive(Debug, Clone)]
pub struct MadeOf {
    /// The four dimensions, in their order.
    pub dimensions: [OfDimension; 4],
    /// M: the largest weighted dimension.
    pub largest: f64,
    /// R: the mean of the other three.
    pub rest: f64,
    /// The least score that the gravest tier present brings about, if it brings about any.
    pub floor: Option<(Tier, f64)>,
    /// The services that people depend on from here, in their order.
    pub services: Vec<OfService>,
    /// The service that the dimension of services stands for.
    pub driving: Option<Service>,
    /// The sites of the best set, in the order of the sites.
    pub sites: Vec<OfSite>,
    /// Blocks of 30″ in which at least ten people of the area live, in the order of the grid.
    pub blocks: Vec<OfBlock>,
    /// The other blocks, together.
    pub sparse: Rest,
    /// Occupants of sites whom no raster counts.
    pub uncounted: Rest,
    /// What the score would be without each of some sites near the boundary, nearest first.
    pub without: Vec<Without>,
    /// Load of sites that are to be expected, in the high bound.
    pub expected_load: f64,
}

/// One dimension.
#[derive(Debug, Clone, Copy)]
pub struct OfDimension {
    /// Which.
    pub dimension: Dimension,
    /// What is there, in natural units; of services the dependants of the driving one.
    pub burden: Burden,
    /// s: in points, 0..=100, before its weight.
    pub points: f64,
    /// w: its weight.
    pub weight: f64,
    /// φ: its part of the score, in points.
    pub part: f64,
}

/// One service.
#[derive(Debug, Clone, Copy)]
pub struct OfService {
    /// Which.
    pub service: Service,
    /// People who depend on it from sites inside.
    pub dependants: Burden,
    /// Those of the sites themselves, without what they feed; best estimate.
    pub first_order: f64,
    /// ω · s: in points.
    pub points: f64,
    /// φ: its part of the score, in points; that of the dimension for the driving service, else 0.
    pub part: f64,
}

/// One site.
#[derive(Debug, Clone, Copy)]
pub struct OfSite {
    /// Its place in [`Sites::sites`](super::Sites::sites).
    pub place: usize,
    /// What it adds to the site load, in units of load.
    pub load: f64,
    /// Its part of the score as a site, in points.
    pub part: f64,
    /// People in it at the hours of the area, if it is place-bound.
    pub occupants: f64,
    /// Their part of the score, in points.
    pub occupants_part: f64,
    /// Whether it is counted with what somebody does not share.
    pub is_told: bool,
}

/// One block of people.
#[derive(Debug, Clone, Copy)]
pub struct OfBlock {
    /// Longitude and latitude of its middle, in degrees.
    pub center: [f64; 2],
    /// People of the area in it.
    pub people: f64,
    /// Their part of the score, in points.
    pub part: f64,
}

/// What is told together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rest {
    /// How many.
    pub count: usize,
    /// People.
    pub people: f64,
    /// Their part of the score, in points.
    pub part: f64,
}

/// The score without one site.
#[derive(Debug, Clone, Copy)]
pub struct Without {
    /// Its place in [`Sites::sites`](super::Sites::sites).
    pub place: usize,
    /// How far it is from the boundary, in meters.
    pub meters: f64,
    /// By how much the score is less, in points.
    pub points: f64,
}
