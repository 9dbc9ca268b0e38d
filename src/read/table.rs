//! Tables: delimited text of any delimiter and encoding, each row with a place.
//!
//! The bytes are walked over once: that finds the type of each column, how many rows there are and
//! where each stretch of them begins; then any thread reads any stretch. Rows may be shorter or longer
//! than the header; rows of nothing but empty cells are none; the row of tags that humanitarian data
//! (HXL) has below its header is none either. Blanks around a cell are no part of it.
//!
//! A column is of numbers where all of its cells are, and of times likewise; truths stay text, and an
//! empty cell is null.

mod cells;
mod encoding;
mod header;
mod quotes;

use super::faults::Source;
use super::features::{Drawn, Feature, Features};
use super::place::Place;
use super::{quiet_gdal, stem, vector};
use crate::error::ReadError;
use crate::measure::Reference;
use crate::model::cells::unquoted;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::Geometry;
use geo::Point;
use header::{Header, Placed};
use memchr::memchr;
use rayon::prelude::*;
use serde_json::{Map, Value};
use std::ops::Range;
use std::sync::Arc;

/// A stretch is full with so many rows or bytes.
const STRETCH: (u64, usize) = (512, 1 << 18);

/// A table that is walked over.
pub(super) struct Table {
    rows: Arc<Rows>,
    /// The reference system of its places.
    pub(super) reference: Option<Reference>,
    /// How many rows it has.
    pub(super) count: u64,
    /// What is to be said of how it was read.
    pub(super) remark: Option<String>,
    /// What is wrong with it where a place is wanted.
    no_place: Option<ReadError>,
    stretches: std::vec::IntoIter<Stretch>,
}

/// The rows of a table, and how they are read.
struct Rows {
    written: String,
    /// UTF-8.
    text: Vec<u8>,
    delimiter: u8,
    columns: Vec<Column>,
    placed: Placed,
}

/// A column that is a property.
struct Column {
    name: String,
    place: usize,
    kind: Kind,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Time,
}

/// Rows that follow each other.
struct Stretch {
    bytes: Range<usize>,
    before: u64,
    rows: u64,
}

/// Rows that any thread may read.
pub(super) struct Unread {
    rows: Arc<Rows>,
    stretch: Stretch,
}

impl Table {
    /// It, if some row has a place.
    ///
    /// # Errors
    ///
    /// If none has.
    pub(super) fn placed(mut self) -> Result<Self, ReadError> {
        self.no_place.take().map_or(Ok(self), Err)
    }
}

/// Opens a table, whose only layer is called like its file.
///
/// # Errors
///
/// If it cannot be read, or a quote in it is not closed.
pub(super) fn open(place: &Place, layer: Option<&str>) -> Result<Table, ReadError> {
    place.check_file()?;
    let name = stem(&place.written);
    if let Some(wanted) = layer.filter(|wanted| *wanted != name) {
        return Err(vector::no_layer(wanted, &[name], &place.written));
    }
    // Geometries as text are parsed by GDAL, which would speak of their faults.
    quiet_gdal();
    let reference = match beside(place)? {
        None => Reference::wgs84().ok(),
        stated => stated,
    };
    let is_tabbed = place.ends("tsv");
    let usual = if is_tabbed { b'\t' } else { b',' };
    Ok(Table { reference, ..of(super::bytes(place)?, &place.written, usual)? })
}

/// The reference system that a file `.prj` beside a table states.
fn beside(place: &Place) -> Result<Option<Reference>, ReadError> {
    let Ok(text) = std::fs::read_to_string(place.resolved.with_extension("prj")) else {
        return Ok(None);
    };
    let system = SpatialRef::from_esri(text.trim()).ok();
    let reference = system.and_then(|system| Reference::from_gdal(&system).ok());
    let faulty =
        || ReadError::unusable(&place.written, "the .prj beside it is no reference system");
    reference.map(Some).ok_or_else(faulty)
}

/// A table of bytes, whose delimiter is probably the usual one.
fn of(bytes: Vec<u8>, written: &str, usual: u8) -> Result<Table, ReadError> {
    let (mut text, remark) = encoding::decoded(bytes);
    // Lines are counted by what ends them nearly everywhere.
    if memchr(b'\n', &text).is_none() {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let header = Header::of(&text, usual);
    if let Some(at) = header.unclosed {
        return Err(unclosed(&text, at, written));
    }
    let walk = Walk::over(&text, &header, written)?;
    let no_place = (walk.count > 0 && !walk.has_place).then(|| placeless(written, &header));
    let Header { delimiter, names, placed, .. } = header;
    let columns = names.into_iter().zip(walk.kinds).enumerate();
    let columns = columns.filter(|(place, _)| !placed.holds(*place));
    let columns = columns.map(|(place, (name, found))| Column { name, place, kind: found.kind() });
    let columns = columns.collect();
    let rows = Rows { written: written.to_string(), text, delimiter, columns, placed };
    Ok(Table {
        rows: Arc::new(rows),
        reference: None,
        count: walk.count,
        remark,
        no_place,
        stretches: walk.stretches.into_iter(),
    })
}

/// Cells, record by record; rows may be of any length.
fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

fn unreadable(written: &str, error: &csv::Error) -> ReadError {
    ReadError::unusable(written, format!("cannot be read: {error}"))
}

/// A quote that is not closed, with its line.
fn unclosed(text: &[u8], at: usize, written: &str) -> ReadError {
    let text = String::from_utf8_lossy(text);
    let source = Source { file: written, text: &text };
    let hint = "close it; a quote within a cell is written twice: \"\"";
    let found = "the quote that opens here is not closed before the next cell";
    ReadError::Faults(vec![source.fault(Some(at..at), found, Some(hint.into()))])
}

/// A table whose rows have no places is meant otherwise.
fn placeless(written: &str, header: &Header) -> ReadError {
    match header.placed {
        Placed::Degrees([longitude, latitude]) => {
            let found = "no row has a longitude and a latitude";
            let named = |place: usize| header.names.get(place).map_or("", String::as_str);
            let hint = format!("fill its columns `{}` and `{}`", named(longitude), named(latitude));
            ReadError::unusable_hint(written, found, hint)
        }
        _ => vector::no_place(written, &header.names),
    }
}

/// What the cells of a column have been so far.
#[derive(Clone, Copy)]
struct Found {
    is_filled: bool,
    all_numbers: bool,
    all_times: bool,
}

impl Found {
    const NOTHING: Self = Self { is_filled: false, all_numbers: true, all_times: true };

    fn add(&mut self, cell: &[u8]) {
        if !(self.all_numbers || self.all_times) {
            return;
        }
        let cell = std::str::from_utf8(cell).unwrap_or_default().trim();
        if !cell.is_empty() {
            self.is_filled = true;
            self.all_numbers &= cells::is_number(cell);
            self.all_times &= cells::iso_time(cell).is_some();
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self { is_filled: false, .. } => Kind::Text,
            Self { all_numbers: true, .. } => Kind::Number,
            Self { all_times: true, .. } => Kind::Time,
            _ => Kind::Text,
        }
    }
}

/// What one walk over the rows finds.
struct Walk {
    kinds: Vec<Found>,
    stretches: Vec<Stretch>,
    count: u64,
    /// Whether any row says where it is.
    has_place: bool,
}

impl Walk {
    fn over(text: &[u8], header: &Header, written: &str) -> Result<Self, ReadError> {
        let kinds = vec![Found::NOTHING; header.names.len()];
        let mut walk = Self { kinds, stretches: Vec::new(), count: 0, has_place: false };
        let rest = text.get(header.end..).unwrap_or_default();
        let mut reader = reader(rest, header.delimiter);
        let (mut record, mut from) = (csv::ByteRecord::new(), 0);
        while reader.read_byte_record(&mut record).map_err(|error| unreadable(written, &error))? {
            let end = reader.position().byte() as usize;
            let raw = rest.get(from..end).unwrap_or_default();
            let quote = memchr(b'"', raw).and_then(|_| quotes::unclosed(raw, header.delimiter));
            if let Some(at) = quote {
                return Err(unclosed(text, header.end + from + at, written));
            }
            if !is_blank(record.iter()) {
                walk.add(&record, header.placed, header.end + from..header.end + end);
            }
            from = end;
        }
        Ok(walk)
    }

    /// Adds a row that lies between these bytes.
    fn add(&mut self, record: &csv::ByteRecord, placed: Placed, bytes: Range<usize>) {
        for (found, cell) in self.kinds.iter_mut().zip(record) {
            found.add(cell);
        }
        let is_filled =
            |place: usize| record.get(place).is_some_and(|cell| !cell.trim_ascii().is_empty());
        self.has_place = self.has_place
            || match placed {
                Placed::Degrees(columns) => columns.into_iter().any(is_filled),
                Placed::Shape(shape) => is_filled(shape),
                Placed::Nowhere => false,
            };
        match self.stretches.last_mut() {
            Some(last) if last.rows < STRETCH.0 && last.bytes.len() < STRETCH.1 => {
                last.bytes.end = bytes.end;
                last.rows += 1;
            }
            _ => self.stretches.push(Stretch { bytes, before: self.count, rows: 1 }),
        }
        self.count += 1;
    }
}

/// Whether a row holds nothing.
fn is_blank<'c>(mut cells: impl Iterator<Item = &'c [u8]>) -> bool {
    cells.all(|cell| cell.trim_ascii().is_empty())
}

impl Table {
    /// The names of its columns but those of places.
    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.rows.columns.iter().map(|column| column.name.as_str())
    }

    /// The next rows; `None` behind the last.
    pub(super) fn next(&mut self) -> Option<Unread> {
        let stretch = self.stretches.next()?;
        Some(Unread { rows: Arc::clone(&self.rows), stretch })
    }

    /// All rows, read on all threads.
    pub(super) fn all(mut self) -> Result<Features, ReadError> {
        let pieces: Vec<Unread> = std::iter::from_fn(|| self.next()).collect();
        let read: Result<Vec<_>, _> = pieces.into_par_iter().map(Unread::read).collect();
        Ok(Features {
            reference: self.reference,
            rows: read?.into_iter().flatten().collect(),
            is_assessment: false,
            remark: self.remark,
        })
    }
}

impl Unread {
    /// How many rows are before it.
    pub(super) const fn before(&self) -> u64 {
        self.stretch.before
    }

    /// How many rows it has.
    pub(super) const fn features(&self) -> u64 {
        self.stretch.rows
    }

    /// How many bytes.
    pub(super) const fn bytes(&self) -> u64 {
        (self.stretch.bytes.end - self.stretch.bytes.start) as u64
    }

    /// Reads it, on any thread.
    ///
    /// # Errors
    ///
    /// If a record cannot be parted into cells.
    pub(super) fn read(self) -> Result<Vec<Feature>, ReadError> {
        let Self { rows, stretch } = self;
        let text = rows.text.get(stretch.bytes).unwrap_or_default();
        let mut reader = reader(text, rows.delimiter);
        let mut features = Vec::with_capacity(stretch.rows as usize);
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| unreadable(&rows.written, &error))? {
            if !is_blank(record.as_byte_record().iter()) {
                features.push(rows.feature(&record));
            }
        }
        Ok(features)
    }
}

impl Rows {
    fn feature(&self, record: &csv::StringRecord) -> Feature {
        let mut properties = Map::with_capacity(self.columns.len());
        for Column { name, place, kind } in &self.columns {
            properties.insert(name.clone(), value(cell(record, *place), *kind));
        }
        let drawn = match self.placed {
            Placed::Degrees(columns) => point(columns.map(|place| cell(record, place))),
            Placed::Shape(place) => shape(cell(record, place)),
            Placed::Nowhere => Drawn::Nothing,
        };
        Feature { id: None, properties, layer: None, drawn }
    }
}

/// A cell without the blanks around it; empty where a row is too short.
fn cell(record: &csv::StringRecord, place: usize) -> &str {
    record.get(place).unwrap_or_default().trim()
}

/// A cell as JSON.
fn value(cell: &str, kind: Kind) -> Value {
    let text = || Value::from(unquoted(cell));
    match kind {
        _ if cell.is_empty() => Value::Null,
        Kind::Text => text(),
        Kind::Number => serde_json::from_str(cell).unwrap_or_else(|_too_large| text()),
        Kind::Time => cells::iso_time(cell).map_or_else(text, Value::from),
    }
}

/// A point, from the cells of its longitude and latitude.
fn point([longitude, latitude]: [&str; 2]) -> Drawn {
    match (longitude.is_empty(), latitude.is_empty()) {
        (true, true) => return Drawn::Nothing,
        (true, false) => return Drawn::Unreadable("it has a latitude and no longitude".into()),
        (false, true) => return Drawn::Unreadable("it has a longitude and no latitude".into()),
        (false, false) => {}
    }
    let at = cells::degrees(longitude, cells::LONGITUDE)
        .and_then(|x| Ok((x, cells::degrees(latitude, cells::LATITUDE)?)));
    at.map_or_else(Drawn::Unreadable, |(x, y)| Drawn::Shape(Point::new(x, y).into()))
}

/// A geometry as text (WKT).
fn shape(cell: &str) -> Drawn {
    if cell.is_empty() {
        return Drawn::Nothing;
    }
    match Geometry::from_wkt(cell) {
        Ok(geometry) => vector::drawn(Some(&geometry)),
        Err(_says_little) => {
            let found = cells::shown(cell);
            Drawn::Unreadable(format!("\"{found}\" is no geometry as text (WKT)"))
        }
    }
}

#[cfg(test)]
mod tests;
