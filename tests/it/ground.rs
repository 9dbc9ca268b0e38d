//! The ground on which layers list all sites: what `covers` means, however it is drawn, and what one place far away
//! from all others does to it.

use crate::hints::Case;
use crate::hints::Follow::{Edit, Run};
use crate::scene::{
    Assessment, Scene, USUAL, area, collection, feature, parts, point, polygon, ring,
};
use serde_json::{Value, json};

/// Hints about the ground, in the short forms of [`hints`](crate::hints).
pub(crate) const HINTS: [Case; 7] = [
    (
        "% covers=layers.gpkg",
        "name one: `covers = \"layers.gpkg,layer=…\"`",
        Run("% covers=\"layers.gpkg,layer=north\""),
    ),
    (
        "% covers=\"layers.gpkg,layer=nort\"",
        "did you mean `north`",
        Run("% covers=\"layers.gpkg,layer=north\""),
    ),
    (
        "% covers=bare.shp",
        "declare it, if they are longitude and latitude: `covers = \"bare.shp,crs=EPSG:4326\"`",
        Run("% covers=\"bare.shp,crs=EPSG:4326\""),
    ),
    ("% covers=ALL", "did you mean `all`", Run("% covers=all")),
    ("% covers=none", "write one of these words, or the path of the file", Run("% covers=bounds")),
    ("% covers=", "leave it out for the hull of its sites", Run("% covers=hull")),
    (
        "% covers=ground.geojson",
        "draw the ground as a polygon, or take the feature out of its file",
        Edit(|scene| scene.write("ground.geojson", scene.read("areas.geojson"))),
    ),
];

/// The usual scene with hospitals at some places, and areas beside the usual one.
fn scene_of(places: &[[f64; 2]], areas: &[(&str, [f64; 4])]) -> Scene {
    let scene = Scene::usual();
    let site = |(id, at): (usize, &[f64; 2])| {
        point(*at, &json!({"id": format!("H-{id}"), "class": "hospital"}))
    };
    let sites: Vec<Value> = places.iter().enumerate().map(site).collect();
    scene.write("sites.geojson", collection(&sites).to_string());
    let areas = areas.iter().map(|(id, bounds)| area(id, &[*bounds]));
    let areas: Vec<Value> = std::iter::once(area("A", &[USUAL])).chain(areas).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    scene
}

/// Hospitals in each row, with what was said on the way.
fn hospitals(scene: &Scene, covers: &str) -> (Vec<Value>, String) {
    let ran = scene.run(&format!("assess plan.toml --sites sites.geojson{covers} -o -"));
    (ran.assessment().column("sites_hospital"), ran.err)
}

/// Forty places in a town some 20 km wide.
fn town([lon, lat]: [f64; 2]) -> Vec<[f64; 2]> {
    let at = |place: i32| [f64::from(place % 8) * 0.035, f64::from(place / 8) * 0.04];
    (0..40).map(at).map(|[x, y]| [lon + x, lat + y]).collect()
}

#[test]
fn one_place_far_away_maps_nothing_but_its_own_surroundings() {
    let between = ("between", [21.5, 49.9, 21.55, 49.95]);
    let there = ("there", [22.99, 49.99, 23.02, 50.02]);
    let mut places = town([19.9, 49.85]);
    let (alone, said) = hospitals(&scene_of(&places, &[between]), "");
    assert_eq!(alone[1], Value::Null);
    assert!(!said.contains("far from each other"), "{said}");
    places.push([23.0, 50.0]);
    let (found, said) = hospitals(&scene_of(&places, &[between, there]), "");
    assert_eq!(found[0], alone[0]);
    assert_eq!(found[1..], [Value::Null, json!(1)]);
    let wanted = "notice: sites.geojson: its sites lie in 2 groups far from each other, and the ground between them is \
                  not mapped; apart from the largest: hospital \"H-40\" at [23.0000, 50.0000], 204 km from the next";
    assert!(said.contains(wanted), "{said}");
    // Whoever asks for bounds has them, and is told all the same.
    let (found, said) = hospitals(&scene_of(&places, &[between]), ",covers=bounds");
    assert_eq!(found[1], json!(0));
    assert!(said.contains("`bounds` maps the ground between them, too"), "{said}");
    let (_, said) = hospitals(&scene_of(&places, &[between]), ",covers=all");
    assert!(!said.contains("far from each other"), "{said}");
}

#[test]
fn a_sign_that_was_forgotten_and_coordinates_exchanged_map_nothing_between() {
    let strays: [&[[f64; 2]]; 4] = [
        &[[-20.0, 49.9]],
        &[[20.0, -49.9]],
        &[[49.9, 20.0], [49.95, 20.05], [49.98, 20.01]],
        &[[20.0, 4.99], [2.001, 49.9], [20.0, 58.9]],
    ];
    for stray in strays {
        let mut places = town([19.9, 49.85]);
        let [lon, lat] = stray[0];
        let (x, y) = (f64::midpoint(lon, 20.0), f64::midpoint(lat, 49.9));
        places.extend(stray);
        let scene = scene_of(&places, &[("between", [x, y, x + 0.05, y + 0.05])]);
        let (found, said) = hospitals(&scene, "");
        assert_eq!(found[1], Value::Null, "{stray:?}");
        assert!(said.contains("far from each other"), "{said}");
    }
}

#[test]
fn regions_that_lie_apart_stay_mapped_and_a_sparse_layer_is_one() {
    let (here, there) = (town([19.9, 49.85]), town([23.0, 49.85]));
    let areas =
        [("between", [21.5, 49.9, 21.55, 49.95]), ("other", [23.101, 49.901, 23.104, 49.904])];
    let both: Vec<[f64; 2]> = here.into_iter().chain(there).collect();
    let (found, said) = hospitals(&scene_of(&both, &areas), "");
    assert_eq!(found[1..], [Value::Null, json!(0)]);
    assert!(said.contains("\"H-40\" at [23.0000, 49.8500] and 39 more sites near it, "), "{said}");
    // Hospitals of a country, some 90 km from each other.
    let country: Vec<[f64; 2]> =
        (0..30).map(|i| [18.0 + 1.3 * f64::from(i % 6), 48.0 + 0.8 * f64::from(i / 6)]).collect();
    let (found, said) = hospitals(&scene_of(&country, &areas), "");
    assert_eq!(found[1..], [json!(0), json!(0)]);
    assert!(!said.contains("far from each other"), "{said}");
    // Towns of a dozen hospitals, 100 km apart, are a country, too.
    let towns: Vec<[f64; 2]> = (0..192)
        .map(|i| [f64::from(i % 12) * 0.004, f64::from(i / 12 % 4), f64::from(i / 48)])
        .map(|[x, east, north]| [19.0 + x + 1.4 * east, 48.5 + 0.9 * north])
        .collect();
    let (found, said) = hospitals(&scene_of(&towns, &areas), "");
    assert_eq!(found[1..], [json!(0), json!(0)]);
    assert!(!said.contains("far from each other"), "{said}");
}

#[test]
fn edges_of_ground_in_a_plane_bend_as_those_of_areas_do() {
    let scene = scene_of(&[[20.03, 49.93]], &[("far", [9.9, 51.5, 10.1, 51.7])]);
    // Two thousand kilometers from corner to corner, along 52 degrees in the middle and 48 at the ends.
    let wide = "POLYGON ((2400000 2500000,6200000 2500000,6200000 3210000,2400000 3210000,2400000 2500000))";
    scene.layer("wide.gpkg", "GPKG", Some(3035), &[wide]);
    assert_eq!(hospitals(&scene, ",covers=wide.gpkg").0, [json!(1), json!(0)]);
}

#[test]
fn ground_across_180_is_what_the_same_ring_is_as_an_area() {
    let areas = [
        ("west", [178.5, -17.5, 178.6, -17.4]),
        ("east", [-178.6, -17.5, -178.5, -17.4]),
        ("greenwich", [0.0, -17.5, 0.1, -17.4]),
    ];
    let scene = scene_of(&[[20.03, 49.93]], &areas);
    let around = [json!(1), json!(0), json!(0), json!(0)];
    let across = [json!(1), json!(0), json!(0), Value::Null];
    for (drawn, wanted) in [
        (polygon(&[[170.0, -20.0, -170.0, -10.0]]), &across),
        (polygon(&[[177.0, -20.0, 182.0, -10.0]]), &across),
        (polygon(&[[-182.0, -20.0, -177.0, -10.0]]), &across),
        (parts(&[[170.0, -20.0, 180.0, -10.0], [-180.0, -20.0, -170.0, -10.0]]), &across),
        (polygon(&[[0.0, -20.0, 360.0, -10.0]]), &around),
    ] {
        scene.write("g.geojson", collection(&[feature(&drawn, &json!({"id": "g"}))]).to_string());
        assert_eq!(hospitals(&scene, ",covers=g.geojson").0, wanted, "{drawn}");
    }
}

#[test]
fn polygons_of_ground_that_overlap_are_one_ground() {
    let east = ("east", [20.06, 49.92, 20.065, 49.925]);
    let scene = scene_of(&[[20.03, 49.93]], &[east]);
    let boxes = [[20.0, 49.9, 20.07, 50.0], [20.01, 49.9, 20.1, 50.0], [20.0, 49.9, 20.07, 50.0]];
    let three: Vec<Value> = boxes.iter().map(|of| area("g", &[*of])).collect();
    scene.write("g.geojson", collection(&three).to_string());
    let (found, said) = hospitals(&scene, ",covers=g.geojson");
    assert_eq!(found, [json!(1), json!(0)], "{said}");
    scene.write("g.geojson", collection(&[feature(&parts(&boxes), &json!({}))]).to_string());
    let (found, said) = hospitals(&scene, ",covers=g.geojson");
    assert_eq!(found, [json!(1), json!(0)], "{said}");
}

#[test]
fn polygons_of_ground_that_are_faulty_are_mended_and_told_each_by_itself() {
    let [top, bottom] =
        [("top", [20.03, 49.97, 20.07, 49.99]), ("side", [20.0, 49.94, 20.01, 49.95])];
    let scene = scene_of(&[[20.03, 49.93]], &[top, bottom]);
    let bow = json!([[[20.0, 49.9], [20.1, 50.0], [20.0, 50.0], [20.1, 49.9], [20.0, 49.9]]]);
    let bow = json!({"type": "Polygon", "coordinates": bow});
    let spot = json!({"type": "Point", "coordinates": [20.0, 49.0]});
    let mixed = json!({"type": "GeometryCollection", "geometries": [spot, bow]});
    let off = json!({"type": "Polygon", "coordinates": [ring([20.0, 95.0, 21.0, 99.0])]});
    let features = [
        feature(&mixed, &json!({"id": "bow"})),
        feature(&spot, &json!({"id": "spot"})),
        feature(&Value::Null, &json!({"id": "none"})),
        feature(&off, &json!({"id": "off"})),
    ];
    scene.write("g.geojson", collection(&features).to_string());
    let (found, said) = hospitals(&scene, ",covers=g.geojson");
    assert_eq!(found[1..], [json!(0), Value::Null], "{said}");
    for wanted in [
        "notice: g.geojson: area \"bow\": 1 member of its geometry, not polygons, left out",
        "notice: g.geojson: area \"bow\": 1 fault repaired, the first: the outer ring crosses itself",
        "problem: g.geojson: area \"spot\" (feature 2): a point, wanted a polygon",
        "problem: g.geojson: area \"none\" (feature 3): it has no geometry",
        "problem: g.geojson: area \"off\" (feature 4): [20, 95] lies outside of EPSG:4326",
        "hint: draw the ground as a polygon, or take the feature out of its file",
    ] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    let checked = scene.run("check plan.toml --sites sites.geojson,covers=g.geojson");
    assert_eq!(checked.code, 1);
    assert!(
        checked.out.contains("g.geojson: area \"bow\" (feature 1): the outer ring crosses itself")
    );
    scene.write("g.geojson", collection(&features[1..]).to_string());
    let none = scene.run("assess plan.toml --sites sites.geojson,covers=g.geojson -o -");
    assert!(none.code == 2 && none.err.contains("it has no polygon of the ground"), "{}", none.err);
}

#[test]
fn a_ring_around_an_area_is_judged_without_the_ground_that_it_surrounds() {
    let scene = scene_of(&[[20.03, 49.93]], &[]);
    scene.write("g.geojson", collection(&[area("g", &[[20.01, 49.91, 20.06, 49.96]])]).to_string());
    let run = |covers: &str| -> Assessment {
        let args = "assess --areas areas.geojson,rings_m=[100,9000,9500] --population pop.tif,nodata_means=zero";
        scene.run(&format!("{args} --sites sites.geojson,covers={covers} -o -")).assessment()
    };
    let column =
        |of: &Assessment, meters: u32| of.get(0, &format!("ring_{meters}m_sites_t1")).clone();
    let part = run("g.geojson");
    let found = [100, 9000, 9500].map(|meters| column(&part, meters));
    assert_eq!(found, [json!(0), json!(0), Value::Null]);
    assert_eq!(column(&run("all"), 9500), json!(0));
}

#[test]
fn a_site_that_is_hardly_there_makes_no_zero_of_what_is_unknown() {
    let scene = scene_of(&[[20.03, 49.93]], &[]);
    scene.write("g.geojson", collection(&[area("g", &[[30.0, 49.9, 30.1, 50.0]])]).to_string());
    assert_eq!(hospitals(&scene, ",covers=g.geojson,confidence=0.2").0, [Value::Null]);
    assert_eq!(hospitals(&scene, ",covers=g.geojson,confidence=0.6").0, [json!(1)]);
}

#[test]
fn a_layer_of_a_file_of_ground_is_named_and_found_again() {
    let scene = scene_of(&[[20.03, 49.93]], &[("east", [20.06, 49.92, 20.065, 49.925])]);
    let shapes = ["POLYGON ((20 49,21 49,21 51,20 51,20 49))", "POLYGON ((0 0,1 0,1 1,0 0))"];
    let layers: [(&str, &[&str]); 2] = [("ground", &shapes[..1]), ("other", &shapes[1..])];
    scene.layers("two.gpkg", "GPKG", Some(4326), &layers);
    let covers = "covers=\"two.gpkg,layer=ground\"";
    let args = format!("assess plan.toml --sites sites.geojson,{covers} -o a.geojson");
    let ran = scene.run(&args);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written: Value = serde_json::from_slice(&scene.read("a.geojson")).unwrap();
    assert_eq!(Assessment(written).column("sites_hospital"), [json!(1), json!(0)]);
    let explained = scene.run("explain a.geojson A");
    assert_eq!(explained.code, 0, "{}", explained.err);
    // In a scenario as behind a path.
    scene.write(
        "plan.toml",
        format!("{}[[sites]]\npath = \"sites.geojson\"\n{covers}\n", crate::scene::PLAN),
    );
    let row = scene.run("assess plan.toml -o -").assessment();
    assert_eq!(row.column("sites_hospital"), [json!(1), json!(0)]);
}

#[test]
fn the_word_for_the_usual_ground_may_be_written() {
    let scene = scene_of(&town([19.9, 49.85]), &[("far", [23.0, 49.9, 23.1, 50.0])]);
    assert_eq!(hospitals(&scene, ",covers=hull").0, hospitals(&scene, "").0);
    scene.write("none.geojson", collection(&[]).to_string());
    for covers in ["", ",covers=hull"] {
        let args = format!("assess plan.toml --sites none.geojson,class=hospital{covers} -o -");
        let said = scene.run(&args).err;
        assert!(said.contains("it has no feature, so it maps no ground"), "{said}");
    }
}
