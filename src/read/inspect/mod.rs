//! What a file is: the facts of a raster or a vector file, before anyone decides how to use it.
//!
//! What [`population`](super::population()) or [`areas`](super::areas()) would refuse is told here
//! beside all that is known nevertheless. Nothing is guessed: what a file says of itself comes with
//! the place where it says so, and what it does not say is `None`. Cells are not read here; a
//! [`Reading`] is the way to them.

mod raster;
mod stated;
mod vector;

pub use raster::{CellFacts, MeasureFacts, RasterFacts, Reading, SampleFacts, raster};
pub use stated::{Said, Stated};
pub use vector::{
    AreasFacts, Classes, ColumnFacts, Guess, IdFrom, KeyColumn, SitesFacts, VectorFacts, vector,
};

use super::{Place, Remote, options, scenario, whole};
use crate::error::{ReadError, with_names};
use crate::measure::{Carrier, Reference};
use crate::model::{AreasEntry, Budget, PopulationEntry, Scenario, SitesEntry};
use std::io::BufReader;
use std::path::Path;

/// What a file turned out to be.
#[derive(Debug)]
pub enum Inspected {
    /// A scenario; the files that it names are inspected one by one.
    Scenario(Box<Scenario>),
    /// A raster, or the rasters inside of one file.
    Rasters(Vec<RasterFacts>),
    /// The layers of a vector file.
    Vectors(Vec<VectorFacts>),
}

/// What a vector file was asked for as: with the keys of an areas layer, of a sites layer, or both if
/// nothing tells.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// As areas.
    pub areas: Option<AreasEntry>,
    /// As sites.
    pub sites: Option<SitesEntry>,
}

/// Inspects a file named on the command line, with options behind its path. Whether it is a raster or
/// a vector file is found by opening it.
///
/// # Errors
///
/// If there is no such file, or nothing that civex reads can be made of it.
pub fn inspect(written: &str, remote: Remote, budget: Budget) -> Result<Inspected, ReadError> {
    let (population, asked) = asked(written)?;
    let path = population.as_ref().map(|entry| &entry.path);
    let path = path.or(asked.areas.as_ref().map(|entry| &entry.path));
    let path = path.or(asked.sites.as_ref().map(|entry| &entry.path));
    let place = Place::new(path.map_or(written, String::as_str), None).within_budget(budget);
    if is_scenario(&place) {
        let read = scenario::read(&place)?;
        return Ok(Inspected::Scenario(Box::new(read)));
    }
    let no_raster = match population {
        Some(entry) if !is_text_of_features(&place) => match raster(&entry, &place, remote) {
            Ok(facts) => return Ok(Inspected::Rasters(facts)),
            Err(error @ ReadError::NotFound { .. }) => return Err(error),
            Err(error) => Some(error),
        },
        _ => None,
    };
    if asked.areas.is_none() && asked.sites.is_none() {
        let none = || ReadError::unusable(&place.written, "a vector file, wanted a raster");
        return Err(no_raster.unwrap_or_else(none));
    }
    match (vector(&asked, &place, remote), no_raster) {
        (Ok(facts), _) => Ok(Inspected::Vectors(facts)),
        (Err(vector), Some(raster)) if opens_as_nothing(&vector) && opens_as_nothing(&raster) => {
            Err(ReadError::unusable_hint(
                &place.written,
                "neither a raster nor a vector file that GDAL can open, nor a scenario (TOML or JSON)",
                with_names(
                    "see that it is whole; `gdal_translate IN OUT.tif` or `ogr2ogr OUT.gpkg IN` makes a file of other formats",
                    &place.written,
                ),
            ))
        }
        // A raster that cannot be read is no vector file either, and its own error says more.
        (Err(vector), Some(raster)) if opens_as_nothing(&vector) => Err(raster),
        (Err(vector), _) => Err(vector),
    }
}

/// Whether GDAL knows no way to open a file.
fn opens_as_nothing(error: &ReadError) -> bool {
    matches!(error, ReadError::Unusable { found, .. } if found.contains("that GDAL can open"))
}

/// Options behind a path belong to the kinds of layers that know them all.
fn asked(written: &str) -> Result<(Option<PopulationEntry>, Asked), ReadError> {
    let population = options::population(written);
    let (areas, sites) = (options::areas(written), options::sites(written));
    let lengths = [
        population.as_ref().ok().map(|entry| entry.path.len()),
        areas.as_ref().ok().map(|entry| entry.path.len()),
        sites.as_ref().ok().map(|entry| entry.path.len()),
    ];
    let Some(shortest) = lengths.into_iter().flatten().min() else {
        let faults = [population.err(), areas.err(), sites.err()];
        return Err(most_telling(faults.into_iter().flatten().collect()));
    };
    // Where an option is no option of that kind, it would be taken for a part of the path.
    let asked = Asked {
        areas: areas.ok().filter(|entry| entry.path.len() == shortest),
        sites: sites.ok().filter(|entry| entry.path.len() == shortest),
    };
    Ok((population.ok().filter(|entry| entry.path.len() == shortest), asked))
}

/// Of what each kind of layer says of an option, that of the kind which knows it.
fn most_telling(mut errors: Vec<ReadError>) -> ReadError {
    let known = |error: &ReadError| !error.to_string().contains(": unknown option `");
    let near =
        |error: &ReadError| error.hint().is_some_and(|hint| hint.starts_with("did you mean"));
    let at = errors.iter().position(known).or_else(|| errors.iter().position(near)).unwrap_or(0);
    errors.swap_remove(at)
}

/// Whether a file is a scenario by its ending, and for JSON by what it holds.
#[must_use]
pub fn is_scenario(place: &Place) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        r#type: Option<serde::de::IgnoredAny>,
        // Esri JSON, answers of Overpass, errors of a server.
        features: Option<serde::de::IgnoredAny>,
        elements: Option<serde::de::IgnoredAny>,
        error: Option<serde::de::IgnoredAny>,
    }
    let ends = |ending: &str| {
        place.resolved.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
    };
    let is_object_of_no_type = || {
        let Ok((file, _)) = whole::open(place) else { return false };
        let head = serde_json::from_reader(BufReader::new(file));
        head.is_ok_and(|head: Head| {
            head.r#type.or(head.features).or(head.elements).or(head.error).is_none()
        })
    };
    ends("toml") || ends("json") && is_object_of_no_type()
}

/// GeoJSON, tables and standard input hold features, never cells.
fn is_text_of_features(place: &Place) -> bool {
    const ENDINGS: [&str; 4] = ["geojson", "json", "csv", "tsv"];
    let ending = Path::new(&place.resolved).extension().map(std::ffi::OsStr::to_ascii_lowercase);
    place.written == "-" || ending.is_some_and(|found| ENDINGS.iter().any(|known| found == *known))
}

/// Bounds in degrees of longitude and latitude, from bounds in another system; `None` where PROJ
/// cannot carry any of their outline.
fn degrees([west, south, east, north]: [f64; 4], reference: &Reference) -> Option<[f64; 4]> {
    /// Points on each side: sides bend when they are carried.
    const SIDE: u32 = 16;
    let wgs84 = Reference::wgs84().ok()?;
    if reference.is_same(&wgs84) {
        return Some([west, south, east, north]);
    }
    let along = |from: f64, to: f64, k: u32| from + (to - from) * f64::from(k) / f64::from(SIDE);
    let outline: Vec<[f64; 2]> = (0..=SIDE)
        .flat_map(|k| {
            let (x, y) = (along(west, east, k), along(south, north, k));
            [[x, south], [x, north], [west, y], [east, y]]
        })
        .collect();
    let carried = Carrier::new(reference, &wgs84).ok()?.carry(&outline);
    bounds(carried.into_iter().flatten())
}

/// The smallest upright rectangle about some points: west, south, east, north.
fn bounds(points: impl Iterator<Item = [f64; 2]>) -> Option<[f64; 4]> {
    let points = points.filter(|[x, y]| x.is_finite() && y.is_finite());
    points
        .map(|[x, y]| [x, y, x, y])
        .reduce(|a, b| [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
}
