//! Vector files of every other format, through GDAL.

use super::faults::did_you_mean;
use super::features::{Drawn, Feature, Features};
use super::place::{Place, Remote};
use crate::error::ReadError;
use crate::measure::Reference;
use gdal::vector::{
    FieldValue, Geometry, Layer, LayerAccess, OGRFieldType, geometry_type_has_m,
    geometry_type_has_z,
};
use gdal::{Dataset, GdalOpenFlags};
use geo::orient::{Direction, Orient};
use geo::{Geometry as Shape, Polygon};
use serde_json::{Map, Number, Value};
use std::io::Read as _;

/// Options for CSV: the usual names of longitude and latitude.
const CSV_OPTIONS: [&str; 4] = [
    "X_POSSIBLE_NAMES=longitude,lon,long,lng,x",
    "Y_POSSIBLE_NAMES=latitude,lat,y",
    "KEEP_GEOM_COLUMNS=NO",
    "AUTODETECT_TYPE=YES",
];

/// Reads a vector file: GeoJSON by our own reader, all else through GDAL.
pub(super) fn read(
    place: &Place,
    layer: Option<&str>,
    remote: Remote,
) -> Result<Features, ReadError> {
    let path = &place.resolved;
    let ends = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
    if place.written == "-" {
        return super::geojson::read(&standard_input(place)?, "-");
    }
    if (ends("geojson") || ends("json")) && !path.starts_with("/vsi") {
        return super::geojson::read(&super::bytes(place)?, &place.written);
    }
    if ends("pbf") {
        let hint = format!(
            "convert it first: `ogr2ogr facilities.gpkg {}`; then give its layers points, lines and multipolygons as three layers of sites",
            place.written
        );
        let found = "OpenStreetMap PBF is not read yet in this version";
        return Err(ReadError::unusable_hint(&place.written, found, hint));
    }
    let is_table = ends("csv") || ends("tsv");
    let options: &[&str] = if is_table { &CSV_OPTIONS } else { &[] };
    let dataset = place.open(GdalOpenFlags::GDAL_OF_VECTOR, options, remote, "a vector file")?;
    let every_layer = layer.is_none() && (ends("kml") || ends("kmz"));
    let layers = choose(&dataset, layer, every_layer, &place.written)?;
    let mut out = Features { reference: None, rows: Vec::new(), is_assessment: false };
    for index in layers {
        let found = |error| ReadError::unusable(&place.written, format!("layer {index}: {error}"));
        let mut layer = dataset.layer(index).map_err(found)?;
        out.reference = out.reference.or_else(|| reference_of(&layer));
        let name = every_layer.then(|| layer.name());
        append(&mut layer, name.as_deref(), &mut out.rows);
    }
    // Longitude and latitude by name are WGS 84 unless the file says otherwise.
    if is_table && out.reference.is_none() {
        out.reference = Reference::wgs84().ok();
    }
    if is_table && !out.rows.is_empty() && out.rows.iter().all(Feature::is_placeless) {
        let has: Vec<&str> = out.rows[0].properties.keys().map(String::as_str).collect();
        let found = format!("no row has a longitude and a latitude; it has {}", has.join(", "));
        let hint = "call their columns `longitude` and `latitude` (lon and lat, x and y will do)";
        return Err(ReadError::unusable_hint(&place.written, found, hint));
    }
    Ok(out)
}

/// All bytes of standard input, as far as the budget goes.
fn standard_input(place: &Place) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let most = place.budget.bytes;
    std::io::stdin()
        .lock()
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| ReadError::unusable("-", format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > most {
        return Err(super::too_large("-", bytes.len() as u64, place.budget));
    }
    Ok(bytes)
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
        (None, _) => Err(ReadError::unusable_hint(
            written,
            format!("it has {} layers: {}", names.len(), names.join(", ")),
            "name one: `layer = \"…\"`, or `,layer=…` behind the path",
        )),
    }
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
    Reference::from_gdal(&system).ok()
}

/// Appends the features of a layer, in its order.
fn append(layer: &mut Layer, name: Option<&str>, out: &mut Vec<Feature>) {
    let fields: Vec<(usize, String)> = layer
        .defn()
        .fields()
        .enumerate()
        .filter(|(_, field)| field.field_type() != OGRFieldType::OFTBinary)
        .map(|(place, field)| (place, field.name()))
        .collect();
    for feature in layer.features() {
        let mut properties = Map::new();
        for (place, name) in &fields {
            properties.insert(name.clone(), json(&feature, *place));
        }
        let drawn = match feature.geometry() {
            None => Drawn::Nothing,
            Some(geometry) if geometry.is_empty() => Drawn::Nothing,
            Some(geometry) => shape(geometry),
        };
        let layer = name.map(ToString::to_string);
        out.push(Feature { id: None, properties, layer, drawn });
    }
}

/// A geometry without its heights and measures.
fn shape(geometry: &Geometry) -> Drawn {
    let kind = geometry.geometry_type();
    let read = if geometry_type_has_z(kind) || geometry_type_has_m(kind) {
        let mut flat = geometry.clone();
        flat.flatten_to_2d();
        flat.to_geo()
    } else {
        geometry.to_geo()
    };
    read.map_or_else(
        |_unsupported| {
            let kind = geometry.geometry_name();
            Drawn::Unreadable(format!(
                "a {kind}, which is not read; `ogr2ogr -nlt CONVERT_TO_LINEAR` makes straight lines of it"
            ))
        },
        |read| Drawn::Shape(boxes_as_drawn(read)),
    )
}

/// Boxes wider than half a turn, turned by the right-hand rule, so that they are meant as drawn: in these
/// formats the turn of a ring says nothing, and shells of a Shapefile run clockwise.
fn boxes_as_drawn(shape: Shape<f64>) -> Shape<f64> {
    let part = |part: Polygon<f64>| {
        let shell = part.exterior();
        let is_box =
            shell.0.len() == 5 && shell.lines().all(|edge| edge.dx() == 0.0 || edge.dy() == 0.0);
        let is_wide = shell.lines().any(|edge| edge.dx().abs() > 180.0);
        if is_box && is_wide { part.orient(Direction::Default) } else { part }
    };
    match shape {
        Shape::Polygon(polygon) => Shape::Polygon(part(polygon)),
        Shape::MultiPolygon(parts) => Shape::MultiPolygon(parts.into_iter().map(part).collect()),
        other => other,
    }
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
        }
    }
}
