//! What broke in the tools people use: one test for each kind of input, by the way of a user.
//!
//! Told elsewhere: the bow-tie over many cells (`areas::a_bow_tie_keeps_both_wings_and_says_so`),
//! overlapping parts (`areas::ground_that_two_parts_share_counts_once`), an area half outside and all
//! areas outside (`areas::half_outside_is_told_and_outside_of_everything_is_a_mistake`), untagged values
//! (`population::a_value_that_nobody_declared_stops_the_run_only_under_an_area`), NaN without a tag
//! (`population::a_nan_is_missing_with_a_tag_and_without`), areas in Web Mercator
//! (`areas::every_format_and_reference_system_comes_to_the_same`), a null geometry
//! (`areas::areas_that_are_none_keep_their_rows_with_a_reason`), a density by its name
//! (`population::a_density_becomes_people_with_the_surface_and_is_never_guessed`), and the same bytes on
//! any number of threads (`laws::the_number_of_threads_does_not_change_a_byte`).

use crate::memory::{Memory, declared_on, unit_grid};
use crate::scene::{Assessment, Scene, USUAL, area, collection, feature, parts};
use civex::assess::{Inputs, Progress, assess};
use civex::index::{Populations, Source};
use civex::measure::Reference;
use civex::model::{AreasEntry, Budget, Distances, People};
use civex::read::{areas_in, scheme};
use serde_json::{Value, json};
use std::sync::Mutex;

fn scene_of(features: &[Value]) -> Scene {
    let scene = Scene::usual();
    scene.write("areas.geojson", collection(features).to_string());
    scene
}

fn assessed(features: &[Value], code: i32) -> Assessment {
    let ran = scene_of(features).run("assess plan.toml -o -");
    assert_eq!(ran.code, code, "{}", ran.err);
    ran.assessment()
}

fn ring(id: &str, points: &[[f64; 2]]) -> Value {
    feature(&json!({"type": "Polygon", "coordinates": [points]}), &json!({"id": id}))
}

#[test]
fn a_bow_tie_within_one_cell_holds_both_wings() {
    // Two triangles of 0.008° by 0.004°: 0.32 of a cell of ten people.
    let tie = [[20.031, 49.931], [20.039, 49.939], [20.039, 49.931], [20.031, 49.939]];
    let found = assessed(&[ring("tie", &tie)], 0);
    assert!((found.number(0, "pop_best") - 3.2).abs() < 1e-3);
    assert!(found.text(0, "flags").contains("repaired"));
}

#[test]
fn a_ring_drawn_twice_and_a_part_drawn_twice_count_once() {
    let around = [[20.02, 49.92], [20.05, 49.92], [20.05, 49.95], [20.02, 49.95]];
    let twice: Vec<[f64; 2]> = around.iter().chain(&around).copied().collect();
    let both = feature(&parts(&[USUAL, USUAL]), &json!({"id": "both"}));
    let found = assessed(&[ring("twice", &twice), both], 0);
    assert_eq!(found.column("pop_best"), [json!(90.0), json!(90.0)]);
}

#[test]
fn an_area_wholly_outside_is_null_with_its_reason_beside_others() {
    let found = assessed(&[area("out", &[[30.0, 49.0, 31.0, 50.0]]), area("A", &[USUAL])], 0);
    assert_eq!(found.text(0, "status"), "no_data");
    assert_eq!(found.text(0, "reason"), "it lies outside of the population data");
    for column in ["pop_low", "pop_best", "pop_high", "score", "band", "band_high"] {
        assert!(found.get(0, column).is_null(), "{column}");
    }
    assert_eq!(found.number(0, "missing_share"), 1.0);
    assert_eq!(found.number(1, "pop_best"), 90.0);
}

#[test]
fn untagged_nines_are_an_error_with_their_number_the_smallest_and_a_way_out() {
    let scene = Scene::usual();
    let mut values = [10.0_f32; 100];
    for (cell, value) in [(52, -9999.0), (53, -9999.0), (54, -99999.0)] {
        values[cell] = value;
    }
    scene.raster("nines.tif", 10, &values);
    let (sentence, hint) = scene.refused("assess --areas areas.geojson --population nines.tif");
    let wanted =
        "nines.tif: area \"A\" covers 3 cells with what is no number of people (smallest -99999)";
    assert_eq!(sentence, wanted);
    assert!(
        hint.contains("nodata = [-99999,-9999]") && hint.contains(",nodata=[-99999,-9999]"),
        "{hint}"
    );
}

#[test]
fn a_tag_of_zero_beside_cells_of_the_smallest_number_is_the_same_error() {
    let scene = Scene::usual();
    let mut values = [10.0_f32; 100];
    (values[53], values[54], values[63]) = (f32::MIN, f32::MIN, 0.0);
    let raster = scene.raster("sea.tif", 10, &values);
    raster.rasterband(1).unwrap().set_no_data_value(Some(0.0)).unwrap();
    drop(raster);
    let (sentence, hint) = scene.refused("assess --areas areas.geojson --population sea.tif");
    assert!(sentence.starts_with("sea.tif: area \"A\" covers 2 cells"), "{sentence}");
    assert!(sentence.ends_with("(smallest -3.4028234663852886e38)"), "{sentence}");
    assert!(hint.contains("nodata=-3.4028234663852886e38"), "{hint}");
}

#[test]
fn a_density_by_its_unit_is_not_summed() {
    let scene = Scene::usual();
    let mut raster = scene.raster("pop.tif", 10, &[10.0_f32; 100]);
    gdal::Metadata::set_metadata_item(&mut raster, "units", "people per km2", "").unwrap();
    drop(raster);
    let (sentence, hint) = scene.refused("assess plan.toml");
    assert!(
        sentence.contains("density") && sentence.contains("`measure` is not given"),
        "{sentence}"
    );
    assert!(
        hint.contains("measure = \"density\"") && hint.contains("measure = \"count\""),
        "{hint}"
    );
}

#[test]
fn people_of_parts_add_up_to_those_of_the_whole() {
    // Thirty strips of seven tenths of a person, a third of which a whole number would lose.
    let strips: Vec<Value> = (0..30)
        .map(|number| {
            let west = 20.0 + 0.1 * f64::from(number) / 30.0;
            area(&number.to_string(), &[[west, 49.902, west + 0.1 / 30.0, 49.9041]])
        })
        .collect();
    let mut all = strips;
    all.push(area("whole", &[[20.0, 49.902, 20.1, 49.9041]]));
    let found = assessed(&all, 0);
    let sum: f64 = (0..30).map(|row| found.number(row, "pop_best")).sum();
    let whole = found.number(30, "pop_best");
    assert!((whole - 21.0).abs() < 1e-3, "{whole}");
    assert!((sum - whole).abs() <= 31.0 * 0.0005, "{sum} is not {whole}");
    assert!((found.number(0, "pop_best") - 0.7).abs() < 1e-3);
}

#[test]
fn features_of_every_fault_cost_no_other() {
    let faulty = [
        json!(null),
        json!(7),
        json!([]),
        json!({}),
        json!({"type": "Feature"}),
        json!({"type": "Feature", "geometry": 1, "properties": 2}),
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1e300, -1e300], [0, 0], [1, 1]]]}}),
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[], [[1, 1]]]}}),
        json!({"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[], [[]]]}}),
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [[[1, 1], [1, 1], [1, 1]]]}}),
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": {"a": [1]}}}),
        json!({"type": "Feature", "geometry": {"type": "GeometryCollection", "geometries": [null]}}),
    ];
    let mut features = vec![area("first", &[USUAL])];
    for faulty in &faulty {
        features.extend([faulty.clone(), area("next", &[USUAL])]);
    }
    let found = assessed(&features, 1);
    assert_eq!(found.features().len(), features.len());
    for row in (0..features.len()).step_by(2) {
        assert_eq!(found.number(row, "pop_best"), 90.0, "row {row}");
    }
    for row in (1..features.len()).step_by(2) {
        let status = found.text(row, "status");
        assert!(["invalid", "no_geometry"].contains(&status), "row {row}: {status}");
        assert!(!found.text(row, "reason").is_empty() && found.get(row, "pop_best").is_null());
    }
}

/// What a run says of its progress: stages with the work announced, and that done.
#[derive(Default)]
struct Told(Mutex<Vec<(&'static str, u64, u64)>>);

impl Progress for Told {
    fn stage(&self, name: &'static str, work: u64) {
        self.0.lock().unwrap().push((name, work, 0));
    }

    fn advance(&self, work: u64) {
        self.0.lock().unwrap().last_mut().unwrap().2 += work;
    }
}

#[test]
fn progress_counts_work_and_ends_when_the_work_does() {
    let (cols, rows) = (40, 30);
    let grid = unit_grid(cols, rows, -1.0, "EPSG:4326");
    let declared = declared_on(grid);
    let blocks = std::sync::Arc::new(Memory::of_people(cols, &vec![1.0; cols * rows]));
    // One area of many vertices and rows, and two of few.
    let many: Vec<[f64; 2]> = (0..900)
        .map(|number| {
            let angle = std::f64::consts::TAU * f64::from(number) / 900.0;
            [20.0 + 12.0 * angle.cos(), 15.0 + 12.0 * angle.sin()]
        })
        .collect();
    let few = |west: f64| area("few", &[[west, 1.0, west + 1.0, 2.0]]);
    let text = collection(&[ring("many", &many), few(1.0), few(5.0)]).to_string();
    let areas = areas_in(text.as_bytes(), &AreasEntry::default(), "areas").unwrap();
    let told = Told::default();
    let sources = [Source { declared, blocks, files: Vec::new(), identity: None }];
    let inputs = Inputs {
        file: "areas",
        areas: areas.areas,
        reference: &Reference::wgs84().unwrap(),
        distances: &Distances::default(),
        populations: &Populations::new(&sources, Budget::UNLIMITED),
        people: &People::of_one(0),
        sites: None,
        services: None,
        scheme: &scheme::built_in(),
        timezone: None,
    };
    assess(inputs, &told).unwrap();
    let stages = told.0.into_inner().unwrap();
    for (name, work, done) in &stages {
        assert_eq!(work, done, "{name}");
    }
    let work = |name: &str| stages.iter().find(|stage| stage.0 == name).unwrap().1;
    assert!(work("assessing areas") > 900, "vertices, not areas");
}
