//! GeoPackage, through GDAL.

use super::columns::{Column, Kind, Layer, Record, distinct, text_of};
use super::style::{Styled, qml, sld};
use crate::error::WriteError;
use crate::write::sites::BANNER;
use crate::write::whole::{Complete, complete_by};
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Feature, FieldDefn, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use gdal::{Dataset, DriverManager, Metadata};
use rusqlite::{Connection, params};
use serde_json::Value;
use std::io;
use std::path::Path;

/// The moment at which a GeoPackage says that it was made: none of a clock, so that the same inputs give the same
/// bytes.
const MOMENT: &str = "1970-01-01T00:00:00.000Z";

/// Columns that a GeoPackage has of its own.
const TAKEN: [&str; 2] = ["fid", "geom"];

/// Layers whose rows are sites, or name some.
const OF_SITES: [&str; 2] = ["sites", "gaps"];

/// Writes layers into a GeoPackage, with a style and descriptions of columns for each; `about` is its provenance.
/// Layers of sites carry the banner in their description, and the file in its item `banner`.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn geopackage(path: &Path, layers: &[&Layer], about: &str) -> Result<Complete, WriteError> {
    complete_by(path, ".gpkg", &|part| {
        let fail = |error: GdalError| failed(path, error);
        gdal::config::set_config_option("OGR_CURRENT_DATE", MOMENT).map_err(fail)?;
        let driver = DriverManager::get_driver_by_name("GPKG").map_err(fail)?;
        let mut file = driver.create_vector_only(part).map_err(fail)?;
        for layer in layers {
            let banner = if has_banner(layer) { format!(". {BANNER}") } else { String::new() };
            let title = format!("DESCRIPTION=civex: {}{banner}", layer.name);
            let options = ["GEOMETRY_NAME=geom", "FID=fid", &title];
            fill(&mut file, layer, &distinct(&layer.columns, &TAKEN), &options)
                .map_err(|source| WriteError::Io { path: path.display().to_string(), source })?;
        }
        file.set_metadata_item("civex", about, "").map_err(fail)?;
        if layers.iter().any(|layer| has_banner(layer)) {
            file.set_metadata_item("banner", BANNER, "").map_err(fail)?;
        }
        file.close().map_err(fail)?;
        furnish(part, layers).map_err(|error| failed(path, error))
    })
}

fn has_banner(layer: &Layer) -> bool {
    OF_SITES.contains(&layer.name)
}

fn failed(path: &Path, error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> WriteError {
    WriteError::Io { path: path.display().to_string(), source: io::Error::other(error) }
}

fn fill(file: &mut Dataset, layer: &Layer, names: &[String], options: &[&str]) -> io::Result<()> {
    let mut wgs84 = SpatialRef::from_epsg(4326).map_err(io::Error::other)?;
    wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let kind = if layer.is_surface {
        OGRwkbGeometryType::wkbMultiPolygon
    } else {
        OGRwkbGeometryType::wkbUnknown
    };
    let about =
        LayerOptions { name: layer.name, srs: Some(&wgs84), ty: kind, options: Some(options) };
    let made = file.create_layer(about).map_err(io::Error::other)?;
    for (name, column) in names.iter().zip(&layer.columns) {
        let field = FieldDefn::new(&without_nul(name), field_type(column.kind));
        field.and_then(|field| field.add_to_layer(&made)).map_err(io::Error::other)?;
    }
    layer.records.each(&mut |record| {
        let mut feature = Feature::new(made.defn()).map_err(io::Error::other)?;
        set(&mut feature, &record, layer).map_err(io::Error::other)?;
        feature.create(&made).map_err(io::Error::other)
    })
}

/// GDAL ends a text at the first byte of zero.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

const fn field_type(kind: Kind) -> OGRFieldType::Type {
    match kind {
        Kind::Text => OGRFieldType::OFTString,
        Kind::Integer | Kind::Long => OGRFieldType::OFTInteger64,
        Kind::Real => OGRFieldType::OFTReal,
        Kind::Truth => OGRFieldType::OFTInteger,
    }
}

fn set(feature: &mut Feature, record: &Record, layer: &Layer) -> Result<(), GdalError> {
    if let Some(shape) = &record.geometry {
        feature.set_geometry(Geometry::from_geojson(&shape.text(layer.is_surface))?)?;
    }
    for (place, Column { name, kind, .. }) in layer.columns.iter().enumerate() {
        let value = record.properties.get(name).unwrap_or(&Value::Null);
        match (kind, value) {
            (Kind::Integer | Kind::Long, Value::Number(number)) if number.is_i64() => {
                feature.set_field_integer64(place, number.as_i64().unwrap_or_default())?;
            }
            (Kind::Real, Value::Number(number)) => {
                feature.set_field_double(place, number.as_f64().unwrap_or_default())?;
            }
            (Kind::Truth, Value::Bool(truth)) => {
                feature.set_field_integer(place, i32::from(*truth))?;
            }
            (_, value) => match text_of(value) {
                Some(text) => feature.set_field_string(place, &without_nul(&text))?,
                None => feature.set_field_null(place)?,
            },
        }
    }
    Ok(())
}

/// The extension by which columns of a GeoPackage are described.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS gpkg_extensions (
        table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
        CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
    CREATE TABLE IF NOT EXISTS gpkg_data_columns (
        table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
        constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
        CONSTRAINT gdc_tn UNIQUE (table_name, name));
    CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
        constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
        max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
        CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
    INSERT OR IGNORE INTO gpkg_extensions VALUES
        ('gpkg_data_columns', NULL, 'gpkg_schema', 'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
        ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
         'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
    CREATE TABLE layer_styles (
        id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
        f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
        useAsDefault BOOLEAN, description TEXT(256), owner TEXT(30), ui TEXT(30), update_time DATETIME);
    INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
        VALUES ('layer_styles', 'attributes', 'layer_styles', 'Styles for QGIS', '1970-01-01T00:00:00.000Z');
";

/// Declares columns of truth as what they are. The interface of GDAL that is used here knows whole numbers alone; the
/// rows of both are the same.
fn declare_truth(file: &Connection, layer: &Layer, names: &[String]) -> rusqlite::Result<()> {
    let columns = names.iter().zip(&layer.columns);
    let columns = columns.filter(|(_, column)| column.kind == Kind::Truth);
    let quoted = |name: &str| format!("\"{}\"", without_nul(name).replace('"', "\"\""));
    let of_table = "FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let mut table: String =
        file.query_row(&format!("SELECT sql {of_table}"), [layer.name], |row| row.get(0))?;
    for (name, _) in columns {
        let name = quoted(name);
        table = table.replacen(&format!("{name} MEDIUMINT"), &format!("{name} BOOLEAN"), 1);
    }
    file.execute_batch("PRAGMA writable_schema = ON")?;
    file.execute(
        "UPDATE sqlite_schema SET sql = ?2 WHERE type = 'table' AND name = ?1",
        params![layer.name, table],
    )?;
    file.execute_batch("PRAGMA writable_schema = OFF")
}

/// Puts styles and descriptions of columns into a GeoPackage, where QGIS and GDAL look for them.
fn furnish(part: &Path, layers: &[&Layer]) -> rusqlite::Result<()> {
    let mut file = Connection::open(part)?;
    let work = file.transaction()?;
    work.execute_batch(SCHEMA)?;
    for layer in layers {
        let names = distinct(&layer.columns, &TAKEN);
        declare_truth(&work, layer, &names)?;
        for (name, column) in names.iter().zip(&layer.columns) {
            let Some(about) = &column.about else { continue };
            work.execute(
                "INSERT INTO gpkg_data_columns VALUES (?1, ?2, ?3, ?4, ?5, NULL, NULL)",
                params![layer.name, name, super::style::alias(name), about, about],
            )?;
        }
        if let Some(styled) = Styled::of(layer.name) {
            work.execute(
                "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, \
                 styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time) \
                 VALUES ('', '', ?1, 'geom', 'civex', ?2, ?3, 1, 'civex', '', '1970-01-01T00:00:00.000Z')",
                params![layer.name, qml(styled, &layer.columns), sld(styled)],
            )?;
        }
    }
    work.commit()?;
    file.close().map_err(|(_, error)| error)
}
