//! Who depends on what, through the program: dependants, links, gaps and their form, explanations; and what must
//! not leave.

use crate::scene::{PLAN, Ran, Scene, area, collection, feature, parts, point, polygon};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;

/// A hundred cells of ten people; a hospital and water works inside the area in the west, a hospital in the east.
fn scene() -> Scene {
    let scene = Scene::usual();
    scene
        .write("areas.geojson", collection(&[area("A", &[[20.0, 49.9, 20.05, 50.0]])]).to_string());
    let sites = [
        point(
            [20.02, 49.95],
            &json!({"id": "H1", "class": "hospital", "occupancy": 7, "capacity": 300}),
        ),
        point([20.08, 49.95], &json!({"id": "H2", "class": "hospital", "capacity": 100})),
        point([20.03, 49.95], &json!({"id": "P", "class": "power_supply"})),
        point([20.09, 49.95], &json!({"id": "W", "class": "water_works"})),
        point([20.01, 49.95], &json!({"id": "S", "class": "safe_house", "confidence": 0.95})),
        point([20.04, 49.92], &json!({"id": "M", "class": "school", "confidence": 0.6})),
        point([20.04, 49.93], &json!({"id": "N", "class": "school", "confidence": 0.3})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write(
        "plan.toml",
        format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\ncovers = \"all\"\n"),
    );
    scene
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// The error and its way out of a run that stops.
fn refused(scene: &Scene, args: &str) -> (String, String) {
    let ran = scene.run(args);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args}: {}", ran.err);
    let line = |head: &str| ran.err.lines().find_map(|line| line.strip_prefix(head));
    let of = |head: &str| line(head).unwrap_or_default().to_string();
    (of("error: "), of("hint: "))
}

#[test]
fn everybody_depends_on_the_nearest_and_those_outside_are_told_apart() {
    let scene = scene();
    let found = done(scene.run("assess plan.toml -o -")).assessment();
    // The columns of cells up to 20.05 are nearer to the hospital in the west.
    assert_eq!(found.number(0, "dependants_health"), 500.0);
    assert_eq!(found.number(0, "dependants_power"), 1000.0);
    assert_eq!(found.number(0, "dependants_water"), 0.0);
    assert_eq!(found.number(0, "dependants_education"), 1000.0, "the school that is likely");
    assert_eq!(found.number(0, "dependants_outside"), 500.0, "of power, which weighs most");
    assert_eq!(found.text(0, "driver"), "sites");
    assert!(!found.text(0, "flags").contains("no_dependants"));
}

#[test]
fn links_carry_on_what_stands_still_and_faulty_ones_are_told() {
    let scene = scene();
    scene.write("links.csv", "from,to,theta\nP,W,0.6\nW,H2,0.5\nH2,P,1\n");
    let found = done(scene.run("assess plan.toml --links links.csv -o -")).assessment();
    assert_eq!(found.number(0, "dependants_water"), 600.0);
    assert_eq!(found.number(0, "dependants_health"), 500.0 + 0.3 * 500.0, "over two steps");
    scene.write("bad.csv", "from,to,theta\nP,X,0.6\nP,P,0.5\nP,W,1.5\nP,W,0.5\n");
    let ran = scene.run("assess plan.toml --links bad.csv -o -");
    assert_eq!(ran.code, 0, "the other link is used");
    for wanted in [
        "problem: bad.csv: link (row 1): no site has the id \"X\"",
        "problem: bad.csv: link (row 2): it links a site to itself, wanted two sites",
        "problem: bad.csv: link (row 3): theta is \"1.5\", wanted 0 to 1",
    ] {
        assert_eq!(ran.err.matches(wanted).count(), 1, "{wanted} in\n{}", ran.err);
    }
    assert_eq!(ran.assessment().number(0, "dependants_water"), 500.0);
    let strict = scene.run("assess plan.toml --links bad.csv --strict -o out.geojson");
    assert_eq!((strict.code, scene.has("out.geojson")), (1, false));
    let answer = "answer,site_id,feeds,value\nsupply_link,P,W,0.25\nsupply_link,P,W,3\n";
    scene.write("answers.csv", answer);
    let ran = done(scene.run("assess plan.toml --answers answers.csv -o -"));
    assert_eq!(ran.assessment().number(0, "dependants_water"), 300.0, "0.25 in one digit");
    assert!(ran.err.contains("`value` is \"3\", wanted 0 to 1"), "{}", ran.err);
    scene.write("answers.csv", "answer,site_id,feeds,value\nsupply_link,P,secret,0.25\n");
    let ran = done(scene.run("assess plan.toml --answers answers.csv -o -"));
    assert!(ran.err.contains("one of its two sites is not known"), "{}", ran.err);
    assert!(!ran.out.contains("secret") && !ran.err.contains("secret"));
}

#[test]
fn allotment_by_distance_is_a_choice_of_the_scheme() {
    let scene = scene();
    scene.write("scheme.toml", "[allotment]\nrule = \"inverse_square\"\n");
    let found = done(scene.run("assess plan.toml --scheme scheme.toml -o -")).assessment();
    let inside = found.number(0, "dependants_health");
    assert!(inside > 600.0 && inside < 700.0, "the larger one draws more: {inside}");
    scene.write("scheme.toml", "[allotment]\nrule = \"fairest\"\n");
    let (error, _) = refused(&scene, "assess plan.toml --scheme scheme.toml");
    let wanted = "scheme.toml:2:8: `rule` under [allotment] is the text \"fairest\", wanted \"nearest\" or \"inverse_square\"";
    assert_eq!(error, wanted);
}

#[test]
fn what_was_found_out_once_is_kept_and_changes_nothing() {
    let scene = scene();
    let run = |more: &str| done(scene.run(&format!("assess plan.toml -o - {more}"))).out;
    let without = run("--no-cache");
    assert_eq!(run("--threads 1"), without);
    assert_eq!(run("--threads 4"), without);
}

/// The gaps of the scene: kind, class, value.
fn gaps(scene: &Scene) -> Vec<(String, Value, Value)> {
    let layer: Value = serde_json::from_slice(&scene.read("out.gaps.geojson")).unwrap();
    let features = layer["features"].as_array().unwrap();
    let of = |feature: &Value| {
        let properties = &feature["properties"];
        let kind = properties["kind"].as_str().unwrap().to_string();
        (kind, properties["class"].clone(), properties["voi"].clone())
    };
    features.iter().map(of).collect()
}

#[test]
fn gaps_are_asked_about_in_a_form_that_is_read_back() {
    let scene = scene();
    done(scene.run("assess plan.toml -o out.geojson --with gaps"));
    let found = gaps(&scene);
    let uncertain = found.iter().find(|(kind, ..)| kind == "uncertain_sites").unwrap();
    assert_eq!(uncertain.1, "school", "one gap for both schools");
    assert!(uncertain.2.as_f64().unwrap() > 0.0);
    assert!(found.iter().any(|(kind, ..)| kind == "single_source"));
    assert!(found.iter().any(|(kind, ..)| kind == "missing_group"));
    let of_area = found.iter().filter(|(kind, ..)| kind != "missing_group");
    let worth: Vec<f64> = of_area.map(|(.., value)| value.as_f64().unwrap_or(-1.0)).collect();
    assert!(worth.is_sorted_by(|one, two| one >= two), "worth most first: {worth:?}");
    let assessment: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    assert_eq!(assessment["features"][0]["properties"]["gaps"], worth.len());
    // Nobody has answered yet.
    let before = done(scene.run("assess plan.toml --answers out.gaps.csv -o -")).assessment();
    assert_eq!(before.number(0, "sites_school"), 1.0);
    let form = String::from_utf8(scene.read("out.gaps.csv")).unwrap();
    let answered: Vec<String> = form.lines().map(|line| answer(line, "N", "exists,,,,1")).collect();
    scene.write("answered.csv", answered.join("\n"));
    let after = done(scene.run("assess plan.toml --answers answered.csv -o -"));
    assert_eq!(after.assessment().number(0, "sites_school"), 2.0, "{}", after.err);
}

/// Fills in a row of the form that is about a site.
fn answer(line: &str, site: &str, answer: &str) -> String {
    let open = format!(",{site},sites,,,,,,,,,");
    line.replace(&open, &format!(",{site},sites,,{answer},,,"))
}

#[test]
fn what_is_not_to_be_shared_is_asked_of_nobody_else() {
    let scene = scene();
    scene.write(
        "answers.csv",
        "answer,site_id,class,longitude,latitude,confidence,use_restriction\n\
         exists,,hospital,20.021,49.921,0.6,none of yours\nabsent,P,,,,0.7,none of yours\n",
    );
    done(scene.run("assess plan.toml --answers answers.csv -o out.geojson --with gaps"));
    let found = gaps(&scene);
    let classes: Vec<&Value> = found.iter().map(|(_, class, _)| class).collect();
    assert!(
        !classes.iter().any(|class| **class == "hospital" || **class == "power_supply"),
        "{found:?}"
    );
    let row = done(scene.run("assess plan.toml --answers answers.csv -o -")).assessment();
    assert_eq!(row.number(0, "sites_hospital"), 1.0, "of two hospitals one would be told");
}

#[test]
fn one_thing_known_is_worth_what_the_method_says() {
    let scene = Scene::empty();
    for name in ["one.tif", "two.tif"] {
        scene.raster(name, 4, &[500.0_f32; 4]);
    }
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.0, 49.99, 20.04, 50.0]])]).to_string(),
    );
    // An extract holds all classes, of which this ground has one hospital.
    scene.write(
        "osm.osm",
        "<osm version=\"0.6\"><node id=\"1\" lat=\"49.995\" lon=\"20.02\"><tag k=\"amenity\" v=\"hospital\"/></node></osm>",
    );
    scene.write("reach.toml", "[radius_km]\nhealth = 0.1\n");
    done(scene.run(
        "assess --areas areas.geojson --population one.tif,nodata_means=zero --scheme reach.toml \
         --population two.tif,nodata_means=zero -o out.geojson --with gaps \
         --sites osm.osm,covers=all,confidence=0.4,occupancy=0,in_raster=yes",
    ));
    let found = gaps(&scene);
    let (_, class, value) = found.iter().find(|(kind, ..)| kind == "uncertain_sites").unwrap();
    assert_eq!(class, "hospital");
    assert!((value.as_f64().unwrap() - 9.3).abs() < 0.05, "{value}");
}

#[test]
fn a_gap_of_each_kind_is_found() {
    let scene = scene();
    let kinds = |args: &str| {
        done(scene.run(&format!("assess {args} -o out.geojson --with gaps")));
        gaps(&scene).into_iter().map(|(kind, ..)| kind).collect::<Vec<_>>()
    };
    scene.write("bare.toml", PLAN);
    assert!(kinds("bare.toml").contains(&"no_sites_layer".to_string()));
    scene.write(
        "old.toml",
        format!(
            "[scenario]\ndate = 2026-11-22\n{PLAN}year = 2010\n[[sites]]\npath = \"sites.geojson\"\n\
             class = \"hospital\"\nobserved_on = 2020-01-01\n"
        ),
    );
    let found = kinds("old.toml");
    assert_eq!(found.iter().filter(|kind| *kind == "stale_layer").count(), 2, "{found:?}");
    assert!(found.contains(&"unmapped_class".to_string()));
    scene.write("near.toml", "[radius_km]\nhealth = 1\n");
    assert!(kinds("plan.toml --scheme near.toml").contains(&"unserved".to_string()));
    let west = [19.9, 49.9, 20.05, 50.0];
    scene.write("half.geojson", collection(&[area("A", &[west])]).to_string());
    assert!(kinds("plan.toml --areas half.geojson").contains(&"missing_population".to_string()));
}

/// The demo assessed, and its explanations by area.
fn demo() -> BTreeMap<String, (f64, String)> {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("demo.geojson");
    let program = || {
        let mut program = assert_cmd::Command::new(env!("CARGO_BIN_EXE_civex"));
        program.current_dir(env!("CARGO_MANIFEST_DIR"));
        program
    };
    program()
        .args(["assess", "data/iceland/scenario.toml", "--quiet", "-o"])
        .arg(&out)
        .assert()
        .success();
    let text = fs::read_to_string(&out).unwrap();
    let assessment: Value = serde_json::from_str(&text).unwrap();
    let rows = assessment["features"].as_array().unwrap();
    let explain = |row: &Value| {
        let properties = &row["properties"];
        let id = properties["area_id"].as_str().unwrap().to_string();
        let ran = program()
            .arg("explain")
            .arg(&out)
            .arg(&id)
            .args(["--blocks", "--inputs", "data/iceland"])
            .output()
            .unwrap();
        assert!(ran.status.success(), "{id}: {}", String::from_utf8_lossy(&ran.stderr));
        let score = properties["score"].as_f64().unwrap();
        (id, (score, String::from_utf8(ran.stdout).unwrap()))
    };
    rows.iter().map(explain).collect()
}

/// The lines of a section of an explanation.
fn section<'t>(text: &'t str, head: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(move |line| !line.starts_with(head)).skip(1);
    lines.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty()).collect()
}

/// The last number of a line.
fn last(line: &str) -> f64 {
    line.split_whitespace().last().unwrap().replace(',', "").parse().unwrap()
}

/// The sum of a column of a section that is the last one, without its last line, which tells it.
fn adds_up(lines: &[&str]) -> (f64, f64) {
    let (total, parts) = lines.split_last().unwrap();
    (parts.iter().skip(2).map(|line| last(line)).sum(), last(total))
}

#[test]
fn explanations_add_up_to_the_score_in_every_area_of_the_demo() {
    let all = demo();
    assert_eq!(all.len(), 14);
    for (id, (score, text)) in &all {
        assert!(text.contains(&format!("Score ≥ {score:.2}")), "{id}: {text}");
        let formula = section(text, "How it comes about");
        let (parts, together) = adds_up(&formula);
        assert!((parts - score).abs() < 0.03 && (together - score).abs() < 0.006, "{id}");
        let dimension =
            |name: &str| last(formula.iter().find(|line| line.trim().starts_with(name)).unwrap());
        let blocks = section(text, "People in it");
        let (parts, together) = adds_up(&blocks);
        assert!((together - dimension("people")).abs() < 0.006, "{id}: {together}");
        assert!((parts - together).abs() < 0.005 * blocks.len() as f64, "{id}: {parts} {together}");
        let sites = section(text, "Sites in it, by id");
        if !sites.is_empty() {
            let (parts, together) = adds_up(&sites);
            assert!((together - dimension("vulnerable")).abs() < 0.006, "{id}: {together}");
            assert!((parts - together).abs() < 0.006 * sites.len() as f64, "{id}");
        }
        let filled = text.lines().find(|line| line.trim().starts_with("= max(")).unwrap();
        assert!((last(filled) - score).abs() < 0.006, "{id}: {filled}");
        let blocks = blocks.iter().skip(2).filter(|line| !line.contains("fewer than 10"));
        let people =
            blocks.map(|line| line.split_whitespace().rev().nth(1).unwrap().replace(',', ""));
        assert!(people.map(|n| n.parse::<f64>().unwrap()).all(|n| n >= 10.0), "{id}");
    }
}

#[test]
fn an_explanation_takes_a_name_or_an_option() {
    let scene = scene();
    let of = |id: &str, name: &str, coa: &str, west: f64| {
        let ground = polygon(&[[west, 49.92, west + 0.02, 49.94]]);
        feature(&ground, &json!({"id": id, "name": name, "coa": coa}))
    };
    let areas = [
        of("1", "Old town", "north", 20.01),
        of("2", "Harbor", "north", 20.04),
        of("3", "Harbor", "south", 20.06),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    done(scene.run("assess plan.toml -o out.geojson"));
    let explained = |area: &str| {
        let output = scene.command("explain out.geojson").arg(area).output().unwrap();
        [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap())
    };
    assert!(explained("old town")[0].starts_with("Old town (north/1)\n"));
    let [north, _] = explained("north");
    assert!(north.starts_with("Old town (north/1)\n"), "{north}");
    assert!(north.contains("\nHarbor (north/2)\n") && !north.contains("south/3"), "{north}");
    let [_, said] = explained("Harbor");
    let wanted = "hint: name one of north/2 (\"Harbor\"), south/3 (\"Harbor\")\n";
    assert!(said.ends_with(wanted), "{said}");
}

#[test]
fn an_explanation_says_which_area_and_which_input_it_misses() {
    let scene = scene();
    let two = [area("A", &[[20.0, 49.9, 20.05, 50.0]]), area("B", &[[20.05, 49.9, 20.1, 50.0]])];
    let with_coa = |area: &Value, coa: &str| {
        feature(&area["geometry"], &json!({"id": area["properties"]["id"], "coa": coa}))
    };
    let areas =
        [with_coa(&two[0], "north"), with_coa(&two[0], "south"), with_coa(&two[1], "south")];
    scene.write("areas.geojson", collection(&areas).to_string());
    done(scene.run("assess plan.toml -o out.geojson"));
    assert!(done(scene.run("explain out.geojson B")).out.starts_with("south/B\n"));
    assert!(done(scene.run("explain out.geojson north/A")).out.starts_with("north/A\n"));
    let (error, hint) = refused(&scene, "explain out.geojson A");
    assert_eq!(error, "out.geojson: 2 areas may be meant by \"A\"");
    assert_eq!(hint, "name one of north/A, south/A");
    let (error, hint) = refused(&scene, "explain out.geojson C");
    assert_eq!(error, "out.geojson: it has no area and no option \"C\"");
    assert_eq!(hint, "it has north/A, south/A, south/B");
    let (error, _) = refused(&scene, "explain areas.geojson A");
    assert!(error.contains("no assessment"), "{error}");
    scene.raster("pop.tif", 10, &[20.0_f32; 100]);
    let (error, _) = refused(&scene, "explain out.geojson B");
    assert_eq!(error, "out.geojson: its input \"pop.tif\" has changed since (SHA-256)");
    fs::remove_file(scene.path("pop.tif")).unwrap();
    let (error, hint) = refused(&scene, "explain out.geojson B");
    assert_eq!(error, "out.geojson: its input \"pop.tif\" is missing");
    assert_eq!(hint, "give the folder that holds its inputs: `--inputs DIR`");
}

#[test]
fn every_setting_of_a_scenario_survives_its_assessment() {
    let scene = scene();
    scene.write("links.csv", "from,to,theta\nP,W,0.6\n");
    scene.write("answers.csv", "answer,site_id,value\noccupancy,H1,40\n");
    scene.write("scheme.toml", "[aggregation]\nlambda = 0.4\n");
    scene.raster("old.tif", 10, &[2.0_f32; 100]);
    scene.raster("two.tif", 10, &[11.0_f32; 100]);
    scene.write("own.csv", "kind,longitude,latitude\nclinic,20.02,49.93\n");
    let text = "[scenario]\nname = \"all\"\ndate = 2026-11-22\ntimezone = \"Europe/Kyiv\"\n\
        [areas]\npath = \"areas.geojson\"\nid = \"id\"\nbuffer_m = 50\nrings_m = [500, 1000]\n\
        [[population]]\npath = \"pop.tif\"\nsamples = [1]\nclamp_below = 0.001\nyear = 2020\n\
        [population.groups]\nchildren = { share = 0.2, source = \"x, \\\"y\\\"\" }\nolder_60 = { path = \"old.tif\" }\n\
        [[population]]\npath = \"two.tif\"\nnodata = -5\nprimary = true\nnodata_means = \"zero\"\n\
        [[sites]]\npath = \"sites.geojson\"\nconfidence = 0.8\nin_raster = \"no\"\n\
        [[sites]]\npath = \"own.csv\"\nclass_field = \"kind\"\nclasses = { clinic = \"health_centre\" }\noccupancy = 3\n\
        [[answers]]\npath = \"answers.csv\"\nconfidence = 0.7\n[[links]]\npath = \"links.csv\"\n\
        [scheme]\npath = \"scheme.toml\"\n";
    scene.write("all/all.toml", text.replace("path = \"", "path = \"../"));
    done(scene.run("assess all/all.toml -o out/all.geojson"));
    // It refuses if the score comes out otherwise.
    let explained = done(scene.run("explain out/all.geojson A --inputs .")).out;
    assert!(explained.contains("children (under 18)"));
    fs::create_dir(scene.path("moved")).unwrap();
    for name in [
        "areas.geojson",
        "pop.tif",
        "two.tif",
        "old.tif",
        "sites.geojson",
        "own.csv",
        "answers.csv",
        "links.csv",
        "scheme.toml",
    ] {
        fs::rename(scene.path(name), scene.path(&format!("moved/{name}"))).unwrap();
    }
    assert_eq!(done(scene.run("explain out/all.geojson A --inputs moved")).out, explained);
}

/// Everything that the program writes of a scenario, with every layer beside.
fn everything(scene: &Scene) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut told = |name: &str, ran: Ran| {
        all.push((format!("{name}: standard output"), ran.out.clone()));
        all.push((format!("{name}: standard error"), ran.err));
    };
    told(
        "assess",
        done(
            scene.run(
                "assess plan.toml --links links.csv -o out.geojson --with sites,gaps --verbose",
            ),
        ),
    );
    told("table", done(scene.run("assess plan.toml --links links.csv --verbose")));
    told("sites", done(scene.run("sites sites.geojson -o register.geojson --register")));
    told("check", done(scene.run("check plan.toml")));
    told("explain", done(scene.run("explain out.geojson A --blocks")));
    for file in
        ["out.geojson", "out.sites.geojson", "out.gaps.geojson", "out.gaps.csv", "register.geojson"]
    {
        all.push((file.to_string(), String::from_utf8(scene.read(file)).unwrap()));
    }
    all
}

#[test]
fn nothing_that_must_not_leave_is_in_any_output() {
    let scene = scene();
    let inside = [[20.0, 49.9, 20.05, 49.94], [20.0, 49.94, 20.05, 50.0]];
    let shape =
        json!({"type": "Feature", "properties": {"id": "A"}, "geometry": parts(&inside[..1])});
    scene.write("areas.geojson", collection(&[shape, area("B", &inside[1..])]).to_string());
    let secret = json!({"id": "shelter-7731", "name": "Quiet House", "class": "safe_house", "confidence": 0.6,
        "operator": "Jane Doe", "phone": "+354 555 7731", "religion": "any"});
    let sites = [
        point([20.021_357, 49.921_357], &secret),
        point([20.03, 49.93], &json!({"id": "H1", "class": "hospital"})),
        point([20.033, 49.93], &json!({"id": "H3", "class": "hospital"})),
        point([20.09, 49.95], &json!({"id": "W", "class": "water_works"})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("links.csv", "from,to,theta\nH1,W,0.617\n");
    // Two hospitals share the people: 330 and 670 of a thousand, which only their sum may tell.
    let raster: Vec<f32> = (0..100).map(|cell| [9.0, 11.0, 10.0, 10.5][cell % 4]).collect();
    scene.raster("pop.tif", 10, &raster);
    let found = everything(&scene);
    let health: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    let health = health["features"][0]["properties"]["dependants_health"].as_f64().unwrap();
    assert!(health > 900.0, "all of them: {health}");
    for (where_from, text) in &found {
        for secret in [
            "shelter-7731",
            "Quiet House",
            "Jane Doe",
            "555 7731",
            "20.021357",
            "49.921357",
            "0.617",
            "H1,W",
        ] {
            assert!(!text.contains(secret), "{secret} in {where_from}:\n{text}");
        }
        let lower = text.to_lowercase();
        assert!(!lower.contains("\"theta\"") && !lower.contains("\"feeds\":\"w\""), "{where_from}");
    }
    // Every file that holds sites has the banner.
    for file in ["out.sites.geojson", "register.geojson", "out.gaps.geojson", "out.gaps.csv"] {
        let text = String::from_utf8(scene.read(file)).unwrap();
        assert!(text.contains("PROTECTIVE USE - NOT A TARGET LIST"), "{file}");
    }
    let explained = &found.iter().find(|(name, _)| name == "explain: standard output").unwrap().1;
    assert!(explained.contains("PROTECTIVE USE - NOT A TARGET LIST"));
    // Dependants stand in the table of services alone, never in a row of a site.
    for line in section(explained, "Sites in it, by id") {
        assert!(!line.contains("dependants"), "{line}");
    }
    let ids: Vec<&str> = section(explained, "Sites in it, by id")
        .into_iter()
        .skip(2)
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| word.starts_with('H'))
        .collect();
    assert!(ids.is_sorted(), "by id: {ids:?}");
}
