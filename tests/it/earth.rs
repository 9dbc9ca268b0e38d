//! Areas anywhere on earth: across ±180, around the poles, on projected grids and beyond their edges.
//!
//! The grids hold people by chance, or one person a square kilometer, so that people and surface must agree.

use crate::scene::{Assessment, Scene, collection, feature};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use geo::{BooleanOps, BoundingRect, Coord, LineString, MapCoords, MultiPolygon, Polygon, Rect};
use serde_json::{Value, json};
use std::f64::consts::TAU;

/// A generator of numbers in 0..1, the same on every run.
fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Grids of the whole earth in cells of one degree that begin at different meridians and hold the same
/// people.
fn world(scene: &Scene) {
    let mut next = random(7);
    let people: Vec<f32> = (0..360 * 180).map(|_| (1000.0 * next()) as f32).collect();
    for (name, west) in [("plain.tif", -180), ("pacific.tif", 0), ("odd.tif", -37)] {
        // Column `col` begins at the meridian west + col.
        let column = |col: i32| (col + west + 180).rem_euclid(360) as usize;
        let rolled: Vec<f32> = (0..180)
            .flat_map(|row| (0..360).map(move |col| row * 360 + column(col)))
            .map(|cell| people[cell])
            .collect();
        let mut raster = scene.bare_raster(name, 360, &rolled, &[]);
        raster.set_geo_transform(&[f64::from(west), 1.0, 0.0, 90.0, 0.0, -1.0]).unwrap();
        raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    }
}

/// A grid of one person a square kilometer in a projected system.
fn even(
    scene: &Scene,
    (name, system): (&str, &str),
    origin: [f64; 2],
    size: f64,
    cells: [usize; 2],
) {
    let mut raster = scene.bare_raster(
        name,
        cells[0],
        &vec![1.0_f32; cells[0] * cells[1]],
        &["COMPRESS=DEFLATE"],
    );
    raster.set_geo_transform(&[origin[0], size, 0.0, origin[1], 0.0, -size]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_definition(system).unwrap()).unwrap();
}

/// A wiggly polygon, with a hole if there is room.
fn star(center: [f64; 2], reach: f64, seed: u64) -> Polygon<f64> {
    let mut next = random(seed);
    let corners = 5 + (20.0 * next()) as usize;
    let mut ring = |reach: f64| -> LineString<f64> {
        (0..corners)
            .map(|place| {
                let (sin, cos) = (TAU * place as f64 / corners as f64).sin_cos();
                let reach = reach * (0.6 + 0.4 * next());
                Coord { x: center[0] + reach * cos, y: center[1] + 0.7 * reach * sin }
            })
            .collect()
    };
    let (shell, hole) = (ring(reach), ring(0.4 * reach));
    Polygon::new(shell, if seed.is_multiple_of(2) { vec![hole] } else { vec![] })
}

fn geometry(area: &MultiPolygon<f64>) -> Value {
    let line =
        |ring: &LineString<f64>| -> Value { ring.0.iter().map(|at| json!([at.x, at.y])).collect() };
    let part = |part: &Polygon<f64>| -> Value {
        std::iter::once(part.exterior()).chain(part.interiors()).map(line).collect()
    };
    json!({"type": "MultiPolygon", "coordinates": area.iter().map(part).collect::<Vec<_>>()})
}

fn drawn(id: &str, area: &MultiPolygon<f64>) -> Value {
    feature(&geometry(area), &json!({"id": id}))
}

/// The same area written in other ways: the first is as it is.
fn spellings(area: &Polygon<f64>) -> Vec<(&'static str, MultiPolygon<f64>)> {
    let moved = |by: f64| area.map_coords(|at| Coord { x: at.x + by, y: at.y });
    let rings = |change: &dyn Fn(&LineString<f64>) -> LineString<f64>| {
        Polygon::new(change(area.exterior()), area.interiors().iter().map(change).collect())
    };
    let normal = |x: f64| (x + 180.0).rem_euclid(360.0) - 180.0;
    let reversed = rings(&|ring| ring.0.iter().rev().copied().collect());
    let turned = rings(&|ring| {
        let open = &ring.0[1..];
        (0..=open.len()).map(|place| open[(place + 3) % open.len()]).collect()
    });
    let wrapped = area.map_coords(|at| Coord { x: normal(at.x), y: at.y });
    // No box larger than it must be: `geo` clips on a grid of its extent.
    let bounds = area.bounding_rect().unwrap();
    let halves = [-540.0, -180.0, 180.0].into_iter().flat_map(|west: f64| {
        let low = Coord { x: west.max(bounds.min().x - 1.0), y: bounds.min().y - 1.0 };
        let high = Coord { x: (west + 360.0).min(bounds.max().x + 1.0), y: bounds.max().y + 1.0 };
        let side = if low.x < high.x { Rect::new(low, high) } else { Rect::new(low, low) };
        let half = side.to_polygon().intersection(area);
        half.map_coords(|at| Coord { x: (at.x - west - 180.0).clamp(-180.0, 180.0), y: at.y })
    });
    let mut all: Vec<(&'static str, MultiPolygon<f64>)> = vec![
        ("as it is", area.clone().into()),
        ("a turn east", moved(360.0).into()),
        ("a turn west", moved(-360.0).into()),
        ("reversed", reversed.into()),
        ("from another vertex", turned.into()),
        ("within ±180", wrapped.into()),
    ];
    // `geo` may lose holes when it clips.
    if area.interiors().is_empty() {
        all.push(("split", halves.collect()));
    }
    all.retain(|(_, area)| area.iter().flat_map(Polygon::exterior).all(|at| at.x.abs() <= 540.0));
    all
}

fn assess(scene: &Scene, areas: &[Value], population: &str) -> Assessment {
    scene.write("areas.geojson", collection(areas).to_string());
    let ran = scene.assess(population);
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.assessment()
}

fn alike(one: f64, other: f64) -> bool {
    (one - other).abs() <= f64::max(1e-4 + 5e-4, 1e-7 * one.abs())
}

#[test]
fn an_area_holds_the_same_people_however_it_is_written_and_wherever_a_grid_begins() {
    let scene = Scene::empty();
    world(&scene);
    let mut next = random(3);
    let (mut areas, mut names) = (Vec::new(), Vec::new());
    for seed in 0..40 {
        let reach = 0.2 + 25.0 * next() * next();
        let center = [180.0 - 40.0 + 80.0 * next(), (85.0 - reach) * (2.0 * next() - 1.0)];
        let all = spellings(&star(center, reach, seed));
        names.push((seed, areas.len(), all.len()));
        areas.extend(all.iter().map(|(how, area)| drawn(&format!("{seed} {how}"), area)));
    }
    let people = ["plain.tif", "pacific.tif", "odd.tif"].map(|grid| {
        let assessment = assess(&scene, &areas, &format!("{grid},nodata_means=zero"));
        let column = |name: &str| -> Vec<f64> {
            (0..areas.len()).map(|row| assessment.number(row, name)).collect()
        };
        (column("pop_best"), column("area_km2"), column("missing_share"))
    });
    let (best, km2, _) = &people[0];
    for (seed, first, count) in names {
        for row in first..first + count {
            let id = &areas[row]["properties"]["id"];
            assert!(
                (km2[row] / km2[first] - 1.0).abs() < 1e-7,
                "{id}: {} {}",
                km2[row],
                km2[first]
            );
            for (people, _, missing) in &people {
                let (found, wanted) = (people[row], best[first]);
                assert!(alike(found, wanted), "area {seed}, {id}: {found} is not {wanted}");
                assert_eq!(missing[row], 0.0, "{id}");
            }
        }
    }
}

/// A wiggly ring around a pole, from some meridian.
fn cap(latitude: f64, from: f64, seed: u64) -> Vec<[f64; 2]> {
    let mut next = random(seed);
    (0..24)
        .map(|step| {
            let x = (from + 15.0 * f64::from(step) + 180.0).rem_euclid(360.0) - 180.0;
            [x, latitude + 3.0 * next() * latitude.signum()]
        })
        .collect()
}

fn closed(mut ring: Vec<[f64; 2]>) -> Value {
    ring.push(ring[0]);
    json!(ring)
}

#[test]
fn a_cap_around_a_pole_is_drawn_as_a_ring_or_along_the_edge_of_the_map() {
    let scene = Scene::empty();
    world(&scene);
    // Half way round the same cap begins elsewhere, and the other way round it is the same too.
    let ring = cap(70.0, -180.0, 5);
    let mut other = ring.clone();
    other.rotate_left(11);
    let mut back = ring.clone();
    back.reverse();
    let mut along = ring.clone();
    along.extend([[180.0, ring[0][1]], [180.0, 90.0], [-180.0, 90.0]]);
    let south: Vec<[f64; 2]> = ring.iter().map(|at| [at[0], -at[1]]).collect();
    let rings = [ring, other, back, along, south];
    let areas: Vec<Value> = rings
        .into_iter()
        .zip(["ring", "other", "back", "along", "south"])
        .map(|(ring, id)| {
            let polygon = json!({"type": "Polygon", "coordinates": [closed(ring)]});
            feature(&polygon, &json!({"id": id}))
        })
        .collect();
    let assessment = assess(&scene, &areas, "plain.tif,nodata_means=zero");
    let (people, km2) = (assessment.number(3, "pop_best"), assessment.number(3, "area_km2"));
    for row in 0..3 {
        assert!(alike(assessment.number(row, "pop_best"), people), "row {row}");
        assert!((assessment.number(row, "area_km2") / km2 - 1.0).abs() < 1e-9);
        assert!(assessment.text(row, "flags").contains("wrapped"));
        assert_eq!(assessment.number(row, "missing_share"), 0.0);
    }
    assert!(!assessment.text(3, "flags").contains("wrapped"));
    assert!((assessment.number(4, "area_km2") / km2 - 1.0).abs() < 1e-9);
    assert!((assessment.number(4, "pop_best") / people - 1.0).abs() > 1e-3, "another pole");
}

#[test]
fn surface_is_people_on_even_grids_of_every_projection_also_where_they_are_torn() {
    let scene = Scene::empty();
    // Around the North Pole and around the South Pole, to 60 degrees or so.
    even(&scene, ("north.tif", "EPSG:3413"), [-4e6, 4e6], 20_000.0, [400, 400]);
    even(&scene, ("south.tif", "EPSG:3031"), [-4e6, 4e6], 20_000.0, [400, 400]);
    // The whole earth: torn at 180 degrees, and at −30.
    even(&scene, ("equal.tif", "EPSG:6933"), [-17_367_530.0, 7_314_540.0], 20_000.0, [1737, 732]);
    even(
        &scene,
        ("pacific.tif", "EPSG:3832"),
        [-20_037_508.0, 15_000_000.0],
        40_000.0,
        [1002, 750],
    );
    even(
        &scene,
        ("mollweide.tif", "ESRI:54009"),
        [-18_050_000.0, 9_050_000.0],
        50_000.0,
        [722, 362],
    );
    let polygon = |id: &str, ring: &[[f64; 2]]| {
        feature(
            &json!({"type": "Polygon", "coordinates": [closed(ring.to_vec())]}),
            &json!({"id": id}),
        )
    };
    let boxed = |west: f64, south: f64, east: f64, north: f64| {
        [[west, south], [east, south], [east, north], [west, north]]
    };
    let north = [
        polygon("cap", &cap(75.0, -180.0, 1)),
        polygon("quarter", &[[-20.0, 70.0], [70.0, 70.0], [70.0, 90.0], [-20.0, 90.0]]),
        polygon("across", &boxed(170.0, 65.0, 200.0, 80.0)),
        polygon("small", &boxed(179.5, 71.0, 180.5, 71.5)),
    ];
    let south: Vec<Value> = vec![
        polygon("cap", &cap(-75.0, 33.0, 1)),
        polygon("beside", &boxed(-3.0, -89.0, 70.0, -70.0)),
    ];
    let world = [
        polygon("across 180", &boxed(150.0, -20.0, 215.0, 30.0)),
        polygon("across −30", &boxed(-50.0, -20.0, -5.0, 30.0)),
        polygon("wide", &boxed(-100.0, -50.0, 120.0, 60.0)),
        polygon(
            "plain",
            &star([20.0, 10.0], 8.0, 4)
                .exterior()
                .0
                .iter()
                .skip(1)
                .map(|at| [at.x, at.y])
                .collect::<Vec<_>>(),
        ),
    ];
    for (grid, areas, close) in [
        ("north.tif", &north[..], 2e-3),
        ("south.tif", &south[..], 2e-3),
        ("equal.tif", &world[..], 1e-5),
        ("pacific.tif", &world[..], 1e-3),
        ("mollweide.tif", &world[..], 2e-3),
    ] {
        let population = format!("{grid},measure=density,nodata_means=zero");
        let assessment = assess(&scene, areas, &population);
        for row in 0..areas.len() {
            let (people, km2) =
                (assessment.number(row, "pop_best"), assessment.number(row, "area_km2"));
            let id = assessment.text(row, "area_id");
            assert!((people / km2 - 1.0).abs() < close, "{grid}, {id}: {people} on {km2} km²");
            assert_eq!(assessment.number(row, "missing_share"), 0.0, "{grid}, {id}");
        }
    }
}

#[test]
fn what_a_projection_cannot_reach_is_missing_and_the_rest_is_counted() {
    let scene = Scene::empty();
    let edge = 20_037_508.342_789;
    // Web Mercator ends at 85.06 degrees; a transverse Mercator zone is six degrees wide.
    even(&scene, ("mercator.tif", "EPSG:3857"), [-edge, edge], 2.0 * edge / 800.0, [800, 800]);
    even(&scene, ("zone.tif", "EPSG:32601"), [200_000.0, 7_700_000.0], 5_000.0, [120, 120]);
    let polygon = |id: &str, ring: &[[f64; 2]]| {
        feature(
            &json!({"type": "Polygon", "coordinates": [closed(ring.to_vec())]}),
            &json!({"id": id}),
        )
    };
    let half =
        [[-180.0, 0.0], [0.0, 0.0], [180.0, 0.0], [180.0, 90.0], [0.0, 90.0], [-180.0, 90.0]];
    let areas = [polygon("half of the earth", &half)];
    let assessment = assess(&scene, &areas, "mercator.tif,measure=density,nodata_means=zero");
    let (people, km2) = (assessment.number(0, "pop_best"), assessment.number(0, "area_km2"));
    // On a sphere, nearly: what lies north of 85.051 degrees is 1 − sin 85.051°.
    let beyond = assessment.number(0, "missing_share");
    assert!((beyond - (1.0 - 85.051_f64.to_radians().sin())).abs() < 1e-3, "{beyond}");
    assert!((people / km2 - (1.0 - beyond)).abs() < 1e-2, "{people} of {km2}");
    let assessment = assess(&scene, &areas, "zone.tif,measure=density,nodata_means=zero");
    let people = assessment.number(0, "pop_best");
    assert!((people / 360_000.0 - 1.0).abs() < 3e-3, "a grid of 600 × 600 km: {people}");
    assert_eq!(assessment.text(0, "status"), "not_assessable");
    let expected = 1.0 - 360_000.0 / assessment.number(0, "area_km2");
    assert!((assessment.number(0, "missing_share") - expected).abs() < 1e-5);
}

#[test]
fn areas_carried_to_another_system_and_back_hold_the_same_people() {
    let scene = Scene::empty();
    world(&scene);
    let mut wgs84 = SpatialRef::from_epsg(4326).unwrap();
    wgs84.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    // Around the pole, across 180 degrees in a zone, in the middle of the Pacific, and at home.
    for (epsg, center, reach) in [
        (3413, [100.0, 90.0], 9.0),
        (32660, [180.0, 20.0], 2.0),
        (3832, [178.0, -10.0], 12.0),
        (3035, [15.0, 50.0], 6.0),
    ] {
        let mut system = SpatialRef::from_epsg(epsg).unwrap();
        system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let there = CoordTransform::new(&wgs84, &system).unwrap();
        let ring: Vec<[f64; 2]> = if center[1] >= 90.0 {
            cap(90.0 - reach, -180.0, 2)
        } else {
            star(center, reach, 6).exterior().0.iter().skip(1).map(|at| [at.x, at.y]).collect()
        };
        // So densely that chords in the other system are straight in longitude and latitude.
        let mut dense: Vec<String> = Vec::new();
        for (place, from) in ring.iter().enumerate() {
            let to = ring[(place + 1) % ring.len()];
            let across = to[0] - from[0];
            let across = across - 360.0 * (across / 360.0).round();
            for step in 0..4000 {
                let share = f64::from(step) / 4000.0;
                let mut x = [from[0] + share * across];
                let mut y = [from[1] + share * (to[1] - from[1])];
                there.transform_coords(&mut x, &mut y, &mut []).unwrap();
                dense.push(format!("{:.9} {:.9}", x[0], y[0]));
            }
        }
        dense.push(dense[0].clone());
        let wkt = format!("POLYGON(({}))", dense.join(","));
        scene.layer("there.gpkg", "GPKG", Some(epsg), &[&wkt]);
        let ran =
            scene.run("assess --areas there.gpkg --population plain.tif,nodata_means=zero -o -");
        assert_eq!(ran.code, 0, "{}", ran.err);
        let there = ran.assessment();
        std::fs::remove_file(scene.path("there.gpkg")).unwrap();
        let polygon = json!({"type": "Polygon", "coordinates": [closed(ring)]});
        let here = assess(&scene, &[feature(&polygon, &json!({}))], "plain.tif,nodata_means=zero");
        for column in ["pop_best", "area_km2"] {
            let (there, here) = (there.number(0, column), here.number(0, column));
            assert!(
                (there / here - 1.0).abs() < 1e-6,
                "EPSG:{epsg} {column}: {there} is not {here}"
            );
        }
    }
}

#[test]
fn a_map_that_runs_on_beyond_its_tear_is_read_on_the_other_side() {
    let scene = Scene::empty();
    let edge = 20_037_508.342_789;
    even(&scene, ("mercator.tif", "EPSG:3857"), [-edge, edge], 2.0 * edge / 800.0, [800, 800]);
    // In Web Mercator, from 170 to 190 degrees and from 190 to 200.
    let degree = edge / 180.0;
    let shapes: Vec<String> = [(170.0, 190.0), (190.0, 200.0), (-170.0, -160.0)]
        .into_iter()
        .map(|(west, east)| {
            let (west, east) = (west * degree, east * degree);
            format!("POLYGON(({west} 0,{east} 0,{east} 1e6,{west} 1e6,{west} 0))")
        })
        .collect();
    let shapes: Vec<&str> = shapes.iter().map(String::as_str).collect();
    scene.layer("areas.gpkg", "GPKG", Some(3857), &shapes);
    let ran = scene.run(
        "assess --areas areas.gpkg --population mercator.tif,measure=density,nodata_means=zero -o -",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let assessment = ran.assessment();
    let people = assessment.column("pop_best").iter().filter_map(Value::as_f64).collect::<Vec<_>>();
    assert!((people[1] / people[2] - 1.0).abs() < 1e-6, "{people:?}");
    assert!((people[0] / people[2] - 2.0).abs() < 1e-6, "{people:?}");
    assert_eq!(assessment.column("missing_share"), [json!(0.0), json!(0.0), json!(0.0)]);
}

#[test]
fn what_is_read_into_longitudes_is_said_with_both_widths() {
    let scene = Scene::empty();
    world(&scene);
    let across = [[170.0, 0.0], [-170.0, 1.0], [-170.0, 10.0], [170.0, 10.0]];
    let polygon = json!({"type": "Polygon", "coordinates": [closed(across.to_vec())]});
    scene.write("areas.geojson", collection(&[feature(&polygon, &json!({"id": "A"}))]).to_string());
    let ran = scene.assess("plain.tif,nodata_means=zero");
    let wanted = "notice: area \"A\": its edge from 170 to -170 degrees of longitude goes the short \
                  way, 20 degrees wide, not 340 (and 1 edge more)";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    let assessment = ran.assessment();
    assert!(assessment.text(0, "flags").contains("wrapped"));
    let written = &assessment.features()[0]["geometry"];
    assert_eq!(written["type"], "MultiPolygon");
    let longitudes: Vec<f64> = written["coordinates"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|part| part[0].as_array().unwrap())
        .map(|at| at[0].as_f64().unwrap())
        .collect();
    assert!(longitudes.iter().all(|x| x.abs() <= 180.0));
    assert!(longitudes.contains(&180.0) && longitudes.contains(&-180.0));
}

#[test]
fn a_ring_that_winds_around_the_earth_twice_loses_its_row_alone() {
    let scene = Scene::empty();
    world(&scene);
    let spiral: Vec<[f64; 2]> = (0..30)
        .map(|step| [(f64::from(step) * 100.0).rem_euclid(360.0) - 180.0, f64::from(step)])
        .collect();
    let areas = [
        feature(
            &json!({"type": "Polygon", "coordinates": [closed(spiral)]}),
            &json!({"id": "spiral"}),
        ),
        drawn("usual", &star([10.0, 10.0], 4.0, 1).into()),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran = scene.assess("plain.tif,nodata_means=zero");
    assert_eq!(ran.code, 1);
    assert_eq!(ran.assessment().text(0, "status"), "invalid");
    assert!(ran.assessment().text(0, "reason").contains("around the earth"), "{}", ran.err);
    assert_eq!(ran.assessment().text(1, "status"), "ok");
}

/// People that a grid of one person a square kilometer, 0.002 degrees a cell, holds around 20° E, 60° N.
fn fine(scene: &Scene) {
    let mut raster =
        scene.bare_raster("fine.tif", 1000, &vec![1.0_f32; 1_000_000], &["COMPRESS=DEFLATE"]);
    raster.set_geo_transform(&[19.0, 0.002, 0.0, 61.0, 0.0, -0.002]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
}

#[test]
fn points_and_lines_with_a_buffer_are_areas_and_rings_lie_around_them() {
    let scene = Scene::empty();
    fine(&scene);
    let shape = |kind: &str, id: &str, coordinates: Value| {
        feature(&json!({"type": kind, "coordinates": coordinates}), &json!({"id": id}))
    };
    let areas = [
        shape("Point", "point", json!([20.0, 60.0])),
        shape("LineString", "line", json!([[20.0, 60.0], [20.0, 60.1]])),
        shape("MultiPoint", "points", json!([[20.0, 60.0], [20.5, 60.0]])),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let site = |x: f64, y: f64| crate::scene::point([x, y], &json!({}));
    // One in the middle, one about 1.1 km and one about 4.5 km north of it.
    let sites = [site(20.0, 60.0), site(20.0, 60.01), site(20.0, 60.04)];
    scene.write("sites.geojson", collection(&sites).to_string());
    let ran = scene.run(
        "assess --areas areas.geojson,buffer_m=1000,rings_m=[1000,4000] \
         --population fine.tif,measure=density,nodata_means=zero \
         --sites sites.geojson,class=hospital -o -",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    let disk = |km: f64| std::f64::consts::PI * km * km;
    let close = |found: f64, wanted: f64| (found / wanted - 1.0).abs() < 1e-3;
    for (row, points) in [(0, 1.0), (2, 2.0)] {
        assert!(close(out.number(row, "area_km2"), points * disk(1.0)));
        assert!(close(out.number(row, "pop_best"), points * disk(1.0)));
        assert!(close(out.number(row, "ring_1000m_pop_best"), points * (disk(2.0) - disk(1.0))));
        assert!(close(out.number(row, "ring_4000m_pop_best"), points * (disk(5.0) - disk(2.0))));
        assert!(out.text(row, "flags").contains("buffered"));
        let tiers = ["sites_t1", "ring_1000m_sites_t1", "ring_4000m_sites_t1"];
        assert_eq!(tiers.map(|tier| out.number(row, tier)), [1.0, 1.0, 1.0]);
    }
    // A tenth of a degree of latitude at 60° N, by the meridian's radius there.
    let length = 11.141_24;
    assert!(close(out.number(1, "pop_best"), disk(1.0) + 2.0 * length));
    assert!(close(out.number(1, "ring_1000m_pop_best"), disk(2.0) - disk(1.0) + 2.0 * length));
    assert_eq!(out.number(1, "sites_t1"), 3.0);
    assert_eq!(out.number(1, "ring_1000m_sites_t1"), 0.0);
    let names: Vec<&String> = out.features()[0]["properties"].as_object().unwrap().keys().collect();
    let first = names.iter().position(|name| *name == "ring_1000m_pop_best").unwrap();
    assert_eq!(names[first - 1], "pop_peak_km2");
    assert_eq!(names[first + 10], "vulnerable_low");
}

#[test]
fn a_ring_around_a_polygon_holds_what_its_buffer_holds_more() {
    let scene = Scene::empty();
    fine(&scene);
    let area = star([20.1, 59.95], 0.2, 12);
    scene.write("areas.geojson", collection(&[drawn("A", &area.into())]).to_string());
    let people = |options: &str, column: &str| {
        let ran = scene.run(&format!(
            "assess --areas areas.geojson{options} --population fine.tif,measure=density,nodata_means=zero -o -"
        ));
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.assessment().number(0, column)
    };
    let ring = people(",rings_m=[3000]", "ring_3000m_pop_best");
    let more = people(",buffer_m=3000", "pop_best") - people("", "pop_best");
    assert!((ring - more).abs() < 2e-3, "{ring} is not {more}");
    let inner = people(",buffer_m=1000,rings_m=[2000]", "ring_2000m_pop_best");
    let part = more - (people(",buffer_m=1000", "pop_best") - people("", "pop_best"));
    assert!((inner - part).abs() < 2e-3, "{inner} is not {part}");
}

#[test]
fn a_buffer_reaches_across_180_degrees_and_over_the_pole() {
    let scene = Scene::empty();
    let mut raster = scene.bare_raster("world.tif", 720, &vec![1.0_f32; 720 * 360], &[]);
    raster.set_geo_transform(&[-180.0, 0.5, 0.0, 90.0, 0.0, -0.5]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
    drop(raster);
    let at = |id: &str, x: f64, y: f64| crate::scene::point([x, y], &json!({"id": id}));
    let areas = [
        at("180", 180.0, 0.0),
        at("-180", -180.0, 0.0),
        at("190", 190.0, 20.0),
        at("pole", 12.0, 89.5),
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let ran = scene.run(
        "assess --areas areas.geojson,buffer_m=200000 --population world.tif,measure=density,nodata_means=zero -o -",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    for row in 0..areas.len() {
        let (people, km2) = (out.number(row, "pop_best"), out.number(row, "area_km2"));
        // A circle of 200 km on a sphere: 2πR²(1 − cos(d/R)).
        assert!((km2 / 125_653.4 - 1.0).abs() < 1e-3, "{km2}");
        // The share of a cell is one of the plane, and rows are half a degree high.
        assert!((people / km2 - 1.0).abs() < 2e-2, "{people} of {km2}");
        assert_eq!(out.number(row, "missing_share"), 0.0);
    }
    assert_eq!(out.number(0, "pop_best"), out.number(1, "pop_best"));
}

#[test]
fn sites_on_both_sides_of_180_degrees_are_found_however_they_are_written() {
    let scene = Scene::empty();
    world(&scene);
    let across = [[170.0, -10.0], [-170.0, -10.0], [-170.0, 10.0], [170.0, 10.0]];
    let west = [[-180.0, -10.0], [-170.0, -10.0], [-170.0, 10.0], [-180.0, 10.0]];
    let polygon = |id: &str, ring: [[f64; 2]; 4]| {
        let polygon = json!({"type": "Polygon", "coordinates": [closed(ring.to_vec())]});
        feature(&polygon, &json!({"id": id}))
    };
    let areas = [polygon("across", across), polygon("west", west)];
    scene.write("areas.geojson", collection(&areas).to_string());
    let shape = |kind: &str, coordinates: Value| {
        feature(&json!({"type": kind, "coordinates": coordinates}), &json!({}))
    };
    let sites = [
        shape("Point", json!([179.0, 0.0])),
        shape("Point", json!([-179.0, 0.0])),
        shape("Point", json!([181.0, 1.0])),
        shape("Point", json!([180.0, 0.0])),
        shape("Point", json!([-180.0, 1.0])),
        shape("LineString", json!([[178.0, 3.0], [-178.0, 3.0]])),
        shape(
            "Polygon",
            json!([[[178.0, 4.0], [-178.0, 4.0], [-178.0, 5.0], [178.0, 5.0], [178.0, 4.0]]]),
        ),
        // Beside: neither west of the area nor around the earth the other way.
        shape("Point", json!([165.0, 0.0])),
        shape("LineString", json!([[20.0, 0.0], [30.0, 0.0]])),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    let ran = scene.run(
        "assess --areas areas.geojson --population plain.tif --sites sites.geojson,class=hospital -o -",
    );
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    assert_eq!(out.number(0, "sites_hospital"), 7.0);
    assert_eq!(out.number(1, "sites_hospital"), 6.0, "all but the one at 179");
    // Kilometers of a line are those on both sides.
    let line = shape("LineString", json!([[169.0, 0.0], [-169.0, 0.0]]));
    let flat = polygon("flat", [[179.9, -1.0], [-179.9, -1.0], [-179.9, 1.0], [179.9, 1.0]]);
    scene.write("line.geojson", collection(&[line]).to_string());
    scene.write("areas.geojson", collection(&[flat]).to_string());
    let ran = scene.run(
        "assess --areas areas.geojson --population plain.tif --sites line.geojson,class=farmland_irrigation -o -",
    );
    // 0.2 degrees of the equator, one unit a kilometer.
    let load = ran.assessment().number(0, "site_load_best");
    assert!((load - 0.2 * 111.319_49).abs() < 1e-3, "{load}");
}

/// A box along parallels and meridians, in two corners.
fn boxed(id: &str, [west, south, east, north]: [f64; 4]) -> Value {
    crate::scene::area(id, &[[west, south, east, north]])
}

#[test]
fn a_box_around_the_earth_is_no_slit_on_a_grid_around_the_pole() {
    let scene = Scene::empty();
    // Torn where the box begins and ends, so that both of its ends are one point.
    even(&scene, ("pole.tif", "EPSG:6931"), [-4e6, 4e6], 80_000.0, [100, 100]);
    let areas = [
        boxed("cap", [-180.0, 60.0, 180.0, 90.0]),
        boxed("almost", [-179.9999, 60.0, 179.9999, 90.0]),
        boxed("belt", [-180.0, 65.0, 180.0, 80.0]),
    ];
    let out = assess(&scene, &areas, "pole.tif,measure=density,nodata_means=zero");
    for row in 0..3 {
        let (people, km2) = (out.number(row, "pop_best"), out.number(row, "area_km2"));
        assert!((people / km2 - 1.0).abs() < 1e-3, "row {row}: {people} of {km2}");
        assert_eq!(out.number(row, "missing_share"), 0.0);
    }
}

#[test]
fn a_wide_box_is_meant_as_drawn_in_formats_whose_rings_run_clockwise() {
    let scene = Scene::empty();
    world(&scene);
    let wide = "POLYGON ((-100 10, -100 20, 100 20, 100 10, -100 10))";
    scene.layer("wide.shp", "ESRI Shapefile", Some(4326), &[wide]);
    let ran = scene.run("assess --areas wide.shp --population plain.tif -o -");
    let here = assess(&scene, &[boxed("A", [-100.0, 10.0, 100.0, 20.0])], "plain.tif");
    assert_eq!(ran.assessment().number(0, "pop_best"), here.number(0, "pop_best"));
}

#[test]
fn a_grid_that_runs_on_beyond_its_tear_counts_there_too() {
    let scene = Scene::empty();
    let edge = 20_037_508.342_789;
    // 1,000 km to either side of 180 degrees.
    even(&scene, ("fiji.tif", "EPSG:3857"), [edge - 1e6, 1e6], 20_000.0, [100, 100]);
    let areas = [
        boxed("across", [176.0, -5.0, 184.0, 5.0]),
        boxed("east", [-179.5, -5.0, -178.0, 5.0]),
        boxed("half beyond", [160.0, -5.0, 180.0, 5.0]),
    ];
    let out = assess(&scene, &areas, "fiji.tif,measure=density,nodata_means=zero");
    for row in 0..2 {
        let (people, km2) = (out.number(row, "pop_best"), out.number(row, "area_km2"));
        assert!((people / km2 - 1.0).abs() < 1e-3, "row {row}: {people} of {km2}");
        assert_eq!(out.number(row, "missing_share"), 0.0);
    }
    let missing = out.number(2, "missing_share");
    assert!((missing - (1.0 - 1e6 / (20.0 * 111_319.49))).abs() < 1e-2, "{missing}");
    let home =
        format!("POLYGON (({w} 0,{e} 0,{e} 5e5,{w} 5e5,{w} 0))", w = edge - 5e5, e = edge + 5e5);
    scene.layer("home.gpkg", "GPKG", Some(3857), &[&home]);
    let ran = scene.run(
        "assess --areas home.gpkg --population fiji.tif,measure=density,nodata_means=zero -o -",
    );
    let out = ran.assessment();
    let (people, km2) = (out.number(0, "pop_best"), out.number(0, "area_km2"));
    assert!((people / km2 - 1.0).abs() < 1e-3, "{people} of {km2}");
}

#[test]
fn areas_in_another_datum_end_at_180_degrees_and_at_the_pole() {
    let scene = Scene::empty();
    world(&scene);
    let mut areas = collection(&[
        boxed("cap", [-180.0, 60.0, 180.0, 90.0]),
        boxed("across", [170.0, 10.0, 190.0, 20.0]),
    ]);
    areas["crs"] = json!({"type": "name", "properties": {"name": "EPSG:4284"}});
    scene.write("areas.geojson", areas.to_string());
    let ran = scene.assess("plain.tif,nodata_means=zero");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let out = ran.assessment();
    let here =
        [boxed("cap", [-180.0, 60.0, 180.0, 90.0]), boxed("across", [170.0, 10.0, 190.0, 20.0])];
    let here = assess(&scene, &here, "plain.tif,nodata_means=zero");
    for row in 0..2 {
        let (there, here) = (out.number(row, "pop_best"), here.number(row, "pop_best"));
        assert!((there / here - 1.0).abs() < 1e-4, "{there} is not about {here}");
        assert_eq!(out.number(row, "missing_share"), 0.0);
        let text = out.features()[row]["geometry"].to_string();
        let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-');
        assert!(numbers.filter_map(|n| n.parse::<f64>().ok()).all(|n| n.abs() <= 180.0), "{text}");
    }
}

#[test]
fn points_are_buffered_each_by_itself_in_any_system() {
    let scene = Scene::empty();
    world(&scene);
    scene.layer(
        "points.gpkg",
        "GPKG",
        Some(32633),
        &["MULTIPOINT (400000 5000000, 600000 5000000)"],
    );
    let ran = scene.run("assess --areas points.gpkg,buffer_m=10000 --population plain.tif -o -");
    let km2 = ran.assessment().number(0, "area_km2");
    assert!((km2 / (2.0 * std::f64::consts::PI * 100.0) - 1.0).abs() < 1e-3, "{km2}");
    let around: Vec<[f64; 2]> =
        (0..12).map(|step| [f64::from(step % 3) * 120.0 - 170.0, 10.0 + f64::from(step)]).collect();
    let points = feature(&json!({"type": "MultiPoint", "coordinates": around}), &json!({}));
    scene.write("areas.geojson", collection(&[points]).to_string());
    let ran = scene.run("assess --areas areas.geojson,buffer_m=1000 --population plain.tif -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn an_interrupted_projection_is_refused() {
    let scene = Scene::usual();
    even(&scene, ("igh.tif", "+proj=igh +datum=WGS84"), [-2e7, 9e6], 100_000.0, [400, 180]);
    let (error, _) = scene.refused("assess --areas areas.geojson --population igh.tif");
    assert!(error.contains("an interrupted projection"), "{error}");
}

/// A geographic grid of people by chance around a place, in cells of so many degrees.
fn lumpy(scene: &Scene, name: &str, [x, y]: [f64; 2], size: f64) {
    let side = (3.0 / size) as usize;
    let mut next = random(5);
    let people: Vec<f32> = (0..side * side).map(|_| (2e7 * next() * next()) as f32).collect();
    let mut raster = scene.bare_raster(name, side, &people, &["COMPRESS=DEFLATE"]);
    let half = side as f64 * size / 2.0;
    raster.set_geo_transform(&[x - half, size, 0.0, y + half, 0.0, -size]).unwrap();
    raster.set_spatial_ref(&SpatialRef::from_epsg(4326).unwrap()).unwrap();
}

/// The same area with a thousand vertices on each edge.
fn with_many_vertices(area: &Polygon<f64>) -> Polygon<f64> {
    let cut = |ring: &LineString<f64>| -> LineString<f64> {
        let points = ring.lines().flat_map(|edge| {
            let at =
                move |step: i32| edge.start + (edge.end - edge.start) * (f64::from(step) / 1e3);
            (0..1000).map(at)
        });
        points.chain(ring.0.first().copied()).collect()
    };
    Polygon::new(cut(area.exterior()), area.interiors().iter().map(cut).collect())
}

#[test]
fn edges_straight_in_a_projected_plane_are_followed_to_1e_7_on_any_grid() {
    for (epsg, place, middle) in [
        (32636, [30.5, 50.4], [322_000.0, 5_586_000.0]),
        (3857, [30.5, 50.4], [3_395_000.0, 6_522_000.0]),
        (32735, [28.6, -1.8], [678_000.0, 9_801_000.0]),
        (3413, [-51.7, 64.2], [-328_000.0, -2_804_000.0]),
    ] {
        let scene = Scene::empty();
        let square = |reach: f64| {
            let [x, y] = middle;
            let rect = Rect::new(
                Coord { x: x - reach, y: y - 0.6 * reach },
                Coord { x: x + reach, y: y + reach },
            );
            rect.to_polygon()
        };
        let areas = [square(600.0), square(9000.0), square(45_000.0), star(middle, 30_000.0, 4)];
        let crs = json!({"type": "name", "properties": {"name": format!("EPSG:{epsg}")}});
        let write = |name: &str, areas: &[Polygon<f64>]| {
            let ids = ["A", "B", "C", "D"].iter().zip(areas);
            let features: Vec<Value> =
                ids.map(|(id, area)| drawn(id, &area.clone().into())).collect();
            let mut text = collection(&features);
            text["crs"] = crs.clone();
            scene.write(name, text.to_string());
        };
        write("few.geojson", &areas);
        write("many.geojson", &areas.each_ref().map(with_many_vertices));
        for (name, size) in [("fine.tif", 0.005), ("middle.tif", 0.05), ("coarse.tif", 0.5)] {
            lumpy(&scene, name, place, size);
            let people = |file: &str| -> Vec<f64> {
                let ran = scene.run(&format!("assess --areas {file} --population {name} -o -"));
                assert_eq!(ran.code, 0, "{}", ran.err);
                let out = ran.assessment();
                (0..4).map(|row| out.number(row, "pop_best")).collect()
            };
            let (few, many) = (people("few.geojson"), people("many.geojson"));
            for (few, many) in few.into_iter().zip(many) {
                // Written with three decimals.
                let slack = (1e-7 * many).max(1e-4) + 1.1e-3;
                assert!(many > 0.0 && (few - many).abs() < slack, "{epsg} {name}: {few} {many}");
            }
        }
    }
}
