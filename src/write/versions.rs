//! What changed between two versions of an assessment: for the terminal, as Markdown, CSV and JSON.
//!
//! Areas stay in the order of the later version. A cause is told as certain only where it is the one that changed
//! and can act on what changed.

use super::words::{UNKNOWN, bare, number, points, right, whole};
use crate::error::counted;
use crate::model::{
    AreaChange, Cause, Changes, ColumnChange, InputChange, Value, Version, WhatOfInput,
};
use serde_json::{Value as Json, json};
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

/// How both are called in sentences.
fn title(then: &Version, now: &Version) -> String {
    let name = now.name.as_deref().unwrap_or("assessment");
    format!("{name}: what changed from {} to {}", then.file, now.file)
}

/// What changed, for the terminal.
#[must_use]
pub fn text(versions: [&Version; 2], changes: &Changes) -> String {
    let mut out = String::new();
    // Writing into a string cannot fail.
    let _infallible = as_text(&mut out, versions, changes);
    out
}

fn as_text(out: &mut String, [then, now]: [&Version; 2], changes: &Changes) -> std::fmt::Result {
    writeln!(out, "{}", title(then, now))?;
    for (heading, lines) in sections(changes) {
        writeln!(out, "\n{heading}")?;
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    let rows = rows(changes);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nWhat changed in numbers, then → now")?;
    let heads = heads(changes);
    let count = heads.len();
    let mut table = bare(heads, 2);
    for row in rows {
        table.add_row(row);
    }
    right(&mut table, 1..count);
    table.lines().try_for_each(|line| writeln!(out, "  {}", line.trim_end()))?;
    writeln!(out, "\nWhy")?;
    why_lines(changes).iter().try_for_each(|line| writeln!(out, "  {line}"))
}

/// What changed, as Markdown.
#[must_use]
pub fn markdown(versions: [&Version; 2], changes: &Changes) -> String {
    let mut out = String::new();
    let _infallible = as_markdown(&mut out, versions, changes);
    out
}

fn as_markdown(
    out: &mut String,
    [then, now]: [&Version; 2],
    changes: &Changes,
) -> std::fmt::Result {
    use super::comparison::escaped;
    writeln!(out, "# {}", escaped(&title(then, now)))?;
    for (heading, lines) in sections(changes) {
        writeln!(out, "\n## {heading}\n")?;
        lines.iter().try_for_each(|line| writeln!(out, "- {}", escaped(line)))?;
    }
    let rows = rows(changes);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## What changed in numbers, then → now\n")?;
    let heads = heads(changes);
    writeln!(out, "| {} |", heads.join(" | "))?;
    let rules = heads.iter().enumerate().map(|(place, _)| if place == 0 { "---" } else { "---:" });
    writeln!(out, "| {} |", rules.collect::<Vec<_>>().join(" | "))?;
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escaped(cell)).collect();
        writeln!(out, "| {} |", cells.join(" | "))?;
    }
    writeln!(out, "\n## Why\n")?;
    why_lines(changes).iter().try_for_each(|line| writeln!(out, "- {}", escaped(line)))
}

/// Headings and what stands under them.
fn sections(changes: &Changes) -> Vec<(&'static str, Vec<String>)> {
    let mut of_inputs: Vec<String> = changes.inputs.iter().map(input_in_words).collect();
    of_inputs.extend(changes.settings.iter().map(|(key, then, now)| {
        format!("{key}: {}", then_and_now(then.as_deref(), now.as_deref()))
    }));
    if of_inputs.is_empty() {
        of_inputs.push("nothing".into());
    }
    let mut of_areas = Vec::new();
    let list = |what: &str, keys: Vec<&str>| {
        (!keys.is_empty()).then(|| format!("{what}: {}", keys.join(", ")))
    };
    let keys = |is: &dyn Fn(&&AreaChange) -> bool| -> Vec<&str> {
        changes.areas.iter().filter(is).map(|area| area.key.as_str()).collect()
    };
    of_areas.extend(list("added", changes.added.iter().map(String::as_str).collect()));
    of_areas.extend(list("gone", changes.gone.iter().map(String::as_str).collect()));
    of_areas.extend(list("redrawn", keys(&|area| area.is_redrawn)));
    of_areas.extend(list("at other times", keys(&|area| area.is_retimed)));
    if changes.same > 0 {
        of_areas.push(format!("{} the same in every number", counted(changes.same as u64, "area")));
    }
    vec![("What changed in inputs and settings", of_inputs), ("Areas", of_areas)]
}

fn input_in_words(change: &InputChange) -> String {
    let InputChange { role, name, what } = change;
    match what {
        WhatOfInput::Added => format!("{role} \"{name}\": added"),
        WhatOfInput::Gone => format!("{role} \"{name}\": gone"),
        WhatOfInput::Content => format!("{role} \"{name}\": its content (SHA-256)"),
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

/// A row for each area of which a number changed.
fn rows(changes: &Changes) -> Vec<Vec<String>> {
    let row = |area: &AreaChange| {
        let mut cells = vec![area.key.clone()];
        for (column, _) in shown(changes) {
            let found = area.columns.iter().find(|changed| changed.column == *column);
            let both = |changed: &ColumnChange| {
                let [then, now] =
                    [&changed.then, &changed.now].map(|value| in_words(column, value));
                format!("{then} → {now}")
            };
            cells.push(found.map_or_else(|| "=".into(), both));
        }
        let parts = area.by_dimension.map_or([None; 4], |parts| parts.map(Some));
        cells.extend(parts.map(|part| match part {
            Some(part) if part.abs() < 0.05 => "=".into(),
            Some(part) => format!("{part:+.1}"),
            None => UNKNOWN.into(),
        }));
        cells
    };
    changes.areas.iter().filter(|area| !area.columns.is_empty()).map(row).collect()
}

fn in_words(column: &str, value: &Value) -> String {
    match value {
        Value::Unknown => UNKNOWN.into(),
        Value::Text(text) => text.replace('_', " "),
        Value::Number(value) if column == "score" => points(*value),
        Value::Number(value) if column.starts_with("pop") => whole(*value),
        Value::Number(value) => number(*value),
    }
}

/// Why each area changed, those with the same reason together.
fn why_lines(changes: &Changes) -> Vec<String> {
    let mut reasons: Vec<(String, Vec<&str>)> = Vec::new();
    for area in changes.areas.iter().filter(|area| !area.columns.is_empty()) {
        let why = why(&area.causes);
        match reasons.iter_mut().find(|(other, _)| *other == why) {
            Some((_, keys)) => keys.push(&area.key),
            None => reasons.push((why, vec![&area.key])),
        }
    }
    reasons.into_iter().map(|(why, keys)| format!("{}: {why}", keys.join(", "))).collect()
}

/// Why something changed: certain where one cause alone changed that can have done it.
fn why(causes: &[Cause]) -> String {
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
    table.write_record(["area", "column", "then", "now", "why"])?;
    for key in &changes.added {
        table.write_record([key, "", "", "added", ""])?;
    }
    for key in &changes.gone {
        table.write_record([key, "", "", "gone", ""])?;
    }
    for area in &changes.areas {
        for ColumnChange { column, then, now, causes } in &area.columns {
            let (then, now) = (plain(then), plain(now));
            table.write_record([&area.key, column, &then, &now, &why(causes)])?;
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
        let parts = area.by_dimension.map(|parts| parts.map(|part| super::round::rounded(part, 4)));
        json!({
            "area": area.key, "redrawn": area.is_redrawn, "retimed": area.is_retimed,
            "columns": columns.collect::<Vec<_>>(),
            "score_by_dimension": parts.map(|[people, vulnerable, sites, services]| json!({
                "people": people, "vulnerable": vulnerable, "sites": sites, "services": services,
            })),
            "causes": area.causes.iter().map(cause_in_words).collect::<Vec<_>>(),
            "why": why(&area.causes),
        })
    });
    json!({
        "type": "civex versions",
        "then": then.file, "now": now.file,
        "inputs": inputs.collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
        "added": changes.added, "gone": changes.gone, "same": changes.same,
        "areas": areas.collect::<Vec<_>>(),
    })
}
