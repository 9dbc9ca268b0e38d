//! A comparison for machines: CSV with a row for each criterion, and JSON.

use super::criteria::{Criterion, criteria, score};
use super::text::change_in_words;
use super::verdict;
use super::{With, names_sites, points_of, told};
use crate::error::{Called, Notice, Tally};
use crate::model::cells::quoted;
use crate::model::{
    Band, Burden, Change, Coa, Compared, Comparison, Dimension, Lowering, Provenance, Site,
};
use crate::write::geojson::about;
use crate::write::round::rounded;
use crate::write::sites::BANNER;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Decimals of shares of draws.
const OF_DRAWS: u32 = 6;
/// Decimals of points.
const POINTS: u32 = 4;

/// The comparison as CSV: a row for each criterion, a column for each option.
///
/// # Errors
///
/// If a row cannot be written.
pub fn csv(comparison: &Comparison, with: With) -> std::io::Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let names = comparison.options.iter().map(|option| option.coa.name.clone());
    table.write_record(std::iter::once("criterion".to_string()).chain(names).map(text_cell))?;
    let mut row = |key: &str, cells: &mut dyn Iterator<Item = String>| {
        table.write_record(std::iter::once(key.to_string()).chain(cells).map(text_cell))
    };
    let all: Vec<_> = criteria(comparison, &with).into_iter().chain([score(comparison)]).collect();
    for criterion in &all {
        for (key, values) in columns(criterion) {
            let cell = |value: &Option<f64>| {
                value.map_or_else(String::new, |value| {
                    rounded(value, criterion.kind.decimals()).to_string()
                })
            };
            row(&key, &mut values.iter().map(cell))?;
        }
    }
    let options = &comparison.options;
    row("at_least", &mut (0..options.len()).map(|place| at_least(&all, place).join(" ")))?;
    let text = |of: &dyn Fn(&Compared) -> Option<String>| -> Vec<String> {
        options.iter().map(|option| of(option).unwrap_or_default()).collect()
    };
    let of_row = |option: &Compared| option.coa.whole.row.clone();
    row("status", &mut text(&|of| Some(of_row(of).status.name().into())).into_iter())?;
    let band = |of: &Compared| of.coa.whole.row.score.bands[1].map(|band| Band::name(band).into());
    row("band", &mut text(&band).into_iter())?;
    row("rank", &mut text(&|of| of.rank.map(|rank| rank.to_string())).into_iter())?;
    for rank in 0..options.len() {
        let share = |of: &Compared| of.acceptability.get(rank).map(|of| of_draws(*of).to_string());
        row(&format!("share_of_draws_rank_{}", rank + 1), &mut text(&share).into_iter())?;
    }
    for (other, option) in options.iter().enumerate() {
        let less = (0..options.len()).map(|place| {
            less_exposed(comparison, place, other).map_or_else(String::new, |of| of.to_string())
        });
        row(&format!("share_of_draws_fewer_than_{}", option.coa.name), &mut less.into_iter())?;
    }
    for way in &comparison.other_ways {
        let ranks = way.ranks.iter().map(|of| of.map_or_else(String::new, |of| of.to_string()));
        row(&format!("rank_{}", way.name), &mut ranks.into_iter())?;
    }
    let dominated = |of: &Compared| {
        let by = of.dominated_by.iter().map(|by| options[by.by].coa.name.as_str());
        Some(by.collect::<Vec<_>>().join(" "))
    };
    row("dominated_by", &mut text(&dominated).into_iter())?;
    table.into_inner().map_err(csv::IntoInnerError::into_error)
}

/// A cell that no spreadsheet runs.
fn text_cell(text: impl AsRef<str>) -> String {
    quoted(text.as_ref()).into_owned()
}

/// The columns of an assessment that a criterion has.
fn columns(criterion: &Criterion) -> Vec<(String, Vec<Option<f64>>)> {
    let Criterion { key, values, bounds, .. } = criterion;
    let Some(bounds) = bounds else { return vec![(key.clone(), values.clone())] };
    let of = |pick: &dyn Fn(Burden) -> f64| -> Vec<Option<f64>> {
        bounds.iter().map(|burden| burden.map(pick)).collect()
    };
    let best = if key == "score" { key.clone() } else { format!("{key}_best") };
    vec![
        (format!("{key}_low"), of(&|burden| burden.low)),
        (best, values.clone()),
        (format!("{key}_high"), of(&|burden| burden.high)),
    ]
}

/// The criteria of which more may be there in an option than its number says.
fn at_least(all: &[Criterion], place: usize) -> Vec<String> {
    let is_least = |of: &&Criterion| of.values[place].is_some() && of.is_bound[place];
    all.iter().filter(is_least).map(|of| of.key.clone()).collect()
}

fn of_draws(share: f64) -> f64 {
    rounded(share, OF_DRAWS)
}

/// In which share of the draws one option exposes fewer than another; `None` if that is not told.
fn less_exposed(comparison: &Comparison, one: usize, two: usize) -> Option<f64> {
    let pair = comparison.pairs.iter().find(|pair| pair.is_of(one, two))?;
    let share = if pair.one == one { pair.one_less } else { 1.0 - pair.one_less };
    Some(of_draws(share))
}

/// The comparison as JSON. `folder` is that of the output, to which the paths of inputs are made relative.
#[must_use]
pub fn json(
    comparison: &Comparison,
    with: With,
    (provenance, notices): (&Provenance, &Tally<Notice>),
    folder: Option<&Path>,
) -> Value {
    let all: Vec<Criterion> =
        criteria(comparison, &with).into_iter().chain([score(comparison)]).collect();
    let name = |place: usize| comparison.options[place].coa.name.clone();
    let options = comparison.options.iter().enumerate();
    let options = options.map(|(place, option)| {
        let mut criteria = Map::new();
        for criterion in &all {
            for (key, values) in columns(criterion) {
                let value = values[place].map(|value| rounded(value, criterion.kind.decimals()));
                criteria.insert(key, json!(value));
            }
        }
        option_json(option, (&criteria, &at_least(&all, place)), &name, &with)
    });
    let options: Vec<Value> = options.collect();
    let pairs = comparison.pairs.iter().map(|pair| {
        let (less, more, share) = pair.less_first();
        json!({
            "fewer": name(less), "more": name(more), "share_of_draws": of_draws(share),
            "verdict": pair.verdict.name(), "text": verdict::of_pair(comparison, pair),
        })
    });
    let ways = comparison.other_ways.iter().map(|way| {
        let ranks = way.ranks.iter().enumerate().map(|(place, rank)| (name(place), json!(rank)));
        json!({
            "name": way.name, "ranks": ranks.collect::<Map<_, _>>(),
            "mean_rank_shift": rounded(way.mean_shift, POINTS),
        })
    });
    let mut made = json!({
        "type": "civex comparison",
        "verdict": verdict::bottom_line(comparison),
        "not_known_alike": verdict::not_alike(comparison, with.sites),
        "areas_of_no_option": keys(&comparison.unclear.of_none),
        "areas_without_hours": keys(&comparison.unclear.hours),
        "options": options,
        "pairs": pairs.collect::<Vec<_>>(),
        "draws": {
            "count": comparison.draws, "seed": comparison.seed, "sources": comparison.sources,
            "sources_left_out": comparison.sources_left_out,
        },
        "other_aggregations": ways.collect::<Vec<_>>(),
        "civex": about(provenance, notices, folder),
    });
    if let (Some(made), true) = (made.as_object_mut(), names_sites(comparison, &with)) {
        made.insert("banner".into(), json!(BANNER));
    }
    made
}

fn option_json(
    option: &Compared,
    (criteria, at_least): (&Map<String, Value>, &[String]),
    name: &dyn Fn(usize) -> String,
    with: &With,
) -> Value {
    let (coa, row) = (&option.coa, &option.coa.whole.row);
    let dominated = option
        .dominated_by
        .iter()
        .map(|by| json!({"option": name(by.by), "under_every_source": by.under_every_source}));
    let parts = row.score.contributions.map_or([None; 4], |parts| parts.by_dimension());
    let parts = Dimension::ALL.iter().zip(parts);
    let part = |of: Option<f64>| of.map(|of| rounded(of, POINTS));
    let (lowerings, untold) = told(&coa.lowerings, with);
    json!({
        "option": coa.name,
        "phases": coa.phases.iter().map(|phase| &phase.row.area.phase).collect::<Vec<_>>(),
        "areas": keys(&coa.whole.areas),
        "areas_left_out": keys(&coa.whole.left_out),
        "start": row.area.start,
        "end": row.area.end,
        "status": row.status.name(),
        "criteria": criteria,
        "at_least": at_least,
        "band": row.score.bands.map(|band| band.map(Band::name)),
        "profile": row.score.profile,
        "driver": row.score.driver.map(Dimension::name),
        "contributions": parts.map(|(of, points)| (of.name(), part(points))).collect::<BTreeMap<_, _>>(),
        "rank": option.rank,
        "not_ranked": option.not_ranked.map(verdict::why_not),
        "share_of_draws_by_rank": option.acceptability.iter().map(|of| of_draws(*of)).collect::<Vec<_>>(),
        "less_known_than": option.less_known_than.iter().map(|of| name(*of)).collect::<Vec<_>>(),
        "dominated_by": dominated.collect::<Vec<_>>(),
        "lowered_by": lowerings.into_iter().map(|(of, site)| lowering_json(coa, (of, site), with)).collect::<Vec<_>>(),
        "lowered_by_not_shown": untold,
    })
}

fn keys(areas: &[Called]) -> Vec<&str> {
    areas.iter().map(|area| area.id.as_str()).collect()
}

fn lowering_json(coa: &Coa, (lowering, site): (&Lowering, Option<&Site>), with: &With) -> Value {
    let Lowering { km2, sites, people, vulnerable, .. } = *lowering;
    let points = rounded(points_of(lowering), POINTS);
    let by_km2 = |amount: f64| (km2 > 0.0).then(|| rounded(amount / km2, 3));
    let mut made = json!({
        "text": change_in_words(coa, lowering, site),
        "areas": keys(&lowering.areas),
        "km2": rounded(km2, 6),
        "sites": sites,
        "people": rounded(people, 3),
        "vulnerable": rounded(vulnerable, 3),
        "points": points,
        "people_per_km2": by_km2(people),
        "vulnerable_per_km2": by_km2(vulnerable),
        "points_per_km2": by_km2(points),
    });
    let what = match (&lowering.change, site) {
        (Change::Site(_, meters), Some(site)) => json!({
            "kind": "site", "site_id": site.id, "source": with.sites.map(|sites| sites.source(site)),
            "class": site.class.name(), "meters": meters.round(),
        }),
        (Change::Block(at), _) => json!({
            "kind": "block", "longitude": rounded(at[0], 7), "latitude": rounded(at[1], 7),
        }),
        (Change::Hours(phase, later), _) => json!({
            "kind": "hours", "phase": phase, "hours_later": later,
        }),
        (Change::Site(..), None) => json!({}),
    };
    if let (Some(made), Value::Object(what)) = (made.as_object_mut(), what) {
        made.extend(what);
    }
    made
}
