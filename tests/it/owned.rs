//! What a run may replace and remove: its own, and never an input.

use crate::scene::{PLAN, Ran, Scene, area, collection, point};
use serde_json::{Value, json};
use std::fs;

/// The usual scene with a layer of sites.
fn with_sites() -> Scene {
    let scene = Scene::usual();
    let sites = [point([20.03, 49.93], &json!({"id": "1", "class": "hospital"}))];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    scene
}

/// Checks that a run was refused because of a file that is there.
fn assert_foreign(ran: &Ran, name: &str) {
    assert_eq!(ran.code, 2, "{name}: {}", ran.err);
    let wanted = format!("{name}: not written: a file is there that civex did not write");
    assert!(ran.err.contains(&wanted), "{name}: {}", ran.err);
    assert!(ran.err.contains("hint: `--overwrite` replaces it"), "{}", ran.err);
}

#[test]
fn a_file_that_civex_did_not_write_is_replaced_only_when_asked() {
    let scene = with_sites();
    let all = "--with sites,gaps,options";
    for (args, written) in [
        ("assess plan.toml -o out.geojson --style", "out.geojson"),
        ("assess plan.toml -o out.geojson --style", "out.qml"),
        ("assess plan.toml -o out.geojsonl", "out.geojsonl"),
        ("assess plan.toml -o out.gpkg", "out.gpkg"),
        ("assess plan.toml -o out.csv", "out.csv"),
        ("assess plan.toml -o out.csv", "out.civex.json"),
        ("assess plan.toml -o out.fgb", "out.fgb"),
        ("assess plan.toml -o out.kml", "out.kml"),
        (&format!("assess plan.toml -o out.geojson {all}"), "out.sites.geojson"),
        (&format!("assess plan.toml -o out.geojson {all}"), "out.gaps.geojson"),
        (&format!("assess plan.toml -o out.geojson {all}"), "out.options.geojson"),
        ("sites sites.geojson -o all.geojson", "all.geojson"),
    ] {
        let mine = "{\"type\": \"FeatureCollection\", \"civex\": {\"version\": \"0.1.0\"}}\n";
        scene.write(written, mine);
        let before = scene.files();
        assert_foreign(&scene.run(args), written);
        assert!(scene.read(written) == mine.as_bytes() && scene.files() == before, "{args}");
        let ran = scene.run(&format!("{args} --overwrite"));
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
        let made = scene.read(written);
        assert!(made != mine.as_bytes(), "{args}");
        // Its own it replaces without being asked, until somebody changes it.
        assert_eq!(scene.run(args).code, 0, "{args}");
        assert!(scene.read(written) == made, "{args}");
        let edited = [made, b" ".to_vec()].concat();
        scene.write(written, &edited);
        assert_foreign(&scene.run(args), written);
        assert!(scene.read(written) == edited, "{args}");
        for name in scene.files().iter().filter(|name| name.starts_with("out.")) {
            fs::remove_file(scene.path(name)).unwrap();
        }
    }
}

#[test]
fn a_page_and_a_comparison_replace_what_civex_wrote() {
    let scene = Scene::usual();
    let mut two = Vec::new();
    for (coa, west) in [("A", 20.02), ("B", 20.06)] {
        let mut one = area(coa, &[[west, 49.92, west + 0.02, 49.95]]);
        one["properties"]["coa"] = json!(coa);
        two.push(one);
    }
    scene.write("areas.geojson", collection(&two).to_string());
    assert_eq!(scene.run("assess plan.toml -o made.geojson").code, 0);
    for (args, written) in [
        ("report made.geojson -o page.html", "page.html"),
        ("compare made.geojson --draws 100 -o told.md", "told.md"),
        ("compare made.geojson --draws 100 -o told.csv", "told.csv"),
        ("compare made.geojson made.geojson -o told.txt", "told.txt"),
    ] {
        scene.write(written, "mine");
        assert_foreign(&scene.run(args), written);
        assert_eq!(scene.read(written), b"mine");
        let ran = scene.run(&format!("{args} --overwrite"));
        assert_eq!(ran.code, 0, "{args}: {}", ran.err);
        assert_eq!(scene.run(args).code, 0, "{args}");
    }
}

#[cfg(unix)]
#[test]
fn no_output_takes_the_place_of_a_file_that_an_input_is_made_of() {
    use std::os::unix::fs::symlink;
    let scene = with_sites();
    scene.layer(
        "areas.gpkg",
        "GPKG",
        Some(4326),
        &["POLYGON((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))"],
    );
    scene.write(
        "plan.vrt",
        "<OGRVRTDataSource><OGRVRTLayer name=\"shapes\"><SrcDataSource relativeToVRT=\"1\">areas.gpkg\
         </SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    );
    scene.write("answers.csv", "answer,site_id,value\noccupancy,1,40\n");
    scene.write("links.csv", "from,to,theta\n1,1,0.5\n");
    scene.write("strict.geojson", "[floors]\nt1 = 70\n");
    scene.write("folder/x", "");
    symlink("areas.geojson", scene.path("link.geojson")).unwrap();
    fs::hard_link(scene.path("areas.geojson"), scene.path("hard.geojson")).unwrap();
    let content = |scene: &Scene| -> Vec<(String, Vec<u8>)> {
        let files = scene.files().into_iter().filter(|name| scene.path(name).is_file());
        files.map(|name| (name.clone(), scene.read(&name))).collect()
    };
    let before = content(&scene);
    let people = "--population pop.tif,nodata_means=zero";
    for args in [
        format!("assess --areas plan.vrt {people} -o areas.gpkg"),
        format!("assess --areas areas.geojson {people} -o link.geojson"),
        format!("assess --areas areas.geojson {people} -o hard.geojson"),
        format!("assess --areas link.geojson {people} -o areas.geojson"),
        format!("assess --areas areas.geojson {people} -o folder/../areas.geojson"),
        "assess plan.toml -o sites.geojson".to_string(),
        "assess plan.toml --answers answers.csv -o answers.csv".to_string(),
        "assess plan.toml --links links.csv -o links.csv".to_string(),
        "sites sites.geojson -o sites.geojson".to_string(),
        "sites plan.toml --answers answers.csv -o sites.geojson".to_string(),
        "assess plan.toml --scheme strict.geojson -o strict.geojson".to_string(),
    ] {
        for overwrite in ["", " --overwrite"] {
            let ran = scene.run(&format!("{args}{overwrite}"));
            assert!(ran.code == 2, "{args}{overwrite}: {}", ran.err);
            assert!(ran.err.contains("not written: "), "{args}{overwrite}: {}", ran.err);
            assert!(content(&scene) == before, "{args}{overwrite}");
        }
    }
    let ran = scene.run(&format!("assess --areas plan.vrt {people} -o areas.gpkg --overwrite"));
    let wanted = "error: areas.gpkg: not written: it is a file that an input is made of, which would be lost";
    assert_eq!(ran.said(), wanted);
    assert!(ran.err.contains("hint: give `-o` another name"), "{}", ran.err);
    let ran = scene.run(&format!("assess --areas plan.vrt {people} -o another.gpkg"));
    assert_eq!(ran.code, 0, "the hint works: {}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_written_into_and_stays() {
    let scene = Scene::usual();
    assert!(
        std::process::Command::new("mkfifo")
            .arg(scene.path("out.geojson"))
            .status()
            .unwrap()
            .success()
    );
    let path = scene.path("out.geojson");
    let reader = std::thread::spawn(move || fs::read(path).unwrap());
    let ran = scene.run("assess plan.toml -o out.geojson");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read: Value = serde_json::from_slice(&reader.join().unwrap()).unwrap();
    assert_eq!(read["features"].as_array().unwrap().len(), 1);
    assert!(!scene.path("out.geojson").metadata().unwrap().is_file());
    std::os::unix::fs::symlink("/dev/null", scene.path("none.csv")).unwrap();
    assert_eq!(scene.run("assess plan.toml -o none.csv").code, 0);
    assert!(scene.path("none.csv").symlink_metadata().unwrap().is_symlink());
}

/// A batch of the usual scenario into the folder where files of its names are.
fn batch(scene: &Scene, more: &str) -> Ran {
    scene.run(&format!("batch plan.toml other.toml --out-dir out --resume --with options {more}"))
}

fn two_plans() -> Scene {
    let scene = Scene::usual();
    scene.write("other.toml", PLAN);
    scene
}

const MINE: [&str; 4] =
    ["plan.geojson", "plan.sites.geojson", "plan.options.geojson", "plan.gaps.csv"];

#[test]
fn a_batch_leaves_files_of_others_alone() {
    for name in MINE {
        let scene = two_plans();
        scene.write(&format!("out/{name}"), "mine");
        let ran = batch(&scene, "");
        if ["plan.gaps.csv", "plan.sites.geojson"].contains(&name) {
            // Nobody wants it.
            assert_eq!(ran.code, 0, "{}", ran.err);
        } else {
            assert_foreign(&ran, &format!("out/{name}"));
            assert!(
                ran.out.starts_with("2 scenarios: 1 ok, 0 with problems, 1 failed"),
                "{}",
                ran.out
            );
        }
        assert_eq!(scene.read(&format!("out/{name}")), b"mine", "{name}");
        // Nor does one that cannot be read lose them.
        scene.write("plan.toml", PLAN.replace("areas.geojson", "gone.geojson"));
        assert_eq!(batch(&scene, "").code, 2);
        assert_eq!(scene.read(&format!("out/{name}")), b"mine", "{name}");
        assert_eq!(batch(&scene, "--overwrite").code, 2);
        assert_eq!(scene.read(&format!("out/{name}")), b"mine", "{name}");
        scene.write("plan.toml", PLAN);
        let ran = batch(&scene, "--overwrite");
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
    }
}

#[test]
fn a_result_that_was_changed_is_nobody_elses_to_replace() {
    let scene = two_plans();
    assert_eq!(batch(&scene, "").code, 0);
    scene.write("out/plan.options.geojson", "edited");
    let ran = batch(&scene, "");
    assert_foreign(&ran, "out/plan.options.geojson");
    assert_eq!(scene.read("out/plan.options.geojson"), b"edited");
    assert!(scene.has("out/plan.geojson"), "what is there stays");
    let ran = batch(&scene, "--overwrite");
    assert!(ran.code == 0 && ran.out.contains("1 of them done before"), "{} {}", ran.out, ran.err);
    assert_ne!(scene.read("out/plan.options.geojson"), b"edited");
    // Without a manifest nothing is known.
    fs::remove_file(scene.path("out/runs.jsonl")).unwrap();
    let before = scene.read("out/plan.geojson");
    let ran = batch(&scene, "");
    assert_foreign(&ran, "out/plan.geojson");
    assert_eq!(scene.read("out/plan.geojson"), before);
    // Nor by one without digests.
    let line = json!({"scenario": "plan.toml", "path": "../plan.toml", "digest": null, "status": "ok",
        "seconds": 0.1, "outputs": [{"name": "plan.geojson"}]});
    scene.write("out/runs.jsonl", format!("{line}\n"));
    assert_foreign(&batch(&scene, ""), "out/plan.geojson");
    assert_eq!(scene.read("out/plan.geojson"), before);
}

#[cfg(unix)]
#[test]
fn a_forged_manifest_removes_nothing() {
    let scene = two_plans();
    scene.write("precious.geojson", "precious");
    scene.write("out/plan.geojson", "mine");
    std::os::unix::fs::symlink("../precious.geojson", scene.path("out/plan.options.geojson"))
        .unwrap();
    let sha256 = "0000000000000000000000000000000000000000000000000000000000000000";
    // The digest of `precious`.
    let right = civex::read::FileDigests::default();
    let right = right.of(&scene.path("precious.geojson"), "").unwrap().sha256;
    let output = |name: &str, sha256: &str| json!({"name": name, "bytes": 8, "sha256": sha256});
    let absolute = scene.path("precious.geojson").display().to_string();
    let line = json!({"scenario": "plan.toml", "path": "../plan.toml", "digest": null, "status": "ok", "seconds": 0.1,
        "outputs": [output("plan.geojson", sha256), output("../precious.geojson", &right),
            output(&absolute, &right), output("plan.options.geojson", &right)]});
    scene.write("out/runs.jsonl", format!("{line}\n"));
    scene.write("out/runs.lock", format!(".civex-\n{}\n", output("../precious.geojson", &right)));
    scene.write("out/.civex-mine.part", "mine");
    assert_eq!(batch(&scene, "").code, 2);
    assert_eq!(scene.read("precious.geojson"), b"precious");
    assert_eq!(scene.read("out/plan.geojson"), b"mine");
    assert_eq!(scene.read("out/.civex-mine.part"), b"mine");
    assert!(scene.path("out/plan.options.geojson").symlink_metadata().unwrap().is_symlink());
    // With `--overwrite` the link goes, not what it leads to.
    assert_eq!(batch(&scene, "--overwrite").code, 0);
    assert_eq!(scene.read("precious.geojson"), b"precious");
}

#[cfg(unix)]
#[test]
fn a_manifest_or_lock_of_others_is_not_written_to() {
    let scene = two_plans();
    for (name, content) in [
        ("out/runs.jsonl", "{\"run\": 1}"),
        ("out/runs.jsonl", "notes"),
        ("out/runs.lock", "notes"),
    ] {
        scene.write(name, content);
        let ran = batch(&scene, "");
        assert!(ran.code == 2 && ran.err.contains("hint: "), "{name}: {}", ran.err);
        assert_eq!(scene.read(name), content.as_bytes());
        fs::remove_file(scene.path(name)).unwrap();
    }
    for name in ["out/runs.jsonl", "out/runs.lock"] {
        scene.write("notes.txt", "");
        let _if_it_is_there = fs::remove_file(scene.path(name));
        std::os::unix::fs::symlink("../notes.txt", scene.path(name)).unwrap();
        let ran = batch(&scene, "");
        assert!(ran.code == 2 && ran.err.contains("no plain file"), "{name}: {}", ran.err);
        assert_eq!(scene.read("notes.txt"), b"");
        fs::remove_file(scene.path(name)).unwrap();
    }
    assert_eq!(batch(&scene, "").code, 0);
}

#[test]
fn an_index_beside_its_raster_replaces_an_index_alone() {
    let scene = Scene::usual();
    assert_eq!(scene.run("index pop.tif --beside").code, 0);
    let made = scene.files().into_iter().find(|name| name.ends_with(".civexpop")).unwrap();
    scene.write(&made, "mine, not an index");
    scene.write(".civexpop-building-notes", "mine");
    let ran = scene.run("index pop.tif --beside");
    assert_foreign(&ran, &made);
    assert_eq!(scene.read(&made), b"mine, not an index");
    assert_eq!(scene.run("index pop.tif --beside --overwrite").code, 0);
    assert_eq!(scene.read(".civexpop-building-notes"), b"mine");
    scene.write("cache/x.civexpop", "mine");
    scene.write("cache/x.civexdep", "mine");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(scene.path("cache"), fs::Permissions::from_mode(0o700)).unwrap();
    }
    let ran = scene.run("index --remove --cache-dir cache");
    assert_eq!(scene.read("cache/x.civexdep"), b"mine");
    assert!(
        ran.out.contains("no index of civex: it stays") && scene.has("cache/x.civexpop"),
        "{}",
        ran.out
    );
}

#[cfg(unix)]
#[test]
fn what_is_replaced_is_read_by_those_who_might_before() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml -o out.geojson").code, 0);
    fs::set_permissions(scene.path("out.geojson"), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(scene.run("assess plan.toml -o out.geojson").code, 0);
    let mode = fs::metadata(scene.path("out.geojson")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn no_geopackage_is_written_beside_the_log_of_another() {
    let scene = Scene::usual();
    for beside in ["out.gpkg-wal", "out.gpkg-journal", "out.gpkg-shm"] {
        scene.write(beside, "theirs");
        for overwrite in ["", " --overwrite"] {
            let (sentence, hint) =
                scene.refused(&format!("assess plan.toml -o out.gpkg{overwrite}"));
            assert!(sentence.contains(beside) && !scene.has("out.gpkg"), "{sentence}");
            assert_eq!(hint, "give `-o` another name");
        }
        fs::remove_file(scene.path(beside)).unwrap();
    }
    assert_eq!(scene.run("assess plan.toml -o out.gpkg").code, 0);
}
