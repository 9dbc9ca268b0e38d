//! What changed between two versions of an assessment: for the terminal, as Markdown, CSV and JSON.
//!
//! Areas stay in the order of the later version. A cause is told as certain only where it is the one that changed
//! and can act on what changed.

use super::words::{UNKNOWN, bare, number, points, printable, right, whole};
use crate::error::counted;
use crate::model::cells::quoted;
use crate::model::{
    AreaChange, AreaKey, Cause, Changes, ColumnChange, InputChange, Value, Version, WhatOfInput,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::fmt::Write;

/// The columns that are shown to people, with what they are called.
const SHOWN: [(&str, &str); 9] = [
    ("pop_best", "people"),
    ("vulnerable_best", "vulnerable"),
    ("sites_t1", "t1"),
    ("sites_t2", "t2"),
    ("sites_t3", "t3"),
    ("dependants_outside", "dependants"),
    ("person_days", "person-days"),
    ("score", "score"),
    ("band", "band"),
];

/// Columns that are told to people in a line where they changed, with what they are called.
const IN_LINES: [(&str, &str); 12] = [
    ("status", "status"),
    ("pop_low", "people low"),
    ("pop_high", "people high"),
    ("vulnerable_low", "vulnerable low"),
    ("vulnerable_high", "vulnerable high"),
    ("sites_t4", "t4"),
    ("site_load_best", "site load"),
    ("score_low", "score low"),
    ("score_high", "score high"),
    ("band_low", "band low"),
    ("band_high", "band high"),
    ("gaps", "gaps"),
];

/// So many letters of a digest tell it from any other.
const LETTERS: usize = 8;

/// How both are called in sentences.
fn title([then, now]: [&Version; 2], changes: &Changes) -> String {
    let name = now.name.as_deref().unwrap_or("assessment");
    let (then, now) = (&then.file, &now.file);
    if changes.is_nothing() {
        let areas = counted(changes.same as u64, "area");
        return format!(
            "{name}: nothing changed from {then} to {now}: the same inputs and settings, and {areas} the same in \
             every number"
        );
    }
    format!("{name}: what changed from {then} to {now}")
}

/// What changed, for the terminal.
#[must_use]
pub fn text(versions: [&Version; 2], changes: &Changes) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _infallible = as_text(&mut out, versions, changes);
    printable(&out)
}

fn as_text(out: &mut String, versions: [&Version; 2], changes: &Changes) -> std::fmt::Result {
    writeln!(out, "{}", title(versions, changes))?;
    let list = |out: &mut String, heading: &str, lines: &[String]| {
        writeln!(out, "\n{heading}")?;
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))
    };
    for (heading, lines) in before_numbers(versions, changes) {
        list(out, heading, &lines)?;
    }
    let rows = rows(changes);
    if !rows.is_empty() {
        writeln!(out, "\n{NUMBERS}")?;
        let heads = heads(changes);
        let count = heads.len();
        let mut table = bare(heads, 2);
        for row in rows {
            table.add_row(row);
        }
        right(&mut table, 1..count);
        table.lines().try_for_each(|line| writeln!(out, "  {}", line.trim_end()))?;
    }
    for (heading, lines) in behind_numbers(changes) {
        list(out, heading, &lines)?;
    }
    Ok(())
}

/// What changed, as Markdown.
#[must_use]
pub fn markdown(versions: [&Version; 2], changes: &Changes) -> String {
    let mut out = String::new();
    let _infallible = as_markdown(&mut out, versions, changes);
    printable(&out)
}

fn as_markdown(out: &mut String, versions: [&Version; 2], changes: &Changes) -> std::fmt::Result {
    use super::comparison::escaped;
    writeln!(out, "# {}", escaped(&title(versions, changes)))?;
    let list = |out: &mut String, heading: &str, lines: &[String]| {
        writeln!(out, "\n## {heading}\n")?;
        lines.iter().try_for_each(|line| writeln!(out, "- {}", escaped(line)))
    };
    for (heading, lines) in before_numbers(versions, changes) {
        list(out, heading, &lines)?;
    }
    let rows = rows(changes);
    if !rows.is_empty() {
        writeln!(out, "\n## {NUMBERS}\n")?;
        let heads = heads(changes);
        writeln!(out, "| {} |", heads.join(" | "))?;
        let rules =
            heads.iter().enumerate().map(|(place, _)| if place == 0 { "---" } else { "---:" });
        writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
        for row in rows {
            let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
            writeln!(out, "| {} |", cells.join(" | "))?;
        }
    }
    for (heading, lines) in behind_numbers(changes) {
        list(out, heading, &lines)?;
    }
    Ok(())
}

/// What stands over the table.
const NUMBERS: &str = "What changed in numbers, then → now";

/// A heading and what stands under it.
type Section = (&'static str, Vec<String>);

/// What stands before the table.
fn before_numbers(versions: [&Version; 2], changes: &Changes) -> Vec<Section> {
    if changes.is_nothing() {
        return Vec::new();
    }
    let mut of_inputs: Vec<String> = changes.inputs.iter().map(input_in_words).collect();
    of_inputs.extend(changes.settings.iter().map(|(key, then, now)| {
        let [then, now] = [then, now].map(Option::as_deref);
        let both = if key == Version::SCHEME {
            let [then, now] = [(versions[0], then), (versions[1], now)].map(scheme_in_words);
            then_and_now(then.as_deref(), now.as_deref())
        } else {
            then_and_now(then, now)
        };
        // Where nobody gave one, it is the areas that moved it.
        let of = if key == Version::DATE {
            " (of the scenario, else the last day of any area)"
        } else {
            ""
        };
        format!("{key}: {both}{of}")
    }));
    if of_inputs.is_empty() {
        of_inputs.push("nothing".into());
    }
    let sections = [("What changed in inputs and settings", of_inputs), ("Areas", areas(changes))];
    sections.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// Which areas came, went, were drawn otherwise, and stayed.
fn areas(changes: &Changes) -> Vec<String> {
    let list = |what: &str, keys: Vec<String>| {
        (!keys.is_empty()).then(|| format!("{what}: {}", keys.join(", ")))
    };
    let keys = |is: &dyn Fn(&&AreaChange) -> bool| {
        changes.areas.iter().filter(is).map(|area| area.key.text()).collect()
    };
    let mut lines = Vec::new();
    lines.extend(list("added", changes.added.iter().map(AreaKey::text).collect()));
    lines.extend(list("gone", changes.gone.iter().map(AreaKey::text).collect()));
    lines.extend(list("redrawn", keys(&|area| area.is_redrawn)));
    lines.extend(list("at other times", keys(&|area| area.is_retimed)));
    if changes.same > 0 {
        let same = counted(changes.same as u64, "area");
        lines.push(format!("{same} the same in every number"));
    }
    lines
}

/// A scheme by its name and the first letters of its digest.
fn scheme_in_words((version, digest): (&Version, Option<&str>)) -> Option<String> {
    let digest: String = digest?.chars().take(LETTERS).collect();
    Some(match &version.scheme {
        Some(name) => format!("{name} ({digest})"),
        None => digest,
    })
}

/// What stands behind the table.
fn behind_numbers(changes: &Changes) -> Vec<Section> {
    let lines: Vec<String> = changes.areas.iter().filter_map(line).collect();
    let sections = [("Also changed, then → now", lines), ("Why", why_lines(changes))];
    sections.into_iter().filter(|(_, lines)| !lines.is_empty()).collect()
}

/// What changed of an area beside the table; why, where that is another reason.
fn line(area: &AreaChange) -> Option<String> {
    let is_shown = |changed: &ColumnChange| SHOWN.iter().any(|(name, _)| *name == changed.column);
    let mut told: Vec<String> = Vec::new();
    let mut causes: BTreeSet<&Cause> = BTreeSet::new();
    for (name, label) in IN_LINES {
        let Some(changed) = area.columns.iter().find(|changed| changed.column == name) else {
            continue;
        };
        told.push(format!("{label} {}", in_both(changed)));
        causes.extend(&changed.causes);
    }
    if told.is_empty() && !area.columns.iter().any(is_shown) {
        told.extend(area.columns.iter().map(|changed| changed.column.replace('_', " ")));
    }
    let mut line = format!("{}: {}", area.key.text(), told.join(", "));
    let others = causes.into_iter().filter(|cause| !area.causes.contains(cause));
    let others: Vec<String> = others.map(cause_in_words).collect();
    if !others.is_empty() {
        let _infallible = write!(line, " (also possible here: {})", others.join(", "));
    }
    (!told.is_empty()).then_some(line)
}

fn input_in_words(change: &InputChange) -> String {
    let InputChange { role, name, what } = change;
    match what {
        WhatOfInput::Added => format!("{role} \"{name}\": added"),
        WhatOfInput::Gone => format!("{role} \"{name}\": gone"),
        WhatOfInput::Content => format!("{role} \"{name}\": its content (SHA-256)"),
        WhatOfInput::Name(then) => {
            format!("{role} \"{name}\": its name, which was \"{then}\", of the same content")
        }
        WhatOfInput::Setting(key, then, now) => {
            format!("{role} \"{name}\": {key}: {}", then_and_now(then.as_deref(), now.as_deref()))
        }
    }
}

fn then_and_now(then: Option<&str>, now: Option<&str>) -> String {
    format!("{} → {}", then.unwrap_or("not given"), now.unwrap_or("not given"))
}

/// The columns that changed anywhere, among those that are shown.
fn shown(changes: &Changes) -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    let is_changed = |column: &str| {
        let mut all = changes.areas.iter().flat_map(|area| &area.columns);
        all.any(|changed| changed.column == column)
    };
    SHOWN.iter().filter(move |(column, _)| is_changed(column))
}

fn heads(changes: &Changes) -> Vec<String> {
    let own = shown(changes).map(|(_, label)| (*label).to_string());
    let parts = ["by people", "by vulnerable", "by sites", "by services"].map(ToString::to_string);
    std::iter::once("area".to_string()).chain(own).chain(parts).collect()
}

/// A row for each area of which a number of the table changed.
fn rows(changes: &Changes) -> Vec<Vec<String>> {
    let of = |area: &AreaChange| {
        let of_column = |(column, _): &(&str, &str)| {
            area.columns.iter().find(|changed| changed.column == *column).map(in_both)
        };
        let own: Vec<Option<String>> = shown(changes).map(of_column).collect();
        own.iter().any(Option::is_some).then_some(())?;
        let own = own.into_iter().map(|cell| cell.unwrap_or_else(|| "=".into()));
        let parts = area.by_dimension.map(|part| match part {
            Some(part) if part.abs() < 0.05 => "=".into(),
            Some(part) => format!("{part:+.1}"),
            None => UNKNOWN.into(),
        });
        Some(std::iter::once(area.key.text()).chain(own).chain(parts).collect())
    };
    changes.areas.iter().filter_map(of).collect()
}

/// A value then and now, to more digits where both would look the same.
fn in_both(changed: &ColumnChange) -> String {
    let ColumnChange { column, then, now, .. } = changed;
    let [mut then_told, mut now_told] = [then, now].map(|value| in_words(column, value));
    if let (true, Value::Number(then), Value::Number(now)) = (then_told == now_told, then, now) {
        [then_told, now_told] = [then, now].map(|value| format!("{value:.3}"));
    }
    format!("{then_told} → {now_told}")
}

fn in_words(column: &str, value: &Value) -> String {
    match value {
        Value::Unknown => UNKNOWN.into(),
        Value::Text(text) => text.replace('_', " "),
        Value::Number(value) if column.starts_with("score") => points(*value),
        Value::Number(value) if column.starts_with("pop") => whole(*value),
        Value::Number(value) => number(*value),
    }
}

/// Why each area changed, those with the same reason together.
fn why_lines(changes: &Changes) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
    for area in changes.areas.iter().filter(|area| !area.columns.is_empty()) {
        let why = why(&area.causes);
        match reasons.iter_mut().find(|(other, _)| *other == why) {
            Some((_, keys)) => keys.push(area.key.text()),
            None => reasons.push((why, vec![area.key.text()])),
        }
    }
    reasons.into_iter().map(|(why, keys)| format!("{}: {why}", keys.join(", "))).collect()
}

/// Why something changed: certain where one cause alone changed that can have done it.
fn why(causes: &[Cause]) -> String {
    if let [Cause::Setting(name)] = causes
        && name == Version::CIVEX
    {
        return "for no reason in the inputs: another version of civex".into();
    }
    let causes: Vec<String> = causes.iter().map(cause_in_words).collect();
    match &causes[..] {
        [] => "for a reason that the two files do not tell".into(),
        [one] => format!("because of {one}"),
        [first @ .., last] => format!(
            "because of {} or {last}, or several of them (each changed, and can act on what changed)",
            first.join(", ")
        ),
    }
}

fn cause_in_words(cause: &Cause) -> String {
    match cause {
        Cause::Redrawn => "its other boundary".into(),
        Cause::Retimed => "its other times".into(),
        Cause::Input(role, name) => format!("{role} \"{name}\""),
        Cause::Setting(name) => format!("the {name}"),
    }
}

/// What changed as CSV: a row for each number.
///
/// # Errors
///
/// If a row cannot be written.
pub fn csv(changes: &Changes) -> std::io::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(["area", "coa", "phase", "column", "then", "now", "why"])?;
    let of = |key: &AreaKey| [Some(key.id.clone()), key.coa.clone(), key.phase.clone()];
    let mut row = |key: &AreaKey, more: [&str; 4]| {
        let own = of(key).map(Option::unwrap_or_default);
        let cells = own.iter().map(String::as_str).chain(more);
        table.write_record(cells.map(|cell| quoted(cell).into_owned()))
    };
    changes.added.iter().try_for_each(|key| row(key, ["", "", "added", ""]))?;
    changes.gone.iter().try_for_each(|key| row(key, ["", "", "gone", ""]))?;
    for area in &changes.areas {
        for ColumnChange { column, then, now, causes } in &area.columns {
            row(&area.key, [column, &plain(then), &plain(now), &why(causes)])?;
        }
    }
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn plain(value: &Value) -> String {
    match value {
        Value::Unknown => String::new(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// What changed as JSON.
#[must_use]
pub fn json([then, now]: [&Version; 2], changes: &Changes) -> Json {
    let value = |value: &Value| match value {
        Value::Unknown => Json::Null,
        Value::Number(number) => json!(number),
        Value::Text(text) => json!(text),
    };
    let inputs = changes.inputs.iter().map(|InputChange { role, name, what }| match what {
        WhatOfInput::Added => json!({"role": role, "name": name, "what": "added"}),
        WhatOfInput::Gone => json!({"role": role, "name": name, "what": "gone"}),
        WhatOfInput::Content => json!({"role": role, "name": name, "what": "content"}),
        WhatOfInput::Name(then) => {
            json!({"role": role, "name": name, "what": "name", "then": then})
        }
        WhatOfInput::Setting(key, then, now) => {
            json!({"role": role, "name": name, "what": "setting", "key": key, "then": then, "now": now})
        }
    });
    let settings = changes.settings.iter();
    let settings = settings.map(|(key, then, now)| json!({"key": key, "then": then, "now": now}));
    let areas = changes.areas.iter().map(|area| {
        let columns = area.columns.iter().map(|ColumnChange { column, then, now, causes }| {
            let causes: Vec<String> = causes.iter().map(cause_in_words).collect();
            json!({"column": column, "then": value(then), "now": value(now), "causes": causes})
        });
        let parts =
            area.by_dimension.map(|part| part.map(|part| super::round::rounded(part, 4)));
        let parts = parts[0].map(|_| parts);
        json!({
            "area": area.key.text(), "area_id": area.key.id, "coa": area.key.coa, "phase": area.key.phase,
            "redrawn": area.is_redrawn, "retimed": area.is_retimed,
            "columns": columns.collect::<Vec<_>>(),
            "score_by_dimension": parts.map(|[people, vulnerable, sites, services]| json!({
                "people": people, "vulnerable": vulnerable, "sites": sites, "services": services,
            })),
            "causes": area.causes.iter().map(cause_in_words).collect::<Vec<_>>(),
            "why": why(&area.causes),
        })
    });
    let keys = |keys: &[AreaKey]| keys.iter().map(AreaKey::text).collect::<Vec<_>>();
    json!({
        "type": "civex versions",
        "then": then.file, "now": now.file,
        "inputs": inputs.collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
        "schemes": {"then": then.scheme, "now": now.scheme},
        "added": keys(&changes.added), "gone": keys(&changes.gone), "same": changes.same,
        "areas": areas.collect::<Vec<_>>(),
    })
}
