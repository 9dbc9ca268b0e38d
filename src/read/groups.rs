//! Groups of people: shares, rasters, samples of a file, and files named by sex and age as WorldPop names
//! them.

use super::layers::Layers;
use super::load::place_of;
use super::{Place, Remote};
use crate::error::ReadError;
use crate::index::Source;
use crate::model::{
    Budget, Group, GroupEntry, GroupSource, GroupTold, InputRecord, Measure, NodataMeans,
    PopulationEntry, Role, Scenario,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What share of the people of 15 to 19 is under 18: three years of five.
const UNDER_18_OF_15_TO_19: f64 = 0.6;

/// The lower ends of the classes of age that WorldPop tells apart; the last one is open.
const AGES: [u32; 18] = [0, 1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70, 75, 80];

/// The groups of a scenario: rasters to be read behind those of its sources, and how each group is told.
#[derive(Default)]
pub(super) struct Groups {
    /// The rasters, to be put behind the sources.
    pub(super) sources: Vec<Source>,
    /// The groups, in the order of [`Group::ALL`].
    pub(super) told: Vec<GroupSource>,
    /// A record for each raster.
    pub(super) records: Vec<InputRecord>,
}

/// A raster of a group: how it is read, and where it is.
struct Wanted {
    entry: PopulationEntry,
    place: Place,
}

/// What makes two rasters one: the same file, and everything that changes what its cells mean.
type Reading = (
    PathBuf,
    (Option<String>, Option<Vec<usize>>),
    (Option<Measure>, Option<NodataMeans>),
    (Option<Vec<u64>>, Option<u64>),
);

impl Wanted {
    fn reading(&self) -> Reading {
        let PopulationEntry { layer, samples, measure, nodata_means, .. } = &self.entry;
        let nodata = self.entry.nodata.as_ref();
        let nodata = nodata.map(|values| values.0.iter().map(|value| value.to_bits()).collect());
        (
            self.place.resolved.clone(),
            (layer.clone(), samples.clone()),
            (*measure, *nodata_means),
            (nodata, self.entry.clamp_below.map(f64::to_bits)),
        )
    }
}

/// Where a scenario's paths lead.
#[derive(Clone, Copy)]
pub(super) struct From<'a> {
    pub(super) folder: Option<&'a Path>,
    pub(super) remote: Remote,
    pub(super) budget: Budget,
    /// What scenarios before have opened.
    pub(super) layers: Option<&'a Layers>,
}

/// Opens the rasters of all groups of a scenario. A group is told by the primary source's entry, else by the first
/// one that declares it.
///
/// # Errors
///
/// If a raster cannot be read, or files of a pattern are missing.
pub(super) fn groups(
    scenario: &Scenario,
    (before, primary): (usize, usize),
    from: From,
) -> Result<Groups, ReadError> {
    let mut found = Groups::default();
    let mut known: Vec<Reading> = Vec::new();
    let entries = &scenario.population;
    let first = entries.get(primary).into_iter();
    let others = entries.iter().enumerate().filter(|(place, _)| *place != primary);
    let order: Vec<&PopulationEntry> = first.chain(others.map(|(_, entry)| entry)).collect();
    for group in Group::ALL {
        let told = order
            .iter()
            .find_map(|entry| Some((*entry, entry.groups.as_ref()?.get(group.name())?)));
        let Some((entry, told)) = told else { continue };
        if let Some(share) = told.share {
            found.told.push(GroupSource { group, told: GroupTold::Share(share) });
            continue;
        }
        let mut rasters = Vec::new();
        for (wanted, weight) in wanted(group, told, (entry, from))? {
            let key = wanted.reading();
            let seen = known.iter().position(|other| *other == key);
            if seen.is_none() {
                known.push(key);
                found.open(&wanted, from)?;
            }
            let place = seen.unwrap_or(known.len() - 1);
            let settings = &mut found.records[place].settings;
            settings.push(("group", group.name().to_string()));
            settings.push(("weight", weight.to_string()));
            rasters.push((before + place, weight));
        }
        found.told.push(GroupSource { group, told: GroupTold::Rasters(rasters) });
    }
    Ok(found)
}

impl Groups {
    fn open(&mut self, wanted: &Wanted, from: From) -> Result<(), ReadError> {
        let Wanted { entry, place } = wanted;
        let source = super::load::source(entry, place, (from.remote, from.layers))?;
        let mut record = super::provenance::undigested(Role::Population, place);
        record.name = Some(source.declared.name.clone());
        record.licence.clone_from(&entry.licence);
        record.attribution.clone_from(&entry.attribution);
        self.sources.push(source);
        self.records.push(record);
        Ok(())
    }
}

/// Where the rasters of all groups are, whoever declares them; those that cannot be told are left out.
pub(super) fn places(scenario: &Scenario, from: From) -> Vec<Place> {
    let mut places = Vec::new();
    for entry in &scenario.population {
        for group in Group::ALL {
            let told = entry.groups.as_ref().and_then(|groups| groups.get(group.name()));
            let Some(told) = told.filter(|told| told.share.is_none()) else { continue };
            let rasters = wanted(group, told, (entry, from)).unwrap_or_default();
            places.extend(rasters.into_iter().map(|(wanted, _)| wanted.place));
        }
    }
    places
}

/// The rasters of a group, each with the share of its people that counts.
fn wanted(
    group: Group,
    told: &GroupEntry,
    (entry, from): (&PopulationEntry, From),
) -> Result<Vec<(Wanted, f64)>, ReadError> {
    let raster = |path: &str, samples: Option<Vec<usize>>| {
        let place = place_of(path, entry.from_here, from.folder).within_budget(from.budget);
        let own = told.path.is_some() || told.pattern.is_some();
        let entry = PopulationEntry {
            path: path.to_string(),
            samples,
            layer: told.layer.clone().or_else(|| entry.layer.clone().filter(|_| !own)),
            measure: told.measure.or(entry.measure),
            nodata: told.nodata.clone().or_else(|| entry.nodata.clone().filter(|_| !own)),
            nodata_means: told.nodata_means.or(entry.nodata_means),
            clamp_below: entry.clamp_below,
            licence: entry.licence.clone(),
            attribution: entry.attribution.clone(),
            ..PopulationEntry::default()
        };
        Wanted { entry, place }
    };
    match (&told.pattern, &told.path) {
        (Some(pattern), _) => {
            let place = place_of(pattern, entry.from_here, from.folder);
            let files = by_sex_and_age(group, &place)?;
            Ok(files.into_iter().map(|(path, weight)| (raster(&path, None), weight)).collect())
        }
        (None, Some(path)) => Ok(vec![(raster(path, told.samples.clone()), 1.0)]),
        (None, None) => Ok(vec![(raster(&entry.path, told.samples.clone()), 1.0)]),
    }
}

/// The files of a pattern that tell of a group, each with the share of its people that counts.
///
/// # Errors
///
/// If the pattern matches files of several countries, two files of one sex and age, or if files that the
/// group needs are missing.
fn by_sex_and_age(group: Group, place: &Place) -> Result<Vec<(String, f64)>, ReadError> {
    let written = &place.written;
    let files = listed(place)?;
    let mut wanted: Vec<((char, u32), f64)> = Vec::new();
    let mut add = |sexes: &[char], ages: &dyn Fn(u32) -> bool, weight: f64| {
        for sex in sexes {
            // Files may tell older ages apart, too.
            let older = files.keys().filter(|(of, age)| of == sex && *age > 80).map(|key| key.1);
            let ages = AGES.into_iter().chain(older).filter(|age| ages(*age));
            wanted.extend(ages.map(|age| ((*sex, age), weight)));
        }
    };
    match group {
        Group::Children => {
            add(&['f', 'm'], &|age| age < 15, 1.0);
            add(&['f', 'm'], &|age| age == 15, UNDER_18_OF_15_TO_19);
        }
        Group::WomenGirls => add(&['f'], &|_| true, 1.0),
        Group::Women1549 => add(&['f'], &|age| (15..50).contains(&age), 1.0),
        Group::Older60 => add(&['f', 'm'], &|age| age >= 60, 1.0),
        // Refused when the scenario was read.
        Group::Displaced | Group::Disabled => {}
    }
    let missing = wanted.iter().filter(|(key, _)| !files.contains_key(key));
    let missing: Vec<String> = missing.map(|((sex, age), _)| format!("{sex} {age}")).collect();
    if !missing.is_empty() {
        let found =
            format!("files for {} are missing (sex and age): {}", group.name(), missing.join(", "));
        let hint =
            "WorldPop names them {iso}_{f|m}_{age}_2020.tif; give the group as a share otherwise";
        return Err(ReadError::unusable_hint(written, found, hint));
    }
    // As the pattern is written: relative to the same folder as it is.
    let path = |(key, weight)| {
        let path = Path::new(written).with_file_name(files.get(&key)?);
        Some((path.to_string_lossy().into_owned(), weight))
    };
    Ok(wanted.into_iter().filter_map(path).collect())
}

/// The names of the files that match a pattern, by sex and age.
fn listed(place: &Place) -> Result<BTreeMap<(char, u32), String>, ReadError> {
    let written = &place.written;
    let name = place.resolved.file_name().map(|name| name.to_string_lossy().into_owned());
    let pattern = name.unwrap_or_default();
    let folder = place.resolved.parent().filter(|folder| !folder.as_os_str().is_empty());
    let listed = std::fs::read_dir(folder.unwrap_or(Path::new("."))).map_err(|error| {
        ReadError::unusable(written, format!("its folder cannot be read: {error}"))
    })?;
    let name = |file: std::fs::DirEntry| file.file_name().to_string_lossy().into_owned();
    let mut names: Vec<String> = listed.flatten().map(name).collect();
    names.sort();
    let told = |name: String| matched(&pattern, &name).map(|told| (told, name));
    let matches: Vec<_> = names.into_iter().filter_map(told).collect();
    let countries: BTreeSet<&str> =
        matches.iter().map(|((country, ..), _)| country.as_str()).collect();
    if countries.len() > 1 {
        let countries: Vec<&str> = countries.into_iter().collect();
        return Err(ReadError::unusable_hint(
            written,
            format!("it matches files of several countries: {}", countries.join(", ")),
            "write the code of the country in place of {iso}",
        ));
    }
    let mut files: BTreeMap<(char, u32), String> = BTreeMap::new();
    for ((_, sex, age), name) in matches {
        if let Some(other) = files.insert((sex, age), name.clone()) {
            let found = format!("it matches two files of one sex and age: {other} and {name}");
            return Err(ReadError::unusable_hint(written, found, "keep one of them in its folder"));
        }
    }
    Ok(files)
}

/// Country, sex and age that a name tells by a pattern.
fn matched(pattern: &str, name: &str) -> Option<(String, char, u32)> {
    let (mut rest, mut pattern) = (name, pattern);
    let (mut country, mut sex, mut age) = (String::new(), None, None);
    let take = |rest: &str, holds: &dyn Fn(char) -> bool| {
        let end = rest.find(|letter| !holds(letter)).unwrap_or(rest.len());
        (end > 0).then_some(end)
    };
    while !pattern.is_empty() {
        if let Some(after) = pattern.strip_prefix("{iso}") {
            let end = take(rest, &|letter| letter.is_ascii_alphabetic())?;
            country = rest[..end].to_string();
            (rest, pattern) = (&rest[end..], after);
        } else if let Some(after) = pattern.strip_prefix("{f|m}") {
            let letter = rest.chars().next()?.to_ascii_lowercase();
            sex = Some(letter).filter(|letter| matches!(letter, 'f' | 'm'));
            sex?;
            (rest, pattern) = (&rest[1..], after);
        } else if let Some(after) = pattern.strip_prefix("{age}") {
            let end = take(rest, &|letter| letter.is_ascii_digit())?;
            age = Some(rest[..end].parse().ok()?);
            (rest, pattern) = (&rest[end..], after);
        } else {
            let letter = pattern.chars().next()?;
            rest = rest.strip_prefix(letter)?;
            pattern = &pattern[letter.len_utf8()..];
        }
    }
    rest.is_empty().then_some((country, sex?, age?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_country_sex_and_age() {
        let of = |name| matched("{iso}_{f|m}_{age}_2020.tif", name);
        assert_eq!(of("isl_f_0_2020.tif"), Some(("isl".into(), 'f', 0)));
        assert_eq!(of("ISL_m_05_2020.tif"), Some(("ISL".into(), 'm', 5)));
        for other in
            ["isl_t_0_2020.tif", "isl_f__2020.tif", "isl_f_0_2021.tif", "isl_f_0_2020.tif.aux.xml"]
        {
            assert_eq!(of(other), None, "{other}");
        }
        assert_eq!(matched("a_{f|m}_{age}.tif", "a_m_80.tif"), Some((String::new(), 'm', 80)));
    }
}
