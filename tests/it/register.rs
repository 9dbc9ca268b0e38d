//! The register of sites: what is one site and what is two, whoever tells of it and in whatever order; what
//! partners answer; and what never leaves the program.

use crate::scene::{Ran, Scene, area, collection, feature, point};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const BANNER: &str = "PROTECTIVE USE - NOT A TARGET LIST";

/// About 0.0009° of latitude are 100 m.
const NEAR: f64 = 0.0008;
const FAR: f64 = 0.0010;

/// The features that `civex sites` writes for these arguments.
pub(crate) fn register(scene: &Scene, args: &str) -> Vec<Value> {
    let ran = scene.run(&format!("sites {args} -o -"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(file["banner"], BANNER);
    file["features"].as_array().unwrap().clone()
}

pub(crate) fn get<'v>(site: &'v Value, column: &str) -> &'v Value {
    &site["properties"][column]
}

fn ids(sites: &[Value]) -> Vec<&str> {
    sites.iter().map(|site| get(site, "site_id").as_str().unwrap()).collect()
}

/// A layer of points: id, latitude above 50, and other columns.
fn layer(scene: &Scene, name: &str, sites: &[(&str, f64, Value)]) {
    let points = sites.iter().map(|(id, north, own)| {
        let mut own = own.clone();
        own["id"] = json!(id);
        point([20.0, 50.0 + north], &own)
    });
    scene.write(name, collection(&points.collect::<Vec<_>>()).to_string());
}

fn hospital(name: &str) -> Value {
    json!({"class": "hospital", "name": name})
}

#[test]
fn records_of_two_sources_are_one_site_if_names_are_alike_or_one_has_none() {
    let cases: [(Value, Value, f64, usize); 9] = [
        (hospital("St. Anna Hospital"), hospital("ST ANNA"), NEAR, 1),
        (hospital("St. Anna"), json!({"class": "hospital"}), NEAR, 1),
        (hospital("St. Anna"), json!({"class": "health_centre", "name": "St. Anna"}), NEAR, 1),
        (hospital("St. Anna"), hospital("St. Anna"), FAR, 2),
        (hospital("St. Anna"), hospital("Holy Cross"), NEAR, 2),
        (hospital("Hospital 5"), hospital("Hospital 6"), NEAR, 2),
        (hospital("Block A"), hospital("Block B"), NEAR, 2),
        (json!({"class": "hospital"}), json!({"class": "hospital"}), NEAR, 2),
        (hospital("St. Anna"), json!({"class": "school", "name": "St. Anna"}), NEAR, 2),
    ];
    for (one, other, north, wanted) in cases {
        let scene = Scene::empty();
        layer(&scene, "a.geojson", &[("1", 0.0, one.clone())]);
        layer(&scene, "b.geojson", &[("1", north, other.clone())]);
        let found = register(&scene, "a.geojson b.geojson");
        assert_eq!(found.len(), wanted, "{one} {other}");
        assert_eq!(register(&scene, "a.geojson b.geojson --no-merge").len(), 2);
    }
}

#[test]
fn a_merged_site_keeps_place_of_the_surest_class_of_the_gravest_and_says_what_came_from_where() {
    let scene = Scene::empty();
    let sure = json!({"class": "health_centre", "name": "St. Anna", "confidence": 0.9});
    let grave = json!({"class": "hospital", "confidence": 0.6, "occupancy": 40, "capacity": 60});
    layer(&scene, "osm.geojson", &[("7", 0.0, sure)]);
    layer(&scene, "ministry.geojson", &[("H1", NEAR, grave)]);
    let found = register(&scene, "osm.geojson ministry.geojson");
    assert_eq!(ids(&found), ["7"]);
    let site = &found[0];
    assert_eq!(site["geometry"]["coordinates"], json!([20.0, 50.0]));
    for (column, wanted) in [
        ("class", json!("hospital")),
        ("tier", json!(1)),
        ("name", json!("St. Anna")),
        ("occupancy", json!(40.0)),
        ("capacity", json!(60.0)),
        ("confidence", json!(0.96)),
        ("sources", json!("ministry; osm")),
        ("caveat", json!("osm has it as health_centre")),
        ("records", json!("[[\"ministry\",\"H1\",0.6,\"record\"],[\"osm\",\"7\",0.9,\"record\"]]")),
        ("fields", json!("{\"geometry\":2,\"class\":1,\"name\":2,\"occupancy\":1,\"capacity\":1}")),
    ] {
        assert_eq!(*get(site, column), wanted, "{column}");
    }
}

#[test]
fn ties_go_to_the_first_by_source_and_id() {
    let scene = Scene::empty();
    layer(&scene, "b.geojson", &[("1", 0.0, hospital("St. Anna"))]);
    layer(&scene, "a.geojson", &[("2", NEAR, hospital("St. Anna"))]);
    let found = register(&scene, "b.geojson a.geojson");
    assert_eq!((ids(&found), get(&found[0], "confidence")), (vec!["2"], &json!(0.99)));
}

#[test]
fn the_nearest_pair_comes_first_and_there_are_no_chains() {
    let scene = Scene::empty();
    layer(&scene, "a.geojson", &[("1", 0.0, hospital("Anna"))]);
    let two = [("1", 0.0006, hospital("Anna")), ("2", -0.0004, hospital("Anna"))];
    layer(&scene, "b.geojson", &two);
    let found = register(&scene, "a.geojson b.geojson,confidence=0.5");
    assert_eq!(found.len(), 2, "one to one: {found:?}");
    let merged = found.iter().find(|site| !get(site, "records").is_null()).unwrap();
    assert!(get(merged, "records").as_str().unwrap().contains("[\"b\",\"2\",0.5,\"record\"]"));

    // c fits b, but not a, with which b is one already.
    layer(&scene, "b.geojson", &[("1", NEAR, hospital("Anna"))]);
    layer(&scene, "c.geojson", &[("1", NEAR + FAR, hospital("Anna"))]);
    layer(&scene, "d.geojson", &[("1", 0.0004, hospital("Anna"))]);
    assert_eq!(register(&scene, "a.geojson b.geojson c.geojson").len(), 2);
    assert_eq!(register(&scene, "a.geojson b.geojson d.geojson").len(), 1, "all three fit");
}

#[test]
fn within_a_source_only_one_name_or_a_point_in_its_polygon_is_one_site() {
    let square = |name: Value| {
        let ring =
            json!([[[20.0, 50.0], [20.01, 50.0], [20.01, 50.01], [20.0, 50.01], [20.0, 50.0]]]);
        let own = json!({"id": "way", "class": "school", "name": name});
        feature(&json!({"type": "Polygon", "coordinates": ring}), &own)
    };
    let inside = |id: &str, class: &str, name: Value| {
        point([20.005, 50.005], &json!({"id": id, "class": class, "name": name}))
    };
    let count = |features: &[Value]| {
        let scene = Scene::empty();
        scene.write("a.geojson", collection(features).to_string());
        register(&scene, "a.geojson").len()
    };
    let none = Value::Null;
    assert_eq!(count(&[square(json!("Anna")), inside("n", "school", json!("Anna School"))]), 1);
    assert_eq!(count(&[square(json!("Anna")), inside("n", "school", none.clone())]), 1);
    assert_eq!(count(&[square(none.clone()), inside("n", "school", json!("Anna"))]), 1);
    assert_eq!(count(&[square(none.clone()), inside("n", "school", none.clone())]), 2);
    assert_eq!(count(&[square(json!("Anna")), inside("n", "school", json!("Cross"))]), 2);
    assert_eq!(count(&[square(json!("Anna")), inside("n", "early_childhood", json!("Anna"))]), 2);
    let two = [inside("n", "school", json!("One")), inside("m", "school", json!("Two"))];
    assert_eq!(count(&[&[square(none.clone())], &two[..]].concat()), 3, "which of them is it?");
    let same = |north: f64| {
        let at = |id: &str, north: f64| {
            point([20.0, 50.0 + north], &json!({"id": id, "class": "school", "name": "Anna"}))
        };
        count(&[at("1", 0.0), at("2", north)])
    };
    assert_eq!((same(NEAR), same(FAR)), (1, 2));
    let unnamed = |id: &str| point([20.0, 50.0], &json!({"id": id, "class": "school"}));
    assert_eq!(count(&[unnamed("1"), unnamed("2")]), 2);
}

#[test]
fn the_polygon_is_the_thing_and_the_point_in_it_its_label() {
    let scene = Scene::empty();
    let ring = json!([[[20.0, 50.0], [20.01, 50.0], [20.01, 50.01], [20.0, 50.01], [20.0, 50.0]]]);
    let polygon = feature(
        &json!({"type": "Polygon", "coordinates": ring}),
        &json!({"id": "way/1", "class": "school"}),
    );
    let label =
        point([20.005, 50.005], &json!({"id": "node/1", "class": "school", "name": "Anna"}));
    scene.write("a.geojson", collection(&[label, polygon]).to_string());
    let found = register(&scene, "a.geojson");
    assert_eq!(found[0]["geometry"]["type"], "Polygon");
    assert_eq!((ids(&found), get(&found[0], "name")), (vec!["way/1"], &json!("Anna")));
    assert_eq!(*get(&found[0], "confidence"), 0.9, "one source is one witness");
}

#[test]
fn records_merge_across_180_degrees_and_near_the_pole() {
    let scene = Scene::empty();
    let at = |lon: f64, lat: f64| point([lon, lat], &hospital("Anna"));
    // At 80° N a degree of longitude has 19.4 km: 0.004° are 78 m, 0.006° are 116 m.
    for (a, b, wanted) in [
        ([179.9995, 0.0], [-179.9998, 0.0], 1),
        ([20.0, 80.0], [20.004, 80.0], 1),
        ([20.0, 80.0], [20.006, 80.0], 2),
        ([179.998, 80.0], [-179.998, 80.0], 1),
    ] {
        scene.write("a.geojson", collection(&[at(a[0], a[1])]).to_string());
        scene.write("b.geojson", collection(&[at(b[0], b[1])]).to_string());
        assert_eq!(register(&scene, "a.geojson b.geojson").len(), wanted, "{a:?} {b:?}");
    }
}

#[test]
fn what_is_merged_stays_as_it_is_when_it_is_merged_again() {
    let scene = Scene::empty();
    let names = ["Anna", "Anna", "Cross", "Anna Hospital", "Mary 1", "Mary 2"];
    let layer_of = |name: &str, step: f64| {
        let sites = names.iter().zip(0_u8..).map(|(name, place)| {
            let id = place.to_string();
            (id, f64::from(place) * step, hospital(name))
        });
        let sites: Vec<_> = sites.collect();
        let sites: Vec<_> =
            sites.iter().map(|(id, north, own)| (id.as_str(), *north, own.clone())).collect();
        layer(&scene, name, &sites);
    };
    layer_of("a.geojson", 0.0003);
    layer_of("b.geojson", 0.0005);
    layer_of("c.geojson", 0.0002);
    let args = "a.geojson b.geojson c.geojson,class_field=class,confidence=0.6";
    assert_eq!(scene.run(&format!("sites {args} -o once.geojson")).code, 0);
    assert_eq!(scene.run("sites once.geojson -o twice.geojson").code, 0);
    let features = |name: &str| {
        let file: Value = serde_json::from_slice(&scene.read(name)).unwrap();
        file["features"].clone()
    };
    assert!(features("once.geojson").as_array().unwrap().len() < 18);
    assert_eq!(features("once.geojson"), features("twice.geojson"));
}

/// A few records of few names on a line.
fn records() -> impl Strategy<Value = Vec<(usize, u8, u8, u8)>> {
    let name = 0_u8..5;
    let class = 0_u8..3;
    proptest::collection::vec((0_usize..3, 0_u8..40, name, class), 1..25)
}

/// Layers of records, each in the order that is wanted.
fn layers_of(scene: &Scene, records: &[(usize, u8, u8, u8)], turn: usize) -> String {
    let mut layers: BTreeMap<usize, Vec<Value>> = BTreeMap::new();
    let mut numbered: Vec<_> = records.iter().enumerate().collect();
    let all = numbered.len();
    numbered.rotate_left(turn % all);
    if turn % 2 == 1 {
        numbered.reverse();
    }
    for (id, (source, north, name, class)) in numbered {
        let name = ["Anna", "Anna Hospital", "Holy Cross", "", "St. Mary 2"][usize::from(*name)];
        let class = ["hospital", "health_centre", "school"][usize::from(*class)];
        let name = Some(name).filter(|name| !name.is_empty());
        let own = json!({"id": format!("{id}"), "class": class, "name": name, "occupancy": 0.1 * id as f64});
        let at = [20.0, 50.0 + f64::from(*north) * 0.0002];
        layers.entry(*source).or_default().push(point(at, &own));
    }
    let mut names: Vec<String> = Vec::new();
    for (source, sites) in &layers {
        let name = format!("s{source}.geojson");
        scene.write(&name, collection(sites).to_string());
        names.push(format!("{name},confidence=0.{}", source + 5));
    }
    let count = names.len();
    names.rotate_left(turn % count);
    names.join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn neither_the_order_of_layers_nor_that_of_features_changes_anything(
        records in records(), turn in 1_usize..50,
    ) {
        let scene = Scene::empty();
        let one = register(&scene, &layers_of(&scene, &records, 0));
        let other = register(&scene, &layers_of(&scene, &records, turn));
        prop_assert_eq!(&one, &other);
        // Every record is in exactly one site.
        let of_site = |site: &Value| match get(site, "records").as_str() {
            Some(records) => serde_json::from_str::<Vec<Value>>(records).unwrap().len(),
            None => 1,
        };
        prop_assert_eq!(one.iter().map(of_site).sum::<usize>(), records.len());
    }

    #[test]
    fn neither_order_changes_a_byte_of_an_assessment(records in records(), turn in 1_usize..50) {
        let scene = Scene::usual();
        scene.write("around.geojson", collection(&[area("A", &[[19.9, 49.99, 20.1, 50.0031]])]).to_string());
        let mut rows = Vec::new();
        for turn in [0, turn] {
            let layers = layers_of(&scene, &records, turn);
            let layers = layers.replace(' ', " --sites ");
            let ran = scene.run(&format!("assess plan.toml --areas around.geojson --sites {layers} -o -"));
            prop_assert_eq!(ran.code, 0, "{}", ran.err);
            rows.push(ran.assessment().features().clone());
        }
        prop_assert_eq!(&rows[0], &rows[1]);
    }
}

#[test]
fn a_site_on_a_border_counts_in_both_areas_and_once_in_all() {
    let scene = Scene::usual();
    let areas = [
        area("west", &[[20.02, 49.92, 20.03, 49.95]]),
        area("east", &[[20.03, 49.92, 20.05, 49.95]]),
    ];
    scene.write("two.geojson", collection(&areas).to_string());
    let sites = [
        point([20.03, 49.93], &json!({"id": "on", "class": "hospital"})),
        point([20.04, 49.93], &json!({"id": "in", "class": "school"})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    let args = "assess plan.toml --areas two.geojson --sites sites.geojson,covers=all";
    let found = scene.run(&format!("{args} -o -")).assessment();
    assert_eq!((found.number(0, "sites_t1"), found.number(1, "sites_t1")), (1.0, 1.0));
    let ran = scene.run(args);
    let wanted = "In all areas together, each site once: t1 ≥ 1 · t2 ≥ 1 · t3 – · t4 –\n";
    assert!(ran.out.contains(wanted), "{}", ran.out);
    assert_eq!(scene.run(&format!("{args} --with sites -o out.geojson")).code, 0);
    let file: Value = serde_json::from_slice(&scene.read("out.sites.geojson")).unwrap();
    let listed = file["features"].as_array().unwrap();
    assert_eq!(ids(listed), ["in", "on"]);
    assert_eq!(*get(&listed[1], "areas"), "west; east");
}

/// The listed sites of an area at some place, with points around it.
fn listed(latitude: f64, west: f64, sites: &[(f64, f64)]) -> Vec<Value> {
    let scene = Scene::usual();
    let north = latitude + 0.01;
    scene.write(
        "at.geojson",
        collection(&[area("A", &[[west, latitude, west + 0.1, north]])]).to_string(),
    );
    let points = sites.iter().enumerate().map(|(id, (lon, lat))| {
        point([*lon, *lat], &json!({"id": id.to_string(), "class": "hospital"}))
    });
    scene.write("sites.geojson", collection(&points.collect::<Vec<_>>()).to_string());
    let args =
        "assess plan.toml --areas at.geojson --sites sites.geojson --with sites -o out.geojson";
    let ran = scene.run(args);
    assert_ne!(ran.code, 2, "{}", ran.err);
    let file: Value = serde_json::from_slice(&scene.read("out.sites.geojson")).unwrap();
    file["features"].as_array().unwrap().clone()
}

#[test]
fn sites_up_to_500_m_outside_are_listed_with_their_distance() {
    // A degree of latitude at 80° N has 111,661 m, one of longitude 19,394 m; at 0° 110,574 and 111,320 m.
    for (latitude, west, sites, wanted) in [
        (0.0, 20.0, vec![(20.05, 0.005), (20.05, 0.011), (20.05, 0.02)], vec![0.0, 110.6]),
        (80.0, 20.0, vec![(20.12, 80.005), (20.05, 79.996), (20.13, 80.005)], vec![388.0, 446.7]),
        (10.0, 179.9, vec![(-179.998, 10.005), (-179.99, 10.005)], vec![219.3]),
    ] {
        let found = listed(latitude, west, &sites);
        let distances: Vec<f64> =
            found.iter().map(|site| get(site, "distance_m").as_f64().unwrap()).collect();
        assert_eq!(distances.len(), wanted.len(), "{latitude} {west}: {distances:?}");
        for (found, wanted) in distances.iter().zip(&wanted) {
            assert!((found - wanted).abs() < 0.5, "{latitude} {west}: {distances:?}");
        }
    }
    let found = listed(0.0, 20.0, &[(20.05, 0.005), (20.05, 0.011)]);
    assert_eq!(
        (get(&found[0], "relation"), get(&found[1], "relation")),
        (&json!("inside"), &json!("adjacent"))
    );
    assert_eq!(*get(&found[1], "adjacent"), "A (111 m)");
    assert!(get(&found[0], "basis").as_str().unwrap().starts_with("GC I 19"));
}

fn answered(scene: &Scene, answers: &[Value]) -> (Vec<Value>, Ran) {
    scene.write("answers.geojson", collection(answers).to_string());
    let args = "sites a.geojson --answers answers.geojson --date 2026-11-22";
    let ran = scene.run(&format!("{args} -o -"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file: Value = serde_json::from_str(&ran.out).unwrap();
    (file["features"].as_array().unwrap().clone(), ran)
}

fn answer(own: &Value) -> Value {
    feature(&Value::Null, own)
}

#[test]
fn answers_are_applied_or_rejected_each_with_a_reason() {
    let scene = Scene::empty();
    let sites = [
        ("H", 0.0, json!({"class": "hospital", "confidence": 0.6})),
        ("S", 0.3, json!({"class": "school"})),
    ];
    layer(&scene, "a.geojson", &sites);
    let known = |answer: &str, more: &Value| {
        let mut own = json!({"answer": answer, "site_id": "H", "confidence": 0.8, "observed_on": "2026-11-01"});
        for (key, value) in more.as_object().unwrap() {
            own[key] = value.clone();
        }
        own
    };
    let told = |own: &Value| {
        let (found, ran) = answered(&scene, &[answer(own)]);
        let site = found.iter().find(|site| get(site, "site_id") == "H").unwrap().clone();
        (site, ran.said().to_string())
    };
    let (site, said) = told(&known("exists", &json!({})));
    assert_eq!(*get(&site, "confidence"), 0.92);
    assert_eq!(
        said,
        "notice: answers.geojson: answer \"1\" (feature 1) is accepted: \"H\" is surer to be there"
    );
    assert_eq!(*get(&told(&known("closed", &json!({}))).0, "confidence"), 0.12);
    let gone = answered(&scene, &[answer(&known("absent", &json!({"confidence": 1})))]).0;
    assert_eq!(ids(&gone), ["S"], "certainly not there");
    let (site, _) = told(&known("occupancy", &json!({"value": "1 200"})));
    assert_eq!(
        (get(&site, "occupancy"), get(&site, "observed_on")),
        (&json!(1200.0), &json!("2026-11-01"))
    );
    assert_eq!(*get(&site, "caveat"), "occupancy by answer 1 of 2026-11-01");
    assert!(get(&site, "fields").as_str().unwrap().contains("\"occupancy\":2"));
    assert_eq!(*get(&told(&known("capacity", &json!({"value": 300}))).0, "capacity"), 300.0);
    rejected(&known, &told);
}

/// What is wrong with an answer is told, and changes nothing.
fn rejected(known: &dyn Fn(&str, &Value) -> Value, told: &dyn Fn(&Value) -> (Value, String)) {
    for (own, why) in [
        (known("exists", &json!({"site_id": "X"})), "no site has the id \"X\""),
        (
            known("exists", &json!({"expires_on": "2026-11-22"})),
            "it expired on 2026-11-22, and the scenario is of 2026-11-22",
        ),
        (known("exists", &json!({"confidence": 7})), "`confidence` is \"7\", wanted 0 to 1"),
        (
            known("occupancy", &json!({"value": 9_999_999})),
            "`value` is \"9999999\", wanted 0 to 2000000 people",
        ),
        (
            known("occupancy", &json!({"value": 5, "confidence": 0.4})),
            "its confidence is 0.4, below 0.5",
        ),
        (known("moved", &json!({})), "it does not say where to, wanted a geometry"),
        (
            known("burnt", &json!({})),
            "`answer` is \"burnt\", wanted exists, absent, closed, moved, occupancy, capacity, supply_link",
        ),
        (
            known("exists", &json!({"observed_on": "soon"})),
            "`observed_on` is \"soon\", wanted a date as 2026-11-22",
        ),
        (
            json!({"answer": "absent"}),
            "it does not say which site it is about, wanted a `site_id`, or for `exists` a class and a place",
        ),
    ] {
        let (site, said) = told(&own);
        assert!(said.ends_with(&format!("is rejected: {why}")), "{said}");
        assert_eq!(
            (get(&site, "confidence"), get(&site, "occupancy")),
            (&json!(0.6), &Value::Null)
        );
    }
}

#[test]
fn later_answers_prevail_whatever_their_order_in_the_file() {
    let scene = Scene::empty();
    layer(&scene, "a.geojson", &[("H", 0.0, json!({"class": "hospital"}))]);
    let of = |day: &str, people: u32| {
        answer(&json!({"answer": "occupancy", "site_id": "H", "value": people, "observed_on": day}))
    };
    let answers = [of("2026-11-02", 20), of("2026-11-01", 10), of("2026-11-03", 30)];
    let reversed: Vec<Value> = answers.iter().rev().cloned().collect();
    for answers in [&answers[..], &reversed] {
        assert_eq!(*get(&answered(&scene, answers).0[0], "occupancy"), 30.0);
    }
}

#[test]
fn a_site_that_an_answer_tells_of_is_a_record_and_what_is_restricted_is_never_written() {
    let scene = Scene::usual();
    let few = [point([20.03, 49.93], &hospital("Anna"))];
    let centre = json!({"class": "collective_centre", "occupancy": 0});
    let mut many = few.to_vec();
    many.extend([20.025, 20.035].map(|x| point([x, 49.94], &hospital("Berta"))));
    many.extend([20.025, 20.03, 20.035].map(|x| point([x, 49.925], &centre)));
    let shelter = |restriction: &str| {
        let own = json!({"id": "N", "answer": "exists", "class": "collective_centre", "name": "Gym 4", "occupancy": 80,
            "use_restriction": restriction});
        point([20.04, 49.93], &own)
    };
    let crowded = |restriction: &str| {
        let own = json!({"answer": "occupancy", "site_id": "1", "value": 731, "use_restriction": restriction});
        answer(&own)
    };
    let run = |restriction: &str, known: &[Value]| {
        scene.write("a.geojson", collection(known).to_string());
        scene.write(
            "answers.geojson",
            collection(&[shelter(restriction), crowded(restriction)]).to_string(),
        );
        let args = "assess plan.toml --sites a.geojson --answers answers.geojson --with sites --full-precision";
        let ran = scene.run(&format!("{args} -o out.geojson"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let rows: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
        let sites: Value = serde_json::from_slice(&scene.read("out.sites.geojson")).unwrap();
        let told = String::from_utf8(scene.read("out.geojson")).unwrap() + &ran.err;
        (
            rows["features"][0]["properties"].clone(),
            sites["features"].as_array().unwrap().clone(),
            told,
        )
    };
    let (open, listed, _) = run("none", &few);
    assert_eq!((&open["sites_t1"], &open["vulnerable_best"]), (&json!(2), &json!(811.0)));
    assert_eq!(listed.len(), 2);
    let (alone, listed, told) = run("protection only", &few);
    assert_eq!((&alone["vulnerable_best"], listed.len()), (&json!(100.0), 1), "it would be told");
    assert!(told.contains("restricted answers count in it for no class"), "{told}");
    let (closed, listed, told) = run("protection only", &many);
    assert_eq!(closed["vulnerable_best"], 1011.0, "it protects");
    let text = Value::from(listed.clone()).to_string();
    assert!(!text.contains("Gym 4") && !text.contains("731"), "{text}");
    assert!(!told.contains("Gym 4") && !told.contains("731"), "{told}");
    let count = listed.iter().find(|site| site["geometry"].is_null()).unwrap();
    assert_eq!(
        (get(count, "class"), get(count, "count")),
        (&json!("collective_centre"), &json!(1))
    );
}

#[test]
fn what_has_expired_is_not_used_and_told() {
    let scene = Scene::empty();
    let expiring = json!({"class": "hospital", "expires_on": "2026-06-30"});
    layer(&scene, "a.geojson", &[("1", 0.0, expiring), ("2", 0.3, json!({"class": "hospital"}))]);
    let run = |more: &str| scene.run(&format!("sites a.geojson{more} -o -"));
    assert!(
        run(" --date 2026-11-22").err.contains("1 record not used: they expired by 2026-11-22")
    );
    assert_eq!(run(" --date 2026-06-29").err, "");
    assert!(run("").err.contains("there is no date to tell whether they have"));
    assert!(
        run(",expires_on=2026-01-01 --date 2026-11-22")
            .err
            .contains("2 records not used: they expired by 2026-11-22")
    );
}

#[test]
fn numbers_that_cannot_be_are_noticed_and_not_used() {
    let scene = Scene::usual();
    let beds = |beds: &Value| {
        let tags = json!({"id": "H", "amenity": "hospital", "beds": beds});
        scene.write("a.geojson", collection(&[point([20.03, 49.93], &tags)]).to_string());
        let ran = scene.run("assess plan.toml --sites a.geojson,classify=osm -o -");
        (ran.assessment().number(0, "vulnerable_best"), ran.err)
    };
    assert_eq!(beds(&json!("42")), (42.0, String::new()));
    for absurd in [json!(9_999_999), json!("-3"), json!("many"), json!(1.25)] {
        let (people, said) = beds(&absurd);
        assert_eq!(people, 100.0, "that of the class: {absurd}");
        assert!(said.contains("site \"H\": beds ") && said.contains("is not used"), "{said}");
    }
}

#[test]
fn sensitive_sites_are_counted_and_their_register_says_so() {
    let scene = Scene::empty();
    let sites = [
        ("N", 0.0, json!({"class": "relief_site", "name": "Depot 9"})),
        ("H", 1.0, json!({"class": "hospital", "name": "Anna"})),
    ];
    layer(&scene, "a.geojson", &sites);
    let ran = scene.run("sites a.geojson -o out.geojson");
    assert!(ran.err.contains("notice: out.geojson: 1 site of sensitive classes"), "{}", ran.err);
    let text = String::from_utf8(scene.read("out.geojson")).unwrap();
    assert!(!text.contains("Depot 9") && text.contains("\"class\":\"relief_site\""), "{text}");
    let again = scene.run("sites out.geojson -o -");
    assert!(
        again.err.contains("1 (it is a count of sensitive sites, without their places)"),
        "{}",
        again.err
    );
    let table = scene.run("sites a.geojson --register").out;
    assert!(
        table.starts_with(BANNER) && table.contains("not shown") && !table.contains("Depot 9"),
        "{table}"
    );
    assert!(scene.run("sites a.geojson --register --full-precision").out.contains("Depot 9"));
}

#[test]
fn tiers_services_and_records_survive_writing_and_reading() {
    let scene = Scene::usual();
    let tags = [
        json!({"id": "1", "amenity": "pharmacy"}),
        json!({"id": "2", "waterway": "dam"}),
        json!({"id": "3", "man_made": "communications_tower"}),
    ];
    let points: Vec<Value> = tags.iter().map(|own| point([20.03, 49.93], own)).collect();
    scene.write("osm.geojson", collection(&points).to_string());
    assert_eq!(scene.run("sites osm.geojson,classify=osm -o register.geojson").code, 0);
    let rows = |sites: &str| {
        let ran = scene.run(&format!("assess plan.toml --sites {sites} -o -"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let found = ran.assessment();
        ["sites_t1", "sites_t2", "sites_t3", "site_load_best"].map(|column| found.number(0, column))
    };
    assert_eq!(rows("osm.geojson,classify=osm"), rows("register.geojson"));
    let tower = &register(&scene, "register.geojson")[2];
    assert_eq!(*get(tower, "service"), "telecom");
}

#[test]
fn own_rules_extend_those_that_are_built_in() {
    let scene = Scene::empty();
    let own = "rules = [{ class = \"health_centre\", tags = { amenity = [\"health_post\"] } }]";
    scene.write("own.toml", own);
    scene.write(
        "a.geojson",
        collection(&[point([20.0, 50.0], &json!({"id": "1", "amenity": "health_post"}))])
            .to_string(),
    );
    assert_eq!(scene.run("sites a.geojson,classify=osm").code, 1, "its tags are of no class");
    let found = register(&scene, "a.geojson,classify=osm,rules=own.toml");
    assert_eq!(*get(&found[0], "rule"), "amenity=health_post");
    scene.write("own.toml", "rules = [{ class = \"clinic\", tags = {} }]");
    let (said, hint) = scene.refused("sites a.geojson,classify=osm,rules=own.toml");
    assert!(said.ends_with("own.toml: no table of rules: no class \"clinic\""), "{said}");
    assert!(hint.contains("civex taxonomy --osm"), "{hint}");
}

#[test]
fn what_is_restricted_tells_its_place_in_no_way() {
    let scene = Scene::usual();
    let sites = [point([20.03, 49.93], &json!({"id": "h1", "class": "hospital"}))];
    scene.write("a.geojson", collection(&sites).to_string());
    let secret = |own: &Value, at: [f64; 2]| {
        let mut own = own.clone();
        own["use_restriction"] = json!("protection");
        point(at, &own)
    };
    let moved = secret(&json!({"id": "m", "answer": "moved", "site_id": "h1"}), [20.035, 49.9512]);
    let gone = json!({"id": "g", "answer": "absent", "site_id": "h1", "confidence": 1,
        "use_restriction": "protection"});
    let far =
        secret(&json!({"id": "f", "answer": "exists", "class": "school"}), [30.1235, 50.6543]);
    let nobody =
        secret(&json!({"id": "n", "answer": "absent", "site_id": "secret-77"}), [1.0, 2.0]);
    for answers in [vec![moved, far, nobody], vec![answer(&gone)]] {
        scene.write("answers.geojson", collection(&answers).to_string());
        let args = "assess plan.toml --sites a.geojson --answers answers.geojson --with sites";
        let ran = scene.run(&format!("{args} --verbose -o out.geojson"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let sites = String::from_utf8(scene.read("out.sites.geojson")).unwrap();
        let told =
            sites.clone() + &ran.err + &String::from_utf8(scene.read("out.geojson")).unwrap();
        for secret in ["30.12", "50.65", "secret-77", "49.951", " m)"] {
            assert!(!told.contains(secret), "{secret}: {told}");
        }
        let file: Value = serde_json::from_str(&sites).unwrap();
        let listed = file["features"].as_array().unwrap();
        assert_eq!(ids(listed), ["h1"], "as it was before");
        assert_eq!(*get(&listed[0], "relation"), "inside", "where everybody knows it");
    }
}

#[test]
fn a_register_keeps_what_is_sensitive_what_it_maps_and_what_was_answered() {
    let scene = Scene::empty();
    layer(&scene, "a.geojson", &[("h", 0.0, hospital("St. Anna"))]);
    let part = json!({"class": "maternal_gbv_service", "name": "St. Anna"});
    layer(&scene, "part.geojson", &[("g1", NEAR, part)]);
    assert_eq!(scene.run("sites a.geojson part.geojson -o m.geojson --full-precision").code, 0);
    let again = scene.run("sites m.geojson -o -").out;
    assert!(!again.contains("\"g1\"") && !again.contains("[20.0,"), "{again}");

    layer(&scene, "b.geojson", &[("h1", 0.0, json!({"class": "hospital", "confidence": 0.6}))]);
    let exists = json!({"answer": "exists", "site_id": "h1", "confidence": 0.5});
    scene.write("answers.geojson", collection(&[answer(&exists)]).to_string());
    let args = "--answers answers.geojson -o";
    assert_eq!(scene.run(&format!("sites b.geojson {args} once.geojson")).code, 0);
    let ran = scene.run(&format!("sites once.geojson {args} twice.geojson"));
    assert!(ran.said().ends_with("is rejected: it is applied already"), "{}", ran.err);
    let features = |name: &str| {
        let file: Value = serde_json::from_slice(&scene.read(name)).unwrap();
        file["features"].clone()
    };
    assert_eq!(features("once.geojson"), features("twice.geojson"));
    // A site that an answer adds is added once.
    let adds = json!({"id": "N", "answer": "exists", "class": "school"});
    scene.write("adds.geojson", collection(&[point([21.0, 50.0], &adds)]).to_string());
    assert_eq!(scene.run("sites b.geojson --answers adds.geojson -o more.geojson").code, 0);
    assert_eq!(register(&scene, "more.geojson --answers adds.geojson").len(), 2);
    // The answer is called 1, too, and is no site.
    scene.write(
        "more.geojson",
        collection(&[answer(&json!({"answer": "absent", "site_id": "1"}))]).to_string(),
    );
    let ran = scene.run("sites once.geojson --answers more.geojson -o -");
    assert!(ran.said().ends_with("is rejected: no site has the id \"1\""), "{}", ran.err);
    // A register and the source that it was made of.
    let both = register(&scene, "once.geojson b.geojson");
    assert_eq!(ids(&both), ["h1"]);
    assert_eq!(*get(&both[0], "confidence"), 0.8, "that of the register");
    // Another thing of that name and number elsewhere.
    layer(&scene, "b.geojson", &[("h1", 1.0, json!({"class": "hospital"}))]);
    assert_eq!(register(&scene, "once.geojson b.geojson").len(), 2);
}

#[test]
fn the_score_is_the_same_from_sources_and_from_their_register() {
    let scene = Scene::usual();
    scene.write(
        "osm.geojson",
        collection(&[point([20.03, 49.93], &json!({"id": "1", "amenity": "hospital"}))])
            .to_string(),
    );
    assert_eq!(scene.run("sites osm.geojson,classify=osm -o register.geojson").code, 0);
    let rows = |sites: &str| {
        scene.run(&format!("assess plan.toml --sites {sites} -o -")).assessment().features().clone()
    };
    assert_eq!(rows("osm.geojson,classify=osm"), rows("register.geojson"));
}

#[test]
fn a_copy_in_a_layer_of_another_name_is_no_second_witness() {
    let scene = Scene::empty();
    layer(&scene, "a.geojson", &[("way/1", 0.0, json!({"class": "hospital"}))]);
    let both = register(&scene, "a.geojson a.geojson,name=b,layer=a");
    assert_eq!((both.len(), get(&both[0], "confidence")), (1, &json!(0.9)));
    layer(&scene, "b.geojson", &[("way/2", 0.0, json!({"class": "hospital"}))]);
    assert_eq!(register(&scene, "a.geojson b.geojson").len(), 2, "another id");
}

#[test]
fn a_collection_is_what_of_it_has_most_dimensions() {
    let load = |geometry: &Value| {
        let scene = Scene::usual();
        let own = json!({"id": "1", "class": "protected_nature"});
        scene.write("a.geojson", collection(&[feature(geometry, &own)]).to_string());
        scene
            .run("assess plan.toml --sites a.geojson -o -")
            .assessment()
            .number(0, "site_load_best")
    };
    let triangle = json!({"type": "Polygon",
        "coordinates": [[[20.02, 49.92], [20.03, 49.92], [20.03, 49.93], [20.02, 49.92]]]});
    let within = json!({"type": "GeometryCollection", "geometries":
        [{"type": "Point", "coordinates": [20.03, 49.93]}, triangle]});
    assert!(load(&triangle) > 0.3);
    assert_eq!(load(&triangle), load(&within));
}

#[test]
fn what_expires_is_judged_by_the_latest_area_if_no_date_is_given() {
    let scene = Scene::usual();
    let used = json!({"id": "A", "start": "2027-01-01T00:00:00Z", "end": "2027-01-02T00:00:00Z"});
    scene.write(
        "used.geojson",
        collection(&[feature(&crate::scene::polygon(&[crate::scene::USUAL]), &used)]).to_string(),
    );
    let count = |expires: &str| {
        let own = json!({"id": "1", "class": "hospital", "expires_on": expires});
        scene.write("a.geojson", collection(&[point([20.03, 49.93], &own)]).to_string());
        let args = "assess plan.toml --areas used.geojson --sites a.geojson -o -";
        scene.run(args).assessment().number(0, "sites_t1")
    };
    assert_eq!((count("2027-01-02"), count("2027-01-03")), (0.0, 1.0));
}

#[test]
fn many_records_at_one_point_take_time_in_proportion() {
    let scene = Scene::empty();
    let at = |id: usize, name: Option<String>| {
        point([20.0, 50.0], &json!({"id": id.to_string(), "class": "hospital", "name": name}))
    };
    let unnamed: Vec<Value> = (0..600).map(|id| at(id, None)).collect();
    let named: Vec<Value> = (0..600).map(|id| at(id, Some(format!("Ward {id}")))).collect();
    scene.write("a.geojson", collection(&unnamed).to_string());
    scene.write("b.geojson", collection(&named).to_string());
    let found = register(&scene, "a.geojson b.geojson");
    assert!((600..1200).contains(&found.len()), "{}", found.len());
}

#[test]
fn a_table_and_a_file_do_not_share_standard_output() {
    let scene = Scene::empty();
    layer(&scene, "a.geojson", &[("1", 0.0, hospital("Anna"))]);
    let ran = scene.run("sites a.geojson --register -o -");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""));
    assert!(ran.err.contains("both go to standard output"), "{}", ran.err);
    scene.write("s.toml", "[[sites]]\npath = \"a.geojson\"\n");
    assert_eq!(register(&scene, "s.toml").len(), 1);
    let ran = scene.run("sites s.toml s.toml");
    assert!(ran.code == 2 && ran.err.contains("a second scenario, wanted one"), "{}", ran.err);
}

/// Data of the demo.
fn demo(name: &str) -> String {
    format!("{}/data/iceland/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// How many records of each class a file gives, and what it tells.
fn classes(path: &str) -> (BTreeMap<String, u64>, String) {
    let scene = Scene::empty();
    let ran = scene.run(&format!("sites {path} --no-merge --full-precision -o -"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let file: Value = serde_json::from_str(&ran.out).unwrap();
    let mut counts = BTreeMap::new();
    for site in file["features"].as_array().unwrap() {
        *counts.entry(get(site, "class").as_str().unwrap().to_string()).or_default() += 1;
    }
    (counts, ran.err)
}

/// The raw features of the demo's export whose tags satisfy something.
fn raw(holds: impl Fn(&dyn Fn(&str) -> String) -> bool) -> u64 {
    let text = std::fs::read_to_string(demo("facilities.geojson")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let features = file["features"].as_array().unwrap();
    let is_it = |feature: &&Value| {
        let tags = &feature["properties"];
        holds(&|key| tags[key].as_str().unwrap_or_default().to_string())
    };
    features.iter().filter(is_it).count() as u64
}

#[test]
fn an_extract_and_its_export_have_the_same_classes_and_those_of_their_tags() {
    let (of_pbf, _) = classes(&demo("facilities.osm.pbf"));
    let (of_export, _) = classes(&format!("{},classify=osm", demo("facilities.geojson")));
    assert_eq!(of_pbf, of_export);
    let is = |key: &'static str, value: &'static str| raw(move |tag| tag(key) == value);
    let wanted = [
        (
            "hospital",
            14,
            raw(|tag| tag("amenity") == "hospital" || tag("healthcare") == "hospital"),
        ),
        ("school", 125, is("amenity", "school")),
        ("early_childhood", 138, is("amenity", "kindergarten")),
        ("place_of_worship", 100, is("amenity", "place_of_worship")),
        ("dam_dyke", 21, is("waterway", "dam")),
        ("power_supply", 58, is("power", "plant") + is("power", "substation")),
        ("world_heritage", 1, raw(|tag| !tag("ref:whc").is_empty())),
        (
            "care_institution",
            54,
            raw(|tag| {
                let kinds = ["nursing_home", "assisted_living", "group_home"];
                let is_home = kinds.contains(&tag("social_facility").as_str());
                tag("amenity") == "nursing_home" || (tag("amenity") == "social_facility" && is_home)
            }),
        ),
    ];
    for (class, wanted, raw) in wanted {
        assert_eq!((of_pbf[class], raw), (wanted, wanted), "{class}");
    }
    assert_eq!((is("power", "plant"), is("power", "substation")), (4, 54));
    // Libraries are of the class of museums.
    assert_eq!((is("tourism", "museum"), is("amenity", "library")), (50, 18));
    assert_eq!(of_pbf["museum_library_archive"], 68);
    // Bus shelters, pillboxes and memorials: what is called a shelter here is none for civilians.
    let shelters = raw(|tag| tag("amenity") == "shelter");
    assert!(shelters > 90 && !of_pbf.contains_key("civil_shelter"), "{shelters}");
}

#[test]
fn the_demo_merges_what_is_mapped_twice_and_only_that() {
    let scene = Scene::empty();
    let found = register(&scene, &demo("facilities.osm.pbf"));
    let count = |class: &str| found.iter().filter(|site| get(site, "class") == class).count();
    // Homes of 34, 7 and 2 unnamed houses are one each.
    assert_eq!(count("care_institution"), 14);
    assert_eq!(count("school"), 117);
    assert_eq!(count("early_childhood"), 128);
    assert_eq!(found.len(), 735);
    // Records of one name, or unnamed buildings of one institution: nothing else was merged.
    let merged = found.iter().filter(|site| !get(site, "records").is_null());
    let unnamed = merged.filter(|site| get(site, "name").is_null());
    let records = |site: &Value| {
        let records = get(site, "records").as_str().unwrap();
        (get(site, "class").as_str().unwrap().to_string(), records.matches("\"record\"").count())
    };
    let mut institutions: Vec<(String, usize)> = unnamed.map(records).collect();
    institutions.sort();
    let care = |houses| ("care_institution".to_string(), houses);
    let university = ("higher_education".to_string(), 2);
    assert_eq!(institutions, [care(2), care(7), care(34), university]);
}

#[test]
fn tags_of_faith_and_persons_are_nowhere_in_the_output() {
    let text = std::fs::read_to_string(demo("facilities.geojson")).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let mut private: Vec<String> = Vec::new();
    for feature in file["features"].as_array().unwrap() {
        for key in ["religion", "denomination", "operator"] {
            private
                .extend(feature["properties"][key].as_str().map(|value| format!("{key}={value}")));
            private.push(format!("\"{key}\""));
        }
    }
    assert!(private.len() > 100);
    let scene = Scene::empty();
    for path in [demo("facilities.osm.pbf"), format!("{},classify=osm", demo("facilities.geojson"))]
    {
        let ran = scene.run(&format!("sites {path} --full-precision -o -"));
        let told = ran.out + &ran.err;
        for word in private.iter().map(String::as_str).chain(["lutheran", "christian"]) {
            assert!(!told.contains(word), "{word}");
        }
    }
}
