//! The earth, not the domain: ellipsoid, reference systems, carried edges, exact sums.
//!
//! Nothing here knows of areas, people or files. GDAL is named for its reference systems and
//! transformations (PROJ) only.

mod apart;
mod carry;
mod clip;
mod cluster;
mod digits;
mod ellipsoid;
mod fixed;
mod frame;
mod reference;
mod region;
mod route;
pub mod sphere;
mod surface;
mod wrap;

pub use apart::{
    Edge, apart_m, bounds_and, edges, edges_apart_m, margin_degrees, meets, nearest_points,
};
pub use carry::{Closeness, End, NotCarried, Way, carry, carry_line, carry_round};
pub use clip::clip_ring;
pub use cluster::{groups, median_to_next_km, to_nearest_km};
pub use digits::{multiple, significant, unit};
pub use ellipsoid::{cell_surface_km2, ring_surface_km2, surface_km2};
pub use fixed::{Fixed, Sum};
pub use frame::{IntoFrame, LocalFrame, OutOfFrame};
pub use reference::{Carrier, Reference, ReferenceError, to_wgs84};
pub use region::Region;
pub use route::{Carried, Plane, Route, ToGeographic};
pub use surface::{CellSurfaces, Frame};
pub use wrap::{AroundPole, RunsTwice, Unwrapped, unwrap, unwrap_line, within_180};
