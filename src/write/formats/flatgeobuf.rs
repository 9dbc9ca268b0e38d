//! FlatGeobuf, without an index, so that rows keep their order.
//!
//! GDAL and the writer of the crate `flatgeobuf` leave rows without geometry out, or write what GDAL cannot read;
//! here such a row is a feature without geometry. The tables of the format are those that the crate generates from
//! its schema.
//!
//! Source: FlatGeobuf 3, <https://flatgeobuf.org/>.

use super::columns::{Column, Kind, Layer, Record, Shape, distinct, text_of};
use crate::error::WriteError;
use crate::write::whole::{Complete, complete};
use flatbuffers::FlatBufferBuilder;
use flatgeobuf::{
    Column as ColumnTable, ColumnArgs, ColumnType, Crs, CrsArgs, Feature, FeatureArgs, Geometry,
    GeometryArgs, GeometryType, Header, HeaderArgs,
};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;

/// How files of version 3 begin.
const MAGIC: [u8; 8] = *b"fgb\x03fgb\0";

/// Writes a layer of areas as FlatGeobuf.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn flatgeobuf(path: &Path, layer: &Layer) -> Result<Complete, WriteError> {
    complete(path, |file| {
        file.write_all(&MAGIC)?;
        file.write_all(&header(layer)?)?;
        let mut builder = FlatBufferBuilder::new();
        layer.records.each(&mut |record| feature(&mut builder, &record, layer, file))
    })
}

fn header(layer: &Layer) -> io::Result<Vec<u8>> {
    let (mut count, mut bounds) =
        (0_u64, [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY]);
    layer.records.each(&mut |record| {
        count += 1;
        let parts = record.geometry.as_ref().map(Shape::parts).transpose()?;
        for [x, y] in parts.into_iter().flatten().flatten().flatten() {
            bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x), bounds[3].max(y)];
        }
        Ok(())
    })?;
    let mut builder = FlatBufferBuilder::new();
    // GDAL takes names that differ by case for one.
    let names = distinct(&layer.columns, &[]);
    let columns: Vec<_> = names
        .iter()
        .zip(&layer.columns)
        .map(|(name, column)| table(&mut builder, name, column))
        .collect();
    let columns = Some(builder.create_vector(&columns));
    let envelope = (bounds[0] <= bounds[2]).then(|| builder.create_vector(&bounds));
    let (org, name) = (Some(builder.create_string("EPSG")), Some(builder.create_string("WGS 84")));
    let crs = CrsArgs { org, code: 4326, name, ..CrsArgs::default() };
    let crs = Some(Crs::create(&mut builder, &crs));
    let about = HeaderArgs {
        name: Some(builder.create_string(layer.name)),
        envelope,
        geometry_type: GeometryType::MultiPolygon,
        columns,
        features_count: count,
        index_node_size: 0,
        crs,
        ..HeaderArgs::default()
    };
    let header = Header::create(&mut builder, &about);
    builder.finish_size_prefixed(header, None);
    Ok(builder.finished_data().to_vec())
}

fn table<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    name: &str,
    Column { kind, about, .. }: &Column,
) -> flatbuffers::WIPOffset<ColumnTable<'b>> {
    let type_ = match kind {
        Kind::Text => ColumnType::String,
        Kind::Integer | Kind::Long => ColumnType::Long,
        Kind::Real => ColumnType::Double,
        Kind::Truth => ColumnType::Bool,
    };
    let name = Some(builder.create_string(name));
    let description = about.as_ref().map(|about| builder.create_string(about));
    ColumnTable::create(builder, &ColumnArgs { name, type_, description, ..ColumnArgs::default() })
}

fn feature(
    builder: &mut FlatBufferBuilder,
    record: &Record,
    layer: &Layer,
    out: &mut dyn Write,
) -> io::Result<()> {
    builder.reset();
    let geometry = match &record.geometry {
        Some(shape) => {
            let parts = shape.parts()?;
            let parts: Vec<_> = parts.iter().map(|rings| polygon(builder, rings)).collect();
            let parts = Some(builder.create_vector(&parts));
            let type_ = GeometryType::MultiPolygon;
            Some(Geometry::create(
                builder,
                &GeometryArgs { parts, type_, ..GeometryArgs::default() },
            ))
        }
        None => None,
    };
    let properties = Some(builder.create_vector(&properties(record, layer)?));
    let made = Feature::create(builder, &FeatureArgs { geometry, properties, columns: None });
    builder.finish_size_prefixed(made, None);
    out.write_all(builder.finished_data())
}

fn polygon<'b>(
    builder: &mut FlatBufferBuilder<'b>,
    rings: &[Vec<[f64; 2]>],
) -> flatbuffers::WIPOffset<Geometry<'b>> {
    let at: Vec<f64> = rings.iter().flatten().flatten().copied().collect();
    let ends = rings.iter().scan(0_u32, |end, ring| {
        *end += ring.len() as u32;
        Some(*end)
    });
    let ends: Vec<u32> = ends.collect();
    // One ring ends where all coordinates do.
    let ends = (ends.len() > 1).then(|| builder.create_vector(&ends));
    let xy = Some(builder.create_vector(&at));
    let type_ = GeometryType::Polygon;
    Geometry::create(builder, &GeometryArgs { ends, xy, type_, ..GeometryArgs::default() })
}

/// The values that are known, each behind the place of its column.
fn properties(record: &Record, layer: &Layer) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for (place, Column { name, kind, .. }) in layer.columns.iter().enumerate() {
        let value = record.properties.get(name).unwrap_or(&Value::Null);
        let bytes = match kind {
            Kind::Integer | Kind::Long => value.as_i64().map(|value| value.to_le_bytes().to_vec()),
            Kind::Real => value.as_f64().map(|value| value.to_le_bytes().to_vec()),
            Kind::Truth => value.as_bool().map(|value| vec![u8::from(value)]),
            Kind::Text => text_of(value).map(|text| {
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                [&length.to_le_bytes()[..], text.as_bytes()].concat()
            }),
        };
        if let Some(bytes) = bytes {
            let place = u16::try_from(place).map_err(io::Error::other)?;
            out.extend_from_slice(&place.to_le_bytes());
            out.extend_from_slice(&bytes);
        }
    }
    Ok(out)
}
