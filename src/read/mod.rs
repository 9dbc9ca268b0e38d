//! Files to model: scenarios, areas, population rasters, sites, schemes.
//!
//! Everything that comes from outside is checked here, at the door: what cannot be read is a
//! [`ReadError`], what is faulty a [`Problem`](crate::error::Problem), and
//! what is merely worth knowing a [`Notice`](crate::error::Notice). Nothing is guessed, nothing is
//! counted.

mod amount;
mod archive;
mod areas;
mod assessment;
mod batches;
mod container;
mod curves;
mod dbf;
mod drivers;
mod faults;
mod features;
mod geojson;
mod geopackage;
mod groups;
pub mod inspect;
mod kml;
mod layers;
mod load;
mod memory;
mod network;
pub mod options;
mod osm;
mod pbf;
mod place;
mod population;
mod provenance;
pub mod scenario;
pub mod scheme;
pub mod sidecars;
mod sites;
mod table;
mod text;
mod vector;
mod versions;
mod vrt;
mod whole;

pub use areas::{AreaStream, Areas, area_stream, areas, areas_in};
pub use assessment::{Written, WrittenRow, assessment, is_assessment};
pub use faults::{is_same_word, nearest};
pub use layers::{FileDigests, InputFiles, Kept, Layers, Numbers, input_files};
pub use load::{
    Loaded, Opening, Sharing, areas_of, group_sources_of, latest_end, load, load_sharing,
    scheme_of, sites_of, sites_provenance, sources_of,
};
pub use memory::machine_memory;
pub use osm::table as osm_table;
pub use place::{Place, Remote};
pub use population::{Raster, population};
pub use provenance::hexadecimal;
pub use sidecars::Digests;
pub use sites::{SitesFiles, SitesRead, Terms, answers, is_answered, links, sites};
pub use versions::version;
pub use whole::short_text;

use crate::error::{Large, ReadError, with_names};
use crate::measure::Reference;
use crate::model::Budget;
use std::path::Path;
use whole::{bytes, text};

/// A text that is larger than the budget.
fn too_large(written: &str, needed: u64, budget: Budget) -> ReadError {
    let (path, budget) = (written.to_string(), budget.bytes);
    ReadError::TooLarge { path, what: Large::Text, needed, budget }
}

/// A directory where a file is wanted.
fn directory(written: &str) -> ReadError {
    ReadError::unusable_hint(written, "a directory, wanted a file", "name a file in it")
}

/// Refuses longitudes and latitudes of features that are counted in other units than degrees.
fn in_degrees(reference: &Reference, written: &str) -> Result<(), ReadError> {
    carried_by("`ogr2ogr -t_srs EPSG:4326 OUT.gpkg IN`", reference, written)
}

/// The same of a grid.
fn grid_in_degrees(reference: &Reference, written: &str) -> Result<(), ReadError> {
    carried_by("`gdalwarp -t_srs EPSG:4326 -r sum IN OUT.tif`", reference, written)
}

/// Refuses angles in other units than degrees, with the command that carries them over.
fn carried_by(command: &str, reference: &Reference, written: &str) -> Result<(), ReadError> {
    let Some(unit) = reference.odd_angles() else { return Ok(()) };
    let found = format!(
        "{} counts angles in {unit}, wanted degrees or a projected system",
        reference.name()
    );
    let hint = with_names(&format!("carry it over, and give what that makes: {command}"), written);
    Err(ReadError::unusable_hint(written, found, hint))
}

/// A text in another encoding, from a byte on that is counted from 1.
fn not_utf8(written: &str, byte: u64) -> ReadError {
    let found = format!("not UTF-8 text, from byte {byte} on");
    ReadError::unusable_hint(written, found, "save it as UTF-8")
}

/// Makes GDAL a quiet guest: its errors come back as results, not on standard error.
fn quiet_gdal() {
    drop(drivers::guest_as_is());
}

/// Bounds GDAL's cache of blocks. One decoded block at a time is what a worker needs; the cache is
/// shared by all, and is made when the first block is read.
fn limit_gdal(budget: Budget) {
    // In megabytes, as GDAL takes small numbers.
    let cache = (budget.cache_bytes() >> 20).max(1).to_string();
    if gdal::config::get_config_option("GDAL_CACHEMAX", "").ok().as_ref() != Some(&cache) {
        let _kept = gdal::config::set_config_option("GDAL_CACHEMAX", &cache);
    }
}

/// What GDAL says of a failure, without the names of its functions; nothing if it says nothing.
fn gdal_says(error: &gdal::errors::GdalError) -> String {
    use gdal::errors::GdalError::{CplError, NullPointer};
    match error {
        CplError { msg, .. } | NullPointer { msg, .. } if msg.is_empty() => String::new(),
        CplError { msg, .. } | NullPointer { msg, .. } => {
            format!(": {}", msg.trim().trim_end_matches('.'))
        }
        other => format!(": {other}"),
    }
}

/// The last part of a path without its ending: `a/b.tif` gives `b`.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let stem = Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    stem.unwrap_or_else(|| path.to_string())
}
