//! Results that are known: the Iceland scenario as recorded, sums of its raster, numbers of the method.

use crate::scene::{Assessment, Scene, area, collection, parts, point};
use civex::assess::Inputs;
use civex::index::Populations;
use civex::model::Budget;
use civex::read::{Opening, Place, Remote, load, scenario};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// How many decimals a number is written with.
fn decimals(number: &Value) -> usize {
    number.to_string().split_once('.').map_or(0, |(_, behind)| behind.len())
}

/// The most decimals that any row has in a column.
fn decimals_by_column(features: &[Value]) -> BTreeMap<String, usize> {
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for (column, value) in
        features.iter().flat_map(|feature| feature["properties"].as_object().unwrap())
    {
        let known = most.entry(column.clone()).or_default();
        *known = (*known).max(decimals(value));
    }
    most
}

/// Compares two values: texts and nulls equal, numbers within one unit of their last digit.
fn compare(
    at: &str,
    found: &Value,
    recorded: &Value,
    digits: usize,
    differences: &mut Vec<String>,
) {
    match (found, recorded) {
        (Value::Number(one), Value::Number(other)) => {
            let off = (one.as_f64().unwrap() - other.as_f64().unwrap()).abs();
            let unit = 10f64.powi(-i32::try_from(digits).unwrap());
            if off > unit * 1.000_001 {
                differences.push(format!("{at}: {one}, recorded {other}"));
            }
        }
        (Value::Array(found), Value::Array(recorded)) if found.len() == recorded.len() => {
            for (place, (one, other)) in found.iter().zip(recorded).enumerate() {
                compare(&format!("{at}[{place}]"), one, other, digits, differences);
            }
        }
        (Value::Object(found), Value::Object(recorded)) if found.keys().eq(recorded.keys()) => {
            for (key, one) in found {
                compare(&format!("{at}.{key}"), one, &recorded[key], digits, differences);
            }
        }
        (found, recorded) if found == recorded => {}
        (found, recorded) => differences.push(format!("{at}: {found}, recorded {recorded}")),
    }
}

fn compare_features(found: &[Value], recorded: &[Value]) -> Vec<String> {
    let mut differences = Vec::new();
    let digits = decimals_by_column(recorded);
    for (one, other) in found.iter().zip(recorded) {
        let id = other["properties"]["area_id"].to_string();
        compare(
            &format!("{id} geometry"),
            &one["geometry"],
            &other["geometry"],
            7,
            &mut differences,
        );
        let (one, other) = (&one["properties"], &other["properties"]);
        let columns = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        if columns(one) != columns(other) {
            differences.push(format!("{id}: other columns, or in another order"));
            continue;
        }
        for (column, value) in one.as_object().unwrap() {
            let digits = digits[column];
            compare(&format!("{id} {column}"), value, &other[column], digits, &mut differences);
        }
    }
    differences
}

#[test]
fn the_iceland_scenario_gives_what_is_recorded() {
    let recorded = root().join("tests/data/golden/iceland.geojson");
    let mut command = assert_cmd::Command::new(env!("CARGO_BIN_EXE_civex"));
    let run = command.current_dir(root()).args(["assess", "data/iceland/scenario.toml", "-o", "-"]);
    let output = run.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    if std::env::var_os("CIVEX_BLESS").is_some() {
        fs::create_dir_all(recorded.parent().unwrap()).unwrap();
        fs::write(&recorded, &output.stdout).unwrap();
    }
    let mut found = Assessment(serde_json::from_slice(&output.stdout).unwrap());
    let text = fs::read_to_string(&recorded).expect("`make bless` records it");
    let mut recorded = Assessment(serde_json::from_str(&text).unwrap());
    assert_eq!(found.features().len(), recorded.features().len());
    let mut differences = compare_features(found.features(), recorded.features());
    for assessment in [&mut found, &mut recorded] {
        assessment.0["civex"]["version"].take();
    }
    compare("civex", &found.0["civex"], &recorded.0["civex"], 0, &mut differences);
    let list = differences.join("\n  ");
    assert!(differences.is_empty(), "`make bless` if this is meant:\n  {list}");
}

#[test]
fn the_window_and_its_quarters_hold_the_sums_of_the_publisher() {
    let scene = Scene::empty();
    let boxes = [
        ("whole", [-23.0, 63.0, -21.0, 65.0], 289_903.805),
        ("north-west", [-23.0, 64.0, -22.0, 65.0], 22_539.564),
        ("north-east", [-22.0, 64.0, -21.0, 65.0], 206_151.709),
        ("south-west", [-23.0, 63.0, -22.0, 64.0], 34_228.714),
        ("south-east", [-22.0, 63.0, -21.0, 64.0], 26_983.818),
    ];
    let areas: Vec<Value> = boxes.iter().map(|(id, bounds, _)| area(id, &[*bounds])).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    let raster = root().join("data/iceland/gpw_v4_r11_2020_count_sw_iceland.tif");
    fs::copy(raster, scene.path("gpw.tif")).unwrap();
    let ran = scene.assess("gpw.tif,nodata_means=zero");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let assessment = ran.assessment();
    for (row, (id, _, people)) in boxes.iter().enumerate() {
        let best = assessment.number(row, "pop_best");
        assert!((best - people).abs() < 0.001, "{id}: {best}, the publisher has {people}");
        assert_eq!(assessment.number(row, "missing_share"), 0.0, "{id}");
    }
}

/// One hospital in the middle of four whole cells that hold 10,000 people.
fn ten_thousand_people_and_a_hospital(options: &str, reach_km: f64) -> f64 {
    let scene = Scene::empty();
    scene.raster("pop.tif", 4, &[2_500.0_f32; 4]);
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.0, 49.99, 20.04, 50.0]])]).to_string(),
    );
    let hospital = point([20.02, 49.995], &json!({"id": "H"}));
    scene.write("hospital.geojson", collection(&[hospital]).to_string());
    scene.write("reach.toml", format!("[radius_km]\nhealth = {reach_km}\n"));
    let ran = scene.run(&format!(
        "assess --areas areas.geojson --population pop.tif,nodata_means=zero \
         --sites hospital.geojson,class=hospital{options} --scheme reach.toml -o -"
    ));
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.assessment().number(0, "score")
}

#[test]
fn ten_thousand_people_and_a_hospital_score_70_04_through_the_program() {
    let score = ten_thousand_people_and_a_hospital(",occupancy=0,in_raster=yes", 0.1);
    assert!((score - 70.04).abs() < 0.005, "{score}");
}

#[test]
fn with_the_usual_hundred_in_the_hospital_they_score_72_27() {
    let score = ten_thousand_people_and_a_hospital("", 0.1);
    assert!((score - 72.27).abs() < 0.005, "{score}");
}

#[test]
fn those_who_depend_on_the_hospital_count_as_well() {
    let score = ten_thousand_people_and_a_hospital(",occupancy=0,in_raster=yes", 50.0);
    // v = (66.67, 0, 60.71, 66.67), worst-plus.
    assert!((score - 73.74).abs() < 0.005, "{score}");
}

/// Assesses a scenario through the library.
fn through_the_library(scene: &Scene, text: &str) -> civex::model::Assessment {
    scene.write("plan.toml", text);
    let path = scene.path("plan.toml");
    let written = path.display().to_string();
    let file = Place::new(&written, None);
    let scenario = scenario::read(&file).unwrap();
    let folder = path.parent();
    let opening = Opening { remote: Remote::Refused, budget: Budget::UNLIMITED, progress: &() };
    let loaded = load(&scenario, Some(&file), folder, opening).unwrap();
    let areas = loaded.areas.gather().unwrap();
    let inputs = Inputs {
        file: &areas.file,
        areas: areas.areas,
        reference: &areas.reference,
        distances: &loaded.distances,
        populations: &Populations::new(&loaded.sources, Budget::UNLIMITED),
        people: &loaded.people,
        sites: loaded.sites.as_ref().map(|read| &read.sites),
        services: None,
        scheme: &loaded.scheme,
        timezone: None,
    };
    civex::assess(inputs, &()).unwrap()
}

#[test]
fn two_sources_and_a_cell_without_data_give_number_one_of_the_method() {
    let scene = Scene::empty();
    for (name, values) in
        [("one.tif", [100.0_f32, 200.0, 300.0, -1.0]), ("two.tif", [80.0_f32, 260.0, 240.0, -1.0])]
    {
        let raster = scene.raster(name, 4, &values);
        raster.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    }
    // f = 1, .5, .25 and .5 of the four cells.
    let column = |west: f64, east: f64| [west, 49.99, east, 50.0];
    let pieces = [column(20.0, 20.015), column(20.02, 20.0225), column(20.03, 20.035)];
    let shape = json!({"type": "Feature", "properties": {"id": "A"}, "geometry": parts(&pieces)});
    scene.write("areas.geojson", collection(&[shape]).to_string());
    let assessment = through_the_library(
        &scene,
        "[areas]\npath = \"areas.geojson\"\n[[population]]\npath = \"one.tif\"\n\
         [[population]]\npath = \"two.tif\"\n",
    );
    let row = &assessment.rows[0];
    let people = row.people.unwrap();
    let near = |found: f64, wanted: f64| (found - wanted).abs() < 1e-4;
    assert!(near(people.low, 80.0) && near(people.best, 275.0) && near(people.high, 600.0));
    assert!(near(row.missing_share.unwrap(), 0.5 / 2.25));
    assert_eq!(row.status.name(), "not_assessable");
    assert_eq!(row.score.bands, [None; 3]);
    assert!((row.score.low.unwrap() - 31.8).abs() < 0.05);
    assert!((row.score.best.unwrap() - 40.7).abs() < 0.05);
    assert!(row.score.high.unwrap() > 46.3, "schools and others may be there, no layer says");
    let flags: Vec<&str> = row.flags.iter().map(|flag| flag.name()).collect();
    let wanted =
        ["high_not_a_bound", "no_dependants", "no_sites_layer", "partial_data", "small_area"];
    assert_eq!(flags, wanted);
}

#[test]
fn an_unconfirmed_hospital_is_worth_nine_points_and_a_band() {
    let scene = Scene::empty();
    for name in ["one.tif", "two.tif"] {
        scene.raster(name, 4, &[500.0_f32; 4]);
    }
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.0, 49.99, 20.04, 50.0]])]).to_string(),
    );
    // An extract holds all classes, of which this ground has one hospital.
    scene.write(
        "osm.osm",
        "<osm version=\"0.6\"><node id=\"1\" lat=\"49.995\" lon=\"20.02\"><tag k=\"amenity\" v=\"hospital\"/></node></osm>",
    );
    // Nobody is in reach of it: the numbers of the method have no dependants.
    scene.write("reach.toml", "[radius_km]\nhealth = 0.1\n");
    let ran = scene.run(
        "assess --areas areas.geojson --population one.tif,nodata_means=zero \
         --population two.tif,nodata_means=zero -o - \
         --scheme reach.toml \
         --sites osm.osm,covers=all,confidence=0.4,occupancy=0,in_raster=yes",
    );
    let assessment = ran.assessment();
    let score = |bound: &str| assessment.number(0, bound);
    assert!((score("score_low") - 55.0).abs() < 0.05, "{}", score("score_low"));
    assert!((score("score") - 55.0).abs() < 0.05);
    assert!((score("score_high") - 64.3).abs() < 0.05, "{}", score("score_high"));
    assert_eq!(assessment.text(0, "band"), "moderate");
    assert_eq!(assessment.text(0, "band_high"), "high");
    assert_eq!(assessment.number(0, "sites_hospital"), 0.0, "counts are of the best set");
}

#[test]
fn the_tables_in_the_readme_are_what_the_program_prints() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = fs::read_to_string(readme).unwrap();
    for command in ["assess", "compare"] {
        let output = assert_cmd::Command::new(env!("CARGO_BIN_EXE_civex"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args([command, "data/iceland/scenario.toml", "--quiet"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let shown = text.split("\n\nWhat would lower it").next().unwrap();
        assert!(readme.contains(shown), "{text}");
    }
}
