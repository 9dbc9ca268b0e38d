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
        let ran = scene.run(&format!("sites {layer} --full-precision -o -"));
        let mapped = mapped(&ran.out);
        assert!(mapped.contains(&"health_centre".into()), "{mapped:?}");
        for other in ["care_institution", "emergency_service", "school"] {
            assert!(!mapped.contains(&other.into()), "{mapped:?}");
        }
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
fn a_site_that_says_it_is_out_of_use_is_not_present() {
    let scene = Scene::usual();
    scene.write(
        "sites.csv",
        "osm_id,completeness,amenity,operational_status,X,Y\n1,9,hospital,operational,20.03,49.93\n\
         2,9,hospital,non_operational,20.05,49.93\n3,9,clinic,Non-Operational,20.07,49.93\n",
    );
    let (found, err) = sites(&scene, "sites.csv,classify=osm");
    assert_eq!(found.len(), 1, "{err}");
    assert!(err.contains("1 (hospital is not present (`operational_status`))"), "{err}");
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
        "id,kind,lon,lat\n1,Búð,20.03,49.93\n2,Búð,20.05,49.93\n3,Höll,20.07,49.93\n4,Höll,20.07,49.95\n\
         5,Skúr,20.07,49.97\n",
    );
    let ran = scene.run("sites isl.csv,class_field=kind -o -");
    let wanted = "say what the values mean: `classes = { \"Búð\" = \"\", \"Höll\" = \"\" }` beside `class_field`, a class of \
        `civex taxonomy` between the quotes; `civex inspect` lists the other values";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    assert!(
        !ran.err.contains("Skúr"),
        "what one row alone says may be about a person: {}",
        ran.err
    );
    let ran = scene.run("inspect isl.csv");
    assert!(ran.out.contains("Skúr"), "{}", ran.out);
    let (sentence, hint) = scene.refused("sites isl.csv,class_field=kind,classes={'Búð'=''}");
    assert!(sentence.ends_with("`classes` gives \"Búð\" no class"), "{sentence}");
    assert!(hint.contains("write a class between the quotes"), "{hint}");
    let (found, _) = sites(&scene, "isl.csv,class_field=kind,classes={'Búð'='school'}");
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
}

#[test]
fn an_export_maps_what_it_was_asked_for_and_never_what_it_was_not() {
    let scene = Scene::usual();
    let at = [20.03, 49.93];
    let mapped_by = |name: &str, rows: &[Value]| {
        let points: Vec<Value> = rows.iter().map(|own| point(at, own)).collect();
        scene.write(name, collection(&points).to_string());
        let ran = scene.run(&format!("sites {name},classify=osm --full-precision -o -"));
        assert_eq!(ran.code, 0, "{}", ran.err);
        mapped(&ran.out)
    };
    let hospital = json!({"@id": "node/1", "amenity": "hospital"});
    let nested = json!({"@id": "node/1", "tags": {"amenity": "hospital", "name": "St Anna"}});
    let packed = json!({"osm_id": "1", "other_tags": "\"amenity\"=>\"hospital\""});
    for own in [hospital.clone(), nested, packed] {
        assert_eq!(
            mapped_by("hospitals.geojson", &[own]),
            ["hospital"],
            "nobody asked for schools"
        );
    }
    let other = |own: Value| mapped_by("all.geojson", &[hospital.clone(), own]);
    let of_amenity = other(json!({"@id": "node/2", "amenity": "bench"}));
    assert!(of_amenity.contains(&"school".into()), "{of_amenity:?}");
    assert!(!of_amenity.contains(&"dam_dyke".into()), "no feature has the key: {of_amenity:?}");
    let later = other(json!({"@id": "node/2", "waterway": "weir", "highway": "path"}));
    assert!(later.contains(&"dam_dyke".into()), "{later:?}");
    // What is gone, or nearly understood, does not tell that all was asked for.
    let gone = json!({"@id": "node/2", "disused:amenity": "hospital"});
    assert_eq!(other(gone), ["hospital"]);
    let ran = scene.run("assess plan.toml --sites hospitals.geojson,classify=osm -o -");
    let row = ran.assessment();
    assert_eq!(row.number(0, "sites_hospital"), 1.0);
    assert_eq!(row.get(0, "sites_school"), &Value::Null);
}

#[test]
fn a_tag_that_nearly_names_a_site_is_lost_and_never_a_zero() {
    let scene = Scene::usual();
    let rows = [
        json!({"@id": "1", "amenity": "hospital"}),
        json!({"@id": "2", "amenity": "health_post"}),
        json!({"@id": "3", "healthcare": "hosptial"}),
        json!({"@id": "4", "amenity": "bench"}),
        json!({"@id": "5", "amenity": "hospital|clinic"}),
        json!({"@id": "6", "amenity": ["clinic", "pharmacy"]}),
        json!({"@id": "7", "healthcare": "center"}),
    ];
    let points: Vec<Value> = (0..)
        .zip(&rows)
        .map(|(at, own)| point([20.03 + 0.02 * f64::from(at), 49.93], own))
        .collect();
    scene.write("near.geojson", collection(&points).to_string());
    let (found, err) = sites(&scene, "near.geojson,classify=osm");
    let classes: Vec<&str> = found.iter().map(|(_, site)| site.class.as_str()).collect();
    assert_eq!(classes, ["hospital", "hospital", "health_centre", "health_centre"]);
    for why in [
        "1 (amenity=health_post is of no class, did you mean `health_centre`?)",
        "1 (healthcare=hosptial is of no class, did you mean `hospital`?)",
        "1 (its tags are of no class)",
    ] {
        assert!(err.contains(why), "{err}");
    }
    let ran = scene.run("assess plan.toml --sites near.geojson,classify=osm -o -");
    assert!(ran.assessment().text(0, "flags").contains("sites_incomplete"), "{}", ran.out);
}

#[test]
fn feature_classes_of_geofabrik_are_read_in_any_case() {
    let scene = Scene::usual();
    let columns = ["osm_id", "fclass", "name"];
    let rows: [&[&str]; 3] =
        [&["1", "Hospital", "A"], &["2", "DRINKING WATER", ""], &["3", "Health post", ""]];
    gdal_file(&scene, "GPKG", "gis_osm_pois_free.gpkg", &columns, &rows);
    let (found, err) = sites(&scene, "gis_osm_pois_free.gpkg,classify=osm");
    let wanted =
        [site("1", "hospital", Some("A"), Some(100.0)), site("2", "water_point", None, None)];
    assert_eq!(found, wanted);
    assert!(
        err.contains("fclass=Health post is of no class, did you mean `health_centre`?"),
        "{err}"
    );
}

#[test]
fn names_and_numbers_are_read_by_the_heads_of_forms() {
    let scene = Scene::usual();
    for (head, name, beds) in [
        ("grp/fac_name,grp/type,grp/beds", Some("St Anna"), 120.0),
        ("Name of facility,Type,Number of beds", Some("St Anna"), 120.0),
        ("Nom de la structure,type,Nombre de lits", Some("St Anna"), 120.0),
        ("Hospital,type,No. of beds", Some("St Anna"), 120.0),
        ("Назва закладу,type,Ліжка", Some("St Anna"), 120.0),
        ("اسم المستشفى,type,عدد الأسرة", Some("St Anna"), 120.0),
        ("District name,type,available beds", None, 100.0),
    ] {
        let field = head.split(',').nth(1).unwrap();
        scene.write("form.csv", format!("{head},lon,lat\nSt Anna,hospital,120,20.03,49.93\n"));
        let (found, err) = sites(&scene, &format!("form.csv,class_field={field}"));
        assert_eq!(found, [site("1", "hospital", name, Some(beds))], "{head}: {err}");
    }
    scene.write(
        "pupils.csv",
        "School,class,Total enrolment,lon,lat\nPS 9,school,\"1,250 pupils\",20.03,49.93\n",
    );
    let (found, _) = sites(&scene, "pupils.csv");
    assert_eq!(found, [site("1", "school", Some("PS 9"), Some(1250.0))]);
    scene.write("word.csv", "name,class,Number of beds,lon,lat\nA,hospital,many,20.03,49.93\n");
    let (_, err) = sites(&scene, "word.csv");
    assert!(err.contains("Number of beds \"many\" is not used"), "{err}");
}

/// The classes that a register says are mapped.
fn mapped(register: &str) -> Vec<String> {
    let text: Value = serde_json::from_str(register).unwrap();
    let classes = text["civex"]["mapped"].as_array().unwrap();
    classes.iter().map(|class| class.as_str().unwrap().to_string()).collect()
}

#[test]
fn inspection_finds_columns_whose_values_are_classes_in_other_words() {
    let scene = Scene::usual();
    let table = |head: &str, values: &[&str]| {
        let rows: Vec<String> = (0..)
            .zip(values)
            .map(|(at, value)| format!("Place {at},{value},Region {},{at},20.0{at},49.93", at % 2))
            .collect();
        format!("title,{head},region,no,lon,lat\n{}\n", rows.join("\n"))
    };
    for (head, values, pairs) in [
        (
            "facility_type",
            &["Health Post", "Health Post", "Hospital", "Dispensary", "Health Post"][..],
            "\"Health Post\" = \"health_centre\", \"Dispensary\" = \"health_centre\"",
        ),
        (
            "category",
            &["Clinique", "École", "École", "Other"],
            "\"École\" = \"school\", \"Clinique\" = \"health_centre\", \"Other\" = \"\"",
        ),
        (
            "q7",
            &["Mosque", "Mosque", "Church", "Church"],
            "\"Church\" = \"place_of_worship\", \"Mosque\" = \"place_of_worship\"",
        ),
    ] {
        scene.write("list.csv", table(head, values));
        let ran = scene.run("inspect list.csv");
        assert!(ran.out.contains(&format!("class_field = \"{head}\"")), "{}", ran.out);
        assert!(ran.out.contains(&format!("# classes = {{ {pairs} }}")), "{}", ran.out);
    }
    scene.write("hotels.csv", table("type", &["Hotel", "Police Station", "Closed", "1"]));
    let ran = scene.run("inspect hotels.csv");
    assert!(!ran.out.contains("class_field = \"type\""), "{}", ran.out);
    // A scenario that names the column gets the line for its values too.
    scene.write("list.csv", table("kind", &["Hospital", "Health Post"]));
    scene.write(
        "named.toml",
        format!("{}\n[[sites]]\npath = \"list.csv\"\nclass_field = \"kind\"\n", crate::scene::PLAN),
    );
    let ran = scene.run("inspect named.toml");
    assert!(ran.out.contains("# classes = { \"Health Post\" = \"health_centre\" }"), "{}", ran.out);
}

#[test]
fn inspection_says_which_columns_tell_names_and_numbers() {
    let scene = Scene::usual();
    scene.write(
        "form.csv",
        "Name of facility,kind,Number of beds,maternity beds,lon,lat\nA,hospital,9,2,20.03,49.93\n",
    );
    let ran = scene.run("inspect form.csv");
    assert!(
        ran.out.contains("name: \"Name of facility\", beds: \"Number of beds\""),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("not used, since nobody knows what they count: \"maternity beds\""),
        "{}",
        ran.out
    );
}

#[test]
fn the_way_out_of_an_unread_layer_holds_when_it_is_followed_literally() {
    let scene = Scene::usual();
    scene.write(
        "list.csv",
        "id,kind,lon,lat\n1,Clinic,20.03,49.93\n2,Clinic,20.05,49.93\n3,Mosque,20.07,49.93\n4,Búð,20.09,49.93\n5,Búð,20.09,49.95\n",
    );
    let ran = scene.run("sites list.csv,class_field=kind -o -");
    assert_eq!(ran.code, 1);
    let hint = ran.err.lines().find(|line| line.starts_with("hint: ")).unwrap();
    let table = hint.split('`').nth(1).unwrap();
    assert_eq!(
        table,
        "classes = { \"Clinic\" = \"health_centre\", \"Mosque\" = \"place_of_worship\" }"
    );
    assert!(hint.contains("add \"Búð\" in the same way"), "{hint}");
    scene.write(
        "named.toml",
        format!(
            "{}\n[[sites]]\npath = \"list.csv\"\nclass_field = \"kind\"\n{table}\n",
            crate::scene::PLAN
        ),
    );
    let ran = scene.run("check named.toml");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn a_key_of_classes_that_names_no_value_is_told() {
    let scene = Scene::usual();
    scene.write("list.csv", "id,kind,lon,lat\n1,Clinics,20.03,49.93\n2,hospital,20.05,49.93\n");
    let layer = "list.csv,class_field=kind,classes={Clinic='health_centre',Klinik='health_centre',school='school'}";
    let (found, err) = sites(&scene, layer);
    assert_eq!(found.len(), 2, "{err}");
    assert!(err.contains("1 value of `classes` in no row of column \"kind\": \"Klinik\""), "{err}");
    assert!(!err.contains("\"school\"") && !err.contains("\"Clinic\""), "{err}");
}

#[test]
fn a_word_that_is_no_class_is_told_with_the_class_that_it_means() {
    let scene = Scene::usual();
    scene.write("list.csv", "id,facility type,lon,lat\n1,Clinic,20.03,49.93\n");
    for (layer, hint) in [
        ("list.csv,class=clinic", "did you mean `health_centre`?"),
        ("list.csv,class_field=kind,classes={X='clinic'}", "did you mean `health_centre`?"),
        ("list.csv,class_field=type", "did you mean `facility type`?"),
    ] {
        let (_, found) = scene.refused(&format!("sites {layer}"));
        assert!(found.contains(hint), "{layer}: {found}");
    }
}
