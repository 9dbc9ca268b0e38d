//! Vector files: texts and tables by our own readers, every other format through GDAL.

use super::batches::{Batch, Opened};
use super::container::{self, Inside};
use super::drivers::DatasetType;
use super::faults::did_you_mean;
use super::features::{Drawn, Feature, Features};
use super::network::{forget_failures, has_failed as network_failed, reach};
use super::place::{Place, Remote};
use super::{archive, curves, dbf, kml, pbf};
use crate::error::{ReadError, counted, grouped, shell_quoted, with_names};
use crate::measure::Reference;
use gdal::errors::GdalError;
use gdal::vector::{
    FieldValue, Geometry, Layer, LayerAccess, OGRFieldType, OGRwkbGeometryType,
    OwnedFeatureIterator, OwnedLayer, geometry_type_flatten, geometry_type_has_m,
    geometry_type_has_z,
};
use gdal::{Dataset, Metadata};
use geo::{Geometry as Shape, GeometryCollection};
use serde_json::{Map, Number, Value};
use std::io::Read;

/// Drivers whose files tell in their heads how many features they hold. A Shapefile counts deleted rows as well, a
/// database may be edited by programs that do not count.
const COUNTED: [&str; 2] = ["FlatGeobuf", "MapInfo File"];

/// Options for tables in archives: the usual names of longitude and latitude.
const CSV_OPTIONS: [&str; 4] = [
    "X_POSSIBLE_NAMES=longitude,lon,long,lng,x",
    "Y_POSSIBLE_NAMES=latitude,lat,y",
    "KEEP_GEOM_COLUMNS=NO",
    "AUTODETECT_TYPE=YES",
];

/// The first bytes of a .shp or .shx.
const SHAPE_MARK: [u8; 4] = 9994_u32.to_be_bytes();

/// A batch is full with so many vertices, features or bytes.
const BATCH: (u64, usize, u64) = (1 << 14, 512, 4 << 20);

/// Opens a vector file of which no feature need have a place.
pub(super) fn open_placeless(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<Opened, ReadError> {
    if is_table(place) {
        return super::table::open(place, layer).map(Opened::from);
    }
    open(place, layer, remote).map(Opened::placeless)
}

/// Opens a vector file, or the one that is meant in a folder or an archive: GeoJSON, KML and tables by our own
/// readers, all else through GDAL.
pub(super) fn open(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<Opened, ReadError> {
    super::whole::refuse_irregular(&place.written, &place.resolved)?;
    let (opened, remark) = match container::inside(place, layer)? {
        Some(Inside { place, layer, remark }) => (opened(&place, layer.as_deref(), remote), remark),
        None => (opened(place, layer, remote), None),
    };
    let mut opened = opened?.within(place);
    opened.remark = joined(remark, opened.remark);
    // Whatever its format says, meters are no degrees.
    if opened.is_projected()? {
        opened.reference = None;
    }
    match (place.declared()?, &opened.reference) {
        (Some(declared), Some(own)) if !declared.is_same(own) => {
            return Err(place.declares_another(&declared, own));
        }
        (declared @ Some(_), None) => opened.reference = declared,
        _ => {}
    }
    Ok(opened)
}

/// Two remarks as one.
fn joined(one: Option<String>, other: Option<String>) -> Option<String> {
    let both: Vec<String> = one.into_iter().chain(other).collect();
    (!both.is_empty()).then(|| both.join("; "))
}

fn opened(place: &Place, layer: Option<&str>, remote: Remote) -> Result<Opened, ReadError> {
    if is_geojson(place) {
        return super::geojson::open(place, layer);
    }
    if is_table(place) {
        return super::table::open(place, layer)?.placed().map(Opened::from);
    }
    let is_plain_xml = place.ends("osm");
    if pbf::is_extract(place) && !(is_plain_xml && layer.is_some()) {
        let hint = if place.ends("bz2") || place.ends("gz") {
            let unpack = if place.ends("gz") { "gunzip" } else { "bunzip2" };
            let file = shell_quoted(&place.written);
            format!(
                "unpack it (`{unpack} -k {file}`), then take its layer out: `ogr2ogr areas.gpkg IT.osm multipolygons`"
            )
        } else {
            with_names("take its layer out: `ogr2ogr OUT.gpkg IN multipolygons`", &place.written)
        };
        let found = "an extract of OpenStreetMap is read as sites, wanted a layer of areas";
        return Err(ReadError::unusable_hint(&place.written, found, hint));
    }
    if kml::is_kml(place) {
        return kml::read(place, layer).map(Opened::from);
    }
    open_layers(place, layer, remote).map(Opened::from)
}

/// Whether a file is GeoJSON by its ending, or standard input; in an archive, too.
pub(super) fn is_geojson(place: &Place) -> bool {
    const ENDINGS: [&str; 6] = ["geojson", "json", "geojsonl", "geojsons", "ndjson", "topojson"];
    let resolved = place.resolved.to_string_lossy();
    let is_near = !resolved.starts_with("/vsi") || resolved.starts_with("/vsizip/");
    let is_near = is_near && reach(&resolved).or(reach(&place.written)).is_none();
    place.written == "-" || (is_near && ENDINGS.iter().any(|ending| place.ends(ending)))
}

/// Opens a vector file with GDAL.
pub(super) fn open_layers(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<Layers, ReadError> {
    // What is in an archive, or on another machine, only GDAL can reach.
    let is_far_table = is_called_table(place);
    let (told, remark) = dbf_encoding(place)?;
    let encoding = told.as_ref().map(|told| format!("ENCODING={}", told.encoding));
    let encoding: Vec<&str> = encoding.as_deref().into_iter().collect();
    let options: &[&str] = if is_far_table { &CSV_OPTIONS } else { &encoding };
    let dataset = place.open(DatasetType::Vector, options, remote)?;
    let every_layer = layer.is_none() && (place.ends("kml") || place.ends("kmz"));
    let chosen = choose(&dataset, layer, every_layer, &place.written)?;
    if ["GPKG", "SQLite"].contains(&dataset.driver().short_name().as_str()) {
        let names = chosen.iter().filter_map(|index| Some(dataset.layer(*index).ok()?.name()));
        for name in names {
            super::geopackage::check_layer(&place.resolved, &place.written, &name)?;
        }
    }
    let is_counted = COUNTED.contains(&dataset.driver().short_name().as_str());
    let (mut reference, mut count) = (None, 0);
    let mut columns: Vec<String> = Vec::new();
    for index in &chosen {
        let layer = dataset.layer(*index).map_err(|error| no_such(*index, &error, place))?;
        reference = reference.or_else(|| reference_of(&layer));
        // A count that is not known is negative.
        count += u64::try_from(layer.feature_count().cast_signed()).unwrap_or(0);
        for (_, name) in fields(&layer) {
            if !columns.contains(&name) {
                columns.push(name);
            }
        }
    }
    // Longitude and latitude by name are WGS 84 unless the file says otherwise.
    if is_far_table && reference.is_none() {
        reference = Reference::wgs84().ok();
    }
    Ok(Layers {
        reference,
        count,
        columns,
        place: place.clone(),
        remark: joined(told.and_then(|told| told.remark), remark),
        every_layer,
        is_counted,
        left: chosen.into_iter(),
        state: State::Between(dataset),
        read: 0,
        is_placeless: is_far_table,
    })
}

/// How the texts of a Shapefile are read, where they are beyond ASCII, and what is to be said of one that has none; of
/// any other file nothing.
///
/// # Errors
///
/// If one of its files cannot be read, or was cut off.
fn dbf_encoding(place: &Place) -> Result<(Option<dbf::Told>, Option<String>), ReadError> {
    if !(place.ends("shp") || place.ends("dbf")) || reach(&place.written).is_some() {
        return Ok((None, None));
    }
    let cut_off = |found: &str| {
        let hint =
            "fetch it again with all files that belong to it: a copy or a download was cut off";
        ReadError::unusable_hint(&place.written, found, hint)
    };
    let fail = |error: std::io::Error| {
        ReadError::unusable(&place.written, format!("its .dbf cannot be read: {error}"))
    };
    for ending in ["shp", "shx"] {
        if let Some(file) = archive::beside(place, ending)?
            && is_shape_cut_off(&file).map_err(fail)?
        {
            return Err(cut_off(&format!("its .{ending} ends before its last shape")));
        }
    }
    let Some(table) = archive::beside(place, "dbf")? else {
        let text = "its .dbf is not beside it, so its features have no names, numbers or other columns; fetch it too";
        return Ok((None, Some(text.to_string())));
    };
    if dbf::is_cut_off(&table).map_err(fail)? {
        return Err(cut_off("its .dbf ends before its last row"));
    }
    let mut cpg = Vec::new();
    if let Some(file) = archive::beside(place, "cpg")? {
        file.take(100).read_to_end(&mut cpg).map_err(fail)?;
    }
    let cpg = String::from_utf8_lossy(&cpg);
    let name = place.resolved.with_extension("cpg");
    let name = name.file_name().unwrap_or_default().to_string_lossy();
    let told = dbf::encoding(table, Some(&*cpg).filter(|cpg| !cpg.trim().is_empty()), &name)
        .map_err(fail)?;
    Ok((told, None))
}

/// Whether the shapes of a Shapefile, or their index, are shorter than their head says.
fn is_shape_cut_off(mut file: &std::fs::File) -> std::io::Result<bool> {
    let mut head = [0; 28];
    let length = file.metadata()?.len();
    // What is no such file at all is for others to tell.
    if file.read_exact(&mut head).is_err() || !head.starts_with(&SHAPE_MARK) {
        return Ok(false);
    }
    let words = u32::from_be_bytes([head[24], head[25], head[26], head[27]]);
    Ok(length < 2 * u64::from(words))
}

/// Whether a file is a table that our own reader reads: one that is neither in an archive nor on
/// another machine.
pub(super) fn is_table(place: &Place) -> bool {
    let resolved = place.resolved.to_string_lossy();
    let is_far =
        resolved.starts_with("/vsi") || reach(&resolved).or(reach(&place.written)).is_some();
    (is_called_table(place) || super::table::is_sheet(place)) && !is_far
}

/// Whether a file is a table by its ending.
fn is_called_table(place: &Place) -> bool {
    // A spreadsheet saves "Unicode text" as .txt.
    place.ends("csv") || place.ends("tsv") || place.ends("txt")
}

/// Reads all of a vector file.
pub(super) fn read(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<Features, ReadError> {
    open(place, layer, remote)?.all(&place.written)
}

/// A layer of which a part is missing.
fn cut_off(written: &str, Reading { declared, read, .. }: &Reading) -> ReadError {
    let found = if read < declared {
        format!(
            "a part of it is missing: it declares {} and {} can be read",
            counted(*declared, "feature"),
            grouped(*read)
        )
    } else {
        format!("a part of it is missing: it cannot be read beyond feature {}", grouped(*read))
    };
    let hint = "fetch it again with all files that belong to it: a copy or a download was cut off";
    ReadError::unusable_hint(written, found, hint)
}

/// Layers of a file, read feature by feature by one thread.
pub(super) struct Layers {
    /// That of the first layer that tells one.
    pub(super) reference: Option<Reference>,
    /// Features of all layers.
    pub(super) count: u64,
    /// The names of their columns, as they are met.
    pub(super) columns: Vec<String>,
    /// What is to be said of how they are read.
    pub(super) remark: Option<String>,
    place: Place,
    every_layer: bool,
    /// Whether its head tells how many features there are.
    is_counted: bool,
    /// Layers that are not begun.
    left: std::vec::IntoIter<usize>,
    state: State,
    /// Features read.
    read: u64,
    /// Whether it is a table of which no row has had a place yet.
    is_placeless: bool,
}

/// What is open.
enum State {
    Between(Dataset),
    Within(Box<Reading>),
    Done,
}

/// A layer that is being read.
struct Reading {
    features: OwnedFeatureIterator,
    /// Place and name of each column.
    fields: Vec<(usize, String)>,
    /// Its name, where all layers are read.
    name: Option<String>,
    /// How many features it declares, and how many were read.
    declared: u64,
    read: u64,
    /// Whether GDAL failed instead of coming to an end.
    has_failed: bool,
}

impl Layers {
    /// The next features; `None` behind the last.
    ///
    /// # Errors
    ///
    /// If a layer cannot be read, or no row of a table has a place.
    pub(super) fn next(&mut self) -> Result<Option<Batch>, ReadError> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(None),
                State::Between(dataset) => match self.left.next() {
                    None => {
                        self.check_places()?;
                        return Ok(None);
                    }
                    Some(index) => {
                        let layer = dataset.into_layer(index);
                        let layer = layer.map_err(|error| no_such(index, &error, &self.place))?;
                        let reading = Reading::new(layer, self.every_layer, self.is_counted);
                        self.state = State::Within(Box::new(reading));
                    }
                },
                State::Within(mut reading) => {
                    let features = reading.batch();
                    if features.is_empty() && reading.is_cut_off() {
                        return Err(cut_off(&self.place.written, &reading));
                    }
                    if features.is_empty() {
                        self.state = State::Between(reading.features.into_layer().into_dataset());
                        continue;
                    }
                    self.state = State::Within(reading);
                    return Ok(Some(self.batch(features)));
                }
            }
        }
    }

    /// The rows of a `GeoPackage` of this machine, if they can be read from the file itself.
    pub(super) fn rows(&self) -> Option<super::geopackage::Table> {
        let path = &self.place.resolved;
        let (State::Between(dataset), [index]) = (&self.state, self.left.as_slice()) else {
            return None;
        };
        if !self.place.ends("gpkg") || path.starts_with("/vsi") || !path.is_file() {
            return None;
        }
        let layer = dataset.layer(*index).ok()?;
        super::geopackage::Table::of(&self.place, &layer)
    }

    /// Its rows need no place.
    pub(super) const fn may_be_placeless(&mut self) {
        self.is_placeless = false;
    }

    fn batch(&mut self, features: Vec<Feature>) -> Batch {
        self.is_placeless &= features.iter().all(Feature::is_placeless);
        let before = self.read;
        self.read += features.len() as u64;
        Batch::Read { before, features }
    }

    /// A table needs a place in some row.
    fn check_places(&self) -> Result<(), ReadError> {
        if !self.is_placeless || self.read == 0 {
            return Ok(());
        }
        Err(no_place(&self.place.written, &self.columns))
    }
}

impl Reading {
    fn new(layer: OwnedLayer, every_layer: bool, is_counted: bool) -> Self {
        let (fields, name) = (fields(&layer), every_layer.then(|| layer.name()));
        // A count that is not known is negative.
        let count = u64::try_from(layer.feature_count().cast_signed()).unwrap_or(0);
        let declared = if is_counted { count } else { 0 };
        let features = layer.owned_features();
        Self { features, fields, name, declared, read: 0, has_failed: false }
    }

    /// Whether a layer that came to its end lacks features that it should have.
    const fn is_cut_off(&self) -> bool {
        self.has_failed || self.read < self.declared
    }

    /// Some features in the order of the layer; none behind the last.
    fn batch(&mut self) -> Vec<Feature> {
        let Self { features, fields, name, read: count, has_failed, .. } = self;
        let mut features = &mut *features;
        let (mut batch, mut vertices, mut bytes) = (Vec::new(), 0, 0);
        loop {
            forget_failures();
            let Some(feature) = features.next() else {
                *has_failed |= network_failed();
                break;
            };
            *count += 1;
            let mut properties = Map::new();
            for (place, name) in &*fields {
                properties.insert(name.clone(), json(&feature, *place));
            }
            let drawn = drawn(feature.geometry());
            let read = Feature { id: None, properties, layer: name.clone(), drawn };
            vertices += read.vertices();
            bytes += read.bytes();
            batch.push(read);
            if vertices >= BATCH.0 || batch.len() >= BATCH.1 || bytes >= BATCH.2 {
                break;
            }
        }
        batch
    }
}

/// A table whose rows have no places is meant otherwise.
pub(super) fn no_place(written: &str, columns: &[String]) -> ReadError {
    let has = columns.join(", ");
    let found = format!("no row has a longitude and a latitude; it has {has}");
    let hint = "call their columns `longitude` and `latitude` (lon and lat, x and y will do)";
    ReadError::unusable_hint(written, found, hint)
}

/// Place and name of each column of a layer that can be told in text.
fn fields(layer: &impl LayerAccess) -> Vec<(usize, String)> {
    let fields = layer.defn().fields().enumerate();
    let fields = fields.filter(|(_, field)| field.field_type() != OGRFieldType::OFTBinary);
    fields.map(|(place, field)| (place, field.name())).collect()
}

fn no_such(index: usize, error: &GdalError, place: &Place) -> ReadError {
    ReadError::unusable(&place.written, format!("layer {index}: {error}"))
}

/// The layers to read: the named one, the only one, or every one.
fn choose(
    dataset: &Dataset,
    wanted: Option<&str>,
    every_layer: bool,
    written: &str,
) -> Result<Vec<usize>, ReadError> {
    let names: Vec<String> = dataset.layers().map(|layer| layer.name()).collect();
    let all: Vec<usize> = (0..names.len()).collect();
    match (wanted, names.len()) {
        (_, 0) if dataset.driver().metadata_item("DCAP_RASTER", "").is_none() => {
            let hint = "fetch or write it again: a copy or a download may be cut off";
            Err(ReadError::unusable_hint(written, "it has no layer that can be read", hint))
        }
        (_, 0) => Err(ReadError::unusable_hint(
            written,
            "it has no vector layer",
            "a raster of people is given with `--population`, or under [[population]]",
        )),
        (Some(wanted), _) => match names.iter().position(|name| name == wanted) {
            Some(place) => Ok(vec![place]),
            None => Err(no_layer(wanted, &names, written)),
        },
        (None, 1) => Ok(all),
        (None, _) if every_layer => Ok(all),
        (None, _) => only_with_places(dataset).map(|only| vec![only]).ok_or_else(|| {
            let found = format!("it has {} layers: {}", names.len(), names.join(", "));
            let hint = "name one: `layer = \"…\"`, or `,layer=…` behind the path";
            ReadError::unusable_hint(written, found, hint)
        }),
    }
}

/// The only layer that has places, beside tables without, and beside what a GPX has none of or tells twice.
fn only_with_places(dataset: &Dataset) -> Option<usize> {
    let is_gpx = dataset.driver().short_name() == "GPX";
    let is_meant = |layer: &Layer| {
        let is_empty = || layer.feature_count() == 0 || layer.name().ends_with("_points");
        layer.defn().geometry_type() != OGRwkbGeometryType::wkbNone && !(is_gpx && is_empty())
    };
    let mut meant = dataset.layers().enumerate().filter(|(_, layer)| is_meant(layer));
    let (only, _) = meant.next()?;
    meant.next().is_none().then_some(only)
}

/// No layer of that name among those that a file has.
pub(super) fn no_layer(wanted: &str, names: &[String], written: &str) -> ReadError {
    let has = if names.is_empty() { "none".into() } else { names.join(", ") };
    let found = format!("no layer \"{wanted}\"; it has {has}");
    let near = did_you_mean(wanted, names.iter().map(String::as_str));
    let only = "leave `layer` out: its only one is taken".to_string();
    let hint = match names.len() {
        0 | 1 => near.unwrap_or(only),
        _ => near.unwrap_or_else(|| "name one of them: `layer = \"…\"`".into()),
    };
    ReadError::unusable_hint(written, found, hint)
}

fn reference_of(layer: &Layer) -> Option<Reference> {
    let system = layer.spatial_ref()?;
    // A GeoPackage names two systems by which nobody knows where anything is, and GDAL one more; a system of a
    // building site is none of the earth.
    let is_undefined = system.name().is_some_and(|name| name.starts_with("Undefined"));
    if is_undefined || system.is_local() {
        return None;
    }
    Reference::from_gdal(&system).ok()
}

/// A geometry, if there is one that is not empty.
pub(super) fn drawn(geometry: Option<&Geometry>) -> Drawn {
    match geometry {
        None => Drawn::Nothing,
        Some(geometry) if geometry.is_empty() => Drawn::Nothing,
        Some(geometry) => shape(geometry),
    }
}

/// A geometry without its heights and measures, with straight edges.
fn shape(geometry: &Geometry) -> Drawn {
    flat(geometry).map_or_else(Drawn::Unreadable, Drawn::Shape)
}

fn flat(geometry: &Geometry) -> Result<Shape<f64>, String> {
    let kind = geometry.geometry_type();
    let plain = geometry_type_flatten(kind);
    if curves::is_curved(plain) {
        return curves::straight(geometry);
    }
    if plain == OGRwkbGeometryType::wkbGeometryCollection {
        let members = (0..geometry.geometry_count()).map(|at| geometry.get_geometry(at));
        let full = members.filter(|member| !member.is_empty()).map(|member| flat(&member));
        return full
            .collect::<Result<Vec<_>, _>>()
            .map(|full| Shape::GeometryCollection(GeometryCollection(full)));
    }
    let read = if geometry_type_has_z(kind) || geometry_type_has_m(kind) {
        let mut flat = geometry.clone();
        flat.flatten_to_2d();
        flat.to_geo()
    } else {
        geometry.to_geo()
    };
    read.map_err(|_unsupported| format!("a {}, which is not read", geometry.geometry_name()))
}

/// A text as ISO 8601 if it is a time as GDAL writes it, `2026/11/22 23:00:00+00`, as formats without times keep it.
pub(super) fn as_iso(text: String) -> String {
    let is_digit = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let is_so = text.as_bytes().get(4) == Some(&b'/')
        && text.as_bytes().get(7) == Some(&b'/')
        && [0, 1, 2, 3, 5, 6, 8, 9].into_iter().all(is_digit);
    if is_so { iso_time(&text) } else { text }
}

/// A time as ISO 8601, from GDAL's `2026/11/22 23:00:00+0530`; without an offset if it has none.
fn iso_time(text: &str) -> String {
    let (day, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let day = day.replace('/', "-");
    let (time, offset) = time.split_at(time.find(['+', '-', 'Z']).unwrap_or(time.len()));
    let offset = match offset.len() {
        3 => format!("{offset}:00"),
        5 => format!("{}:{}", &offset[..3], &offset[3..]),
        _ => offset.to_string(),
    };
    if time.is_empty() { day } else { format!("{day}T{time}{offset}") }
}

/// A field as JSON; what JSON has no kind for, such as a time of day, as GDAL's text.
fn json(feature: &gdal::vector::Feature, place: usize) -> Value {
    let text = || feature.field_as_string(place).ok().flatten();
    let real = |number: f64| Number::from_f64(number).map_or(Value::Null, Value::Number);
    let value = match feature.field(place) {
        Ok(Some(value)) => value,
        Ok(None) => return Value::Null,
        Err(_no_such_kind) => return text().into(),
    };
    // A number that a feature was never given comes as 0: only its text tells that there is none.
    let is_number = matches!(
        value,
        FieldValue::IntegerValue(_) | FieldValue::Integer64Value(_) | FieldValue::RealValue(_)
    );
    if is_number && text().is_none_or(|text| text.is_empty()) {
        return Value::Null;
    }
    match value {
        FieldValue::IntegerValue(number) => number.into(),
        FieldValue::Integer64Value(number) => number.into(),
        FieldValue::StringValue(text) => text.into(),
        FieldValue::RealValue(number) => real(number),
        FieldValue::IntegerListValue(list) => list.into(),
        FieldValue::Integer64ListValue(list) => list.into(),
        FieldValue::StringListValue(list) => list.into(),
        FieldValue::RealListValue(list) => list.into_iter().map(real).collect(),
        FieldValue::DateValue(date) => date.to_string().into(),
        // Only the text tells whether the file gives an offset.
        FieldValue::DateTimeValue(_) => text().map(|text| iso_time(&text)).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_offset_that_its_file_gives_and_no_other() {
        for (text, wanted) in [
            ("2026/11/22 23:00:00", "2026-11-22T23:00:00"),
            ("2026/11/22 23:00:00.5", "2026-11-22T23:00:00.5"),
            ("2026/11/22 23:00:00+00", "2026-11-22T23:00:00+00:00"),
            ("2026/11/22 23:00:00-03", "2026-11-22T23:00:00-03:00"),
            ("2026/11/22 23:00:00+0530", "2026-11-22T23:00:00+05:30"),
            ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z"),
            ("2026/11/22", "2026-11-22"),
        ] {
            assert_eq!(iso_time(text), wanted);
            assert_eq!(as_iso(text.to_string()), wanted);
        }
    }
}
