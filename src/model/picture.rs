//! What a map shows beside areas and sites: people in blocks, where they were counted, rings.

use geo::MultiPolygon;

/// The ground around areas as a map shows it; coordinates are longitude and latitude in degrees, longitudes as
/// [`Picture::unrolled`] gives them.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The western end of the map, whose longitudes reach from there on over 360°: a meridian in the middle of the
    /// widest stretch without areas.
    pub west: f64,
    /// The ground of each row, parts that meet at ±180 as one.
    pub areas: Vec<Option<MultiPolygon<f64>>>,
    /// Blocks of 30″ in which at least ten people live; `None` where the areas are too far apart to look at all that
    /// lies between them.
    pub blocks: Option<Vec<PictureBlock>>,
    /// The outlines of the rasters of the primary source: beyond them nobody was counted.
    pub edges: Vec<Vec<[f64; 2]>>,
    /// The outer outline of each ring of each area, by the place of its row and the ring's distance in meters.
    pub rings: Vec<(usize, u64, MultiPolygon<f64>)>,
}

impl Default for Picture {
    /// Nothing, on a map that ends at ±180.
    fn default() -> Self {
        let areas = Vec::new();
        Self { west: -180.0, areas, blocks: Some(Vec::new()), edges: Vec::new(), rings: Vec::new() }
    }
}

impl Picture {
    /// A longitude as the map has it, so that areas on both sides of ±180 lie beside each other.
    #[must_use]
    pub fn unrolled(&self, longitude: f64) -> f64 {
        longitude + self.shift(longitude)
    }

    /// What has its middle at a longitude lies so many degrees further east on the map.
    #[must_use]
    pub fn shift(&self, middle: f64) -> f64 {
        if middle < self.west {
            360.0
        } else if middle > self.west + 360.0 {
            -360.0
        } else {
            0.0
        }
    }
}

/// People in one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureBlock {
    /// Its corners.
    pub corners: [[f64; 2]; 4],
    /// All people in it, of the primary source.
    pub people: f64,
}
