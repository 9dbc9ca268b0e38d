//! Two versions of an assessment: what changed, and what can have brought it about.
//!
//! Nothing is assessed again. A cause is told where it changed and can act on a column that changed; that it did
//! is certain only where it is the one cause. Areas stay in the order of the later version.

use crate::model::{
    AreaChange, Cause, Changes, ColumnChange, InputChange, Value, Version, VersionArea,
    VersionInput, WhatOfInput,
};
use std::collections::{BTreeMap, BTreeSet};

/// Less than this is rounding: amounts and points have 3 and 4 decimals, shares and km² 6.
const ROUNDING: f64 = 1.5e-3;
const ROUNDING_OF_SHARES: f64 = 1.5e-6;

/// What changed from one version to a later one.
#[must_use]
pub fn changes(then: &Version, now: &Version) -> Changes {
    let settings = of_maps(&then.settings, &now.settings);
    let inputs = inputs(&then.inputs, &now.inputs);
    let has_day_and_night = [then, now].iter().any(|version| {
        let mut inputs = version.inputs.iter();
        inputs.any(|input| {
            matches!(input.settings.get("time").map(String::as_str), Some("day" | "night"))
        })
    });
    let of_then: BTreeMap<&str, &VersionArea> =
        then.areas.iter().map(|area| (area.key.as_str(), area)).collect();
    let of_now: BTreeSet<&str> = now.areas.iter().map(|area| area.key.as_str()).collect();
    let mut made = Changes { settings, inputs, ..Changes::default() };
    for area in &now.areas {
        let Some(before) = of_then.get(area.key.as_str()) else {
            made.added.push(area.key.clone());
            continue;
        };
        let change = area_change(before, area, (&made, has_day_and_night));
        let is_same = change.columns.is_empty() && !change.is_redrawn && !change.is_retimed;
        if is_same {
            made.same += 1;
        } else {
            made.areas.push(change);
        }
    }
    let gone = then.areas.iter().filter(|area| !of_now.contains(area.key.as_str()));
    made.gone = gone.map(|area| area.key.clone()).collect();
    made
}

/// Entries of two maps that differ.
fn of_maps(
    then: &BTreeMap<String, String>,
    now: &BTreeMap<String, String>,
) -> Vec<(String, Option<String>, Option<String>)> {
    let keys: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let differing = keys.into_iter().filter(|key| then.get(*key) != now.get(*key));
    differing.map(|key| (key.clone(), then.get(key).cloned(), now.get(key).cloned())).collect()
}

/// Inputs that differ; those of one role and name are matched in their order.
fn inputs(then: &[VersionInput], now: &[VersionInput]) -> Vec<InputChange> {
    let mut left: BTreeMap<(&str, &str), Vec<&VersionInput>> = BTreeMap::new();
    for input in then.iter().rev() {
        left.entry((&input.role, &input.name)).or_default().push(input);
    }
    let mut made = Vec::new();
    let mut add = |input: &VersionInput, what| {
        let (role, name) = (input.role.clone(), input.name.clone());
        made.push(InputChange { role, name, what });
    };
    for input in now {
        let before = left.get_mut(&(input.role.as_str(), input.name.as_str())).and_then(Vec::pop);
        let Some(before) = before else {
            add(input, WhatOfInput::Added);
            continue;
        };
        if before.digests != input.digests {
            add(input, WhatOfInput::Content);
        }
        for (key, then, now) in of_maps(&before.settings, &input.settings) {
            add(input, WhatOfInput::Setting(key, then, now));
        }
    }
    for input in then {
        let of_name = left.get_mut(&(input.role.as_str(), input.name.as_str()));
        if let Some(gone) = of_name.and_then(Vec::pop) {
            add(gone, WhatOfInput::Gone);
        }
    }
    made
}

fn area_change(
    then: &VersionArea,
    now: &VersionArea,
    (changes, has_day_and_night): (&Changes, bool),
) -> AreaChange {
    let of_then: BTreeMap<&str, &Value> =
        then.columns.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let of_now: BTreeSet<&str> = now.columns.iter().map(|(name, _)| name.as_str()).collect();
    let both = now.columns.iter().map(|(name, value)| {
        (name, of_then.get(name.as_str()).copied().unwrap_or(&Value::Unknown), value)
    });
    let gone = then.columns.iter().filter(|(name, _)| !of_now.contains(name.as_str()));
    let gone = gone.map(|(name, value)| (name, value, &Value::Unknown));
    let differing: Vec<_> =
        both.chain(gone).filter(|(name, then, now)| differs(name, then, now)).collect();
    let (times, differing): (Vec<_>, Vec<_>) =
        differing.into_iter().partition(|(name, ..)| matches!(name.as_str(), "start" | "end"));
    let (is_redrawn, is_retimed) = (then.geometry != now.geometry, !times.is_empty());
    let all = causes(changes, [is_redrawn, is_retimed]);
    let column = |(name, then, now): (&String, &Value, &Value)| {
        let acts = |cause: &&Cause| can_act(cause, name, has_day_and_night);
        let causes = all.iter().filter(acts).cloned().collect();
        ColumnChange { column: name.clone(), then: then.clone(), now: now.clone(), causes }
    };
    let columns: Vec<ColumnChange> = differing.into_iter().map(column).collect();
    let acts = |cause: &&Cause| columns.iter().any(|column| column.causes.contains(cause));
    AreaChange {
        key: now.key.clone(),
        is_redrawn,
        is_retimed,
        by_dimension: by_dimension(&of_then, now),
        causes: all.iter().filter(acts).cloned().collect(),
        columns,
    }
}

/// Everything that changed and that can act on an area.
fn causes(changes: &Changes, [is_redrawn, is_retimed]: [bool; 2]) -> Vec<Cause> {
    let mut all: Vec<Cause> = Vec::new();
    all.extend(is_redrawn.then_some(Cause::Redrawn));
    all.extend(is_retimed.then_some(Cause::Retimed));
    // A file of areas acts by what it draws and when; its settings act on all.
    let acting = changes
        .inputs
        .iter()
        .filter(|input| input.role != "areas" || matches!(input.what, WhatOfInput::Setting(..)));
    all.extend(acting.map(|input| Cause::Input(input.role.clone(), input.name.clone())));
    all.extend(changes.settings.iter().map(|(name, ..)| Cause::Setting(name.clone())));
    all.dedup();
    all
}

/// By how many points each dimension changed the score.
fn by_dimension(then: &BTreeMap<&str, &Value>, now: &VersionArea) -> Option<[f64; 4]> {
    let parts = ["contrib_p", "contrib_g", "contrib_s", "contrib_e"].map(|name| {
        let before = number(then.get(name).copied()?)?;
        let after = now.columns.iter().find(|(column, _)| column == name);
        Some(number(&after?.1)? - before)
    });
    let [Some(people), Some(vulnerable), Some(sites), Some(services)] = parts else { return None };
    Some([people, vulnerable, sites, services])
}

const fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => Some(*number),
        _ => None,
    }
}

/// Whether two values of a column differ by more than rounding.
fn differs(column: &str, then: &Value, now: &Value) -> bool {
    match (then, now) {
        (Value::Number(then), Value::Number(now)) => {
            let is_share = matches!(column, "area_km2" | "missing_share");
            let rounding = if is_share { ROUNDING_OF_SHARES } else { ROUNDING };
            (then - now).abs() > rounding.max(1e-12 * then.abs())
        }
        (then, now) => then != now,
    }
}

/// What a column tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum About {
    Ground,
    People,
    Days,
    Sites,
    Dependants,
    Score,
}

fn about(column: &str) -> About {
    let starts = |heads: &[&str]| heads.iter().any(|head| column.starts_with(head));
    if column == "area_km2" {
        About::Ground
    } else if column == "person_days" {
        About::Days
    } else if starts(&["dependants_"]) {
        About::Dependants
    } else if starts(&["sites_", "site_load", "vulnerable"]) || column.contains("m_sites_t") {
        About::Sites
    } else if starts(&["score", "band", "contrib", "topic", "profile", "driver", "gaps", "flags"]) {
        About::Score
    } else {
        About::People
    }
}

/// Whether a change of this can change such a column.
fn can_act(cause: &Cause, column: &str, has_day_and_night: bool) -> bool {
    let about = about(column);
    match cause {
        Cause::Redrawn => true,
        Cause::Retimed => match about {
            About::Ground | About::Dependants => false,
            // High people hold those of sites of the day.
            About::People => has_day_and_night || column.ends_with("_high"),
            About::Days | About::Sites | About::Score => true,
        },
        Cause::Input(role, _) => match (role.as_str(), about) {
            ("areas", _) => true,
            ("population", About::Sites) => column == "site_load_high",
            ("population", of) => of != About::Ground,
            // Occupants of sites may be people whom no raster counts.
            (_, of) => !matches!(of, About::Ground),
        },
        Cause::Setting(name) => match name.as_str() {
            Version::DATE => {
                matches!(about, About::Sites | About::Dependants | About::Score | About::People)
            }
            "timezone" => !matches!(about, About::Ground | About::Dependants),
            Version::SCHEME => about != About::Ground,
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(key: &str, geometry: &str, columns: &[(&str, f64)]) -> VersionArea {
        let column = |(name, value): &(&str, f64)| (name.to_string(), Value::Number(*value));
        let columns = columns.iter().map(column).collect();
        VersionArea { key: key.into(), geometry: geometry.into(), columns }
    }

    fn input(role: &str, name: &str, digest: &str) -> VersionInput {
        let digests = vec![digest.into()];
        VersionInput { role: role.into(), name: name.into(), digests, ..VersionInput::default() }
    }

    fn version(inputs: &[VersionInput], areas: &[VersionArea]) -> Version {
        Version { inputs: inputs.to_vec(), areas: areas.to_vec(), ..Version::default() }
    }

    #[test]
    fn what_did_not_change_is_not_told() {
        let one =
            version(&[input("population", "p", "1")], &[area("A", "g", &[("pop_best", 5.0)])]);
        let mut two = one.clone();
        two.areas[0].columns[0].1 = Value::Number(5.001);
        assert_eq!(changes(&one, &two), Changes { same: 1, ..Changes::default() });
    }

    #[test]
    fn a_cause_that_cannot_act_on_what_changed_is_not_told() {
        let then = version(
            &[input("population", "p", "1"), input("sites", "s", "1")],
            &[area("A", "g", &[("pop_best", 5.0), ("sites_t1", 1.0)])],
        );
        let now = version(
            &[input("population", "p", "2"), input("sites", "s", "2")],
            &[area("A", "g", &[("pop_best", 5.0), ("sites_t1", 2.0)])],
        );
        let changes = changes(&then, &now);
        assert_eq!(changes.inputs.len(), 2);
        assert_eq!(changes.areas[0].causes, [Cause::Input("sites".into(), "s".into())]);
    }

    #[test]
    fn areas_come_go_and_are_redrawn() {
        let then = version(&[], &[area("A", "g", &[]), area("B", "g", &[]), area("C", "g", &[])]);
        let now = version(
            &[],
            &[area("C", "h", &[("area_km2", 1.0)]), area("D", "g", &[]), area("A", "g", &[])],
        );
        let changes = changes(&then, &now);
        assert_eq!((changes.added, changes.gone), (vec!["D".to_string()], vec!["B".to_string()]));
        assert_eq!((changes.areas.len(), changes.same), (1, 1));
        assert!(changes.areas[0].is_redrawn);
        assert_eq!(changes.areas[0].causes, [Cause::Redrawn]);
    }

    #[test]
    fn the_change_of_a_score_is_that_of_its_parts() {
        let columns = |parts: [f64; 4]| {
            let names = ["contrib_p", "contrib_g", "contrib_s", "contrib_e"];
            let mut columns: Vec<(&str, f64)> = names.into_iter().zip(parts).collect();
            columns.push(("score", parts.iter().sum()));
            columns
        };
        let then = version(&[], &[area("A", "g", &columns([10.0, 0.0, 20.0, 5.0]))]);
        let now = version(&[], &[area("A", "g", &columns([12.0, 0.0, 19.0, 5.0]))]);
        assert_eq!(changes(&then, &now).areas[0].by_dimension, Some([2.0, 0.0, -1.0, 0.0]));
    }

    #[test]
    fn inputs_of_one_name_are_matched_in_their_order() {
        let then =
            [input("answers", "a", "1"), input("answers", "a", "2"), input("links", "l", "1")];
        let now =
            [input("answers", "a", "1"), input("answers", "a", "3"), input("sites", "n", "1")];
        let changes = changes(&version(&then, &[]), &version(&now, &[]));
        let told: Vec<(&str, &WhatOfInput)> =
            changes.inputs.iter().map(|of| (of.name.as_str(), &of.what)).collect();
        let wanted =
            [("a", &WhatOfInput::Content), ("n", &WhatOfInput::Added), ("l", &WhatOfInput::Gone)];
        assert_eq!(told, wanted);
    }
}
