//! What can be asked quickly: people in cells and spans of cells, sites near an area.
//!
//! [`PopulationIndex`] answers for single cells and for spans of a row without visiting the cells
//! between; [`SiteIndex`] finds sites by bounds. Neither decides what is inside an area. [`survey()`]
//! tells what all cells of a raster hold together.
//!
//! The only files opened here are the index's own: sidecars, kept in a [`Cache`].

mod blocks;
mod build;
mod cache;
mod lattice;
mod memory;
mod numbers;
mod population;
mod populations;
mod private;
mod prove;
mod proven;
mod sidecar;
mod sites;
mod survey;
mod tile;
mod view;

pub use blocks::{Blocks, Cells, Reader, Source, Units};
pub use cache::{Cache, ChannelFacts, ENDING, Facts, FileStamp, Foreign, Kept, is_index};
pub use lattice::Lattice;
pub use memory::Allowance;
pub use population::{Built, PopulationIndex, Saving};
pub use populations::{Populations, Stacked};
pub use private::Refused;
pub use prove::{Differs, Proof};
pub use proven::{Proven, Seen};
pub use sidecar::{Rotten, is_sidecar};
pub use sites::SiteIndex;
pub use survey::{Survey, is_too_dense, survey};
pub use view::{Held, Row, Run, View, pieces};
