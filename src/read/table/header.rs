//! The header of a table: its delimiter, the names of its columns, and those that tell places.

use super::names::Candidates;
use super::places::Placed;
use super::{Ration, is_blank, quotes};
use crate::model::cells::unquoted;
use std::collections::{BTreeMap, BTreeSet};

/// What parts cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So many columns a table may have: as many as a spreadsheet.
pub(super) const MOST_COLUMNS: usize = 16_384;

/// At most this many rows of titles may stand above the header.
const MOST_TITLES: usize = 30;

/// Rank of a header that names places.
const PLACED: u8 = 2;

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
        let mut header = Self::best(text, [start, most_row], usual, stated);
        if header.rank() == 0 {
            // Titles may stand above it.
            let rows =
                memchr::memchr_iter(b'\n', text).map(|end| end + 1).filter(|row| *row > start);
            let below = |row| Self::best(text, [row, most_row], usual, stated);
            let named = rows.take(MOST_TITLES).map(below).find(|below| below.rank() == PLACED);
            header = named.unwrap_or(header);
        }
        let sample = header.sample(text, most_row);
        header.placed = Placed::of(&header.candidates, &sample, header.names.len());
        header
    }

    /// The header that begins at a place of the text, by the best of the delimiters.
    fn best(text: &[u8], [start, most_row]: [usize; 2], usual: u8, stated: Option<u8>) -> Self {
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
        best.unwrap_or_else(|| Self::parted(text, [start, most_row], usual))
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
            return PLACED;
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
        let (mut record, mut tags) = (csv::StringRecord::new(), csv::StringRecord::new());
        // The only fault of a text in memory that is UTF-8 is a row that is too long.
        let is_cut = reader.read_record(&mut record).is_err();
        let mut end = reader.position().byte() as usize;
        ration.renew();
        let unclosed = quotes::unclosed(rest.get(..end).unwrap_or_default(), delimiter);
        let _is_any = reader.read_record(&mut tags);
        let is_tagged = is_tags(&tags);
        if is_tagged {
            end = reader.position().byte() as usize;
        }
        let too_many = Some(record.len()).filter(|columns| *columns > MOST_COLUMNS);
        let names = record.iter().take(MOST_COLUMNS);
        let found: Vec<&str> = names.map(|name| unquoted(name.trim())).collect();
        let tags: Vec<&str> = tags.iter().take(MOST_COLUMNS).filter(|_| is_tagged).collect();
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

/// Whether a row holds tags of the Humanitarian Exchange Language.
fn is_tags(row: &csv::StringRecord) -> bool {
    let mut filled = row.iter().map(str::trim).filter(|cell| !cell.is_empty()).peekable();
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
    fn titles_may_stand_above_a_header() {
        for text in [
            "List of facilities\nname,lon,lat\nA,1,2\n",
            "Ministry of Health;;\r\n\r\nUpdated 2026-01-01;;\r\nname;lon;lat\r\nA;1;2\r\n",
        ] {
            let found = header(text);
            assert_eq!(
                (&found.names[..], pair(text)),
                (&["name", "lon", "lat"].map(String::from)[..], Some([1, 2]))
            );
            assert!(text[found.end..].trim_start().starts_with('A'), "{text}");
        }
        assert_eq!(header("from,to\nlon,lat\n").names, ["lon", "lat"]);
        assert_eq!(header("from,to\nA,B\n").names, ["from", "to"]);
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
