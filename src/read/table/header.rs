//! The header of a table: its delimiter, the names of its columns, and those that tell places.

use super::{Ration, quotes};
use crate::model::cells::unquoted;
use std::collections::{BTreeMap, BTreeSet};

/// What parts cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// So many columns a table may have: as many as a spreadsheet.
pub(super) const MOST_COLUMNS: usize = 16_384;

/// Names of the column of longitudes, the plainest first; blanks count as underscores.
const LONGITUDES: [&str; 18] = [
    "longitude",
    "lon",
    "long",
    "lng",
    "x",
    "decimallongitude",
    "lon_dd",
    "long_dd",
    "point_x",
    "coord_x",
    "x_coord",
    "gps_longitude",
    "_longitude",
    "_gps_longitude",
    "longitud",
    "longitudine",
    "längengrad",
    "#geo+lon",
];

/// Names of the column of latitudes.
const LATITUDES: [&str; 15] = [
    "latitude",
    "lat",
    "y",
    "decimallatitude",
    "lat_dd",
    "point_y",
    "coord_y",
    "y_coord",
    "gps_latitude",
    "_latitude",
    "_gps_latitude",
    "latitud",
    "latitudine",
    "breitengrad",
    "#geo+lat",
];

/// Names of a column of geometries as text.
const SHAPES: [&str; 7] =
    ["wkt", "geom", "geometry", "the_geom", "geometrie", "wkt_geom", "geom_wkt"];

/// Where rows say where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placed {
    /// In the columns of longitude and latitude.
    Degrees([usize; 2]),
    /// In a column of geometries as text.
    Shape(usize),
    /// In no column.
    Nowhere,
}

/// The header of a table.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// The names of its columns, no two the same.
    pub(super) names: Vec<String>,
    pub(super) placed: Placed,
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
        let mut best: Option<(bool, usize, Self)> = None;
        for delimiter in tried.into_iter().chain(others) {
            let header = Self::parted(text, [start, most_row], delimiter);
            let (is_placed, columns) = (header.placed != Placed::Nowhere, header.names.len());
            if best.as_ref().is_none_or(|(placed, most, _)| (is_placed, columns) > (*placed, *most))
            {
                best = Some((is_placed, columns, header));
            }
        }
        best.map_or_else(|| Self::parted(text, [start, most_row], usual), |(.., header)| header)
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
        let placed = match Placed::of(&found) {
            Placed::Nowhere if is_tagged => {
                Placed::of(&tags.iter().take(MOST_COLUMNS).collect::<Vec<_>>())
            }
            placed => placed,
        };
        let unclosed = unclosed.map(|at| start + at);
        let (names, end) = (named_apart(&found), start + end);
        Self { delimiter, names, placed, end, unclosed, is_cut, too_many }
    }
}

impl Placed {
    /// Where the columns of these names say where rows are.
    fn of(names: &[&str]) -> Self {
        let folded: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let find = |known: &[&str]| {
            known.iter().find_map(|known| folded.iter().position(|name| name == known))
        };
        match (find(&LONGITUDES), find(&LATITUDES), find(&SHAPES)) {
            (Some(longitude), Some(latitude), _) => Self::Degrees([longitude, latitude]),
            (_, _, Some(shape)) => Self::Shape(shape),
            _ => Self::Nowhere,
        }
    }

    /// Whether a column tells places.
    pub(super) fn holds(self, column: usize) -> bool {
        match self {
            Self::Degrees(columns) => columns.contains(&column),
            Self::Shape(shape) => shape == column,
            Self::Nowhere => false,
        }
    }
}

/// A name as names are compared.
fn folded(name: &str) -> String {
    let name = name.trim().to_lowercase();
    if name.starts_with('#') { name.replace(' ', "") } else { name.replace(' ', "_") }
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

    #[test]
    fn places_are_found_by_the_plainest_of_their_names() {
        for (text, placed) in [
            ("X,Y,Latitude,LONGITUDE\n", Placed::Degrees([3, 2])),
            ("id, Längengrad ,Breitengrad\n", Placed::Degrees([1, 2])),
            ("id,GPS Longitude,gps latitude\n", Placed::Degrees([1, 2])),
            ("#name,#geo +lon,#geo+lat\n", Placed::Degrees([1, 2])),
            ("id,WKT,lon\n", Placed::Shape(1)),
            ("id,lon\n", Placed::Nowhere),
        ] {
            assert_eq!(header(text).placed, placed, "{text}");
        }
    }

    #[test]
    fn a_row_of_tags_is_skipped_and_may_name_places() {
        let text = "Nom,Est,Nord\n#loc+name,#geo+lon,#geo+lat\nA,1,2\n";
        let found = header(text);
        assert_eq!(found.placed, Placed::Degrees([1, 2]));
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
