//! Other formats: each holds the values of GeoJSON, opened by GDAL.

use crate::scene::{PLAN, Scene, area, collection, feature, point, polygon};
use civex::write::sites::BANNER;
use gdal::vector::{FieldValue, LayerAccess};
use gdal::{Dataset, Metadata};
use serde_json::{Map, Value, json};
use std::process::Command;

/// Areas with columns of many kinds, one beyond the raster in part, one without geometry; sites, and two options.
fn scene() -> Scene {
    let scene = Scene::usual();
    let own = |id: &str, coa: &str, more: Value| {
        let mut own =
            json!({"id": id, "coa": coa, "phase": "p", "name": format!("{id} <&> \"x\" ö")});
        own.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        own
    };
    let areas = [
        feature(
            &polygon(&[[20.02, 49.92, 20.05, 49.95]]),
            &own(
                "1",
                "A",
                json!({"NAME": "z", "fid": 7, "whole": 1, "real": 0.1, "truth": true, "list": [1, "a"], "mixed": 1}),
            ),
        ),
        feature(
            &polygon(&[[20.08, 49.92, 20.13, 49.95]]),
            &own(
                "2",
                "B",
                json!({"NAME": null, "fid": 9_007_199_254_740_993_i64, "whole": -3, "real": 1e-9, "truth": false, "mixed": "x", "late": 5}),
            ),
        ),
        json!({"type": "Feature", "geometry": null, "properties": own("3", "B", json!({}))}),
        feature(
            &polygon(&[[20.0, 49.9, 20.01, 49.91], [20.03, 49.9, 20.04, 49.91]]),
            &own("4", "A", json!({})),
        ),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let sites = [
        point([20.03, 49.93], &json!({"id": "S", "class": "school", "confidence": 0.9})),
        point(
            [20.09, 49.93],
            &json!({"id": "H", "class": "hospital", "confidence": 0.4, "capacity": 90}),
        ),
        point([20.031, 49.931], &json!({"id": "W", "class": "safe_house", "confidence": 0.9})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    scene.write("plan.toml", format!("{PLAN}[[sites]]\npath = \"sites.geojson\"\n"));
    scene
}

/// Assesses into some outputs; the area without geometry makes it status 1.
fn assess(scene: &Scene, typed: &str) {
    let ran = scene.run(&format!("assess plan.toml --quiet {typed}"));
    assert_eq!(ran.code, 1, "{}", ran.err);
}

fn features(scene: &Scene, name: &str) -> Vec<Value> {
    let made: Value = serde_json::from_slice(&scene.read(name)).unwrap();
    made["features"].as_array().unwrap().clone()
}

/// One layer of a file: names of columns, and the rows with their geometry.
struct Opened {
    names: Vec<String>,
    rows: Vec<(Map<String, Value>, Option<Value>)>,
}

fn open(scene: &Scene, name: &str, layer: &str) -> Opened {
    let file = Dataset::open(scene.path(name)).unwrap();
    let mut layer = file.layer_by_name(layer).unwrap();
    let names: Vec<String> = layer.defn().fields().map(|field| field.name()).collect();
    let rows = layer.features().map(|row| {
        let values = names.iter().enumerate().map(|(place, name)| {
            let value = match row.field(place).unwrap_or(None) {
                None => Value::Null,
                Some(FieldValue::IntegerValue(value)) => json!(value),
                Some(FieldValue::Integer64Value(value)) => json!(value),
                Some(FieldValue::RealValue(value)) => json!(value),
                Some(FieldValue::StringValue(value)) => json!(value),
                Some(FieldValue::DateTimeValue(value)) => json!(format!("{value:?}")),
                Some(other) => panic!("{name}: {other:?}"),
            };
            (name.clone(), value)
        });
        // A row without geometry has one that gives no text.
        let shape = row.geometry().and_then(|shape| shape.json().ok());
        let shape = shape.map(|text| serde_json::from_str(&text).unwrap());
        (values.collect(), shape)
    });
    let rows = rows.collect();
    Opened { names, rows }
}

/// A value as formats without its type hold it.
fn plain(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => json!(i32::from(*truth)),
        Value::Array(_) | Value::Object(_) => json!(value.to_string()),
        other => other.clone(),
    }
}

/// Whether two values are the same, numbers by their size.
fn same(one: &Value, two: &Value) -> bool {
    match (one.as_f64(), two.as_f64()) {
        (Some(one_number), Some(two_number)) if one.is_f64() || two.is_f64() => {
            one_number.to_bits() == two_number.to_bits()
        }
        _ => one == two || one.as_str() == Some(&two.to_string()),
    }
}

fn many(geometry: &Value) -> Value {
    match geometry["type"].as_str() {
        Some("Polygon") => {
            json!({"type": "MultiPolygon", "coordinates": [geometry["coordinates"]]})
        }
        _ => geometry.clone(),
    }
}

/// Holds a layer to the features that GeoJSON has; `rename` says what a column is called there.
fn holds(opened: &Opened, features: &[Value], rename: &dyn Fn(&str) -> String, what: &str) {
    assert_eq!(opened.rows.len(), features.len(), "{what}");
    for ((row, shape), feature) in opened.rows.iter().zip(features) {
        for (name, value) in feature["properties"].as_object().unwrap() {
            let (name, value) = (rename(name), plain(value));
            let own = row.get(&name).unwrap_or_else(|| panic!("{what}: no column {name}"));
            // What is not set in FlatGeobuf is nothing for GDAL, and an empty value for its Rust wrapper.
            let is_unset =
                what == "fgb" && value.is_null() && [json!(""), json!(0), json!(0.0)].contains(own);
            assert!(is_unset || same(own, &value), "{what}: {name} is {own}, wanted {value}");
        }
        let wanted = (!feature["geometry"].is_null()).then(|| many(&feature["geometry"]));
        let shape = shape.as_ref().map(many);
        assert_eq!(shape, wanted, "{what}");
    }
}

#[test]
fn a_geopackage_holds_all_layers_with_styles_and_aliases() {
    let scene = scene();
    assess(&scene, "-o out.geojson -o out.gpkg --with sites,gaps,options");
    assert!(!scene.has("out.civex.json") && scene.has("out.gaps.csv"));
    let renamed = |name: &str| match name {
        "NAME" => "NAME_2".to_string(),
        "fid" => "fid_2".to_string(),
        other => other.to_string(),
    };
    let areas = open(&scene, "out.gpkg", "areas");
    holds(&areas, &features(&scene, "out.geojson"), &renamed, "areas");
    let order: Vec<&String> = areas.names.iter().skip(8).take(4).collect();
    assert_eq!(order, ["late", "area_id", "name", "coa"], "own columns come first");
    let same_name = |name: &str| name.to_string();
    for layer in ["sites", "gaps", "options"] {
        let wanted = features(&scene, &format!("out.{layer}.geojson"));
        assert!(!wanted.is_empty());
        let opened = open(&scene, "out.gpkg", layer);
        holds(&opened, &wanted, &same_name, layer);
    }
    let file = Dataset::open(scene.path("out.gpkg")).unwrap();
    let about: Value = serde_json::from_str(&file.metadata_item("civex", "").unwrap()).unwrap();
    assert_eq!(about["scheme"]["name"], "built-in");
    let layer = file.layer_by_name("areas").unwrap();
    assert_eq!(layer.spatial_ref().unwrap().auth_code().unwrap(), 4326);
    assert_eq!(file.metadata_item("banner", "").as_deref(), Some(BANNER));
    for (layer, has_banner) in
        [("areas", false), ("options", false), ("sites", true), ("gaps", true)]
    {
        let told = file.layer_by_name(layer).unwrap().metadata_item("DESCRIPTION", "");
        assert_eq!(told.unwrap_or_default().contains(BANNER), has_banner, "{layer}");
    }
    let mut styles = file.layer_by_name("layer_styles").unwrap();
    let names: Vec<String> = styles
        .features()
        .map(|row| {
            let text = |name: &str| {
                let place = row.field_index(name).unwrap();
                row.field_as_string(place).unwrap().unwrap()
            };
            assert!(text("styleQML").contains("<qgis") && text("styleSLD").contains("<Rule>"));
            text("f_table_name")
        })
        .collect();
    assert_eq!(names, ["areas", "options", "sites", "gaps"]);
    // Before 3.7 GDAL does not read what columns are called.
    let file = rusqlite::Connection::open(scene.path("out.gpkg")).unwrap();
    let called = "SELECT name FROM gpkg_data_columns WHERE table_name = 'areas' AND column_name = 'pop_best'";
    let called: String = file.query_row(called, [], |row| row.get(0)).unwrap();
    assert_eq!(called, "people, best");
    // Truth is no number for those who look for its kind.
    let told = Command::new("ogrinfo")
        .args(["-so", "-ro"])
        .arg(scene.path("out.gpkg"))
        .arg("areas")
        .output()
        .unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.contains("truth: Integer(Boolean)"), "{told}");
    let sound: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
}

#[test]
fn flatgeobuf_and_lines_hold_the_values_in_their_order() {
    let scene = scene();
    assess(&scene, "-o out.geojson -o out.fgb -o out.geojsonl");
    let wanted = features(&scene, "out.geojson");
    let renamed = |name: &str| if name == "NAME" { "NAME_2".into() } else { name.to_string() };
    holds(&open(&scene, "out.fgb", "areas"), &wanted, &renamed, "fgb");
    let lines = String::from_utf8(scene.read("out.geojsonl")).unwrap();
    assert!(lines.ends_with("}\n"));
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, wanted);
    let about: Value = serde_json::from_slice(&scene.read("out.civex.json")).unwrap();
    let whole: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    assert_eq!(about, whole["civex"]);
}

#[test]
fn csv_holds_the_values_and_hxl_tags_if_asked() {
    let scene = scene();
    assess(&scene, "-o out.geojson -o out.csv");
    let wanted = features(&scene, "out.geojson");
    let opened = open(&scene, "out.csv", "out");
    for ((row, _), feature) in opened.rows.iter().zip(&wanted) {
        for (name, value) in feature["properties"].as_object().unwrap() {
            let text = match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            // GDAL makes one column of two that differ by case alone.
            if name != "NAME" && name != "name" {
                assert_eq!(row[name].as_str().unwrap_or_default(), text, "{name}");
            }
        }
    }
    assess(&scene, "-o tagged.csv --hxl");
    let text = String::from_utf8(scene.read("tagged.csv")).unwrap();
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let heads = rows.headers().unwrap().clone();
    let tags = rows.records().next().unwrap().unwrap();
    let tag = |name: &str| tags.get(heads.iter().position(|head| head == name).unwrap()).unwrap();
    assert_eq!(
        [tag("area_id"), tag("pop_best"), tag("whole")],
        ["#loc+id", "#population+best", ""]
    );
    assert_eq!(text.lines().count(), 6);
}

#[test]
fn kml_holds_the_values_but_those_of_two_topics() {
    let scene = scene();
    assess(&scene, "-o out.geojson -o out.kml");
    let text = String::from_utf8(scene.read("out.kml")).unwrap();
    assert!(!text.contains("topic_crsv") && !text.contains("topic_cthb"));
    let mut wanted = features(&scene, "out.geojson");
    for feature in &mut wanted {
        let properties = feature["properties"].as_object_mut().unwrap();
        properties.retain(|name, value| {
            // GDAL has a column `name` of its own, takes those that differ by case for one, and unknown is left out.
            !["topic_crsv", "topic_cthb", "NAME", "name"].contains(&name.as_str())
                && !value.is_null()
        });
    }
    let opened = open(&scene, "out.kml", "areas");
    assert_eq!(opened.rows.len(), wanted.len());
    for ((row, shape), feature) in opened.rows.iter().zip(&wanted) {
        for (name, value) in feature["properties"].as_object().unwrap() {
            let own = row.get(name).unwrap_or_else(|| panic!("no column {name}"));
            let (own_number, number) = (own.as_f64(), plain(value).as_f64());
            match own_number.zip(number) {
                Some((own, number)) => {
                    assert!((own - number).abs() <= 1e-12 * number.abs(), "{name}");
                }
                None => assert!(same(own, &plain(value)), "{name}: {own}, wanted {value}"),
            }
        }
        let parts = |geometry: &Value| many(geometry)["coordinates"].as_array().map_or(0, Vec::len);
        let own = shape.as_ref().map_or(0, |shape| {
            shape["geometries"].as_array().map_or_else(|| parts(shape), Vec::len)
        });
        assert_eq!(
            own,
            if feature["geometry"].is_null() { 0 } else { parts(&feature["geometry"]) }
        );
    }
    let full = scene.run("assess plan.toml --quiet -o full.kml --full-precision");
    assert_eq!(full.code, 1);
    assert!(String::from_utf8(scene.read("full.kml")).unwrap().contains("topic_crsv"));
    // Text is text, in the balloon too.
    assert!(
        text.contains("1 &lt;&amp;&gt; &quot;x&quot; ö")
            && text.contains("&amp;lt;&amp;amp;&amp;gt;")
    );
}

#[test]
fn styles_stand_beside_geojson() {
    let scene = scene();
    assess(&scene, "-o out.geojson --style --with sites,gaps,options");
    for layer in ["", "sites.", "gaps.", "options."] {
        let qml = String::from_utf8(scene.read(&format!("out.{layer}qml"))).unwrap();
        let sld = String::from_utf8(scene.read(&format!("out.{layer}sld"))).unwrap();
        assert!(qml.contains("<alias field=") && qml.contains("renderer-v2"), "{layer}");
        assert!(sld.contains("StyledLayerDescriptor"), "{layer}");
    }
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_every_format() {
    let scene = scene();
    let formats = ["gpkg", "fgb", "csv", "kml", "geojsonl"];
    let outputs = |stem: &str| formats.map(|ending| format!("-o {stem}.{ending}")).join(" ");
    assess(&scene, &format!("{} --with sites,gaps,options --threads 1", outputs("one")));
    assess(&scene, &format!("{} --with sites,gaps,options --threads 2", outputs("two")));
    for ending in formats {
        let [one, two] = ["one", "two"].map(|stem| scene.read(&format!("{stem}.{ending}")));
        assert!(one == two, "{ending}");
    }
    let left = scene.files().into_iter().filter(|name| name.starts_with(".civex"));
    assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn gdal_finds_no_fault_in_any_format() {
    let scene = scene();
    assess(
        &scene,
        "-o out.geojson -o out.gpkg -o out.fgb -o out.csv -o out.kml -o out.geojsonl --with sites,gaps,options",
    );
    for name in
        scene.files().into_iter().filter(|name| name.starts_with("out.") && !name.contains("civex"))
    {
        let told = Command::new("ogrinfo")
            .args(["-ro", "-al", "-q"])
            .arg(scene.path(&name))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(told.status.success() && said.is_empty(), "{name}: {said}");
    }
}

#[test]
fn letters_that_a_format_has_no_place_for_lose_no_row() {
    let scene = Scene::usual();
    let own = json!({"id": "a\u{0}b\u{1}c\u{fffe}", "we\u{0}ird": "x\u{0}y\u{8}"});
    let square = polygon(&[[20.02, 49.92, 20.05, 49.95]]);
    scene.write("areas.geojson", collection(&[feature(&square, &own)]).to_string());
    let outputs = "-o out.geojson -o out.gpkg -o out.fgb -o out.csv -o out.kml";
    let ran = scene.run(&format!("assess plan.toml --quiet {outputs}"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let id = |name: &str, layer: &str| open(&scene, name, layer).rows[0].0["area_id"].clone();
    assert_eq!(id("out.gpkg", "areas"), "a\u{fffd}b\u{1}c\u{fffe}");
    assert_eq!(id("out.kml", "areas"), "a\u{fffd}b\u{fffd}c\u{fffd}");
    let text = String::from_utf8(scene.read("out.kml")).unwrap();
    assert!(text.contains("<SimpleData name=\"we\u{fffd}ird\">x\u{fffd}y\u{fffd}</SimpleData>"));
    let ran = scene.run("report out.geojson -o out.html --quiet");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn a_format_that_is_not_there_is_refused_before_any_work() {
    let scene = scene();
    let ran = scene.run("assess plan.toml -o out.shp");
    assert_eq!(ran.code, 2);
    assert!(
        ran.said().contains("no ending of a format that is written, which are .geojson"),
        "{}",
        ran.err
    );
    if !cfg!(feature = "parquet") {
        let ran = scene.run("assess plan.toml -o out.parquet");
        assert!(ran.code == 2 && ran.said().contains("--features parquet"), "{}", ran.err);
    }
    scene.write("folder/x", "");
    let ran = scene.run("assess plan.toml -o folder/x/out.gpkg");
    assert!(
        ran.code == 2 && ran.said().starts_with("error: folder/x/out.gpkg: cannot be written"),
        "{}",
        ran.err
    );
}

#[test]
fn no_area_at_all_or_one_alone_is_a_layer_too() {
    let scene = Scene::usual();
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.02, 49.92, 20.05, 49.95]])]).to_string(),
    );
    let ran = scene.run("assess plan.toml --quiet -o out.gpkg -o out.fgb -o out.geojson");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let wanted = features(&scene, "out.geojson");
    let same_name = |name: &str| name.to_string();
    holds(&open(&scene, "out.gpkg", "areas"), &wanted, &same_name, "gpkg");
    holds(&open(&scene, "out.fgb", "areas"), &wanted, &same_name, "fgb");
}

#[test]
fn own_columns_like_others_keep_their_values_beside_them() {
    let scene = Scene::usual();
    let own = json!({
        "id": "1", "Band": 3, "POP_BEST": "mine", "Description": "own", "Begin": "x", "Icon": 1, "NAME": "own name",
        "huge": 9_007_199_254_740_993_i64, "more": 18_446_744_073_709_551_615_u64, "mixed": 9_007_199_254_740_993_i64,
    });
    let square = polygon(&[[20.02, 49.92, 20.05, 49.95]]);
    let other = json!({"id": "2", "mixed": 0.5});
    let areas = [feature(&square, &own), feature(&square, &other)];
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran =
        scene.run("assess plan.toml --quiet -o out.geojson -o out.gpkg -o out.fgb -o out.kml");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let wanted = &features(&scene, "out.geojson")[0]["properties"];
    for (name, numbered) in [
        ("out.gpkg", &["Band", "POP_BEST"][..]),
        ("out.fgb", &["Band", "POP_BEST"]),
        ("out.kml", &["Band", "POP_BEST", "Description", "Begin", "Icon"]),
    ] {
        let row = &open(&scene, name, "areas").rows[0].0;
        let own = wanted.as_object().unwrap().iter();
        // Placemarks of KML have a name by themselves, and tell no topics.
        let own = own.filter(|(key, _)| {
            name != "out.kml" || !(*key == "name" || key.starts_with("topic_c"))
        });
        for (key, value) in own.filter(|(_, value)| !value.is_null()) {
            let numbered = numbered.contains(&key.as_str()) || key == "NAME";
            let renamed = if numbered { format!("{key}_2") } else { key.clone() };
            let read = row.get(&renamed).unwrap_or_else(|| panic!("{name}: no {renamed}"));
            let is_same = match (read.as_f64(), value.as_f64()) {
                (Some(one), Some(two)) if read.is_f64() => (one - two).abs() <= 1e-12 * two.abs(),
                _ => same(read, &plain(value)),
            };
            assert!(is_same, "{name}: {renamed} is {read}, wanted {value}");
        }
        let kinds = Dataset::open(scene.path(name)).unwrap();
        let layer = kinds.layer_by_name("areas").unwrap();
        let band = layer.defn().fields().filter(|field| field.name().eq_ignore_ascii_case("band"));
        assert_eq!(band.count(), 1, "{name}");
    }
}

#[test]
fn kml_tells_hours_as_instants_or_as_days() {
    let scene = Scene::usual();
    let shape = polygon(&[[20.02, 49.92, 20.05, 49.95]]);
    let hours = [
        ("local", "2026-07-01T06:00", "2026-07-01 18:00"),
        ("offset", "2026-07-01T06:00:00+02:00", "2026-07-01T18:00Z"),
        ("days", "2026-07-01", "2026-07-03"),
        ("both", "2026-07-01", "2026-07-03T12:00Z"),
    ];
    let areas = hours
        .map(|(id, start, end)| feature(&shape, &json!({"id": id, "start": start, "end": end})));
    scene.write("areas.geojson", collection(&areas).to_string());
    scene.write("plan.toml", format!("{PLAN}[scenario]\ntimezone = \"Europe/Kyiv\"\n"));
    let ran = scene.run("assess plan.toml --quiet -o out.kml");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let text = String::from_utf8(scene.read("out.kml")).unwrap();
    let spans: Vec<&str> = text.lines().filter(|line| line.starts_with("<TimeSpan>")).collect();
    let wanted = [
        ("2026-07-01T03:00:00Z", "2026-07-01T15:00:00Z"),
        ("2026-07-01T04:00:00Z", "2026-07-01T18:00:00Z"),
        ("2026-07-01", "2026-07-03"),
        ("2026-06-30T21:00:00Z", "2026-07-03T12:00:00Z"),
    ];
    let span = |(from, to)| format!("<TimeSpan><begin>{from}</begin><end>{to}</end></TimeSpan>");
    assert_eq!(spans, wanted.map(span));
    assert!(text.contains("<SimpleData name=\"start\">2026-07-01T06:00</SimpleData>"));
    let row = &open(&scene, "out.kml", "areas").rows[0].0;
    assert_eq!(row["start"], "2026-07-01T06:00");
}
