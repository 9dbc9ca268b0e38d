//! How much of it is inside: areas against grids and sites.
//!
//! [`faults`], [`repair()`] and [`fold()`] make an area fit to be cut, [`buffer()`] draws
//! it from what it lies around, [`union()`] makes one of several, [`Zone`] carries it into the plane of a
//! grid, [`cover`] tells which cells it covers and how much of each, [`count`] sums people over
//! them, [`Peaks`] finds where they live closest together, and [`Footprint`] decides which sites it touches.

mod buffer;
mod cover;
mod fold;
mod ground;
mod offset;
mod overlap;
mod peak;
mod people;
mod repair;
mod sites;
mod spare;
mod sweep;
mod tangle;
mod validity;
mod zone;

pub use buffer::{NotBuffered, Traces, buffer};
pub use cover::{Coverage, CoveredCell, CoveredSpan, cover};
pub use fold::{Folded, fold};
pub use ground::{Unheld, grounds, is_near, mapped_in, unmapped_in};
pub use overlap::union;
pub use peak::Peaks;
pub use people::{Cells, People, count};
pub use repair::{NotRepairable, orient, repair, without};
pub use sites::Footprint;
pub use spare::around_and_out;
pub use validity::{MOST_FAULTS, faults};
pub use zone::Zone;
