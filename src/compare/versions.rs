//! Two versions of an assessment: what changed, and what can have brought it about.
//!
//! Nothing is assessed again. A cause is told where it changed and can act on a column that changed; that it did
//! is certain only where it is the one cause. Scores follow from burdens and the scheme alone: what acts on no burden
//! that changed acts on no score. Areas stay in the order of the later version.

use crate::model::columns::is_of_group_or_ring;
use crate::model::{
    AreaChange, AreaKey, Band, Cause, Changes, ColumnChange, InputChange, Value, Version,
    VersionArea, VersionInput, WhatOfInput,
};
use std::collections::{BTreeMap, BTreeSet};

/// Less than this is rounding: amounts and points have 3 and 4 decimals, shares and km² 6.
const ROUNDING: f64 = 1.5e-3;
const ROUNDING_OF_SHARES: f64 = 1.5e-6;

/// What of the inputs the hours and the date can act by.
#[derive(Debug, Clone, Copy)]
struct Given {
    /// Rasters of the day or the night.
    by_hour: bool,
    /// Sites: those of the day may hold people whom no raster counts, and they and answers expire.
    sites: bool,
}

impl Given {
    fn of(versions: [&Version; 2]) -> Self {
        let inputs = || versions.into_iter().flat_map(|version| &version.inputs);
        let time = |input: &VersionInput| input.settings.get("time").cloned();
        let is_of_hours = |time: String| time == "day" || time == "night";
        Self {
            by_hour: inputs().any(|input| time(input).is_some_and(is_of_hours)),
            sites: inputs().any(|input| input.role == "sites"),
        }
    }
}

/// What changed from one version to a later one.
#[must_use]
pub fn changes(then: &Version, now: &Version) -> Changes {
    let settings = of_maps(&then.settings, &now.settings);
    let inputs = inputs(&then.inputs, &now.inputs);
    let given = Given::of([then, now]);
    let mut left: BTreeMap<&AreaKey, Vec<&VersionArea>> = BTreeMap::new();
    for area in then.areas.iter().rev() {
        left.entry(&area.key).or_default().push(area);
    }
    let mut made = Changes { settings, inputs, ..Changes::default() };
    for area in &now.areas {
        let Some(before) = left.get_mut(&area.key).and_then(Vec::pop) else {
            made.added.push(area.key.clone());
            continue;
        };
        let change = area_change(before, area, (&made, given));
        let is_same = change.columns.is_empty() && !change.is_redrawn && !change.is_retimed;
        if is_same {
            made.same += 1;
        } else {
            made.areas.push(change);
        }
    }
    let gone =
        then.areas.iter().filter(|area| left.get_mut(&area.key).and_then(Vec::pop).is_some());
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

/// Inputs that differ. Those of one role and name are matched in their order, then those of one role and the same
/// bytes: a file under another name is the same input.
fn inputs(then: &[VersionInput], now: &[VersionInput]) -> Vec<InputChange> {
    let mut left: Vec<&VersionInput> = then.iter().collect();
    let mut take = |is: &dyn Fn(&VersionInput) -> bool| {
        left.iter().position(|input| is(input)).map(|place| left.remove(place))
    };
    let is_named =
        |one: &VersionInput, two: &VersionInput| (&one.role, &one.name) == (&two.role, &two.name);
    let is_same = |one: &VersionInput, two: &VersionInput| {
        one.role == two.role && !one.digests.is_empty() && one.digests == two.digests
    };
    let named: Vec<_> = now.iter().map(|input| take(&|other| is_named(input, other))).collect();
    let pairs = now.iter().zip(named);
    let pairs: Vec<_> = pairs
        .map(|(input, before)| (input, before.or_else(|| take(&|other| is_same(input, other)))))
        .collect();
    let mut made = Vec::new();
    for (input, before) in pairs {
        made.extend(of_input(input, before).into_iter().map(|what| told(input, what)));
    }
    made.extend(left.into_iter().map(|gone| told(gone, WhatOfInput::Gone)));
    made
}

fn told(input: &VersionInput, what: WhatOfInput) -> InputChange {
    InputChange { role: input.role.clone(), name: input.name.clone(), what }
}

/// What changed of an input.
fn of_input(now: &VersionInput, then: Option<&VersionInput>) -> Vec<WhatOfInput> {
    let Some(then) = then else { return vec![WhatOfInput::Added] };
    let mut made = Vec::new();
    made.extend((then.name != now.name).then(|| WhatOfInput::Name(then.name.clone())));
    made.extend((then.digests != now.digests).then_some(WhatOfInput::Content));
    let settings = of_maps(&then.settings, &now.settings).into_iter();
    made.extend(settings.map(|(key, then, now)| WhatOfInput::Setting(key, then, now)));
    made
}

fn area_change(
    then: &VersionArea,
    now: &VersionArea,
    (changes, given): (&Changes, Given),
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
    let burdens = burdens_that_changed(&of_then, now);
    let column = |(name, then, now): (&String, &Value, &Value)| {
        let is_of_best = is_of_best_score(name, [then, now]);
        let acts = |cause: &&Cause| {
            if !is_of_best || acts_on_scores(cause) {
                return can_act(cause, name, given);
            }
            burdens.iter().any(|burden| can_act(cause, burden, given))
        };
        let causes = all.iter().filter(acts).cloned().collect();
        ColumnChange { column: name.clone(), then: then.clone(), now: now.clone(), causes }
    };
    let columns: Vec<ColumnChange> = differing.into_iter().map(column).collect();
    AreaChange {
        key: now.key.clone(),
        is_redrawn,
        is_retimed,
        by_dimension: by_dimension(&of_then, now),
        causes: of_best_numbers(&all, &columns),
        columns,
    }
}

/// Causes of the best numbers of an area; of all that changed, where none of these did.
fn of_best_numbers(all: &[Cause], columns: &[ColumnChange]) -> Vec<Cause> {
    let is_best = |column: &&ColumnChange| {
        let name = column.column.as_str();
        is_burden(name) || matches!(name, "score" | "band" | "dependants_outside" | "person_days")
    };
    let best: Vec<&ColumnChange> = columns.iter().filter(is_best).collect();
    let of = if best.is_empty() { columns.iter().collect() } else { best };
    let acts = |cause: &&Cause| of.iter().any(|column| column.causes.contains(cause));
    all.iter().filter(acts).cloned().collect()
}

/// Whether the score of the best numbers follows from a column.
fn is_burden(column: &str) -> bool {
    let is_of_service = column.starts_with("dependants_") && column != "dependants_outside";
    let is_of_tier = column.strip_prefix("sites_t").is_some_and(|tier| tier.parse::<u8>().is_ok());
    let is_amount = matches!(column, "pop_best" | "vulnerable_best" | "site_load_best" | "status");
    is_of_service || is_of_tier || is_amount
}

/// The burdens of the best numbers that differ at all, be it by rounding.
fn burdens_that_changed<'n>(
    then: &BTreeMap<&'n str, &Value>,
    now: &'n VersionArea,
) -> Vec<&'n str> {
    let of_now: BTreeMap<&str, &Value> =
        now.columns.iter().map(|(name, value)| (name.as_str(), value)).collect();
    let names: BTreeSet<&str> = then.keys().chain(of_now.keys()).copied().collect();
    let of = |values: &BTreeMap<&str, &Value>, name: &str| {
        values.get(name).map_or(Value::Unknown, |value| (*value).clone())
    };
    let burdens = names.into_iter().filter(|name| is_burden(name));
    burdens.filter(|name| of(then, name) != of(&of_now, name)).collect()
}

/// Whether a column follows from the best burdens and the scheme alone.
fn is_of_best_score(column: &str, values: [&Value; 2]) -> bool {
    let parts = ["score", "profile", "driver", "topic_poc"];
    // Whether nothing is recorded is a matter of the high score too.
    let none = |value: &&Value| **value == Value::Text(Band::NoneRecorded.name().into());
    let is_band = column == "band" && !values.iter().any(none);
    parts.contains(&column) || column.starts_with("contrib_") || is_band
}

/// Whether a cause acts on scores by itself, not by a burden.
fn acts_on_scores(cause: &Cause) -> bool {
    matches!(cause, Cause::Setting(name) if matches!(name.as_str(), Version::SCHEME | Version::CIVEX))
}

/// Everything that changed and that can act on an area.
fn causes(changes: &Changes, [is_redrawn, is_retimed]: [bool; 2]) -> Vec<Cause> {
    let mut all: Vec<Cause> = Vec::new();
    all.extend(is_redrawn.then_some(Cause::Redrawn));
    all.extend(is_retimed.then_some(Cause::Retimed));
    // A file of areas acts by what it draws and when, its settings act on all. A scheme acts by its digest.
    let acting = changes.inputs.iter().filter(|input| match (input.role.as_str(), &input.what) {
        ("scheme", _) | (_, WhatOfInput::Name(_)) => false,
        ("areas", what) => matches!(what, WhatOfInput::Setting(..)),
        _ => true,
    });
    all.extend(acting.map(|input| Cause::Input(input.role.clone(), input.name.clone())));
    all.extend(changes.settings.iter().map(|(name, ..)| Cause::Setting(name.clone())));
    all.dedup();
    all
}

/// By how many points each dimension changed the score; `None` for one that is known in neither version, and for all
/// where one has no score. What is unknown in one of them counts for nothing in its score.
fn by_dimension(then: &BTreeMap<&str, &Value>, now: &VersionArea) -> [Option<f64>; 4] {
    let parts = ["contrib_p", "contrib_g", "contrib_s", "contrib_e"].map(|name| {
        let before = then.get(name).copied().and_then(number);
        let after = now.columns.iter().find(|(column, _)| column == name);
        (before, after.and_then(|(_, value)| number(value)))
    });
    let (Some(_), Some(_)) = parts[0] else { return [None; 4] };
    parts.map(|(before, after)| {
        let is_any = before.is_some() || after.is_some();
        is_any.then(|| after.unwrap_or(0.0) - before.unwrap_or(0.0))
    })
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
    /// What rasters alone tell.
    Rasters,
    /// With those whom no raster counts.
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
    } else if starts(&["missing_share", "pop_peak", "status"]) || is_of_group_or_ring(column) {
        About::Rasters
    } else {
        About::People
    }
}

/// Whether a change of this can change such a column.
fn can_act(cause: &Cause, column: &str, given: Given) -> bool {
    let about = about(column);
    match cause {
        Cause::Redrawn => true,
        Cause::Retimed => match about {
            About::Ground | About::Dependants => false,
            About::Rasters => given.by_hour,
            About::People => given.by_hour || given.sites,
            About::Days | About::Sites | About::Score => true,
        },
        Cause::Input(role, _) => match (role.as_str(), about) {
            ("areas", _) => true,
            ("population", About::Sites) => column == "site_load_high",
            ("population", of) => of != About::Ground,
            ("links", of) => matches!(of, About::Dependants | About::Score),
            // Occupants of sites may be people whom no raster counts.
            (_, of) => !matches!(of, About::Ground | About::Rasters),
        },
        Cause::Setting(name) => match name.as_str() {
            Version::DATE => given.sites && !matches!(about, About::Ground | About::Rasters),
            "timezone" => !matches!(about, About::Ground | About::Dependants),
            Version::SCHEME => about != About::Ground,
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> AreaKey {
        AreaKey { id: id.into(), ..AreaKey::default() }
    }

    fn area(id: &str, geometry: &str, columns: &[(&str, f64)]) -> VersionArea {
        let column = |(name, value): &(&str, f64)| (name.to_string(), Value::Number(*value));
        let columns = columns.iter().map(column).collect();
        VersionArea { key: key(id), geometry: geometry.into(), columns }
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
        assert_eq!((changes.added, changes.gone), (vec![key("D")], vec![key("B")]));
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
        let wanted = [2.0, 0.0, -1.0, 0.0].map(Some);
        assert_eq!(changes(&then, &now).areas[0].by_dimension, wanted);
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

    /// What can have acted on a column of the first area.
    fn causes_of<'c>(changes: &'c Changes, column: &str) -> &'c [Cause] {
        let mut columns = changes.areas[0].columns.iter();
        &columns.find(|changed| changed.column == column).unwrap().causes
    }

    fn with_scheme(digest: &str, mut version: Version) -> Version {
        version.settings.insert(Version::SCHEME.into(), digest.into());
        version
    }

    #[test]
    fn a_score_of_the_same_burdens_changes_by_the_scheme_alone() {
        let of = |digest: &str, burden: f64, score: f64| {
            let columns = [("pop_best", burden), ("sites_t1", 1.0), ("score", score)];
            let inputs = [input("population", "p", digest), input("scheme", "s", digest)];
            with_scheme(digest, version(&inputs, &[area("A", "g", &columns)]))
        };
        let scheme = [Cause::Setting(Version::SCHEME.into())];
        let same = changes(&of("1", 5.0, 40.0), &of("2", 5.0, 50.0));
        assert_eq!(causes_of(&same, "score"), scheme);
        assert_eq!(same.areas[0].causes, scheme, "a scheme is told once");
        let other = changes(&of("1", 5.0, 40.0), &of("2", 6.0, 50.0));
        let raster = Cause::Input("population".into(), "p".into());
        assert_eq!(causes_of(&other, "score"), [&[raster], &scheme[..]].concat());
    }

    #[test]
    fn the_same_bytes_under_another_name_change_nothing() {
        let of = |name: &str, people: f64| {
            let area = area("A", "g", &[("pop_best", people)]);
            version(&[input("population", name, "1")], &[area])
        };
        let changes = changes(&of("old", 5.0), &of("new", 6.0));
        let what = WhatOfInput::Name("old".into());
        let told = InputChange { role: "population".into(), name: "new".into(), what };
        assert_eq!(changes.inputs, [told]);
        assert_eq!(changes.areas[0].causes, [], "no cause is made up");
    }

    #[test]
    fn links_change_dependants_and_not_people() {
        let of = |digest: &str, count: f64| {
            let columns = [("pop_best", count), ("dependants_water", count)];
            let inputs = [input("links", "l", digest), input("sites", "s", "1")];
            version(&inputs, &[area("A", "g", &columns)])
        };
        let changes = changes(&of("1", 1.0), &of("2", 2.0));
        assert_eq!(causes_of(&changes, "pop_best"), []);
        let links = Cause::Input("links".into(), "l".into());
        assert_eq!(causes_of(&changes, "dependants_water"), [links]);
    }

    #[test]
    fn a_date_acts_by_what_expires_and_on_no_raster() {
        let of = |date: &str, people: f64, sites: &[VersionInput]| {
            let columns = [("pop_best", people), ("children_best", people)];
            let mut version = version(sites, &[area("A", "g", &columns)]);
            version.settings.insert(Version::DATE.into(), date.into());
            version
        };
        let sites = [input("sites", "s", "1")];
        let date = Cause::Setting(Version::DATE.into());
        let changed = changes(&of("1", 1.0, &sites), &of("2", 2.0, &sites));
        assert_eq!(causes_of(&changed, "pop_best"), [date]);
        assert_eq!(causes_of(&changed, "children_best"), []);
        let changed = changes(&of("1", 1.0, &[]), &of("2", 2.0, &[]));
        assert_eq!(causes_of(&changed, "pop_best"), []);
    }

    #[test]
    fn areas_of_one_key_are_matched_in_their_order() {
        let of = |people: f64| area("A", "g", &[("pop_best", people)]);
        let (then, now) = (version(&[], &[of(1.0), of(2.0)]), version(&[], &[of(1.0), of(3.0)]));
        assert_eq!(changes(&then, &then).same, 2);
        let changed = changes(&then, &now);
        assert_eq!((changed.same, changed.areas.len(), changed.gone.len()), (1, 1, 0));
        let one = changes(&then, &version(&[], &[of(1.0)]));
        assert_eq!((one.same, one.gone), (1, vec![key("A")]));
    }
}
