//! What a map shows beside areas and sites: people in blocks, where they were counted, rings.

use geo::MultiPolygon;

/// The ground around areas as a map shows it; coordinates are longitude and latitude in degrees.
#[derive(Debug, Clone, Default)]
pub struct Picture {
    /// Blocks of 30″ in which at least ten people live; `None` where the areas are too far apart to look at all that
    /// lies between them.
    pub blocks: Option<Vec<PictureBlock>>,
    /// The outlines of the rasters of the primary source: beyond them nobody was counted.
    pub edges: Vec<Vec<[f64; 2]>>,
    /// The outer outline of each ring of each area, by the place of its row and the ring's distance in meters.
    pub rings: Vec<(usize, u64, MultiPolygon<f64>)>,
}

/// People in one block.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PictureBlock {
    /// Its corners.
    pub corners: [[f64; 2]; 4],
    /// All people in it, of the primary source.
    pub people: f64,
}
