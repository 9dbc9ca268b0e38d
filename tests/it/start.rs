//! The first steps: what a file is, a scenario to start from, schemas, completions, manual pages.

use crate::scene::{Scene, USUAL, area, collection, feature, place, point};
use gdal::raster::{GdalType, RasterCreationOptions};
use gdal::{DriverManager, Metadata};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// The usual scene with rasters that need a word, and vector files of every use.
fn scene() -> Scene {
    let scene = Scene::usual();
    let mut holes = [10.0_f32; 100];
    holes[..7].fill(-99999.0);
    scene.raster("undeclared.tif", 10, &holes);
    let declared = scene.raster("gaps_2020.tif", 10, &holes);
    declared.rasterband(1).unwrap().set_no_data_value(Some(-99999.0)).unwrap();
    let mut dense = scene.raster("pop_density_R2023_v2020.tif", 10, &[10.0_f32; 100]);
    dense.set_metadata_item("LICENSE", "CC BY 4.0", "").unwrap();
    dense.set_metadata_item("TIFFTAG_COPYRIGHT", "The Bureau", "").unwrap();
    drop((declared, dense));
    samples(&scene, "ages.tif", &[("children", [1.0_f32; 100]), ("adults", [3.0; 100])]);
    let mut nowhere = scene.bare_raster("nowhere.tif", 10, &[2.0_f32; 100], &[]);
    nowhere.set_geo_transform(&[0.0, 100.0, 0.0, 0.0, 0.0, -100.0]).unwrap();
    drop(nowhere);
    let bow = feature(
        &json!({"type": "Polygon", "coordinates": [[[20.02, 49.92], [20.06, 49.96], [20.06, 49.92],
            [20.02, 49.96], [20.02, 49.92]]]}),
        &json!({"ref": "bow", "coa": "B"}),
    );
    let named = feature(&area("", &[USUAL])["geometry"], &json!({"ref": "sound", "coa": "A"}));
    scene.write("plan.geojson", collection(&[named, bow]).to_string());
    let tagged = [
        point([20.03, 49.93], &json!({"amenity": "hospital", "operator": "Nobody's business"})),
        point([20.04, 49.93], &json!({"amenity": "bench"})),
    ];
    let mut osm = collection(&tagged);
    osm["license"] = "ODbL 1.0".into();
    osm["timestamp"] = "2019-05-09T20:00:00Z".into();
    scene.write("osm.geojson", osm.to_string());
    scene.write("sites.csv", "name,lon,lat,kind\nA,20.03,49.93,hospital\nB,20.04,49.93,kvarts\n");
    scene.write("points.csv", "name,lon,lat\nA,20.03,49.93\nB,20.04,49.93\n");
    scene.write("empty.geojson", collection(&[]).to_string());
    scene.write("noise.bin", [7_u8; 300]);
    scene
}

/// A raster of several samples with names.
fn samples<T: GdalType + Copy>(scene: &Scene, name: &str, samples: &[(&str, [T; 100])]) {
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::default();
    let count = samples.len();
    let mut raster = driver
        .create_with_band_type_with_options::<T, _>(scene.path(name), 10, 10, count, &options)
        .unwrap();
    place(&mut raster);
    for (number, (name, values)) in (1..).zip(samples) {
        let mut band = raster.rasterband(number).unwrap();
        let mut buffer = gdal::raster::Buffer::new((10, 10), values.to_vec());
        band.write((0, 0), (10, 10), &mut buffer).unwrap();
        band.set_description(name).unwrap();
    }
}

/// A scene with the demo's data under short names.
fn iceland() -> Scene {
    let scene = Scene::empty();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/iceland");
    let raster = "gpw_v4_r11_2020_count_sw_iceland.tif";
    for name in ["areas.geojson", "facilities.geojson", raster] {
        fs::copy(data.join(name), scene.path(name)).unwrap();
    }
    scene
}

/// Compares the outcomes of runs with those recorded under a name.
fn shows(name: &str, scene: &Scene, runs: &[&str]) {
    let transcript = scene.transcript(runs);
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(name, transcript) });
}

/// What `inspect --json` says of files, with any status.
fn inspected(scene: &Scene, files: &str) -> Value {
    let ran = scene.run(&format!("inspect {files} --json"));
    serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err))
}

/// The draft of a scenario with every line that waits for a decision set.
fn decided(draft: &str) -> String {
    let is_key = |rest: &str| rest.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let line = |line: &str| match line.strip_prefix("# ") {
        Some(rest) if is_key(rest) => format!("{rest}\n"),
        _ => format!("{line}\n"),
    };
    draft.lines().map(line).collect()
}

#[test]
fn inspect_shows_the_demo() {
    let raster = "gpw_v4_r11_2020_count_sw_iceland.tif";
    let run = format!("inspect areas.geojson {raster} facilities.geojson");
    shows("inspect_iceland", &iceland(), &[&run]);
}

#[test]
fn inspect_goes_on_where_assess_would_stop() {
    let runs = [
        "inspect gaps_2020.tif undeclared.tif",
        "inspect pop_density_R2023_v2020.tif",
        "inspect pop_density_R2023_v2020.tif,measure=count,nodata_means=zero",
        "inspect ages.tif",
        "inspect ages.tif,samples=[1,2]",
        "inspect nowhere.tif",
    ];
    shows("inspect_rasters", &scene(), &runs);
}

#[test]
fn inspect_tells_areas_from_sites_by_what_they_hold() {
    let runs = [
        "inspect plan.geojson",
        "inspect plan.geojson,id=ref osm.geojson sites.csv",
        "inspect points.csv",
        "inspect points.csv,class=hospital",
        "inspect empty.geojson",
        "inspect plan.toml",
    ];
    shows("inspect_vectors", &scene(), &runs);
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let runs = [
        "inspect gone.tif noise.bin pop.tif",
        "inspect pop.tif,mesure=density",
        "inspect pop.tif,measure=densty",
        "inspect sites.csv,class_field=kinds",
        "inspect /vsicurl/example.tif",
    ];
    shows("inspect_errors", &scene(), &runs);
}

#[test]
fn people_are_summed_over_the_whole_raster_in_each_meaning() {
    let scene = scene();
    let people = |file: &str| inspected(&scene, file)["files"][0]["people"].clone();
    let counts = people("pop.tif");
    assert_eq!((&counts[0]["measure"], &counts[0]["samples"]), (&json!("count"), &json!([1])));
    assert_eq!(counts[0]["people"], 1000.0);
    let density = counts[0]["people_km2"].as_f64().unwrap();
    assert!((12.5..12.6).contains(&density), "{density}");
    assert_eq!(counts[0]["implausible"], json!([]));
    // Ten people on each of some 79.5 km².
    let density = counts[1]["people"].as_f64().unwrap();
    assert!((790.0..800.0).contains(&density), "{density}");
    assert_eq!(people("pop.tif,measure=density")[0]["people"], density);
    let ages = people("ages.tif,measure=count");
    assert_eq!((&ages[0]["people"], &ages[1]["people"]), (&json!(100.0), &json!(300.0)));
    assert_eq!(people("ages.tif,measure=count,samples=[1,2]")[0]["people"], 400.0);
    let gaps = inspected(&scene, "gaps_2020.tif");
    let gaps = &gaps["files"][0];
    assert_eq!((&gaps["nodata_cells"], &gaps["populated_cells"]), (&json!(7), &json!(93)));
    assert_eq!(inspected(&scene, "undeclared.tif")["files"][0]["faulty_cells"], 7);
}

#[test]
fn what_inspect_drafts_is_a_scenario_that_check_finds_nothing_wrong_with() {
    let scene = scene();
    let mut whole = String::new();
    for file in
        ["areas.geojson", "gaps_2020.tif", "ages.tif,samples=[1]", "osm.geojson", "sites.csv"]
    {
        let draft = inspected(&scene, file)["scenario"].as_str().unwrap().to_string();
        assert_eq!(scene.run(&format!("inspect {file}")).out.split_once("\n\n").unwrap().1, draft);
        whole += &draft;
    }
    // A class that nobody knows is left blank, and refused until somebody fills it in.
    let blank = "\"kvarts\" = \"\"";
    scene.write("blank.toml", decided(&whole));
    let ran = scene.run("check blank.toml");
    assert!(ran.out.contains("`classes` gives \"kvarts\" no class"), "{}", ran.out);
    let decided = decided(&whole).replace(blank, "\"kvarts\" = \"health_centre\"");
    for (name, text) in [("drafted.toml", whole), ("decided.toml", decided)] {
        scene.write(name, &text);
        let ran = scene.run(&format!("check {name}"));
        assert!(ran.code == 0 && ran.out.contains("no problems"), "{text}\n{}", ran.out);
    }
}

#[test]
fn what_must_be_decided_is_refused_until_it_is() {
    let scene = scene();
    let draft =
        inspected(&scene, "areas.geojson ages.tif")["scenario"].as_str().unwrap().to_string();
    scene.write("open.toml", &draft);
    let ran = scene.run("check open.toml");
    assert!(
        ran.code == 1 && ran.out.contains("2 samples: 1 (children), 2 (adults)"),
        "{}",
        ran.out
    );
    scene.write("decided.toml", decided(&draft));
    assert_eq!(scene.run("check decided.toml").code, 0, "{}", decided(&draft));
}

#[test]
fn every_draft_can_be_read_whatever_the_file() {
    let scene = scene();
    let draft = inspected(
        &scene,
        "plan.geojson areas.geojson nowhere.tif undeclared.tif pop_density_R2023_v2020.tif points.csv",
    );
    let draft = draft["scenario"].as_str().unwrap();
    let read: toml::Table = draft.parse().unwrap_or_else(|error| panic!("{error}\n{draft}"));
    assert_eq!(read["areas"]["path"].as_str(), Some("plan.geojson"));
    // One without a place on earth is a comment, and so is one of which nobody knows what it is.
    assert_eq!(read["population"].as_array().unwrap().len(), 2);
    assert!(read.get("sites").is_none(), "{draft}");
}

#[test]
fn inspect_reads_the_files_that_a_scenario_names_where_it_names_them() {
    let scene = scene();
    scene.write("deep/areas.geojson", scene.read("areas.geojson"));
    scene.write("deep/pop.tif", scene.read("pop.tif"));
    scene.write("deep/plan.toml", scene.read("plan.toml"));
    let found = inspected(&scene, "deep/plan.toml");
    let kinds: Vec<&Value> =
        found["files"].as_array().unwrap().iter().map(|file| &file["path"]).collect();
    assert_eq!(kinds, ["deep/plan.toml", "areas.geojson", "pop.tif"]);
    assert_eq!(found["scenario"], "", "it is written already");
}

#[test]
fn several_layers_of_a_file_are_told_apart() {
    let scene = scene();
    let square = "POLYGON ((20.02 49.92, 20.05 49.92, 20.05 49.95, 20.02 49.92))";
    let layers: [(&str, &[&str]); 2] = [("one", &[square]), ("two", &[square, square])];
    scene.layers("plan.gpkg", "GPKG", Some(4326), &layers);
    let found = inspected(&scene, "plan.gpkg");
    assert_eq!(
        (&found["files"][0]["layer"], &found["files"][0]["features"]),
        (&json!("one"), &json!(1))
    );
    assert_eq!(
        (&found["files"][1]["layer"], &found["files"][1]["features"]),
        (&json!("two"), &json!(2))
    );
    let draft = found["scenario"].as_str().unwrap();
    assert!(draft.contains("[areas]\npath = \"plan.gpkg\"\nlayer = \"one\"\n"), "{draft}");
    let two = inspected(&scene, "plan.gpkg,layer=two");
    assert_eq!(two["files"].as_array().unwrap().len(), 1);
    let ran = scene.run("new a --areas plan.gpkg");
    assert_eq!((ran.code, ran.said()), (2, "error: plan.gpkg: it has 2 layers: one, two"));
}

#[test]
fn what_may_tell_of_persons_is_never_an_example() {
    let scene = scene();
    for args in ["inspect osm.geojson", "inspect osm.geojson --json"] {
        let ran = scene.run(args);
        assert!(ran.out.contains("operator") && !ran.out.contains("business"), "{}", ran.out);
    }
}

#[test]
fn where_sensitive_sites_are_is_never_shown() {
    let scene = Scene::empty();
    let house = |name: &str, class: &str| {
        point([20.123, 49.456], &json!({"class": class, "name": name, "street": name}))
    };
    let houses = [house("Lindenhof", "safe_house"), house("Anna", "hospital")];
    scene.write("mixed.geojson", collection(&houses).to_string());
    scene.write("houses.geojson", collection(&houses[..1]).to_string());
    for args in ["inspect mixed.geojson", "inspect houses.geojson", "inspect houses.geojson --json"]
    {
        let ran = scene.run(args);
        assert!(ran.code == 0 && !ran.out.contains("Lindenhof"), "{args}: {}", ran.out);
        assert!(args.contains("mixed") || !ran.out.contains("20.123"), "{args}: {}", ran.out);
    }
    assert!(scene.run("inspect mixed.geojson").out.contains("Anna"));
}

#[test]
fn new_writes_a_scenario_and_never_over_one() {
    let runs = [
        "new",
        "new",
        "check scenario.toml",
        "new there --areas areas.geojson --population gaps_2020.tif --sites osm.geojson",
        "check there/scenario.toml",
        "new faulty --areas gone.geojson",
        "new again --population pop.tif,mesure=count",
    ];
    let scene = scene();
    shows("new", &scene, &runs);
    assert!(
        !scene.has("faulty") && !scene.has("again"),
        "nothing is written for a file that is not there"
    );
    let text = String::from_utf8(scene.read("there/scenario.toml")).unwrap();
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!("new_scenario", text) });
}

#[test]
fn a_scenario_of_the_demos_files_has_no_problems() {
    let scene = iceland();
    let raster = "gpw_v4_r11_2020_count_sw_iceland.tif";
    let files = format!("--areas areas.geojson --population {raster} --sites facilities.geojson");
    assert_eq!(scene.run(&format!("new exercise {files}")).code, 0);
    let ran = scene.run("check exercise/scenario.toml");
    assert!(ran.code == 0 && ran.out.ends_with("no problems\n"), "{}", ran.out);
    let ran = scene.run("assess exercise/scenario.toml -o -");
    assert_eq!(ran.assessment().features().len(), 14, "{}", ran.err);
}

#[test]
fn every_key_of_a_scenario_is_explained_and_its_example_is_one() {
    let scene = Scene::empty();
    scene.run("new");
    let text = String::from_utf8(scene.read("scenario.toml")).unwrap();
    let schema = schema(&scene, "scenario");
    let sections = [
        ("ScenarioHead", "[scenario]"),
        ("AreasEntry", "[areas]"),
        ("PopulationEntry", "[[population]]"),
        ("SitesEntry", "[[sites]]"),
        ("AnswersEntry", "[[answers]]"),
        ("SchemeEntry", "[scheme]"),
    ];
    for (name, head) in sections {
        let section = text.split_once(head).unwrap().1.split("\n\n").next().unwrap();
        let keys = schema["$defs"][name]["properties"].as_object().unwrap().keys();
        for key in keys {
            let wanted = format!("{key} = ");
            let plain = |line: &str| line.trim_start_matches("# ").starts_with(&wanted);
            assert!(section.lines().any(plain), "{head} does not explain {key}");
        }
    }
    // All of them set at once, but for the two further ways to tell a class.
    let whole = text.replace("# [[", "[[").replace("# [scheme", "[scheme");
    let is_further =
        |line: &&str| ["class = ", "classify = "].iter().any(|key| line.starts_with(key));
    let whole = decided(&whole);
    let whole: Vec<&str> = whole.lines().filter(|line| !is_further(line)).collect();
    let whole = whole.join("\n");
    let faults = faults(&schema, &from_toml(&whole));
    assert!(faults.is_empty(), "{faults:?}\n{whole}");
}

/// The schema that the program prints, which is a sound one.
fn schema(scene: &Scene, of: &str) -> Value {
    let ran = scene.run(&format!("schema {of}"));
    let schema: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    assert!(jsonschema::meta::is_valid(&schema), "{of}");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    schema
}

/// What a schema finds wrong in a document.
fn faults(schema: &Value, document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(schema).unwrap();
    let fault = |error: jsonschema::ValidationError| format!("{}: {error}", error.instance_path());
    validator.iter_errors(document).map(fault).collect()
}

/// A TOML text as JSON; dates are texts there.
fn from_toml(text: &str) -> Value {
    fn plain(value: toml::Value) -> Value {
        match value {
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(list) => list.into_iter().map(plain).collect(),
            toml::Value::Table(table) => {
                table.into_iter().map(|(key, value)| (key, plain(value))).collect()
            }
            other => serde_json::to_value(other).unwrap(),
        }
    }
    plain(toml::Value::Table(text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))))
}

fn text_of(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

#[test]
fn the_schema_of_a_scenario_takes_the_demo_and_no_slip() {
    let schema = schema(&Scene::empty(), "scenario");
    let demo = from_toml(&text_of("data/iceland/scenario.toml"));
    assert!(faults(&schema, &demo).is_empty(), "{:?}", faults(&schema, &demo));
    let layer = |key: &str, value: Value| json!({"population": [{"path": "p.tif", key: value}]});
    let sites = |more: Value| {
        let mut site = json!({"path": "s.gpkg"});
        site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"sites": [site]})
    };
    for (wrong, why) in [
        (json!({"area": {"path": "a.geojson"}}), "no such section"),
        (json!({"areas": {}}), "no path"),
        (json!({"areas": {"path": "a.geojson", "bufer_m": 1}}), "no such key"),
        (json!({"areas": {"path": "a.geojson", "overlap": "twice"}}), "no such word"),
        (layer("measure", "densty".into()), "no such measure"),
        (layer("samples", json!([0])), "samples count from 1"),
        (layer("time", "noon".into()), "no such time"),
        (layer("groups", json!({"elves": {"share": 1}})), "no such group"),
        (layer("groups", json!({"children": {"share": 1}})), "no source of a share"),
        (layer("groups", json!({"children": {"samples": [1, 1]}})), "a sample twice"),
        (
            layer("groups", json!({"children": {"share": 1, "source": "x", "measure": "count"}})),
            "a share is no raster",
        ),
        (sites(json!({"class": "castle"})), "no such class"),
        (sites(json!({"class": "hospital", "classify": "osm"})), "two ways"),
        (sites(json!({"classes": {"kvarts": "hospital"}})), "a table without its column"),
        (sites(json!({"confidence": 2})), "beyond 1"),
    ] {
        assert!(!faults(&schema, &wrong).is_empty(), "{why}: {wrong}");
    }
}

#[test]
fn the_schema_of_a_scheme_takes_the_built_in_one_and_no_slip() {
    let scene = Scene::empty();
    let schema = schema(&scene, "scheme");
    for text in [scene.run("scheme").out, text_of("data/schemes/builtin.toml")] {
        let found = faults(&schema, &from_toml(&text));
        assert!(found.is_empty(), "{found:?}");
    }
    // What a schema can tell, reading refuses too.
    for wrong in [
        "[floors]\nt1 = 10\n",
        "[floors]\nt3 = 10\n",
        "[aggregation]\nlambda = 2\n",
        "[class_tiers]\nhospital = 5\n",
        "[goalposts]\npeople = \"many\"\n",
        "[existence]\nbest = 0.8\n",
        "name = \"\"\n",
        "[bandz]\nlow = 10\n",
    ] {
        assert!(!faults(&schema, &from_toml(wrong)).is_empty(), "{wrong}");
        scene.write("wrong.toml", wrong);
        assert_eq!(scene.run("scheme wrong.toml").code, 2, "{wrong}");
    }
    let described = &schema["properties"]["population"]["properties"]["data_gap_share"];
    assert_eq!(described["default"], 0.05);
    assert!(described["description"].as_str().unwrap().contains("data_gap"), "{described}");
}

#[test]
fn the_schema_of_an_assessment_takes_what_assess_writes_and_nothing_else() {
    let scene = scene();
    let schema = schema(&scene, "assessment");
    let golden: Value =
        serde_json::from_str(&text_of("tests/data/golden/iceland.geojson")).unwrap();
    assert!(faults(&schema, &golden).is_empty(), "{:?}", faults(&schema, &golden));
    let none = feature(&Value::Null, &json!({"id": "none"}));
    let rows = [area("A", &[USUAL]), area("outside", &[[30.0, 10.0, 30.1, 10.1]]), none];
    scene.write("odd.geojson", collection(&rows).to_string());
    for layers in ["", "--sites osm.geojson,classify=osm"] {
        let args = format!("assess --areas odd.geojson --population pop.tif {layers} -o -");
        let found = faults(&schema, &scene.run(&args).assessment().0);
        assert!(found.is_empty(), "{found:?}");
    }
    let with = |path: &str, value: Value| {
        let mut wrong = golden.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        wrong
    };
    let row = "/features/0/properties";
    for (wrong, why) in [
        (json!({"type": "FeatureCollection", "features": []}), "no provenance"),
        (with(&format!("{row}/status"), "fine".into()), "no such status"),
        (with(&format!("{row}/band"), "acceptable".into()), "no such band"),
        (with(&format!("{row}/pop_best"), json!(-1)), "fewer than nobody"),
        (with(&format!("{row}/score"), json!(101)), "beyond 100"),
        (with(&format!("{row}/flags"), "some other".into()), "no such flag"),
        (with(&format!("{row}/sites_t1"), json!(0.5)), "half a site"),
        (with(&format!("{row}/profile"), "P9".into()), "no profile"),
        (with(row, json!({"area_id": "A"})), "no columns"),
        (with("/features/0/geometry/type", "Point".into()), "a point"),
        (with("/civex/scheme/digest", "none".into()), "no digest"),
    ] {
        assert!(!faults(&schema, &wrong).is_empty(), "{why}");
    }
    let mut group = golden.clone();
    group["features"][0]["properties"]["children_best"] = "many".into();
    group["features"][0]["properties"]["ring_500m_sites_t1"] = "some".into();
    assert_eq!(faults(&schema, &group).len(), 2);
}

/// The subcommands that `--help` lists.
fn subcommands(scene: &Scene) -> Vec<String> {
    let help = scene.run("--help").out;
    let listed = help.split_once("Commands:\n").unwrap().1.split_once("\n\n").unwrap().0;
    let name = |line: &str| {
        let line = line.strip_prefix("  ")?;
        line.starts_with(|letter: char| letter.is_alphabetic())
            .then(|| line.split(' ').next().unwrap().to_string())
    };
    listed.lines().filter_map(name).filter(|name| name != "help").collect()
}

#[test]
fn every_subcommand_shows_an_example() {
    let scene = Scene::empty();
    let names = subcommands(&scene);
    assert!(names.len() >= 9, "{names:?}");
    for name in names {
        let help = scene.run(&format!("{name} --help")).out;
        let example =
            help.lines().skip_while(|line| !line.starts_with("Example")).collect::<String>();
        assert!(example.contains(&format!("civex {name}")), "civex {name} --help has no example");
    }
}

#[test]
fn shells_complete_every_subcommand() {
    let scene = Scene::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = scene.run(&format!("completions {shell}"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{shell}");
        for name in subcommands(&scene) {
            assert!(ran.out.contains(&name), "{shell} does not know {name}");
        }
    }
    assert_eq!(scene.run("completions tcsh").code, 2);
}

#[test]
fn every_subcommand_has_a_page_of_the_manual() {
    let scene = Scene::empty();
    let ran = scene.run("man");
    assert!(ran.code == 0 && ran.out.contains(".TH civex 1"), "{}", ran.err);
    let ran = scene.run("man pages");
    let names = subcommands(&scene);
    assert_eq!(ran.out, format!("{} manual pages in pages\n", names.len() + 1));
    for name in names {
        let page = String::from_utf8(scene.read(&format!("pages/civex-{name}.1"))).unwrap();
        let wanted =
            [format!(".TH civex-{name} 1"), format!("civex {name}"), "Example".to_string()];
        for wanted in wanted {
            assert!(page.contains(&wanted), "civex-{name}.1 does not say {wanted}");
        }
    }
    assert!(scene.has("pages/civex.1"));
}
