//! Files into the model.

pub(crate) mod faults;
pub mod osm;
pub mod scheme;
