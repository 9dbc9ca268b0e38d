//! An assessment as a table for people: whole people, one line an area, in input order.

use super::words::{self, UNKNOWN, bare, points, printable, right, spelled, surface, whole};
use crate::error::grouped;
use crate::model::{
    AssessedArea, Assessment, Band, Burden, Count, Dimension, Flag, Mapped, SiteClass, Status,
};
use std::collections::BTreeMap;

/// A column of text, if the area has it.
type TextOf = fn(&AssessedArea) -> &Option<String>;

/// The table of an assessment. Its width follows from what it holds, not from the terminal.
#[must_use]
pub fn table(assessment: &Assessment) -> String {
    let rows = &assessment.rows;
    let has = |of: TextOf| rows.iter().any(|row| of(row).is_some());
    let texts: [(&str, TextOf); 2] =
        [("coa", |row| &row.area.coa), ("phase", |row| &row.area.phase)];
    let shown: Vec<_> = texts.into_iter().filter(|(_, of)| has(*of)).collect();
    let mut heads = vec!["area"];
    heads.extend(shown.iter().map(|(head, _)| *head));
    let numbers_from = heads.len();
    heads.extend(["km²", "people", "low–high"]);
    let rings: Vec<String> = assessment.layout.rings_m.iter().map(|ring| distance(*ring)).collect();
    heads.extend(rings.iter().map(String::as_str));
    heads.extend(["vulnerable", "dependants", "t1", "t2", "t3", "t4", "score"]);
    let band_at = heads.len() + 1;
    heads.extend(["low–high", "band"]);
    let mut table = bare(heads, 1);
    for (row, label) in rows.iter().zip(labels(rows)) {
        let mut cells = vec![label];
        cells.extend(shown.iter().map(|(_, of)| shortened(of(row).as_deref().unwrap_or(""))));
        cells.extend(numbers(row, rings.len()));
        table.add_row(cells);
    }
    right(&mut table, numbers_from..band_at);
    let lines = table.lines().map(|line| line.trim_end().to_string());
    let mut lines: Vec<String> = lines.chain(legend(assessment)).collect();
    lines.push(String::new());
    printable(&lines.join("\n"))
}

/// The line under a table that counts each site once, whichever areas it lies in.
#[must_use]
pub fn sites_once(tiers: [Count; 4]) -> String {
    let [t1, t2, t3, t4] = tiers.map(words::sites);
    format!("In all areas together, each site once: t1 {t1} · t2 {t2} · t3 {t3} · t4 {t4}\n")
}

/// Surface, people, vulnerable, sites, score and band of a row.
pub(super) fn numbers(row: &AssessedArea, rings: usize) -> Vec<String> {
    let unknown = || UNKNOWN.to_string();
    let mut cells = vec![row.surface_km2.map_or_else(unknown, surface)];
    cells.push(row.people.map_or_else(unknown, |people| whole(people.best)));
    cells.push(row.people.map_or_else(unknown, |people| range(people, row)));
    let ring = |place: usize| {
        let ring = row.rings.get(place)?;
        Some(format!("{}{}", at_least(ring.missing > 0.0), whole(ring.people?)))
    };
    cells.extend((0..rings).map(|place| ring(place).unwrap_or_else(unknown)));
    let sites = row.sites.as_ref();
    cells.push(vulnerable(row));
    let outside = sites.and_then(|sites| sites.dependants_outside);
    let least = lower_bound(row, Dimension::Services);
    cells.push(outside.map_or_else(unknown, |outside| format!("{least}{}", whole(outside))));
    let tier = |place: usize| sites.map_or_else(unknown, |sites| words::sites(sites.tiers[place]));
    cells.extend((0..4).map(tier));
    let (low, high) = (row.score.low, row.score.high);
    let least = at_least(row.lacks_sites());
    cells.push(score(row));
    cells.push(match (low, high) {
        (Some(low), Some(high)) => format!("{}–{least}{}", points(low), points(high)),
        (Some(low), None) => format!("≥ {}", points(low)),
        _ => unknown(),
    });
    cells.push(band(row));
    cells
}

/// The mark of a number that may be larger.
pub(super) const fn at_least(is_least: bool) -> &'static str {
    if is_least { "≥ " } else { "" }
}

/// The mark of a number of a dimension.
pub(super) fn lower_bound(row: &AssessedArea, dimension: Dimension) -> &'static str {
    at_least(row.known(dimension) != Mapped::All)
}

/// The score of a row; at least so much where sites may be missing in it.
pub(super) fn score(row: &AssessedArea) -> String {
    let text = |score| format!("{}{}", at_least(row.lacks_sites()), points(score));
    row.score.best.map_or_else(|| UNKNOWN.into(), text)
}

/// The band of the low, best or high score in words; at least so high where sites may be missing in it.
pub(super) fn band_of(row: &AssessedArea, bound: usize) -> Option<String> {
    let band = row.score.bands[bound]?;
    // The low score counts what is there for sure, and nothing is above the last band.
    let is_least = row.lacks_sites() && bound > 0 && band != Band::VeryHigh;
    Some(format!("{}{}", at_least(is_least), spelled(band)))
}

/// People in place-bound sites of a row; at least so many where some class of these is not mapped.
pub(super) fn vulnerable(row: &AssessedArea) -> String {
    let people = row.sites.as_ref().and_then(|sites| sites.vulnerable);
    let least = lower_bound(row, Dimension::Vulnerable);
    people.map_or_else(|| UNKNOWN.into(), |of| format!("{least}{}", whole(of.best)))
}

/// What the parts of the score of a row are: unknown where nobody has looked, at least so much where somebody did in
/// part.
pub(super) fn parts(row: &AssessedArea) -> [String; 4] {
    let parts = row.score.contributions.map_or([None; 4], |parts| parts.by_dimension());
    Dimension::ALL.map(|dimension| {
        let text = |part: f64| format!("{}{}", lower_bound(row, dimension), points(part));
        parts[dimension as usize].map_or_else(|| UNKNOWN.into(), text)
    })
}

/// People of a row, from low to high; at least so many where the high number is no bound.
pub(super) fn range(people: Burden, row: &AssessedArea) -> String {
    let least = at_least(row.flags.contains(&Flag::HighNotABound));
    format!("{}–{least}{}", whole(people.low), whole(people.high))
}

/// The head of a ring's column: up to how far.
pub(super) fn distance(meters: u64) -> String {
    if meters.is_multiple_of(1000) {
        format!("to {} km", grouped(meters / 1000))
    } else {
        format!("to {} m", grouped(meters))
    }
}

/// The band, or why there is none; the range of bands where they differ.
fn band(row: &AssessedArea) -> String {
    let gap = if row.status == Status::DataGap { ", data gap" } else { "" };
    match [0, 1, 2].map(|bound| band_of(row, bound)) {
        [_, Some(best), _] if row.score.bands[0] == row.score.bands[2] => {
            format!("{best}{gap}")
        }
        [Some(low), Some(best), Some(high)] => format!("{best} ({low} to {high}){gap}"),
        _ => row.status.name().replace('_', " "),
    }
}

/// What each area is called: its name, with its id where another may look the same, or its id.
fn labels(rows: &[AssessedArea]) -> Vec<String> {
    let short = |row: &AssessedArea| row.area.called().name.map(|name| shortened(&name));
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for name in rows.iter().filter_map(short) {
        *times.entry(name).or_default() += 1;
    }
    let label = |row: &AssessedArea| match short(row) {
        Some(name) if row.area.shares_name || times.get(&name) != Some(&1) => {
            format!("{name} ({})", row.area.id)
        }
        Some(name) => name,
        None => row.area.id.clone(),
    };
    rows.iter().map(label).collect()
}

/// A text of at most 34 letters.
fn shortened(text: &str) -> String {
    const MOST: usize = 34;
    if text.chars().count() <= MOST {
        return text.to_string();
    }
    let kept: String = text.chars().take(MOST - 1).collect();
    format!("{}…", kept.trim_end())
}

/// At most so many classes are named in a line.
const MOST_CLASSES: usize = 3;

/// Which classes are not mapped in all of some rows; `None` where all are.
pub(super) fn not_mapped(rows: &[AssessedArea]) -> Option<String> {
    let rows = || rows.iter().filter(|row| row.lacks_sites());
    let mapped = |row: &AssessedArea, class: SiteClass| {
        row.sites.as_ref().map_or(Mapped::Nothing, |sites| sites.mapped[class as usize])
    };
    let open = || SiteClass::ALL.into_iter().filter(|class| class.has_load());
    rows().next()?;
    if open().all(|class| rows().all(|row| mapped(row, class) == Mapped::Nothing)) {
        return Some("no class of civilian sites is mapped there".into());
    }
    let is_open = |class: &SiteClass| rows().any(|row| mapped(row, *class) != Mapped::All);
    let classes: Vec<SiteClass> = open().filter(is_open).collect();
    Some(format!("not mapped in all of the area: {}", words::classes(&classes, MOST_CLASSES)))
}

/// What the columns mean, and what is missing.
fn legend(assessment: &Assessment) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "people      best estimate, and its bounds".into(),
        "score       0 to 100: how many people and civilian sites are exposed; lower exposes fewer"
            .into(),
    ];
    if !assessment.layout.rings_m.is_empty() {
        lines.push(
            "to … km     people around the area: beyond the distance before, up to this one".into(),
        );
    }
    if assessment.layout.has_sites {
        lines.push(
            "vulnerable  people in hospitals, schools, care homes and other such places".into(),
        );
        lines.push(
            "dependants  people elsewhere whose health care, water, power … comes from sites inside (of the service that weighs most)"
                .into(),
        );
        lines.push(
            "t1 … t4     civilian sites by tier, t1 the first to be spared (`civex taxonomy`)"
                .into(),
        );
    } else {
        lines.push(
            "t1 … t4     unknown: no layer of civilian sites was given, and the score counts none"
                .into(),
        );
    }
    let not_mapped = not_mapped(&assessment.rows);
    lines.extend(not_mapped.map(|text| format!("≥           at least: {text}")));
    let is_beyond = |row: &AssessedArea| row.flags.contains(&Flag::BeyondSites);
    if assessment.rows.iter().any(is_beyond) {
        lines.push(
            "≥           many who use its sites live beyond the ground on which sites were looked for".into(),
        );
    }
    if assessment.rows.iter().any(|row| row.flags.contains(&Flag::HighNotABound)) {
        lines.push(
            "≥           part of the area has no population data: more people may be there".into(),
        );
    }
    lines.push("Not even the lowest band says that exposure is acceptable.".into());
    lines
}
