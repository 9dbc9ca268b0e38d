//! The properties of a row: the area's own columns, then those of the assessment in their order.

use super::round::{number, text};
use crate::model::columns::{self, Layout};
use crate::model::{AssessedArea, Band, Burden, Service};
use serde_json::{Map, Value};

/// Decimals of people, loads and densities.
const AMOUNT: u32 = 3;
/// Decimals of scores and contributions.
const POINTS: u32 = 4;
/// Decimals of shares and km².
const SHARE: u32 = 6;

/// All properties of a row.
pub(super) fn properties(row: &AssessedArea, layout: &Layout) -> Map<String, Value> {
    let mut out = row.area.properties.clone();
    let values = head(row).into_iter().chain(rings(row, layout)).chain(burdens(row));
    let values: Vec<Value> = values
        .chain(layout.has_sites.then(|| of_sites(row)).into_iter().flatten())
        .chain(score(row))
        .collect();
    let names = columns::names(layout);
    debug_assert_eq!(names.len(), values.len(), "a column without a value, or the other way round");
    out.extend(names.into_iter().zip(values));
    out
}

fn head(row: &AssessedArea) -> Vec<Value> {
    let area = &row.area;
    let flags: Vec<&str> = row.flags.iter().map(|flag| flag.name()).collect();
    let mut values = vec![
        Value::from(area.id.as_str()),
        text(area.name.as_deref()),
        text(area.coa.as_deref()),
        text(area.phase.as_deref()),
        text(area.start.as_deref()),
        text(area.end.as_deref()),
        Value::from(row.status.name()),
        text(row.reason.as_deref()),
        Value::from(flags.join(" ")),
        number(row.surface_km2, SHARE),
        number(row.missing_share, SHARE),
    ];
    values.extend(triple(row.people));
    values.push(number(row.density_km2, AMOUNT));
    values.push(number(row.peak_km2, AMOUNT));
    values
}

/// People and sites of each ring.
fn rings(row: &AssessedArea, layout: &Layout) -> Vec<Value> {
    let ring = |place: usize| row.rings.get(place).copied().unwrap_or_default();
    let of_ring = |place: usize| {
        let ring = ring(place);
        let sites = (0..4).map(move |tier| ring.sites.map_or(Value::Null, |of| of[tier].into()));
        std::iter::once(number(ring.people, AMOUNT)).chain(sites)
    };
    (0..layout.rings_m.len()).flat_map(of_ring).collect()
}

fn burdens(row: &AssessedArea) -> Vec<Value> {
    let sites = row.sites.as_ref();
    let mut values = triple(sites.map(|sites| sites.vulnerable));
    let tier = |place: usize| sites.and_then(|sites| sites.tiers.get(place).copied());
    values.extend((0..4).map(|place| tier(place).map_or(Value::Null, Value::from)));
    values.extend(triple(sites.map(|sites| sites.load)));
    // More sites are to be expected where more people are; how many, nobody knows without people.
    if let (None, Some(high)) = (row.people, values.last_mut()) {
        *high = Value::Null;
    }
    values
}

/// Counts by class, and dependants by service, which are not built yet.
fn of_sites(row: &AssessedArea) -> Vec<Value> {
    let classes = crate::model::SiteClass::ALL;
    let count =
        |place: usize| row.sites.as_ref().and_then(|sites| sites.classes.get(place).copied());
    let counts = (0..classes.len()).map(|place| count(place).map_or(Value::Null, Value::from));
    counts.chain(Service::ALL.iter().map(|_| Value::Null)).collect()
}

fn score(row: &AssessedArea) -> Vec<Value> {
    let score = &row.score;
    // Dependants outside and person-days are not built yet.
    let mut values = vec![Value::Null, Value::Null];
    values.extend([score.low, score.best, score.high].map(|points| number(points, POINTS)));
    values.extend(score.bands.map(|band| text(band.map(Band::name))));
    values.push(text(score.profile.as_deref()));
    values.push(text(score.driver.map(crate::model::Dimension::name)));
    let parts = score.contributions;
    let part = |of: fn(crate::model::Contributions) -> f64| number(parts.map(of), POINTS);
    values.push(part(|parts| parts.people));
    values.push(part(|parts| parts.vulnerable));
    values.push(part(|parts| parts.sites));
    values.push(part(|parts| parts.services));
    // The six topics and the gaps are not built yet.
    values.extend(std::iter::repeat_n(Value::Null, 7));
    values
}

fn triple(burden: Option<Burden>) -> Vec<Value> {
    let bounds = [burden.map(|b| b.low), burden.map(|b| b.best), burden.map(|b| b.high)];
    bounds.map(|bound| number(bound, AMOUNT)).into()
}
