//! Options behind a path, as GDAL's users know them: `pop.tif,measure=density,nodata_means=zero`.
//!
//! A path ends at the first comma that a known key and `=` follow, so that paths with commas stay whole. Behind it
//! every comma that a word and `=` follow begins an option, known or not, unless it is within quotes, a list or a
//! table. Values are read as TOML where they are TOML, else as text.

use super::faults::did_you_mean;
use super::scenario::{
    answers_faults, areas_faults, links_faults, population_faults, sites_faults,
};
use super::text::{known_keys, plain};
use crate::error::{FileFault, ReadError};
use crate::model::{AnswersEntry, AreasEntry, LinksEntry, PopulationEntry, SitesEntry};
use serde::de::DeserializeOwned;
use std::path::Path;
use toml::{Table, Value};

/// The areas that `--areas` names.
///
/// # Errors
///
/// [`ReadError::Faults`] for options that are unknown or make no sense.
pub fn areas(written: &str) -> Result<AreasEntry, ReadError> {
    let entry = entry(written)?;
    let faults = areas_faults(&entry).map(|(_, found)| fault(written, found, None));
    refuse(faults.collect(), entry)
}

/// The population layer that a `--population` names.
///
/// # Errors
///
/// [`ReadError::Faults`] for options that are unknown or make no sense.
pub fn population(written: &str) -> Result<PopulationEntry, ReadError> {
    let entry = entry(written)?;
    let faults =
        population_faults(&entry).into_iter().map(|(_, found)| fault(written, found, None));
    refuse(faults.collect(), entry)
}

/// The sites layer that a `--sites` names.
///
/// # Errors
///
/// [`ReadError::Faults`] for options that are unknown or make no sense.
pub fn sites(written: &str) -> Result<SitesEntry, ReadError> {
    let entry = entry(written)?;
    let faults =
        sites_faults(&entry).into_iter().map(|(_, found, hint)| fault(written, found, hint));
    refuse(faults.collect(), entry)
}

/// The answers that an `--answers` names.
///
/// # Errors
///
/// [`ReadError::Faults`] for options that are unknown or make no sense.
pub fn answers(written: &str) -> Result<AnswersEntry, ReadError> {
    let entry = entry(written)?;
    let faults = answers_faults(&entry).into_iter().map(|(_, found)| fault(written, found, None));
    refuse(faults.collect(), entry)
}

/// The supply links that a `--links` names.
///
/// # Errors
///
/// [`ReadError::Faults`] for options that are unknown or make no sense.
pub fn links(written: &str) -> Result<LinksEntry, ReadError> {
    let entry = entry(written)?;
    let faults = links_faults(&entry).into_iter().map(|(_, found)| fault(written, found, None));
    refuse(faults.collect(), entry)
}

fn refuse<T>(faults: Vec<FileFault>, entry: T) -> Result<T, ReadError> {
    if faults.is_empty() { Ok(entry) } else { Err(ReadError::Faults(faults)) }
}

fn fault(written: &str, found: String, hint: Option<String>) -> FileFault {
    FileFault { file: written.to_string(), place: None, line: None, found, hint }
}

/// Reads an entry from a path and the options behind it.
fn entry<T: DeserializeOwned>(written: &str) -> Result<T, ReadError> {
    // The path stands in front, and nothing behind it may take its place.
    let known: Vec<&str> = known_keys::<T>().iter().copied().filter(|key| *key != "path").collect();
    let known = known.as_slice();
    let (path, options) = split(written, known);
    let misuses = misuses(path, &options, known);
    if !misuses.is_empty() {
        let fault = |(found, hint)| fault(written, found, Some(hint));
        return Err(ReadError::Faults(misuses.into_iter().map(fault).collect()));
    }
    let mut table = Table::new();
    table.insert("path".into(), Value::String(path.to_string()));
    let mut faults = Vec::new();
    for (key, text) in options {
        let written_as = bare(text).unwrap_or_else(|| Value::String(text.to_string()));
        // A value that reads as a number may be meant as text (`name=2020`), or as a list of one.
        let list = Value::Array(vec![written_as.clone()]);
        let meanings = [written_as.clone(), Value::String(text.to_string()), list];
        let with = |value: Value| {
            let mut table = table.clone();
            table.insert(key.to_string(), value);
            table
        };
        let is_read = |table: &Table| T::deserialize(table.clone()).is_ok();
        if let Some(next) = meanings.into_iter().map(with).find(is_read) {
            table = next;
        } else {
            let found = T::deserialize(with(written_as)).err();
            // Of a word that is wanted, as a word.
            let is_word =
                found.as_ref().is_some_and(|error| error.message().contains("unit variant"));
            let as_text = || T::deserialize(with(Value::String(text.to_string()))).err();
            let found = if is_word { as_text() } else { found };
            let found = found.map_or(String::new(), |error| plain(error.message()));
            faults.push(fault(written, format!("`{key}`: {found}"), without_unit(key, text)));
        }
    }
    if faults.is_empty() {
        let whole = T::deserialize(table);
        return whole.map_err(|error| {
            ReadError::Faults(vec![fault(written, plain(error.message()), None)])
        });
    }
    Err(ReadError::Faults(faults))
}

/// The way out of a number that has a unit: the number in meters, where the key is in meters.
fn without_unit(key: &str, text: &str) -> Option<String> {
    let end = text.find(|letter: char| letter.is_alphabetic())?;
    let (number, unit) = text.split_at(end);
    let number: f64 = number.trim().parse().ok()?;
    let per_unit = match unit.trim() {
        "m" | "meter" | "meters" | "metre" | "metres" => 1.0,
        "km" => 1000.0,
        _ => return None,
    };
    let hint = format!("write the number of meters alone: `{key}={}`", number * per_unit);
    key.ends_with("_m").then_some(hint)
}

/// Options that are unknown, have no value or are given twice: what is wrong with each, and the way out.
fn misuses(path: &str, options: &[(&str, &str)], known: &[&str]) -> Vec<(String, String)> {
    let all = || format!("known: {}", known.join(", "));
    let unknown = |key: &str| {
        let near = did_you_mean(key, known.iter().copied());
        let hint = near.map_or_else(all, |near| format!("{near} {}", all()));
        (format!("unknown option `{key}`"), hint)
    };
    let mut found: Vec<(String, String)> = within_path(path, known)
        .map(|piece| {
            if let Some((key, _)) = piece.split_once('=') {
                return unknown(key.trim());
            }
            let found = format!("`{}` has no value, wanted a key and its value", piece.trim());
            (found, format!("write `key=value`; {}", all()))
        })
        .into_iter()
        .collect();
    for (place, (key, _)) in options.iter().enumerate() {
        if !known.contains(key) {
            found.push(unknown(key));
        } else if options[..place].iter().any(|(before, _)| before == key) {
            found.push((format!("`{key}` is given twice"), "give it once".into()));
        }
    }
    found
}

/// What stands behind a comma of the path and is no part of it: the file is there without it, or it nearly is a
/// known option.
fn within_path<'p>(path: &'p str, known: &[&str]) -> Option<&'p str> {
    let (file, behind) = path.split_once(',').filter(|_| !Path::new(path).exists())?;
    let piece = behind.split(',').next().unwrap_or(behind);
    let key = piece.split_once('=').map(|(key, _)| key.trim());
    let is_near =
        key.is_some_and(|key| is_key(key) && did_you_mean(key, known.iter().copied()).is_some());
    (Path::new(file).exists() || is_near).then_some(piece)
}

/// Whether a word may be a key.
fn is_key(word: &str) -> bool {
    let is_of_key = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    word.starts_with(|first: char| first.is_ascii_alphabetic()) && word.chars().all(is_of_key)
}

/// The value of a text that is TOML by itself: a number, a truth, a list, a quoted text.
fn bare(text: &str) -> Option<Value> {
    let table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    match table.get("value")? {
        Value::Datetime(_) => None,
        value => Some(value.clone()),
    }
}

/// The path and its options: from the end of the path on, split at commas outside of quotes and brackets that a key
/// and `=` follow.
fn split<'w>(written: &'w str, known: &[&str]) -> (&'w str, Vec<(&'w str, &'w str)>) {
    let key_at = |comma: usize| {
        let behind = written.get(comma + 1..)?;
        behind.split_once('=').map(|(key, _)| key.trim())
    };
    let end = end_of_path(written, |comma| key_at(comma).is_some_and(|key| known.contains(&key)));
    let (mut commas, mut within, mut quoted) = (Vec::new(), 0_usize, false);
    for (at, letter) in written.char_indices().filter(|(at, _)| *at >= end) {
        match letter {
            ',' if within == 0 && !quoted && key_at(at).is_some_and(is_key) => commas.push(at),
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => within += 1,
            ']' | '}' if !quoted => within = within.saturating_sub(1),
            _ => {}
        }
    }
    let piece = |from: usize, to: usize| written.get(from..to).unwrap_or_default();
    let ends = commas.iter().skip(1).copied().chain([written.len()]);
    let option = |(start, end): (&usize, usize)| {
        let (key, value) = piece(start + 1, end).split_once('=')?;
        Some((key.trim(), value.trim()))
    };
    (piece(0, end), commas.iter().zip(ends).filter_map(option).collect())
}

/// Where the path ends: before the first option behind a file that is there, else before the first option. Brackets
/// and quotes of a path are letters like others.
fn end_of_path(written: &str, starts_option: impl Fn(usize) -> bool) -> usize {
    let commas = written.match_indices(',').map(|(at, _)| at).filter(|at| starts_option(*at));
    let ends: Vec<usize> = commas.chain([written.len()]).collect();
    let is_there = |end: &&usize| written.get(..**end).is_some_and(|path| Path::new(path).exists());
    ends.iter().find(is_there).or(ends.first()).copied().unwrap_or(written.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{InRaster, Measure, NodataMeans};

    #[test]
    fn options_follow_known_keys_only() {
        let entry = population("a,b=1.tif,measure=density,nodata_means=zero,nodata=-99").unwrap();
        assert_eq!(entry.path, "a,b=1.tif");
        assert_eq!(entry.measure, Some(Measure::Density));
        assert_eq!(entry.nodata_means, Some(NodataMeans::Zero));
        assert_eq!(entry.nodata.unwrap().0, [-99.0]);
    }

    #[test]
    fn no_option_takes_the_place_of_the_path() {
        assert_eq!(areas("a.gpkg,path=b.gpkg").unwrap().path, "a.gpkg,path=b.gpkg");
        let error = areas("a.gpkg,id=x,path=b.gpkg").unwrap_err().to_string();
        assert!(error.ends_with(": unknown option `path`"), "{error}");
    }

    #[test]
    fn a_number_may_be_a_name() {
        assert_eq!(population("p.tif,name=2020").unwrap().name.as_deref(), Some("2020"));
    }

    #[test]
    fn an_option_that_is_not_known_is_told_as_such() {
        for (written, wanted) in [
            ("s.csv,in_raster=yes,cover=all", "unknown option `cover`"),
            ("s.csv,class=hospital,Occupancy=3", "unknown option `Occupancy`"),
            ("s.csv,clas=hospital", "unknown option `clas`"),
            ("s.csv,class=hospital,class=school", "`class` is given twice"),
        ] {
            let Err(ReadError::Faults(faults)) = sites(written) else { panic!("{written}") };
            assert_eq!(faults[0].found, wanted);
            assert!(faults.len() == 1 && faults[0].hint.is_some(), "{written}");
        }
        let quoted = sites("s.csv,attribution=\"A, b=c\",class=school").unwrap();
        assert_eq!(quoted.attribution.as_deref(), Some("A, b=c"));
        assert_eq!(sites("s.csv, class = school").unwrap().class.as_deref(), Some("school"));
    }

    #[test]
    fn a_list_keeps_its_commas() {
        assert_eq!(population("p.tif,samples=[1,2],year=2020").unwrap().samples, Some(vec![1, 2]));
    }

    #[test]
    fn a_table_keeps_its_keys() {
        let groups = "groups={children={source=\"a ],year=1\",share=0.2},disabled={path=\"d.tif\",samples=[1,2],measure=\"count\"}}";
        let entry = population(&format!("p]{{.tif,{groups},year=2020")).unwrap();
        assert_eq!((entry.path.as_str(), entry.year), ("p]{.tif", Some(2020)));
        let groups = entry.groups.unwrap();
        assert_eq!(groups["children"].source.as_deref(), Some("a ],year=1"));
        assert_eq!(groups["disabled"].samples, Some(vec![1, 2]));
    }

    #[test]
    fn sites_take_theirs() {
        let entry = sites("h.gpkg,class=hospital,occupancy=0,in_raster=yes").unwrap();
        assert_eq!((entry.occupancy, entry.in_raster), (Some(0.0), Some(InRaster::Yes)));
    }

    #[test]
    fn a_wrong_word_is_refused_with_what_is_wanted() {
        let error = population("p.tif,measure=densty").unwrap_err().to_string();
        assert!(error.contains("densty") && error.contains("density"), "{error}");
        let error = population("p.tif,nodata_means=0").unwrap_err().to_string();
        assert!(error.contains("found `0`, wanted `zero` or `unknown`"), "{error}");
    }
}
