//! Every message that the program can say: provoked, looked at, and held to one style.

use crate::scene::{PLAN, Scene, USUAL, area, collection, feature, parts, point, polygon};
use civex::error::{NoticeKind, Problem, ReadError, WriteError};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// A run: the kind of message that it is for, and the command line.
type Case = (&'static str, &'static str);

/// What stops reading.
const ERRORS: [Case; 37] = [
    ("not_found", "assess gone.toml"),
    ("not_found", "assess plans/far.toml"),
    ("unusable", "assess"),
    ("unusable", "assess --areas areas.geojson"),
    ("unusable", "assess areas.geojson"),
    ("unusable", "assess folder"),
    ("unusable", "assess latin.toml"),
    ("unusable", "assess plan.toml --with sites -o out.geojson"),
    ("unusable", "assess plan.toml --areas none.geojson"),
    ("unusable", "assess plan.toml --areas pop.tif"),
    ("unusable", "assess plan.toml --areas two.gpkg"),
    ("unusable", "assess plan.toml --areas two.gpkg,layer=nort"),
    ("unusable", "assess plan.toml --areas areas.geojson,id=ref"),
    ("unusable", "assess plan.toml --areas unnamed.shp"),
    ("unusable", "assess plan.toml --areas cut.geojson"),
    ("unusable", "assess plan.toml --population areas.geojson"),
    ("unusable", "assess plan.toml --population empty.tif"),
    ("unusable", "assess plan.toml --population text.tif"),
    ("unusable", "assess plan.toml --population cut.tif"),
    ("unusable", "assess plan.toml --population pop.tif,samples=[3]"),
    ("unusable", "assess plan.toml --population pop_density.tif"),
    ("unusable", "assess plan.toml --population nowhere.tif"),
    ("unusable", "assess plan.toml --population https://example.org/pop.tif"),
    ("unusable", "assess plan.toml --sites plain.geojson"),
    ("unusable", "assess plan.toml --sites plain.geojson,class_field=kidn"),
    ("unusable", "assess plan.toml --sites places.csv"),
    ("unusable", "compare plan.toml"),
    ("unusable", "compare alone.toml"),
    ("unusable", "compare areas.geojson"),
    ("text_fault", "assess faulty.toml"),
    ("text_fault", "assess plan.toml --population pop.tif,measur=count"),
    ("text_fault", "assess plan.toml --scheme lower.toml"),
    ("area_on_faulty_cells", "assess plan.toml --population below.tif"),
    ("too_large", "assess plan.toml --memory 20"),
    ("too_large", "assess --areas areas.geojson --population pop.tif --memory 100"),
    ("too_large", "assess plan.toml --memory 8k"),
    ("too_large", "assess wide.toml --memory 2G"),
];

/// What stops writing, and what nobody can mean.
const REFUSALS: [Case; 10] = [
    ("not_writable", "assess plan.toml -o folder.geojson"),
    ("not_writable", "assess plan.toml -o pop.tif/out.geojson"),
    ("refused", "assess plan.toml -o areas.geojson"),
    ("no_such_format", "assess plan.toml -o out.shp"),
    ("refused", "compare plan.toml -o out.geojson"),
    ("exists", "new started"),
    ("usage", "assess --area areas.geojson"),
    ("usage", "assess plan.toml --memory lots"),
    ("usage", "assess plan.toml --quiet --verbose"),
    ("usage", "frobnicate"),
];

/// What is faulty in an input.
const PROBLEMS: [Case; 12] = [
    ("no_geometry", "assess plan.toml --areas odd.geojson"),
    ("sites_elsewhere", "assess plan.toml --sites swapped.geojson,class=hospital"),
    ("invalid_area", "assess plan.toml --areas meters.geojson"),
    ("ring", "assess plan.toml --areas rings.geojson --strict"),
    ("duplicate_area", "assess plan.toml --areas twice.geojson --strict"),
    ("times", "assess plan.toml --areas soon.geojson"),
    ("outside_everything", "assess plan.toml --areas away.geojson"),
    ("site", "assess plan.toml --sites sites.geojson"),
    ("sites_unread", "assess plan.toml --sites plain.geojson,classify=osm"),
    ("link", "assess plan.toml --sites sites.geojson --links links.csv"),
    ("strict", "assess plan.toml --areas odd.geojson --strict"),
    ("fail_on", "assess plan.toml --fail-on very_low"),
];

/// What limits a number.
const NOTICES: [Case; 24] = [
    ("partial_data", "assess plan.toml --areas half.geojson"),
    ("repaired", "assess plan.toml --areas bow.geojson"),
    ("outside_source", "assess plan.toml --areas both.geojson"),
    ("source_left_out", "assess plan.toml --population pop.tif --population west.tif"),
    ("nodata_undeclared", "assess plan.toml --population gaps.tif"),
    ("geometry_left_out", "assess plan.toml --areas mixed.geojson"),
    ("duplicate_id", "assess plan.toml --areas twice.geojson"),
    ("old_columns", "assess plan.toml --areas old.geojson"),
    ("wrapped", "assess plan.toml --areas across.geojson"),
    ("sites_not_used", "assess plan.toml --sites sites.geojson"),
    ("class_read_as", "assess plan.toml --sites large.csv"),
    ("value_not_used", "assess plan.toml --sites sites.geojson"),
    ("encoding_guessed", "assess plan.toml --sites latin.csv"),
    ("answer_accepted", "assess plan.toml --sites sites.geojson --answers answers.csv"),
    ("answer_rejected", "assess plan.toml --sites sites.geojson --answers answers.csv"),
    ("expiry_unknown", "sites sites.geojson,expires_on=2026-11-22 -o -"),
    ("group_clipped", "assess crowded.toml"),
    (
        "area_left_out",
        "assess plan.toml --areas options.geojson -o options_out.geojson --with options",
    ),
    ("sites_generalized", "sites sites.geojson,class=safe_house -o -"),
    ("dependants_by_class", "assess plan.toml --areas tiny.geojson --sites sites.geojson"),
    ("beyond_sites", "assess plan.toml --sites plain.geojson,class=school"),
    ("restricted_answers", "assess plan.toml --sites sites.geojson --answers secret.csv"),
    ("implausible", "assess plan.toml --population crowd.tif,nodata=0,nodata_means=zero"),
    ("sites_apart", "assess plan.toml --sites apart.csv,class=hospital"),
];

/// What only `check` says, on standard output.
const CHECKED: [Case; 3] = [
    ("faulty_cells", "check --areas areas.geojson --population below.tif"),
    ("file_fault", "check faulty.toml"),
    ("unreadable", "check --areas gone.geojson --population pop.tif"),
];

/// A folder with everything that the runs ask for.
fn scene() -> Scene {
    let scene = Scene::usual();
    vectors(&scene);
    rasters(&scene);
    scene.write("folder/x", "");
    scene.write("folder.geojson/x", "");
    scene.write("latin.csv", b"name;lon;lat;class\nLandsp\xedtali;20,03;49,93;hospital\n");
    scene.write("large.csv", "id,lon,lat,class\n1,20.03,49.93,HOSPITAL\n");
    scene.write("apart.csv", "id,lon,lat\nH1,20.03,49.93\nH2,20.03,49.94\nH3,49.93,20.03\n");
    scene.write("latin.toml", b"name = \"\xe9\"\n");
    scene.write("plans/far.toml", PLAN);
    scene.write("faulty.toml", PLAN.replace("nodata_means", "nodata_meens"));
    scene.write("started/scenario.toml", PLAN);
    let alone = "areas.geojson\"\noverlap = \"per-area\"";
    scene.write("alone.toml", PLAN.replace("areas.geojson\"", alone));
    let crowded = format!("{PLAN}[population.groups]\nchildren = {{ path = \"under18.tif\" }}\n");
    scene.write("crowded.toml", crowded);
    scene.write("lower.toml", "[floors]\nt1 = 10\n");
    scene.write("wide.toml", PLAN.replace("pop.tif", "wide.vrt").replace("areas.geo", "world.geo"));
    scene
}

fn vectors(scene: &Scene) {
    let write = |name: &str, features: &[Value]| {
        scene.write(name, collection(features).to_string());
    };
    let shape = "POLYGON ((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))";
    let away = || area("out", &[[30.0, 49.0, 31.0, 50.0]]);
    let half = [19.95, 49.92, 20.05, 49.95];
    let bow = ring(&[[20.02, 49.92], [20.06, 49.96], [20.06, 49.92], [20.02, 49.96]]);
    let mixed = json!({"type": "GeometryCollection", "geometries":
        [{"type": "Point", "coordinates": [20.03, 49.93]}, polygon(&[USUAL])]});
    let old = json!({"area_id": "A", "score_low": 1, "band_high": "low", "pop_best": 90});
    write("none.geojson", &[]);
    write("odd.geojson", &[area("A", &[USUAL]), feature(&Value::Null, &json!({"id": "none"}))]);
    write("meters.geojson", &[area("M", &[[2e6, 6e6, 2.1e6, 6.1e6]])]);
    let option = |coa: Option<&str>| feature(&polygon(&[USUAL]), &json!({"id": "1", "coa": coa}));
    write("options.geojson", &[option(Some("A")), option(None)]);
    let soon = json!({"id": "soon", "start": "2026-12-01T06:00", "end": "2026-12-02T06:00"});
    write("soon.geojson", &[feature(&polygon(&[USUAL]), &soon)]);
    write("twice.geojson", &[area("A", &[USUAL]), area("A", &[USUAL])]);
    write("swapped.geojson", &[point([49.93, 20.03], &json!({}))]);
    write("away.geojson", &[away()]);
    let across = ring(&[[170.0, 49.0], [-170.0, 49.5], [-170.0, 50.0], [170.0, 50.0]]);
    write("across.geojson", &[area("A", &[USUAL]), feature(&across, &json!({"id": "across"}))]);
    write("half.geojson", &[area("half", &[half])]);
    write("both.geojson", &[area("A", &[USUAL]), away()]);
    write("bow.geojson", &[feature(&bow, &json!({"id": "bow"}))]);
    write("mixed.geojson", &[feature(&mixed, &json!({"id": "mixed"}))]);
    write("old.geojson", &[feature(&polygon(&[USUAL]), &old)]);
    write("plain.geojson", &[point([20.03, 49.93], &json!({"kind": "x"}))]);
    write("world.geojson", &[area("world", &[[-180.0, -90.0, 180.0, 90.0]])]);
    write("rings.geojson", &faulty_rings());
    let sites = [
        point([20.03, 49.93], &json!({"id": "H", "class": "hospital", "confidence": 2})),
        point([20.04, 49.93], &json!({"id": "K", "class": "kiosk"})),
        feature(&Value::Null, &json!({"id": "S", "class": "school"})),
    ];
    write("sites.geojson", &sites);
    write("tiny.geojson", &[area("tiny", &[[20.02999, 49.92999, 20.03001, 49.93001]])]);
    scene.write("secret.csv", "answer,site_id,value,use_restriction\noccupancy,H,40,protection\n");
    scene.write("answers.csv", "answer,site_id,value\noccupancy,H,40\nclosed,X,\n");
    scene.write("links.csv", "from,to,theta\nH,X,0.5\nH,H,0.5\nH,K,1.5\n,H,1\n");
    scene.write("places.csv", "name,where\nSt Anna,here\n");
    scene.cut("areas.geojson", 90, "cut.geojson");
    scene.layers("two.gpkg", "GPKG", Some(4326), &[("north", &[shape]), ("south", &[shape])]);
    scene.layer("unnamed.shp", "ESRI Shapefile", None, &[shape]);
}

fn rasters(scene: &Scene) {
    scene.write("empty.tif", "");
    scene.write("text.tif", "hello");
    scene.cut("pop.tif", scene.read("pop.tif").len() - 200, "cut.tif");
    scene.raster("pop_density.tif", 10, &[10.0_f32; 100]);
    scene.bare_raster("nowhere.tif", 10, &[1.0_f32; 100], &[]);
    scene.raster("crowd.tif", 10, &[1e6_f32; 100]);
    scene.raster("under18.tif", 10, &[11.0_f32; 100]);
    scene.raster("west.tif", 4, &[10.0_f32; 40]);
    scene.raster("below.tif", 10, &[-99_999.0_f32; 100]);
    let gaps = scene.raster("gaps.tif", 10, &[-1.0_f32; 100]);
    gaps.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    drop(gaps);
    scene.write("wide.vrt", wide(i32::MAX.unsigned_abs(), 32_768));
}

/// A raster of the whole world of so many columns and rows, with nobody in it.
fn wide(cols: u32, rows: u32) -> String {
    format!(
        "<VRTDataset rasterXSize=\"{cols}\" rasterYSize=\"{rows}\"><SRS>EPSG:4326</SRS>\
         <GeoTransform>-180,{},0,90,0,{}</GeoTransform>\
         <VRTRasterBand dataType=\"Float32\" band=\"1\"/></VRTDataset>",
        360.0 / f64::from(cols),
        -180.0 / f64::from(rows)
    )
}

/// A polygon of one ring, which is closed here.
fn ring(points: &[[f64; 2]]) -> Value {
    let mut points = points.to_vec();
    points.push(points[0]);
    json!({"type": "Polygon", "coordinates": [points]})
}

/// One area for each kind of fault of rings.
fn faulty_rings() -> Vec<Value> {
    let [west, south, east, north] = USUAL;
    let shell = [west, south, east, north];
    let hole = |by: f64| [west + by, south + by, east - by, north - by];
    let beside = [east - 0.01, south, east + 0.02, north];
    let shapes = [
        ("line", ring(&[[west, south], [east, south], [west, south]])),
        ("bow", ring(&[[west, south], [east, north], [east, south], [west, north]])),
        (
            "touch",
            ring(&[
                [west, south],
                [east, south],
                [20.03, 49.93],
                [east, north],
                [west, north],
                [20.03, 49.93],
            ]),
        ),
        ("crossing hole", polygon(&[shell, beside])),
        ("hole along", polygon(&[shell, [west, 49.93, 20.03, 49.94]])),
        ("outer hole", polygon(&[shell, [20.06, 49.92, 20.07, 49.93]])),
        ("hole in hole", polygon(&[shell, hole(0.005), hole(0.01)])),
        ("parts over", parts(&[shell, beside])),
        ("parts along", parts(&[shell, [east, south, east + 0.02, north]])),
    ];
    shapes.iter().map(|(id, shape)| feature(shape, &json!({"id": id}))).collect()
}

/// The messages of a run for machines.
fn objects(scene: &Scene, args: &str) -> Vec<Value> {
    let ran = scene.run(&format!("{args} --log-format json"));
    let object = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    ran.err.lines().map(object).collect()
}

/// What a run says to people.
fn lines(scene: &Scene, args: &str, text: &mut String) {
    let ran = scene.run(args);
    write!(text, "$ civex {args}\n{}exit {}\n\n", ran.err, ran.code).unwrap();
}

/// The runs in text, and the first message of each kind for machines; every message has the style.
fn shows(name: &str, cases: &[Case]) -> BTreeSet<String> {
    let scene = scene();
    let (mut text, mut machine, mut kinds) = (String::new(), String::new(), BTreeSet::new());
    for (kind, args) in cases {
        lines(&scene, args, &mut text);
        let objects = objects(&scene, args);
        assert!(
            objects.iter().any(|said| said["kind"] == *kind),
            "no {kind} by {args}: {objects:?}"
        );
        for object in &objects {
            assert_style(object);
            if kinds.insert(object["kind"].as_str().unwrap().to_string()) {
                writeln!(machine, "{object}").unwrap();
            }
        }
    }
    insta::with_settings!({omit_expression => true}, {
        insta::assert_snapshot!(format!("{name}_text"), text);
        insta::assert_snapshot!(format!("{name}_json"), machine);
    });
    kinds
}

/// Kinds of the run as a whole, which belong to no file.
const OF_THE_RUN: [&str; 5] =
    ["usage", "strict", "fail_on", "outside_everything", "sites_elsewhere"];

/// Errors and problems that tell their way out in the sentence, or have none.
const WITHOUT_HINT: [&str; 5] = ["strict", "fail_on", "unusable", "text_fault", "site"];

/// One sentence, lower case or beginning with where, no full stop, no path of the machine.
fn assert_style(object: &Value) {
    let [level, kind, message] =
        ["level", "kind", "message"].map(|key| object[key].as_str().unwrap());
    let hint = object["hint"].as_str();
    for text in [Some(message), hint].into_iter().flatten() {
        assert!(!text.ends_with(['.', '!', ' ', '\n']), "{text}");
        assert!(!text.contains('\n') && !text.contains(". "), "more than one sentence: {text}");
        let bare = text.replace("[folder]/", "").replace("/vsi", "");
        assert!(!bare.contains(" /") && !bare.contains("(/"), "a path of the machine: {text}");
    }
    let whereabouts = ["file", "area"].iter().find_map(|key| object[*key].as_str());
    if OF_THE_RUN.contains(&kind) {
        let first = message.chars().next().unwrap();
        assert!(!first.is_uppercase(), "{message}");
    } else {
        let named = whereabouts.unwrap_or_else(|| panic!("from nowhere: {object}"));
        assert!(message.contains(named), "{named} is not in {message}");
        let sentence = message.split_once(": ").unwrap().1;
        assert!(
            !sentence.starts_with(char::is_uppercase) || starts_with_name(sentence),
            "{message}"
        );
    }
    if level != "notice" && !WITHOUT_HINT.contains(&kind) {
        assert!(hint.is_some(), "no way out: {object}");
    }
}

/// Names are written as they are.
fn starts_with_name(sentence: &str) -> bool {
    ["OpenStreetMap", "GeoJSON"].iter().any(|name| sentence.starts_with(name))
}

#[test]
fn what_stops_a_run() {
    let mut kinds = shows("errors", &ERRORS);
    kinds.extend(shows("refusals", &REFUSALS));
    for kind in ReadError::KINDS.into_iter().chain(WriteError::KINDS) {
        assert!(kinds.contains(kind), "nothing provokes {kind}");
    }
}

#[test]
fn what_is_faulty() {
    let mut kinds = shows("problems", &PROBLEMS);
    kinds.extend(CHECKED.map(|(kind, _)| kind.to_string()));
    for kind in Problem::KINDS {
        assert!(kinds.contains(kind), "nothing provokes {kind}");
    }
    let (scene, mut text) = (scene(), String::new());
    for (_, args) in CHECKED {
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{args}");
        write!(text, "$ civex {args}\n{}\n", ran.out).unwrap();
    }
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!("checked", text) });
}

#[test]
fn what_limits_a_number() {
    let kinds = shows("notices", &NOTICES);
    for kind in NoticeKind::ALL {
        assert!(kinds.contains(kind.name()), "nothing provokes {}", kind.name());
    }
}

#[test]
fn machines_are_told_every_notice_and_people_the_first_few() {
    let scene = Scene::usual();
    let halves: Vec<Value> =
        (0..9).map(|id| area(&id.to_string(), &[[19.95, 49.92, 20.05, 49.95]])).collect();
    scene.write("halves.geojson", collection(&halves).to_string());
    let args = "assess plan.toml --areas halves.geojson";
    let partial =
        objects(&scene, args).iter().filter(|said| said["kind"] == "partial_data").count();
    assert_eq!(partial, 9);
    let said = scene.run(args).err;
    assert_eq!(said.lines().count(), 6);
    let wanted = "notice: 4 more such notices (partial_data); `--log-format json` gives all\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn what_was_decided_is_told_to_those_who_want_to_know() {
    let scene = scene();
    let args = "assess plan.toml --population pop.tif --population west.tif,nodata_means=zero \
                --sites sites.geojson --threads 2 --memory 1G --verbose";
    let ran = scene.run(args);
    assert_eq!(ran.out, scene.run(&args.replace(" --verbose", "")).out);
    // How long a stage took differs from run to run, and the digest with the built-in scheme.
    let told = |line: &str| {
        let (head, tail) = line.rsplit_once(' ').unwrap();
        let is_stage = tail == "s";
        let cut = if is_stage {
            head.rsplit_once(' ').unwrap().0.to_string() + " …"
        } else {
            line.into()
        };
        cut.split(", digest ").next().unwrap().to_string()
    };
    let lines: Vec<String> =
        ran.err.lines().filter(|line| line.starts_with("note")).map(told).collect();
    insta::assert_snapshot!(lines.join("\n"));
    let objects = objects(&scene, args);
    let kinds: BTreeSet<&str> = objects.iter().filter_map(|said| said["kind"].as_str()).collect();
    assert!(["input", "machine", "scheme", "stage"].iter().all(|kind| kinds.contains(kind)));
}

#[test]
fn machines_are_told_how_the_work_goes_on() {
    let scene = Scene::usual();
    let told = objects(&scene, "assess plan.toml --progress");
    let stages: Vec<&str> = told.iter().map(|said| said["stage"].as_str().unwrap()).collect();
    assert!(stages.contains(&"assessing areas"), "{stages:?}");
    assert!(told.iter().all(|said| said["level"] == "progress" && said["done"] == 0));
    assert!(objects(&scene, "assess plan.toml --progress --quiet").is_empty());
}

#[test]
fn quiet_leaves_errors_and_problems() {
    let scene = scene();
    let said = scene.run("assess plan.toml --areas odd.geojson --population gaps.tif --quiet").err;
    assert_eq!(said.lines().count(), 2, "{said}");
    assert!(said.starts_with("problem: odd.geojson: area \"none\""), "{said}");
    assert!(scene.run("--quiet assess gone.toml").err.starts_with("error: gone.toml"));
    assert_eq!(scene.run("--quiet assess plan.toml --verbose").code, 2);
}

#[test]
fn standard_output_is_the_same_whatever_is_said_beside_it() {
    let scene = scene();
    for args in ["assess bow.toml", "check bow.toml", "taxonomy", "scheme"] {
        scene.write("bow.toml", PLAN.replace("areas.geojson", "bow.geojson"));
        let plain = scene.run(args);
        for more in ["--log-format json", "--verbose", "--quiet", "--log-format=json --verbose"] {
            let ran = scene.run(&format!("{args} {more}"));
            assert_eq!((ran.code, &ran.out), (plain.code, &plain.out), "{args} {more}");
        }
    }
    assert_eq!(scene.run("--help --log-format json").code, 0);
}

/// A run with some settings of the environment: standard output and standard error.
fn with_env(scene: &Scene, args: &str, env: &[(&str, &str)]) -> [String; 2] {
    let mut command = scene.command(args);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"] {
        command.env_remove(name);
    }
    let output = command.envs(env.iter().copied()).output().unwrap();
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
}

#[test]
fn labels_are_colored_where_color_is_wanted_and_the_text_is_the_same() {
    let scene = scene();
    let args = "assess plan.toml --areas odd.geojson --population gaps.tif --strict";
    let [out, plain] = with_env(&scene, args, &[]);
    assert!(!plain.contains('\u{1b}'), "{plain}");
    for env in [[("NO_COLOR", "1")], [("TERM", "dumb")]] {
        assert_eq!(with_env(&scene, args, &env), [out.clone(), plain.clone()]);
    }
    let [forced_out, forced] = with_env(&scene, args, &[("CLICOLOR_FORCE", "1")]);
    assert_eq!(forced_out, out);
    for label in ["\u{1b}[1m\u{1b}[31merror:\u{1b}[0m", "\u{1b}[1m\u{1b}[33mproblem:\u{1b}[0m"] {
        assert!(forced.contains(label), "{forced:?}");
    }
    let pieces: Vec<&str> = forced.split('\u{1b}').collect();
    let bare = pieces.iter().map(|piece| match piece.strip_prefix('[') {
        Some(code) => code.split_once('m').unwrap().1,
        None => piece,
    });
    assert_eq!(bare.collect::<String>(), plain);
    // Machines are never sent colors.
    let json = format!("{args} --log-format json");
    assert!(!with_env(&scene, &json, &[("CLICOLOR_FORCE", "1")])[1].contains('\u{1b}'));
}

#[test]
fn what_steers_a_terminal_is_not_handed_on_from_an_input() {
    let scene = Scene::usual();
    let named = feature(&Value::Null, &json!({"id": "\u{1b}[2JA\u{7}"}));
    scene.write("odd.geojson", collection(&[area("B", &[USUAL]), named]).to_string());
    let args = "assess plan.toml --areas odd.geojson";
    let [_, said] = with_env(&scene, args, &[("CLICOLOR_FORCE", "1")]);
    assert!(said.contains("area \"\u{fffd}[2JA\u{fffd}\""), "{said:?}");
    assert_eq!(objects(&scene, args)[0]["area"], "\u{1b}[2JA\u{7}");
}

#[test]
fn nobody_at_the_other_end_is_no_failure_of_its_own() {
    use std::process::{Command, Stdio};
    let scene = scene();
    for (args, code) in [
        ("assess plan.toml --areas odd.geojson --verbose", 1),
        ("assess gone.toml", 2),
        ("assess gone.toml --log-format json", 2),
        ("frobnicate", 2),
        ("scheme", 0),
        ("taxonomy", 0),
        ("check plan.toml", 0),
        ("--help", 0),
    ] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_civex"))
            .args(args.split(' '))
            .current_dir(scene.path(""))
            .stdout(if code == 0 { Stdio::piped() } else { Stdio::null() })
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(code), "{args}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_are_a_misuse_and_folders_may_have_them() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::usual();
    let odd = OsStr::from_bytes(b"pl\xe9n.toml");
    let output = scene.command("assess").arg(odd).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: invalid UTF-8"), "{said}");
    let folder = scene.path("").join(OsStr::from_bytes(b"f\xf6lder"));
    std::fs::create_dir(&folder).unwrap();
    for name in ["plan.toml", "areas.geojson", "pop.tif"] {
        std::fs::copy(scene.path(name), folder.join(name)).unwrap();
    }
    let output = scene.command("assess plan.toml").current_dir(&folder).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// What is said of a scenario of that text.
fn of_scenario(text: &[u8]) -> String {
    let scene = Scene::usual();
    scene.write("s.toml", text);
    scene.run("assess s.toml").err
}

#[test]
fn a_caret_stands_below_what_it_means_behind_tabs_too() {
    let said = of_scenario(b"[areas]\npath = \"a\"\n\t\tbufer\t= \t1\n");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "error: s.toml:3:3: unknown key `bufer` in [areas]");
    assert_eq!(lines[1..3], [" 3 | \t\tbufer\t= \t1", "   | \t\t^"]);
}

#[test]
fn ends_of_lines_and_byte_order_marks_move_no_caret() {
    let text = "bufer = 1\n[areas]\npath = \"a\"\n[[population]]\npath = 7\n";
    let said = of_scenario(text.as_bytes());
    assert!(said.contains("s.toml:1:1: ") && said.contains("s.toml:5:8: "), "{said}");
    assert_eq!(of_scenario(text.replace('\n', "\r\n").as_bytes()), said);
    assert_eq!(of_scenario(format!("\u{feff}{text}").as_bytes()), said);
    let scene = Scene::usual();
    for mark in ["", "\u{feff}"] {
        scene.write("s.json", format!("{mark}{{\"ärea\": {{\"path\": \"x\"}}}}"));
        assert_eq!(scene.run("assess s.json").said(), "error: s.json:1:2: unknown key `ärea`");
    }
    let scheme = "[floors]\nt1 = 10\n";
    let of = |text: String| {
        scene.write("f.toml", text);
        scene.run("scheme f.toml").err
    };
    assert_eq!(of(format!("\u{feff}{scheme}")), of(scheme.into()));
}

#[test]
fn of_a_very_long_line_the_part_around_the_caret_is_shown() {
    let long = format!("[areas]\npath = \"{}\", bufer = 1\n", "ü".repeat(5000));
    let said = of_scenario(long.as_bytes());
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.iter().all(|line| line.chars().count() < 140), "{said}");
    let caret = lines[2].chars().position(|letter| letter == '^').unwrap();
    assert_eq!(lines[1].chars().nth(caret), Some(','), "{said}");
}

#[test]
fn a_raster_without_end_costs_only_what_is_wanted_of_it() {
    let scene = Scene::usual();
    scene.write("wide.vrt", wide(i32::MAX.unsigned_abs(), 32_768));
    scene.write("endless.vrt", wide(i32::MAX.unsigned_abs(), i32::MAX.unsigned_abs()));
    let found = scene.assess("wide.vrt --memory 2G");
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(found.assessment().number(0, "pop_best"), 0.0);
    let world = area("world", &[[-180.0, -90.0, 180.0, 90.0]]);
    scene.write("world.geojson", collection(&[world]).to_string());
    let refused = scene.refused("assess --areas world.geojson --population wide.vrt --memory 2G");
    let wanted =
        "wide.vrt: the areas span 70,368,744,144,896 cells, which may take 606.5 TiB of memory";
    assert_eq!(refused.0, format!("{wanted}, and 1.9 GiB may be used"));
    assert!(
        refused.1.starts_with("assess fewer or smaller areas at a time, with fewer `--threads`")
    );
    // Some meters, that is some hundred cells each way.
    let small = area("small", &[[20.0, 49.0, 20.0 + 5e-5, 49.0 + 5e-5]]);
    scene.write("areas.geojson", collection(&[small]).to_string());
    let found = scene.assess("endless.vrt --memory 2G");
    assert_eq!(found.code, 0, "{}", found.err);
    assert_eq!(found.assessment().number(0, "missing_share"), 0.0);
}

#[test]
fn areas_go_by_their_names_and_by_their_ids_where_two_share_one() {
    let scene = Scene::usual();
    let of = |id: &str, name: Option<&str>| {
        feature(&polygon(&[[19.95, 49.92, 20.05, 49.95]]), &json!({"id": id, "name": name}))
    };
    let areas = [of("1", Some("Newark staging area")), of("2", None), of("3", Some("Depot"))];
    let areas = [&areas[..], &[of("4", Some("Depot"))]].concat();
    scene.write("named.geojson", collection(&areas).to_string());
    let args = "assess plan.toml --areas named.geojson";
    let ran = scene.run(args);
    let subjects =
        ["\"Newark staging area\": ", "area \"2\": ", "\"Depot\" (3): ", "\"Depot\" (4): "];
    for (line, subject) in ran.err.lines().zip(subjects) {
        assert!(line.starts_with(&format!("notice: {subject}")), "{line}");
    }
    let ids: Vec<Value> = objects(&scene, args).iter().map(|said| said["area"].clone()).collect();
    assert_eq!(ids, ["1", "2", "3", "4"]);
    let labels = ran.out.lines().skip(2).take(4).map(|line| line.split("  ").next().unwrap());
    assert_eq!(labels.collect::<Vec<_>>(), ["Newark staging area", "2", "Depot (3)", "Depot (4)"]);
}

#[test]
fn a_missing_file_is_told_where_the_scenario_names_it() {
    let scene = Scene::usual();
    scene.write("gone.toml", PLAN.replace("pop.tif", "gone.tif"));
    let ran = scene.run("check gone.toml");
    let wanted = "problem: gone.toml:5:8: gone.tif: no such file (looked for [folder]/gone.tif)\n";
    assert!(ran.out.starts_with(wanted), "{}", ran.out);
    assert!(ran.out.contains("\n 5 | path = \"gone.tif\"\n   |        ^\n"), "{}", ran.out);
}
