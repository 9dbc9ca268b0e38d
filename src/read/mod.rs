//! Files into the model.

pub(crate) mod faults;
pub mod scheme;
