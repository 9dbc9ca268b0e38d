//! What files state of themselves: years, licences, sources, each with the place that says so.

use gdal::{Dataset, Metadata};
use serde::Deserialize;
use std::io::{BufReader, Read};

/// A value, and what says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said<T> {
    /// The value.
    pub value: T,
    /// What says so: `its name`, `metadata TIFFTAG_COPYRIGHT`.
    pub by: String,
}

/// What a file states about where it comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stated {
    /// Its licence.
    pub licence: Option<Said<String>>,
    /// Whom to name: attribution, copyright or source.
    pub attribution: Option<Said<String>>,
    /// The day it was observed.
    pub observed_on: Option<Said<String>>,
}

/// Names under which files keep their licence.
const LICENCES: [&str; 5] = ["licence", "license", "rights", "usage_rights", "use_constraints"];

/// Names under which files say whom to name, the plainest first.
const SOURCES: [&str; 7] = [
    "attribution",
    "copyright",
    "tifftag_copyright",
    "credit",
    "citation",
    "source",
    "institution",
];

/// Names under which OpenStreetMap extracts keep their day.
const DAYS: [&str; 2] = ["timestamp", "osm_base"];

impl Stated {
    /// What a dataset states in its metadata.
    pub(super) fn of_dataset(dataset: &Dataset) -> Self {
        let items = dataset.metadata_domain("").unwrap_or_default();
        let pairs = items.iter().filter_map(|item| item.split_once('='));
        let pairs: Vec<_> =
            pairs.map(|(key, value)| (key.to_string(), value.to_string())).collect();
        Self::of(&pairs, "metadata")
    }

    /// What a text of JSON states beside its features, and the format that its members are those of.
    pub(super) fn of_json(text: impl Read) -> (Self, &'static str) {
        let members: Members = serde_json::from_reader(BufReader::new(text)).unwrap_or_default();
        let format = match members.kind.as_ref().and_then(serde_json::Value::as_str) {
            Some("Topology") => "TopoJSON",
            None if members.elements.is_some() => "OpenStreetMap JSON of Overpass",
            None if members.features.is_some() => "Esri JSON",
            _ => "GeoJSON",
        };
        let Members { licence, license, rights, attribution, copyright, source, timestamp, .. } =
            members;
        let named = [
            ("licence", licence),
            ("license", license),
            ("rights", rights),
            ("attribution", attribution),
            ("copyright", copyright),
            ("source", source),
            ("timestamp", timestamp),
        ];
        let text = |(key, value): (&str, Option<serde_json::Value>)| {
            Some((key.to_string(), value?.as_str()?.to_string()))
        };
        let pairs: Vec<_> = named.into_iter().filter_map(text).collect();
        (Self::of(&pairs, "member"), format)
    }

    fn of(pairs: &[(String, String)], kind: &str) -> Self {
        let find = |names: &[&str]| {
            let named = names.iter().flat_map(|name| {
                pairs.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name))
            });
            let full = |(key, value): &(String, String)| {
                let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
                let said = Said { value, by: format!("{kind} {key}") };
                (!said.value.is_empty()).then_some(said)
            };
            named.clone().find_map(full)
        };
        let day = |said: Said<String>| {
            let date = said.value.get(..10)?.to_string();
            date.parse::<jiff::civil::Date>().is_ok().then_some(Said { value: date, ..said })
        };
        Self {
            licence: find(&LICENCES),
            attribution: find(&SOURCES),
            observed_on: find(&DAYS).and_then(day),
        }
    }
}

/// Members beside the features of a GeoJSON text.
#[derive(Default, Deserialize)]
struct Members {
    #[serde(rename = "type")]
    kind: Option<serde_json::Value>,
    elements: Option<serde::de::IgnoredAny>,
    features: Option<serde::de::IgnoredAny>,
    licence: Option<serde_json::Value>,
    license: Option<serde_json::Value>,
    rights: Option<serde_json::Value>,
    attribution: Option<serde_json::Value>,
    copyright: Option<serde_json::Value>,
    source: Option<serde_json::Value>,
    timestamp: Option<serde_json::Value>,
}

/// The years that a text names: runs of four digits from 1950 to 2100, each once.
pub(super) fn years(text: &str) -> Vec<i64> {
    let runs = text.split(|letter: char| !letter.is_ascii_digit());
    let numbers = runs.filter(|run| run.len() == 4).filter_map(|run| run.parse().ok());
    let mut years: Vec<i64> = numbers.filter(|year| (1950..=2100).contains(year)).collect();
    years.sort_unstable();
    years.dedup();
    years
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_four_digits_of_its_own() {
        assert_eq!(years("gpw_v4_r11_2020_count"), [2020]);
        assert_eq!(years("GHS_POP_E2030_GLOBE_R2023A_54009_1000"), [2023, 2030]);
        assert!(years("pop_20200101_1km_v3").is_empty());
    }

    #[test]
    fn members_beside_features_tell_licence_and_day() {
        let text = r#"{"type":"FeatureCollection","license":"ODbL 1.0","copyright":"©  OSM",
            "timestamp":"2019-05-09T20:00:00Z","features":[{"licence":"not this"}]}"#;
        let (stated, format) = Stated::of_json(text.as_bytes());
        assert_eq!(format, "GeoJSON");
        let format = |text: &str| Stated::of_json(text.as_bytes()).1;
        assert_eq!(format(r#"{"type":"Topology","objects":{}}"#), "TopoJSON");
        assert_eq!(format(r#"{"geometryType":"esriGeometryPoint","features":[]}"#), "Esri JSON");
        assert_eq!(format(r#"{"version":0.6,"elements":[]}"#), "OpenStreetMap JSON of Overpass");
        assert_eq!(stated.licence.map(|said| said.value).as_deref(), Some("ODbL 1.0"));
        assert_eq!(stated.attribution.map(|said| said.value).as_deref(), Some("© OSM"));
        assert_eq!(stated.observed_on.map(|said| said.value).as_deref(), Some("2019-05-09"));
    }
}
