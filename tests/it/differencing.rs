//! What outputs tell of one site: worlds that differ only in what nobody may know give the same outputs.

use crate::scene::{PLAN, Ran, Scene, area, collection, feature, parts, point, polygon};
use serde_json::{Value, json};

/// A world: people a cell, links, answers, and the place of the safe house.
struct World {
    people: Vec<f32>,
    links: &'static str,
    answers: Option<&'static str>,
    safe_house: [f64; 2],
}

impl Default for World {
    fn default() -> Self {
        Self {
            people: vec![140.9; 100],
            links: "from,to,theta\nP,W,0.37\n",
            answers: None,
            safe_house: [20.0112, 49.9512],
        }
    }
}

fn hospitals() -> [Value; 5] {
    let of = |id: &str, at: [f64; 2]| point(at, &json!({"id": id, "class": "hospital"}));
    [
        of("H1", [20.02, 49.95]),
        of("H2", [20.08, 49.95]),
        of("H3", [20.03, 49.92]),
        of("H4", [20.03, 49.98]),
        point([20.055, 49.93], &json!({"id": "R", "class": "relief_site", "capacity": 100})),
    ]
}

/// The world as files, with some areas.
fn scene(world: &World, areas: &[Value]) -> Scene {
    let scene = Scene::empty();
    scene.raster("pop.tif", 10, &world.people);
    scene.write("areas.geojson", collection(areas).to_string());
    let mut sites = hospitals().to_vec();
    sites.extend([
        point([20.03, 49.95], &json!({"id": "P", "class": "power_supply"})),
        point([20.09, 49.95], &json!({"id": "W", "class": "water_works"})),
        point(world.safe_house, &json!({"id": "S", "class": "safe_house", "occupancy": 12})),
    ]);
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("links.csv", world.links);
    let mut plan = format!("[scenario]\ndate = 2026-06-01\n\n{PLAN}");
    plan.push_str("[[sites]]\npath = \"sites.geojson\"\n\n[[links]]\npath = \"links.csv\"\n");
    if let Some(answers) = world.answers {
        scene.write("answers.csv", answers);
        plan.push_str("\n[[answers]]\npath = \"answers.csv\"\n");
    }
    scene.write("plan.toml", plan);
    scene
}

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// Everything that leaves the program about the areas of a world, without the digests of its inputs.
fn told(scene: &Scene, ids: &[&str]) -> Vec<(String, String)> {
    done(scene.run("assess plan.toml -o out.geojson --with sites,gaps,options"));
    let mut told = Vec::new();
    for name in ["out.geojson", "out.options.geojson", "out.sites.geojson", "out.gaps.geojson"] {
        let file: Value = serde_json::from_slice(&scene.read(name)).unwrap();
        told.push((name.to_string(), format!("{:#}", file["features"])));
    }
    let form = String::from_utf8(scene.read("out.gaps.csv")).unwrap();
    told.push(("out.gaps.csv".into(), form));
    for id in ids {
        let ran = done(scene.run(&format!("explain out.geojson {id} --blocks")));
        told.push((format!("explain {id}"), ran.out));
    }
    let areas = String::from_utf8(scene.read("areas.geojson")).unwrap();
    if areas.contains("\"coa\"") {
        let compared = done(scene.run("compare out.geojson --draws 500")).out;
        told.push(("compare".into(), compared));
    }
    told
}

#[track_caller]
fn same(one: &[(String, String)], other: &[(String, String)]) {
    for ((name, one), (_, other)) in one.iter().zip(other) {
        let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(one == other, "{name} tells them apart: {differs:?}");
    }
}

/// Areas of two options that hold each other and differ by one site.
fn nested() -> Vec<Value> {
    let of = |id: &str, coa: &str, bounds: [f64; 4]| {
        feature(&polygon(&[bounds]), &json!({"id": id, "coa": coa}))
    };
    vec![
        of("only-H1", "A", [20.015, 49.945, 20.025, 49.955]),
        of("H1-P", "A", [20.015, 49.94, 20.04, 49.96]),
        of("H1-P-H3", "A", [20.015, 49.91, 20.04, 49.96]),
        of("only-P", "B", [20.026, 49.94, 20.04, 49.96]),
        of("P-W", "B", [20.026, 49.94, 20.1, 49.96]),
        of("only-W", "C", [20.085, 49.94, 20.1, 49.96]),
        of("all", "C", [20.01, 49.9, 20.1, 49.985]),
    ]
}

const NESTED: [&str; 7] = ["only-H1", "H1-P", "H1-P-H3", "only-P", "P-W", "only-W", "all"];

/// Whether a number has two significant digits at most.
fn has_two_digits(number: f64) -> bool {
    let text = format!("{number:e}");
    text.split('e').next().unwrap().replace('.', "").len() <= 2
}

#[test]
fn dependants_are_told_in_two_digits_whatever_is_subtracted() {
    let one = World::default();
    let mut other = World::default();
    // Three people more in a corner that no area holds.
    other.people[0] += 3.0;
    let (one, other) = (scene(&one, &nested()), scene(&other, &nested()));
    let (first, second) = (told(&one, &NESTED), told(&other, &NESTED));
    same(&first, &second);
    for name in ["out.geojson", "out.options.geojson"] {
        let file: Value = serde_json::from_slice(&one.read(name)).unwrap();
        let mut found = 0;
        for row in file["features"].as_array().unwrap() {
            for (column, value) in row["properties"].as_object().unwrap() {
                let is_of_service =
                    column.starts_with("dependants_") && column != "dependants_outside";
                if let Some(number) = value.as_f64().filter(|_| is_of_service) {
                    found += usize::from(number > 100.0);
                    assert!(has_two_digits(number), "{column} of {name} is {number}");
                }
            }
        }
        assert!(found >= 8, "{name} has numbers to look at");
    }
    // The whole of the people of a service in one area: its rest would tell what two digits hide.
    let rows: Value = serde_json::from_slice(&one.read("out.geojson")).unwrap();
    let of =
        |row: usize, column: &str| rows["features"][row]["properties"][column].as_f64().unwrap();
    assert_eq!(of(3, "dependants_power"), 14_000.0, "of 14,090");
    assert!((of(6, "dependants_outside") / 1000.0).fract() == 0.0, "in the digits of 14,000");
}

#[test]
fn a_link_is_told_in_one_digit() {
    let one = World::default();
    let other = World { links: "from,to,theta\nP,W,0.41\n", ..World::default() };
    let (one, other) = (scene(&one, &nested()), scene(&other, &nested()));
    same(&told(&one, &NESTED), &told(&other, &NESTED));
    let rows: Value = serde_json::from_slice(&one.read("out.geojson")).unwrap();
    assert_eq!(rows["features"][3]["properties"]["dependants_water"], 5600.0, "0.4 of 14,090");
}

/// Squares of some meters about a point.
fn square(id: &str, [x, y]: [f64; 2], side: f64) -> Value {
    let half = side / 2.0;
    area(id, &[[x - half, y - half, x + half, y + half]])
}

#[test]
fn a_small_area_without_people_tells_dependants_by_class() {
    // Nobody lives where the areas are, and some live a little west of them.
    let world = |west: f32, links| {
        let mut world = World { links, ..World::default() };
        world.people[30..60].fill(0.0);
        for cell in [30, 40, 50] {
            world.people[cell] = west;
        }
        world
    };
    let one = world(1500.0, "from,to,theta\nP,W,0.37\n");
    let other = world(2500.0, "from,to,theta\nP,W,0.41\n");
    let areas = [
        square("h", [20.02, 49.95], 2e-5),
        square("p", [20.03, 49.95], 2e-5),
        square("w", [20.09, 49.95], 2e-5),
        square("none", [20.05, 49.96], 2e-5),
    ];
    let ids = ["h", "p", "w", "none"];
    let (one, other) = (scene(&one, &areas), scene(&other, &areas));
    same(&told(&one, &ids), &told(&other, &ids));
    let ran = done(one.run("assess plan.toml -o -"));
    let rows = ran.assessment();
    assert_eq!(rows.number(0, "dependants_health"), 10_000.0, "fewer than");
    assert_eq!(rows.number(1, "dependants_power"), 100_000.0);
    assert_eq!(rows.number(1, "dependants_water"), 10_000.0, "0.4 of them");
    assert_eq!(rows.number(2, "dependants_water"), 100_000.0);
    assert_eq!(rows.number(3, "dependants_water"), 0.0);
    assert_eq!(rows.number(3, "score"), 0.0);
    let wanted = "area \"h\": it has fewer than 10 people on less than 1 km², so dependants are told by class: fewer than 10,000 for health";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    assert!(!ran.err.contains("area \"none\": it has fewer"), "{}", ran.err);
}

#[test]
fn a_sensitive_site_is_counted_by_every_area_in_its_block() {
    let one = World::default();
    let other = World { safe_house: [20.0158, 49.9557], ..World::default() };
    let mut areas = Vec::new();
    for (name, at) in [
        ("at-one", one.safe_house),
        ("at-other", other.safe_house),
        ("between", [20.0135, 49.9535]),
        ("in-the-next-block", [20.0180, 49.9535]),
    ] {
        areas.push(square(name, at, 2e-5));
    }
    // Strips of the block, and areas of a square kilometer whose border runs between the two places.
    for step in 0..5 {
        let west = 20.0085 + 0.0016 * f64::from(step);
        areas.push(area(&format!("strip-{step}"), &[[west, 49.95, west + 0.0016, 49.958]]));
    }
    areas.push(area("west", &[[19.999, 49.94, 20.0135, 49.96]]));
    areas.push(area("east", &[[20.0135, 49.94, 20.0245, 49.96]]));
    let names = ["at-one", "between", "west", "east"];
    let (first, second) = (scene(&one, &areas), scene(&other, &areas));
    same(&told(&first, &names), &told(&second, &names));
    let rows = done(first.run("assess plan.toml -o -")).assessment();
    let counts: Vec<f64> = (0..4).map(|row| rows.number(row, "sites_safe_house")).collect();
    assert_eq!(counts, [1.0, 1.0, 1.0, 0.0]);
    let both = [rows.number(9, "sites_safe_house"), rows.number(10, "sites_safe_house")];
    assert_eq!(both, [1.0, 1.0], "no border finds the side on which it is");
}

#[test]
fn a_restricted_answer_changes_nothing_where_it_would_tell_of_a_site() {
    const HEAD: &str = "site_id,answer,value,class,longitude,latitude,use_restriction,confidence\n";
    // Each is an option of its own: together they have three hospitals.
    let of =
        |id: &str, bounds: [f64; 4]| feature(&polygon(&[bounds]), &json!({"id": id, "coa": id}));
    let areas = [
        of("h1", [20.01999, 49.94999, 20.02001, 49.95001]),
        of("one", [20.01, 49.94, 20.025, 49.96]),
        of("two", [20.01, 49.91, 20.04, 49.96]),
        of("new", [20.05, 49.96, 20.07, 49.98]),
        of("other", [20.07, 49.94, 20.09, 49.96]),
    ];
    let ids = ["h1", "one", "two", "new", "other"];
    let with = |answer: &str, areas: &[Value]| {
        let answers: &'static str = Box::leak(format!("{HEAD}{answer}").into_boxed_str());
        scene(&World { answers: Some(answers), ..World::default() }, areas)
    };
    let answers = [
        "H1,closed,,,,,secret,0.9\n",
        "H1,absent,,,,,secret,0.95\n",
        "H1,occupancy,77,,,,secret,0.9\n",
        "H1,capacity,770,,,,secret,0.9\n",
        "H1,moved,,,20.06,49.97,secret,0.9\n",
        ",exists,,hospital,20.06,49.97,secret,0.9\n",
        "H2,closed,,,,,secret,0.9\n",
        "H1,exists,,,,,secret,0.99\n",
    ];
    let plain = told(&with(answers[7], &areas), &ids);
    for answer in &answers[..7] {
        same(&plain, &told(&with(answer, &areas), &ids));
    }
    // Of the three hospitals in the west one is closed.
    let three = [area("three", &[[20.01, 49.91, 20.04, 49.99]])];
    let ran = done(with(answers[0], &three).run("assess plan.toml -o -"));
    assert_eq!(ran.assessment().number(0, "sites_hospital"), 2.0);
    let wanted = "area \"three\": restricted answers count in it for hospital: of other classes it has fewer than 3 sites that everybody knows of";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    let ran = done(with(answers[0], &areas).run("assess plan.toml -o -"));
    assert!(
        ran.err.contains("area \"two\": restricted answers count in it for no class"),
        "{}",
        ran.err
    );
}

#[test]
fn the_place_of_a_restricted_site_is_told_by_its_block_alone() {
    const HEAD: &str = "site_id,answer,value,class,longitude,latitude,use_restriction,confidence\n";
    let with = |answer: &str, areas: &[Value]| {
        let answers: &'static str = Box::leak(format!("{HEAD}{answer}").into_boxed_str());
        scene(&World { answers: Some(answers), ..World::default() }, areas)
    };
    let square = |[x, y]: [f64; 2]| [x - 1e-5, y - 1e-5, x + 1e-5, y + 1e-5];
    // Three that everybody knows of, each in a small square, and one more square somewhere in the block.
    let known = [[20.02, 49.95], [20.08, 49.95], [20.03, 49.92]].map(square);
    let places = [[20.06, 49.97], [20.065, 49.972]];
    let areas: Vec<Value> = [places[0], places[1], [20.059, 49.968]]
        .iter()
        .enumerate()
        .map(|(place, at)| {
            let squares: Vec<[f64; 4]> = known.into_iter().chain([square(*at)]).collect();
            feature(&parts(&squares), &json!({"id": format!("with-{place}")}))
        })
        .chain([feature(&parts(&known), &json!({"id": "known"}))])
        .collect();
    let ids = ["with-0", "with-1", "with-2", "known"];
    for answer in [",exists,,hospital,LON,LAT,secret,0.9\n", "H4,moved,,,LON,LAT,secret,0.9\n"] {
        let at = |[lon, lat]: [f64; 2]| {
            let answer = answer.replace("LON", &lon.to_string()).replace("LAT", &lat.to_string());
            with(&answer, &areas)
        };
        let (one, other) = (at(places[0]), at(places[1]));
        same(&told(&one, &ids), &told(&other, &ids));
        let rows = done(one.run("assess plan.toml -o -")).assessment();
        let counts: Vec<f64> = (0..4).map(|row| rows.number(row, "sites_hospital")).collect();
        assert_eq!(counts, [4.0, 4.0, 4.0, 3.0], "{answer}");
    }
}

#[test]
fn explain_tells_sites_of_a_class_together_where_one_has_a_restricted_answer() {
    const ANSWERS: &str =
        "site_id,answer,value,use_restriction,confidence\nH1,occupancy,77,secret,0.9\n";
    let three = [area("three", &[[20.01, 49.91, 20.04, 49.99]])];
    let scene = scene(&World { answers: Some(ANSWERS), ..World::default() }, &three);
    done(scene.run("assess plan.toml -o out.geojson"));
    let said = done(scene.run("explain out.geojson three")).out;
    assert!(said.contains("(3 not told by id)   hospital"), "{said}");
    assert!(![" 77 ", "H1", "H3", "H4"].iter().any(|secret| said.contains(secret)), "{said}");
}
