//! How much of a layer is inside an area: the shape of the area comes first.
//!
//! [`faults`] finds what is wrong with the rings of an area, [`repair()`] makes an area of them.

mod repair;
mod sweep;
mod validity;

pub use repair::{NotRepairable, orient, repair};
pub use validity::faults;
