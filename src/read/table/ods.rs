//! The cells of `.ods` spreadsheets, read one by one from the text within the archive.
//!
//! A cell or a row that is repeated a million times is held once, and given as often as its reader wants it. Comments
//! are no part of a cell; its paragraphs are lines.
//!
//! Source: OASIS ODF 1.3, part 3, 9.1 (tables), 19.385 (values).

use super::super::place::Place;
use super::header::MOST_COLUMNS;
use super::sheets::{Next, Sheet, Take, unreadable};
use crate::error::ReadError;
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::BufReader;

/// Rows that a sheet may have.
const MOST_ROWS: u64 = 1 << 20;

/// The sheets of a file, in their order.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn sheets(place: &Place) -> Result<Vec<Sheet>, ReadError> {
    let mut reading = Reading::default();
    walk(place, &mut reading, None)?;
    Ok(reading.sheets)
}

/// Gives the cells of a sheet that hold something, row by row.
///
/// # Errors
///
/// If the file cannot be read, and what stops the taking.
pub(super) fn each(place: &Place, name: &str, take: &mut Take) -> Result<(), ReadError> {
    walk(place, &mut Reading::default(), Some((name, take)))
}

/// Goes over a file, up to the end of the sheet that is wanted.
fn walk(
    place: &Place,
    reading: &mut Reading,
    mut wanted: Option<(&str, &mut Take)>,
) -> Result<(), ReadError> {
    let file = File::open(&place.resolved).map_err(|error| unreadable(place, &error))?;
    let archive = zip::ZipArchive::new(BufReader::new(file));
    let mut archive = archive.map_err(|error| unreadable(place, &error))?;
    let content = archive.by_name("content.xml").map_err(|error| unreadable(place, &error))?;
    let mut xml = quick_xml::Reader::from_reader(BufReader::new(content));
    xml.config_mut().expand_empty_elements = true;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = xml.read_event_into(&mut buffer).map_err(|error| unreadable(place, &error))?;
        let ended = match event {
            Event::Eof => return Ok(()),
            Event::Start(tag) => {
                reading.open(&tag);
                None
            }
            Event::Text(text) => {
                reading.push(&text);
                None
            }
            Event::GeneralRef(name) => {
                let name: &str = name.as_ref();
                reading
                    .push(&quick_xml::escape::unescape(&format!("&{name};")).unwrap_or_default());
                None
            }
            Event::End(tag) => reading.close(tag.name().as_ref()),
            _ => None,
        };
        let Some((name, take)) = &mut wanted else { continue };
        if reading.sheets.last().is_none_or(|sheet| sheet.name != *name) {
            continue;
        }
        match ended {
            Some(Ended::Row) if !reading.give(take)? => return Ok(()),
            Some(Ended::Sheet) => return Ok(()),
            _ => {}
        }
    }
}

/// A part of a sheet that ends.
enum Ended {
    Row,
    Sheet,
}

/// What is known at some place of the text.
#[derive(Default)]
struct Reading {
    sheets: Vec<Sheet>,
    /// Styles of sheets that are not shown, and the style that is being read.
    hidden: BTreeSet<String>,
    style: String,
    /// Rows before this one, and how often it stands there.
    row: u64,
    rows: u64,
    /// Cells of this row: the first column, how often, what they hold.
    cells: Vec<(usize, usize, String)>,
    column: usize,
    /// How often the cell stands there, and the value that it states.
    cell: Option<(usize, Option<String>)>,
    text: String,
    paragraphs: usize,
    /// How deep within a comment.
    comment: usize,
    is_in_paragraph: bool,
}

/// The value of an attribute.
fn attribute(tag: &BytesStart, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|found| found.key.as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

impl Reading {
    fn open(&mut self, tag: &BytesStart) {
        let times = |name: &str| -> u64 {
            attribute(tag, name).and_then(|times| times.parse().ok()).unwrap_or(1)
        };
        let name = tag.name();
        if self.comment > 0 || name.as_ref() == "office:annotation" {
            self.comment += 1;
            return;
        }
        match name.as_ref() {
            "style:style" => self.style = attribute(tag, "style:name").unwrap_or_default(),
            "style:table-properties"
                if attribute(tag, "table:display").as_deref() == Some("false") =>
            {
                self.hidden.insert(self.style.clone());
            }
            "table:table" => {
                let style = attribute(tag, "table:style-name").unwrap_or_default();
                let name = attribute(tag, "table:name").unwrap_or_default();
                self.sheets.push(Sheet { name, is_hidden: self.hidden.contains(&style) });
                (self.row, self.rows) = (0, 0);
            }
            "table:table-row" => {
                self.row = self.row.saturating_add(self.rows);
                self.rows = times("table:number-rows-repeated");
                (self.cells, self.column) = (Vec::new(), 0);
            }
            "table:table-cell" | "table:covered-table-cell" => {
                let times = times("table:number-columns-repeated").min(MOST_COLUMNS as u64);
                self.cell = Some((times as usize, value(tag)));
                (self.text, self.paragraphs) = (String::new(), 0);
            }
            "text:p" => {
                if self.paragraphs > 0 {
                    self.text.push('\n');
                }
                self.paragraphs += 1;
                self.is_in_paragraph = true;
            }
            "text:s" | "text:tab" | "text:line-break" => self.push(" "),
            _ => {}
        }
    }

    fn push(&mut self, text: &str) {
        if self.is_in_paragraph && self.comment == 0 {
            self.text.push_str(text);
        }
    }

    fn close(&mut self, name: &str) -> Option<Ended> {
        if self.comment > 0 {
            self.comment -= 1;
            return None;
        }
        match name {
            "text:p" => self.is_in_paragraph = false,
            "table:table-cell" | "table:covered-table-cell" => {
                let (times, value) = self.cell.take()?;
                let text = value.unwrap_or_else(|| std::mem::take(&mut self.text));
                let column = self.column;
                self.column = column.saturating_add(times);
                if !text.trim().is_empty() && column < MOST_COLUMNS {
                    self.cells.push((column, times, text));
                }
            }
            "table:table-row" => return Some(Ended::Row),
            "table:table" => return Some(Ended::Sheet),
            _ => {}
        }
        None
    }

    /// Gives the cells of the row that ends, as often as it stands there; whether more are wanted.
    fn give(&mut self, take: &mut Take) -> Result<bool, ReadError> {
        if self.cells.is_empty() {
            return Ok(true);
        }
        for row in (self.row..MOST_ROWS).take(self.rows.min(MOST_ROWS) as usize) {
            if !self.give_once(row, take)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives the cells as those of a row.
    fn give_once(&self, row: u64, take: &mut Take) -> Result<bool, ReadError> {
        for (first, times, text) in &self.cells {
            for column in (*first..MOST_COLUMNS).take(*times) {
                match take(row, column, text)? {
                    Next::Cell => {}
                    Next::Row => return Ok(true),
                    Next::Nothing => return Ok(false),
                }
            }
        }
        Ok(true)
    }
}

/// The value that a cell states beside its text.
fn value(tag: &BytesStart) -> Option<String> {
    match attribute(tag, "office:value-type")?.as_str() {
        "float" | "percentage" | "currency" => attribute(tag, "office:value"),
        "date" => attribute(tag, "office:date-value"),
        "time" => attribute(tag, "office:time-value"),
        "boolean" => attribute(tag, "office:boolean-value"),
        _ => attribute(tag, "office:string-value"),
    }
}
