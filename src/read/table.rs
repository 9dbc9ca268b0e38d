//! Tables: delimited text of any delimiter and encoding, and sheets of spreadsheets, each row with a place.
//!
//! The bytes are walked over once: that finds the type of each column, how many rows there are and
//! where each stretch of them begins; then any thread reads any stretch. Rows may be shorter or longer
//! than the header; rows of nothing but empty cells are none; the row of tags that humanitarian data
//! (HXL) has below its header is none either. Blanks around a cell are no part of it.
//!
//! A column is of numbers where all of its cells are, and of times likewise; truths stay text, and an
//! empty cell is null.
//!
//! The text as a whole is held in memory, its rows a stretch at a time. A row may be 64 MiB long, less where the
//! budget is small, and a table may have 16,384 columns, as a spreadsheet.

mod angle;
mod cells;
pub(super) mod encoding;
mod grids;
mod header;
mod joint;
mod maps;
mod names;
mod ods;
mod places;
mod quotes;
mod sheets;
mod words;
mod written;

pub(super) use sheets::{is_sheet, names as sheet_names};

use super::faults::Source;
use super::features::{Drawn, Feature};
use super::place::Place;
use super::{quiet_gdal, stem, vector};
use crate::error::{Large, ReadError, bytes_text, grouped};
use crate::measure::Reference;
use crate::model::cells::unquoted;
use gdal::spatial_ref::SpatialRef;
use header::Header;
use memchr::memchr;
use places::{Facts, Placed, Places, Settled, Survey};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::io::Read;
use std::ops::Range;
use std::sync::Arc;

/// A stretch is full with so many rows, bytes or cells.
const STRETCH: (u64, usize, u64) = (512, 1 << 18, 1 << 18);

/// So many bytes a row may have at least, and at most, between them this part of the budget.
const MOST_ROW: ([u64; 2], u64) = ([64 << 10, 64 << 20], 32);

/// So many cells rows may leave out: this many, and this many for each byte of the text.
const MOST_MISSING: (u64, u64) = (1 << 24, 16);

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
    /// How many columns the header has.
    width: usize,
    columns: Vec<Column>,
    places: Places,
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
    if is_sheet(place) {
        return of(sheets::text(place, layer)?, place, b',');
    }
    place.check_file()?;
    let name = stem(&place.written);
    if let Some(wanted) = layer.filter(|wanted| *wanted != name) {
        return Err(vector::no_layer(wanted, &[name], &place.written));
    }
    let is_tabbed = place.ends("tsv") || place.ends("txt");
    let usual = if is_tabbed { b'\t' } else { b',' };
    of(super::bytes(place)?, place, usual)
}

/// The reference system that is stated for a table: by its entry in a scenario, or by a file beside it.
fn stated(place: &Place) -> Result<Option<Reference>, ReadError> {
    let (declared, beside) = (place.declared()?, beside(place)?);
    match (&declared, &beside) {
        (Some(declared), Some(beside)) if !declared.is_same(beside) => {
            Err(place.declares_another(declared, beside))
        }
        _ => Ok(declared.or(beside)),
    }
}

/// The reference system that a file `.prj` beside a table states; one beside a Shapefile is of that.
fn beside(place: &Place) -> Result<Option<Reference>, ReadError> {
    let resolved = place.resolved.with_extension("prj");
    if ["shp", "SHP"].iter().any(|ending| resolved.with_extension(ending).exists()) {
        return Ok(None);
    }
    // What is no regular file, or no text, is none of it.
    let Ok((file, _)) = super::whole::open(&Place { resolved, ..place.clone() }) else {
        return Ok(None);
    };
    let mut text = Vec::new();
    if file.take(1 << 16).read_to_end(&mut text).is_err() {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&text);
    let system = SpatialRef::from_esri(text.trim()).ok();
    let reference = system.and_then(|system| Reference::from_gdal(&system).ok());
    let faulty =
        || ReadError::unusable(&place.written, "the .prj beside it is no reference system");
    reference.map(Some).ok_or_else(faulty)
}

/// A table of bytes, whose delimiter is probably the usual one.
fn of(bytes: Vec<u8>, place: &Place, usual: u8) -> Result<Table, ReadError> {
    let Place { written, budget, .. } = place;
    // What is not UTF-8 is there twice while it is decoded, and may be three times as long then.
    let most = bytes.len() as u64;
    let needed = if std::str::from_utf8(&bytes).is_ok() { most } else { 3 * most };
    if needed > budget.bytes {
        let what = Large::Parsed(most);
        return Err(too_large(written, what, [needed, budget.bytes]));
    }
    let (mut text, remark) = encoding::decoded(bytes);
    // Lines are counted by what ends them nearly everywhere.
    if memchr(b'\n', &text).is_none() {
        text.iter_mut().filter(|byte| **byte == b'\r').for_each(|byte| *byte = b'\n');
    }
    let most_row = (budget.bytes / MOST_ROW.1).clamp(MOST_ROW.0[0], MOST_ROW.0[1]);
    let header = Header::of(&text, usual, most_row as usize);
    if header.is_cut {
        return Err(too_long(place, 1, most_row));
    }
    if let Some(columns) = header.too_many {
        let [found, most] = [columns, header::MOST_COLUMNS].map(|count| grouped(count as u64));
        let found = format!("it has {found} columns, wanted {most} at most");
        let hint = "leave out those that nobody needs; see that rows end with a line break";
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    if let Some(at) = header.unclosed {
        return Err(unclosed(&text, at, written));
    }
    // Geometries as text are parsed by GDAL, which would speak of their faults.
    quiet_gdal();
    let stated = stated(place)?;
    let walk = Walk::over(&text, &header, place, most_row)?;
    walk.check_missing(&text, written)?;
    walk.check_beyond(&header, written)?;
    let facts = Facts { file: written, names: &header.names, stated: stated.as_ref() };
    let settled = Settled::of(&header.placed, &walk.survey, &facts);
    let is_placeless = walk.count > 0 && walk.survey.filled == 0;
    let no_place = is_placeless.then(|| placeless(written, &header)).or(settled.refused);
    let named = settled.named.map(|code| named(code, written)).transpose()?;
    let reference = match (stated, named) {
        (Some(stated), Some(named)) if !stated.is_same(&named) => {
            return Err(place.declares_another(&stated, &named));
        }
        (stated, named) => stated.or(named).or_else(|| Reference::wgs84().ok()),
    };
    let columns = columns(&header, &walk.kinds);
    let remarks: Vec<String> = remark.into_iter().chain(settled.remarks).collect();
    let (delimiter, width) = (header.delimiter, header.names.len());
    let (written, places) = (written.clone(), settled.places);
    let rows = Rows { written, text, delimiter, width, columns, places };
    Ok(Table {
        rows: Arc::new(rows),
        reference,
        count: walk.count,
        remark: (!remarks.is_empty()).then(|| remarks.join("; ")),
        no_place,
        stretches: walk.stretches.into_iter(),
    })
}

/// The reference system of a code that texts of a table name.
fn named(code: u32, written: &str) -> Result<Reference, ReadError> {
    let reference = Reference::from_definition(&format!("EPSG:{code}"));
    reference.map_err(|error| ReadError::unusable(written, format!("SRID={code}: {error}")))
}

/// The columns that are properties; the one whose tag calls it a name is `name` too.
fn columns(header: &Header, kinds: &[Found]) -> Vec<Column> {
    let named = header.names.iter().zip(kinds).enumerate();
    let named = named.filter(|(place, _)| !header.placed.holds(*place));
    let column = |(place, (name, found)): (usize, (&String, &Found))| Column {
        name: name.clone(),
        place,
        kind: found.kind(),
    };
    let mut columns: Vec<Column> = named.map(column).collect();
    let is_name = |tag: &String| {
        tag.starts_with("#loc") && tag.split('+').skip(1).any(|part| part.trim() == "name")
    };
    let has_name = header.names.iter().any(|name| name.trim().eq_ignore_ascii_case("name"));
    let place = header.tags.iter().position(is_name).filter(|_| !has_name);
    if let Some(place) = place {
        let kind = kinds.get(place).map_or(Kind::Text, |found| found.kind());
        columns.push(Column { name: "name".into(), place, kind });
    }
    columns
}

/// Cells, record by record; rows may have any number.
fn reader<T: Read>(text: T, delimiter: u8) -> csv::Reader<T> {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

/// How many bytes may be read before a row must have ended.
struct Ration {
    most: usize,
    left: Cell<usize>,
}

impl Ration {
    const fn of(most: usize) -> Self {
        Self { most, left: Cell::new(most) }
    }

    /// A row has ended.
    fn renew(&self) {
        self.left.set(self.most);
    }

    /// A text of which no more is read.
    const fn of_text<'a>(&'a self, text: &'a [u8]) -> Rationed<'a> {
        Rationed { ration: self, text }
    }
}

/// A text that is read by rations; beyond them it has an error.
struct Rationed<'a> {
    ration: &'a Ration,
    text: &'a [u8],
}

impl Read for Rationed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        let left = self.ration.left.get();
        if left == 0 && !self.text.is_empty() {
            return Err(std::io::Error::other("a row without an end"));
        }
        let most = bytes.len().min(left);
        let read = Read::read(&mut self.text, &mut bytes[..most])?;
        self.ration.left.set(left - read);
        Ok(read)
    }
}

/// A row that begins at a line and is longer than so many bytes.
fn too_long(place: &Place, line: u64, most_row: u64) -> ReadError {
    if most_row < MOST_ROW.0[1] {
        let needed = MOST_ROW.1 * (most_row + 1);
        return too_large(&place.written, Large::Row(line), [needed, place.budget.bytes]);
    }
    let found = format!("the row at line {line} is longer than {}", bytes_text(most_row));
    let hint = "see that each quote in it is closed, and that rows end with a line break";
    ReadError::unusable_hint(&place.written, found, hint)
}

fn too_large(written: &str, what: Large, [needed, budget]: [u64; 2]) -> ReadError {
    ReadError::TooLarge { path: written.to_string(), what, needed, budget }
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
    match &header.placed {
        Placed::Pair(pair, _) => {
            let found = "no row has a longitude and a latitude";
            let named = |place: usize| header.names.get(place).map_or("", String::as_str);
            let [longitude, latitude] = pair.columns.map(named);
            let hint = format!("fill its columns `{longitude}` and `{latitude}`");
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
    /// Rows with filled cells beyond the header, and the cells of the first of them.
    beyond: u64,
    first_beyond: usize,
    /// What rows say of where they are.
    survey: Survey,
}

impl Walk {
    fn over(text: &[u8], header: &Header, place: &Place, most_row: u64) -> Result<Self, ReadError> {
        let written = &place.written;
        let kinds = vec![Found::NOTHING; header.names.len()];
        let (stretches, survey) = (Vec::new(), Survey::default());
        let mut walk = Self { kinds, stretches, count: 0, beyond: 0, first_beyond: 0, survey };
        let rest = text.get(header.end..).unwrap_or_default();
        let ration = Ration::of(most_row as usize);
        let mut reader = reader(ration.of_text(rest), header.delimiter);
        let (mut record, mut from) = (csv::ByteRecord::new(), 0);
        while let Ok(is_any) = reader.read_byte_record(&mut record) {
            if !is_any {
                return Ok(walk);
            }
            ration.renew();
            let end = reader.position().byte() as usize;
            let raw = rest.get(from..end).unwrap_or_default();
            let quote = memchr(b'"', raw).and_then(|_| quotes::unclosed(raw, header.delimiter));
            if let Some(at) = quote {
                return Err(unclosed(text, header.end + from + at, written));
            }
            if !is_blank(record.iter()) {
                walk.add(&record, &header.placed, header.end + from..header.end + end);
            }
            from = end;
        }
        // The only fault of a text in memory.
        let lines = 1 + memchr::memchr_iter(b'\n', &text[..header.end + from]).count() as u64;
        Err(too_long(place, lines, most_row))
    }

    /// Refuses a table whose rows leave out nearly all of its columns: each cell would be made up.
    fn check_missing(&self, text: &[u8], written: &str) -> Result<(), ReadError> {
        let (rows, columns) = (self.count, self.kinds.len() as u64);
        let most = MOST_MISSING.0 + MOST_MISSING.1 * text.len() as u64;
        if rows.saturating_mul(columns) <= most {
            return Ok(());
        }
        let [rows, columns] = [rows, columns].map(grouped);
        let found = format!(
            "nearly all cells of its {rows} rows and {columns} columns are left out, wanted rows as long as its header"
        );
        Err(ReadError::unusable_hint(written, found, "leave out the columns that nobody needs"))
    }

    /// Refuses a table of which most rows are longer than its header: their cells are not below their names.
    fn check_beyond(&self, header: &Header, written: &str) -> Result<(), ReadError> {
        if self.beyond * 2 <= self.count {
            return Ok(());
        }
        let (cells, columns) = (self.first_beyond, header.names.len());
        let found =
            format!("most of its rows have more cells than its header: {cells}, not {columns}");
        let hint = format!(
            "put cells that hold a `{}` in quotes, as numbers with decimal commas, or name each column in the header",
            char::from(header.delimiter)
        );
        Err(ReadError::unusable_hint(written, found, hint))
    }

    /// Adds a row that lies between these bytes.
    fn add(&mut self, record: &csv::ByteRecord, placed: &Placed, bytes: Range<usize>) {
        for (found, cell) in self.kinds.iter_mut().zip(record) {
            found.add(cell);
        }
        if is_beyond(record, self.kinds.len()) {
            if self.beyond == 0 {
                self.first_beyond = record.len();
            }
            self.beyond += 1;
        }
        self.survey.add(placed, record);
        match self.stretches.last_mut() {
            Some(last)
                if last.rows < STRETCH.0
                    && last.bytes.len() < STRETCH.1
                    && last.rows * self.kinds.len() as u64 <= STRETCH.2 =>
            {
                last.bytes.end = bytes.end;
                last.rows += 1;
            }
            _ => self.stretches.push(Stretch { bytes, before: self.count, rows: 1 }),
        }
        self.count += 1;
    }
}

/// Whether a row has filled cells behind so many columns.
fn is_beyond(record: &csv::ByteRecord, width: usize) -> bool {
    record.len() > width && !is_blank(record.iter().skip(width))
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
        let (cells, width) = (record.len(), self.width);
        let drawn = if is_beyond(record.as_byte_record(), width) {
            Drawn::Unreadable(format!(
                "it has {cells} cells below {width} names, so nobody knows which is which"
            ))
        } else {
            self.places.drawn(|place| cell(record, place))
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

#[cfg(test)]
mod tests;
