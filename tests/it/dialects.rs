//! Layers as servers and programs send them, with what was read wrong or left out of them without a word.

use crate::hints::Case;
use crate::hints::Follow::{Command, Edit, Run};
use crate::scene::{Scene, USUAL, area, collection, feature, point, ring};
use crate::sidecar::archive;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Hints about layers of vectors.
pub(crate) const VECTORS: [Case; 22] = [
    (
        "& meters.shp,crs=UTM --population pop.tif",
        "write the code of one: ",
        Run("& meters.shp,crs=EPSG:32634 --population pop.tif"),
    ),
    (
        "& meters.shp,crs=32634 --population pop.tif",
        "did you mean `EPSG:32634`?",
        Run("& meters.shp,crs=EPSG:32634 --population pop.tif"),
    ),
    (
        "& areas.geojson,buffer_m=2km --population pop.tif",
        "write the number of meters alone: `buffer_m=2000`",
        Run("& areas.geojson,buffer_m=2000 --population pop.tif"),
    ),
    (
        "& bare.shp --population pop.tif",
        "declare it, if they are longitude and latitude",
        Run("& bare.shp,crs=EPSG:4326 --population pop.tif"),
    ),
    (
        "& meters.shp --population pop.tif",
        "declare it, by the code of the system that they were drawn in",
        Run("& meters.shp,crs=EPSG:32634 --population pop.tif"),
    ),
    (
        "& table.dbf --population pop.tif",
        "make a table of it",
        Command("ogr2ogr", "& table_new.csv --population pop.tif"),
    ),
    (
        "& places.csv --population pop.tif",
        "call their columns `longitude` and `latitude`",
        Edit(|scene| scene.write("places.csv", "id,longitude,latitude\n1,20.03,49.93\n")),
    ),
    (
        "& filled.csv --population pop.tif",
        "fill its columns `lon` and `lat`",
        Edit(|scene| scene.write("filled.csv", "id,lon,lat\n1,20.03,49.93\n")),
    ),
    (
        "& grads.shp --population pop.tif",
        "carry it over",
        Command("ogr2ogr", "& grads_new.gpkg --population pop.tif"),
    ),
    (
        "& layers.gpkg --population pop.tif",
        "name one: `layer",
        Run("& layers.gpkg,layer=north --population pop.tif"),
    ),
    (
        "& layers.gpkg,layer=zzz --population pop.tif",
        "name one of them",
        Run("& layers.gpkg,layer=north --population pop.tif"),
    ),
    (
        "& one.gpkg,layer=zzz --population pop.tif",
        "leave `layer` out",
        Run("& one.gpkg --population pop.tif"),
    ),
    (
        "& pop.tif --population pop.tif",
        "a raster of people is given",
        Run("& areas.geojson --population pop.tif"),
    ),
    (
        "& text.gpkg --population pop.tif",
        "see that it is whole, and a vector file",
        Run("& areas.geojson --population pop.tif"),
    ),
    (
        "& meters.geojson --population pop.tif",
        "these look like meters",
        Command("ogr2ogr", "& meters_new.gpkg --population pop.tif"),
    ),
    (
        "sites meters_sites.geojson,class=hospital",
        "declare it, by the code of the system that they were drawn in",
        Run("sites meters_sites.geojson,class=hospital,crs=EPSG:32634"),
    ),
    (
        "& list.json --population pop.tif",
        "before a list of features",
        Edit(|scene| {
            let list = String::from_utf8(scene.read("list.json")).unwrap();
            scene.write(
                "list.json",
                format!("{{\"type\": \"FeatureCollection\", \"features\": {list}}}"),
            );
        }),
    ),
    (
        "& cut.fgb --population pop.tif",
        "a copy or a download may be cut off",
        Edit(|scene| scene.write("cut.fgb", scene.read("whole.fgb"))),
    ),
    (
        "& swapped.geojson --population pop.tif",
        "longitude comes first",
        Edit(|scene| {
            scene.write("swapped.geojson", collection(&[area("A", &[USUAL])]).to_string());
        }),
    ),
    (
        "& point.geojson --population pop.tif",
        "give `buffer_lines_m = 500`",
        Run("& point.geojson,buffer_lines_m=500 --population pop.tif"),
    ),
    (
        "& cut.geojson --population pop.tif",
        "fetch or write the file again",
        Edit(|scene| scene.write("cut.geojson", scene.read("areas.geojson"))),
    ),
    (
        "& crs.geojson --population pop.tif",
        "write it as urn:ogc:def:crs",
        Edit(|scene| scene.write("crs.geojson", scene.read("areas.geojson"))),
    ),
];

/// Places in tables.
/// Hints about places in tables.
pub(crate) const PLACES: [Case; 2] = [
    (
        "& commas.csv --population pop.tif",
        "in quotes, as numbers with decimal commas",
        Edit(|scene| {
            scene.write("commas.csv", "id,lat,lon\n1,\"49,93\",\"20,03\"\n2,\"49,94\",\"20,04\"\n");
        }),
    ),
    (
        "& degrees.csv,crs=EPSG:32634 --population pop.tif",
        "take the system away",
        Run("& degrees.csv --population pop.tif"),
    ),
];

/// The sites of a layer, each by its properties and its geometry, and what was said.
fn sites(scene: &Scene, layer: &str) -> (Vec<Value>, String) {
    let ran = scene.run(&format!("sites {layer} --no-merge -o -"));
    let sites: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    (sites["features"].as_array().unwrap().clone(), ran.err)
}

/// Where the sites of a layer of hospitals are, if they are points.
fn places(scene: &Scene, layer: &str) -> (Vec<[f64; 2]>, String) {
    let (sites, err) = sites(scene, &format!("{layer},class=hospital"));
    let at = |site: &Value| {
        let at = &site["geometry"]["coordinates"];
        [0, 1].map(|axis| (at[axis].as_f64().unwrap() * 1e5).round() / 1e5)
    };
    (sites.iter().map(at).collect(), err)
}

#[test]
fn steps_of_a_grid_of_esri_are_places() {
    let scene = Scene::empty();
    let answer = |origin: &str, geometry: &Value, kind: &str| {
        json!({"geometryType": kind, "spatialReference": {"wkid": 102_100, "latestWkid": 3857},
            "transform": {"originPosition": origin, "scale": [10, 10], "translate": [4_909_189, 1_011_000]},
            "features": [{"attributes": {"name": "A"}, "geometry": geometry}]})
    };
    let (x, y) = (100.0, 200.0);
    for (origin, north) in
        [("upperLeft", 1_011_000.0 - 2_000.0), ("lowerLeft", 1_011_000.0 + 2_000.0)]
    {
        let text = answer(origin, &json!({"x": x, "y": y}), "esriGeometryPoint").to_string();
        scene.write("q.json", text);
        let radius = 6_378_137.0_f64;
        let lon = ((4_909_189.0 + 1_000.0) / radius).to_degrees();
        let lat = (2.0 * (north / radius).exp().atan()).to_degrees() - 90.0;
        let (found, err) = places(&scene, "q.json");
        assert!(
            (found[0][0] - lon).abs() < 2e-5 && (found[0][1] - lat).abs() < 2e-5,
            "{found:?} {err}"
        );
    }
    // A square of 100 m on a side: each corner is counted from the one before.
    let square = json!({"rings": [[[0, 0], [10, 0], [0, 10], [-10, 0], [0, -10]]]});
    scene.write("q.json", answer("upperLeft", &square, "esriGeometryPolygon").to_string());
    let (found, err) = sites(&scene, "q.json,class=hospital");
    let ring = &found[0]["geometry"]["coordinates"][0][0];
    let (west, east) = (ring[0][0].as_f64().unwrap(), ring[2][0].as_f64().unwrap());
    assert!(((west - east).abs() - 100.0 / 111_319.5).abs() < 1e-6, "{ring} {err}");
    let mut broken = answer("upperLeft", &json!({"x": 1, "y": 1}), "esriGeometryPoint");
    broken["transform"]["scale"] = json!([]);
    scene.write("q.json", broken.to_string());
    let (found, err) = places(&scene, "q.json");
    assert!(found.is_empty() && err.contains("quantizationParameters"), "{err}");
}

#[test]
fn a_geometry_of_esri_in_another_system_is_no_part_of_the_layer() {
    let scene = Scene::empty();
    let at = |wkid: u64| json!({"attributes": {}, "geometry": {"x": 44, "y": 9, "spatialReference": {"wkid": wkid}}});
    let answer = json!({"geometryType": "esriGeometryPoint", "spatialReference": {"wkid": 4326},
        "features": [at(4326), at(102_100)]});
    scene.write("q.json", answer.to_string());
    let (found, err) = places(&scene, "q.json");
    assert_eq!(found, [[44.0, 9.0]], "{err}");
    assert!(err.contains("its spatialReference is 3857, and that of the file is 4326"), "{err}");
}

#[test]
fn many_holes_of_many_rings_take_no_hour() {
    let scene = Scene::empty();
    let mut rings = Vec::new();
    for at in 0..20_000_i64 {
        let (west, south) = ((at % 200) as f64 * 0.01, (at / 200) as f64 * 0.01);
        let mut outer = ring([west, south, west + 0.008, south + 0.008]);
        outer.as_array_mut().unwrap().reverse();
        rings.push(outer);
        rings.push(ring([west + 0.002, south + 0.002, west + 0.004, south + 0.004]));
    }
    let answer = json!({"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4326},
        "features": [{"attributes": {}, "geometry": {"rings": rings}}]});
    scene.write("q.json", answer.to_string());
    let start = Instant::now();
    let (found, err) = sites(&scene, "q.json,class=hospital");
    let parts = found[0]["geometry"]["coordinates"].as_array().unwrap();
    assert_eq!((parts.len(), parts[19_999].as_array().unwrap().len()), (20_000, 2), "{err}");
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn nodes_in_xml_without_a_place_are_told_and_lost() {
    let scene = Scene::usual();
    let node = |id: &str, lat: &str, key: &str| {
        format!(
            "<node id=\"{id}\" lat=\"{lat}\" lon=\"20.03\"><tag k=\"{key}\" v=\"clinic\"/></node>"
        )
    };
    let nodes = [
        node("1", "49.93", "amenity"),
        node("2", "9,5", "amenity"),
        node("3", "nan", "amenity"),
        node("4", "95", "amenity"),
        node("5", "", "note"),
        node("abc", "49.93", "amenity"),
        "<node id=\"6\"/><node id=\"7\" lat=\"49.93\" lon=\"20.04\"/>".to_string(),
        "<way id=\"8\"><nd ref=\"7\"/><nd ref=\"?\"/><tag k=\"amenity\" v=\"school\"/></way>"
            .to_string(),
    ];
    scene.write("x.osm", format!("<osm version=\"0.6\">{}</osm>", nodes.concat()));
    let (found, err) = sites(&scene, "x.osm");
    let ids: Vec<&str> =
        found.iter().map(|site| site["properties"]["site_id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["node/1", "way/8"], "{err}");
    for wanted in [
        "its latitude is \"9,5\" and its longitude \"20.03\", wanted degrees as 9.05",
        "its latitude is \"nan\"",
        "[20.03, 95] is no longitude and latitude",
        "its id is \"abc\", wanted a whole number",
        "4 (its place cannot be read)",
    ] {
        assert!(err.contains(wanted), "{wanted}: {err}");
    }
    let ran = scene.run("assess plan.toml --sites x.osm -o -");
    let lost = &ran.assessment().0["civex"];
    assert!(lost.to_string().contains("\"its place cannot be read\":4"), "{lost}");
}

#[test]
fn overpass_says_in_xml_what_it_says_in_json() {
    let scene = Scene::empty();
    let along = [[9.0, 44.0], [9.0, 44.1], [9.1, 44.1], [9.1, 44.0], [9.0, 44.0]];
    let nd = |at: &[[f64; 2]]| -> String {
        let one = |[lat, lon]: &[f64; 2]| format!("<nd lat=\"{lat}\" lon=\"{lon}\"/>");
        at.iter().map(one).collect::<Vec<_>>().concat()
    };
    let tag = |key: &str, value: &str| format!("<tag k=\"{key}\" v=\"{value}\"/>");
    let text = format!(
        "<osm version=\"0.6\" generator=\"Overpass API\"><meta osm_base=\"2026\"/><remark> runtime error: timed out </remark>\
         <way id=\"1\"><center lat=\"9.5\" lon=\"44.5\"/><nd ref=\"1\"/><nd ref=\"2\"/>{hospital}</way>\
         <way id=\"2\"><bounds minlat=\"9\"/>{}{hospital}</way>\
         <relation id=\"3\"><member type=\"way\" ref=\"7\" role=\"outer\">{}</member>\
         <member type=\"way\" ref=\"8\" role=\"outer\">{}</member>{}{hospital}</relation>\
         <relation id=\"4\"><center lat=\"9.6\" lon=\"44.6\"/><member type=\"node\" ref=\"1\"/>{}{hospital}</relation>\
         </osm>",
        nd(&along),
        nd(&along[..3]),
        nd(&along[2..]),
        tag("type", "multipolygon"),
        tag("type", "site"),
        hospital = tag("amenity", "hospital"),
    );
    scene.write("x.osm", text);
    let (found, err) = sites(&scene, "x.osm");
    let drawn = |id: &str| {
        let site = found.iter().find(|site| site["properties"]["site_id"] == id);
        &site.unwrap_or_else(|| panic!("{id}: {err}"))["geometry"]
    };
    assert_eq!(drawn("way/1"), &json!({"type": "Point", "coordinates": [44.5, 9.5]}));
    assert_eq!(drawn("way/2")["type"], "Polygon");
    let surface = drawn("relation/3");
    assert_eq!(surface["type"], "MultiPolygon");
    assert_eq!(surface["coordinates"][0][0].as_array().unwrap().len(), 5, "{surface}");
    assert_eq!(drawn("relation/4"), &json!({"type": "Point", "coordinates": [44.6, 9.6]}));
    assert!(err.contains("the server says: runtime error: timed out"), "{err}");
}

#[test]
fn one_element_of_overpass_costs_no_other_and_what_is_cut_stands_at_its_center() {
    let scene = Scene::empty();
    let tags = json!({"amenity": "hospital", "name": "N"});
    let answer = json!({"elements": [
        {"type": "node", "id": 1, "lat": "9", "lon": 44, "tags": tags},
        {"type": "node", "id": 2, "lat": 9, "lon": 44, "tags": {"amenity": "hospital"}},
        {"type": "way", "id": 3, "nodes": [2, 77, 78], "center": {"lat": 9.5, "lon": 44.5}, "tags": {"amenity": "hospital"}},
        {"type": "node", "id": "x"}
    ]});
    scene.write("o.json", answer.to_string());
    let (found, err) = places(&scene, "o.json");
    assert_eq!(found, [[44.0, 9.0], [44.5, 9.5]], "{err}");
    assert!(
        err.contains(
            "site \"N\" (feature 1): it cannot be read: found the text \"9\", wanted a number"
        ),
        "{err}"
    );
    assert!(err.contains("2 objects not readable"), "{err}");
}

#[test]
fn ways_that_many_relations_share_are_counted_for_each() {
    let scene = Scene::empty();
    let nodes: Vec<Value> = (0..2_000)
        .map(
            |at| json!({"lat": 9.0 + f64::from(at) * 1e-5, "lon": 44.0 + f64::from(at % 2) * 1e-5}),
        )
        .collect();
    let mut elements = vec![json!({"type": "way", "id": 1, "geometry": nodes})];
    for id in 0..4_000 {
        elements.push(json!({"type": "relation", "id": id, "tags": {"type": "multipolygon", "amenity": "hospital"},
            "members": [{"type": "way", "ref": 1, "role": "outer"}]}));
    }
    scene.write("o.json", json!({"elements": elements}).to_string());
    let (sentence, hint) = scene.refused("sites o.json --memory 200M --no-merge");
    assert!(sentence.contains("memory") && hint.contains("--memory"), "{sentence} {hint}");
}

/// A KML of elements.
fn kml(inside: &str) -> String {
    format!("<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>{inside}</Document></kml>")
}

fn mark(name: &str, geometry: &str) -> String {
    format!("<Placemark><name>{name}</name>{geometry}</Placemark>")
}

fn at(text: &str) -> String {
    format!("<Point><coordinates>{text}</coordinates></Point>")
}

#[test]
fn coordinates_of_kml_with_more_than_three_numbers_are_none() {
    let scene = Scene::empty();
    let marks = [
        mark("good", &at("44.1,9.05,0")),
        mark("commas", &at("44,1,9,05")),
        mark(
            "joint",
            "<LineString><coordinates>44,9,0,44.1,9,0,44.2,9,0</coordinates></LineString>",
        ),
        mark("two", &at("44,1 9,05")),
        mark("blanks", &at(" 44.2, 9.05, 0 ")),
        mark("tail", &at("44.3,9.05,")),
    ];
    scene.write("x.kml", kml(&marks.concat()));
    let (found, err) = places(&scene, "x.kml");
    assert_eq!(found, [[44.1, 9.05], [44.2, 9.05], [44.3, 9.05]], "{err}");
    for wanted in [
        "site \"commas\" (feature 2): the geometry cannot be read: found the text \"44,1,9,05\"",
        "found the text \"44,9,0,44.1,9,0,44.2,9,0\", wanted longitude, latitude and perhaps a height",
        "site \"two\" (feature 4): the geometry cannot be read: a Point of several places",
    ] {
        assert!(err.contains(wanted), "{wanted}: {err}");
    }
}

#[test]
fn a_second_outer_boundary_is_ground_or_told() {
    let scene = Scene::empty();
    let boundary = |kind: &str, west: u32| {
        let east = west + 1;
        format!(
            "<{kind}><LinearRing><coordinates>{west},9 {east},9 {east},10 {west},9</coordinates></LinearRing></{kind}>"
        )
    };
    let outer = |west| boundary("outerBoundaryIs", west);
    let polygon = |inside: &str| format!("<Polygon>{inside}</Polygon>");
    let two = [outer(44), outer(46)].concat();
    let holed = [two.clone(), boundary("innerBoundaryIs", 44)].concat();
    scene.write("x.kml", kml(&[mark("a", &polygon(&two)), mark("b", &polygon(&holed))].concat()));
    let (found, err) = sites(&scene, "x.kml,class=hospital");
    assert_eq!(found[0]["geometry"]["coordinates"].as_array().unwrap().len(), 2, "{err}");
    assert!(
        found.len() == 1 && err.contains("a Polygon of 2 outer boundaries, wanted one"),
        "{err}"
    );
}

#[test]
fn documents_of_an_archive_are_read_where_they_are_linked_and_told_where_not() {
    let scene = Scene::empty();
    let link = |href: &str| format!("<NetworkLink><Link><href>{href}</href></Link></NetworkLink>");
    let first =
        kml(&[mark("a", &at("44,9")), link("files/b.kml"), link("https://example.org/c.kml")]
            .concat());
    let second = kml(&[mark("b", &at("45,9")), link("../d.kml")].concat());
    let third = kml(&mark("d", &at("46,9")));
    let files = [
        ("doc.kml", first.into_bytes()),
        ("files/b.kml", second.into_bytes()),
        ("d.kml", third.into_bytes()),
        ("more.kml", kml(&mark("m", &at("47,9"))).into_bytes()),
    ];
    scene.write("x.kmz", archive(&files));
    let (found, err) = places(&scene, "x.kmz");
    assert_eq!(found, [[44.0, 9.0], [45.0, 9.0], [46.0, 9.0]], "{err}");
    assert!(
        err.contains("1 link to other files (https://example.org/c.kml), which are not followed"),
        "{err}"
    );
    assert!(err.contains("1 document in it not read (more.kml)"), "{err}");
    assert_eq!(places(&scene, "/vsizip/x.kmz/more.kml").0, [[47.0, 9.0]]);
    let ran = scene.run("inspect x.kmz");
    assert!(ran.out.contains("not followed"), "{}", ran.out);
}

#[test]
fn placemarks_and_folders_without_end_take_their_time_once() {
    let scene = Scene::empty();
    let marks: String = (0..50_000).map(|_| mark("x", &at("44,9"))).collect();
    scene.write("flat.kml", kml(&marks));
    let folders = vec![format!("<Folder>{}</Folder>", mark("x", &at("44,9"))); 50_000].concat();
    scene.write("folders.kml", kml(&folders));
    let data = "<Data name=\"k\"><value>1</value></Data>".repeat(20_000);
    let one = format!("<ExtendedData>{data}</ExtendedData>{}", at("44,9"));
    scene.write("data.kml", kml(&mark("x", &one)));
    for (name, records) in [
        ("flat.kml", "50,000 records"),
        ("folders.kml", "50,000 records"),
        ("data.kml", "1 record"),
    ] {
        let start = Instant::now();
        let ran = scene.run(&format!("sites {name},class=hospital --no-merge"));
        assert!(ran.out.contains(records), "{}{}", ran.out, ran.err);
        assert!(start.elapsed() < Duration::from_secs(30), "{name}: {:?}", start.elapsed());
    }
}

#[test]
fn what_lies_beside_a_layer_in_an_archive_is_told() {
    let scene = Scene::usual();
    let layer = collection(&[point([44.0, 9.0], &json!({}))]).to_string().into_bytes();
    let table = b"name,lon,lat\nB,45,9\n".to_vec();
    let place = kml(&mark("c", &at("46,9"))).into_bytes();
    scene.write(
        "two.zip",
        archive(&[("a.geojson", layer.clone()), ("b.csv", table.clone()), ("c.xlsx", vec![0])]),
    );
    let (found, err) = places(&scene, "two.zip");
    assert_eq!(found, [[44.0, 9.0]]);
    assert!(err.contains("only a.geojson in it is read, not b.csv, c.xlsx"), "{err}");
    assert_eq!(places(&scene, "two.zip,layer=b").0, [[45.0, 9.0]]);
    scene.write("three.zip", archive(&[("a.geojson", layer), ("b.csv", table), ("c.kml", place)]));
    let (sentence, _) = scene.refused("sites three.zip,class=hospital");
    assert_eq!(sentence, "three.zip: it has 3 layers: a, b, c");
}

#[test]
fn a_shapefile_says_which_of_its_files_is_missing_or_cut() {
    let scene = Scene::usual();
    let shape = "POINT (44 9)";
    scene.layer("h.shp", "ESRI Shapefile", Some(4326), &[shape, shape, shape]);
    for (name, cut) in [("shp", 120), ("shx", 110)] {
        for ending in ["shp", "shx", "dbf", "prj"] {
            let bytes = scene.read(&format!("h.{ending}"));
            let length = if ending == name { cut } else { bytes.len() };
            scene.write(&format!("cut.{ending}"), &bytes[..length]);
        }
        let (sentence, hint) = scene.refused("sites cut.shp,class=hospital");
        assert_eq!(sentence, format!("cut.shp: its .{name} ends before its last shape"));
        assert!(hint.contains("fetch it again"), "{hint}");
    }
    let files = ["shp", "dbf", "prj"]
        .map(|ending| (format!("h.{ending}"), scene.read(&format!("h.{ending}"))));
    let files: Vec<_> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    scene.write("no_shx.zip", archive(&files));
    let (_, hint) = scene.refused("sites no_shx.zip,class=hospital");
    assert!(hint.contains("unpack the archive"), "{hint}");
    std::fs::remove_file(scene.path("h.dbf")).unwrap();
    let (found, err) = places(&scene, "h.shp");
    assert!(found.len() == 3 && err.contains("its .dbf is not beside it"), "{err}");
}

#[test]
fn names_in_archives_are_read_in_the_encoding_of_their_machine() {
    let scene = Scene::usual();
    scene.layer("h.shp", "ESRI Shapefile", Some(4326), &["POINT (44 9)"]);
    let cyrillic: &[u8] = &[0xa1, 0xae, 0xab, 0xec, 0xad, 0xa8, 0xe6, 0xa0];
    let latin: &[u8] = b"h\x93pital";
    for (stem, shown) in
        [(cyrillic, "больница"), (latin, "hôpital"), ("больница".as_bytes(), "больница")]
    {
        let mut zip = Vec::new();
        let holder = "q".repeat(stem.len());
        let files = ["shp", "shx", "dbf", "prj"]
            .map(|ending| (format!("{holder}.{ending}"), scene.read(&format!("h.{ending}"))));
        let files: Vec<_> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        let text = archive(&files);
        let mut rest = text.as_slice();
        while let Some(at) = memchr::memmem::find(rest, holder.as_bytes()) {
            zip.extend(&rest[..at]);
            zip.extend(stem);
            rest = &rest[at + stem.len()..];
        }
        zip.extend(rest);
        scene.write("x.zip", zip);
        assert_eq!(places(&scene, "x.zip").0, [[44.0, 9.0]], "{shown}");
        let (sentence, _) = scene.refused("sites x.zip,class=hospital,layer=zzz");
        assert!(sentence.contains(shown), "{sentence}");
    }
}

#[test]
fn a_system_that_a_file_does_not_name_may_be_declared() {
    let scene = Scene::usual();
    let meters = collection(&[point([500_000.0, 1_000_000.0], &json!({}))]);
    scene.write("m.geojson", meters.to_string());
    let topology = json!({"type": "Topology", "arcs": [], "objects": {"a": {"type": "GeometryCollection", "geometries": [
        {"type": "Point", "coordinates": [500_000, 1_000_000]}]}}});
    scene.write("t.topojson", topology.to_string());
    scene.layer("none.gpkg", "GPKG", Some(4326), &["POINT (500000 1000000)"]);
    let database = rusqlite::Connection::open(scene.path("none.gpkg")).unwrap();
    for table in ["gpkg_geometry_columns", "gpkg_contents"] {
        database.execute(&format!("UPDATE {table} SET srs_id = -1"), []).unwrap();
    }
    drop(database);
    for name in ["m.geojson", "t.topojson", "none.gpkg"] {
        let (sentence, hint) = scene.refused(&format!("sites {name},class=hospital"));
        assert!(sentence.contains("no reference system is declared"), "{name}: {sentence}");
        assert!(hint.contains("`,crs=EPSG:…`"), "{name}: {hint}");
        let (found, err) = places(&scene, &format!("{name},crs=EPSG:32637"));
        assert_eq!(found, [[39.0, 9.04656]], "{name}: {err}");
    }
    // One place that cannot be is a fault of its own.
    let one = collection(&[point([500.0, 9e5], &json!({})), point([44.0, 9.0], &json!({}))]);
    scene.write("one.geojson", one.to_string());
    assert_eq!(places(&scene, "one.geojson").0, [[44.0, 9.0]]);
    let (sentence, _) = scene.refused("sites one.geojson,class=hospital,crs=EPSG:32637");
    assert!(sentence.contains("the file itself says"), "{sentence}");
}

#[test]
fn a_system_within_a_feature_is_honored_or_told() {
    let scene = Scene::usual();
    let own = |system: &str, at: [f64; 2]| {
        let mut site = point(at, &json!({}));
        site["geometry"]["crs"] = json!({"type": "name", "properties": {"name": system}});
        site
    };
    let meters = [4_897_997.3, 1_006_023.7];
    let all = [
        own("EPSG:3857", meters),
        own("urn:ogc:def:crs:EPSG::3857", meters),
        own("EPSG:32637", meters),
    ];
    scene.write("crs.geojson", collection(&all).to_string());
    let (found, err) = places(&scene, "crs.geojson");
    assert_eq!(found.len(), 2, "{err}");
    assert!((found[0][0] - 44.0).abs() < 1e-3 && (found[0][1] - 9.0).abs() < 1e-3, "{found:?}");
    assert!(err.contains("its own `crs` is 32637, and the file is in 3857"), "{err}");
    let lines = all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    scene.write("crs.geojsonl", lines);
    assert_eq!(places(&scene, "crs.geojsonl").0, found);
}

#[test]
fn texts_of_json_that_hold_no_collection_say_what_they_are() {
    let scene = Scene::usual();
    let one = collection(&[point([44.0, 9.0], &json!({}))]).to_string();
    scene.write("twice.geojson", format!("{one}\n{one}"));
    let (sentence, hint) = scene.refused("sites twice.geojson,class=hospital");
    assert!(sentence.contains("several collections one behind the other"), "{sentence}");
    assert!(hint.contains("jq -c '.features[]'"), "{hint}");
    scene.write("list.json", "[{\"lat\": 9, \"lon\": 44}]");
    let (sentence, hint) = scene.refused("sites list.json,class=hospital");
    assert!(sentence.contains("a list, wanted a FeatureCollection"), "{sentence}");
    assert!(hint.contains("make a table"), "{hint}");
    // Geometries one a line are features without properties.
    scene.write("bare.geojsonl", "{\"type\":\"Point\",\"coordinates\":[44,9]}\n{\"type\":\"Point\",\"coordinates\":[45,9]}\n");
    assert_eq!(places(&scene, "bare.geojsonl").0, [[44.0, 9.0], [45.0, 9.0]]);
    for (name, marked) in [("le.json", true), ("be.json", false)] {
        let units = std::iter::once(0xfeff).chain(one.encode_utf16());
        let bytes =
            units.flat_map(|unit| if marked { unit.to_le_bytes() } else { unit.to_be_bytes() });
        scene.write(name, bytes.collect::<Vec<u8>>());
        assert_eq!(places(&scene, name).0, [[44.0, 9.0]], "{name}");
        assert_eq!(scene.run(&format!("inspect {name}")).code, 0, "{name}");
    }
}

#[test]
fn messages_call_a_site_by_its_name_unless_that_tells_where_it_is() {
    let scene = Scene::usual();
    let nowhere = |name: &str| feature(&Value::Null, &json!({"name": name, "beds": "many"}));
    let outside = point([USUAL[0], 95.0], &json!({"name": "Al Noor"}));
    scene.write("s.geojson", collection(&[nowhere("Al Amal"), outside.clone()]).to_string());
    let (_, err) = sites(&scene, "s.geojson,class=hospital");
    assert!(err.contains("site \"Al Amal\" (feature 1)"), "{err}");
    assert!(err.contains("site \"Al Noor\" (feature 2)"), "{err}");
    let (_, err) = sites(&scene, "s.geojson,class=safe_house");
    assert!(!err.contains("Al Noor") && err.contains("safe_house"), "{err}");
}
