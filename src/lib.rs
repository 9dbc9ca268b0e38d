//! x

pub mod error;
pub mod measure;
