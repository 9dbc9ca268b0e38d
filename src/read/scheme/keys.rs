//! The keys of a scheme file: which there are, what each may hold, where it goes, how it is written.

use std::fmt::Write as _;

use serde_json::json;
use toml::Spanned;
use toml::de::DeValue;

use crate::model::dimension::Dimension;
use crate::model::scheme::{
    AllotmentRule, ClassRule, ExistenceRule, Floors, Goalposts, NameWords, PopulationRule, Scheme,
    StaleAfter,
};
use crate::model::taxonomy::{Counted, Service, SiteClass, Tier};

/// A section and a key in it.
pub(super) type Key = (&'static str, &'static str);

/// A value of a scheme: its key, and where it is kept.
pub(super) struct Slot<'s> {
    pub(super) key: Key,
    pub(super) value: Value<'s>,
}

/// Where a value is kept, and what it may be.
pub(super) enum Value<'s> {
    Number(&'s mut f64, Range),
    Tier(&'s mut Option<Tier>),
    Rule(&'s mut AllotmentRule),
    Words(&'s mut Vec<String>),
}

impl Value<'_> {
    /// The value as TOML; the shortest digits that read back to the same number.
    fn toml(&self) -> String {
        match self {
            Self::Number(number, _) => match **number {
                0.0 => "0".to_owned(),
                plain if (1e-3..1e9).contains(&plain) => plain.to_string(),
                other => format!("{other:e}"),
            },
            Self::Tier(tier) => tier.map_or(0, Tier::number).to_string(),
            Self::Rule(rule) => format!("\"{}\"", rule.name()),
            Self::Words(words) => {
                toml::Value::from(words.iter().map(String::as_str).collect::<Vec<_>>()).to_string()
            }
        }
    }
}

/// What a number may be.
#[derive(Clone, Copy)]
pub(super) enum Range {
    /// 0..=1.
    Share,
    /// 0..=1 without 0.
    PositiveShare,
    /// 0..=100.
    Score,
    /// 0..=100 without 0.
    PositiveScore,
    /// Above 0.
    Positive,
    /// 0 or more.
    NotNegative,
    /// 1 or more.
    Factor,
}

impl Range {
    /// Whether a number is in it; what is not finite is in none.
    fn holds(self, number: f64) -> bool {
        number.is_finite()
            && match self {
                Self::Share => (0.0..=1.0).contains(&number),
                Self::PositiveShare => number > 0.0 && number <= 1.0,
                Self::Score => (0.0..=100.0).contains(&number),
                Self::PositiveScore => number > 0.0 && number <= 100.0,
                Self::Positive => number > 0.0,
                Self::NotNegative => number >= 0.0,
                Self::Factor => number >= 1.0,
            }
    }

    /// The range as keywords of a JSON Schema.
    pub(super) fn keywords(self) -> serde_json::Value {
        match self {
            Self::Share => json!({"minimum": 0, "maximum": 1}),
            Self::PositiveShare => json!({"exclusiveMinimum": 0, "maximum": 1}),
            Self::Score => json!({"minimum": 0, "maximum": 100}),
            Self::PositiveScore => json!({"exclusiveMinimum": 0, "maximum": 100}),
            Self::Positive => json!({"exclusiveMinimum": 0}),
            Self::NotNegative => json!({"minimum": 0}),
            Self::Factor => json!({"minimum": 1}),
        }
    }

    /// The range in words.
    const fn wanted(self) -> &'static str {
        match self {
            Self::Share => "a number from 0 to 1",
            Self::PositiveShare => "a number above 0, at most 1",
            Self::Score => "a number from 0 to 100",
            Self::PositiveScore => "a number above 0, at most 100",
            Self::Positive => "a number above 0",
            Self::NotNegative => "a number of 0 or more",
            Self::Factor => "a number of 1 or more",
        }
    }
}

/// Every value of a scheme, in canonical order.
pub(super) fn slots(scheme: &mut Scheme) -> Vec<Slot<'_>> {
    let Scheme { name: _, digest: _, lambda, extent_load_cap, class_rules, .. } = scheme;
    let mut slots = vec![
        number(("aggregation", "lambda"), lambda, Range::Share),
        number(("aggregation", "extent_load_cap"), extent_load_cap, Range::NotNegative),
    ];
    for (dimension, weight) in Dimension::ALL.iter().zip(&mut scheme.dimension_weights) {
        slots.push(number(("dimension_weights", dimension.name()), weight, Range::Share));
    }
    slots.extend(goalpost_slots(&mut scheme.goalposts));
    for (tier, load) in Tier::ALL.iter().zip(&mut scheme.tier_loads) {
        slots.push(number(("tier_loads", tier.name()), load, Range::Positive));
    }
    let Floors { t1, t2 } = &mut scheme.floors;
    slots.push(number(("floors", "t1"), t1, Range::Score));
    slots.push(number(("floors", "t2"), t2, Range::Score));
    for (band, start) in BANDS.iter().zip(&mut scheme.band_thresholds) {
        slots.push(number(("bands", band), start, Range::PositiveScore));
    }
    for (service, weight) in Service::ALL.iter().zip(&mut scheme.service_weights) {
        slots.push(number(("service_weights", service.name()), weight, Range::Share));
    }
    for (service, radius) in Service::ALL.iter().zip(&mut scheme.radius_km) {
        if let Some(radius) = radius {
            slots.push(number(("radius_km", service.name()), radius, Range::Positive));
        }
    }
    slots.push(Slot { key: ("allotment", "rule"), value: Value::Rule(&mut scheme.allotment) });
    let StaleAfter { population, sites } = &mut scheme.stale_after;
    slots.push(number(("stale_after_years", "population"), population, Range::Positive));
    slots.push(number(("stale_after_years", "sites"), sites, Range::Positive));
    slots.extend(population_slots(&mut scheme.population));
    slots.extend(existence_slots(&mut scheme.existence));
    slots.extend(class_slots(class_rules));
    let NameWords { generic, apart } = &mut scheme.names;
    slots.push(Slot { key: ("names", "generic"), value: Value::Words(generic) });
    slots.push(Slot { key: ("names", "apart"), value: Value::Words(apart) });
    slots
}

/// A number with its key and range.
const fn number(key: Key, at: &mut f64, range: Range) -> Slot<'_> {
    Slot { key, value: Value::Number(at, range) }
}

/// The bands that begin at a threshold.
const BANDS: [&str; 4] = ["low", "moderate", "high", "very_high"];

fn goalpost_slots(goalposts: &mut Goalposts) -> Vec<Slot<'_>> {
    let Goalposts { people, vulnerable, dependants, site_load, site_load_knee, site_load_top } =
        goalposts;
    vec![
        number(("goalposts", "people"), people, Range::Positive),
        number(("goalposts", "vulnerable"), vulnerable, Range::Positive),
        number(("goalposts", "dependants"), dependants, Range::Positive),
        number(("goalposts", "site_load"), site_load, Range::Positive),
        number(("goalposts", "site_load_knee"), site_load_knee, Range::Positive),
        number(("goalposts", "site_load_top"), site_load_top, Range::Positive),
    ]
}

fn population_slots(rule: &mut PopulationRule) -> Vec<Slot<'_>> {
    let PopulationRule {
        single_source_factor,
        left_out_margin,
        data_gap_share,
        not_assessable_share,
        small_area_cells,
    } = rule;
    vec![
        number(("population", "single_source_factor"), single_source_factor, Range::Factor),
        number(("population", "left_out_margin"), left_out_margin, Range::Share),
        number(("population", "data_gap_share"), data_gap_share, Range::Share),
        number(("population", "not_assessable_share"), not_assessable_share, Range::Share),
        number(("population", "small_area_cells"), small_area_cells, Range::NotNegative),
    ]
}

fn existence_slots(rule: &mut ExistenceRule) -> Vec<Slot<'_>> {
    let ExistenceRule { low, best, default_confidence } = rule;
    vec![
        number(("existence", "low"), low, Range::PositiveShare),
        number(("existence", "best"), best, Range::PositiveShare),
        number(("existence", "default_confidence"), default_confidence, Range::PositiveShare),
    ]
}

/// Tiers of all classes but context, then occupants where people are place-bound, then the expected
/// number where sites are counted one by one.
fn class_slots(rules: &mut [ClassRule; 39]) -> Vec<Slot<'_>> {
    let (mut tiers, mut occupants, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for (class, rule) in SiteClass::ALL.into_iter().zip(rules) {
        let ClassRule { tier, occupants: people, rate } = rule;
        if class.counted() != Counted::Context {
            tiers.push(Slot { key: ("class_tiers", class.name()), value: Value::Tier(tier) });
        }
        if class.is_place_bound() {
            occupants.push(number(("occupants", class.name()), people, Range::NotNegative));
        }
        if class.counted() == Counted::Each {
            let key = ("expected_per_person", class.name());
            rates.push(number(key, rate, Range::NotNegative));
        }
    }
    tiers.append(&mut occupants);
    tiers.append(&mut rates);
    tiers
}

/// Numbers that must not pass each other: the first is at most the second, or below it.
pub(super) const ORDER: [(Key, Key, Order); 11] = [
    (("bands", "low"), ("bands", "moderate"), Order::Below),
    (("bands", "moderate"), ("bands", "high"), Order::Below),
    (("bands", "high"), ("bands", "very_high"), Order::Below),
    (("floors", "t2"), ("floors", "t1"), Order::AtMost),
    // A merged site keeps the tier of the graver record: its load must not be smaller.
    (("tier_loads", "t2"), ("tier_loads", "t1"), Order::AtMost),
    (("tier_loads", "t3"), ("tier_loads", "t2"), Order::AtMost),
    (("tier_loads", "t4"), ("tier_loads", "t3"), Order::AtMost),
    (("goalposts", "site_load_knee"), ("goalposts", "site_load"), Order::AtMost),
    (("goalposts", "site_load_knee"), ("goalposts", "site_load_top"), Order::Below),
    (("existence", "best"), ("existence", "low"), Order::AtMost),
    (("population", "data_gap_share"), ("population", "not_assessable_share"), Order::AtMost),
];

/// How two numbers stand to each other.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Order {
    AtMost,
    Below,
}

impl Value<'_> {
    /// Takes the value of a key, or says what was wanted.
    pub(super) fn read(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), &'static str> {
        let value = value.get_ref();
        match self {
            Self::Number(number, range) => {
                let found = number_of(value).filter(|found| range.holds(*found));
                // Adding 0 makes -0 a plain 0.
                **number = found.ok_or(range.wanted())? + 0.0;
            }
            Self::Tier(tier) => {
                let found = value.as_integer().and_then(|number| number.as_str().parse().ok());
                let found = found.and_then(Tier::from_number);
                **tier = Some(found.ok_or("a tier: 1, 2, 3 or 4")?);
            }
            Self::Rule(rule) => {
                let found = value.as_str().and_then(AllotmentRule::from_name);
                **rule = found.ok_or("\"nearest\" or \"inverse_square\"")?;
            }
            Self::Words(words) => {
                **words = words_of(value).ok_or("a list of words, such as [\"puskesmas\"]")?;
            }
        }
        Ok(())
    }
}

/// A TOML number, whole or not.
fn number_of(value: &DeValue<'_>) -> Option<f64> {
    match value {
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().parse().ok(),
        _ => None,
    }
}

/// A list of words, sorted, each once.
fn words_of(value: &DeValue<'_>) -> Option<Vec<String>> {
    let word = |value: &Spanned<DeValue<'_>>| {
        let word = value.get_ref().as_str()?.trim();
        word.contains(char::is_alphanumeric).then(|| word.to_lowercase())
    };
    let mut words: Vec<String> = value.as_array()?.iter().map(word).collect::<Option<_>>()?;
    words.sort_unstable();
    words.dedup();
    Some(words)
}

/// A key with its value as TOML.
pub(super) type Line = (Key, String);

/// All values of a scheme, in canonical order and spelling.
pub(super) fn lines(scheme: &Scheme) -> Vec<Line> {
    let mut scheme = scheme.clone();
    let slots = slots(&mut scheme).into_iter();
    // A list without words adds nothing.
    let slots =
        slots.filter(|slot| !matches!(&slot.value, Value::Words(words) if words.is_empty()));
    slots.map(|slot| (slot.key, slot.value.toml())).collect()
}

/// A name and lines as TOML text.
pub(super) fn toml_of(name: &str, lines: &[Line]) -> String {
    let name = toml::Value::String(name.to_owned());
    format!("name = {name}\n{}", sections(lines))
}

/// Lines under the headings of their sections.
pub(super) fn sections(lines: &[Line]) -> String {
    let mut text = String::new();
    let mut open = "";
    for ((section, key), value) in lines {
        if open != *section {
            open = section;
            // Writing into a string cannot fail.
            let _ = writeln!(text, "\n[{section}]");
        }
        let _ = writeln!(text, "{key} = {value}");
    }
    text
}
