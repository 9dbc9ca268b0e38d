//! OpenStreetMap data as the tools of the field write it: Geofabrik, HOT, healthsites.io, Overpass Turbo, `QuickOSM`,
//! osm2pgsql, GDAL, databases. Classes, names, numbers and ids are the same whoever wrote them.

use crate::scene::{Scene, collection, point};
use gdal::DriverManager;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{Geometry, LayerAccess, LayerOptions, OGRFieldType};
use serde_json::{Value, json};

/// A site as the register has it.
#[derive(Debug, PartialEq)]
struct Site {
    class: String,
    name: Option<String>,
    occupants: Option<f64>,
}

/// The sites of a layer by their ids, as `civex sites` writes them; and what it said.
fn sites(scene: &Scene, layer: &str) -> (Vec<(String, Site)>, String) {
    let ran = scene.run(&format!("sites {layer} --full-precision -o -"));
    assert_eq!(ran.code, 0, "{layer}: {}", ran.err);
    let text: Value = serde_json::from_str(&ran.out).unwrap();
    let rows = text["features"].as_array().unwrap().iter().map(|row| {
        let own = &row["properties"];
        let text = |key: &str| own[key].as_str().map(str::to_string);
        let site = Site {
            class: text("class").unwrap(),
            name: text("name"),
            occupants: own["occupants"].as_f64(),
        };
        (text("site_id").unwrap(), site)
    });
    let mut rows: Vec<(String, Site)> = rows.collect();
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    (rows, ran.err)
}

fn site(id: &str, class: &str, name: Option<&str>, occupants: Option<f64>) -> (String, Site) {
    let (class, name) = (class.to_string(), name.map(str::to_string));
    (id.to_string(), Site { class, name, occupants })
}

/// A file of GDAL with one point for each row of texts; an empty text is no value.
fn gdal_file(scene: &Scene, driver: &str, name: &str, columns: &[&str], rows: &[&[&str]]) {
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    let mut file = driver.create_vector_only(scene.path(name)).unwrap();
    let mut srs = SpatialRef::from_epsg(4326).unwrap();
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let (stem, _) = name.split_once('.').unwrap();
    let options = LayerOptions {
        name: stem,
        srs: Some(&srs),
        ty: Geometry::from_wkt("POINT (0 0)").unwrap().geometry_type(),
        ..LayerOptions::default()
    };
    let layer = file.create_layer(options).unwrap();
    let fields: Vec<_> = columns.iter().map(|name| (*name, OGRFieldType::OFTString)).collect();
    layer.create_defn_fields(&fields).unwrap();
    for (at, row) in rows.iter().enumerate() {
        let mut feature = gdal::vector::Feature::new(layer.defn()).unwrap();
        let shape = format!("POINT ({} 49.93)", 20.03 + 0.02 * at as f64);
        feature.set_geometry(Geometry::from_wkt(&shape).unwrap()).unwrap();
        for (place, text) in row.iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            feature.set_field_string(place, text).unwrap();
        }
        feature.create(&layer).unwrap();
    }
}

#[test]
fn feature_classes_of_geofabrik_are_tags_and_tell_of_their_theme_alone() {
    let scene = Scene::usual();
    let columns = ["osm_id", "code", "fclass", "name"];
    let rows: [&[&str]; 4] = [
        &["501", "2110", "hospital", "St Anna"],
        &["502", "2082", "school", ""],
        &["503", "2012", "community_centre", "Hall"],
        &["504", "2015", "graveyard", ""],
    ];
    gdal_file(&scene, "ESRI Shapefile", "gis_osm_pois_free_1.shp", &columns, &rows);
    let (found, err) = sites(&scene, "gis_osm_pois_free_1.shp,classify=osm");
    let wanted = [
        site("501", "hospital", Some("St Anna"), Some(100.0)),
        site("502", "school", None, Some(300.0)),
        site("504", "burial_site", None, None),
    ];
    assert_eq!(found, wanted);
    assert!(err.contains("1 of 4 features not used: 1 (its tags are of no class)"), "{err}");
    let rows: [&[&str]; 1] = [&["601", "3301", "muslim_sunni", "X"]];
    gdal_file(&scene, "ESRI Shapefile", "gis_osm_pofw_free_1.shp", &columns, &rows);
    let (found, _) = sites(&scene, "gis_osm_pofw_free_1.shp,classify=osm");
    assert_eq!(found, [site("601", "place_of_worship", Some("X"), None)]);
    // Its faith is never shown.
    let ran = scene.run("inspect gis_osm_pofw_free_1.shp");
    assert!(ran.out.contains("classify = \"osm\"") && !ran.out.contains("muslim"), "{}", ran.out);
    let ran = scene.run("sites gis_osm_pofw_free_1.shp,class_field=fclass -o -");
    assert!(!ran.err.contains("muslim"), "{}", ran.err);
}

#[test]
fn buildings_of_geofabrik_keep_their_tag_in_a_column_of_their_own() {
    let scene = Scene::usual();
    let columns = ["osm_id", "code", "fclass", "name", "type"];
    let rows: [&[&str]; 2] =
        [&["1", "1500", "building", "", "house"], &["2", "1500", "building", "", "garage"]];
    gdal_file(&scene, "ESRI Shapefile", "gis_osm_buildings_a_free_1.shp", &columns, &rows);
    let (found, _) = sites(&scene, "gis_osm_buildings_a_free_1.shp,classify=osm");
    assert_eq!(found, [site("1", "dwelling_area", None, None)]);
}

#[test]
fn exports_of_hot_have_underscores_for_colons() {
    let scene = Scene::usual();
    scene.write(
        "hotosm_isl_health_facilities.csv",
        "osm_id,osm_type,name,name_en,amenity,building,healthcare,healthcare_speciality,operator_type,\
         capacity_persons,social_facility,social_facility_for,addr_full,source,longitude,latitude\n\
         11,nodes,,Saint Anna,hospital,yes,hospital,,public,250,,,,,20.03,49.93\n\
         12,nodes,Home,,social_facility,,,,,,group_home,orphan,,,20.05,49.93\n",
    );
    let layer = "hotosm_isl_health_facilities.csv,classify=osm";
    let (found, err) = sites(&scene, layer);
    let wanted = [
        site("11", "hospital", Some("Saint Anna"), Some(100.0)),
        site("12", "child_care_home", Some("Home"), Some(30.0)),
    ];
    assert_eq!((&found[..], &*err), (&wanted[..], ""));
    let ran = scene.run(&format!("assess plan.toml --sites {layer} -o -"));
    let row = ran.assessment();
    assert_eq!(row.number(0, "sites_hospital"), 1.0);
    let ran = scene.run("inspect hotosm_isl_health_facilities.csv");
    assert!(ran.out.contains("classify = \"osm\""), "{}", ran.out);
}

#[test]
fn names_of_ten_letters_are_those_of_longer_keys() {
    let scene = Scene::usual();
    let columns = ["osm_id", "name_en", "amenity", "social_fac", "shelter_ty", "capacity_p"];
    let rows: [&[&str]; 2] = [
        &["1", "Food", "social_facility", "food_bank", "", "1,500 persons"],
        &["2", "Deep", "shelter", "", "bomb_shelter", ""],
    ];
    gdal_file(&scene, "ESRI Shapefile", "hot.shp", &columns, &rows);
    let (found, err) = sites(&scene, "hot.shp,classify=osm");
    let classes: Vec<&str> = found.iter().map(|(_, site)| site.class.as_str()).collect();
    assert_eq!((classes, &*err), (vec!["relief_site", "civil_shelter"], ""));
}

#[test]
fn healthsites_tell_of_health_alone() {
    let scene = Scene::usual();
    let own = json!({
        "attributes": {"amenity": "hospital", "healthcare": "hospital", "name": "St Anna", "beds": "1,200",
            "staff_doctors": "12", "operator_type": "public", "contact_number": "112", "uuid": "u"},
        "osm_id": 77, "osm_type": "node", "completeness": 35.0, "centroid": {"type": "Point", "coordinates": [0, 0]},
    });
    scene.write("nested.geojson", collection(&[point([20.03, 49.93], &own)]).to_string());
    scene.write(
        "flat.csv",
        "osm_id,osm_type,completeness,amenity,healthcare,name,beds,staff_doctors,X,Y\n\
         77,node,35.0,hospital,hospital,St Anna,\"1,200 beds\",12,20.03,49.93\n",
    );
    for layer in ["nested.geojson,classify=osm", "flat.csv,classify=osm"] {
        let (found, err) = sites(&scene, layer);
        let wanted = [site("77", "hospital", Some("St Anna"), Some(1200.0))];
        assert_eq!((&found[..], &*err), (&wanted[..], ""), "{layer}");
    }
}

#[test]
fn overpass_turbo_nests_or_flattens() {
    let scene = Scene::usual();
    let flat = json!({"@id": "way/9", "amenity": "hospital", "beds": "~200", "name:is": "Spítali",
        "@relations": [{"role": "outer", "rel": 3, "reltags": {"type": "multipolygon"}}]});
    let nested = json!({"type": "way", "id": "way/9", "relations": [], "meta": {},
        "tags": {"amenity": "hospital", "beds": "200 beds", "name:is": "Spítali"}});
    let overpass = json!({"osm_type": "way", "full_id": "way/9",
        "tags": {"amenity": "hospital", "beds": 200, "name": "Spítali"}, "timestamp": "2026-01-01T00:00:00Z"});
    for own in [flat, nested, overpass] {
        scene.write("export.geojson", collection(&[point([20.03, 49.93], &own)]).to_string());
        let (found, err) = sites(&scene, "export.geojson,classify=osm");
        let wanted = [site("way/9", "hospital", Some("Spítali"), Some(200.0))];
        assert_eq!((&found[..], &*err), (&wanted[..], ""), "{own}");
        let ran = scene.run("inspect export.geojson");
        assert!(ran.out.contains("classify = \"osm\""), "{}", ran.out);
    }
}

#[test]
fn packed_tags_are_those_of_columns_whoever_packed_them() {
    let scene = Scene::usual();
    let hstore = r#""amenity"=>"hospital","beds"=>"200","name:en"=>"St \"Anna\"","x"=>NULL"#;
    let json_text = r#"{"amenity":"hospital","beds":"200","name:en":"St \"Anna\""}"#;
    let map = r#"{amenity=hospital, beds=200, name:en=St "Anna"}"#;
    let python = r#"{'amenity': 'hospital', 'beds': 200, 'name:en': 'St "Anna"'}"#;
    let files = [
        ("osm2pgsql.gpkg", "tags", hstore),
        ("gdal.gpkg", "other_tags", hstore),
        ("gdal_json.gpkg", "other_tags", json_text),
        ("quickosm.gpkg", "tags", json_text),
        ("ohsome.gpkg", "tags", map),
        ("pandas.gpkg", "tags", python),
    ];
    let wanted = [site("201", "hospital", Some("St \"Anna\""), Some(200.0))];
    for (file, column, packed) in files {
        gdal_file(&scene, "GPKG", file, &["osm_id", "name", column], &[&["201", "", packed]]);
        for way in ["classify=osm", "class=hospital", "class_field=amenity"] {
            let (found, err) = sites(&scene, &format!("{file},{way}"));
            assert_eq!((&found[..], &*err), (&wanted[..], ""), "{file},{way}");
        }
        let ran = scene.run(&format!("inspect {file}"));
        assert!(ran.out.contains("classify = \"osm\""), "{}", ran.out);
        assert!(!ran.out.contains("Anna"), "what is packed is not shown: {}", ran.out);
    }
    let cell = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    for packed in [hstore, json_text, map, python] {
        let table = format!("full_id,tags,lon,lat\n201,{},20.03,49.93\n", cell(packed));
        scene.write("table.csv", table);
        assert_eq!(sites(&scene, "table.csv,classify=osm").0, wanted, "{packed}");
    }
}

#[test]
fn what_is_no_longer_there_makes_no_site_wherever_its_tags_are() {
    let scene = Scene::usual();
    let rows = [
        json!({"@id": "1", "tags": {"disused:amenity": "hospital"}}),
        json!({"@id": "2", "other_tags": "\"abandoned:amenity\"=>\"school\""}),
        json!({"@id": "3", "disused_amenity": "hospital"}),
        json!({"@id": "4", "amenity": "school", "tags": "{\"disused\": \"yes\"}"}),
    ];
    let points: Vec<Value> = rows.iter().map(|own| point([20.03, 49.93], own)).collect();
    scene.write("former.geojson", collection(&points).to_string());
    let (found, err) = sites(&scene, "former.geojson,classify=osm");
    assert_eq!(found, []);
    for why in [
        "2 (hospital is not present (`disused:`))",
        "1 (school is not present (`abandoned:`))",
        "1 (school is not present (`disused:`))",
    ] {
        assert!(err.contains(why), "{err}");
    }
}

#[test]
fn a_number_in_tags_that_nobody_can_read_is_told_with_its_site() {
    let scene = Scene::usual();
    let rows = [
        json!({"@id": "way/1", "tags": {"amenity": "hospital", "beds": "many"}}),
        json!({"@id": "way/2", "other_tags": "\"amenity\"=>\"hospital\",\"beds\"=>\"20-30\""}),
        json!({"@id": "way/3", "amenity": "hospital", "beds": "1 200"}),
    ];
    let places = [[20.03, 49.93], [20.05, 49.93], [20.07, 49.93]];
    let points: Vec<Value> = rows.iter().zip(places).map(|(own, at)| point(at, own)).collect();
    scene.write("beds.geojson", collection(&points).to_string());
    let (found, err) = sites(&scene, "beds.geojson,classify=osm");
    let occupants: Vec<_> = found.iter().map(|(_, site)| site.occupants).collect();
    assert_eq!(occupants, [Some(100.0), Some(100.0), Some(1200.0)]);
    assert!(err.contains("site \"way/1\": beds \"many\" is not used"), "{err}");
    assert!(err.contains("site \"way/2\": beds \"20-30\" is not used"), "{err}");
}

#[test]
fn a_column_of_classes_is_read_however_it_is_written() {
    let scene = Scene::usual();
    scene.write(
        "mixed.csv",
        "id,kind,lon,lat\n\
         1,Hospital ,20.03,49.93\n2,HOSPITAL,20.05,49.93\n3,hospital,20.07,49.93\n\
         4,Health Center,20.09,49.93\n5,Primary School,20.11,49.93\n6,Places of worship,20.13,49.93\n",
    );
    let (found, err) = sites(&scene, "mixed.csv,class_field=kind");
    let classes: Vec<&str> = found.iter().map(|(_, site)| site.class.as_str()).collect();
    let wanted = ["hospital", "hospital", "hospital", "health_centre", "place_of_worship"];
    assert_eq!(classes, wanted);
    let told = "notice: mixed.csv: 4 features read as a class that is written another way: \
        kind=HOSPITAL as hospital (1), kind=Health Center as health_centre (1), kind=Hospital as hospital (1), \
        kind=Places of worship as place_of_worship (1)\n\
        notice: mixed.csv: 1 of 6 features not used: 1 (\"Primary School\" in column \"kind\" is no class, \
        did you mean `school`?)\n";
    assert_eq!(err, told);
    scene.write(
        "table.csv",
        "id,kind,lon,lat\n1,HÔPITAUX,20.03,49.93\n2,École,20.05,49.93\n3,ecoles,20.07,49.93\n",
    );
    let layer = "table.csv,class_field=kind,classes={Hopital='hospital','École'='school'}";
    let (found, err) = sites(&scene, layer);
    assert_eq!(found.len(), 2, "{err}");
    assert!(
        err.contains("\"HÔPITAUX\" in column \"kind\" is no class, did you mean `Hopital`?"),
        "{err}"
    );
}

#[test]
fn a_layer_that_tells_nothing_says_what_to_do_with_a_value_of_its_own() {
    let scene = Scene::usual();
    scene.write(
        "isl.csv",
        "id,kind,lon,lat\n1,Skóli,20.03,49.93\n2,Skóli,20.05,49.93\n3,Búð,20.07,49.93\n",
    );
    let ran = scene.run("sites isl.csv,class_field=kind -o -");
    let wanted = "say what the values mean: `classes = { \"Skóli\" = \"\" }` beside `class_field`, a class of \
        `civex taxonomy` between the quotes";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    let (sentence, hint) = scene.refused("sites isl.csv,class_field=kind,classes={'Skóli'=''}");
    assert!(sentence.ends_with("`classes` gives \"Skóli\" no class"), "{sentence}");
    assert!(hint.contains("write a class between the quotes"), "{hint}");
    let (found, _) = sites(&scene, "isl.csv,class_field=kind,classes={'Skóli'='school'}");
    assert_eq!(found.len(), 2);
    scene.write("clinics.csv", "id,kind,lon,lat\n1,Clinic,20.03,49.93\n");
    let ran = scene.run("sites clinics.csv,class_field=kind -o -");
    assert!(ran.err.contains("`classes = { \"Clinic\" = \"health_centre\" }`"), "{}", ran.err);
}

#[test]
fn inspection_suggests_classes_that_make_sense_and_leaves_the_others_blank() {
    let scene = Scene::usual();
    scene.write(
        "kinds.csv",
        "id,kind,lon,lat\n1,HOSPITAL,20.03,49.93\n2,Hospitals,20.05,49.93\n3,Pharmacy,20.07,49.93\n4,Búð,20.09,49.93\n",
    );
    let ran = scene.run("inspect kinds.csv");
    assert!(ran.out.contains("class_field = \"kind\""), "{}", ran.out);
    let line = "# classes = { \"Búð\" = \"\", \"Pharmacy\" = \"medical_supply\" }";
    assert!(ran.out.contains(line), "{}", ran.out);
    let told = "\"kind\" tells the class of 2 features, 2 of them written another way; 2 values of no class: \
        \"Búð\", \"Pharmacy\"";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn a_layer_of_columns_maps_no_class_that_they_cannot_tell() {
    let scene = Scene::usual();
    scene.write("columns.csv", "osm_id,healthcare,lon,lat\n1,hospital,20.03,49.93\n");
    let ran = scene.run("sites columns.csv,classify=osm --full-precision -o -");
    let mapped = mapped(&ran.out);
    assert!(
        mapped.contains(&"hospital".into()) && !mapped.contains(&"dam_dyke".into()),
        "{mapped:?}"
    );
    let own = json!({"@id": "1", "healthcare": "hospital"});
    scene.write("any.geojson", collection(&[point([20.03, 49.93], &own)]).to_string());
    let ran = scene.run("sites any.geojson,classify=osm --full-precision -o -");
    assert!(self::mapped(&ran.out).contains(&"dam_dyke".into()), "any key may come");
}

/// The classes that a register says are mapped.
fn mapped(register: &str) -> Vec<String> {
    let text: Value = serde_json::from_str(register).unwrap();
    let classes = text["civex"]["mapped"].as_array().unwrap();
    classes.iter().map(|class| class.as_str().unwrap().to_string()).collect()
}
