//! Layers as programs write them: curves, KML and KMZ, dialects of JSON, archives and folders, legacy encodings,
//! OpenStreetMap as text; each gives what the same layer gives in a plain file, or says what to do.

use crate::scene::{Assessment, Scene, USUAL, area, ring};
use crate::sidecar::archive;
use gdal::DriverManager;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{
    Feature, Geometry, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType,
};
use serde_json::{Value, json};
use std::f64::consts::PI;
use std::io::Write;

const SHAPE: &str = "POLYGON ((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))";

/// Assesses areas and expects a status.
fn assessed(scene: &Scene, areas: &str, code: i32) -> (Assessment, String) {
    let ran = scene.run(&format!(
        "assess --areas {areas} --population pop.tif,nodata_means=zero --no-cache -o -"
    ));
    assert_eq!(ran.code, code, "{areas}: {}", ran.err);
    (ran.assessment(), ran.err)
}

/// Ninety people on nine whole cells, in the first row.
fn holds_ninety(scene: &Scene, areas: &str) -> String {
    let (assessment, err) = assessed(scene, areas, 0);
    let best = assessment.number(0, "pop_best");
    assert!((best - 90.0).abs() < 0.001, "{areas}: {best}");
    err
}

#[test]
fn curves_hold_what_their_closed_form_says() {
    let scene = Scene::usual();
    // A circle of the width of two cells, each of which holds ten people.
    let circle = "CURVEPOLYGON (CIRCULARSTRING (20.05 49.95, 20.03 49.95, 20.05 49.95))";
    let halves = "MULTISURFACE (CURVEPOLYGON (COMPOUNDCURVE (CIRCULARSTRING (20.05 49.95, 20.04 49.96, 20.03 49.95), \
                  CIRCULARSTRING (20.03 49.95, 20.04 49.94, 20.05 49.95))))";
    scene.write("circle.csv", format!("id,WKT\n1,\"{circle}\"\n"));
    scene.layer("circle.gpkg", "GPKG", Some(4326), &[circle]);
    scene.layer("halves.gpkg", "GPKG", Some(4326), &[halves]);
    scene.layer("circle.gml", "GML", Some(4326), &[circle]);
    for areas in ["circle.csv", "circle.gpkg", "halves.gpkg", "circle.gml"] {
        let (assessment, err) = assessed(&scene, areas, 0);
        let best = assessment.number(0, "pop_best");
        assert!((best / (10.0 * PI) - 1.0).abs() < 1e-5, "{areas}: {best} {err}");
    }
    let straight = SHAPE.replace("POLYGON", "MULTISURFACE (") + ")";
    scene.layer("straight.gpkg", "GPKG", Some(4326), &[&straight]);
    scene.layer("curve.gpkg", "GPKG", Some(4326), &[&SHAPE.replace("POLYGON", "CURVEPOLYGON")]);
    let tin = "TIN Z (((20.02 49.92 1,20.05 49.92 1,20.05 49.95 2,20.02 49.92 1)),\
               ((20.02 49.92 1,20.05 49.95 2,20.02 49.95 1,20.02 49.92 1)))";
    scene.layer("tin.gpkg", "GPKG", Some(4326), &[tin]);
    for areas in ["straight.gpkg", "curve.gpkg", "tin.gpkg"] {
        holds_ninety(&scene, areas);
    }
    let ran = scene.run("sites circle.gpkg,class=hospital");
    assert!(ran.out.contains("1 record"), "{}{}", ran.out, ran.err);
}

/// A KML of a plan: folders of courses of action and phases, data with and without a schema.
fn plan_kml() -> String {
    let ground = "<Polygon><outerBoundaryIs><LinearRing><coordinates>20.02,49.92,0 20.05,49.92,0 20.05, 49.95,0 \
                  20.02,49.95,0 20.02,49.92,0</coordinates></LinearRing></outerBoundaryIs></Polygon>";
    let mark = |id: &str, more: &str| {
        format!("<Placemark id=\"{id}\"><name>N &amp; S</name>{more}{ground}</Placemark>")
    };
    let data = "<TimeSpan><begin>2026-12-01</begin><end>2026-12-02</end></TimeSpan>\
                <description><![CDATA[<table><tr><td>beds</td></tr></table>]]></description>\
                <ExtendedData><Data name=\"beds\"><value>12</value></Data><SchemaData schemaUrl=\"#s\">\
                <SimpleData name=\"staff\">7</SimpleData><SimpleData name=\"ward\">east</SimpleData></SchemaData>\
                <gx:note>n</gx:note></ExtendedData>";
    let own = "<ExtendedData><Data name=\"id\"><value>own</value></Data><Data name=\"coa\"><value>C</value></Data>\
               <Data name=\"start\"><value>2026/12/01 06:00:00+00</value></Data>\
               <Data name=\"end\"><value>2026/12/01 18:00:00+00</value></Data></ExtendedData>";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\
         <name>plan.kmz</name><Schema id=\"s\" name=\"s\"><SimpleField type=\"int\" name=\"staff\"/></Schema>\
         <Folder><name>Plan</name><Folder><name>A</name><Folder><name>1</name>{}</Folder><Folder><name>2</name>{}\
         </Folder></Folder><Folder><name>B</name>{}</Folder></Folder>\
         <NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink></Document></kml>",
        mark("m1", data),
        mark("m2", ""),
        mark("m3", own),
    )
}

#[test]
fn kml_and_kmz_tell_all_that_their_placemarks_say() {
    let scene = Scene::usual();
    scene.write("plan.kml", plan_kml());
    scene.write(
        "plan.kmz",
        archive(&[("icon.png", vec![1]), ("files/any name.kml", plan_kml().into())]),
    );
    scene.write("zipped.zip", archive(&[("in/plan.kml", plan_kml().into())]));
    let (told, err) = assessed(&scene, "plan.kml", 0);
    assert!(
        err.contains("1 link to other files (http://127.0.0.1:9/a.kml), which are not followed"),
        "{err}"
    );
    assert_eq!(told.column("area_id"), [json!("m1"), json!("m2"), json!("own")]);
    assert_eq!(told.column("coa"), [json!("A"), json!("A"), json!("C")]);
    assert_eq!(told.column("phase"), [json!("1"), json!("2"), Value::Null]);
    assert_eq!(told.text(0, "name"), "N & S");
    assert_eq!(told.text(0, "description"), "<table><tr><td>beds</td></tr></table>");
    assert_eq!([told.get(0, "staff"), told.get(0, "ward")], [&json!(7), &json!("east")]);
    assert_eq!([told.get(0, "beds"), told.get(0, "note")], [&json!("12"), &json!("n")]);
    // Two whole days, and half of one.
    assert_eq!([told.number(0, "person_days"), told.number(2, "person_days")], [180.0, 45.0]);
    for same in ["plan.kmz", "zipped.zip", "/vsizip/zipped.zip/in/plan.kml"] {
        assert_eq!(assessed(&scene, same, 0).0.features(), told.features(), "{same}");
    }
    let (one, _) = assessed(&scene, "plan.kml,layer=B", 0);
    assert_eq!(one.features().len(), 1);
    let (sentence, hint) = scene.refused("assess --areas plan.kml,layer=D --population pop.tif");
    assert_eq!(sentence, "plan.kml: no layer \"D\"; it has 1, 2, B");
    assert!(!hint.is_empty());
}

#[test]
fn folders_that_call_themselves_phases_are_phases_of_one_course_of_action() {
    let scene = Scene::usual();
    let text = plan_kml()
        .replace("<name>1</name>", "<name>Phase 1</name>")
        .replace("<name>2</name>", "<name>Phase 2</name>");
    let begin = text.find("<Folder><name>B</name>").unwrap();
    let end = text.find("<NetworkLink>").unwrap();
    scene.write("plan.kml", format!("{}</Folder>{}", &text[..begin], &text[end..]));
    let (told, _) = assessed(&scene, "plan.kml", 0);
    assert_eq!(told.column("coa"), [json!("A"), json!("A")]);
    assert_eq!(told.column("phase"), [json!("Phase 1"), json!("Phase 2")]);
}

#[test]
fn a_kml_without_places_says_what_to_do() {
    let scene = Scene::usual();
    let kml = |inside: &str| {
        format!("<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>{inside}</Document></kml>")
    };
    scene.write("link.kml", kml("<NetworkLink><Link><href>a.kml</href></Link></NetworkLink>"));
    scene.write("none.kml", kml(""));
    scene.write("broken.kml", kml("<Placemark>"));
    for (name, wanted) in
        [("link", "only 1 link to other files"), ("none", "no placemark"), ("broken", "no XML")]
    {
        let (sentence, hint) =
            scene.refused(&format!("assess --areas {name}.kml --population pop.tif"));
        assert!(sentence.contains(wanted) && !hint.is_empty(), "{sentence}");
    }
}

/// A Shapefile of points whose texts, and name of a column, are in some encoding that nothing tells.
fn shapefile(scene: &Scene, name: &str, encoding: &str, column: &str, texts: &[&str]) {
    let driver = DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
    let mut file = driver.create_vector_only(scene.path(name)).unwrap();
    let mut system = SpatialRef::from_epsg(4326).unwrap();
    system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let option = format!("ENCODING={encoding}");
    let options = LayerOptions {
        name: "places",
        srs: Some(&system),
        ty: OGRwkbGeometryType::wkbPolygon,
        options: Some(&[&option]),
    };
    let layer = file.create_layer(options).unwrap();
    layer
        .create_defn_fields(&[("name", OGRFieldType::OFTString), (column, OGRFieldType::OFTString)])
        .unwrap();
    for text in texts {
        let mut feature = Feature::new(layer.defn()).unwrap();
        feature.set_geometry(Geometry::from_wkt(SHAPE).unwrap()).unwrap();
        feature.set_field_string(0, text).unwrap();
        feature.set_field_string(1, text).unwrap();
        feature.create(&layer).unwrap();
    }
    drop(file);
    let _may_be_none = std::fs::remove_file(scene.path(&name.replace(".shp", ".cpg")));
    let table = name.replace(".shp", ".dbf");
    let mut bytes = scene.read(&table);
    // The byte that only says *as on this machine*.
    bytes[29] = 0x57;
    scene.write(&table, bytes);
}

#[test]
fn shapefiles_in_legacy_encodings_have_their_names_and_say_so() {
    let scene = Scene::usual();
    for (encoding, column, texts) in [
        ("ISO-8859-1", "catégorie", ["Hôpital Saint-Étienne", "École élémentaire"]),
        ("CP1256", "اسم", ["مستشفى الكرامة", "مدرسة النور الابتدائية"]),
        ("CP1251", "имя", ["Больница скорой помощи", "Детский сад"]),
        ("CP866", "имя", ["Больница скорой помощи", "Детский сад"]),
        ("GBK", "名称", ["北京大学第一医院", "实验小学"]),
        ("CP932", "種別", ["東京都立病院", "小学校のひろば"]),
    ] {
        shapefile(&scene, "places.shp", encoding, column, &texts);
        let (told, err) = assessed(&scene, "places.shp", 0);
        assert_eq!(told.column("name"), texts.map(|text| json!(text)), "{encoding}: {err}");
        assert_eq!(told.column(column), texts.map(|text| json!(text)), "{encoding}");
        assert!(
            err.contains("does not tell the encoding of its texts; read as"),
            "{encoding}: {err}"
        );
        // The way out that is named works, and then there is nothing to say.
        scene.write("places.cpg", encoding);
        let (told, err) = assessed(&scene, "places.shp", 0);
        assert_eq!(told.column("name"), texts.map(|text| json!(text)), "{encoding}");
        assert_eq!(err, "", "{encoding}");
    }
    let files = ["shp", "shx", "dbf", "prj"].map(|ending| format!("places.{ending}"));
    let files: Vec<_> = files.iter().map(|name| (name.as_str(), scene.read(name))).collect();
    scene.write("places.zip", archive(&files));
    assert_eq!(assessed(&scene, "places.zip", 0).0.text(0, "name"), "東京都立病院");
    let table = "classes={\"東京都立病院\"=\"hospital\",\"小学校のひろば\"=\"school\"}";
    let mut command = scene.command("sites");
    let output = command.arg(format!("places.shp,class_field=種別,{table}")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("2 records"), "{said}");
}

#[test]
fn archives_and_folders_lead_to_the_layer_in_them() {
    let scene = Scene::usual();
    scene.layer("adm.shp", "ESRI Shapefile", Some(4326), &[SHAPE]);
    let of = |stem: &str, inside: &str| {
        let file =
            |ending: &str| (format!("{inside}.{ending}"), scene.read(&format!("{stem}.{ending}")));
        ["shp", "shx", "dbf", "prj"].map(file).to_vec()
    };
    let zip = |name: &str, files: &[(String, Vec<u8>)]| {
        let files: Vec<_> =
            files.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        scene.write(name, archive(&files));
    };
    let legend = ("legend.csv".to_string(), b"id,text\n1,a\n".to_vec());
    let geojson = scene.read("areas.geojson");
    zip("one.zip", &[of("adm", "adm"), vec![legend]].concat());
    zip(
        "deep.zip",
        &[of("adm", "in/a folder/adm"), vec![("__MACOSX/._adm.shp".into(), vec![0])]].concat(),
    );
    zip("two.zip", &[of("adm", "north"), of("adm", "south")].concat());
    zip("json.zip", &[("a/areas.geojson".to_string(), geojson.clone())]);
    zip("text.zip", &[("readme.txt".to_string(), vec![b'x'])]);
    for (name, bytes) in of("adm", "layers/adm").into_iter().chain(of("adm", "layers/other")) {
        scene.write(&name, bytes);
    }
    scene.write("single/areas.geojson", geojson);
    for areas in
        ["one.zip", "deep.zip", "two.zip,layer=south", "json.zip", "layers,layer=adm", "single"]
    {
        let err = holds_ninety(&scene, areas);
        let beside = "only adm.shp in it is read, not legend.csv";
        assert_eq!(areas == "one.zip", err.contains(beside), "{areas}: {err}");
        assert_eq!(areas == "one.zip", !err.is_empty(), "{areas}: {err}");
        let ran = scene.run(&format!("inspect {areas}"));
        assert_eq!(ran.code, 0, "{areas}: {}", ran.err);
    }
    for (areas, wanted) in [
        ("two.zip", "it has 2 layers: north, south"),
        ("layers", "it has 2 layers: adm, other"),
        ("two.zip,layer=west", "no layer \"west\"; it has north, south"),
        ("text.zip", "an archive of 1 file, none of which is a vector file"),
    ] {
        let (sentence, hint) =
            scene.refused(&format!("assess --areas {areas} --population pop.tif"));
        assert!(sentence.contains(wanted) && !hint.is_empty(), "{areas}: {sentence}");
    }
    let ran = scene.run("inspect two.zip");
    assert!(ran.out.contains("north") && ran.out.contains("south"), "{}{}", ran.out, ran.err);
}

#[test]
fn esri_json_is_read_in_its_system_with_its_holes() {
    let scene = Scene::usual();
    let clockwise = |bounds: [f64; 4]| {
        let mut ring = ring(bounds);
        ring.as_array_mut().unwrap().reverse();
        ring
    };
    let attributes = json!({"id": "E", "name": "east", "start": 1_796_083_200_000_i64, "end": 1_796_169_600_000_i64});
    let features = json!([
        {"attributes": attributes, "geometry": {"rings": [clockwise(USUAL), ring([20.03, 49.93, 20.04, 49.94])]}},
        {"attributes": {"id": "two"}, "geometry": {"rings": [clockwise([20.01, 49.91, 20.02, 49.92]), clockwise(USUAL)]}},
        {"attributes": {"id": "curved"}, "geometry": {"curveRings": [[[20, 49], {"c": [[21, 49], [20.5, 49.5]]}]]}},
        {"attributes": {"id": "none"}}
    ]);
    let fields = json!([{"name": "start", "type": "esriFieldTypeDate"}, {"name": "end", "type": "esriFieldTypeDate"}]);
    let mut answer = json!({"geometryType": "esriGeometryPolygon", "spatialReference": {"wkid": 4326}, "fields": fields, "features": features});
    scene.write("esri.json", answer.to_string());
    let (told, err) = assessed(&scene, "esri.json", 1);
    assert_eq!(told.column("pop_best")[..2], [json!(80.0), json!(100.0)]);
    assert_eq!([told.text(0, "area_id"), told.text(0, "name")], ["E", "east"]);
    assert_eq!(told.number(0, "person_days"), 80.0);
    assert!(told.text(2, "reason").contains("returnTrueCurves=false"), "{err}");
    assert_eq!(told.text(3, "status"), "no_geometry");
    // In meters, by the code of Esri.
    let meters = json!([
        [2_228_616.2, 6_432_000.0],
        [2_228_616.2, 6_440_000.0],
        [2_235_000.0, 6_440_000.0],
        [2_228_616.2, 6_432_000.0]
    ]);
    answer["spatialReference"] = json!({"wkid": 102_100, "latestWkid": 3857});
    answer["features"] = json!([{"attributes": {"id": 1}, "geometry": {"rings": [meters]}}]);
    answer["exceededTransferLimit"] = json!(true);
    scene.write("esri.json", answer.to_string());
    let (told, err) = assessed(&scene, "esri.json", 0);
    assert!((told.number(0, "area_km2") - 10.5).abs() < 0.3, "{}", told.number(0, "area_km2"));
    assert!(err.contains("exceededTransferLimit"), "{err}");
    assert_eq!(scene.run("inspect esri.json").code, 0);
    scene.write("esri.json", "{\"error\": {\"code\": 499, \"message\": \"Token Required\"}}");
    let (sentence, _) = scene.refused("assess --areas esri.json --population pop.tif");
    assert!(sentence.contains("the answer of a server: \"Token Required\""), "{sentence}");
}

#[test]
fn topojson_shares_arcs_and_has_layers() {
    let scene = Scene::usual();
    // Whole numbers of hundredths of a degree, by steps; the second arc is walked against its course.
    let topology = |objects: Value| {
        json!({"type": "Topology", "objects": objects, "transform": {"scale": [0.01, 0.01], "translate": [20.0, 49.9]},
               "arcs": [[[2, 2], [3, 0], [0, 3]], [[2, 2], [0, 3], [3, 0]]]})
    };
    let square =
        json!({"type": "Polygon", "arcs": [[0, -2]], "id": "T", "properties": {"name": "shared"}});
    let layer = json!({"type": "GeometryCollection", "geometries": [square, {"type": null}]});
    scene.write("topo.json", topology(json!({"adm": layer.clone()})).to_string());
    let (told, _) = assessed(&scene, "topo.json", 1);
    assert!((told.number(0, "pop_best") - 90.0).abs() < 0.001, "{}", told.number(0, "pop_best"));
    assert_eq!([told.text(0, "area_id"), told.text(0, "name")], ["T", "shared"]);
    scene.write(
        "topo.json",
        topology(json!({"adm": square, "bad": {"type": "Polygon", "arcs": [[7]]}})).to_string(),
    );
    let (sentence, _) = scene.refused("assess --areas topo.json --population pop.tif");
    assert_eq!(sentence, "topo.json: it has 2 layers: adm, bad");
    holds_ninety(&scene, "topo.json,layer=adm");
    let (told, _) = assessed(&scene, "topo.json,layer=bad", 1);
    assert!(told.text(0, "reason").contains("arc 7 of 2"), "{}", told.text(0, "reason"));
}

#[test]
fn words_that_are_no_numbers_cost_no_other_feature() {
    let scene = Scene::usual();
    let odd = area("odd", &[USUAL]).to_string().replace("\"id\"", "\"x\":NaN,\"id\"");
    let lost = area("lost", &[USUAL]).to_string().replace("20.02", "Infinity");
    let text = format!(
        "{{\"type\":\"FeatureCollection\",\"bbox\":[NaN],\"features\":[{odd},{lost},{}]}}",
        area("A", &[USUAL])
    );
    scene.write("nan.geojson", text);
    let (told, err) = assessed(&scene, "nan.geojson", 1);
    assert_eq!(told.column("area_id"), [json!("odd"), json!("lost"), json!("A")]);
    assert_eq!([told.number(0, "pop_best"), told.number(2, "pop_best")], [90.0, 90.0]);
    assert_eq!(told.text(1, "status"), "no_geometry");
    assert!(err.contains("\"x\" is NaN, which is no number; read as nothing"), "{err}");
    assert!(told.get(0, "x").is_null());
}

#[test]
fn answers_of_overpass_are_sites_and_areas() {
    let scene = Scene::usual();
    let [south, west, north, east] = [49.92, 20.02, 49.95, 20.05];
    let corners = [[south, west], [south, east], [north, east], [north, west], [south, west]];
    let along: Vec<Value> =
        corners.iter().map(|[lat, lon]| json!({"lat": lat, "lon": lon})).collect();
    let answer = json!({"version": 0.6, "generator": "Overpass API", "osm3s": {}, "remark": "runtime error: timed out", "elements": [
        {"type": "node", "id": 1, "lat": 49.93, "lon": 20.03, "tags": {"amenity": "clinic", "name": "N"}},
        {"type": "node", "id": 2, "lat": 49.93, "lon": 20.04},
        {"type": "way", "id": 3, "center": {"lat": 49.94, "lon": 20.04}, "tags": {"amenity": "hospital"}},
        {"type": "way", "id": 4, "nodes": [1, 2], "tags": {"highway": "residential"}},
        {"type": "way", "id": 5, "geometry": along, "nodes": [1, 2, 3, 4, 1], "tags": {"amenity": "school"}},
        {"type": "relation", "id": 6, "tags": {"type": "boundary", "name": "whole"}, "members": [
            {"type": "way", "ref": 7, "role": "outer", "geometry": along[..3]},
            {"type": "way", "ref": 8, "role": "outer", "geometry": along[2..]}]}
    ]});
    scene.write("overpass.json", answer.to_string());
    for options in ["", ",classify=osm"] {
        let ran = scene.run(&format!("sites overpass.json{options}"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains("3 records"), "{}{}", ran.out, ran.err);
        assert!(ran.err.contains("the server says: runtime error: timed out"), "{}", ran.err);
    }
    let (told, _) = assessed(&scene, "overpass.json", 1);
    let last = told.features().len() - 1;
    assert_eq!([told.text(last, "area_id"), told.text(last, "name")], ["relation/6", "whole"]);
    assert!((told.number(last, "pop_best") - 90.0).abs() < 0.001);
    scene.write("bare.json", "{\"version\": 0.6, \"elements\": [{\"type\": \"node\", \"id\": 1, \"lat\": 1, \"lon\": 2}]}");
    let (sentence, hint) = scene.refused("sites bare.json,classify=osm");
    assert!(sentence.contains("no object with tags") && hint.contains("out center"), "{sentence}");
}

/// OpenStreetMap XML: a clinic, a hospital of a way and a school of a relation, and an object that was deleted.
const OSM: &str = "<?xml version='1.0' encoding='UTF-8'?>\n<osm version=\"0.6\" generator=\"x\">\
    <node id=\"1\" lat=\"49.92\" lon=\"20.02\"/><node id=\"2\" lat=\"49.92\" lon=\"20.05\"/>\
    <node id=\"3\" lat=\"49.95\" lon=\"20.05\"/><node id='-4' lat='49.95' lon='20.02'/>\
    <node id=\"50\" lat=\"49.93\" lon=\"20.03\"><tag k=\"amenity\" v=\"clinic\"/><tag k=\"name\" v=\"A &amp; &gt; &#233;\"/></node>\
    <node id=\"51\" action=\"delete\" lat=\"49.93\" lon=\"20.03\"><tag k=\"amenity\" v=\"clinic\"/></node>\
    <way id=\"101\"><nd ref=\"1\"/><nd ref=\"2\"/><nd ref=\"3\"/></way>\
    <way id=\"102\"><nd ref=\"3\"/><nd ref=\"-4\"/><nd ref=\"1\"/></way>\
    <way id=\"103\"><nd ref=\"1\"/><nd ref=\"2\"/><nd ref=\"3\"/><nd ref=\"1\"/><tag k=\"amenity\" v=\"hospital\"/></way>\
    <relation id=\"7\"><member type=\"way\" ref=\"102\" role=\"outer\"/><member type=\"way\" ref=\"101\" role=\"outer\"/>\
    <tag k=\"type\" v=\"multipolygon\"/><tag k=\"amenity\" v=\"school\"/></relation></osm>\n";

#[test]
fn openstreetmap_as_text_packed_or_not_gives_sites() {
    let scene = Scene::usual();
    scene.write("x.osm", OSM);
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(OSM.as_bytes()).unwrap();
    scene.write("x.osm.gz", gz.finish().unwrap());
    let mut bz2 = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bz2.write_all(OSM.as_bytes()).unwrap();
    scene.write("x.osm.bz2", bz2.finish().unwrap());
    let mut seen = Vec::new();
    for name in ["x.osm", "x.osm.gz", "x.osm.bz2"] {
        let ran = scene.run(&format!("sites {name} -o -"));
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let sites: Value = serde_json::from_str(&ran.out).unwrap();
        let text = sites["features"].to_string();
        for wanted in ["node/50", "A & > é", "way/103", "relation/7"] {
            assert!(text.contains(wanted), "{name}: {wanted} in {text}");
        }
        assert!(!text.contains("node/51"), "{name}");
        assert_eq!(scene.run(&format!("inspect {name}")).code, 0, "{name}");
        seen.push(text.replace(name, "x"));
    }
    assert_eq!(scene.files().len(), 6, "nothing is left beside: {:?}", scene.files());
    let (sentence, hint) = scene.refused("assess --areas x.osm.bz2 --population pop.tif");
    assert!(sentence.contains("read as sites") && hint.contains("bunzip2 -k"), "{hint}");
    for (name, text, wanted) in [
        ("html.osm", "<html></html>", "no element `osm`"),
        ("cut.osm", &OSM[..400], "no OpenStreetMap XML"),
    ] {
        scene.write(name, text);
        let (sentence, hint) = scene.refused(&format!("sites {name}"));
        assert!(sentence.contains(wanted) && !hint.is_empty(), "{name}: {sentence}");
    }
}

#[test]
fn files_of_a_layer_that_lack_something_say_what() {
    let scene = Scene::usual();
    scene.layer("bare.shp", "ESRI Shapefile", Some(4326), &[SHAPE]);
    std::fs::remove_file(scene.path("bare.shx")).unwrap();
    scene.write("areas.parquet", "PAR1 PAR1");
    scene.write("areas.7z", "7z");
    scene.write("gone.vrt", "<OGRVRTDataSource><OGRVRTLayer name=\"a\"><SrcDataSource relativeToVRT=\"1\">gone.shp</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>");
    for (areas, found, way_out) in [
        ("bare.shp", "its index (.shx) is not beside it", "SHAPE_RESTORE_SHX"),
        ("areas.parquet", "GeoParquet", "GeoPandas"),
        ("areas.7z", "a packed file", "7z x"),
        ("gone.vrt", "gone.shp is not there", "put it there"),
    ] {
        let (sentence, hint) =
            scene.refused(&format!("assess --areas {areas} --population pop.tif"));
        assert!(sentence.contains(found) && hint.contains(way_out), "{sentence}\n{hint}");
    }
    scene.write("people.csv", "id,lon,lat\n1,20.03,49.93\n");
    let (sentence, hint) = scene.refused("assess --areas areas.geojson --population people.csv");
    assert!(
        sentence.contains("not a raster") && hint.contains("as areas or as sites"),
        "{sentence}"
    );
}

#[test]
fn rows_of_a_shapefile_that_are_marked_as_deleted_are_no_missing_ones() {
    let scene = Scene::usual();
    let other = SHAPE.replace("49.92", "49.921");
    scene.layer("adm.shp", "ESRI Shapefile", Some(4326), &[SHAPE, &other]);
    let mut table = scene.read("adm.dbf");
    let [begin, wide] =
        [8, 10].map(|at| usize::from(u16::from_le_bytes([table[at], table[at + 1]])));
    table[begin + wide] = b'*';
    scene.write("adm.dbf", &table);
    let ran = scene.run("assess --areas adm.shp --population pop.tif -o -");
    assert_eq!((ran.code, ran.assessment().features().len()), (0, 1), "{}", ran.err);
    scene.write("adm.dbf", &table[..begin + wide]);
    let (sentence, _) = scene.refused("assess --areas adm.shp --population pop.tif");
    assert_eq!(sentence, "adm.shp: its .dbf ends before its last row");
}
