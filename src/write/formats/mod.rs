//! Other formats than GeoJSON: each holds the values that GeoJSON has, to the digit.
//!
//! Rows are kept as GeoJSON, one feature a line, in a file without a name; what has columns is made of them when all
//! are there, since only then it is known which columns areas bring along, and of which kind. Columns of ours have
//! the kind that the schema says, whatever the data.

mod columns;
mod delimited;
mod flatgeobuf;
mod geopackage;
mod kml;
#[cfg(feature = "parquet")]
mod parquet;
mod style;

pub use columns::{Column, Kind, Layer, Records, Spool, columns_of};
pub use delimited::csv;
pub use flatgeobuf::flatgeobuf;
pub use geopackage::geopackage;
pub use kml::{UsedAt, kml};
#[cfg(feature = "parquet")]
pub use parquet::parquet;
pub use style::{Styled, qml, sld};

use std::path::Path;

/// A format of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One object (RFC 7946).
    GeoJson,
    /// One feature a line.
    Lines,
    /// All layers in one file, with their styles.
    GeoPackage,
    /// One layer, in input order.
    FlatGeobuf,
    /// Columns without geometry.
    Csv,
    /// GeoParquet 1.1.
    Parquet,
    /// For globes.
    Kml,
}

impl Format {
    /// The endings of files, each with its format.
    pub const ENDINGS: [(&'static str, Self); 9] = [
        ("geojson", Self::GeoJson),
        ("json", Self::GeoJson),
        ("geojsonl", Self::Lines),
        ("geojsons", Self::Lines),
        ("gpkg", Self::GeoPackage),
        ("fgb", Self::FlatGeobuf),
        ("csv", Self::Csv),
        ("parquet", Self::Parquet),
        ("kml", Self::Kml),
    ];

    /// The format of a file, by its ending.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_string_lossy().to_lowercase();
        Self::ENDINGS.iter().find(|(other, _)| *other == ending).map(|(_, format)| *format)
    }

    /// Whether rows are written as they come.
    #[must_use]
    pub const fn is_streamed(self) -> bool {
        matches!(self, Self::GeoJson | Self::Lines)
    }

    /// Whether the provenance goes into a file beside.
    #[must_use]
    pub const fn has_provenance_beside(self) -> bool {
        !matches!(self, Self::GeoJson | Self::GeoPackage)
    }
}
