//! Rings as programs write them: inner rings outside of their outer ring, boxes and coasts across ±180, and
//! points and lines beside polygons. The usual raster has ten people in each cell of 0.01°.

use crate::scene::{Assessment, Scene, collection, feature, polygon, ring};
use gdal::spatial_ref::SpatialRef;
use serde_json::{Value, json};

/// The usual raster and areas of rings: the outer ones first, as west, south, east, north.
fn scene_of(areas: &[(&str, &[[f64; 4]])]) -> Scene {
    let scene = Scene::usual();
    let features: Vec<Value> = areas
        .iter()
        .map(|(id, rings)| {
            let rings: Vec<Value> = rings.iter().map(|bounds| ring(*bounds)).collect();
            let shape = json!({"type": "Polygon", "coordinates": rings});
            feature(&shape, &json!({"id": id}))
        })
        .collect();
    scene.write("areas.geojson", collection(&features).to_string());
    scene
}

#[test]
fn ground_of_inner_rings_outside_their_outer_ring_is_counted_and_told() {
    let outer = [20.01, 49.91, 20.03, 49.93];
    let scene = scene_of(&[
        ("outside", &[outer, [20.05, 49.95, 20.08, 49.98]]),
        ("across", &[outer, [20.02, 49.91, 20.04, 49.93]]),
        ("hole of its own", &[outer, [20.05, 49.95, 20.08, 49.98], [20.06, 49.96, 20.07, 49.97]]),
        (
            "island",
            &[
                [20.01, 49.91, 20.08, 49.98],
                [20.02, 49.92, 20.07, 49.97],
                [20.03, 49.93, 20.05, 49.95],
            ],
        ),
    ]);
    let ran = scene.run("assess --areas areas.geojson --population pop.tif -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    for (row, people) in [130.0, 40.0, 120.0, 490.0 - 250.0 + 40.0].into_iter().enumerate() {
        let found = out.number(row, "pop_best");
        assert!((found - people).abs() < 1e-3, "row {row}: {found} is not {people}");
        assert!(out.text(row, "flags").contains("repaired"));
    }
    let told = |text: &str| assert!(ran.err.contains(text), "{}", ran.err);
    told(
        "interior ring 1 lies outside its outer ring, at [20.05, 49.95]; 1 interior ring outside its outer ring counts as ground",
    );
    told("its surface changes by +225.000 % against its outer rings alone");
    told("1 interior ring that meets its outer ring counts as ground where it lies outside");
    told("1 interior ring within another is its opposite: ground in a hole");
}

/// One person in each cell of one degree, all around the earth.
fn world(scene: &Scene) {
    let mut raster = scene.bare_raster("world.tif", 360, &vec![1.0_f32; 360 * 180], &[]);
    raster.set_geo_transform(&[-180.0, 1.0, 0.0, 90.0, 0.0, -1.0]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
}

/// Shapes as KML and as GML, by hand: once another test reads a file, GDAL writes neither any more.
fn write_as_text(scene: &Scene, shapes: &[&str]) {
    // `((x y,x y))` as `x,y x,y`.
    let points = |shape: &&str| {
        let points = shape.trim_start_matches("POLYGON ((").trim_end_matches("))");
        points.replace(',', ";").replace(' ', ",").replace(';', " ")
    };
    let placemark = |shape: &&str| {
        let points = points(shape);
        format!(
            "<Placemark><Polygon><outerBoundaryIs><LinearRing><coordinates>{points}</coordinates>\
             </LinearRing></outerBoundaryIs></Polygon></Placemark>"
        )
    };
    let member = |shape: &&str| {
        let points = points(shape);
        format!(
            "<gml:featureMember><o:box><o:shape><gml:Polygon srsName=\"EPSG:4326\"><gml:outerBoundaryIs>\
             <gml:LinearRing><gml:coordinates>{points}</gml:coordinates></gml:LinearRing>\
             </gml:outerBoundaryIs></gml:Polygon></o:shape></o:box></gml:featureMember>"
        )
    };
    let placemarks: String = shapes.iter().map(placemark).collect::<Vec<_>>().concat();
    let members: String = shapes.iter().map(member).collect::<Vec<_>>().concat();
    let kml = "http://www.opengis.net/kml/2.2";
    let spaces = "xmlns:o=\"http://example.org/o\" xmlns:gml=\"http://www.opengis.net/gml\"";
    let kml = format!("<kml xmlns=\"{kml}\"><Document>{placemarks}</Document></kml>");
    let gml = format!("<o:FeatureCollection {spaces}>{members}</o:FeatureCollection>");
    scene.write("a.kml", kml);
    scene.write("a.gml", gml);
}

#[test]
fn boxes_across_180_are_the_same_in_every_format_whichever_way_they_are_turned() {
    let scene = Scene::empty();
    world(&scene);
    let boxes = |west: i32, east: i32| {
        [
            format!("POLYGON (({west} -5,{east} -5,{east} 5,{west} 5,{west} -5))"),
            format!("POLYGON (({west} -5,{west} 5,{east} 5,{east} -5,{west} -5))"),
        ]
    };
    let shapes: Vec<String> = [(170, -170), (-170, 170), (-179, 179), (-180, 180)]
        .into_iter()
        .flat_map(|(west, east)| boxes(west, east))
        .chain(["POLYGON ((-170 -5,0 -5,170 -5,170 5,0 5,-170 5,-170 -5))".to_string()])
        .collect();
    let shapes: Vec<&str> = shapes.iter().map(String::as_str).collect();
    let wanted = [200.0, 200.0, 200.0, 200.0, 20.0, 20.0, 3600.0, 3600.0, 3400.0];
    write_as_text(&scene, &shapes);
    for (name, format) in [
        ("a.geojson", Some("GeoJSON")),
        ("a.gpkg", Some("GPKG")),
        ("a.shp", Some("ESRI Shapefile")),
        ("a.fgb", Some("FlatGeobuf")),
        ("a.kml", None),
        ("a.gml", None),
    ] {
        if let Some(format) = format {
            scene.layer(name, format, Some(4326), &shapes);
        }
        let ran = scene.run(&format!("assess --areas {name} --population world.tif -o -"));
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let out = ran.assessment();
        let mut found: Vec<f64> = (0..9).map(|row| out.number(row, "pop_best")).collect();
        // FlatGeobuf keeps no order.
        found.sort_by(f64::total_cmp);
        let mut wanted = wanted;
        wanted.sort_by(f64::total_cmp);
        assert_eq!(found, wanted, "{name}");
        let widths = "the short way, 20 degrees wide, not 340 (and 1 edge more); a vertex between makes it 340 wide";
        assert!(ran.err.contains(widths), "{name}: {}", ran.err);
    }
}

#[test]
fn countries_across_180_have_their_known_surface() {
    let scene = Scene::empty();
    world(&scene);
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/naturalearth/countries.geojson");
    scene.write("countries.geojson", std::fs::read(file).unwrap());
    let ran = scene.run("assess --areas countries.geojson --population world.tif -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    let found: Vec<(&str, f64)> =
        (0..5).map(|row| (out.text(row, "area_id"), out.number(row, "area_km2"))).collect();
    // At 1 : 110 million Fiji is three islands of few corners, and Antarctica has its ice shelves.
    for (id, km2, within) in [
        ("Fiji 110m", 18_300.0, 0.07),
        ("Fiji 50m", 18_300.0, 0.03),
        ("Fiji 10m", 18_300.0, 0.05),
        ("Russia 110m", 16.9e6, 0.03),
        ("Antarctica 110m", 12.3e6, 0.03),
    ] {
        let (_, of) = found.iter().find(|(name, _)| *name == id).unwrap();
        assert!((of / km2 - 1.0).abs() < within, "{id}: {of} km2");
    }
}

/// A polygon of 3 × 3 cells and a point in another part of the raster, in one collection.
fn mixed() -> Value {
    json!({"type": "GeometryCollection", "geometries": [
        polygon(&[[20.01, 49.91, 20.04, 49.94]]),
        {"type": "Point", "coordinates": [20.07, 49.97]},
    ]})
}

#[test]
fn points_and_lines_beside_polygons_have_buffers_of_their_own() {
    let scene = Scene::usual();
    let point = json!({"type": "Point", "coordinates": [20.07, 49.97]});
    let areas = [
        feature(&mixed(), &json!({"id": "mixed"})),
        feature(&polygon(&[[20.01, 49.91, 20.04, 49.94]]), &json!({"id": "drawn"})),
        feature(&point, &json!({"id": "point"})),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let run = |options: &str, code: i32| {
        let args = format!("assess --areas areas.geojson{options} --population pop.tif -o -");
        let ran = scene.run(&args);
        assert_eq!(ran.code, code, "{options}: {}", ran.err);
        (ran.assessment(), ran.err)
    };
    let people = |out: &Assessment| [0, 1, 2].map(|row| out.number(row, "pop_best"));

    let (out, err) = run("", 1);
    assert!((out.number(0, "pop_best") - 90.0).abs() < 1e-3);
    assert!(
        err.contains("1 member of its geometry, not polygons, left out; `buffer_lines_m`"),
        "{err}"
    );
    assert!(err.contains("give `buffer_lines_m = 500` under [areas]"), "{err}");

    let (out, err) = run(",buffer_lines_m=500", 0);
    let [both, alone, circle] = people(&out);
    assert_eq!(err.lines().filter(|line| line.contains("left out")).count(), 0, "{err}");
    assert!((alone - 90.0).abs() < 1e-3, "a polygon stays as drawn: {alone}");
    assert!((both - alone - circle).abs() < 2e-3, "{both} is not {alone} and {circle}");
    let flags = [0, 1, 2].map(|row| out.text(row, "flags").contains("buffered"));
    assert_eq!(flags, [true, false, true]);

    let (out, _) = run(",buffer_m=500", 0);
    let [wide, widened, same] = people(&out);
    assert!(widened > 100.0 && (same - circle).abs() < 1e-6);
    assert!((wide - widened - circle).abs() < 2e-3, "{wide} is not {widened} and {circle}");

    let (out, _) = run(",buffer_m=500,buffer_lines_m=200,rings_m=[300]", 0);
    let [_, other, small] = people(&out);
    assert!((other - widened).abs() < 1e-6 && small < 0.2 * circle);
    let ring = out.number(2, "ring_300m_pop_best");
    assert!((small + ring - circle).abs() < 2e-3, "{small} and {ring} are not {circle}");
}

#[test]
fn an_assessment_tells_the_buffer_of_lines_to_those_who_explain_it() {
    let scene = Scene::usual();
    let areas = collection(&[feature(&mixed(), &json!({"id": "mixed"}))]);
    scene.write("areas.geojson", areas.to_string());
    scene.write(
        "plan.toml",
        "[areas]\npath = \"areas.geojson\"\nbuffer_lines_m = 500\n\n[[population]]\npath = \"pop.tif\"\n",
    );
    let ran = scene.run("assess plan.toml -o out.geojson");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let written: Value = serde_json::from_slice(&scene.read("out.geojson")).unwrap();
    let best = written["features"][0]["properties"]["pop_best"].as_f64().unwrap();
    assert!(best > 97.0, "{best}");
    let settings = &written["civex"]["inputs"][0]["settings"];
    assert!(written.to_string().contains("\"buffer_lines_m\""), "{settings}");
    let explained = scene.run("explain out.geojson mixed");
    assert_eq!(explained.code, 0, "{}", explained.err);
    assert!(explained.out.contains(&format!("{best:.0}")), "{}", explained.out);
}

#[test]
fn a_source_that_does_not_reach_an_area_changes_none_of_its_bounds() {
    let scene = Scene::usual();
    let mut far = scene.bare_raster("far.tif", 10, &[99.0_f32; 100], &[]);
    far.set_geo_transform(&[30.0, 0.01, 0.0, 40.0, 0.0, -0.01]).unwrap();
    far.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    drop(far);
    let run = |more: &str| {
        let ran =
            scene.run(&format!("assess --areas areas.geojson --population pop.tif{more} -o -"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        let out = ran.assessment();
        let bounds = ["pop_low", "pop_best", "pop_high"].map(|column| out.number(0, column));
        (bounds, out.text(0, "flags").contains("single_source"), ran.err)
    };
    let (alone, is_single, _) = run("");
    let (beside, is_still_single, err) = run(" --population far.tif");
    assert!(is_single && is_still_single);
    assert_eq!(alone, beside);
    assert!(err.contains("layer \"far\" is left out of its bounds"), "{err}");
}
