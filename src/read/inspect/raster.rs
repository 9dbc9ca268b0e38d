//! The facts of a raster: where its cells are, what its samples hold, what its numbers may mean.

use super::super::drivers::DatasetType;
use super::stated::{Said, Stated, years};
use super::{bounds, degrees};
use crate::error::ReadError;
use crate::measure::{Carrier, CellSurfaces, Frame, Reference};
use crate::model::{Measure, PopulationEntry};
use crate::read::population::{
    DENSITY_WORDS, Opened, Raster, declared_nodata, frame, not_people, reference, sample_numbers,
    subdatasets, words_of,
};
use crate::read::{Place, Remote};
use gdal::raster::RasterBand;
use gdal::{Dataset, Metadata};
use geo::{Distance, Geodesic, Point};

/// Words that say people in each cell.
const COUNT_WORDS: [&str; 7] =
    ["count", "ppp", "per pixel", "per cell", "/pixel", "/cell", "inhabitants per grid"];

/// Words of densities that are not per km².
const OTHER_SURFACES: [&str; 4] = ["hectare", "/ha", "per sq mi", "/sq mi"];

/// At most so many rasters inside of one file, or samples of one raster, are looked at one by one.
const MOST: usize = 24;

/// What is known of a raster.
#[derive(Debug)]
pub struct RasterFacts {
    /// Its path, as written.
    pub path: String,
    /// The keys it was asked for with; `layer` is set for a raster among several in one file.
    pub entry: PopulationEntry,
    /// Its format, as GDAL calls it.
    pub format: String,
    /// Columns and rows.
    pub size: [usize; 2],
    /// Its samples, in order.
    pub samples: Vec<SampleFacts>,
    /// Its reference system, if it declares one that has a place on earth.
    pub reference: Option<Reference>,
    /// Where its cells are; `None` without an upright grid.
    pub cells: Option<CellFacts>,
    /// The surfaces of its cells, if they have a place on earth.
    pub surfaces: Option<CellSurfaces>,
    /// Whether its values are counts or densities.
    pub measure: MeasureFacts,
    /// The year it speaks of, where its name and metadata name one alone.
    pub year: Option<Said<i64>>,
    /// All years that its name and metadata name.
    pub years: Vec<i64>,
    /// What it states about where it comes from.
    pub stated: Stated,
    /// How its file compresses, if it does.
    pub compression: Option<String>,
    /// Ways to its people: each with what its values are taken for.
    pub readings: Vec<Reading>,
    /// What keeps it from being used, one by one, with the way out.
    pub refused: Vec<ReadError>,
    /// Which samples hold people must be decided: why.
    pub undecided: Option<ReadError>,
}

/// One sample.
#[derive(Debug, Clone)]
pub struct SampleFacts {
    /// Its number, from 1.
    pub number: usize,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The type of its numbers, as GDAL calls it.
    pub kind: String,
    /// The nodata value that the file declares.
    pub nodata: Option<f64>,
    /// Whether a mask says which cells hold a value.
    pub masked: bool,
    /// The unit it declares.
    pub unit: Option<String>,
    /// Columns and rows of a block.
    pub block: (usize, usize),
}

/// Where cells are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CellFacts {
    /// West, south, east, north of the grid in its own units.
    pub bounds: [f64; 4],
    /// The same in degrees of longitude and latitude.
    pub degrees: Option<[f64; 4]>,
    /// Width and height of a cell in its own units.
    pub size: [f64; 2],
    /// Width and height in meters on the ground of the cell in the middle of the grid.
    pub ground_m: Option<[f64; 2]>,
}

/// Whether values are counts or densities, and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MeasureFacts {
    /// The key `measure` says so.
    Given(Measure),
    /// The file speaks of it: where, and in which word.
    Speaks(Measure, &'static str, &'static str),
    /// It speaks of people per another surface than km².
    OtherSurface(&'static str, &'static str),
    /// Nothing says so.
    NotSaid,
}

/// A way to the people of a raster.
#[derive(Debug)]
pub struct Reading {
    /// What its values are taken for.
    pub measure: Measure,
    /// The samples that are added up.
    pub samples: Vec<usize>,
    /// Its cells.
    pub raster: Raster,
}

/// Inspects a raster, or each raster inside a file that holds several if no `layer` is named.
///
/// # Errors
///
/// If it cannot be opened as a raster.
pub fn raster(
    entry: &PopulationEntry,
    place: &Place,
    remote: Remote,
) -> Result<Vec<RasterFacts>, ReadError> {
    let whole = place.open(DatasetType::Raster, &[], remote)?;
    let inside = subdatasets(&whole);
    if entry.layer.is_some() || whole.raster_count() > 0 || inside.is_empty() {
        let opened = Opened::new(entry.layer.as_deref(), place, remote)?;
        return Ok(vec![facts(entry, place, &opened)]);
    }
    let layers = inside.iter().take(MOST).map(|name| {
        let layer = name.rsplit([':', '/']).next().unwrap_or(name);
        let entry = PopulationEntry { layer: Some(layer.to_string()), ..entry.clone() };
        let opened = Opened::new(entry.layer.as_deref(), place, remote)?;
        Ok(facts(&entry, place, &opened))
    });
    layers.collect()
}

fn facts(entry: &PopulationEntry, place: &Place, opened: &Opened) -> RasterFacts {
    let (dataset, written) = (&opened.dataset, &place.written);
    let mut refused = Vec::new();
    let frame = frame(dataset, written).map_err(|error| refused.push(error)).ok();
    let reference = reference(dataset, written).map_err(|error| refused.push(error)).ok();
    let words = words_of(dataset, written);
    let measure = measure(entry, &words);
    let surfaces = frame.zip(reference.as_ref());
    let surfaces = surfaces.and_then(|(frame, reference)| {
        let refuse = |error: crate::measure::ReferenceError| {
            refused.push(ReadError::unusable(written, error.to_string()));
        };
        CellSurfaces::of(frame, reference).map_err(refuse).ok()
    });
    let mut readings = Vec::new();
    let (samples, undecided) = match sample_numbers(dataset, entry, written) {
        Ok(numbers) => (vec![numbers], None),
        // Each of several is looked at by itself.
        Err(error) if entry.samples.is_none() && may_be_people(dataset) => {
            let each = 1..=dataset.raster_count().min(MOST);
            (each.map(|number| vec![number]).collect(), Some(error))
        }
        Err(error) => {
            refused.push(error);
            (Vec::new(), None)
        }
    };
    for samples in samples {
        for measure in readings_of(&measure) {
            let density = match measure {
                Measure::Count => None,
                Measure::Density if surfaces.is_none() => continue,
                Measure::Density => surfaces.clone(),
            };
            match opened.raster(entry, &samples, density) {
                Ok(raster) => readings.push(Reading { measure, samples: samples.clone(), raster }),
                Err(error) => refused.push(error),
            }
        }
    }
    refused.dedup_by_key(|error| error.to_string());
    let names: Vec<i64> = words.iter().flat_map(|(_, text)| named_years(text)).collect();
    let years = sorted(names);
    let by = words.iter().find(|(_, text)| !named_years(text).is_empty());
    let year = match (&years[..], by) {
        ([year], Some((by, _))) => Some(Said { value: *year, by: (*by).to_string() }),
        _ => None,
    };
    let (cols, rows) = dataset.raster_size();
    let cells = frame.map(|frame| cell_facts(frame, reference.as_ref()));
    RasterFacts {
        path: written.clone(),
        entry: entry.clone(),
        format: dataset.driver().long_name(),
        size: [cols, rows],
        samples: (1..=dataset.raster_count()).filter_map(|n| sample_facts(dataset, n)).collect(),
        reference,
        cells,
        surfaces,
        measure,
        year,
        years,
        stated: Stated::of_dataset(dataset),
        compression: dataset.metadata_item("COMPRESSION", "IMAGE_STRUCTURE"),
        readings,
        refused,
        undecided,
    }
}

fn sorted(mut years: Vec<i64>) -> Vec<i64> {
    years.sort_unstable();
    years.dedup();
    years
}

/// The years a text names; times of writing and versions of software name none of the population.
fn named_years(text: &str) -> Vec<i64> {
    match text.split_once('=') {
        Some((key, value)) if key.to_lowercase().contains("year") => years(value),
        Some(_) => Vec::new(),
        None => years(text),
    }
}

/// Whether the first sample may hold people, as far as its kind tells.
fn may_be_people(dataset: &Dataset) -> bool {
    dataset.rasterband(1).is_ok_and(|band| not_people(&band).is_none())
}

/// What values may be taken for: both where nothing says which.
fn readings_of(measure: &MeasureFacts) -> Vec<Measure> {
    match measure {
        MeasureFacts::Given(measure) | MeasureFacts::Speaks(measure, ..) => vec![*measure],
        MeasureFacts::OtherSurface(..) => Vec::new(),
        MeasureFacts::NotSaid => vec![Measure::Count, Measure::Density],
    }
}

fn measure(entry: &PopulationEntry, words: &[(&'static str, String)]) -> MeasureFacts {
    if let Some(given) = entry.measure {
        return MeasureFacts::Given(given);
    }
    let find = |of: &'static [&'static str], says: fn(&str, &str) -> bool| {
        words.iter().find_map(|(what, text)| {
            let text = text.to_lowercase();
            let word = of.iter().find(|word| says(&text, word))?;
            Some((*what, *word))
        })
    };
    let anywhere = |text: &str, word: &str| text.contains(word);
    if let Some((what, word)) = find(&OTHER_SURFACES, stands_alone) {
        return MeasureFacts::OtherSurface(what, word);
    }
    if let Some((what, word)) = find(&DENSITY_WORDS, anywhere) {
        return MeasureFacts::Speaks(Measure::Density, what, word);
    }
    match find(&COUNT_WORDS, stands_alone) {
        Some((what, word)) => MeasureFacts::Speaks(Measure::Count, what, word),
        None => MeasureFacts::NotSaid,
    }
}

/// Whether a word stands in a text by itself or in the plural: `count`, `counts`, and not `country`.
fn stands_alone(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + word.len()..).unwrap_or_default();
        let after = after.strip_prefix('s').unwrap_or(after).chars().next();
        // A sign such as the one in `people/pixel` stands by itself wherever it is.
        let begins = !is_letter(word.chars().next()) || !is_letter(before);
        begins && !is_letter(after)
    })
}

fn sample_facts(dataset: &Dataset, number: usize) -> Option<SampleFacts> {
    let band = dataset.rasterband(number).ok()?;
    let full = |text: String| (!text.trim().is_empty()).then(|| text.trim().to_string());
    Some(SampleFacts {
        number,
        name: band.description().ok().and_then(full),
        kind: band.band_type().to_string(),
        nodata: declared_nodata(&band),
        masked: is_masked(&band),
        unit: full(band.unit()),
        block: band.block_size(),
    })
}

fn is_masked(band: &RasterBand) -> bool {
    band.mask_flags().is_ok_and(|flags| flags.is_per_dataset() || flags.is_alpha())
}

fn cell_facts(frame: Frame, reference: Option<&Reference>) -> CellFacts {
    let [cols, rows] = frame.cells.map(|count| count as f64);
    let plane = |col: f64, row: f64| {
        [frame.origin[0] + col * frame.size[0], frame.origin[1] + row * frame.size[1]]
    };
    let bounds = bounds([plane(0.0, 0.0), plane(cols, rows)].into_iter()).unwrap_or_default();
    let (col, row) = (cols / 2.0, rows / 2.0);
    let sides = [
        plane(col - 0.5, row),
        plane(col + 0.5, row),
        plane(col, row - 0.5),
        plane(col, row + 0.5),
    ];
    CellFacts {
        bounds,
        degrees: reference.and_then(|reference| degrees(bounds, reference)),
        size: frame.size.map(f64::abs),
        ground_m: reference.and_then(|reference| ground_m(sides, reference)),
    }
}

/// Meters on the ground between the middles of the west and east side, and of the north and south
/// side, of a cell.
fn ground_m(sides: [[f64; 2]; 4], reference: &Reference) -> Option<[f64; 2]> {
    let carried = Carrier::new(reference, &Reference::wgs84().ok()?).ok()?.carry(&sides);
    let points: Option<Vec<Point>> =
        carried.into_iter().map(|point| point.map(|[x, y]| Point::new(x, y))).collect();
    let points = points?;
    let between = |one: usize, other: usize| {
        Some(Geodesic.distance(*points.get(one)?, *points.get(other)?)).filter(|m| m.is_finite())
    };
    Some([between(0, 1)?, between(2, 3)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_is_no_count() {
        for text in ["pop_count_2020", "counts", "people/cell", "wpop_ppp_2020", "total count"] {
            assert!(COUNT_WORDS.iter().any(|word| stands_alone(text, word)), "{text}");
        }
        for text in ["pop_country", "county", "account", "people_cells"] {
            assert!(!COUNT_WORDS.iter().any(|word| stands_alone(text, word)), "{text}");
        }
    }

    #[test]
    fn a_density_of_another_surface_is_not_taken_for_one_per_km2() {
        let entry = PopulationEntry::default();
        let of = |text: &str| measure(&entry, &[("its unit", text.to_string())]);
        assert_eq!(of("persons per hectare"), MeasureFacts::OtherSurface("its unit", "hectare"));
        assert_eq!(of("people/km2"), MeasureFacts::Speaks(Measure::Density, "its unit", "/km"));
        assert_eq!(of("people"), MeasureFacts::NotSaid);
    }
}
