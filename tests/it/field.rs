//! Files as the tools of the field write them, each read by the program and held against one truth.
//!
//! `tests/data/field/expected.toml` has the truth (eight sites, four areas) and, for each file, what
//! of it the file holds. Coordinates and surfaces in it come from the tools that made the files, never
//! from civex. All files that are read wrongly are listed at once.

use crate::scene::Scene;
use gdal::spatial_ref::SpatialRef;
use geo::{BoundingRect, Geometry};
use jiff::Timestamp;
use rayon::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Deserialize)]
struct Expected {
    sites: Vec<Site>,
    areas: Vec<Area>,
    files: Vec<File>,
}

#[derive(Deserialize)]
struct Site {
    id: String,
    class: String,
    /// Longitude and latitude at the two places.
    #[serde(rename = "A")]
    a: [f64; 2],
    #[serde(rename = "B")]
    b: [f64; 2],
    beds: Option<f64>,
    capacity: Option<f64>,
    occupancy: Option<f64>,
    names: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Area {
    id: String,
    name: String,
    coa: String,
    phase: String,
    start: String,
    end: String,
    /// Surface by the EPSG code of the system in which the edges are straight.
    km2: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct File {
    path: String,
    kind: Kind,
    options: String,
    #[serde(default = "english")]
    language: String,
    #[serde(default = "first_place")]
    place: String,
    /// Ids of the sites that the file holds; all if it does not say.
    sites: Option<Vec<String>>,
    /// The class that the options give to all of them.
    class: Option<String>,
    #[serde(default)]
    ids: bool,
    #[serde(default)]
    numbers: BTreeSet<String>,
    #[serde(default)]
    columns: BTreeSet<String>,
    /// Features that name no place that can be used.
    #[serde(default)]
    lost: u64,
    #[serde(default = "geographic")]
    epsg: u32,
    /// Degrees for sites, a share of the surface for areas.
    #[serde(default = "close")]
    tolerance: f64,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Sites,
    Areas,
}

fn english() -> String {
    "en".to_string()
}

fn first_place() -> String {
    "A".to_string()
}

const fn geographic() -> u32 {
    4326
}

const fn close() -> f64 {
    1e-6
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/field")
}

#[test]
fn every_file_of_the_field_is_read_right() {
    let expected: Expected =
        toml::from_str(&fs::read_to_string(folder().join("expected.toml")).unwrap()).unwrap();
    assert!(expected.files.len() >= 60, "{} files", expected.files.len());
    let scene = Scene::empty();
    people(&scene);
    let wrong = |file: &File| {
        let faults = faults(&scene, &expected, file);
        (!faults.is_empty()).then(|| format!("{}\n    {}", file.path, faults.join("\n    ")))
    };
    let list: Vec<String> = expected.files.par_iter().filter_map(wrong).collect();
    let (count, all) = (list.len(), expected.files.len());
    assert!(list.is_empty(), "{count} of {all} files are read wrongly:\n{}", list.join("\n"));
}

/// Who fetches a file over a bad line gets the beginning of it. Text that ends at a row is a shorter
/// text, and nobody can tell; whatever states its own length, or has an end, must not be read as less.
#[test]
fn a_file_that_was_cut_off_is_never_read_as_a_smaller_one() {
    let expected: Expected =
        toml::from_str(&fs::read_to_string(folder().join("expected.toml")).unwrap()).unwrap();
    let scene = Scene::empty();
    people(&scene);
    let is_whole = |file: &&File| folder().join(&file.path).is_file();
    let files: Vec<&File> = expected.files.iter().filter(is_whole).collect();
    let cuts: Vec<(&File, &str)> = files
        .iter()
        .flat_map(|file| ENDINGS_THAT_TELL.iter().map(move |ending| (*file, *ending)))
        .filter(|(file, ending)| folder().join(&file.path).with_extension(ending).is_file())
        .filter(|(file, ending)| {
            let is_companion = ["dbf", "dat", "map", "id"].contains(ending);
            is_companion || file.path.ends_with(&format!(".{ending}"))
        })
        .collect();
    let wrong: Vec<String> = cuts
        .par_iter()
        .filter_map(|(file, ending)| cut_fault(&scene, &expected, file, ending))
        .collect();
    assert!(wrong.is_empty(), "{} are read as smaller ones:\n{}", wrong.len(), wrong.join("\n"));
}

/// Files with these endings say how much they hold, or have an end.
const ENDINGS_THAT_TELL: [&str; 19] = [
    "fgb", "gml", "kml", "kmz", "gpx", "gpkg", "osm", "pbf", "bz2", "zip", "xlsx", "ods", "json",
    "geojson", "topojson", "dbf", "dat", "map", "id",
];

/// What is wrong with how a file is read of which a part has lost its end.
fn cut_fault(scene: &Scene, expected: &Expected, file: &File, ending: &str) -> Option<String> {
    let whole = folder().join(&file.path);
    let own = format!("cut-{}-{ending}", file.path.replace('/', "-"));
    let (stem, name) = (whole.file_stem().unwrap(), whole.file_name().unwrap());
    for entry in fs::read_dir(whole.parent().unwrap()).unwrap() {
        let part = entry.unwrap().path();
        if part.is_file() && (part.file_stem().unwrap() == stem || part == whole) {
            let content = fs::read(&part).unwrap();
            let is_cut = part.extension().is_some_and(|own| own == ending);
            let bytes = if is_cut { content.len() * 4 / 5 } else { content.len() };
            let part = part.file_name().unwrap().to_str().unwrap();
            scene.write(&format!("{own}/{part}"), content.get(..bytes).unwrap());
        }
    }
    let ran = run(scene, file, &scene.path(&own).join(name));
    let held = file.sites.as_ref().map_or(expected.sites.len(), Vec::len);
    let held = if file.kind == Kind::Areas { expected.areas.len() } else { held };
    let features =
        ran.made.as_ref().map_or(held, |made| made["features"].as_array().unwrap().len());
    let is_told = ran.said.contains("problem: ") || ran.said.contains("not used");
    (features < held && !is_told)
        .then(|| format!("{} with its .{ending} cut off: {features} of {held}", file.path))
}

/// The README and the folder name the same files, so that none lies there unread.
#[test]
fn every_file_of_the_field_is_in_the_readme_with_its_tool() {
    let expected: Expected =
        toml::from_str(&fs::read_to_string(folder().join("expected.toml")).unwrap()).unwrap();
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for file in &expected.files {
        let row = readme.lines().find(|line| line.starts_with(&format!("| `{}` |", file.path)));
        let cells =
            row.map_or(0, |row| row.split('|').filter(|cell| !cell.trim().is_empty()).count());
        assert!(cells >= 4, "{} has no tool in README.md", file.path);
        assert!(folder().join(&file.path).exists(), "{} is not there", file.path);
    }
}

/// People everywhere under the areas.
fn people(scene: &Scene) {
    let mut raster = scene.bare_raster("pop.tif", 10, &[100.0_f32; 100], &[]);
    raster.set_geo_transform(&[92.1, 0.01, 0.0, 21.14, 0.0, -0.01]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
}

/// How a run of the program ended, and the collection that it wrote.
struct Outcome {
    status: String,
    said: String,
    made: Option<Value>,
}

/// Reads a file as sites or areas, with the options that README.md has for it.
fn run(scene: &Scene, file: &File, path: &Path) -> Outcome {
    let layer = format!("{}{}", path.display(), file.options);
    let out = path.strip_prefix(folder()).or_else(|_| path.strip_prefix(scene.path("")));
    let out = out.unwrap().display().to_string().replace('/', "-");
    let out = scene.path(&format!("{out}.out.geojson"));
    let mut command = scene.command("");
    match file.kind {
        Kind::Sites => command.args(["sites", &layer, "--full-precision"]),
        Kind::Areas => command.args(["assess", "--areas", &layer, "--no-cache", "--population"]),
    };
    if file.kind == Kind::Areas {
        command.arg(scene.path("pop.tif"));
    }
    let ran = command.arg("-o").arg(&out).output().unwrap();
    let made = fs::read_to_string(&out).ok().map(|text| serde_json::from_str(&text).unwrap());
    Outcome { status: ran.status.to_string(), said: String::from_utf8(ran.stderr).unwrap(), made }
}

fn faults(scene: &Scene, expected: &Expected, file: &File) -> Vec<String> {
    let ran = run(scene, file, &folder().join(&file.path));
    let Some(made) = ran.made else {
        return vec![format!("{}: {}", ran.status, ran.said.trim().replace('\n', " / "))];
    };
    let features = made["features"].as_array().unwrap();
    let mut faults = match file.kind {
        Kind::Sites => site_faults(expected, file, features),
        Kind::Areas => area_faults(expected, file, features),
    };
    let lost = lost(&ran.said);
    if lost != file.lost {
        let said = ran.said.trim().replace('\n', " / ");
        faults.push(format!("{lost} features told as lost, wanted {}: {said}", file.lost));
    }
    faults
}

/// How many features the messages say were not used.
fn lost(said: &str) -> u64 {
    let told = said.lines().filter(|line| line.contains("not used"));
    told.filter_map(|line| {
        let (before, _) = line.split_once(" of ")?;
        before.rsplit(' ').next()?.replace(',', "").parse::<u64>().ok()
    })
    .sum()
}

fn site_faults(expected: &Expected, file: &File, features: &[Value]) -> Vec<String> {
    let is_here = |site: &&Site| file.sites.as_ref().is_none_or(|ids| ids.contains(&site.id));
    let wanted: Vec<&Site> = expected.sites.iter().filter(is_here).collect();
    let mut faults = Vec::new();
    if features.len() != wanted.len() {
        faults.push(format!("{} sites, wanted {}", features.len(), wanted.len()));
    }
    for site in wanted {
        let name = &site.names[&file.language];
        let named = features.iter().find(|feature| feature["properties"]["name"] == **name);
        match named {
            Some(found) => faults.extend(site_fault(file, site, found)),
            None => faults.push(format!("no site is called {name:?}")),
        }
    }
    let names: Vec<&str> = expected.sites.iter().map(|site| &*site.names[&file.language]).collect();
    let found = features.iter().map(|feature| &feature["properties"]["name"]);
    for stranger in found.filter(|name| !name.as_str().is_some_and(|name| names.contains(&name))) {
        faults.push(format!("a site is called {stranger}"));
    }
    faults
}

fn site_fault(file: &File, site: &Site, found: &Value) -> Vec<String> {
    let name = &site.names[&file.language];
    let mut faults = Vec::new();
    let properties = &found["properties"];
    let class = file.class.as_ref().unwrap_or(&site.class);
    let id = Some(&site.id).filter(|_| file.ids);
    for (column, wanted) in [("class", Some(class)), ("site_id", id)] {
        if let Some(wanted) = wanted.filter(|wanted| properties[column] != ***wanted) {
            faults.push(format!("{name:?}: {column} {}, wanted {wanted:?}", properties[column]));
        }
    }
    let told = |column: &str, number: Option<f64>| number.filter(|_| file.numbers.contains(column));
    let beds = told("beds", site.beds);
    let people = [("occupancy", site.occupancy), ("capacity", site.capacity)];
    for (column, number) in people {
        let wanted = told(column, number).or(beds);
        if wanted.is_some() && properties[column].as_f64() != wanted {
            faults.push(format!("{name:?}: {column} {}, wanted {wanted:?}", properties[column]));
        }
    }
    let geometry = Geometry::<f64>::try_from(
        &serde_json::from_value::<geojson::Geometry>(found["geometry"].clone()).unwrap(),
    );
    let center = geometry.unwrap().bounding_rect().unwrap().center();
    let there = if file.place == "A" { site.a } else { site.b };
    let off = (center.x - there[0]).abs().max((center.y - there[1]).abs());
    // Coordinates are written with seven decimals.
    if off > file.tolerance + 5e-8 {
        faults.push(format!("{name:?}: at {}, {}, wanted {there:?}", center.x, center.y));
    }
    faults
}

fn area_faults(expected: &Expected, file: &File, features: &[Value]) -> Vec<String> {
    let mut faults = Vec::new();
    if features.len() != expected.areas.len() {
        faults.push(format!("{} areas, wanted {}", features.len(), expected.areas.len()));
    }
    for area in &expected.areas {
        let named = features.iter().find(|feature| feature["properties"]["name"] == *area.name);
        match named {
            Some(found) => faults.extend(area_fault(file, area, &found["properties"])),
            None => faults.push(format!("no area is called {:?}", area.name)),
        }
    }
    faults
}

fn area_fault(file: &File, area: &Area, found: &Value) -> Vec<String> {
    let name = &area.name;
    let mut faults = Vec::new();
    let texts =
        [("id", "area_id", &area.id), ("coa", "coa", &area.coa), ("phase", "phase", &area.phase)];
    for (column, written, wanted) in texts {
        if file.columns.contains(column) && found[written] != **wanted {
            faults.push(format!("{name:?}: {written} {}, wanted {wanted:?}", found[written]));
        }
    }
    // Hours are written as the file has them; how long they are understood to be is a number.
    let days = found["person_days"].as_f64().zip(found["pop_best"].as_f64());
    let days = days.map(|(person_days, people)| person_days / people);
    let moment = |text: &str| text.parse::<Timestamp>().unwrap();
    let wanted = moment(&area.end).duration_since(moment(&area.start)).as_secs_f64() / 86_400.0;
    if file.columns.contains("start") && days.is_none_or(|days| (days - wanted).abs() > 1e-4) {
        let hours = format!("{} to {}", found["start"], found["end"]);
        faults.push(format!("{name:?}: from {hours}, {days:?} days, wanted {wanted}"));
    }
    let (km2, wanted) = (found["area_km2"].as_f64(), area.km2[&file.epsg.to_string()]);
    // Surfaces are written with six decimals.
    if km2.is_none_or(|km2| (km2 - wanted).abs() > file.tolerance * wanted + 5e-7) {
        faults.push(format!("{name:?}: {km2:?} km², wanted {wanted}"));
    }
    faults
}
