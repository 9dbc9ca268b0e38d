//! Institutions of several buildings, and names that a scheme takes apart: what is one site.

use crate::register::{get, register};
use crate::scene::{Scene, area, collection, feature, point};
use proptest::prelude::*;
use serde_json::{Value, json};

/// An unnamed building of 20 m, so many meters north of 50° N.
fn building(id: &str, north_m: f64, own: &Value) -> Value {
    // At 50° N 0.0009° of latitude are 100 m.
    let degrees = |meters: f64| meters * 0.0009 / 100.0;
    let (south, north) = (50.0 + degrees(north_m), 50.0 + degrees(north_m + 20.0));
    let ring =
        json!([[[20.0, south], [20.0003, south], [20.0003, north], [20.0, north], [20.0, south]]]);
    let mut own = own.clone();
    own["id"] = json!(id);
    feature(&json!({"type": "Polygon", "coordinates": ring}), &own)
}

/// The register of buildings of one class, each so many meters north of the first.
fn buildings(class: &str, norths: &[f64]) -> Vec<Value> {
    let scene = Scene::empty();
    let all = norths.iter().zip(0_u32..);
    let all = all.map(|(north, id)| building(&id.to_string(), *north, &json!({"class": class})));
    scene.write("a.geojson", collection(&all.collect::<Vec<_>>()).to_string());
    register(&scene, "a.geojson")
}

#[test]
fn unnamed_buildings_of_one_institution_are_one_site_with_all_their_outlines() {
    // 50 m, 59 m and 61 m from one to the next.
    let found = buildings("care_institution", &[0.0, 70.0, 149.0, 230.0]);
    assert_eq!(found.len(), 2, "{found:?}");
    let one = found.iter().find(|site| !get(site, "records").is_null()).unwrap();
    let records: Vec<Value> = serde_json::from_str(get(one, "records").as_str().unwrap()).unwrap();
    assert_eq!(records.len(), 3);
    assert_eq!(one["geometry"]["type"], "MultiPolygon");
    assert_eq!(one["geometry"]["coordinates"].as_array().unwrap().len(), 3);
    assert_eq!(*get(one, "confidence"), 0.9, "one source is one witness");
    for class in ["hospital", "school", "detention_place", "displacement_site"] {
        assert_eq!(buildings(class, &[0.0, 70.0]).len(), 1, "{class}");
    }
    // Shops stand next to each other.
    for class in ["medical_supply", "food_supply", "place_of_worship"] {
        assert_eq!(buildings(class, &[0.0, 70.0]).len(), 2, "{class}");
    }
}

#[test]
fn outlines_that_touch_are_one_whichever_way_each_is_drawn() {
    // Two that touch, 20 m long each, and one apart.
    let scene = Scene::empty();
    let own = json!({"class": "care_institution"});
    for turned in 0..8 {
        let mut all =
            [building("1", 0.0, &own), building("2", 20.0, &own), building("3", 70.0, &own)];
        for (place, one) in all.iter_mut().enumerate().filter(|(place, _)| turned >> place & 1 == 1)
        {
            let ring = one["geometry"]["coordinates"][0].as_array_mut().unwrap();
            ring.reverse();
            assert_eq!(ring.len(), 5, "of {place}");
        }
        scene.write("a.geojson", collection(&all).to_string());
        let found = register(&scene, "a.geojson");
        assert_eq!(found.len(), 1);
        let parts = found[0]["geometry"]["coordinates"].as_array().unwrap().clone();
        let norths = parts.iter().flat_map(|part| part[0].as_array().unwrap().clone());
        let norths = norths.map(|at| at[1].as_f64().unwrap());
        let [low, high] = norths
            .fold([f64::MAX, f64::MIN], |[low, high], north| [low.min(north), high.max(north)]);
        assert_eq!(parts.len(), 2, "{turned}: {parts:?}");
        assert!((high - low - 0.00081).abs() < 1e-7, "{turned}: from {low} to {high}");
    }
}

#[test]
fn an_institution_is_600_m_across_at_most() {
    let every_75_m =
        |count: u32| (0..count).map(|place| f64::from(place) * 75.0).collect::<Vec<_>>();
    // Eight are 545 m long, nine 620 m.
    assert_eq!(buildings("school", &every_75_m(8)).len(), 1);
    assert_eq!(buildings("school", &every_75_m(9)).len(), 2);
    // Whatever their order in the file.
    let mut turned = every_75_m(9);
    turned.rotate_left(4);
    let records = |found: &[Value]| {
        let mut counts: Vec<usize> = found
            .iter()
            .map(|site| {
                get(site, "records").as_str().map_or(1, |text| text.matches("\"record\"").count())
            })
            .collect();
        counts.sort_unstable();
        counts
    };
    assert_eq!(
        records(&buildings("school", &every_75_m(9))),
        records(&buildings("school", &turned))
    );
}

#[test]
fn buildings_with_a_name_of_two_classes_or_two_sources_are_no_institution() {
    let count = |one: Value, other: Value| {
        let scene = Scene::empty();
        let all = [building("1", 0.0, &one), building("2", 50.0, &other)];
        scene.write("a.geojson", collection(&all).to_string());
        register(&scene, "a.geojson").len()
    };
    let school = json!({"class": "school"});
    assert_eq!(count(school.clone(), json!({"class": "school", "name": " - "})), 1);
    assert_eq!(count(school.clone(), json!({"class": "school", "name": "Anna"})), 2);
    assert_eq!(count(school.clone(), json!({"class": "early_childhood"})), 2);
    let scene = Scene::empty();
    scene.write("a.geojson", collection(&[building("1", 0.0, &school)]).to_string());
    scene.write("b.geojson", collection(&[building("2", 50.0, &school)]).to_string());
    assert_eq!(register(&scene, "a.geojson b.geojson").len(), 2);

    // Each of two buildings has the name of the point in it.
    let inside = |id: &str, north: f64, name: &str| {
        point([20.0001, 50.0 + north], &json!({"id": id, "class": "school", "name": name}))
    };
    let two = [
        building("1", 0.0, &school),
        building("2", 50.0, &school),
        inside("3", 0.00005, "Anna"),
        inside("4", 0.00055, "Holy Cross"),
    ];
    scene.write("a.geojson", collection(&two).to_string());
    assert_eq!(register(&scene, "a.geojson").len(), 2);
}

#[test]
fn an_institution_has_the_people_of_all_its_buildings() {
    let occupancy = |numbers: [Value; 3]| {
        let scene = Scene::empty();
        let all = numbers.iter().zip(0_u8..).map(|(people, place)| {
            let own = json!({"class": "care_institution", "occupancy": people});
            building(&place.to_string(), f64::from(place) * 50.0, &own)
        });
        scene.write("a.geojson", collection(&all.collect::<Vec<_>>()).to_string());
        let found = register(&scene, "a.geojson");
        assert_eq!(found.len(), 1);
        get(&found[0], "occupancy").clone()
    };
    assert_eq!(occupancy([json!(4), json!(6), json!(5)]), 15.0);
    assert_eq!(occupancy([json!(40), json!(60), Value::Null]), 100.0);
    // Four people of whom one house tells are not those of a home of three houses.
    assert_eq!(occupancy([json!(4), Value::Null, Value::Null]), Value::Null);
}

#[test]
fn outlines_that_overlap_are_joined_to_a_valid_one() {
    let found = buildings("school", &[0.0, 10.0, 70.0]);
    assert_eq!(found.len(), 1);
    let polygons = found[0]["geometry"]["coordinates"].as_array().unwrap();
    assert_eq!(polygons.len(), 2, "{polygons:?}");
}

#[test]
fn an_area_that_touches_one_building_touches_the_institution() {
    let scene = Scene::usual();
    let areas = [area("far", &[[19.99, 50.0010, 20.01, 50.0015]])];
    scene.write("far.geojson", collection(&areas).to_string());
    let school = json!({"class": "school"});
    let all =
        [building("1", 0.0, &school), building("2", 60.0, &school), building("3", 115.0, &school)];
    scene.write("a.geojson", collection(&all).to_string());
    let args = "assess plan.toml --areas far.geojson --sites a.geojson -o -";
    assert_eq!(scene.run(args).assessment().number(0, "sites_t2"), 1.0);
}

#[test]
fn words_of_a_scheme_take_part_in_merging() {
    let scene = Scene::empty();
    let of = |file: &str, north: f64, name: &str| {
        let hospital =
            point([20.0, 50.0 + north], &json!({"id": "1", "class": "hospital", "name": name}));
        scene.write(file, collection(&[hospital]).to_string());
    };
    of("a.geojson", 0.0, "Feldscher Anna");
    of("b.geojson", 0.0008, "Anna");
    scene.write("generic.toml", "[names]\ngeneric = [\"Feldscher\"]\n");
    scene.write("apart.toml", "[names]\napart = [\"hospital\"]\n");
    assert_eq!(register(&scene, "a.geojson b.geojson").len(), 2);
    let scenario = |scheme: &str| {
        let layers = "[[sites]]\npath = \"a.geojson\"\n[[sites]]\npath = \"b.geojson\"\n";
        scene.write("s.toml", format!("{layers}[scheme]\npath = \"{scheme}.toml\"\n"));
    };
    scenario("generic");
    assert_eq!(register(&scene, "s.toml").len(), 1);
    of("a.geojson", 0.0, "Anna Hospital");
    assert_eq!(register(&scene, "s.toml").len(), 1);
    scenario("apart");
    assert_eq!(register(&scene, "s.toml").len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_buildings_changes_nothing(
        norths in proptest::collection::vec((0_u16..1500, 0_u8..4), 2..25), turn in 1_usize..25,
    ) {
        let of = |(id, (north, kind)): (usize, &(u16, u8))| {
            let own = match kind {
                0 => json!({"class": "school", "name": "Anna", "occupancy": 0.1 * id as f64}),
                1 => json!({"class": "hospital"}),
                _ => json!({"class": "school", "confidence": 0.8 + 0.01 * f64::from(*kind)}),
            };
            building(&id.to_string(), f64::from(*north), &own)
        };
        let all: Vec<Value> = norths.iter().enumerate().map(of).collect();
        let mut turned = all.clone();
        turned.rotate_left(turn % all.len());
        turned.reverse();
        let scene = Scene::empty();
        let found = [all, turned].map(|all| {
            scene.write("a.geojson", collection(&all).to_string());
            register(&scene, "a.geojson")
        });
        prop_assert_eq!(&found[0], &found[1]);
        // Merging again changes nothing.
        prop_assert_eq!(scene.run("sites a.geojson -o once.geojson --overwrite").code, 0);
        prop_assert_eq!(&register(&scene, "once.geojson"), &found[0]);
    }
}
