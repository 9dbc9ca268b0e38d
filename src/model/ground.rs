//! Ground: where a layer of sites lists what there is, and where nobody has looked.
//!
//! A class is *mapped* in an area if a layer can yield it and the ground of such layers holds the area. Elsewhere
//! its count is unknown, which is not zero.
//!
//! Source: METHOD §1, *Unknown is not zero* and *Services*.

use super::{Area, Service, SiteClass};
use crate::measure::{Reference, Region};
use geo::{Coord, MultiPolygon};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Layers that lost this share of their features or more are incomplete.
const INCOMPLETE: f64 = 0.02;

/// What one layer of sites maps, and where.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The file of the layer, as written.
    pub layer: Arc<str>,
    /// The classes that it can yield.
    pub classes: BTreeSet<SiteClass>,
    /// The ground of which it lists all sites.
    pub covers: Covers,
    /// The median distance from one site of a service to the next, in meters; `None` for fewer than two sites.
    pub spacing_m: [Option<f64>; 9],
    /// Features that could not be used.
    pub losses: Losses,
}

/// The ground of which a layer lists all sites.
#[derive(Debug, Clone)]
pub enum Covers {
    /// The whole earth.
    Everywhere,
    /// These polygons, valid and within ±180 degrees.
    Within(MultiPolygon<f64>),
    /// The polygons of a file as they are drawn there: no ground until they are mended and carried.
    Drawn(DrawnGround),
    /// The neighborhood of what the layer holds: for each group of its sites the corners of their convex hull in
    /// longitude and latitude, where longitudes may run on beyond 180.
    Around(Vec<Vec<Coord<f64>>>),
}

/// Polygons of a file that draw the ground of a layer.
#[derive(Debug, Clone)]
pub struct DrawnGround {
    /// The file, as written.
    pub file: Arc<str>,
    /// The reference system of their coordinates.
    pub reference: Reference,
    /// Each as an area.
    pub areas: Vec<Area>,
}

/// Features of a layer that name a site and could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    /// Features of the layer.
    pub features: u64,
    /// Features that were lost, by reason.
    pub by_reason: BTreeMap<String, u64>,
}

impl Losses {
    /// Features that were lost.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.by_reason.values().sum()
    }

    /// The share of features that were lost, 0..=1.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.lost() as f64 / self.features.max(1) as f64
    }

    /// Whether so much was lost that rows near the layer are incomplete: 2 % and more.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.lost() > 0 && self.share() >= INCOMPLETE
    }
}

/// The grounds of all layers, ready to be asked.
#[derive(Debug, Clone, Default)]
pub struct Grounds {
    /// Distinct grounds.
    pub regions: Vec<Region>,
    /// Classes that are mapped on the same grounds, with the places of these among [`Grounds::regions`].
    pub by_class: Vec<(Vec<usize>, BTreeSet<SiteClass>)>,
    /// The grounds of each service, in the order of [`Service::ALL`], by place.
    pub by_service: [Vec<usize>; 9],
    /// Layers that are incomplete, by place in [`Sites::mappings`](super::Sites::mappings), and the ground of each.
    pub incomplete: Vec<(usize, usize)>,
}

impl Grounds {
    /// All classes of a set are mapped on the whole earth.
    #[must_use]
    pub fn everywhere(classes: BTreeSet<SiteClass>) -> Self {
        Self {
            regions: vec![Region::everywhere()],
            by_class: vec![(vec![0], classes)],
            by_service: std::array::from_fn(|_| vec![0]),
            incomplete: Vec::new(),
        }
    }

    /// The grounds on which sites of a service were looked for.
    pub fn of_service(&self, service: Service) -> impl Iterator<Item = &Region> {
        self.by_service[service as usize].iter().filter_map(|place| self.regions.get(*place))
    }
}

/// How far a class is mapped in an area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Mapped {
    /// Everywhere in it: 99 % of its surface and more.
    All,
    /// On this share of its surface, 0..1: what was found is the least that is there.
    Part(f64),
    /// Nowhere in it.
    Nothing,
}

impl Mapped {
    /// How far several classes are mapped, taken together: the least share of any, or nowhere if none is mapped.
    #[must_use]
    pub fn together(of: impl Iterator<Item = Self>) -> Self {
        let (mut least, mut is_any) = (1.0_f64, false);
        for state in of {
            is_any |= state != Self::Nothing;
            least = least.min(match state {
                Self::All => 1.0,
                Self::Part(share) => share.min(1.0 - f64::EPSILON),
                Self::Nothing => 0.0,
            });
        }
        match is_any {
            false => Self::Nothing,
            true if least >= 1.0 => Self::All,
            true => Self::Part(least),
        }
    }
}

/// The ground of an area on which nobody has looked for a class.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unmapped {
    /// Its surface, in km².
    pub km2: f64,
    /// The share of the people of the area, high bound, who may live on it, 0..=1.
    pub share_of_people: f64,
}
