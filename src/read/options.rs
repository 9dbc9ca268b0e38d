//! Options behind a path, as GDAL's users know them: `pop.tif,measure=density,nodata_means=zero`.
//!
//! A path is split only at commas that a known key and `=` follow, so that paths with commas stay
//! whole, and not within a list or table of an option. Values are read as TOML where they are TOML, else
//! as text.

use super::scenario::{
    answers_faults, areas_faults, links_faults, population_faults, sites_faults,
};
use super::text::{known_keys, known_or_near, plain};
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
    if let Some(key) = unknown_key(path) {
        let found = format!("unknown option `{key}`");
        return Err(ReadError::Faults(vec![fault(
            written,
            found,
            Some(known_or_near(key, known)),
        )]));
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
            faults.push(fault(written, format!("`{key}`: {found}"), None));
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

/// A word before `=` that is no option and no part of the path either, since the file is there
/// without it.
fn unknown_key(path: &str) -> Option<&str> {
    let (file, behind) = path.split_once(',')?;
    let (key, _) = behind.split_once('=')?;
    (!Path::new(path).exists() && Path::new(file).exists()).then_some(key)
}

/// The value of a text that is TOML by itself: a number, a truth, a list, a quoted text.
fn bare(text: &str) -> Option<Value> {
    let table: Table = toml::from_str(&format!("value = {text}")).ok()?;
    match table.get("value")? {
        Value::Datetime(_) => None,
        value => Some(value.clone()),
    }
}

/// The path and its options, split at commas that a known key and `=` follow, outside of brackets.
fn split<'w>(written: &'w str, known: &[&str]) -> (&'w str, Vec<(&'w str, &'w str)>) {
    let starts_option = |comma: usize| {
        let behind = written.get(comma + 1..).unwrap_or_default();
        let key = behind.split('=').next().unwrap_or_default();
        behind.len() > key.len() && known.contains(&key)
    };
    let (mut commas, mut within, mut quoted) = (Vec::new(), 0_usize, false);
    for (at, letter) in written.char_indices() {
        // Brackets and quotes of the path are letters like others.
        let is_path = commas.is_empty();
        match letter {
            ',' if within == 0 && !quoted && starts_option(at) => commas.push(at),
            '"' if !is_path => quoted = !quoted,
            '[' | '{' if !is_path && !quoted => within += 1,
            ']' | '}' if !is_path && !quoted => within = within.saturating_sub(1),
            _ => {}
        }
    }
    let piece = |from: usize, to: usize| written.get(from..to).unwrap_or_default();
    let path = piece(0, commas.first().copied().unwrap_or(written.len()));
    let ends = commas.iter().skip(1).copied().chain([written.len()]);
    let options =
        commas.iter().zip(ends).filter_map(|(start, end)| piece(start + 1, end).split_once('='));
    (path, options.collect())
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
        assert_eq!(entry.nodata, Some(-99.0));
    }

    #[test]
    fn no_option_takes_the_place_of_the_path() {
        assert_eq!(areas("a.gpkg,path=b.gpkg").unwrap().path, "a.gpkg,path=b.gpkg");
        assert_eq!(areas("a.gpkg,id=x,path=b.gpkg").unwrap().path, "a.gpkg");
    }

    #[test]
    fn a_number_may_be_a_name() {
        assert_eq!(population("p.tif,name=2020").unwrap().name.as_deref(), Some("2020"));
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
