//! Many scenarios into one folder: each like a run of its own, whatever stops the whole.

use crate::scene::{PLAN, Scene, USUAL, area, collection};
use rand::{RngExt, SeedableRng};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The usual scene with three scenarios that differ in their areas.
fn three() -> Scene {
    let scene = Scene::usual();
    for (name, east) in [("one", 20.05), ("two", 20.06), ("three", 20.07)] {
        several(&scene, name, east);
    }
    scene
}

/// A scenario in `plans` with an area of its own.
fn several(scene: &Scene, name: &str, east: f64) {
    let [west, south, _, north] = USUAL;
    let drawn = collection(&[area("A", &[[west, south, east, north]])]);
    scene.write(&format!("areas/{name}.geojson"), drawn.to_string());
    let plan = PLAN.replace("areas.geojson", &format!("../areas/{name}.geojson"));
    scene.write(&format!("plans/{name}.toml"), plan.replace("pop.tif", "../pop.tif"));
}

/// The records of a manifest.
fn records(scene: &Scene, folder: &str) -> Vec<Value> {
    let text = String::from_utf8(scene.read(&format!("{folder}/runs.jsonl"))).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// How many whole lines a text has.
fn lines(text: &[u8]) -> usize {
    text.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).count()
}

/// One key of all records.
fn told(scene: &Scene, folder: &str, key: &str) -> Vec<String> {
    let of = |record: &Value| record[key].as_str().unwrap_or_default().to_string();
    records(scene, folder).iter().map(of).collect()
}

/// All files of a folder; the manifest without its seconds.
fn content(scene: &Scene, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(scene.path(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, fs::read(entry.path()).unwrap());
    }
    let mut lines = records(scene, folder);
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("seconds").unwrap();
    }
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    files.insert("runs.jsonl".into(), lines.join("\n").into_bytes());
    files
}

#[test]
fn each_scenario_gives_what_assess_gives() {
    let scene = three();
    let ran = scene.run("batch plans --out-dir out --with options,gaps");
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(ran.out, "3 scenarios: 3 ok, 0 with problems, 0 failed\n");
    let names = ["plans/one.toml", "plans/three.toml", "plans/two.toml"];
    assert_eq!(told(&scene, "out", "scenario"), names);
    assert_eq!(told(&scene, "out", "status"), ["ok"; 3]);
    for name in ["one", "two", "three"] {
        let alone = format!("assess plans/{name}.toml -o alone/{name}.geojson --with options,gaps");
        assert_eq!(scene.run(&alone).code, 0);
    }
    let mut batch = content(&scene, "out");
    let manifest = batch.remove("runs.jsonl").unwrap();
    batch.remove("runs.lock").unwrap();
    assert_eq!(batch.len(), 12);
    for (name, bytes) in &batch {
        assert_eq!(bytes, &scene.read(&format!("alone/{name}")), "{name}");
    }
    let text = String::from_utf8(manifest).unwrap();
    assert!(batch.keys().all(|name| text.contains(&format!("\"{name}\""))), "{text}");
}

#[test]
fn the_manifest_tells_what_is_wrong() {
    let scene = three();
    let square = crate::scene::polygon(&[[20.02, 49.92, 20.05, 49.95]]);
    let late = serde_json::json!({"id": "L", "start": "01/12/2026 06:00", "end": "2026-12-02"});
    let none = serde_json::json!({"type": "Feature", "geometry": null, "properties": {"id": "N"}});
    let areas = [crate::scene::feature(&square, &late), none];
    scene.write("areas/one.geojson", collection(&areas).to_string());
    let ran = scene.run("batch plans --out-dir out --fail-on very_low");
    assert_eq!(ran.out, "3 scenarios: 0 ok, 3 with problems, 0 failed\n");
    let problems = |place: usize| {
        let of = records(&scene, "out").swap_remove(place);
        let of = of["problems"].as_array().unwrap().iter();
        of.map(|text| text.as_str().unwrap().to_string()).collect::<Vec<_>>()
    };
    let [faulty, reached] = [problems(0), problems(2)];
    assert_eq!(faulty.len(), 3, "{faulty:?}");
    let has = |text: &str| faulty.iter().any(|problem| problem.contains(text));
    assert!(has("area \"N\"") && has("`start` is \"01/12/2026 06:00\""), "{faulty:?}");
    assert!(reached.len() == 1 && reached[0].starts_with("`--fail-on very_low`"), "{reached:?}");
    scene.write("areas/one.geojson", collection(&[area("A", &[USUAL])]).to_string());
    assert_eq!(scene.run("batch plans/one.toml --out-dir out --resume").code, 0);
    assert_eq!(records(&scene, "out")[0].get("problems"), None);
}

#[test]
fn every_format_may_be_that_of_a_batch() {
    let scene = three();
    for (format, beside) in [("gpkg", 0), ("fgb", 1), ("csv", 1), ("kml", 1), ("geojsonl", 1)] {
        let ran =
            scene.run(&format!("batch plans --out-dir {format} --format {format} --with gaps"));
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{format}");
        for (record, name) in records(&scene, format).iter().zip(["one", "three", "two"]) {
            let outputs = record["outputs"].as_array().unwrap();
            assert_eq!(outputs[0]["name"], format!("{name}.{format}"));
            // With the provenance where a format has no place for it, the layer of gaps and its form.
            let gaps = if format == "gpkg" { 1 } else { 2 };
            assert_eq!(outputs.len(), 1 + beside + gaps, "{format}");
        }
        let before = content(&scene, format);
        let again = scene
            .run(&format!("batch plans --out-dir {format} --format {format} --with gaps --resume"));
        assert!(again.code == 0 && content(&scene, format) == before, "{format}: {}", again.err);
    }
}

#[test]
fn one_that_fails_does_not_stop_the_others() {
    let scene = three();
    scene.write("plans/gone.toml", PLAN);
    let ran = scene.run("batch plans --out-dir out");
    assert_eq!(ran.code, 2);
    assert_eq!(ran.out, "4 scenarios: 3 ok, 0 with problems, 1 failed\n");
    assert!(ran.said().starts_with("error: plans/gone.toml: areas.geojson: "), "{}", ran.err);
    assert_eq!(told(&scene, "out", "status"), ["failed", "ok", "ok", "ok"]);
    assert!(told(&scene, "out", "error")[0].starts_with("areas.geojson: no such file"));
    assert!(!scene.has("out/gone.geojson"));
    let said = scene.run("batch plans --out-dir out --resume --log-format json").err;
    let said: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&said["scenario"], &said["kind"]),
        (&"plans/gone.toml".into(), &"not_found".into())
    );
    scene.write("plans/gone.toml", PLAN.replace('"', "'"));
    scene.write("plans/areas.geojson", scene.read("areas.geojson"));
    scene.write("plans/pop.tif", scene.read("pop.tif"));
    let ran = scene.run("batch plans --out-dir out --resume");
    assert_eq!(ran.out, "4 scenarios: 4 ok, 0 with problems, 0 failed; 3 of them done before\n");
    assert_eq!(ran.code, 0);
    // What names the scenario itself names it once.
    scene.write("plans/gone.toml", "name = [");
    let ran = scene.run("batch plans --out-dir out --resume");
    assert!(ran.said().starts_with("error: plans/gone.toml:1:"), "{}", ran.err);
}

#[test]
fn problems_are_told_by_the_status() {
    let scene = three();
    let args = "batch plans --out-dir out --fail-on very_low";
    assert_eq!(scene.run(args).code, 1);
    assert_eq!(told(&scene, "out", "status"), ["problems"; 3]);
    let again = scene.run(&format!("{args} --resume"));
    assert_eq!((again.code, again.err.as_str()), (1, ""), "what is done is not told again");
    let before = again.out.ends_with("; 3 of them done before\n");
    assert!(before, "{}", again.out);
}

/// When the outputs of a folder were written.
fn times(scene: &Scene, folder: &str) -> Vec<std::time::SystemTime> {
    let time = |name: &str| {
        let path = scene.path(&format!("{folder}/{name}.geojson"));
        path.metadata().unwrap().modified().unwrap()
    };
    ["one", "three", "two"].map(time).to_vec()
}

#[test]
fn what_is_done_and_unchanged_is_not_done_again() {
    let scene = three();
    let args = "batch plans --out-dir out --resume";
    assert_eq!(scene.run(args).code, 0);
    let (first, whole) = (times(&scene, "out"), content(&scene, "out"));
    assert!(scene.run(args).out.contains("3 of them done before"));
    assert_eq!(times(&scene, "out"), first);
    // An input, the scenario, an output, a flag: each makes those anew that it touches.
    several(&scene, "three", 20.08);
    assert!(scene.run(args).out.contains("2 of them done before"));
    let second = times(&scene, "out");
    let is_same: Vec<bool> = first.iter().zip(&second).map(|(one, two)| one == two).collect();
    assert_eq!(is_same, [true, false, true]);
    several(&scene, "three", 20.07);
    assert!(scene.run(args).out.contains("2 of them done before"));
    assert_eq!(content(&scene, "out"), whole);
    let plan = String::from_utf8(scene.read("plans/one.toml")).unwrap();
    scene.write("plans/one.toml", format!("{plan}name = \"other\"\n"));
    scene.write("out/two.geojson", "{}");
    assert!(scene.run(&format!("{args} --overwrite")).out.contains("1 of them done before"));
    assert!(!scene.run(&format!("{args} --with gaps")).out.contains("before"));
    assert!(scene.has("out/one.gaps.csv"));
    scene.write("pop.tif", [scene.read("pop.tif"), vec![0]].concat());
    assert!(!scene.run(args).out.contains("before"));
    assert!(!scene.has("out/one.gaps.csv"), "of an earlier run with other layers");
}

#[test]
fn a_line_that_was_cut_off_is_mended() {
    let scene = three();
    let args = "batch plans --out-dir out --resume --overwrite";
    assert_eq!(scene.run(args).code, 0);
    let (whole, manifest) = (content(&scene, "out"), scene.read("out/runs.jsonl"));
    let second = manifest.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in [0, 1, second - 1, second, second + 40, manifest.len() - 1] {
        scene.write("out/runs.jsonl", &manifest[..cut]);
        scene.write("out/.civex-1-2-left.part.gpkg", "half");
        scene.write("out/runs.lock", ".civex-1-2-\n");
        let done = lines(&manifest[..cut]);
        let ran = scene.run(args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert_eq!(ran.out.contains(&format!("; {done} of them done before")), done > 0, "{cut}");
        assert_eq!(content(&scene, "out"), whole, "cut at {cut}");
    }
    scene.write("out/runs.jsonl", "[1]\n{}\n");
    let (found, hint) = refused(&scene, args);
    assert_eq!(found, "out/runs.jsonl: line 1 is no record of a scenario");
    assert_eq!(hint, "give another `--out-dir`, or take the line out");
}

#[test]
fn what_another_program_has_begun_in_the_folder_stays() {
    let scene = three();
    let others = ["out/.civex-1-22-x.part", "out/.civex-x.part"];
    for name in others {
        scene.write(name, "theirs");
    }
    // The second is of a run that was killed while it wrote down how its names begin.
    for lock in [".civex-1-2-\n", ".civex-1-2", ""] {
        scene.write("out/runs.lock", lock);
        assert_eq!(scene.run("batch plans --out-dir out --resume").code, 0);
        assert!(others.iter().all(|name| scene.has(name)), "{lock:?}");
        assert_eq!(scene.read("out/runs.lock"), b"");
    }
}

/// A form with a cell filled in, as a spreadsheet may save it.
fn filled(form: &str, column: &str, text: &str) -> Vec<u8> {
    let mut rows = csv::Reader::from_reader(form.as_bytes());
    let mut heads = rows.headers().unwrap().clone();
    let found = heads.iter().position(|head| head == column);
    let place = found.unwrap_or(heads.len());
    if found.is_none() {
        heads.push_field(column);
    }
    let mut filled = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
    filled.write_record(&heads).unwrap();
    for (number, row) in rows.records().enumerate() {
        let row = row.unwrap();
        let cell = |at: usize| match row.get(at) {
            _ if number == 0 && at == place => text,
            cell => cell.unwrap_or_default(),
        };
        filled.write_record((0..heads.len()).map(cell)).unwrap();
    }
    filled.into_inner().unwrap()
}

#[test]
fn a_form_that_was_filled_in_is_kept() {
    let scene = three();
    let args = "batch plans/one.toml --out-dir out --with gaps --resume";
    assert_eq!(scene.run(args).code, 0);
    let form = String::from_utf8(scene.read("out/one.gaps.csv")).unwrap();
    let filled = filled(&form, "answer", "exists");
    scene.write("out/one.gaps.csv", &filled);
    assert!(scene.run(args).out.contains("1 of them done before"));
    scene.write("pop.tif", [scene.read("pop.tif"), vec![0]].concat());
    let before = scene.read("out/one.geojson");
    let ran = scene.run(args);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("out/one.gaps.csv: not written: it is there already"), "{}", ran.err);
    assert!(ran.err.contains("hint: it has answers, which would be lost"), "{}", ran.err);
    assert!(scene.read("out/one.geojson") == before, "what is there stays");
    let ran = scene.run("assess plans/one.toml --quiet --with gaps -o out/one.geojson");
    assert!(ran.code == 2 && ran.err.contains("it has answers"), "{}", ran.err);
    assert!(scene.read("out/one.gaps.csv") == filled);
    scene.write("out/one.gaps.csv", form);
    let ran = scene.run(&format!("{args} --overwrite"));
    assert!(ran.code == 0 && !ran.out.contains("before"), "{}", ran.err);
}

#[test]
fn whatever_somebody_wrote_in_a_form_is_kept() {
    let scene = three();
    let args = "assess plans/one.toml --quiet --with gaps -o one.geojson";
    assert_eq!(scene.run(args).code, 0);
    let form = String::from_utf8(scene.read("one.gaps.csv")).unwrap();
    for (column, text) in [
        ("value", "250"),
        ("longitude", "20.1"),
        ("observed_on", "2026-01-01"),
        ("note", "call back"),
    ] {
        let filled = filled(&form, column, text);
        scene.write("one.gaps.csv", &filled);
        let ran = scene.run(args);
        assert!(ran.code == 2 && scene.read("one.gaps.csv") == filled, "{column}: {}", ran.err);
    }
    for blank in [&filled(&form, "note", "")[..], form.as_bytes(), b""] {
        scene.write("one.gaps.csv", blank);
        let ran = scene.run(&format!("{args} --overwrite"));
        assert!(ran.code == 0 && scene.read("one.gaps.csv") == form.as_bytes(), "{}", ran.err);
    }
}

#[test]
fn scenarios_are_known_from_any_folder_and_after_a_renaming() {
    let scene = three();
    let run = |folder: &str, args: &[&str]| {
        let made = Command::new(env!("CARGO_BIN_EXE_civex"))
            .current_dir(scene.path(folder))
            .env("XDG_CACHE_HOME", scene.path("cache"))
            .args(["batch", "--resume", "--quiet"])
            .args(args)
            .output()
            .unwrap();
        let [out, err] = [made.stdout, made.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(err.is_empty(), "{err}");
        out
    };
    let none_before = "3 scenarios: 3 ok, 0 with problems, 0 failed\n";
    assert_eq!(run(".", &["plans", "--out-dir", "deep/er/out"]), none_before);
    let names = ["one", "three", "two"].map(|name| format!("../../../plans/{name}.toml"));
    assert_eq!(told(&scene, "deep/er/out", "path"), names);
    // Outputs name their scenario as it was typed, so they are made again.
    assert_eq!(run("areas", &["../plans", "--out-dir", "../deep/er/out"]), none_before);
    assert_eq!(told(&scene, "deep/er/out", "path"), names);
    assert_eq!(told(&scene, "deep/er/out", "scenario")[0], "../plans/one.toml");
    let before = "3 scenarios: 3 ok, 0 with problems, 0 failed; 3 of them done before\n";
    assert_eq!(run("areas", &["../plans", "--out-dir", "../deep/er/out"]), before);
    // Under another name of their folder they are others, and these are gone.
    fs::rename(scene.path("plans"), scene.path("moved")).unwrap();
    assert_eq!(run(".", &["moved", "--out-dir", "deep/er/out"]), none_before);
    assert_eq!(told(&scene, "deep/er/out", "scenario").len(), 3);
    fs::create_dir(scene.path("again")).unwrap();
    fs::copy(scene.path("moved/one.toml"), scene.path("again/one.toml")).unwrap();
    let (found, _) = refused(&scene, "batch again --out-dir deep/er/out --resume");
    assert_eq!(
        found,
        "again/one.toml: its output one.geojson would be that of moved/one.toml, too"
    );
}

/// Runs what must not begin; gives the error and its way out.
fn refused(scene: &Scene, args: &str) -> (String, String) {
    let ran = scene.run(args);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
    let line = |head: &str| ran.err.lines().find_map(|line| line.strip_prefix(head)).unwrap();
    (line("error: ").to_string(), line("hint: ").to_string())
}

#[test]
fn what_is_there_is_not_written_over() {
    let scene = three();
    assert_eq!(scene.run("batch plans --out-dir out").code, 0);
    let whole = content(&scene, "out");
    let (found, hint) = refused(&scene, "batch plans --out-dir out");
    assert_eq!(found, "out/runs.jsonl: not written: it is there already");
    assert_eq!(hint, "`--resume` goes on with it, or give another `--out-dir`");
    assert_eq!(content(&scene, "out"), whole);
    scene.write("other/two.geojson", "mine");
    let (found, _) = refused(&scene, "batch plans --out-dir other");
    assert_eq!(found, "other/two.geojson: not written: it is there already");
    assert_eq!(scene.read("other/two.geojson"), b"mine");
    // Not even when resumed is an input of any scenario lost.
    for resume in ["", " --resume"] {
        let (found, _) = refused(&scene, &format!("batch plans --out-dir areas{resume}"));
        let wanted =
            "areas/one.geojson: not written: it is an input of plans/one.toml, which would be lost";
        assert_eq!(found, wanted);
    }
    // Nor the result of a scenario that is not among these.
    scene.write("more/one.toml", scene.read("plans/one.toml"));
    let (found, _) = refused(&scene, "batch more --out-dir out --resume");
    assert_eq!(found, "more/one.toml: its output one.geojson would be that of plans/one.toml, too");
    assert_eq!(content(&scene, "out"), whole);
    let only = scene.run("batch plans/two.toml --out-dir out --resume");
    assert_eq!(only.out, "1 scenario: 1 ok, 0 with problems, 0 failed; 1 of them done before\n");
    assert_eq!(records(&scene, "out").len(), 3, "the others keep their records");
}

#[test]
fn two_of_one_name_are_refused_before_any_work() {
    let scene = three();
    for (path, other) in [("a/plan.toml", "A"), ("b/plan.toml", "B")] {
        scene.write(path, PLAN.replace("pop", other));
    }
    let (found, _) = refused(&scene, "batch plans a/plan.toml b/plan.toml --out-dir out");
    assert_eq!(found, "b/plan.toml: its output plan.geojson would be that of a/plan.toml, too");
    let (found, _) = refused(&scene, "batch plans ./plans//one.toml --out-dir out");
    assert_eq!(found, "plans/one.toml: it is given twice");
    scene.write("a/plan.gaps.toml", PLAN);
    let (found, _) = refused(&scene, "batch a --out-dir out");
    assert!(found.contains("plan.gaps.geojson would be that of"), "{found}");
    let (found, _) = refused(&scene, "batch areas --out-dir out");
    assert!(found.starts_with("areas: no scenario in it, wanted .toml or .json files"), "{found}");
    let (found, _) = refused(&scene, "batch nosuch other.toml --out-dir out");
    assert!(found.starts_with("nosuch: no such file"), "{found}");
    assert!(!scene.has("out"));
}

#[test]
fn scenarios_are_files_folders_or_lists_of_them() {
    let scene = three();
    // Folders of one scenario each are called after the folder; what is no scenario is left out.
    for name in ["north", "south"] {
        let plan = scene.read("plans/one.toml");
        let plan = String::from_utf8(plan).unwrap().replace("../", "../../");
        scene.write(&format!("many/{name}/scenario.toml"), plan);
    }
    scene.write("many/scheme.toml", "[floors]\nt1 = 70\n");
    scene.write("many/areas.json", scene.read("areas.geojson"));
    scene.write("list.txt", "# what is wanted\nplans/two.toml\n\n  many \n");
    let wanted = ["plans/two.toml", "many/north/scenario.toml", "many/south/scenario.toml"];
    assert_eq!(scene.run("batch @list.txt --out-dir out").code, 0);
    assert_eq!(told(&scene, "out", "scenario"), wanted);
    for name in ["two", "north", "south"] {
        assert!(scene.has(&format!("out/{name}.geojson")));
    }
    let ran = scene.run_with_input("batch - --out-dir piped", "plans/two.toml\nmany\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(told(&scene, "piped", "scenario"), wanted);
    assert_eq!(content(&scene, "piped"), content(&scene, "out"));
    let (found, _) = refused(&scene, "batch @gone.txt --out-dir no");
    assert!(found.starts_with("gone.txt: no such file"), "{found}");
    assert_eq!(scene.run("batch --out-dir no").code, 2);
}

#[test]
fn layers_that_are_shared_change_no_byte() {
    let scene = three();
    let places: Vec<Value> = (0..30)
        .map(|id| {
            let at = [20.021 + 0.001 * f64::from(id), 49.93];
            crate::scene::point(at, &serde_json::json!({"id": id, "class": "school"}))
        })
        .collect();
    scene.write("sites.geojson", collection(&places).to_string());
    let with = "[[sites]]\npath = \"../sites.geojson\"\n";
    // The second has a day and a closing date of its own, the fourth other options, the fifth another scheme.
    let plan = |name: &str| String::from_utf8(scene.read(&format!("plans/{name}.toml"))).unwrap();
    scene.write("scheme.toml", "[floors]\nt1 = 70\n");
    let day = "[scenario]\ndate = 2026-05-01\n";
    let scheme = "[scheme]\npath = \"../scheme.toml\"\n";
    for (name, text) in [
        ("p1", format!("{}{with}", plan("one"))),
        ("p2", format!("{day}{}{with}expires_on = 2026-04-01\n", plan("two"))),
        ("p3", format!("{}{with}", plan("two"))),
        ("p4", format!("{}{with}confidence = 0.5\n", plan("three"))),
        ("p5", format!("{}{with}{scheme}", plan("three"))),
        ("p6", format!("{day}{}{with}", plan("three"))),
    ] {
        scene.write(&format!("all/{name}.toml"), text);
        assert_eq!(scene.run(&format!("assess all/{name}.toml -o alone/{name}.geojson")).code, 0);
    }
    assert_eq!(scene.run("batch all --out-dir out").code, 0);
    for name in ["p1", "p2", "p3", "p4", "p5", "p6"] {
        let file = format!("{name}.geojson");
        assert!(
            scene.read(&format!("out/{file}")) == scene.read(&format!("alone/{file}")),
            "{name}"
        );
    }
}

#[test]
fn two_batches_do_not_write_to_one_folder() {
    let scene = three();
    assert_eq!(scene.run("batch plans --out-dir out").code, 0);
    let lock = fs::OpenOptions::new().write(true).open(scene.path("out/runs.lock")).unwrap();
    lock.try_lock().unwrap();
    let (found, _) = refused(&scene, "batch plans --out-dir out --resume");
    assert_eq!(found, "out/runs.lock: another batch is writing to this folder");
}

#[test]
fn whatever_input_changes_the_scenario_is_done_again() {
    let scene = Scene::usual();
    scene.raster("under18.tif", 10, &[2.0_f32; 100]);
    let school = |id: &str, at: f64| {
        let tags = serde_json::json!({"id": id, "amenity": "school"});
        crate::scene::point([at, 49.93], &tags)
    };
    let sites = [school("A", 20.03), school("B", 20.04)];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("rules.toml", "rules = [{ class = \"school\", tags = { shop = [\"mall\"] } }]\n");
    scene.write("answers.csv", "answer,site_id,value\noccupancy,A,40\n");
    scene.write("links.csv", "from,to,theta\nA,B,0.5\n");
    scene.write("strict.toml", "[floors]\nt1 = 70\n");
    let more = "[population.groups]\nchildren = { path = \"under18.tif\" }\n\
                [[sites]]\npath = \"sites.geojson\"\nclassify = \"osm\"\nrules = \"rules.toml\"\n\
                [[answers]]\npath = \"answers.csv\"\n[[links]]\npath = \"links.csv\"\n\
                [scheme]\npath = \"strict.toml\"\n";
    scene.write("plan.toml", format!("{PLAN}{more}"));
    let args = "batch plan.toml --out-dir out --resume";
    let ran = scene.run(args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written: Value = serde_json::from_slice(&scene.read("out/plan.geojson")).unwrap();
    let mut changed = 0;
    for input in written["civex"]["inputs"].as_array().unwrap() {
        let name = input["path"].as_str().unwrap();
        assert!(scene.run(args).out.contains("1 of them done before"), "{name}");
        scene.write(name, [scene.read(name), b"\n".to_vec()].concat());
        assert!(!scene.run(args).out.contains("before"), "{name} is part of the digest");
        changed += 1;
    }
    assert_eq!(changed, 9, "{}", written["civex"]["inputs"]);
}

#[test]
fn what_a_format_keeps_in_other_files_changes_a_scenario_too() {
    let scene = three();
    let args = "batch plans/one.toml --out-dir out --resume";
    let plan = String::from_utf8(scene.read("plans/one.toml")).unwrap();
    let made = Command::new("ogr2ogr")
        .current_dir(scene.path("."))
        .args(["areas/one.shp", "areas/one.geojson"])
        .status();
    assert!(made.unwrap().success());
    let virtual_layer = "<OGRVRTDataSource><OGRVRTLayer name=\"one\">\
        <SrcDataSource relativeToVRT=\"1\">one.shp</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>";
    scene.write("areas/one.vrt", virtual_layer);
    scene.write("plans/one.toml", plan.replace("one.geojson", "one.vrt"));
    let ran = scene.run(args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(scene.run(args).out.contains("1 of them done before"));
    let names = scene.read("areas/one.dbf");
    let other = names.iter().map(|byte| if *byte == b'A' { b'B' } else { *byte });
    scene.write("areas/one.dbf", other.collect::<Vec<u8>>());
    let ran = scene.run(args);
    assert!(ran.code == 0 && !ran.out.contains("before"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_file_that_changed_is_another_layer() {
    let scene = Scene::empty();
    let mut scenario = civex::model::Scenario::default();
    scenario.sites.push(civex::read::options::sites("sites.geojson,class=school").unwrap());
    let layers = civex::read::Layers::default();
    let folder = scene.path(".");
    // As if nobody had touched it since.
    let then = std::time::SystemTime::now() - Duration::from_secs(100);
    let key_of = |content: &str| {
        scene.write("sites.geojson", content);
        let file = fs::OpenOptions::new().write(true).open(scene.path("sites.geojson")).unwrap();
        file.set_modified(then).unwrap();
        let key = layers.sites_key(&scenario, Some(&folder)).unwrap();
        assert_eq!(layers.sites_key(&scenario, Some(&folder)), Some(key.clone()));
        key
    };
    let (one, other) = (key_of("one"), key_of("two"));
    assert_ne!(one, other, "of one length, and changed at one time as far as anybody tells");
    assert_eq!(key_of("one"), one);
    fs::remove_file(scene.path("sites.geojson")).unwrap();
    assert_eq!(layers.sites_key(&scenario, Some(&folder)), None);
}

/// A batch of the scenarios in `plans` that runs by itself.
fn begin(scene: &Scene, folder: &str) -> std::process::Child {
    Command::new(env!("CARGO_BIN_EXE_civex"))
        .current_dir(scene.path("."))
        .args(["batch", "plans", "--resume", "--threads", "1", "--with", "gaps,options"])
        .args(["--out-dir", folder])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until a manifest has so many lines, or the batch has ended.
fn wait_for(scene: &Scene, folder: &str, wanted: usize, child: &mut std::process::Child) {
    let begun = Instant::now();
    let path = scene.path(&format!("{folder}/runs.jsonl"));
    let count = || fs::read(&path).map_or(0, |text| lines(&text));
    while count() < wanted && child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::yield_now();
    }
}

#[cfg(unix)]
#[test]
fn a_signal_stops_it_between_two_scenarios() {
    let scene = three();
    for number in 0..200 {
        several(&scene, &format!("p{number:03}"), 20.05 + 0.0001 * f64::from(number));
    }
    for signal in ["-TERM", "-INT"] {
        let folder = format!("out{signal}");
        let mut child = begin(&scene, &folder);
        wait_for(&scene, &folder, 2, &mut child);
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("of 203 scenarios are done\nhint: `--resume` goes on\n"), "{said}");
        let done = records(&scene, &folder).len();
        assert!(said.contains(&format!("error: interrupted: {done} of 203 ")), "{said}");
        let names = content(&scene, &folder);
        assert!(!names.keys().any(|name| name.starts_with(".civex-")), "{:?}", names.keys());
        let outputs = names.keys().filter(|name| name.ends_with(".options.geojson")).count();
        assert_eq!(outputs, done, "no file of a scenario that has no record");
    }
}

#[cfg(unix)]
#[test]
fn a_second_signal_leaves_the_scenario_in_hand() {
    let scene = three();
    for number in 0..100 {
        several(&scene, &format!("p{number:03}"), 20.05 + 0.0001 * f64::from(number));
    }
    assert_eq!(begin(&scene, "whole").wait_with_output().unwrap().status.code(), Some(0));
    let mut child = begin(&scene, "out");
    wait_for(&scene, "out", 2, &mut child);
    for signal in ["-TERM", "-INT"] {
        // Whoever has ended already hears nothing.
        let _sent = Command::new("kill").args([signal, &child.id().to_string()]).output().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("error: interrupted: "), "{said}");
    assert_eq!(begin(&scene, "out").wait_with_output().unwrap().status.code(), Some(0));
    assert!(content(&scene, "out") == content(&scene, "whole"));
}

/// Kills a batch of `scenarios` so many times, and goes on with it each time.
fn killed(scenarios: u32, kills: usize, seed: u64) {
    let scene = Scene::usual();
    for number in 0..scenarios {
        several(&scene, &format!("p{number:03}"), 20.05 + 0.0001 * f64::from(number));
    }
    // One has problems and one fails: these, too, end as they do undisturbed.
    scene.write(
        "areas/p003.geojson",
        collection(&[area("M", &[[2e6, 6e6, 2.1e6, 6.1e6]])]).to_string(),
    );
    scene.write("plans/p005.toml", "[areas]\npath = \"gone.geojson\"\n");
    let begun = Instant::now();
    let whole = begin(&scene, "whole").wait_with_output().unwrap();
    let took = begun.elapsed();
    assert_eq!(whole.status.code(), Some(2));
    let mut random = rand_pcg::Pcg64Mcg::seed_from_u64(seed);
    let mut most = 0;
    for kill in 0..kills {
        let mut child = begin(&scene, "out");
        let wanted = 1 + kill * (scenarios as usize - 1) / kills;
        wait_for(&scene, "out", wanted, &mut child);
        // Somewhere within the scenario that follows.
        let until =
            Instant::now() + took.mul_f64(random.random::<f64>() * 1.5 / f64::from(scenarios));
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let text = scene.read("out/runs.jsonl");
        let done = lines(&text);
        assert!(done >= most, "what was done before is kept: {done} of {most}");
        most = done;
    }
    let last = begin(&scene, "out").wait_with_output().unwrap();
    assert_eq!(last.status.code(), Some(2));
    let (whole, out) = (content(&scene, "whole"), content(&scene, "out"));
    assert_eq!(whole.keys().collect::<Vec<_>>(), out.keys().collect::<Vec<_>>());
    for (name, bytes) in &whole {
        assert!(out[name] == *bytes, "{name} differs");
    }
    let text = String::from_utf8(last.stdout).unwrap();
    println!("{scenarios} scenarios, {kills} kills, {most} done before the last run: {text}");
}

#[test]
fn killed_at_any_point_it_ends_as_if_nothing_had_happened() {
    killed(20, 5, 1);
}

/// `cargo test --release --test it two_hundred -- --ignored --nocapture`
#[test]
#[ignore = "a minute of work"]
fn two_hundred_scenarios_killed_ten_times() {
    killed(200, 10, 2);
}

#[test]
fn results_stay_until_there_are_better_ones() {
    let scene = three();
    assert_eq!(scene.run("batch plans --out-dir out").code, 0);
    let before = scene.read("out/one.geojson");
    scene.write("areas/one.geojson", "{\"type\": \"FeatureColl");
    let ran = scene.run("batch plans --out-dir out --resume");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(scene.read("out/one.geojson") == before, "what broke is the input");
    assert_eq!(told(&scene, "out", "status"), ["failed", "ok", "ok"]);
    let mended = collection(&[area("B", &[USUAL])]);
    scene.write("areas/one.geojson", mended.to_string());
    assert_eq!(scene.run("batch plans --out-dir out --resume").code, 0);
    assert!(scene.read("out/one.geojson") != before);
}

#[test]
fn a_name_with_a_layer_in_it_is_a_name() {
    let scene = Scene::usual();
    scene.write("my.sites.toml", PLAN);
    scene.write("out/my.sites.geojson", "mine");
    let ran = scene.run("batch my.sites.toml --out-dir out --resume");
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(scene.read("out/my.sites.geojson"), b"mine");
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_to_their_folder_do_not_hold_it_up() {
    let scene = Scene::usual();
    fs::create_dir(scene.path("g.gdb")).unwrap();
    for name in ["a", "b"] {
        std::os::unix::fs::symlink(".", scene.path(&format!("g.gdb/{name}"))).unwrap();
    }
    scene.write("gdb.toml", PLAN.replace("areas.geojson", "g.gdb"));
    let begun = Instant::now();
    assert_eq!(scene.run("batch gdb.toml --out-dir out").code, 2);
    assert_eq!(scene.run("sites g.gdb -o r.geojson").code, 2);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_raster_may_be_called_anything_and_is_done_again_when_its_place_changes() {
    let scene = Scene::usual();
    let mut raster = scene.bare_raster("pop.json", 10, &[10.0_f32; 100], &[]);
    raster.set_spatial_ref(&gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap()).unwrap();
    drop(raster);
    scene.write("pop.wld", "0.01\n0\n0\n-0.01\n20.005\n49.995\n");
    scene.write("plan.toml", PLAN.replace("pop.tif", "pop.json"));
    let best = || {
        let ran = scene.run("batch plan.toml --out-dir out --resume");
        assert_ne!(ran.code, 2, "{}", ran.err);
        let file: Value = serde_json::from_slice(&scene.read("out/plan.geojson")).unwrap();
        file["features"][0]["properties"]["pop_best"].clone()
    };
    assert_eq!(best(), 90.0);
    scene.write("pop.wld", "0.02\n0\n0\n-0.02\n20.01\n49.99\n");
    assert_ne!(best(), 90.0);
}
