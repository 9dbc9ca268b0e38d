//! Unknown is not zero: classes that no layer maps, ground on which nobody looked, layers that could not be read.

use crate::scene::{Assessment, Scene, USUAL, area, collection, feature, point, polygon};
use serde_json::{Value, json};

/// A point of the usual area.
const INSIDE: [f64; 2] = [20.035, 49.935];

fn assessed(scene: &Scene, args: &str) -> Assessment {
    let ran = scene.run(&format!("assess plan.toml {args} -o -"));
    assert_eq!(ran.code, 0, "{args}: {}", ran.err);
    ran.assessment()
}

fn flags(assessment: &Assessment, row: usize) -> Vec<&str> {
    assessment.text(row, "flags").split(' ').collect()
}

/// The usual scene with points of a class, each with its id.
fn scene_of(class: &str, places: &[[f64; 2]]) -> Scene {
    let scene = Scene::usual();
    let site = |(id, at): (usize, &[f64; 2])| point(*at, &json!({"id": id, "class": class}));
    let sites: Vec<Value> = places.iter().enumerate().map(site).collect();
    scene.write("sites.geojson", collection(&sites).to_string());
    scene
}

#[test]
fn a_layer_of_which_nothing_could_be_read_is_a_problem_and_counts_as_no_layer() {
    let scene = Scene::usual();
    let bench = point(INSIDE, &json!({"id": 1, "amenity": "bench"}));
    scene.write("bench.geojson", collection(&[bench]).to_string());
    scene.write("words.csv", "id,lon,lat,kind\n1,20.03,49.93,zebra\n2,20.03,49.93,\n");
    scene.write("places.csv", "id,lon,lat\n1,here,there\n2,,\n");
    let without = scene.run("assess plan.toml -o -").assessment();
    for sites in
        ["bench.geojson,classify=osm", "words.csv,class_field=kind", "places.csv,class=hospital"]
    {
        for quiet in ["", " --quiet"] {
            let ran = scene.run(&format!("assess plan.toml --sites {sites} -o -{quiet}"));
            assert_eq!(ran.code, 1, "{sites}: {}", ran.err);
            assert!(
                ran.err.contains("no site could be read from it, so it counts for nothing"),
                "{}",
                ran.err
            );
            let row = ran.assessment();
            for column in
                ["sites_t1", "sites_t4", "vulnerable_best", "site_load_low", "score_high", "score"]
            {
                assert_eq!(row.get(0, column), without.get(0, column), "{sites}: {column}");
            }
            for column in
                ["sites_hospital", "sites_school", "dependants_health", "dependants_outside"]
            {
                assert_eq!(row.get(0, column), &Value::Null, "{sites}: {column}");
            }
            assert!(flags(&row, 0).contains(&"classes_unmapped"), "{sites}");
            assert!(flags(&row, 0).contains(&"no_sites_layer"), "{sites}");
        }
        let check = scene.run(&format!("check plan.toml --sites {sites}"));
        assert_eq!(check.code, 1, "{sites}: {}", check.out);
        assert!(check.out.contains("no site could be read from it"), "{sites}: {}", check.out);
        let strict =
            scene.run(&format!("assess plan.toml --sites {sites} --strict -o strict.geojson"));
        assert_eq!((strict.code, scene.has("strict.geojson")), (1, false), "{sites}");
    }
    let plan = format!(
        "{}\n[[sites]]\npath = \"bench.geojson\"\nclassify = \"osm\"\n",
        crate::scene::PLAN
    );
    scene.write("unread.toml", plan);
    let batch = scene.run("batch unread.toml --out-dir out");
    assert_eq!(batch.code, 1, "{}", batch.err);
    assert!(
        String::from_utf8(scene.read("out/runs.jsonl")).unwrap().contains("no site could be read")
    );
}

#[test]
fn a_class_that_no_layer_maps_is_null_and_totals_are_the_least_there_is() {
    let scene = scene_of("hospital", &[INSIDE]);
    let row = assessed(&scene, "--sites sites.geojson,class=hospital,covers=all");
    assert_eq!(row.number(0, "sites_hospital"), 1.0);
    for class in
        ["sites_school", "sites_water_works", "sites_t2", "sites_t3", "dependants_education"]
    {
        assert_eq!(row.get(0, class), &Value::Null, "{class}");
    }
    assert_eq!((row.number(0, "sites_t1"), row.number(0, "vulnerable_best")), (1.0, 100.0));
    assert!(flags(&row, 0).contains(&"classes_unmapped"));
    assert!(!flags(&row, 0).contains(&"no_sites_layer"));
    let table = scene.run("assess plan.toml --sites sites.geojson,class=hospital,covers=all").out;
    let line = table.lines().find(|line| line.starts_with("A ")).unwrap();
    let cells: Vec<&str> =
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert!(cells.contains(&"≥ 100") && cells.contains(&"≥ 1") && cells.contains(&"–"), "{line}");
    assert!(
        table.contains("t1 ≥ 1 · t2 – · t3 – · t4 –") || !table.contains("In all areas"),
        "{table}"
    );
}

#[test]
fn nobody_has_looked_beyond_the_ground_that_a_layer_covers() {
    // Schools are 10 km apart at most; the second area lies 60 km east of all.
    let scene = scene_of("school", &[[20.03, 49.93], [20.04, 49.94], [20.03, 49.94]]);
    scene.raster("wide.tif", 100, &[10.0_f32; 1000]);
    let far = [20.9, 49.92, 20.93, 49.95];
    let both = [20.02, 49.92, 20.5, 49.95];
    let areas = [area("near", &[USUAL]), area("far", &[far]), area("both", &[both])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let run = |sites: &str| {
        let ran = scene.run(&format!(
            "assess --areas areas.geojson --population wide.tif,nodata_means=zero --sites {sites} -o -"
        ));
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.assessment()
    };
    let row = run("sites.geojson");
    assert_eq!(row.column("sites_school"), [json!(3), Value::Null, json!(3)]);
    assert_eq!(row.get(1, "sites_t2"), &Value::Null);
    assert_eq!(row.get(1, "vulnerable_best"), &Value::Null);
    // More may be there where the ground ends within the area: schools are to be expected.
    let covered = run("sites.geojson,covers=all");
    assert_eq!(covered.column("sites_school"), [json!(3), json!(0), json!(3)]);
    let load =
        |of: &Assessment, row| of.number(row, "site_load_high") - of.number(row, "site_load_best");
    assert!(load(&row, 2) > load(&covered, 2) + 1.0);
    assert!((load(&row, 0) - load(&covered, 0)).abs() < 1e-9);
    // Polygons and bounds tell the ground as well.
    scene
        .write("ground.geojson", collection(&[area("g", &[[20.8, 49.9, 21.0, 50.0]])]).to_string());
    let row = run("sites.geojson,covers=ground.geojson");
    assert_eq!(row.column("sites_school"), [json!(3), json!(0), json!(3)], "what was found counts");
    let row = run("sites.geojson,covers=bounds");
    assert_eq!(row.get(1, "sites_school"), &Value::Null);
}

#[test]
fn features_that_were_lost_are_counted_by_reason_and_mark_the_rows_near_them() {
    let scene = Scene::usual();
    let far = area("far", &[[20.0, 49.0, 20.03, 49.03]]);
    scene.write("areas.geojson", collection(&[area("A", &[USUAL]), far]).to_string());
    let rows: Vec<String> = (0..96).map(|id| format!("{id},20.03,49.93,school\n")).collect();
    let table = format!("id,lon,lat,class\n{}", rows.concat());
    scene.write("sites.csv", format!("{table}97,20.03,49.93,school\n"));
    assert!(!flags(&assessed(&scene, "--sites sites.csv"), 0).contains(&"sites_incomplete"));
    scene.write("sites.csv", format!("{table}97,,,school\n98,20.03,49.93,zebra\n99,x,y,school\n"));
    let lost = assessed(&scene, "--sites sites.csv");
    assert!(flags(&lost, 0).contains(&"sites_incomplete"));
    assert!(!flags(&lost, 1).contains(&"sites_incomplete"), "it is 100 km away");
    let inputs = lost.0["civex"]["inputs"].as_array().unwrap();
    let sites = inputs.iter().find(|input| input["role"] == "sites").unwrap();
    assert_eq!(sites["features"], 99);
    let reasons = sites["lost"].as_object().unwrap();
    assert_eq!(reasons.values().filter_map(Value::as_u64).sum::<u64>(), 3, "{reasons:?}");
    assert_eq!(reasons["it has no place"], 1);
}

#[test]
fn an_option_on_ground_without_a_layer_is_not_ranked_before_one_with_it() {
    let scene = scene_of("hospital", &[INSIDE, [20.03, 49.94]]);
    scene.raster("wide.tif", 100, &[10.0_f32; 1000]);
    let option = |id: &str, bounds| feature(&polygon(&[bounds]), &json!({"id": id, "coa": id}));
    let areas = [option("Known", USUAL), option("Unknown", [20.9, 49.92, 20.92, 49.95])];
    scene.write("areas.geojson", collection(&areas).to_string());
    scene.write(
        "plan.toml",
        "[areas]\npath = \"areas.geojson\"\n[[population]]\npath = \"wide.tif\"\nnodata_means = \"zero\"\n\
         [[sites]]\npath = \"sites.geojson\"\n",
    );
    let compared = scene.run("compare plan.toml");
    assert_eq!(compared.code, 0, "{}", compared.err);
    let wanted = "\"Unknown\" is known: civilian sites may be there that no layer lists, so it is not put before \"Known\"";
    assert!(compared.out.contains(wanted), "{}", compared.out);
    let beyond = "\"Unknown\" reaches beyond the mapped ground of hospital: more may be there";
    assert!(compared.out.contains(beyond), "{}", compared.out);
    // With a layer for all of it the fewer people decide.
    scene.write(
        "all.toml",
        "[areas]\npath = \"areas.geojson\"\n[[population]]\npath = \"wide.tif\"\nnodata_means = \"zero\"\n\
         [[sites]]\npath = \"sites.geojson\"\ncovers = \"all\"\n",
    );
    assert!(scene.run("compare all.toml").out.contains("\"Unknown\" exposes fewest, robustly."));
}

#[test]
fn a_comparison_and_an_explanation_find_the_ground_again() {
    let scene = scene_of("hospital", &[INSIDE]);
    scene
        .write("ground.geojson", collection(&[area("g", &[[20.0, 49.9, 20.1, 50.0]])]).to_string());
    let args =
        "assess plan.toml --sites sites.geojson,class=hospital,covers=ground.geojson -o a.geojson";
    assert_eq!(scene.run(args).code, 0);
    let explained = scene.run("explain a.geojson A");
    assert_eq!(explained.code, 0, "{}", explained.err);
    scene.write("ground.geojson", collection(&[area("g", &[[0.0, 0.0, 1.0, 1.0]])]).to_string());
    let changed = scene.run("explain a.geojson A");
    assert!(changed.code != 0 && changed.err.contains("ground.geojson"), "{}", changed.err);
}

#[test]
fn people_beyond_the_mapped_ground_count_among_dependants_in_the_high_number_alone() {
    // Ten clinics in the west, people everywhere: whoever lives in the east has clinics that nobody listed.
    let places: Vec<[f64; 2]> = (0..10).map(|i| [20.02 + 0.003 * f64::from(i), 49.95]).collect();
    let scene = scene_of("hospital", &places);
    scene.raster("wide.tif", 100, &[10.0_f32; 1000]);
    let run = |sites: &str| {
        let ran = scene.run(&format!(
            "assess --areas areas.geojson --population wide.tif,nodata_means=zero --sites {sites} -o -"
        ));
        assert_eq!(ran.code, 0, "{}", ran.err);
        (ran.assessment(), ran.err)
    };
    let (row, err) = run("sites.geojson,class=hospital");
    assert!(flags(&row, 0).contains(&"beyond_sites"), "{err}");
    assert!(err.contains("live beyond the ground on which sites were looked for"), "{err}");
    let (all, _) = run("sites.geojson,class=hospital,covers=all");
    assert!(!flags(&all, 0).contains(&"beyond_sites"));
    let best = |of: &Assessment| of.number(0, "dependants_health");
    assert!(best(&row) < 0.5 * best(&all), "{} {}", best(&row), best(&all));
    assert!((row.number(0, "score_high") - all.number(0, "score_high")).abs() < 0.5);
}
