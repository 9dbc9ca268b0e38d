//! Delimited text, as spreadsheets and survey tools write it, through the program.

use crate::scene::{Assessment, Scene};
use encoding_rs::{Encoding, WINDOWS_1251, WINDOWS_1252};
use serde_json::{Value, json};

/// A layer of sites, assessed: the result, standard error, and the names of the sites.
fn sites(name: &str, table: impl AsRef<[u8]>) -> (Assessment, String, Vec<Value>) {
    let scene = Scene::usual();
    scene.write(name, table);
    let ran = scene.run(&format!("assess plan.toml --sites {name} --with sites -o out.geojson"));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let read = |name: &str| serde_json::from_slice::<Value>(&scene.read(name)).unwrap();
    let layer = read("out.sites.geojson");
    let features = layer["features"].as_array().unwrap();
    let names = features.iter().map(|site| site["properties"]["name"].clone()).collect();
    (Assessment(read("out.geojson")), ran.err, names)
}

/// A layer that is one hospital called `name`, and what was said of it.
fn one(table: impl AsRef<[u8]>, name: &str) -> String {
    let (found, err, names) = sites("sites.csv", table);
    assert_eq!((found.number(0, "sites_hospital"), names), (1.0, vec![json!(name)]), "{err}");
    err
}

/// What stops a layer from being read, with the way out.
fn refused(table: &str) -> String {
    let scene = Scene::usual();
    scene.write("sites.csv", table);
    let ran = scene.run("assess plan.toml --sites sites.csv -o out.geojson");
    assert_eq!(ran.code, 2, "{}", ran.err);
    ran.err
}

#[test]
fn any_delimiter_and_decimal_commas_are_read() {
    for (delimiter, lon, lat) in [
        (",", "20.03", "49.93"),
        (";", "20,03", "49,93"),
        ("\t", "20,03", "49.93"),
        ("|", "20.03", "49,93"),
    ] {
        let rows = [["class", "Lon", "name", " LAT "], ["hospital", lon, "St Anna", lat]];
        let text = rows.map(|row| row.join(delimiter)).join("\r\n");
        assert_eq!(one(&text, "St Anna"), "", "{text}");
        assert_eq!(one(format!("sep={delimiter}\r\n{text}\r\n\r\n"), "St Anna"), "", "{text}");
    }
}

#[test]
fn any_encoding_is_read_and_a_guess_is_told() {
    let text = |name: &str| format!("name,lon,lat,class\n{name},20.03,49.93,hospital\n");
    let legacy =
        |encoding: &'static Encoding, name: &str| one(encoding.encode(&text(name)).0, name);
    let told = |name: &str| {
        format!(
            "notice: sites.csv: it is not UTF-8; read as {name}; if names look wrong, save it as UTF-8\n"
        )
    };
    assert_eq!(legacy(WINDOWS_1252, "Landspítali"), told("windows-1252"));
    assert_eq!(legacy(WINDOWS_1251, "Больница №5"), told("windows-1251"));
    assert_eq!(one(text("Landspítali"), "Landspítali"), "");
    assert_eq!(one(format!("\u{feff}{}", text("東京")), "東京"), "");
    let wide = format!("\u{feff}{}", text("Ñandú 東京"));
    let little: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = wide.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(one(bytes, "Ñandú 東京"), "");
    }
}

#[test]
fn a_guessed_encoding_is_told_of_areas_and_by_inspect_too() {
    let scene = Scene::usual();
    let shape = "POLYGON ((20.02 49.92,20.05 49.92,20.05 49.95,20.02 49.95,20.02 49.92))";
    let table = format!("id;name;Geometry\nA;Ísafjörður;{shape}\n");
    scene.write("areas.csv", WINDOWS_1252.encode(&table).0);
    let ran = scene.run("assess plan.toml --areas areas.csv -o -");
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0);
    assert_eq!(ran.assessment().text(0, "name"), "Ísafjörður");
    assert!(
        ran.err.starts_with("notice: areas.csv: it is not UTF-8; read as windows-1252"),
        "{}",
        ran.err
    );
    let shown = scene.run("inspect areas.csv").out;
    assert!(shown.contains("it is not UTF-8; read as windows-1252"), "{shown}");
    assert!(shown.contains("Ísafjörður"), "{shown}");
}

#[test]
fn the_row_of_tags_below_a_header_is_no_site_and_may_name_places() {
    let text =
        "Établissement,class,Est,Nord\n#loc+name,,#geo+lon,#geo+lat\nA,hospital,20.03,49.93\n";
    let (found, err, names) = sites("sites.csv", text);
    assert_eq!((found.number(0, "sites_hospital"), err.as_str(), names.len()), (1.0, "", 1));
}

#[test]
fn quotes_may_hold_anything_and_rows_may_be_ragged() {
    let text = "name,lon,lat,class\n\"St \"\"Anna\"\",\nward 2; east\",20.03,49.93,hospital,,\n\
        short,20.03,49.93\n\n\n";
    let (found, err, names) = sites("sites.csv", text);
    assert_eq!(found.number(0, "sites_hospital"), 1.0);
    assert_eq!(names, [json!("St \"Anna\",\nward 2; east")]);
    let wanted = "notice: sites.csv: 1 of 2 features not used: 1 (no value in column \"class\")\n";
    assert_eq!(err, wanted);
}

#[test]
fn a_quote_that_swallows_rows_is_refused_by_its_line() {
    let text = "id,name,lon,lat,class\n1,A,20.03,49.93,hospital\n2,\"B,20.03,49.93,hospital\n\
        3,C,20.03,49.93,hospital\n";
    let wanted = "error: sites.csv:3:3: the quote that opens here is not closed before the next cell\n \
        3 | 2,\"B,20.03,49.93,hospital\n   |   ^\n\
        hint: close it; a quote within a cell is written twice: \"\"\n";
    assert_eq!(refused(text), wanted);
    let quoted = text.replace(",C,", ",\"C\",");
    assert!(refused(&quoted).starts_with("error: sites.csv:3:3: "), "{quoted}");
}

#[test]
fn places_that_cannot_be_read_are_problems_by_row() {
    let text = "id;lon;lat;class\n1;20.03°E;49.93 N;hospital\n2;\"20°01'48\"\"E\";49.93;hospital\n\
        3;20.03;abc;hospital\n4;20.03;;hospital\n5;20.03;64.5.6;safe_house\n";
    let (found, err, _) = sites("sites.csv", text);
    assert_eq!(found.number(0, "sites_hospital"), 2.0);
    let wanted = [
        "problem: sites.csv: site \"3\" (feature 3): its place cannot be read: latitude \"abc\" is no angle in degrees",
        "problem: sites.csv: site \"4\" (feature 4): it has a longitude and no latitude",
        "problem: sites.csv: site \"safe_house\" (feature 5): its place cannot be read",
        "notice: sites.csv: 3 of 5 features not used: 3 (its place cannot be read)",
    ];
    assert_eq!(err.lines().collect::<Vec<_>>(), wanted);
}

#[test]
fn tables_without_places_or_text_are_refused() {
    assert!(refused("").starts_with("error: sites.csv: the file is empty\n"));
    assert!(
        refused("id,lon,lat,class\n1,,,hospital\n")
            .contains("hint: fill its columns `lon` and `lat`")
    );
}

#[test]
fn a_reference_system_beside_a_table_and_tables_in_archives_are_honored() {
    let scene = Scene::usual();
    let prj = "PROJCS[\"UTM_34N\",GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",\
        SPHEROID[\"WGS_1984\",6378137.0,298.257223563]],PRIMEM[\"Greenwich\",0.0],\
        UNIT[\"Degree\",0.0174532925199433]],PROJECTION[\"Transverse_Mercator\"],\
        PARAMETER[\"False_Easting\",500000.0],PARAMETER[\"False_Northing\",0.0],\
        PARAMETER[\"Central_Meridian\",21.0],PARAMETER[\"Scale_Factor\",0.9996],\
        PARAMETER[\"Latitude_Of_Origin\",0.0],UNIT[\"Meter\",1.0]]";
    scene.write("utm.prj", prj);
    scene.write("utm.csv", "x,y,class\n430400,5531200,hospital\n");
    scene.write("away.csv", "x,y,class\n430400,5531200,hospital\n");
    scene.write("plain.csv", "lon,lat,class\n20.03,49.93,hospital\n");
    let inside = archived(&scene, "plain.csv");
    for (sites, count) in [("utm.csv", 1.0), ("plain.csv,layer=plain", 1.0), (inside.as_str(), 1.0)]
    {
        let ran = scene.run(&format!("assess plan.toml --sites {sites} -o -"));
        assert_eq!(ran.assessment().number(0, "sites_hospital"), count, "{sites}: {}", ran.err);
    }
    let (sentence, _) = scene.refused("assess plan.toml --sites plain.csv,layer=other");
    assert!(sentence.ends_with("no layer \"other\"; it has plain"), "{sentence}");
    scene.write("away.prj", "nonsense");
    let (sentence, _) = scene.refused("assess plan.toml --sites away.csv");
    assert!(sentence.ends_with("the .prj beside it is no reference system"), "{sentence}");
}

/// The path of a table within an archive.
fn archived(scene: &Scene, name: &str) -> String {
    let mut tar = tar_header(name, scene.read(name).len());
    tar.extend(scene.read(name));
    tar.resize(tar.len().next_multiple_of(512) + 1024, 0);
    scene.write("tables.tar", tar);
    format!("/vsitar/tables.tar/{name}")
}

/// The header of a file in an archive of the plainest kind.
fn tar_header(name: &str, length: usize) -> Vec<u8> {
    let mut header = vec![0; 512];
    let mut put =
        |at: usize, text: &str| header[at..at + text.len()].copy_from_slice(text.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{length:011o}\0"));
    put(136, "00000000000\0        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}
