//! Groups of people, and people by day and by night.

use crate::scene::{Assessment, PLAN, Scene, USUAL, area, collection, feature, polygon};
use serde_json::{Value, json};
use std::fs;

/// The usual scenario with more of it.
fn plan(scene: &Scene, more: &str) -> Assessment {
    scene.write("more.toml", format!("{PLAN}{more}"));
    let ran = scene.run("assess more.toml -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.assessment()
}

fn triple(found: &Assessment, group: &str) -> [f64; 3] {
    ["low", "best", "high"].map(|bound| found.number(0, &format!("{group}_{bound}")))
}

/// What a scenario with more of it is told.
fn refusal(scene: &Scene, more: &str) -> String {
    scene.write("faulty.toml", format!("{PLAN}{more}"));
    let ran = scene.run("assess faulty.toml -o -");
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{more}");
    ran.err
}

#[test]
fn a_share_is_a_share_of_people_at_each_bound() {
    let scene = Scene::usual();
    let found = plan(&scene, "[population.groups]\nchildren = { share = 0.2, source = \"x\" }\n");
    assert_eq!(triple(&found, "pop"), [60.0, 90.0, 135.0]);
    assert_eq!(triple(&found, "children"), [12.0, 18.0, 27.0]);
    assert_eq!(
        found.text(0, "flags"),
        "defaulted no_dependants no_sites_layer single_source small_area"
    );
    let columns: Vec<&String> =
        found.features()[0]["properties"].as_object().unwrap().keys().collect();
    let at = columns.iter().position(|name| *name == "pop_peak_km2").unwrap();
    assert_eq!(columns[at + 1..at + 4], ["children_low", "children_best", "children_high"]);
    assert!(found.get(0, "topic_cac").is_number() && found.get(0, "topic_wps").is_null());
    let settings = &found.0["civex"]["inputs"][2]["settings"]["groups"];
    assert_eq!(settings, "children = { share = 0.2, source = \"x\" }");
}

#[test]
fn rasters_and_samples_are_counted_like_people_and_never_more() {
    let scene = Scene::usual();
    scene.raster("old.tif", 10, &[2.0_f32; 100]);
    scene.raster("girls.tif", 10, &[11.0_f32; 100]);
    let ran = {
        scene.write(
            "more.toml",
            format!(
                "{PLAN}[population.groups]\nolder_60 = {{ path = \"old.tif\" }}\n\
                 women_girls = {{ path = \"girls.tif\" }}\ndisabled = {{ samples = [1] }}\n"
            ),
        );
        scene.run("assess more.toml -o -")
    };
    let found = ran.assessment();
    assert_eq!(triple(&found, "older_60"), [12.0, 18.0, 27.0]);
    assert_eq!(triple(&found, "women_girls"), [60.0, 90.0, 135.0], "no more than people");
    assert_eq!(triple(&found, "disabled"), triple(&found, "pop"));
    let wanted = "area \"A\": women_girls are 99 and people 90: as many as people are counted";
    assert!(ran.err.contains(wanted), "{}", ran.err);
    assert_eq!(found.text(0, "flags"), "no_dependants no_sites_layer single_source small_area");
    let inputs = found.0["civex"]["inputs"].as_array().unwrap();
    let of = |name: &str| inputs.iter().find(|input| input["path"] == name).unwrap();
    assert_eq!(of("old.tif")["settings"]["group"], "older_60");
    assert!(of("old.tif")["sha256"].is_string());
}

#[test]
fn what_a_raster_of_a_group_does_not_cover_is_unknown() {
    let scene = Scene::usual();
    scene.raster("west.tif", 4, &[1.0_f32; 40]);
    let found = plan(&scene, "[population.groups]\nchildren = { path = \"west.tif\" }\n");
    assert!(found.get(0, "children_best").is_null());
    assert_eq!(found.number(0, "pop_best"), 90.0);
    assert_eq!(found.text(0, "status"), "ok", "people are not less known for it");
}

/// Files of two sexes and the classes of age of WorldPop, so many people in a cell of each.
fn by_age(scene: &Scene, name: impl Fn(char, u32) -> String, people: impl Fn(char, u32) -> f32) {
    let ages = [0, 1].into_iter().chain((5..=80).step_by(5));
    for age in ages {
        for sex in ['f', 'm'] {
            scene.raster(&name(sex, age), 10, &[people(sex, age); 100]);
        }
    }
}

#[test]
fn files_by_sex_and_age_give_the_groups_that_follow_from_them() {
    let scene = Scene::usual();
    by_age(
        &scene,
        |sex, age| format!("isl_{sex}_{age}_2020.tif"),
        |sex, age| match (sex, age) {
            (_, 0..=10) => 0.1,
            (_, 15) => 0.2,
            ('f', 20..=45) => 0.3,
            (_, 60..) => 0.05,
            _ => 0.0,
        },
    );
    let pattern = "{ pattern = \"{iso}_{f|m}_{age}_2020.tif\" }";
    let groups = ["children", "women_girls", "women_15_49", "older_60"];
    let lines = groups.map(|group| format!("{group} = {pattern}\n")).concat();
    let found = plan(&scene, &format!("[population.groups]\n{lines}"));
    let best = |group: &str| found.number(0, &format!("{group}_best")) / 9.0;
    for (group, wanted) in [
        ("children", 8.0 * 0.1 + 0.6 * 0.4),
        ("women_girls", 4.0 * 0.1 + 0.2 + 6.0 * 0.3 + 5.0 * 0.05),
        ("women_15_49", 0.2 + 6.0 * 0.3),
        ("older_60", 10.0 * 0.05),
    ] {
        assert!((best(group) - wanted).abs() < 1e-4, "{group}: {} {wanted}", best(group));
    }
    fs::remove_file(scene.path("isl_m_5_2020.tif")).unwrap();
    let lone = format!("[population.groups]\nchildren = {pattern}\n");
    let told = refusal(&scene, &lone);
    assert!(told.contains("files for children are missing (sex and age): m 5"), "{told}");
    scene.raster("nor_f_0_2020.tif", 10, &[0.0_f32; 100]);
    let told = refusal(&scene, &lone);
    assert!(told.contains("it matches files of several countries: isl, nor"), "{told}");
    let one = "[population.groups]\nwomen_girls = { pattern = \"isl_{f|m}_{age}_2020.tif\" }\n";
    assert!(plan(&scene, one).number(0, "women_girls_best") > 0.0);
    scene.raster("isl_f_05_2020.tif", 10, &[9.0_f32; 100]);
    let wanted = "two files of one sex and age: isl_f_05_2020.tif and isl_f_5_2020.tif";
    let told = refusal(&scene, one);
    assert!(told.contains(wanted), "{told}");
}

#[test]
fn files_of_a_pattern_are_where_the_scenario_is_and_told_as_it_names_them() {
    let scene = Scene::usual();
    fs::create_dir_all(scene.path("far/ages")).unwrap();
    by_age(&scene, |sex, age| format!("far/ages/isl_{sex}_{age}.tif"), |_, _| 0.25);
    for name in ["areas.geojson", "pop.tif"] {
        fs::copy(scene.path(name), scene.path(&format!("far/{name}"))).unwrap();
    }
    let pattern = "{ pattern = \"ages/{iso}_{f|m}_{age}.tif\" }";
    let groups = format!("children = {pattern}\nwomen_15_49 = {pattern}\n");
    scene.write("far/plan.toml", format!("{PLAN}[population.groups]\n{groups}"));
    let ran = scene.run("assess far/plan.toml -o far.geojson");
    assert_eq!(ran.code, 0, "{}", ran.err);
    let found = Assessment(serde_json::from_slice(&scene.read("far.geojson")).unwrap());
    assert!((found.number(0, "children_best") - 9.0 * 0.25 * (8.0 + 1.2)).abs() < 1e-3);
    let inputs = found.0["civex"]["inputs"].as_array().unwrap();
    let of = |name: &str| &inputs.iter().find(|input| input["path"] == name).unwrap()["settings"];
    assert_eq!(*of("ages/isl_m_15.tif"), json!({"group": "children", "weight": "0.6"}));
    assert_eq!(
        *of("ages/isl_f_15.tif"),
        json!({"group": ["children", "women_15_49"], "weight": ["0.6", "1"]})
    );
    let explained = scene.run("explain far.geojson A");
    assert_eq!(explained.code, 0, "{}", explained.err);
    // From its own folder, and from that of the machine, the same numbers.
    let own = scene.command("assess plan.toml -o -").current_dir(scene.path("far")).output();
    let own: Value = serde_json::from_slice(&own.unwrap().stdout).unwrap();
    assert_eq!(own["features"], found.0["features"]);
    let inputs_of = |all: &Value| -> Vec<Value> {
        let inputs = all["civex"]["inputs"].as_array().unwrap().iter().skip(1);
        inputs.map(|input| input["path"].clone()).collect()
    };
    assert_eq!(inputs_of(&own), inputs_of(&found.0));
}

#[test]
fn one_raster_read_in_two_ways_is_two() {
    let scene = Scene::usual();
    scene.raster("some.tif", 10, &[2.0_f32; 100]);
    let groups = "children = { path = \"some.tif\", nodata = 2.0 }\nwomen_girls = { path = \"some.tif\" }\n\
        older_60 = { path = \"some.tif\", measure = \"density\" }\ndisabled = { path = \"some.tif\" }\n";
    let found = plan(&scene, &format!("[population.groups]\n{groups}"));
    let [none, all, dense] =
        ["children", "women_girls", "older_60"].map(|of| found.number(0, &format!("{of}_best")));
    assert_eq!((none, all), (0.0, 18.0));
    assert!((dense - 2.0 * found.number(0, "area_km2")).abs() < 0.01, "{dense}");
    assert_eq!(triple(&found, "disabled"), triple(&found, "women_girls"));
    let inputs = found.0["civex"]["inputs"].as_array().unwrap();
    assert_eq!(inputs.iter().filter(|input| input["path"] == "some.tif").count(), 3);
}

#[test]
fn a_raster_of_a_group_is_no_source_of_people() {
    let scene = Scene::usual();
    let west = scene.raster("away.tif", 10, &[1.0_f32; 100]);
    let mut west = west;
    west.set_geo_transform(&[30.0, 0.01, 0.0, 50.0, 0.0, -0.01]).unwrap();
    drop(west);
    let away = area("away", &[[30.02, 49.92, 30.05, 49.95]]);
    scene.write("areas.geojson", collection(&[away]).to_string());
    scene.write(
        "more.toml",
        format!("{PLAN}[population.groups]\nchildren = {{ path = \"away.tif\" }}\n"),
    );
    let ran = scene.run("assess more.toml -o -");
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert!(ran.err.contains("every area lies outside every population source"), "{}", ran.err);
    assert!(!ran.err.contains("\"away\" at"), "{}", ran.err);
    assert!(scene.run("check more.toml").out.contains("outside every population source"));
}

#[test]
fn cells_of_groups_are_checked_like_those_of_people() {
    let scene = Scene::usual();
    scene.raster("below.tif", 10, &[-5.5_f32; 100]);
    let groups = "children = { path = \"below.tif\" }\ndisabled = { path = \"below.tif\" }\n";
    let told = refusal(&scene, &format!("[population.groups]\n{groups}"));
    assert!(told.contains("below.tif: area \"A\" covers 9 cells"), "{told}");
    assert!(told.contains("in the table of its group"), "{told}");
    let checked = scene.run("check faulty.toml");
    assert_eq!(checked.code, 1, "{}", checked.out);
    assert_eq!(checked.out.matches("below.tif: 100 cells").count(), 1, "{}", checked.out);
}

#[test]
fn what_is_no_group_or_no_share_is_told_with_its_place() {
    let scene = Scene::usual();
    for (line, wanted) in [
        ("kids = { share = 0.2, source = \"x\" }", "faulty.toml:8:8: unknown group \"kids\""),
        ("childen = { share = 0.2, source = \"x\" }", "did you mean `children`?"),
        (
            "children = { share = 1.2, source = \"x\" }",
            "faulty.toml:8:12: `share` of children is 1.2, wanted 0 to 1",
        ),
        ("children = { share = 0.2 }", "`share` of children has no `source`"),
        (
            "children = { share = 0.2, source = \"x\", path = \"a.tif\" }",
            "`children` is told in 2 ways, wanted one",
        ),
        ("children = {}", "`children` is told in 0 ways, wanted one"),
        (
            "displaced = { pattern = \"{f|m}_{age}.tif\" }",
            "displaced cannot be told by sex and age",
        ),
        ("children = { pattern = \"{age}.tif\" }", "wanted {f|m} and {age} in it"),
        ("children = { path = \"gone.tif\" }", "gone.tif"),
        (
            "children = { samples = [1, 1] }",
            "faulty.toml:8:12: `samples` of children names 1 twice, wanted each once",
        ),
        ("children = { samples = [0] }", "`samples` of children count from 1"),
        (
            "children = { share = 0.2, source = \"x\", nodata = -1 }",
            "`nodata` of children is about a raster, and it is a share",
        ),
    ] {
        let told = refusal(&scene, &format!("[population.groups]\n{line}\n"));
        assert!(told.contains(wanted), "{line}: {told}");
        assert_eq!(told.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{told}");
    }
}

/// The usual area with these hours over a raster of the day and one of the night.
fn by_hours(scene: &Scene, hours: &[&str; 2], more: &str) -> Assessment {
    let properties = if hours[0].is_empty() {
        json!({"id": "A"})
    } else {
        json!({"id": "A", "start": hours[0], "end": hours[1]})
    };
    let areas = collection(&[feature(&polygon(&[USUAL]), &properties)]);
    scene.write("hours.geojson", areas.to_string());
    scene.write(
        "hours.toml",
        format!(
            "[scenario]\ntimezone = \"Atlantic/Reykjavik\"\n[areas]\npath = \"hours.geojson\"\nrings_m = [1000]\n\
             [[population]]\nname = \"mobile\"\npath = \"day.tif\"\ntime = \"day\"\nnodata_means = \"zero\"\n\
             [[population]]\nname = \"mobile\"\npath = \"night.tif\"\ntime = \"night\"\nnodata_means = \"zero\"\n{more}"
        ),
    );
    let ran = scene.run("assess hours.toml -o -");
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.assessment()
}

#[test]
fn people_are_those_of_the_day_and_the_night_by_the_hours() {
    let scene = Scene::usual();
    scene.raster("day.tif", 10, &[30.0_f32; 100]);
    scene.raster("night.tif", 10, &[10.0_f32; 100]);
    let night = ["2026-12-01T18:00:00Z", "2026-12-02T06:00:00Z"];
    let day = ["2026-12-01T06:00:00Z", "2026-12-01T18:00:00Z"];
    let both = ["2026-12-01T15:00:00Z", "2026-12-01T19:00:00Z"];
    for (hours, people, days) in [(day, 270.0, 0.5), (night, 90.0, 0.5), (both, 225.0, 1.0 / 6.0)] {
        let found = by_hours(&scene, &hours, "");
        assert_eq!(found.number(0, "pop_best"), people, "{hours:?}");
        assert!((found.number(0, "person_days") - people * days).abs() < 1e-3, "{hours:?}");
        assert!(found.text(0, "flags").contains("single_source"), "two rasters are one source");
        let low = found.number(0, "pop_low");
        assert!((low - people / 1.5).abs() < 1e-3, "{low}");
    }
    let ring = |hours| by_hours(&scene, &hours, "").number(0, "ring_1000m_pop_best");
    assert!((ring(both) - 0.75 * ring(day) - 0.25 * ring(night)).abs() < 2e-3);
    let none = by_hours(&scene, &["", ""], "");
    assert_eq!(none.number(0, "pop_best"), 270.0, "the larger of the two");
    assert!(none.get(0, "person_days").is_null());
    let any = "[[population]]\nname = \"mobile\"\npath = \"pop.tif\"\nnodata_means = \"zero\"\n";
    assert_eq!(by_hours(&scene, &["", ""], any).number(0, "pop_best"), 90.0);
    let peak = by_hours(&scene, &both, "").number(0, "pop_peak_km2");
    assert_eq!(peak, by_hours(&scene, &day, "").number(0, "pop_peak_km2"), "at any hour of it");
}

#[test]
fn rings_of_a_mix_on_two_grids_are_unknown_and_that_is_told() {
    let scene = Scene::usual();
    scene.raster("day.tif", 10, &[30.0_f32; 100]);
    let mut night = scene.raster("night.tif", 20, &[2.5_f32; 400]);
    night.set_geo_transform(&[20.0, 0.005, 0.0, 50.0, 0.0, -0.005]).unwrap();
    drop(night);
    let both = ["2026-12-01T15:00:00Z", "2026-12-01T19:00:00Z"];
    let found = by_hours(&scene, &both, "");
    assert_eq!(found.number(0, "pop_best"), 225.0);
    assert!(found.get(0, "ring_1000m_pop_best").is_null());
    let told = found.0["civex"]["notices"]["first"][0]["text"].as_str().unwrap();
    assert!(told.contains("layer \"mobile\" is on different grids by day and night"), "{told}");
    let night = ["2026-12-01T18:00:00Z", "2026-12-02T06:00:00Z"];
    let found = by_hours(&scene, &night, "");
    assert!(found.number(0, "ring_1000m_pop_best") > 0.0, "one alone is no mix");
}

#[test]
fn what_nodata_means_is_asked_of_the_raster_that_counts() {
    let scene = Scene::usual();
    for name in ["day.tif", "night.tif"] {
        let raster = scene.raster(name, 10, &[-1.0_f32; 100]);
        raster.rasterband(1).unwrap().set_no_data_value(Some(-1.0)).unwrap();
    }
    let hours = json!({"id": "A", "start": "2026-12-01T06:00:00Z", "end": "2026-12-01T18:00:00Z"});
    scene.write("areas.geojson", collection(&[feature(&polygon(&[USUAL]), &hours)]).to_string());
    let of = |day: &str, night: &str| {
        let entry = |time: &str, more: &str| {
            format!(
                "[[population]]\nname = \"m\"\npath = \"{time}.tif\"\ntime = \"{time}\"\n{more}"
            )
        };
        let text = format!(
            "[scenario]\ntimezone = \"Atlantic/Reykjavik\"\n[areas]\npath = \"areas.geojson\"\n{}{}",
            entry("day", day),
            entry("night", night)
        );
        scene.write("means.toml", text);
        scene.run("assess means.toml -o -").err.contains("if nobody lives there, declare")
    };
    let zero = "nodata_means = \"zero\"\n";
    assert!(of("", zero) && !of(zero, ""), "it is day");
}

#[test]
fn two_entries_of_one_name_and_time_are_refused() {
    let scene = Scene::usual();
    scene.write("copy.tif", scene.read("pop.tif"));
    let told = refusal(
        &scene,
        "time = \"day\"\n[[population]]\nname = \"pop\"\npath = \"copy.tif\"\ntime = \"day\"\n",
    );
    assert!(told.contains("two entries are called \"pop\" and are for `time = \"day\"`"), "{told}");
    let told = refusal(
        &scene,
        "time = \"any\"\nprimary = true\n\
         [[population]]\nname = \"pop\"\npath = \"copy.tif\"\ntime = \"any\"\nprimary = true\n",
    );
    assert!(told.contains("2 population layers are marked `primary`, wanted one"), "{told}");
}

#[test]
fn the_shares_of_the_demo_are_those_of_its_table() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/data/iceland");
    let table = fs::read_to_string(format!("{root}/wpp2024_iceland_2020.csv")).unwrap();
    let rows: Vec<(bool, f64, f64)> = table
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[3] == "Female", cells[5].parse().unwrap(), cells[6].parse().unwrap())
        })
        .collect();
    let all: f64 = rows.iter().map(|(.., people)| people).sum();
    let share = |weight: &dyn Fn(bool, f64) -> f64| {
        let part: f64 = rows.iter().map(|(f, age, people)| weight(*f, *age) * people).sum();
        format!("{:.4}", part / all)
    };
    let is = |holds: bool| if holds { 1.0 } else { 0.0 };
    let scenario = fs::read_to_string(format!("{root}/scenario.toml")).unwrap();
    for (group, share) in [
        ("children", share(&|_, age| if age == 15.0 { 0.6 } else { is(age < 15.0) })),
        ("women_girls", share(&|female, _| is(female))),
        ("women_15_49", share(&|female, age| is(female && (15.0..50.0).contains(&age)))),
        ("older_60", share(&|_, age| is(age >= 60.0))),
    ] {
        let line = format!("\n{group} = {{ share = {share}, ");
        assert!(scenario.contains(&line), "{line}");
    }
}

#[test]
fn a_group_of_an_unknown_number_of_people_is_unknown() {
    let scene = Scene::usual();
    let areas: Vec<Value> = vec![area("A", &[USUAL]), area("away", &[[30.0, 49.0, 31.0, 50.0]])];
    scene.write("areas.geojson", collection(&areas).to_string());
    let found = plan(&scene, "[population.groups]\nchildren = { share = 0.2, source = \"x\" }\n");
    assert!(found.get(1, "children_best").is_null() && found.get(1, "pop_best").is_null());
}
