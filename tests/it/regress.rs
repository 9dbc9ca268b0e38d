//! What went wrong once, found by feeding the readers with junk, and does not go wrong again.

use crate::scene::{Scene, USUAL, area, collection, feature};
use civex::intersect::{faults, repair};
use geo::{Coord, LineString, MultiPolygon, Polygon};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The usual area in a collection with a legacy member that names a reference system.
fn with_crs(name: &str) -> String {
    let mut areas = collection(&[area("A", &[USUAL])]);
    areas["crs"] = json!({"type": "name", "properties": {"name": name}});
    areas.to_string()
}

#[test]
fn a_page_or_file_in_place_of_a_reference_system_is_not_opened() {
    let scene = Scene::usual();
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let page = format!("http://{}/4326", server.local_addr().unwrap());
    scene.write("system.txt", "EPSG:4326");
    for name in [page.as_str(), "system.txt", "./system.txt", "/vsicurl/x", "", "+proj=longlat"] {
        scene.write("areas.geojson", with_crs(name));
        let (sentence, hint) = scene.refused("assess plan.toml");
        let wanted = format!(
            "areas.geojson: its `crs` member is \"{name}\", wanted the name of a reference system"
        );
        assert_eq!(sentence, wanted);
        assert!(hint.contains("EPSG:3857"), "{hint}");
        assert!(server.accept().is_err(), "{name} was fetched");
    }
}

#[test]
fn every_usual_name_of_a_reference_system_is_known() {
    let scene = Scene::usual();
    for name in [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:EPSG::4326",
        "EPSG:4326",
        "epsg:4326",
        "OGC:CRS84",
        "WGS84",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://opengis.net/def/crs/EPSG/0/4326",
    ] {
        scene.write("areas.geojson", with_crs(name));
        let ran = scene.run("assess plan.toml -o -");
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
        assert_eq!(ran.assessment().number(0, "pop_best"), 90.0, "{name}");
    }
}

#[test]
fn of_an_unknown_reference_system_proj_says_nothing_itself() {
    let scene = Scene::usual();
    scene.write("areas.geojson", with_crs("EPSG:1"));
    let ran = scene.run("assess plan.toml");
    assert_eq!(ran.code, 2);
    assert_eq!(ran.err, "error: areas.geojson: reference system \"EPSG:1\" is not known to PROJ\n");
}

/// Points thrown at random, the same every time.
fn thrown(count: u32) -> Vec<Coord> {
    let share = |number: u32, by: f64| (f64::from(number).powi(2) * by).fract();
    (0..count)
        .map(|number| Coord { x: share(number, 0.618_034), y: share(number, 0.754_878) })
        .collect()
}

#[test]
fn a_tangle_that_would_take_minutes_is_refused_by_row_and_the_others_are_counted() {
    let scene = Scene::usual();
    let ring: Vec<Value> =
        thrown(6000).iter().map(|at| json!([20.0 + at.x / 10.0, 49.9 + at.y / 10.0])).collect();
    let tangle = json!({"type": "Polygon", "coordinates": [ring]});
    let features = [feature(&tangle, &json!({"id": "tangle"})), area("A", &[USUAL])];
    scene.write("areas.geojson", collection(&features).to_string());
    let begin = Instant::now();
    let ran = scene.run("assess plan.toml -o -");
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?}", begin.elapsed());
    assert_eq!(ran.code, 1);
    let assessment = ran.assessment();
    assert_eq!(assessment.column("status"), [json!("invalid"), json!("ok")]);
    assert_eq!(assessment.number(1, "pop_best"), 90.0);
    let reason = assessment.text(0, "reason");
    assert!(
        reason.starts_with("the outer ring crosses itself on the edge from vertex "),
        "{reason}"
    );
    assert!(
        reason.contains("; it is too tangled to repair: 8,0") && reason.ends_with("; simplify it"),
        "{reason}"
    );
    assert!(assessment.get(0, "pop_best").is_null() && assessment.get(0, "band_high").is_null());
}

/// Judges and repairs an area in less time than its square would take.
fn takes_no_square(rings: Vec<Vec<Coord>>) {
    let part = |ring: Vec<Coord>| Polygon::new(LineString(ring), vec![]);
    let area: MultiPolygon = rings.into_iter().map(part).collect();
    let begin = Instant::now();
    assert!(!faults(&area).is_empty());
    let _mended_or_refused = repair(&area);
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

fn on_circle(angle: f64) -> Coord {
    Coord { x: angle.cos(), y: angle.sin() }
}

#[test]
fn edges_that_all_meet_in_one_point_take_no_square_of_them() {
    let count = 20_000;
    let angle = |number: u32| std::f64::consts::PI * f64::from(number) / f64::from(count);
    let middle = Coord { x: 0.0, y: 0.0 };
    // One ring that runs through its middle again and again, and wedges that lie over each other there.
    let through = |number| [on_circle(angle(number)), middle, -on_circle(angle(number))];
    takes_no_square(vec![(0..count).flat_map(through).collect()]);
    let wedge = |number| vec![on_circle(angle(number)), middle, on_circle(angle(number) + 2.5)];
    takes_no_square((0..count).map(wedge).collect());
    let square = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].map(Coord::from).to_vec();
    takes_no_square(vec![square; count as usize]);
}

#[test]
fn what_nests_deeper_than_anybody_draws_is_a_sentence_and_no_crash() {
    let deep = 100_000;
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(deep), close.repeat(deep));
    let usual = area("A", &[USUAL]).to_string();
    let scene = Scene::usual();
    let polygon = |coordinates: &str| {
        let shape = format!("{{\"type\":\"Polygon\",\"coordinates\":{coordinates}}}");
        format!("{{\"type\":\"Feature\",\"properties\":{{}},\"geometry\":{shape}}}")
    };
    let lists = nested("[", "]");
    let properties = usual.replacen("\"id\":\"A\"", &format!("\"a\":{lists}"), 1);
    for faulty in [lists.clone(), nested("{\"a\":", "}"), polygon(&lists), properties] {
        let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[{faulty},{usual}]}}");
        scene.write("areas.geojson", text);
        let ran = scene.run("assess plan.toml -o -");
        assert_eq!(ran.code, 1, "{}", ran.err.get(..300).unwrap_or(&ran.err));
        assert_eq!(ran.assessment().number(1, "pop_best"), 90.0);
    }
    for (name, text) in [
        ("lists.toml", format!("a = {lists}")),
        ("tables.toml", format!("a = {}", nested("{ a = ", " }"))),
        ("keys.toml", format!("a{} = 1", ".a".repeat(deep))),
        ("heads.toml", format!("[a{}]", ".a".repeat(deep))),
        ("lists.json", format!("{{\"areas\": {lists}}}")),
    ] {
        scene.write(name, text);
        let ran = scene.run(&format!("assess {name}"));
        assert_eq!(ran.code, 2, "{name}");
        assert!(ran.err.starts_with(&format!("error: {name}:")), "{name}");
    }
}

#[test]
fn an_option_named_path_does_not_lead_to_another_file() {
    let scene = Scene::usual();
    scene.write("other.geojson", collection(&[area("other", &[USUAL])]).to_string());
    let (sentence, _) =
        scene.refused("assess --areas areas.geojson,path=other.geojson --population pop.tif");
    assert_eq!(sentence, "areas.geojson,path=other.geojson: unknown option `path`");
}
