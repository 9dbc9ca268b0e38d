//! Areas of every kind of file: what is read, what is repaired, what keeps its row with a reason, and
//! what stops the run.

use crate::scene::{Assessment, Scene, USUAL, area, collection, feature, parts, polygon, ring};
use serde_json::{Value, json};

/// Assesses areas and expects a status and an assessment.
fn assessed(scene: &Scene, areas: &str, code: i32) -> (Assessment, String) {
    let args = format!("assess --areas {areas} --population pop.tif,nodata_means=zero -o -");
    let ran = scene.run(&args);
    assert_eq!(ran.code, code, "{areas}: {}", ran.err);
    (ran.assessment(), ran.err)
}

/// The usual scene with these features as `areas.geojson`.
fn scene_of(features: &[Value]) -> Scene {
    let scene = Scene::usual();
    scene.write("areas.geojson", collection(features).to_string());
    scene
}

/// Ninety people on nine whole cells.
fn holds_ninety(scene: &Scene, areas: &str) {
    let (assessment, err) = assessed(scene, areas, 0);
    assert_eq!(err, "", "{areas}");
    let best = assessment.number(0, "pop_best");
    assert!((best - 90.0).abs() < 0.001, "{areas}: {best}");
    assert_eq!(assessment.text(0, "status"), "ok", "{areas}");
}

const SHAPE: &str = "POLYGON ((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))";
const SHAPE_Z: &str =
    "POLYGON Z ((20.02 49.92 5,20.05 49.92 5,20.05 49.95 5,20.02 49.95 5,20.02 49.92 5))";

/// Geometries that no area has, with the status and the reason of their rows.
fn areas_that_are_none() -> Vec<(&'static str, &'static str, Value)> {
    let shape = |kind: &str, coordinates: Value| json!({"type": kind, "coordinates": coordinates});
    let flat = json!([[[20.03, 49.93], [20.04, 49.93], [20.05, 49.93], [20.03, 49.93]]]);
    vec![
        ("no_geometry", "a point, wanted a polygon", shape("Point", json!([20.03, 49.93]))),
        ("no_geometry", "a point, wanted a polygon", shape("MultiPoint", json!([[20, 49]]))),
        (
            "no_geometry",
            "a line, wanted a polygon",
            shape("LineString", json!([[20, 49], [21, 49]])),
        ),
        ("no_geometry", "it has no geometry", Value::Null),
        ("no_geometry", "its geometry is empty", shape("Polygon", json!([]))),
        (
            "no_geometry",
            "its geometry is empty",
            json!({"type": "GeometryCollection", "geometries": []}),
        ),
        (
            "no_geometry",
            "the geometry cannot be read: found the text \"x\", wanted a number",
            shape("Polygon", json!([[[20, "x"], [1, 2]]])),
        ),
        (
            "no_geometry",
            "the geometry cannot be read: found a list of length 1, wanted a position of two or three numbers",
            shape("Polygon", json!([[[20.0], [20.1, 49.9], [20.1, 49.8]]])),
        ),
        (
            "no_geometry",
            "the geometry cannot be read: \"Circle\" is no type of geometry",
            shape("Circle", json!([20, 49])),
        ),
        (
            "no_geometry",
            "the geometry cannot be read: a Polygon without `coordinates`",
            json!({"type": "Polygon"}),
        ),
        (
            "invalid",
            "[1e300, 49.93] lies outside of EPSG:4326 (WGS 84)",
            shape(
                "Polygon",
                json!([[[20.03, 49.93], [1e300, 49.93], [20.03, 49.99], [20.03, 49.93]]]),
            ),
        ),
        (
            "invalid",
            "[20.03, 95] lies outside of EPSG:4326 (WGS 84)",
            shape("Polygon", json!([[[20.03, 95], [20.1, 95], [20.1, 94], [20.03, 95]]])),
        ),
        (
            "invalid",
            "the outer ring has no surface, at [20.03, 49.93]; no surface is left",
            shape("Polygon", flat),
        ),
    ]
}

#[test]
fn areas_that_are_none_keep_their_rows_with_a_reason() {
    let cases = areas_that_are_none();
    let mut features: Vec<Value> = cases
        .iter()
        .map(|(_, reason, geometry)| feature(geometry, &json!({"id": reason})))
        .collect();
    features.push(area("sound", &[USUAL]));
    features.push(json!("no feature"));
    let scene = scene_of(&features);
    let (assessment, err) = assessed(&scene, "areas.geojson", 1);
    for (row, (status, reason, _)) in cases.iter().enumerate() {
        assert_eq!(assessment.text(row, "status"), *status, "{reason}");
        assert_eq!(assessment.text(row, "reason"), *reason);
        assert!(assessment.get(row, "pop_best").is_null());
        assert!(assessment.features()[row]["geometry"].is_null());
        let line = format!("(feature {}): {reason}", row + 1);
        assert!(
            err.lines().any(|said| said.starts_with("problem: ") && said.ends_with(&line)),
            "{line} in\n{err}"
        );
    }
    // The others are none the worse for it.
    assert_eq!(assessment.number(cases.len(), "pop_best"), 90.0);
    assert_eq!(assessment.text(cases.len() + 1, "area_id"), "15", "without an id, its place");
}

#[test]
fn a_file_whose_areas_are_all_faulty_is_written_whole() {
    let scene = scene_of(&[feature(&Value::Null, &json!({"id": "A"}))]);
    let ran = scene.run("assess plan.toml -o out.geojson");
    assert_eq!(ran.code, 1);
    let written: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    assert_eq!(written["features"][0]["properties"]["status"], "no_geometry");
    assert!(written["civex"]["inputs"].is_array());
}

#[test]
fn a_bow_tie_keeps_both_wings_and_says_so() {
    let bow = json!({"type": "Polygon", "coordinates":
        [[[20.02, 49.92], [20.06, 49.96], [20.06, 49.92], [20.02, 49.96], [20.02, 49.92]]]});
    let scene = scene_of(&[feature(&bow, &json!({"id": "bow"}))]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    // Two triangles of four cells each.
    assert_eq!(assessment.number(0, "pop_best"), 80.0);
    // Two cells of each wing are whole, and four halved: what repair moved would halve them all.
    assert_eq!(assessment.number(0, "pop_low"), 40.0);
    assert_eq!(assessment.number(0, "pop_high"), 120.0);
    assert!(assessment.text(0, "flags").contains("repaired"));
    assert!(
        err.starts_with(
            "notice: area \"bow\": 1 fault repaired, the first: the outer ring crosses itself"
        ),
        "{err}"
    );
    let ran = scene.run("assess plan.toml --strict -o out.geojson");
    assert_eq!(ran.code, 1);
    assert!(!scene.has("out.geojson"));
    assert!(
        ran.err
            .ends_with("error: inputs have problems and `--strict` is given: nothing is written\n")
    );
    assert!(!ran.err.contains("repaired, the first"), "{}", ran.err);
}

#[test]
fn ground_that_two_parts_share_counts_once() {
    let shape = parts(&[[20.02, 49.92, 20.05, 49.95], [20.03, 49.93, 20.06, 49.96]]);
    let scene = scene_of(&[feature(&shape, &json!({"id": "A"}))]);
    let (assessment, _) = assessed(&scene, "areas.geojson", 0);
    // Nine cells and nine cells less the four they share.
    assert_eq!(assessment.number(0, "pop_best"), 140.0);
    assert_eq!(assessment.number(0, "pop_low"), 93.333, "all of them whole cells");
}

#[test]
fn a_hole_is_left_out() {
    let scene =
        scene_of(&[area("A", &[[20.02, 49.92, 20.06, 49.96], [20.03, 49.93, 20.05, 49.95]])]);
    assert_eq!(assessed(&scene, "areas.geojson", 0).0.number(0, "pop_best"), 120.0);
}

#[test]
fn half_outside_is_told_and_outside_of_everything_is_a_mistake() {
    let half = area("half", &[[19.95, 49.92, 20.05, 49.95]]);
    let out = area("out", &[[30.0, 49.0, 31.0, 50.0]]);
    let scene = scene_of(&[half, out.clone()]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    assert_eq!(assessment.column("status"), [json!("not_assessable"), json!("no_data")]);
    assert_eq!(assessment.number(0, "missing_share"), 0.5);
    assert_eq!(assessment.number(0, "pop_best"), 150.0);
    assert!(assessment.get(0, "band").is_null() && assessment.get(1, "pop_best").is_null());
    assert!(err.contains("area \"half\": 50.0 % of its surface has no data"), "{err}");
    assert!(err.contains("area \"out\": it lies outside of every population source"), "{err}");
    let scene = scene_of(&[out]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 1);
    assert!(assessment.get(0, "pop_best").is_null(), "nobody looked there");
    for bounds in ["30.0000…31.0000 E", "20.0000…20.1000 E, 49.9000…50.0000 N"] {
        assert!(err.contains(bounds), "{err}");
    }
    let checked = scene.run("check plan.toml");
    assert_eq!(checked.code, 1);
    assert!(
        checked.out.contains("every area lies outside every population source"),
        "{}",
        checked.out
    );
}

#[test]
fn an_area_far_smaller_than_its_cell_is_counted() {
    let scene = scene_of(&[area("dot", &[[20.025, 49.925, 20.025_000_000_1, 49.925_000_000_1]])]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    assert_eq!((err.as_str(), assessment.text(0, "status")), ("", "ok"));
    assert_eq!(assessment.number(0, "pop_best"), 0.0);
    assert_eq!(assessment.number(0, "missing_share"), 0.0);
}

#[test]
fn outside_of_the_primary_people_are_unknown_whatever_others_say() {
    let scene = Scene::usual();
    let mut east = scene.raster("east.tif", 10, &[1.0_f32; 100]);
    east.set_geo_transform(&[30.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    drop(east);
    let ran =
        scene.run("assess --areas areas.geojson --population east.tif --population pop.tif -o -");
    let assessment = ran.assessment();
    let wanted = "notice: area \"A\": it lies outside of the primary layer \"east\", which alone gives the best estimate\n";
    assert_eq!((ran.code, ran.err.as_str()), (0, wanted));
    assert_eq!(assessment.text(0, "reason"), "it lies outside of the population data");
    assert!(assessment.get(0, "pop_best").is_null() && assessment.get(0, "band_high").is_null());
}

#[test]
fn one_of_two_keys_that_are_alike_gets_an_id_of_its_own() {
    let of = |coa: Value| feature(&polygon(&[USUAL]), &json!({"id": "A", "coa": coa}));
    let scene = scene_of(&[of(Value::Null), of(Value::Null), of(json!("North"))]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    assert_eq!(assessment.column("area_id"), [json!("A"), json!("A~2"), json!("A")]);
    assert!(assessment.text(1, "flags").contains("duplicate_id"));
    assert!(!assessment.text(2, "flags").contains("duplicate_id"), "another option");
    assert_eq!(err.lines().count(), 1, "{err}");
    assert_eq!(scene.run("check plan.toml").code, 1);
    assert_eq!(scene.run("assess plan.toml --strict").code, 1);
}

#[test]
fn columns_of_ones_own_stay_in_front_under_their_names_or_with_input() {
    let own = json!({"note": "x", "id": "A", "name": "N", "score": 5, "input_score": 6,
        "children_low": 7, "deep": {"a": 1}, "coa": "C", "phase": ["one", "two"]});
    let scene = scene_of(&[feature(&polygon(&[USUAL]), &own)]);
    let (assessment, _) = assessed(&scene, "areas.geojson", 0);
    let row = assessment.features()[0]["properties"].as_object().unwrap();
    let names: Vec<&str> = row.keys().map(String::as_str).take(9).collect();
    let wanted = [
        "note",
        "id",
        "input_score_2",
        "input_score",
        "input_children_low",
        "deep",
        "input_phase",
        "area_id",
        "name",
    ];
    assert_eq!(names, wanted);
    assert_eq!((&row["input_score_2"], &row["input_score"]), (&json!(5), &json!(6)));
    assert_eq!((&row["name"], &row["coa"]), (&json!("N"), &json!("C")));
    assert_eq!((&row["phase"], &row["input_phase"]), (&Value::Null, &json!(["one", "two"])));
}

#[test]
fn an_assessment_is_assessed_again_without_its_old_columns() {
    let scene = Scene::usual();
    assert_eq!(scene.run("assess plan.toml -o first.geojson").code, 0);
    let (again, err) = assessed(&scene, "first.geojson", 0);
    assert_eq!(
        err,
        "notice: first.geojson: an assessment; its columns are left out and made anew\n"
    );
    let first: Value = serde_json::from_slice(&scene.read("first.geojson")).unwrap();
    assert_eq!(again.features()[0], first["features"][0]);
}

#[test]
fn texts_of_any_language_and_members_in_any_order_are_read() {
    let name = "Þórshöfn – Ñandú 東京";
    let text = format!(
        "\u{feff}{{\"bbox\": [20, 49, 21, 50], \"foreign\": {{\"type\": \"no\"}}, \"features\": [{{\"bbox\": [20, 49, 21, 50], \
         \"geometry\": {{\"coordinates\": [{}], \"type\": \"Polygon\"}}, \"id\": 7, \
         \"properties\": {{\"name\": \"{name}\"}}, \"type\": \"Feature\", \"more\": []}}], \"type\": \"FeatureCollection\"}}",
        ring(USUAL)
    );
    let scene = Scene::usual();
    scene.write("areas.geojson", text);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    assert_eq!(err, "");
    assert_eq!((assessment.text(0, "area_id"), assessment.text(0, "name")), ("7", name));
    assert_eq!(assessment.number(0, "pop_best"), 90.0);
}

#[test]
fn a_bare_geometry_or_feature_is_a_collection_of_one() {
    let scene = Scene::usual();
    scene.write("geometry.json", polygon(&[USUAL]).to_string());
    scene.write("feature.json", area("A", &[USUAL]).to_string());
    holds_ninety(&scene, "geometry.json");
    holds_ninety(&scene, "feature.json");
}

#[test]
fn of_a_collection_the_polygons_are_used() {
    let mixed = json!({"type": "GeometryCollection", "geometries":
        [{"type": "Point", "coordinates": [20.03, 49.93]}, polygon(&[USUAL])]});
    let scene = scene_of(&[feature(&mixed, &json!({"id": "A"}))]);
    let (assessment, err) = assessed(&scene, "areas.geojson", 0);
    assert_eq!(assessment.number(0, "pop_best"), 90.0);
    assert_eq!(
        err,
        "notice: area \"A\": 1 member of its geometry, not polygons, left out; `buffer_lines_m` under \
         [areas] counts the ground around points and lines\n"
    );
}

#[test]
fn heights_are_dropped_in_every_format() {
    let scene = Scene::usual();
    for (name, format) in [("z.shp", "ESRI Shapefile"), ("z.gpkg", "GPKG"), ("z.fgb", "FlatGeobuf")]
    {
        scene.layer(name, format, Some(4326), &[SHAPE_Z]);
        holds_ninety(&scene, name);
    }
    let high: Vec<Value> =
        ring(USUAL).as_array().unwrap().iter().map(|at| json!([at[0], at[1], 99])).collect();
    let shape = json!({"type": "Polygon", "coordinates": [high]});
    scene.write("z.geojson", shape.to_string());
    holds_ninety(&scene, "z.geojson");
}

#[test]
fn times_keep_the_offset_that_they_have_and_get_no_other() {
    let scene = Scene::usual();
    let row = |id: &str, start: &str| format!("{id},{start},\"{SHAPE}\"\n");
    for (start, wanted) in [
        ("2026-11-22 23:00:00", "2026-11-22T23:00:00"),
        ("2026-11-22T23:00:00Z", "2026-11-22T23:00:00+00:00"),
        ("2026-11-22T23:00:00+02:00", "2026-11-22T23:00:00+02:00"),
    ] {
        scene.write("a.csv", format!("id,start,WKT\n{}", row("A", start)));
        let (assessment, _) = assessed(&scene, "a.csv", 0);
        assert_eq!(assessment.text(0, "start"), wanted);
    }
}

#[test]
fn every_format_and_reference_system_comes_to_the_same() {
    let scene = Scene::usual();
    scene.layer("a.shp", "ESRI Shapefile", Some(4326), &[SHAPE]);
    scene.layer("a.gpkg", "GPKG", Some(4326), &[SHAPE]);
    scene.layer("a.fgb", "FlatGeobuf", Some(4326), &[SHAPE]);
    scene.write("a.csv", format!("id,WKT\nA,\"{SHAPE}\"\n"));
    for name in ["areas.geojson", "a.shp", "a.gpkg", "a.fgb", "a.csv"] {
        holds_ninety(&scene, name);
    }
    // The same ground in meters of Web Mercator, whose meridians and parallels are straight too.
    let carried = |[lon, lat]: [f64; 2]| {
        let radius = 6_378_137.0;
        let y = (std::f64::consts::FRAC_PI_4 + lat.to_radians() / 2.0).tan().ln();
        [radius * lon.to_radians(), radius * y]
    };
    let corners = ring(USUAL);
    let corners: Vec<Value> = corners
        .as_array()
        .unwrap()
        .iter()
        .map(|at| json!(carried([at[0].as_f64().unwrap(), at[1].as_f64().unwrap()])))
        .collect();
    let shape = json!({"type": "Polygon", "coordinates": [corners]});
    let mut legacy = collection(&[feature(&shape, &json!({"id": "A"}))]);
    scene.write("bare.geojson", legacy.to_string());
    legacy["crs"] = json!({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}});
    scene.write("legacy.geojson", legacy.to_string());
    let (assessment, err) = assessed(&scene, "legacy.geojson", 0);
    assert_eq!(err, "");
    assert!((assessment.number(0, "pop_best") - 90.0).abs() < 0.001);
    let west = assessment.features()[0]["geometry"]["coordinates"][0][0][0].as_f64().unwrap();
    assert!((west - 20.02).abs() < 0.031, "written in WGS 84, not {west}");
    // Without the member it is RFC 7946, and cannot be.
    let (assessment, err) = assessed(&scene, "bare.geojson", 1);
    assert_eq!(assessment.text(0, "status"), "invalid");
    assert!(err.contains("hint: these look like meters"), "{err}");
}

#[test]
fn folders_of_kml_become_courses_of_action() {
    let placemark = "<Placemark><name>Área</name><Polygon><outerBoundaryIs><LinearRing><coordinates>\
        20.02,49.92,0 20.05,49.92,0 20.05,49.95,0 20.02,49.95,0 20.02,49.92,0\
        </coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>";
    let scene = Scene::usual();
    scene.write(
        "plan.kml",
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\
             <Folder><name>North</name>{placemark}</Folder><Folder><name>South</name>{placemark}</Folder>\
             </Document></kml>"
        ),
    );
    let (assessment, _) = assessed(&scene, "plan.kml", 0);
    assert_eq!(assessment.column("coa"), [json!("North"), json!("South")]);
    assert_eq!(assessment.column("name"), [json!("Área"), json!("Área")]);
    assert_eq!(assessment.column("pop_best"), [json!(90.0), json!(90.0)]);
}

#[test]
fn of_several_layers_one_must_be_named() {
    let scene = Scene::usual();
    scene.layers("two.gpkg", "GPKG", Some(4326), &[("north", &[SHAPE]), ("south", &[SHAPE])]);
    let of = |areas: &str| scene.refused(&format!("assess --areas {areas} --population pop.tif"));
    let (sentence, hint) = of("two.gpkg");
    assert_eq!(sentence, "two.gpkg: it has 2 layers: north, south");
    assert!(hint.contains("layer = "), "{hint}");
    assert_eq!(of("two.gpkg,layer=west").0, "two.gpkg: no layer \"west\"; it has north, south");
    holds_ninety(&scene, "two.gpkg,layer=south");
}

#[test]
fn files_that_cannot_be_areas_stop_the_run_with_one_sentence() {
    let scene = Scene::usual();
    scene.layer("with.shp", "ESRI Shapefile", Some(4326), &[SHAPE]);
    scene.layer("without.shp", "ESRI Shapefile", None, &[SHAPE]);
    scene.layer("whole.gpkg", "GPKG", Some(4326), &[SHAPE]);
    scene.cut("whole.gpkg", 3000, "cut.gpkg");
    scene.cut("areas.geojson", 120, "cut.geojson");
    scene.cut("with.shp", 90, "cut.shp");
    scene.write("empty.geojson", "");
    scene.write("nothing.geojson", collection(&[]).to_string());
    scene.write("array.geojson", "[1, 2]");
    scene.write("object.geojson", "{\"a\": 1}");
    scene.write("latin.geojson", b"{\"type\": \"\xe9\"}");
    scene.write("text.bin", "hello");
    scene.write("folder.geojson/x", "");
    scene.write("folder/x", "");
    let with_crs = |crs: Value| {
        let mut areas = collection(&[area("A", &[USUAL])]);
        areas["crs"] = crs;
        areas.to_string()
    };
    scene.write(
        "unknown.geojson",
        with_crs(json!({"type": "name", "properties": {"name": "urn:x"}})),
    );
    scene.write("link.geojson", with_crs(json!({"type": "link", "properties": {"href": "x"}})));
    let cases = [
        ("gone.geojson", "no such file (looked for [folder]/gone.geojson)"),
        ("gone.gpkg", "no such file (looked for [folder]/gone.gpkg)"),
        ("empty.geojson", "the file is empty"),
        ("cut.geojson", "not whole: it ends in the middle, at line 1 column 120"),
        ("nothing.geojson", "it holds no feature, wanted areas"),
        ("array.geojson", "a list, wanted a FeatureCollection"),
        ("object.geojson", "not GeoJSON: it has no member `type`"),
        ("latin.geojson", "not UTF-8 text, from byte 11 on"),
        ("unknown.geojson", "reference system \"urn:x\" is not known to PROJ"),
        ("link.geojson", "its `crs` member names no reference system"),
        ("folder.geojson", "a directory of 1 file, none of which is a vector file"),
        ("folder", "a directory of 1 file, none of which is a vector file"),
        ("text.bin", "not a vector file that GDAL can open"),
        ("pop.tif", "not a vector file that GDAL can open"),
        (
            "without.shp",
            "no reference system is declared, so nobody knows where its coordinates are",
        ),
        ("areas.geojson,id=ref", "no column \"ref\"; it has id"),
    ];
    for (areas, wanted) in cases {
        let (sentence, _) = scene.refused(&format!("assess --areas {areas} --population pop.tif"));
        let file = areas.split(',').next().unwrap();
        assert_eq!(sentence, format!("{file}: {wanted}"));
    }
    // How GDAL says it differs from version to version.
    let cases = [
        ("cut.gpkg", "cut.gpkg: cannot be read: "),
        ("cut.shp", "cut.shp: its .shp ends before its last shape"),
    ];
    for (areas, wanted) in cases {
        let (sentence, _) = scene.refused(&format!("assess --areas {areas} --population pop.tif"));
        assert!(sentence.starts_with(wanted), "{sentence}");
        assert!(!sentence.contains("NULL"), "{sentence}");
    }
    let (_, hint) = scene.refused("assess --areas without.shp --population pop.tif");
    assert_eq!(
        hint,
        "declare it, if they are longitude and latitude: `crs = \"EPSG:4326\"` beside its path, or `,crs=EPSG:4326` behind it"
    );
}

#[test]
fn a_neighbor_of_the_same_stem_is_no_part_of_an_input() {
    let scene = Scene::usual();
    let alone = scene.run("assess plan.toml -o -").out;
    for name in ["areas.dbf", "areas.prj", "pop.shp", "pop.prj"] {
        scene.write(name, "stray");
    }
    assert_eq!(scene.run("assess plan.toml -o -").out, alone);
}

#[test]
fn a_table_for_people_ends_and_says_how_many_areas_it_leaves_out() {
    let scene = Scene::usual();
    let areas: Vec<_> = (0..2001).map(|id| area(&id.to_string(), &[USUAL])).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran = scene.run("assess plan.toml");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let wanted = "1 more area are not shown: `-o areas.csv` writes all of them\n";
    assert!(ran.out.ends_with(wanted), "{}", ran.out.lines().last().unwrap());
    assert_eq!(scene.run("assess plan.toml -o areas.csv").code, 0);
    assert_eq!(String::from_utf8(scene.read("areas.csv")).unwrap().lines().count(), 2002);
}

#[test]
fn areas_that_do_not_fit_into_memory_are_refused_with_what_they_need() {
    let scene = Scene::usual();
    let ring = (0..300_000_u32).map(|at| {
        let turn = f64::from(at) / 300_000.0 * std::f64::consts::TAU;
        [20.05 + 0.02 * turn.cos(), 49.95 + 0.02 * turn.sin()]
    });
    let mut ring: Vec<[f64; 2]> = ring.collect();
    ring.push(ring[0]);
    let mut one = area("A", &[USUAL]);
    one["geometry"] = json!({"type": "Polygon", "coordinates": [ring]});
    scene.write("areas.geojson", collection(&[one]).to_string());
    for args in ["assess plan.toml", "check plan.toml", "inspect areas.geojson"] {
        let ran = scene.run(&format!("{args} --memory 60M"));
        assert!(
            ran.err.contains("of memory, and 60 MiB may be used")
                || ran.out.contains("of memory, and 60 MiB may be used"),
            "{args}: {}{}",
            ran.err,
            ran.out
        );
        let ran = scene.run(&format!("{args} --memory 1G"));
        assert_eq!(ran.code, 0, "the hint works: {args}: {}", ran.err);
    }
}
