//! The site index: an R-tree over the bounds of sites.

use crate::model::Site;
use geo::BoundingRect;
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};

/// Finds sites by bounds; what is inside an area is decided elsewhere.
#[derive(Debug)]
pub struct SiteIndex {
    tree: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
}

impl SiteIndex {
    /// Over sites, each with its place, whose coordinates are finite; longitudes may run on beyond ±180.
    #[must_use]
    pub fn new<'s>(sites: impl IntoIterator<Item = (usize, &'s Site)>) -> Self {
        let boxes = sites.into_iter().flat_map(|(place, site)| {
            let (bounds, place) = (site.geometry.bounding_rect(), place as u32);
            // On 180 degrees is on −180, too, and what runs on beyond is on the other side.
            let turns = [-360.0, 0.0, 360.0].into_iter();
            turns.filter_map(move |turn| {
                let (min, max) = (bounds?.min(), bounds?.max());
                let (west, east) = (min.x + turn, max.x + turn);
                let rectangle = Rectangle::from_corners([west, min.y], [east, max.y]);
                let is_there = west <= 180.0 && east >= -180.0;
                is_there.then(|| GeomWithData::new(rectangle, place))
            })
        });
        Self { tree: RTree::bulk_load(boxes.collect()) }
    }

    /// The places of the sites whose bounds meet these (west, south, east, north), ascending.
    #[must_use]
    pub fn find(&self, [west, south, east, north]: [f64; 4]) -> Vec<usize> {
        let window = AABB::from_corners([west, south], [east, north]);
        let hits = self.tree.locate_in_envelope_intersecting(window);
        let mut places: Vec<usize> = hits.map(|hit| hit.data as usize).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}
