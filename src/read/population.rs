//! Population rasters: opened, understood, and read by windows through GDAL.
//!
//! A raster is refused where its numbers cannot be people: colors and classes, complex numbers, no
//! place on earth, a turned grid. It is never warped or resampled. Scale, offset, masks and nodata
//! values are applied as declared; a nodata value that nobody declared does not exist.

use super::drivers::DatasetType;
use super::place::{Place, Remote};
use super::vector::no_layer;
use super::{gdal_says, stem};
use crate::error::{Large, ReadError, with_names};
use crate::index::{Blocks, Cells, Reader, Units};
use crate::measure::{CellSurfaces, Fixed, Frame, Reference};
use crate::model::{
    CellState, Grid, Measure, NodataMeans, PopulationEntry, PopulationSource, Window,
};
use gdal::raster::{ColorInterpretation, GdalDataType, RasterBand};
use gdal::{Dataset, Metadata};
use std::fmt::Write;
use std::sync::Arc;

/// Words of names, units and metadata that say people per surface.
pub(super) const DENSITY_WORDS: [&str; 9] =
    ["density", "per km", "/km", "km-2", "km^-2", "per sq", "/sq", "persons per hectare", "/ha"];

/// So many cells are looked at together for one that is not nodata.
const PIECE: usize = 64;

/// A raster whose cells can be read, several windows at once.
#[derive(Debug, Clone)]
pub struct Raster(Arc<Layer>);

/// What its readers share.
#[derive(Debug)]
struct Layer {
    place: Place,
    subdataset: Option<String>,
    remote: Remote,
    size: (usize, usize),
    units: Units,
    block_bytes: u64,
    samples: Vec<Sample>,
    nodata_means: NodataMeans,
    clamp_below: f64,
    /// The surfaces that turn people per km² into people.
    density: Option<CellSurfaces>,
}

/// One sample (raster band) and how its numbers become people.
#[derive(Debug, Clone)]
struct Sample {
    number: usize,
    single_precision: bool,
    /// The values that stand for no data: that of the file, and those that the scenario adds.
    nodata: Vec<f64>,
    masked: bool,
    scale: f64,
    offset: f64,
}

/// Opens a population layer: what the scenario needs to know of it, and the way to its cells.
///
/// # Errors
///
/// If the file cannot be opened, or cannot be a grid of people.
pub fn population(
    entry: &PopulationEntry,
    place: &Place,
    remote: Remote,
) -> Result<(PopulationSource, Raster), ReadError> {
    let written = &place.written;
    let opened = Opened::new(entry.layer.as_deref(), place, remote)?;
    let dataset = &opened.dataset;
    let frame = frame(dataset, written)?;
    let reference = reference(dataset, written)?;
    let samples = sample_numbers(dataset, entry, written)?;
    let surfaces = CellSurfaces::of(frame, &reference)
        .map_err(|error| ReadError::unusable(written, error.to_string()))?;
    let measure = measure(dataset, entry, written)?;
    let density = (measure == Measure::Density).then(|| surfaces.clone());
    let raster = opened.raster(entry, &samples, density)?;
    let source = PopulationSource {
        name: entry.name.clone().unwrap_or_else(|| stem(written)),
        path: written.clone(),
        grid: Grid { frame, reference },
        surfaces,
        nodata: entry.nodata.clone().map_or_else(Vec::new, |values| values.0),
        nodata_means: entry.nodata_means.unwrap_or_default(),
        nodata_means_declared: entry.nodata_means.is_some(),
    };
    Ok((source, raster))
}

/// A raster file that is open.
pub(super) struct Opened {
    pub(super) dataset: Dataset,
    place: Place,
    subdataset: Option<String>,
    remote: Remote,
}

impl Opened {
    /// Opens the raster, or the subdataset that `layer` names.
    pub(super) fn new(
        layer: Option<&str>,
        place: &Place,
        remote: Remote,
    ) -> Result<Self, ReadError> {
        let (dataset, subdataset) = open(place, layer, remote)?;
        Ok(Self { dataset, place: place.clone(), subdataset, remote })
    }

    /// The way to the people of some samples, added up; with surfaces they are people per km².
    pub(super) fn raster(
        &self,
        entry: &PopulationEntry,
        numbers: &[usize],
        density: Option<CellSurfaces>,
    ) -> Result<Raster, ReadError> {
        let written = &self.place.written;
        let mut samples = Vec::with_capacity(numbers.len());
        for number in numbers {
            samples.push(sample(&self.dataset, *number, entry, written)?);
        }
        let block = self.dataset.rasterband(numbers.first().copied().unwrap_or(1));
        let block = block.map_err(|error| ReadError::unusable(written, error.to_string()))?;
        let size = self.dataset.raster_size();
        Ok(Raster(Arc::new(Layer {
            place: self.place.clone(),
            subdataset: self.subdataset.clone(),
            remote: self.remote,
            size,
            units: Units::for_blocks(block.block_size(), size.0),
            block_bytes: block_bytes(block.block_size()),
            nodata_means: entry.nodata_means.unwrap_or_default(),
            clamp_below: entry.clamp_below.unwrap_or(0.0),
            density,
            samples,
        })))
    }
}

/// What a decoded block takes at most.
fn block_bytes((width, height): (usize, usize)) -> u64 {
    (width as u64).saturating_mul(height as u64).saturating_mul(8)
}

/// Opens the raster, or the subdataset that `layer` names.
fn open(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<(Dataset, Option<String>), ReadError> {
    let written = &place.written;
    let dataset = place.open(DatasetType::Raster, &[], remote)?;
    let names = subdatasets(&dataset);
    if let Some(layer) = layer {
        let name = names.iter().find(|name| name.rsplit([':', '/']).next() == Some(layer));
        let Some(name) = name else {
            return Err(no_layer(layer, &names, written));
        };
        let inner = place.within(name).open(DatasetType::Raster, &[], remote)?;
        return Ok((inner, Some(name.clone())));
    }
    if dataset.raster_count() > 0 {
        return Ok((dataset, None));
    }
    if names.is_empty() {
        return Err(ReadError::unusable_hint(
            written,
            "not a raster: it holds no samples",
            "areas are given with `--areas`, sites with `--sites`, or under their heads in a scenario",
        ));
    }
    Err(ReadError::unusable_hint(
        written,
        format!("it holds {} rasters: {}", names.len(), names.join(", ")),
        "name one by the last part of its name: `layer = \"…\"`",
    ))
}

/// The names of the rasters inside a file that holds several.
pub(super) fn subdatasets(dataset: &Dataset) -> Vec<String> {
    let items = dataset.metadata_domain("SUBDATASETS").unwrap_or_default();
    let names = items.iter().filter_map(|item| item.split_once('='));
    names.filter(|(key, _)| key.ends_with("_NAME")).map(|(_, name)| name.to_string()).collect()
}

/// Where the cells are; a turned grid is refused with the command that turns it.
pub(super) fn frame(dataset: &Dataset, written: &str) -> Result<Frame, ReadError> {
    let refuse = |found: &str, hint: &str| {
        Err(ReadError::unusable_hint(written, found, with_names(hint, &name_of(dataset, written))))
    };
    let Ok([x, width, turn_x, y, turn_y, height]) = dataset.geo_transform() else {
        let hint = give_corners(dataset);
        return refuse("it has no place on earth (no geotransform)", hint);
    };
    if turn_x != 0.0 || turn_y != 0.0 {
        let found = "its grid is rotated or sheared, wanted one with north up";
        return refuse(found, turn_upright(dataset));
    }
    let (cols, rows) = dataset.raster_size();
    let sound = [x, y, width, height].iter().all(|number| number.is_finite());
    if !sound || width == 0.0 || height == 0.0 || cols == 0 || rows == 0 {
        return refuse("its cells have no size", give_corners(dataset));
    }
    let frame = Frame { origin: [x, y], size: [width, height], cells: [cols, rows] };
    let reference = dataset.spatial_ref().ok().and_then(|it| Reference::from_gdal(&it).ok());
    // Without a system, or in one of other angles, it is refused for that.
    let reference = reference.filter(|reference| reference.odd_angles().is_none());
    match reference.and_then(|reference| frame.fault(&reference)) {
        None => Ok(frame),
        Some(found) => refuse(
            &found,
            "declare the system that its corners are in, by its code, in a copy: \
             `gdal_translate -a_srs EPSG:CODE IN OUT.tif`; or give a copy the corners: \
             `gdal_translate -a_ullr WEST NORTH EAST SOUTH IN OUT.tif`",
        ),
    }
}

/// What GDAL calls an open dataset, as a command takes it.
fn name_of(dataset: &Dataset, written: &str) -> String {
    dataset.description().ok().filter(|name| !name.is_empty()).unwrap_or_else(|| written.into())
}

/// How a copy gets corners, and the reference system that they are in where none is declared.
fn give_corners(dataset: &Dataset) -> &'static str {
    if system_of(dataset).is_some() {
        "give a copy its corners: `gdal_translate -a_ullr WEST NORTH EAST SOUTH IN OUT.tif`"
    } else {
        "give a copy its corners in longitude and latitude: \
         `gdal_translate -a_srs EPSG:4326 -a_ullr WEST NORTH EAST SOUTH IN OUT.tif`"
    }
}

/// How a turned grid is set upright; where a corner is beyond the turned grid there is no data.
fn turn_upright(dataset: &Dataset) -> &'static str {
    let has_nodata = dataset.rasterband(1).is_ok_and(|band| declared_nodata(&band).is_some());
    if has_nodata {
        "turn it in a copy, keeping its people: `gdalwarp -r sum IN OUT.tif` (`-r average` if it holds people per km²)"
    } else {
        "turn it in a copy, keeping its people: `gdalwarp -r sum -ot Float64 -dstnodata -99999 IN OUT.tif` \
         (`-r average` if it holds people per km²)"
    }
}

/// The reference system of a raster, if it declares one that has a place on earth.
fn system_of(dataset: &Dataset) -> Option<gdal::spatial_ref::SpatialRef> {
    dataset.spatial_ref().ok().filter(|system| system.is_geographic() || system.is_projected())
}

/// Whether all corners are what longitude and latitude may be.
fn may_be_degrees(dataset: &Dataset) -> bool {
    let (cols, rows) = dataset.raster_size();
    dataset.geo_transform().is_ok_and(|[x, width, _, y, _, height]| {
        let [east, south] = [x + width * cols as f64, y + height * rows as f64];
        // Half a cell may be beyond where cells are told by their centers.
        let most = 90.0 + height.abs();
        [x, east].iter().all(|at| at.abs() <= 540.0) && [y, south].iter().all(|at| at.abs() <= most)
    })
}

pub(super) fn reference(dataset: &Dataset, written: &str) -> Result<Reference, ReadError> {
    let name = name_of(dataset, written);
    let Some(system) = system_of(dataset) else {
        let hint = if may_be_degrees(dataset) {
            "declare it in a copy; if its corners are longitude and latitude: \
             `gdal_translate -a_srs EPSG:4326 IN OUT.tif`"
        } else {
            "declare the system that its corners are in, by its code, in a copy: \
             `gdal_translate -a_srs EPSG:CODE IN OUT.tif`"
        };
        return Err(ReadError::unusable_hint(
            written,
            "no reference system is declared, so nobody knows where its cells are",
            with_names(hint, &name),
        ));
    };
    let reference = Reference::from_gdal(&system)
        .map_err(|error| ReadError::unusable(written, error.to_string()))?;
    super::grid_in_degrees(&reference, written)?;
    Ok(reference)
}

/// The samples that hold people: those named, or the only one.
pub(super) fn sample_numbers(
    dataset: &Dataset,
    entry: &PopulationEntry,
    written: &str,
) -> Result<Vec<usize>, ReadError> {
    let count = dataset.raster_count();
    if let Some(named) = &entry.samples {
        return match named.iter().find(|number| **number > count) {
            None => Ok(named.clone()),
            Some(beyond) => {
                let found = format!("no sample {beyond}; it has {count}");
                let hint = "samples count from 1: `samples = [1]`";
                Err(ReadError::unusable_hint(written, found, hint))
            }
        };
    }
    // A last sample that says how opaque a cell is holds no people.
    let is_alpha = |number: &usize| {
        dataset
            .rasterband(*number)
            .is_ok_and(|band| band.color_interpretation() == ColorInterpretation::AlphaBand)
    };
    let people: Vec<usize> = (1..=count).filter(|number| !is_alpha(number)).collect();
    if people.len() == 1 {
        return Ok(people);
    }
    let first = people.first().and_then(|number| dataset.rasterband(*number).ok());
    if let Some(found) = first.as_ref().and_then(not_people) {
        return Err(no_people(written, 1, found));
    }
    let name = |number: &usize| {
        let band = dataset.rasterband(*number).ok();
        let text = band.and_then(|band| band.description().ok()).unwrap_or_default();
        if text.is_empty() { number.to_string() } else { format!("{number} ({text})") }
    };
    let names: Vec<String> = people.iter().take(40).map(name).collect();
    Err(ReadError::unusable_hint(
        written,
        format!("it has {} samples: {}", people.len(), names.join(", ")),
        "name those that hold people (they are added up): `samples = [1]`",
    ))
}

/// One sample, if its numbers can be people.
fn sample(
    dataset: &Dataset,
    number: usize,
    entry: &PopulationEntry,
    written: &str,
) -> Result<Sample, ReadError> {
    let band = dataset
        .rasterband(number)
        .map_err(|error| ReadError::unusable(written, format!("sample {number}: {error}")))?;
    if let Some(found) = not_people(&band) {
        return Err(no_people(written, number, found));
    }
    let flags = band.mask_flags().ok();
    let masked = flags.is_some_and(|flags| {
        (flags.is_per_dataset() || flags.is_alpha()) && !flags.is_all_valid() && !flags.is_nodata()
    });
    Ok(Sample {
        number,
        single_precision: band.band_type() == GdalDataType::Float32,
        nodata: nodata_values(entry, &band),
        masked,
        scale: band.scale().unwrap_or(1.0),
        offset: band.offset().unwrap_or(0.0),
    })
}

/// The values of a sample that stand for no data: what the scenario declares is added to what the file declares.
fn nodata_values(entry: &PopulationEntry, band: &RasterBand) -> Vec<f64> {
    let mut values: Vec<f64> = declared_nodata(band).into_iter().collect();
    for more in entry.nodata.iter().flat_map(|values| &values.0) {
        if !values.contains(more) {
            values.push(*more);
        }
    }
    values
}

/// A sample whose numbers cannot be people.
fn no_people(written: &str, number: usize, found: &str) -> ReadError {
    ReadError::unusable_hint(
        written,
        format!("sample {number} {found}"),
        "give the raster of people itself, not a picture or a classification made of it",
    )
}

/// Why the numbers of a sample cannot be people, if they cannot.
pub(super) fn not_people(band: &RasterBand) -> Option<&'static str> {
    use ColorInterpretation as Color;
    match band.color_interpretation() {
        Color::PaletteIndex => {
            return Some("holds colors or classes (a palette), wanted numbers of people");
        }
        Color::RedBand | Color::GreenBand | Color::BlueBand => {
            return Some("is part of a picture, wanted numbers of people");
        }
        _ => {}
    }
    if band.color_table().is_some() {
        return Some("holds classes (it has a color table), wanted numbers of people");
    }
    (band.band_type() == GdalDataType::Unknown)
        .then_some("holds complex numbers, wanted numbers of people")
}

pub(super) fn declared_nodata(band: &RasterBand) -> Option<f64> {
    match band.band_type() {
        GdalDataType::Int64 => band.no_data_value_i64().map(|value| value as f64),
        GdalDataType::UInt64 => band.no_data_value_u64().map(|value| value as f64),
        _ => band.no_data_value(),
    }
}

/// Count or density: as declared; undeclared only where nothing says density.
fn measure(
    dataset: &Dataset,
    entry: &PopulationEntry,
    written: &str,
) -> Result<Measure, ReadError> {
    if let Some(declared) = entry.measure {
        return Ok(declared);
    }
    match words_of(dataset, written).iter().find(|(_, text)| speaks_of_density(text)) {
        None => Ok(Measure::Count),
        Some((what, text)) => Err(ReadError::unusable_hint(
            written,
            format!("{what} speaks of a density (\"{}\") and `measure` is not given", text.trim()),
            "say which: `measure = \"density\"` for people per km², or `measure = \"count\"`",
        )),
    }
}

/// What a raster says of itself: its name, its metadata, the units and names of its samples.
pub(super) fn words_of(dataset: &Dataset, written: &str) -> Vec<(&'static str, String)> {
    let mut texts = vec![("its name", stem(written))];
    texts.extend(
        dataset.metadata_domain("").unwrap_or_default().into_iter().map(|t| ("its metadata", t)),
    );
    for number in 1..=dataset.raster_count() {
        if let Ok(band) = dataset.rasterband(number) {
            texts.push(("its unit", band.unit()));
            texts.push(("the name of a sample", band.description().unwrap_or_default()));
        }
    }
    texts
}

/// Whether a text speaks of people per surface.
fn speaks_of_density(text: &str) -> bool {
    let text = text.to_lowercase();
    DENSITY_WORDS.iter().any(|word| text.contains(word))
}

impl Blocks for Raster {
    fn size(&self) -> (usize, usize) {
        self.0.size
    }

    fn units(&self) -> Units {
        self.0.units
    }

    fn name(&self) -> String {
        self.0.place.written.clone()
    }

    fn block_bytes(&self) -> u64 {
        self.0.block_bytes
    }

    fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        let place = match &self.0.subdataset {
            None => &self.0.place,
            Some(name) => &self.0.place.within(name),
        };
        // GDAL decodes a whole block, which is then read as numbers.
        let (Units { width, height }, budget) = (self.units(), place.budget.bytes);
        let cells = (width as u64).saturating_mul(height as u64);
        let needed = self.0.block_bytes.saturating_add(cells.saturating_mul(8));
        if needed > budget {
            let (path, what) = (place.written.clone(), Large::Blocks(cells));
            return Err(ReadError::TooLarge { path, what, needed, budget });
        }
        let dataset = place.open(DatasetType::Raster, &[], self.0.remote)?;
        let (values, mask, other) = (Values::default(), Vec::new(), Cells::default());
        Ok(Box::new(Worker { raster: Arc::clone(&self.0), dataset, values, mask, other }))
    }

    fn reading(&self) -> String {
        let mut text = format!("clamp_below={}", self.0.clamp_below);
        if let Some(subdataset) = &self.0.subdataset {
            let _infallible = write!(text, " layer={subdataset}");
        }
        if self.0.density.is_some() {
            text.push_str(" measure=density");
        }
        // What is missing in one of several samples is missing in their sum, or not.
        if self.0.samples.len() > 1 {
            let _infallible = write!(text, " nodata_means={}", self.0.nodata_means.name());
        }
        for Sample { number, nodata, masked, scale, offset, .. } in &self.0.samples {
            let nodata: Vec<String> = nodata.iter().map(ToString::to_string).collect();
            let nodata = if nodata.is_empty() { "none".into() } else { nodata.join(",") };
            let _infallible = write!(
                text,
                " sample={number} nodata={nodata} masked={masked} scale={scale} offset={offset}"
            );
        }
        text
    }
}

/// One worker's handle on the raster, with its buffers.
struct Worker {
    raster: Arc<Layer>,
    dataset: Dataset,
    values: Values,
    mask: Vec<u8>,
    other: Cells,
}

/// Numbers as the file has them: of single precision, or wider ones.
#[derive(Default)]
struct Values {
    single: Vec<f32>,
    double: Vec<f64>,
}

impl Reader for Worker {
    fn read(&mut self, window: Window, cells: &mut Cells) -> Result<(), ReadError> {
        let raster = Arc::clone(&self.raster);
        for (place, sample) in raster.samples.iter().enumerate() {
            self.fill(sample, window).map_err(|error| {
                let (row, col) = (window.rows.0, window.cols.0);
                let says = gdal_says(&error);
                let found = format!("cannot be decoded at row {row}, column {col}{says}");
                let hint = "it may be damaged or cut short: fetch or write it again";
                ReadError::unusable_hint(&self.raster.place.written, found, hint)
            })?;
            if place == 0 {
                self.tell(sample, window, cells);
            } else {
                let mut other = std::mem::take(&mut self.other);
                self.tell(sample, window, &mut other);
                cells.add(&other, self.raster.nodata_means == NodataMeans::Zero);
                self.other = other;
            }
        }
        Ok(())
    }
}

impl Worker {
    /// Reads the numbers of a window, and its mask if there is one.
    fn fill(&mut self, sample: &Sample, window: Window) -> gdal::errors::Result<()> {
        let size = (window.width(), window.height());
        let corner = (window.cols.0.cast_signed(), window.rows.0.cast_signed());
        let band = self.dataset.rasterband(sample.number)?;
        if sample.single_precision {
            self.values.single.resize(size.0 * size.1, 0.0);
            band.read_into_slice(corner, size, size, &mut self.values.single, None)?;
        } else {
            self.values.double.resize(size.0 * size.1, 0.0);
            band.read_into_slice(corner, size, size, &mut self.values.double, None)?;
        }
        self.mask.clear();
        if sample.masked {
            self.mask.resize(size.0 * size.1, 0);
            band.open_mask_band()?.read_into_slice(corner, size, size, &mut self.mask, None)?;
        }
        Ok(())
    }

    /// What the numbers read last mean.
    fn tell(&self, sample: &Sample, window: Window, cells: &mut Cells) {
        cells.clear(window.width() * window.height());
        if sample.single_precision {
            // Most cells of most rasters hold the nodata value.
            let nodata: Vec<f32> = sample.nodata.iter().map(|nodata| *nodata as f32).collect();
            let are_all = |raws: &[f32]| nodata.iter().any(|of| raws.iter().all(|raw| raw == of));
            let is_plain = self.mask.is_empty();
            for (piece, raws) in self.values.single.chunks(PIECE).enumerate() {
                if is_plain && are_all(raws) {
                    cells.push_nodata(raws.len());
                    continue;
                }
                for (place, raw) in raws.iter().enumerate() {
                    let place = piece * PIECE + place;
                    self.tell_one(sample, window, (place, f64::from(*raw)), cells);
                }
            }
        } else {
            for (place, raw) in self.values.double.iter().enumerate() {
                self.tell_one(sample, window, (place, *raw), cells);
            }
        }
    }

    /// What one number means.
    fn tell_one(
        &self,
        sample: &Sample,
        window: Window,
        (place, raw): (usize, f64),
        cells: &mut Cells,
    ) {
        if self.mask.get(place) == Some(&0) || sample.is_nodata(raw) {
            return cells.push_nodata(1);
        }
        let width = window.width().max(1);
        let km2 = self.raster.density.as_ref().map_or(1.0, |surfaces| {
            surfaces.cell_km2(window.rows.0 + place / width, window.cols.0 + place % width)
        });
        match sample.people(raw, km2, self.raster.clamp_below) {
            Ok(people) => cells.push_people(people),
            Err(state) => cells.push(state),
        }
    }
}

impl Sample {
    fn is_nodata(&self, raw: f64) -> bool {
        self.nodata.iter().any(|nodata| {
            // A declared value goes through text; the cells hold what single precision made of it.
            let same_single = self.single_precision && raw as f32 == *nodata as f32;
            raw == *nodata || same_single || (raw.is_nan() && nodata.is_nan())
        })
    }

    /// The people that a number tells which is not nodata, in a cell of so many km² (1 for counts).
    fn people(&self, raw: f64, km2: f64, clamp_below: f64) -> Result<Fixed, CellState> {
        if raw.is_nan() {
            return Err(CellState::Unknown);
        }
        let value = raw * self.scale + self.offset;
        let people = if value.abs() < clamp_below { 0.0 } else { value * km2 };
        let fixed = Fixed::from_people(people).filter(|_| people >= 0.0);
        fixed.ok_or(CellState::Faulty(raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(nodata: Option<f64>) -> Sample {
        let nodata = nodata.into_iter().collect();
        Sample { number: 1, single_precision: true, nodata, masked: false, scale: 1.0, offset: 0.0 }
    }

    #[test]
    fn nodata_is_what_was_declared_and_nothing_else() {
        let declared = plain(Some(-3.402_823_000_1e38));
        assert!(declared.is_nodata(f64::from(-3.402_823e38_f32)));
        assert!(!declared.is_nodata(-99999.0));
        assert!(!plain(None).is_nodata(f64::NAN));
        assert!(plain(Some(f64::NAN)).is_nodata(f64::NAN));
    }

    #[test]
    fn negative_and_endless_numbers_are_faulty_and_nan_is_unknown() {
        let sample = plain(None);
        assert_eq!(sample.people(-99999.0, 1.0, 0.0), Err(CellState::Faulty(-99999.0)));
        assert_eq!(sample.people(f64::INFINITY, 1.0, 0.0), Err(CellState::Faulty(f64::INFINITY)));
        assert_eq!(sample.people(1e11, 1.0, 0.0), Err(CellState::Faulty(1e11)));
        assert_eq!(sample.people(f64::NAN, 1.0, 0.0), Err(CellState::Unknown));
    }

    #[test]
    fn a_clamp_takes_noise_around_zero_and_nothing_larger() {
        let sample = plain(None);
        assert_eq!(sample.people(-1e-4, 1.0, 1e-3), Ok(Fixed(0)));
        assert_eq!(sample.people(-1.0, 1.0, 1e-3), Err(CellState::Faulty(-1.0)));
    }

    #[test]
    fn scale_and_offset_are_applied_and_a_density_takes_its_surface() {
        let sample = Sample { scale: 0.1, offset: 2.0, ..plain(None) };
        assert_eq!(sample.people(30.0, 1.0, 0.0), Ok(Fixed(5 << 28)));
        assert_eq!(sample.people(30.0, 0.5, 0.0), Ok(Fixed(5 << 27)));
    }
}
