//! Files as the tools of the field write them, each read by the program and held against one truth.
//!
//! `tests/data/field/expected.toml` has the truth (eight sites, four areas) and, for each file, what
//! of it the file holds. Coordinates and surfaces in it come from the tools that made the files, never
//! from civex. All files that are read wrongly are listed at once.

use crate::scene::Scene;
use gdal::spatial_ref::SpatialRef;
use geo::{BoundingRect, Geometry};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

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
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    // Programs start slower than they read: several at a time.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(file) = expected.files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let faults = faults(&scene, &expected, file);
                    if !faults.is_empty() {
                        wrong.lock().unwrap().insert(file.path.clone(), faults.join("\n    "));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let list: Vec<String> =
        wrong.iter().map(|(path, faults)| format!("{path}\n    {faults}")).collect();
    let (count, all) = (wrong.len(), expected.files.len());
    assert!(wrong.is_empty(), "{count} of {all} files are read wrongly:\n{}", list.join("\n"));
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

fn faults(scene: &Scene, expected: &Expected, file: &File) -> Vec<String> {
    let layer = format!("{}{}", folder().join(&file.path).display(), file.options);
    let population = scene.path("pop.tif").display().to_string();
    let out = scene.path(&file.path.replace('/', "-")).with_extension("out.geojson");
    let mut command = scene.command("");
    match file.kind {
        Kind::Sites => command.args(["sites", &layer, "--full-precision"]),
        Kind::Areas => {
            command.args(["assess", "--areas", &layer, "--population", &population, "--no-cache"])
        }
    };
    let ran = command.arg("-o").arg(&out).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    let Ok(made) = fs::read_to_string(&out) else {
        return vec![format!("{}: {}", ran.status, said.trim().replace('\n', " / "))];
    };
    let made: Value = serde_json::from_str(&made).unwrap();
    let features = made["features"].as_array().unwrap();
    let mut faults = match file.kind {
        Kind::Sites => site_faults(expected, file, features),
        Kind::Areas => area_faults(expected, file, features),
    };
    let lost = lost(&said);
    if lost != file.lost {
        let said = said.trim().replace('\n', " / ");
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
