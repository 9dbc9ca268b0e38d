//! The facts of a vector file: what is drawn, which columns there are, what they may be used for.

use super::super::drivers::DatasetType;
use super::stated::Stated;
use super::{Asked, bounds, degrees};
use crate::error::ReadError;
use crate::measure::Reference;
use crate::model::{AreasEntry, SiteClass, SitesEntry};
use crate::read::features::{Drawn, Feature, Features, column, text_of};
use crate::read::sites::{
    Role, Schema, Values as ClassValues, is_faith, is_of_classes, is_packed, looks_like, no_class,
    role_of, suggested, tags, unpacked,
};
use crate::read::{
    Areas, Place, Remote, areas, container, kml, osm, pbf, table, vector as features, whole,
};
use gdal::vector::LayerAccess;
use geo::{CoordsIter, Geometry};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Examples of a column, and letters of each.
const EXAMPLES: usize = 3;
const LETTERS: usize = 24;

/// So many values that are no class are looked at for what they probably mean.
const LISTED: usize = 12;

/// Bytes that a member of a map takes beside its texts, about.
const MEMBER: usize = 160;

/// What is known of one layer of a vector file.
#[derive(Debug)]
pub struct VectorFacts {
    /// Its path, as written.
    pub path: String,
    /// Its name, in a file of several layers.
    pub layer: Option<String>,
    /// Its format, as GDAL calls it.
    pub format: String,
    /// Features.
    pub features: usize,
    /// Its reference system, if it declares one.
    pub reference: Option<Reference>,
    /// West, south, east, north in its own units.
    pub bounds: Option<[f64; 4]>,
    /// The same in degrees of longitude and latitude.
    pub degrees: Option<[f64; 4]>,
    /// Whether its places are not told: all of its sites are of classes whose location is sensitive.
    pub sensitive: bool,
    /// What is drawn, with how often, the most frequent first.
    pub drawn: Vec<(&'static str, usize)>,
    /// Its columns, in the order they are met.
    pub columns: Vec<ColumnFacts>,
    /// What it states about where it comes from.
    pub stated: Stated,
    /// What is to be said of how it was read.
    pub remark: Option<String>,
    /// What it may be used as.
    pub guess: Guess,
    /// As areas; `None` if it was asked for as sites.
    pub areas: Option<AreasFacts>,
    /// As sites; `None` if it was asked for as areas.
    pub sites: Option<SitesFacts>,
    /// What keeps it from being used, one by one, with the way out.
    pub refused: Vec<ReadError>,
}

/// What a layer may be used as, going by what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// Areas: polygons without a class, or so it was asked for.
    Areas,
    /// Sites: their classes are told, or so it was asked for.
    Sites,
    /// Either, which only its owner can tell.
    Either,
    /// Neither: nothing is drawn in it.
    Neither,
}

/// One column.
#[derive(Debug, Clone)]
pub struct ColumnFacts {
    /// Its name.
    pub name: String,
    /// What its values are: `text`, `number`, `truth`, `list`, `mixed`, or `empty`.
    pub kind: &'static str,
    /// Features that have a value.
    pub filled: usize,
    /// Whether all features have a value, and no two the same.
    pub tells_apart: bool,
    /// A few of its values; none of a column that may tell of faith, origin or persons, and none of a
    /// site whose location is sensitive.
    pub examples: Vec<String>,
}

/// Where the ids of areas come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdFrom {
    /// A column.
    Column(String),
    /// The member `id` of features.
    Member,
    /// Their place in the file: nothing else tells them apart.
    Place,
}

/// A column that is read as a key of areas.
#[derive(Debug, Clone)]
pub struct KeyColumn {
    /// The key: `name`, `coa`, `phase`, `start`, `end`.
    pub key: &'static str,
    /// The column.
    pub column: String,
    /// Its values, each once, sorted.
    pub values: BTreeSet<String>,
}

/// A layer as areas.
#[derive(Debug)]
pub struct AreasFacts {
    /// The keys it was asked for with.
    pub entry: AreasEntry,
    /// Where ids come from.
    pub id_from: IdFrom,
    /// Columns that could tell areas apart, where no column `id` does.
    pub could_be_id: Vec<String>,
    /// Columns read as keys.
    pub keys: Vec<KeyColumn>,
    /// The areas; `None` if they cannot be read (said among what is refused).
    pub areas: Option<Areas>,
}

/// A layer as sites.
#[derive(Debug)]
pub struct SitesFacts {
    /// The keys it was asked for with.
    pub entry: SitesEntry,
    /// What wrote it, if its columns are those of OpenStreetMap data.
    pub schema: Option<&'static str>,
    /// Classes by OpenStreetMap tags, if any feature has one.
    pub osm: Option<Classes>,
    /// The column whose values are classes, with those.
    pub column: Option<(String, Classes)>,
    /// Columns that tell the name of a site or a number of people, each with what it tells.
    pub told_by: Vec<(String, &'static str)>,
    /// Columns that look like such a one and are not used.
    pub not_used: Vec<String>,
}

/// Classes of features.
#[derive(Debug, Clone, Default)]
pub struct Classes {
    /// How many features have each class.
    pub counts: BTreeMap<SiteClass, usize>,
    /// Features that have a class.
    pub classified: usize,
    /// Features whose class is written another way than the taxonomy has it.
    pub folded: usize,
    /// Values that are no class, with how many features have them; empty for tags.
    pub unknown: BTreeMap<String, usize>,
    /// The most frequent of them, each with the class that it probably means.
    pub listed: Vec<(String, Option<SiteClass>)>,
}

/// Inspects the layer that was asked for, or every layer of the file.
///
/// # Errors
///
/// If it cannot be opened as a vector file.
pub fn vector(asked: &Asked, place: &Place, remote: Remote) -> Result<Vec<VectorFacts>, ReadError> {
    let named = asked.areas.as_ref().and_then(|entry| entry.layer.as_ref());
    let named = named.or(asked.sites.as_ref().and_then(|entry| entry.layer.as_ref()));
    let crs = asked.areas.as_ref().and_then(|entry| entry.crs.as_ref());
    let crs = crs.or(asked.sites.as_ref().and_then(|entry| entry.crs.as_ref()));
    let place = &place.in_system(crs);
    whole::refuse_irregular(&place.written, &place.resolved)?;
    let layers = container::layers(place)?;
    if named.is_none() && !layers.is_empty() {
        let one = |layer: &String| {
            let file = File::open(place, Some(layer), remote)?;
            let read = features::read(place, Some(layer), remote)?;
            Ok(facts(asked, &file, place, Some(layer), read))
        };
        return layers.iter().map(one).collect();
    }
    let file = File::open(place, named.map(String::as_str), remote)?;
    let one_file = |layer: Option<&str>| -> Result<VectorFacts, ReadError> {
        let read = if pbf::is_extract(place) {
            extract(place)?
        } else {
            features::read(place, layer, remote)?
        };
        Ok(facts(asked, &file, place, layer, read))
    };
    if let Some(named) = named {
        return Ok(vec![one_file(Some(named))?]);
    }
    // Folders of KML are courses of action: they are read together.
    if file.layers.len() < 2 || file.format.contains("KML") {
        return Ok(vec![one_file(None)?]);
    }
    let read = file.layers.iter().map(|layer| one_file(Some(layer)));
    if !features::is_table(place) {
        return read.collect();
    }
    // A sheet of notes holds no place; where no sheet does, the first says why.
    let (told, mut refused): (Vec<_>, Vec<_>) = read.partition(Result::is_ok);
    if told.is_empty() && !refused.is_empty() {
        return refused.swap_remove(0).map(|facts| vec![facts]);
    }
    told.into_iter().collect()
}

/// What is known of a file before its features are read.
struct File {
    format: String,
    layers: Vec<String>,
    stated: Stated,
}

impl File {
    /// Opens a file, or the one that a layer is in, of a folder or an archive.
    fn open(place: &Place, layer: Option<&str>, remote: Remote) -> Result<Self, ReadError> {
        let inside = container::inside(place, layer)?;
        let place = inside.as_ref().map_or(place, |inside| &inside.place);
        if features::is_geojson(place) {
            // What is no GeoJSON is told by the reader of features, and better.
            let is_file = place.written != "-" && !place.resolved.starts_with("/vsi");
            let text = is_file.then(|| whole::open(place).ok()).flatten();
            let (stated, format) = text
                .map_or_else(|| (Stated::default(), "GeoJSON"), |(file, _)| Stated::of_json(file));
            return Ok(Self { format: format.into(), layers: Vec::new(), stated });
        }
        if pbf::is_extract(place) {
            let kind = if place.ends("pbf") { "PBF" } else { "XML" };
            let format = format!("OpenStreetMap {kind}; objects that are of some class");
            return Ok(Self { format, layers: Vec::new(), stated: Stated::default() });
        }
        if kml::is_kml(place) {
            let format = kml::format(place).to_string();
            return Ok(Self { format, layers: Vec::new(), stated: Stated::default() });
        }
        if features::is_table(place) && table::is_sheet(place) {
            let (format, layers) = table::sheet_names(place)?;
            return Ok(Self { format: format.into(), layers, stated: Stated::default() });
        }
        if features::is_table(place) {
            let format = "Comma Separated Value (.csv)".into();
            return Ok(Self { format, layers: Vec::new(), stated: Stated::default() });
        }
        let dataset = place.open(DatasetType::Vector, &[], remote)?;
        Ok(Self {
            format: dataset.driver().long_name(),
            layers: dataset.layers().map(|layer| layer.name()).collect(),
            stated: Stated::of_dataset(&dataset),
        })
    }
}

/// The objects of an extract of OpenStreetMap that are of some class: all that it may be used for.
fn extract(place: &Place) -> Result<Features, ReadError> {
    let rules = osm::built_in();
    let tell = |tags: &[(&str, &str)]| {
        rules.classify(tags)?;
        let bytes: usize =
            tags.iter().map(|(key, value)| MEMBER + 2 * (key.len() + value.len())).sum();
        let tags = tags.iter().map(|(key, value)| ((*key).to_string(), Value::from(*value)));
        Ok::<(Map<String, Value>, u64), osm::NotUsed>((tags.collect(), bytes as u64))
    };
    let read = pbf::extract(place, &tell, &|_| ())?;
    let rows = read.found.into_iter().map(|object| Feature {
        id: Some(object.id),
        properties: object.told,
        layer: None,
        drawn: object.drawn,
    });
    let (reference, remark) = (Reference::wgs84().ok(), read.said);
    Ok(Features { reference, rows: rows.collect(), is_assessment: false, remark })
}

fn facts(
    asked: &Asked,
    file: &File,
    place: &Place,
    layer: Option<&str>,
    read: Features,
) -> VectorFacts {
    let written = &place.written;
    let (reference, remark) = (read.reference.clone(), read.remark.clone());
    let drawn = drawn(&read.rows);
    let mut refused = Vec::new();
    if let Err(error) = read.reference_of(written) {
        refused.push(error);
    }
    let by_column = by_column(&read.rows);
    let tagged: Vec<_> = match asked.sites {
        Some(_) => read.rows.iter().map(by_osm).collect(),
        None => Vec::new(),
    };
    let sites = asked.sites.as_ref().map(|entry| sites_facts(entry, &read, &by_column, &tagged));
    let told = match &sites {
        Some(sites) => shown(&read.rows, sites, &tagged),
        None => vec![true; read.rows.len()],
    };
    let sensitive = !told.is_empty() && !told.contains(&true);
    let bounds = bounds(read.rows.iter().filter(|_| !sensitive).flat_map(points));
    let columns = columns(&by_column, read.rows.len(), |row| told[row]);
    if let Some(SitesFacts { entry, column: None, .. }) = &sites
        && entry.class_field.is_some()
        && !(read.rows.is_empty() && entry.classes.is_some())
    {
        refused.push(no_class(
            entry,
            read.rows.is_empty(),
            &read.column_names(usize::MAX),
            written,
        ));
    }
    let guess = guess(asked, sites.as_ref(), &drawn);
    let features = read.rows.len();
    let areas = asked.areas.as_ref().filter(|_| guess != Guess::Sites).map(|entry| {
        let entry = AreasEntry { layer: layer.map(str::to_string), ..entry.clone() };
        let mut found = areas_facts(entry, &read, &columns);
        match areas::of(&found.entry, read, written) {
            Ok(areas) => found.areas = Some(areas),
            Err(error) if asked.sites.is_none() => refused.push(error),
            Err(_neither_is_certain) => {}
        }
        found
    });
    refused.dedup_by_key(|error| error.to_string());
    VectorFacts {
        path: written.clone(),
        layer: layer.map(str::to_string),
        format: file.format.clone(),
        features,
        degrees: bounds.zip(reference.as_ref()).and_then(|(at, system)| degrees(at, system)),
        bounds,
        sensitive,
        reference,
        drawn,
        columns,
        stated: file.stated.clone(),
        remark,
        guess,
        areas,
        sites: sites.filter(|_| guess != Guess::Areas || asked.areas.is_none()),
        refused,
    }
}

fn points(feature: &Feature) -> Vec<[f64; 2]> {
    match &feature.drawn {
        Drawn::Shape(geometry) => geometry.coords_iter().map(|at| [at.x, at.y]).collect(),
        Drawn::Nothing | Drawn::Unreadable(_) => Vec::new(),
    }
}

/// How often each kind of geometry is drawn, the most frequent first.
fn drawn(rows: &[Feature]) -> Vec<(&'static str, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for feature in rows {
        let kind = match &feature.drawn {
            Drawn::Nothing => "nothing",
            Drawn::Unreadable(_) => "unreadable",
            Drawn::Shape(geometry) => kind_of(geometry),
        };
        *counts.entry(kind).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}

const fn kind_of(geometry: &Geometry<f64>) -> &'static str {
    match geometry {
        Geometry::Point(_) => "point",
        Geometry::MultiPoint(_) => "multi-point",
        Geometry::Line(_) | Geometry::LineString(_) => "line",
        Geometry::MultiLineString(_) => "multi-line",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "polygon",
        Geometry::MultiPolygon(_) => "multi-polygon",
        Geometry::GeometryCollection(_) => "collection",
    }
}

/// The values of a column, each with the place of its row.
type Values<'f> = Vec<(usize, &'f Value)>;

/// Every column with its values, in the order they are met.
fn by_column(rows: &[Feature]) -> Vec<(&str, Values<'_>)> {
    let mut columns: Vec<(&str, Values)> = Vec::new();
    let mut place_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (row, feature) in rows.iter().enumerate() {
        for (name, value) in &feature.properties {
            let place = *place_of.entry(name).or_insert_with(|| {
                columns.push((name, Vec::new()));
                columns.len() - 1
            });
            columns[place].1.push((row, value));
        }
    }
    columns
}

/// The facts of columns; examples come from rows that may be shown.
fn columns(
    all: &[(&str, Values)],
    rows: usize,
    is_shown: impl Fn(usize) -> bool,
) -> Vec<ColumnFacts> {
    let facts = |(name, values): &(&str, Values)| -> ColumnFacts {
        let full = || values.iter().map(|(_, value)| *value).filter(|value| !is_empty(value));
        let kinds: BTreeSet<&str> = full().map(value_kind).collect();
        let kind = match kinds.len() {
            0 => "empty",
            1 => kinds.first().copied().unwrap_or("empty"),
            _ => "mixed",
        };
        let filled = full().count();
        let texts: BTreeSet<String> = full().filter_map(text_of).collect();
        let is_private = osm::is_private(name) || is_packed(name);
        let shown = values.iter().filter(|(row, _)| is_shown(*row)).map(|(_, value)| *value);
        let shown = shown.filter(|value| !value.as_str().is_some_and(is_faith));
        ColumnFacts {
            name: (*name).to_string(),
            kind,
            filled,
            tells_apart: filled == rows && texts.len() == filled && filled > 0,
            examples: if is_private { Vec::new() } else { examples(shown) },
        }
    };
    all.iter().map(facts).collect()
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

const fn value_kind(value: &Value) -> &'static str {
    match value {
        Value::Null | Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Bool(_) => "truth",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// The first few values that differ, cut short.
fn examples<'v>(values: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in values.filter(|value| !is_empty(value)).filter_map(text_of) {
        let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let short = if plain.chars().count() > LETTERS {
            plain.chars().take(LETTERS - 1).chain(['…']).collect()
        } else {
            plain
        };
        if !found.contains(&short) {
            found.push(short);
        }
        if found.len() == EXAMPLES {
            break;
        }
    }
    found
}

/// Classes tell sites; polygons without any are areas; of the rest only the owner knows.
fn guess(asked: &Asked, sites: Option<&SitesFacts>, drawn: &[(&'static str, usize)]) -> Guess {
    let Some(sites) = sites else { return Guess::Areas };
    if asked.areas.is_none() {
        return Guess::Sites;
    }
    let total: usize = drawn.iter().map(|(_, count)| count).sum();
    let nothing = |kind: &str| ["nothing", "unreadable"].contains(&kind);
    if drawn.iter().all(|(kind, _)| *kind == "nothing") {
        return Guess::Neither;
    }
    let all_polygons = drawn.iter().all(|(kind, _)| kind.ends_with("polygon") || nothing(kind));
    let classified = sites.osm.as_ref().map_or(0, |found| found.classified);
    match (&sites.column, classified, all_polygons) {
        (Some((_, told)), ..) if told.classified > 0 || !all_polygons => Guess::Sites,
        (None, 1.., false) => Guess::Sites,
        // A polygon may be the ground of a hospital, or an area that someone gave a tag.
        (None, 1.., true) if classified * 2 >= total => Guess::Sites,
        (None, 0, true) => Guess::Areas,
        _ => Guess::Either,
    }
}

fn areas_facts(entry: AreasEntry, read: &Features, columns: &[ColumnFacts]) -> AreasFacts {
    let first_named = |wanted: &str| {
        let mut found = read.rows.iter().filter_map(|row| column(&row.properties, wanted));
        found.next().map(str::to_string)
    };
    let wanted = entry.id.as_deref().unwrap_or("id");
    let id_from = match first_named(wanted) {
        Some(column) => IdFrom::Column(column),
        None if read.rows.iter().any(|row| row.id.is_some()) => IdFrom::Member,
        None => IdFrom::Place,
    };
    let apart = columns.iter().filter(|column| column.tells_apart);
    let could_be_id = match id_from {
        IdFrom::Place if read.rows.len() > 1 => apart.map(|column| column.name.clone()).collect(),
        _ => Vec::new(),
    };
    let named = [
        ("name", &entry.name),
        ("coa", &entry.coa),
        ("phase", &entry.phase),
        ("start", &entry.start),
        ("end", &entry.end),
    ];
    let key_column = |(key, given): (&'static str, &Option<String>)| {
        let column = first_named(given.as_deref().unwrap_or(key))?;
        let values = read.rows.iter().filter_map(|row| text_of(row.properties.get(&column)?));
        Some(KeyColumn { key, values: values.collect(), column })
    };
    let mut keys: Vec<KeyColumn> = named.into_iter().filter_map(key_column).collect();
    let folders: BTreeSet<String> = read.rows.iter().filter_map(|row| row.layer.clone()).collect();
    if !folders.is_empty() && !keys.iter().any(|key| key.key == "coa") {
        keys.push(KeyColumn { key: "coa", column: "name of the folder".into(), values: folders });
    }
    AreasFacts { id_from, could_be_id, keys, areas: None, entry }
}

fn sites_facts(
    entry: &SitesEntry,
    read: &Features,
    columns: &[(&str, Values)],
    tagged: &[Option<SiteClass>],
) -> SitesFacts {
    let mut by_tags = Classes::default();
    tagged.iter().flatten().for_each(|class| by_tags.add(*class, 1));
    let given = entry.class_field.is_some();
    // A tag may have a value that is the name of a class too: amenity=school.
    let column = class_column(entry, read, columns).filter(|(name, told)| {
        let may_tell = told.classified + told.probable();
        given || name == "class" || may_tell > by_tags.classified
    });
    let first = read.rows.first().map(|row| unpacked(&row.properties));
    let nested = first.iter().flat_map(|properties| properties.keys()).map(String::as_str);
    let names = columns.iter().map(|(name, _)| *name).chain(nested);
    let schema = Schema::of(names, &osm::built_in()).map(Schema::name);
    let osm = (by_tags.classified > 0).then_some(by_tags);
    let of_class = column.as_ref().map(|(name, _)| name.as_str());
    let names = || columns.iter().map(|(name, _)| *name).filter(|name| Some(*name) != of_class);
    let what = |name: &str| match role_of(name) {
        _ if name.eq_ignore_ascii_case("name") => Some("name"),
        // A tag called as a kind of site, such as `school`, is no name.
        role => role.filter(|role| osm.is_none() || !role.is_by_kind()).map(Role::name),
    };
    let told_by = names().filter_map(|name| Some((name.to_string(), what(name)?))).collect();
    let not_used = names().filter(|name| what(name).is_none() && looks_like(name));
    let not_used = not_used.map(str::to_string).collect();
    SitesFacts { entry: entry.clone(), schema, osm, column, told_by, not_used }
}

/// The class of a feature by its OpenStreetMap tags.
fn by_osm(feature: &Feature) -> Option<SiteClass> {
    let rules = osm::built_in();
    let properties = unpacked(&feature.properties);
    let texts = tags(&properties, &rules);
    let pairs: Vec<_> = texts.iter().map(|(key, value)| (*key, value.as_ref())).collect();
    rules.classify(&pairs).ok().map(|found| found.class)
}

/// Which features may be shown: those that are no site whose location is sensitive, by any way that may tell
/// their class.
fn shown(rows: &[Feature], sites: &SitesFacts, tagged: &[Option<SiteClass>]) -> Vec<bool> {
    let of_layer = sites.entry.class.as_deref().and_then(SiteClass::from_name);
    let values = ClassValues::new(sites.entry.classes.as_ref());
    let of_value = |feature: &Feature| {
        let (column, _) = sites.column.as_ref()?;
        Some(values.meaning(&text_of(feature.properties.get(column)?)?)?.class)
    };
    let is_sensitive = |(feature, of_tags): (&Feature, &Option<SiteClass>)| {
        let classes = [of_layer, of_value(feature), *of_tags];
        classes.into_iter().flatten().any(SiteClass::is_sensitive)
    };
    rows.iter().zip(tagged).map(|row| !is_sensitive(row)).collect()
}

/// The column that tells classes: the named one, else the one with most values that are classes.
fn class_column(
    entry: &SitesEntry,
    read: &Features,
    columns: &[(&str, Values)],
) -> Option<(String, Classes)> {
    let meanings = ClassValues::new(entry.classes.as_ref());
    let classes_of = |name: &str, values: &Values| {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for value in values.iter().filter_map(|(_, value)| text_of(value)) {
            *counts.entry(value).or_default() += 1;
        }
        let mut found = Classes::default();
        for (value, count) in counts {
            match meanings.meaning(&value) {
                Some(meant) => {
                    found.add(meant.class, count);
                    found.folded += if meant.is_folded { count } else { 0 };
                }
                None if osm::is_private(name) || is_faith(&value) => {}
                None => drop(found.unknown.insert(value, count)),
            }
        }
        found
    };
    if let Some(named) = &entry.class_field {
        let exact = read.rows.iter().find_map(|feature| column(&feature.properties, named))?;
        let (_, values) = columns.iter().find(|(name, _)| *name == exact)?;
        return Some((exact.to_string(), classes_of(exact, values).with_list()));
    }
    let is_name = |name: &str| name == "name" || matches!(role_of(name), Some(Role::Name(_)));
    let open = columns.iter().filter(|(name, _)| !osm::is_private(name) && !is_name(name));
    let told = open.map(|(name, values)| (*name, classes_of(name, values)));
    let rank = |(name, found): &(&str, Classes)| {
        (
            *name == "class",
            is_of_classes(name),
            found.classified + found.probable(),
            found.classified,
        )
    };
    let told = told.filter(|(name, found)| found.may_tell(is_of_classes(name)));
    let (name, found) = told.max_by_key(rank)?;
    Some((name.to_string(), found.with_list()))
}

impl Classes {
    fn add(&mut self, class: SiteClass, count: usize) {
        *self.counts.entry(class).or_default() += count;
        self.classified += count;
    }

    /// Features whose value is no class and probably means one.
    fn probable(&self) -> usize {
        let meant = self.unknown.iter().filter(|(value, _)| suggested(value).is_some());
        meant.map(|(_, count)| count).sum()
    }

    /// Whether a column of these values may tell classes: some do, and a column that is not named as those of classes
    /// has more of them than of other values, which come again and again.
    fn may_tell(&self, is_named: bool) -> bool {
        let others: usize = self.unknown.values().sum();
        let probable = self.probable();
        let is_repeated = self.unknown.len() * 2 <= others;
        self.classified + probable > 0
            && (is_named
                || self.classified >= others.max(1)
                || (is_repeated && self.classified + probable > others - probable))
    }

    /// With the most frequent values that are no class, and what they probably mean.
    fn with_list(mut self) -> Self {
        let mut values: Vec<(&String, &usize)> = self.unknown.iter().collect();
        values.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let listed = values.into_iter().take(LISTED);
        self.listed = listed.map(|(value, _)| (value.clone(), suggested(value))).collect();
        self
    }
}
