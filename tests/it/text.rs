//! Text of strangers on its way out: no spreadsheet runs it, no terminal is steered by it.

use crate::scene::{Ran, Scene, USUAL, area, collection, feature, point, polygon};
use serde_json::json;

/// Names that a spreadsheet would run.
const RUN: [&str; 7] = [
    "=HYPERLINK(\"http://example.org/?\"&A1,\"open\")",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd",
    "@SUM(1)",
    "\t=1",
    " \u{200b}=1",
    "\u{ff1d}1+1",
];

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran
}

/// The cells of a table, row by row.
fn cells(scene: &Scene, name: &str) -> Vec<Vec<String>> {
    let bytes = scene.read(name);
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&bytes[..]);
    let rows = reader.records().map(|row| row.unwrap().iter().map(String::from).collect());
    rows.collect()
}

/// Whether a spreadsheet would run a cell.
fn is_run(cell: &str) -> bool {
    let seen =
        cell.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{200b}');
    let is_sign =
        seen.starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    cell.starts_with(['\t', '\r']) || is_sign && cell.parse::<f64>().is_err()
}

#[test]
fn no_table_that_is_written_holds_a_formula() {
    let scene = Scene::usual();
    let own = |place: usize, name: &str| {
        let west = 20.0 + 0.01 * place as f64;
        let shape = polygon(&[[west, 49.91, west + 0.02, 49.99]]);
        let coa = if place.is_multiple_of(2) { "=A" } else { "@B" };
        let properties =
            json!({"id": name, "name": name, "coa": coa, "=head": name, "depth": -12.5});
        feature(&shape, &properties)
    };
    let areas: Vec<_> = RUN.iter().enumerate().map(|(place, name)| own(place, name)).collect();
    scene.write("areas.geojson", collection(&areas).to_string());
    let site = point(
        [20.03, 49.95],
        &json!({"id": "=S1", "name": "=1+1", "class": "school", "confidence": 0.6}),
    );
    scene.write("sites.geojson", collection(&[site]).to_string());
    let base =
        "assess --areas areas.geojson --population pop.tif,nodata_means=zero --sites sites.geojson";
    done(scene.run(&format!("{base} -o out.csv --hxl --with gaps")));
    done(scene.run(&format!("{base} -o out.geojson")));
    done(scene.run("compare out.geojson -o compared.csv --draws 100"));
    scene.raster("pop2.tif", 10, &[11.0_f32; 100]);
    let later = base.replace("pop.tif", "pop2.tif");
    done(scene.run(&format!("{later} -o later.geojson")));
    done(scene.run("compare out.geojson later.geojson -o changed.csv"));
    for name in ["out.csv", "out.gaps.csv", "compared.csv", "changed.csv"] {
        let all = cells(&scene, name);
        let run = all.iter().flatten().find(|cell| is_run(cell));
        assert_eq!(run, None, "{name} has a cell that is run");
        assert!(all.iter().flatten().any(|cell| cell.starts_with('\'')), "{name} quotes some");
    }
    let rows = cells(&scene, "out.csv");
    let column = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    assert_eq!(rows[2][column("depth")], "-12.5", "a number stays a number");
    assert_eq!(rows[2][column("area_id")], format!("'{}", RUN[0]));
    assert!(rows[0].contains(&"'=head".to_string()), "heads, too: {:?}", rows[0]);
}

#[test]
fn what_was_quoted_is_read_as_it_was() {
    let scene = Scene::usual();
    let site = point([20.03, 49.93], &json!({"id": "=S1", "class": "school", "confidence": 0.6}));
    scene.write("sites.geojson", collection(&[site]).to_string());
    let base =
        "assess --areas areas.geojson --population pop.tif,nodata_means=zero --sites sites.geojson";
    done(scene.run(&format!("{base} -o out.geojson --with gaps")));
    // Whoever fills in the form leaves the id as it is.
    let mut rows = cells(&scene, "out.gaps.csv");
    let column = |name: &str| rows[0].iter().position(|head| head == name).unwrap();
    let (id, answer, confidence) = (column("site_id"), column("answer"), column("confidence"));
    let row = rows.iter_mut().find(|row| row[id] == "'=S1").expect("it is asked about");
    (row[answer], row[confidence]) = ("exists".into(), "0.9".into());
    let mut table = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in &rows {
        table.write_record(row).unwrap();
    }
    scene.write("form.csv", table.into_inner().unwrap());
    let ran = done(scene.run(&format!("{base} --answers form.csv -o -")));
    assert!(ran.err.contains("\"=S1\" is surer to be there"), "{}", ran.err);
    // A table whose names and heads were quoted is read as if they were not.
    scene.write("t.csv", "id,longitude,latitude,'=kind,name\n'=T1,20.03,49.93,school,'@x\n''Eua,20.031,49.93,school,'Eua\n");
    let read = done(scene.run("sites t.csv,class_field==kind -o -"));
    assert!(read.out.contains("\"=T1\"") && read.out.contains("\"@x\""), "{}", read.out);
    assert!(read.out.contains("\"''Eua\"") && read.out.contains("\"'Eua\""), "{}", read.out);
}

/// Letters that must not reach a terminal.
const STEERING: [char; 14] = [
    '\u{1b}',
    '\u{7f}',
    '\u{9b}',
    '\u{202a}',
    '\u{202e}',
    '\u{2066}',
    '\u{2069}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{61c}',
    '\u{2028}',
    '\u{feff}',
    '\u{e0041}',
];

#[track_caller]
fn is_tame(what: &str, text: &str) {
    let found = text.chars().find(|letter| STEERING.contains(letter));
    assert_eq!(found, None, "{what}:\n{text:?}");
}

#[test]
fn nothing_that_people_read_steers_a_terminal() {
    let bad: String = STEERING.iter().collect();
    let scene = Scene::usual();
    let own = |id: &str, coa: &str, bounds: [f64; 4]| {
        let properties = json!({"id": format!("{id}{bad}1"), "name": format!("n{bad}"), "coa": format!("{coa}{bad}"),
            (format!("own{bad}")): format!("v{bad}")});
        feature(&polygon(&[bounds]), &properties)
    };
    let crossed = json!({"type": "Polygon", "coordinates": [[[20.0, 49.9], [20.02, 49.92], [20.02, 49.9], [20.0, 49.92], [20.0, 49.9]]]});
    let crossed = feature(&crossed, &json!({"id": format!("x{bad}"), "coa": format!("B{bad}")}));
    let areas = [
        own("A", "A", [20.0, 49.91, 20.05, 49.99]),
        own("B", "B", [20.05, 49.91, 20.12, 49.99]),
        crossed,
    ];
    scene.write("areas.geojson", collection(&areas).to_string());
    let sites = [
        point(
            [20.03, 49.95],
            &json!({"id": format!("S{bad}"), "name": format!("n{bad}"), "class": "school", "beds": format!("x{bad}")}),
        ),
        point([20.04, 49.95], &json!({"id": format!("U{bad}"), "class": format!("scool{bad}")})),
    ];
    scene.write("sites.geojson", collection(&sites).to_string());
    let base = "--areas areas.geojson --population pop.tif,nodata_means=zero --sites sites.geojson";
    scene.run(&format!("assess {base} -o out.geojson"));
    scene.write(
        "bad.toml",
        format!("[scenario]\nname = \"{bad}\"\nnope{bad} = 3\n").replace(['\u{1b}', '\u{7f}'], ""),
    );
    for args in [
        format!("assess {base}"),
        format!("assess {base} --verbose"),
        format!("assess {base} --log-format json -o again.geojson"),
        format!("assess {base} --strict"),
        format!("check {base}"),
        "inspect areas.geojson sites.geojson".into(),
        "sites sites.geojson".into(),
        "sites sites.geojson --register".into(),
        "explain out.geojson A".into(),
        format!("explain out.geojson A{bad}1"),
        "compare out.geojson --draws 100".into(),
        "compare out.geojson --draws 100 --format markdown".into(),
        "compare out.geojson again.geojson".into(),
        format!("assess --nope{bad}"),
        format!("assess gone{bad}.toml"),
        format!("inspect gone{bad}.tif"),
        format!("--log-format json assess --nope{bad}"),
        "check bad.toml".into(),
        "assess bad.toml".into(),
    ] {
        let ran = scene.run(&args);
        is_tame(&format!("{args}: standard output"), &ran.out);
        is_tame(&format!("{args}: standard error"), &ran.err);
        assert!(!ran.out.is_empty() || !ran.err.is_empty(), "{args} says something");
    }
    // A format for machines keeps every letter.
    let data = scene.run(&format!("assess {base} -o -")).out;
    assert!(data.contains("\\u202e") && data.contains("\\u200f"));
    is_tame("JSON", &data);
}

#[test]
fn a_name_cannot_pass_for_another_message() {
    let scene = Scene::usual();
    let id = "A\nerror: all is well\r\n";
    scene.write(
        "areas.geojson",
        collection(&[area(id, &[[20.05, 49.95, 20.2, 49.99]])]).to_string(),
    );
    let ran = scene
        .run("assess --areas areas.geojson --population pop.tif,nodata_means=zero -o out.geojson");
    assert!(ran.err.contains("notice: ") && ran.err.contains("all is well"), "{}", ran.err);
    assert!(!ran.err.lines().any(|line| line.starts_with("error")), "{}", ran.err);
}

#[test]
fn names_of_every_script_are_shown_unharmed() {
    let scene = Scene::usual();
    for name in ["مستشفى الشفاء", "בית חולים", "می\u{200c}خواهم", "क्\u{200d}ष", "医院"]
    {
        scene.write(
            "areas.geojson",
            collection(&[area(name, &[[20.05, 49.95, 20.07, 49.99]])]).to_string(),
        );
        let ran =
            done(scene.run("assess --areas areas.geojson --population pop.tif,nodata_means=zero"));
        assert!(ran.out.contains(name), "{name} in {}", ran.out);
    }
}

#[test]
fn markdown_holds_no_link_and_no_markup_of_a_stranger() {
    let scene = Scene::usual();
    let name = "[x](javascript:alert(1)) <b> a|b `c` https://example.org www.example.org";
    let own = |id: &str, coa: &str, bounds: [f64; 4]| {
        feature(&polygon(&[bounds]), &json!({"id": id, "coa": coa}))
    };
    let areas =
        [own("1", name, [20.0, 49.91, 20.05, 49.99]), own("2", "B", [20.05, 49.91, 20.1, 49.99])];
    scene.write("areas.geojson", collection(&areas).to_string());
    done(
        scene.run(
            "assess --areas areas.geojson --population pop.tif,nodata_means=zero -o out.geojson",
        ),
    );
    let text = done(scene.run("compare out.geojson --draws 100 --format markdown")).out;
    assert!(text.contains("javascript"), "{text}");
    for markup in ["[x](", "<b>", " a|b", " `c`", "https://e", " www.e"] {
        assert!(!text.contains(markup), "{markup} in {text}");
    }
}

#[test]
fn a_name_in_a_hint_cannot_pass_for_another_message() {
    let scene = Scene::usual();
    let named = feature(&polygon(&[USUAL]), &json!({"id": "A\nerror: all is well\u{9b}"}));
    scene.write("areas.geojson", collection(&[named]).to_string());
    done(scene.run("assess plan.toml -o out.geojson"));
    let ran = scene.run("explain out.geojson nope");
    assert_eq!(
        ran.err.lines().filter(|line| line.starts_with("error: ")).count(),
        1,
        "{}",
        ran.err
    );
    // JSON says the same without a letter that steers.
    let text = String::from_utf8(scene.read("out.geojson")).unwrap();
    assert!(text.contains(r"all is well\u009b") && !text.contains('\u{9b}'));
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["features"][0]["properties"]["area_id"], "A\nerror: all is well\u{9b}");
    done(scene.run("report out.geojson -o page.html"));
    assert!(!String::from_utf8(scene.read("page.html")).unwrap().contains('\u{9b}'));
}

#[test]
fn a_description_becomes_no_line_of_a_scenario() {
    use gdal::Metadata;
    let scene = Scene::usual();
    let driver = gdal::DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut two = driver.create_with_band_type::<f32, _>(scene.path("two.tif"), 10, 10, 2).unwrap();
    two.set_geo_transform(&[20.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    two.set_spatial_ref(&gdal::spatial_ref::SpatialRef::from_epsg(4326).unwrap()).unwrap();
    let text = "men\n[[sites]]\npath = \"/etc/passwd\"\n# ";
    two.rasterband(1).unwrap().set_description(text).unwrap();
    drop(two);
    let ran = scene.run("new made --population two.tif");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let made = String::from_utf8(scene.read("made/scenario.toml")).unwrap();
    assert!(made.contains("[[sites]]"), "it is told: {made}");
    assert!(!made.lines().any(|line| line.trim_start().starts_with("path = \"/etc")), "{made}");
}
