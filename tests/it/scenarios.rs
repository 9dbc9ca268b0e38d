//! Scenario files: what is wrong in them is named at its line and column, with what was meant.

use crate::scene::{PLAN, Scene};

/// The whole message about a scenario of that text.
fn message(text: &str) -> String {
    let scene = Scene::usual();
    scene.write("faulty.toml", text);
    let ran = scene.run("assess faulty.toml -o out.geojson");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{}", ran.err);
    assert!(!scene.has("out.geojson"));
    // `check` lists the same as problems.
    let checked = scene.run("check faulty.toml");
    assert_eq!(checked.code, 1);
    assert!(checked.out.starts_with(&ran.err.replace("error: ", "problem: ")), "{}", checked.out);
    ran.err
}

#[test]
fn an_unknown_key_is_shown_with_the_one_that_was_meant() {
    insta::assert_snapshot!(message(&PLAN.replace("nodata_means", "nodata_meens")), @r#"
    error: faulty.toml:6:1: unknown key `nodata_meens` in [[population]]
     6 | nodata_meens = "zero"
       | ^
    hint: did you mean `nodata_means`?
    "#);
}

#[test]
fn a_wrong_type_is_shown_at_its_value_in_plain_words() {
    insta::assert_snapshot!(message(&format!("{PLAN}year = \"last\"\n")), @r#"
    error: faulty.toml:7:8: found the text "last", wanted a whole number
     7 | year = "last"
       |        ^
    "#);
}

#[test]
fn a_word_that_is_none_of_those_wanted_is_shown_beside_them() {
    insta::assert_snapshot!(message(&PLAN.replace("zero", "nil")), @r#"
    error: faulty.toml:6:16: found `nil`, wanted `zero` or `unknown`
     6 | nodata_means = "nil"
       |                ^
    "#);
}

#[test]
fn broken_syntax_is_shown_where_it_breaks() {
    insta::assert_snapshot!(message("[areas\npath = \"areas.geojson\"\n"), @r"
    error: faulty.toml:1:7: unclosed table, wanted `]`
     1 | [areas
       |       ^
    ");
}

#[test]
fn brackets_too_few_or_too_many_are_told() {
    let few = message(&PLAN.replace("[[population]]", "[population]"));
    assert!(few.contains("hint: head each layer with [[population]], in double brackets"), "{few}");
    let many = message(&PLAN.replace("[areas]", "[[areas]]"));
    assert!(many.contains("head it with [areas], in single brackets"), "{many}");
}

#[test]
fn all_faults_of_a_file_are_told_at_once() {
    let text = format!(
        "[scenario]\ndate = \"22.11.2026\"\nobjective = \"maximize\"\n{PLAN}time = \"dusk\"\n\
         [[sites]]\npath = \"areas.geojson\"\nclass = \"hopsital\"\nconfidence = 1.5\n"
    );
    let found = message(&text);
    for wanted in [
        "faulty.toml:3:1: unknown key `objective`",
        "faulty.toml:2:8: \"22.11.2026\" is no date",
        "`time` is \"dusk\", wanted any, day or night",
        "unknown class \"hopsital\"",
        "hint: did you mean `hospital`?",
        "`confidence` is 1.5, wanted 0 to 1",
    ] {
        assert!(found.contains(wanted), "no {wanted} in\n{found}");
    }
}

#[test]
fn an_empty_path_and_a_number_too_large_are_shown_where_they_stand() {
    let text = PLAN.replace("areas.geojson", "").replace("pop.tif", "");
    let found = message(&text);
    assert!(found.starts_with("error: faulty.toml:2:8: `path` is empty, wanted that of a file\n"));
    assert!(found.contains("error: faulty.toml:5:8: `path` is empty"), "{found}");
    let found = message(&format!("{PLAN}nodata = -99999999999999999999\n"));
    let wanted =
        "error: faulty.toml:7:10: found the number `-99999999999999999999`, wanted a number";
    assert!(found.starts_with(wanted), "{found}");
}

#[test]
fn distances_are_whole_ascending_and_on_earth() {
    for (line, wanted) in [
        ("buffer_m = -1", "`buffer_m` is -1, wanted 0 to 1000000 meters"),
        ("buffer_m = nan", "`buffer_m` is NaN, wanted 0 to 1000000 meters"),
        ("rings_m = [500, 500]", "`rings_m` has 500 behind 500, wanted ascending distances"),
        ("rings_m = [0]", "`rings_m` has 0, wanted whole meters above 0"),
        ("rings_m = [0.5]", "`rings_m` has 0.5, wanted whole meters above 0"),
        ("rings_m = [inf]", "`rings_m` has inf, wanted whole meters above 0"),
        ("buffer_m = 9\nrings_m = [999999]", "wanted 1000000 at most, buffer included"),
    ] {
        let found = message(&PLAN.replace("\n[[population]]", &format!("{line}\n[[population]]")));
        assert!(found.contains(wanted), "{line}: {found}");
        assert!(found.starts_with("error: faulty.toml:"), "{found}");
    }
}

#[test]
fn two_primaries_are_one_too_many() {
    let second = "primary = true\n[[population]]\npath = \"pop.tif\"\nprimary = true\n";
    assert!(message(&format!("{PLAN}{second}")).contains("2 population layers are marked"));
}

#[test]
fn a_missing_file_is_named_as_written_and_as_looked_for() {
    let scene = Scene::usual();
    scene.write("plans/plan.toml", PLAN);
    let (sentence, _) = scene.refused("assess plans/plan.toml");
    assert_eq!(sentence, "areas.geojson: no such file (looked for [folder]/plans/areas.geojson)");
}

#[test]
fn a_layer_in_place_of_a_scenario_is_told() {
    let scene = Scene::usual();
    scene.write("topo.json", r#"{"type": "Topology", "objects": {}, "arcs": []}"#);
    scene.write("esri.json", r#"{"geometryType": "esriGeometryPolygon", "features": []}"#);
    for layer in ["areas.geojson", "pop.tif", "topo.json", "esri.json"] {
        let (sentence, hint) = scene.refused(&format!("assess {layer}"));
        assert_eq!(sentence, format!("{layer}: a layer, wanted a scenario (TOML or JSON)"));
        assert!(hint.contains("--areas"), "{hint}");
    }
}

#[test]
fn what_is_no_text_or_no_file_is_no_scenario() {
    let scene = Scene::usual();
    scene.write("latin.toml", b"name = \"\xe9\"\n");
    scene.write("folder/x", "");
    assert_eq!(scene.refused("assess latin.toml").0, "latin.toml: not UTF-8 text, from byte 9 on");
    assert_eq!(scene.refused("assess folder").0, "folder: a directory, wanted a file");
    scene.write("empty.toml", "");
    assert_eq!(scene.refused("assess empty.toml").0, "scenario: it names no areas");
}

#[test]
fn line_ends_byte_order_marks_and_json_change_nothing() {
    let scene = Scene::usual();
    scene.write("crlf.toml", PLAN.replace('\n', "\r\n"));
    scene.write("bom.toml", format!("\u{feff}{PLAN}"));
    let json = r#"{"areas": {"path": "areas.geojson"},
        "population": [{"path": "pop.tif", "nodata_means": "zero"}]}"#;
    scene.write("plan.json", json);
    let table = scene.run("assess plan.toml").out;
    for scenario in ["crlf.toml", "bom.toml", "plan.json"] {
        let ran = scene.run(&format!("assess {scenario}"));
        assert_eq!((ran.code, ran.out.as_str()), (0, table.as_str()), "{scenario}: {}", ran.err);
    }
    scene.write("faulty.json", json.replace("nodata_means", "nodata_meens"));
    let ran = scene.run("assess faulty.json");
    assert_eq!(ran.said(), "error: faulty.json:2:44: unknown key `nodata_meens`");
    assert!(ran.err.ends_with("hint: did you mean `nodata_means`?\n"), "{}", ran.err);
}

#[test]
fn an_unknown_option_behind_a_path_is_no_part_of_its_name() {
    let scene = Scene::usual();
    let (sentence, hint) =
        scene.refused("assess --areas areas.geojson,idd=ref --population pop.tif");
    assert_eq!(sentence, "areas.geojson,idd=ref: unknown option `idd`");
    assert!(hint.starts_with("did you mean `id`? known: "), "{hint}");
    // A comma and a sign of equality are letters like others.
    scene.write("a,b=1.geojson", scene.read("areas.geojson"));
    assert_eq!(scene.run("assess --areas a,b=1.geojson --population pop.tif").code, 0);
}

#[test]
fn layers_of_the_command_line_take_the_place_of_those_of_the_scenario() {
    let scene = Scene::usual();
    scene.write("plans/plan.toml", PLAN);
    let ran = scene.run("assess plans/plan.toml --areas areas.geojson --population pop.tif -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(ran.assessment().number(0, "pop_best"), 90.0);
}
