//! Areas that come as lines, and leave as lines.

use crate::scene::{Scene, area, collection, feature, polygon};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Areas of all sorts, each with an id of its own.
fn areas(count: usize) -> Vec<Value> {
    let one = |place: usize| {
        let west = 20.0 + 0.001 * (place % 70) as f64;
        let bounds =
            [west, 49.91, west + 0.003 * (1 + place % 9) as f64, 49.93 + 0.0001 * place as f64];
        let mut area =
            feature(&polygon(&[bounds]), &json!({"id": format!("area-{place}"), "own": place}));
        if place % 17 == 3 {
            area["geometry"] = Value::Null;
        }
        area
    };
    (0..count).map(one).collect()
}

fn lines(areas: &[Value]) -> String {
    areas.iter().flat_map(|area| [area.to_string(), "\n".into()]).collect()
}

const FILTER: &str = "assess --areas - --population pop.tif,nodata_means=zero -o - --quiet";

#[test]
fn rows_that_come_as_lines_leave_as_lines() {
    let scene = Scene::usual();
    let areas = areas(40);
    let whole = scene.run_with_input(FILTER, &collection(&areas).to_string());
    let whole = whole.assessment();
    let ran = scene.run_with_input(FILTER, &lines(&areas));
    assert_eq!(ran.code, 1, "{}", ran.err);
    let rows: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(&rows, whole.features());
    assert!(ran.out.ends_with("}\n") && !ran.out.contains('\u{1e}'));
    // Record separators, blank lines and a byte order mark are no part of any.
    let separated: String = lines(&areas).lines().flat_map(|line| ["\u{1e}", line, "\n"]).collect();
    assert_eq!(scene.run_with_input(FILTER, &separated).out, ran.out);
    let spread = format!("\u{feff}\n{}\r\n", lines(&areas).replace('\n', "\r\n\r\n"));
    assert_eq!(scene.run_with_input(FILTER, &spread).out, ran.out);
}

#[test]
fn one_line_alone_is_a_line() {
    let scene = Scene::usual();
    let ran = scene.run_with_input(FILTER, &lines(&areas(1)));
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}", ran.err);
    assert!(ran.out.starts_with("{\"type\":\"Feature\""));
    assert_eq!(
        scene
            .run_with_input(FILTER, &collection(&areas(1)).to_string())
            .assessment()
            .features()
            .len(),
        1
    );
}

#[test]
fn files_of_lines_are_read_too() {
    let scene = Scene::usual();
    let areas = areas(5);
    for ending in ["geojsonl", "geojsons", "ndjson"] {
        let name = format!("areas.{ending}");
        scene.write(&name, lines(&areas));
        let typed = FILTER.replace("--areas -", &format!("--areas {name}"));
        let ran = scene.run(&typed);
        assert_eq!((ran.code, ran.out.lines().count()), (1, 5), "{}", ran.err);
    }
}

#[test]
fn a_line_that_is_no_json_is_told_by_its_number() {
    let scene = Scene::usual();
    let all = areas(3);
    for broken in ["{\"type\":\"Feature\",oops}", "[1]", "{\"type\":"] {
        let text = format!("{}{broken}\n{}", lines(&all[..2]), lines(&all[2..]));
        let ran = scene.run_with_input(FILTER, &text);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{broken}");
        assert!(ran.said().starts_with("error: -: "), "{broken}: {}", ran.err);
        if broken.starts_with("{\"type\"") {
            assert!(ran.said().contains("line 3 is no JSON"), "{broken}: {}", ran.err);
        }
    }
    // What is JSON and no feature is a row.
    let text = format!("{}{{\"type\":\"Point\"}}\n", lines(&all));
    let ran = scene.run_with_input(FILTER, &text);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 4), "{}", ran.err);
}

#[test]
fn an_area_may_be_read_again_from_its_row() {
    let scene = Scene::usual();
    scene.write(
        "areas.geojson",
        collection(&[area("A", &[[20.02, 49.92, 20.05, 49.95]])]).to_string(),
    );
    let once = scene.run_with_input(FILTER, &lines(&areas(4)));
    let twice = scene.run_with_input(FILTER, &once.out);
    assert_eq!(once.out.lines().count(), twice.out.lines().count());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    /// However lines are split over runs, their rows joined are those of one run, to the byte.
    #[test]
    fn split_lines_give_the_rows_of_one_run(cuts in prop::collection::vec(0_usize..60, 3)) {
        let scene = Scene::usual();
        let areas = areas(60);
        let whole = scene.run_with_input(FILTER, &lines(&areas)).out;
        let mut cuts = cuts;
        cuts.extend([0, areas.len()]);
        cuts.sort_unstable();
        cuts.dedup();
        let parts = cuts.windows(2).map(|pair| scene.run_with_input(FILTER, &lines(&areas[pair[0]..pair[1]])).out);
        prop_assert_eq!(parts.collect::<String>(), whole);
    }
}
