//! What `--verbose` tells of the inputs: which file is read as what, and what was decided where the
//! scenario leaves it open.

use super::say::Say;
use civex::error::{Notice, NoticeKind, Problem, Tally, number_text};
use civex::index::Source;
use civex::measure::Reference;
use civex::model::{AreasEntry, Measure, PopulationEntry, Scenario, Scheme, SitesEntry};
use civex::read::SitesRead;
use std::path::Path;

/// Tells of the scheme.
pub(super) fn scheme(say: Say, scheme: &Scheme) {
    let Scheme { name, digest, .. } = scheme;
    say.note("scheme", || format!("scheme \"{name}\", digest {digest}"));
}

/// Tells of the areas.
pub(super) fn areas(
    say: Say,
    entry: Option<&AreasEntry>,
    file: &str,
    (count, reference): (u64, &Reference),
) {
    let Some(entry) = entry else { return };
    say.note_of(file, || {
        let layer = layer(&entry.path, entry.layer.as_deref());
        let id = match &entry.id {
            Some(column) => format!("ids from column \"{column}\", as given"),
            None => "ids from `id`, else their place, since `id` is not given".into(),
        };
        let (count, system) = (counted(count as usize, "area"), reference.name());
        format!("read as areas, {layer}: {count} in {system}; {id}")
    });
}

/// Tells of a population source.
pub(super) fn population(say: Say, entry: &PopulationEntry, source: &Source, is_primary: bool) {
    let declared = &source.declared;
    say.note_of(&declared.path, || {
        let part = if is_primary { "the primary" } else { "for bounds" };
        let why = |given: bool| if given { "as given" } else { "since nothing says otherwise" };
        let measure = match entry.measure.unwrap_or_default() {
            Measure::Count => "people a cell",
            Measure::Density => "people a km²",
        };
        let (cols, rows) = source.blocks.size();
        let (name, system) = (&declared.name, declared.grid.reference.name());
        format!(
            "read as population \"{name}\", {part}: {cols} × {rows} cells in {system}, {measure}, {}; \
             nodata means {}, {}",
            why(entry.measure.is_some()),
            declared.nodata_means.name(),
            why(declared.nodata_means_declared)
        )
    });
}

/// A value that an entry takes for no data though it may be a number of people.
pub(super) fn doubtful_nodata(entry: &PopulationEntry) -> Option<f64> {
    let mut values = entry.nodata.iter().flat_map(|values| &values.0).copied();
    values.find(|value| *value >= 0.0 && value.is_finite())
}

/// Notices of population sources of which a number of people is taken for no data.
pub(super) fn doubts(scenario: &Scenario) -> impl Iterator<Item = Notice> {
    scenario.population.iter().filter_map(|entry| {
        let value = number_text(doubtful_nodata(entry)?);
        let text = format!(
            "`nodata = {value}` takes a number that may be one of people for no data; `civex check` counts its cells"
        );
        Some(Notice::of_file(NoticeKind::Implausible, &entry.path, text))
    })
}

/// Tells of the layers of sites.
pub(super) fn sites(say: Say, entries: &[SitesEntry], read: &SitesRead) {
    for (place, entry) in entries.iter().enumerate() {
        say.note_of(&entry.path, || {
            let records = read.records.get(place).copied().unwrap_or_default() as usize;
            let class = match (&entry.classify, &entry.class, &entry.class_field) {
                (Some(way), ..) => format!("classes from tags of {way}"),
                (_, Some(class), _) => format!("all of class {class}"),
                (_, _, Some(column)) => format!("classes from column \"{column}\""),
                _ if ending(&entry.path).as_deref() == Some("pbf") => {
                    "classes from tags of osm".into()
                }
                _ => "classes from column \"class\", since nothing else is given".into(),
            };
            let layer = layer(&entry.path, entry.layer.as_deref());
            format!("read as sites, {layer}: {}; {class}", counted(records, "record"))
        });
    }
}

/// Which layer of a file is read.
fn layer(path: &str, named: Option<&str>) -> String {
    match (named, ending(path).as_deref()) {
        (Some(name), _) => format!("layer \"{name}\""),
        (None, Some("kml" | "kmz")) => "all layers".into(),
        (None, Some("geojson" | "json")) => "all features".into(),
        (None, Some("pbf")) => "all objects".into(),
        (None, _) => "the only layer".into(),
    }
}

/// The ending of a path, in small letters.
pub(super) fn ending(path: impl AsRef<Path>) -> Option<String> {
    path.as_ref().extension().map(|ending| ending.to_string_lossy().to_lowercase())
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Whether inputs have problems by which all results are in doubt: no source reaches an area, or a whole layer counts
/// for nothing, since nothing of it could be read or longitude and latitude are exchanged.
pub(super) fn is_grave(problems: &Tally<Problem>) -> bool {
    let counts = problems.counts();
    let is_exchanged =
        |problem: &Problem| matches!(problem, Problem::SitesElsewhere { is_exchanged: true, .. });
    ["outside_everything", "sites_unread"].iter().any(|kind| counts.contains_key(*kind))
        || problems.kept().iter().any(is_exchanged)
}

/// Whether problems of a kind are mended, and then told as notices.
pub(super) fn is_mended(kind: &str) -> bool {
    matches!(kind, "ring" | "duplicate_area")
}
