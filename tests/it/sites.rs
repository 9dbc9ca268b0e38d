//! Layers of sites: how their class is told, what is not used, and what is refused.

use crate::scene::{Assessment, Ran, Scene, collection, feature, point};
use civex::model::SiteClass;
use serde_json::{Value, json};

fn run(scene: &Scene, sites: &str) -> Ran {
    scene.run(&format!("assess plan.toml --sites {sites} -o -"))
}

fn assessed(scene: &Scene, sites: &str) -> (Assessment, String) {
    let ran = run(scene, sites);
    assert_eq!(ran.code, 0, "{sites}: {}", ran.err);
    (ran.assessment(), ran.err)
}

/// The usual scene with one point in the area for each object of properties.
fn scene_of(properties: &[Value]) -> Scene {
    let scene = Scene::usual();
    let points: Vec<Value> = properties.iter().map(|own| point([20.03, 49.93], own)).collect();
    scene.write("sites.geojson", collection(&points).to_string());
    scene
}

#[test]
fn a_class_comes_from_a_column_a_table_tags_or_the_layer() {
    let scene = scene_of(&[
        json!({"id": "1", "class": "hospital", "kind": "Klinik", "amenity": "hospital"}),
        json!({"id": "2", "class": "school", "kind": "Schule", "amenity": "school"}),
    ]);
    let table = "sites.geojson,class_field=kind,classes={Klinik='hospital',Schule='school'}";
    for sites in
        ["sites.geojson", "sites.geojson,class_field=class", table, "sites.geojson,classify=osm"]
    {
        let (assessment, err) = assessed(&scene, &format!("{sites},covers=all"));
        assert_eq!(err, "", "{sites}");
        for class in ["sites_hospital", "sites_school", "sites_t1", "sites_t2"] {
            assert_eq!(assessment.number(0, class), 1.0, "{sites}: {class}");
        }
    }
    let (assessment, _) = assessed(&scene, "sites.geojson,class=school");
    assert_eq!(assessment.number(0, "sites_school"), 2.0);
}

#[test]
fn what_is_no_class_is_told_with_the_one_that_was_meant() {
    let scene = scene_of(&[
        json!({"id": "1", "kind": "hospitl"}),
        json!({"id": "2", "kind": "zebra"}),
        json!({"id": "3", "kind": "hospital"}),
    ]);
    let (assessment, err) = assessed(&scene, "sites.geojson,class_field=kind");
    assert_eq!(assessment.number(0, "sites_t1"), 1.0);
    assert!(err.starts_with("notice: sites.geojson: 2 of 3 features not used: "), "{err}");
    assert!(
        err.contains("\"hospitl\" in column \"kind\" is no class, did you mean `hospital`?"),
        "{err}"
    );
    assert!(err.contains("1 (other values in column \"kind\" are no class)"), "{err}");
}

#[test]
fn layers_that_cannot_be_sites_are_refused_with_a_way_out() {
    let scene = scene_of(&[json!({"id": "1", "kind": "hospital"})]);
    scene.write("no_place.csv", "id,name,class\n1,St Anna,hospital\n");
    let cases = [
        (
            "sites.geojson",
            "nothing tells the class of its sites; it has id, kind",
            "classify = \"osm\"",
        ),
        (
            "sites.geojson,class_field=kindd",
            "no column \"kindd\"; it has id, kind",
            "did you mean `kind`?",
        ),
        ("sites.geojson,class=hopsital", "unknown class \"hopsital\"", "did you mean `hospital`?"),
        ("sites.geojson,class=zebra", "unknown class \"zebra\"", "`civex taxonomy` lists all 39"),
        ("sites.geojson,class=hospital,confidence=2", "`confidence` is 2, wanted 0 to 1", ""),
        (
            "sites.geojson,class=hospital,occupancy=-3",
            "`occupancy` is -3, wanted 0 or more people",
            "",
        ),
        ("sites.geojson,classify=oms", "`classify` is \"oms\", wanted \"osm\"", ""),
        (
            "sites.geojson,class=hospital,classify=osm",
            "two of `classify`, `class` and `class_field` are given, wanted one",
            "",
        ),
        ("gone.csv", "no such file (looked for [folder]/gone.csv)", ""),
        (
            "no_place.csv",
            "no row has a longitude and a latitude; it has id, name, class",
            "call their columns `longitude` and `latitude`",
        ),
    ];
    for (sites, wanted, way_out) in cases {
        let (sentence, hint) = scene.refused(&format!("assess plan.toml --sites {sites}"));
        assert!(sentence.ends_with(&format!(": {wanted}")), "{sites}: {sentence}");
        assert!(hint.contains(way_out), "{sites}: {hint}");
    }
}

#[test]
fn tables_with_longitude_and_latitude_are_sites() {
    let scene = Scene::usual();
    scene.write("comma.csv", "id,name,lon,lat,class\n1,St Anna,20.03,49.93,hospital\n");
    scene.write(
        "semicolon.csv",
        "id;name;Longitude;Latitude;class\n1;St Anna;20.03;49.93;hospital\n",
    );
    scene.write("tab.tsv", "id\tname\tx\ty\tclass\n1\tSt Anna\t20.03\t49.93\thospital\n");
    for sites in ["comma.csv", "semicolon.csv", "tab.tsv"] {
        let (assessment, err) = assessed(&scene, sites);
        assert_eq!((assessment.number(0, "sites_hospital"), err.as_str()), (1.0, ""), "{sites}");
    }
}

#[test]
fn coordinates_of_a_projected_system_want_it_declared() {
    let scene = Scene::usual();
    // The hospital of the tables above, in UTM zone 34N.
    scene.write("utm.csv", "id,name,x,y,class\n1,St Anna,430382.6,5531298.8,hospital\n");
    let refused = run(&scene, "utm.csv");
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("hint: declare it: `crs = \"EPSG:…\"`"), "{}", refused.err);
    let (assessment, err) = assessed(&scene, "utm.csv,crs=EPSG:32634");
    assert_eq!((assessment.number(0, "sites_hospital"), err.as_str()), (1.0, ""));
    let input = &assessment.0["civex"]["inputs"][3];
    assert_eq!(input["settings"]["crs"], "EPSG:32634");
    for (sites, found) in [
        ("utm.csv,crs=34N", "its `crs` is no reference system"),
        ("sites.geojson,crs=EPSG:32634,class=hospital", "and the file itself says EPSG:4326"),
    ] {
        scene.write("sites.geojson", collection(&[point([20.03, 49.93], &json!({}))]).to_string());
        let refused = run(&scene, sites);
        assert_eq!(refused.code, 2, "{sites}");
        assert!(refused.err.contains(found), "{}", refused.err);
    }
}

#[test]
fn rows_of_no_place_are_told_and_the_others_count() {
    let scene = Scene::usual();
    scene.write(
        "sites.csv",
        "id;GPS;class\n1;49,93 20,03;hospital\n2;0 0;school\n3;49°55'48\"N 20°01'48\"E;school\n",
    );
    let (assessment, err) = assessed(&scene, "sites.csv");
    assert_eq!(assessment.number(0, "sites_hospital"), 1.0);
    assert_eq!(assessment.number(0, "sites_school"), 1.0);
    assert!(
        err.contains("site \"2\" (feature 2): its place is 0, 0, which stands for none"),
        "{err}"
    );
    assert!(err.contains("`GPS` is read as latitude and longitude"), "{err}");
}

#[test]
fn rows_without_a_place_are_problems_and_the_others_count() {
    let scene = Scene::usual();
    scene.write(
        "sites.csv",
        "id,lon,lat,class\n1,20.03,49.93,hospital\n2,,,school\n3,999,49,school\n",
    );
    let (assessment, err) = assessed(&scene, "sites.csv");
    assert_eq!(assessment.number(0, "sites_hospital"), 1.0);
    let wanted = "problem: sites.csv: site \"2\" (feature 2): it has no geometry\n\
        problem: sites.csv: site \"3\" (feature 3): [999, 49] is no longitude and latitude\n\
        notice: sites.csv: 2 of 3 features not used: 1 (it has no place), 1 (its place cannot be read)\n";
    assert_eq!(err, wanted);
    assert_eq!(run(&scene, "sites.csv --strict").code, 1);
}

#[test]
fn a_number_of_a_site_that_cannot_be_is_not_used_and_told() {
    let scene =
        scene_of(&[json!({"id": "1", "class": "hospital", "confidence": 7, "occupancy": -1})]);
    let (assessment, err) = assessed(&scene, "sites.geojson");
    assert_eq!(assessment.number(0, "vulnerable_best"), 100.0, "that of the class");
    assert!(err.contains("site \"1\": confidence 7 is not used, wanted 0 to 1"), "{err}");
    assert!(err.contains("site \"1\": occupancy -1 is not used"), "{err}");
}

#[test]
fn how_sure_a_site_is_decides_at_which_bounds_it_counts() {
    for (confidence, there) in
        [(0.9, [1, 1, 1]), (0.89, [0, 1, 1]), (0.5, [0, 1, 1]), (0.49, [0, 0, 1]), (0.0, [0; 3])]
    {
        let scene = Scene::usual();
        // An extract holds all classes, of which this ground has one hospital.
        let text = format!(
            "<osm version=\"0.6\"><node id=\"1\" lat=\"49.93\" lon=\"20.03\">\
             <tag k=\"amenity\" v=\"hospital\"/><tag k=\"confidence\" v=\"{confidence}\"/></node></osm>"
        );
        scene.write("sites.osm", text);
        let (found, _) = assessed(&scene, "sites.osm,covers=all");
        let loads = ["site_load_low", "site_load_best", "site_load_high"];
        let wanted = there.map(|there| f64::from(there) * 100.0);
        assert_eq!(loads.map(|load| found.number(0, load)), wanted, "{confidence}");
        let wanted = there.map(|there| f64::from(there) * 100.0);
        let occupants = ["vulnerable_low", "vulnerable_best", "vulnerable_high"];
        assert_eq!(occupants.map(|bound| found.number(0, bound)), wanted, "{confidence}");
        assert_eq!(found.number(0, "sites_hospital"), f64::from(there[1]), "{confidence}");
    }
}

#[test]
fn people_whom_the_raster_does_not_count_are_added_at_their_bounds() {
    let people = |in_raster: &str| {
        let scene = scene_of(&[json!({"id": "1", "class": "hospital"})]);
        let (found, _) = assessed(&scene, &format!("sites.geojson{in_raster}"));
        ["pop_low", "pop_best", "pop_high"].map(|bound| found.number(0, bound))
    };
    assert_eq!(people(",in_raster=yes"), [60.0, 90.0, 135.0]);
    assert_eq!(people(",in_raster=no"), [160.0, 190.0, 235.0]);
    assert_eq!(people(""), [60.0, 90.0, 235.0]);
}

#[test]
fn nothing_is_called_none_recorded_unless_somebody_looked() {
    let scene = Scene::usual();
    scene.raster("zero.tif", 10, &[0.0_f32; 100]);
    scene.write("none.geojson", collection(&[]).to_string());
    let with = |sites: &str| {
        let areas = "--areas areas.geojson --population zero.tif";
        scene
            .run(&format!("assess {areas} --sites none.geojson,covers=all,{sites} -o -"))
            .assessment()
    };
    let classes: Vec<String> =
        SiteClass::ALL.iter().map(|class| format!("{0}='{0}'", class.name())).collect();
    let all = with(&format!("class_field=kind,classes={{{}}}", classes.join(",")));
    assert_eq!(all.text(0, "band_high"), "none_recorded");
    assert_eq!(all.number(0, "score_high"), 0.0);
    // Nobody maps safe houses in OpenStreetMap.
    assert_eq!(with("classify=osm").text(0, "band_high"), "very_low");
    let without = scene.run("assess --areas areas.geojson --population zero.tif -o -");
    assert_eq!(without.assessment().text(0, "band_high"), "very_low");
}

#[test]
fn a_hospital_is_seen_where_nobody_counted_people() {
    let scene = Scene::usual();
    let raster = scene.raster("void.tif", 10, &[-1.0_f32; 100]);
    raster.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    drop(raster);
    let hospital = point([20.03, 49.93], &json!({"class": "hospital"}));
    scene.write("sites.geojson", collection(&[hospital]).to_string());
    let ran =
        scene.run("assess --areas areas.geojson --population void.tif --sites sites.geojson -o -");
    let found = ran.assessment();
    assert_eq!(found.text(0, "status"), "no_data");
    for unknown in
        ["pop_low", "pop_best", "pop_high", "score", "score_high", "band_low", "band_high"]
    {
        assert!(found.get(0, unknown).is_null(), "{unknown}");
    }
    assert!(found.number(0, "score_low") > 60.0);
    assert_eq!(found.number(0, "sites_t1"), 1.0);
}

#[test]
fn an_empty_layer_maps_its_class_on_the_ground_that_it_names() {
    let scene = scene_of(&[]);
    let (assessment, err) = assessed(&scene, "sites.geojson,class=hospital,covers=all");
    assert_eq!((assessment.number(0, "sites_hospital"), err.as_str()), (0.0, ""));
    assert!(!assessment.text(0, "flags").contains("no_sites_layer"));
    let (assessment, err) = assessed(&scene, "sites.geojson,class=hospital");
    assert!(assessment.get(0, "sites_hospital").is_null());
    let wanted = "notice: sites.geojson: it has no feature, so it maps no ground; `covers = \"all\"` says that there is none\n";
    assert_eq!(err, wanted);
}

#[test]
fn sensitive_places_are_counted_and_not_shown_without_full_precision() {
    let scene = scene_of(&[
        json!({"id": "H", "class": "hospital"}),
        json!({"id": "S", "class": "safe_house"}),
        json!({"id": "gone", "class": "hospital", "confidence": 0}),
        json!({"id": "moved", "class": "safe_house", "confidence": 0}),
    ]);
    let args = "assess plan.toml --sites sites.geojson --with sites -o";
    assert_eq!(scene.run(&format!("{args} out.geojson")).code, 0);
    assert_eq!(scene.run(&format!("{args} full.geojson --full-precision")).code, 0);
    let read = |name: &str| -> Value { serde_json::from_slice(&scene.read(name)).unwrap() };
    let (shown, full) = (read("out.sites.geojson"), read("full.sites.geojson"));
    for file in [&shown, &full] {
        assert_eq!(file["banner"], civex::write::sites::BANNER);
        assert_eq!(file["features"].as_array().unwrap().len(), 2);
    }
    assert!(shown["features"][1]["geometry"].is_null());
    assert_eq!(shown["features"][1]["properties"]["count"], 1);
    assert!(full["features"][1]["geometry"].is_object());
    assert_eq!(scene.read("out.geojson"), scene.read("full.geojson"), "areas show no site");
}

/// A closed line around the usual area, which it does not touch.
fn outline(properties: &Value) -> Value {
    let ring = json!([[20.0, 49.9], [20.1, 49.9], [20.1, 50.0], [20.0, 50.0], [20.0, 49.9]]);
    feature(&json!({"type": "LineString", "coordinates": ring}), properties)
}

#[test]
fn a_closed_way_around_an_area_is_a_compound_it_lies_in() {
    let count = |tags: &Value, class: &str| {
        let scene = Scene::usual();
        scene.write("sites.geojson", collection(&[outline(tags)]).to_string());
        let (found, _) = assessed(&scene, "sites.geojson,classify=osm");
        (found.number(0, class), found.number(0, "site_load_best"))
    };
    assert_eq!(count(&json!({"amenity": "hospital"}), "sites_hospital"), (1.0, 100.0));
    let (farms, load) = count(&json!({"landuse": "farmland"}), "sites_farmland_irrigation");
    assert!(farms == 1.0 && load > 5.0, "the surface inside, in km²: {load}");
    for line in [
        json!({"waterway": "canal"}),
        json!({"waterway": "dam", "name": "Ring"}),
        json!({"man_made": "dyke"}),
        json!({"barrier": "border_control"}),
    ] {
        let (_, load) = count(&line, "site_load_best");
        assert_eq!(load, 0.0, "{line}: a line, not what it surrounds");
    }
}

#[test]
fn a_column_of_faith_classifies_and_shows_no_value() {
    let scene = scene_of(&[
        json!({"id": "1", "religion": "zoroastrian"}),
        json!({"id": "2", "religion": "pastafarian"}),
    ]);
    let args = "sites.geojson,class_field=religion,classes={zoroastrian='place_of_worship'}";
    let ran = scene.run(&format!("assess plan.toml --sites {args} --with sites -o out.geojson"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("a value in column \"religion\" is no class"), "{}", ran.err);
    assert!(!ran.err.contains("pastafarian"), "{}", ran.err);
    let sites = String::from_utf8(scene.read("out.sites.geojson")).unwrap();
    assert!(sites.contains(r#""rule":"religion""#), "{sites}");
    assert!(!sites.contains("zoroastrian"), "{sites}");
}

#[test]
fn messages_about_a_sensitive_site_tell_its_class_and_not_where_it_is() {
    let scene = scene_of(&[json!({"id": "w4711", "class": "safe_house", "confidence": 7})]);
    let off = point([567_890.0, 49.93], &json!({"id": "w4712", "class": "safe_house"}));
    let on = point([20.03, 49.93], &json!({"id": "w4710", "class": "safe_house"}));
    scene.write("off.geojson", collection(&[off, on]).to_string());
    let (_, err) = assessed(&scene, "sites.geojson --sites off.geojson");
    assert!(err.contains("site \"safe_house\": confidence 7 is not used"), "{err}");
    assert!(err.contains("site \"safe_house\" (feature 1): its coordinates are no"), "{err}");
    assert!(!err.contains("471") && !err.contains("567890"), "{err}");
}

#[test]
fn a_value_that_nobody_can_read_is_told_with_what_was_wanted() {
    let scene = scene_of(&[
        json!({"id": "1", "class": "hospital", "occupancy": "1.200", "in_raster": "1"}),
        json!({"id": "2", "class": "safe_house", "occupancy": "many", "in_raster": ""}),
    ]);
    let (_, err) = assessed(&scene, "sites.geojson");
    let wanted = [
        "notice: sites.geojson: site \"1\": occupancy \"1.200\" is not used, wanted 0 to 100000",
        "notice: sites.geojson: site \"1\": in_raster \"1\" is not used, wanted yes, no or unknown",
        "notice: sites.geojson: site \"safe_house\": occupancy \"many\" is not used, wanted 0 to 100000",
    ];
    assert_eq!(err.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn whether_the_raster_counts_them_may_be_said_in_several_ways() {
    for (value, high) in [
        (json!("No"), 235.0),
        (json!("FALSE"), 235.0),
        (json!(false), 235.0),
        (json!("Yes"), 135.0),
        (json!(true), 135.0),
    ] {
        let scene = scene_of(&[json!({"class": "hospital", "in_raster": value})]);
        let (found, err) = assessed(&scene, "sites.geojson");
        assert_eq!((found.number(0, "pop_high"), err.as_str()), (high, ""), "{value}");
        let low = if high > 200.0 { 160.0 } else { 60.0 };
        assert_eq!(found.number(0, "pop_low"), low, "{value}");
    }
}

#[test]
fn classes_told_by_name_beside_a_table_are_mapped_too() {
    let scene = scene_of(&[json!({"kind": "Klinik"}), json!({"kind": "school"})]);
    let sites = "sites.geojson,class_field=kind,classes={Klinik='hospital'}";
    let (both, _) = assessed(&scene, sites);
    let (all, _) = assessed(
        &scene,
        "sites.geojson,class_field=kind,classes={Klinik='hospital',school='school'}",
    );
    assert_eq!(both.get(0, "site_load_high"), all.get(0, "site_load_high"));
}

#[test]
fn a_layer_with_nothing_in_it_or_nothing_of_use_says_so() {
    let scene = scene_of(&[]);
    let (sentence, hint) = scene.refused("assess plan.toml --sites sites.geojson");
    let wanted = "it holds no feature, and nothing tells which classes were looked for";
    assert!(sentence.ends_with(wanted), "{sentence}");
    assert!(hint.contains("class = \"hospital\""), "{hint}");
    let (found, _) =
        assessed(&scene, "sites.geojson,class_field=kind,classes={K='hospital'},covers=all");
    assert_eq!(found.number(0, "sites_hospital"), 0.0);
    let scene = scene_of(&[json!({"shop": "kiosk"})]);
    let ran = run(&scene, "sites.geojson,classify=osm");
    let wanted = "no site could be read from it, so it counts for nothing: 1 feature, not used: 1 (its tags are of no class)";
    assert!(ran.code == 1 && ran.err.contains(wanted), "{}", ran.err);
}

#[test]
fn a_number_that_a_row_does_not_give_is_unknown_and_not_zero() {
    let scene = Scene::usual();
    let rows = [
        json!({"id": "1", "class": "school", "confidence": 0.7, "occupancy": 5}),
        json!({"id": "2", "class": "hospital"}),
    ];
    let lines: Vec<String> =
        rows.iter().map(|own| point([20.03, 49.93], own).to_string()).collect();
    scene.write("sites.geojsonl", lines.join("\n"));
    let (found, err) = assessed(&scene, "sites.geojsonl,covers=all");
    assert_eq!(err, "");
    assert_eq!(found.number(0, "sites_hospital"), 1.0);
    assert_eq!(found.number(0, "vulnerable_best"), 105.0, "that of the class for the second");
}
