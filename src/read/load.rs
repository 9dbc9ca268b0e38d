//! A whole scenario opened: every file it names, with its provenance.

use super::faults::did_you_mean;
use super::features::day_of;
use super::groups::{From, Groups, groups};
use super::layers::Layers;
use super::place::{Place, Remote};
use super::provenance::{ContentFiles, digest, record_with, undigested};
use super::{AreaStream, SitesFiles, SitesRead, Terms, scheme};
use crate::error::{ReadError, nodata_text};
use crate::index::Source;
use crate::model::{
    AnswersEntry, AreasEntry, Budget, COVERS, COVERS_OPTIONS, Distances, GroupEntry, InputRecord,
    People, PeopleLayer, PopulationEntry, PopulationSource, Progress, Provenance, Role, Scenario,
    Scheme, SitesEntry,
};
use std::path::Path;

/// A scenario with all its inputs open.
pub struct Loaded {
    /// The areas, as drawn, piece by piece.
    pub areas: AreaStream,
    /// How far around them is looked.
    pub distances: Distances,
    /// The rasters of people and the ways to their cells: those of the population sources in the order of the
    /// scenario, then those of groups.
    pub sources: Vec<Source>,
    /// What each of them tells.
    pub people: People,
    /// The sites; `None` without a sites layer.
    pub sites: Option<SitesRead>,
    /// The value judgements.
    pub scheme: Scheme,
    /// What all of it was made from; population rasters are digested by [`Digests::add_to`](super::Digests::add_to).
    pub provenance: Provenance,
}

/// Opens every input of a scenario. Paths are relative to `folder`, that of the scenario's file. A text
/// that is larger than the budget is not read.
///
/// # Errors
///
/// The first input that cannot be read or used.
pub fn load(
    scenario: &Scenario,
    file: Option<&Place>,
    folder: Option<&Path>,
    opening: Opening,
) -> Result<Loaded, ReadError> {
    load_sharing(scenario, (file, folder), opening, Sharing { layers: None, reads_sites: true })
}

/// What a scenario shares with those before it.
#[derive(Clone, Copy)]
pub struct Sharing<'s> {
    /// The layers that they opened.
    pub layers: Option<&'s Layers>,
    /// Whether sites are read; if not, [`Loaded::sites`] is `None`.
    pub reads_sites: bool,
}

/// Opens every input of a scenario, as [`load`] does, but for those that are open.
///
/// # Errors
///
/// As those of [`load`].
pub fn load_sharing(
    scenario: &Scenario,
    (file, folder): (Option<&Place>, Option<&Path>),
    opening: Opening,
    Sharing { layers, reads_sites }: Sharing,
) -> Result<Loaded, ReadError> {
    let Opening { remote, budget, .. } = opening;
    let scheme = scheme_of(scenario, folder, budget)?;
    let areas = areas_of(scenario, folder, remote, budget)?;
    let from = From { folder, remote, budget, layers };
    let sources = open_sources(scenario, from);
    let mut sources = sources.into_iter().collect::<Result<Vec<_>, _>>()?;
    let sites = if reads_sites { sites_of(scenario, &scheme, folder, opening)? } else { None };
    let primary = primary_of(&scenario.population);
    let Groups { sources: of_groups, told, records } =
        groups(scenario, (sources.len(), primary), from)?;
    let of_people = (&sources[..], records);
    let provenance = provenance(scenario, (file, from), areas.record(), &scheme, of_people)?;
    sources.extend(of_groups);
    let people = People { groups: told, ..people_of(&scenario.population, primary) };
    let distances = scenario.areas.as_ref().map(AreasEntry::distances).unwrap_or_default();
    Ok(Loaded { areas, distances, sources, people, sites, scheme, provenance })
}

/// How files are opened.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// Whether files of other machines may be read.
    pub remote: Remote,
    /// The memory that may be used.
    pub budget: Budget,
    /// Who is told how it goes on.
    pub progress: &'a dyn Progress,
}

/// Which entry is a source of its own, and which tells of the day or night of another.
fn people_of(entries: &[PopulationEntry], primary: usize) -> People {
    let mut people = People::default();
    for (place, entry) in entries.iter().enumerate() {
        let name = entry.called();
        let slot = |layer: &PeopleLayer| match entry.time.as_deref() {
            Some("day") => layer.day.is_none(),
            Some("night") => layer.night.is_none(),
            _ => layer.any.is_none(),
        };
        let known = people.layers.iter().position(|layer| layer.name == name && slot(layer));
        let of = known.unwrap_or_else(|| {
            people.layers.push(PeopleLayer { name, ..PeopleLayer::default() });
            people.layers.len() - 1
        });
        let layer = &mut people.layers[of];
        match entry.time.as_deref() {
            Some("day") => layer.day = Some(place),
            Some("night") => layer.night = Some(place),
            _ => layer.any = Some(place),
        }
        if place == primary {
            people.primary = of;
        }
    }
    people
}

/// The place of an entry's path.
pub(super) fn place_of(path: &str, from_here: bool, folder: Option<&Path>) -> Place {
    Place::new(path, folder.filter(|_| !from_here))
}

/// The scheme of a scenario: the built-in one, or what its file makes of it.
///
/// # Errors
///
/// If its file cannot be read or holds faults.
pub fn scheme_of(
    scenario: &Scenario,
    folder: Option<&Path>,
    budget: Budget,
) -> Result<Scheme, ReadError> {
    match &scenario.scheme {
        None => Ok(scheme::built_in()),
        Some(entry) => {
            let place = place_of(&entry.path, entry.from_here, folder);
            scheme::open(&place.within_budget(budget))
        }
    }
}

/// The areas of a scenario, opened.
///
/// # Errors
///
/// If there are none, or their file cannot be read.
pub fn areas_of(
    scenario: &Scenario,
    folder: Option<&Path>,
    remote: Remote,
    budget: Budget,
) -> Result<AreaStream, ReadError> {
    let Some(entry) = &scenario.areas else {
        return Err(ReadError::unusable_hint(
            "scenario",
            "it names no areas",
            "add a section [areas] with `path = \"areas.geojson\"`, or give `--areas areas.geojson`",
        ));
    };
    let place = place_of(&entry.path, entry.from_here, folder).within_budget(budget);
    super::area_stream(entry, &place, remote)
}

/// The latest day on which an area of a scenario is used, as they are written; `None` if none tells.
///
/// # Errors
///
/// If there are no areas, or their file cannot be read.
pub fn latest_end(
    scenario: &Scenario,
    folder: Option<&Path>,
    remote: Remote,
    budget: Budget,
) -> Result<Option<String>, ReadError> {
    let mut latest: Option<String> = None;
    areas_of(scenario, folder, remote, budget)?.each(&mut |drawn| {
        let day = drawn.area.end.as_deref().and_then(day_of);
        latest = latest.take().max(day.map(ToString::to_string));
    })?;
    Ok(latest)
}

/// The population sources of a scenario, each by itself; at least one entry.
#[must_use]
pub fn sources_of(
    scenario: &Scenario,
    folder: Option<&Path>,
    remote: Remote,
    budget: Budget,
) -> Vec<Result<Source, ReadError>> {
    open_sources(scenario, From { folder, remote, budget, layers: None })
}

fn open_sources(scenario: &Scenario, from: From) -> Vec<Result<Source, ReadError>> {
    let From { folder, remote, budget, layers } = from;
    if scenario.population.is_empty() {
        return vec![Err(ReadError::unusable_hint(
            "scenario",
            "it names no population",
            "add a section [[population]] with `path = \"population.tif\"`, or give `--population population.tif`",
        ))];
    }
    let open = |entry: &PopulationEntry| {
        let place = place_of(&entry.path, entry.from_here, folder).within_budget(budget);
        source(entry, &place, (remote, layers))
    };
    scenario.population.iter().map(open).collect()
}

/// One raster of people, opened, unless it is open.
pub(super) fn source(
    entry: &PopulationEntry,
    place: &Place,
    (remote, layers): (Remote, Option<&Layers>),
) -> Result<Source, ReadError> {
    let open = || open_source(entry, place, remote);
    layers.map_or_else(open, |layers| layers.source((entry, place), open))
}

fn open_source(
    entry: &PopulationEntry,
    place: &Place,
    remote: Remote,
) -> Result<Source, ReadError> {
    let (declared, raster) = super::population(entry, place, remote)?;
    let content = ContentFiles::of(&place.resolved);
    let identity = super::provenance::identity(place, &content);
    let files = content.files;
    Ok(Source { declared, blocks: std::sync::Arc::new(raster), files, identity })
}

/// The rasters of the groups of a scenario, each once.
///
/// # Errors
///
/// If one cannot be read, or files of a pattern are missing.
pub fn group_sources_of(
    scenario: &Scenario,
    folder: Option<&Path>,
    remote: Remote,
    budget: Budget,
) -> Result<Vec<Source>, ReadError> {
    let entries = &scenario.population;
    let places = (entries.len(), primary_of(entries));
    groups(scenario, places, From { folder, remote, budget, layers: None })
        .map(|groups| groups.sources)
}

/// The place of the primary entry: the one that is marked, else the first.
fn primary_of(entries: &[PopulationEntry]) -> usize {
    entries.iter().position(|entry| entry.primary == Some(true)).unwrap_or(0)
}

/// The sites of a scenario, a record each, and the answers about them; `None` if it names no layer.
///
/// # Errors
///
/// The first layer that cannot be read or used.
pub fn sites_of(
    scenario: &Scenario,
    scheme: &Scheme,
    folder: Option<&Path>,
    opening: Opening,
) -> Result<Option<SitesRead>, ReadError> {
    if scenario.sites.is_empty() {
        return Ok(None);
    }
    let Opening { remote, budget, progress } = opening;
    let place = |path: &str, from_here| place_of(path, from_here, folder).within_budget(budget);
    let files = |entry: &SitesEntry| {
        Ok(SitesFiles {
            entry: entry.clone(),
            place: place(&entry.path, entry.from_here),
            rules: entry.rules.as_deref().map(|rules| place(rules, entry.from_here)),
            covers: covers_place(entry, folder)?.map(|covers| covers.within_budget(budget)),
        })
    };
    let layers = scenario.sites.iter().map(files).collect::<Result<Vec<_>, ReadError>>()?;
    for Place { written, resolved, .. } in layers.iter().map(|layer| &layer.place) {
        super::whole::refuse_irregular(written, resolved)?;
    }
    let terms = Terms { scheme, remote };
    let mut read = super::sites(&layers, terms, progress)?;
    for entry in &scenario.answers {
        let (answers, notices) =
            super::answers(entry, &place(&entry.path, entry.from_here), terms)?;
        read.answers.extend(answers);
        read.notices.extend(notices);
    }
    for entry in &scenario.links {
        let place = place(&entry.path, entry.from_here);
        read.links.extend(super::links(entry, &place, remote)?);
    }
    Ok(Some(read))
}

/// What a scenario is made from, every file digested.
fn provenance(
    scenario: &Scenario,
    (file, from): (Option<&Place>, From),
    areas: Option<&InputRecord>,
    scheme: &Scheme,
    (sources, of_groups): (&[Source], Vec<InputRecord>),
) -> Result<Provenance, ReadError> {
    let From { folder, layers, .. } = from;
    let mut inputs = Vec::new();
    if let Some(file) = file {
        inputs.push(record(Role::Scenario, file, layers)?);
    }
    if let Some(entry) = &scenario.scheme {
        let place = place_of(&entry.path, entry.from_here, folder);
        inputs.push(record(Role::Scheme, &place, layers)?);
    }
    if let (Some(entry), Some(areas)) = (&scenario.areas, areas) {
        let mut areas = areas.clone();
        areas.licence.clone_from(&entry.licence);
        areas.attribution.clone_from(&entry.attribution);
        let Distances { buffer_m, buffer_lines_m, rings_m, .. } = entry.distances();
        if buffer_m > 0.0 {
            areas.settings.push(("buffer_m", buffer_m.to_string()));
        }
        let lines_m = buffer_lines_m.map(|meters| ("buffer_lines_m", meters.to_string()));
        areas.settings.extend(lines_m);
        areas.settings.extend(rings_m.iter().map(|meters| ("rings_m", meters.to_string())));
        let columns = [
            ("layer", &entry.layer),
            ("crs", &entry.crs),
            ("id", &entry.id),
            ("name", &entry.name),
            ("coa", &entry.coa),
            ("phase", &entry.phase),
            ("start", &entry.start),
            ("end", &entry.end),
        ];
        let given = columns.into_iter().filter_map(|(key, name)| Some((key, name.clone()?)));
        areas.settings.extend(given);
        inputs.push(areas);
    }
    for (entry, source) in scenario.population.iter().zip(sources) {
        inputs.push(population_record(entry, &source.declared, folder));
    }
    inputs.extend(of_groups);
    inputs.extend(sites_records(scenario, folder, layers)?);
    let written = file.map(|file| super::stem(&file.written));
    let name = scenario.scenario.name.clone().or(written);
    let overlap = scenario.areas.as_ref().and_then(|areas| areas.overlap).unwrap_or_default();
    let mut settings = vec![("overlap", overlap.name().to_string())];
    settings.extend(scenario.scenario.timezone.clone().map(|zone| ("timezone", zone)));
    Ok(Provenance {
        name: name.unwrap_or_else(|| "command line".into()),
        date: scenario.scenario.date.clone(),
        scheme: (scheme.name.clone(), scheme.digest.clone()),
        inputs,
        settings,
    })
}

/// What a register of sites is made from, every file digested.
///
/// # Errors
///
/// If a file cannot be read.
pub fn sites_provenance(
    scenario: &Scenario,
    folder: Option<&Path>,
    scheme: &Scheme,
) -> Result<Provenance, ReadError> {
    Ok(Provenance {
        name: scenario.scenario.name.clone().unwrap_or_else(|| "command line".into()),
        date: scenario.scenario.date.clone(),
        scheme: (scheme.name.clone(), scheme.digest.clone()),
        inputs: sites_records(scenario, folder, None)?,
        settings: Vec::new(),
    })
}

/// A record of a place, its files digested unless they are.
fn record(role: Role, place: &Place, layers: Option<&Layers>) -> Result<InputRecord, ReadError> {
    record_with(role, place, &|path, written| match layers {
        Some(layers) => layers.digests().of(path, written),
        None => digest(path, written),
    })
}

/// The place of the file of the ground that a layer covers, if it names one.
///
/// # Errors
///
/// If it is one word, and no file is called so.
fn covers_place(entry: &SitesEntry, folder: Option<&Path>) -> Result<Option<Place>, ReadError> {
    let Some(file) = entry.covers_file() else { return Ok(None) };
    let place = place_of(file, entry.from_here, folder);
    if file.contains(['.', '/', '\\', ':']) || place.resolved.exists() {
        return Ok(Some(place.in_system(entry.covers_option("crs").map(String::from).as_ref())));
    }
    let found = format!(
        "`covers` is \"{file}\", wanted `hull`, `bounds`, `all` or a file of polygons that is there"
    );
    let usual = || "write one of these words, or the path of the file".to_string();
    let hint = did_you_mean(file, COVERS).unwrap_or_else(usual);
    Err(ReadError::unusable_hint(&entry.path, found, hint))
}

/// The files of sites and of answers about them.
fn sites_records(
    scenario: &Scenario,
    folder: Option<&Path>,
    layers: Option<&Layers>,
) -> Result<Vec<InputRecord>, ReadError> {
    let mut inputs = Vec::new();
    for entry in &scenario.sites {
        inputs.push(sites_record(entry, folder, layers)?);
        if let Some(rules) = &entry.rules {
            let place = place_of(rules, entry.from_here, folder);
            inputs.push(record(Role::Rules, &place, layers)?);
        }
        if let Some(covers) = covers_place(entry, folder)? {
            let mut made = record(Role::Covers, &covers, layers)?;
            for key in COVERS_OPTIONS {
                let value = entry.covers_option(key);
                made.settings.extend(value.map(|value| (key, value.to_string())));
            }
            inputs.push(made);
        }
    }
    for entry in &scenario.answers {
        inputs.push(answers_record(entry, folder, layers)?);
    }
    for entry in &scenario.links {
        let place = place_of(&entry.path, entry.from_here, folder);
        let mut made = record(Role::Links, &place, layers)?;
        made.licence.clone_from(&entry.licence);
        made.attribution.clone_from(&entry.attribution);
        made.settings.extend(entry.layer.clone().map(|layer| ("layer", layer)));
        inputs.push(made);
    }
    Ok(inputs)
}

fn population_record(
    entry: &PopulationEntry,
    source: &PopulationSource,
    folder: Option<&Path>,
) -> InputRecord {
    let mut made = undigested(Role::Population, &place_of(&entry.path, entry.from_here, folder));
    made.name = Some(source.name.clone());
    made.date = entry.year.map(|year| year.to_string());
    made.licence.clone_from(&entry.licence);
    made.attribution.clone_from(&entry.attribution);
    let measure = entry.measure.unwrap_or_default().name();
    made.settings.push(("measure", measure.to_string()));
    made.settings.push(("nodata_means", source.nodata_means.name().to_string()));
    let nodata = entry.nodata.iter().flat_map(|values| &values.0);
    made.settings.extend(nodata.map(|value| ("nodata", value.to_string())));
    made.settings.extend(entry.clamp_below.map(|below| ("clamp_below", below.to_string())));
    if let Some(samples) = &entry.samples {
        let numbers: Vec<String> = samples.iter().map(ToString::to_string).collect();
        made.settings.push(("samples", numbers.join(" ")));
    }
    if entry.primary == Some(true) {
        made.settings.push(("primary", "true".into()));
    }
    if let Some(layer) = &entry.layer {
        made.settings.push(("layer", layer.clone()));
    }
    made.settings.extend(entry.time.clone().map(|time| ("time", time)));
    let groups = entry.groups.iter().flatten();
    made.settings.extend(groups.map(|(name, group)| ("groups", group_text(name, group))));
    made
}

/// A group as a line of a scenario.
fn group_text(name: &str, entry: &GroupEntry) -> String {
    let text = |text: &String| toml::Value::from(text.as_str()).to_string();
    let samples = |samples: &Vec<usize>| format!("{samples:?}");
    let parts = [
        ("share", entry.share.map(|share| share.to_string())),
        ("source", entry.source.as_ref().map(text)),
        ("path", entry.path.as_ref().map(text)),
        ("pattern", entry.pattern.as_ref().map(text)),
        ("layer", entry.layer.as_ref().map(text)),
        ("samples", entry.samples.as_ref().map(samples)),
        ("measure", entry.measure.map(|measure| format!("\"{}\"", measure.name()))),
        ("nodata", entry.nodata.as_ref().map(|values| nodata_text(&values.0))),
        ("nodata_means", entry.nodata_means.map(|means| format!("\"{}\"", means.name()))),
    ];
    let parts = parts.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?)));
    format!("{name} = {{ {} }}", parts.collect::<Vec<_>>().join(", "))
}

fn sites_record(
    entry: &SitesEntry,
    folder: Option<&Path>,
    layers: Option<&Layers>,
) -> Result<InputRecord, ReadError> {
    let mut made = record(Role::Sites, &place_of(&entry.path, entry.from_here, folder), layers)?;
    made.name = Some(entry.name.clone().unwrap_or_else(|| super::stem(&entry.path)));
    made.date.clone_from(&entry.observed_on);
    made.settings.extend(entry.expires_on.clone().map(|day| ("expires_on", day)));
    made.licence.clone_from(&entry.licence);
    made.attribution.clone_from(&entry.attribution);
    let texts = [
        ("layer", &entry.layer),
        ("crs", &entry.crs),
        ("classify", &entry.classify),
        ("class", &entry.class),
        ("class_field", &entry.class_field),
    ];
    made.settings.extend(texts.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))));
    for (value, class) in entry.classes.iter().flatten() {
        made.settings.push(("classes", format!("{value} = {class}")));
    }
    let numbers = [
        ("confidence", entry.confidence),
        ("occupancy", entry.occupancy),
        ("capacity", entry.capacity),
    ];
    let given = numbers.into_iter().filter_map(|(key, value)| Some((key, value?.to_string())));
    made.settings.extend(given);
    if let Some(in_raster) = entry.in_raster {
        made.settings.push(("in_raster", in_raster.name().to_string()));
    }
    // A file is an input of its own.
    if entry.covers_file().is_none() {
        made.settings.extend(entry.covers.clone().map(|covers| ("covers", covers)));
    }
    Ok(made)
}

fn answers_record(
    entry: &AnswersEntry,
    folder: Option<&Path>,
    layers: Option<&Layers>,
) -> Result<InputRecord, ReadError> {
    let mut made = record(Role::Answers, &place_of(&entry.path, entry.from_here, folder), layers)?;
    made.name = Some(entry.name.clone().unwrap_or_else(|| super::stem(&entry.path)));
    made.licence.clone_from(&entry.licence);
    made.attribution.clone_from(&entry.attribution);
    made.settings.extend(entry.layer.clone().map(|layer| ("layer", layer)));
    made.settings.extend(entry.confidence.map(|p| ("confidence", p.to_string())));
    Ok(made)
}
