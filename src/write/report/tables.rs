//! The tables of a page: rows of texts, with the lengths of bars beside them.

use super::Report;

use crate::model::{
    AssessedArea, Burden, Coa, Dimension, RingCounts, Scheme, Service, SiteClass, Tier, Topic,
};
use crate::write::comparison::{END, LOWERING_HEADS, Sheet, SheetCell, SheetLine};
use crate::write::gaps::{Request, in_words};
use crate::write::round::rounded;
use crate::write::sites::ListedSite;
use crate::write::table::{
    at_least, band_of, distance, lower_bound, not_mapped, numbers, parts as parts_in_words, range,
    score, vulnerable,
};
use crate::write::topics::{in_words as in_words_of, may_tell, score as topic_score};
use crate::write::words::{self, UNKNOWN, points, share, surface, whole};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// So many rows of sites and of requests stand on a page; layers hold all of them.
const MOST_ROWS: usize = 5_000;

/// What a class of the style sheet calls the band of a row.
pub(super) fn band_class(row: &AssessedArea) -> &'static str {
    row.score.bands[1].map_or("unknown", crate::model::Band::name)
}

fn band_text(row: &AssessedArea) -> String {
    band_of(row, 1).unwrap_or_else(|| row.status.name().replace('_', " "))
}

/// A bar from low to high with a mark at the best, in percent of `most`.
fn bar(burden: Option<Burden>, most: f64) -> Value {
    let Some(burden) = burden.filter(|_| most > 0.0) else { return Value::Null };
    let percent = |value: f64| rounded((100.0 * value / most).clamp(0.0, 100.0), 1);
    let (low, best, high) = (percent(burden.low), percent(burden.best), percent(burden.high));
    // What has no bounds is a bar from nothing.
    let is_one = burden.low >= burden.high;
    let low = if is_one { 0.0 } else { low };
    json!({"low": low, "best": best, "wide": rounded(high - low, 1), "one": is_one})
}

fn text(value: Option<f64>, of: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| UNKNOWN.into(), of)
}

/// The bottom line: of options, or of all areas together.
pub(super) fn summary(report: &Report, sheet: Option<&Sheet>) -> Value {
    if let Some(sheet) = sheet {
        let notes: Vec<Value> = sheet
            .notes
            .iter()
            .map(|(heading, lines)| json!({"heading": heading, "lines": lines}))
            .collect();
        return json!({"notes": notes, "end": END});
    }
    let mut lines = Vec::new();
    for coa in report.coas {
        let row = &coa.whole.row;
        let areas = crate::error::counted(coa.whole.areas.len() as u64, "area");
        let name =
            if row.area.coa.is_some() { format!("\"{}\": ", coa.name) } else { String::new() };
        let people = row.people.map_or_else(
            || "nobody knows how many people are there".into(),
            |people| format!("{} people ({})", whole(people.best), range(people, row)),
        );
        let sites = row.sites.as_ref().map(|sites| {
            let [t1, t2, t3, _] = sites.tiers.map(words::sites);
            format!(", {t1} sites of tier 1, {t2} of tier 2, {t3} of tier 3")
        });
        lines.push(format!(
            "{name}{areas} on {} km²: {people}{}; each person and site once. Score {}, {}.",
            text(row.surface_km2, surface),
            sites.unwrap_or_default(),
            score(row),
            band_text(row),
        ));
        lines.extend(
            not_mapped(std::slice::from_ref(row)).map(|text| format!("≥ at least: {text}")),
        );
        let missing = row.missing_share.filter(|share| *share > 0.0);
        lines.extend(missing.map(|missing| {
            format!(
                "{} of the surface has no population data: more people may be there",
                share(missing)
            )
        }));
    }
    if lines.is_empty() {
        lines.push(format!(
            "{} assessed one by one.",
            crate::error::counted(report.rows.len() as u64, "area")
        ));
    }
    json!({
        "notes": [{"heading": "In all", "lines": lines}],
        "end": "Not even the lowest band says that exposure is acceptable.",
    })
}

/// Options side by side; and what would lower what they expose.
pub(super) fn options(sheet: Option<&Sheet>) -> Value {
    let Some(sheet) = sheet else { return Value::Null };
    // Bounds stand under what they are of.
    let table = |lines: &Vec<SheetLine>| {
        let mut rows: Vec<Value> = Vec::new();
        for line in lines {
            let cells = line.cells.iter();
            match rows.last_mut() {
                Some(above) if line.label.trim() == "low–high" => {
                    above["under"] = cells.map(|cell| cell.text.clone()).collect();
                }
                _ => rows.push(option_line(line)),
            }
        }
        rows
    };
    let tables = sheet.tables.iter().map(table);
    json!({
        "names": sheet.options, "tables": tables.collect::<Vec<_>>(),
        "lowering_heads": LOWERING_HEADS, "lowerings": sheet.lowerings, "under": sheet.under_lowerings(),
    })
}

fn option_line(line: &SheetLine) -> Value {
    let most = line.cells.iter().filter_map(|cell| Some(cell.burden?.high)).fold(0.0, f64::max);
    let cell = |cell: &SheetCell| json!({"text": cell.text, "least": cell.is_least, "bar": bar(cell.burden, most)});
    let depth = (line.label.len() - line.label.trim_start().len()) / 2;
    let cells: Vec<Value> = line.cells.iter().map(cell).collect();
    json!({"label": line.label.trim(), "depth": depth, "cells": cells})
}

/// All areas, in input order.
pub(super) fn areas(report: &Report) -> Value {
    let rows = report.rows;
    let most = rows.iter().filter_map(|row| Some(row.people?.high)).fold(0.0, f64::max);
    let has = |of: fn(&AssessedArea) -> &Option<String>| rows.iter().any(|row| of(row).is_some());
    let one = |(place, row): (usize, &AssessedArea)| {
        let mut cells = numbers(row, 0).into_iter();
        let mut next = || cells.next().unwrap_or_default();
        let [km2, people, range, vulnerable, dependants, t1, t2, t3, t4, score, scores] =
            std::array::from_fn(|_| next());
        json!({
            "place": place, "key": row.area.key(), "id": row.area.id, "name": row.area.name,
            "coa": row.area.coa, "phase": row.area.phase, "km2": km2, "people": people, "range": range,
            "bar": bar(row.people, most), "vulnerable": vulnerable, "dependants": dependants,
            "tiers": [t1, t2, t3, t4], "score": score, "scores": scores,
            "band": band_class(row), "band_text": band_text(row),
            "missing": row.missing_share.filter(|missing| *missing > 0.0).map(share),
            "gaps": row.gaps.len(), "is_assessed": row.footprint.is_some(), "reason": row.reason,
        })
    };
    json!({
        "rows": rows.iter().enumerate().map(one).collect::<Vec<_>>(),
        "has_coa": has(|row| &row.area.coa), "has_phase": has(|row| &row.area.phase),
        "has_name": has(|row| &row.area.name), "has_reason": has(|row| &row.reason), "has_sites": report.layout.has_sites,
    })
}

/// People of each group that is declared, in each option and area.
pub(super) fn groups(report: &Report) -> Value {
    let heads = report.layout.groups.iter().map(|group| group.name().replace('_', " "));
    let cells = |row: &AssessedArea| {
        let cell = |group: &Option<Burden>| {
            group.map_or_else(
                || json!({"best": UNKNOWN, "range": ""}),
                |burden| json!({"best": whole(burden.best), "range": range(burden, row)}),
            )
        };
        row.groups.iter().map(cell).collect::<Vec<_>>()
    };
    levels(report, &heads.collect::<Vec<_>>(), &|row| json!(cells(row)))
}

/// People in a ring; at least so many where part of it has no data.
fn ring_people(ring: &RingCounts) -> String {
    let least = at_least(ring.missing > 0.0);
    text(ring.people, |people| format!("{least}{}", whole(people)))
}

/// People and sites around each area.
pub(super) fn rings(report: &Report) -> Value {
    let heads: Vec<String> = report.layout.rings_m.iter().map(|meters| distance(*meters)).collect();
    let one = |row: &AssessedArea| {
        let ring = |place: usize| {
            let Some(ring) = row.rings.get(place) else {
                return json!({"people": UNKNOWN, "sites": ""});
            };
            let sites = ring.sites.map(|tiers| tiers.map(words::sites).join(" · "));
            json!({"people": ring_people(ring), "sites": sites})
        };
        json!({"key": row.area.key(), "cells": (0..heads.len()).map(ring).collect::<Vec<_>>()})
    };
    let rows: Vec<Value> = report.rows.iter().map(one).collect();
    json!({"heads": heads, "rows": rows})
}

/// A table of options and, below them, areas.
fn levels(report: &Report, heads: &[String], cells: &dyn Fn(&AssessedArea) -> Value) -> Value {
    let row = |row: &AssessedArea, key: String| json!({"key": key, "cells": cells(row), "score": score(row), "people": text(row.people.map(|people| people.best), whole)});
    let options = report.options().into_iter().map(|coa| row(&coa.whole.row, coa.name.clone()));
    let areas = report.rows.iter().map(|of| row(of, of.area.key()));
    json!({
        "heads": heads, "options": options.collect::<Vec<_>>(), "areas": areas.collect::<Vec<_>>(),
    })
}

/// When each phase is, and how many people are there.
pub(super) fn timeline(report: &Report) -> Value {
    let options = report.options();
    let phases: Vec<(&Coa, &AssessedArea, [i64; 2])> = options
        .iter()
        .flat_map(|coa| {
            let rows = coa.phases.iter().map(|phase| &phase.row);
            rows.filter_map(|row| Some((*coa, row, (report.times)(&row.area)?)))
        })
        .collect();
    let first = phases.iter().map(|(.., [from, _])| *from).min();
    let last = phases.iter().map(|(.., [_, to])| *to).max();
    let Some((first, last)) = first.zip(last).filter(|(first, last)| first < last) else {
        return Value::Null;
    };
    let percent = |at: i64| rounded(100.0 * (at - first) as f64 / (last - first) as f64, 2);
    let one = |(coa, row, [from, to]): &(&Coa, &AssessedArea, [i64; 2])| {
        let hours = (to - from) as f64 / 3600.0;
        json!({
            "coa": row.area.coa.as_ref().map_or("", |_| coa.name.as_str()), "phase": row.area.phase,
            "start": row.area.start, "end": row.area.end,
            "hours": if hours >= 10.0 { format!("{hours:.0}") } else { format!("{hours:.1}") },
            "people": text(row.people.map(|people| people.best), whole),
            "person_days": text(row.person_days, whole),
            "band": band_class(row), "band_text": band_text(row),
            "from": percent(*from), "wide": rounded((percent(*to) - percent(*from)).max(0.6), 2),
        })
    };
    json!(phases.iter().map(one).collect::<Vec<_>>())
}

/// What each dimension contributes to the score of each option and area.
pub(super) fn parts(report: &Report) -> Value {
    let heads = Dimension::ALL.map(|dimension| dimension.name().to_string());
    let cells = |row: &AssessedArea| {
        let Some(of) = row.score.contributions else { return Value::Null };
        let wide = |part: Option<f64>| rounded(part.unwrap_or(0.0).max(0.0), 1);
        let parts = parts_in_words(row).into_iter().zip(of.by_dimension());
        let parts = parts.map(|(text, part)| json!({"text": text, "wide": wide(part)}));
        json!(parts.collect::<Vec<_>>())
    };
    levels(report, &heads, &cells)
}

/// The score as each topic sees it.
pub(super) fn topics(report: &Report) -> Value {
    let told = || Topic::ALL.into_iter().filter(|topic| may_tell(*topic, report.precision));
    let heads: Vec<String> = told().map(|topic| in_words_of(topic).to_string()).collect();
    let cells = |row: &AssessedArea| {
        json!(told().map(|topic| topic_score(row, topic, points)).collect::<Vec<_>>())
    };
    levels(report, &heads, &cells)
}

/// Sites by the article that protects them, in the order of the taxonomy, then by id.
pub(super) fn register(report: &Report, all: &[ListedSite]) -> Value {
    let Some(register) = report.register else { return Value::Null };
    let mut by_basis: Vec<(&str, Vec<Value>)> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for class in SiteClass::ALL {
        places.entry(class.basis()).or_insert_with(|| {
            by_basis.push((class.basis(), Vec::new()));
            by_basis.len() - 1
        });
    }
    let left_out = all.len().saturating_sub(MOST_ROWS);
    for (site, _) in all.iter().take(MOST_ROWS) {
        let basis = site.get("basis").and_then(Value::as_str).unwrap_or_default();
        if let Some((_, sites)) = places.get(basis).and_then(|place| by_basis.get_mut(*place)) {
            sites.push(listed(site));
        }
    }
    by_basis.retain(|(_, sites)| !sites.is_empty());
    let articles = by_basis.into_iter();
    let articles = articles.map(|(basis, sites)| json!({"basis": basis, "sites": sites}));
    let counted = register.counted_sites().map(|(area, class, count)| {
        json!({"area": area.unwrap_or(UNKNOWN), "class": class.replace('_', " "), "count": count})
    });
    json!({
        "articles": articles.collect::<Vec<_>>(), "counted": counted.collect::<Vec<_>>(),
        "left_out": left_out,
    })
}

fn listed(site: &Map<String, Value>) -> Value {
    let take = |key: &str| site.get(key).cloned().unwrap_or_default();
    let words = |key: &str| take(key).as_str().unwrap_or_default().replace('_', " ");
    let tier = take("tier").as_u64().and_then(|tier| Tier::from_number(u8::try_from(tier).ok()?));
    json!({
        "id": take("site_id"), "name": take("name"), "class": words("class"),
        "tier": tier.map_or(UNKNOWN, Tier::name), "areas": take("areas"), "near": take("adjacent"),
        "confidence": take("confidence"), "sources": take("sources"), "caveat": take("caveat"),
    })
}

/// What is to be asked, of areas and of whole layers.
pub(super) fn requests(report: &Report) -> Value {
    let date = report.provenance.date.as_deref();
    let one = |(place, request): (usize, &Request)| {
        json!({
            "number": place + 1, "area": request.area().unwrap_or("all"), "question": request.question(),
            "why": request.why(), "ask": request.ask(), "worth": text(request.value(), points),
            "needed_by": request.needed_by().or(date).unwrap_or(UNKNOWN),
        })
    };
    let all = report.requests.iter().enumerate();
    let rows: Vec<Value> = all.take(MOST_ROWS).map(one).collect();
    json!({"rows": rows, "left_out": report.requests.len().saturating_sub(MOST_ROWS)})
}

/// The value judgements that weigh most.
pub(super) fn scheme(scheme: &Scheme) -> Value {
    let number = |value: f64| if value >= 1000.0 { whole(value) } else { format!("{value}") };
    let weights = Dimension::ALL.iter().zip(scheme.dimension_weights);
    let weights = weights.map(|(dimension, weight)| format!("{} {weight}", dimension.name()));
    let services = Service::ALL.into_iter().filter_map(|service| {
        let radius = scheme.radius_km(service)?;
        Some(format!(
            "{} {} km (×{})",
            in_words(service),
            number(radius),
            scheme.service_weight(service)
        ))
    });
    let loads = Tier::ALL.map(|tier| format!("{} {}", tier.name(), number(scheme.load(tier))));
    let goalposts = &scheme.goalposts;
    let [low, moderate, high, very_high] = scheme.band_thresholds;
    json!([
        ["weights of the dimensions", weights.collect::<Vec<_>>().join(", ")],
        ["λ, how much the others add to the largest", number(scheme.lambda)],
        [
            "100 points are reached at",
            format!(
                "{} people, {} in vulnerable situations, {} dependants, a site load of {}",
                number(goalposts.people),
                number(goalposts.vulnerable),
                number(goalposts.dependants),
                number(goalposts.site_load_top),
            )
        ],
        ["load of a site", loads.join(", ")],
        [
            "least score with a site",
            format!("of tier 1 {}, of tier 2 {}", scheme.floors.t1, scheme.floors.t2)
        ],
        [
            "bands begin at",
            format!("low {low}, moderate {moderate}, high {high}, very high {very_high}")
        ],
        [
            "how far people go, and what that service weighs",
            services.collect::<Vec<_>>().join(", ")
        ],
        [
            "bounds of people from one source alone",
            format!("best ÷ {0} to best × {0}", scheme.population.single_source_factor)
        ],
        [
            "a data gap, and no band",
            format!(
                "over {} and over {} of the surface without data",
                share(scheme.population.data_gap_share),
                share(scheme.population.not_assessable_share),
            )
        ],
    ])
}

/// What the card of an area tells of its sites.
fn of_sites(row: &AssessedArea) -> Vec<(&'static str, String)> {
    let Some(sites) = &row.sites else { return Vec::new() };
    let tiers = Tier::ALL.iter().zip(sites.tiers);
    let tiers = tiers.map(|(tier, count)| format!("{} {}", tier.name(), words::sites(count)));
    let least = lower_bound(row, Dimension::Services);
    let people = |people| format!("{least}{}", whole(people));
    vec![
        ("vulnerable", vulnerable(row)),
        ("sites", tiers.collect::<Vec<_>>().join(" · ")),
        ("dependants outside", text(sites.dependants_outside, people)),
    ]
}

/// What the card of an area tells: labels and texts.
pub(super) fn card(row: &AssessedArea, report: &Report) -> Value {
    let mut lines: Vec<(String, String)> = Vec::new();
    let mut add = |label: &str, text: String| lines.push((label.to_string(), text));
    let area = &row.area;
    for (label, text) in
        [("name", &area.name), ("course of action", &area.coa), ("phase", &area.phase)]
    {
        if let Some(text) = text {
            add(label, text.clone());
        }
    }
    if let Some((start, end)) = area.start.as_ref().zip(area.end.as_ref()) {
        add("hours", format!("{start} to {end}"));
    }
    add("band", band_text(row));
    if let Some(score) = row.score.best {
        let bounds = row.score.low.zip(row.score.high);
        let least = at_least(row.lacks_sites());
        let bounds =
            bounds.map(|(low, high)| format!(" ({}–{least}{})", points(low), points(high)));
        add("score", format!("{least}{}{}", points(score), bounds.unwrap_or_default()));
    }
    if let Some(reason) = &row.reason {
        add("status", format!("{}: {reason}", row.status.name().replace('_', " ")));
    }
    add(
        "people",
        row.people.map_or_else(
            || "unknown".into(),
            |people| format!("{} ({})", whole(people.best), range(people, row)),
        ),
    );
    if let Some(missing) = row.missing_share.filter(|missing| *missing > 0.0) {
        add("no population data", format!("{} of the surface", share(missing)));
    }
    for (group, burden) in report.layout.groups.iter().zip(&row.groups) {
        if let Some(burden) = burden {
            add(
                &group.name().replace('_', " "),
                format!("{} ({})", whole(burden.best), range(*burden, row)),
            );
        }
    }
    for (meters, ring) in report.layout.rings_m.iter().zip(&row.rings) {
        add(&format!("around, {}", distance(*meters)), format!("{} people", ring_people(ring)));
    }
    for (label, text) in of_sites(row) {
        add(label, text);
    }
    if let Some(days) = row.person_days {
        add("person-days", whole(days));
    }
    if row.score.contributions.is_some() {
        let parts = Dimension::ALL.iter().zip(parts_in_words(row));
        let parts = parts.map(|(dimension, part)| format!("{} {part}", dimension.name()));
        add("points from", parts.collect::<Vec<_>>().join(" · "));
    }
    if let Some(text) = not_mapped(std::slice::from_ref(row)) {
        add("≥", format!("at least: {text}"));
    }
    add("surface", format!("{} km²", text(row.surface_km2, surface)));
    let questions = row.gaps.iter().take(3).map(|gap| Request::about(gap.clone()).question());
    let questions: Vec<String> = questions.collect();
    if !questions.is_empty() {
        add("to ask first", questions.join(" "));
    }
    json!(lines)
}
