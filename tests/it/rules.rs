//! What becomes of a row, and of a run, when inputs are faulty: status, reason, flags and exit status,
//! rule by rule.

use crate::scene::{
    Assessment, Ran, Scene, USUAL, area, collection, feature, parts, point, polygon,
};
use serde_json::{Value, json};

/// The words of `flags`, and nothing else, may stand there.
const FLAGS: [&str; 11] = [
    "single_source",
    "partial_data",
    "high_not_a_bound",
    "small_area",
    "defaulted",
    "repaired",
    "wrapped",
    "buffered",
    "no_sites_layer",
    "no_dependants",
    "duplicate_id",
];

fn scene_of(features: &[Value]) -> Scene {
    let scene = Scene::usual();
    scene.write("areas.geojson", collection(features).to_string());
    scene
}

fn tie(id: &str) -> Value {
    let ring = [[20.02, 49.92], [20.06, 49.96], [20.06, 49.92], [20.02, 49.96], [20.02, 49.92]];
    feature(&json!({"type": "Polygon", "coordinates": [ring]}), &json!({"id": id}))
}

fn nothing(id: &str) -> Value {
    feature(&Value::Null, &json!({"id": id}))
}

fn flat(id: &str) -> Value {
    let ring = [[20.03, 49.93], [20.04, 49.93], [20.05, 49.93], [20.03, 49.93]];
    feature(&json!({"type": "Polygon", "coordinates": [ring]}), &json!({"id": id}))
}

/// An area of every status, with a source of which a column is not known.
fn every_status() -> (Scene, Vec<&'static str>) {
    let scene = scene_of(&[
        area("ok", &[USUAL]),
        area("gap", &[[20.0, 49.9, 20.1, 50.009]]),
        area("half", &[[19.95, 49.92, 20.05, 49.95]]),
        area("out", &[[30.0, 49.0, 31.0, 50.0]]),
        nothing("nothing"),
        flat("flat"),
        tie("tie"),
    ]);
    let statuses = ["ok", "data_gap", "not_assessable", "no_data", "no_geometry", "invalid", "ok"];
    (scene, statuses.to_vec())
}

fn assessment(ran: &Ran) -> Assessment {
    ran.assessment()
}

#[test]
fn every_area_keeps_its_row_its_place_and_a_reason_where_its_status_is_not_ok() {
    let (scene, statuses) = every_status();
    let ran = scene.run("assess plan.toml -o -");
    assert_eq!(ran.code, 1, "two rows are faulty: {}", ran.err);
    let found = assessment(&ran);
    let ids: Vec<Value> = found.column("area_id");
    assert_eq!(ids, ["ok", "gap", "half", "out", "nothing", "flat", "tie"].map(Value::from));
    for (row, status) in statuses.iter().enumerate() {
        assert_eq!(found.text(row, "status"), *status, "row {row}");
        let reason = found.get(row, "reason");
        assert_eq!(reason.is_null(), *status == "ok", "row {row}: {reason}");
        assert!(reason.as_str().is_none_or(|reason| !reason.is_empty() && !reason.ends_with('.')));
    }
}

#[test]
fn people_are_null_where_nobody_looked_and_bands_where_too_few_did() {
    let (scene, statuses) = every_status();
    let found = assessment(&scene.run("assess plan.toml -o -"));
    for (row, status) in statuses.iter().enumerate() {
        let has_people = ["ok", "data_gap", "not_assessable"].contains(status);
        for column in ["pop_low", "pop_best", "pop_high", "score", "score_high"] {
            assert_eq!(found.get(row, column).is_number(), has_people, "{status}: {column}");
        }
        let has_bands = ["ok", "data_gap"].contains(status);
        for column in ["band_low", "band", "band_high"] {
            assert_eq!(found.get(row, column).is_string(), has_bands, "{status}: {column}");
        }
        let has_ground = !["no_geometry", "invalid"].contains(status);
        assert_eq!(found.get(row, "area_km2").is_number(), has_ground, "{status}");
        assert_eq!(found.features()[row]["geometry"].is_object(), has_ground, "{status}");
        assert_eq!(found.get(row, "score_low").is_number(), has_ground, "{status}: score_low");
    }
}

#[test]
fn flags_are_known_words_sorted_with_one_blank_between() {
    let (scene, _) = every_status();
    let found = assessment(&scene.run("assess plan.toml -o -"));
    for row in 0..found.features().len() {
        let words: Vec<&str> = found.text(row, "flags").split(' ').collect();
        assert!(words.is_sorted() && words.iter().all(|word| FLAGS.contains(word)), "{words:?}");
        assert!(words.windows(2).all(|pair| pair[0] != pair[1]), "{words:?}");
    }
}

#[test]
fn each_flag_stands_where_it_says_something() {
    let scene = scene_of(&[
        area("usual", &[USUAL]),
        area("wide", &[[20.0, 49.9, 20.1, 50.0]]),
        area("gap", &[[20.0, 49.9, 20.1, 50.009]]),
        tie("tie"),
        area("usual", &[[20.0, 49.9, 20.1, 50.0]]),
    ]);
    scene.write("s.geojson", collection(&[point([20.03, 49.93], &json!({}))]).to_string());
    let flags = |args: &str| {
        let found = assessment(&scene.run(&format!("assess plan.toml {args} -o -")));
        found.column("flags").iter().map(|flags| flags.as_str().unwrap().to_string()).collect()
    };
    let all: Vec<String> = flags("");
    let alone = "no_dependants no_sites_layer single_source";
    // Nine cells are fewer than ten.
    assert_eq!(all[0], format!("{alone} small_area"));
    assert_eq!(all[1], alone);
    assert_eq!(all[2], "high_not_a_bound no_dependants no_sites_layer partial_data single_source");
    assert_eq!(all[3], "no_dependants no_sites_layer repaired single_source small_area");
    assert_eq!(all[4], format!("duplicate_id {alone}"));
    let with_sites: Vec<String> = flags("--sites s.geojson,class=hospital,covers=all");
    assert_eq!(with_sites[1], "classes_unmapped single_source");
    let of_culture: Vec<String> = flags("--sites s.geojson,class=museum_library_archive");
    assert_eq!(
        of_culture[1], "classes_unmapped no_dependants single_source",
        "museums serve nobody far away"
    );
    scene.write("copy.tif", scene.read("pop.tif"));
    let two: Vec<String> =
        flags("--population pop.tif,nodata_means=zero --population copy.tif,nodata_means=zero");
    assert_eq!(two[1], "no_dependants no_sites_layer");
}

/// Geometries with which an area has no usable polygon.
fn unusable() -> Vec<(&'static str, Value)> {
    let of = |kind: &str, coordinates: Value| json!({"type": kind, "coordinates": coordinates});
    vec![
        ("null", Value::Null),
        ("empty", of("Polygon", json!([]))),
        ("empty parts", of("MultiPolygon", json!([[]]))),
        ("an unreadable ring", of("Polygon", json!([[[20, 49], ["x", 50], [21, 50]]]))),
        ("a ring that is no list", of("Polygon", json!([7]))),
        ("one vertex", of("Polygon", json!([[[20.03, 49.93]]]))),
        ("no surface", of("Polygon", json!([[[20.03, 49.93], [20.04, 49.94], [20.03, 49.93]]]))),
        ("beyond the poles", of("Polygon", json!([[[20, 95], [21, 95], [21, 96], [20, 95]]]))),
        ("a hole as large as its shell", polygon(&[USUAL, USUAL])),
    ]
}

#[test]
fn a_row_without_a_usable_polygon_ends_with_status_one_and_a_whole_file() {
    for (name, geometry) in unusable() {
        let scene = scene_of(&[feature(&geometry, &json!({"id": "A"})), area("B", &[USUAL])]);
        let ran = scene.run("assess plan.toml -o out.geojson");
        assert_eq!(ran.code, 1, "{name}: {}", ran.err);
        let written: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
        let rows = written["features"].as_array().unwrap();
        let status = rows[0]["properties"]["status"].as_str().unwrap();
        assert!(["no_geometry", "invalid"].contains(&status), "{name}: {status}");
        assert_eq!(rows[1]["properties"]["pop_best"], 90.0, "{name}");
        let said = ran.err.lines().filter(|line| line.starts_with("problem: ")).count();
        assert_eq!(said, 1, "{name}: {}", ran.err);
    }
}

#[test]
fn what_is_repaired_or_doubled_or_partly_outside_is_told_and_ends_well() {
    let rows = [
        tie("tie"),
        area("A", &[USUAL]),
        area("A", &[USUAL]),
        area("out", &[[30.0, 49.0, 31.0, 50.0]]),
    ];
    let scene = scene_of(&rows);
    let ran = scene.run("assess plan.toml -o out.geojson");
    assert_eq!(ran.code, 0, "{}", ran.err);
    for told in ["1 fault repaired", "called \"A~2\"", "outside of every population source"] {
        assert_eq!(ran.err.matches(told).count(), 1, "{told} in {}", ran.err);
    }
    assert!(ran.err.lines().all(|line| line.starts_with("notice: ")), "{}", ran.err);
}

#[test]
fn all_areas_outside_of_all_sources_is_a_mistake_that_shows_both_extents() {
    let outside = [area("out", &[[30.0, 49.0, 31.0, 50.0]]), nothing("nothing")];
    let ran = scene_of(&outside[..1]).run("assess plan.toml -o out.geojson");
    assert_eq!(ran.code, 1);
    let line = ran.err.lines().find(|line| line.starts_with("problem: ")).unwrap();
    for part in ["30.0000…31.0000 E, 49.0000…50.0000 N", "\"pop\" at 20.0000…20.1000 E"] {
        assert!(line.contains(part), "{line}");
    }
    // Those without a place are nowhere, not outside; the others still are.
    let ran = scene_of(&outside).run("assess plan.toml -o -");
    assert_eq!(ran.code, 1);
    assert!(ran.err.contains("every area lies outside every population source"), "{}", ran.err);
    assert_eq!(assessment(&ran).text(1, "status"), "no_geometry");
}

#[test]
fn what_cannot_be_read_ends_with_status_two_and_no_file() {
    let scene = Scene::usual();
    scene.write("cut.geojson", "{\"type\": \"FeatureCollection\", \"features\": [");
    scene.layer("nowhere.shp", "ESRI Shapefile", None, &["POLYGON ((20 49,21 49,21 50,20 49))"]);
    let mut values = [10.0_f32; 100];
    values[53] = -1.0;
    scene.raster("minus.tif", 10, &values);
    scene.bare_raster("nowhere.tif", 10, &[1.0_f32; 100], &[]);
    for args in [
        "--areas gone.geojson --population pop.tif",
        "--areas cut.geojson --population pop.tif",
        "--areas nowhere.shp --population pop.tif",
        "--areas areas.geojson --population gone.tif",
        "--areas areas.geojson --population nowhere.tif",
        "--areas areas.geojson --population minus.tif",
        "--areas areas.geojson --population pop.tif --sites gone.gpkg",
        "--areas areas.geojson --population pop.tif --scheme gone.toml",
        "--areas areas.geojson --population pop.tif,samples=[2]",
    ] {
        // Status 2, one sentence, and nothing left behind; a flag changes nothing of it.
        scene.refused(&format!("assess {args}"));
        scene.refused(&format!("assess {args} --strict"));
        scene.refused(&format!("assess {args} --fail-on low"));
    }
}

#[test]
fn strict_refuses_any_problem_and_writes_nothing() {
    let out = area("out", &[[30.0, 49.0, 31.0, 50.0]]);
    let usual = || area("A", &[USUAL]);
    let mixed = json!({"type": "GeometryCollection", "geometries":
        [{"type": "Point", "coordinates": [20.03, 49.93]}, polygon(&[USUAL])]});
    for (name, features, code) in [
        ("sound", vec![usual()], 0),
        ("repaired", vec![usual(), tie("tie")], 1),
        ("overlapping parts", vec![feature(&parts(&[USUAL, USUAL]), &json!({}))], 1),
        ("doubled", vec![usual(), usual()], 1),
        ("nothing", vec![usual(), nothing("nothing")], 1),
        ("flat", vec![usual(), flat("flat")], 1),
        ("all outside", vec![out.clone()], 1),
        // Notices are no problems.
        ("one outside", vec![usual(), out], 0),
        ("a collection", vec![feature(&mixed, &json!({"id": "A"}))], 0),
    ] {
        let scene = scene_of(&features);
        let ran = scene.run("assess plan.toml --strict -o out.geojson");
        assert_eq!(ran.code, code, "{name}: {}", ran.err);
        assert_eq!(scene.has("out.geojson"), code == 0, "{name}");
        let ran = scene.run("assess plan.toml --strict");
        assert_eq!((ran.code, ran.out.is_empty()), (code, code == 1), "{name}: no table either");
        // What `check` calls a problem, and only that, is what `--strict` refuses.
        assert_eq!(scene.run("check plan.toml").code, code, "{name}");
    }
    let scene = Scene::usual();
    let wild = point([20.03, 95.0], &json!({"id": "S"}));
    scene.write("s.geojson", collection(&[wild, point([20.03, 49.93], &json!({}))]).to_string());
    let args = "assess plan.toml --sites s.geojson,class=hospital";
    assert_eq!(scene.run(args).code, 0, "a faulty site is told");
    assert_eq!(scene.run(&format!("{args} --strict -o out.geojson")).code, 1);
    assert!(!scene.has("out.geojson"));
}

#[test]
fn fail_on_looks_at_the_high_band_of_every_row_and_takes_an_unknown_one_for_any() {
    let half = area("half", &[[19.95, 49.92, 20.05, 49.95]]);
    for (name, features, band, code) in [
        ("90 people are low", vec![area("A", &[USUAL])], "low", 1),
        ("and below moderate", vec![area("A", &[USUAL])], "very_high", 0),
        ("no bands", vec![area("A", &[USUAL]), half], "very_high", 1),
        ("nothing", vec![area("A", &[USUAL]), nothing("none")], "very_high", 1),
        (
            "no data",
            vec![area("A", &[USUAL]), area("out", &[[30.0, 49.0, 31.0, 50.0]])],
            "very_high",
            1,
        ),
    ] {
        let scene = scene_of(&features);
        let ran = scene.run(&format!("assess plan.toml --fail-on {band} -o out.geojson"));
        assert_eq!(ran.code, code, "{name}: {}", ran.err);
        assert!(scene.has("out.geojson"), "{name}: the result is whole");
        assert_eq!(
            ran.err.contains("the high band of some area is"),
            code == 1,
            "{name}: {}",
            ran.err
        );
        for word in ["pass", "safe", "accept", "fine", "clear"] {
            assert!(!ran.err.to_lowercase().contains(word), "{name}: {}", ran.err);
        }
    }
}

#[test]
fn one_id_may_stand_in_every_option_and_phase_once() {
    let of = |coa: &str, phase: &str| {
        feature(&polygon(&[USUAL]), &json!({"id": "A", "coa": coa, "phase": phase}))
    };
    let scene = scene_of(&[of("1", "a"), of("1", "b"), of("2", "a"), of("1", "a"), of("1", "a")]);
    let ran = scene.run("assess plan.toml -o -");
    assert_eq!(ran.code, 0);
    let found = assessment(&ran);
    assert_eq!(found.column("area_id"), ["A", "A", "A", "A~2", "A~3"].map(Value::from));
    for row in 0..5 {
        let is_double = found.text(row, "flags").contains("duplicate_id");
        assert_eq!(is_double, row >= 3, "row {row}");
    }
}

#[test]
fn notices_in_the_file_are_a_hundred_at_most_and_counted_by_kind() {
    let ties: Vec<Value> = (0..130).map(|id| tie(&id.to_string())).collect();
    let found = assessment(&scene_of(&ties).run("assess plan.toml -o -"));
    let civex = &found.0["civex"];
    let text = civex.to_string();
    assert!(civex["notices"].to_string().matches("1 fault repaired").count() <= 100);
    assert!(text.contains("\"repaired\":130"), "{text}");
}

#[test]
fn a_row_holds_the_footprint_that_was_counted() {
    let scene = scene_of(&[tie("tie"), area("frame", &[USUAL, [20.03, 49.93, 20.04, 49.94]])]);
    scene.run("assess plan.toml -o out.geojson");
    // Assessed again, nothing is left to repair, and the numbers stay.
    let again = scene.run("assess --areas out.geojson --population pop.tif,nodata_means=zero -o -");
    assert_eq!(again.code, 0);
    assert!(!again.err.contains("repaired"), "{}", again.err);
    let first: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    for row in 0..2 {
        let was = &first["features"][row]["properties"];
        let is = assessment(&again);
        for column in ["pop_best", "pop_low", "pop_high", "area_km2"] {
            assert_eq!(is.get(row, column), &was[column], "row {row}: {column}");
        }
    }
}
