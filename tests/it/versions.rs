//! Two versions of an assessment, through the program: what changed, and why.

use crate::scene::{PLAN, Ran, Scene, area, collection, point};
use serde_json::{Value, json};

/// Two areas, a hospital in the first.
fn scene() -> Scene {
    let scene = Scene::usual();
    let areas =
        [area("A", &[[20.0, 49.95, 20.03, 50.0]]), area("B", &[[20.05, 49.9, 20.09, 49.93]])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let site = point([20.02, 49.97], &json!({"id": "H", "class": "hospital", "confidence": 0.95}));
    scene.write("sites.geojson", collection(&[site]).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    done(scene.run("assess plan.toml -o old.geojson --quiet"));
    scene
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// What changed since, when the plan is assessed again.
fn since(scene: &Scene) -> Value {
    done(scene.run("assess plan.toml -o new.geojson --quiet"));
    let told = done(scene.run("compare old.geojson new.geojson --format json")).out;
    serde_json::from_str(&told).unwrap()
}

/// The columns of an area that changed, and why.
fn of<'c>(changes: &'c Value, key: &str) -> (Vec<&'c str>, &'c str) {
    let areas = changes["areas"].as_array().unwrap();
    let Some(area) = areas.iter().find(|area| area["area"] == key) else { return (vec![], "") };
    let columns = area["columns"].as_array().unwrap().iter();
    (columns.map(|of| of["column"].as_str().unwrap()).collect(), area["why"].as_str().unwrap())
}

#[test]
fn nothing_changed_is_said_in_one_line() {
    let scene = scene();
    let changes = since(&scene);
    assert_eq!((changes["same"].clone(), changes["areas"].clone()), (json!(2), json!([])));
    let text = done(scene.run("compare old.geojson new.geojson")).out;
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("nothing changed") && text.contains("2 areas the same"), "{text}");
    std::fs::remove_file(scene.path("pop.tif")).unwrap();
    done(scene.run("compare old.geojson new.geojson"));
}

#[test]
fn another_raster_changes_people_because_of_it() {
    let scene = scene();
    scene.raster("pop.tif", 10, &[12.0_f32; 100]);
    let changes = since(&scene);
    let (columns, why) = of(&changes, "A");
    assert!(
        columns.contains(&"pop_best")
            && columns.contains(&"score")
            && !columns.contains(&"sites_t1")
    );
    assert_eq!(why, "because of population \"pop\"");
    let inputs = json!([{"role": "population", "name": "pop", "what": "content"}]);
    assert_eq!(changes["inputs"], inputs);
    let area = &changes["areas"][0];
    let parts = area["score_by_dimension"].as_object().unwrap();
    let sum: f64 = parts.values().map(|part| part.as_f64().unwrap()).sum();
    let columns = area["columns"].as_array().unwrap();
    let score = columns.iter().find(|of| of["column"] == "score").unwrap();
    let change = score["now"].as_f64().unwrap() - score["then"].as_f64().unwrap();
    assert!((sum - change).abs() < 5e-4, "{sum} of {change}");
}

#[test]
fn a_site_a_scheme_and_a_boundary_are_told_apart_where_they_can_be() {
    let scene = scene();
    let site =
        |id: &str| point([20.02, 49.97], &json!({"id": id, "class": "school", "confidence": 0.95}));
    scene.write("sites.geojson", collection(&[site("S")]).to_string());
    let areas =
        [area("A", &[[20.0, 49.95, 20.03, 50.0]]), area("B", &[[20.05, 49.9, 20.08, 49.93]])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let changes = since(&scene);
    assert_eq!(of(&changes, "A").1, "because of sites \"sites\"");
    let (columns, why) = of(&changes, "B");
    assert!(columns.contains(&"area_km2"), "{columns:?}");
    assert!(why.starts_with("because of its other boundary"), "{why}");
    let csv = done(scene.run("compare old.geojson new.geojson --format csv")).out;
    let line = csv.lines().find(|line| line.starts_with("B,,,area_km2")).unwrap();
    assert!(line.ends_with("because of its other boundary"), "the ground has one cause: {line}");
    scene.write("weak.toml", "[dimension_weights]\npeople = 0.5\n");
    done(scene.run("assess plan.toml --scheme weak.toml -o weak.geojson --quiet"));
    let told = done(scene.run("compare new.geojson weak.geojson")).out;
    assert!(told.contains("scheme: built-in ("), "{told}");
    assert!(told.contains("  A, B: because of the scheme\n"), "{told}");
}

#[test]
fn areas_that_come_and_go_are_told_and_strangers_refused() {
    let scene = scene();
    let areas =
        [area("C", &[[20.0, 49.95, 20.03, 50.0]]), area("B", &[[20.05, 49.9, 20.09, 49.93]])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let changes = since(&scene);
    assert_eq!((changes["added"].clone(), changes["gone"].clone()), (json!(["C"]), json!(["A"])));
    assert_eq!(changes["same"], json!(1));
    scene.write("areas.geojson", collection(&areas[..1]).to_string());
    done(scene.run("assess plan.toml -o only.geojson --quiet"));
    let ran = scene.run("compare old.geojson only.geojson");
    assert_eq!(ran.code, 2);
    assert_eq!(ran.said(), "error: only.geojson: it has no area in common with old.geojson");
    let ran = scene.run("compare old.geojson areas.geojson");
    assert!(ran.said().starts_with("error: areas.geojson: no assessment"), "{}", ran.err);
    let ran = scene.run("compare old.geojson new.geojson --population pop.tif");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_layer_that_moved_is_no_change_and_another_that_cannot_act_is_no_cause() {
    let scene = scene();
    std::fs::rename(scene.path("pop.tif"), scene.path("moved.tif")).unwrap();
    let plan = String::from_utf8(scene.read("plan.toml")).unwrap();
    scene.write("plan.toml", plan.replace("pop.tif", "moved.tif"));
    let changes = since(&scene);
    let inputs = json!([
        {"role": "population", "name": "moved", "what": "name", "then": "pop"}
    ]);
    assert_eq!((&changes["inputs"], &changes["same"]), (&inputs, &json!(2)));
    let site =
        point([20.02, 49.97], &json!({"id": "H", "class": "hospital", "confidence": 0.95, "n": 1}));
    scene.write("sites.geojson", collection(&[site]).to_string());
    let changes = since(&scene);
    assert_eq!((&changes["areas"], &changes["same"]), (&json!([]), &json!(2)));
    assert_eq!(changes["inputs"][1]["what"], "content");
}

#[test]
fn bounds_that_changed_alone_are_told_in_a_line() {
    let scene = scene();
    let site = point([20.02, 49.97], &json!({"id": "H", "class": "hospital", "confidence": 0.7}));
    scene.write("sites.geojson", collection(&[site]).to_string());
    since(&scene);
    let text = done(scene.run("compare old.geojson new.geojson")).out;
    assert!(!text.contains("What changed in numbers"), "the best numbers are the same: {text}");
    let line = text.lines().find(|line| line.starts_with("  A: ")).unwrap();
    assert!(line.contains("score low ") && line.contains("vulnerable low "), "{line}");
    assert!(text.contains("  A: because of sites \"sites\"\n"), "{text}");
}

#[test]
fn a_day_that_areas_moved_is_told_with_whose_it_is() {
    let scene = scene();
    // A date is asked for where something expires.
    let facts = json!({"id": "H", "class": "hospital", "expires_on": "2027-01-01"});
    scene.write("sites.geojson", collection(&[point([20.02, 49.97], &facts)]).to_string());
    for (day, out) in [(1, "then.geojson"), (3, "now.geojson")] {
        let mut areas: Value = serde_json::from_slice(&scene.read("areas.geojson")).unwrap();
        areas["features"][0]["properties"]["start"] = json!(format!("2026-12-0{day}T08:00:00Z"));
        areas["features"][0]["properties"]["end"] = json!(format!("2026-12-0{day}T16:00:00Z"));
        scene.write("areas.geojson", areas.to_string());
        done(scene.run(&format!("assess plan.toml -o {out} --quiet")));
    }
    let told = done(scene.run("compare then.geojson now.geojson")).out;
    let of = "date: 2026-12-01 → 2026-12-03 (of the scenario, else the last day of any area)";
    assert!(told.contains(of) && told.contains("at other times: A"), "{told}");
}

#[test]
fn a_file_that_was_only_spaced_otherwise_has_the_same_areas() {
    let scene = scene();
    let read: Value = serde_json::from_slice(&scene.read("old.geojson")).unwrap();
    scene.write("spaced.geojson", serde_json::to_vec_pretty(&read).unwrap());
    let told = done(scene.run("compare old.geojson spaced.geojson")).out;
    assert!(told.contains("nothing changed"), "{told}");
}

#[test]
fn topics_that_are_sensitive_are_never_told() {
    let scene = scene();
    let plan = String::from_utf8(scene.read("plan.toml")).unwrap();
    let groups = "[population.groups]\ndisplaced = { share = 0.1, source = \"x\" }\n";
    scene.write("plan.toml", plan.replace("[[sites]]", &format!("{groups}[[sites]]")));
    done(scene.run("assess plan.toml -o new.geojson --quiet"));
    let row = &serde_json::from_slice::<Value>(&scene.read("new.geojson")).unwrap()["features"][0];
    assert!(row["properties"]["topic_crsv"].is_number(), "{row}");
    for format in ["text", "markdown", "csv", "json"] {
        let told = done(scene.run(&format!("compare old.geojson new.geojson --format {format}")));
        assert!(!told.out.contains("crsv") && !told.out.contains("cthb"), "{}", told.out);
    }
}
