//! Features with columns: which there are, and of which kind.

use crate::model::columns::{self, Layout};
use crate::write::schema;
use rayon::prelude::*;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};

/// What a column holds; each may be null.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; lists and objects of inputs are text in JSON.
    Text,
    /// Whole numbers, each of which a double holds.
    Integer,
    /// Whole numbers, some of which no double holds.
    Long,
    /// Numbers.
    Real,
    /// True or false.
    Truth,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name, as in GeoJSON.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// What it is, in a sentence; `None` for columns of inputs.
    pub about: Option<String>,
}

/// One feature.
#[derive(Deserialize)]
pub struct Record<'r> {
    #[serde(borrow)]
    pub(super) geometry: Option<Shape<'r>>,
    pub(super) properties: Map<String, Value>,
}

/// Its geometry, in WGS 84.
#[derive(Deserialize)]
pub(super) struct Shape<'r> {
    #[serde(rename = "type")]
    pub(super) kind: String,
    #[serde(borrow)]
    pub(super) coordinates: &'r RawValue,
}

/// Rings of each part, as lists of coordinates.
pub(super) type Parts<T> = Vec<Vec<Vec<[T; 2]>>>;

impl Shape<'_> {
    /// Its parts, coordinates as they are wanted.
    pub(super) fn parts<T: DeserializeOwned>(&self) -> io::Result<Parts<T>> {
        let at = self.coordinates.get();
        Ok(match self.kind.as_str() {
            "Polygon" => vec![serde_json::from_str(at)?],
            _ => serde_json::from_str(at)?,
        })
    }

    /// As GeoJSON; a polygon becomes one of several where a layer has one kind only.
    pub(super) fn text(&self, is_many: bool) -> String {
        let (kind, at) = (&self.kind, self.coordinates.get());
        if is_many && kind == "Polygon" {
            format!("{{\"type\":\"MultiPolygon\",\"coordinates\":[{at}]}}")
        } else {
            format!("{{\"type\":\"{kind}\",\"coordinates\":{at}}}")
        }
    }
}

/// Where features come from, as often as they are wanted.
pub trait Records {
    /// Goes through all of them, in their order.
    ///
    /// # Errors
    ///
    /// What reading them gives, and what `take` returns.
    fn each(&self, take: &mut dyn FnMut(Record) -> io::Result<()>) -> io::Result<()>;
}

/// Features in a file without a name, one a line.
pub struct Spool(BufWriter<File>);

impl Spool {
    /// An empty one.
    ///
    /// # Errors
    ///
    /// If there is no place for temporary files.
    pub fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::with_capacity(1 << 18, crate::write::nameless()?)))
    }

    /// Takes lines, each with one feature and an end of line.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        self.0.write_all(lines)
    }

    /// Nothing more comes.
    ///
    /// # Errors
    ///
    /// If the disk is full.
    pub fn end(mut self) -> io::Result<impl Records> {
        self.0.flush()?;
        self.0.into_inner().map(Lines).map_err(io::IntoInnerError::into_error)
    }
}

/// So many bytes of lines are read at a time, or one line.
const AT_A_TIME: usize = 1 << 21;

/// Lines of a file.
struct Lines(File);

impl Records for Lines {
    fn each(&self, take: &mut dyn FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        (&self.0).rewind()?;
        let mut lines = BufReader::with_capacity(1 << 18, &self.0);
        let (mut text, mut ends) = (Vec::new(), vec![0]);
        loop {
            // Some at a time, so that all threads read them and few are held.
            text.clear();
            ends.truncate(1);
            while text.len() < AT_A_TIME && lines.read_until(b'\n', &mut text)? > 0 {
                ends.push(text.len());
            }
            if text.is_empty() {
                return Ok(());
            }
            let read: Vec<serde_json::Result<Record>> = ends
                .par_windows(2)
                .filter_map(|ends| text.get(ends[0]..ends[1]).filter(|line| *line != b"\n"))
                .map(serde_json::from_slice)
                .collect();
            read.into_iter().try_for_each(|record| take(record?))?;
        }
    }
}

/// The features of a collection in memory, as text.
impl Records for Vec<u8> {
    fn each(&self, take: &mut dyn FnMut(Record) -> io::Result<()>) -> io::Result<()> {
        #[derive(Deserialize)]
        struct Collection<'c> {
            #[serde(borrow)]
            features: Vec<Record<'c>>,
        }
        let collection: Collection = serde_json::from_slice(self)?;
        collection.features.into_iter().try_for_each(take)
    }
}

/// One layer of a file.
pub struct Layer<'l> {
    /// Its name.
    pub name: &'static str,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Whether all geometries are polygons.
    pub is_surface: bool,
    /// Its features.
    pub records: &'l dyn Records,
}

impl<'l> Layer<'l> {
    /// Areas, or areas taken together, of an assessment with these columns.
    ///
    /// # Errors
    ///
    /// What going through the features returns.
    pub fn areas(
        name: &'static str,
        layout: &Layout,
        records: &'l dyn Records,
    ) -> io::Result<Self> {
        let names: BTreeSet<String> = columns::names(layout).into_iter().collect();
        let of_options = |key: &str| OF_OPTIONS.iter().find(|(name, ..)| *name == key);
        let known = |key: &str| match of_options(key).filter(|_| name == "options") {
            Some((_, kind, about)) => Some((*kind, (*about).to_string())),
            None => names.contains(key).then(|| schema::kind_of(key)).flatten(),
        };
        Self::new(name, true, &known, records)
    }

    /// Sites, as they are written beside an assessment.
    ///
    /// # Errors
    ///
    /// What going through the features returns.
    pub fn sites(records: &'l dyn Records) -> io::Result<Self> {
        Self::new("sites", false, &|key| known(&OF_SITES, key), records)
    }

    /// Gaps, as they are written beside an assessment.
    ///
    /// # Errors
    ///
    /// What going through the features returns.
    pub fn gaps(records: &'l dyn Records) -> io::Result<Self> {
        Self::new("gaps", false, &|key| known(&OF_GAPS, key), records)
    }

    /// A layer of features; columns stand in the order in which features first bring them.
    fn new(
        name: &'static str,
        is_surface: bool,
        known: Known,
        records: &'l dyn Records,
    ) -> io::Result<Self> {
        let mut columns: Vec<Column> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        // What is known of those of inputs: nothing, as long as all are null.
        let mut kinds: Vec<Option<Kind>> = Vec::new();
        records.each(&mut |record| {
            let mut last = None;
            for (key, value) in &record.properties {
                let place = if let Some(place) = places.get(key) {
                    *place
                } else {
                    let (kind, about) = known(key).unzip();
                    let place = last.map_or(0, |last: usize| last + 1);
                    insert(&mut places, place, key);
                    let (name, text) = (key.clone(), Kind::Text);
                    columns.insert(place, Column { name, kind: text, about });
                    kinds.insert(place, kind);
                    place
                };
                last = Some(place);
                if columns[place].about.is_none() {
                    kinds[place] = with(kinds[place], value);
                }
            }
            Ok(())
        })?;
        for (column, kind) in columns.iter_mut().zip(kinds) {
            column.kind = kind.unwrap_or(Kind::Text);
        }
        Ok(Self { name, columns, is_surface, records })
    }
}

/// The columns that a layer has by itself: that of sites, of gaps, or of areas and options with these columns.
#[must_use]
pub fn columns_of(layer: &str, layout: &Layout) -> Vec<Column> {
    let of = |table: &[(&str, Kind, &str)]| -> Vec<Column> {
        let column = |(name, kind, about): &(&str, Kind, &str)| Column {
            name: (*name).to_string(),
            kind: *kind,
            about: Some((*about).to_string()),
        };
        table.iter().map(column).collect()
    };
    let of_areas = columns::names(layout).into_iter().filter_map(|name| {
        let (kind, about) = schema::kind_of(&name)?;
        Some(Column { name, kind, about: Some(about) })
    });
    match layer {
        "sites" => of(&OF_SITES),
        "gaps" => of(&OF_GAPS),
        "options" => of(&OF_OPTIONS).into_iter().chain(of_areas).collect(),
        _ => of_areas.collect(),
    }
}

/// What is known of a column whatever the data: its kind, and what it is.
type Known<'k> = &'k dyn Fn(&str) -> Option<(Kind, String)>;

fn known(table: &[(&str, Kind, &str)], key: &str) -> Option<(Kind, String)> {
    let found = table.iter().find(|(name, ..)| *name == key);
    found.map(|(_, kind, about)| (*kind, (*about).to_string()))
}

/// Columns that areas taken together have beside those of areas.
const OF_OPTIONS: [(&str, Kind, &str); 3] = [
    ("level", Kind::Text, "What is taken together: a phase, or a course of action."),
    ("areas", Kind::Integer, "How many areas are taken together."),
    ("areas_left_out", Kind::Integer, "How many of them have no usable polygon."),
];

/// Columns of sites.
const OF_SITES: [(&str, Kind, &str); 26] = [
    ("site_id", Kind::Text, "Its id in its source."),
    ("name", Kind::Text, "What it is called."),
    ("class", Kind::Text, "Its class."),
    ("tier", Kind::Integer, "Its tier; 1 is the first to be spared."),
    ("built_in_tier", Kind::Integer, "Its tier by the built-in scheme."),
    ("basis", Kind::Text, "The articles that protect it, for counsel."),
    ("topics", Kind::Text, "The topics that it is of."),
    ("service", Kind::Text, "What people get from it."),
    ("sensitive", Kind::Truth, "Whether its place is sensitive."),
    ("count", Kind::Integer, "How many sites this row stands for."),
    ("sources", Kind::Text, "The layers that it comes from."),
    ("confidence", Kind::Real, "How probable it is that it is there, 0 to 1."),
    ("observed_on", Kind::Text, "The day it was last observed."),
    ("occupancy", Kind::Real, "People in it, by its own number."),
    ("occupants", Kind::Real, "People counted in it."),
    ("capacity", Kind::Real, "How many it can serve."),
    ("in_raster", Kind::Text, "Whether the population raster counts its people."),
    ("caveat", Kind::Text, "What is to be kept in mind."),
    ("expires_on", Kind::Text, "The day from which it no longer counts."),
    ("rule", Kind::Text, "What its class follows from."),
    ("records", Kind::Text, "The records that it is made of, in JSON."),
    ("fields", Kind::Text, "Which field came from which record, in JSON."),
    ("relation", Kind::Text, "Whether it is inside of an area or adjacent."),
    ("areas", Kind::Text, "The areas that touch it."),
    ("adjacent", Kind::Text, "The areas near it, with their distance."),
    ("distance_m", Kind::Real, "Meters to the nearest area."),
];

/// Columns of gaps.
const OF_GAPS: [(&str, Kind, &str); 13] = [
    ("request", Kind::Integer, "The number of the request."),
    ("area", Kind::Text, "The area that it is about."),
    ("kind", Kind::Text, "What is not known."),
    ("class", Kind::Text, "The class of sites that it is about."),
    ("service", Kind::Text, "The service that it is about."),
    ("question", Kind::Text, "What is asked."),
    ("why", Kind::Text, "Why it is asked."),
    ("voi", Kind::Real, "By so many points the range of the score would narrow."),
    ("ask", Kind::Text, "Whom to ask."),
    ("needed_by", Kind::Text, "By when."),
    ("answers", Kind::Text, "Which answers are understood."),
    ("wanted", Kind::Text, "What an answer is to be."),
    ("site_ids", Kind::Text, "The sites that it is about."),
];

/// Makes room for a column at a place.
fn insert(places: &mut BTreeMap<String, usize>, place: usize, key: &str) {
    places.values_mut().filter(|other| **other >= place).for_each(|other| *other += 1);
    places.insert(key.to_string(), place);
}

/// Up to this one a double holds every whole number.
const MOST_OF_A_DOUBLE: u64 = 1 << 53;

/// The kind that holds one value more, to the digit.
fn with(kind: Option<Kind>, value: &Value) -> Option<Kind> {
    let own = match value {
        Value::Null => return kind,
        Value::Bool(_) => Kind::Truth,
        Value::Number(number) => match number.as_i64() {
            Some(whole) if whole.unsigned_abs() <= MOST_OF_A_DOUBLE => Kind::Integer,
            Some(_) => Kind::Long,
            // No kind of columns has room for it.
            None if number.is_u64() => Kind::Text,
            None => Kind::Real,
        },
        _ => Kind::Text,
    };
    Some(match (kind, own) {
        (None, own) => own,
        (Some(kind), own) if kind == own => kind,
        (Some(Kind::Integer | Kind::Real), Kind::Integer | Kind::Real) => Kind::Real,
        (Some(Kind::Integer | Kind::Long), Kind::Integer | Kind::Long) => Kind::Long,
        _ => Kind::Text,
    })
}

/// A value as text: null is none, a text is itself, anything else is JSON.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// A text without letters that XML has no place for, or that would end it: each becomes one that stands for what
/// cannot be shown.
pub(super) fn for_xml(text: &str) -> String {
    let is_none = |letter: char| {
        (letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
            || matches!(letter, '\u{fffe}' | '\u{ffff}')
    };
    text.replace(is_none, "\u{fffd}")
}

/// Names of columns, as texts that can be shown, for a format in which case tells no two of them apart and some are
/// taken; those of inputs get a number, the assessment's own are kept.
pub(super) fn distinct(columns: &[Column], taken: &[&str]) -> Vec<String> {
    let is_ours = |column: &&Column| column.about.is_some();
    let ours = columns.iter().filter(is_ours).map(|column| column.name.to_lowercase());
    let mut used: BTreeSet<String> = taken.iter().map(|name| (*name).to_string()).collect();
    used.extend(ours);
    let mut numbers: BTreeMap<String, u64> = BTreeMap::new();
    let mut of = |column: &Column| {
        if column.about.is_some() {
            return column.name.clone();
        }
        let plain = for_xml(&column.name);
        let mut name = plain.clone();
        // Those before had the numbers before.
        let number = numbers.entry(plain.to_lowercase()).or_insert(2);
        while !used.insert(name.to_lowercase()) {
            name = format!("{plain}_{number}");
            *number += 1;
        }
        name
    };
    columns.iter().map(&mut of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer_of(features: &str) -> Vec<(String, Kind)> {
        let text = format!("{{\"features\":[{features}]}}").into_bytes();
        let layer = Layer::areas("areas", &Layout::default(), &text).unwrap();
        layer.columns.into_iter().map(|column| (column.name, column.kind)).collect()
    }

    #[test]
    fn columns_of_inputs_have_the_kind_that_holds_all_of_their_values() {
        let made = layer_of(
            r#"{"geometry":null,"properties":{"a":1,"b":true,"c":null,"d":1,"area_id":"x","score":null}},
               {"geometry":null,"properties":{"a":1.5,"b":false,"c":null,"d":"y","e":[1],"area_id":"z","score":3}}"#,
        );
        let wanted = [
            ("a", Kind::Real),
            ("b", Kind::Truth),
            ("c", Kind::Text),
            ("d", Kind::Text),
            ("e", Kind::Text),
            ("area_id", Kind::Text),
            ("score", Kind::Real),
        ];
        let wanted: Vec<_> = wanted.map(|(name, kind)| (name.to_string(), kind)).into();
        assert_eq!(made, wanted);
    }

    #[test]
    fn no_kind_rounds_a_whole_number() {
        let kind = |values: &[&str]| {
            let of = |value: &&str| format!(r#"{{"geometry":null,"properties":{{"a":{value}}}}}"#);
            layer_of(&values.iter().map(of).collect::<Vec<_>>().join(","))[0].1
        };
        assert_eq!(kind(&["9007199254740992", "-9007199254740992", "1"]), Kind::Integer);
        assert_eq!(kind(&["1", "9007199254740993"]), Kind::Long);
        assert_eq!(kind(&["-9223372036854775808", "1"]), Kind::Long);
        assert_eq!(kind(&["9007199254740993", "0.5"]), Kind::Text);
        assert_eq!(kind(&["0.5", "1", "9007199254740993"]), Kind::Text);
        assert_eq!(kind(&["9223372036854775808"]), Kind::Text);
        assert_eq!(kind(&["1e300", "1"]), Kind::Real);
    }

    #[test]
    fn names_that_differ_by_case_alone_get_a_number() {
        let column = |name: &str, is_ours: bool| Column {
            name: name.into(),
            kind: Kind::Text,
            about: is_ours.then(|| "x".into()),
        };
        let columns = [
            column("NAME", false),
            column("fid", false),
            column("Fid_2", false),
            column("name", true),
        ];
        assert_eq!(distinct(&columns, &["fid", "geom"]), ["NAME_2", "fid_2", "Fid_2_2", "name"]);
        let columns =
            [column("q\u{1}", false), column("q\u{2}", false), column("Q\u{fffd}_2", false)];
        assert_eq!(distinct(&columns, &[]), ["q\u{fffd}", "q\u{fffd}_2", "Q\u{fffd}_2_2"]);
    }
}
