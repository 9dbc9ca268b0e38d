//! What can be asked quickly: people in cells and spans of cells, sites near an area.
//!
//! [`PopulationIndex`] answers for single cells and for spans of a row without visiting the cells
//! between; [`SiteIndex`] finds sites by bounds. Neither decides what is inside an area. [`survey()`]
//! tells what all cells of a raster hold together.

mod population;
mod sites;
mod tile;
mod wanted;

pub use population::{Blocks, PopulationIndex, Reader, Source, Span, Survey, Units, survey};
pub use sites::SiteIndex;
