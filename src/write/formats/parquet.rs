//! GeoParquet 1.1: one column each, geometry as WKB, in input order.

use super::columns::{Kind, Layer, Record, text_of};
use crate::error::WriteError;
use crate::write::whole::{Complete, Part};
use arrow_array::builder::{
    BinaryBuilder, BooleanBuilder, Float64Builder, Int64Builder, StringBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use gdal::vector::Geometry;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

/// Rows that are kept at a time.
const BATCH: usize = 8192;

/// Writes a layer of areas as GeoParquet.
///
/// # Source
///
/// GeoParquet 1.1.0, <https://geoparquet.org/releases/v1.1.0/>.
///
/// # Errors
///
/// If the folder cannot be written, or the disk is full.
pub fn parquet(path: &Path, layer: &Layer) -> Result<Complete, WriteError> {
    let mut part = Part::begin(path)?;
    part.write(|file| write(layer, file))?;
    part.complete()
}

fn write(layer: &Layer, out: &mut (dyn Write + Send)) -> io::Result<()> {
    let fields = layer.columns.iter().map(|column| {
        let kind = match column.kind {
            Kind::Text => DataType::Utf8,
            Kind::Integer | Kind::Long => DataType::Int64,
            Kind::Real => DataType::Float64,
            Kind::Truth => DataType::Boolean,
        };
        Field::new(&column.name, kind, true)
    });
    let name = geometry_name(layer);
    let geometry = Field::new(&name, DataType::Binary, true);
    let schema = Arc::new(Schema::new(fields.chain([geometry]).collect::<Vec<_>>()));
    let settings = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(format!("civex {}", env!("CARGO_PKG_VERSION")))
        .build();
    // A schema of Arrow beside that of Parquet would hide the member `geo` from some readers.
    let options =
        ArrowWriterOptions::new().with_properties(settings).with_skip_arrow_metadata(true);
    let mut writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)?;
    let mut bounds: Option<[f64; 4]> = None;
    let mut batch = Batch::new(layer);
    layer.records.each(&mut |record| {
        bounds = joined(bounds, batch.push(&record)?);
        if batch.rows == BATCH {
            writer.write(&batch.end(&schema).map_err(io::Error::other)?)?;
        }
        Ok(())
    })?;
    if batch.rows > 0 {
        writer.write(&batch.end(&schema).map_err(io::Error::other)?)?;
    }
    writer.append_key_value_metadata(KeyValue::new("geo".into(), about(&name, bounds).to_string()));
    writer.close()?;
    Ok(())
}

/// What the geometry column is called: no column of the areas has this name.
fn geometry_name(layer: &Layer) -> String {
    let is_free = |name: &String| layer.columns.iter().all(|column| column.name != *name);
    let mut names =
        std::iter::successors(Some("geometry".to_string()), |name| Some(format!("{name}_")));
    names.find(is_free).unwrap_or_default()
}

/// The member `geo`: coordinates are longitude and latitude in WGS 84 (OGC:CRS84), the default.
fn about(name: &str, bounds: Option<[f64; 4]>) -> Value {
    let mut column = json!({
        "encoding": "WKB", "geometry_types": ["MultiPolygon"], "edges": "planar", "orientation": "counterclockwise",
    });
    if let Some(bounds) = bounds {
        column["bbox"] = json!(bounds);
    }
    json!({"version": "1.1.0", "primary_column": name, "columns": {name: column}})
}

fn joined(one: Option<[f64; 4]>, two: Option<[f64; 4]>) -> Option<[f64; 4]> {
    match (one, two) {
        (Some(a), Some(b)) => {
            Some([a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])])
        }
        (one, two) => one.or(two),
    }
}

/// Rows that are still to be written.
struct Batch<'l> {
    layer: &'l Layer<'l>,
    columns: Vec<Cells>,
    shapes: BinaryBuilder,
    rows: usize,
}

enum Cells {
    Text(StringBuilder),
    Integer(Int64Builder),
    Real(Float64Builder),
    Truth(BooleanBuilder),
}

impl Cells {
    fn push(&mut self, value: &Value) {
        match self {
            Self::Text(cells) => cells.append_option(text_of(value)),
            Self::Integer(cells) => cells.append_option(value.as_i64()),
            Self::Real(cells) => cells.append_option(value.as_f64()),
            Self::Truth(cells) => cells.append_option(value.as_bool()),
        }
    }

    fn end(&mut self) -> ArrayRef {
        match self {
            Self::Text(cells) => Arc::new(cells.finish()),
            Self::Integer(cells) => Arc::new(cells.finish()),
            Self::Real(cells) => Arc::new(cells.finish()),
            Self::Truth(cells) => Arc::new(cells.finish()),
        }
    }
}

impl<'l> Batch<'l> {
    fn new(layer: &'l Layer<'l>) -> Self {
        let columns = layer.columns.iter().map(|column| match column.kind {
            Kind::Text => Cells::Text(StringBuilder::new()),
            Kind::Integer | Kind::Long => Cells::Integer(Int64Builder::new()),
            Kind::Real => Cells::Real(Float64Builder::new()),
            Kind::Truth => Cells::Truth(BooleanBuilder::new()),
        });
        Self { layer, columns: columns.collect(), shapes: BinaryBuilder::new(), rows: 0 }
    }

    /// Takes a row; its bounds.
    fn push(&mut self, record: &Record) -> io::Result<Option<[f64; 4]>> {
        self.rows += 1;
        for (cells, column) in self.columns.iter_mut().zip(&self.layer.columns) {
            cells.push(record.properties.get(&column.name).unwrap_or(&Value::Null));
        }
        let Some(shape) = &record.geometry else {
            self.shapes.append_null();
            return Ok(None);
        };
        let shape = Geometry::from_geojson(&shape.text(true)).map_err(io::Error::other)?;
        self.shapes.append_value(shape.wkb().map_err(io::Error::other)?);
        let bounds = shape.envelope();
        Ok(Some([bounds.MinX, bounds.MinY, bounds.MaxX, bounds.MaxY]))
    }

    fn end(&mut self, schema: &Arc<Schema>) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns = self.columns.iter_mut().map(Cells::end);
        let shapes: ArrayRef = Arc::new(self.shapes.finish());
        RecordBatch::try_new(Arc::clone(schema), columns.chain([shapes]).collect())
    }
}
