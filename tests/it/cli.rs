//! Whole outcomes of the subcommands: standard output, standard error and status together.

use crate::scene::{Scene, USUAL, area, collection, point};
use serde_json::json;
use std::io::Read;
use std::process::{Command, Stdio};

/// The usual scene with a bow-tie, a layer of two sites, and faulty scenarios.
fn scene() -> Scene {
    let scene = Scene::usual();
    let bow = json!({"type": "Feature", "properties": {"id": "bow"}, "geometry": {"type": "Polygon",
        "coordinates": [[[20.02, 49.92], [20.06, 49.96], [20.06, 49.92], [20.02, 49.96], [20.02, 49.92]]]}});
    let none = json!({"type": "Feature", "properties": {"id": "none"}, "geometry": null});
    scene.write("odd.geojson", collection(&[area("A", &[USUAL]), bow, none]).to_string());
    let sites = [
        point([20.03, 49.93], &json!({"id": "H", "name": "St Anna", "class": "hospital"})),
        point([20.04, 49.93], &json!({"id": "S", "class": "safe_house"})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("faulty.toml", "[areas]\npaht = \"areas.geojson\"\n");
    scene.write("scheme.toml", "name = \"strict\"\n[floors]\nt1 = 70\n");
    scene.write("lower.toml", "[floors]\nt1 = 10\n");
    scene
}

/// Compares the outcomes of runs with those recorded under a name.
fn shows(name: &str, runs: &[&str]) {
    let transcript = scene().transcript(runs);
    insta::with_settings!({omit_expression => true}, { insta::assert_snapshot!(name, transcript) });
}

#[test]
fn assess() {
    shows(
        "assess",
        &[
            "assess plan.toml",
            "assess plan.toml --sites sites.geojson",
            "assess --areas odd.geojson --population pop.tif",
            "assess --areas odd.geojson --population pop.tif --strict",
            "assess --areas odd.geojson --population pop.tif --quiet -o quiet.geojson",
            "assess faulty.toml",
            "assess gone.toml",
            "assess",
            "assess --areas areas.geojson",
        ],
    );
}

#[test]
fn check() {
    shows(
        "check",
        &[
            "check plan.toml",
            "check --areas odd.geojson --population pop.tif --sites sites.geojson",
            "check --areas gone.geojson --population gone.tif --sites gone.csv --scheme lower.toml",
            "check faulty.toml",
            "check gone.toml",
        ],
    );
}

#[test]
fn scheme() {
    shows(
        "scheme",
        &["scheme --diff", "scheme scheme.toml --diff", "scheme lower.toml", "scheme gone.toml"],
    );
    let ran = scene().run("scheme");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert!(ran.out.starts_with("# digest "), "{}", ran.out);
}

#[test]
fn the_whole_scheme_reads_back_as_itself() {
    let scene = Scene::empty();
    let whole = scene.run("scheme").out;
    scene.write("whole.toml", &whole);
    assert_eq!(scene.run("scheme whole.toml").out, whole);
}

#[test]
fn taxonomy() {
    let scene = Scene::empty();
    let ran = scene.run("taxonomy");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    // A head, and the 39 classes.
    assert_eq!(ran.out.lines().count(), 40, "{}", ran.out);
    let ran = scene.run("taxonomy --json");
    let classes: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(classes.as_array().unwrap().len(), 39);
    assert_eq!(classes[0]["class"], "hospital");
    assert_eq!(scene.run("taxonomy --all").code, 2);
}

#[test]
fn what_nobody_can_mean_is_a_misuse() {
    let scene = Scene::usual();
    for args in [
        "",
        "frobnicate",
        "assess plan.toml more.toml",
        "assess plan.toml --fail-on extreme",
        "assess plan.toml --with gaps",
        "assess plan.toml --threads some",
    ] {
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "civex {args}");
        assert!(!ran.err.contains("panicked"), "{}", ran.err);
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let scene = Scene::usual();
    // More than a pipe holds, so that the program is still writing when the reader leaves.
    let features: Vec<_> = (0..400).map(|id| area(&id.to_string(), &[USUAL])).collect();
    scene.write("many.geojson", collection(&features).to_string());
    let mut child = Command::new(env!("CARGO_BIN_EXE_civex"))
        .args(["assess", "--areas", "many.geojson", "--population", "pop.tif", "-o", "-"])
        .current_dir(scene.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut start = [0; 64];
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut start).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn nothing_is_colored_where_there_is_no_terminal_or_color_is_unwanted() {
    let scene = Scene::usual();
    let plain = scene.run("assess plan.toml");
    let unwanted = scene.command("assess plan.toml").env("NO_COLOR", "1").output().unwrap();
    assert_eq!(plain.out.as_bytes(), unwanted.stdout);
    let error = scene.command("assess --nonsense").env("NO_COLOR", "1").output().unwrap();
    for text in [plain.out.as_bytes(), &error.stderr] {
        assert!(!text.contains(&0x1b), "an escape sequence");
    }
}

#[test]
fn a_band_that_is_reached_or_unknown_ends_with_status_one_and_the_whole_result() {
    let scene = Scene::usual();
    let low = "assess plan.toml -o";
    assert_eq!(scene.run(&format!("{low} a.geojson --fail-on low")).code, 1);
    assert_eq!(scene.run(&format!("{low} b.geojson --fail-on very_high")).code, 0);
    assert_eq!(scene.read("a.geojson"), scene.read("b.geojson"));
    let half = area("half", &[[19.95, 49.92, 20.05, 49.95]]);
    scene.write("half.geojson", collection(&[half]).to_string());
    let ran = scene.run("assess --areas half.geojson --population pop.tif --fail-on very_high");
    assert_eq!(ran.code, 1, "an unknown band may be any");
}

#[test]
fn areas_come_from_standard_input_too() {
    let scene = Scene::usual();
    let text = String::from_utf8(scene.read("areas.geojson")).unwrap();
    let args = "assess --areas - --population pop.tif -o -";
    let ran = scene.run_with_input(args, &text);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0);
    let ran = scene.run_with_input(args, "");
    assert_eq!((ran.code, ran.said()), (2, "error: -: the file is empty"));
}

#[test]
fn progress_is_told_only_where_it_is_wanted() {
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml").err, "");
    assert_eq!(scene.run("assess plan.toml --quiet --progress").err, "");
}
