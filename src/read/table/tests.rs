//! Tables of bytes, read to rows.

use super::*;
use crate::model::Budget;
use crate::model::cells::unquoted;
use crate::read::batches::Opened;
use crate::read::features::Features;
use encoding_rs::{UTF_8, WINDOWS_1251, WINDOWS_1252};
use geo::Geometry as Shape;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write;

fn all(table: Table) -> Features {
    all_of(table, &place(u64::MAX)).unwrap()
}

/// All rows of a table, if its place has the memory for them.
fn all_of(table: Table, place: &Place) -> Result<Features, ReadError> {
    Opened::from(table).within(place).all(&place.written)
}

fn read(text: impl AsRef<[u8]>) -> Features {
    all(of(text.as_ref().to_vec(), &place(u64::MAX), b',').unwrap())
}

fn properties(features: &Features) -> Vec<Value> {
    features.rows.iter().map(|row| Value::Object(row.properties.clone())).collect()
}

/// Longitude and latitude of each row, or why it has none.
fn places(features: &Features) -> Vec<Result<[f64; 2], String>> {
    let place = |row: &Feature| match &row.drawn {
        Drawn::Shape(Shape::Point(at)) => Ok([at.x(), at.y()]),
        Drawn::Shape(_) => Err("no point".into()),
        Drawn::Nothing => Err("nothing".into()),
        Drawn::Unreadable(why) => Err(why.clone()),
    };
    features.rows.iter().map(place).collect()
}

#[test]
fn a_column_is_of_numbers_or_times_where_all_its_cells_are() {
    let rows = read(
        "lon,lat,n,code,truth,day,big,none,mixed\n\
         1,2,5,007,true,2026/11/22,1234567890123456,,2026-11-22\n\
         1,2, 2.50 ,12,false,2026-11-23 10:00Z,2,,7\n\
         1,2,,,,,,,\n",
    );
    let wanted = [
        json!({"n": 5, "code": "007", "truth": "true", "day": "2026-11-22",
            "big": "1234567890123456", "none": null, "mixed": "2026-11-22"}),
        json!({"n": 2.5, "code": "12", "truth": "false", "day": "2026-11-23T10:00:00+00:00",
            "big": "2", "none": null, "mixed": "7"}),
        json!({"n": null, "code": null, "truth": null, "day": null, "big": null, "none": null,
            "mixed": null}),
    ];
    assert_eq!(properties(&rows), wanted);
}

#[test]
fn rows_may_be_short_or_long_or_blank() {
    let rows = read("id,lon,lat,name\n1,2,3\n\n,,,\n2,2,3,A,,\n3\r\n\r\n   \n,,\n");
    let wanted = [
        json!({"id": 1, "name": null}),
        json!({"id": 2, "name": "A"}),
        json!({"id": 3, "name": null}),
    ];
    assert_eq!(properties(&rows), wanted);
    assert_eq!(places(&rows), [Ok([2.0, 3.0]), Ok([2.0, 3.0]), Err("nothing".into())]);
}

#[test]
fn lines_may_end_in_any_way() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["lon,lat,a", "1,2,\"x \"\"y\"\"\"", "3,4,z"].join(end);
        for text in [text.clone(), format!("{text}{end}{end}")] {
            let rows = read(&text);
            assert_eq!(places(&rows), [Ok([1.0, 2.0]), Ok([3.0, 4.0])], "{text:?}");
            assert_eq!(rows.rows[0].properties["a"], "x \"y\"");
        }
    }
}

#[test]
fn a_place_is_of_degrees_or_a_geometry_as_text() {
    let rows = read("name;lon;lat\nA;20,03;49,93\nB;abc;1\nC;;49\nD; ; \nE;W 20.5°;S 1\n");
    let wanted = [
        Ok([20.03, 49.93]),
        Err("its place cannot be read: longitude \"abc\" is no angle in degrees".into()),
        Err("it has a latitude and no longitude".into()),
        Err("nothing".into()),
        Ok([-20.5, -1.0]),
    ];
    assert_eq!(places(&rows), wanted);
    let rows = read("the_geom,name\nPOINT Z (1 2 3),A\nPOINT EMPTY,B\n,C\nx,D\n");
    let wanted = [
        Ok([1.0, 2.0]),
        Err("nothing".into()),
        Err("nothing".into()),
        Err("its place cannot be read: \"x\" is no geometry as text (WKT), coordinates or grid reference".into()),
    ];
    assert_eq!(places(&rows), wanted);
    assert_eq!(properties(&rows)[0], json!({"name": "A"}));
}

/// The longitude and latitude of each row, to a millionth of a degree.
fn rounded(text: &str) -> Vec<Result<[f64; 2], String>> {
    let round = |at: [f64; 2]| at.map(|it| (it * 1e6).round() / 1e6);
    places(&read(text)).into_iter().map(|place| place.map(round)).collect()
}

#[test]
fn tables_of_the_tools_of_the_field_are_read() {
    for text in [
        // KoboToolbox: a question in a group, its point in one column and in four.
        "start;GPS of site;_GPS of site_latitude;_GPS of site_longitude;_GPS of site_altitude\n\
         2026-01-01;4.5 31.25 400 5;4.5;31.25;400\n",
        "a/b/gps,_submission_time\n4.5 31.25 400.1 4.9,2026-01-01\n",
        // ODK Central, Survey123, a GPS logger, Overpass, DHIS2.
        "SubmissionDate,store_gps-Latitude,store_gps-Longitude,store_gps-Accuracy\n2026-01-01,4.5,31.25,5\n",
        "ObjectID,name,x,y\n1,A,31.25,4.5\n",
        "lat(deg),lon(deg),elevation(m)\n4.5,31.25,400\n",
        "@id\t@lat\t@lon\tname\n5\t4.5\t31.25\tA\n",
        "orgunit,openingdate,geometry\nX,2020-01-01,\"[31.25,4.5]\"\n",
        // PostGIS, My Maps, words of other languages, a link to a map, grids.
        "name,geom\nA,SRID=4326;POINT(31.25 4.5)\n",
        "name,geom\nA,0101000020E61000000000000000403F400000000000001240\n",
        "name,geom\nA,01010000000000000000403F400000000000001240\n",
        "name,geojson\nA,\"{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[31.25,4.5]}\"\n",
        "WKT,name\nPOINT (31.25 4.5),A\n",
        "Широта;Долгота\n4,5;31,25\n",
        "خط العرض,خط الطول\n٤٫٥,٣١٫٢٥\n",
        "name,location\nA,\"4.5, 31.25\"\n",
        "name,\"lon, lat\"\nA,\"31.25, 4.5\"\n",
        "name,link\nA,\"https://www.google.com/maps/@4.5,31.25,17z\"\n",
        "name,Coordinates\nA,\"4°30'00\"\"N 31°15'00\"\"E\"\n",
        "latitude,longitude\n4°30'00.0\"N,31°15'00\"E\n",
    ] {
        assert_eq!(rounded(text), [Ok([31.25, 4.5])], "{text}");
    }
    for (text, wanted) in [
        ("zone,easting,northing\n36N,305835.085,497628.168\n", [31.25, 4.5]),
        ("utm_zone;utm_e;utm_n\n36 north;305 835,085;497 628,168\n", [31.25, 4.5]),
        ("name,MGRS\nA,36NUK0583597628\n", [31.250_004, 4.500_003]),
        ("name,plus code\nA,6GPHG722+22\n", [31.250_062, 4.500_062]),
    ] {
        let found = rounded(text);
        let near = |at: &[f64; 2]| at.iter().zip(wanted).all(|(one, two)| (one - two).abs() < 2e-5);
        assert!(found[0].as_ref().is_ok_and(near), "{text}: {found:?}");
    }
}

#[test]
fn the_order_of_two_coordinates_is_that_of_the_column() {
    let header = "name,position\n";
    let far = format!("{header}A,\"121.0, 14.5\"\nB,\"80.5, 14.5\"\n");
    assert_eq!(rounded(&far), [Ok([121.0, 14.5]), Ok([80.5, 14.5])]);
    // One wrong number does not turn all others around.
    let wrong = format!("{header}{}", "A,\"4.5, 31.25\"\n".repeat(20)) + "B,\"131.25, 4.5\"\n";
    assert_eq!(rounded(&wrong)[0], Ok([31.25, 4.5]));
    let table = of(far.into(), &place(u64::MAX), b',').unwrap();
    let told = "by its numbers `position` holds the longitude first, whatever it is called";
    assert_eq!(table.remark.as_deref(), Some(told));
    let table = of(wrong.into(), &place(u64::MAX), b',').unwrap();
    let remark = "`position` is read as latitude and longitude; call it `lonlat` if the longitude comes first";
    assert_eq!(table.remark.as_deref(), Some(remark));
}

/// Why places are not read, and the way out.
fn refused_places(text: &str) -> [String; 2] {
    let table = of(text.into(), &place(u64::MAX), b',').and_then(Table::placed);
    let error = table.map(|_| ()).unwrap_err();
    [error.to_string(), error.hint().unwrap_or_default()]
}

#[test]
fn what_nobody_can_know_is_refused_with_a_way_out_that_works() {
    let [error, hint] = refused_places("lat,lon\n121.0,14.5\n120.5,14.25\n");
    assert!(error.contains("only if latitude and longitude are exchanged"), "{error}");
    assert_eq!(hint, "give them their right names: call `lat` `longitude`, and `lon` `latitude`");
    assert_eq!(rounded("longitude,latitude\n121.0,14.5\n"), [Ok([121.0, 14.5])]);

    let [error, hint] = refused_places("x,y\n305791,497592\n305792,497592\n");
    assert!(error.contains("hold 305791 and 497592, which are no degrees"), "{error}");
    assert!(hint.contains("`crs = \"EPSG:…\"`"), "{hint}");
    let declared = place(u64::MAX).in_system(Some(&"EPSG:32636".to_string()));
    let table = of("x,y\n305791.5,497592\n".into(), &declared, b',').unwrap();
    assert_eq!(table.reference.as_ref().unwrap().name(), "EPSG:32636 (WGS 84 / UTM zone 36N)");
    assert_eq!(places(&all(table)), [Ok([305_791.5, 497_592.0])]);

    let [error, _] = refused_places("easting,northing\n305791,497592\n");
    assert!(error.contains("of a zone that no column `zone` tells"), "{error}");

    let [error, hint] = refused_places("name,point\nA,\"4.5, 31.25\"\n");
    assert!(
        error.contains("which of the two coordinates in its column `point` is the latitude"),
        "{error}"
    );
    assert!(hint.contains("call `point` `latlon`, or `lonlat`"), "{hint}");
    assert_eq!(rounded("name,lonlat\nA,\"4.5, 31.25\"\n"), [Ok([4.5, 31.25])]);

    let pairs = "a_lat,a_lon,b_lat,b_lon\n1,2,1,2\n1,2,3,4\n";
    let [error, _] = refused_places(pairs);
    assert!(
        error.contains("`a_lon`, `a_lat` and its columns `b_lon`, `b_lat` tell different"),
        "{error}"
    );
    assert_eq!(rounded(&pairs.replace("3,4", "1,2")), [Ok([2.0, 1.0]), Ok([2.0, 1.0])]);
    assert_eq!(rounded(&pairs.replace("a_", "")), [Ok([2.0, 1.0]), Ok([2.0, 1.0])]);
}

#[test]
fn single_rows_that_cannot_be_placed_are_told_one_by_one() {
    let found = rounded("lat,lon\n0,0\n0.0,\n1.5,2.5\n20 E,1\n1,2\n");
    let zero = "its place is 0, 0, which stands for none".to_string();
    assert_eq!(found[..3], [Err(zero.clone()), Err(zero.clone()), Ok([2.5, 1.5])]);
    assert_eq!(found[3], Err("its place cannot be read: latitude \"20 E\" is a longitude".into()));
    let found = rounded("name,mgrs\nA,POINT(0 0)\nB,18SAJ2337106519\nC,HXGC+5V Manila\n");
    assert_eq!(found[0], Err(zero));
    assert!(
        found[1].as_ref().unwrap_err().ends_with("it names no square of its zone"),
        "{found:?}"
    );
    assert!(found[2].as_ref().unwrap_err().contains("a short plus code"), "{found:?}");
}

/// What is said of how a table is read.
fn remark(text: &str) -> Option<String> {
    of(text.into(), &place(u64::MAX), b',').unwrap().remark
}

#[test]
fn the_letter_o_is_east_or_west_only_where_something_tells() {
    let [west, east] = [Ok([-2.5, 1.5]), Ok([2.5, 1.5])];
    for (text, wanted) in [
        ("Breite,Länge\n1.5 N,2.5 O\n1 N,3 W\n", &east),
        ("latitud,longitud\n1.5 N,2.5 O\n1 N,3 W\n", &west),
        ("lat,lon\n1.5 N,2.5 O\n1 N,2 E\n", &west),
        ("lat,lon\n1.5 N,2.5 O\n1 N,2 Ost\n", &east),
        ("lat,lon\n1.5 N,2.5 O\n1 N,2 Oeste\n", &west),
        ("Koordinaten\n\"1.5 N, 2.5 O\"\n", &east),
        ("coordenadas\n\"1.5 N, 2.5 O\"\n", &west),
        ("location\n\"1.5 N, 2.5 O\"\n\"1 N, 3 E\"\n", &west),
    ] {
        assert_eq!(rounded(text)[0], *wanted, "{text}");
    }
    for text in [
        "lat,lon\n1.5 N,2.5 O\n3,4\n",
        "lat,lon\n1.5 N,2.5 O\n3 N,4 W\n",
        "location\n\"1.5 N, 2.5 O\"\n\"3 N, 4 W\"\n",
        "location\n\"1.5 N, 2.5 O\"\n\"3 N, 4 W\"\n\"3 N, 4 E\"\n",
    ] {
        let found = rounded(text);
        let why = found[0].as_ref().unwrap_err();
        assert!(
            why.contains("may be east (Ost) or west (Ouest, Oeste): write E or W for O"),
            "{why}"
        );
        assert!(found[1].is_ok(), "one row loses no other: {found:?}");
        assert_eq!(rounded(&text.replace('O', "W"))[0], west, "the way out");
    }
    let told = remark("lat,lon\n1.5 N,2.5 O\n1 N,2 E\n").unwrap();
    assert!(told.contains("O in `lon` is read as west (Ouest, Oeste), since E stands"), "{told}");
}

#[test]
fn halves_of_the_earth_are_read_from_headers_and_other_columns() {
    let south = Ok([36.5, -1.25]);
    for text in [
        "Latitude (S),Longitude (E)\n1.25,36.5\n",
        "Latitud Sur,Longitud Este\n1.25,36.5\n",
        "Latitude (S),Longitude (E)\n-1.25,36.5\n",
        "Latitude (S),Longitude (E)\n1.25 S,36.5\n",
        "lat,N/S,lon,E/W\n1.25,S,36.5,E\n",
        "lat,lat_hem,lon,lon_hem\n1.25,S,36.5,E\n",
        "lat,lat_dir,lon,lon_dir\n1.25,South,36.5,East\n",
        "lat,,lon,\n1.25,S,36.5,E\n",
        "lat_deg,lat_min,lat_dir,lon_deg,lon_min,lon_dir\n1,15,S,36,30,E\n",
        "lat_deg,lat_min,lat_sec,lat_dir,lon_deg,lon_min,lon_sec,lon_dir\n1.0,14.0,60.0,S,36,30,0,E\n",
        "Lat Deg,Lat Min,Lon Deg,Lon Min\n-1,15.0,36,30.0\n",
        "lat,ns,lon,ew\n1.25,S,36.5,E\n",
    ] {
        let found = rounded(text);
        assert_eq!(found, std::slice::from_ref(&south), "{text}");
    }
    let packed = "lat,N/S,lon,E/W\n3431.8,N,06910.2,E\n";
    assert_eq!(rounded(packed), [Ok([69.17, 34.53])], "as receivers write them");
    let west = "Latitud,Longitud Oeste\n4.5,72.5\n0,0\n";
    assert_eq!(rounded(west)[0], Ok([-72.5, 4.5]));
    let [error, hint] = refused_places("Latitude (S),Longitude\n-1.5,36\n1.5,36\n");
    assert!(
        error.contains("is of the south or the west, and holds numbers with a minus and"),
        "{error}"
    );
    assert!(hint.starts_with("leave the half of the earth out of its name"), "{hint}");
    let [error, _] = refused_places("Latitude,Longitude (O)\n1.5,36\n");
    assert!(error.contains("`Longitude (O)` may be of the east (Ost) or the west"), "{error}");
    let found = rounded("lat,N/S,lon,E/W\n1.25,S,36.5,E\n1.25,,36.5,E\n1.25,S,36.5,E\n,,,\n");
    assert!(
        found[1].as_ref().unwrap_err().contains("latitude \"1.25 ?\" is no angle"),
        "{found:?}"
    );
}

#[test]
fn a_slip_in_a_row_turns_no_column_around() {
    let rows =
        |bad: &str| format!("name,coordinates\n{}E,\"{bad}\"\n", "A,\"9.05, 44.10\"\n".repeat(3));
    for bad in ["905, 44.1", "125, 44.1", "9.05, 4410"] {
        let found = rounded(&rows(bad));
        assert_eq!(found[..3], [Ok([44.1, 9.05]), Ok([44.1, 9.05]), Ok([44.1, 9.05])], "{bad}");
        assert!(remark(&rows(bad)).unwrap().contains("is read as latitude and longitude"), "{bad}");
    }
    let mixed = format!(
        "name,location\n{}{}",
        "A,\"9.05, 124.10\"\n".repeat(3),
        "B,\"124.1, 9.05\"\n".repeat(3)
    );
    let [error, hint] = refused_places(&mixed);
    assert!(error.contains("nobody knows which of the two"), "{error}");
    assert!(hint.contains("call `location` `latlon`"), "{hint}");
    let told = mixed.replace("location", "latlon");
    assert_eq!(rounded(&told)[0], Ok([124.1, 9.05]));
    assert!(
        remark(&told)
            .unwrap()
            .contains("by their numbers 3 of 6 places in `latlon` hold the longitude first")
    );
}

#[test]
fn geopoints_of_kobo_have_the_latitude_first_and_empty_ones_none() {
    let found =
        rounded("name,_geolocation\nA,\"[9.05, 44.10]\"\nB,\"[null, null]\"\nC,[]\nD,null\n");
    let nothing = Err("nothing".to_string());
    assert_eq!(found, [Ok([44.1, 9.05]), nothing.clone(), nothing.clone(), nothing]);
}

#[test]
fn cells_beyond_the_header_are_a_problem_of_the_row_or_of_the_table() {
    let found = rounded("name,lat,lon\nA,1.5,2.5\nB,3.5,4.5\nC,3,5,4,5\n");
    assert_eq!(found[..2], [Ok([2.5, 1.5]), Ok([4.5, 3.5])]);
    assert_eq!(
        found[2],
        Err("it has 5 cells below 3 names, so nobody knows which is which".into())
    );
    let text = "name,lat,lon\nA,34,5,69,2\nB,34,6,69,3\n";
    let error = of(text.into(), &place(u64::MAX), b',').map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv: most of its rows have more cells than its header: 5, not 3"
    );
    assert!(error.hint().unwrap().starts_with("put cells that hold a `,` in quotes"));
    assert_eq!(rounded("name,lat,lon\nA,\"34,5\",\"69,2\"\n"), [Ok([69.2, 34.5])]);
}

#[test]
fn degrees_in_a_system_of_meters_are_refused() {
    let plane = place(u64::MAX).in_system(Some(&"EPSG:32637".to_string()));
    let refused =
        |text: &str| of(text.into(), &plane, b',').and_then(Table::placed).map(|_| ()).unwrap_err();
    for text in [
        "name,lat,lon\nA,9.05,44.1\n",
        "name,lat,lon\nA,9°3'N,44°E\n",
        "location\n\"9.05, 44.1\"\n",
    ] {
        let error = refused(text);
        assert!(
            error.to_string().contains("degrees, and its reference system, EPSG:32637"),
            "{error}"
        );
        assert!(error.hint().unwrap().starts_with("take the system away (`crs`, or the .prj"));
    }
    let meters = of("lat,lon\n1000000,500000\n".into(), &plane, b',').unwrap();
    assert_eq!(places(&all(meters)), [Ok([500_000.0, 1_000_000.0])]);
    let small = of("x,y\n5,6\n".into(), &plane, b',').and_then(Table::placed).unwrap();
    assert_eq!(places(&all(small)), [Ok([5.0, 6.0])]);
}

#[test]
fn a_prj_beside_a_shapefile_is_none_of_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("t.csv"), "x,y\n5,6\n").unwrap();
    std::fs::write(path("t.prj"), Reference::from_definition("EPSG:32637").unwrap().name())
        .unwrap();
    let place = Place::new(path("t.csv").to_str().unwrap(), None);
    assert!(beside(&place).is_err());
    std::fs::write(path("t.shp"), "").unwrap();
    assert!(beside(&place).unwrap().is_none());
}

#[test]
fn numbers_that_are_no_degrees_have_a_way_out_that_works() {
    let [_, hint] = refused_places("lat,lon\n1950.4000,3450.4000\n");
    assert!(
        hint.starts_with("write N, S, E or W after degrees and minutes in one number"),
        "{hint}"
    );
    assert_eq!(rounded("lat,lon\n1950.4000N,3450.4000E\n"), [Ok([34.84, 19.84])]);
    let [_, hint] = refused_places("lat,lon\n345300000,691700000\n");
    assert!(
        hint.starts_with("divide them by the number that degrees were multiplied with"),
        "{hint}"
    );
    let [_, hint] = refused_places("lat,lon\n497592,305791\n");
    assert!(hint.starts_with("declare it"), "{hint}");
}

#[test]
fn eastings_and_northings_are_read_by_the_words_of_many_languages() {
    for text in [
        "Este,Norte,Zona\n305835.085,497628.168,36N\n",
        "E,N,zone\n305835.085,497628.168,36N\n",
        "UTM_X,UTM_Y,UTM_ZONE\n305835.085,497628.168,36 (N)\n",
        "Est,Nord,Fuseau,Hemisphere\n305835.085,497628.168,36,N\n",
        "x,y,zone,N/S\n305835.085,497628.168,36,N\n",
        "N,E\n4.5,31.25\n",
    ] {
        let found = rounded(text);
        let near = |at: &[f64; 2]| (at[0] - 31.25).abs() < 2e-5 && (at[1] - 4.5).abs() < 2e-5;
        assert!(found[0].as_ref().is_ok_and(near), "{text}: {found:?}");
    }
    let [error, hint] = refused_places("Rechtswert,Hochwert\n3500000,5500000\n");
    assert!(error.contains("are of a zone that no column `zone` tells"), "{error}");
    assert!(hint.starts_with("declare it"), "{hint}");
}

#[test]
fn a_row_whose_place_stands_in_another_column_is_no_row_without_a_place() {
    let found = rounded("lat,lon,gps\n1.5,2.5,\"1.5, 2.5\"\n,,\"1.5, 2.5\"\n,,Kabul\n,,\n");
    assert!(
        found[1].as_ref().unwrap_err().contains("other columns that tell a place are not read")
    );
    assert_eq!(found[2..], [Err("nothing".to_string())]);
}

#[test]
fn a_reference_system_in_a_geojson_cell_is_that_of_the_table() {
    let cell = |code: &str| {
        format!(
            "name,geojson\nA,\"{{\"\"type\"\":\"\"Point\"\",\"\"coordinates\"\":[305791,497592],\
            \"\"crs\"\":{{\"\"type\"\":\"\"name\"\",\"\"properties\"\":{{\"\"name\"\":\"\"{code}\"\"}}}}}}\"\n"
        )
    };
    let table = of(cell("urn:ogc:def:crs:EPSG::32636").into(), &place(u64::MAX), b',').unwrap();
    assert_eq!(table.reference.unwrap().name(), "EPSG:32636 (WGS 84 / UTM zone 36N)");
    let table = of(cell("urn:ogc:def:crs:OGC:1.3:CRS84").into(), &place(u64::MAX), b',').unwrap();
    assert!(table.reference.unwrap().is_geographic());
}

#[test]
fn wide_tables_of_many_pairs_and_long_notes_are_read_at_once() {
    let note = "a b, 1 2 ".repeat(4_000);
    let text = format!("location,lat,lon\n{}", format!("\"{note}\",1.5,2.5\n").repeat(20));
    assert_eq!(rounded(&text)[0], Ok([2.5, 1.5]));
    let text =
        format!("{}\n{}", "lat,lon,".repeat(2_000), ("1,2,".repeat(2_000) + "\n").repeat(20));
    assert_eq!(rounded(&text).len(), 20);
}

#[test]
fn a_code_of_a_reference_system_in_texts_is_that_of_the_table() {
    let table = of("id,geom\n1,SRID=32636;POINT(305791 497592)\n".into(), &place(u64::MAX), b',');
    let table = table.unwrap();
    assert_eq!(table.reference.as_ref().unwrap().name(), "EPSG:32636 (WGS 84 / UTM zone 36N)");
    assert_eq!(places(&all(table)), [Ok([305_791.0, 497_592.0])]);
    let found = rounded("id,geom\n1,SRID=4326;POINT(1 2)\n2,SRID=3857;POINT(1 2)\n");
    assert_eq!(found[0], Ok([1.0, 2.0]));
    assert!(found[1].as_ref().unwrap_err().contains("has the SRID 3857, and others have 4326"));
    let declared = place(u64::MAX).in_system(Some(&"EPSG:3857".to_string()));
    let error =
        of("id,geom\n1,SRID=4326;POINT(1 2)\n".into(), &declared, b',').map(|_| ()).unwrap_err();
    assert_eq!(error.hint().as_deref(), Some("leave `crs` out: the file declares its own"));
}

#[test]
fn a_column_that_its_tag_calls_a_name_is_the_name() {
    let rows = read("Facility,Lat,Lon\n#loc +en +name,#geo+lat,#geo+lon\nA,1,2\n");
    assert_eq!(properties(&rows), [json!({"Facility": "A", "name": "A"})]);
    let rows = read("Name,Facility,Lat,Lon\n#x,#loc+name,#geo+lat,#geo+lon\nA,B,1,2\n");
    assert_eq!(properties(&rows), [json!({"Name": "A", "Facility": "B"})]);
}

#[test]
fn a_table_without_rows_has_none_and_one_without_places_is_refused() {
    for text in ["id,name\n", "id,lon,lat", "lon,lat\n,\n"] {
        assert_eq!(read(text).rows.len(), 0, "{text}");
    }
    let refused = |text: &str| {
        of(text.into(), &place(u64::MAX), b',').and_then(Table::placed).map(|_| ()).unwrap_err()
    };
    let error = refused("id,lon\n1,2\n");
    assert_eq!(error.to_string(), "t.csv: no row has a longitude and a latitude; it has id, lon");
    let error = refused("id,lon,lat\n1,,\n");
    assert_eq!(error.hint().unwrap(), "fill its columns `lon` and `lat`");
}

#[test]
fn a_quote_that_is_not_closed_is_told_by_its_line() {
    for (text, line) in [
        ("id,lon,lat\n1,2,3\n\"2,2,3\n3,2,3\n", 3),
        ("id,lon,lat\n1,2,3\n\"2,2,3\n\"3\",2,3\n", 3),
        ("id,lon,\"lat\n1,2,3\n", 1),
        ("id,lon,lat\r\"1,2,3\r", 2),
    ] {
        let error = of(text.into(), &place(u64::MAX), b',')
            .and_then(Table::placed)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.at().place.unwrap().0, line, "{text}");
    }
}

#[test]
fn stretches_hold_all_rows_in_their_order() {
    let mut text = String::from("lon,lat,id\r\n");
    for id in 0..2000 {
        let blank = if id % 7 == 0 { "\r\n,,\r\n" } else { "" };
        write!(text, "1,2,{id}\r\n{blank}").unwrap();
    }
    let mut table = of(text.into(), &place(u64::MAX), b',').unwrap();
    let (mut before, mut stretches) = (0, 0);
    while let Some(unread) = table.next() {
        assert_eq!(unread.before(), before);
        let (told, rows) = (unread.features(), unread.read().unwrap());
        assert_eq!(told, rows.len() as u64);
        assert_eq!(rows[0].properties["id"], before);
        (before, stretches) = (before + told, stretches + 1);
    }
    assert_eq!((before, stretches, table.count), (2000, 4, 2000));
}

/// A cell that only its column may make a number or a time.
fn any_cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n]{0,12}",
        "[а-яА-Я ,;\"|\t]{0,8}",
        "[éößÞíñ ,;\"\r\n]{0,8}",
        "-?[0-9]{1,3}(\\.[0-9])?",
    ]
}

/// Text as some encoding has it, with the mark that it needs; `None` where it has no such letters.
fn encoded(text: &str, form: usize) -> Option<Vec<u8>> {
    let wide = |to: fn(u16) -> [u8; 2]| {
        Some(text)
            .into_iter()
            .flat_map(|text| text.encode_utf16())
            .flat_map(to)
            .collect::<Vec<u8>>()
    };
    match form {
        0 => Some(text.into()),
        1 => Some([b"\xef\xbb\xbf", text.as_bytes()].concat()),
        2 => Some([b"\xff\xfe".to_vec(), wide(u16::to_le_bytes)].concat()),
        3 => Some([b"\xfe\xff".to_vec(), wide(u16::to_be_bytes)].concat()),
        _ => {
            let encoding = if form == 4 { WINDOWS_1252 } else { WINDOWS_1251 };
            let (bytes, _, lost) = encoding.encode(text);
            // What happens to be UTF-8 too is read as such.
            (!lost && UTF_8.decode_without_bom_handling(&bytes).1).then(|| bytes.into_owned())
        }
    }
}

proptest! {
    #[test]
    fn a_table_reads_back_to_its_cells(
        cells in prop::collection::vec(prop::collection::vec(any_cell(), 3), 1..8),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
        form in 0..6_usize,
        is_crlf: bool,
    ) {
        let end = if is_crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer =
            csv::WriterBuilder::new().delimiter(delimiter).terminator(end).from_writer(Vec::new());
        writer.write_record(["a", "lon", "b", "lat", "c"]).unwrap();
        for row in &cells {
            writer.write_record([&row[0], "20.5", &row[1], "-1.25", &row[2]]).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let Some(bytes) = encoded(&text, form) else { return Ok(()) };
        let is_legacy = form > 3;
        let table = of(bytes, &place(u64::MAX), b',').unwrap();
        prop_assert_eq!(table.remark.is_some(), is_legacy);
        let read = all(table);
        prop_assert_eq!(read.rows.len(), cells.len());
        for (row, cells) in read.rows.iter().zip(&cells) {
            prop_assert!(matches!(&row.drawn, Drawn::Shape(Shape::Point(at)) if at.x() == 20.5 && at.y() == -1.25));
            // Which legacy encoding it is may be guessed wrongly, of some letters.
            for (value, cell) in row.properties.values().zip(cells).filter(|_| !is_legacy) {
                match value {
                    Value::Null => prop_assert_eq!(unquoted(cell.trim()), ""),
                    Value::Number(number) => {
                        prop_assert_eq!(number.as_f64(), cell.trim().parse().ok());
                    }
                    other => prop_assert_eq!(other.as_str(), Some(unquoted(cell.trim()))),
                }
            }
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..300), head: bool) {
        let head: &[u8] = if head { b"lon,lat\n" } else { b"" };
        if let Ok(table) = of([head, &bytes].concat(), &place(u64::MAX), b',') {
            let count = table.count;
            prop_assert_eq!(all(table).rows.len() as u64, count);
        }
    }
}

/// The place of a table that may take so many bytes of memory.
fn place(bytes: u64) -> Place {
    Place::new("t.csv", None).within_budget(Budget { bytes })
}

/// Why a table that may take so many bytes is not read as a whole.
fn refused(text: &str, bytes: u64) -> ReadError {
    let place = place(bytes);
    let read = of(text.into(), &place, b',').and_then(|table| all_of(table, &place));
    read.map(|_| ()).unwrap_err()
}

#[test]
fn a_cell_may_not_be_longer_than_a_row_may_be() {
    let long = "x".repeat(100_000);
    for text in
        [format!("a,lon,lat\n1,2,3\n\"{long}\",2,3\n"), format!("a,lon,lat\n1,2,3\n\"{long}")]
    {
        let error = refused(&text, 1 << 20);
        assert_eq!(
            error.to_string(),
            "t.csv: the row at line 3 is longer than a row may be; it may need 2 MiB, and 1 MiB may be used"
        );
        assert!(
            error.hint().unwrap().starts_with("allow more, if the machine has it: `--memory 1G`")
        );
    }
    let closed = format!("a,lon,lat\n\"{long}\",2,3\n");
    assert_eq!(all(of(closed.into(), &place(1 << 30), b',').unwrap()).rows.len(), 1);
    let error = refused(&format!("{long},lon,lat\n1,2,3\n"), 1 << 20);
    assert!(error.to_string().contains("the row at line 1 is longer"), "{error}");
}

#[test]
fn a_table_has_no_more_columns_than_a_spreadsheet() {
    let wide = format!("lon,lat{}\n1,2\n", ",".repeat(20_000));
    let error = refused(&wide, u64::MAX).to_string();
    assert_eq!(error, "t.csv: it has 20,002 columns, wanted 16,384 at most");
}

#[test]
fn cells_that_rows_leave_out_are_bounded() {
    let ragged = format!("lon,lat{}\n{}", ",".repeat(10_000), "1,2\n".repeat(10_000));
    let error = refused(&ragged, u64::MAX).to_string();
    assert!(
        error.contains("nearly all cells of its 10,000 rows and 10,002 columns are left out"),
        "{error}"
    );
}

#[test]
fn a_table_that_is_read_as_a_whole_must_fit() {
    let text = format!("lon,lat,a,b\n{}", "1,2,,\n".repeat(10_000));
    let error = refused(&text, 1 << 20);
    assert!(
        error.to_string().starts_with("t.csv: it has 10,000 features, which need 9."),
        "{error}"
    );
    // Piece by piece it may be read all the same.
    let mut table = of(text.into(), &place(1 << 20), b',').unwrap();
    let rows = std::iter::from_fn(|| table.next()).map(|rows| rows.read().unwrap().len());
    assert_eq!(rows.sum::<usize>(), 10_000);
}
