//! Numbers that would be plausible and wrong: surfaces in projected grids, ground beyond a grid, and
//! what this version cannot answer and so refuses.

use crate::scene::{Scene, area, collection, feature, point};
use gdal::spatial_ref::SpatialRef;
use serde_json::{Value, json};

/// Half the width of the world in Mercator, in meters.
const EDGE: f64 = 20_037_508.342_789;

/// A raster in Mercator from pole to pole of the projection, of square cells, with one value.
fn mercator(scene: &Scene, name: &str, cells: usize, north_m: f64, south_m: f64) {
    let size = 2.0 * EDGE / cells as f64;
    let rows = ((north_m - south_m) / size).round() as usize;
    let mut raster = scene.bare_raster(name, cells, &vec![1.0_f32; cells * rows], &[]);
    raster.set_geo_transform(&[-EDGE, size, 0.0, north_m, 0.0, -size]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(3857).unwrap()).unwrap();
}

fn areas(scene: &Scene, features: &[Value]) {
    scene.write("areas.geojson", collection(features).to_string());
}

#[test]
fn a_density_of_one_gives_as_many_people_as_square_kilometers() {
    let scene = Scene::empty();
    mercator(&scene, "even.tif", 400, EDGE, -EDGE);
    let boxes = [[0.0, 10.0, 10.0, 20.0], [179.0, 10.0, 180.0, 20.0], [-30.0, 60.0, -10.0, 70.0]];
    let drawn: Vec<Value> = boxes.iter().map(|bounds| area("A", &[*bounds])).collect();
    areas(&scene, &drawn);
    let ran = scene.run(
        "assess --areas areas.geojson --population even.tif,measure=density,nodata_means=zero -o -",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    for row in 0..boxes.len() {
        let (people, km2) =
            (ran.assessment().number(row, "pop_best"), ran.assessment().number(row, "area_km2"));
        // The scale of areas changes within the cells of 100 km.
        assert!((people / km2 - 1.0).abs() < 2e-2, "row {row}: {people} people on {km2} km²");
    }
}

#[test]
fn what_lies_beyond_a_projected_grid_is_a_share_of_surface_not_of_paper() {
    let scene = Scene::empty();
    // From the equator to 60° N.
    mercator(&scene, "south.tif", 400, 8_399_737.889_818, 0.0);
    areas(&scene, &[area("A", &[[0.0, 0.0, 20.0, 72.0]])]);
    let ran =
        scene.run("assess --areas areas.geojson --population south.tif,nodata_means=zero -o -");
    let missing = ran.assessment().number(0, "missing_share");
    // Between two parallels surface grows with the sine, nearly: 1 − sin 60° / sin 72°.
    let sphere = 1.0 - 60_f64.to_radians().sin() / 72_f64.to_radians().sin();
    assert!((missing - sphere).abs() < 5e-3, "{missing} is not about {sphere}");
    assert_eq!(ran.assessment().text(0, "status"), "data_gap");
}

#[test]
fn a_box_as_wide_as_the_world_stands_as_drawn() {
    let scene = Scene::usual();
    areas(&scene, &[area("world", &[[-180.0, -90.0, 180.0, 90.0]])]);
    let ran = scene.run("assess plan.toml -o -");
    assert_eq!(ran.assessment().number(0, "pop_best"), 1000.0);
    let km2 = ran.assessment().number(0, "area_km2");
    assert!((km2 - 510_065_621.724).abs() < 1.0, "{km2}");
}

#[test]
fn sites_to_be_expected_are_part_of_the_high_load() {
    let scene = Scene::usual();
    scene.write("h.geojson", collection(&[point([20.03, 49.93], &json!({}))]).to_string());
    let ran = scene.run("assess plan.toml --sites h.geojson,class=hospital -o -");
    let assessment = ran.assessment();
    assert_eq!(assessment.number(0, "site_load_best"), 100.0);
    // Per person: 30·(1e-4 + 2·4e-4 + 2e-6 + 1e-4) for the five classes nobody maps.
    let expected = assessment.number(0, "pop_high") * 30.0 * (1e-4 + 8e-4 + 2e-6 + 1e-4);
    assert!((assessment.number(0, "site_load_high") - 100.0 - expected).abs() < 2e-3);
}

#[test]
fn only_a_line_is_counted_per_kilometer() {
    let scene = Scene::usual();
    let at = |x: f64| [x, 49.93, x + 0.001, 49.931];
    let polygon = area("polygon", &[at(20.03)]);
    let line = json!({"type": "LineString", "coordinates": [[20.02, 49.93], [20.08, 49.93]]});
    let load = |sites: &[Value]| {
        scene.write("s.geojson", collection(sites).to_string());
        let ran =
            scene.run("assess plan.toml --sites s.geojson,class=evacuation_route_crossing -o -");
        ran.assessment().number(0, "site_load_best")
    };
    assert_eq!(load(&[polygon]), 30.0);
    let points: Vec<Value> = (0..5).map(|_| point([20.03, 49.93], &json!({}))).collect();
    assert_eq!(load(&points), 150.0);
    // 4.3 km at 30 a kilometer is capped at 30.
    assert_eq!(load(&[feature(&line, &json!({}))]), 30.0);
}

#[test]
fn one_output_that_cannot_be_written_leaves_no_other() {
    let scene = Scene::usual();
    scene.write("file", "not a folder");
    let ran = scene.run("assess plan.toml -o out.geojson -o file/out.geojson");
    assert_eq!(ran.code, 2);
    assert!(!scene.has("out.geojson"));
    let twice = scene.run("assess plan.toml -o out.geojson -o out.geojson");
    assert_eq!(twice.code, 2, "{}", twice.err);
    assert!(twice.err.contains("it is written twice"), "{}", twice.err);
    let twice = scene.run("assess plan.toml -o x.gaps.geojson -o ./x.geojson --with gaps");
    assert!(twice.code == 2 && twice.err.contains("it is written twice"), "{}", twice.err);
    let once = scene.run("assess plan.toml --quiet -o x.geojson -o ./x.kml --with gaps");
    assert_eq!(once.code, 0, "{}", once.err);
}
