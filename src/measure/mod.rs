//! The earth, not the domain: ellipsoid, reference systems, carried edges, exact sums.
//!
//! Nothing here knows of areas, people or files. GDAL is named for its reference systems and
//! transformations (PROJ) only.

mod carry;
mod ellipsoid;
mod fixed;
mod reference;
mod surface;

pub use carry::{NotCarried, carry};
pub use ellipsoid::{cell_surface_km2, ring_surface_km2, surface_km2};
pub use fixed::{Fixed, Sum};
pub use reference::{Carrier, Reference, ReferenceError};
pub use surface::{CellSurfaces, Frame};
