//! Areas come in pieces and rows leave as they are made: nothing of a result tells how.

use crate::scene::{Scene, USUAL, area, collection, feature, polygon};
use serde_json::{Value, json};

/// More areas than a piece has, on the usual raster; every seventh is drawn badly in some way.
fn many() -> Vec<Value> {
    (0..2000_u32)
        .map(|number| {
            let west = 20.0 + 0.09 * f64::from(number % 50) / 50.0;
            let south = 49.905 + 0.08 * f64::from(number / 50) / 40.0;
            let id = format!("A-{number}");
            match number % 70 {
                7 => feature(&json!(null), &json!({"id": id})),
                14 => {
                    let tie = [
                        [west, south],
                        [west + 0.004, south + 0.004],
                        [west + 0.004, south],
                        [west, south + 0.004],
                    ];
                    feature(&json!({"type": "Polygon", "coordinates": [tie]}), &json!({"id": id}))
                }
                21 => area(&id, &[[west + 5.0, south, west + 5.01, south + 0.01]]),
                28 => json!(7),
                _ => area(&id, &[[west, south, west + 0.006, south + 0.005]]),
            }
        })
        .collect()
}

fn scene_of(features: &[Value]) -> Scene {
    let scene = Scene::usual();
    scene.write("areas.geojson", collection(features).to_string());
    scene
}

#[test]
fn rows_of_many_pieces_are_the_same_bytes_on_any_number_of_threads() {
    let scene = scene_of(&many());
    let run = |threads: u32| {
        let ran = scene.run(&format!("assess plan.toml -o - --threads {threads}"));
        assert_eq!(ran.code, 1, "{}", ran.err);
        (ran.out, ran.err)
    };
    let alone = run(1);
    assert!(run(2) == alone && run(8) == alone);
    let rows: Value = serde_json::from_str(&alone.0).unwrap();
    let ids = rows["features"].as_array().unwrap().iter().enumerate();
    for (place, row) in ids {
        // A feature that is none has no id but its place.
        let id = if place % 70 == 28 { (place + 1).to_string() } else { format!("A-{place}") };
        assert_eq!(row["properties"]["area_id"], id.as_str());
    }
}

#[test]
fn an_area_has_the_same_row_alone_and_among_others() {
    let features = many();
    let scene = scene_of(&features);
    let all = scene.run("assess plan.toml -o -").assessment();
    for place in [0, 14, 511, 512, 513, 1300, 1999] {
        let alone = scene_of(&features[place..=place]).run("assess plan.toml -o -").assessment();
        assert_eq!(alone.features()[0], all.features()[place], "row {place}");
    }
}

#[test]
fn a_key_that_was_met_pieces_before_is_told_apart() {
    let mut features = many();
    features.push(area("A-3", &[USUAL]));
    features.push(area("A-3~2", &[USUAL]));
    features.push(area("A-3", &[USUAL]));
    let scene = scene_of(&features);
    let found = scene.run("assess plan.toml -o -").assessment();
    assert_eq!(found.text(2000, "area_id"), "A-3~2");
    assert_eq!(found.text(2001, "area_id"), "A-3~2~2");
    assert_eq!(found.text(2002, "area_id"), "A-3~3");
    assert!(found.text(2002, "flags").contains("duplicate_id"));
}

#[test]
fn standard_input_is_read_like_a_file() {
    let scene = scene_of(&many());
    let text = String::from_utf8(scene.read("areas.geojson")).unwrap();
    let of_file = scene.run("assess plan.toml -o -").assessment();
    let marked = format!("\u{feff}{text}");
    let args = "assess --areas - --population pop.tif,nodata_means=zero -o -";
    let of_stream = scene.run_with_input(args, &marked).assessment();
    assert!(of_file.features() == of_stream.features());
}

#[test]
fn what_stands_behind_the_features_is_heard() {
    let scene = Scene::usual();
    let meters = polygon(&[[2_228_716.0, 6_431_000.0, 2_231_000.0, 6_434_000.0]]);
    let text = json!({"features": [feature(&meters, &json!({"id": "{\"["}))], "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}});
    scene.write("areas.geojson", text.to_string());
    let found = scene.run("assess plan.toml -o -").assessment();
    assert_eq!(found.text(0, "area_id"), "{\"[");
    assert!(found.number(0, "pop_best") > 0.0);
}

#[test]
fn a_fault_of_the_text_behind_many_pieces_stops_the_run_at_its_place() {
    let scene = Scene::usual();
    let mut lines: Vec<String> = many().iter().map(Value::to_string).collect();
    lines[1800] = lines[1801].replace(':', "=");
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}]}}", lines.join(",\n"));
    scene.write("areas.geojson", text);
    let (sentence, _) = scene.refused("assess plan.toml");
    assert!(sentence.contains("at line 1802 column "), "{sentence}");
}

#[test]
fn a_column_is_missing_only_when_no_piece_has_it() {
    let mut features = many();
    let scene = scene_of(&features);
    let args = "assess --areas areas.geojson,phase=stage --population pop.tif,nodata_means=zero";
    let (sentence, _) = scene.refused(args);
    assert_eq!(sentence, "areas.geojson: no column \"stage\"; it has id");
    features.push(feature(&polygon(&[USUAL]), &json!({"id": "last", "stage": "two"})));
    let found = scene_of(&features).run(&format!("{args} -o -")).assessment();
    assert_eq!(found.text(2000, "phase"), "two");
    assert!(found.get(0, "phase").is_null());
}

#[test]
fn what_stops_a_run_late_leaves_no_file_and_no_stream_that_looks_whole() {
    let scene = scene_of(&many());
    let mut values = [10.0_f32; 100];
    values[15] = -9.0;
    scene.raster("nines.tif", 10, &values);
    let args = "assess --areas areas.geojson --population nines.tif,nodata_means=zero";
    let (sentence, _) = scene.refused(args);
    assert!(sentence.starts_with("nines.tif: area \"A-"), "{sentence}");
    let before = scene.files();
    let strict = scene.run("assess plan.toml --strict -o - -o out.geojson");
    assert_eq!((strict.code, &*strict.out), (1, ""));
    // A stream that has begun ends where it is, so that nobody takes it for whole.
    let begun = scene.run(&format!("{args} -o -"));
    assert_eq!(begun.code, 2);
    assert!(serde_json::from_str::<Value>(&begun.out).is_err());
    assert_eq!(scene.files(), before);
}

#[test]
fn layers_of_other_formats_come_in_pieces_too() {
    let scene = Scene::usual();
    let shapes: Vec<String> = (0..1500)
        .map(|number| {
            let west = 20.0 + 0.09 * f64::from(number) / 1500.0;
            let east = west + 0.005;
            format!("POLYGON (({west} 49.93,{east} 49.93,{east} 49.94,{west} 49.94,{west} 49.93))")
        })
        .collect();
    let shapes: Vec<&str> = shapes.iter().map(String::as_str).collect();
    scene.layer("areas.gpkg", "GPKG", Some(4326), &shapes);
    let args = "assess --areas areas.gpkg --population pop.tif,nodata_means=zero -o -";
    let found = scene.run(args).assessment();
    let wanted: Vec<Value> = (1..=1500).map(|number| json!(number.to_string())).collect();
    assert_eq!(found.column("area_id"), wanted);
    assert!(found.column("pop_best").iter().all(|people| *people == json!(5.0)));
}
