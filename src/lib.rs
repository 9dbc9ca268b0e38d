//! x

pub mod error;
pub mod intersect;
pub mod measure;
