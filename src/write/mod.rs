//! Model to files: GeoJSON, the sites of an assessment, readable tables.
//!
//! Nothing here changes a number other than by rounding it, and nothing that is written is ever half
//! a file: it gets its name when it is complete.

mod colors;
pub mod comparison;
pub mod explain;
pub mod formats;
pub mod gaps;
pub mod geojson;
mod json;
mod properties;
mod relative;
pub mod report;
mod round;
pub mod schema;
pub mod sites;
pub mod table;
mod topics;
pub mod versions;
mod whole;
mod words;

pub use json::json_text;
pub use relative::relative_to;
pub use whole::{
    Complete, Part, Replace, complete, folder_of, give_up, is_own, is_passing, nameless,
    part_prefix, publish, refuse_loss, whole,
};
pub use words::{is_steering, printable};
