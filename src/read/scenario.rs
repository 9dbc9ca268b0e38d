//! Scenario files: TOML, or the same in JSON, with every fault at its line and column.
//!
//! Unknown keys, wrong types and values that make no sense are all collected before the file is
//! given up. Keys that this version knows and cannot follow are faults too: nothing is ignored.

mod schema;

pub use schema::schema;

use super::faults::Source;
use super::place::Place;
use super::sites::suggested;
use super::text::{Document, Step, known_keys, known_or_near, plain};
use crate::error::{FileFault, ReadError};
use crate::model::{
    AnswersEntry, AreasEntry, Distances, Group, GroupEntry, LinksEntry, PopulationEntry, Scenario,
    ScenarioHead, SchemeEntry, SiteClass, SitesEntry,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Reads a scenario file.
///
/// # Errors
///
/// If the file cannot be read, or holds faults: all of them, each at its place.
pub fn read(place: &Place) -> Result<Scenario, ReadError> {
    let written = &place.written;
    let read = super::short_text(place);
    let is_layer = is_called_layer(written)
        || read.as_ref().is_ok_and(|text| is_json(written) && holds_features(text));
    if is_layer && !matches!(read, Err(ReadError::NotFound { .. })) {
        return Err(not_a_scenario(written));
    }
    parse(&read?, written).map_err(ReadError::Faults)
}

/// A scenario from the text of a file: JSON if the file's name ends in `.json`, else TOML.
///
/// # Errors
///
/// All faults of the text, each at its place where one is known.
pub fn parse(text: &str, file: &str) -> Result<Scenario, Vec<FileFault>> {
    let source = Source { file, text };
    if is_json(file) { from_json(source) } else { from_toml(source) }
}

fn is_json(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"))
}

/// Looks at a scenario as a whole, its layers of the command line included.
///
/// # Errors
///
/// [`ReadError::Faults`] for values that make no sense, alone or together.
pub fn check(scenario: &Scenario) -> Result<(), ReadError> {
    let source = Source { file: "command line", text: "" };
    let faults = senseless(scenario, &|_, found, hint| source.fault(None, found, hint));
    if faults.is_empty() { Ok(()) } else { Err(ReadError::Faults(faults)) }
}

/// An error about a file that a scenario names, at the place where it is named; `None` if it is not found there.
#[must_use]
pub fn named_in(scenario: &Place, path: &str, error: &ReadError) -> Option<FileFault> {
    let text = super::short_text(scenario).ok()?;
    let quoted = ['"', '\''].map(|quote| format!("{quote}{path}{quote}"));
    let at = quoted.iter().find_map(|quoted| text.find(quoted.as_str()))?;
    let source = Source { file: &scenario.written, text: &text };
    Some(source.fault(Some(at..at), error.to_string(), error.hint()))
}

/// Whether a file is a layer by its name.
fn is_called_layer(written: &str) -> bool {
    const LAYERS: [&str; 10] =
        ["geojson", "topojson", "gpkg", "kml", "kmz", "shp", "fgb", "tif", "tiff", "csv"];
    let ending = Path::new(written).extension();
    ending.is_some_and(|ending| LAYERS.iter().any(|layer| ending.eq_ignore_ascii_case(layer)))
}

/// Whether a text of JSON holds features: GeoJSON, TopoJSON, Esri JSON, an answer of Overpass.
fn holds_features(text: &str) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        r#type: Option<serde::de::IgnoredAny>,
        features: Option<serde::de::IgnoredAny>,
        elements: Option<serde::de::IgnoredAny>,
    }
    let head = serde_json::from_str(text);
    head.is_ok_and(|head: Head| head.r#type.or(head.features).or(head.elements).is_some())
}

/// A layer where a scenario is wanted.
fn not_a_scenario(written: &str) -> ReadError {
    ReadError::unusable_hint(
        written,
        "a layer, wanted a scenario (TOML or JSON)",
        "to assess layers without a scenario: `civex assess --areas FILE --population FILE`; an assessment is read \
         as GeoJSON",
    )
}

/// A scenario from the text of a JSON file.
fn from_json(source: Source) -> Result<Scenario, Vec<FileFault>> {
    let text = source.text;
    let read: Result<Scenario, _> = serde_json::from_str(text);
    let scenario = read.map_err(|error| {
        let start: usize = text.split_inclusive('\n').take(error.line() - 1).map(str::len).sum();
        let end = start + error.column().saturating_sub(1);
        let message = error.to_string();
        let found = message.rsplit_once(" at line ").map_or(message.as_str(), |(found, _)| found);
        let Some((word, known)) = unknown_field(found) else {
            return vec![source.fault(Some(end..end), plain(found), None)];
        };
        // The parser has read past the key; its place is where it begins.
        let key = text.get(..=end).and_then(|before| before.rfind(&format!("\"{word}\"")));
        let key = key.unwrap_or(end);
        let found = format!("unknown key `{word}`");
        vec![source.fault(Some(key..end), found, Some(known_or_near(word, &known)))]
    })?;
    let faults = senseless(&scenario, &|_, found, hint| source.fault(None, found, hint));
    if faults.is_empty() { Ok(scenario) } else { Err(faults) }
}

/// The word and the known ones of serde's sentence about an unknown field.
fn unknown_field(found: &str) -> Option<(&str, Vec<&str>)> {
    let words: Vec<&str> =
        found.strip_prefix("unknown field")?.split('`').skip(1).step_by(2).collect();
    let (word, known) = words.split_first()?;
    Some((word, known.to_vec()))
}

/// A scenario from the text of a TOML file.
fn from_toml(source: Source) -> Result<Scenario, Vec<FileFault>> {
    let document = Document::parse(source).map_err(|fault| vec![fault])?;
    let mut faults = Vec::new();
    let mut table = document.table.clone();
    document.take_unknown(&mut table, "the scenario", known_keys::<Scenario>(), &mut faults);
    let mut sections = Sections { document: &document, table, faults };
    let scenario = Scenario {
        scenario: sections.one::<ScenarioHead>("scenario").unwrap_or_default(),
        areas: sections.one::<AreasEntry>("areas"),
        population: sections.many::<PopulationEntry>("population"),
        sites: sections.many::<SitesEntry>("sites"),
        answers: sections.many::<AnswersEntry>("answers"),
        links: sections.many::<LinksEntry>("links"),
        scheme: sections.one::<SchemeEntry>("scheme"),
    };
    let mut faults = sections.faults;
    faults
        .extend(senseless(&scenario, &|steps, found, hint| document.fault_of(steps, found, hint)));
    if faults.is_empty() { Ok(scenario) } else { Err(faults) }
}

/// The sections of a file on their way into a scenario.
struct Sections<'d, 't> {
    document: &'d Document<'t>,
    table: DeTable<'t>,
    faults: Vec<FileFault>,
}

impl<'t> Sections<'_, 't> {
    /// `[section]`.
    fn one<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let value = self.table.remove(section)?;
        self.entry(value, &format!("[{section}]"))
    }

    /// `[[section]]`.
    fn many<T: DeserializeOwned>(&mut self, section: &str) -> Vec<T> {
        let Some(value) = self.table.remove(section) else { return Vec::new() };
        let span = value.span();
        let DeValue::Array(entries) = value.into_inner() else {
            let found = format!("`{section}` is not a list of tables");
            let hint = format!("head each layer with [[{section}]], in double brackets");
            self.faults.push(self.document.fault(span, &found, Some(hint)));
            return Vec::new();
        };
        if let Some(found) = too_many(section, entries.len()) {
            self.faults.push(self.document.fault(span, &found, None));
            return Vec::new();
        }
        let name = format!("[[{section}]]");
        entries.into_iter().filter_map(|entry| self.entry(entry, &name)).collect()
    }

    fn entry<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'t>>, name: &str) -> Option<T> {
        let span = value.span();
        let DeValue::Table(mut table) = value.into_inner() else {
            let single = name.trim_start_matches('[').trim_end_matches(']');
            let hint = (!name.starts_with("[["))
                .then(|| format!("there is one only: head it with [{single}], in single brackets"));
            self.faults.push(self.document.fault(span, &format!("{name} is not a table"), hint));
            return None;
        };
        self.document.take_unknown(&mut table, name, known_keys::<T>(), &mut self.faults);
        self.document.read_table(Spanned::new(span, table), &mut self.faults)
    }
}

/// Makes a fault at the value that some steps lead to.
pub(super) type FaultOf<'a> = &'a dyn Fn(&[Step], &str, Option<String>) -> FileFault;

/// Values that are of the right type and make no sense, or that this version cannot follow.
pub(super) fn senseless(scenario: &Scenario, fault: FaultOf) -> Vec<FileFault> {
    let mut faults = Vec::new();
    let sections = too_many_layers(scenario);
    if !sections.is_empty() {
        let fault = |(section, found): (&str, String)| fault(&[Step::Key(section)], &found, None);
        return sections.into_iter().map(fault).collect();
    }
    if let Some(date) = &scenario.scenario.date {
        check_date(date, &[Step::Key("scenario"), Step::Key("date")], fault, &mut faults);
    }
    faults.extend(unknown_zone(scenario, fault));
    if let Some(areas) = &scenario.areas {
        let at = |key| [Step::Key("areas"), Step::Key(key)];
        faults.extend(areas_faults(areas).map(|(key, found)| fault(&at(key), &found, None)));
    }
    for (place, entry) in scenario.population.iter().enumerate() {
        let at = |key| [Step::Key("population"), Step::Place(place), Step::Key(key)];
        let found = population_faults(entry);
        faults.extend(found.into_iter().map(|(key, found)| fault(&at(key), &found, None)));
        for (name, group) in entry.groups.iter().flatten() {
            let at = [&at("groups")[..], &[Step::Key(name)]].concat();
            let found = group_fault(name, group);
            faults.extend(found.map(|(found, hint)| fault(&at, &found, hint)));
        }
    }
    for (place, entry) in scenario.population.iter().enumerate() {
        let same = |other: &PopulationEntry| {
            (&other.path, &other.layer, &other.samples, &other.time)
                == (&entry.path, &entry.layer, &entry.samples, &entry.time)
        };
        if scenario.population[..place].iter().any(same) {
            let found = format!("\"{}\" is listed twice, wanted each source once", entry.path);
            let hint = Some(
                "keep one of them: one source given twice would count as two that agree".into(),
            );
            let at = [Step::Key("population"), Step::Place(place), Step::Key("path")];
            faults.push(fault(&at, &found, hint));
        }
    }
    faults.extend(twice_at_one_time(&scenario.population, fault));
    let primaries = scenario.population.iter().filter(|entry| entry.primary == Some(true));
    // Those of one name for different times are one.
    let names: BTreeSet<String> = primaries.clone().map(PopulationEntry::called).collect();
    let is_any = |entry: &&PopulationEntry| !matches!(entry.time.as_deref(), Some("day" | "night"));
    let primaries = names.len().max(primaries.filter(is_any).count());
    if primaries > 1 {
        let found = format!("{primaries} population layers are marked `primary`, wanted one");
        faults.push(fault(&[Step::Key("population")], &found, None));
    }
    for (place, entry) in scenario.sites.iter().enumerate() {
        let at = |key| [Step::Key("sites"), Step::Place(place), Step::Key(key)];
        for (key, found, hint) in sites_faults(entry) {
            faults.push(fault(&at(key), &found, hint));
        }
        let dates = [("observed_on", &entry.observed_on), ("expires_on", &entry.expires_on)];
        for (key, date) in dates.into_iter().filter_map(|(key, date)| Some((key, date.as_ref()?))) {
            check_date(date, &at(key), fault, &mut faults);
        }
    }
    for (place, entry) in scenario.sites.iter().enumerate() {
        let same = |other: &SitesEntry| (&other.path, &other.layer) == (&entry.path, &entry.layer);
        if scenario.sites[..place].iter().any(same) {
            let found = format!("\"{}\" is listed twice, wanted each layer once", entry.path);
            let hint = Some(
                "keep one of them: a layer given twice would count each of its sites twice".into(),
            );
            let at = [Step::Key("sites"), Step::Place(place), Step::Key("path")];
            faults.push(fault(&at, &found, hint));
        }
    }
    faults.extend(senseless_about_sites(scenario, fault));
    faults
}

/// A time zone that there is not.
fn unknown_zone(scenario: &Scenario, fault: FaultOf) -> Option<FileFault> {
    // Where no table of time zones is at hand, no name can be called unknown.
    let zones = jiff::tz::db();
    let unknown = |zone: &&String| !zones.is_definitively_empty() && zones.get(zone).is_err();
    let zone = scenario.scenario.timezone.as_ref().filter(unknown)?;
    let found = format!("`timezone` is \"{zone}\", wanted an IANA name");
    let hint = Some("write it as Europe/Kyiv".into());
    Some(fault(&[Step::Key("scenario"), Step::Key("timezone")], &found, hint))
}

/// Sections of more layers than are looked at, and what is wrong with them.
fn too_many_layers(scenario: &Scenario) -> Vec<(&'static str, String)> {
    let counts = [
        ("population", scenario.population.len()),
        ("sites", scenario.sites.len()),
        ("answers", scenario.answers.len()),
        ("links", scenario.links.len()),
    ];
    let fault = |(section, count)| Some((section, too_many(section, count)?));
    counts.into_iter().filter_map(fault).collect()
}

/// The same of answers and links.
fn senseless_about_sites(scenario: &Scenario, fault: FaultOf) -> Vec<FileFault> {
    let mut faults = Vec::new();
    for (place, entry) in scenario.answers.iter().enumerate() {
        let at = |key| [Step::Key("answers"), Step::Place(place), Step::Key(key)];
        let found = answers_faults(entry);
        faults.extend(found.into_iter().map(|(key, found)| fault(&at(key), &found, None)));
    }
    if !scenario.answers.is_empty() && scenario.sites.is_empty() {
        let found = "[[answers]] are about sites, and there is no layer of [[sites]]";
        faults.push(fault(&[Step::Key("answers")], found, None));
    }
    for (place, entry) in scenario.links.iter().enumerate() {
        let at = |key| [Step::Key("links"), Step::Place(place), Step::Key(key)];
        let found = links_faults(entry);
        faults.extend(found.into_iter().map(|(key, found)| fault(&at(key), &found, None)));
    }
    if !scenario.links.is_empty() && scenario.sites.is_empty() {
        let found = "[[links]] are between sites, and there is no layer of [[sites]]";
        faults.push(fault(&[Step::Key("links")], found, None));
    }
    faults
}

pub(super) fn links_faults(entry: &LinksEntry) -> Vec<KeyFault> {
    empty_path(&entry.path).into_iter().chain(unknown_share(entry.share.as_deref())).collect()
}

pub(super) fn answers_faults(entry: &AnswersEntry) -> Vec<KeyFault> {
    let mut faults: Vec<KeyFault> = empty_path(&entry.path).into_iter().collect();
    if let Some(confidence) = entry.confidence.filter(|p| !(0.0..=1.0).contains(p)) {
        faults.push(("confidence", format!("`confidence` is {confidence}, wanted 0 to 1")));
    }
    faults.extend(unknown_share(entry.share.as_deref()));
    faults
}

/// More layers of a kind than anybody compares.
pub(super) const MOST_LAYERS: usize = 256;

/// More rings than a map shows apart.
pub(super) const MOST_RINGS: usize = 32;

/// What is wrong with how many layers of a kind there are.
fn too_many(section: &str, count: usize) -> Option<String> {
    let found = || format!("{count} layers of [[{section}]], wanted {MOST_LAYERS} at most");
    (count > MOST_LAYERS).then(found)
}

/// Buffers and rings reach so many meters at most.
const FARTHEST_M: f64 = 1_000_000.0;

/// A key and what is wrong with its value.
type KeyFault = (&'static str, String);

pub(super) fn areas_faults(entry: &AreasEntry) -> impl Iterator<Item = KeyFault> {
    let Distances { buffer_m, buffer_lines_m, .. } = entry.distances();
    let off = |key: &'static str, meters: f64| {
        let found = || format!("`{key}` is {meters}, wanted 0 to {FARTHEST_M} meters");
        (!(0.0..=FARTHEST_M).contains(&meters)).then(|| (key, found()))
    };
    let of_lines = buffer_lines_m.and_then(|meters| off("buffer_lines_m", meters));
    let farthest = buffer_m.max(buffer_lines_m.unwrap_or(0.0));
    let rings = entry.rings_m.as_deref().and_then(|rings| rings_fault(rings, farthest));
    let rings = rings.map(|found| ("rings_m", found));
    [empty_path(&entry.path), off("buffer_m", buffer_m), of_lines, rings].into_iter().flatten()
}

/// What is wrong with the distances of rings.
fn rings_fault(rings: &[f64], buffer: f64) -> Option<String> {
    if rings.len() > MOST_RINGS {
        return Some(format!("`rings_m` has {} rings, wanted {MOST_RINGS} at most", rings.len()));
    }
    let mut before = 0.0;
    for meters in rings {
        if meters.fract() != 0.0 || *meters <= 0.0 {
            return Some(format!("`rings_m` has {meters}, wanted whole meters above 0"));
        }
        if *meters <= before {
            return Some(format!(
                "`rings_m` has {meters} behind {before}, wanted ascending distances"
            ));
        }
        if meters + buffer > FARTHEST_M {
            return Some(format!(
                "`rings_m` has {meters}, wanted {FARTHEST_M} at most, buffer included"
            ));
        }
        before = *meters;
    }
    None
}

fn empty_path(path: &str) -> Option<KeyFault> {
    path.is_empty().then(|| ("path", "`path` is empty, wanted that of a file".into()))
}

pub(super) fn population_faults(entry: &PopulationEntry) -> Vec<KeyFault> {
    let mut faults: Vec<KeyFault> = empty_path(&entry.path).into_iter().collect();
    match entry.time.as_deref() {
        None | Some("any" | "day" | "night") => {}
        Some(other) => {
            faults.push(("time", format!("`time` is \"{other}\", wanted any, day or night")));
        }
    }
    if let Some(below) = entry.clamp_below.filter(|below| !(0.0..=1.0).contains(below)) {
        faults.push(("clamp_below", format!("`clamp_below` is {below}, wanted 0 to 1")));
    }
    let off = entry.samples.as_deref().and_then(|samples| samples_fault("`samples`", samples));
    faults.extend(off.map(|found| ("samples", found)));
    faults.extend(unknown_share(entry.share.as_deref()));
    faults
}

/// What is wrong with the samples of a raster.
fn samples_fault(of: &str, samples: &[usize]) -> Option<String> {
    if samples.is_empty() || samples.contains(&0) {
        return Some(format!("{of} count from 1, wanted at least one"));
    }
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1])?;
    Some(format!("{of} names {} twice, wanted each once", twice[0]))
}

/// Entries of one name are one source, each for a time of its own.
fn twice_at_one_time(entries: &[PopulationEntry], fault: FaultOf) -> Vec<FileFault> {
    let mut faults = Vec::new();
    let time = |entry: &PopulationEntry| entry.time.clone().unwrap_or_else(|| "any".into());
    let is_timed = |entry: &PopulationEntry| time(entry) != "any";
    for (place, entry) in entries.iter().enumerate() {
        let same = |other: &&PopulationEntry| {
            other.called() == entry.called()
                && time(other) == time(entry)
                && (is_timed(entry)
                    || entries.iter().any(|one| one.called() == entry.called() && is_timed(one)))
        };
        if entries[..place].iter().any(|other| same(&other)) {
            let found = format!(
                "two entries are called \"{}\" and are for `time = \"{}\"`, wanted one for each time",
                entry.called(),
                time(entry)
            );
            let at = [Step::Key("population"), Step::Place(place)];
            faults.push(fault(&at, &found, Some("give another source a `name` of its own".into())));
        }
    }
    faults
}

/// What is wrong with a group, and the way out.
fn group_fault(name: &str, entry: &GroupEntry) -> Option<(String, Option<String>)> {
    let names = Group::ALL.map(Group::name);
    let Some(group) = Group::from_name(name) else {
        return Some((format!("unknown group \"{name}\""), Some(known_or_near(name, &names))));
    };
    let GroupEntry { share, source, path, pattern, samples, .. } = entry;
    let ways = "a share with its source, `path`, `samples` or `pattern`";
    let is_raster = path.is_some() || samples.is_some();
    let count =
        [share.is_some(), pattern.is_some(), is_raster].into_iter().filter(|way| *way).count();
    if count != 1 {
        return Some((format!("`{name}` is told in {count} ways, wanted one: {ways}"), None));
    }
    if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
        let hint = "a quarter of all people is 0.25".into();
        return Some((format!("`share` of {name} is {share}, wanted 0 to 1"), Some(hint)));
    }
    if share.is_some() && source.as_ref().is_none_or(|source| source.trim().is_empty()) {
        let hint = "write it as { share = 0.25, source = \"UN WPP 2024\" }".into();
        return Some((
            format!("`share` of {name} has no `source`, wanted where it comes from"),
            Some(hint),
        ));
    }
    if let Some(key) = share.and_then(|_| key_of_rasters(entry)) {
        return Some((format!("`{key}` of {name} is about a raster, and it is a share"), None));
    }
    if let Some(pattern) = pattern {
        if matches!(group, Group::Displaced | Group::Disabled) {
            let found = format!("{name} cannot be told by sex and age, wanted a share or a raster");
            return Some((found, None));
        }
        if !pattern.contains("{f|m}") || !pattern.contains("{age}") {
            let found = format!("`pattern` is \"{pattern}\", wanted {{f|m}} and {{age}} in it");
            return Some((found, Some("write it as {iso}_{f|m}_{age}_2020.tif".into())));
        }
    }
    let of = format!("`samples` of {name}");
    samples.as_deref().and_then(|samples| samples_fault(&of, samples)).map(|found| (found, None))
}

/// A key of a group that says how its raster is read.
fn key_of_rasters(entry: &GroupEntry) -> Option<&'static str> {
    let keys = [
        ("layer", entry.layer.is_some()),
        ("measure", entry.measure.is_some()),
        ("nodata", entry.nodata.is_some()),
        ("nodata_means", entry.nodata_means.is_some()),
    ];
    keys.into_iter().find(|(_, given)| *given).map(|(key, _)| key)
}

/// An audience that layers cannot be shared with.
fn unknown_share(share: Option<&str>) -> Option<KeyFault> {
    let share = share
        .filter(|share| !["internal", "coalition", "humanitarian", "public"].contains(share))?;
    let wanted = "wanted internal, coalition, humanitarian or public";
    Some(("share", format!("`share` is \"{share}\", {wanted}")))
}

/// The classes of a layer of sites that are none.
fn class_faults(entry: &SitesEntry) -> Vec<(&'static str, String, Option<String>)> {
    let names = SiteClass::ALL.map(SiteClass::name);
    let fault = |key, class: &String| {
        let by_words = suggested(class).map(|class| format!("did you mean `{}`?", class.name()));
        let near = || known_or_near(class, &names);
        let hint = by_words.unwrap_or_else(|| match near() {
            near if near.starts_with("known") => "`civex taxonomy` lists all 39".to_string(),
            near => near,
        });
        (key, format!("unknown class \"{class}\""), Some(hint))
    };
    let of_layer = entry.class.iter().map(|class| ("class", None, class));
    let table = entry.classes.iter().flatten();
    let of_table = table.map(|(value, class)| ("classes", Some(value), class));
    let wrong =
        of_layer.chain(of_table).filter(|(.., class)| SiteClass::from_name(class).is_none());
    let fault = |(key, value, class): (&'static str, Option<&String>, &String)| match value {
        Some(value) if class.trim().is_empty() => {
            let hint = "write a class between the quotes (`civex taxonomy` lists all 39), or take the value out";
            (key, format!("`classes` gives \"{value}\" no class"), Some(hint.to_string()))
        }
        _ => fault(key, class),
    };
    wrong.map(fault).collect()
}

pub(super) fn sites_faults(entry: &SitesEntry) -> Vec<(&'static str, String, Option<String>)> {
    let empty = empty_path(&entry.path).map(|(key, found)| (key, found, None));
    let mut faults: Vec<_> = empty.into_iter().collect();
    let ways = [entry.classify.is_some(), entry.class.is_some(), entry.class_field.is_some()];
    if ways.iter().filter(|way| **way).count() > 1 {
        let found = "two of `classify`, `class` and `class_field` are given, wanted one";
        faults.push(("path", found.to_string(), None));
    }
    if let Some(other) = entry.classify.as_ref().filter(|way| *way != "osm") {
        faults.push(("classify", format!("`classify` is \"{other}\", wanted \"osm\""), None));
    }
    faults.extend(class_faults(entry));
    if entry.classes.is_some() && entry.class_field.is_none() {
        faults.push(("classes", "`classes` needs `class_field`".to_string(), None));
    }
    if let Some(confidence) = entry.confidence.filter(|p| !(0.0..=1.0).contains(p)) {
        let found = format!("`confidence` is {confidence}, wanted 0 to 1");
        faults.push(("confidence", found, None));
    }
    for (key, value) in [("occupancy", entry.occupancy), ("capacity", entry.capacity)] {
        if let Some(value) = value.filter(|value| !value.is_finite() || *value < 0.0) {
            faults.push((key, format!("`{key}` is {value}, wanted 0 or more people"), None));
        }
    }
    if entry.covers.as_deref().is_some_and(|covers| covers.trim().is_empty()) {
        let hint = "leave it out for the hull of its sites, or write `bounds`, `all` or the path of a file of polygons";
        faults.push(("covers", "`covers` is empty".into(), Some(hint.into())));
    }
    if entry.rules.is_some() && (entry.class.is_some() || entry.class_field.is_some()) {
        faults.push((
            "rules",
            "`rules` are for tags, wanted `classify = \"osm\"`".to_string(),
            None,
        ));
    }
    faults.extend(unknown_share(entry.share.as_deref()).map(|(key, found)| (key, found, None)));
    faults
}

fn check_date(date: &str, steps: &[Step], fault: FaultOf, faults: &mut Vec<FileFault>) {
    // Days are compared as they are written.
    if date.parse::<jiff::civil::Date>().is_ok_and(|day| day.to_string() == date) {
        return;
    }
    let found = format!("\"{date}\" is no date, wanted year-month-day");
    faults.push(fault(steps, &found, Some("write it as 2026-11-22".into())));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        from_toml(Source { file: "s.toml", text })
            .map_or_else(|faults| faults.iter().map(ToString::to_string).collect(), |_| Vec::new())
    }

    #[test]
    fn every_unknown_key_is_named_at_its_place() {
        let text = "[areas]\npath = \"a.geojson\"\nbufer = 1\n[[population]]\npath = \"p.tif\"\nmesure = 2\n";
        let found = faults(text);
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("s.toml:3:1: unknown key `bufer` in [areas]"), "{}", found[0]);
        assert!(found[1].starts_with("s.toml:6:1: unknown key `mesure`"), "{}", found[1]);
    }

    #[test]
    fn what_is_no_toml_has_a_way_out() {
        for (text, wanted) in [
            ("[scenario]\ndate = 22.11.2026\n", "`date = 2026-11-22`"),
            ("[scenario]\ndate = 22/11/2026\n", "`date = 2026-11-22`"),
            ("[areas]\npath = areas.geojson\n", "`path = 'areas.geojson'`"),
            ("[areas]\npath = \"C:\\data\\x.gpkg\"\n", "`path = 'C:\\data\\x.gpkg'`"),
            ("[areas]\npath = 'a'\npath = 'b'\n", "keep one of them"),
            ("[areas]\npath: a.geojson\n", "a line is a head"),
        ] {
            let faults = from_toml(Source { file: "s.toml", text }).unwrap_err();
            let hint = faults[0].hint.clone().unwrap_or_default();
            assert!(hint.contains(wanted), "{text}: {faults:?}");
        }
    }

    #[test]
    fn a_wrong_type_is_named_at_its_value() {
        let found = faults("[[population]]\npath = \"p.tif\"\nyear = \"last\"\n");
        let wanted = "s.toml:3:8: found the text \"last\", wanted a whole number";
        assert!(found[0].starts_with(wanted), "{}", found[0]);
    }

    #[test]
    fn the_example_of_a_scenario_is_read() {
        let text = "[scenario]\ndate = 2026-11-22\n[areas]\npath = \"a.geojson\"\nid = \"ref\"\n\
            [[population]]\npath = \"p.tif\"\nnodata_means = \"zero\"\n\
            [[sites]]\npath = \"s.geojson\"\nclassify = \"osm\"\nobserved_on = 2019-05-09\n";
        let scenario = from_toml(Source { file: "s.toml", text }).unwrap();
        assert_eq!(scenario.scenario.date.as_deref(), Some("2026-11-22"));
        assert_eq!(scenario.sites[0].observed_on.as_deref(), Some("2019-05-09"));
    }

    #[test]
    fn words_and_numbers_that_mean_nothing_are_faults() {
        let layer = "[[population]]\npath = \"p.tif\"\n";
        for (key, wanted) in [
            ("samples = [1, 1]", "`samples` names 1 twice"),
            ("clamp_below = inf", "`clamp_below` is inf, wanted 0 to 1"),
            ("clamp_below = 50.0", "`clamp_below` is 50, wanted 0 to 1"),
            ("share = \"all\"", "`share` is \"all\", wanted internal"),
        ] {
            let found = faults(&format!("{layer}{key}\n"));
            assert!(found.len() == 1 && found[0].contains(wanted), "{found:?}");
        }
    }

    #[test]
    fn a_time_zone_is_one_of_those_that_exist() {
        assert!(faults("[scenario]\ntimezone = \"Atlantic/Reykjavik\"\n").is_empty());
        let found = faults("[scenario]\ntimezone = \"Mars/Olympus\"\n");
        assert!(found[0].starts_with("s.toml:2:12: `timezone` is \"Mars/Olympus\""), "{found:?}");
    }

    #[test]
    fn layers_put_together_are_checked_as_those_of_a_file_are() {
        let layer = |path: &str| PopulationEntry {
            path: path.into(),
            primary: Some(true),
            ..PopulationEntry::default()
        };
        let site = SitesEntry {
            path: "s.gpkg".into(),
            observed_on: Some("soon".into()),
            ..SitesEntry::default()
        };
        let scenario = Scenario {
            population: vec![layer("p.tif"), layer("q.tif")],
            sites: vec![site],
            ..Scenario::default()
        };
        let Err(ReadError::Faults(faults)) = check(&scenario) else { unreachable!() };
        assert_eq!(faults.len(), 2);
    }

    #[test]
    fn the_same_in_json_has_line_and_column_too() {
        let text = "{\"areas\": {\"path\": \"a.geojson\",\n  \"bufer\": 1}}";
        let found = from_json(Source { file: "s.json", text }).unwrap_err();
        assert_eq!(found[0].place.map(|place| place.0), Some(2));
        assert_eq!(found[0].hint.as_deref(), Some("did you mean `buffer_m`?"));
    }
}
