//! The header of a table: its delimiter, the names of its columns, and those that tell places.
//!
//! Titles may stand above the header: it is the first row with names of places, else the first of several cells. Where
//! cells above are merged, two rows are one header: the lower names a column, the upper what the lower leaves empty.

use super::angle::plain;
use super::names::Candidates;
use super::places::Placed;
use super::{Ration, is_blank, quotes};
use crate::model::cells::unquoted;
use std::collections::{BTreeMap, BTreeSet};

/// What parts cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So many columns a table may have: as many as a spreadsheet.
pub(super) const MOST_COLUMNS: usize = 16_384;

/// Rows among which the header is looked for, and bytes of them.
pub(super) const HEAD: usize = 30;
const MOST_HEAD: usize = 1 << 20;

/// Rows that are looked at to tell which columns hold places.
const SAMPLE: usize = 100;

/// The header of a table.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// The names of its columns, no two the same.
    pub(super) names: Vec<String>,
    /// The columns that tell places.
    pub(super) placed: Placed,
    /// The tags below the names, of the Humanitarian Exchange Language.
    pub(super) tags: Vec<String>,
    candidates: Candidates,
    /// Where the first row begins.
    pub(super) end: usize,
    /// Where a quote opens in it that is not closed.
    pub(super) unclosed: Option<usize>,
    /// Whether it is longer than a row may be.
    pub(super) is_cut: bool,
    /// How many columns it has, if those are too many to be named.
    pub(super) too_many: Option<usize>,
}

impl Header {
    /// The header of a text; of the delimiters that which parts it into most columns, those first by
    /// which it has a place. A row of more bytes than `most_row` is cut off.
    pub(super) fn of(text: &[u8], usual: u8, most_row: usize) -> Self {
        let (stated, start) = stated(text);
        let tried: Vec<u8> = stated.map_or_else(|| vec![usual], |stated| vec![stated]);
        let others = DELIMITERS.into_iter().filter(|other| stated.is_none() && *other != usual);
        let mut best: Option<((u8, usize), Self)> = None;
        for delimiter in tried.into_iter().chain(others) {
            let header = Self::parted(text, [start, most_row], delimiter);
            let rank = (header.rank(), header.names.len());
            if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                best = Some((rank, header));
            }
        }
        let best = best.map(|(_, header)| header);
        let mut header = best.unwrap_or_else(|| Self::parted(text, [start, most_row], usual));
        let sample = header.sample(text, most_row);
        header.placed = Placed::of(&header.candidates, &sample, header.names.len());
        header
    }

    /// How surely columns are named as those of places are, and parted as they are meant.
    fn rank(&self) -> u8 {
        let Candidates { pairs, shapes, utm, texts, .. } = &self.candidates;
        let is_whole = |column: &usize| {
            let name = self.names.get(*column).map_or("", String::as_str);
            !name.contains([';', '\t', '|'])
        };
        let utm = utm.iter().map(|utm| utm.columns);
        let mut columns = pairs.iter().map(|pair| pair.columns).chain(utm);
        if columns.any(|pair| pair.iter().all(is_whole)) || shapes.iter().any(is_whole) {
            return 2;
        }
        u8::from(texts.iter().any(|(column, order)| order.is_some() && is_whole(column)))
    }

    /// The first rows.
    fn sample(&self, text: &[u8], most_row: usize) -> Vec<csv::StringRecord> {
        let ration = Ration::of(most_row);
        let rest = text.get(self.end..).unwrap_or_default();
        let mut reader = super::reader(ration.of_text(rest), self.delimiter);
        let (mut rows, mut row) = (Vec::new(), csv::StringRecord::new());
        while rows.len() < SAMPLE && reader.read_record(&mut row).is_ok_and(|is_any| is_any) {
            ration.renew();
            if !is_blank(row.as_byte_record().iter()) {
                rows.push(row.clone());
            }
        }
        rows
    }

    fn parted(text: &[u8], [start, most_row]: [usize; 2], delimiter: u8) -> Self {
        let rest = text.get(start..).unwrap_or_default();
        let ration = Ration::of(most_row);
        let mut reader = super::reader(ration.of_text(rest), delimiter);
        let (mut rows, mut ends) = (Vec::<Vec<String>>::new(), Vec::new());
        let mut widths = Vec::new();
        let mut record = csv::StringRecord::new();
        let (mut is_cut, mut is_any) = (false, true);
        while is_any && rows.len() < HEAD && ends.last().is_none_or(|end| *end < MOST_HEAD) {
            // The only fault of a text in memory that is UTF-8 is a row that is too long.
            let read = reader.read_record(&mut record);
            is_cut |= read.is_err() && rows.is_empty();
            is_any = read.unwrap_or(false);
            if is_any || rows.is_empty() {
                rows.push(record.iter().take(MOST_COLUMNS + 1).map(str::to_string).collect());
                ends.push(reader.position().byte() as usize);
                widths.push(record.len());
            }
            ration.renew();
        }
        let Heading { row, rows: count, names: record } = Heading::of(&rows);
        let below = row + count;
        let mut end = ends.get(below - 1).copied().unwrap_or_default();
        let unclosed = quotes::unclosed(rest.get(..end).unwrap_or_default(), delimiter);
        let tags = rows.get(below).map_or(&[][..], Vec::as_slice);
        let is_tagged = is_tags(tags);
        if is_tagged {
            end = ends.get(below).copied().unwrap_or(end);
        }
        let widest = widths.iter().take(below).skip(row).max();
        let too_many = widest.copied().filter(|columns| *columns > MOST_COLUMNS);
        let names = record.iter().take(MOST_COLUMNS);
        let found: Vec<&str> = names.map(|name| unquoted(name.trim())).collect();
        let tags = tags.iter().take(MOST_COLUMNS).filter(|_| is_tagged);
        let tags: Vec<&str> = tags.map(String::as_str).collect();
        let (by_name, by_tag) = (Candidates::of(&found), Candidates::of(&tags));
        // Tags say what they mean, names of columns what somebody calls them.
        let is_by_tag = by_tag.is_any() && by_name.pairs.is_empty();
        let candidates = if is_by_tag { by_tag } else { by_name };
        let tags = tags.into_iter().map(|tag| tag.trim().to_lowercase()).collect();
        let unclosed = unclosed.map(|at| start + at);
        let (names, end) = (named_apart(&found), start + end);
        let placed = Placed::Nowhere;
        Self { delimiter, names, placed, tags, candidates, end, unclosed, is_cut, too_many }
    }
}

/// The delimiter that a first line `sep=;` states, as spreadsheets write it, and where the next begins.
fn stated(text: &[u8]) -> (Option<u8>, usize) {
    let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
    let line = text.get(..end).unwrap_or_default().trim_ascii_end();
    // A tab would be trimmed as a blank.
    let line = if line.len() == 4 { text.get(..5).unwrap_or_default() } else { line };
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => (Some(*delimiter), end + 1),
        _ => (None, 0),
    }
}

/// The header among the first rows of a table.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    /// The first of its rows, and how many it has.
    pub(super) row: usize,
    pub(super) rows: usize,
    pub(super) names: Vec<String>,
}

impl Heading {
    /// That of these rows.
    pub(super) fn of(rows: &[Vec<String>]) -> Self {
        // A row of tags stands below its header.
        let header = |row: usize| row - usize::from(row > 0 && is_tags(&rows[row]));
        let is_longest =
            |row: usize| rows[..row].iter().all(|above| filled(above) < filled(&rows[row]));
        let is_united = |row: usize| row > 0 && united(&rows[row - 1], &rows[row]).is_some();
        let mut named = (0..rows.len()).filter(|row| is_header(&rows[*row])).map(header);
        // A first row may tell places in another way.
        let is_first = rows.first().is_some_and(|row| filled(row) > 1 && names_of(row).is_any());
        let is_pair = |row: usize| {
            let Candidates { pairs, utm, .. } = names_of(&rows[row]);
            !is_first && (!pairs.is_empty() || utm.is_some())
        };
        let is_it = |row: &usize| is_longest(*row) || is_united(*row) || is_pair(*row);
        let named = named.find(is_it);
        // A first row of one cell in several columns is a title, as is a comment.
        let is_titled = rows.first().is_some_and(|row| {
            filled(row) < 2 && (row.len() > 1 || row.iter().any(|cell| cell.starts_with('#')))
        });
        let several = || rows.iter().position(|row| filled(row) > 1).filter(|_| is_titled);
        let row = named.or_else(several).unwrap_or(0);
        let of = |row: usize| rows.get(row).map_or(&[][..], Vec::as_slice);
        let two = |first: usize| {
            let names = united(of(first), of(first + 1)).filter(|names| is_header(names))?;
            Some(Self { row: first, rows: 2, names })
        };
        let above = row.checked_sub(1).and_then(two);
        let both = above.or_else(|| two(row).filter(|_| named.is_some()));
        both.unwrap_or_else(|| Self { row, rows: 1, names: of(row).to_vec() })
    }
}

/// Whether the cells of a row are names of columns of places.
fn is_header(row: &[String]) -> bool {
    !row.iter().any(|cell| is_decimal(cell)) && names_of(row).names_places()
}

fn names_of(row: &[String]) -> Candidates {
    Candidates::of(&row.iter().map(|cell| unquoted(cell.trim())).collect::<Vec<_>>())
}

/// Whether a cell is a number with decimals, as no name is.
fn is_decimal(cell: &str) -> bool {
    cell.contains(['.', ',']) && is_number(cell)
}

fn is_number(cell: &str) -> bool {
    plain(&cell.trim().replace(',', ".")).is_some()
}

fn filled(row: &[String]) -> usize {
    row.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// The names of a header of two rows, of which the upper has merged cells; `None` if these are none.
///
/// ```text
/// name | Coordinates |     | beds         name | lat | lon | beds
///      | lat         | lon |         
/// ```
fn united(upper: &[String], lower: &[String]) -> Option<Vec<String>> {
    let cell =
        |row: &[String], column: usize| row.get(column).map_or("", |cell| cell.trim()).to_string();
    let (mut names, mut span, mut is_merged) = (Vec::new(), String::new(), false);
    if filled(upper) < 2 || lower.iter().any(|cell| is_number(cell)) || is_tags(lower) {
        return None;
    }
    for column in 0..upper.len().max(lower.len()).min(MOST_COLUMNS + 1) {
        let (above, below) = (cell(upper, column), cell(lower, column));
        let is_spanning = cell(upper, column + 1).is_empty() && !cell(lower, column + 1).is_empty();
        if !above.is_empty() {
            span.clone_from(&above);
        }
        // What stands below a name of one column is a row.
        if !above.is_empty() && !below.is_empty() && !is_spanning {
            return None;
        }
        is_merged |= above.is_empty() && !below.is_empty();
        names.push(match (above.is_empty(), below.is_empty()) {
            (_, true) => above,
            _ if Candidates::is_axis(&span) => format!("{span} {below}"),
            _ => below,
        });
    }
    is_merged.then_some(names)
}

/// Whether a row holds tags of the Humanitarian Exchange Language.
fn is_tags(row: &[String]) -> bool {
    let mut filled = row.iter().map(|cell| cell.trim()).filter(|it| !it.is_empty()).peekable();
    filled.peek().is_some() && filled.all(|cell| cell.starts_with('#'))
}

/// Names, those that are missing or met before made up: `column_3`, `name_2`.
fn named_apart(found: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(found.len());
    let given: BTreeSet<&str> = found.iter().copied().collect();
    let (mut taken, mut last) = (BTreeSet::new(), BTreeMap::new());
    for (place, name) in found.iter().enumerate() {
        let name =
            if name.is_empty() { format!("column_{}", place + 1) } else { (*name).to_string() };
        let is_free = |wanted: &String| {
            !taken.contains(wanted) && (*wanted == name || !given.contains(wanted.as_str()))
        };
        // Of columns of one name each goes on where the one before ended.
        let number = last.entry(name.clone()).or_insert(1_usize);
        let mut free = if *number == 1 { name.clone() } else { format!("{name}_{number}") };
        while !is_free(&free) {
            *number += 1;
            free = format!("{name}_{number}");
        }
        taken.insert(free.clone());
        names.push(free);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(text: &str) -> Header {
        Header::of(text.as_bytes(), b',', usize::MAX)
    }

    #[test]
    fn the_delimiter_is_that_of_most_columns_with_a_place() {
        for (text, delimiter) in [
            ("id,lon,lat\n", b','),
            ("id;\"a,b,c,d\";lon;lat\n", b';'),
            ("id, name, of it;lon;lat\n", b';'),
            ("id\tlon\tlat\n", b'\t'),
            ("id|lon|lat\n", b'|'),
            ("sep=;\r\nid;name\r\n", b';'),
            ("sep=\t\nid\tname\n", b'\t'),
            ("alone\n", b','),
        ] {
            assert_eq!(header(text).delimiter, delimiter, "{text}");
        }
        let stated = "sep=;\r\nid;name\r\n1;a\r\n";
        assert!(stated[header(stated).end..].trim_start().starts_with("1;a"));
    }

    /// The columns of longitude and latitude.
    fn pair(text: &str) -> Option<[usize; 2]> {
        match header(text).placed {
            Placed::Pair(pair, _) => Some(pair.columns),
            _ => None,
        }
    }

    #[test]
    fn places_are_found_by_the_plainest_of_their_names() {
        for (text, columns) in [
            ("X,Y,Latitude,LONGITUDE\n", Some([3, 2])),
            ("id, Längengrad ,Breitengrad\n", Some([1, 2])),
            ("#name,#geo +lon,#geo+lat\n", Some([1, 2])),
            ("name;lat;lon\nA, of it;1;2\n", Some([2, 1])),
            ("id,lon\n", None),
        ] {
            assert_eq!(pair(text), columns, "{text}");
        }
        assert_eq!(header("id,WKT,lon\n").placed, Placed::Text(1, None));
        assert_eq!(header("name;lat, lon\nA;1, 2\n").delimiter, b';');
    }

    #[test]
    fn a_sample_tells_whether_a_column_holds_places() {
        for (text, placed) in [
            ("location,name\nJuba,A\nTorit,B\n", Placed::Nowhere),
            ("location,name\nJuba,A\n\"4.85, 31.6\",B\n", Placed::Text(0, None)),
            ("a,b\n1,36RVU1234567890\n2,36RVU2234567890\n", Placed::Text(1, None)),
            ("a,b\n1,POINT(1 2)\n", Placed::Text(1, None)),
            ("geom,lon,lat\n\"POLYGON((0 0,1 0,1 1,0 0))\",1,1\n", Placed::Text(0, None)),
            ("gps,_gps_latitude,_gps_longitude\n1.5 2.5 0 5,,\n", Placed::Text(0, None)),
        ] {
            assert_eq!(header(text).placed, placed, "{text}");
        }
        assert_eq!(pair("geom,lon,lat\nPOINT(1 1),1,1\n"), Some([1, 2]));
    }

    #[test]
    fn a_row_of_tags_is_skipped_and_may_name_places() {
        let text = "Nom,Est,Nord\n#loc+name,#geo+lon,#geo+lat\nA,1,2\n";
        let found = header(text);
        assert_eq!(pair(text), Some([1, 2]));
        assert_eq!(found.tags[0], "#loc+name");
        assert!(text[found.end..].trim_start().starts_with("A,1,2"));
        assert!(header("id,lon,lat\n,,\n#5,1,2\n").end < 12, "a row of blanks, or with a number");
    }

    /// The names and the first row below them.
    fn names_and_row(text: &str) -> (String, &str) {
        let header = header(text);
        (header.names.join(","), text[header.end..].trim_start().lines().next().unwrap_or_default())
    }

    #[test]
    fn titles_may_stand_above_a_header() {
        for text in [
            "Health facilities,,\nname,lat,lon\nA,1,2\n",
            "Health facilities\n\nname,lat,lon\nA,1,2\n",
            "# comment, with a comma\n# another\nname,lat,lon\nA,1,2\n",
            ",,\nname,lat,lon\nA,1,2\n",
            "Date:,2026-01-01,\n,,\nname,lat,lon\nA,1,2\n",
            "Ministry of Health;;\r\n\r\nUpdated 2026-01-01;;\r\nname;lat;lon\r\nA,1,2\r\n",
            "name,lat,lon\nA,1,2\n",
            "name,lat,lon\n#loc+name,#geo+lat,#geo+lon\nA,1,2\n",
            "List of 2026,,\nname,lat,lon\n#loc+name,#geo+lat,#geo+lon\nA,1,2\n",
        ] {
            assert_eq!(names_and_row(text), ("name,lat,lon".into(), "A,1,2"), "{text}");
        }
        for (text, names) in [
            ("Facilities,,\nname,location,beds\nA,\"1, 2\",3\n", "name,location,beds"),
            ("id;name\n1;A, B, C, D\n", "id,name"),
            ("id\nA\nB\n", "id"),
            ("a,b\ngeometry,x\n", "a,b"),
            ("from,to\nlon,lat\n", "lon,lat"),
            ("from,to\nA,B\n", "from,to"),
            ("name,location\nA,x\nlat,lon\n", "name,location"),
        ] {
            assert_eq!(names_and_row(text).0, names, "{text}");
        }
    }

    #[test]
    fn two_rows_of_merged_cells_are_one_header() {
        for (text, names) in [
            ("name,Coordinates,,beds\n,lat,lon,\nA,1,2,3\n", "name,lat,lon,beds"),
            ("Title,,,\nname,Coordinates,,beds\n,lat,lon,\nA,1,2,3\n", "name,lat,lon,beds"),
            ("name,lat,lon,Staff,\n,,,doctors,nurses\nA,1,2,3\n", "name,lat,lon,doctors,nurses"),
            (
                "name,Latitude,,Longitude,\n,deg,min,deg,min\nA,1,2,3\n",
                "name,Latitude deg,Latitude min,Longitude deg,Longitude min",
            ),
        ] {
            let (found, row) = names_and_row(text);
            assert_eq!((found.as_str(), row), (names, "A,1,2,3"), "{text}");
        }
        for text in
            ["name,lat,lon,\nA,x,y,z\n", "name,lat,lon,\nA,1,2,3\n", "name,lat,lon\n,,\nA,1,2\n"]
        {
            assert!(names_and_row(text).0.starts_with("name,lat,lon"), "{text}");
            assert!(
                names_and_row(text).1.starts_with('A') || names_and_row(text).1 == ",,",
                "{text}"
            );
        }
    }

    #[test]
    fn many_columns_of_one_name_are_named_apart_at_once() {
        let names = header(&"a,".repeat(MOST_COLUMNS - 1)).names;
        assert_eq!(names.len(), MOST_COLUMNS);
        assert_eq!(names[MOST_COLUMNS - 2], format!("a_{}", MOST_COLUMNS - 1));
        assert_eq!(header(&",".repeat(MOST_COLUMNS)).too_many, Some(MOST_COLUMNS + 1));
    }

    #[test]
    fn columns_have_names_of_their_own() {
        assert_eq!(header("a,a,,a_2, a\n").names, ["a", "a_3", "column_3", "a_2", "a_4"]);
    }
}
