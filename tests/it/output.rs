//! Output: its columns, its geometry, where it may go, and that it is the same every time.

use crate::scene::{Scene, USUAL, area, collection, feature, parts, point};
use gdal::Dataset;
use gdal::vector::LayerAccess;
use geo::{Area, MultiPolygon, Polygon, Validation};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// All columns of an assessment with a sites layer, in the order that PRODUCT promises.
const COLUMNS: [&str; 95] = [
    "area_id",
    "name",
    "coa",
    "phase",
    "start",
    "end",
    "status",
    "reason",
    "flags",
    "area_km2",
    "missing_share",
    "pop_low",
    "pop_best",
    "pop_high",
    "pop_density_km2",
    "pop_peak_km2",
    "vulnerable_low",
    "vulnerable_best",
    "vulnerable_high",
    "sites_t1",
    "sites_t2",
    "sites_t3",
    "sites_t4",
    "site_load_low",
    "site_load_best",
    "site_load_high",
    "sites_hospital",
    "sites_health_centre",
    "sites_maternal_gbv_service",
    "sites_medical_supply",
    "sites_emergency_service",
    "sites_care_institution",
    "sites_school",
    "sites_early_childhood",
    "sites_higher_education",
    "sites_child_care_home",
    "sites_displacement_site",
    "sites_collective_centre",
    "sites_safe_house",
    "sites_protected_zone",
    "sites_civil_shelter",
    "sites_detention_place",
    "sites_dwelling_area",
    "sites_water_works",
    "sites_water_point",
    "sites_sanitation",
    "sites_power_supply",
    "sites_food_supply",
    "sites_farmland_irrigation",
    "sites_fuel_heating",
    "sites_dam_dyke",
    "sites_nuclear_station",
    "sites_hazardous_facility",
    "sites_protected_nature",
    "sites_cultural_enhanced",
    "sites_world_heritage",
    "sites_monument_site",
    "sites_museum_library_archive",
    "sites_place_of_worship",
    "sites_burial_site",
    "sites_relief_site",
    "sites_un_icrc_premises",
    "sites_evacuation_route_crossing",
    "sites_mobility_lifeline",
    "sites_telecom_media_admin",
    "dependants_health",
    "dependants_water",
    "dependants_power",
    "dependants_food",
    "dependants_sanitation",
    "dependants_relief",
    "dependants_education",
    "dependants_mobility",
    "dependants_telecom",
    "dependants_outside",
    "person_days",
    "score_low",
    "score",
    "score_high",
    "band_low",
    "band",
    "band_high",
    "profile",
    "driver",
    "contrib_p",
    "contrib_g",
    "contrib_s",
    "contrib_e",
    "topic_poc",
    "topic_cac",
    "topic_cpp",
    "topic_cthb",
    "topic_crsv",
    "topic_wps",
    "gaps",
];

fn iceland() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data/iceland/scenario.toml")
}

fn columns(row: &Value) -> Vec<&str> {
    row["properties"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_columns_are_those_promised_in_their_order() {
    let scene = Scene::usual();
    scene.write("sites.geojson", collection(&[]).to_string());
    let with = scene.run("assess plan.toml --sites sites.geojson,class=hospital -o -").assessment();
    let mut wanted = vec!["id"];
    wanted.extend(COLUMNS);
    assert_eq!(columns(&with.features()[0]), wanted);
    // Classes and services come with a sites layer only.
    let without = scene.run("assess plan.toml -o -").assessment();
    let of_layer = |name: &str| {
        let tier = ["sites_t1", "sites_t2", "sites_t3", "sites_t4"].contains(&name);
        (name.starts_with("sites_") && !tier)
            || (name.starts_with("dependants_") && name != "dependants_outside")
    };
    wanted.retain(|name| !of_layer(name));
    assert_eq!(columns(&without.features()[0]), wanted);
    assert_eq!(wanted.len(), 1 + 95 - 39 - 9);
}

#[test]
fn columns_do_not_depend_on_what_becomes_of_a_row() {
    let scene = Scene::usual();
    let none = feature(&Value::Null, &json!({"id": "none"}));
    let out = area("out", &[[30.0, 49.0, 31.0, 50.0]]);
    scene.write("areas.geojson", collection(&[area("A", &[USUAL]), none, out]).to_string());
    let found = scene.run("assess plan.toml -o -").assessment();
    let sets: BTreeSet<Vec<&str>> = found.features().iter().map(columns).collect();
    assert_eq!(sets.len(), 1);
    assert_eq!(found.column("area_id"), [json!("A"), json!("none"), json!("out")]);
}

#[test]
fn other_programs_read_every_feature_with_its_columns() {
    let scene = Scene::empty();
    let args = format!("assess {} -o out.geojson", iceland().display());
    assert_eq!(scene.run(&args).code, 0);
    let file = Dataset::open(scene.path("out.geojson")).unwrap();
    let mut layer = file.layer(0).unwrap();
    assert_eq!(layer.feature_count(), 14);
    let fields: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let from = fields.iter().position(|name| name == "area_id").unwrap();
    let groups = ["children", "women_girls", "women_15_49", "older_60"];
    let groups =
        groups.map(|group| ["low", "best", "high"].map(|bound| format!("{group}_{bound}")));
    let mut wanted = COLUMNS.map(ToString::to_string).to_vec();
    let behind_peak = COLUMNS.iter().position(|name| *name == "pop_peak_km2").unwrap() + 1;
    wanted.splice(behind_peak..behind_peak, groups.concat());
    assert_eq!(fields[from..], wanted);
    for row in layer.features() {
        let shape = row.geometry().unwrap().to_geo().unwrap();
        let shape = MultiPolygon::<f64>::try_from(shape.clone())
            .or_else(|_| Polygon::<f64>::try_from(shape).map(MultiPolygon::from))
            .unwrap();
        assert!(shape.is_valid(), "{:?}", row.field_as_string(0));
        assert_right_handed(&shape);
    }
}

/// Shells run against the clock and holes with it.
fn assert_right_handed(shape: &MultiPolygon<f64>) {
    for part in shape {
        let turns = |ring: &geo::LineString<f64>| Polygon::new(ring.clone(), vec![]).signed_area();
        assert!(turns(part.exterior()) > 0.0);
        assert!(part.interiors().iter().all(|hole| turns(hole) < 0.0));
    }
}

#[test]
fn rings_drawn_the_wrong_way_round_are_written_the_right_way() {
    let scene = Scene::usual();
    // A shell with the clock and a hole against it.
    let shape = json!({"type": "Polygon", "coordinates": [
        [[20.02, 49.92], [20.02, 49.96], [20.06, 49.96], [20.06, 49.92], [20.02, 49.92]],
        [[20.03, 49.93], [20.04, 49.93], [20.04, 49.94], [20.03, 49.94], [20.03, 49.93]]]});
    scene.write("areas.geojson", collection(&[feature(&shape, &json!({"id": "A"}))]).to_string());
    let found = scene.run("assess plan.toml -o -").assessment();
    assert_eq!(found.number(0, "pop_best"), 150.0);
    let geometry =
        serde_json::from_value::<geojson::Geometry>(found.features()[0]["geometry"].clone())
            .unwrap();
    let polygon = Polygon::<f64>::try_from(geometry).unwrap();
    assert_right_handed(&MultiPolygon::from(polygon));
}

#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let scene = Scene::empty();
    let run = |threads: &str| scene.run(&format!("assess {} -o -{threads}", iceland().display()));
    let first = run("");
    for threads in ["", " --threads 1", " --threads 2", " --threads 8"] {
        let again = run(threads);
        assert_eq!((again.code, &again.out, &again.err), (0, &first.out, &first.err), "{threads}");
    }
}

#[test]
fn several_outputs_hold_the_same_features() {
    let scene = Scene::usual();
    let ran = scene.run("assess plan.toml -o one.geojson -o two.json -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(scene.read("one.geojson"), scene.read("two.json"));
    let one: Value = serde_json::from_slice(&scene.read("one.geojson")).unwrap();
    assert_eq!(&one["features"], &ran.assessment().0["features"]);
    assert_eq!(one["civex"]["inputs"][1]["relative_path"], "areas.geojson");
    // From a stream nothing is relative.
    assert!(ran.assessment().0["civex"]["inputs"][1]["relative_path"].is_null());
}

#[test]
fn outputs_that_cannot_be_are_refused_before_any_work() {
    let scene = Scene::usual();
    scene.write("file", "");
    scene.write("folder.geojson/x", "");
    scene.write("out.sites.geojson", collection(&[]).to_string());
    let before = scene.files();
    let cases = [
        (
            "-o out.shp",
            "out.shp: no ending of a format that is written, which are .geojson (.json), .geojsonl, .gpkg, .fgb, .csv, .parquet and .kml",
        ),
        (
            "-o out",
            "out: no ending of a format that is written, which are .geojson (.json), .geojsonl, .gpkg, .fgb, .csv, .parquet and .kml",
        ),
        (
            "-o areas.geojson",
            "areas.geojson: not written: it is an input (areas), which would be lost",
        ),
        ("-o folder.geojson", "folder.geojson: cannot be written: is a directory"),
        ("-o file/out.geojson", "file/out.geojson: cannot be written: not a directory"),
        ("-o out.gpkg --style", "--style: no output is GeoJSON, wanted `-o out.geojson`"),
        ("-o out.geojson --hxl", "--hxl: no output is CSV, wanted `-o out.csv`"),
        (
            "-o out.geojson --with sites",
            "--with sites: there is no sites layer, wanted `--sites` or [[sites]]",
        ),
        (
            "-o - --with sites --sites out.sites.geojson,class=school",
            "--with sites: needs an output file, which it is written beside: `-o out.geojson`",
        ),
        (
            "-o out.geojson --with sites --sites out.sites.geojson,class=school",
            "out.sites.geojson: not written: it is an input (sites), which would be lost",
        ),
    ];
    for (output, wanted) in cases {
        let ran = scene.run(&format!("assess plan.toml {output}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{output}: {}", ran.err);
        assert_eq!(ran.said(), format!("error: {wanted}"));
        assert_eq!(scene.files(), before, "{output}");
    }
}

#[test]
fn a_folder_that_is_missing_is_made() {
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml -o new/deeper/out.geojson").code, 0);
    assert!(scene.has("new/deeper/out.geojson"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_keeps_what_it_held() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::usual();
    scene.write("shut/out.geojson", "before");
    let permit = |mode: u32| {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(scene.path("shut"), permissions).unwrap();
    };
    permit(0o555);
    let is_shut = std::fs::write(scene.path("shut/probe"), "").is_err();
    let ran = scene.run("assess plan.toml -o shut/out.geojson");
    permit(0o755);
    // Whoever may do everything is not held up by permissions.
    if is_shut {
        assert_eq!(ran.code, 2);
        assert!(
            ran.said().starts_with("error: shut/out.geojson: cannot be written: "),
            "{}",
            ran.err
        );
        assert_eq!(scene.read("shut/out.geojson"), b"before");
    }
}

#[test]
fn what_was_there_is_replaced_whole_and_nothing_is_left_beside() {
    let scene = Scene::usual();
    scene.write("out.geojson", "before");
    assert_eq!(scene.run("assess plan.toml -o out.geojson --overwrite").code, 0);
    assert!(serde_json::from_slice::<Value>(&scene.read("out.geojson")).is_ok());
    assert_eq!(scene.files(), ["areas.geojson", "out.geojson", "plan.toml", "pop.tif"]);
}

#[test]
fn contributions_add_up_to_the_score() {
    let scene = Scene::usual();
    let sites = [
        point([20.03, 49.93], &json!({"id": "1", "class": "hospital"})),
        point([20.04, 49.93], &json!({"id": "2", "class": "school"})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    let shape = feature(&parts(&[USUAL, [20.06, 49.92, 20.08, 49.95]]), &json!({"id": "A"}));
    scene.write("areas.geojson", collection(&[shape]).to_string());
    let found = scene.run("assess plan.toml --sites sites.geojson -o -").assessment();
    let pieces = ["contrib_p", "contrib_g", "contrib_s", "contrib_e"];
    let sum: f64 = pieces.iter().map(|piece| found.number(0, piece)).sum();
    assert!((sum - found.number(0, "score")).abs() < 2.1e-4);
    for bounds in [["pop_low", "pop_best", "pop_high"], ["score_low", "score", "score_high"]] {
        let [low, best, high] = bounds.map(|bound| found.number(0, bound));
        assert!(low <= best && best <= high);
    }
}
