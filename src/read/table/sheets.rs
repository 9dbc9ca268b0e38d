//! Spreadsheets (`.xlsx`, `.ods`): a sheet as delimited text, so that one reader serves all tables.
//!
//! Cells are read one by one, and only as wide as the header is: what a cell far away, a repeated row or a shared text
//! would blow up is counted against the budget as it is written. Archives are counted before they are unpacked.
//! Numbers stay numbers, dates become ISO 8601, a formula gives the value that its program left, an error is empty.
//!
//! The header is found as in any table, see [`header`](super::header). A sheet is chosen by `layer`; without it the only one that is visible and not empty is taken.
//!
//! Sources: ECMA-376, part 1, 18.3 (by `calamine`); OASIS ODF 1.3, part 3, 9.

use super::super::drivers::DatasetType;
use super::super::place::Place;
use super::super::{archive, vector};
use super::header::{HEAD, Heading, MOST_COLUMNS};
use super::ods;
use crate::error::{Large, ReadError};
use calamine::{DataRef, ExcelDateTime, Reader, SheetVisible, Xlsx};
use std::fs::File;
use std::io::BufReader;

/// The part of the budget that the text of a sheet may take.
const SHARE: u64 = 4;

/// A sheet of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
}

/// Whether a file is a spreadsheet, going by its ending.
pub(in crate::read) fn is_sheet(place: &Place) -> bool {
    ["xlsx", "xlsm", "ods", "xls"].iter().any(|ending| place.ends(ending))
}

/// The format of a spreadsheet, and the names of its sheets, hidden ones last.
///
/// # Errors
///
/// If it cannot be read.
pub(in crate::read) fn names(place: &Place) -> Result<(&'static str, Vec<String>), ReadError> {
    let format = if place.ends("ods") { "OpenDocument spreadsheet" } else { "Excel spreadsheet" };
    let names = Book::open(place)?.sheets()?.into_iter().map(|sheet| sheet.name);
    Ok((format, names.collect()))
}

/// A sheet as text delimited by commas.
///
/// # Errors
///
/// If the file cannot be read, has no such sheet or several to choose from, or is larger than the budget allows.
pub(super) fn text(place: &Place, layer: Option<&str>) -> Result<Vec<u8>, ReadError> {
    let mut book = Book::open(place)?;
    let name = book.choose(layer)?;
    let mut lines = Lines::of(place);
    book.each(&name, &mut |row, column, text| lines.cell(row, column, text))?;
    lines.finish()
}

/// An open spreadsheet.
enum Book<'p> {
    Xlsx(&'p Place, Box<Xlsx<BufReader<File>>>),
    Ods(&'p Place),
}

/// Takes a cell by its row and column, and says which it wants next.
pub(super) type Take<'t> = dyn FnMut(u64, usize, &str) -> Result<Next, ReadError> + 't;

/// Cells that are wanted next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Cell,
    /// Those of the next row: this one is wide enough.
    Row,
    Nothing,
}

impl<'p> Book<'p> {
    fn open(place: &'p Place) -> Result<Self, ReadError> {
        place.check_file()?;
        if place.ends("xls") {
            let hint = "save it as .xlsx or .csv";
            let found = "a spreadsheet of the format before 2007, which is not read";
            return Err(ReadError::unusable_hint(&place.written, found, hint));
        }
        archive::check(place, DatasetType::Vector)?;
        if place.ends("ods") {
            return Ok(Self::Ods(place));
        }
        let file = File::open(&place.resolved).map_err(|error| unreadable(place, &error))?;
        let book = Xlsx::new(BufReader::new(file)).map_err(|error| unreadable(place, &error))?;
        Ok(Self::Xlsx(place, Box::new(book)))
    }

    const fn place(&self) -> &'p Place {
        match self {
            Self::Xlsx(place, _) | Self::Ods(place) => place,
        }
    }

    /// Its sheets, hidden ones last.
    fn sheets(&self) -> Result<Vec<Sheet>, ReadError> {
        let mut sheets = match self {
            Self::Xlsx(_, book) => {
                let of = |sheet: &calamine::Sheet| Sheet {
                    name: sheet.name.clone(),
                    is_hidden: sheet.visible != SheetVisible::Visible,
                };
                book.sheets_metadata().iter().map(of).collect()
            }
            Self::Ods(place) => ods::sheets(place)?,
        };
        sheets.sort_by_key(|sheet| sheet.is_hidden);
        Ok(sheets)
    }

    /// The sheet that is meant.
    fn choose(&mut self, wanted: Option<&str>) -> Result<String, ReadError> {
        let sheets = self.sheets()?;
        let written = &self.place().written;
        let names: Vec<String> = sheets.iter().map(|sheet| sheet.name.clone()).collect();
        if let Some(wanted) = wanted {
            let found = names.iter().find(|name| *name == wanted);
            return found.cloned().ok_or_else(|| vector::no_layer(wanted, &names, written));
        }
        let mut filled = Vec::new();
        for sheet in sheets.iter().filter(|sheet| !sheet.is_hidden) {
            let mut is_filled = false;
            self.each(&sheet.name, &mut |_, _, text| {
                is_filled |= !text.trim().is_empty();
                Ok(if is_filled { Next::Nothing } else { Next::Cell })
            })?;
            if is_filled {
                filled.push(sheet.name.clone());
            }
        }
        match (&filled[..], &names[..]) {
            ([only], _) | ([], [only]) => Ok(only.clone()),
            ([], []) => Err(ReadError::unusable(written, "it has no sheet")),
            _ => {
                let found = format!("it has {} sheets: {}", names.len(), names.join(", "));
                let hint = "name one: `layer = \"…\"`, or `,layer=…` behind the path";
                Err(ReadError::unusable_hint(written, found, hint))
            }
        }
    }

    /// Gives the cells of a sheet that hold something, row by row.
    fn each(&mut self, name: &str, take: &mut Take) -> Result<(), ReadError> {
        match self {
            Self::Ods(place) => ods::each(place, name, take),
            Self::Xlsx(place, book) => {
                let fail = |error: calamine::XlsxError| unreadable(place, &error);
                let mut cells = book.worksheet_cells_reader(name).map_err(fail)?;
                while let Some(cell) = cells.next_cell().map_err(fail)? {
                    let (row, column) = cell.get_position();
                    let text = text_of(cell.get_value());
                    if !text.is_empty()
                        && take(row.into(), column as usize, &text)? == Next::Nothing
                    {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}

pub(super) fn unreadable(place: &Place, error: &dyn std::fmt::Display) -> ReadError {
    let found = format!("no spreadsheet that can be read: {error}");
    let hint =
        "open it in the program that wrote it, and save it as .xlsx without a password, or as .csv";
    ReadError::unusable_hint(&place.written, found, hint)
}

/// A value of a cell as text.
fn text_of(value: &DataRef) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(time) => time_of(*time),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

/// A day, a day and a time, or a time, as ISO 8601; a duration as its number of days.
fn time_of(time: ExcelDateTime) -> String {
    if time.is_duration() || time.as_f64() < 0.0 {
        return time.as_f64().to_string();
    }
    let (year, month, day, hour, minute, second, milli) = time.to_ymd_hms_milli();
    let (clock, date) =
        (format!("{hour:02}:{minute:02}:{second:02}"), format!("{year:04}-{month:02}-{day:02}"));
    match (time.as_f64() < 1.0, hour, minute, second, milli) {
        (true, ..) => clock,
        (false, 0, 0, 0, 0) => date,
        _ => format!("{date}T{clock}"),
    }
}

/// Rows on their way to text.
struct Lines<'p> {
    place: &'p Place,
    /// The first rows, until it is known which is the header.
    head: Vec<Vec<String>>,
    /// How many columns the header has, once it is known.
    width: Option<usize>,
    row: u64,
    cells: Vec<String>,
    written: csv::Writer<Vec<u8>>,
    /// Bytes that are written, and that are held to be written.
    bytes: u64,
}

impl<'p> Lines<'p> {
    fn of(place: &'p Place) -> Self {
        // The delimiter is stated, so that none in a name is taken for it.
        let written = csv::WriterBuilder::new().flexible(true).from_writer(b"sep=,\n".to_vec());
        let (head, cells) = (Vec::new(), Vec::new());
        Self { place, head, width: None, row: 0, cells, written, bytes: 0 }
    }

    fn cell(&mut self, row: u64, column: usize, text: &str) -> Result<Next, ReadError> {
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        if column >= self.width.unwrap_or(MOST_COLUMNS) {
            return Ok(Next::Row);
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, String::new());
        }
        self.count(text)?;
        self.cells[column] = text.to_string();
        Ok(Next::Cell)
    }

    /// Counts a cell; refuses more than the budget allows.
    fn count(&mut self, text: &str) -> Result<(), ReadError> {
        let (most, place) = (self.place.budget.bytes / SHARE, self.place);
        self.bytes = self.bytes.saturating_add(text.len() as u64 + 8);
        if self.bytes <= most {
            return Ok(());
        }
        let (path, needed) = (place.written.clone(), SHARE.saturating_mul(self.bytes + 1));
        let (what, budget) = (Large::Parsed(self.bytes), place.budget.bytes);
        Err(ReadError::TooLarge { path, what, needed, budget })
    }

    fn end_row(&mut self) -> Result<(), ReadError> {
        let cells = std::mem::take(&mut self.cells);
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.width.is_some() {
            return self.write(&cells);
        }
        self.head.push(cells);
        if self.head.len() == HEAD { self.find_header() } else { Ok(()) }
    }

    /// Finds the header among the first rows, and writes what follows.
    fn find_header(&mut self) -> Result<(), ReadError> {
        let mut head = std::mem::take(&mut self.head);
        let widest = head.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut head {
            row.resize(widest, String::new());
        }
        let Heading { row, rows, names } = Heading::of(&head);
        let width = names.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
        self.width = Some(width);
        self.write(&names[..width])?;
        let rows = head.get(row + rows..).unwrap_or_default();
        rows.iter().try_for_each(|row| self.write(&row[..row.len().min(width)]))
    }

    fn write(&mut self, cells: &[String]) -> Result<(), ReadError> {
        // What is left out between cells is written too.
        self.count(&" ".repeat(cells.len()))?;
        let place = self.place;
        self.written.write_record(cells).map_err(|error| unreadable(place, &error))
    }

    fn finish(mut self) -> Result<Vec<u8>, ReadError> {
        self.end_row()?;
        if self.width.is_none() {
            self.find_header()?;
        }
        let place = self.place;
        self.written.into_inner().map_err(|error| unreadable(place, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Budget;
    use std::fmt::Write as _;
    use std::io::Write as _;
    use zip::write::SimpleFileOptions;

    /// An archive of these files.
    fn zipped(name: &str, files: &[(&str, String)]) -> (tempfile::TempDir, Place) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let mut archive = zip::ZipWriter::new(File::create(&path).unwrap());
        for (name, text) in files {
            archive.start_file(*name, SimpleFileOptions::default()).unwrap();
            archive.write_all(text.as_bytes()).unwrap();
        }
        archive.finish().unwrap();
        let place = Place::new(path.to_str().unwrap(), None);
        (folder, place)
    }

    const MAIN: &str = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
        xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";

    /// A workbook of sheets: name, state, rows of cells as XML.
    fn xlsx(sheets: &[(&str, &str, &str)]) -> (tempfile::TempDir, Place) {
        let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let (mut list, mut links) = (String::new(), String::new());
        let mut files = Vec::new();
        for (at, (name, state, _)) in sheets.iter().enumerate() {
            write!(
                list,
                "<sheet name=\"{name}\" sheetId=\"{}\" state=\"{state}\" r:id=\"r{at}\"/>",
                at + 1
            )
            .unwrap();
            write!(links, "<Relationship Id=\"r{at}\" Type=\"{kind}/worksheet\" Target=\"worksheets/s{at}.xml\"/>").unwrap();
        }
        write!(links, "<Relationship Id=\"rs\" Type=\"{kind}/styles\" Target=\"styles.xml\"/>")
            .unwrap();
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        files.push((
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{package}\"><Relationship Id=\"r\" Type=\"{kind}/officeDocument\" \
                 Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ));
        files.push((
            "xl/workbook.xml",
            format!("<workbook {MAIN}><sheets>{list}</sheets></workbook>"),
        ));
        files.push((
            "xl/_rels/workbook.xml.rels",
            format!("<Relationships xmlns=\"{package}\">{links}</Relationships>"),
        ));
        let formats = "<cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"14\" applyNumberFormat=\"1\"/></cellXfs>";
        files.push(("xl/styles.xml", format!("<styleSheet {MAIN}>{formats}</styleSheet>")));
        let names = ["xl/worksheets/s0.xml", "xl/worksheets/s1.xml", "xl/worksheets/s2.xml"];
        for (name, (.., rows)) in names.iter().zip(sheets) {
            files.push((
                *name,
                format!("<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"),
            ));
        }
        zipped("t.xlsx", &files)
    }

    fn words(place: &str, text: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn read(place: &Place, layer: Option<&str>) -> Result<String, String> {
        let text = text(place, layer).map(|bytes| String::from_utf8(bytes).unwrap());
        text.map_err(|error| error.to_string().replace(&place.written, "t"))
    }

    #[test]
    fn cells_of_all_kinds_are_read_below_their_header() {
        let rows = [
            format!("<row r=\"1\">{}</row>", words("A1", "Facilities of 2026")),
            format!(
                "<row r=\"3\">{}{}{}{}</row>",
                words("A3", "name"),
                words("B3", "lat"),
                words("C3", "lon"),
                words("D3", "day")
            ),
            format!(
                "<row r=\"4\">{}<c r=\"B4\"><v>4.5</v></c><c r=\"C4\"><f>1+1</f><v>31.25</v></c><c r=\"D4\" s=\"1\"><v>45000</v></c></row>",
                words("A4", "A, \"x\"".replace('"', "&quot;").as_str())
            ),
            format!(
                "<row r=\"6\">{}<c r=\"B6\" t=\"e\"><v>#N/A</v></c><c r=\"XFD6\"><v>9</v></c></row>",
                words("A6", "B")
            ),
        ];
        let (_folder, place) = xlsx(&[("Sites", "visible", &rows.concat())]);
        let wanted = "sep=,\nname,lat,lon,day\n\"A, \"\"x\"\"\",4.5,31.25,2023-03-15\nB,,,\n";
        assert_eq!(read(&place, None).unwrap(), wanted);
    }

    #[test]
    fn a_sheet_is_named_or_the_only_one_that_is_shown_and_holds_something() {
        let row = |cell: &str| format!("<row r=\"1\">{}</row>", words("A1", cell));
        let (a, b) = (row("a"), row("b"));
        let (_folder, place) =
            xlsx(&[("Hidden", "hidden", &a), ("Empty", "visible", ""), ("Sites", "visible", &b)]);
        assert_eq!(read(&place, None).unwrap(), "sep=,\nb\n");
        assert_eq!(read(&place, Some("Hidden")).unwrap(), "sep=,\na\n");
        assert_eq!(names(&place).unwrap().1, ["Empty", "Sites", "Hidden"]);
        let (_folder, place) = xlsx(&[("A", "visible", &a), ("B", "visible", &b)]);
        assert_eq!(read(&place, None).unwrap_err(), "t: it has 2 sheets: A, B");
        assert_eq!(read(&place, Some("C")).unwrap_err(), "t: no layer \"C\"; it has A, B");
    }

    #[test]
    fn a_sheet_that_would_not_fit_is_refused_before_it_is_written() {
        let header = format!("<row r=\"1\">{}{}</row>", words("A1", "x"), words("XFD1", "y"));
        let mut far = String::new();
        for row in 2..2000 {
            write!(far, "<row r=\"{row}\"><c r=\"XFD{row}\"><v>1</v></c></row>").unwrap();
        }
        let (_folder, place) = xlsx(&[("A", "visible", &(header + &far))]);
        let place = place.within_budget(Budget { bytes: 64 << 20 });
        let error = read(&place, None).unwrap_err();
        assert!(error.contains("may need"), "{error}");
    }

    /// An `.ods` of one sheet with these rows.
    fn ods(rows: &str) -> (tempfile::TempDir, Place) {
        let content = format!(
            "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"S\">{rows}</table:table>\
             </office:spreadsheet></office:body></office:document-content>"
        );
        zipped("t.ods", &[("content.xml", content)])
    }

    #[test]
    fn an_ods_is_read_with_what_is_repeated_and_without_comments() {
        let cell = |kind: &str, text: &str| {
            format!("<table:table-cell {kind}><text:p>{text}</text:p></table:table-cell>")
        };
        let row =
            |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
        let string = "office:value-type=\"string\"";
        let rows = [
            row(&[cell(string, "name"), cell(string, "lat"), cell(string, "lon"), cell(string, "day")]),
            row(&[
                cell(string, "A &amp; B<text:s/>C").replace("<text:p>", "<office:annotation><text:p>no</text:p></office:annotation><text:p>"),
                cell("office:value-type=\"float\" office:value=\"4.5\" table:number-columns-repeated=\"2\"", "4,5"),
                cell("office:value-type=\"date\" office:date-value=\"2026-01-02\"", "2.1.26"),
                "<table:table-cell table:number-columns-repeated=\"16380\"/>".into(),
            ]),
            "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>".into(),
        ];
        let (_folder, place) = ods(&rows.concat());
        assert_eq!(
            read(&place, None).unwrap(),
            "sep=,\nname,lat,lon,day\nA & B C,4.5,4.5,2026-01-02\n"
        );
        let far = "<table:table-row table:number-rows-repeated=\"1048570\"><table:table-cell/><table:table-cell \
                   office:value-type=\"string\" table:number-columns-repeated=\"16383\"><text:p>x</text:p></table:table-cell></table:table-row>";
        let head = row(&[cell(string, "name")]);
        let (_folder, place) = ods(&(head.repeat(40) + far));
        assert_eq!(
            read(&place, None).unwrap().lines().count(),
            41,
            "cells beyond the header take no time"
        );
        let bomb = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell office:value-type=\"string\" \
                    table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell></table:table-row>";
        let (_folder, place) = ods(bomb);
        let place = place.within_budget(Budget { bytes: 64 << 20 });
        assert!(read(&place, None).unwrap_err().contains("may need"));
    }

    #[test]
    fn what_is_no_spreadsheet_is_told() {
        let (_folder, place) = zipped("t.xlsx", &[("a.txt", "x".into())]);
        assert!(read(&place, None).unwrap_err().contains("no spreadsheet that can be read"));
        let (_folder, place) = zipped("t.xls", &[("a.txt", "x".into())]);
        assert!(read(&place, None).unwrap_err().contains("before 2007"));
    }
}
