//! Unknown is not zero: classes that no layer maps, ground on which nobody looked, layers that could not be read.

use crate::scene::{
    Assessment, Scene, USUAL, area, collection, feature, of_every_class, point, polygon,
};
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
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[USUAL]), area("B", &[USUAL])]).to_string(),
    );
    let table = scene.run("assess plan.toml --sites sites.geojson,class=hospital,covers=all").out;
    let line = table.lines().find(|line| line.starts_with("A ")).unwrap();
    let cells: Vec<&str> =
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert!(cells.contains(&"≥ 100") && cells.contains(&"≥ 1") && cells.contains(&"–"), "{line}");
    let in_all = "In all areas together, each site once: t1 ≥ 1 · t2 – · t3 – · t4 –";
    assert!(table.contains(in_all), "{table}");
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

/// A scene of options on a raster of so many people a cell, 100 cells wide; with the layers of a plan.
fn options(people: &[f32], areas: &[(&str, [f64; 4])], layers: &str) -> Scene {
    let scene = Scene::usual();
    scene.raster("wide.tif", 100, people);
    let option = |(id, bounds): &(&str, [f64; 4])| {
        feature(&polygon(&[*bounds]), &json!({"id": id, "coa": id}))
    };
    let areas: Vec<Value> = areas.iter().map(option).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    let head = "[areas]\npath = \"areas.geojson\"\n[[population]]\npath = \"wide.tif\"\nnodata_means = \"zero\"\n";
    scene.write("plan.toml", format!("{head}{layers}"));
    scene
}

fn compared(scene: &Scene) -> Value {
    let ran = scene.run("compare plan.toml --format json --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
    serde_json::from_str(&ran.out).unwrap()
}

/// A layer of sites of a plan, of which the file may be empty.
fn layer(path: &str, settings: &str) -> String {
    format!("[[sites]]\npath = \"{path}\"\n{settings}")
}

#[test]
fn unknowns_are_expected_among_the_people_of_the_ground_that_is_not_mapped() {
    // All people of the area live in its western third.
    let people: Vec<f32> = (0..1000).map(|cell| if cell % 100 < 3 { 100.0 } else { 0.0 }).collect();
    let scene = scene_of("school", &[INSIDE]);
    scene.raster("wide.tif", 100, &people);
    let [west, east] =
        [[20.0, 49.9, 20.03, 50.0], [20.03, 49.9, 20.1, 50.0]].map(|of| area("g", &[of]));
    scene.write("west.geojson", collection(&[west]).to_string());
    scene.write("east.geojson", collection(&[east]).to_string());
    let load = |ground: &str| {
        let row = scene.run(&format!(
            "assess --areas areas.geojson --population wide.tif,nodata_means=zero \
             --sites sites.geojson,class=school,covers={ground} -o -"
        ));
        let row = row.assessment();
        (row.number(0, "site_load_high"), row.number(0, "pop_high"))
    };
    let ((of_all, people), (of_west, _), (of_east, _)) =
        (load("all"), load("west.geojson"), load("east.geojson"));
    assert!((of_west - of_all).abs() < 0.01, "nobody lives beyond it: {of_west} {of_all}");
    let schools = 30.0 * 4e-4 * people;
    assert!((of_east - of_all - schools).abs() < 0.01, "{of_east} {of_all} {schools}");
}

#[test]
fn a_topic_and_a_part_of_the_score_are_unknown_where_no_layer_maps_them() {
    let scene = scene_of("hospital", &[INSIDE]);
    let group = "[population.groups]\nchildren = { share = 0.2, source = \"x\" }\n";
    scene.write("plan.toml", format!("{}{group}", crate::scene::PLAN));
    let none = assessed(&scene, "");
    for column in ["contrib_g", "contrib_s", "contrib_e", "topic_cpp", "topic_wps"] {
        assert_eq!(none.get(0, column), &Value::Null, "{column}");
    }
    assert_eq!(none.text(0, "profile").get(2..), Some(" G? S? E?"));
    let hospitals = assessed(&scene, "--sites sites.geojson,class=hospital,covers=all");
    assert_eq!(hospitals.get(0, "topic_cpp"), &Value::Null, "no layer of cultural property");
    assert!(hospitals.number(0, "topic_cac") > none.number(0, "topic_cac"));
    assert!(hospitals.text(0, "profile").contains(" G≥3 S≥"), "{}", hospitals.text(0, "profile"));
    let museums = assessed(&scene, "--sites sites.geojson,class=museum_library_archive,covers=all");
    assert!(museums.number(0, "topic_cpp") > 0.0);
    assert_eq!(museums.get(0, "contrib_g"), &Value::Null, "no class of place-bound people");
    assert_eq!(museums.get(0, "contrib_e"), &Value::Null, "no class that serves");
    assert!(museums.number(0, "contrib_s") > 0.0);
    // The parts that are known add up to the score.
    let part = |name: &str| museums.get(0, name).as_f64().unwrap_or(0.0);
    let sum: f64 = ["contrib_p", "contrib_g", "contrib_s", "contrib_e"].map(part).iter().sum();
    assert!((sum - museums.number(0, "score")).abs() < 1e-3, "{sum}");
    assert!(
        assessed(&scene, "--with options --sites sites.geojson,class=hospital -o o.geojson")
            .0
            .is_object()
    );
    let explained = scene.run("explain o.geojson A").out;
    assert!(explained.contains("no layer maps its sites here"), "{explained}");
    let options: Value = serde_json::from_slice(&scene.read("o.options.geojson")).unwrap();
    assert_eq!(options["features"][0]["properties"]["topic_cpp"], Value::Null);
}

#[test]
fn an_option_with_more_unmapped_ground_or_people_is_not_put_before_another() {
    // A tenth of each is not mapped: 1 of 10 columns of the small one, 6 of 60 of the large one.
    let grounds = [[20.0, 49.9, 20.09, 50.0], [20.16, 49.9, 21.0, 50.0]];
    let areas = [("Small", [20.0, 49.92, 20.1, 49.95]), ("Large", [20.1, 49.92, 20.7, 49.95])];
    let layers = layer("sites.geojson", "class = \"school\"\ncovers = \"ground.geojson\"\n");
    let people = |west: f32, east: f32| -> Vec<f32> {
        (0..1000).map(|cell| if cell % 100 < 10 { west } else { east }).collect()
    };
    let scene = |people: &[f32]| {
        let scene = options(people, &areas, &layers);
        let site = point([20.5, 49.93], &json!({"id": 1}));
        scene.write("sites.geojson", collection(&[site]).to_string());
        let grounds = grounds.map(|of| area("g", &[of]));
        scene.write("ground.geojson", collection(&grounds).to_string());
        scene
    };
    // The large one has hardly any people, and most of the ground on which nobody looked.
    let made = compared(&scene(&people(100.0, 1.0)));
    assert_eq!(made["options"][1]["less_known_than"], json!(["Small"]), "{made:#}");
    assert_eq!(made["pairs"][0]["verdict"], "withheld");
    // The small one has fewer people, ground and people on ground that is not mapped.
    let made = compared(&scene(&people(10.0, 10.0)));
    assert_eq!(made["options"][0]["less_known_than"], json!([]));
    assert_eq!(made["pairs"][0]["verdict"], "robust");
    // It has fewer people, and more of them where nobody looked.
    let crowded: Vec<f32> = (0..1000)
        .map(|cell| match cell % 100 {
            9 => 50.0,
            0..=8 => 0.0,
            10..=15 => 0.1,
            _ => 10.0,
        })
        .collect();
    let made = compared(&scene(&crowded));
    assert_eq!(made["options"][0]["less_known_than"], json!(["Large"]), "{made:#}");
}

#[test]
fn layers_that_lost_more_and_users_beyond_the_ground_make_an_option_less_known() {
    let areas = [("West", [20.0, 49.92, 20.1, 49.95]), ("East", [20.8, 49.92, 20.95, 49.95])];
    let layers = ["west", "east"].map(|of| {
        let ground = format!("class = \"school\"\ncovers = \"{of}.geojson\"\n");
        layer(&format!("{of}.csv"), &ground)
    });
    let scene = options(&[10.0; 1000], &areas, &layers.concat());
    let half = |of: [f64; 4]| collection(&[area("g", &[of])]).to_string();
    scene.write("west.geojson", half([20.0, 49.9, 20.5, 50.0]));
    scene.write("east.geojson", half([20.5, 49.9, 21.0, 50.0]));
    let table = |x: f64, lost: usize| {
        let row = |id: usize| {
            let place = if id < lost { "," } else { "49.93," };
            format!("{id},{x},{place}a\n")
        };
        format!("id,lon,lat,name\n{}", (0..20).map(row).collect::<Vec<_>>().concat())
    };
    scene.write("west.csv", table(20.3, 10));
    scene.write("east.csv", table(20.7, 2));
    let made = compared(&scene);
    assert_eq!(made["options"][0]["less_known_than"], json!(["East"]), "10 of 20 are lost, and 2");
    let said = made["pairs"][0]["text"].as_str().unwrap();
    assert!(said.ends_with("but a layer of sites near it lost more of its features"), "{said}");
    scene.write("west.csv", table(20.3, 2));
    assert_eq!(compared(&scene)["options"][0]["less_known_than"], json!([]), "both lost 2 of 20");
}

#[test]
fn no_option_has_the_least_or_dominates_by_a_number_that_may_be_larger() {
    let areas = [("Few", [20.0, 49.92, 20.05, 49.95]), ("Many", [20.2, 49.92, 20.5, 49.95])];
    let sites = [
        point([20.03, 49.93], &json!({"id": "1", "class": "school"})),
        point([20.3, 49.93], &json!({"id": "2", "class": "hospital"})),
        point([20.4, 49.93], &json!({"id": "3", "class": "hospital"})),
        point([20.31, 49.93], &json!({"id": "4", "class": "school"})),
        point([20.45, 49.94], &json!({"id": "5", "class": "school"})),
    ];
    let all = "covers = \"all\"\n";
    let scene = |layers: &str| {
        let scene = options(&[10.0; 1000], &areas, layers);
        scene.write("sites.geojson", collection(&sites).to_string());
        scene
    };
    let in_part = scene(&layer("sites.geojson", &format!("class_field = \"class\"\n{all}")));
    let made = compared(&in_part);
    assert_eq!(made["options"][1]["dominated_by"], json!([]), "{made:#}");
    let least: Vec<&str> = made["options"][0]["at_least"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert!(least.contains(&"sites_t2") && least.contains(&"site_load"), "{least:?}");
    let text = in_part.run("compare plan.toml").out;
    let has_star = |line: &str| line.contains("* ");
    for line in text.lines().take_while(|line| !line.starts_with("*  the least")) {
        assert!(!(has_star(line) && line.contains("* ≥")), "{line}");
    }
    assert!(text.lines().any(|line| line.starts_with("people") && has_star(line)), "{text}");
    assert!(text.contains("no option can be told to be the better one in every burden"), "{text}");
    // Where every class is mapped it dominates.
    let in_all = scene(&layer("sites.geojson", &format!("{}{all}", of_every_class())));
    let made = compared(&in_all);
    let by = json!([{"option": "Few", "under_every_source": true}]);
    assert_eq!(made["options"][1]["dominated_by"], by, "{made:#}");
    assert_eq!(made["options"][0]["at_least"], json!([]));
    let text = in_all.run("compare plan.toml").out;
    assert!(text.lines().any(|line| line.starts_with("sites t1") && has_star(line)), "{text}");
}

#[test]
fn a_layer_that_counts_for_nothing_ends_every_command_with_1() {
    let bench = point(INSIDE, &json!({"id": 1, "amenity": "bench"}));
    let swapped = [[49.93, 20.03], [49.94, 20.04]].map(|at| point(at, &json!({"id": 1})));
    let areas = [("A", USUAL), ("B", [20.06, 49.92, 20.09, 49.95])];
    for (features, settings) in
        [(&[bench][..], "classify = \"osm\"\n"), (&swapped[..], "class = \"hospital\"\n")]
    {
        let scene = options(&[10.0; 1000], &areas, &layer("sites.geojson", settings));
        scene.write("sites.geojson", collection(features).to_string());
        for args in [
            "check plan.toml",
            "assess plan.toml",
            "assess plan.toml -o a.geojson",
            "compare plan.toml",
            "compare a.geojson",
            "report a.geojson -o a.html",
        ] {
            for quiet in ["", "--quiet"] {
                let overwrite = if args.contains(" -o ") { " --overwrite" } else { "" };
                let ran = scene.run(&format!("{args}{overwrite} {quiet}"));
                assert_eq!(ran.code, 1, "{args}{quiet}: {}{}", ran.out, ran.err);
            }
        }
    }
}

#[test]
fn what_somebody_wrote_in_a_class_column_is_not_handed_on() {
    let scene = Scene::usual();
    let schools: Vec<String> = (0..20).map(|id| format!("{id},20.03,49.93,school\n")).collect();
    let schools = schools.concat();
    let free = "20,20.03,49.93,Maria K. born 1980\n21,20.03,49.93,Ali\n22,20.03,49.93,zebra\n23,20.03,49.93,zebra\n24,20.03,49.93,scholl\n";
    scene.write("sites.csv", format!("id,lon,lat,kind\n{schools}{free}"));
    let ran = scene.run(
        "assess plan.toml --sites sites.csv,class_field=kind,covers=all -o a.geojson --log-format json",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written = String::from_utf8(scene.read("a.geojson")).unwrap();
    assert_eq!(scene.run("report a.geojson -o a.html").code, 0);
    let page = String::from_utf8(scene.read("a.html")).unwrap();
    for text in [&ran.err, &written, &page] {
        assert!(!text.contains("Maria") && !text.contains("Ali\\"), "{text}");
    }
    let made: Value = serde_json::from_str(&written).unwrap();
    let inputs = made["civex"]["inputs"].as_array().unwrap();
    let lost = &inputs.iter().find(|input| input["role"] == "sites").unwrap()["lost"];
    assert_eq!(lost["other values in column \"kind\" are no class"], 2, "{lost}");
    assert_eq!(lost["\"zebra\" in column \"kind\" is no class"], 2, "{lost}");
    assert_eq!(
        lost["\"scholl\" in column \"kind\" is no class, did you mean `school`?"], 1,
        "{lost}"
    );
}

#[test]
fn an_area_that_is_not_there_is_answered_with_the_nearest() {
    let scene = Scene::usual();
    let names = ["Húsavík", "Old town", "Keflavík", "Reykjavík", "Vík í Mýrdal", "O'Hara's farm"];
    let one = |(id, name): (usize, &&str)| {
        feature(&polygon(&[USUAL]), &json!({"id": format!("a{id}"), "name": name, "coa": "North"}))
    };
    let areas: Vec<Value> = names.iter().enumerate().map(one).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    assert_eq!(scene.run("assess plan.toml -o a.geojson").code, 0);
    let explain = |name: &str| {
        let mut command = scene.command("explain a.geojson");
        let output = command.arg(name).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    for name in ["husavik", "HÚSAVÍK", " Old Town "] {
        assert_eq!(explain(name).0, Some(0), "{name}: {}", explain(name).2);
    }
    for (name, near) in [
        ("Husvaik", "Húsavík"),
        ("town", "Old town"),
        ("Keflavic", "Keflavík"),
        ("OHaras farm", "O'Hara's farm"),
    ] {
        let (code, _, err) = explain(name);
        assert_eq!(code, Some(2), "{err}");
        let hint = err.lines().find(|line| line.starts_with("hint: ")).unwrap();
        assert!(hint.contains(near) && hint.contains("did you mean"), "{hint}");
        assert!(hint.matches(" (\"").count() <= 3 && hint.contains(" more area"), "{hint}");
        // What it proposes works.
        let key = hint.split("`civex explain a.geojson ").nth(1).unwrap().trim_end_matches('`');
        assert_eq!(explain(key.trim_matches('\'')).0, Some(0), "{hint}");
    }
    let (_, _, err) = explain("zzz");
    assert!(
        err.contains("hint: it has North/a0 (\"Húsavík\")") && err.contains("and 3 more areas"),
        "{err}"
    );
}

/// Columns of sites and of what follows from them, by the start of their names.
const OF_SITES: [&str; 9] = [
    "vulnerable_",
    "sites_",
    "site_load_",
    "dependants_",
    "ring_500m_sites_",
    "contrib_g",
    "contrib_s",
    "contrib_e",
    "topic_",
];

/// Columns that are known where hospitals alone are mapped.
const OF_HOSPITALS: [&str; 13] = [
    "vulnerable_low",
    "vulnerable_best",
    "vulnerable_high",
    "sites_t1",
    "ring_500m_sites_t1",
    "site_load_low",
    "site_load_best",
    "site_load_high",
    "sites_hospital",
    "dependants_health",
    "dependants_outside",
    "contrib_s",
    "contrib_g",
];

/// The values of the first row of a file, by column, as texts; none for what is null.
fn first_row(scene: &Scene, name: &str) -> Vec<(String, Option<String>)> {
    use gdal::vector::LayerAccess;
    let text = |text: String| (!text.is_empty()).then_some(text);
    let ending = name.rsplit('.').next();
    if ending == Some("csv") {
        let bytes = scene.read(name);
        let mut rows = csv::Reader::from_reader(&bytes[..]);
        let heads = rows.headers().unwrap().clone();
        let row = rows.records().next().unwrap().unwrap();
        let cells = heads.iter().zip(&row);
        return cells.map(|(head, cell)| (head.into(), text(cell.into()))).collect();
    }
    if ending == Some("geojsonl") {
        let line = String::from_utf8(scene.read(name)).unwrap();
        let row: Value = serde_json::from_str(line.lines().next().unwrap()).unwrap();
        let cells = row["properties"].as_object().unwrap().iter();
        let cells =
            cells.map(|(head, cell)| (head.clone(), (!cell.is_null()).then(|| cell.to_string())));
        return cells.collect();
    }
    let opened = gdal::Dataset::open(scene.path(name)).unwrap();
    let mut layer = opened.layer(0).unwrap();
    let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let feature = layer.features().next().unwrap();
    let cell = |(place, name): (usize, String)| {
        (name, feature.field_as_string(place).unwrap().and_then(text))
    };
    names.into_iter().enumerate().map(cell).collect()
}

/// Checks the columns of every format: those of sites are null but for the known ones.
fn check_columns(scene: &Scene, known: &[&str]) {
    let files =
        ["o.geojsonl", "o.csv", "o.gpkg", "o.fgb", "o.kml", "o.geojson", "o.options.geojson"];
    let parquet = if cfg!(feature = "parquet") { " -o o.parquet" } else { "" };
    let outputs = "-o o.geojson -o o.geojsonl -o o.csv -o o.gpkg -o o.fgb -o o.kml";
    let ran = scene.run(&format!("assess plan.toml --with options {outputs}{parquet} --quiet"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    for file in files {
        let row = first_row(scene, file);
        let is_of_sites = |name: &str| OF_SITES.iter().any(|of| name.starts_with(of));
        let is_unknown = |name: &str| {
            // Some class of hospitals' service is mapped; the topic of all is the score.
            let is_known = known.contains(&name) || (!known.is_empty() && name == "contrib_e");
            is_of_sites(name) && !is_known && name != "topic_poc"
        };
        let unknown: Vec<_> = row.iter().filter(|(name, _)| is_unknown(name)).collect();
        assert!(unknown.iter().all(|(_, value)| value.is_none()), "{file}: {unknown:?}");
        // KML leaves out what is null.
        assert!(unknown.len() > 5 || file == "o.kml", "{file}: {row:?}");
    }
}

/// Checks the texts for people: an area in which nothing was found is unknown where nobody looked, and has a lower bound
/// where somebody did in part.
fn check_texts(scene: &Scene, is_any_mapped: bool) {
    let table = scene.run("assess plan.toml").out;
    let row = table.lines().find(|line| line.starts_with("A ")).unwrap();
    let explained = scene.run("explain o.geojson A").out;
    let text = scene.run("compare o.geojson").out;
    let markdown = scene.run("compare o.geojson --format markdown").out;
    assert_eq!(scene.run("report o.geojson -o o.html").code, 0);
    let page = String::from_utf8(scene.read("o.html")).unwrap();
    let card = page.lines().find(|line| line.contains("\"card\":")).unwrap().to_string();
    let balloon = String::from_utf8(scene.read("o.kml")).unwrap();
    let parts = if is_any_mapped {
        "vulnerable ≥ 0.0, sites ≥ 0.0, services ≥ 0.0"
    } else {
        "vulnerable –, sites –, services –"
    };
    for told in [&text, &markdown] {
        assert!(told.contains(parts), "{told}");
    }
    assert!(card.contains(&parts.replace(", ", " · ")), "{card}");
    for told in [&table, &explained, &text, &card, &balloon] {
        assert!(told.contains("≥ low"), "{told}");
    }
    let cells: Vec<&str> = row.split("  ").map(str::trim).collect();
    let least = cells.iter().filter(|cell| **cell == "≥ 0").count();
    assert!(!cells.contains(&"0") && least == if is_any_mapped { 3 } else { 0 }, "{row}");
    for dimension in ["vulnerable people in sites", "site load", "dependants"] {
        let mut lines = explained.lines().filter(|line| line.trim().starts_with(dimension));
        let mark = if is_any_mapped { "≥ 0" } else { "–" };
        for line in [lines.next().unwrap(), lines.next().unwrap()] {
            assert!(line.contains(mark), "{line}");
        }
    }
}

/// Options of which a layer maps nothing, and of which one maps hospitals alone, in every output: nothing that nobody
/// looked for is 0, and what may be more is told as such.
#[test]
fn nothing_that_nobody_looked_for_is_zero_in_any_output() {
    let areas = [("A", USUAL), ("B", [20.2, 49.92, 20.3, 49.95])];
    let hospitals = layer("sites.geojson", "class = \"hospital\"\ncovers = \"all\"\n");
    for (layers, known) in [("", &[][..]), (&hospitals[..], &OF_HOSPITALS[..])] {
        let scene = options(&[10.0; 1000], &areas, layers);
        let plan = String::from_utf8(scene.read("plan.toml")).unwrap();
        scene.write("plan.toml", plan.replace("[areas]\n", "[areas]\nrings_m = [500]\n"));
        let site = point([20.25, 49.93], &json!({"id": 1}));
        scene.write("sites.geojson", collection(&[site]).to_string());
        check_columns(&scene, known);
        check_texts(&scene, !known.is_empty());
        let made = scene.run("compare o.geojson --format json").out;
        let made: Value = serde_json::from_str(&made).unwrap();
        let option = &made["options"][0];
        for (name, value) in option["criteria"].as_object().unwrap() {
            let is_of_sites = OF_SITES.iter().any(|of| name.starts_with(of));
            let is_known = !is_of_sites || known.contains(&name.as_str());
            assert!(value.is_null() || is_known, "{name}: {value}");
        }
        let least = option["at_least"].to_string();
        assert!(least.contains("\"score\""), "{least}");
        assert_eq!(least.contains("\"sites_t1\""), !known.is_empty(), "{least}");
    }
}
