//! Files to model: scenarios, areas, population rasters, sites, schemes.
//!
//! Everything that comes from outside is checked here, at the door: what cannot be read is a
//! [`ReadError`], what is faulty a [`Problem`](crate::error::Problem), and
//! what is merely worth knowing a [`Notice`](crate::error::Notice). Nothing is guessed, nothing is
//! counted.

mod areas;
mod faults;
mod features;
mod geojson;
mod load;
mod network;
pub mod options;
mod osm;
mod place;
mod population;
mod provenance;
pub mod scenario;
pub mod scheme;
mod sites;
mod text;
mod vector;
mod vrt;

pub use areas::{Areas, areas, areas_in};
pub use load::{Loaded, areas_of, load, scheme_of, sites_of, sources_of};
pub use place::{Place, Remote};
pub use population::{Raster, population};
pub use sites::{SitesRead, sites};

use crate::error::ReadError;
use std::path::Path;

/// All bytes of a file.
fn bytes(path: &Path, written: &str) -> Result<Vec<u8>, ReadError> {
    std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ReadError::not_found(written, path),
        _ if path.is_dir() => ReadError::unusable(written, "a directory, wanted a file"),
        _ => ReadError::unusable(written, format!("cannot be read: {error}")),
    })
}

/// A text in another encoding.
fn not_utf8(written: &str, error: &std::str::Utf8Error) -> ReadError {
    let found = format!("not UTF-8 text, from byte {} on", error.valid_up_to() + 1);
    ReadError::unusable_hint(written, found, "save it as UTF-8")
}

/// Installs what GDAL needs to be a quiet guest: its errors come back as results, not on stderr.
fn quiet_gdal() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        gdal::config::set_error_handler(|_, _, _| {});
        // One decoded block at a time is what a worker needs; the cache is shared by all.
        let _kept = gdal::config::set_config_option("GDAL_CACHEMAX", "256");
    });
}

/// What GDAL says of a failure, without the names of its functions; nothing if it says nothing.
fn gdal_says(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError::{CplError, NullPointer};
    match error {
        CplError { msg, .. } | NullPointer { msg, .. } if msg.is_empty() => String::new(),
        CplError { msg, .. } | NullPointer { msg, .. } => format!(": {}", msg.trim()),
        other => format!(": {other}"),
    }
}

/// The last part of a path without its ending: `a/b.tif` gives `b`.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.unwrap_or_else(|| path.to_string())
}
