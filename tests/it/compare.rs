//! Courses of action: areas taken together, side by side, and what lowers what they expose; through the program.

use crate::scene::{PLAN, Ran, Scene, collection, feature, of_every_class, point, polygon};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An area of a course of action and a phase.
fn of(id: &str, coa: Option<&str>, phase: Option<&str>, bounds: [f64; 4]) -> Value {
    feature(&polygon(&[bounds]), &json!({"id": id, "coa": coa, "phase": phase}))
}

/// The same from an hour to another of one day.
fn timed(mut area: Value, start: &str, end: &str) -> Value {
    area["properties"]["start"] = json!(format!("2026-12-01T{start}Z"));
    area["properties"]["end"] = json!(format!("2026-12-01T{end}Z"));
    area
}

/// A hundred cells of ten people; A has two areas that overlap and B one far from them.
/// A layer that lists all sites there are.
const SITES: &str = "[[sites]]\npath = \"sites.geojson\"\ncovers = \"all\"\n";

/// The same of a layer that maps every class.
fn all_sites() -> String {
    format!("{SITES}{}", of_every_class())
}

fn scene() -> Scene {
    let scene = Scene::usual();
    let areas = [
        of("1", Some("A"), Some("p"), [20.0, 49.95, 20.03, 50.0]),
        of("2", Some("A"), Some("q"), [20.02, 49.95, 20.05, 50.0]),
        of("1", Some("B"), Some("p"), [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let sites = [
        point([20.025, 49.96], &json!({"id": "S", "class": "school", "confidence": 0.95})),
        point([20.075, 49.9295], &json!({"id": "H", "class": "hospital", "confidence": 0.6})),
        point([20.08, 49.91], &json!({"id": "W", "class": "safe_house", "confidence": 0.95})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("plan.toml", format!("{PLAN}{SITES}"));
    scene
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// The roll-ups of a scenario, by their ids.
fn options(scene: &Scene, plan: &str) -> Vec<(String, Value)> {
    done(scene.run(&format!("assess {plan} -o out.geojson --with options --quiet")));
    let layer: Value = serde_json::from_slice(&scene.read("out.options.geojson")).unwrap();
    let rows = layer["features"].as_array().unwrap().iter();
    let rows = rows.map(|row| {
        let properties = row["properties"].clone();
        (properties["area_id"].as_str().unwrap().to_string(), properties)
    });
    rows.collect()
}

/// The roll-up of an id.
fn option<'o>(options: &'o [(String, Value)], id: &str) -> &'o Value {
    let found = options.iter().find(|(own, _)| own == id);
    &found.unwrap_or_else(|| panic!("no option {id}")).1
}

fn compared(scene: &Scene, args: &str) -> Value {
    let ran = done(scene.run(&format!("compare {args} --format json --quiet")));
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn areas_of_an_option_count_each_person_and_site_once() {
    let scene = scene();
    let options = options(&scene, "plan.toml");
    let ids: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(ids, ["A/p", "A/q", "A", "B/p", "B"], "phases first, in input order");
    let get = |id: &str, column: &str| option(&options, id)[column].clone();
    assert_eq!((get("A/p", "level"), get("A", "level")), (json!("phase"), json!("coa")));
    assert_eq!((get("A/p", "pop_best"), get("A/q", "pop_best")), (json!(150.0), json!(150.0)));
    assert_eq!(get("A", "pop_best"), json!(250.0), "the strip of 50 people once");
    assert_eq!((get("A/p", "sites_school"), get("A", "sites_school")), (json!(1), json!(1)));
    assert_eq!((get("A", "areas"), get("A", "areas_left_out")), (json!(2), json!(0)));
    assert_eq!(get("A", "phase"), Value::Null);
    for phase in ["A/p", "A/q"] {
        assert!(get("A", "score").as_f64() >= get(phase, "score").as_f64());
    }
    assert_eq!(get("B", "score"), get("B/p", "score"), "of one phase alone");
}

#[test]
fn the_layer_of_options_is_an_assessment_by_its_schema() {
    let scene = scene();
    options(&scene, "plan.toml");
    let ran = scene.run("compare out.options.geojson");
    assert!(ran.said().contains("a layer of phases and courses of action"), "{}", ran.err);
    let layer: Value = serde_json::from_slice(&scene.read("out.options.geojson")).unwrap();
    let schema = done(scene.run("schema assessment")).out;
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(&layer).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(layer["civex"]["inputs"].as_array().unwrap().len(), 4);
}

#[test]
fn a_phase_has_the_hours_of_all_of_its_areas_and_an_option_the_largest_of_each() {
    let scene = scene();
    let areas = [
        timed(of("1", Some("A"), Some("day"), [20.0, 49.95, 20.03, 50.0]), "08:00:00", "12:00:00"),
        timed(of("2", Some("A"), Some("day"), [20.02, 49.95, 20.05, 50.0]), "10:00:00", "14:00:00"),
        timed(
            of("3", Some("A"), Some("night"), [20.0, 49.9, 20.05, 49.95]),
            "19:00:00",
            "23:00:00",
        ),
        of("1", Some("B"), None, [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    scene.raster("night.tif", 10, &[30.0_f32; 100]);
    let plan = "[scenario]\ntimezone = \"UTC\"\n[areas]\npath = \"areas.geojson\"\n\
        [[population]]\nname = \"c\"\npath = \"pop.tif\"\nnodata_means = \"zero\"\ntime = \"day\"\n\
        [[population]]\nname = \"c\"\npath = \"night.tif\"\nnodata_means = \"zero\"\ntime = \"night\"\n\
        [[sites]]\npath = \"sites.geojson\"\nin_raster = \"yes\"\n";
    scene.write("plan.toml", plan);
    let options = options(&scene, "plan.toml");
    let get = |id: &str, column: &str| option(&options, id)[column].clone();
    assert_eq!(get("A/day", "start"), "2026-12-01T08:00:00Z");
    assert_eq!(get("A/day", "end"), "2026-12-01T14:00:00Z");
    assert_eq!(
        (get("A/day", "pop_best"), get("A/night", "pop_best")),
        (json!(250.0), json!(750.0))
    );
    assert_eq!(get("A/day", "person_days"), json!(62.5), "six hours, not eight");
    assert_eq!(get("A/night", "person_days"), json!(125.0));
    // By day half as many live in twice the ground; the school is full by day alone.
    assert_eq!(get("A", "pop_best"), json!(1500.0), "all of its ground by night");
    assert_eq!(
        (get("A/night", "vulnerable_best"), get("A", "vulnerable_best")),
        (json!(0.0), json!(300.0))
    );
    assert_eq!(get("A", "person_days"), json!(187.5));
    assert_eq!(get("B", "person_days"), Value::Null);
}

#[test]
fn without_any_course_of_action_all_areas_are_one() {
    let scene = scene();
    let areas = [
        of("1", None, None, [20.0, 49.95, 20.03, 50.0]),
        of("2", None, None, [20.02, 49.95, 20.05, 50.0]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let options = options(&scene, "plan.toml");
    assert_eq!(options.len(), 1);
    assert_eq!(option(&options, "all areas")["pop_best"], json!(250.0));
}

#[test]
fn buffers_lines_projected_areas_and_those_at_180_degrees_are_taken_together() {
    let scene = scene();
    let line = |id: &str, at: f64| {
        let line = json!({"type": "LineString", "coordinates": [[20.01, at], [20.09, at]]});
        feature(&line, &json!({"id": id, "coa": "A"}))
    };
    scene.write("areas.geojson", collection(&[line("1", 49.95), line("2", 49.951)]).to_string());
    let run = |path: &str| {
        let args =
            format!("assess --areas {path} --population pop.tif,nodata_means=zero -o out.geojson");
        // Areas that lie beyond the raster are a problem, and written.
        let ran = scene.run(&format!("{args} --with options --quiet"));
        assert!(ran.code <= 1, "{}", ran.err);
        let layer: Value = serde_json::from_slice(&scene.read("out.options.geojson")).unwrap();
        let rows: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
        (rows, layer["features"].as_array().unwrap().last().unwrap()["properties"].clone())
    };
    let (rows, option) = run("areas.geojson,buffer_m=300");
    let of = |value: &Value| value["pop_best"].as_f64().unwrap();
    let row = |place: usize| of(&rows["features"][place]["properties"]);
    let both = of(&option);
    assert!(both > row(0).max(row(1)) && both < row(0) + row(1), "{both}");
    assert!(option["flags"].as_str().unwrap().contains("buffered"));
    // Two squares of UTM that share a half.
    let square = |west: u32| {
        let (east, south, north) = (west + 1000, 5_530_000, 5_531_000);
        format!(
            "POLYGON(({west} {south},{east} {south},{east} {north},{west} {north},{west} {south}))"
        )
    };
    let (one, two) = (square(430_000), square(430_500));
    scene.layer("utm.gpkg", "GPKG", Some(32634), &[&one, &two]);
    let (rows, option) = run("utm.gpkg");
    let km2 = |value: &Value| value["area_km2"].as_f64().unwrap();
    assert!((km2(&option) / km2(&rows["features"][0]["properties"]) - 1.5).abs() < 1e-4);
    let box_of = |id: &str, west: f64, east: f64| of_box(id, [west, 49.0, east, 50.0]);
    let turned = [box_of("1", 179.0, 181.0), box_of("2", -180.0, -178.0)];
    scene.write("turned.geojson", collection(&turned).to_string());
    let (rows, option) = run("turned.geojson");
    let sum = km2(&rows["features"][0]["properties"]) * 1.5;
    assert!((km2(&option) / sum - 1.0).abs() < 1e-6, "the degree east of 180 once");
}

fn of_box(id: &str, bounds: [f64; 4]) -> Value {
    of(id, Some("A"), None, bounds)
}

#[test]
fn areas_that_cannot_be_taken_together_are_told() {
    let scene = scene();
    let tie = json!({"type": "Point", "coordinates": [20.0, 50.0]});
    let areas = [
        of("1", Some("A"), None, [20.0, 49.95, 20.03, 50.0]),
        feature(&tie, &json!({"id": "2", "coa": "A"})),
        of("3", None, None, [20.02, 49.95, 20.05, 50.0]),
        of("1", Some("A"), None, [20.0, 49.95, 20.03, 50.0]),
        of("1", Some("B"), None, [20.07, 49.9, 20.1, 49.93]),
        feature(&tie, &json!({"id": "1", "coa": "C"})),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran = scene.run("assess plan.toml -o out.geojson --with options");
    assert_eq!(ran.code, 1, "an area without a polygon");
    for wanted in [
        "notice: area \"3\": it has no course of action (`coa`), so it belongs to none of the options",
        "notice: area \"A/2\": it has no usable polygon, so what \"A\" exposes is counted without it",
        "notice: area \"C/1\": it has no usable polygon",
    ] {
        assert_eq!(ran.err.matches(wanted).count(), 1, "{wanted} in\n{}", ran.err);
    }
    let layer: Value = serde_json::from_slice(&scene.read("out.options.geojson")).unwrap();
    let rows = layer["features"].as_array().unwrap();
    assert_eq!(rows[0]["properties"]["pop_best"], json!(150.0), "the same area twice is once");
    assert_eq!(rows[0]["properties"]["areas"], json!(3));
    assert_eq!(rows[2]["properties"]["status"], "no_geometry");
    assert_eq!(rows[2]["properties"]["pop_best"], Value::Null);
    let compared = scene.run("compare plan.toml");
    assert_eq!(compared.code, 1);
    assert!(compared.out.contains("\"C\" is not ranked: its areas have no usable polygon"));
    assert!(
        compared.out.contains("\"A\" is counted without area \"A/2\", which has no usable polygon")
    );
    assert!(compared.out.contains(
        "an option in which people or sites may be missing is not ranked before another"
    ));
}

#[test]
fn criteria_come_before_totals_and_verdicts_are_words() {
    let scene = scene();
    let text = done(scene.run("compare plan.toml")).out;
    let place = |what: &str| text.find(what).unwrap_or_else(|| panic!("no {what} in\n{text}"));
    let order = ["people", "vulnerable", "sites t1", "dependants", "score", "fewest in draws"];
    assert!(order.map(place).is_sorted(), "{text}");
    let headings = ["Which exposes fewest", "Why", "How sure", "What would lower it"];
    assert!(headings.map(place).is_sorted());
    let made = compared(&scene, "plan.toml");
    assert_eq!(made["options"][0]["criteria"]["pop_best"], json!(250.0));
    assert_eq!(made["options"][1]["criteria"]["pop_best"], json!(90.0));
    let share = made["pairs"][0]["share_of_draws"].as_f64().unwrap();
    let word = match share {
        robust if robust >= 0.95 => "robust",
        likely if likely >= 0.80 => "likely",
        leaning if leaning >= 0.65 => "leaning",
        _ => "indistinguishable",
    };
    assert_eq!(made["pairs"][0]["verdict"], word);
    for option in made["options"].as_array().unwrap() {
        let ranks = option["share_of_draws_by_rank"].as_array().unwrap();
        let sum: f64 = ranks.iter().map(|share| share.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-5);
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let scene = scene();
    let run = |more: &str| done(scene.run(&format!("compare plan.toml --format json {more}"))).out;
    let first = run("--threads 1");
    assert_eq!(run("--threads 2"), first);
    assert_eq!(run("--threads 7 --no-cache"), first);
    assert_ne!(run("--seed 2"), first);
    assert_ne!(run("--draws 500"), first);
}

#[test]
fn a_comparison_of_an_assessment_is_that_of_its_scenario() {
    let scene = scene();
    done(scene.run("assess plan.toml -o out/a.geojson"));
    done(scene.run("assess plan.toml -o out/a.json"));
    for format in ["text", "markdown", "csv"] {
        let run = |what: &str| done(scene.run(&format!("compare {what} --format {format}"))).out;
        let of_scenario = run("plan.toml");
        assert_eq!(run("out/a.geojson --inputs ."), of_scenario, "{format}");
        assert_eq!(run("out/a.json --inputs ."), of_scenario, "{format}");
    }
    let files = "-o c.txt -o c.md -o c.csv -o c.json";
    let ran = done(scene.run(&format!("compare out/a.geojson --inputs . {files}")));
    assert_eq!(ran.out, "");
    let of_file = String::from_utf8(scene.read("c.txt")).unwrap();
    assert_eq!(of_file, done(scene.run("compare plan.toml")).out);
    let of_file: Value = serde_json::from_slice(&scene.read("c.json")).unwrap();
    assert_eq!(of_file["civex"]["inputs"][0]["relative_path"], "areas.geojson");
}

#[test]
fn inputs_that_moved_or_changed_are_refused_or_found() {
    let scene = scene();
    done(scene.run("assess plan.toml -o a.geojson"));
    let refused = |args: &str| {
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        ran.said().to_string()
    };
    std::fs::create_dir(scene.path("moved")).unwrap();
    std::fs::rename(scene.path("pop.tif"), scene.path("moved/pop.tif")).unwrap();
    assert_eq!(refused("compare a.geojson"), "error: a.geojson: its input \"pop.tif\" is missing");
    for name in ["areas.geojson", "sites.geojson"] {
        std::fs::copy(scene.path(name), scene.path("moved").join(name)).unwrap();
    }
    done(scene.run("compare a.geojson --inputs moved"));
    scene.raster("pop.tif", 10, &[11.0_f32; 100]);
    let changed = "error: a.geojson: its input \"pop.tif\" has changed since (SHA-256)";
    assert_eq!(refused("compare a.geojson"), changed);
    assert_eq!(
        refused("compare a.geojson --inputs moved --population pop.tif"),
        "error: a.geojson: an assessment has its layers and settings, wanted none beside it"
    );
}

#[test]
fn what_cannot_be_compared_is_refused_with_a_way_out() {
    let scene = scene();
    let said = |areas: &[Value]| {
        scene.write("areas.geojson", collection(areas).to_string());
        let ran = scene.run("compare plan.toml");
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        let error = ran.err.lines().find_map(|line| line.strip_prefix("error: areas.geojson: "));
        assert!(ran.err.contains("\nhint: "), "{}", ran.err);
        error.unwrap_or_default().to_string()
    };
    let [one, two] = [[20.0, 49.95, 20.03, 50.0], [20.02, 49.95, 20.05, 50.0]];
    assert_eq!(
        said(&[of("1", Some("A"), None, one), of("2", Some("A"), None, two)]),
        "one course of action alone, \"A\", wanted two at least"
    );
    assert_eq!(
        said(&[of("1", None, None, one)]),
        "no area tells its course of action, wanted a property `coa` with two values at least"
    );
    let plan = PLAN.replace("\n\n[[pop", "\noverlap = \"per-area\"\n\n[[pop");
    scene.write("alone.toml", plan);
    for run in ["compare alone.toml", "assess alone.toml -o x.geojson --with options"] {
        let ran = scene.run(run);
        assert_eq!(ran.code, 2);
        assert!(
            ran.said().contains("`overlap = \"per-area\"` counts areas for themselves"),
            "{}",
            ran.err
        );
    }
    let ran = scene.run("compare plan.toml -o x.html");
    assert!(
        ran.said().starts_with("error: x.html: not written: no ending of a format"),
        "{}",
        ran.err
    );
    let ran = scene.run("compare plan.toml -o plan.toml.csv -o plan.toml.csv");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_phase_that_ends_before_it_starts_is_a_problem_of_its_area() {
    let scene = scene();
    let areas = [
        timed(of("1", Some("A"), Some("p"), [20.0, 49.95, 20.03, 50.0]), "12:00:00", "08:00:00"),
        of("1", Some("B"), Some("p"), [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran = scene.run("compare plan.toml");
    assert!(ran.err.contains("area \"1\" (feature 1): it ends before it starts"), "{}", ran.err);
    assert_eq!(ran.code, 0, "it is counted without hours");
    assert!(ran.out.contains("Which exposes fewest"));
    assert!(
        ran.out
            .contains("areas whose hours cannot be told, taken to be used by day: area \"A/p/1\"")
    );
    let made = compared(&scene, "plan.toml");
    assert_eq!(made["areas_without_hours"], json!(["A/p/1"]));
    let ran = scene.run("check plan.toml");
    assert_eq!(ran.code, 1);
    assert!(ran.out.contains("it ends before it starts"), "{}", ran.out);
}

#[test]
fn options_that_are_not_known_alike_are_not_ranked_as_if_they_were() {
    let scene = scene();
    // Half of B, and most of C, lie beyond the raster.
    let areas = [
        of("1", Some("A"), None, [20.0, 49.9, 20.1, 50.0]),
        of("1", Some("B"), None, [20.0, 49.99, 20.02, 50.001]),
        of("1", Some("C"), None, [20.09, 49.9, 20.19, 49.93]),
        of("1", Some("D"), None, [30.0, 49.9, 30.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let made = compared(&scene, "plan.toml");
    let option = |place: usize| made["options"][place].clone();
    assert_eq!(option(1)["status"], "data_gap");
    assert_eq!(option(1)["less_known_than"], json!(["A"]));
    assert_eq!(made["pairs"].as_array().unwrap().len(), 1, "C and D are in none");
    let pair = &made["pairs"][0];
    assert_eq!((pair["fewer"].clone(), pair["verdict"].clone()), (json!("B"), json!("withheld")));
    assert_eq!(option(0)["dominated_by"], json!([]), "B may have more than is counted");
    for (place, why) in [(2, "90.0 % of its surface"), (3, "nobody knows how many")] {
        assert_eq!(option(place)["rank"], Value::Null);
        assert_eq!(option(place)["share_of_draws_by_rank"], json!([]));
        assert!(option(place)["not_ranked"].as_str().unwrap().starts_with(why));
    }
    let text = done(scene.run("compare plan.toml --quiet")).out;
    for wanted in [
        "But not all of \"B\" is known: more people may be there than are counted, so it is not put before \"A\".",
        "an option in which people or sites may be missing is not ranked before another; its rank by score is by what was counted",
        "\"C\" is not ranked: 90.0 % of its surface has no population data, too much to tell",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
}

#[test]
fn without_a_layer_of_sites_people_alone_are_compared_and_that_is_said() {
    let scene = scene();
    scene.write("people.toml", PLAN);
    let made = compared(&scene, "people.toml");
    let said = made["verdict"].as_str().unwrap();
    assert!(
        said.ends_with("By people alone: no layer of civilian sites covers these areas."),
        "{said}"
    );
    let text = done(scene.run("compare people.toml --quiet")).out;
    for wanted in [
        "\"A\" exposes no fewer than \"B\" in people, the one burden that is known, under every",
        "no layer of civilian sites covers these areas: nobody knows who is in vulnerable situations",
    ] {
        assert!(text.contains(wanted), "{wanted} in\n{text}");
    }
    assert!(!text.contains("which sites are there and who depends on them, the same"), "{text}");
}

#[test]
fn an_option_beyond_all_sites_of_the_layers_is_named() {
    let scene = scene();
    let line = "\"B\" reaches beyond the mapped ground of school";
    let told = |scene: &Scene| compared(scene, "plan.toml")["not_known_alike"].to_string();
    assert!(!told(&scene).contains("reaches beyond"), "{}", told(&scene));
    let sites = [20.01, 20.04]
        .map(|lon| point([lon, 49.97], &json!({"class": "school", "confidence": 0.95})));
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    assert!(told(&scene).contains(&line.replace('"', "\\\"")), "{}", told(&scene));
}

#[test]
fn areas_of_no_option_and_options_of_nearly_one_name_are_named() {
    let scene = scene();
    let areas = [
        of("1", Some("A"), None, [20.0, 49.95, 20.03, 50.0]),
        of("2", Some(" a"), None, [20.05, 49.95, 20.06, 50.0]),
        of("3", None, Some("p"), [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let made = compared(&scene, "plan.toml");
    assert_eq!(made["areas_of_no_option"], json!(["p/3"]));
    let said = made["not_known_alike"].to_string();
    for wanted in [
        "areas without an option (`coa`), in which nobody is counted: area \\\"p/3\\\"",
        "differ by capitals or blanks alone, and are taken as two options",
    ] {
        assert!(said.contains(wanted), "{wanted} in\n{said}");
    }
}

#[test]
fn where_nothing_can_be_ranked_nothing_is_said_of_an_order() {
    let scene = scene();
    let areas = [
        of("1", Some("A"), None, [30.0, 49.95, 30.03, 50.0]),
        of("1", Some("B"), None, [31.0, 49.9, 31.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let text = scene.run("compare plan.toml --quiet").out;
    assert!(text.contains("No option can be ranked."), "{text}");
    assert!(
        !text.contains("draws")
            && !text.contains("the order is")
            && !text.contains("the better one"),
        "{text}"
    );
    assert!(
        text.contains("how many people are in the part of the area without data, 100.0 %"),
        "{text}"
    );
}

#[test]
fn an_option_with_areas_that_could_not_be_counted_is_put_before_nobody() {
    let scene = scene();
    scene.write("plan.toml", format!("{PLAN}{}", all_sites()));
    let without = |id: &str, coa: &str| {
        let mut area = of(id, Some(coa), None, [20.0, 49.9, 20.01, 49.91]);
        area["geometry"] = Value::Null;
        area
    };
    let areas = [
        of("1", Some("A"), None, [20.0, 49.95, 20.05, 50.0]),
        without("2", "A"),
        without("3", "A"),
        of("1", Some("B"), None, [20.06, 49.95, 20.07, 49.96]),
        without("2", "B"),
        of("1", Some("C"), None, [20.0, 49.9, 20.1, 50.0]),
        without("2", "C"),
        of("1", Some("D"), None, [20.08, 49.95, 20.1, 49.98]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    // Rows without a polygon are problems.
    let ran = scene.run("compare plan.toml --format json --quiet");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let made: Value = serde_json::from_str(&ran.out).unwrap();
    let verdicts: Vec<String> = made["pairs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pair| {
            let word = |key: &str| pair[key].as_str().unwrap().to_string();
            format!("{}<{} {}", word("fewer"), word("more"), word("verdict"))
        })
        .collect();
    // B lacks fewer areas than A, and they may hold anybody.
    let wanted = [
        "B<A withheld",
        "A<C withheld",
        "D<A robust",
        "B<C withheld",
        "B<D withheld",
        "D<C robust",
    ];
    assert_eq!(verdicts, wanted);
    let by = |place: usize| made["options"][place]["dominated_by"].clone();
    assert!(
        by(0).to_string().contains("\"D\"") && !by(0).to_string().contains("\"B\""),
        "{}",
        by(0)
    );
    let text = scene.run("compare plan.toml --quiet").out;
    let people = text.lines().find(|line| line.starts_with("people")).unwrap();
    assert!(!people.contains('*'), "B has the least by what is known alone: {people}");
}

#[test]
fn a_little_that_nobody_counted_is_said_with_the_verdict() {
    let scene = scene();
    let areas = [
        of("1", Some("A"), None, [20.0, 49.9, 20.1, 50.0]),
        of("1", Some("B"), None, [20.0, 49.99, 20.02, 50.0003]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let made = compared(&scene, "plan.toml");
    assert_eq!(made["options"][1]["status"], "ok");
    let said = made["pairs"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("\"B\" robustly exposes fewer than \"A\""), "{said}");
    assert!(
        said.ends_with("as far as is known: nobody counted 2.9 % of the surface of \"B\""),
        "{said}"
    );
}

#[test]
fn an_option_that_is_worse_by_every_criterion_is_dominated_under_each_source() {
    let scene = scene();
    scene.write("plan.toml", format!("{PLAN}{}", all_sites()));
    let areas = [
        of("1", Some("A"), None, [20.0, 49.95, 20.05, 50.0]),
        of("1", Some("B"), None, [20.06, 49.95, 20.08, 50.0]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    // A second source has everybody in the east.
    let east: Vec<f32> = (0..100).map(|cell| if cell % 10 < 6 { 1.0 } else { 90.0 }).collect();
    scene.raster("east.tif", 10, &east);
    let dominated = |plan: &str| compared(&scene, plan)["options"][0]["dominated_by"].clone();
    let by = |every: bool| json!([{"option": "B", "under_every_source": every}]);
    assert_eq!(dominated("plan.toml"), by(true));
    let more = "[[population]]\npath = \"east.tif\"\nnodata_means = \"zero\"\n";
    scene.write("two.toml", format!("{PLAN}{more}{}", all_sites()));
    assert_eq!(dominated("two.toml"), by(false), "the other source has fewer in A");
    let made = compared(&scene, "two.toml");
    assert_eq!(made["draws"]["sources"], json!(["pop", "east"]));
    let share = made["pairs"][0]["share_of_draws"].as_f64().unwrap();
    assert!(share < 0.95, "half of the draws take the other source: {share}");
}

#[test]
fn a_source_that_knows_two_options_tells_of_them_whatever_it_does_not_know() {
    let scene = scene();
    let areas = [
        of("1", Some("A"), None, [20.0, 49.95, 20.05, 50.0]),
        of("1", Some("B"), None, [20.06, 49.95, 20.08, 50.0]),
        of("1", Some("C"), None, [20.0, 49.9, 20.02, 49.92]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    // The upper half alone, with everybody in the east.
    let east: Vec<f32> = (0..50).map(|cell| if cell % 10 < 6 { 1.0 } else { 90.0 }).collect();
    scene.raster("east.tif", 10, &east);
    let more = "[[population]]\npath = \"east.tif\"\nnodata_means = \"zero\"\n";
    scene.write("two.toml", format!("{PLAN}{more}{}", all_sites()));
    let made = compared(&scene, "two.toml");
    assert_eq!(made["draws"]["sources_left_out"], json!(["east"]), "it does not know C");
    let by = made["options"][0]["dominated_by"].as_array().unwrap().clone();
    let by_b = by.iter().find(|of| of["option"] == "B").unwrap();
    assert_eq!(by_b["under_every_source"], false, "it has fewer in A than in B");
}

#[test]
fn the_same_ground_in_other_pieces_exposes_as_many() {
    let scene = scene();
    let areas = [
        of("1", Some("A"), None, [20.003, 49.951, 20.047, 49.998]),
        of("1", Some("B"), None, [20.003, 49.951, 20.0217, 49.9713]),
        of("2", Some("B"), None, [20.0217, 49.951, 20.047, 49.9713]),
        of("3", Some("B"), None, [20.003, 49.9713, 20.047, 49.998]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let made = compared(&scene, "plan.toml");
    for option in made["options"].as_array().unwrap() {
        assert_eq!(
            (option["rank"].clone(), option["dominated_by"].clone()),
            (json!(1.5), json!([]))
        );
    }
    let pair = &made["pairs"][0];
    assert_eq!(
        (pair["share_of_draws"].clone(), pair["verdict"].clone()),
        (json!(0.5), json!("indistinguishable"))
    );
}

#[test]
fn a_small_change_of_the_boundary_spares_a_site_near_it() {
    let scene = scene();
    let made = compared(&scene, "plan.toml");
    let lowered = made["options"][1]["lowered_by"].as_array().unwrap();
    let of_site: Vec<&Value> = lowered.iter().filter(|of| of["kind"] == "site").collect();
    assert_eq!(of_site.len(), 1, "{lowered:?}");
    let hospital = of_site[0];
    assert_eq!(
        (hospital["site_id"].as_str(), hospital["class"].as_str()),
        (Some("H"), Some("hospital"))
    );
    assert_eq!(hospital["areas"], json!(["B/p/1"]));
    assert!((hospital["meters"].as_f64().unwrap() - 55.6).abs() < 1.0, "{hospital}");
    assert_eq!(
        (hospital["vulnerable"].clone(), hospital["sites"].clone()),
        (json!(100.0), json!(1))
    );
    let points = hospital["points"].as_f64().unwrap();
    assert!(points >= 1.0 && points.fract() == 0.0, "in whole points: {points}");
    let km2 = hospital["km2"].as_f64().unwrap();
    // Half a circle and a way of 56 m, 100 m wide.
    assert!((km2 - 0.0094).abs() < 0.001, "{km2}");
    assert_eq!(made["banner"], "PROTECTIVE USE - NOT A TARGET LIST");
    assert_eq!(
        made["options"][1]["lowered_by_not_shown"],
        json!(0),
        "a safe house counts by its block"
    );
    let text = done(scene.run("compare plan.toml")).out;
    assert!(text.contains("without hospital H, 56 m inside area \"B/p/1\""), "{text}");
    assert!(text.contains("PROTECTIVE USE - NOT A TARGET LIST"));
    assert!(!text.contains("safe_house"), "{text}");
}

#[test]
fn a_change_lowers_what_it_says_when_it_is_drawn() {
    let scene = scene();
    let made = compared(&scene, "plan.toml");
    let lowered = made["options"][0]["lowered_by"].as_array().unwrap();
    let block = lowered.iter().find(|of| of["kind"] == "block" && of["sites"] == 0);
    let block = block.expect("blocks at the edge");
    let (lon, lat) = (block["longitude"].as_f64().unwrap(), block["latitude"].as_f64().unwrap());
    // A block is one cell here, since 0.01° is 36″: the same areas without it.
    let hole = [lon - 0.005, lat - 0.005, lon + 0.005, lat + 0.005];
    let mut areas: Value = serde_json::from_slice(&scene.read("areas.geojson")).unwrap();
    for area in areas["features"].as_array_mut().unwrap() {
        let [west, south, east, north] = bounds_of(area);
        let outer = [west, south, east, north];
        let pieces = [
            [west, south, east, hole[1].clamp(south, north)],
            [west, hole[3].clamp(south, north), east, north],
            [
                west,
                hole[1].clamp(south, north),
                hole[0].clamp(west, east),
                hole[3].clamp(south, north),
            ],
            [
                hole[2].clamp(west, east),
                hole[1].clamp(south, north),
                east,
                hole[3].clamp(south, north),
            ],
        ];
        let has = |of: &[f64; 4]| of[2] - of[0] > 1e-9 && of[3] - of[1] > 1e-9;
        let pieces: Vec<[f64; 4]> = pieces.into_iter().filter(has).collect();
        let is_touched =
            hole[0] < outer[2] && hole[2] > outer[0] && hole[1] < outer[3] && hole[3] > outer[1];
        if is_touched {
            area["geometry"] = crate::scene::parts(&pieces);
        }
    }
    let before = made["options"][0]["criteria"].clone();
    scene.write("areas.geojson", areas.to_string());
    let after = compared(&scene, "plan.toml")["options"][0]["criteria"].clone();
    let change = |key: &str| before[key].as_f64().unwrap() - after[key].as_f64().unwrap();
    assert!((change("pop_best") - block["people"].as_f64().unwrap()).abs() < 0.01, "{block}");
    assert!((change("score") - block["points"].as_f64().unwrap()).abs() < 0.001);
    assert!((change("area_km2") - block["km2"].as_f64().unwrap()).abs() < 1e-4);
}

fn bounds_of(area: &Value) -> [f64; 4] {
    let ring = area["geometry"]["coordinates"][0].as_array().unwrap();
    let at = |corner: usize, axis: usize| ring[corner][axis].as_f64().unwrap();
    [at(0, 0), at(0, 1), at(2, 0), at(2, 1)]
}

#[test]
fn another_hour_empties_a_school_and_is_told_only_if_nothing_rises() {
    let scene = scene();
    let areas = [
        timed(of("1", Some("A"), Some("p"), [20.0, 49.95, 20.03, 50.0]), "08:00:00", "16:00:00"),
        of("1", Some("B"), Some("p"), [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let plan = format!("[scenario]\ntimezone = \"UTC\"\n{PLAN}");
    scene.write(
        "day.toml",
        format!("{plan}[[sites]]\npath = \"sites.geojson\"\nin_raster = \"yes\"\n"),
    );
    let hours = |plan: &str| -> Vec<Value> {
        let lowered = compared(&scene, plan)["options"][0]["lowered_by"].clone();
        let all = lowered.as_array().unwrap().iter();
        all.filter(|of| of["kind"] == "hours").cloned().collect()
    };
    let told = hours("day.toml");
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0]["hours_later"].clone(), told[0]["phase"].clone()), (json!(10), json!("p")));
    assert_eq!((told[0]["vulnerable"].clone(), told[0]["km2"].clone()), (json!(300.0), json!(0.0)));
    // Where more people are by night, that hour is no gain.
    scene.raster("night.tif", 10, &[30.0_f32; 100]);
    let two = plan.replace(
        "nodata_means = \"zero\"\n",
        "nodata_means = \"zero\"\nname = \"c\"\ntime = \"day\"\n",
    );
    let night = "[[population]]\nname = \"c\"\npath = \"night.tif\"\nnodata_means = \"zero\"\ntime = \"night\"\n";
    scene.write(
        "both.toml",
        format!("{two}{night}[[sites]]\npath = \"sites.geojson\"\nin_raster = \"yes\"\n"),
    );
    assert_eq!(hours("both.toml"), [] as [Value; 0]);
}

#[test]
fn an_hour_for_areas_without_a_phase_is_for_them_alone() {
    let scene = scene();
    let areas = [
        timed(of("1", Some("A"), None, [20.0, 49.95, 20.03, 50.0]), "08:00:00", "16:00:00"),
        of("2", Some("A"), Some("p"), [20.07, 49.95, 20.1, 49.98]),
        timed(of("1", Some("B"), None, [20.0, 49.95, 20.03, 50.0]), "08:00:00", "16:00:00"),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let plan = format!("[scenario]\ntimezone = \"UTC\"\n{PLAN}");
    scene.write(
        "day.toml",
        format!("{plan}[[sites]]\npath = \"sites.geojson\"\nin_raster = \"yes\"\n"),
    );
    let made = compared(&scene, "day.toml");
    let of_hours = |place: usize| -> Vec<Value> {
        let all = made["options"][place]["lowered_by"].as_array().unwrap().iter();
        all.filter(|of| of["kind"] == "hours").cloned().collect()
    };
    // Nothing is known of the hours of the phase, so a school may be full in all of it.
    assert_eq!(of_hours(0), [] as [Value; 0]);
    let [alone] = &of_hours(1)[..] else { panic!("{made}") };
    assert_eq!(alone["text"], "all of it begins and ends 10 hours later");
    let later =
        timed(of("2", Some("A"), Some("p"), [20.07, 49.95, 20.1, 49.98]), "20:00:00", "22:00:00");
    scene.write(
        "areas.geojson",
        collection(&[areas[0].clone(), later, areas[2].clone()]).to_string(),
    );
    let made = compared(&scene, "day.toml");
    let all = made["options"][0]["lowered_by"].as_array().unwrap();
    let [hours] = &all.iter().filter(|of| of["kind"] == "hours").collect::<Vec<_>>()[..] else {
        panic!("{all:?}")
    };
    assert_eq!(hours["text"], "the areas without a phase begin and end 10 hours later");
    assert_eq!((hours["areas"].clone(), hours["phase"].clone()), (json!(["A/1"]), Value::Null));
}

#[test]
fn what_leaves_less_to_be_said_lowers_nothing() {
    let scene = scene();
    // Twenty cells of people, and a strip beyond the raster: without one cell of them it is over 5 % or not.
    let blocks = |north: f64| {
        let areas = [
            of("1", Some("A"), None, [20.0, 49.98, 20.1, north]),
            of("1", Some("B"), None, [20.0, 49.9, 20.1, 49.98]),
        ];
        scene.write("areas.geojson", collection(&areas).to_string());
        let made = compared(&scene, "plan.toml");
        assert_eq!(made["options"][0]["status"], "ok");
        let all = made["options"][0]["lowered_by"].as_array().unwrap().clone();
        all.into_iter().filter(|of| of["kind"] == "block").count()
    };
    assert!(blocks(50.00095) > 0);
    assert_eq!(blocks(50.00102), 0);
}

#[test]
fn a_comparison_is_no_markup_whatever_options_are_called() {
    let scene = scene();
    let areas = [
        of("1", Some("<b>A|1</b>"), None, [20.0, 49.95, 20.03, 50.0]),
        of("1", Some("B, \"2\""), None, [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let markdown = done(scene.run("compare plan.toml --format markdown")).out;
    assert!(markdown.contains("\\<b\\>A\\|1\\</b\\>") && !markdown.contains("<b>"), "{markdown}");
    let csv = done(scene.run("compare plan.toml --format csv")).out;
    scene.write("areas.geojson", collection(&areas).to_string().replace("B, ", "B,\\n"));
    let text = done(scene.run("compare plan.toml --quiet")).out;
    assert!(text.contains("\"B, \"2\"\" "), "on one line: {text}");
    assert!(csv.starts_with("criterion,<b>A|1</b>,\"B, \"\"2\"\"\"\n"), "{csv}");
}

#[test]
fn no_name_steers_a_terminal() {
    let scene = scene();
    let steering = "\u{1b}[2J\u{9b}31mA\r";
    let areas = [
        of("\u{7}1", Some(steering), None, [20.0, 49.95, 20.03, 50.0]),
        of("1", Some("B"), None, [20.07, 49.9, 20.1, 49.93]),
        of("1", Some("B"), None, [20.07, 49.9, 20.1, 49.93]),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    scene.run("assess plan.toml -o out.geojson --quiet");
    let site = point([20.01, 49.96], &json!({"id": "S\u{1b}", "class": "school"}));
    scene.write("named.geojson", collection(&[site]).to_string());
    for args in [
        "assess plan.toml",
        "compare plan.toml",
        "compare plan.toml --format markdown",
        "compare out.geojson out.geojson",
        "explain out.geojson \u{7}1",
        "check plan.toml",
        "inspect areas.geojson",
        "sites named.geojson --register",
    ] {
        let ran = scene.run(args);
        assert!(!ran.out.is_empty(), "{args}: {}", ran.err);
        let is_steering = |letter: &char| letter.is_control() && *letter != '\n';
        for text in [&ran.out, &ran.err] {
            assert_eq!(text.chars().find(is_steering), None, "{args}:\n{text}");
        }
    }
}

#[test]
fn topics_that_are_not_for_all_are_told_with_full_precision_alone() {
    let scene = scene();
    let plan = "[population.groups]\ndisplaced = { share = 0.1, source = \"test\" }\n";
    scene.write("groups.toml", format!("{PLAN}{plan}[[sites]]\npath = \"sites.geojson\"\n"));
    for format in ["text", "markdown", "csv", "json"] {
        let run = |more: &str| {
            done(scene.run(&format!("compare groups.toml --format {format} {more}"))).out
        };
        let is_told =
            |text: &str| text.contains("topic_cthb") || text.contains("topic trafficking");
        assert!(!is_told(&run("")), "{format}");
        assert!(is_told(&run("--full-precision")), "{format}");
    }
}

/// Areas of one option anywhere on the raster, in one of two phases.
fn any_areas() -> impl Strategy<Value = Vec<Value>> {
    // Of less than 1 km² dependants are told by class, which may be more than a larger area has.
    let bounds = (0.0..0.08_f64, 0.0..0.08_f64, 0.015..0.06_f64, 0.015..0.06_f64, 0..2_usize);
    prop::collection::vec(bounds, 1..7).prop_map(|all| {
        let area = |(place, (x, y, width, height, phase)): (usize, (f64, f64, f64, f64, usize))| {
            let (west, south) = (20.0 + x, 49.9 + y);
            let bounds = [west, south, (west + width).min(20.1), (south + height).min(50.0)];
            of(&place.to_string(), Some("A"), Some(["p", "q"][phase]), bounds)
        };
        all.into_iter().enumerate().map(area).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn an_option_has_no_more_than_its_areas_and_no_less_than_each_phase(areas in any_areas()) {
        let scene = scene();
        scene.write("areas.geojson", collection(&areas).to_string());
        let options = options(&scene, "plan.toml");
        let rows: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
        let rows = rows["features"].as_array().unwrap();
        let whole = option(&options, "A").clone();
        for column in ["pop_best", "area_km2", "sites_t1", "site_load_best", "vulnerable_best"] {
            let of = |properties: &Value| properties[column].as_f64().unwrap();
            let all = of(&whole);
            let sum: f64 = rows.iter().map(|row| of(&row["properties"])).sum();
            prop_assert!(all <= sum + 0.01, "{column}: {all} of {sum}");
            let phases = options.iter().filter(|(id, _)| id != "A");
            for properties in phases.map(|(_, properties)| properties)
                .chain(rows.iter().map(|row| &row["properties"]))
            {
                prop_assert!(all >= of(properties) - 0.01, "{column}");
                let score = |of: &Value| of["score"].as_f64().unwrap();
                prop_assert!(score(&whole) >= score(properties) - 1e-4);
            }
        }
        let mut turned = areas.clone();
        turned.reverse();
        scene.write("areas.geojson", collection(&turned).to_string());
        let again = self::options(&scene, "plan.toml");
        for column in ["pop_low", "pop_best", "pop_high", "area_km2", "score_low", "score", "score_high"] {
            prop_assert_eq!(&option(&again, "A")[column], &whole[column], "in any order");
        }
    }
}

#[test]
fn what_is_compared_is_not_written_over() {
    let scene = scene();
    done(scene.run("assess plan.toml -o old.json --quiet"));
    let before = scene.read("old.json");
    for typed in ["compare old.json -o old.json", "compare old.json old.json -o old.json"] {
        let ran = scene.run(typed);
        assert_eq!(ran.code, 2, "{typed}");
        assert!(ran.said().contains("it is what is compared, which would be lost"), "{}", ran.err);
    }
    assert!(scene.read("old.json") == before);
}
