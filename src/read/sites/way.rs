//! How the class of a feature is told: by tags, by a column, by its layer, or by an earlier register.

use super::super::features::{column, text_of};
use super::super::osm::{self, NotUsed, Rules};
use super::super::place::Place;
use super::super::text::known_or_near;
use super::classes::Values;
use super::geofabrik::is_faith;
use super::heads::is_of_classes;
use super::near::near;
use super::tags::{Held, Schema, tags};
use crate::error::ReadError;
use crate::model::{Counted, Service, SiteClass, SitesEntry, Tier};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Columns that the layer of sites of an earlier run has, and hardly any other file.
const REGISTER: [&str; 6] = ["site_id", "class", "built_in_tier", "basis", "sources", "rule"];

/// How the class of a feature is told.
pub(super) enum Way {
    /// By OpenStreetMap tags.
    Tags(Arc<Rules>),
    /// All are of one.
    One(SiteClass),
    /// By the value of a column.
    Column {
        /// The column as named.
        wanted: String,
        /// What its values mean.
        values: Values,
    },
}

/// What tells of a class: what a feature would be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Told {
    pub(super) class: SiteClass,
    pub(super) tier: Option<Tier>,
    pub(super) service: Option<Service>,
    pub(super) rule: String,
    /// Whether a closed line is the outline of a surface.
    pub(super) closed_is_surface: bool,
    /// The source of its class.
    pub(super) by: By,
    /// Whether the column that tells its class writes it another way.
    pub(super) is_folded: bool,
}

/// Sources of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// OpenStreetMap tags.
    Tags,
    /// A register that civex wrote.
    Register,
    /// A column or a layer.
    Column,
}

impl Told {
    /// Whether it comes from a register that civex wrote.
    pub(super) fn is_register(&self) -> bool {
        self.by == By::Register
    }
}

impl Way {
    /// The way of a layer.
    ///
    /// # Errors
    ///
    /// If its own table of rules cannot be read.
    pub(super) fn of(
        entry: &SitesEntry,
        rules: Option<&Place>,
        is_osm: bool,
    ) -> Result<Self, ReadError> {
        let named = entry.class.is_some() || entry.class_field.is_some();
        if entry.classify.is_some() || (is_osm && !named) {
            return Ok(Self::Tags(match rules {
                None => osm::built_in(),
                Some(place) => Arc::new(osm::extended(place)?),
            }));
        }
        if let Some(class) = entry.class.as_deref().and_then(SiteClass::from_name) {
            return Ok(Self::One(class));
        }
        let wanted = entry.class_field.clone().unwrap_or_else(|| "class".into());
        Ok(Self::Column { wanted, values: Values::new(entry.classes.as_ref()) })
    }

    /// The classes that this way can yield. `columns` are all that features can have, if the format tells; `held`
    /// is what they turned out to have, `name` what their layer is called.
    pub(super) fn classes(
        &self,
        columns: Option<&[String]>,
        held: &Held,
        name: &str,
    ) -> BTreeSet<SiteClass> {
        match self {
            Self::Tags(rules) => Schema::classes(rules, columns, held, name),
            Self::One(class) => [*class].into(),
            Self::Column { values, .. } => values.of_table().collect(),
        }
    }

    /// What a feature is; its tags are noted in `held`.
    ///
    /// # Errors
    ///
    /// Why it is nothing.
    pub(super) fn tell(
        &self,
        properties: &Map<String, Value>,
        held: &mut Held,
    ) -> Result<Told, Untold> {
        match self {
            Self::Tags(rules) => {
                let texts = tags(properties, rules);
                let pairs: Vec<_> =
                    texts.iter().map(|(key, value)| (*key, value.as_ref())).collect();
                held.note(&pairs);
                let told = tell_tags(rules, &pairs)?;
                if is_out_of_use(properties) {
                    let class = told.class.name();
                    return Err(Untold::Gone(format!(
                        "{class} is not present (`operational_status`)"
                    )));
                }
                Ok(told)
            }
            Self::One(class) => Ok(told(*class, "layer")),
            Self::Column { wanted, values } => {
                let told = match register(properties) {
                    Some(told) if wanted == "class" && !values.has_table() => told,
                    _ => of_column(properties, wanted, values),
                };
                told.map_err(Untold::Lost)
            }
        }
    }
}

/// Whether a feature says that it is out of use, as healthsites.io does.
fn is_out_of_use(properties: &Map<String, Value>) -> bool {
    const OUT_OF_USE: [&str; 9] = [
        "non_operational",
        "not_operational",
        "nonoperational",
        "non_functional",
        "not_functional",
        "closed",
        "abandoned",
        "destroyed",
        "out_of_order",
    ];
    // The second is its name in a Shapefile.
    let columns = ["operational_status", "operationa"];
    columns.iter().filter_map(|name| column(properties, name)).any(|key| {
        let status = text_of(&properties[key]).unwrap_or_default();
        let status = status.trim().to_lowercase().replace([' ', '-'], "_");
        OUT_OF_USE.contains(&status.as_str())
    })
}

/// Why a feature is no site.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Untold {
    /// Its tags are of no class.
    Foreign,
    /// It is tagged as one that is no longer, or not yet, there.
    Gone(String),
    /// It names a site, in a way that nobody can read.
    Lost(String),
}

/// What tags make of a feature.
///
/// # Errors
///
/// Why they make nothing of it.
pub(super) fn tell_tags(rules: &Rules, tags: &[(&str, &str)]) -> Result<Told, Untold> {
    let found = rules.classify(tags).map_err(|why| match why {
        NotUsed::NoRule => near(rules, tags).map_or(Untold::Foreign, Untold::Lost),
        gone @ NotUsed::NotPresent { .. } => Untold::Gone(gone.to_string()),
    })?;
    let rule: Vec<_> =
        found.rule_tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let is_line = found.rule_tags.iter().any(|(key, value)| is_of_a_line(key, value));
    Ok(Told {
        class: found.class,
        tier: found.tier,
        service: found.service,
        rule: rule.join(" "),
        closed_is_surface: found.class.counted() != Counted::PerKm && !is_line,
        by: By::Tags,
        is_folded: false,
    })
}

fn of_column(
    properties: &Map<String, Value>,
    wanted: &str,
    values: &Values,
) -> Result<Told, String> {
    let name = column(properties, wanted).unwrap_or(wanted);
    let value = properties.get(name).and_then(text_of);
    let value = value.ok_or_else(|| format!("no value in column \"{name}\""))?;
    let is_private = osm::is_private(name) || is_faith(&value);
    let meant = values.meaning(&value).ok_or_else(|| {
        if is_private {
            format!("a value in column \"{name}\" is no class")
        } else {
            values.unknown(&value, name).to_string()
        }
    })?;
    let rule = if is_private { name.to_string() } else { format!("{name}={}", value.trim()) };
    Ok(Told { is_folded: meant.is_folded, ..told(meant.class, &rule) })
}

/// What a feature of an earlier register is; `None` if it is of none.
fn register(properties: &Map<String, Value>) -> Option<Result<Told, String>> {
    let text = |name: &str| properties.get(name).and_then(text_of);
    let first = properties.get(REGISTER[0])?;
    if !REGISTER.iter().all(|name| properties.contains_key(*name)) {
        return None;
    }
    if first.is_null() {
        return Some(Err("it is a count of sensitive sites, without their places".into()));
    }
    let class = text("class").as_deref().and_then(SiteClass::from_name)?;
    let tier = text("built_in_tier").and_then(|tier| Tier::from_number(tier.parse().ok()?));
    let usual = super::super::scheme::usual_tier(class);
    let service = text("service").as_deref().and_then(Service::from_name);
    Some(Ok(Told {
        tier: tier.filter(|tier| Some(*tier) != usual),
        service: service.or(class.service()),
        by: By::Register,
        ..told(class, &text("rule").unwrap_or_default())
    }))
}

/// Nothing tells the class: what could.
pub(in super::super) fn no_class(
    entry: &SitesEntry,
    is_empty: bool,
    has: &[&str],
    written: &str,
) -> ReadError {
    if is_empty {
        return ReadError::unusable_hint(
            written,
            "it holds no feature, and nothing tells which classes were looked for",
            "say which: `class = \"hospital\"`, or `classify = \"osm\"` for all that OpenStreetMap tags tell; \
             if nobody looked, leave the layer out",
        );
    }
    let names: Vec<&str> = has.iter().take(12).copied().collect();
    let names = if names.is_empty() { "no columns".to_string() } else { names.join(", ") };
    match &entry.class_field {
        Some(wanted) => ReadError::unusable_hint(
            written,
            format!("no column \"{wanted}\"; it has {names}"),
            named_alike(wanted, has),
        ),
        None => ReadError::unusable_hint(
            written,
            format!("nothing tells the class of its sites; it has {names}"),
            if let Some(schema) = Schema::of(has.iter().copied(), &osm::built_in()) {
                format!(
                    "its columns are those of {}: `classify = \"osm\"` tells the classes by its tags",
                    schema.name()
                )
            } else {
                let column = has.iter().find(|name| is_of_classes(name)).unwrap_or(&"…");
                format!(
                    "give one: `classify = \"osm\"` for OpenStreetMap tags, `class = \"hospital\"` for all of \
                     them, or `class_field = \"{column}\"` for a column"
                )
            },
        ),
    }
}

/// The columns that a name is a word of, or that is written nearly so; else all of them.
fn named_alike(wanted: &str, has: &[&str]) -> String {
    let wanted_small = wanted.to_lowercase();
    let words = |name: &str| -> Vec<String> {
        let name = name.to_lowercase();
        name.split(|letter: char| !letter.is_alphanumeric()).map(str::to_string).collect()
    };
    let alike: Vec<String> = has
        .iter()
        .filter(|name| words(name).contains(&wanted_small))
        .map(|name| format!("`{name}`"))
        .collect();
    if alike.is_empty() {
        known_or_near(wanted, has)
    } else {
        format!("did you mean {}?", alike.join(" or "))
    }
}

/// What a feature is if its class is known.
pub(super) fn told(class: SiteClass, rule: &str) -> Told {
    let (tier, service) = (None, class.service());
    Told {
        class,
        tier,
        service,
        rule: rule.into(),
        closed_is_surface: false,
        by: By::Column,
        is_folded: false,
    }
}

/// Whether a tag is that of a line, even where the line is closed.
fn is_of_a_line(key: &str, value: &str) -> bool {
    const LINES: [(&str, &str); 3] =
        [("waterway", "canal"), ("waterway", "dam"), ("man_made", "dyke")];
    let mut members = value.split(';').map(str::trim);
    members.any(|value| LINES.iter().any(|(k, v)| *k == key && v.eq_ignore_ascii_case(value)))
}
