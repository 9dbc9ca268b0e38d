//! Assessments and settings that somebody else wrote: nothing in them is believed, no file is read that the
//! user did not allow, and what has no end is not read at all.

use crate::scene::{PLAN, Ran, Scene, area, collection, feature, point, polygon};
use serde_json::{Value, json};
use std::fs;

/// Two courses of action, two sites, answers, links, a group and a scheme, assessed beside them all.
fn scene() -> Scene {
    let scene = Scene::usual();
    let of = |id: &str, coa: &str, bounds: [f64; 4]| {
        feature(&polygon(&[bounds]), &json!({"id": id, "coa": coa}))
    };
    let areas =
        [of("1", "A", [20.0, 49.95, 20.03, 50.0]), of("2", "B", [20.05, 49.9, 20.09, 49.93])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let site = |id: &str, at: [f64; 2]| point(at, &json!({"id": id, "class": "hospital"}));
    let sites = [site("H", [20.02, 49.97]), site("G", [20.07, 49.91])];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("links.csv", "from,to,theta\nH,G,0.5\n");
    scene.write("answers.csv", "answer,site_id,value\noccupancy,H,40\n");
    scene.write("scheme.toml", "[floors]\nt1 = 70\n");
    let groups = "[population.groups]\nchildren = { share = 0.3, source = \"x\" }\n";
    let plan = format!(
        "[scenario]\ntimezone = \"Europe/Kyiv\"\n{PLAN}samples = [1]\n{groups}[[sites]]\npath = \"sites.geojson\"\n\
         confidence = 0.9\n[[answers]]\npath = \"answers.csv\"\n[[links]]\npath = \"links.csv\"\n\
         [scheme]\npath = \"scheme.toml\"\n"
    );
    scene.write(
        "plan.toml",
        plan.replace("areas.geojson\"\n", "areas.geojson\"\nrings_m = [500]\n"),
    );
    done(scene.run("assess plan.toml -o own.geojson --quiet"));
    scene
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// The commands that open an assessment.
const COMMANDS: [&str; 3] = ["explain FILE A/1", "compare FILE", "report FILE -o -"];

/// What every command that opens an assessment says of it, with its hints: the same.
fn refused(scene: &Scene, file: &str, more: &str) -> String {
    let mut said: Vec<String> = Vec::new();
    for command in COMMANDS {
        let args = format!("{}{more}", command.replace("FILE", file));
        let ran = scene.run(&args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        said.push(ran.err);
    }
    assert!(said.iter().all(|of| *of == said[0]), "{said:?}");
    assert!(said[0].contains("\nhint: "), "{}", said[0]);
    said.swap_remove(0)
}

/// An assessment with something changed in its member `civex`, under another name.
fn forged(scene: &Scene, change: &dyn Fn(&mut Value)) {
    let mut whole: Value = serde_json::from_slice(&scene.read("own.geojson")).unwrap();
    change(&mut whole["civex"]);
    scene.write("forged.geojson", whole.to_string());
}

/// The input of a role.
fn input<'v>(civex: &'v mut Value, role: &str) -> &'v mut Value {
    let inputs = civex["inputs"].as_array_mut().unwrap();
    inputs.iter_mut().find(|input| input["role"] == role).unwrap()
}

#[test]
fn an_assessment_as_civex_wrote_it_is_opened() {
    let scene = scene();
    for command in COMMANDS {
        done(scene.run(&command.replace("FILE", "own.geojson")));
    }
}

/// A role, a setting, what it is made, and what is said of that.
type Faulty = (&'static str, &'static str, Value, &'static str);

fn faulty_of_people() -> Vec<Faulty> {
    vec![
        ("population", "groups", json!("no table"), "settings`: found the text \"no table\""),
        (
            "population",
            "groups",
            json!("children = { path = \"else.tif\" }"),
            "its group children is told by \"else.tif\", which is none of its inputs",
        ),
        ("population", "nodata", json!("none"), "found the text \"none\", wanted a number"),
        (
            "population",
            "clamp_below",
            json!("inf"),
            "settings.clamp_below`: `clamp_below` is inf, wanted 0 to 1",
        ),
        ("population", "samples", json!("0"), "settings.samples`: `samples` count from 1"),
        ("population", "samples", json!("-1"), "found the number `-1`"),
        ("population", "time", json!("noon"), "`time` is \"noon\", wanted any, day or night"),
        ("population", "primary", json!("yes"), "found the text \"yes\", wanted true or false"),
        ("population", "path", json!("/etc/passwd"), "settings`: unknown key `path`"),
        ("population", "measure", json!("guess"), "found `guess`, wanted"),
    ]
}

fn faulty_of_others() -> Vec<Faulty> {
    let many: Vec<String> = (1..=100_000).map(|_| "1".to_string()).collect();
    vec![
        (
            "areas",
            "rings_m",
            json!(["-1", "1e9", "5"]),
            "settings.rings_m`: `rings_m` has -1, wanted whole meters above 0",
        ),
        ("areas", "rings_m", json!("1e9"), "wanted 1000000 at most, buffer included"),
        ("areas", "rings_m", json!("nan"), "wanted whole meters above 0"),
        ("areas", "rings_m", json!(many), "`rings_m` has 100000 rings, wanted 32 at most"),
        ("areas", "buffer_m", json!("-5"), "`buffer_m` is -5, wanted 0 to 1000000 meters"),
        ("areas", "buffer_m", json!("NaN"), "`buffer_m` is NaN"),
        (
            "areas",
            "buffer_m",
            json!(5),
            "in its member `civex`: found the number `5`, wanted a text or a list of texts",
        ),
        ("sites", "class", json!("bunker"), "unknown class \"bunker\""),
        ("sites", "classes", json!(["a = hospital"]), "`classes` needs `class_field`"),
        ("sites", "classes", json!("hospital"), "found the text \"hospital\", wanted a"),
        ("sites", "confidence", json!("1.5"), "`confidence` is 1.5, wanted 0 to 1"),
        ("sites", "expires_on", json!("soon"), "\"soon\" is no date"),
        ("sites", "rules", json!("/etc/passwd"), "unknown key `rules`"),
        ("sites", "occupancy", json!("-inf"), "`occupancy` is -inf"),
        ("answers", "confidence", json!("NaN"), "`confidence` is NaN"),
        ("links", "theta", json!("1"), "unknown key `theta`"),
        ("scheme", "path", json!("/etc/passwd"), "unknown key `path`"),
    ]
}

#[test]
fn settings_of_an_assessment_are_checked_as_those_of_a_scenario_are() {
    let scene = scene();
    for (role, key, value, wanted) in faulty_of_people().into_iter().chain(faulty_of_others()) {
        forged(&scene, &|civex| input(civex, role)["settings"][key] = value.clone());
        let said = refused(&scene, "forged.geojson", "");
        assert!(said.starts_with("error: forged.geojson"), "{role} {key}: {said}");
        assert!(said.contains(wanted), "{role} {key}: {said}");
    }
    // What the hint says works.
    done(scene.run("assess plan.toml -o forged.geojson --quiet --overwrite"));
    done(scene.run("explain forged.geojson A/1"));
}

/// A change of the member `civex`.
type Change = &'static dyn Fn(&mut Value);

#[test]
fn the_whole_of_an_assessment_is_checked_too() {
    let scene = scene();
    let cases: [(Change, &str); 14] = [
        (
            &|civex| civex["settings"]["timezone"] = json!("Mars/Olympus"),
            "`civex.settings.timezone`: `timezone` is \"Mars/Olympus\"",
        ),
        (
            &|civex| civex["settings"]["overlap"] = json!("never"),
            "`civex.settings.overlap`: found `never`",
        ),
        (
            &|civex| civex["settings"]["remote"] = json!("true"),
            "`civex.settings`: unknown key `remote`",
        ),
        (&|civex| civex["settings"]["no_merge"] = json!("maybe"), "`civex.settings.no_merge`"),
        (
            &|civex| civex["scenario"]["date"] = json!("yesterday"),
            "`civex.scenario.date`: \"yesterday\" is no date",
        ),
        (
            &|civex| civex["scenario"]["path"] = json!("x"),
            "unknown field `path`, wanted `name` or `date`",
        ),
        (
            &|civex| input(civex, "areas")["sha256"] = json!("abc"),
            "`civex.inputs[2].sha256`: found \"abc\", wanted 64 hexadecimal digits",
        ),
        (
            &|civex| input(civex, "areas")["sha256"] = json!("g".repeat(64)),
            "wanted 64 hexadecimal digits",
        ),
        (
            &|civex| input(civex, "areas")["sha256"] = Value::Null,
            "`civex.inputs[2].sha256`: \"areas.geojson\" has no SHA-256",
        ),
        (&|civex| input(civex, "areas")["bytes"] = Value::Null, "`civex.inputs[2].bytes`"),
        (
            &|civex| input(civex, "areas")["role"] = json!("secret"),
            "`civex.inputs[2].role`: found \"secret\", wanted one of scenario",
        ),
        (&|civex| input(civex, "areas")["more"] = json!("x"), "unknown field `more`"),
        (
            &|civex| input(civex, "areas")["role"] = json!("links"),
            "none is that of areas, wanted one",
        ),
        (
            &|civex| input(civex, "population")["date"] = json!("old"),
            "found the text \"old\", wanted a whole number",
        ),
    ];
    for (change, wanted) in cases {
        forged(&scene, change);
        let said = refused(&scene, "forged.geojson", "");
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
}

#[test]
fn inputs_of_an_assessment_are_each_there_once_and_not_too_many() {
    let scene = scene();
    for role in ["scenario", "scheme", "areas", "population"] {
        forged(&scene, &|civex| {
            let twice = input(civex, role).clone();
            civex["inputs"].as_array_mut().unwrap().push(twice);
        });
        let said = refused(&scene, "forged.geojson", "");
        let wanted =
            if role == "population" { "is listed twice" } else { "a second input of the role" };
        assert!(said.contains(wanted), "{role}: {said}");
    }
    forged(&scene, &|civex| {
        let one = input(civex, "links").clone();
        civex["inputs"].as_array_mut().unwrap().extend(std::iter::repeat_n(one, 3000));
    });
    assert!(refused(&scene, "forged.geojson", "").contains("inputs, wanted 2,048 at most"));
    forged(&scene, &|civex| civex["scheme"]["digest"] = json!("0".repeat(64)));
    assert!(refused(&scene, "forged.geojson", "").contains("made under another scheme"));
}

#[test]
fn two_assessments_are_checked_when_they_are_compared() {
    let scene = scene();
    done(scene.run("compare own.geojson own.geojson"));
    forged(&scene, &|civex| input(civex, "areas")["settings"]["rings_m"] = json!(["1e9"]));
    for pair in ["own.geojson forged.geojson", "forged.geojson own.geojson"] {
        let ran = scene.run(&format!("compare {pair}"));
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
        assert!(
            ran.said().starts_with("error: forged.geojson: `civex.inputs[2].settings.rings_m`"),
            "{}",
            ran.err
        );
    }
    forged(&scene, &|civex| {
        input(civex, "population").as_object_mut().unwrap().remove("sha256");
    });
    let ran = scene.run("compare own.geojson forged.geojson");
    assert!(ran.code == 2 && ran.err.contains("has no SHA-256"), "{}", ran.err);
}

#[test]
fn no_file_outside_of_the_folders_that_are_allowed_is_read_or_quoted() {
    let scene = scene();
    scene.write("secret/secret.toml", "root:x:0:0:nothing of it is told\n");
    scene.write("secret/scheme.toml", "root:x:0:0:nothing of it is told\n");
    let secret = scene.path("secret/secret.toml").canonicalize().unwrap().display().to_string();
    fs::create_dir(scene.path("out")).unwrap();
    for name in
        ["own.geojson", "areas.geojson", "pop.tif", "sites.geojson", "links.csv", "answers.csv"]
    {
        fs::copy(scene.path(name), scene.path(&format!("out/{name}"))).unwrap();
    }
    let write = |path: &str, relative: Value| {
        forged(&scene, &|civex| {
            let scheme = input(civex, "scheme");
            (scheme["path"], scheme["relative_path"]) = (json!(path), relative.clone());
        });
        fs::rename(scene.path("forged.geojson"), scene.path("out/forged.geojson")).unwrap();
    };
    let outside = "lies outside of the folder of the assessment";
    for (path, relative) in [
        (secret.as_str(), Value::Null),
        ("../secret/secret.toml", Value::Null),
        ("secret/secret.toml", Value::Null),
        ("x", json!("../secret/secret.toml")),
        ("x", json!(secret)),
        ("x", json!("a/../../secret/secret.toml")),
        ("/etc/passwd", Value::Null),
        ("x", json!("../../../../../../../../../../etc/passwd")),
    ] {
        write(path, relative.clone());
        let said = refused(&scene, "out/forged.geojson", "");
        assert!(said.contains(outside), "{path} {relative}: {said}");
        assert!(!said.contains("root:"), "{said}");
    }
    // A link is followed within the folder only.
    write("scheme.toml", json!("scheme.toml"));
    std::os::unix::fs::symlink(&secret, scene.path("out/scheme.toml")).unwrap();
    let said = refused(&scene, "out/forged.geojson", "");
    assert!(said.contains(outside) && !said.contains("root:"), "{said}");
    fs::remove_file(scene.path("out/scheme.toml")).unwrap();
    // One with the right name and another content is not parsed.
    fs::copy(scene.path("secret/scheme.toml"), scene.path("out/scheme.toml")).unwrap();
    let said = refused(&scene, "out/forged.geojson", "");
    assert!(said.contains("has changed since (SHA-256)") && !said.contains("root:"), "{said}");
    // A link to the file itself is followed within the folder.
    fs::remove_file(scene.path("out/scheme.toml")).unwrap();
    fs::copy(scene.path("scheme.toml"), scene.path("out/own.toml")).unwrap();
    std::os::unix::fs::symlink("own.toml", scene.path("out/scheme.toml")).unwrap();
    done(scene.run("explain out/forged.geojson A/1"));
}

#[test]
fn inputs_elsewhere_are_read_below_the_folder_that_the_hint_names() {
    let scene = scene();
    for name in [
        "areas.geojson",
        "pop.tif",
        "sites.geojson",
        "links.csv",
        "answers.csv",
        "scheme.toml",
        "plan.toml",
    ] {
        fs::create_dir_all(scene.path("data/deep")).unwrap();
        fs::rename(scene.path(name), scene.path(&format!("data/deep/{name}"))).unwrap();
    }
    done(scene.run("assess data/deep/plan.toml -o results/a.geojson --quiet"));
    let own = done(scene.run("explain results/a.geojson A/1 --inputs data/deep")).out;
    // Of one that was moved no path leads anywhere: its inputs are known by name and digest.
    fs::create_dir_all(scene.path("far/away")).unwrap();
    fs::copy(scene.path("results/a.geojson"), scene.path("far/away/a.geojson")).unwrap();
    for folder in [".", "data"] {
        let ran = done(scene.run(&format!("explain far/away/a.geojson A/1 --inputs {folder}")));
        assert_eq!(ran.out, own, "{folder}");
    }
    // One beside it that changed does not hide the one that it was.
    fs::write(scene.path("far/away/areas.geojson"), "{}").unwrap();
    assert_eq!(done(scene.run("explain far/away/a.geojson A/1 --inputs data")).out, own);
    let said = refused(&scene, "far/away/a.geojson", " --inputs results");
    assert!(said.contains("its input \""), "{said}");
    let said = refused(&scene, "results/a.geojson", "");
    let hint = "hint: inputs are read below the folder of the assessment, and below the one that you name: \
                `--inputs data/deep` holds all of them";
    assert!(said.contains(hint), "{said}");
    for folder in ["data", ".", "data/deep/../deep"] {
        let ran = scene.run(&format!("explain results/a.geojson A/1 --inputs {folder}"));
        assert_eq!(done(ran).out, own, "{folder}");
    }
    let said = refused(&scene, "results/a.geojson", " --inputs nowhere");
    assert!(said.starts_with("error: nowhere: no such folder"), "{said}");
    // Sent away with all of its inputs, as they lay or all in one folder.
    fs::rename(scene.path("data/deep"), scene.path("results/deep")).unwrap();
    assert_eq!(done(scene.run("explain results/a.geojson A/1")).out, own);
    fs::rename(scene.path("results/deep"), scene.path("flat")).unwrap();
    fs::rename(scene.path("results/a.geojson"), scene.path("flat/a.geojson")).unwrap();
    assert_eq!(done(scene.run("explain flat/a.geojson A/1")).out, own);
}

#[test]
fn pipes_devices_and_folders_are_no_inputs_of_an_assessment() {
    let scene = scene();
    fs::remove_file(scene.path("scheme.toml")).unwrap();
    pipe(&scene, "scheme.toml");
    let said = refused(&scene, "own.geojson", "");
    assert!(said.contains("its input \"scheme.toml\" is a pipe, wanted a file"), "{said}");
    fs::remove_file(scene.path("scheme.toml")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", scene.path("scheme.toml")).unwrap();
    assert!(refused(&scene, "own.geojson", "").contains("lies outside"));
    let said = refused(&scene, "own.geojson", " --inputs /dev");
    assert!(said.contains("its input \"scheme.toml\" is a device, wanted a file"), "{said}");
    fs::remove_file(scene.path("scheme.toml")).unwrap();
    fs::create_dir(scene.path("scheme.toml")).unwrap();
    assert!(refused(&scene, "own.geojson", "").contains("is a folder, wanted a file"));
    pipe(&scene, "forged.geojson");
    let said = refused(&scene, "forged.geojson", "");
    assert!(said.starts_with("error: forged.geojson: a pipe, wanted a file"), "{said}");
}

#[test]
fn a_file_that_belongs_to_an_input_must_be_what_it_was() {
    let scene = scene();
    let plan = fs::read_to_string(scene.path("plan.toml")).unwrap();
    scene.write("plan.toml", plan);
    scene.layer(
        "areas.shp",
        "ESRI Shapefile",
        Some(4326),
        &["POLYGON((20 49.95,20.03 49.95,20.03 50,20 50,20 49.95))"],
    );
    done(scene.run("assess plan.toml --areas areas.shp,id=id -o shape.geojson --quiet"));
    let explain = "explain shape.geojson 1";
    done(scene.run(explain));
    let own = scene.read("areas.dbf");
    let mut other = own.clone();
    *other.last_mut().unwrap() ^= 1;
    scene.write("areas.dbf", &other);
    let ran = scene.run(explain);
    assert!(
        ran.code == 2 && ran.said().contains("\"areas.dbf\", which belongs to its input"),
        "{}",
        ran.err
    );
    scene.write("areas.dbf", &own);
    done(scene.run(explain));
    fs::remove_file(scene.path("areas.prj")).unwrap();
    let ran = scene.run(explain);
    assert!(ran.code == 2 && ran.said().contains("\"areas.prj\""), "{}", ran.err);
}

#[test]
fn texts_that_have_no_end_are_refused_at_once() {
    let scene = Scene::usual();
    let long = vec![b'#'; (16 << 20) + 1];
    scene.write("long.toml", &long);
    pipe(&scene, "pipe.toml");
    pipe(&scene, "pipe.csv");
    pipe(&scene, "pipe.geojson");
    pipe(&scene, "pipe.tif");
    pipe(&scene, "pipe.osm.pbf");
    for (args, wanted) in [
        ("assess plan.toml --scheme /dev/zero", "/dev/zero: a device, wanted a file"),
        ("assess plan.toml --scheme pipe.toml", "pipe.toml: a pipe, wanted a file"),
        (
            "assess plan.toml --scheme long.toml",
            "long.toml: it has 16 MiB, wanted a text of 16 MiB at most",
        ),
        ("assess /dev/zero", "/dev/zero: a device, wanted a file"),
        ("assess pipe.toml", "pipe.toml: a pipe, wanted a file"),
        ("assess long.toml", "long.toml: it has 16 MiB"),
        (
            "assess plan.toml --sites pipe.geojson,classify=osm",
            "pipe.geojson: a pipe, wanted a file",
        ),
        ("assess plan.toml --sites pipe.osm.pbf", "pipe.osm.pbf: a pipe, wanted a file"),
        (
            "assess plan.toml --sites areas.geojson,classify=osm,rules=/dev/zero",
            "/dev/zero: a device, wanted a file",
        ),
        (
            "assess plan.toml --sites areas.geojson,classify=osm --answers pipe.csv",
            "pipe.csv: a pipe, wanted a file",
        ),
        (
            "assess plan.toml --sites areas.geojson,classify=osm --links pipe.csv",
            "pipe.csv: a pipe, wanted a file",
        ),
        ("assess plan.toml --areas pipe.geojson", "pipe.geojson: a pipe, wanted a file"),
        ("assess plan.toml --population pipe.tif", "pipe.tif: a pipe, wanted a file"),
        ("batch @/dev/zero --out-dir out", "/dev/zero: a device, wanted a file"),
        ("batch @long.toml --out-dir out", "long.toml: it has 16 MiB"),
    ] {
        let started = std::time::Instant::now();
        let ran = scene.run(args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
        assert!(ran.said().starts_with(&format!("error: {wanted}")), "{args}: {}", ran.err);
        assert!(ran.err.contains("\nhint: "), "{args}: {}", ran.err);
        assert!(started.elapsed().as_secs() < 20, "{args}");
    }
}

#[test]
fn a_scenario_has_so_many_layers_and_rings() {
    let scene = Scene::usual();
    let rings: Vec<String> = (1..=33).map(|ring| (ring * 100).to_string()).collect();
    let with = |rings: &[String]| {
        PLAN.replace("\n\n[[pop", &format!("\nrings_m = [{}]\n\n[[pop", rings.join(", ")))
    };
    scene.write("plan.toml", with(&rings));
    let ran = scene.run("assess plan.toml");
    assert!(
        ran.code == 2 && ran.said().contains("`rings_m` has 33 rings, wanted 32 at most"),
        "{}",
        ran.err
    );
    scene.write("plan.toml", with(&rings[..32]));
    done(scene.run("assess plan.toml"));
    let ran =
        scene.run(&format!("assess plan.toml --areas areas.geojson,rings_m=[{}]", rings.join(",")));
    assert!(ran.code == 2 && ran.err.contains("`rings_m` has 33 rings"), "{}", ran.err);
    let layer = "[[links]]\npath = \"l.csv\"\n";
    scene.write("plan.toml", format!("{PLAN}{}", layer.repeat(200_000)));
    let started = std::time::Instant::now();
    let ran = scene.run("assess plan.toml");
    assert!(
        ran.code == 2 && ran.said().contains("200000 layers of [[links]], wanted 256 at most"),
        "{}",
        ran.err
    );
    let keys: Vec<String> = (0..200_000).map(|key| format!("k{key} = 1")).collect();
    scene.write("scheme.toml", keys.join("\n"));
    scene.write("plan.toml", PLAN);
    let ran = scene.run("assess plan.toml --scheme scheme.toml");
    assert!(ran.code == 2 && ran.said().contains("unknown key `k0`"), "{}", ran.said());
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

/// A pipe that nobody writes to.
fn pipe(scene: &Scene, name: &str) {
    let made = std::process::Command::new("mkfifo").arg(scene.path(name)).status();
    assert!(made.unwrap().success());
}

#[test]
fn an_area_of_the_usual_plan_is_found_from_any_folder() {
    let scene = Scene::usual();
    scene.write("areas.geojson", collection(&[area("A", &[crate::scene::USUAL])]).to_string());
    fs::create_dir(scene.path("out")).unwrap();
    done(scene.run("assess plan.toml -o out/a.geojson --quiet"));
    // From its own folder, the folder above is allowed by hand.
    let run = |more: &str| {
        let mut command = scene.command(&format!("explain a.geojson A{more}"));
        command.current_dir(scene.path("out").canonicalize().unwrap()).output().unwrap()
    };
    assert_eq!(run(" --inputs ..").status.code(), Some(0));
    let ran = run("");
    let err = String::from_utf8(ran.stderr).unwrap();
    let folder = scene.path("").canonicalize().unwrap().display().to_string();
    assert!(
        err.contains(&format!("`--inputs {}` holds all of them", folder.trim_end_matches('/'))),
        "{err}"
    );
}
