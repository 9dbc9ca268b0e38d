//! Which civilians, which civilian sites and who depends on them, inside planned operation areas.

pub mod error;
pub mod intersect;
pub mod measure;
pub mod model;
pub mod read;
pub mod score;
