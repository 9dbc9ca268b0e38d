//! GeoParquet, read back by pyarrow.

use crate::scene::{PLAN, Scene, collection, feature, polygon};
use geo::algorithm::CoordsIter;
use serde_json::{Value, json};
use std::process::Command;

/// Prints what a file holds, as JSON: its member `geo`, its types, and its rows with geometry in hexadecimal.
const READ: &str = "
import json, sys
import pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
geo = json.loads(table.schema.metadata[b'geo'])
column = geo['primary_column']
rows = table.to_pylist()
for row in rows:
    row[column] = row[column].hex() if row[column] is not None else None
print(json.dumps({'geo': geo, 'types': {field.name: str(field.type) for field in table.schema}, 'rows': rows}))
";

fn read(scene: &Scene, name: &str) -> Value {
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/target/python/bin/python");
    let python = std::env::var("CIVEX_PYTHON").unwrap_or_else(|_| usual.into());
    let told = Command::new(&python).args(["-c", READ]).arg(scene.path(name)).output();
    let told =
        told.expect("a Python with pyarrow: `make test` installs one, or name it in CIVEX_PYTHON");
    let said = String::from_utf8_lossy(&told.stderr);
    assert!(told.status.success(), "{said}");
    serde_json::from_slice(&told.stdout).unwrap()
}

fn scene() -> Scene {
    let scene = Scene::usual();
    let square = |west: f64| polygon(&[[west, 49.92, west + 0.03, 49.95]]);
    let areas = [
        feature(
            &square(20.02),
            &json!({"id": "1", "whole": 9_007_199_254_740_993_i64, "truth": true, "geometry": "x"}),
        ),
        feature(&square(20.08), &json!({"id": "2", "real": 0.1, "truth": null, "list": [1]})),
        json!({"type": "Feature", "geometry": null, "properties": {"id": "3 ö", "real": 3}}),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    scene.write("plan.toml", PLAN);
    scene
}

#[test]
fn geoparquet_holds_the_values_of_geojson() {
    let scene = scene();
    let ran = scene.run("assess plan.toml --quiet -o out.geojson -o out.parquet");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let made: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    let wanted = made["features"].as_array().unwrap();
    let told = read(&scene, "out.parquet");
    let rows = told["rows"].as_array().unwrap();
    assert_eq!(rows.len(), wanted.len());
    for (row, feature) in rows.iter().zip(wanted) {
        for (name, value) in feature["properties"].as_object().unwrap() {
            let own = &row[name];
            let same = match (own.as_f64(), value.as_f64()) {
                (Some(own), Some(value)) => own.to_bits() == value.to_bits(),
                _ => own == value || own.as_str() == Some(&value.to_string()),
            };
            assert!(same, "{name}: {own}, wanted {value}");
        }
    }
    assert_eq!(told["types"]["whole"], "int64");
    assert_eq!(told["types"]["truth"], "bool");
    assert_eq!(told["types"]["score"], "double");
    assert_eq!(told["types"]["topic_crsv"], "double", "null alone tells no type");
    let geo = &told["geo"];
    assert_eq!(geo["version"], "1.1.0");
    // A column of the areas is called `geometry`.
    assert_eq!(geo["primary_column"], "geometry_");
    assert_eq!(geo["columns"]["geometry_"]["bbox"], json!([20.02, 49.92, 20.11, 49.95]));
    assert_eq!(rows[2]["geometry_"], Value::Null);
    let bytes: Vec<u8> = (0..rows[0]["geometry_"].as_str().unwrap().len() / 2)
        .map(|at| {
            u8::from_str_radix(&rows[0]["geometry_"].as_str().unwrap()[2 * at..2 * at + 2], 16)
                .unwrap()
        })
        .collect();
    let shape = gdal::vector::Geometry::from_wkb(&bytes).unwrap();
    let own: Value = serde_json::from_str(&shape.json().unwrap()).unwrap();
    assert_eq!(own["coordinates"][0], wanted[0]["geometry"]["coordinates"]);
    assert_eq!(shape.to_geo().unwrap().coords_count(), 5);
    assert!(scene.has("out.civex.json"));
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let scene = scene();
    for (stem, threads) in [("one", 1), ("two", 2)] {
        scene.run(&format!("assess plan.toml --quiet -o {stem}.parquet --threads {threads}"));
    }
    assert!(scene.read("one.parquet") == scene.read("two.parquet"));
}
